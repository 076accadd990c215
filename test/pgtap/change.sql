-- Module change: the parts of a change, against ratings of periods that mix what has changed.
SELECT plan(24);

INSERT INTO stp.system (system, name) SELECT 'S' || i, 'System ' || i FROM generate_series(1, 5) i;
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'Trust ' || i FROM generate_series(1, 10) i;
-- Two trusts to a system; trust 10 moves from system 5 to system 1 in March.
INSERT INTO stp.membership (organisation, system, valid_from, valid_to)
SELECT 'O' || i, 'S' || (i + 1) / 2, '2020-04-01', CASE i WHEN 10 THEN date '2026-02-28' END FROM generate_series(1, 10) i;
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('O10', 'S1', '2026-03-01');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) VALUES
    ('a', 'A', '%', 'proportion', 'higher', 100), ('b', 'B', '%', 'proportion', 'lower', 100);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT indicator, 'O' || i, period, abs(hashtext(indicator || i || period::text)) % 100, 100 + i
  FROM unnest(ARRAY['a', 'b']) indicator, generate_series(1, 10) i, unnest(ARRAY['2026-02', '2026-03']::stp.period[]) period;

CREATE FUNCTION make_scheme(code text, method text, weight_b float8) RETURNS void LANGUAGE sql AS $$
    INSERT INTO stp.scheme (scheme, name) VALUES (code, code);
    INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, weight, low, high) VALUES
        (code, 'overall', NULL, 'Overall', NULL, NULL, 1, NULL, NULL),
        (code, 'a', 'overall', 'A', 'a', method, 1, CASE method WHEN 'goalposts' THEN 0 END, CASE method WHEN 'goalposts' THEN 100 END),
        (code, 'b', 'overall', 'B', 'b', method, weight_b, CASE method WHEN 'goalposts' THEN 0 END, CASE method WHEN 'goalposts' THEN 100 END);
    INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES (code, 1, 'good', 50), (code, 2, 'other', NULL) $$;
SELECT make_scheme('posts', 'goalposts', 1);
SELECT make_scheme('range', 'min_max', 1);
SELECT make_scheme('heavy', 'min_max', 3);

CREATE FUNCTION score_of(scheme text, period stp.period, unit text) RETURNS float8 LANGUAGE sql
RETURN (SELECT a.score FROM stp.assess(scheme, period) a WHERE a.parent IS NULL AND a.unit = score_of.unit);
CREATE FUNCTION part_of(scheme text, unit text, part text, scheme_2 text DEFAULT NULL) RETURNS float8 LANGUAGE sql
RETURN (SELECT c.change FROM stp.explain_change(scheme, '2026-02', '2026-03', unit, scheme_2) c WHERE c.part = part_of.part AND c.depth = 1);
CREATE FUNCTION same(a float8, b float8, name text) RETURNS text LANGUAGE sql RETURN ok(abs(a - b) < 1e-9, name);

-- Ends, sums -------------------------------------------------------------------------------------------------------

CREATE TABLE explained AS
SELECT s.scheme, s.scheme_2, u.system, c.place, c.part, c.change, c.score, c.rank, c.category FROM (VALUES ('posts', NULL), ('range', NULL), ('range', 'heavy')) s (scheme, scheme_2),
       stp.system u, stp.explain_change(s.scheme, '2026-02', '2026-03', u.system, s.scheme_2) c WHERE c.depth < 2;
SELECT is((SELECT count(*) FROM explained), 3 * 5 * 9::bigint, 'nine rows for each unit');
SELECT results_eq($$ SELECT part, score, rank, category FROM stp.explain_change('range', '2026-02', '2026-03', 'S2') WHERE depth = 0 ORDER BY place $$,
    $$ (SELECT 'before', score, rank, category FROM stp.assess('range', '2026-02') WHERE parent IS NULL AND unit = 'S2')
       UNION ALL (SELECT 'after', score, rank, category FROM stp.assess('range', '2026-03') WHERE parent IS NULL AND unit = 'S2') $$, 'before and after are the ratings');
SELECT results_eq($$ SELECT score, rank, category FROM stp.explain_change('range', '2026-02', '2026-03', 'S2', 'heavy') WHERE part = 'after' $$,
    $$ SELECT score, rank, category FROM stp.assess('heavy', '2026-03') WHERE parent IS NULL AND unit = 'S2' $$, 'after is the rating by the second scheme');
