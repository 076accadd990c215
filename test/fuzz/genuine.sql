-- Genuine values of every base type of the extension, out of the fixtures, and the words that its tables and checks know:
-- what the fuzzer begins with. Run after demo/load.sql, from the top of the tree.
CREATE SCHEMA fuzz;
CREATE TABLE fuzz.genuine (type regtype, literal text);
SET search_path = fuzz, stp, public;

CREATE TEMP TABLE period_literals (literal text, canonical text, sqlstate text);
\copy period_literals FROM 'test/fixtures/period_literals.csv' WITH (FORMAT csv, HEADER)
INSERT INTO genuine SELECT 'stp.period', canonical FROM period_literals WHERE canonical <> '';

CREATE TEMP TABLE band (area text, ageband text, band_no int, count float8, pop float8, stdpop float8);
\copy band FROM 'test/fixtures/standardised/dsr_input.csv' WITH (FORMAT csv, HEADER)
INSERT INTO genuine SELECT 'stp.standardised', standardise(count, pop, stdpop)::text FROM band GROUP BY area;
CREATE TEMP TABLE frequency (area text, ageband text, band_no int, eventfreq int, persons float8, pop float8, stdpop float8);
\copy frequency FROM 'test/fixtures/standardised/dsr_nonindep_input.csv' WITH (FORMAT csv, HEADER)
INSERT INTO genuine SELECT 'stp.standardised', standardise(5 * (band_no - 1), persons, pop, stdpop, eventfreq)::text FROM frequency GROUP BY area;
INSERT INTO genuine
SELECT 'stp.standardised', standardise(events, population, 1)::text
  FROM (VALUES (NULL, 1), (1, 0)) v (events, population) GROUP BY events;

CREATE TEMP TABLE raw (unit text, indicator text, value float8);
\copy raw FROM 'test/fixtures/composite/raw_long.csv' WITH (FORMAT csv, HEADER)
INSERT INTO genuine SELECT 'stp.composite', composite(value, 1 + length(indicator))::text FROM raw GROUP BY unit;
INSERT INTO genuine
SELECT 'stp.composite', composite(score, 0.1)::text FROM (VALUES (NULL), (-1.0), (0.0)) v (score) GROUP BY score;

INSERT INTO genuine
SELECT 'stp.dispersion', dispersion(g % 4, 3 + g, method, target, extremes, 0.1)::text
  FROM generate_series(1, 9) g, unnest('{arcsine,wilson,expected,observed,log,root,counts}'::text[]) method,
       unnest('{NULL,0.3}'::float8[]) target, unnest('{winsorised,trimmed}'::text[]) extremes GROUP BY method, target, extremes;
INSERT INTO genuine SELECT 'stp.dispersion', dispersion(NULL, NULL, 'root')::text;

INSERT INTO genuine
SELECT 'stp.census', census(date '2026-01-01' + i, nullif(date '2026-01-01' + i + i % 9, '2026-01-04'),
                            daterange(date '2026-01-01', date '2026-01-01' + days))::text
  FROM generate_series(0, 60) i, unnest(ARRAY[1, 2, 7, 31, 90, 91, 365]) days GROUP BY days;
INSERT INTO genuine SELECT 'stp.census', census('2019-01-01', NULL, '[2016-04-01,2026-04-01)')::text;

CREATE TEMP TABLE point (case_id text, seq int, x date, y float8, is_rebase int);
\copy point FROM 'test/fixtures/spc/points_input.csv' WITH (FORMAT csv, HEADER)
INSERT INTO genuine SELECT 'stp.spc', spc(x, y)::text FROM point GROUP BY case_id;
INSERT INTO genuine SELECT 'stp.spc', spc(x, seq, nullif(seq * seq, 25), 5)::text FROM point WHERE seq < 40 GROUP BY case_id;

-- Codes of every table, and the words of every check and guard.
CREATE TABLE fuzz.word AS
SELECT (regexp_matches(pg_get_constraintdef(oid), '''([^'']+)''', 'g'))[1] AS word
  FROM pg_constraint WHERE connamespace = 'stp'::regnamespace
UNION
SELECT unnest(string_to_array(split_part((regexp_matches(pg_get_triggerdef(oid), '''([^'']+)''', 'g'))[1], ': ', 2), ', '))
  FROM pg_trigger WHERE tgfoid = 'stp_internal.guard'::regproc;
INSERT INTO word
SELECT unnest((xpath('//v/text()', query_to_xml(
           format('SELECT DISTINCT %1$I::text AS v FROM stp.%2$I WHERE %1$I <> '''' ORDER BY 1 LIMIT 6', a.attname, c.relname),
           false, false, '')))::text[])
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'stp'::regnamespace AND c.relkind = 'r' AND c.reltuples <> 0
   AND a.attnum > 0 AND a.atttypid = 'text'::regtype;
INSERT INTO word SELECT unnest('{arcsine,wilson,expected,observed,log,root,counts,winsorised,trimmed}'::text[]);
INSERT INTO word VALUES ('2026-03'), ('2025/26 Q4'), ('month'), ('quarter'), ('half'), ('year'), ('£1,234.50'),
    ('(1,000)'), ('a,"b",c');
DELETE FROM word WHERE length(word) > 200;
