-- The same rows, written by hand for this scheme: two levels, min-max, arithmetic means, from the same reports.
WITH leaf AS MATERIALIZED (
    SELECT m.system, o.indicator AS node, n.parent, n.weight, i.better = 'higher' AS higher,
           sum(o.numerator * m.share::float8) / nullif(sum(o.denominator * m.share::float8), 0) * i.per AS value
      FROM stp.observation o
      JOIN stp.membership m USING (organisation)
      JOIN stp.scheme_node n ON n.scheme = 'bench' AND n.indicator = o.indicator
      JOIN stp.indicator i ON i.indicator = o.indicator
     WHERE o.period = '2026-03'
     GROUP BY m.system, o.indicator, n.parent, n.weight, i.better, i.per
), score AS MATERIALIZED (
    SELECT l.*, 100 * CASE WHEN higher THEN value - low ELSE high - value END / nullif(high - low, 0) AS score
      FROM leaf l
      JOIN (SELECT node, min(value) AS low, max(value) AS high FROM leaf GROUP BY node) r USING (node)
), total AS (
    SELECT parent, sum(weight) AS weight FROM stp.scheme_node WHERE scheme = 'bench' AND indicator IS NOT NULL GROUP BY parent
), domain AS MATERIALIZED (
    SELECT s.system, s.parent AS node, n.weight, sum(s.score * s.weight) / sum(s.weight) AS score,
           sum(s.weight) AS present, sum(s.weight) / t.weight AS coverage
      FROM score s
      JOIN stp.scheme_node n ON n.scheme = 'bench' AND n.node = s.parent
      JOIN total t ON t.parent = s.parent
     GROUP BY s.system, s.parent, n.weight, t.weight
), overall AS MATERIALIZED (
    SELECT system, sum(score * weight) / sum(weight) AS score, sum(weight) AS present, sum(weight * coverage) AS coverage
      FROM domain GROUP BY system
)
SELECT system, 'overall' AS node, NULL::float8 AS value, score, 1 AS effective_weight, score AS contribution, coverage,
       rank() OVER (ORDER BY score DESC)
  FROM overall
UNION ALL
SELECT d.system, d.node, NULL, d.score, d.weight / o.present, d.weight / o.present * d.score, d.coverage,
       rank() OVER (PARTITION BY d.node ORDER BY d.score DESC)
  FROM domain d JOIN overall o USING (system)
UNION ALL
SELECT s.system, s.node, s.value, s.score, s.weight / d.present * d.weight / o.present,
       s.weight / d.present * d.weight / o.present * s.score, 1,
       rank() OVER (PARTITION BY s.node ORDER BY s.score DESC)
  FROM score s JOIN domain d ON d.system = s.system AND d.node = s.parent JOIN overall o ON o.system = s.system
