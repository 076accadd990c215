-- Module scheme: the schemes that ship, against what was published.
SELECT plan(44);

-- Every one is sound, says what it rests on, and can be copied whole ----------------------------------------------

SELECT is_empty($$ SELECT s.scheme, f.* FROM stp.scheme s CROSS JOIN LATERAL stp_internal.scheme_faults(s.scheme) f $$, 'no scheme has a fault');
SELECT results_eq('SELECT scheme FROM stp.scheme ORDER BY scheme',
    $$ VALUES ('ccg-iaf-2016-17'), ('cms-stars-2021'), ('hdi'), ('iod-england-2025'), ('nof-2025-26'), ('nof-2025-26-quartiles'), ('nof-2026-27'), ('nof-2026-27-systems'), ('scotland-support'), ('stp-2017'), ('stp-2017-ranks'), ('stp-2026'), ('wales-escalation'), ('wimd-2019') $$,
    'the schemes that ship');
SELECT is_empty($$ SELECT scheme FROM stp.scheme WHERE description !~ 'ublished' OR description !~* '(\mours\M|from memory|derived)' $$,
    'each says what is published, and what is not');
SELECT is_empty($$ SELECT scheme, node FROM stp.scheme_node n WHERE indicator IS NULL
                      AND NOT EXISTS (SELECT FROM stp.scheme_node c WHERE (c.scheme, c.parent) = (n.scheme, n.node))
                      AND (scheme, node) NOT IN (('stp-2026', 'general_practice'), ('stp-2026', 'mental_health')) $$,
    'no node is empty but the two that nobody publishes figures for');

-- All parts of one scheme as text, without its name, the builtin marks and the time.
CREATE FUNCTION parts(code text) RETURNS TABLE (part text) LANGUAGE plpgsql AS $$
DECLARE
    relation text;
BEGIN
    FOR relation IN SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'scheme'
                     WHERE c.relnamespace = 'stp'::regnamespace AND c.relname ~ '^scheme' AND c.relname !~ '_history$' AND c.relkind = 'r' LOOP
        RETURN QUERY EXECUTE format('SELECT %L || (to_jsonb(t) - ARRAY[''scheme'', ''builtin'', ''recorded_at''])::text FROM %s t WHERE scheme = $1', relation, relation) USING code;
    END LOOP;
END $$;
INSERT INTO stp.scheme (scheme, name, peer_group, categorise, category_group, seeds, strictness, complete_from, missing_weight)
VALUES ('full', 'Every column filled', 'parent', 'k_means', 'qualified', 'even', 2, 0.5, 'overall');
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, aggregation, minimum_coverage, indicator, method, low, high,
                             reference_period, reference, winsorise, overdispersion, critical, decimals, maximum_age, takes, rescale, ties, transformation) VALUES
    ('full', 'all', NULL, 1, 'All', 2, 'geometric', 0.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL, NULL, true, NULL, NULL),
    ('full', 'a', 'all', 2, 'A', 3, NULL, 0, 'ae_within_4_hours', 'banded', NULL, NULL, NULL, 'mean', 0.2, 'none', 3, 1, 6, 'whole', false, NULL, NULL),
    ('full', 'b', 'all', 3, 'B', 4, NULL, 0, 'staff_engagement', 'min_max', 1, 2, '2026-03', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, 'log'),
    ('full', 'c', 'all', 4, 'C', 4, NULL, 0, 'well_led', 'brackets', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL),
    ('full', 'd', 'all', 5, 'D', 4, NULL, 0, 'well_led', 'exponential_rank', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, 'high', NULL);
