SELECT count(*) = 10000 AND count(*) FILTER (WHERE o.status = 'suppressed') BETWEEN 100 AND 5000
       AND bool_and(o.status = p.status AND (o.value IS NULL) = (p.value IS NULL)
                    AND (o.value IS NULL OR abs(o.value - p.value) <= 1e-9 * p.value
                         AND abs(o.lower - p.lower) <= 1e-9 * abs(p.lower) AND abs(o.upper - p.upper) <= 1e-9 * p.upper))
  FROM ours o JOIN plain p USING (area)
