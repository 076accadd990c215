-- No plain SQL to compare with: the time itself, the median of 5, of the changes of all systems.
CREATE TABLE elapsed (ms float8);
DO $$
DECLARE
    begun timestamptz;
BEGIN
    FOR i IN 1..5 LOOP
        begun := clock_timestamp();
        PERFORM FROM stp.explain_change('bench', '2026-02', '2026-03');
        INSERT INTO elapsed VALUES (1000 * extract(epoch FROM clock_timestamp() - begun));
    END LOOP;
END $$;
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 1) FROM elapsed;
