-- 100,000 reports in a file, one in 20 suppressed; those that are not in another.
INSERT INTO stp.organisation (organisation, name) SELECT format('O%s', u), format('Trust %s', u) FROM generate_series(1, 1000) u;
SELECT setseed(0.5);
CREATE TABLE report AS
SELECT 'ae_within_4_hours' AS indicator, format('O%s', u) AS organisation, stp.period('2018-04-01', 'month') + m AS period,
       CASE WHEN random() < 0.05 THEN '*' ELSE floor(random() * 1000)::text END AS numerator, '1,000' AS denominator, '' AS value
  FROM generate_series(0, 99) m, generate_series(1, 1000) u;
SELECT format('COPY report TO %L', current_setting('data_directory') || '/report')
\gexec
SELECT format('COPY (SELECT indicator, organisation, period, numerator, 1000 FROM report WHERE numerator <> ''*'') TO %L',
              current_setting('data_directory') || '/numbers')
\gexec
DROP TABLE report;
VACUUM ANALYZE;
