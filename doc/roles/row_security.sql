-- Row-level security: an analyst sees the systems that table analyst names for the analyst's role, and no others, in the
-- tables and in every view. For a superuser to adapt.
--   psql -d DATABASE -v loader=ROLE -v publisher=ROLE -f doc/roles/row_security.sql
-- pg_dump leaves out policies on tables of extensions: run it again in a restored database.
CREATE TABLE IF NOT EXISTS analyst (role name, system text, PRIMARY KEY (role, system));
COMMENT ON TABLE analyst IS 'Which systems (and places) a role may see.';
GRANT SELECT ON analyst TO PUBLIC;

-- Systems and memberships are closed as well as what was reported: a trust that serves two systems would otherwise show
-- half of the other one's figures.
CREATE POLICY own_system ON stp.system FOR SELECT
    USING (system IN (SELECT a.system FROM analyst a WHERE a.role = current_user));
CREATE POLICY own_system ON stp.membership FOR SELECT
    USING (system IN (SELECT a.system FROM analyst a WHERE a.role = current_user));
CREATE POLICY own_system ON stp.observation FOR SELECT
    USING (EXISTS (SELECT FROM stp.membership m
                    WHERE m.organisation = observation.organisation
                      AND stp.last_day(observation.period) BETWEEN m.valid_from AND coalesce(m.valid_to, 'infinity')));
CREATE POLICY own_system ON stp.assessment FOR SELECT
    USING (unit IN (SELECT a.system FROM analyst a WHERE a.role = current_user));
CREATE POLICY own_system ON stp.assessment_node FOR SELECT
    USING (unit IN (SELECT a.system FROM analyst a WHERE a.role = current_user));
CREATE POLICY own_system ON stp.published_node FOR SELECT
    USING (unit IN (SELECT a.system FROM analyst a WHERE a.role = current_user));

-- Who loads sees and writes everything. What was superseded has no policy but this: analysts read no past state.
CREATE POLICY all_systems ON stp.system TO :"loader" USING (true);
CREATE POLICY all_systems ON stp.membership TO :"loader" USING (true);
CREATE POLICY all_systems ON stp.observation TO :"loader" USING (true);
CREATE POLICY all_systems ON stp.system_history TO :"loader" USING (true);
CREATE POLICY all_systems ON stp.membership_history TO :"loader" USING (true);
CREATE POLICY all_systems ON stp.observation_history TO :"loader" USING (true);

-- Ratings rest on all rows or are not made: stp.refresh() and stp.publish() refuse to run under a policy.
ALTER ROLE :"publisher" BYPASSRLS;

ALTER TABLE stp.system ENABLE ROW LEVEL SECURITY;
ALTER TABLE stp.membership ENABLE ROW LEVEL SECURITY;
ALTER TABLE stp.observation ENABLE ROW LEVEL SECURITY;
ALTER TABLE stp.assessment ENABLE ROW LEVEL SECURITY;
ALTER TABLE stp.assessment_node ENABLE ROW LEVEL SECURITY;
ALTER TABLE stp.published_node ENABLE ROW LEVEL SECURITY;
ALTER TABLE stp.system_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE stp.membership_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE stp.observation_history ENABLE ROW LEVEL SECURITY;
