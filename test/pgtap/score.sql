-- Module score against COINr 1.1.14, against a naive reading of the NHS Oversight Framework's rule, and at its edges.
SELECT plan(176);

CREATE FUNCTION close_to(ours float8, expected float8) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= 1e-9 * abs(expected), false);

-- Reference: indicators of 42 systems ---------------------------------------------------------------------

CREATE TABLE meta (node text PRIMARY KEY, parent text, level int, type text, direction int, weight float8);
CREATE TABLE raw (unit text, node text, value float8);
CREATE TABLE normalised (variant text, unit text, node text, value float8);
\copy meta FROM 'test/fixtures/composite/meta.csv' (FORMAT csv, HEADER)
\copy raw FROM 'test/fixtures/composite/raw_long.csv' (FORMAT csv, HEADER)
\copy normalised FROM 'test/fixtures/composite/normalised_long.csv' (FORMAT csv, HEADER)

CREATE VIEW ours AS
SELECT unit, node, stp.min_max(value * direction) OVER cohort AS min_max,
       stp.min_max(value, CASE direction WHEN 1 THEN 0 ELSE 100 END, CASE direction WHEN 1 THEN 100 ELSE 0 END)
           OVER cohort AS swapped,
       stp.percentile_rank(value * direction) OVER cohort AS percentile_rank
  FROM raw JOIN meta USING (node) WINDOW cohort AS (PARTITION BY node);

SELECT is((SELECT count(*) FROM normalised), 1428::bigint, 'the reference has two scores per system and indicator');
SELECT is_empty($$
    SELECT * FROM ours FULL JOIN (SELECT * FROM normalised WHERE variant = 'minmax_amean') n USING (unit, node)
     WHERE NOT close_to(min_max, n.value) OR ours IS NULL OR n IS NULL
$$, 'min_max agrees with COINr in every row');
SELECT is_empty($$SELECT * FROM ours WHERE NOT close_to(swapped, min_max)$$, 'swapping low and high takes the direction out');
SELECT is_empty($$
    SELECT * FROM ours FULL JOIN (SELECT * FROM normalised WHERE variant = 'prank_amean') n USING (unit, node)
     WHERE NOT close_to(percentile_rank, n.value) OR ours IS NULL OR n IS NULL
$$, 'percentile_rank agrees with COINr in every row');

-- Reference: one function on one vector ---------------------------------------------------------------------

CREATE TABLE vector (id int GENERATED ALWAYS AS IDENTITY, fn text, x text, w text, par text, result text, error text);
\copy vector (fn, x, w, par, result, error) FROM 'test/fixtures/composite/vector_functions.csv' (FORMAT csv, HEADER)

-- NaN and Inf of the reference, where its scale has no length, are NULL here.
CREATE VIEW element AS
SELECT id, fn, par, place, nullif(given, '')::float8 AS x, string_to_array(par, ',') AS par_list,
       (regexp_match(par, 'targ=([0-9]+)'))[1]::float8 AS target,
       CASE WHEN par LIKE '%direction=-1%' THEN 'lower' ELSE 'higher' END AS better,
       CASE WHEN expected NOT IN ('', 'NaN', 'Inf') THEN expected::float8 END AS expected
  FROM vector v, unnest(string_to_array(v.x, ';'), string_to_array(v.result, ';')) WITH ORDINALITY e(given, expected, place);

CREATE VIEW scored AS
SELECT id, place, expected, stp.min_max(x, par_list[1]::float8, par_list[2]::float8) OVER (PARTITION BY id) AS score
  FROM element WHERE fn = 'n_minmax'
UNION ALL
SELECT id, place, expected, par_list[1]::float8 + par_list[2]::float8 * stp.z_score(x) OVER (PARTITION BY id)
  FROM element WHERE fn = 'n_zscore'
UNION ALL
SELECT id, place, expected, stp.percentile_rank(x) OVER (PARTITION BY id) FROM element WHERE fn = 'n_prank'
UNION ALL
SELECT id, place, expected, stp.goalposts(x, par_list[1]::float8, par_list[2]::float8, better, par NOT LIKE '%notrunc')
  FROM element WHERE fn = 'n_goalposts'
