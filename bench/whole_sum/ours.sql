SELECT system, stp.whole_sum(n) AS n, stp.whole_sum(d) AS d FROM report GROUP BY system
