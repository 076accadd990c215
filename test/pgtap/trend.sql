-- The charts of every indicator: settings, days of rebasing, views, and what explain says of a value. The views against
-- stp.spc_points by hand.
SELECT plan(85);
SET client_min_messages = warning;

INSERT INTO stp.system (system, name, kind, parent) VALUES ('R', 'Region', 'region', NULL), ('A', 'System A', 'system', 'R'), ('B', 'System B', 'system', 'R');
INSERT INTO stp.organisation (organisation, name) VALUES ('TA', 'Trust A'), ('AB', 'Trust of both'), ('A', 'A as an organisation');
INSERT INTO stp.membership (organisation, system, share) VALUES ('TA', 'A', 1), ('AB', 'A', 0.25), ('AB', 'B', 0.75);
INSERT INTO stp.population (system, period, age_from, persons) VALUES ('A', '2020/21', 16, 1000), ('B', '2020/21', 16, 2000), ('R', '2020/21', 16, 3000);
-- Trust A falls in the last 15 months; a month is missing, and quarters and years are reported beside the months.
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'ae_within_4_hours', o.organisation, p.period, 800 + 20 * ((p.n * 7 + o.n) % 5) - CASE WHEN p.n > 21 AND o.n = 1 THEN 150 ELSE 0 END, 1000 + p.n
  FROM (VALUES ('TA', 1), ('AB', 2)) o (organisation, n)
 CROSS JOIN (SELECT period, row_number() OVER (ORDER BY period)::int AS n FROM stp.periods('2021-01', '2023-12') period) p
 WHERE NOT (o.n = 1 AND p.n = 5);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'ae_within_4_hours', 'TA', period, 900, 1000 FROM stp.periods('2021/22', '2022/23') period;
INSERT INTO stp.observation (indicator, organisation, period, numerator)
SELECT 'emergency_admissions', 'TA', period, 50 + (stp.days(period) * 7) % 4 FROM stp.periods('2021-01', '2023-12') period;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'staff_engagement', o.organisation, p.period, 6 + (p.n * 5 + o.n) % 3 FROM (VALUES ('TA', 1), ('AB', 2)) o (organisation, n)
 CROSS JOIN (SELECT period, row_number() OVER (ORDER BY period)::int AS n FROM stp.periods('2022-01', '2023-12') period) p;

INSERT INTO stp.scheme (scheme, name) VALUES ('three', 'Three');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('three', 'overall', NULL, 'Overall', NULL, NULL),
    ('three', 'ae_within_4_hours', 'overall', 'A&E', 'ae_within_4_hours', 'percentile_rank'), ('three', 'staff', 'overall', 'Staff', 'staff_engagement', 'percentile_rank'),
    ('three', 'rtt', 'overall', '18 weeks', 'within_18_weeks', 'percentile_rank');
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('three', 1, 'good', 50), ('three', 2, 'other', NULL);

-- By hand: the series as the views of figures have it.
CREATE FUNCTION by_hand(of_indicator text, of_unit text, of_grain text, dialect text DEFAULT 'nhs', baseline int DEFAULT NULL, rebase date[] DEFAULT NULL,
                        ghosts date[] DEFAULT NULL)
RETURNS TABLE (day date, value float8, mean float8, lower float8, upper float8, segment int, rule text, signal text, target float8, status text) LANGUAGE sql AS $$
SELECT p.day, p.value, p.mean, p.lower, p.upper, p.segment, p.rule, p.signal, p.target, p.status
  FROM (SELECT i.better, stp.spc(s.first_day, s.value, NULL, i.standard) AS series
          FROM (SELECT system AS unit, indicator, period, first_day, value FROM stp.system_indicator UNION ALL
                SELECT organisation, indicator, period, first_day, value FROM stp.organisation_indicator WHERE organisation LIKE '_%B' OR organisation = 'TA') s
          JOIN stp.indicator i ON i.indicator = s.indicator
         WHERE s.indicator = of_indicator AND s.unit = of_unit AND stp.grain(s.period) = of_grain GROUP BY i.better) x
 CROSS JOIN LATERAL stp.spc_points(x.series, x.better, by_hand.dialect, 'xmr', by_hand.baseline, by_hand.rebase, by_hand.ghosts) p
