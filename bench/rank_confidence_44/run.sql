-- No plain SQL to compare with: the time itself, the median of 5. 2,000 draws.
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed(format('SELECT FROM stp.rank_confidence(''bench'', ''2026-03'', seed => %s)', i)))::numeric, 1)
  FROM generate_series(1, 5) i;