SELECT is_empty($$ SELECT scheme, scheme_2, system FROM explained GROUP BY scheme, scheme_2, system
                   HAVING abs(sum(change) - (max(score) FILTER (WHERE part = 'after') - max(score) FILTER (WHERE part = 'before'))) > 1e-9
                       OR abs(max(score) FILTER (WHERE part = 'method') - max(score) FILTER (WHERE part = 'after')) > 1e-9 $$, 'the parts add up to the change');
SELECT is_empty($$ SELECT * FROM explained WHERE part IN ('weights', 'method') AND scheme = 'posts' AND change <> 0 $$, 'one scheme: nothing of it is its');
SELECT is_empty($$ SELECT * FROM explained WHERE part = 'peers'' data' AND scheme = 'posts' AND change <> 0 $$, 'fixed bounds: nothing of it is the peers''');
SELECT is_empty($$ SELECT * FROM explained WHERE part = 'membership' AND scheme = 'posts' AND (change <> 0) <> (system IN ('S1', 'S5')) $$, 'and memberships change those only who gained or lost a trust');
SELECT isnt_empty($$ SELECT * FROM explained WHERE part = 'peers'' data' AND scheme = 'range' AND change <> 0 $$, 'bounds of the cohort: peers matter');

-- Against ratings of mixed data: with equal memberships the two data parts are the mean of two orders --------------------

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT indicator, organisation, CASE WHEN own = (organisation IN ('O3', 'O4')) THEN '2025-04' ELSE '2025-05' END::stp.period, numerator, denominator
  FROM stp.observation o, unnest(ARRAY[true, false]) own WHERE period = CASE WHEN own THEN '2026-03' ELSE '2026-02' END::stp.period;
BEGIN;
DELETE FROM stp.membership WHERE organisation = 'O10' AND system = 'S1';
UPDATE stp.membership SET valid_to = NULL WHERE organisation = 'O10';
COMMIT;
-- 2025-04: own data of March, peers' of February; 2025-05 the other way round.
SELECT same(part_of('range', 'S2', 'own data'),
    ((score_of('range', '2025-04', 'S2') - score_of('range', '2026-02', 'S2')) + (score_of('range', '2026-03', 'S2') - score_of('range', '2025-05', 'S2'))) / 2,
    'own data: the mean of changing first and last');
SELECT same(part_of('range', 'S2', 'peers'' data'),
    ((score_of('range', '2025-05', 'S2') - score_of('range', '2026-02', 'S2')) + (score_of('range', '2026-03', 'S2') - score_of('range', '2025-04', 'S2'))) / 2,
    'and so the peers'' data');
SELECT same(part_of('range', 'S2', 'membership'), 0, 'nobody has moved');

-- One thing alone ---------------------------------------------------------------------------------------------------

UPDATE stp.observation o SET numerator = f.numerator, denominator = f.denominator
  FROM stp.observation f WHERE f.indicator = o.indicator AND f.organisation = o.organisation AND o.period = '2026-03' AND f.period = '2026-02';
SELECT same(part_of('range', 'S2', 'own data') + part_of('range', 'S2', 'peers'' data') + part_of('range', 'S2', 'membership'), 0, 'the same data: no change');
SELECT same(part_of('range', 'S2', 'weights', 'heavy'), score_of('heavy', '2026-03', 'S2') - score_of('range', '2026-03', 'S2'), 'other weights: all of it is theirs');
BEGIN;
UPDATE stp.membership SET valid_to = '2026-02-28' WHERE organisation = 'O10';
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('O10', 'S2', '2026-03-01');
COMMIT;
SELECT same(part_of('range', 'S2', 'membership'), score_of('range', '2026-03', 'S2') - score_of('range', '2026-02', 'S2'), 'a trust that joins: all of it is membership');
SELECT ok(abs(part_of('range', 'S2', 'membership')) > 1e-6, 'and that is something');

-- Older data: the day of the membership is that of the data, as in the rating -------------------------------------------

DELETE FROM stp.observation WHERE indicator = 'b' AND period = '2026-03';
SELECT is_empty($$ SELECT u.system FROM stp.system u, LATERAL (SELECT sum(change) FILTER (WHERE depth = 1) AS change, max(score) FILTER (WHERE part = 'after') - max(score) FILTER (WHERE part = 'before') AS whole,
                     max(score) FILTER (WHERE part = 'after') AS after FROM stp.explain_change('range', '2026-02', '2026-03', u.system)) c
                    WHERE abs(change - whole) > 1e-9 OR after IS DISTINCT FROM score_of('range', '2026-03', u.system) $$, 'the parts still add up to the ratings');

