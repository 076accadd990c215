-- Module boundary: figures on the map of any day.
SELECT plan(57);

-- One system follows on two -------------------------------------------------------------------------------------

INSERT INTO stp.system (system, name, kind, parent, valid_from, valid_to) VALUES
    ('R', 'Region', 'region', NULL, DEFAULT, NULL), ('Q', 'Other region', 'region', NULL, DEFAULT, NULL),
    ('S1', 'One', 'system', 'R', DEFAULT, '2026-03-31'), ('S2', 'Two', 'system', 'R', DEFAULT, '2026-03-31'),
    ('S3', 'Three', 'system', 'Q', DEFAULT, NULL), ('S12', 'Both', 'system', 'R', '2026-04-01', NULL);
INSERT INTO stp.organisation (organisation, name)
VALUES ('A', 'In one'), ('B', 'In two'), ('C', 'In both and three'), ('D', 'In three'), ('E', 'In three, after it in both');
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES
    ('A', 'S1', 1, DEFAULT, '2026-03-31'), ('A', 'S12', 1, '2026-04-01', NULL),
    ('B', 'S2', 1, DEFAULT, '2026-03-31'), ('B', 'S12', 1, '2026-04-01', NULL),
    ('C', 'S1', 0.25, DEFAULT, '2026-03-31'), ('C', 'S2', 0.25, DEFAULT, '2026-03-31'), ('C', 'S12', 0.5, '2026-04-01', NULL),
    ('C', 'S3', 0.5, DEFAULT, NULL), ('D', 'S3', 1, DEFAULT, NULL),
    ('E', 'S3', 1, DEFAULT, '2026-03-31'), ('E', 'S12', 1, '2026-04-01', NULL);
INSERT INTO stp.succession (kind, predecessor, successor, day, basis) VALUES
    ('system', 'S1', 'S12', '2026-04-01', 'order'), ('system', 'S2', 'S12', '2026-04-01', 'order');
INSERT INTO stp.population (system, period, persons) VALUES ('S1', '2025/26', 1000), ('S2', '2025/26', 2000), ('S3', '2025/26', 4000);
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('seen', 'Seen', '%', 'proportion', 'higher', 100, 'reports'), ('admitted', 'Admitted', 'per 1,000', 'rate', 'lower', 1000, 'population'),
    ('score', 'Score', '0-10', 'mean', 'higher', 1, 'none');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('seen', 'A', '2026-03', 10, 40), ('seen', 'B', '2026-03', 30, 60), ('seen', 'C', '2026-03', 8, 16), ('seen', 'D', '2026-03', 5, 10),
    ('seen', 'E', '2026-03', 7, 10), ('admitted', 'A', '2026-03', 3, NULL), ('admitted', 'B', '2026-03', 6, NULL);
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('score', 'A', '2025/26', 6), ('score', 'B', '2025/26', 8);

-- A nation has its regions and the systems that lie in it without one; everybody counts in it once.
INSERT INTO stp.system (system, name, kind) VALUES ('N', 'Nation', 'nation');
UPDATE stp.system SET parent = 'N' WHERE kind = 'region';
SELECT results_eq($$ SELECT numerator, denominator, organisations, status FROM stp.system_indicator WHERE system = 'N' AND indicator = 'seen' $$,
    $$ VALUES (60::float8, 136::float8, 5, 'ok') $$, 'in a nation everybody counts once');
UPDATE stp.system SET parent = 'N' WHERE system = 'S3';
SELECT results_eq($$ SELECT system, numerator FROM stp.system_indicator WHERE system IN ('N', 'Q', 'R') AND indicator = 'seen' ORDER BY 1 $$,
    $$ VALUES ('N', 60::float8), ('R', 44) $$, 'whether its systems lie in regions or not');
SELECT results_eq('SELECT organisation, share, valid_from, valid_to FROM stp.system_membership WHERE system = ''N'' ORDER BY 1, 3',
    $$ SELECT o.organisation, 1::numeric, d.valid_from::date, d.valid_to::date FROM stp.organisation o
        CROSS JOIN (VALUES ('1900-04-01', '2026-03-31'), ('2026-04-01', NULL)) d (valid_from, valid_to) WHERE o.organisation <> 'D'
       UNION ALL VALUES ('D', 1::numeric, '1900-04-01'::date, NULL::date) ORDER BY 1, 3 $$, 'with all of its counts');
