-- No plain SQL to compare with: the time itself, the median of 5. 10,000 draws.
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed(format('SELECT FROM stp.robustness(''bench'', ''2026-03'', 10000, 0.25, %s)', i)))::numeric, 1)
  FROM generate_series(1, 5) i;
