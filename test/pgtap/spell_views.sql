-- What is made of stp.spell, made of another relation: the same answers from a partitioned table, whatever else it has.
SELECT plan(75);
SET client_min_messages = error;
SELECT setseed(0.5);
INSERT INTO stp.system (system, name) VALUES ('S', 'South'), ('T', 'Tyne');
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || n, 'Trust ' || n FROM generate_series(1, 8) n;
INSERT INTO stp.membership (organisation, system, share) VALUES ('O1', 'S', 0.25), ('O2', 'S', 1), ('O3', 'S', 1), ('O4', 'S', 1),
    ('O5', 'S', 1), ('O1', 'T', 0.75), ('O6', 'T', 1), ('O7', 'T', 1), ('O8', 'T', 1);
INSERT INTO stp.population (system, period, age_from, age_to, persons)
SELECT s, '2015/16', w.age_from, w.age_to, 5000 FROM unnest('{S,T}'::text[]) s CROSS JOIN stp.standard_population w WHERE w.standard = 'ESP2013';
INSERT INTO stp.spell
SELECT 'O' || 1 + floor(random() * 8)::int, n::text, 'P' || floor(random() * 400), d.day, d.discharge,
       CASE WHEN random() < 0.5 THEN d.day + floor(random() * coalesce(d.discharge - d.day + 1, 20))::int END,
       (ARRAY['21', '11', '2A', '2B', NULL])[1 + floor(random() * 5)::int], floor(random() * 95)::int, (ARRAY['female', 'male', NULL])[1 + floor(random() * 3)::int],
       (ARRAY['J440', 'I50', 'C341', 'O80', 'R10', NULL])[1 + floor(random() * 6)::int], NULL, (ARRAY['1', '4'])[1 + floor(random() * 2)::int], '19'
  FROM generate_series(1, 1500) n
 CROSS JOIN LATERAL (SELECT r.day, CASE WHEN random() < 0.97 THEN r.day + floor(70 * random() ^ 3)::int END AS discharge
                       FROM (SELECT date '2015-03-01' + n % 500 AS day) r) d;

CREATE SCHEMA "Another one";
CREATE TABLE "Another one".stay (note text, discharge_destination text, discharge_method text, further_diagnoses text[], diagnosis text, sex text, age int,
    admission_method text, ready_date date, discharge_date date, admission_date date NOT NULL, person text, spell text, organisation text,
    PRIMARY KEY (organisation, spell, admission_date)) PARTITION BY RANGE (admission_date);
CREATE TABLE "Another one".stay_2015 PARTITION OF "Another one".stay FOR VALUES FROM ('2015-01-01') TO ('2016-01-01');
CREATE TABLE "Another one".stay_other PARTITION OF "Another one".stay DEFAULT;
INSERT INTO "Another one".stay (organisation, spell, person, admission_date, discharge_date, ready_date, admission_method, age, sex, diagnosis, further_diagnoses,
                                discharge_method, discharge_destination) SELECT * FROM stp.spell;
CALL stp.make_spell_views('Another one', '"Another one".stay');

SELECT set_eq($$ SELECT c.relname FROM pg_class c WHERE c.relnamespace = '"Another one"'::regnamespace AND c.relkind = 'v' $$,
              $$ SELECT name FROM stp_internal.spell_reader WHERE class = 'pg_class'::regclass $$, 'every view over spells is made');
SELECT set_eq($$ SELECT p.proname FROM pg_proc p WHERE p.pronamespace = '"Another one"'::regnamespace $$,
              $$ SELECT name FROM stp_internal.spell_reader WHERE class = 'pg_proc'::regclass $$, 'and every function');
SELECT is_empty($$ SELECT d.* FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
                    WHERE c.relnamespace = '"Another one"'::regnamespace AND d.refobjid = 'stp.spell'::regclass $$, 'none reads stp.spell');
SELECT is(obj_description('"Another one".spell_observation'::regclass), obj_description('stp.spell_observation'::regclass), 'they are described as ours are');
SELECT is(col_description('"Another one".system_stay'::regclass, 7), col_description('stp.system_stay'::regclass, 7), 'and their columns');

