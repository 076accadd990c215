-- Module history: what the tables were, and when they were it.
SELECT no_plan();

INSERT INTO stp.system (system, name) VALUES ('S', 'System'), ('T', 'Other');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B'), ('C', 'Trust C');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S'), ('B', 'S'), ('C', 'T');
CREATE TABLE moment (name text PRIMARY KEY, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION at(name text) RETURNS timestamptz LANGUAGE sql RETURN (SELECT m.at FROM moment m WHERE m.name = at.name);
CREATE FUNCTION known(name text) RETURNS TABLE (organisation text, numerator float8) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('stp.as_of', at(name)::text, true);
    RETURN QUERY SELECT o.organisation, o.numerator FROM stp_internal.observation_as_of o;
    PERFORM set_config('stp.as_of', '', true);
END $$;

INSERT INTO moment VALUES ('nothing yet');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'ae_within_4_hours', o, '2026-03', 1, 10 FROM unnest('{A,B}'::text[]) o;
INSERT INTO moment VALUES ('loaded');

-- Changes only ---------------------------------------------------------------------------------------------------

UPDATE stp.observation SET numerator = numerator;
SELECT is_empty('SELECT * FROM stp.observation_history', 'an update that changes nothing leaves nothing');
SELECT ok(bool_and(recorded_at < at('loaded')), 'and the rows stay as old as they are') FROM stp.observation;
UPDATE stp.observation SET numerator = 2 WHERE organisation = 'A';
INSERT INTO moment VALUES ('A corrected');
SELECT results_eq('SELECT organisation, numerator, recorded_at < at(''loaded''), superseded_at > at(''loaded'') FROM stp.observation_history',
    $$ VALUES ('A', 1::float8, true, true) $$, 'an update leaves the row that was, and no copy of the others');
SELECT is((SELECT recorded_at FROM stp.observation WHERE organisation = 'A'), (SELECT superseded_at FROM stp.observation_history),
    'one version ends when the next begins');
DELETE FROM stp.observation WHERE organisation = 'B';
INSERT INTO moment VALUES ('B withdrawn');
BEGIN;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'C', '2026-03', 5, 10);
UPDATE stp.observation SET numerator = 6 WHERE organisation = 'C';
SELECT pg_sleep(0.001);
UPDATE stp.observation SET numerator = 3 WHERE organisation = 'A';
UPDATE stp.observation SET numerator = 4 WHERE organisation = 'A';
COMMIT;
SELECT is((SELECT count(DISTINCT recorded_at) FROM stp.observation), 1::bigint, 'what one transaction writes is recorded at one time');
SELECT is((SELECT count(*) FROM stp.observation_history), 3::bigint, 'what a transaction changes twice is superseded once, and what was never committed not at all');
INSERT INTO moment VALUES ('C came');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'B', '2026-03', 7, 10);
UPDATE stp.observation SET period = '2026-02' WHERE organisation = 'C';
INSERT INTO moment VALUES ('B came back');
TRUNCATE stp.observation;
INSERT INTO moment VALUES ('emptied');

SELECT is_empty($$ SELECT * FROM known('nothing yet') $$, 'before the load there was nothing');
SELECT results_eq($$ SELECT * FROM known('loaded') ORDER BY 1 $$, $$ VALUES ('A', 1::float8), ('B', 1) $$, 'the load');
SELECT results_eq($$ SELECT * FROM known('A corrected') ORDER BY 1 $$, $$ VALUES ('A', 2::float8), ('B', 1) $$, 'a correction');
SELECT results_eq($$ SELECT * FROM known('B withdrawn') ORDER BY 1 $$, $$ VALUES ('A', 2::float8) $$, 'a deletion');
SELECT results_eq($$ SELECT * FROM known('C came') ORDER BY 1 $$, $$ VALUES ('A', 4::float8), ('C', 6) $$, 'the end of a transaction');
SELECT results_eq($$ SELECT * FROM known('B came back') ORDER BY 1 $$, $$ VALUES ('A', 4::float8), ('B', 7), ('C', 6) $$, 'an insertion after a deletion, and a changed key');
SELECT is_empty($$ SELECT * FROM known('emptied') $$, 'TRUNCATE');
SELECT is((SELECT count(*) FROM known('loaded')), 2::bigint, 'and what was known is still known');

