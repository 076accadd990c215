-- COPY into stp.observation_text (ours) against numbers into stp.observation (plain), in turn, the fastest of 3.
CREATE TABLE elapsed (ours boolean, ms float8);
CREATE PROCEDURE load(ours boolean) LANGUAGE plpgsql AS $$
DECLARE
    begun timestamptz;
BEGIN
    -- Emptied without its triggers: that is not what is timed.
    SET LOCAL session_replication_role = replica;
    TRUNCATE stp.observation;
    COMMIT;
    begun := clock_timestamp();
    EXECUTE format('COPY %s FROM %L',
                   CASE WHEN ours THEN 'stp.observation_text' ELSE 'stp.observation (indicator, organisation, period, numerator, denominator)' END,
                   current_setting('data_directory') || CASE WHEN ours THEN '/report' ELSE '/numbers' END);
    COMMIT;
    INSERT INTO elapsed VALUES (ours, 1000 * extract(epoch FROM clock_timestamp() - begun));
END $$;
SELECT 'CALL load(false)', 'CALL load(true)' FROM generate_series(1, 3)
\gexec
SELECT 1 / (count(*) = 100000 AND count(*) FILTER (WHERE status = 'suppressed') > 1000)::int FROM stp.observation \g /dev/null
SELECT concat_ws(E'\t', round(ours::numeric, 1), round(plain::numeric, 1), round((ours / plain)::numeric, 2))
  FROM (SELECT min(ms) FILTER (WHERE e.ours) AS ours,
               min(ms) FILTER (WHERE NOT e.ours) AS plain FROM elapsed e) e;
