-- Module bi: what business intelligence tools read.
SELECT no_plan();

-- Three systems; one is dissolved at the end of February and so is not rated in March.
INSERT INTO stp.system (system, name, valid_to) VALUES ('A', 'System A', NULL), ('B', 'System B', NULL), ('C', 'System C', '2026-02-28');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust of the same code'), ('TB', 'Trust B'), ('TC', 'Trust C');
INSERT INTO stp.membership (organisation, system, valid_to) VALUES ('A', 'A', NULL), ('TB', 'B', NULL), ('TC', 'C', '2026-02-28');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT i.indicator, o.organisation, p.period, 50 + 10 * o.n + 5 * p.n, 100
  FROM (VALUES ('A', 1), ('TB', 2), ('TC', 3)) o (organisation, n)
 CROSS JOIN (VALUES ('2026-01'::stp.period, 1), ('2026-02', 2), ('2026-03', 3)) p (period, n)
 CROSS JOIN (VALUES ('ae_within_4_hours'), ('cancer_62_days'), ('delayed_bed_days')) i (indicator)
 WHERE o.organisation <> 'TC' OR p.period < '2026-03';
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('well_led', 'A', '2026-02', 2), ('well_led', 'TB', '2026-02', 1);
CALL stp.copy_scheme('stp-2026', 'mine');
UPDATE stp.scheme_node SET weight = 100 WHERE scheme = 'mine' AND node = 'cancer';
-- A scheme of another shape.
INSERT INTO stp.scheme (scheme, name) VALUES ('small', 'Small');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator) VALUES ('small', 'all', NULL, 'All', NULL), ('small', 'cancer', 'all', 'Cancer', 'cancer_62_days');
INSERT INTO stp.scheme_category (scheme, position, category) VALUES ('small', 1, 'Rated');
CALL stp.refresh();

-- Ratings -------------------------------------------------------------------------------------------------------

SELECT set_eq('SELECT scheme, period, unit, score, rank, category, coverage, status FROM stp_bi.rating_history',
    $$ SELECT s.scheme, p.period::text, a.unit, a.score, a.rank, a.category, a.coverage, a.status
         FROM stp.scheme s, unnest('{2026-01,2026-02,2026-03}'::stp.period[]) p (period), stp.assess(s.scheme, p.period) a
        WHERE a.parent IS NULL AND s.scheme IN ('stp-2026', 'mine', 'small') $$, 'rating_history has what stp.assess() says, of every period');
SELECT results_eq($$ SELECT scheme_name, period, first_day, last_day, unit, unit_name, unit_kind FROM stp_bi.rating WHERE scheme = 'small' ORDER BY unit $$,
    $$ VALUES ('Small', '2026-03', date '2026-03-01', date '2026-03-31', 'A', 'System A', 'system'),
              ('Small', '2026-03', '2026-03-01', '2026-03-31', 'B', 'System B', 'system') $$,
    'rating has the latest of each unit that is there, with the name of the system, not of the trust of the same code');
SELECT set_eq('SELECT scheme, period, unit, score, rank FROM stp_bi.rating', 'SELECT scheme, period, unit, score, rank FROM stp_bi.rating_history WHERE is_latest AND is_current',
    'rating is what stp_bi.rating_history calls the latest and current');
SELECT results_eq($$ SELECT DISTINCT period, is_current FROM stp_bi.rating_history WHERE unit = 'C' AND is_latest $$, $$ VALUES ('2026-02', false) $$,
    'a unit that has ended keeps its last, in the history');
SELECT is_empty('SELECT scheme, unit FROM stp_bi.rating GROUP BY scheme, unit HAVING count(*) <> 1', 'one row for each scheme and unit');
SELECT is_empty('SELECT FROM stp_bi.rating_history h JOIN stp.assessed_period p ON p.scheme = h.scheme AND p.period::text = h.period WHERE h.refreshed_at <> p.refreshed_at',
    'with the time of its refresh');

-- Nodes ---------------------------------------------------------------------------------------------------------

