-- Module comparison: whether a rating moved by more than chance.
SELECT plan(51);

INSERT INTO stp.system (system, name) SELECT 'S' || i, 'System ' || i FROM generate_series(1, 5) i;
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'Trust ' || i FROM generate_series(1, 10) i;
INSERT INTO stp.membership (organisation, system, valid_from)
SELECT 'O' || i, 'S' || (i + 1) / 2, '2020-04-01' FROM generate_series(1, 10) i;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) VALUES
    ('a', 'A', '%', 'proportion', 'higher', 100), ('b', 'B', '%', 'proportion', 'lower', 100), ('c', 'C', 'per 1,000', 'rate', 'lower', 1000);
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('m', 'M', 'days', 'mean', 'lower', 'none');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT indicator, 'O' || i, period, 20 + abs(hashtext(indicator || i || period::text)) % 60, 100 + i
  FROM unnest('{a,b,c}'::text[]) indicator, generate_series(1, 10) i, stp.periods('2025-01', '2026-03') period;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'm', 'O' || i, period, 3 + abs(hashtext(i || period::text)) % 60 / 10.0
  FROM generate_series(1, 10) i, stp.periods('2025-01', '2026-03') period;

CREATE FUNCTION make_scheme(code text, method text, rates text DEFAULT 'system') RETURNS void LANGUAGE sql AS $$
    INSERT INTO stp.scheme (scheme, name, rates) VALUES (code, code, rates);
    INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, takes, low, high)
    SELECT code, n.node, n.parent, n.node, n.indicator, CASE WHEN n.indicator IS NOT NULL THEN make_scheme.method END, n.takes,
           CASE WHEN n.indicator IS NOT NULL AND make_scheme.method = 'goalposts' THEN 0 END,
           CASE WHEN n.indicator IS NOT NULL AND make_scheme.method = 'goalposts' THEN 100 END
      FROM (VALUES ('overall', NULL, NULL, NULL), ('one', 'overall', NULL, NULL), ('other', 'overall', NULL, NULL), ('a', 'one', 'a', NULL),
                   ('b', 'one', 'b', NULL), ('c', 'other', 'c', NULL), ('m', 'other', 'm', NULL), ('year', 'other', 'a', 'rolling 12')) n (node, parent, indicator, takes);
    INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES (code, 1, 'good', 50), (code, 2, 'other', NULL) $$;
SELECT make_scheme('range', 'min_max');
SELECT make_scheme('posts', 'goalposts');

-- What is compared: the two ratings on the map of the second ------------------------------------------------------

CREATE TABLE compared AS SELECT * FROM stp.compare_periods('range', '2026-02', '2026-03');
SELECT is((SELECT count(*) FROM compared), 5 * 8::bigint, 'a row for each unit and node');
CREATE FUNCTION differs(scheme text, period_1 stp.period, period_2 stp.period) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*)
      FROM stp.compare_periods(scheme, period_1, period_2) c
      FULL JOIN stp.assess(scheme, period_1, stp.last_day(period_2)) a ON a.unit = c.unit AND a.node = c.node
      FULL JOIN stp.assess(scheme, period_2) b ON b.unit = c.unit AND b.node = c.node
     WHERE (c.peer_group, c.parent, c.place, c.name, c.indicator, c.unit_of_measure) IS DISTINCT FROM (b.peer_group, b.parent, b.place, b.name, b.indicator, b.unit_of_measure)
        OR (c.value_1, c.value_period_1, c.score_1, c.rank_1, c.category_1) IS DISTINCT FROM (a.value, a.value_period, a.score, a.rank, a.category)
        OR (c.value_2, c.value_period_2, c.score_2, c.rank_2, c.category_2) IS DISTINCT FROM (b.value, b.value_period, b.score, b.rank, b.category)
        OR c.difference IS DISTINCT FROM b.value - a.value OR c.change IS DISTINCT FROM b.score - a.score $$;
