-- Module census against days counted one by one, over every plan an aggregate can meet, and with hostile states.
SELECT no_plan();

\set span '''[2015-12-15,2017-01-20)'''

\i test/pgtap/plan_of.psql

-- Known answers -----------------------------------------------------------------------------------------

SELECT is(stp.census(start_date::date, end_date::date, '[2016-02-27,2016-03-02)')::text, '(2016-02-27,' || present || ')', what)
  FROM (VALUES ('within the span', '2016-02-28', '2016-03-01', '0,1,1,0'),
               ('one night', '2016-02-29', '2016-03-01', '0,0,1,0'),
               ('ends on the day it starts', '2016-02-29', '2016-02-29', '0,0,0,0'),
               ('the first night', '2016-02-27', '2016-02-28', '1,0,0,0'),
               ('the last night', '2016-03-01', '2016-03-02', '0,0,0,1'),
               ('the whole span', '2016-02-27', '2016-03-02', '1,1,1,1'),
               ('longer than the span', '2001-01-01', '2099-01-01', '1,1,1,1'),
               ('open', '2016-02-29', NULL, '0,0,1,1'),
               ('open from before', '2001-01-01', NULL, '1,1,1,1'),
               ('open for ever', '2016-02-29', 'infinity', '0,0,1,1'),
               ('from before, gone in it', '2001-01-01', '2016-02-28', '1,0,0,0'),
               ('gone on its first day', '2001-01-01', '2016-02-27', '0,0,0,0'),
               ('gone before', '2001-01-01', '2016-02-26', '0,0,0,0'),
               ('come on the day after it', '2016-03-02', NULL, '0,0,0,0'),
               ('come long after', '2099-01-01', '2099-01-02', '0,0,0,0'),
               ('the earliest date there is', '4713-01-01 BC', '2016-02-28', '1,0,0,0'),
               ('the last date there is', '5874897-12-31', NULL, '0,0,0,0')) t(what, start_date, end_date, present)
 GROUP BY what, present;
SELECT is(stp.census('2015-12-31', '2016-01-02', '[2015-12-30,2016-01-03)')::text, '(2015-12-30,0,1,1,0)', 'across the end of a year');
SELECT is(stp.census('1999-12-31', '2100-03-02', '[2000-01-01,2100-01-01)')::text, '(2000-01-01' || repeat(',1', 36525) || ')', 'a hundred years are not too many');
SELECT is(stp.census('0001-01-01', NULL, '[0001-01-01,0001-01-03)')::text, '(0001-01-01,1,1)', 'from the first day of year 1');
SELECT is(stp.census('0001-01-01', NULL, '[9999-12-30,10000-01-01)')::text, '(9999-12-30,1,1)', 'to the last day of year 9999');
SELECT is(stp.census('2016-01-01', NULL, bounds::daterange)::text, '(2016-01-01,1,1)', 'span ' || bounds)
  FROM unnest('{"[2016-01-01,2016-01-03)","[2016-01-01,2016-01-02]","(2015-12-31,2016-01-02]"}'::text[]) bounds GROUP BY bounds;
CREATE TABLE spanned AS SELECT '[2016-01-01,2016-01-03)'::daterange AS span, date '2016-01-02' AS start_date FROM generate_series(1, 3);
SELECT is((SELECT stp.census(start_date, NULL, span)::text FROM spanned), '(2016-01-01,0,3)', 'a span that comes from a table');
SELECT is((SELECT stp.census(start_date, NULL, '[2016-01-01,2016-01-03)') FROM spanned WHERE false)::text, NULL, 'no rows, no census');
SELECT is((SELECT stp.rollup(NULL::stp.census))::text, NULL, 'no states, no census');
SELECT is((SELECT count(*) FROM stp.daily(NULL)), 0::bigint, 'no census, no days');

-- Thousands of random spells, against generate_series ---------------------------------------------------------

