-- Module missing: what a rating can become when what is missing is known. Whatever is filled in, stp.assess() stays within; what was
-- deleted lies within; and what a missing value can be.
SELECT plan(30);
\i demo/load.sql

-- Every method, in both directions, by cuts and by quartiles -----------------------------------------------------------

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, standard, floor)
SELECT name || '_' || better, name, '%', 'proportion', better, 100, CASE better WHEN 'higher' THEN 80 ELSE 25 END, CASE better WHEN 'higher' THEN 20 ELSE 90 END
  FROM unnest('{higher,lower}'::text[]) better, unnest('{tried,other}'::text[]) name;
INSERT INTO stp.organisation (organisation, name, type) SELECT 'N' || i, 'x', 'lacking' FROM generate_series(1, 7) i;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT i.indicator, 'N' || v.n, '2023-03', CASE WHEN i.name = 'tried' THEN v.v ELSE (v.v * 7)::numeric % 100 END, 100
  FROM stp.indicator i, unnest('{12,30,0,47,55,71,93}'::float8[]) WITH ORDINALITY v (v, n) WHERE i.name IN ('tried', 'other');
INSERT INTO stp.scheme (scheme, name, rates, peer_group, better, categorise, missing_weight)
SELECT concat_ws(' ', m, d, c), 'Property', 'organisation', 'type', CASE WHEN m IN ('ranked', 'exponential_rank') THEN 'lower' WHEN m = 'as_is' THEN d ELSE 'higher' END, c, CASE d WHEN 'lower' THEN 'overall' ELSE 'siblings' END
  FROM unnest('{as_is,min_max,z_score,percentile_rank,goalposts,distance_to_target,ranked,brackets,banded,exponential_rank}'::text[]) m, unnest('{higher,lower}'::text[]) d, unnest('{cuts,quartiles}'::text[]) c
 WHERE c = 'cuts' OR d = 'lower';
INSERT INTO stp.scheme_node (scheme, node, name) SELECT scheme, 'all', 'All' FROM stp.scheme WHERE name = 'Property';
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method, low, high, overdispersion)
SELECT s.scheme, n.node, 'all', n.node, n.weight, n.node || '_' || split_part(s.scheme, ' ', 2), m.m, CASE m.m WHEN 'goalposts' THEN 10 END, CASE m.m WHEN 'goalposts' THEN 90 END,
       CASE m.m WHEN 'banded' THEN 'none' END
  FROM stp.scheme s, split_part(s.scheme, ' ', 1) m (m), (VALUES ('tried', 2), ('other', 1)) n (node, weight) WHERE s.name = 'Property';
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score)
SELECT n.scheme, n.node, b.position, b.cut, CASE split_part(n.scheme, ' ', 2) WHEN 'higher' THEN b.score ELSE 100 - b.score END
  FROM stp.scheme_node n, (VALUES (1, NULL::float8, 0), (2, 20, 30), (3, 60, 65), (4, 75, 100)) b (position, cut, score) WHERE n.method = 'brackets' AND n.scheme LIKE 'brackets %';
INSERT INTO stp.scheme_category (scheme, position, category, cut)
SELECT s.scheme, c.position, c.position, CASE WHEN s.categorise = 'cuts' THEN CASE WHEN c.position < 4 THEN k.cut[CASE WHEN s.scheme LIKE 'as_is lower %' THEN 4 - c.position ELSE c.position END] END END
  FROM stp.scheme s, generate_series(1, 4) c (position),
       LATERAL (SELECT CASE split_part(s.scheme, ' ', 1) WHEN 'z_score' THEN '{1,0,-0.5}' WHEN 'ranked' THEN '{1.5,2,3}' WHEN 'exponential_rank' THEN '{6,12,30}' WHEN 'banded' THEN '{1.5,1,0.5}' ELSE '{75,60,30}' END::float8[]) k (cut) WHERE s.name = 'Property';
-- A rule, so that values and scores count beside the sum.
INSERT INTO stp.scheme_override (scheme, override, name, no_better_than) SELECT scheme, 'rule', 'Rule', '3' FROM stp.scheme WHERE name = 'Property' AND scheme LIKE '% higher %';
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold) SELECT scheme, 'rule', 'tried', 'value', '<', 40 FROM stp.scheme_override WHERE override = 'rule' AND name = 'Rule' AND scheme LIKE '% higher %';

CREATE VIEW rating AS SELECT s.scheme, a.unit, a.score, a.category FROM stp.scheme s CROSS JOIN LATERAL stp.assess(s.scheme, '2023-03') a
 WHERE s.name = 'Property' AND a.parent IS NULL AND a.peer_group = 'lacking';
