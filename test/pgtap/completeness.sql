-- Who is expected, what a partial figure may do, which period a leaf takes, whole periods: nothing is missing in silence.
SET client_min_messages = warning;
SELECT no_plan();
SET search_path = public;
SET jit = off;

CREATE FUNCTION figure(of text, at stp.period, place text DEFAULT 'S') RETURNS text LANGUAGE sql
RETURN (SELECT concat_ws(' ', coalesce(round(v.value::numeric, 6)::text, '-'), v.organisations || '/' || v.expected,
                         round(v.completeness::numeric, 6), v.status)
          FROM stp.system_indicator v WHERE v.system = place AND v.indicator = of AND v.period = at);

INSERT INTO stp.system (system, name) VALUES ('S', 'South'), ('T', 'Tees'), ('U', 'Usk');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Large'), ('B', 'Middle'), ('C', 'Small'), ('D', 'Elsewhere'), ('E', 'Further');
INSERT INTO stp.membership (organisation, system, share) VALUES ('A', 'S', 1), ('B', 'S', 0.5), ('B', 'T', 0.5), ('C', 'S', 1), ('D', 'T', 1), ('E', 'U', 1);
INSERT INTO stp.population (system, period, persons) VALUES ('S', '2020/21', 10000), ('T', '2020/21', 5000), ('U', '2020/21', 4000);
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('stays', 'Stays', 'per 1,000', 'rate', 'lower', 1000, 'population'), ('seen', 'Seen', '%', 'proportion', 'higher', 100, 'reports'),
    ('score', 'Score', 'score', 'mean', 'higher', 1, 'none');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value)
SELECT i, o, p, CASE i WHEN 'stays' THEN n WHEN 'seen' THEN n * 0.8 END, CASE i WHEN 'seen' THEN n END, CASE i WHEN 'score' THEN n / 100.0 END
  FROM unnest(ARRAY['stays', 'seen', 'score']) i, (VALUES ('A', 600), ('B', 200), ('C', 50), ('D', 100), ('E', 90)) r (o, n),
       unnest(ARRAY['2025-01', '2025-02']::stp.period[]) p;

-- Who is expected ----------------------------------------------------------------------------------------------------

SELECT is(figure('stays', '2025-02'), '75.000000 3/3 1.000000 ok', 'all have reported');
DELETE FROM stp.observation WHERE organisation = 'A' AND period = '2025-02';
SELECT is(figure('stays', '2025-02'), '- 2/3 0.200000 incomplete', 'a rate over people has no value; a large one missing weighs more');
SELECT is(figure('seen', '2025-02'), '80.000000 2/3 0.200000 partial', 'other figures are partial');
SELECT is(figure('score', '2025-02'), '1.000000 2/3 0.600000 partial', 'of values each counts with its share');
SELECT is(figure('stays', '2025-02', 'T'), '40.000000 2/2 1.000000 ok', 'elsewhere nothing is missing');
SELECT results_eq($$ SELECT indicator, organisation, last_period::text, last_numerator, missing_since, systems FROM stp.missing_report WHERE period = '2025-02' ORDER BY indicator $$,
    $$ VALUES ('score', 'A', '2025-01', NULL::float8, date '2025-02-01', 'S'), ('seen', 'A', '2025-01', 480, '2025-02-01', 'S'),
              ('stays', 'A', '2025-01', 600, '2025-02-01', 'S') $$, 'who is missing is listed');
