-- Module target: which target holds for whom and when, against plain SQL; what is measured by it, and what a change of it reaches.
SELECT plan(88);

INSERT INTO stp.system (system, name) SELECT 'S' || i, 'System ' || i FROM generate_series(1, 5) i;
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'Trust ' || i FROM generate_series(1, 6) i;
INSERT INTO stp.membership (organisation, system) SELECT 'O' || i, 'S' || i FROM generate_series(1, 5) i;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator, standard, floor, over_time) VALUES
    ('up', 'Up', '%', 'proportion', 'higher', 100, 'reports', 92, 40, NULL), ('down', 'Down', '%', 'proportion', 'lower', 100, 'reports', NULL, NULL, NULL),
    ('money', 'Money', '%', 'mean', 'higher', 100, 'reports', NULL, NULL, NULL), ('level', 'Level', '0-10', 'mean', 'lower', 1, 'none', NULL, NULL, NULL);
CREATE FUNCTION report(code text, unit text, of stp.period, number float8) RETURNS void LANGUAGE sql AS $$
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value)
    SELECT code, unit, of, CASE WHEN code <> 'level' THEN number END, CASE WHEN code <> 'level' THEN 100 END, CASE WHEN code = 'level' THEN number END
    ON CONFLICT (indicator, period, organisation) DO UPDATE SET numerator = excluded.numerator, value = excluded.value $$;
-- The systems have 50 to 62% in the baseline, and from 56% in June.
SELECT report('up', 'O' || i, '2025-11', 47 + 3 * i) FROM generate_series(1, 4) i;
SELECT report('up', 'O' || i, '2026-06', 53 + 3 * i) FROM generate_series(1, 5) i;
SELECT report('down', 'O' || i, '2025-11', 18 + 2 * i) FROM generate_series(1, 5) i;
SELECT report('down', 'O' || i, '2026-06', 20) FROM generate_series(1, 5) i;

CREATE FUNCTION target_of(code text, unit text, day date) RETURNS float8 LANGUAGE sql
RETURN (SELECT t.target FROM stp.unit_target t WHERE t.indicator = code AND t.unit = target_of.unit AND day BETWEEN t.valid_from AND coalesce(t.valid_to, 'infinity'));
CREATE FUNCTION targets_of(code text, day date) RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', t.unit, round(t.target::numeric, 6)::float8, t.set_for, nullif(t.status, 'ok')), ', ' ORDER BY t.unit) FROM stp.unit_target t
         WHERE t.indicator = code AND t.unit_kind = 'system' AND day BETWEEN t.valid_from AND coalesce(t.valid_to, 'infinity'));

-- Whose, and when ----------------------------------------------------------------------------------------------------

SELECT is(targets_of('up', '2026-06-30'), 'S1 92 standard, S2 92 standard, S3 92 standard, S4 92 standard, S5 92 standard', 'without a row it is the standard');
SELECT is(targets_of('down', '2026-06-30'), NULL, 'or there is none');
-- 7 points better, at least 65; 3 better, at most 20: the planning rules of 2026/27.
INSERT INTO stp.target (indicator, period, baseline, improvement, improvement_in, no_worse_than, source) VALUES
    ('up', '2026/27', '2025-11', 7, 'points', 65, 'Plan'), ('down', '2026/27', '2025-11', 3, 'points', 20, 'Plan');
SELECT is(targets_of('up', '2026-06-30'), 'S1 65 all units, S2 65 all units, S3 65 all units, S4 66 all units, S5 all units no baseline', 'better than the baseline, and at least');
SELECT is(targets_of('down', '2026-06-30'), 'S1 17 all units, S2 19 all units, S3 20 all units, S4 20 all units, S5 20 all units', 'where lower is better: at most');
SELECT is(target_of('up', 'S1', '2026-03-31'), 92::float8, 'until then the standard holds');
UPDATE stp.target SET improvement_in = 'per cent', no_worse_than = NULL WHERE indicator IN ('up', 'down');
SELECT is(targets_of('up', '2026-06-30'), 'S1 53.5 all units, S2 56.71 all units, S3 59.92 all units, S4 63.13 all units, S5 all units no baseline', 'per cent are of the baseline');
SELECT is(targets_of('down', '2026-06-30'), 'S1 19.4 all units, S2 21.34 all units, S3 23.28 all units, S4 25.22 all units, S5 27.16 all units', 'downwards too');
UPDATE stp.target SET improvement = 60, improvement_in = 'points' WHERE indicator IN ('up', 'down');
SELECT is(target_of('up', 'S3', '2026-06-30'), 100::float8, 'nobody can be better than all');
SELECT is(target_of('down', 'S3', '2026-06-30'), 0::float8, 'or than none');
UPDATE stp.target SET improvement = 7, improvement_in = 'points', no_worse_than = 65 WHERE indicator = 'up';
UPDATE stp.target SET improvement = 3, no_worse_than = 20 WHERE indicator = 'down';

