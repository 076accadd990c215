-- Row-level security as doc/roles/row_security.sql sets it up: an analyst of one system sees only that system.
SELECT no_plan();
CREATE ROLE row_analyst;
CREATE ROLE row_loader;
CREATE ROLE row_publisher;
\set role row_analyst
\i doc/roles/reader.sql
\set role row_loader
\i doc/roles/loader.sql
\set role row_publisher
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
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus)
SELECT o, '2026-02', m, 'including', 1000 FROM unnest(ARRAY['TA', 'TB', 'TP', 'AB']) o, unnest(ARRAY['plan', 'actual']) m;
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days)
SELECT o, 'TB', '2026-02', 'acute', 'A', 'NHS', 7 FROM unnest(ARRAY['TA', 'TP', 'AB']) o;
CALL stp.refresh();
CALL stp.publish('stp-2026', '2026-02', 'First');
INSERT INTO stp.target (indicator, unit, period, value, source)
SELECT 'ae_within_4_hours', u, '2026/27', 80, 'Plan' FROM unnest(ARRAY['', 'A', 'B', 'TA', 'TB']) u;
INSERT INTO stp.spc_setting (unit, baseline) SELECT u, 12 FROM unnest(ARRAY['', 'A', 'B', 'TA', 'TB']) u;
INSERT INTO stp.spc_day (unit, day, reason) SELECT u, '2026-02-01', 'Merger' FROM unnest(ARRAY['', 'A', 'B', 'TA', 'TB']) u;
CREATE TABLE whole AS SELECT * FROM stp.system_indicator WHERE system IN ('A', 'P');
CREATE TABLE rated AS SELECT * FROM stp_bi.rating_node WHERE unit = 'A';
GRANT SELECT ON whole, rated TO row_analyst;

\set loader row_loader
\set publisher row_publisher
\i doc/roles/row_security.sql
\i doc/roles/row_security.sql
INSERT INTO stp.analyst VALUES ('row_analyst', 'A'), ('row_analyst', 'P');

-- The analyst ---------------------------------------------------------------------------------------------------

SET ROLE row_analyst;
SELECT set_eq('SELECT DISTINCT organisation, period::text FROM stp.observation', $$ VALUES ('TA', '2026-01'), ('TA', '2026-02'), ('TP', '2026-01'),
    ('TP', '2026-02'), ('AB', '2026-01'), ('AB', '2026-02'), ('MO', '2026-01') $$, 'reports of the trusts that are in the system on the day, and no others');
SELECT set_eq('SELECT DISTINCT unit FROM stp.assessment', $$ VALUES ('A') $$, 'the rating of the system');
SELECT set_eq('SELECT DISTINCT unit FROM stp.assessment_node', $$ VALUES ('A') $$, 'its nodes');
SELECT set_eq(format('SELECT DISTINCT %I FROM %s', c.attname, r.oid::regclass), $$ VALUES ('A') $$, 'in the view ' || r.relname)
  FROM pg_class r JOIN pg_attribute c ON c.attrelid = r.oid
 WHERE r.relnamespace IN ('stp'::regnamespace, 'stp_bi'::regnamespace) AND r.relname IN ('rating', 'rating_history', 'rating_node', 'dashboard_stp', 'published_rating') AND c.attname = 'unit';
SELECT set_eq('SELECT DISTINCT unit FROM stp_bi.' || name, 'SELECT unnest(' || quote_literal(units) || '::text[])', 'in the view stp_bi.' || name)
  FROM (VALUES ('finance', '{A,P,TA,TP,AB}'), ('finance_bridge', '{A,P}'), ('delay', '{A,P}'), ('emergency', '{A,P}'),
               ('indicator_history', '{A,P}'), ('indicator_latest', '{A,P}')) v (name, units);
SELECT is_empty($$ SELECT FROM stp_bi.data_quality WHERE unit <> ALL ('{A,P,TA,TP,AB,MO}') $$, 'and what is wrong with others is not told');
SELECT set_eq('SELECT DISTINCT system FROM ' || name, $$ VALUES ('A'), ('P') $$, 'in the view ' || name)
  FROM unnest('{stp.system_membership,stp_internal.system_value,stp.system_indicator}'::text[]) name;
