-- Module scheme: a rating scheme is data. A tree of weighted nodes whose leaves are indicators, the categories that
-- its scores fall into, and the rules that override them.

CREATE TABLE stp.scheme
(
    scheme      text PRIMARY KEY CHECK (scheme <> ''),
    name        text NOT NULL,
    description text,
    rates       text NOT NULL DEFAULT 'system',
    peer_group  text CONSTRAINT peer_group_fits_what_is_rated CHECK (CASE
                    WHEN rates = 'organisation' THEN peer_group <> 'parent'
                    WHEN rates = 'nation' THEN peer_group IS NULL
                    WHEN rates = ANY (ARRAY['region', 'system', 'place'])
                    THEN peer_group <> ALL (ARRAY['type', 'subtype', 'region']) END),
    better      text NOT NULL DEFAULT 'higher',
    categorise  text NOT NULL DEFAULT 'cuts',
    category_group text,
    seeds       text,
    strictness  float8 CHECK (strictness > 0 AND strictness < 'infinity'),
    grain       text NOT NULL DEFAULT 'month',
    on_schedule boolean NOT NULL DEFAULT true,
    keeps_detail boolean NOT NULL DEFAULT true,
    complete_from  float8 NOT NULL DEFAULT 0.9 CHECK (complete_from >= 0 AND complete_from <= 1),
    missing_weight text NOT NULL DEFAULT 'siblings',
    builtin     boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE stp.scheme IS 'Rating schemes.';
COMMENT ON COLUMN stp.scheme.scheme IS 'Code, for example stp-2026.';
COMMENT ON COLUMN stp.scheme.description IS 'What the scheme rests on: what is published, what is ours.';
COMMENT ON COLUMN stp.scheme.rates IS
    'What it rates: nation, region, system, place (every one that exists on the last day of the assessed period) or organisation '
    '(every one that has a membership on that day or has reported one of the scheme''s indicators).';
COMMENT ON COLUMN stp.scheme.peer_group IS
    'Within which group units are normalised, ranked and cut into quartiles: parent (regions of one nation, systems of one '
    'region, places of one system); type, subtype or region (organisations). Units whose group is NULL form one of their own. '
    'NULL: all together.';
COMMENT ON COLUMN stp.scheme.better IS 'higher: a high overall score is good. lower: a low one is (segments 1 to 4).';
COMMENT ON COLUMN stp.scheme.categorise IS
    'cuts: a score falls into the best category whose cut it reaches. quartiles: into as many equal shares of its peer group as '
    'there are categories; cuts are not looked at. k_means: into as many clusters of scores as there are categories, of which '
    'each unit is in that with the nearest centre (Lloyd 1982). natural_breaks: into those clusters whose sum of squares is the '
    'least there is (Fisher 1958). Nobody has a category where fewer scores differ than there are categories, or where a share '
    'has no median to begin from.';
COMMENT ON COLUMN stp.scheme.category_group IS
    'k_means, natural_breaks: qualified: only units with as many children of the root that qualify are clustered together, '
    'though all are scored together. NULL: all that are compared.';
COMMENT ON COLUMN stp.scheme.seeds IS
    'k_means: where the centres are at first. medians (also when NULL): those of as many equal shares of the units as there are '
    'categories, divided as PROC RANK of SAS does. even: the middles of equal stretches between the least score and the '
    'greatest.';
COMMENT ON COLUMN stp.scheme.strictness IS
    'k_means: in a second run, from the centres of the first, a unit that is farther than this from its centre belongs to it but '
    'does not move it. NULL: there is no second run.';
COMMENT ON COLUMN stp.scheme.grain IS
    'month, quarter, half or year: the periods that stp.refresh() rates, of this length, are those in which a period with '
    'observations of one of its indicators ends.';
COMMENT ON COLUMN stp.scheme.on_schedule IS
    'Whether stp.refresh() rates by it without being given its name. Of the schemes that ship only stp-2026; the others once '
    'they have been asked for by name.';
COMMENT ON COLUMN stp.scheme.keeps_detail IS
    'Whether stp.refresh() keeps, beside the rating, what BI tools show of it: intervals of ranks, probabilities of categories, '
    'the rating without each leaf, why it is not that of the period before, what it can become when what is missing is known. It '
    'costs some times as much as the rating, and is left out in cohorts of more than 2,000 units.';
COMMENT ON COLUMN stp.scheme.complete_from IS
    'Completeness of the cohort''s reports, 0 to 1, from which on a leaf takes a period; until then an earlier one stands.';
COMMENT ON COLUMN stp.scheme.missing_weight IS
    'Where the weight of what is missing goes. siblings: to what is present below the same node. overall: to all that is '
    'present, pro rata.';

CREATE TABLE stp.scheme_node
(
    scheme           text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    node             text NOT NULL CHECK (node <> ''),
    parent           text,
    position         int NOT NULL DEFAULT 0,
    name             text NOT NULL,
    weight           float8 NOT NULL DEFAULT 1,
    aggregation      text,
    minimum_coverage float8 NOT NULL DEFAULT 0
                     CHECK (minimum_coverage >= 0 AND minimum_coverage <= 1),
    indicator        text REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    transformation   text,
    method           text,
    low              float8,
    high             float8,
    reference_period stp.period,
    reference        text,
    winsorise        float8 CHECK (winsorise >= 0 AND winsorise < 0.5),
    overdispersion   text,
    critical         float8 CHECK (critical > 0 AND critical < 'infinity'),
    ties             text,
    minimum_units    int CHECK (minimum_units >= 1),
    minimum_qualified int CHECK (minimum_qualified >= 1),
    pivotal          boolean NOT NULL DEFAULT false,
    decimals         int CHECK (decimals >= 0 AND decimals <= 9),
    maximum_age      int CHECK (maximum_age >= 0),
    takes            text,
    rescale          boolean NOT NULL DEFAULT false,
    builtin          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, node)
);
COMMENT ON TABLE stp.scheme_node IS
    'Nodes of rating schemes: one tree each. A node with an indicator is a leaf and has a method; any other combines its '
    'children by its aggregation. Checked at commit.';
COMMENT ON COLUMN stp.scheme_node.node IS 'Code of the node, unique in the scheme.';
COMMENT ON COLUMN stp.scheme_node.parent IS 'The node above; NULL for the root, of which there is one.';
COMMENT ON COLUMN stp.scheme_node.position IS 'Order among the children of one parent.';
COMMENT ON COLUMN stp.scheme_node.weight IS
    'Weight among the children of one parent; but for a sum they need not add up to anything. 0: the node counts in no mean and '
    'no coverage, only overrides and readers look at it.';
COMMENT ON COLUMN stp.scheme_node.aggregation IS
    'How the children''s scores are combined: arithmetic (also when NULL), geometric or harmonic mean, weighted; or sum, of '
    'weight times score, with the weights as they are. NULL for a leaf.';
COMMENT ON COLUMN stp.scheme_node.minimum_coverage IS
    'Share of its weight, 0 to 1, that must be present; below it the node has no score.';
COMMENT ON COLUMN stp.scheme_node.indicator IS 'The indicator of a leaf.';
COMMENT ON COLUMN stp.scheme_node.transformation IS
    'min_max, z_score, goalposts: what becomes of a value before it is scored: log (its natural logarithm) or root (its square '
    'root). Goalposts are in the unit of the indicator, and a value beyond one counts as the post before it is transformed. A '
    'value that has no logarithm or root has no score. NULL: nothing.';
COMMENT ON COLUMN stp.scheme_node.method IS
    'How the values of the cohort become scores, high where the indicator is good: as_is, min_max, z_score, percentile_rank '
    '(0-100; also when NULL), goalposts (0-100), distance_to_target (0-100; to the unit''s own target in stp.target, or the '
    'indicator''s standard), ranked (1 best to 4 worst, with the same and the indicator''s floor), brackets (by '
    'stp.scheme_bracket), banded (0 worse, 1 as expected, 2 better than the reference), exponential_rank (near 0 best to 100 '
    'worst, half of it for the worst tenth). Of a node without an indicator, min_max, z_score, percentile_rank or '
    'exponential_rank: what its children come to is its value, of which the cohort''s become scores again (normalised); NULL: it '
    'is the score.';
COMMENT ON COLUMN stp.scheme_node.low IS
    'min_max: score of the worst, default 0. goalposts: lower bound of the value. distance_to_target: lower bound of the value, '
    'default the cohort''s. as_is: lower end of the scale that the scores are on.';
COMMENT ON COLUMN stp.scheme_node.high IS
    'min_max: score of the best, default 100. goalposts: upper bound of the value. distance_to_target: upper bound of the value, '
    'default the cohort''s. as_is: upper end of the scale that the scores are on. Which of the two is the best end the indicator '
    'says. A score beyond them is not refused.';
COMMENT ON COLUMN stp.scheme_node.reference_period IS
    'min_max, z_score: the bounds, or mean and standard deviation, are those of the peer group when this period is assessed, so '
    'that nobody''s score moves because another''s value did. Scores may leave low and high. NULL: of the assessed period '
    'itself.';
COMMENT ON COLUMN stp.scheme_node.reference IS
    'banded: what is expected. standard: the indicator''s. mean: the sum of the peer group''s numerators over that of its '
    'denominators. NULL: the standard if there is one, else the mean.';
COMMENT ON COLUMN stp.scheme_node.winsorise IS
    'banded: share of the z-scores at either end that is pulled in before over-dispersion is measured; NULL: 0.1.';
COMMENT ON COLUMN stp.scheme_node.overdispersion IS
    'banded: none; additive (tau squared is added to the variance of each unit), also when NULL; multiplicative (z is divided by '
    'the root of phi where phi is above 1).';
COMMENT ON COLUMN stp.scheme_node.critical IS 'banded: a z-score beyond it, on either side, is not as expected; NULL: 1.96.';
COMMENT ON COLUMN stp.scheme_node.ties IS
    'exponential_rank: the rank, from the best, that equal values take: average (also when NULL), low or high.';
COMMENT ON COLUMN stp.scheme_node.minimum_units IS
    'Of so many units that are compared a value must be known; where it is of fewer, the node has no scores. NULL: of any.';
COMMENT ON COLUMN stp.scheme_node.minimum_qualified IS
    'A node qualifies if it has a score and so many of its children qualify, a leaf if it has a score. One that does not qualify '
    'counts all the same, but has no rank and no category. NULL: it needs none.';
COMMENT ON COLUMN stp.scheme_node.pivotal IS
    'Of the pivotal children of a node one at least must qualify, or the node does not.';
COMMENT ON COLUMN stp.scheme_node.decimals IS
    'The score is rounded to so many decimals, halves away from zero; NULL: it is not rounded.';
COMMENT ON COLUMN stp.scheme_node.maximum_age IS
    'Months that the leaf''s latest period may end before the assessed one does; NULL: 12.';
COMMENT ON COLUMN stp.scheme_node.takes IS
    'Which reports a leaf takes. latest (also when NULL): of the latest period in which enough have come. whole: of all months '
    'or quarters within the assessed period. rolling 12: of the twelve months that end with the latest period.';
