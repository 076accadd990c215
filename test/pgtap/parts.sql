-- The parts of changes: that they add up at every depth, by every method and mean, over whatever can happen between two periods.
SELECT plan(23);

-- Mergers of systems and of trusts, a trust that moves, one that comes and one that goes, shares, silence, suppression --------

INSERT INTO stp.system (system, name, valid_from, valid_to) SELECT 'S' || i, 'System ' || i, date '2020-04-01', CASE WHEN i < 3 THEN date '2026-02-28' END FROM generate_series(1, 8) i;
INSERT INTO stp.system (system, name, valid_from, valid_to) VALUES ('S12', 'One and two', '2026-03-01', NULL), ('NEW', 'From nothing', '2026-03-01', NULL), ('END', 'To nothing', '2020-04-01', '2026-02-28');
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'Trust ' || i FROM generate_series(1, 20) i;
INSERT INTO stp.organisation (organisation, name) VALUES ('OM', 'Merged');
BEGIN;
-- Two trusts to a system; of systems 1 and 2 all go to their successor, 17 and 18 to their own, 9 elsewhere, 20 ends.
INSERT INTO stp.membership (organisation, system, valid_from, valid_to)
SELECT 'O' || i, 'S' || (i + 1) / 2, date '2020-04-01', CASE WHEN i <= 4 OR i = 9 THEN date '2026-02-28' END FROM generate_series(1, 14) i
UNION ALL SELECT 'O' || i, 'S12', '2026-03-01', NULL FROM generate_series(1, 4) i;
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES
    ('O9', 'S6', 1, '2026-03-01', NULL), ('O15', 'S8', 0.75, '2020-04-01', NULL), ('O15', 'S7', 0.25, '2020-04-01', NULL), ('O16', 'S8', 1, '2020-04-01', NULL),
    ('O17', 'S3', 1, '2020-04-01', '2026-02-28'), ('O18', 'S3', 1, '2020-04-01', '2026-02-28'), ('OM', 'S3', 1, '2026-03-01', NULL),
    ('O19', 'NEW', 1, '2026-03-01', NULL), ('O20', 'END', 1, '2020-04-01', '2026-02-28');
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', 'S1', 'S12', '2026-03-01'), ('system', 'S2', 'S12', '2026-03-01'),
    ('organisation', 'O17', 'OM', '2026-03-01'), ('organisation', 'O18', 'OM', '2026-03-01');
COMMIT;
INSERT INTO stp.population (system, period, persons) SELECT 'S' || i, p, 1000 * i + CASE p WHEN '2025/26' THEN 0 ELSE 170 END FROM generate_series(1, 8) i, unnest(ARRAY['2025/26', '2026-03']::stp.period[]) p WHERE i > 2 OR p = '2025/26';
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator, standard, floor) VALUES
    ('seen', 'Seen', '%', 'proportion', 'higher', 100, 'reports', 70, 20), ('lost', 'Lost', '%', 'proportion', 'lower', 100, 'reports', 30, 90),
    ('admitted', 'Admitted', 'per 1,000', 'rate', 'lower', 1000, 'population', 20, 90), ('score', 'Score', '%', 'mean', 'higher', 1, 'none', 70, 20);
UPDATE stp.indicator SET minimum_completeness = 0.3, when_incomplete = 'scale up', suppressed_below = 8, expected_within = 3 WHERE indicator = 'admitted';
CREATE FUNCTION draw(VARIADIC words text[]) RETURNS int LANGUAGE sql IMMUTABLE RETURN abs(hashtext(array_to_string(words, ' ')) % 100);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value)
SELECT i.indicator, o.organisation, p, CASE WHEN i.denominator <> 'none' THEN 1 + draw(i.indicator, o.organisation, p::text) END,
       CASE WHEN i.denominator = 'reports' THEN 110 + draw('d', i.indicator, o.organisation, p::text) END,
       CASE WHEN i.denominator = 'none' THEN 1 + draw(i.indicator, o.organisation, p::text) END
  FROM stp.indicator i CROSS JOIN stp.organisation o CROSS JOIN unnest(ARRAY['2026-02', '2026-03']::stp.period[]) p
 WHERE i.indicator IN ('seen', 'lost', 'admitted', 'score') AND draw('comes', i.indicator, o.organisation, p::text) > 12
   AND (o.organisation <> 'OM' OR p = '2026-03') AND (o.organisation NOT IN ('O17', 'O18', 'O20') OR p = '2026-02') AND (o.organisation <> 'O19' OR p = '2026-03');
