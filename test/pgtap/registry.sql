-- Module registry: how reports of organisations become figures of systems.
SELECT plan(41);

INSERT INTO stp.system (system, name, kind, parent, valid_from, valid_to) VALUES
    ('R', 'Region', 'region', NULL, DEFAULT, NULL),
    ('S1', 'System one', 'system', 'R', DEFAULT, NULL), ('S2', 'System two', 'system', 'R', DEFAULT, NULL),
    ('P1', 'Place one', 'place', 'S1', DEFAULT, NULL), ('P2', 'Place two', 'place', 'S1', DEFAULT, NULL);
INSERT INTO stp.organisation (organisation, name)
VALUES ('A', 'One system'), ('B', 'Two systems'), ('C', 'Two places and a system'), ('D', 'Moved'), ('E', 'Nowhere');
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES
    ('A', 'S1', 1, '2016-04-01', NULL),
    ('B', 'S1', 0.25, '2016-04-01', NULL), ('B', 'S2', 0.75, '2016-04-01', NULL),
    ('C', 'P1', 0.5, '2016-04-01', NULL), ('C', 'P2', 0.25, '2016-04-01', NULL), ('C', 'S2', 0.25, '2016-04-01', NULL),
    ('D', 'S1', 1, '2016-04-01', '2018-03-31'), ('D', 'S2', 1, '2018-04-01', NULL);
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator, age_from, age_to) VALUES
    ('seen', 'Seen', '%', 'proportion', 'higher', 100, 'reports', NULL, NULL),
    ('admitted', 'Admitted', 'per 1,000 adults', 'rate', 'lower', 1000, 'population', 18, NULL),
    ('older', 'Admitted 65 to 84', 'per 1,000', 'rate', 'lower', 1000, 'population', 65, 84),
    ('stay', 'Stay', 'days', 'mean', 'lower', 1, 'reports', NULL, NULL),
    ('score', 'Score', '0-10', 'mean', 'higher', 1, 'none', NULL, NULL);

CREATE FUNCTION value_of(system text, indicator text, period text) RETURNS float8 LANGUAGE sql
RETURN (SELECT v.value FROM stp.system_indicator v
         WHERE v.system = value_of.system AND v.indicator = value_of.indicator AND v.period = value_of.period);

CREATE FUNCTION has_value(system text, indicator text, period text, expected numeric, name text) RETURNS text LANGUAGE sql
RETURN is(round(value_of(system, indicator, period)::numeric, 9), round(expected, 9), name);

-- Counts are shared out and summed; ratios are never averaged ---------------------------------------------------

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('seen', 'A', '2017-12', 90, 100), ('seen', 'B', '2017-12', 400, 1000), ('seen', 'C', '2017-12', 40, 80),
    ('seen', 'E', '2017-12', 1, 1);
SELECT has_value('S1', 'seen', '2017-12', 100 * (90 + 400 * 0.25 + 40 * 0.75) / (100 + 1000 * 0.25 + 80 * 0.75),
          'a proportion is the sum of shared numerators over the sum of shared denominators');
SELECT has_value('S2', 'seen', '2017-12', 100 * (400 * 0.75 + 40 * 0.25) / (1000 * 0.75 + 80 * 0.25), 'and so in the other system');
SELECT has_value('P1', 'seen', '2017-12', 50, 'a place has its own figure');
SELECT has_value('R', 'seen', '2017-12', 100 * 530 / 1180.0, 'a region counts what its systems and places count');
SELECT results_eq($$ SELECT system, numerator, denominator, organisations FROM stp.system_indicator WHERE indicator = 'seen' ORDER BY system $$,
    $$ VALUES ('P1', 20::float8, 40::float8, 1), ('P2', 10, 20, 1), ('R', 530, 1180, 3), ('S1', 220, 410, 3), ('S2', 310, 770, 2) $$,
    'an organisation counts once in a system, however many of its places it serves');
SELECT results_eq('SELECT organisation, period, numerator FROM stp.unassigned_observation', $$ VALUES ('E', stp.period '2017-12', 1::float8) $$,
    'a report that counts nowhere is listed');

-- Bare values are means weighted by share -----------------------------------------------------------------------

INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('score', 'A', '2017-12', 8), ('score', 'B', '2017-12', 4);
SELECT has_value('S1', 'score', '2017-12', (8 + 0.25 * 4) / 1.25, 'a mean without counts is weighted by share');
SELECT has_value('S2', 'score', '2017-12', 4, 'one report is its own mean');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('stay', 'A', '2017-12', 700, 100), ('stay', 'B', '2017-12', 400, 80);
SELECT has_value('S1', 'stay', '2017-12', 800 / 120.0, 'a mean with counts is a sum over a sum');

-- Limits ---------------------------------------------------------------------------------------------------------

