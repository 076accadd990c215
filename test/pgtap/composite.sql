-- Module composite against COINr 1.1.14, over every plan an aggregate can meet, and with hostile states.
SELECT plan(104);

CREATE FUNCTION close_to(ours float8, expected float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= tolerance * abs(expected), false);

-- What every route must agree on.
CREATE FUNCTION close_to(ours stp.composite, expected stp.composite, tolerance float8 DEFAULT 1e-12) RETURNS boolean
LANGUAGE sql RETURN close_to(stp.arithmetic_mean(ours), stp.arithmetic_mean(expected), tolerance)
   AND close_to(stp.geometric_mean(ours), stp.geometric_mean(expected), tolerance)
   AND close_to(stp.harmonic_mean(ours), stp.harmonic_mean(expected), tolerance)
   AND close_to(stp.coverage(ours), stp.coverage(expected), tolerance);

-- Reference: domain and overall scores of 42 systems --------------------------------------------------------

CREATE TABLE meta (node text PRIMARY KEY, parent text, level int, type text, direction int, weight float8);
CREATE TABLE raw (unit text, node text, value float8);
CREATE TABLE expected (variant text, unit text, node text, score float8, rank int);
CREATE TABLE effective_weight (node text, level int, weight float8, effective float8);
\copy meta FROM 'test/fixtures/composite/meta.csv' (FORMAT csv, HEADER)
\copy raw FROM 'test/fixtures/composite/raw_long.csv' (FORMAT csv, HEADER)
\copy expected FROM 'test/fixtures/composite/scores_long.csv' (FORMAT csv, HEADER)
\copy effective_weight FROM 'test/fixtures/composite/effective_weights.csv' (FORMAT csv, HEADER)

-- From the raw values, so that what score hands to composite is part of the test.
CREATE VIEW leaf AS
SELECT v.variant, unit, node, parent, weight, v.score
  FROM (SELECT unit, node, parent, weight,
               stp.min_max(value * direction) OVER cohort AS min_max,
               stp.percentile_rank(value * direction) OVER cohort AS percentile_rank
          FROM raw JOIN meta USING (node) WINDOW cohort AS (PARTITION BY node)) s,
       LATERAL (VALUES ('minmax_amean', min_max), ('prank_amean', percentile_rank)) v(variant, score);
CREATE VIEW domain_state AS
SELECT variant, unit, parent AS node, stp.composite(score, weight) AS state FROM leaf GROUP BY variant, unit, parent;
CREATE VIEW node AS
SELECT variant, unit, node, stp.arithmetic_mean(state) AS score FROM domain_state
UNION ALL
SELECT variant, unit, meta.parent, stp.arithmetic_mean(stp.composite(stp.arithmetic_mean(state), weight))
  FROM domain_state JOIN meta USING (node) GROUP BY variant, unit, meta.parent;

SELECT is((SELECT count(*) FROM expected), 420::bigint, 'the reference has ten nodes per system');
SELECT is_empty($$
    SELECT * FROM node n FULL JOIN expected e USING (variant, unit, node)
     WHERE NOT close_to(n.score, e.score) OR n IS NULL OR e IS NULL
$$, 'domain and overall scores agree with COINr in every row');
SELECT is_empty($$
    SELECT * FROM (SELECT variant, unit, node, rank() OVER (PARTITION BY variant, node ORDER BY score DESC) AS ours FROM node) n
             JOIN expected e USING (variant, unit, node) WHERE ours <> e.rank
$$, 'so do their ranks, exactly');

-- The weight a node has in the overall score is the overall score when it alone scores 1.
CREATE VIEW effective AS
SELECT node, stp.arithmetic_mean(stp.composite(score, weight)) AS ours
  FROM (SELECT one.node, d.node AS domain, d.weight,
               CASE one.level WHEN 1 THEN stp.arithmetic_mean(stp.composite((leaf.node = one.node)::int, leaf.weight))
                              WHEN 2 THEN (d.node = one.node)::int ELSE 1 END AS score
          FROM meta one, meta d JOIN meta leaf ON leaf.parent = d.node
         WHERE d.level = 2 GROUP BY one.node, one.level, d.node, d.weight) s
 GROUP BY node;
