-- How expressions are resolved with the search path that everybody has.
--
-- What PostgreSQL's own expressions mean does not depend on the extension: operators of stp.period live in pg_catalog, and text is
-- read as a period where one is wanted, but nothing that could be resolved without them is resolved otherwise.
SELECT no_plan();
SET client_min_messages = warning;
DROP EXTENSION stp_metrics;

CREATE TABLE type_tried (type text PRIMARY KEY, literal text);
INSERT INTO type_tried VALUES ('boolean', 't'), ('smallint', '1'), ('integer', '1'), ('bigint', '1'), ('numeric', '1'), ('real', '1'),
    ('double precision', '1'), ('money', '1'), ('text', '2016/17'), ('varchar', '2016/17'), ('bpchar', '2016/17'), ('name', '2016/17'),
    ('"char"', '2'), ('date', '2016-12-01'), ('time', '12:00'), ('timetz', '12:00+00'), ('timestamp', '2016-12-01'),
    ('timestamptz', '2016-12-01'), ('interval', '1 day'), ('daterange', '[2016-12-01,2017-01-01)'), ('int4range', '[1,2)'),
    ('numrange', '[1,2)'), ('tstzrange', '[2016-12-01,2017-01-01)'), ('datemultirange', '{[2016-12-01,2017-01-01)}'),
    ('integer[]', '{1}'), ('text[]', '{2016/17}'), ('date[]', '{2016-12-01}'), ('json', '{}'), ('jsonb', '{}'), ('uuid', NULL),
    ('bytea', '\x00'), ('inet', '10.0.0.1'), ('cidr', '10.0.0.0/8'), ('macaddr', NULL), ('point', '(1,2)'), ('box', '(1,2),(3,4)'),
    ('circle', '<(1,2),3>'), ('polygon', '((1,2),(3,4))'), ('path', NULL), ('lseg', NULL), ('oid', '1'), ('regclass', 'pg_class'),
    ('xid', '1'), ('pg_lsn', '0/1'), ('tsvector', 'a'), ('tsquery', 'a'), ('bit', '1'), ('varbit', '1');

CREATE TABLE expression (expression text PRIMARY KEY, without text, without_result text, with_it text, with_it_result text);
-- Each operator that we add to, between a value of each type and what might be taken for a period: a literal, NULL, a character string.
INSERT INTO expression (expression)
SELECT DISTINCT e.expression
  FROM unnest('{=,<>,<,<=,>,>=,+,-,@>,<@,&&}'::text[]) operator,
       (SELECT format('%L::%s', literal, type) AS value, literal FROM type_tried) a,
       (SELECT quote_nullable(literal) AS value FROM type_tried UNION VALUES ('NULL'), ('''2016-12''') UNION
        SELECT format('%L::%s', literal, type) FROM type_tried WHERE type = ANY ('{text,varchar,bpchar,name,"\"char\""}')) b,
       unnest(ARRAY[format('%s %s %s', a.value, operator, b.value), format('%s %s %s', b.value, operator, a.value)]) e (expression);
INSERT INTO expression (expression)
SELECT format(form, a.value)
  FROM (SELECT format('%L::%s', literal, type) AS value FROM type_tried UNION SELECT quote_literal(literal) FROM type_tried) a,
       unnest(ARRAY['max(%1$s)', 'min(%1$s)', '%1$s IN (%1$s, NULL)', '%1$s BETWEEN %1$s AND %1$s', '%1$s = ANY (ARRAY[%1$s])',
                    'ROW(%1$s, 1) < ROW(%1$s, 2)', '%1$s IS DISTINCT FROM %1$s', 'CASE %1$s WHEN %1$s THEN 1 END', 'nullif(%1$s, %1$s)',
                    'greatest(%1$s, NULL)', 'coalesce(%1$s, NULL)', 'count(DISTINCT %1$s)', 'array_agg(%1$s ORDER BY %1$s)']) form
 WHERE form IS NOT NULL AND a.value IS NOT NULL
    ON CONFLICT DO NOTHING;
INSERT INTO expression (expression)
SELECT format('%s %s %s', a, operator, b)
  FROM unnest('{=,<>,<,<=,>,>=,+,-,@>,<@,&&}'::text[]) operator,
       unnest(ARRAY['NULL', '''2016-12''', '''1''', '''{1}''', '''[1,2)''', '$$x$$']) a, unnest(ARRAY['NULL', '''2016-12''', '''1''', '''{1}''', '''[1,2)''', '$$x$$']) b;

