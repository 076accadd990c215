-- A role that rates: it defines indicators and schemes, calls stp.refresh() and stp.publish(), and reads everything. It
-- loads nothing (to let it take figures over from stp.observation_source, GRANT INSERT, UPDATE ON stp.observation and
-- INSERT ON stp.observation_history), and what it has published it cannot change.
--   psql -d DATABASE -v role=ROLE -f doc/roles/publisher.sql
-- Run it as a superuser, or as the role that created the extension, and again after each upgrade.
SELECT format('GRANT SELECT ON stp.%I TO %I', relname, :'role')
  FROM pg_catalog.pg_class WHERE relnamespace = 'stp'::regnamespace AND relkind = 'r' \gexec

GRANT INSERT, UPDATE, DELETE
    ON stp.indicator, stp.scheme, stp.scheme_node, stp.scheme_category, stp.scheme_node_category, stp.scheme_bracket,
       stp.scheme_override, stp.scheme_override_condition, stp.standard_population, stp.delay_reason, stp.admission_method,
       stp.ambulatory_condition, stp.finance_threshold, stp.observation_source TO :"role";

-- What triggers write for it: histories, which refuse rows written by hand, and marks of what is stale.
GRANT INSERT
    ON stp.indicator_history, stp.scheme_history, stp.scheme_node_history, stp.scheme_category_history,
       stp.scheme_node_category_history, stp.scheme_bracket_history, stp.scheme_override_history,
       stp.scheme_override_condition_history, stp.input_change TO :"role";

-- What stp.refresh() and stp.publish() write, with the rights of who calls them.
GRANT INSERT, DELETE ON stp.input_change, stp.stale, stp.assessed_period, stp.assessment, stp.assessment_node TO :"role";
GRANT INSERT, UPDATE ON stp.refresh_log TO :"role";
GRANT INSERT ON stp.publication, stp.published_node TO :"role";