$$;
CREATE FUNCTION differences(of_indicator text, of_unit text, of_grain text, dialect text DEFAULT 'nhs', baseline int DEFAULT NULL, rebase date[] DEFAULT NULL,
                            ghosts date[] DEFAULT NULL)
RETURNS bigint LANGUAGE sql AS $$
SELECT count(*) FROM by_hand(of_indicator, of_unit, of_grain, dialect, baseline, rebase, ghosts) h
  FULL JOIN (SELECT * FROM stp.indicator_trend t
              WHERE t.indicator = of_indicator AND t.unit = of_unit AND t.grain = of_grain AND (t.level = 'system' OR t.unit <> 'A')) t ON t.first_day = h.day
 WHERE (h.segment, h.rule, h.signal, h.target, h.status) IS DISTINCT FROM (t.segment, t.rule, t.signal, t.target, t.status)
    OR (h.value IS NULL) <> (t.value IS NULL) OR (h.mean IS NULL) <> (t.mean IS NULL)
    OR abs(h.value - t.value) > 1e-9 OR abs(h.mean - t.mean) > 1e-9 OR abs(h.lower - t.lower) > 1e-9 OR abs(h.upper - t.upper) > 1e-9
$$;

SELECT is(differences(i, u, 'month'), 0::bigint, format('%s of %s is stp.spc_points of its figures', i, u))
  FROM unnest('{ae_within_4_hours,emergency_admissions,staff_engagement}'::text[]) i, unnest('{A,B,R,TA,AB}'::text[]) u;
SELECT is((SELECT count(*) FROM stp.indicator_trend), (SELECT count(*) FROM stp.system_indicator) + (SELECT count(*) FROM stp.organisation_indicator), 'a row for each figure');
SELECT results_eq($$ SELECT grain, count(*), min(period::text) FROM stp.indicator_trend WHERE unit = 'TA' AND indicator = 'ae_within_4_hours' GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('month', 36::bigint, '2021-01'), ('year', 2, '2021/22') $$, 'years are another series than months');
SELECT set_eq('SELECT DISTINCT level, unit_kind, unit FROM stp.indicator_trend', $$ VALUES ('system', 'region', 'R'), ('system', 'system', 'A'), ('system', 'system', 'B'),
    ('organisation', 'organisation', 'TA'), ('organisation', 'organisation', 'AB') $$, 'systems, regions and organisations');
SELECT results_eq($$ SELECT value, figure_status, signal FROM stp.indicator_trend WHERE unit = 'TA' AND indicator = 'ae_within_4_hours' AND period = '2021-05' $$,
    $$ VALUES (NULL::float8, 'incomplete', NULL::text) $$, 'what has not come is a missing point');
SELECT ok((SELECT value IS NOT NULL AND signal IS NOT NULL AND figure_status = 'partial' FROM stp.indicator_trend
            WHERE unit = 'A' AND level = 'system' AND indicator = 'ae_within_4_hours' AND period = '2021-05'), 'a partial figure takes part, and says so');
SELECT is((SELECT count(DISTINCT status) FROM stp.indicator_trend WHERE level = 'organisation' AND indicator = 'emergency_admissions' AND status = 'no data'), 1::bigint,
    'an organisation has no population: no data');

