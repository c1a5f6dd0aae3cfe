-- A commit of events touches one page: the last of `event`. Its numbers are given by the engine in
-- a row, each once, so the highest is a count as well; ids are compared in memory at the one moment
-- when an event can come twice, behind a kill; and what a run of the app's events share is stored once.

CREATE TABLE run (
    id      INTEGER PRIMARY KEY,
    boot    BLOB NOT NULL,
    session BLOB NOT NULL,
    -- The account's alias under which they were recorded; NULL while anonymous.
    subject BLOB
);

INSERT INTO run (boot, session, subject)
    SELECT DISTINCT boot, session, unhex(replace(subject, '-', '')) FROM event;

CREATE TABLE queue (
    seq      INTEGER PRIMARY KEY,
    id       BLOB    NOT NULL,
    kind     TEXT    NOT NULL,
    purpose  INTEGER NOT NULL,
    partner  TEXT,
    run      INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    wall_ms  INTEGER NOT NULL,
    mono_ms  INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    tries    INTEGER NOT NULL,
    data     BLOB    NOT NULL
);

INSERT INTO queue
    SELECT seq, event.id, kind, purpose, partner, run.id, epoch, wall_ms, mono_ms, 1, tries, data
    FROM event JOIN run ON run.boot = event.boot AND run.session = event.session
        AND run.subject IS unhex(replace(event.subject, '-', ''))
    ORDER BY seq;

DROP TABLE event;
ALTER TABLE queue RENAME TO event;

CREATE TRIGGER event_needs_consent BEFORE INSERT ON event
WHEN NOT EXISTS (SELECT 1 FROM granted WHERE purpose = NEW.purpose)
BEGIN
    SELECT RAISE(ABORT, 'event without consent');
END;

-- Losses are counted by reason: `dead:conflict`, `evicted:age`, ... Those of before have none.
UPDATE counter SET name = name || ':earlier' WHERE name IN ('dead', 'evicted', 'purged');
DELETE FROM counter WHERE value = 0 AND name LIKE '%:earlier';
-- The number up to which `accepted` has been counted; events with higher ones come on top.
INSERT INTO counter (name, value) SELECT 'counted', coalesce(max(seq), 0) FROM event;

-- The oldest schema whose code can still work with this file.
INSERT INTO meta (key, value) VALUES ('readable_from', '2');
