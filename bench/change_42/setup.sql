-- 42 systems (or as many as units says) of two trusts each, 17 indicators in 4 domains by two methods, two months, one report in
-- 50 missing; one trust in ten moves to the next system between them.
\if :{?units}
\else
\set units 42
\endif
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per)
SELECT format('i%s', i), format('Indicator %s', i), '%', 'proportion', CASE WHEN i % 3 = 0 THEN 'lower' ELSE 'higher' END, 100
  FROM generate_series(1, 17) i;
INSERT INTO stp.system (system, name) SELECT format('S%s', u), format('System %s', u) FROM generate_series(1, :units) u;
INSERT INTO stp.organisation (organisation, name) SELECT format('O%s', u), format('Trust %s', u) FROM generate_series(1, 2 * :units) u;
INSERT INTO stp.membership (organisation, system, valid_from, valid_to)
SELECT format('O%s', u), format('S%s', (u + 1) / 2), date '2020-04-01', CASE WHEN u % 10 = 0 THEN date '2026-02-28' END
  FROM generate_series(1, 2 * :units) u
UNION ALL
SELECT format('O%s', u), format('S%s', (u + 1) / 2 % :units + 1), date '2026-03-01', NULL FROM generate_series(10, 2 * :units, 10) u;
SELECT setseed(0.5);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT format('i%s', i), format('O%s', u), p::stp.period, floor(random() * 1000), 1000
  FROM generate_series(1, 2 * :units) u, generate_series(1, 17) i, unnest(ARRAY['2026-02', '2026-03']) p WHERE random() >= 0.02;
INSERT INTO stp.scheme (scheme, name) VALUES ('bench', 'Benchmark');
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method)
SELECT 'bench', 'overall', NULL, 'Overall', 1, NULL, NULL
UNION ALL
SELECT 'bench', format('d%s', d), 'overall', format('Domain %s', d), 1, NULL, NULL FROM generate_series(0, 3) d
UNION ALL
SELECT 'bench', format('i%s', i), format('d%s', (i - 1) / 5), format('Indicator %s', i), 1, format('i%s', i),
       (ARRAY['percentile_rank', 'min_max'])[i % 2 + 1]
  FROM generate_series(1, 17) i;
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('bench', 1, 'Good', 50), ('bench', 2, 'Other', NULL);
VACUUM ANALYZE;
