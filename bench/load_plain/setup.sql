-- As for load; but the table has only the index: what guards, keys and history together cost.
\ir ../load/setup.sql
SELECT format('ALTER TABLE plain_observation DROP CONSTRAINT %I', conname)
  FROM pg_constraint WHERE conrelid = 'plain_observation'::regclass AND contype <> 'p'
\gexec
