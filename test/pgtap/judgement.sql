-- Judgements: the latest of a period counts, and is rated like any other observation.
SELECT plan(20);

INSERT INTO stp.system (system, name) VALUES ('NOR', 'Northshire'), ('SOU', 'Southshire');
INSERT INTO stp.organisation (organisation, name, type) VALUES ('NOR', 'Northshire', 'Partnership'), ('SOU', 'Southshire', 'Partnership');
INSERT INTO stp.membership (organisation, system) VALUES ('NOR', 'NOR'), ('SOU', 'SOU');
INSERT INTO stp.judgement (indicator, organisation, period, judged_on, value, label, judged_by, evidence) VALUES
    ('system_leadership', 'NOR', '2016/17', '2017-07-21', 1, 'Developing', 'NHS England', 'Dashboard'),
    ('system_leadership', 'NOR', '2016/17', '2017-09-01', 2, 'Established', 'NHS England', 'Correction'),
    ('system_leadership', 'SOU', '2016/17', '2017-07-21', 0, NULL, 'NHS England', 'Dashboard'),
    ('system_leadership', 'SOU', '2017/18', '2018-07-21', 3, 'Advanced', 'NHS England', 'Dashboard');
SELECT results_eq($$ SELECT organisation, period::text, value FROM stp.judgement_observation ORDER BY 1, 2 $$,
    $$ VALUES ('NOR', '2016/17', 2::float8), ('SOU', '2016/17', 0), ('SOU', '2017/18', 3) $$, 'the latest judgement of a period counts');
CALL stp.refresh();
SELECT is_empty('TABLE stp.observation', 'nothing is taken that nobody asked for');
INSERT INTO stp.observation_source VALUES ('judgement');
CALL stp.refresh();
SELECT results_eq($$ SELECT unit, value, score FROM stp.assess('stp-2017', '2016/17') WHERE indicator = 'system_leadership' ORDER BY 1 $$,
    $$ VALUES ('NOR', 2::float8, 1.33::float8), ('SOU', 0, 0) $$, 'it is rated');
SELECT is((SELECT category FROM stp.assess('stp-2017', '2016/17') WHERE unit = 'NOR' AND node = 'leadership'), 'Established', 'with the label of the scheme');
CALL stp.refresh('stp-2017');
INSERT INTO stp.judgement VALUES ('system_leadership', 'SOU', '2016/17', '2017-10-01', 3, 'Advanced', 'NHS England', 'Appeal');
CALL stp.refresh();
SELECT is((SELECT score FROM stp.assessment_node WHERE scheme = 'stp-2017' AND period = '2016/17' AND unit = 'SOU' AND node = 'leadership'), 2::float8, 'a new judgement makes the rating stale');
SELECT results_eq($$ SELECT value FROM stp.observation_history WHERE indicator = 'system_leadership' AND organisation = 'SOU' AND period = '2016/17' $$,
    'VALUES (0::float8)', 'and the old level is in the history');
SELECT is((SELECT count(*) FROM stp.judgement WHERE organisation = 'SOU' AND period = '2016/17'), 2::bigint, 'as both are in the table, with who and why');
DELETE FROM stp.judgement WHERE judged_on = '2017-10-01';
CALL stp.refresh();
SELECT is((SELECT value FROM stp.observation WHERE organisation = 'SOU' AND period = '2016/17'), 0::float8, 'withdrawn, the one before counts again');
CREATE ROLE judgement_nobody;
SET ROLE judgement_nobody;
SELECT throws_ok('SELECT * FROM stp.judgement_observation', '42501', NULL, 'judgements are for those who may see them');
RESET ROLE;
DROP ROLE judgement_nobody;

-- Levels that stand, as governments give them: three boards, judged on different days.
INSERT INTO stp.organisation (organisation, name) VALUES ('B1', 'One'), ('B2', 'Two'), ('B3', 'Three');
INSERT INTO stp.judgement (indicator, organisation, period, judged_on, value, judged_by, evidence, reason, stands) VALUES
    ('wales_level_finance', 'B1', '2024-01', '2024-01-22', 4, 'Government', 'Statement', 'No plan', true),
    ('wales_level_finance', 'B2', '2024-01', '2024-01-22', 3, 'Government', 'Statement', NULL, true),
    ('wales_level_finance', 'B3', '2024-01', '2024-01-22', 3, 'Government', 'Statement', NULL, true),
    ('wales_level_finance', 'B2', '2024-07', '2024-07-09', 4, 'Government', 'Statement', 'A greater deficit', false),
    ('wales_level_finance', 'B1', '2024-09', '2024-09-03', 3, 'Government', 'Statement', 'A plan', true),
    ('wales_level_finance', 'B3', '2024-11', '2024-11-05', 1, 'Government', 'Statement', NULL, true),
    ('wales_level_cancer', 'B2', '2024-10', '2024-10-15', 3, 'Government', 'Statement', NULL, true),
    ('wales_level_cancer', 'B1', '2024/25 Q4', '2025-01-15', 5, 'Government', 'Statement', NULL, true),
    ('wales_level_organisation', 'B3', '2024-09', '2024-09-03', 5, 'Government', 'Statement', 'Everything', true);