-- Each as a whole. Those that need arguments, with some that give rows.
CREATE TABLE question (schema text, call text);
INSERT INTO question SELECT schema, quote_ident(name) FROM stp_internal.spell_reader WHERE class = 'pg_class'::regclass;
INSERT INTO question VALUES
    ('stp', 'spell_delayed_days(''2015-04'', ''2016-06'', false)'), ('stp', 'spell_discharge_delay(false)'),
    ('stp', 'emergency_admission_rate(''2015/16'')'), ('stp', 'emergency_admission_rate(''2015/16'', list => ''ACSC-chronic'')'),
    ('stp', 'organisation_readmission(''2015/16'')'), ('stp', 'system_readmission(''2015/16'')'), ('stp', 'index_discharge(''2015/16'')'),
    ('stp', 'index_discharge(''2015/16'', continuous => false)');
SELECT t.result
  FROM question q
 CROSS JOIN LATERAL (VALUES (isnt_empty(format('SELECT * FROM %s.%s', q.schema, q.call), 'there is something to compare: ' || q.call)),
                            (set_eq(format('SELECT x::text FROM "Another one".%s x', q.call), format('SELECT x::text FROM %s.%s x', q.schema, q.call), q.call)))
       t (result) WHERE q.call NOT IN ('missing_spells', 'system_missing_spells');

-- How far it reaches is said under its name.
INSERT INTO stp.extract VALUES ('"Another one".stay', '[2015-04-01,2016-04-01)');
SELECT results_eq($$ SELECT DISTINCT status FROM "Another one".organisation_stay $$, $$ VALUES ('ok') $$, 'what is said of it holds for it');
SELECT results_eq($$ SELECT DISTINCT status FROM stp.organisation_stay $$, $$ VALUES ('inferred') $$, 'and for nothing else');
SELECT results_eq($$ SELECT min(period)::text, max(period)::text FROM "Another one".spell_observation $$, $$ VALUES ('2015-04', '2016-03') $$, 'months that are not covered are left out');
SELECT throws_ok($$ INSERT INTO stp.extract VALUES ('stay', '[2015-04-01,2016-04-01)') $$, '22023',
                 'unknown source "stay" in stp.extract', 'without its schema it is no relation');

-- Refused
SELECT throws_ok($$ CALL stp.make_spell_views(NULL, 'stp.spell') $$, '22004', 'schema and relation must not be null', 'no schema');
SELECT throws_ok($$ CALL stp.make_spell_views('stp', '"Another one".stay') $$, '22023', 'schema "stp" belongs to the extension', 'our schema');
SELECT throws_ok($$ CALL stp.make_spell_views('nowhere', '"Another one".stay') $$, '3F000', 'schema "nowhere" does not exist', 'no such schema');
CREATE VIEW "Another one".narrow AS SELECT organisation, spell, admission_date::timestamp AS admission_date FROM stp.spell;
SELECT throws_ok($$ CALL stp.make_spell_views('Another one', '"Another one".narrow') $$, '42804',
    '"Another one".narrow lacks columns that stp.spell has: person text, admission_date date, discharge_date date, ready_date date, admission_method text, age integer, '
    'sex text, diagnosis text, further_diagnoses text[], discharge_method text, discharge_destination text', 'columns are missing, or of another type');

-- As a source: whose months are those of stp.spell.
DELETE FROM stp.extract;
INSERT INTO stp.observation_source VALUES ('"Another one".spell_observation');
CALL stp.refresh();
SELECT set_eq($$ SELECT indicator, organisation, period, numerator, denominator, value, status FROM stp.observation WHERE taken_from = '"Another one".spell_observation' $$,
              'SELECT * FROM stp.spell_observation', 'observations come from the spells of another relation');
DELETE FROM "Another one".stay WHERE organisation IN ('O1', 'O2') AND spell::int > 1000;
CALL stp.refresh();
SELECT isnt_empty($$ SELECT FROM stp.observation o WHERE taken_from IS NOT NULL AND NOT EXISTS
    (SELECT FROM "Another one".spell_observation s WHERE (s.indicator, s.organisation, s.period) = (o.indicator, o.organisation, o.period)) $$, 'nothing watches it');
