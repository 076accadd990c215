\echo Use "CREATE EXTENSION stp_metrics" to load this file. \quit

-- Module schema: the house itself. No IF NOT EXISTS: a schema somebody made beforehand is refused,
-- so that nobody but the extension owns what is in it.
CREATE SCHEMA stp;
COMMENT ON SCHEMA stp IS 'stp_metrics: performance of health systems';
GRANT USAGE ON SCHEMA stp TO PUBLIC;