-- A row of one's own comes before that for all, and a trajectory is a row for each month.
INSERT INTO stp.target (indicator, unit, period, value, source) SELECT 'up', 'S2', stp.period('2026-06') + i, 60 + i, 'Trajectory' FROM generate_series(0, 9) i;
SELECT is(string_agg(target_of('up', 'S2', day::date)::text, ' ' ORDER BY day), '92 65 65 60 61 62', 'its own from its first row on')
  FROM unnest(ARRAY['2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30', '2026-07-31', '2026-08-31']::date[]) day;
SELECT is(target_of('up', 'S2', '2029-03-31'), 69::float8, 'and the last goes on');
INSERT INTO stp.target (indicator, period, value, source) VALUES ('up', '2027/28', 80, 'Plan');
SELECT is(target_of('up', 'S2', '2027-04-30'), 69::float8, 'whatever others have');
SELECT is(target_of('up', 'S1', '2027-04-30'), 80::float8, 'who have a new one');
SELECT throws_ok($$ INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('up', 'S3', '2026/27', 50, 'Year'), ('up', 'S3', '2026-04', 55, 'Month') $$,
    '22023', 'target "up" of "S3" from 2026/27 on: another, from 2026-04 on, begins on the same day', 'two that begin together are none');
SELECT throws_ok($$ UPDATE stp.target SET period = '2026-06' WHERE unit = '' AND period = '2027/28'; UPDATE stp.target SET period = '2026/27 Q2' WHERE unit = 'S2' AND period = '2026-06' $$,
    '22023', 'target "up" of "S2" from 2026/27 Q2 on: another, from 2026-07 on, begins on the same day', 'nor may one become so');
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('up', 'S3', '2026-04', 55, 'Month');
SELECT results_eq($$ SELECT unit, target, status FROM stp.unit_target WHERE indicator = 'up' AND unit_kind = 'organisation' AND valid_from = '2026-04-01' ORDER BY 1 $$,
    $$ VALUES ('O1', 65::float8, 'ok'), ('O2', 65, 'ok'), ('O3', 65, 'ok'), ('O4', 66, 'ok'), ('O5', NULL, 'no baseline'), ('O6', NULL, 'no baseline') $$, 'of organisations their own values');
-- One's own ends: again what all have, and where all have none the standard.
UPDATE stp.target SET valid_to = '2026-08-31' WHERE unit = 'S3';
INSERT INTO stp.target (indicator, unit, period, valid_to, value, source) VALUES ('up', 'S3', '2026-11', '2026-11-30', 56, 'Month');
SELECT results_eq($$ SELECT valid_from, valid_to, target, set_for FROM stp.unit_target WHERE indicator = 'up' AND unit = 'S3' ORDER BY 1 $$,
    $$ VALUES ('-infinity'::date, '2026-03-31'::date, 92::float8, 'standard'), ('2026-04-01', '2026-08-31', 55, 'unit'), ('2026-09-01', '2026-10-31', 65, 'all units'),
       ('2026-11-01', '2026-11-30', 56, 'unit'), ('2026-12-01', '2027-03-31', 65, 'all units'), ('2027-04-01', NULL, 80, 'all units') $$, 'one''s own can end, and begin again');
UPDATE stp.target SET valid_to = '2028-03-31' WHERE unit = '' AND indicator = 'up' AND period = '2027/28';
SELECT is(ARRAY[target_of('up', 'S1', '2028-03-31'), target_of('up', 'S1', '2028-04-01'), target_of('up', 'S2', '2028-04-01')], ARRAY[80, 92, 69]::float8[], 'where all have none it is the standard');
UPDATE stp.target SET valid_to = '2026-05-31' WHERE unit = '' AND indicator = 'up' AND period = '2026/27';
SELECT is(string_agg(target_of('up', 'S3', day::date)::text, ' ' ORDER BY day), '92 55 55 92 56 92 80', 'one''s own is not touched by the end of that of all')
  FROM unnest(ARRAY['2026-03-31', '2026-05-31', '2026-08-31', '2026-09-01', '2026-11-30', '2026-12-01', '2027-04-01']::date[]) day;