UPDATE stp.system SET parent = 'Q' WHERE system = 'S3';
UPDATE stp.system SET parent = NULL WHERE kind = 'region';
DELETE FROM stp.system WHERE system = 'N';

CREATE VIEW now AS SELECT * FROM stp.system_indicator(boundaries => '2026-04-01');
SELECT results_eq($$ SELECT system, numerator, denominator, value, round(restated::numeric, 6), status FROM now WHERE indicator = 'seen' ORDER BY 1 $$,
    $$ VALUES ('Q', 9::float8, 18::float8, 50::float8, NULL::numeric, 'ok'), ('R', 51, 118, 51 / 118::float8 * 100, round(10 / 118.0, 6), 'restated'),
              ('S12', 51, 118, 51 / 118::float8 * 100, 1, 'restated'), ('S3', 9, 18, 50, NULL, 'ok') $$,
    'what was reported before counts on the new map, and it is said how much of it does for that only');
SELECT results_eq($$ SELECT system, value, status, restated FROM now WHERE indicator = 'admitted' AND system IN ('S12', 'S3') $$,
    $$ VALUES ('S12', 3::float8, 'restated', 1::float8) $$, 'the people of a successor are those of its predecessors');
SELECT results_eq($$ SELECT system, value, status FROM now WHERE indicator = 'score' ORDER BY 1 $$,
    $$ VALUES ('R', 7::float8, 'ok'), ('S12', 7, 'restated') $$, 'a year of before is a figure of the new system');
SELECT results_eq($$ SELECT system, numerator, value, status FROM stp.system_indicator(boundaries => '2026-03-31') WHERE indicator = 'seen' ORDER BY 1 $$,
    $$ SELECT system, numerator, value, status FROM stp.system_indicator WHERE indicator = 'seen' ORDER BY 1 $$, 'on its own map it is what it was');
SELECT is(stp.persons('S12', '2026-04'), 3000::float8, 'its people, at its beginning');
SELECT is(stp.persons('S12', '2026-03'), NULL, 'before it was there it has none of its own');
SELECT is(stp.persons('S12', '2026-03', boundaries => '2026-04-01'), 3000::float8, 'but on the map of later');
INSERT INTO stp.population (system, period, persons) VALUES ('S12', '2024/25', 2900), ('S12', '2027/28', 3100);
SELECT is(stp.persons('S12', '2026-04'), 2900::float8, 'an own estimate of a new code is of its area, whenever it is for');
DELETE FROM stp.population WHERE system = 'S12' AND period = '2024/25';
SELECT is(ARRAY[stp.persons('S12', '2026-12'), stp.persons('S12', '2027-12')], ARRAY[3000::float8, 3100], 'until it has one');
DELETE FROM stp.population WHERE system = 'S12';

-- A code that lives on in a new area ----------------------------------------------------------------------------

INSERT INTO stp.system (system, name, kind, parent, valid_to) VALUES ('F', 'Given away', 'system', 'Q', '2026-03-31');
INSERT INTO stp.succession (kind, predecessor, successor, day, share) VALUES
    ('system', 'F', 'S3', '2026-04-01', 0.25), ('system', 'F', 'S12', '2026-04-01', 0.75);
INSERT INTO stp.population (system, period, persons) VALUES ('F', '2025/26', 800);
SELECT is(ARRAY[stp.persons('S3', '2026-03'), stp.persons('S3', '2026-04')], ARRAY[4000::float8, 4200], 'has its old people, and a part of the others''');
INSERT INTO stp.population (system, period, persons) VALUES ('S3', '2026-01', 4010), ('S3', '2026-06', 4300);
SELECT is(ARRAY[stp.persons('S3', '2026-05'), stp.persons('S3', '2026-06')], ARRAY[4210::float8, 4300],
    'its own estimates of before are of the old area, those of after of the new');
