-- A million spells of 50 organisations in ten years, from which observations come.
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || n, 'Trust ' || n FROM generate_series(1, 50) n;
INSERT INTO stp.observation_source VALUES ('spell');
SELECT setseed(0.5);
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, ready_date, admission_method, age, diagnosis)
SELECT 'O' || 1 + floor(random() * 50)::int, n::text, s.day, s.day + s.stay, CASE WHEN random() < 0.3 THEN s.day + s.stay / 2 END,
       (ARRAY['21', '22', '11', '2A'])[1 + n % 4], n % 97, 'J440'
  FROM generate_series(1, 1000000) n
 CROSS JOIN LATERAL (SELECT date '2014-04-01' + (n * 3650::bigint / 1000000)::int AS day, floor(60 * random() ^ 6)::int AS stay) s;
VACUUM ANALYZE;
