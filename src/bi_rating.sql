-- Module bi_rating: ratings as business intelligence tools read them: kept by stp.refresh(), with the rights of the reader.

-- The name is that of the table the scheme rates: a code may be a system's and an organisation's.
CREATE VIEW stp_bi.rating_history WITH (security_invoker = true) AS
SELECT a.scheme, s.name AS scheme_name,
       a.period::text AS period, stp.first_day(a.period) AS first_day, stp.last_day(a.period) AS last_day,
       a.unit, CASE WHEN s.rates = 'organisation' THEN o.name ELSE y.name END AS unit_name, s.rates AS unit_kind, a.peer_group,
       a.score, a.rank, a.category, a.override, a.coverage, a.status,
       row_number() OVER (PARTITION BY a.scheme, a.unit ORDER BY stp.last_day(a.period) DESC,
           stp.first_day(a.period) DESC) = 1 AS is_latest,
       CASE WHEN s.rates = 'organisation'
            THEN NOT EXISTS (SELECT FROM stp_internal.absent_on('organisation', latest.day) e WHERE e.code = a.unit)
            ELSE y.valid_to IS NULL OR y.valid_to >= latest.day END AS is_current,
       w.period::text AS period_before, CASE WHEN p.moved THEN b.score ELSE e.score END AS score_before,
       CASE WHEN p.moved THEN b.rank ELSE e.rank END AS rank_before,
       r.rank_low, r.rank_median, r.rank_high, r.probability AS probability_of_category,
       CASE WHEN abs(m.score_low) < 'infinity' THEN m.score_low END AS lowest_score,
       CASE WHEN abs(m.score_high) < 'infinity' THEN m.score_high END AS highest_score,
       array_to_string(m.categories, ', ', 'none') AS possible_categories, p.refreshed_at
  FROM stp.assessment a
  JOIN stp.assessed_period p ON p.scheme = a.scheme AND p.period = a.period
  JOIN (SELECT l.scheme, max(stp.last_day(l.period)) AS day FROM stp.assessed_period l GROUP BY l.scheme) latest
    ON latest.scheme = a.scheme
  LEFT JOIN stp.assessment_robustness r
         ON r.scheme = a.scheme AND r.period = a.period AND r.unit = a.unit AND r.category = coalesce(a.category, '')
  LEFT JOIN stp.assessment_missing m ON m.scheme = a.scheme AND m.period = a.period AND m.unit = a.unit
  LEFT JOIN stp.assessed_period w ON w.scheme = a.scheme AND w.period = stp_internal.period_before(a.period)
  LEFT JOIN stp.assessment e ON e.scheme = w.scheme AND e.period = w.period AND e.unit = a.unit
  LEFT JOIN stp.assessment_before b ON b.scheme = a.scheme AND b.period = a.period AND b.unit = a.unit
  LEFT JOIN stp.scheme s ON s.scheme = a.scheme
  LEFT JOIN stp.system y ON y.system = a.unit
  LEFT JOIN stp.organisation o ON o.organisation = a.unit;
CALL stp.make_rows('stp_bi.rating_history');
COMMENT ON VIEW stp_bi.rating_history IS 'Ratings of all rated periods: one row for each scheme, period and unit.';
COMMENT ON COLUMN stp_bi.rating_history.unit_kind IS 'What the scheme rates: region, system, place or organisation.';
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

CREATE VIEW stp_bi.rating WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name, h.unit_kind, h.peer_group,
       h.score, h.rank, h.category, h.override, h.coverage, h.status, h.period_before, h.score_before, h.rank_before,
       h.rank_low, h.rank_median, h.rank_high, h.probability_of_category, h.lowest_score, h.highest_score,
       h.possible_categories, h.refreshed_at
  FROM stp_internal.rating_history_rows() h
 WHERE h.is_latest AND h.is_current;
COMMENT ON VIEW stp_bi.rating IS
    'The latest rating of each scheme and unit that is there: not of those that have ended, which stp_bi.rating_history keeps. A '
    'unit that is no longer rated keeps its last one; see the period.';

CREATE VIEW stp_bi.category_probability WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name, h.unit_kind,
       nullif(r.category, '') AS category, c.position, c.cut, r.probability, h.is_latest, h.is_current
  FROM stp_internal.rating_history_rows() h
  JOIN stp.assessment_robustness r ON r.scheme = h.scheme AND r.period = h.period::stp.period AND r.unit = h.unit
  LEFT JOIN stp.scheme_category c ON c.scheme = h.scheme AND c.category = r.category
 WHERE r.probability IS NOT NULL;
COMMENT ON VIEW stp_bi.category_probability IS
    'How sure a category is: one row for each scheme, period, unit and category, with the share of the draws of stp.robustness() '
    'that give it.';
COMMENT ON COLUMN stp_bi.category_probability.category IS 'The category; NULL: none.';
COMMENT ON COLUMN stp_bi.category_probability.position IS 'Order of the categories, best first.';
COMMENT ON COLUMN stp_bi.category_probability.cut IS 'The score from which on it is given, by the scheme.';
CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.category_probability');
CALL stp.copy_comments('stp.assessment_robustness', 'stp_bi.category_probability');

