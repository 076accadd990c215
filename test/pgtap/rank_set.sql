-- Module robustness: confidence sets of ranks, of estimates and of ratings: what they cover, how often, and what they leave out.
SELECT plan(32);
SET work_mem = '64MB';
\i demo/load.sql

-- Coverage: 5,000 times 5 estimates of true values that are tied, nearly tied and apart -------------------------------------------
-- A set covers a unit if it has every rank that ties leave it. The guarantee is at least 95%; it is 95% where all are tied.

CREATE TABLE truth AS
SELECT truths, place, truth, standard_error, 1 + (SELECT count(*) FROM unnest(true_values) o WHERE o > truth) AS low,
       (SELECT count(*) FROM unnest(true_values) o WHERE o >= truth) AS high
  FROM (VALUES ('tied', '{0,0,0,0,0}'::float8[], '{1,1,1,1,1}'::float8[]), ('tied, not as exact', '{0,0,0,0,0}', '{0.2,0.5,1,2,3}'),
               ('two groups', '{0,0,0,2,2}', '{1,1,1,1,1}'), ('nearly tied', '{0,0.05,0.1,0.15,0.2}', '{1,1,1,1,1}'),
               ('apart', '{0,2,4,6,8}', '{1,1,1,1,1}')) t (truths, true_values, errors),
       unnest(true_values, errors) WITH ORDINALITY u (truth, standard_error, place);
SELECT setseed(0.18);
CREATE TABLE observed AS
SELECT truths, i, array_agg(truth + standard_error * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) ORDER BY place) AS estimates,
       array_agg(standard_error ORDER BY place) AS standard_errors
  FROM truth, generate_series(1, 5000) i GROUP BY truths, i;
CREATE TABLE covered AS
SELECT o.truths, i, t.place, rank_low <= low AND high <= rank_high AS own, all_low <= low AND high <= all_high AS all_of_them, low > 1 OR may_be_best AS best
  FROM observed o, stp.rank_set(estimates, standard_errors, draws => 1000, seed => i) s JOIN truth t USING (place) WHERE t.truths = o.truths;
CREATE TABLE coverage AS
SELECT truths, (SELECT min(share) FROM (SELECT avg(own::int) AS share FROM covered c WHERE c.truths = t.truths GROUP BY place) x) AS least,
       (SELECT max(share) FROM (SELECT avg(own::int) AS share FROM covered c WHERE c.truths = t.truths GROUP BY place) x) AS most,
       (SELECT avg(a::int) FROM (SELECT bool_and(all_of_them) AS a FROM covered c WHERE c.truths = t.truths GROUP BY i) x) AS all_of_them,
       (SELECT avg(b::int) FROM (SELECT bool_and(best) AS b FROM covered c WHERE c.truths = t.truths GROUP BY i) x) AS best
  FROM (SELECT DISTINCT truths FROM truth) t;
SELECT is_empty($$ SELECT * FROM coverage WHERE truths ~ '^tied' AND NOT (least BETWEEN 0.94 AND 0.96 AND most BETWEEN 0.94 AND 0.96) $$, 'a set of one unit covers 95% where all are tied');
SELECT is_empty($$ SELECT * FROM coverage WHERE truths ~ '^tied' AND NOT all_of_them BETWEEN 0.94 AND 0.96 $$, 'the sets of all together cover 95% where all are tied');
SELECT is_empty($$ SELECT * FROM coverage WHERE least < 0.95 AND truths !~ '^tied' $$, 'a set of one unit covers 95% or more whatever is true');
SELECT is_empty($$ SELECT * FROM coverage WHERE all_of_them < 0.95 AND truths !~ '^tied' $$, 'and so do the sets of all');
SELECT is_empty($$ SELECT * FROM coverage WHERE best < 0.94 $$, 'the best is among those that may be');
SELECT cmp_ok((SELECT avg((rank_high - rank_low)::int) FROM observed o, stp.rank_set(estimates, standard_errors, draws => 1000, seed => i) WHERE truths = 'apart' AND i <= 500),
    '<', 2::numeric, 'and the sets are small where truths are apart');

-- Coverage of ratings: 2,000 peer groups of 6 trusts that are alike, shares of 400 for three indicators ----------------------------

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) SELECT 'q' || i, 'Q', '%', 'proportion', 'higher', 100 FROM generate_series(1, 3) i;
INSERT INTO stp.organisation (organisation, name, type) SELECT format('Z%s_%s', g, u), 'Z', 'G' || g FROM generate_series(1, 2000) g, generate_series(1, 6) u;
INSERT INTO stp.scheme (scheme, name, rates, peer_group) VALUES ('three', 'Three values', 'organisation', 'type');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low, high) VALUES
    ('three', 'all', NULL, 'All', NULL, NULL, NULL, NULL), ('three', 'q1', 'all', 'Q', 'q1', 'goalposts', 0, 100),
    ('three', 'q2', 'all', 'Q', 'q2', 'goalposts', 0, 100), ('three', 'q3', 'all', 'Q', 'q3', 'goalposts', 0, 100);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'q' || i, organisation, '2020-03', (SELECT count(*) FROM generate_series(1, 400) g WHERE organisation IS NOT NULL AND random() < 0.4 + i / 10.0), 400
  FROM generate_series(1, 3) i, stp.organisation WHERE organisation ~ '^Z';
