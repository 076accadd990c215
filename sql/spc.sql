-- Interface of module spc: what the objects are, what a chart looks like, and the errors with their hints.
\set SHOW_CONTEXT never
SELECT typlen, typbyval, typalign, typstorage, typtype FROM pg_type WHERE oid = 'stp.spc'::regtype;
SELECT p.oid::regprocedure AS function, prokind, provolatile, proisstrict, proparallel, procost, prorows
  FROM pg_proc p
 WHERE pronamespace = 'stp'::regnamespace AND (proname ~ '^spc' OR proname = 'rollup' AND proargtypes[0] = 'stp.spc'::regtype)
 ORDER BY p.oid::regprocedure::text COLLATE "C";

\x
SELECT * FROM stp.spc_dialect ORDER BY dialect COLLATE "C";
\x

-- A process that shifts, with a missing month and one that is not there.
CREATE TEMPORARY TABLE report AS
SELECT date '2024-01-01' + make_interval(months => m) AS day,
       CASE WHEN m <> 4 THEN 80 + 3 * (m % 3) + CASE WHEN m > 16 THEN 12 ELSE 0 END END AS value, 100 + m AS denominator
  FROM generate_series(0, 25) m WHERE m <> 9;
ALTER TABLE report ALTER day TYPE date;
SELECT stp.spc(day, value) FROM report WHERE day < '2024-07-01';
SELECT stp.spc(day, value, denominator, 85) FROM report WHERE day < '2024-04-01';
SELECT stp.spc(day, value) FROM report WHERE false;
SELECT day, value, segment, round(mean::numeric, 3) AS mean, round(lower::numeric, 3) AS lower, round(upper::numeric, 3) AS upper,
       outside, trend, two_in_three, shift, rule, signal, gap, status
  FROM stp.spc_points((SELECT stp.spc(day, value) FROM report), 'higher');
SELECT day, segment, round(mean::numeric, 3) AS mean, is_base, is_ghost, rule, signal, status
  FROM stp.spc_points((SELECT stp.spc(day, value) FROM report), 'lower', 'mdc_sql', baseline => 6, rebase => '{2025-05-14}',
                      ghosts => '{2024-02-01}') WHERE day < '2024-09-01' OR day > '2025-04-01';
\x
SELECT * FROM stp.spc_summary((SELECT stp.spc(day, value, denominator, 0.70) FROM report), 'higher', 'nhs', 'p');
SELECT * FROM stp.spc_summary(NULL, 'higher');
SELECT * FROM stp.spc_summary((SELECT stp.spc(day, NULL) FROM report), 'higher');
\x
SELECT * FROM stp.spc_points(NULL, 'higher');

-- Errors.
SELECT stp.spc(NULL, 1);
SELECT stp.spc('infinity', 1);
SELECT stp.spc('0044-03-15 BC', 1);
SELECT stp.spc('2026-01-01', 'NaN');
SELECT stp.spc('2026-01-01', 1, 'infinity');
SELECT stp.spc('2026-01-01', 1, -1);
SELECT stp.spc('2026-01-01', 1, 1, '-infinity');
SELECT stp.spc(day, 1) FROM unnest('{2026-01-01,2026-02-01,2026-01-01}'::date[]) day;
SELECT stp.rollup(s) FROM unnest('{"(2026-01-01,1,,)","(2026-02-01,1,,)(2026-01-01,2,,)"}'::stp.spc[]) s;
SELECT stp.spc(date '2000-01-01' + i, i) FROM generate_series(0, 1000000) i;
SELECT ''::stp.spc;
SELECT '(2026-01-01,1,,'::stp.spc;
SELECT '(2026-02-30,1,,)'::stp.spc;
SELECT '(2026-01-01,1,-1,)'::stp.spc;
SELECT '(2026-01-01,NaN,,)'::stp.spc;
SELECT '(2026-01-01,1,,)(2026-01-01,2,,)'::stp.spc;
CREATE TEMPORARY TABLE s AS SELECT stp.spc(day, value) AS plain, stp.spc(day, value, denominator) AS ratio FROM report;
SELECT stp.spc_summary(plain, 'up') FROM s;
SELECT stp.spc_summary(plain, NULL) FROM s;
SELECT stp.spc_summary(plain, 'higher', 'excel') FROM s;
SELECT stp.spc_summary(plain, 'higher', NULL) FROM s;
SELECT stp.spc_summary(plain, 'higher', 'nhs', 'xbar') FROM s;
SELECT stp.spc_summary(plain, 'higher', 'nhs', NULL) FROM s;
SELECT stp.spc_summary(plain, 'higher', baseline => 1) FROM s;
SELECT stp.spc_summary(plain, 'higher', baseline => 12, base_to => '2025-01-01') FROM s;
SELECT stp.spc_summary(plain, 'higher', base_from => '2025-01-02', base_to => '2025-01-01') FROM s;
SELECT stp.spc_summary(plain, 'higher', base_from => 'infinity') FROM s;
SELECT stp.spc_summary(plain, 'higher', base_to => '-infinity') FROM s;
SELECT stp.spc_summary(plain, 'higher', rebase => '{2025-01-01,NULL}') FROM s;
SELECT stp.spc_summary(plain, 'higher', ghosts => array_fill(date '2025-01-01', '{10001}')) FROM s;
SELECT stp.spc_summary(plain, 'higher', given_mean => 'NaN') FROM s;
SELECT stp.spc_summary(plain, 'higher', given_sigma => 0) FROM s;
SELECT stp.spc_summary(plain, 'higher', chart => 'c', given_sigma => 1) FROM s;
SELECT stp.spc_summary(ratio, 'higher', chart => 'p', given_mean => 101, per => 100) FROM s;
SELECT stp.spc_summary(plain, 'higher', per => 0) FROM s;
SELECT stp.spc_summary(plain, 'higher', per => NULL) FROM s;
SELECT stp.spc_summary(plain, 'higher', chart => 'p') FROM s;
SELECT stp.spc_summary(stp.spc('2026-01-01', 2, 1), 'higher', chart => 'p''');
SELECT stp.spc_summary(stp.spc('2026-01-01', -2), 'higher', chart => 'c');
SELECT stp.spc_summary(stp.spc('2026-01-01', 0), 'higher', chart => 't');
SELECT stp.spc_summary(plain, 'higher', chart => 'mr', given_mean => -1) FROM s;
SELECT stp.spc_summary(plain, 'higher', grain => 'week') FROM s;
UPDATE stp.spc_dialect SET shift = 6 WHERE dialect = 'nhs';
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "mine"}')).* FROM stp.spc_dialect d WHERE dialect = 'nhs';
\set copy 'FROM stp.spc_dialect d WHERE dialect = ''nhs'''
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "mine", "builtin": false, "conflict": "worst"}')).* :copy;
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "mine", "builtin": false, "sigma_factor": 0}')).* :copy;
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "mine", "builtin": false, "rules": ["oops"]}')).* :copy;
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "mine", "builtin": false, "rules": []}')).* :copy;
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "mine", "builtin": false, "rules": ["shift", null]}')).* :copy;
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "mine", "builtin": false, "rules": ["shift", "shift"]}')).* :copy;
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "mine", "builtin": false, "shift": 1}')).* :copy;
