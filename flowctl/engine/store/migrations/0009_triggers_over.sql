-- Whether a trigger has no date any more, and not merely none yet: it is given no first date again.
ALTER TABLE triggers ADD COLUMN over INTEGER NOT NULL DEFAULT 0;
UPDATE triggers SET over = 1 WHERE next_ms IS NULL AND backfill IS NULL AND last_ms IS NOT NULL;