SELECT set_eq('SELECT scheme, period, unit, node, node_name, parent, depth, place, indicator, value, unit_of_measure, value_period, organisations, score,
                      weight, effective_weight, contribution, coverage, rank, category, override, status FROM stp_bi.rating_node',
    'SELECT scheme, period::text, unit, node, name, parent, depth, place, indicator, value, unit_of_measure, value_period::text, organisations, score,
            weight, effective_weight, contribution, coverage, rank, category, override, status FROM stp.assessment_node',
    'rating_node has every node of every period');
SELECT is_empty($$ SELECT FROM stp_bi.rating r JOIN stp_bi.rating_node n USING (scheme, period, unit)
                    WHERE n.indicator IS NOT NULL GROUP BY r.scheme, r.unit, r.score HAVING abs(sum(n.contribution) - r.score) > 1e-9 $$,
    'the contributions of the leaves add up to the rating');
SELECT results_eq($$ SELECT DISTINCT unit, period FROM stp_bi.rating_node WHERE scheme = 'small' AND is_latest AND is_current ORDER BY unit $$,
    $$ SELECT unit, period FROM stp_bi.rating WHERE scheme = 'small' ORDER BY unit $$, 'the latest nodes are those of the latest rating');

-- The dashboard -------------------------------------------------------------------------------------------------

SELECT set_eq($$ SELECT d.scheme, d.unit, a.node, a.score
                   FROM stp_bi.dashboard_stp d
                  CROSS JOIN LATERAL (VALUES ('emergency_care', d.emergency_care), ('elective_care', d.elective_care), ('safety', d.safety),
                        ('general_practice', d.general_practice), ('mental_health', d.mental_health), ('cancer', d.cancer),
                        ('prevention', d.prevention), ('leadership', d.leadership), ('finance', d.finance)) a (node, score) $$,
    $$ SELECT s.scheme, a.unit, a.node, a.score FROM unnest('{stp-2026,mine}'::text[]) s (scheme), stp.assess(s.scheme, '2026-03') a WHERE a.depth = 2 $$,
    'each area is in its column, in the latest period, of the builtin scheme and of its copy');
SELECT ok(count(DISTINCT (emergency_care, cancer, prevention, leadership)) > 1, 'and the areas are seen to differ') FROM stp_bi.dashboard_stp;
SELECT set_eq('SELECT scheme, unit, score, rank, category, coverage, status, period, unit_name FROM stp_bi.dashboard_stp',
    $$ SELECT scheme, unit, score, rank, category, coverage, status, period, unit_name FROM stp_bi.rating WHERE scheme <> 'small' AND period = '2026-03' $$,
    'with the rating beside them; a system that is no longer rated is not on it, nor is a scheme of another shape');

-- Indicators ----------------------------------------------------------------------------------------------------

SELECT results_eq($$ SELECT unit, unit_name, indicator, period, value, lower, upper, standard, theme, area FROM stp_bi.indicator_latest
                      WHERE indicator IN ('ae_within_4_hours', 'well_led') ORDER BY indicator, unit $$,
    $$ SELECT v.system, v.system_name, v.indicator, v.period::text, v.value, v.lower, v.upper, i.standard, i.theme, i.area
         FROM (VALUES ('A', 'ae_within_4_hours', stp.period '2026-03'), ('B', 'ae_within_4_hours', '2026-03'), ('C', 'ae_within_4_hours', '2026-02'),
                      ('A', 'well_led', '2026-02'), ('B', 'well_led', '2026-02')) latest (system, indicator, period)
         JOIN stp.system_indicator v USING (system, indicator, period) JOIN stp.indicator i USING (indicator) ORDER BY v.indicator, v.system $$,
    'each indicator has its own latest period, with limits');
SELECT ok(lower < value AND value < upper, 'which lie around the value') FROM stp_bi.indicator_latest WHERE indicator = 'ae_within_4_hours' AND unit = 'A';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'A', '2025/26 Q4', 1, 100);
SELECT is((SELECT period FROM stp_bi.indicator_latest WHERE unit = 'A' AND indicator = 'ae_within_4_hours'), '2026-03', 'of two that end together the shorter');

-- One rating is found by index, however many there are ----------------------------------------------------------

\i test/pgtap/plan_of.psql
SET enable_seqscan = off;
SELECT matches(plan_of($$ SELECT * FROM stp_bi.rating_node WHERE scheme = 'small' AND unit = 'A' $$),
    'assessment_of_unit on assessment_node n[^\n]*\n *Index Cond: \(\(unit = ''A''::text\) AND \(scheme = ''small''::text\)', 'nodes of one scheme and unit');
