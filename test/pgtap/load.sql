-- Input as it comes: codes that look alike, words that are none, published returns with headings, totals and blanks, and all
-- that is wrong with a file at once.
SELECT no_plan();
SET client_min_messages = warning;

CREATE FUNCTION refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'nothing was refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;

-- Codes -------------------------------------------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) VALUES ('RN1', 'Hampshire'), ('RX9', 'East Midlands');
CREATE TABLE odd (code text, name text);
INSERT INTO odd VALUES ('RN1 ', 'U+0020 SPACE'), (' RN1', 'U+0020 SPACE'), (E'RN1\t', 'U+0009 TAB'), (E'RN1\r', 'U+000D CARRIAGE RETURN'),
    (E'RN1\u00A0', 'U+00A0 NO-BREAK SPACE'), (E'\uFEFFRN1', 'U+FEFF BYTE ORDER MARK'), (E'RN\u200B1', 'U+200B ZERO WIDTH SPACE'),
    (E'RN\u00AD1', 'U+00AD SOFT HYPHEN'), (E'RN1\u3000', 'U+3000 IDEOGRAPHIC SPACE'), (E'RN1\u2028', 'U+2028 LINE SEPARATOR'),
    (E'R\u2060N1', 'U+2060 WORD JOINER'), (E'RN1\u200E', 'U+200E LEFT-TO-RIGHT MARK');
SELECT is(refusal(format('INSERT INTO stp.organisation (organisation, name) VALUES (%L, %L)', code, 'x')),
          format('22023 | organisation "%s" of stp.organisation has a character that cannot be seen: %s | '
                 'Row of stp.organisation (organisation): (%s). | Write "RN1".', code, name, code), name || ' is refused by its name')
  FROM odd;
SELECT is(refusal(format('UPDATE stp.organisation SET organisation = %L WHERE organisation = ''RX9''', code)),
          format('22023 | organisation "%s" of stp.organisation has a character that cannot be seen: %s | '
                 'Row of stp.organisation (organisation): (%s). | Write "RN1".', code, name, code), name || ' in a code that is changed')
  FROM odd WHERE name LIKE '%NO-BREAK%';
SELECT is(refusal(format('INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES (''ae_within_4_hours'', %L, ''2018-05'', 1, 2)', code)),
          format('22023 | unknown organisation "%s" (with %s) | Row of stp.observation (indicator, organisation, period): (ae_within_4_hours, %s, 2018-05). | Write "RN1".',
                 code, name, code), name || ' is named where the code is referred to, and so is what to write')
  FROM odd;
SELECT matches(refusal('INSERT INTO stp.organisation (organisation, name) VALUES (''rn1'', ''x'')'), '^23505 .*one_organisation_in_small_or_capital_letters',
               'a code is not there in small letters too');
SELECT matches(refusal('INSERT INTO stp.system (system, name) VALUES (''QU9'', ''x''), (''qu9'', ''x'')'), '^23505 .*one_system_in_small_or_capital_letters',
               'nor is one of a system');
SELECT is(refusal('INSERT INTO stp.membership (organisation, system) VALUES (''rn1'', ''QQ1'')'),
          '22023 | unknown organisation "rn1"; unknown system "QQ1" | Rows of stp.membership (organisation, system, valid_from): (rn1, QQ1, 1900-04-01); '
          '(rn1, QQ1, 1900-04-01). | Write "RN1". Add the others to stp.organisation and stp.system first, or correct the codes in stp.membership.',
          'who writes in small letters is told the capital ones');
SELECT is(refusal(E'INSERT INTO stp.organisation (organisation, name) VALUES (E''\\u200B'', ''x'')'),
          E'22023 | organisation "\u200B" of stp.organisation has a character that cannot be seen: U+200B ZERO WIDTH SPACE | '
          'Row of stp.organisation (organisation): (\u200B). | Write a code that can be seen.', 'nothing that can be seen is no code');
SELECT lives_ok($$ INSERT INTO stp.organisation (organisation, name) VALUES ('trust of ours', 'x'), ('é', 'x') $$, 'a space within a code and other letters are');
DELETE FROM stp.organisation WHERE name = 'x';

