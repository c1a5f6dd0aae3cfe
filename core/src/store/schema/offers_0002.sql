-- 1: partners' offers were left out, for want of the shopper's yes to keep them.
ALTER TABLE catalogue ADD COLUMN own_only INTEGER NOT NULL DEFAULT 0;