CALL stp.source_changed('"Another one".spell_observation', '{O1}');
SELECT results_eq('SELECT task FROM stp.refresh_queue', $$ VALUES ('"Another one".spell_observation O1') $$, 'who changed it says so');
CALL stp.refresh();
SELECT set_eq($$ SELECT indicator, period, numerator FROM stp.observation WHERE taken_from IS NOT NULL AND organisation = 'O1' $$,
              $$ SELECT indicator, period, numerator FROM "Another one".spell_observation WHERE organisation = 'O1' $$, 'of one organisation');
SELECT set_eq($$ SELECT indicator, period, numerator FROM stp.observation WHERE taken_from IS NOT NULL AND organisation = 'O2' $$,
              $$ SELECT indicator, period, numerator FROM stp.spell_observation WHERE organisation = 'O2' $$, 'no other is read');
CALL stp.source_changed('"Another one".spell_observation');
CALL stp.refresh();
SELECT set_eq($$ SELECT indicator, organisation, period, numerator, denominator, value, status FROM stp.observation WHERE taken_from IS NOT NULL $$,
              'SELECT * FROM "Another one".spell_observation', 'or of all');
INSERT INTO stp.admission_method (method, meaning, emergency, status) VALUES ('11', 'Waiting list', true, 'confirmed');
CALL stp.refresh();
SELECT set_eq($$ SELECT indicator, organisation, period, numerator, denominator, value, status FROM stp.observation WHERE taken_from IS NOT NULL $$,
              'SELECT * FROM "Another one".spell_observation', 'what our tables say of spells is known');

-- A relation is read with the rights of its owner, by whoever refreshes, and can do nothing with those.
CREATE ROLE spell_views_owner;
CREATE SCHEMA theirs AUTHORIZATION spell_views_owner;
CREATE TABLE theirs.spell (LIKE stp.spell);
ALTER TABLE theirs.spell OWNER TO spell_views_owner;
SET ROLE spell_views_owner;
CREATE FUNCTION theirs.climb() RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN SET LOCAL ROLE NONE; DELETE FROM stp.organisation; RETURN 1; END $$;
CREATE FUNCTION theirs.who() RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
CREATE FUNCTION theirs.path() RETURNS text LANGUAGE sql AS $$ SELECT current_setting('search_path') $$;
CREATE VIEW theirs.quiet AS SELECT 'admissions' AS indicator, 'O3' AS organisation, '2019-01'::stp.period AS period, 7 AS numerator, NULL::float8 AS denominator,
    NULL::float8 AS value, 'inferred' AS status WHERE theirs.who() = 'spell_views_owner' AND theirs.path() = 'pg_catalog, pg_temp';
CREATE VIEW theirs.climber AS SELECT 'admissions' AS indicator, 'O3' AS organisation, '2019-02'::stp.period AS period, theirs.climb() AS numerator, NULL::float8 AS denominator,
    NULL::float8 AS value, NULL AS status;