-- The kind: every column in which a code is born, and not one that another table or a list of words decides.
CREATE VIEW guarded AS
SELECT t.tgrelid, unnest(string_to_array(split_part(m.parts[1], ': ', 1), ', ')) AS column_name, split_part(m.parts[1], ': ', 2) AS rule
  FROM pg_trigger t CROSS JOIN LATERAL regexp_matches(pg_get_triggerdef(t.oid), '''([^'']+: [^'']+)''', 'g') m (parts)
 WHERE t.tgfoid = 'stp_internal.guard'::regproc AND t.tgname = 'guard_insert';
SELECT results_eq($$
    SELECT (c.conrelid::regclass::text || '.' || a.attname)::text COLLATE "default"
      FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.atttypid = 'text'::regtype
     WHERE c.contype = 'p' AND c.connamespace = 'stp'::regnamespace AND c.conrelid::regclass::text !~ '_history$|^stp\.(assess|publi|refresh)'
       AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = c.conrelid AND a.attnum = ANY (f.conkey))
       AND NOT EXISTS (SELECT FROM guarded g WHERE g.tgrelid = c.conrelid AND g.column_name = a.attname)
     ORDER BY 1 $$,
    $$ VALUES ('stp.ambulatory_condition.prefix') $$, 'every code of a key is guarded; a prefix has a pattern of its own');
SELECT is_empty($$
    SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE contype = 'c' AND connamespace = 'stp'::regnamespace AND pg_get_constraintdef(oid) ~ '^CHECK \(\(\w+ = ANY \(ARRAY' AND conrelid <> 'stp.refresh_log'::regclass $$,
    'a word that is none is not refused by the name of a constraint');

-- Words -------------------------------------------------------------------------------------------------------------

SELECT is(refusal(statement), '22023 | ' || expected, statement) FROM (VALUES
    ($$ INSERT INTO stp.population (system, period, sex, persons) VALUES ('QU9', '2016/17', 'M', 1) $$,
     'unknown sex "M" in stp.population | Row of stp.population (system, period, age_from, sex): (QU9, 2016/17, 0, M). | Give one of: persons, female, male.'),
    ($$ INSERT INTO stp.spell (organisation, spell, admission_date, sex) VALUES ('RN1', '1', '2016-04-01', 'M') $$,
     'unknown sex "M" in stp.spell | Row of stp.spell (organisation, spell): (RN1, 1). | Give one of: female, male.'),
    ($$ INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better) VALUES ('i', 'I', '%', 'Proportion', 'high') $$,
     'unknown kind "Proportion" in stp.indicator | Row of stp.indicator (indicator): (i). | Give one of: proportion, rate, ratio, mean, judgement.'),
    ($$ INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('i', 'I', '%', 'Mean', 'high', 'none') $$,
     'unknown kind "Mean" in stp.indicator | Row of stp.indicator (indicator): (i). | Give one of: proportion, rate, ratio, mean, judgement.'),
    ($$ INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better) VALUES ('i', 'I', '%', 'proportion', 'high') $$,
     'unknown better "high" in stp.indicator | Row of stp.indicator (indicator): (i). | Give one of: higher, lower, neutral.'),
    ($$ INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, when_incomplete) VALUES ('i', 'I', '%', 'rate', 'higher', 'scale') $$,
     'unknown when_incomplete "scale" in stp.indicator | Row of stp.indicator (indicator): (i). | Give one of: no value, scale up.'),
    ($$ INSERT INTO stp.emergency_attendance VALUES ('RN1', '2016-04', 'Type 1', 1, 0, 0) $$,
     'unknown department_type "Type 1" in stp.emergency_attendance | Row of stp.emergency_attendance (organisation, period, department_type): (RN1, 2016-04, Type 1). '
     '| Give one of: 1, 2, 3, other, none.'),
    ($$ INSERT INTO stp.system (system, name, kind) VALUES ('S', 'S', 'System') $$,
     'unknown kind "System" in stp.system | Row of stp.system (system): (S). | Give one of: nation, region, system, place.'),
    ($$ INSERT INTO stp.scheme (scheme, name, rates) VALUES ('s', 'S', 'trust') $$,
     'unknown rates "trust" in stp.scheme | Row of stp.scheme (scheme): (s). | Give one of: nation, region, system, place, organisation.'),
    ($$ INSERT INTO stp.scheme (scheme, name, peer_group) VALUES ('s', 'S', 'Region') $$,
     'unknown peer_group "Region" in stp.scheme | Row of stp.scheme (scheme): (s). | Give one of: type, subtype, region, parent.'),
    ($$ INSERT INTO stp.observation_source VALUES ('spells') $$,
     'unknown source "spells" in stp.observation_source | Row of stp.observation_source (source): (spells). '
     '| Give one of: delayed_transfer, discharge_delay, emergency_attendance, finance including, finance excluding, judgement, spell, schema.relation.'),
    ($$ INSERT INTO stp.finance_threshold VALUES ('s', 'm', 1, '=>', 1, 'published') $$,
     'unknown comparison "=>" in stp.finance_threshold | Row of stp.finance_threshold (scheme, metric, score): (s, m, 1). | Give one of: >, >=, <, <=.'),
    ($$ INSERT INTO stp.report_symbol (symbol, means) VALUES ('x', 'nil') $$,
     'unknown means "nil" in stp.report_symbol | Row of stp.report_symbol (symbol, builtin): (x, f). | Give one of: suppressed, not applicable, not reported, zero.'))
    t (statement, expected);

