-- How far the tables reach: stp.extract, what is computed by it, and what is inferred without it.
SELECT plan(74);
SET client_min_messages = error;

-- Every relation and function over spells and returns asks it, or does not say a figure of a month --------------------
-- A new one asks too, or is put here with a reason.
CREATE TABLE not_asking (name text PRIMARY KEY, reason text);
INSERT INTO not_asking VALUES
    ('stp_internal.classified_spell', 'rows'), ('stp.delayed_transfer_latest', 'rows'), ('stp.delay_attribution_fault', 'rows'),
    ('stp_internal.stay_frequency_rows()', 'read by views that ask'), ('stp_internal.year_plan', 'plans, which reach further'),
    ('stp_internal.discharged_person_spell(date,date,text[],text[])', 'rows'), ('stp_internal.spell_line(date,date,text[],text[])', 'rows'),
    ('stp_internal.continuous_spell(date,date,text[],text[],integer,boolean,boolean)', 'rows'),
    ('stp_internal.reached_kept(stp_internal.input_change[])', 'whether there is anything'), ('stp_internal.spell_within(date,date)', 'rows'),
    ('stp_internal.changed_spells(stp_internal.input_change[])', 'what has changed'),
    ('stp_internal.refuse_spells(text,regclass)', 'looks at columns'), ('stp.make_spell_views(text,regclass)', 'makes those that ask'),
    ('stp_internal.ambulatory_admission(stp.period)', 'read by who asks'), ('stp_internal.shared_admissions(stp.period,text)', 'read by who asks'),
    ('stp_internal.standardised_admissions(stp.period,text,text)', 'read by who asks'),
    ('stp.load_dtoc_return(date,boolean,bigint,bigint,bigint,bigint)', 'writes'), ('stp_internal.take_ae_return(boolean)', 'writes');
CREATE TABLE uses AS
WITH RECURSIVE direct AS
(
    SELECT DISTINCT coalesce(w.ev_class::regclass::text, f.oid::regprocedure::text) AS name,
           CASE d.refclassid WHEN 'pg_proc'::regclass THEN d.refobjid::regprocedure::text ELSE d.refobjid::regclass::text END AS used
      FROM pg_depend d
      LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
      LEFT JOIN pg_proc f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid
     WHERE d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass) AND (w.oid IS NOT NULL OR f.oid IS NOT NULL)
    UNION
    -- Bodies of text say what they use in words.
    SELECT f.oid::regprocedure::text, n.name
      FROM pg_proc f
      JOIN (SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = ANY ('{stp,stp_internal}'::regnamespace[])
            UNION VALUES ('stp_internal.source_reach'), ('stp_internal.follow_up')) n ON f.prosrc ~ (n.name || '\M')
     WHERE f.pronamespace IN ('stp'::regnamespace, 'stp_internal'::regnamespace) AND f.prorettype <> 'trigger'::regtype
), tree AS
(
    SELECT name, used FROM direct WHERE name <> used
    UNION
    SELECT t.name, d.used FROM tree t JOIN direct d ON d.name = t.used AND d.name <> d.used
)
SELECT * FROM tree;
CREATE VIEW reader AS
SELECT u.name, bool_or(u.used ~ '^stp_internal.(source_reach|spell_reach|follow_up)\M') AS asks
  FROM uses u
 GROUP BY u.name
HAVING bool_or(u.used IN ('stp.spell', 'stp.delayed_transfer', 'stp.discharge_delay', 'stp.emergency_attendance', 'stp.financial_position'));
SELECT cmp_ok((SELECT count(*) FROM reader WHERE asks), '>=', 24::bigint, 'many read spells and returns, and ask how far they reach');
SELECT set_eq('SELECT name FROM reader WHERE NOT asks', 'SELECT name FROM not_asking', 'and who does not ask has a reason');

-- What it takes -------------------------------------------------------------------------------------------------------