SELECT results_eq($$ SELECT organisation, period::text, value FROM stp.judgement_observation WHERE indicator = 'wales_level_finance' ORDER BY 1, stp.first_day(period) $$,
    $$ VALUES ('B1', '2024-01', 4::float8), ('B1', '2024-07', 4), ('B1', '2024-09', 3), ('B1', '2024-11', 3),
              ('B2', '2024-01', 3), ('B2', '2024-07', 4),
              ('B3', '2024-01', 3), ('B3', '2024-07', 3), ('B3', '2024-09', 3), ('B3', '2024-11', 1) $$,
    'a level stands in the periods for which others are judged, until it is judged again');
SELECT results_eq($$ SELECT organisation, period::text, value FROM stp.judgement_observation WHERE indicator = 'wales_level_cancer' ORDER BY 1 $$,
    $$ VALUES ('B1', '2024/25 Q4', 5::float8), ('B2', '2024-10', 3) $$, 'among periods of the same length');
SELECT ok((SELECT (SELECT count(*) FROM (SELECT * FROM stp.judgement_observation) o) = (SELECT count(DISTINCT (indicator, period::text, organisation)) FROM stp.judgement_observation)),
    'one of each key, as observations are');
CALL stp.refresh();
CREATE TABLE escalated AS SELECT * FROM stp.assess('wales-escalation', '2024-10');
SELECT results_eq($$ SELECT unit, value, score, category, value_period::text, completeness FROM escalated WHERE node = 'finance' AND unit LIKE 'B_' ORDER BY 1 $$,
    $$ VALUES ('B1', 3::float8, 3::float8, 'Enhanced monitoring', '2024-09', 1::float8), ('B2', NULL, NULL, NULL, '2024-09', NULL), ('B3', 3, 3, 'Enhanced monitoring', '2024-09', 1) $$,
    'all levels of a domain in one month, though they were given in different ones; one of July alone is gone');
SELECT results_eq($$ SELECT unit, score, category, rank, status FROM escalated WHERE parent IS NULL AND unit LIKE 'B_' ORDER BY 1 $$,
    $$ VALUES ('B1', NULL::float8, NULL, NULL::int, 'no data'), ('B2', NULL, NULL, NULL, 'no data'), ('B3', 5, 'Special measures', 1, 'ok') $$,
    'overall there is what was said of the whole board, and nothing is made of its domains');
SELECT is_empty($$ SELECT * FROM escalated WHERE score <> value OR (node <> 'organisation' AND parent IS NOT NULL AND contribution <> 0) $$, 'a score is the level that was given, and no domain counts');
SELECT results_eq($$ SELECT unit, category, status FROM stp.assess('wales-escalation', '2025-11') WHERE node = 'finance' AND unit LIKE 'B_' ORDER BY 1 $$,
    $$ VALUES ('B1', 'Enhanced monitoring', 'ok'), ('B3', 'Routine arrangements', 'ok') $$, 'a level that is given is good for twelve months');
SELECT is_empty($$ SELECT * FROM stp.assess('wales-escalation', '2026-09') WHERE unit LIKE 'B_' AND value IS NOT NULL $$, 'and then wants to be confirmed');
SELECT results_eq($$ SELECT n.scheme, string_agg(n.node, ' ' ORDER BY n.position), sum(n.weight) FROM stp.scheme_node n WHERE n.scheme IN ('wales-escalation', 'scotland-support') AND n.parent IS NOT NULL GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('scotland-support', 'organisation finance performance governance quality', 1::float8),
              ('wales-escalation', 'organisation governance leadership performance urgent_care planned_care cancer child_mental_health finance quality fragile_services', 1) $$,
    'of the reasons and domains none weighs');
-- A board that is at a level of each.
INSERT INTO stp.judgement (indicator, organisation, period, judged_on, value, judged_by, evidence)
SELECT i.indicator, 'B1', '2025-05', '2025-05-12', 1 + row_number() OVER (ORDER BY i.indicator), 'Government', 'Statement' FROM stp.indicator i
 WHERE i.indicator ~ '^scotland_stage_(finance|governance|performance|quality)$';
CALL stp.refresh();
SELECT results_eq($$ SELECT node, category FROM stp.explain('scotland-support', '2025-05', 'B1') ORDER BY place $$,
    $$ VALUES ('overall', NULL), ('organisation', NULL), ('finance', 'Enhanced monitoring'), ('performance', 'Senior external support and monitoring'),
              ('governance', 'Enhanced monitoring and support'), ('quality', 'Statutory intervention') $$, 'more than one stage at a time, by their names');

SELECT throws_ok($$ INSERT INTO stp.judgement (indicator, organisation, period, judged_on, value, judged_by, evidence, reason) VALUES ('wales_level_quality', 'B1', '2025-01', '2025-01-15', 4, 'Government', 'Statement', ' ') $$,
    '22023', 'judgement "wales_level_quality" of organisation "B1" in 2025-01: a reason without a word', 'a reason says something');

SELECT finish();