CREATE TABLE rated AS SELECT * FROM stp.rank_confidence('three', '2020-03', draws => 2000) WHERE peer_group ~ '^G';
SELECT is((SELECT count(*) FROM rated), 12000::bigint, 'each group by itself');
SELECT ok(avg((rank_low = 1 AND rank_high = 6)::int) BETWEEN 0.94 AND 0.96, 'sets of one trust cover 95%') FROM rated;
SELECT ok(avg(covers::int) BETWEEN 0.94 AND 0.96, 'sets of all trusts of a group cover 95%')
  FROM (SELECT bool_and(all_low = 1 AND all_high = 6) AS covers FROM rated GROUP BY peer_group) g;

-- What the sets are -------------------------------------------------------------------------------------------------------------

SELECT results_eq($$ SELECT place, rank, rank_low, rank_high, all_low, all_high, may_be_best FROM stp.rank_set('{1,3,3,5}'::float8[], '{0,0,0,0}'::float8[]) $$,
    'VALUES (1, 4, 4, 4, 4, 4, false), (2, 2, 2, 3, 2, 3, false), (3, 2, 2, 3, 2, 3, false), (4, 1, 1, 1, 1, 1, true)', 'what is certain has its rank, ties have theirs');
SELECT results_eq($$ SELECT place, estimate, rank, rank_low, rank_high, all_low, all_high, may_be_best FROM stp.rank_set('{10,NULL,30,40}'::float8[], '{1,1,NULL,1}'::float8[], higher_is_better => false) $$,
    'VALUES (1, 10::float8, 1, 1, 1, 1, 1, true), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, 30, NULL, NULL, NULL, NULL, NULL, NULL), (4, 40, 2, 2, 2, 2, 2, false)',
    'who lacks an estimate or an error has no set and is nobody''s competitor; low is better');
SELECT results_eq($$ SELECT rank_low, rank_high, all_low, all_high FROM stp.rank_set('{7}'::float8[], '{1}'::float8[]) $$, 'VALUES (1, 1, 1, 1)', 'one alone is first');
SELECT is_empty($$ SELECT * FROM stp.rank_set('{}'::float8[], '{}'::float8[]) $$, 'of nobody there is nothing');
SELECT is_empty($$ SELECT * FROM stp.rank_set(NULL, '{1}'::float8[]) $$, 'nor of NULL');

CREATE TABLE country AS SELECT i, 450 + 3 * i + 7 * (i * i % 5) AS score, 2 + i % 4 / 2.0 AS standard_error FROM generate_series(1, 38) i;
CREATE FUNCTION sets(confidence float8 DEFAULT 0.95, best int DEFAULT 3, draws int DEFAULT 10000, seed bigint DEFAULT 1)
RETURNS TABLE (place int, estimate float8, rank int, rank_low int, rank_high int, all_low int, all_high int, may_be_best boolean)
BEGIN ATOMIC
    SELECT s.* FROM stp.rank_set((SELECT array_agg(score ORDER BY i) FROM country), (SELECT array_agg(standard_error ORDER BY i) FROM country), confidence, best, draws, seed) s;
END;
CREATE TABLE drawn AS SELECT * FROM sets();
SELECT is_empty('SELECT * FROM drawn WHERE NOT (1 <= all_low AND all_low <= rank_low AND rank_low <= rank AND rank <= rank_high AND rank_high <= all_high AND all_high <= 38)', 'sets of all hold those of one, and these the rank');
SELECT is_empty('SELECT * FROM drawn WHERE may_be_best <> (all_low <= 3)', 'who may be among the best three');
SELECT is((SELECT count(*) FROM drawn WHERE may_be_best AND rank <= 3), 3::bigint, 'these are');
SELECT is_empty('SELECT * FROM drawn d JOIN sets(0.99) w USING (place) WHERE w.rank_low > d.rank_low OR w.rank_high < d.rank_high OR w.all_low > d.all_low OR w.all_high < d.all_high', 'more confidence, wider sets');
SELECT is_empty('SELECT * FROM drawn d JOIN sets(draws => 100000, seed => 9) w USING (place) WHERE greatest(abs(w.rank_low - d.rank_low), abs(w.rank_high - d.rank_high), abs(w.all_low - d.all_low), abs(w.all_high - d.all_high)) > 1',
    'other draws move a bound by one place at most');
SELECT is((SELECT md5(string_agg(d::text, ';' ORDER BY place)) FROM drawn d), 'ec5eeadac1fab1fc687091eae8e67fae', 'the sets of a seed are these, on every machine');

