-- 1,020,000 reports in a file; and a table like stp.observation with its keys, but without any trigger.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per)
SELECT format('i%s', i), format('Indicator %s', i), '%', 'proportion', 'higher', 100 FROM generate_series(1, 17) i;
INSERT INTO stp.organisation (organisation, name) SELECT format('O%s', u), format('Trust %s', u) FROM generate_series(1, 1000) u;
CREATE TABLE plain_observation AS
SELECT indicator, organisation, period, numerator, denominator, value, status, taken_from FROM stp.observation;
SELECT 'ALTER TABLE plain_observation ADD ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'stp.observation'::regclass
\gexec
SELECT setseed(0.5);
CREATE TABLE report AS
SELECT format('i%s', i) AS indicator, format('O%s', u) AS organisation, stp.period('2021-04-01', 'month') + m AS period,
       floor(random() * 1000) AS numerator, 1000 AS denominator
  FROM generate_series(0, 59) m, generate_series(1, 1000) u, generate_series(1, 17) i;
SELECT format('COPY report TO %L', current_setting('data_directory') || '/report')
\gexec
DROP TABLE report;
VACUUM ANALYZE;