SELECT setseed(0.5);
CREATE TABLE spell AS
SELECT g AS id, g % 3 AS region, g % 44 AS system, start_date,
       CASE WHEN random() > 0.05 THEN start_date + floor(random() ^ 3 * 60)::int END AS end_date, g % 3 = 0 AS chosen
  FROM (SELECT g, date '2015-11-01' + floor(random() * 480)::int AS start_date FROM generate_series(1, 20000) g) s;
INSERT INTO spell SELECT 20000 + g, 0, 0, date '1990-01-01' + g * 90, date '2016-06-01' + g * 5, false FROM generate_series(1, 40) g;
ANALYZE spell;
CREATE TABLE slow AS
SELECT system, day::date, count(id) AS occupied
  FROM generate_series(0, 43) system CROSS JOIN generate_series(lower(:span::daterange), upper(:span::daterange) - 1, '1 day') day
  LEFT JOIN (SELECT id, system, day FROM spell, generate_series(start_date, coalesce(end_date, '2018-01-01') - 1, '1 day') day) s USING (system, day)
 GROUP BY system, day;

SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS SELECT system, stp.census(start_date, end_date, :span) AS census FROM spell GROUP BY system;
ALTER TABLE serial ADD PRIMARY KEY (system); -- so that census depends on it
SELECT cmp_ok((SELECT count(*) FROM spell WHERE end_date = start_date), '>', 500::bigint, 'some spells end on the day they start');
SELECT cmp_ok((SELECT count(*) FROM spell WHERE end_date IS NULL), '>', 500::bigint, 'some are open');
SELECT is_empty('(SELECT system, day, occupied FROM serial, stp.daily(census)) EXCEPT ALL SELECT * FROM slow', 'no day of any system but as counted one by one');
SELECT is_empty('SELECT * FROM slow EXCEPT ALL (SELECT system, day, occupied FROM serial, stp.daily(census))', 'and none is left out');
SELECT is_empty('SELECT * FROM serial JOIN slow USING (system) WHERE stp.occupied(census, day) IS DISTINCT FROM occupied', 'so are single days');
SELECT is_empty('SELECT serial.system FROM serial JOIN slow USING (system) GROUP BY serial.system HAVING stp.bed_days(census) <> sum(occupied)', 'bed days are their sum');
CREATE TABLE period AS
SELECT p AS period FROM stp.periods('2016-01', '2016-12') p UNION ALL SELECT stp.periods('2016/17 Q1', '2016/17 Q3');
SELECT is_empty($$
    SELECT serial.system, period FROM serial JOIN slow USING (system) JOIN period ON day BETWEEN stp.first_day(period) AND stp.last_day(period)
     GROUP BY serial.system, period
    HAVING (stp.bed_days(census, period) = sum(occupied) AND stp.mean_occupied(census, period) = sum(occupied)::float8 / stp.days(period)) IS NOT TRUE
$$, 'and so by month and by quarter');
SELECT is_empty($$
    SELECT * FROM serial JOIN (SELECT system, period, sum(stp.bed_days(start_date, end_date, period)) AS bed_days
                                 FROM spell, period GROUP BY system, period) s USING (system)
     WHERE stp.bed_days(census, period) IS DISTINCT FROM bed_days
$$, 'the days of single spells add up to the census');
SELECT is_empty($$
    SELECT id FROM spell, unnest('{2015-12,2016-02,2016/17 Q1,2016/17}'::stp.period[]) period,
           LATERAL (SELECT stp.census(v.s, v.e, v.span) FROM (VALUES (start_date, end_date, stp.daterange(period))) v(s, e, span)) c
     WHERE stp.bed_days(start_date, end_date, period) IS DISTINCT FROM stp.bed_days(census)
        OR stp.bed_days(census) <> (SELECT count(*) FROM generate_series(stp.first_day(period), stp.last_day(period), '1 day') day
                                     WHERE start_date <= day AND (day < end_date OR end_date IS NULL))
$$, 'every spell by itself');

-- What was not counted is not known -------------------------------------------------------------------------

