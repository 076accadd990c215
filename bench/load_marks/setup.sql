-- As for load; but the table has the guards of stp.observation too, and lacks only history and marks.
\ir ../load/setup.sql
SELECT replace(pg_get_triggerdef(oid), ' ON stp.observation ', ' ON plain_observation ')
  FROM pg_trigger
 WHERE tgrelid = 'stp.observation'::regclass AND NOT tgisinternal
   AND tgname !~ '^(changes_only|begin_write|record_|mark_change_)'
\gexec
-- The guard serves tables of the extension only.
ALTER EXTENSION stp_metrics ADD TABLE plain_observation;
