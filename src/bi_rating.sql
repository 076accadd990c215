-- Module bi_rating: ratings as business intelligence tools read them: kept by stp.refresh(), with the rights of the reader.
--
-- A million nodes stand beside a few hundred units and periods. What is said of these comes by left joins to rows of which there
-- is one for each, as a primary key or DISTINCT ON shows the planner: it leaves out a join of which no column is looked at, and
-- begins with it where one is asked for by name, label or day.

--------------------------------------------------------------------------------------------------------------
-- Dimensions
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.rated_period WITH (security_invoker = true) AS
SELECT p.scheme, p.period, p.period::text AS label, stp.first_day(p.period) AS first_day, stp.last_day(p.period) AS last_day,
       b.period AS before, b.period::text AS label_before, p.moved, p.refreshed_at
  FROM stp.assessed_period p
  LEFT JOIN stp.assessed_period b ON b.scheme = p.scheme AND b.period = stp_internal.period_before(p.period);
CALL stp.make_rows('stp_internal.rated_period', 'The periods in which schemes are rated, as BI tools read them.');

-- The name is that of the table the scheme rates: a code may be a system's and an organisation's.
CREATE VIEW stp_internal.rated_unit WITH (security_invoker = true) AS
SELECT DISTINCT ON (g.scheme, g.unit) g.scheme, s.name AS scheme_name, s.rates AS unit_kind, g.unit,
       CASE WHEN s.rates = 'organisation' THEN o.name ELSE y.name END AS unit_name, g.latest,
       CASE WHEN s.rates = 'organisation' THEN e.code IS NULL
            ELSE y.valid_to IS NULL OR y.valid_to >= d.day END AS is_current
  FROM (SELECT a.scheme, a.unit, max(a.period) AS latest FROM stp.assessment a GROUP BY a.scheme, a.unit) g
  LEFT JOIN (SELECT p.scheme, max(stp.last_day(p.period)) AS day FROM stp.assessed_period p GROUP BY p.scheme) d
         ON d.scheme = g.scheme
  LEFT JOIN stp.scheme s ON s.scheme = g.scheme
  LEFT JOIN stp.system y ON y.system = g.unit
  LEFT JOIN stp.organisation o ON o.organisation = g.unit
  LEFT JOIN (SELECT DISTINCT ON (p.day, e.code) p.day, e.code
               FROM (SELECT max(stp.last_day(p.period)) AS day
                       FROM stp.assessed_period p
                       JOIN stp.scheme s ON s.scheme = p.scheme
                      WHERE s.rates = 'organisation' GROUP BY p.scheme) p
              CROSS JOIN LATERAL stp_internal.absent_on('organisation', p.day) e) e
         ON e.day = d.day AND e.code = g.unit;
CALL stp.make_rows('stp_internal.rated_unit',
    'The units that schemes rate or have rated, as BI tools read them. latest: the last period in which it was rated; '
    'is_current: whether the unit was still there on the last day of the latest period that the scheme has rated.');

--------------------------------------------------------------------------------------------------------------
-- Ratings
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_bi.rating_history WITH (security_invoker = true) AS
SELECT a.scheme, u.scheme_name, p.label AS period, p.first_day, p.last_day, a.unit, u.unit_name, u.unit_kind, a.peer_group,
       a.score, a.rank, a.category, a.override, a.coverage, a.status, a.period = u.latest AS is_latest, u.is_current,
       p.label_before AS period_before, CASE WHEN p.moved THEN b.score ELSE e.score END AS score_before,
       CASE WHEN p.moved THEN b.rank ELSE e.rank END AS rank_before,
       r.rank_low, r.rank_median, r.rank_high, r.probability AS probability_of_category,
       CASE WHEN abs(m.score_low) < 'infinity' THEN m.score_low END AS lowest_score,
       CASE WHEN abs(m.score_high) < 'infinity' THEN m.score_high END AS highest_score,
       array_to_string(m.categories, ', ', 'none') AS possible_categories, p.refreshed_at,
       m.completeness, x.next_category, abs(x.needed_value - a.score) AS points_needed
  FROM stp.assessment_node a
  LEFT JOIN stp_internal.rated_period_rows() p ON p.scheme = a.scheme AND p.period = a.period
  LEFT JOIN stp_internal.rated_unit_rows() u ON u.scheme = a.scheme AND u.unit = a.unit
  LEFT JOIN stp.assessment_robustness r
         ON r.scheme = a.scheme AND r.period = a.period AND r.unit = a.unit AND r.category = coalesce(a.category, '')
  LEFT JOIN stp.assessment_missing m ON m.scheme = a.scheme AND m.period = a.period AND m.unit = a.unit
  LEFT JOIN stp.assessment_explanation x
         ON x.scheme = a.scheme AND x.period = a.period AND x.unit = a.unit AND x.node = a.node
  LEFT JOIN stp.assessment e ON e.scheme = a.scheme AND e.period = p.before AND e.unit = a.unit
  LEFT JOIN stp.assessment_before b ON b.scheme = a.scheme AND b.period = a.period AND b.unit = a.unit
 WHERE a.parent IS NULL;
