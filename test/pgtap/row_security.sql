-- Row-level security as doc/roles/row_security.sql sets it up: an analyst of one system sees only that system.
SET search_path = public, stp;
SELECT no_plan();
CREATE ROLE stp_analyst;
CREATE ROLE stp_loader;
CREATE ROLE stp_publisher;
\set role stp_analyst
\i doc/roles/reader.sql
\set role stp_loader
\i doc/roles/loader.sql
\set role stp_publisher
\i doc/roles/publisher.sql

-- Two systems in a region; a place in the first; a trust that serves both systems, and one that has moved.
INSERT INTO stp.system (system, name, kind, parent) VALUES
    ('R', 'Region', 'region', NULL), ('A', 'System A', 'system', 'R'), ('B', 'System B', 'system', 'R'), ('P', 'Place in A', 'place', 'A');
INSERT INTO stp.organisation (organisation, name) VALUES ('TA', 'Trust A'), ('TB', 'Trust B'), ('TP', 'Trust of the place'), ('AB', 'Trust of both'), ('MO', 'Moved');
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES
    ('TA', 'A', 1, '2020-04-01', NULL), ('TB', 'B', 1, '2020-04-01', NULL), ('TP', 'P', 1, '2020-04-01', NULL),
    ('AB', 'A', 0.25, '2020-04-01', NULL), ('AB', 'B', 0.75, '2020-04-01', NULL),
    ('MO', 'A', 1, '2020-04-01', '2026-01-31'), ('MO', 'B', 1, '2026-02-01', NULL);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT i.indicator, o.organisation, p.period, 50 + 10 * o.n + p.n, 100
  FROM (VALUES ('TA', 1), ('TB', 2), ('TP', 3), ('AB', 4), ('MO', 0)) o (organisation, n)
 CROSS JOIN (VALUES ('2026-01'::stp.period, 1), ('2026-02', 2)) p (period, n)
 CROSS JOIN (VALUES ('ae_within_4_hours'), ('cancer_62_days')) i (indicator);
CALL stp.refresh();
CALL stp.publish('stp-2026', '2026-02', 'First');
CREATE TABLE whole AS SELECT * FROM system_indicator WHERE system IN ('A', 'P');
CREATE TABLE rated AS SELECT * FROM rating_node WHERE unit = 'A';
GRANT SELECT ON whole, rated TO stp_analyst;

\set loader stp_loader
\set publisher stp_publisher
\i doc/roles/row_security.sql
INSERT INTO analyst VALUES ('stp_analyst', 'A'), ('stp_analyst', 'P');

-- The analyst ---------------------------------------------------------------------------------------------------

SET ROLE stp_analyst;
SELECT set_eq('SELECT DISTINCT organisation, period::text FROM stp.observation', $$ VALUES ('TA', '2026-01'), ('TA', '2026-02'), ('TP', '2026-01'),
    ('TP', '2026-02'), ('AB', '2026-01'), ('AB', '2026-02'), ('MO', '2026-01') $$, 'reports of the trusts that are in the system on the day, and no others');
SELECT set_eq('SELECT DISTINCT unit FROM stp.assessment', $$ VALUES ('A') $$, 'the rating of the system');
SELECT set_eq('SELECT DISTINCT unit FROM stp.assessment_node', $$ VALUES ('A') $$, 'its nodes');
SELECT set_eq(format('SELECT DISTINCT %I FROM stp.%I', c.attname, r.relname), $$ VALUES ('A') $$, 'in the view ' || r.relname)
  FROM pg_class r JOIN pg_attribute c ON c.attrelid = r.oid
 WHERE r.relnamespace = 'stp'::regnamespace AND r.relname IN ('rating', 'rating_history', 'rating_node', 'dashboard_stp', 'published_rating') AND c.attname = 'unit';
SELECT set_eq(format('SELECT DISTINCT system FROM stp.%I', name), $$ VALUES ('A'), ('P') $$, 'in the view ' || name)
  FROM unnest('{system_membership,system_value,system_indicator,indicator_latest}'::text[]) name;
SELECT set_eq('SELECT * FROM system_indicator', 'SELECT * FROM whole', 'the figures are whole');
SELECT set_eq('SELECT * FROM rating_node', 'SELECT * FROM rated', 'and so is the rating');
SELECT is_empty('SELECT FROM stp.observation_history', 'nothing of the past');
RESET ROLE;
CREATE ROLE stp_stranger;
GRANT stp_analyst TO stp_stranger;
SET ROLE stp_stranger;
SELECT is_empty('SELECT FROM rating UNION ALL SELECT FROM stp.observation UNION ALL SELECT FROM system_indicator', 'who is not named sees nothing');
RESET ROLE;

-- The others work as before -------------------------------------------------------------------------------------

SET ROLE stp_loader;
SELECT lives_ok($$ UPDATE stp.observation SET numerator = 99 WHERE organisation = 'TB';
    INSERT INTO stp.organisation (organisation, name) VALUES ('TN', 'New');
    INSERT INTO stp.membership (organisation, system) VALUES ('TN', 'B');
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'TN', '2026-02', 1, 2) $$, 'the loader loads');
RESET ROLE;
SELECT is((SELECT count(*) FROM stp.observation_history), 4::bigint, 'and history is written');
SET SESSION AUTHORIZATION stp_publisher;
CALL stp.refresh();
SELECT results_eq($$ SELECT DISTINCT status FROM stp.refresh_log $$, $$ VALUES ('done') $$, 'the publisher refreshes');
SELECT lives_ok($$ CALL stp.publish('stp-2026', '2026-02', 'Corrected') $$, 'and publishes');
RESET SESSION AUTHORIZATION;
SELECT set_eq('SELECT unit, node, score, value FROM stp.assessment_node WHERE period OPERATOR(stp.=) ''2026-02''',
    $$ SELECT unit, node, score, value FROM stp.assess('stp-2026', '2026-02') $$, 'from all rows');

-- A rating of some of the rows would be wrong without saying so.
ALTER ROLE stp_publisher NOBYPASSRLS;
UPDATE stp.observation SET numerator = 98 WHERE organisation = 'TB';
SET SESSION AUTHORIZATION stp_publisher;
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
CALL stp.refresh();
\set refused :LAST_ERROR_SQLSTATE
\set ON_ERROR_STOP on
SELECT is(:'refused'::text, '42501', 'without BYPASSRLS the publisher does not refresh');
SELECT throws_ok($$ CALL stp.publish('stp-2026', '2026-02', 'Again') $$, '42501', NULL, 'nor publish');
RESET SESSION AUTHORIZATION;
CALL stp.refresh();
SELECT set_eq('SELECT unit, node, score, value FROM stp.assessment_node WHERE period OPERATOR(stp.=) ''2026-02''',
    $$ SELECT unit, node, score, value FROM stp.assess('stp-2026', '2026-02') $$, 'nothing is lost: the next refresh has it');

DROP TABLE whole, rated;
DROP OWNED BY stp_analyst, stp_loader, stp_publisher CASCADE;
DROP ROLE stp_analyst, stp_loader, stp_publisher, stp_stranger;
SELECT * FROM finish();
