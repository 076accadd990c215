-- What make demo prints.
\pset footer off
\pset null ''
\echo
\echo 'England''s 44 sustainability and transformation partnerships, 2016/17, from what their organisations reported.'
\echo 'Scheme stp-2017: figures of 8 of the 17 indicators of July 2017 were found; weights and cuts are ours, and money decides most'
\echo 'of it (doc/stp-2017.md).'
\echo 'between: where 95% of 1,000 draws lie, with other weights and values within their limits. by ranks: scheme stp-2017-ranks.'
\echo 'published: what is known of NHS England''s ratings of July 2017; it is no input.'
SELECT a.rank, concat_ws('-', r.rank_low, nullif(r.rank_high, r.rank_low)) AS between, s.name AS partnership, round(a.score::numeric, 2) AS score,
       a.category, round(100 * a.coverage::numeric) || '%' AS coverage, b.rank AS "by ranks", j.label AS published
  FROM stp.assess('stp-2017', '2016/17') a
  JOIN stp.assess('stp-2017-ranks', '2016/17') b ON b.unit = a.unit AND b.parent IS NULL
  JOIN stp.robustness('stp-2017', '2016/17') r ON r.unit = a.unit AND r.is_present
  JOIN stp.system s ON s.system = a.unit
  LEFT JOIN stp.judgement j ON j.organisation = a.unit AND j.indicator = 'stp_rating' AND j.period = '2016/17'
 WHERE a.parent IS NULL
 ORDER BY a.rank, s.name;

\echo 'Where the ten are that NHS England put first and last, by bands and by ranks'
SELECT j.label AS published, string_agg(a.rank::text, ', ' ORDER BY a.rank) AS "rank of 44 by bands",
       (SELECT string_agg(b.rank::text, ', ' ORDER BY b.rank) FROM stp.assess('stp-2017-ranks', '2016/17') b
         WHERE b.parent IS NULL AND b.unit = ANY (array_agg(j.organisation))) AS "by ranks"
  FROM stp.judgement j
  JOIN stp.assess('stp-2017', '2016/17') a ON a.unit = j.organisation AND a.parent IS NULL
 WHERE j.indicator = 'stp_rating' AND j.value IN (1, 4)
 GROUP BY j.label, j.value
 ORDER BY j.value;

\echo 'England''s 42 health systems, March 2026, scheme stp-2026'
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

\echo 'If Leeds had not reported its emergency admissions: the rate has no value, the rating says that it rests on less'
BEGIN;
DELETE FROM stp.observation WHERE organisation = 'RR8' AND indicator IN ('emergency_admissions', 'ae_within_4_hours') AND period = '2026-03';
SELECT m.indicator, m.organisation, m.organisation_name AS name, m.systems, m.schemes
  FROM stp.missing_report m WHERE m.organisation = 'RR8' AND m.period = '2026-03' ORDER BY m.indicator;
SELECT e.name AS node, round(e.value::numeric, 2) AS value, e.organisations || ' of ' || e.expected AS reported,
       round(100 * e.completeness::numeric) || '%' AS complete, round(100 * e.coverage::numeric) || '%' AS coverage, e.status
  FROM stp.explain('stp-2026', '2026-03', 'QWO') e
 WHERE e.node IN ('overall', 'emergency_admissions', 'ae_within_4_hours');
ROLLBACK;