UPDATE stp.observation SET numerator = NULL, status = 'suppressed' WHERE indicator = 'admitted' AND organisation IN ('O5', 'O8') AND period = '2026-03';

-- Schemes of all methods and means, of two levels; and each with other weights and another mean --------------------------------

INSERT INTO stp.scheme (scheme, name, better) SELECT concat_ws(' ', m, g), 'Property', CASE WHEN m IN ('ranked', 'exponential_rank') THEN 'lower' ELSE 'higher' END
  FROM unnest('{as_is,min_max,z_score,percentile_rank,goalposts,distance_to_target,ranked,brackets,banded,exponential_rank}'::text[]) m, unnest('{arithmetic,geometric,harmonic,sum}'::text[]) g
 WHERE NOT (m = 'z_score' AND g <> 'arithmetic');
INSERT INTO stp.scheme_node (scheme, node, parent, name, aggregation, weight, decimals, minimum_coverage)
SELECT s.scheme, n.node, n.parent, n.node, CASE WHEN n.parent IS NULL THEN split_part(s.scheme, ' ', 2) WHEN s.scheme NOT LIKE 'z_score%' THEN 'arithmetic' END, n.weight,
       CASE WHEN n.parent IS NULL AND s.scheme LIKE '%geometric' THEN 2 END, n.minimum_coverage
  FROM stp.scheme s, (VALUES ('all', NULL, 1, 0), ('one', 'all', 2, 0.2), ('two', 'all', 1, 0)) n (node, parent, weight, minimum_coverage) WHERE s.name = 'Property';
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method, low, high, maximum_age)
SELECT s.scheme, n.indicator, n.parent, n.indicator, n.weight, n.indicator, m.m, l.low, l.high, 0
  FROM stp.scheme s, split_part(s.scheme, ' ', 1) m (m), (VALUES ('seen', 'one', 1), ('lost', 'one', 2), ('admitted', 'two', 3), ('score', 'two', 1)) n (indicator, parent, weight),
       LATERAL (SELECT CASE m.m WHEN 'goalposts' THEN 0 WHEN 'min_max' THEN 1 END, CASE m.m WHEN 'goalposts' THEN 110 WHEN 'min_max' THEN 100 END) l (low, high)
 WHERE s.name = 'Property' AND NOT (m.m = 'banded' AND n.indicator = 'score') AND NOT (m.m = 'as_is' AND n.indicator IN ('lost', 'admitted'));
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score)
SELECT n.scheme, n.node, b.position, b.cut, CASE i.better WHEN 'higher' THEN b.score ELSE 101 - b.score END
  FROM stp.scheme_node n JOIN stp.indicator i USING (indicator), (VALUES (1, NULL::float8, 1), (2, 20, 30), (3, 40, 65), (4, 60, 100)) b (position, cut, score) WHERE n.method = 'brackets' AND n.scheme LIKE 'brackets %';
DO $$
DECLARE
    code text;
BEGIN
    FOR code IN SELECT scheme FROM stp.scheme WHERE name = 'Property' AND scheme ~ 'arithmetic|sum|(as_is|min_max|percentile_rank|goalposts|ranked|brackets) geometric|banded harmonic' ORDER BY 1 LOOP
        CALL stp.copy_scheme(code, code || ' 2');
        UPDATE stp.scheme_node SET weight = CASE node WHEN 'one' THEN 1 WHEN 'two' THEN 4 WHEN 'lost' THEN 0.5 WHEN 'score' THEN 2 ELSE 1 END WHERE scheme = code || ' 2';
        COMMIT;
    END LOOP;
