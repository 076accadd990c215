SELECT count(*) = 50000
       AND bool_and(o.rank = p.rank AND abs(o.score - p.score) <= 1e-9 * abs(p.score)
                    AND abs(o.coverage - p.coverage) <= 1e-9)
  FROM ours o JOIN plain p ON o.unit = p.unit AND o.domain IS NOT DISTINCT FROM p.domain
