-- Modules activity and emergency: readmissions as NHS Digital defines them (CCG Outcomes Indicator Set 3.2, specification 1.4):
-- edges by hand, random spells against a walk over each person's stays, and standardised rates by sex.
SELECT no_plan();

INSERT INTO stp.system (system, name) VALUES ('S', 'South'), ('N', 'North');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B'), ('C', 'Trust C');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S'), ('B', 'S'), ('C', 'N');

-- The discharges that the arguments after the period leave, each as spell and what followed.
CREATE FUNCTION readmitted(VARIADIC arguments text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT string_agg(spell || coalesce('' '' || to_char(readmission_date, ''FMDD/FMMM''), ''''), '', '' ORDER BY spell COLLATE "C")
                      FROM stp.index_discharge(''2016-12''%s)', (SELECT string_agg(', ' || a, '' ORDER BY n) FROM unnest(arguments) WITH ORDINALITY u (a, n))) INTO found;
    RETURN found;
END $$;
-- Stays in the words of a test: organisation, spell, admission, discharge, method, then whatever else.
CREATE PROCEDURE given(rows text) LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM stp.spell;
    EXECUTE 'INSERT INTO stp.spell (person, organisation, spell, admission_date, discharge_date, admission_method, diagnosis, further_diagnoses, discharge_method, discharge_destination)
             SELECT person, organisation, spell, first::date, last::date, method, diagnosis, further::text[], dismeth, disdest
               FROM (VALUES ' || rows || ', (NULL, ''A'', ''none'', ''2010-01-01'', ''2010-01-01'', NULL, NULL, NULL, NULL, NULL))
                    v (person, organisation, spell, first, last, method, diagnosis, further, dismeth, disdest)';
END $$;

-- Three patients: one comes back as planned, then as an emergency; one comes back on the 30th day; one is transferred and comes back.
CALL given($$ ('ann', 'A', '1', '2016-12-01', '2016-12-05', '21', NULL, NULL, '1', '19'), ('ann', 'A', '2', '2016-12-07', '2016-12-09', '11', NULL, NULL, '1', '19'),
              ('ann', 'B', '3', '2016-12-20', '2016-12-22', '21', NULL, NULL, '1', '19'),
              ('bob', 'A', '4', '2016-11-28', '2016-12-01', '21', NULL, NULL, '1', '19'), ('bob', 'B', '5', '2016-12-31', '2016-12-31', '21', NULL, NULL, '1', '19'),
              ('cat', 'A', '6', '2016-12-02', '2016-12-04', '21', NULL, NULL, '1', '51'), ('cat', 'B', '7', '2016-12-04', '2016-12-10', '2A', NULL, NULL, '1', '19'),
              ('cat', 'A', '8', '2016-12-20', '2017-01-03', '21', NULL, NULL, '1', '19') $$);
SELECT is(readmitted(), '1, 2 20/12, 3, 4, 5, 7 20/12', 'the definition: 2 of 6');
SELECT is(readmitted('30', '''{C,O}''', 'cancer_diagnoses => ''{}''', 'continuous => false'), '1 20/12, 2 20/12, 3, 4 31/12, 5, 6 4/12, 7 20/12', 'our older rule: 5 of 7');
SELECT results_eq($$ SELECT organisation, discharges, readmissions FROM stp.organisation_readmission('2016-12') $$, $$ VALUES ('A', 3, 1), ('B', 3, 1) $$, 'where the person left');
SELECT is((SELECT (discharges, readmissions)::text FROM stp.system_readmission('2016-12')), '(6,2)', 'and by system');

-- Days -------------------------------------------------------------------------------------------------------------

CALL given($$ ('ann', 'A', '1', '2016-12-01', '2016-12-05', '11', NULL, NULL, NULL, NULL), ('ann', 'A', '2', '2017-01-03', NULL, '21', NULL, NULL, NULL, NULL),
              ('bob', 'A', '3', '2016-12-01', '2016-12-05', '11', NULL, NULL, NULL, NULL), ('bob', 'A', '4', '2017-01-04', NULL, '21', NULL, NULL, NULL, NULL),
              ('cat', 'A', '5', '2016-12-01', '2016-12-05', '11', NULL, NULL, NULL, NULL), ('cat', 'A', '6', '2016-12-05', NULL, '21', NULL, NULL, NULL, NULL),
              ('dan', 'A', '7', '2016-12-01', '2016-12-31', '11', NULL, NULL, NULL, NULL), ('dan', 'A', '8', '2017-01-29', '2017-01-30', '21', NULL, NULL, NULL, NULL) $$);
SELECT is(readmitted(), '1 3/1, 3, 5 5/12, 7 29/1', '0 to 29 days inclusive; who is still there has come back');
SELECT is(readmitted('30'), '1 3/1, 3 4/1, 5 5/12, 7 29/1', 'or 30');
SELECT is(readmitted('0'), '1, 3, 5 5/12, 7', 'or the day itself');

-- Transfers --------------------------------------------------------------------------------------------------------

CREATE TABLE transfer (name text, gap int, elsewhere boolean, method text, disdest text, dismeth text, joined boolean, joined_by_codes boolean);
INSERT INTO transfer VALUES
    ('elsewhere on the day', 0, true, '21', '19', '1', true, false), ('at the same on the day', 0, false, '21', '19', '1', false, false),
    ('elsewhere on the next day', 1, true, '21', '19', '1', false, false),
    ('by 2B', 2, true, '2B', '19', '1', true, true), ('by 81', 2, true, '81', NULL, NULL, true, true), ('by 81 at the same', 1, false, '81', '19', '1', true, true),
    ('by 2B after three days', 3, true, '2B', '19', '1', false, false), ('to a hospital', 2, true, '21', '51', '1', true, true),
    ('to a hospital, three days', 3, true, '21', '51', '1', false, false), ('to an independent unit', 2, true, '11', '84', '1', true, true), ('to an independent hospital', 2, true, '11', '87', '1', false, false),
    ('to a care home', 1, true, '21', '54', '1', false, false), ('untidy', 2, true, '2b ', ' 51.0', '1.0', true, true), ('of a method only', 1, true, E'81\r', NULL, NULL, true, true);
CREATE FUNCTION transferred(t transfer, VARIADIC arguments text[] DEFAULT '{}') RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    CALL given(format('(''ann'', ''A'', ''1'', ''2016-12-01'', ''2016-12-05'', ''21'', NULL, NULL, %L, %L), (''ann'', %L, ''2'', %L, ''2016-12-12'', %L, NULL, NULL, NULL, NULL)',
                      t.dismeth, t.disdest, CASE WHEN t.elsewhere THEN 'B' ELSE 'A' END, date '2016-12-05' + t.gap, t.method));
    RETURN readmitted(VARIADIC arguments) !~ '1';
END $$;
SELECT is(transferred(t), t.joined, 'one stay: ' || t.name) FROM transfer t;
SELECT is(transferred(t, 'same_day => false'), t.joined_by_codes, 'by codes alone: ' || t.name) FROM transfer t;
SELECT ok(NOT transferred(t, 'continuous => false'), 'unless nothing is joined: ' || t.name) FROM transfer t;
SELECT ok(transferred(t, 'transfer_days => 3'), 'within three days: ' || t.name) FROM transfer t WHERE name ~ 'three days';
INSERT INTO stp.discharge_code (item, code, meaning, transfer) VALUES ('destination', '51', 'Not with us', false), ('destination', '54', 'Ours is a hospital', true);
INSERT INTO stp.admission_method (method, meaning, emergency, transfer) VALUES ('2B', 'Not with us', true, false), ('21', 'All of ours', true, true);
SELECT is(transferred(t), expected, 'by rows of ours: ' || name) FROM transfer t JOIN (VALUES ('by 2B', false), ('to a hospital', true), ('to a care home', true), ('to an independent unit', true)) e (name, expected) USING (name);
DELETE FROM stp.admission_method WHERE NOT builtin;
DELETE FROM stp.discharge_code WHERE NOT builtin;
-- There and back, and on; from a transfer that took no day; a stay within a stay; one that has not ended.
CALL given($$ ('ann', 'A', '1', '2016-12-01', '2016-12-04', '21', NULL, NULL, NULL, NULL), ('ann', 'B', '2', '2016-12-04', '2016-12-04', '21', NULL, NULL, NULL, NULL),
              ('ann', 'A', '3', '2016-12-04', '2016-12-08', '21', NULL, NULL, NULL, NULL), ('ann', 'C', '4', '2016-12-09', '2016-12-11', '81', NULL, NULL, NULL, NULL),
              ('bob', 'A', '5', '2016-12-01', '2016-12-20', '21', NULL, NULL, NULL, NULL), ('bob', 'B', '6', '2016-12-05', '2016-12-07', '21', NULL, NULL, NULL, NULL),
              ('bob', 'A', '7', '2016-12-20', '2016-12-22', '21', NULL, NULL, NULL, NULL),
              ('cat', 'A', '8', '2016-12-01', NULL, '21', NULL, NULL, NULL, NULL), ('cat', 'B', '9', '2016-12-05', '2016-12-07', '21', NULL, NULL, NULL, NULL) $$);
SELECT is(readmitted(), '4, 5 20/12, 7', 'chains, stays within stays, and stays that go on');
-- Persons that are not known are not one person, and their stays are not joined.
CALL given($$ (NULL, 'A', '1', '2016-12-01', '2016-12-04', '21', NULL, NULL, NULL, '51'), (NULL, 'B', '2', '2016-12-04', '2016-12-08', '2B', NULL, NULL, NULL, NULL),
              ('ann', 'B', '3', '2016-12-05', '2016-12-08', NULL, NULL, NULL, NULL, NULL), ('ann', 'B', '4', '2016-12-10', '2016-12-18', NULL, NULL, NULL, NULL, NULL) $$);
SELECT is(readmitted(), '1, 2, 3, 4', 'nobody knows whether a method that is not known is an emergency');

SELECT throws_ok($$ INSERT INTO stp.spell (organisation, spell, person, admission_date) VALUES ('A', 'x', '', '2016-12-01') $$, '22023', 'spell "x" of organisation "A": person is empty', 'nor is an empty text a person');

-- Who is left out --------------------------------------------------------------------------------------------------

CREATE TABLE left_out (name text, method text, stay int, diagnosis text, further text, dismeth text, disdest text, counts boolean, counts_ours boolean);
INSERT INTO left_out VALUES
    ('an emergency', '21', 3, 'K35', NULL, '1', '19', true, true), ('died', '21', 3, 'K35', NULL, '4', '79', false, true), ('died, by method', '21', 3, 'K35', NULL, '4.0', NULL, false, true),
    ('died, by destination', '21', 3, 'K35', NULL, NULL, '79 ', false, true), ('stillborn', '82', 3, NULL, NULL, '5', '79', false, true),
    ('a day case', '11', 0, 'K35', NULL, '1', '19', false, false), ('an emergency of one day', '21', 0, 'K35', NULL, '1', '19', true, true),
    ('maternity, by method', '31', 3, NULL, NULL, '1', '19', false, true), ('a birth', '82', 3, 'Z38.0', NULL, '1', '19', false, true), ('maternity, by diagnosis', '21', 3, 'O80', NULL, '1', '19', false, false),
    ('cancer', '21', 3, 'c50.1', NULL, '1', '19', false, false), ('cancer among the others', '21', 3, 'K35', '{I10X,C78.7}', '1', '19', false, true),
    ('cancer after nothing', '21', 3, NULL, '{NULL,"d 46"}', '1', '19', false, true), ('chemotherapy', '11', 3, 'Z51.1', NULL, '1', '19', false, true), ('in situ', '11', 3, 'D05', '{D48X}', '1', '19', false, true),
    ('benign', '11', 3, 'D12', '{D36,Z511,AC34}', '1', '19', false, true), ('benign alone', '11', 3, 'D12', '{D36,AC34}', '1', '19', true, true), ('of unknown diagnosis', '21', 3, NULL, NULL, NULL, NULL, true, true);
CREATE FUNCTION counted(l left_out, VARIADIC arguments text[] DEFAULT '{}') RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    CALL given(format('(''ann'', ''A'', ''1'', ''2016-12-01'', %L, %L, %L, %L, %L, %L)', date '2016-12-01' + l.stay, l.method, l.diagnosis, l.further, l.dismeth, l.disdest));
    RETURN readmitted(VARIADIC arguments) IS NOT NULL;
END $$;
SELECT is(counted(l), l.counts, 'a discharge: ' || l.name) FROM left_out l;
SELECT is(counted(l, '30', '''{C,O}''', 'cancer_diagnoses => ''{}''', 'continuous => false'), l.counts_ours, 'by our older rule: ' || l.name) FROM left_out l;
SELECT ok(counted(l, 'day_cases => true'), 'a day case if asked for') FROM left_out l WHERE name = 'a day case';
-- The readmission is a return though the person dies in it, and none if it is of a cancer or a birth, or begins as a transfer.
CREATE FUNCTION comes_back(l left_out) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    CALL given(format('(''ann'', ''A'', ''1'', ''2016-12-01'', ''2016-12-05'', ''21'', ''K35'', NULL, ''1'', ''19''), (''ann'', ''B'', ''2'', ''2016-12-10'', %L, %L, %L, %L, %L, %L)',
                      date '2016-12-10' + l.stay, l.method, l.diagnosis, l.further, l.dismeth, l.disdest));
    RETURN readmitted() ~ '1 10/12';
END $$;
SELECT is(comes_back(l), l.method = '21' AND (l.counts OR l.name ~ '^died'), 'a return: ' || l.name) FROM left_out l;
SELECT ok(NOT comes_back(l), 'a transfer from where nobody has told of') FROM (SELECT ('', method, 3, NULL, NULL, NULL, NULL, NULL, NULL)::left_out AS l FROM unnest('{2B,2b ,81}'::text[]) method) m;
-- What comes between takes the return to itself, though it be left out.
CALL given($$ ('ann', 'A', '1', '2016-12-01', '2016-12-05', '21', NULL, NULL, NULL, NULL), ('ann', 'A', '2', '2016-12-07', '2016-12-07', '11', NULL, NULL, NULL, NULL),
              ('ann', 'B', '3', '2016-12-20', '2016-12-22', '21', NULL, NULL, NULL, NULL) $$);
SELECT is(readmitted(), '1, 3', 'the last discharge before the return was of a day case');
SELECT is(readmitted('day_cases => true'), '1, 2 20/12, 3', 'which has it if it counts');
-- A cancer in any part of a continuous spell, and in a stay that ended in the 365 days before it.
CALL given($$ ('ann', 'A', '1', '2016-12-01', '2016-12-05', '21', 'C34', NULL, NULL, '51'), ('ann', 'B', '2', '2016-12-06', '2016-12-08', '81', 'K35', NULL, NULL, NULL),
              ('bob', 'A', '3', '2015-11-20', '2015-12-02', '11', 'K35', '{C509}', NULL, NULL), ('bob', 'A', '4', '2016-12-01', '2016-12-08', '21', 'K35', NULL, NULL, NULL),
              ('cat', 'A', '5', '2015-11-20', '2015-12-01', '11', 'K35', '{C509}', NULL, NULL), ('cat', 'A', '6', '2016-12-01', '2016-12-08', '21', 'K35', NULL, NULL, NULL) $$);
SELECT is(readmitted(), '6', 'a cancer 365 days before; 366 are too long ago');
SELECT is(readmitted('cancer_days => 366'), NULL, 'unless one looks further back');
SELECT is(readmitted('cancer_days => 0'), '4, 6', 'or not at all');
SELECT is(readmitted('cancer_diagnoses => ''{}'''), '2, 4, 6', 'nor in the spell');
SELECT is(readmitted('cancer_diagnoses => ''{c34.,""}'''), '4, 6', 'beginnings as one writes them');
SELECT throws_ok(format('SELECT * FROM stp.organisation_readmission(''2016-12'', %s)', arguments), '22023', message, arguments)
  FROM (VALUES ('-1', '-1 days after a discharge are before it'), ('cancer_days => -1', 'cancer_days must be at or above 0, not "-1"'),
               ('transfer_days => -1', 'transfer_days must be at or above 0, not "-1"')) c (arguments, message);

-- Random spells against a walk ----------------------------------------------------------------------------------------

DELETE FROM stp.spell;
SELECT setseed(0.14);
CREATE TABLE random_spell AS
SELECT (ARRAY['A', 'B', 'C'])[1 + floor(random() * 3)::int] AS organisation, n::text AS spell, CASE WHEN random() < 0.97 THEN 'P' || floor(random() * 1500) END AS person,
       first AS admission_date, CASE WHEN random() < 0.99 THEN first + CASE WHEN random() < 0.3 THEN 0 ELSE floor(random() * random() * 20)::int END END AS discharge_date,
       (ARRAY['21', '21', '22', '2A', '2b ', '81', '11', '12.0', '31', '99', NULL])[1 + floor(random() * 11)::int] AS admission_method,
       (ARRAY['K35', 'J440', 'I10X', NULL, 'O80', 'C34.1'])[1 + floor(random() ^ 2 * 6)::int] AS diagnosis,
       CASE WHEN random() < 0.03 THEN ARRAY['I10', 'd45'] END AS further_diagnoses, (ARRAY['1', '1', '1', '2', '4', '8', NULL])[1 + floor(random() ^ 2 * 7)::int] AS discharge_method,
       (ARRAY['19', '19', '29', '51', '51 ', '84.0', '87', '54', NULL])[1 + floor(random() * 9)::int] AS discharge_destination
  FROM (SELECT n, date '2016-05-01' + floor(random() * 330)::int AS first FROM generate_series(1, 12000) n) d;
INSERT INTO stp.spell (organisation, spell, person, admission_date, discharge_date, admission_method, diagnosis, further_diagnoses, discharge_method, discharge_destination)
SELECT organisation, spell, person, admission_date, discharge_date, admission_method, diagnosis, further_diagnoses, discharge_method, discharge_destination FROM random_spell;
-- Stay by stay: which continuous spell it is of, by the sentence of the definition and nothing else.
CREATE TABLE walked (person text, unit int, organisation text, spell text, admission_date date, discharge_date date, method text, died boolean, maternity boolean, cancer boolean, was_one boolean);
CREATE PROCEDURE walk() LANGUAGE plpgsql AS $$
DECLARE
    s record; earlier record; unit int := 0; joined boolean;
BEGIN
    FOR s IN SELECT *, upper(left(btrim(admission_method), 2)) AS method, left(btrim(discharge_destination), 2) AS disdest FROM random_spell
              ORDER BY person, admission_date, coalesce(discharge_date, 'infinity'), organisation COLLATE "C", spell COLLATE "C" LOOP
        joined := false;
        IF unit = 0 THEN
            earlier := s;
        ELSIF earlier.person = s.person THEN
            joined := earlier.discharge_date IS NULL OR s.admission_date < earlier.discharge_date
                      OR s.admission_date = earlier.discharge_date AND s.organisation <> earlier.organisation
                      OR s.admission_date <= earlier.discharge_date + 2 AND (coalesce(s.method IN ('2B', '81'), false) OR coalesce(earlier.disdest IN ('51', '84'), false));
        END IF;
        unit := unit + (NOT joined)::int;
        INSERT INTO walked VALUES (s.person, unit, s.organisation, s.spell, s.admission_date, s.discharge_date, s.method, coalesce(s.discharge_method = '4', false),
                                   coalesce(s.method = '31' OR s.diagnosis = 'O80', false), coalesce(s.diagnosis = 'C34.1', false) OR s.further_diagnoses IS NOT NULL, joined);
        -- Where the person was last: the stay that ends last, of these the one that began last.
        IF NOT joined OR (coalesce(s.discharge_date, 'infinity'), s.admission_date) > (coalesce(earlier.discharge_date, 'infinity'), earlier.admission_date)
           OR (coalesce(s.discharge_date, 'infinity'), s.admission_date) = (coalesce(earlier.discharge_date, 'infinity'), earlier.admission_date)
              AND (coalesce(s.disdest IN ('51', '84'), false), s.organisation COLLATE "C") > (coalesce(earlier.disdest IN ('51', '84'), false), earlier.organisation COLLATE "C") THEN
            earlier := s;
        END IF;
    END LOOP;
END $$;
CALL walk();
CREATE TABLE unit AS
SELECT person, unit, min(admission_date) AS first, nullif(max(coalesce(discharge_date, 'infinity')), 'infinity') AS last, min(method) FILTER (WHERE NOT was_one) AS method,
       bool_or(died) AS died, bool_or(maternity) AS maternity, bool_or(cancer) AS cancer FROM walked GROUP BY person, unit;
CREATE TABLE expected AS
SELECT u.person, u.last AS discharge_date, CASE WHEN n.method IN ('21', '22', '2A') AND NOT n.maternity AND NOT n.cancer AND n.first <= u.last + 29 THEN n.first END AS readmission_date, n.unit
  FROM unit u
  LEFT JOIN LATERAL (SELECT * FROM unit n WHERE n.person = u.person AND n.unit > u.unit ORDER BY n.unit LIMIT 1) n ON true
 WHERE u.last BETWEEN '2016-10-01' AND '2016-12-31' AND NOT u.died AND NOT u.maternity AND NOT u.cancer AND NOT (u.first = u.last AND coalesce(u.method IN ('11', '12', '31', '81'), false))
   AND NOT EXISTS (SELECT FROM walked c WHERE c.person = u.person AND c.cancer AND c.unit < u.unit AND c.discharge_date >= u.first - 365);
CREATE TABLE ours AS SELECT * FROM stp.index_discharge('2016/17 Q3');
SELECT results_eq($$ SELECT person, discharge_date, readmission_date, count(*) FROM ours GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$,
    $$ SELECT person, discharge_date, readmission_date, count(*) FROM expected GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$, 'one pass finds what a walk over each person''s stays finds');
SELECT cmp_ok((SELECT count(readmission_date) FROM ours), '>', 100::bigint, 'and there are some');
SELECT cmp_ok((SELECT count(*) FROM walked WHERE was_one), '>', 500::bigint, 'and many that were joined');
SELECT is_empty($$ SELECT unit FROM expected WHERE readmission_date IS NOT NULL GROUP BY unit HAVING count(*) > 1 $$, 'a readmission has one discharge before it');
SELECT is_empty($$ SELECT person, readmission_date FROM ours WHERE readmission_date IS NOT NULL GROUP BY 1, 2
                   HAVING count(*) > (SELECT count(*) FROM unit u WHERE u.person = ours.person AND u.first = ours.readmission_date) $$, 'in what we find, too');
SELECT is_empty($$ SELECT o.* FROM ours o LEFT JOIN walked w USING (organisation, spell) WHERE w.discharge_date IS DISTINCT FROM o.discharge_date $$, 'organisation and spell are of the stay that ended last');
-- In another order, with stays under other numbers.
DELETE FROM stp.spell;
INSERT INTO stp.spell (organisation, spell, person, admission_date, discharge_date, admission_method, diagnosis, further_diagnoses, discharge_method, discharge_destination)
SELECT organisation, spell, person, admission_date, discharge_date, admission_method, diagnosis, further_diagnoses, discharge_method, discharge_destination FROM random_spell ORDER BY md5(spell);
SELECT set_eq('SELECT * FROM stp.index_discharge(''2016/17 Q3'')', 'SELECT * FROM ours', 'whichever was loaded first');

-- Ages, of every rule -------------------------------------------------------------------------------------------------

DELETE FROM stp.spell;
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date, discharge_date, admission_method, age, sex, diagnosis)
SELECT 'A', age::text, '2016-12-01', '2016-12-03', '2016-12-08', '21', age, 'female', 'R50.9' FROM unnest('{7001,7004,7007,0,5,17,18,64,65,120}'::int[]) age;
SELECT is((SELECT numerator FROM stp.spell_observation WHERE indicator = 'emergency_admissions_65'), 2::float8, 'nobody under one year is 65 and over');
SELECT is((SELECT discharges_65 FROM stp.organisation_stay), 2, 'nor in stays of an organisation');
SELECT is((SELECT discharges_65 FROM stp.system_stay), 2::float8, 'nor of a system');
SELECT is((SELECT delayed_days FROM stp.spell_delayed_days('2016-12', '2016-12')), 4 * 5::bigint, 'nor 18 and over');
SELECT is((SELECT emergency_admissions FROM stp.system_ambulatory_condition WHERE condition = 'Pyrexia'), 5::float8, 'but 5 and under');
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date, discharge_date, age) VALUES ('A', 'adult', '2017-01-01', NULL, '2017-01-08', 40), ('A', 'baby', '2017-01-01', '2017-01-03', '2017-01-08', 7003);
SELECT is((SELECT status FROM stp.spell_delayed_days('2017-01', '2017-01')), 'no ready dates', 'and their ready dates are not those of adults');
SELECT throws_ok(format($$ INSERT INTO stp.spell (organisation, spell, admission_date, age) VALUES ('A', 'x', '2016-12-01', %s) $$, age), '22023',
                 format('spell "x" of organisation "A": age %s is above 120', age), 'refused: ' || age) FROM unnest('{121,700,7000,7008,2147483647}'::int[]) age;
