-- Row-level security: an analyst sees the systems and places that stp.analyst names for the analyst's role, and no others: in
-- every table that says what an organisation or a system reported or is, and so in every view. For a superuser.
--   psql -d DATABASE -v loader=ROLE -v publisher=ROLE -f doc/roles/row_security.sql
-- pg_dump leaves out policies on tables of extensions, and an upgrade may bring new tables: run it again after either.
SELECT set_config('stp_row_security.loader', :'loader', false) AS loader_is_set \gset

DO $$
DECLARE
    closed record;
    mine   text := '(SELECT a.system FROM stp.analyst a WHERE a.role = current_user)';
BEGIN
    -- Who a row is of: of organisations on the day that the row is of, where it is of one. What tells it in no column of its
    -- own (a history, a file as it came) has no policy for analysts, and is closed to them.
    FOR closed IN
        SELECT c.oid::regclass AS relation, c.relname AS name,
               CASE WHEN c.relname LIKE '%\_history' THEN NULL
                    WHEN c.relname = 'analyst' THEN 'role = current_user'
                    -- What is asked of every unit has none.
                    WHEN 'unit' = ANY (columns)
                        THEN format('unit = '''' OR unit IN %s OR unit IN (SELECT o.organisation FROM stp.organisation o)', mine)
                    WHEN 'system' = ANY (columns) THEN format('system IN %s', mine)
                    WHEN 'organisation' = ANY (columns) THEN format(
                        'EXISTS (SELECT FROM stp.membership m WHERE m.organisation = %I.organisation%s)', c.relname,
                        CASE WHEN 'period' = ANY (columns)
                            THEN ' AND stp.last_day(period) BETWEEN m.valid_from AND coalesce(m.valid_to, ''infinity'')'
                             WHEN 'year' = ANY (columns)
                                 THEN ' AND m.valid_from <= stp.last_day(year) AND coalesce(m.valid_to, ''infinity'') >= '
                                 'stp.first_day(year)'
                             WHEN 'admission_date' = ANY (columns)
                                 THEN ' AND admission_date BETWEEN m.valid_from AND coalesce(m.valid_to, ''infinity'')'
                        END) END AS own
          FROM pg_catalog.pg_class c
         CROSS JOIN LATERAL (SELECT array_agg(a.attname::text) AS columns FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0) a
         WHERE c.relnamespace IN ('stp'::regnamespace, 'stp_internal'::regnamespace) AND c.relkind = 'r'
           AND (columns && '{system,organisation,role,unit}' OR c.relname ~ '^(dtoc_|ae_return)')
    LOOP
        EXECUTE format('DROP POLICY IF EXISTS own_systems ON %s', closed.relation);
        EXECUTE format('DROP POLICY IF EXISTS all_systems ON %s', closed.relation);
        IF closed.own IS NOT NULL THEN
            EXECUTE format('CREATE POLICY own_systems ON %s FOR SELECT USING (%s)', closed.relation, closed.own);
        END IF;
        -- Who loads sees and writes everything.
        EXECUTE format('CREATE POLICY all_systems ON %s TO %I USING (true)', closed.relation,
            current_setting('stp_row_security.loader'));
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', closed.relation);
    END LOOP;
END $$;

-- Who publishes reads everything, and rates and verifies: what rests on some of the rows would be a lie, and is an error.
ALTER ROLE :"publisher" BYPASSRLS;
