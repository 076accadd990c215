-- Module activity, emergency admissions: edges by hand, 200,000 synthetic spells against plain SQL and up to a rating,
-- and the published A&E returns.
SELECT no_plan();

CREATE FUNCTION close_to(ours float8, expected float8) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= 1e-9 * greatest(abs(expected), 1), false);

-- What stp.refresh() does with a source that is switched on: how many rows it writes.
CREATE FUNCTION observe(source text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    rows int;
BEGIN
    CALL stp_internal.take_observations(source, NULL, rows);
    RETURN rows;
END $$;
-- Figures of systems by indicator, side by side.
CREATE FUNCTION figure(indicator text) RETURNS SETOF stp.system_indicator LANGUAGE sql
BEGIN ATOMIC SELECT * FROM stp.system_indicator v WHERE v.indicator = figure.indicator; END;

-- Methods of admission ---------------------------------------------------------------------------------------------

SELECT is(stp.is_emergency_admission(code), expected, format('is %s an emergency', coalesce(code, 'NULL')))
  FROM (VALUES ('21', true), ('2A', true), ('28', true), ('11', false), ('81', false), ('99', NULL), ('', NULL), (NULL, NULL)) c (code, expected);
SELECT is(stp.is_emergency_admission('2A', '2013-03-31'), NULL, 'a code that is not valid yet is unknown');
SELECT is(stp.is_emergency_admission('2A', '2013-04-01'), true, 'from its first day it is known');
SELECT is(stp.is_emergency_admission('28', '2013-03-31'), true, 'to its last day, too');
SELECT is(stp.is_emergency_admission('28', '2020-04-01'), true, 'and after 2A to 2D have come: it is still listed');
INSERT INTO stp.admission_method (method, meaning, emergency, valid_to) VALUES ('28', 'Other means, until 2013', true, '2013-03-31'), ('X', 'Local', false, NULL);
SELECT is(stp.is_emergency_admission('28', '2020-01-01'), NULL, 'a row of ours takes the place of the builtin one');
SELECT is(stp.is_emergency_admission('X'), false, 'and may add a code');
DELETE FROM stp.admission_method WHERE NOT builtin;
SELECT is(stp.is_emergency_admission('28', '2020-01-01'), true, 'without it the builtin row is back');

-- Codes as they come: small letters, blanks, the decimals of a spreadsheet, the end of a line, a blank that does not break, a byte order mark.
SELECT is(stp.is_emergency_admission(code), expected, format('%L is what it is', code))
  FROM (VALUES ('2a', true), ('21 ', true), (' 21', true), ('21.0', true), ('21.00 ', true), (E'21\r', true), (E'\t2B', true), (U&'21\00A0', true), (U&'\FEFF21', true),
               ('11.0', false), ('21.5', NULL), ('2 1', NULL), ('021', NULL), (' ', NULL)) c (code, expected);
INSERT INTO stp.admission_method (method, meaning, emergency) VALUES ('x-1', 'Local', true), ('é', 'Local', true), ('2c', 'No emergency with us', false);
SELECT is(stp.is_emergency_admission(code), expected, format('%L finds a row of ours', code))
  FROM (VALUES ('X-1', true), ('x-1.0', true), ('é', true), ('2C', false), ('2c', false)) c (code, expected);
SELECT is((SELECT count(*) FROM stp_internal.admission_method_in_force WHERE method = '2C'), 1::bigint, 'which takes the place of the builtin one however it is written');
DELETE FROM stp.admission_method WHERE NOT builtin;
SELECT set_eq($$ SELECT method FROM stp.admission_method WHERE transfer $$, '{2B,81}'::text[], 'two methods are transfers');
SELECT set_eq($$ SELECT item || ' ' || code FROM stp.discharge_code WHERE died $$, '{method 4,method 5,destination 79}'::text[], 'who has died, by method or destination');
SELECT is_empty($$ SELECT item, code FROM stp_internal.discharge_code_in_force GROUP BY 1, 2 HAVING count(*) > 1 $$, 'a code is one row');

-- Ages as they come ------------------------------------------------------------------------------------------------

SELECT is(stp_internal.completed_years(age), expected, format('age %s', age))
  FROM (VALUES (0, 0), (120, 120), (7000, 7000), (7001, 0), (7004, 0), (7007, 0), (7008, 7008), (NULL, NULL)) c (age, expected);
SELECT is(stp.ambulatory_condition('R50.9', 7003), 'Pyrexia', 'a baby is no more than 5');
SELECT is(stp.ambulatory_condition('W19.9', 7003), NULL, 'nor 75 and over');
SELECT is((SELECT count(*) FROM stp.ambulatory_conditions('R50.9', 7007)), 1::bigint, 'by list neither');

-- Percentile with weights ------------------------------------------------------------------------------------------

SELECT setseed(0.4);
CREATE TABLE weighted AS
SELECT g, i, floor(random() * 12)::int AS quantity, floor(random() * 5)::int AS weight FROM generate_series(1, 200) g, generate_series(1, 1 + g % 30) i;
SELECT is_empty($$ SELECT g, fraction FROM unnest('{0,0.1,0.5,0.9,1}'::float8[]) fraction, weighted GROUP BY g, fraction
                   HAVING NOT close_to(stp.weighted_percentile(fraction, array_agg(quantity::float8), array_agg(weight::numeric)),
                                       (SELECT percentile_cont(fraction) WITHIN GROUP (ORDER BY w.quantity)
                                          FROM weighted w, generate_series(1, w.weight) WHERE w.g = weighted.g)) $$,
                'whole weights: percentile_cont over repeated values');
-- 1 + 0.9 * (2.5 - 1) = 2.35: after what the second reaches, which is 5, and before what the rest does, which is 9
SELECT is(stp.weighted_percentile(0.9, '{9,5,1}', '{0.5,1,1}'), 5 + 4 * 0.35::float8, 'fractions of weights count');
SELECT is(stp.weighted_percentile(0.9, '{3,13}', '{0.25,1}'), 13::float8, 'less than a whole one is not the first');
SELECT is(stp.weighted_percentile(0.9, '{3}', '{1}'), 3::float8, 'one');
SELECT is(stp.weighted_percentile(0.9, '{3,4}', '{0.5,0.4}'), NULL, 'less than one');
SELECT is(stp.weighted_percentile(0.9, '{}', '{}'), NULL, 'none');
SELECT is(stp.weighted_percentile(0.9, '{3,4,100}', '{1,0,0}'), 3::float8, 'a weight of 0 weighs nothing');
SELECT is(stp.weighted_percentile(fraction, quantities, weights), NULL, 'not known')
  FROM (VALUES (NULL::float8, '{3}'::float8[], '{1}'::numeric[]), (0.9, NULL, '{1}'), (0.9, '{3}', NULL)) t(fraction, quantities, weights);
SELECT throws_ok(format('SELECT stp.weighted_percentile(%L, %L, %L)', fraction, quantities, weights), '22023', message, message)
  FROM (VALUES ('1.1', '{3}', '{1}', 'fraction must be from 0 to 1, not "1.1"'), ('-0.1', '{3}', '{1}', 'fraction must be from 0 to 1, not "-0.1"'),
               ('NaN', '{3}', '{1}', 'fraction must be from 0 to 1, not "NaN"'), ('0.9', '{3,4}', '{1}', 'there are "2" quantities, but "1" weights'),
               ('0.9', '{}', '{1}', 'there are "0" quantities, but "1" weights'), ('0.9', '{3}', '{1,1,1}', 'there are "1" quantities, but "3" weights'),
               ('0.9', '{{1,2}}', '{1,-1}', 'weight 2 must be a finite number at or above 0, not "-1"'),
               ('0.9', '{3,-2}', '{1,1}', 'quantity 2 must be a finite number at or above 0, not "-2"'),
               ('0.9', '{NaN,2}', '{1,1}', 'quantity 1 must be a finite number at or above 0, not "NaN"'),
               ('0.9', '{1,Infinity}', '{1,1}', 'quantity 2 must be a finite number at or above 0, not "Infinity"'),
               ('0.9', '{1,NULL}', '{1,1}', 'quantity 2 must be a finite number at or above 0, not "NULL"'),
               ('0.9', '{1,2}', '{1,-0.5}', 'weight 2 must be a finite number at or above 0, not "-0.5"'),
               ('0.9', '{1,2}', '{NaN,1}', 'weight 1 must be a finite number at or above 0, not "NaN"'),
               ('0.9', '{1,2}', '{1,Infinity}', 'weight 2 must be a finite number at or above 0, not "Infinity"'),
               ('0.9', '{1,2}', '{-Infinity,1}', 'weight 1 must be a finite number at or above 0, not "-Infinity"'),
               ('0.9', '{1,2}', '{1,NULL}', 'weight 2 must be a finite number at or above 0, not "NULL"')) t(fraction, quantities, weights, message);

-- Conditions -------------------------------------------------------------------------------------------------------

SELECT is(stp.ambulatory_condition(diagnosis, age, list), expected, format('%s at %s in %s', diagnosis, coalesce(age::text, 'any age'), list))
  FROM (VALUES ('J44.0', 70, 'UCSC', 'Chronic obstructive pulmonary disease'), ('j440', NULL, 'UCSC', 'Chronic obstructive pulmonary disease'),
               ('J45', 70, 'UCSC', NULL), ('J45', 70, 'ACSC-chronic', 'Asthma'), ('W19.9', 75, 'UCSC', 'Falls'), ('W19.9', 74, 'UCSC', NULL),
               ('W19.9', NULL, 'UCSC', NULL), ('R50.9', 5, 'UCSC', 'Pyrexia'), ('R50.9', 6, 'UCSC', NULL), ('R50.9', NULL, 'UCSC', NULL),
               ('I10X', 50, 'ACSC-chronic', 'Hypertension'), ('F', 30, 'UCSC', 'Acute mental health crisis'), ('J4', 70, 'UCSC', NULL),
               (E'j44.0\r', 70, 'UCSC', 'Chronic obstructive pulmonary disease'), (U&'\00A0J44.0', 70, 'UCSC', 'Chronic obstructive pulmonary disease'),
               ('', 70, 'UCSC', NULL), (NULL, 70, 'UCSC', NULL), ('J440', 70, 'no such list', NULL)) c (diagnosis, age, list, expected);
INSERT INTO stp.ambulatory_condition (list, prefix, condition, age_from, age_to) VALUES
    ('mine', 'J', 'Respiratory', 0, NULL), ('mine', 'J44', 'COPD', 40, NULL), ('mine', 'J44', 'COPD, old', 80, NULL), ('mine', 'J4412', 'Five', 0, NULL);
SELECT is(stp.ambulatory_condition(diagnosis, age, 'mine'), expected, format('the longest prefix that fits %s at %s', diagnosis, age))
  FROM (VALUES ('J44.1', 50, 'COPD'), ('J44.1', 39, 'Respiratory'), ('J44.1', 80, 'COPD, old'), ('J44.12', 50, 'Five'), ('J99', 50, 'Respiratory')) c (diagnosis, age, expected);
DELETE FROM stp.ambulatory_condition WHERE NOT builtin;
SELECT is((SELECT array_agg(DISTINCT status) FROM stp.ambulatory_condition), ARRAY['working list'], 'no shipped condition calls itself confirmed');

-- Nothing, one spell, and edges ------------------------------------------------------------------------------------

CREATE TABLE relation (name text);
INSERT INTO relation VALUES ('organisation_stay'), ('system_stay'), ('system_ambulatory_condition'), ('spell_observation'),
    ('emergency_attendance_observation'), ('emergency_admission_rate(''2016/17'')'), ('organisation_readmission(''2016/17'')'), ('system_readmission(''2016/17'')');
SELECT is_empty('SELECT * FROM stp.' || name, name || ' is empty over no spells') FROM relation;

INSERT INTO stp.system (system, name) VALUES ('S', 'South'), ('N', 'North');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B'), ('C', 'Trust C');
INSERT INTO stp.membership (organisation, system, share) VALUES ('A', 'S', 1), ('B', 'S', 0.5), ('B', 'N', 0.5);
INSERT INTO stp.population (system, period, age_from, age_to, persons) VALUES ('S', '2015/16', 0, 64, 900), ('S', '2015/16', 65, NULL, 100);

INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, admission_method, age) VALUES ('A', 'zero', '2016-02-29', '2016-02-29', '21', 65);
SELECT results_eq($$ SELECT indicator, period::text, numerator, denominator FROM stp.spell_observation ORDER BY indicator COLLATE "C" $$,
    $$ VALUES ('admission_method_unknown', '2016-02', 0::float8, 1::float8), ('admissions', '2016-02', 1, NULL), ('bed_days', '2016-02', 0, NULL),
              ('emergency_admissions_65', '2016-02', 1, NULL), ('emergency_admissions_all_ages', '2016-02', 1, NULL),
              ('emergency_age_unknown', '2016-02', 0, 1), ('emergency_bed_days', '2016-02', 0, NULL), ('emergency_zero_day', '2016-02', 1, 1),
              ('mean_emergency_stay', '2016-02', 0, 1) $$, 'one spell of no night is an admission without bed days, and a stay of 0 nights');
