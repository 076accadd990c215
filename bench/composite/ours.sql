-- Goalposts at the cohort's range are min-max scores without the sort that a window over indicators takes.
WITH cohort AS MATERIALIZED (
    SELECT indicator, domain, weight, better, low, high
      FROM indicator
      JOIN (SELECT indicator, min(value) AS low, max(value) AS high FROM value GROUP BY indicator) r USING (indicator)
), domain_score AS (
    SELECT unit, domain, stp.arithmetic_mean(state) AS score, stp.coverage(state) AS coverage
      FROM (SELECT unit, domain, stp.composite(stp.goalposts(value, low, high, better), weight) AS state
              FROM value JOIN cohort USING (indicator) GROUP BY unit, domain) s
), node AS (
    SELECT unit, domain, score, coverage FROM domain_score
    UNION ALL
    SELECT unit, NULL, stp.arithmetic_mean(state), stp.coverage(state)
      FROM (SELECT unit, stp.composite(score, weight) AS state FROM domain_score JOIN domain USING (domain) GROUP BY unit) o
)
SELECT unit, domain, score, coverage, rank() OVER (PARTITION BY domain ORDER BY score DESC NULLS LAST) FROM node
