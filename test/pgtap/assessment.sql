-- Module assessment: against COINr, against SQL written by hand for the published figures, and at the edges.
SELECT plan(75);

CREATE FUNCTION close_to(ours float8, expected float8) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= 1e-9 * greatest(abs(expected), 1e-300), false);

-- COINr: 42 systems, 17 indicators in 4 domains, mixed directions, missing cells ----------------------------------

CREATE TABLE meta (node text PRIMARY KEY, parent text, level int, type text, direction int, weight float8);
CREATE TABLE raw (unit text, node text, value float8);
CREATE TABLE normalised (variant text, unit text, node text, score float8);
CREATE TABLE expected (variant text, unit text, node text, score float8, rank int);
CREATE TABLE effective (node text, level int, weight float8, effective float8);
\copy meta FROM 'test/fixtures/composite/meta.csv' (FORMAT csv, HEADER)
\copy raw FROM 'test/fixtures/composite/raw_long.csv' (FORMAT csv, HEADER)
\copy normalised FROM 'test/fixtures/composite/normalised_long.csv' (FORMAT csv, HEADER)
\copy expected FROM 'test/fixtures/composite/scores_long.csv' (FORMAT csv, HEADER)
\copy effective FROM 'test/fixtures/composite/effective_weights.csv' (FORMAT csv, HEADER)

INSERT INTO stp.system (system, name) SELECT DISTINCT unit, unit FROM raw;
INSERT INTO stp.organisation (organisation, name) SELECT DISTINCT unit, unit FROM raw;
INSERT INTO stp.membership (organisation, system) SELECT DISTINCT unit, unit FROM raw;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator)
SELECT node, node, 'x', 'mean', CASE direction WHEN 1 THEN 'higher' ELSE 'lower' END, 'none' FROM meta WHERE level = 1;
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT node, unit, '2016/17', value FROM raw WHERE value IS NOT NULL;
INSERT INTO stp.scheme (scheme, name) VALUES ('minmax_amean', 'Min-max'), ('prank_amean', 'Percentile rank');
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method)
SELECT scheme, node, parent, node, weight, CASE level WHEN 1 THEN node END,
       CASE level WHEN 1 THEN CASE scheme WHEN 'minmax_amean' THEN 'min_max' ELSE 'percentile_rank' END END
  FROM meta, stp.scheme WHERE NOT builtin;
-- COINr's percentile ranks go to 1, ours to 100.
CREATE TABLE assessed AS
SELECT scheme AS variant, CASE scheme WHEN 'prank_amean' THEN 0.01 ELSE 1 END AS one, a.*
  FROM stp.scheme s, stp.assess(s.scheme, '2016/17') a WHERE NOT s.builtin;

SELECT is((SELECT count(*) FROM assessed), 2 * 42 * 22::bigint, 'a row for every system and node');
SELECT is_empty($$ SELECT * FROM assessed a FULL JOIN normalised n ON (a.variant, a.unit, a.node) = (n.variant, n.unit, n.node)
                    WHERE (a.indicator IS NOT NULL OR n IS NOT NULL) AND NOT close_to(a.score * one, n.score) $$,
                'every normalised score is COINr''s');
SELECT is_empty($$ SELECT * FROM expected e LEFT JOIN assessed a ON (a.variant, a.unit, a.node) = (e.variant, e.unit, e.node)
                    WHERE NOT close_to(a.score * one, e.score) $$, 'every domain and overall score is COINr''s');
SELECT is_empty($$ SELECT * FROM expected e JOIN assessed a ON (a.variant, a.unit, a.node) = (e.variant, e.unit, e.node)
                    WHERE a.rank <> e.rank $$, 'every rank is COINr''s');
SELECT is_empty($$ SELECT * FROM effective e LEFT JOIN assessed a USING (node) WHERE NOT close_to(a.weight, e.effective) $$,
                'every nominal weight is COINr''s');

-- What must hold of any rating.
CREATE FUNCTION explanation_faults(rows text) RETURNS TABLE (fault text, unit text, node text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT 'leaves do not add up', a.unit, max(a.node) FILTER (WHERE parent IS NULL) FROM %1$s a GROUP BY a.unit
        HAVING NOT close_to(sum(contribution) FILTER (WHERE indicator IS NOT NULL), max(score) FILTER (WHERE parent IS NULL))
        UNION ALL
        SELECT 'children do not add up', p.unit, p.node FROM %1$s p JOIN %1$s c ON c.unit = p.unit AND c.parent = p.node
         GROUP BY p.unit, p.node, p.contribution HAVING NOT close_to(sum(c.contribution), p.contribution)
        UNION ALL
        SELECT 'effective weights do not sum to 1', a.unit, NULL FROM %1$s a WHERE a.indicator IS NOT NULL
         GROUP BY a.unit HAVING NOT close_to(sum(effective_weight), 1)
        UNION ALL
        SELECT 'nominal weights do not sum to 1', a.unit, NULL FROM %1$s a
         WHERE NOT EXISTS (SELECT FROM %1$s c WHERE c.unit = a.unit AND c.parent = a.node)
         GROUP BY a.unit HAVING NOT close_to(sum(weight), 1)
        UNION ALL
        SELECT 'coverage is not the weight of the leaves present', a.unit, a.node FROM %1$s a
          JOIN (SELECT l.unit, sum(l.weight) AS present FROM %1$s l WHERE l.indicator IS NOT NULL AND l.score IS NOT NULL GROUP BY l.unit) l
         USING (unit) WHERE a.parent IS NULL AND NOT close_to(a.coverage, l.present)
        UNION ALL
        SELECT 'status and score disagree', a.unit, a.node FROM %1$s a
         WHERE (a.status IN ('ok', 'partial')) <> (a.score IS NOT NULL) OR (a.status = 'ok') <> (a.score IS NOT NULL AND a.coverage > 1 - 1e-12)
    $q$, rows);