SELECT is(differs('range', '2026-02', '2026-03'), 0::bigint, 'the rows are those of the two ratings');
SELECT is_empty($$ SELECT * FROM compared WHERE status <> 'ok' $$, 'all of them are there');
-- Of all methods and means, where some figures are missing or suppressed, and some organisations report in one period alone.
DELETE FROM stp.observation WHERE (indicator, organisation, period) IN (('a', 'O1', '2025-02'), ('b', 'O3', '2025-01'), ('b', 'O4', '2025-01'), ('c', 'O5', '2025-02'));
UPDATE stp.observation SET numerator = NULL, status = 'suppressed' WHERE (indicator, organisation, period) = ('c', 'O7', '2025-02');
CREATE TABLE scheme_of AS
SELECT method || '_' || aggregation AS scheme, method, aggregation FROM unnest('{min_max,z_score,percentile_rank,goalposts}'::text[]) method, unnest('{arithmetic,geometric,harmonic}'::text[]) aggregation;
SELECT count(*) FROM scheme_of s, make_scheme(s.scheme, s.method) made;
UPDATE stp.scheme_node n SET aggregation = s.aggregation FROM scheme_of s WHERE n.scheme = s.scheme AND n.indicator IS NULL;
SELECT is_empty($$ SELECT scheme FROM scheme_of s WHERE differs(s.scheme, '2025-01', '2025-02') <> 0 $$, 'whatever the method and the mean');
SELECT is_empty($$ SELECT c.* FROM scheme_of s, stp.compare_periods(s.scheme, '2025-01', '2025-02', 20) c
                   WHERE status <> CASE WHEN score_1 IS NULL OR score_2 IS NULL THEN 'no score' ELSE 'ok' END OR (probability IS NULL) <> (coalesce(change, 0) = 0)
                      OR NOT probability BETWEEN 0 AND 1 OR NOT difference BETWEEN lower AND upper $$, 'with what there is to say of each change');
SELECT is_empty($$ SELECT * FROM compared c JOIN stp.explain('range', '2026-03', 'S2') e USING (node) WHERE c.unit = 'S2' AND c.movement IS DISTINCT FROM e.movement $$,
    'movement is that of the explanation');

-- Values: the difference between two sets of limits ------------------------------------------------------------------

SELECT is_empty($$ SELECT * FROM compared c JOIN stp.explain('range', '2026-02', 'S2') b USING (node) JOIN stp.explain('range', '2026-03', 'S2') a USING (node)
                    CROSS JOIN LATERAL stp.difference((a.value, a.lower, a.upper, NULL, NULL), (b.value, b.lower, b.upper, NULL, NULL)) d
                   WHERE c.unit = 'S2' AND c.node <> 'year' AND (c.difference, c.lower, c.upper) IS DISTINCT FROM (d.value, d.lower, d.upper) $$,
    'difference and limits are those of stp.difference');
SELECT set_eq($$ SELECT node FROM compared WHERE lower IS NOT NULL $$, '{a,b,c,year}'::text[], 'counts have limits, means have none');
SELECT is_empty($$ SELECT * FROM compared WHERE (is_significant IS NULL) <> (lower IS NULL) OR is_significant <> (NOT 0 BETWEEN lower AND upper) $$,
    'is_significant: the limits leave out 0');
SELECT set_eq($$ SELECT is_significant FROM compared WHERE node = 'a' $$, '{true,false}'::boolean[], 'some are, some are not');
-- April 2025 to March 2026 beside March 2025 to February 2026.
SELECT is_empty($$ SELECT * FROM compared c JOIN stp.explain('range', '2026-02', 'S2') b USING (node) JOIN stp.explain('range', '2026-03', 'S2') a USING (node)
                    CROSS JOIN LATERAL stp.difference((a.value, a.lower, a.upper, NULL, NULL), (b.value, b.lower, b.upper, NULL, NULL),
                                                      (date '2026-02-28' - date '2025-04-01' + 1) / 365.0) d
                   WHERE c.unit = 'S2' AND c.node = 'year' AND (abs(c.lower - d.lower) > 1e-12 OR abs(c.upper - d.upper) > 1e-12) $$,
    'of two years with eleven months in common only the others are chance');
SELECT is_empty($$ SELECT * FROM compared WHERE node = 'year' AND upper - lower > 2.5 $$, 'which is little');

-- Newcombe 1998, table II, method 10: 56 of 70 after 48 of 80
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) VALUES ('p', 'P', '%', 'proportion', 'higher', 100);
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('alone', 'Alone', 'organisation');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('alone', 'p', 'P', 'p', 'as_is');
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('alone', 1, 'good', 70), ('alone', 2, 'other', NULL);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('p', 'O1', '2021-01', 48, 80), ('p', 'O1', '2021-02', 56, 70);
SELECT results_eq($$ SELECT round(difference::numeric, 2), round(lower::numeric, 2), round(upper::numeric, 2), is_significant, change, category_1, category_2
                       FROM stp.compare_periods('alone', '2021-01', '2021-02') WHERE unit = 'O1' $$,
    $$ VALUES (20.00, 5.24, 33.39, true, 20::float8, 'other', 'good') $$, 'a published difference');