SELECT is(valid_to, '2026-05-31'::date, 'which the view shows') FROM stp.unit_target WHERE indicator = 'up' AND unit = 'S1' AND set_for = 'all units' AND valid_from = '2026-04-01';
UPDATE stp.target SET valid_to = NULL WHERE indicator = 'up' AND unit = '';
SELECT is_empty($$ SELECT FROM stp.unit_target a JOIN stp.unit_target b USING (indicator, unit_kind, unit)
                    WHERE a.valid_from < b.valid_from AND coalesce(a.valid_to, 'infinity') >= b.valid_from $$, 'no day has two');

-- Baselines that are longer than the reports, negative, partial, not averaged.
SELECT report('money', 'O1', p, n) FROM (VALUES ('2025-04'::stp.period, -8::float8), ('2025-05', -4)) v (p, n);
INSERT INTO stp.target (indicator, period, baseline, improvement, improvement_in, source) VALUES ('money', '2026/27', '2025/26', 50, 'per cent', 'Plan');
SELECT results_eq($$ SELECT baseline_value, target, status FROM stp.unit_target WHERE indicator = 'money' AND unit = 'S1' $$,
    $$ VALUES (-6::float8, -3::float8, 'partial') $$, 'a year is made of its months; half a deficit is better by half of it');
SELECT report('level', 'O1', p, 5) FROM unnest(ARRAY['2025-04', '2025-05']::stp.period[]) p;
INSERT INTO stp.target (indicator, period, baseline, improvement, improvement_in, no_worse_than, source) VALUES ('level', '2026/27', '2025/26', 1, 'points', 3, 'Plan');
SELECT is((SELECT status FROM stp.unit_target WHERE indicator = 'level' AND unit = 'S1'), 'no baseline', 'what may not be averaged makes no year');
SELECT report('level', 'O1', '2025/26', 4.5);
SELECT is(target_of('level', 'S1', '2026-06-30'), 3::float8, 'but may be reported for one');
UPDATE stp.indicator SET better = 'neutral' WHERE indicator = 'level';
SELECT is((SELECT concat(target, status) FROM stp.unit_target WHERE indicator = 'level' AND unit = 'S1'), 'no direction', 'an indicator that loses its direction');

-- Against plain SQL: all rows of a random table, on random days.
UPDATE stp.indicator SET standard = 15 WHERE indicator = 'down';
INSERT INTO stp.target (indicator, unit, period, valid_to, value, source)
SELECT DISTINCT ON (unit, stp.first_day(p.period)) 'down', unit, p.period, CASE WHEN random() < 0.3 THEN stp.first_day(p.period) + (200 * random())::int END, round(100 * random()), 'Drawn'
  FROM unnest(ARRAY['', 'S1', 'S2', 'S3']) unit, unnest(ARRAY['month', 'quarter', 'year']) grain, generate_series(1, 6),
       LATERAL (SELECT stp.period(date '2023-04-01' + (random() * 1500)::int, grain)) p (period)
 WHERE unit <> '' OR stp.first_day(p.period) <> '2026-04-01';
SELECT is_empty($$ SELECT s.system, day FROM stp.system s CROSS JOIN generate_series(date '2023-03-01', '2028-03-01', '7 days') day
    LEFT JOIN LATERAL (SELECT l.* FROM (SELECT DISTINCT ON (t.unit) t.* FROM stp.target t WHERE t.indicator = 'down' AND t.unit IN (s.system, '') AND stp.first_day(t.period) <= day::date
                                         ORDER BY t.unit, t.period DESC) l
                        WHERE l.valid_to IS NULL OR l.valid_to >= day::date ORDER BY l.unit = '' LIMIT 1) x ON true
    WHERE target_of('down', s.system, day::date) IS DISTINCT FROM CASE WHEN x.unit IS NULL THEN 15 ELSE coalesce(x.value,
        least((SELECT v.value FROM stp.system_indicator v WHERE v.indicator = 'down' AND v.system = s.system AND v.period = x.baseline) - x.improvement, x.no_worse_than)) END $$,
    'each day has the target of the latest row that begins by then, its own before that for all, if it has not ended');