UPDATE stp.scheme_node SET minimum_qualified = 2 WHERE (scheme, node) = ('full', 'all');
UPDATE stp.scheme_node SET minimum_units = 3, pivotal = true WHERE (scheme, node) = ('full', 'd');
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('full', 'c', 1, NULL, 3), ('full', 'c', 2, 2, 1);
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('full', 1, 'Good', 2), ('full', 2, 'Bad', NULL);
INSERT INTO stp.scheme_node_category (scheme, node, position, category, cut) VALUES ('full', 'a', 1, 'High', 2), ('full', 'a', 2, 'Low', NULL);
INSERT INTO stp.scheme_override (scheme, override, name, no_better_than, no_worse_than) VALUES ('full', 'rule', 'Rule', 'Good', 'Bad');
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold) VALUES ('full', 'rule', 'b', 'value', '<', 3);
CALL stp.copy_scheme('full', 'copy');
SELECT bag_eq($$ SELECT * FROM parts('copy') $$, $$ SELECT * FROM parts('full') $$, 'a copy has every part');
SELECT is((SELECT count(*) FROM parts('copy')), 14::bigint, 'of each kind');
SELECT is_empty($$ SELECT t, key FROM (VALUES ('scheme'), ('scheme_node')) v (t)
                    CROSS JOIN LATERAL (SELECT string_agg(part, '') AS text FROM parts('full') WHERE part ~ ('^stp.' || t || '{')) p
                    CROSS JOIN LATERAL (SELECT attname AS key FROM pg_attribute WHERE attrelid = ('stp.' || t)::regclass AND attnum > 0) c
                    WHERE key NOT IN ('scheme', 'builtin', 'description', 'recorded_at') AND text !~ format('"%s": [^n]', key) $$,
    'and the test fills every column, those that a later version adds too');
DELETE FROM stp.scheme WHERE NOT builtin;

-- Scales: every pair of methods below one node ------------------------------------------------------------------------

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, standard) VALUES
    ('up', 'Up', 'x', 'mean', 'higher', 'none', 10), ('down', 'Down', 'x', 'mean', 'lower', 'none', 10), ('even', 'Even', 'x', 'mean', 'neutral', 'none', NULL), ('other', 'Other', 'y', 'mean', 'higher', 'none', NULL);
CREATE TABLE way (way text PRIMARY KEY, scale text, indicator text, method text, low float8, high float8, steps float8[]);
INSERT INTO way VALUES
    ('default', '0 to 100, higher is better', 'up', NULL, NULL, NULL, NULL), ('percentile_rank', '0 to 100, higher is better', 'down', 'percentile_rank', NULL, NULL, NULL),
    ('goalposts', '0 to 100, higher is better', 'up', 'goalposts', 3, 4, NULL), ('distance', '0 to 100, higher is better', 'down', 'distance_to_target', NULL, 7, NULL),
    ('min_max', '0 to 100, higher is better', 'down', 'min_max', NULL, NULL, NULL), ('min_max from 1', '1 to 100, higher is better', 'down', 'min_max', 1, NULL, NULL),
    ('min_max to 2', '0 to 2, higher is better', 'down', 'min_max', NULL, 2, NULL), ('min_max 1 to 4', '1 to 4, higher is better', 'down', 'min_max', 1, 4, NULL),
    ('z_score', 'in standard deviations, higher is better', 'down', 'z_score', NULL, NULL, NULL), ('exponential', '0 to 100, lower is better', 'down', 'exponential_rank', NULL, NULL, NULL), ('ranked', '1 to 4, lower is better', 'up', 'ranked', NULL, NULL, NULL),
    ('banded', '0 to 2, higher is better', 'up', 'banded', NULL, NULL, NULL), ('steps', '0 to 2, higher is better', 'even', 'brackets', NULL, NULL, '{2,1,0}'),
    ('other steps', '0.5 to 2, higher is better', 'even', 'brackets', NULL, NULL, '{2,1,0.5}'), ('one step', '1 to 1, higher is better', 'even', 'brackets', NULL, NULL, '{1}'),
    ('as_is', 'in x, higher is better', 'up', 'as_is', NULL, NULL, NULL), ('as_is down', 'in x, lower is better', 'down', 'as_is', NULL, NULL, NULL),
    ('as_is even', 'in x, higher is better', 'even', 'as_is', NULL, NULL, NULL), ('as_is other', 'in y, higher is better', 'other', 'as_is', NULL, NULL, NULL),
    ('as_is 1 to 4', '1 to 4, lower is better', 'down', 'as_is', 1, 4, NULL), ('as_is 0 to 100', '0 to 100, higher is better', 'other', 'as_is', 0, 100, NULL);
