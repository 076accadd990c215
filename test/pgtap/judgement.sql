-- Judgements: the latest of a period counts, and is rated like any other observation.
SELECT plan(9);

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

SELECT finish();
