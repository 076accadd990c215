-- Module spc against NHSRplotthedots, qicharts2 and the rules of Making Data Count; over every plan an aggregate can meet, every
-- kind of series, and with hostile states.
SELECT no_plan();

CREATE FUNCTION close_to(ours float8, expected float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= tolerance * abs(expected), false);
CREATE FUNCTION better(direction text) RETURNS text LANGUAGE sql
RETURN CASE direction WHEN 'increase' THEN 'higher' WHEN 'decrease' THEN 'lower' ELSE 'neutral' END;
CREATE FUNCTION copy_dialect(original text, changes jsonb) RETURNS void LANGUAGE sql
BEGIN ATOMIC
INSERT INTO stp.spc_dialect
SELECT (jsonb_populate_record(d, '{"builtin": false}' || changes)).* FROM stp.spc_dialect d WHERE dialect = original;
END;

-- Reference: NHSRplotthedots ---------------------------------------------------------------------------------

CREATE TABLE cases (case_id text PRIMARY KEY, description text, improvement_direction text, screen_outliers boolean,
    fix_after_n_points int, target float8, rebase_dates text);
CREATE TABLE input (case_id text, seq int, x date, y float8, is_rebase int);
CREATE TABLE expected (case_id text, seq int, rebase_group int, mean float8, lpl float8, upl float8, outside_limits boolean,
    relative_to_mean int, close_to_limits boolean, special_cause_type text, special_cause_flag boolean, point_type text,
    short_group_warning boolean);
CREATE TABLE icons (case_id text, variation_icon text, assurance_icon text, assurance_type text);
\copy cases FROM 'test/fixtures/spc/cases.csv' (FORMAT csv, HEADER)
\copy input FROM 'test/fixtures/spc/points_input.csv' (FORMAT csv, HEADER)
\copy expected FROM 'test/fixtures/spc/points_expected.csv' (FORMAT csv, HEADER)
\copy icons FROM 'test/fixtures/spc/summary_expected.csv' (FORMAT csv, HEADER)

SELECT copy_dialect('plotthedots', '{"dialect": "plotthedots unscreened", "screen": false}');
CREATE TABLE series AS
SELECT c.*, stp.spc(i.x, i.y, NULL, c.target) AS series, better(improvement_direction) AS better,
       CASE WHEN screen_outliers THEN 'plotthedots' ELSE 'plotthedots unscreened' END AS dialect,
       string_to_array(rebase_dates, ';')::date[] AS rebase
  FROM cases c JOIN input i USING (case_id) GROUP BY c.case_id;
CREATE TABLE point AS
SELECT s.case_id, row_number() OVER (PARTITION BY case_id ORDER BY p.day) AS seq, p.*,
       -- The same in the words of the reference.
       CASE rule WHEN 'outside' THEN CASE outside WHEN 1 THEN 'Above UCL' ELSE 'Below LCL' END
                 WHEN 'trend' THEN CASE trend WHEN 1 THEN '7 Point Trend (Increasing)' ELSE '7 Point Trend (Decreasing)' END
                 WHEN 'two in three' THEN CASE two_in_three WHEN 1 THEN '2 in 3 Above CL' ELSE '2 in 3 Below CL' END
                 WHEN 'shift' THEN CASE shift WHEN 1 THEN '7 Points Above CL' ELSE '7 Points Below CL' END
                 ELSE 'Common Cause' END AS special_cause_type,
       CASE signal WHEN 'improvement' THEN 'special_cause_improvement' WHEN 'concern' THEN 'special_cause_concern'
                   WHEN 'high' THEN 'special_cause_neutral_high' WHEN 'low' THEN 'special_cause_neutral_low'
                   ELSE replace(signal, ' ', '_') END AS point_type
  FROM series s, stp.spc_points(s.series, s.better, s.dialect, 'xmr', fix_after_n_points, rebase) p;

