
-- Module comparison: whether a rating moved by more than chance.

CREATE TYPE stp.comparison_row AS
(
    unit                 text,
    peer_group           text,
    node                 text,
    parent               text,
    place                int,
    name                 text,
    indicator            text,
    value_1              float8,
    value_2              float8,
    unit_of_measure      text,
    value_period_1       stp.period,
    value_period_2       stp.period,
    difference           float8,
    lower                float8,
    upper                float8,
    is_significant       boolean,
    movement             text,
    score_1              float8,
    score_2              float8,
    change               float8,
    probability          float8,
    rank_1               int,
    rank_low_1           int,
    rank_high_1          int,
    rank_2               int,
    rank_low_2           int,
    rank_high_2          int,
    category_1           text,
    category_2           text,
    category_probability float8,
    by_override          boolean,
    status               text
);
COMMENT ON TYPE stp.comparison_row IS 'A row of stp.compare_periods(): one node of one unit''s rating in two periods.';
COMMENT ON COLUMN stp.comparison_row.node IS 'The node of the scheme.';
COMMENT ON COLUMN stp.comparison_row.parent IS 'The node above; NULL for the overall rating.';
COMMENT ON COLUMN stp.comparison_row.place IS 'Order of the nodes in the tree.';
COMMENT ON COLUMN stp.comparison_row.name IS 'Name of the node.';
COMMENT ON COLUMN stp.comparison_row.indicator IS 'The indicator of a leaf.';
COMMENT ON COLUMN stp.comparison_row.value_1 IS 'Value of the indicator in period_1.';
COMMENT ON COLUMN stp.comparison_row.value_2 IS 'Value of the indicator in period_2.';
COMMENT ON COLUMN stp.comparison_row.value_period_1 IS 'The period that value_1 is of.';
COMMENT ON COLUMN stp.comparison_row.value_period_2 IS
    'The period that value_2 is of; the same as the other: one report stands behind both.';
COMMENT ON COLUMN stp.comparison_row.difference IS 'value_2 - value_1.';
COMMENT ON COLUMN stp.comparison_row.lower IS
    'Lower 95% limit of the difference, from the limits of the two values; NULL: they have none.';
COMMENT ON COLUMN stp.comparison_row.upper IS 'Upper 95% limit of the difference.';
COMMENT ON COLUMN stp.comparison_row.is_significant IS 'Whether the limits of the difference leave out 0.';
COMMENT ON COLUMN stp.comparison_row.movement IS 'What the unit''s own chart says of value_2, as in stp.explain().';
COMMENT ON COLUMN stp.comparison_row.score_1 IS 'Score in period_1.';
COMMENT ON COLUMN stp.comparison_row.score_2 IS 'Score in period_2.';
COMMENT ON COLUMN stp.comparison_row.change IS 'score_2 - score_1.';
COMMENT ON COLUMN stp.comparison_row.probability IS
    'Share of the draws in which the score changes in the direction that it did; 0.5: nothing is known, 0.975: what a two-sided '
    'test at 5% asks for. NULL: it did not change.';
COMMENT ON COLUMN stp.comparison_row.rank_1 IS 'Rank in period_1.';
COMMENT ON COLUMN stp.comparison_row.rank_low_1 IS 'The rank in period_1 that 5% of the draws do not exceed; on the overall row.';
COMMENT ON COLUMN stp.comparison_row.rank_high_1 IS 'The rank in period_1 that 95% of the draws do not exceed.';
COMMENT ON COLUMN stp.comparison_row.rank_2 IS 'Rank in period_2.';
COMMENT ON COLUMN stp.comparison_row.rank_low_2 IS 'The rank in period_2 that 5% of the draws do not exceed; on the overall row.';
COMMENT ON COLUMN stp.comparison_row.rank_high_2 IS 'The rank in period_2 that 95% of the draws do not exceed.';
COMMENT ON COLUMN stp.comparison_row.category_1 IS 'Category in period_1.';
COMMENT ON COLUMN stp.comparison_row.category_2 IS 'Category in period_2.';
COMMENT ON COLUMN stp.comparison_row.category_probability IS
    'Share of the draws in which the overall category moves as it did: is better, worse, or the same.';
COMMENT ON COLUMN stp.comparison_row.by_override IS
    'Whether the overall category is another though by the scores alone it would not be: a rule came to hold, or no longer does.';
COMMENT ON COLUMN stp.comparison_row.status IS
    'ok; new: the unit is not rated in period_1; ended: not in period_2; no score: in one of the two.';

CREATE FUNCTION stp.compare_periods(scheme text, period_1 stp.period, period_2 stp.period, draws int DEFAULT 1000,
                                    spread float8 DEFAULT 0, seed bigint DEFAULT 1)
RETURNS SETOF stp.comparison_row
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10000000 ROWS 1500
AS 'MODULE_PATHNAME', 'stp_compare_periods';
COMMENT ON FUNCTION stp.compare_periods(text, stp.period, stp.period, int, float8, bigint) IS
    'Two ratings of a scheme side by side, and whether they differ by more than chance: one row for each unit of either '
    'period and node of the scheme, on the map of the last day of period_2. difference, lower, upper: of the two values, from '
    'the 95% limits that stp.explain() shows, as stp.difference() finds them; movement: what the unit''s own chart says of the '
    'later value. Values of overlapping periods (years to different months) have the correlation of sums over the days that '
    'they share; one report that stands behind both is no difference. draws: from 1 to 1,000,000; how often both ratings are '
    'drawn, each value that has limits from the halves of two normal distributions as in stp.robustness(), the chance in the '
    'two periods independent but for what they share. spread: each weight is drawn uniformly between 1 - spread and 1 + '
    'spread of itself, from 0 (fixed) to 1, the same in both. seed: the same seed gives the same draws, on any machine. '
    'probability: share of the draws in which the score changes as it did, a tie counts half; where nothing but chance has '
    'changed, at most 5% of the units have more than 0.975. category_probability: the same of the overall category, of a move '
    'of none too. rank_low, rank_high: the ranks that 5% and 95% of the draws do not exceed, which is no confidence set. '
    'Memory of each peer group: 4 bytes x units x the smaller of draws and units + 1, and 40 bytes x units x nodes, in both '
    'periods. Errors: those of stp.assess(); 22023 draws or spread out of range; 53400 more memory than work_mem times '
    'hash_mem_multiplier. Sources: Zou and Donner, Statistics in Medicine 27, 2008; OECD and JRC, Handbook on Constructing '
    'Composite Indicators, 2008, step 7.';