SELECT is((SELECT count(*) FROM effective_weight), 22::bigint, 'the reference has 22 effective weights');
SELECT is_empty($$
    SELECT * FROM effective FULL JOIN effective_weight e USING (node) WHERE coalesce(NOT close_to(ours, e.effective), true)
$$, 'effective weights agree with COINr');

-- Reference: one mean of one vector ---------------------------------------------------------------------

CREATE TABLE vector (id int GENERATED ALWAYS AS IDENTITY, fn text, x text, w text, par text, result text, error text);
\copy vector (fn, x, w, par, result, error) FROM 'test/fixtures/composite/vector_functions.csv' (FORMAT csv, HEADER)
CREATE VIEW vector_state AS
SELECT id, fn, left(x, 30) AS vector, result::float8 AS expected,
       (SELECT stp.composite(nullif(score, '')::float8, weight::float8)
          FROM unnest(string_to_array(x, ';'), string_to_array(w, ';')) e(score, weight)) AS state
  FROM vector WHERE fn LIKE 'a\_%';
SELECT is((SELECT count(*) FROM vector_state), 24::bigint, 'the reference has 24 vectors to aggregate');
SELECT ok(close_to(CASE fn WHEN 'a_amean' THEN stp.arithmetic_mean(state) WHEN 'a_gmean' THEN stp.geometric_mean(state)
                           WHEN 'a_hmean' THEN stp.harmonic_mean(state) END, expected), format('%s of %s', fn, vector))
  FROM vector_state ORDER BY id;

-- By hand -----------------------------------------------------------------------------------------------

SELECT is(stp.composite(s, w)::text, '(3,2,1,7,4,3,0,0,3)', 'the state says what was seen')
  FROM (VALUES (1, 3), (0, 1), (NULL, 3)) t(s, w);
SELECT is(stp.coverage(stp.composite(s, w)), 0.25::float8, 'coverage is the share of weight, not of scores')
  FROM (VALUES (1, 1), (NULL, 3)) t(s, w);
SELECT is(stp.coverage(stp.composite(NULL, w)), 0::float8, 'all missing: covered is nothing') FROM generate_series(1, 3) w;
SELECT is(stp.arithmetic_mean(stp.composite(NULL, w)), NULL, 'all missing: no mean') FROM generate_series(1, 3) w;
SELECT is(ARRAY[stp.arithmetic_mean(state), stp.geometric_mean(state), stp.harmonic_mean(state), stp.coverage(state)],
          '{NULL,NULL,NULL,NULL}', what || ': NULL from every accessor')
  FROM (SELECT 'composite over no rows' AS what, stp.composite(v, 1) AS state FROM generate_series(1, 0) v
        UNION ALL SELECT 'rollup over no rows', stp.rollup(NULL::stp.composite) FROM generate_series(1, 0)
        UNION ALL SELECT 'rollup of NULL', stp.rollup(NULL::stp.composite)) t;
SELECT is(ARRAY[stp.arithmetic_mean(state), stp.geometric_mean(state), stp.harmonic_mean(state)],
          ARRAY[mean::float8, NULL, NULL], 'a score of ' || score || ' has an arithmetic mean only')
  FROM (VALUES (0, 1), (-1, 0.5)) t(score, mean), LATERAL (SELECT stp.composite(s, 1) AS state FROM unnest(ARRAY[score, 2]) s) c;
SELECT is(stp.arithmetic_mean(stp.composite(s, 1)), (1.0 / 3)::float8, 'what cancels leaves its exact rest')
  FROM unnest('{1e16,1,-1e16}'::float8[]) s;
SELECT is(stp_internal.composite_accum(stored, 2, 1)::text || stored::text, '(1,1,0,1,1,2,0,0.6931471805599453,0.5)(0,0,0,0,0,0,0,0,0)',
          'called from SQL, the transition leaves its argument alone')
  FROM (SELECT '(0,0,0,0,0,0,0,0,0)'::stp.composite AS stored OFFSET 0) t;