-- What is wrong with a node of several ways, as stp.assess() and the commit would say.
CREATE FUNCTION fault_of(ways text[], rescales boolean, weights float8[] DEFAULT NULL, direction text DEFAULT 'higher') RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
    INSERT INTO stp.scheme (scheme, name, better) VALUES ('pair', 'Pair', direction);
    INSERT INTO stp.scheme_node (scheme, node, name, rescale) VALUES ('pair', 'all', 'All', rescales);
    INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, indicator, method, low, high)
    SELECT 'pair', w.way, 'all', o.number, w.way, coalesce(weights[o.number], 1), w.indicator, w.method, w.low, w.high
      FROM unnest(ways) WITH ORDINALITY o (way, number) JOIN way w USING (way);
    INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score)
    SELECT 'pair', w.way, s.position, nullif(s.position, 1), s.score FROM way w, unnest(w.steps) WITH ORDINALITY s (score, position) WHERE w.way = ANY (ways);
    SELECT f.fault || ' | ' || f.hint INTO found FROM stp_internal.scheme_faults('pair') f;
    IF found IS NULL THEN SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; END IF;
    DELETE FROM stp.scheme WHERE scheme = 'pair';
    RETURN found;
END $$;
CREATE TABLE pairs AS SELECT a.way AS a, b.way AS b, a.scale AS scale_a, b.scale AS scale_b, fault_of(ARRAY[a.way, b.way], false) AS fault, fault_of(ARRAY[a.way, b.way], true) AS rescaled FROM way a JOIN way b ON a.way < b.way;
SELECT is_empty($$ SELECT * FROM pairs WHERE fault IS DISTINCT FROM CASE WHEN scale_a <> scale_b THEN format('node "all" combines scores on different scales: "%s" %s; "%s" %s | '
    'Give the children one method with the same bounds, or set rescale on the node.', a, scale_a, b, scale_b) END $$, 'two ways to score are combined if their scale is one, else refused with both scales');
SELECT is((SELECT count(*) FROM pairs WHERE fault IS NULL), 15::bigint + 3 + 1 + 1, 'those of six percentages, of three from 0 to 2, and two pairs');
SELECT is_empty($$ SELECT * FROM pairs WHERE (rescaled IS NOT NULL) IS DISTINCT FROM (scale_a ~ '^in|^1 to 1,' OR scale_b ~ '^in|^1 to 1,') OR rescaled !~ 'node "all" rescales node "[^"]+", whose scores have no two ends: (in|1 to 1,)' $$,
    'a node that rescales combines all that have two ends');
SELECT is(fault_of('{ranked,z_score,min_max}', false, '{0,1,0}'), NULL, 'what weighs nothing is not combined');
SELECT is(fault_of('{ranked,z_score,min_max}', true, '{1,0,1}'), NULL, 'nor rescaled');
SELECT is(fault_of('{steps,as_is even,ranked}', false, NULL, 'lower'),
    'node "all" combines scores on different scales: "steps" 0 to 2, lower is better; "as_is even" in x, lower is better; "ranked" 1 to 4, lower is better | Give the children one method with the same bounds, or set rescale on the node.',
    'brackets, and what is neither better high nor low, have the direction of the scheme');
SELECT is(fault_of('{default,percentile_rank,goalposts,distance,min_max,banded}', false),
    'node "all" combines scores on different scales: "default", "percentile_rank", "goalposts" and 2 more 0 to 100, higher is better; "banded" 0 to 2, higher is better | Give the children one method with the same bounds, or set rescale on the node.',
    'of many on one scale a few are named');
