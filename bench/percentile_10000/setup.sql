-- One cohort of 10,000 values, one in 50 missing.
SELECT setseed(0.5);
CREATE TABLE value AS
SELECT unit, CASE WHEN random() >= 0.02 THEN random() END AS value FROM generate_series(1, 10000) unit;
VACUUM ANALYZE value;