-- The summary.
SELECT is((SELECT count(*) FROM stp.indicator_summary), (SELECT count(DISTINCT (level, unit, indicator, grain)) FROM stp.indicator_trend), 'a row for each chart');
SELECT is_empty($$ SELECT unit, indicator FROM stp.indicator_summary s JOIN (SELECT DISTINCT ON (level, unit, indicator, grain) * FROM stp.indicator_trend
    WHERE value IS NOT NULL ORDER BY level, unit, indicator, grain, first_day DESC) t USING (level, unit, indicator, grain)
    WHERE (s.value, s.mean, s.lower, s.upper, s.variation, s.rule, s.target, s.period::text) IS DISTINCT FROM (t.value, t.mean, t.lower, t.upper, t.signal, t.rule, t.target, t.period::text)
      $$, 'it is the last row of the trend');
SELECT results_eq($$ SELECT variation, variation_icon, rule, assurance, assurance_icon, gaps, proposed_rebase, rebase_question FROM stp.indicator_summary
                      WHERE unit = 'TA' AND indicator = 'ae_within_4_hours' AND grain = 'month' $$,
    $$ VALUES ('concern', 'concern_low', 'shift', 'fail', 'fail', 1::bigint, date '2022-10-01',
               'All points are below the mean since 2022-10-01. Is there a change that is known, explains it and lasts?') $$, 'a fall that goes on is a concern, and a question');
SELECT is((SELECT count(*) FROM stp.indicator_trend WHERE segment > 1), 0::bigint, 'nothing is rebased by itself');
SELECT is((SELECT count(*) FROM stp.indicator_summary WHERE rebase_question IS NULL <> (proposed_rebase IS NULL)), 0::bigint, 'no question without a day');

-- What explain says.
SELECT results_eq($$ SELECT indicator, movement FROM stp.explain('three', '2023-12', 'A') WHERE indicator IN ('ae_within_4_hours', 'staff_engagement', 'within_18_weeks') ORDER BY 1 $$,
    $$ SELECT i.indicator, s.variation FROM (VALUES ('ae_within_4_hours'), ('staff_engagement'), ('within_18_weeks')) i (indicator)
         LEFT JOIN stp.indicator_summary s ON s.indicator = i.indicator AND s.level = 'system' AND s.unit = 'A' AND s.grain = 'month' ORDER BY 1 $$, 'movement is the variation of the chart');
SELECT is((SELECT movement FROM stp.explain('three', '2023-12', 'A') WHERE node = 'ae_within_4_hours'), 'concern', 'which is a concern here');
SELECT is((SELECT count(*) FROM stp.explain('three', '2023-12', 'A') WHERE movement IS NOT NULL AND indicator IS NULL), 0::bigint, 'only leaves move');
SELECT is((SELECT movement FROM stp.explain('three', '2021-12', 'A') WHERE node = 'ae_within_4_hours'), 'too few', 'up to the period, not with what came later');
SELECT is((SELECT movement FROM stp.explain('three', '2022-06', 'A') WHERE node = 'ae_within_4_hours'),
    (SELECT s.variation FROM stp.spc_summary((SELECT stp.spc(first_day, value) FROM stp.system_indicator WHERE system = 'A' AND indicator = 'ae_within_4_hours'
        AND stp.grain(period) = 'month' AND period <= '2022-06'), 'higher') s), 'as the chart was then');
SELECT results_eq($$ SELECT part, special_causes FROM stp.explain_change('three', '2022-06', '2023-12', 'A') WHERE depth < 2 ORDER BY place $$,
    $$ VALUES ('before', NULL::text[]), ('own data', '{"ae_within_4_hours: concern"}'), ('peers'' data', NULL), ('reporting', NULL), ('boundaries', NULL), ('membership', NULL),
              ('weights', NULL), ('method', NULL), ('after', NULL) $$, 'the change names the special causes of the second period');
