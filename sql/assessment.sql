-- Module assessment: interface and errors.
\set SHOW_CONTEXT never
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, bool_or(p.proname = 'assess') AS assess, bool_or(p.proname = 'explain') AS explain
  FROM pg_attribute a JOIN pg_type t ON t.typrelid = a.attrelid JOIN pg_proc p ON p.prorettype = t.oid
 WHERE p.oid IN ('stp.assess(text, stp.period, date)'::regprocedure, 'stp.explain(text, stp.period, text, date)'::regprocedure)
 GROUP BY 1, 2 ORDER BY min(a.attnum), 1;
SELECT * FROM stp.assess('no such scheme', '2026-03');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.assess('stp-2026', '2026/3');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.explain('stp-2026', '2026-03', 'nobody');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme (scheme, name) VALUES ('empty', 'Empty');
SELECT * FROM stp.assess('empty', '2026-03');
\echo :LAST_ERROR_SQLSTATE
-- a scheme that was sound until its indicator changed
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, standard) VALUES ('far', 'Far', 'x', 'mean', 'higher', 'none', 10);
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('empty', 'all', 'All', 'far', 'distance_to_target');
UPDATE stp.indicator SET better = 'neutral' WHERE indicator = 'far';
SELECT * FROM stp.assess('empty', '2026-03');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.scheme WHERE NOT builtin;
DELETE FROM stp.indicator WHERE NOT builtin;
-- nobody to rate; NULL arguments
SELECT count(*) FROM stp.assess('stp-2026', '2026-03');
SELECT count(*) FROM stp.assess(NULL, '2026-03');
SELECT count(*) FROM stp.explain('stp-2026', '2026-03');
-- systems without a single report are rated as such, not dropped
INSERT INTO stp.system (system, name) VALUES ('S1', 'One'), ('S2', 'Two');
SELECT unit, score, coverage, rank, category, status FROM stp.assess('stp-2026', '2026-03') WHERE parent IS NULL ORDER BY unit;
SELECT DISTINCT unit, status FROM stp.assess('stp-2026', '2026-03') ORDER BY unit;
DELETE FROM stp.system;