END $$;
CREATE VIEW minmax AS SELECT * FROM assessed WHERE variant = 'minmax_amean';
SELECT is_empty($$ SELECT * FROM explanation_faults('minmax') $$, 'COINr''s rating can be taken apart, with its missing cells');
SELECT ok((SELECT count(*) > 0 FROM minmax WHERE parent IS NULL AND status = 'partial'), 'which are there');

-- The demonstration: 42 systems from published figures ----------------------------------------------------------

DELETE FROM stp.scheme WHERE NOT builtin;
TRUNCATE stp.observation, stp.membership, stp.organisation, stp.system, stp.population CASCADE;
\i demo/load.sql
CREATE TABLE demo AS SELECT * FROM stp.assess('stp-2026', '2026-03');

SELECT is((SELECT count(*) FROM demo WHERE parent IS NULL), 42::bigint, '42 systems are rated');
SELECT is_empty($$ SELECT * FROM explanation_faults('demo') $$, 'and every rating can be taken apart');
SELECT is_empty('SELECT * FROM stp.unassigned_observation', 'every report counts somewhere');

-- The same rating by hand: values from reports, percentile ranks by PostgreSQL's own percent_rank().
CREATE VIEW by_hand AS
WITH leaf AS (
    SELECT m.system, o.indicator, i.better,
           CASE i.denominator WHEN 'reports' THEN sum(o.numerator * m.share::float8) / sum(o.denominator * m.share::float8)
                              WHEN 'population' THEN sum(o.numerator * m.share::float8) / max(p.persons)
                              ELSE sum(o.value * m.share::float8) / sum(m.share::float8) END AS value
      FROM stp.observation o JOIN stp.membership m USING (organisation) JOIN stp.indicator i USING (indicator)
      JOIN stp.population p USING (system)
     GROUP BY m.system, o.indicator, i.better, i.denominator
), scored AS (
    SELECT l.*, n.parent AS area,
           100 * percent_rank() OVER (PARTITION BY l.indicator ORDER BY round((CASE better WHEN 'higher' THEN value ELSE -value END)::numeric, 10)) AS score
      FROM leaf l JOIN stp.scheme_node n ON n.scheme = 'stp-2026' AND n.indicator = l.indicator
), weighed AS (
    -- Of an area the scheme's share, in equal parts; what is missing is shared out over all that is there.
    SELECT s.system, s.indicator, s.score,
           CASE s.area WHEN 'finance' THEN 20 WHEN 'leadership' THEN 20 WHEN 'prevention' THEN 20 ELSE 40 / 6.0 END::float8
               / (SELECT count(*) FROM stp.scheme_node n WHERE n.scheme = 'stp-2026' AND n.parent = s.area) AS weight
      FROM scored s
)
SELECT system, indicator, score, weight / sum(weight) OVER (PARTITION BY system) AS weight FROM weighed;
CREATE TABLE overall_by_hand AS SELECT system, sum(score * weight) AS score FROM by_hand GROUP BY system;
SELECT is_empty($$ SELECT * FROM demo d FULL JOIN overall_by_hand h ON h.system = d.unit WHERE coalesce(d.parent IS NULL, true) AND NOT close_to(d.score, h.score) $$,
                'the scores are those of SQL written by hand');
SELECT is_empty($$ SELECT * FROM demo d FULL JOIN by_hand h ON (h.system, h.indicator) = (d.unit, d.indicator)
                    WHERE coalesce(d.indicator IS NOT NULL, true) AND NOT (close_to(d.effective_weight, coalesce(h.weight, 0)) AND close_to(d.contribution, h.score * h.weight)) $$,
                'and so are the weights and parts of every indicator');
SELECT results_eq($$ SELECT node, round(effective_weight::numeric, 9) FROM demo WHERE unit = 'QWO' AND depth = 2 AND coverage > 0 ORDER BY node $$,
    $$ SELECT node, round(weight / 13.0, 9) FROM (VALUES ('cancer', 1), ('elective_care', 1), ('emergency_care', 1), ('finance', 3), ('leadership', 3), ('prevention', 3), ('safety', 1)) a (node, weight) $$,
    'with two areas missing three weigh 3/13 and four 1/13');
SELECT is_empty($$ SELECT * FROM (SELECT d.unit, d.rank, rank() OVER (ORDER BY round(h.score::numeric, 9) DESC) AS by_hand
                                    FROM demo d JOIN overall_by_hand h ON h.system = d.unit WHERE parent IS NULL) r WHERE rank <> by_hand $$, 'and so are the ranks');
SELECT is_empty($$ SELECT * FROM demo WHERE parent IS NULL AND category IS DISTINCT FROM
                     CASE WHEN score >= 60 THEN 'Outstanding' WHEN score >= 50 THEN 'Advanced' WHEN score >= 40 THEN 'Making progress'
                          ELSE 'Needs most improvement' END $$, 'the categories follow the cuts');