SELECT is((SELECT special_causes FROM stp.explain_change('three', '2023-12', '2022-06', 'A') WHERE part = 'own data' AND depth = 1), '{}', 'and none where there is none');
SELECT clock_timestamp() AS moment, pg_sleep(0.01) \gset
UPDATE stp.observation SET numerator = numerator + 150 WHERE indicator = 'ae_within_4_hours' AND organisation = 'TA' AND period >= '2022-10' AND stp.grain(period) = 'month';
SELECT is((SELECT movement FROM stp.explain('three', '2023-12', 'A') WHERE node = 'ae_within_4_hours'), 'common cause', 'corrected, it is common cause');
SET stp.as_of = :'moment';
SELECT is((SELECT movement FROM stp.explain('three', '2023-12', 'A') WHERE node = 'ae_within_4_hours'), 'concern', 'as of before it was a concern');
RESET stp.as_of;
UPDATE stp.observation SET numerator = numerator - 150 WHERE indicator = 'ae_within_4_hours' AND organisation = 'TA' AND period >= '2022-10' AND stp.grain(period) = 'month';

-- Settings: what the most specific row leaves open, the next one says.
INSERT INTO stp.spc_setting (dialect) VALUES ('plotthedots');
SELECT is(differences('ae_within_4_hours', 'B', 'month', 'plotthedots'), 0::bigint, 'a setting for all');
INSERT INTO stp.spc_setting (unit, dialect) VALUES ('B', 'powerbi');
SELECT is(differences('ae_within_4_hours', 'B', 'month', 'powerbi') + differences('ae_within_4_hours', 'A', 'month', 'plotthedots'), 0::bigint, 'for a unit');
INSERT INTO stp.spc_setting (indicator, baseline) VALUES ('ae_within_4_hours', 12);
SELECT is(differences('ae_within_4_hours', 'B', 'month', 'powerbi', 12) + differences('ae_within_4_hours', 'A', 'month', 'plotthedots', 12) + differences('staff_engagement', 'B', 'month', 'powerbi'),
    0::bigint, 'for an indicator, which leaves the dialect to others');
INSERT INTO stp.spc_setting (indicator, unit, baseline) VALUES ('ae_within_4_hours', 'TA', 20);
SELECT is(differences('ae_within_4_hours', 'TA', 'month', 'plotthedots', 20) + differences('ae_within_4_hours', 'B', 'month', 'powerbi', 12), 0::bigint, 'for an indicator of a unit');
UPDATE stp.spc_setting SET dialect = 'mdc_sql' WHERE indicator = 'ae_within_4_hours';
SELECT is(differences('ae_within_4_hours', 'B', 'month', 'mdc_sql', 12), 0::bigint, 'the indicator is before the unit');
UPDATE stp.spc_setting SET dialect = 'nhs' WHERE unit = 'TA';
SELECT is(differences('ae_within_4_hours', 'TA', 'month', 'nhs', 20) + differences('ae_within_4_hours', 'B', 'month', 'mdc_sql', 12), 0::bigint, 'and both before either');
SELECT results_eq($$ SELECT DISTINCT is_base, first_day >= '2022-01-01' FROM stp.indicator_trend WHERE unit = 'TA' AND indicator = 'ae_within_4_hours' AND grain = 'month' AND value IS NOT NULL AND first_day <> '2021-05-01' $$,
    $$ SELECT DISTINCT n <= 20, first_day >= '2022-01-01' FROM (SELECT first_day, row_number() OVER (ORDER BY first_day) AS n FROM stp.indicator_trend WHERE unit = 'TA' AND indicator = 'ae_within_4_hours' AND grain = 'month') x $$, 'limits of the first 20');
UPDATE stp.spc_setting SET baseline = NULL, base_from = '2022-01-01' WHERE unit = 'TA';
SELECT results_eq($$ SELECT DISTINCT is_base, first_day >= '2022-01-01' FROM stp.indicator_trend WHERE unit = 'TA' AND indicator = 'ae_within_4_hours' AND grain = 'month' AND value IS NOT NULL ORDER BY 1 $$,
    $$ VALUES (false, false), (true, true) $$, 'a range of days stands for a baseline: the two are one setting');
