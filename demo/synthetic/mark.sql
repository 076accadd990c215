-- The database says itself that not all of it is real, unless it has something else to say, or is somebody else's.
SELECT format('COMMENT ON DATABASE %I IS %L', d.datname,
              'Demonstration. Published: March 2026, 2025/26 Q3, and 2016 to 2019. SYNTHETIC: April 2023 to February 2026, which nobody reported.')
  FROM pg_catalog.pg_database d
 WHERE d.datname = pg_catalog.current_database() AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
   AND pg_catalog.shobj_description(d.oid, 'pg_database') IS NULL
\gexec
