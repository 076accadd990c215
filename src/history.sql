-- Module history: what is put in is never lost. A versioned table X carries recorded_at; what an UPDATE, DELETE or
-- TRUNCATE takes out of it goes to X_history; the view X_as_of shows it as it stood at stp.as_of. What is computed from
-- such tables, a view or function Y, has a twin Y_as_of that reads their views. The present pays nothing for the past:
-- its queries do not mention it.

CREATE FUNCTION stp.as_of() RETURNS timestamptz
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'stp_as_of';
COMMENT ON FUNCTION stp.as_of() IS 'The time as of which the tables are read, set by SET stp.as_of = ''2026-04-01 12:00''; infinity when it is not set: as they stand now.';

CREATE FUNCTION stp.recording_time() RETURNS timestamptz
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'stp_recording_time';
COMMENT ON FUNCTION stp.recording_time() IS 'The time at which the rows that this transaction writes count as recorded: the clock when it first wrote to a versioned table. -infinity for rows that the extension ships. Error 55000 while stp.as_of is set.';

CREATE FUNCTION stp.settled_time() RETURNS timestamptz
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'stp_settled_time';
COMMENT ON FUNCTION stp.settled_time() IS 'Waits for the transactions that have written to versioned tables, then gives the time: what is recorded until then can be seen by the next statement, and whatever is written afterwards, also by this transaction, is recorded later. Writers wait until this transaction ends. Error 25001 unless the isolation level is READ COMMITTED.';

CREATE FUNCTION stp.record_update() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_record_update';
COMMENT ON FUNCTION stp.record_update() IS 'Trigger: sets recorded_at of an updated row, never to before it was. Error 42501: the UPDATE sets it itself.';

CREATE FUNCTION stp.record_history() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_record_history';
COMMENT ON FUNCTION stp.record_history() IS 'Trigger: copies rows that are superseded, deleted or truncated into the history of the table; none of what the same transaction has written.';

CREATE FUNCTION stp.guard_history() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_guard_history';
COMMENT ON FUNCTION stp.guard_history() IS 'Trigger: refuses rows written into a history by hand, SQLSTATE 42501; only who may grant INSERT on it may, to restore a dump.';

CREATE FUNCTION stp.check_recorded_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := stp.recording_time();
    given  timestamptz;
BEGIN
    SELECT n.recorded_at INTO given FROM new_rows n
     WHERE n.recorded_at <> moment
       AND NOT (n.recorded_at < moment AND has_table_privilege(TG_RELID, 'INSERT WITH GRANT OPTION'))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'recorded_at of stp.% cannot be set to %', TG_TABLE_NAME, given
              USING ERRCODE = 'insufficient_privilege',
                    HINT = 'Leave recorded_at out: it is the time at which a row was recorded. Only who may grant INSERT on the table may give a past time, to restore a dump.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_recorded_at() IS 'Trigger: refuses inserted rows that claim another recorded_at than the present, SQLSTATE 42501; a past one is left to those who may grant INSERT, so that a dump can be restored.';

-- Tools of the script, gone when it has ended. This one: what a column is does not change from one table to the next.
CREATE PROCEDURE stp.copy_comments(source regclass, target regclass)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    copied record;
BEGIN
    FOR copied IN SELECT attname, col_description(source, attnum) AS comment FROM pg_attribute
                   WHERE attrelid = source AND attnum > 0
                     AND attname IN (SELECT attname FROM pg_attribute WHERE attrelid = target AND col_description(target, attnum) IS NULL)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, copied.attname, copied.comment);
    END LOOP;
END $$;

-- Makes a table versioned, in one line, after the table's own comments.
CREATE PROCEDURE stp.keep_history(relation text, for_public boolean DEFAULT true)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    history text := relation || '_history';
    columns text;
    same    text;
    piece   text;
