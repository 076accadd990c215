-- Module sum: two sums that sum() is not. One does not depend on the order of its terms: shares leave fractions, whose plain sum
-- depends on the order in which the plan finds them, and a rating that is computed again must be the same to the last bit. The
-- other does not leave out what is not known.

-- Not STRICT: a group makes a state when it has its first term, and none before. Of many sums most have none.
CREATE FUNCTION stp_internal.exact_sum_accum(state float8[], term float8) RETURNS float8[]
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_exact_sum_accum';
COMMENT ON FUNCTION stp_internal.exact_sum_accum(float8[], float8) IS
    'The state with one more term: the transition function of stp.exact_sum. Error 22023: more than 1,049 parts, or parts NULL, '
    'NaN or infinite, which no sum leaves.';

CREATE FUNCTION stp_internal.exact_sum_combine(state float8[], other float8[]) RETURNS float8[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_exact_sum_combine';
COMMENT ON FUNCTION stp_internal.exact_sum_combine(float8[], float8[]) IS
    'The state over the terms of both states: the combine function of stp.exact_sum. Errors: those of '
    'stp_internal.exact_sum_accum().';

CREATE FUNCTION stp_internal.exact_sum_final(state float8[]) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_exact_sum_final';
COMMENT ON FUNCTION stp_internal.exact_sum_final(float8[]) IS
    'The sum, rounded once: the final function of stp.exact_sum. Errors: those of stp_internal.exact_sum_accum().';

CREATE AGGREGATE stp.exact_sum(term float8) (
    SFUNC = stp_internal.exact_sum_accum,
    STYPE = float8[],
    COMBINEFUNC = stp_internal.exact_sum_combine,
    FINALFUNC = stp_internal.exact_sum_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.exact_sum(float8) IS
    'The exact sum, rounded once to the nearest float8: the same bits in whatever order, grouping or number of workers the terms '
    'come. NULL is left out; NULL over no rows. Error 22023: a term NaN or infinite. Error 22003: the sum is beyond float8. '
    'Source: Shewchuk, Discrete & Computational Geometry 18, 1997.';


-- The state is a number as it is, so that it costs what sum() costs. -0 says that there was no term yet: no sum comes to it,
-- because what is added first is added to +0. NULL says that a term was NULL, and stays.
CREATE FUNCTION stp_internal.whole_sum_accum(state float8, term float8) RETURNS float8
LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL makes the sum NULL
AS 'MODULE_PATHNAME', 'stp_whole_sum_accum';
COMMENT ON FUNCTION stp_internal.whole_sum_accum(float8, float8) IS
    'The sum with one more term, NULL if one of them is: the transition function of stp.whole_sum. Error 22003: beyond float8.';

CREATE FUNCTION stp_internal.whole_sum_combine(state float8, other float8) RETURNS float8
LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL makes the sum NULL
AS 'MODULE_PATHNAME', 'stp_whole_sum_combine';
COMMENT ON FUNCTION stp_internal.whole_sum_combine(float8, float8) IS
    'The sum of two sums, NULL if one of them is: the combine function of stp.whole_sum. Error 22003: beyond float8.';

CREATE FUNCTION stp_internal.whole_sum_final(state float8) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_whole_sum_final';
COMMENT ON FUNCTION stp_internal.whole_sum_final(float8) IS 'The sum; NULL of -0, no terms: the final function of stp.whole_sum.';

CREATE AGGREGATE stp.whole_sum(term float8) (
    SFUNC = stp_internal.whole_sum_accum,
    STYPE = float8,
    COMBINEFUNC = stp_internal.whole_sum_combine,
    FINALFUNC = stp_internal.whole_sum_final,
    INITCOND = '-0',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.whole_sum(float8) IS
    'The sum if every term is known: NULL if one is NULL, and over no rows. For the sums of a rate, which sum() would take from '
    'whoever reported. As fast as sum(float8) and rounded like it. Error 22003: the sum is beyond float8.';
