-- Module estimate against PHEindicatormethods 2.1.0, over a grid of extremes, by properties over random input, and at its edges.
SELECT no_plan();

CREATE FUNCTION close_to(ours float8, expected float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= tolerance * abs(expected), false);

-- Whether a row has a finite value within its limits.
CREATE FUNCTION is_ordered(e stp.estimate) RETURNS boolean LANGUAGE sql
RETURN coalesce(e.status = 'ok' AND e.lower <= e.value AND e.value <= e.upper
                AND e.lower > '-Infinity' AND e.upper < 'Infinity', false);

-- Reference: every row ---------------------------------------------------------------------------------------

CREATE TABLE rate_grid (x float8, n float8, multiplier float8, confidence float8, value float8, lower float8, upper float8, method text);
CREATE TABLE proportion_grid (x float8, n float8, confidence float8, value float8, lower float8, upper float8, method text);
CREATE TABLE exact_count (x float8, confidence float8, lower float8, upper float8);
CREATE TABLE byar_count (LIKE exact_count);
CREATE TABLE mean_input (grp text, v float8);
CREATE TABLE mean_expected (grp text, total float8, n int, deviation float8, value float8,
                            lower_95 float8, upper_95 float8, lower_998 float8, upper_998 float8);
\copy rate_grid FROM 'test/fixtures/intervals/rate_grid.csv' (FORMAT csv, HEADER)
\copy proportion_grid FROM 'test/fixtures/intervals/proportion_grid.csv' (FORMAT csv, HEADER)
\copy exact_count FROM 'test/fixtures/intervals/poisson_exact_counts.csv' (FORMAT csv, HEADER)
\copy byar_count FROM 'test/fixtures/intervals/byars_counts.csv' (FORMAT csv, HEADER)
\copy mean_input FROM 'test/fixtures/intervals/mean_input.csv' (FORMAT csv, HEADER)
\copy mean_expected FROM 'test/fixtures/intervals/mean_expected.csv' (FORMAT csv, HEADER)

SELECT is((SELECT count(*) FROM rate_grid), 630::bigint, 'the reference has 630 rates');
SELECT is_empty($$
    SELECT g.*, r.* FROM rate_grid g, stp.rate(x, n, multiplier, confidence) r
     WHERE NOT (close_to(r.value, g.value) AND close_to(r.lower, g.lower) AND close_to(r.upper, g.upper) AND r.status = 'ok'
                AND r.method = CASE g.method WHEN 'Exact' THEN 'exact Poisson' WHEN 'Byars' THEN 'Byar' END)
$$, 'rate agrees in every row');
SELECT is_empty($$
    SELECT g.*, r.* FROM rate_grid g, stp.ratio(x, n, multiplier, confidence) r
     WHERE r IS DISTINCT FROM stp.rate(x, n, multiplier, confidence)
$$, 'ratio is rate over the expected events');
SELECT is((SELECT count(*) FROM proportion_grid), 91::bigint, 'the reference has 91 proportions');
SELECT is_empty($$
    SELECT g.*, p.* FROM proportion_grid g, stp.proportion(x, n, confidence => g.confidence) p
     WHERE NOT (close_to(p.value, g.value) AND close_to(p.lower, g.lower) AND close_to(p.upper, g.upper)
                AND p.status = 'ok' AND p.method = g.method)
$$, 'proportion agrees in every row');
SELECT is((SELECT count(*) FROM exact_count WHERE x < 10), 20::bigint, 'the reference has 20 exact counts below 10');
SELECT is_empty($$
    SELECT c.*, r.* FROM exact_count c, stp.rate(x, 1, 1, confidence) r
     WHERE x < 10 AND NOT (close_to(r.lower, c.lower) AND close_to(r.upper, c.upper))
$$, 'exact limits of a count agree in every row below 10');
SELECT is((SELECT count(*) FROM byar_count WHERE x >= 10), 60::bigint, 'the reference has 60 of Byar''s limits from 10');
SELECT is_empty($$
    SELECT c.*, r.* FROM byar_count c, stp.rate(x, 1, 1, confidence) r
     WHERE x >= 10 AND NOT (close_to(r.lower, c.lower) AND close_to(r.upper, c.upper))
$$, 'Byar''s limits of a count agree in every row from 10');

