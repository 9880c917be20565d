-- What plan and apply touch: flows with all their revisions, key-values, namespace files, trigger states.
-- Times are milliseconds since 1970 (UTC). There is one tenant, `main`, so no table names it.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The newest revision of each flow, tombstones included: small rows, so that 10,000 are read at once.
CREATE TABLE flows (
    namespace  TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    digest     TEXT    NOT NULL,
    disabled   INTEGER NOT NULL,
    deleted    INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    labels     TEXT    NOT NULL,
    PRIMARY KEY (namespace, id)
) WITHOUT ROWID;

-- `body` is the JSON of the flow without revision, disabled, deleted and source. `dropped` marks a revision that
-- was deleted by itself; its number is never used again.
CREATE TABLE flow_revisions (
    namespace  TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    source     TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    digest     TEXT    NOT NULL,
    labels     TEXT    NOT NULL,
    disabled   INTEGER NOT NULL,
    deleted    INTEGER NOT NULL,
    dropped    INTEGER NOT NULL DEFAULT 0,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (namespace, id, revision)
);

-- Which flows a flow's newest revision names; kept beside it for dependencies and warnings.
CREATE TABLE flow_references (
    namespace       TEXT NOT NULL,
    id              TEXT NOT NULL,
    relation        TEXT NOT NULL,
    other_namespace TEXT NOT NULL,
    other_id        TEXT NOT NULL,
    PRIMARY KEY (namespace, id, relation, other_namespace, other_id)
) WITHOUT ROWID;
CREATE INDEX flow_references_other ON flow_references (other_namespace, other_id);

-- `value` is JSON text.
CREATE TABLE key_values (
    namespace   TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    digest      TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    description TEXT,
    created_ms  INTEGER NOT NULL,
    updated_ms  INTEGER NOT NULL,
    expires_ms  INTEGER,
    PRIMARY KEY (namespace, key)
);

-- A directory that was made on purpose, or that holds something, has a row without a digest.
CREATE TABLE files (
    namespace   TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    parent      TEXT    NOT NULL,
    digest      TEXT,
    size        INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    PRIMARY KEY (namespace, path)
) WITHOUT ROWID;
CREATE INDEX files_parent ON files (namespace, parent);
CREATE INDEX files_digest ON files (digest) WHERE digest IS NOT NULL;

-- Earlier contents of files, so that a revision can be read again. `digest` is null where the file was deleted.
CREATE TABLE file_revisions (
    namespace  TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    digest     TEXT,
    written_ms INTEGER NOT NULL,
    PRIMARY KEY (namespace, path, revision)
) WITHOUT ROWID;
CREATE INDEX file_revisions_digest ON file_revisions (digest) WHERE digest IS NOT NULL;

-- Contents of files by their SHA-256; kept while a file or a revision names them.
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    data   BLOB NOT NULL
);

-- Run-time state of triggers that are evaluated by time. A trigger that was disabled here stays disabled when its
-- flow is saved again; what the flow's own text says stands apart.
CREATE TABLE triggers (
    namespace  TEXT    NOT NULL,
    flow_id    TEXT    NOT NULL,
    trigger_id TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    disabled   INTEGER NOT NULL,
    off_in_text INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    next_ms    INTEGER,
    last_ms    INTEGER,
    definition TEXT    NOT NULL,
    backfill   TEXT,
    execution_id TEXT,
    PRIMARY KEY (namespace, flow_id, trigger_id)
) WITHOUT ROWID;
CREATE INDEX triggers_next ON triggers (next_ms) WHERE next_ms IS NOT NULL AND disabled = 0 AND off_in_text = 0;
