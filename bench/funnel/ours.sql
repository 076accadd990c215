SELECT unit, (f).value, (f).z, (f).lower[1] AS lower_95, (f).upper[1] AS upper_95, (f).lower[2] AS lower_998, (f).upper[2] AS upper_998, (f).flag
  FROM (SELECT unit, stp.funnel(x, n, d, 'additive') AS f
          FROM practice, (SELECT stp.dispersion(x, n, 'arcsine') AS d FROM practice) cohort OFFSET 0) s
