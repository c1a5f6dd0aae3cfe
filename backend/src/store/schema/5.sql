-- Schema 5: what a partner is told under which name, and which of two reports is the later one.

-- Of a name that replaced another one: the last event that came before it. Nothing up to there is told under it.
ALTER TABLE pseudonym ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
-- Whether the installation's latest report has it. One that returns is the same name.
ALTER TABLE pseudonym ADD COLUMN told INTEGER NOT NULL DEFAULT 1 CHECK (told IN (0, 1));

-- Which of what the installation said of now this was, as it counts itself; NULL where it does not count.
ALTER TABLE standing ADD COLUMN standing INTEGER;
