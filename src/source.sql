-- Module source: observations that come from other tables of ours, or from a relation of somebody else's. stp.refresh() brings
-- them up to date before it rates.

-- All that there is to say of a source is said here: the tables that it reads, and its rows, in the columns of stp.observation.
CREATE TABLE stp_internal.source
(
    source text PRIMARY KEY,
    tables text[] NOT NULL,
    rows   text NOT NULL
);
COMMENT ON TABLE stp_internal.source IS 'From what observations can be kept up to date.';
COMMENT ON COLUMN stp_internal.source.source IS
    'The word for it in stp.observation_source. Of those that begin with the same word one may be switched on: their indicators '
    'are the same.';
COMMENT ON COLUMN stp_internal.source.tables IS
    'The tables of schema stp whose changes make it stale as a whole. Spells make stale the months of their organisations.';
COMMENT ON COLUMN stp_internal.source.rows IS
    'The query that gives the observations. $1: the word, or the name of the relation. $2: organisations that are asked for; '
    'NULL: all.';
INSERT INTO stp_internal.source (source, tables, rows) VALUES
    ('delayed_transfer', '{delayed_transfer,occupied_bed_days,extract}', 'SELECT * FROM stp.delayed_transfer_observation'),
    ('discharge_delay', '{discharge_delay,extract}', 'SELECT * FROM stp.discharge_delay_observation'),
    ('emergency_attendance', '{emergency_attendance,extract}', 'SELECT * FROM stp.emergency_attendance_observation'),
    ('finance including', '{financial_position,extract}',
     'SELECT * FROM stp.financial_position_observation WHERE basis = ''including'''),
    ('finance excluding', '{financial_position,extract}',
     'SELECT * FROM stp.financial_position_observation WHERE basis = ''excluding'''),
    ('judgement', '{judgement}', 'SELECT * FROM stp.judgement_observation'),
    -- What the return of delayed transfers has is not what its provider's spells make of it. It is taken first, by its name.
    -- NOT IN is hashed once, before the first row is written: what looked among the observations for each row looked through
    -- those that it had just written too, where nobody has analysed them yet.
    ('spell', '{admission_method,delayed_transfer,extract}', 'SELECT * FROM stp.spell_observation s
        WHERE s.indicator <> ''delayed_transfers''
           OR (s.period, s.organisation)
              NOT IN (SELECT o.period, o.organisation FROM stp.observation o
                       WHERE o.indicator = ''delayed_transfers'' AND o.taken_from = ''delayed_transfer'')'),
    -- Any relation of somebody else's.
    ('schema.relation', '{admission_method,delayed_transfer,extract}', 'SELECT * FROM stp_internal.read_source($1, $2) s
        WHERE (s.indicator, s.period, s.organisation)
              NOT IN (SELECT o.indicator, o.period, o.organisation FROM stp.observation o
                       WHERE o.taken_from = ''delayed_transfer'')');

CREATE FUNCTION stp_internal.kind_of_source(source text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT, so that the planner takes it in
RETURN CASE WHEN source LIKE '%.%' THEN 'schema.relation' ELSE source END;
COMMENT ON FUNCTION stp_internal.kind_of_source(text) IS
    'The row of stp_internal.source for a row of stp.observation_source: schema.relation for the name of a relation.';

CREATE TABLE stp.observation_source
(
    source text PRIMARY KEY
);
CALL stp.guard_rows('observation_source', 'guard', 'source: delayed_transfer, discharge_delay, emergency_attendance, '
    'finance including, finance excluding, judgement, spell, schema.relation');
-- One of the two bases of money.
CREATE UNIQUE INDEX one_basis ON stp.observation_source ((source LIKE 'finance %')) WHERE source LIKE 'finance %';
COMMENT ON TABLE stp.observation_source IS
    'From which of our other tables, and from which relations of yours, stp.refresh() keeps observations up to date; empty: from '
    'none.';
COMMENT ON COLUMN stp.observation_source.source IS
    'delayed_transfer, discharge_delay, emergency_attendance, judgement or spell: the rows of the view that is named like it, '
        'stp.spell_observation and so on. finance including or finance excluding (support funding): those of '
        'stp.financial_position_observation of that basis. Or the name of a relation, with its schema, that has the columns of '
        'those views: it is read with the rights of its owner, when it is switched on and when CALL stp.source_changed() says '
        'so; who switches it on may read it; a row that the return of delayed transfers has too is left to that.';

-- A source that is switched on is taken as a whole, whenever its tables were filled.
CREATE FUNCTION stp_internal.mark_source() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_mark_source';
COMMENT ON FUNCTION stp_internal.mark_source() IS
    'Trigger: notes in stp_internal.input_change that a table has changed from which observations come, or which sources are '
    'switched on.';
DO $$
DECLARE
    relation text;
BEGIN
    FOR relation IN SELECT unnest(tables) FROM stp_internal.source UNION VALUES ('observation_source') ORDER BY 1 LOOP
        EXECUTE format('CREATE TRIGGER mark_source AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON stp.%I
                            FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.mark_source()', relation);
    END LOOP;
END $$;

-- Nothing that comes from the spells of one organisation hangs on those of another, nor on a month in which they have no day.
-- All columns that observations come from, and the key: without it rows that are alike could not be told from rows that did
-- not change. A spell without end goes on.
CALL stp.mark_changes('spell', 'c.organisation', 'min(c.admission_date)', 'max(coalesce(c.discharge_date, ''infinity''))',
    'organisation, spell, admission_date, discharge_date, ready_date, admission_method, age',
    'organisation, admission_date, discharge_date', 'c.organisation');

CREATE FUNCTION stp_internal.stale_source(input text, code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT, so that the planner takes it in
RETURN CASE WHEN input = 'source' THEN code
            WHEN stp_internal.kind_of_source(input) IN ('spell', 'schema.relation') THEN input END;
COMMENT ON FUNCTION stp_internal.stale_source(text, text) IS
    'The source that a row of stp_internal.input_change says is stale: as a whole, or (spell, and relations) of the organisation '
    'that is its code. NULL: none, the row concerns ratings and figures.';

CREATE PROCEDURE stp.source_changed(source text, organisations text[] DEFAULT NULL)
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_source_changed';
COMMENT ON PROCEDURE stp.source_changed(text, text[]) IS
    'Says that what a source of stp.observation_source gives has changed: the next refresh takes it again. For relations of '
    'yours, which nothing watches; of tables of stp it is known. organisations: of which it has, where that is known: others are '
    'not read; NULL: of any. A source that is not switched on is not taken. For the owner of the relation, and for who may '
    'insert into stp.observation_source. Errors: 22004 source is NULL; 22023 unknown; 42P01 no such '
    'relation; 42501 neither of these two.';

CREATE FUNCTION stp_internal.read_source(source text, organisations text[])
RETURNS TABLE (indicator text, organisation text, period stp.period, numerator float8, denominator float8, value float8,
               status text)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 100000 AS 'MODULE_PATHNAME', 'stp_read_source'; -- not STRICT: NULL is all
COMMENT ON FUNCTION stp_internal.read_source(text, text[]) IS
    'The rows of a relation, of some organisations or (NULL) of all, read with the rights of its owner. Errors: 42P01 no such '
    'relation; those of its query.';

-- An organisation has bed days from its first month to its last, also in months without anybody; and delays if it records ready
-- dates at all. So where it reaches further than before, what lies between is taken too; and all of it where nobody came or
-- went in its first or last month any more, or where it may not have recorded ready dates before, or does so no more. What is
-- taken is read by a later statement than this, which may see more: of delays that were written for some months alone all are
-- taken the next time.
CREATE FUNCTION stp_internal.changed_spells(changes stp_internal.input_change[])
RETURNS TABLE (organisations text[], first_day date, last_day date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 -- not STRICT: NULL is all
BEGIN ATOMIC
    SELECT array_agg(m.organisation), min(CASE WHEN t.is_whole THEN '-infinity' ELSE least(m.first_day, kept.last_day + 1) END),
           max(CASE WHEN t.is_whole THEN 'infinity' ELSE greatest(m.last_day, kept.first_day - 1) END)
      FROM (SELECT c.code AS organisation, min(c.first_day) AS first_day, max(c.last_day) AS last_day
              FROM unnest(changed_spells.changes) c GROUP BY c.code) m
     -- A least and a greatest each, which the key finds.
     CROSS JOIN LATERAL (SELECT (SELECT min(o.period) FROM stp.observation o
                                  WHERE o.indicator = 'bed_days' AND o.organisation = m.organisation AND o.taken_from = 'spell')
                                AS first,
                                (SELECT max(o.period) FROM stp.observation o
                                  WHERE o.indicator = 'bed_days' AND o.organisation = m.organisation AND o.taken_from = 'spell')
                                AS last,
                                (SELECT min(o.period) FROM stp.observation o WHERE o.indicator = 'delayed_transfers'
                                    AND o.organisation = m.organisation AND o.taken_from = 'spell') AS first_delays,
                                (SELECT max(o.period) FROM stp.observation o WHERE o.indicator = 'delayed_transfers'
                                    AND o.organisation = m.organisation AND o.taken_from = 'spell') AS last_delays
                         OFFSET 0) reported
     CROSS JOIN LATERAL (SELECT stp.first_day(reported.first) AS first_day, stp.last_day(reported.first) AS first_month_end,
                                stp.first_day(reported.last) AS last_month_start, stp.last_day(reported.last) AS last_day,
                                stp.first_day(greatest(reported.last, reported.last_delays)) AS last_delays_start,
                                stp.last_day(greatest(reported.last, reported.last_delays)) AS last_delays,
                                reported.last_delays IS NOT NULL AS has_delays,
                                -- Some of them alone: somebody else's spell was seen, whose change was not known yet.
                                reported.first_delays = reported.first AND reported.last_delays >= reported.last
                                AS has_all_delays OFFSET 0) kept
     -- Counted, not looked for until one is found: for a few days the indexes of days know better than all that there is of it.
     CROSS JOIN LATERAL (SELECT (SELECT count(*) FROM stp.spell s
                                  WHERE s.organisation = m.organisation
                                    AND s.admission_date BETWEEN kept.first_day AND kept.first_month_end) > 0
                                AND ((SELECT count(*) FROM stp.spell s
                                       WHERE s.organisation = m.organisation
                                         AND s.discharge_date BETWEEN kept.last_month_start AND kept.last_day) > 0
                                     OR (SELECT count(*) FROM stp.spell s
                                          WHERE s.organisation = m.organisation
                                            AND s.admission_date BETWEEN kept.last_month_start AND kept.last_day) > 0)
                                -- Delays go on to the last ready date.
                                AND (kept.last_delays = kept.last_day
                                     OR (SELECT count(*) FROM stp.spell s
                                          WHERE s.organisation = m.organisation AND s.discharge_date IS NULL
                                            AND s.ready_date BETWEEN kept.last_delays_start AND kept.last_delays) > 0)
                                AS reaches_as_far) e
     CROSS JOIN LATERAL (SELECT CASE WHEN r.has_ready_dates THEN kept.has_all_delays ELSE NOT kept.has_delays END
                                AS records_as_before
                           FROM (SELECT EXISTS (SELECT FROM stp.spell s
                                                 WHERE s.organisation = m.organisation AND s.ready_date IS NOT NULL
                                                   AND stp_internal.is_adult(s.age))
                                        AS has_ready_dates) r) d
     CROSS JOIN LATERAL (SELECT (e.reaches_as_far AND d.records_as_before) IS NOT TRUE AS is_whole OFFSET 0) t;
END;
COMMENT ON FUNCTION stp_internal.changed_spells(stp_internal.input_change[]) IS
    'Of which organisations, and from which day to which, observations have to be taken from spells again, for changes of '
    'stp.spell. NULL: of all, on all days.';

CREATE FUNCTION stp_internal.only_source(observation stp.observation, source text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF observation.taken_from <> source AND source <> 'delayed_transfer'
       AND 'schema.relation' IN (stp_internal.kind_of_source(observation.taken_from), stp_internal.kind_of_source(source))
       AND EXISTS (SELECT FROM stp.observation_source s WHERE s.source = observation.taken_from) THEN
        RAISE EXCEPTION '% of organisation "%" in % comes from two sources: % and %', observation.indicator,
              observation.organisation, observation.period, observation.taken_from, source
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Delete one of them from stp.observation_source, or leave the row out of the relation.';
    END IF;
    RETURN source;
END $$;
COMMENT ON FUNCTION stp_internal.only_source(stp.observation, text) IS
    'The source, for an observation that it has too. Error 22023: it came from another that is switched on, one of them is a '
    'relation of somebody else''s, and it is not the return of delayed transfers, which always counts.';

CREATE PROCEDURE stp_internal.take_observations(source text, changes stp_internal.input_change[], INOUT rows int)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    changed record;
    within  text := '';
    query   text;
    twice   record;
BEGIN
    IF source = 'spell' THEN
        SELECT c.organisations, CASE WHEN isfinite(c.first_day) THEN stp.month(c.first_day) END AS first,
               CASE WHEN isfinite(c.last_day) THEN stp.month(c.last_day) END AS last
          INTO changed FROM stp_internal.changed_spells(changes) c;
    ELSE
        SELECT array_agg(DISTINCT c.code) AS organisations, NULL::stp.period AS first, NULL::stp.period AS last
          INTO changed FROM unnest(changes) c;
    END IF;
    IF changes IS NOT NULL THEN
        within := concat(' AND %1$s.organisation = ANY ($2)',
                         CASE WHEN changed.first IS NOT NULL THEN ' AND %1$s.period >= $3' END,
                         CASE WHEN changed.last IS NOT NULL THEN ' AND %1$s.period <= $4' END);
    END IF;
    SELECT s.rows INTO query FROM stp_internal.source s WHERE s.source = stp_internal.kind_of_source(take_observations.source);
    -- What came from the other basis of money is what it no longer has. The key begins with the indicator: it finds months of
    -- all indicators.
    EXECUTE format('WITH taken AS MATERIALIZED (SELECT * FROM (%s) r WHERE true%s),
        gone AS (DELETE FROM stp.observation o WHERE o.taken_from = ANY ($5)
                    AND NOT EXISTS (SELECT FROM taken t
                                     WHERE t.indicator = o.indicator AND t.period = o.period
                                       AND t.organisation = o.organisation)%s
             RETURNING o.indicator),
        written AS (INSERT INTO stp.observation AS o (indicator, organisation, period, numerator, denominator, value, status,
                                                      taken_from)
            SELECT t.indicator, t.organisation, t.period, t.numerator, t.denominator, t.value, t.status, $1 FROM taken t
                ON CONFLICT (indicator, period, organisation) DO UPDATE
               SET numerator = excluded.numerator, denominator = excluded.denominator, value = excluded.value,
                   status = excluded.status, taken_from = stp_internal.only_source(o, excluded.taken_from)
             WHERE (o.numerator, o.denominator, o.value, o.status, o.taken_from)
                   IS DISTINCT FROM
                   (excluded.numerator, excluded.denominator, excluded.value, excluded.status, excluded.taken_from)
             RETURNING o.indicator)
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)', query, format(within, 'r'),
            CASE WHEN changes IS NOT NULL
                 THEN format(within, 'o') || ' AND o.indicator = ANY (ARRAY(SELECT i.indicator FROM stp.indicator i))' END)
       INTO rows USING source, changed.organisations, changed.first, changed.last,
                       ARRAY(SELECT s.source FROM stp_internal.source s
                              WHERE split_part(s.source, ' ', 1) = split_part(take_observations.source, ' ', 1)) || source;
EXCEPTION
    -- A statement does not write a row twice. Where no row is there twice, it was the query of a relation that failed.
    WHEN cardinality_violation THEN
        EXECUTE format('SELECT r.indicator, r.organisation, r.period, count(*) FROM (%s) r WHERE true%s
                         GROUP BY 1, 2, 3 HAVING count(*) > 1 ORDER BY 1, 3, 2 LIMIT 1', query, format(within, 'r'))
           INTO twice USING source, changed.organisations, changed.first, changed.last;
        IF twice.count IS NULL THEN
            RAISE;
        END IF;
        RAISE EXCEPTION '% has % rows of % of organisation "%" in %', source, twice.count, twice.indicator, twice.organisation,
              twice.period
              USING ERRCODE = 'unique_violation', HINT = 'An observation is one row: add them up in the relation, or choose one.';
END $$;
COMMENT ON PROCEDURE stp_internal.take_observations(text, stp_internal.input_change[], int) IS
    'Makes the observations that come from a source those that it has now: all, or (changes) of the organisations and months '
        'that changes of stp.spell, or of a relation, concern. Gives how many were new, changed or gone. A row that was loaded '
        'by hand under the same key gives way; the others stay.';

SELECT pg_catalog.pg_extension_config_dump('stp.observation_source', '');
GRANT SELECT ON stp_internal.source, stp.observation_source TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.observation_source TO @extowner@ WITH GRANT OPTION;