COMMENT ON COLUMN stp.scheme_node.rescale IS
    'Whether the scores of the children are brought to one scale before they are combined: 0 to 100, in the direction of the '
    'scheme, the best end of each scale to the best end. Without it children on different scales are refused.';

CREATE TABLE stp.scheme_category
(
    scheme   text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    position int NOT NULL CHECK (position >= 1),
    category text NOT NULL,
    cut      float8,
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, position),
    UNIQUE (scheme, category)
);
COMMENT ON TABLE stp.scheme_category IS 'Categories of the overall score, best first.';
COMMENT ON COLUMN stp.scheme_category.position IS '1 = best.';
COMMENT ON COLUMN stp.scheme_category.category IS 'Label.';
COMMENT ON COLUMN stp.scheme_category.cut IS
    'Overall score that must be reached (where lower is better: not exceeded); NULL for the last category, which takes the rest. '
    'A NULL elsewhere is still to be filled in: stp.assess() refuses the scheme until it is, if categorise is cuts.';

CREATE TABLE stp.scheme_node_category
(
    scheme   text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    node     text NOT NULL,
    position int NOT NULL CHECK (position >= 1),
    category text NOT NULL,
    cut      float8,
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, node, position),
    UNIQUE (scheme, node, category),
    FOREIGN KEY (scheme, node) REFERENCES stp.scheme_node ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE stp.scheme_node_category IS
    'Categories of nodes below the root (segments of domains, levels of leadership), best first: as stp.scheme_category, for '
    'information; overrides do not touch them.';
COMMENT ON COLUMN stp.scheme_node_category.node IS 'The node, which is not the root.';
COMMENT ON COLUMN stp.scheme_node_category.position IS '1 = best.';
COMMENT ON COLUMN stp.scheme_node_category.category IS 'Label.';
COMMENT ON COLUMN stp.scheme_node_category.cut IS
    'Score that must be reached, in the direction in which the node''s scores are better; NULL for the last category, which '
    'takes the rest.';

CREATE TABLE stp.scheme_bracket
(
    scheme   text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    node     text NOT NULL,
    position int NOT NULL CHECK (position >= 1),
    cut      float8,
    score    float8 NOT NULL,
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, node, position),
    FOREIGN KEY (scheme, node) REFERENCES stp.scheme_node ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE stp.scheme_bracket IS 'Scores by ranges of the value, for nodes with the method brackets: lowest range first.';
COMMENT ON COLUMN stp.scheme_bracket.node IS 'The leaf.';
COMMENT ON COLUMN stp.scheme_bracket.position IS '1 = the lowest values.';
COMMENT ON COLUMN stp.scheme_bracket.cut IS
    'Value from which on the bracket holds, this one included, up to the next cut; NULL for the first bracket, which takes all '
    'that is lower.';
COMMENT ON COLUMN stp.scheme_bracket.score IS 'Score of these values.';

CREATE TABLE stp.scheme_override
(
    scheme         text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    override       text NOT NULL CHECK (override <> ''),
    name           text NOT NULL,
    no_better_than text,
    no_worse_than  text,
    builtin        boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, override),
    FOREIGN KEY (scheme, no_better_than) REFERENCES stp.scheme_category (scheme, category)
        ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (scheme, no_worse_than) REFERENCES stp.scheme_category (scheme, category)
        ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT override_names_a_category CHECK (no_better_than IS NOT NULL OR no_worse_than IS NOT NULL)
);
COMMENT ON TABLE stp.scheme_override IS
    'Rules that change the category of the overall score where all their conditions hold. Where two contradict each other the '
    'worse category stands.';
COMMENT ON COLUMN stp.scheme_override.override IS 'Code of the rule.';
COMMENT ON COLUMN stp.scheme_override.name IS 'Name for people: what stp.assess() shows.';
COMMENT ON COLUMN stp.scheme_override.no_better_than IS 'Category that results at best; NULL: any.';
COMMENT ON COLUMN stp.scheme_override.no_worse_than IS 'Category that results at worst; NULL: any.';

CREATE TABLE stp.scheme_override_condition
(
    scheme     text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    override   text NOT NULL,
    node       text NOT NULL,
    measure    text NOT NULL,
    comparison text NOT NULL,
    threshold  float8 NOT NULL,
    builtin    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, override, node, measure, comparison),
    FOREIGN KEY (scheme, override) REFERENCES stp.scheme_override ON UPDATE CASCADE
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (scheme, node) REFERENCES stp.scheme_node ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE stp.scheme_override_condition IS
    'Conditions of rules: a rule holds where all of its conditions do. What is missing fulfils none.';
COMMENT ON COLUMN stp.scheme_override_condition.override IS 'The rule.';
COMMENT ON COLUMN stp.scheme_override_condition.node IS 'The node that is looked at.';
COMMENT ON COLUMN stp.scheme_override_condition.measure IS
    'value (of a leaf, in the unit of the indicator; of a node with a method, what its children come to), score, qualified (how '
    'many of the node''s children qualify) or quartile (of the scores of the units where it qualifies: 1 the best, 4 the worst).';
COMMENT ON COLUMN stp.scheme_override_condition.comparison IS
    '<, <=, =, >= or >. Numbers whose first twelve digits agree are equal.';
COMMENT ON COLUMN stp.scheme_override_condition.threshold IS 'What it is compared with.';
CALL stp.keep_history('scheme');
CALL stp.keep_history('scheme_node');
CALL stp.keep_history('scheme_category');
CALL stp.keep_history('scheme_node_category');
CALL stp.keep_history('scheme_bracket');
CALL stp.keep_history('scheme_override');
CALL stp.keep_history('scheme_override_condition');

--------------------------------------------------------------------------------------------------------------
-- Guards
--------------------------------------------------------------------------------------------------------------

-- The one place that knows what a method takes and on which scale it scores; what it does, src/core/normalise.c knows.
CREATE TABLE stp_internal.method
(
    method          text PRIMARY KEY,
    position        int NOT NULL UNIQUE,
    low             float8,
    high            float8,
    better          text,
    unit_of_measure text,
    bounds          text,
    may_be_frozen   boolean NOT NULL,
    transforms      boolean NOT NULL,
    of_scores       boolean NOT NULL
);
INSERT INTO stp_internal.method VALUES
('as_is', 1, NULL, NULL, NULL, NULL, 'scale', false, false, false),
('min_max', 2, 0, 100, 'higher', NULL, 'score', true, true, true),
('z_score', 3, NULL, NULL, 'higher', 'standard deviations', NULL, true, true, true),
('percentile_rank', 4, 0, 100, 'higher', NULL, NULL, false, false, true),
('goalposts', 5, 0, 100, 'higher', NULL, 'value', false, true, false),
('distance_to_target', 6, 0, 100, 'higher', NULL, 'value', false, false, false),
('ranked', 7, 1, 4, 'lower', NULL, NULL, false, false, false),
('brackets', 8, NULL, NULL, NULL, NULL, NULL, false, false, false),
('banded', 9, 0, 2, 'higher', NULL, NULL, false, false, false),
('exponential_rank', 10, 0, 100, 'lower', NULL, NULL, false, false, true);
COMMENT ON TABLE stp_internal.method IS 'The words of stp.scheme_node.method, and what goes with each.';
COMMENT ON COLUMN stp_internal.method.method IS 'The word.';
COMMENT ON COLUMN stp_internal.method.position IS 'Its place where errors list them.';
COMMENT ON COLUMN stp_internal.method.low IS
    'The lower end of the scale of its scores; NULL: that of its bounds or brackets, or none.';
COMMENT ON COLUMN stp_internal.method.high IS 'The upper end.';
COMMENT ON COLUMN stp_internal.method.better IS
    'The direction of its scores; NULL: that of the indicator, of brackets the scheme.';
COMMENT ON COLUMN stp_internal.method.unit_of_measure IS 'What its scores are in, where they have no ends.';
COMMENT ON COLUMN stp_internal.method.bounds IS
    'What low and high of the node are of: the score, the value, or the scale that a value is on; NULL: it takes none.';
COMMENT ON COLUMN stp_internal.method.may_be_frozen IS 'Whether it takes a reference period.';
COMMENT ON COLUMN stp_internal.method.transforms IS 'Whether it takes a transformation.';
COMMENT ON COLUMN stp_internal.method.of_scores IS 'Whether what the children of a node come to can be scored by it.';
GRANT SELECT ON stp_internal.method TO PUBLIC;

