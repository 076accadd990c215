-- The cohort of change_42, with the twelve months before, so that there are charts.
\ir ../change_42/setup.sql
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT o.indicator, o.organisation, p, floor(random() * 1000), 1000
  FROM stp.observation o, stp.periods('2025-02', '2026-01') p
 WHERE o.period = '2026-02' AND random() >= 0.02;
VACUUM ANALYZE;
