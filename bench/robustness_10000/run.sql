-- No plain SQL to compare with: the time itself, once. 1,000 draws of 10,000 units.
SELECT round(elapsed('SELECT FROM stp.robustness(''bench'', ''2026-03'', 1000, 0.25, 1)')::numeric, 1);