SELECT throws_ok(format('INSERT INTO stp.extract (source, covers) VALUES (%L, %L)', c.source, c.covers), c.state, NULL, format('refused: %s covers %s', c.source, c.covers))
  FROM (VALUES ('spells', '[2016-04-01,2017-01-01)', '22023'), ('spell', 'empty', '22023'), ('spell', '[2016-04-01,)', '22023'), ('spell', '(,2016-04-01)', '22023'),
               ('spell', '[2016-04-01,infinity)', '22023'), ('spell', '[-infinity,2016-04-01)', '22023'), ('spell', '[1900-03-31,2017-01-01)', '22023'),
               ('spell', '[2016-04-01,2200-04-01]', '22023'), ('spell', NULL, '23502'), (NULL, '[2016-04-01,2017-01-01)', '23502')) c (source, covers, state);
SELECT throws_ok($$ INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-04-01,)') $$, '22023',
    'extract of "spell" covers [2016-04-01,), which has no first or no last day', 'with the value');
SELECT lives_ok($$ INSERT INTO stp.extract (source, covers) VALUES ('spell', '[1900-04-01,2200-04-01)') $$, 'all days of periods are days');
SELECT throws_ok($$ INSERT INTO stp.extract (source, covers) VALUES ('spell', '[1900-04-01,2200-03-31]') $$, '23505', NULL, 'once');
SELECT throws_ok($$ UPDATE stp.extract SET covers = 'empty' $$, '22023', NULL, 'nor by an update');
DELETE FROM stp.extract;

-- A table that ends in December -----------------------------------------------------------------------------------------

INSERT INTO stp.system (system, name) VALUES ('S', 'South'), ('N', 'North');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B'), ('L', 'Local authority');
INSERT INTO stp.membership (organisation, system, share) VALUES ('A', 'S', 1), ('B', 'S', 0.5), ('B', 'N', 0.5);
INSERT INTO stp.population (system, period, age_from, age_to, persons) VALUES
    ('S', '2016/17', 0, 17, 200), ('S', '2016/17', 18, NULL, 800), ('N', '2016/17', 0, 17, 100), ('N', '2016/17', 18, NULL, 400);
INSERT INTO stp.standard_population (standard, age_from, age_to, weight) VALUES ('two', 0, 17, 1), ('two', 18, NULL, 1);
-- Ten people go home each month, on the 11th; three of them come back 25 days later, those of December in a table that has
-- not come yet.
CREATE TABLE to_come AS
SELECT CASE WHEN n <= 6 THEN 'A' ELSE 'B' END AS organisation, format('%s %s %s', month::date, n, k) AS spell, format('%s %s', month::date, n) AS person,
       month::date + first AS admission_date, month::date + first + 2 AS ready_date, month::date + first + 4 AS discharge_date, '21' AS admission_method,
       70 AS age, 'J44' AS diagnosis
  FROM generate_series(date '2016-09-01', '2016-12-01', interval '1 month') month, generate_series(1, 10) n, (VALUES (0, 6), (1, 35)) again (k, first)
 WHERE k = 0 OR n IN (1, 2, 7);
INSERT INTO stp.spell (organisation, spell, person, admission_date, ready_date, discharge_date, admission_method, age, diagnosis)
SELECT * FROM to_come WHERE admission_date <= '2016-12-31'
UNION ALL
VALUES ('A', 'last', 'zoe', date '2016-12-20', date '2016-12-27', date '2016-12-31', '11', 70, 'K40');
DELETE FROM to_come WHERE admission_date <= '2016-12-31';

CREATE VIEW readmission AS
SELECT period::text, organisation, discharges, readmissions, round(value::numeric, 1) AS value, lower IS NOT NULL AND upper IS NOT NULL AS has_limits, status
  FROM stp.periods('2016-09', '2016-12') period, stp.organisation_readmission(period, 30, cancer_days => 0);
