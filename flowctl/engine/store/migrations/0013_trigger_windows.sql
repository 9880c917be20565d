-- The windows of Flow triggers with `onMiss`: when each closes next, and when its trigger was last satisfied. `of` names
-- the text of the trigger.
CREATE TABLE trigger_windows (
    namespace  TEXT    NOT NULL,
    flow_id    TEXT    NOT NULL,
    trigger_id TEXT    NOT NULL,
    of         TEXT    NOT NULL,
    closes_us  INTEGER NOT NULL,
    met_us     INTEGER,
    PRIMARY KEY (namespace, flow_id, trigger_id)
) WITHOUT ROWID;
