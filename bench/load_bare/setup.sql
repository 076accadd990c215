-- As for load; but the table has no key of any kind, nor an index: what rows cost that nobody has to trust.
\ir ../load/setup.sql
SELECT format('ALTER TABLE plain_observation DROP CONSTRAINT %I', conname) FROM pg_constraint WHERE conrelid = 'plain_observation'::regclass
\gexec
