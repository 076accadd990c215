-- The rows behind the pictures: the A&E returns that doc/spc.md and doc/funnel.md have, type 1 departments.
CREATE EXTENSION stp_metrics;
CREATE TABLE ae (organisation text, month stp.period, department_type text, attendances int, over_4_hours int, admissions int);
\copy ae FROM 'test/fixtures/activity/ae_attendances_2016_2019.csv' (FORMAT csv, HEADER)
INSERT INTO stp.organisation (organisation, name) SELECT DISTINCT organisation, organisation FROM ae;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'ae_within_4_hours', organisation, month, attendances - over_4_hours, attendances
  FROM ae WHERE department_type = '1' AND attendances > 0;
INSERT INTO stp.spc_day (indicator, unit, day, reason) VALUES ('ae_within_4_hours', 'REF', '2018-04-01', 'The example of doc/spc.md');

-- A segment is a block of its own, so that no line joins it to the next.
CREATE VIEW chart AS
SELECT first_day, segment, value, mean, lower, upper, target, coalesce(signal, '') AS signal
  FROM stp.indicator_trend WHERE level = 'organisation' AND indicator = 'ae_within_4_hours' AND unit = 'REF';
CREATE VIEW peers AS
SELECT unit, denominator, value, flag, od_flag
  FROM stp.indicator_funnel WHERE unit_kind = 'organisation' AND indicator = 'ae_within_4_hours' AND period = '2018-07' AND value IS NOT NULL;
CREATE VIEW curve AS
SELECT c.denominator, max(c.lower) FILTER (WHERE NOT w.wide) AS lower, max(c.upper) FILTER (WHERE NOT w.wide) AS upper,
       max(c.lower) FILTER (WHERE w.wide) AS od_lower, max(c.upper) FILTER (WHERE w.wide) AS od_upper, max(100 * f.expected) AS expected
  FROM (SELECT d, stp.target(d) AS expected
          FROM (SELECT stp.dispersion(o.numerator, o.denominator, 'arcsine') AS d FROM stp.observation o WHERE o.period = '2018-07') s) f
 CROSS JOIN (VALUES (false, 'none'), (true, 'additive')) w (wide, overdispersion)
 CROSS JOIN LATERAL stp.funnel_curve(f.d, 500, 33000, w.overdispersion, '{0.998}', 100) c
 GROUP BY c.denominator;
\pset format unaligned
\pset tuples_only
\pset fieldsep '\t'
\o chart.tsv
SELECT * FROM chart WHERE segment = 1 ORDER BY first_day;
\qecho
SELECT * FROM chart WHERE segment = 2 ORDER BY first_day;
\o peers.tsv
SELECT * FROM peers ORDER BY denominator;
\o curve.tsv
SELECT * FROM curve ORDER BY denominator;
\o
