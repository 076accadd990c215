-- Join with the one row of extremes; min() and max() as window functions took longer.
SELECT unit, 100 * (value - low) / nullif(high - low, 0) AS score
  FROM value, (SELECT min(value) AS low, max(value) AS high FROM value) cohort
