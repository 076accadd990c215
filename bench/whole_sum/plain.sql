-- What says nothing of a NULL.
SELECT system, sum(n) AS n, sum(d) AS d FROM report GROUP BY system
