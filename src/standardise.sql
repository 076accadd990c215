-- Module standardise: directly standardised rates, and the standard populations they are joined to by age band.

--------------------------------------------------------------------------------------------------------------
-- Age bands, accumulated once and asked afterwards
--------------------------------------------------------------------------------------------------------------

CREATE TYPE stp.standardised;

CREATE FUNCTION stp_internal.standardised_in(pg_catalog.cstring) RETURNS stp.standardised
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_standardised_in';
COMMENT ON FUNCTION stp_internal.standardised_in(pg_catalog.cstring) IS 'text to stp.standardised';

CREATE FUNCTION stp_internal.standardised_out(stp.standardised) RETURNS pg_catalog.cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_standardised_out';
COMMENT ON FUNCTION stp_internal.standardised_out(stp.standardised) IS 'stp.standardised to text, lossless';

CREATE FUNCTION stp_internal.standardised_recv(pg_catalog.internal) RETURNS stp.standardised
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_standardised_recv';
COMMENT ON FUNCTION stp_internal.standardised_recv(pg_catalog.internal) IS 'binary to stp.standardised';

CREATE FUNCTION stp_internal.standardised_send(stp.standardised) RETURNS pg_catalog.bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_standardised_send';
COMMENT ON FUNCTION stp_internal.standardised_send(stp.standardised) IS 'stp.standardised to binary';