DELETE FROM stp.population WHERE period > '2025/26';
SELECT is(stp.persons('S3', '2026-12', boundaries => '2026-03-31'), 4000::float8, 'on the map of before it has its old area');

-- Trusts ---------------------------------------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) VALUES ('T1', 'First'), ('T2', 'Second'), ('T3', 'Of both'), ('T4', 'Half of it');
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES
    ('T1', 'S1', 1, DEFAULT, '2025-06-30'), ('T2', 'S3', 1, DEFAULT, '2025-06-30'),
    ('T3', 'S3', 1, '2025-07-01', NULL), ('T4', 'S3', 0.5, '2026-01-01', NULL), ('T4', 'S1', 0.5, '2026-01-01', '2026-03-31'),
    ('T4', 'S12', 0.5, '2026-04-01', NULL);
INSERT INTO stp.succession (kind, predecessor, successor, day, share) VALUES
    ('organisation', 'T1', 'T3', '2025-07-01', 1), ('organisation', 'T2', 'T3', '2025-07-01', 1),
    ('organisation', 'T3', 'T3', '2026-01-01', 0.5), ('organisation', 'T3', 'T4', '2026-01-01', 0.5);
CREATE VIEW heir AS SELECT d.day, h.* FROM (VALUES (date '2025-01-01'), ('2025-08-01'), ('2026-02-01')) d (day) CROSS JOIN LATERAL stp_internal.heirs('organisation', d.day) h;
SELECT results_eq($$ SELECT code, heir, share FROM heir WHERE day = '2026-02-01' AND '2025-05-31' BETWEEN valid_from AND valid_to AND code IN ('T1', 'T2') ORDER BY 1, 2 $$,
    $$ VALUES ('T1', 'T3', 0.5), ('T1', 'T4', 0.5), ('T2', 'T3', 0.5), ('T2', 'T4', 0.5) $$, 'what was one became half of another');
SELECT results_eq($$ SELECT code, heir, share FROM heir WHERE day = '2026-02-01' AND '2026-01-31' BETWEEN valid_from AND valid_to AND code IN ('T3', 'T4') ORDER BY 1, 2 $$,
    $$ VALUES ('T3', 'T3', 1.0), ('T4', 'T4', 1.0) $$, 'since then each is itself');
SELECT results_eq($$ SELECT code, heir, is_known FROM heir WHERE day = '2025-01-01' AND '2025-08-31' BETWEEN valid_from AND valid_to AND code = 'T3' ORDER BY 1, 2 $$,
    $$ VALUES ('T3', 'T1', false), ('T3', 'T2', false) $$, 'and before, of two nobody knows which');
SELECT results_eq($$ SELECT code, heir, is_known FROM heir WHERE day = '2025-08-01' AND '2026-01-31' BETWEEN valid_from AND valid_to AND code IN ('T3', 'T4') ORDER BY 1, 2 $$,
    $$ VALUES ('T3', 'T3', true), ('T4', 'T3', true) $$, 'but of one');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('seen', 'T1', '2025-05', 8, 16), ('seen', 'T2', '2025-05', 16, 32), ('seen', 'T3', '2025-08', 40, 80);
SELECT results_eq($$ SELECT system, numerator, denominator FROM now WHERE indicator = 'seen' AND period = '2025-05' AND kind = 'system' ORDER BY 1 $$,
    $$ VALUES ('S12', 6::float8, 12::float8), ('S3', 18, 36) $$, 'reports of trusts that have ended count with their successors');
SELECT results_eq($$ SELECT system, numerator, value, completeness, organisations, expected, status FROM stp.system_indicator(boundaries => '2025-01-01')
                      WHERE indicator = 'seen' AND period = '2025-08' AND kind = 'system' ORDER BY 1 $$,
    $$ VALUES ('S1', NULL::float8, NULL::float8, 0::float8, 0, 1, 'incomplete'), ('S3', NULL, NULL, 0, 0, 1, 'incomplete') $$,
    'what may lie here or there is missing in both');