CALL stp.make_rows('stp_bi.rating_history');
COMMENT ON VIEW stp_bi.rating_history IS
    'Ratings of all rated periods: one row for each scheme, period and unit. Nothing adds up over units or periods: scores, '
    'ranks and shares are of one unit in one period.';
COMMENT ON COLUMN stp_bi.rating_history.unit_kind IS 'What the scheme rates: nation, region, system, place or organisation.';
COMMENT ON COLUMN stp_bi.rating_history.score IS 'Overall score.';
COMMENT ON COLUMN stp_bi.rating_history.override IS 'Names of the rules of the scheme that fired.';
COMMENT ON COLUMN stp_bi.rating_history.coverage IS 'Share of the weight for which there was data, 0 to 1.';
COMMENT ON COLUMN stp_bi.rating_history.status IS 'ok, partial, or why there is no score.';
COMMENT ON COLUMN stp_bi.rating_history.is_latest IS 'Whether it is the latest of this scheme and unit.';
COMMENT ON COLUMN stp_bi.rating_history.is_current IS
    'Whether the unit was still there on the last day of the latest period that the scheme has rated.';
COMMENT ON COLUMN stp_bi.rating_history.period_before IS 'The period before, if it is rated.';
COMMENT ON COLUMN stp_bi.rating_history.score_before IS
    'The score in the period before, on the boundaries of this one: of a system that follows on others that of the same area.';
COMMENT ON COLUMN stp_bi.rating_history.rank_before IS
    'The rank in the period before among the units of this one, on its boundaries.';
COMMENT ON COLUMN stp_bi.rating_history.probability_of_category IS
    'Share of the draws of stp.robustness() in which the unit has its category.';
COMMENT ON COLUMN stp_bi.rating_history.lowest_score IS
    'The lowest score that it can have when all that is missing is known (stp.missing_range()); NULL: there is no lowest.';
COMMENT ON COLUMN stp_bi.rating_history.highest_score IS 'The highest; NULL: there is no highest.';
COMMENT ON COLUMN stp_bi.rating_history.possible_categories IS
    'The categories that it can then have, best first, by commas; none: no category.';
COMMENT ON COLUMN stp_bi.rating_history.refreshed_at IS 'When it was computed.';
COMMENT ON COLUMN stp_bi.rating_history.next_category IS
    'The category that points_needed bring; without them the next better; NULL: none is better.';
COMMENT ON COLUMN stp_bi.rating_history.points_needed IS
    'How many points of the score it lacks for a better category, all else equal; NULL: points alone bring none.';

CREATE VIEW stp_bi.rating WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name, h.unit_kind, h.peer_group,
       h.score, h.rank, h.category, h.override, h.coverage, h.status, h.period_before, h.score_before, h.rank_before,
       h.rank_low, h.rank_median, h.rank_high, h.probability_of_category, h.lowest_score, h.highest_score,
       h.possible_categories, h.refreshed_at, h.completeness, h.next_category, h.points_needed, h.is_latest
  FROM stp_internal.rating_history_rows() h
 WHERE h.is_latest AND h.is_current;
COMMENT ON VIEW stp_bi.rating IS
    'The latest rating of each scheme and unit that is there: not of those that have ended, which stp_bi.rating_history keeps. A '
    'unit that is no longer rated keeps its last one; see the period.';