SELECT is_empty($$ SELECT u.unit, u.valid_from FROM (SELECT unit, valid_from, valid_to, lead(valid_from) OVER (PARTITION BY unit ORDER BY valid_from) AS next FROM stp.unit_target
                     WHERE indicator = 'down' AND unit_kind = 'system') u WHERE u.valid_to + 1 IS DISTINCT FROM u.next $$, 'and the stretches leave no gap and do not overlap');
DELETE FROM stp.target WHERE source = 'Drawn';
UPDATE stp.indicator SET standard = NULL WHERE indicator = 'down';

-- What becomes of a target whose indicator or unit changes ---------------------------------------------------------------

INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('money', 'S2', '2026/27', 150, 'Above the whole'), ('money', 'O6', '2026/27', 50, 'Own');
SELECT throws_ok($$ UPDATE stp.indicator SET kind = 'proportion' WHERE indicator = 'money' $$, '23001', NULL, 'an indicator with observations cannot change');
DELETE FROM stp.observation WHERE indicator = 'money';
SELECT throws_ok($$ UPDATE stp.indicator SET kind = 'proportion' WHERE indicator = 'money' $$, '23001',
    'indicator "money" has a target that no proportion with per 100 can reach: 150 of "S2" from 2026/27 on', 'nor one whose targets would be impossible');
SELECT throws_ok($$ UPDATE stp.indicator SET per = 1 WHERE indicator = 'up' $$, '23001', NULL, 'nor in what it is given per');
SELECT lives_ok($$ UPDATE stp.indicator SET kind = 'ratio' WHERE indicator = 'money' $$, 'unless they stay possible');

SET CONSTRAINTS ALL DEFERRED;
CREATE PROCEDURE run(VARIADIC statements text[]) LANGUAGE plpgsql AS $$
DECLARE statement text; BEGIN FOREACH statement IN ARRAY statements LOOP EXECUTE statement; END LOOP; SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; END $$;
SELECT throws_ok($$ CALL run('DELETE FROM stp.organisation WHERE organisation = ''O6''') $$, '23503', 'organisation "O6" has a target: "money" from 2026/27 on', 'a unit with targets does not go');
SELECT throws_ok($$ CALL run('UPDATE stp.organisation SET organisation = ''O7'' WHERE organisation = ''O6''') $$, '23503', NULL, 'or get another code');
SELECT lives_ok($$ CALL run('UPDATE stp.organisation SET organisation = ''O7'' WHERE organisation = ''O6''', 'UPDATE stp.target SET unit = ''O7'' WHERE unit = ''O6''') $$, 'unless they go along');
SELECT throws_ok($$ CALL run('UPDATE stp.target SET unit = ''O6'' WHERE unit = ''O7''') $$, '22023', 'unknown unit "O6"', 'and none comes for a unit that there is not');
INSERT INTO stp.system (system, name) VALUES ('S6', 'System 6');
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('money', 'S6', '2026/27', 50, 'Own');
SELECT throws_ok($$ CALL run('DELETE FROM stp.system WHERE system = ''S6''') $$, '23503', 'system "S6" has a target: "money" from 2026/27 on', 'nor a system');
SELECT throws_ok($$ CALL run('TRUNCATE stp.system CASCADE') $$, '23503', NULL, 'or all of them');
SELECT lives_ok($$ CALL run('DELETE FROM stp.system WHERE system = ''S6''', 'INSERT INTO stp.organisation (organisation, name) VALUES (''S6'', ''One that has become a trust'')') $$, 'a code may be a system''s or an organisation''s');
SELECT lives_ok($$ CALL run('DELETE FROM stp.organisation WHERE organisation = ''S6''', 'DELETE FROM stp.target WHERE unit = ''S6''') $$, 'and goes with its targets');
SET check_function_bodies = off;
SELECT throws_ok($$ INSERT INTO stp.target (indicator, unit, period, value, source, recorded_at) VALUES ('money', 'S1', '2026/27', 50, ' ', '2020-01-01') $$, '22023', NULL, 'what is restored is checked too');
SET client_min_messages = error;
SELECT lives_ok($$ INSERT INTO stp.target (indicator, unit, period, value, source, recorded_at) VALUES ('money', 'S7', '2026/27', 50, 'Dump', '2020-01-01') $$, 'but its unit may come after it');
RESET check_function_bodies;
RESET client_min_messages;
SELECT is_empty($$ SELECT FROM stp.unit_target WHERE unit = 'S7' $$, 'until when it counts for nothing');
CREATE ROLE target_setter;
GRANT INSERT ON stp.target TO target_setter;
SET ROLE target_setter;
SELECT throws_ok($$ INSERT INTO stp.target (indicator, unit, period, value, source, recorded_at) VALUES ('money', 'S8', '2026/27', 50, 'Dump', '2020-01-01') $$, '42501', NULL, 'nobody else gives it a past');
RESET ROLE;
REVOKE ALL ON stp.target FROM target_setter;
DROP ROLE target_setter;
DELETE FROM stp.target WHERE indicator = 'money';