RESET enable_seqscan;
SELECT unalike(plan_of('SELECT * FROM stp_bi.rating_change'), '%Anti Join%',
    'rules that nobody has analysed are not taken for leaving one change, for which the history could be read again');

-- Units and periods are looked at where a column of theirs is, and no rule costs where there is none.
SELECT unalike(plan_of($$ SELECT DISTINCT unit FROM stp_bi.rating_node $$), '%Join%', 'nodes alone are read');
SELECT unalike(plan_of(format('SELECT DISTINCT %I FROM stp_bi.rating_node', c)), '%assessed_period%', c || ' needs no periods')
  FROM unnest('{unit_name,node_name,indicator_name,weight,rank,category,override}'::text[]) c;
SELECT unalike(plan_of(format('SELECT DISTINCT %I FROM stp_bi.rating_node', c)), '%assessment_explanation%', c || ' needs nothing that explains')
  FROM unnest('{period,first_day,is_latest,value,status,cohort_median}'::text[]) c;
SELECT unalike(plan_of(format('SELECT DISTINCT unit, %I FROM stp_bi.%I', c, v)), '%assessment_root%', format('%s of %s needs no units', c, v))
  FROM unnest('{rating_without,rating_change,category_probability}'::text[]) v, unnest('{period,last_day}'::text[]) c;
SELECT matches(plan_of($$ SELECT * FROM stp_bi.rating_node WHERE period = '2026-03' $$), 'on assessed_period p\n *Filter: \(\(period\)::text = ', 'a label is looked for among the periods');
SELECT matches(plan_of($$ SELECT * FROM stp_bi.rating_node WHERE unit_name = 'System A' $$), 'Subquery Scan on u\n *Filter: \(u.unit_name = ', 'and a name among the units');
SELECT matches(plan_of($$ SELECT * FROM stp_bi.rating_node WHERE is_latest $$), '(Join Filter|Cond): [^\n]*period = (u\.latest|\(max\()', 'those of the latest are joined, not sorted out');

-- Small numbers -------------------------------------------------------------------------------------------------

-- Counts of a nation of two regions, their systems, and the places of one of them; C2 is small, P1 is small.
INSERT INTO stp.system (system, name, kind, parent) VALUES ('E', 'E', 'nation', NULL), ('RX', 'RX', 'region', 'E'), ('RY', 'RY', 'region', 'E'),
    ('C1', 'C1', 'system', 'RX'), ('C2', 'C2', 'system', 'RX'), ('C3', 'C3', 'system', 'RX'), ('C4', 'C4', 'system', 'RY'), ('C5', 'C5', 'system', 'RY'),
    ('P1', 'P1', 'place', 'C1'), ('P2', 'P2', 'place', 'C1'), ('P3', 'P3', 'place', 'C3'), ('P4', 'P4', 'place', 'C3'), ('P5', 'P5', 'place', 'C4');
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || n, 'O' || n FROM generate_series(1, 8) n;
INSERT INTO stp.membership (organisation, system) VALUES ('O1', 'P1'), ('O2', 'P2'), ('O3', 'C2'), ('O4', 'P3'), ('O5', 'P4'), ('O6', 'P5'), ('O7', 'C5'), ('O8', 'C4');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('falls', 'Falls', 'per 1,000 bed days', 'rate', 'lower', 1000, 'reports'), ('seen', 'Seen', '%', 'proportion', 'higher', 100, 'reports');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('falls', 'O1', '2026-03', 3, 1002), ('falls', 'O2', '2026-03', 40, 2001), ('falls', 'O3', '2026-03', 6, 3003), ('falls', 'O4', '2026-03', 12, 4004),
    ('falls', 'O5', '2026-03', 21, 1001), ('falls', 'O6', '2026-03', 0, 1000), ('falls', 'O7', '2026-03', 33, 1000), ('falls', 'O8', '2026-03', 9, 1000);
