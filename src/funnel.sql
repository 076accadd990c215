-- Module funnel: units beside their peers. What units differ by is accumulated once (stp.dispersion); limits are asked of it.

CREATE TYPE stp.dispersion;

CREATE FUNCTION stp_internal.dispersion_in(pg_catalog.cstring) RETURNS stp.dispersion
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_in';
COMMENT ON FUNCTION stp_internal.dispersion_in(pg_catalog.cstring) IS 'text to stp.dispersion';

CREATE FUNCTION stp_internal.dispersion_out(stp.dispersion) RETURNS pg_catalog.cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_out';
COMMENT ON FUNCTION stp_internal.dispersion_out(stp.dispersion) IS 'stp.dispersion to text, lossless';

CREATE FUNCTION stp_internal.dispersion_recv(pg_catalog.internal) RETURNS stp.dispersion
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_recv';
COMMENT ON FUNCTION stp_internal.dispersion_recv(pg_catalog.internal) IS 'binary to stp.dispersion';

CREATE FUNCTION stp_internal.dispersion_send(stp.dispersion) RETURNS pg_catalog.bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_send';
COMMENT ON FUNCTION stp_internal.dispersion_send(stp.dispersion) IS 'stp.dispersion to binary';

CREATE TYPE stp.dispersion (
    INPUT = stp_internal.dispersion_in,
    OUTPUT = stp_internal.dispersion_out,
    RECEIVE = stp_internal.dispersion_recv,
    SEND = stp_internal.dispersion_send,
    INTERNALLENGTH = 40,
    ALIGNMENT = double
);
COMMENT ON TYPE stp.dispersion IS
    'A funnel in brief: the method, what is expected of a unit, and by how much units differ more than by chance. stp.n, '
        'stp.target, stp.phi and stp.tau2 read it; stp.funnel and stp.funnel_curve draw its limits. Can be stored. Two of them '
        'cannot be merged: extremes are those of all units together. Text: (method, units, target, phi, tau squared).';

-- The state is an array of numbers, because extremes can only be told when all units are there.
CREATE FUNCTION stp_internal.dispersion_accum(state float8[], numerator float8, denominator float8, method text) RETURNS float8[]
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL counts as missing
    COST 10 AS 'MODULE_PATHNAME', 'stp_dispersion_accum';
COMMENT ON FUNCTION stp_internal.dispersion_accum(float8[], float8, float8, text) IS
'The state with one more unit: the transition function of stp.dispersion(numerator, denominator, method)';

CREATE FUNCTION stp_internal.dispersion_accum(state float8[], numerator float8, denominator float8, method text, target float8,
                                              extremes text, share float8) RETURNS float8[]
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: what is NULL counts as missing
    COST 10 AS 'MODULE_PATHNAME', 'stp_dispersion_accum';
COMMENT ON FUNCTION stp_internal.dispersion_accum(float8[], float8, float8, text, float8, text, float8) IS
    'The state with one more unit: the transition function of stp.dispersion(numerator, denominator, method, target, extremes, '
        'share)';