-- Numbers at the ends of what there is.
SELECT report('level', 'O' || i, '2025-11', (ARRAY[1e308, -1e308, 5e-324, 0])[i]) FROM generate_series(1, 4) i;
UPDATE stp.indicator SET better = 'higher' WHERE indicator = 'level';
INSERT INTO stp.target (indicator, unit, period, baseline, improvement, improvement_in, no_worse_than, source) SELECT 'level', 'S' || i, stp.period('2027-04'), '2025-11', n, w, l, 'Huge'
  FROM (VALUES (1, 1e308, 'points', NULL), (2, 1e308, 'per cent', 1e308), (3, 1e300, 'per cent', -1e308), (4, 1e150, 'points', NULL)) v (i, n, w, l);
SELECT results_eq($$ SELECT unit, target, status FROM stp.unit_target WHERE indicator = 'level' AND unit_kind = 'system' AND set_for = 'unit' ORDER BY 1 $$,
    $$ VALUES ('S1', NULL::float8, 'out of range'), ('S2', NULL, 'out of range'), ('S3', NULL, 'out of range'), ('S4', 1e150, 'ok') $$, 'what no number can be is none, and no error of who reads others');
UPDATE stp.target SET baseline = NULL, improvement = NULL, improvement_in = NULL, no_worse_than = NULL, value = CASE unit WHEN 'S2' THEN -1e308 ELSE 1e308 END WHERE source = 'Huge';
SELECT is(target_of('level', 'S2', '2027-04-01'), -1e308::float8, 'a number is what it is');
SELECT report('level', 'O' || i, '2027-04', (ARRAY[1e308, -1e308, -1e308, 0])[i]) FROM generate_series(1, 4) i;
INSERT INTO stp.scheme (scheme, name) VALUES ('huge', 'Huge');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('huge', 'all', NULL, 'All', NULL, NULL), ('huge', 'way', 'all', 'Way', 'level', 'distance_to_target');
SELECT results_eq($$ SELECT unit, target, score FROM stp.assess('huge', '2027-04') WHERE node = 'way' AND unit < 'S5' ORDER BY 1 $$,
    $$ VALUES ('S1', 1e308::float8, 100::float8), ('S2', -1e308, 100), ('S3', 1e308, 0), ('S4', 1e308, 50) $$, 'and the way there is measured');
DELETE FROM stp.scheme WHERE scheme = 'huge';
DELETE FROM stp.target WHERE source = 'Huge';
DELETE FROM stp.observation WHERE indicator = 'level' AND period IN ('2027-04', '2025-11');
UPDATE stp.indicator SET better = 'neutral' WHERE indicator = 'level';

-- What is measured by it -------------------------------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name, better, grain, on_schedule) VALUES ('own', 'Own', 'lower', 'month', true), ('way', 'Way', 'higher', 'month', true);
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('own', 'all', NULL, 'All', NULL, NULL), ('own', 'up', 'all', 'Up', 'up', 'ranked'),
    ('way', 'down', NULL, 'Down', 'down', 'distance_to_target');
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('own', 1, 'good', 1.5), ('own', 2, 'fair', 2.6), ('own', 3, 'poor', NULL),
    ('way', 1, 'there', 100), ('way', 2, 'on the way', NULL);
