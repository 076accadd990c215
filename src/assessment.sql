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
COMMENT ON COLUMN stp.rating_row.value IS
    'Value of the indicator; of a node above leaves that has a method, what its children come to.';
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
    'ok, restated, inferred, suppressed, partial, not qualified (without a category); without a score: incomplete, no data, zero '
    'denominator, constant cohort, few units, undefined value, no reference, no target, no standard error, low coverage, '
    'undefined mean.';
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
    'Rates a cohort: one row for each unit (nation, region, system, place or organisation) and node of the scheme. peer_group: '
    'within which the unit is compared; NULL: with all. parent NULL: the overall rating. place: order of the nodes in the tree. '
    'value in unit_of_measure, from value_period, reported by organisations of those expected; completeness: what part of all '
    'that is by what they count; months of months_expected: of a leaf that takes several periods. score as normalised or '
    'combined. weight: share of the whole by the scheme; effective_weight: after missing weight has gone to what is present. '
    'contribution: part of the overall score; children add up to their parent. coverage: share of the weight that is present, '
    'of a leaf its completeness. rank 1 = best. category of the overall rating, after overrides, and of nodes that have '
    'categories. override: names of the scheme''s rules that hold for the unit, joined by ''; ''; on its overall row. status: '
    'ok, restated, inferred, suppressed, partial, not qualified, incomplete, no data, zero denominator, constant cohort, few '
    'units, undefined value (no logarithm or root), no reference, no target, no standard error, low coverage, undefined mean. '
    'target: what a ranked '
    'leaf, or one scored by its distance to a '
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

CREATE FUNCTION stp.clusters(scheme text, period stp.period, boundaries date DEFAULT NULL)
RETURNS TABLE (unit text, peer_group text, qualified int, score float8, category text, k_means text, natural_breaks text,
               depends boolean)
LANGUAGE c STABLE PARALLEL SAFE COST 100000 ROWS 1500 -- not STRICT: the boundaries have a default
AS 'MODULE_PATHNAME', 'stp_clusters';
COMMENT ON FUNCTION stp.clusters(text, stp.period, date) IS
    'Whose category depends on how clusters are found, of a scheme with categorise k_means or natural_breaks: the units that '
    'have a category. qualified: how many children of the root qualify, where only units with as many are clustered together. '
    'category: as rated, after rules. k_means and natural_breaks: the category before rules by either; depends: whether they are '
    'two. Sources: Lloyd, IEEE Transactions on Information Theory 28 (1982); Fisher, Journal of the American Statistical '
    'Association 53 (1958). Errors: 22023 a scheme that does not categorise by clusters; otherwise those of stp.assess().';

--------------------------------------------------------------------------------------------------------------
-- Ratings taken apart
--------------------------------------------------------------------------------------------------------------