SELECT set_eq('SELECT unit FROM ' || name, $$ VALUES (''), ('A'), ('TA') $$, 'what is set for the system, its trusts and all: ' || name) FROM unnest('{stp.target,stp.spc_setting,stp.spc_day}'::text[]) name;
SELECT is_empty(format('SELECT FROM %s_history', name), 'and not what was: ' || name) FROM unnest('{stp.target,stp.spc_setting,stp.spc_day}'::text[]) name;
SELECT set_eq('SELECT DISTINCT unit FROM stp.unit_target', $$ VALUES ('A'), ('P'), ('TA'), ('TP'), ('AB'), ('MO') $$, 'and in the view of targets');
SELECT set_eq('SELECT DISTINCT unit FROM ' || name, $$ VALUES ('A'), ('P'), ('TA'), ('TP'), ('AB'), ('MO') $$, 'in the view ' || name)
  FROM unnest('{stp.indicator_trend,stp.indicator_summary}'::text[]) name;
SELECT set_eq('SELECT * FROM stp.system_indicator', 'SELECT * FROM whole', 'the figures are whole');
SELECT set_eq('SELECT * FROM stp_bi.rating_node', 'SELECT * FROM rated', 'and so is the rating');
SELECT is_empty('SELECT FROM stp.observation_history', 'nothing of the past');
SELECT throws_ok(statement, '42501', NULL, 'what would be computed from some of the rows is refused: ' || statement)
  FROM unnest(ARRAY['SELECT * FROM stp.assess(''stp-2026'', ''2026-02'')', 'SELECT * FROM stp.explain(''stp-2026'', ''2026-02'', ''A'')',
                    'SELECT * FROM stp.explain(''stp-2026'', ''2026-02'', ''ZZB'')', 'SELECT * FROM stp.robustness(''stp-2026'', ''2026-02'')',
                    'SELECT * FROM stp.compare_periods(''stp-2026'', ''2026-01'', ''2026-02'')',
                    'SELECT * FROM stp.missing_range(''stp-2026'', ''2026-02'')']) statement;
RESET ROLE;
CREATE ROLE row_stranger;
GRANT row_analyst TO row_stranger;
SET ROLE row_stranger;
SELECT is_empty('SELECT FROM stp_bi.rating UNION ALL SELECT FROM stp.observation UNION ALL SELECT FROM stp.system_indicator', 'who is not named sees nothing');
RESET ROLE;

-- The others work as before -------------------------------------------------------------------------------------

SET ROLE row_loader;
SELECT lives_ok($$ UPDATE stp.observation SET numerator = 99 WHERE organisation = 'TB';
    INSERT INTO stp.organisation (organisation, name) VALUES ('TN', 'New');
    INSERT INTO stp.membership (organisation, system) VALUES ('TN', 'B');
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'TN', '2026-02', 1, 2) $$, 'the loader loads');
RESET ROLE;
SELECT is((SELECT count(*) FROM stp.observation_history), 4::bigint, 'and history is written');
SET SESSION AUTHORIZATION row_publisher;
CALL stp.refresh();
SELECT results_eq($$ SELECT DISTINCT status FROM stp.refresh_log $$, $$ VALUES ('done') $$, 'the publisher refreshes');
SELECT lives_ok($$ CALL stp.publish('stp-2026', '2026-02', 'Corrected') $$, 'and publishes');
RESET SESSION AUTHORIZATION;
SELECT set_eq('SELECT unit, node, score, value FROM stp.assessment_node WHERE period = ''2026-02''',
    $$ SELECT unit, node, score, value FROM stp.assess('stp-2026', '2026-02') $$, 'from all rows');

-- Refresh and publication have the owner's rights: no policy narrows what they rest on.
ALTER ROLE row_publisher NOBYPASSRLS;
UPDATE stp.observation SET numerator = 98 WHERE organisation = 'TB';
SET SESSION AUTHORIZATION row_publisher;
CALL stp.refresh();
SELECT lives_ok($$ CALL stp.publish('stp-2026', '2026-02', 'Again') $$, 'the publisher publishes without BYPASSRLS');
RESET SESSION AUTHORIZATION;
SELECT set_eq($$ SELECT unit, node, score, value FROM stp.assessment_node WHERE period = '2026-02' $$,
    $$ SELECT unit, node, score, value FROM stp.assess('stp-2026', '2026-02') $$, 'from all rows');
SELECT set_eq('SELECT unit, node, score, value FROM stp.published_node WHERE revision = 3',
    $$ SELECT unit, node, score, value FROM stp.assess('stp-2026', '2026-02') $$, 'and so is what is published');