SELECT results_eq('SELECT * FROM readmission ORDER BY period, organisation',
    $$ VALUES ('2016-09', 'A', 6, 2, 33.3, true, 'inferred'), ('2016-09', 'B', 4, 1, 25.0, true, 'inferred'),
              ('2016-10', 'A', 8, 2, 25.0, true, 'inferred'), ('2016-10', 'B', 5, 1, 20.0, true, 'inferred'),
              ('2016-11', 'A', 8, 2, 25.0, true, 'inferred'), ('2016-11', 'B', 5, 1, 20.0, true, 'inferred'),
              ('2016-12', 'A', 9, 0, NULL, false, 'not followed up'), ('2016-12', 'B', 5, 0, NULL, false, 'not followed up') $$,
    'a month whose 30 days the table does not reach has no readmissions, rather than 0%');
SELECT is((SELECT array_agg(status ORDER BY days) FROM unnest('{31,32}'::int[]) days, stp.organisation_readmission('2016-11', days, cancer_days => 0) WHERE organisation = 'A'),
    '{inferred,not followed up}', 'to the day');
SELECT is((SELECT (status, readmissions, value)::text FROM stp.organisation_readmission('2016-12', 0, cancer_days => 0, transfer_days => 0) WHERE organisation = 'A'), '(inferred,0,0)', 'the day of discharge is there');
SELECT is((SELECT array_agg(status ORDER BY period::text) FROM stp.periods('2016-11', '2016-12') period, stp.organisation_readmission(period, 0, cancer_days => 0) WHERE organisation = 'A'), '{inferred,"not followed up"}', 'but not the two days within which a transfer would go on');
SELECT is((SELECT array_agg(followed) FROM stp.index_discharge('2016-12', 0) WHERE discharge_date = '2016-12-31'), '{f}', 'nor of the discharge');
SELECT results_eq($$ SELECT period::text, system, discharges, round(value::numeric, 1), status FROM stp.periods('2016-11', '2016-12') period, stp.system_readmission(period, 30, cancer_days => 0) ORDER BY 1, 2 $$,
    $$ VALUES ('2016-11', 'N', 2.5::float8, 20.0, 'inferred'), ('2016-11', 'S', 10.5, 23.8, 'inferred'),
              ('2016-12', 'N', 2.5, NULL, 'not followed up'), ('2016-12', 'S', 11.5, NULL, 'not followed up') $$, 'nor has a system');
SELECT results_eq($$ SELECT discharge_date, bool_and(followed), bool_or(followed) FROM stp.index_discharge('2016-12') GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES (date '2016-12-10', false, false), ('2016-12-11', false, false), ('2016-12-31', false, false) $$, 'each discharge says whether it could be followed');
SELECT results_eq($$ SELECT discharge_date, bool_and(followed), bool_or(followed) FROM stp.index_discharge('2016-12', 20) GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES (date '2016-12-10', true, true), ('2016-12-11', true, true), ('2016-12-31', false, false) $$, 'by itself');

-- The definition: 29 days after the period, and 365 before it, in which a cancer may be.
SELECT is((SELECT array_agg(DISTINCT status) FROM stp.organisation_readmission('2016-11')), '{short history}', 'a table that begins later than 365 days before has a short history');
SELECT is((SELECT array_agg(status ORDER BY back) FROM unnest('{55,56}'::int[]) back, stp.organisation_readmission('2016-11', cancer_days => back) WHERE organisation = 'A'),
    '{inferred,short history}', 'inferred from the first admission, to the day');
SELECT is((SELECT array_agg(DISTINCT status) FROM stp.organisation_readmission('2016-11', cancer_diagnoses => '{}')), '{inferred}', 'where no cancer is looked for none can be missed');
SELECT is((SELECT array_agg(DISTINCT status) FROM stp.organisation_readmission('2016-12')), '{not followed up}', 'not followed up goes before');
SELECT is((SELECT array_agg(value IS NULL) FROM stp.organisation_readmission('2016-11') WHERE organisation = 'A'), '{f}', 'and there is a value all the same');

-- What an extract says ----------------------------------------------------------------------------------------------

INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-09-01,2017-01-01)');
SELECT results_eq('SELECT period, status, count(*)::int, count(value)::int, sum(discharges)::int FROM readmission GROUP BY 1, 2 ORDER BY 1',
    $$ VALUES ('2016-09', 'ok', 2, 2, 10), ('2016-10', 'ok', 2, 2, 13), ('2016-11', 'ok', 2, 2, 13), ('2016-12', 'not followed up', 2, 0, 14) $$, 'what is said is ok');
UPDATE stp.extract SET covers = '[2016-09-01,2017-01-30)';
SELECT is((SELECT array_agg(DISTINCT status) FROM readmission WHERE period = '2016-12'), '{not followed up}', 'a day too few');
UPDATE stp.extract SET covers = '[2016-09-02,2017-01-31)';
SELECT results_eq($$ SELECT period, discharges, readmissions, value, status FROM readmission WHERE organisation = 'A' AND period IN ('2016-09', '2016-12') ORDER BY 1 $$,
    $$ VALUES ('2016-09', NULL::int, NULL::int, NULL::numeric, 'not covered'), ('2016-12', 9, 0, 0.0, 'ok') $$,
    'who says that January has come and has nobody gets 0%; half a month is no figure, nor are its counts');
SELECT results_eq($$ SELECT system, discharges, unknown_person, readmissions, value, status FROM stp.system_readmission('2016-09') ORDER BY 1 $$,
    $$ VALUES ('N', NULL::float8, NULL::float8, NULL::float8, NULL::float8, 'not covered'), ('S', NULL, NULL, NULL, NULL, 'not covered') $$, 'of systems neither');
INSERT INTO stp.spell (organisation, spell, person, admission_date, ready_date, discharge_date, admission_method, age, diagnosis) SELECT * FROM to_come;
SELECT results_eq($$ SELECT organisation, readmissions, value FROM readmission WHERE period = '2016-12' ORDER BY 1 $$,
    $$ VALUES ('A', 2, 22.2), ('B', 1, 20.0) $$, 'with January they are what they are');
DELETE FROM stp.spell WHERE admission_date > '2016-12-31';
-- Two rows with a gap of some days, and one that fills it.
DELETE FROM stp.extract;
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-09-01,2016-11-15)'), ('spell', '[2016-11-20,2017-02-01)');
SELECT results_eq($$ SELECT period, status FROM readmission WHERE organisation = 'A' ORDER BY 1 $$,
    $$ VALUES ('2016-09', 'ok'), ('2016-10', 'not followed up'), ('2016-11', 'not covered'), ('2016-12', 'ok') $$, 'a gap is not covered');
SELECT results_eq($$ SELECT period::text, status FROM stp.spell_delayed_days('2016-09', '2016-12') WHERE organisation = 'A' AND delayed_days IS NULL $$,
    $$ VALUES ('2016-11', 'not covered') $$, 'nor has it delayed days');
SELECT results_eq($$ SELECT period::text, emergency_admissions, unknown_age, value, lower, method, status FROM stp.periods('2016-11', '2016-12') period, stp.emergency_admission_rate(period, 'two')
                      WHERE system = 'N' ORDER BY 1 $$,
    $$ VALUES ('2016-11', NULL::float8, NULL::float8, NULL::float8, NULL::float8, NULL, 'not covered'), ('2016-12', 2.5, 0, NULL, NULL, NULL, 'suppressed') $$, 'nor a standardised rate');
SELECT is((SELECT status FROM stp.emergency_admission_rate('2016/17 Q3', 'two') WHERE system = 'S'), 'not covered', 'nor has the quarter');
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-11-10,2016-11-21)');
SELECT results_eq($$ SELECT period, status FROM readmission WHERE organisation = 'A' ORDER BY 1 $$,
    $$ VALUES ('2016-09', 'ok'), ('2016-10', 'ok'), ('2016-11', 'ok'), ('2016-12', 'ok') $$, 'rows add up');