-- Every rule of a sound scheme, in parts. stp.assess() asks again, because an indicator may have changed since. Not STRICT: they
-- are inlined into one plan, which a session keeps.
CREATE FUNCTION stp_internal.scheme_tree_faults(scheme text) RETURNS TABLE (fault text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE node AS
    (
        SELECT n.* FROM stp.scheme_node n WHERE n.scheme = scheme_tree_faults.scheme
    ),
    reached AS
    (
        SELECT r.node FROM node r WHERE r.parent IS NULL
        UNION ALL
        SELECT c.node FROM reached JOIN node c ON c.parent = reached.node
    )
    SELECT format('all children of node "%s" weigh 0', n.parent), 'At least one child of every node must have a weight above 0.'
      FROM node n WHERE n.parent IS NOT NULL GROUP BY n.parent HAVING max(n.weight) = 0
    UNION ALL
    SELECT format('node "%s" has the parent "%s", which the scheme does not have', n.node, n.parent),
           'Add the parent, or correct the code.'
      FROM node n WHERE n.parent IS NOT NULL
                    AND NOT EXISTS (SELECT FROM node p WHERE p.node = n.parent)
    UNION ALL
    SELECT format('there are %s root nodes: %s', count(*), string_agg(n.node, ', ' ORDER BY n.node)),
           'Exactly one node has no parent.'
      FROM node n WHERE n.parent IS NULL HAVING count(*) > 1
    UNION ALL
    SELECT format('node "%s" is its own ancestor', min(n.node)), 'Break the cycle: a parent must lead to the root.'
      FROM node n WHERE NOT EXISTS (SELECT FROM reached r WHERE r.node = n.node)
    HAVING count(*) > 0
    UNION ALL
    SELECT format('node "%s" has an indicator and children', n.node), 'Put the indicator into a node of its own.'
      FROM node n WHERE n.indicator IS NOT NULL
                    AND EXISTS (SELECT FROM node c WHERE c.parent = n.node)
    UNION ALL
    SELECT format('node "%s" takes several periods (%s) of indicator "%s", whose values may not be averaged', n.node, n.takes,
                  n.indicator), 'Say average in stp.indicator.over_time if they may, or take the latest.'
      FROM node n JOIN stp.indicator i ON i.indicator = n.indicator
     WHERE n.takes <> 'latest' AND stp_internal.over_time(i.over_time, i.denominator) = 'no';
END;
COMMENT ON FUNCTION stp_internal.scheme_tree_faults(text) IS 'Faults of a scheme''s tree, with a hint.';

CREATE FUNCTION stp_internal.scheme_node_faults(scheme text) RETURNS TABLE (fault text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT f.fault[1], f.fault[2]
      FROM (SELECT CASE
        WHEN NOT (n.weight >= 0 AND n.weight < 'infinity')
        THEN ARRAY[format('weight %s of node "%s" is not a finite number at or above 0', n.weight, n.node),
                   'Weights count against those of the siblings: 0 leaves a node out of the mean.']
        WHEN n.indicator IS NULL AND (NOT m.of_scores
             OR num_nonnulls(n.transformation, n.reference_period, n.reference, n.winsorise, n.overdispersion, n.critical,
                             n.maximum_age, n.takes) > 0
                 OR (num_nonnulls(n.method, n.low, n.high, n.ties, n.minimum_units) > 0
                     AND (n.method IS NULL
                          OR NOT EXISTS (SELECT FROM stp.scheme_node c WHERE c.scheme = n.scheme AND c.parent = n.node))))
        THEN ARRAY[format('node "%s" has a method, bounds, a reference or an age but no indicator', n.node),
                   'These belong to leaves; a node above others has an aggregation, and may have one of the methods ' ||
                   (SELECT string_agg(s.method, ', ' ORDER BY s.position) FROM stp_internal.method s WHERE s.of_scores) || '.']
        WHEN n.indicator IS NULL AND n.method IS NULL THEN NULL
        WHEN m.method = 'banded' AND n.reference IS DISTINCT FROM 'mean'
             AND CASE WHEN i.standard IS NULL THEN n.reference = 'standard'
                      ELSE i.kind IN ('proportion', 'rate', 'ratio')
                           AND NOT (i.standard >= 0 AND i.standard < 'infinity'
                               AND (i.kind <> 'proportion' OR i.standard <= i.per)) END
        THEN ARRAY[format('node "%s" is banded against the standard %s of indicator "%s"', n.node,
                          coalesce(i.standard::text, 'NULL'), n.indicator),
                   'Give the indicator a standard that its values can have, or compare with the mean.']
        WHEN n.aggregation IS NOT NULL AND n.indicator IS NOT NULL
        THEN ARRAY[format('node "%s" has an indicator and an aggregation', n.node),
                   'An aggregation combines children; a leaf has a method.']
        WHEN n.rescale AND n.indicator IS NOT NULL
        THEN ARRAY[format('node "%s" has an indicator and rescales', n.node),
                   'rescale belongs to the node above, which combines the scores of its children.']
        WHEN i.better = 'neutral' AND m.better IS NOT NULL
        THEN ARRAY[format('node "%s" scores indicator "%s", for which neither higher nor lower is better', n.node, n.indicator),
                   'Give the indicator a direction, or use the method as_is or brackets.']
        WHEN b.low >= b.high OR b.low = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
             OR b.high = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
                 OR (m.method = 'goalposts' AND num_nulls(n.low, n.high) > 0)
                 OR (m.method = 'as_is' AND num_nulls(n.low, n.high) = 1)
        THEN ARRAY[format('low %s and high %s of node "%s" are not two finite numbers in rising order',
                          coalesce(b.low::text, 'NULL'), coalesce(b.high::text, 'NULL'), n.node),
                   'Give low < high; goalposts needs both, as_is both or neither.'] END AS fault
              FROM stp.scheme_node n
              LEFT JOIN stp.indicator i ON i.indicator = n.indicator
              JOIN stp_internal.method m ON m.method = coalesce(n.method, 'percentile_rank')
             CROSS JOIN LATERAL (SELECT coalesce(n.low, CASE m.bounds WHEN 'score' THEN m.low END) AS low,
                                        coalesce(n.high, CASE m.bounds WHEN 'score' THEN m.high END) AS high) b
             WHERE n.scheme = scheme_node_faults.scheme OFFSET 0) f
     WHERE f.fault IS NOT NULL;
END;
COMMENT ON FUNCTION stp_internal.scheme_node_faults(text) IS 'Faults of single nodes of a scheme, with a hint.';

CREATE FUNCTION stp_internal.scheme_setting_faults(scheme text) RETURNS TABLE (fault text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT f.fault[1], f.fault[2]
      FROM (SELECT CASE
        WHEN m.method <> 'brackets' AND EXISTS (SELECT FROM stp.scheme_bracket b WHERE b.scheme = n.scheme AND b.node = n.node)
        THEN ARRAY[format('node "%s" has brackets, but the method %s', n.node, m.method),
                   'Only the method brackets takes its scores from stp.scheme_bracket.']
        WHEN n.minimum_qualified > c.children
        THEN ARRAY[format('node "%s" asks for %s children that qualify, but has %s', n.node, n.minimum_qualified, c.children),
                   'Children with a weight above 0 are counted; a leaf has none.']
        WHEN n.pivotal AND (n.parent IS NULL OR n.weight = 0)
        THEN ARRAY[format('node "%s" is pivotal, but no child that its parent counts', n.node),
                   'Mark children with a weight above 0 as pivotal.']
        WHEN n.indicator IS NULL AND n.method IS NULL THEN NULL
        WHEN m.method <> 'banded' AND num_nonnulls(n.reference, n.winsorise, n.overdispersion, n.critical) > 0
        THEN ARRAY[format('node "%s" has settings of the method banded, but the method %s', n.node, m.method),
                   'reference, winsorise, overdispersion and critical belong to the method banded.']
        WHEN n.ties IS NOT NULL AND m.method <> 'exponential_rank'
        THEN ARRAY[format('node "%s" says what ties take, but has the method %s', n.node, m.method),
                   'ties belongs to the method exponential_rank.']
        WHEN n.transformation IS NOT NULL AND NOT m.transforms
        THEN ARRAY[format('node "%s" has the transformation %s, but the method %s', n.node, n.transformation, m.method),
                   'Leave it out: only min_max, z_score and goalposts look at distances between values of any size.']
        WHEN m.method = 'goalposts' AND n.transformation = ANY (ARRAY['log', 'root'])
             AND (n.low < 0 OR (n.low = 0 AND n.transformation = 'log'))
        THEN ARRAY[format('the lower goalpost %s of node "%s" has no %s', n.low, n.node, n.transformation),
                   'Give posts above 0: values beyond them count as the posts.']
        WHEN n.reference_period IS NOT NULL AND NOT m.may_be_frozen
        THEN ARRAY[format('node "%s" has the reference period %s, but the method %s', n.node, n.reference_period, m.method),
                   'Only min_max and z_score can be measured by another period.']
        WHEN num_nonnulls(n.low, n.high) > 0 AND m.bounds IS NULL
        THEN ARRAY[format('node "%s" has bounds, but the method %s', n.node, m.method),
                   'low and high belong to the methods min_max, goalposts, distance_to_target and as_is.'] END AS fault
              FROM stp.scheme_node n JOIN stp_internal.method m ON m.method = coalesce(n.method, 'percentile_rank')
             CROSS JOIN LATERAL (SELECT count(*) AS children FROM stp.scheme_node o
                                  WHERE o.scheme = n.scheme AND o.parent = n.node AND o.weight > 0) c
             WHERE n.scheme = scheme_setting_faults.scheme OFFSET 0) f
     WHERE f.fault IS NOT NULL
    UNION ALL
    SELECT format('the scores of node "%s" are better %s, and the scheme is better %s', n.node, m.better, s.better),
           'Set better of the scheme, or take another method.'
      FROM stp.scheme s JOIN stp.scheme_node n ON n.scheme = s.scheme AND n.parent IS NULL AND n.indicator IS NULL
      JOIN stp_internal.method m ON m.method = n.method
     WHERE s.scheme = scheme_setting_faults.scheme AND m.better <> s.better
    UNION ALL
    SELECT 'has settings of clusters, but is categorised by ' || s.categorise,
           'category_group belongs to k_means and natural_breaks, seeds and strictness to k_means.'
      FROM stp.scheme s
     WHERE s.scheme = scheme_setting_faults.scheme
       AND (num_nonnulls(s.seeds, s.strictness) > 0 AND s.categorise <> 'k_means'
            OR s.category_group IS NOT NULL AND s.categorise NOT IN ('k_means', 'natural_breaks'));
END;
COMMENT ON FUNCTION stp_internal.scheme_setting_faults(text) IS
    'Settings of nodes of a scheme that their methods do not take, or not so, with a hint.';

-- On which scale a node is scored: faults, stp.scheme_tree() and the engine take it from here. Bounds are
-- NULL where there are none; scores are then told apart by what they are in.
CREATE FUNCTION stp_internal.scheme_scales(scheme text)
RETURNS TABLE (node text, unit_of_measure text, low float8, high float8, better text, scales bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 30
BEGIN ATOMIC
    WITH RECURSIVE scheme AS MATERIALIZED
    (
        SELECT s.scheme, s.better FROM stp.scheme s WHERE s.scheme = scheme_scales.scheme
    ),
    leaf AS
    (
        SELECT n.node, coalesce(n.method, 'percentile_rank') AS method, n.low, n.high, i.unit_of_measure,
               CASE i.better WHEN 'neutral' THEN s.better ELSE i.better END AS better, s.better AS scheme_better
          FROM scheme s JOIN stp.scheme_node n ON n.scheme = s.scheme JOIN stp.indicator i ON i.indicator = n.indicator
    ),
    bracket AS
    (
        SELECT b.node, min(b.score) AS low, max(b.score) AS high
          FROM stp.scheme_bracket b WHERE b.scheme = scheme_scales.scheme GROUP BY b.node
    ),
    scale (node, low, high, better, unit_of_measure) AS
    (
        SELECT l.node, k.low, k.high, coalesce(m.better, CASE WHEN m.method = 'brackets' THEN l.scheme_better ELSE l.better END),
               CASE WHEN m.bounds = 'scale' AND l.low IS NULL THEN l.unit_of_measure ELSE m.unit_of_measure END
          FROM leaf l JOIN stp_internal.method m ON m.method = l.method LEFT JOIN bracket b ON b.node = l.node
         CROSS JOIN LATERAL (SELECT CASE WHEN m.bounds = 'value' THEN m.low WHEN m.method = 'brackets' THEN b.low
                                         ELSE coalesce(l.low, m.low) END AS low,
                                    CASE WHEN m.bounds = 'value' THEN m.high WHEN m.method = 'brackets' THEN b.high
                                         ELSE coalesce(l.high, m.high) END AS high) k
         WHERE m.method <> 'brackets' OR b.low IS NOT NULL
        UNION
        -- What weighs nothing is not combined.
        SELECT p.node, CASE WHEN p.method IS NOT NULL THEN coalesce(p.low, m.low)
                            ELSE w.times * CASE WHEN p.rescale THEN 0 ELSE c.low END END,
               CASE WHEN p.method IS NOT NULL THEN coalesce(p.high, m.high)
                    ELSE w.times * CASE WHEN p.rescale THEN 100 ELSE c.high END END,
               CASE WHEN p.method IS NOT NULL THEN m.better WHEN p.rescale THEN s.better ELSE c.better END,
               CASE WHEN p.method IS NOT NULL THEN m.unit_of_measure WHEN NOT p.rescale THEN c.unit_of_measure END
          FROM scale c CROSS JOIN scheme s
          JOIN stp.scheme_node n ON n.scheme = s.scheme AND n.node = c.node AND n.weight > 0
          JOIN stp.scheme_node p ON p.scheme = s.scheme AND p.node = n.parent
          LEFT JOIN stp_internal.method m ON m.method = p.method
         CROSS JOIN LATERAL (SELECT CASE WHEN p.aggregation = 'sum'
                                         THEN (SELECT sum(o.weight) FROM stp.scheme_node o
                                                WHERE o.scheme = p.scheme AND o.parent = p.node)
                                         ELSE 1 END AS times) w
    )
    SELECT s.node, s.unit_of_measure, s.low, s.high, s.better, count(*) OVER (PARTITION BY s.node) FROM scale s;
END;
COMMENT ON FUNCTION stp_internal.scheme_scales(text) IS
    'On which scale each node of a scheme is scored: as many rows as there are different ones below it. Leaves have that of '
    'their method, and so have nodes above that have one; others pass on that of their children, or rescale to 0 to 100 in the '
    'direction of the scheme. No row: '
    'nothing below it is scored.';

CREATE FUNCTION stp_internal.scheme_scale_faults(scheme text) RETURNS TABLE (fault text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    WITH child AS
    (
        SELECT n.parent, n.node, n.position, s.low, s.high, s.better, s.unit_of_measure,
               format('%s, %s is better', coalesce(s.low || ' to ' || s.high, 'in ' || s.unit_of_measure), s.better) AS scale
          FROM stp_internal.scheme_scales(scheme_scale_faults.scheme) s
          JOIN stp.scheme_node n ON n.scheme = scheme_scale_faults.scheme AND n.node = s.node
         WHERE n.weight > 0 AND s.scales = 1
    ),
    parent AS
    (
        SELECT n.node, n.rescale
          FROM stp.scheme_node n
         WHERE n.scheme = scheme_scale_faults.scheme AND n.indicator IS NULL
    )
    SELECT format('node "%s" combines scores on different scales: %s', p.node,
                  string_agg(s.nodes || ' ' || s.scale, '; ' ORDER BY s.place, s.nodes)),
           'Give the children one method with the same bounds, or set rescale on the node.'
      FROM parent p
      JOIN (SELECT c.parent, c.scale, min(c.position) AS place,
                   string_agg('"' || c.node || '"', ', ' ORDER BY c.position, c.node) FILTER (WHERE c.number <= 3)
                       || CASE WHEN count(*) > 3 THEN format(' and %s more', count(*) - 3) ELSE '' END AS nodes
              FROM (SELECT c.*, row_number() OVER (PARTITION BY c.parent, c.scale ORDER BY c.position, c.node) AS number
                      FROM child c) c
             GROUP BY c.parent, c.scale, c.low, c.high, c.unit_of_measure) s ON s.parent = p.node
     WHERE NOT p.rescale
     GROUP BY p.node HAVING count(*) > 1
    UNION ALL
    SELECT format('node "%s" rescales node "%s", whose scores have no two ends: %s', p.node, c.node, c.scale),
           'Give as_is low and high, and brackets two scores; z_score has no ends: take min_max, or percentile_rank.'
      FROM parent p JOIN child c ON c.parent = p.node
     -- As numbers that no subtraction takes out of range.
     WHERE p.rescale AND (c.high::numeric - c.low::numeric BETWEEN 1e-300 AND 1e300) IS NOT TRUE;
END;
COMMENT ON FUNCTION stp_internal.scheme_scale_faults(text) IS
    'Nodes of a scheme that combine what is scored on different scales, or rescale what has none, with a hint.';

CREATE FUNCTION stp_internal.scheme_rule_faults(scheme text) RETURNS TABLE (fault text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT format('cut %s of bracket %s of node "%s" is out of order', coalesce(b.cut::text, 'NULL'), b.position, b.node),
           'Lowest first: cuts must rise, and the first bracket alone has none.'
      FROM (SELECT b.*, lag(b.cut) OVER nodes AS lower_cut, row_number() OVER nodes AS place
              FROM stp.scheme_bracket b WHERE b.scheme = scheme_rule_faults.scheme
            WINDOW nodes AS (PARTITION BY b.node ORDER BY b.position)) b
     WHERE (b.cut IS NULL) <> (b.place = 1)
        OR b.cut = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
        OR b.cut <= b.lower_cut
    UNION ALL
    SELECT format('score %s of bracket %s of node "%s" is not finite', b.score, b.position, b.node), 'Give every bracket a score.'
      FROM stp.scheme_bracket b
     WHERE b.scheme = scheme_rule_faults.scheme AND b.score = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
    UNION ALL
    SELECT format('cut %s of category "%s"%s is out of order', coalesce(cuts.cut::text, 'NULL'), cuts.category,
                  ' of node "' || cuts.node || '"'),
           'Best first: cuts must fall (rise where lower is better), and the last category has none.'
      FROM (SELECT c.node, c.category, c.cut, coalesce(n.better, s.better) AS better,
                   -- A cut that is still to be filled in is passed over.
                   min(c.cut) OVER better_ones AS lowest, max(c.cut) OVER better_ones AS highest,
                   lead(c.category) OVER (PARTITION BY c.node ORDER BY c.position) IS NULL AS is_last
              FROM (SELECT c.scheme, NULL AS node, c.position, c.category, c.cut FROM stp.scheme_category c
                    UNION ALL
                    SELECT c.scheme, c.node, c.position, c.category, c.cut FROM stp.scheme_node_category c) c
              JOIN stp.scheme s ON s.scheme = c.scheme
              LEFT JOIN stp_internal.scheme_scales(scheme_rule_faults.scheme) n ON n.node = c.node AND n.scales = 1
             WHERE c.scheme = scheme_rule_faults.scheme
            WINDOW better_ones AS (PARTITION BY c.node ORDER BY c.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) cuts
     WHERE (cuts.is_last AND cuts.cut IS NOT NULL)
        OR cuts.cut = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
        OR CASE WHEN cuts.better = 'higher' THEN cuts.cut >= cuts.lowest
                ELSE cuts.cut <= cuts.highest END
    UNION ALL
    SELECT format('node "%s" is the root, whose categories are those of the scheme', n.node), 'Put them into stp.scheme_category.'
      FROM stp.scheme_node n JOIN stp.scheme_node_category c ON c.scheme = n.scheme AND c.node = n.node
     WHERE n.scheme = scheme_rule_faults.scheme AND n.parent IS NULL
    UNION ALL
    SELECT format('override "%s" leaves no category: no better than %s, no worse than %s', o.override,
                  o.no_better_than, o.no_worse_than),
           'The category that results at best must not be worse than the one that results at worst.'
      FROM stp.scheme_override o
      JOIN stp.scheme_category best ON best.scheme = o.scheme AND best.category = o.no_better_than
      JOIN stp.scheme_category worst ON worst.scheme = o.scheme AND worst.category = o.no_worse_than
     WHERE o.scheme = scheme_rule_faults.scheme AND best.position > worst.position
    UNION ALL
    SELECT format(CASE c.measure WHEN 'value' THEN 'override "%s" looks at the value of node "%s", which has no indicator'
                                 ELSE 'override "%s" counts the children of node "%s", which has none' END, c.override, c.node),
           'Look at its score, or at the value of a leaf.'
      FROM stp.scheme_override_condition c JOIN stp.scheme_node n ON n.scheme = c.scheme AND n.node = c.node
     WHERE c.scheme = scheme_rule_faults.scheme
       AND CASE c.measure WHEN 'value' THEN coalesce(n.indicator, n.method) IS NULL
                          WHEN 'qualified' THEN n.indicator IS NOT NULL END
    UNION ALL
    SELECT format('threshold %s of override "%s" is not finite', c.threshold, c.override), 'Compare with a number.'
      FROM stp.scheme_override_condition c
     WHERE c.scheme = scheme_rule_faults.scheme AND c.threshold = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[]);
END;
COMMENT ON FUNCTION stp_internal.scheme_rule_faults(text) IS
    'Faults of the brackets, categories and overrides of a scheme, with a hint.';

CREATE FUNCTION stp_internal.scheme_faults(scheme text) RETURNS TABLE (fault text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT f.fault, f.hint FROM stp_internal.scheme_tree_faults(scheme_faults.scheme) f
    UNION ALL
    SELECT f.fault, f.hint FROM stp_internal.scheme_node_faults(scheme_faults.scheme) f
    UNION ALL
    SELECT f.fault, f.hint FROM stp_internal.scheme_setting_faults(scheme_faults.scheme) f
    UNION ALL
    SELECT f.fault, f.hint FROM stp_internal.scheme_rule_faults(scheme_faults.scheme) f
    UNION ALL
    SELECT f.fault, f.hint FROM stp_internal.scheme_scale_faults(scheme_faults.scheme) f
    LIMIT 1;
END;
COMMENT ON FUNCTION stp_internal.scheme_faults(text) IS
    'The first fault of a scheme''s tree, brackets, categories, overrides or scales, with a hint; no row if it is sound.';

-- What may be missing while a scheme is being written, or a dump restored, but not when it is used.
CREATE FUNCTION stp.scheme_gaps(scheme text) RETURNS TABLE (gap text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT format('has no cut for category "%s"%s yet', cuts.category, ' of node "' || cuts.node || '"'),
           'Fill in the cuts of all categories but the last'
           || CASE WHEN s.builtin THEN format(', of a copy: CALL stp.copy_scheme(%L, ''mine'').', s.scheme) ELSE '.' END
      FROM (SELECT c.*, lead(c.category) OVER (PARTITION BY c.node ORDER BY c.position) IS NULL AS is_last
              FROM (SELECT c.scheme, NULL AS node, c.position, c.category, c.cut FROM stp.scheme_category c
                    UNION ALL
                    SELECT c.scheme, c.node, c.position, c.category, c.cut FROM stp.scheme_node_category c) c
             WHERE c.scheme = scheme_gaps.scheme) cuts
      JOIN stp.scheme s ON s.scheme = cuts.scheme AND s.categorise = 'cuts'
     WHERE cuts.cut IS NULL AND NOT cuts.is_last
    UNION ALL
    SELECT format('has no brackets for node "%s"', n.node), 'The method brackets takes its scores from stp.scheme_bracket.'
      FROM stp.scheme_node n
     WHERE n.scheme = scheme_gaps.scheme AND n.method = 'brackets'
       AND NOT EXISTS (SELECT FROM stp.scheme_bracket b WHERE b.scheme = n.scheme AND b.node = n.node)
    UNION ALL
    SELECT format('has no conditions for override "%s"', o.override), 'Add them to stp.scheme_override_condition.'
      FROM stp.scheme_override o
     WHERE o.scheme = scheme_gaps.scheme
       AND NOT EXISTS (SELECT FROM stp.scheme_override_condition c WHERE c.scheme = o.scheme AND c.override = o.override)
    LIMIT 1;
END;
COMMENT ON FUNCTION stp.scheme_gaps(text) IS
    'The first thing that a scheme lacks before it can be used, with a hint: a cut, brackets, conditions of an override; no row '
    'if nothing is missing.';

CREATE FUNCTION stp.scheme_tree(scheme text)
RETURNS TABLE (node text, parent text, depth int, name text, weight float8, aggregation text,
    minimum_coverage float8, decimals int,
               rescale boolean, scale_low float8, scale_high float8, scale_better text,
               indicator text, unit_of_measure text, kind text, per float8, better text, standard float8, floor float8,
               method text, low float8, high float8, reference text, winsorise float8, overdispersion text, critical float8,
               ties text, transformation text, minimum_units int, minimum_qualified int, pivotal boolean,
               reference_period stp.period, maximum_age int, takes text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 30
BEGIN ATOMIC
    WITH RECURSIVE tree AS
    (
        SELECT n.*, 0 AS depth, n.node COLLATE "C" AS code
          FROM stp.scheme_node n WHERE n.scheme = scheme_tree.scheme AND n.parent IS NULL
        UNION ALL
        SELECT c.*, tree.depth + 1, c.node COLLATE "C"
          FROM tree JOIN stp.scheme_node c ON c.scheme = tree.scheme AND c.parent = tree.node
    ) SEARCH DEPTH FIRST BY position, code SET place
    SELECT t.node, t.parent, t.depth, t.name, t.weight, coalesce(t.aggregation, 'arithmetic'), t.minimum_coverage, t.decimals,
           t.rescale, s.low, s.high, s.better,
           t.indicator, i.unit_of_measure, i.kind, i.per, i.better, i.standard, i.floor,
           CASE WHEN t.indicator IS NULL THEN t.method ELSE coalesce(t.method, 'percentile_rank') END, t.low, t.high,
           coalesce(t.reference, CASE WHEN i.standard IS NULL THEN 'mean' ELSE 'standard' END),
           coalesce(t.winsorise, 0.1), coalesce(t.overdispersion, 'additive'), coalesce(t.critical, 1.96),
           coalesce(t.ties, 'average'), coalesce(t.transformation, 'none'), t.minimum_units, t.minimum_qualified, t.pivotal,
           t.reference_period, coalesce(t.maximum_age, 12),
           coalesce(t.takes, 'latest')
      FROM tree t LEFT JOIN stp.indicator i ON i.indicator = t.indicator
      LEFT JOIN stp_internal.scheme_scales(scheme_tree.scheme) s ON s.node = t.node AND s.scales = 1
     ORDER BY t.place;
END;
COMMENT ON FUNCTION stp.scheme_tree(text) IS
    'Nodes of a scheme, every parent before its children, defaults filled in. scale_low, scale_high, scale_better: the scale '
    'that the node is scored on; NULL: it has no ends, or nothing below the node is scored.';

CALL stp.make_as_of('scheme_tree_faults', 'scheme_node_faults', 'scheme_setting_faults', 'scheme_scales', 'scheme_scale_faults',
    'scheme_rule_faults',
    'scheme_faults', 'scheme_gaps', 'scheme_tree');

CREATE FUNCTION stp_internal.check_scheme() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_check_scheme';
COMMENT ON FUNCTION stp_internal.check_scheme() IS
    'Constraint trigger: refuses, at commit, a scheme that stp_internal.scheme_faults() finds fault with, SQLSTATE 23514; each '
    'scheme is checked once, however many of its rows have changed.';

CREATE FUNCTION stp_internal.refuse_builtin_scheme() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM stp.scheme s WHERE s.scheme = NEW.scheme AND s.builtin) THEN
        RAISE EXCEPTION 'builtin scheme "%" cannot be changed', NEW.scheme
              USING ERRCODE = 'restrict_violation',
                    HINT = format('CALL stp.copy_scheme(%L, ''mine'') and edit the copy.', NEW.scheme);
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_builtin_scheme() IS
    'Trigger: refuses additions to a scheme that the extension ships, SQLSTATE 23001.';

CALL stp.guard_rows('scheme', 'guard', 'scheme: code', 'rates: nation, region, system, place, organisation',
    'peer_group: type, subtype, region, parent', 'better: higher, lower', 'categorise: cuts, quartiles, k_means, natural_breaks',
    'category_group: qualified', 'seeds: medians, even',
    'grain: month, quarter, half, year', 'missing_weight: siblings, overall');
DO $$
DECLARE
    methods text := (SELECT string_agg(m.method, ', ' ORDER BY m.position) FROM stp_internal.method m);
BEGIN
    CALL stp.guard_rows('scheme_node', 'guard', 'node, parent: code', 'aggregation: arithmetic, geometric, harmonic, sum',
        'transformation: log, root', 'method: ' || methods, 'reference: standard, mean',
        'overdispersion: none, additive, multiplicative', 'ties: average, low, high', 'takes: latest, whole, rolling 12');
END $$;
CALL stp.guard_rows('scheme_category', 'guard', 'category: code');
CALL stp.guard_rows('scheme_node_category', 'guard', 'category: code');
CALL stp.guard_rows('scheme_bracket', 'guard');
CALL stp.guard_rows('scheme_override', 'guard', 'override: code');
CALL stp.guard_rows('scheme_override_condition', 'guard', 'measure: value, score, qualified, quartile',
    'comparison: <, <=, =, >=, >');

CREATE PROCEDURE stp.copy_scheme(source text, copy text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO stp.scheme (scheme, name, description, rates, peer_group, better, categorise, category_group, seeds, strictness,
                            grain, complete_from, missing_weight, keeps_detail)
    SELECT copy_scheme.copy, s.name, s.description, s.rates, s.peer_group, s.better, s.categorise, s.category_group, s.seeds,
           s.strictness, s.grain, s.complete_from, s.missing_weight, s.keeps_detail
      FROM stp.scheme s WHERE s.scheme = source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown scheme "%"', source USING ERRCODE = 'invalid_parameter_value',
            HINT = 'SELECT scheme FROM stp.scheme lists them.';
    END IF;
    INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, aggregation, minimum_coverage,
                                 indicator, transformation, method, low, high, reference_period, reference, winsorise,
                                 overdispersion, critical, ties, minimum_units, minimum_qualified, pivotal, decimals,
                                 maximum_age, takes, rescale)
    SELECT copy_scheme.copy, node, parent, position, name, weight, aggregation, minimum_coverage, indicator, transformation,
           method, low, high, reference_period, reference, winsorise, overdispersion, critical, ties, minimum_units,
           minimum_qualified, pivotal, decimals, maximum_age, takes, rescale
      FROM stp.scheme_node WHERE scheme = source;
    INSERT INTO stp.scheme_category (scheme, position, category, cut)
    SELECT copy_scheme.copy, position, category, cut FROM stp.scheme_category WHERE scheme = source;
    INSERT INTO stp.scheme_node_category (scheme, node, position, category, cut)
    SELECT copy_scheme.copy, node, position, category, cut FROM stp.scheme_node_category WHERE scheme = source;
    INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score)
    SELECT copy_scheme.copy, node, position, cut, score FROM stp.scheme_bracket WHERE scheme = source;
    INSERT INTO stp.scheme_override (scheme, override, name, no_better_than, no_worse_than)
    SELECT copy_scheme.copy, override, name, no_better_than, no_worse_than FROM stp.scheme_override WHERE scheme = source;
    INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold)
    SELECT copy_scheme.copy, override, node, measure, comparison, threshold
        FROM stp.scheme_override_condition WHERE scheme = source;
END $$;
COMMENT ON PROCEDURE stp.copy_scheme(text, text) IS
    'Copies the scheme named first, all of its parts, under the name given second; the copy can be edited. Unknown source: '
    'SQLSTATE 22023.';

--------------------------------------------------------------------------------------------------------------
-- The schemes that ship
--------------------------------------------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name, missing_weight, description, builtin) VALUES
('stp-2026', 'The 2017 STP dashboard on the figures of 2026', 'overall',
 'Structure: the three themes and nine areas of NHS England''s STP progress dashboard of July 2017 (published). Indicators: '
     'those of which figures of 2026 are published for England''s trusts; none for general practice and mental health, which '
     'stay in the tree so that the coverage shows it. MRSA cases are left out: they are published as a count without the bed '
     'days of the same period. Weights (finance, leadership and prevention 20% each, the other six areas 40% together, equal '
     'within an area), percentile ranks among the systems, and the cuts 60, 50 and 40 are ours: the rules of 2017 were never '
     'found. Ours too: missing weight goes to everything present, pro rata, because among siblings that of general practice and '
     'mental health would make prevention weigh 30% and cancer half again as much as emergency care; and a system of which less '
     'than half of the weight is present has no rating, because it would rest on the lesser part of the scheme.', true);

-- Weights of areas are in fifteenths of the whole: 3 + 3 + 3 for finance, leadership and prevention, 1 for each other.
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, minimum_coverage, indicator, builtin)
SELECT 'stp-2026', n.node, n.parent, n.position, n.name, n.weight, CASE WHEN n.parent IS NULL THEN 0.5 ELSE 0 END,
       n.indicator, true
  FROM (VALUES
    ('overall', NULL, 1, 'Overall', 1, NULL),
    ('hospital_performance', 'overall', 1, 'Hospital performance', 3, NULL),
    ('patient_focused_change', 'overall', 2, 'Patient-focused change', 6, NULL),
    ('transformation', 'overall', 3, 'Transformation', 6, NULL),
    ('emergency_care', 'hospital_performance', 1, 'Emergency care', 1, NULL),
    ('elective_care', 'hospital_performance', 2, 'Elective care', 1, NULL),
    ('safety', 'hospital_performance', 3, 'Safety', 1, NULL),
    ('general_practice', 'patient_focused_change', 1, 'General practice', 1, NULL),
    ('mental_health', 'patient_focused_change', 2, 'Mental health', 1, NULL),
    ('cancer', 'patient_focused_change', 3, 'Cancer', 1, NULL),
    ('prevention', 'patient_focused_change', 4, 'Prevention', 3, NULL),
    ('leadership', 'transformation', 1, 'Leadership', 3, NULL),
    ('finance', 'transformation', 2, 'Finance', 3, NULL)) n (node, parent, position, name, weight, indicator)
UNION ALL
SELECT 'stp-2026', l.indicator, l.area, l.position, i.name, 1, 0, l.indicator, true
  FROM (VALUES
    ('emergency_care', 1, 'ae_within_4_hours'),
    ('emergency_care', 2, 'handover_within_30_minutes'),
    ('elective_care', 1, 'within_18_weeks'),
    ('elective_care', 2, 'diagnostics_within_6_weeks'),
    ('safety', 1, 'deaths_against_expected'),
    ('safety', 2, 'cdiff_against_threshold'),
    ('safety', 3, 'ecoli_against_threshold'),
    ('cancer', 1, 'cancer_62_days'),
    ('cancer', 2, 'cancer_28_days'),
    ('cancer', 3, 'friends_and_family_positive'),
    ('prevention', 1, 'emergency_admissions'),
    ('prevention', 2, 'delayed_bed_days'),
    ('prevention', 3, 'discharged_on_ready_date'),
    ('leadership', 1, 'well_led'),
    ('leadership', 2, 'staff_engagement'),
    ('leadership', 3, 'raising_concerns'),
    ('finance', 1, 'variance_to_plan_pct'),
    ('finance', 2, 'planned_surplus_pct'),
    ('finance', 3, 'implied_productivity')) l (area, position, indicator)
  JOIN stp.indicator i ON i.indicator = l.indicator;

INSERT INTO stp.scheme_category (scheme, position, category, cut, builtin) VALUES
('stp-2026', 1, 'Outstanding', 60, true),
('stp-2026', 2, 'Advanced', 50, true),
('stp-2026', 3, 'Making progress', 40, true),
('stp-2026', 4, 'Needs most improvement', NULL, true);

-- The parts of the 2017 dashboard in its published order; areas as in the board paper: i-iii, iv-vi, vii-ix.
INSERT INTO stp.scheme (scheme, name, rates, peer_group, description, builtin) VALUES
('stp-2017', 'The STP progress dashboard of July 2017', 'system', NULL,
 'Published: 17 indicators in nine areas and three themes; finance, leadership and the three prevention indicators weigh most; '
     'the method is similar to that of the CCG improvement and assessment framework, and "the banding is based on an aggregation '
     'of ratings" (letter of the lead of West Yorkshire, 21 July 2017); the four categories, and how many of the 44 are in each: '
     '5, 20, 14 and 5 by three sources, where a fourth deviates; leadership has labels of its own. Sourced: 17 of the ratings. '
     'Not public: the weights, the cuts, the rule for what is missing, the other 27 ratings, the values of the 17 indicators. '
     'From memory: the wording of most indicators; banding 0/1/2 with over-dispersion, the scale of leadership, the '
     'cut 1.45. Ours: the weights in numbers (finance, leadership and prevention 20% each, the other six areas 40% together, '
     'equal within an area); what is missing gives its weight to all that is present; the bands of finance (below -1%, below '
     '0, 0 and above); min-max for cancer experience, an average whose standard error is not published; the cuts 1.00 and 0.70; '
     'at least 40% of the weight must be present. Substitutes, ours: finance is the net position of providers over their '
     'income, not that of all organisations over the resource available; emergency admissions those through A&E departments; '
     'delays those of residents, by local authority. Nothing that is not public is made up: the published ratings are no input, '
     'are not reproduced, and nothing is tuned to them.', true),
('ccg-iaf-2016-17', 'CCG improvement and assessment framework 2016/17', 'organisation', 'type',
 'Published: four ratings, banding with transformed z-scores and over-dispersion (the manual''s chapters). From memory: bands '
     '0/1/2, finance 25%, leadership 25%, all other indicators 50% in equal parts, the scale of the two judgements, the cuts '
     '1.45 and 1.00, and that red finance with red leadership is inadequate. Whether over-dispersion was additive is not '
     'confirmed. Ours: the selection. Of the 60 indicators it has those that the STP dashboard took over and whose counts can be '
     'loaded, not the rest: copy it and add them. Rates organisations within their type: load CCGs with a type of their own.',
     true);

INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, builtin) VALUES
('stp-2017', 'overall', NULL, 1, 'Overall', 1, true),
('stp-2017', 'hospital_performance', 'overall', 1, 'Hospital performance', 3, true),
('stp-2017', 'patient_focused_change', 'overall', 2, 'Patient-focused change', 3, true),
('stp-2017', 'transformation', 'overall', 3, 'Transformation', 9, true),
('stp-2017', 'emergency_care', 'hospital_performance', 1, 'Emergency care', 1, true),
('stp-2017', 'elective_care', 'hospital_performance', 2, 'Elective care', 1, true),
('stp-2017', 'safety', 'hospital_performance', 3, 'Safety', 1, true),
('stp-2017', 'general_practice', 'patient_focused_change', 1, 'General practice', 1, true),
('stp-2017', 'mental_health', 'patient_focused_change', 2, 'Mental health', 1, true),
('stp-2017', 'cancer', 'patient_focused_change', 3, 'Cancer', 1, true),
('stp-2017', 'prevention', 'transformation', 1, 'Prevention', 3, true),
('stp-2017', 'leadership', 'transformation', 2, 'Leadership', 3, true),
('stp-2017', 'finance', 'transformation', 3, 'Finance', 3, true),
('ccg-iaf-2016-17', 'overall', NULL, 1, 'Overall', 1, true),
('ccg-iaf-2016-17', 'finance', 'overall', 1, 'Finance', 25, true),
('ccg-iaf-2016-17', 'leadership', 'overall', 2, 'Quality of leadership', 25, true),
('ccg-iaf-2016-17', 'other', 'overall', 3, 'All other indicators', 50, true);

INSERT INTO stp.scheme_node (scheme, node, parent, position, name, indicator, method, low, high, builtin)
SELECT l.scheme, l.indicator, l.area, l.position, i.name, l.indicator, l.method, l.low, l.high, true
  FROM (VALUES
    ('stp-2017', 'emergency_care', 1, 'ae_within_4_hours', 'banded', NULL, NULL),
    ('stp-2017', 'elective_care', 1, 'within_18_weeks', 'banded', NULL, NULL),
    ('stp-2017', 'safety', 1, 'special_measures', 'banded', NULL, NULL),
    ('stp-2017', 'safety', 2, 'mrsa_rate', 'banded', NULL, NULL),
    ('stp-2017', 'safety', 3, 'cdiff_rate', 'banded', NULL, NULL),
    ('stp-2017', 'general_practice', 1, 'gp_extended_access', 'banded', NULL, NULL),
    ('stp-2017', 'general_practice', 2, 'gp_opening_times', 'banded', NULL, NULL),
    ('stp-2017', 'mental_health', 1, 'iapt_recovery', 'banded', NULL, NULL),
    ('stp-2017', 'mental_health', 2, 'psychosis_2_weeks', 'banded', NULL, NULL),
    ('stp-2017', 'cancer', 1, 'cancer_62_days', 'banded', NULL, NULL),
    ('stp-2017', 'cancer', 2, 'cancer_experience', 'min_max', 0, 2),
    ('stp-2017', 'cancer', 3, 'cancer_early_stage', 'banded', NULL, NULL),
    ('stp-2017', 'prevention', 1, 'ae_emergency_admissions', 'banded', NULL, NULL),
    ('stp-2017', 'prevention', 2, 'emergency_bed_days', 'banded', NULL, NULL),
    ('stp-2017', 'prevention', 3, 'delayed_transfers_of_residents', 'banded', NULL, NULL),
    ('stp-2017', 'leadership', 1, 'system_leadership', 'brackets', NULL, NULL),
    ('stp-2017', 'finance', 1, 'net_position_pct', 'brackets', NULL, NULL),
    ('ccg-iaf-2016-17', 'finance', 1, 'ccg_finance', 'brackets', NULL, NULL),
    ('ccg-iaf-2016-17', 'leadership', 1, 'system_leadership', 'brackets', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 1, 'ae_within_4_hours', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 2, 'within_18_weeks', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 3, 'mrsa_rate', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 4, 'cdiff_rate', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 5, 'gp_extended_access', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 6, 'gp_opening_times', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 7, 'iapt_recovery', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 8, 'psychosis_2_weeks', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 9, 'cancer_62_days', 'banded', NULL, NULL),
    ('ccg-iaf-2016-17', 'other', 10, 'cancer_early_stage', 'banded', NULL, NULL)) l (scheme, area, position,
        indicator, method, low, high)
  JOIN stp.indicator i ON i.indicator = l.indicator;
-- A year is rated on its own figures: what is counted on all of its months, the rest on the latest that ended in it.
UPDATE stp.scheme SET grain = 'year', missing_weight = 'overall' WHERE scheme = 'stp-2017';
UPDATE stp.scheme_node SET minimum_coverage = 0.4 WHERE scheme = 'stp-2017' AND parent IS NULL;
UPDATE stp.scheme_node
   SET maximum_age = 11,
       takes = CASE WHEN indicator = ANY (ARRAY['ae_within_4_hours', 'mrsa_rate', 'cdiff_rate', 'iapt_recovery',
           'psychosis_2_weeks', 'ae_emergency_admissions', 'emergency_bed_days', 'delayed_transfers_of_residents'])
           THEN 'whole' END
 WHERE scheme = 'stp-2017' AND indicator IS NOT NULL;

INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score, builtin) VALUES
('stp-2017', 'system_leadership', 1, NULL, 0, true),
('stp-2017', 'system_leadership', 2, 1, 0.67, true),
('stp-2017', 'system_leadership', 3, 2, 1.33, true),
('stp-2017', 'system_leadership', 4, 3, 2, true),
('stp-2017', 'net_position_pct', 1, NULL, 0, true),
('stp-2017', 'net_position_pct', 2, -1, 1, true),
('stp-2017', 'net_position_pct', 3, 0, 2, true),
('ccg-iaf-2016-17', 'system_leadership', 1, NULL, 0, true),
('ccg-iaf-2016-17', 'system_leadership', 2, 1, 0.67, true),
('ccg-iaf-2016-17', 'system_leadership', 3, 2, 1.33, true),
('ccg-iaf-2016-17', 'system_leadership', 4, 3, 2, true),
('ccg-iaf-2016-17', 'ccg_finance', 1, NULL, 0, true),
('ccg-iaf-2016-17', 'ccg_finance', 2, 1, 1, true),
('ccg-iaf-2016-17', 'ccg_finance', 3, 2, 2, true);

-- Every score reaches 0: only the rule makes a CCG inadequate.
INSERT INTO stp.scheme_category (scheme, position, category, cut, builtin) VALUES
('stp-2017', 1, 'Outstanding', 1.45, true),
('stp-2017', 2, 'Advanced', 1, true),
('stp-2017', 3, 'Making progress', 0.7, true),
('stp-2017', 4, 'Needs most improvement', NULL, true),
('ccg-iaf-2016-17', 1, 'Outstanding', 1.45, true),
('ccg-iaf-2016-17', 2, 'Good', 1, true),
('ccg-iaf-2016-17', 3, 'Requires improvement', 0, true),
('ccg-iaf-2016-17', 4, 'Inadequate', NULL, true);

INSERT INTO stp.scheme_node_category (scheme, node, position, category, cut, builtin) VALUES
('stp-2017', 'leadership', 1, 'Advanced', 2, true),
('stp-2017', 'leadership', 2, 'Established', 1.33, true),
('stp-2017', 'leadership', 3, 'Developing', 0.67, true),
('stp-2017', 'leadership', 4, 'Early', NULL, true);

INSERT INTO stp.scheme_override (scheme, override, name, no_better_than, builtin) VALUES
('ccg-iaf-2016-17', 'both_red', 'Finance and leadership both red', 'Inadequate', true);
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold, builtin) VALUES
('ccg-iaf-2016-17', 'both_red', 'finance', 'score', '=', 0, true),
('ccg-iaf-2016-17', 'both_red', 'leadership', 'score', '=', 0, true);

-- The oversight framework. Domain scores weigh 0: they are shown with their segments and cannot be added up.
INSERT INTO stp.scheme (scheme, name, description, rates, peer_group, better, builtin) VALUES
('nof-2025-26', 'NHS Oversight Framework 2025/26, as in the league tables',
 'Published: an average of metric scores from 1.00 (best) to 4.00, to two decimals; domain scores that cannot be added up to it; '
     'segments 1 to 4; a provider that reports a deficit or receives deficit support is in segment 3 at best; rank within the '
     'trust type by segment, then average score. Derived from the table of quarter 3, 2025/26: its segments follow fixed cuts, '
     'not quartiles; each cut here is the last score seen in the better segment of acute trusts, overall and for each domain. '
     'They are those of acute trusts: another type needs cuts of its own. Its input is the published scores; for a rating from '
     'metrics, copy it and put ranked metrics below a node with two decimals.',
 'organisation', 'type', 'lower', true);
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, indicator, method, low, high, decimals, builtin) VALUES
('nof-2025-26', 'overall', NULL, 1, 'Average score', 1, NULL, NULL, NULL, NULL, 2, true),
('nof-2025-26', 'average', 'overall', 1, 'Average of metric scores', 1, 'nof_average_score', 'as_is', 1, 4, NULL, true),
('nof-2025-26', 'access', 'overall', 2, 'Access to services', 0, 'nof_access_score', 'as_is', 1, 4, NULL, true),
('nof-2025-26', 'effectiveness', 'overall', 3, 'Effectiveness and experience of care', 0,
    'nof_effectiveness_score', 'as_is', 1, 4, NULL, true),
