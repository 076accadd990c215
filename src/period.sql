-- Module period: financial years (April to March) and their halves, quarters and months.

CREATE TYPE stp.period;
COMMENT ON TYPE stp.period IS
    'reporting period of the English health service: financial year (2016/17, April to March), half (2016/17 H1), quarter '
    '(2016/17 Q3) or calendar month (2016-12), from 1900/01 to 2199/00; ordered by first day, then the longer first';

CREATE FUNCTION stp_internal.period_in(cstring) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_in';
COMMENT ON FUNCTION stp_internal.period_in(cstring) IS
    'I/O: reads 2016/17, 2016/17 H1, 2016/17 Q3, 2016-12, 2016/17 M09, and what else can mean one period only; error 22P02 '
    'for any other text, 22008 outside 1900/01 to 2199/00';
CREATE FUNCTION stp_internal.period_out(stp.period) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_out';
CREATE FUNCTION stp_internal.period_recv(internal) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_recv';
COMMENT ON FUNCTION stp_internal.period_recv(internal) IS
    'I/O: four bytes in network order, (months since April 1900) * 4 + grain (year 0, half 1, quarter 2, month 3); error 22P03 '
    'for any other value';
CREATE FUNCTION stp_internal.period_send(stp.period) RETURNS bytea
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4send';

CREATE TYPE stp.period (
    INPUT = stp_internal.period_in,
    OUTPUT = stp_internal.period_out,
    RECEIVE = stp_internal.period_recv,
    SEND = stp_internal.period_send,
    LIKE = pg_catalog.int4
);

-- Order and hashing. The bits of a period are an integer in the order wanted, so that int4's own
-- functions serve.

CREATE FUNCTION stp_internal.period_support(internal) RETURNS internal
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'stp_period_support';
COMMENT ON FUNCTION stp_internal.period_support(internal) IS
    'For the planner: what is asked of stp.month(day), or of another grain, as a condition on the day, which an index finds.';