SELECT is(observe('spell'), 9, 'each an observation');
SELECT results_eq($$ SELECT indicator, denominator, value, status FROM stp.system_indicator WHERE indicator ~ '^(emergency_(adm|zero)|admissions)' ORDER BY indicator COLLATE "C" $$,
    $$ VALUES ('admissions', 1000::float8, 100::float8, 'inferred'), ('emergency_admissions_65', 100, 1000, 'inferred'),
              ('emergency_admissions_all_ages', 1000, 100, 'inferred'), ('emergency_zero_day', 1, 100, 'inferred') $$, 'and a rate');
SELECT is((discharges, stay_90, discharges_65, stay_90_65)::text, '(1,0,1,0)', 'and a percentile') FROM stp.organisation_stay;

INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, admission_method, age) VALUES
    ('A', 'leap', '2016-02-28', '2016-03-02', '21', NULL),   -- 2 nights in February, 1 in March
    ('A', 'open', '2016-12-30', NULL, '22', 64),             -- to the end of January
    ('A', 'elective', '2016-12-30', '2017-01-02', '11', 70),
    ('A', 'unknown', '2016-12-31', '2017-01-01', NULL, 70),
    ('B', 'shared', '2016-12-31', '2017-01-10', '2A', 80),
    ('C', 'nowhere', '2016-12-31', '2016-12-31', '21', 80);