INSERT INTO stp.observation (indicator, organisation, period, status) VALUES ('stays', 'A', '2025-02', 'not applicable');
SELECT is(figure('stays', '2025-02'), '15.000000 2/2 1.000000 ok', 'who has nothing to report is not expected');
INSERT INTO stp.observation (indicator, organisation, period, numerator) VALUES ('stays', 'C', '2025-03', 50);
SELECT is(figure('stays', '2025-03'), '- 1/2 0.333333 incomplete', 'nor later');
INSERT INTO stp.expected_report (indicator, organisation, valid_from, valid_to) VALUES ('stays', 'A', '2025-03-01', '2025-03-31');
SELECT is(figure('stays', '2025-03'), '- 1/3 0.250000 incomplete', 'but for a duty, which weighs what the others do where it has said that it has nothing');
DELETE FROM stp.observation WHERE period = '2025-03' OR status IS NOT NULL;
DELETE FROM stp.expected_report;
INSERT INTO stp.observation (indicator, organisation, period, numerator) VALUES ('stays', 'B', '2026-02', 200), ('stays', 'C', '2026-02', 50);
SELECT is(figure('stays', '2026-02'), '15.000000 2/2 1.000000 ok', 'for as long as the indicator says, and no longer');
UPDATE stp.indicator SET expected_within = 13 WHERE indicator = 'stays';
SELECT is(figure('stays', '2026-02'), '- 2/3 0.200000 incomplete', 'a month longer');
UPDATE stp.indicator SET expected_within = 12 WHERE indicator = 'stays';
UPDATE stp.membership SET valid_to = '2025-02-27' WHERE organisation = 'A';
SELECT is(figure('stays', '2025-02'), '15.000000 2/2 1.000000 ok', 'and while it is a member on the last day');
UPDATE stp.membership SET valid_to = NULL WHERE organisation = 'A';
INSERT INTO stp.expected_report (indicator, organisation) VALUES ('seen', 'E'), ('seen', 'A');
DELETE FROM stp.observation WHERE indicator = 'seen' AND organisation = 'A';
SELECT is(figure('seen', '2025-01'), '80.000000 2/3 0.576923 partial', 'who has never reported weighs what the others do on average: 150 of 150 + (200 + 50 + 100 + 90) / 4');
SELECT is(stp_internal.months('2025/26 Q1') || ' ' || stp_internal.months('2025/26'), '3 12', 'months');
INSERT INTO stp.expected_report (indicator, organisation, grain) VALUES ('stays', 'D', 'quarter');
DELETE FROM stp.observation WHERE indicator = 'stays' AND organisation = 'D';
SELECT is(figure('stays', '2025-01', 'T'), '20.000000 1/1 1.000000 ok', 'a duty for quarters is none for months');

-- What a partial figure may do ------------------------------------------------------------------------------------------

UPDATE stp.indicator SET when_incomplete = 'scale up' WHERE indicator = 'stays';
SELECT is(figure('stays', '2025-02'), '75.000000 2/3 0.200000 partial', 'scaled up: 150 of a fifth are 750 of all');
SELECT results_eq($$ SELECT value, round(lower::numeric, 9), round(upper::numeric, 9), method FROM stp.system_indicator WHERE indicator = 'stays' AND period = '2025-02' AND system = 'S' $$,
    $$ SELECT 75::float8, round(5 * lower::numeric, 9), round(5 * upper::numeric, 9), 'Byar, scaled up' FROM stp.rate(150, 10000, 1000) $$, 'with its limits, and the method says so');
UPDATE stp.indicator SET when_incomplete = 'no value', minimum_completeness = 0.2 WHERE indicator = 'stays';
SELECT is(figure('stays', '2025-02'), '15.000000 2/3 0.200000 partial', 'who asks for less gets the value');
UPDATE stp.indicator SET minimum_completeness = 0.21 WHERE indicator IN ('stays', 'seen');
SELECT is(figure('stays', '2025-02'), '- 2/3 0.200000 incomplete', 'and not for more');
SELECT throws_ok($$ UPDATE stp.indicator SET minimum_completeness = 1.1 WHERE indicator = 'stays' $$, '23514', NULL, 'a share');
SELECT throws_ok($$ UPDATE stp.indicator SET over_time = 'sum' WHERE indicator = 'score' $$, '23514', NULL, 'values do not add up');
SELECT throws_ok($$ UPDATE stp.indicator SET when_incomplete = 'guess' WHERE indicator = 'stays' $$, '22023', NULL, 'a word');
SELECT throws_ok($$ UPDATE stp.indicator SET when_incomplete = 'scale up' WHERE indicator = 'seen' $$, '23514', NULL,
    'a numerator is scaled up where the denominator is whole, and nowhere else');
UPDATE stp.indicator SET minimum_completeness = NULL;

-- Suppressed ------------------------------------------------------------------------------------------------------------

DELETE FROM stp.observation WHERE indicator = 'stays' AND period = '2025-01' AND organisation = 'C';
INSERT INTO stp.observation (indicator, organisation, period, status) VALUES ('stays', 'C', '2025-01', 'suppressed');
SELECT is(figure('stays', '2025-01'), '70.350000 3/3 1.000000 suppressed', 'a suppressed count is half of what it can be at most: 0 to 7');
SELECT results_eq($$ SELECT lower, upper, method FROM stp.system_indicator WHERE indicator = 'stays' AND period = '2025-01' AND system = 'S' $$,
    $$ SELECT l.lower, u.upper, 'Byar, suppressed counts' FROM stp.rate(700, 10000, 1000) l, stp.rate(707, 10000, 1000) u $$, 'its limits go into those of the figure');
