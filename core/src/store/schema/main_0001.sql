-- The main file: consent, the event queue, visits, and what sync must remember.
-- Its account is kept by counters, not by counting rows, so that a lost row shows as a difference.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

INSERT INTO counter (name) VALUES
    ('accepted'), ('delivered'), ('dead'), ('evicted'), ('purged');

-- Append-only. The latest epoch of a purpose and partner is what stands.
CREATE TABLE decision (
    epoch         INTEGER PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE,
    purpose       INTEGER NOT NULL,
    partner       TEXT,
    status        TEXT    NOT NULL,
    decided_at_ms INTEGER NOT NULL
);

CREATE TABLE event (
    -- The order of arrival. A batch is a range of it, so a number is never given twice: without
    -- AUTOINCREMENT an emptied queue begins anew, inside the range of a batch that was sent.
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    id      BLOB    NOT NULL UNIQUE,
    kind    TEXT    NOT NULL,
    purpose INTEGER NOT NULL,
    partner TEXT,
    subject TEXT,
    epoch   INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    mono_ms INTEGER NOT NULL,
    boot    BLOB    NOT NULL,
    session BLOB    NOT NULL,
    tries   INTEGER NOT NULL DEFAULT 0,
    data    BLOB    NOT NULL
);

-- What the backend will never take, kept for the developer to look at.
CREATE TABLE dead_letter (
    id      BLOB PRIMARY KEY,
    kind    TEXT    NOT NULL,
    purpose INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    data    BLOB    NOT NULL
) WITHOUT ROWID;

-- Offers that the shopper put away.
CREATE TABLE dismissed (
    offer TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Which purposes are granted now; written with each decision, read by the trigger alone.
CREATE TABLE granted (
    purpose INTEGER PRIMARY KEY
);

-- The gate is a type in the code. This is the second line: whatever the code believes, an event
-- of a purpose that is not granted does not enter the queue.
CREATE TRIGGER event_needs_consent BEFORE INSERT ON event
WHEN NOT EXISTS (SELECT 1 FROM granted WHERE purpose = NEW.purpose)
BEGIN
    SELECT RAISE(ABORT, 'event without consent');
END;
