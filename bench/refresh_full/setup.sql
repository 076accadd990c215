-- 1,000 systems of one organisation each, 17 indicators in 4 domains, 60 months: 1.02 million observations.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per)
SELECT format('i%s', i), format('Indicator %s', i), '%', 'proportion', CASE WHEN i % 3 = 0 THEN 'lower' ELSE 'higher' END, 100
  FROM generate_series(1, 17) i;
INSERT INTO stp.system (system, name) SELECT format('S%s', u), format('System %s', u) FROM generate_series(1, 1000) u;
INSERT INTO stp.organisation (organisation, name) SELECT format('O%s', u), format('Trust %s', u) FROM generate_series(1, 1000) u;
INSERT INTO stp.membership (organisation, system) SELECT format('O%s', u), format('S%s', u) FROM generate_series(1, 1000) u;
-- Of the rating alone: refresh_detail times what is kept beside it.
INSERT INTO stp.scheme (scheme, name, keeps_detail) VALUES ('bench', 'Benchmark', false);
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method)
SELECT 'bench', 'overall', NULL, 'Overall', 1, NULL, NULL
UNION ALL
SELECT 'bench', format('d%s', d), 'overall', format('Domain %s', d), (ARRAY[0.4, 0.25, 0.2, 0.15])[d + 1], NULL, NULL
  FROM generate_series(0, 3) d
UNION ALL
SELECT 'bench', format('i%s', i), format('d%s', (i - 1) / 5), format('Indicator %s', i), 0.5 + i % 7 / 5.0, format('i%s', i), 'min_max'
  FROM generate_series(1, 17) i;
SELECT setseed(0.5);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT format('i%s', i), format('O%s', u), stp.period('2021-04-01', 'month') + m, floor(random() * 1000), 1000
  FROM generate_series(0, 59) m, generate_series(1, 1000) u, generate_series(1, 17) i;
VACUUM ANALYZE;