UPDATE stp.indicator SET suppressed_below = 6 WHERE indicator = 'stays';
SELECT is(figure('stays', '2025-01'), '70.250000 3/3 1.000000 suppressed', 'the indicator says below what');
INSERT INTO stp.observation (indicator, organisation, period, denominator, status) VALUES ('seen', 'A', '2025-01', 4, 'suppressed'), ('seen', 'A', '2025-02', NULL, 'suppressed');
SELECT is(figure('seen', '2025-01'), format('%s 3/3 1.000000 suppressed', round((100 * (80 + 40 + 2) / 154.0)::numeric, 6)), 'of a proportion no more than its denominator');
SELECT is(figure('seen', '2025-02'), format('80.000000 2/3 %s partial', round(150 / 153.5, 6)), 'a report without any number is missing, by the little that it can be');
SELECT results_eq($$ SELECT organisation, last_period::text, missing_since, systems FROM stp.missing_report WHERE indicator = 'seen' AND period = '2025-02' AND organisation = 'A' $$,
    $$ VALUES ('A', '2025-02', date '2025-02-01', 'S') $$, 'and is listed as that');
SELECT throws_ok(format('INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value, status) VALUES (%s)', v), '22023', NULL, 'refused: ' || v)
  FROM unnest(ARRAY[$$'stays', 'E', '2025-03', 3, NULL, NULL, 'suppressed'$$, $$'stays', 'E', '2025-03', NULL, 3, NULL, 'suppressed'$$,
                    $$'seen', 'E', '2025-03', NULL, 3, NULL, 'not applicable'$$, $$'seen', 'E', '2025-03', NULL, 'NaN', NULL, 'suppressed'$$,
                    $$'seen', 'E', '2025-03', NULL, -1, NULL, 'suppressed'$$, $$'score', 'E', '2025-03', NULL, NULL, 3, 'suppressed'$$,
                    $$'seen', 'E', '2025-03', NULL, 4, NULL, NULL$$, $$'seen', 'E', '2025-03', NULL, 4, NULL, 'inferred'$$]) v;
SELECT throws_ok($$ INSERT INTO stp.observation (indicator, organisation, period, status) VALUES ('seen', 'E', '2025-03', 'lost') $$, '22023', NULL, 'a word that is none');
UPDATE stp.observation SET status = 'inferred' WHERE indicator = 'seen' AND organisation = 'E';
SELECT is(figure('seen', '2025-01', 'U'), '80.000000 1/1 1.000000 inferred', 'what is inferred is said');

-- Grains -----------------------------------------------------------------------------------------------------------------

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('mixed', 'Mixed', 'per 1,000', 'rate', 'lower', 1000, 'population'), ('level', 'Level', 'people', 'rate', 'lower', 1000, 'population'),
    ('share', 'Share', '%', 'proportion', 'higher', 100, 'reports');
UPDATE stp.indicator SET over_time = 'average' WHERE indicator = 'level';
INSERT INTO stp.observation (indicator, organisation, period, numerator)
SELECT 'mixed', 'A', stp.period('2024-04') + m, 100 + m FROM generate_series(0, 11) m
UNION ALL SELECT 'mixed', 'C', stp.period('2024/25 Q1') + q, 30 + q FROM generate_series(0, 3) q
UNION ALL SELECT 'level', 'A', stp.period('2024-04') + m, 10 FROM generate_series(0, 11) m
UNION ALL SELECT 'level', 'C', stp.period('2024-04') + m, m FROM generate_series(0, 11) m;
SELECT is(figure('mixed', '2025-02'), '- 1/2 0.909091 incomplete', 'who reports by quarter is missing from a month, by a third of its quarter: 110 of 110 + 33 / 3');
SELECT results_eq($$ SELECT numerator, value, organisations, expected, completeness, months, months_expected, status FROM stp.system_indicator('2024/25 Q2') WHERE system = 'S' AND indicator = 'mixed' $$,
    $$ VALUES (103 + 104 + 105 + 31::float8, 34.3::float8, 2, 2, 1::float8, 3, 3, 'ok') $$, 'and there in the quarter');
SELECT results_eq($$ SELECT numerator, months, status FROM stp.system_indicator('2024/25') WHERE system = 'S' AND indicator = 'mixed' $$,
    $$ VALUES (1266 + 126::float8, 12, 'ok') $$, 'and in the year');
SELECT results_eq($$ SELECT round(numerator::numeric, 9), status FROM stp.system_indicator('2024/25') WHERE system = 'S' AND indicator = 'level' $$,
    $$ SELECT round(10 + sum(m * stp.days(stp.period('2024-04') + m)) / 365.0, 9), 'ok' FROM generate_series(0, 11) m $$, 'people on a day are averaged over the days');
DELETE FROM stp.observation WHERE indicator = 'mixed' AND organisation = 'A' AND period = '2024-08';
SELECT results_eq($$ SELECT value, round(completeness::numeric, 6), months, status FROM stp.system_indicator('2024/25 Q2') WHERE system = 'S' AND indicator = 'mixed' $$,
    $$ VALUES (NULL::float8, round((103 + 105 + 31) / (103 + 105 + 31 + 103.0), 6), 3, 'incomplete') $$, 'a missing month is missing from the quarter, by the one before');