SELECT is((SELECT status FROM stp.emergency_admission_rate('2016/17 Q3', 'two') WHERE system = 'S'), 'ok', 'a quarter of three covered months is covered');
UPDATE stp.extract SET covers = '[2015-09-02,2016-10-30)' WHERE lower(covers) = '2016-09-01';
SELECT is((SELECT status FROM stp.organisation_readmission('2016-09') WHERE organisation = 'A'), 'ok', '365 days before the period, and 29 after it, are enough');
UPDATE stp.extract SET covers = '[2015-09-03,2016-10-30)' WHERE lower(covers) = '2015-09-02';
SELECT is((SELECT status FROM stp.organisation_readmission('2016-09') WHERE organisation = 'A'), 'short history', 'one less is not');
UPDATE stp.extract SET covers = '[2015-09-02,2016-10-29)' WHERE lower(covers) = '2015-09-03';
SELECT is((SELECT status FROM stp.organisation_readmission('2016-09') WHERE organisation = 'A'), 'not followed up', 'on neither side');
DELETE FROM stp.extract;
SELECT is((SELECT status FROM stp.emergency_admission_rate('2016/17 Q3', 'two') WHERE system = 'S'), 'inferred', 'where nothing is said the rate says so');

-- An organisation that sends no more is missing, not empty ------------------------------------------------------------

CREATE TABLE silenced AS SELECT * FROM stp.spell WHERE organisation = 'B' AND greatest(admission_date, discharge_date) >= '2016-11-01';
DELETE FROM stp.spell WHERE organisation = 'B' AND greatest(admission_date, discharge_date) >= '2016-11-01';
CREATE VIEW silent AS SELECT string_agg(period::text, ' ' ORDER BY period::text) AS months FROM stp_internal.missing_spells WHERE organisation = 'B';
SELECT results_eq('SELECT organisation, period::text FROM stp_internal.missing_spells ORDER BY 2', $$ VALUES ('B', '2016-11'), ('B', '2016-12') $$,
    'to the month that the table reaches, and nobody else');
SELECT results_eq($$ SELECT system, period::text, status FROM stp.system_stay WHERE period >= '2016-09' ORDER BY 1, 2 $$,
    $$ VALUES ('N', '2016-09', 'inferred'), ('N', '2016-10', 'inferred'), ('S', '2016-09', 'inferred'), ('S', '2016-10', 'inferred'),
              ('S', '2016-11', 'partial'), ('S', '2016-12', 'partial') $$, 'the stay of its system is partial; of whom nobody sends there is no row');
SELECT results_eq($$ SELECT DISTINCT period::text, status FROM stp.system_ambulatory_condition WHERE system = 'S' ORDER BY 1 $$,
    $$ VALUES ('2016-09', 'inferred'), ('2016-10', 'inferred'), ('2016-11', 'partial'), ('2016-12', 'partial') $$, 'so are its conditions');
SELECT results_eq($$ SELECT period, emergency_admissions > 0, value IS NULL AND lower IS NULL AND upper IS NULL AND method IS NULL, status
                       FROM unnest('{2016-10,2016-11,2016/17 Q3}'::text[]) period, stp.emergency_admission_rate(period::stp.period, 'two') WHERE system = 'S' $$,
    $$ VALUES ('2016-10', true, false, 'inferred'), ('2016-11', true, true, 'incomplete'), ('2016/17 Q3', true, true, 'incomplete') $$, 'a rate over people has no value, but counts');
SELECT results_eq($$ SELECT period::text, value IS NULL, status FROM stp.periods('2016-10', '2016-12') period, stp.system_readmission(period, cancer_days => 0) WHERE system = 'S' ORDER BY 1 $$,
    $$ VALUES ('2016-10', false, 'inferred'), ('2016-11', false, 'partial'), ('2016-12', true, 'not followed up') $$, 'readmissions are partial, unless they are not followed up');
