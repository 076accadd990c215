-- What a unit needs for a better category: by every method, in both directions, by cuts and by quartiles.
SELECT plan(8);

-- The value brings the category that is named, one just short of it
-- none that is better; and where none is named no value of a wide grid brings any.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, standard, floor)
SELECT name || '_' || better, name, 'x', 'mean', better, 'none', CASE better WHEN 'higher' THEN 80 ELSE 25 END, CASE better WHEN 'higher' THEN 20 ELSE 90 END
  FROM unnest('{higher,lower}'::text[]) better, unnest('{tried,other}'::text[]) name;
INSERT INTO stp.organisation (organisation, name, type) SELECT 'N' || i, 'x', 'needy' FROM generate_series(1, 7) i;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT i.indicator, 'N' || v.n, '2023-03', CASE WHEN i.name = 'tried' THEN v.v ELSE (v.v * 7)::numeric % 100 END
  FROM stp.indicator i, unnest('{12.5,30,0.3,47,55.5,71,93}'::float8[]) WITH ORDINALITY v (v, n) WHERE i.name IN ('tried', 'other');
INSERT INTO stp.scheme (scheme, name, rates, peer_group, better, categorise)
SELECT concat_ws(' ', m, d, c), 'Property', 'organisation', 'type', CASE WHEN m IN ('ranked', 'exponential_rank') THEN 'lower' WHEN m = 'as_is' THEN d ELSE 'higher' END, c
  FROM unnest('{as_is,min_max,z_score,percentile_rank,goalposts,distance_to_target,ranked,brackets,exponential_rank}'::text[]) m, unnest('{higher,lower}'::text[]) d, unnest('{cuts,quartiles}'::text[]) c
 WHERE c = 'cuts' OR (d = 'lower' AND m NOT IN ('as_is', 'goalposts', 'distance_to_target', 'brackets'));
INSERT INTO stp.scheme_node (scheme, node, name) SELECT scheme, 'all', 'All' FROM stp.scheme WHERE name = 'Property';
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method, low, high)
SELECT s.scheme, n.node, 'all', n.node, n.weight, n.node || '_' || split_part(s.scheme, ' ', 2), m.m, CASE m.m WHEN 'goalposts' THEN 10 END, CASE m.m WHEN 'goalposts' THEN 90 END
  FROM stp.scheme s, split_part(s.scheme, ' ', 1) m (m), (VALUES ('tried', 2), ('other', 1)) n (node, weight) WHERE s.name = 'Property';
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score)
SELECT n.scheme, n.node, b.position, b.cut, CASE split_part(n.scheme, ' ', 2) WHEN 'higher' THEN b.score ELSE 100 - b.score END
  FROM stp.scheme_node n, (VALUES (1, NULL::float8, 0), (2, 20, 30), (3, 60, 65), (4, 75, 100)) b (position, cut, score) WHERE n.method = 'brackets' AND n.scheme LIKE 'brackets %';
INSERT INTO stp.scheme_category (scheme, position, category, cut)
SELECT s.scheme, c.position, c.position, CASE WHEN s.categorise = 'cuts' THEN CASE WHEN c.position < 4 THEN k.cut[CASE WHEN s.scheme LIKE 'as_is lower %' THEN 4 - c.position ELSE c.position END] END END
  FROM stp.scheme s, generate_series(1, 4) c (position),
       LATERAL (SELECT CASE split_part(s.scheme, ' ', 1) WHEN 'z_score' THEN '{1,0,-0.5}' WHEN 'ranked' THEN '{1.5,2,3}' WHEN 'exponential_rank' THEN '{6,12,30}' ELSE '{75,60,30}' END::float8[]) k (cut) WHERE s.name = 'Property';
CREATE TABLE property AS SELECT s.scheme, split_part(s.scheme, ' ', 2) AS better, u.unit, e.indicator, e.value, a.category::int AS now, e.next_category::int AS next, e.needed_value AS needed
  FROM stp.scheme s CROSS JOIN LATERAL stp.assess(s.scheme, '2023-03') a CROSS JOIN LATERAL (SELECT a.unit) u
 CROSS JOIN LATERAL stp.explain(s.scheme, '2023-03', u.unit) e WHERE s.name = 'Property' AND a.parent IS NULL AND a.peer_group = 'needy' AND e.node = 'tried';
CREATE FUNCTION category_with(scheme text, organisation text, indicator text, tried float8) RETURNS int LANGUAGE plpgsql STRICT AS $$
DECLARE
    was    float8;
    result int;