SELECT is_empty($$ SELECT * FROM demo WHERE node IN ('general_practice', 'mental_health') AND (status, coverage, effective_weight) <> ('no data', 0, 0) $$,
                'areas without an indicator stay in the tree, empty');
SELECT is((SELECT max(coverage) FROM demo WHERE parent IS NULL), 13 / 15::float8, 'and the coverage shows it');
SELECT results_eq($$ SELECT DISTINCT value_period FROM demo WHERE node IN ('variance_to_plan_pct', 'ae_within_4_hours') ORDER BY 1 $$,
                  $$ VALUES (stp.period '2025/26 Q3'), ('2026-03') $$, 'each leaf says which period it took');
SELECT results_eq($$ SELECT node, round(weight::numeric, 9) FROM demo WHERE unit = 'QWO' AND node IN ('finance', 'leadership', 'prevention', 'cancer', 'mental_health') ORDER BY 1 $$,
                  $$ VALUES ('cancer', 0.066666667), ('finance', 0.2), ('leadership', 0.2), ('mental_health', 0.066666667), ('prevention', 0.2) $$,
                  'finance, leadership and prevention weigh 20% each, the other six areas 40% together');
SELECT results_eq($$ SELECT peer_group, node, parent, depth, place, name, indicator, value, unit_of_measure, value_period, organisations, score, weight,
                            effective_weight, contribution, coverage, rank, category, override, status FROM demo WHERE unit = 'QWO' ORDER BY place $$,
                  $$ SELECT peer_group, node, parent, depth, place, name, indicator, value, unit_of_measure, value_period, organisations, score, weight,
                            effective_weight, contribution, coverage, rank, category, override, status FROM stp.explain('stp-2026', '2026-03', 'QWO') $$, 'stp.explain() gives the rows of one system, in the order of the tree');
SELECT results_eq($$ SELECT * FROM stp.explain('stp-2026', '2026-03') $$,
    $$ SELECT e.* FROM stp.cohort('stp-2026', '2026-03') WITH ORDINALITY c (unit, peer_group, n), LATERAL stp.explain('stp-2026', '2026-03', c.unit) e ORDER BY c.n, e.place $$,
    'of all units it gives what it does of each, in the order of the cohort');
SELECT results_eq($$ SELECT * FROM stp.explain('nof-2025-26', '2026-03') $$,
    $$ SELECT e.* FROM stp.cohort('nof-2025-26', '2026-03') WITH ORDINALITY c (unit, peer_group, n), LATERAL stp.explain('nof-2025-26', '2026-03', c.unit) e ORDER BY c.n, e.place $$,
    'also by peer group');
SELECT is_empty($$ SELECT * FROM stp.explain(NULL, '2026-03') $$, 'NULL is no scheme');

-- Charts are drawn for who looks at them.
CREATE FUNCTION pg_temp.planned(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN ' || query; END $$;
SELECT ok(bool_or(p ~ 'node_movements'), 'a movement needs charts') FROM pg_temp.planned($$ SELECT movement FROM stp.explain('stp-2026', '2026-03') $$) p;
SELECT ok(NOT bool_or(p ~ 'node_movements'), 'nothing else does') FROM pg_temp.planned($$ SELECT unit, score, needed_value FROM stp.explain('stp-2026', '2026-03') $$) p;
SELECT is_empty($$ SELECT * FROM stp_internal.node_movements('stp-2026', '{nowhere}', '{2026-03}', '{QWO}') $$, 'what is no node has no movement');
SELECT throws_ok($$ SELECT * FROM stp_internal.node_movements('stp-2026', '{overall,overall}', '{2026-03}', '{QWO}') $$, '22023', '2 nodes have 1 periods');
SELECT is((SELECT count(*) FROM stp.assess('stp-2026', '2027-04') WHERE parent IS NULL AND status = 'no data'), 42::bigint,
          'thirteen months on, the figures are too old');
SELECT is((SELECT count(*) FROM stp.assess('stp-2026', '2026-02') WHERE indicator IS NOT NULL AND value IS NOT NULL
                                                                    AND node NOT IN ('variance_to_plan_pct', 'planned_surplus_pct')), 0::bigint,
          'a month before, they are not known');
SELECT is((SELECT count(*) FROM stp.assess('stp-2026', '2020-03')), 0::bigint, 'before the systems existed, nobody is rated');

-- Regions from the same reports.
CALL stp.copy_scheme('stp-2026', 'regions');
UPDATE stp.scheme SET rates = 'region' WHERE scheme = 'regions';
SELECT is((SELECT count(*) FROM stp.assess('regions', '2026-03') WHERE parent IS NULL AND score IS NOT NULL), 7::bigint, 'a scheme can rate the seven regions');

-- Every method and aggregation, on figures that fit on a page ----------------------------------------------------

INSERT INTO stp.system (system, name, kind) SELECT 'P' || i, 'Place', 'place' FROM generate_series(1, 4) i;
INSERT INTO stp.organisation (organisation, name) SELECT 'P' || i, 'Trust' FROM generate_series(1, 4) i;
INSERT INTO stp.membership (organisation, system) SELECT 'P' || i, 'P' || i FROM generate_series(1, 4) i;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, standard, floor) VALUES
    ('up', 'Up', 'x', 'mean', 'higher', 'none', 40, NULL), ('down', 'Down', 'x', 'mean', 'lower', 'none', NULL, NULL),
    ('same', 'Same', 'x', 'mean', 'higher', 'none', NULL, NULL), ('neutral', 'Neutral', 'x', 'mean', 'neutral', 'none', NULL, NULL);
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES
    ('up', 'P1', '2026-03', 10), ('up', 'P2', '2026-03', 20), ('up', 'P3', '2026-03', 20), ('up', 'P4', '2026-03', 50),
    ('down', 'P1', '2026-03', 1), ('down', 'P2', '2026-03', 2), ('down', 'P3', '2026-03', 4),
    ('same', 'P1', '2026-03', 7), ('same', 'P2', '2026-03', 7), ('same', 'P3', '2026-03', 7),
    ('neutral', 'P1', '2026-03', -3), ('neutral', 'P2', '2026-03', 0), ('neutral', 'P3', '2026-03', 3);
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('page', 'On a page', 'place');
INSERT INTO stp.scheme_node (scheme, node, parent, name) VALUES ('page', 'all', NULL, 'All');
-- One scale is combined, the others are looked at.
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, indicator, method, low, high) VALUES
    ('page', 'as_is', 'all', 1, 'x', 0, 'neutral', 'as_is', NULL, NULL),
    ('page', 'min_max', 'all', 2, 'x', 1, 'down', 'min_max', NULL, NULL),
    ('page', 'min_max_1_10', 'all', 3, 'x', 0, 'up', 'min_max', 1, 10),
    ('page', 'z_score', 'all', 4, 'x', 0, 'down', 'z_score', NULL, NULL),
    ('page', 'percentile_rank', 'all', 5, 'x', 1, 'up', 'percentile_rank', NULL, NULL),
    ('page', 'default', 'all', 6, 'x', 1, 'down', NULL, NULL, NULL),
    ('page', 'goalposts', 'all', 7, 'x', 1, 'up', 'goalposts', 0, 40),
    ('page', 'distance', 'all', 8, 'x', 1, 'up', 'distance_to_target', NULL, NULL),
    ('page', 'distance_from_0', 'all', 9, 'x', 1, 'up', 'distance_to_target', 0, NULL),
    ('page', 'ranked', 'all', 10, 'x', 0, 'up', 'ranked', NULL, NULL),
    ('page', 'constant', 'all', 11, 'x', 1, 'same', 'percentile_rank', NULL, NULL);
