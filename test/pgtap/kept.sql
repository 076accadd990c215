-- Module kept: what is kept beside a rating is what the functions say of it.
SELECT plan(38);
\i demo/load.sql
DELETE FROM stp.observation WHERE stp.last_day(period) < '2025-06-01';
CALL stp.refresh('stp-2026');

CREATE VIEW drawn AS SELECT p.period, r.* FROM stp.assessed_period p CROSS JOIN LATERAL stp.robustness(p.scheme, p.period) r WHERE p.scheme = 'stp-2026';
CREATE VIEW without AS SELECT p.period, l.* FROM stp.assessed_period p CROSS JOIN LATERAL stp.leave_one_out(p.scheme, p.period) l WHERE p.scheme = 'stp-2026';
SELECT bag_eq('SELECT period::text, unit, category, probability FROM stp_bi.category_probability', 'SELECT period::text, unit, category, probability FROM drawn',
    'probabilities of categories are those of stp.robustness()');
SELECT isnt_empty($$ SELECT FROM drawn WHERE period = '2026-03' AND probability BETWEEN 0.01 AND 0.99 $$, 'and there is something to see');
SELECT bag_eq('SELECT period, unit, rank_low, rank_median, rank_high, probability_of_category FROM stp_bi.rating_history',
    'SELECT period::text, unit, rank_low, rank_median, rank_high, probability FROM drawn WHERE is_present IS NOT FALSE', 'so are the ranks, on the one row of a rating');
SELECT is_empty('SELECT scheme, period, unit FROM stp_bi.category_probability GROUP BY 1, 2, 3 HAVING abs(sum(probability) - 1) > 1e-9', 'they add up to 1');
SELECT bag_eq('SELECT period, unit, node, rank_without, category_without, score_without, rank, category FROM stp_bi.rating_without',
    'SELECT period::text, unit, node, rank_without, category_without, score_without, rank, category FROM without', 'what is left out is that of stp.leave_one_out()');
SELECT is_empty($$ SELECT FROM stp_bi.category_probability v LEFT JOIN stp.scheme_category c USING (scheme, category)
                    WHERE (v.position, v.cut) IS DISTINCT FROM (c.position, c.cut) AND v.category IS NOT NULL $$, 'with the cuts of the scheme');

-- What stp.explain() adds ---------------------------------------------------------------------------------------------

CREATE VIEW explained AS SELECT p.period::text AS period, e.* FROM stp.assessed_period p CROSS JOIN LATERAL stp.explain(p.scheme, p.period) e WHERE p.scheme = 'stp-2026';
SELECT bag_eq('SELECT period, unit, node, lower, upper, missing_weight, needed_value, needed_category FROM stp_bi.rating_node',
    'SELECT period, unit, node, lower, upper, missing_weight, needed_value, next_category FROM explained', 'limits, what is missing and what is needed are those of stp.explain()');
SELECT ok((SELECT count(lower) > 400 AND count(needed_value) > 100 AND count(*) FILTER (WHERE missing_weight > 0) > 100 FROM stp_bi.rating_node WHERE period = '2026-03'), 'and there is something to see');
SELECT bag_eq('SELECT period, unit, next_category, round(points_needed::numeric, 9) FROM stp_bi.rating_history',
    'SELECT period, unit, next_category, round((needed_value - score)::numeric, 9) FROM explained WHERE parent IS NULL', 'a rating has the points that it lacks');
SELECT results_eq('SELECT unit, completeness FROM stp_bi.rating ORDER BY unit COLLATE "C"',
    $$ SELECT unit, sum(organisations)::float8 / sum(expected) FROM explained WHERE period = '2026-03' GROUP BY unit ORDER BY unit COLLATE "C" $$, 'and how many of the expected reports have come');
-- Points one after the other, from 0 to the score; a node above leaves spans them.
CREATE VIEW gap AS SELECT period, unit, node, running_from, lag(running_to, 1, 0::float8) OVER (PARTITION BY period, unit ORDER BY place) AS ends
  FROM stp_bi.rating_node WHERE indicator IS NOT NULL AND contribution IS NOT NULL;