-- Who comes and goes ---------------------------------------------------------------------------------------------------

UPDATE stp.system SET valid_to = '2026-02-28' WHERE system = 'S4';
SELECT results_eq($$ SELECT part, change IS NULL, score IS NULL FROM stp.explain_change('range', '2026-02', '2026-03', 'S4') ORDER BY place $$,
    $$ VALUES ('before', true, false), ('own data', true, true), ('peers'' data', true, true), ('reporting', true, true), ('boundaries', true, true), ('membership', true, true), ('weights', true, true), ('method', true, true), ('after', true, true) $$,
    'a system that is no more has a score before, and no parts');
SELECT results_eq($$ SELECT unit, part, abs(change) > 1e-9 FROM unnest(ARRAY['2026-02', '2026-03']) p, stp.explain_change('range', p, CASE p WHEN '2026-02' THEN '2026-03' ELSE '2026-02' END) WHERE unit = 'S5' AND part IN ('boundaries', 'membership') AND depth = 1 $$,
    $$ VALUES ('S5', 'boundaries', false), ('S5', 'membership', true), ('S5', 'membership', true), ('S5', 'boundaries', false) $$, 'without succession all is membership, there and back');
SELECT throws_ok($$ SELECT * FROM stp.explain_change('range', '2026-03', '2026-04', 'S4') $$, '22023', '"S4" has no score in either period', 'none in either period is an error');
SELECT is((SELECT count(*) FROM stp.explain_change('range', NULL, '2026-03', 'S1')), 0::bigint, 'NULL asks nothing');

-- Organisations as units -----------------------------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name, rates) VALUES ('trusts', 'Trusts', 'organisation');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('trusts', 'a', 'A', 'a', 'percentile_rank');
UPDATE stp.observation SET numerator = numerator / 2 WHERE organisation = 'O1' AND period = '2026-03';
SELECT same(part_of('trusts', 'O1', 'own data'), score_of('trusts', '2026-03', 'O1') - score_of('trusts', '2026-02', 'O1'), 'a trust''s own data');
SELECT same(part_of('trusts', 'O1', 'own data', 'trusts'), part_of('trusts', 'O1', 'own data'), 'naming the same scheme twice changes nothing');

-- Where missing weight goes, and on which scale, is method -----------------------------------------------------------------

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('c', 'C', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('c', 'O1', '2026-02', 1), ('c', 'O5', '2026-02', 2);
INSERT INTO stp.scheme (scheme, name) VALUES ('deep', 'Deep');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('deep', 'overall', NULL, 'Overall', NULL, NULL), ('deep', 'pair', 'overall', 'Pair', NULL, NULL),
    ('deep', 'a', 'pair', 'A', 'a', 'min_max'), ('deep', 'c', 'pair', 'C', 'c', 'min_max'), ('deep', 'b', 'overall', 'B', 'b', 'min_max');
CALL stp.copy_scheme('deep', 'shared');
UPDATE stp.scheme SET missing_weight = 'overall' WHERE scheme = 'shared';
CALL stp.copy_scheme('deep', 'ranked');
BEGIN;
UPDATE stp.scheme_node SET rescale = true WHERE scheme = 'ranked' AND node = 'overall';
UPDATE stp.scheme_node SET method = 'ranked' WHERE scheme = 'ranked' AND parent = 'pair';
COMMIT;
SELECT results_eq($$ SELECT s, part, round(change::numeric, 9) FROM unnest('{shared,ranked}'::text[]) s, stp.explain_change('deep', '2026-02', '2026-02', 'S2', s) WHERE depth = 1 ORDER BY s, place $$,
    $$ SELECT s, p, CASE WHEN number = 7 THEN round((score_of(s, '2026-02', 'S2') - score_of('deep', '2026-02', 'S2'))::numeric, 9) ELSE 0 END
         FROM unnest('{shared,ranked}'::text[]) s, unnest(ARRAY['own data', 'peers'' data', 'reporting', 'boundaries', 'membership', 'weights', 'method']) WITH ORDINALITY p (p, number) ORDER BY s, number $$,
    'from one way to the other, on the same data: all of it is method');
SELECT is((SELECT count(*) FROM unnest('{shared,ranked}'::text[]) s WHERE abs(score_of(s, '2026-02', 'S2') - score_of('deep', '2026-02', 'S2')) > 1e-6), 2::bigint, 'and that is something');

SELECT * FROM finish();