UNION ALL
SELECT id, place, expected, stp.distance_to_target(x, min(x) OVER w, max(x) OVER w, target, better, par LIKE '%cap')
  FROM element WHERE fn = 'n_dist2targ' WINDOW w AS (PARTITION BY id)
UNION ALL -- SQL has this one itself
SELECT id, place, expected, CASE WHEN x IS NOT NULL THEN rank() OVER (PARTITION BY id ORDER BY x)
                                 + CASE par WHEN 'ties=average' THEN (count(*) OVER (PARTITION BY id, x) - 1) / 2.0 ELSE 0 END END
  FROM element WHERE fn = 'n_rank';

SELECT is((SELECT count(*) FROM vector WHERE fn LIKE 'n\_%'), 52::bigint, 'the reference has 52 vectors to normalise');
SELECT ok(bool_and(close_to(score, expected)), format('%s(%s) of %s', fn, par, left(x, 30)))
  FROM scored JOIN vector USING (id) GROUP BY id, fn, par, x ORDER BY id;

-- ranked_score: ties and bookends of the methodology manual -------------------------------------------------

CREATE FUNCTION ranked(cohort float8[], better text, standard float8 DEFAULT NULL, floor float8 DEFAULT NULL)
RETURNS float8[] LANGUAGE sql
RETURN (SELECT array_agg(score ORDER BY place)
          FROM (SELECT place, stp.ranked_score(value, better, standard, floor) OVER () AS score
                  FROM unnest(cohort) WITH ORDINALITY c(value, place)) s);

SELECT is(ranked('{10,20,30,40}', 'higher'), '{4,3,2,1}', 'no standard, no floor: 1.00 to 4.00');
SELECT is(ranked('{10,20,30,40}', 'lower'), '{1,2,3,4}', 'lower is better');
SELECT is(ranked('{10,20,30,40,50}', 'higher', 40), '{4,3,2,1,1}', 'standard met: 1.00; the rest from 2.00 to 4.00');
SELECT is(ranked('{10,20,30,40,50}', 'lower', 20), '{1,1,2,3,4}', 'standard met, lower is better');
SELECT is(ranked('{10,20,30,40,50}', 'higher', NULL, 20), '{4,3,2.33,1.67,1}', 'floor missed: 4.00; the rest from 1.00 to 3.00');
SELECT is(ranked('{10,20,30,40,50}', 'lower', NULL, 40), '{1,1.67,2.33,3,4}', 'floor missed, lower is better');
SELECT is(ranked('{10,20,30,40,50,60}', 'higher', 60, 20), '{4,3,2.67,2.33,2,1}', 'standard and floor: the rest from 2.00 to 3.00');
SELECT is(ranked('{1,2,2,2,3}', 'higher'), '{4,1.75,1.75,1.75,1}', 'ties all take the best score of the cluster');
SELECT is(ranked('{7,7,7}', 'lower'), '{1,1,1}', 'all tied: all best');
SELECT is(ranked('{7}', 'higher'), '{1}', 'one organisation: best');
SELECT is(ranked('{7,9}', 'higher', 8), '{2,1}', 'one organisation left to rank: the best that is left');
SELECT is(ranked('{8,9}', 'higher', 8, 8), '{1,1}', 'standard and floor may be one');
SELECT is(ranked('{NULL,1,NULL,2}', 'higher'), '{NULL,4,NULL,1}', 'a missing value has no score and no place in the order');
SELECT is(ranked('{NULL,NULL}', 'higher', 1, 0), '{NULL,NULL}', 'nothing reported');

-- Half up in exact arithmetic, for cohorts of every size up to 80 with many ties.
SELECT setseed(0.5);
CREATE TABLE cohort AS
SELECT n, place, floor(random() * n / 2) AS value FROM generate_series(2, 80) n, generate_series(1, n) place;
SELECT is_empty($$
    SELECT * FROM (SELECT n, value, stp.ranked_score(value, 'higher') OVER (PARTITION BY n) AS score,
                          round(1 + 3 * (rank() OVER (PARTITION BY n ORDER BY value DESC) - 1)::numeric / (n - 1), 2) AS naive
                     FROM cohort) s
     WHERE score <> naive::float8
$$, 'ranked_score agrees with numeric arithmetic');

