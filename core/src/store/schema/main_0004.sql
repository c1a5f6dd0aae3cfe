-- What is to be seen of a dead letter: whose it was, when it happened, when it was given up, and how often it was
-- refused until then. Those of before have none of it; their ids begin with the time at which they happened.
ALTER TABLE dead_letter ADD COLUMN partner TEXT;
ALTER TABLE dead_letter ADD COLUMN wall_ms INTEGER;
ALTER TABLE dead_letter ADD COLUMN given_up_ms INTEGER;
ALTER TABLE dead_letter ADD COLUMN refusals INTEGER;

-- The newest are looked at and the oldest go: neither reads what the others hold.
CREATE INDEX dead_letter_given_up ON dead_letter (given_up_ms);
