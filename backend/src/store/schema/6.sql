-- Schema 6: what a shopper's devices have in common.

-- The rules, wishes and saved offers of a shopper, as the devices wrote them last. `revision` is the time in
-- milliseconds, or one more than the last: a device knows by it whether this is another than the one that it began from, also
-- when that was erased in between, or the file was put back from a copy.
CREATE TABLE preferences (
    revision  INTEGER PRIMARY KEY AUTOINCREMENT,
    shopper   INTEGER NOT NULL UNIQUE REFERENCES shopper (id),
    document  TEXT NOT NULL,
    stored_at TEXT NOT NULL,
    -- When the longest yes runs out of the devices that told it or found it as they had it, milliseconds; NULL for never.
    expires_ms INTEGER
) STRICT;
CREATE INDEX preferences_by_end ON preferences (expires_ms) WHERE expires_ms IS NOT NULL;

-- The revisions that led to the one that is held: a device that began from none of them cannot tell by what is missing
-- that it was taken back.
CREATE TABLE preferences_past (
    shopper  INTEGER NOT NULL REFERENCES shopper (id),
    revision INTEGER NOT NULL,
    PRIMARY KEY (shopper, revision)
) STRICT, WITHOUT ROWID;
