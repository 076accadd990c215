-- Module rating: units and peer groups, and every method and rule of a scheme against SQL written by hand.
SELECT plan(64);

CREATE FUNCTION close_to(ours float8, expected float8) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= 1e-9 * greatest(abs(expected), 1), false);

-- Who is rated, and within which group -----------------------------------------------------------------------------

INSERT INTO stp.system (system, name, kind, parent, valid_from, valid_to) VALUES
    ('R', 'Region', 'region', NULL, '2000-04-01', NULL), ('S1', 'One', 'system', 'R', '2000-04-01', NULL), ('S2', 'Two', 'system', 'R', '2000-04-01', NULL),
    ('S3', 'Alone', 'system', NULL, '2000-04-01', NULL), ('S4', 'Gone', 'system', 'R', '2000-04-01', '2010-03-31');
INSERT INTO stp.system (system, name, kind, parent) SELECT s || 'P' || p, 'Place', 'place', s FROM unnest('{S1,S2}'::text[]) s, generate_series(1, 4) p;
INSERT INTO stp.organisation (organisation, name, type, subtype, region)
SELECT 'O' || i, 'Trust', CASE WHEN i <= 4 THEN 'Acute' WHEN i <= 8 THEN 'Community' END, CASE WHEN i % 2 = 0 THEN 'Large' ELSE 'Small' END, 'North' FROM generate_series(1, 9) i;
INSERT INTO stp.organisation (organisation, name, type) VALUES ('silent', 'Member that reports nothing', 'Acute'), ('gone', 'No member, no report', 'Acute');
INSERT INTO stp.membership (organisation, system) SELECT 'O' || i, CASE WHEN i <= 4 THEN 'S1P' || i ELSE 'S2P' || i - 4 END FROM generate_series(1, 8) i;
INSERT INTO stp.membership (organisation, system) VALUES ('silent', 'S3');
INSERT INTO stp.membership (organisation, system, valid_to) VALUES ('gone', 'S3', '2020-03-31');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, per) VALUES
    ('share', 'Share', '%', 'proportion', 'higher', 'reports', 100), ('level', 'Level', 'x', 'mean', 'higher', 'none', 1),
    ('people', 'Per people', 'x', 'rate', 'lower', 'population', 1000);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', 'O' || i, '2026-03', 10 * i, 100 + i FROM generate_series(1, 9) i;
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'level', 'O' || i, '2026-03', i * i FROM generate_series(1, 8) i;
INSERT INTO stp.observation (indicator, organisation, period, numerator) SELECT 'people', 'O' || i, '2026-03', i FROM generate_series(1, 8) i;

INSERT INTO stp.scheme (scheme, name, rates, peer_group) VALUES ('trusts', 'Trusts', 'organisation', 'type'), ('places', 'Places', 'place', 'parent'),
    ('systems', 'Systems', 'system', NULL);
INSERT INTO stp.scheme_node (scheme, node, name) SELECT scheme, 'all', 'All' FROM stp.scheme WHERE NOT builtin;
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, indicator, method, low)
SELECT scheme, n.node, 'all', n.position, n.node, n.node, n.method, n.low
  FROM stp.scheme, (VALUES ('share', 1, 'min_max', NULL::float8), ('level', 2, 'percentile_rank', NULL)) n (node, position, method, low) WHERE NOT builtin;

SELECT results_eq($$ SELECT * FROM stp.cohort('trusts', '2026-03') $$, $$ VALUES ('O1', 'Acute'), ('O2', 'Acute'), ('O3', 'Acute'), ('O4', 'Acute'), ('silent', 'Acute'),
    ('O5', 'Community'), ('O6', 'Community'), ('O7', 'Community'), ('O8', 'Community'), ('O9', NULL) $$, 'organisations that are members or have reported, by type');
SELECT results_eq($$ SELECT * FROM stp.cohort('systems', '2026-03') $$, $$ VALUES ('S1', NULL), ('S2', NULL), ('S3', NULL) $$, 'systems that exist, all together');
UPDATE stp.scheme SET peer_group = 'parent' WHERE scheme = 'systems';
SELECT results_eq($$ SELECT * FROM stp.cohort('systems', '2026-03') $$, $$ VALUES ('S1', 'R'), ('S2', 'R'), ('S3', NULL) $$, 'systems of one region');
SELECT results_eq($$ SELECT * FROM stp.cohort('systems', '2009/10') $$, $$ VALUES ('S1', 'R'), ('S2', 'R'), ('S4', 'R'), ('S3', NULL) $$, 'on the last day of the period');

