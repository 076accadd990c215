-- Module sum: sums are exact, so that they are the same in any order; and whole, or NULL.
SELECT plan(26);

\i test/pgtap/plan_of.psql

CREATE TABLE term AS
SELECT i, n / 2::numeric ^ 30 AS exactly, n::float8 / 2::float8 ^ 30 AS x
  FROM generate_series(1, 20000) i, LATERAL (SELECT hashint4(i) * 2::numeric ^ (i % 60) AS n) n;
SELECT is(stp.exact_sum(x), 1::float8, 'what cancels leaves nothing behind') FROM (VALUES (1e100), (1), (-1e100)) t (x);
SELECT is(stp.exact_sum(x), sum(exactly)::float8, 'the sum is that of numeric, rounded once') FROM term;
SELECT is(count(DISTINCT s), 1::bigint, 'in any order the same bits')
  FROM (SELECT stp.exact_sum(x ORDER BY i) AS s FROM term UNION ALL SELECT stp.exact_sum(x ORDER BY x) FROM term
        UNION ALL SELECT stp.exact_sum(x ORDER BY -abs(x)) FROM term) orders;
ALTER TABLE term SET (parallel_workers = 2);
ANALYZE term;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT matches(plan_of('SELECT stp.exact_sum(x) FROM term'), 'Partial Aggregate', 'workers share the work');
SELECT is(stp.exact_sum(x), (SELECT stp.exact_sum(x ORDER BY i) FROM term), 'parallel as well') FROM term;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT results_eq('SELECT i, stp.exact_sum(x) OVER (ORDER BY i ROWS 2 PRECEDING) FROM term WHERE i <= 50 ORDER BY i',
    'SELECT t.i, (SELECT stp.exact_sum(u.x) FROM term u WHERE u.i BETWEEN t.i - 2 AND t.i) FROM term t WHERE t.i <= 50 ORDER BY i', 'over a window too');

-- whole_sum: NULL if anything is.
SELECT is(stp.whole_sum(x), expected, what)
  FROM (VALUES ('known', '{45,30.5}'::float8[], 75.5::float8), ('NULL first', '{NULL,45}', NULL), ('NULL last', '{45,NULL}', NULL),
               ('NULL between', '{45,NULL,1}', NULL), ('NULL alone', '{NULL}', NULL), ('0', '{0}', 0),
               ('-0', '{-0}', 0), ('-0 and -0', '{-0,-0}', 0), ('NaN', '{1,NaN}', 'NaN'), ('infinity', '{1,Infinity}', 'Infinity'),
               ('NaN and NULL', '{NaN,NULL}', NULL)) t(what, terms, expected)
 CROSS JOIN LATERAL unnest(terms) x
 GROUP BY what, expected;
SELECT is((SELECT stp.whole_sum(x) FROM term WHERE false), NULL, 'no rows');
SELECT results_eq('SELECT stp.whole_sum(i), stp.whole_sum(i::bigint), stp.whole_sum(i::smallint), stp.whole_sum(i::numeric), stp.whole_sum(i::real), stp.whole_sum(i) FILTER (WHERE i > 2), stp.whole_sum(DISTINCT i) FROM generate_series(1, 3) i',
                  'VALUES (6::float8, 6::float8, 6::float8, 6::float8, 6::float8, 3::float8, 6::float8)', 'of any number');
SELECT throws_ok('SELECT stp.whole_sum(1.7e308) FROM generate_series(1, 2)', '22003', NULL, 'beyond float8, as sum()');
SELECT results_eq('SELECT i, stp.whole_sum(nullif(i, 3)) OVER (ORDER BY i ROWS 1 PRECEDING) FROM generate_series(1, 5) i',
                  'VALUES (1, 1::float8), (2, 3), (3, NULL), (4, NULL), (5, 9)', 'over a window too');
-- Whatever the plan: each worker may have met nothing, NULL, or only zeros.
CREATE TABLE report AS SELECT i % 100 AS g, CASE WHEN i % 100 < 50 OR i <> 150000 + i % 100 THEN i % 7 * (i % 100 <> 99)::int END::float8 AS n FROM generate_series(1, 200000) i;
ALTER TABLE report SET (parallel_workers = 2);
ANALYZE report;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT matches(plan_of('SELECT g, stp.whole_sum(n) FROM report GROUP BY g'), 'Partial', 'workers share the work');
SELECT results_eq('SELECT g, stp.whole_sum(n) FROM report GROUP BY g ORDER BY g',
                  'SELECT g, CASE WHEN count(*) = count(n) THEN sum(n) END FROM report GROUP BY g ORDER BY g', 'NULL where a term is, parallel as well');
SELECT results_eq('SELECT stp.whole_sum(n) FROM report WHERE n > 100', 'VALUES (NULL::float8)', 'nothing, parallel');
SELECT results_eq('SELECT stp.whole_sum(n) FROM report WHERE n = 0 AND g < 3', 'VALUES (0::float8)', 'zeros, parallel');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT is((SELECT (status, value IS NULL)::text FROM (SELECT stp.whole_sum(e) AS e, stp.whole_sum(p) AS p FROM (VALUES (45, 40000), (NULL, 35000)) t (e, p)) s, stp.rate(e, p)),
          '("no data",t)', 'a rate is none of those who reported alone');

SELECT * FROM finish();
