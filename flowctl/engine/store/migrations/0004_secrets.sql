-- Secrets, encrypted; their key stands in a file of its own, never here. `key_id` names the key of each value.
CREATE TABLE secrets (
    namespace   TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    key_id      TEXT    NOT NULL,
    sealed      BLOB    NOT NULL,
    description TEXT,
    created_ms  INTEGER NOT NULL,
    updated_ms  INTEGER NOT NULL,
    PRIMARY KEY (namespace, key)
) WITHOUT ROWID;
