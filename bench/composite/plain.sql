-- Group by and join, the direction read once per indicator: min() and max() as window functions took half as
-- long again.
WITH cohort AS MATERIALIZED (
    SELECT indicator, domain, weight, better = 'higher' AS higher, low, high
      FROM indicator
      JOIN (SELECT indicator, min(value) AS low, max(value) AS high FROM value GROUP BY indicator) r USING (indicator)
), score AS (
    SELECT unit, domain, weight,
           100 * CASE WHEN higher THEN value - low ELSE high - value END / nullif(high - low, 0) AS score
      FROM value JOIN cohort USING (indicator)
), domain_score AS (
    SELECT unit, domain, sum(score * weight) / sum(weight) FILTER (WHERE score IS NOT NULL) AS score,
           coalesce(sum(weight) FILTER (WHERE score IS NOT NULL), 0) / sum(weight) AS coverage
      FROM score GROUP BY unit, domain
), overall AS (
    SELECT unit, sum(score * weight) / sum(weight) FILTER (WHERE score IS NOT NULL) AS score,
           coalesce(sum(weight) FILTER (WHERE score IS NOT NULL), 0) / sum(weight) AS coverage
      FROM domain_score JOIN domain USING (domain) GROUP BY unit
), node AS (
    SELECT unit, domain, score, coverage FROM domain_score
    UNION ALL
    SELECT unit, NULL, score, coverage FROM overall
)
SELECT unit, domain, score, coverage, rank() OVER (PARTITION BY domain ORDER BY score DESC NULLS LAST) FROM node