-- Further up: the scale of the leaves, until a node rescales.
SELECT throws_ok($$ INSERT INTO stp.scheme (scheme, name) VALUES ('up', 'Up');
    INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method) VALUES ('up', 'all', NULL, 'All', 1, NULL, NULL), ('up', 'empty', 'all', 'Empty', 1, NULL, NULL),
        ('up', 'open', 'all', 'Brackets to come', 1, 'even', 'brackets'), ('up', 'a', 'all', 'A', 1, NULL, NULL), ('up', 'b', 'all', 'B', 1, NULL, NULL),
        ('up', 'a1', 'a', 'A', 1, NULL, NULL), ('up', 'a11', 'a1', 'A', 1, 'up', 'ranked'), ('up', 'b1', 'b', 'B', 1, 'up', NULL), ('up', 'b2', 'b', 'B', 0, 'up', 'z_score');
    SET CONSTRAINTS ALL IMMEDIATE $$, '23514',
    'scheme "up": node "all" combines scores on different scales: "a" 1 to 4, lower is better; "b" 0 to 100, higher is better', 'nodes pass on the scale of what is below them');
SELECT lives_ok($$ INSERT INTO stp.scheme (scheme, name) VALUES ('up', 'Up');
    INSERT INTO stp.scheme_node (scheme, node, parent, name, rescale, indicator, method) VALUES ('up', 'all', NULL, 'All', false, NULL, NULL), ('up', 'a', 'all', 'A', true, NULL, NULL),
        ('up', 'a1', 'a', 'A', false, NULL, NULL), ('up', 'a11', 'a1', 'A', false, 'up', 'ranked'), ('up', 'b', 'all', 'B', false, 'up', NULL);
    SET CONSTRAINTS ALL IMMEDIATE $$, 'one that rescales is on the scale of percentages');
SELECT throws_ok($$ UPDATE stp.scheme SET better = 'lower' WHERE scheme = 'up'; SET CONSTRAINTS ALL IMMEDIATE $$, '23514',
    'scheme "up": node "all" combines scores on different scales: "a" 0 to 100, lower is better; "b" 0 to 100, higher is better', 'in the direction of the scheme');
-- An indicator whose direction or unit changes afterwards is found out when the scheme is used.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('up 2', 'Up', 'x', 'mean', 'higher', 'none');
BEGIN;
UPDATE stp.scheme_node SET method = 'as_is', indicator = 'up 2', rescale = false WHERE scheme = 'up' AND node = 'a11';
UPDATE stp.scheme_node SET rescale = false WHERE scheme = 'up' AND node = 'a';
UPDATE stp.scheme_node SET method = 'as_is' WHERE scheme = 'up' AND node = 'b';
COMMIT;
UPDATE stp.indicator SET better = 'lower' WHERE indicator = 'up 2';
SELECT throws_ok($$ SELECT * FROM stp.assess('up', '2026-03') $$, '23514',
    'scheme "up": node "all" combines scores on different scales: "a" in x, lower is better; "b" in x, higher is better', 'a direction that changes afterwards is found when the scheme is used');
DELETE FROM stp.scheme WHERE NOT builtin;
DELETE FROM stp.indicator WHERE NOT builtin;

-- NHS Oversight Framework 2025/26, quarter 3: the published league tables -----------------------------------------

CREATE TABLE league (trust_code text PRIMARY KEY, trust_name text, region text, trust_type text, trust_subtype text,
    average_score float8, segment int, rank int, in_deficit int,
    score_access float8, score_effectiveness float8, score_finance float8, score_safety float8, score_people float8,
    seg_access int, seg_effectiveness int, seg_finance int, seg_safety int, seg_people int,
    planned_surplus_deficit_pct float8, variance_to_plan_pct float8, implied_productivity_pct float8, source text);
\copy league FROM 'test/fixtures/assessment/nof_2025_26_q3_league.csv' (FORMAT csv, HEADER)
INSERT INTO stp.organisation (organisation, name, type, subtype, region) SELECT trust_code, trust_name, trust_type, trust_subtype, region FROM league;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT v.indicator, l.trust_code, '2025/26 Q3', v.value
  FROM league l
 CROSS JOIN LATERAL (VALUES ('nof_average_score', average_score), ('nof_access_score', score_access),
       ('nof_effectiveness_score', score_effectiveness), ('nof_safety_score', score_safety), ('nof_people_score', score_people),
       ('nof_finance_score', score_finance), ('nof_deficit', in_deficit)) v (indicator, value)
 WHERE v.value IS NOT NULL;
