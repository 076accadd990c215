-- percent_rank() counts NULLs, so they form a partition of their own.
SELECT unit, CASE WHEN value IS NOT NULL THEN percent_rank() OVER (PARTITION BY value IS NULL ORDER BY value) END AS score
  FROM value