-- The views of the figures show what was known --------------------------------------------------------------------

SET stp.as_of = 'infinity';
SELECT is(stp.as_of(), 'infinity', 'by default one looks at the present');
SELECT set_config('stp.as_of', at('A corrected')::text, false);
SELECT is(stp.as_of(), at('A corrected'), 'the setting keeps the microsecond');
SELECT is((SELECT value FROM stp.system_indicator_as_of WHERE system = 'S'), 15::float8, 'a figure as it was known');
SELECT is(stp_internal.latest_period_as_of('ae_within_4_hours', '2026-03', 0)::text, '2026-03', 'the latest period that was known');
SELECT throws_ok('UPDATE stp.observation SET numerator = 1', '55000', NULL, 'nobody writes into the past')
 UNION ALL SELECT throws_ok($$ INSERT INTO stp.system (system, name) VALUES ('U', 'u') $$, '55000', NULL, 'nor adds to it');
SET TimeZone = 'Asia/Kolkata';
SELECT is(stp.as_of(), at('A corrected'), 'whatever the time zone');
RESET TimeZone;
RESET stp.as_of;
SELECT is((SELECT count(*) FROM stp.system_indicator_as_of), 0::bigint, 'and now there is nothing');
SELECT throws_ok($$ SET stp.as_of = 'yesterday week' $$, '22023', NULL, 'what is no time is refused');
SELECT is((SELECT count(*) FROM stp.indicator WHERE builtin AND recorded_at = '-infinity'), (SELECT count(*) FROM stp.indicator WHERE builtin),
    'what ships was always there');

-- What is no time, or at the end of all times ---------------------------------------------------------------------

SELECT lives_ok(format('SET stp.as_of = %L', t), 'as of ' || t)
  FROM unnest('{-infinity,infinity,4714-11-24 00:00:00+00 BC,294276-12-31 23:59:59.999999+00,0044-03-15 BC}'::text[]) t;
RESET stp.as_of;
SELECT lives_ok(format('SELECT unit FROM stp.assess(''stp-2026'', ''2026-03'', %L)', t), 'a rating as of ' || t)
  FROM unnest('{-infinity,infinity,4714-11-24 00:00:00+00 BC,294276-12-31 23:59:59.999999+00}'::text[]) t;
SET stp.as_of = '-infinity';
SELECT is_empty('SELECT * FROM stp_internal.observation_as_of', 'before all time nothing was reported');
SELECT is((SELECT count(*) FROM stp_internal.indicator_as_of), (SELECT count(*) FROM stp.indicator WHERE builtin), 'but what ships was there');
RESET stp.as_of;

-- A savepoint that is released leaves nothing of its own -----------------------------------------------------------

TRUNCATE stp.observation;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'A', '2020-01', 1, 10);
BEGIN;
UPDATE stp.observation SET numerator = 2;
SAVEPOINT s;
UPDATE stp.observation SET numerator = 3;
RELEASE s;
UPDATE stp.observation SET numerator = 4;
DO $$ BEGIN UPDATE stp.observation SET numerator = 5; EXCEPTION WHEN OTHERS THEN NULL; END $$;
SAVEPOINT s;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'B', '2020-01', 7, 10);
RELEASE s;
DELETE FROM stp.observation WHERE organisation = 'B';
SAVEPOINT s;
UPDATE stp.observation SET numerator = 8;
ROLLBACK TO s;
UPDATE stp.observation SET numerator = 9;
COMMIT;
SELECT results_eq('SELECT organisation, numerator FROM stp.observation_history WHERE period = ''2020-01''::stp.period', $$ VALUES ('A', 1::float8) $$,
    'of a transaction only what was committed before it is superseded');