('nof-2025-26', 'safety', 'overall', 4, 'Patient safety', 0, 'nof_safety_score', 'as_is', 1, 4, NULL, true),
('nof-2025-26', 'people', 'overall', 5, 'People and workforce', 0, 'nof_people_score', 'as_is', 1, 4, NULL, true),
('nof-2025-26', 'finance', 'overall', 6, 'Finance and productivity', 0, 'nof_finance_score', 'as_is', 1, 4, NULL, true),
('nof-2025-26', 'deficit', 'overall', 7, 'Financial deficit', 0, 'nof_deficit', 'as_is', NULL, NULL, NULL, true);
INSERT INTO stp.scheme_category (scheme, position, category, cut, builtin) VALUES
('nof-2025-26', 1, '1', 2.10, true),
('nof-2025-26', 2, '2', 2.35, true),
('nof-2025-26', 3, '3', 2.69, true),
('nof-2025-26', 4, '4', NULL, true);
INSERT INTO stp.scheme_node_category (scheme, node, position, category, cut, builtin)
SELECT 'nof-2025-26', d.node, c.position, c.position::text, c.cut, true
  FROM (VALUES
    ('access', ARRAY[1.91, 2.37, 2.89]),
    ('effectiveness', ARRAY[1.88, 2.20, 2.50]),
    ('finance', ARRAY[1.71, 2.23, 2.85]),
    ('safety', ARRAY[2.10, 2.47, 2.91]),
    ('people', ARRAY[1.98, 2.51, 3.05])) d (node, cuts)
 CROSS JOIN unnest(d.cuts || ARRAY[NULL]::numeric[]) WITH ORDINALITY c (cut, position);
