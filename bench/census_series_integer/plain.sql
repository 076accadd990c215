-- The quickest form we know: over integers, because generate_series over dates goes by way of timestamps.
SELECT system, date '2016-04-01' + day AS day, count(*) AS occupied
  FROM spell, generate_series(greatest(start_date - date '2016-04-01', 0), least(end_date - date '2016-04-01', 365) - 1) AS day
 GROUP BY system, day
