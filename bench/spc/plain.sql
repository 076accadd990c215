WITH ranged AS (
    SELECT series, day, value, abs(value - lag(value) OVER w) AS moving_range, sign(value - lag(value) OVER w)::int AS step
      FROM report
    WINDOW w AS (PARTITION BY series ORDER BY day)
), limited AS (
    SELECT *, avg(value) OVER w AS mean, 2.66 * avg(moving_range) OVER w AS three
      FROM ranged
    WINDOW w AS (PARTITION BY series ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
), placed AS (
    SELECT *, mean - three AS lower, mean + three AS upper, mean - three * 2 / 3 AS near_lower, mean + three * 2 / 3 AS near_upper,
           sign(value - mean)::int AS side,
           CASE WHEN value > mean + three THEN 1 WHEN value < mean - three THEN -1 ELSE 0 END AS outside,
           (abs(value - mean) > three * 2 / 3 AND abs(value - mean) <= three)::int AS near
      FROM limited
), found AS (
    SELECT *,
           sum(side) OVER (w ROWS 6 PRECEDING) / 7 AS shift_ends,
           sum(step) OVER (w ROWS 5 PRECEDING) / 6 AS trend_ends,
           CASE WHEN abs(sum(side) OVER w3) = 3 AND sum(near) OVER w3 >= 2 THEN 1 ELSE 0 END AS two_ends,
           coalesce(lead(step) OVER w, 0) AS next_step
      FROM placed
    WINDOW w AS (PARTITION BY series ORDER BY day), w3 AS (PARTITION BY series ORDER BY day ROWS 2 PRECEDING)
), flagged AS (
    SELECT *,
           CASE WHEN max(abs(shift_ends)) OVER w7 = 1 THEN side ELSE 0 END AS shift,
           CASE WHEN max(trend_ends) OVER w7 = 1 AND min(trend_ends) OVER w7 = -1 THEN next_step
                ELSE coalesce(max(trend_ends) OVER w7, 0) + coalesce(min(trend_ends) OVER w7, 0) END AS trend_sum,
           max(trend_ends) OVER w7 = 1 AND min(trend_ends) OVER w7 = -1 AS turns,
           near * side * max(two_ends) OVER (PARTITION BY series ORDER BY day ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) AS two_in_three
      FROM found
    WINDOW w7 AS (PARTITION BY series ORDER BY day ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING)
), ruled AS (
    SELECT *, sign(trend_sum)::int AS trend,
           CASE WHEN outside <> 0 THEN 'outside' WHEN trend_sum <> 0 THEN 'trend' WHEN two_in_three <> 0 THEN 'two in three'
                WHEN shift <> 0 THEN 'shift' END AS rule
      FROM flagged
)
SELECT series, day, value, mean, lower, upper, near_lower, near_upper, moving_range, outside, trend, two_in_three, shift, rule,
       CASE CASE rule WHEN 'outside' THEN outside WHEN 'trend' THEN trend WHEN 'two in three' THEN two_in_three ELSE shift END
            WHEN 1 THEN 'improvement' WHEN -1 THEN 'concern' ELSE 'common cause' END AS signal,
       turns OR (greatest(outside, trend, two_in_three, shift) = 1 AND least(outside, trend, two_in_three, shift) = -1) AS conflict
  FROM ruled
