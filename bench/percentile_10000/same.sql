WITH ours AS (
SELECT unit, stp.percentile_rank(value) OVER () AS score FROM value
), plain AS (
-- percent_rank() counts NULLs, so they form a partition of their own.
SELECT unit, CASE WHEN value IS NOT NULL THEN percent_rank() OVER (PARTITION BY value IS NULL ORDER BY value) END AS score
  FROM value
)
SELECT count(*) = 10000 AND bool_and(o.score IS NOT DISTINCT FROM p.score OR abs(o.score - p.score) <= 1e-9 * abs(p.score))
  FROM ours o JOIN plain p USING (unit)
