-- The 44 systems of robustness_44 in two months.
\ir ../robustness_44/setup.sql
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT indicator, organisation, '2026-02', floor(random() * 1000), 1000 FROM stp.observation;
VACUUM ANALYZE;
