SELECT (SELECT count(*) FROM ours) = (SELECT count(*) FROM plain)
       AND bool_and(o.organisations = p.organisations AND o.expected = p.expected AND abs(o.completeness - p.completeness) <= 1e-9
                    AND abs(coalesce(o.value, -1) - coalesce(p.value, -1)) <= 1e-9)
  FROM ours o JOIN plain p USING (system, indicator)