SELECT throws_ok($$ UPDATE stp.spell SET age = 7008 WHERE spell = '65' $$, '22023', NULL, 'and by an update');

-- Standardised by age and sex ---------------------------------------------------------------------------------------

DELETE FROM stp.spell;
INSERT INTO stp.standard_population (standard, age_from, age_to, weight) VALUES ('two', 0, 64, 8), ('two', 65, NULL, 2);
INSERT INTO stp.population (system, period, sex, age_from, age_to, persons) VALUES
    ('S', '2016/17', 'female', 0, 64, 400), ('S', '2016/17', 'female', 65, NULL, 150), ('S', '2016/17', 'male', 0, 64, 500), ('S', '2016/17', 'male', 65, NULL, 100),
    ('N', '2016/17', 'persons', 0, 64, 900), ('N', '2016/17', 'persons', 65, NULL, 100);
-- Of women 8 and 9, of men 5 and 2; one of unknown age, three of unknown sex; and transfers. Half of them have a condition.
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, admission_method, age, sex, diagnosis)
SELECT o.organisation, format('%s %s', g.name, n), '2016-12-01', '2016-12-02', g.method, g.age, g.sex, CASE n % 2 WHEN 0 THEN 'J44.0' ELSE 'K35' END
  FROM unnest('{A,C}'::text[]) o (organisation),
       (VALUES ('a', '21', 30, 'female', 8), ('b', '21', 100, 'female', 9), ('c', '21', 7003, 'male', 5), ('d', '22', 70, 'male', 2), ('e', '21', NULL, 'male', 1), ('f', '21', 70, NULL, 3),
               ('g', '2B', 70, 'male', 4), ('h', '11', 70, 'male', 7)) g (name, method, age, sex, spells), generate_series(1, g.spells) n;
