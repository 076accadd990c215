-- The 44 partnerships of 2016/17: what the demonstration loads gives the values that plain SQL computes from the files, and the
-- scores that come of them by the formulas.
SELECT no_plan();
BEGIN;
\i demo/load.sql
\i demo/2017.sql
COMMIT;
SET client_min_messages = warning;
CALL stp.refresh();
RESET client_min_messages;

-- The files again, in tables that know nothing -------------------------------------------------------------------------------

CREATE TEMP TABLE member (organisation text, system text, share numeric, valid_from date, valid_to date, basis text);
CREATE TEMP TABLE person (system text, period text, age_from int, age_to int, persons float8);
CREATE TEMP TABLE ae (organisation text, month text, department text, attendances int, over_4_hours int, admissions int);
CREATE TEMP TABLE delay (organisation text, local_authority text, month text, care_type text, reason text, attributed_to text, days int);
CREATE TEMP TABLE money (organisation text, period text, measure text, basis text, surplus numeric, turnover numeric);
CREATE TEMP TABLE report (indicator text, organisation text, period text, numerator float8, denominator float8);
CREATE TEMP TABLE beds (organisation text, period text, bed_days float8);
\copy member FROM 'demo/data/2017/membership.csv' (FORMAT csv, HEADER)
\copy person FROM 'demo/data/2017/population.csv' (FORMAT csv, HEADER)
\copy ae FROM 'demo/data/2017/emergency_attendance.csv' (FORMAT csv, HEADER)
\copy delay FROM 'demo/data/2017/delayed_transfer.csv' (FORMAT csv, HEADER)
\copy money FROM 'demo/data/2017/financial_position.csv' (FORMAT csv, HEADER)
\copy report FROM 'demo/data/2017/observation.csv' (FORMAT csv, HEADER)
\copy beds FROM 'demo/data/2017/occupied_bed_days.csv' (FORMAT csv, HEADER)
CREATE FUNCTION pg_temp.month_end(month text) RETURNS date LANGUAGE sql
RETURN (to_date(month, 'YYYY-MM') + interval '1 month - 1 day')::date;

-- National totals -----------------------------------------------------------------------------------------------------------

SELECT is((SELECT sum(delayed_days) FROM stp.delayed_transfer_latest WHERE period BETWEEN '2016-04' AND '2017-03'), 2254821::bigint,
    'delayed days of England in 2016/17, as published');
SELECT is((SELECT sum(delayed_days) FROM stp.delayed_transfer_latest WHERE period = '2016-04'), 168018::bigint, 'and in April 2016');
SELECT results_eq($$ SELECT attributed_to, sum(delayed_days) FROM stp.delayed_transfer_latest WHERE period = '2016-04' GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('NHS', 100992::bigint), ('both', 11661), ('social care', 55365) $$, 'by attribution');
SELECT is((SELECT round(sum(surplus) / 1000000, 1) FROM stp.financial_position), -858.0, 'net position of the 239 providers, million pounds');
SELECT is((SELECT round((100 * sum(numerator) / sum(denominator))::numeric, 2) FROM report WHERE indicator = 'within_18_weeks'), 90.02,
    'waiting less than 18 weeks at the end of March 2017, of the trusts that reported');
SELECT is((SELECT array_agg(n ORDER BY kind) FROM (SELECT type AS kind, count(*) AS n FROM stp.organisation WHERE type IN ('CCG', 'Local authority', 'Partnership') GROUP BY 1) o),
    ARRAY[207, 151, 44]::bigint[], '207 CCGs, 151 local authorities and 44 partnerships');
SELECT is((SELECT count(*) FROM stp.cohort('stp-2017', '2016/17')), 44::bigint, '44 units in 2016/17');
SELECT is((SELECT count(*) FROM stp.cohort('stp-2017', '2018/19')), 42::bigint, '42 from April 2018');

-- Local authorities lie in several partnerships.
SELECT results_eq($$ SELECT o.name, count(*), sum(m.share) FROM stp.membership m JOIN stp.organisation o USING (organisation)
                      WHERE o.type = 'Local authority' AND m.valid_from <= '2017-03-31' AND m.valid_to >= '2017-03-31'
                      GROUP BY 1 HAVING count(*) > 2 ORDER BY 1 $$,
    $$ VALUES ('Essex', 3::bigint, 1::numeric), ('North Yorkshire', 4, 1), ('Surrey', 3, 1) $$, 'some in three or more, by shares of 1');
SELECT is((SELECT count(*) FROM (SELECT m.organisation FROM stp.membership m JOIN stp.organisation o USING (organisation)
            WHERE o.type = 'Local authority' AND m.valid_from <= '2017-03-31' AND m.valid_to >= '2017-03-31' GROUP BY 1 HAVING count(*) > 1) m), 14::bigint,
    '14 in several');