CREATE TYPE stp.standardised (
    INPUT = stp_internal.standardised_in,
    OUTPUT = stp_internal.standardised_out,
    RECEIVE = stp_internal.standardised_recv,
    SEND = stp_internal.standardised_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE stp.standardised IS
    'The age bands of a population in brief: counts and sums from which stp.dsr reads. Can be stored and merged with stp.rollup. '
        'Text: (rows, missing, unpopulated, then with its rounding error each: standard population, events, sum of standard '
        'population * events / population, sum of the variances of its terms); of repeated events, followed for each age band by '
        '(age_from, population, standard population, rows).';

CREATE FUNCTION stp_internal.standardised_accum(state stp.standardised, events pg_catalog.float8, population pg_catalog.float8,
                                       standard_population pg_catalog.float8) RETURNS stp.standardised
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL counts as missing
    COST 10 -- the operators and sums it stands for, so that as much is gained by a parallel plan
    AS 'MODULE_PATHNAME', 'stp_standardised_accum';
COMMENT ON FUNCTION stp_internal.standardised_accum(stp.standardised, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'The state with one more age band: the transition function of stp.standardise(events, population, standard_population)';

CREATE FUNCTION stp_internal.standardised_accum(state stp.standardised, age_from int, persons pg_catalog.float8,
                                       population pg_catalog.float8, standard_population pg_catalog.float8,
                                       events_per_person int) RETURNS stp.standardised
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL counts as missing
    COST 10 -- the operators and sums it stands for, so that as much is gained by a parallel plan
    AS 'MODULE_PATHNAME', 'stp_standardised_accum_persons';
COMMENT ON FUNCTION stp_internal.standardised_accum(stp.standardised, int, pg_catalog.float8, pg_catalog.float8,
    pg_catalog.float8, int) IS
    'The state with one more row of an age band: the transition function of stp.standardise(age_from, persons, population, '
        'standard_population, events_per_person)';

CREATE FUNCTION stp_internal.standardised_combine(state stp.standardised, other stp.standardised) RETURNS stp.standardised
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a state that is NULL counts as missing
    AS 'MODULE_PATHNAME', 'stp_standardised_combine';
COMMENT ON FUNCTION stp_internal.standardised_combine(stp.standardised, stp.standardised) IS
'The state over the rows of both states: the combine function of stp.standardise and stp.rollup';

CREATE AGGREGATE stp.standardise(events pg_catalog.float8, population pg_catalog.float8, standard_population pg_catalog.float8) (
    SFUNC = stp_internal.standardised_accum,
    STYPE = stp.standardised,
    COMBINEFUNC = stp_internal.standardised_combine,
    INITCOND = '(0,0,0,0,0,0,0,0,0,0,0)',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.standardise(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
    'Accumulate age bands for stp.dsr, one row each. events: count, fractions allowed. population: people at risk, or '
        'person-years. standard_population: weight of the age band in any unit, joined by age band. NULL events or population: '
        'missing, stp.dsr then says no data. Error 22023: a negative, NaN or infinite number; standard_population NULL.';

CREATE AGGREGATE stp.standardise(age_from int, persons pg_catalog.float8, population pg_catalog.float8,
                                 standard_population pg_catalog.float8, events_per_person int) (
    SFUNC = stp_internal.standardised_accum,
    STYPE = stp.standardised,
    COMBINEFUNC = stp_internal.standardised_combine,
    INITCOND = '(0,0,0,0,0,0,0,0,0,0,0)',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.standardise(int, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, int) IS
    'Accumulate age bands for stp.dsr when a person can have the event more than once: one row for each age band and number of '
        'events per person. age_from: youngest age of the band, in years. persons: people who had that many, fractions allowed. '
        'population, standard_population: of the age band, the same in all its rows; it counts once. Give an age band without '
        'events one row, with 0 persons. NULL persons or population: missing, stp.dsr then says no data. Error 22023: one age '
        'band with two populations or standard populations; a negative, NaN or infinite number; age_from or standard_population '
        'NULL; events_per_person NULL or below 1. Error 54000: more than 10,000 age bands.';

CREATE AGGREGATE stp.rollup(state stp.standardised) (
    SFUNC = stp_internal.standardised_combine,
    STYPE = stp.standardised,
    COMBINEFUNC = stp_internal.standardised_combine,
    INITCOND = '(0,0,0,0,0,0,0,0,0,0,0)',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.rollup(stp.standardised) IS
    'Merge stored states: the same as stp.standardise over all their rows, so the states are to be of different age bands of one '
        'population. To standardise several areas together, add up events and population by age band first. A NULL state '
        'counts as missing: stp.dsr then says no data. Error 22023: states with and without events per person; one age band with '
        'two populations or standard populations.';

CREATE FUNCTION stp.dsr(standardised stp.standardised, per pg_catalog.float8 DEFAULT 100000,
                        confidence pg_catalog.float8 DEFAULT 0.95, minimum_events pg_catalog.float8 DEFAULT 10)
    RETURNS stp.estimate
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 -- not STRICT: no state is a row with the status no data
    AS 'MODULE_PATHNAME', 'stp_dsr';
COMMENT ON FUNCTION stp.dsr(stp.standardised, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
    'Directly standardised rate, per * sum(standard population * events / population) / sum(standard population), in events per '
        '"per" people, with limits by the method of Dobson et al. (1991) from those of the number of events: exact Poisson below '
        '10 events, Byar''s from 10. status: no data (no rows, or events or population missing in an age band), zero denominator '
        '(an age band without people, or no standard population), suppressed (fewer than minimum_events events), too few (a rate '
        'of 0: it has no limits), ok. Error 22023: per not above 0, confidence not between 0 and 1, minimum_events negative.';

--------------------------------------------------------------------------------------------------------------
-- Standard populations
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.standard_population
(
    standard text NOT NULL CHECK (standard <> ''),
    age_from int NOT NULL CHECK (age_from >= 0),
    age_to   int CHECK (age_to >= age_from),
    weight   float8 NOT NULL,
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (standard, age_from)
);
COMMENT ON TABLE stp.standard_population IS
    'Standard populations by age band, for directly standardised rates. Join them by both ends of the band, never by position.';
COMMENT ON COLUMN stp.standard_population.standard IS 'Name of the standard, for example ESP2013.';
COMMENT ON COLUMN stp.standard_population.age_from IS 'Youngest age of the band, in years. Bands of one standard do not overlap.';
COMMENT ON COLUMN stp.standard_population.age_to IS 'Oldest age of the band, in years; NULL: and over.';
COMMENT ON COLUMN stp.standard_population.weight IS 'Standard population of the band, above 0; only proportions matter.';

CREATE FUNCTION stp.age_band(age_from int, age_to int DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT: NULL is an open end
RETURN CASE WHEN age_to IS NULL THEN age_from || '+' WHEN age_to = age_from THEN age_from::text
            ELSE age_from || '-' || age_to END;
COMMENT ON FUNCTION stp.age_band(int, int) IS 'An age band as people write it: 85-89, 90+ (age_to NULL), 0 (one year).';

CREATE FUNCTION stp_internal.check_standard_population() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    -- Transactions that change standards check one after the other, or two halves could pass unseen.
    PERFORM stp_internal.check_alone('stp.standard_population'::regclass, TG_RELID::regclass);
    SELECT n.standard, stp.age_band(n.age_from, n.age_to) AS band, stp.age_band(s.age_from, s.age_to) AS other INTO bad
      FROM new_rows n
      JOIN stp.standard_population s ON s.standard = n.standard AND s.age_from <> n.age_from
       AND s.age_from <= coalesce(n.age_to, s.age_from) AND n.age_from <= coalesce(s.age_to, n.age_from)
     ORDER BY n.standard, n.age_from, s.age_from LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'age band % of standard "%" overlaps its age band %', bad.band, bad.standard, bad.other
              USING ERRCODE = 'exclusion_violation',
                    HINT = 'Each age belongs to one band; give the standard with other bands a name of its own.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_standard_population() IS
    'Trigger: refuses bands of one standard that overlap, SQLSTATE 23P01.';

CALL stp.guard_rows('standard_population', 'guard', 'standard: code', 'weight: weight');
CALL stp.guard_rows('standard_population', 'check_standard_population');

-- The 2013 European standard. Pace M, Lanzieri G, Glickman M, Zupanic T. Revision of the European Standard
-- Population: report of Eurostat's task force. Luxembourg: European Union; 2013. Ages 0 and 1-4 are one band, and so
-- are 90-94 and 95+; the form with 18 bands ends with 85+.
INSERT INTO stp.standard_population (standard, age_from, age_to, weight, builtin)
SELECT 'ESP2013', 5 * (band - 1), CASE WHEN band < 19 THEN 5 * band - 1 END, weight, true
  FROM unnest('{5000,5500,5500,5500,6000,6000,6500,7000,7000,7000,7000,6500,6000,5500,5000,4000,2500,1500,1000}'::float8[])
       WITH ORDINALITY AS esp (weight, band);
INSERT INTO stp.standard_population (standard, age_from, age_to, weight, builtin)
SELECT 'ESP2013 85+', least(age_from, 85), CASE WHEN age_from < 85 THEN age_to END, sum(weight), true
  FROM stp.standard_population WHERE standard = 'ESP2013' GROUP BY 2, 3;

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.standard_population
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('standard', 'Insert a copy under a name of your own and use that.');

SELECT pg_catalog.pg_extension_config_dump('stp.standard_population', 'WHERE NOT builtin');

GRANT SELECT ON stp.standard_population TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON stp.standard_population TO @extowner@ WITH GRANT OPTION;

CREATE FUNCTION stp.age_band_faults(standard text, ages_from int[], ages_to int[],
                                    from_age int DEFAULT 0, to_age int DEFAULT NULL)
RETURNS TABLE (age_from int, age_to int, fault text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 5 -- not STRICT: NULL is an open end
BEGIN ATOMIC
WITH given AS (
    SELECT DISTINCT g.age_from, g.age_to, true AS is_given FROM unnest(ages_from, ages_to) AS g (age_from, age_to)
), standard_band AS (
    SELECT s.age_from, s.age_to,
           s.age_from >= coalesce(age_band_faults.from_age, 0)
           AND (age_band_faults.to_age IS NULL OR coalesce(s.age_to <= age_band_faults.to_age, false)) AS is_wanted
      FROM stp.standard_population s
     WHERE s.standard = age_band_faults.standard
       AND (s.age_from <= age_band_faults.to_age OR age_band_faults.to_age IS NULL)
       AND (s.age_to >= age_band_faults.from_age OR s.age_to IS NULL OR age_band_faults.from_age IS NULL)
)
SELECT coalesce(g.age_from, b.age_from), coalesce(g.age_to, b.age_to), CASE WHEN g.is_given THEN 'unmatched' ELSE 'missing' END
  FROM given g
  FULL JOIN (SELECT * FROM standard_band w WHERE w.is_wanted) b
    ON b.age_from = g.age_from AND coalesce(b.age_to, -1) = coalesce(g.age_to, -1)
 WHERE g.is_given IS NULL OR b.is_wanted IS NULL
UNION ALL
SELECT b.age_from, b.age_to, 'cut by the range of ages' FROM standard_band b WHERE NOT b.is_wanted
UNION ALL
SELECT g.age_from, g.age_to, 'overlaps ' || stp.age_band(o.age_from, o.age_to)
  FROM given g
  JOIN given o ON (o.age_from, coalesce(o.age_to, -1)) <> (g.age_from, coalesce(g.age_to, -1))
   AND (o.age_from <= g.age_to OR g.age_to IS NULL) AND (g.age_from <= o.age_to OR o.age_to IS NULL)
 ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION stp.age_band_faults(text, int[], int[], int, int) IS
    'What is wrong with a set of age bands, given as their first and last ages (NULL: and over), against those of a standard '
        'population between two ages. fault: missing (the standard has it), unmatched (the standard has it not, or not in that '
        'range), overlaps another one, cut by the range of ages (of the standard). A band that is given twice counts once. No '
        'rows: the bands fit.';

CREATE FUNCTION stp.check_age_bands(standard text, ages_from int[], ages_to int[],
                                    from_age int DEFAULT 0, to_age int DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 -- not STRICT: NULL is an open end
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    faults text;
BEGIN
    IF to_age < from_age THEN
        RAISE EXCEPTION 'no age is from % to %', from_age, to_age
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the youngest age first; leave the oldest out for no limit.';
    END IF;
    IF NOT EXISTS (SELECT FROM stp.standard_population s WHERE s.standard = check_age_bands.standard) THEN
        RAISE EXCEPTION 'unknown standard "%"', coalesce(standard, 'NULL')
              USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'SELECT DISTINCT standard FROM stp.standard_population lists those there are.';
    END IF;
    SELECT string_agg(coalesce(stp.age_band(f.age_from, f.age_to), 'NULL') || ' ' || f.fault, ', ') INTO faults
      FROM stp.age_band_faults(standard, ages_from, ages_to, from_age, to_age) f;
    IF faults IS NOT NULL THEN
        RAISE EXCEPTION 'age bands do not fit standard "%": %', standard, faults
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'A band without events needs its population all the same. If only some ages are wanted, give the '
                        'youngest and the oldest.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp.check_age_bands(text, int[], int[], int, int) IS
    'True if a set of age bands is exactly that of a standard population between two ages (default: all ages), for HAVING beside '
        'stp.standardise. Otherwise error 22023, which names every band that is missing, unmatched or overlaps another: see '
        'stp.age_band_faults.';
