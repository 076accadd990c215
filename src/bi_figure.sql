-- Module bi_figure: figures of indicators as business intelligence tools read them.

CREATE VIEW stp_bi.indicator_history WITH (security_invoker = true) AS
SELECT v.system, v.system_name, v.kind, v.indicator, v.indicator_name, i.theme, i.area, v.unit_of_measure, v.better,
       v.period::text AS period, v.first_day, v.last_day,
       CASE WHEN r.indicator IS NULL THEN v.numerator ELSE d.numerator END AS numerator,
       CASE WHEN r.indicator IS NULL THEN v.denominator ELSE d.denominator END AS denominator,
       CASE WHEN r.indicator IS NULL THEN v.value ELSE d.value END AS value,
       CASE WHEN r.indicator IS NULL THEN v.lower ELSE d.lower END AS lower,
       CASE WHEN r.indicator IS NULL THEN v.upper ELSE d.upper END AS upper,
       CASE WHEN r.indicator IS NULL THEN v.method ELSE d.method END AS method,
       i.standard, v.organisations, v.expected,
       -- What has not come counts what it was before: a part of the exact sums would tell it.
       CASE WHEN r.hidden_below > 1 OR r.rounded_to > 1 THEN v.organisations::float8 / v.expected
            ELSE v.completeness END AS completeness,
       CASE WHEN d.is_hidden THEN 'not shown' ELSE v.status END AS status,
       CASE WHEN r.indicator IS NULL THEN t.target END AS target
  FROM stp_internal.system_indicator_rows() v
  JOIN stp.indicator i ON i.indicator = v.indicator
  -- Of systems alone, which stp.unit_target has among thousands of organisations.
  LEFT JOIN (SELECT x.indicator, g.unit, g.valid_from, g.valid_to, g.target
               FROM stp.indicator x CROSS JOIN LATERAL stp_internal.targets('system', x.indicator, NULL, NULL) g) t
         ON t.indicator = v.indicator AND t.unit = v.system
        AND v.last_day >= t.valid_from AND v.last_day <= coalesce(t.valid_to, 'infinity')
  LEFT JOIN stp.display_rule r ON r.indicator = v.indicator
  LEFT JOIN stp_internal.displayed_figure() d
    ON d.unit_kind = v.kind AND d.unit = v.system AND d.indicator = r.indicator AND d.period = v.period;
CALL stp.make_rows('stp_bi.indicator_history');
COMMENT ON VIEW stp_bi.indicator_history IS
    'The figures of each indicator of each system, region and place, of all periods, with limits.';
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
SELECT DISTINCT ON (h.indicator, h.system) h.*
  FROM stp_internal.indicator_history_rows() h
-- As a leaf of a rating does: a few early reports are not the latest figure, nor is one of more than a year before.
 ORDER BY h.indicator, h.system,
          h.completeness >= 0.9 AND h.last_day > max(h.last_day) OVER (PARTITION BY h.indicator, h.system) - 366 DESC,
          h.last_day DESC, h.first_day DESC;
COMMENT ON VIEW stp_bi.indicator_latest IS
    'The latest figure of each indicator of each system, region and place for which at least nine tenths of the expected reports '
    'have come (where there is none within a year, the latest), with limits; of periods that end together the shortest.';

CALL stp.copy_comments('stp.system_indicator', 'stp_bi.indicator_history');
CALL stp.copy_comments('stp_bi.indicator_history', 'stp_bi.indicator_latest');
