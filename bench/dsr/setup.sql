-- 10,000 areas by 19 age bands, from villages to cities: about one area in ten has fewer than ten events.
CREATE TABLE standard (band int PRIMARY KEY, weight float8);
INSERT INTO standard
SELECT band, weight FROM unnest('{5000,5500,5500,5500,6000,6000,6500,7000,7000,7000,7000,6500,6000,5500,5000,4000,2500,1500,1000}'::float8[])
       WITH ORDINALITY AS esp (weight, band);
SELECT setseed(0.5);
CREATE TABLE band AS
SELECT area, band, population, floor(population * (0.002 + 0.0001 * band * band) * random())::float8 AS events
  FROM (SELECT area, band, floor(5 * 10 ^ (area % 40 / 10.0) * (0.5 + random()) * (25 - band))::float8 AS population
          FROM generate_series(1, 10000) area, generate_series(1, 19) band) p;
VACUUM ANALYZE standard;
VACUUM ANALYZE band;
