-- Module bi: what business intelligence tools read. Plain columns, names beside codes, periods as label and days. The
-- views show the ratings that stp.refresh() keeps, and run with the rights of the reader.

-- The name is that of the table the scheme rates: a code may be a system's and an organisation's.
CREATE VIEW stp_bi.rating_history WITH (security_invoker = true) AS
SELECT a.scheme, s.name AS scheme_name,
       a.period::text AS period, stp.first_day(a.period) AS first_day, stp.last_day(a.period) AS last_day,
       a.unit, CASE WHEN s.rates = 'organisation' THEN o.name ELSE y.name END AS unit_name, s.rates AS unit_kind, a.peer_group,
       a.score, a.rank, a.category, a.override, a.coverage, a.status,
       row_number() OVER (PARTITION BY a.scheme, a.unit ORDER BY stp.last_day(a.period) DESC,
           stp.first_day(a.period) DESC) = 1 AS is_latest,
       p.refreshed_at
  FROM stp.assessment a
  JOIN stp.assessed_period p ON p.scheme = a.scheme AND p.period = a.period
  LEFT JOIN stp.scheme s ON s.scheme = a.scheme
  LEFT JOIN stp.system y ON y.system = a.unit
  LEFT JOIN stp.organisation o ON o.organisation = a.unit;
COMMENT ON VIEW stp_bi.rating_history IS 'Ratings of all rated periods: one row for each scheme, period and unit.';
COMMENT ON COLUMN stp_bi.rating_history.unit_kind IS 'What the scheme rates: region, system, place or organisation.';
COMMENT ON COLUMN stp_bi.rating_history.score IS 'Overall score.';
COMMENT ON COLUMN stp_bi.rating_history.override IS 'Names of the rules of the scheme that fired.';
COMMENT ON COLUMN stp_bi.rating_history.coverage IS 'Share of the weight for which there was data, 0 to 1.';
COMMENT ON COLUMN stp_bi.rating_history.status IS 'ok, partial, or why there is no score.';
COMMENT ON COLUMN stp_bi.rating_history.is_latest IS 'Whether it is the latest of this scheme and unit.';
COMMENT ON COLUMN stp_bi.rating_history.refreshed_at IS 'When it was computed.';

CREATE VIEW stp_bi.rating WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name, h.unit_kind, h.peer_group,
       h.score, h.rank, h.category, h.override, h.coverage, h.status, h.refreshed_at
  FROM stp_bi.rating_history h
 WHERE h.is_latest;
COMMENT ON VIEW stp_bi.rating IS
    'The latest rating of each scheme and unit. A unit that is no longer rated keeps its last one; see the period.';

CREATE VIEW stp_bi.rating_node WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name, h.unit_kind, h.peer_group,
       n.node, n.name AS node_name, n.parent, n.depth, n.place, n.indicator, n.value, n.unit_of_measure,
           n.value_period::text AS value_period,
       n.organisations, n.expected, n.completeness, n.months, n.months_expected, n.score, n.weight, n.effective_weight,
           n.contribution, n.coverage, n.rank, n.category, n.override,
       n.status, h.is_latest, h.refreshed_at
  FROM stp_bi.rating_history h
  JOIN stp.assessment_node n ON n.scheme = h.scheme AND n.period = h.period::stp.period AND n.unit = h.unit;
COMMENT ON VIEW stp_bi.rating_node IS
    'Ratings taken apart, of all rated periods: one row for each scheme, period, unit and node of the scheme. The contributions '
    'of the nodes of one depth add up to the overall score, and so do those of the rows with an indicator.';
CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.rating_node');
CALL stp.copy_comments('stp.assessment_node', 'stp_bi.rating_node');
COMMENT ON COLUMN stp_bi.rating_node.node_name IS 'Name of the node.';
COMMENT ON COLUMN stp_bi.rating_node.score IS 'Score of the node, normalised or combined.';
COMMENT ON COLUMN stp_bi.rating_node.rank IS 'Rank by the score of the node, 1 = best.';
COMMENT ON COLUMN stp_bi.rating_node.category IS 'Category; of the overall rating only.';
COMMENT ON COLUMN stp_bi.rating_node.coverage IS 'Share of the weight of the node for which there was data, 0 to 1.';
COMMENT ON COLUMN stp_bi.rating_node.status IS 'ok, partial, or why there is no score.';

-- The nine areas are nodes that the scheme must have under these codes: stp-2026 has them, and so has a copy of it.
CREATE VIEW stp_bi.dashboard_stp WITH (security_invoker = true) AS
SELECT h.scheme, h.scheme_name, h.period, h.first_day, h.last_day, h.unit, h.unit_name,
       h.score, h.rank, h.category, h.override, h.coverage, h.status,
       area.emergency_care, area.elective_care, area.safety, area.general_practice, area.mental_health, area.cancer,
       area.prevention, area.leadership, area.finance, h.refreshed_at
  FROM stp_bi.rating_history h
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

CREATE VIEW stp_bi.indicator_history WITH (security_invoker = true) AS
SELECT v.system, v.system_name, v.kind, v.indicator, v.indicator_name, i.theme, i.area, v.unit_of_measure, v.better,
       v.period::text AS period, v.first_day, v.last_day, v.numerator, v.denominator, v.value, v.lower, v.upper, v.method,
       i.standard, v.organisations, v.expected, v.completeness, v.status
  FROM stp.system_indicator v
  JOIN stp.indicator i ON i.indicator = v.indicator;
COMMENT ON VIEW stp_bi.indicator_history IS
    'The figures of each indicator of each system, region and place, of all periods, with limits.';
COMMENT ON COLUMN stp_bi.indicator_history.theme IS 'Theme of the 2017 STP dashboard it belongs to.';
COMMENT ON COLUMN stp_bi.indicator_history.area IS 'Area of the 2017 STP dashboard it belongs to.';
COMMENT ON COLUMN stp_bi.indicator_history.standard IS 'National standard in the unit of the value; NULL: none.';

CREATE VIEW stp_bi.indicator_latest WITH (security_invoker = true) AS
SELECT DISTINCT ON (h.indicator, h.system) h.*
  FROM stp_bi.indicator_history h
-- As a leaf of a rating does: a few early reports are not the latest figure, nor is one of more than a year before.
 ORDER BY h.indicator, h.system,
          h.completeness >= 0.9 AND h.last_day > max(h.last_day) OVER (PARTITION BY h.indicator, h.system) - 366 DESC,
          h.last_day DESC, h.first_day DESC;
COMMENT ON VIEW stp_bi.indicator_latest IS
    'The latest figure of each indicator of each system, region and place for which at least nine tenths of the expected reports '
    'have come (where there is none within a year, the latest), with limits; of periods that end together the shortest.';

CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.rating');
CALL stp.copy_comments('stp_bi.rating_history', 'stp_bi.dashboard_stp');
CALL stp.copy_comments('stp.system_indicator', 'stp_bi.indicator_history');
CALL stp.copy_comments('stp_bi.indicator_history', 'stp_bi.indicator_latest');

GRANT SELECT ON ALL TABLES IN SCHEMA stp_bi TO PUBLIC;
