\echo Use "CREATE EXTENSION stp_metrics" to load this file. \quit

-- This script runs with search_path = pg_catalog, pg_temp (the control file's schema): built-in names and operators
-- cannot be captured by anybody's, and views and SQL-standard bodies are parsed here, once. Everything of ours is
-- qualified, because stp is not on that path.

-- Module schema: the house itself. No IF NOT EXISTS: a schema somebody made beforehand is refused,
-- so that nobody but the extension owns what is in it.
CREATE SCHEMA stp;
COMMENT ON SCHEMA stp IS 'stp_metrics: performance of health systems';
GRANT USAGE ON SCHEMA stp TO PUBLIC;