-- Missing, single, constant, empty ----------------------------------------------------------------------

CREATE FUNCTION scores(fn text, cohort float8[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT array_agg(score ORDER BY place)::text
                      FROM (SELECT place, stp.%I(value) OVER () AS score
                              FROM unnest($1) WITH ORDINALITY c(value, place)) s', fn) INTO result USING cohort;
    RETURN result;
END $$;

SELECT is(scores(fn, '{NULL,1,NULL,3}'), expected, fn || ': NULL stays NULL and does not count')
  FROM (VALUES ('min_max', '{NULL,0,NULL,100}'), ('percentile_rank', '{NULL,0,NULL,1}'),
               ('z_score', '{NULL,-0.7071067811865475,NULL,0.7071067811865475}'), ('exponential_rank', '{NULL,15.646790072602894,NULL,100}')) t(fn, expected);
SELECT is(scores(fn, cohort), expected, format('%s of %s is NULL', fn, cohort))
  FROM unnest('{min_max,percentile_rank,z_score,exponential_rank}'::text[]) fn,
       (VALUES ('{7}'::float8[], '{NULL}'), ('{7,7,7}', '{NULL,NULL,NULL}'), ('{NULL,7}', '{NULL,NULL}'),
               ('{NULL}', '{NULL}'), ('{}', NULL), ('{0,-0}', '{NULL,NULL}'), ('{0.30000000000000004,0.3}', '{NULL,NULL}')) t(cohort, expected);
SELECT is(scores('min_max', '{-1e308,0,1e308}'), '{0,50,100}', 'min_max: a range beyond a double');
SELECT is(scores('z_score', '{-1e308,0,1e308}'), '{-1,0,1}', 'z_score: a range beyond a double');
SELECT is(scores('z_score', '{1e-310,2e-310,3e-310}'), '{-1,0,1}', 'z_score: squares below a double');
SELECT is(scores('z_score', '{100000000001,100000000002,100000000003}'), '{-1,0,1}', 'z_score: no cancellation');
SELECT is(scores('z_score', '{1000000000000001,1000000000000002,1000000000000003}'), '{NULL,NULL,NULL}', 'numbers of which twelve digits agree are one, however large');
SELECT is(scores('percentile_rank', '{0.30000000000000004,0.3,1,0.1}'), '{0.3333333333333333,0.3333333333333333,1,0}', 'percentile_rank: 0.1 + 0.2 and 0.3 tie');
-- By hand, from the formula and ranks 1, 2.5, 2.5 and 4 of 4; 2, 2; 3, 3.
SELECT is_empty($$ SELECT * FROM (VALUES ('average', '{1,2.5,2.5,4}'::float8[]), ('low', '{1,2,2,4}'), ('high', '{1,3,3,4}')) t (ties, rank) CROSS JOIN LATERAL
    (SELECT unnest(t.rank) AS r, unnest('{-5,0.3,0.30000000000000004,8}'::float8[]) AS v) c CROSS JOIN LATERAL
    (SELECT s FROM (SELECT v, stp.exponential_rank(v, t.ties) OVER () AS s FROM unnest('{-5,0.3,0.30000000000000004,8,NULL}'::float8[]) v) o WHERE o.v = c.v) o
     WHERE NOT close_to(o.s, -23 * ln(1 - c.r / 4 * (1 - exp(-100 / 23.0::float8)))) $$, 'exponential_rank: 0.1 + 0.2 and 0.3 tie, and take the rank that is said');
SELECT is((SELECT array_agg(s ORDER BY n) FROM (SELECT n, stp.ranked_score(v, 'lower', 0.3) OVER () AS s FROM unnest('{0.30000000000000004,0.3,1,0.1}'::float8[]) WITH ORDINALITY c(v, n)) q),
          '{1,1,2,1}'::float8[], 'ranked_score: 0.1 + 0.2 meets a standard of 0.3');
SELECT is(stp.goalposts(1, 0.1::float8 + 0.2, 0.3, 'higher'), NULL, 'goalposts that tie are no scale, and in no wrong order');
SELECT is(stp.distance_to_target(1, 0.1::float8 + 0.2, 2, 0.3, 'higher'), NULL, 'nor are a target and the worst value that tie');
SELECT is((SELECT array_agg(s) FROM (SELECT stp.min_max(v, 0.1, 0.3) OVER (ORDER BY v) s FROM (VALUES (0.7), (2.1)) t(v)) q),
          '{0.1,0.3}'::float8[], 'min_max: the ends are exact, and ORDER BY does not cut the cohort');
-- Without a word: from the worst to the best.
SELECT is_empty($$
    SELECT * FROM element CROSS JOIN LATERAL (SELECT par_list[1]::float8 AS low, par_list[2]::float8 AS high) post
     WHERE fn = 'n_goalposts'
       AND stp.goalposts(x, low, high, better, par NOT LIKE '%notrunc')
           IS DISTINCT FROM CASE better WHEN 'higher' THEN stp.goalposts(x, low, high, par NOT LIKE '%notrunc')
                                        ELSE stp.goalposts(x, high, low, par NOT LIKE '%notrunc') END
$$, 'goalposts in their order');
SELECT is_empty($$
    SELECT * FROM generate_series(0, 9) x, generate_series(0, 9) target, unnest('{true,false}'::bool[]) cap
     WHERE (stp.distance_to_target(x, 2, 7, target, 'higher', cap), stp.distance_to_target(x, 2, 7, target, 'lower', cap))
           IS DISTINCT FROM (stp.distance_to_target(x, 2, target, cap), stp.distance_to_target(x, 7, target, cap))
$$, 'the way from the worst to the target');
SELECT is(stp.goalposts(12, 10, 0), 0::float8, 'a value beyond the worst counts as the worst');
SELECT is(stp.distance_to_target(2, 6, 4, false), 2::float8, 'the way may be longer than to the target');
SELECT is(stp.goalposts(3, 5, 5), NULL, 'goalposts without distance');
SELECT is(stp.goalposts(3, 5, 5, 'higher'), NULL, 'nor with a word');
SELECT is(stp.goalposts(12, 0, 10, 'lower', false), -20::float8, 'goalposts beyond the worse post');
SELECT is(stp.goalposts(10, 0, 10, 'lower')::text, '0', 'goalposts: no negative zero');
SELECT is(stp.goalposts(NULL, 0, 10, 'lower'), NULL, 'goalposts of a missing value');
SELECT is(stp.distance_to_target(3, 3, 9, 3, 'higher'), NULL, 'target without distance');
SELECT is(stp.distance_to_target(9, 0, 9, 6, 'higher'), 1::float8, 'distance beyond the target is capped');
SELECT is(stp.distance_to_target(9, 0, 9, 6, 'higher', false), 1.5::float8, 'unless it is not to be');
SELECT throws_ok($$SELECT stp.goalposts(1e308, 0, 1e-308, 'higher', false)$$, '22003', NULL, 'goalposts: overflow');

-- Arguments -------------------------------------------------------------------------------------------------

SELECT throws_ok(format('SELECT stp.%s OVER () FROM (VALUES (1), (%L::float8)) t(v)', call, bad), '22023',
                 format('value must be a finite number, not "%s"', bad), format('%s of %s', call, bad))
  FROM unnest('{min_max(v),z_score(v),percentile_rank(v),exponential_rank(v),"ranked_score(v, ''lower'')"}'::text[]) call,
       unnest('{NaN,Infinity,-Infinity}'::text[]) bad;
SELECT throws_ok(format('SELECT stp.%s OVER () FROM (VALUES (1), (2)) t(v)', call), '22023', message, call)
  FROM (VALUES ('min_max(v, ''NaN'')', 'low must be a finite number, not "NaN"'),
               ('min_max(v, 0, ''Infinity'')', 'high must be a finite number, not "Infinity"'),
               ('min_max(v, NULL)', 'low must not be null'),
               ('min_max(v, 1, 1)', 'low and high must differ, but both are "1"'),
               ('min_max(v, 0, v)', 'high differs within the partition: "1" and "2"'),
               ('min_max(v, 0, nullif(v, 2))', 'high must not be null'),
               ('exponential_rank(v, ''mean'')', 'ties must be "average", "low" or "high", not "mean"'),
               ('exponential_rank(v, NULL)', 'ties must not be null'),
               ('exponential_rank(v, CASE v WHEN 1 THEN ''low'' ELSE ''high'' END)', 'ties differs within the partition: "low" and "high"'),
               ('ranked_score(v, ''up'')', 'better must be "higher" or "lower", not "up"'),
               ('ranked_score(v, ''high'')', 'better must be "higher" or "lower", not "high"'),
               ('ranked_score(v, NULL)', 'better must not be null'),
               ('ranked_score(v, CASE v WHEN 1 THEN ''higher'' ELSE ''lower'' END)',
                'better differs within the partition: "higher" and "lower"'),
               ('ranked_score(v, ''lower'', ''NaN'')', 'standard must be a finite number, not "NaN"'),
               ('ranked_score(v, ''lower'', nullif(v, 2))', 'standard differs within the partition: "1" and "null"'),
               ('ranked_score(v, ''lower'', NULL, v)', 'floor differs within the partition: "1" and "2"'),
               ('ranked_score(v, ''higher'', 1, 2)', 'floor "2" is better than standard "1"'),
               ('ranked_score(v, ''lower'', 2, 1)', 'floor "1" is better than standard "2"')) t(call, message);
SELECT throws_ok('SELECT stp.' || call, '22023', message, call)
  FROM (VALUES ('goalposts(''NaN'', 0, 1, ''lower'')', 'value must be a finite number, not "NaN"'),
               ('goalposts(1, ''-Infinity'', 1, ''lower'')', 'low must be a finite number, not "-Infinity"'),
               ('goalposts(1, 0, ''NaN'', ''lower'')', 'high must be a finite number, not "NaN"'),
               ('goalposts(1, 2, 1, ''lower'')', 'low "2" is above high "1"'),
               ('goalposts(1, 0, ''NaN''::float8)', 'best must be a finite number, not "NaN"'),
               ('distance_to_target(1, ''-Infinity''::float8, 1)', 'worst must be a finite number, not "-Infinity"'),
               ('goalposts(1, 0, 1, '''')', 'better must be "higher" or "lower", not ""'),
               ('distance_to_target(''Infinity'', 0, 1, 1, ''lower'')', 'value must be a finite number, not "Infinity"'),
               ('distance_to_target(1, ''NaN'', 1, 1, ''lower'')', 'minimum must be a finite number, not "NaN"'),
               ('distance_to_target(1, 0, ''NaN'', 1, ''lower'')', 'maximum must be a finite number, not "NaN"'),
               ('distance_to_target(1, 0, 1, ''NaN'', ''lower'')', 'target must be a finite number, not "NaN"'),
               ('distance_to_target(1, 2, 1, 1, ''lower'')', 'minimum "2" is above maximum "1"'),
               ('distance_to_target(1, 0, 1, 1, ''Lower'')', 'better must be "higher" or "lower", not "Lower"')) t(call, message);
SELECT is((SELECT array_agg(score ORDER BY p, v)
             FROM (SELECT p, v, stp.ranked_score(v, CASE p WHEN 1 THEN 'higher' ELSE 'lower' END, nullif(p, 2)) OVER (PARTITION BY p) AS score
                     FROM generate_series(1, 2) p, generate_series(-1, 1) v) s),
          '{4,2,1,1,2.5,4}'::float8[], 'an argument may change from partition to partition');

-- Cancelling ------------------------------------------------------------------------------------------------

-- Without the timeout this takes several seconds. OTHERS does not catch a cancelled query, so pgTAP cannot.
CREATE FUNCTION cancelled_after(query text) RETURNS interval LANGUAGE plpgsql AS $$
DECLARE began timestamptz := clock_timestamp();
BEGIN
    EXECUTE query;
    RETURN NULL;
EXCEPTION WHEN query_canceled THEN
    RETURN clock_timestamp() - began;
END $$;
SET statement_timeout = '300ms';
SELECT ok(cancelled_after($$
    SELECT max(score) FROM (SELECT stp.percentile_rank(sin(v)) OVER () AS score FROM generate_series(1, 4000000) v) s
$$) < '3s', 'a window over a large partition can be cancelled');
RESET statement_timeout;

SELECT * FROM finish();
