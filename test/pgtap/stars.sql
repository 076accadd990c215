-- Module scheme: stars of American hospitals, April 2021: the published input and output of the program, then what the parts of
-- the scheme do in a few of them.
SELECT plan(48);

\i test/fixtures/assessment/cms_2021_04.sql
CREATE TABLE rated AS SELECT * FROM stp.assess('cms-stars-2021', '2020/21');

-- As published -----------------------------------------------------------------------------------------------------------

SELECT is((SELECT count(*) FROM rated r JOIN hospital h ON h.hospital = r.unit WHERE parent IS NULL AND abs(r.score - h.score) < 5e-9), 4536::bigint, 'all 4,536 scores come out');
SELECT is((SELECT count(*) FROM rated r JOIN hospital h ON h.hospital = r.unit WHERE parent IS NULL AND r.category = h.stars::text), 3355::bigint, 'all 3,355 stars');
SELECT is_empty($$ SELECT * FROM rated r JOIN hospital h ON h.hospital = r.unit WHERE parent IS NULL AND (r.category IS NULL) <> (h.stars IS NULL) $$, 'and nobody has one who has none');
SELECT results_eq($$ SELECT status, count(*), count(rank), count(category) FROM rated WHERE parent IS NULL GROUP BY 1 ORDER BY 1 $$, $$ VALUES ('not qualified', 1181::bigint, 0::bigint, 0::bigint), ('partial', 3355, 3355, 3355) $$, 'who does not qualify has a score, but neither rank nor category');
SELECT results_eq($$ SELECT node, count(*) FROM rated WHERE status = 'few units' GROUP BY 1 $$, $$ VALUES ('op_2', 90::bigint) $$, 'a measure that 90 report is dropped');
SELECT is_empty($$ SELECT r.unit FROM rated r JOIN rated o ON o.unit = r.unit AND o.parent IS NULL WHERE r.depth = 1 GROUP BY r.unit, o.score HAVING abs(sum(r.contribution) - o.score) > 1e-12 $$, 'groups add up to the score');
SELECT is_empty($$ SELECT r.unit FROM rated r JOIN rated o ON (o.unit, o.node) = (r.unit, r.parent) WHERE r.depth = 2 GROUP BY r.unit, r.parent, o.contribution HAVING abs(sum(r.contribution) - max(o.contribution)) > 1e-12 $$, 'measures to their group, though it is standardised again');
SELECT is_empty($$ SELECT * FROM (SELECT r.score, (r.value - avg(r.value) OVER g) / stddev_samp(r.value) OVER g AS by_hand FROM rated r WHERE depth = 1 WINDOW g AS (PARTITION BY node)) s WHERE NOT abs(score - by_hand) < 1e-9 $$, 'the value of a group is what its measures come to, its score the z-score of that');
SELECT is_empty($$ SELECT * FROM rated r JOIN (SELECT unit, parent, count(score) AS measures FROM rated WHERE depth = 2 GROUP BY 1, 2) m ON (m.unit, m.parent) = (r.unit, r.node) WHERE (r.rank IS NULL) <> (m.measures < 3) $$, 'a group has a rank from three measures on');
SELECT is_empty($$ SELECT * FROM (SELECT category::int AS stars, rank, lag(category::int) OVER (ORDER BY rank) AS before FROM rated WHERE parent IS NULL AND rank > 0) r WHERE stars > before $$, 'more stars, better rank');

-- Which categories depend on how clusters are found.
CREATE TABLE clustered AS SELECT * FROM stp.clusters('cms-stars-2021', '2020/21');
SELECT results_eq($$ SELECT qualified, count(*), count(*) FILTER (WHERE depends) FROM clustered GROUP BY 1 ORDER BY 1 $$, $$ VALUES (3, 337::bigint, 67::bigint), (4, 553, 26), (5, 2465, 6) $$, '99 stars depend on the seeds and the second run');
SELECT is_empty($$ SELECT * FROM clustered c JOIN rated r USING (unit) WHERE r.parent IS NULL AND (c.score, c.category, c.k_means) IS DISTINCT FROM (r.score, r.category, r.category) $$, 'beside the stars as rated');
SELECT is_empty($$ SELECT * FROM clustered c JOIN hospital h ON h.hospital = c.unit WHERE c.qualified <> h.groups $$, 'of those with as many groups as published');
SELECT ok((SELECT sum((score - middle) ^ 2) FROM (SELECT score, avg(score) OVER (PARTITION BY qualified, natural_breaks) AS middle FROM clustered) c)
        < (SELECT sum((score - mean) ^ 2) FROM (SELECT score, avg(score) OVER (PARTITION BY qualified, k_means) AS mean FROM clustered) c), 'natural breaks leave less within');
