SELECT count(*) = 60000
       AND bool_and(coalesce(abs(o.mean - p.mean) <= 1e-9 * abs(p.mean) AND abs(o.lower - p.lower) <= 1e-9 * abs(p.upper)
                             AND abs(o.upper - p.upper) <= 1e-9 * abs(p.upper)
                             AND (o.outside, o.trend, o.two_in_three, o.shift, o.rule, o.signal, o.conflict)
                                 IS NOT DISTINCT FROM (p.outside, p.trend, p.two_in_three, p.shift, p.rule, p.signal, p.conflict), false))
  FROM ours o FULL JOIN plain p USING (series, day);
