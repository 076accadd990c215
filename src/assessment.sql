-- Module assessment: schemes applied to what was reported. src/rating.c gathers, src/core/assessment.c computes.

-- The columns of a rating, once and for all that compute or keep its rows.
CREATE TYPE stp.rating_row AS
(
    unit             text,
    peer_group       text,
    node             text,
    parent           text,
    depth            int,
    place            int,
    name             text,
    indicator        text,
    value            float8,
    unit_of_measure       text,
    value_period     stp.period,
    organisations    int,
    expected         int,
    completeness     float8,
    months           int,
    months_expected  int,
    score            float8,
    weight           float8,
    effective_weight float8,
    contribution     float8,
    coverage         float8,
    rank             int,
    category         text,
    override         text,
    status           text,
    target           float8,
    restated         float8
);
COMMENT ON TYPE stp.rating_row IS 'A row of stp.assess(): one node of one unit''s rating.';
COMMENT ON COLUMN stp.rating_row.node IS 'The node of the scheme.';
COMMENT ON COLUMN stp.rating_row.parent IS 'The node above; NULL for the overall rating.';
COMMENT ON COLUMN stp.rating_row.depth IS 'Levels below the root.';
COMMENT ON COLUMN stp.rating_row.place IS 'Order of the nodes in the tree.';
COMMENT ON COLUMN stp.rating_row.name IS 'Name of the node.';
COMMENT ON COLUMN stp.rating_row.indicator IS 'The indicator of a leaf.';
COMMENT ON COLUMN stp.rating_row.value IS 'Value of the indicator.';
COMMENT ON COLUMN stp.rating_row.value_period IS 'The period that the value is of.';
COMMENT ON COLUMN stp.rating_row.months IS
    'Months that somebody has reported for, of a leaf that takes several periods; otherwise NULL.';
COMMENT ON COLUMN stp.rating_row.months_expected IS 'Months that such a leaf takes.';
COMMENT ON COLUMN stp.rating_row.score IS 'Score, normalised or combined.';
COMMENT ON COLUMN stp.rating_row.weight IS 'Share of the whole by the scheme.';
COMMENT ON COLUMN stp.rating_row.effective_weight IS
    'Share of the whole after the weight of what is missing has gone to what is present.';
COMMENT ON COLUMN stp.rating_row.contribution IS 'Part of the overall score.';
COMMENT ON COLUMN stp.rating_row.coverage IS 'Share of the weight that is present.';
COMMENT ON COLUMN stp.rating_row.category IS 'Category of the overall rating.';
COMMENT ON COLUMN stp.rating_row.override IS 'Names of the rules of the scheme that fired.';
COMMENT ON COLUMN stp.rating_row.status IS
    'ok, restated, inferred, suppressed, partial; without a score: incomplete, no data, zero denominator, constant cohort, no '
    'reference, no target, no standard error, low coverage, undefined mean.';
COMMENT ON COLUMN stp.rating_row.target IS
    'What the value is measured by, of a leaf that is ranked or scored by its distance to a target: the unit''s own '
    '(stp.unit_target) or the standard; NULL: there is none.';
COMMENT ON COLUMN stp.rating_row.restated IS
    'Of a leaf, what part of its value is of reports that count in the unit only on the boundaries of the rating: on the last '
    'day of their own period they counted elsewhere, for example in its predecessors. NULL: nothing.';

CREATE FUNCTION stp.assess(scheme text, period stp.period, boundaries date DEFAULT NULL)
RETURNS SETOF stp.rating_row
LANGUAGE c STABLE PARALLEL SAFE COST 100000 ROWS 1500 -- not STRICT: the boundaries have a default
AS 'MODULE_PATHNAME', 'stp_assess';
COMMENT ON FUNCTION stp.assess(text, stp.period, date) IS
    'Rates a cohort: one row for each unit (system, region, place or organisation) and node of the scheme. peer_group: within '
    'which the unit is compared; NULL: with all. parent NULL: the overall rating. place: order of the nodes in the tree. value '
    'in unit_of_measure, from value_period, reported by organisations of those expected; completeness: what part of all that is '
    'by what they count; months of months_expected: of a leaf that takes several periods. score as normalised or combined. '
    'weight: share of the whole by the scheme; effective_weight: after missing weight has gone to what is present. '
    'contribution: part of the overall score; children add up to their parent. coverage: share of the weight that is present, '
    'of a leaf its completeness. rank 1 = best. category of the overall rating, after overrides, and of nodes that have '
    'categories. override: names of the scheme''s rules that hold for the unit, joined by ''; ''; on its overall row. status: '
    'ok, restated, inferred, suppressed, partial, incomplete, no data, zero denominator, constant cohort, no reference, no '
    'target, no standard error, low coverage, undefined mean. target: what a ranked leaf, or one scored by its distance to a '
    'target, is measured by. boundaries: who is rated, and where reports count, on the map of that day; NULL: of the last day '
    'of the period. restated: what part of a value counts in the unit only for that. Errors: 22023 boundaries that are no day; '
    'unknown scheme or a scheme without nodes; 23514 a scheme that is not sound, or in which cuts, brackets or conditions are '
    'still to be filled in.';

CREATE FUNCTION stp.assess(scheme text, period stp.period, as_of timestamptz, boundaries date DEFAULT NULL)
RETURNS SETOF stp.rating_row
LANGUAGE c STABLE PARALLEL SAFE COST 100000 ROWS 1500 -- not STRICT: the boundaries have a default
AS 'MODULE_PATHNAME', 'stp_assess_as_of';
COMMENT ON FUNCTION stp.assess(text, stp.period, timestamptz, date) IS
    'stp.assess(scheme, period, boundaries) as all tables stood at the time as_of, whatever stp.as_of is set to.';

CREATE FUNCTION stp.explain(scheme text, period stp.period, unit text, boundaries date DEFAULT NULL)
RETURNS TABLE (peer_group text, node text, parent text, depth int, place int, name text, indicator text,
               value float8, unit_of_measure text, value_period stp.period, organisations int, expected int, completeness float8,
               months int, months_expected int, score float8, weight float8,
               effective_weight float8, contribution float8, coverage float8, rank int, category text, override text, status text,
               target float8, restated float8, lower float8, upper float8, missing_weight float8, next_category text,
               needed_value float8, movement text)
LANGUAGE c STABLE PARALLEL SAFE COST 100000 ROWS 30 -- not STRICT: the boundaries have a default
AS 'MODULE_PATHNAME', 'stp_explain';
COMMENT ON FUNCTION stp.explain(text, stp.period, text, date) IS
    'Takes one unit''s rating apart: the rows of stp.assess() for it, in the order of the tree. The contributions of the leaves '
    '(rows with an indicator) add up to the overall score, and so do those of the nodes of each level above. lower, upper: 95% '
    'limits of a proportion, rate or ratio. missing_weight: share of the whole that the scheme gives the node and nothing was '
    'reported for. needed_value: the value nearest to the present one, in the better direction if there is one, that would bring '
    'a better overall category, all else equal (first row: the score); NULL: this alone cannot. next_category: the category it '
    'brings, or if it is NULL the next better one, on the first row and on leaves. movement: '
    'of a leaf, what the unit''s own chart says of its value (stp.indicator_summary, up to value_period; of a leaf that takes '
    'several months of the last one): common cause, improvement, concern, high, low, non-random; too few, no data. Errors: '
    'those of stp.assess(), and 22023 for a unit that the scheme does not rate in the period.';
