-- A role that rates: it defines indicators and schemes, calls stp.refresh() and stp.publish(), and reads everything. It
-- loads nothing, and writes no rating and no publication by hand: these two procedures do, with the rights of the owner.
--   psql -d DATABASE -v role=ROLE -f doc/roles/publisher.sql
-- Run it as a superuser, or as the role that created the extension, and again after each upgrade.
SELECT format('GRANT SELECT ON %s TO %I', oid::regclass, :'role')
  FROM pg_catalog.pg_class
 WHERE relkind = 'r'
   AND (relnamespace = 'stp'::regnamespace OR relnamespace = 'stp_internal'::regnamespace AND relname ~ '^kept_') \gexec

GRANT INSERT, UPDATE, DELETE
    ON stp.indicator, stp.target, stp.scheme, stp.scheme_node, stp.scheme_category, stp.scheme_node_category, stp.scheme_bracket,
       stp.scheme_override, stp.scheme_override_condition, stp.standard_population, stp.spc_dialect, stp.spc_setting, stp.spc_day,
       stp.delay_reason, stp.admission_method, stp.discharge_code, stp.report_symbol, stp.ambulatory_condition,
       stp.finance_threshold, stp.observation_source, stp.display_rule TO :"role";

GRANT EXECUTE ON PROCEDURE stp.refresh(text, timestamptz), stp.publish(text, stp.period, text) TO :"role";
-- To clear the log of what is done.
GRANT DELETE ON stp.refresh_log TO :"role";
