-- 1,000 indicators of 60 months each, that wander, in the order in which they are reported.
CREATE TABLE report AS
SELECT series, date '2021-04-01' + make_interval(months => month) AS day,
       100 + 10 * sin(month / (2.0 + series % 7)) + random_normal.z * (1 + series % 5) AS value
  FROM (SELECT setseed(0.5)) seed,
       generate_series(0, 59) month, generate_series(1, 1000) series,
       LATERAL (SELECT sum(random()) - 6 + 0 * (series + month) AS z FROM generate_series(1, 12)) random_normal;
ALTER TABLE report ALTER day TYPE date;
VACUUM ANALYZE report;
INSERT INTO stp.spc_dialect
SELECT (jsonb_populate_record(d, '{"dialect": "plotthedots unscreened", "screen": false, "builtin": false}')).*
  FROM stp.spc_dialect d WHERE dialect = 'plotthedots';
