-- Module comment: what a column is called everywhere is described once, and so is what every type and operator has. What
-- no module has described has the description of its name or of its part.

DO $$
DECLARE
    described record;
BEGIN
    FOR described IN
        SELECT a.attrelid::regclass AS relation, a.attname, c.relkind = 'c' AS is_type, d.comment
          FROM (VALUES
        ('attributed_to', 'NHS, social care or both.'),
        ('basis', 'including or excluding support funding.'),
        ('better', 'higher, lower or neutral.'),
        ('builtin', 'Shipped with the extension: cannot be edited, is not dumped.'),
        ('care_type', 'acute, non-acute or all.'),
        ('category', 'Category.'),
        ('completeness', 'Part of the expected reports that has come, by what they count, 0 to 1.'),
        ('expected', 'Number of organisations that have reported or were expected to.'),
        ('first_day', 'First day of the period.'),
        ('indicator', 'The indicator.'),
        ('indicator_name', 'Its name.'),
        ('kind', 'nation, region, system or place.'),
        ('last_day', 'Last day of the period.'),
        ('local_authority', 'The local authority.'),
        ('name', 'Name for people.'),
        ('organisation', 'The organisation.'),
        ('organisation_name', 'Its name.'),
        ('organisations', 'Number of organisations that reported.'),
        ('peer_group', 'The group within which it is compared; NULL: with all.'),
        ('period', 'The period.'),
        ('rank', 'Rank, 1 = best.'),
        ('reason', 'Code of the reason.'),
        ('scheme', 'The scheme.'),
        ('scheme_name', 'Its name.'),
        ('source', 'Where the row comes from.'),
        ('system', 'The system, place, region or nation.'),
        ('system_name', 'Its name.'),
        ('unit', 'Code of the nation, region, system, place or organisation.'),
        ('unit_kind', 'nation, region, system, place or organisation.'),
        ('unit_name', 'Its name.'),
        ('unit_of_measure', 'What the value is in.'),
        ('upper', 'Upper 95% confidence limit.'),
        ('year', 'The financial year.')) d (name, comment)
          JOIN pg_attribute a ON a.attname = d.name AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = ANY ('{r,p,v,c}')
         WHERE c.relnamespace = ANY (ARRAY['stp', 'stp_bi', 'stp_internal']::regnamespace[])
           AND col_description(a.attrelid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', described.relation, described.attname, described.comment);
    END LOOP;
END $$;

DO $$
DECLARE
    described record;
BEGIN
    FOR described IN
        SELECT p.oid::regprocedure AS function,
               coalesce('implementation of ' || (SELECT min(o.oprname) FROM pg_operator o
                   WHERE o.oprcode = p.oid) || ' operator', 'I/O') AS comment
          FROM pg_proc p
         WHERE p.pronamespace = 'stp_internal'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
           AND (EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
                OR EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend)))
    LOOP
        EXECUTE format('COMMENT ON FUNCTION %s IS %L', described.function, described.comment);
    END LOOP;
END $$;