-- What this transaction has written was not there before it is committed, in parallel workers neither.
BEGIN;
UPDATE stp.observation SET numerator = 6;
SELECT set_config('stp.as_of', clock_timestamp()::text, true);
SELECT is((SELECT sum(numerator) FROM stp_internal.observation_as_of WHERE numerator = 6), NULL, 'own changes are not of the past');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', true);
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL min_parallel_index_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT count(*) FILTER (WHERE numerator = 6) AS own, count(*) FILTER (WHERE numerator = 9) AS before FROM stp_internal.observation_as_of \gset
SELECT is(:own, 0, 'nor in a parallel worker');
SELECT is(:before, 1, 'where what was there before still is');
ROLLBACK;

-- A column of a user's own -----------------------------------------------------------------------------------------

ALTER TABLE stp.observation ADD source_file text;
SELECT throws_ok(statement, '55000', 'column "source_file" of stp.observation is not one of the extension''s: its history could not keep it', statement)
  FROM unnest(ARRAY['UPDATE stp.observation SET numerator = 1', 'DELETE FROM stp.observation', 'TRUNCATE stp.observation',
                    $$ INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'B', '2020-01', 7, 10) $$]) statement;
ALTER TABLE stp.observation DROP COLUMN source_file;
SELECT lives_ok('UPDATE stp.observation SET numerator = 10', 'without it all is well again');

-- Nobody gets a recording time, or holds up others, who has not written -------------------------------------------

SELECT is(stp_internal.recording_time(), 'infinity', 'no recording time for who writes nothing');
CREATE ROLE history_stranger;
SET ROLE history_stranger;
SELECT throws_ok(statement, '42501', NULL, 'a stranger is refused: ' || statement)
  FROM unnest(ARRAY['SELECT stp_internal.settled_time()', 'SELECT stp_internal.take_turn(''stp.membership'')',
                    'SELECT stp_internal.check_alone(''stp.membership'', ''stp.membership'')', 'SELECT stp_internal.check_alone(''stp.membership'', ''pg_class'')',
                    'SELECT * FROM stp_internal.recording', 'CALL stp.refresh()', 'CALL stp.publish(''stp-2026'', ''2026-03'', ''Mine'')']) statement;
-- PREPARE locks a table and asks for no right.
BEGIN;
PREPARE lock_it AS DELETE FROM stp.observation;
SELECT throws_ok(format('SELECT stp_internal.check_alone(%L, ''stp.observation'')', subject), '42501', NULL, 'nor with a lock without a right: ' || subject)
  FROM unnest('{stp.publication,stp_internal.input_change,stp.membership,stp.system}'::text[]) subject;
ROLLBACK;
DEALLOCATE ALL;
RESET ROLE;
DROP ROLE history_stranger;

-- A transaction that has written may end as it likes, but for being prepared.
BEGIN;
UPDATE stp.organisation SET name = 'Before it was read-only' WHERE organisation = 'A';
SET TRANSACTION READ ONLY;
COMMIT;
SELECT is((SELECT name FROM stp.organisation WHERE organisation = 'A'), 'Before it was read-only', 'one that makes itself read-only is committed');
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
BEGIN;
UPDATE stp.organisation SET name = 'Prepared' WHERE organisation = 'A';
PREPARE TRANSACTION 'history';
\set refused :LAST_ERROR_SQLSTATE
ROLLBACK;
\set ON_ERROR_STOP on
SELECT ok(:'refused' IN ('0A000', '55000'), 'one cannot be prepared');

-- Who may write what ------------------------------------------------------------------------------------------------

CREATE ROLE history_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON stp.observation TO history_loader;
SET ROLE history_loader;
SELECT lives_ok($$ INSERT INTO stp.observation VALUES ('ae_within_4_hours', 'A', '2026-03', 1, 2) $$, 'a loader loads');
SELECT lives_ok($$ UPDATE stp.observation SET numerator = 0 WHERE period = '2026-03'::stp.period $$, 'and corrects');
SELECT throws_ok($$ INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, recorded_at)
    VALUES ('ae_within_4_hours', 'A', '2026-02', 1, 2, '2020-01-01') $$, '42501', NULL, 'but does not say that it did so earlier');