-- Scores: the probability of a change ----------------------------------------------------------------------------------

-- Two values whose limits are as good as normal: the normal distribution of their difference.
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('p', 'O1', '2021-03', 50000, 100000), ('p', 'O1', '2021-04', 50300, 100000), ('p', 'O1', '2021-05', 50000, 100000);
CREATE FUNCTION sure_of(period_1 stp.period, period_2 stp.period, draws int DEFAULT 100000) RETURNS float8 LANGUAGE sql
RETURN (SELECT probability FROM stp.compare_periods('alone', period_1, period_2, draws) WHERE unit = 'O1');
SET work_mem = '64MB';
-- (50.3 - 50) / sqrt(0.158^2 + 0.158^2) = 1.3417 deviations
SELECT ok(abs(sure_of('2021-03', '2021-04') - 0.9101) < 0.003, 'up by 1.34 deviations: 0.91');
SELECT ok(abs(sure_of('2021-04', '2021-05') - 0.9101) < 0.003, 'down by as much: the same');
SELECT is(sure_of('2021-03', '2021-05'), NULL, 'no change has no direction');
SELECT ok(sure_of('2021-01', '2021-02') BETWEEN 0.994 AND 0.998, '56 of 70 after 48 of 80 is a change');
-- The cut of 70 is sqrt(80 * 0.6 * 0.4) and so on away; as often as both lie as they were seen.
SELECT ok(abs(category_probability - above.probability * (1 - below.probability)) < 0.01, 'the category moves as often as both periods are as seen')
  FROM stp.compare_periods('alone', '2021-01', '2021-02', 100000) c,
       stp.robustness('alone', '2021-02', 100000, 0) above, stp.robustness('alone', '2021-01', 100000, 0) below
 WHERE c.unit = 'O1' AND above.unit = 'O1' AND below.unit = 'O1' AND above.category = 'good' AND below.category = 'good';
RESET work_mem;
SELECT is_empty($$ SELECT * FROM compared WHERE (probability IS NULL) <> (change = 0) OR probability NOT BETWEEN 0 AND 1
                    OR (category_probability IS NULL) <> (parent IS NOT NULL) OR category_probability NOT BETWEEN 0 AND 1 $$, 'each change has one');
SELECT is_empty($$ SELECT * FROM compared WHERE node = 'm' AND probability <> 1 $$, 'what has no limits is as it is');
SELECT is_empty($$ SELECT * FROM compared WHERE node = 'a' AND is_significant AND abs(difference) > 15 AND probability < 0.9 $$, 'what moved far did move');

-- Ranks: those that are drawn for each period by itself ---------------------------------------------------------------

SELECT is_empty($$ SELECT * FROM compared c FULL JOIN (SELECT DISTINCT unit, rank_low, rank_high FROM stp.robustness('range', '2026-03', 1000, 0)) r USING (unit)
                   WHERE c.parent IS NULL AND (c.rank_low_2, c.rank_high_2) IS DISTINCT FROM (r.rank_low, r.rank_high) $$, 'ranks of the second period are those of stp.robustness');
SELECT is_empty($$ SELECT * FROM compared WHERE (rank_low_1 IS NULL) <> (parent IS NOT NULL) OR NOT rank_low_1 <= rank_high_1 OR NOT rank_low_2 <= rank_high_2 $$,
    'ranks of both, on the overall row');
SELECT isnt_empty($$ SELECT * FROM compared WHERE rank_low_1 < rank_high_1 $$, 'more than one');

-- Draws ----------------------------------------------------------------------------------------------------------

SELECT results_eq($$ SELECT * FROM stp.compare_periods('range', '2026-02', '2026-03') $$, 'TABLE compared', 'the same seed draws the same');
SELECT isnt_empty($$ SELECT * FROM stp.compare_periods('range', '2026-02', '2026-03', seed => 2) EXCEPT TABLE compared $$, 'another others');
SELECT isnt_empty($$ SELECT * FROM stp.compare_periods('range', '2026-02', '2026-03', spread => 0.5) EXCEPT TABLE compared $$, 'weights are drawn where a spread is given');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', false);
SELECT results_eq($$ SELECT * FROM stp.compare_periods('range', '2026-02', '2026-03') $$, 'TABLE compared', 'a parallel worker draws the same');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'off', false);
SELECT is((SELECT count(*) FROM stp.compare_periods('range', '2026-02', '2026-03', NULL)), 0::bigint, 'NULL asks nothing');