SELECT results_eq($$ SELECT value, lower, upper, method FROM stp.system_indicator WHERE indicator = 'seen' AND system = 'S1' $$,
    'SELECT value, lower, upper, method FROM stp.proportion(220, 410, 100)', 'a proportion has Wilson''s limits');
SELECT is((SELECT count(*) FROM stp.system_indicator WHERE indicator IN ('score', 'stay') AND num_nulls(lower, upper, method) <> 3), 0::bigint,
    'a mean of which no spread is reported has no limits');
SELECT is_empty($$ SELECT * FROM stp.system_indicator WHERE NOT (lower <= value AND value <= upper) $$, 'the value lies between its limits');

-- Boundaries move: the last day of the period decides -----------------------------------------------------------

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('seen', 'D', '2018-03', 1, 10), ('seen', 'D', '2018-04', 2, 10), ('seen', 'D', '2017/18 Q4', 3, 10), ('seen', 'D', '2018/19', 4, 10);
SELECT results_eq($$ SELECT period, system FROM stp.system_indicator WHERE kind = 'system' AND numerator IN (1, 2, 3, 4) ORDER BY last_day, first_day $$,
    $$ VALUES (stp.period '2017/18 Q4', 'S1'), ('2018-03', 'S1'), ('2018-04', 'S2'), ('2018/19', 'S2') $$, 'a report counts where its organisation belonged on the last day');

-- Denominators from the population ------------------------------------------------------------------------------

INSERT INTO stp.observation (indicator, organisation, period, numerator) VALUES
    ('admitted', 'A', '2017-12', 30), ('older', 'A', '2017-12', 6), ('admitted', 'B', '2017-12', 40);
SELECT is((SELECT status FROM stp_internal.system_value WHERE system = 'S1' AND indicator = 'admitted'), 'no data', 'without a population there is no rate, and the status says so');
INSERT INTO stp.population (system, period, age_from, age_to, sex, persons) VALUES
    ('S1', '2016/17', 18, NULL, 'persons', 999),
    ('S1', '2017/18', 0, 17, 'persons', 5000),
    ('S1', '2017/18', 18, 64, 'female', 6000), ('S1', '2017/18', 18, 64, 'male', 4000),
    ('S1', '2017/18', 65, 84, 'persons', 2000), ('S1', '2017/18', 85, NULL, 'persons', 500),
    ('S1', '2018/19', 18, NULL, 'persons', 1),
    ('S2', '2017/18', 18, 84, 'persons', 1000);
SELECT has_value('S1', 'admitted', '2017-12', 1000 * (30 + 0.25 * 40) / 12500, 'a rate is over the latest population that has begun, bands and sexes added up');
SELECT has_value('S1', 'older', '2017-12', 1000 * 6 / 2000.0, 'over the ages the indicator names');
SELECT has_value('S2', 'admitted', '2017-12', NULL, 'bands that do not reach the oldest ages give no rate');
SELECT is(stp.persons('S1', '2017-12'), 17500::float8, 'everybody');
SELECT is(stp.persons('S1', '2017-12', 18, 64), 10000::float8, 'two sexes');
SELECT is(stp.persons('S1', '2017-12', 20), NULL, 'no band is cut');
SELECT is(stp.persons('S1', '2015-12'), NULL, 'nothing before the first population');
SELECT is(stp.persons('S1', '2018-04', 18), 1::float8, 'the newer population from its first day');

-- A quarter of 21 admissions is 5.25: the exact limits of a fractional count are those of the gamma distribution.
INSERT INTO stp.observation (indicator, organisation, period, numerator, status) VALUES ('older', 'B', '2018-03', 21, NULL), ('older', 'A', '2018-03', NULL, 'not applicable');
SELECT results_eq($$ SELECT value, lower, upper, method FROM stp.system_indicator WHERE indicator = 'older' AND period = '2018-03' AND system = 'S1' $$,
    'SELECT value, lower, upper, method FROM stp.rate(5.25, 2000, 1000)', 'an apportioned count has limits');
SELECT is((SELECT method FROM stp.system_indicator WHERE indicator = 'older' AND period = '2018-03' AND system = 'S1'), 'exact Poisson',
    'exact ones below 10');

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'A', '2019-01', 0, 0);
SELECT results_eq($$ SELECT value, lower, method, status FROM stp.system_indicator WHERE system = 'S1' AND period = '2019-01' $$,
    $$ VALUES (NULL::float8, NULL::float8, NULL, 'zero denominator') $$, 'without a denominator there is no estimate');
SELECT results_eq($$ SELECT value, status FROM stp_internal.system_value WHERE system = 'S1' AND period = '2019-01'::stp.period $$,
    $$ VALUES (NULL::float8, 'zero denominator') $$, 'a zero denominator is a status');

