-- Schema 6: what a shopper's devices have in common.

-- The rules, wishes and saved offers of a shopper, as the devices wrote them last. `revision` is the time in
-- milliseconds, or one more than the last: a device knows by it whether this is another than the one that it began from, also
-- when that was erased in between, or the file was put back from a copy.
CREATE TABLE preferences (
    revision  INTEGER PRIMARY KEY AUTOINCREMENT,
    shopper   INTEGER NOT NULL UNIQUE REFERENCES shopper (id),
    document  TEXT NOT NULL,
    stored_at TEXT NOT NULL
) STRICT;