SELECT is(ARRAY[stp.bed_days(c, '2016-03'), stp.bed_days(c, '2016-02'), stp.bed_days(c, '2016-04'), stp.bed_days(c, '2016/17'), stp.bed_days(c, '1900-04')],
          '{31,NULL,NULL,NULL,NULL}', 'a period of which days are outside the span has no bed days')
  FROM (SELECT stp.census('2001-01-01', NULL, '[2016-02-02,2016-04-30)') AS c) s;
SELECT is(ARRAY[stp.mean_occupied(c, '2016-03'), stp.mean_occupied(c, '2016-02'), stp.mean_occupied(c, '2016-04')], '{1,NULL,NULL}', 'nor a mean')
  FROM (SELECT stp.census('2001-01-01', NULL, '[2016-02-02,2016-04-30)') AS c) s;
SELECT is(ARRAY[stp.occupied(c, '2016-02-02'), stp.occupied(c, '2016-04-29'), stp.occupied(c, '2016-02-01'), stp.occupied(c, '2016-04-30'),
                stp.occupied(c, 'infinity'), stp.occupied(c, '-infinity')], '{1,1,NULL,NULL,NULL,NULL}', 'nor has a day outside')
  FROM (SELECT stp.census('2001-01-01', NULL, '[2016-02-02,2016-04-30)') AS c) s;
SELECT is(ARRAY[stp.bed_days('2016-02-27', '2016-03-02', '2016-02'), stp.bed_days('2016-02-27', 'infinity', '2016-03'),
                stp.bed_days('2016-02-27', NULL, '2016-02'), stp.bed_days('2016-02-27', NULL, '2016-01'), stp.bed_days('2016-02-27', NULL, NULL)],
          '{3,31,3,0,NULL}', 'the days of one spell');

-- Wrong arguments ---------------------------------------------------------------------------------------

SET datestyle = 'ISO, YMD';
SELECT throws_ok(format('SELECT stp.census(%L, %L, %L)', start_date, end_date, span), state, message, message)
  FROM (VALUES (NULL, '2016-01-02', '[2016-01-01,2016-01-03)', '22023', 'start date must not be null'),
               ('infinity', NULL, '[2016-01-01,2016-01-03)', '22023', 'start date must be a finite date, not "infinity"'),
               ('-infinity', NULL, '[2016-01-01,2016-01-03)', '22023', 'start date must be a finite date, not "-infinity"'),
               ('2016-01-02', '2016-01-01', '[2016-01-01,2016-01-03)', '22023', 'end date "2016-01-01" is before start date "2016-01-02"'),
               ('1999-01-02', '1999-01-01', '[2016-01-01,2016-01-03)', '22023', 'end date "1999-01-01" is before start date "1999-01-02"'),
               ('2016-01-02', '-infinity', '[2016-01-01,2016-01-03)', '22023', 'end date "-infinity" is before start date "2016-01-02"'),
               ('2016-01-01', NULL, NULL, '22023', 'span must not be null'),
               ('2016-01-01', NULL, 'empty', '22023', 'span must have a first and a last day, not "empty"'),
               ('2016-01-01', NULL, '(,)', '22023', 'span must have a first and a last day, not "(,)"'),
               ('2016-01-01', NULL, '(,2016-01-01)', '22023', 'span must have a first and a last day, not "(,2016-01-01)"'),
               ('2016-01-01', NULL, '[2016-01-01,)', '22023', 'span must have a first and a last day, not "[2016-01-01,)"'),
               ('2016-01-01', NULL, '[2016-01-01,infinity]', '22023', 'span must have a first and a last day, not "[2016-01-01,infinity]"'),
               ('2016-01-01', NULL, '[2016-01-01,infinity)', '22023', 'span must have a first and a last day, not "[2016-01-01,infinity)"'),
               ('2016-01-01', NULL, '[-infinity,2016-01-01)', '22023', 'span must have a first and a last day, not "[-infinity,2016-01-01)"'),
               ('2016-01-01', NULL, '[9999-12-31,10000-01-02)', '22023', 'span "[9999-12-31,10000-01-02)" is not within the years 1 to 9999'),
               ('2016-01-01', NULL, '[0001-12-31 BC,0001-01-02)', '22023', 'span "[0001-12-31 BC,0001-01-02)" is not within the years 1 to 9999'),
               ('2016-01-01', NULL, '[2000-01-01,2100-01-02)', '54000', 'span "[2000-01-01,2100-01-02)" is longer than 100 years'),
               ('2016-01-01', NULL, '[4713-01-01 BC,5874897-12-31)', '54000', 'span "[4713-01-01 BC,5874897-12-31)" is longer than 100 years'))
       t(start_date, end_date, span, state, message);
