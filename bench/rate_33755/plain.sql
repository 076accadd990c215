-- The same rows, written by hand for this scheme, from the same reports.
WITH leaf AS MATERIALIZED (
    SELECT o.organisation, n.node, n.weight, o.value, rank() OVER best AS rank, count(*) OVER ties AS ties, count(*) OVER (PARTITION BY n.node) AS n
      FROM stp.observation o
      JOIN stp.scheme_node n ON n.scheme = 'iod-england-2025' AND n.indicator = o.indicator
     WHERE o.period = '2025/26'
    WINDOW best AS (PARTITION BY n.node ORDER BY o.value), ties AS (PARTITION BY n.node, o.value)
), score AS MATERIALIZED (
    SELECT l.*, -23 * ln(1 - (l.rank + (l.ties - 1) / 2.0::float8) / l.n * (1 - exp(-100 / 23.0::float8))) AS score FROM leaf l
), overall AS MATERIALIZED (
    SELECT organisation, sum(weight * score) AS score FROM score GROUP BY organisation
)
SELECT organisation AS unit, 'overall' AS node, NULL::float8 AS value, score, score AS contribution, rank() OVER (ORDER BY score)
  FROM overall
UNION ALL
SELECT organisation, node, value, score, weight * score, rank FROM score