CALL stp.refresh();
CREATE TABLE unruled AS SELECT * FROM stp_bi.indicator_history;
INSERT INTO stp.display_rule VALUES ('falls', 8, 5);
SELECT results_eq($$ SELECT unit, numerator, denominator, status FROM stp_bi.indicator_history WHERE indicator = 'falls' ORDER BY unit_kind DESC, unit $$,
    $$ VALUES ('C1', 45::float8, 3005::float8, 'ok'), ('C2', NULL, NULL, 'not shown'), ('C3', NULL, NULL, 'not shown'), ('C4', 10, 2000, 'ok'), ('C5', 35, 1000, 'ok'),
              ('RX', 80, 11010, 'ok'), ('RY', 40, 3000, 'ok'),
              ('P1', NULL, NULL, 'not shown'), ('P2', NULL, NULL, 'not shown'), ('P3', NULL, NULL, 'not shown'), ('P4', 20, 1000, 'ok'), ('P5', 0, 1000, 'ok'), ('E', 125, 14010, 'ok') $$,
    'small counts are not shown, nor the smallest other part of their total, nor that of a part whose total is hidden; the others are rounded');
SELECT results_eq($$ SELECT round(value::numeric, 12), lower, upper, method FROM stp_bi.indicator_history WHERE indicator = 'falls' AND unit = 'C1' $$,
    $$ SELECT round(e.value::numeric, 12), e.lower, e.upper, e.method FROM stp.rate(45, 3005, 1000) e $$, 'value and limits are those of the rounded counts');
SELECT is_empty($$ SELECT unit FROM stp_bi.indicator_history WHERE indicator = 'falls' AND status = 'not shown' AND num_nonnulls(numerator, denominator, value, lower, upper, method) > 0 $$,
    'of what is not shown nothing is');
SELECT set_eq($$ SELECT * FROM stp_bi.indicator_history WHERE indicator <> 'falls' $$, $$ SELECT * FROM unruled WHERE indicator <> 'falls' $$, 'other indicators are shown as they are');
SELECT set_eq($$ SELECT system, numerator, value FROM stp.system_indicator WHERE indicator = 'falls' $$, $$ SELECT unit, numerator, value FROM unruled WHERE indicator = 'falls' $$,
    'what is computed is as it was');
UPDATE stp.display_rule SET hidden_below = 1, rounded_to = 1;
SELECT set_eq($$ SELECT * FROM stp_bi.indicator_history $$, $$ SELECT * FROM unruled $$, 'a rule that neither hides nor rounds shows all as it is');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', 'O3', '2026-03', 98, 100), ('seen', 'O7', '2026-03', 92, 100), ('seen', 'O8', '2026-03', 5, 6);
CALL stp.refresh();
INSERT INTO stp.display_rule VALUES ('seen');
SELECT results_eq($$ SELECT unit, numerator, value, status FROM stp_bi.indicator_history WHERE indicator = 'seen' AND unit_kind = 'system' ORDER BY unit $$,
    $$ VALUES ('C2', NULL::float8, NULL::float8, 'not shown'), ('C4', NULL, NULL, 'not shown'), ('C5', 90, 90, 'ok') $$,
    'of a proportion the others are people too: 98 of 100 is not shown; a total that is hidden for another gives no part away');

-- Of a total and its parts never one alone is hidden, all that is small is, and what is shown is a multiple.
UPDATE stp.display_rule SET hidden_below = 8, rounded_to = 5;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'falls', o.organisation, p.period, floor(exp(random() * 4) - 1), 1000
  FROM (SELECT setseed(0.14)) s CROSS JOIN stp.organisation o CROSS JOIN stp.periods('2020-01', '2024-12') p (period) WHERE o.organisation LIKE 'O_';
CALL stp.refresh();
CREATE TABLE shown AS SELECT h.unit AS system, y.parent, h.period, h.numerator, h.status, v.numerator AS counted
  FROM stp_bi.indicator_history h JOIN stp.system y ON y.system = h.unit JOIN stp.system_indicator v ON v.indicator = h.indicator AND v.system = h.unit AND v.period = h.period::stp.period
 WHERE h.indicator = 'falls';
SELECT is_empty($$ SELECT t.system, t.period FROM shown t JOIN shown part ON part.parent = t.system AND part.period = t.period
                    GROUP BY t.system, t.period, t.status HAVING count(*) > 1 AND count(*) FILTER (WHERE part.status = 'not shown') + (t.status = 'not shown')::int = 1 $$,
    'of a total and its parts never one alone is hidden');
