-- Charts look at metrics of a time, whatever the flow.
CREATE INDEX metrics_time ON metrics (at_us);