SELECT results_eq($$ SELECT status, months, months_expected FROM stp.system_indicator('2025-03', 'rolling 12') WHERE system = 'S' AND indicator = 'level' $$,
    $$ VALUES ('ok', 12, 12) $$, 'twelve months that end with a month');
SELECT results_eq($$ SELECT DISTINCT value, status FROM stp.system_indicator('2024/25') WHERE indicator = 'score' $$, $$ VALUES (NULL::float8, 'not averaged') $$,
    'values are averaged where the indicator says that they may be');
UPDATE stp.indicator SET over_time = 'average' WHERE indicator = 'score';
SELECT results_eq($$ SELECT round(value::numeric, 9), status, months FROM stp.system_indicator('2024/25 Q4') WHERE system = 'U' AND indicator = 'score' $$, $$ VALUES (0.9, 'partial', 2) $$, 'then they are');
SELECT throws_ok($$ SELECT * FROM stp.system_indicator('2024/25', 'latest') $$, '22023', NULL, 'a single period is the view''s');
SELECT is_empty($$ SELECT * FROM stp.system_indicator(NULL) $$, 'nothing of no period');
SELECT is_empty($$ SELECT * FROM stp.system_indicator('1905/06') $$, 'nor of one before all reports');
SELECT lives_ok($$ SELECT * FROM stp.system_indicator('1900-04') $$, 'the calendar has a beginning');

-- Duties and silence in whole periods -------------------------------------------------------------------------------------

CREATE FUNCTION whole(of text, at stp.period) RETURNS text LANGUAGE sql
RETURN (SELECT concat_ws(' ', v.organisations || '/' || v.expected, round(v.completeness::numeric, 6), v.status)
          FROM stp.system_indicator(at) v WHERE v.system = 'S' AND v.indicator = of);
DELETE FROM stp.observation WHERE indicator = 'share';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', 'A', stp.period('2024/25 Q1') + q, 200, 300 FROM generate_series(0, 3) q;
INSERT INTO stp.expected_report (indicator, organisation, grain) VALUES ('share', 'C', 'quarter');
SELECT is(whole('share', '2024/25'), '1/2 0.500000 partial', 'a duty by quarter is one for the year, and weighs what others do');
SELECT is(whole('share', '2024-05'), NULL, 'and none for a month');
UPDATE stp.expected_report SET grain = NULL WHERE indicator = 'share';
SELECT is(whole('share', '2024/25'), '1/2 0.500000 partial', 'so does a duty of any grain, where nobody reports by month');
DELETE FROM stp.expected_report WHERE indicator = 'share';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', 'C', stp.period('2024-04') + m, 10, 50 FROM generate_series(0, 5) m;
INSERT INTO stp.observation (indicator, organisation, period, status) VALUES ('share', 'C', '2024-10', 'not applicable');
SELECT is(whole('share', '2024/25'), '2/2 1.000000 ok', 'whoever has nothing to report is not expected later');
DELETE FROM stp.observation WHERE indicator = 'share' AND organisation = 'C' AND period = '2024-06';
SELECT is(whole('share', '2024/25'), format('2/2 %s partial', round(1450 / 1500.0, 6)), 'but was before');

-- Which period a leaf takes ----------------------------------------------------------------------------------------------

DELETE FROM stp.observation;
DELETE FROM stp.expected_report;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', o, p, n * r, n FROM (VALUES ('A', 600, 0.5), ('B', 200, 0.6), ('C', 50, 0.7), ('D', 100, 0.8), ('E', 90, 0.9)) v (o, n, r),
       unnest(ARRAY['2025-01', '2025-02', '2025-03']::stp.period[]) p;
INSERT INTO stp.scheme (scheme, name) VALUES ('one', 'One');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('one', 'all', NULL, 'All', NULL, NULL), ('one', 'share', 'all', 'Share', 'share', 'percentile_rank');
INSERT INTO stp.scheme_category (scheme, position, category) VALUES ('one', 1, 'all');
CREATE FUNCTION rated(scheme text, at stp.period) RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', a.unit, a.value_period, a.organisations || '/' || a.expected, a.rank, round(a.coverage::numeric, 3), a.status), '; ' ORDER BY a.unit)
          FROM stp.assess(scheme, at) a WHERE a.indicator IS NOT NULL);
