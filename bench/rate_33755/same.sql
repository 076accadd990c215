SELECT count(*) = 8 * 33755 AND count(*) = (SELECT count(*) FROM ours) AND count(*) FILTER (WHERE o.rank <> p.rank) = 0
       AND bool_and(abs(o.score - p.score) <= 1e-9 AND abs(o.contribution - p.contribution) <= 1e-9)
  FROM ours o JOIN plain p USING (unit, node)