SELECT isnt(observe('spell'), 0, 'more spells, more observations');
SELECT results_eq($$ SELECT a.organisation, a.period::text, a.numerator, e.numerator FROM stp.observation a JOIN stp.observation e USING (organisation, period)
                      WHERE a.indicator = 'bed_days' AND e.indicator = 'emergency_bed_days' AND a.numerator > 0 ORDER BY 1, 2 $$,
    $$ VALUES ('A', '2016-02', 2::float8, 2::float8), ('A', '2016-03', 1, 1), ('A', '2016-12', 2 + 2 + 1, 2), ('A', '2017-01', 31 + 1, 31),
              ('B', '2016-12', 1, 1), ('B', '2017-01', 9, 9) $$, 'bed days over the leap day, the year end, and of an open spell');
SELECT results_eq($$ SELECT indicator, numerator, denominator, value FROM stp.organisation_indicator
                      WHERE organisation = 'A' AND period = '2016-12' AND indicator ~ '^(admission|emergency_(adm|zero))' ORDER BY indicator COLLATE "C" $$,
    $$ VALUES ('admission_method_unknown', 1::float8, 3::float8, 1 / 3.0::float8 * 100), ('admissions', 3, NULL, NULL), ('emergency_admissions_65', 0, NULL, NULL),
              ('emergency_admissions_all_ages', 1, NULL, NULL), ('emergency_zero_day', 0, 0, NULL) $$, 'a method or an end that is not known is in no share');
SELECT is((SELECT numerator FROM stp.observation WHERE indicator = 'emergency_age_unknown' AND organisation = 'A' AND period = '2016-02'), 1::float8, 'an unknown age is counted as such');
SELECT results_eq($$ SELECT system, a.organisations::int, a.numerator, e.numerator, e.value, e.status
                       FROM figure('admissions') a JOIN figure('emergency_admissions_all_ages') e USING (system, period) WHERE period = '2016-12' ORDER BY 1 $$,
    $$ VALUES ('N', 1, 0.5::float8, 0.5::float8, NULL::float8, 'no data'), ('S', 2, 3.5, 1.5, 150, 'inferred') $$, 'shares of counts; no population, no rate');
SELECT results_eq($$ SELECT organisation, period::text, numerator FROM stp.unassigned_observation WHERE indicator ~ '^(admissions|emergency_admissions_all)' $$,
    $$ VALUES ('C', '2016-12', 1::float8), ('C', '2016-12', 1) $$, 'who belongs nowhere is listed');
SELECT results_eq($$ SELECT system, s.discharges, m.value, s.stay_90 FROM stp.system_stay s JOIN figure('mean_emergency_stay') m USING (system)
                      WHERE s.period = '2017-01' AND m.period = '2017-01' ORDER BY 1 $$,
    $$ VALUES ('N', 0.5::float8, 10::float8, NULL::float8), ('S', 0.5, 10, NULL) $$, 'no percentile of less than one discharge');
SELECT results_eq($$ SELECT system, round(value::numeric, 6), status FROM figure('emergency_bed_days') WHERE period = '2017-01' ORDER BY 1 $$,
    $$ VALUES ('N', NULL::numeric, 'no data'), ('S', 35.5, 'inferred') $$, 'bed days per 1,000 people');
SELECT results_eq($$ SELECT system, emergency_admissions, unknown_age, value, status FROM stp.emergency_admission_rate('2016/17') $$,
    $$ VALUES ('N', 0.5::float8, 0::float8, NULL::float8, 'no data'), ('S', 1.5, 0, NULL, 'age bands do not fit') $$, 'no standardised rate without the bands');
INSERT INTO stp.standard_population (standard, age_from, age_to, weight) VALUES ('two', 0, 64, 8), ('two', 65, NULL, 2);
SELECT is((value, status)::text, (NULL::float8, 'suppressed')::text, 'nor of few events') FROM stp.emergency_admission_rate('2016/17', 'two') WHERE system = 'S';
SELECT throws_ok($$ SELECT * FROM stp.emergency_admission_rate('2016/17', 'three') $$, '22023', 'unknown standard "three"', 'nor by a standard that is not there');
SELECT throws_ok($$ INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date) VALUES ('A', 'back', '2016-03-01', '2016-02-29') $$,
    '22023', 'spell "back" of organisation "A": discharge 2016-02-29 is before admission 2016-03-01', 'an end before the start is refused with both days');
-- Many diagnoses at once are looked up as each alone.
CREATE TABLE coded AS
SELECT DISTINCT c.prefix || x.rest AS diagnosis, y.age
  FROM stp.ambulatory_condition c, (VALUES (''), ('0'), ('.9'), (' 12'), ('XXXXXX')) x (rest), (VALUES (NULL), (0), (5), (6), (74), (75), (7001)) y (age)
UNION VALUES ('', 5), ('!', NULL), (NULL, 5), ('j44.0', 70);
SELECT set_eq('SELECT m.* FROM (SELECT array_agg(diagnosis) AS diagnoses, array_agg(age) AS ages FROM coded) c, stp_internal.matching_conditions(c.diagnoses, c.ages) m',
              'SELECT c.diagnosis, c.age, a.* FROM coded c, stp.ambulatory_conditions(c.diagnosis, c.age) a', 'many diagnoses at once are looked up as each alone');
-- A span of more than 100 years is not cut: a spell of the wrong century is seen.
INSERT INTO stp.spell (organisation, spell, admission_date) VALUES ('A', 'wrong century', '1916-01-01');
SELECT results_eq($$ SELECT period::text, numerator FROM stp.spell_observation WHERE indicator = 'bed_days' AND organisation = 'A' ORDER BY period LIMIT 2 $$,
                  $$ VALUES ('1916-01', 31::float8), ('1916-02', 29) $$, 'more than 100 years');
