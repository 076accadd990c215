-- A role that reads: for BI tools and for people. It sees what is in schema stp and writes nothing.
--   psql -d DATABASE -v role=ROLE -f doc/roles/reader.sql
-- Run it as a superuser, or as the role that created the extension, and again after each upgrade.
GRANT SELECT ON ALL TABLES IN SCHEMA stp TO :"role";
