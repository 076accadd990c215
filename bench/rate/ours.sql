SELECT system, stp.rate(sum(n), sum(d)) AS rate FROM report GROUP BY system
