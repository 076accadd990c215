SELECT s.series, p.day, p.value, p.mean, p.lower, p.upper, p.near_lower, p.near_upper, p.moving_range, p.outside, p.trend,
       p.two_in_three, p.shift, p.rule, p.signal, p.conflict
  FROM (SELECT series, stp.spc(day, value) AS state FROM report GROUP BY series) s
 CROSS JOIN LATERAL stp.spc_points(s.state, 'higher', 'plotthedots unscreened') p