DELETE FROM stp.spell;

-- Shares of returns; a region has what its systems have; who moves in a month counts where it is on the last day --------

INSERT INTO stp.system (system, name, kind) VALUES ('R', 'Region', 'region');
UPDATE stp.system SET parent = 'R' WHERE system = 'S';
BEGIN;
UPDATE stp.membership SET valid_to = '2016-05-30' WHERE organisation = 'A';
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('A', 'N', '2016-05-31');
COMMIT;
INSERT INTO stp.emergency_attendance (organisation, period, department_type, attendances, over_4_hours, emergency_admissions) VALUES
    ('A', '2016-04', '1', 100, 10, 30), ('A', '2016-04', 'other', 50, 0, 0), ('A', '2016-05', '1', 100, 20, 30),
    ('B', '2016-04', '1', 40, 20, 10), ('C', '2016-04', '1', 7, 0, 1);
SELECT is(observe('emergency_attendance'), 16, 'four indicators of each');
SELECT results_eq($$ SELECT system, w.kind, period::text, w.organisations::int, w.denominator, w.denominator - w.numerator, w.value, e.numerator, round(e.value::numeric, 9), e.status
                       FROM figure('ae_within_4_hours') w JOIN figure('ae_emergency_admissions') e USING (system, period) ORDER BY 1, 3 $$,
    $$ VALUES ('N', 'system', '2016-04', 1, 20::float8, 10::float8, 50::float8, 5::float8, NULL::numeric, 'no data'),
              ('N', 'system', '2016-05', 1, 100, 20, 80, 30, NULL, 'incomplete'),
              ('R', 'region', '2016-04', 2, 170, 20, 100 * 150 / 170::float8, 35, NULL, 'no data'),
              ('R', 'region', '2016-05', 0, NULL, NULL, NULL, NULL, NULL, 'incomplete'),
              ('S', 'system', '2016-04', 2, 170, 20, 100 * 150 / 170::float8, 35, 3500, 'ok'),
              ('S', 'system', '2016-05', 0, NULL, NULL, NULL, NULL, NULL, 'incomplete') $$, 'returns by share, region and last day; in May one is missing');
SELECT is_empty($$ SELECT * FROM figure('ae_emergency_admissions') a JOIN figure('emergency_admissions') b USING (system, period) WHERE a.numerator <> b.numerator $$,
                'admissions by the return are one count, of whichever ages the people are below the line');
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, admission_method) VALUES
    ('A', 'before', '2016-05-01', '2016-06-02', '21'), ('B', 'half', '2016-05-01', '2016-05-05', '21');
SELECT isnt(observe('spell'), 0, 'the spells that are there now');
SELECT results_eq($$ SELECT system, a.numerator, b.numerator FROM figure('emergency_admissions_all_ages') a JOIN figure('emergency_bed_days') b USING (system, period)
                      WHERE period = '2016-05' ORDER BY 1 $$,
    $$ VALUES ('N', 1.5::float8, 33::float8), ('R', 0.5, 2), ('S', 0.5, 2) $$, 'and so spells');
DELETE FROM stp.spell;
DELETE FROM stp.emergency_attendance;
BEGIN;
DELETE FROM stp.membership WHERE organisation = 'A' AND system = 'N';
UPDATE stp.membership SET valid_to = NULL;
COMMIT;
UPDATE stp.system SET parent = NULL WHERE system = 'S';

-- Readmissions -----------------------------------------------------------------------------------------------------

CREATE FUNCTION readmitted(VARIADIC arguments text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT string_agg(spell || coalesce('' '' || readmission_date, ''''), '', '' ORDER BY spell) FROM stp.index_discharge(%s)',
                   array_to_string(arguments, ', ')) INTO found;
    RETURN found;
END $$;
INSERT INTO stp.spell (organisation, spell, person, admission_date, discharge_date, admission_method, diagnosis) VALUES
    ('A', 'a1', 'ann', '2016-12-20', '2016-12-31', '11', 'K35'),     -- 30 days before the next, elsewhere, in the next year
    ('B', 'a2', 'ann', '2017-01-30', '2017-02-03', '21', 'K35'),
    ('A', 'b1', 'bob', '2016-12-20', '2016-12-30', '11', 'K35'),     -- 31 days
    ('A', 'b2', 'bob', '2017-01-30', '2017-02-03', '21', 'K35'),
    ('A', 'c1', 'cat', '2016-12-01', '2016-12-01', '11', NULL),      -- a day case
    ('A', 'c2', 'cat', '2016-12-02', '2016-12-04', '21', 'C34.1'),   -- cancer
    ('A', 'c3', 'cat', '2016-12-05', '2016-12-06', '2B', 'K35'),     -- a transfer
    ('A', 'd1', 'dan', '2016-12-05', '2016-12-05', '21', 'K35'),     -- twice on one day: the first is followed by the second
    ('A', 'd2', 'dan', '2016-12-05', '2016-12-05', '21', 'K35'),
    ('A', 'e1', 'eve', '2016-12-01', '2016-12-20', '21', 'K35'),     -- a spell within a spell does not follow it
    ('B', 'e2', 'eve', '2016-12-05', '2016-12-07', '21', 'K35'),
    ('B', 'e3', 'eve', '2016-12-20', NULL, '21', 'K35'),             -- on the day of discharge, still there
    ('A', 'f1', NULL, '2016-12-01', '2016-12-02', '21', 'K35'),      -- persons of NULL are not one person
    ('A', 'f2', NULL, '2016-12-03', '2016-12-04', '21', 'K35');
-- Our older rule stays an option: stays as they are, each with its own return, and only primary diagnoses of cancer.
CREATE FUNCTION readmitted_ours(VARIADIC arguments text[]) RETURNS text LANGUAGE sql
RETURN readmitted(VARIADIC arguments || ARRAY['cancer_diagnoses => ''{}''', 'continuous => false']);
SELECT is(readmitted_ours('''2016-12''', '30', '''{C,O}'''), 'a1 2017-01-30, b1, c3, d1 2016-12-05, d2, e1 2016-12-20, e2 2016-12-20, f1, f2', 'within 30 days');
SELECT is(readmitted_ours('''2016-12''', '31', '''{C,O}'''), 'a1 2017-01-30, b1 2017-01-30, c3, d1 2016-12-05, d2, e1 2016-12-20, e2 2016-12-20, f1, f2', '31 days');
SELECT is(readmitted_ours('''2016-12''', 'days => 0', 'excluded_diagnoses => ''{C,O}'''), 'a1, b1, c3, d1 2016-12-05, d2, e1 2016-12-20, e2, f1, f2', 'on the same day');
SELECT is(readmitted_ours('''2016-12''', '30', '''{}''', '''{}'''), 'a1 2017-01-30, b1, c2 2016-12-05, c3, d1 2016-12-05, d2, e1 2016-12-20, e2 2016-12-20, f1, f2', 'nothing excluded but day cases');
SELECT is(readmitted_ours('''2016-12''', '30', '''{}''', '''{}''', 'true'),
          'a1 2017-01-30, b1, c1 2016-12-02, c2 2016-12-05, c3, d1 2016-12-05, d2, e1 2016-12-20, e2 2016-12-20, f1, f2', 'nothing excluded');
-- The same people by the definition: one return is a day too late, one of a cancer and its transfer are left out with it, and
-- who is in hospital within a stay, or still there, has not been discharged.
SELECT is(readmitted('''2016-12'''), 'a1, b1, d1 2016-12-05, d2, f1, f2', 'within 30 days, 0 to 29');
SELECT is(readmitted('''2016-12''', '30'), 'a1 2017-01-30, b1, d1 2016-12-05, d2, f1, f2', '0 to 30');
SELECT is(readmitted('''2016-12''', 'cancer_diagnoses => ''{}'''), 'a1, b1, c3, d1 2016-12-05, d2, f1, f2', 'a cancer is not looked for: its stay and the transfer are one discharge, the last');
SELECT is(readmitted('''2016-12''', 'cancer_diagnoses => ''{}''', 'transfer_days => 0'), 'a1, b1, c2, c3, d1 2016-12-05, d2, f1, f2', 'a transfer on the next day is none within 0 days');
SELECT throws_ok($$ SELECT * FROM stp.index_discharge('2016-12', -1) $$, '22023', '-1 days after a discharge are before it', 'days do not run backwards');
SELECT is(readmitted('''2016-12''', 'NULL'), NULL, 'NULL asks nothing');
SELECT results_eq($$ SELECT organisation, discharges, unknown_person, readmissions, round(value::numeric, 4)
                       FROM stp.organisation_readmission('2016-12', 30, '{C,O}', cancer_diagnoses => '{}', continuous => false) $$,
    $$ VALUES ('A', 8, 2, 3, 50.0), ('B', 1, 0, 1, 100) $$, 'whoever is not known is not in the share');
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-12-01,2017-01-30]');
SELECT results_eq($$ SELECT system, discharges, unknown_person, readmissions, round(value::numeric, 4), status FROM stp.system_readmission('2016-12', 30, '{C,O}', cancer_diagnoses => '{}', continuous => false) $$,
    $$ VALUES ('N', 0.5::float8, 0::float8, 0.5::float8, 100.0, 'ok'), ('S', 8.5, 2, 3.5, round(350 / 6.5, 4), 'ok') $$, 'shares of it');