CREATE VIEW theirs.narrow AS SELECT 'admissions' AS indicator;
CREATE VIEW theirs.secret AS SELECT q.* FROM theirs.quiet q CROSS JOIN public.question;
CALL stp.source_changed('theirs.quiet');
SELECT throws_ok($$ CALL stp.source_changed('"Another one".spell_observation') $$, '42501', NULL, 'who does not own a relation does not say that it has changed');
SELECT throws_ok($$ CALL stp.source_changed('spell') $$, '42501', NULL, 'nor that ours have');
SELECT throws_ok($$ CALL stp.source_changed('theirs.nothing') $$, '42P01', 'source "theirs.nothing" is no relation', 'nor that one has which is not there');
SELECT throws_ok($$ INSERT INTO stp.observation_source VALUES ('theirs.quiet') $$, '42501', NULL, 'nor switches it on');
INSERT INTO theirs.spell (organisation, spell, admission_date) VALUES ('O3', '1', '2019-03-04');
CALL stp.make_spell_views('theirs', 'theirs.spell');
SELECT results_eq($$ SELECT numerator FROM theirs.spell_observation WHERE indicator = 'admissions' $$, 'VALUES (1::float8)', 'anybody makes them, of what he may read');
SELECT throws_ok($$ CALL stp.make_spell_views('Another one', 'theirs.spell') $$, '42501', NULL, 'where he may');
RESET ROLE;
SELECT throws_ok('CALL stp.source_changed(NULL)', '22004', 'source must not be null', 'no source');
SELECT throws_ok($$ CALL stp.source_changed('spells') $$, '22023', 'unknown source "spells"', 'nor one that is misspelt');
INSERT INTO stp.observation_source VALUES ('theirs.quiet'), ('theirs.climber'), ('theirs.narrow'), ('theirs.secret');
\set ON_ERROR_STOP 0
CALL stp.refresh();
\set ON_ERROR_STOP 1
SELECT results_eq($$ SELECT taken_from, period::text, numerator, status FROM stp.observation WHERE taken_from ^@ 'theirs' $$, $$ VALUES ('theirs.quiet', '2019-01', 7::float8, 'inferred') $$,
    'read by its owner');
SELECT is(8, (SELECT count(*)::int FROM stp.organisation), 'nobody climbs');
SELECT results_eq($$ SELECT task, error FROM stp.refresh_failing ORDER BY task $$, $$ VALUES
    ('source theirs.climber', '42501: cannot set parameter "role" within security-definer function'),
    ('source theirs.narrow', '42703: column "organisation" does not exist'), ('source theirs.secret', '42501: permission denied for table question') $$, 'what fails is named, the others go on');
-- What the reader of a relation must not be able to do.
SELECT is_empty($$ SELECT FROM pg_proc p WHERE p.proname = 'read_source' AND has_function_privilege('public', p.oid, 'EXECUTE') $$, 'nobody reads by it what he may not read');
SELECT throws_ok('SELECT * FROM stp_internal.read_source(NULL, NULL)', '22004', 'source must not be null', 'no source is no crash');
CREATE FUNCTION theirs.set_path() RETURNS float8 LANGUAGE sql AS $$ SELECT length(set_config('search_path', 'theirs, pg_catalog', false) || set_config('work_mem', '77MB', false)) $$;
CREATE VIEW theirs.setter AS SELECT 'admissions' AS indicator, 'O3' AS organisation, '2019-04'::stp.period AS period, theirs.set_path() AS numerator, NULL::float8 AS denominator,
    NULL::float8 AS value, NULL AS status;
ALTER VIEW theirs.setter OWNER TO spell_views_owner;
SELECT count(*) FROM stp_internal.read_source('theirs.setter', NULL) \gset
SELECT is(concat_ws(' ', current_setting('work_mem') = '77MB', current_setting('search_path') ~ 'theirs'), 'f f', 'settings that it makes are gone with it');
CREATE TABLE theirs.own AS SELECT 'admissions' AS indicator, o AS organisation, '2019-05'::stp.period AS period, 1::float8 AS numerator, NULL::float8 AS denominator,
    NULL::float8 AS value, NULL AS status FROM unnest('{O3,O4}'::text[]) o;
ALTER TABLE theirs.own OWNER TO spell_views_owner;
ALTER TABLE theirs.own ENABLE ROW LEVEL SECURITY;
ALTER TABLE theirs.own FORCE ROW LEVEL SECURITY;
CREATE POLICY o4 ON theirs.own USING (organisation = 'O4');
INSERT INTO stp.observation_source VALUES ('theirs.own');
\set ON_ERROR_STOP 0
CALL stp.refresh();
\set ON_ERROR_STOP 1
SELECT results_eq($$ SELECT organisation FROM stp.observation WHERE taken_from = 'theirs.own' $$, $$ VALUES ('O4') $$, 'row security that is forced holds');
GRANT INSERT ON stp.observation_source TO spell_views_owner;
SET ROLE spell_views_owner;
SELECT throws_ok($$ INSERT INTO stp.observation_source VALUES ('public.question') $$, '42501', 'permission denied for table question', 'who switches it on may read it');
SELECT throws_ok($$ CALL stp.source_changed('theirs.nothing') $$, '42P01', 'source "theirs.nothing" is no relation', 'who may switch sources on names one that there is');
RESET ROLE;
SELECT throws_ok($$ INSERT INTO stp.observation_source VALUES ('"Another one".stay_pkey') $$, '22023', NULL, 'an index is none');
CREATE TEMP TABLE passing AS SELECT * FROM theirs.own;
SELECT throws_ok(format('INSERT INTO stp.observation_source VALUES (%L)', (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = 'passing'::regclass) || '.passing'), '22023', NULL,
    'nor what is gone with the session');