SELECT results_eq($$ SELECT node, array_agg(round(score::numeric, 4)::float8 ORDER BY unit) FROM stp.assess('page', '2026-03') WHERE indicator IS NOT NULL GROUP BY node, place ORDER BY place $$,
    $$ VALUES ('as_is', ARRAY[-3, 0, 3, NULL]::float8[]), ('min_max', ARRAY[100, 66.6667, 0, NULL]), ('min_max_1_10', ARRAY[1, 3.25, 3.25, 10]),
              ('z_score', ARRAY[0.8729, 0.2182, -1.0911, NULL]), ('percentile_rank', ARRAY[0, 33.3333, 33.3333, 100]), ('default', ARRAY[100, 50, 0, NULL]),
              ('goalposts', ARRAY[25, 50, 50, 100]), ('distance', ARRAY[0, 33.3333, 33.3333, 100]), ('distance_from_0', ARRAY[25, 50, 50, 100]),
              ('ranked', ARRAY[4, 2, 2, 1]), ('constant', ARRAY[NULL, NULL, NULL, NULL]::float8[]) $$, 'every method');
SELECT results_eq($$ SELECT unit, status, value FROM stp.assess('page', '2026-03') WHERE node = 'constant' ORDER BY unit $$,
    $$ VALUES ('P1', 'constant cohort', 7::float8), ('P2', 'constant cohort', 7), ('P3', 'constant cohort', 7), ('P4', 'no data', NULL) $$,
    'a constant cohort is NULL and says so');
SELECT results_eq($$ SELECT unit, rank FROM stp.assess('page', '2026-03') WHERE node = 'min_max_1_10' ORDER BY unit $$,
    $$ VALUES ('P1', 4), ('P2', 2), ('P3', 2), ('P4', 1) $$, 'ties share the best rank');

DELETE FROM stp.scheme_node WHERE scheme = 'page' AND node NOT IN ('all', 'min_max_1_10', 'min_max');
UPDATE stp.scheme_node SET weight = CASE node WHEN 'min_max_1_10' THEN 3 ELSE 1 END, low = 1, high = 10 WHERE scheme = 'page' AND parent = 'all';
CREATE FUNCTION aggregate_by(how text) RETURNS TABLE (system text, score numeric, coverage float8, status text) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stp.scheme_node SET aggregation = how WHERE scheme = 'page' AND node = 'all';
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN QUERY SELECT a.unit, round(a.score::numeric, 9), a.coverage, a.status FROM stp.assess('page', '2026-03') a WHERE a.parent IS NULL ORDER BY 1;
END $$;
SELECT results_eq($$ SELECT * FROM aggregate_by('arithmetic') $$,
    $$ VALUES ('P1', (10 + 3 * 1) / 4.0, 1::float8, 'ok'), ('P2', (7 + 3 * 3.25) / 4, 1, 'ok'), ('P3', (1 + 3 * 3.25) / 4, 1, 'ok'), ('P4', 10, 0.75, 'partial') $$, 'arithmetic mean');