-- Reports as text ---------------------------------------------------------------------------------------------------

INSERT INTO stp.observation_text
SELECT E'ae_within_4_hours\u00A0', code, to_char(date '2018-04-01' + row_number() OVER () * interval '1 month', 'YYYY-MM'), E'\u00A090', E'100\u200B', '' FROM odd;
INSERT INTO stp.observation_text VALUES ('ae_within_4_hours', 'rx9', '2018-05', E'\uFEFF*', E'n/a\r', '');
SELECT results_eq('SELECT organisation, status, count(*), sum(numerator) FROM stp.observation GROUP BY 1, 2 ORDER BY 1',
                  $$ VALUES ('RN1', NULL, 12::bigint, 1080::float8), ('RX9', 'suppressed', 1, NULL) $$, 'text is read as what it looks like');
SELECT is(refusal($$ INSERT INTO stp.observation_text VALUES ('ae_within_4_hours', 'RN1', '2020-04', '9O', '100', ''),
                     ('ae_within_4_hours', 'RN1', '2020-05', '90', '1OO', ''), ('ae_within_4_hours', 'RX9', '2020-xx', '95%', '100', '') $$),
          E'22023 | neither a number nor a known symbol: "9O" (and 3 more) | '
          'Row of stp.observation_text (indicator, organisation, period): (ae_within_4_hours, RN1, 2020-04): neither a number nor a known symbol: "9O"\n'
          'Row of stp.observation_text (indicator, organisation, period): (ae_within_4_hours, RN1, 2020-05): neither a number nor a known symbol: "1OO"\n'
          'Row of stp.observation_text (indicator, organisation, period): (ae_within_4_hours, RX9, 2020-xx): invalid input syntax for type period: "2020-xx"\n'
          'Row of stp.observation_text (indicator, organisation, period): (ae_within_4_hours, RX9, 2020-xx): neither a number nor a known symbol: "95%" | ' ||
          split_part(refusal($$ INSERT INTO stp.observation_text VALUES ('ae_within_4_hours', 'RN1', '2020-04', '9O', '100', ''),
                     ('ae_within_4_hours', 'RN1', '2020-05', '90', '1OO', ''), ('ae_within_4_hours', 'RX9', '2020-xx', '95%', '100', '') $$), ' | ', 4),
          'all that cannot be read is told at once');
SELECT matches(refusal($$ INSERT INTO stp.observation_text SELECT 'ae_within_4_hours', 'RN1', '2020-04', 'x' || i, '1', '' FROM generate_series(1, 30) i $$),
               '^22023 \| neither a number nor a known symbol: "x1" \(and 29 more\) .*"x20"\nand 10 more \|', 'and what is too much to tell is counted');

-- Delayed transfers ---------------------------------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) VALUES ('817', 'Wiltshire');
INSERT INTO stp.dtoc_return (year, period_name, provider_code, local_authority_code, care_type, reason, nhs_a, nhs_b, social_care_a, social_care_b, both_a, both_b) VALUES
    (E'2016-17\u00A0', 'OCTOBER', E'rn1\u00A0', '817 ', 'Acute', 'I_HOUSING', '6.0', '1,006.00', '0', '0', '', '0'),
    ('2016-17', 'OCTOBER', '-', '-', 'Acute', 'I_HOUSING', '6', '6', '0', '0', '0', '0'),
    ('2016-17', 'OCTOBER', 'X24', '817', 'Acute', 'I_HOUSING', '6', '6', '0', '0', '0', '0'),
    ('2016-17', 'OCTOBER', 'England', 'ENGLAND', 'Acute', 'I_HOUSING', '6', '6', '0', '0', '0', '0'),
    ('2016-17', 'OCTOBER', ' Total ', NULL, NULL, NULL, '6', '6', '0', '0', '0', '0'),
    ('2016-17', 'OCTOBER', 'rzz', '999', 'Acute', 'I_HOUSING', '6', '6', '0', '0', '0', '0');