SELECT is(rated('one', '2025-03'), 'S 2025-03 3/3 3 1.000 ok; T 2025-03 2/2 2 1.000 ok; U 2025-03 1/1 1 1.000 ok', 'as all have reported');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('share', 'E', '2025-04', 1, 90);
SELECT is(rated('one', '2025-04'), rated('one', '2025-03'), 'one early report moves nobody');
CALL stp.refresh();
SELECT results_eq($$ SELECT DISTINCT period FROM stp_bi.indicator_latest WHERE indicator = 'share' AND unit <> 'U' $$, $$ VALUES ('2025-03') $$, 'nor what is latest');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) SELECT 'share', organisation, '2025-04', numerator, denominator FROM stp.observation WHERE organisation IN ('A', 'B', 'D') AND period = '2025-03';
SELECT is(rated('one', '2025-04'), 'S 2025-04 2/3 2 0.933 partial; T 2025-04 2/2 1 1.000 ok; U 2025-04 1/1 3 1.000 ok', 'nine tenths do');
UPDATE stp.scheme SET complete_from = 0.99 WHERE scheme = 'one';
SELECT is(rated('one', '2025-04'), rated('one', '2025-03'), 'unless the scheme wants more');
DELETE FROM stp.observation WHERE organisation = 'C' AND period IN ('2025-02', '2025-03');
SELECT is(rated('one', '2025-03'), rated('one', '2025-01'), 'further back');
DELETE FROM stp.observation WHERE organisation = 'C';
INSERT INTO stp.expected_report (indicator, organisation) VALUES ('share', 'C');
SELECT is((SELECT DISTINCT value_period::text FROM stp.assess('one', '2025-04') WHERE indicator IS NOT NULL), '2025-04', 'where none is complete, the latest of the most complete');
SELECT is(rated('one', '2025-04'), 'S 2025-04 2/3 2 0.739 partial; T 2025-04 2/2 1 1.000 ok; U 2025-04 1/1 3 1.000 ok', 'and its coverage falls: 700 of 700 + 990 / 4');
DELETE FROM stp.observation WHERE organisation = 'E';
SELECT is((SELECT concat(status, coverage) FROM stp.assess('one', '2025-04') WHERE unit = 'U' AND parent IS NULL), 'no data0', 'a node over nothing');
INSERT INTO stp.expected_report (indicator, organisation) VALUES ('share', 'E');
SELECT is((SELECT concat(status, coverage, organisations, expected) FROM stp.assess('one', '2025-04') WHERE unit = 'U' AND node = 'share'), 'incomplete001', 'who was expected and has not come: incomplete');
DELETE FROM stp.expected_report;
UPDATE stp.scheme_node SET minimum_coverage = 0.8 WHERE scheme = 'one' AND node = 'all';

DELETE FROM stp.observation;
INSERT INTO stp.expected_report (indicator, organisation) VALUES ('share', 'A');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('share', 'A', '2023-01', 1, 2), ('share', 'C', '2023-01', 1, 2), ('share', 'C', '2025-01', 1, 2);
CALL stp.refresh();
SELECT results_eq($$ SELECT period, completeness FROM stp_bi.indicator_latest WHERE indicator = 'share' AND unit = 'S' $$, $$ VALUES ('2025-01', 0.5::float8) $$, 'what was complete years ago is not the latest');
DELETE FROM stp.expected_report;

-- A scheme that takes whole periods ---------------------------------------------------------------------------------------

DELETE FROM stp.observation;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', o, stp.period('2024-04') + m, n * (r + m / 100.0), n FROM (VALUES ('A', 600, 0.5), ('B', 200, 0.6), ('C', 50, 0.7), ('D', 100, 0.8), ('E', 90, 0.8)) v (o, n, r), generate_series(0, 11) m;
UPDATE stp.scheme SET grain = 'year' WHERE scheme = 'one';
UPDATE stp.scheme_node SET takes = 'whole' WHERE node = 'share' AND scheme = 'one';
SELECT results_eq($$ SELECT unit, value_period::text, round(value::numeric, 9), months, months_expected, status FROM stp.assess('one', '2024/25') WHERE node = 'share' AND unit IN ('S', 'U') ORDER BY unit $$,
    $$ VALUES ('S', '2024/25', round((100 * (600 * 0.555 + 100 * 0.655 + 50 * 0.755) / 750)::numeric, 9), 12, 12, 'ok'), ('U', '2024/25', 85.5, 12, 12, 'ok') $$, 'the whole year');
DELETE FROM stp.observation WHERE period = '2025-03';
SELECT results_eq($$ SELECT unit, months, months_expected, round(completeness::numeric, 6), status FROM stp.assess('one', '2024/25') WHERE node = 'share' AND unit = 'U' $$,
    $$ VALUES ('U', 11, 12, round(11 / 12.0, 6), 'partial') $$, 'a month that nobody has reported yet is missing');