SELECT is(stp_internal.composite_combine(a, a)::text || a::text, '(2,2,0,2,2,4,0,1.3862943611198906,1)(1,1,0,1,1,2,0,0.6931471805599453,0.5)',
          'so does the combine function')
  FROM (SELECT stp.composite(2, 1) AS a OFFSET 0) t;
SELECT is(stp_internal.composite_accum(NULL, 2, 1)::text, NULL, 'no state, no state');

-- Wrong arguments ---------------------------------------------------------------------------------------

SELECT throws_ok(format('SELECT stp.composite(%L::float8, %L::float8)', score, weight), '22023', message,
                 format('score %s, weight %s', score, weight))
  FROM (VALUES ('NaN', '1', 'score must be a finite number, not "NaN"'),
               ('Infinity', '1', 'score must be a finite number, not "Infinity"'),
               ('-Infinity', '1', 'score must be a finite number, not "-Infinity"'),
               ('1', 'NaN', 'weight must be a finite number, not "NaN"'),
               ('1', 'Infinity', 'weight must be a finite number, not "Infinity"'),
               ('1', NULL, 'weight must not be null'),
               (NULL, NULL, 'weight must not be null'),
               ('1', '0', 'weight must be positive, not "0"'),
               (NULL, '-0.5', 'weight must be positive, not "-0.5"')) t(score, weight, message);
SELECT throws_ok($$SELECT stp.composite(1e308, 1) FROM generate_series(1, 2)$$, '22003', NULL, 'a sum beyond a double');
SELECT throws_ok($$SELECT stp.composite(1e-308, 100)$$, '22003', NULL, 'a reciprocal beyond a double');
SELECT throws_ok($$SELECT stp.rollup(s) FROM unnest(array_fill(('(1,1,0,1,1,1e308,0,709,0)')::stp.composite, '{2}')) s$$,
                 '22003', NULL, 'a merged sum beyond a double');
SELECT throws_ok($$SELECT stp.rollup(s) FROM unnest(array_fill(('(4611686018427387903,0,0,1,0,0,0,0,0)')::stp.composite, '{2}')) s$$,
                 '22003', NULL, 'more scores than can be counted');

-- Plans -------------------------------------------------------------------------------------------------

SELECT setseed(0.5);
CREATE TABLE score AS
SELECT g % 7 AS region, g % 100 AS unit, CASE WHEN random() < 0.95 THEN random() * 100 + 1e-3 END AS score,
       random() + 0.1 AS weight, g % 3 = 0 AS chosen
  FROM generate_series(1, 30000) g;
\i test/pgtap/plan_of.psql

ANALYZE score;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS SELECT unit, stp.composite(score, weight) AS state FROM score GROUP BY unit;
SELECT is_empty($$
    SELECT * FROM serial JOIN (
        SELECT unit, sum(score * weight) / sum(weight) FILTER (WHERE score IS NOT NULL) AS arithmetic,
               exp(sum(ln(score) * weight) / sum(weight) FILTER (WHERE score IS NOT NULL)) AS geometric,
               sum(weight) FILTER (WHERE score IS NOT NULL) / sum(weight / score) AS harmonic,
               sum(weight) FILTER (WHERE score IS NOT NULL) / sum(weight) AS coverage
          FROM score GROUP BY unit) plain USING (unit)
     WHERE NOT (close_to(stp.arithmetic_mean(state), arithmetic) AND close_to(stp.geometric_mean(state), geometric)
                AND close_to(stp.harmonic_mean(state), harmonic) AND close_to(stp.coverage(state), coverage))
$$, 'the serial answer is that of plain SQL');

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT matches(plan_of('SELECT unit, stp.composite(score, weight) FROM score GROUP BY unit'),
               'Finalize.*Gather.*Partial.*Parallel Seq Scan', 'composite can be computed in parallel');
