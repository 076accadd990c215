-- Interface of module estimate: what the functions are, the defaults, the words, and the errors with their hints.
\set SHOW_CONTEXT never
SELECT attname, atttypid::regtype FROM pg_attribute WHERE attrelid = 'stp.estimate'::regclass ORDER BY attnum;
SELECT p.proname, pg_get_function_arguments(p.oid) AS arguments, provolatile, proisstrict, proparallel, procost
  FROM pg_proc p
 WHERE 'stp.estimate'::regtype IN (prorettype, proargtypes[0])
   AND proname IN ('rate', 'proportion', 'ratio', 'mean', 'rate_difference', 'rate_ratio', 'difference', 'compare') ORDER BY proname;

-- One row per method.
CREATE FUNCTION pg_temp.short(e stp.estimate) RETURNS text LANGUAGE sql
RETURN concat_ws(' ', round(e.value::numeric, 4), round(e.lower::numeric, 4), round(e.upper::numeric, 4), e.method, e.status);
SELECT pg_temp.short(stp.rate(9, 100000)) AS exact, pg_temp.short(stp.rate(10, 100000)) AS byar;
SELECT pg_temp.short(stp.rate(0, 1000, 1000, 0.9)) AS no_events;
SELECT pg_temp.short(stp.proportion(45, 60, 100)) AS proportion, pg_temp.short(stp.ratio(120, 100, per => 100)) AS ratio;
SELECT pg_temp.short(stp.mean(4, 10, 2, confidence => 0.9)) AS mean;
SELECT pg_temp.short(stp.rate_difference(20, 1000, 10, 1000, per => 1000)) AS difference;
SELECT pg_temp.short(stp.rate_ratio(20, 1000, 10, 1000)) AS ratio;
SELECT pg_temp.short(stp.difference(stp.proportion(56, 70), stp.proportion(48, 80))) AS difference;

-- Statuses.
SELECT stp.rate(NULL, 1000), stp.rate(5, 0), stp.mean(1, 7, NULL), stp.mean(0, NULL, NULL), stp.rate_ratio(5, 10, 0, 10);
SELECT stp.rate(sum(n), sum(n)) FROM (SELECT 1 AS n WHERE false) nothing;
SELECT reference, stp.compare(stp.rate(50, 1000, 1000), reference) FROM unnest('{30,50,70}'::float8[]) reference;
SELECT stp.compare(stp.rate(5, 0), 1) IS NULL AS no_limits;

-- Errors.
SELECT stp.rate(-1, 1000);
SELECT stp.rate('NaN', 1000);
SELECT stp.rate(1, 1000, 0);
SELECT stp.rate(1, 1000, NULL);
SELECT stp.rate(1, 1000, 1, 95);
SELECT stp.rate(1, 1000, 1, NULL);
SELECT stp.rate(1e300, 1, 1e300);
SELECT stp.proportion(6, 5);
SELECT stp.mean(-1, 1, 1);
SELECT stp.compare(stp.rate(1, 1), 'NaN');
SELECT stp.difference(stp.rate(5, 1), (5, 6, 7, NULL, NULL));
SELECT stp.difference(stp.rate(5, 1), stp.rate(5, 1), 2);
