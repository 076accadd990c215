-- Module source: observations that come from other tables of ours. stp.refresh() brings them up to date before it rates.

-- All that there is to say of a source is said here: the tables that it reads, and its rows, in the columns of stp.observation.
CREATE TABLE stp_internal.source
(
    source text PRIMARY KEY,
    tables text[] NOT NULL,
    rows   text NOT NULL
);
COMMENT ON TABLE stp_internal.source IS 'From what observations can be kept up to date.';
COMMENT ON COLUMN stp_internal.source.source IS 'The word for it in stp.observation_source. Of those that begin with the same word one may be switched on: their indicators are the same.';
COMMENT ON COLUMN stp_internal.source.tables IS 'The tables of schema stp whose changes make it stale.';
COMMENT ON COLUMN stp_internal.source.rows IS 'The query that gives the observations.';
INSERT INTO stp_internal.source (source, tables, rows) VALUES
    ('finance including', '{financial_position}', 'SELECT * FROM stp.finance_observation WHERE basis = ''including'''),
    ('finance excluding', '{financial_position}', 'SELECT * FROM stp.finance_observation WHERE basis = ''excluding'''),
    ('spell', '{spell,admission_method}', 'SELECT * FROM stp.spell_observation');

CREATE TABLE stp.observation_source
(
    source text PRIMARY KEY CONSTRAINT known_source REFERENCES stp_internal.source
);
-- One of the two bases of money.
CREATE UNIQUE INDEX one_basis ON stp.observation_source (split_part(source, ' ', 1));
COMMENT ON TABLE stp.observation_source IS 'From which of our other tables stp.refresh() keeps observations up to date; empty: from none, and the statements in the pages of finance and activity do it by hand.';
COMMENT ON COLUMN stp.observation_source.source IS 'finance including or finance excluding (support funding): stp.finance_observation of that basis, after a change of stp.financial_position. spell: stp.spell_observation, after a change of stp.spell or stp.admission_method.';

-- A source that is switched on is taken as a whole, whenever its tables were filled.
CREATE FUNCTION stp_internal.mark_source() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_mark_source';
COMMENT ON FUNCTION stp_internal.mark_source() IS 'Trigger: notes in stp_internal.input_change that a table has changed from which observations come, or which sources are switched on.';
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
    EXECUTE (SELECT format('INSERT INTO stp.observation AS o (indicator, organisation, period, numerator, denominator, value)
        SELECT r.indicator, r.organisation, r.period, r.numerator, r.denominator, r.value FROM (%s) r
            ON CONFLICT (indicator, period, organisation) DO UPDATE
           SET numerator = excluded.numerator, denominator = excluded.denominator, value = excluded.value
         WHERE (o.numerator, o.denominator, o.value)
               IS DISTINCT FROM (excluded.numerator, excluded.denominator, excluded.value)', s.rows)
               FROM stp_internal.source s WHERE s.source = take_observations.source);
    GET DIAGNOSTICS rows = ROW_COUNT;
END $$;
COMMENT ON PROCEDURE stp_internal.take_observations(text, int) IS 'Brings the observations up to date that come from a source; gives how many were new or changed. A row that its source no longer has stays.';

SELECT pg_catalog.pg_extension_config_dump('stp.observation_source', '');
GRANT SELECT ON stp_internal.source, stp.observation_source TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.observation_source TO @extowner@ WITH GRANT OPTION;

