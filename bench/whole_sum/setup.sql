-- 1 million rows in 44 groups.
CREATE TABLE report (system int, n float8, d float8);
INSERT INTO report SELECT i % 44, i % 7, 5 + i % 90 FROM generate_series(1, 1000000) i;
VACUUM ANALYZE report;