SELECT results_eq($$ SELECT * FROM aggregate_by('geometric') $$,
    $$ VALUES ('P1', round(10 ^ 0.25, 9), 1::float8, 'ok'), ('P2', round(7 ^ 0.25 * 3.25 ^ 0.75, 9), 1, 'ok'), ('P3', round(3.25 ^ 0.75, 9), 1, 'ok'), ('P4', 10, 0.75, 'partial') $$, 'geometric mean');
CREATE TABLE geometric AS SELECT * FROM stp.assess('page', '2026-03');
SELECT is_empty($$ SELECT * FROM explanation_faults('geometric') $$, 'a geometric mean is taken apart on the log scale');
SELECT is((SELECT contribution FROM geometric WHERE unit = 'P2' AND node = 'min_max') / (SELECT contribution FROM geometric WHERE unit = 'P2' AND parent IS NULL),
          0.25 * ln(7::float8) / (0.25 * ln(7::float8) + 0.75 * ln(3.25::float8)), 'each part in proportion to weight x ln(score)');
SELECT results_eq($$ SELECT * FROM aggregate_by('harmonic') $$,
    $$ VALUES ('P1', round(4 / (1 / 10.0 + 3), 9), 1::float8, 'ok'), ('P2', round(4 / (1 / 7.0 + 3 / 3.25), 9), 1, 'ok'), ('P3', round(4 / (1 + 3 / 3.25), 9), 1, 'ok'), ('P4', 10, 0.75, 'partial') $$, 'harmonic mean');
CREATE TABLE harmonic AS SELECT * FROM stp.assess('page', '2026-03');
SELECT is_empty($$ SELECT * FROM explanation_faults('harmonic') $$, 'a harmonic mean is taken apart too');
SELECT results_eq($$ SELECT * FROM aggregate_by('sum') $$,
    $$ VALUES ('P1', 10 + 3 * 1.0, 1::float8, 'ok'), ('P2', 7 + 3 * 3.25, 1, 'ok'), ('P3', 1 + 3 * 3.25, 1, 'ok'), ('P4', 4 * 10, 0.75, 'partial') $$, 'a sum, to which what is missing counts as what is present');
CREATE TABLE summed AS SELECT * FROM stp.assess('page', '2026-03');
SELECT is_empty($$ SELECT * FROM explanation_faults('summed') $$, 'it is taken apart by weight and score');
SELECT results_eq($$ SELECT scale_low, scale_high FROM stp.scheme_tree('page') WHERE parent IS NULL $$, $$ VALUES (4::float8, 40::float8) $$, 'and is on the scale of its children times their weights');
UPDATE stp.scheme_node SET low = 0 WHERE scheme = 'page' AND parent = 'all';
SELECT results_eq($$ SELECT system, score, status FROM aggregate_by('geometric') WHERE system = 'P3' $$, $$ VALUES ('P3', NULL::numeric, 'undefined mean') $$,
    'a geometric mean over a score of 0 is NULL and says why');
UPDATE stp.scheme_node SET minimum_coverage = 0.75 WHERE scheme = 'page' AND node = 'all';
SELECT results_eq($$ SELECT score, status FROM aggregate_by('arithmetic') WHERE system = 'P4' $$, $$ VALUES (10::numeric, 'partial') $$, 'coverage that is just enough');
UPDATE stp.scheme_node SET minimum_coverage = 0.76 WHERE scheme = 'page' AND node = 'all';
SELECT results_eq($$ SELECT score, coverage, status FROM aggregate_by('arithmetic') WHERE system = 'P4' $$, $$ VALUES (NULL::numeric, 0.75::float8, 'low coverage') $$,
    'coverage that is not');

-- Scores on different scales, brought to one ----------------------------------------------------------------------

-- up: 10, 20, 20, 50; down: 1, 2, 4. Ranked 1 to 4 (lower is better), steps 0 to 2, min-max 0 to 100, and a scale that is declared.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('segment', 'Segment', '1-4', 'mean', 'lower', 'none');
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('segment', 'P1', '2026-03', 1), ('segment', 'P2', '2026-03', 2), ('segment', 'P4', '2026-03', 4);
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('scales', 'Scales', 'place');
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method, low, high, rescale) VALUES
    ('scales', 'all', NULL, 'All', 1, NULL, NULL, NULL, NULL, true),
    ('scales', 'segments', 'all', 'Segments', 3, NULL, NULL, NULL, NULL, false),
    ('scales', 'ranked', 'segments', 'Ranked', 1, 'up', 'ranked', NULL, NULL, false),
    ('scales', 'given', 'segments', 'Given', 1, 'segment', 'as_is', 1, 4, false),
    ('scales', 'steps', 'all', 'Steps', 2, 'down', 'brackets', NULL, NULL, false),
    ('scales', 'range', 'all', 'Range', 1, 'down', 'min_max', NULL, NULL, false),
    ('scales', 'z', 'all', 'Looked at', 0, 'down', 'z_score', NULL, NULL, false);
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('scales', 'steps', 1, NULL, 2), ('scales', 'steps', 2, 2, 1), ('scales', 'steps', 3, 4, 0);
INSERT INTO stp.scheme_node_category (scheme, node, position, category, cut) VALUES ('scales', 'segments', 1, 'best', 1.5), ('scales', 'segments', 2, 'fair', 2.5), ('scales', 'segments', 3, 'poor', NULL);
SET CONSTRAINTS ALL IMMEDIATE;
SELECT results_eq($$ SELECT node, scale_low, scale_high, scale_better FROM stp.scheme_tree('scales') ORDER BY node $$,
    $$ VALUES ('all', 0::float8, 100::float8, 'higher'), ('given', 1, 4, 'lower'), ('range', 0, 100, 'higher'), ('ranked', 1, 4, 'lower'), ('segments', 1, 4, 'lower'),
              ('steps', 0, 2, 'higher'), ('z', NULL, NULL, 'higher') $$, 'the tree says on which scale each node is scored');
