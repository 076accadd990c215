\echo Use "CREATE EXTENSION stp_metrics" to load this file. \quit

-- This script runs with search_path = pg_catalog, pg_temp (the control file's schema): built-in names and operators
-- cannot be captured by anybody's, and views and SQL-standard bodies are parsed here, once. Everything of ours is
-- qualified, because stp is not on that path.

-- Module schema: the house itself. No IF NOT EXISTS: a schema somebody made beforehand is refused,
-- so that nobody but the extension owns what is in it.
CREATE SCHEMA stp;
COMMENT ON SCHEMA stp IS 'stp_metrics: performance of health systems';
GRANT USAGE ON SCHEMA stp TO PUBLIC;

-- What business intelligence tools read: plain types, names beside codes, nothing that needs a parameter.
CREATE SCHEMA stp_bi;
COMMENT ON SCHEMA stp_bi IS 'stp_metrics: for business intelligence tools';
GRANT USAGE ON SCHEMA stp_bi TO PUBLIC;

-- What nobody calls or reads by name: what the extension itself needs. Its functions are executed by what is in stp.
CREATE SCHEMA stp_internal;
COMMENT ON SCHEMA stp_internal IS 'stp_metrics: for its own use';
GRANT USAGE ON SCHEMA stp_internal TO PUBLIC;

-- Checks that must not overlap take turns. Advisory locks would not do: any role can hold one.
CREATE FUNCTION stp_internal.check_alone(subject regclass, changed regclass) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'stp_check_alone';
COMMENT ON FUNCTION stp_internal.check_alone(regclass, regclass) IS
    'For triggers: waits for the other transactions that check the subject, and keeps later ones waiting until this one ends. '
        'Error 42501: this transaction has not written to the table given second, or may not.';

CREATE FUNCTION stp_internal.take_turn(subject regclass) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'stp_take_turn';
COMMENT ON FUNCTION stp_internal.take_turn(regclass) IS
    'Waits for the other transactions that take turns about a table, and keeps later ones waiting until this one ends.';