END $$;
-- The same scheme, other weights, another mean, another method, fewer leaves in one branch and other weights in the other.
CREATE TABLE pair AS
SELECT scheme, NULL AS scheme_2, 'same' AS kind FROM stp.scheme WHERE name = 'Property' AND scheme NOT LIKE '% 2'
UNION ALL SELECT scheme, scheme || ' 2', 'weights' FROM stp.scheme WHERE name = 'Property' AND scheme ~ '(arithmetic|sum)$'
UNION ALL SELECT m || ' arithmetic', m || ' geometric 2', 'mean' FROM unnest('{as_is,min_max,percentile_rank,goalposts,ranked,brackets}'::text[]) m
UNION ALL VALUES ('min_max arithmetic', 'percentile_rank arithmetic 2', 'method'), ('goalposts geometric', 'z_score arithmetic', 'method'), ('distance_to_target harmonic', 'banded harmonic 2', 'leaves'),
                 ('as_is arithmetic', 'goalposts arithmetic 2', 'leaves'), ('goalposts sum', 'exponential_rank sum 2', 'method'), ('goalposts arithmetic', 'goalposts sum 2', 'mean');
ANALYZE;
CREATE TABLE change AS SELECT p.*, c.* FROM pair p CROSS JOIN LATERAL stp.explain_change(p.scheme, '2026-02', '2026-03', NULL, p.scheme_2) c;

-- Sums ------------------------------------------------------------------------------------------------------------

SELECT is_empty($$ SELECT kind, scheme, unit FROM change GROUP BY 1, 2, 3, scheme_2 HAVING bool_and(change IS NOT NULL) FILTER (WHERE depth = 1)
    AND abs(sum(change) FILTER (WHERE depth = 1) - (max(score) FILTER (WHERE part = 'after') - max(score) FILTER (WHERE part = 'before'))) > 1e-9 $$, 'parts add up to the change');
SELECT is_empty($$ SELECT kind, scheme, unit, part FROM change GROUP BY 1, 2, 3, 4, scheme_2
    HAVING abs(coalesce(sum(change) FILTER (WHERE depth = 2), 0) - sum(change) FILTER (WHERE depth = 1)) > 1e-9 $$, 'indicators add up to the part');
SELECT is_empty($$ SELECT kind, scheme, unit, indicator FROM change WHERE part = 'own data' AND indicator IS NOT NULL GROUP BY 1, 2, 3, 4, scheme_2
    HAVING abs(coalesce(sum(change) FILTER (WHERE depth = 3), 0) - sum(change) FILTER (WHERE depth = 2)) > 1e-9 $$, 'organisations add up to the indicator');
SELECT ok(count(*) FILTER (WHERE depth = 1 AND abs(change) > 1e-6) > 1000 AND count(*) FILTER (WHERE depth = 2) > 3000 AND count(*) FILTER (WHERE depth = 3) > 1500
          AND count(DISTINCT part) FILTER (WHERE depth = 3) = 1, 'of which there are many') FROM change;
SELECT is_empty($$ SELECT * FROM change WHERE depth > 1 AND change = 0 $$, 'what did nothing is left out');
SELECT results_eq($$ SELECT DISTINCT scheme FROM change WHERE depth = 2 AND indicator IS NULL $$, $$ VALUES ('banded geometric') $$, 'every part is some indicator''s, but of a geometric mean of 1');
SELECT is_empty($$ SELECT * FROM change WHERE depth = 3 AND indicator IS NULL $$, 'which is of no organisation either');
CREATE TABLE rating AS SELECT s.scheme, p AS period, a.unit, a.score, a.rank, a.category
  FROM (SELECT scheme FROM pair UNION SELECT scheme_2 FROM pair WHERE scheme_2 IS NOT NULL) s, unnest(ARRAY['2026-02', '2026-03']::stp.period[]) p CROSS JOIN LATERAL stp.assess(s.scheme, p) a WHERE a.parent IS NULL;