CREATE VIEW scales_by_hand AS
SELECT u AS unit, CASE WHEN g IS NULL THEN r ELSE (r + g) / 2 END AS segments, 100 * (4 - CASE WHEN g IS NULL THEN r ELSE (r + g) / 2 END) / 3 AS a, 100 * s / 2 AS b, m AS c
  FROM (VALUES ('P1', 4::float8, 1::float8, 2::float8, 100::float8), ('P2', 2, 2, 1, 100 * 2 / 3.0), ('P3', 2, NULL, 0, 0), ('P4', 1, 4, NULL, NULL)) v (u, r, g, s, m);
CREATE TABLE scales AS SELECT * FROM stp.assess('scales', '2026-03');
SELECT is_empty($$ SELECT * FROM scales s FULL JOIN scales_by_hand h USING (unit) WHERE s.parent IS NULL AND NOT close_to(s.score,
    (3 * a + coalesce(2 * b + c, 0)) / CASE WHEN b IS NULL THEN 3 ELSE 6 END) $$, 'the best end of each scale is 100, the worst 0');
SELECT is_empty($$ SELECT * FROM scales s FULL JOIN scales_by_hand h USING (unit) WHERE s.node = 'segments' AND NOT close_to(s.score, h.segments) $$, 'a node below keeps its own scale');
SELECT is_empty($$ SELECT * FROM explanation_faults('scales') $$, 'the parts add up');
SELECT is_empty($$ SELECT * FROM scales s JOIN scales_by_hand h USING (unit) WHERE s.node = 'segments' AND NOT close_to(s.contribution, s.effective_weight * h.a) $$,
    'each part is what the score is worth on the scale it was brought to');
SELECT results_eq($$ SELECT unit, rank, category FROM scales WHERE node = 'segments' ORDER BY unit $$, $$ VALUES ('P1', 3, 'fair'), ('P2', 1, 'fair'), ('P3', 1, 'fair'), ('P4', 3, 'fair') $$,
    'ranks and categories of a node go the way its own scores do');
SELECT results_eq($$ SELECT rank FROM stp.assess('scales', '2026-03') WHERE parent IS NULL ORDER BY score DESC $$, 'VALUES (1), (2), (3), (4)', 'those of the whole the way of the scheme');
UPDATE stp.scheme_node SET decimals = 1 WHERE scheme = 'scales' AND indicator IS NULL;
CREATE TABLE rounded AS SELECT * FROM stp.assess('scales', '2026-03');
SELECT is_empty($$ SELECT * FROM explanation_faults('rounded') $$, 'the parts of rounded scores too');
UPDATE stp.scheme_node SET aggregation = 'harmonic', decimals = NULL WHERE scheme = 'scales' AND node = 'all';
CREATE TABLE harmonic_scales AS SELECT * FROM stp.assess('scales', '2026-03') WHERE unit = 'P2';
SELECT is_empty($$ SELECT * FROM explanation_faults('harmonic_scales') $$, 'those of a harmonic mean too');
SELECT is_empty($$ SELECT * FROM harmonic_scales s JOIN scales_by_hand h USING (unit) WHERE s.parent IS NULL AND NOT close_to(s.score, 6 / (3 / a + 2 / b + 1 / c)) $$, 'which is of the rescaled scores');
UPDATE stp.scheme_node SET aggregation = NULL, decimals = NULL WHERE scheme = 'scales';
-- Turned round: the same scheme of which low scores are good.
BEGIN;
UPDATE stp.scheme SET better = 'lower' WHERE scheme = 'scales';
UPDATE stp.scheme_bracket SET score = 2 - score WHERE scheme = 'scales';
COMMIT;
SELECT is_empty($$ SELECT * FROM scales s FULL JOIN stp.assess('scales', '2026-03') l USING (unit, node)
                    WHERE s.parent IS NULL AND NOT (close_to(l.score, 100 - s.score) AND s.rank = l.rank) $$, 'in a scheme of which low scores are good the best end is 0');
-- What P2 needs: its own segment, where lower is better, and another value.
BEGIN;
UPDATE stp.scheme SET better = 'higher' WHERE scheme = 'scales';
UPDATE stp.scheme_bracket SET score = 2 - score WHERE scheme = 'scales';
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('scales', 1, 'good', 65), ('scales', 2, 'other', NULL);
COMMIT;
-- 65 = (3 x + 2 x 50 + 66.67) / 6 at x = 74.44: segments 1.767, given 1.533.
SELECT ok((SELECT abs(needed_value - 1.5333333333) < 1e-6 FROM stp.explain('scales', '2026-03', 'P2') WHERE node = 'given'), 'what is needed of a segment is a lower one');
SELECT ok((SELECT bool_and(needed_value < value) FROM stp.explain('scales', '2026-03', 'P2') WHERE node IN ('given', 'steps') AND needed_value IS NOT NULL), 'never a worse one');