CREATE TABLE rated AS SELECT * FROM stp.assess('nof-2025-26', '2025/26 Q3');
CREATE TABLE segments AS
SELECT l.trust_code, l.trust_type, s.node, s.segment
  FROM league l
 CROSS JOIN LATERAL (VALUES ('access', seg_access), ('effectiveness', seg_effectiveness), ('finance', seg_finance),
                            ('safety', seg_safety), ('people', seg_people)) s (node, segment);

SELECT is((SELECT count(*) FROM rated WHERE parent IS NULL AND peer_group = 'Acute trust'), 129::bigint, '129 acute trusts are rated');
SELECT is_empty($$ SELECT l.trust_code, l.segment, r.category FROM league l LEFT JOIN rated r ON r.unit = l.trust_code AND r.parent IS NULL
                    WHERE l.trust_type = 'Acute trust' AND r.category IS DISTINCT FROM l.segment::text $$,
    'the segment of every acute trust is the published one');
-- Trusts that the file lacks leave holes in the published ranks: those present are ranked anew, by their published rank.
CREATE TABLE published AS SELECT trust_code, trust_type, rank() OVER (PARTITION BY trust_type ORDER BY rank) AS rank FROM league;
SELECT is_empty($$ SELECT p.*, r.rank FROM published p JOIN rated r ON r.unit = p.trust_code AND r.parent IS NULL
                    WHERE p.trust_type = 'Acute trust' AND r.rank IS DISTINCT FROM p.rank $$,
    'and so is the rank of every acute trust');
SELECT is_empty($$ SELECT * FROM segments s LEFT JOIN rated r ON (r.unit, r.node) = (s.trust_code, s.node)
                    WHERE s.trust_type = 'Acute trust' AND r.category IS DISTINCT FROM s.segment::text $$,
    'and the segment of each of its domains');
SELECT is((SELECT count(*) FROM segments WHERE trust_type = 'Acute trust' AND segment IS NOT NULL), 644::bigint, '644 of them');
-- The deficit flag of RAT is not published; segment 3 at a score of 2.08 says that it has one.
SELECT results_eq($$ SELECT l.trust_code, l.in_deficit, l.segment, r.category FROM league l JOIN rated r ON r.unit = l.trust_code AND r.parent IS NULL
                      WHERE r.category IS DISTINCT FROM l.segment::text $$, $$ VALUES ('RAT', NULL::int, 3, '1') $$,
    'of the 21 other trusts one has another segment, because its deficit flag is missing');
SELECT is_empty($$ SELECT * FROM segments s LEFT JOIN rated r ON (r.unit, r.node) = (s.trust_code, s.node)
                    WHERE s.segment IS NOT NULL AND r.category IS DISTINCT FROM s.segment::text $$, 'their domains have the published segments too');
SELECT is_empty($$ SELECT unit FROM rated r JOIN league l ON l.trust_code = r.unit
                    WHERE r.parent IS NULL AND r.override IS DISTINCT FROM CASE in_deficit WHEN 1 THEN 'Financial deficit' END $$,
    'the rule is named where it holds');
SELECT is((SELECT count(*) FROM rated r JOIN league l ON l.trust_code = r.unit
            WHERE r.parent IS NULL AND peer_group = 'Acute trust' AND average_score < 2.36 AND category = '3' AND override IS NOT NULL), 36::bigint,
    'and explains the acute trusts that are in segment 3 with a better score');
SELECT is_empty($$ SELECT * FROM rated WHERE node IN ('access', 'safety', 'deficit') AND (effective_weight <> 0 OR weight <> 0 OR contribution <> 0) $$,
    'domains weigh nothing');
