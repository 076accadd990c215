-- Spells of 150 organisations over ten years, of seven days on average, in no order; :spells says how many.
SELECT setseed(0.5);
INSERT INTO stp.organisation (organisation, name)
SELECT format('R%s', lpad(o::text, 3, '0')), format('Trust %s', o) FROM generate_series(0, 149) o;
-- What guards and marks cost is what load measures.
SET session_replication_role = replica;
INSERT INTO stp.spell (organisation, spell, person, admission_date, discharge_date, admission_method, age, sex, diagnosis)
SELECT format('R%s', lpad((i % 150)::text, 3, '0')), i, md5((i / 3)::text), day, nullif(least(day + stay, '2026-04-01'), '2026-04-01'),
       CASE WHEN i % 3 = 0 THEN '11' ELSE '21' END, i % 100, CASE WHEN i % 2 = 0 THEN 'female' ELSE 'male' END, 'J440'
  FROM (SELECT i, date '2016-04-01' + floor(random() * 3652)::int AS day, floor(random() * 15)::int AS stay
          FROM generate_series(1, :spells) i) s;
RESET session_replication_role;
VACUUM ANALYZE stp.spell;
