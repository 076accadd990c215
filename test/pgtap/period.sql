-- Behaviour of stp.period, checked against PostgreSQL's own calendar wherever that has an answer.
SET search_path = stp, public;
SET datestyle = ISO;
SELECT no_plan();

-- ---- Literals ----

CREATE TABLE literal (literal text, canonical text, sqlstate text);
\copy literal FROM 'test/fixtures/period_literals.csv' (FORMAT csv, HEADER)

-- What becomes of a literal: its printed form, or the SQLSTATE it is refused with.
CREATE FUNCTION read_literal(literal text, OUT printed text, OUT code text) LANGUAGE plpgsql AS $$
BEGIN
    printed := literal::period;
EXCEPTION WHEN OTHERS THEN
    code := SQLSTATE;
END $$;

SELECT cmp_ok((SELECT count(*)::int FROM literal), '>=', 190, 'the corpus of literals was read');
SELECT is_empty($$
    SELECT literal, canonical, sqlstate, r.*
      FROM literal, read_literal(literal) AS r
     WHERE (canonical, sqlstate) IS DISTINCT FROM (r.printed, r.code)
    $$, 'every literal of the corpus is read or refused as written there');

-- On 16 and later the same literals through the soft-error door.
CREATE FUNCTION soft_errors() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('server_version_num')::int < 160000 THEN
        RETURN NEXT skip('soft errors came with PostgreSQL 16', 1);
    ELSE
        RETURN QUERY EXECUTE $q$SELECT is_empty(
            'SELECT literal FROM literal WHERE pg_input_is_valid(literal, ''stp.period'') <> (sqlstate IS NULL)',
            'a refused literal is a soft error')$q$;
    END IF;
END $$;
SELECT soft_errors();

-- ---- Every period there is ----

-- n counts the periods of a grain; first and last come from interval arithmetic.
CREATE TABLE every AS
SELECT grain, n, months, stp.period(first::date, grain) AS p, first::date, (first + length - interval '1 day')::date AS last
  FROM (VALUES ('month', 1), ('quarter', 3), ('half', 6), ('year', 12)) AS g (grain, months),
       generate_series(0, 3600 / months - 1) AS n,
       make_interval(months => months) AS length,
       LATERAL (SELECT timestamp '1900-04-01' + length * n) AS f (first);
ANALYZE every;

SELECT is((SELECT count(DISTINCT p)::int FROM every), 3600 + 1200 + 600 + 300, 'all periods differ');
SELECT is_empty($$
    SELECT p, first, last FROM every
     WHERE (first_day(p), last_day(p), days(p), grain(p), p::daterange, year_to_date(p))
           IS DISTINCT FROM
           (first, last, last - first + 1, grain, daterange(first, last, '[]'),
            daterange((date_trunc('year', first - interval '3 months') + interval '3 months')::date, last, '[]'))
    $$, 'days of every period');
SELECT is_empty($$
    SELECT p FROM every
     WHERE p::text <> CASE grain
           WHEN 'month' THEN to_char(first, 'YYYY-MM')
           ELSE to_char(first - interval '3 months', 'YYYY/') || to_char(first + interval '9 months', 'YY') ||
                CASE grain WHEN 'half' THEN ' H' || n % 2 + 1 WHEN 'quarter' THEN ' Q' || n % 4 + 1 ELSE '' END END
        OR p::text::period <> p
    $$, 'text of every period, and back');
SELECT is_empty($$
    SELECT grain FROM every GROUP BY grain HAVING sum(days(p)) <> date '2200-04-01' - date '1900-04-01'
    $$, 'each grain covers the range without gap or overlap');
SELECT is_empty($$
    SELECT p FROM every
     WHERE stp.period(first, grain) <> p OR stp.period(last, grain) <> p
        OR stp.period(first + (last - first) / 2, grain) <> p
    $$, 'first, last and middle day lie in their period');
SELECT is_empty($$
    SELECT day FROM every, unnest(ARRAY[first, last]) day
     WHERE (stp.month(day), stp.quarter(day), stp.half(day), stp.financial_year(day))
           IS DISTINCT FROM (stp.period(day, 'month'), stp.period(day, 'quarter'), stp.period(day, 'half'), stp.period(day, 'year'))
    $$, 'and without a word');
SELECT is_empty($$
    SELECT p FROM every
     WHERE extract(dow FROM last_thursday(p)) <> 4 OR NOT contains(p, last_thursday(p)) OR contains(p, last_thursday(p) + 7)
    $$, 'last Thursday of every period');
