-- Module standardise: directly standardised rates, and the standard populations they are joined to by age band.

--------------------------------------------------------------------------------------------------------------
-- Age bands, accumulated once and asked afterwards
--------------------------------------------------------------------------------------------------------------

CREATE TYPE stp.standardised;

CREATE FUNCTION stp.standardised_in(pg_catalog.cstring) RETURNS stp.standardised
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_standardised_in';
COMMENT ON FUNCTION stp.standardised_in(pg_catalog.cstring) IS 'text to stp.standardised';

CREATE FUNCTION stp.standardised_out(stp.standardised) RETURNS pg_catalog.cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_standardised_out';
COMMENT ON FUNCTION stp.standardised_out(stp.standardised) IS 'stp.standardised to text, lossless';

CREATE FUNCTION stp.standardised_recv(pg_catalog.internal) RETURNS stp.standardised
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_standardised_recv';
COMMENT ON FUNCTION stp.standardised_recv(pg_catalog.internal) IS 'binary to stp.standardised';

CREATE FUNCTION stp.standardised_send(stp.standardised) RETURNS pg_catalog.bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_standardised_send';
COMMENT ON FUNCTION stp.standardised_send(stp.standardised) IS 'stp.standardised to binary';

CREATE TYPE stp.standardised (
	INPUT = stp.standardised_in,
	OUTPUT = stp.standardised_out,
	RECEIVE = stp.standardised_recv,
	SEND = stp.standardised_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE stp.standardised IS
'The age bands of a population in brief: counts and sums from which stp.dsr reads. Can be stored and merged with stp.rollup. Text: (rows, missing, unpopulated, then with its rounding error each: standard population, events, sum of standard population * events / population, sum of the variances of its terms); of repeated events, followed for each pair of populations and number of events by (population, standard population, events per person, rows).';

CREATE FUNCTION stp.standardised_accum(state stp.standardised, events pg_catalog.float8, population pg_catalog.float8,
                                       standard_population pg_catalog.float8) RETURNS stp.standardised
	LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL counts as missing
	AS 'MODULE_PATHNAME', 'stp_standardised_accum';
COMMENT ON FUNCTION stp.standardised_accum(stp.standardised, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'The state with one more age band: the transition function of stp.standardise(events, population, standard_population)';

CREATE FUNCTION stp.standardised_accum(state stp.standardised, persons pg_catalog.float8, population pg_catalog.float8,
                                       standard_population pg_catalog.float8, events_per_person int) RETURNS stp.standardised
	LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL counts as missing
	AS 'MODULE_PATHNAME', 'stp_standardised_accum_persons';
COMMENT ON FUNCTION stp.standardised_accum(stp.standardised, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, int) IS
'The state with one more row of an age band: the transition function of stp.standardise(persons, population, standard_population, events_per_person)';

CREATE FUNCTION stp.standardised_combine(state stp.standardised, other stp.standardised) RETURNS stp.standardised
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_standardised_combine';
COMMENT ON FUNCTION stp.standardised_combine(stp.standardised, stp.standardised) IS
'The state over the rows of both states: the combine function of stp.standardise and stp.rollup';

CREATE AGGREGATE stp.standardise(events pg_catalog.float8, population pg_catalog.float8, standard_population pg_catalog.float8) (
	SFUNC = stp.standardised_accum,
	STYPE = stp.standardised,
	COMBINEFUNC = stp.standardised_combine,
	INITCOND = '(0,0,0,0,0,0,0,0,0,0,0)',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.standardise(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Accumulate age bands for stp.dsr, one row each. events: count, fractions allowed. population: people at risk, or person-years. standard_population: weight of the age band in any unit, joined by age band. NULL events or population: missing, stp.dsr then says no data. Error 22023: a negative, NaN or infinite number; standard_population NULL.';

CREATE AGGREGATE stp.standardise(persons pg_catalog.float8, population pg_catalog.float8, standard_population pg_catalog.float8,
                                 events_per_person int) (
	SFUNC = stp.standardised_accum,
	STYPE = stp.standardised,
	COMBINEFUNC = stp.standardised_combine,
	INITCOND = '(0,0,0,0,0,0,0,0,0,0,0)',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.standardise(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, int) IS
'Accumulate age bands for stp.dsr when a person can have the event more than once: one row for each age band and number of events per person. persons: people who had that many, fractions allowed. population, standard_population: of the age band, the same in all its rows; it counts once. Give every age band a row with events_per_person = 1, with 0 persons if need be: age bands with the same two populations are told apart by it. NULL persons or population: missing, stp.dsr then says no data. Error 22023: a negative, NaN or infinite number; standard_population NULL; events_per_person NULL or below 1.';

CREATE AGGREGATE stp.rollup(state stp.standardised) (
	SFUNC = stp.standardised_combine,
	STYPE = stp.standardised,
	COMBINEFUNC = stp.standardised_combine,
	INITCOND = '(0,0,0,0,0,0,0,0,0,0,0)',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.rollup(stp.standardised) IS
'Merge stored states: the same as stp.standardise over all their rows, so the states are to be of different age bands of one population. To standardise several areas together, add up events and population by age band first. A NULL state is skipped. Error 22023: states with and without events per person.';
