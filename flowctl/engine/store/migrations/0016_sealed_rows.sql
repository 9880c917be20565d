-- Executions that have to do with something secret keep what they were given and what they made sealed by the key of the
-- secrets, `key_id`; what is not sealed has none. `sealed` holds what the document of another row has in clear.
ALTER TABLE executions ADD COLUMN key_id TEXT;
ALTER TABLE executions ADD COLUMN sealed BLOB;
ALTER TABLE task_runs ADD COLUMN key_id TEXT;
ALTER TABLE task_runs ADD COLUMN sealed BLOB;
ALTER TABLE execution_events ADD COLUMN key_id TEXT;
ALTER TABLE loop_items ADD COLUMN key_id TEXT;
ALTER TABLE triggers ADD COLUMN key_id TEXT;
ALTER TABLE triggers ADD COLUMN sealed BLOB; -- the inputs of a backfill, when one of them is secret
ALTER TABLE trigger_met ADD COLUMN key_id TEXT;
CREATE INDEX executions_by_key ON executions (key_id) WHERE key_id IS NOT NULL;
CREATE INDEX task_runs_by_key ON task_runs (key_id) WHERE key_id IS NOT NULL;
CREATE INDEX execution_events_by_key ON execution_events (key_id) WHERE key_id IS NOT NULL;
CREATE INDEX loop_items_by_key ON loop_items (key_id) WHERE key_id IS NOT NULL;
CREATE INDEX triggers_by_key ON triggers (key_id) WHERE key_id IS NOT NULL;
CREATE INDEX trigger_met_by_key ON trigger_met (key_id) WHERE key_id IS NOT NULL;
-- What was stored before is sealed at the next start: executions with secrets, those that they called or that called
-- them, and (under the name '') what triggers hold.
INSERT OR IGNORE INTO unsealed
    SELECT execution_id FROM sealed_inputs
    UNION SELECT id FROM executions WHERE instr(document, CAST('"secret_outputs":' AS BLOB));
INSERT OR IGNORE INTO unsealed
    WITH RECURSIVE kin (id) AS (
        SELECT execution_id FROM unsealed
        UNION SELECT e.parent_id FROM kin JOIN executions e ON e.id = kin.id WHERE e.parent_id IS NOT NULL
        UNION SELECT e.id FROM kin JOIN executions e ON e.parent_id = kin.id
    )
    SELECT id FROM kin;
INSERT OR IGNORE INTO unsealed
    SELECT '' WHERE EXISTS (SELECT 1 FROM triggers WHERE backfill IS NOT NULL) OR EXISTS (SELECT 1 FROM trigger_met);