CALL stp.source_changed('THEIRS.Own', ARRAY['O4', NULL]);
SELECT isnt_empty($$ SELECT FROM stp_internal.input_change WHERE input = 'theirs.own' AND code = 'O4' $$, 'a name is that of the catalogue');

-- Two sources of one row, of which one is a relation: neither is taken in silence.
UPDATE stp.observation_source SET source = source;
ALTER TABLE theirs.own NO FORCE ROW LEVEL SECURITY;
CREATE VIEW theirs.twin AS SELECT * FROM theirs.own;
ALTER VIEW theirs.twin OWNER TO spell_views_owner;
INSERT INTO stp.observation_source VALUES ('theirs.twin');
\set ON_ERROR_STOP 0
CALL stp.refresh();
\set ON_ERROR_STOP 1
SELECT results_eq($$ SELECT regexp_replace(error, 'O[34]', 'O') FROM stp.refresh_failing WHERE task = 'source theirs.twin' $$,
    $$ VALUES ('22023: admissions of organisation "O" in 2019-05 comes from two sources: theirs.own and theirs.twin') $$, 'two sources of one row');
DELETE FROM stp.observation_source WHERE source = 'theirs.own';
\set ON_ERROR_STOP 0
CALL stp.refresh();
\set ON_ERROR_STOP 1
SELECT results_eq($$ SELECT organisation FROM stp.observation WHERE taken_from = 'theirs.twin' ORDER BY 1 $$, $$ VALUES ('O3'), ('O4') $$, 'until one is switched off');
-- A key twice is no row: neither is taken, and which it is is said; what else is wrong with a query is said as it is.
CREATE VIEW theirs.double AS SELECT * FROM theirs.own UNION ALL SELECT indicator, organisation, period, numerator, denominator, value + 1, status FROM theirs.own WHERE organisation = 'O4';
ALTER VIEW theirs.double OWNER TO spell_views_owner;
CREATE VIEW theirs.several AS SELECT * FROM theirs.own WHERE value > (SELECT i FROM generate_series(1, 2) i);
ALTER VIEW theirs.several OWNER TO spell_views_owner;
DELETE FROM stp.observation_source WHERE source = 'theirs.twin';
INSERT INTO stp.observation_source VALUES ('theirs.double'), ('theirs.several');
\set ON_ERROR_STOP 0
CALL stp.refresh();
\set ON_ERROR_STOP 1
SELECT results_eq($$ SELECT task, error FROM stp.refresh_failing WHERE task ~ 'double|several' ORDER BY task $$, $$ VALUES
    ('source theirs.double', '23505: theirs.double has 2 rows of admissions of organisation "O4" in 2019-05'),
    ('source theirs.several', '21000: more than one row returned by a subquery used as an expression') $$, 'a key that is there twice');
DELETE FROM stp.observation_source WHERE source IN ('theirs.double', 'theirs.several');
DROP VIEW theirs.narrow;
SELECT throws_like('SELECT stp_internal.read_source(''theirs.narrow'', NULL)', '%no relation%', 'one that is gone');
DELETE FROM stp.observation_source WHERE source ^@ 'theirs';
CALL stp.refresh();
SELECT is_empty('SELECT FROM stp.refresh_failing', 'what is switched off does not fail');
DROP SCHEMA theirs CASCADE;
DROP OWNED BY spell_views_owner;
DROP ROLE spell_views_owner;
SELECT * FROM finish();
