-- Module activity: bad input is refused whole, with its SQLSTATE, the value and a hint.
\set VERBOSITY default
\set SHOW_CONTEXT never

INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B');

-- spells
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date) VALUES ('A', '1', '2016-02-27', '2016-02-29'), ('A', '2', '2016-03-01', '2016-02-29');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date) VALUES ('A', '1', '2016-02-27', '2016-02-26');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, ready_date) VALUES ('A', '1', '2016-02-27', '2016-02-28', '2016-02-29');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date) VALUES ('A', '1', '-infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date) VALUES ('A', '1', '2016-02-27', 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date) VALUES ('Z', '1', '2016-02-27');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, age) VALUES ('A', '1', '2016-02-27', -1);
\echo :LAST_ERROR_SQLSTATE
-- above 120 only as a code of under one year
INSERT INTO stp.spell (organisation, spell, admission_date, age) VALUES ('A', '1', '2016-02-27', 7007), ('A', '2', '2016-02-27', 7008);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, sex) VALUES ('A', '1', '2016-02-27', 'F');
\echo :LAST_ERROR_SQLSTATE
-- an unknown method is no error, a ready date on either end is none
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, ready_date, admission_method) VALUES
    ('A', '1', '2016-02-27', '2016-02-29', '2016-02-27', 'no such'), ('A', '2', '2016-02-27', '2016-02-29', '2016-02-29', NULL),
    ('A', '3', '2016-02-27', NULL, '2016-02-28', '21');
-- an update is checked as an insert is
UPDATE stp.spell SET discharge_date = '2016-02-26' WHERE spell = '1';
\echo :LAST_ERROR_SQLSTATE
SELECT spell, admission_date, discharge_date, ready_date FROM stp.spell ORDER BY spell;

-- COPY fails whole
COPY stp.spell (organisation, spell, admission_date, discharge_date) FROM stdin;
B	1	2016-02-27	2016-02-29
B	2	2016-02-27	2016-02-26
\.
SELECT count(*) FROM stp.spell WHERE organisation = 'B';

-- The columns that there were before the codes of discharge and the further diagnoses: by COPY with a list, and by position.
COPY stp.spell (organisation, spell, person, admission_date, discharge_date, ready_date, admission_method, age, sex, diagnosis) FROM stdin;
B	1	ann	2016-02-27	2016-02-29	2016-02-28	2a	7003	female	J44.0
\.
INSERT INTO stp.spell VALUES ('B', '2', 'ann', '2016-03-27', NULL, NULL, '21.0', 120, 'female', 'J44.0');
INSERT INTO stp.spell (organisation, spell, admission_date, further_diagnoses, discharge_method, discharge_destination) VALUES ('B', '3', '2016-03-27', '{C34.1,I10X}', '4', '79');
SELECT * FROM stp.spell WHERE organisation = 'B' ORDER BY spell;

-- Extracts: a table that there is, and days that begin and end
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-04-01,2017-01-01)'), ('spells', '[2016-04-01,2017-01-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.extract (source, covers) VALUES ('spell', 'empty');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-04-01,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-04-01,infinity)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-04-01,3016-04-01)');
\echo :LAST_ERROR_SQLSTATE
-- a row for each load
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-04-01,2016-05-01)'), ('spell', '[2016-05-01,2016-05-31]');
SELECT source, covers FROM stp.extract ORDER BY covers;
DELETE FROM stp.extract;

DELETE FROM stp.spell;
DELETE FROM stp.organisation;
