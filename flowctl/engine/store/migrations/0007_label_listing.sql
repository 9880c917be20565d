-- Listings by label and by namespace come in order from an index, and their totals from counters.

ALTER TABLE execution_labels ADD COLUMN at_us INTEGER NOT NULL DEFAULT 0;
UPDATE execution_labels SET at_us =
    coalesce((SELECT created_us FROM executions WHERE executions.id = execution_labels.execution_id), 0);
DROP INDEX execution_labels_value;
CREATE INDEX execution_labels_listing ON execution_labels (key, value, at_us, execution_id)
    WHERE key NOT LIKE 'system.%';
CREATE INDEX executions_namespace ON executions (namespace, shown, created_us);

-- How many executions have a label, iterations of a Loop apart. A label goes in after its execution, and out before.
CREATE TABLE label_counts (
    key    TEXT    NOT NULL,
    value  TEXT    NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (key, value)
) WITHOUT ROWID;
INSERT INTO label_counts
    SELECT key, value, count(*) FROM execution_labels JOIN executions ON executions.id = execution_id
    WHERE shown = 1 AND key NOT LIKE 'system.%' GROUP BY key, value;
CREATE TRIGGER label_added AFTER INSERT ON execution_labels
    WHEN NEW.key NOT LIKE 'system.%' AND (SELECT shown FROM executions WHERE id = NEW.execution_id)
BEGIN
    INSERT INTO label_counts VALUES (NEW.key, NEW.value, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER label_removed AFTER DELETE ON execution_labels
    WHEN OLD.key NOT LIKE 'system.%' AND (SELECT shown FROM executions WHERE id = OLD.execution_id)
BEGIN
    UPDATE label_counts SET number = number - 1 WHERE key = OLD.key AND value = OLD.value;
    DELETE FROM label_counts WHERE key = OLD.key AND value = OLD.value AND number <= 0;
END;