CREATE VIEW range AS SELECT s.scheme, r.* FROM stp.scheme s CROSS JOIN LATERAL stp.missing_range(s.scheme, '2023-03') r WHERE s.name = 'Property' AND r.peer_group = 'lacking';
CREATE TABLE known AS TABLE rating;
SELECT is_empty($$ SELECT * FROM range JOIN known k USING (scheme, unit) WHERE (score_low, score_high, categories, deciding) IS DISTINCT FROM (k.score, k.score, ARRAY[k.category], CASE WHEN scheme NOT LIKE '% quartiles' THEN '{}'::text[] END)
                     OR NOT (low_attained AND high_attained AND exact) OR missing + missing_of_peers > 0 $$, 'nothing missing: one point, the rating');
SELECT is((SELECT count(*) FROM range), 30 * 7::bigint, 'a row for each unit');

DELETE FROM stp.observation WHERE (organisation, split_part(indicator, '_', 1)) IN (('N2', 'tried'), ('N5', 'tried'), ('N6', 'other')) AND period = '2023-03';
CREATE TABLE reach AS TABLE range;
SELECT is_empty($$ SELECT * FROM reach JOIN known k USING (scheme, unit) WHERE NOT (k.score BETWEEN score_low - 1e-9 AND score_high + 1e-9) OR NOT k.category = ANY (categories) $$, 'what was deleted lies within');
SELECT results_eq($$ SELECT unit, min(missing), max(missing) FROM reach GROUP BY 1 ORDER BY 1 $$, $$ VALUES ('N1', 0, 0), ('N2', 1, 1), ('N3', 0, 0), ('N4', 0, 0), ('N5', 1, 1), ('N6', 1, 1), ('N7', 0, 0) $$, 'what is missing is counted');
SELECT results_eq($$ SELECT split_part(scheme, ' ', 1) FROM reach GROUP BY 1 HAVING max(missing_of_peers) = 0 ORDER BY 1 $$, $$ VALUES ('as_is'), ('banded'), ('brackets'), ('goalposts') $$, 'by some methods peers do not matter, nor where there is a standard');

CREATE TABLE tried (scheme text, unit text, score float8, category text);
DO $$
DECLARE fill record;
BEGIN
    FOR fill IN SELECT a, b, c FROM unnest('{0,21,50,80,100}'::float8[]) a, unnest('{0,30,71,72,100}'::float8[]) b, unnest('{0,55,100}'::float8[]) c LOOP
        INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
        SELECT v.i || '_' || d, v.o, '2023-03', v.n, 100 FROM (VALUES ('tried', 'N2', fill.a), ('tried', 'N5', fill.b), ('other', 'N6', fill.c)) v (i, o, n), unnest('{higher,lower}'::text[]) d
            ON CONFLICT (indicator, period, organisation) DO UPDATE SET numerator = excluded.numerator;
        INSERT INTO tried SELECT * FROM rating;
    END LOOP;
    DELETE FROM stp.observation WHERE (organisation, split_part(indicator, '_', 1)) IN (('N2', 'tried'), ('N5', 'tried'), ('N6', 'other')) AND period = '2023-03';
END $$;
CREATE TABLE summary AS SELECT scheme, unit, min(score) AS low, max(score) AS high, array_agg(DISTINCT category ORDER BY category) AS categories FROM tried GROUP BY 1, 2;
SELECT is_empty($$ SELECT * FROM summary t JOIN reach r USING (scheme, unit) WHERE t.low < score_low - 1e-9 OR t.high > score_high + 1e-9 OR NOT t.categories <@ r.categories $$, 'nothing that is filled in leads beyond');
SELECT is_empty($$ SELECT * FROM summary t JOIN reach r USING (scheme, unit) WHERE split_part(scheme, ' ', 1) NOT IN ('z_score', 'ranked', 'banded', 'percentile_rank', 'exponential_rank') AND (t.low > score_low + 1e-9 OR t.high < score_high - 1e-9) $$,
    'and the ends are reached: of methods whose extremes are at 0 and 100');
DO $$
DECLARE own float8;
BEGIN
    FOR own IN SELECT generate_series(0, 100, 4) LOOP
        INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('tried_higher', 'N5', '2023-03', own, 100)
            ON CONFLICT (indicator, period, organisation) DO UPDATE SET numerator = excluded.numerator;
        INSERT INTO tried SELECT * FROM rating WHERE scheme IN ('as_is higher cuts', 'goalposts higher cuts', 'brackets higher cuts');
    END LOOP;
    DELETE FROM stp.observation WHERE indicator = 'tried_higher' AND organisation = 'N5' AND period = '2023-03';
