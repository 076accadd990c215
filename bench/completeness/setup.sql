-- 60 months x 100 indicators x 150 organisations in 42 systems, one report in 50 missing: 882,000 observations.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per)
SELECT format('i%s', i), format('Indicator %s', i), '%', 'proportion', 'higher', 100 FROM generate_series(1, 100) i;
INSERT INTO stp.system (system, name) SELECT format('S%s', s), format('System %s', s) FROM generate_series(1, 42) s;
INSERT INTO stp.organisation (organisation, name) SELECT format('O%s', o), format('Trust %s', o) FROM generate_series(1, 150) o;
INSERT INTO stp.membership (organisation, system) SELECT format('O%s', o), format('S%s', 1 + o % 42) FROM generate_series(1, 150) o;
SELECT setseed(0.5);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT format('i%s', i), format('O%s', o), stp.period('2021-04-01', 'month') + m, floor(random() * 1000), 1000
  FROM generate_series(0, 59) m, generate_series(1, 150) o, generate_series(1, 100) i WHERE random() >= 0.02;
VACUUM ANALYZE;
