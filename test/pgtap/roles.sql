-- Roles of doc/roles: what each should do works, and what it should not do is refused.
SELECT no_plan();
CREATE ROLE stp_reader;
CREATE ROLE stp_loader;
CREATE ROLE stp_publisher;
\set role stp_reader
\i doc/roles/reader.sql
\set role stp_loader
\i doc/roles/loader.sql
\set role stp_publisher
\i doc/roles/publisher.sql

CREATE VIEW relation AS
SELECT c.oid, c.relname::text COLLATE "default" AS name, c.relkind FROM pg_class c
 WHERE c.relkind IN ('r', 'v') AND (c.relnamespace = 'stp'::regnamespace OR c.relnamespace = 'stp_internal'::regnamespace AND c.relname ~ '^kept_');
GRANT SELECT ON relation TO PUBLIC;

-- The loader ----------------------------------------------------------------------------------------------------

SET ROLE stp_loader;
SELECT lives_ok($$
    INSERT INTO stp.system (system, name) VALUES ('A', 'System A'), ('B', 'System B');
    INSERT INTO stp.organisation (organisation, name) VALUES ('TA', 'Trust A'), ('TB', 'Trust B');
    INSERT INTO stp.membership (organisation, system, share) VALUES ('TA', 'A', 1), ('TB', 'B', 1);
    INSERT INTO stp.population (system, period, persons) VALUES ('A', '2025/26', 1000);
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
    VALUES ('ae_within_4_hours', 'TA', '2026-03', 50, 100), ('ae_within_4_hours', 'TB', '2026-03', 60, 100) $$, 'the loader loads');
SELECT lives_ok($$
    UPDATE stp.system SET name = 'First system' WHERE system = 'A';
    UPDATE stp.organisation SET name = 'First trust' WHERE organisation = 'TA';
    UPDATE stp.membership SET basis = 'main site';
    DELETE FROM stp.population;
    UPDATE stp.observation SET numerator = 51 WHERE organisation = 'TA';
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'TA', '2026-03', 52, 100)
        ON CONFLICT (indicator, period, organisation) DO UPDATE SET numerator = excluded.numerator $$, 'corrects');
BEGIN;
SELECT lives_ok($$ CALL stp.merge_systems('{A,B}', 'AB', '2026-04-01', 'Both'); CALL stp.merge_organisations('{TA,TB}', 'TAB', '2026-04-01', 'Both') $$, 'merges');
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
SELECT is((SELECT count(*) FROM stp.unassigned_observation), 0::bigint, 'and looks for what counts nowhere');
SELECT throws_ok(statement, '42501', NULL, 'the loader is refused: ' || statement)
  FROM unnest(ARRAY[
    'CALL stp.copy_scheme(''stp-2026'', ''mine'')',
    'UPDATE stp.scheme_node SET weight = 2',
    'INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better) VALUES (''mine'', ''Mine'', ''x'', ''rate'', ''lower'')',
    'UPDATE stp.indicator SET standard = 1',
    'CALL stp.publish(''stp-2026'', ''2026-03'', ''Mine'')',
    'INSERT INTO stp.publication SELECT',
    'INSERT INTO stp.assessment_node SELECT ''stp-2026'', ''2026-03'', a.* FROM stp.assess(''stp-2026'', ''2026-03'') a',
    'UPDATE stp.assessment_node SET score = 100',
    'UPDATE stp.assessment_before SET rank = 1',
    'DELETE FROM stp_internal.stale',
    'DELETE FROM stp_internal.input_change',
    'INSERT INTO stp_internal.input_change (input, code, first_day, last_day, recorded_at) VALUES (''scheme'', ''stp-2026'', ''-infinity'', ''infinity'', ''infinity'')',
    'TRUNCATE stp.observation CASCADE',
    'INSERT INTO stp.observation_history SELECT now(), * FROM stp.observation',
    'DELETE FROM stp.observation_history',
    'UPDATE stp.observation SET recorded_at = ''2020-01-01''',
    'INSERT INTO stp.system (system, name, recorded_at) VALUES (''C'', ''C'', ''2020-01-01'')',
    'CREATE TABLE stp.mine (x int)']) statement;
RESET ROLE;

-- The publisher -------------------------------------------------------------------------------------------------

SET ROLE stp_publisher;
SELECT lives_ok($$
    CALL stp.copy_scheme('stp-2026', 'mine');
    UPDATE stp.scheme_node SET weight = 2 WHERE scheme = 'mine' AND node = 'safety';
    DELETE FROM stp.scheme_node WHERE scheme = 'mine' AND node = 'general_practice';
    UPDATE stp.scheme_category SET cut = 61 WHERE scheme = 'mine' AND position = 1;
    UPDATE stp.scheme SET name = 'Mine' WHERE scheme = 'mine';
    INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better) VALUES ('mine', 'Mine', 'x', 'rate', 'lower');
    UPDATE stp.indicator SET standard = 1 WHERE indicator = 'mine' $$, 'the publisher defines');