-- Every relation: no row and no code of another system -------------------------------------------------------------

-- What is open to everybody has no organisation and no system in it. A new table is closed, or is put here with a reason.
CREATE TABLE open_table (name text PRIMARY KEY, reason text);
INSERT INTO open_table SELECT relname, 'definitions' FROM pg_class WHERE relnamespace = 'stp'::regnamespace AND relkind = 'r'
    AND relname ~ '^(scheme|indicator)' AND relname !~ '_history$';
INSERT INTO open_table VALUES ('standard_population', 'reference'), ('spc_dialect', 'reference'), ('delay_reason', 'reference'), ('admission_method', 'reference'), ('discharge_code', 'reference'), ('report_symbol', 'reference'), ('ambulatory_condition', 'reference'),
    ('succession', 'who became what is public'), ('succession_history', 'and so is what was written of it'),
    ('finance_threshold', 'reference'), ('observation_source', 'a setting'), ('display_rule', 'a setting'), ('extract', 'days of tables'),
    ('assessed_period', 'schemes and periods'), ('refresh_log', 'schemes and periods'), ('publication', 'schemes and periods'),
    ('assessment_cohort', 'where values lie, not whose they are');
SELECT is_empty($$ SELECT c.relname FROM pg_class c WHERE (c.relnamespace = 'stp'::regnamespace OR c.relname ~ '^kept_') AND c.relkind = 'r' AND NOT c.relrowsecurity
                      AND c.relname NOT IN (SELECT name FROM open_table) AND c.relname !~ '^(scheme|indicator).*_history$' $$, 'no table is forgotten');

INSERT INTO stp.system (system, name) VALUES ('ZZS', 'ZZ System');
INSERT INTO stp.organisation (organisation, name) VALUES ('ZZT', 'ZZ Trust'), ('ZZC', 'ZZ Commissioner'), ('ZZN', 'ZZ of no system');
INSERT INTO stp.membership (organisation, system) VALUES ('ZZT', 'ZZS'), ('ZZC', 'ZZS');
CREATE TABLE both_sides (organisation text, other text);
INSERT INTO both_sides VALUES ('TA', 'TA'), ('ZZT', 'ZZC'), ('ZZN', 'ZZN');
INSERT INTO stp.population (system, period, persons) SELECT s, '2025/26', 1000 FROM unnest('{A,ZZS}'::text[]) s;
INSERT INTO stp.target (indicator, unit, period, value, source) SELECT 'ae_within_4_hours', u, '2026/27', 70, 'Plan' FROM unnest('{ZZS,ZZT}'::text[]) u;
INSERT INTO stp.spc_setting (unit, baseline) SELECT u, 12 FROM unnest('{ZZS,ZZT}'::text[]) u;
INSERT INTO stp.spc_day (unit, day, reason) SELECT u, '2026-02-01', 'Merger' FROM unnest('{ZZS,ZZT}'::text[]) u;
UPDATE stp.target SET value = 71 WHERE unit ~ '^ZZ';
UPDATE stp.spc_setting SET baseline = 13 WHERE unit ~ '^ZZ';
UPDATE stp.spc_day SET reason = 'ZZ merger' WHERE unit ~ '^ZZ';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) SELECT 'ae_within_4_hours', organisation, '2026-02', 1, 10 FROM both_sides WHERE organisation <> 'TA';
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, ready_date, admission_method, age, diagnosis)
SELECT organisation, 's', '2026-02-01', '2026-02-09', '2026-02-07', '21', 70, 'J44' FROM both_sides;
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, patients, delayed_days)
SELECT organisation, other, CASE WHEN organisation = other THEN '2017-01' ELSE '2017-02' END::stp.period, 'acute', (SELECT min(delay_reason) FROM stp.delay_reason WHERE attributable_nhs), 'NHS', 1, 28 FROM both_sides;
INSERT INTO stp.dtoc_file (line) SELECT organisation FROM both_sides;
INSERT INTO stp.ae_return SELECT organisation FROM both_sides;
INSERT INTO stp.occupied_bed_days (organisation, period, bed_days) SELECT organisation, '2016/17 Q4', 1000 FROM both_sides;
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days, beds_occupied, beds_available)
SELECT organisation, '2026-02', 100, 90, 30, 900, 1000 FROM both_sides;
INSERT INTO stp.emergency_attendance (organisation, period, department_type, attendances, over_4_hours, emergency_admissions)
SELECT organisation, '2017-02', '1', 100, 10, 20 FROM both_sides;
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT organisation, '2025-06', m, 'including', 1, 100 FROM both_sides, unnest('{plan,actual}'::text[]) m;
INSERT INTO stp.control_total (organisation, year, basis, amount) SELECT o, '2025/26', 'including', 1 FROM both_sides, unnest(ARRAY[organisation, other]) o GROUP BY o;
INSERT INTO stp.control_total_offset (system, year, basis, from_organisation, to_organisation, amount, agreed)
VALUES ('ZZS', '2025/26', 'including', 'ZZT', 'ZZC', 1, '2025-04-01');
INSERT INTO stp.system_plan (system, year, line, category, amount) SELECT s, '2020/21', 'do nothing', 'health', 1 FROM unnest('{A,ZZS}'::text[]) s;
UPDATE stp.observation SET numerator = 2 WHERE organisation ~ '^ZZ';
UPDATE stp.membership SET basis = 'ZZ basis' WHERE organisation ~ '^ZZ';
CALL stp.refresh();
CALL stp.publish('stp-2026', '2026-02', 'All');
GRANT SELECT ON stp.spell TO row_analyst;
CREATE TABLE seen (relation text, content text);
GRANT INSERT ON seen TO row_analyst;
CREATE PROCEDURE look() LANGUAGE plpgsql AS $x$
DECLARE r text;
BEGIN
    FOR r IN SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname ~ '^stp' AND c.relkind IN ('r', 'v', 'm', 'p') AND has_table_privilege(c.oid, 'SELECT') LOOP
        BEGIN
            EXECUTE format('INSERT INTO seen SELECT %L, t::text FROM %s t', r, r);
        EXCEPTION WHEN insufficient_privilege THEN
            INSERT INTO seen VALUES (r, 'refused');
        END;
    END LOOP;
