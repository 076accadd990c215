SELECT count(*) = 10000 AND bool_and(o.flag = p.flag AND abs(o.z - p.z) <= 1e-9 AND abs(o.value - p.value) <= 1e-12
       AND abs(o.lower_95 - p.lower_95) <= 1e-9 AND abs(o.upper_95 - p.upper_95) <= 1e-9
       AND abs(o.lower_998 - p.lower_998) <= 1e-9 AND abs(o.upper_998 - p.upper_998) <= 1e-9)
  FROM ours o JOIN plain p USING (unit)
