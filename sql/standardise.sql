-- Interface of module standardise: what the objects are, and the errors with their hints.
\set SHOW_CONTEXT never
SELECT typlen, typbyval, typalign, typstorage, typtype FROM pg_type WHERE oid = 'stp.standardised'::regtype;
SELECT p.oid::regprocedure AS function, prokind, provolatile, proisstrict, proparallel, procost
  FROM pg_proc p
 WHERE pronamespace = 'stp'::regnamespace
   AND (proname ~ '^(standardise|dsr|age_band|check_age_bands)' OR proname = 'rollup' AND proargtypes[0] = 'stp.standardised'::regtype)
 ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT * FROM stp.standard_population WHERE standard = 'ESP2013 85+' AND age_from >= 75 ORDER BY age_from;

CREATE TEMPORARY TABLE band (area text, age_from int, age_to int, events float8, persons float8);
INSERT INTO band VALUES ('A', 0, 4, 2, 1000), ('A', 5, 9, 6, 1200), ('A', 10, 14, 4, 1100),
                        ('B', 0, 4, 1, 100), ('B', 5, 9, 1, 90), ('B', 10, 14, 2, 110),
                        ('C', 0, 4, 30, 0), ('C', 5, 9, 1, 90), ('C', 10, 14, 2, 110);
CREATE TEMPORARY VIEW state AS
SELECT area, stp.standardise(events, persons, weight) AS state
  FROM band LEFT JOIN stp.standard_population s
    ON s.standard = 'ESP2013' AND s.age_from = band.age_from AND s.age_to IS NOT DISTINCT FROM band.age_to
 GROUP BY area HAVING stp.check_age_bands('ESP2013', array_agg(band.age_from), array_agg(band.age_to), to_age => 14);
SELECT area, round(d.value::numeric, 6) AS value, round(d.lower::numeric, 6) AS lower, round(d.upper::numeric, 6) AS upper, method, status
  FROM state, stp.dsr(state, 1000) d ORDER BY area;
SELECT area, round(d.value::numeric, 6) AS value, round(d.lower::numeric, 6) AS lower, round(d.upper::numeric, 6) AS upper, method, status
  FROM state, stp.dsr(state, 1000, minimum_events => 0) d ORDER BY area;
SELECT stp.standardise(1, 4, 2), stp.standardise(75, 1, 4, 2, 3) FROM generate_series(1, 2);
SELECT stp.dsr(stp.standardise(1, 4, 2)) FROM generate_series(1, 0);

INSERT INTO band VALUES ('B', 15, 24, 1, 100), ('C', 85, NULL, 1, 100);
DELETE FROM band WHERE area = 'A' AND age_from = 5;
SELECT area, f.*
  FROM (SELECT area, array_agg(age_from) AS ages_from, array_agg(age_to) AS ages_to FROM band GROUP BY area) b,
       stp.age_band_faults('ESP2013', ages_from, ages_to, 0, 19) f ORDER BY area, age_from;
SELECT stp.check_age_bands('ESP2013', '{0,10,85}', '{4,14,NULL}', 0, 14);
SELECT stp.check_age_bands('ESP1976', '{0,10}', '{4,14}');
SELECT stp.check_age_bands('ESP2013', '{0}', '{4}', 65, 64);

SELECT stp.standardise(-1, 1, 1);
SELECT stp.standardise(1, 'NaN', 1);
SELECT stp.standardise(1, 1, NULL);
SELECT stp.standardise(0, 1, 1, 1, 0);
SELECT stp.standardise(0, 1, 1, 1, NULL);
SELECT stp.standardise(-1, 1, 1, 1, 1);
SELECT stp.standardise(NULL, 1, 1, 1, 1);
SELECT stp.standardise(5, 30, population, weight, n) FROM (VALUES (4000, 5000, 1), (2000, 5000, 2)) t (population, weight, n);
SELECT stp.standardise(5, 30, population, weight, n) FROM (VALUES (4000, 5000, 1), (4000, 5500, 2)) t (population, weight, n);
SELECT stp.rollup(s) FROM unnest('{"(1,0,0,0,0,0,0,0,0,0,0)(1,1,1,1)","(1,0,0,0,0,0,0,0,0,0,0)(1,2,1,1)"}'::stp.standardised[]) s;
SELECT stp.standardise(g, 1, 1, 1, 1) FROM generate_series(1, 10001) g;
SELECT stp.rollup(s) FROM unnest('{"(1,0,0,1,0,0,0,0,0,0,0)","(1,0,0,0,0,0,0,0,0,0,0)(1,1,1,1)"}'::stp.standardised[]) s;
SELECT stp.dsr(NULL, 0);
SELECT stp.dsr(NULL, confidence => 95);
SELECT stp.dsr(NULL, minimum_events => -1);
SELECT stp.dsr(NULL, minimum_events => NULL);
SELECT 'x'::stp.standardised;
SELECT '(1,0,2,1,0,0,0,0,0,0,0)'::stp.standardised;

DELETE FROM stp.standard_population WHERE standard = 'ESP2013';
INSERT INTO stp.standard_population VALUES ('mine', 0, NULL, 1, true);
INSERT INTO stp.standard_population VALUES ('mine', 0, 17, 1), ('mine', 17, NULL, 1);
INSERT INTO stp.standard_population VALUES ('mine', 0, 17, 0);