-- Eight values of each partnership, by plain SQL ------------------------------------------------------------------------------

CREATE TEMP TABLE witness AS
SELECT 'ae_within_4_hours' AS indicator, m.system, sum((a.attendances - a.over_4_hours) * m.share)::float8 AS numerator, sum(a.attendances * m.share)::float8 AS denominator
  FROM ae a JOIN member m ON m.organisation = a.organisation AND pg_temp.month_end(a.month) BETWEEN m.valid_from AND m.valid_to
 WHERE a.month BETWEEN '2016-04' AND '2017-03' GROUP BY m.system
UNION ALL
SELECT 'ae_emergency_admissions', m.system, sum(a.admissions * m.share)::float8, (SELECT sum(persons) FROM person p WHERE p.system = m.system)
  FROM ae a JOIN member m ON m.organisation = a.organisation AND pg_temp.month_end(a.month) BETWEEN m.valid_from AND m.valid_to
 WHERE a.month BETWEEN '2016-04' AND '2017-03' GROUP BY m.system
UNION ALL
SELECT 'delayed_transfers_of_residents', m.system, sum(d.days * m.share)::float8 / 365, (SELECT sum(persons) FROM person p WHERE p.system = m.system AND p.age_from >= 18)
  FROM delay d JOIN member m ON m.organisation = d.local_authority AND pg_temp.month_end(d.month) BETWEEN m.valid_from AND m.valid_to
 WHERE d.month BETWEEN '2016-04' AND '2017-03' GROUP BY m.system
UNION ALL
SELECT 'net_position_pct', m.system, sum(f.surplus * m.share)::float8, sum(f.turnover * m.share)::float8
  FROM money f JOIN member m ON m.organisation = f.organisation AND '2017-03-31' BETWEEN m.valid_from AND m.valid_to GROUP BY m.system
UNION ALL
SELECT r.indicator, m.system, sum(r.numerator * m.share), sum(r.denominator * m.share)
  FROM report r JOIN member m ON m.organisation = r.organisation AND '2017-03-31' BETWEEN m.valid_from AND m.valid_to GROUP BY r.indicator, m.system;
DELETE FROM witness WHERE system = 'E54000049';
-- Two trusts of South Yorkshire did not report a month of A&E, nor Gloucestershire its waiting list: what is not whole has no value.
SELECT results_eq($$ SELECT unit, node, status FROM stp.assess('stp-2017', '2016/17') WHERE status = 'incomplete' ORDER BY 1 $$,
    $$ VALUES ('E54000009', 'ae_emergency_admissions', 'incomplete'), ('E54000043', 'within_18_weeks', 'incomplete') $$, 'two of 352 figures are not there');
DELETE FROM witness WHERE (system, indicator) IN (('E54000009', 'ae_emergency_admissions'), ('E54000043', 'within_18_weeks'));
SELECT is((SELECT count(*) FROM witness), 44 * 8 - 2::bigint, 'eight values of 44 partnerships, but for two');
CREATE TEMP TABLE leaf AS SELECT * FROM stp.assess('stp-2017', '2016/17') WHERE indicator IS NOT NULL AND value IS NOT NULL AND indicator <> 'system_leadership';
SELECT is_empty($$ SELECT w.*, l.value FROM witness w FULL JOIN leaf l ON l.unit = w.system AND l.indicator = w.indicator JOIN stp.indicator i ON i.indicator = coalesce(w.indicator, l.indicator)
                    WHERE (abs(l.value - i.per * w.numerator / w.denominator) <= 1e-9 * abs(l.value)) IS NOT TRUE $$,
    'each value is what plain SQL makes of the files');
SELECT is((SELECT array_agg(DISTINCT l.value_period::text ORDER BY l.value_period::text) FROM leaf l), ARRAY['2016/17', '2016/17 Q4', '2017-03'], 'of the year, or of what ended in it');
SELECT results_eq($$ SELECT status, count(*) FROM leaf WHERE indicator = 'iapt_recovery' GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('inferred', 43::bigint), ('partial', 1) $$, 'the substitute of another year says so; one CCG has none');
SELECT is((SELECT count(DISTINCT indicator) FROM stp.assess('stp-2017', '2016/17') WHERE indicator IS NOT NULL AND status = 'no data'
            AND indicator NOT IN (SELECT indicator FROM leaf) AND indicator <> 'system_leadership'), 8::bigint, 'the others are in the tree, without data');