DELETE FROM stp.target WHERE unit = 'S3';
-- 56 of 65, 59 of its own 60, 62 of 65, 65 of 66; the fifth had no baseline.
SELECT results_eq($$ SELECT unit, round(value::numeric, 6), target, score, rank, status FROM stp.assess('own', '2026-06') WHERE node = 'up' ORDER BY 1 $$,
    $$ VALUES ('S1', 56::numeric, 65::float8, 3::float8, 5, 'ok'), ('S2', 59, 60, 2.67, 4, 'ok'), ('S3', 62, 65, 2.33, 3, 'ok'), ('S4', 65, 66, 2, 2, 'ok'), ('S5', 68, NULL, NULL, 1, 'no target') $$,
    'ranked: nobody is there');
UPDATE stp.target SET value = 58 WHERE unit = 'S2' AND period = '2026-06';
SELECT results_eq($$ SELECT unit, score, category FROM stp.assess('own', '2026-06') WHERE node = 'all' ORDER BY 1 $$,
    $$ VALUES ('S1', 3::float8, 'poor'), ('S2', 1, 'good'), ('S3', 2.5, 'fair'), ('S4', 2, 'fair'), ('S5', NULL, NULL) $$, 'who reaches its own has 1.00, the rest are spread among themselves');
SELECT results_eq($$ SELECT target, needed_value, next_category FROM stp.explain('own', '2026-06', 'S4') WHERE node = 'up' $$, $$ VALUES (66::float8, 66::float8, 'good') $$, 'what is needed is its own target');
SELECT results_eq($$ SELECT needed_value, next_category FROM stp.explain('own', '2026-06', 'S1') WHERE node = 'up' $$, $$ VALUES (62::float8, 'fair') $$, 'or a place among the rest');
UPDATE stp.indicator SET floor = 57 WHERE indicator = 'up';
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('up', 'S1', '2026-06', 50, 'Easy');
SELECT is((SELECT score FROM stp.assess('own', '2026-06') WHERE unit = 'S1' AND node = 'up'), 4::float8, 'the floor comes first');
SELECT is((SELECT score FROM stp.assess('own', '2026-06') WHERE unit = 'S3' AND node = 'up'), 3::float8, 'and counts to 3.00 above it');
UPDATE stp.indicator SET floor = NULL WHERE indicator = 'up';
DELETE FROM stp.target WHERE unit = 'S1';

-- All have 20; the targets are 17, 19, 20, 20, 20.
SELECT results_eq($$ SELECT unit, value, target, score, status FROM stp.assess('way', '2026-06') ORDER BY 1 $$,
    $$ VALUES ('S1', 20::float8, 17::float8, 0::float8, 'ok'), ('S2', 20, 19, 0, 'ok'), ('S3', 20, 20, 100, 'ok'), ('S4', 20, 20, 100, 'ok'), ('S5', 20, 20, 100, 'ok') $$, 'the way to one''s own target');
SELECT report('down', 'O1', '2026-06', 18.5), report('down', 'O5', '2026-06', 30);
SELECT results_eq($$ SELECT unit, round(score::numeric, 2) FROM stp.assess('way', '2026-06') ORDER BY 1 $$,
    $$ VALUES ('S1', 88.46), ('S2', 90.91), ('S3', 100), ('S4', 100), ('S5', 0) $$, 'begins at the worst of all: (30 - 18.5) / (30 - 17)');
SELECT results_eq($$ SELECT needed_value, next_category FROM stp.explain('way', '2026-06', 'S2') $$, $$ VALUES (100::float8, 'there') $$, 'and is measured to the end');
-- A target worse than all there are is reached.
UPDATE stp.target SET baseline = NULL, improvement = NULL, improvement_in = NULL, no_worse_than = NULL, value = 35 WHERE indicator = 'down';
SELECT results_eq($$ SELECT DISTINCT score FROM stp.assess('way', '2026-06') $$, 'VALUES (100::float8)', 'a target worse than all is reached by all');
DELETE FROM stp.target WHERE indicator = 'down';
SELECT results_eq($$ SELECT DISTINCT status, score FROM stp.assess('way', '2026-06') $$, $$ VALUES ('no target', NULL::float8) $$, 'without a standard and without targets there is no way');
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('down', 'S3', '2026/27', 19, 'Own');
SELECT results_eq($$ SELECT unit, status FROM stp.assess('way', '2026-06') WHERE score IS NULL ORDER BY 1 $$,
    $$ VALUES ('S1', 'no target'), ('S2', 'no target'), ('S4', 'no target'), ('S5', 'no target') $$, 'who has none has no score, and it says why');

