-- Executions and what they leave behind. Times are microseconds since 1970 (UTC).

-- `document` is the JSON of everything that is no column, task runs apart. `version` grows with every change: a
-- decision made on an older version is not recorded. `shown` is 0 for iterations of a Loop.
CREATE TABLE executions (
    id           TEXT    PRIMARY KEY,
    namespace    TEXT    NOT NULL,
    flow_id      TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    kind         TEXT,
    shown        INTEGER NOT NULL,
    parent_id    TEXT,
    trigger_id   TEXT,
    state        TEXT    NOT NULL,
    created_us   INTEGER NOT NULL,
    started_us   INTEGER,
    ended_us     INTEGER,
    version      INTEGER NOT NULL,
    document     BLOB    NOT NULL
);
CREATE INDEX executions_listing ON executions (shown, created_us);
CREATE INDEX executions_flow ON executions (namespace, flow_id, shown, created_us);
CREATE INDEX executions_state ON executions (state, created_us);
CREATE INDEX executions_parent ON executions (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE execution_labels (
    execution_id TEXT NOT NULL,
    key          TEXT NOT NULL,
    value        TEXT NOT NULL,
    PRIMARY KEY (execution_id, key)
) WITHOUT ROWID;
CREATE INDEX execution_labels_value ON execution_labels (key, value, execution_id) WHERE key NOT LIKE 'system.%';

-- How many executions there are, so that totals need no count.
CREATE TABLE execution_counts (
    namespace TEXT    NOT NULL,
    flow_id   TEXT    NOT NULL,
    shown     INTEGER NOT NULL,
    state     TEXT    NOT NULL,
    number    INTEGER NOT NULL,
    PRIMARY KEY (namespace, flow_id, shown, state)
) WITHOUT ROWID;

CREATE TABLE task_runs (
    execution_id TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    id           TEXT    NOT NULL,
    document     BLOB    NOT NULL,
    outputs      BLOB,
    PRIMARY KEY (execution_id, position)
) WITHOUT ROWID;

-- The two kinds of step. ADVANCE: look at the execution, now or at `due_us`; at most one each. RUN: a task's work,
-- held by the process `owner`; `tries` counts how often it was begun.
CREATE TABLE steps (
    execution_id TEXT    NOT NULL,
    task_run_id  TEXT,
    kind         TEXT    NOT NULL,
    due_us       INTEGER NOT NULL DEFAULT 0,
    owner        TEXT,
    lease_us     INTEGER,
    tries        INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX steps_advance ON steps (execution_id) WHERE kind = 'ADVANCE';
CREATE UNIQUE INDEX steps_run ON steps (execution_id, task_run_id) WHERE kind = 'RUN';
CREATE INDEX steps_due ON steps (due_us) WHERE kind = 'ADVANCE';

-- What has happened to an execution and was not looked at yet: results of tasks and ends of children.
CREATE TABLE execution_events (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id TEXT    NOT NULL,
    body         BLOB    NOT NULL
);
CREATE INDEX execution_events_execution ON execution_events (execution_id);

CREATE TABLE logs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id TEXT,
    namespace    TEXT    NOT NULL,
    flow_id      TEXT    NOT NULL,
    task_id      TEXT,
    task_run_id  TEXT,
    trigger_id   TEXT,
    attempt      INTEGER,
    at_us        INTEGER NOT NULL,
    level        INTEGER NOT NULL,
    thread       TEXT    NOT NULL,
    message      TEXT    NOT NULL
);
CREATE INDEX logs_execution ON logs (execution_id, id);
CREATE INDEX logs_flow ON logs (namespace, flow_id, at_us);
CREATE INDEX logs_time ON logs (at_us);

CREATE TABLE metrics (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id TEXT    NOT NULL,
    namespace    TEXT    NOT NULL,
    flow_id      TEXT    NOT NULL,
    task_id      TEXT    NOT NULL,
    task_run_id  TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    value        REAL    NOT NULL,
    tags         TEXT    NOT NULL,
    at_us        INTEGER NOT NULL
);
CREATE INDEX metrics_execution ON metrics (execution_id, id);
CREATE INDEX metrics_flow ON metrics (namespace, flow_id, name, at_us);