UPDATE stp.scheme_node SET takes = 'rolling 12' WHERE node = 'share' AND scheme = 'one';
SELECT results_eq($$ SELECT unit, value_period::text, months, months_expected FROM stp.assess('one', '2024/25') WHERE node = 'share' AND unit = 'U' $$,
    $$ VALUES ('U', '2025-02', 11, 12) $$, 'twelve months end with the latest period');
SELECT throws_ok($$ SET CONSTRAINTS ALL IMMEDIATE; UPDATE stp.scheme_node SET indicator = 'score' WHERE scheme = 'one' AND node = 'share';
                    UPDATE stp.indicator SET over_time = 'no' WHERE indicator = 'score'; SELECT stp.assess('one', '2024/25') $$, '23514',
    'scheme "one": node "share" takes several periods (rolling 12) of indicator "score", whose values may not be averaged', 'values that may not be averaged are not');
UPDATE stp.scheme_node SET takes = NULL WHERE node = 'share' AND scheme = 'one';
UPDATE stp.scheme SET grain = 'month', complete_from = 0 WHERE scheme = 'one';

-- Why it changed ------------------------------------------------------------------------------------------------------------

UPDATE stp.scheme_node SET method = 'goalposts', low = 0, high = 100, minimum_coverage = 0 WHERE scheme = 'one' AND node = 'share';
UPDATE stp.scheme_node SET minimum_coverage = 0 WHERE scheme = 'one';
DELETE FROM stp.observation;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', o, p, n * r, n FROM (VALUES ('A', 600, 0.5), ('B', 200, 0.6), ('C', 50, 0.7), ('D', 100, 0.8), ('E', 90, 0.9)) v (o, n, r), unnest(ARRAY['2025-01', '2025-02']::stp.period[]) p;
DELETE FROM stp.observation WHERE organisation = 'A' AND period = '2025-02';
SELECT results_eq($$ SELECT part, round(change::numeric, 9) FROM stp.explain_change('one', '2025-01', '2025-02', 'S') WHERE depth = 1 ORDER BY place $$,
    $$ VALUES ('own data', 0.000000000), ('peers'' data', 0), ('reporting', round(100 * (95 / 150.0 - 395 / 750.0), 9)), ('boundaries', 0), ('membership', 0), ('weights', 0), ('method', 0) $$,
    'what is due to a trust that has not reported is not its data');
UPDATE stp.observation SET numerator = numerator - 10 WHERE organisation IN ('B', 'C') AND period = '2025-02';
SELECT is_empty($$ SELECT u.system, c.* FROM stp.system u, LATERAL (SELECT sum(change) FILTER (WHERE depth = 1) AS change, max(score) FILTER (WHERE part = 'after') - max(score) FILTER (WHERE part = 'before') AS whole
                     FROM stp.explain_change('one', '2025-01', '2025-02', u.system)) c WHERE abs(c.change - c.whole) > 1e-9 OR c.change IS NULL $$, 'the parts add up');
SELECT ok((SELECT change < -1 FROM stp.explain_change('one', '2025-01', '2025-02', 'S') WHERE part = 'own data' AND depth = 1), 'data and reporting apart');

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', organisation, '2025/26 Q1', 3 * denominator * 0.9, 3 * denominator FROM stp.observation WHERE period = '2025-01';
SELECT results_eq($$ SELECT part, abs(change) < 1e-9 FROM stp.explain_change('one', '2025-01', '2025-06', 'S') WHERE part IN ('own data', 'reporting') AND depth = 1 ORDER BY place $$,
    $$ VALUES ('own data', false), ('reporting', true) $$, 'from months to quarters nobody has reported less');
DELETE FROM stp.observation WHERE period = '2025/26 Q1';

-- A refresh: a rating is reached by who is missed ---------------------------------------------------------------------------

COMMIT;
DELETE FROM stp.observation WHERE organisation = 'A';
CALL stp.refresh('one');
CREATE VIEW differs AS
SELECT * FROM (SELECT n.period, (n.unit, n.node, n.value, n.organisations, n.expected, n.completeness, n.score, n.coverage, n.status)::text AS kept FROM stp.assessment_node n WHERE n.scheme = 'one') k
  FULL JOIN (SELECT p.period, (a.unit, a.node, a.value, a.organisations, a.expected, a.completeness, a.score, a.coverage, a.status)::text AS kept
               FROM stp.assessed_period p, stp.assess('one', p.period) a WHERE p.scheme = 'one') n USING (period, kept) WHERE k IS NULL OR n IS NULL;
