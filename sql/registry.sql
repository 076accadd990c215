-- Module registry: bad input is refused whole, with its SQLSTATE, the value and a hint.
\set VERBOSITY default
\set SHOW_CONTEXT never

INSERT INTO stp.system (system, name, kind, parent) VALUES
    ('R1', 'Region', 'region', NULL), ('S1', 'System one', 'system', 'R1'), ('S2', 'System two', 'system', 'R1'),
    ('P1', 'Place one', 'place', 'S1'), ('P2', 'Place two', 'place', 'S1');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B'), ('C', 'Trust C');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('seen', 'Seen in time', '%', 'proportion', 'higher', 100, 'reports'),
    ('admitted', 'Admitted', 'per 1,000', 'rate', 'lower', 1000, 'population'),
    ('stay', 'Mean stay', 'days', 'mean', 'lower', 1, 'reports'),
    ('led', 'Leadership', '1-4', 'judgement', 'lower', 1, 'none');

-- unknown codes
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
VALUES ('seen', 'A', '2026-03', 1, 2), ('seen', 'Z', '2026-03', 1, 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('unseen', 'A', '2026-03', 1, 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'A', '2026-13', 1, 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'A', '2016', 1, 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S9');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.membership (organisation, system) VALUES ('Z', 'S1');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.population (system, period, persons) VALUES ('S9', '2026/27', 1000);
\echo :LAST_ERROR_SQLSTATE

-- counts
INSERT INTO stp.observation VALUES ('seen', 'A', '2026-03', -1, 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation VALUES ('seen', 'A', '2026-03', 0, -2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation VALUES ('seen', 'A', '2026-03', 'NaN', 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation VALUES ('seen', 'A', '2026-03', 1, 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation VALUES ('led', 'A', '2026-03', NULL, NULL, '-infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation VALUES ('seen', 'A', '2026-03', 3, 2);
\echo :LAST_ERROR_SQLSTATE

-- reports that do not fit their indicator
INSERT INTO stp.observation VALUES ('seen', 'A', '2026-03', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation VALUES ('seen', 'A', '2026-03', NULL, NULL, 50);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation VALUES ('admitted', 'A', '2026-03', 5, 1000);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation VALUES ('led', 'A', '2026-03', 1, 2);
\echo :LAST_ERROR_SQLSTATE
-- a sum may be negative, a rate may exceed 1
INSERT INTO stp.observation VALUES ('stay', 'A', '2026-03', -1, 2), ('admitted', 'A', '2026-03', 5, NULL), ('seen', 'A', '2026-03', 1, 2);
-- a month that looks like a financial year, beside financial years and no other month, is warned of once
BEGIN;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'led', o, p::stp.period, 1 FROM unnest('{A,B}'::text[]) o, unnest('{2009-10,2010-11,2011-12,2012-13,2013-14}'::text[]) p;
SELECT period, stp.grain(period) FROM stp.observation WHERE indicator = 'led' AND organisation = 'A' ORDER BY period;
INSERT INTO stp.observation_text (indicator, organisation, period, value)
SELECT 'led', 'C', p, '1' FROM unnest('{2010-11,2012/13}'::text[]) p;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'led', 'C', p::stp.period, 1 FROM unnest('{2010-10,2009-10,2009/10}'::text[]) p;
ROLLBACK;
-- an update is checked as an insert is
UPDATE stp.observation SET numerator = 3 WHERE indicator = 'seen';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.observation SET organisation = 'Z' WHERE indicator = 'seen';
\echo :LAST_ERROR_SQLSTATE
SELECT indicator, organisation, period, numerator, denominator FROM stp.observation ORDER BY 1;

-- COPY fails whole
COPY stp.observation (indicator, organisation, period, numerator, denominator) FROM stdin;
seen	B	2026-03	1	2
seen	C	2026-03	9	2
\.
SELECT count(*) FROM stp.observation WHERE organisation IN ('B', 'C');

-- shares: out of range, off by too much, right within the tolerance, right over time
INSERT INTO stp.membership (organisation, system, share) VALUES ('A', 'S1', 0);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.membership (organisation, system, share) VALUES ('A', 'S1', 'NaN');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.membership (organisation, system, share) VALUES ('A', 'S1', 0.6), ('A', 'S2', 0.3);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES
    ('A', 'S1', 1, '2016-04-01', '2018-03-31'), ('A', 'S2', 1, '2018-03-01', NULL);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES
    ('A', 'S1', 1, '2016-04-01', '2018-03-31'), ('A', 'S2', 1, '2018-04-01', NULL),
    ('B', 'P1', 0.3333333, '2016-04-01', NULL), ('B', 'P2', 0.3333333, '2016-04-01', NULL), ('B', 'S2', 0.3333333, '2016-04-01', NULL);
DELETE FROM stp.membership WHERE organisation = 'B' AND system = 'P2';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.membership SET share = 0.5 WHERE organisation = 'A' AND system = 'S2';
\echo :LAST_ERROR_SQLSTATE
BEGIN;
UPDATE stp.membership SET share = 0.5 WHERE organisation = 'A' AND system = 'S2';
INSERT INTO stp.membership (organisation, system, share, valid_from) VALUES ('A', 'S1', 0.5, '2018-04-01');
COMMIT;
SELECT organisation, system, round(share, 3) AS share, valid_from, valid_to FROM stp.system_membership ORDER BY 1, 2, 4;

-- populations
INSERT INTO stp.population (system, period, persons) VALUES ('S1', '2026/27', -1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.population (system, period, persons) VALUES ('S1', '2026/27', 'NaN');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.population (system, period, age_from, age_to, persons) VALUES ('S1', '2026/27', 0, 64, 1), ('S1', '2026/27', 60, NULL, 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.population (system, period, age_from, sex, persons) VALUES ('S1', '2026/27', 0, 'female', 1), ('S1', '2026/27', 65, 'persons', 1);
\echo :LAST_ERROR_SQLSTATE

-- systems nest by kind only
INSERT INTO stp.system (system, name, parent) VALUES ('S3', 'System three', 'R9');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.system (system, name, kind, parent) VALUES ('S3', 'System three', 'system', 'S1');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
INSERT INTO stp.system (system, name, kind, parent) VALUES ('R2', 'Region two', 'region', 'R1');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.system (system, name, kind, parent) VALUES ('N1', 'Nation one', 'nation', 'R1');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE

DELETE FROM stp.system WHERE system = 'S1';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.system SET kind = 'place', parent = NULL WHERE system = 'S1';
\echo :LAST_ERROR_SQLSTATE

-- what ships cannot be edited, nor anything be made to look shipped
UPDATE stp.indicator SET per = 1 WHERE indicator = 'ae_within_4_hours';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.indicator WHERE indicator = 'ae_within_4_hours';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.indicator SET builtin = true WHERE indicator = 'seen';
\echo :LAST_ERROR_SQLSTATE
-- an indicator that is in use can neither change its kind nor go
UPDATE stp.indicator SET kind = 'ratio' WHERE indicator = 'seen';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.indicator SET name = 'Seen within the time' WHERE indicator = 'seen';
DELETE FROM stp.indicator WHERE indicator = 'seen';
\echo :LAST_ERROR_SQLSTATE
-- nor be such as no report can fit
\set VERBOSITY terse
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('x', 'x', 'x', 'proportion', 'higher', 'none');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE

-- files: a cell must be a number or a known symbol, also in a row that is left out; what they become must fit the indicator
INSERT INTO stp.observation_text VALUES ('seen', 'A', '2026-04', '1,000', '2,000', ''), ('seen', 'B', '2026-04', '-', '98.5%', '');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation_text VALUES ('seen', 'Z', '2026-04', '-', '-', '');
\echo :LAST_ERROR_SQLSTATE
-- And not the statement in which it was found.
\set SHOW_CONTEXT errors
INSERT INTO stp.observation_text VALUES ('seen', 'A', '2026-04', 'n/a', '', '5');
\set SHOW_CONTEXT never
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.report_symbol SET means = 'zero' WHERE symbol = '-';
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM stp.observation_text WHERE period = '2026-04';

\d stp.system_indicator
DELETE FROM stp.observation;
DELETE FROM stp.membership;
DELETE FROM stp.organisation;
DELETE FROM stp.system;
DELETE FROM stp.indicator WHERE NOT builtin;
