-- Module robustness: ratings drawn at random, and without each of their indicators, on the published figures.
SELECT plan(31);
\i demo/load.sql

CREATE TABLE rated AS SELECT * FROM stp.assess('stp-2026', '2026-03') WHERE parent IS NULL;

-- Nothing is drawn: the rating itself -----------------------------------------------------------------------------

SELECT is_empty($$ SELECT * FROM stp.robustness('stp-2026', '2026-03', 20, 0, 1, false) r FULL JOIN rated a USING (unit)
                    WHERE (r.rank, r.rank_low, r.rank_median, r.rank_high) IS DISTINCT FROM (a.rank, a.rank, a.rank, a.rank)
                       OR r.is_present <> (r.category = a.category) OR r.probability <> r.is_present::int $$, 'without spread and intervals every draw is the rating');

-- What is drawn ----------------------------------------------------------------------------------------------------

CREATE TABLE drawn AS SELECT * FROM stp.robustness('stp-2026', '2026-03', 2000, 0.5, 42);
SELECT is((SELECT count(*) FROM drawn), 42 * 4::bigint, 'a row for each system and category');
SELECT is_empty('SELECT unit FROM drawn GROUP BY unit HAVING abs(sum(probability) - 1) > 1e-12 OR count(*) FILTER (WHERE is_present) <> 1', 'probabilities add up to 1');
SELECT is_empty('SELECT * FROM drawn WHERE NOT (rank_low <= rank_median AND rank_median <= rank_high)', 'quantiles of ranks are in order');
SELECT cmp_ok((SELECT count(DISTINCT unit) FROM drawn WHERE rank_low < rank_high), '>', 30::bigint, 'most systems have more than one rank');
SELECT cmp_ok((SELECT corr(rank, rank_median) FROM drawn), '>', 0.98::float8, 'about the ranks as rated');
SELECT is((SELECT md5(string_agg(concat_ws(',', unit, rank_low, rank_median, rank_high, category, probability), ';' ORDER BY unit COLLATE "C", category COLLATE "C")) FROM drawn),
          'abacca96f26c0030aa772b9883df3c66', 'the draws of a seed are these, on every machine');
SELECT results_eq($$ SELECT * FROM stp.robustness('stp-2026', '2026-03', 2000, 0.5, 42) $$, 'TABLE drawn', 'and when drawn again');
SELECT isnt_empty($$ SELECT * FROM stp.robustness('stp-2026', '2026-03', 2000, 0.5, 43) EXCEPT TABLE drawn $$, 'those of another seed are others');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', false);
SELECT results_eq($$ SELECT * FROM stp.robustness('stp-2026', '2026-03', 2000, 0.5, 42) $$, 'TABLE drawn', 'a parallel worker draws the same');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'off', false);
SELECT isnt_empty($$ SELECT * FROM stp.robustness('stp-2026', '2026-03', 500, 0.5, 42, false) EXCEPT SELECT * FROM stp.robustness('stp-2026', '2026-03', 500, 0, 42, false) $$,
    'weights alone');
SELECT isnt_empty($$ SELECT * FROM stp.robustness('stp-2026', '2026-03', 500, 0, 42, true) EXCEPT SELECT * FROM stp.robustness('stp-2026', '2026-03', 500, 0, 42, false) $$,
    'values alone');

-- Values are drawn as wide as their limits: a proportion of 50% of 100 between cuts at its limits ----------------------

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per) VALUES ('p', 'P', '%', 'proportion', 'higher', 100);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('p', 'R0A', '2020-01', 50, 100);
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('one', 'One value', 'organisation');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('one', 'p', 'P', 'p', 'as_is');
INSERT INTO stp.scheme_category (scheme, position, category, cut)
SELECT 'one', 1, 'above', upper FROM stp.proportion(50, 100, 100) UNION ALL SELECT 'one', 2, 'within', lower FROM stp.proportion(50, 100, 100)
 UNION ALL VALUES ('one', 3, 'below', NULL::float8);
SELECT is_empty($$ SELECT * FROM stp.robustness('one', '2020-01', 100000) WHERE unit = 'R0A'
                    AND abs(probability - CASE category WHEN 'within' THEN 0.95 ELSE 0.025 END) > 0.003 $$, '95% of the draws lie within the limits');
SELECT is((SELECT count(*) FROM stp.robustness('one', '2020-01', 10) WHERE unit <> 'R0A' AND (rank_median IS NOT NULL OR (probability = 1) <> (category IS NULL))),
          0::bigint, 'who has no value has no rank and no category');
