-- Module guard: what a statement brings is checked as a whole; all unknown codes are named at once, with the rows they stand in.
\set VERBOSITY default
\set SHOW_CONTEXT never

INSERT INTO stp.system (system, name) VALUES ('S', 'System');
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || n, 'Trust' FROM generate_series(1, 30) n;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) VALUES ('seen', 'Seen in time', '%', 'proportion', 'higher', 100);

-- 25 of them: the first ten are named, in the order of the load, each with its first row
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'seen', CASE WHEN n <= 25 THEN 'Z' ELSE 'O' END || n, stp.period('2026-01-01', 'month') + m, 1, 2
  FROM generate_series(0, 2) m, generate_series(30, 1, -1) n;
\echo :LAST_ERROR_SQLSTATE
-- of two kinds, in one row and in others
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('unseen', 'Z', '2026-03', 1, 2), ('seen', 'O1', '2026-03', 1, 2), ('seen', 'Y', '2026-03', 1, 2), ('seen', 'Z', '2026-04', 1, 2);
\echo :LAST_ERROR_SQLSTATE
-- by COPY
COPY stp.observation (indicator, organisation, period, numerator, denominator) FROM stdin;
seen	O1	2026-03	1	2
seen	o1	2026-03	1	2
seen	O1 	2026-03	1	2
\.
\echo :LAST_ERROR_SQLSTATE
-- by ON CONFLICT, MERGE and UPDATE; what is known passes
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('seen', 'O1', '2026-03', 1, 2), ('seen', 'O2', '2026-03', 1, 2);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'O1', '2026-03', 2, 2)
    ON CONFLICT (indicator, period, organisation) DO UPDATE SET organisation = 'Z';
\echo :LAST_ERROR_SQLSTATE
MERGE INTO stp.observation o USING (VALUES ('O1', 2), ('Z', 1)) n (organisation, numerator)
   ON o.organisation = n.organisation AND o.indicator = 'seen' AND o.period = '2026-03'
 WHEN MATCHED THEN UPDATE SET numerator = n.numerator
 WHEN NOT MATCHED THEN INSERT (indicator, organisation, period, numerator, denominator) VALUES ('seen', n.organisation, '2026-03', 1, 2);
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.observation SET indicator = 'not' || organisation;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'O1', '2026-03', 2, 2)
    ON CONFLICT (indicator, period, organisation) DO UPDATE SET numerator = excluded.numerator;
UPDATE stp.observation SET organisation = 'O3' WHERE organisation = 'O2';
SELECT organisation, period, numerator FROM stp.observation ORDER BY 1;
-- no row, no code
INSERT INTO stp.observation SELECT * FROM stp.observation LIMIT 0;

-- a key of several columns; one that is not there is none
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('mine', 'Mine', 'system');
INSERT INTO stp.scheme_bracket (scheme, node, position, score) VALUES ('mine', 'leaf', 1, 1), ('mine', 'leaf', 2, 1), ('yours', 'leaf', 1, 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_override (scheme, override, name, no_better_than) VALUES ('mine', 'o', 'O', 'bad');
\echo :LAST_ERROR_SQLSTATE

-- more codes than are kept at a time: known ones are forgotten, unknown ones are not looked for to the end
BEGIN;
INSERT INTO stp.organisation (organisation, name) SELECT 'M' || n, 'Many' FROM generate_series(1, 70000) n;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'seen', 'M' || n, '2026-03', 1, 2 FROM generate_series(1, 70000) n;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'seen', CASE WHEN n > 66000 THEN 'N' ELSE 'M' END || n, '2026-04', 1, 2 FROM generate_series(1, 70000) n;
ROLLBACK;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'seen', 'N' || n % 69000, '2026-04', 1, 2 FROM generate_series(1, 70000) n ON CONFLICT DO NOTHING;
\echo :LAST_ERROR_SQLSTATE
-- a code of megabytes is shown in part
DO $$
BEGIN
    INSERT INTO stp.scheme_node (scheme, node, name, indicator) SELECT 'mine', n, n, repeat('Z', 500000 + n) FROM generate_series(1, 20) n;
EXCEPTION WHEN invalid_parameter_value THEN
    RAISE NOTICE '%', regexp_replace(SQLERRM, 'Z{1000}\.\.\.', 'Z...', 'g');
END $$;

-- rules of columns, each with the row
INSERT INTO stp.control_total VALUES ('O1', '2025/26', 'including', 1), ('O2', '2025-12', 'including', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('O1', '2025/26', 1, 1, 0);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('O1', '2025/26', 'neither', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('O1', '2025/26', 'including', 0.001);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.occupied_bed_days VALUES ('O1', '2025/26', -0.5);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.occupied_bed_days VALUES ('O1', '2025/26', 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.membership (organisation, system, share) VALUES ('O1', 'S', 1.00000000000000000000000001);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.standard_population (standard, age_from, weight) VALUES ('mine', 0, 0);
\echo :LAST_ERROR_SQLSTATE

-- what ships
INSERT INTO stp.delay_reason (delay_reason, meaning, attributable_nhs, attributable_social_care, attributable_both, builtin)
VALUES ('W', 'x', true, true, true, true);
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.delay_reason WHERE delay_reason = 'A';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.delay_reason SET meaning = 'x', builtin = false WHERE delay_reason = 'A';
\echo :LAST_ERROR_SQLSTATE

DELETE FROM stp.observation;
DELETE FROM stp.scheme WHERE scheme = 'mine';
DELETE FROM stp.organisation;
DELETE FROM stp.system;
DELETE FROM stp.indicator WHERE NOT builtin;
