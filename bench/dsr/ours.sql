SELECT area, (d).value, (d).lower, (d).upper, (d).status
  FROM (SELECT area, stp.dsr(stp.standardise(events, population, weight)) AS d
          FROM band JOIN standard USING (band) GROUP BY area OFFSET 0) s