INSERT INTO stp.scheme_override (scheme, override, name, no_better_than, builtin) VALUES
('nof-2025-26', 'deficit', 'Financial deficit', '3', true);
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold, builtin) VALUES
('nof-2025-26', 'deficit', 'deficit', 'value', '>=', 1, true);

-- Indices of deprivation: of small areas, which report the score of each domain as organisations do their indicators.
INSERT INTO stp.scheme (scheme, name, description, rates, peer_group, better, categorise, grain, missing_weight,
                        keeps_detail, builtin) VALUES
('wimd-2019', 'Welsh Index of Multiple Deprivation 2019',
 'Published: eight domains, each turned into ranks and these into exponential scores from 0 to 100, the most deprived 100; their '
     'weights; the overall score is the sum of weight times score, and 1,909 small areas are ranked by it. Derived from the '
     'published ranks: areas that tie take the higher rank. All 1,909 scores and ranks come out of the published domain '
     'scores. Ours: an area is an organisation, since what is published of it is its own and no sum over others; rank 1 is the '
     'least deprived, as in every scheme the best, so that the published rank is counted from the other end; an area of which '
     'a domain is missing has no score; no categories.',
 'organisation', NULL, 'lower', 'cuts', 'year', 'siblings', false, true),
('iod-england-2025', 'English Indices of Deprivation 2025',
 'Published: seven domains, turned into ranks and exponential scores from 0 to 100 as in wimd-2019; their weights, which add up '
     'to 99.9%, and are not brought to 100. Derived: areas that tie take the average rank. Ours: what wimd-2019 says of areas, '
     'ranks, domains that are missing and categories. Its figures were not at hand, so nothing of it has been reproduced.',
 'organisation', NULL, 'lower', 'cuts', 'year', 'siblings', false, true);
