-- What is kept of 60 months of two schemes: 150 organisations by 100 indicators, 42 systems by 17. Written as stp.refresh() would,
-- who takes an hour for it: 1.1 million nodes.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per)
SELECT format('i%s', i), format('Indicator %s', i), '%', 'proportion', CASE WHEN i % 3 = 0 THEN 'lower' ELSE 'higher' END, 100
  FROM generate_series(1, 100) i;
INSERT INTO stp.system (system, name) SELECT format('S%s', u), format('System %s', u) FROM generate_series(1, 42) u;
INSERT INTO stp.organisation (organisation, name) SELECT format('O%s', u), format('Trust %s', u) FROM generate_series(1, 150) u;
INSERT INTO stp.membership (organisation, system) SELECT format('O%s', u), format('S%s', u % 42 + 1) FROM generate_series(1, 150) u;
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('trusts', 'Trusts', 'organisation'), ('systems', 'Systems', 'system');
CREATE TABLE rated AS
SELECT s.scheme, m.period, s.letter || u AS unit, u
  FROM (VALUES ('trusts', 'O', 150), ('systems', 'S', 42)) s (scheme, letter, units)
 CROSS JOIN LATERAL generate_series(1, s.units) u
 CROSS JOIN stp.periods('2021-04', '2026-03') m (period);
CREATE TABLE node AS
SELECT s.scheme, 'overall' AS node, NULL AS parent, 0 AS depth, 1 AS place, NULL AS indicator
  FROM (VALUES ('trusts'), ('systems')) s (scheme)
UNION ALL
SELECT s.scheme, 'd' || d, 'overall', 1, d * 1000, NULL
  FROM (VALUES ('trusts', 9), ('systems', 4)) s (scheme, domains) CROSS JOIN LATERAL generate_series(1, s.domains) d
UNION ALL
SELECT s.scheme, 'i' || i, 'd' || i % s.domains + 1, 2, (i % s.domains + 1) * 1000 + i, 'i' || i
  FROM (VALUES ('trusts', 9, 100), ('systems', 4, 17)) s (scheme, domains, indicators) CROSS JOIN LATERAL generate_series(1, s.indicators) i;
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method)
SELECT scheme, node, parent, 'Node ' || node, indicator, CASE WHEN indicator IS NOT NULL THEN 'min_max' END FROM node ORDER BY depth;
INSERT INTO stp.scheme_category (scheme, position, category, cut)
SELECT s.scheme, c.position, 'Category ' || c.position, c.cut
  FROM (VALUES ('trusts'), ('systems')) s (scheme) CROSS JOIN (VALUES (1, 75), (2, 50), (3, 25), (4, NULL)) c (position, cut);
SELECT setseed(0.5);
INSERT INTO stp.assessed_period (scheme, period, as_of, refreshed_at, moved)
SELECT DISTINCT scheme, period, now(), now(), false FROM rated;
INSERT INTO stp.assessment_node (scheme, period, unit, node, parent, depth, place, name, indicator, value, unit_of_measure, value_period, organisations,
                                 expected, completeness, score, weight, effective_weight, contribution, coverage, rank, category, status)
SELECT r.scheme, r.period, r.unit, n.node, n.parent, n.depth, n.place, 'Node ' || n.node, n.indicator,
       CASE WHEN n.indicator IS NOT NULL THEN 100 * random() END, CASE WHEN n.indicator IS NOT NULL THEN '%' END,
       CASE WHEN n.indicator IS NOT NULL THEN r.period END, 1, 1, 1, 100 * random(), 0.01, 0.01, random(), 1, r.u,
       CASE WHEN n.depth = 0 THEN 'Category ' || r.u % 4 + 1 END, 'ok'
  FROM rated r JOIN node n ON n.scheme = r.scheme
 ORDER BY r.period, r.scheme, n.place, r.u;
INSERT INTO stp.assessment_robustness
SELECT r.scheme, r.period, r.unit, 'Category ' || c, 0.25, 1, 20, 40 FROM rated r CROSS JOIN generate_series(1, 4) c;
INSERT INTO stp.assessment_without
SELECT n.scheme, n.period, n.unit, n.node, n.name, n.indicator, 100 * random(), 100 * random(), 1, 2, 'Category 1', 'Category 2'
  FROM stp.assessment_node n WHERE n.indicator IS NOT NULL;
INSERT INTO stp.assessment_change
SELECT n.scheme, n.period, n.unit, n.place, CASE WHEN n.place % 2 = 0 THEN 'own data' ELSE 'peers'' data' END, n.indicator,
       CASE WHEN n.scheme = 'trusts' AND n.place % 2 = 0 THEN n.unit END, random()
  FROM stp.assessment_node n WHERE n.indicator IS NOT NULL;
INSERT INTO stp.assessment_missing SELECT r.scheme, r.period, r.unit, 40, 60, ARRAY['Category 1', 'Category 2'], true, 1 FROM rated r;
INSERT INTO stp.assessment_explanation
SELECT n.scheme, n.period, n.unit, n.node, n.value - 5, n.value + 5, 0, CASE WHEN n.depth <> 1 THEN 'Category 1' END,
       CASE WHEN n.depth <> 1 THEN 100 * random() END, n.place
  FROM stp.assessment_node n;
INSERT INTO stp.assessment_cohort
SELECT n.scheme, p.period, '', n.node, n.indicator, 0, 25, 50, 75, 100
  FROM node n JOIN stp.assessed_period p ON p.scheme = n.scheme WHERE n.indicator IS NOT NULL;
VACUUM ANALYZE;