SELECT is_empty($$ SELECT c.scheme, c.unit, c.score, c.rank, c.category FROM change c
    JOIN rating r ON r.unit = c.unit AND (r.scheme, r.period) = (CASE part WHEN 'before' THEN c.scheme ELSE coalesce(c.scheme_2, c.scheme) END, CASE part WHEN 'before' THEN '2026-02' ELSE '2026-03' END::stp.period)
    WHERE c.depth = 0 AND (r.score, r.rank, r.category) IS DISTINCT FROM (c.score, c.rank, c.category) $$,
    'before and after are the ratings');
SELECT results_eq($$ SELECT DISTINCT scheme, scheme_2, array_agg(unit ORDER BY unit COLLATE "C") FROM change WHERE part = 'before' GROUP BY 1, 2 ORDER BY 1, 2 $$,
    $$ SELECT scheme, scheme_2, '{END,NEW,S1,S12,S2,S3,S4,S5,S6,S7,S8}'::text[] FROM pair ORDER BY 1, 2 $$, 'every unit of either period once');
SELECT is_empty($$ (SELECT * FROM change WHERE kind = 'weights' AND part = 'method' AND abs(change) > 1e-12) UNION ALL (SELECT * FROM change WHERE kind = 'same' AND part IN ('weights', 'method') AND change <> 0) $$,
    'other weights alone are no method, and one scheme is neither');
SELECT ok((SELECT count(DISTINCT scheme) FROM change WHERE kind = 'weights' AND part = 'weights' AND abs(change) > 1e-6) > 7, 'but weights');
SELECT ok((SELECT count(*) FILTER (WHERE part = 'weights' AND abs(change) > 1e-6) > 0 AND count(*) FILTER (WHERE part = 'method' AND abs(change) > 1e-6) > 0 FROM change WHERE kind = 'leaves' AND depth = 1), 'both, where trees differ in a branch');

-- Boundaries and membership, and the way back ------------------------------------------------------------------------

SELECT results_eq($$ SELECT DISTINCT part, unit FROM change WHERE scheme = 'goalposts arithmetic' AND kind = 'same' AND part IN ('boundaries', 'membership') AND abs(change) > 1e-9 ORDER BY 1, 2 $$,
    $$ VALUES ('boundaries', 'S12'), ('membership', 'S5'), ('membership', 'S6') $$, 'by fixed bounds a merger is of who merged, and a move of whom it left and joined');
SELECT results_eq($$ SELECT DISTINCT predecessors, part FROM change WHERE predecessors IS NOT NULL AND unit = 'S12' $$, $$ VALUES ('{S1,S2}'::text[], 'boundaries') $$, 'and predecessors are of the boundaries');
SELECT is_empty($$ WITH back AS MATERIALIZED
    (SELECT p.scheme, b.* FROM pair p CROSS JOIN LATERAL stp.explain_change(p.scheme, '2026-03', '2026-02') b WHERE p.kind = 'same' AND p.scheme LIKE '%arithmetic')
    SELECT c.scheme, c.unit, c.part, c.change, b.change FROM back b JOIN change c ON c.scheme = b.scheme AND c.kind = 'same' AND c.unit = b.unit AND c.part = b.part AND c.depth = 1
    WHERE b.depth = 1 AND b.unit ~ 'S[3-8]' AND (abs(c.change + b.change) < 1e-9) IS NOT TRUE $$, 'on the way back each part is undone');

-- One unit ---------------------------------------------------------------------------------------------------------

CREATE TABLE single AS SELECT p.*, c.* FROM (SELECT * FROM pair WHERE kind IN ('method', 'leaves') OR (kind = 'same' AND scheme ~ 'ranked|banded|z_score')) p CROSS JOIN unnest('{S12,S3,S5,S8,NEW,END}'::text[]) u
  CROSS JOIN LATERAL stp.explain_change(p.scheme, '2026-02', '2026-03', u, p.scheme_2) c;
