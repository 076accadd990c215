-- 150 organisations in 42 systems of 7 regions, 60 months: delays by ten reasons and three attributions, money on two bases, the
-- A&E return; and all that is kept of them.
INSERT INTO stp.system (system, name, kind) SELECT format('G%s', u), format('Region %s', u), 'region' FROM generate_series(1, 7) u;
INSERT INTO stp.system (system, name, parent) SELECT format('S%s', u), format('System %s', u), format('G%s', 1 + u % 7) FROM generate_series(1, 42) u;
INSERT INTO stp.organisation (organisation, name) SELECT format('O%s', u), format('Trust %s', u) FROM generate_series(1, 150) u;
INSERT INTO stp.organisation (organisation, name) SELECT format('L%s', u), format('Council %s', u) FROM generate_series(1, 42) u;
INSERT INTO stp.membership (organisation, system, share)
SELECT format('O%s', u), format('S%s', 1 + u % 42), CASE WHEN u % 10 = 0 THEN 0.75 ELSE 1 END FROM generate_series(1, 150) u
UNION ALL SELECT format('O%s', u), format('S%s', 1 + (u + 1) % 42), 0.25 FROM generate_series(10, 150, 10) u
UNION ALL SELECT format('L%s', u), format('S%s', u), 1 FROM generate_series(1, 42) u;
INSERT INTO stp.population (system, period, age_from, age_to, persons)
SELECT format('S%s', u), '2021/22', a.first, a.last, 200000 FROM generate_series(1, 42) u, (VALUES (0, 15), (16, 17), (18, NULL)) a (first, last);
SELECT setseed(0.5);
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, patients, delayed_days, revised)
SELECT format('O%s', u), format('L%s', 1 + u % 42), stp.period('2021-04-01', 'month') + m, 'acute', r.delay_reason, a.attributed_to,
       floor(random() * 9), floor(random() * 200), '2026-05-01'
  FROM generate_series(0, 59) m, generate_series(1, 150) u, stp.delay_reason r, unnest('{NHS,social care,both}'::text[]) a (attributed_to)
 WHERE r.delay_reason <> ALL ('{all,O}');
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT format('O%s', u), stp.period('2021-04-01', 'month') + m, w.measure, b.basis, round((random() - 0.5)::numeric * 2000000 * (1 + m % 12), 2), 400000000
  FROM generate_series(0, 59) m, generate_series(1, 150) u, unnest('{plan,actual,forecast}'::text[]) w (measure), unnest('{including,excluding}'::text[]) b (basis);
INSERT INTO stp.control_total (organisation, year, basis, amount)
SELECT format('O%s', u), y, b, u * 1000 FROM generate_series(1, 150) u, stp.periods('2021/22', '2025/26') y, unnest('{including,excluding}'::text[]) b;
INSERT INTO stp.emergency_attendance (organisation, period, department_type, attendances, over_4_hours, emergency_admissions)
SELECT format('O%s', u), stp.period('2021-04-01', 'month') + m, '1', 8000 + floor(random() * 999), floor(random() * 2000), 2000
  FROM generate_series(0, 59) m, generate_series(1, 150) u WHERE (u + m) % 50 > 0;
INSERT INTO stp.observation_source VALUES ('emergency_attendance');
CALL stp.refresh();
VACUUM ANALYZE;