SELECT is_empty($$ SELECT * FROM shown WHERE (counted BETWEEN 1 AND 7 AND status <> 'not shown') OR numerator::int % 5 <> 0 OR abs(numerator - counted) > 2.5 $$, 'all that is small is hidden, what is shown is rounded');
SELECT cmp_ok((SELECT count(*) FROM shown WHERE status = 'not shown' AND NOT counted BETWEEN 1 AND 7)::int, '>', 50, 'what is hidden for others was met');
DELETE FROM stp.observation WHERE indicator IN ('falls', 'seen');

-- What would give hidden counts away: two that are 2 together; a part without a count, which hides no other; the weight of a
-- report that has not come.
UPDATE stp.display_rule SET rounded_to = 1;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('falls', 'O1', '2026-01', 1, 100), ('falls', 'O3', '2026-01', 1, 100), ('falls', 'O4', '2026-01', 40, 100),
    ('falls', 'O1', '2026-02', 7, 100), ('falls', 'O3', '2026-02', 7, 100), ('falls', 'O4', '2026-02', 40, 100),
    ('falls', 'O1', '2026-03', 6, 100), ('falls', 'O3', '2026-03', 7, 100), ('falls', 'O4', '2026-03', 40, 100);
CALL stp.refresh();
SELECT results_eq($$ SELECT period, array_agg(unit || ' ' || status ORDER BY unit) FROM stp_bi.indicator_history WHERE indicator = 'falls' AND unit ~ '^(C|RX)' GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('2026-01', ARRAY['C1 not shown', 'C2 not shown', 'C3 not shown', 'RX ok']), ('2026-02', ARRAY['C1 not shown', 'C2 not shown', 'C3 not shown', 'RX ok']),
              ('2026-03', ARRAY['C1 not shown', 'C2 not shown', 'C3 ok', 'RX ok']) $$, 'two that are the least or the most together are no secret of each other');
DELETE FROM stp.observation WHERE indicator = 'falls';
UPDATE stp.indicator SET minimum_completeness = 0.1 WHERE indicator = 'falls';
INSERT INTO stp.system (system, name, kind, parent) VALUES ('C6', 'C6', 'system', 'RX');
INSERT INTO stp.organisation (organisation, name) VALUES ('O9', 'O9');
INSERT INTO stp.membership (organisation, system) VALUES ('O9', 'C6');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('falls', 'O1', '2026-01', 30, 100), ('falls', 'O3', '2026-01', 3, 100), ('falls', 'O4', '2026-01', 40, 100), ('falls', 'O9', '2026-01', 50, 6),
    ('falls', 'O1', '2026-02', 30, 100), ('falls', 'O3', '2026-02', 3, 100), ('falls', 'O4', '2026-02', 40, 100);
CALL stp.refresh();
SELECT results_eq($$ SELECT unit, numerator, completeness, status FROM stp_bi.indicator_history WHERE indicator = 'falls' AND period = '2026-02' AND unit ~ '^(C|RX)' ORDER BY unit $$,
    $$ VALUES ('C1', NULL::float8, 1::float8, 'not shown'), ('C2', NULL, 1, 'not shown'), ('C3', 40, 1, 'ok'), ('C6', NULL, 0, 'incomplete'), ('RX', 73, 0.75, 'partial') $$,
    'what has no count hides no other, and completeness does not tell the one before');
DELETE FROM stp.observation WHERE indicator IN ('falls', 'seen');

-- In a rating the figure, its score and its points; the rating itself stands.
INSERT INTO stp.display_rule VALUES ('cancer_62_days', 75, 10);
SELECT results_eq($$ SELECT unit, value, score IS NULL, contribution IS NULL, status FROM stp_bi.rating_node WHERE scheme = 'small' AND period = '2026-03' AND node = 'cancer' AND unit IN ('A', 'B') ORDER BY unit $$,
    $$ VALUES ('A', NULL::float8, true, true, 'not shown'), ('B', NULL, true, true, 'not shown') $$, 'a rating does not show what the figures do not');
SELECT is_empty($$ SELECT * FROM stp_bi.rating_node WHERE indicator = 'cancer_62_days' AND num_nonnulls(lower, upper, cohort_minimum, cohort_lower_quartile, cohort_median,
                          cohort_upper_quartile, cohort_maximum, running_from, running_to, needed_value, needed_category) > 0 $$, 'nor what tells it');
