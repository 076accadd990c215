-- Module standardise against PHEindicatormethods 2.1.0, over every plan an aggregate can meet, and with hostile states.
SELECT no_plan();

CREATE FUNCTION close_to(ours float8, expected float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= tolerance * abs(expected), false);

-- The numbers in the text of a state, and its variance per person (plain form).
CREATE FUNCTION field(state stp.standardised) RETURNS float8[] LANGUAGE sql
RETURN string_to_array(trim('(' FROM split_part(state::text, ')', 1)), ',')::float8[];
CREATE FUNCTION variance(state stp.standardised) RETURNS float8 LANGUAGE sql
RETURN ((field(state))[10] + (field(state))[11]) / ((field(state))[4] + (field(state))[5]) ^ 2;

-- What every route must agree on: the rate and its limits, and how the rows were counted.
CREATE FUNCTION close_to(ours stp.standardised, expected stp.standardised, tolerance float8 DEFAULT 1e-12) RETURNS boolean
LANGUAGE sql RETURN close_to((stp.dsr(ours)).value, (stp.dsr(expected)).value, tolerance)
   AND close_to((stp.dsr(ours)).lower, (stp.dsr(expected)).lower, tolerance)
   AND close_to((stp.dsr(ours)).upper, (stp.dsr(expected)).upper, tolerance)
   AND (stp.dsr(ours)).status = (stp.dsr(expected)).status
   AND (field(ours))[1:3] = (field(expected))[1:3]
   AND split_part(ours::text, ')(', 2) = split_part(expected::text, ')(', 2);

-- Reference: direct standardisation ------------------------------------------------------------------------

CREATE TABLE input (area text, ageband text, band_no int, count float8, pop float8, stdpop float8);
CREATE TABLE expected (area text, total_count float8, total_pop float8, value float8, lower95 float8, upper95 float8,
    lower998 float8, upper998 float8, statistic text, value_per1000 float8, lower90_per1000 float8, upper90_per1000 float8,
    variance float8, value_unsuppressed float8, lower95_unsuppressed float8, upper95_unsuppressed float8);
\copy input FROM 'test/fixtures/standardised/dsr_input.csv' (FORMAT csv, HEADER)
\copy expected FROM 'test/fixtures/standardised/dsr_expected.csv' (FORMAT csv, HEADER)
CREATE TABLE state AS SELECT area, stp.standardise(count, pop, stdpop) AS state FROM input GROUP BY area;

SELECT is((SELECT count(*) FROM expected), 63::bigint, 'the reference has 63 areas');
SELECT is_empty($$
    SELECT * FROM (SELECT area, (stp.dsr(state)).*, stp.dsr(state, confidence => 0.998) AS wide FROM state) d
             FULL JOIN expected e USING (area)
     WHERE (close_to(d.value, e.value) AND close_to(d.lower, lower95) AND close_to(d.upper, upper95)
            AND close_to((d.wide).value, e.value) AND close_to((d.wide).lower, lower998) AND close_to((d.wide).upper, upper998)
            AND d.status = CASE WHEN total_count < 10 THEN 'suppressed' ELSE 'ok' END) IS NOT TRUE
$$, 'rates and their limits agree in every area');
SELECT is_empty($$
    SELECT * FROM (SELECT area, (stp.dsr(state, 1000, 0.9)).* FROM state) d FULL JOIN expected e USING (area)
     WHERE (close_to(d.value, value_per1000) AND close_to(d.lower, lower90_per1000) AND close_to(d.upper, upper90_per1000)) IS NOT TRUE
$$, 'so do they per 1,000 and at 90%');
SELECT is_empty($$
    SELECT * FROM state FULL JOIN expected e USING (area)
     WHERE (close_to(variance(state), e.variance) AND close_to((field(state))[6] + (field(state))[7], total_count)) IS NOT TRUE
$$, 'so do the variance and the events in the state');
SELECT is_empty($$
    SELECT * FROM (SELECT area, (stp.dsr(state, minimum_events => 0)).* FROM state) d FULL JOIN expected e USING (area)
     WHERE (close_to(d.value, value_unsuppressed)
            AND (total_count < 10 OR close_to(d.lower, lower95_unsuppressed) AND close_to(d.upper, upper95_unsuppressed))) IS NOT TRUE
$$, 'so do they unsuppressed');

CREATE TABLE edge (area text, band_no int, count float8, pop float8, stdpop float8);
CREATE TABLE edge_expected (area text, total_count float8, total_pop float8, value float8, lower95 float8, upper95 float8,
                            lower998 float8, upper998 float8, statistic text);
\copy edge FROM 'test/fixtures/standardised/dsr_edge_input.csv' (FORMAT csv, HEADER)
\copy edge_expected FROM 'test/fixtures/standardised/dsr_edge_expected.csv' (FORMAT csv, HEADER)
SELECT is((SELECT count(*) FROM edge_expected), 13::bigint, 'the reference has 13 edge cases');
SELECT ok(coalesce(close_to(d.value, e.value) AND close_to(d.lower, lower95) AND close_to(d.upper, upper95)
                   AND close_to((d.wide).lower, lower998) AND close_to((d.wide).upper, upper998)
                   AND d.status = CASE WHEN total_count < 10 THEN 'suppressed' ELSE 'ok' END, false), 'edge: ' || area)
  FROM (SELECT area, (stp.dsr(state)).*, stp.dsr(state, confidence => 0.998) AS wide
          FROM (SELECT area, stp.standardise(coalesce(count, 0), pop, stdpop) AS state FROM edge GROUP BY area) s) d
  FULL JOIN edge_expected e USING (area);
SELECT is((stp.dsr(stp.standardise(count, pop, stdpop))).status, 'no data', 'a missing count is none until the query says 0')
  FROM edge WHERE area = 'na_counts_as_zero';

-- Reference: repeated events ------------------------------------------------------------------------------

CREATE TABLE person (area text, ageband text, band_no int, eventfreq int, persons float8, pop float8, stdpop float8);
CREATE TABLE person_expected (area text, total_count float8, total_pop float8, value float8, lower95 float8, upper95 float8,
                              lower998 float8, upper998 float8, method text);