-- As it was known then: later periods are left aside. A sum or mean of several months is not charted, its last month is. What
-- several leaves show is looked at once; of all units the figures of a period are made together, as where a period is rated.
CREATE FUNCTION stp_internal.movements(rates text, units text[], indicators text[], periods stp.period[], several boolean[])
RETURNS TABLE (leaf bigint, unit bigint, movement text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 700 -- not STRICT, so that the planner takes it in
BEGIN ATOMIC
    WITH chart AS MATERIALIZED
    (
        SELECT u.indicator, CASE WHEN u.several THEN 'month' ELSE stp.grain(u.period) END AS grain,
               stp.last_day(u.period) AS last_day, array_agg(u.leaf) AS leaves
          FROM unnest(movements.indicators, movements.periods, movements.several) WITH ORDINALITY
               u (indicator, period, several, leaf)
         GROUP BY 1, 2, 3
    ),
    map AS MATERIALIZED
    (
        SELECT 'own' AS boundaries, NULL::date AS day
        UNION ALL
        SELECT 'today', current_date WHERE EXISTS (SELECT FROM stp.spc_setting s WHERE s.boundaries = 'today')
    ),
    -- Before anything counted in any of the units there is nothing to ask for.
    history AS MATERIALIZED
    (
        SELECT array_agg(c.indicator) AS indicators, array_agg(p.period) AS periods
          FROM (SELECT c.indicator, c.grain, max(c.last_day) AS last_day FROM chart c GROUP BY 1, 2) c
         CROSS JOIN LATERAL (SELECT DISTINCT o.period FROM stp.observation o WHERE o.indicator = c.indicator) p
         WHERE stp.grain(p.period) = c.grain AND stp.last_day(p.period) <= c.last_day
           AND stp.last_day(p.period) >= (SELECT min(s.valid_from)
                                            FROM map m CROSS JOIN LATERAL stp_internal.shares_at(movements.rates, m.day,
                                                                              '-infinity', 'infinity') s
                                           WHERE s.unit = ANY (movements.units))
    ),
    figure AS MATERIALIZED
    (
        SELECT m.boundaries, h.indicators[v.leaf] AS indicator, h.periods[v.leaf] AS period, v.unit, v.value, v.numerator,
               v.denominator, v.scale
          FROM history h
         CROSS JOIN map m
         CROSS JOIN LATERAL stp_internal.leaf_values(movements.rates, h.indicators, h.periods, movements.units, m.day) v
    ),
    series AS MATERIALIZED
    (
        SELECT c.indicator, c.grain, c.leaves, i.better, f.unit, f.boundaries,
               stp.spc(stp.first_day(f.period), stp_internal.charted_numerator(i.denominator, f.value, f.numerator, f.scale),
                       CASE WHEN i.denominator <> 'none' THEN f.denominator END, NULL) AS series
          FROM chart c
          JOIN stp.indicator i ON i.indicator = c.indicator
          JOIN figure f ON f.indicator = c.indicator AND stp.grain(f.period) = c.grain AND stp.last_day(f.period) <= c.last_day
         GROUP BY c.indicator, c.grain, c.leaves, i.better, f.unit, f.boundaries
    )
    SELECT leaf.leaf, s.unit, coalesce(m.variation, m.status)
      FROM series s
     CROSS JOIN LATERAL (SELECT movements.units[s.unit] AS code OFFSET 0) u
     CROSS JOIN LATERAL stp_internal.chart_setting(s.indicator, u.code, s.grain, s.series) c
     CROSS JOIN LATERAL stp.spc_summary(s.series, s.better, c.dialect, c.chart, c.baseline, c.rebase, c.ghosts, c.base_from,
                                        c.base_to, c.given_mean, c.given_sigma, c.per, s.grain) m
     CROSS JOIN LATERAL unnest(s.leaves) leaf (leaf)
     -- Mostly nobody charts on today's boundaries, and there is nothing to ask for.
     WHERE (SELECT count(*) = 1 FROM map) OR s.boundaries = stp_internal.charted_boundaries(s.indicator, u.code);
END;
COMMENT ON FUNCTION stp_internal.movements(text, text[], text[], stp.period[], boolean[]) IS
    'Of leaves (indicator, period that its value is of, whether it takes several months) of units: the variation of the chart '
    'up to that period, or why there is none; no row where nothing was ever reported. leaf and unit are places in the arrays.';

CREATE TYPE stp.explanation_row AS
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
    unit_of_measure  text,
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
    restated         float8,
    lower            float8,
    upper            float8,
    missing_weight   float8,
    next_category    text,
    needed_value     float8,
    movement         text
);
COMMENT ON TYPE stp.explanation_row IS
    'A row of stp.explain(): one node of one unit''s rating, the columns of stp.rating_row and more.';
CALL stp.copy_comments('stp.rating_row', 'stp.explanation_row');
COMMENT ON COLUMN stp.explanation_row.lower IS 'Lower 95% limit of a proportion, rate or ratio.';
COMMENT ON COLUMN stp.explanation_row.upper IS 'Upper 95% limit of a proportion, rate or ratio.';
COMMENT ON COLUMN stp.explanation_row.missing_weight IS
    'Share of the whole that the scheme gives the node and nothing was reported for.';
COMMENT ON COLUMN stp.explanation_row.next_category IS
    'The category that the needed value brings; without one the next better.';
COMMENT ON COLUMN stp.explanation_row.needed_value IS
    'The nearest value (first row: score) that would bring a better overall category, all else equal; NULL: none would.';