-- The operators, functions and types that an expression is made of, or the error it gives.
CREATE FUNCTION resolution(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    parts text;
BEGIN
    -- What is made is undone by the exception.
    EXECUTE 'CREATE VIEW tried AS SELECT ' || expression || ' AS x';
    SELECT string_agg(m[1], ' ') INTO parts
      FROM pg_rewrite, regexp_matches(ev_action::text, ':((?:opno|opfuncid|funcid|aggfnoid|consttype|resulttype|opresulttype|opnos|eqop|sortop) [(o \d]+)', 'g') m
     WHERE ev_class = 'tried'::regclass;
    RAISE EXCEPTION USING MESSAGE = parts, ERRCODE = 'ZZ000';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE WHEN SQLSTATE = 'ZZ000' THEN SQLERRM ELSE 'error ' || SQLSTATE END;
END $$;

UPDATE expression SET without = resolution(expression);
CREATE EXTENSION stp_metrics;
UPDATE expression SET with_it = resolution(expression);

SELECT cmp_ok((SELECT count(*)::int FROM expression), '>', 30000, 'a corpus of expressions');
SELECT cmp_ok((SELECT count(*)::int FROM expression WHERE without !~ '^error'), '>', 5000, 'many of which mean something');
SELECT is_empty($$ SELECT expression, without, with_it FROM expression WHERE without !~ '^error' AND with_it IS DISTINCT FROM without $$,
    'and mean the same with the extension');
-- An operator between two character strings that PostgreSQL does not have is ours now, and finds that they are no periods.
SELECT is_empty($$ SELECT expression, without, with_it FROM expression
                    WHERE without ~ '^error' AND with_it <> without
                      AND NOT (without IN ('error 42883', 'error 42725') AND expression ~ '(text|varchar)' AND expression ~ ' (\+|-|@>|<@|&&) ') $$,
    'what was an error is the same error');

-- Our own: all that SQL can say about a column works for one of periods, and what an index can serve it serves.
SELECT is(current_setting('search_path'), '"$user", public', 'nobody has set a search path');
CREATE TABLE report (period stp.period, code int, label text, PRIMARY KEY (period, code));
INSERT INTO report SELECT p, i, p::text FROM stp.periods('2001-01', '2020-12') p, generate_series(1, 50) i;
CREATE TABLE wanted (period stp.period PRIMARY KEY);
INSERT INTO wanted VALUES ('2016-03'), ('2016-04');
ANALYZE report, wanted;
SET plan_cache_mode = force_generic_plan;
PREPARE typed(text) AS SELECT count(*) FROM report WHERE period = $1;
PREPARE typed_varchar(varchar) AS SELECT count(*) FROM report WHERE period = $1;
PREPARE untyped AS SELECT count(*) FROM report WHERE period = $1;
PREPARE span(text, text) AS SELECT count(*) FROM report WHERE period BETWEEN $1 AND $2;
PREPARE one_of(text[]) AS SELECT count(*) FROM report WHERE period = ANY ($1::stp.period[]);

\i test/pgtap/plan_of.psql
CREATE FUNCTION answer(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE statement INTO result;
    RETURN result;
END $$;
CREATE TABLE said (statement text, expected text, indexed boolean DEFAULT true);
INSERT INTO said VALUES
    ($$ SELECT count(*) FROM report WHERE period = '2016-03' $$, '50'),
    ($$ SELECT count(*) FROM report WHERE '2016-03' = period $$, '50'),
    ($$ SELECT count(*) FROM report WHERE period = '2016-03'::text $$, '50'),
    ($$ SELECT count(*) FROM report WHERE period = '2016-03'::varchar(7) $$, '50'),
    ($$ SELECT count(*) FROM report WHERE period >= '2020-11' $$, '100'),
    ($$ SELECT count(*) FROM report WHERE period BETWEEN '2016-03' AND '2016-04' $$, '100'),
    ($$ SELECT count(*) FROM report WHERE period IN ('2016-03', '2016-04') $$, '100'),
    ($$ SELECT count(*) FROM report WHERE period IN (SELECT period FROM wanted) $$, '100'),
    ($$ SELECT count(*) FROM report WHERE period = ANY ('{2016-03,2016-04}') $$, '100'),
    ($$ SELECT count(*) FROM report WHERE period = (SELECT max(period) FROM wanted) $$, '50'),
    ($$ SELECT count(*) FROM report JOIN wanted USING (period) $$, '100'),
    ($$ SELECT count(*) FROM report NATURAL JOIN wanted $$, '100'),
    ($$ SELECT count(*) FROM (VALUES ('2016-03'), ('2016-04')) w (label) JOIN report ON period = w.label $$, '100'),
    ($$ SELECT count(*) FROM report WHERE (period, code) = ('2016-03', 1) $$, '1'),
    ($$ SELECT count(*) FROM report WHERE (period, code) > ('2020-12', 48) $$, '2'),
    ($$ SELECT count(*) FROM report WHERE period <@ '2016/17 Q3' $$, '150'),
    ($$ SELECT count(*) FROM report WHERE period = stp.period '2016-02' + 1 $$, '50'),
    ($$ SELECT max(period) FROM report $$, '2020-12'),
    ($$ SELECT min(period) FROM report WHERE period > '2016-03' $$, '2016-04'),
    ($$ SELECT period FROM report ORDER BY period DESC, code LIMIT 1 $$, '2020-12'),
    ($$ SELECT count(*) FROM (SELECT period FROM report WHERE period < '2001-03' GROUP BY period) g $$, '2'),
    ($$ EXECUTE typed('2016-03') $$, '50'),
    ($$ EXECUTE typed_varchar('2016-03') $$, '50'),
    ($$ EXECUTE untyped('2016-03') $$, '50'),
    ($$ EXECUTE span('2016-03', '2016-04') $$, '100'),
    ($$ EXECUTE one_of('{2016-03,2016-04}') $$, '100');
INSERT INTO said VALUES
    ($$ SELECT count(*) FROM report WHERE period IS DISTINCT FROM '2016-03' $$, '11950', false),
    ($$ SELECT count(*) FROM report WHERE period IS NOT DISTINCT FROM '2016-03' $$, '50', false),
    ($$ SELECT count(*) FROM report WHERE period <> '2016-03' AND period NOT IN ('2016-04') $$, '11900', false),
    ($$ SELECT count(*) FROM report WHERE CASE period WHEN '2016-03' THEN true END $$, '50', false),
    ($$ SELECT count(*) FROM report WHERE label = period $$, '12000', false),
    ($$ SELECT count(*) FROM report WHERE nullif(period, '2016-03') IS NULL $$, '50', false),
    ($$ SELECT greatest(stp.period '2016-03', '2016/17') $$, '2016/17', false),
    ($$ SELECT count(DISTINCT period) FROM report $$, '240', false),
    ($$ SELECT max(period) - min(period) FROM report $$, '239', false),
    ($$ SELECT max(period) + 1 FROM report $$, '2021-01', false);
CREATE VIEW said_to_anybody AS SELECT statement, expected FROM said WHERE statement !~ 'EXECUTE';
GRANT SELECT ON said_to_anybody TO PUBLIC;
SET enable_seqscan = off;
SELECT is(answer(statement), expected, trim(statement)) FROM said WHERE statement !~ 'EXECUTE';
SELECT matches(plan_of(statement), 'report_pkey', 'by the index:' || statement) FROM said WHERE indexed;
SELECT is(answer($$ SELECT x FROM (SELECT unnest(ARRAY['2016-03', '2016-04']::stp.period[]) EXCEPT SELECT stp.period '2016-03') u (x) $$), '2016-04', 'set operations');

-- What is bound as text is read as a period.
CREATE TABLE bound (period stp.period);
PREPARE insert_varchar(varchar) AS INSERT INTO bound VALUES ($1) RETURNING period;
EXECUTE insert_varchar('2016/17 Q3');
SELECT results_eq('SELECT period FROM bound', $$ VALUES (stp.period '2016/17 Q3') $$, 'a varchar parameter goes into a column');
SELECT throws_ok($$ EXECUTE insert_varchar('Christmas') $$, '22P02', NULL, 'unless it is no period');
PREPARE assess(text, text) AS SELECT * FROM stp.assess($1, $2);
SELECT throws_ok($$ EXECUTE assess('no-such-scheme', '2016-03') $$, '22023', 'unknown scheme "no-such-scheme"', 'functions take text parameters');

-- All this without a right to anything internal.
CREATE ROLE resolution_reader;
GRANT SELECT ON report, wanted TO resolution_reader;
SET ROLE resolution_reader;
SELECT is(answer(statement), expected, 'anybody:' || statement) FROM said_to_anybody;
SELECT is((SELECT count(*) FROM report WHERE period = label AND period = any (ARRAY[label]::stp.period[])), 12000::bigint, 'and labels of columns');
RESET ROLE;
DROP OWNED BY resolution_reader;
DROP ROLE resolution_reader;
SELECT * FROM finish();
