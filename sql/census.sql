-- Interface of module census: what the objects are, and the errors with their hints.
\set SHOW_CONTEXT never
SELECT typlen, typbyval, typalign, typstorage, typtype FROM pg_type WHERE oid = 'stp.census'::regtype;
SELECT p.oid::regprocedure AS function, prokind, provolatile, proisstrict, proparallel, procost, prorows
  FROM pg_proc p
 WHERE pronamespace = 'stp'::regnamespace
   AND (proname ~ '^(census|occupied|bed_days|mean_occupied|daily)' OR proname = 'rollup' AND proargtypes[0] = 'stp.census'::regtype)
 ORDER BY p.oid::regprocedure::text COLLATE "C";

CREATE TEMPORARY TABLE spell (system text, start_date date, end_date date);
INSERT INTO spell VALUES ('A', '2016-02-27', '2016-03-02'), ('A', '2016-02-29', '2016-02-29'), ('A', '2016-02-28', NULL),
                         ('B', '2015-12-01', '2016-02-28'), ('B', '2016-02-29', '2016-03-01'), ('C', '2015-01-01', '2016-02-27');
SELECT system, stp.census(start_date, end_date, '[2016-02-27,2016-03-04)') FROM spell GROUP BY system ORDER BY system;
SELECT d.* FROM (SELECT stp.census(start_date, end_date, '[2016-02-27,2016-03-04)') FROM spell) s, stp.daily(census) d;
SELECT system, stp.bed_days(census), stp.bed_days(census, '2016-02') AS february, stp.bed_days(census, '2016-03') AS march,
       stp.mean_occupied(census, '2016-02'), stp.occupied(census, '2016-02-29') AS leap_day, stp.occupied(census, '2016-04-01') AS outside
  FROM (SELECT system, stp.census(start_date, end_date, '[2016-02-01,2016-03-15)') FROM spell GROUP BY system) s ORDER BY system;
SELECT stp.census(start_date, end_date, '[2016-02-27,2016-03-04)') FROM spell WHERE false;
SELECT stp.bed_days('2016-02-27', '2016-03-02', '2016-02'), stp.bed_days('2016-02-27', NULL, '2016-04'), stp.bed_days('2016-02-27', NULL, NULL);

SELECT stp.census(NULL, '2016-01-02', '[2016-01-01,2016-01-04)');
SELECT stp.census('-infinity', '2016-01-02', '[2016-01-01,2016-01-04)');
SELECT stp.census('2016-01-02', '2016-01-01', '[2016-01-01,2016-01-04)');
SELECT stp.census('2016-01-02', '-infinity', '[2016-01-01,2016-01-04)');
SELECT stp.census('2016-01-01', NULL, NULL);
SELECT stp.census('2016-01-01', NULL, 'empty');
SELECT stp.census('2016-01-01', NULL, '[2016-01-01,)');
SELECT stp.census('2016-01-01', NULL, '[2016-01-01,infinity]');
SELECT stp.census('2016-01-01', NULL, '[2016-01-01,infinity)');
SELECT stp.census('2016-01-01', NULL, '[0044-03-15 BC,0044-03-17 BC)');
SELECT stp.census('2016-01-01', NULL, '[1916-01-01,2016-01-02)');
SELECT stp.census('2016-01-01', NULL, daterange('2016-01-01', date '2016-01-01' + g)) FROM generate_series(1, 2) g;
SELECT stp.rollup(s) FROM unnest('{"(2016-01-01,1)","(2016-01-02,1)"}'::stp.census[]) s;
SELECT stp.rollup(s) FROM unnest('{"(2016-01-01,2147483647)","(2016-01-01,1)"}'::stp.census[]) s;
SELECT stp.bed_days(NULL, '2016-01-01', '2016-01');
SELECT stp.bed_days('2016-01-02', '2016-01-01', '2016-01');
SELECT 'x'::stp.census;
SELECT '(2016-02-30,1)'::stp.census;
SELECT '(2016-01-01,-1)'::stp.census;
