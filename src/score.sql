-- Module score: from values to scores. Window functions score a cohort (the partition), scalars one value.

CREATE FUNCTION stp.min_max(value pg_catalog.float8,
    low pg_catalog.float8 DEFAULT 0, high pg_catalog.float8 DEFAULT 100) RETURNS pg_catalog.float8
    LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_min_max';
COMMENT ON FUNCTION stp.min_max(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8) IS
    'Window function: spread the partition''s values from low (lowest value) to high (highest value), low + (high - low) * '
        '(value - min) / (max - min). Where lower is better, swap low and high. low, high: scores, the same in the whole '
        'partition. NULL stays NULL and does not count; NULL throughout when fewer than two distinct values are present. Error '
        '22023: value, low or high NaN or infinite; low or high NULL, equal or changing. Source: OECD and JRC, Handbook on '
        'Constructing Composite Indicators, 2008, step 5.';

CREATE FUNCTION stp.z_score(value pg_catalog.float8) RETURNS pg_catalog.float8
    LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_z_score';
COMMENT ON FUNCTION stp.z_score(pg_catalog.float8) IS
    'Window function: distance from the partition''s mean in sample standard deviations, (value - mean) / stddev. NULL stays '
        'NULL and does not count; NULL throughout when fewer than two distinct values are present. Error 22023: value NaN or '
        'infinite. Source: OECD and JRC, Handbook on Constructing Composite Indicators, 2008, step 5.';

CREATE FUNCTION stp.percentile_rank(value pg_catalog.float8) RETURNS pg_catalog.float8
    LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_percentile_rank';
COMMENT ON FUNCTION stp.percentile_rank(pg_catalog.float8) IS
    'Window function: share of the other values in the partition that are lower, (rank - 1) / (n - 1), 0 = lowest, 1 = highest; '
        'ties take the lowest rank. NULL stays NULL and does not count; NULL throughout when fewer than two distinct values are '
        'present. Error 22023: value NaN or infinite. Source: n_prank of the R package COINr.';

CREATE FUNCTION stp.exponential_rank(value pg_catalog.float8, ties pg_catalog.text DEFAULT 'average')
    RETURNS pg_catalog.float8
    LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_exponential_rank';
COMMENT ON FUNCTION stp.exponential_rank(pg_catalog.float8, pg_catalog.text) IS
    'Window function: score above 0 to 100 by rank in the partition, -23 ln(1 - R (1 - exp(-100 / 23))), R = rank / n, rank 1 = '
        'lowest value: the tenth with the highest values has half of the scale. ties: ''average'', ''low'' or ''high'', the rank '
        'that equal values take, the same in the whole partition. NULL stays NULL and does not count; NULL throughout when fewer '
        'than two distinct values are present. Error 22023: value NaN or infinite; ties NULL, unknown or changing. Source: '
        'Ministry of Housing, Communities and Local Government, English Indices of Deprivation 2025, technical report: '
        'exponential transformation of domain ranks.';

CREATE FUNCTION stp.ranked_score(value pg_catalog.float8, better pg_catalog.text,
    standard pg_catalog.float8 DEFAULT NULL, floor pg_catalog.float8 DEFAULT NULL) RETURNS pg_catalog.float8
    LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_ranked_score';
COMMENT ON FUNCTION stp.ranked_score(pg_catalog.float8, pg_catalog.text, pg_catalog.float8, pg_catalog.float8) IS
    'Window function: score from 1.00 (best) to 4.00 (worst) by rank in the partition. A value that meets the standard gets '
        '1.00, one that misses the floor 4.00; the rest are spread evenly from 1.00 (2.00 with a standard) to 4.00 (3.00 with a '
        'floor), rounded to two decimals; ties all take the best score. better: ''higher'' or ''lower''. standard, floor: in the '
        'unit of value, NULL = none. All three are the same in the whole partition. NULL stays NULL and does not count. Error '
        '22023: value, standard or floor NaN or infinite; better unknown; floor better than standard; an argument changing. '
        'Source: NHS England, NHS Oversight Framework 2025/26, methodology manual, step 1.';

CREATE FUNCTION stp.goalposts(value pg_catalog.float8, low pg_catalog.float8, high pg_catalog.float8,
    better pg_catalog.text, truncate pg_catalog.bool DEFAULT true) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_goalposts';
COMMENT ON FUNCTION stp.goalposts(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.text, pg_catalog.bool) IS
    'Score of one value between two fixed posts: 0 at the worse, 100 at the better. low, high: the posts, in the unit of value. '
        'better: ''higher'' or ''lower''. truncate: a value beyond a post counts as the post. NULL when low = high. Error 22023: '
        'an argument NaN or infinite; low above high; better unknown. Source: n_goalposts of the R package COINr.';

-- The order of the posts says which is better: a word has a collation, and what has one is not sent to a foreign server.
CREATE FUNCTION stp.goalposts(value pg_catalog.float8, worst pg_catalog.float8, best pg_catalog.float8,
    truncate pg_catalog.bool DEFAULT true) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_goalposts_between';
COMMENT ON FUNCTION stp.goalposts(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.bool) IS
    'Score of one value between two fixed posts: 0 at the worst, 100 at the best. worst, best: the posts, in the unit of value. '
        'truncate: a value beyond a post counts as the post. NULL when worst = best. Error 22023: an argument NaN or infinite. '
        'Source: n_goalposts of the R package COINr.';

CREATE FUNCTION stp.distance_to_target(value pg_catalog.float8, minimum pg_catalog.float8,
    maximum pg_catalog.float8, target pg_catalog.float8, better pg_catalog.text,
    cap pg_catalog.bool DEFAULT true) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_distance_to_target';
COMMENT ON FUNCTION stp.distance_to_target(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.float8,
    pg_catalog.text, pg_catalog.bool) IS
    'Share of the way from the worst value of the cohort to the target: 0 = worst, 1 = target met. minimum, maximum: of the '
        'cohort, in the unit of value. better: ''higher'' (worst = minimum) or ''lower'' (worst = maximum). cap: no more than 1. '
        'NULL when the target is the worst value. A target on the wrong side of the worst value turns the scale round: choose '
        'another. Error 22023: an argument NaN or infinite; minimum above maximum; better unknown. Source: n_dist2targ of the R '
        'package COINr.';

CREATE FUNCTION stp.distance_to_target(value pg_catalog.float8, worst pg_catalog.float8, target pg_catalog.float8,
    cap pg_catalog.bool DEFAULT true) RETURNS pg_catalog.float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_distance_between';
COMMENT ON FUNCTION stp.distance_to_target(pg_catalog.float8, pg_catalog.float8, pg_catalog.float8, pg_catalog.bool) IS
    'Share of the way from the worst value to the target: 0 = worst, 1 = target met. worst, target: in the unit of value. cap: '
        'no more than 1. NULL when the target is the worst value. Error 22023: an argument NaN or infinite. Source: '
        'n_dist2targ of the R package COINr.';