CREATE TABLE trusts AS SELECT * FROM stp.assess('trusts', '2026-03');
SELECT is_empty($$ SELECT t.*, h.* FROM trusts t LEFT JOIN stp_internal.organisation_value v ON (v.indicator, v.organisation) = (t.indicator, t.unit)
                     LEFT JOIN (SELECT v.indicator, v.organisation, rank() OVER w AS rank,
                                       CASE v.indicator WHEN 'level' THEN 100 * percent_rank() OVER (PARTITION BY v.indicator, o.type ORDER BY v.value)
                                            ELSE 100 * (v.value - min(v.value) OVER a) / nullif(max(v.value) OVER a - min(v.value) OVER a, 0) END AS score
                                  FROM stp_internal.organisation_value v JOIN stp.organisation o USING (organisation)
                                WINDOW a AS (PARTITION BY v.indicator, o.type), w AS (PARTITION BY v.indicator, o.type ORDER BY v.value DESC)) h
                       ON (h.indicator, h.organisation) = (t.indicator, t.unit)
                    WHERE t.indicator IS NOT NULL AND (NOT close_to(t.value, v.value) OR NOT close_to(t.score, h.score) OR t.rank IS DISTINCT FROM h.rank) $$,
    'values are the organisation''s own; scores and ranks are those within its type');
SELECT results_eq($$ SELECT unit, peer_group, organisations, score, status FROM trusts WHERE node = 'share' AND unit IN ('silent', 'O9') ORDER BY unit $$,
    $$ VALUES ('O9', NULL, 1, NULL::float8, 'constant cohort'), ('silent', 'Acute', 0, NULL, 'no data') $$,
    'who did not report has a row that says so; who has no type is a group alone');
SELECT results_eq($$ SELECT peer_group, array_agg(rank ORDER BY unit) FROM trusts WHERE parent IS NULL GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('Acute', ARRAY[4, 3, 2, 1, NULL]), ('Community', ARRAY[4, 3, 2, 1]), (NULL, ARRAY[NULL::int]) $$, 'ranks of the whole too');
UPDATE stp.scheme SET peer_group = 'subtype' WHERE scheme = 'trusts';
SELECT is((SELECT string_agg(unit, ' ' ORDER BY unit) FROM stp.assess('trusts', '2026-03') WHERE parent IS NULL AND peer_group = 'Large'), 'O2 O4 O6 O8', 'by subtype');
UPDATE stp.scheme SET peer_group = 'region' WHERE scheme = 'trusts';
SELECT is((SELECT count(*) FROM stp.assess('trusts', '2026-03') WHERE parent IS NULL AND peer_group = 'North'), 9::bigint, 'by region');
UPDATE stp.scheme SET peer_group = NULL WHERE scheme = 'trusts';
SELECT results_eq($$ SELECT count(*), count(DISTINCT rank), max(peer_group) FROM stp.assess('trusts', '2026-03') WHERE parent IS NULL $$, $$ VALUES (10::bigint, 9::bigint, NULL) $$, 'or all together');
SELECT is((SELECT DISTINCT peer_group FROM stp.explain('trusts', '2026-03', 'O1')), NULL, 'explain names the group');

-- Places of a system are compared with each other only.
CREATE TABLE places AS SELECT * FROM stp.assess('places', '2026-03');
SELECT results_eq($$ SELECT peer_group, string_agg(unit || ' ' || rank || ' ' || round(score), ', ' ORDER BY unit) FROM places WHERE node = 'level' GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('S1', 'S1P1 4 0, S1P2 3 33, S1P3 2 67, S1P4 1 100'), ('S2', 'S2P1 4 0, S2P2 3 33, S2P3 2 67, S2P4 1 100') $$,
    'a scheme rates places within their system');
UPDATE stp.observation SET value = 1000 WHERE indicator = 'level' AND organisation = 'O5';
SELECT is_empty($$ (TABLE places EXCEPT SELECT * FROM stp.assess('places', '2026-03')) EXCEPT SELECT * FROM places WHERE peer_group = 'S2' $$,
    'whatever happens in another system');
UPDATE stp.observation SET value = 25 WHERE indicator = 'level' AND organisation = 'O5';

-- Views beside those of systems.
SELECT results_eq($$ SELECT organisation, numerator, denominator, value, status FROM stp_internal.organisation_value WHERE indicator = 'people' AND organisation = 'O1' $$,
    $$ VALUES ('O1', 1::float8, NULL::float8, NULL::float8, 'no data') $$, 'an organisation has no population');
SELECT is_empty($$ SELECT * FROM stp.organisation_indicator v CROSS JOIN LATERAL stp.proportion(v.numerator, v.denominator, 100) e
                    WHERE v.indicator = 'share' AND (v.value, v.lower, v.upper, v.method) IS DISTINCT FROM (e.value, e.lower, e.upper, e.method) $$, 'limits are those of stp.proportion');