-- Named differences: a constant series has limits, and limits do not collapse by screening.
CREATE TABLE differs AS SELECT unnest('{constant_screen,spike_in_constant_screen}'::text[]) AS case_id;

SELECT is((SELECT count(*) FROM point), 1854::bigint, 'the reference has 1,854 points');
SELECT is_empty($$
    SELECT * FROM point p FULL JOIN expected e USING (case_id, seq)
     WHERE (close_to(p.mean, e.mean)
            AND (close_to(p.lower, e.lpl) AND close_to(p.upper, e.upl) OR case_id IN (SELECT case_id FROM differs))
            AND p.segment - e.rebase_group = (SELECT CASE WHEN min(rebase_group) = 1 THEN 0 ELSE 1 END FROM expected f
                                               WHERE f.case_id = e.case_id)) IS NOT TRUE
$$, 'means, limits and segments agree in every point');
SELECT is_empty($$
    SELECT * FROM point p JOIN expected e USING (case_id, seq)
     WHERE case_id NOT IN (SELECT case_id FROM differs)
       AND (p.outside <> 0, sign(p.value - p.mean), p.special_cause_type, p.rule IS NOT NULL)
           IS DISTINCT FROM (e.outside_limits, e.relative_to_mean, e.special_cause_type, e.special_cause_flag)
$$, 'flags and the first rule agree in every point');
SELECT is_empty($$
    SELECT * FROM point p JOIN expected e USING (case_id, seq)
     WHERE case_id NOT IN (SELECT case_id FROM differs)
       AND (coalesce(p.point_type, 'common_cause'), p.status)
           IS DISTINCT FROM (e.point_type, CASE WHEN p.value IS NULL THEN 'no data' WHEN e.lpl IS NULL THEN 'too few'
                                                WHEN short_group_warning THEN 'trial limits' ELSE 'ok' END)
$$, 'signals and warnings agree in every point; what has no value and no limits has no signal');
SELECT results_eq($$ SELECT count(signal), count(outside), count(rule) FROM point WHERE value IS NULL OR upper IS NULL $$,
    'VALUES (0::bigint, 0::bigint, 0::bigint)', 'a missing value and a single point have no flag');
SELECT is_empty($$
    SELECT s.case_id, o.variation_icon, e.variation_icon
      FROM series s
     CROSS JOIN LATERAL stp.spc_summary(series, better, dialect, 'xmr', fix_after_n_points, rebase) o
      JOIN icons e USING (case_id)
     WHERE (coalesce(o.variation_icon, 'common_cause'), o.assurance_icon)
           IS DISTINCT FROM (e.variation_icon, e.assurance_icon)
$$, 'icons agree in every series');
SELECT is((SELECT variation_icon FROM series, stp.spc_summary(series, better, dialect) WHERE case_id = 'one_point'), NULL,
    'a single point has none');

-- What is named a fault is not followed.
SELECT is_empty($$ SELECT * FROM point WHERE case_id = 'constant_screen'
    AND (mean, lower, upper, outside, trend, shift, rule, signal, status)
        IS DISTINCT FROM (5::float8, 5::float8, 5::float8, 0, 0, 0, NULL::text, 'common cause', 'constant') $$,
    'limits of a constant series are its value');
SELECT results_eq($$ SELECT count(*) FILTER (WHERE outside <> 0), max(value) FILTER (WHERE outside = 1), min(status)
                       FROM point WHERE case_id = 'spike_in_constant_screen' $$,
    $$ VALUES (1::bigint, 9::float8, 'ok') $$, 'where screening would leave no range, nothing is screened: only the spike is outside');

-- Real figures: five trusts of the A&E returns.
CREATE TABLE ae (org_code text, period date, breach_pct float8, rebase_group int, mean float8, lpl float8, upl float8,
    special_cause_type text, point_type text);