SELECT is_empty('SELECT * FROM differs', 'what is kept is what is');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('share', 'A', '2025-01', 300, 600);
CALL stp.refresh();
SELECT is_empty('SELECT * FROM differs', 'an earlier report by which somebody is expected now');
SELECT is((SELECT status FROM stp.assessment_node WHERE scheme = 'one' AND period = '2025-02' AND unit = 'S' AND node = 'share'), 'partial', 'reaches the later rating');
UPDATE stp.observation SET numerator = 150, denominator = 300 WHERE organisation = 'A';
CALL stp.refresh();
SELECT is_empty('SELECT * FROM differs', 'what it weighs there');
DELETE FROM stp.observation WHERE organisation = 'E';
CALL stp.refresh();
INSERT INTO stp.expected_report (indicator, organisation, valid_from, valid_to) VALUES ('share', 'E', '2025-02-01', '2025-02-28');
CALL stp.refresh();
SELECT is_empty('SELECT * FROM differs', 'a duty, and nothing else');
DELETE FROM stp.observation WHERE organisation = 'A';
DELETE FROM stp.expected_report;
CALL stp.refresh();
SELECT is_empty('SELECT * FROM differs', 'what is gone again');

-- Neither counted nor listed wrongly ------------------------------------------------------------------------------------
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('nights', 'Nights', 'nights', 'mean', 'lower', 'reports');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, status) VALUES
    ('nights', 'A', '2024-01', NULL, 100, 'suppressed'), ('nights', 'C', '2024-01', 500, 100, NULL), ('nights', 'C', '2023/24 Q4', 1500, 300, NULL);
SELECT is(figure('nights', '2024-01'), '5.000000 1/2 0.500000 partial', 'a suppressed sum of a measurement has no limits: it is missing');
DELETE FROM stp.observation WHERE indicator = 'nights' AND organisation = 'C' AND period = '2024-01';
SELECT is((SELECT missing_since FROM stp.missing_report WHERE indicator = 'nights' AND organisation = 'C' AND period = '2024-01'), '2024-01-01',
    'by a report of the quarter a month is not missing from the next quarter on');
INSERT INTO stp.organisation (organisation, name) VALUES ('ENG', 'England');
INSERT INTO stp.scheme (scheme, name) VALUES ('england', 'England');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('england', 'all', NULL, 'All', NULL, NULL), ('england', 'nights', 'all', 'Nights', 'nights', 'percentile_rank');
INSERT INTO stp.scheme_category (scheme, position, category) VALUES ('england', 1, 'all');
UPDATE stp.indicator SET expected_within = 1 WHERE indicator = 'nights';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('nights', 'ENG', '2024-08', 1, 1);
SELECT is(rated('england', '2024-08'), rated('england', '2024-07'), 'a report of nobody''s is not the latest');
SELECT ok(rated('england', '2024-08') LIKE 'S 2023/24 Q4 1/2%', 'the last of the cohort''s is');
DELETE FROM stp.observation WHERE indicator = 'nights';
DELETE FROM stp.scheme WHERE scheme = 'england';
DELETE FROM stp.organisation WHERE organisation = 'ENG';

-- What reaches a rating by a way round ---------------------------------------------------------------------------------------
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'seen', o, p, 8, 10 FROM (VALUES ('B', '2024-06'::stp.period), ('D', '2024-06'), ('B', '2024-05'), ('C', '2024-04'), ('D', '2024-04')) r (o, p);
INSERT INTO stp.expected_report (indicator, organisation, valid_from) VALUES ('seen', 'E', '2024-06-01');
INSERT INTO stp.scheme (scheme, name) VALUES ('way', 'Way'), ('each', 'Each');
UPDATE stp.scheme SET rates = 'organisation' WHERE scheme = 'each';
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method)
SELECT s, n, p, n, i, m FROM unnest(ARRAY['way', 'each']) s, (VALUES ('all', NULL, NULL, NULL), ('seen', 'all', 'seen', 'percentile_rank')) v (n, p, i, m);
INSERT INTO stp.scheme_category (scheme, position, category) VALUES ('way', 1, 'all'), ('each', 1, 'all');
CREATE VIEW astray AS
SELECT a.scheme, a.period FROM stp.assessed_period a
 WHERE EXISTS (SELECT ROW(a.scheme, a.period, x.*)::stp.assessment_node FROM stp.assess(a.scheme, a.period) x
               EXCEPT SELECT n FROM stp.assessment_node n WHERE n.scheme = a.scheme AND n.period = a.period);