SELECT results_eq($$ SELECT unit FROM stp.cohort('nof-2025-26', '2025-05') WHERE unit LIKE 'T%' ORDER BY 1 $$, $$ VALUES ('T1'), ('T2') $$, 'who is there is rated');
SELECT results_eq($$ SELECT unit FROM stp.cohort('nof-2025-26', '2026-02') WHERE unit LIKE 'T%' ORDER BY 1 $$, $$ VALUES ('T3'), ('T4') $$, 'who has ended is not');
SELECT results_eq($$ SELECT unit FROM stp.cohort('nof-2025-26', '2025-05', '2026-02-01') WHERE unit LIKE 'T%' ORDER BY 1 $$, $$ VALUES ('T3'), ('T4') $$, 'on the map of any day');

-- Nobody is silent without a word ---------------------------------------------------------------------------------

SELECT results_eq($$ SELECT organisation, missing, last_period::text FROM stp_internal.missing_reports('seen', '2025-09') WHERE organisation LIKE 'T%' $$,
    $$ VALUES ('T3', 80::float8, '2025-08') $$, 'a trust that has reported is expected to');
DELETE FROM stp.observation WHERE organisation = 'T3';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'D', '2025-09', 5, 10);
SELECT results_eq($$ SELECT organisation, missing, last_period::text FROM stp_internal.missing_reports('seen', '2025-09') WHERE organisation LIKE 'T%' $$,
    $$ VALUES ('T3', 48::float8, '2025-05') $$, 'and if it has not, because those did that it follows on');
SELECT set_eq($$ SELECT period::text FROM stp_internal.reports_within('seen', '2025-04', '2025-09') WHERE organisation IN ('T1', 'T2') AND missing IS NOT NULL $$,
    $$ VALUES ('2025-04'), ('2025-06') $$, 'nothing is missing of a trust after it has ended');

-- Ratings ---------------------------------------------------------------------------------------------------------

DELETE FROM stp.succession WHERE predecessor = 'F';
DELETE FROM stp.population WHERE system = 'F';
DELETE FROM stp.system WHERE system = 'F';
INSERT INTO stp.scheme (scheme, name, rates, grain) VALUES ('both', 'Both', 'system', 'month');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES
    ('both', 'all', NULL, 'All', NULL, NULL), ('both', 'seen', 'all', 'Seen', 'seen', 'percentile_rank'), ('both', 'score', 'all', 'Score', 'score', 'percentile_rank');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'A', '2026-04', 12, 40), ('seen', 'B', '2026-04', 33, 60), ('seen', 'D', '2026-04', 6, 10);
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('score', 'D', '2025/26', 5);
SELECT results_eq($$ SELECT unit, value, value_period::text, restated, status FROM stp.assess('both', '2026-04') WHERE node = 'score' ORDER BY 1 $$,
    $$ VALUES ('S12', 7::float8, '2025/26', 1::float8, 'restated'), ('S3', 5, '2025/26', NULL, 'ok') $$, 'a year of before is an input of the first rating of the new system');
SELECT results_eq($$ SELECT unit FROM stp.assess('both', '2026-03') WHERE parent IS NULL ORDER BY 1 $$, $$ VALUES ('S1'), ('S2'), ('S3') $$, 'history stays what it was');
SELECT results_eq($$ SELECT unit, round(score::numeric, 9) FROM stp.assess('both', '2026-03', boundaries => '2026-04-30') WHERE parent IS NULL ORDER BY 1 $$,
    $$ VALUES ('S12', 50.0::numeric), ('S3', 50.0) $$, 'unless the map of another day is asked for');
SELECT results_eq($$ SELECT node, value, restated FROM stp.explain('both', '2026-03', 'S12', '2026-04-30') WHERE indicator IS NOT NULL ORDER BY 1 $$,
    $$ SELECT node, value, restated FROM stp.assess('both', '2026-03', '2026-04-30'::date) WHERE unit = 'S12' AND indicator IS NOT NULL ORDER BY 1 $$, 'and it is explained');