CREATE TABLE ae_icons (org_code text, assurance_type text);
\copy ae FROM 'test/fixtures/spc/ae_expected.csv' (FORMAT csv, HEADER)
\copy ae_icons FROM 'test/fixtures/spc/ae_assurance_expected.csv' (FORMAT csv, HEADER)
SELECT is((SELECT count(*) FROM ae), 180::bigint, 'the reference has 180 months of A&E');
CREATE TABLE ae_series AS SELECT org_code, stp.spc(period, breach_pct, NULL, 5) AS series FROM ae GROUP BY org_code;
SELECT is_empty($$
    SELECT * FROM ae e
      LEFT JOIN (SELECT org_code, p.* FROM ae_series s, stp.spc_points(series, 'lower', 'plotthedots', rebase => '{2018-04-01}') p) p
        ON p.org_code = e.org_code AND p.day = e.period
     WHERE (close_to(p.mean, e.mean) AND close_to(p.lower, e.lpl) AND close_to(p.upper, e.upl)
            AND p.segment = e.rebase_group + 1
            AND e.point_type = CASE p.signal WHEN 'common cause' THEN 'common_cause' ELSE 'special_cause_' || p.signal END
            AND e.special_cause_type LIKE
                CASE p.rule WHEN 'outside' THEN CASE outside WHEN 1 THEN 'Above UCL' ELSE 'Below LCL' END
                            WHEN 'trend' THEN CASE trend WHEN 1 THEN '%(Increasing)' ELSE '%(Decreasing)' END
                            WHEN 'two in three' THEN CASE two_in_three WHEN 1 THEN '2 in 3 Above CL' ELSE '2 in 3 Below CL' END
                            WHEN 'shift' THEN CASE shift WHEN 1 THEN '7 Points Above CL' ELSE '7 Points Below CL' END
                            ELSE 'Common Cause' END) IS NOT TRUE
$$, 'limits, rules and signals of the A&E returns agree');
SELECT is_empty($$
    SELECT * FROM ae_series
     CROSS JOIN LATERAL stp.spc_summary(series, 'lower', 'plotthedots', rebase => '{2018-04-01}') s
      JOIN ae_icons USING (org_code)
     WHERE assurance IS DISTINCT FROM CASE assurance_type WHEN 'consistent_fail' THEN 'fail' WHEN 'consistent_pass' THEN 'pass'
                                                          ELSE 'hit or miss' END
$$, 'and so does the assurance of their target');

-- Rules on vectors: values about a given mean of 0 and sigma of 1, or in any unit for a trend.
CREATE TABLE vector (rule text, input text, input2 text, expected text);
\copy vector FROM 'test/fixtures/spc/rule_units.csv' (FORMAT csv, HEADER)
ALTER TABLE vector ADD id int GENERATED ALWAYS AS IDENTITY;
SELECT is((SELECT count(*) FROM vector), 128::bigint, 'the reference has 128 vectors');
CREATE TABLE element AS
SELECT id, rule, n, a::int AS input, b::int AS input2, e::int AS expected
  FROM vector, ROWS FROM (string_to_table(input, ';'), string_to_table(input2, ';'), string_to_table(expected, ';'))
       WITH ORDINALITY AS u (a, b, e, n);
-- A point is part of seven if one of it and the six behind it is the seventh.
CREATE VIEW part AS
SELECT *, max(abs(expected)) OVER (PARTITION BY id ORDER BY n ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) AS in_seven,
       max(abs(input)) OVER (PARTITION BY id ORDER BY n ROWS BETWEEN CURRENT ROW AND 6 FOLLOWING) AS input_in_seven
  FROM element;
SELECT is_empty($$ SELECT * FROM part WHERE rule = 'part_of_seven' AND input_in_seven <> expected $$,
    'what is part of seven is read as the reference reads it');