SELECT is_empty('SELECT * FROM gap WHERE abs(running_from - ends) > 1e-9', 'a leaf begins where the one before ends');
SELECT is_empty('SELECT unit FROM stp_bi.rating_node WHERE parent IS NULL AND (running_from, running_to) IS DISTINCT FROM (CASE WHEN score IS NOT NULL THEN 0 END, score)', 'from 0 to the score');
SELECT is_empty($$ SELECT n.unit, n.node FROM stp_bi.rating_node n JOIN stp_bi.rating_node l ON (l.scheme, l.period, l.unit, l.parent) = (n.scheme, n.period, n.unit, n.node)
                    WHERE n.contribution IS NOT NULL GROUP BY n.period, n.unit, n.node, n.running_from, n.running_to
                   HAVING abs(min(l.running_from) - n.running_from) > 1e-9 OR abs(max(l.running_to) - n.running_to) > 1e-9 $$, 'what is above spans what is below');
SELECT bag_eq($$ SELECT DISTINCT period, node, cohort_minimum, cohort_lower_quartile, cohort_median, cohort_upper_quartile, cohort_maximum FROM stp_bi.rating_node WHERE indicator IS NOT NULL $$,
    $$ SELECT period, node, min(value), percentile_cont(0.25) WITHIN GROUP (ORDER BY value) AS lower_quartile, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS median,
              percentile_cont(0.75) WITHIN GROUP (ORDER BY value) AS upper_quartile, max(value) FROM explained WHERE indicator IS NOT NULL GROUP BY period, node $$, 'with the quartiles of the cohort');

-- Why it is another than before: the months between are made --------------------------------------------------------

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value)
SELECT o.indicator, o.organisation, '2026-04', CASE WHEN o.numerator > 9 THEN o.numerator - 1 - ascii(substr(o.organisation, 2)) % 5 ELSE o.numerator END,
       o.denominator, o.value
  FROM stp.observation o WHERE o.period = '2026-03' AND o.status IS NULL;
CALL stp.refresh();
SELECT is_empty($$ SELECT h.unit, h.score, h.score_before, sum(c.points) FROM stp_bi.rating_history h LEFT JOIN stp_bi.rating_change c USING (scheme, period, unit)
                    WHERE h.scheme = 'stp-2026' AND h.period = '2026-04' GROUP BY 1, 2, 3
                   HAVING abs(h.score - h.score_before - coalesce(sum(c.points), 0)) > 1e-9 OR h.score IS NULL $$, 'points add up to the change of each score');
SELECT ok((SELECT count(DISTINCT unit) = 42 AND count(DISTINCT organisation) > 100 AND count(DISTINCT part) > 1 FROM stp_bi.rating_change WHERE period = '2026-04'),
    'down to the organisations');
UPDATE stp.observation SET numerator = numerator - 1 WHERE indicator = 'cancer_62_days' AND period = '2026-03' AND numerator > 50;
CALL stp.refresh();
SELECT is_empty($$ SELECT h.unit FROM stp_bi.rating_history h LEFT JOIN stp_bi.rating_change c USING (scheme, period, unit)
                    WHERE h.scheme = 'stp-2026' AND h.period = '2026-04' GROUP BY 1, h.score, h.score_before
                   HAVING abs(h.score - h.score_before - coalesce(sum(c.points), 0)) > 1e-9 $$, 'also when the period before is corrected');

SELECT results_eq($$ SELECT unit, lowest_score, highest_score, possible_categories FROM stp_bi.rating_history WHERE scheme = 'stp-2026' AND period = '2026-04' ORDER BY unit COLLATE "C" $$,
    $$ SELECT unit, nullif(nullif(score_low, 'infinity'), '-infinity'), nullif(nullif(score_high, 'infinity'), '-infinity'), array_to_string(categories, ', ', 'none')
         FROM stp.missing_range('stp-2026', '2026-04') ORDER BY unit COLLATE "C" $$, 'what it can become is that of stp.missing_range()');
