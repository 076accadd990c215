-- Module mark: what has changed since stp.refresh() last looked.
--
-- Writers only say what they changed, in a list that only ever grows by rows of new keys: nobody waits for anybody. Which
-- ratings a change reaches is left to stp.refresh(), so that a load pays for one DISTINCT.
--
-- Triggers write with the rights of the owner: nobody else writes a mark.

CREATE TYPE stp_internal.failure AS
(
    error         text,
    failures      int,
    failing_since timestamptz,
    failed_at     timestamptz
);
COMMENT ON TYPE stp_internal.failure IS
    'Why what is marked could not be done, and how often it was tried. It stays marked, and is tried again.';
COMMENT ON COLUMN stp_internal.failure.error IS 'SQLSTATE and message of the last time.';
COMMENT ON COLUMN stp_internal.failure.failures IS 'How often it has failed since it last went well.';
COMMENT ON COLUMN stp_internal.failure.failing_since IS 'When it failed for the first time.';
COMMENT ON COLUMN stp_internal.failure.failed_at IS 'When it failed for the last time.';

CREATE TABLE stp_internal.input_change
(
    input       text NOT NULL,
    code        text NOT NULL,
    first_day   date NOT NULL,
    last_day    date NOT NULL,
    recorded_at timestamptz NOT NULL,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    marked_at   timestamptz NOT NULL DEFAULT now(),
    failure     stp_internal.failure,
    PRIMARY KEY (input, code, first_day, last_day, transaction, recorded_at)
);
COMMENT ON TABLE stp_internal.input_change IS 'What has changed since stp.refresh() last looked. Written by triggers.';
COMMENT ON COLUMN stp_internal.input_change.input IS
    'The table that was changed; scheme for all tables of a scheme; source for what observations come from as a whole, or the '
    'name of a relation that they come from.';
COMMENT ON COLUMN stp_internal.input_change.code IS
    'Which indicator (of observation, expected_report, target, indicator, spc_setting and spc_day), scheme, source (of extract '
    'too) or organisation (of spell, and of a relation that is a source); empty for the others, and for all.';
COMMENT ON COLUMN stp_internal.input_change.first_day IS 'First day that the change concerns (observation: of the period).';
COMMENT ON COLUMN stp_internal.input_change.last_day IS 'Last day that the change concerns.';
COMMENT ON COLUMN stp_internal.input_change.recorded_at IS
    'The stamp of the change, as in recorded_at of what was changed; -infinity where that bears none: it counts at any time.';
COMMENT ON COLUMN stp_internal.input_change.transaction IS
    'The transaction that made the change: it says it once, however many statements it needs.';
COMMENT ON COLUMN stp_internal.input_change.marked_at IS 'When that transaction began.';
COMMENT ON COLUMN stp_internal.input_change.failure IS 'Why a refresh could not do it; NULL: nobody has tried.';

CREATE FUNCTION stp_internal.describe(input text, code text, first_day date, last_day date) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN concat_ws(' ', input, nullif(code, ''),
                 CASE WHEN isfinite(first_day) THEN format('from %s', to_char(first_day, 'YYYY-MM-DD')) END,
                 CASE WHEN isfinite(last_day) THEN format('to %s', to_char(last_day, 'YYYY-MM-DD')) END);
COMMENT ON FUNCTION stp_internal.describe(text, text, date, date) IS 'A change in words.';

-- Arguments: expressions over a changed row c for code, first_day and last_day, in which $2 is the kind of statement;
-- what they read, DISTINCT where a million rows have few of it; for tables that say more than ratings use, the columns that
-- matter; and by what the rows of a statement are taken together, where the expressions are of all of them.
CREATE FUNCTION stp_internal.mark_change() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_mark_change';
COMMENT ON FUNCTION stp_internal.mark_change() IS 'Trigger: notes in stp_internal.input_change what a statement has changed.';

