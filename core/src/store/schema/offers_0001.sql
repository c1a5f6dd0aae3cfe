-- The offer catalogue has a file of its own: its size or its corruption never touches consent or events.

CREATE TABLE catalogue (
    one           INTEGER PRIMARY KEY CHECK (one = 1),
    etag          TEXT,
    fetched_at_ms INTEGER NOT NULL,
    body          BLOB    NOT NULL
);