SELECT is_empty($$ SELECT FROM stp_bi.rating_history WHERE score NOT BETWEEN coalesce(lowest_score, score) - 1e-9 AND coalesce(highest_score, score) + 1e-9 $$, 'with the rating within');

-- It follows the rating ----------------------------------------------------------------------------------------------

UPDATE stp.observation SET numerator = denominator - numerator WHERE indicator = 'ae_within_4_hours' AND period = '2026-03';
CALL stp.refresh();
SELECT bag_eq('SELECT period::text, unit, category, probability FROM stp_bi.category_probability', 'SELECT period::text, unit, category, probability FROM drawn', 'after a change');
SELECT bag_eq('SELECT period, unit, node, rank_without FROM stp_bi.rating_without', 'SELECT period::text, unit, node, rank_without FROM without', 'of all');
SELECT bag_eq('SELECT period, unit, node, lower, upper, missing_weight, needed_value, needed_category FROM stp_bi.rating_node',
    'SELECT period, unit, node, lower, upper, missing_weight, needed_value, next_category FROM explained', 'and of what explains it');
INSERT INTO stp.display_rule (indicator) VALUES ('ae_within_4_hours');
SELECT is_empty($$ SELECT FROM stp_bi.rating_without WHERE indicator = 'ae_within_4_hours' $$, 'what would tell a hidden figure is not shown');
DELETE FROM stp.display_rule;
-- What stays the same is not written again.
CREATE TABLE written AS SELECT ctid::text AS place, e.* FROM stp.assessment_explanation e;
UPDATE stp.observation SET denominator = denominator + 1 WHERE indicator = 'cancer_62_days' AND period = '2026-03';
UPDATE stp.observation SET denominator = denominator - 1 WHERE indicator = 'cancer_62_days' AND period = '2026-03';
SELECT max(started_at) AS before FROM stp.refresh_log \gset
CALL stp.refresh();
SELECT isnt_empty(format($$ SELECT FROM stp.refresh_log WHERE started_at > %L AND scheme = 'stp-2026' $$, :'before'), 'a rating is made again');
SELECT bag_eq('SELECT ctid::text AS place, e.* FROM stp.assessment_explanation e', 'SELECT * FROM written', 'rows that stay the same are left where they are');

-- A scheme without categories has ranks ---------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name) VALUES ('plain', 'Plain');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('plain', 'ae', 'A&E', 'ae_within_4_hours', 'min_max');
CALL stp.refresh('plain');
SELECT isnt_empty($$ SELECT FROM stp_bi.rating WHERE scheme = 'plain' AND rank_low < rank_high AND probability_of_category IS NULL $$, 'ranks are there without categories');
SELECT is_empty($$ SELECT FROM stp_bi.category_probability WHERE scheme = 'plain' $$, 'and no categories');

-- Each is compared with its peers --------------------------------------------------------------------------------------

UPDATE stp.organisation SET type = CASE WHEN organisation < 'RJ' THEN 'early' WHEN organisation < 'RW' THEN 'late' END;
INSERT INTO stp.scheme (scheme, name, rates, peer_group) VALUES ('trusts', 'Trusts', 'organisation', 'type');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('trusts', 'ae', 'A&E', 'ae_within_4_hours', 'min_max');
CALL stp.refresh('trusts');
SELECT bag_eq($$ SELECT DISTINCT period, peer_group, cohort_minimum, cohort_median, cohort_maximum FROM stp_bi.rating_node WHERE scheme = 'trusts' $$,
    $$ SELECT p.period::text, a.peer_group, min(a.value), percentile_cont(0.5) WITHIN GROUP (ORDER BY a.value), max(a.value)
         FROM stp.assessed_period p CROSS JOIN LATERAL stp.assess(p.scheme, p.period) a WHERE p.scheme = 'trusts' GROUP BY p.period, a.peer_group $$, 'quartiles are those of the peers');
SELECT ok((SELECT count(DISTINCT cohort_minimum) > 1 AND count(DISTINCT coalesce(peer_group, '')) > 1 FROM stp_bi.rating_node WHERE scheme = 'trusts' AND is_latest), 'which differ');

-- Predecessors are weighed by their people ---------------------------------------------------------------------------

