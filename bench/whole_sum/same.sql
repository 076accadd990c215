SELECT count(*) = 44 AND bool_and(o.n = p.n AND o.d = p.d) FROM ours o JOIN plain p USING (system)
