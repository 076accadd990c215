-- The z-scores are found once, their quantiles by one sort; window functions for the cohort's sums took twice as long.
WITH target AS (
    SELECT asin(sqrt(sum(x) / sum(n))) AS t FROM practice
), score AS MATERIALIZED (
    SELECT unit, x / n AS value, n, (asin(sqrt(x / n)) - t) * 2 * sqrt(n) AS z, t FROM practice, target
), extreme AS (
    SELECT percentile_cont(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY z) AS q FROM score
), dispersion AS (
    SELECT greatest(0, (sum(least(greatest(z, q[1]), q[2]) ^ 2) - (count(*) - 1)) / (sum(4 * n) - sum(16 * n * n) / sum(4 * n))) AS tau2
      FROM score, extreme
), reached AS (
    SELECT unit, value, z / sqrt(1 + 4 * n * tau2) AS z, t, sqrt(0.25 / n + tau2) AS s FROM score, dispersion OFFSET 0
)
SELECT unit, value, z, sin(greatest(t - 1.959963984540054 * s, 0)) ^ 2 AS lower_95,
       sin(least(t + 1.959963984540054 * s, pi() / 2)) ^ 2 AS upper_95, sin(greatest(t - 3.090232306167813 * s, 0)) ^ 2 AS lower_998,
       sin(least(t + 3.090232306167813 * s, pi() / 2)) ^ 2 AS upper_998,
       CASE WHEN z > 3.090232306167813 THEN 'high 0.998' WHEN z > 1.959963984540054 THEN 'high 0.95'
            WHEN z < -3.090232306167813 THEN 'low 0.998' WHEN z < -1.959963984540054 THEN 'low 0.95' ELSE 'inside' END AS flag
  FROM reached