DELETE FROM stp.extract;
DELETE FROM stp.spell;

-- A reader without rights sees nothing -----------------------------------------------------------------------------

CREATE ROLE activity_reader;
GRANT USAGE ON SCHEMA public TO activity_reader;
SET ROLE activity_reader;
SELECT throws_ok('SELECT * FROM stp.' || name, '42501', NULL, name || ' is not for everybody') FROM (VALUES ('spell'), ('emergency_attendance'),
    ('organisation_stay'), ('system_stay'), ('system_ambulatory_condition'), ('spell_observation'), ('emergency_attendance_observation'),
    ('emergency_admission_rate(''2016/17'')'),
    ('index_discharge(''2016/17'')'), ('organisation_readmission(''2016/17'')'), ('system_readmission(''2016/17'')')) v (name);
SELECT is(stp.is_emergency_admission('21') AND stp.ambulatory_condition('J44.0', 70) IS NOT NULL, true, 'the reference rows are');
RESET ROLE;
REVOKE USAGE ON SCHEMA public FROM activity_reader;
DROP ROLE activity_reader;

DELETE FROM stp.observation;
-- 200,000 spells against plain SQL ---------------------------------------------------------------------------------

DELETE FROM stp.population;
DELETE FROM stp.membership;
DELETE FROM stp.organisation;
DELETE FROM stp.system;
\i test/fixtures/activity/spells.sql
ANALYZE stp.spell;
SELECT is((SELECT count(*) FROM stp.spell), 200000::bigint, 'the fixture has 200,000 spells');
SELECT cmp_ok((SELECT abs(avg(stay) - 7) FROM stp_internal.classified_spell), '<', 0.1, 'of 7 nights on average');

-- What the views say, worked out from the table another way.
CREATE TABLE plain AS
SELECT s.*, m.system, m.share::float8 AS share, date_trunc('month', admission_date)::date AS admitted_in,
       coalesce(admission_method IN ('21', '22', '23', '24', '25', '2A', '2B', '2C', '2D'), false) AS emergency
  FROM stp.spell s JOIN stp.membership m USING (organisation);
CREATE TABLE people AS SELECT system, sum(persons) AS persons, sum(persons) FILTER (WHERE age_from >= 65) AS old,
       sum(persons) FILTER (WHERE age_from >= 18) AS adults FROM stp.population GROUP BY system;
CREATE TABLE plain_admission AS
SELECT system, admitted_in, sum(share) AS admissions, sum(share) FILTER (WHERE emergency) AS emergency,
       sum(share) FILTER (WHERE emergency AND age >= 65) AS old_emergency,
       sum(share) FILTER (WHERE emergency AND discharge_date = admission_date) AS zero_day,
       sum(share) FILTER (WHERE emergency AND discharge_date IS NOT NULL) AS ended,
       sum(share) FILTER (WHERE admission_method IS NULL OR admission_method = '99') AS unknown
  FROM plain GROUP BY system, admitted_in;
SELECT is(observe('spell'), (SELECT count(*)::int FROM stp.spell_observation), 'every row is an observation');
SELECT is(observe('spell'), 0, 'again: nothing has changed');
CREATE TABLE figures AS SELECT * FROM stp.system_indicator;
CREATE VIEW admission_figures AS
SELECT system, period, first_day, a.numerator AS admissions, u.numerator AS unknown_method, e.numerator AS emergency_admissions, e.value AS rate, e.lower AS rate_lower,
       e.upper AS rate_upper, o.numerator AS emergency_admissions_65, o.value AS rate_65, z.value AS zero_day_share, z.lower AS zero_day_lower
  FROM figures a
  JOIN figures u USING (system, period, first_day) JOIN figures e USING (system, period, first_day) JOIN figures o USING (system, period, first_day)
  JOIN figures z USING (system, period, first_day)
 WHERE a.indicator = 'admissions' AND u.indicator = 'admission_method_unknown' AND e.indicator = 'emergency_admissions_all_ages'
   AND o.indicator = 'emergency_admissions_65' AND z.indicator = 'emergency_zero_day';