INSERT INTO stp.system (system, name) VALUES ('K1', 'K1'), ('K2', 'K2');
INSERT INTO stp.organisation (organisation, name) VALUES ('KA', 'KA'), ('KB', 'KB');
INSERT INTO stp.membership (organisation, system) VALUES ('KA', 'K1'), ('KB', 'K2');
INSERT INTO stp.population (system, period, persons) VALUES ('K1', '2024/25', 1000), ('K2', '2024/25', 1000);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'ae_within_4_hours', o, m, CASE o WHEN 'KA' THEN 900 ELSE 600 END, 1000 FROM unnest('{KA,KB}'::text[]) o, stp.periods('2026-03', '2026-04') m;
CALL stp.merge_systems(ARRAY['K1', 'K2'], 'K9', '2026-04-01', 'K9');
CALL stp.refresh();
CREATE VIEW changed AS SELECT n.unit, sum(k.points) AS kept, max(n.change) AS now
  FROM (SELECT unit, sum(change) AS change FROM stp.explain_change('plain', '2026-03', '2026-04') WHERE depth = 1 GROUP BY unit) n
  LEFT JOIN stp.assessment_change k ON k.unit = n.unit AND k.scheme = 'plain' AND k.period = '2026-04' GROUP BY n.unit;
SELECT is_empty('SELECT * FROM changed WHERE abs(coalesce(kept, 0) - coalesce(now, 0)) > 1e-9', 'a change from predecessors is kept');
CREATE TEMP TABLE k9 AS SELECT kept FROM changed WHERE unit = 'K9';
UPDATE stp.population SET persons = 9000 WHERE system = 'K1';
CALL stp.refresh();
SELECT is_empty('SELECT * FROM changed WHERE abs(coalesce(kept, 0) - coalesce(now, 0)) > 1e-9', 'and follows their people');
SELECT isnt((SELECT kept FROM changed WHERE unit = 'K9'), (SELECT kept FROM k9), 'which weigh');

-- It can be left out -------------------------------------------------------------------------------------------------

CALL stp.copy_scheme('stp-2026', 'mine');
UPDATE stp.scheme SET keeps_detail = false WHERE scheme = 'mine';
CALL stp.refresh('mine');
SELECT isnt_empty($$ SELECT FROM stp_bi.rating_history WHERE scheme = 'mine' AND score IS NOT NULL $$, 'a scheme is rated without it');
SELECT is_empty($$ SELECT FROM stp.assessment_robustness WHERE scheme = 'mine' UNION ALL SELECT FROM stp.assessment_without WHERE scheme = 'mine'
    UNION ALL SELECT FROM stp.assessment_change WHERE scheme = 'mine' UNION ALL SELECT FROM stp.assessment_explanation WHERE scheme = 'mine'
    UNION ALL SELECT FROM stp.assessment_cohort WHERE scheme = 'mine' $$, 'and nothing else is kept');
SELECT isnt_empty($$ SELECT FROM stp_bi.rating_node WHERE scheme = 'mine' AND value IS NOT NULL AND num_nulls(lower, running_from, cohort_median) = 3 $$, 'nor shown');
UPDATE stp.scheme SET keeps_detail = true WHERE scheme = 'mine';
CALL stp.refresh();
SELECT is((SELECT count(DISTINCT period) FROM stp.assessment_robustness WHERE scheme = 'mine'),
    (SELECT count(*) FROM stp.assessed_period WHERE scheme = 'mine'), 'until it is switched on');
SELECT is((SELECT keeps_detail FROM stp.scheme WHERE scheme = 'mine'), true, 'a copy keeps what the scheme keeps');

DELETE FROM stp.observation WHERE period = '2026-03';
CALL stp.refresh();
SELECT is_empty($$ SELECT period FROM stp.assessment_robustness UNION SELECT period FROM stp.assessment_without UNION SELECT period FROM stp.assessment_change
                   UNION SELECT period FROM stp.assessment_explanation UNION SELECT period FROM stp.assessment_cohort
                   EXCEPT SELECT period FROM stp.assessed_period $$, 'what is no longer rated has none');