SELECT results_eq($$ SELECT count(*), count(lower), min(type) FROM stp.organisation_indicator $$, $$ VALUES (25::bigint, 9::bigint, 'Acute') $$, 'and every report is there');

-- Z-score banding, against the formulas written as SQL ---------------------------------------------------------------

CREATE TABLE report AS SELECT i.indicator, 'B' || u AS organisation, n.denominator,
       floor(n.denominator * CASE i.indicator WHEN 'b_ratio' THEN 0.6 ELSE 0.3 END * (1 + 0.25 * sin(7 * u)) * (1 + 0.03 * cos(u * u))) AS numerator
  FROM (VALUES ('b_share'), ('b_rate'), ('b_ratio')) i (indicator), generate_series(1, 40) u, LATERAL (SELECT 50 + 37 * u % 400 AS denominator) n;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, standard) VALUES
    ('b_share', 'Share', '%', 'proportion', 'higher', 100, 28), ('b_rate', 'Rate', 'x', 'rate', 'lower', 1000, NULL), ('b_ratio', 'Ratio', 'x', 'ratio', 'lower', 1, 0.6);
INSERT INTO stp.organisation (organisation, name, type) SELECT DISTINCT organisation, 'Trust', 'Band' FROM report;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) SELECT indicator, organisation, '2025-03', numerator, denominator FROM report;
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('level', 'B1', '2025-03', 1), ('level', 'B2', '2025-03', 2);
INSERT INTO stp.scheme (scheme, name, rates, peer_group) VALUES ('band', 'Banded', 'organisation', 'type');
INSERT INTO stp.scheme_node (scheme, node, name) VALUES ('band', 'all', 'All');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, reference, winsorise, overdispersion, critical)
SELECT 'band', i || ' ' || coalesce(r, '-') || ' ' || coalesce(o, '-') || ' ' || coalesce(w::text, '-') || ' ' || coalesce(c::text, '-'), 'all', 'x', i, 'banded', r, w, o, c
  FROM unnest('{b_share,b_rate,b_ratio}'::text[]) i, unnest('{standard,mean,NULL}'::text[]) r, unnest('{none,additive,multiplicative,NULL}'::text[]) o,
       (VALUES (0.2::float8, 1.5::float8), (NULL, NULL), (0, 0.5)) v (w, c)
 WHERE (i, r) IS DISTINCT FROM ('b_rate', 'standard');
CREATE VIEW by_hand AS
WITH y AS (
    SELECT n.node, o.organisation, i.better, coalesce(n.critical, 1.96) AS critical, coalesce(n.winsorise, 0.1) AS winsorise, coalesce(n.overdispersion, 'additive') AS overdispersion,
           sqrt(0.25 / o.denominator) AS s,
           CASE i.kind WHEN 'proportion' THEN asin(sqrt(o.numerator / o.denominator)) ELSE sqrt(o.numerator / o.denominator) END AS y,
           CASE WHEN i.standard IS NULL OR n.reference = 'mean' THEN sum(o.numerator) OVER w / sum(o.denominator) OVER w ELSE i.standard / i.per END AS theta, i.kind
      FROM stp.scheme_node n JOIN stp.indicator i USING (indicator) JOIN stp.observation o ON o.indicator = n.indicator AND o.period = '2025-03'
     WHERE n.scheme = 'band' AND n.method = 'banded' WINDOW w AS (PARTITION BY n.node)
), z AS (
    SELECT *, (y - CASE kind WHEN 'proportion' THEN asin(sqrt(theta)) ELSE sqrt(theta) END) / s AS z FROM y
), q AS (
    SELECT node, percentile_cont(winsorise) WITHIN GROUP (ORDER BY z) AS low, percentile_cont(1 - winsorise) WITHIN GROUP (ORDER BY z) AS high,
           count(*) AS n, sum(1 / s ^ 2) AS w, sum(1 / s ^ 4) AS w2 FROM z GROUP BY node, winsorise
), phi AS (
    SELECT z.node, avg(least(greatest(z, low), high) ^ 2) AS phi FROM z JOIN q USING (node) GROUP BY z.node
), tau AS (
    SELECT node, phi, greatest(0, (n * phi - (n - 1)) / (w - w2 / w)) AS tau2 FROM phi JOIN q USING (node)
)
SELECT z.node, z.organisation, tau.phi, tau.tau2,
       CASE WHEN abs(a.z) <= critical THEN 1 WHEN (a.z > 0) = (better = 'higher') THEN 2 ELSE 0 END AS band
  FROM z JOIN tau USING (node)
 CROSS JOIN LATERAL (SELECT CASE overdispersion WHEN 'none' THEN z WHEN 'additive' THEN z * s / sqrt(s ^ 2 + tau2) ELSE z / sqrt(greatest(phi, 1)) END AS z) a;
