\echo Use "CREATE EXTENSION stp_metrics" to load this file. \quit

-- This script runs with search_path = pg_catalog, pg_temp (the control file's schema): built-in names and operators
-- cannot be captured by anybody's, and views and SQL-standard bodies are parsed here, once. Everything of ours is
-- qualified, because stp is not on that path.

-- Module schema: the house itself. No IF NOT EXISTS: a schema somebody made beforehand is refused,
-- so that nobody but the extension owns what is in it.
CREATE SCHEMA stp;
COMMENT ON SCHEMA stp IS 'stp_metrics: performance of health systems';
GRANT USAGE ON SCHEMA stp TO PUBLIC;

-- Guard of the rows that the extension ships, whatever table they are in.
CREATE FUNCTION stp.refuse_builtin_edit() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_NARGS = 0 THEN
        RAISE EXCEPTION 'rows of stp.% cannot be marked builtin', TG_TABLE_NAME
              USING ERRCODE = 'restrict_violation', HINT = 'Leave builtin out: builtin rows are not dumped, yours would be lost.';
    END IF;
    RAISE EXCEPTION 'builtin row of stp.% cannot be changed: %', TG_TABLE_NAME, to_jsonb(OLD) ->> TG_ARGV[0]
          USING ERRCODE = 'restrict_violation', HINT = TG_ARGV[1];
END $$;
COMMENT ON FUNCTION stp.refuse_builtin_edit() IS 'Trigger: refuses edits of rows that the extension ships, SQLSTATE 23001; arguments: the key column and the hint, or none to refuse rows that call themselves builtin.';

-- Module period: financial years (April to March) and their halves, quarters and months.

CREATE TYPE stp.period;
COMMENT ON TYPE stp.period IS 'reporting period of the English health service: financial year (2016/17, April to March), half (2016/17 H1), quarter (2016/17 Q3) or calendar month (2016-12), from 1900/01 to 2199/00; ordered by first day, then the longer first';

CREATE FUNCTION stp.period_in(cstring) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_in';
COMMENT ON FUNCTION stp.period_in(cstring) IS 'I/O: reads 2016/17, 2016/17 H1, 2016/17 Q3, 2016-12 or 2016/17 M09; error 22P02 for any other text, 22008 outside 1900/01 to 2199/00';
CREATE FUNCTION stp.period_out(stp.period) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_out';
COMMENT ON FUNCTION stp.period_out(stp.period) IS 'I/O';
CREATE FUNCTION stp.period_recv(internal) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_recv';
COMMENT ON FUNCTION stp.period_recv(internal) IS 'I/O: four bytes in network order, (months since April 1900) * 4 + grain (year 0, half 1, quarter 2, month 3); error 22P03 for any other value';
CREATE FUNCTION stp.period_send(stp.period) RETURNS bytea
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4send';
COMMENT ON FUNCTION stp.period_send(stp.period) IS 'I/O';

CREATE TYPE stp.period (
    INPUT = stp.period_in,
    OUTPUT = stp.period_out,
    RECEIVE = stp.period_recv,
    SEND = stp.period_send,
    LIKE = pg_catalog.int4
);

-- Order and hashing. The bits of a period are an integer in the order wanted, so that int4's own
-- functions serve.

CREATE FUNCTION stp.period_eq(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4eq';
COMMENT ON FUNCTION stp.period_eq(stp.period, stp.period) IS 'implementation of = operator';

CREATE FUNCTION stp.period_ne(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4ne';
COMMENT ON FUNCTION stp.period_ne(stp.period, stp.period) IS 'implementation of <> operator';

CREATE FUNCTION stp.period_lt(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4lt';
COMMENT ON FUNCTION stp.period_lt(stp.period, stp.period) IS 'implementation of < operator';

CREATE FUNCTION stp.period_le(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4le';
COMMENT ON FUNCTION stp.period_le(stp.period, stp.period) IS 'implementation of <= operator';

CREATE FUNCTION stp.period_gt(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4gt';
COMMENT ON FUNCTION stp.period_gt(stp.period, stp.period) IS 'implementation of > operator';

CREATE FUNCTION stp.period_ge(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4ge';
COMMENT ON FUNCTION stp.period_ge(stp.period, stp.period) IS 'implementation of >= operator';

CREATE OPERATOR stp.= (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_eq,
    COMMUTATOR = OPERATOR(stp.=), NEGATOR = OPERATOR(stp.<>),
    RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR stp.= (stp.period, stp.period) IS 'equal';

CREATE OPERATOR stp.<> (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_ne,
    COMMUTATOR = OPERATOR(stp.<>), NEGATOR = OPERATOR(stp.=),
    RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR stp.<> (stp.period, stp.period) IS 'not equal';

CREATE OPERATOR stp.< (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_lt,
    COMMUTATOR = OPERATOR(stp.>), NEGATOR = OPERATOR(stp.>=),
    RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR stp.< (stp.period, stp.period) IS 'less than: begins earlier, or begins the same day and is longer';

CREATE OPERATOR stp.<= (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_le,
    COMMUTATOR = OPERATOR(stp.>=), NEGATOR = OPERATOR(stp.>),
    RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR stp.<= (stp.period, stp.period) IS 'less than or equal';

CREATE OPERATOR stp.> (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_gt,
    COMMUTATOR = OPERATOR(stp.<), NEGATOR = OPERATOR(stp.<=),
    RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR stp.> (stp.period, stp.period) IS 'greater than: begins later, or begins the same day and is shorter';

CREATE OPERATOR stp.>= (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_ge,
    COMMUTATOR = OPERATOR(stp.<=), NEGATOR = OPERATOR(stp.<),
    RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR stp.>= (stp.period, stp.period) IS 'greater than or equal';

CREATE FUNCTION stp.period_cmp(stp.period, stp.period) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint4cmp';
COMMENT ON FUNCTION stp.period_cmp(stp.period, stp.period) IS 'less-equal-greater: -1, 0 or 1';
CREATE FUNCTION stp.period_sortsupport(internal) RETURNS void
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint4sortsupport';
COMMENT ON FUNCTION stp.period_sortsupport(internal) IS 'sort support';
CREATE FUNCTION stp.in_range(value stp.period, base stp.period, "offset" integer, sub boolean, less boolean) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_in_range';
COMMENT ON FUNCTION stp.in_range(stp.period, stp.period, integer, boolean, boolean) IS
    'window RANGE support: offset counts periods of the grain of base; error 22023 where the grains differ, 22013 for a negative offset';
CREATE FUNCTION stp.period_hash(stp.period) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint4';
COMMENT ON FUNCTION stp.period_hash(stp.period) IS 'hash';
CREATE FUNCTION stp.period_hash_extended(stp.period, bigint) RETURNS bigint
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint4extended';
COMMENT ON FUNCTION stp.period_hash_extended(stp.period, bigint) IS 'hash, with a seed';

CREATE OPERATOR FAMILY stp.period_btree_ops USING btree;
COMMENT ON OPERATOR FAMILY stp.period_btree_ops USING btree IS 'periods in their order';
CREATE OPERATOR CLASS stp.period_btree_ops DEFAULT FOR TYPE stp.period USING btree FAMILY stp.period_btree_ops AS
    OPERATOR 1 stp.<, OPERATOR 2 stp.<=, OPERATOR 3 stp.=, OPERATOR 4 stp.>=, OPERATOR 5 stp.>,
    FUNCTION 1 stp.period_cmp(stp.period, stp.period),
    FUNCTION 2 stp.period_sortsupport(internal),
    FUNCTION 3 (stp.period, integer) stp.in_range(stp.period, stp.period, integer, boolean, boolean),
    FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS stp.period_btree_ops USING btree IS 'periods in their order';

CREATE OPERATOR FAMILY stp.period_hash_ops USING hash;
COMMENT ON OPERATOR FAMILY stp.period_hash_ops USING hash IS 'periods, equality only';
CREATE OPERATOR CLASS stp.period_hash_ops DEFAULT FOR TYPE stp.period USING hash FAMILY stp.period_hash_ops AS
    OPERATOR 1 stp.=,
    FUNCTION 1 stp.period_hash(stp.period),
    FUNCTION 2 stp.period_hash_extended(stp.period, bigint);
COMMENT ON OPERATOR CLASS stp.period_hash_ops USING hash IS 'periods, equality only';

CREATE OPERATOR FAMILY stp.period_minmax_ops USING brin;
COMMENT ON OPERATOR FAMILY stp.period_minmax_ops USING brin IS 'least and greatest period of each block range';
CREATE OPERATOR CLASS stp.period_minmax_ops DEFAULT FOR TYPE stp.period USING brin FAMILY stp.period_minmax_ops AS
    OPERATOR 1 stp.<, OPERATOR 2 stp.<=, OPERATOR 3 stp.=, OPERATOR 4 stp.>=, OPERATOR 5 stp.>,
    FUNCTION 1 pg_catalog.brin_minmax_opcinfo(internal),
    FUNCTION 2 pg_catalog.brin_minmax_add_value(internal, internal, internal, internal),
    FUNCTION 3 pg_catalog.brin_minmax_consistent(internal, internal, internal),
    FUNCTION 4 pg_catalog.brin_minmax_union(internal, internal, internal);
COMMENT ON OPERATOR CLASS stp.period_minmax_ops USING brin IS 'least and greatest period of each block range';

CREATE FUNCTION stp.period_smaller(stp.period, stp.period) RETURNS stp.period
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4smaller';
COMMENT ON FUNCTION stp.period_smaller(stp.period, stp.period) IS 'smaller of two';
CREATE FUNCTION stp.period_larger(stp.period, stp.period) RETURNS stp.period
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4larger';
COMMENT ON FUNCTION stp.period_larger(stp.period, stp.period) IS 'larger of two';
CREATE AGGREGATE stp.min(stp.period) (
    SFUNC = stp.period_smaller, STYPE = stp.period, COMBINEFUNC = stp.period_smaller,
    SORTOP = OPERATOR(stp.<), PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.min(stp.period) IS 'first of all periods: of those that begin the earliest, the longest; NULL without rows';
CREATE AGGREGATE stp.max(stp.period) (
    SFUNC = stp.period_larger, STYPE = stp.period, COMBINEFUNC = stp.period_larger,
    SORTOP = OPERATOR(stp.>), PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.max(stp.period) IS 'last of all periods: of those that begin the latest, the shortest; NULL without rows';

-- From a day to its period, and from a period to its days.

CREATE FUNCTION stp.period(day date, grain text) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_of_date';
COMMENT ON FUNCTION stp.period(date, text) IS
    'period of that grain (month, quarter, half or year) in which the day lies; error 22008 for a day outside 1900-04-01 to 2200-03-31 or infinite, 22023 for another grain';
CREATE FUNCTION stp.first_day(period stp.period) RETURNS date
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_first_day';
COMMENT ON FUNCTION stp.first_day(stp.period) IS 'first day of the period';
CREATE FUNCTION stp.last_day(period stp.period) RETURNS date
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_last_day';
COMMENT ON FUNCTION stp.last_day(stp.period) IS 'last day of the period; it belongs to the period';
CREATE FUNCTION stp.days(period stp.period) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN stp.last_day(period) OPERATOR(pg_catalog.-) stp.first_day(period) OPERATOR(pg_catalog.+) 1;
COMMENT ON FUNCTION stp.days(stp.period) IS 'number of days in the period, leap days counted';
CREATE FUNCTION stp.last_thursday(period stp.period) RETURNS date
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_last_thursday';
COMMENT ON FUNCTION stp.last_thursday(stp.period) IS
    'last Thursday of the period: the day of the patient snapshot in the delayed transfers of care of a month';
CREATE FUNCTION stp.year_to_date(period stp.period) RETURNS daterange
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_year_to_date';
COMMENT ON FUNCTION stp.year_to_date(stp.period) IS
    'days from 1 April of the financial year of the period to the last day of the period';

CREATE FUNCTION stp.daterange(period stp.period) RETURNS daterange
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_daterange';
COMMENT ON FUNCTION stp.daterange(stp.period) IS 'days of the period as a range';
CREATE CAST (stp.period AS daterange) WITH FUNCTION stp.daterange(stp.period) AS ASSIGNMENT;
COMMENT ON CAST (stp.period AS daterange) IS 'days of the period as a range';

-- Grains.

CREATE FUNCTION stp.grain(period stp.period) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_grain';
COMMENT ON FUNCTION stp.grain(stp.period) IS 'grain of the period: month, quarter, half or year';
CREATE FUNCTION stp.coarsen(period stp.period, grain text) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_coarsen';
COMMENT ON FUNCTION stp.coarsen(stp.period, text) IS
    'period of that grain (month, quarter, half or year) in which the period lies; error 22023 for a finer grain than its own or an unknown one';
CREATE FUNCTION stp.last_month(period stp.period) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_last_month';
COMMENT ON FUNCTION stp.last_month(stp.period) IS 'last calendar month of the period; a month is its own';

-- Containment. These functions are inlined, so that an index on either side of the operator serves:
-- one on dates, or one on periods, because the parts of a period are neighbours in the order. They
-- are not STRICT because AND keeps a strict function from being inlined; NULL still gives NULL.
-- So the estimators below serve only where the function is called.

CREATE FUNCTION stp.period_contains(period stp.period, day date) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN day OPERATOR(pg_catalog.>=) stp.first_day(period) AND day OPERATOR(pg_catalog.<=) stp.last_day(period);
COMMENT ON FUNCTION stp.period_contains(stp.period, date) IS 'implementation of @> operator';

CREATE FUNCTION stp.period_contained(day date, period stp.period) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN day OPERATOR(pg_catalog.>=) stp.first_day(period) AND day OPERATOR(pg_catalog.<=) stp.last_day(period);
COMMENT ON FUNCTION stp.period_contained(date, stp.period) IS 'implementation of <@ operator';

CREATE FUNCTION stp.period_contains(outer_period stp.period, inner_period stp.period) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN inner_period OPERATOR(stp.>=) outer_period AND inner_period OPERATOR(stp.<=) stp.last_month(outer_period);
COMMENT ON FUNCTION stp.period_contains(stp.period, stp.period) IS 'implementation of @> operator';

CREATE FUNCTION stp.period_contained(inner_period stp.period, outer_period stp.period) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN inner_period OPERATOR(stp.>=) outer_period AND inner_period OPERATOR(stp.<=) stp.last_month(outer_period);
COMMENT ON FUNCTION stp.period_contained(stp.period, stp.period) IS 'implementation of <@ operator';

CREATE FUNCTION stp.period_overlaps(stp.period, stp.period) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_overlaps';
COMMENT ON FUNCTION stp.period_overlaps(stp.period, stp.period) IS 'implementation of && operator';

CREATE OPERATOR stp.@> (
    LEFTARG = stp.period, RIGHTARG = date, FUNCTION = stp.period_contains, COMMUTATOR = OPERATOR(stp.<@),
    RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR stp.@> (stp.period, date) IS 'contains the day';

CREATE OPERATOR stp.<@ (
    LEFTARG = date, RIGHTARG = stp.period, FUNCTION = stp.period_contained, COMMUTATOR = OPERATOR(stp.@>),
    RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR stp.<@ (date, stp.period) IS 'the day lies in the period';

CREATE OPERATOR stp.@> (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_contains, COMMUTATOR = OPERATOR(stp.<@),
    RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR stp.@> (stp.period, stp.period) IS 'contains every day of the other; a period contains itself';

CREATE OPERATOR stp.<@ (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_contained, COMMUTATOR = OPERATOR(stp.@>),
    RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR stp.<@ (stp.period, stp.period) IS 'every day lies in the other; a period lies in itself';

CREATE OPERATOR stp.&& (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_overlaps, COMMUTATOR = OPERATOR(stp.&&),
    RESTRICT = pg_catalog.areasel, JOIN = pg_catalog.areajoinsel
);
COMMENT ON OPERATOR stp.&& (stp.period, stp.period) IS 'the two have a day in common';

-- Arithmetic counts periods of the same grain.

CREATE FUNCTION stp.period_plus(stp.period, integer) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_plus';
COMMENT ON FUNCTION stp.period_plus(stp.period, integer) IS 'implementation of + operator';
CREATE FUNCTION stp.period_plus(number integer, period stp.period) RETURNS stp.period
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN stp.period_plus(period, number);
COMMENT ON FUNCTION stp.period_plus(integer, stp.period) IS 'implementation of + operator';
CREATE FUNCTION stp.period_minus(stp.period, integer) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_minus';
COMMENT ON FUNCTION stp.period_minus(stp.period, integer) IS 'implementation of - operator';
CREATE FUNCTION stp.period_minus(stp.period, stp.period) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_difference';
COMMENT ON FUNCTION stp.period_minus(stp.period, stp.period) IS 'implementation of - operator';

CREATE OPERATOR stp.+ (
    LEFTARG = stp.period, RIGHTARG = integer, FUNCTION = stp.period_plus, COMMUTATOR = OPERATOR(stp.+)
);
COMMENT ON OPERATOR stp.+ (stp.period, integer) IS 'the period so many of its grain later; error 22008 outside 1900/01 to 2199/00';
CREATE OPERATOR stp.+ (
    LEFTARG = integer, RIGHTARG = stp.period, FUNCTION = stp.period_plus, COMMUTATOR = OPERATOR(stp.+)
);
COMMENT ON OPERATOR stp.+ (integer, stp.period) IS 'the period so many of its grain later; error 22008 outside 1900/01 to 2199/00';
CREATE OPERATOR stp.- (LEFTARG = stp.period, RIGHTARG = integer, FUNCTION = stp.period_minus);
COMMENT ON OPERATOR stp.- (stp.period, integer) IS 'the period so many of its grain earlier; error 22008 outside 1900/01 to 2199/00';
CREATE OPERATOR stp.- (LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp.period_minus);
COMMENT ON OPERATOR stp.- (stp.period, stp.period) IS 'number of periods from the second to the first; error 22023 where their grains differ';

-- Not STRICT, because a strict function that returns a set is not inlined, and the planner would not see how many rows it
-- gives; NULL gives no rows.
CREATE FUNCTION stp.periods(first stp.period, last stp.period) RETURNS SETOF stp.period
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 12
BEGIN ATOMIC
    SELECT first OPERATOR(stp.+) number
      FROM pg_catalog.generate_series(0, last OPERATOR(stp.-) first) AS number;
END;
COMMENT ON FUNCTION stp.periods(stp.period, stp.period) IS
    'every period from first to last, both included, in order; no rows where first is after last or either is NULL; error 22023 where their grains differ';

-- Module estimate: rates, proportions, ratios and means with confidence limits.
--
-- The functions over counts are not STRICT: a NULL count, which is what sum() gives over no rows, is a row with the
-- status "no data". COST is their time over that of a float8 operator.

CREATE TYPE stp.estimate AS (
	value pg_catalog.float8,
	lower pg_catalog.float8,
	upper pg_catalog.float8,
	method pg_catalog.text,
	status pg_catalog.text
);
COMMENT ON TYPE stp.estimate IS
'A value with its confidence limits. Where it is computed for many rows, read its columns from a LATERAL function in FROM: (f(x)).* calls f once for each column.';
COMMENT ON COLUMN stp.estimate.value IS 'The estimate, in the unit of the function; NULL unless the status is ok or too few.';
COMMENT ON COLUMN stp.estimate.lower IS 'Lower confidence limit, no more than value; NULL unless the status is ok.';
COMMENT ON COLUMN stp.estimate.upper IS 'Upper confidence limit, no less than value; NULL unless the status is ok.';
COMMENT ON COLUMN stp.estimate.method IS
'How the limits were found: exact Poisson, Byar, Wilson, Student t, Zou-Donner, exact conditional; NULL where there are none.';
COMMENT ON COLUMN stp.estimate.status IS
'ok; suppressed: fewer events than may be shown; zero denominator; no data: an argument is NULL, as sums over no rows are; too few: a value without limits, because there is too little to find them from.';

CREATE FUNCTION stp.rate(events pg_catalog.float8, population pg_catalog.float8,
	per pg_catalog.float8 DEFAULT 100000, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_rate';
COMMENT ON FUNCTION stp.rate(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Crude rate, events / population * per, with exact Poisson limits below 10 events and Byar''s from 10. events: a count, whole or apportioned. population: persons, or person-time. per: the rate is per so many. confidence: share strictly between 0 and 1. Status no data when events or population is NULL, zero denominator when population is 0. Error 22023: events or population negative, NaN or infinite; per not positive; confidence not between 0 and 1; per or confidence NULL. Error 22003: the rate is beyond float8. Sources: Garwood, Biometrika 28, 1936; Breslow and Day, Statistical Methods in Cancer Research II, 1987, page 69.';

CREATE FUNCTION stp.proportion(numerator pg_catalog.float8, denominator pg_catalog.float8,
	per pg_catalog.float8 DEFAULT 1, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_proportion';
COMMENT ON FUNCTION stp.proportion(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Proportion, numerator / denominator * per, with Wilson''s score limits without continuity correction. numerator: how many of the denominator, whole or apportioned. per: 1 for a share, 100 for per cent. confidence: share strictly between 0 and 1. Status no data when numerator or denominator is NULL, zero denominator when denominator is 0. Error 22023: numerator or denominator negative, NaN or infinite; numerator above denominator; per not positive; confidence not between 0 and 1; per or confidence NULL. Error 22003: the proportion is beyond float8. Source: Wilson, Journal of the American Statistical Association 22, 1927.';

CREATE FUNCTION stp.ratio(observed pg_catalog.float8, expected pg_catalog.float8,
	per pg_catalog.float8 DEFAULT 1, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_ratio';
COMMENT ON FUNCTION stp.ratio(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Observed over expected events, * per, with exact Poisson limits below 10 observed events and Byar''s from 10; expected is taken as known. With expected = sum(population * reference rate) this is the indirectly standardised ratio. per: 1, or 100 for 100 = as expected. confidence: share strictly between 0 and 1. Status no data when observed or expected is NULL, zero denominator when expected is 0. Error 22023: observed or expected negative, NaN or infinite; per not positive; confidence not between 0 and 1; per or confidence NULL. Error 22003: the ratio is beyond float8. Sources: Garwood, Biometrika 28, 1936; Breslow and Day, Statistical Methods in Cancer Research II, 1987, page 69.';

CREATE FUNCTION stp.mean(n pg_catalog.int8, mean pg_catalog.float8, stddev pg_catalog.float8,
	confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'stp_mean';
COMMENT ON FUNCTION stp.mean(pg_catalog.int8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Mean with limits from Student''s t distribution. n, mean, stddev: count(x), avg(x) and stddev_samp(x) over the same values. confidence: share strictly between 0 and 1. Status too few when n is 1: the value without limits; no data when n is 0 or NULL, or mean or, from 2 values, stddev is NULL. Error 22023: n or stddev negative; mean or stddev NaN or infinite; confidence NULL or not between 0 and 1. Error 22003: a limit is beyond float8. Source: Student, Biometrika 6, 1908.';

CREATE FUNCTION stp.rate_difference(events_1 pg_catalog.float8, population_1 pg_catalog.float8,
	events_2 pg_catalog.float8, population_2 pg_catalog.float8,
	per pg_catalog.float8 DEFAULT 100000, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'stp_rate_difference';
COMMENT ON FUNCTION stp.rate_difference(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Rate of group 1 minus rate of group 2, with limits found from those of the two rates as stp.rate gives them. The groups share no events. per: the rates are per so many. confidence: share strictly between 0 and 1. Status no data when a count is NULL, zero denominator when a population is 0. Error 22023: a count negative, NaN or infinite; per not positive; confidence not between 0 and 1; per or confidence NULL. Error 22003: a rate is beyond float8. Source: Zou and Donner, Statistics in Medicine 27, 2008.';

CREATE FUNCTION stp.rate_ratio(events_1 pg_catalog.float8, population_1 pg_catalog.float8,
	events_2 pg_catalog.float8, population_2 pg_catalog.float8,
	per pg_catalog.float8 DEFAULT 1, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 250 AS 'MODULE_PATHNAME', 'stp_rate_ratio';
COMMENT ON FUNCTION stp.rate_ratio(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Rate of group 1 over rate of group 2, with the exact limits given the sum of both groups'' events: those of Clopper and Pearson for a binomial share, without mid-p. The groups share no events. per: 1, or 100 for 100 = equal rates, as in stp.ratio. confidence: share strictly between 0 and 1. Status no data when a count is NULL, zero denominator when a population or events_2 is 0, too few when events_2 is such a small part of one event that no number bounds the ratio. Error 22023: a count negative, NaN or infinite; per not positive; confidence not between 0 and 1; per or confidence NULL. Error 22003: the ratio is beyond float8. Sources: Przyborowski and Wilenski, Biometrika 31, 1940; Clopper and Pearson, Biometrika 26, 1934.';

CREATE FUNCTION stp.compare(estimate stp.estimate, reference pg_catalog.float8) RETURNS pg_catalog.text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_compare';
COMMENT ON FUNCTION stp.compare(stp.estimate, pg_catalog.float8) IS
'Where an estimate lies beside a reference: lower when its upper limit is below the reference, higher when its lower limit is above, otherwise similar. reference: in the unit of the estimate, taken as known. NULL when the estimate has no limits. Error 22023: reference NaN or infinite.';
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
	COST 10 -- the operators and sums it stands for, so that as much is gained by a parallel plan
	AS 'MODULE_PATHNAME', 'stp_standardised_accum';
COMMENT ON FUNCTION stp.standardised_accum(stp.standardised, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'The state with one more age band: the transition function of stp.standardise(events, population, standard_population)';

CREATE FUNCTION stp.standardised_accum(state stp.standardised, persons pg_catalog.float8, population pg_catalog.float8,
                                       standard_population pg_catalog.float8, events_per_person int) RETURNS stp.standardised
	LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL counts as missing
	COST 10 -- the operators and sums it stands for, so that as much is gained by a parallel plan
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

CREATE FUNCTION stp.dsr(standardised stp.standardised, per pg_catalog.float8 DEFAULT 100000,
                        confidence pg_catalog.float8 DEFAULT 0.95, minimum_events pg_catalog.float8 DEFAULT 10)
	RETURNS stp.estimate
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 -- not STRICT: no state is a row with the status no data
	AS 'MODULE_PATHNAME', 'stp_dsr';
COMMENT ON FUNCTION stp.dsr(stp.standardised, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Directly standardised rate, per * sum(standard population * events / population) / sum(standard population), in events per "per" people, with limits by the method of Dobson et al. (1991) from those of the number of events: exact Poisson below 10 events, Byar''s from 10. status: no data (no rows, or events or population missing in an age band), zero denominator (an age band without people, or no standard population), suppressed (fewer than minimum_events events), too few (a rate of 0: it has no limits), ok. Error 22023: per not above 0, confidence not between 0 and 1, minimum_events negative.';

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
COMMENT ON TABLE stp.standard_population IS 'Standard populations by age band, for directly standardised rates. Join them by both ends of the band, never by position.';
COMMENT ON COLUMN stp.standard_population.standard IS 'Name of the standard, for example ESP2013.';
COMMENT ON COLUMN stp.standard_population.age_from IS 'Youngest age of the band, in years. Bands of one standard do not overlap.';
COMMENT ON COLUMN stp.standard_population.age_to IS 'Oldest age of the band, in years; NULL: and over.';
COMMENT ON COLUMN stp.standard_population.weight IS 'Standard population of the band, above 0; only proportions matter.';
COMMENT ON COLUMN stp.standard_population.builtin IS 'Shipped with the extension: cannot be edited, is not dumped.';

CREATE FUNCTION stp.age_band(age_from int, age_to int DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT: NULL is an open end
RETURN CASE WHEN age_to IS NULL THEN age_from || '+' WHEN age_to = age_from THEN age_from::text
            ELSE age_from || '-' || age_to END;
COMMENT ON FUNCTION stp.age_band(int, int) IS 'An age band as people write it: 85-89, 90+ (age_to NULL), 0 (one year).';

CREATE FUNCTION stp.check_standard_population() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT * INTO bad FROM new_rows n WHERE NOT (n.weight > 0 AND n.weight < 'infinity')
     ORDER BY n.standard, n.age_from LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'weight % of age band % of standard "%" is not a finite number above 0',
              bad.weight, stp.age_band(bad.age_from, bad.age_to), bad.standard
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave out the age bands that the standard does not have.';
    END IF;
    -- Transactions that change standards check one after the other, or two halves could pass unseen.
    PERFORM pg_advisory_xact_lock('stp.standard_population'::regclass::bigint);
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
COMMENT ON FUNCTION stp.check_standard_population() IS 'Trigger: refuses weights that are not finite and above 0, SQLSTATE 22023, and bands of one standard that overlap, SQLSTATE 23P01.';

CREATE TRIGGER standard_is_valid AFTER INSERT ON stp.standard_population REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.check_standard_population();
CREATE TRIGGER standard_is_valid_update AFTER UPDATE ON stp.standard_population REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.check_standard_population();

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
CREATE TRIGGER refuse_builtin_mark BEFORE INSERT OR UPDATE ON stp.standard_population
    FOR EACH ROW WHEN (NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit();
CREATE TRIGGER refuse_builtin_edit BEFORE UPDATE OR DELETE ON stp.standard_population
    FOR EACH ROW WHEN (OLD.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit('standard', 'Insert a copy under a name of your own and use that.');

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
'What is wrong with a set of age bands, given as their first and last ages (NULL: and over), against those of a standard population between two ages. fault: missing (the standard has it), unmatched (the standard has it not, or not in that range), overlaps another one, cut by the range of ages (of the standard). A band that is given twice counts once. No rows: the bands fit.';

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
              USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT DISTINCT standard FROM stp.standard_population lists those there are.';
    END IF;
    SELECT string_agg(coalesce(stp.age_band(f.age_from, f.age_to), 'NULL') || ' ' || f.fault, ', ') INTO faults
      FROM stp.age_band_faults(standard, ages_from, ages_to, from_age, to_age) f;
    IF faults IS NOT NULL THEN
        RAISE EXCEPTION 'age bands do not fit standard "%": %', standard, faults
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'A band without events needs its population all the same. If only some ages are wanted, give the youngest and the oldest.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp.check_age_bands(text, int[], int[], int, int) IS
'True if a set of age bands is exactly that of a standard population between two ages (default: all ages), for HAVING beside stp.standardise. Otherwise error 22023, which names every band that is missing, unmatched or overlaps another: see stp.age_band_faults.';
-- Module census: from spells to days. Who is present at the midnight that ends each day.

--------------------------------------------------------------------------------------------------------------
-- Spells, accumulated once and asked afterwards
--------------------------------------------------------------------------------------------------------------

CREATE TYPE stp.census;

CREATE FUNCTION stp.census_in(pg_catalog.cstring) RETURNS stp.census
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_in';
COMMENT ON FUNCTION stp.census_in(pg_catalog.cstring) IS 'text to stp.census';

CREATE FUNCTION stp.census_out(stp.census) RETURNS pg_catalog.cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_out';
COMMENT ON FUNCTION stp.census_out(stp.census) IS 'stp.census to text, lossless';

CREATE FUNCTION stp.census_recv(pg_catalog.internal) RETURNS stp.census
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_recv';
COMMENT ON FUNCTION stp.census_recv(pg_catalog.internal) IS 'binary to stp.census';

CREATE FUNCTION stp.census_send(stp.census) RETURNS pg_catalog.bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_send';
COMMENT ON FUNCTION stp.census_send(stp.census) IS 'stp.census to binary';

CREATE TYPE stp.census (
	INPUT = stp.census_in,
	OUTPUT = stp.census_out,
	RECEIVE = stp.census_recv,
	SEND = stp.census_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);
COMMENT ON TYPE stp.census IS
'How many people are present at the midnight that ends each day of a span, 12 bytes and 4 more for each day. Can be stored and merged with stp.rollup. Text: (first day, then those present on each day).';

CREATE FUNCTION stp.census_accum(state stp.census, start_date pg_catalog.date, end_date pg_catalog.date,
                                 span pg_catalog.daterange) RETURNS stp.census
	LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a spell may have no end, and the first has no state
	COST 5 -- the operators and aggregates it stands for, so that as much is gained by a parallel plan
	AS 'MODULE_PATHNAME', 'stp_census_accum';
COMMENT ON FUNCTION stp.census_accum(stp.census, pg_catalog.date, pg_catalog.date, pg_catalog.daterange) IS
'The state with one more spell: the transition function of stp.census';

CREATE FUNCTION stp.census_combine(state stp.census, other stp.census) RETURNS stp.census
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_census_combine';
COMMENT ON FUNCTION stp.census_combine(stp.census, stp.census) IS
'The state over the spells of both states: the combine function of stp.census and stp.rollup';

CREATE AGGREGATE stp.census(start_date pg_catalog.date, end_date pg_catalog.date, span pg_catalog.daterange) (
	SFUNC = stp.census_accum,
	STYPE = stp.census,
	SSPACE = 2048, -- a year's days, in a chunk of the allocator
	COMBINEFUNC = stp.census_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.census(pg_catalog.date, pg_catalog.date, pg_catalog.daterange) IS
'How many are present at the midnight that ends each day of the span: spells with start_date <= day < end_date. end_date NULL or infinity: still present. A spell that ends on the day it starts is present on no day; days outside the span do not count. NULL without rows. Error 22023: start_date NULL or infinite; end_date before start_date; span NULL, empty, without bounds, outside the years 1 to 9999 or not the same in all rows of a group. Error 54000: a span of more than 100 years (36525 days). Error 22003: more than 2147483647 spells start or end on one day.';

CREATE AGGREGATE stp.rollup(state stp.census) (
	SFUNC = stp.census_combine,
	STYPE = stp.census,
	SSPACE = 2048,
	COMBINEFUNC = stp.census_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.rollup(stp.census) IS
'Merge stored states: exactly the same as stp.census over all their spells. A NULL state is skipped; NULL without states. Error 22023: states of different spans. Error 22003: more than 2147483647 spells start or end on one day.';

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
'Bed days of the period: the sum of those present over its midnights. NULL when any day of the period is outside the span: a sum over some of the days would pass for one over all.';

CREATE FUNCTION stp.mean_occupied(census stp.census, period stp.period) RETURNS pg_catalog.float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_census_mean_occupied';
COMMENT ON FUNCTION stp.mean_occupied(stp.census, stp.period) IS
'People present at a midnight of the period on average: its bed days / its days. NULL when any day of the period is outside the span.';

CREATE FUNCTION stp.daily(census stp.census, OUT day pg_catalog.date, OUT occupied bigint) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 366 AS 'MODULE_PATHNAME', 'stp_census_daily';
COMMENT ON FUNCTION stp.daily(stp.census) IS
'People present at the midnight that ends each day: a row for every day of the span, in order. No rows for NULL.';

CREATE FUNCTION stp.bed_days(start_date pg_catalog.date, end_date pg_catalog.date, period stp.period) RETURNS int
	LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a spell may have no end
	AS 'MODULE_PATHNAME', 'stp_spell_bed_days';
COMMENT ON FUNCTION stp.bed_days(pg_catalog.date, pg_catalog.date, stp.period) IS
'Bed days of one spell in the period: its midnights from that which ends start_date to that before end_date. end_date NULL or infinity: still present. 0 for a spell that ends on the day it starts, or is outside the period. NULL for a NULL period. Error 22023: start_date NULL or infinite; end_date before start_date.';
-- Module score: from values to scores. Window functions score a cohort (the partition), scalars one value.

CREATE FUNCTION stp.min_max(value pg_catalog.float8,
	low pg_catalog.float8 DEFAULT 0, high pg_catalog.float8 DEFAULT 100) RETURNS pg_catalog.float8
	LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_min_max';
COMMENT ON FUNCTION stp.min_max(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
'Window function: spread the partition''s values from low (lowest value) to high (highest value), low + (high - low) * (value - min) / (max - min). Where lower is better, swap low and high. low, high: scores, the same in the whole partition. NULL stays NULL and does not count; NULL throughout when fewer than two distinct values are present. Error 22023: value, low or high NaN or infinite; low or high NULL, equal or changing. Source: OECD and JRC, Handbook on Constructing Composite Indicators, 2008, step 5.';

CREATE FUNCTION stp.z_score(value pg_catalog.float8) RETURNS pg_catalog.float8
	LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_z_score';
COMMENT ON FUNCTION stp.z_score(pg_catalog.float8) IS
'Window function: distance from the partition''s mean in sample standard deviations, (value - mean) / stddev. NULL stays NULL and does not count; NULL throughout when fewer than two distinct values are present. Error 22023: value NaN or infinite. Source: OECD and JRC, Handbook on Constructing Composite Indicators, 2008, step 5.';

CREATE FUNCTION stp.percentile_rank(value pg_catalog.float8) RETURNS pg_catalog.float8
	LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_percentile_rank';
COMMENT ON FUNCTION stp.percentile_rank(pg_catalog.float8) IS
'Window function: share of the other values in the partition that are lower, (rank - 1) / (n - 1), 0 = lowest, 1 = highest; ties take the lowest rank. NULL stays NULL and does not count; NULL throughout when fewer than two distinct values are present. Error 22023: value NaN or infinite. Source: n_prank of the R package COINr.';

CREATE FUNCTION stp.ranked_score(value pg_catalog.float8, better pg_catalog.text,
	standard pg_catalog.float8 DEFAULT NULL, floor pg_catalog.float8 DEFAULT NULL) RETURNS pg_catalog.float8
	LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_ranked_score';
COMMENT ON FUNCTION stp.ranked_score(pg_catalog.float8, pg_catalog.text, pg_catalog.float8, pg_catalog.float8) IS
'Window function: score from 1.00 (best) to 4.00 (worst) by rank in the partition. A value that meets the standard gets 1.00, one that misses the floor 4.00; the rest are spread evenly from 1.00 (2.00 with a standard) to 4.00 (3.00 with a floor), rounded to two decimals; ties all take the best score. better: ''higher'' or ''lower''. standard, floor: in the unit of value, NULL = none. All three are the same in the whole partition. NULL stays NULL and does not count. Error 22023: value, standard or floor NaN or infinite; better unknown; floor better than standard; an argument changing. Source: NHS England, NHS Oversight Framework 2025/26, methodology manual, step 1.';

CREATE FUNCTION stp.goalposts(value pg_catalog.float8, low pg_catalog.float8, high pg_catalog.float8,
	better pg_catalog.text, truncate pg_catalog.bool DEFAULT true) RETURNS pg_catalog.float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_goalposts';
COMMENT ON FUNCTION stp.goalposts(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.text, pg_catalog.bool) IS
'Score of one value between two fixed posts: 0 at the worse, 100 at the better. low, high: the posts, in the unit of value. better: ''higher'' or ''lower''. truncate: a value beyond a post counts as the post. NULL when low = high. Error 22023: an argument NaN or infinite; low above high; better unknown. Source: n_goalposts of the R package COINr.';

CREATE FUNCTION stp.distance_to_target(value pg_catalog.float8, minimum pg_catalog.float8,
	maximum pg_catalog.float8, target pg_catalog.float8, better pg_catalog.text,
	cap pg_catalog.bool DEFAULT true) RETURNS pg_catalog.float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_distance_to_target';
COMMENT ON FUNCTION stp.distance_to_target(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.text, pg_catalog.bool) IS
'Share of the way from the worst value of the cohort to the target: 0 = worst, 1 = target met. minimum, maximum: of the cohort, in the unit of value. better: ''higher'' (worst = minimum) or ''lower'' (worst = maximum). cap: no more than 1. NULL when the target is the worst value. A target on the wrong side of the worst value turns the scale round: choose another. Error 22023: an argument NaN or infinite; minimum above maximum; better unknown. Source: n_dist2targ of the R package COINr.';
-- Module composite: weighted means of scores, accumulated once and asked afterwards.

CREATE TYPE stp.composite;

CREATE FUNCTION stp.composite_in(pg_catalog.cstring) RETURNS stp.composite
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_in';
COMMENT ON FUNCTION stp.composite_in(pg_catalog.cstring) IS 'text to stp.composite';

CREATE FUNCTION stp.composite_out(stp.composite) RETURNS pg_catalog.cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_out';
COMMENT ON FUNCTION stp.composite_out(stp.composite) IS 'stp.composite to text, lossless';

CREATE FUNCTION stp.composite_recv(pg_catalog.internal) RETURNS stp.composite
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_recv';
COMMENT ON FUNCTION stp.composite_recv(pg_catalog.internal) IS 'binary to stp.composite';

CREATE FUNCTION stp.composite_send(stp.composite) RETURNS pg_catalog.bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_send';
COMMENT ON FUNCTION stp.composite_send(stp.composite) IS 'stp.composite to binary';

CREATE TYPE stp.composite (
	INPUT = stp.composite_in,
	OUTPUT = stp.composite_out,
	RECEIVE = stp.composite_recv,
	SEND = stp.composite_send,
	INTERNALLENGTH = 72,
	ALIGNMENT = double
);
COMMENT ON TYPE stp.composite IS
'Weighted scores in brief: counts and sums from which stp.arithmetic_mean, stp.geometric_mean, stp.harmonic_mean and stp.coverage read. Can be stored and merged with stp.rollup. Text: (scores, present, not positive, weight, weight present, sum, its rounding error, sum of logarithms, sum of reciprocals), every sum weighted.';

CREATE FUNCTION stp.composite_accum(state stp.composite, score pg_catalog.float8, weight pg_catalog.float8)
	RETURNS stp.composite
	LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a NULL score counts as missing
	AS 'MODULE_PATHNAME', 'stp_composite_accum';
COMMENT ON FUNCTION stp.composite_accum(stp.composite, pg_catalog.float8, pg_catalog.float8) IS
'The state with one more score: the transition function of stp.composite(score, weight)';

CREATE FUNCTION stp.composite_combine(state stp.composite, other stp.composite) RETURNS stp.composite
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_combine';
COMMENT ON FUNCTION stp.composite_combine(stp.composite, stp.composite) IS
'The state over the scores of both states: the combine function of stp.composite and stp.rollup';

CREATE AGGREGATE stp.composite(score pg_catalog.float8, weight pg_catalog.float8) (
	SFUNC = stp.composite_accum,
	STYPE = stp.composite,
	COMBINEFUNC = stp.composite_combine,
	INITCOND = '(0,0,0,0,0,0,0,0,0)',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.composite(pg_catalog.float8, pg_catalog.float8) IS
'Accumulate weighted scores for stp.arithmetic_mean, stp.geometric_mean, stp.harmonic_mean and stp.coverage. score: any unit, NULL = missing (its weight counts towards coverage only). weight: above zero, any scale. Error 22023: score NaN or infinite; weight NULL, zero, negative, NaN or infinite.';

CREATE AGGREGATE stp.rollup(state stp.composite) (
	SFUNC = stp.composite_combine,
	STYPE = stp.composite,
	COMBINEFUNC = stp.composite_combine,
	INITCOND = '(0,0,0,0,0,0,0,0,0)',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.rollup(stp.composite) IS
'Merge stored states: the same as stp.composite over all their scores. A NULL state is skipped.';

CREATE FUNCTION stp.arithmetic_mean(composite stp.composite) RETURNS pg_catalog.float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_arithmetic_mean';
COMMENT ON FUNCTION stp.arithmetic_mean(stp.composite) IS
'Weighted arithmetic mean of the scores present, sum(weight * score) / sum(weight), in their unit. A bad score can be made up for by a good one. NULL when no score is present.';

CREATE FUNCTION stp.geometric_mean(composite stp.composite) RETURNS pg_catalog.float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_geometric_mean';
COMMENT ON FUNCTION stp.geometric_mean(stp.composite) IS
'Weighted geometric mean of the scores present, exp(sum(weight * ln(score)) / sum(weight)), in their unit. A bad score is made up for in part (OECD and JRC, Handbook on Constructing Composite Indicators, 2008). NULL when no score is present or one is not above zero.';

CREATE FUNCTION stp.harmonic_mean(composite stp.composite) RETURNS pg_catalog.float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_harmonic_mean';
COMMENT ON FUNCTION stp.harmonic_mean(stp.composite) IS
'Weighted harmonic mean of the scores present, sum(weight) / sum(weight / score), in their unit. A bad score weighs more than in the geometric mean. NULL when no score is present or one is not above zero.';

CREATE FUNCTION stp.coverage(composite stp.composite) RETURNS pg_catalog.float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_coverage';
COMMENT ON FUNCTION stp.coverage(stp.composite) IS
'Share of the weight whose score is present, 0 to 1. NULL over no rows.';
-- Module registry: who exists, who belongs where on which days, and what was reported.

--------------------------------------------------------------------------------------------------------------
-- Tables
--------------------------------------------------------------------------------------------------------------

-- The kinds nest (place in system in region), so that a cycle cannot be written down. No foreign key of the table to
-- itself: pg_dump would warn of it in every dump.
CREATE TABLE stp.system
(
    system     text PRIMARY KEY CHECK (system <> ''),
    name       text NOT NULL,
    kind       text NOT NULL DEFAULT 'system' CHECK (kind = ANY (ARRAY['region', 'system', 'place'])),
    parent     text CONSTRAINT region_has_no_parent CHECK (kind <> 'region' OR parent IS NULL),
    valid_from date NOT NULL DEFAULT '1900-04-01',
    valid_to   date CHECK (valid_to >= valid_from)
);
CREATE INDEX system_parent ON stp.system (parent);
COMMENT ON TABLE stp.system IS 'Health systems, the regions they lie in and the places they consist of.';
COMMENT ON COLUMN stp.system.system IS 'Code, for example the ODS code QWO. A boundary change is a new code: key history by code and dates.';
COMMENT ON COLUMN stp.system.name IS 'Name for people.';
COMMENT ON COLUMN stp.system.kind IS 'region, system or place.';
COMMENT ON COLUMN stp.system.parent IS 'The region of a system, or the system of a place. What belongs to a place counts in its system too, and in the region.';
COMMENT ON COLUMN stp.system.valid_from IS 'First day it exists; the default is the first day a stp.period can have.';
COMMENT ON COLUMN stp.system.valid_to IS 'Last day it exists; NULL: it still does.';

CREATE TABLE stp.organisation
(
    organisation text PRIMARY KEY CHECK (organisation <> ''),
    name         text NOT NULL,
    type         text,
    subtype      text,
    region       text
);
COMMENT ON TABLE stp.organisation IS 'Organisations that report: providers, commissioners.';
COMMENT ON COLUMN stp.organisation.organisation IS 'Code, for example the ODS code R0A.';
COMMENT ON COLUMN stp.organisation.name IS 'Name for people.';
COMMENT ON COLUMN stp.organisation.type IS 'Type, for example Acute trust.';
COMMENT ON COLUMN stp.organisation.subtype IS 'Subtype, for example Acute - Teaching.';
COMMENT ON COLUMN stp.organisation.region IS 'Region as published with the organisation; for information only.';

CREATE TABLE stp.membership
(
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    system       text NOT NULL REFERENCES stp.system DEFERRABLE INITIALLY DEFERRED,
    share        numeric NOT NULL DEFAULT 1,
    valid_from   date NOT NULL DEFAULT '1900-04-01',
    valid_to     date CHECK (valid_to >= valid_from),
    basis        text,
    PRIMARY KEY (organisation, system, valid_from)
);
CREATE INDEX membership_system ON stp.membership (system);
COMMENT ON TABLE stp.membership IS 'Dated shares of organisations in systems (or places). For every organisation and day with any membership the shares sum to 1 within 0.000001, checked at commit.';
COMMENT ON COLUMN stp.membership.organisation IS 'The organisation.';
COMMENT ON COLUMN stp.membership.system IS 'The system or place it serves. Give the finest level only: a place counts in its system, a system in its region.';
COMMENT ON COLUMN stp.membership.share IS 'Share of the organisation''s counts that belong to the system: above 0, at most 1.';
COMMENT ON COLUMN stp.membership.valid_from IS 'First day of the membership; the default is the first day a stp.period can have.';
COMMENT ON COLUMN stp.membership.valid_to IS 'Last day of the membership; NULL: it goes on.';
COMMENT ON COLUMN stp.membership.basis IS 'What the share rests on: main site, population, activity.';

CREATE TABLE stp.population
(
    system   text NOT NULL REFERENCES stp.system DEFERRABLE INITIALLY DEFERRED,
    period   stp.period NOT NULL,
    age_from int NOT NULL DEFAULT 0 CHECK (age_from >= 0),
    age_to   int CHECK (age_to >= age_from),
    sex      text NOT NULL DEFAULT 'persons'
             CHECK (sex = ANY (ARRAY['persons', 'female', 'male'])),
    persons  float8 NOT NULL,
    PRIMARY KEY (system, period, sex, age_from)
);
COMMENT ON TABLE stp.population IS 'Population of systems by age and sex: the denominators that are not reported with the numerators.';
COMMENT ON COLUMN stp.population.system IS 'The system, region or place; each has rows of its own.';
COMMENT ON COLUMN stp.population.period IS 'The period the estimate is for. An indicator takes the latest one that begins no later than its own period ends.';
COMMENT ON COLUMN stp.population.age_from IS 'Youngest age of the band, in years.';
COMMENT ON COLUMN stp.population.age_to IS 'Oldest age of the band, in years; NULL: and over.';
COMMENT ON COLUMN stp.population.sex IS 'persons, female or male. Bands of one system and period must not overlap; persons overlaps both.';
COMMENT ON COLUMN stp.population.persons IS 'Number of people.';

CREATE TABLE stp.indicator
(
    indicator   text PRIMARY KEY CHECK (indicator <> ''),
    name        text NOT NULL,
    unit        text NOT NULL,
    kind        text NOT NULL CHECK (kind = ANY (ARRAY['proportion', 'rate', 'ratio', 'mean', 'judgement'])),
    better      text NOT NULL CHECK (better = ANY (ARRAY['higher', 'lower', 'neutral'])),
    per         float8 NOT NULL DEFAULT 1,
    standard    float8,
    floor       float8,
    theme       text,
    area        text,
    denominator text NOT NULL DEFAULT 'reports'
                CHECK (denominator = ANY (ARRAY['reports', 'population', 'none'])),
    age_from    int CHECK (age_from >= 0),
    age_to      int CHECK (age_to >= age_from),
    source      text,
    builtin     boolean NOT NULL DEFAULT false,
    CONSTRAINT per_is_positive CHECK (per > 0 AND per < 'infinity'),
    -- Only a mean may come either way: as a sum with its count, or as a bare value.
    CONSTRAINT denominator_fits_kind CHECK (CASE
        WHEN kind = 'judgement' THEN denominator = 'none'
        WHEN kind = 'mean' THEN denominator <> 'population'
        WHEN kind = 'rate' THEN denominator <> 'none'
        ELSE denominator = 'reports' END)
);
COMMENT ON TABLE stp.indicator IS 'What is measured, and how reports of organisations become the figure of a system.';
COMMENT ON COLUMN stp.indicator.indicator IS 'Code, for example ae_within_4_hours.';
COMMENT ON COLUMN stp.indicator.name IS 'Name for people.';
COMMENT ON COLUMN stp.indicator.unit IS 'Unit of the value, for example %, per 1,000 people, score 0-10.';
COMMENT ON COLUMN stp.indicator.kind IS 'proportion: numerator within denominator. rate: events over population or activity. ratio: observed over expected. mean: average of a measurement. judgement: a level somebody awarded.';
COMMENT ON COLUMN stp.indicator.better IS 'higher, lower, or neutral (cannot be scored).';
COMMENT ON COLUMN stp.indicator.per IS 'Multiplier of numerator / denominator: 100 for a percentage, 1000 for a rate per 1,000.';
COMMENT ON COLUMN stp.indicator.standard IS 'National standard in the unit of the value; NULL: none.';
COMMENT ON COLUMN stp.indicator.floor IS 'Value that must at least be met, in the unit of the value; NULL: none.';
COMMENT ON COLUMN stp.indicator.theme IS 'Theme of the 2017 STP dashboard it belongs to.';
COMMENT ON COLUMN stp.indicator.area IS 'Area of the 2017 STP dashboard it belongs to.';
COMMENT ON COLUMN stp.indicator.denominator IS 'reports: each report has numerator and denominator. population: reports have a numerator, stp.population the denominator. none: reports have a value.';
COMMENT ON COLUMN stp.indicator.age_from IS 'Youngest age of the population denominator; NULL: 0.';
COMMENT ON COLUMN stp.indicator.age_to IS 'Oldest age of the population denominator; NULL: and over.';
COMMENT ON COLUMN stp.indicator.source IS 'Where the figures come from and what to beware of.';
COMMENT ON COLUMN stp.indicator.builtin IS 'Shipped with the extension: cannot be edited, is not dumped.';

CREATE TABLE stp.observation
(
    indicator    text NOT NULL REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    period       stp.period NOT NULL,
    numerator    float8,
    denominator  float8,
    value        float8,
    PRIMARY KEY (indicator, period, organisation)
);
COMMENT ON TABLE stp.observation IS 'What organisations reported: one row for each indicator, organisation and period. Not reported means no row.';
COMMENT ON COLUMN stp.observation.indicator IS 'The indicator.';
COMMENT ON COLUMN stp.observation.organisation IS 'The organisation that reported.';
COMMENT ON COLUMN stp.observation.period IS 'The period reported for. It counts where the organisation belonged on the last day of the period.';
COMMENT ON COLUMN stp.observation.numerator IS 'Count at or above 0 (of a mean: the sum, of either sign).';
COMMENT ON COLUMN stp.observation.denominator IS 'Count at or above 0; NULL where the indicator takes its denominator from the population.';
COMMENT ON COLUMN stp.observation.value IS 'The value, for indicators that have no denominator.';

--------------------------------------------------------------------------------------------------------------
-- Guards. Checks that must name the value and give a hint are statement triggers over the new rows: set-based,
-- so that a load of a million rows pays for one join. The foreign keys are deferred for that reason only: the
-- statement trigger speaks first, the key remains for the race that a trigger cannot see.
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp.refuse_unknown_code() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    code text;
BEGIN
    EXECUTE format('SELECT n.%1$I FROM new_rows n WHERE n.%1$I IS NOT NULL
                    AND NOT EXISTS (SELECT FROM stp.%2$I r WHERE r.%2$I = n.%1$I) LIMIT 1', TG_ARGV[0], TG_ARGV[1])
       INTO code;
    IF code IS NOT NULL THEN
        RAISE EXCEPTION 'unknown % "%"', TG_ARGV[1], code USING ERRCODE = 'invalid_parameter_value',
              HINT = format('Add it to stp.%s first, or correct the code in stp.%s.', TG_ARGV[1], TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.refuse_unknown_code() IS 'Trigger: refuses new rows whose column (first argument) names no row of the table (second argument), SQLSTATE 22023.';

CREATE FUNCTION stp.check_parent() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    -- Transactions that change systems check one after the other, or a parent could go while a child comes.
    PERFORM pg_advisory_xact_lock('stp.system'::regclass::bigint);
    SELECT s.system, s.kind, s.parent, p.kind AS parent_kind INTO bad
      FROM (SELECT * FROM stp.system WHERE system = NEW.system
            UNION ALL
            SELECT * FROM stp.system WHERE parent = OLD.system) s
      LEFT JOIN stp.system p ON p.system = s.parent
     WHERE s.parent IS NOT NULL
       AND p.kind IS DISTINCT FROM CASE s.kind WHEN 'place' THEN 'system' WHEN 'system' THEN 'region' END
     LIMIT 1;
    IF bad.parent_kind IS NOT NULL THEN
        RAISE EXCEPTION '% "%" cannot lie in % "%"', bad.kind, bad.system, bad.parent_kind, bad.parent
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Places lie in systems, and systems in regions.';
    ELSIF bad.system IS NOT NULL THEN
        RAISE EXCEPTION 'unknown parent "%" of % "%"', bad.parent, bad.kind, bad.system
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Add it to stp.system first, or correct the code.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_parent() IS 'Constraint trigger: refuses, at commit, a parent that does not exist or is of the wrong kind, SQLSTATE 22023.';

CREATE FUNCTION stp.check_membership() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT * INTO bad FROM new_rows n WHERE NOT (n.share > 0 AND n.share <= 1) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'share % of organisation "%" in system "%" is not above 0 and at most 1',
              bad.share, bad.organisation, bad.system
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the share as a fraction: 0.25 for a quarter.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_membership() IS 'Trigger: refuses shares outside (0, 1], SQLSTATE 22023.';

CREATE FUNCTION stp.check_share_sum() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed text;
    bad     text;
BEGIN
    -- Transactions that change memberships check one after the other, or two halves could pass unseen.
    PERFORM pg_advisory_xact_lock('stp.membership'::regclass::bigint);
    FOR changed IN SELECT OLD.organisation UNION SELECT NEW.organisation LOOP
        -- Most organisations belong to one system, wholly.
        CONTINUE WHEN (SELECT count(*) = 1 AND sum(m.share) = 1 FROM stp.membership m WHERE m.organisation = changed);
        SELECT string_agg(format('%s from %s %s', spell.share, to_char(spell.day, 'YYYY-MM-DD'),
                                 coalesce('to ' || to_char(spell.last_day, 'YYYY-MM-DD'), 'on')), '; ' ORDER BY spell.day)
          INTO bad
          FROM (SELECT starts.day, lead(starts.day) OVER (ORDER BY starts.day) - 1 AS last_day,
                       (SELECT sum(m.share) FROM stp.membership m
                         WHERE m.organisation = changed AND m.valid_from <= starts.day
                           AND (m.valid_to IS NULL OR m.valid_to >= starts.day)) AS share
                  FROM (SELECT m.valid_from AS day FROM stp.membership m WHERE m.organisation = changed
                        UNION
                        SELECT m.valid_to + 1 FROM stp.membership m
                         WHERE m.organisation = changed AND m.valid_to IS NOT NULL) starts) spell
         WHERE abs(spell.share - 1) > 0.000001;
        IF bad IS NOT NULL THEN
            RAISE EXCEPTION 'shares of organisation "%" do not sum to 1: %', changed, bad
                  USING ERRCODE = 'check_violation',
                        HINT = 'On every day with any membership the shares must sum to 1 within 0.000001; change all rows of the organisation in one transaction.';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_share_sum() IS 'Constraint trigger: refuses, at commit, an organisation whose shares do not sum to 1 on every day with any membership, SQLSTATE 23514.';

CREATE FUNCTION stp.check_population() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT * INTO bad FROM new_rows n WHERE NOT (n.persons >= 0 AND n.persons < 'infinity') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'population % of system "%" in % is not a finite number at or above 0', bad.persons, bad.system, bad.period
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave the row out if the population is not known.';
    END IF;
    SELECT n.system, n.period, n.sex, n.age_from, p.sex AS other_sex, p.age_from AS other_age_from INTO bad
      FROM new_rows n
      JOIN stp.population p ON p.system = n.system AND p.period OPERATOR(stp.=) n.period
       AND (p.sex = n.sex OR 'persons' IN (p.sex, n.sex))
       AND (p.sex, p.age_from) <> (n.sex, n.age_from)
       AND p.age_from <= coalesce(n.age_to, p.age_from) AND n.age_from <= coalesce(p.age_to, n.age_from)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'population bands of system "%" in % overlap: % from age % and % from age %',
              bad.system, bad.period, bad.sex, bad.age_from, bad.other_sex, bad.other_age_from
              USING ERRCODE = 'exclusion_violation', HINT = 'Load either totals or parts, so that nobody is counted twice.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_population() IS 'Trigger: refuses negative and non-finite populations (SQLSTATE 22023) and overlapping bands (23P01).';

CREATE FUNCTION stp.check_observation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.*, fault.what, fault.hint INTO bad
      FROM new_rows n
      JOIN stp.indicator i ON i.indicator = n.indicator
     CROSS JOIN LATERAL (SELECT
           (i.denominator = 'none') = (n.value IS NOT NULL)
           AND (i.denominator <> 'none') = (n.numerator IS NOT NULL)
           AND (i.denominator = 'reports') = (n.denominator IS NOT NULL) AS complete) shape
     CROSS JOIN LATERAL (SELECT
           CASE WHEN NOT shape.complete
                THEN format('needs %s', CASE i.denominator WHEN 'none' THEN 'a value and no counts'
                                                           WHEN 'population' THEN 'a numerator only'
                                                           ELSE 'a numerator and a denominator, and no value' END)
                WHEN 'NaN' IN (n.numerator, n.denominator, n.value)
                  OR 'infinity' IN (abs(n.numerator), abs(n.denominator), abs(n.value))
                THEN 'is not finite'
                WHEN n.denominator < 0 OR (n.numerator < 0 AND i.kind <> 'mean') THEN 'has a negative count'
                WHEN i.kind = 'proportion' AND n.numerator > n.denominator THEN 'has a numerator above its denominator'
           END AS what,
           CASE WHEN NOT shape.complete THEN format('Indicator "%s" is a %s with denominator: %s. Leave the row out if nothing was reported.',
                                                    i.indicator, i.kind, i.denominator)
                ELSE 'Correct the report, or leave the row out.' END AS hint) fault
     WHERE fault.what IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'observation of "%" by organisation "%" in % %', bad.indicator, bad.organisation, bad.period, bad.what
              USING ERRCODE = 'invalid_parameter_value', HINT = bad.hint,
                    DETAIL = format('Numerator %s, denominator %s, value %s.', coalesce(bad.numerator::text, 'missing'),
                                    coalesce(bad.denominator::text, 'missing'), coalesce(bad.value::text, 'missing'));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_observation() IS 'Trigger: refuses reports that do not fit their indicator, are negative, not finite, or (proportions) above their denominator, SQLSTATE 22023.';

CREATE FUNCTION stp.refuse_change_in_use() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM stp.observation o WHERE o.indicator = OLD.indicator) THEN
        RAISE EXCEPTION 'indicator "%" has observations, its kind and denominator cannot change', OLD.indicator
              USING ERRCODE = 'restrict_violation', HINT = 'Insert an indicator under a new code, or delete the observations first.';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION stp.refuse_change_in_use() IS 'Trigger: refuses a change of an indicator''s kind or denominator that its observations would no longer fit, SQLSTATE 23001.';
CREATE TRIGGER refuse_change_in_use BEFORE UPDATE ON stp.indicator
    FOR EACH ROW WHEN (NEW.kind <> OLD.kind OR NEW.denominator <> OLD.denominator) EXECUTE FUNCTION stp.refuse_change_in_use();

CREATE CONSTRAINT TRIGGER parent_is_valid AFTER INSERT OR UPDATE OR DELETE ON stp.system
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp.check_parent();

CREATE CONSTRAINT TRIGGER shares_sum_to_one AFTER INSERT OR UPDATE OR DELETE ON stp.membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp.check_share_sum();

-- A trigger with a transition table serves one event, so each guard is made for INSERT and for UPDATE.
DO $$
DECLARE
    guard record;
BEGIN
    FOR guard IN
        SELECT * FROM (VALUES
            ('membership', 'known_organisation', 'refuse_unknown_code(''organisation'', ''organisation'')'),
            ('membership', 'known_system', 'refuse_unknown_code(''system'', ''system'')'),
            ('membership', 'membership_is_valid', 'check_membership()'),
            ('population', 'known_system', 'refuse_unknown_code(''system'', ''system'')'),
            ('population', 'population_is_valid', 'check_population()'),
            ('observation', 'known_indicator', 'refuse_unknown_code(''indicator'', ''indicator'')'),
            ('observation', 'known_organisation', 'refuse_unknown_code(''organisation'', ''organisation'')'),
            ('observation', 'observation_is_valid', 'check_observation()')) guards (relation, name, call)
         CROSS JOIN (VALUES ('INSERT'), ('UPDATE')) events (event)
    LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON stp.%I REFERENCING NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION stp.%s',
                       guard.name || '_' || lower(guard.event), guard.event, guard.relation, guard.call);
    END LOOP;
END $$;

--------------------------------------------------------------------------------------------------------------
-- From organisations to systems
--------------------------------------------------------------------------------------------------------------

-- The one place that says which organisation counts where on which day, with what share.
CREATE VIEW stp.system_membership WITH (security_invoker = true) AS
WITH above AS
(
    -- What belongs to a place counts in its system, and what belongs to a system in its region.
    SELECT m.organisation, a.system, m.share, m.valid_from, m.valid_to
      FROM stp.membership m
      JOIN stp.system s ON s.system = m.system
      LEFT JOIN stp.system p ON p.system = s.parent
     CROSS JOIN LATERAL (VALUES (s.parent), (p.parent)) a (system)
     WHERE a.system IS NOT NULL
),
change AS
(
    SELECT organisation, system, valid_from AS day FROM above
    UNION
    SELECT organisation, system, valid_to + 1 FROM above WHERE valid_to IS NOT NULL
),
spell AS
(
    SELECT organisation, system, day AS valid_from,
           lead(day) OVER (PARTITION BY organisation, system ORDER BY day) - 1 AS valid_to
      FROM change
)
SELECT m.organisation, m.system, m.share, m.valid_from, m.valid_to
  FROM stp.membership m
UNION ALL
-- One row for each organisation and day, however many places of the system it serves.
SELECT spell.organisation, spell.system, sum(above.share), spell.valid_from, spell.valid_to
  FROM spell
  JOIN above ON above.organisation = spell.organisation
            AND above.system = spell.system
            AND above.valid_from <= spell.valid_from
            AND (above.valid_to IS NULL OR above.valid_to >= spell.valid_from)
 GROUP BY spell.organisation, spell.system, spell.valid_from, spell.valid_to;
COMMENT ON VIEW stp.system_membership IS 'Which organisation counts in which system, region or place, on which days, with what share: stp.membership, and places carried up to their systems and regions.';
COMMENT ON COLUMN stp.system_membership.organisation IS 'The organisation.';
COMMENT ON COLUMN stp.system_membership.system IS 'The system, region or place.';
COMMENT ON COLUMN stp.system_membership.share IS 'Share of the organisation''s counts that belong to it.';
COMMENT ON COLUMN stp.system_membership.valid_from IS 'First day of the share.';
COMMENT ON COLUMN stp.system_membership.valid_to IS 'Last day of the share; NULL: it goes on.';

-- The population must cover the ages exactly; half a band is not an answer.
CREATE FUNCTION stp.persons(system text, period stp.period, age_from int DEFAULT NULL, age_to int DEFAULT NULL) RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE
RETURN
(
    -- Bands do not overlap, so they cover the ages exactly if their widths, of both sexes, add up to them.
    SELECT CASE WHEN sum((coalesce(p.age_to, 999) - p.age_from + 1) * CASE p.sex WHEN 'persons' THEN 2 ELSE 1 END)
                     = 2 * (coalesce(persons.age_to, 999) - coalesce(persons.age_from, 0) + 1)
                THEN sum(p.persons) END
      FROM stp.population p
     WHERE p.system = persons.system
       AND p.period OPERATOR(stp.=)
           (SELECT stp.max(q.period)
              FROM stp.population q
             WHERE q.system = persons.system
               AND stp.first_day(q.period) <= stp.last_day(persons.period))
       AND p.age_from >= coalesce(persons.age_from, 0)
       AND coalesce(p.age_to, 999) <= coalesce(persons.age_to, 999)
);
COMMENT ON FUNCTION stp.persons(text, stp.period, int, int) IS 'People of a system from age_from (NULL: 0) to age_to (NULL: and over), by the latest population that begins no later than the period ends; NULL if its bands do not cover exactly these ages.';

CREATE VIEW stp.system_value WITH (security_invoker = true) AS
SELECT t.indicator, t.period, t.system, t.numerator, d.denominator,
       CASE WHEN i.denominator = 'none' THEN t.value
            WHEN d.denominator > 0 THEN t.numerator / d.denominator * i.per
       END AS value,
       t.organisations,
       CASE WHEN d.denominator = 0 THEN 'zero denominator'
            WHEN i.denominator <> 'none' AND d.denominator IS NULL THEN 'no data'
            ELSE 'ok' END AS status
  FROM (SELECT o.indicator, o.period, m.system,
               sum(o.numerator * m.share::float8) AS numerator,
               sum(o.denominator * m.share::float8) AS denominator,
               sum(o.value * m.share::float8)
                   / sum(m.share::float8) AS value,
               count(*) AS organisations
          FROM stp.observation o
          JOIN stp.system_membership m
            ON m.organisation = o.organisation
           AND m.valid_from <= stp.last_day(o.period)
           AND (m.valid_to IS NULL OR m.valid_to >= stp.last_day(o.period))
         GROUP BY o.indicator, o.period, m.system) t
  JOIN stp.indicator i ON i.indicator = t.indicator
 -- OFFSET 0 keeps the planner from asking for the population once for each use of the denominator.
 CROSS JOIN LATERAL (SELECT CASE WHEN i.denominator = 'population'
                                 THEN stp.persons(t.system, t.period, i.age_from, i.age_to)
                                 ELSE t.denominator END AS denominator OFFSET 0) d;
COMMENT ON VIEW stp.system_value IS 'Indicators of systems, regions and places, keyed by stp.period: shares are applied to numerators and denominators, ratios are never averaged; bare values are means weighted by share.';
COMMENT ON COLUMN stp.system_value.indicator IS 'The indicator.';
COMMENT ON COLUMN stp.system_value.period IS 'The period reported for.';
COMMENT ON COLUMN stp.system_value.system IS 'The system, region or place.';
COMMENT ON COLUMN stp.system_value.numerator IS 'Sum of the shares of the reported numerators.';
COMMENT ON COLUMN stp.system_value.denominator IS 'Sum of the shares of the reported denominators, or people.';
COMMENT ON COLUMN stp.system_value.value IS 'numerator / denominator x per, or the mean of the reported values weighted by share, in the unit of the indicator.';
COMMENT ON COLUMN stp.system_value.organisations IS 'Number of organisations that reported.';
COMMENT ON COLUMN stp.system_value.status IS 'ok, zero denominator, or no data (no population that covers the ages).';

CREATE VIEW stp.system_indicator WITH (security_invoker = true) AS
SELECT v.system, s.name AS system_name, s.kind, v.indicator, i.name AS indicator_name, i.unit, i.better,
       v.period::text AS period, stp.first_day(v.period) AS first_day, stp.last_day(v.period) AS last_day,
       v.numerator, v.denominator, v.value, (e.estimate).lower, (e.estimate).upper, (e.estimate).method,
       v.organisations, v.status
  FROM stp.system_value v
  JOIN stp.system s ON s.system = v.system
  JOIN stp.indicator i ON i.indicator = v.indicator
 -- OFFSET 0 as above: one estimate, not one for each of its columns.
 CROSS JOIN LATERAL (SELECT CASE WHEN v.status <> 'ok' THEN NULL
                                 WHEN i.kind = 'proportion' THEN stp.proportion(v.numerator, v.denominator, i.per)
                                 WHEN i.kind = 'rate' THEN stp.rate(v.numerator, v.denominator, i.per)
                                 WHEN i.kind = 'ratio' THEN stp.ratio(v.numerator, v.denominator, i.per)
                            END AS estimate OFFSET 0) e;
COMMENT ON VIEW stp.system_indicator IS 'Indicators of systems, regions and places in plain columns, for reading: stp.system_value with names and days.';
COMMENT ON COLUMN stp.system_indicator.system IS 'Code of the system, region or place.';
COMMENT ON COLUMN stp.system_indicator.system_name IS 'Its name.';
COMMENT ON COLUMN stp.system_indicator.kind IS 'region, system or place.';
COMMENT ON COLUMN stp.system_indicator.indicator IS 'Code of the indicator.';
COMMENT ON COLUMN stp.system_indicator.indicator_name IS 'Its name.';
COMMENT ON COLUMN stp.system_indicator.unit IS 'Unit of the value.';
COMMENT ON COLUMN stp.system_indicator.better IS 'higher, lower or neutral.';
COMMENT ON COLUMN stp.system_indicator.period IS 'Label of the period reported for.';
COMMENT ON COLUMN stp.system_indicator.first_day IS 'First day of the period.';
COMMENT ON COLUMN stp.system_indicator.last_day IS 'Last day of the period.';
COMMENT ON COLUMN stp.system_indicator.numerator IS 'Sum of the shares of the reported numerators.';
COMMENT ON COLUMN stp.system_indicator.denominator IS 'Sum of the shares of the reported denominators, or people.';
COMMENT ON COLUMN stp.system_indicator.value IS 'The value in the unit.';
COMMENT ON COLUMN stp.system_indicator.lower IS 'Lower 95% confidence limit of a proportion, rate or ratio; NULL for means and judgements, whose spread is not reported.';
COMMENT ON COLUMN stp.system_indicator.upper IS 'Upper 95% confidence limit.';
COMMENT ON COLUMN stp.system_indicator.method IS 'How the limits were found: exact Poisson, Byar, Wilson.';
COMMENT ON COLUMN stp.system_indicator.organisations IS 'Number of organisations that reported.';
COMMENT ON COLUMN stp.system_indicator.status IS 'ok, zero denominator, or no data (no population that covers the ages).';

CREATE VIEW stp.unassigned_observation WITH (security_invoker = true) AS
SELECT o.indicator, o.organisation, o.period::text AS period, stp.last_day(o.period) AS last_day,
       o.numerator, o.denominator, o.value
  FROM stp.observation o
 WHERE NOT EXISTS (SELECT FROM stp.membership m
                    WHERE m.organisation = o.organisation
                      AND m.valid_from <= stp.last_day(o.period)
                      AND (m.valid_to IS NULL OR m.valid_to >= stp.last_day(o.period)));
COMMENT ON VIEW stp.unassigned_observation IS 'Reports that count in no system, because the organisation has no membership on the last day of the period.';
COMMENT ON COLUMN stp.unassigned_observation.indicator IS 'The indicator.';
COMMENT ON COLUMN stp.unassigned_observation.organisation IS 'The organisation that reported.';
COMMENT ON COLUMN stp.unassigned_observation.period IS 'Label of the period reported for.';
COMMENT ON COLUMN stp.unassigned_observation.last_day IS 'The day without a membership.';
COMMENT ON COLUMN stp.unassigned_observation.numerator IS 'The numerator that is missing from every system.';
COMMENT ON COLUMN stp.unassigned_observation.denominator IS 'The denominator that is missing from every system.';
COMMENT ON COLUMN stp.unassigned_observation.value IS 'The value that is missing from every system.';

-- Candidates are made, not searched: a few index probes find the period however long the history is.
CREATE FUNCTION stp.latest_period(indicator text, period stp.period, maximum_age int) RETURNS stp.period
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN
(
    SELECT candidate.period
      FROM (VALUES ('month', 1), ('quarter', 3), ('half', 6), ('year', 12)) grain (name, months)
     CROSS JOIN LATERAL generate_series(1, latest_period.maximum_age / grain.months + 1) back
     CROSS JOIN LATERAL (SELECT stp.period(stp.last_day(latest_period.period) + 1, grain.name) OPERATOR(stp.-) back AS period) candidate
     WHERE stp.period(stp.last_day(latest_period.period), 'month') OPERATOR(stp.-) stp.period(stp.last_day(candidate.period), 'month')
           <= latest_period.maximum_age
       AND EXISTS (SELECT FROM stp.observation o
                    WHERE o.indicator = latest_period.indicator
                      AND o.period OPERATOR(stp.=) candidate.period)
     ORDER BY stp.last_day(candidate.period) DESC, candidate.period DESC
     LIMIT 1
);
COMMENT ON FUNCTION stp.latest_period(text, stp.period, int) IS 'The latest period with observations of the indicator that ends on or before the last day of the given period and at most maximum_age months earlier; of several that end together the shortest. NULL if there is none.';

--------------------------------------------------------------------------------------------------------------
-- Indicators that ship: those of which England's trusts publish figures in 2026, in the structure of the 2017 STP
-- dashboard (demo/data has the figures). Standards marked (from memory) are those of the dashboard's time.
--------------------------------------------------------------------------------------------------------------

INSERT INTO stp.indicator (indicator, name, unit, kind, better, per, standard, theme, area, denominator, age_from, source, builtin) VALUES
('ae_within_4_hours', 'A&E attendances admitted, transferred or discharged within 4 hours', '%', 'proportion', 'higher', 100, 95, 'Hospital performance', 'Emergency care', 'reports', NULL, 'NHS England A&E return. Standard: 95% of the NHS Constitution (from memory).', true),
('handover_within_30_minutes', 'Ambulance handovers within 30 minutes', '%', 'proportion', 'higher', 100, NULL, 'Hospital performance', 'Emergency care', 'reports', NULL, 'NHS England urgent and emergency care reports.', true),
('within_18_weeks', 'Waiting list within 18 weeks of referral', '%', 'proportion', 'higher', 100, 92, 'Hospital performance', 'Elective care', 'reports', NULL, 'NHS England referral to treatment return. Standard: 92% of the NHS Constitution (from memory).', true),
('diagnostics_within_6_weeks', 'Diagnostic tests waited for less than 6 weeks', '%', 'proportion', 'higher', 100, NULL, 'Hospital performance', 'Elective care', 'reports', NULL, 'NHS England diagnostics return.', true),
('deaths_against_expected', 'Deaths observed against expected', 'ratio', 'ratio', 'lower', 1, NULL, 'Hospital performance', 'Safety', 'reports', NULL, 'Summary hospital-level mortality indicator; observed over expected.', true),
('cdiff_against_threshold', 'C. difficile infections against threshold', 'ratio', 'mean', 'lower', 1, NULL, 'Hospital performance', 'Safety', 'none', NULL, 'Published as a ratio without its counts: the figure of a system is the mean of its trusts'' ratios, weighted by share.', true),
('ecoli_against_threshold', 'E. coli infections against threshold', 'ratio', 'mean', 'lower', 1, NULL, 'Hospital performance', 'Safety', 'none', NULL, 'Published as a ratio without its counts: the figure of a system is the mean of its trusts'' ratios, weighted by share.', true),
('mrsa_cases', 'MRSA bloodstream infections', 'cases', 'mean', 'lower', 1, NULL, 'Hospital performance', 'Safety', 'none', NULL, 'Published as a count without the bed days of its own period, so that no rate can be formed; the figure of a system is cases per trust. Not scored in stp-2026.', true),
('cancer_62_days', 'Cancer treatment within 62 days of referral', '%', 'proportion', 'higher', 100, 85, 'Patient-focused change', 'Cancer', 'reports', NULL, 'NHS England cancer waiting times. Standard: 85% (from memory).', true),
('cancer_28_days', 'Cancer diagnosed or ruled out within 28 days', '%', 'proportion', 'higher', 100, NULL, 'Patient-focused change', 'Cancer', 'reports', NULL, 'NHS England cancer waiting times.', true),
('friends_and_family_positive', 'Friends and family test: inpatients with a positive experience', '%', 'proportion', 'higher', 100, NULL, 'Patient-focused change', 'Cancer', 'reports', NULL, 'NHS England friends and family test; stands in for the experience of cancer patients, which is published yearly.', true),
('emergency_admissions', 'Emergency admissions per 1,000 people aged 16 and over', 'per 1,000 people', 'rate', 'lower', 1000, NULL, 'Patient-focused change', 'Prevention', 'population', 16, 'Numerator: NHS England A&E return, all ages. Denominator: GP-registered population aged 16 and over, the one published for every system.', true),
('delayed_bed_days', 'Delayed bed days as a share of occupied bed days', '%', 'proportion', 'lower', 100, NULL, 'Patient-focused change', 'Prevention', 'reports', NULL, 'NHS England discharge delays: days between the discharge ready date and discharge, over general and acute beds occupied x days.', true),
('discharged_on_ready_date', 'Discharged on the day they were ready', '%', 'proportion', 'higher', 100, NULL, 'Patient-focused change', 'Prevention', 'reports', NULL, 'NHS England discharge delays.', true),
('well_led', 'CQC rating of leadership', '1 best - 4 worst', 'judgement', 'lower', 1, NULL, 'Transformation', 'Leadership', 'none', NULL, 'Care Quality Commission, well-led: 1 outstanding to 4 inadequate. The figure of a system is the mean weighted by share.', true),
('staff_engagement', 'Staff engagement', 'score 0-10', 'mean', 'higher', 1, NULL, 'Transformation', 'Leadership', 'none', NULL, 'NHS staff survey. The figure of a system is the mean weighted by share.', true),
('raising_concerns', 'Staff confident in raising concerns', 'score 0-10', 'mean', 'higher', 1, NULL, 'Transformation', 'Leadership', 'none', NULL, 'NHS staff survey. The figure of a system is the mean weighted by share.', true),
('sickness_absence', 'Sickness absence of staff', '%', 'mean', 'lower', 1, NULL, 'Transformation', 'Leadership', 'none', NULL, 'NHS oversight framework. The figure of a system is the mean weighted by share. Not scored in stp-2026.', true),
('variance_to_plan_pct', 'Surplus against plan, year to date, of turnover', '%', 'mean', 'higher', 1, NULL, 'Transformation', 'Finance', 'none', NULL, 'NHS oversight framework OF0081. The figure of a system is the mean weighted by share, not by turnover.', true),
('planned_surplus_pct', 'Planned surplus of turnover', '%', 'mean', 'higher', 1, NULL, 'Transformation', 'Finance', 'none', NULL, 'NHS oversight framework OF0079. The figure of a system is the mean weighted by share, not by turnover.', true),
('implied_productivity', 'Implied productivity growth', '%', 'mean', 'higher', 1, NULL, 'Transformation', 'Finance', 'none', NULL, 'NHS oversight framework. The figure of a system is the mean weighted by share.', true);

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER refuse_builtin_mark BEFORE INSERT OR UPDATE ON stp.indicator
    FOR EACH ROW WHEN (NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit();
CREATE TRIGGER refuse_builtin_edit BEFORE UPDATE OR DELETE ON stp.indicator
    FOR EACH ROW WHEN (OLD.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit('indicator', 'Insert a copy under a code of your own and use that.');

SELECT pg_catalog.pg_extension_config_dump('stp.system', '');
SELECT pg_catalog.pg_extension_config_dump('stp.organisation', '');
SELECT pg_catalog.pg_extension_config_dump('stp.membership', '');
SELECT pg_catalog.pg_extension_config_dump('stp.population', '');
SELECT pg_catalog.pg_extension_config_dump('stp.indicator', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.observation', '');

-- Who belongs where is public; what was reported is not until its owner says so. The views run with the rights
-- of the reader, so that they give nothing away.
GRANT SELECT ON stp.system, stp.organisation, stp.membership, stp.population, stp.indicator, stp.system_membership,
    stp.system_value, stp.system_indicator, stp.unassigned_observation TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE
    ON stp.system, stp.organisation, stp.membership, stp.population, stp.indicator, stp.observation
    TO @extowner@ WITH GRANT OPTION;

-- Module scheme: a rating scheme is data. A tree of weighted nodes whose leaves are indicators, and the categories
-- that its overall score falls into.

CREATE TABLE stp.scheme
(
    scheme      text PRIMARY KEY CHECK (scheme <> ''),
    name        text NOT NULL,
    description text,
    rates       text NOT NULL DEFAULT 'system'
                CHECK (rates = ANY (ARRAY['region', 'system', 'place'])),
    better      text NOT NULL DEFAULT 'higher' CHECK (better = ANY (ARRAY['higher', 'lower'])),
    builtin     boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE stp.scheme IS 'Rating schemes.';
COMMENT ON COLUMN stp.scheme.scheme IS 'Code, for example stp-2026.';
COMMENT ON COLUMN stp.scheme.name IS 'Name for people.';
COMMENT ON COLUMN stp.scheme.description IS 'What the scheme rests on: what is published, what is ours.';
COMMENT ON COLUMN stp.scheme.rates IS 'What it rates: every region, system or place that exists on the last day of the assessed period. They are the cohort.';
COMMENT ON COLUMN stp.scheme.better IS 'higher: a high overall score is good. lower: a low one is (segments 1 to 4).';
COMMENT ON COLUMN stp.scheme.builtin IS 'Shipped with the extension: cannot be edited, is not dumped.';

CREATE TABLE stp.scheme_node
(
    scheme           text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    node             text NOT NULL CHECK (node <> ''),
    parent           text,
    position         int NOT NULL DEFAULT 0,
    name             text NOT NULL,
    weight           float8 NOT NULL DEFAULT 1,
    aggregation      text CHECK (aggregation = ANY (ARRAY['arithmetic', 'geometric', 'harmonic'])),
    minimum_coverage float8 NOT NULL DEFAULT 0
                     CHECK (minimum_coverage >= 0 AND minimum_coverage <= 1),
    indicator        text REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    method           text CHECK (method = ANY (ARRAY['as_is', 'min_max', 'z_score', 'percentile_rank',
                                                                          'goalposts', 'distance_to_target', 'ranked'])),
    low              float8,
    high             float8,
    maximum_age      int CHECK (maximum_age >= 0),
    builtin          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, node)
);
COMMENT ON TABLE stp.scheme_node IS 'Nodes of rating schemes: one tree each. A node with an indicator is a leaf and has a method; any other combines its children by its aggregation. Checked at commit.';
COMMENT ON COLUMN stp.scheme_node.scheme IS 'The scheme.';
COMMENT ON COLUMN stp.scheme_node.node IS 'Code of the node, unique in the scheme.';
COMMENT ON COLUMN stp.scheme_node.parent IS 'The node above; NULL for the root, of which there is one.';
COMMENT ON COLUMN stp.scheme_node.position IS 'Order among the children of one parent.';
COMMENT ON COLUMN stp.scheme_node.name IS 'Name for people.';
COMMENT ON COLUMN stp.scheme_node.weight IS 'Weight among the children of one parent, above 0; they need not sum to anything.';
COMMENT ON COLUMN stp.scheme_node.aggregation IS 'How the children''s scores are combined: arithmetic (also when NULL), geometric or harmonic mean, weighted. NULL for a leaf.';
COMMENT ON COLUMN stp.scheme_node.minimum_coverage IS 'Share of its weight, 0 to 1, that must be present; below it the node has no score.';
COMMENT ON COLUMN stp.scheme_node.indicator IS 'The indicator of a leaf.';
COMMENT ON COLUMN stp.scheme_node.method IS 'How the values of the cohort become scores, high where the indicator is good: as_is, min_max, z_score, percentile_rank (0-100; also when NULL), goalposts (0-100), distance_to_target (0-100; the target is the indicator''s standard), ranked (1 best to 4 worst, with the indicator''s standard and floor).';
COMMENT ON COLUMN stp.scheme_node.low IS 'min_max: score of the worst, default 0. goalposts: lower bound of the value. distance_to_target: lower bound of the value, default the cohort''s.';
COMMENT ON COLUMN stp.scheme_node.high IS 'min_max: score of the best, default 100. goalposts: upper bound of the value. distance_to_target: upper bound of the value, default the cohort''s.';
COMMENT ON COLUMN stp.scheme_node.maximum_age IS 'Months that the leaf''s latest period may end before the assessed one does; NULL: 12.';
COMMENT ON COLUMN stp.scheme_node.builtin IS 'Shipped with the extension: cannot be edited, is not dumped.';

CREATE TABLE stp.scheme_category
(
    scheme   text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    position int NOT NULL CHECK (position >= 1),
    category text NOT NULL,
    cut      float8,
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, position),
    UNIQUE (scheme, category)
);
COMMENT ON TABLE stp.scheme_category IS 'Categories of rating schemes, best first.';
COMMENT ON COLUMN stp.scheme_category.scheme IS 'The scheme.';
COMMENT ON COLUMN stp.scheme_category.position IS '1 = best.';
COMMENT ON COLUMN stp.scheme_category.category IS 'Label.';
COMMENT ON COLUMN stp.scheme_category.cut IS 'Overall score that must be reached (where lower is better: not exceeded); NULL for the last category, which takes the rest.';
COMMENT ON COLUMN stp.scheme_category.builtin IS 'Shipped with the extension: cannot be edited, is not dumped.';

--------------------------------------------------------------------------------------------------------------
-- Guards
--------------------------------------------------------------------------------------------------------------

-- Every rule of a sound scheme. stp.assess() asks again, because an indicator may have changed since.
CREATE FUNCTION stp.scheme_faults(scheme text) RETURNS TABLE (fault text, hint text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE node AS
    (
        SELECT n.*, i.better, i.standard,
               EXISTS (SELECT FROM stp.scheme_node c WHERE c.scheme = n.scheme
                                                      AND c.parent = n.node) AS has_children
          FROM stp.scheme_node n LEFT JOIN stp.indicator i ON i.indicator = n.indicator
         WHERE n.scheme = scheme_faults.scheme
    ),
    reached AS
    (
        SELECT r.node FROM node r WHERE r.parent IS NULL
        UNION ALL
        SELECT c.node FROM reached JOIN node c ON c.parent = reached.node
    )
    SELECT format('weight %s of node "%s" is not a finite number above 0', n.weight, n.node),
           'Leave a node out of the scheme rather than give it no weight.'
      FROM node n WHERE NOT (n.weight > 0 AND n.weight < 'infinity')
    UNION ALL
    SELECT format('node "%s" has the parent "%s", which the scheme does not have', n.node, n.parent),
           'Add the parent, or correct the code.'
      FROM node n WHERE n.parent IS NOT NULL
                    AND NOT EXISTS (SELECT FROM node p WHERE p.node = n.parent)
    UNION ALL
    SELECT format('there are %s root nodes: %s', count(*), string_agg(n.node, ', ' ORDER BY n.node)),
           'Exactly one node has no parent.'
      FROM node n WHERE n.parent IS NULL HAVING count(*) > 1
    UNION ALL
    SELECT format('node "%s" is its own ancestor', min(n.node)), 'Break the cycle: a parent must lead to the root.'
      FROM node n WHERE NOT EXISTS (SELECT FROM reached r WHERE r.node = n.node)
    HAVING count(*) > 0
    UNION ALL
    SELECT format('node "%s" has an indicator and children', n.node), 'Put the indicator into a node of its own.'
      FROM node n WHERE n.indicator IS NOT NULL AND n.has_children
    UNION ALL
    SELECT format('node "%s" has a method, bounds or an age but no indicator', n.node), 'These belong to leaves; a node above them has an aggregation.'
      FROM node n WHERE n.indicator IS NULL
                    AND (n.method IS NOT NULL OR n.low IS NOT NULL OR n.high IS NOT NULL OR n.maximum_age IS NOT NULL)
    UNION ALL
    SELECT format('node "%s" has an indicator and an aggregation', n.node), 'An aggregation combines children; a leaf has a method.'
      FROM node n WHERE n.indicator IS NOT NULL AND n.aggregation IS NOT NULL
    UNION ALL
    SELECT format('node "%s" scores indicator "%s", for which neither higher nor lower is better', n.node, n.indicator),
           'Give the indicator a direction, or use the method as_is.'
      FROM node n WHERE n.better = 'neutral' AND n.method IS DISTINCT FROM 'as_is'
    UNION ALL
    SELECT format('bounds "%s" and "%s" of node "%s" are not two finite numbers in rising order', n.low, n.high, n.node),
           'Give low < high; goalposts need both.'
      FROM node n WHERE n.low >= n.high
                     OR n.low = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
                     OR n.high = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
                     OR (n.method = 'goalposts' AND (n.low IS NULL OR n.high IS NULL))
    UNION ALL
    SELECT format('node "%s" measures the distance to a target, but indicator "%s" has no standard', n.node, n.indicator),
           'Give the indicator a standard.'
      FROM node n WHERE n.method = 'distance_to_target' AND n.standard IS NULL
    UNION ALL
    SELECT format('cut %s of category "%s" is out of order', coalesce(cuts.cut::text, 'NULL'), cuts.category),
           'Best first: cuts must fall (rise where lower is better), and the last category alone has none.'
      FROM (SELECT c.category, c.cut, s.better,
                   lag(c.cut) OVER (ORDER BY c.position) AS better_cut,
                   row_number() OVER (ORDER BY c.position DESC) AS place_from_end
              FROM stp.scheme_category c JOIN stp.scheme s ON s.scheme = c.scheme
             WHERE c.scheme = scheme_faults.scheme) cuts
     WHERE (cuts.cut IS NULL) <> (cuts.place_from_end = 1)
        OR cuts.cut = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
        OR CASE WHEN cuts.better = 'higher' THEN cuts.cut >= cuts.better_cut
                ELSE cuts.cut <= cuts.better_cut END
    LIMIT 1;
END;
COMMENT ON FUNCTION stp.scheme_faults(text) IS 'The first fault of a scheme''s tree or categories, with a hint; no row if it is sound.';

CREATE FUNCTION stp.check_scheme() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed text;
    bad     record;
BEGIN
    -- Transactions that change schemes check one after the other, or two sound halves could make a broken whole.
    PERFORM pg_advisory_xact_lock('stp.scheme'::regclass::bigint);
    FOR changed IN SELECT OLD.scheme UNION SELECT NEW.scheme LOOP
        SELECT * INTO bad FROM stp.scheme_faults(changed);
        IF FOUND THEN
            RAISE EXCEPTION 'scheme "%": %', changed, bad.fault USING ERRCODE = 'check_violation', HINT = bad.hint;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_scheme() IS 'Constraint trigger: refuses, at commit, a scheme whose nodes are not one sound tree or whose cuts are out of order, SQLSTATE 23514.';

CREATE FUNCTION stp.refuse_builtin_scheme() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM stp.scheme s WHERE s.scheme = NEW.scheme AND s.builtin) THEN
        RAISE EXCEPTION 'builtin scheme "%" cannot be changed', NEW.scheme
              USING ERRCODE = 'restrict_violation', HINT = 'CALL stp.copy_scheme(...) and edit the copy.';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION stp.refuse_builtin_scheme() IS 'Trigger: refuses additions to a scheme that the extension ships, SQLSTATE 23001.';

CREATE TRIGGER known_indicator AFTER INSERT ON stp.scheme_node REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.refuse_unknown_code('indicator', 'indicator');
CREATE TRIGGER known_indicator_update AFTER UPDATE ON stp.scheme_node REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.refuse_unknown_code('indicator', 'indicator');
CREATE TRIGGER known_scheme AFTER INSERT ON stp.scheme_node REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.refuse_unknown_code('scheme', 'scheme');
CREATE TRIGGER known_scheme AFTER INSERT ON stp.scheme_category REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.refuse_unknown_code('scheme', 'scheme');
CREATE CONSTRAINT TRIGGER scheme_is_sound AFTER UPDATE ON stp.scheme
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp.check_scheme();
CREATE CONSTRAINT TRIGGER scheme_is_sound AFTER INSERT OR UPDATE OR DELETE ON stp.scheme_node
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp.check_scheme();
CREATE CONSTRAINT TRIGGER scheme_is_sound AFTER INSERT OR UPDATE OR DELETE ON stp.scheme_category
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp.check_scheme();

CREATE PROCEDURE stp.copy_scheme(source text, copy text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO stp.scheme (scheme, name, description, rates, better)
    SELECT copy_scheme.copy, s.name, s.description, s.rates, s.better FROM stp.scheme s WHERE s.scheme = source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown scheme "%"', source USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT scheme FROM stp.scheme lists them.';
    END IF;
    INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, aggregation, minimum_coverage, indicator, method, low, high, maximum_age)
    SELECT copy_scheme.copy, node, parent, position, name, weight, aggregation, minimum_coverage, indicator, method, low, high, maximum_age
      FROM stp.scheme_node WHERE scheme = source;
    INSERT INTO stp.scheme_category (scheme, position, category, cut)
    SELECT copy_scheme.copy, position, category, cut FROM stp.scheme_category WHERE scheme = source;
END $$;
COMMENT ON PROCEDURE stp.copy_scheme(text, text) IS 'Copies the scheme named first, its nodes and categories, under the name given second; the copy can be edited. Unknown source: SQLSTATE 22023.';

--------------------------------------------------------------------------------------------------------------
-- The scheme that ships
--------------------------------------------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name, description, builtin) VALUES
('stp-2026', 'The 2017 STP dashboard on the figures of 2026',
 'Structure: the three themes and nine areas of NHS England''s STP progress dashboard of July 2017 (published). Indicators: those of which figures of 2026 are published for England''s trusts; none for general practice and mental health, which stay in the tree so that the coverage shows it. MRSA cases are left out: they are published as a count without the bed days of the same period. Weights (finance, leadership and prevention 20% each, the other six areas 40% together, equal within an area), percentile ranks among the systems, and the cuts 60, 50 and 40 are ours: the rules of 2017 were never found.', true);

-- Weights of areas are in fifteenths of the whole: 3 + 3 + 3 for finance, leadership and prevention, 1 for each other.
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, indicator, builtin)
SELECT 'stp-2026', n.node, n.parent, n.position, n.name, n.weight, n.indicator, true
  FROM (VALUES
    ('overall', NULL, 1, 'Overall', 1, NULL),
    ('hospital_performance', 'overall', 1, 'Hospital performance', 3, NULL),
    ('patient_focused_change', 'overall', 2, 'Patient-focused change', 6, NULL),
    ('transformation', 'overall', 3, 'Transformation', 6, NULL),
    ('emergency_care', 'hospital_performance', 1, 'Emergency care', 1, NULL),
    ('elective_care', 'hospital_performance', 2, 'Elective care', 1, NULL),
    ('safety', 'hospital_performance', 3, 'Safety', 1, NULL),
    ('general_practice', 'patient_focused_change', 1, 'General practice', 1, NULL),
    ('mental_health', 'patient_focused_change', 2, 'Mental health', 1, NULL),
    ('cancer', 'patient_focused_change', 3, 'Cancer', 1, NULL),
    ('prevention', 'patient_focused_change', 4, 'Prevention', 3, NULL),
    ('leadership', 'transformation', 1, 'Leadership', 3, NULL),
    ('finance', 'transformation', 2, 'Finance', 3, NULL)) n (node, parent, position, name, weight, indicator)
UNION ALL
SELECT 'stp-2026', l.indicator, l.area, l.position, i.name, 1, l.indicator, true
  FROM (VALUES
    ('emergency_care', 1, 'ae_within_4_hours'),
    ('emergency_care', 2, 'handover_within_30_minutes'),
    ('elective_care', 1, 'within_18_weeks'),
    ('elective_care', 2, 'diagnostics_within_6_weeks'),
    ('safety', 1, 'deaths_against_expected'),
    ('safety', 2, 'cdiff_against_threshold'),
    ('safety', 3, 'ecoli_against_threshold'),
    ('cancer', 1, 'cancer_62_days'),
    ('cancer', 2, 'cancer_28_days'),
    ('cancer', 3, 'friends_and_family_positive'),
    ('prevention', 1, 'emergency_admissions'),
    ('prevention', 2, 'delayed_bed_days'),
    ('prevention', 3, 'discharged_on_ready_date'),
    ('leadership', 1, 'well_led'),
    ('leadership', 2, 'staff_engagement'),
    ('leadership', 3, 'raising_concerns'),
    ('finance', 1, 'variance_to_plan_pct'),
    ('finance', 2, 'planned_surplus_pct'),
    ('finance', 3, 'implied_productivity')) l (area, position, indicator)
  JOIN stp.indicator i ON i.indicator = l.indicator;

INSERT INTO stp.scheme_category (scheme, position, category, cut, builtin) VALUES
('stp-2026', 1, 'Outstanding', 60, true),
('stp-2026', 2, 'Advanced', 50, true),
('stp-2026', 3, 'Making progress', 40, true),
('stp-2026', 4, 'Needs most improvement', NULL, true);

CREATE TRIGGER refuse_builtin_mark BEFORE INSERT OR UPDATE ON stp.scheme
    FOR EACH ROW WHEN (NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit();
CREATE TRIGGER refuse_builtin_edit BEFORE UPDATE OR DELETE ON stp.scheme
    FOR EACH ROW WHEN (OLD.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit('scheme', 'CALL stp.copy_scheme(...) and edit the copy.');
CREATE TRIGGER refuse_builtin_mark BEFORE INSERT OR UPDATE ON stp.scheme_node
    FOR EACH ROW WHEN (NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit();
CREATE TRIGGER refuse_builtin_scheme BEFORE INSERT OR UPDATE ON stp.scheme_node
    FOR EACH ROW WHEN (NOT NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_scheme();
CREATE TRIGGER refuse_builtin_edit BEFORE UPDATE OR DELETE ON stp.scheme_node
    FOR EACH ROW WHEN (OLD.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit('node', 'CALL stp.copy_scheme(...) and edit the copy.');
CREATE TRIGGER refuse_builtin_mark BEFORE INSERT OR UPDATE ON stp.scheme_category
    FOR EACH ROW WHEN (NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit();
CREATE TRIGGER refuse_builtin_scheme BEFORE INSERT OR UPDATE ON stp.scheme_category
    FOR EACH ROW WHEN (NOT NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_scheme();
CREATE TRIGGER refuse_builtin_edit BEFORE UPDATE OR DELETE ON stp.scheme_category
    FOR EACH ROW WHEN (OLD.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit('category', 'CALL stp.copy_scheme(...) and edit the copy.');

SELECT pg_catalog.pg_extension_config_dump('stp.scheme', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_node', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_category', 'WHERE NOT builtin');

GRANT SELECT ON stp.scheme, stp.scheme_node, stp.scheme_category TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.scheme, stp.scheme_node, stp.scheme_category
    TO @extowner@ WITH GRANT OPTION;

-- Module assessment: schemes applied to what was reported. The queries gather, src/assessment.c computes.

CREATE FUNCTION stp.scheme_tree(scheme text, period stp.period)
RETURNS TABLE (node text, parent text, depth int, name text, weight float8, aggregation text, minimum_coverage float8,
               indicator text, unit text, method text, low float8, high float8, better text, standard float8, floor float8,
               value_period stp.period)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 30
BEGIN ATOMIC
    WITH RECURSIVE tree AS
    (
        SELECT n.*, 0 AS depth FROM stp.scheme_node n WHERE n.scheme = scheme_tree.scheme AND n.parent IS NULL
        UNION ALL
        SELECT c.*, tree.depth + 1 FROM tree JOIN stp.scheme_node c ON c.scheme = tree.scheme AND c.parent = tree.node
    ) SEARCH DEPTH FIRST BY position, node SET place
    SELECT t.node, t.parent, t.depth, t.name, t.weight, coalesce(t.aggregation, 'arithmetic'), t.minimum_coverage,
           t.indicator, i.unit, coalesce(t.method, 'percentile_rank'), t.low, t.high, i.better, i.standard, i.floor,
           CASE WHEN t.indicator IS NOT NULL
                THEN stp.latest_period(t.indicator, scheme_tree.period, coalesce(t.maximum_age, 12)) END
      FROM tree t LEFT JOIN stp.indicator i ON i.indicator = t.indicator
     ORDER BY t.place;
END;
COMMENT ON FUNCTION stp.scheme_tree(text, stp.period) IS 'Nodes of a scheme, every parent before its children, defaults filled in; value_period is the period that a leaf takes when the given one is assessed.';

CREATE FUNCTION stp.cohort(scheme text, period stp.period) RETURNS TABLE (system text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 50
BEGIN ATOMIC
    SELECT s.system
      FROM stp.system s
      JOIN stp.scheme c ON c.scheme = cohort.scheme AND c.rates = s.kind
     WHERE s.valid_from <= stp.last_day(cohort.period)
       AND (s.valid_to IS NULL OR s.valid_to >= stp.last_day(cohort.period))
     ORDER BY s.system;
END;
COMMENT ON FUNCTION stp.cohort(text, stp.period) IS 'What a scheme rates in a period: the systems, regions or places that exist on its last day.';

CREATE FUNCTION stp.leaf_values(indicators text[], periods stp.period[], systems text[])
RETURNS TABLE (leaf bigint, unit bigint, value float8, organisations bigint, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 700
BEGIN ATOMIC
    SELECT leaf.number, cohort.number, v.value, v.organisations, v.status
      FROM ROWS FROM (unnest(leaf_values.indicators), unnest(leaf_values.periods)) WITH ORDINALITY leaf (indicator, period, number)
      JOIN stp.system_value v ON v.indicator = leaf.indicator AND v.period OPERATOR(stp.=) leaf.period
      JOIN unnest(leaf_values.systems) WITH ORDINALITY cohort (system, number) ON cohort.system = v.system
     -- What the join says already, in a form that reaches the index below the grouping.
     WHERE v.indicator = ANY (leaf_values.indicators) AND v.period OPERATOR(stp.=) ANY (leaf_values.periods);
END;
COMMENT ON FUNCTION stp.leaf_values(text[], stp.period[], text[]) IS 'Values of several indicators, each in its period, for a cohort; leaf and unit are places in the arrays.';

CREATE FUNCTION stp.assess(scheme text, period stp.period)
RETURNS TABLE (system text, node text, parent text, depth int, place int, name text, indicator text, unit text,
               value float8, value_period text, organisations bigint, score float8, weight float8, effective_weight float8,
               contribution float8, coverage float8, rank int, category text, status text)
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1500
AS 'MODULE_PATHNAME', 'stp_assess';
COMMENT ON FUNCTION stp.assess(text, stp.period) IS 'Rates a cohort: one row for each system and node of the scheme. parent NULL: the overall rating. place: order of the nodes in the tree. value in the unit of the indicator, from value_period, reported by organisations. score as normalised or combined. weight: share of the whole by the scheme; effective_weight: after the weight of what is missing has gone to its siblings. contribution: part of the overall score; children add up to their parent. coverage: share of the weight that is present. rank 1 = best. status: ok, partial, no data, zero denominator, constant cohort, low coverage, undefined mean. Errors: 22023 unknown scheme or a scheme without nodes; 23514 a scheme that is not sound.';

CREATE FUNCTION stp.explain(scheme text, period stp.period, system text)
RETURNS TABLE (node text, parent text, depth int, name text, indicator text, unit text,
               value float8, value_period text, organisations bigint, score float8, weight float8, effective_weight float8,
               contribution float8, coverage float8, rank int, category text, status text)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 30
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT a.node, a.parent, a.depth, a.name, a.indicator, a.unit, a.value, a.value_period, a.organisations,
           a.score, a.weight, a.effective_weight, a.contribution, a.coverage, a.rank, a.category, a.status
      FROM stp.assess(explain.scheme, explain.period) a
     WHERE a.system = explain.system
     ORDER BY a.place;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'scheme "%" does not rate "%" in %', explain.scheme, explain.system, explain.period
              USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT system FROM stp.cohort(scheme, period) lists what it rates.';
    END IF;
END $$;
COMMENT ON FUNCTION stp.explain(text, stp.period, text) IS 'Takes one system''s rating apart: the rows of stp.assess() for it, in the order of the tree. The contributions of the leaves (rows with an indicator) add up to the overall score, and so do those of the nodes of each level above. Errors: those of stp.assess(), and 22023 for a system that the scheme does not rate in the period.';

