-- The scores, and who is rated in which peer group, written by hand from the same reports. The stars are clusters found step by step: of
-- them SQL has the peer group only.
WITH measure AS MATERIALIZED (
    SELECT o.organisation, n.parent, CASE i.better WHEN 'higher' THEN 1 ELSE -1 END * (o.value - avg(o.value) OVER m) / stddev_samp(o.value) OVER m AS z,
           count(*) OVER m AS reports
      FROM stp.observation o
      JOIN stp.scheme_node n ON n.scheme = 'cms-stars-2021' AND n.indicator = o.indicator
      JOIN stp.indicator i ON i.indicator = o.indicator
     WHERE o.period = '2020/21'
    WINDOW m AS (PARTITION BY n.node)
), mean AS MATERIALIZED (
    SELECT organisation, parent AS node, avg(z) AS mean, count(*) AS measures FROM measure WHERE reports > 100 GROUP BY 1, 2
), grouped AS MATERIALIZED (
    SELECT m.organisation, m.node, n.weight, (mean - avg(mean) OVER g) / stddev_samp(mean) OVER g AS score, measures
      FROM mean m JOIN stp.scheme_node n ON n.scheme = 'cms-stars-2021' AND n.node = m.node
    WINDOW g AS (PARTITION BY m.node)
)
SELECT organisation AS unit, sum(weight * score) / sum(weight) AS score,
       CASE WHEN count(*) FILTER (WHERE measures >= 3) >= 3 AND bool_or(measures >= 3 AND node IN ('mortality', 'safety'))
            THEN count(*) FILTER (WHERE measures >= 3) END::text AS category
  FROM grouped GROUP BY organisation
