-- 5 million spells in 44 systems over one year, of seven days on average, some of which began before it.
SELECT setseed(0.5);
CREATE TABLE spell AS
SELECT (random() * 43)::int AS system, start_date, start_date + floor(random() * 15)::int AS end_date
  FROM (SELECT date '2016-03-25' + floor(random() * 372)::int AS start_date FROM generate_series(1, 5000000)) s;
VACUUM ANALYZE spell;