SELECT is_empty($$
    SELECT every.p, coarser.grain FROM every JOIN every AS coarser
        ON coarser.months >= every.months AND every.first BETWEEN coarser.first AND coarser.last
     WHERE coarsen(every.p, coarser.grain) <> coarser.p OR NOT coarser.p @> every.p OR NOT every.p <@ coarser.p
    $$, 'every period lies in its coarser ones');
SELECT is_empty($$
    SELECT p FROM every
     WHERE stp.financial_year(p) <> coarsen(p, 'year') OR months <= 6 AND stp.half(p) <> coarsen(p, 'half')
        OR months <= 3 AND stp.quarter(p) <> coarsen(p, 'quarter')
    $$, 'and without a word');
SELECT is(num_nulls(stp.month(NULL), stp.quarter(NULL::date), stp.half(NULL::stp.period)), 3, 'NULL gives NULL');
SELECT is_empty($$
    SELECT year.p, fine.grain FROM every AS year JOIN every AS fine ON fine.p <@ year.p
     WHERE year.grain = 'year' GROUP BY year.p, fine.grain, fine.months HAVING count(*) <> 12 / fine.months
    $$, 'a year holds 12 months, 4 quarters, 2 halves and itself');
SELECT is_empty($$
    SELECT last_month(p), last FROM every WHERE last_month(p) <> stp.period(last, 'month')
    $$, 'last month of every period');

-- ---- Order ----

SELECT is_empty($$
    SELECT p FROM (SELECT p, row_number() OVER (ORDER BY p) AS ours,
                          row_number() OVER (ORDER BY first, last DESC) AS wanted FROM every) AS o
     WHERE ours <> wanted
    $$, 'order is by first day, then the longer first');
CREATE VIEW near AS SELECT * FROM every WHERE first BETWEEN '2015-01-01' AND '2018-12-31';
SELECT is_empty($$
    SELECT a.p, b.p FROM near AS a, near AS b,
           LATERAL (SELECT (a.first, -a.months) AS x, (b.first, -b.months) AS y) AS o
     WHERE (a.p < b.p, a.p <= b.p, a.p = b.p, a.p <> b.p, a.p >= b.p, a.p > b.p, stp_internal.period_cmp(a.p, b.p))
           IS DISTINCT FROM (x < y, x <= y, x = y, x <> y, x >= y, x > y,
                             CASE WHEN x < y THEN -1 WHEN x = y THEN 0 ELSE 1 END)
    $$, 'comparison operators agree with the order, mixed grains too');
SELECT is_empty($$
    SELECT a.p, b.p FROM near AS a, near AS b
     WHERE (a.p @> b.p, a.p <@ b.p, a.p && b.p, contains(a.p, b.last))
           IS DISTINCT FROM
           (a.p::daterange @> b.p::daterange, a.p::daterange <@ b.p::daterange, a.p::daterange && b.p::daterange,
            a.p::daterange @> b.last)
    $$, 'containment and overlap agree with those of the ranges of days');
SELECT is((SELECT array_agg(x) FROM (VALUES (contains(NULL, date '2016-04-01')),
                (contains('2016/17', NULL)), (NULL::period @> period '2016/17'), (period '2016/17' @> NULL::period),
                (NULL::period <@ period '2016/17'), (period '2016/17' <@ NULL::period),
                (NULL::period && period '2016/17')) AS v (x)),
          array_fill(NULL::boolean, ARRAY[7]), 'containment of or in NULL is NULL');

-- ---- Arithmetic ----

SELECT is_empty($$
    SELECT p FROM (SELECT *, first_value(p) OVER (PARTITION BY grain ORDER BY n) AS p0 FROM every) AS e
     WHERE p0 + n <> p OR n + p0 <> p OR p - n <> p0 OR p - p0 <> n OR p0 - p <> -n OR p0 - (-n) <> p
    $$, 'sums and differences of every period');
SELECT is_empty($$
    SELECT min(p), max(p) FROM every GROUP BY grain
    HAVING (SELECT count(*) FROM periods(min(every.p), max(every.p))) <> count(*)
    $$, 'periods() lists all of a grain');
SELECT results_eq($$SELECT periods('2016-11', '2017-02')$$, $$VALUES (period '2016-11'), ('2016-12'), ('2017-01'), ('2017-02')$$,
                  'periods() lists both ends, in order');
SELECT is_empty($$SELECT periods('2016-12', '2016-11') UNION ALL SELECT periods(NULL, '2016-11')
                  UNION ALL SELECT periods('2016-11', NULL)$$, 'no periods from later to earlier, nor of NULL');