BEGIN
    SELECT o.value INTO was FROM stp.observation o WHERE (o.indicator, o.organisation) = (category_with.indicator, category_with.organisation);
    UPDATE stp.observation o SET value = tried WHERE (o.indicator, o.organisation) = (category_with.indicator, category_with.organisation);
    SELECT a.category INTO result FROM stp.assess(category_with.scheme, '2023-03') a WHERE a.unit = category_with.organisation AND a.parent IS NULL;
    UPDATE stp.observation o SET value = was WHERE (o.indicator, o.organisation) = (category_with.indicator, category_with.organisation);
    RETURN result;
END $$;
ALTER TABLE property ADD brings int, ADD short_of int, ADD brought int;
-- Each in a transaction of its own, so that versions of a row do not pile up.
DO $$
DECLARE
    p    property;
    sign int;
BEGIN
    FOR p IN SELECT * FROM property WHERE now > 1 LOOP
        sign := CASE p.better WHEN 'higher' THEN 1 ELSE -1 END;
        IF p.needed IS NULL THEN
            p.brought := (SELECT min(category_with(p.scheme, p.unit, p.indicator, p.value + sign * g * g * g / 4.0)) FROM generate_series(1, 8) g);
        END IF;
        UPDATE property u
           SET brings = category_with(p.scheme, p.unit, p.indicator, p.needed), brought = p.brought,
               short_of = category_with(p.scheme, p.unit, p.indicator, p.needed - sign * abs(p.needed) * 1e-9)
         WHERE (u.scheme, u.unit) = (p.scheme, p.unit);
        COMMIT;
    END LOOP;
END $$;
SELECT ok((SELECT count(needed) > 60 AND count(brought) > 3 AND count(*) FILTER (WHERE next < now - 1) > 2 AND count(DISTINCT scheme) FILTER (WHERE needed IS NOT NULL) = 23
             FROM property), 'values that are needed, that there are not, and that skip a category, of every scheme');
SELECT is_empty($$ SELECT * FROM property WHERE brings <> next $$, 'by every method the value brings the category that is named');
SELECT is_empty($$ SELECT * FROM property WHERE short_of < now $$, 'one just short of it none that is better');
SELECT is_empty($$ SELECT * FROM property WHERE brought < now $$, 'and where none is needed none of a wide grid brings any');

-- Figures within a fiftieth of a point of each other, and a value ten points away.
INSERT INTO stp.scheme (scheme, name, rates, peer_group) VALUES ('far', 'Far', 'organisation', 'type'), ('wide', 'Wide', 'organisation', 'type');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method, low, high) VALUES ('far', 'all', 'All', 'tried_higher', 'goalposts', 0, 100), ('wide', 'all', 'All', 'tried_higher', 'brackets', NULL, NULL);
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('wide', 'all', 1, NULL, 0), ('wide', 'all', 2, 75, 100);
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('far', 1, 'C1', 60), ('far', 2, 'C2', NULL), ('wide', 1, 'C1', 80), ('wide', 2, 'C2', 60), ('wide', 3, 'C3', NULL);
UPDATE stp.observation SET value = 50 + (right(organisation, 1)::int - 1) % 3 * 0.01 WHERE indicator = 'tried_higher';
SELECT results_eq($$ SELECT DISTINCT e.needed_value, e.next_category FROM stp.cohort('far', '2023-03') c, stp.explain('far', '2023-03', c.unit) e $$, $$ VALUES (60::float8, 'C1') $$, 'many ranges of the cohort away');
UPDATE stp.observation SET value = 70 WHERE indicator = 'tried_higher' AND organisation = 'N1';
SELECT results_eq($$ SELECT category, needed_value, next_category FROM stp.explain('wide', '2023-03', 'N1') $$, $$ VALUES ('C3', 60::float8, 'C2') $$, 'the score of the next category');
-- A leaf below a root.
INSERT INTO stp.scheme (scheme, name, rates, peer_group) VALUES ('step', 'Step', 'organisation', 'type');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('step', 'all', NULL, 'All', NULL, NULL), ('step', 'tried', 'all', 'Tried', 'tried_higher', 'brackets');
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('step', 'tried', 1, NULL, 0), ('step', 'tried', 2, 75, 100);
INSERT INTO stp.scheme_category (scheme, position, category, cut) SELECT 'step', position, category, cut FROM stp.scheme_category WHERE scheme = 'wide';
SELECT results_eq($$ SELECT node, needed_value, next_category FROM stp.explain('step', '2023-03', 'N1') ORDER BY place $$, $$ VALUES ('all', 60::float8, 'C2'), ('tried', 75, 'C1') $$, 'one step that skips a category is named by the one it reaches');
UPDATE stp.observation SET value = 75 WHERE indicator = 'tried_higher' AND organisation = 'N1';
SELECT is((SELECT category FROM stp.explain('step', '2023-03', 'N1') WHERE parent IS NULL), 'C1', 'which it does');

SELECT * FROM finish();
