-- No plain SQL to compare with: the time itself, the median of 5, of the changes of all systems.
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed('SELECT FROM stp.explain_change(''bench'', ''2026-02'', ''2026-03'')'))::numeric, 1)
  FROM generate_series(1, 5) i;