SELECT results_eq('SELECT number, kind, organisation FROM stp.dtoc_return_line ORDER BY number',
                  $$ VALUES (1::bigint, 'data', 'RN1'), (2, 'total', '-'), (3, 'total', 'X24'), (4, 'total', 'ENGLAND'), (5, 'total', 'TOTAL'), (6, 'data', 'RZZ') $$,
                  'totals of England are known');
CALL stp.load_dtoc_return('2016-12-08', register => true) \gset took_
SELECT is(:'took_headings' || ' ' || :'took_lines' || ' ' || :'took_registered', '4 2 2', 'skipped and counted');
SELECT results_eq($$ SELECT patients, delayed_days FROM stp.delayed_transfer WHERE organisation = 'RN1' AND attributed_to = 'NHS' $$, 'VALUES (6, 1006)', '6.0 is 6');
SELECT set_eq('SELECT organisation FROM stp.organisation', ARRAY['817', '999', 'RN1', 'RX9', 'RZZ'], 'no organisation is called -');
INSERT INTO stp.dtoc_return (year, period_name, provider_code, local_authority_code, care_type, reason, nhs_a, nhs_b, social_care_a, social_care_b, both_a, both_b) VALUES
    ('2016-17', 'OCTOBER', 'RN1', '817', 'Acute', 'I_HOUSING', '6.5', '6', '0', '0', '0', '0'),
    ('2016-17', 'OCTOBER', 'RN1', '817', 'Acute', 'H_DISPUTES', '6', '6', '0', '0', '0', '0'),
    ('2016-17', 'OCTOBRE', 'RN1', '817', 'Acute', 'H_DISPUTES', '6', '6', '0', '0', '0', '0'),
    ('2016-17', 'OCTOBER', ' rn1', '817', 'Acute', 'H_DISPUTES', '6', '6', '0', '0', '0', '0');
SELECT is(refusal('CALL stp.load_dtoc_return()'),
          E'22023 | line of the return has a count that is no whole number at or above 0: (2016-17,OCTOBER,,,RN1,,817,,Acute,I_HOUSING,6.5,6,0,0,0,0) (and 2 more) | '
          'Line 1: line of the return has a count that is no whole number at or above 0: (2016-17,OCTOBER,,,RN1,,817,,Acute,I_HOUSING,6.5,6,0,0,0,0)\n'
          'Line 3: line of the return has no valid month: (2016-17,OCTOBRE,,,RN1,,817,,Acute,H_DISPUTES,6,6,0,0,0,0)\n'
          'Line 4: line of the return is there twice: (2016-17,OCTOBER,,," rn1",,817,,Acute,H_DISPUTES,6,6,0,0,0,0) | '
          'An empty cell counts 0. A year is written 2016-17, a month OCTOBER. TRUNCATE stp.dtoc_return and load the file once.', 'all lines at fault at once');
DELETE FROM stp.dtoc_return;

SELECT matches(refusal($$ INSERT INTO stp.observation_text VALUES ('ae_within_4_hours', 'Total', '2018-05', '1', '2', ''), ('ae_within_4_hours', '-', '2018-05', '1', '2', '') $$),
          '22023 .* Leave out totals: -, X24, ENGLAND and TOTAL are the whole of England[.]$', 'nobody is told to add England as an organisation');

-- The A&E return, in the three layouts that it has had -----------------------------------------------------------------