INSERT INTO stp.scheme_node (scheme, node, position, name, aggregation, minimum_coverage, builtin) VALUES
('wimd-2019', 'overall', 1, 'Multiple deprivation', 'sum', 1, true),
('iod-england-2025', 'overall', 1, 'Multiple deprivation', 'sum', 1, true);
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, indicator, method, ties, maximum_age, builtin)
SELECT d.scheme, d.node, 'overall', d.position, d.name, d.percent / 100, d.indicator, 'exponential_rank', d.ties, 0, true
  FROM (VALUES
    ('wimd-2019', 'income', 1, 'Income', 22, 'wimd_income', 'high'),
    ('wimd-2019', 'employment', 2, 'Employment', 22, 'wimd_employment', 'high'),
    ('wimd-2019', 'health', 3, 'Health', 15, 'wimd_health', 'high'),
    ('wimd-2019', 'education', 4, 'Education', 14, 'wimd_education', 'high'),
    ('wimd-2019', 'access', 5, 'Access to services', 10, 'wimd_access', 'high'),
    ('wimd-2019', 'housing', 6, 'Housing', 7, 'wimd_housing', 'high'),
    ('wimd-2019', 'environment', 7, 'Physical environment', 5, 'wimd_environment', 'high'),
    ('wimd-2019', 'crime', 8, 'Community safety', 5, 'wimd_crime', 'high'),
    ('iod-england-2025', 'income', 1, 'Income', 22.5, 'iod_income', 'average'),
    ('iod-england-2025', 'employment', 2, 'Employment', 22.5, 'iod_employment', 'average'),
    ('iod-england-2025', 'education', 3, 'Education, skills and training', 13.5, 'iod_education', 'average'),
    ('iod-england-2025', 'health', 4, 'Health deprivation and disability', 13.5, 'iod_health', 'average'),
    ('iod-england-2025', 'crime', 5, 'Crime', 9.3, 'iod_crime', 'average'),
    ('iod-england-2025', 'barriers', 6, 'Barriers to housing and services', 9.3, 'iod_barriers', 'average'),
    ('iod-england-2025', 'environment', 7, 'Living environment', 9.3, 'iod_environment', 'average'))
       d (scheme, node, position, name, percent, indicator, ties);