SELECT is((SELECT status FROM stp.system_readmission('2016/17 Q3', 0, transfer_days => 0) WHERE system = 'S'), 'partial', 'and of a quarter with such a month');
SELECT is((SELECT array_agg(DISTINCT status) FROM stp.organisation_readmission('2016-11', cancer_days => 0)), '{inferred}', 'those of whoever sends are whole');
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-09-01,2016-12-01)');
SELECT is((SELECT months FROM silent), '2016-11', 'to the month that is covered');
SELECT is((SELECT status FROM stp.emergency_admission_rate('2016-12', 'two') WHERE system = 'S'), 'not covered', 'not covered goes before');
UPDATE stp.extract SET covers = '[2016-09-01,2016-10-01)';
SELECT is((SELECT months FROM silent), NULL, 'nor any where the table ends before');
UPDATE stp.extract SET covers = '[2016-09-01,2200-04-01)';
SELECT is((SELECT months FROM silent), (SELECT string_agg(p::text, ' ') FROM stp.periods('2016-11', '2017-10') p), 'for twelve months');
SELECT is((SELECT status FROM stp.system_stay WHERE system = 'S' AND period = '2016-10'), 'ok', 'a month that is complete is ok');
DELETE FROM stp.extract;
UPDATE stp.membership SET valid_to = '2016-11-29' WHERE organisation = 'B';
SELECT results_eq($$ SELECT period::text, status FROM stp.system_stay WHERE system = 'S' AND period >= '2016-11' ORDER BY 1 $$,
    $$ VALUES ('2016-11', 'inferred'), ('2016-12', 'inferred') $$, 'whoever does not count on the last day of the month is not missed');
UPDATE stp.membership SET valid_to = NULL;
INSERT INTO stp.spell SELECT * FROM silenced;
SELECT is((SELECT months FROM silent), NULL, 'who sends is there');

-- Bed days go on while something is heard of an organisation -----------------------------------------------------------------------------

INSERT INTO stp.spell (organisation, spell, admission_date, admission_method) VALUES ('L', 'still there', '2016-12-30', '21');
CREATE VIEW bed_days AS
SELECT organisation, period::text, numerator AS bed_days, status FROM stp.spell_observation WHERE indicator = 'bed_days' AND organisation IN ('B', 'L') AND period >= '2016-12';
SELECT results_eq('SELECT * FROM bed_days ORDER BY 1, 2', $$ VALUES ('B', '2016-12', 4 * 4 + 4::float8, 'inferred'), ('L', '2016-12', 2, 'inferred') $$, 'to the last date of the table');
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-09-01,2017-02-28)');
SELECT results_eq('SELECT * FROM bed_days ORDER BY 1, 2', $$ VALUES ('B', '2016-12', 20::float8, NULL), ('L', '2016-12', 2, NULL) $$,
    'not to the last month that is covered: whoever has stopped to send is missing, not empty');
UPDATE stp.extract SET covers = '[2016-06-01,2016-09-01)';
SELECT is_empty('SELECT * FROM stp.spell_observation', 'nothing of a table that ends before it begins');
DELETE FROM stp.extract;
DELETE FROM stp.spell WHERE organisation = 'L';

-- Everything that says a figure of a month: random days that are covered against the rule, day by day -----------------------

INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, patients, delayed_days)
SELECT o, 'L', period, 'acute', 'A', 'NHS', 2, 31 FROM unnest('{A,B}'::text[]) o, stp.periods('2016-09', '2016-12') period;
INSERT INTO stp.membership (organisation, system) VALUES ('L', 'N');
INSERT INTO stp.occupied_bed_days (organisation, period, bed_days) VALUES ('A', '2016/17', 36500), ('B', '2016/17 Q3', 9200);
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days, delayed_1_day)
SELECT o, period, 10, 8, 6, 1 FROM unnest('{A,B}'::text[]) o, stp.periods('2016-09', '2016-12') period;
INSERT INTO stp.emergency_attendance (organisation, period, department_type, attendances, over_4_hours, emergency_admissions)
SELECT o, period, '1', 100, 10, 30 FROM unnest('{A,B}'::text[]) o, stp.periods('2016-09', '2016-12') period;
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT o, period, m, b, CASE m WHEN 'plan' THEN 1 ELSE 3 END, 100
  FROM unnest('{A,B}'::text[]) o, stp.periods('2016-09', '2016-12') period, unnest('{plan,actual}'::text[]) m, unnest('{including,excluding}'::text[]) b
 WHERE (o, period) <> ('B', '2016-12');
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT 'B', '2016/17 Q3', m, 'including', 7, 100 FROM unnest('{plan,actual}'::text[]) m;

