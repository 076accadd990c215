-- Observations that come from other tables: each source one switches on, what it no longer has, what was loaded by hand.
SELECT plan(33);
SET client_min_messages = error;
INSERT INTO stp.system (system, name) VALUES ('S', 'South');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B'), ('L', 'Local authority');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S'), ('B', 'S');
INSERT INTO stp.population (system, period, persons) VALUES ('S', '2016/17', 1000);
INSERT INTO stp.emergency_attendance (organisation, period, department_type, attendances, over_4_hours, emergency_admissions) VALUES
    ('A', '2016-12', '1', 100, 10, 30), ('A', '2016-12', '3', 50, 0, 0), ('B', '2016-12', '1', 80, 20, 20);
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days, beds_occupied) VALUES
    ('A', '2016-12', 10, 8, 6, 5), ('B', '2016-12', 20, 20, 0, NULL);
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, patients, delayed_days) VALUES
    ('A', 'L', '2016-12', 'acute', 'A', 'NHS', 2, 31), ('A', 'L', '2016-12', 'acute', 'B', 'both', 1, 62);
INSERT INTO stp.occupied_bed_days (organisation, period, bed_days) VALUES ('A', '2016/17 Q3', 9200), ('B', '2016-12', 3000);
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date, discharge_date, admission_method, age) VALUES
    ('A', '1', '2016-12-01', '2016-12-05', '2016-12-09', '21', 70), ('B', '1', '2016-12-01', '2016-12-05', '2016-12-09', '21', 70),
    ('B', '2', '2016-11-02', '2016-11-04', '2016-11-04', '21', 20);
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT o, '2016-12', m, b, CASE m WHEN 'plan' THEN 1 ELSE 3 END, 100
  FROM unnest('{A,B}'::text[]) o, unnest('{plan,actual}'::text[]) m, unnest('{including,excluding}'::text[]) b WHERE (o, b) <> ('B', 'excluding');

CREATE FUNCTION value_of(indicator text, organisation text, OUT numerator float8, OUT taken_from text) LANGUAGE sql
RETURN (SELECT (o.numerator, o.taken_from) FROM stp.observation o
         WHERE o.indicator = value_of.indicator AND o.organisation = value_of.organisation AND o.period = '2016-12');
-- Loaded by hand: one under a key that the returns have too, and one that they do not have.
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('ae_within_4_hours', 'A', '2016-12', 1, 2), ('ae_within_4_hours', 'L', '2016-12', 1, 2);

CALL stp.refresh();
SELECT is((SELECT count(*) FROM stp.observation), 2::bigint, 'nothing is taken that nobody asked for');

INSERT INTO stp.observation_source VALUES ('emergency_attendance'), ('discharge_delay'), ('delayed_transfer'), ('finance including');
CALL stp.refresh();
SELECT set_eq(format('SELECT indicator, organisation, period, numerator, denominator, value FROM stp.observation WHERE taken_from = %L', s.source),
              format('SELECT indicator, organisation, period, numerator, denominator, value FROM (%s) r', s.rows), 'a source that is switched on is observed: ' || s.source)
  FROM stp_internal.source s JOIN stp.observation_source o USING (source) ORDER BY s.source COLLATE "C";
SELECT set_eq('SELECT DISTINCT indicator FROM stp.observation', $$ SELECT indicator FROM stp.indicator
    WHERE indicator ~ '^(ae_|delayed|discharged|mean_discharge)|_variance_pct$|^variance_|^net_position_pct$|^emergency_admissions$' AND indicator !~ '^delayed_\d' $$,
    'with all their indicators but those of bands that were not reported');
SELECT is(value_of('delayed_transfers', 'A')::text, '(3,delayed_transfer)', 'delayed days over the days of the month');
SELECT is(value_of('delayed_patients', 'A')::text, '(3,delayed_transfer)', 'the patients of the snapshot');
SELECT is(value_of('delayed_transfers_of_residents', 'L')::text, '(3,delayed_transfer)', 'and the same of the local authority');
SELECT results_eq($$ SELECT organisation, numerator, denominator FROM stp.observation WHERE indicator = 'delayed_transfers_of_bed_days' AND period = '2016-12' ORDER BY 1 $$,
    $$ VALUES ('A', 93::float8, 3100::float8), ('B', 0, 3000) $$, 'who has beds and is not in the return has no delays');
SELECT is_empty($$ SELECT * FROM stp.observation WHERE indicator = 'delayed_transfers_of_bed_days' AND period <> '2016-12' $$, 'in the months that have a return');

-- By hand
SELECT is(value_of('ae_within_4_hours', 'A')::text, '(140,emergency_attendance)', 'what was loaded by hand gives way under the same key');
SELECT results_eq($$ SELECT numerator, taken_from FROM stp.observation_history WHERE indicator = 'ae_within_4_hours' $$, 'VALUES (1::float8, NULL::text)', 'into the history');
SELECT is(value_of('ae_within_4_hours', 'L')::text, '(1,)', 'and stays under another');