DELETE FROM stp.scheme_category WHERE scheme = 'one';
SELECT results_eq($$ SELECT rank_low, rank_high, category, probability FROM stp.robustness('one', '2020-01', 10) WHERE unit = 'R0A' $$,
    'VALUES (1, 1, NULL::text, NULL::float8)', 'without categories one row');

-- Weights are drawn and shared out as the scheme shares: A has 100 of one leaf of the pair and 0 of the other node, B 42 of all.
-- Among siblings A has 50 or so, overall a third of 100, whatever the draw; a mean of 1 to 4 does the same when it is rescaled.

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator)
SELECT i, i, 'x', 'mean', 'higher', 'none' FROM unnest('{x1,x2,y}'::text[]) i;
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES
    ('x1', 'R0A', '2020-03', 100), ('y', 'R0A', '2020-03', 0), ('x1', 'R0B', '2020-03', 42), ('x2', 'R0B', '2020-03', 42), ('y', 'R0B', '2020-03', 42);
INSERT INTO stp.scheme (scheme, name, rates) VALUES ('siblings', 'Siblings', 'organisation');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low, high) VALUES
    ('siblings', 'all', NULL, 'All', NULL, NULL, NULL, NULL), ('siblings', 'x', 'all', 'X', NULL, NULL, NULL, NULL),
    ('siblings', 'x1', 'x', 'X', 'x1', 'goalposts', 0, 100), ('siblings', 'x2', 'x', 'X', 'x2', 'goalposts', 0, 100), ('siblings', 'y', 'all', 'Y', 'y', 'goalposts', 0, 100);
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('siblings', 1, 'above', 42.5), ('siblings', 2, 'below', NULL);
CALL stp.copy_scheme('siblings', 'overall');
UPDATE stp.scheme SET missing_weight = 'overall' WHERE scheme = 'overall';
SELECT results_eq($$ SELECT s, unit, rank_low, rank_high, category, probability FROM unnest('{overall,siblings}'::text[]) s, stp.robustness(s, '2020-03', 300, 0.1) WHERE rank IS NOT NULL AND is_present ORDER BY s, unit $$,
    $$ VALUES ('overall', 'R0A', 2, 2, 'below', 1::float8), ('overall', 'R0B', 1, 1, 'below', 1), ('siblings', 'R0A', 1, 1, 'above', 1), ('siblings', 'R0B', 2, 2, 'below', 1) $$, 'each draw shares missing weight as the scheme does');
CALL stp.copy_scheme('siblings', 'rescaled');
UPDATE stp.scheme_node SET rescale = true WHERE scheme = 'rescaled' AND node = 'all';
BEGIN;
UPDATE stp.scheme_node SET method = 'min_max', low = 1, high = 4 WHERE scheme = 'rescaled' AND parent = 'x';
COMMIT;
SELECT results_eq($$ SELECT unit, round(score::numeric, 9), rank FROM stp.assess('rescaled', '2020-03') WHERE parent IS NULL AND score IS NOT NULL ORDER BY unit $$,
    $$ VALUES ('R0A', 50.0, 1), ('R0B', 21.0, 2) $$, 'rescaled: of 1 to 4 A has 4, B 1');
SELECT results_eq($$ SELECT unit, rank_low, rank_high, category, probability FROM stp.robustness('rescaled', '2020-03', 300, 0.1) WHERE rank IS NOT NULL AND is_present ORDER BY unit $$,
    $$ VALUES ('R0A', 1, 1, 'above', 1::float8), ('R0B', 2, 2, 'below', 1) $$, 'and so in every draw');

-- Ranks are kept or counted, whichever is smaller; what would take more memory than is set is refused ------------------

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'p', organisation, '2020-02', row_number() OVER (ORDER BY organisation COLLATE "C"), 1000 FROM stp.organisation;
CREATE FUNCTION draw_in(memory text, draws int) RETURNS text LANGUAGE plpgsql SET hash_mem_multiplier = 1 AS $$
DECLARE hint text;
BEGIN
    PERFORM set_config('work_mem', memory, true);
    RETURN (SELECT md5(string_agg(r::text, ';' ORDER BY unit COLLATE "C")) FROM stp.robustness('one', '2020-02', draws) r);
