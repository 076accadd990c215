-- Module target: bad input is refused whole, with its SQLSTATE, the value and a hint.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = 'ISO, DMY';

INSERT INTO stp.organisation (organisation, name) VALUES ('RA1', 'Trust');
CREATE FUNCTION pg_temp.rule(indicator text, unit text, baseline stp.period, improvement float8, improvement_in text, no_worse_than float8)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO stp.target (indicator, unit, period, baseline, improvement, improvement_in, no_worse_than, source)
    VALUES ($1, $2, '2026/27', $3, $4, $5, $6, 'Plan') $$;

-- unknown codes
INSERT INTO stp.target (indicator, period, value, source) VALUES ('within_19_weeks', '2026/27', 65, 'Plan');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('within_18_weeks', 'RZ9', '2026/27', 65, 'Plan');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('within_18_weeks', 'ra1', '2026/27', 65, 'Plan');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('within_18_weeks', NULL, '2026/27', 65, 'Plan');
\echo :LAST_ERROR_SQLSTATE
-- neither a value nor a rule, both, half a rule
INSERT INTO stp.target (indicator, unit, period, source) VALUES ('within_18_weeks', 'RA1', '2026/27', 'Plan');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.target (indicator, period, value, no_worse_than, source) VALUES ('within_18_weeks', '2026/27', 65, 65, 'Plan');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rule('within_18_weeks', 'RA1', NULL, 7, 'points', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rule('within_18_weeks', 'RA1', '2025-11', NULL, 'points', 65);
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rule('within_18_weeks', 'RA1', '2025-11', 7, NULL, 65);
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rule('within_18_weeks', 'RA1', '2025-11', 7, '%', 65);
\echo :LAST_ERROR_SQLSTATE
-- numbers that cannot be
INSERT INTO stp.target (indicator, period, value, source) VALUES ('within_18_weeks', '2026/27', 'NaN', 'Plan');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rule('within_18_weeks', 'RA1', '2025-11', '-Infinity', 'points', 65);
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rule('within_18_weeks', 'RA1', '2025-11', -7, 'points', 65);
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rule('within_18_weeks', 'RA1', '2025-11', 7, 'points', 6500);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.target (indicator, period, value, source) VALUES ('delayed_transfers', '2026/27', -1, 'Plan');
\echo :LAST_ERROR_SQLSTATE
-- a baseline that is not over; no direction; no source
SELECT pg_temp.rule('within_18_weeks', 'RA1', '2026/27 Q1', 7, 'points', 65);
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rule('admissions', 'RA1', '2025-11', 7, 'points', NULL);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.target (indicator, period, value, source) VALUES ('within_18_weeks', '2026/27', 65, ' ');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.target (indicator, period, value, source) VALUES ('within_18_weeks', '2026/27', 65, E'\u00a0\u200b');
INSERT INTO stp.target (indicator, period, value) VALUES ('within_18_weeks', '2026/27', 65);
\echo :LAST_ERROR_SQLSTATE
-- an end before it begins, or outside of the calendar
INSERT INTO stp.target (indicator, period, valid_to, value, source) VALUES ('within_18_weeks', '2026/27', '2026-03-31', 65, 'Plan');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.target (indicator, period, valid_to, value, source) VALUES ('within_18_weeks', '2026/27', 'infinity', 65, 'Plan');
-- two that begin together
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('within_18_weeks', 'RA1', '2026/27', 65, 'Plan'), ('within_18_weeks', 'RA1', '2026-04', 60, 'Plan');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.target;
INSERT INTO stp.target (indicator, period, value, source) VALUES ('within_18_weeks', '2026/27', 65, 'Plan'), ('admissions', '2026/27', 65, 'Plan');
-- twice
INSERT INTO stp.target (indicator, period, value, source) VALUES ('within_18_weeks', '2026/27', 70, 'Plan');
\echo :LAST_ERROR_SQLSTATE
-- a unit that goes, or gets another code; an indicator whose targets could not be
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('within_18_weeks', 'RA1', '2026/27', 65, 'Plan');
DELETE FROM stp.organisation;
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.organisation SET organisation = 'RA2';
TRUNCATE stp.organisation CASCADE;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) VALUES ('mine', 'Mine', '%', 'proportion', 'higher', 100);
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('mine', 'RA1', '2026/27', 65, 'Plan');
UPDATE stp.indicator SET per = 1 WHERE indicator = 'mine';
\echo :LAST_ERROR_SQLSTATE
-- what is restored may name a unit that comes after it
SET check_function_bodies = off;
INSERT INTO stp.target (indicator, unit, period, value, source, recorded_at) VALUES ('mine', 'RZ9', '2026/27', 65, 'Plan', '2026-04-01');
RESET check_function_bodies;
DELETE FROM stp.target WHERE unit <> '';
DELETE FROM stp.indicator WHERE NOT builtin;
