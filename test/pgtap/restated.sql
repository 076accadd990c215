-- Modules boundary and figure: what restated figures must not lose, double or take from elsewhere.
SELECT plan(28);

CREATE PROCEDURE be(systems text[], organisations text[]) LANGUAGE sql AS $$
    INSERT INTO stp.system (system, name) SELECT s, s FROM unnest(systems) s;
    INSERT INTO stp.organisation (organisation, name) SELECT o, o FROM unnest(organisations) o;
$$;
CREATE PROCEDURE report(organisation text, period text, numerator float8, denominator float8) LANGUAGE sql AS $$
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
    VALUES ('ae_within_4_hours', report.organisation, report.period, report.numerator, report.denominator);
$$;
CREATE PROCEDURE rate(code text, rated text) LANGUAGE sql AS $$
    INSERT INTO stp.scheme (scheme, name, rates) VALUES (code, code, rated);
    INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, maximum_age)
    VALUES (code, 'all', NULL, 'All', NULL, NULL, NULL), (code, 'ae', 'all', 'A&E', 'ae_within_4_hours', 'min_max', 0);
$$;

-- People are those of the area of the day ---------------------------------------------------------------------------

CALL be('{PS,PW}', '{}');
INSERT INTO stp.population (system, period, persons) VALUES ('PS', '2024/25', 500000), ('PW', '2024/25', 300000), ('PS', '2026/27', 300000);
CALL stp.split_system('PS', ARRAY['PS', 'PW'], ARRAY[0.6, 0.4], '2026-04-01');
SELECT is(stp.persons('PW', '2026/27'), 500000::float8, 'a part is one of the area of before, whatever is known of the new one');
SELECT is(stp.persons('PS', '2026/27'), 300000::float8, 'of which its own estimate is');
INSERT INTO stp.population (system, period, persons) VALUES ('PW', '2026/27', 510000);
SELECT is(ARRAY[stp.persons('PS', '2026/27', boundaries => '2026-03-31'), stp.persons('PW', '2026/27', boundaries => '2026-03-31')],
    ARRAY[500000::float8, 300000], 'on the map of before both have the area of before');
CALL be('{PA,PB}', '{}');
INSERT INTO stp.population (system, period, persons) VALUES ('PA', '2024/25', 100), ('PB', '2024/25', 200), ('PA', '2027/28', 7);
CALL stp.merge_systems(ARRAY['PA', 'PB'], 'PAB', '2026-04-01', 'Both');
SELECT is(stp.persons('PAB', '2027/28'), 300::float8, 'and what is written for a system after its end is nobody''s');

-- Who gave a part away is expected with what it kept -----------------------------------------------------------------

CALL be('{QS}', '{QP,QQ,QN}');
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('QP', 'QS', '1900-04-01'), ('QQ', 'QS', '1900-04-01'), ('QN', 'QS', '2026-04-01');
CALL report('QP', '2026-03', 50, 100); CALL report('QQ', '2026-03', 50, 100); CALL report('QQ', '2026-04', 50, 100);
SELECT is((SELECT completeness FROM stp.system_indicator WHERE system = 'QS' AND period = '2026-04'), 0.5::float8, 'half is missing');
INSERT INTO stp.succession (kind, predecessor, successor, day, share) VALUES ('organisation', 'QP', 'QP', '2026-04-01', 0.6), ('organisation', 'QP', 'QN', '2026-04-01', 0.4);
SELECT is(round((SELECT completeness FROM stp.system_indicator WHERE system = 'QS' AND period = '2026-04')::numeric, 9), 0.5, 'and no more after a part of it is another''s');
CALL report('QN', '2026-04', 20, 40);
SELECT is(round((SELECT completeness FROM stp.system_indicator WHERE system = 'QS' AND period = '2026-04')::numeric, 9), 0.7, 'which has reported');
SELECT set_eq($$ SELECT organisation, missing, last_period::text FROM stp_internal.missing_reports('ae_within_4_hours', '2026-05') WHERE organisation LIKE 'Q%' $$,
    $$ VALUES ('QP', 60::float8, '2026-03'), ('QQ', 100, '2026-04'), ('QN', 40, '2026-04') $$, 'whose own report counts from then on');

-- A successor of one who had ended long before ------------------------------------------------------------------------

CALL be('{KS,KW}', '{KA,KN,KD}');
INSERT INTO stp.membership (organisation, system, valid_from, valid_to) VALUES ('KA', 'KS', '1900-04-01', '2020-03-31'), ('KN', 'KW', '2026-04-01', NULL), ('KD', 'KW', '1900-04-01', NULL);
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('organisation', 'KA', 'KN', '2026-04-01');
CALL report('KN', '2026-06', 10, 20); CALL report('KD', '2026-06', 1, 2);
CALL rate('k', 'system');
SELECT results_eq($$ SELECT unit, value, restated FROM stp.assess('k', '2026-06', boundaries => '2026-03-31') WHERE node = 'ae' AND unit LIKE 'K%' ORDER BY 1 $$,
    $$ SELECT system, value, restated FROM stp.system_indicator(boundaries => '2026-03-31') WHERE system LIKE 'K%' AND period = '2026-06' ORDER BY 1 $$, 'a rating counts what a figure counts');
