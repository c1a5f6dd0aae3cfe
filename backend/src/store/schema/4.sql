-- Schema 4: publishing while it serves, and the catalogues of before.

-- Keys of publishers: each opens its tenant's admin.
CREATE TABLE publisher_key (
    hash       BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    tenant     TEXT NOT NULL REFERENCES tenant (name),
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A catalogue that waits for its time. `publish_at` is RFC 3339 in UTC with milliseconds, so that text compares as
-- time does.
CREATE TABLE scheduled_catalogue (
    tenant     TEXT NOT NULL PRIMARY KEY REFERENCES tenant (name),
    version    TEXT NOT NULL,
    body       BLOB NOT NULL,
    publish_at TEXT NOT NULL,
    stored_at  TEXT NOT NULL
) STRICT;

-- The catalogues that a tenant published before, so that a device which still has one of them is sent
-- what changed and no more. `etag` is the tag that it was served under.
CREATE TABLE catalogue_past (
    seq         INTEGER PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenant (name),
    etag        TEXT NOT NULL,
    body        BLOB NOT NULL,
    replaced_at TEXT NOT NULL,
    UNIQUE (tenant, etag)
) STRICT;