SELECT is_empty($$
    WITH ours AS (
        SELECT id, s.rule, day - date '2000-01-01' AS n, shift, trend
          FROM (SELECT id, rule, stp.spc(date '2000-01-01' + n::int, input) AS series FROM element GROUP BY id, rule) s
         CROSS JOIN LATERAL stp.spc_points(series, 'neutral', 'plotthedots', given_mean => 0, given_sigma => 100) p
    )
    SELECT * FROM part JOIN ours USING (id, rule, n)
     WHERE rule = 'seven_one_side' AND abs(shift) <> in_seven OR rule = 'seven_trend' AND abs(trend) <> in_seven
$$, 'seven on one side and trends of seven agree');
-- Points in no window of three have sides that change, so that no three beside each other are on one.
SELECT is_empty($$
    WITH placed AS (
        SELECT *, row_number() OVER (PARTITION BY id, island ORDER BY n) AS first,
               row_number() OVER (PARTITION BY id, island ORDER BY n DESC) AS last
          FROM (SELECT *, n - sum(1) OVER (PARTITION BY id, input ORDER BY n) AS island FROM element
                 WHERE rule = 'part_of_two_in_three') e
    ), value AS (
        SELECT id, n, expected,
               CASE WHEN input = 1 THEN 1 WHEN least(first, last) % 2 = 1 THEN -1 ELSE 1 END
               * CASE WHEN input2 = 1 THEN 2.5 ELSE 1 END AS y
          FROM placed
    )
    SELECT * FROM value
      JOIN (SELECT id, day - date '2000-01-01' AS n, two_in_three
              FROM (SELECT id, stp.spc(date '2000-01-01' + n::int, y) AS series FROM value GROUP BY id) s
             CROSS JOIN LATERAL stp.spc_points(series, 'neutral', 'plotthedots', given_mean => 0, given_sigma => 1)) o USING (id, n)
     WHERE abs(two_in_three) <> expected
$$, 'two in three agree');

-- Reference: the rules of Making Data Count's SQL query ---------------------------------------------------------

CREATE TABLE mdc (case_id text, seq int, exclude_outliers int, partition int, mean float8, lpl float8, upl float8,
    above_upl int, below_lpl int, shift_above int, shift_below int, trend_up int, trend_down int, two_three_above int,
    two_three_below int, point_type text, conflict int);
CREATE TABLE mdc_icons (case_id text, exclude_outliers int, points int, shown_as_spc_min15 int, variation_of_last_point text,
    assurance text);
\copy mdc FROM 'test/fixtures/spc/mdc_points_expected.csv' (FORMAT csv, HEADER)
\copy mdc_icons FROM 'test/fixtures/spc/mdc_summary_expected.csv' (FORMAT csv, HEADER)
SELECT is((SELECT count(*) FROM mdc), 2812::bigint, 'the reference has 2,812 points');
-- The query judges before it hides charts of fewer than 15 points; its option of screening is another dialect.
SELECT copy_dialect('mdc_sql', '{"dialect": "mdc 0", "minimum_points": 2}');
SELECT copy_dialect('mdc_sql', '{"dialect": "mdc 1", "minimum_points": 2, "screen": true}');
CREATE TABLE mdc_point AS
SELECT s.case_id, e AS exclude_outliers, row_number() OVER (PARTITION BY case_id, e ORDER BY p.day) AS seq, p.*
  FROM series s CROSS JOIN generate_series(0, 1) e,
       stp.spc_points(s.series, s.better, 'mdc ' || e, 'xmr', NULL, rebase) p
 WHERE (case_id, e) IN (SELECT case_id, exclude_outliers FROM mdc);
