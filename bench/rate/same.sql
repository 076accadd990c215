SELECT count(*) = 44 AND bool_and(abs((o.rate).value - p.rate) <= 1e-12 * p.rate) FROM ours o JOIN plain p USING (system)
