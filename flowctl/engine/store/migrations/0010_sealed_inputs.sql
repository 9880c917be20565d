-- Values of SECRET inputs, sealed by the key of the secrets; `owner` is the task run that asked for them, or '' for the
-- inputs of the execution itself.
CREATE TABLE sealed_inputs (
    execution_id TEXT NOT NULL,
    owner        TEXT NOT NULL,
    key_id       TEXT NOT NULL,
    sealed       BLOB NOT NULL,
    PRIMARY KEY (execution_id, owner)
) WITHOUT ROWID;
CREATE INDEX sealed_inputs_by_key ON sealed_inputs (key_id);
-- Executions of before, whose records may still hold such values as they were given: they are sealed at the next start.
CREATE TABLE unsealed (execution_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
INSERT INTO unsealed
    SELECT id FROM executions WHERE instr(document, CAST('"secrets":' AS BLOB))
    UNION SELECT execution_id FROM task_runs WHERE instr(document, CAST('"secrets":' AS BLOB));