SELECT is_empty($$
    SELECT * FROM mdc e LEFT JOIN mdc_point p USING (case_id, exclude_outliers, seq)
     WHERE (close_to(p.mean, e.mean) AND close_to(p.lower, e.lpl) AND close_to(p.upper, e.upl)) IS NOT TRUE
$$, 'means and limits agree in every point, screened or not');
SELECT is_empty($$
    SELECT * FROM mdc e LEFT JOIN mdc_point p USING (case_id, exclude_outliers, seq)
     WHERE case_id <> 'one_point' AND (p.outside, p.shift, p.two_in_three, p.conflict)
           IS DISTINCT FROM (above_upl - below_lpl, shift_above - shift_below, two_three_above - two_three_below, e.conflict = 1)
        OR case_id <> 'one_point' AND p.trend IS DISTINCT FROM CASE WHEN trend_up = 1 AND trend_down = 1 THEN p.trend ELSE trend_up - trend_down END
        OR p.trend = 0 AND trend_up = 1
        OR case_id <> 'one_point' AND e.point_type IS DISTINCT FROM CASE signal WHEN 'high' THEN 'neither_high' WHEN 'low'
            THEN 'neither_low' ELSE replace(signal, ' ', '_') END
$$, 'all rules, the conflict and the signal agree in every point but a single one, which has no limits');
SELECT is_empty($$
    SELECT * FROM mdc_icons e
      JOIN series s USING (case_id)
     CROSS JOIN LATERAL stp.spc_summary(series, better, 'mdc ' || exclude_outliers, 'xmr', NULL, rebase) p
     CROSS JOIN LATERAL stp.spc_summary(series, better, 'mdc_sql', 'xmr', NULL, rebase) shown
     WHERE (p.points, coalesce(replace(p.variation, ' ', '_'), 'common_cause'), replace(p.assurance, ' ', '_'), (shown.status <> 'too few')::int)
           IS DISTINCT FROM (e.points, CASE WHEN better = 'neutral' THEN replace(variation_of_last_point, 'neither_', '')
                                            ELSE variation_of_last_point END, e.assurance, shown_as_spc_min15)
$$, 'and so do points, variation, assurance, and which charts are shown');

-- Reference: qicharts2 ------------------------------------------------------------------------------------------

CREATE TABLE chart_input (series text, x date, y float8, n float8);
CREATE TABLE chart (series text, chart text, frozen int, x date, y float8, cl float8, lcl float8, ucl float8,
    sigma_signal boolean, runs_signal boolean, n_useful int, longest_run int, longest_run_max int, n_crossings int,
    n_crossings_min int);
\copy chart_input FROM 'test/fixtures/spc/charts_input.csv' (FORMAT csv, HEADER)
\copy chart FROM 'test/fixtures/spc/charts_expected.csv' (FORMAT csv, HEADER)
SELECT is((SELECT count(*) FROM chart), 2304::bigint, 'the reference has 2,304 points of charts');
CREATE TABLE chart_series AS
SELECT c.*, s.series AS state
  FROM (SELECT DISTINCT series, chart, frozen FROM chart) c
  JOIN LATERAL (SELECT CASE WHEN chart IN ('p', 'pp', 'u', 'up') THEN stp.spc(x, y, n) ELSE stp.spc(x, y) END AS series
                  FROM chart_input i WHERE i.series = c.series) s ON true;
SELECT is_empty($$
    SELECT * FROM chart e
      LEFT JOIN (SELECT s.series, s.chart, s.frozen, p.* FROM chart_series s
                  CROSS JOIN LATERAL stp.spc_points(state, 'neutral', 'qicharts2', chart, frozen) p) p
        ON p.series = e.series AND p.chart = e.chart AND p.frozen IS NOT DISTINCT FROM e.frozen AND p.day = e.x
     WHERE (close_to(p.value, e.y) AND close_to(p.mean, e.cl) AND close_to(p.lower, e.lcl) AND close_to(p.upper, e.ucl)
            AND coalesce(p.outside <> 0, false) = e.sigma_signal AND coalesce(p.runs = 1, false) = e.runs_signal) IS NOT TRUE
$$, 'values, centres, limits and signals of all charts agree');
SELECT is_empty($$
    SELECT * FROM (SELECT DISTINCT series, chart, frozen, n_useful, longest_run, longest_run_max, n_crossings, n_crossings_min
                     FROM chart) e
      LEFT JOIN (SELECT s.series, s.chart, s.frozen, p.* FROM chart_series s
                  CROSS JOIN LATERAL stp.spc_summary(state, 'neutral', 'qicharts2', chart, frozen) p) p
        ON p.series = e.series AND p.chart = e.chart AND p.frozen IS NOT DISTINCT FROM e.frozen
     WHERE (useful, p.longest_run, p.longest_run_max, crossings, crossings_min)
           IS DISTINCT FROM (n_useful, e.longest_run, e.longest_run_max, n_crossings, n_crossings_min)
$$, 'and so do the numbers of Anhoej''s rules');

