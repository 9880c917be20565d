-- Dashboards: their text as it was sent, and as JSON for listings. Times are milliseconds since 1970 (UTC).
CREATE TABLE dashboards (
    id         TEXT    PRIMARY KEY,
    title      TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
);
