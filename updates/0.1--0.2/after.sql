-- Back come the rows, into the columns that are still there. When they were recorded is not known: they count as recorded
-- before all else (recorded_at -infinity), and the next refresh rates all their periods.
DO $$
DECLARE
    relation text;
    columns  text;
    given    record;
BEGIN
    FOREACH relation IN ARRAY ARRAY['system', 'organisation', 'membership', 'population', 'indicator', 'observation',
                                    'scheme', 'scheme_node', 'scheme_category'] LOOP
        SELECT string_agg(quote_ident(o.attname), ', ' ORDER BY o.attnum) INTO columns
          FROM pg_attribute o
          JOIN pg_attribute n ON n.attname = o.attname AND n.attrelid = format('stp.%I', relation)::regclass AND NOT n.attisdropped
         WHERE o.attrelid = format('pg_temp.%I', 'kept_' || relation)::regclass AND o.attnum > 0;
        EXECUTE format('INSERT INTO stp.%1$I (%2$s) SELECT %2$s FROM pg_temp.%3$I', relation, columns, 'kept_' || relation);
    END LOOP;
    -- A grant made here would count as the extension's own, which pg_dump leaves out: it is the user's to make again.
    FOR given IN SELECT * FROM pg_temp.kept_grant EXCEPT SELECT * FROM pg_temp.table_grant ORDER BY 1, 2, 3 LOOP
        RAISE WARNING 'a grant is gone with its table; make it again: %',
            format('GRANT %s ON stp.%I TO %s%s', given.privilege_type, given.relname, given.grantee, given.option);
    END LOOP;
END $$;
DROP VIEW pg_temp.table_grant;
DROP TABLE pg_temp.kept_system, pg_temp.kept_organisation, pg_temp.kept_membership, pg_temp.kept_population, pg_temp.kept_indicator,
    pg_temp.kept_observation, pg_temp.kept_scheme, pg_temp.kept_scheme_node, pg_temp.kept_scheme_category, pg_temp.kept_grant;