SELECT throws_ok(format('SELECT stp.census(%L, NULL, daterange(date %L, date %L + g)) FROM generate_series(1, 2) g', '2016-01-01', '2016-01-01', '2016-01-01'),
                 '22023', 'spans "[2016-01-01,2016-01-02)" and "[2016-01-01,2016-01-03)" cannot be counted together', 'another last day');
SELECT throws_ok($$SELECT stp.census('2016-01-01', NULL, daterange('2016-01-01'::date + g, '2016-01-05'::date + g)) FROM generate_series(1, 2) g$$,
                 '22023', NULL, 'as many days, but others');
SELECT throws_ok(format('SELECT stp.rollup(s) FROM unnest(ARRAY[%L, %L]::stp.census[]) s', a, b), '22023', NULL, format('%s is not merged with %s', a, b))
  FROM (VALUES ('(2016-01-01,1)', '(2016-01-02,1)'), ('(2016-01-01,1)', '(2016-01-01,1,1)'), ('(2016-01-01,1,1)', '(2016-01-01,1)')) t(a, b);
SELECT throws_ok(format('SELECT stp.bed_days(%s)', arguments), '22023', message, message)
  FROM (VALUES ($$NULL, '2016-01-01', '2016-01'$$, 'start date must not be null'),
               ($$'-infinity', '2016-01-01', '2016-01'$$, 'start date must be a finite date, not "-infinity"'),
               ($$'2016-01-02', '2016-01-01', '2016-01'$$, 'end date "2016-01-01" is before start date "2016-01-02"')) t(arguments, message);

-- Counters end with an error, not at the other end of their range.
SELECT throws_ok(query, '22003', 'more than 2147483647 spells start or end on one day', query)
  FROM (VALUES ($$SELECT stp.rollup(s) FROM unnest('{"(2016-01-01,2147483647,0)","(2016-01-01,1,1)"}'::stp.census[]) s$$),
               ($$SELECT stp.rollup(s) FROM unnest('{"(2016-01-01,2147483647,2147483648,0)","(2016-01-01,1,1,0)"}'::stp.census[]) s$$),
               ($$SELECT stp_internal.census_accum('(2016-01-01,2147483647)', '2016-01-01', NULL, '[2016-01-01,2016-01-02)')$$),
               ($$SELECT stp_internal.census_accum('(2016-01-01,2147483647,2147483648,0)', '2016-01-02', '2016-01-03', '[2016-01-01,2016-01-04)')$$)) t(query);
SELECT is(stp_internal.census_accum('(2016-01-01,2147483646,2147483646)', '2016-01-01', NULL, '[2016-01-01,2016-01-03)')::text, '(2016-01-01,2147483647,2147483647)', 'up to there they count');
SELECT is(stp.rollup(s)::text, '(2016-01-01,2147483647,4294967294)', 'there may be more people than one counter holds')
  FROM unnest('{"(2016-01-01,2147483646,4294967292)","(2016-01-01,1,2)"}'::stp.census[]) s;

SELECT is(stp_internal.census_accum(stored, '2016-01-01', NULL, '[2016-01-01,2016-01-03)')::text || stored::text, '(2016-01-01,2,1)(2016-01-01,1,0)',
          'called from SQL, the transition leaves its argument alone')
  FROM (SELECT '(2016-01-01,1,0)'::stp.census AS stored OFFSET 0) t;