UPDATE stp.spc_setting SET baseline = 1000, base_from = NULL WHERE unit = 'TA';
SELECT is(differences('ae_within_4_hours', 'TA', 'month', 'nhs'), 0::bigint, 'a baseline longer than the series is all of it');
UPDATE stp.spc_setting SET baseline = 20 WHERE unit = 'TA';
UPDATE stp.spc_setting SET dialect = 'nhs' WHERE indicator = 'ae_within_4_hours';
INSERT INTO stp.spc_day (indicator, unit, day, reason) VALUES ('ae_within_4_hours', 'TA', '2022-09-20', 'A ward was closed');
SELECT throws_ok('INSERT INTO stp.spc_day (day) VALUES (''2021-07-01'')', '23502', NULL, 'no day without a reason');
INSERT INTO stp.spc_day (unit, day, reason) VALUES ('TA', '2021-07-01', 'Merger');
INSERT INTO stp.spc_day (day, effect, reason) VALUES ('2021-03-17', 'ghost', 'Strike');
SELECT is(differences('ae_within_4_hours', 'TA', 'month', 'nhs', 20, '{2022-10-01,2021-07-01}', '{2021-03-01}'), 0::bigint, 'all days count, those for all units too');
SELECT is(differences('ae_within_4_hours', 'A', 'month', 'nhs', 12, NULL, '{2021-03-01}'), 0::bigint, 'and not those of another unit');
SELECT results_eq($$ SELECT segments, first_day_of_segment, proposed_rebase FROM stp.indicator_summary WHERE unit = 'TA' AND indicator = 'ae_within_4_hours' AND grain = 'month' $$,
    $$ VALUES (3, date '2022-10-01', NULL::date) $$, 'what is done is not proposed again');
SELECT is((SELECT count(*) FROM stp.indicator_trend WHERE is_ghost), (SELECT count(*) FROM stp.indicator_trend WHERE period = '2021-03'), 'a ghost in every chart');
DELETE FROM stp.spc_day;
DELETE FROM stp.spc_setting;
INSERT INTO stp.spc_setting (indicator, chart, given_mean) VALUES ('ae_within_4_hours', 'p', 85), ('emergency_admissions', 'u', NULL), ('staff_engagement', 'run', NULL);
SELECT is_empty($$ SELECT t.period, t.mean, p.mean, t.lower, p.lower, t.upper, p.upper FROM stp.indicator_trend t
    JOIN stp.spc_points((SELECT stp.spc(first_day, numerator, denominator) FROM stp.system_indicator WHERE system = 'B' AND indicator = 'ae_within_4_hours' AND stp.grain(period) = 'month'), 'higher', chart => 'p',
                        given_mean => 85, per => 100) p ON p.day = t.first_day
    WHERE t.level = 'system' AND t.unit = 'B' AND t.indicator = 'ae_within_4_hours' AND t.grain = 'month'
      AND (t.mean <> 85 OR abs(t.lower - p.lower) > 1e-9 OR abs(t.upper - p.upper) > 1e-9 OR t.upper IS NULL) $$, 'a p chart is of the counts');
SELECT is((SELECT count(*) FROM stp.indicator_trend WHERE indicator = 'emergency_admissions' AND level = 'system' AND unit = 'A' AND upper IS NOT NULL), 36::bigint, 'a u chart of people');
SELECT is((SELECT count(*) FROM stp.indicator_trend WHERE indicator = 'emergency_admissions' AND status = 'no data'), 36::bigint, 'and what has none does not stop the view');
SELECT is((SELECT count(*) FROM stp.indicator_trend WHERE indicator = 'staff_engagement' AND (upper IS NOT NULL OR runs IS NULL)), 0::bigint, 'a run chart has no limits');

