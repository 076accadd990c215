-- No plain SQL to compare with: 1000 draws of both periods beside one, which is the two ratings and the charts; medians of 5.
CREATE TABLE elapsed (draws int, ms float8);
DO $$
DECLARE
    begun timestamptz;
    number int;
BEGIN
    FOR i IN 1..5 LOOP
        FOREACH number IN ARRAY '{1000,1}'::int[] LOOP
            begun := clock_timestamp();
            PERFORM FROM stp.compare_periods('bench', '2026-02', '2026-03', number, 0.25, i);
            INSERT INTO elapsed VALUES (number, 1000 * extract(epoch FROM clock_timestamp() - begun));
        END LOOP;
    END LOOP;
END $$;
SELECT concat_ws(E'\t', round(many::numeric, 1), round(one::numeric, 1), round((many / one)::numeric, 2))
  FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE draws = 1000),
               percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE draws = 1) FROM elapsed) e (many, one);