SELECT throws_ok(query, code, NULL, query) FROM (VALUES
    ($$SELECT period '2199/00' + 1$$, '22008'), ($$SELECT period '1900-04' - 1$$, '22008'),
    ($$SELECT period '1900/01' - (-2147483648)$$, '22008'), ($$SELECT (-2147483648) + period '2199/00'$$, '22008'),
    ($$SELECT period '2016/17' - period '2016/17 H1'$$, '22023'), ($$SELECT periods('2016/17', '2017-12')$$, '22023'),
    ($$SELECT coarsen('2016/17', 'half')$$, '22023'), ($$SELECT coarsen('2016-12', 'days')$$, '22023'),
    ($$SELECT stp.half(period '2016/17')$$, '22023'), ($$SELECT stp.quarter(period '2016/17 H1')$$, '22023'),
    ($$SELECT stp.month('infinity')$$, '22008'), ($$SELECT stp.financial_year(date '1900-03-31')$$, '22008'),
    ($$SELECT period('2016-12-01', '')$$, '22023'),
    ($$SELECT period('infinity', 'year')$$, '22008'), ($$SELECT period('-infinity', 'month')$$, '22008'),
    ($$SELECT period('1900-03-31', 'year')$$, '22008'), ($$SELECT period('2200-04-01', 'month')$$, '22008'),
    ($$SELECT period('4713-01-01 BC', 'month')$$, '22008')) AS v (query, code);

-- ---- Aggregates ----

SELECT is(min(p), period '1900/01', 'min') FROM every;
SELECT is(max(p), period '2200-03', 'max') FROM every;
SELECT is(max(p), NULL, 'max of no rows is NULL') FROM every WHERE false;
SELECT is(max(p), period '2016-05', 'max passes over NULL') FROM unnest('{NULL,2016-05,2016/17}'::period[]) AS p;

-- ---- Binary form ----

-- The binary form of an integer is that of the period with these bits, so integers make good files and bad ones.
CREATE TABLE bits (bits int);
CREATE TABLE received (p period);
CREATE FUNCTION receive(bits int, OUT printed text, OUT code text) LANGUAGE plpgsql AS $$
DECLARE
    file text := current_setting('data_directory') || '/period.bin';
BEGIN
    TRUNCATE bits, received;
    INSERT INTO bits VALUES (receive.bits);
    EXECUTE format('COPY bits TO %L (FORMAT binary)', file);
    EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
    SELECT p INTO printed FROM received;
EXCEPTION WHEN OTHERS THEN
    code := SQLSTATE;
END $$;
SELECT results_eq(
    $$SELECT v.bits, r.* FROM unnest('{0,1,2,3,5568,14399,4,5,6,12,14,25,48,14400,-1,-4,2147483647,-2147483648}'::int[]) AS v (bits),
             receive(v.bits) AS r$$,
    $$VALUES (0, '1900/01', NULL), (1, '1900/01 H1', NULL), (2, '1900/01 Q1', NULL), (3, '1900-04', NULL),
             (5568, '2016/17', NULL), (14399, '2200-03', NULL), (4, NULL, '22P03'), (5, NULL, '22P03'), (6, NULL, '22P03'),
             (12, NULL, '22P03'), (14, '1900/01 Q2', NULL), (25, '1900/01 H2', NULL), (48, '1901/02', NULL),
             (14400, NULL, '22P03'), (-1, NULL, '22P03'), (-4, NULL, '22P03'),
             (2147483647, NULL, '22P03'), (-2147483648, NULL, '22P03')$$,
    'received bits are a period or refused');
SELECT is(stp_internal.period_send('2016/17'), '\x000015c0'::bytea, 'sent in network order');

CREATE TABLE copied (p period);
SELECT current_setting('data_directory') || '/every.bin' AS file \gset
COPY (SELECT p FROM every ORDER BY p) TO :'file' (FORMAT binary);
COPY copied FROM :'file' (FORMAT binary);
SELECT results_eq('SELECT p FROM copied', 'SELECT p FROM every ORDER BY p', 'every period survives binary COPY');

-- ---- Indexes and joins ----

SELECT ok(amvalidate(oid), opcname || ' is complete') FROM pg_opclass WHERE opcintype = 'period'::regtype ORDER BY 1;

\i test/pgtap/plan_of.psql

