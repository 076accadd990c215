-- No plain SQL to compare with: the time itself, the median of 5. 2,000 draws.
CREATE TABLE elapsed (ms float8);
DO $$
DECLARE
    begun timestamptz;
BEGIN
    FOR i IN 1..5 LOOP
        begun := clock_timestamp();
        PERFORM FROM stp.rank_confidence('bench', '2026-03', seed => i);
        INSERT INTO elapsed VALUES (1000 * extract(epoch FROM clock_timestamp() - begun));
    END LOOP;
END $$;
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 1) FROM elapsed;
