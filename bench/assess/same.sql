-- Plain SQL parts ties that differ in the last bit only (3,591 of the 216,519 rows); ours does not, so its ranks are
-- compared with those of the rounded scores.
SELECT (SELECT count(*) FROM plain) = (SELECT count(*) FROM ours WHERE score IS NOT NULL) AND count(*) = (SELECT count(*) FROM plain)
       AND bool_and(o.rank = p.tied_rank AND abs(o.score - p.score) <= 1e-9 * greatest(abs(p.score), 1)
                    AND abs(o.contribution - p.contribution) <= 1e-9 * greatest(abs(p.contribution), 1)
                    AND abs(o.effective_weight - p.effective_weight) <= 1e-9 AND abs(o.coverage - p.coverage) <= 1e-9)
  FROM ours o
  JOIN (SELECT *, rank() OVER (PARTITION BY node ORDER BY round(score::numeric, 9) DESC) AS tied_rank FROM plain) p USING (system, node)