SELECT is((SELECT count(*) FROM admission_figures), 44 * 12::bigint, 'a row for each system and month');
SELECT is_empty($$ SELECT * FROM admission_figures v FULL JOIN plain_admission n ON n.system = v.system AND n.admitted_in = v.first_day
                     LEFT JOIN people p ON p.system = n.system
                    WHERE (close_to(v.admissions, n.admissions) AND close_to(v.emergency_admissions, n.emergency)
                               AND close_to(v.emergency_admissions_65, n.old_emergency) AND close_to(v.unknown_method, n.unknown)
                               AND close_to(v.rate, 100000 * n.emergency / p.persons) AND close_to(v.rate_65, 100000 * n.old_emergency / p.old)
                               AND close_to(v.zero_day_share, 100 * n.zero_day / n.ended)
                               AND v.rate_lower < v.rate AND v.rate < v.rate_upper AND v.zero_day_lower < v.zero_day_share) IS NOT TRUE $$,
                'admissions, rates and zero-day shares of every system and month');
SELECT ok(close_to(sum(emergency_admissions), (SELECT count(*) FROM stp_internal.classified_spell WHERE emergency)), 'shares lose nobody') FROM admission_figures;

CREATE TABLE plain_bed_days AS
SELECT system, date_trunc('month', day)::date AS month, sum(share) AS bed_days, sum(share) FILTER (WHERE emergency) AS emergency_bed_days
  -- Nobody knows of an organisation after the month of its last admission or discharge.
  FROM plain, generate_series(admission_date, coalesce(discharge_date, (SELECT (date_trunc('month', max(greatest(s.admission_date, s.discharge_date))) + interval '1 month')::date
                                                                          FROM stp.spell s WHERE s.organisation = plain.organisation)) - 1, interval '1 day') day
 GROUP BY 1, 2;
SELECT is_empty($$ SELECT * FROM (SELECT system, first_day, b.numerator AS bed_days, e.numerator AS emergency_bed_days, e.value AS rate, e.status
                                    FROM figures b JOIN figures e USING (system, first_day) WHERE b.indicator = 'bed_days' AND e.indicator = 'emergency_bed_days') v
                     FULL JOIN plain_bed_days n ON n.system = v.system AND n.month = v.first_day
                     LEFT JOIN people p ON p.system = n.system
                    WHERE (close_to(v.bed_days, n.bed_days) AND close_to(v.emergency_bed_days, n.emergency_bed_days)
                               AND (v.status = 'incomplete' OR close_to(v.rate, 1000 * n.emergency_bed_days / p.persons))) IS NOT TRUE $$,
                'bed days of every system and month are those of generate_series');

SELECT is_empty($$ SELECT * FROM (SELECT o.*, m.value AS mean_stay FROM stp.organisation_stay o
                                    JOIN stp.organisation_indicator m ON m.organisation = o.organisation AND m.first_day = o.first_day AND m.indicator = 'mean_emergency_stay') v
                     FULL JOIN (SELECT organisation, date_trunc('month', discharge_date)::date AS month, count(*) AS discharges, avg(stay) AS mean,
                                       percentile_cont(0.9) WITHIN GROUP (ORDER BY stay) AS p90,
                                       percentile_cont(0.9) WITHIN GROUP (ORDER BY stay) FILTER (WHERE age >= 65) AS p90_65
                                  FROM stp_internal.classified_spell WHERE emergency AND stay IS NOT NULL GROUP BY 1, 2) n
                       ON n.organisation = v.organisation AND n.month = v.first_day
                    WHERE (v.discharges = n.discharges AND close_to(v.mean_stay, n.mean) AND close_to(v.stay_90, n.p90)
                               AND close_to(v.stay_90_65, n.p90_65)) IS NOT TRUE $$,
                'the stays of organisations are avg and percentile_cont');
SELECT is_empty($$ SELECT * FROM (SELECT o.*, m.value AS mean_stay FROM stp.system_stay o
                                    JOIN figures m ON m.system = o.system AND m.first_day = o.first_day AND m.indicator = 'mean_emergency_stay') v
                     JOIN (SELECT system, date_trunc('month', discharge_date)::date AS month, sum(share) AS discharges,
                                  sum(share * (discharge_date - admission_date)) / sum(share) AS mean,
                                  percentile_cont(0.9) WITHIN GROUP (ORDER BY discharge_date - admission_date) AS p90,
                                  percentile_cont(0.9) WITHIN GROUP (ORDER BY discharge_date - admission_date) FILTER (WHERE age >= 65) AS p90_65,
                                  sum(share) FILTER (WHERE age >= 65) AS old, min(share) AS least
                             FROM plain WHERE emergency AND discharge_date IS NOT NULL GROUP BY 1, 2) n
                       ON n.system = v.system AND n.month = v.first_day
                    WHERE (close_to(v.discharges, n.discharges) AND close_to(v.mean_stay, n.mean) AND close_to(v.discharges_65, coalesce(n.old, 0))
                           AND (least < 1 OR close_to(v.stay_90, n.p90) AND close_to(v.stay_90_65, n.p90_65))) IS NOT TRUE $$,
                'those of systems, too; their percentile is percentile_cont where no organisation is shared');
SELECT is_empty($$ SELECT v.system, v.period FROM stp.system_stay v
                     JOIN plain n ON n.system = v.system AND n.emergency AND n.discharge_date BETWEEN v.first_day AND v.last_day
                    GROUP BY v.system, v.period, v.stay_90, v.discharges
                   HAVING sum(n.share) FILTER (WHERE discharge_date - admission_date < floor(v.stay_90)) > 0.9 * (v.discharges - 1) + 2
                       OR sum(n.share) FILTER (WHERE discharge_date - admission_date <= ceil(v.stay_90)) < 0.9 * (v.discharges - 1) - 1e-6 $$,
                'of the discharges weighted by share, 90% are at most the percentile and, but for two, 10% at least');

SELECT is_empty($$ SELECT * FROM stp.emergency_admission_rate('2016/17') v
                     FULL JOIN (SELECT b.system, sum(w.weight * b.events / b.persons) / sum(w.weight) * 100000 AS dsr, sum(b.events) AS events
                                  FROM stp.standard_population w
                                  JOIN (SELECT p.system, p.band, p.persons, n.events
                                          FROM (SELECT system, least(age_from / 5, 18) AS band, sum(persons) AS persons FROM stp.population GROUP BY 1, 2) p
                                          JOIN (SELECT system, least(age / 5, 18) AS band, sum(share) AS events FROM plain WHERE emergency AND age IS NOT NULL GROUP BY 1, 2) n
                                         USING (system, band)) b ON b.band = least(w.age_from / 5, 18)
                                 WHERE w.standard = 'ESP2013' GROUP BY b.system) n ON n.system = v.system
                    WHERE (v.status = 'inferred' AND close_to(v.value, n.dsr) AND close_to(v.emergency_admissions - v.unknown_age, n.events)
                               AND v.lower < v.value AND v.value < v.upper) IS NOT TRUE $$,
                'the standardised rates are sums over the bands, of which two are one band of the standard');

