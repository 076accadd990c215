\echo Use "ALTER EXTENSION stp_metrics UPDATE" to load this file. \quit

-- From 0.1 to 0.2: the modules up to composite are as they were; registry, scheme and assessment are made anew, with what
-- has come between and after them. The Makefile joins this file, those modules and after.sql.
--
-- What users have put in waits in temporary tables. Nothing of theirs is dropped: a view over a table or function of these
-- modules, a policy or a trigger is in the way, and theirs to drop and to make again; columns of type stp.period stay.
DO $$
DECLARE
    own text;
BEGIN
    SELECT format('policy %I of stp.%I', p.polname, c.relname) INTO own
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'stp'::regnamespace
    UNION ALL
    SELECT format('trigger %I of stp.%I', t.tgname, c.relname)
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE c.relnamespace = 'stp'::regnamespace AND p.pronamespace <> 'stp'::regnamespace AND NOT t.tgisinternal
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the table of % is made anew', own
              USING ERRCODE = 'dependent_objects_still_exist', HINT = 'Drop it, and make it again after the update.';
    END IF;
END $$;
CREATE TEMP TABLE kept_system AS SELECT * FROM stp.system;
CREATE TEMP TABLE kept_organisation AS SELECT * FROM stp.organisation;
CREATE TEMP TABLE kept_membership AS SELECT * FROM stp.membership;
CREATE TEMP TABLE kept_population AS SELECT * FROM stp.population;
CREATE TEMP TABLE kept_indicator AS SELECT * FROM stp.indicator WHERE NOT builtin;
CREATE TEMP TABLE kept_observation AS SELECT * FROM stp.observation;
CREATE TEMP TABLE kept_scheme AS SELECT * FROM stp.scheme WHERE NOT builtin;
CREATE TEMP TABLE kept_scheme_node AS SELECT * FROM stp.scheme_node WHERE NOT builtin;
CREATE TEMP TABLE kept_scheme_category AS SELECT * FROM stp.scheme_category WHERE NOT builtin;
CREATE TEMP VIEW table_grant AS
SELECT c.relname, a.privilege_type, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee,
       CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option
  FROM pg_class c CROSS JOIN aclexplode(c.relacl) a
 WHERE c.relnamespace = 'stp'::regnamespace AND a.grantee <> c.relowner;
CREATE TEMP TABLE kept_grant AS SELECT * FROM pg_temp.table_grant;

DROP FUNCTION stp.explain(text, stp.period, text);
DROP FUNCTION stp.assess(text, stp.period);
DROP FUNCTION stp.leaf_values(text[], stp.period[], text[]);
DROP FUNCTION stp.cohort(text, stp.period);
DROP FUNCTION stp.scheme_tree(text, stp.period);
DROP PROCEDURE stp.copy_scheme(text, text);
DROP FUNCTION stp.latest_period(text, stp.period, int);
DROP VIEW stp.unassigned_observation;
DROP VIEW stp.system_indicator;
DROP VIEW stp.system_value;
DROP FUNCTION stp.persons(text, stp.period, int, int);
DROP VIEW stp.system_membership;
DROP FUNCTION stp.scheme_faults(text);

-- Out of the extension first: a table that is dropped stays on its list of tables to dump.
ALTER EXTENSION stp_metrics DROP TABLE stp.scheme_category;
ALTER EXTENSION stp_metrics DROP TABLE stp.scheme_node;
ALTER EXTENSION stp_metrics DROP TABLE stp.scheme;
ALTER EXTENSION stp_metrics DROP TABLE stp.observation;
ALTER EXTENSION stp_metrics DROP TABLE stp.population;
ALTER EXTENSION stp_metrics DROP TABLE stp.membership;
ALTER EXTENSION stp_metrics DROP TABLE stp.indicator;
ALTER EXTENSION stp_metrics DROP TABLE stp.organisation;
ALTER EXTENSION stp_metrics DROP TABLE stp.system;
DROP TABLE stp.scheme_category, stp.scheme_node, stp.scheme, stp.observation, stp.population, stp.membership, stp.indicator, stp.organisation, stp.system;
DROP FUNCTION stp.refuse_unknown_code(), stp.check_parent(), stp.check_membership(), stp.check_share_sum(),
    stp.check_population(), stp.check_observation(), stp.refuse_change_in_use(), stp.check_scheme(), stp.refuse_builtin_scheme();