CALL stp.refresh();
SELECT results_eq('SELECT scheme, status FROM stp.refresh_log WHERE scheme IS NOT NULL ORDER BY scheme', $$ VALUES ('mine', 'done'), ('stp-2026', 'done') $$, 'refreshes');
SELECT is((SELECT count(*) FROM stp_bi.rating), 4::bigint, 'reads the ratings');
SELECT lives_ok($$ CALL stp.publish('mine', '2026-03', 'First') $$, 'publishes');
SELECT is((SELECT DISTINCT published_by FROM stp_bi.published_rating), 'stp_publisher', 'in its name');
SELECT throws_ok(statement, '42501', NULL, 'the publisher is refused: ' || statement)
  FROM unnest(ARRAY[
    'UPDATE stp.observation SET numerator = 99',
    'INSERT INTO stp.organisation (organisation, name) VALUES (''X'', ''X'')',
    'CALL stp.merge_systems(''{A,B}'', ''AB'', ''2026-04-01'', ''Both'')',
    'DELETE FROM stp.membership',
    'UPDATE stp.publication SET note = ''Other''',
    'DELETE FROM stp.published_node',
    'TRUNCATE stp.publication CASCADE',
    'INSERT INTO stp.scheme_history SELECT now(), * FROM stp.scheme',
    'DELETE FROM stp.observation_history',
    'UPDATE stp.refresh_log SET status = ''done''',
    'INSERT INTO stp.publication SELECT * FROM stp.publication',
    'INSERT INTO stp.published_node SELECT * FROM stp.published_node',
    'INSERT INTO stp.assessment_node SELECT * FROM stp.assessment_node',
    'INSERT INTO stp_internal.input_change (input, code, first_day, last_day, recorded_at) VALUES (''scheme'', ''mine'', ''-infinity'', ''infinity'', ''infinity'')',
    'DELETE FROM stp_internal.stale',
    'CREATE TABLE stp.mine (x int)']) statement;
SELECT lives_ok('DELETE FROM stp.refresh_log', 'the log may be cleared');
SELECT is_empty('SELECT FROM stp.refresh_log', 'and is');
RESET ROLE;

CREATE TABLE over_patients AS
WITH RECURSIVE reads (oid) AS
(
    -- Two of them by way of a function.
    SELECT unnest(ARRAY['stp.spell', 'stp.spell_observation', 'stp.spell_discharge_delay']::regclass[])::oid
    UNION
    SELECT coalesce(r.ev_class, d.objid) FROM reads
      JOIN pg_depend d ON d.refobjid = reads.oid AND d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass)
      LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
)
SELECT relname FROM reads JOIN pg_class USING (oid);
GRANT SELECT ON over_patients TO stp_reader;

-- The reader ----------------------------------------------------------------------------------------------------

SET ROLE stp_reader;
-- Patients are nobody's business, nor are views that read their rows: figures from spells are observations.
SELECT CASE WHEN of_patients THEN throws_ok('SELECT * FROM ' || oid::regclass, '42501', 'permission denied for table spell', 'the reader does not read ' || oid::regclass)
            ELSE lives_ok('SELECT * FROM ' || oid::regclass, 'the reader reads ' || oid::regclass) END
  FROM (SELECT oid, name IN (SELECT * FROM over_patients) AS of_patients FROM relation) r;
SELECT is((SELECT count(*) FROM stp_bi.dashboard_stp), 2::bigint, 'rows too');
SELECT lives_ok($$ SELECT * FROM stp.assess('mine', '2026-03') $$, 'and rates for itself');
SELECT throws_ok(statement, '42501', NULL, 'the reader is refused: ' || statement)
  FROM unnest(ARRAY[
    'INSERT INTO stp.system (system, name) VALUES (''X'', ''X'')',
    'UPDATE stp.observation SET numerator = 1',
    'CALL stp.publish(''stp-2026'', ''2026-03'', ''Mine'')',
    'DELETE FROM stp.refresh_log',
    'CREATE TABLE stp.mine (x int)']) statement;
RESET ROLE;
SELECT is_empty($$ SELECT name, privilege FROM relation, unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) privilege
                    WHERE has_table_privilege('stp_reader', oid, privilege) $$, 'the reader writes nothing at all');

-- Who calls stp.refresh() without the rights is told so, and nothing is lost.
UPDATE stp.observation SET numerator = 53 WHERE organisation = 'TA';
SET ROLE stp_loader;
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
CALL stp.refresh();
\set refused :LAST_ERROR_SQLSTATE
\set ON_ERROR_STOP on
RESET ROLE;
SELECT is(:'refused'::text, '42501', 'the loader does not refresh');
SELECT is((SELECT count(*) FROM stp_internal.input_change), 1::bigint, 'and the mark is still there');

-- Between them the roles do all that is to be done: no table is forgotten, none has two masters.
SELECT set_eq($$ SELECT r.name FROM relation r WHERE r.relkind = 'r' AND NOT has_table_privilege('stp_loader', r.oid, 'INSERT')
                      AND NOT has_table_privilege('stp_publisher', r.oid, 'INSERT') $$,
    $$ SELECT name FROM relation WHERE relkind = 'r' AND (name LIKE '%\_history' OR name = ANY ('{assessed_period,assessment_node,assessment_before,assessment_robustness,assessment_without,assessment_change,assessment_missing,
        assessment_explanation,assessment_cohort,kept_figure,kept_span,kept_point,kept_summary,kept_funnel,kept_delay,kept_finance,kept_bridge,refresh_log,publication,published_node,analyst}'::text[])) $$, 'each table has a role that fills it, or the extension does, or who decides what analysts see');
SELECT is_empty($$ SELECT r.name FROM relation r WHERE has_table_privilege('stp_loader', r.oid, 'UPDATE')
                      AND has_table_privilege('stp_publisher', r.oid, 'UPDATE') $$, 'and none has two');

-- Roles are of the cluster.
DROP OWNED BY stp_reader, stp_loader, stp_publisher;
DROP ROLE stp_reader, stp_loader, stp_publisher;
SELECT * FROM finish();
