-- stp.period: its interface, its errors, and the plans that must not change.
SET search_path = stp, public;
SET datestyle = ISO;

-- What was raised, with its SQLSTATE and hint; VERBOSITY verbose would print line numbers of C files.
CREATE FUNCTION pg_temp.refused(query text) RETURNS TABLE (code text, message text, hint text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE query;
    message := 'not refused';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;

-- The operators, as the planner knows them.
SELECT o.oid::regoperator AS operator, oprresult::regtype AS result, oprcom::regoperator AS commutator,
       oprnegate::regoperator AS negator, oprcanhash AS hashes, oprcanmerge AS merges, oprrest AS restrict, oprjoin AS join
FROM pg_operator o WHERE 'period'::regtype IN (oprleft, oprright) AND 'stp.period'::regtype = ANY (ARRAY[oprleft, oprright])
ORDER BY oprname COLLATE "C", oprleft::regtype::text COLLATE "C", oprright::regtype::text COLLATE "C";

-- Text.
SELECT x AS written, x::period AS printed, grain(x::period)
FROM unnest(ARRAY['2016/17', '2016/17 H1', '2016/17 h2', '2016/17 Q3', '2016/17 q4', '2016-12', '2016/17 M09',
                  '2016/17 m12', '  1999/00 ', E'\t2011-12\n', '1900/01', '2199/00', '1900-04', '2200-03']) AS x;
-- As others write them, where it can mean one thing. How wide U+FEFF is psql 15 and 17 do not agree.
SELECT ltrim(x, U&'\FEFF') AS written, x::period AS printed, grain(x::period)
FROM unnest(ARRAY['2016-17', '2016-2017', '2016/2017', '16/17', '16-17 Q3', '2016/17Q3', '2016/17  H1', '99/00', '2016/17 M9',
                  'Apr-16', 'April 2016', '201617', '201604', 'Q1 2016/17', '2016-17, OCTOBER', 'FY 2010-11', U&'\FEFF2016/17\00A0',
                  U&'2016\201317']) AS x;
-- Where it can mean several, the hint has them all.

SELECT x AS written, r.*
FROM unnest(ARRAY['2016-04-01', '2016-12-05', '201011', U&'2010\201311', '11/12', '2016', 'Q1 2016', '2016/12', '2016/18',
                  '2016/17 Q5', '2016-13', '2016-00', '16-Apr', '', 'x',
                  '1899/00', '2200/01', '1900-03', '2200-04', '2200/01 Q1']) AS x,
     pg_temp.refused(pg_catalog.format('SELECT %L::period', x)) AS r;

-- Order: by first day, then the longer first.
SELECT p, first_day(p), last_day(p), days(p)
FROM unnest('{2016-05,2016/17 Q1,2017-03,2016-04,2016/17 H1,2016/17,2016/17 H2,2016/17 Q2,2015-04}'::period[]) AS p
ORDER BY p;

-- Days.
SELECT period('2016-12-25', grain), last_thursday(period('2016-12-25', grain)),
       period('2016-12-25', grain)::daterange, year_to_date(period('2016-12-25', grain))
FROM unnest('{month,quarter,half,year}'::text[]) AS grain;
SELECT r.* FROM unnest(ARRAY[
    $$SELECT period('2016-12-25', 'week')$$, $$SELECT period('2016-12-25', 'Month')$$,
    $$SELECT period('infinity', 'month')$$, $$SELECT period('-infinity', 'year')$$,
    $$SELECT period('1900-03-31', 'month')$$, $$SELECT period('2200-04-01', 'year')$$]) AS q, pg_temp.refused(q) AS r;

-- Containment.
SELECT contains('2016/17', date '2017-03-31') AS last_day, contains('2016/17', date '2017-04-01') AS day_after,
       contains('2016/17', date '2016-04-01') AS first_day, contains('2016/17', date '2016-03-31') AS day_before,
       contains('2016/17', date 'infinity') AS never;
SELECT a, b, a @> b AS contains, a <@ b AS contained, a && b AS overlaps
FROM unnest('{2016/17,2016/17 H1,2016-06,2017-04}'::period[]) AS a,
     unnest('{2016/17,2016/17 Q1,2016/17 Q3}'::period[]) AS b
ORDER BY a, b;

-- Arithmetic.
SELECT period '2016-12' + 4 AS months, 1 + period '2016/17 Q4' AS quarter, period '2016/17' - 17 AS years,
       period '2017-04' - period '2016-04' AS apart, period '2015/16 H1' - period '2016/17 H1' AS back;
SELECT r.* FROM unnest(ARRAY[
    $$SELECT period '2016/17' + 365$$, $$SELECT period '1900-04' - 1$$, $$SELECT period '1900/01' - (-2147483648)$$,
    $$SELECT 2147483647 + period '2199/00'$$, $$SELECT period '2016/17' - period '2016-12'$$]) AS q, pg_temp.refused(q) AS r;
SELECT coarsen('2016-12', grain) FROM unnest('{month,quarter,half,year}'::text[]) AS grain;
SELECT r.* FROM unnest(ARRAY[
    $$SELECT coarsen('2016/17', 'month')$$, $$SELECT coarsen('2016/17', 'decade')$$]) AS q, pg_temp.refused(q) AS r;
SELECT periods('2016/17 Q3', '2017/18 Q1');
SELECT count(*) FROM periods('2017/18 Q1', '2016/17 Q3');
SELECT r.* FROM pg_temp.refused($$SELECT periods('2016/17 Q3', '2017-06')$$) AS r;
SELECT min(p), max(p) FROM unnest('{2016/17,2016-04,2017-03,2016/17 Q4}'::period[]) AS p;
SELECT min(p), max(p) FROM unnest('{}'::period[]) AS p;

-- The casts there are: to daterange by assignment, to anything else only through text.
CREATE TABLE spans (span daterange);
INSERT INTO spans VALUES (period '2016/17');
SELECT * FROM spans;
SELECT r.* FROM pg_temp.refused($$SELECT 5::period$$) AS r;
DROP TABLE spans;

-- Containment of days and of parts is seen through to the columns' indexes, and the count of periods to the planner.
CREATE TABLE activity (day date, period period);
CREATE INDEX activity_day ON activity (day);
CREATE INDEX activity_period ON activity (period);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT day FROM activity WHERE contains('2016/17 Q3', day);
EXPLAIN (COSTS OFF) SELECT period FROM activity WHERE period '2016/17 Q3' @> period;
EXPLAIN (COSTS OFF) SELECT * FROM periods('2016-04', '2017-03') AS month;
DROP TABLE activity;

-- an error shows the beginning of what is long
\set VERBOSITY terse
SELECT (repeat('é', 1000000))::stp.period;
\set VERBOSITY default