SELECT is_empty($$ SELECT * FROM rated WHERE parent IS NULL AND (coverage <> 1 OR status <> 'ok') $$, 'and their absence is no lack of coverage');

-- The manual's quartiles, by hand.
CREATE TABLE quartiles AS SELECT * FROM stp.assess('nof-2025-26-quartiles', '2025/26 Q3');
SELECT is_empty($$ SELECT r.unit, r.category, least(4, greatest(h.segment, CASE l.in_deficit WHEN 1 THEN 3 ELSE 1 END))::text
                     FROM quartiles r JOIN league l ON l.trust_code = r.unit
                     JOIN (SELECT trust_code, 1 + (SELECT count(*) FROM unnest(q.ends) e WHERE l.average_score > e + 1e-9) AS segment
                             FROM league l JOIN (SELECT trust_type, percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY average_score) AS ends
                                                   FROM league GROUP BY trust_type) q USING (trust_type)) h ON h.trust_code = r.unit
                    WHERE r.parent IS NULL AND r.category <> greatest(h.segment, CASE l.in_deficit WHEN 1 THEN 3 ELSE 1 END)::text $$,
    'quartiles within the type, lowest best, then the deficit rule');
SELECT results_eq($$ SELECT category, count(*) FROM quartiles WHERE node = 'average' AND peer_group = 'Acute trust' GROUP BY 1 $$, $$ VALUES (NULL::text, 129::bigint) $$,
    'a node without categories has none');

-- The manual's arithmetic: metrics ranked 1 to 4, their average to two decimals -------------------------------------

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, standard)
SELECT 'm' || i, 'Metric', 'x', 'mean', 'higher', 'none', CASE WHEN i <= 2 THEN 90 END FROM generate_series(1, 4) i;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) SELECT 's' || i, 'Metric score', '1-4', 'mean', 'lower', 'none' FROM generate_series(1, 11) i;
INSERT INTO stp.organisation (organisation, name, type) SELECT 'T' || i, 'Trust', 'Test' FROM generate_series(1, 5) i;
INSERT INTO stp.scheme (scheme, name, rates, peer_group, better) VALUES ('metrics', 'From metrics', 'organisation', 'type', 'lower'), ('example', 'Example', 'organisation', 'type', 'lower');
INSERT INTO stp.scheme_node (scheme, node, name, decimals) VALUES ('metrics', 'average', 'Average', 2), ('example', 'average', 'Average', 2);
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) SELECT 'metrics', 'm' || i, 'average', 'Metric', 'm' || i, 'ranked' FROM generate_series(1, 4) i;
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) SELECT 'example', 's' || i, 'average', 'Metric', 's' || i, 'as_is' FROM generate_series(1, 11) i;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 's' || i, 'T1', '2025/26 Q1', v FROM unnest(ARRAY[1, 2.62, 1, 1, 1, 1.4, 1, 3, 1.36, 1.45, 2]) WITH ORDINALITY m (v, i);
SELECT results_eq($$ SELECT score, contribution FROM stp.assess('example', '2025/26 Q1') WHERE parent IS NULL $$, $$ VALUES (1.53::float8, 1.53::float8) $$,
    'the manual''s example: 16.83 / 11 = 1.53');
SELECT is((SELECT round(sum(contribution)::numeric, 12) FROM stp.assess('example', '2025/26 Q1') WHERE indicator IS NOT NULL), 1.53,
    'and the parts add up to what is shown');
-- Two trusts tie in the middle of five: both take the better of the two places.
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES
    ('m3', 'T1', '2025/26 Q2', 50), ('m3', 'T2', '2025/26 Q2', 40), ('m3', 'T3', '2025/26 Q2', 40), ('m3', 'T4', '2025/26 Q2', 30), ('m3', 'T5', '2025/26 Q2', 20),
    ('m1', 'T1', '2025/26 Q2', 95), ('m1', 'T2', '2025/26 Q2', 90), ('m1', 'T3', '2025/26 Q2', 80), ('m1', 'T4', '2025/26 Q2', 70);