SELECT is_empty($$ SELECT * FROM stp_bi.rating_node WHERE scheme IN ('small', 'mine', 'stp-2026') AND num_nonnulls(running_from, running_to) > 0 $$, 'nor does what lies beside it');
SELECT isnt_empty($$ SELECT * FROM stp_bi.rating_node WHERE indicator = 'ae_within_4_hours' AND num_nulls(lower, upper, cohort_minimum, cohort_maximum) = 0 $$, 'others are as they are');
SELECT results_eq($$ SELECT unit, score FROM stp_bi.rating WHERE scheme = 'small' AND unit IN ('A', 'B') ORDER BY unit $$,
    $$ SELECT unit, score FROM stp.assess('small', '2026-03') WHERE parent IS NULL AND unit IN ('A', 'B') ORDER BY unit $$, 'the rating stands');
UPDATE stp.display_rule SET hidden_below = 1 WHERE indicator = 'cancer_62_days';
SELECT results_eq($$ SELECT unit, value, status FROM stp_bi.rating_node WHERE scheme = 'small' AND period = '2026-03' AND node = 'cancer' AND unit IN ('A', 'B') ORDER BY unit $$,
    $$ VALUES ('A', 80::float8, 'ok'), ('B', 90, 'ok') $$, 'nor more than its rounded value');
SELECT results_eq($$ SELECT DISTINCT coalesce(score, contribution) FROM stp_bi.rating_node WHERE scheme = 'small' AND period = '2026-03' AND node = 'cancer' $$,
    $$ VALUES (NULL::float8) $$, 'a rounded value has no exact score beside it');
UPDATE stp.display_rule SET rounded_to = 1 WHERE indicator = 'cancer_62_days';
SELECT is_empty($$ SELECT * FROM stp_bi.rating_node WHERE scheme = 'small' AND period = '2026-03' AND node = 'cancer' AND unit IN ('A', 'B') AND num_nulls(score, lower, upper) > 0 $$,
    'one that is shown as it is has');
DELETE FROM stp.display_rule;
SELECT throws_ok($$ INSERT INTO stp.display_rule VALUES ('nothing') $$, '22023', NULL, 'a rule is for an indicator that there is');

-- Who may read no report and no patient reads every rating --------------------------------------------------------------------

CREATE ROLE stp_dashboard;
\set role stp_dashboard
\i doc/roles/reader.sql
REVOKE SELECT ON stp.observation, stp.observation_history, stp.spell FROM stp_dashboard;
CREATE TABLE whole AS
SELECT name, query_to_xml(format('SELECT count(t::text) FROM stp_bi.%I t', name), true, false, '')::text AS rows
  FROM unnest('{rating,rating_history,rating_node,rating_change,rating_without,category_probability,dashboard_stp}'::text[]) name;
GRANT SELECT ON whole TO stp_dashboard;
SET ROLE stp_dashboard;
SELECT is(query_to_xml(format('SELECT count(t::text) FROM stp_bi.%I t', name), true, false, '')::text, rows, name || ' is read without reports') FROM whole;
SELECT throws_ok('SELECT FROM stp.observation', '42501', NULL, 'which are not open');
RESET ROLE;
SELECT is_empty($$ SELECT name FROM whole WHERE rows LIKE '%<count>0<%' $$, 'and there is something to read');
DROP OWNED BY stp_dashboard;
DROP ROLE stp_dashboard;

-- The picture of the star has every view, and nothing that is not there.
\set star `cat doc/pictures/star.svg`
SELECT set_eq(format($$ SELECT unnest(xpath('//*[contains(@class, "view")]/text()', %L))::text $$, :'star'),
              $$ SELECT relname::text FROM pg_class WHERE relnamespace = 'stp_bi'::regnamespace AND relkind = 'v' $$, 'the star has every view');
SELECT is_empty(format($$ SELECT unnest(string_to_array(unnest(xpath('//*[contains(@class, "column")]/text()', %L))::text, ' · '))
                          EXCEPT SELECT attname FROM pg_attribute WHERE attrelid::regclass::text LIKE 'stp\_bi.%%' $$, :'star'), 'and columns that are there');
SELECT * FROM finish();
