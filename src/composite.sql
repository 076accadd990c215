-- Module composite: weighted means of scores, accumulated once and asked afterwards.

CREATE TYPE stp.composite;

CREATE FUNCTION stp_internal.composite_in(pg_catalog.cstring) RETURNS stp.composite
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_in';
COMMENT ON FUNCTION stp_internal.composite_in(pg_catalog.cstring) IS 'text to stp.composite';

CREATE FUNCTION stp_internal.composite_out(stp.composite) RETURNS pg_catalog.cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_out';
COMMENT ON FUNCTION stp_internal.composite_out(stp.composite) IS 'stp.composite to text, lossless';

CREATE FUNCTION stp_internal.composite_recv(pg_catalog.internal) RETURNS stp.composite
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_recv';
COMMENT ON FUNCTION stp_internal.composite_recv(pg_catalog.internal) IS 'binary to stp.composite';

CREATE FUNCTION stp_internal.composite_send(stp.composite) RETURNS pg_catalog.bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_send';
COMMENT ON FUNCTION stp_internal.composite_send(stp.composite) IS 'stp.composite to binary';

CREATE TYPE stp.composite (
    INPUT = stp_internal.composite_in,
    OUTPUT = stp_internal.composite_out,
    RECEIVE = stp_internal.composite_recv,
    SEND = stp_internal.composite_send,
    INTERNALLENGTH = 72,
    ALIGNMENT = double
);
COMMENT ON TYPE stp.composite IS
    'Weighted scores in brief: counts and sums from which stp.arithmetic_mean, stp.geometric_mean, stp.harmonic_mean and '
        'stp.coverage read. Can be stored and merged with stp.rollup. Text: (scores, present, not positive, weight, weight '
        'present, sum, its rounding error, sum of logarithms, sum of reciprocals), every sum weighted.';

CREATE FUNCTION stp_internal.composite_accum(state stp.composite, score pg_catalog.float8, weight pg_catalog.float8)
    RETURNS stp.composite
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a NULL score counts as missing
    AS 'MODULE_PATHNAME', 'stp_composite_accum';
COMMENT ON FUNCTION stp_internal.composite_accum(stp.composite, pg_catalog.float8, pg_catalog.float8) IS
'The state with one more score: the transition function of stp.composite(score, weight)';

CREATE FUNCTION stp_internal.composite_combine(state stp.composite, other stp.composite) RETURNS stp.composite
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_combine';
COMMENT ON FUNCTION stp_internal.composite_combine(stp.composite, stp.composite) IS
'The state over the scores of both states: the combine function of stp.composite and stp.rollup';

CREATE AGGREGATE stp.composite(score pg_catalog.float8, weight pg_catalog.float8) (
    SFUNC = stp_internal.composite_accum,
    STYPE = stp.composite,
    COMBINEFUNC = stp_internal.composite_combine,
    INITCOND = '(0,0,0,0,0,0,0,0,0)',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.composite(pg_catalog.float8, pg_catalog.float8) IS
    'Accumulate weighted scores for stp.arithmetic_mean, stp.geometric_mean, stp.harmonic_mean and stp.coverage. score: any '
        'unit, NULL = missing (its weight counts towards coverage only). weight: above zero, any scale. Error 22023: score NaN '
        'or infinite; weight NULL, zero, negative, NaN or infinite.';

CREATE AGGREGATE stp.rollup(state stp.composite) (
    SFUNC = stp_internal.composite_combine,
    STYPE = stp.composite,
    COMBINEFUNC = stp_internal.composite_combine,
    INITCOND = '(0,0,0,0,0,0,0,0,0)',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.rollup(stp.composite) IS
'Merge stored states: the same as stp.composite over all their scores. A NULL state is skipped.';

CREATE FUNCTION stp.arithmetic_mean(composite stp.composite) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_arithmetic_mean';
COMMENT ON FUNCTION stp.arithmetic_mean(stp.composite) IS
    'Weighted arithmetic mean of the scores present, sum(weight * score) / sum(weight), in their unit. A bad score can be made '
        'up for by a good one. NULL when no score is present.';

CREATE FUNCTION stp.geometric_mean(composite stp.composite) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_geometric_mean';
COMMENT ON FUNCTION stp.geometric_mean(stp.composite) IS
    'Weighted geometric mean of the scores present, exp(sum(weight * ln(score)) / sum(weight)), in their unit. A bad score is '
        'made up for in part (OECD and JRC, Handbook on Constructing Composite Indicators, 2008). NULL when no score is present '
        'or one is not above zero.';

CREATE FUNCTION stp.harmonic_mean(composite stp.composite) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_harmonic_mean';
COMMENT ON FUNCTION stp.harmonic_mean(stp.composite) IS
    'Weighted harmonic mean of the scores present, sum(weight) / sum(weight / score), in their unit. A bad score weighs more '
        'than in the geometric mean. NULL when no score is present or one is not above zero.';

CREATE FUNCTION stp.coverage(composite stp.composite) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_composite_coverage';
COMMENT ON FUNCTION stp.coverage(stp.composite) IS
'Share of the weight whose score is present, 0 to 1. NULL over no rows.';
