-- The same formula with Byar's limits throughout: below ten events there is nothing to show anyway. z is the
-- 97.5% quantile of the normal distribution. Sums first, then the formula once for each area.
SELECT area, CASE WHEN o >= 10 THEN value END AS value,
       CASE WHEN o >= 10 THEN value + spread * (o_lower - o) END AS lower,
       CASE WHEN o >= 10 THEN value + spread * (o_upper - o) END AS upper,
       CASE WHEN o >= 10 THEN 'ok' ELSE 'suppressed' END AS status
  FROM (SELECT area, o, 1e5 * wr / w AS value, 1e5 * sqrt(wv / o) / w AS spread,
               o * (1 - 1 / (9 * o) - 1.959963984540054 / (3 * sqrt(o))) ^ 3 AS o_lower,
               (o + 1) * (1 - 1 / (9 * (o + 1)) + 1.959963984540054 / (3 * sqrt(o + 1))) ^ 3 AS o_upper
          FROM (SELECT area, sum(events) AS o, sum(weight) AS w, sum(weight * events / population) AS wr,
                       sum(events * (weight / population) * (weight / population)) AS wv
                  FROM band JOIN standard USING (band) GROUP BY area) s) r
