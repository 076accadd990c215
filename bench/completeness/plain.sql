-- Who has reported in the twelve months before and is a member, by what the last report had; and the figure, without limits.
WITH last AS (
    SELECT DISTINCT ON (indicator, organisation) indicator, organisation, period, numerator, denominator
      FROM stp.observation
     WHERE period >= '2025-03' AND period <= '2026-03'
     ORDER BY indicator, organisation, period DESC
)
SELECT m.system, l.indicator,
       sum(l.numerator * m.share::float8) FILTER (WHERE l.period = '2026-03')
           / nullif(sum(l.denominator * m.share::float8) FILTER (WHERE l.period = '2026-03'), 0) * i.per AS value,
       count(*) FILTER (WHERE l.period = '2026-03') AS organisations, count(*) AS expected,
       sum(l.denominator * m.share::float8) FILTER (WHERE l.period = '2026-03') / sum(l.denominator * m.share::float8) AS completeness
  FROM last l
  JOIN stp.indicator i USING (indicator)
  JOIN stp.membership m ON m.organisation = l.organisation AND m.valid_from <= '2026-03-31' AND (m.valid_to IS NULL OR m.valid_to >= '2026-03-31')
 GROUP BY m.system, l.indicator, i.per
