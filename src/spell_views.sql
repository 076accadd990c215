-- Module spell_views: all that is made of stp.spell, made of another relation: partitioned, foreign, or a view.

-- Found, not listed: a new view over spells is one more of them. Bodies of PL/pgSQL name what they read in words alone. What
-- PUBLIC may not use is for the refresh. The table is looked up, or this would read it too.
CREATE VIEW stp_internal.spell_reader WITH (security_invoker = true) AS
WITH RECURSIVE candidate AS MATERIALIZED
(
    SELECT 'pg_class'::regclass AS class, c.oid, c.relname AS name, n.nspname AS schema, NULL AS words
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('stp', 'stp_internal') AND has_table_privilege('public', c.oid, 'SELECT')
    UNION ALL
    SELECT 'pg_proc', p.oid, p.proname, n.nspname, CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname IN ('stp', 'stp_internal') AND p.prokind = 'f' AND p.provolatile = 's'
       AND has_function_privilege('public', p.oid, 'EXECUTE')
),
reader AS
(
    SELECT 'pg_class'::regclass AS class, to_regclass('stp.spell')::oid AS oid, name 'spell' AS name, name 'stp' AS schema,
           0 AS depth
    UNION
    SELECT c.class, c.oid, c.name, c.schema, r.depth + 1
      FROM reader r
     CROSS JOIN LATERAL (SELECT CASE d.classid WHEN 'pg_rewrite'::regclass THEN 'pg_class'::regclass ELSE d.classid END AS class,
                                coalesce(rule.ev_class, d.objid) AS oid
                           FROM pg_depend d
                           LEFT JOIN pg_rewrite rule ON d.classid = 'pg_rewrite'::regclass AND rule.oid = d.objid
                          WHERE d.refclassid = r.class AND d.refobjid = r.oid
                            AND d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass)
                         UNION ALL
                         SELECT k.class, k.oid FROM candidate k
                          WHERE k.words ~ format('\m%s\.%s\M', r.schema, r.name)) found
      -- A view depends on itself, too.
      JOIN candidate c ON c.class = found.class AND c.oid = found.oid AND c.oid <> r.oid
)
SELECT class, oid, name, schema, max(depth) AS depth FROM reader WHERE depth > 0 GROUP BY class, oid, name, schema;
COMMENT ON VIEW stp_internal.spell_reader IS 'Views and functions of ours that read stp.spell, or read what does.';
COMMENT ON COLUMN stp_internal.spell_reader.class IS 'The catalogue that it is in: pg_class or pg_proc.';
COMMENT ON COLUMN stp_internal.spell_reader.oid IS 'Its oid there.';
COMMENT ON COLUMN stp_internal.spell_reader.name IS 'Its name.';
COMMENT ON COLUMN stp_internal.spell_reader.schema IS 'Its schema.';
COMMENT ON COLUMN stp_internal.spell_reader.depth IS
    'How many it is away from stp.spell, by the longest way: what it reads is nearer.';

-- Citus plans a query before functions are looked into, and sends workers what reads tables that only the coordinator has rows
-- in: answers would be errors, and some wrong.
CREATE FUNCTION stp_internal.is_distributed(relation regclass) RETURNS boolean
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found boolean := false;
BEGIN
    IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
        EXECUTE 'WITH RECURSIVE read AS
                 (
                     SELECT $1::oid AS oid
                     UNION
                     SELECT d.refobjid FROM read
                       JOIN pg_rewrite r ON r.ev_class = read.oid
                       JOIN pg_depend d ON d.classid = ''pg_rewrite''::regclass AND d.objid = r.oid
                                       AND d.refclassid = ''pg_class''::regclass
                 )
                 SELECT EXISTS (SELECT FROM read JOIN pg_dist_partition p ON p.logicalrelid = read.oid)'
           INTO found USING relation;
    END IF;
    RETURN found;
END $$;
COMMENT ON FUNCTION stp_internal.is_distributed(regclass) IS 'Whether Citus distributes a relation, or what a view reads.';

