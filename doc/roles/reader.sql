-- A role that reads: for BI tools and for people. It sees what is in schema stp, and what is kept for the
-- views of stp_bi, but for the rows of patients, and writes nothing. (Figures from spells reach it as observations. GRANT
-- SELECT ON stp.spell lets it read the views over them too.)
--   psql -d DATABASE -v role=ROLE -f doc/roles/reader.sql
-- Run it as a superuser, or as the role that created the extension, and again after each upgrade.
-- The views are public; they show what the reader may see in the tables.
SELECT format('GRANT SELECT ON %s TO %I', oid::regclass, :'role')
  FROM pg_catalog.pg_class
 WHERE relkind = 'r' AND relname <> 'spell'
   AND (relnamespace = 'stp'::regnamespace OR relnamespace = 'stp_internal'::regnamespace AND relname ~ '^kept_') \gexec
