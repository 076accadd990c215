-- No plain SQL to compare with: the time itself, once. 1,000 draws of 10,000 units.
CREATE TABLE elapsed (ms float8);
DO $$
DECLARE
    begun timestamptz;
BEGIN
    FOR i IN 1..1 LOOP
        begun := clock_timestamp();
        PERFORM FROM stp.robustness('bench', '2026-03', 1000, 0.25, i);
        INSERT INTO elapsed VALUES (1000 * extract(epoch FROM clock_timestamp() - begun));
    END LOOP;
END $$;
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 1) FROM elapsed;