\copy person FROM 'test/fixtures/standardised/dsr_nonindep_input.csv' (FORMAT csv, HEADER)
\copy person_expected FROM 'test/fixtures/standardised/dsr_nonindep_expected.csv' (FORMAT csv, HEADER)
CREATE FUNCTION differ(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT area FROM (SELECT area, (stp.dsr(state)).*, stp.dsr(state, confidence => 0.998) AS wide
          FROM (%s) s) d FULL JOIN person_expected e USING (area)
     WHERE (close_to(d.value, e.value) AND close_to(d.lower, lower95) AND close_to(d.upper, upper95)
            AND close_to((d.wide).lower, lower998) AND close_to((d.wide).upper, upper998)) IS NOT TRUE', query);
END $$;
SELECT is((SELECT count(*) FROM person_expected), 13::bigint, 'the reference has 13 areas with repeated events');
SELECT is_empty($$SELECT differ('SELECT area, stp.standardise(5 * (band_no - 1), persons, pop, stdpop, eventfreq) AS state FROM person GROUP BY area')$$,
                'rates and limits of repeated events agree in every area');
SELECT cmp_ok((SELECT count(*) FROM person WHERE persons = 0 AND eventfreq > 1), '>', 100::bigint, 'there are rows to leave out');
SELECT is_empty($$SELECT differ('SELECT area, stp.standardise(5 * (band_no - 1), persons, pop, stdpop, eventfreq) AS state FROM person
                                  WHERE persons > 0 OR eventfreq = 1 GROUP BY area')$$,
                'so they do without the rows of nobody');
SELECT is_empty($$SELECT differ('SELECT area, stp.rollup(state) AS state FROM (
                                     SELECT area, stp.standardise(5 * (band_no - 1), persons, pop, stdpop, eventfreq) AS state FROM person
                                      GROUP BY area, eventfreq) s GROUP BY area')$$,
                'and when each number of events comes in a state of its own');
SELECT is_empty($$SELECT differ('SELECT area, stp.rollup(state) AS state FROM (
                                     SELECT area, stp.standardise(5 * (band_no - 1), persons, pop, stdpop, eventfreq) AS state FROM person
                                      GROUP BY area, band_no) s GROUP BY area')$$,
                'or each age band');
SELECT ok(bool_and(close_to(r.value, e.value) AND r.lower < e.lower AND r.upper > e.upper), 'the rate is that of all events, the limits are wider')
  FROM (SELECT area, (stp.dsr(stp.standardise(5 * (band_no - 1), persons, pop, stdpop, eventfreq))).* FROM person GROUP BY area) r
  JOIN (SELECT area, (stp.dsr(stp.standardise(events, pop, stdpop))).*
          FROM (SELECT area, band_no, sum(persons * eventfreq) AS events, pop, stdpop
                  FROM person GROUP BY area, band_no, pop, stdpop) s GROUP BY area) e USING (area);
SELECT ok(bool_and(close_to((stp.dsr(a)).value, (stp.dsr(b)).value, 1e-14) AND close_to((stp.dsr(a)).upper, (stp.dsr(b)).upper, 1e-14)),
          'with one event each, the forms agree')
  FROM (SELECT stp.standardise(band_no, count, pop, stdpop, 1) AS a, stp.standardise(count, pop, stdpop) AS b FROM input GROUP BY area) s;

-- Bands are told apart by their age, whatever populations they have in common and whichever rows they have.
SELECT is((stp.dsr(stp.standardise(age_from, persons, population, weight, n))).value, expected::float8, what)
  FROM (VALUES ('two bands of one size', 20000, 0, 10, 100, 3, 1), ('two bands of one size', 20000, 5, 20, 100, 3, 1),
               ('two bands of one size', 20000, 5, 5, 100, 3, 2),
               ('two bands of one size, one without single events', 15000, 0, 10, 100, 3, 1),
               ('two bands of one size, one without single events', 15000, 5, 10, 100, 3, 2),
               ('one weight, two populations', 12500, 0, 10, 100, 3, 1), ('one weight, two populations', 12500, 5, 10, 200, 3, 1),
               ('one weight, two populations', 12500, 0, 5, 100, 3, 2),
               ('one population, two weights', 17500, 0, 10, 100, 3, 1), ('one population, two weights', 17500, 5, 10, 100, 1, 1),
               ('one population, two weights', 17500, 0, 5, 100, 3, 2),
               ('a number of events in two rows', 25000, 0, 10, 100, 3, 1), ('a number of events in two rows', 25000, 0, 15, 100, 3, 1))
       t(what, expected, age_from, persons, population, weight, n)
 GROUP BY what, expected ORDER BY what;

-- A band with two populations, or two standard populations, is an error and no rate; in one state, or in two.
CREATE TABLE uneven (what text, message text, age_from int, population float8, weight float8, n int);
INSERT INTO uneven VALUES
    ('populations', 'age band from 5 has the populations "2000" and "4000"', 0, 1000, 3, 1), ('populations', NULL, 5, 4000, 3, 1), ('populations', NULL, 5, 2000, 3, 2),
    ('populations of one number of events', 'age band from 5 has the populations "2000" and "4000"', 5, 2000, 3, 1),
    ('populations of one number of events', NULL, 5, 4000, 3, 1),
    ('standards', 'age band from 5 has the standard populations "3" and "5500"', 5, 2000, 5500, 1), ('standards', NULL, 5, 2000, 3, 2),
    ('both', 'age band from 85 has the populations "1" and "2.5"', 85, 1, 5500, 1), ('both', NULL, 85, 2.5, 3, 2);
SELECT throws_ok(format(query, what), '22023', max(message), query)
  FROM uneven, unnest(ARRAY['SELECT stp.standardise(age_from, 20, population, weight, n) FROM uneven WHERE what = %L',
                            'SELECT stp.standardise(age_from, 20, population, weight, n ORDER BY n DESC, population DESC) FROM uneven WHERE what = %L',
                            'SELECT stp.rollup(s) FROM (SELECT stp.standardise(age_from, 20, population, weight, n) AS s FROM uneven WHERE what = %L GROUP BY ctid) t',
                            'SELECT stp.rollup(s ORDER BY c DESC) FROM (SELECT ctid AS c, stp.standardise(age_from, 20, population, weight, n) AS s FROM uneven WHERE what = %L GROUP BY ctid) t']) query
 GROUP BY what, query;
SELECT lives_ok($$SELECT stp.standardise(0, 20, population, 3, n) FROM (VALUES (NULL, 1), (1000, 2)) t(population, n)$$, 'a missing population differs from none');

-- Reference: indirect standardisation ------------------------------------------------------------------------

CREATE TABLE reference (band_no int, ageband text, refcount float8, refpop float8);
CREATE TABLE isr_expected (area text, observed float8, expected float8, ratio float8, ratio_lower95 float8, ratio_upper95 float8,
    ratio_lower998 float8, ratio_upper998 float8, method text, ref_rate float8, rate float8, rate_lower95 float8,
    rate_upper95 float8, rate_lower998 float8, rate_upper998 float8);
\copy reference FROM 'test/fixtures/standardised/isr_reference.csv' (FORMAT csv, HEADER)
\copy isr_expected FROM 'test/fixtures/standardised/isr_expected.csv' (FORMAT csv, HEADER)
CREATE VIEW indirect AS
SELECT area, sum(count) AS observed, sum(pop * refcount / refpop) AS expected FROM input JOIN reference USING (band_no) GROUP BY area;
SELECT is((SELECT count(*) FROM isr_expected), 63::bigint, 'the reference has 63 ratios');
SELECT is_empty($$
    SELECT * FROM (SELECT area, (stp.ratio(observed, expected)).*, stp.ratio(observed, expected, confidence => 0.998) AS wide FROM indirect) d
             FULL JOIN isr_expected e USING (area)
     WHERE (close_to(d.value, ratio) AND close_to(d.lower, ratio_lower95) AND close_to(d.upper, ratio_upper95)
            AND close_to((d.wide).lower, ratio_lower998) AND close_to((d.wide).upper, ratio_upper998)) IS NOT TRUE
$$, 'ratios agree in every area');
SELECT is_empty($$
    SELECT * FROM (SELECT area, (stp.ratio(i.observed, i.expected, ref_rate)).*,
                          stp.ratio(i.observed, i.expected, ref_rate, 0.998) AS wide
                     FROM indirect i JOIN isr_expected USING (area)) d
             FULL JOIN isr_expected e USING (area)
     WHERE (close_to(d.value, rate) AND close_to(d.lower, rate_lower95) AND close_to(d.upper, rate_upper95)
            AND close_to((d.wide).lower, rate_lower998) AND close_to((d.wide).upper, rate_upper998)) IS NOT TRUE
$$, 'so do rates, the ratio times the reference rate');
-- The exact limits of a count are in the ratios; Dobson's method makes of them those of the rate.
SELECT is((SELECT count(*) FROM isr_expected WHERE method = 'Exact'), 4::bigint, 'four areas have less than ten events');
SELECT is_empty($$
    SELECT * FROM (SELECT area, (stp.dsr(state, minimum_events => 0)).* FROM state) d
             JOIN expected e USING (area) JOIN isr_expected i USING (area)
     WHERE i.method = 'Exact'
       AND (close_to(d.lower, value_unsuppressed + sqrt(e.variance / observed) * (ratio_lower95 * expected - observed) * 1e5)
            AND close_to(d.upper, value_unsuppressed + sqrt(e.variance / observed) * (ratio_upper95 * expected - observed) * 1e5)) IS NOT TRUE
$$, 'below ten events the limits of the rate are from exact ones');

-- Statuses ----------------------------------------------------------------------------------------------

SELECT is(ARRAY[d.value::text, d.lower::text, d.upper::text, d.method, d.status], ARRAY[NULL, NULL, NULL, NULL, t.status],
          t.status || ': ' || what)
  FROM (SELECT 'standardise over no rows' AS what, 'no data' AS status, stp.standardise(1, 1, 1) AS state FROM generate_series(1, 0)
        UNION ALL SELECT 'repeated over no rows', 'no data', stp.standardise(1, 1, 1, 1, 1) FROM generate_series(1, 0)
        UNION ALL SELECT 'rollup over no rows', 'no data', stp.rollup(NULL::stp.standardised) FROM generate_series(1, 0)
        UNION ALL SELECT 'rollup of NULL', 'no data', stp.rollup(NULL::stp.standardised)
        UNION ALL SELECT 'rollup of a state and NULL', 'no data', stp.rollup(s) FROM (SELECT stp.standardise(30, 100, 1) AS s UNION ALL SELECT NULL) t
        UNION ALL SELECT 'events NULL in one band', 'no data', stp.standardise(nullif(g, 3), 100, 1) FROM generate_series(1, 10) g
        UNION ALL SELECT 'population NULL in one band', 'no data', stp.standardise(g, nullif(100 + g, 103), 1) FROM generate_series(1, 10) g
        UNION ALL SELECT 'persons NULL in one band', 'no data', stp.standardise(g, nullif(g, 3), 100, 1, 1) FROM generate_series(1, 10) g
        UNION ALL SELECT 'population NULL in one row', 'no data', stp.standardise(g, g, nullif(100 + g, 103), 1, 2) FROM generate_series(1, 10) g
        UNION ALL SELECT 'nobody in one band', 'zero denominator', stp.standardise(g - 1, g - 1, 1) FROM generate_series(1, 10) g
        UNION ALL SELECT 'events without people', 'zero denominator', stp.standardise(g, g - 1, g - 1) FROM generate_series(1, 10) g
        UNION ALL SELECT 'nobody in one row', 'zero denominator', stp.standardise(g, g, g - 1, 1, 2) FROM generate_series(1, 10) g
        UNION ALL SELECT 'no standard population', 'zero denominator', stp.standardise(g, g, 0) FROM generate_series(1, 10) g
        UNION ALL SELECT 'nine events', 'suppressed', stp.standardise(1, 10, 1) FROM generate_series(1, 9) g
        UNION ALL SELECT 'no events', 'suppressed', stp.standardise(0, 10, 1) FROM generate_series(1, 9) g) t, stp.dsr(state) d;
SELECT is((stp.dsr(stp.standardise(g, g, g - 1))).status, 'ok', 'nobody outside the standard is no fault') FROM generate_series(1, 10) g;
SELECT is((stp.dsr(stp.standardise(g - 1, g - 1, g - 1))).status, 'ok', 'nor an empty band outside it') FROM generate_series(1, 10) g;
SELECT is((stp.dsr(NULL))::text, '(,,,,"no data")', 'no state is no data');
SELECT is(ARRAY[(stp.dsr(s, minimum_events => 9)).status, (stp.dsr(s, minimum_events => 9.5)).status], '{ok,suppressed}', 'minimum_events may be met, and a fraction')
  FROM (SELECT stp.standardise(1, 10, 1) AS s FROM generate_series(1, 9)) t;
SELECT is(d::text, '(0,,,,"too few")', 'a rate of 0 has no limits: ' || what)
  FROM (SELECT 'no events' AS what, stp.dsr(stp.standardise(0, 10, 1), minimum_events => 0) AS d
        UNION ALL SELECT 'none in the standard', stp.dsr(stp.standardise(g, 10, (g = 0)::int), minimum_events => 0) FROM generate_series(0, 9) g) t;
SELECT is((stp.dsr(s, minimum_events => 1)).method, method, n || ' events: ' || method)
  FROM (SELECT g AS n, CASE WHEN g < 10 THEN 'Dobson, exact Poisson' ELSE 'Dobson, Byar' END AS method,
               stp.standardise(e, 10, 1) AS s FROM unnest('{9,9.5,10}'::float8[]) g, unnest(ARRAY[1, 2, g - 3]) e GROUP BY g) t;

-- The issue's extremes: finite, ordered, and wider the surer.
SELECT ok(bool_and((d.lower <= d.value AND d.value <= d.upper AND d.upper < 'infinity' AND d.lower > '-infinity'
                    AND d.lower <= lag_lower AND d.upper >= lag_upper) IS NOT FALSE), format('%s events over %s', events, population))
  FROM (SELECT events, population, d, lag((d).lower) OVER w AS lag_lower, lag((d).upper) OVER w AS lag_upper
          FROM (SELECT events, population, confidence, stp.dsr(state, 1000, confidence, 0) AS d
                  FROM (SELECT events, population, stp.standardise(events / 3, population, band) AS state
                          FROM unnest('{1,9,10,1e9,1e15}'::float8[]) events, unnest('{1e-3,1,1e15}'::float8[]) population,
                               generate_series(1, 3) band GROUP BY events, population) s,
                       unnest('{1e-6,0.5,0.8,0.95,0.998,0.999999}'::float8[]) confidence) c
        WINDOW w AS (PARTITION BY events, population ORDER BY confidence)) t, LATERAL (SELECT (d).*) AS d
 GROUP BY events, population ORDER BY events, population;

-- Wrong arguments ---------------------------------------------------------------------------------------

SELECT throws_ok(format('SELECT stp.standardise(%L::float8, %L::float8, %L::float8)', events, population, weight), '22023', message, message)
  FROM (VALUES ('-1', '1', '1', 'events must not be negative, but is "-1"'),
               ('NaN', '1', '1', 'events must be a finite number, not "NaN"'),
               ('Infinity', '1', '1', 'events must be a finite number, not "Infinity"'),
               ('1', '-0.5', '1', 'population must not be negative, but is "-0.5"'),
               ('1', 'NaN', '1', 'population must be a finite number, not "NaN"'),
               ('1', 'Infinity', '1', 'population must be a finite number, not "Infinity"'),
               ('1', '1', '-1', 'standard population must not be negative, but is "-1"'),
               ('1', '1', 'NaN', 'standard population must be a finite number, not "NaN"'),
               ('1', '1', 'Infinity', 'standard population must be a finite number, not "Infinity"'),
               (NULL, NULL, NULL, 'standard population must not be null'),
               (NULL, '-1', '1', 'population must not be negative, but is "-1"')) t(events, population, weight, message);
SELECT throws_ok(format('SELECT stp.standardise(%L::int, %L::float8, %L::float8, %L::float8, %L::int)', age, persons, population, weight, n), '22023', message, message)
  FROM (VALUES (0, '-1', '1', '1', 1, 'persons must not be negative, but is "-1"'), (0, '1', '-1', '1', 1, 'population must not be negative, but is "-1"'),
               (0, '1', '1', NULL, 1, 'standard population must not be null'), (0, '1', '1', '1', 0, 'events per person must be at least 1, not "0"'),
               (0, '1', '1', '1', -3, 'events per person must be at least 1, not "-3"'),
               (0, NULL, '1', '1', NULL, 'events per person must not be null'), (NULL, '1', '1', '1', 1, 'age_from must not be null'),
               (-1, '1', '1', '1', 1, 'age_from must be at least 0, not "-1"')) t(age, persons, population, weight, n, message);
SELECT throws_ok(format('SELECT stp.dsr(stp.standardise(9, 10, 1), %s)', arguments), '22023', NULL, 'refused: ' || arguments)
  FROM unnest('{0,-1,''NaN'',''Infinity'',"confidence => 0","confidence => 1","confidence => 95","confidence => ''NaN''",
                "per => NULL","confidence => NULL","minimum_events => NULL","minimum_events => -1","minimum_events => ''NaN''","minimum_events => ''Infinity''"}'::text[]) arguments;
SELECT throws_ok($$SELECT stp.standardise(1e308, 1, 1) FROM generate_series(1, 2)$$, '22003', NULL, 'events beyond a double');
SELECT throws_ok($$SELECT stp.standardise(1, 1e-200, 1)$$, '22003', NULL, 'a variance beyond a double');
SELECT throws_ok($$SELECT stp.dsr(stp.standardise(10, 1e-10, 1), 1e300)$$, '22003', NULL, 'a rate beyond a double');
SELECT throws_ok($$SELECT stp.dsr(stp.standardise(10, 1, 1e-300))$$, '22003', NULL, 'a variance too small for a double');
SELECT throws_ok($$SELECT stp.dsr(stp.standardise(g, 0, 1, 1.1e308, 1), minimum_events => 0) FROM generate_series(1, 2) g$$, '22003', NULL, 'a standard population beyond a double');
SELECT throws_ok($$SELECT stp.rollup(s) FROM unnest(array_fill(('(4611686018427387903,0,0,1,0,0,0,0,0,0,0)')::stp.standardised, '{2}')) s$$,
                 '22003', NULL, 'more rows than can be counted');
SELECT throws_ok($$SELECT stp.standardise(g, 1, 1, 1, 1) FROM generate_series(1, 10001) g$$, '54000', 'more than 10000 age bands', 'more age bands than one population has');
SELECT throws_ok($$SELECT stp.rollup(s) FROM (SELECT stp.standardise(g, 1, 1, 1, 1) AS s FROM generate_series(1, 10001) g GROUP BY g % 2) t$$,
                 '54000', NULL, 'nor can they be merged');
SELECT is(length(stp_internal.standardised_send(stp.standardise(g % 10000, 1, 1, 1, 1))), 1 + 4 + 11 * 8 + 10000 * 32, 'as many as there may be')
  FROM generate_series(1, 20000) g;

-- The two forms do not mix: their bands are counted in different ways.
SELECT throws_ok(query, '22023', 'age bands with and without events per person cannot be mixed', 'mixed: ' || query)
  FROM (VALUES ($$SELECT stp.rollup(s) FROM (SELECT stp.standardise(1, 2, 3) AS s UNION ALL SELECT stp.standardise(0, 1, 2, 3, 1)) t$$),
               ($$SELECT stp_internal.standardised_combine(stp.standardise(0, 1, 2, 3, 1), stp.standardise(1, 2, 3))$$),
               ($$SELECT stp_internal.standardised_accum(stp.standardise(0, 1, 2, 3, 1), 1, 2, 3)$$),
               ($$SELECT stp_internal.standardised_accum(stp.standardise(1, 2, 3), 0, 1, 2, 3, 1)$$)) t(query);
SELECT is(stp.rollup(s)::text, '(1,1,0,0,0,1,0,1.5,0,2.25,0)(75,2,3,1)', 'a state over nothing but what is missing goes with either')
  FROM (SELECT stp.standardise(NULL, 2, 3) AS s UNION ALL SELECT stp.standardise(75, 1, 2, 3, 1)) t;

SELECT is(stp_internal.standardised_accum(stored, 2, 4, 1)::text || stored::text, '(1,0,0,1,0,2,0,0.5,0,0.125,0)(0,0,0,0,0,0,0,0,0,0,0)',
          'called from SQL, the transition leaves its argument alone')
  FROM (SELECT '(0,0,0,0,0,0,0,0,0,0,0)'::stp.standardised AS stored OFFSET 0) t;
SELECT is(stp_internal.standardised_accum(stored, 75, 2, 4, 1, 1)::text || stored::text, '(2,0,0,0,0,4,0,1,0,0.25,0)(75,4,1,2)(1,0,0,0,0,2,0,0.5,0,0.125,0)(75,4,1,1)',
          'so it does with repeated events')
  FROM (SELECT stp.standardise(75, 2, 4, 1, 1) AS stored OFFSET 0) t;
SELECT is(stp_internal.standardised_combine(a, a)::text || a::text, '(2,0,0,2,0,4,0,1,0,0.25,0)(1,0,0,1,0,2,0,0.5,0,0.125,0)', 'so does the combine function')
  FROM (SELECT stp.standardise(2, 4, 1) AS a OFFSET 0) t;
SELECT is(stp_internal.standardised_combine(a, a)::text || a::text, '(2,0,0,0,0,4,0,1,0,0.25,0)(75,4,1,2)(1,0,0,0,0,2,0,0.5,0,0.125,0)(75,4,1,1)', 'with repeated events too')
  FROM (SELECT stp.standardise(75, 2, 4, 1, 1) AS a OFFSET 0) t;
SELECT is(stp_internal.standardised_accum(NULL, 2, 1, 1)::text, NULL, 'no state, no state');
SELECT is(stp_internal.standardised_accum(NULL, 0, 2, 1, 1, 1)::text, NULL, 'no state, no state, repeated');

-- Plans -------------------------------------------------------------------------------------------------

SELECT setseed(0.5);
CREATE TABLE band AS
SELECT g % 7 AS region, g % 100 AS area, (g / 700) % 19 AS band, floor(random() * 30) AS events,
       100 + floor(random() * 1000) * 10 AS population, 1000 + (g / 700) % 19 * 500 AS weight, 1 + g % 3 AS n, g % 3 = 0 AS chosen,
       g % 100 * 100 + (g / 700) % 19 AS age_from, 200 + g % 100 AS people -- ages of all areas together, each band with its people
  FROM generate_series(1, 26600) g;
\i test/pgtap/plan_of.psql

ANALYZE band;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS
SELECT area, stp.standardise(events, population, weight) AS plain, stp.standardise(age_from, events, people, weight, n) AS repeated
  FROM band GROUP BY area;
SELECT is_empty($$
    SELECT * FROM serial JOIN (
        SELECT area, 1e5 * sum(weight * events / population) / sum(weight) AS value FROM band GROUP BY area) sql USING (area)
     WHERE NOT close_to((stp.dsr(plain)).value, value)
$$, 'the serial answer is that of plain SQL');
SELECT is_empty($$
    SELECT * FROM serial JOIN (
        SELECT area, 1e5 * sum(rate) / sum(weight) AS value
          FROM (SELECT area, age_from, weight, sum(weight * events * n / people) AS rate
                  FROM band GROUP BY area, age_from, weight) b GROUP BY area) sql USING (area)
     WHERE NOT close_to((stp.dsr(repeated)).value, value)
$$, 'so it is with repeated events');

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
\set both 'SELECT area, stp.standardise(events, population, weight) AS plain, stp.standardise(age_from, events, people, weight, n) AS repeated FROM '
SELECT matches(plan_of(:'both' || 'band GROUP BY area'), 'Finalize.*Gather.*Partial.*Parallel Seq Scan', 'standardise can be computed in parallel');
CREATE TABLE parallel AS :both band GROUP BY area;
SELECT matches(plan_of('SELECT stp.rollup(plain) FROM serial'), 'Finalize.*Gather.*Partial', 'so can rollup');
SELECT ok(close_to((SELECT stp.rollup(plain) FROM serial), (SELECT stp.standardise(events, population, weight) FROM band))
          AND close_to((SELECT stp.rollup(repeated) FROM serial WHERE area < 9), (SELECT stp.standardise(age_from, events, people, weight, n) FROM band WHERE area < 9)),
          'rollup of the parts is standardise of the whole');
RESET max_parallel_workers_per_gather;
SELECT ok(count(*) = 100 AND bool_and(close_to(p.plain, s.plain) AND close_to(p.repeated, s.repeated)), 'the parallel answer is the serial one')
  FROM serial s FULL JOIN parallel p USING (area);

CREATE TABLE parted (LIKE band) PARTITION BY LIST (region);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN (0, 1, 2);
CREATE TABLE parted_b PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT * FROM band;
ANALYZE parted;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SELECT matches(plan_of(:'both' || 'parted GROUP BY area'), 'Finalize.*Append.*Partial', 'standardise can be computed partition by partition');
SELECT ok(count(*) = 100 AND bool_and(close_to(p.plain, s.plain) AND close_to(p.repeated, s.repeated)), 'the partitionwise answer is the serial one')
  FROM serial s FULL JOIN (:both parted GROUP BY area) p USING (area);
RESET ALL;

SELECT is((SELECT array_agg((stp.dsr(state, 1, minimum_events => 0)).value ORDER BY g) FROM (
               SELECT g, stp.standardise(g, 1, 1) OVER (ORDER BY g) AS state FROM generate_series(1, 4) g) s),
          '{1,1.5,2,2.5}', 'as a window aggregate it runs');
SELECT is((SELECT array_agg((stp.dsr(state, 1, minimum_events => 0)).value ORDER BY g) FROM (
               SELECT g, stp.standardise(g, g, 1, 1, g) OVER (ORDER BY g ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS state
                 FROM generate_series(1, 4) g) s),
          '{1,2.5,6.5,12.5}', 'and slides');
SELECT is((SELECT array_agg((stp.dsr(state, 1, minimum_events => 0)).value ORDER BY g) FROM (
               SELECT g, stp.standardise(g, 1, g, 1, 1) OVER (ORDER BY g) AS state FROM generate_series(1, 4) g) s)::numeric(9, 6)[],
          '{1,0.75,0.611111,0.520833}', 'and runs with repeated events');
SELECT ok(close_to(stp.standardise(events, population, weight) FILTER (WHERE chosen), (SELECT stp.standardise(events, population, weight) FROM band WHERE chosen))
          AND close_to(stp.standardise(age_from, events, people, weight, n) FILTER (WHERE chosen AND area < 9),
                       (SELECT stp.standardise(age_from, events, people, weight, n) FROM band WHERE chosen AND area < 9)), 'FILTER')
  FROM band;
SELECT is((SELECT array_agg((stp.dsr(state, 1, minimum_events => 0)).value ORDER BY g NULLS LAST) FROM (
               SELECT g % 2 AS g, stp.standardise(g, 1, 1) AS state FROM generate_series(1, 4) g GROUP BY GROUPING SETS ((g % 2), ())) s),
          '{3,2,2.5}', 'GROUPING SETS');

CREATE TABLE part AS
SELECT form, g % 40 AS part, CASE form WHEN 1 THEN stp.standardise(random() * 10 ^ (g % 9), 1 + g % 5, random() + 0.1)
                                  ELSE stp.standardise(g % 35, random() * 10 ^ (g % 9), 1 + g % 5, g % 7, 1 + g % 3) END AS state
  FROM generate_series(1, 2000) g, generate_series(1, 2) form GROUP BY 1, 2;
CREATE TABLE merged AS
SELECT form, try, stp.rollup(state ORDER BY random()) AS state FROM generate_series(1, 50) try, part GROUP BY 1, 2;
SELECT ok(bool_and(close_to(a.state, b.state)), 'states merged in random order agree to 1e-12') FROM merged a JOIN merged b USING (form);
SELECT is(count(DISTINCT split_part(state::text, ')', 2)), 1::bigint, 'the rows are counted the same') FROM merged WHERE form = 2;

-- Text and binary ---------------------------------------------------------------------------------------

SELECT current_setting('data_directory') || '/standardised.copy' AS file \gset
CREATE TABLE copied (LIKE part);
COPY part TO :'file';
COPY copied FROM :'file';
SELECT is_empty('SELECT * FROM part FULL JOIN copied USING (form, part) WHERE stp_internal.standardised_send(part.state) IS DISTINCT FROM stp_internal.standardised_send(copied.state)',
                'text COPY brings every bit back');
TRUNCATE copied;
COPY part TO :'file' (FORMAT binary);
COPY copied FROM :'file' (FORMAT binary);
SELECT is_empty('SELECT * FROM part FULL JOIN copied USING (form, part) WHERE stp_internal.standardised_send(part.state) IS DISTINCT FROM stp_internal.standardised_send(copied.state)',
                'binary COPY brings every bit back');
SET extra_float_digits = -15;
SELECT is('(1,0,0,0.1,0,0.30000000000000004,0,0,0,0,0)'::stp.standardised::text, '(1,0,0,0.1,0,0.30000000000000004,0,0,0,0,0)', 'whatever extra_float_digits says');
RESET extra_float_digits;

-- Toasted: big, and compressed.
CREATE TABLE large AS SELECT stp.standardise(g % 5000, 1, 1 + g % 5000, 1, 1) AS state FROM generate_series(1, 10000) g;
SELECT is(pg_column_compression(state) IS NOT NULL OR pg_column_size(state) > 8000, true, 'a large state is kept out of line') FROM large;
SELECT is((field(stp.rollup(state)))[1], 30000::float8, 'and can be merged') FROM (SELECT * FROM large, generate_series(1, 3)) s;

SELECT throws_ok(format('SELECT %L::stp.standardised', bad), '22P02', message || ' for type stp.standardised: "' || bad || '"', bad)
  FROM (VALUES ('', 'invalid input syntax'), ('x', 'invalid input syntax'), ('(0,0,0,0,0,0,0,0,0,0)', 'invalid input syntax'),
               ('(0,0,0,0,0,0,0,0,0,0,0,0)', 'invalid input syntax'), ('(0,0,0,0,0,0,0,0,0,0,0) ', 'invalid input syntax'),
               ('(0,0,0,0,0,0,0,0,0,0,0)(', 'invalid input syntax'), ('(0,0,0,0,0,0,0,0,0,0,0)(1,1,1)', 'invalid input syntax'),
               ('(1,0,0,0,0,0,0,0,0,0,0)(1,1,1,1)x', 'invalid input syntax'), ('(1,0,0,0,0,0,0,0,0,0,0)(1.5,1,1,1)', 'invalid input syntax'),
               ('(0.5,0,0,0,0,0,0,0,0,0,0)', 'invalid input syntax'), ('(0,0,0,,0,0,0,0,0,0,0)', 'invalid input syntax'),
               ('(-1,0,0,0,0,0,0,0,0,0,0)', 'invalid value'), ('(0,-1,0,0,0,0,0,0,0,0,0)', 'invalid value'),
               ('(1,0,2,1,0,0,0,0,0,0,0)', 'invalid value'), ('(0,0,0,1,0,0,0,0,0,0,0)', 'invalid value'),
               ('(1,0,0,NaN,0,0,0,0,0,0,0)', 'invalid value'), ('(1,0,0,inf,0,0,0,0,0,0,0)', 'invalid value'),
               ('(1,0,0,1e999,0,0,0,0,0,0,0)', 'invalid value'), ('(1,0,0,-1,0,0,0,0,0,0,0)', 'invalid value'),
               ('(1,0,0,1,0,0,0,1,0,1,0)', 'invalid value'), ('(1,0,0,1,0,1,0,2,0,1,0)', 'invalid value'),
               ('(1,0,0,1,2,1,0,1,0,1,0)', 'invalid value'),
               ('(2,0,0,0,0,0,0,0,0,0,0)(1,1,1,1)', 'invalid value'), ('(1,0,0,1,0,0,0,0,0,0,0)(1,1,1,1)', 'invalid value'),
               ('(2,0,0,0,0,0,0,0,0,0,0)(2,1,1,1)(1,1,1,1)', 'invalid value'), ('(2,0,0,0,0,0,0,0,0,0,0)(1,1,1,1)(1,2,1,1)', 'invalid value'), ('(2,0,0,0,0,0,0,0,0,0,0)(1,1,1,1)(1,1,1,1)', 'invalid value'),
               ('(0,0,0,0,0,0,0,0,0,0,0)(1,1,1,0)', 'invalid value'), ('(1,0,0,0,0,0,0,0,0,0,0)(1,1,-1,1)', 'invalid value'), ('(1,0,0,0,0,0,0,0,0,0,0)(2147483648,1,1,1)', 'invalid value'),
               ('(1,0,0,0,0,0,0,0,0,0,0)(-1,1,1,1)', 'invalid value'), ('(1,0,0,0,0,0,0,0,0,0,0)(1,NaN,1,1)', 'invalid value'),
               ('(9223372036854775807,0,0,1,0,0,0,0,0,0,0)', 'invalid value')) t(bad, message);
SELECT throws_ok(format('SELECT %L::stp.standardised', '(0,0,0,0,0,0,0,0,0,0,0)' || repeat('(1,1,1,1)', 1000000)), '22P02', NULL, 'a million bands');
SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN skip('soft errors came with PostgreSQL 16', 1)
       ELSE results_eq($$SELECT pg_input_is_valid(t, 'stp.standardised') FROM unnest('{x,"(1,0,2,1,0,0,0,0,0,0,0)","(0,0,0,0,0,0,0,0,0,0,0)"}'::text[]) t$$,
                       '{false,false,true}'::boolean[], 'bad input is a soft error') END;

\set state stp.standardised
\i test/pgtap/receive.psql
CREATE FUNCTION message(version text, bands int, rows int, weight float8, events float8) RETURNS bytea LANGUAGE sql
RETURN decode(version, 'hex') || int4send(bands) || int8send(rows) || int8send(0) || int8send(0) || float8send(weight) || float8send(0)
       || float8send(events) || float8send(0) || float8send(0) || float8send(0) || float8send(0) || float8send(0);
CREATE FUNCTION age_band(age_from int, population float8) RETURNS bytea LANGUAGE sql
RETURN int8send(age_from) || float8send(population) || float8send(3) || int8send(1);

SELECT is(receive(message('02', 0, 1, 1, 2)), '(1,0,0,1,0,2,0,0,0,0,0)', 'the binary form is a version, a count and eleven fields');
TRUNCATE received;
SELECT is(receive(message('02', 2, 2, 0, 2) || age_band(1, 1) || age_band(2, 1)), '(2,0,0,0,0,2,0,0,0,0,0)(1,1,3,1)(2,1,3,1)', 'and as many age bands');
SELECT throws_ok(format('SELECT receive(%L)', bytes), '22P03', NULL, 'refused: ' || what)
  FROM (VALUES ('another version', message('01', 0, 1, 1, 1)), ('a negative count', message('02', -1, 1, 1, 1)),
               ('too many bands', message('02', 10001, 1, 0, 1)), ('bands out of order', message('02', 2, 2, 0, 2) || age_band(2, 1) || age_band(1, 1)),
               ('rows that are not theirs', message('02', 1, 2, 0, 2) || age_band(1, 1)), ('a NaN population', message('02', 1, 1, 0, 2) || age_band(1, 'NaN')),
               ('a negative weight', message('02', 0, 1, -1, 1)), ('NaN events', message('02', 0, 1, 1, 'NaN')),
               ('negative rows', message('02', 0, -1, 1, 1)), ('bytes left over', message('02', 0, 1, 1, 1) || '\x00')) t(what, bytes);
SELECT throws_ok(format('SELECT receive(%L)', bytes), '08P01', NULL, 'refused: bytes missing')
  FROM (VALUES (substr(message('02', 0, 1, 1, 1), 1, 92)), (message('02', 2, 2, 0, 2) || age_band(1, 1))) t(bytes);

-- Standard populations ------------------------------------------------------------------------------------

SELECT is((SELECT (count(*), sum(weight), max(age_from))::text FROM stp.standard_population WHERE standard = name AND builtin), content, name)
  FROM (VALUES ('ESP2013', '(19,100000,90)'), ('ESP2013 85+', '(18,100000,85)')) t(name, content);
SELECT is_empty($$
    SELECT * FROM (SELECT DISTINCT band_no, stdpop FROM input) i
             FULL JOIN (SELECT * FROM stp.standard_population WHERE standard = 'ESP2013') s ON s.age_from = 5 * (band_no - 1) AND weight = stdpop
     WHERE band_no IS NULL OR weight IS NULL
$$, 'ESP2013 is the standard of the reference');
SELECT is((SELECT weight FROM stp.standard_population WHERE standard = 'ESP2013 85+' AND age_to IS NULL), 2500::float8, 'the open band of the 18-band form');
SELECT is((SELECT array_agg(age_to) FROM (SELECT * FROM stp.standard_population WHERE standard = 'ESP2013' ORDER BY age_from) s),
          '{4,9,14,19,24,29,34,39,44,49,54,59,64,69,74,79,84,89,NULL}', 'bands join');
SELECT throws_ok(command, '23001', NULL, command)
  FROM unnest(ARRAY[$$DELETE FROM stp.standard_population WHERE standard = 'ESP2013' AND age_from = 0$$,
                    $$UPDATE stp.standard_population SET weight = 1 WHERE standard = 'ESP2013 85+'$$,
                    $$INSERT INTO stp.standard_population VALUES ('mine', 0, NULL, 1, true)$$]) command;

INSERT INTO stp.standard_population (standard, age_from, age_to, weight) VALUES ('mine', 5, 17, 3), ('mine', 18, NULL, 7);
SELECT throws_ok(format('INSERT INTO stp.standard_population VALUES (%L, %s)', standard, band), state, message, coalesce(message, band))
  FROM (VALUES ('mine', '4, 5, 1', '23P01', 'age band 4-5 of standard "mine" overlaps its age band 5-17'),
               ('mine', '80, 89, 1', '23P01', 'age band 80-89 of standard "mine" overlaps its age band 18+'),
               ('mine', '0, NULL, 1', '23P01', NULL), ('new', '0, 4, 1), (''new'', 3, 3, 1', '23P01', NULL),
               ('ESP2013', '95, NULL, 1', '23P01', 'age band 95+ of standard "ESP2013" overlaps its age band 90+'),
               ('new', '0, 4, 0', '22023', 'weight 0 is not a finite number above 0'),
               ('new', '0, 4, -1', '22023', NULL), ('new', '0, 4, ''NaN''', '22023', NULL), ('new', '0, 4, ''Infinity''', '22023', NULL),
               ('new', '4, 0, 1', '23514', NULL), ('new', '-1, 0, 1', '23514', NULL)) t(standard, band, state, message);
SELECT throws_ok($$UPDATE stp.standard_population SET age_to = 18 WHERE standard = 'mine' AND age_from = 5$$, '23P01', NULL, 'nor can they be made to overlap');
SELECT lives_ok($$INSERT INTO stp.standard_population VALUES ('mine', 0, 4, 2)$$, 'a band that touches others does not overlap them');
SELECT lives_ok($$UPDATE stp.standard_population SET weight = weight * 2 WHERE standard = 'mine'$$, 'rows of a user can be changed');
SELECT is(ARRAY[stp.age_band(85, 89), stp.age_band(90), stp.age_band(0, 0), stp.age_band(NULL, 4)], '{85-89,90+,0,NULL}', 'bands as people write them');

-- Age bands against a standard ------------------------------------------------------------------------------

CREATE TABLE esp AS SELECT array_agg(age_from) AS youngest, array_agg(age_to) AS oldest FROM stp.standard_population WHERE standard = 'ESP2013';
SELECT is((SELECT string_agg(concat_ws(' ', stp.age_band(f.age_from, f.age_to), f.fault), ', ')
             FROM stp.age_band_faults(standard, youngest, oldest, first, last) f), faults, what)
  FROM (SELECT 'mine' AS standard, t.* FROM (VALUES
            ('all bands', '{0,5,18}'::int[], '{4,17,NULL}'::int[], 0, NULL::int, NULL),
            ('all bands, in any order and repeated', '{18,5,0,0,18}', '{NULL,17,4,4,NULL}', 0, NULL, NULL),
            ('one missing', '{0,18}', '{4,NULL}', 0, NULL, '5-17 missing'),
            ('the open one missing', '{0,5}', '{4,17}', 0, NULL, '18+ missing'),
            ('one too many', '{0,5,18,90}', '{4,17,NULL,NULL}', 0, NULL, '18+ overlaps 90+, 90+ overlaps 18+, 90+ unmatched'),
            ('closed and not open', '{0,5,18}', '{4,17,99}', 0, NULL, '18-99 unmatched, 18+ missing'),
            ('same first age', '{0,5,18}', '{4,9,NULL}', 0, NULL, '5-9 unmatched, 5-17 missing'),
            ('a range', '{0,5}', '{4,17}', 0, 17, NULL),
            ('a range from above', '{5,18}', '{17,NULL}', 5, NULL, NULL),
            ('in a range, missing', '{0}', '{4}', 0, 17, '5-17 missing'),
            ('out of a range', '{0,5,18}', '{4,17,NULL}', 0, 17, '18+ unmatched'),
            ('a range within a band', '{0,5}', '{4,17}', 0, 74, '18+ cut by the range of ages'),
            ('a range from within a band', '{5,18}', '{17,NULL}', 3, NULL, '0-4 cut by the range of ages'),
            ('no bands', '{}', '{}', 0, 17, '0-4 missing, 5-17 missing'),
            ('NULL for bands', NULL, NULL, 0, 4, '0-4 missing'),
            ('no range', '{0,5,18}', '{4,17,NULL}', NULL, NULL, NULL),
            ('no first age', '{0,5,18,NULL}', '{4,17,NULL,NULL}', 0, NULL, 'unmatched')) t(what, youngest, oldest, first, last, faults)) q;
SELECT ok(stp.check_age_bands('ESP2013', youngest, oldest), 'bands that fit') FROM esp;
SELECT ok(stp.check_age_bands('ESP2013', youngest[:15], oldest[:15], to_age => 74), 'bands that fit a range') FROM esp;
SELECT throws_ok(format('SELECT stp.check_age_bands(%s)', arguments), '22023', message, message)
  FROM (VALUES ($$'mine', '{0,18}', '{4,NULL}'$$, 'age bands do not fit standard "mine": 5-17 missing'),
               ($$'mine', '{0,5,18,NULL}', '{4,17,NULL,9}'$$, 'age bands do not fit standard "mine": NULL unmatched'),
               ($$'yours', '{0}', '{4}'$$, 'unknown standard "yours"'), ($$NULL, '{0}', '{4}'$$, 'unknown standard "NULL"'),
               ($$'mine', '{0}', '{4}', 5, 4$$, 'no age is from 5 to 4')) t(arguments, message);

-- One query, joined by band, with its check.
CREATE TABLE population AS
SELECT area, age_from, age_to, count AS events, pop AS persons
  FROM input JOIN stp.standard_population s ON s.standard = 'ESP2013' AND s.age_from = 5 * (band_no - 1);
\set query 'SELECT area, (stp.dsr(stp.standardise(events, persons, weight))).value FROM population LEFT JOIN (SELECT * FROM stp.standard_population WHERE standard = \'ESP2013\') s USING (age_from) GROUP BY area HAVING stp.check_age_bands(\'ESP2013\', array_agg(age_from), array_agg(population.age_to)) ORDER BY area'
SELECT results_eq(:'query', 'SELECT area, (stp.dsr(state)).value FROM state ORDER BY area', 'the shipped standard gives what the reference''s gives');
UPDATE population SET age_from = 91 WHERE area = 'A004' AND age_from = 90;
SELECT throws_ok(:'query', '22023', 'standard population must not be null', 'a band without standard is no surprise');
DELETE FROM population WHERE age_from = 91;
SELECT throws_ok(:'query', '22023', 'age bands do not fit standard "ESP2013": 90+ missing', 'nor is one without population');

CREATE ROLE standardise_reader;
SET ROLE standardise_reader;
SELECT is((SELECT count(*) FROM stp.standard_population WHERE builtin), 37::bigint, 'anybody can read standards');
SELECT throws_ok($$INSERT INTO stp.standard_population VALUES ('his', 0, NULL, 1)$$, '42501', NULL, 'but not write them');
RESET ROLE;
DROP ROLE standardise_reader;

SELECT * FROM finish();