--------------------------------------------------------------------------------------------------------------
-- Beside a rating
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_bi.category_probability WITH (security_invoker = true) AS
SELECT r.scheme, u.scheme_name, p.label AS period, p.first_day, p.last_day, r.unit, u.unit_name, u.unit_kind,
       nullif(r.category, '') AS category, c.position, c.cut, r.probability, r.period = u.latest AS is_latest, u.is_current
  FROM stp.assessment_robustness r
  LEFT JOIN stp_internal.rated_period_rows() p ON p.scheme = r.scheme AND p.period = r.period
  LEFT JOIN stp_internal.rated_unit_rows() u ON u.scheme = r.scheme AND u.unit = r.unit
  LEFT JOIN stp.scheme_category c ON c.scheme = r.scheme AND c.category = r.category
 WHERE r.probability IS NOT NULL;
COMMENT ON VIEW stp_bi.category_probability IS
    'How sure a category is: one row for each scheme, period, unit and category, with the share of the draws of stp.robustness() '
    'that give it. The probabilities of a unit in a period add up to 1.';
COMMENT ON COLUMN stp_bi.category_probability.category IS 'The category; NULL: none.';
COMMENT ON COLUMN stp_bi.category_probability.position IS 'Order of the categories, best first.';
COMMENT ON COLUMN stp_bi.category_probability.cut IS 'The score from which on it is given, by the scheme.';
CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.category_probability');
CALL stp.copy_comments('stp.assessment_robustness', 'stp_bi.category_probability');

CREATE VIEW stp_bi.rating_without WITH (security_invoker = true) AS
SELECT w.scheme, u.scheme_name, p.label AS period, p.first_day, p.last_day, w.unit, u.unit_name, u.unit_kind,
       w.node, w.name AS node_name, w.indicator, w.score_without, w.rank_without, w.category_without, w.score, w.rank, w.category,
       w.period = u.latest AS is_latest, u.is_current, i.name AS indicator_name
  FROM stp.assessment_without w
  LEFT JOIN stp_internal.rated_period_rows() p ON p.scheme = w.scheme AND p.period = w.period
  LEFT JOIN stp_internal.rated_unit_rows() u ON u.scheme = w.scheme AND u.unit = w.unit
  LEFT JOIN stp.indicator i ON i.indicator = w.indicator
 WHERE w.indicator NOT IN (SELECT r.indicator FROM stp.display_rule r);
COMMENT ON VIEW stp_bi.rating_without IS
    'What the rating would be without one of its indicators: one row for each scheme, period, unit and leaf. Not of indicators '
    'with a stp.display_rule, whose score the difference would tell. Nothing adds up.';
CALL stp.copy_comments('stp.assessment_without', 'stp_bi.rating_without');

CREATE VIEW stp_bi.rating_change WITH (security_invoker = true) AS
SELECT c.scheme, u.scheme_name, p.label AS period, p.first_day, p.last_day, c.unit, u.unit_name, u.unit_kind,
       p.label_before AS period_before,
       c.place, c.part, c.indicator, i.name AS indicator_name, c.organisation, o.name AS organisation_name, c.points,
       c.period = u.latest AS is_latest, u.is_current
  FROM stp.assessment_change c
  LEFT JOIN stp_internal.rated_period_rows() p ON p.scheme = c.scheme AND p.period = c.period
  LEFT JOIN stp_internal.rated_unit_rows() u ON u.scheme = c.scheme AND u.unit = c.unit
  LEFT JOIN stp.indicator i ON i.indicator = c.indicator
  LEFT JOIN stp.organisation o ON o.organisation = c.organisation
 WHERE coalesce(c.indicator, '') NOT IN (SELECT r.indicator FROM stp.display_rule r);
COMMENT ON VIEW stp_bi.rating_change IS
    'Why a score is not that of the period before: one row for each scheme, period, unit and part of the change, of an indicator '
    'and of an organisation where it is theirs. points add up to the change of the score from the boundaries of then to those of '
    'now: to score - score_before but where boundaries have moved, since score_before is on those of now. What concerns an '
    'indicator with a stp.display_rule is not shown; of one alone it is what is left of the change.';
COMMENT ON COLUMN stp_bi.rating_change.place IS 'Order of the rows of the unit.';
COMMENT ON COLUMN stp_bi.rating_change.indicator_name IS 'Name of the indicator.';
COMMENT ON COLUMN stp_bi.rating_change.organisation_name IS 'Name of the organisation.';
CALL stp.copy_comments('stp.assessment_change', 'stp_bi.rating_change');