CALL stp.refresh();
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'D', '2024-05', 9, 10);
CALL stp.refresh();
SELECT is_empty('SELECT * FROM astray', 'an earlier period becomes the most complete of those that are not complete enough');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'A', '2024/25 Q1', 30, 300);
CALL stp.refresh();
SELECT is_empty('SELECT * FROM astray', 'who reports a quarter is missing from its first month too');
INSERT INTO stp.organisation (organisation, name) VALUES ('N', 'Never a member');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'N', '2024-04', 5, 10);
CALL stp.refresh();
INSERT INTO stp.membership (organisation, system, valid_from, valid_to) VALUES ('N', 'S', '2010-04-01', '2012-03-31');
CALL stp.refresh();
SELECT is_empty('SELECT * FROM astray', 'whoever once was a member is not expected any more');
DELETE FROM stp.membership WHERE organisation = 'N';
DELETE FROM stp.scheme WHERE scheme IN ('way', 'each');
DELETE FROM stp.observation WHERE indicator = 'seen';
DELETE FROM stp.organisation WHERE organisation = 'N';
DELETE FROM stp.expected_report;
CALL stp.refresh();

-- Property: removals at random -----------------------------------------------------------------------------------------------

SELECT setseed(0.13);
DELETE FROM stp.scheme WHERE scheme = 'one';
DELETE FROM stp.observation; DELETE FROM stp.membership; DELETE FROM stp.organisation; DELETE FROM stp.population; DELETE FROM stp.system;
INSERT INTO stp.system (system, name) SELECT 'S' || i, 'S' || i FROM generate_series(1, 6) i;
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'O' || i FROM generate_series(1, 20) i;
INSERT INTO stp.membership (organisation, system, share)
SELECT 'O' || i, 'S' || 1 + i % 6, CASE WHEN i % 3 = 0 THEN 0.25 ELSE 1 END FROM generate_series(1, 20) i
UNION ALL SELECT 'O' || i, 'S' || 1 + (i + 1) % 6, 0.75 FROM generate_series(1, 20) i WHERE i % 3 = 0;
INSERT INTO stp.population (system, period, persons) SELECT 'S' || i, '2020/21', 1000 * i FROM generate_series(1, 6) i;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value)
SELECT i.indicator, 'O' || o, p, CASE i.denominator WHEN 'reports' THEN 1 + floor(random() * 50) WHEN 'population' THEN 1 + floor(random() * 50) END,
       CASE i.denominator WHEN 'reports' THEN 60 + floor(random() * 60) END, CASE i.denominator WHEN 'none' THEN random() END
  FROM stp.indicator i, generate_series(1, 20) o, unnest(ARRAY['2025-01', '2025-02']::stp.period[]) p WHERE i.indicator IN ('stays', 'seen', 'score');
INSERT INTO stp.scheme (scheme, name) VALUES ('whole', 'Whole');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low, high) VALUES ('whole', 'all', NULL, 'All', NULL, NULL, NULL, NULL),
    ('whole', 'stays', 'all', 'Stays', 'stays', 'goalposts', 0, 100), ('whole', 'seen', 'all', 'Seen', 'seen', 'goalposts', 0, 100), ('whole', 'score', 'all', 'Score', 'score', 'goalposts', 0, 1);
INSERT INTO stp.scheme_category (scheme, position, category) VALUES ('whole', 1, 'all');
INSERT INTO stp.expected_report (indicator, organisation) SELECT DISTINCT indicator, organisation FROM stp.observation;
CREATE TABLE before AS SELECT * FROM stp.assess('whole', '2025-02');
CREATE FUNCTION faults_without(gone text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    saved stp.observation[];
BEGIN
    SELECT array_agg(o) INTO saved FROM stp.observation o WHERE o.organisation = gone;
    DELETE FROM stp.observation o WHERE o.organisation = gone;
    RETURN QUERY
    SELECT format('%s without %s: %s %s', a.unit, gone, a.node, a.status)
      FROM stp.assess('whole', '2025-02') a JOIN before b USING (unit, node)
      LEFT JOIN stp.membership m ON m.system = a.unit AND m.organisation = gone
     WHERE CASE WHEN m.organisation IS NULL THEN (a.value, a.score, a.coverage, a.status) IS DISTINCT FROM (b.value, b.score, b.coverage, b.status)
                WHEN a.parent IS NULL THEN a.coverage >= b.coverage OR a.status <> 'partial'
                ELSE a.coverage >= b.coverage OR a.status NOT IN ('partial', 'incomplete') END;
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value)
    SELECT s.indicator, s.organisation, s.period, s.numerator, s.denominator, s.value FROM unnest(saved) s;
    RETURN QUERY
    SELECT format('%s with %s again: %s', a.unit, gone, a.node) FROM stp.assess('whole', '2025-02') a JOIN before b USING (unit, node) WHERE a IS DISTINCT FROM b;
END $$;
SELECT is_empty($$ SELECT faults_without('O' || o) FROM generate_series(1, 20) o $$,
    'without any report of an organisation the leaves of its systems say so, the coverage falls, the others stay; and all comes back to the bit');
SELECT is_empty($$ SELECT faults_without('O' || 1 + floor(random() * 20)) FROM generate_series(1, 5) $$, 'in whatever order');
SELECT * FROM finish();