-- The years after: what is missing is what no file has.
SELECT results_eq($$ SELECT y.period::text, a.unit, a.indicator, a.status FROM (VALUES ('2017/18'::stp.period), ('2018/19')) y (period) CROSS JOIN LATERAL stp.assess('stp-2017', y.period) a
                      WHERE a.status IN ('incomplete', 'partial') AND a.indicator IN ('ae_within_4_hours', 'ae_emergency_admissions') ORDER BY 1, 2, 3 $$,
    $$ VALUES ('2017/18', 'E54000025', 'ae_emergency_admissions', 'incomplete'), ('2017/18', 'E54000025', 'ae_within_4_hours', 'partial'),
              ('2017/18', 'E54000032', 'ae_emergency_admissions', 'incomplete'), ('2017/18', 'E54000032', 'ae_within_4_hours', 'partial') $$,
    'in 2017/18 East and North Hertfordshire (September) and Kent Community (November, December); in 2018/19 nobody');
SELECT is((SELECT count(score) FROM stp.assess('stp-2017', '2017/18') WHERE parent IS NULL), 0::bigint, 'on less than 40% of the weight nobody has a score');

-- Scores, by the formulas -----------------------------------------------------------------------------------------------------

-- Percentile ranks in exact arithmetic; weights as the tree has them, what is missing shared out over all that is present.
CREATE TEMP TABLE weight (indicator text, area text, weight numeric);
INSERT INTO weight
SELECT n.indicator, n.parent, CASE WHEN n.parent IN ('prevention', 'leadership', 'finance') THEN 0.2 ELSE 0.4 / 6 END / count(*) OVER (PARTITION BY n.parent)
  FROM stp.scheme_node n WHERE n.scheme = 'stp-2017' AND n.indicator IS NOT NULL;
CREATE TEMP TABLE position AS
SELECT l.unit, l.indicator, (count(*) FILTER (WHERE o.is_worse))::numeric / (count(*) - 1) * 100 AS score, least(l.completeness, 1)::numeric AS present
  FROM (SELECT l.*, CASE i.better WHEN 'lower' THEN -l.value ELSE l.value END AS good FROM leaf l JOIN stp.indicator i USING (indicator)) l
  JOIN LATERAL (SELECT CASE i.better WHEN 'lower' THEN -o.value ELSE o.value END < l.good AS is_worse
                  FROM leaf o JOIN stp.indicator i USING (indicator) WHERE o.indicator = l.indicator) o ON true
 GROUP BY l.unit, l.indicator, l.completeness;
INSERT INTO position SELECT organisation, 'system_leadership', value::numeric / 3 * 100, 1 FROM stp.judgement WHERE indicator = 'system_leadership';
SELECT is_empty($$
    SELECT a.unit, a.score, t.score FROM (SELECT p.unit, sum(p.score * w.weight) / sum(w.weight) AS score FROM position p JOIN weight w USING (indicator) GROUP BY 1) t
      JOIN stp.assess('stp-2017-ranks', '2016/17') a ON a.unit = t.unit AND a.parent IS NULL
     WHERE (abs(a.score - t.score) < 1e-9) IS NOT TRUE $$, 'scores by percentile ranks');
SELECT is((SELECT count(*) FROM stp.assess('stp-2017-ranks', '2016/17') WHERE parent IS NULL AND score IS NOT NULL), 44::bigint, 'of all 44');

-- Bands: Spiegelhalter 2005; 1/2, the root of p or the arcsine of it, one tenth winsorised at either end, additive.
CREATE TEMP TABLE z AS
SELECT l.system AS unit, l.indicator, i.better, l.numerator, l.denominator,
       CASE i.kind WHEN 'proportion' THEN asin(sqrt(l.numerator / l.denominator)) - asin(sqrt(i.standard / i.per))
                   ELSE sqrt(l.numerator / l.denominator) - sqrt(sum(l.numerator) OVER same / sum(l.denominator) OVER same) END * 2 * sqrt(l.denominator) AS z
  FROM witness l JOIN stp.indicator i USING (indicator) WHERE i.kind IN ('proportion', 'rate')
WINDOW same AS (PARTITION BY l.indicator);
CREATE TEMP TABLE band AS
WITH ends AS (SELECT indicator, percentile_cont(0.1) WITHIN GROUP (ORDER BY z) AS low, percentile_cont(0.9) WITHIN GROUP (ORDER BY z) AS high FROM z GROUP BY 1),
     phi AS (SELECT z.indicator, count(*) AS n, avg(power(least(greatest(z.z, e.low), e.high), 2)) AS phi, sum(4 * denominator) AS w, sum(power(4 * denominator, 2)) AS w2
               FROM z JOIN ends e USING (indicator) GROUP BY 1),
     tau AS (SELECT indicator, greatest(0, (n * phi - (n - 1)) / (w - w2 / w)) AS tau2 FROM phi)
