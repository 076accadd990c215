-- 10,000 practices whose shares differ by more than chance.
SELECT setseed(0.5);
CREATE TABLE practice AS
SELECT unit, n, floor(n * (0.05 + 0.1 * random())) AS x
  FROM generate_series(1, 10000) unit, LATERAL (SELECT (100 + unit % 977)::float8 AS n) s;
VACUUM ANALYZE practice;