SELECT is(stp_internal.census_combine(stored, stored)::text || stored::text, '(2016-01-01,2,0)(2016-01-01,1,0)', 'so does the combine function')
  FROM (SELECT '(2016-01-01,1,0)'::stp.census AS stored OFFSET 0) t;
SELECT is(stp_internal.census_accum(NULL, '2016-01-01', NULL, '[2016-01-01,2016-01-03)')::text, '(2016-01-01,1,1)', 'without a state, there is a new one');

-- Plans -------------------------------------------------------------------------------------------------

CREATE FUNCTION differ(query text) RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT system FROM serial s FULL JOIN (%s) p USING (system) WHERE s.census::text IS DISTINCT FROM p.census::text', query);
END $$;
\set query 'SELECT system, stp.census(start_date, end_date, \'[2015-12-15,2017-01-20)\') AS census FROM '
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT matches(plan_of(:'query' || 'spell GROUP BY system'), 'Finalize.*Gather.*Partial.*Parallel Seq Scan', 'census can be computed in parallel');
SELECT is_empty(format('SELECT differ(%L)', :'query' || 'spell GROUP BY system'), 'the parallel answer is the serial one');
SELECT matches(plan_of('SELECT stp.rollup(census) FROM serial'), 'Finalize.*Gather.*Partial', 'so can rollup');
SELECT is((SELECT stp.rollup(census)::text FROM serial), (SELECT stp.census(start_date, end_date, :span)::text FROM spell), 'rollup of the parts is the census of the whole');
-- A state so short that it comes from a worker with a header of one byte.
SELECT is((SELECT stp.census(start_date, end_date, '[2016-03-01,2016-03-04)')::text FROM spell),
          (SELECT '(2016-03-01,' || string_agg(sum::text, ',' ORDER BY day) || ')' FROM (
               SELECT day, sum(occupied) FROM slow WHERE day BETWEEN '2016-03-01' AND '2016-03-03' GROUP BY day) s), 'short states are merged too');
RESET max_parallel_workers_per_gather;

CREATE TABLE parted (LIKE spell) PARTITION BY LIST (region);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN (0, 1);
CREATE TABLE parted_b PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT * FROM spell;
ANALYZE parted;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SELECT matches(plan_of(:'query' || 'parted GROUP BY system'), 'Finalize.*Append.*Partial', 'census can be computed partition by partition');
SELECT is_empty(format('SELECT differ(%L)', :'query' || 'parted GROUP BY system'), 'the partitionwise answer is the serial one');
RESET enable_partitionwise_aggregate;
SET enable_hashagg = off;
SELECT is_empty(format('SELECT differ(%L)', :'query' || 'spell GROUP BY system'), 'so is that of sorted groups');
RESET ALL;

SELECT is((SELECT array_agg(census::text ORDER BY g) FROM (
               SELECT g, stp.census(date '2016-01-01' + g, NULL, '[2016-01-01,2016-01-04)') OVER (ORDER BY g) AS census FROM generate_series(0, 2) g) s),
          '{"(2016-01-01,1,1,1)","(2016-01-01,1,2,2)","(2016-01-01,1,2,3)"}', 'as a window aggregate it runs');
