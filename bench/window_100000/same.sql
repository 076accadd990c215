WITH ours AS (
SELECT unit, stp.min_max(value) OVER () AS score FROM value
), plain AS (
-- A scalar subquery each: min() and max() as window functions over the same rows were slower.
SELECT unit, 100 * (value - low) / nullif(high - low, 0) AS score
  FROM value, (SELECT min(value) AS low, max(value) AS high FROM value) cohort
)
SELECT count(*) = 100000 AND bool_and(o.score IS NOT DISTINCT FROM p.score OR abs(o.score - p.score) <= 1e-9 * abs(p.score))
  FROM ours o JOIN plain p USING (unit)
