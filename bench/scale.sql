-- Spells of 150 organisations over ten years, in no order; :spells says how many.
SET client_min_messages = warning;
DROP TABLE IF EXISTS spell;
SELECT setseed(0.5);
CREATE TABLE spell AS
SELECT format('R%s', lpad((i % 150)::text, 3, '0')) AS organisation, day AS admission_date, day + floor(random() * 15)::int AS discharge_date
  FROM (SELECT i, date '2016-04-01' + floor(random() * 3652)::int AS day FROM generate_series(1, :spells) i) s;
CREATE STATISTICS spell_month ON (stp.month(admission_date)) FROM spell;
VACUUM ANALYZE spell;