BEGIN
    EXECUTE format('ALTER TABLE stp.%I ADD recorded_at timestamptz NOT NULL DEFAULT stp.recording_time()', relation);
    EXECUTE format('COMMENT ON COLUMN stp.%I.recorded_at IS %L', relation,
                   'When the row was recorded as it is: the time of its transaction''s first write. Written by the extension.');
    -- Rows that compare alike on the key, whatever schema its operators are in.
    SELECT string_agg(format('later.%1$I OPERATOR(%2$I.=) v.%1$I', a.attname, n.nspname), ' AND ' ORDER BY a.attnum),
           string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(i.indkey, a.attnum))
      INTO same, piece
      FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
      JOIN pg_type t ON t.oid = a.atttypid
      JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE i.indrelid = format('stp.%I', relation)::regclass AND i.indisprimary;
    EXECUTE format('CREATE TABLE stp.%I (superseded_at timestamptz NOT NULL, LIKE stp.%I, PRIMARY KEY (%s, superseded_at))',
                   history, relation, piece);
    EXECUTE format('COMMENT ON TABLE stp.%I IS %L', history,
                   format('Rows of stp.%s as they were before they were changed or deleted. Written by the extension.', relation));
    EXECUTE format('COMMENT ON COLUMN stp.%I.superseded_at IS %L', history,
                   'When the row was changed or deleted: the recording time of the transaction that did.');

    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
      FROM pg_attribute WHERE attrelid = format('stp.%I', relation)::regclass AND attnum > 0 AND NOT attisdropped;
    -- The branch of the history has a condition without columns, which is asked once. Transactions that overlap may
    -- leave versions of one row that overlap: the one that was superseded last is the one that counts.
    EXECUTE format('CREATE VIEW stp.%1$I WITH (security_invoker = true) AS
        SELECT %2$s
          FROM (SELECT %2$s, true AS is_current, ''infinity''::timestamptz AS superseded_at FROM stp.%3$I
                UNION ALL
                SELECT %2$s, false, superseded_at FROM stp.%4$I) v
         WHERE v.recorded_at <= stp.as_of()
           AND (v.is_current
                OR (stp.as_of() < ''infinity'' AND v.superseded_at > stp.as_of()
                    AND NOT EXISTS (SELECT FROM stp.%3$I later WHERE %5$s AND later.recorded_at <= stp.as_of())
                    AND NOT EXISTS (SELECT FROM stp.%4$I later WHERE %5$s AND later.recorded_at <= stp.as_of()
                                                                 AND later.superseded_at > v.superseded_at)))',
        relation || '_as_of', columns, relation, history, same);
    EXECUTE format('COMMENT ON VIEW stp.%I IS %L', relation || '_as_of',
                   format('stp.%s as it stood at stp.as_of, by default now.', relation));
    FOR piece IN
        SELECT format('COMMENT ON COLUMN stp.%I.%I IS %L', copy, a.attname, col_description(a.attrelid, a.attnum))
          FROM pg_attribute a, unnest(ARRAY[history, relation || '_as_of']) copy
         WHERE a.attrelid = format('stp.%I', relation)::regclass AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        -- Names decide the order of triggers: what changes nothing is dropped first.
        SELECT format('CREATE TRIGGER %s ON stp.%I %s', t.name_and_event, relation, t.action)
          FROM (VALUES
            ('changes_only BEFORE UPDATE', 'FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()'),
            ('record_update BEFORE UPDATE', 'FOR EACH ROW EXECUTE FUNCTION stp.record_update()'),
            ('check_recorded_at AFTER INSERT', 'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stp.check_recorded_at()'),
            ('record_history_update AFTER UPDATE', 'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stp.record_history()'),
            ('record_history_delete AFTER DELETE', 'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stp.record_history()'),
            ('record_history_truncate BEFORE TRUNCATE', 'FOR EACH STATEMENT EXECUTE FUNCTION stp.record_history()')) t (name_and_event, action)
        UNION ALL
        SELECT format('CREATE TRIGGER guard_history BEFORE INSERT ON stp.%I FOR EACH STATEMENT EXECUTE FUNCTION stp.guard_history()', history)
        UNION ALL
        SELECT format('GRANT SELECT, INSERT ON stp.%I TO @extowner@ WITH GRANT OPTION', history)
        UNION ALL
        SELECT format('GRANT SELECT ON stp.%I%s TO PUBLIC', relation || '_as_of', CASE WHEN for_public THEN format(', stp.%I', history) END)
    LOOP
        EXECUTE piece;
    END LOOP;
    PERFORM pg_extension_config_dump(format('stp.%I', history)::regclass,
        CASE WHEN EXISTS (SELECT FROM pg_attribute WHERE attrelid = format('stp.%I', relation)::regclass AND attname = 'builtin')
             THEN 'WHERE NOT builtin' ELSE '' END);
END $$;

-- Makes the twins of views and functions, in the order in which they use one another: the same text, but for the names.
CREATE PROCEDURE stp.make_as_of(VARIADIC names text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name     text;
    versions text;
    twin     text;
    is_view  boolean;
BEGIN
    FOREACH name IN ARRAY names LOOP
        twin := name || '_as_of';
        SELECT string_agg(left(v.name, -length('_as_of')), '|') INTO versions
          FROM (SELECT relname FROM pg_class WHERE relnamespace = 'stp'::regnamespace
                UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'stp'::regnamespace) v (name)
         WHERE v.name LIKE '%_\_as\_of';
        SELECT true INTO is_view FROM pg_class WHERE relnamespace = 'stp'::regnamespace AND relname = name;
        IF is_view THEN
            EXECUTE format('CREATE VIEW stp.%I WITH (security_invoker = true) AS %s', twin,
                           regexp_replace(pg_get_viewdef(format('stp.%I', name)::regclass), format('\mstp\.(%s)\M', versions), 'stp.\1_as_of', 'g'));
            EXECUTE format('GRANT SELECT ON stp.%I TO PUBLIC', twin);
            CALL stp.copy_comments(format('stp.%I', name)::regclass, format('stp.%I', twin)::regclass);
        ELSE
            -- Arguments are qualified by the name of the function.
            EXECUTE regexp_replace(regexp_replace(pg_get_functiondef(format('stp.%I', name)::regproc),
                                                  format('\mstp\.(%s)\M', versions), 'stp.\1_as_of', 'g'),
                                   format('\m%s\M(?=[.(])', name), twin, 'g');
        END IF;
        EXECUTE format('COMMENT ON %s stp.%I IS %L', CASE WHEN is_view THEN 'VIEW' ELSE 'FUNCTION' END, twin,
                       format('stp.%s as it was at stp.as_of, by default now.', name));
    END LOOP;
END $$;