CALL stp.copy_scheme('cms-stars-2021', 'stars');
UPDATE stp.scheme SET categorise = 'natural_breaks', strictness = NULL WHERE scheme = 'stars';
SELECT is((SELECT count(*) FROM clustered c JOIN stp.assess('stars', '2020/21') a ON a.unit = c.unit AND a.parent IS NULL WHERE a.category = c.natural_breaks), 3355::bigint, 'a copy can be categorised by them');
UPDATE stp.scheme SET categorise = 'k_means', seeds = 'even' WHERE scheme = 'stars';
SELECT ok((SELECT count(*) > 400 FROM stp.clusters('stars', '2020/21') c JOIN clustered o USING (unit) WHERE c.k_means <> o.k_means), 'from other seeds, without a second run, hundreds of stars are others');
SELECT throws_ok($$ SELECT * FROM stp.clusters('stp-2026', '2020/21') $$, '22023', 'scheme "stp-2026" does not categorise by clusters', 'where there are no clusters');

-- A few of them, in a copy -----------------------------------------------------------------------------------------------

CREATE TABLE moment AS SELECT clock_timestamp() AS at;
DELETE FROM stp.observation WHERE organisation NOT IN (SELECT hospital FROM hospital ORDER BY md5(hospital) LIMIT 120);
UPDATE stp.scheme SET seeds = NULL, strictness = 1, category_group = NULL WHERE scheme = 'stars';
UPDATE stp.scheme_node SET minimum_units = 20 WHERE scheme = 'stars' AND minimum_units IS NOT NULL;
CREATE TABLE few AS SELECT * FROM stp.assess('stars', '2020/21');
SELECT results_eq('SELECT count(*), count(DISTINCT category) FROM few WHERE parent IS NULL AND category IS NOT NULL', $$ SELECT count(stars), 5::bigint FROM hospital WHERE hospital IN (SELECT unit FROM few) $$, 'the same qualify, and have five categories');
SELECT is_empty($$ SELECT * FROM few a JOIN few b ON a.parent IS NULL AND b.parent IS NULL AND a.score > b.score AND a.category::int < b.category::int $$, 'all in one group: more stars, better score');
SELECT set_config('stp.as_of', at::text, false) IS NULL AS nothing FROM moment;
SELECT is((SELECT count(*) FROM rated r JOIN stp.assess('cms-stars-2021', '2020/21') a USING (unit, node) WHERE (a.score, a.category) IS NOT DISTINCT FROM (r.score, r.category)), (SELECT count(*) FROM rated), 'as of before, all is as it was');
RESET stp.as_of;

-- What one needs is tried.
CREATE TABLE need AS SELECT e.* FROM (SELECT unit FROM few WHERE parent IS NULL AND category IN ('1', '2', '3') ORDER BY unit LIMIT 4) u CROSS JOIN LATERAL stp.explain('stars', '2020/21', u.unit) e;
SELECT ok((SELECT count(*) > 40 FROM need WHERE indicator IS NOT NULL AND needed_value IS NOT NULL), 'values are needed');
CREATE FUNCTION category_with(of_indicator text, of_unit text, new float8) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    old float8; found text;
BEGIN
    SELECT value INTO old FROM stp.observation WHERE (indicator, organisation) = (of_indicator, of_unit);
    UPDATE stp.observation SET value = new WHERE (indicator, organisation) = (of_indicator, of_unit);
    SELECT category INTO found FROM stp.assess('stars', '2020/21') WHERE unit = of_unit AND parent IS NULL;
    UPDATE stp.observation SET value = old WHERE (indicator, organisation) = (of_indicator, of_unit);
    RETURN found;
END $$;
SELECT is_empty($$ SELECT * FROM (SELECT n.*, category_with(indicator, unit, needed_value) AS with FROM (SELECT * FROM need WHERE indicator IS NOT NULL AND needed_value IS NOT NULL ORDER BY md5(unit || node) LIMIT 25) n) n WHERE "with" IS DISTINCT FROM next_category $$, 'each brings the category that is named');
SELECT is_empty($$ SELECT * FROM (SELECT n.*, category_with(indicator, unit, needed_value + 1e-6 * (value - needed_value)) AS with FROM (SELECT * FROM need WHERE indicator IS NOT NULL AND needed_value IS NOT NULL ORDER BY md5(unit || node) LIMIT 25) n) n WHERE "with"::int >= next_category::int $$, 'and one just short of it does not');