CREATE TABLE banded AS SELECT * FROM stp.assess('band', '2025-03') WHERE peer_group = 'Band';
SELECT is_empty($$ SELECT * FROM banded b FULL JOIN by_hand h ON (h.node, h.organisation) = (b.node, b.unit)
                    WHERE (b.indicator LIKE 'b%' OR b.unit IS NULL) AND b.score IS DISTINCT FROM h.band $$, 'every band is that of the formulas written as SQL');
SELECT results_eq($$ SELECT score, count(*) > 100 FROM banded WHERE indicator LIKE 'b%' GROUP BY score ORDER BY score $$, $$ VALUES (0::float8, true), (1, true), (2, true) $$, 'and all three are met');
SELECT ok((SELECT count(DISTINCT node) FROM by_hand WHERE tau2 > 0 AND phi > 1) > 50, 'over a cohort that is over-dispersed');
SELECT is_empty($$ SELECT * FROM banded a JOIN banded b ON b.unit = a.unit AND b.node = 'b_share standard additive - -' WHERE a.node = 'b_share - - - -' AND a.score <> b.score $$,
    'by default: the standard if there is one, additive, 10%, 1.96');
SELECT isnt((SELECT array_agg(score ORDER BY unit) FROM banded WHERE node = 'b_share mean none - -'), (SELECT array_agg(score ORDER BY unit) FROM banded WHERE node = 'b_share mean additive - -'),
    'over-dispersion makes a difference');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('band', 'level', 'all', 'x', 'level', 'banded');
SELECT results_eq($$ SELECT DISTINCT status, score FROM stp.assess('band', '2025-03') WHERE node = 'level' AND value IS NOT NULL $$, $$ VALUES ('no standard error', NULL::float8) $$,
    'a mean is reported without a standard error');
UPDATE stp.observation SET numerator = 0, denominator = 0 WHERE indicator = 'b_rate' AND organisation = 'B1';
SELECT results_eq($$ SELECT DISTINCT status, score FROM stp.assess('band', '2025-03') WHERE indicator = 'b_rate' AND unit = 'B1' $$, $$ VALUES ('zero denominator', NULL::float8) $$, 'nor has a zero denominator a band');

-- Bounds frozen at a reference period ---------------------------------------------------------------------------------

DELETE FROM stp.scheme_node WHERE scheme = 'trusts' AND node <> 'all';
UPDATE stp.scheme SET peer_group = 'type', complete_from = 0 WHERE scheme = 'trusts';
-- Each scale is looked at by itself: only one is combined.
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method, reference_period, low, high)
SELECT 'trusts', m || coalesce(' ' || p::text, '') || b, 'all', 'x', CASE b WHEN ' b' THEN 1 ELSE 0 END, i, m, p, CASE b WHEN ' b' THEN 1 END, CASE b WHEN ' b' THEN 10 END
  FROM (VALUES ('min_max', 'level', ' b'), ('min_max', 'share', ''), ('z_score', 'level', ''), ('z_score', 'people', '')) m (m, i, b), unnest(ARRAY[NULL, '2026-03']::stp.period[]) p
 WHERE i <> 'people';
CREATE TABLE unfrozen AS SELECT * FROM stp.assess('trusts', '2026-03') WHERE node !~ '2026-03';
SELECT is_empty($$ SELECT u.unit, u.node, u.score, f.score FROM unfrozen u JOIN stp.assess('trusts', '2026-03') f ON f.unit = u.unit AND f.node IN (regexp_replace(u.node, '( b)?$', ' 2026-03\1'))
                    WHERE u.peer_group IS NOT NULL AND NOT close_to(f.score, u.score) $$, 'in the reference period itself scores are the same');
SELECT is((SELECT count(*) FROM stp.assess('trusts', '2026-03') WHERE node ~ '2026-03' AND score IS NOT NULL), 24::bigint, 'and they are there');
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'level', 'O' || i, '2026-04', i * i FROM generate_series(1, 3) i;
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('level', 'O4', '2026-04', 31), ('level', 'O9', '2026-04', 1);
SELECT results_eq($$ SELECT unit, score FROM stp.assess('trusts', '2026-04') WHERE node = 'min_max 2026-03 b' AND peer_group = 'Acute' AND score IS NOT NULL ORDER BY unit $$,
    $$ SELECT 'O' || i, 1 + 9 * (v - 1) / 15.0::float8 FROM unnest(ARRAY[1, 4, 9, 31]) WITH ORDINALITY o (v, i) $$, 'nobody''s score moves because another''s value did, and one may leave the bounds');
