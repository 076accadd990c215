-- No plain SQL to compare with: microseconds a series, of 1,000, 10,000 and 100,000 of them, from rows to flagged points.
CREATE TABLE elapsed (series int, us float8);
DO $$
DECLARE
    begun timestamptz;
    many  int;
BEGIN
    FOREACH many IN ARRAY ARRAY[1000, 10000, 100000] LOOP
        CREATE TEMP TABLE part AS SELECT * FROM report WHERE series <= many;
        ANALYZE part;
        begun := clock_timestamp();
        PERFORM count(p.shift) FROM (SELECT stp.spc(day, value) AS state FROM part GROUP BY series) s CROSS JOIN LATERAL stp.spc_points(s.state, 'higher') p;
        INSERT INTO elapsed VALUES (many, 1000000 * extract(epoch FROM clock_timestamp() - begun) / many);
        DROP TABLE part;
    END LOOP;
END $$;
SELECT string_agg(round(us::numeric) || ' us', ' / ' ORDER BY series) FROM elapsed;