CREATE VIEW group_mean AS
SELECT grp, stp.mean(count(v), avg(v), stddev_samp(v)) AS at_95, stp.mean(count(v), avg(v), stddev_samp(v), 0.998) AS at_998
  FROM mean_input GROUP BY grp;
SELECT is((SELECT count(*) FROM mean_expected), 14::bigint, 'the reference has 14 means');
SELECT is_empty($$
    SELECT * FROM mean_expected e FULL JOIN group_mean g USING (grp)
     WHERE NOT coalesce(close_to((at_95).value, value) AND close_to((at_95).lower, lower_95)
                        AND close_to((at_95).upper, upper_95) AND close_to((at_998).lower, lower_998)
                        AND close_to((at_998).upper, upper_998) AND (at_95).method = 'Student t', false)
$$, 'mean over the built-in aggregates agrees in every group');

-- Extremes ---------------------------------------------------------------------------------------------------

CREATE TABLE extreme AS
SELECT events, population, confidence
  FROM unnest('{0,1e-3,0.5,1,9,9.999,10,1e9,1e15}'::float8[]) events, unnest('{1e-3,1,1e15}'::float8[]) population,
       unnest('{1e-6,0.5,0.95,0.998,0.999999,0.9999999999}'::float8[]) confidence;

-- Every function over the grid, its rows from narrow to wide.
CREATE VIEW extreme_estimate AS
SELECT 'rate' AS fn, concat_ws(' ', events, population) AS input, confidence, stp.rate(events, population, confidence => confidence) AS e
  FROM extreme
UNION ALL SELECT 'ratio', concat_ws(' ', events, population), confidence, stp.ratio(events, population, confidence => confidence) FROM extreme
UNION ALL SELECT 'proportion', concat_ws(' ', events, population), confidence, stp.proportion(events, population, confidence => confidence)
  FROM extreme WHERE events <= population
UNION ALL SELECT 'proportion of all', concat_ws(' ', population), confidence, stp.proportion(population, population, confidence => confidence)
  FROM extreme
UNION ALL SELECT 'mean', concat_ws(' ', n, events, population), confidence, stp.mean(n, events, population, confidence)
  FROM extreme, unnest('{2,3,10,1000000000,1000000000000000}'::bigint[]) n
UNION ALL SELECT 'rate_difference', concat_ws(' ', x.events, x.population, y.events, y.population), confidence,
       stp.rate_difference(x.events, x.population, y.events, y.population, confidence => confidence)
  FROM extreme x JOIN extreme y USING (confidence)
UNION ALL SELECT 'rate_ratio', concat_ws(' ', x.events, x.population, y.events, y.population), confidence,
       stp.rate_ratio(x.events, x.population, y.events, y.population, confidence => confidence)
  FROM extreme x JOIN extreme y USING (confidence) WHERE y.events >= 0.5;

