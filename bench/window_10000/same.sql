SELECT bool_and(coalesce(abs(o.score - p.score) <= 1e-9 * abs(p.score), o.score IS NULL AND p.score IS NULL))
  FROM ours o FULL JOIN plain p USING (unit)