SELECT z.unit, z.indicator, CASE WHEN abs(z.adjusted) <= 1.96 THEN 1 WHEN (z.adjusted > 0) = (z.better = 'higher') THEN 2 ELSE 0 END AS score
  FROM (SELECT z.*, z.z / sqrt(1 + t.tau2 * 4 * z.denominator) AS adjusted FROM z JOIN tau t USING (indicator)) z
UNION ALL
SELECT system, indicator, CASE WHEN numerator >= 0 THEN 2 WHEN numerator / denominator >= -0.01 THEN 1 ELSE 0 END FROM witness WHERE indicator = 'net_position_pct'
UNION ALL
SELECT organisation, indicator, (ARRAY[0, 0.67, 1.33, 2])[value::int + 1] FROM stp.judgement WHERE indicator = 'system_leadership';
SELECT is_empty($$ SELECT a.unit, a.node, a.score, b.score FROM stp.assess('stp-2017', '2016/17') a LEFT JOIN band b USING (unit, indicator)
                    WHERE a.indicator IS NOT NULL AND a.score IS DISTINCT FROM b.score::float8 $$, 'bands of all figures');
SELECT is_empty($$
    SELECT a.unit, a.score, t.score FROM (SELECT b.unit, sum(b.score * w.weight) / sum(w.weight) AS score FROM band b JOIN weight w USING (indicator) GROUP BY 1) t
      JOIN stp.assess('stp-2017', '2016/17') a ON a.unit = t.unit AND a.parent IS NULL
     WHERE (abs(a.score - t.score) < 1e-9) IS NOT TRUE $$, 'scores by bands');
SELECT is((SELECT round(coverage::numeric, 4) FROM stp.assess('stp-2017', '2016/17') WHERE unit = 'E54000041' AND parent IS NULL),
    (SELECT round(sum(weight), 4) FROM weight WHERE indicator IN (SELECT indicator FROM leaf)), 'coverage is the weight of the eight');

-- Judgements --------------------------------------------------------------------------------------------------------------------

SELECT results_eq($$ SELECT label, count(*) FROM stp.judgement WHERE indicator = 'stp_rating' GROUP BY label, value ORDER BY value $$,
    $$ VALUES ('Outstanding', 5::bigint), ('Advanced', 5), ('Making progress', 2), ('Needs most improvement', 5) $$, '17 of 44 ratings are known');
SELECT is_empty($$ SELECT FROM stp.scheme_node WHERE indicator = 'stp_rating' $$, 'and are the input of none');
SELECT results_eq($$ SELECT a.unit, a.value, a.score, p.category FROM stp.assess('stp-2017', '2016/17') a
                       JOIN stp.assess('stp-2017', '2016/17') p ON p.unit = a.unit AND p.node = 'leadership'
                      WHERE a.indicator = 'system_leadership' AND a.value IS NOT NULL ORDER BY 1 $$,
    $$ VALUES ('E54000005', 2::float8, 1.33::float8, 'Established'), ('E54000020', 0, 0, 'Early'), ('E54000048', 3, 2, 'Advanced') $$,
    'three judgements of leadership, with their labels');

-- The order of the ten known is printed, not asserted.
SELECT diag(format('published %s: rank %s of 44 by bands, %s by ranks', j.label, string_agg(a.rank::text, ', ' ORDER BY a.rank), string_agg(b.rank::text, ', ' ORDER BY b.rank)))
  FROM stp.judgement j JOIN stp.assess('stp-2017', '2016/17') a ON a.unit = j.organisation AND a.parent IS NULL
  JOIN stp.assess('stp-2017-ranks', '2016/17') b ON b.unit = j.organisation AND b.parent IS NULL
 WHERE j.indicator = 'stp_rating' AND j.value IN (1, 4) GROUP BY j.label, j.value ORDER BY j.value;

-- Delays, money -----------------------------------------------------------------------------------------------------------------

SELECT is_empty($$
    SELECT v.system, v.period, v.attributed_to, v.delayed_days, t.days
      FROM stp.system_delay_detail v
      FULL JOIN (SELECT m.system, d.month, d.attributed_to, sum(d.days * m.share) AS days FROM delay d
                   JOIN member m ON m.organisation = d.local_authority AND pg_temp.month_end(d.month) BETWEEN m.valid_from AND m.valid_to GROUP BY 1, 2, 3) t
             ON t.system = v.system AND t.month = v.period::text AND t.attributed_to = v.attributed_to
     WHERE v.system LIKE 'E54%' AND (abs(v.delayed_days - t.days) < 1e-6) IS NOT TRUE $$, 'delayed days of each partnership, month and attribution');