SELECT throws_ok($$ SELECT * FROM stp.assess('both', '2026-03', 'infinity'::date) $$, '22023', 'there are no boundaries of infinity', 'of a day');
SELECT results_eq($$ SELECT part, predecessors FROM stp.explain_change('both', '2026-03', '2026-04', 'S12') WHERE predecessors IS NOT NULL $$,
    $$ VALUES ('boundaries', '{S1,S2}'::text[]) $$, 'a change across a boundary names it, and the predecessors');
SELECT is((SELECT count(*) FROM stp.explain_change('both', '2026-03', '2026-04', 'S12') WHERE change IS NULL AND part NOT IN ('before', 'after')), 0::bigint, 'and has all its parts');
SELECT throws_ok($$ SELECT * FROM stp.explain_change('both', '2026-03', '2026-04', 'S1') $$, '22023', '"S1" has no score in 2026-04: it ended before', 'what has ended is told');

-- A merger of trusts changes nothing by itself --------------------------------------------------------------------------

CALL stp.merge_organisations(ARRAY['A', 'B'], 'AB', '2026-05-01', 'Both');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'AB', '2026-05', 45, 100), ('seen', 'D', '2026-05', 6, 10);
UPDATE stp.scheme_node SET weight = 0 WHERE scheme = 'both' AND node = 'score';
UPDATE stp.scheme_node SET maximum_age = 0 WHERE scheme = 'both' AND node = 'seen';
SELECT is_empty($$ SELECT * FROM stp.explain_change('both', '2026-04', '2026-05', 'S12') WHERE abs(change) > 1e-12 $$, 'what both report together is what each did');
UPDATE stp.observation SET numerator = 95 WHERE organisation = 'AB' AND period = '2026-05';
SELECT results_eq($$ SELECT part, round(change::numeric, 9) FROM stp.explain_change('both', '2026-04', '2026-05', 'S12') WHERE abs(change) > 1e-12 AND depth = 1 ORDER BY place $$,
    $$ SELECT part, change FROM (VALUES ('own data', 100.0::numeric)) v (part, change) $$, 'and what is better is its own data');
DELETE FROM stp.observation WHERE period = '2026-05';

-- The past and what is published -----------------------------------------------------------------------------------

CREATE TABLE rated AS SELECT * FROM stp.assess('both', '2026-04');
CALL stp.refresh('both');
CALL stp.publish('both', '2026-04', 'before');
CREATE TABLE frozen AS SELECT * FROM stp.published_node;
CREATE TABLE moment AS SELECT clock_timestamp() AS at;
CALL stp.merge_systems(ARRAY['S12', 'S3'], 'S123', '2026-04-15', 'All', parent => 'R');
CALL stp.refresh();
SELECT results_eq($$ SELECT DISTINCT unit FROM stp.assess('both', '2026-04') $$, $$ VALUES ('S123') $$, 'after another merger there is one system');
SELECT set_eq($$ SELECT * FROM stp.assess('both', '2026-04', (SELECT at FROM moment)) $$, 'SELECT * FROM rated', 'as of then it was as it was');
SELECT set_eq($$ SELECT unit, value, restated FROM stp.assess('both', '2026-03', (SELECT at FROM moment), '2026-04-30') WHERE indicator IS NOT NULL AND unit = 'S12' $$,
    $$ VALUES ('S12', 51 / 118::float8 * 100, 1::float8), ('S12', 7, 1) $$, 'also on the map of another day');
SELECT set_eq('SELECT * FROM stp.published_node', 'SELECT * FROM frozen', 'what is published stays as it is');
SELECT set_eq($$ SELECT unit FROM stp_bi.rating WHERE scheme = 'both' $$, $$ VALUES ('S123') $$, 'those that have ended are not among the rated');
SELECT set_eq($$ SELECT unit, is_current FROM stp_bi.rating_history WHERE scheme = 'both' AND is_latest $$,
    $$ VALUES ('S123', true), ('S1', false), ('S2', false), ('S3', false) $$, 'their ratings are kept');

-- Whatever merges and splits, nothing is lost or made -------------------------------------------------------------

