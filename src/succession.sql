-- Module succession: what became of organisations and systems that merged, split or changed their code.

CREATE TABLE stp.succession
(
    kind        text NOT NULL,
    predecessor text NOT NULL,
    successor   text NOT NULL,
    day         date NOT NULL CONSTRAINT day_in_the_calendar CHECK (day >= '1900-04-01' AND day <= '9999-12-31'),
    share       numeric NOT NULL DEFAULT 1,
    basis       text,
    PRIMARY KEY (kind, predecessor, day, successor)
);
CREATE INDEX succession_successor ON stp.succession (kind, successor, day);
COMMENT ON TABLE stp.succession IS
    'What became of organisations and systems: from a day on, a share of the predecessor is the successor''s. The shares of one '
    'predecessor on one day sum to 1 within 0.000001, checked at commit; of one that lives on under its code, with what it '
    'keeps as a row of its own: its code as predecessor and as successor.';
COMMENT ON COLUMN stp.succession.kind IS 'organisation; or system, which stands for regions and places too.';
COMMENT ON COLUMN stp.succession.predecessor IS 'Code of what ended, or gave something away.';
COMMENT ON COLUMN stp.succession.successor IS 'Code of what took it over, new or not.';
COMMENT ON COLUMN stp.succession.day IS 'First day of the new boundaries.';
COMMENT ON COLUMN stp.succession.share IS
    'Share of the predecessor that went to the successor, of its counts and its people: above 0, at most 1.';
COMMENT ON COLUMN stp.succession.basis IS 'What the share rests on, and where the succession is written.';
CALL stp.keep_history('succession');
CALL stp.guard_rows('succession', 'guard', 'predecessor, successor: code', 'kind: organisation, system', 'share: share');

SELECT pg_catalog.pg_extension_config_dump('stp.succession', '');
GRANT SELECT ON stp.succession TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.succession TO @extowner@ WITH GRANT OPTION;