CREATE FUNCTION stp_internal.period_eq(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE SUPPORT stp_internal.period_support
    AS 'int4eq';

CREATE FUNCTION stp_internal.period_ne(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4ne';

CREATE FUNCTION stp_internal.period_lt(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE SUPPORT stp_internal.period_support
    AS 'int4lt';

CREATE FUNCTION stp_internal.period_le(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE SUPPORT stp_internal.period_support
    AS 'int4le';

CREATE FUNCTION stp_internal.period_gt(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE SUPPORT stp_internal.period_support
    AS 'int4gt';

CREATE FUNCTION stp_internal.period_ge(stp.period, stp.period) RETURNS boolean
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE SUPPORT stp_internal.period_support
    AS 'int4ge';

CREATE OPERATOR pg_catalog.= (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_eq,
    COMMUTATOR = OPERATOR(pg_catalog.=), NEGATOR = OPERATOR(pg_catalog.<>),
    RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR pg_catalog.= (stp.period, stp.period) IS 'equal';

CREATE OPERATOR pg_catalog.<> (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_ne,
    COMMUTATOR = OPERATOR(pg_catalog.<>), NEGATOR = OPERATOR(pg_catalog.=),
    RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR pg_catalog.<> (stp.period, stp.period) IS 'not equal';

CREATE OPERATOR pg_catalog.< (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_lt,
    COMMUTATOR = OPERATOR(pg_catalog.>), NEGATOR = OPERATOR(pg_catalog.>=),
    RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR pg_catalog.< (stp.period, stp.period) IS 'less than: begins earlier, or begins the same day and is longer';

CREATE OPERATOR pg_catalog.<= (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_le,
    COMMUTATOR = OPERATOR(pg_catalog.>=), NEGATOR = OPERATOR(pg_catalog.>),
    RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR pg_catalog.<= (stp.period, stp.period) IS 'less than or equal';

CREATE OPERATOR pg_catalog.> (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_gt,
    COMMUTATOR = OPERATOR(pg_catalog.<), NEGATOR = OPERATOR(pg_catalog.<=),
    RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR pg_catalog.> (stp.period, stp.period) IS 'greater than: begins later, or begins the same day and is shorter';

CREATE OPERATOR pg_catalog.>= (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_ge,
    COMMUTATOR = OPERATOR(pg_catalog.<=), NEGATOR = OPERATOR(pg_catalog.<),
    RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.>= (stp.period, stp.period) IS 'greater than or equal';

CREATE FUNCTION stp_internal.period_cmp(stp.period, stp.period) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint4cmp';
COMMENT ON FUNCTION stp_internal.period_cmp(stp.period, stp.period) IS 'less-equal-greater: -1, 0 or 1';
CREATE FUNCTION stp_internal.period_sortsupport(internal) RETURNS void
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint4sortsupport';
COMMENT ON FUNCTION stp_internal.period_sortsupport(internal) IS 'sort support';
CREATE FUNCTION stp_internal.in_range(value stp.period, base stp.period, "offset" integer, sub boolean,
    less boolean) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_in_range';
COMMENT ON FUNCTION stp_internal.in_range(stp.period, stp.period, integer, boolean, boolean) IS
    'window RANGE support: offset counts periods of the grain of base; error 22023 where the grains differ, 22013 for a negative '
        'offset';
CREATE FUNCTION stp_internal.period_hash(stp.period) RETURNS integer
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint4';
COMMENT ON FUNCTION stp_internal.period_hash(stp.period) IS 'hash';
CREATE FUNCTION stp_internal.period_hash_extended(stp.period, bigint) RETURNS bigint
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint4extended';
COMMENT ON FUNCTION stp_internal.period_hash_extended(stp.period, bigint) IS 'hash, with a seed';

CREATE OPERATOR FAMILY stp.period_btree_ops USING btree;
COMMENT ON OPERATOR FAMILY stp.period_btree_ops USING btree IS 'periods in their order';
CREATE OPERATOR CLASS stp.period_btree_ops DEFAULT FOR TYPE stp.period USING btree FAMILY stp.period_btree_ops AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=, OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 stp_internal.period_cmp(stp.period, stp.period),
    FUNCTION 2 stp_internal.period_sortsupport(internal),
    FUNCTION 3 (stp.period, integer) stp_internal.in_range(stp.period, stp.period, integer, boolean, boolean),
    FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS stp.period_btree_ops USING btree IS 'periods in their order';

CREATE OPERATOR FAMILY stp.period_hash_ops USING hash;
COMMENT ON OPERATOR FAMILY stp.period_hash_ops USING hash IS 'periods, equality only';
CREATE OPERATOR CLASS stp.period_hash_ops DEFAULT FOR TYPE stp.period USING hash FAMILY stp.period_hash_ops AS
    OPERATOR 1 pg_catalog.=,
    FUNCTION 1 stp_internal.period_hash(stp.period),
    FUNCTION 2 stp_internal.period_hash_extended(stp.period, bigint);
COMMENT ON OPERATOR CLASS stp.period_hash_ops USING hash IS 'periods, equality only';

CREATE OPERATOR FAMILY stp.period_minmax_ops USING brin;
COMMENT ON OPERATOR FAMILY stp.period_minmax_ops USING brin IS 'least and greatest period of each block range';
CREATE OPERATOR CLASS stp.period_minmax_ops DEFAULT FOR TYPE stp.period USING brin FAMILY stp.period_minmax_ops AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 pg_catalog.=, OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 pg_catalog.brin_minmax_opcinfo(internal),
    FUNCTION 2 pg_catalog.brin_minmax_add_value(internal, internal, internal, internal),
    FUNCTION 3 pg_catalog.brin_minmax_consistent(internal, internal, internal),
    FUNCTION 4 pg_catalog.brin_minmax_union(internal, internal, internal);
COMMENT ON OPERATOR CLASS stp.period_minmax_ops USING brin IS 'least and greatest period of each block range';

CREATE FUNCTION stp_internal.period_smaller(stp.period, stp.period) RETURNS stp.period
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4smaller';
COMMENT ON FUNCTION stp_internal.period_smaller(stp.period, stp.period) IS 'smaller of two';
CREATE FUNCTION stp_internal.period_larger(stp.period, stp.period) RETURNS stp.period
    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4larger';
COMMENT ON FUNCTION stp_internal.period_larger(stp.period, stp.period) IS 'larger of two';
CREATE AGGREGATE pg_catalog.min(stp.period) (
    SFUNC = stp_internal.period_smaller, STYPE = stp.period, COMBINEFUNC = stp_internal.period_smaller,
    SORTOP = OPERATOR(pg_catalog.<), PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.min(stp.period) IS
    'first of all periods: of those that begin the earliest, the longest; NULL without rows';
CREATE AGGREGATE pg_catalog.max(stp.period) (
    SFUNC = stp_internal.period_larger, STYPE = stp.period, COMBINEFUNC = stp_internal.period_larger,
    SORTOP = OPERATOR(pg_catalog.>), PARALLEL = SAFE
);
COMMENT ON AGGREGATE pg_catalog.max(stp.period) IS
    'last of all periods: of those that begin the latest, the shortest; NULL without rows';

-- A parameter or a column of text is read as a period where one is wanted, so that drivers need not know the type.

CREATE CAST (text AS stp.period) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS stp.period) IS
    'reads a label: 2016/17, 2016/17 H1, 2016/17 Q3, 2016-12, or what else can mean one period only; error 22P02 for any '
    'other text';
CREATE CAST (varchar AS stp.period) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS stp.period) IS
    'reads a label: 2016/17, 2016/17 H1, 2016/17 Q3, 2016-12, or what else can mean one period only; error 22P02 for any '
    'other text';

CREATE FUNCTION stp_internal.readable_period(text) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_readable';
COMMENT ON FUNCTION stp_internal.readable_period(text) IS
    'the period that a text is read as; NULL where it would be an error: for who tells of all that is wrong at once';

-- From a day to its period, and from a period to its days.

CREATE FUNCTION stp.period(day date, grain text) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_of_date';
COMMENT ON FUNCTION stp.period(date, text) IS
    'period of that grain (month, quarter, half or year) in which the day lies; error 22008 for a day outside 1900-04-01 to '
        '2200-03-31 or infinite, 22023 for another grain';
-- The same for one grain each, without a word: it has a collation, and what has one is not sent to a foreign server.

CREATE FUNCTION stp.month(day date) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_month_of_date';
COMMENT ON FUNCTION stp.month(date) IS
    'calendar month in which the day lies, as stp.period(day, grain); error 22008 for a day outside '
        '1900-04-01 to 2200-03-31 or infinite';
CREATE FUNCTION stp.quarter(day date) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_quarter_of_date';
COMMENT ON FUNCTION stp.quarter(date) IS
    'quarter of the financial year in which the day lies, as stp.period(day, grain); error 22008 for a day outside '
        '1900-04-01 to 2200-03-31 or infinite';
CREATE FUNCTION stp.half(day date) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_half_of_date';
COMMENT ON FUNCTION stp.half(date) IS
    'half of the financial year in which the day lies, as stp.period(day, grain); error 22008 for a day outside '
        '1900-04-01 to 2200-03-31 or infinite';
CREATE FUNCTION stp.financial_year(day date) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_financial_year_of_date';
COMMENT ON FUNCTION stp.financial_year(date) IS
    'financial year, April to March, in which the day lies, as stp.period(day, grain); error 22008 for a day outside '
        '1900-04-01 to 2200-03-31 or infinite';
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
    'period of that grain (month, quarter, half or year) in which the period lies; error 22023 for a finer grain than its own or '
        'an unknown one';
CREATE FUNCTION stp.quarter(period stp.period) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_quarter_of_period';
COMMENT ON FUNCTION stp.quarter(stp.period) IS
    'quarter of the financial year in which the period lies, as stp.coarsen(period, grain); error 22023 for a coarser period';
CREATE FUNCTION stp.half(period stp.period) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_half_of_period';
COMMENT ON FUNCTION stp.half(stp.period) IS
    'half of the financial year in which the period lies, as stp.coarsen(period, grain); error 22023 for a coarser period';
CREATE FUNCTION stp.financial_year(period stp.period) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_financial_year_of_period';
COMMENT ON FUNCTION stp.financial_year(stp.period) IS
    'financial year, April to March, in which the period lies, as stp.coarsen(period, grain); error 22023 for a coarser period';
CREATE FUNCTION stp.last_month(period stp.period) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_last_month';
COMMENT ON FUNCTION stp.last_month(stp.period) IS 'last calendar month of the period; a month is its own';

-- Containment. These functions are inlined, so that an index on either side of the operator serves:
-- one on dates, or one on periods, because the parts of a period are neighbours in the order. They
-- are not STRICT because AND keeps a strict function from being inlined; NULL still gives NULL.
-- So the estimators below serve only where the function is called.

CREATE FUNCTION stp.contains(period stp.period, day date) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN day OPERATOR(pg_catalog.>=) stp.first_day(period) AND day OPERATOR(pg_catalog.<=) stp.last_day(period);
COMMENT ON FUNCTION stp.contains(stp.period, date) IS 'whether the day lies in the period; uses an index on days';

CREATE FUNCTION stp_internal.period_contains(outer_period stp.period, inner_period stp.period) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN inner_period OPERATOR(pg_catalog.>=) outer_period
        AND inner_period OPERATOR(pg_catalog.<=) stp.last_month(outer_period);

CREATE FUNCTION stp_internal.period_contained(inner_period stp.period, outer_period stp.period) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN inner_period OPERATOR(pg_catalog.>=) outer_period
        AND inner_period OPERATOR(pg_catalog.<=) stp.last_month(outer_period);

CREATE FUNCTION stp_internal.period_overlaps(stp.period, stp.period) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_overlaps';

-- None between a period and a date: beside it, date <@ '[...]' of PostgreSQL would no longer be a range's.
CREATE OPERATOR pg_catalog.@> (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_contains, COMMUTATOR = OPERATOR(pg_catalog.<@),
    RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR pg_catalog.@> (stp.period, stp.period) IS 'contains every day of the other; a period contains itself';

CREATE OPERATOR pg_catalog.<@ (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_contained, COMMUTATOR = OPERATOR(pg_catalog.@>),
    RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR pg_catalog.<@ (stp.period, stp.period) IS 'every day lies in the other; a period lies in itself';

CREATE OPERATOR pg_catalog.&& (
    LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_overlaps, COMMUTATOR = OPERATOR(pg_catalog.&&),
    RESTRICT = pg_catalog.areasel, JOIN = pg_catalog.areajoinsel
);
COMMENT ON OPERATOR pg_catalog.&& (stp.period, stp.period) IS 'the two have a day in common';

-- Arithmetic counts periods of the same grain.

CREATE FUNCTION stp_internal.period_plus(stp.period, integer) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_plus';
CREATE FUNCTION stp_internal.period_plus(number integer, period stp.period) RETURNS stp.period
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN stp_internal.period_plus(period, number);
CREATE FUNCTION stp_internal.period_minus(stp.period, integer) RETURNS stp.period
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_minus';
CREATE FUNCTION stp_internal.period_minus(stp.period, stp.period) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_period_difference';

CREATE OPERATOR pg_catalog.+ (
    LEFTARG = stp.period, RIGHTARG = integer, FUNCTION = stp_internal.period_plus, COMMUTATOR = OPERATOR(pg_catalog.+)
);
COMMENT ON OPERATOR pg_catalog.+ (stp.period, integer) IS
    'the period so many of its grain later; error 22008 outside 1900/01 to 2199/00';
CREATE OPERATOR pg_catalog.+ (
    LEFTARG = integer, RIGHTARG = stp.period, FUNCTION = stp_internal.period_plus, COMMUTATOR = OPERATOR(pg_catalog.+)
);
COMMENT ON OPERATOR pg_catalog.+ (integer, stp.period) IS
    'the period so many of its grain later; error 22008 outside 1900/01 to 2199/00';
CREATE OPERATOR pg_catalog.- (LEFTARG = stp.period, RIGHTARG = integer, FUNCTION = stp_internal.period_minus);
COMMENT ON OPERATOR pg_catalog.- (stp.period, integer) IS
    'the period so many of its grain earlier; error 22008 outside 1900/01 to 2199/00';
CREATE OPERATOR pg_catalog.- (LEFTARG = stp.period, RIGHTARG = stp.period, FUNCTION = stp_internal.period_minus);
COMMENT ON OPERATOR pg_catalog.- (stp.period, stp.period) IS
    'number of periods from the second to the first; error 22023 where their grains differ';

-- Not STRICT, because a strict function that returns a set is not inlined, and the planner would not see how many rows it
-- gives; NULL gives no rows.
CREATE FUNCTION stp.periods(first stp.period, last stp.period) RETURNS SETOF stp.period
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 12
BEGIN ATOMIC
    SELECT first OPERATOR(pg_catalog.+) number
      FROM pg_catalog.generate_series(0, last OPERATOR(pg_catalog.-) first) AS number;
END;
COMMENT ON FUNCTION stp.periods(stp.period, stp.period) IS
    'every period from first to last, both included, in order; no rows where first is after last or either is NULL; error 22023 '
        'where their grains differ';