-- Where all have the same it is the standard.
UPDATE stp.indicator SET standard = 63 WHERE indicator = 'up';
DELETE FROM stp.target WHERE indicator = 'up';
CREATE VIEW rated AS SELECT s.system, e.node, e.value, e.target, e.score, e.rank, e.category, e.needed_value, e.next_category FROM stp.system s, stp.explain('own', '2026-06', s.system) e;
CREATE TABLE standard_rated AS TABLE rated;
INSERT INTO stp.target (indicator, period, value, source) VALUES ('up', '2026/27', 63, 'For all');
UPDATE stp.indicator SET standard = 92 WHERE indicator = 'up';
SELECT set_eq('TABLE rated', 'TABLE standard_rated', 'a target for all is a standard');
DELETE FROM stp.target WHERE indicator = 'up';
INSERT INTO stp.target (indicator, unit, period, value, source) SELECT 'up', system, '2026/27', 63, 'Each' FROM stp.system;
SELECT set_eq('TABLE rated', 'TABLE standard_rated', 'and so are equal ones for each');

-- Robustness draws nothing of targets.
SELECT is_empty($$ SELECT FROM stp.robustness('own', '2026-06', 50, 0, intervals => false) r WHERE r.is_present <> (r.probability = 1) $$, 'without draws the rating stands');

-- Why it changed: a target is of the method -------------------------------------------------------------------------------

DELETE FROM stp.target WHERE indicator = 'up';
SELECT report('up', 'O' || i, '2026-07', 53 + 3 * i) FROM generate_series(1, 5) i;
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('up', 'S2', '2026-06', 59, 'June'), ('up', 'S2', '2026-07', 61, 'July');
SELECT results_eq($$ SELECT part, change FROM stp.explain_change('own', '2026-06', '2026-07', 'S2') WHERE change <> 0 AND depth = 1 $$, $$ VALUES ('method', 2.5::float8) $$, 'the data are as they were: the target has moved');
SELECT results_eq($$ SELECT score FROM stp.explain_change('own', '2026-06', '2026-07', 'S2') WHERE part IN ('before', 'method', 'after') AND depth < 2 ORDER BY place $$,
    $$ SELECT score FROM (SELECT 1, score FROM stp.assess('own', '2026-06') WHERE unit = 'S2' AND parent IS NULL
         UNION ALL SELECT n, score FROM stp.assess('own', '2026-07'), generate_series(2, 3) n WHERE unit = 'S2' AND parent IS NULL ORDER BY 1) s $$, 'and the parts add up');
BEGIN;
SET LOCAL track_functions = 'all';
SELECT count(*) AS nodes FROM stp.explain('own', '2026-07', 'S2') \gset
SELECT calls AS before FROM pg_stat_xact_user_functions WHERE funcname = 'targets' \gset
SELECT count(*) AS parts FROM stp.explain_change('own', '2026-06', '2026-07', 'S2') \gset
SELECT is(calls - :before, :before + 1::bigint, 'targets are loaded once for each period') FROM pg_stat_xact_user_functions WHERE funcname = 'targets';
COMMIT;

-- The past, refresh, publications -----------------------------------------------------------------------------------------

CREATE TABLE moment AS SELECT clock_timestamp() AS at;
UPDATE stp.target SET value = 55 WHERE period = '2026-06';
SELECT is((SELECT target FROM stp.assess('own', '2026-06', (SELECT at FROM moment)) WHERE unit = 'S2' AND node = 'up'), 59::float8, 'as of then the former target');
SELECT is((SELECT score FROM stp.assess('own', '2026-06', (SELECT at FROM moment)) WHERE unit = 'S2' AND node = 'up'), 1::float8, 'measured the rating');
SELECT is((SELECT value FROM stp.target_history WHERE unit = 'S2' ORDER BY superseded_at DESC LIMIT 1), 59::float8, 'it is in the history');

CREATE VIEW kept_wrong AS
SELECT p.scheme, p.period FROM stp.assessed_period p
 WHERE EXISTS ((SELECT a.* FROM stp.assess(p.scheme, p.period) a EXCEPT
                SELECT unit, peer_group, node, parent, depth, place, name, indicator, value, unit_of_measure, value_period, organisations, expected, completeness,
                       months, months_expected, score, weight, effective_weight, contribution, coverage, rank, category, override, status, target, restated
                  FROM stp.assessment_node n WHERE n.scheme = p.scheme AND n.period = p.period));