END $$;
SELECT is_empty($$ SELECT * FROM (SELECT scheme, unit, array_agg(DISTINCT category ORDER BY category) AS categories FROM tried GROUP BY 1, 2) t JOIN reach r USING (scheme, unit)
                    WHERE unit = 'N5' AND scheme IN ('as_is higher cuts', 'goalposts higher cuts', 'brackets higher cuts') AND (t.categories <> r.categories OR NOT exact) $$, 'with all the categories');
SELECT is_empty($$ SELECT * FROM reach WHERE NOT exact AND scheme NOT LIKE '% quartiles' AND split_part(scheme, ' ', 1) IN ('as_is', 'min_max', 'z_score', 'goalposts', 'brackets') $$, 'which are exact by cuts');
SELECT is_empty($$ SELECT * FROM reach WHERE (cardinality(categories) = 1) <> (deciding = '{}') AND scheme NOT LIKE '% quartiles' $$, 'nothing decides where there is one category');
SELECT is_empty($$ SELECT * FROM reach WHERE (deciding IS NULL) <> (scheme LIKE '% quartiles') $$, 'nor is it searched for where the cohort makes the cuts');
SELECT results_eq($$ SELECT unit, categories, deciding FROM reach WHERE scheme = 'goalposts higher cuts' AND missing > 0 ORDER BY 1 $$,
    $$ VALUES ('N2', '{2,3,4}'::text[], '{tried}'::text[]), ('N5', '{1,2,3}', '{tried}'), ('N6', '{1,2,3}', '{other}') $$, 'one value decides');
SELECT results_eq($$ SELECT categories, deciding FROM reach WHERE scheme = 'min_max higher cuts' AND unit = 'N6' $$, $$ VALUES ('{1,2,3}'::text[], '{other,tried}'::text[]) $$, 'or with it what is missing of the peers');
SELECT is_empty($$ SELECT * FROM stp.missing_values('as_is higher cuts', '2023-03') v WHERE peer_group = 'lacking' AND (status <> 'no data' OR least <> 0 OR greatest <> 100 OR tried <> CASE node WHEN 'tried' THEN 5 ELSE 6 END) $$,
    'each missing value, with what it can be and what it was tried with');
SELECT results_eq($$ SELECT unit, node FROM stp.missing_values('as_is higher cuts', '2023-03', 'N5') $$, $$ VALUES ('N5', 'tried') $$, 'of one unit');

-- One value, known: what stp.assess() makes of it, for each that is known of a peer.
CREATE TABLE moved (unit text, changes float8, moved float8);
DO $$
DECLARE peer float8;
    now text := (SELECT category FROM rating WHERE scheme = 'min_max higher cuts' AND unit = 'N2');
BEGIN
    FOR peer IN SELECT numerator FROM stp.observation WHERE indicator = 'tried_higher' AND period = '2023-03' LOOP
        INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('tried_higher', 'N2', '2023-03', peer, 100);
        INSERT INTO moved SELECT unit, (category <> now)::int, now::int - category::int FROM rating WHERE scheme = 'min_max higher cuts' AND unit = 'N2';
        DELETE FROM stp.observation WHERE indicator = 'tried_higher' AND organisation = 'N2' AND period = '2023-03';
    END LOOP;
END $$;
SELECT results_eq($$ SELECT tried, probability_of_change, expected_move FROM stp.missing_values('min_max higher cuts', '2023-03', 'N2') $$,
    'SELECT count(*)::int, avg(changes), avg(moved) FROM moved', 'what a value would change is what it changes');
SELECT is_empty($$ SELECT * FROM rating EXCEPT SELECT scheme, unit, score, category FROM reach $$, 'and everything is as it was');

-- What a value can be of which a part is there ----------------------------------------------------------------------