-- Where missing weight goes: leaves of 1/4, 1/4 and 1/2; P3 lacks the first, P4 all but the first ------------------------

INSERT INTO stp.scheme (scheme, name, rates) VALUES ('siblings', 'To siblings', 'place');
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method, low, high) VALUES
    ('siblings', 'all', NULL, 'All', 1, NULL, NULL, NULL, NULL), ('siblings', 'pair', 'all', 'Pair', 1, NULL, NULL, NULL, NULL),
    ('siblings', 'segment', 'pair', 'Segment', 1, 'segment', 'goalposts', 0, 5), ('siblings', 'up', 'pair', 'Up', 1, 'up', 'goalposts', 0, 100),
    ('siblings', 'down', 'all', 'Down', 1, 'down', 'goalposts', 0, 5);
CALL stp.copy_scheme('siblings', 'overall');
UPDATE stp.scheme SET missing_weight = 'overall' WHERE scheme = 'overall';
CREATE VIEW shared AS SELECT s.scheme, a.* FROM stp.scheme s, stp.assess(s.scheme, '2026-03') a WHERE s.scheme IN ('siblings', 'overall');
SELECT results_eq($$ SELECT scheme, effective_weight::numeric(9, 6), score::numeric(9, 6) FROM shared WHERE unit = 'P3' AND node IN ('all', 'up', 'down') ORDER BY scheme, node $$,
    $$ VALUES ('overall', 1.0, round((0.5 * 20 + 0.25 * 20) / 0.75, 6)), ('overall', round(2 / 3.0, 6), 20), ('overall', round(1 / 3.0, 6), 20),
              ('siblings', 1.0, 20), ('siblings', 0.5, 20), ('siblings', 0.5, 20) $$, 'siblings: half each; overall: as one quarter to two');
SELECT results_eq($$ SELECT unit, node, score FROM shared WHERE scheme = 'overall' AND unit IN ('P1', 'P2') ORDER BY unit, place $$,
    $$ SELECT unit, node, score FROM shared WHERE scheme = 'siblings' AND unit IN ('P1', 'P2') ORDER BY unit, place $$, 'where nothing is missing there is no difference, to the last bit');
SELECT is_empty($$ SELECT o.unit, o.node FROM shared o JOIN shared s USING (unit, node) WHERE o.scheme = 'overall' AND s.scheme = 'siblings' AND o.coverage <> s.coverage $$, 'nor one of coverage');
SELECT is_empty($$ SELECT s.scheme, f.* FROM (VALUES ('siblings'), ('overall')) s (scheme), LATERAL explanation_faults(format('(SELECT * FROM shared WHERE scheme = %L)', s.scheme)) f $$,
    'both can be taken apart');
UPDATE stp.scheme_node SET minimum_coverage = 0.6 WHERE scheme = 'overall' AND node = 'pair';
SELECT results_eq($$ SELECT node, effective_weight, status FROM shared WHERE scheme = 'overall' AND unit = 'P3' ORDER BY place $$,
    $$ VALUES ('all', 1::float8, 'partial'), ('down', 1, 'ok'), ('pair', 0, 'low coverage'), ('segment', 0, 'no data'), ('up', 0, 'ok') $$, 'a node without a score is not present, whatever is below it');

-- Published arithmetic, cuts and directions -----------------------------------------------------------------------

-- NHS Oversight Framework 2025/26: the manual's example, 16.83 / 11 = 1.53; low scores are good.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) SELECT 'm' || i, 'Metric', '1-4', 'mean', 'lower', 'none' FROM generate_series(1, 11) i;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'm' || i, 'P1', '2025/26 Q1', v FROM unnest(ARRAY[1, 2.62, 1, 1, 1, 1.4, 1, 3, 1.36, 1.45, 2]) WITH ORDINALITY m (v, i);
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'm' || i, 'P2', '2025/26 Q1', 2.5 FROM generate_series(1, 11) i;
INSERT INTO stp.scheme (scheme, name, rates, better) VALUES ('nof', 'Average metric score', 'place', 'lower');
INSERT INTO stp.scheme_node (scheme, node, name) VALUES ('nof', 'average', 'Average metric score');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) SELECT 'nof', 'm' || i, 'average', 'Metric', 'm' || i, 'as_is' FROM generate_series(1, 11) i;
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('nof', 1, '1', 1.53), ('nof', 2, '2', 2.5), ('nof', 3, '3', NULL);
SELECT results_eq($$ SELECT unit, round(score::numeric, 2), rank, category FROM stp.assess('nof', '2025/26 Q1') WHERE parent IS NULL AND score IS NOT NULL ORDER BY rank $$,
    $$ VALUES ('P1', 1.53, 1, '1'), ('P2', 2.50, 2, '2') $$, 'the oversight framework''s example; where lower is better, low scores rank first and cuts are not to be exceeded');
SELECT is((SELECT category FROM stp.assess('nof', '2025/26 Q1') WHERE node = 'average' AND unit = 'P2'), '2', 'a score on the cut reaches it');