TRUNCATE stp.observation, stp.expected_report, stp.membership, stp.succession, stp.population, stp.organisation, stp.system CASCADE;
DELETE FROM stp.scheme WHERE scheme = 'both';
SELECT setseed(0.17);
CREATE TABLE step (day date);
INSERT INTO step SELECT (date '2020-04-01' + make_interval(months => 3 * i))::date FROM generate_series(0, 11) i;

DO $$
DECLARE
    orgs    text[] := ARRAY(SELECT 'O' || i FROM generate_series(1, 40) i);
    systems text[] := ARRAY(SELECT 'Y' || i FROM generate_series(1, 12) i);
    one text; other text; made text; made_2 text; n int := 100;
    on_day date;
BEGIN
    INSERT INTO stp.system (system, name, kind, valid_from) SELECT s, s, 'system', '2019-04-01' FROM unnest(systems) s;
    INSERT INTO stp.organisation (organisation, name) SELECT o, o FROM unnest(orgs) o;
    INSERT INTO stp.membership (organisation, system, share, valid_from)
    SELECT 'O' || i, 'Y' || 1 + (i + k * 5) % 12, CASE WHEN i % 4 = 0 THEN 0.5 ELSE 1 END, '2019-04-01'
      FROM generate_series(1, 40) i CROSS JOIN generate_series(0, 1) k WHERE k = 0 OR i % 4 = 0;
    FOR on_day IN SELECT day FROM step ORDER BY day LOOP
        n := n + 10; made := 'O' || n; made_2 := 'O' || n + 1;
        one := orgs[1 + floor(random() * cardinality(orgs))];
        other := (array_remove(orgs, one))[1 + floor(random() * (cardinality(orgs) - 1))];
        INSERT INTO stp.organisation (organisation, name) VALUES (made, made), (made_2, made_2);
        IF random() < 0.6 THEN -- two merge, one of them to live on now and then
            IF random() < 0.3 THEN made := other; END IF;
            INSERT INTO stp.succession (kind, predecessor, successor, day) SELECT 'organisation', p, made, on_day FROM unnest(ARRAY[one, other]) p WHERE p <> made;
            INSERT INTO stp.membership (organisation, system, share, valid_from) SELECT made, m.system, m.share, on_day
              FROM stp.membership m WHERE m.organisation = one AND m.valid_to IS NULL AND made <> other;
            UPDATE stp.membership SET valid_to = on_day - 1 WHERE organisation IN (one, other) AND valid_to IS NULL AND organisation <> made;
            orgs := array_remove(array_remove(orgs, one), other) || made;
        ELSE -- one splits
            INSERT INTO stp.succession (kind, predecessor, successor, day, share) VALUES ('organisation', one, made, on_day, 0.25), ('organisation', one, made_2, on_day, 0.75);
            INSERT INTO stp.membership (organisation, system, share, valid_from) SELECT c, m.system, m.share, on_day
              FROM stp.membership m CROSS JOIN unnest(ARRAY[made, made_2]) c WHERE m.organisation = one AND m.valid_to IS NULL;
            UPDATE stp.membership SET valid_to = on_day - 1 WHERE organisation = one AND valid_to IS NULL;
            orgs := array_remove(orgs, one) || made || made_2;
        END IF;
        made := 'Y' || n; made_2 := 'Y' || n + 1;
        one := systems[1 + floor(random() * cardinality(systems))];
        other := (array_remove(systems, one))[1 + floor(random() * (cardinality(systems) - 1))];
        IF random() < 0.5 THEN
            INSERT INTO stp.system (system, name, valid_from) VALUES (made, made, on_day);
            INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', one, made, on_day), ('system', other, made, on_day);
            INSERT INTO stp.membership (organisation, system, share, valid_from) SELECT m.organisation, made, sum(m.share), on_day
              FROM stp.membership m WHERE m.system IN (one, other) AND m.valid_to IS NULL GROUP BY 1;
        ELSE
            INSERT INTO stp.system (system, name, valid_from) VALUES (made, made, on_day), (made_2, made_2, on_day);
            INSERT INTO stp.succession (kind, predecessor, successor, day, share) VALUES ('system', one, made, on_day, 0.5), ('system', one, made_2, on_day, 0.5);
            INSERT INTO stp.membership (organisation, system, share, valid_from)
            SELECT m.organisation, CASE WHEN random() < 0.5 THEN made ELSE made_2 END, m.share, on_day FROM stp.membership m WHERE m.system = one AND m.valid_to IS NULL;
            other := one;
        END IF;
        DELETE FROM stp.membership WHERE system IN (one, other) AND valid_from = on_day;
        UPDATE stp.membership SET valid_to = on_day - 1 WHERE system IN (one, other) AND valid_to IS NULL;
        UPDATE stp.system SET valid_to = on_day - 1 WHERE system IN (one, other);
        systems := array_remove(array_remove(systems, one), other) || made || CASE WHEN other = one THEN ARRAY[made_2] ELSE '{}' END;
    END LOOP;
