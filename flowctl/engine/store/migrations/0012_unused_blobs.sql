-- Contents that neither a file nor a revision names, and since when: they go when that has lasted.
CREATE TABLE unused_blobs (
    digest   TEXT    NOT NULL PRIMARY KEY,
    since_ms INTEGER NOT NULL
) WITHOUT ROWID;
