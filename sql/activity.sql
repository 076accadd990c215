-- Module activity: bad input is refused whole, with its SQLSTATE, the value and a hint.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = 'ISO, DMY';

INSERT INTO stp.organisation (organisation, name) VALUES ('RA1', 'Trust'), ('817', 'Wiltshire');

-- spells
INSERT INTO stp.spell (organisation, spell, admission_date) VALUES ('RZ9', '1', '2016-10-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date) VALUES ('RA1', '1', '2016-10-05', '2016-10-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date) VALUES ('RA1', '1', '2016-10-05', '2016-10-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date, discharge_date) VALUES ('RA1', '1', '2016-10-05', '2016-10-09', '2016-10-08');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date) VALUES ('RA1', '1', '2016-10-05', 'infinity');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.organisation;