CREATE TABLE followed AS SELECT * FROM stp_internal.classified_spell WHERE left(stp_internal.icd10(diagnosis), 1) NOT IN ('C', 'O') IS NOT FALSE;
CREATE INDEX ON followed (person, admission_date);
ANALYZE followed;
SELECT is_empty($$ SELECT * FROM stp.index_discharge('2016/17 Q2', 30, '{C,O}', cancer_diagnoses => '{}', continuous => false) v
                     FULL JOIN (SELECT i.organisation, i.spell,
                                       (SELECT min(r.admission_date) FROM followed r
                                         WHERE r.person = i.person AND r.emergency AND r.admission_method <> '2B'
                                           AND r.admission_date BETWEEN i.discharge_date AND i.discharge_date + 30
                                           AND (r.admission_date, coalesce(r.discharge_date, 'infinity'), r.organisation, r.spell)
                                               > (i.admission_date, i.discharge_date, i.organisation, i.spell)) AS readmission_date
                                  FROM followed i
                                 WHERE i.discharge_date BETWEEN '2016-07-01' AND '2016-09-30'
                                   AND (i.stay > 0 OR i.emergency OR i.emergency IS NULL)) n USING (organisation, spell)
                    WHERE v.readmission_date IS DISTINCT FROM n.readmission_date OR v.discharge_date IS NULL OR n.spell IS NULL $$,
                'by our older rule, the window finds the readmissions that a join finds');
SELECT cmp_ok((SELECT sum(readmissions) FROM stp.organisation_readmission('2016/17 Q2')), '>', 1000::bigint, 'and there are some');

SELECT is_empty($$ SELECT * FROM (SELECT system, first_day, list, condition, emergency_admissions AS n FROM stp.system_ambulatory_condition) v
                     FULL JOIN (SELECT system, admitted_in AS first_day, list, condition, sum(share) AS expected FROM plain
                                  JOIN (SELECT * FROM (SELECT DISTINCT diagnosis FROM plain) code
                                          JOIN stp.ambulatory_condition ON replace(diagnosis, '.', '') LIKE prefix || '%') c USING (diagnosis)
                                 WHERE coalesce(age, -1) >= CASE age_from WHEN 0 THEN -1 ELSE age_from END
                                   AND (age_to IS NULL OR age <= age_to)
                                   AND emergency AND admission_method <> '2B' GROUP BY 1, 2, 3, 4) p USING (system, first_day, list, condition)
                    -- A row may be of transfers alone.
                    WHERE close_to(n, coalesce(expected, 0)) IS NOT TRUE $$, 'conditions by system and month are those of LIKE, without transfers');
SELECT is((SELECT sum(transfers)::numeric(20, 6) FROM stp.system_ambulatory_condition WHERE list = 'UCSC'),
          (SELECT sum(share)::numeric(20, 6) FROM plain JOIN stp_internal.classified_spell c USING (organisation, spell)
            WHERE c.transfer AND stp.ambulatory_condition(c.diagnosis, c.age) IS NOT NULL), 'which are counted beside them');
SELECT is((SELECT count(DISTINCT (list, condition)) FROM stp.system_ambulatory_condition), 13::bigint, 'and there are some');

-- From spells to a rating ------------------------------------------------------------------------------------------

UPDATE stp.spell SET discharge_date = discharge_date + 1
 WHERE (organisation, spell) IN (SELECT c.organisation, c.spell FROM stp_internal.classified_spell c JOIN stp.spell s USING (organisation, spell)
                                  WHERE c.emergency AND s.ready_date IS NULL AND c.discharge_date = '2016-12-20' ORDER BY 1, 2 LIMIT 1);
SELECT is(observe('spell'), 3, 'one more night changes bed days, emergency bed days and the mean stay');
UPDATE plain n SET discharge_date = s.discharge_date FROM stp.spell s WHERE (s.organisation, s.spell) = (n.organisation, n.spell) AND s.discharge_date <> n.discharge_date;

INSERT INTO stp.scheme (scheme, name) VALUES ('prevention', 'Prevention from spells');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator) VALUES
    ('prevention', 'overall', NULL, 'Prevention', NULL),
    ('prevention', 'admissions', 'overall', 'Emergency admissions', 'emergency_admissions_all_ages'),
    ('prevention', 'bed days', 'overall', 'Emergency bed days', 'emergency_bed_days'),
    ('prevention', 'delays', 'overall', 'Delayed transfers', 'delayed_transfers');
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES
    ('prevention', 1, 'Outstanding', 75), ('prevention', 2, 'Advanced', 50), ('prevention', 3, 'Making progress', 25), ('prevention', 4, 'Needs most improvement', NULL);
CREATE TABLE assessed AS SELECT unit AS system, node, parent, indicator, value, value_period, score, category, status FROM stp.assess('prevention', '2016-12');
CREATE TABLE expected AS
SELECT node, system, value, 100 * percent_rank() OVER (PARTITION BY node ORDER BY value DESC) AS score
  FROM (SELECT 'admissions' AS node, system, 100000 * sum(share) FILTER (WHERE emergency AND admission_date BETWEEN '2016-12-01' AND '2016-12-31') / persons AS value
          FROM plain JOIN people USING (system) GROUP BY system, persons
        UNION ALL
        SELECT 'bed days', system, 1000 * sum(share) / persons
          FROM plain JOIN people USING (system), generate_series(date '2016-12-01', '2016-12-31', interval '1 day') day
         WHERE emergency AND admission_date <= day AND (discharge_date > day OR discharge_date IS NULL) GROUP BY system, persons
        UNION ALL
        SELECT 'delays', system, 100000 * sum(share) / 31 / adults
          FROM plain JOIN people USING (system), generate_series(date '2016-12-01', '2016-12-31', interval '1 day') day
         WHERE ready_date <= day AND (discharge_date > day OR discharge_date IS NULL) AND (age >= 18 OR age IS NULL) GROUP BY system, adults) v;
SELECT is((SELECT count(*) FROM assessed WHERE status = 'ok' AND category IS NOT NULL AND parent IS NULL), 44::bigint, 'all 44 systems are rated');
SELECT is_empty($$ SELECT * FROM expected e FULL JOIN (SELECT * FROM assessed WHERE indicator IS NOT NULL) a ON a.node = e.node AND a.system = e.system
                    WHERE (close_to(a.value, e.value) AND close_to(a.score, e.score) AND a.value_period = '2016-12') IS NOT TRUE $$,
                'every value and score of the rating is that of plain SQL over the spells');