SELECT is((SELECT array_agg(census::text ORDER BY g) FROM (
               SELECT g, stp.rollup(state) OVER (ORDER BY g ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS census
                 FROM (SELECT g, stp.census(date '2016-01-01' + g, NULL, '[2016-01-01,2016-01-04)') AS state FROM generate_series(0, 2) g GROUP BY g) s) t),
          '{"(2016-01-01,1,1,1)","(2016-01-01,1,2,2)","(2016-01-01,0,1,2)"}', 'and slides');
SELECT is(stp.census(start_date, end_date, :span) FILTER (WHERE chosen)::text,
          (SELECT stp.census(start_date, end_date, :span)::text FROM spell WHERE chosen), 'FILTER') FROM spell;
SELECT is(stp.census(DISTINCT start_date, end_date, :span)::text,
          (SELECT stp.census(start_date, end_date, :span)::text FROM (SELECT DISTINCT start_date, end_date FROM spell) s), 'DISTINCT') FROM spell;
SELECT is((SELECT array_agg(census::text ORDER BY g NULLS LAST) FROM (
               SELECT g, stp.census(date '2016-01-01' + g, NULL, '[2016-01-01,2016-01-03)') AS census FROM generate_series(0, 1) g GROUP BY GROUPING SETS ((g), ())) s),
          '{"(2016-01-01,1,1)","(2016-01-01,0,1)","(2016-01-01,1,2)"}', 'GROUPING SETS');

-- 10,000 groups of a year: what the hash table takes, and that a small work_mem bounds it.
CREATE FUNCTION peak_memory(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    RETURN jsonb_path_query_first(plan::jsonb, '$.**."Peak Memory Usage"')::int;
END $$;
CREATE TABLE grouped AS SELECT g % 10000 AS g, date '2016-01-01' + g % 366 AS start_date FROM generate_series(1, 50000) g;
ANALYZE grouped;
SET enable_sort = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '64MB';
\set query 'SELECT g, stp.census(start_date, NULL, \'[2016-01-01,2017-01-01)\') FROM grouped GROUP BY g'
SELECT cmp_ok(peak_memory(:'query'), '<', 30 * 1024, 'ten thousand years of days in less than 30 MB');
SET work_mem = '4MB';
SET hash_mem_multiplier = 1;
SELECT cmp_ok(peak_memory(:'query'), '<', 5 * 1024, 'and in less where there is less');
RESET ALL;

-- Text and binary ---------------------------------------------------------------------------------------

SELECT current_setting('data_directory') || '/census.copy' AS file \gset
CREATE TABLE part AS SELECT system AS part, census AS state FROM serial;
INSERT INTO part SELECT 100 + g, stp.census(date '2016-01-01' - g, NULL, daterange(date '2016-01-01', date '2016-01-02' + g)) FROM generate_series(0, 40) g GROUP BY g;
INSERT INTO part VALUES (200, '(9999-12-31,2147483647)'), (201, '(0001-01-01,2147483647,4294967294,2147483646)');
CREATE TABLE copied (LIKE part);
COPY part TO :'file';
COPY copied FROM :'file';
SELECT is_empty('SELECT * FROM part FULL JOIN copied USING (part) WHERE stp_internal.census_send(part.state) IS DISTINCT FROM stp_internal.census_send(copied.state)',
                'text COPY brings every bit back');
TRUNCATE copied;
COPY part TO :'file' (FORMAT binary);
COPY copied FROM :'file' (FORMAT binary);
SELECT is_empty('SELECT * FROM part FULL JOIN copied USING (part) WHERE stp_internal.census_send(part.state) IS DISTINCT FROM stp_internal.census_send(copied.state)',
                'binary COPY brings every bit back');
SET datestyle = 'SQL, DMY';
SELECT is('(2016-02-01,1)'::stp.census::text, '(2016-02-01,1)', 'whatever DateStyle says');
RESET datestyle;
-- Toasted: of a hundred years, and of days that do not compress.
CREATE TABLE large AS
SELECT stp.census(date '2000-01-01' + (random() * 36000)::int, NULL, '[2000-01-01,2100-01-01)') AS state FROM generate_series(1, 100000);
SELECT cmp_ok(pg_column_size(state), '<=', 12 + 36525 * 4, 'four bytes a day and twelve for the state') FROM large;
SELECT is(stp.bed_days(stp.rollup(state)), (SELECT 3 * stp.bed_days(state) FROM large), 'a large state can be merged')
  FROM (SELECT * FROM large, generate_series(1, 3)) s;

SELECT throws_ok(format('SELECT %L::stp.census', bad), '22P02', message || ' for type stp.census: "' || bad || '"', bad)
  FROM (VALUES ('', 'invalid input syntax'), ('x', 'invalid input syntax'), ('()', 'invalid input syntax'), ('(,1)', 'invalid input syntax'),
               ('(2016-01-01,1', 'invalid input syntax'), ('(2016-01-01,1))', 'invalid input syntax'), ('(2016-01-01,1) ', 'invalid input syntax'),
               ('(2016-01-01,)', 'invalid input syntax'), ('(2016-01-01,1,)', 'invalid input syntax'), ('(2016-01-01,1.5)', 'invalid input syntax'),
               ('(2016-01-01,1,x)', 'invalid input syntax'), ('(2016-1-1,1)', 'invalid input syntax'), ('(01/02/2016,1)', 'invalid input syntax'),
               ('(2016-02-30,1)', 'invalid input syntax'), ('(2015-02-29,1)', 'invalid input syntax'), ('(2016-13-01,1)', 'invalid input syntax'),
               ('(2016-00-01,1)', 'invalid input syntax'), ('(+123-01-01,1)', 'invalid input syntax'), ('( 123-01-01,1)', 'invalid input syntax'), ('(infinity,1)', 'invalid input syntax'), ('(2016-01-01 BC,1)', 'invalid input syntax'),
               ('(2016-01-01)', 'invalid value'), ('(0000-12-31,1)', 'invalid value'), ('(9999-12-31,1,1)', 'invalid value'),
               ('(2016-01-01,-1)', 'invalid value'), ('(2016-01-01,1,-1)', 'invalid value'), ('(2016-01-01,2147483648)', 'invalid value'),
               ('(2016-01-01,1,2147483649)', 'invalid value'), ('(2016-01-01,9999999999999999999)', 'invalid value'),
               ('(2016-01-01,1,-9223372036854775808)', 'invalid value')) t(bad, message);
SELECT throws_ok(format('SELECT %L::stp.census', '(2016-01-01' || repeat(',1', 36526) || ')'), '22P02', NULL, 'more than a hundred years');
SELECT throws_ok(format('SELECT %L::stp.census', '(2016-01-01' || repeat(',1', 1000000) || ')'), '22P02', NULL, 'a million days');
SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN skip('soft errors came with PostgreSQL 16', 1)
       ELSE results_eq($$SELECT pg_input_is_valid(t, 'stp.census') FROM unnest('{x,"(2016-01-01,-1)","(2016-01-01,1)"}'::text[]) t$$,
                       '{false,false,true}'::boolean[], 'bad input is a soft error') END;

\set state stp.census
\i test/pgtap/receive.psql
CREATE FUNCTION message(version text, first_day int, days int, VARIADIC changes int[]) RETURNS bytea LANGUAGE sql
RETURN decode(version, 'hex') || int4send(first_day) || int4send(days) || (SELECT string_agg(int4send(c), '' ORDER BY n) FROM unnest(changes) WITH ORDINALITY u(c, n));

SELECT is(receive(message('01', 1, 3, 2, 1, -3)), '(2000-01-02,2,3,0)', 'the binary form is a version, the first day, how many, and the changes');
SELECT throws_ok(format('SELECT receive(%L)', bytes), '22P03', NULL, 'refused: ' || what)
  FROM (VALUES ('another version', message('02', 1, 1, 1)), ('no days', message('01', 1, 0, 1)), ('a negative number of days', message('01', 1, -1, 1)),
               ('more than a hundred years', message('01', 1, 36526, 1)), ('less than nobody', message('01', 1, 2, 1, -2)),
               ('a day before the calendar', message('01', -730120, 1, 1)), ('an infinite day', message('01', 2147483647, 1, 1)),
               ('a day beyond the calendar', message('01', 2921939, 2, 1, 1)), ('bytes left over', message('01', 1, 1, 1) || '\x00')) t(what, bytes);
SELECT throws_ok(format('SELECT receive(%L)', bytes), '08P01', NULL, 'refused: bytes missing')
  FROM (VALUES (message('01', 1, 2, 1)), (message('01', 1, 36525, 1))) t(bytes);

SELECT * FROM finish();