COMMENT ON COLUMN stp.explanation_row.movement IS
    'Of a leaf, what the unit''s own chart says of its value: common cause, improvement, concern, high, low, non-random; too '
    'few, no data.';

CREATE FUNCTION stp_internal.explained(scheme text, period stp.period, unit text, boundaries date)
RETURNS SETOF stp.explanation_row
LANGUAGE c STABLE PARALLEL SAFE COST 100000 ROWS 1500 -- not STRICT: unit and boundaries may be NULL
AS 'MODULE_PATHNAME', 'stp_explained';
COMMENT ON FUNCTION stp_internal.explained(text, stp.period, text, date) IS 'The rows of stp.explain(), without movement.';

CREATE FUNCTION stp_internal.node_movements(scheme text, nodes text[], periods stp.period[], units text[])
RETURNS TABLE (node text, unit text, movement text)
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 ROWS 700
AS 'MODULE_PATHNAME', 'stp_node_movements';
COMMENT ON FUNCTION stp_internal.node_movements(text, text[], stp.period[], text[]) IS
    'What stp_internal.movements() says of leaves of a scheme, each in a period, and of units; "no data" where it has no row.';

-- A chart needs the history of a figure, which takes longer than all the rest: who does not look at movement does not wait for
-- it. The planner takes the function in, and leaves out a join to groups of which no column is looked at.
CREATE FUNCTION stp.explain(scheme text, period stp.period, unit text DEFAULT NULL, boundaries date DEFAULT NULL)
RETURNS SETOF stp.explanation_row
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1500 -- not STRICT: unit and boundaries have a default
BEGIN ATOMIC
    WITH explained AS
        (SELECT * FROM stp_internal.explained(explain.scheme, explain.period, explain.unit, explain.boundaries) WITH ORDINALITY e)
    SELECT e.unit, e.peer_group, e.node, e.parent, e.depth, e.place, e.name, e.indicator, e.value, e.unit_of_measure,
           e.value_period, e.organisations, e.expected, e.completeness, e.months, e.months_expected, e.score, e.weight,
           e.effective_weight, e.contribution, e.coverage, e.rank, e.category, e.override, e.status, e.target, e.restated,
           e.lower, e.upper, e.missing_weight, e.next_category, e.needed_value, m.movement
      FROM explained e
      LEFT JOIN (SELECT m.node, m.unit, min(m.movement) AS movement
                   FROM (SELECT array_agg(l.node) AS nodes, array_agg(l.period) AS periods
                           FROM (SELECT e.node, (array_agg(e.value_period))[1] AS period
                                   FROM explained e WHERE e.value_period IS NOT NULL GROUP BY e.node) l) l
                  CROSS JOIN (SELECT array_agg(DISTINCT e.unit) AS units FROM explained e) u
                  CROSS JOIN LATERAL stp_internal.node_movements(explain.scheme, l.nodes, l.periods, u.units) m
                  GROUP BY m.node, m.unit) m ON m.node = e.node AND m.unit = e.unit
     ORDER BY e.ordinality;
END;
COMMENT ON FUNCTION stp.explain(text, stp.period, text, date) IS
    'Takes ratings apart: the rows of stp.assess() unit by unit, each in the order of the tree. unit: whose; NULL: all that the '
    'scheme rates, in the order of stp.cohort(). Of each, the contributions of the leaves '
    '(rows with an indicator) add up to the overall score, and so do those of the nodes of each level above. lower, upper: 95% '
    'limits of a proportion, rate or ratio. missing_weight: share of the whole that the scheme gives the node and nothing was '
    'reported for. needed_value: the value nearest to the present one, in the better direction if there is one, that would bring '
    'a better overall category, all else equal (first row: the score); NULL: this alone cannot. next_category: the category it '
    'brings, or if it is NULL the next better one, on the first row and on leaves. movement: '
    'of a leaf, what the unit''s own chart says of its value (stp.indicator_summary, up to value_period; of a leaf that takes '
    'several months of the last one): common cause, improvement, concern, high, low, non-random; too few, no data; it takes the '
    'whole history, and costs nothing where it is not selected. Errors: '
    'those of stp.assess(), and 22023 for a unit that the scheme does not rate in the period.';

CALL stp.make_as_of('movements');