SELECT is_empty($$ SELECT system FROM expected e JOIN assessed a USING (system) WHERE a.parent IS NULL GROUP BY system, a.score, a.category
                   HAVING NOT close_to(a.score, avg(e.score)) OR a.category IS DISTINCT FROM CASE WHEN avg(e.score) >= 75 THEN 'Outstanding' WHEN avg(e.score) >= 50 THEN 'Advanced'
                                                                     WHEN avg(e.score) >= 25 THEN 'Making progress' ELSE 'Needs most improvement' END $$,
                'and so is every overall score and category');

-- The published A&E returns ----------------------------------------------------------------------------------------

CREATE TABLE lookup (trust_ods_code text, trust_name text, stp_ons_code text, stp_name text, region_2017 text, source text);
CREATE TABLE published (organisation text, month text, department_type text, attendances bigint, over_4_hours bigint, emergency_admissions bigint);
\copy lookup FROM 'test/fixtures/activity/trust_to_stp_2017.csv' (FORMAT csv, HEADER)
\copy published FROM 'test/fixtures/activity/ae_attendances_2016_2019.csv' (FORMAT csv, HEADER)
INSERT INTO stp.system (system, name) SELECT DISTINCT stp_ons_code, stp_name FROM lookup;
INSERT INTO stp.organisation (organisation, name)
SELECT DISTINCT organisation, coalesce(trust_name, organisation) FROM published LEFT JOIN lookup ON trust_ods_code = organisation;
INSERT INTO stp.membership (organisation, system, basis) SELECT trust_ods_code, stp_ons_code, 'main site' FROM lookup;
\copy stp.emergency_attendance (organisation, period, department_type, attendances, over_4_hours, emergency_admissions) FROM 'test/fixtures/activity/ae_attendances_2016_2019.csv' (FORMAT csv, HEADER)

SELECT is((SELECT count(*) FROM stp.emergency_attendance), 12765::bigint, 'the file loads with COPY as it is');
SELECT is(observe('emergency_attendance'), (SELECT 4 * count(DISTINCT (organisation, period))::int FROM stp.emergency_attendance), 'and becomes observations');
CREATE TABLE returned AS
SELECT system, period::text AS period, w.organisations, w.denominator AS attendances, w.denominator - w.numerator AS over_4_hours, w.value AS within_4_hours,
       w.lower AS within_4_hours_lower, e.numerator AS emergency_admissions, e.value AS rate, e.status AS rate_status
  FROM figure('ae_within_4_hours') w JOIN figure('ae_emergency_admissions') e USING (system, period);
CREATE TABLE nowhere AS
SELECT organisation, period::text AS period, w.denominator AS attendances, w.denominator - w.numerator AS over_4_hours, e.numerator AS emergency_admissions
  FROM stp.unassigned_observation w JOIN stp.unassigned_observation e USING (organisation, period)
 WHERE w.indicator = 'ae_within_4_hours' AND e.indicator = 'ae_emergency_admissions';
SELECT is((SELECT (count(DISTINCT system), count(DISTINCT period), min(period), max(period))::text FROM returned), '(44,36,2016-04,2019-03)', '44 STPs, 36 months');
SELECT is_empty($$ SELECT * FROM (SELECT period, sum(attendances) AS attendances, sum(over_4_hours) AS over_4_hours, sum(emergency_admissions) AS admissions
                                    FROM (SELECT period, attendances, over_4_hours, emergency_admissions FROM returned
                                          UNION ALL SELECT period, attendances, over_4_hours, emergency_admissions FROM nowhere) a GROUP BY period) v
                     FULL JOIN (SELECT month, sum(attendances) AS a, sum(over_4_hours) AS o, sum(emergency_admissions) AS e FROM published GROUP BY month) n ON n.month = v.period
                    WHERE (v.attendances, v.over_4_hours, v.admissions) IS DISTINCT FROM (n.a::float8, n.o::float8, n.e::float8) $$,
                'assigned and unassigned are the nation, in every month');
SELECT results_eq($$ SELECT DISTINCT organisation FROM nowhere ORDER BY 1 $$,
                  $$ SELECT DISTINCT organisation FROM published WHERE organisation NOT IN (SELECT trust_ods_code FROM lookup) ORDER BY 1 $$,
                  'whoever the lookup does not place is listed');
SELECT is((SELECT count(DISTINCT organisation) FROM nowhere), 137::bigint, 'that is 137 organisations');
SELECT is_empty($$ SELECT * FROM returned v
                     FULL JOIN (SELECT stp_ons_code, month, sum(attendances) AS a, sum(over_4_hours) AS o, sum(emergency_admissions) AS e, count(DISTINCT organisation) AS n
                                  FROM published JOIN lookup ON trust_ods_code = organisation GROUP BY 1, 2) n ON n.stp_ons_code = v.system AND n.month = v.period
                    WHERE (v.attendances = n.a AND v.over_4_hours = n.o AND v.emergency_admissions = n.e AND v.organisations = n.n
                               AND close_to(v.within_4_hours, 100 * (n.a - n.o) / n.a)
                               AND close_to(v.within_4_hours_lower, 100 * ((2 * (n.a - n.o) + 3.8414588206941236 - 1.959963984540054 * sqrt(3.8414588206941236 + 4 * (n.a - n.o) * n.o / n.a)) / (2 * (n.a + 3.8414588206941236)))::float8)
                               AND v.rate_status IN ('no data', 'incomplete') AND v.rate IS NULL) IS NOT TRUE $$,
                'admissions and four-hour performance of every STP and month');
INSERT INTO stp.population (system, period, persons) VALUES ('E54000005', '2016/17', 2600000);
SELECT is((count(*), count(value), min(status))::text, '(36,36,ok)', 'with a population there is a rate') FROM figure('ae_emergency_admissions') WHERE system = 'E54000005';
SELECT ok(close_to(value, 100000 * numerator / 2600000), 'of emergency admissions') FROM figure('ae_emergency_admissions') WHERE system = 'E54000005' AND period = '2017-02';

-- Months are planned as months: for as many groups as there are days, memory would be set aside and workers would not be worth while.
INSERT INTO stp.organisation (organisation, name) VALUES ('months', 'Months');
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date)
SELECT 'months', d, date '2001-04-01' + d, date '2001-04-01' + d + 3 FROM generate_series(0, 3000) d;
ANALYZE stp.spell;
CREATE FUNCTION groups_planned(day text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE format('EXPLAIN (FORMAT json) SELECT stp.month(%I), count(*) FROM stp.spell GROUP BY 1', day) INTO plan;
    RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
SELECT cmp_ok(groups_planned(day), '<', (SELECT 2 * count(DISTINCT stp.month(admission_date)) FROM stp.spell)::float8, day || ': groups of months')
  FROM unnest(ARRAY['admission_date', 'discharge_date']) day;

SELECT * FROM finish();
