-- Module bi_figure: figures of indicators as business intelligence tools read them.

CREATE VIEW stp_bi.indicator_history WITH (security_invoker = true) AS
SELECT k.unit, s.name AS unit_name, k.unit_kind, k.indicator, i.name AS indicator_name, i.theme, i.area,
       i.unit_of_measure, i.better, k.period, k.first_day, k.last_day,
       CASE WHEN r.indicator IS NULL THEN k.numerator ELSE d.numerator END AS numerator,
       CASE WHEN r.indicator IS NULL THEN k.denominator ELSE d.denominator END AS denominator,
       CASE WHEN r.indicator IS NULL THEN k.value ELSE d.value END AS value,
       CASE WHEN r.indicator IS NULL THEN k.lower ELSE d.lower END AS lower,
       CASE WHEN r.indicator IS NULL THEN k.upper ELSE d.upper END AS upper,
       CASE WHEN r.indicator IS NULL THEN k.method ELSE d.method END AS method,
       i.standard, k.organisations, k.expected,
       -- What has not come counts what it was before: a part of the exact sums would tell it.
       CASE WHEN r.hidden_below > 1 OR r.rounded_to > 1 THEN k.organisations::float8 / k.expected
            ELSE k.completeness END AS completeness,
       CASE WHEN d.is_hidden THEN 'not shown' ELSE k.status END AS status,
       CASE WHEN r.indicator IS NULL THEN k.target END AS target
  FROM stp_internal.kept_figure k
  JOIN stp.system s ON s.system = k.unit
  LEFT JOIN stp.indicator i ON i.indicator = k.indicator
  LEFT JOIN stp.display_rule r ON r.indicator = k.indicator
  LEFT JOIN stp_internal.displayed_figure() d
    ON d.unit_kind = k.unit_kind AND d.unit = k.unit AND d.indicator = r.indicator AND d.period = k.period
 WHERE k.unit_kind <> 'organisation';
CALL stp.make_rows('stp_bi.indicator_history');
COMMENT ON VIEW stp_bi.indicator_history IS
    'The figures of each indicator of each system, place, region and nation, of all periods, with limits.';
COMMENT ON COLUMN stp_bi.indicator_history.theme IS 'Theme of the 2017 STP dashboard it belongs to.';
COMMENT ON COLUMN stp_bi.indicator_history.area IS 'Area of the 2017 STP dashboard it belongs to.';
COMMENT ON COLUMN stp_bi.indicator_history.completeness IS
    'Part of the expected reports that has come, 0 to 1, by what they count; of an indicator with a stp.display_rule by their '
    'number.';
COMMENT ON COLUMN stp_bi.indicator_history.standard IS 'National standard in the unit of the value; NULL: none.';
COMMENT ON COLUMN stp_bi.indicator_history.target IS
    'What is asked of the unit by the last day of the period: its own target, or the standard; NULL: nothing, or nobody knows '
    '(stp.unit_target says why); not shown of an indicator with a stp.display_rule.';

CREATE VIEW stp_bi.indicator_latest WITH (security_invoker = true) AS
SELECT h.*
  FROM stp_internal.kept_span k
  JOIN stp_internal.indicator_history_rows() h ON h.indicator = k.indicator AND h.unit = k.unit AND h.period = k.period
 WHERE k.unit_kind <> 'organisation';
COMMENT ON VIEW stp_bi.indicator_latest IS
    'The latest figure of each indicator of each system, place, region and nation for which at least nine tenths of the expected '
    'reports have come (where there is none within a year, the latest), with limits; of periods that end together the shortest.';

CALL stp.copy_comments('stp.system_indicator', 'stp_bi.indicator_history');
CALL stp.copy_comments('stp_bi.indicator_history', 'stp_bi.indicator_latest');

--------------------------------------------------------------------------------------------------------------
-- Over time, and beside peers: not of indicators with a stp.display_rule, since limits tell what figures were
--------------------------------------------------------------------------------------------------------------

-- Of more than a million rows a tool asks for one column: what is joined by a whole key, from the left, the planner leaves out
-- where its columns are not asked for; one join for the names of all units lets it begin with a name; the rules are looked at
-- once, and where there is none no row is compared with them.

