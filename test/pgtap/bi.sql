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
              ('Small', '2026-03', '2026-03-01', '2026-03-31', 'B', 'System B', 'system'),
              ('Small', '2026-02', '2026-02-01', '2026-02-28', 'C', 'System C', 'system') $$,
    'rating has the latest of each unit, with its own period and the name of the system, not of the trust of the same code');
SELECT set_eq('SELECT scheme, period, unit, score, rank FROM stp_bi.rating', 'SELECT scheme, period, unit, score, rank FROM stp_bi.rating_history WHERE is_latest',
    'rating is what stp_bi.rating_history calls the latest');
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
SELECT results_eq($$ SELECT DISTINCT unit, period FROM stp_bi.rating_node WHERE scheme = 'small' AND is_latest ORDER BY unit $$,
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

SELECT results_eq($$ SELECT system, system_name, indicator, period, value, lower, upper, standard, theme, area FROM stp_bi.indicator_latest
                      WHERE indicator IN ('ae_within_4_hours', 'well_led') ORDER BY indicator, system $$,
    $$ SELECT v.system, v.system_name, v.indicator, v.period::text, v.value, v.lower, v.upper, i.standard, i.theme, i.area
         FROM (VALUES ('A', 'ae_within_4_hours', stp.period '2026-03'), ('B', 'ae_within_4_hours', '2026-03'), ('C', 'ae_within_4_hours', '2026-02'),
                      ('A', 'well_led', '2026-02'), ('B', 'well_led', '2026-02')) latest (system, indicator, period)
         JOIN stp.system_indicator v USING (system, indicator, period) JOIN stp.indicator i USING (indicator) ORDER BY v.indicator, v.system $$,
    'each indicator has its own latest period, with limits');
SELECT ok(lower < value AND value < upper, 'which lie around the value') FROM stp_bi.indicator_latest WHERE indicator = 'ae_within_4_hours' AND system = 'A';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'A', '2025/26 Q4', 1, 100);
SELECT is((SELECT period FROM stp_bi.indicator_latest WHERE system = 'A' AND indicator = 'ae_within_4_hours'), '2026-03', 'of two that end together the shorter');

-- One rating is found by index, however many there are ----------------------------------------------------------

CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; whole text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP whole := whole || line || E'\n'; END LOOP;
    RETURN whole;
END $$;
SET enable_seqscan = off;
SELECT matches(plan_of($$ SELECT * FROM stp_bi.rating_node WHERE scheme = 'small' AND unit = 'A' $$),
    'assessment_node_pkey on assessment_node n[^\n]*\n *Index Cond: \(\(scheme = ''small''::text\)', 'nodes of one scheme and unit');
RESET enable_seqscan;

SELECT * FROM finish();