SELECT results_eq($$ SELECT unit, score FROM stp.assess('metrics', '2025/26 Q2') WHERE node = 'm3' ORDER BY unit $$,
    $$ VALUES ('T1', 1::float8), ('T2', 1.75), ('T3', 1.75), ('T4', 3.25), ('T5', 4) $$, 'ties take the best score of the cluster');
SELECT results_eq($$ SELECT unit, score FROM stp.assess('metrics', '2025/26 Q2') WHERE node = 'm1' ORDER BY unit $$,
    $$ VALUES ('T1', 1::float8), ('T2', 1), ('T3', 2), ('T4', 4), ('T5', NULL) $$, 'a standard that is met is 1, the others are spread from 2 to 4');
SELECT results_eq($$ SELECT unit, score, status FROM stp.assess('metrics', '2025/26 Q2') WHERE parent IS NULL ORDER BY unit $$,
    $$ VALUES ('T1', 1::float8, 'partial'), ('T2', 1.38, 'partial'), ('T3', 1.88, 'partial'), ('T4', 3.63, 'partial'), ('T5', 4, 'partial') $$,
    'the average of what is there, halves away from zero: 1.375, 1.875, 3.625');

-- NHS Oversight Framework 2026/27: cuts are the user's -------------------------------------------------------------

SELECT throws_ok($$ SELECT * FROM stp.assess('nof-2026-27', '2025/26 Q3') $$, '23514', 'scheme "nof-2026-27" has no cut for category "1" yet',
    'without thresholds there is no rating');
CALL stp.copy_scheme('nof-2026-27', 'filled');
UPDATE stp.scheme_category c SET cut = v.cut FROM (VALUES ('1', 2.0), ('2', 2.5), ('3', 3.0)) v (category, cut) WHERE c.scheme = 'filled' AND c.category = v.category;
SELECT is((SELECT category FROM stp.assess('filled', '2025/26 Q3') WHERE unit = 'RBV' AND parent IS NULL), '1', 'a copy with thresholds works');

-- CCG improvement and assessment framework ---------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name, type) SELECT 'C' || i, 'CCG', 'CCG' FROM generate_series(1, 6) i;
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES
    ('ccg_finance', 'C1', '2016/17', 0), ('ccg_finance', 'C2', '2016/17', 0), ('ccg_finance', 'C3', '2016/17', 1), ('ccg_finance', 'C4', '2016/17', 2), ('ccg_finance', 'C6', '2016/17', 0),
    ('system_leadership', 'C1', '2016/17', 0), ('system_leadership', 'C2', '2016/17', 1), ('system_leadership', 'C3', '2016/17', 2), ('system_leadership', 'C4', '2016/17', 3), ('system_leadership', 'C6', '2016/17', 0);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'iapt_recovery', 'C' || i, '2016/17', n, 1000 FROM unnest(ARRAY[500, 500, 500, 500, 500, 500]) WITH ORDINALITY v (n, i);
SELECT results_eq($$ SELECT unit, round(score::numeric, 4), category, override, rank FROM stp.assess('ccg-iaf-2016-17', '2016/17') WHERE parent IS NULL AND peer_group = 'CCG' ORDER BY unit $$,
    $$ VALUES ('C1', 0.5, 'Inadequate', 'Finance and leadership both red', 5), ('C2', 0.6675, 'Requires improvement', NULL, 4), ('C3', 1.0825, 'Good', NULL, 2),
              ('C4', 1.5, 'Outstanding', NULL, 1), ('C5', 1, 'Good', NULL, 3), ('C6', 0.5, 'Inadequate', 'Finance and leadership both red', 5) $$,
    'finance and leadership a quarter each, the rest half, 1.45 and 1.00, both red inadequate; what is missing is shared out');

-- The 2017 dashboard ----------------------------------------------------------------------------------------------------

SELECT results_eq($$ SELECT count(*) FILTER (WHERE indicator IS NOT NULL), count(*) FILTER (WHERE depth = 2), count(*) FILTER (WHERE depth = 1) FROM stp.scheme_tree('stp-2017') $$,
    $$ VALUES (17::bigint, 9::bigint, 3::bigint) $$, '17 indicators, nine areas, three themes');
