-- Module emergency: bad input is refused whole, with its SQLSTATE, the value and a hint; plans that must not change.
\set VERBOSITY default
\set SHOW_CONTEXT never

INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B');

-- returns of emergency departments
INSERT INTO stp.emergency_attendance VALUES ('A', '2016/17', '1', 10, 1, 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.emergency_attendance VALUES ('A', '2016-04', '1', 10, 11, 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.emergency_attendance VALUES ('A', '2016-04', '1', 10, 1, -1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.emergency_attendance VALUES ('A', '2016-04', '1', 10, 'NaN', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.emergency_attendance VALUES ('Z', '2016-04', '1', 10, 1, 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.emergency_attendance VALUES ('A', '2016-04', 'major', 10, 1, 1);
\echo :LAST_ERROR_SQLSTATE
-- returns have more admissions than attendances, and departments nobody came to
INSERT INTO stp.emergency_attendance VALUES ('A', '2016-04', '2', 74, 0, 92), ('B', '2016-04', 'other', 0, 0, 0);
SELECT * FROM stp.emergency_attendance_observation ORDER BY indicator COLLATE "C", organisation;
UPDATE stp.emergency_attendance SET over_4_hours = 75;
\echo :LAST_ERROR_SQLSTATE

-- reference rows that ship cannot be edited, nor anything be made to look shipped
UPDATE stp.admission_method SET emergency = false WHERE method = '2C';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.admission_method (method, meaning, emergency, builtin) VALUES ('2Z', 'Mine', true, true);
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.discharge_code SET died = false WHERE code = '4';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.discharge_code (item, code, meaning, builtin) VALUES ('method', '4X', 'Mine', true);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.discharge_code (item, code, meaning) VALUES ('source', '4', 'Mine');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.ambulatory_condition WHERE prefix = 'J44';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.ambulatory_condition (list, prefix, condition, builtin) VALUES ('mine', 'J44', 'COPD', true);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.ambulatory_condition (list, prefix, condition) VALUES ('mine', 'J44.0', 'COPD');
\echo :LAST_ERROR_SQLSTATE

-- functions of a period
SELECT * FROM stp.emergency_admission_rate('2016');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.emergency_admission_rate('2016/17', 'ESP2014');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.emergency_admission_rate('2016/17', per => NULL);
SELECT * FROM stp.emergency_admission_rate('2016/17', list => 'ACSC');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.index_discharge('2016-02-29');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.organisation_readmission('2016-02', -1);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.organisation_readmission('2016-02', cancer_days => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.index_discharge('2016-02', transfer_days => -1);
\echo :LAST_ERROR_SQLSTATE

-- A diagnosis asks the index for its beginnings, and for no other rows.
SET enable_seqscan = off;
SELECT plan ~ 'Index Cond: [^\n]*prefix = ANY' AND plan ~ 'Index Cond: [^\n]*list = ' AS by_index, plan ~ 'Filter: [^\n]*prefix' AS sifted
  FROM plan_of($$ SELECT condition FROM stp.ambulatory_conditions('J44.0', 70) WHERE list = 'UCSC' $$) plan;
RESET enable_seqscan;

DELETE FROM stp.spell;
INSERT INTO stp.spell (organisation, spell, admission_date, admission_method) SELECT 'A', n, date '2016-04-01' + n % 365, '21' FROM generate_series(1, 10000) n;
ANALYZE stp.spell;
ANALYZE stp.admission_method;
SET max_parallel_workers_per_gather = 0;
-- The spells are read once for each day that a spell counts by (admission, discharge, bed days and their ends, delays and
-- theirs), and what each is worth is joined, not asked for row by row.
SELECT (SELECT count(*) FROM regexp_matches(plan, ' on spell ', 'g')) AS scans_of_spell,
       (SELECT count(*) FROM regexp_matches(plan, ' on admission_method m', 'g')) AS scans_of_method,
       (SELECT count(*) FROM regexp_matches(plan, 'Hash Cond: [^\n]*admission_method[^\n]* = m[_0-9]*.method', 'g')) AS joined,
       plan ~ 'is_emergency_admission' AS asked_row_by_row,
       -- How far the table reaches is asked for the span of the census and for all of it, once each.
       (SELECT count(*) FROM regexp_matches(plan, ' on "extract" ', 'g')) AS scans_of_extract,
       (SELECT count(*) FROM regexp_matches(plan, 'InitPlan[^\n]*\n *->  Aggregate\n *->  [^\n]* on "extract" ', 'g')) AS once
  FROM plan_of('SELECT * FROM stp.spell_observation') plan;

-- The stays of readmissions are sorted once for both passes, and once for the groups; nothing is asked stay by stay.
SELECT (SELECT count(*) FROM regexp_matches(plan, 'Sort Key: [^\n]*person', 'g')) AS sorts, (SELECT count(*) FROM regexp_matches(plan, 'WindowAgg', 'g')) AS passes,
       plan ~ 'SubPlan' AS asked_row_by_row
  FROM plan_of($$ SELECT * FROM stp_internal.continuous_spell('2016-04-01', '2016-04-30', '{}', '{}', 2, true, true) $$) plan;

-- A percentile of what cannot be weighed.
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT stp.weighted_percentile(90, '{3}', '{1}');
\echo :LAST_ERROR_SQLSTATE
SELECT stp.weighted_percentile(0.9, '{3,4}', '{1}');
\echo :LAST_ERROR_SQLSTATE
SELECT stp.weighted_percentile(0.9, '{3,-4}', '{1,NaN}');
\echo :LAST_ERROR_SQLSTATE
SELECT stp.weighted_percentile(0.9, '{3,4}', '{1,NULL}');
\echo :LAST_ERROR_SQLSTATE

DELETE FROM stp.spell;
DELETE FROM stp.emergency_attendance;
DELETE FROM stp.organisation;
