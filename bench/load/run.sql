-- COPY into stp.observation (ours) against a table that lacks what setup.sql says (plain), in turn, the fastest of 3.
CREATE TABLE elapsed (ours boolean, ms float8);
CREATE PROCEDURE load(ours boolean) LANGUAGE plpgsql AS $$
DECLARE
    begun timestamptz;
    loaded text := CASE WHEN ours THEN 'stp.observation' ELSE 'public.plain_observation' END;
BEGIN
    -- Emptied without its triggers: that is not what is timed.
    SET LOCAL session_replication_role = replica;
    EXECUTE format('TRUNCATE %s', loaded);
    COMMIT;
    begun := clock_timestamp();
    EXECUTE format('COPY %s (indicator, organisation, period, numerator, denominator) FROM %L', loaded, current_setting('data_directory') || '/report');
    COMMIT;
    INSERT INTO elapsed VALUES (ours, 1000 * extract(epoch FROM clock_timestamp() - begun));
END $$;
SELECT 'CALL load(true)', 'CALL load(false)' FROM generate_series(1, 3)
\gexec
SELECT 1 / (count(*) = 17 * 60)::int FROM stp_internal.input_change WHERE input = 'observation' AND transaction = (SELECT max(transaction) FROM stp_internal.input_change) \g /dev/null
SELECT concat_ws(E'\t', round(ours::numeric, 1), round(plain::numeric, 1), round((ours / plain)::numeric, 2))
  FROM (SELECT min(ms) FILTER (WHERE e.ours) AS ours,
               min(ms) FILTER (WHERE NOT e.ours) AS plain FROM elapsed e) e;
