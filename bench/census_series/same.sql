SELECT count(*) = 44 * 365 AND bool_and(o.occupied IS NOT DISTINCT FROM p.occupied)
  FROM ours o FULL JOIN plain p USING (system, day)
