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
SELECT * FROM stp.target;
INSERT INTO stp.target (indicator, period, value, source) VALUES ('within_18_weeks', '2026/27', 65, 'Plan'), ('admissions', '2026/27', 65, 'Plan');
-- twice
INSERT INTO stp.target (indicator, period, value, source) VALUES ('within_18_weeks', '2026/27', 70, 'Plan');
\echo :LAST_ERROR_SQLSTATE