SELECT is_empty($$ SELECT * FROM single EXCEPT SELECT * FROM change $$, 'asked for by itself it is the same');
SELECT is_empty($$ SELECT c.* FROM change c JOIN single s USING (kind, scheme, unit) WHERE c.scheme_2 IS NOT DISTINCT FROM s.scheme_2 EXCEPT SELECT * FROM single $$, 'and all of it');

-- Why there is nothing ---------------------------------------------------------------------------------------------

SELECT results_eq($$ SELECT unit, part, score IS NULL, reason FROM change WHERE scheme = 'ranked arithmetic' AND kind = 'same' AND unit IN ('S1', 'NEW', 'END') AND depth = 0 ORDER BY unit, place $$,
    $$ VALUES ('END', 'before', false, NULL), ('END', 'after', true, 'it is not rated in 2026-03'), ('NEW', 'before', true, 'it is not rated in 2026-02'), ('NEW', 'after', false, NULL),
              ('S1', 'before', false, 'it ended before 2026-03; ask for what it has become: "S12"') $$, 'new and dissolved units say why there is nothing');

-- Who moved it: a proportion, people, and a mean without --------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name) VALUES ('plain', 'Plain');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method, low, high) VALUES ('plain', 'all', 'All', 'seen', 'goalposts', 0, 100);
DELETE FROM stp.observation WHERE indicator = 'seen';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('seen', 'O7', '2026-02', 50, 100), ('seen', 'O8', '2026-02', 30, 100), ('seen', 'O7', '2026-03', 80, 100), ('seen', 'O8', '2026-03', 30, 300), ('seen', 'OM', '2026-03', 70, 100), ('seen', 'O17', '2026-02', 30, 60), ('seen', 'O18', '2026-02', 20, 40);
-- 80 of 200, then 110 of 400: level 33.75%, 300 on average. O7: 30 / 300; O8: -0.3375 x 200 / 300.
SELECT results_eq($$ SELECT organisation, round(change::numeric, 9) FROM stp.explain_change('plain', '2026-02', '2026-03', 'S4') WHERE depth = 3 ORDER BY place $$, $$ VALUES ('O7', 10.0::numeric), ('O8', -22.5) $$, 'more numerator, more denominator');
SELECT results_eq($$ SELECT organisation, round(change::numeric, 9) FROM stp.explain_change('plain', '2026-02', '2026-03', 'S3') WHERE depth = 3 ORDER BY place $$, $$ VALUES ('OM', 20.0::numeric) $$, 'of a merged trust what its predecessors did is its own');

-- As it was known ---------------------------------------------------------------------------------------------------

SELECT pg_sleep(0.01);
SELECT clock_timestamp() AS then \gset
CREATE TABLE known AS SELECT * FROM stp.explain_change('min_max arithmetic', '2026-02', '2026-03');
CREATE TABLE taken_apart AS SELECT * FROM stp.explain('min_max arithmetic', '2026-03');
UPDATE stp.observation SET numerator = numerator / 2 WHERE organisation = 'O7';
BEGIN;
UPDATE stp.membership SET valid_to = '2026-01-31' WHERE organisation = 'O9' AND system = 'S5';
UPDATE stp.membership SET valid_from = '2026-02-01' WHERE organisation = 'O9' AND system = 'S6';
COMMIT;
SELECT isnt_empty($$ SELECT * FROM known EXCEPT SELECT * FROM stp.explain_change('min_max arithmetic', '2026-02', '2026-03') $$, 'what is corrected changes it');
SET stp.as_of = :'then';
SELECT results_eq($$ SELECT * FROM stp.explain_change('min_max arithmetic', '2026-02', '2026-03') $$, 'SELECT * FROM known', 'as of before it is as it was');
SELECT results_eq($$ SELECT * FROM stp.explain('min_max arithmetic', '2026-03') $$, 'SELECT * FROM taken_apart', 'and so are the ratings taken apart');
RESET stp.as_of;

SELECT * FROM finish();