END $x$;
INSERT INTO stp.assessment_change SELECT scheme, period, unit, 1, 'own data', NULL, NULL, 1 FROM stp.assessment;
CALL look();
SELECT cmp_ok((SELECT count(DISTINCT relation)::int FROM seen WHERE content ~ 'ZZ'), '>', 40, 'there is much to be seen by who may');
-- Every table that a unit is in has one of it, so that none is closed by having no row.
SELECT is_empty($$ SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace IN ('stp'::regnamespace, 'stp_internal'::regnamespace) AND c.relkind = 'r'
                      AND a.attname = 'unit' AND c.oid::regclass::text NOT IN (SELECT relation FROM seen WHERE content ~ 'ZZ') $$, 'tables with the column unit are among them');
TRUNCATE seen;
SET ROLE row_analyst;
CALL look();
RESET ROLE;
SELECT is_empty('SELECT * FROM seen WHERE content ~ ''ZZ''', 'the analyst of a system sees no row and no code of another');
SELECT cmp_ok((SELECT count(DISTINCT relation)::int FROM seen WHERE content ~ '[(,]TA[,)]'), '>', 15, 'and much of its own');
SELECT set_eq('SELECT relation FROM seen WHERE content = ''refused''', $$ VALUES ('stp.indicator_funnel'), ('stp.system_indicator_today') $$, 'what compares it with others, or rests on who was there before, is refused');
SET ROLE row_analyst;
SELECT throws_ok($$ SELECT * FROM stp.system_indicator(boundaries => '2026-04-01') $$, '42501', NULL, 'on any map');
RESET ROLE;
SET ROLE row_analyst;
SELECT is_empty(format('SELECT * FROM %s r WHERE r::text ~ ''ZZ''', f), 'nor by a function: ' || f)
  FROM unnest(ARRAY['stp.organisation_readmission(''2026-02'')', 'stp.system_readmission(''2026-02'')', 'stp.index_discharge(''2026-02'')',
                    'stp.emergency_admission_rate(''2025/26'')', 'stp.spell_delayed_days(''2026-01'', ''2026-03'')', 'stp.cohort(''stp-2026'', ''2026-02'')',
                    'stp.assessment_as_of(''stp-2026'', ''2026-02'', now())']) f;
RESET ROLE;

DROP TABLE whole, rated;
DROP OWNED BY row_analyst, row_loader, row_publisher CASCADE;
DROP ROLE row_analyst, row_loader, row_publisher, row_stranger;
SELECT * FROM finish();