-- A tenth cannot be written in binary: 0.1 + 0.2 must still reach a cut of 0.3, and tie with 0.3.
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('tenths', 'Tenths', 'place');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) SELECT 't' || i, 'Tenth', 'x', 'mean', 'higher', 'none' FROM generate_series(1, 3) i;
INSERT INTO stp.scheme_node (scheme, node, name) VALUES ('tenths', 'all', 'All');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) SELECT 'tenths', 't' || i, 'all', 'Tenth', 't' || i, 'as_is' FROM generate_series(1, 3) i;
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('tenths', 1, 'reached', 0.2), ('tenths', 2, 'missed', NULL);
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES
    ('t1', 'P1', '2026-03', 0.1), ('t2', 'P1', '2026-03', 0.2), ('t3', 'P1', '2026-03', 0.3),
    ('t1', 'P2', '2026-03', 0.3), ('t2', 'P2', '2026-03', 0.2), ('t3', 'P2', '2026-03', 0.1),
    ('t1', 'P3', '2026-03', 0.2), ('t2', 'P3', '2026-03', 0.2), ('t3', 'P3', '2026-03', 0.2);
SELECT results_eq($$ SELECT unit, rank, category FROM stp.assess('tenths', '2026-03') WHERE parent IS NULL AND score IS NOT NULL ORDER BY unit $$,
    $$ VALUES ('P1', 1, 'reached'), ('P2', 1, 'reached'), ('P3', 1, 'reached') $$, 'rounding in the last bit neither parts equals nor misses a cut');
-- 0.1 + 0.2 is not 0.3 in the last bit, which is no difference to score.
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES
    ('t1', 'P1', '2026-04', 0.1 + 0.2::float8), ('t1', 'P2', '2026-04', 0.3), ('t1', 'P3', '2026-04', 0.3);
UPDATE stp.scheme_node SET method = CASE node WHEN 't1' THEN 'min_max' ELSE 'as_is' END, weight = CASE node WHEN 't1' THEN 1 ELSE 0 END
 WHERE scheme = 'tenths' AND parent = 'all';
SELECT results_eq($$ SELECT unit, score, rank, status FROM stp.assess('tenths', '2026-04') WHERE node = 't1' AND value IS NOT NULL ORDER BY unit $$,
    $$ VALUES ('P1', NULL::float8, 1, 'constant cohort'), ('P2', NULL, 1, 'constant cohort'), ('P3', NULL, 1, 'constant cohort') $$,
    'a cohort that differs in the last bit is constant, for every method');
UPDATE stp.scheme_node SET method = 'as_is', weight = 1 WHERE scheme = 'tenths' AND parent = 'all';
SELECT is((SELECT count(*) FROM stp.assess('tenths', '2026-03') WHERE parent IS NULL AND category IS NULL), 1::bigint, 'who has no score has no category');

-- One system alone.
DELETE FROM stp.membership WHERE system IN ('P2', 'P3', 'P4');
DELETE FROM stp.system WHERE system IN ('P2', 'P3', 'P4');
SELECT results_eq($$ SELECT unit, score, coverage, status FROM stp.assess('page', '2026-03') WHERE parent IS NULL $$,
    $$ VALUES ('P1', NULL::float8, 0::float8, 'no data') $$, 'a cohort of one cannot be normalised');

-- Where it runs ---------------------------------------------------------------------------------------------------

-- In a worker, as a parallel plan may have it.
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', false);
SELECT results_eq($$ SELECT * FROM stp.assess('stp-2026', '2026-03') ORDER BY unit, place $$, 'SELECT * FROM demo ORDER BY unit, place', 'in a parallel worker the rating is the same');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'off', false);

-- Under a search_path whose operators and tables lie.
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.lie(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.lie);
CREATE FUNCTION hostile.lie(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 0::float8';
CREATE OPERATOR hostile.* (LEFTARG = float8, RIGHTARG = float8, FUNCTION = hostile.lie);
CREATE FUNCTION hostile.sum(float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 0::float8';
CREATE TABLE hostile.observation AS SELECT * FROM stp.observation LIMIT 0;
CREATE TEMP TABLE scheme AS SELECT * FROM stp.scheme LIMIT 0;
SET search_path = hostile, pg_catalog;
CREATE TABLE public.under_attack AS SELECT * FROM stp.assess('stp-2026', '2026-03');
CREATE TABLE public.explained AS SELECT * FROM stp.explain('nof-2025-26', '2026-03', 'RBV');
RESET search_path;
SELECT results_eq('SELECT * FROM under_attack ORDER BY unit, place', 'SELECT * FROM demo ORDER BY unit, place', 'a hostile search_path changes nothing');
SELECT results_eq('SELECT * FROM explained', $$ SELECT * FROM stp.explain('nof-2025-26', '2026-03', 'RBV') $$, 'of an explanation neither');

-- Rights: a reader needs the observations, no more.
CREATE ROLE assessment_reader;
SET ROLE assessment_reader;
SELECT throws_ok($$ SELECT * FROM stp.assess('stp-2026', '2026-03') $$, '42501', NULL, 'without a right to the observations there is no rating');
RESET ROLE;
GRANT SELECT ON stp.observation, stp.observation_history TO assessment_reader;
SET ROLE assessment_reader;
SELECT is((SELECT count(*) FROM stp.assess('stp-2026', '2026-03')), 42 * 32::bigint, 'with it there is');
RESET ROLE;
DROP OWNED BY assessment_reader;
DROP ROLE assessment_reader;

SELECT * FROM finish();