CREATE TABLE parallel AS SELECT unit, stp.composite(score, weight) AS state FROM score GROUP BY unit;
SELECT matches(plan_of('SELECT stp.rollup(state) FROM serial'), 'Finalize.*Gather.*Partial', 'so can rollup');
SELECT ok(close_to((SELECT stp.rollup(state) FROM serial), (SELECT stp.composite(score, weight) FROM score)),
          'rollup of the parts is composite of the whole');
RESET max_parallel_workers_per_gather;
SELECT ok(bool_and(close_to(parallel.state, serial.state)), 'the parallel answer is the serial one')
  FROM serial FULL JOIN parallel USING (unit);

CREATE TABLE parted (LIKE score) PARTITION BY LIST (region);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN (0, 1, 2);
CREATE TABLE parted_b PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT * FROM score;
ANALYZE parted;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SELECT matches(plan_of('SELECT unit, stp.composite(score, weight) FROM parted GROUP BY unit'), 'Finalize.*Append.*Partial',
               'composite can be computed partition by partition');
SELECT ok(bool_and(close_to(p.state, s.state)), 'the partitionwise answer is the serial one')
  FROM serial s JOIN (SELECT unit, stp.composite(score, weight) AS state FROM parted GROUP BY unit) p USING (unit);
RESET ALL;

SELECT is((SELECT array_agg(stp.arithmetic_mean(state) ORDER BY g) FROM (SELECT g, stp.composite(g, 1) OVER (ORDER BY g) AS state FROM generate_series(1, 4) g) s),
          '{1,1.5,2,2.5}', 'as a window aggregate it runs');
