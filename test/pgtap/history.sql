-- Module history: what the tables were, and when they were it.
SET search_path = public, stp;
SELECT plan(33);

INSERT INTO stp.system (system, name) VALUES ('S', 'System'), ('T', 'Other');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B'), ('C', 'Trust C');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S'), ('B', 'S'), ('C', 'T');
CREATE TABLE moment (name text PRIMARY KEY, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION at(name text) RETURNS timestamptz LANGUAGE sql RETURN (SELECT m.at FROM moment m WHERE m.name = at.name);
CREATE FUNCTION known(name text) RETURNS TABLE (organisation text, numerator float8) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('stp.as_of', at(name)::text, true);
    RETURN QUERY SELECT o.organisation, o.numerator FROM stp.observation_as_of o;
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
SELECT is(stp.latest_period_as_of('ae_within_4_hours', '2026-03', 0)::text, '2026-03', 'the latest period that was known');
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

-- Versions that overlap, as transactions that overlap leave them: one counts. They are made by hand here.
INSERT INTO stp.observation_history (superseded_at, indicator, organisation, period, numerator, denominator, recorded_at) VALUES
    ('2020-01-05', 'ae_within_4_hours', 'A', '2019-12', 1, 10, '2020-01-01'), ('2020-01-07', 'ae_within_4_hours', 'A', '2019-12', 2, 10, '2020-01-03');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, recorded_at) VALUES ('ae_within_4_hours', 'A', '2019-12', 3, 10, '2020-01-06');
SELECT is(array_agg(numerator ORDER BY day), '{1,2,2,3,3}', 'of versions that overlap the last one counts')
  FROM (SELECT day, (SELECT set_config('stp.as_of', day, false)) AS set FROM unnest('{2020-01-02,2020-01-03,2020-01-05,2020-01-06,2020-01-08}'::text[]) day) d
 CROSS JOIN LATERAL (SELECT o.numerator FROM stp.observation_as_of o WHERE o.period = '2019-12'::stp.period AND d.set IS NOT NULL OFFSET 0) o;
RESET stp.as_of;

-- Who may write what ------------------------------------------------------------------------------------------------

CREATE ROLE history_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON stp.observation TO history_loader;
GRANT INSERT ON stp.observation_history, stp.input_change TO history_loader;
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
    VALUES ('ae_within_4_hours', 'A', '2026-02', 1, 2, 'infinity') $$, '42501', NULL, 'nobody records in the future');
DROP OWNED BY history_loader;
DROP ROLE history_loader;

-- The plan: in the present the history is not touched, in the past it is found by index --------------------------------

CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; whole text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ' || query LOOP whole := whole || line || E'\n'; END LOOP;
    RETURN whole;
END $$;
SELECT matches(plan_of('SELECT * FROM stp.system_value_as_of'), 'observation_history[^\n]* \(never executed\)', 'in the present nobody reads the history');
SELECT * FROM finish();