-- The rule of 2026: the worst quarter of safety has four stars at most.
INSERT INTO stp.scheme_override (scheme, override, name, no_better_than) VALUES ('stars', 'safety', 'Safety in the lowest quarter', '3');
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold) VALUES ('stars', 'safety', 'safety', 'quartile', '=', 4);
CREATE TABLE capped AS SELECT * FROM stp.assess('stars', '2020/21');
SELECT ok((SELECT count(*) BETWEEN 1 AND 30 FROM capped c JOIN few f USING (unit, node) WHERE c.parent IS NULL AND c.category <> f.category), 'a rule about a quartile takes stars away') ;
SELECT is_empty($$ WITH safety AS (SELECT unit, score FROM capped WHERE node = 'safety' AND rank IS NOT NULL), quarter AS (SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY score) AS end FROM safety)
    SELECT * FROM capped c LEFT JOIN safety s USING (unit) CROSS JOIN quarter q WHERE c.parent IS NULL AND (c.override IS NOT NULL) <> coalesce(s.score < q.end - 1e-12, false) $$, 'it holds for those below the first quarter of whom safety has three measures');
UPDATE stp.scheme_override_condition SET measure = 'qualified', comparison = '<', node = 'overall', threshold = 5 WHERE scheme = 'stars';
SELECT is_empty($$ SELECT * FROM stp.assess('stars', '2020/21') c JOIN hospital h ON h.hospital = c.unit WHERE c.parent IS NULL AND h.stars IS NOT NULL AND (c.override IS NOT NULL) <> (h.groups < 5) $$, 'or a rule about how many qualify');
DELETE FROM stp.scheme_override WHERE scheme = 'stars';

-- Changes, chance and what is missing.
CREATE TABLE changed AS SELECT unit FROM few WHERE parent IS NULL AND category IS NOT NULL ORDER BY unit LIMIT 2;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT indicator, organisation, '2021/22', CASE WHEN organisation IN (SELECT unit FROM changed) THEN value * 0.9 ELSE value END FROM stp.observation WHERE period = '2020/21';
CREATE TABLE moved AS SELECT c.* FROM changed u CROSS JOIN LATERAL stp.explain_change('stars', '2020/21', '2021/22', u.unit) c;
SELECT is_empty($$ SELECT m.unit FROM moved m JOIN stp.assess('stars', '2021/22') a ON a.unit = m.unit AND a.parent IS NULL JOIN few f ON f.unit = m.unit AND f.parent IS NULL
    WHERE m.depth = 0 GROUP BY m.unit, a.score, f.score HAVING abs(sum(m.change) - (a.score - f.score)) > 1e-9 $$, 'the parts of a change add up to it');
SELECT ok((SELECT count(DISTINCT part) > 1 AND bool_and(NOT change = 'NaN') FROM moved WHERE change <> 0), 'to own data and that of peers');
SELECT ok((SELECT bool_and(rank_low <= rank_median AND rank_median <= rank_high) FROM stp.robustness('stars', '2020/21', draws => 50) WHERE rank IS NOT NULL), 'ranks under other weights');
CREATE TABLE range AS SELECT * FROM stp.missing_range('stars', '2020/21');
SELECT is_empty($$ SELECT * FROM range r JOIN few f ON f.unit = r.unit AND f.parent IS NULL WHERE f.score NOT BETWEEN r.score_low AND r.score_high OR f.category IS DISTINCT FROM r.category OR NOT (f.category = ANY (r.categories) OR f.category IS NULL) OR r.exact $$, 'what is missing can bring more than there is: bounds, and said to be');