INSERT INTO stp.system (system, name) VALUES ('MS1', 'One'), ('MS2', 'Two'), ('MS3', 'Three');
INSERT INTO stp.organisation (organisation, name) VALUES ('MA', 'A'), ('MB', 'B'), ('MC', 'C');
INSERT INTO stp.membership (organisation, system) VALUES ('MA', 'MS1'), ('MB', 'MS1'), ('MC', 'MS2');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('share', 'Share', '%', 'proportion', 'higher', 100, 'reports'), ('rate', 'Rate', '%', 'rate', 'lower', 100, 'reports'), ('level', 'Level', 'x', 'mean', 'higher', 1, 'none');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT i, o, p, n, 100 FROM unnest('{share,rate}'::text[]) i, (VALUES ('MA', '2025-01'::stp.period, 50), ('MB', '2025-01', 30), ('MA', '2025-02', 60), ('MC', '2025-01', 20)) v (o, p, n);
INSERT INTO stp.observation (indicator, organisation, period, denominator, status) SELECT i, 'MC', '2025-02', 224, 'suppressed' FROM unnest('{share,rate}'::text[]) i;
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('level', 'MA', '2025-02', 3), ('level', 'MC', '2025-02', 5);
INSERT INTO stp.scheme (scheme, name, rates, complete_from) VALUES ('parts', 'Parts', 'system', 0), ('endless', 'Endless', 'system', 0);
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low, high) VALUES ('parts', 'all', NULL, 'All', NULL, NULL, NULL, NULL),
    ('parts', 'share', 'all', 'Share', 'share', 'goalposts', 0, 100), ('parts', 'rate', 'all', 'Rate', 'rate', 'goalposts', 0, 100), ('parts', 'level', 'all', 'Level', 'level', 'goalposts', 0, 10);
CREATE FUNCTION can_be(unit text, node text, within text DEFAULT 'possible') RETURNS text LANGUAGE sql RETURN
    (SELECT concat_ws(' ', v.status, v.least, v.greatest, v.score_low, v.score_high) FROM stp.missing_values('parts', '2025-02', can_be.unit, can_be.within) v WHERE v.node = can_be.node);
SELECT is(can_be('MS1', 'share'), 'partial 30 80 30 80', 'the missing report holds nothing, or all of its usual denominator');
SELECT is(can_be('MS1', 'rate'), 'partial 30 Infinity 0 70', 'or of a rate anything');
SELECT is(can_be('MS2', 'share'), 'suppressed 0 3.125 0 3.125', 'a suppressed count is between 0 and the last that is suppressed');
SELECT is(can_be('MS3', 'share'), 'no data 0 100 0 100', 'nothing is there: whatever a share can be');
SELECT is(can_be('MS3', 'rate'), 'no data 0 Infinity 0 100', 'a rate');
SELECT is(can_be('MS3', 'level'), 'no data -Infinity Infinity 0 100', 'or a mean');
SELECT is(can_be('MS3', 'level', 'reported'), 'no data 3 5 30 50', 'within what is known of others');
SELECT is(can_be('MS2', 'level'), NULL, 'what is known is not missing');
SELECT results_eq($$ SELECT score_low, score_high, low_attained, high_attained, category, categories, exact, missing, deciding FROM stp.missing_range('parts', '2025-02', 'MS1') $$,
    $$ VALUES ((30 + 0 + 30) / 3::float8, (80 + 70 + 30) / 3::float8, true, true, NULL::text, NULL::text[], false, 2, NULL::text[]) $$, 'a scheme without categories; how much was to come is only usual');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('endless', 'rate', 'Rate', 'rate', 'as_is');
SELECT results_eq($$ SELECT unit, score_low, score_high, low_attained, high_attained FROM stp.missing_range('endless', '2025-02') WHERE unit LIKE 'MS_' ORDER BY 1 $$,
    $$ VALUES ('MS1', 30::float8, 'Infinity'::float8, true, false), ('MS2', 0, 3.125, true, true), ('MS3', 0, 'Infinity', true, false) $$, 'a score without end');

-- On the published figures: what is deleted lies within ----------------------------------------------------------------

CREATE TABLE rated AS SELECT unit, score, category FROM stp.assess('stp-2026', '2026-03') WHERE parent IS NULL;
SELECT is((SELECT count(*) FROM stp.missing_range('stp-2026', '2026-03') m JOIN rated r USING (unit) WHERE r.score BETWEEN m.score_low - 1e-9 AND m.score_high + 1e-9 AND r.category = ANY (m.categories)),
          42::bigint, 'the rating lies within what it can become');
DELETE FROM stp.observation WHERE indicator IN (SELECT indicator FROM stp.scheme_node WHERE scheme = 'stp-2026') AND abs(hashtext(indicator || organisation)) % 20 = 0;
SELECT is_empty($$ SELECT * FROM stp.missing_range('stp-2026', '2026-03') m JOIN rated r USING (unit) WHERE NOT (r.score BETWEEN m.score_low - 1e-9 AND m.score_high + 1e-9) OR NOT r.category = ANY (m.categories) $$,
    'and so does what it was before one in twenty was deleted');
SELECT is_empty($$ SELECT * FROM stp.missing_range('stp-2026', '2026-03') EXCEPT SELECT r.* FROM rated CROSS JOIN LATERAL stp.missing_range('stp-2026', '2026-03', unit) r $$, 'one unit alone has the row it has among all');

SELECT * FROM finish();