--------------------------------------------------------------------------------------------------------------
-- Nodes
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.hidden_rating WITH (security_invoker = true) AS
SELECT DISTINCT ON (c.scheme, c.period) c.scheme, c.period
  FROM stp.assessment_cohort c
  JOIN stp.display_rule r ON r.indicator = c.indicator;
CALL stp.make_rows('stp_internal.hidden_rating', 'The ratings with a leaf that has values and a stp.display_rule.');

CREATE VIEW stp_bi.rating_node WITH (security_invoker = true) AS
SELECT n.scheme, u.scheme_name, p.label AS period, p.first_day, p.last_day, n.unit, u.unit_name, u.unit_kind, n.peer_group,
       n.node, n.name AS node_name, n.parent, n.depth, n.place, n.indicator,
       CASE WHEN r.indicator IS NULL THEN n.value ELSE d.value END AS value, n.unit_of_measure,
       n.value_period::text AS value_period, n.organisations, n.expected,
       CASE WHEN hidden.sums THEN n.organisations::float8 / n.expected ELSE n.completeness END AS completeness,
       n.months, n.months_expected,
       CASE WHEN hidden.score IS NOT TRUE THEN n.score END AS score, n.weight, n.effective_weight,
       CASE WHEN hidden.score IS NOT TRUE THEN n.contribution END AS contribution,
       CASE WHEN NOT hidden.sums OR n.coverage IN (0, 1) THEN n.coverage END AS coverage, n.rank, n.category, n.override,
       CASE WHEN hidden.all AND n.value IS NOT NULL THEN 'not shown' ELSE n.status END AS status,
       n.period = u.latest AS is_latest, p.refreshed_at,
       CASE WHEN r.indicator IS NULL THEN n.target END AS target, CASE WHEN r.indicator IS NULL THEN n.restated END AS restated,
       u.is_current, i.name AS indicator_name, i.better, i.standard,
       CASE WHEN r.indicator IS NULL THEN x.lower ELSE d.lower END AS lower,
       CASE WHEN r.indicator IS NULL THEN x.upper ELSE d.upper END AS upper,
       -- The least and the greatest are figures of units.
       CASE WHEN r.indicator IS NULL THEN c.minimum END AS cohort_minimum,
       CASE WHEN r.indicator IS NULL THEN c.lower_quartile END AS cohort_lower_quartile,
       CASE WHEN r.indicator IS NULL THEN c.median END AS cohort_median,
       CASE WHEN r.indicator IS NULL THEN c.upper_quartile END AS cohort_upper_quartile,
       CASE WHEN r.indicator IS NULL THEN c.maximum END AS cohort_maximum,
       -- The points of one leaf are what lies between its neighbours.
       CASE WHEN g.scheme IS NULL AND n.contribution IS NOT NULL THEN x.running_from END AS running_from,
       CASE WHEN g.scheme IS NULL THEN x.running_from + n.contribution END AS running_to,
       CASE WHEN NOT hidden.sums OR n.coverage IN (0, 1) THEN x.missing_weight END AS missing_weight,
       -- With the score and the cut the value that is needed tells the one that there is.
       CASE WHEN hidden.score IS NOT TRUE THEN x.needed_value END AS needed_value,
       CASE WHEN hidden.score IS NOT TRUE THEN x.next_category END AS needed_category
  FROM stp.assessment_node n
  LEFT JOIN stp_internal.rated_period_rows() p ON p.scheme = n.scheme AND p.period = n.period
  LEFT JOIN stp_internal.rated_unit_rows() u ON u.scheme = n.scheme AND u.unit = n.unit
  LEFT JOIN stp.indicator i ON i.indicator = n.indicator
  LEFT JOIN stp.assessment_explanation x
         ON x.scheme = n.scheme AND x.period = n.period AND x.unit = n.unit AND x.node = n.node
  LEFT JOIN stp.assessment_cohort c
         ON c.scheme = n.scheme AND c.period = n.period AND c.peer_group = coalesce(n.peer_group, '') AND c.node = n.node
  LEFT JOIN stp.display_rule r ON r.indicator = n.indicator
  LEFT JOIN stp_internal.hidden_rating_rows() g ON g.scheme = n.scheme AND g.period = n.period
  -- What a leaf takes of several periods has no figure there: it is not shown.
  LEFT JOIN (SELECT DISTINCT ON (s.scheme, f.unit, f.indicator, f.period::stp.period)
                    s.scheme, f.unit, f.indicator, f.period::stp.period AS period, f.value, f.lower, f.upper, f.is_hidden
               FROM stp_internal.displayed_figure() f JOIN stp.scheme s ON s.rates = f.unit_kind) d
         ON d.scheme = n.scheme AND d.unit = n.unit AND d.indicator = n.indicator AND d.period = n.value_period
        AND n.months_expected IS NULL
 CROSS JOIN LATERAL (SELECT r.indicator IS NOT NULL AND d.is_hidden IS DISTINCT FROM false AS "all",
                            -- The exact score of a rounded figure is the exact figure.
                            r.rounded_to > 1 OR r.indicator IS NOT NULL AND d.is_hidden IS DISTINCT FROM false AS score,
                            coalesce(r.hidden_below > 1 OR r.rounded_to > 1, false) AS sums) hidden;