-- The same report in both periods ----------------------------------------------------------------------------------

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'b', organisation, '2026-04', 30, 100 FROM stp.organisation;
UPDATE stp.scheme_node SET takes = NULL WHERE node = 'year' AND scheme = 'range';
CREATE TABLE later AS SELECT * FROM stp.compare_periods('range', '2026-03', '2026-04', spread => 0.3);
SELECT is_empty($$ SELECT * FROM later WHERE node <> 'b' AND indicator IS NOT NULL
                    AND (value_period_1, value_period_2, difference) IS DISTINCT FROM ('2026-03'::stp.period, '2026-03'::stp.period, 0::float8) $$, 'frozen figures');
SELECT is_empty($$ SELECT * FROM later WHERE node = ANY ('{a,c,year}') AND ((lower, upper, is_significant) IS DISTINCT FROM (0::float8, 0::float8, false)
                    OR probability IS NOT NULL) $$, 'are one and the same: nothing of them is chance');
SELECT is_empty($$ SELECT * FROM later WHERE node = 'other' AND change <> 0 $$, 'nor of what they make, whatever the weights');
SELECT isnt_empty($$ SELECT * FROM later WHERE node = 'b' AND is_significant $$, 'what is new has changed');
SELECT is_empty($$ SELECT * FROM stp.compare_periods('range', '2026-03', '2026-03') WHERE change <> 0 OR probability IS NOT NULL
                    OR category_probability <> 1 OR (rank_low_1, rank_high_1) IS DISTINCT FROM (rank_low_2, rank_high_2) $$, 'a period beside itself is itself');

-- What moved the category: an override --------------------------------------------------------------------------------

INSERT INTO stp.scheme_override (scheme, override, name, no_better_than) VALUES ('alone', 'low', 'Below 75', 'other');
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold) VALUES ('alone', 'low', 'p', 'value', '<', 75);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('p', 'O1', '2021-06', 760, 1000), ('p', 'O1', '2021-07', 740, 1000), ('p', 'O1', '2021-08', 600, 1000);
SELECT results_eq($$ SELECT p, category_1, category_2, by_override FROM unnest('{2021-07,2021-08}'::stp.period[]) p, stp.compare_periods('alone', '2021-06', p) WHERE unit = 'O1' $$,
    $$ VALUES ('2021-07'::stp.period, 'good', 'other', true), ('2021-08', 'good', 'other', false) $$, 'by a rule alone, or by the score');
SELECT results_eq($$ SELECT category_1, category_2, by_override, category_probability FROM stp.compare_periods('alone', '2021-07', '2021-08') WHERE unit = 'O1' $$,
    $$ SELECT 'other', 'other', false, category_probability FROM stp.compare_periods('alone', '2021-07', '2021-08') WHERE unit = 'O1' $$, 'none where it did not move');
SELECT ok(category_probability BETWEEN 0.7 AND 0.85, 'a move over a cut that is near is less sure than it looks')
  FROM stp.compare_periods('alone', '2021-06', '2021-08') WHERE unit = 'O1';

-- Who is new, and who has gone -------------------------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) VALUES ('N1', 'New'), ('G1', 'Gone'), ('B1', 'Both');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) VALUES ('q', 'Q', '%', 'proportion', 'higher', 100);
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('far', 'Far', 'organisation');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('far', 'q', 'Q', 'q', 'as_is');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('q', 'G1', '2018-01', 5, 10), ('q', 'B1', '2018-01', 6, 10), ('q', 'N1', '2020-03', 7, 10), ('q', 'B1', '2020-03', 9, 10);
SELECT results_eq($$ SELECT unit, status, value_1, value_2, difference, probability IS NULL, rank_1, rank_2, rank_low_1 IS NULL, rank_low_2 IS NULL
                       FROM stp.compare_periods('far', '2018-01', '2020-03') ORDER BY unit COLLATE "C" $$,
    $$ VALUES ('B1', 'ok', 60::float8, 90::float8, 30::float8, false, 1, 1, false, false), ('G1', 'ended', 50, NULL, NULL, true, 2, NULL, false, true),
              ('N1', 'new', NULL, 70, NULL, true, NULL, 2, true, false) $$, 'each says so');