CREATE TABLE figure (source text, relation text PRIMARY KEY);
INSERT INTO figure VALUES ('spell', 'stp.spell_observation'), ('spell', 'stp.organisation_stay'), ('spell', 'stp.system_stay'), ('spell', 'stp.system_ambulatory_condition'),
    ('spell', 'stp.spell_discharge_delay'), ('spell', '(SELECT * FROM stp.spell_delayed_days(''2016-09'', ''2016-12'') WHERE delayed_days IS NOT NULL)'),
    ('delayed_transfer', 'stp.delayed_transfer_observation'), ('delayed_transfer', 'stp.system_delay_detail'),
    ('discharge_delay', 'stp.discharge_delay_observation'), ('emergency_attendance', 'stp.emergency_attendance_observation'),
    ('financial_position', 'stp.financial_position_observation'), ('financial_position', 'stp.organisation_finance'), ('financial_position', 'stp.system_finance'),
    ('financial_position', 'stp.system_finance_organisation');
-- But for what sets a month against the one before it.
CREATE FUNCTION rows_of(relation text) RETURNS TABLE (period stp.period, line jsonb) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT stp.last_month(v.period), to_jsonb(v) - ''{status,change,direction,missing_months}''::text[] FROM %s v', relation);
END $$;
CREATE TABLE without_extract AS SELECT relation, r.* FROM figure, rows_of(relation) r;
SELECT is_empty($$ SELECT relation FROM figure EXCEPT SELECT relation FROM without_extract WHERE period = '2016-11' $$, 'all of them have figures');
SELECT setseed(0.5);
-- Three ranges of each, some from the first day of a month; the trial in the LATERAL makes each its own.
CREATE TABLE trial AS
SELECT trial, f.source, daterange(first, first + 1 + (random() * 70)::int) AS covers
  FROM generate_series(1, 20) trial, (SELECT DISTINCT source FROM figure) f, generate_series(1, 3),
       LATERAL (SELECT least(date '2016-08-25' + (random() * 125)::int, date_trunc('month', date '2016-09-01' + (random() * 120)::int)::date) + trial * 0 AS first) r;
UPDATE trial SET covers = covers * '[2016-08-25,2017-01-01)';
CREATE TABLE difference (trial int, relation text, what text, line jsonb);
DO $$
BEGIN
    FOR n IN 1..20 LOOP
        DELETE FROM stp.extract;
        INSERT INTO stp.extract (source, covers) SELECT DISTINCT source, covers FROM trial WHERE trial = n;
        INSERT INTO difference
        WITH expected AS (SELECT w.relation, w.period, w.line FROM without_extract w JOIN figure f USING (relation)
                           WHERE NOT EXISTS (SELECT FROM generate_series(stp.first_day(w.period), stp.last_day(w.period), interval '1 day') day
                                              WHERE NOT EXISTS (SELECT FROM trial t WHERE t.trial = n AND t.source = f.source AND day::date <@ t.covers))),
             found AS (SELECT f.relation, r.* FROM figure f, rows_of(f.relation) r)
        (SELECT n, relation, 'missing', line FROM (TABLE expected EXCEPT ALL TABLE found) m)
        UNION ALL
        (SELECT n, relation, 'not covered', line FROM (TABLE found EXCEPT ALL TABLE expected) m);
    END LOOP;
