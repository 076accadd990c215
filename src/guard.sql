-- Module guard: what is written is checked, and refused whole with the value, the rows and a hint.
--
-- A guard is a statement trigger that sees the new rows: set-based, so that a load of a million rows pays little for it. The
-- foreign keys are deferred, so that it speaks first; they remain for the race that a trigger cannot see.

CREATE FUNCTION stp_internal.guard() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_guard';
COMMENT ON FUNCTION stp_internal.guard() IS
    'Trigger: refuses new rows whose foreign keys name no row, all such codes at once, and those that break a rule, SQLSTATE '
    '22023. Arguments are rules, column, column: rule, where the rule is a grain (month, quarter, half, year), a range (count: '
    'finite and at least 0; weight: finite and above 0; share: above 0 and at most 1; money: finite, in whole pennies), code (of '
    'which every character can be seen), or the words that there are, separated by a comma and a space; schema.relation among '
    'them is the name of any relation, with its schema.';

-- Tool of the script, gone when it has ended. A trigger that sees the new rows serves one event, so that each is made for INSERT
-- and for UPDATE. Names decide the order: the guard comes before what only one table needs.
CREATE PROCEDURE stp.guard_rows(relation text, function text, VARIADIC arguments text[] DEFAULT '{}')
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event text;
BEGIN
    FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE'] LOOP
        EXECUTE format('CREATE TRIGGER %s AFTER %s ON stp.%I REFERENCING NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.%I(%s)',
                       CASE function WHEN 'guard' THEN 'guard_'
                           ELSE 'rows_are_valid_' END || lower(event), event, relation, function,
                       (SELECT string_agg(quote_literal(a.argument), ', ' ORDER BY a.n)
                          FROM unnest(arguments) WITH ORDINALITY a (argument, n)));
    END LOOP;
END $$;

-- Rows that the extension ships, whatever table they are in: made before this trigger is.
CREATE FUNCTION stp_internal.guard_builtin() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.builtin THEN
        RAISE EXCEPTION 'builtin row of stp.% cannot be changed: %', TG_TABLE_NAME, to_jsonb(OLD) ->> TG_ARGV[0]
              USING ERRCODE = 'restrict_violation', HINT = format(TG_ARGV[1], to_jsonb(OLD) ->> 'scheme');
    ELSIF NEW.builtin THEN
        RAISE EXCEPTION 'rows of stp.% cannot be marked builtin', TG_TABLE_NAME
              USING ERRCODE = 'restrict_violation', HINT = 'Leave builtin out: builtin rows are not dumped, yours would be lost.';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
COMMENT ON FUNCTION stp_internal.guard_builtin() IS
    'Trigger: refuses edits of rows that the extension ships, and rows that call themselves builtin, SQLSTATE 23001; arguments: '
    'the key column and the hint, in which %L is the scheme of a row that has one.';