CREATE VIEW stp_bi.rating_without WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name, h.unit_kind,
       n.node, n.name AS node_name, n.indicator, w.score AS score_without, w.rank AS rank_without, w.category AS category_without,
       h.score, h.rank, h.category, h.is_latest, h.is_current
  FROM stp_internal.rating_history_rows() h
  JOIN stp.assessment_without w ON w.scheme = h.scheme AND w.period = h.period::stp.period AND w.unit = h.unit
  JOIN stp.assessment_node n ON n.scheme = w.scheme AND n.period = w.period AND n.unit = w.unit AND n.node = w.node
 WHERE (n.indicator IN (SELECT r.indicator FROM stp.display_rule r)) IS NOT TRUE;
COMMENT ON VIEW stp_bi.rating_without IS
    'What the rating would be without one of its indicators: one row for each scheme, period, unit and leaf. Not of indicators '
    'with a stp.display_rule, whose score the difference would tell.';
COMMENT ON COLUMN stp_bi.rating_without.node IS 'The leaf that is left out.';
COMMENT ON COLUMN stp_bi.rating_without.score_without IS 'The overall score without it.';
COMMENT ON COLUMN stp_bi.rating_without.rank_without IS 'The rank without it, 1 = best.';
COMMENT ON COLUMN stp_bi.rating_without.category_without IS 'The category without it.';

CREATE VIEW stp_bi.rating_change WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name, h.unit_kind, h.period_before,
       c.place, c.part, c.indicator, i.name AS indicator_name, c.organisation, o.name AS organisation_name, c.points,
       h.is_latest, h.is_current
  FROM stp_internal.rating_history_rows() h
  JOIN stp.assessment_change c ON c.scheme = h.scheme AND c.period = h.period::stp.period AND c.unit = h.unit
  LEFT JOIN stp.indicator i ON i.indicator = c.indicator
  LEFT JOIN stp.organisation o ON o.organisation = c.organisation
 -- With NOT EXISTS over rules that nobody has analysed one row is expected, and the history is read again for each that there is.
 WHERE (c.indicator IN (SELECT r.indicator FROM stp.display_rule r)) IS NOT TRUE;
COMMENT ON VIEW stp_bi.rating_change IS
    'Why a score is not that of the period before: one row for each scheme, period, unit and part of the change, of an indicator '
    'and of an organisation where it is theirs. points add up to the change of the score from the boundaries of then to those of '
    'now: to score - score_before but where boundaries have moved, since score_before is on those of now. What concerns an '
    'indicator with a stp.display_rule is not shown; of one alone it is what is left of the change.';
COMMENT ON COLUMN stp_bi.rating_change.place IS 'Order of the rows of the unit.';
COMMENT ON COLUMN stp_bi.rating_change.indicator_name IS 'Name of the indicator.';
COMMENT ON COLUMN stp_bi.rating_change.organisation_name IS 'Name of the organisation.';
CALL stp.copy_comments('stp.assessment_change', 'stp_bi.rating_change');

CREATE VIEW stp_bi.rating_node WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name, h.unit_kind, h.peer_group,
       n.node, n.name AS node_name, n.parent, n.depth, n.place, n.indicator,
       CASE WHEN r.indicator IS NULL THEN n.value ELSE d.value END AS value, n.unit_of_measure,
       n.value_period::text AS value_period, n.organisations, n.expected,
       CASE WHEN hidden.sums THEN n.organisations::float8 / n.expected ELSE n.completeness END AS completeness,
       n.months, n.months_expected,
       CASE WHEN hidden.score IS NOT TRUE THEN n.score END AS score, n.weight, n.effective_weight,
       CASE WHEN hidden.score IS NOT TRUE THEN n.contribution END AS contribution,
       CASE WHEN NOT hidden.sums OR n.coverage IN (0, 1) THEN n.coverage END AS coverage, n.rank, n.category, n.override,
       CASE WHEN hidden.all AND n.value IS NOT NULL THEN 'not shown' ELSE n.status END AS status, h.is_latest, h.refreshed_at,
       CASE WHEN r.indicator IS NULL THEN n.target END AS target, CASE WHEN r.indicator IS NULL THEN n.restated END AS restated,
       h.is_current
  FROM stp_internal.rating_history_rows() h
  JOIN stp.assessment_node n ON n.scheme = h.scheme AND n.period = h.period::stp.period AND n.unit = h.unit
  LEFT JOIN stp.display_rule r ON r.indicator = n.indicator
  -- What a leaf takes of several periods has no figure there: it is not shown.
  LEFT JOIN stp_internal.displayed_figure() d
    ON d.unit_kind = h.unit_kind AND d.unit = h.unit AND d.indicator = r.indicator AND d.period = n.value_period
   AND n.months_expected IS NULL
 CROSS JOIN LATERAL (SELECT r.indicator IS NOT NULL AND d.is_hidden IS DISTINCT FROM false AS "all",
                            -- The exact score of a rounded figure is the exact figure.
                            r.rounded_to > 1 OR r.indicator IS NOT NULL AND d.is_hidden IS DISTINCT FROM false AS score,
                            coalesce(r.hidden_below > 1 OR r.rounded_to > 1, false) AS sums) hidden;
COMMENT ON VIEW stp_bi.rating_node IS
    'Ratings taken apart, of all rated periods: one row for each scheme, period, unit and node of the scheme. The contributions '
    'of the nodes of one depth add up to the overall score, and so do those of the rows with an indicator; those of figures that '
    'a stp.display_rule hides or rounds are not shown.';
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
