-- Module registry: files as they are, with symbols in the place of numbers, become observations by a mapping that can be read.
SELECT plan(74);

INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'Trust ' || i FROM generate_series(1, 100) i;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('seen', 'Seen', '%', 'proportion', 'higher', 100, 'reports'), ('admitted', 'Admitted', 'per 1,000', 'rate', 'lower', 1000, 'population'),
    ('score', 'Score', '0-10', 'mean', 'higher', 1, 'none');

-- What cells become ---------------------------------------------------------------------------------------------

CREATE FUNCTION becomes(indicator text, numerator text, denominator text, value text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM stp.observation;
    INSERT INTO stp.observation_text VALUES (indicator, 'O1', '2026-01', numerator, denominator, value);
    RETURN coalesce((SELECT concat_ws(' ', coalesce(o.numerator::text, '~'), coalesce(o.denominator::text, '~'), coalesce(o.value::text, '~'), o.status)
                       FROM stp.observation o), 'left out');
EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT is(becomes('seen', numerator, denominator, value), expected, format('seen: %s of %s, %s', numerator, denominator, value))
  FROM (VALUES ('45', '50', NULL, '45 50 ~'), ('1,234', '2,000,000', '', '1234 2000000 ~'), (' 12.5 ', E'\t20\r', '-', '12.5 20 ~'),
               ('1e2', '1E3', '..', '100 1000 ~'), ('.5', '5.', NULL, '0.5 5 ~'), ('0', '0', NULL, '0 0 ~'), ('+4', '5', NULL, '4 5 ~'),
               ('*', '50', NULL, '~ 50 ~ suppressed'), ('[c]', '*', NULL, '~ ~ ~ suppressed'), (' C ', '', NULL, '~ ~ ~ suppressed'),
               ('[C]', '1,000', '*', '~ 1000 ~ suppressed'), ('suppressed', '7', '', '~ 7 ~ suppressed'),
               ('n/a', 'n/a', 'n/a', '~ ~ ~ not applicable'), ('N/A', '50', NULL, '~ ~ ~ not applicable'), ('[z]', '[z]', '[z]', '~ ~ ~ not applicable'),
               ('Not Applicable', NULL, NULL, '~ ~ ~ not applicable'), ('', '50', 'n/a', '~ ~ ~ not applicable'),
               ('-', '50', NULL, 'left out'), ('', '', '', 'left out'), (NULL, NULL, NULL, 'left out'), ('..', '..', '..', 'left out'),
               (':', '50', NULL, 'left out'), ('[x]', '[x]', '', 'left out'), (E' \t', '*', '', 'left out'),
               -- a symbol does not hide what is wrong
               ('45', '*', NULL, '22023 observation of "seen" by organisation "O1" in 2026-01 needs a numerator and a denominator, and no value'),
               ('-', '50', '7', '22023 observation of "seen" by organisation "O1" in 2026-01 needs a numerator and a denominator, and no value'),
               ('n/a', '50', '7', '22023 observation of "seen" by organisation "O1" in 2026-01 is not applicable, but has numbers'),
               ('51', '50', NULL, '22023 observation of "seen" by organisation "O1" in 2026-01 has a numerator above its denominator'),
               ('-5', '50', NULL, '22023 observation of "seen" by organisation "O1" in 2026-01 has a negative count'),
               ('*', '-50', NULL, '22023 observation of "seen" by organisation "O1" in 2026-01 is suppressed, but has numbers'),
               -- neither a number nor a known symbol
               ('12.5%', '50', NULL, '22023 neither a number nor a known symbol: "12.5%"'), ('1', '1,23', NULL, '22023 neither a number nor a known symbol: "1,23"'),
               ('1', '50', 'x', '22023 neither a number nor a known symbol: "x"'), ('-', '-', '?', '22023 neither a number nor a known symbol: "?"'),
               ('NaN', '50', NULL, '22023 neither a number nor a known symbol: "NaN"'), ('Infinity', '50', NULL, '22023 neither a number nor a known symbol: "Infinity"'),
               ('1 234', '50', NULL, '22023 neither a number nor a known symbol: "1 234"'), ('0x1F', '50', NULL, '22023 neither a number nor a known symbol: "0x1F"'),
               ('.', '50', NULL, '22023 neither a number nor a known symbol: "."'), ('1.2.3', '50', NULL, '22023 neither a number nor a known symbol: "1.2.3"'),
               (',123', '50', NULL, '22023 neither a number nor a known symbol: ",123"'), ('£5', '50', NULL, '22023 neither a number nor a known symbol: "£5"'),
               ('1e999', '50', NULL, '22023 neither a number nor a known symbol: "1e999"')) t(numerator, denominator, value, expected);
SELECT is(becomes(indicator, numerator, denominator, value), expected, format('%s: %s of %s, %s', indicator, numerator, denominator, value))
  FROM (VALUES ('score', '', '', '7.1', '~ ~ 7.1'), ('score', 'n/a', '..', '-7.1', '~ ~ -7.1'), ('score', NULL, NULL, '*', '~ ~ ~ suppressed'),
               ('score', 'n/a', 'n/a', '', '~ ~ ~ not applicable'), ('score', '-', '', '-', 'left out'),
               ('score', '5', '', '7', '22023 observation of "score" by organisation "O1" in 2026-01 needs a value and no counts'),
               ('admitted', '5', '', NULL, '5 ~ ~'), ('admitted', '*', '', NULL, '~ ~ ~ suppressed'),
               ('admitted', '5', '900', NULL, '22023 observation of "admitted" by organisation "O1" in 2026-01 needs a numerator only'),
               ('unheard', '-', '', NULL, '22023 unknown indicator "unheard"')) t(indicator, numerator, denominator, value, expected);

-- The mapping -----------------------------------------------------------------------------------------------------

INSERT INTO stp.report_symbol (symbol, means, source) VALUES ('-', 'zero', 'Nil in our files'), ('9999', 'not reported', 'Our system'), ('low', 'suppressed', NULL);
SELECT is(becomes('seen', '-', '50', NULL), '0 50 ~', 'a row of yours takes the place of the builtin one');
SELECT is(becomes('seen', '9999', '50', NULL), 'left out', 'a symbol may look like a number');
SELECT is(becomes('seen', ' LOW', '50', NULL), '~ 50 ~ suppressed', 'or be a word');
DELETE FROM stp.report_symbol WHERE NOT builtin;
SELECT is(becomes('seen', '-', '50', NULL), 'left out', 'without it the builtin one holds');
SELECT throws_ok(command, state, NULL, command)
  FROM (VALUES ('23001', $$DELETE FROM stp.report_symbol WHERE symbol = '*'$$), ('23001', $$UPDATE stp.report_symbol SET means = 'zero' WHERE symbol = '-'$$),
               ('23001', $$INSERT INTO stp.report_symbol VALUES ('x', 'zero', NULL, true)$$), ('23514', $$INSERT INTO stp.report_symbol VALUES ('N/K', 'zero')$$),
               ('23514', $$INSERT INTO stp.report_symbol VALUES (' x', 'zero')$$), ('22023', $$INSERT INTO stp.report_symbol VALUES ('x', 'nothing')$$),
               ('22023', $$INSERT INTO stp.report_symbol VALUES (U&'n\00A0/k', 'zero')$$)) t(state, command);

-- Files -----------------------------------------------------------------------------------------------------------

SELECT current_setting('data_directory') || '/observation_text' AS file \gset
DELETE FROM stp.observation;
CREATE TABLE large AS
SELECT 'seen' AS indicator, 'O' || 1 + i % 100 AS organisation, to_char(date '2000-04-01' + i / 100 * interval '1 month', 'YYYY-MM') AS period,
       CASE i % 5 WHEN 0 THEN '*' WHEN 1 THEN '-' ELSE to_char(i % 1000, 'FM9,999') END AS numerator, to_char(1000 + i, 'FM999,999') AS denominator, '' AS value
  FROM generate_series(0, 24999) i;
COPY large TO :'file' (FORMAT csv);
COPY stp.observation_text FROM :'file' (FORMAT csv);
SELECT results_eq('SELECT status, count(*), sum(numerator), sum(denominator) FROM stp.observation GROUP BY 1 ORDER BY 1',
                  $$SELECT CASE i % 5 WHEN 0 THEN 'suppressed' END, count(*), sum(CASE WHEN i % 5 > 1 THEN i % 1000 END)::float8, sum(1000 + i)::float8
                      FROM generate_series(0, 24999) i WHERE i % 5 <> 1 GROUP BY 1 ORDER BY 1$$, 'a file of more rows than are written at once, each counted');
CREATE TABLE loaded AS SELECT * FROM stp.observation;
COPY (SELECT * FROM stp.observation_text) TO :'file';
DELETE FROM stp.observation;
COPY stp.observation_text FROM :'file';
SELECT set_eq('SELECT indicator, organisation, period, numerator, denominator, value, status FROM stp.observation',
              'SELECT indicator, organisation, period, numerator, denominator, value, status FROM loaded', 'what is read from it can be loaded again');
SELECT throws_ok('COPY stp.observation_text FROM ' || quote_literal(:'file'), '23505', NULL, 'once');
SELECT is((SELECT count(*) FROM stp.observation), 20000::bigint, 'a load that fails leaves nothing, nor takes anything');
DELETE FROM stp.observation;
INSERT INTO stp.observation_text VALUES ('seen', 'O1', '2026-01', '1', '2', NULL);
SELECT is((SELECT count(*) FROM stp.observation), 1::bigint, 'nor does anything wait for the next statement');
SELECT throws_ok($$INSERT INTO stp.observation_text VALUES ('seen', 'O2', '2026/1', '-', '2', NULL)$$, '22P02', NULL, 'a period is read in rows that are left out, too');

-- Statements within statements, and savepoints: what is rolled back takes nothing else with it.
CREATE FUNCTION load_and_fail(n int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stp.observation_text VALUES ('seen', 'O' || 50 + n, '2026-02', '1', '2', NULL);
    RAISE EXCEPTION 'no';
EXCEPTION WHEN raise_exception THEN
    INSERT INTO stp.observation_text VALUES ('seen', 'O' || 70 + n, '2026-02', '1', '2', NULL);
    RETURN '1';
END $$;
INSERT INTO stp.observation_text SELECT 'seen', 'O' || i, '2026-02', load_and_fail(i), '2', NULL FROM generate_series(1, 9) i;
SELECT set_eq($$SELECT organisation FROM stp.observation WHERE period = '2026-02'$$,
              $$SELECT 'O' || i FROM generate_series(1, 9) i UNION ALL SELECT 'O' || i FROM generate_series(71, 79) i$$, 'each row once');

-- What is left out is missing; what is suppressed, or not applicable, is not.
INSERT INTO stp.system (system, name) VALUES ('S', 'System');
INSERT INTO stp.membership (organisation, system) SELECT 'O' || i, 'S' FROM generate_series(1, 4) i;
INSERT INTO stp.observation_text SELECT 'seen', 'O' || i, '2026-05', '1', '2', '' FROM generate_series(1, 4) i;
INSERT INTO stp.observation_text VALUES ('seen', 'O1', '2026-06', '1', '2', ''), ('seen', 'O2', '2026-06', '-', '2', ''),
    ('seen', 'O3', '2026-06', '*', '2', ''), ('seen', 'O4', '2026-06', 'n/a', '', '');
SELECT results_eq($$SELECT organisation FROM stp.missing_report WHERE indicator = 'seen' AND period = '2026-06' AND organisation IN ('O1', 'O2', 'O3', 'O4')$$,
                  $$VALUES ('O2')$$, 'what is left out is reported as missing');

-- With the rights of who loads --------------------------------------------------------------------------------------

CREATE ROLE stp_text_loader;
GRANT INSERT ON stp.observation_text TO stp_text_loader;
SET ROLE stp_text_loader;
\set load 'INSERT INTO stp.observation_text VALUES (\'seen\', \'O1\', \'2026-03\', \'1\', \'2\', NULL)'
SELECT throws_ok(:'load', '42501', 'permission denied for table observation', 'who may not write observations does not by way of text');
RESET ROLE;
GRANT INSERT ON stp.observation TO stp_text_loader;
SET ROLE stp_text_loader;
SELECT lives_ok(:'load', 'who may, does');
RESET ROLE;
DROP OWNED BY stp_text_loader;
DROP ROLE stp_text_loader;

SELECT * FROM finish();
