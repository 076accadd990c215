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
    'A value with its confidence limits. Where it is computed for many rows, read its columns from a LATERAL function in FROM: '
        '(f(x)).* calls f once for each column.';
COMMENT ON COLUMN stp.estimate.value IS 'The estimate, in the unit of the function; NULL unless the status is ok or too few.';
COMMENT ON COLUMN stp.estimate.lower IS 'Lower confidence limit, no more than value; NULL unless the status is ok.';
COMMENT ON COLUMN stp.estimate.upper IS 'Upper confidence limit, no less than value; NULL unless the status is ok.';
COMMENT ON COLUMN stp.estimate.method IS
'How the limits were found: exact Poisson, Byar, Wilson, Student t, Zou-Donner, exact conditional; NULL where there are none.';
COMMENT ON COLUMN stp.estimate.status IS
    'ok; suppressed: fewer events than may be shown; zero denominator; no data: an argument is NULL, as sums over no rows are; '
        'too few: a value without limits, because there is too little to find them from.';

CREATE FUNCTION stp.rate(events pg_catalog.float8, population pg_catalog.float8,
    per pg_catalog.float8 DEFAULT 100000, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_rate';
COMMENT ON FUNCTION stp.rate(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
    'Crude rate, events / population * per, with exact Poisson limits below 10 events and Byar''s from 10. events: a count, '
        'whole or apportioned. population: persons, or person-time. per: the rate is per so many. confidence: share strictly '
        'between 0 and 1. Status no data when events or population is NULL, zero denominator when population is 0. Error 22023: '
        'events or population negative, NaN or infinite; per not positive; confidence not between 0 and 1; per or confidence '
        'NULL. Error 22003: the rate is beyond float8. Sources: Garwood, Biometrika 28, 1936; Breslow and Day, Statistical '
        'Methods in Cancer Research II, 1987, page 69.';

CREATE FUNCTION stp.proportion(numerator pg_catalog.float8, denominator pg_catalog.float8,
    per pg_catalog.float8 DEFAULT 1, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_proportion';
COMMENT ON FUNCTION stp.proportion(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
    'Proportion, numerator / denominator * per, with Wilson''s score limits without continuity correction. numerator: how many '
        'of the denominator, whole or apportioned. per: 1 for a share, 100 for per cent. confidence: share strictly between 0 '
        'and 1. Status no data when numerator or denominator is NULL, zero denominator when denominator is 0. Error 22023: '
        'numerator or denominator negative, NaN or infinite; numerator above denominator; per not positive; confidence not '
        'between 0 and 1; per or confidence NULL. Error 22003: the proportion is beyond float8. Source: Wilson, Journal of the '
        'American Statistical Association 22, 1927.';

CREATE FUNCTION stp.ratio(observed pg_catalog.float8, expected pg_catalog.float8,
    per pg_catalog.float8 DEFAULT 1, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_ratio';
COMMENT ON FUNCTION stp.ratio(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
    'Observed over expected events, * per, with exact Poisson limits below 10 observed events and Byar''s from 10; expected is '
        'taken as known. With expected = sum(population * reference rate) this is the indirectly standardised ratio. per: 1, or '
        '100 for 100 = as expected. confidence: share strictly between 0 and 1. Status no data when observed or expected is '
        'NULL, zero denominator when expected is 0. Error 22023: observed or expected negative, NaN or infinite; per not '
        'positive; confidence not between 0 and 1; per or confidence NULL. Error 22003: the ratio is beyond float8. Sources: '
        'Garwood, Biometrika 28, 1936; Breslow and Day, Statistical Methods in Cancer Research II, 1987, page 69.';

CREATE FUNCTION stp.mean(n pg_catalog.int8, mean pg_catalog.float8, stddev pg_catalog.float8,
    confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'stp_mean';
COMMENT ON FUNCTION stp.mean(pg_catalog.int8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
    'Mean with limits from Student''s t distribution. n, mean, stddev: count(x), avg(x) and stddev_samp(x) over the same values. '
        'confidence: share strictly between 0 and 1. Status too few when n is 1: the value without limits; no data when n is 0 '
        'or NULL, or mean or, from 2 values, stddev is NULL. Error 22023: n or stddev negative; mean or stddev NaN or infinite; '
        'confidence NULL or not between 0 and 1. Error 22003: a limit is beyond float8. Source: Student, Biometrika 6, 1908.';

CREATE FUNCTION stp.rate_difference(events_1 pg_catalog.float8, population_1 pg_catalog.float8,
    events_2 pg_catalog.float8, population_2 pg_catalog.float8,
    per pg_catalog.float8 DEFAULT 100000, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'stp_rate_difference';
COMMENT ON FUNCTION stp.rate_difference(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8,
    pg_catalog.float8, pg_catalog.float8) IS
    'Rate of group 1 minus rate of group 2, with limits found from those of the two rates as stp.rate gives them. The groups '
        'share no events. per: the rates are per so many. confidence: share strictly between 0 and 1. Status no data when a '
        'count is NULL, zero denominator when a population is 0. Error 22023: a count negative, NaN or infinite; per not '
        'positive; confidence not between 0 and 1; per or confidence NULL. Error 22003: a rate is beyond float8. Source: Zou and '
        'Donner, Statistics in Medicine 27, 2008.';

CREATE FUNCTION stp.rate_ratio(events_1 pg_catalog.float8, population_1 pg_catalog.float8,
    events_2 pg_catalog.float8, population_2 pg_catalog.float8,
    per pg_catalog.float8 DEFAULT 1, confidence pg_catalog.float8 DEFAULT 0.95) RETURNS stp.estimate
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 250 AS 'MODULE_PATHNAME', 'stp_rate_ratio';
COMMENT ON FUNCTION stp.rate_ratio(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8,
    pg_catalog.float8, pg_catalog.float8) IS
    'Rate of group 1 over rate of group 2, with the exact limits given the sum of both groups'' events: those of Clopper and '
        'Pearson for a binomial share, without mid-p. The groups share no events. per: 1, or 100 for 100 = equal rates, as in '
        'stp.ratio. confidence: share strictly between 0 and 1. Status no data when a count is NULL, zero denominator when a '
        'population or events_2 is 0, too few when events_2 is such a small part of one event that no number bounds the ratio. '
        'Error 22023: a count negative, NaN or infinite; per not positive; confidence not between 0 and 1; per or confidence '
        'NULL. Error 22003: the ratio is beyond float8. Sources: Przyborowski and Wilenski, Biometrika 31, 1940; Clopper and '
        'Pearson, Biometrika 26, 1934.';

CREATE FUNCTION stp.difference(estimate_1 stp.estimate, estimate_2 stp.estimate,
    correlation pg_catalog.float8 DEFAULT 0) RETURNS stp.estimate
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'stp_difference';
COMMENT ON FUNCTION stp.difference(stp.estimate, stp.estimate, pg_catalog.float8) IS
    'estimate_1 minus estimate_2, two rates, proportions, means, standardised rates or differences of one unit of measure, with '
        'limits found from theirs, of the same confidence. correlation: of the chance in the two, from -1 to 1; 0 where they '
        'share no events. Status that of the first which has no value; no data when one is NULL; too few when one has no limits: '
        'the value without limits. Error 22023: a number NaN or infinite; a value outside its limits; correlation NULL or not '
        'from -1 to 1. Error 22003: the difference is beyond float8. Sources: Zou and Donner, Statistics in Medicine 27, 2008; '
        'for proportions it is method 10 of Newcombe, Statistics in Medicine 17, 1998; with a correlation: Zou, American Journal '
        'of Epidemiology 168, 2008.';

CREATE FUNCTION stp.compare(estimate stp.estimate, reference pg_catalog.float8) RETURNS pg_catalog.text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_compare';
COMMENT ON FUNCTION stp.compare(stp.estimate, pg_catalog.float8) IS
    'Where an estimate lies beside a reference: lower when its upper limit is below the reference, higher when its lower limit '
        'is above, otherwise similar. reference: in the unit of the estimate, taken as known. NULL when the estimate has no '
        'limits. Error 22023: reference NaN or infinite.';
