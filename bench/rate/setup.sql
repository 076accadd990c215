-- 5 million rows in 44 groups.
CREATE TABLE report (system int, n int, d int);
INSERT INTO report SELECT i % 44, i % 7, 5 + i % 90 FROM generate_series(1, 5000000) i;
VACUUM ANALYZE report;