SELECT results_eq($$ SELECT unit, round(score::numeric, 9) FROM stp.assess('trusts', '2026-04') WHERE node = 'z_score 2026-03' AND peer_group = 'Acute' AND score IS NOT NULL ORDER BY unit $$,
    $$ SELECT 'O' || i, round(((v - 7.5) / (SELECT stddev_samp(j * j) FROM generate_series(1, 4) j))::numeric, 9) FROM unnest(ARRAY[1, 4, 9, 31]) WITH ORDINALITY o (v, i) $$, 'the same for z-scores');
SELECT is((SELECT DISTINCT status FROM stp.assess('trusts', '2026-04') WHERE unit = 'O9' AND node ~ 'level|_score 2026|min_max 2026-03 b' AND value IS NOT NULL), 'no reference',
    'a group that had no two values then has no scores now');

-- Brackets, weights of 0, decimals --------------------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name, rates, better) VALUES ('small', 'Small', 'place', 'higher');
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, indicator, method) VALUES
    ('small', 'all', NULL, 1, 'All', 1, NULL, NULL), ('small', 'steps', 'all', 1, 'Steps', 1, 'level', 'brackets'),
    ('small', 'shown', 'all', 2, 'Shown', 0, 'share', 'as_is');
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('small', 'steps', 1, NULL, 4), ('small', 'steps', 5, 4, 2.125), ('small', 'steps', 7, 9.5, -1.005);
SELECT results_eq($$ SELECT value, score FROM stp.assess('small', '2026-03') WHERE node = 'steps' ORDER BY value $$,
    $$ VALUES (1::float8, 4::float8), (4, 2.125), (9, 2.125), (16, -1.005), (25, -1.005), (36, -1.005), (49, -1.005), (64, -1.005) $$, 'a value on a cut is in the bracket that begins there');
SELECT is_empty($$ SELECT * FROM stp.assess('small', '2026-03') WHERE (node = 'shown' AND (weight, effective_weight, contribution) <> (0, 0, 0)) OR (parent IS NULL AND coverage <> 1) $$,
    'a weight of 0 counts nowhere');
DELETE FROM stp.observation WHERE indicator = 'share' AND organisation = 'O1';
SELECT results_eq($$ SELECT coverage, status FROM stp.assess('small', '2026-03') WHERE parent IS NULL AND unit = 'S1P1' $$, $$ VALUES (1::float8, 'ok') $$, 'nor does its absence');
UPDATE stp.scheme_node SET decimals = 2 WHERE scheme = 'small' AND node = 'all';
SELECT results_eq($$ SELECT DISTINCT score, contribution FROM stp.assess('small', '2026-03') WHERE parent IS NULL ORDER BY 1 $$, $$ VALUES (-1.01::float8, -1.01::float8), (2.13, 2.13), (4, 4) $$,
    'halves go away from zero, those that binary cannot write too');
SELECT is_empty($$ SELECT * FROM stp.assess('small', '2026-03') p JOIN stp.assess('small', '2026-03') c ON c.unit = p.unit AND c.node = 'steps' WHERE p.parent IS NULL AND c.contribution <> p.score $$,
    'the parts add up to the rounded score');
UPDATE stp.scheme_node SET decimals = 0 WHERE scheme = 'small' AND node = 'steps';
SELECT results_eq($$ SELECT DISTINCT score FROM stp.assess('small', '2026-03') WHERE node = 'steps' ORDER BY 1 $$, 'VALUES (-1::float8), (2), (4)', 'a leaf can be rounded too');

-- Indicators that share one weight: a node of their own has it.
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('thirds of one', 'Infections', 'place');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('thirds of one', 'all', NULL, 'All', NULL, NULL),
    ('thirds of one', 'waits', 'all', 'Waits', 'level', 'min_max'), ('thirds of one', 'infections', 'all', 'Infections', NULL, NULL);
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) SELECT 'thirds of one', 'i' || i, 'infections', 'Infection', 'share', 'min_max' FROM generate_series(1, 3) i;
SELECT results_eq($$ SELECT node, round(weight::numeric, 9) FROM stp.assess('thirds of one', '2026-03') WHERE unit = 'S1P2' AND indicator IS NOT NULL ORDER BY node $$,
    $$ VALUES ('i1', round(1 / 6.0, 9)), ('i2', round(1 / 6.0, 9)), ('i3', round(1 / 6.0, 9)), ('waits', 0.5) $$, 'three indicators that share one weight, a third each');

