-- What make demo prints.
\pset footer off
\pset null ''
\echo
\echo 'England''s 42 health systems, March 2026, scheme stp-2026 (weights and cuts are ours, see its description)'
SELECT a.rank, a.unit AS system, s.name, round(a.score::numeric, 1) AS score, a.category,
       round(100 * a.coverage::numeric) || '%' AS coverage
  FROM stp.assess('stp-2026', '2026-03') a
  JOIN stp.system s ON s.system = a.unit
 WHERE a.parent IS NULL
 ORDER BY a.rank, s.name;

\echo 'Why West Yorkshire has the score it has: points are parts of the overall score'
SELECT repeat('  ', e.depth) || e.name AS node, round(e.value::numeric, 2) AS value, e.unit_of_measure AS unit, e.value_period AS period,
       round(e.score::numeric, 1) AS score, round(100 * e.effective_weight::numeric, 2) AS "weight %",
       round(e.contribution::numeric, 3) AS points, e.rank, e.status
  FROM stp.explain('stp-2026', '2026-03', 'QWO') e;
SELECT round(sum(contribution) FILTER (WHERE indicator IS NOT NULL)::numeric, 3) AS "points of the 19 indicators",
       round(max(score) FILTER (WHERE parent IS NULL)::numeric, 3) AS "overall score",
       sum(contribution) FILTER (WHERE indicator IS NOT NULL)::numeric(20, 9)
           = max(score) FILTER (WHERE parent IS NULL)::numeric(20, 9) AS "they add up"
  FROM stp.explain('stp-2026', '2026-03', 'QWO');

\echo 'Three indicators of every system, March 2026'
SELECT system, system_name AS name,
       round(max(value) FILTER (WHERE indicator = 'ae_within_4_hours')::numeric, 1) AS "within 4 hours %",
       round(max(value) FILTER (WHERE indicator = 'emergency_admissions')::numeric, 2) AS "emergency admissions per 1,000",
       round(max(value) FILTER (WHERE indicator = 'delayed_bed_days')::numeric, 1) AS "delayed share of bed days %"
  FROM stp.system_indicator
 WHERE period = '2026-03' AND kind = 'system'
   AND indicator IN ('ae_within_4_hours', 'emergency_admissions', 'delayed_bed_days')
 GROUP BY system, system_name
 ORDER BY system_name;

\echo 'If Leeds had not reported its emergency admissions: the rate has no value, the rating says that it rests on less'
BEGIN;
DELETE FROM stp.observation WHERE organisation = 'RR8' AND indicator IN ('emergency_admissions', 'ae_within_4_hours');
SELECT m.indicator, m.organisation, m.organisation_name AS name, m.systems, m.schemes FROM stp.missing_report m WHERE m.organisation = 'RR8' ORDER BY m.indicator;
SELECT e.name AS node, round(e.value::numeric, 2) AS value, e.organisations || ' of ' || e.expected AS reported,
       round(100 * e.completeness::numeric) || '%' AS complete, round(100 * e.coverage::numeric) || '%' AS coverage, e.status
  FROM stp.explain('stp-2026', '2026-03', 'QWO') e
 WHERE e.node IN ('overall', 'emergency_admissions', 'ae_within_4_hours');
ROLLBACK;
