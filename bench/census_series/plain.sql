-- As it is usually written. census_series_integer has a quicker form.
SELECT system, day::date AS day, count(*) AS occupied
  FROM spell,
       generate_series(greatest(start_date, date '2016-04-01'), least(end_date - 1, date '2017-03-31'), interval '1 day') AS day
 GROUP BY system, day
