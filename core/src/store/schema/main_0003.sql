-- Decisions stand in a ledger: each with the entry that was signed, and the signature. `own` is 0 for
-- one that came from another device of the shopper. A file of schema 2 has none of it: its decisions
-- are entered into the ledger when the store is opened next.
ALTER TABLE decision ADD COLUMN entry TEXT;
ALTER TABLE decision ADD COLUMN signature BLOB;
ALTER TABLE decision ADD COLUMN own INTEGER NOT NULL DEFAULT 1;