CREATE FUNCTION near(a float8, b float8) RETURNS boolean LANGUAGE sql RETURN abs(a - b) <= 1e-9 * b;
SELECT ok(near(value, 100000 * (8 * 8 / 400.0 + 2 * 9 / 150.0 + 8 * 5 / 500.0 + 2 * (2 + 4) / 100.0) / 20) AND lower < value AND value < upper, 'where the population is by sex, so is the rate')
  FROM stp.emergency_admission_rate('2016-12', 'two') WHERE system = 'S';
SELECT results_eq($$ SELECT system, emergency_admissions, unknown_age, unknown_sex, status FROM stp.emergency_admission_rate('2016-12', 'two') $$,
    $$ VALUES ('N', 32::float8, 1::float8, NULL::float8, 'inferred'), ('S', 32, 1, 3, 'inferred') $$, 'who is in no band is told, and so is who is in no sex');
SELECT ok(near(value, 100000 * (8 * 13 / 900.0 + 2 * 18 / 100.0) / 10), 'where it is not, age alone counts') FROM stp.emergency_admission_rate('2016-12', 'two') WHERE system = 'N';
SELECT ok(near(value, 100000 * (8 * 4 / 400.0 + 2 * 4 / 150.0 + 8 * 2 / 500.0 + 2 * 1 / 100.0) / 20), 'of a list only, without transfers')
  FROM stp.emergency_admission_rate('2016-12', 'two', list => 'ACSC-chronic') WHERE system = 'S';