SELECT is((SELECT value FROM stp.assess('k', '2026-06', boundaries => '2026-03-31') WHERE node = 'ae' AND unit = 'KS'), 50::float8, 'which is where the predecessor last belonged');

-- Nobody succeeds who belongs nowhere -----------------------------------------------------------------------------------

CALL be('{NS}', '{NA,NN}');
INSERT INTO stp.membership (organisation, system, valid_to) VALUES ('NA', 'NS', '2026-03-31');
SELECT throws_ok($$ DO 'BEGIN INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES (''organisation'', ''NA'', ''NN'', ''2026-04-01''); SET CONSTRAINTS ALL IMMEDIATE; END' $$,
    '22023', 'succession of organisation "NA" by "NN" on 2026-04-01: "NN" belongs nowhere on the day', 'its counts would be lost');
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('NN', 'NS', '2026-04-01');
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('organisation', 'NA', 'NN', '2026-04-01');
SELECT throws_ok($$ DO 'BEGIN DELETE FROM stp.membership WHERE organisation = ''NN''; SET CONSTRAINTS ALL IMMEDIATE; END' $$, '22023', NULL, 'nor may its membership go');

-- What is suppressed has moved too --------------------------------------------------------------------------------------

CALL be('{XS}', '{XA,XB}');
INSERT INTO stp.membership (organisation, system) VALUES ('XA', 'XS'), ('XB', 'XS');
INSERT INTO stp.population (system, period, persons) VALUES ('XS', '2025/26', 1000);
INSERT INTO stp.indicator (indicator, name, kind, better, denominator, per, unit_of_measure, suppressed_below) VALUES ('r', 'r', 'rate', 'lower', 'population', 1000, 'x', 8);
INSERT INTO stp.observation (indicator, organisation, period, numerator, status) VALUES ('r', 'XA', '2026-03', NULL, 'suppressed'), ('r', 'XB', '2026-03', 10, NULL), ('r', 'XA', '2026-02', NULL, 'suppressed');
CALL stp.rename_code('system', 'XS', 'XS9', '2026-04-01');
SELECT results_eq($$ SELECT period::text, numerator, restated FROM stp.system_indicator(boundaries => '2026-04-01') WHERE indicator = 'r' ORDER BY 1 $$,
    $$ VALUES ('2026-02', 3.5::float8, 1::float8), ('2026-03', 13.5, 1) $$, 'all of it');

-- Backwards: where it is not known which, what holds both is known ------------------------------------------------------

INSERT INTO stp.system (system, name, kind) VALUES ('RR', 'R', 'region');
INSERT INTO stp.system (system, name, parent) VALUES ('RS', 'S', 'RR'), ('RW', 'W', 'RR');
INSERT INTO stp.organisation (organisation, name) VALUES ('RX', 'X');
CALL stp.merge_systems(ARRAY['RS', 'RW'], 'RSW', '2026-04-01', 'sw');
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('RX', 'RSW', '2026-05-01');
CALL report('RX', '2026-05', 10, 100);
SELECT results_eq($$ SELECT system, numerator, status FROM stp.system_indicator(boundaries => '2026-03-31') WHERE system LIKE 'R%' AND period = '2026-05' ORDER BY 1 $$,
    $$ VALUES ('RR', 10::float8, 'ok'), ('RS', NULL, 'incomplete'), ('RW', NULL, 'incomplete') $$, 'the region');

-- Who is to come is not rated yet; two steps have one beginning -----------------------------------------------------------

CALL be('{TS,TW}', '{TA,TB,TC}');
INSERT INTO stp.membership (organisation, system) VALUES ('TA', 'TS'), ('TB', 'TS'), ('TC', 'TW');
CALL stp.rename_code('organisation', 'TA', 'TN', '2026-04-01');
CALL report('TN', '2026-06', 5, 10); CALL report('TB', '2026-06', 6, 10); CALL report('TC', '2026-06', 7, 10);
CALL rate('o', 'organisation');
SELECT set_eq($$ SELECT unit, value FROM stp.assess('o', '2026-06', boundaries => '2026-03-31') WHERE node = 'ae' AND unit LIKE 'T%' $$,
    $$ VALUES ('TA', 50::float8), ('TB', 60), ('TC', 70) $$, 'its reports are its predecessor''s');
CALL report('TA', '2026-03', 5, 10); CALL report('TB', '2026-03', 6, 10); CALL report('TC', '2026-03', 7, 10);
CALL stp.rename_code('system', 'TS', 'TS9', '2026-04-01');
CALL stp.rename_code('system', 'TS9', 'TS10', '2026-05-01');
SELECT results_eq($$ SELECT predecessors FROM stp.explain_change('k', '2026-03', '2026-06', 'TS10') WHERE part = 'boundaries' $$, $$ VALUES ('{TS}'::text[]) $$,
    'what was between was nobody then');
SELECT is((SELECT count(*) FROM stp.explain_change('k', '2026-03', '2026-06', 'TS10') WHERE change IS NULL AND part NOT IN ('before', 'after')), 0::bigint, 'and all parts are there');

