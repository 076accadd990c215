-- 60 months x 100 indicators x 150 organisations in 42 systems, of which 12 become 6 after them.
INSERT INTO stp.system (system, name, valid_to)
SELECT 'S' || i, 'S' || i, CASE WHEN i <= 12 THEN date '2026-03-31' END FROM generate_series(1, 42) i;
INSERT INTO stp.system (system, name, valid_from) SELECT 'N' || i, 'N' || i, '2026-04-01' FROM generate_series(1, 6) i;
INSERT INTO stp.succession (kind, predecessor, successor, day)
SELECT 'system', 'S' || i, 'N' || 1 + i % 6, '2026-04-01' FROM generate_series(1, 12) i;
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'O' || i FROM generate_series(1, 150) i;
INSERT INTO stp.membership (organisation, system, valid_to)
SELECT 'O' || i, 'S' || 1 + i % 42, CASE WHEN i % 42 < 12 THEN date '2026-03-31' END FROM generate_series(1, 150) i;
INSERT INTO stp.membership (organisation, system, valid_from)
SELECT 'O' || i, 'N' || 1 + (1 + i % 42) % 6, '2026-04-01' FROM generate_series(1, 150) i WHERE i % 42 < 12;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per)
SELECT 'i' || i, 'i' || i, '%', 'proportion', 'higher', 100 FROM generate_series(1, 100) i;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'i' || i, 'O' || o, p, (i * 31 + o * 17) % 50, 50 + (i + o) % 50
  FROM generate_series(1, 100) i CROSS JOIN generate_series(1, 150) o CROSS JOIN stp.periods('2021-04', '2026-03') p;
VACUUM ANALYZE;
