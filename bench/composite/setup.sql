-- 10,000 units by 17 indicators in 4 domains, one value in 50 missing.
CREATE TABLE indicator (indicator int PRIMARY KEY, domain int, weight float8, better text);
INSERT INTO indicator
SELECT i, (i - 1) / 5, 0.5 + i % 7 / 5.0, CASE WHEN i % 3 = 0 THEN 'lower' ELSE 'higher' END
  FROM generate_series(1, 17) i;
CREATE TABLE domain (domain int PRIMARY KEY, weight float8);
INSERT INTO domain VALUES (0, 0.4), (1, 0.25), (2, 0.2), (3, 0.15);
SELECT setseed(0.5);
CREATE TABLE value AS
SELECT unit, indicator, CASE WHEN random() >= 0.02 THEN random() * 100 * indicator END AS value
  FROM generate_series(1, 10000) unit, indicator;
VACUUM ANALYZE indicator;
VACUUM ANALYZE domain;
VACUUM ANALYZE value;
