-- Schema 2: when events truly happened, what devices say of their accounts, and forgetting by age.

-- By the backend's clock, from what the device's clocks said. NULL for events of schema 1: what it takes
-- to say was not kept then.
ALTER TABLE event ADD COLUMN occurred_at TEXT;

-- The oldest are found without a look at the others, whatever the backend's clock did in between.
CREATE INDEX event_received ON event (received_at);

-- What each installation last said of all its events: accepted = delivered + queued + dead + evicted + purged.
-- `reasons` is {"dead": {REASON: COUNT}, "evicted": …, "purged": …}.
CREATE TABLE account (
    tenant       TEXT    NOT NULL REFERENCES tenant (name),
    installation TEXT    NOT NULL,
    accepted     INTEGER NOT NULL,
    delivered    INTEGER NOT NULL,
    queued       INTEGER NOT NULL,
    dead         INTEGER NOT NULL,
    evicted      INTEGER NOT NULL,
    purged       INTEGER NOT NULL,
    reasons      TEXT    NOT NULL,
    received_at  TEXT    NOT NULL,
    PRIMARY KEY (tenant, installation)
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES ('accounts_unreadable', 0), ('forgotten', 0);