EXCEPTION WHEN configuration_limit_exceeded THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN SQLERRM || ' | ' || hint;
END $$;
SELECT is((SELECT count(*) FROM stp.cohort('one', '2020-02')), 150::bigint, '150 units, which is a number of ranks of its own');
SELECT is(draw_in('1MB', 150), 'fcac74df4b4bc11ada5fb133e5263511', 'as many draws as units: each rank is kept');
SELECT is(draw_in('1MB', 151), '685b51290dc63447c83fd5405bc5eca7', 'one more: they are counted');
SELECT is(draw_in('64kB', 151), '151 draws of 150 units need 97824 bytes, more than the 65536 bytes of work_mem times hash_mem_multiplier | SET work_mem = ''96kB'', or draw at most 97 times.',
    'too much is refused');
SELECT is(draw_in('64kB', 1000000), '1000000 draws of 150 units need 97824 bytes, more than the 65536 bytes of work_mem times hash_mem_multiplier | SET work_mem = ''96kB'', or draw at most 97 times.',
    'a million draws need no more');
SELECT is(draw_in('64kB', 100), '100 draws of 150 units need 67224 bytes, more than the 65536 bytes of work_mem times hash_mem_multiplier | SET work_mem = ''66kB'', or draw at most 97 times.',
    'that is exact');
SELECT is(draw_in('64kB', 97), draw_in('1MB', 97), 'what the hint says: fewer draws');
SELECT is(draw_in('96kB', 2000), draw_in('1MB', 2000), 'or more memory, with the same result');

-- Without an indicator: as a scheme that never had it ------------------------------------------------------------------

CREATE TABLE left_out AS SELECT * FROM stp.leave_one_out('stp-2026', '2026-03');
SELECT is((SELECT count(*) FROM left_out), 19 * 42::bigint, 'a row for each indicator and system');
SELECT is_empty($$ SELECT * FROM left_out l FULL JOIN rated a USING (unit) WHERE (l.score, l.rank, l.category) IS DISTINCT FROM (a.score, a.rank, a.category)
                    OR l.rank_change <> l.rank_without - l.rank $$, 'beside the rating as it is');
CREATE FUNCTION differs(without text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    CALL stp.copy_scheme('stp-2026', 'less');
    DELETE FROM stp.scheme_node WHERE scheme = 'less' AND node = without;
    RETURN (SELECT count(*) FROM left_out l FULL JOIN (SELECT * FROM stp.assess('less', '2026-03') WHERE parent IS NULL) a USING (unit)
             WHERE l.node = without AND (abs(l.score_without - a.score) > 1e-9 OR (l.rank_without, l.category_without) IS DISTINCT FROM (a.rank, a.category)));
END $$;
CREATE TABLE difference AS SELECT node, (SELECT NULL::bigint) AS rows FROM stp.scheme_node WHERE scheme = 'stp-2026' AND indicator IS NOT NULL;
DO $$
DECLARE leaf text;
BEGIN
    FOR leaf IN SELECT node FROM difference LOOP
        UPDATE difference SET rows = differs(leaf) WHERE node = leaf;
        DELETE FROM stp.scheme WHERE scheme = 'less';
    END LOOP;
END $$;
SELECT is((SELECT sum(rows) FROM difference), 0::numeric, 'each is the rating by a copy of the scheme that lacks the leaf');

-- Two schemes --------------------------------------------------------------------------------------------------------

CALL stp.copy_scheme('stp-2026', 'mine');
UPDATE stp.scheme_node SET weight = 30 WHERE scheme = 'mine' AND node = 'hospital_performance';
SELECT is_empty($$ SELECT * FROM stp.compare_schemes('stp-2026', 'mine', '2026-03') c
                     FULL JOIN rated a ON a.unit = c.unit FULL JOIN (SELECT * FROM stp.assess('mine', '2026-03') WHERE parent IS NULL) b ON b.unit = c.unit
                    WHERE (c.score_1, c.rank_1, c.category_1, c.score_2, c.rank_2, c.category_2, c.rank_change)
                          IS DISTINCT FROM (a.score, a.rank, a.category, b.score, b.rank, b.category, b.rank - a.rank) $$, 'both ratings and the shift');
SELECT is((SELECT count(*) FROM stp.compare_schemes('stp-2026', 'one', '2020-01') WHERE score_1 IS NULL AND score_2 IS NOT NULL), 1::bigint, 'who is rated by one scheme only is there too');

SELECT * FROM finish();
