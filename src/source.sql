-- Module source: observations that come from other tables of ours. stp.refresh() brings them up to date before it rates.

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
COMMENT ON COLUMN stp_internal.source.tables IS 'The tables of schema stp whose changes make it stale.';
COMMENT ON COLUMN stp_internal.source.rows IS 'The query that gives the observations.';
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
    -- NOT IN is hashed once: a join with observations that nobody has analysed yet looked through them for each row.
    ('spell', '{spell,admission_method,delayed_transfer,extract}', 'SELECT * FROM stp.spell_observation s
        WHERE (s.indicator, s.period, s.organisation)
              NOT IN (SELECT o.indicator, o.period, o.organisation FROM stp.observation o
                       WHERE o.taken_from = ''delayed_transfer'')');

CREATE TABLE stp.observation_source
(
    source text PRIMARY KEY CONSTRAINT known_source REFERENCES stp_internal.source DEFERRABLE INITIALLY DEFERRED
);
CALL stp.guard_rows('observation_source', 'guard', 'source: delayed_transfer, discharge_delay, emergency_attendance, '
    'finance including, finance excluding, judgement, spell');
-- One of the two bases of money.
CREATE UNIQUE INDEX one_basis ON stp.observation_source (split_part(source, ' ', 1));
COMMENT ON TABLE stp.observation_source IS
    'From which of our other tables stp.refresh() keeps observations up to date; empty: from none.';
COMMENT ON COLUMN stp.observation_source.source IS
    'delayed_transfer, discharge_delay, emergency_attendance, judgement or spell: the rows of the view that is named like it, '
        'stp.spell_observation and so on. finance including or finance excluding (support funding): those of '
        'stp.financial_position_observation of that basis.';

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

CREATE PROCEDURE stp_internal.take_observations(source text, INOUT rows int)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- What came from the other basis of money is what it no longer has.
    EXECUTE (SELECT format('WITH taken AS MATERIALIZED (%s),
        gone AS (DELETE FROM stp.observation o WHERE split_part(o.taken_from, '' '', 1) = split_part($1, '' '', 1)
                    AND NOT EXISTS (SELECT FROM taken t
                                     WHERE t.indicator = o.indicator AND t.period = o.period AND t.organisation = o.organisation)
             RETURNING o.indicator),
        written AS (INSERT INTO stp.observation AS o (indicator, organisation, period, numerator, denominator, value, status,
                                                      taken_from)
            SELECT t.indicator, t.organisation, t.period, t.numerator, t.denominator, t.value, t.status, $1 FROM taken t
                ON CONFLICT (indicator, period, organisation) DO UPDATE
               SET numerator = excluded.numerator, denominator = excluded.denominator, value = excluded.value,
                   status = excluded.status, taken_from = excluded.taken_from
             WHERE (o.numerator, o.denominator, o.value, o.status, o.taken_from)
                   IS DISTINCT FROM
                   (excluded.numerator, excluded.denominator, excluded.value, excluded.status, excluded.taken_from)
             RETURNING o.indicator)
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)', s.rows)
               FROM stp_internal.source s WHERE s.source = take_observations.source)
       INTO rows USING source;
END $$;
COMMENT ON PROCEDURE stp_internal.take_observations(text, int) IS
    'Makes the observations that come from a source those that it has now; gives how many were new, changed or gone. A row that '
        'was loaded by hand under the same key gives way; the others stay.';

SELECT pg_catalog.pg_extension_config_dump('stp.observation_source', '');
GRANT SELECT ON stp_internal.source, stp.observation_source TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.observation_source TO @extowner@ WITH GRANT OPTION;

