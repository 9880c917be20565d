-- Whoever is first in a flow's queue is found without passing by all executions of the flow that have ended.
CREATE INDEX executions_queued ON executions (namespace, flow_id, shown, created_us) WHERE state = 'QUEUED';