-- Of a rating ---------------------------------------------------------------------------------------------------------------------

CREATE TABLE assessed AS SELECT * FROM stp.assess('stp-2026', '2026-03') WHERE parent IS NULL;
CREATE TABLE confident AS SELECT * FROM stp.rank_confidence('stp-2026', '2026-03', best => 5);
SELECT is((SELECT count(*) FROM confident), 42::bigint, 'a row for each system');
SELECT is_empty('SELECT * FROM confident c FULL JOIN assessed a USING (unit) WHERE c.rank IS DISTINCT FROM a.rank', 'with the rank of the rating');
SELECT is_empty('SELECT * FROM confident WHERE NOT (all_low <= rank_low AND rank_low <= rank AND rank <= rank_high AND rank_high <= all_high) OR may_be_best <> (all_low <= 5)', 'within its sets');
SELECT results_eq($$ SELECT * FROM stp.rank_confidence('stp-2026', '2026-03', best => 5) $$, 'TABLE confident', 'the same again');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', false);
SELECT results_eq($$ SELECT * FROM stp.rank_confidence('stp-2026', '2026-03', best => 5) $$, 'TABLE confident', 'and by a parallel worker');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'off', false);
SELECT is((SELECT md5(string_agg(c::text, ';' ORDER BY unit COLLATE "C")) FROM confident c), 'a357a9c59f3bb6833b330bf5befef958', 'and on every machine');

-- One share as it is: as its estimates and standard errors say. Without limits nothing is uncertain; without a value there is no set.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) VALUES ('p', 'P', '%', 'proportion', 'lower', 100);
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('m', 'M', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.organisation (organisation, name) SELECT 'Y' || u, 'Y' FROM generate_series(1, 10) u;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) SELECT 'p', 'Y' || u, '2020-02', 4000 + 20 * u * u, 10000 FROM generate_series(1, 10) u;
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'm', 'Y' || u, '2020-02', u / 2 FROM generate_series(1, 9) u;
INSERT INTO stp.scheme (scheme, name, rates, better) VALUES ('p', 'P', 'organisation', 'lower'), ('m', 'M', 'organisation', 'higher');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('p', 'p', 'P', 'p', 'as_is'), ('m', 'm', 'M', 'm', 'as_is');
SELECT results_eq($$ SELECT rank, rank_low, rank_high, all_low, all_high FROM stp.rank_confidence('p', '2020-02', draws => 20000) WHERE unit ~ '^Y' ORDER BY rank $$,
    $$ SELECT rank, rank_low, rank_high, all_low, all_high FROM stp.rank_set((SELECT array_agg(40 + u * u / 5.0 ORDER BY u) FROM generate_series(1, 10) u),
        (SELECT array_agg(100 * sqrt((0.4 + u * u / 500.0) * (0.6 - u * u / 500.0) / 10000) ORDER BY u) FROM generate_series(1, 10) u), draws => 20000, higher_is_better => false) $$,
    'a share as it is: the sets of its estimates');
SELECT results_eq($$ SELECT unit, rank, rank_low, rank_high, all_low, all_high FROM stp.rank_confidence('m', '2020-02') WHERE unit ~ '^Y' AND unit <> 'Y10' ORDER BY rank, unit $$,
    $$ SELECT 'Y' || u, 1 + (9 - u) / 2 * 2, 1 + (9 - u) / 2 * 2, least(9, 2 + (9 - u) / 2 * 2), 1 + (9 - u) / 2 * 2, least(9, 2 + (9 - u) / 2 * 2) FROM generate_series(1, 9) u ORDER BY 2, 1 $$,
    'without limits every rank is certain, and ties share theirs');
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('both', 'Both', 'organisation');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, minimum_coverage) VALUES
    ('both', 'all', NULL, 'All', NULL, NULL, 1), ('both', 'p', 'all', 'P', 'p', 'min_max', 0), ('both', 'm', 'all', 'M', 'm', 'min_max', 0);
SELECT results_eq($$ SELECT rank, rank_low, rank_high, all_low, all_high, may_be_best FROM stp.rank_confidence('both', '2020-02') WHERE unit = 'Y10' $$,
    'VALUES (NULL::int, NULL::int, NULL::int, NULL::int, NULL::int, NULL::boolean)', 'without a score there is no set');
SELECT is((SELECT max(all_high) FROM stp.rank_confidence('both', '2020-02')), 9, 'and one competitor less');

-- What takes too much memory is refused before it is drawn -------------------------------------------------------------------------
SET hash_mem_multiplier = 1;
SET work_mem = '1MB';
SELECT throws_matching('SELECT * FROM sets(draws => 10000)', '10000 draws of 38 units need .* bytes, more than the 1048576 bytes', 'too many draws are refused');
SELECT throws_matching($$ SELECT * FROM stp.rank_confidence('stp-2026', '2026-03', draws => 10000) $$, '10000 draws of 42 units need .* bytes', 'also of a rating');

SELECT * FROM finish();