CREATE FUNCTION stp_internal.dispersion_combine(state float8[], other float8[]) RETURNS float8[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_combine';
COMMENT ON FUNCTION stp_internal.dispersion_combine(float8[], float8[]) IS
'The state over the units of both states: the combine function of stp.dispersion';

CREATE FUNCTION stp_internal.dispersion_final(state float8[]) RETURNS stp.dispersion
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_final';
COMMENT ON FUNCTION stp_internal.dispersion_final(float8[]) IS
'From units to what they differ by: the final function of stp.dispersion';

CREATE AGGREGATE stp.dispersion(numerator float8, denominator float8, method text) (
    SFUNC = stp_internal.dispersion_accum,
    STYPE = float8[],
    COMBINEFUNC = stp_internal.dispersion_combine,
    FINALFUNC = stp_internal.dispersion_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.dispersion(float8, float8, text) IS
    'The funnel of some units, one row each: stp.dispersion(numerator, denominator, method, target, extremes, share) with the '
        'target of all units and a tenth of the z-scores winsorised at either end.';

CREATE AGGREGATE stp.dispersion(numerator float8, denominator float8, method text, target float8, extremes text, share float8) (
    SFUNC = stp_internal.dispersion_accum,
    STYPE = float8[],
    COMBINEFUNC = stp_internal.dispersion_combine,
    FINALFUNC = stp_internal.dispersion_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.dispersion(float8, float8, text, float8, text, float8) IS
    'The funnel of some units, one row each, in whatever order; as a window function, of the partition. numerator, denominator: '
        'counts, fractions allowed; a unit where one is NULL, or the denominator 0, does not count. method: of proportions '
        'arcsine or wilson; of rates, and of ratios of observed to expected, expected, observed, log or root; of one count over '
        'another counts. target: numerator / denominator that is expected; NULL: that of all units. extremes: the z-scores at '
        'either end are winsorised (pulled in to their quantiles; also when NULL) or trimmed (left out). share: of the z-scores '
        'at either end, from 0 to before 0.5; NULL: 0.1. NULL over no rows. Error 22023: a count negative, NaN or infinite; a '
        'numerator above its denominator (proportions); an unknown word; a target of 0 that has no logarithm; an argument '
        'changing within the group. Error 54000: more than 33,554,432 units. Sources: Spiegelhalter, Quality and Safety in '
        'Health Care 14, 2005 (winsorised); NHS Digital, SHMI methodology (log, trimmed); Care Quality Commission (root).';

CREATE FUNCTION stp.n(dispersion stp.dispersion) RETURNS int8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_n';
COMMENT ON FUNCTION stp.n(stp.dispersion) IS
    'Number of units whose z-scores phi and tau squared were found from: those with a z-score, less what was trimmed.';

CREATE FUNCTION stp.target(dispersion stp.dispersion) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_target';
COMMENT ON FUNCTION stp.target(stp.dispersion) IS
    'What is expected of numerator / denominator: as it was given, else the sum of the numerators over that of the '
        'denominators. NULL without units.';

CREATE FUNCTION stp.phi(dispersion stp.dispersion) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_phi';
COMMENT ON FUNCTION stp.phi(stp.dispersion) IS
    'Mean square of the z-scores, their extremes winsorised or trimmed: about 1 where units differ by chance only, above 1 where '
        'they differ by more. NULL without units.';

CREATE FUNCTION stp.tau2(dispersion stp.dispersion) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_dispersion_tau2';
COMMENT ON FUNCTION stp.tau2(stp.dispersion) IS
    'Variance between units beyond that of chance, on the scale of the method: max(0, (n phi - (n - 1)) / (sum(w) - sum(w^2) / '
        'sum(w))), w = 1 / the variance of a unit by chance. Source: DerSimonian and Laird, Controlled Clinical Trials 7, 1986.';

CREATE FUNCTION stp.funnel(numerator float8, denominator float8, dispersion stp.dispersion,
    overdispersion text DEFAULT 'none', levels float8[] DEFAULT ARRAY[0.95, 0.998], per float8 DEFAULT 1,
    minimum_events float8 DEFAULT 0, OUT value float8, OUT target float8, OUT z float8, OUT lower float8[], OUT upper float8[],
    OUT flag text, OUT status text) RETURNS record
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 -- not STRICT: NULL is a row with the status no data
    AS 'MODULE_PATHNAME', 'stp_funnel';
COMMENT ON FUNCTION stp.funnel(float8, float8, stp.dispersion, text, float8[], float8, float8) IS
    'A unit in its funnel: value = per * numerator / denominator; what is expected; its z-score on the scale of the method; the '
        'limits between which chance, and with overdispersion what units differ by anyway, leave the levels'' shares of units, '
        'in their order; and where the value lies: inside, or high or low and the widest level it is outside of, as in '
        '"low 0.998" (on a limit is inside). overdispersion: none; additive (tau squared is added to the variance); '
        'multiplicative (the variance is multiplied by phi where that is above 1); exact methods then have the limits of root. '
        'levels: 1 to 10 shares strictly between 0 and 1. per: multiplier of value, target and limits. minimum_events: below it '
        'the status is too few, without flag (10 for a directly standardised rate). Other statuses: ok; no data (a count or the '
        'funnel is NULL; limits if there is a denominator); zero denominator; undefined (the logarithm of 0). Error 22023: a '
        'count negative, NaN or infinite; a numerator above its denominator (proportions); an unknown word; a level or per out '
        'of range. Source: Spiegelhalter, Statistics in Medicine 24, 2005; doc/funnel.md has that of each method.';

CREATE FUNCTION stp.funnel_curve(dispersion stp.dispersion, first float8, last float8, overdispersion text DEFAULT 'none',
    levels float8[] DEFAULT ARRAY[0.95, 0.998], per float8 DEFAULT 1, points int DEFAULT 100)
    RETURNS TABLE (denominator float8, level float8, lower float8, upper float8)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 200 AS 'MODULE_PATHNAME', 'stp_funnel_curve';
COMMENT ON FUNCTION stp.funnel_curve(stp.dispersion, float8, float8, text, float8[], float8, int) IS
    'The lines of a funnel, for drawing: the limits of stp.funnel at denominators from first to last, each the same multiple of '
        'the one before; a row for each denominator and level. overdispersion, levels, per: as for stp.funnel. points: 2 to '
        '100,000 denominators. Error 22023: first not above 0 or above last; an unknown word; a number out of range.';