CREATE FUNCTION header(number_of text, with_booked boolean, other text) RETURNS text LANGUAGE sql RETURN concat_ws(',', 'Period,Org Code,Parent Org,Org name',
    replace('#A&E attendances Type 1,#A&E attendances Type 2,#A&E attendances Other A&E Department', '#', number_of),
    CASE WHEN with_booked THEN 'A&E attendances Booked Appointments Type 1,A&E attendances Booked Appointments Type 2,A&E attendances Booked Appointments Other Department' END,
    replace('#ttendances over 4hrs Type 1,#ttendances over 4hrs Type 2,#ttendances over 4hrs ', '#', CASE number_of WHEN '' THEN 'A' ELSE number_of || 'a' END) || other,
    CASE WHEN with_booked THEN 'Attendances over 4hrs Booked Appointments Type 1,Attendances over 4hrs Booked Appointments Type 2,Attendances over 4hrs Booked Appointments Other Department' END,
    'Patients who have waited 4-12 hs from DTA to admission,Patients who have waited 12+ hrs from DTA to admission',
    'Emergency admissions via A&E - Type 1,Emergency admissions via A&E - Type 2,Emergency admissions via A&E - Other A&E department,Other emergency admissions');
INSERT INTO stp.ae_return VALUES
    (E'\uFEFF' || header('Number of ', false, 'Other A&E Department') || E'\r'),
    (E'MSitAE-APRIL-2019,RN1,NHS ENGLAND SOUTH EAST ,"HAMPSHIRE, TRUST","10,000",0,500.0,1000,0,5,40,0,2500,0,7,300\r'),
    (E'MSitAE-APRIL-2019,rf4 ,NHS ENGLAND LONDON,BARKING,16500,0,8000,,,15,900,0,4000,0,10,1200\r'),
    (E'MSitAE-APRIL-2019,NLX01,-,WALK-IN,,,700,-,-,3,0,0,,,0,\r'),
    (E'TOTAL,TOTAL,TOTAL,TOTAL,26500,0,9200,1000,0,23,940,0,6500,0,17,1500\r'), (''),
    (header('', true, 'Other Department')), ('MSitAE-MARCH-2021,RN1,NHS ENGLAND SOUTH EAST,HAMPSHIRE,100,0,50,5,0,0,20,0,0,2,0,0,1,0,30,0,1,9');
SELECT is(refusal('CALL stp.load_ae_return()'), '22023 | the return has unknown organisations: NLX01 WALK-IN, RF4 BARKING | Add them to stp.organisation first, or '
          'let CALL stp.load_ae_return(register => true) add them with these names.', 'unknown organisations are listed');
CALL stp.load_ae_return(register => true) \gset took_
SELECT is(:'took_headings' || ' ' || :'took_lines' || ' ' || :'took_organisation_months' || ' ' || :'took_registered', '4 4 4 2', 'headers, a total and a blank line are skipped');
SELECT results_eq('SELECT organisation, period::text, department_type, attendances, over_4_hours, emergency_admissions FROM stp.emergency_attendance ORDER BY 2, 1, 3',
    $$ VALUES ('NLX01', '2019-04', 'other', 700::bigint, 3::bigint, 0::bigint), ('RF4', '2019-04', '1', 16500, NULL, 4000), ('RF4', '2019-04', '2', 0, 0, 0),
              ('RF4', '2019-04', 'none', 0, 0, 1200), ('RF4', '2019-04', 'other', 8000, 15, 10), ('RN1', '2019-04', '1', 10000, 1000, 2500),
              ('RN1', '2019-04', '2', 0, 0, 0), ('RN1', '2019-04', 'none', 0, 0, 300), ('RN1', '2019-04', 'other', 500, 5, 7),
              ('RN1', '2021-03', '1', 100, 20, 30), ('RN1', '2021-03', '2', 0, 0, 0), ('RN1', '2021-03', 'none', 0, 0, 9), ('RN1', '2021-03', 'other', 50, 0, 1) $$,
    'a row for each type of department that has figures, by the headings of its own file');
SELECT results_eq($$ SELECT indicator, organisation, numerator, denominator FROM stp.emergency_attendance_observation WHERE period = '2019-04' AND organisation <> 'NLX01' ORDER BY 2, 1 $$,
    $$ VALUES ('ae_attendances', 'RF4', 24500::float8, NULL::float8), ('ae_emergency_admissions', 'RF4', 4010, NULL), ('emergency_admissions', 'RF4', 5210, NULL),
              ('ae_attendances', 'RN1', 10500, NULL), ('ae_emergency_admissions', 'RN1', 2507, NULL), ('ae_within_4_hours', 'RN1', 9495, 10500),
              ('emergency_admissions', 'RN1', 2807, NULL) $$, 'no share within 4 hours where a type is not known, but attendances');
