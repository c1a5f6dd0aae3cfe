-- Schema 3: decisions as signed entries, shoppers with several devices, the rights to see and to leave, partners.

-- What the backend signs heads of ledgers with, and makes partners' cursors from.
CREATE TABLE tenant_key (
    tenant     TEXT NOT NULL PRIMARY KEY REFERENCES tenant (name),
    seed       BLOB NOT NULL CHECK (length(seed) = 32),
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- As before, with the entry of the shopper's ledger. A device reports the decisions of the shopper's other
-- devices too, under epochs of its own: so an id is unique for an installation.
-- `entry`, `signature`, `hash` and `prev` are NULL for what a device without a ledger told; `prev` is kept
-- for the installation's own chain alone.
ALTER TABLE decision RENAME TO decision_2;
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
    own          INTEGER NOT NULL CHECK (own IN (0, 1)),
    account      INTEGER NOT NULL CHECK (account IN (0, 1)),
    entry        TEXT,
    signature    TEXT,
    hash         BLOB,
    prev         BLOB,
    UNIQUE (tenant, installation, id)
) STRICT;
INSERT INTO decision (seq, tenant, id, installation, purpose, partner, status, decided_at, epoch, received_at,
                      own, account)
    SELECT seq, tenant, id, installation, purpose, partner, status, decided_at, epoch, received_at, 1, 0
    FROM decision_2;
DROP TABLE decision_2;
CREATE INDEX decision_at ON decision (tenant, installation, purpose, partner, epoch);
CREATE INDEX decision_epoch ON decision (tenant, installation, epoch);
-- A ledger is a chain: nothing comes after the same entry twice.
CREATE UNIQUE INDEX decision_chain ON decision (tenant, installation, prev) WHERE prev IS NOT NULL;

-- The keys that installations sign with. They outlive an erasure, as part of its proof.
CREATE TABLE device_key (
    tenant       TEXT NOT NULL REFERENCES tenant (name),
    key          TEXT NOT NULL,
    installation TEXT NOT NULL,
    since        TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_key_of ON device_key (tenant, installation);

-- What each installation last said besides its decisions. `lowered` is a JSON list of purposes.
CREATE TABLE standing (
    tenant             TEXT    NOT NULL REFERENCES tenant (name),
    installation       TEXT    NOT NULL,
    lowered            TEXT    NOT NULL,
    catalogue_revision INTEGER NOT NULL,
    reported_at        TEXT    NOT NULL,
    PRIMARY KEY (tenant, installation)
) STRICT, WITHOUT ROWID;

-- The name under which a partner knows the shopper of an installation, as that last said.
CREATE TABLE pseudonym (
    tenant       TEXT NOT NULL REFERENCES tenant (name),
    partner      TEXT NOT NULL,
    installation TEXT NOT NULL,
    name         TEXT NOT NULL,
    PRIMARY KEY (tenant, partner, installation)
) STRICT, WITHOUT ROWID;
CREATE INDEX pseudonym_of ON pseudonym (tenant, installation);

-- An account at the retailer's. `secret` is what its names for partners are made from; NULL until it is asked for.
CREATE TABLE shopper (
    id         INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenant (name),
    secret     BLOB CHECK (length(secret) = 32),
    created_at TEXT NOT NULL
) STRICT;
-- Every token that was seen for it: they are renewed, on one device sooner than on another.
CREATE TABLE shopper_token (
    tenant     TEXT    NOT NULL REFERENCES tenant (name),
    token_hash BLOB    NOT NULL CHECK (length(token_hash) = 32),
    shopper    INTEGER NOT NULL REFERENCES shopper (id),
    PRIMARY KEY (tenant, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX shopper_token_of ON shopper_token (shopper);
ALTER TABLE identity ADD COLUMN shopper INTEGER REFERENCES shopper (id);
INSERT INTO shopper (id, tenant, created_at)
    SELECT row_number() OVER (ORDER BY tenant, token_hash), tenant, min(linked_at)
    FROM identity GROUP BY tenant, token_hash;
INSERT INTO shopper_token (tenant, token_hash, shopper)
    SELECT tenant, token_hash, row_number() OVER (ORDER BY tenant, token_hash)
    FROM identity GROUP BY tenant, token_hash;
UPDATE identity SET shopper = (SELECT shopper FROM shopper_token AS known
    WHERE known.tenant = identity.tenant AND known.token_hash = identity.token_hash);
CREATE INDEX identity_of ON identity (shopper);

-- What shoppers are asked, where a tenant has published words of its own.
CREATE TABLE consent_catalogue (
    tenant       TEXT    NOT NULL PRIMARY KEY REFERENCES tenant (name),
    revision     INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    published_at TEXT    NOT NULL
) STRICT;

-- When the shopper had it erased. Of such an event nothing is left but its id, so that it is known when it
-- is sent again, and counted.
ALTER TABLE event ADD COLUMN erased_at TEXT;
CREATE INDEX event_of ON event (tenant, installation) WHERE erased_at IS NULL;
CREATE INDEX event_partner ON event (tenant, partner) WHERE partner IS NOT NULL;

-- What shoppers asked for and was done. `statement` is the SHA-256 of what they signed; `epoch` is the highest
-- that was held then: nothing of that purpose up to it is taken any more.
CREATE TABLE rights_request (
    tenant       TEXT    NOT NULL REFERENCES tenant (name),
    id           TEXT    NOT NULL,
    installation TEXT    NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('erase_purpose', 'erase', 'export')),
    purpose      TEXT,
    partner      TEXT,
    epoch        INTEGER NOT NULL,
    statement    BLOB    NOT NULL,
    done_at      TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rights_request_of ON rights_request (tenant, installation);

-- All that stays of an installation whose shopper left: that it was so, and the head of the ledger that went.
CREATE TABLE erasure (
    tenant       TEXT NOT NULL REFERENCES tenant (name),
    installation TEXT NOT NULL,
    request      TEXT NOT NULL,
    head         BLOB NOT NULL CHECK (length(head) = 32),
    erased_at    TEXT NOT NULL,
    PRIMARY KEY (tenant, installation)
) STRICT, WITHOUT ROWID;

-- Keys of partners: each reads what shoppers share with that one.
CREATE TABLE partner_key (
    hash       BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    tenant     TEXT NOT NULL REFERENCES tenant (name),
    partner    TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES ('erased', 0);
