-- A draft is a revision that nothing starts without naming it. `flows` always points at the newest revision that is none.
ALTER TABLE flow_revisions ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