CREATE PROCEDURE stp.mark_changes(relation text, code text, first_day text, last_day text, matters text DEFAULT NULL,
                                  reads text DEFAULT '*', per text DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event record;
BEGIN
    FOR event IN SELECT * FROM (VALUES
        ('insert', 'AFTER INSERT', 'REFERENCING NEW TABLE AS new_rows'),
        ('update', 'AFTER UPDATE', 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'),
        ('delete', 'AFTER DELETE', 'REFERENCING OLD TABLE AS old_rows'),
        ('truncate', 'BEFORE TRUNCATE', '')) events (name, moment, referencing)
    LOOP
        EXECUTE format('CREATE TRIGGER mark_change_%s %s ON stp.%I %s FOR EACH STATEMENT EXECUTE FUNCTION '
            'stp_internal.mark_change(%L, %L, %L, %L%s)',
                       event.name, event.moment, relation, event.referencing, code, first_day, last_day, reads,
                       (SELECT string_agg(', ' || quote_literal(a), '') FROM unnest(ARRAY[matters, per]) a WHERE a IS NOT NULL));
    END LOOP;
END $$;

-- An observation counts in its period. A membership counts on its days. A succession changes the map from its day on. A
-- population counts from its first day until the next one begins. A system is in the cohort while it exists; that it moves to
-- another parent concerns all days.
CALL stp.mark_changes('observation', 'c.indicator', 'stp.first_day(c.period)', 'stp.last_day(c.period)',
                      reads => 'DISTINCT indicator, period');
CALL stp.mark_changes('membership', '''''', 'c.valid_from', 'coalesce(c.valid_to, ''infinity'')');
CALL stp.mark_changes('succession', '''''', 'c.day', 'date ''infinity''');
CALL stp.mark_changes('expected_report', 'c.indicator', 'c.valid_from', 'coalesce(c.valid_to, ''infinity'')');
CALL stp.mark_changes('population', '''''', 'stp.first_day(c.period)',
    'coalesce((SELECT min(stp.first_day(p.period)) - 1 FROM stp.population p
                WHERE p.system = c.system AND p.period > c.period), ''infinity'')');
CALL stp.mark_changes('system', '''''', 'CASE $2 WHEN ''UPDATE'' THEN ''-infinity'' ELSE c.valid_from END',
    'CASE $2 WHEN ''UPDATE'' THEN ''infinity'' ELSE coalesce(c.valid_to, ''infinity'') END',
        'system, kind, parent, valid_from, valid_to');
CALL stp.mark_changes('organisation', '''''', 'date ''-infinity''', 'date ''infinity''', 'organisation, type, subtype, region');
CALL stp.mark_changes('indicator', 'c.indicator', 'date ''-infinity''', 'date ''infinity''',
    'indicator, unit_of_measure, kind, better, per, standard, floor, denominator, age_from, age_to, over_time, expected_within, '
    'minimum_completeness, when_incomplete, suppressed_below');
-- A target holds until the next one of the same unit begins.
CALL stp.mark_changes('target', 'c.indicator', 'stp.first_day(c.period)',
    'coalesce((SELECT min(stp.first_day(t.period)) - 1 FROM stp.target t
                WHERE t.indicator = c.indicator AND t.unit = c.unit AND t.period > c.period), ''infinity'')');
-- How charts are drawn. A row without an indicator is for all.
CALL stp.mark_changes('spc_setting', 'c.indicator', 'date ''-infinity''', 'date ''infinity''');
CALL stp.mark_changes('spc_day', 'c.indicator', 'date ''-infinity''', 'date ''infinity''');
CALL stp.mark_changes('spc_dialect', '''''', 'date ''-infinity''', 'date ''infinity''');
-- Of reports that are no observations. What stp.extract says first of a table limits it, which nothing did before.
CALL stp.mark_changes('delayed_transfer', '''''', 'stp.first_day(c.period)', 'stp.last_day(c.period)',
                      reads => 'DISTINCT period');
CALL stp.mark_changes('financial_position', '''''', 'stp.first_day(c.last_month)', 'stp.last_day(c.last_month)',
                      reads => 'DISTINCT last_month');
CALL stp.mark_changes('control_total', '''''', 'stp.first_day(c.year)', 'stp.last_day(c.year)', reads => 'DISTINCT year');
CALL stp.mark_changes('control_total_offset', '''''', 'stp.first_day(c.year)', 'stp.last_day(c.year)', reads => 'DISTINCT year');
CALL stp.mark_changes('extract', 'c.source', 'date ''-infinity''', 'date ''infinity''', reads => 'DISTINCT source');
CALL stp.mark_changes('scheme', 'c.scheme', 'date ''-infinity''', 'date ''infinity''',
    'scheme, rates, peer_group, better, categorise, category_group, seeds, strictness, grain, on_schedule, keeps_detail, '
    'complete_from, missing_weight');
CALL stp.mark_changes('scheme_node', 'c.scheme', 'date ''-infinity''', 'date ''infinity''');
CALL stp.mark_changes('scheme_category', 'c.scheme', 'date ''-infinity''', 'date ''infinity''');
CALL stp.mark_changes('scheme_node_category', 'c.scheme', 'date ''-infinity''', 'date ''infinity''');
CALL stp.mark_changes('scheme_bracket', 'c.scheme', 'date ''-infinity''', 'date ''infinity''');
CALL stp.mark_changes('scheme_override', 'c.scheme', 'date ''-infinity''', 'date ''infinity''');
CALL stp.mark_changes('scheme_override_condition', 'c.scheme', 'date ''-infinity''', 'date ''infinity''');

-- A restore marks the sources itself, and tables without stamps, when it fills them.
SELECT pg_catalog.pg_extension_config_dump('stp_internal.input_change',
                      'WHERE recorded_at > ''-infinity'' OR input = ''scheme''');
GRANT SELECT ON stp_internal.input_change TO PUBLIC;
GRANT SELECT ON stp_internal.input_change TO @extowner@ WITH GRANT OPTION;
-- To restore a dump.
GRANT INSERT ON stp_internal.input_change TO @extowner@;