CREATE VIEW stp_bi.indicator_trend WITH (security_invoker = true) AS
SELECT k.unit_kind, k.unit, u.unit_name, k.indicator, i.name AS indicator_name,
       i.unit_of_measure, i.better, k.grain, k.period, k.first_day, k.last_day, k.value, k.mean, k.lower AS lower_process_limit,
       k.upper AS upper_process_limit, k.near_lower, k.near_upper, k.segment, k.is_base, k.is_ghost, k.outside, k.trend,
       k.two_in_three, k.shift, k.runs, k.rule, k.signal, k.conflict, k.gap, k.target, k.figure_status,
       k.status AS chart_status
  FROM stp_internal.kept_point k
  LEFT JOIN stp.indicator i ON i.indicator = k.indicator
  LEFT JOIN (SELECT DISTINCT ON (unit_kind = 'organisation', unit) unit_kind = 'organisation' AS is_organisation, unit, unit_name
               FROM stp_bi.unit) u
    ON u.unit = k.unit AND u.is_organisation = (k.unit_kind = 'organisation')
 WHERE NOT EXISTS (SELECT FROM stp.display_rule) OR k.indicator <> ALL (ARRAY(SELECT r.indicator FROM stp.display_rule r));
COMMENT ON VIEW stp_bi.indicator_trend IS
    'The chart of every indicator of every unit: a row for each period, with process limits and flags. Nothing here adds up. Not '
    'of indicators with a stp.display_rule, whose figures the limits would tell.';
CALL stp.copy_comments('stp.indicator_trend', 'stp_bi.indicator_trend');
COMMENT ON COLUMN stp_bi.indicator_trend.lower_process_limit IS 'Lower process limit, three sigma.';
COMMENT ON COLUMN stp_bi.indicator_trend.upper_process_limit IS 'Upper process limit, three sigma.';
COMMENT ON COLUMN stp_bi.indicator_trend.chart_status IS
    'Status of the chart: ok, trial limits, too few, constant, no data, as of stp.spc_points.';

CREATE VIEW stp_bi.indicator_summary WITH (security_invoker = true) AS
SELECT k.unit_kind, k.unit, u.unit_name, k.indicator, i.name AS indicator_name,
       i.unit_of_measure, i.better, k.grain, k.period, k.last_day, k.value, k.mean, k.lower AS lower_process_limit,
       k.upper AS upper_process_limit,
       k.variation, k.variation_icon, k.rule, k.conflict, k.since, k.target, k.assurance, k.assurance_icon,
       k.points AS charted_points, k.gaps, k.segments, k.first_day_of_segment, k.dialect, k.chart, k.proposed_rebase,
       k.status AS chart_status
  FROM stp_internal.kept_summary k
  LEFT JOIN stp.indicator i ON i.indicator = k.indicator
  LEFT JOIN (SELECT DISTINCT ON (unit_kind = 'organisation', unit) unit_kind = 'organisation' AS is_organisation, unit, unit_name
               FROM stp_bi.unit) u
    ON u.unit = k.unit AND u.is_organisation = (k.unit_kind = 'organisation')
 WHERE NOT EXISTS (SELECT FROM stp.display_rule) OR k.indicator <> ALL (ARRAY(SELECT r.indicator FROM stp.display_rule r));
COMMENT ON VIEW stp_bi.indicator_summary IS
    'What the chart of every indicator of every unit comes to: a row for each, variation and assurance as Making Data Count '
    'names them. Nothing here adds up. Not of indicators with a stp.display_rule.';
CALL stp.copy_comments('stp.indicator_summary', 'stp_bi.indicator_summary');
CALL stp.copy_comments('stp_bi.indicator_trend', 'stp_bi.indicator_summary');
COMMENT ON COLUMN stp_bi.indicator_summary.charted_points IS 'Points with a value that are no ghosts.';