CREATE TABLE activity AS SELECT p, first, random() AS x FROM every, generate_series(1, 5) ORDER BY p;
CREATE INDEX activity_btree ON activity (p);
ANALYZE activity;
SET enable_seqscan = off;
SELECT matches(plan_of($$SELECT * FROM activity WHERE p = '2016/17'$$), 'Index Scan using activity_btree', 'btree finds equals');
SELECT matches(plan_of($$SELECT * FROM activity WHERE p > '2016/17' AND p <= '2016-06'$$), 'activity_btree.*Cond', 'btree finds a span');
SELECT matches(plan_of($$SELECT * FROM activity WHERE p <@ '2016/17'$$), 'activity_btree.*Cond: \(\(p >= .*\) AND \(p <= .*\)\)',
               'btree finds the parts of a period');
SELECT is((SELECT count(*)::int FROM activity WHERE p <@ '2016/17'), 5 * (12 + 4 + 2 + 1), 'and all of them');
SELECT matches(plan_of($$SELECT p FROM activity ORDER BY p LIMIT 1$$), 'Limit.*using activity_btree', 'btree gives the order');
SELECT matches(plan_of($$SELECT max(p) FROM activity$$), 'Limit.*Backward using activity_btree', 'btree gives the last');
SELECT is((SELECT max(p) FROM activity), period '2200-03', 'and it is the last');
DROP INDEX activity_btree;

CREATE INDEX activity_hash ON activity USING hash (p);
SELECT matches(plan_of($$SELECT * FROM activity WHERE p = '2016/17'$$), 'activity_hash.*Cond', 'hash finds equals');
SELECT is((SELECT count(*)::int FROM activity WHERE p = '2016/17'), 5, 'and all of them');
DROP INDEX activity_hash;

CREATE INDEX activity_brin ON activity USING brin (p) WITH (pages_per_range = 4);
SELECT matches(plan_of($$SELECT * FROM activity WHERE p <@ '2016/17'$$), 'Bitmap Index Scan on activity_brin', 'BRIN finds the parts of a period');
SELECT is((SELECT count(*)::int FROM activity WHERE p <@ '2016/17'), 5 * (12 + 4 + 2 + 1), 'and all of them');
DROP INDEX activity_brin;

SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT matches(plan_of($$SELECT count(*) FROM activity JOIN every USING (p)$$), 'Hash Join', 'periods can be hash-joined');
SELECT is((SELECT count(*)::int FROM activity JOIN every USING (p)), 28500, 'and all match');
SET enable_hashjoin = off;
SET enable_mergejoin = on;
SELECT matches(plan_of($$SELECT count(*) FROM activity JOIN every USING (p)$$), 'Merge Join', 'periods can be merge-joined');
SELECT is((SELECT count(*)::int FROM activity JOIN every USING (p)), 28500, 'and all match');
RESET enable_nestloop;
RESET enable_hashjoin;
RESET enable_seqscan;

CREATE TABLE parted (p period) PARTITION BY HASH (p);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT p FROM every;
SELECT ok((SELECT count(*) BETWEEN 2500 AND 3200 FROM parted_0), 'hashing with a seed spreads the periods evenly');

-- ---- Parallel ----

SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT matches(plan_of('SELECT max(p), min(p), sum(days(p)) FROM activity WHERE p <@ ''2016/17'''), 'Finalize.*Gather.*Partial', 'aggregates run in parallel');
SELECT results_eq('SELECT max(p), min(p), sum(days(p)) FROM activity WHERE p <@ ''2016/17''',
                  $$VALUES (period '2017-03', period '2016/17', (365 * 4 * 5)::bigint)$$, 'and give the same');

-- ---- Window frames ----

SELECT is_empty($$
    SELECT p, got, wanted
      FROM (SELECT p, count(*) OVER w AS got, n,
                   count(*) OVER (PARTITION BY grain ORDER BY n RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS wanted
              FROM every WHERE n % 5 <> 3
            WINDOW w AS (PARTITION BY grain ORDER BY p RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING)) AS f
     WHERE got <> wanted
    $$, 'RANGE counts periods, gaps and the ends of the range included');
SELECT is_empty($$
    SELECT p FROM (SELECT p, count(*) OVER (ORDER BY p DESC RANGE BETWEEN 2147483647 PRECEDING AND 2147483647 FOLLOWING) AS got
                     FROM every WHERE grain = 'month') AS f
     WHERE got <> 3600
    $$, 'an offset beyond the range is no error');
SELECT throws_ok($$SELECT count(*) OVER (ORDER BY p RANGE 2 PRECEDING) FROM near$$, '22023', NULL, 'a frame is of one grain');
SELECT throws_ok($$SELECT count(*) OVER (ORDER BY p RANGE -1 PRECEDING) FROM near WHERE grain = 'year'$$, '22013',
                 'invalid preceding or following size in window function', 'a negative offset is refused');

SELECT * FROM finish();