CREATE TABLE extreme_row AS
SELECT *, lag(e) OVER (PARTITION BY fn, input ORDER BY confidence) AS narrower FROM extreme_estimate;
SELECT is((SELECT count(DISTINCT fn) FROM extreme_row), 7::bigint, 'the grid has every function');
SELECT is_empty('SELECT fn, input, confidence, e FROM extreme_row WHERE NOT is_ordered(e)', 'extremes: finite and ordered');
SELECT is_empty('SELECT fn, input, confidence, e, narrower FROM extreme_row
                  WHERE (e).lower > (narrower).lower OR (e).upper < (narrower).upper', 'extremes: monotone in confidence');
SELECT is_empty($$SELECT fn, input, confidence, e FROM extreme_row WHERE fn IN ('rate', 'proportion') AND (e).lower < 0
                  OR fn LIKE 'proportion%' AND (e).upper > 1$$, 'extremes: counts stay positive and proportions below 1');

-- Properties over random input ---------------------------------------------------------------------------------

-- From 1e-3 to 1e9 on a logarithmic scale, whole in one row of two.
SELECT setseed(0.5);
CREATE TABLE random_input AS
SELECT CASE WHEN whole THEN ceil(a) ELSE a END AS a, CASE WHEN whole THEN ceil(b) ELSE b END AS b, c, d, confidence
  FROM (SELECT 10 ^ (random() * 12 - 3) AS a, 10 ^ (random() * 12 - 3) AS b, 10 ^ (random() * 12 - 3) AS c,
               10 ^ (random() * 12 - 3) AS d, random() * 0.9998 + 0.0001 AS confidence, i % 2 = 0 AS whole
          FROM generate_series(1, 5000) i) s;

SELECT is_empty($$
    SELECT * FROM random_input, stp.rate(a, b, 1, confidence) r WHERE NOT is_ordered(r) OR r.value <> a / b
$$, 'random rates are ordered');
SELECT is_empty($$
    SELECT * FROM random_input, stp.rate(a, b, 1, confidence) r, stp.rate(a, b * c, d, confidence) s
     WHERE r.lower > 1e-250 AND NOT (close_to(s.lower, r.lower / c * d, 1e-12) AND close_to(s.upper, r.upper / c * d, 1e-12))
$$, 'limits of a rate scale with population and per');
SELECT is_empty($$
    SELECT * FROM random_input, stp.proportion(least(a, b), greatest(a, b), 1, confidence) p,
           stp.proportion(greatest(a, b) - least(a, b), greatest(a, b), 1, confidence) q
     WHERE NOT (is_ordered(p) AND close_to(p.value + q.value, 1, 1e-12) AND close_to(p.lower + q.upper, 1, 1e-12)
                AND close_to(p.upper + q.lower, 1, 1e-12) AND p.lower >= 0 AND p.upper <= 1)
$$, 'limits of a proportion and of the rest mirror each other');
-- At the limit of Wilson, the distance to the share is z standard errors of the limit itself.
SELECT is_empty($$
    SELECT * FROM random_input, stp.proportion(least(a, b), greatest(a, b), 1, 0.95) p
     WHERE p.upper < 1 AND p.upper > p.value * (1 + 1e-6)
       AND NOT close_to((p.upper - p.value) ^ 2 * greatest(a, b) / (p.upper * (1 - p.upper)), 1.959963984540054 ^ 2, 1e-6)
$$, 'the upper limit of a proportion solves the equation of the score test');
SELECT is_empty($$
    SELECT * FROM random_input, stp.mean(2 + floor(b)::bigint, a, c, confidence) m
     WHERE NOT (is_ordered(m) AND abs((m.upper - a) - (a - m.lower)) <= 1e-14 * abs(a) + 1e-14 * m.upper)
$$, 'limits of a mean are symmetrical');
SELECT is_empty($$
    SELECT * FROM random_input, stp.rate_difference(a, b, c, d, 1, confidence) e, stp.rate_difference(c, d, a, b, 1, confidence) f
     WHERE NOT (is_ordered(e) AND e.value = -f.value AND e.lower = -f.upper AND e.upper = -f.lower)
$$, 'a difference changes its sign with the groups');
SELECT is_empty($$
    SELECT * FROM random_input, stp.rate_difference(a, b, a, b, 1, confidence) e WHERE NOT (is_ordered(e) AND e.value = 0)
$$, 'the difference of a rate from itself holds 0');
SELECT is_empty($$
    SELECT * FROM random_input, stp.rate_difference(a, b, c, d, 1, confidence) e,
           stp.rate(a, b, 1, confidence) r, stp.rate(c, d, 1, confidence) s
     WHERE NOT abs(e.upper - (r.value - s.value + sqrt((r.upper - r.value) ^ 2 + (s.value - s.lower) ^ 2)))
               <= 1e-14 * (r.upper + s.upper)
$$, 'a difference has the limits that Zou and Donner derive from those of the rates');
SELECT is_empty($$
    SELECT * FROM random_input, stp.difference(stp.rate(a, b, 1, confidence), stp.rate(c, d, 1, confidence)) e
     WHERE e IS DISTINCT FROM stp.rate_difference(a, b, c, d, 1, confidence)
$$, 'the difference of two rates is that of their counts');
-- With a correlation r the square of the way to a limit is a^2 + b^2 - 2rab.
SELECT is_empty($$
    SELECT * FROM random_input, stp.rate(a, b, 1, confidence) x, stp.rate(c, d, 1, confidence) y,
           unnest('{-1,-0.9,0.1,0.5,0.99}'::float8[]) r, stp.difference(x, y, r) e
     WHERE NOT (is_ordered(e) AND e.value = x.value - y.value
                AND abs(e.lower - (e.value - sqrt((x.value - x.lower) ^ 2 + (y.upper - y.value) ^ 2
                                                  - 2 * r * (x.value - x.lower) * (y.upper - y.value)))) <= 1e-12 * (x.upper + y.upper)
                AND abs(e.upper - (e.value + sqrt((x.upper - x.value) ^ 2 + (y.value - y.lower) ^ 2
                                                  - 2 * r * (x.upper - x.value) * (y.value - y.lower)))) <= 1e-12 * (x.upper + y.upper))
$$, 'a difference of estimates that are correlated');
-- Newcombe, Statistics in Medicine 17, 1998, pages 873 to 890, table II: method 10, to four decimals.
SELECT ok(abs(e.lower - t.lower) < 0.00005 AND abs(e.upper - t.upper) < 0.00005, format('Newcombe: %s of %s and %s of %s', a, b, c, d))
  FROM (VALUES (56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (6, 7, 2, 7, 0.0582, 0.8062), (5, 56, 0, 29, -0.0381, 0.1926),
               (0, 10, 0, 20, -0.1611, 0.2775), (0, 10, 0, 10, -0.2775, 0.2775), (10, 10, 0, 20, 0.6791, 1), (10, 10, 0, 10, 0.6075, 1))
       t(a, b, c, d, lower, upper), stp.difference(stp.proportion(a, b), stp.proportion(c, d)) e;
SELECT is_empty($$
    SELECT * FROM random_input, stp.rate_ratio(a + 0.5, b, c + 0.5, d, 1, confidence) e,
           stp.rate_ratio(c + 0.5, d, a + 0.5, b, 1, confidence) f
     WHERE NOT (is_ordered(e) AND close_to(e.value, 1 / f.value, 1e-12) AND close_to(e.lower, 1 / f.upper, 1e-12)
                AND close_to(e.upper, 1 / f.lower, 1e-12))
$$, 'a ratio is the reciprocal of the groups swapped');
SELECT is_empty($$
    SELECT * FROM random_input, stp.rate_ratio(a + 0.5, b, a + 0.5, b, 1, confidence) e WHERE NOT (is_ordered(e) AND e.value = 1)
$$, 'the ratio of a rate to itself is 1');

-- Exact limits, by the distributions that define them ----------------------------------------------------------

-- Of n + m events, at least n fall to the first group with the probability tail at the lower limit.
CREATE FUNCTION binomial_upper_tail(n int, m int, share float8) RETURNS float8 LANGUAGE sql
RETURN (SELECT sum((factorial(n + m) / (factorial(k) * factorial(n + m - k)))::float8 * share ^ k * (1 - share) ^ (n + m - k))
          FROM generate_series(n, n + m) k);
SELECT is_empty($$
    SELECT n, m, r, lower_odds FROM generate_series(0, 20) n, generate_series(1, 20) m, stp.rate_ratio(n, 3, m, 7, 1, 0.9) r,
           LATERAL (SELECT r.lower * 3 / 7 AS lower_odds, r.upper * 3 / 7 AS upper_odds) o
     WHERE NOT (n = 0 AND r.lower = 0 OR n > 0 AND close_to(binomial_upper_tail(n, m, lower_odds / (1 + lower_odds)), 0.05))
        OR NOT close_to(1 - binomial_upper_tail(n + 1, m - 1, upper_odds / (1 + upper_odds)), 0.05)
$$, 'limits of a ratio are those of Clopper and Pearson');
SELECT is_empty($$
    SELECT n, c, r FROM generate_series(0, 9) n, unnest('{0.5,0.9,0.998}'::float8[]) c, stp.rate(n, 1, 1, c) r
     WHERE NOT close_to((SELECT sum(exp(-r.upper) * r.upper ^ k / factorial(k)::float8) FROM generate_series(0, n) k), (1 - c) / 2)
        OR n > 0 AND NOT close_to(1 - (SELECT sum(exp(-r.lower) * r.lower ^ k / factorial(k)::float8)
                                         FROM generate_series(0, n - 1) k), (1 - c) / 2)
$$, 'exact limits of a rate are those of Garwood');
SELECT ok(close_to((stp.rate(0, 1, 1, 0.95)).upper, -ln(0.025), 1e-13), 'no events: the upper limit is -ln of the tail');
SELECT ok(close_to((stp.mean(2, 0, sqrt(2), 0.5)).upper, 1, 1e-13), 'one degree of freedom: half of Cauchy lies within 1');
SELECT ok(close_to((stp.mean(3, 0, sqrt(3), 0.8)).upper, 0.8 * sqrt(2 / (1 - 0.8 ^ 2)), 1e-13), 'two degrees of freedom: closed form');
SELECT ok(close_to((stp.mean(1000000000001, 0, 1e6)).upper, 1.959963984540054, 1e-11), 'many degrees of freedom: normal');

-- Choice of method, defaults ------------------------------------------------------------------------------------

SELECT is((stp.rate(events, 1)).method, expected, format('method for %s events', events))
  FROM (VALUES (0, 'exact Poisson'), (9, 'exact Poisson'), (9.999, 'exact Poisson'), (10, 'Byar')) t(events, expected);
SELECT is(stp.rate(3, 700), stp.rate(3, 700, 100000, 0.95), 'defaults of rate');
SELECT is(stp.proportion(3, 700), stp.proportion(3, 700, 1, 0.95), 'defaults of proportion');
SELECT is(stp.ratio(3, 700), stp.ratio(3, 700, 1, 0.95), 'defaults of ratio');
SELECT is(stp.mean(3, 7, 2), stp.mean(3, 7, 2, 0.95), 'defaults of mean');
SELECT is(stp.rate_difference(3, 70, 2, 50), stp.rate_difference(3, 70, 2, 50, 100000, 0.95), 'defaults of rate_difference');
SELECT is(stp.rate_ratio(3, 70, 2, 50), stp.rate_ratio(3, 70, 2, 50, 1, 0.95), 'defaults of rate_ratio');
SELECT is((stp.rate(17, 100000)).value, 17::float8, 'whole rates stay whole');
SELECT is((stp.rate(1e300, 1e305, 1e9)).value, 1e4::float8, 'no overflow on the way');

-- Statuses: no error, and the batch goes on ----------------------------------------------------------------------

SELECT is((e).status, expected, call) FROM (VALUES
    ('rate(NULL, 5)', stp.rate(NULL, 5), 'no data'), ('rate(5, NULL)', stp.rate(5, NULL), 'no data'),
    ('rate(NULL, 0)', stp.rate(NULL, 0), 'no data'),
    ('rate(5, 0)', stp.rate(5, 0), 'zero denominator'), ('rate(0, 0)', stp.rate(0, 0), 'zero denominator'),
    ('rate(5, -0)', stp.rate(5, '-0'), 'zero denominator'),
    ('ratio(NULL, 5)', stp.ratio(NULL, 5), 'no data'), ('ratio(5, 0)', stp.ratio(5, 0), 'zero denominator'),
    ('proportion(NULL, 5)', stp.proportion(NULL, 5), 'no data'), ('proportion(5, NULL)', stp.proportion(5, NULL), 'no data'),
    ('proportion(0, 0)', stp.proportion(0, 0), 'zero denominator'),
    ('mean(0, NULL, NULL)', stp.mean(0, NULL, NULL), 'no data'), ('mean(NULL, 1, 1)', stp.mean(NULL, 1, 1), 'no data'),
    ('mean(5, NULL, 1)', stp.mean(5, NULL, 1), 'no data'), ('mean(5, 1, NULL)', stp.mean(5, 1, NULL), 'no data'),
    ('rate_difference(NULL, 1, 1, 1)', stp.rate_difference(NULL, 1, 1, 1), 'no data'),
    ('rate_difference(1, 0, 1, NULL)', stp.rate_difference(1, 0, 1, NULL), 'no data'),
    ('rate_difference(1, 0, 1, 1)', stp.rate_difference(1, 0, 1, 1), 'zero denominator'),
    ('rate_difference(1, 1, 1, 0)', stp.rate_difference(1, 1, 1, 0), 'zero denominator'),
    ('rate_ratio(1, 1, 1, NULL)', stp.rate_ratio(1, 1, 1, NULL), 'no data'),
    ('rate_ratio(1, 0, 1, 1)', stp.rate_ratio(1, 0, 1, 1), 'zero denominator'),
    ('rate_ratio(1, 1, 1, 0)', stp.rate_ratio(1, 1, 1, 0), 'zero denominator'),
    ('rate_ratio(1, 1, 0, 1)', stp.rate_ratio(1, 1, 0, 1), 'zero denominator')) t(call, e, expected)
 WHERE (e).value IS NULL AND (e).lower IS NULL AND (e).upper IS NULL AND (e).method IS NULL;
SELECT is(stp.mean(1, 7, NULL), row(7, NULL, NULL, NULL, 'too few')::stp.estimate, 'one value: the mean without limits');
SELECT is(stp.rate_ratio(5, 1, 1e-3, 1), row(5000, NULL, NULL, NULL, 'too few')::stp.estimate,
          'a thousandth of an event: the ratio without limits');
SELECT is(stp.mean(2, 7, 0), row(7, 7, 7, 'Student t', 'ok')::stp.estimate, 'equal values: no width');
SELECT ok(e.value = 0 AND e.lower = 0 AND close_to(e.upper, 0.025 ^ (-0.2) - 1),
          'no events in the first group: the ratio is 0, and its upper limit has a closed form') FROM stp.rate_ratio(0, 1, 5, 1) e;
SELECT is((stp.rate('-0', 5)).value::text, '0', 'no negative zero');
SELECT is((SELECT array_agg((stp.rate(n, d)).status ORDER BY i)
             FROM (VALUES (1, 5, 10), (2, 5, 0), (3, NULL, 10), (4, 12, 10)) t(i, n, d)),
          '{ok,zero denominator,no data,ok}', 'statuses side by side');
SELECT is((SELECT status FROM stp.rate((SELECT sum(x) FROM extreme_row, unnest('{}'::float8[]) x), 10)), 'no data', 'sum over no rows');

-- A difference needs two values, and for limits those of both; it says what it has not.
SELECT is(stp.difference(one, other), row(value, lower, upper, method, status)::stp.estimate, format('difference of %s and %s', one, other))
  FROM (VALUES (row(5, 4, 6, 'Byar', 'ok')::stp.estimate, row(3, 3, 3, NULL, NULL)::stp.estimate, 2, 1, 3, 'Zou-Donner', 'ok'),
               (stp.mean(1, 7, NULL), stp.mean(2, 7, 0), 0, NULL, NULL, NULL, 'too few'), (stp.mean(2, 7, 0), stp.mean(1, 6, NULL), 1, NULL, NULL, NULL, 'too few'),
               (row(5, 4, NULL, NULL, 'ok')::stp.estimate, row(5, 4, 6, NULL, 'ok')::stp.estimate, 0, NULL, NULL, NULL, 'too few'),
               (stp.rate(5, 0), stp.rate(5, 1), NULL, NULL, NULL, NULL, 'zero denominator'), (stp.rate(5, 1), stp.rate(5, 0), NULL, NULL, NULL, NULL, 'zero denominator'),
               (stp.rate(5, 0), NULL, NULL, NULL, NULL, NULL, 'zero denominator'), (NULL, stp.rate(5, 1), NULL, NULL, NULL, NULL, 'no data'), (NULL, NULL, NULL, NULL, NULL, NULL, 'no data'),
               (row(NULL, NULL, NULL, NULL, 'suppressed')::stp.estimate, stp.rate(5, 1), NULL, NULL, NULL, NULL, 'suppressed'),
               (row(NULL, 1, 2, NULL, 'ok')::stp.estimate, stp.rate(5, 1), NULL, NULL, NULL, NULL, 'no data'),
               (row(100, 90, 99.9999999999999, NULL, 'ok')::stp.estimate, row(100, 90, 100, NULL, 'ok')::stp.estimate, 0, -10, 10, 'Zou-Donner', 'ok'))
       t(one, other, value, lower, upper, method, status);
SELECT is(stp.difference(row(5, 4, 6, NULL, NULL), row(5, 4, 6, NULL, NULL), 1), row(0, 0, 0, 'Zou-Donner', 'ok')::stp.estimate, 'of the same data nothing differs');
SELECT is(stp.difference(stp.rate(5, 1), stp.rate(3, 1)), stp.difference(stp.rate(5, 1), stp.rate(3, 1), 0), 'default of difference');

SELECT is(stp.compare(row(5, 4, 6, 'Byar', 'ok'), reference), expected, format('4 to 6 beside %s', reference))
  FROM (VALUES (3.9, 'higher'), (4, 'similar'), (5, 'similar'), (6, 'similar'), (6.1, 'lower')) t(reference, expected);
SELECT is(stp.compare(stp.rate(5, 0), 1), NULL, 'compare: no limits');
SELECT is(stp.compare(stp.mean(1, 7, NULL), 1), NULL, 'compare: a value without limits');
SELECT is(stp.compare(NULL, 1), NULL, 'compare: no estimate');
SELECT is(stp.compare(stp.rate(5, 1), NULL), NULL, 'compare: no reference');

-- Bad input ----------------------------------------------------------------------------------------------------

-- Every count of every function, every bad value.
SELECT throws_ok(format('SELECT stp.%s', replace(replace(call, '$', format('%L', bad)), '?', '5')), '22023',
                 format(message, argument, bad), format('%s with %s', call, bad))
  FROM (VALUES ('rate($, ?)', 'events'), ('rate(?, $)', 'population'), ('rate($, NULL)', 'events'), ('rate($, 0)', 'events'),
               ('ratio($, ?)', 'observed'), ('ratio(?, $)', 'expected'),
               ('proportion($, ?)', 'numerator'), ('proportion(?, $)', 'denominator'), ('mean(5, ?, $)', 'stddev'),
               ('rate_difference($, ?, ?, ?)', 'events_1'), ('rate_difference(?, $, ?, ?)', 'population_1'),
               ('rate_difference(?, ?, $, ?)', 'events_2'), ('rate_difference(?, ?, ?, $)', 'population_2'),
               ('rate_ratio($, ?, ?, ?)', 'events_1'), ('rate_ratio(?, $, ?, ?)', 'population_1'),
               ('rate_ratio(?, ?, $, ?)', 'events_2'), ('rate_ratio(?, ?, ?, $)', 'population_2')) c(call, argument),
       (VALUES ('-1', '%s must not be negative, but is "%s"'), ('NaN', '%s must be a finite number, not "%s"'),
               ('Infinity', '%s must be a finite number, not "%s"'), ('-Infinity', '%s must be a finite number, not "%s"')) b(bad, message);
SELECT throws_ok(format('SELECT stp.%s', replace(call, '$', coalesce(quote_literal(bad), 'NULL'))), '22023',
                 format(message, bad), format('%s with per %s', call, bad))
  FROM unnest('{"rate(1, 2, $)","ratio(1, 2, $)","proportion(1, 2, $)","rate_difference(1, 2, 3, 4, $)","rate_ratio(1, 2, 3, 4, $)","rate(NULL, 2, $)"}'::text[]) call,
       (VALUES ('0', 'per must be positive, not "%s"'), ('-5', 'per must be positive, not "%s"'), (NULL, 'per must not be null'),
               ('NaN', 'per must be a finite number, not "%s"'), ('Infinity', 'per must be a finite number, not "%s"')) b(bad, message);
SELECT throws_ok(format('SELECT stp.%s', replace(call, '$', coalesce(quote_literal(bad), 'NULL'))), '22023',
                 format(message, bad), format('%s with confidence %s', call, bad))
  FROM unnest('{"rate(1, 2, 1, $)","ratio(1, 2, 1, $)","proportion(1, 2, 1, $)","mean(3, 2, 1, $)","rate_difference(1, 2, 3, 4, 1, $)","rate_ratio(1, 2, 3, 4, 1, $)","mean(NULL, NULL, NULL, $)"}'::text[]) call,
       (VALUES ('0', 'confidence must be between 0 and 1, not "%s"'), ('1', 'confidence must be between 0 and 1, not "%s"'),
               ('95', 'confidence must be between 0 and 1, not "%s"'), ('-0.5', 'confidence must be between 0 and 1, not "%s"'),
               (NULL, 'confidence must not be null'), ('NaN', 'confidence must be a finite number, not "%s"')) b(bad, message);
SELECT throws_ok(format('SELECT stp.%s', call), state, message, call)
  FROM (VALUES ('proportion(6, 5)', '22023', 'numerator "6" is above denominator "5"'),
               ('proportion(1, 0)', '22023', 'numerator "1" is above denominator "0"'),
               ('mean(-1, 0, 0)', '22023', 'n must not be negative, but is "-1"'),
               ('mean(5, ''NaN'', 0)', '22023', 'mean must be a finite number, not "NaN"'),
               ('compare(stp.rate(1, 1), ''NaN'')', '22023', 'reference must be a finite number, not "NaN"'),
               ('difference(row(5, 6, 7, NULL, NULL), stp.rate(5, 1))', '22023', 'value "5" of estimate_1 does not lie within its limits'),
               ('difference(stp.rate(5, 1), row(5, 3, 4, NULL, NULL))', '22023', 'value "5" of estimate_2 does not lie within its limits'),
               ('difference(row(''NaN'', 6, 7, NULL, NULL), stp.rate(5, 1))', '22023', 'estimate_1 must be a finite number, not "NaN"'),
               ('difference(stp.rate(5, 1), row(5, ''-Infinity'', 7, NULL, NULL))', '22023', 'estimate_2 must be a finite number, not "-Infinity"'),
               ('difference(stp.rate(5, 1), stp.rate(5, 1), 1.1)', '22023', 'correlation must be from -1 to 1, not "1.1"'),
               ('difference(stp.rate(5, 1), stp.rate(5, 1), NULL)', '22023', 'correlation must not be null'),
               ('difference(stp.rate(5, 1), stp.rate(5, 1), ''NaN'')', '22023', 'correlation must be a finite number, not "NaN"'),
               ('difference(row(1e308, 0, 1e308, NULL, NULL), row(-1e308, -1e308, 0, NULL, NULL))', '22003', 'value out of range: overflow'),
               ('rate(1e300, 1e-300)', '22003', 'value out of range: overflow'),
               ('ratio(1e300, 1, 1e300)', '22003', 'value out of range: overflow'),
               ('mean(2, 1e308, 1e308)', '22003', 'value out of range: overflow'),
               ('rate_difference(1e300, 1e-300, 1e300, 1e-300)', '22003', 'value out of range: overflow'),
               ('rate_ratio(0, 1e-300, 1, 1e300)', '22003', 'value out of range: overflow'),
               ('rate_ratio(1e300, 1e-300, 1, 1e300)', '22003', 'value out of range: overflow')) t(call, state, message);

-- In parallel, over partitions, as windows, filtered ----------------------------------------------------------------

CREATE TABLE event (region int, n int, d int) PARTITION BY LIST (region);
CREATE TABLE event_a PARTITION OF event FOR VALUES IN (0, 1);
CREATE TABLE event_b PARTITION OF event DEFAULT;
INSERT INTO event SELECT i % 5, i % 7, 10 FROM generate_series(1, 20000) i;
ANALYZE event;
\i test/pgtap/plan_of.psql
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS SELECT region, stp.rate(sum(n), sum(d)) AS e FROM event GROUP BY region;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET enable_partitionwise_aggregate = on;
SELECT matches(plan_of('SELECT region, stp.rate(sum(n), sum(d)) FROM event GROUP BY region'),
               'Finalize.*Gather.*Partial.*Parallel Seq Scan', 'a rate over sums is computed in parallel');
SELECT results_eq('SELECT region, stp.rate(sum(n), sum(d)) AS e FROM event GROUP BY region ORDER BY region',
                  'SELECT region, e FROM serial ORDER BY region', 'the parallel answer is the serial one');
SELECT matches(plan_of('SELECT count(*) FROM event WHERE (stp.rate(n, d)).lower > 0'), 'Gather.*Filter: .*rate',
               'workers compute rates');
SELECT is((SELECT count(*) FROM event WHERE (stp.rate(n, d)).lower > 0), (SELECT count(*) FROM event WHERE n > 0),
          'and find what the leader would');
RESET ALL;
SELECT is(stp.rate(sum(n) FILTER (WHERE region = 9), sum(d)), row(NULL, NULL, NULL, NULL, 'no data')::stp.estimate,
          'a filter that leaves nothing') FROM event;
SELECT is((SELECT array_agg((e).value ORDER BY i)
             FROM (SELECT i, stp.rate(sum(i) OVER (ORDER BY i), sum(10) OVER (ORDER BY i), 1) AS e FROM generate_series(1, 3) i) s),
          '{0.1,0.15,0.2}', 'running rates');

SELECT * FROM finish();