CREATE PROCEDURE stp_internal.refuse_spells(schema text, relation regclass)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lacking text;
BEGIN
    IF schema IS NULL OR relation IS NULL THEN
        RAISE EXCEPTION 'schema and relation must not be null'
              USING ERRCODE = 'null_value_not_allowed', HINT = 'CALL stp.make_spell_views(''a_schema'', ''a_schema.spell'').';
    ELSIF schema IN ('stp', 'stp_bi', 'stp_internal') THEN
        RAISE EXCEPTION 'schema "%" belongs to the extension', schema
              USING ERRCODE = 'invalid_parameter_value', HINT = 'CREATE SCHEMA for them, or give that of the relation.';
    ELSIF stp_internal.is_distributed(relation) THEN
        RAISE EXCEPTION '% is distributed by Citus', relation
              USING ERRCODE = 'feature_not_supported',
                    HINT = 'Give a view of a PL/pgSQL function that returns its rows: see doc/distribute.md.';
    END IF;
    SELECT string_agg(format('%s %s', ours.attname, format_type(ours.atttypid, NULL)), ', ' ORDER BY ours.attnum) INTO lacking
      FROM pg_attribute ours
      LEFT JOIN pg_attribute theirs
             ON theirs.attrelid = relation AND theirs.attname = ours.attname AND NOT theirs.attisdropped
     WHERE ours.attrelid = 'stp.spell'::regclass AND ours.attnum > 0 AND NOT ours.attisdropped
       AND theirs.atttypid IS DISTINCT FROM ours.atttypid;
    IF lacking IS NOT NULL THEN
        RAISE EXCEPTION '% lacks columns that stp.spell has: %', relation, lacking
              USING ERRCODE = 'datatype_mismatch',
                    HINT = 'Make a view of it that has them, of these types, NULL::text where nothing is known, and give that.';
    END IF;
END $$;
COMMENT ON PROCEDURE stp_internal.refuse_spells(text, regclass) IS
    'Errors: 22004 an argument is NULL; 22023 a schema of the extension; 0A000 a distributed relation; 42804 a relation without '
    'the columns of stp.spell.';

CREATE PROCEDURE stp_internal.copy_reader_comments(reader stp_internal.spell_reader, schema text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('COMMENT ON %s IS %L',
                      CASE WHEN d.objsubid > 0 THEN format('COLUMN %I.%I.%I', schema, reader.name, a.attname)
                           WHEN reader.class = 'pg_class'::regclass THEN format('VIEW %I.%I', schema, reader.name)
                           ELSE format('FUNCTION %I.%I(%s)', schema, reader.name, pg_get_function_identity_arguments(reader.oid))
                      END, d.description)
          FROM pg_description d
          LEFT JOIN pg_attribute a ON d.objsubid > 0 AND a.attrelid = reader.oid AND a.attnum = d.objsubid
         WHERE d.classoid = reader.class AND d.objoid = reader.oid
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;
COMMENT ON PROCEDURE stp_internal.copy_reader_comments(stp_internal.spell_reader, text) IS
    'Describes a view or function that was made in another schema as the original is described.';

-- A definition names what it reads with its schema, since the search_path has none; what has no alias goes by its name. The
-- type of a row stays that of stp.spell.
CREATE PROCEDURE stp.make_spell_views(schema text, relation regclass)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    readers    CONSTANT stp_internal.spell_reader[] :=
                   ARRAY(SELECT ROW(r.*)::stp_internal.spell_reader FROM stp_internal.spell_reader r ORDER BY r.depth);
    names      CONSTANT text := (SELECT string_agg(DISTINCT r.name, '|') FROM unnest(readers) r);
    reader     stp_internal.spell_reader;
    definition text;
BEGIN
    CALL stp_internal.refuse_spells(schema, relation);
    FOREACH reader IN ARRAY readers LOOP
        definition := CASE reader.class
            WHEN 'pg_proc'::regclass THEN pg_get_functiondef(reader.oid)
            ELSE format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS %s', reader.schema, reader.name,
                        pg_get_viewdef(reader.oid)) END;
        definition := regexp_replace(definition, format('\m(stp|stp_internal)\.(%s)\M', names),
                                     replace(quote_ident(schema), '\', '\\') || '.\2', 'g');
        definition := replace(definition, 'source_reach(''spell''', format('source_reach(%L', relation));
        definition := regexp_replace(definition, '(?<!SETOF )\mstp\.spell\M(?! \w)', 'stp.spell spell', 'g');
        EXECUTE regexp_replace(definition, '(?<!SETOF )\mstp\.spell\M', replace(relation::text, '\', '\\'), 'g');
        CALL stp_internal.copy_reader_comments(reader, schema);
    END LOOP;
END $$;
COMMENT ON PROCEDURE stp.make_spell_views(text, regclass) IS
    'Makes all views and functions of ours that read stp.spell, and those that they need, for another relation: admissions, bed '
    'days, stays, delays, readmissions, ambulatory conditions, and spell_observation. schema: where to, under the same names; '
    'made again, they replace those of before, as after an update of the extension. relation: a table, perhaps partitioned or '
    'foreign, or a view, that has the columns of stp.spell with their types, in any order, among others. How far it reaches '
    'is said in stp.extract under its name with its schema (a_schema.spell); where that says nothing, it is asked its first and '
    'last day. The views read with the rights of the reader. Errors: 22004 an argument is NULL; 22023 a schema of the extension; '
    '42804 a relation without these columns; 0A000 one that Citus distributes; 3F000 no such schema; '
    '42501 no right to make something in it.';

GRANT SELECT ON stp_internal.spell_reader TO PUBLIC;