-- Quartiles: by hand for every size of a group ---------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name, rates, peer_group, better, categorise) VALUES ('quarters', 'Quarters', 'organisation', 'type', 'higher', 'quartiles'),
    ('thirds', 'Thirds', 'organisation', 'type', 'lower', 'quartiles');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('q', 'Q', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('quarters', 'all', 'All', 'q', 'as_is'), ('thirds', 'all', 'All', 'q', 'as_is');
INSERT INTO stp.scheme_category (scheme, position, category) SELECT 'quarters', i, i FROM generate_series(1, 4) i UNION ALL SELECT 'thirds', i, i FROM generate_series(1, 3) i;
INSERT INTO stp.organisation (organisation, name, type) SELECT 'Q' || n || '-' || i, 'x', 'size ' || n FROM generate_series(1, 12) n, generate_series(1, n) i;
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'q', 'Q' || n || '-' || i, '2024-03', (i * 7) % 5 FROM generate_series(1, 12) n, generate_series(1, n) i;
SELECT is_empty($$ SELECT a.unit, a.score, a.category, h.* FROM stp.assess('quarters', '2024-03') a
                     JOIN (SELECT o.type, percentile_cont(ARRAY[0.75, 0.5, 0.25]) WITHIN GROUP (ORDER BY v.value) AS ends FROM stp.observation v JOIN stp.organisation o USING (organisation)
                            WHERE v.indicator = 'q' GROUP BY o.type) h ON h.type = a.peer_group
                    WHERE a.score IS NOT NULL AND a.category::int <> 1 + (SELECT count(*) FROM unnest(h.ends) e WHERE a.score < e - 1e-9) $$, 'quartiles, highest best');
SELECT is_empty($$ SELECT a.unit, a.score, a.category, h.* FROM stp.assess('thirds', '2024-03') a
                     JOIN (SELECT o.type, percentile_cont(ARRAY[1 / 3.0, 2 / 3.0]) WITHIN GROUP (ORDER BY v.value) AS ends FROM stp.observation v JOIN stp.organisation o USING (organisation)
                            WHERE v.indicator = 'q' GROUP BY o.type) h ON h.type = a.peer_group
                    WHERE a.score IS NOT NULL AND a.category::int <> 1 + (SELECT count(*) FROM unnest(h.ends) e WHERE a.score > e + 1e-9) $$, 'three categories are thirds, lowest best');
SELECT is((SELECT count(*) FROM stp.assess('thirds', '2024-03') WHERE score IS NOT NULL AND category IS NOT NULL), 78::bigint, 'everybody has one');

-- Overrides --------------------------------------------------------------------------------------------------------------

DELETE FROM stp.scheme_node WHERE scheme = 'small' AND node <> 'all';
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method) VALUES ('small', 'level', 'all', 'Level', 1, 'level', 'as_is'), ('small', 'share', 'all', 'Share', 0, 'share', 'as_is');
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('small', 1, 'A', 40), ('small', 2, 'B', 20), ('small', 3, 'C', 5), ('small', 4, 'D', NULL);
CREATE FUNCTION final() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(category || rank, ' ' ORDER BY value) FROM
    (SELECT p.category, p.rank, l.value FROM stp.assess('small', '2026-03') p JOIN stp.assess('small', '2026-03') l ON l.unit = p.unit AND l.node = 'level' WHERE p.parent IS NULL) r $$;