SELECT is((SELECT region FROM stp.organisation WHERE organisation = 'RF4'), 'NHS ENGLAND LONDON', 'who is new has the region of the return');
INSERT INTO stp.system (system, name) VALUES ('S', 'System');
INSERT INTO stp.membership (organisation, system) VALUES ('RN1', 'S'), ('RF4', 'S');
DELETE FROM stp.observation;
INSERT INTO stp.emergency_attendance SELECT organisation, '2019-03', department_type, attendances, coalesce(over_4_hours, 9), emergency_admissions FROM stp.emergency_attendance WHERE period = '2019-04';
INSERT INTO stp.observation_source VALUES ('emergency_attendance');
CALL stp.refresh();
SELECT results_eq($$ SELECT organisation FROM stp.missing_report WHERE indicator = 'ae_within_4_hours' AND period = '2019-04' AND organisation IN ('RN1', 'RF4') $$,
    $$ VALUES ('RF4') $$, 'who is not known is missing');
SELECT results_eq($$ SELECT denominator, status FROM stp.system_indicator WHERE indicator = 'ae_within_4_hours' AND system = 'S' AND period = '2019-04' $$,
    $$ VALUES (10500::float8, 'partial') $$, 'and the figure of the system is partial, not smaller');

INSERT INTO stp.ae_return VALUES (header('', true, 'Other Department')), ('MSitAE-MARCH-2021,RN1,X,X,110,0,50,5,0,0,20,0,0,2,0,0,1,0,30,0,1,9');
CALL stp.load_ae_return(add_booked => true) \gset took_
SELECT results_eq($$ SELECT attendances, over_4_hours FROM stp.emergency_attendance WHERE period = '2021-03' AND department_type = '1' $$, 'VALUES (115::bigint, 22::bigint)',
    'a revision replaces the month; booked appointments may be added');

INSERT INTO stp.ae_return VALUES ('MSitAE-APRIL-2019,RN1,X,X,1,2,3,4,5,6'), (header('', false, 'Other Department')), ('MSitAE-APRYL-2019,RN1,X,X,1,0,0,1,0,0,0,0,0,0,0,0'),
    ('MSitAE-APRIL-2019,RN1,X,X,1,0,0,2,0,0,0,0,0,0,0,0'), ('MSitAE-APRIL-2019,RN1,X,X,,0,0,2,0,0,0,0,0,0,0,0'), ('MSitAE-APRIL-2019,,X,X,1,0,0,1,0,0,0,0,0,0,0,0'),
    ('MSitAE-MAY-2019,RN1,X,X,1,0,0,1,0,0,0,0,0,0,0,0'), ('MSitAE-MAY-2019,RN1 ,X,X,1,0,0,1,0,0,0,0,0,0,0,0'), ('MSitAE-JUNE-2019,RN1,X,X,1.5,0,0,1,0,0,0,0,0,0,0,0');
SELECT results_eq($$ SELECT split_part(line, ':', 1) || split_part(line, ':', 2)
                       FROM regexp_split_to_table(split_part(refusal('CALL stp.load_ae_return()'), ' | ', 3), E'\n') line $$,
    $$ VALUES ('Line 1 line of the return stands before the column header'), ('Line 3 line of the return has no valid month'),
              ('Line 4 line of the return has more over 4 hours than attendances of type 1'), ('Line 5 line of the return has figures of type 1 but no attendances'),
              ('Line 6 line of the return lacks an organisation'), ('Line 8 line of the return is there twice'),
              ('Line 9 line of the return has a count of type 1 that is no whole number at or above 0') $$, 'all lines at fault at once');
SELECT is((SELECT count(*) FROM stp.ae_return), 9::bigint, 'and nothing is lost');
TRUNCATE stp.ae_return;
INSERT INTO stp.ae_return VALUES (E'\uFEFF"' || replace(header('', false, 'Other Department'), ',', '","') || '"'), ('"MSitAE-JULY-2019","RN1","X","X, Y","1,000","","","100"'), ('MSitAE-JULY-2019,RF4,X,X,"10');
SELECT is((SELECT string_agg(concat_ws(' ', number, kind, attendances, over_4_hours, fault), '; ' ORDER BY number) FROM stp.ae_return_line),
    '1 column header; 2 data 1000 100; 3 data has a count of type 1 that is no whole number at or above 0',
    'a byte order mark may stand before quotes, and a cell that does not end with its quotes is none');
SELECT * FROM finish();