CREATE VIEW stp_bi.funnel WITH (security_invoker = true) AS
SELECT k.unit_kind, k.unit, u.unit_name, k.indicator, i.name AS indicator_name,
       i.unit_of_measure, i.better, k.period, k.first_day, k.last_day, k.numerator, k.denominator, k.value,
       k.target AS centre, k.units AS peers, k.phi,
       k.tau2, k.z, k.lower_95, k.upper_95, k.lower_998, k.upper_998, k.flag, k.od_z, k.od_lower_95, k.od_upper_95,
       k.od_lower_998,
       k.od_upper_998, k.od_flag, k.method AS funnel_method, k.status AS funnel_status
  FROM stp_internal.kept_funnel k
  LEFT JOIN stp.indicator i ON i.indicator = k.indicator
  LEFT JOIN (SELECT DISTINCT ON (unit_kind = 'organisation', unit) unit_kind = 'organisation' AS is_organisation, unit, unit_name
               FROM stp_bi.unit) u
    ON u.unit = k.unit AND u.is_organisation = (k.unit_kind = 'organisation')
 WHERE NOT EXISTS (SELECT FROM stp.display_rule) OR k.indicator <> ALL (ARRAY(SELECT r.indicator FROM stp.display_rule r));
COMMENT ON VIEW stp_bi.funnel IS
    'Every proportion, rate and ratio of every unit in the funnel of its peers, in the latest period for which anybody has '
    'reported it: limits by chance, and with over-dispersion (od). numerator and denominator add up over units of one kind, but '
    'where an organisation belongs to several. Not of indicators with a stp.display_rule. Earlier periods: stp.indicator_funnel.';
CALL stp.copy_comments('stp.indicator_funnel', 'stp_bi.funnel');
COMMENT ON COLUMN stp_bi.funnel.centre IS 'What is expected, in the unit of measure: the centre line.';
COMMENT ON COLUMN stp_bi.funnel.peers IS 'Number of units that phi was found from.';
COMMENT ON COLUMN stp_bi.funnel.funnel_method IS
    'How limits and z-scores were found: arcsine for proportions; expected for rates and ratios (od: root).';
COMMENT ON COLUMN stp_bi.funnel.funnel_status IS
    'Status of the figure where it is not ok; else of its place in the funnel, as in stp.funnel.';

CREATE VIEW stp_bi.funnel_curve WITH (security_invoker = true) AS
SELECT f.unit_kind, f.indicator, f.indicator_name, f.period, f.first_day, f.last_day, od.overdispersion, c.level,
       row_number() OVER (PARTITION BY f.unit_kind, f.indicator, od.overdispersion, c.level ORDER BY c.denominator)::int AS place,
       c.denominator, c.lower AS lower_funnel_limit, c.upper AS upper_funnel_limit, f.centre
  FROM (SELECT k.unit_kind, k.indicator, i.name AS indicator_name, i.per, k.period, k.first_day, k.last_day, k.target AS centre,
               stp.dispersion(k.numerator, k.denominator, k.method, CASE i.kind WHEN 'ratio' THEN 1 END, NULL, NULL)
                   AS dispersion,
               min(k.denominator) FILTER (WHERE k.denominator > 0) AS first, max(k.denominator) AS last
          FROM stp_internal.kept_funnel k
          JOIN stp.indicator i ON i.indicator = k.indicator
         WHERE k.indicator <> ALL (ARRAY(SELECT r.indicator FROM stp.display_rule r))
         GROUP BY k.unit_kind, k.indicator, i.name, i.per, i.kind, k.period, k.first_day, k.last_day, k.target) f
 CROSS JOIN (VALUES ('none'), ('additive')) od (overdispersion)
 CROSS JOIN LATERAL stp.funnel_curve(f.dispersion, f.first, f.last, od.overdispersion, per => f.per, points => 50) c;
COMMENT ON VIEW stp_bi.funnel_curve IS
    'The lines of the funnels of stp_bi.funnel, for drawing: limits at 50 denominators from the smallest to the greatest.';
COMMENT ON COLUMN stp_bi.funnel_curve.overdispersion IS 'none: limits by chance. additive: with what the peers differ by anyway.';
COMMENT ON COLUMN stp_bi.funnel_curve.level IS 'Share of units that the limits leave inside: 0.95 or 0.998.';
COMMENT ON COLUMN stp_bi.funnel_curve.place IS 'Order of the points of a line.';
COMMENT ON COLUMN stp_bi.funnel_curve.denominator IS 'The denominator at which the limits are.';
COMMENT ON COLUMN stp_bi.funnel_curve.lower_funnel_limit IS 'The lower limit, in the unit of measure.';
COMMENT ON COLUMN stp_bi.funnel_curve.upper_funnel_limit IS 'The upper limit, in the unit of measure.';
CALL stp.copy_comments('stp_bi.funnel', 'stp_bi.funnel_curve');