CREATE FUNCTION rule(best text, worst text, measure text, comparison text, threshold float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM stp.scheme_override WHERE scheme = 'small';
    INSERT INTO stp.scheme_override (scheme, override, name, no_better_than, no_worse_than) VALUES ('small', 'r', 'Rule', best, worst);
    INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold) VALUES ('small', 'r', 'level', measure, comparison, threshold);
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN final();
END $$;
-- values 1 4 9 16 25 36 49 64
SELECT is(final(), 'D8 D7 C6 C5 B4 B3 A2 A1', 'without rules');
SELECT is(rule('C', NULL, 'value', '>=', 36), 'D8 D7 C6 C5 B1 C4 C3 C2', 'no better than C from 36 on: rank by category, then score');
SELECT is(rule('C', NULL, 'value', '>', 36), 'D8 D7 C6 C5 B2 B1 C4 C3', 'above 36');
SELECT is(rule('B', NULL, 'score', '=', 64), 'D8 D7 C6 C5 B4 B3 A1 B2', 'exactly 64, of the score');
SELECT is(rule(NULL, 'B', 'value', '<', 4), 'B5 D8 C7 C6 B4 B3 A2 A1', 'no worse than B below 4');
SELECT is(rule(NULL, 'B', 'value', '<=', 4), 'B6 B5 C8 C7 B4 B3 A2 A1', 'up to 4');
SELECT is(rule('B', 'B', 'value', '<=', 64), 'B8 B7 B6 B5 B4 B3 B2 B1', 'exactly B');
SELECT is((SELECT string_agg(override, ' ') FROM stp.assess('small', '2026-03')), 'Rule Rule Rule Rule Rule Rule Rule Rule', 'named on the overall row of whom its conditions hold for, and nowhere else');
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold) VALUES ('small', 'r', 'share', 'value', '>', 50);
SELECT is(final(), 'D8 D7 C6 C5 B4 B3 B2 B1', 'all conditions must hold; a missing value fulfils none');
INSERT INTO stp.scheme_override (scheme, override, name, no_better_than) VALUES ('small', 'q', 'Other', 'C');
INSERT INTO stp.scheme_override_condition (scheme, override, node, measure, comparison, threshold) VALUES ('small', 'q', 'level', 'value', '=', 64), ('small', 'q', 'level', 'score', '>', 63);
SELECT is(final(), 'D8 D7 C6 C5 B3 B2 B1 C4', 'of two that contradict each other the worse category stands');
SELECT is((SELECT override FROM stp.explain('small', '2026-03', 'S2P4') WHERE parent IS NULL), 'Other; Rule', 'both are named');

-- What a unit would need ---------------------------------------------------------------------------------------------------

DELETE FROM stp.scheme_override WHERE scheme = 'small';
SELECT results_eq($$ SELECT node, next_category, round(needed_value::numeric, 6) FROM stp.explain('small', '2026-03', 'S2P1') ORDER BY place $$,
    $$ VALUES ('all', 'A', 40.0), ('level', 'A', 39.995), ('share', 'A', NULL) $$, 'the score of the next category, and the value: 39.995 rounds to 40.00; what weighs nothing cannot bring it');
UPDATE stp.observation SET value = 39.995 WHERE indicator = 'level' AND organisation = 'O5';
SELECT is((SELECT category FROM stp.assess('small', '2026-03') WHERE unit = 'S2P1' AND parent IS NULL), 'A', 'which is so');
UPDATE stp.observation SET value = 39.994 WHERE indicator = 'level' AND organisation = 'O5';
SELECT is((SELECT category FROM stp.assess('small', '2026-03') WHERE unit = 'S2P1' AND parent IS NULL), 'B', 'but not with less');
SELECT results_eq($$ SELECT node, next_category, needed_value FROM stp.explain('small', '2026-03', 'S2P4') ORDER BY place $$,
    $$ VALUES ('all', NULL, NULL::float8), ('level', NULL, NULL), ('share', NULL, NULL) $$, 'in the best category nothing is needed');
SELECT matches(rule('C', NULL, 'value', '>=', 36), 'C', 'with a rule');
SELECT results_eq($$ SELECT node, next_category, round(needed_value::numeric, 6) FROM stp.explain('small', '2026-03', 'S2P4') ORDER BY place $$,
    $$ VALUES ('all', 'B', NULL::numeric), ('level', 'B', NULL), ('share', 'B', NULL) $$, 'that no score lifts');

-- Of a band, whose standard errors come from counts: the numerator that the value stands for.
INSERT INTO stp.scheme (scheme, name, rates, peer_group) VALUES ('needs', 'Needs', 'organisation', 'type');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('needs', 'all', NULL, 'All', NULL, NULL), ('needs', 'share', 'all', 'Share', 'b_share', 'banded');
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('needs', 1, 'Better', 2), ('needs', 2, 'Same', 1), ('needs', 3, 'Worse', NULL);
CREATE TABLE band_needs AS SELECT r.organisation, a.category, e.value, e.needed_value, e.next_category
  FROM report r JOIN stp.assess('needs', '2025-03') a ON a.unit = r.organisation AND a.parent IS NULL
 CROSS JOIN LATERAL stp.explain('needs', '2025-03', r.organisation) e WHERE r.indicator = 'b_share' AND e.node = 'share' AND a.category <> 'Better';
CREATE FUNCTION category_at(organisation text, share float8) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    UPDATE stp.observation o SET numerator = share / 100 * o.denominator WHERE o.indicator = 'b_share' AND o.organisation = category_at.organisation;
    SELECT a.category INTO result FROM stp.assess('needs', '2025-03') a WHERE a.unit = category_at.organisation AND a.parent IS NULL;
    UPDATE stp.observation o SET numerator = r.numerator FROM report r
     WHERE (o.indicator, o.organisation) = (r.indicator, r.organisation) AND o.indicator = 'b_share' AND o.organisation = category_at.organisation;
    RETURN result;