SELECT is_empty($$ SELECT FROM stp.system_delay_detail WHERE basis = 'provider' $$, 'an authority''s own figure is no provider''s');
SELECT is_empty($$ SELECT FROM stp.observation WHERE indicator IN ('delayed_transfers', 'delayed_transfers_of_bed_days') $$, 'nor are providers without any delay');
SELECT is_empty($$ SELECT f.system, f.actual, w.numerator FROM stp.system_finance f JOIN witness w ON w.system = f.system AND w.indicator = 'net_position_pct'
                    WHERE (abs(f.actual - w.numerator::numeric) < 0.01) IS NOT TRUE $$, 'net positions of the partnerships, to the penny');
SELECT is((SELECT count(*) FROM stp.system_finance f JOIN stp.system s USING (system) WHERE s.kind = 'system' AND f.plan IS NULL AND f.control_total IS NULL AND f.variance IS NULL AND f.status = 'no plan'), 44::bigint,
    'no plan and no control total is pretended');

-- ASCOF 2C by local authority: each of them a system of its own ---------------------------------------------------------------------

DELETE FROM stp.membership;
DELETE FROM stp.population;
DELETE FROM stp.system;
INSERT INTO stp.system (system, name) SELECT organisation, name FROM stp.organisation WHERE type = 'Local authority';
INSERT INTO stp.membership (organisation, system) SELECT system, system FROM stp.system;
\copy stp.population (system, period, age_from, age_to, persons) FROM 'demo/data/2017/population_local_authority.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE adult AS SELECT system, sum(persons) AS adults FROM stp.population WHERE age_from >= 18 GROUP BY 1;
SELECT is_empty($$
    SELECT v.system, v.ascof_2c_1, t.all_2c, v.ascof_2c_2, t.social FROM stp.system_ascof_2c v
      FULL JOIN (SELECT d.local_authority AS system, avg(d.beds) / a.adults * 100000 AS all_2c, avg(d.social) / a.adults * 100000 AS social, avg(d.joint) / a.adults * 100000 AS joint
                   FROM (SELECT local_authority, month, sum(days::float8) / extract(day FROM pg_temp.month_end(month)) AS beds,
                                sum(days::float8) FILTER (WHERE attributed_to = 'social care') / extract(day FROM pg_temp.month_end(month)) AS social,
                                sum(days::float8) FILTER (WHERE attributed_to = 'both') / extract(day FROM pg_temp.month_end(month)) AS joint
                           FROM delay WHERE month BETWEEN '2016-04' AND '2017-03' GROUP BY 1, 2) d
                   JOIN adult a ON a.system = d.local_authority GROUP BY d.local_authority, a.adults) t ON t.system = v.system
     WHERE v.basis = 'local authority' AND v.period = '2016/17'
       AND (abs(v.ascof_2c_1 - t.all_2c) < 1e-9 AND abs(v.ascof_2c_2 - t.social) < 1e-9 AND abs(v.ascof_2c_3 - t.joint) < 1e-9) IS NOT TRUE $$,
    'ASCOF 2C(1), (2), (3) of the local authorities: the mean of twelve months');
SELECT is((SELECT count(*) FROM stp.system_ascof_2c WHERE period = '2016/17' AND basis = 'local authority' AND status = 'ok'), 151::bigint, 'of 151');

-- What NHS Digital published of 2018/19, to one decimal.
CREATE TEMP TABLE published (local_authority text, adults float8, ascof_2c_1 numeric, ascof_2c_2 numeric, ascof_2c_3 numeric);
\copy published FROM 'test/fixtures/delay/ascof_2c_2018_19.csv' (FORMAT csv, HEADER)
DELETE FROM stp.population;
INSERT INTO stp.population (system, period, age_from, persons) SELECT local_authority, '2018-06', 18, adults FROM published;
SELECT results_eq($$ SELECT count(*) FILTER (WHERE round(v.ascof_2c_1::numeric, 1) = p.ascof_2c_1 AND round(v.ascof_2c_2::numeric, 1) = p.ascof_2c_2
                                               AND round(v.ascof_2c_3::numeric, 1) = p.ascof_2c_3), count(*)
                       FROM published p JOIN stp.system_ascof_2c v ON v.system = p.local_authority AND v.period = '2018/19' AND v.basis = 'local authority' $$,
    $$ VALUES (148::bigint, 148::bigint) $$, 'three measures of 148 councils in 2018/19, as published');

SELECT finish();
