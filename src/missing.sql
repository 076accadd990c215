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
    deciding         text[],
    deciding_sets    int
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
    'The nodes of a smallest set of leaves that decides the category: once they are known, of the unit and its peers, what is '
    'still missing cannot change it, whatever they turn out to be. Empty: it is decided. NULL: not searched for, where the '
    'cohort makes the cuts, there are no categories or too many leaves.';
COMMENT ON COLUMN stp.missing_range_row.deciding_sets IS 'How many such sets of that size there are; NULL: not counted.';

CREATE FUNCTION stp.missing_range(scheme text, period stp.period, unit text DEFAULT NULL, within text DEFAULT 'possible')
RETURNS SETOF stp.missing_range_row
LANGUAGE c STABLE PARALLEL SAFE COST 200000 ROWS 50 -- not STRICT: the unit has a default
AS 'MODULE_PATHNAME', 'stp_missing_range';
COMMENT ON FUNCTION stp.missing_range(text, stp.period, text, text) IS
    'What the overall rating of each unit, or of one, can become when every value that is missing, suppressed or not whole is '
    'known, its own and its peers'': one row for each unit. within: possible, a missing value can be whatever its kind allows; '
    'reported, only between the least and the greatest value that is known in the peer group. Errors: those of stp.assess(); '
    '22023 a unit that the scheme does not rate in the period, or another word for within.';
