-- What the scheduler has to look at after executions changed their state, and what flow triggers wait for.

-- Written in the transaction of the change itself, so that no change is lost.
CREATE TABLE trigger_events (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    at_us        INTEGER NOT NULL
);

-- Dependencies of a flow trigger that were met, until it fires. `dependency` counts its conditions from 0.
CREATE TABLE trigger_met (
    namespace  TEXT    NOT NULL,
    flow_id    TEXT    NOT NULL,
    trigger_id TEXT    NOT NULL,
    dependency INTEGER NOT NULL,
    at_us      INTEGER NOT NULL,
    variables  TEXT    NOT NULL,
    PRIMARY KEY (namespace, flow_id, trigger_id, dependency)
) WITHOUT ROWID;

CREATE INDEX triggers_execution ON triggers (execution_id) WHERE execution_id IS NOT NULL;
