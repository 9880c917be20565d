-- The items of a Loop, written once; its task run's own row stays small however many there are.
CREATE TABLE loop_items (
    execution_id TEXT    NOT NULL,
    task_run_id  TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    key          TEXT,
    value        TEXT    NOT NULL,
    PRIMARY KEY (execution_id, task_run_id, position)
) WITHOUT ROWID;