END $$;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'seen', o.organisation, p, 4 * k, 8 * k
  FROM (SELECT organisation, p, floor(random() * 1000) AS k
          FROM stp.organisation CROSS JOIN stp.periods('2020-01', '2023-06') p) o
 WHERE EXISTS (SELECT FROM stp.membership m WHERE m.organisation = o.organisation AND stp.last_day(o.p) BETWEEN m.valid_from AND coalesce(m.valid_to, 'infinity'));
SET CONSTRAINTS ALL IMMEDIATE;
CREATE TABLE figure AS SELECT s.day, f.* FROM step s CROSS JOIN LATERAL stp.system_indicator(boundaries => s.day) f;
CREATE TABLE reported AS SELECT period, sum(numerator) AS numerator, sum(denominator) AS denominator FROM stp.observation GROUP BY period;
SELECT ok((SELECT count(*) FROM figure WHERE status = 'restated') > 1000, 'many figures are on another map than their own');
SELECT is_empty($$ SELECT f.day, f.period, sum(f.numerator), r.numerator FROM figure f JOIN reported r USING (period) WHERE stp.last_day(period) <= f.day
                    GROUP BY 1, 2, r.numerator, r.denominator HAVING sum(f.numerator) <> r.numerator OR sum(f.denominator) <> r.denominator $$,
    'on the map of any later day all systems together have what was reported, to the last bit');
SELECT is_empty($$ SELECT * FROM figure WHERE value <> 50 AND denominator > 0 $$, 'what is the same everywhere is the same on any map');
SELECT is_empty($$ SELECT f.day, f.period FROM figure f JOIN reported r USING (period) WHERE stp.last_day(period) > f.day GROUP BY 1, 2, r.numerator
                   HAVING sum(f.numerator) > r.numerator OR (sum(f.numerator) < r.numerator AND bool_and(f.completeness = 1)) $$,
    'on that of an earlier one too, but for what is said to be missing');
SELECT is_empty($$ SELECT f.* FROM figure f JOIN stp.system s USING (system) WHERE f.day NOT BETWEEN s.valid_from AND coalesce(s.valid_to, 'infinity') $$,
    'systems are those of the day');

-- From one day to the next and the next is from the first to the last.
CREATE TABLE flow AS SELECT k.kind, s.day, h.* FROM (VALUES ('organisation'), ('system')) k (kind) CROSS JOIN step s CROSS JOIN LATERAL stp_internal.heirs(k.kind, s.day) h;
SELECT is_empty($$ WITH through AS (SELECT one.kind, one.day AS middle, two.day, one.code, one.valid_from, two.heir, sum(one.share * two.share) AS share
                        FROM flow one JOIN flow two ON two.kind = one.kind AND two.code = one.heir AND two.day > one.day
                         AND one.day BETWEEN two.valid_from AND two.valid_to
                       WHERE one.valid_from <= one.day AND one.is_known GROUP BY 1, 2, 3, 4, 5, 6)
    SELECT t.*, d.share FROM through t FULL JOIN flow d ON d.kind = t.kind AND d.day = t.day AND d.code = t.code AND d.valid_from = t.valid_from AND d.heir = t.heir
     WHERE t.kind IS NOT NULL AND t.share IS DISTINCT FROM d.share $$, 'restating through a day between is restating directly');