SELECT throws_ok($$ UPDATE stp.observation SET recorded_at = '2020-01-01' $$, '42501', NULL, 'neither afterwards');
SELECT throws_ok($$ INSERT INTO stp.observation_history SELECT now(), * FROM stp.observation $$, '42501', NULL, 'nor writes history by hand');
SELECT throws_ok('DELETE FROM stp.observation_history', '42501', NULL, 'nor removes it');
RESET ROLE;
SELECT throws_ok($$ INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, recorded_at)
    VALUES ('ae_within_4_hours', 'A', '2026-02', 1, 2, '2200-01-01') $$, '42501', NULL, 'nobody records in the future');
SELECT throws_ok($$ INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, recorded_at)
    VALUES ('ae_within_4_hours', 'A', '2026-02', 1, 2, '2020-01-01') $$, '42501', NULL, 'nor in the past, who does not say that a dump is restored');
SET check_function_bodies = off;
SELECT lives_ok($$ INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, recorded_at)
    VALUES ('ae_within_4_hours', 'A', '2026-02', 1, 2, '2020-01-01') $$, 'but who does');
RESET check_function_bodies;
SELECT is((SELECT recorded_at FROM stp.observation WHERE period = '2026-02'), '2020-01-01', 'and the row is as old as the dump says');

-- The default of recorded_at, computed where nobody writes: on another server, from whose table rows come. They are recorded, and
-- marked as changed, as if it had been computed here.
CREATE TEMP TABLE sent AS
SELECT 'ae_within_4_hours' AS indicator, 'A' AS organisation, p AS period, 1 AS numerator, 2 AS denominator, stp_internal.recording_time() AS recorded_at
  FROM stp.periods('2026-05', '2026-06') p;
SELECT is((SELECT min(recorded_at) FROM sent), 'infinity', 'who does not write gives no time');
CREATE TEMP TABLE marked AS SELECT code, first_day FROM stp_internal.input_change;
SELECT clock_timestamp() AS before \gset
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, recorded_at)
SELECT * FROM sent UNION ALL VALUES ('ae_within_4_hours', 'A', '2026-07'::stp.period, 1, 2, stp_internal.recording_time());
SELECT is((SELECT count(DISTINCT recorded_at) FROM stp.observation WHERE period BETWEEN '2026-05' AND '2026-07'), 1::bigint, 'all of a statement get one time');
SELECT ok((SELECT bool_and(recorded_at BETWEEN :'before' AND clock_timestamp()) FROM stp.observation WHERE period BETWEEN '2026-05' AND '2026-07'), 'of now');
SELECT results_eq($$ SELECT code, first_day FROM stp_internal.input_change EXCEPT SELECT code, first_day FROM marked ORDER BY 2 $$,
                  $$ VALUES ('ae_within_4_hours', date '2026-05-01'), ('ae_within_4_hours', '2026-06-01'), ('ae_within_4_hours', '2026-07-01') $$,
                  'and what they change is marked');
SELECT is_empty($$ SELECT FROM stp.observation_history WHERE period BETWEEN '2026-05' AND '2026-07' $$, 'and what was never there is not history');
SELECT lives_ok($$ UPDATE stp.observation SET numerator = 0 WHERE period = '2026-05' $$, 'and they can be corrected');
DROP OWNED BY history_loader;
DROP ROLE history_loader;

-- The plan: in the present the history is not touched, in the past it is found by index --------------------------------

CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; whole text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ' || query LOOP whole := whole || line || E'\n'; END LOOP;
    RETURN whole;
END $$;
SELECT matches(plan_of('SELECT * FROM stp.system_indicator_as_of'), 'observation_history[^\n]* \(never executed\)', 'in the present nobody reads the history');
SELECT * FROM finish();
