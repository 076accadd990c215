-- Module history: what is put in is never lost. A versioned table X carries recorded_at; what an UPDATE, DELETE or
-- TRUNCATE takes out of it goes to X_history, written with the rights of the owner and by nobody else; the view X_as_of
-- shows it as it stood at stp.as_of. What is computed from such tables, a view or function Y, has a twin Y_as_of that
-- reads their views. The present pays nothing for the past: its queries do not mention it.

CREATE FUNCTION stp.as_of() RETURNS timestamptz
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'stp_as_of';
COMMENT ON FUNCTION stp.as_of() IS
    'The time as of which the tables are read, set by SET stp.as_of = ''2026-04-01 12:00''; infinity when it is not set: as they '
    'stand now.';

CREATE FUNCTION stp_internal.estimate_known(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'stp_estimate_known';
COMMENT ON FUNCTION stp_internal.estimate_known(internal) IS 'Tells the planner that most stamps were known, and all are now.';

CREATE FUNCTION stp_internal.was_known(stamp timestamptz) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE SUPPORT stp_internal.estimate_known
AS 'MODULE_PATHNAME', 'stp_was_known';
COMMENT ON FUNCTION stp_internal.was_known(timestamptz) IS
    'Whether what bears a stamp was committed at stp.as_of(); by default: yes.';

-- pg_dump and pg_restore say that they restore, in every session, by switching off what checks functions.
CREATE FUNCTION stp_internal.is_restored(recorded_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN recorded_at < now() AND current_setting('check_function_bodies') = 'off';
COMMENT ON FUNCTION stp_internal.is_restored(timestamptz) IS
    'Whether a row that is inserted comes from a dump: it bears a past time, and check_function_bodies is off, as by pg_dump.';

CREATE FUNCTION stp_internal.begin_write() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_begin_write';
COMMENT ON FUNCTION stp_internal.begin_write() IS
    'Trigger: lets the transaction take its stamp; copies what TRUNCATE takes out into the history. Error 55000: stp.as_of is '
    'set, or the table has columns of a user''s own.';

CREATE FUNCTION stp_internal.record_update() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_record_update';
COMMENT ON FUNCTION stp_internal.record_update() IS
    'Trigger: sets recorded_at of an updated row. Error 42501: the UPDATE sets it itself.';

CREATE FUNCTION stp_internal.record_change() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_record_change';
COMMENT ON FUNCTION stp_internal.record_change() IS
    'Trigger: copies rows that are superseded or deleted into the history of the table, but for those that the same transaction '
    'has written; gives inserted rows whose recorded_at is infinity the time. Error 42501: inserted rows with a recorded_at of '
    'their own, but a past one from who may grant INSERT and has check_function_bodies off, as pg_dump does, to restore a dump.';

-- Tools of the script, gone when it has ended. This one: what a column is does not change from one table to the next.
CREATE PROCEDURE stp.copy_comments(source regclass, target regclass)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    copied record;
BEGIN
    FOR copied IN SELECT attname, col_description(source, attnum) AS comment FROM pg_attribute
                   WHERE attrelid = source AND attnum > 0
                     AND attname IN (SELECT attname FROM pg_attribute WHERE attrelid = target
                         AND col_description(target, attnum) IS NULL)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, copied.attname, copied.comment);
    END LOOP;
END $$;

-- Makes the function X_rows() of the view X, which is then its rows. Who reads many columns of X reads X_rows(): pg_dump follows
-- every reference to a column of a view by itself, down to the tables, so that a view of a user's on views on views took it
-- gigabytes; one to a function is one. The planner takes both in. Who gives it a comment has no reader of the view, which goes.
CREATE PROCEDURE stp.make_rows(view regclass, comment text DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name    text := (SELECT relname || '_rows' FROM pg_class WHERE oid = view);
    columns text := (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
                       FROM pg_attribute WHERE attrelid = view AND attnum > 0);
BEGIN
    EXECUTE format('CREATE FUNCTION stp_internal.%I() RETURNS TABLE (%s) LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000 '
                   'BEGIN ATOMIC %s END', name, columns, pg_get_viewdef(view));
    EXECUTE format('COMMENT ON FUNCTION stp_internal.%I() IS %L', name, coalesce(comment, format('The rows of %s.', view)));
    EXECUTE format(CASE WHEN comment IS NOT NULL THEN 'DROP VIEW %s'
                        ELSE 'CREATE OR REPLACE VIEW %s WITH (security_invoker = true) AS SELECT * FROM stp_internal.%I()' END,
                   view, name);
END $$;

-- Makes the table X_history, which has the columns and the key of X, and when a row was superseded.
CREATE PROCEDURE stp.make_history(relation text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    history text := relation || '_history';
    key     text;
BEGIN
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(i.indkey, a.attnum)) INTO key
      FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = format('stp.%I', relation)::regclass AND i.indisprimary;
    EXECUTE format('CREATE TABLE stp.%I (superseded_at timestamptz NOT NULL, LIKE stp.%I, PRIMARY KEY (%s, superseded_at))',
                   history, relation, key);
    EXECUTE format('COMMENT ON TABLE stp.%I IS %L', history,
                   format('Rows of stp.%s as they were before they were changed or deleted. Written by the extension.',
                       relation));
    EXECUTE format('COMMENT ON COLUMN stp.%I.superseded_at IS %L', history,
                   'When the row was changed or deleted: when the transaction that did began to write.');
    CALL stp.copy_comments(format('stp.%I', relation)::regclass, format('stp.%I', history)::regclass);
    -- To read the past, and to restore a dump.
    EXECUTE format('GRANT SELECT ON stp.%I TO @extowner@ WITH GRANT OPTION', history);
    EXECUTE format('GRANT INSERT ON stp.%I TO @extowner@', history);
    PERFORM pg_extension_config_dump(format('stp.%I', history)::regclass,
        CASE WHEN EXISTS (SELECT FROM pg_attribute WHERE attrelid = format('stp.%I', relation)::regclass AND attname = 'builtin')
             THEN 'WHERE NOT builtin' ELSE '' END);
END $$;

-- Makes the view X_as_of. The branch of the history has a condition without columns, which is asked once. Conditions stand
-- outside of UNION ALL, where the planner takes in the branches.
CREATE PROCEDURE stp.make_past(relation text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
      FROM pg_attribute WHERE attrelid = format('stp.%I', relation)::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('CREATE VIEW stp_internal.%1$I WITH (security_invoker = true) AS
        SELECT %2$s
          FROM (SELECT %2$s, true AS is_current, ''infinity''::timestamptz AS superseded_at FROM stp.%3$I
                UNION ALL
                SELECT %2$s, false, superseded_at FROM stp.%4$I) v
         WHERE stp_internal.was_known(v.recorded_at)
           AND (v.is_current OR (stp.as_of() < ''infinity'' AND NOT stp_internal.was_known(v.superseded_at)))',
        relation || '_as_of', columns, relation, relation || '_history');
    EXECUTE format('COMMENT ON VIEW stp_internal.%I IS %L', relation || '_as_of',
                   format('stp.%s as it stood at stp.as_of, by default now.', relation));
    CALL stp.copy_comments(format('stp.%I', relation)::regclass, format('stp_internal.%I', relation || '_as_of')::regclass);
    EXECUTE format('GRANT SELECT ON stp_internal.%I TO PUBLIC', relation || '_as_of');
END $$;

-- Makes a table versioned, in one line, after the table's own comments.
CREATE PROCEDURE stp.keep_history(relation text, for_public boolean DEFAULT true)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept record;
BEGIN
    EXECUTE format('ALTER TABLE stp.%I ADD recorded_at timestamptz NOT NULL DEFAULT stp_internal.recording_time()', relation);
    EXECUTE format('COMMENT ON COLUMN stp.%I.recorded_at IS %L', relation,
                   'When the row was recorded as it is: when its transaction began to write. Written by the extension.');
    CALL stp.make_history(relation);
    CALL stp.make_past(relation);
    IF for_public THEN
        EXECUTE format('GRANT SELECT ON stp.%I TO PUBLIC', relation || '_history');
    END IF;
    -- Names decide the order of triggers: what changes nothing is dropped first.
    FOR kept IN SELECT * FROM (VALUES
        ('changes_only BEFORE UPDATE', '', 'ROW', 'pg_catalog.suppress_redundant_updates_trigger'),
        ('record_update BEFORE UPDATE', '', 'ROW', 'stp_internal.record_update'),
        ('begin_write BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE', '', 'STATEMENT', 'stp_internal.begin_write'),
        ('record_insert AFTER INSERT', 'REFERENCING NEW TABLE AS new_rows', 'STATEMENT', 'stp_internal.record_change'),
        ('record_change AFTER UPDATE', 'REFERENCING OLD TABLE AS old_rows', 'STATEMENT', 'stp_internal.record_change'),
        ('record_delete AFTER DELETE', 'REFERENCING OLD TABLE AS old_rows', 'STATEMENT', 'stp_internal.record_change'))
        t (name_and_event, rows, level, function)
    LOOP
        EXECUTE format('CREATE TRIGGER %s ON stp.%I %s FOR EACH %s EXECUTE FUNCTION %s()', kept.name_and_event, relation,
                       kept.rows, kept.level, kept.function);
    END LOOP;
END $$;

-- Makes the twins of views and functions, in the order in which they use one another: the same text, but for the names.
CREATE PROCEDURE stp.make_as_of(VARIADIC names text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    original record;
    versions text;
    twin     text;
BEGIN
    FOR original IN SELECT n.name, coalesce(to_regclass('stp.' || n.name), to_regclass('stp_internal.' || n.name)) AS view,
                           coalesce(to_regproc('stp.' || n.name), to_regproc('stp_internal.' || n.name)) AS function
                      FROM unnest(names) WITH ORDINALITY n (name, position) ORDER BY n.position
    LOOP
        twin := original.name || '_as_of';
        SELECT format('\mstp(?:_internal)?\.(%s)\M', string_agg(left(v.name, -length('_as_of')), '|')) INTO versions
          FROM (SELECT relname FROM pg_class WHERE relnamespace = 'stp_internal'::regnamespace
                UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'stp_internal'::regnamespace) v (name)
         WHERE v.name LIKE '%_\_as\_of';
        IF original.view IS NOT NULL THEN
            EXECUTE format('CREATE VIEW stp_internal.%I WITH (security_invoker = true) AS %s', twin,
                           regexp_replace(pg_get_viewdef(original.view), versions, 'stp_internal.\1_as_of', 'g'));
            EXECUTE format('GRANT SELECT ON stp_internal.%I TO PUBLIC', twin);
            CALL stp.copy_comments(original.view, format('stp_internal.%I', twin)::regclass);
        ELSE
            -- Arguments are qualified by the name of the function.
            EXECUTE regexp_replace(regexp_replace(regexp_replace(pg_get_functiondef(original.function), versions,
                'stp_internal.\1_as_of', 'g'),
                                                  '\mFUNCTION stp\.', 'FUNCTION stp_internal.'),
                                   format('\m%s\M(?=[.(])', original.name), twin, 'g');
        END IF;
        EXECUTE format('COMMENT ON %s stp_internal.%I IS %L', CASE WHEN original.view IS NOT NULL THEN 'VIEW'
            ELSE 'FUNCTION' END, twin,
                       format('stp.%s as it was at stp.as_of, by default now.', original.name));
    END LOOP;
END $$;