-- No setting and no figure stops who reads all charts. What cannot be on its chart is drawn as xmr.
DELETE FROM stp.spc_setting;
INSERT INTO stp.indicator (indicator, name, kind, denominator, better, unit_of_measure, per, source)
VALUES ('share', 'Share', 'proportion', 'reports', 'higher', '%', 100, 'Test'), ('level', 'Level', 'mean', 'none', 'higher', 'points', 1, 'Test');
INSERT INTO stp.spc_setting (indicator, chart, given_mean, baseline) VALUES ('share', 'pp', 85, 12);
UPDATE stp.indicator SET kind = 'ratio' WHERE indicator = 'share';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', o, period, 80 + stp.days(period) + ascii(o) % 7, 100 FROM stp.periods('2021-01', '2023-12') period, unnest('{TA,AB}'::text[]) o;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'level', 'TA', period, 1e308 * CASE WHEN stp.days(period) = 31 THEN -1 ELSE 1 END FROM stp.periods('2021-01', '2023-12') period;
INSERT INTO stp.scheme (scheme, name) VALUES ('any', 'Any');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('any', 'overall', NULL, 'Overall', NULL, NULL),
    ('any', 'share', 'overall', 'Share', 'share', 'percentile_rank'), ('any', 'level', 'overall', 'Level', 'level', 'percentile_rank');
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('any', 1, 'good', 50), ('any', 2, 'other', NULL);
CREATE FUNCTION charts_of(of_indicator text) RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(DISTINCT format('%s %s', s.chart, s.status), ', ') FROM stp.indicator_summary s WHERE s.indicator = of_indicator AND s.unit = 'TA');
CREATE FUNCTION all_can_read() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM * FROM stp.indicator_trend;
    PERFORM * FROM stp.indicator_summary;
    PERFORM * FROM stp.explain('any', '2023-12', 'A');
    PERFORM * FROM stp.explain_change('any', '2022-12', '2023-12', 'A');
    RETURN 'everything';
EXCEPTION WHEN OTHERS THEN
    RETURN format('%s: %s', SQLSTATE, SQLERRM);
END $$;
SELECT is(all_can_read(), 'everything', 'an indicator of another kind, and values beyond limits, can be read');
SELECT is(charts_of('share'), 'xmr ok', 'shares above 1 are on no p chart');
SELECT is(charts_of('level'), 'xmr too few', 'values of 1e308 have no limits');
DELETE FROM stp.observation WHERE indicator = 'share' AND stp.days(period) > 20;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) SELECT 'share', o, period, 60 + stp.days(period) + ascii(o) % 7, 100
  FROM stp.periods('2021-01', '2023-12') period, unnest('{TA,AB}'::text[]) o;