SELECT results_eq($$ SELECT unit, status FROM stp.compare_periods('far', '2018-01', '2016-01') $$, $$ VALUES ('B1', 'ended'), ('G1', 'ended') $$, 'nobody is left');
SELECT results_eq($$ SELECT unit, status FROM stp.compare_periods('far', '2016-01', '2018-01') $$, $$ VALUES ('B1', 'new'), ('G1', 'new') $$, 'nobody was there');
SELECT is_empty($$ SELECT * FROM stp.compare_periods('far', '2010-01', '2010-02') $$, 'nor in either');
DELETE FROM stp.observation WHERE indicator = 'q' AND organisation = 'B1' AND period = '2020-03';
INSERT INTO stp.observation (indicator, organisation, period, status) VALUES ('q', 'B1', '2020-03', 'suppressed');
SELECT results_eq($$ SELECT unit, status, score_1, score_2 FROM stp.compare_periods('far', '2018-01', '2020-03') WHERE unit = 'B1' $$,
    $$ VALUES ('B1', 'no score', 60::float8, NULL::float8) $$, 'who has no score in one of them');

-- Peer groups: each by itself, and one that is in one period alone
UPDATE stp.scheme SET peer_group = 'type' WHERE scheme = 'far';
UPDATE stp.organisation SET type = CASE organisation WHEN 'B1' THEN 'x' WHEN 'N1' THEN 'y' WHEN 'G1' THEN 'z' END WHERE organisation = ANY ('{B1,N1,G1}');
SELECT results_eq($$ SELECT unit, peer_group, status, rank_1, rank_2 FROM stp.compare_periods('far', '2018-01', '2020-03') $$,
    $$ VALUES ('B1', 'x', 'no score', 1, NULL), ('N1', 'y', 'new', NULL, 1), ('G1', 'z', 'ended', 1, NULL) $$, 'groups are compared one by one');

-- The map of the second period: what has merged is compared with what it was made of --------------------------------------

UPDATE stp.scheme_node SET takes = NULL WHERE scheme = 'posts' AND node = 'year';
CALL stp.merge_systems('{S1,S2}', 'S12', '2026-03-01', 'Systems 1 and 2');
SELECT results_eq($$ SELECT status, round(value_1::numeric, 9) FROM stp.compare_periods('posts', '2026-02', '2026-03') WHERE unit = 'S12' AND node = 'a' $$,
    $$ SELECT 'ok', round((100 * sum(numerator) / sum(denominator))::numeric, 9) FROM stp.observation WHERE indicator = 'a' AND period = '2026-02' AND organisation = ANY ('{O1,O2,O3,O4}') $$,
    'a new system has the figures of its predecessors');
SELECT is_empty($$ SELECT * FROM stp.compare_periods('posts', '2026-02', '2026-03') WHERE unit = ANY ('{S1,S2}') OR status <> 'ok' $$, 'and they are not rated');

-- As it was ----------------------------------------------------------------------------------------------------------

CREATE TABLE known AS SELECT clock_timestamp() AS time, (SELECT array_agg(c) FROM stp.compare_periods('posts', '2026-02', '2026-03') c) AS rows;
SELECT pg_sleep(0.01);
UPDATE stp.observation SET numerator = numerator + 5 WHERE indicator = 'a' AND period = '2026-02';
SELECT isnt((SELECT array_agg(c) FROM stp.compare_periods('posts', '2026-02', '2026-03') c), (SELECT rows FROM known), 'a correction changes the comparison');
SELECT set_config('stp.as_of', time::text, false) FROM known;
SELECT is((SELECT array_agg(c) FROM stp.compare_periods('posts', '2026-02', '2026-03') c), (SELECT rows FROM known), 'as of before it is what it was');
RESET stp.as_of;

-- Memory -------------------------------------------------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) SELECT 'X' || i, 'More ' || i FROM generate_series(1, 200) i;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'p', 'X' || i, p, i, 1000 FROM generate_series(1, 200) i, unnest('{2021-09,2021-10}'::stp.period[]) p;
SET work_mem = '128kB';
SET hash_mem_multiplier = 1;
SELECT throws_ok($$ SELECT * FROM stp.compare_periods('alone', '2021-09', '2021-10') $$, '53400',
    '1000 draws of 420 units need 384720 bytes, more than the 131072 bytes of work_mem times hash_mem_multiplier', 'more than there is memory for');
SELECT throws_ok($$ SELECT * FROM stp.compare_periods('alone', '2021-09', '2021-10', 61) $$, '53400', NULL, 'one more than the hint says');
SELECT lives_ok($$ SELECT * FROM stp.compare_periods('alone', '2021-09', '2021-10', 60) $$, 'what the hint says: fewer draws');
SET work_mem = '376kB';
SELECT lives_ok($$ SELECT * FROM stp.compare_periods('alone', '2021-09', '2021-10') $$, 'or more memory');

SELECT * FROM finish();