-- Completeness is not changed by a merger: who is silent goes on being expected, however many steps there were -------------

INSERT INTO stp.indicator (indicator, name, kind, better, denominator, per, unit_of_measure, expected_within)
VALUES ('short', 'Short', 'proportion', 'higher', 'reports', 100, '%', 3);
CREATE PROCEDURE year_of(p text) LANGUAGE plpgsql AS $$
BEGIN
    CALL be(ARRAY[p || 'S'], ARRAY[p || 'A', p || 'B', p || 'C']);
    INSERT INTO stp.membership (organisation, system) SELECT p || o, p || 'S' FROM unnest('{A,B,C}'::text[]) o;
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
    SELECT 'short', p || o.code, m.period, 1, o.size
      FROM (VALUES ('A', 100, '2025-09'), ('B', 200, '2026-03'), ('C', 400, '2025-06')) o (code, size, until)
      JOIN stp.periods('2025-04', '2026-03') m (period) ON m.period <= o.until::stp.period;
END $$;
CREATE FUNCTION complete(p text) RETURNS TABLE (place text, completeness numeric) LANGUAGE sql AS $$
    SELECT coalesce(period::text, 'year'), round(completeness::numeric, 9)
      FROM (SELECT period, completeness FROM stp.system_indicator WHERE system = p || 'S' AND indicator = 'short'
            UNION ALL
            SELECT NULL, completeness FROM stp.system_indicator('2025/26') WHERE system = p || 'S' AND indicator = 'short'
            UNION ALL
            SELECT NULL, completeness FROM stp.system_indicator('2026-03', 'rolling 12', '2026-03-31')
             WHERE system = p || 'S' AND indicator = 'short') f $$;
CALL year_of('Z0'); CALL year_of('Z1'); CALL year_of('Z2'); CALL year_of('Z3');
SELECT is((SELECT max(completeness) FROM complete('Z0') WHERE place = 'year'), round((6 * 100 + 12 * 200 + 3 * 400) / (12 * 700.0), 9),
    'as it is');
CALL stp.rename_code('organisation', 'Z1A', 'Z1N', '2025-10-01');
SELECT set_eq($$ SELECT * FROM complete('Z1') $$, $$ SELECT * FROM complete('Z0') $$, 'a new code is expected of as the old one');
CALL stp.rename_code('organisation', 'Z1N', 'Z1M', '2025-11-01');
SELECT set_eq($$ SELECT * FROM complete('Z1') $$, $$ SELECT * FROM complete('Z0') $$, 'and another');
CALL stp.merge_organisations(ARRAY['Z2A', 'Z2C'], 'Z2A', '2025-08-01');
SELECT is((SELECT max(completeness) FROM complete('Z2') WHERE place = 'year'),
    round((6 * 100 + 12 * 200 + 3 * 400) / (12 * 200.0 + 10 * 100 + 2 * 100 + 4 * 400), 9), 'what has reported since counts what it took in');
CALL stp.merge_organisations(ARRAY['Z3A', 'Z3C'], 'Z3A', '2025-10-01');
SELECT set_eq($$ SELECT * FROM complete('Z3') $$, $$ SELECT * FROM complete('Z0') $$, 'what has not is expected of as both');
CALL stp.split_organisation('Z3A', ARRAY['Z3A', 'Z3N'], ARRAY[0.25, 0.75], '2026-02-01', ARRAY['Z3A', 'New']);
SELECT set_eq($$ SELECT * FROM complete('Z3') $$, $$ SELECT * FROM complete('Z0') $$, 'and its parts');

-- Who belongs nowhere and has ended is not expected beside its heir ---------------------------------------------------------

CALL be('{}', '{YA,YB}');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'short', o, m, 1, 100 FROM unnest(ARRAY['YA', 'YB']) o, stp.periods('2025-04', '2025-09') m;
CALL stp.merge_organisations(ARRAY['YA', 'YB'], 'YN', '2025-10-01', 'New');
SELECT set_eq($$ SELECT organisation, missing FROM stp_internal.missing_reports('short', '2025-10') WHERE organisation LIKE 'Y%' $$, $$ VALUES ('YN', 200::float8) $$, 'one month');
SELECT set_eq($$ SELECT organisation, sum(missing) FROM stp_internal.reports_within('short', '2025-04', '2026-03') WHERE organisation LIKE 'Y%' AND missing IS NOT NULL GROUP BY 1 $$,
    $$ VALUES ('YN', 1200::float8) $$, 'a year');

-- Whole periods across a merger ---------------------------------------------------------------------------------------------

SELECT throws_ok($$ SELECT * FROM stp.system_indicator(boundaries => 'infinity') $$, '22023', 'there are no boundaries of infinity', 'boundaries are of a day');
SELECT throws_ok($$ SELECT * FROM stp.system_indicator('2025/26', boundaries => '-infinity') $$, '22023', 'there are no boundaries of -infinity', 'also of whole periods');
SELECT is((SELECT count(*) FROM stp.system_indicator(boundaries => NULL)), 0::bigint, 'without any there is the view');
