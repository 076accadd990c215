-- 150 organisations in 42 systems of 7 regions, 100 indicators, 60 months: 900,000 observations, and all that is kept of them.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per)
SELECT format('i%s', i), format('Indicator %s', i), '%', 'proportion', CASE WHEN i % 3 = 0 THEN 'lower' ELSE 'higher' END, 100
  FROM generate_series(1, 100) i;
INSERT INTO stp.system (system, name, kind) SELECT format('G%s', u), format('Region %s', u), 'region' FROM generate_series(1, 7) u;
INSERT INTO stp.system (system, name, parent) SELECT format('S%s', u), format('System %s', u), format('G%s', 1 + u % 7) FROM generate_series(1, 42) u;
INSERT INTO stp.organisation (organisation, name) SELECT format('O%s', u), format('Trust %s', u) FROM generate_series(1, 150) u;
INSERT INTO stp.membership (organisation, system, share)
SELECT format('O%s', u), format('S%s', 1 + u % 42), CASE WHEN u % 10 = 0 THEN 0.75 ELSE 1 END FROM generate_series(1, 150) u
UNION ALL SELECT format('O%s', u), format('S%s', 1 + (u + 1) % 42), 0.25 FROM generate_series(10, 150, 10) u;
SELECT setseed(0.5);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT format('i%s', i), format('O%s', u), stp.period('2021-04-01', 'month') + m, floor(random() * 1000), 1000
  FROM generate_series(0, 59) m, generate_series(1, 150) u, generate_series(1, 100) i;
CALL stp.refresh();
VACUUM ANALYZE;
