-- Module census: from spells to days. Who is present at the midnight that ends each day.

--------------------------------------------------------------------------------------------------------------
-- Spells, accumulated once and asked afterwards
--------------------------------------------------------------------------------------------------------------

CREATE TYPE stp.census;

CREATE FUNCTION stp_internal.census_in(pg_catalog.cstring) RETURNS stp.census
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_in';
COMMENT ON FUNCTION stp_internal.census_in(pg_catalog.cstring) IS 'text to stp.census';

CREATE FUNCTION stp_internal.census_out(stp.census) RETURNS pg_catalog.cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_out';
COMMENT ON FUNCTION stp_internal.census_out(stp.census) IS 'stp.census to text, lossless';

CREATE FUNCTION stp_internal.census_recv(pg_catalog.internal) RETURNS stp.census
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_recv';
COMMENT ON FUNCTION stp_internal.census_recv(pg_catalog.internal) IS 'binary to stp.census';

CREATE FUNCTION stp_internal.census_send(stp.census) RETURNS pg_catalog.bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_send';
COMMENT ON FUNCTION stp_internal.census_send(stp.census) IS 'stp.census to binary';

CREATE TYPE stp.census (
    INPUT = stp_internal.census_in,
    OUTPUT = stp_internal.census_out,
    RECEIVE = stp_internal.census_recv,
    SEND = stp_internal.census_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE stp.census IS
    'How many people are present at the midnight that ends each day of a span, 12 bytes and 4 more for each day. Can be stored '
        'and merged with stp.rollup. Text: (first day, then those present on each day).';

CREATE FUNCTION stp_internal.census_accum(state stp.census, start_date pg_catalog.date, end_date pg_catalog.date,
                                 span pg_catalog.daterange) RETURNS stp.census
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a spell may have no end, and the first has no state
    COST 5 -- the operators and aggregates it stands for, so that as much is gained by a parallel plan
    AS 'MODULE_PATHNAME', 'stp_census_accum';
COMMENT ON FUNCTION stp_internal.census_accum(stp.census, pg_catalog.date, pg_catalog.date, pg_catalog.daterange) IS
'The state with one more spell: the transition function of stp.census';

CREATE FUNCTION stp_internal.census_combine(state stp.census, other stp.census) RETURNS stp.census
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_combine';
COMMENT ON FUNCTION stp_internal.census_combine(stp.census, stp.census) IS
'The state over the spells of both states: the combine function of stp.census and stp.rollup';

CREATE AGGREGATE stp.census(start_date pg_catalog.date, end_date pg_catalog.date, span pg_catalog.daterange) (
    SFUNC = stp_internal.census_accum,
    STYPE = stp.census,
    SSPACE = 2048, -- a year's days, in a chunk of the allocator
    COMBINEFUNC = stp_internal.census_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.census(pg_catalog.date, pg_catalog.date, pg_catalog.daterange) IS
    'How many are present at the midnight that ends each day of the span: spells with start_date <= day < end_date. end_date '
        'NULL or infinity: still present. A spell that ends on the day it starts is present on no day; days outside the span do '
        'not count. NULL without rows. Error 22023: start_date NULL or infinite; end_date before start_date; span NULL, empty, '
        'without bounds, outside the years 1 to 9999 or not the same in all rows of a group. Error 54000: a span of more than '
        '100 years (36525 days). Error 22003: more than 2147483647 spells start or end on one day.';

CREATE AGGREGATE stp.rollup(state stp.census) (
    SFUNC = stp_internal.census_combine,
    STYPE = stp.census,
    SSPACE = 2048,
    COMBINEFUNC = stp_internal.census_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.rollup(stp.census) IS
    'Merge stored states: exactly the same as stp.census over all their spells. A NULL state is skipped; NULL without states. '
        'Error 22023: states of different spans. Error 22003: more than 2147483647 spells start or end on one day.';

--------------------------------------------------------------------------------------------------------------
-- What is read from a census
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp.occupied(census stp.census, day pg_catalog.date) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_census_occupied';
COMMENT ON FUNCTION stp.occupied(stp.census, pg_catalog.date) IS
'People present at the midnight that ends the day. NULL for a day outside the span, which was not counted.';

CREATE FUNCTION stp.bed_days(census stp.census) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_census_bed_days';
COMMENT ON FUNCTION stp.bed_days(stp.census) IS
'Bed days of the whole span: the sum of those present over all its midnights.';

CREATE FUNCTION stp.bed_days(census stp.census, period stp.period) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_census_bed_days_period';
COMMENT ON FUNCTION stp.bed_days(stp.census, stp.period) IS
    'Bed days of the period: the sum of those present over its midnights. NULL when any day of the period is outside the span: a '
        'sum over some of the days would pass for one over all.';

CREATE FUNCTION stp.mean_occupied(census stp.census, period stp.period) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_census_mean_occupied';
COMMENT ON FUNCTION stp.mean_occupied(stp.census, stp.period) IS
    'People present at a midnight of the period on average: its bed days / its days. NULL when any day of the period is outside '
        'the span.';

CREATE FUNCTION stp.daily(census stp.census, OUT day pg_catalog.date, OUT occupied bigint) RETURNS SETOF record
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 366 AS 'MODULE_PATHNAME', 'stp_census_daily';
COMMENT ON FUNCTION stp.daily(stp.census) IS
'People present at the midnight that ends each day: a row for every day of the span, in order. No rows for NULL.';

CREATE FUNCTION stp.bed_days(start_date pg_catalog.date, end_date pg_catalog.date, period stp.period) RETURNS int
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a spell may have no end
    AS 'MODULE_PATHNAME', 'stp_spell_bed_days';
COMMENT ON FUNCTION stp.bed_days(pg_catalog.date, pg_catalog.date, stp.period) IS
    'Bed days of one spell in the period: its midnights from that which ends start_date to that before end_date. end_date NULL '
        'or infinity: still present. 0 for a spell that ends on the day it starts, or is outside the period. NULL for a NULL '
        'period. Error 22023: start_date NULL or infinite; end_date before start_date.';