SELECT is(charts_of('share'), 'pp ok', 'when they are not they are again');
UPDATE stp.indicator SET per = 1 WHERE indicator = 'share';
SELECT is(all_can_read() || ', ' || charts_of('share'), 'everything, xmr ok', 'in another unit the mean that is given can be none of the chart');
UPDATE stp.indicator SET per = 100 WHERE indicator = 'share';
CREATE FUNCTION all_can_read(standard float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stp.indicator SET standard = all_can_read.standard WHERE indicator = 'share';
    RETURN all_can_read();
EXCEPTION WHEN invalid_parameter_value OR check_violation THEN
    RETURN 'everything'; -- it is refused
END $$;
SELECT is(all_can_read(standard), 'everything', 'a standard that is no number: ' || standard) FROM unnest('{NaN,infinity,-infinity}'::float8[]) standard;
UPDATE stp.indicator SET standard = NULL WHERE indicator = 'share';
-- What is said to be from a dump is looked at less closely.
DELETE FROM stp.spc_setting;
SET check_function_bodies = off;
INSERT INTO stp.spc_setting (indicator, unit, chart, given_mean, recorded_at) VALUES ('level', '', 'p', 1e15, '2020-01-01'), ('share', 'TA', 'up', -1e15, '2020-01-01'), ('', '', 'pp', NULL, '2020-01-01'),
    ('gone', 'gone', 'u', -1, '2020-01-01'), ('staff_engagement', '', 'u', -1, '2020-01-01');
INSERT INTO stp.spc_day (indicator, unit, day, reason, recorded_at) VALUES ('gone', 'gone', '2022-01-01', 'Gone', '2020-01-01');
RESET check_function_bodies;
SELECT is(all_can_read() || ', ' || charts_of('level') || ', ' || charts_of('share'), 'everything, xmr too few, xmr too few', 'rows of a dump that fit no indicator');
SELECT is(charts_of('ae_within_4_hours'), 'pp ok, pp too few', 'what fits is drawn so');
DELETE FROM stp.spc_setting;
DELETE FROM stp.spc_day;
INSERT INTO stp.spc_setting (indicator, given_mean, given_sigma) VALUES ('level', 1e15, 1e15), ('share', -5, 1e-300);
INSERT INTO stp.spc_setting (indicator, unit, chart) VALUES ('share', 'TA', 'u');
SELECT is(all_can_read() || ', ' || charts_of('share'), 'everything, xmr too few', 'a mean and a sigma of one row beside the chart of another');
UPDATE stp.spc_setting SET given_mean = 80 WHERE indicator = 'share' AND unit = '';
SELECT is(all_can_read() || ', ' || charts_of('share'), 'everything, u ok', 'where the chart has a sigma of its own, what is given is none of it');
DELETE FROM stp.spc_setting;
INSERT INTO stp.spc_dialect SELECT (jsonb_populate_record(d, '{"dialect": "wild", "sigma_factor": 1.7e308, "builtin": false}')).* FROM stp.spc_dialect d WHERE dialect = 'nhs';
INSERT INTO stp.spc_setting (dialect) VALUES ('wild');
SELECT is(all_can_read() || ', ' || charts_of('share'), 'everything, xmr too few', 'a factor of 1.7e308 gives no limits');
SELECT clock_timestamp() AS moment, pg_sleep(0.01) \gset
BEGIN;
DELETE FROM stp.spc_dialect WHERE dialect = 'wild';
SELECT is(all_can_read() || ', ' || charts_of('share'), 'everything, xmr ok', 'without its dialect a row says nothing of it');
DELETE FROM stp.spc_setting;
COMMIT;
SET stp.as_of = :'moment';
SELECT lives_ok($$ SELECT * FROM stp.explain('any', '2023-12', 'A') $$, 'nor of the past, whose dialect is gone');
RESET stp.as_of;
INSERT INTO stp.spc_day (day, effect, reason) SELECT '1950-01-01'::date + i, e, 'Every day' FROM generate_series(0, 30000) i, unnest('{rebase,ghost}'::text[]) e;
SELECT is(all_can_read(), 'everything', 'any number of days');
DELETE FROM stp.spc_day;
INSERT INTO stp.spc_day (day, effect, reason) SELECT d, e, 'Ends of the calendar' FROM unnest('{1900-04-01,2200-03-31}'::date[]) d, unnest('{rebase,ghost}'::text[]) e;
SELECT is(all_can_read(), 'everything', 'the ends of the calendar');
DELETE FROM stp.spc_day;
DELETE FROM stp.observation WHERE indicator IN ('share', 'level');

-- Gaps are of the grain that the periods have.
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'level', 'TA', p::stp.period, 1 FROM unnest('{2021-01,2021-07,2022-01,2021/22 Q1,2022/23 Q1,2023/24 Q1,2010/11,2012/13,2014/15}'::text[]) p;
SELECT results_eq($$ SELECT grain, string_agg(gap::text, ' ' ORDER BY first_day), (SELECT s.gaps FROM stp.indicator_summary s WHERE s.indicator = 'level' AND s.unit = 'TA' AND s.grain = t.grain)
                       FROM stp.indicator_trend t WHERE indicator = 'level' AND unit = 'TA' AND level = 'organisation' GROUP BY grain ORDER BY grain $$,
    $$ VALUES ('month', '0 5 5', 10::bigint), ('quarter', '0 3 3', 6), ('year', '0 1 1', 2) $$, 'every second year is a gap of one, every half a year one of five months');
DELETE FROM stp.observation WHERE indicator = 'level';

-- What settings name does not go, or not without them.
DELETE FROM stp.scheme WHERE scheme = 'any';
INSERT INTO stp.organisation (organisation, name) VALUES ('TC', 'Trust C');
INSERT INTO stp.spc_setting (indicator, unit, chart) VALUES ('level', 'TC', 'run');
INSERT INTO stp.spc_day (unit, day, reason) VALUES ('TC', '2022-01-01', 'Merger');
SELECT throws_ok(statement || '; SET CONSTRAINTS ALL IMMEDIATE', '23503', 'unit "TC" is still in stp.spc_day', statement) FROM unnest('{DELETE FROM stp.organisation WHERE organisation = ''TC'', UPDATE stp.organisation SET organisation = ''TD'' WHERE organisation = ''TC''}'::text[]) statement;
SELECT throws_ok($$ DELETE FROM stp.indicator WHERE indicator = 'level'; SET CONSTRAINTS ALL IMMEDIATE $$, '23503', 'indicator "level" is still in stp.spc_setting', 'nor an indicator');
SELECT lives_ok($$ UPDATE stp.organisation SET name = 'C' WHERE organisation = 'TC'; SET CONSTRAINTS ALL IMMEDIATE $$, 'names change');
BEGIN;
UPDATE stp.organisation SET organisation = 'TD' WHERE organisation = 'TC';
UPDATE stp.spc_setting SET unit = 'TD';
UPDATE stp.spc_day SET unit = 'TD';
COMMIT;
SELECT is((SELECT string_agg(unit, ',') FROM (SELECT unit FROM stp.spc_setting UNION ALL SELECT unit FROM stp.spc_day) u), 'TD,TD', 'with them a code changes');
BEGIN;
DELETE FROM stp.organisation WHERE organisation = 'TD';
INSERT INTO stp.system (system, name) VALUES ('TD', 'A system of that code');
COMMIT;
SELECT is((SELECT count(*) FROM stp.organisation WHERE organisation = 'TD'), 0::bigint, 'a system of the same code is as good');
DELETE FROM stp.spc_setting;
DELETE FROM stp.spc_day;
DELETE FROM stp.system WHERE system = 'TD';
DELETE FROM stp.indicator WHERE NOT builtin;
SELECT is((SELECT count(*) FROM stp.indicator WHERE NOT builtin), 0::bigint, 'what nothing names goes');

-- Only what is asked for is computed.
\i test/pgtap/plan_of.psql
SELECT unalike(plan_of(format('SELECT * FROM stp.%s WHERE level = ''system''', v)), '%stp.organisation%', v || ': one level does not read the other')
  FROM unnest('{indicator_trend,indicator_summary}'::text[]) v;
SELECT matches(plan_of(format('SELECT * FROM stp.%s WHERE indicator = ''ae_within_4_hours'' AND level = ''organisation'' AND unit = ''TA''', v)),
               'on observation o\S*\s+Index Cond: \(indicator = ''ae_within_4_hours'''
            || '|on observation_pkey\s+Index Cond: \(indicator = ''ae_within_4_hours''|on observation o\S*\s+Filter: \(indicator = ''ae_within_4_hours''',
               v || ': filters reach the observations')
  FROM unnest('{indicator_trend,indicator_summary}'::text[]) v;

-- The pictures of the pages are there, drawn, and shown.
\set spc `cat doc/pictures/spc.svg`
\set funnel `cat doc/pictures/funnel.svg`
\set pages `cat doc/spc.md doc/funnel.md`
SELECT ok(xml_is_well_formed_document(:'spc') AND :'spc' LIKE '%<path%', 'the picture of a chart');
SELECT ok(xml_is_well_formed_document(:'funnel') AND :'funnel' LIKE '%<path%', 'the picture of a funnel');
SELECT ok(:'pages' LIKE '%(pictures/spc.svg)%' AND :'pages' LIKE '%(pictures/funnel.svg)%', 'both are on their pages');

SELECT finish();