END $$;
SELECT ok((SELECT count(*) >= 20 AND count(needed_value) = count(*) FROM band_needs), 'every organisation that is not better than expected could be');
SELECT is_empty($$ SELECT * FROM band_needs WHERE category_at(organisation, needed_value + 1e-9) <> next_category $$, 'with the value it needs it is');
SELECT is_empty($$ SELECT * FROM band_needs WHERE category_at(organisation, needed_value - 1e-3) <> category $$, 'with less it is not');

-- An organisation's figure is what it reported; the sum over its one report, which other leaves take, is the same ----------

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, status) VALUES
    ('share', 'O1', '2026-06', NULL, 40, 'suppressed'), ('share', 'O2', '2026-06', 3, 50, 'inferred'), ('share', 'O3', '2026-06', 0, 0, NULL),
    ('share', 'O5', '2026-06', 7, 70, NULL), ('share', 'O6', '2026-06', NULL, NULL, 'suppressed'), ('share', 'O7', '2026-06', NULL, NULL, 'not applicable');
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('level', 'O1', '2026-06', 2), ('level', 'O5', '2026-06', -3);
CREATE TABLE asked AS SELECT '{share,level,people,share}'::text[] AS indicators, ARRAY['2026-06', '2026-06', '2026-03', '2026-03']::stp.period[] AS periods,
    array_agg(organisation ORDER BY organisation) AS units FROM stp.organisation;
CREATE FUNCTION by_sums(boundaries date) RETURNS TABLE (kind text, differing bigint, rows bigint, statuses text) LANGUAGE sql AS $$
    WITH ours AS MATERIALIZED (SELECT v.* FROM asked a, stp_internal.leaf_values('organisation', a.indicators, a.periods, a.units, boundaries) v),
         sums AS MATERIALIZED (SELECT v.* FROM asked a, stp_internal.taken_values('organisation', a.indicators, '{latest,latest,latest,latest}', a.periods, a.units, boundaries) v)
    SELECT 'ours', (SELECT count(*) FROM (TABLE ours EXCEPT ALL TABLE sums) x), count(*), string_agg(DISTINCT status, ', ') FROM ours
    UNION ALL
    SELECT 'sums', (SELECT count(*) FROM (TABLE sums EXCEPT ALL TABLE ours) x), count(*), string_agg(DISTINCT status, ', ') FROM sums
$$;
SELECT results_eq($$ SELECT differing, rows > 25, statuses FROM by_sums('2026-06-30') $$, $$ VALUES (0::bigint, true, 'incomplete, inferred, no data, ok, suppressed, zero denominator'), (0, true, 'incomplete, inferred, no data, ok, suppressed, zero denominator') $$,
    'with every status there is');
SELECT results_eq($$ SELECT differing FROM by_sums(NULL) $$, 'VALUES (0::bigint), (0)', 'on the boundaries of each report');
UPDATE stp.membership SET valid_to = '2026-05-31' WHERE organisation = 'O4';
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('organisation', 'O4', 'O5', '2026-06-01');
SELECT results_eq($$ SELECT differing, statuses FROM by_sums('2026-06-30') $$, $$ SELECT 0::bigint, 'incomplete, inferred, no data, ok, restated, suppressed, zero denominator' FROM generate_series(1, 2) $$,
    'and where others have followed on some of them');
SELECT is((SELECT v.numerator FROM stp_internal.leaf_values('organisation', '{share}', '{2026-03}'::stp.period[], '{O5}', '2026-06-30') v), 90::float8, 'whose reports count there');
DELETE FROM stp.succession;


-- On the demonstration.
TRUNCATE stp.organisation, stp.system CASCADE;
\i demo/load.sql
CREATE TABLE needed AS SELECT c.unit, e.node, e.indicator, e.value, e.needed_value, e.next_category, e.lower, e.upper, e.missing_weight, e.weight, e.coverage
  FROM stp.cohort('stp-2026', '2026-03') c CROSS JOIN LATERAL stp.explain('stp-2026', '2026-03', c.unit) e;
SELECT is_empty($$ SELECT n.* FROM needed n JOIN stp.system_indicator i ON (i.system, i.indicator, i.first_day) = (n.unit, n.indicator, '2026-03-01')
                    WHERE NOT close_to(n.lower, i.lower) OR NOT close_to(n.upper, i.upper) OR (n.lower IS NULL) <> (i.lower IS NULL) $$, 'limits are those of stp.system_indicator');
SELECT is_empty($$ SELECT * FROM needed WHERE NOT close_to(missing_weight, weight * (1 - coverage)) $$, 'missing weight is what the coverage lacks');
SELECT * FROM finish();