-- What is no scheme.
CREATE FUNCTION fault(change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE change;
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    RETURN 'sound';
EXCEPTION WHEN check_violation THEN
    RETURN SQLERRM;
END $$;
-- Where there are no clusters nobody has a category, nor a better one than others; and such a scheme is kept.
INSERT INTO stp.organisation (organisation, name, type) SELECT 'X' || u, 'X', 'X' FROM generate_series(1, 4) u;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('x', 'X', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.scheme (scheme, name, rates, peer_group, categorise, grain) VALUES ('x', 'X', 'organisation', NULL, 'natural_breaks', 'year');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('x', 'all', NULL, 'All', NULL, 'z_score'), ('x', 'x', 'all', 'X', 'x', 'as_is');
INSERT INTO stp.scheme_category (scheme, position, category) SELECT 'x', i, i::text FROM generate_series(1, 4) i;
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'x', 'X' || u, '2022/23', least(u, 3) FROM generate_series(1, 4) u;
SELECT results_eq($$ SELECT rank, category FROM stp.assess('x', '2022/23') WHERE parent IS NULL ORDER BY unit $$, $$ VALUES (4, NULL), (3, NULL), (1, NULL), (1, NULL) $$, 'three scores are not four clusters');
DELETE FROM stp.scheme_category WHERE (scheme, position) = ('x', 4);
SELECT results_eq($$ SELECT rank, category, natural_breaks FROM stp.assess('x', '2022/23') JOIN stp.clusters('x', '2022/23') USING (unit, category) WHERE parent IS NULL ORDER BY unit $$, $$ VALUES (4, '3', '3'), (3, '2', '2'), (1, '1', '1'), (1, '1', '1') $$, 'but three');
CALL stp.refresh('x');
SELECT bag_eq($$ SELECT unit, node, score, category FROM stp.assessment_node WHERE scheme = 'x' AND period = '2022/23' $$, $$ SELECT unit, node, score, category FROM stp.assess('x', '2022/23') $$, 'what is kept is what is rated');
SELECT is((SELECT count(*) FROM stp.assessment_cohort WHERE scheme = 'x' AND period = '2022/23'), 1::bigint, 'with the quartiles of the leaf');
-- A rule about what comes to a node with a method.
UPDATE stp.scheme SET categorise = 'cuts' WHERE scheme = 'x';
UPDATE stp.scheme_category SET cut = 1 - position WHERE scheme = 'x' AND position < 3;
INSERT INTO stp.scheme_override (scheme, override, name, no_better_than) VALUES ('x', 'low', 'Less than 2', '3');
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold) VALUES ('x', 'low', 'all', 'value', '>', 2.5);
SELECT results_eq($$ SELECT a.category, r.categories, r.exact FROM stp.assess('x', '2022/23') a JOIN stp.missing_range('x', '2022/23') r USING (unit) WHERE a.parent IS NULL ORDER BY a.unit $$,
    $$ VALUES ('3', ARRAY['3'], true), ('2', ARRAY['2'], true), ('3', ARRAY['3'], true), ('3', ARRAY['3'], true) $$, 'where nothing is missing, nothing else can be');
SELECT is(fault($$ UPDATE stp.scheme_node SET method = 'exponential_rank' WHERE (scheme, node) = ('x', 'all') $$), 'scheme "x": the scores of node "all" are better lower, and the scheme is better higher', 'a root whose scores go the other way');

SELECT is(fault(change), CASE error WHEN 'sound' THEN error ELSE 'scheme "stars": ' || error END, error) FROM (VALUES
    ($$ UPDATE stp.scheme_node SET method = 'banded' WHERE (scheme, node) = ('stars', 'safety') $$, 'node "safety" has a method, bounds, a reference or an age but no indicator'),
    ($$ UPDATE stp.scheme_node SET transformation = 'log' WHERE (scheme, node) = ('stars', 'safety') $$, 'node "safety" has a method, bounds, a reference or an age but no indicator'),
    ($$ UPDATE stp.scheme_node SET minimum_units = 3 WHERE (scheme, node) = ('stars', 'overall') $$, 'node "overall" has a method, bounds, a reference or an age but no indicator'),
    ($$ UPDATE stp.scheme_node SET low = 1, high = 3 WHERE (scheme, node) = ('stars', 'safety') $$, 'node "safety" has bounds, but the method z_score'),
    ($$ UPDATE stp.scheme_node SET ties = 'low' WHERE (scheme, node) = ('stars', 'safety') $$, 'node "safety" says what ties take, but has the method z_score'),
    ($$ UPDATE stp.scheme_node SET minimum_qualified = 6 WHERE (scheme, node) = ('stars', 'overall') $$, 'node "overall" asks for 6 children that qualify, but has 5'),
    ($$ UPDATE stp.scheme_node SET minimum_qualified = 1 WHERE (scheme, node) = ('stars', 'hai_1') $$, 'node "hai_1" asks for 1 children that qualify, but has 0'),
    ($$ UPDATE stp.scheme_node SET pivotal = true WHERE (scheme, node) = ('stars', 'overall') $$, 'node "overall" is pivotal, but no child that its parent counts'),
    ($$ UPDATE stp.scheme SET categorise = 'quartiles', strictness = NULL, category_group = 'qualified' WHERE scheme = 'stars' $$, 'has settings of clusters, but is categorised by quartiles'),
    ($$ UPDATE stp.scheme SET categorise = 'natural_breaks' WHERE scheme = 'stars' $$, 'has settings of clusters, but is categorised by natural_breaks'),
    ($$ UPDATE stp.scheme_node SET method = NULL WHERE (scheme, node) = ('stars', 'safety') $$, 'sound'),
    ($$ UPDATE stp.scheme_node SET method = 'min_max', low = 0, high = 1 WHERE (scheme, node) = ('stars', 'safety') $$, 'node "overall" combines scores on different scales: "mortality", "readmission", "experience" and 1 more in standard deviations, higher is better; "safety" 0 to 1, higher is better')) f (change, error);

SELECT * FROM finish();