SELECT is((SELECT array_agg(stp.arithmetic_mean(state) ORDER BY g) FROM (
               SELECT g, stp.composite(g, 1) OVER (ORDER BY g ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS state FROM generate_series(1, 4) g) s),
          '{1,1.5,2.5,3.5}', 'and slides');
SELECT ok(close_to(stp.composite(score, weight) FILTER (WHERE chosen), (SELECT stp.composite(score, weight) FROM score WHERE chosen)), 'FILTER')
  FROM score;
SELECT is(stp.composite(DISTINCT s, 2)::text, '(3,2,0,6,4,6,0,1.3862943611198906,3)', 'DISTINCT') FROM unnest('{1,2,2,NULL,1,NULL}'::float8[]) s;
SELECT is((SELECT array_agg(stp.arithmetic_mean(state) ORDER BY g NULLS LAST) FROM (
               SELECT g % 2 AS g, stp.composite(g, 1) AS state FROM generate_series(1, 4) g GROUP BY GROUPING SETS ((g % 2), ())) s),
          '{3,2,2.5}', 'GROUPING SETS');

-- Both signs, so that the sum nearly cancels.
CREATE TABLE part AS
SELECT g % 40 AS part, stp.composite((random() - 0.5) * 10 ^ (g % 9), random() + 0.1) AS state
  FROM generate_series(1, 2000) g GROUP BY 1;
CREATE TABLE merged AS
SELECT try, stp.rollup(state ORDER BY random()) AS state FROM generate_series(1, 50) try, part GROUP BY try;
SELECT ok(bool_and(close_to(a.state, b.state)), 'states merged in random order agree to 1e-12') FROM merged a, merged b;

-- Text and binary ---------------------------------------------------------------------------------------

SELECT current_setting('data_directory') || '/composite.copy' AS file \gset
CREATE TABLE copied (LIKE part);
COPY part TO :'file';
COPY copied FROM :'file';
SELECT is_empty('SELECT * FROM part FULL JOIN copied USING (part) WHERE stp_internal.composite_send(part.state) IS DISTINCT FROM stp_internal.composite_send(copied.state)',
                'text COPY brings every bit back');
TRUNCATE copied;
COPY part TO :'file' (FORMAT binary);
COPY copied FROM :'file' (FORMAT binary);
SELECT is_empty('SELECT * FROM part FULL JOIN copied USING (part) WHERE stp_internal.composite_send(part.state) IS DISTINCT FROM stp_internal.composite_send(copied.state)',
                'binary COPY brings every bit back');
SELECT is('(1,1,1,1,1,-0,0,0,0)'::stp.composite::text, '(1,1,1,1,1,-0,0,0,0)', 'a negative zero stays one');
SET extra_float_digits = -15;
SELECT is('(1,1,0,0.1,0.1,0.30000000000000004,0,0,1)'::stp.composite::text, '(1,1,0,0.1,0.1,0.30000000000000004,0,0,1)', 'whatever extra_float_digits says');
RESET extra_float_digits;

SELECT throws_ok(format('SELECT %L::stp.composite', bad), '22P02', message || ' for type stp.composite: "' || bad || '"', bad)
  FROM (VALUES ('', 'invalid input syntax'), ('x', 'invalid input syntax'), ('(0,0,0,0,0,0,0,0)', 'invalid input syntax'),
               ('(0,0,0,0,0,0,0,0,0,0)', 'invalid input syntax'), ('(0,0,0,0,0,0,0,0,0) ', 'invalid input syntax'),
               ('(0.5,0,0,0,0,0,0,0,0)', 'invalid input syntax'), ('(0,0,0,,0,0,0,0,0)', 'invalid input syntax'),
               ('(-1,0,0,0,0,0,0,0,0)', 'invalid value'), ('(1,2,0,1,1,1,0,0,0)', 'invalid value'),
               ('(1,1,2,1,1,1,0,0,0)', 'invalid value'), ('(1,0,0,0,0,0,0,0,0)', 'invalid value'),
               ('(1,1,0,1,2,1,0,0,0)', 'invalid value'), ('(1,1,0,-1,-1,1,0,0,0)', 'invalid value'),
               ('(1,1,0,1,1,-1,0,0,0)', 'invalid value'), ('(1,1,0,1,1,NaN,0,0,0)', 'invalid value'),
               ('(1,1,0,1,NaN,1,0,0,0)', 'invalid value'), ('(1,1,0,inf,inf,1,0,0,0)', 'invalid value'),
               ('(1,1,0,1,1,1,0,1e999,0)', 'invalid value'), ('(1,1,0,1,1,1,0,0,-1)', 'invalid value'),
               ('(1,0,0,1,0,0,1,0,0)', 'invalid value'), ('(1,1,1,1,1,1,0,0,0)', 'invalid value'),
               ('(9223372036854775807,0,0,1,0,0,0,0,0)', 'invalid value')) t(bad, message);
SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN skip('soft errors came with PostgreSQL 16', 1)
       ELSE results_eq($$SELECT pg_input_is_valid(t, 'stp.composite') FROM unnest('{x,"(1,2,0,1,1,1,0,0,0)","(0,0,0,0,0,0,0,0,0)"}'::text[]) t$$,
                       '{false,false,true}'::boolean[], 'bad input is a soft error') END;

\set state stp.composite
\i test/pgtap/receive.psql
CREATE FUNCTION message(version text, present int, weight float8, sum float8) RETURNS bytea LANGUAGE sql
RETURN decode(version, 'hex') || int8send(1) || int8send(present) || int8send(0) || float8send(weight) || float8send(weight)
       || float8send(sum) || float8send(0) || float8send(0) || float8send(1);

SELECT is(receive(message('01', 1, 1, 1)), '(1,1,0,1,1,1,0,0,1)', 'the binary form is a version and nine fields');
SELECT throws_ok(format('SELECT receive(%L)', bytes), '22P03', NULL, 'refused: ' || what)
  FROM (VALUES ('another version', message('02', 1, 1, 1)), ('present above scores', message('01', 2, 1, 1)),
               ('a NaN weight', message('01', 1, 'NaN', 1)), ('a negative weight', message('01', 1, -1, 1)),
               ('an infinite sum', message('01', 1, 1, 'Infinity')),
               ('bytes left over', message('01', 1, 1, 1) || '\x00')) t(what, bytes);
SELECT throws_ok(format('SELECT receive(%L)', substr(message('01', 1, 1, 1), 1, 72)), '08P01', NULL, 'refused: bytes missing');

SELECT * FROM finish();