CALL stp.refresh();
SELECT is_empty('TABLE kept_wrong', 'kept ratings have their targets');
CREATE FUNCTION reached() RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(concat(scheme, ' ', period), ', ' ORDER BY scheme, period) FROM stp.refresh_log WHERE run_at = (SELECT max(run_at) FROM stp.refresh_log) AND scheme IS NOT NULL);
UPDATE stp.target SET value = 58 WHERE period = '2026-06';
CALL stp.refresh();
SELECT is(reached(), 'own 2026-06', 'a target reaches the ratings of the days that it holds on');
SELECT is_empty('TABLE kept_wrong', 'which are rated again');
DELETE FROM stp.target WHERE period = '2026-07';
CALL stp.refresh();
SELECT is(reached(), 'own 2026-07', 'one that is gone too');
SELECT is_empty('TABLE kept_wrong', 'rated again');
UPDATE stp.target SET valid_to = '2026-06-30' WHERE period = '2026-06';
CALL stp.refresh();
SELECT ok(reached() LIKE '%own 2026-07%' AND (SELECT target = 92 FROM stp.assessment_node WHERE scheme = 'own' AND period = '2026-07' AND unit = 'S2' AND node = 'up'), 'or that ends');
SELECT is_empty('TABLE kept_wrong', 'rated again');
INSERT INTO stp.target (indicator, unit, period, baseline, improvement, improvement_in, source) VALUES ('up', 'S4', '2026-07', '2025-11', 7, 'points', 'Rule');
CALL stp.refresh();
SELECT is_empty('TABLE kept_wrong', 'a rule as well');
SELECT report('up', 'O4', '2025-11', 40);
CALL stp.refresh();
SELECT ok(reached() LIKE '%own 2026-07%', 'so does a report of the baseline');
SELECT is_empty('TABLE kept_wrong', 'rated again');
UPDATE stp.membership SET valid_from = '2026-01-01' WHERE organisation = 'O4';
CALL stp.refresh();
SELECT is_empty('TABLE kept_wrong', 'or a membership in it');
TRUNCATE stp.target;
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('down', 'S3', '2026/27', 19, 'Own');
CALL stp.refresh();
SELECT is_empty('TABLE kept_wrong', 'or all targets gone');

CALL stp.publish('own', '2026-06', 'First');
SELECT throws_ok($$ CALL stp.publish('own', '2026-06', 'Again') $$, '55000', NULL, 'nothing has changed');
INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('up', 'S2', '2026-06', 59, 'June'), ('up', 'S2', '2026-07', 61, 'July');
CALL stp.publish('own', '2026-06', 'With a target');
SELECT set_eq($$ SELECT status FROM stp.verify() $$, $$ VALUES ('ok') $$, 'a target is something that a rating rests on');
UPDATE stp.target SET value = 60 WHERE period = '2026-07';
SELECT throws_ok($$ CALL stp.publish('own', '2026-06', 'Again') $$, '55000', NULL, 'but not one of later');

-- BI, rights ---------------------------------------------------------------------------------------------------------------

CALL stp.refresh();
SELECT is((SELECT target FROM stp_bi.indicator_history WHERE unit = 'S2' AND indicator = 'up' AND period = '2026-07'), 60::float8, 'shown beside the figure');
SELECT is((SELECT target FROM stp_bi.indicator_history WHERE unit = 'S1' AND indicator = 'up' AND period = '2026-07'), 92::float8, 'or the standard');
SELECT is((SELECT target FROM stp_bi.rating_node WHERE unit = 'S2' AND node = 'up' AND scheme = 'own' AND period = '2026-07'), 60::float8, 'and beside the node');
INSERT INTO stp.display_rule (indicator) VALUES ('up');
SELECT is_empty($$ SELECT target FROM stp_bi.rating_node WHERE indicator = 'up' AND target IS NOT NULL UNION ALL
                   SELECT target FROM stp_bi.indicator_history WHERE indicator = 'up' AND target IS NOT NULL $$, 'where small numbers are hidden it might give them away');
CREATE ROLE target_nobody;
SET ROLE target_nobody;
SELECT lives_ok('TABLE stp.target', 'targets are public');
SELECT throws_ok($$ SELECT * FROM stp.unit_target WHERE indicator = 'up' $$, '42501', NULL, 'what was reported is not');
RESET ROLE;
DROP ROLE target_nobody;

SELECT finish();