-- Gone
DELETE FROM stp.emergency_attendance WHERE organisation = 'A';
CALL stp.refresh();
SELECT is_empty($$ SELECT * FROM stp.observation WHERE taken_from = 'emergency_attendance' AND organisation = 'A' $$, 'what a source no longer has is no longer observed');
SELECT results_eq($$ SELECT numerator, taken_from FROM stp.observation_history WHERE indicator = 'ae_within_4_hours' AND taken_from IS NOT NULL $$,
    $$ VALUES (140::float8, 'emergency_attendance') $$, 'but in the history');
SELECT is(value_of('ae_within_4_hours', 'B')::text, '(60,emergency_attendance)', 'what it has stays');
SELECT is(value_of('ae_within_4_hours', 'L')::text, '(1,)', 'and so does what was loaded by hand');
SELECT is((SELECT count(*)::int FROM stp.observation_history WHERE taken_from = 'emergency_attendance'), 4, 'nothing else was touched');
UPDATE stp.observation SET numerator = 7 WHERE indicator = 'ae_within_4_hours' AND organisation = 'B';
CALL stp.refresh();
SELECT is(value_of('ae_within_4_hours', 'B')::text, '(7,emergency_attendance)', 'a correction of the observation lasts');
UPDATE stp.emergency_attendance SET over_4_hours = 30;
CALL stp.refresh();
SELECT is(value_of('ae_within_4_hours', 'B')::text, '(50,emergency_attendance)', 'until its source changes');
TRUNCATE stp.emergency_attendance;
CALL stp.refresh();
SELECT results_eq($$ SELECT organisation FROM stp.observation WHERE indicator = 'ae_within_4_hours' $$, $$ VALUES ('L') $$, 'an empty source leaves what was loaded by hand');

-- Two sources of one indicator
INSERT INTO stp.observation_source VALUES ('spell');
CALL stp.refresh();
SELECT results_eq($$ SELECT organisation, period::text, taken_from FROM stp.observation WHERE indicator = 'delayed_transfers' ORDER BY 1, 2 $$,
    $$ VALUES ('A', '2016-12', 'delayed_transfer'), ('B', '2016-11', 'spell'), ('B', '2016-12', 'spell') $$, 'spells stand in where there is no return');
DELETE FROM stp.delayed_transfer;
CALL stp.refresh();
SELECT is(value_of('delayed_transfers', 'A')::text, format('(%s,spell)', 4 / 31.0::float8), 'and when the return goes');
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) VALUES ('A', 'L', '2016-12', 'acute', 'A', 'NHS', 31);
CALL stp.refresh();
SELECT is(value_of('delayed_transfers', 'A')::text, '(1,delayed_transfer)', 'and give way when it comes back');

-- The return goes, but cannot be taken out at first: spells stand in for it once it is gone.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
CREATE TRIGGER refuse BEFORE DELETE OR UPDATE ON stp.observation FOR EACH ROW WHEN (OLD.taken_from = 'delayed_transfer') EXECUTE FUNCTION refuse();
CREATE TABLE returned AS TABLE stp.delayed_transfer;
DELETE FROM stp.delayed_transfer;
\set ON_ERROR_STOP 0
CALL stp.refresh();
\set ON_ERROR_STOP 1
SELECT results_eq('SELECT task FROM stp.refresh_failing', $$ VALUES ('source delayed_transfer') $$, 'the return fails');
DROP TRIGGER refuse ON stp.observation;
CALL stp.refresh();
SELECT is(value_of('delayed_transfers', 'A')::text, format('(%s,spell)', 4 / 31.0::float8), 'spells stand in when it has gone well');
INSERT INTO stp.delayed_transfer SELECT * FROM returned;
CALL stp.refresh();
SELECT is(value_of('delayed_transfers', 'A')::text, '(1,delayed_transfer)', 'and give way again');

-- The other basis of money: nothing of the one is left among the other's.
SELECT throws_ok($$ INSERT INTO stp.observation_source VALUES ('finance excluding') $$, '23505', NULL, 'one basis at a time');
UPDATE stp.observation_source SET source = 'finance excluding' WHERE source = 'finance including';
CALL stp.refresh();
SELECT results_eq($$ SELECT DISTINCT organisation, taken_from FROM stp.observation WHERE taken_from ~ '^finance' $$, $$ VALUES ('A', 'finance excluding') $$, 'a basis takes the other''s place');

-- Switched off
DELETE FROM stp.observation_source;
TRUNCATE stp.spell;
CALL stp.refresh();
SELECT is((SELECT count(*)::int FROM stp.observation WHERE taken_from = 'spell' AND indicator = 'admissions'), 3, 'what came from a source stays when that is switched off');
INSERT INTO stp.observation_source VALUES ('spell');
CALL stp.refresh();
SELECT is_empty($$ SELECT * FROM stp.observation WHERE taken_from = 'spell' $$, 'and goes when it is switched on again');
SELECT is_empty('SELECT * FROM stp_internal.input_change', 'no mark is left');
SELECT * FROM finish();