INSERT INTO stp.system (system, name) VALUES ('S1', 'One'), ('S2', 'Two');
SELECT results_eq($$ SELECT node, weight::numeric(9, 6) FROM stp.assess('stp-2017', '2016/17') WHERE unit = 'S1' AND weight > 0.15 AND depth = 2 ORDER BY node $$,
    $$ VALUES ('finance', 0.2), ('leadership', 0.2), ('prevention', 0.2) $$, 'finance, leadership and prevention weigh most');
INSERT INTO stp.organisation (organisation, name) VALUES ('L1', 'Lead'), ('L2', 'Lead');
INSERT INTO stp.membership (organisation, system) VALUES ('L1', 'S1'), ('L2', 'S2');
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('system_leadership', 'L1', '2016/17', 2), ('system_leadership', 'L2', '2016/17', 0);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('net_position_pct', 'L1', '2016/17', 0, 100), ('net_position_pct', 'L2', '2016/17', -2, 100);
SELECT results_eq($$ SELECT unit, node, value, round(score::numeric, 2), category FROM stp.assess('stp-2017', '2016/17')
                      WHERE node IN ('overall', 'leadership', 'net_position_pct') AND score IS NOT NULL ORDER BY unit, place $$,
    $$ VALUES ('S1', 'overall', NULL::float8, 1.67, 'Outstanding'), ('S1', 'leadership', NULL, 1.33, 'Established'), ('S1', 'net_position_pct', 0, 2.00, NULL),
              ('S2', 'overall', NULL, 0.00, 'Needs most improvement'), ('S2', 'leadership', NULL, 0.00, 'Early'), ('S2', 'net_position_pct', -2, 0.00, NULL) $$,
    'judgements by brackets, and leadership with labels of its own');

-- The oversight framework of systems: the mean of their organisations by share.
CALL stp.copy_scheme('nof-2026-27-systems', 'systems');
UPDATE stp.scheme_category c SET cut = v.cut FROM (VALUES ('1', 2.0), ('2', 2.5), ('3', 3.0)) v (category, cut) WHERE c.scheme = 'systems' AND c.category = v.category;
INSERT INTO stp.organisation (organisation, name) VALUES ('L3', 'Second');
INSERT INTO stp.membership (organisation, system, share) VALUES ('L3', 'S1', 0.5), ('L3', 'S2', 0.5);
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('nof_average_score', 'L1', '2026/27 Q1', 1.5), ('nof_average_score', 'L3', '2026/27 Q1', 3);
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('nof_deficit', 'L1', '2026/27 Q1', 0), ('nof_deficit', 'L3', '2026/27 Q1', 1);
SELECT results_eq($$ SELECT unit, score, category, override, rank FROM stp.assess('systems', '2026/27 Q1') WHERE parent IS NULL ORDER BY unit $$,
    $$ VALUES ('S1', 2::float8, '1', NULL, 1), ('S2', 3, '3', 'Financial deficit', 2) $$, 'systems on the scores of their organisations');

-- With its flag RAT has the published segment, and the place among the trusts in the file that the published ranks give it.
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('nof_deficit', 'RAT', '2025/26 Q3', 1)
    ON CONFLICT (indicator, organisation, period) DO UPDATE SET value = 1;
SELECT results_eq($$ SELECT r.category, r.rank, (SELECT 1 + count(*)::int FROM league o WHERE o.trust_type = l.trust_type AND o.rank < l.rank), b.rank
                       FROM stp.assess('nof-2025-26', '2025/26 Q3') r JOIN league l ON l.trust_code = r.unit JOIN rated b ON b.unit = r.unit AND b.parent IS NULL
                      WHERE r.unit = 'RAT' AND r.parent IS NULL $$, $$ VALUES ('3', 17, 17, 11) $$, 'the flag of RAT gives it the published segment, and takes it from rank 11 to 17');
SELECT * FROM finish();
