-- What is taken again after one spell is new (ours) against taking the observations of all (in the place of plain SQL), each the
-- median of five in a session that has done it before.
SET client_min_messages = warning;
CREATE TABLE elapsed (what text, ms float8);
CREATE PROCEDURE take(what text, changes stp_internal.input_change[]) LANGUAGE plpgsql AS $$
DECLARE
    begun timestamptz := clock_timestamp();
    rows  int;
BEGIN
    CALL stp_internal.take_observations('spell', changes, rows);
    INSERT INTO elapsed VALUES (what, 1000 * extract(epoch FROM clock_timestamp() - begun));
END $$;
CALL take('first', NULL);
VACUUM ANALYZE;
TRUNCATE stp_internal.input_change;
SELECT format('INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, admission_method, age)
               VALUES (%L, %L, %L, %L, %L, 80)', 'O' || n, 'new', date '2016-01-20' + 300 * n, date '2016-02-10' + 300 * n, '21'),
       format('CALL take(%L, (SELECT array_agg(c) FROM stp_internal.input_change c WHERE c.input = %L AND c.code = %L))',
              CASE WHEN n > 1 THEN 'one' END, 'spell', 'O' || n),
       format('CALL take(%L, NULL)', CASE WHEN n > 1 THEN 'all' END)
  FROM generate_series(1, 6) n
\gexec
SELECT concat_ws(E'\t', round(one::numeric, 1), round(whole::numeric, 1), round((one / whole)::numeric, 4))
  FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE what = 'one') AS one,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE what = 'all') AS whole FROM elapsed) e;
