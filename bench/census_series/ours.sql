SELECT system, day, occupied
  FROM (SELECT system, stp.census(start_date, end_date, '[2016-04-01,2017-04-01)') FROM spell GROUP BY system) s,
       stp.daily(census)
