SELECT count(*) = 4536 AND bool_and(abs(o.score - p.score) <= 1e-9 AND (o.category IS NULL) = (p.category IS NULL))
  FROM ours o JOIN plain p USING (unit)
