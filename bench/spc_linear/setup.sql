-- 100,000 series of 60 months, in the order in which they are reported.
CREATE TABLE report AS
SELECT series, (date '2021-04-01' + make_interval(months => month))::date AS day, (100 + (series * 7919 + month * 104729) % 37)::float8 AS value
  FROM generate_series(0, 59) month, generate_series(1, 100000) series;
VACUUM ANALYZE report;
