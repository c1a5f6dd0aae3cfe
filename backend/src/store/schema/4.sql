-- Schema 4: the catalogues that a tenant published before, so that a device which still has one of them is sent
-- what changed and no more. `etag` is the tag that it was served under.
CREATE TABLE catalogue_past (
    seq         INTEGER PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenant (name),
    etag        TEXT NOT NULL,
    body        BLOB NOT NULL,
    replaced_at TEXT NOT NULL,
    UNIQUE (tenant, etag)
) STRICT;
