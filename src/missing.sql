-- Module missing: what a rating can become when what is missing is known. src/missing.c says what a missing value can be,
-- src/core/missing.c what comes of it.

CREATE TYPE stp.missing_range_row AS
(
    unit             text,
    peer_group       text,
    score            float8,
    score_low        float8,
    score_high       float8,
    low_attained     boolean,
    high_attained    boolean,
    category         text,
    categories       text[],
    exact            boolean,
    missing          int,
    missing_of_peers int,
    deciding         text[]
);
COMMENT ON TYPE stp.missing_range_row IS 'A row of stp.missing_range(): what one unit''s rating can become.';
COMMENT ON COLUMN stp.missing_range_row.score IS 'Overall score as rated; NULL: none.';
COMMENT ON COLUMN stp.missing_range_row.score_low IS
    'The lowest overall score that it can have when all is known, may be -Infinity; NULL: none, whatever the missing values are.';
COMMENT ON COLUMN stp.missing_range_row.score_high IS 'The highest, may be Infinity.';
COMMENT ON COLUMN stp.missing_range_row.low_attained IS
    'Whether some values make the lowest score; false: they only come as near to it as one likes.';
COMMENT ON COLUMN stp.missing_range_row.high_attained IS 'The same of the highest.';
COMMENT ON COLUMN stp.missing_range_row.category IS 'Overall category as rated, after overrides.';
COMMENT ON COLUMN stp.missing_range_row.categories IS
    'The categories that it can have when all is known, best first; NULL among them: it can also have none. NULL: the scheme has '
    'no categories.';
COMMENT ON COLUMN stp.missing_range_row.exact IS
    'Whether each end of the range is as near as it can be and each of the categories can be had; false: they are bounds, '
    'nothing lies beyond.';
COMMENT ON COLUMN stp.missing_range_row.missing IS 'Leaves whose value is missing, suppressed or not whole in the unit.';
COMMENT ON COLUMN stp.missing_range_row.missing_of_peers IS
    'Leaves that are known in the unit and whose score what is missing in its peers can move.';
COMMENT ON COLUMN stp.missing_range_row.deciding IS
    'The smallest set of leaves that decides the category: once they are known, of the unit and its peers, what is still missing '
    'cannot change it, whatever they turn out to be. There is one such set. Empty: the category is decided. NULL: not searched '
    'for, where the cohort makes the cuts, there are no categories, or more than 100 leaves can move it.';

CREATE FUNCTION stp.missing_range(scheme text, period stp.period, unit text DEFAULT NULL, within text DEFAULT 'possible')
RETURNS SETOF stp.missing_range_row
LANGUAGE c STABLE PARALLEL SAFE COST 200000 ROWS 50 -- not STRICT: the unit has a default
AS 'MODULE_PATHNAME', 'stp_missing_range';
COMMENT ON FUNCTION stp.missing_range(text, stp.period, text, text) IS
    'What the overall rating of each unit, or of one, can become when every value that is missing, suppressed or not whole is '
    'known, its own and its peers'': one row for each unit. within: possible, a missing value can be whatever its kind allows; '
    'reported, only between the least and the greatest value that is known in the peer group. Errors: those of stp.assess(); '
    '22023 a unit that the scheme does not rate in the period, or another word for within.';

CREATE TYPE stp.missing_value_row AS
(
    unit                  text,
    peer_group            text,
    node                  text,
    name                  text,
    indicator             text,
    status                text,
    value                 float8,
    least                 float8,
    greatest              float8,
    weight                float8,
    score_low             float8,
    score_high            float8,
    tried                 int,
    probability_of_change float8,
    expected_move         float8,
    probability_decided   float8
);
COMMENT ON TYPE stp.missing_value_row IS
    'A row of stp.missing_values(): one value of one unit that is missing, suppressed or not whole.';
COMMENT ON COLUMN stp.missing_value_row.node IS 'The leaf of the scheme.';
COMMENT ON COLUMN stp.missing_value_row.name IS 'Name of the leaf.';
COMMENT ON COLUMN stp.missing_value_row.indicator IS 'Its indicator.';
COMMENT ON COLUMN stp.missing_value_row.status IS 'Why it is not known: no data, incomplete, partial or suppressed.';
COMMENT ON COLUMN stp.missing_value_row.value IS 'What there is of it.';
COMMENT ON COLUMN stp.missing_value_row.least IS 'The least that the value can be, may be -Infinity.';
COMMENT ON COLUMN stp.missing_value_row.greatest IS 'The greatest, may be Infinity.';
COMMENT ON COLUMN stp.missing_value_row.weight IS 'Share of the whole by the scheme.';
COMMENT ON COLUMN stp.missing_value_row.score_low IS 'The lowest score that the leaf can have when all is known; NULL: none.';
COMMENT ON COLUMN stp.missing_value_row.score_high IS 'The highest.';
COMMENT ON COLUMN stp.missing_value_row.tried IS
    'So many values were tried: those that are known of others in the peer group and lie between least and greatest, of more '
    'than 50 as many evenly along their order.';
COMMENT ON COLUMN stp.missing_value_row.probability_of_change IS
    'Share of them with which the overall category would be another than it is, all else as reported; NULL: there are none, or '
    'the scheme has no categories.';
COMMENT ON COLUMN stp.missing_value_row.expected_move IS
    'Categories up (down: below 0) on average; NULL also if the unit has no category now, or would have none.';
COMMENT ON COLUMN stp.missing_value_row.probability_decided IS
    'Share of them with which nothing else that is missing could change the category; NULL also where the cohort makes the '
    'cuts.';

CREATE FUNCTION stp.missing_values(scheme text, period stp.period, unit text DEFAULT NULL, within text DEFAULT 'possible')
RETURNS SETOF stp.missing_value_row
LANGUAGE c STABLE PARALLEL SAFE COST 200000 ROWS 100 -- not STRICT: the unit has a default
AS 'MODULE_PATHNAME', 'stp_missing_values';
COMMENT ON FUNCTION stp.missing_values(text, stp.period, text, text) IS
    'Each value that is missing, suppressed or not whole, of all units or of one: what it can be, and what comes of it if it '
    'alone becomes known and is like one that is known of a peer, each of them as likely: the assumption behind the '
    'probabilities. within and errors: those of stp.missing_range().';