COMMENT ON VIEW stp_bi.rating_node IS
    'Ratings taken apart, of all rated periods: one row for each scheme, period, unit and node of the scheme. The contributions '
    'of the nodes of one depth add up to the overall score, and so do those of the rows with an indicator; those of figures that '
    'a stp.display_rule hides or rounds are not shown. Weights add up to 1 in the same way, and missing_weight to the share '
    'that is missing; nothing else adds up, and nothing over units or periods.';
CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.rating_node');
CALL stp.copy_comments('stp.assessment_node', 'stp_bi.rating_node');
COMMENT ON COLUMN stp_bi.rating_node.node_name IS 'Name of the node.';
COMMENT ON COLUMN stp_bi.rating_node.score IS 'Score of the node, normalised or combined.';
COMMENT ON COLUMN stp_bi.rating_node.rank IS 'Rank by the score of the node, 1 = best.';
COMMENT ON COLUMN stp_bi.rating_node.category IS 'Category; of the overall rating only.';
COMMENT ON COLUMN stp_bi.rating_node.coverage IS
    'Share of the weight of the node for which there was data, 0 to 1; NULL: in part, of an indicator with a stp.display_rule.';
COMMENT ON COLUMN stp_bi.rating_node.completeness IS
    'Part of the expected reports that has come, 0 to 1, by what they count; of an indicator with a stp.display_rule by their '
    'number.';
COMMENT ON COLUMN stp_bi.rating_node.target IS
    'What a ranked leaf, or one scored by its distance to a target, is measured by; not shown of an indicator with a '
    'stp.display_rule: it may tell what the unit was before.';
COMMENT ON COLUMN stp_bi.rating_node.status IS
    'ok, partial, or why there is no score; not shown: a stp.display_rule hides the figure. The score of a figure that it rounds '
    'is not shown either.';

COMMENT ON COLUMN stp_bi.rating_node.indicator_name IS 'Name of the indicator of a leaf.';
COMMENT ON COLUMN stp_bi.rating_node.better IS
    'Of a leaf, which value is better: higher, lower, or neutral.';
COMMENT ON COLUMN stp_bi.rating_node.standard IS 'National standard in the unit of the value; NULL: none.';
COMMENT ON COLUMN stp_bi.rating_node.lower IS 'Lower 95% limit of the value, of a proportion, rate or ratio.';
COMMENT ON COLUMN stp_bi.rating_node.upper IS 'Upper 95% limit of the value, of a proportion, rate or ratio.';
COMMENT ON COLUMN stp_bi.rating_node.cohort_minimum IS
    'Of a leaf, the least value of the units that are compared with it (peer_group); neither it nor the next four are shown of '
    'an indicator with a stp.display_rule.';
COMMENT ON COLUMN stp_bi.rating_node.cohort_lower_quartile IS
    'The value below which a quarter of them lie, between two of them in proportion (percentile_cont).';