SELECT is_empty($$ SELECT kind, day, code, valid_from, sum(share) FROM flow GROUP BY 1, 2, 3, 4 HAVING abs(sum(share) - 1) > 1e-12 $$, 'and whatever a code stood for, all of it is somewhere');

-- Kept ratings follow a change of the map -----------------------------------------------------------------------------

DELETE FROM stp.observation WHERE period > '2022-06' OR period < '2021-09';
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('systems', 'Systems', 'system'), ('trusts', 'Trusts', 'organisation');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, takes) VALUES
    ('systems', 'all', NULL, 'All', NULL, NULL, DEFAULT), ('systems', 'seen', 'all', 'Seen', 'seen', 'percentile_rank', DEFAULT),
    ('systems', 'year', 'all', 'Year', 'seen', 'percentile_rank', 'rolling 12'), ('trusts', 'seen', NULL, 'Seen', 'seen', 'percentile_rank', DEFAULT);
UPDATE stp.observation SET numerator = floor(denominator * random());
CALL stp.refresh();
CREATE VIEW kept_wrong AS
SELECT p.scheme, p.period FROM stp.assessed_period p
 WHERE EXISTS (SELECT a.unit, a.node, a.value, a.score, a.rank, a.restated, a.status FROM stp.assess(p.scheme, p.period) a
               EXCEPT SELECT n.unit, n.node, n.value, n.score, n.rank, n.restated, n.status FROM stp.assessment_node n WHERE n.scheme = p.scheme AND n.period = p.period)
    OR EXISTS (SELECT h.unit, h.score_before, h.rank_before FROM stp_bi.rating_history h
                WHERE h.scheme = p.scheme AND h.period = p.period::text AND h.period_before IS NOT NULL
               EXCEPT SELECT u.unit, a.score, a.rank FROM stp.cohort(p.scheme, p.period) u
                        LEFT JOIN stp.assess(p.scheme, p.period - 1, boundaries => stp.last_day(p.period)) a ON a.unit = u.unit AND a.parent IS NULL);
SELECT is((SELECT count(*) FROM stp.assessed_period WHERE scheme IN ('systems', 'trusts')), 20::bigint, 'ratings are kept');
SELECT is_empty('SELECT * FROM kept_wrong', 'as they are');
SELECT ok((SELECT count(*) > 100 AND count(DISTINCT h.period) > 1 FROM stp_bi.rating_history h JOIN stp.assessed_period p ON p.scheme = h.scheme AND p.period::text = h.period
            WHERE p.moved AND h.rank_before IS NOT NULL), 'and what they were before, also where boundaries have moved since');
UPDATE stp.observation SET numerator = denominator - numerator WHERE period IN (SELECT p.period - 1 FROM stp.assessed_period p WHERE p.moved) AND organisation LIKE '%1%';
CALL stp.refresh();
SELECT is_empty('SELECT * FROM kept_wrong', 'which follows the reports of before');
UPDATE stp.succession SET share = CASE share WHEN 0.25 THEN 0.5 WHEN 0.75 THEN 0.5 ELSE share END
 WHERE kind = 'organisation' AND share < 1 AND day = (SELECT max(day) FROM stp.succession WHERE kind = 'organisation' AND share < 1 AND day < '2022-06-01');
CALL stp.refresh();
SELECT is_empty('SELECT * FROM kept_wrong', 'after another share of a trust');
DELETE FROM stp.succession WHERE kind = 'organisation' AND day = (SELECT max(day) FROM stp.succession WHERE kind = 'organisation' AND day < '2022-06-01');
CALL stp.refresh();
SELECT is_empty('SELECT * FROM kept_wrong', 'and after a succession has gone');
UPDATE stp.membership m SET system = (SELECT min(s.system) FROM stp.system s WHERE s.valid_to IS NULL AND s.system <> m.system)
 WHERE (m.organisation, m.system, m.valid_from) = (SELECT organisation, system, valid_from FROM stp.membership WHERE valid_to IS NULL AND share = 1 ORDER BY valid_from DESC, organisation LIMIT 1);
CALL stp.refresh();
SELECT is_empty('SELECT * FROM kept_wrong', 'and where another trust belongs');
