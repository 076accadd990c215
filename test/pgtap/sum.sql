-- Module sum: sums are exact, so that they are the same in any order.
SELECT plan(6);

CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; whole text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP whole := whole || line || E'\n'; END LOOP;
    RETURN whole;
END $$;

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

SELECT * FROM finish();