-- The human development index. Its last step brings the mean from 0 to 100 to the published scale from 0 to 1.
INSERT INTO stp.scheme (scheme, name, description, rates, grain, keeps_detail, builtin) VALUES
('hdi', 'Human development index',
 'Published (Human Development Report, technical notes): goalposts of life expectancy 20 and 85 years, of expected and mean '
     'years of schooling 0 and 18, 0 and 15, of income 100 and 75,000 dollars, of which the logarithm is taken; what is beyond a '
     'post counts as the post; education is the mean of two; the index is the geometric mean of three, to three decimals; four '
     'groups with the cuts 0.800, 0.700 and 0.550. All 193 values and ranks of 2022 come out. Ours: a country is an '
     'organisation, and one of which a figure is missing has no index.',
 'organisation', 'year', false, true);
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, aggregation, minimum_coverage, decimals,
                             builtin) VALUES
('hdi', 'overall', NULL, 1, 'Human development index', 1, 'sum', 1, 3, true),
('hdi', 'dimensions', 'overall', 1, 'Mean of the dimensions, in percent', 0.01, 'geometric', 1, NULL, true),
('hdi', 'education', 'dimensions', 2, 'Education', 1, NULL, 1, NULL, true);
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, indicator, transformation, method, low, high, maximum_age,
                             builtin)
SELECT 'hdi', l.node, l.parent, l.position, i.name, i.indicator, l.transformation, 'goalposts', l.low, l.high, 0, true
  FROM (VALUES
    ('life_expectancy', 'dimensions', 1, NULL, 20, 85),
    ('expected_schooling', 'education', 1, NULL, 0, 18),
    ('mean_schooling', 'education', 2, NULL, 0, 15),
    ('income', 'dimensions', 3, 'log', 100, 75000)) l (node, parent, position, transformation, low, high)
  JOIN stp.indicator i ON i.indicator = 'hdi_' || l.node;
INSERT INTO stp.scheme_category (scheme, position, category, cut, builtin) VALUES
('hdi', 1, 'Very high', 0.8, true),
('hdi', 2, 'High', 0.7, true),
('hdi', 3, 'Medium', 0.55, true),
('hdi', 4, 'Low', NULL, true);

-- Stars of American hospitals: measures, groups of them, and clusters of what these come to.
INSERT INTO stp.scheme (scheme, name, description, rates, grain, categorise, category_group, strictness, keeps_detail,
                        builtin) VALUES
('cms-stars-2021', 'Overall Hospital Quality Star Rating 2021',
 'Published (Centers for Medicare and Medicaid Services, program of April 2021): measures that at most 100 hospitals report are '
     'dropped; z-scores, the better direction up; the mean of a group of measures, standardised again over all that have one; '
     'the weighted mean of the groups present; a star for who reports three measures in three groups, one of them mortality or '
     'safety; k-means among those with as many such groups, from the medians of fifths, and a second run in which who is '
     'farther than 1 from its centre does not move it. All 4,536 scores and 3,355 stars of April 2021 come out. Ours: who has '
     'no star has a score all the same, as in the published file, but no rank; ranks go by stars first. Of 2026 (derived, not '
     'reproduced): who is in the lowest quartile of safety, with three measures, has four stars at most; it is not in the '
     'scheme, and can be added to a copy as a rule.',
 'organisation', 'year', 'k_means', 'qualified', 1, false, true);
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, method, minimum_qualified, pivotal, builtin) VALUES
('cms-stars-2021', 'overall', NULL, 1, 'Summary score', 1, NULL, 3, false, true),
('cms-stars-2021', 'mortality', 'overall', 1, 'Mortality', 0.22, 'z_score', 3, true, true),
('cms-stars-2021', 'safety', 'overall', 2, 'Safety of care', 0.22, 'z_score', 3, true, true),
('cms-stars-2021', 'readmission', 'overall', 3, 'Readmission', 0.22, 'z_score', 3, false, true),
('cms-stars-2021', 'experience', 'overall', 4, 'Patient experience', 0.22, 'z_score', 3, false, true),
('cms-stars-2021', 'process', 'overall', 5, 'Timely and effective care', 0.12, 'z_score', 3, false, true);
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, indicator, method, minimum_units, maximum_age, builtin)
SELECT 'cms-stars-2021', m.code, g.node, m.position, i.name, i.indicator, 'z_score', 101, 0, true
  FROM (VALUES
    ('mortality', '{mort_30_ami,mort_30_cabg,mort_30_copd,mort_30_hf,mort_30_pn,mort_30_stk,psi_04}'),
    ('safety', '{comp_hip_knee,hai_1,hai_2,hai_3,hai_4,hai_5,hai_6,psi_90}'),
    ('readmission', '{edac_30_ami,edac_30_hf,edac_30_pn,op_32,op_35_adm,op_35_ed,op_36,readm_30_cabg,readm_30_copd,'
                        'readm_30_hip_knee,readm_30_hosp_wide}'),
    ('experience', '{h_comp_1,h_comp_2,h_comp_3,h_comp_5,h_comp_6,h_comp_7,h_glob,h_indi}'),
    ('process', '{ed_2b,imm_3,op_10,op_13,op_18b,op_2,op_22,op_23,op_29,op_30,op_33,op_3b,op_8,pc_01,sep_1}')) g (node, measures)
 CROSS JOIN LATERAL unnest(g.measures::text[]) WITH ORDINALITY m (code, position)
  JOIN stp.indicator i ON i.indicator = 'cms_' || m.code;