COMMENT ON COLUMN stp_bi.rating_node.cohort_median IS 'The value below which half of them lie.';
COMMENT ON COLUMN stp_bi.rating_node.cohort_upper_quartile IS 'The value below which three quarters of them lie.';
COMMENT ON COLUMN stp_bi.rating_node.cohort_maximum IS 'The greatest value of them.';
COMMENT ON COLUMN stp_bi.rating_node.running_from IS
    'Where its points begin when those of all leaves are put one after the other in the order of the tree: with running_to a '
    'bar of a bridge from 0 to the score. Not shown of a rating with a leaf that has a stp.display_rule.';
COMMENT ON COLUMN stp_bi.rating_node.running_to IS 'Where they end.';
COMMENT ON COLUMN stp_bi.rating_node.needed_category IS
    'The category that the needed value brings; without one the next better. Of the overall rating and of leaves.';
CALL stp.copy_comments('stp.explanation_row', 'stp_bi.rating_node');
-- The nine areas are nodes that the scheme must have under these codes: stp-2026 has them, and so has a copy of it.
CREATE VIEW stp_bi.dashboard_stp WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name,
       h.score, h.rank, h.category, h.override, h.coverage, h.status,
       area.emergency_care, area.elective_care, area.safety, area.general_practice, area.mental_health, area.cancer,
       area.prevention, area.leadership, area.finance, h.refreshed_at
  FROM stp_internal.rating_history_rows() h
 CROSS JOIN LATERAL (
    SELECT count(*) AS areas,
           max(n.score) FILTER (WHERE n.node = 'emergency_care') AS emergency_care,
           max(n.score) FILTER (WHERE n.node = 'elective_care') AS elective_care,
           max(n.score) FILTER (WHERE n.node = 'safety') AS safety,
           max(n.score) FILTER (WHERE n.node = 'general_practice') AS general_practice,
           max(n.score) FILTER (WHERE n.node = 'mental_health') AS mental_health,
           max(n.score) FILTER (WHERE n.node = 'cancer') AS cancer,
           max(n.score) FILTER (WHERE n.node = 'prevention') AS prevention,
           max(n.score) FILTER (WHERE n.node = 'leadership') AS leadership,
           max(n.score) FILTER (WHERE n.node = 'finance') AS finance
      FROM stp.assessment_node n
     WHERE n.scheme = h.scheme AND n.period = h.period::stp.period AND n.unit = h.unit
       AND n.node = ANY (ARRAY['emergency_care', 'elective_care', 'safety', 'general_practice', 'mental_health', 'cancer',
                               'prevention', 'leadership', 'finance'])) area
 WHERE area.areas = 9
   AND h.last_day = (SELECT max(stp.last_day(p.period)) FROM stp.assessed_period p WHERE p.scheme = h.scheme);
COMMENT ON VIEW stp_bi.dashboard_stp IS
    'The 2017 STP dashboard: one row for each system, with the scores of its nine areas, in the latest rated period of each '
    'scheme that has nodes emergency_care, elective_care, safety, general_practice, mental_health, cancer, prevention, '
    'leadership and finance: of stp-2026 and of its copies. The scores are on the scale of the scheme.';
COMMENT ON COLUMN stp_bi.dashboard_stp.emergency_care IS 'Score of emergency care (hospital performance).';
COMMENT ON COLUMN stp_bi.dashboard_stp.elective_care IS 'Score of elective care (hospital performance).';
COMMENT ON COLUMN stp_bi.dashboard_stp.safety IS 'Score of safety (hospital performance).';
COMMENT ON COLUMN stp_bi.dashboard_stp.general_practice IS 'Score of general practice (patient-focused change).';
COMMENT ON COLUMN stp_bi.dashboard_stp.mental_health IS 'Score of mental health (patient-focused change).';
COMMENT ON COLUMN stp_bi.dashboard_stp.cancer IS 'Score of cancer (patient-focused change).';
COMMENT ON COLUMN stp_bi.dashboard_stp.prevention IS 'Score of prevention (patient-focused change).';
COMMENT ON COLUMN stp_bi.dashboard_stp.leadership IS 'Score of leadership (transformation).';
COMMENT ON COLUMN stp_bi.dashboard_stp.finance IS 'Score of finance (transformation).';

CALL stp.copy_comments('stp.assessment_robustness', 'stp_bi.rating_history');
CALL stp.copy_comments('stp_bi.rating_node', 'stp_bi.rating_without');
CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.rating_change');
CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.rating');
CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.dashboard_stp');