SELECT results_eq($$ SELECT system, emergency_admissions, unknown_age, unknown_sex, status FROM stp.emergency_admission_rate('2016-12', 'two', list => 'ACSC-chronic') $$,
    $$ VALUES ('N', 12::float8, 0::float8, NULL::float8, 'inferred'), ('S', 12, 0, 1, 'inferred') $$, 'and its counts');
SELECT results_eq($$ SELECT system, emergency_admissions, transfers FROM stp.system_ambulatory_condition WHERE list = 'ACSC-chronic' ORDER BY 1 $$,
    $$ VALUES ('N', 12::float8, 2::float8), ('S', 12, 2) $$, 'which are those of the conditions');
SELECT is_empty($$ SELECT * FROM stp.emergency_admission_rate('2016-12', 'two', list => 'ACSC-acute') $$, 'none of a list that nobody has');
SELECT throws_ok($$ SELECT * FROM stp.index_discharge('2016-12', 2147483647) $$, '22023', NULL, 'no more days than there are');
SELECT throws_ok($$ SELECT * FROM stp.emergency_admission_rate('2016-12', list => 'ACSC') $$, '22023', 'unknown list "ACSC"', 'a list that is not there');
SELECT is_empty(format('SELECT * FROM stp.emergency_admission_rate(%s)', arguments), 'NULL asks nothing: ' || arguments) FROM (VALUES ('NULL'), ('''2016-12'', NULL'), ('''2016-12'', per => NULL')) c (arguments);
-- One sex of two, or bands of one that do not fit.
SELECT is(stp.persons('S', '2016-12', 65, NULL, sex), expected, 'people: ' || coalesce(sex, 'all'))
  FROM (VALUES (NULL, 250::float8), ('female', 150), ('male', 100), ('persons', NULL), ('other', NULL)) c (sex, expected);
SELECT is(stp.persons('N', '2016-12', sex => 'female'), NULL, 'no women where people are not counted by sex');
DELETE FROM stp.population WHERE system = 'S' AND sex = 'male' AND age_from = 65;
SELECT is((SELECT (value, unknown_sex, status)::text FROM stp.emergency_admission_rate('2016-12', 'two') WHERE system = 'S'), '(,,"no data")', 'half a population is none');

SELECT * FROM finish();