END $$;
SELECT is_empty('SELECT * FROM difference', 'what is wholly covered is as without an extract, and nothing else is there');
SELECT cmp_ok((SELECT count(*) FROM trial t, stp.periods('2016-09', '2016-12') p WHERE t.covers @> stp.daterange(p)), '>', 40::bigint, 'many months were covered');
DELETE FROM stp.extract;
INSERT INTO stp.extract (source, covers) VALUES ('delayed_transfer', '[2016-09-01,2016-12-01)');
SELECT is((SELECT DISTINCT (months, status)::text FROM stp.system_ascof_2c), '(3,partial)', 'the year has the months that are covered');
SELECT is((SELECT string_agg(DISTINCT missing_months, '/') FROM stp.organisation_finance WHERE organisation = 'A' AND period = '2016-12'), '2016-04, 2016-05, 2016-06, 2016-07, 2016-08', 'each table for itself');
INSERT INTO stp.extract (source, covers) VALUES ('financial_position', '[2016-10-01,2017-01-01)');
SELECT is((SELECT string_agg(DISTINCT missing_months, '/') FROM stp.organisation_finance WHERE organisation = 'A' AND period = '2016-12'), '2016-04, 2016-05, 2016-06, 2016-07, 2016-08, 2016-09', 'a month that is not covered is missing');
DELETE FROM stp.extract;

-- Who may only read the views reads them ----------------------------------------------------------------------------

SELECT ok(has_table_privilege('public', 'stp.extract', 'SELECT') AND NOT has_table_privilege('public', 'stp.extract', 'INSERT'), 'how far tables reach is public, but not to write');

-- Observations: an extract is a change of what they come from ---------------------------------------------------------

INSERT INTO stp.observation_source VALUES ('spell'), ('delayed_transfer'), ('emergency_attendance');
CALL stp.refresh();
CREATE VIEW taken AS SELECT taken_from, status, count(DISTINCT period)::int AS months, max(period)::text AS last FROM stp.observation GROUP BY 1, 2;
SELECT results_eq('SELECT * FROM taken ORDER BY 1', $$ VALUES ('delayed_transfer', NULL, 4, '2016-12'), ('emergency_attendance', NULL, 4, '2016-12'), ('spell', 'inferred', 4, '2016-12') $$,
    'what was inferred says so, what bears its month does not');
INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2016-09-01,2017-01-01)'), ('emergency_attendance', '[2016-10-01,2016-12-15)'), ('delayed_transfer', '[2016-09-01,2016-12-01)');
SELECT set_eq($$ SELECT code FROM stp_internal.input_change WHERE input = 'source' $$, $$ SELECT source FROM stp_internal.source WHERE source NOT IN ('judgement', 'schema.relation') $$,
    'an extract marks them; judgements are of no extract');
CALL stp.refresh();
SELECT results_eq('SELECT * FROM taken ORDER BY 1', $$ VALUES ('delayed_transfer', NULL, 3, '2016-11'), ('emergency_attendance', NULL, 2, '2016-11'), ('spell', NULL, 4, '2016-12') $$,
    'and they are taken again: a month that is not covered goes');
SELECT results_eq($$ SELECT DISTINCT period::text, taken_from FROM stp.observation WHERE indicator = 'delayed_transfers' AND period >= '2016-11' ORDER BY 1 $$,
    $$ VALUES ('2016-11', 'delayed_transfer'), ('2016-12', 'spell') $$, 'spells stand in for a return that does not cover the month');
SELECT isnt((SELECT count(*)::int FROM stp.observation_history WHERE taken_from = 'emergency_attendance'), 0, 'into the history');
TRUNCATE stp.extract;
CALL stp.refresh();
SELECT results_eq('SELECT * FROM taken ORDER BY 1', $$ VALUES ('delayed_transfer', NULL, 4, '2016-12'), ('emergency_attendance', NULL, 4, '2016-12'), ('spell', 'inferred', 4, '2016-12') $$,
    'and comes back');
SELECT * FROM finish();