-- The latest period ---------------------------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) VALUES ('F', 'History');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('h', 'History', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'h', 'F', p::stp.period, 1 FROM unnest(ARRAY['2015/16', '2016-12', '2016/17 Q3', '2016/17 H1', '2017-05']) p;
SELECT results_eq($$ SELECT age, stp_internal.latest_period('h', '2017-03', age)::text FROM generate_series(0, 6, 3) age $$,
    $$ VALUES (0, NULL), (3, '2016-12'), (6, '2016-12') $$, 'no older than asked, the shortest of those that end together, none from the future');
SELECT is(stp_internal.latest_period('h', '2016-11', 2)::text, '2016/17 H1', 'a half');
SELECT is(stp_internal.latest_period('h', '2016-08', 5)::text, '2015/16', 'a year, five months on');
SELECT is(stp_internal.latest_period('h', '2016-09', 5)::text, '2016/17 H1', 'a half is over on its last day');
SELECT is(stp_internal.latest_period('h', '2016-08', 4), NULL, 'but not six months on');
SELECT is(stp_internal.latest_period('h', '2017/18', 10)::text, '2017-05', 'asked with a year');
SELECT is(stp_internal.latest_period('nothing', '2017-03', 12), NULL, 'an indicator without reports');

-- Whatever the shares, nothing is lost or made ------------------------------------------------------------------

SELECT setseed(0.25);
INSERT INTO stp.organisation (organisation, name) SELECT 'X' || i, 'x' FROM generate_series(1, 200) i;
INSERT INTO stp.system (system, name) SELECT 'Y' || i, 'y' FROM generate_series(1, 20) i;
INSERT INTO stp.membership (organisation, system, share)
SELECT o.organisation, s.system, CASE s.n WHEN o.parts THEN 1 - (o.parts - 1) * 0.2 ELSE 0.2 END
  FROM (SELECT 'X' || i AS organisation, i, 1 + floor(random() * 4)::int AS parts FROM generate_series(1, 200) i) o
 CROSS JOIN LATERAL (SELECT 'Y' || 1 + (o.i + n) % 20 AS system, n FROM generate_series(1, o.parts) n) s;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'seen', 'X' || i, '2020-01', floor(random() * 100), 100 + floor(random() * 100) FROM generate_series(1, 200) i;
SELECT ok(abs((SELECT sum(numerator) FROM stp_internal.system_value WHERE period = '2020-01'::stp.period)
              - (SELECT sum(numerator) FROM stp.observation WHERE organisation LIKE 'X%')) < 1e-9, 'numerators of all systems add up to what was reported');
SELECT ok(abs((SELECT sum(denominator) FROM stp_internal.system_value WHERE period = '2020-01'::stp.period)
              - (SELECT sum(denominator) FROM stp.observation WHERE organisation LIKE 'X%')) < 1e-9, 'and so do denominators');

\i test/pgtap/plan_of.psql

-- A filter reaches the table below the grouping -----------------------------------------------------------------

INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'score', 'X' || i, stp.period('2020-01-01', 'month') + m, 1 FROM generate_series(1, 200) i, generate_series(1, 60) m;
ANALYZE stp.observation;
SELECT matches(plan_of($$ SELECT * FROM stp_internal.system_value WHERE indicator = 'score' AND period = '2021-06' $$),
    'Index Cond: \(\(indicator = ''score''::text\) AND \(period', 'one indicator and period of a long history are found by index');

-- Nobody counts the reports of a region once for each of its members ---------------------------------------------

UPDATE stp.system SET parent = 'R' WHERE system LIKE 'Y%';
ANALYZE stp.system; ANALYZE stp.membership; ANALYZE stp.organisation;

CREATE FUNCTION loops_of(query text, node text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) ' || query INTO plan;
    RETURN (SELECT max((n ->> 'Actual Loops')::numeric)
              FROM jsonb_path_query(plan, '$.** ? (@."Function Name" == $node)', jsonb_build_object('node', node)) n);
END $$;
SELECT is((SELECT count(DISTINCT period) FROM stp.observation WHERE indicator = 'score'), 61::bigint, 'of 61 periods');
SELECT cmp_ok(loops_of($$ SELECT * FROM stp.system_indicator WHERE indicator = 'score' AND system = 'R' $$, 'missing_reports'), '<=',
    61::numeric, 'who is missing is asked once for each of them');

-- Rights --------------------------------------------------------------------------------------------------------

CREATE ROLE registry_reader;
SET ROLE registry_reader;
SELECT throws_ok('SELECT * FROM stp.system_indicator', '42501', NULL, 'a view gives nobody what the table does not');
SELECT throws_ok($$ INSERT INTO stp.observation VALUES ('seen', 'A', '2020-05', 1, 2) $$, '42501', NULL, 'nobody writes without a grant');
SELECT lives_ok('SELECT * FROM stp.system JOIN stp.membership USING (system)', 'who belongs where is public');
RESET ROLE;
DROP ROLE registry_reader;

SELECT * FROM finish();