INSERT INTO stp.scheme_category (scheme, position, category, builtin)
SELECT 'cms-stars-2021', 6 - stars, stars::text, true FROM generate_series(1, 5) stars;

-- Levels that governments give: nothing is combined. What a government says of a whole body is all that the root has; the domains
-- weigh nothing, as the framework does not say how they would.
INSERT INTO stp.scheme (scheme, name, description, rates, better, keeps_detail, builtin) VALUES
('wales-escalation', 'NHS Wales oversight and escalation framework',
 'Published (gov.wales, escalation and intervention arrangements; pages of the health boards, 2025): five levels and their '
     'names, six domains, reviews at least twice a year; boards are at different levels in different domains, and within '
     'performance in different services; special measures may be of a whole board. Until the framework of 2024 there were four '
     'levels, those of today but for 2. Judgements by people: no level is computed. No overall level is published of a body that '
     'has several, and none is made: the overall rating is what the government says of the body as a whole, or none. Ours: the '
     'codes, and the four services that levels were given of.',
 'organisation', 'lower', false, true),
('scotland-support', 'NHS Scotland support and intervention framework',
 'Published (gov.scot, support and intervention framework): five stages, the names of 1 to 4; for territorial boards only; '
     '(Parliament of Scotland, S6W-00572, June 2021): four reasons for escalation, and that a board can be at more than one '
     'stage. From memory: the name of stage 5. Judgements by people: no stage is computed, and where the government gives none '
     'of a board as a whole there is no overall one. Ours: the codes.',
 'organisation', 'lower', false, true);
INSERT INTO stp.scheme_node (scheme, node, position, name, builtin) VALUES
('wales-escalation', 'overall', 1, 'Level of escalation', true),
('scotland-support', 'overall', 1, 'Stage of support', true);
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, indicator, method, low, high, builtin)
SELECT d.scheme, d.node, 'overall', d.position, upper(left(d.name, 1)) || substr(d.name, 2), (d.node = 'organisation')::int,
       d.indicator, 'as_is', 1, 5, true
  FROM (VALUES
    ('wales-escalation', 'wales_level_', ARRAY['organisation', 'governance', 'leadership', 'performance', 'urgent_care',
        'planned_care', 'cancer', 'child_mental_health', 'finance', 'quality', 'fragile_services']),
    ('scotland-support', 'scotland_stage_', ARRAY['organisation', 'finance', 'performance', 'governance', 'quality']))
       s (scheme, prefix, nodes)
 CROSS JOIN LATERAL (SELECT s.scheme, n.node, n.position, i.indicator, split_part(i.name, ': ', 2) AS name
                       FROM unnest(s.nodes) WITH ORDINALITY n (node, position)
                       JOIN stp.indicator i ON i.indicator = s.prefix || n.node) d;
INSERT INTO stp.scheme_category (scheme, position, category, cut, builtin)
SELECT s.scheme, c.position, c.category, CASE WHEN c.position < 5 THEN c.position END, true
  FROM (VALUES
    ('wales-escalation', ARRAY['Routine arrangements', 'Area of concern', 'Enhanced monitoring', 'Targeted intervention',
        'Special measures']),
    ('scotland-support', ARRAY['Steady state', 'Enhanced monitoring', 'Enhanced monitoring and support',
        'Senior external support and monitoring', 'Statutory intervention'])) s (scheme, categories)
 CROSS JOIN LATERAL unnest(s.categories) WITH ORDINALITY c (category, position);
INSERT INTO stp.scheme_node_category (scheme, node, position, category, cut, builtin)
SELECT n.scheme, n.node, c.position, c.category, c.cut, true
  FROM stp.scheme_node n JOIN stp.scheme_category c ON c.scheme = n.scheme
 WHERE n.scheme = ANY (ARRAY['wales-escalation', 'scotland-support']) AND n.parent IS NOT NULL;

-- The same tree on other scales. Of a judgement the scale itself is known.
CALL stp.copy_scheme('stp-2017', 'stp-2017-ranks');
UPDATE stp.scheme
   SET name = 'The STP progress dashboard of July 2017, by percentile ranks',
       description = 'Published: what stp-2017 says. Ours: percentile ranks in the place of bands, for comparison: who is '
           'within the limits of chance has a rank all the same. Leadership is 0 to 100 from the lowest level to the highest. '
           'Cuts: those of stp-2026, ours.'
 WHERE scheme = 'stp-2017-ranks';
DELETE FROM stp.scheme_bracket WHERE scheme = 'stp-2017-ranks';
UPDATE stp.scheme_node SET method = 'percentile_rank', low = NULL, high = NULL
 WHERE scheme = 'stp-2017-ranks' AND indicator IS NOT NULL;
UPDATE stp.scheme_node SET method = 'goalposts', low = 0, high = 3
 WHERE scheme = 'stp-2017-ranks' AND node = 'system_leadership';
UPDATE stp.scheme_category c SET cut = s.cut FROM stp.scheme_category s
 WHERE c.scheme = 'stp-2017-ranks' AND s.scheme = 'stp-2026' AND s.position = c.position;
UPDATE stp.scheme_node_category SET cut = floor(cut * 50) WHERE scheme = 'stp-2017-ranks';

-- The rest of the family differs in a few words.
CALL stp.copy_scheme('nof-2025-26', 'nof-2025-26-quartiles');
UPDATE stp.scheme
   SET categorise = 'quartiles', name = 'NHS Oversight Framework 2025/26, as in the manual',
       description = 'Published: as nof-2025-26, but segments are quartiles of the average scores within the trust type, lowest '
           'best, as the manual of June 2025 says. Ours: where exactly a quartile ends (linear interpolation, a score on the end '
           'belongs to the better one), and that the manual''s average between segments 2 and 3 is the median; the domains too '
           'are cut into quartiles.'
 WHERE scheme = 'nof-2025-26-quartiles';
UPDATE stp.scheme_category SET cut = NULL WHERE scheme = 'nof-2025-26-quartiles';
UPDATE stp.scheme_node_category SET cut = NULL WHERE scheme = 'nof-2025-26-quartiles';
CALL stp.copy_scheme('nof-2025-26', 'nof-2026-27');
UPDATE stp.scheme
   SET name = 'NHS Oversight Framework 2026/27, organisations',
       description = 'Published: providers and integrated care boards are scored from 1.00 to 4.00; defined thresholds translate '
           'the average score into segments 1 to 4, no quartiles, then comes an adjustment. The thresholds were not visible: '
           'copy the scheme and fill in stp.scheme_category.cut before use. Ours: the adjustment is the deficit rule of 2025/26, '
           'and the peer group the type; load an integrated care board as an organisation with a type of its own.'
 WHERE scheme = 'nof-2026-27';
UPDATE stp.scheme_category SET cut = NULL WHERE scheme = 'nof-2026-27';
DELETE FROM stp.scheme_node_category WHERE scheme = 'nof-2026-27';
CALL stp.copy_scheme('nof-2026-27', 'nof-2026-27-systems');
UPDATE stp.scheme
   SET rates = 'system', peer_group = NULL, name = 'NHS Oversight Framework 2026/27, systems',
       description = 'As nof-2026-27, for systems on the scores of their organisations. Ours: a system''s score is the mean of '
           'its organisations'' scores weighted by share, which is not the published score of its board. The thresholds were not '
           'visible: copy the scheme and fill in stp.scheme_category.cut before use. A system has a deficit by its '
           'organisations'' shares, so the rule holds where all of them have one.'
 WHERE scheme = 'nof-2026-27-systems';

-- copy_scheme() makes schemes for users; these ship.
UPDATE stp.scheme SET builtin = true WHERE NOT builtin;
UPDATE stp.scheme_node SET builtin = true WHERE NOT builtin;
UPDATE stp.scheme_category SET builtin = true WHERE NOT builtin;
UPDATE stp.scheme_node_category SET builtin = true WHERE NOT builtin;
UPDATE stp.scheme_bracket SET builtin = true WHERE NOT builtin;
UPDATE stp.scheme_override SET builtin = true WHERE NOT builtin;
UPDATE stp.scheme_override_condition SET builtin = true WHERE NOT builtin;

-- From here on a scheme is checked at commit, and nobody can make or change one that ships.
CREATE CONSTRAINT TRIGGER scheme_is_sound AFTER UPDATE ON stp.scheme
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_scheme();
-- Figures of today are not rated by yesterday's methods unless somebody asks for it.
UPDATE stp.scheme SET on_schedule = false WHERE scheme <> 'stp-2026';

CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.scheme
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('scheme', 'CALL stp.copy_scheme(%L, ''mine'') and edit the copy.');
DO $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES ('scheme_node', 'node'), ('scheme_category', 'category'), ('scheme_node_category', 'category'),
            ('scheme_bracket', 'node'), ('scheme_override', 'override'),
                ('scheme_override_condition', 'override')) parts (relation, code)
    LOOP
        EXECUTE format('CREATE CONSTRAINT TRIGGER scheme_is_sound AFTER INSERT OR UPDATE OR DELETE ON stp.%I
                        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_scheme()', part.relation);
        EXECUTE format('CREATE TRIGGER refuse_builtin_scheme BEFORE INSERT OR UPDATE ON stp.%I
                        FOR EACH ROW WHEN (NOT NEW.builtin)
                            EXECUTE FUNCTION stp_internal.refuse_builtin_scheme()', part.relation);
        EXECUTE format('CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.%I
                        FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin(%L, %L)',
                       part.relation, part.code, 'CALL stp.copy_scheme(%L, ''mine'') and edit the copy.');
    END LOOP;
END $$;

SELECT pg_catalog.pg_extension_config_dump('stp.scheme', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_node', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_category', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_node_category', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_bracket', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_override', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_override_condition', 'WHERE NOT builtin');

GRANT SELECT ON stp.scheme, stp.scheme_node, stp.scheme_category, stp.scheme_node_category, stp.scheme_bracket,
    stp.scheme_override, stp.scheme_override_condition TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.scheme, stp.scheme_node, stp.scheme_category, stp.scheme_node_category,
    stp.scheme_bracket, stp.scheme_override, stp.scheme_override_condition
    TO @extowner@ WITH GRANT OPTION;