-- Reference: PowerBI-SPC ----------------------------------------------------------------------------------------

CREATE TABLE powerbi (source text, series text, chart text, x date, value float8, cl float8, ll99 float8, ll95 float8, ul95 float8,
    ul99 float8, astronomical int, two_in_three int, trend int, shift int);
CREATE TABLE powerbi_icons (series text, improvement_direction text, variation_icons text, assurance_icon text);
\copy powerbi FROM 'test/fixtures/spc/powerbi_points_expected.csv' (FORMAT csv, HEADER)
\copy powerbi_icons FROM 'test/fixtures/spc/powerbi_icons_expected.csv' (FORMAT csv, HEADER)
SELECT copy_dialect('powerbi', '{"dialect": "powerbi median", "centre": "median"}');
CREATE TABLE powerbi_point AS
SELECT 'points' AS source, case_id AS name, 'i' AS name_of_chart, p.*
  FROM series s CROSS JOIN LATERAL stp.spc_points(series, better, 'powerbi', 'i', rebase => rebase) p
UNION ALL
SELECT 'charts', c.series, c.chart, p.*
  FROM (SELECT DISTINCT series, chart FROM powerbi WHERE source = 'charts') c
  JOIN LATERAL (SELECT CASE WHEN chart IN ('p', 'pp', 'u', 'up') THEN stp.spc(x, y, n) ELSE stp.spc(x, y) END AS state
                  FROM chart_input i WHERE i.series = c.series) s ON true
 CROSS JOIN LATERAL stp.spc_points(state, 'neutral', CASE chart WHEN 'i_m' THEN 'powerbi median' ELSE 'powerbi' END,
                                   CASE chart WHEN 'i_m' THEN 'i' ELSE chart END) p;
SELECT is_empty($$
    SELECT * FROM powerbi e LEFT JOIN powerbi_point p ON (p.source, p.name, p.name_of_chart, p.day) = (e.source, e.series, e.chart, e.x)
     WHERE series NOT IN (SELECT case_id FROM differs) AND series <> 'one_point'
       AND (close_to(p.value, e.value) AND close_to(mean, cl) AND close_to(lower, ll99) AND close_to(near_lower, ll95)
            AND close_to(near_upper, ul95) AND close_to(upper, ul99)
            AND coalesce(p.outside, 0) = astronomical AND coalesce(p.two_in_three, 0) = e.two_in_three
            AND p.trend = e.trend AND p.shift = e.shift) IS NOT TRUE
$$, 'limits of all its charts and all flags agree in every point');
SELECT is_empty($$
    SELECT s.case_id, o.variation_icon, e.variation_icons, o.assurance_icon, e.assurance_icon
      FROM series s
     CROSS JOIN LATERAL stp.spc_summary(series, better, 'powerbi', rebase => rebase) o
      JOIN powerbi_icons e ON e.series = s.case_id
     -- Where its limits are not a number, it takes every point for one below them.
     WHERE NOT (case_id IN ('one_point', 'constant_screen') AND e.variation_icons = 'concernLow' AND o.variation_icon IS DISTINCT FROM 'concern_low')
       AND (coalesce(replace(o.variation_icon, ', ', ';'), 'common_cause'), coalesce(o.assurance_icon, 'none'))
           IS DISTINCT FROM (lower(regexp_replace(e.variation_icons, '([A-Z])', '_\1', 'g')),
                             lower(replace(e.assurance_icon, 'consistent', CASE e.assurance_icon WHEN 'inconsistent' THEN 'consistent' ELSE '' END)))
$$, 'and so do its icons, but those of series that have no limits there');
