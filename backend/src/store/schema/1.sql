-- Schema 1. Ids are text, so that anyone can read them with the sqlite3 shell.

CREATE TABLE tenant (
    name       TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A key is known by its SHA-256 alone.
CREATE TABLE api_key (
    hash       BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    tenant     TEXT NOT NULL REFERENCES tenant (name),
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE catalogue (
    tenant       TEXT NOT NULL PRIMARY KEY REFERENCES tenant (name),
    version      TEXT NOT NULL,
    body         BLOB NOT NULL,
    published_at TEXT NOT NULL
) STRICT;

-- Appended, never changed. `partner` is '' where a purpose has none.
CREATE TABLE decision (
    seq          INTEGER PRIMARY KEY,
    tenant       TEXT    NOT NULL REFERENCES tenant (name),
    id           TEXT    NOT NULL,
    installation TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    partner      TEXT    NOT NULL,
    status       TEXT    NOT NULL CHECK (status IN ('granted', 'denied', 'withdrawn')),
    decided_at   TEXT    NOT NULL,
    epoch        INTEGER NOT NULL CHECK (epoch > 0),
    received_at  TEXT    NOT NULL,
    UNIQUE (tenant, id)
) STRICT;

-- What stood for a purpose at an epoch, and the highest epoch of an installation.
CREATE INDEX decision_at ON decision (tenant, installation, purpose, partner, epoch);
CREATE INDEX decision_epoch ON decision (tenant, installation, epoch);

-- Which account an alias stands for. Of the retailer's token only the SHA-256 is kept.
CREATE TABLE identity (
    tenant       TEXT NOT NULL REFERENCES tenant (name),
    installation TEXT NOT NULL,
    alias        TEXT NOT NULL,
    token_hash   BLOB NOT NULL CHECK (length(token_hash) = 32),
    linked_at    TEXT NOT NULL,
    PRIMARY KEY (tenant, installation, alias)
) STRICT, WITHOUT ROWID;

-- Each event once: `UNIQUE (tenant, id)` is what "exactly once" rests on.
CREATE TABLE event (
    seq           INTEGER PRIMARY KEY,
    tenant        TEXT    NOT NULL REFERENCES tenant (name),
    id            TEXT    NOT NULL,
    installation  TEXT    NOT NULL,
    batch         TEXT    NOT NULL,
    type          TEXT    NOT NULL,
    purpose       TEXT    NOT NULL,
    partner       TEXT,
    subject       TEXT,
    consent_epoch INTEGER NOT NULL,
    time          TEXT    NOT NULL,
    received_at   TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    UNIQUE (tenant, id)
) STRICT;

-- What happened but left no row: events that were offered again, or dropped.
CREATE TABLE counter (
    name  TEXT    NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES ('duplicates', 0), ('dropped', 0), ('retried', 0);
