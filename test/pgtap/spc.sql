-- Module spc against NHSRplotthedots, qicharts2 and the rules of Making Data Count; over every plan an aggregate can meet, every
-- kind of series, and with hostile states.
SELECT plan(183);

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

-- States over every plan --------------------------------------------------------------------------------------

CREATE TABLE report AS
SELECT s AS series, date '2020-01-01' + make_interval(months => m) AS day,
       CASE WHEN (s + m) % 23 > 0 THEN round((100 + s % 7 * sin(m) + s * m / 100.0)::numeric, 3)::float8 END AS value,
       200.0 + m AS denominator, 95.0 AS target
  FROM generate_series(1, 100) s, generate_series(0, 59) m;
ALTER TABLE report ALTER day TYPE date;
SELECT setseed(0.5);
CREATE TABLE shuffled AS SELECT * FROM report ORDER BY random();
ANALYZE report, shuffled;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS
SELECT series, stp.spc(day, value) AS plain, stp.spc(day, value, denominator) AS ratio,
       stp.spc(day, value, denominator, target) AS whole, stp.spc(day, value, NULL, target) AS aimed
  FROM report GROUP BY series;
SELECT is_empty($$
    SELECT series FROM serial JOIN (SELECT series, stp.spc(day, value, denominator, target) AS other FROM shuffled GROUP BY series) s
     USING (series) WHERE whole::text <> other::text
$$, 'the order of rows does not matter');
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
\i test/pgtap/plan_of.psql
\set grouped 'SELECT series, stp.spc(day, value, denominator, target) AS other FROM shuffled GROUP BY series'
SELECT matches(plan_of(:'grouped'), 'Finalize.*Gather.*Partial.*Parallel Seq Scan', 'a series can be put together in parallel');
CREATE TABLE parallel AS :grouped;
SELECT is_empty('SELECT series FROM serial FULL JOIN parallel USING (series) WHERE (whole::text = other::text) IS NOT TRUE',
    'the parallel answer is the serial one');
\set charts 'SELECT series, p.* FROM serial CROSS JOIN LATERAL stp.spc_points(plain, ''higher'') p'
SELECT matches(plan_of(:'charts'), 'Gather', 'charts can be read in parallel');
CREATE TABLE parallel_chart AS :charts;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;
SELECT is_empty('(' || :'charts' || ') EXCEPT SELECT * FROM parallel_chart', 'and are the same');
SELECT is_empty($$
    SELECT series FROM serial
      JOIN (SELECT series, stp.rollup(state) AS joined
              FROM (SELECT series, stp.spc(day, value, denominator, target) AS state FROM shuffled GROUP BY series, extract(year FROM day)) y
             GROUP BY series) j USING (series)
     WHERE joined::text <> whole::text
$$, 'years that are joined are the series');
SELECT is((SELECT string_agg((SELECT points FROM stp.spc_summary(w.state, 'higher'))::text, ',' ORDER BY day)
             FROM (SELECT day, stp.spc(day, value) OVER (ORDER BY day) AS state FROM report WHERE series = 1 AND day < '2020-07-01') w),
    '1,2,3,4,5,6', 'over a window, a series grows');
SELECT is((SELECT (stp.rollup(state) OVER (ORDER BY day))::text
             FROM (SELECT day, stp.spc(day, value) AS state FROM report WHERE series = 1 AND day < '2020-03-01' GROUP BY day) w
            ORDER BY day DESC LIMIT 1), (SELECT stp.spc(day, value)::text FROM report WHERE series = 1 AND day < '2020-03-01'),
    'and so do joined ones');

-- Text and binary.
SELECT is_empty($$ SELECT series FROM serial WHERE whole::text::stp.spc::text <> whole::text OR aimed::text::stp.spc::text <> aimed::text $$,
    'text is lossless');
SELECT is('(2026-02-01,0.1,,)(2026-01-01,,2,3e-300)'::stp.spc::text, '(2026-01-01,,2,3e-300)(2026-02-01,0.1,,)', 'and read in any order');
CREATE TABLE received (LIKE serial);
\copy serial TO 'spc.binary' (FORMAT binary)
\copy received FROM 'spc.binary' (FORMAT binary)
\! rm spc.binary
SELECT is_empty($$ SELECT series FROM serial FULL JOIN received r USING (series) WHERE (serial.whole::text = r.whole::text) IS NOT TRUE $$,
    'binary is lossless');
SELECT is((SELECT pg_column_size(stp.spc(day, value)) FROM report WHERE series = 1), 8 + 60 * 32, 'sixty months have 1,928 bytes');
SELECT throws_ok(format('SELECT %L::stp.spc', literal), '22P02', NULL, left(literal, 60))
  FROM unnest('{"",(,"()","(2026-01-01)","(2026-01-01,1,,)x","(2026-1-1,1,,)","(2026-00-01,1,,)","(2026-13-01,1,,)","(0000-01-01,1,,)","(2026-01-01,1,,","(2026-01-01,inf,,)",
               "(2026-01-01,1e999,,)","(2026-01-01,1,-0.1,)","(2026-01-01, 1,,) ","(2026-01-01,1,,)(2026-01-01,1,,)","(2026-01-01,1,,,)"}'::text[]) literal;

-- Settings ---------------------------------------------------------------------------------------------------

-- A dialect that has changed is read again, in one transaction and in one statement's calls.
SELECT copy_dialect('plotthedots', '{"dialect": "changing", "shift": 3}');
CREATE TABLE change (n int, shifted bigint);
DO $$
DECLARE
    chart stp.spc := (SELECT stp.spc(day, value) FROM report WHERE series = 50);
    shifted bigint;
BEGIN
    FOR n IN 3..5 LOOP
        UPDATE stp.spc_dialect SET shift = n * n WHERE dialect = 'changing';
        shifted := (SELECT count(*) FROM stp.spc_points(chart, 'higher', 'changing') WHERE shift <> 0);
        INSERT INTO change VALUES (n, shifted);
    END LOOP;
END $$;
SELECT is((SELECT count(DISTINCT shifted) FROM change), 3::bigint, 'a dialect that has changed is read again');
SELECT results_eq($$ SELECT (upper - mean)::numeric(20, 9) FROM serial CROSS JOIN unnest('{nhs,qicharts2,nhs}'::text[]) WITH ORDINALITY d (dialect, n)
                      CROSS JOIN LATERAL stp.spc_summary(plain, 'higher', dialect) WHERE series = 50 ORDER BY n $$,
    $$ SELECT (range * factor)::numeric(20, 9) FROM serial CROSS JOIN (VALUES (2.66::float8), (3 / 1.128), (2.66)) f (factor)
        CROSS JOIN LATERAL (SELECT avg(moving_range) AS range FROM stp.spc_points(plain, 'higher', 'nhs')) p WHERE series = 50 $$,
    'dialects that take turns in one statement do not mix');

-- Baselines, segments and ghosts.
CREATE TABLE ten AS SELECT date '2026-01-01' + i AS day, (ARRAY[1, 3, 2, 4, 3, 20, 22, 21, 23, 22])[i + 1]::float8 AS value FROM generate_series(0, 9) i;
CREATE TABLE ten_series AS SELECT stp.spc(day, value) AS s FROM ten;
SELECT copy_dialect('plotthedots', '{"dialect": "plain", "screen": false}');
SELECT is((SELECT array_agg(DISTINCT mean) FROM ten_series, stp.spc_points(s, 'higher', 'plain', baseline => 5)), '{2.6}', 'the first points are the baseline');
SELECT is((SELECT array_agg(DISTINCT upper) FROM ten_series, stp.spc_points(s, 'higher', 'plain', baseline => 5)), ARRAY[2.6 + 2.66 * 1.5]::float8[], 'and make the limits');
SELECT is((SELECT string_agg(is_base::int::text, '' ORDER BY day) FROM ten_series, stp.spc_points(s, 'higher', 'plain', base_from => '2026-01-03', base_to => '2026-01-05')),
    '0011100000', 'the days of a range are, both ends of it');
SELECT is((SELECT array_agg(DISTINCT mean) FROM ten_series, stp.spc_points(s, 'higher', 'plain', base_from => '2026-01-06')), '{21.6}', 'a range may be open');
SELECT is((SELECT array_agg(DISTINCT mean) FROM ten_series, stp.spc_points(s, 'higher', 'plain', base_from => '2027-01-01')), '{12.1}', 'one without points is none');
SELECT is((SELECT string_agg(segment::text, '' ORDER BY day) FROM ten_series, stp.spc_points(s, 'higher', 'plain', rebase => '{2026-01-06,2026-01-01,2025-01-01,2026-01-06,2027-01-01}')),
    '1111122222', 'a segment begins on the day of rebasing, and a day before all points begins none');
SELECT is((SELECT array_agg(DISTINCT mean ORDER BY mean) FROM ten_series, stp.spc_points(s, 'higher', 'plain', rebase => '{2026-01-06}')), '{2.6,21.6}', 'each has limits of its own');
SELECT is((SELECT array_agg(DISTINCT mean ORDER BY mean) FROM ten_series, stp.spc_points(s, 'higher', 'plain', baseline => 2, rebase => '{2026-01-06}')), '{2,21}', 'and a baseline of its own');
SELECT is((SELECT (array_agg(day ORDER BY day))[1]::text FROM (SELECT stp.spc(day, value) AS s FROM ten WHERE day <> '2026-01-06') t, stp.spc_points(s, 'higher', 'plain', rebase => '{2026-01-06}') p
            WHERE segment = 2), '2026-01-07', 'or with the first point after it');
SELECT is((SELECT array_agg(DISTINCT mean) FROM ten_series, stp.spc_points(s, 'higher', 'plain', ghosts => ARRAY(SELECT day FROM ten WHERE value > 10))), '{2.6}', 'ghosts take no part in limits');
SELECT is((SELECT (count(*), count(value), count(outside), count(rule), count(signal))::text FROM ten_series, stp.spc_points(s, 'higher', 'plain', ghosts => '{2026-01-06,2026-02-01}') WHERE is_ghost),
    '(1,1,0,0,0)', 'and have values but no flags');
SELECT is((SELECT (last_day, points)::text FROM ten_series, stp.spc_summary(s, 'higher', 'plain', ghosts => '{2026-01-10}')), '(2026-01-09,9)', 'nor are they the last point');
SELECT results_eq($$ SELECT DISTINCT mean, lower, near_upper, upper FROM ten_series, stp.spc_points(s, 'higher', 'plain', given_mean => 5, given_sigma => 2) $$,
    'VALUES (5::float8, -1::float8, 9::float8, 11::float8)', 'a mean and a sigma are given');
SELECT results_eq($$ SELECT DISTINCT mean, lower, upper FROM (SELECT stp.spc(day, value, 100) AS s FROM ten) t, stp.spc_points(s, 'higher', 'plain', 'p', given_mean => 50, per => 100) $$,
    'VALUES (50::float8, 35::float8, 65::float8)', 'of a proportion, its mean: in the unit that is shown');
SELECT is((SELECT (last_value, round(mean::numeric, 6), assurance)::text FROM (SELECT stp.spc(day, value, 100, 99) AS s FROM ten) t, stp.spc_summary(s, 'lower', 'nhs', 'u', per => 1000)),
    '(220,121.000000,)', 'too few points for nhs have no assurance');
SELECT is((SELECT (last_value, mean, assurance)::text FROM (SELECT stp.spc(day, value, 100, 999) AS s FROM ten) t, stp.spc_summary(s, 'lower', 'plain', 'u', per => 1000)),
    '(220,121,pass)', 'targets are in it too');
SELECT is((SELECT array_agg(DISTINCT status) FROM ten_series, stp.spc_points(s, 'higher', 'nhs')), '{too few}', 'fewer than the dialect''s minimum are too few');
SELECT is((SELECT (count(outside), count(signal), count(upper))::text FROM ten_series, stp.spc_points(s, 'higher', 'nhs')), '(0,0,10)', 'and have limits, but no rules');

-- A missing value breaks what goes over it, or is passed over.
CREATE TABLE missing AS SELECT stp.spc(date '2026-01-01' + i, CASE WHEN i <> 4 THEN i END) AS s FROM generate_series(0, 11) i;
SELECT is((SELECT count(*) FROM missing, stp.spc_points(s, 'higher', 'plotthedots') WHERE trend = 1), 7::bigint, 'a missing value ends a trend');
SELECT is((SELECT count(*) FROM missing, stp.spc_points(s, 'higher', 'powerbi') WHERE trend = 1), 11::bigint, 'or is passed over');
SELECT is((SELECT (count(moving_range), max(moving_range), bool_or(is_base) FILTER (WHERE value IS NULL))::text FROM missing, stp.spc_points(s, 'higher', 'plotthedots')), '(9,1,f)', 'it has no range with its neighbours');
SELECT is((SELECT (count(moving_range), max(moving_range))::text FROM missing, stp.spc_points(s, 'higher', 'powerbi')), '(10,2)', 'or they have one');
SELECT is((SELECT (last_value, gaps)::text FROM (SELECT stp.spc(date '2026-01-01' + i, nullif(i, 11)) AS s FROM generate_series(0, 11) i WHERE i <> 5) t, stp.spc_summary(s, 'higher', 'mdc_sql')),
    '(10,2)', 'the last point is the last with a value; gaps are days without one');
SELECT is((SELECT (last_day, last_value, status)::text FROM (SELECT stp.spc(date '2026-01-01' + i, nullif(i, 11)) AS s FROM generate_series(0, 11) i) t, stp.spc_summary(s, 'higher', 'plotthedots')),
    '(2026-01-12,,"no data")', 'or the last, with no data');
SELECT is((SELECT (mean, status)::text FROM (SELECT stp.spc(date '2026-01-01' + i, i, CASE WHEN i > 2 THEN 2 ELSE 0 END) AS s FROM generate_series(0, 6) i) t, stp.spc_summary(s, 'higher', 'plotthedots')),
    '(2.25,"trial limits")', 'nothing is divided by 0');

SELECT is((SELECT string_agg((value IS NULL)::text || (upper IS NULL), ' ' ORDER BY day) FROM (SELECT stp.spc(date '2026-01-01' + i, i / 2, i) AS s FROM generate_series(0, 6) i) t, stp.spc_points(s, 'higher', 'plotthedots', chart)),
    'truetrue falsefalse falsefalse falsefalse falsefalse falsefalse falsefalse', 'chart ' || chart || ' has no limits where nothing is counted')
  FROM unnest('{p,u}'::text[]) chart;
SELECT copy_dialect('mdc_sql', '{"dialect": "mdc times", "screen": true}');
SELECT is((SELECT array_agg(DISTINCT array[round(mean::numeric, 9), round(upper::numeric, 9)]) FROM (SELECT stp.spc(date '2026-01-01' + i, CASE i WHEN 19 THEN 90 ELSE 5 END) AS s FROM generate_series(0, 19) i) t,
           unnest('{xmr,t}'::text[]) chart, stp.spc_points(s, 'higher', 'mdc times', chart)), '{{5,5}}', 'but for a spike that is screened a series is constant, on either scale');

-- Targets -----------------------------------------------------------------------------------------------------

SELECT is((SELECT array_agg(DISTINCT assurance) FROM (SELECT stp.spc(date '2026-01-01' + i, 100, NULL, 100) AS s FROM generate_series(0, 20) i) t, stp.spc_dialect d,
           stp.spc_summary(s, 'higher', d.dialect) WHERE builtin), '{pass}', '100% against 100% is a pass, in every dialect');
SELECT is((SELECT array_agg(DISTINCT assurance) FROM (SELECT stp.spc(date '2026-01-01' + i, 50, 50, 100) AS s FROM generate_series(0, 20) i) t, stp.spc_dialect d,
           unnest('{p,pp,i}'::text[]) chart, stp.spc_summary(s, 'higher', d.dialect, chart, per => 100) WHERE builtin), '{pass}', 'of proportions too');
SELECT is((SELECT string_agg(DISTINCT assurance, ',') FROM (SELECT stp.spc(date '2026-01-01' + i, 99, NULL, 100) AS s FROM generate_series(0, 20) i) t, stp.spc_dialect d,
           stp.spc_summary(s, 'higher', d.dialect) WHERE builtin), 'fail', 'and 99% fails');
-- No infection is a month that has been; a limit at the end of what values can be excludes none.
SELECT results_eq($$ SELECT chart, better, assurance FROM (SELECT stp.spc(date '2026-01-01' + i, i % 3, 3, 0) AS zero, stp.spc(date '2026-01-01' + i, 3 - i % 3 / 2, 3, 100) AS whole FROM generate_series(0, 20) i) t,
    LATERAL (VALUES ('c', 'lower', zero, 1), ('u', 'lower', zero, 1), ('p', 'lower', zero, 100), ('p', 'higher', whole, 100), ('p', 'lower', whole, 100), ('c', 'higher', zero, 1)) v (chart, better, s, per),
    stp.spc_summary(s, better, 'nhs', chart, per => per) $$,
    $$ VALUES ('c', 'lower', 'hit or miss'), ('u', 'lower', 'hit or miss'), ('p', 'lower', 'hit or miss'), ('p', 'higher', 'hit or miss'), ('p', 'lower', 'pass'), ('c', 'higher', 'pass') $$,
    'a target of 0 or of 100% that is met now and then does not fail');
CREATE FUNCTION assured(target float8, better text, dialect text) RETURNS text LANGUAGE sql
RETURN (SELECT assurance FROM (SELECT stp.spc(date '2026-01-01' + i, 10 + i % 2, NULL, target) AS s FROM generate_series(0, 19) i) t, stp.spc_summary(s, better, dialect));
-- Limits are 10.5 -/+ 2.66: 7.84 and 13.16.
SELECT is(ARRAY(SELECT assured(t, 'higher', 'nhs') FROM unnest('{7.83,7.84,7.85,13.15,13.16,13.17}'::float8[]) t), '{pass,pass,hit or miss,hit or miss,fail,fail}', 'a target on a limit decides');
SELECT is(ARRAY(SELECT assured(t, 'higher', 'plotthedots') FROM unnest('{7.83,7.84,7.85,13.15,13.16,13.17}'::float8[]) t), '{pass,hit or miss,hit or miss,hit or miss,hit or miss,fail}', 'or not, as the dialect says');
SELECT is(ARRAY(SELECT assured(t, 'lower', 'nhs') FROM unnest('{7.83,7.84,7.85,13.15,13.16,13.17}'::float8[]) t), '{fail,fail,hit or miss,hit or miss,pass,pass}', 'where lower is better it is the other way round');
SELECT is(ARRAY[assured(100, 'neutral', 'nhs'), assured(NULL, 'higher', 'nhs')], '{NULL,NULL}', 'without a direction or a target there is none');
SELECT is((SELECT (target, assurance)::text FROM (SELECT stp.spc(date '2026-01-01' + i, 10 + i % 2, NULL, i) AS s FROM generate_series(0, 19) i) t, stp.spc_summary(s, 'higher')),
    '(19,fail)', 'the target of a trajectory is that of the last day');

-- Conflicts ----------------------------------------------------------------------------------------------------

-- Below the mean and rising: seven that are low, and a trend that is high.
CREATE TABLE rising AS SELECT stp.spc(date '2026-01-01' + i, CASE WHEN i < 20 THEN 50 + i % 2 * 10 ELSE i + 10 END) AS s FROM generate_series(0, 28) i;
SELECT copy_dialect('nhs', '{"dialect": "nhs concern", "conflict": "concern"}');
SELECT results_eq($$
    SELECT dialect, better, rule, signal, conflict, trend, shift FROM rising
     CROSS JOIN (VALUES ('nhs'), ('nhs concern'), ('plotthedots'), ('powerbi')) d (dialect) CROSS JOIN (VALUES ('higher'), ('lower'), ('neutral')) b (better)
     CROSS JOIN LATERAL stp.spc_points(s, better, dialect) WHERE day = '2026-01-26' ORDER BY dialect COLLATE "C", better COLLATE "C"
$$, $$ VALUES ('nhs', 'higher', 'trend', 'improvement', true, 1, -1), ('nhs', 'lower', 'shift', 'improvement', true, 1, -1), ('nhs', 'neutral', 'trend', 'high', false, 1, -1),
        ('nhs concern', 'higher', 'shift', 'concern', true, 1, -1), ('nhs concern', 'lower', 'trend', 'concern', true, 1, -1), ('nhs concern', 'neutral', 'trend', 'high', false, 1, -1),
        ('plotthedots', 'higher', 'trend', 'improvement', true, 1, -1), ('plotthedots', 'lower', 'trend', 'concern', true, 1, -1), ('plotthedots', 'neutral', 'trend', 'high', false, 1, -1),
        ('powerbi', 'higher', 'two in three', 'concern', true, 1, -1), ('powerbi', 'lower', 'two in three', 'improvement', true, 1, -1), ('powerbi', 'neutral', 'two in three', 'low', false, 1, -1) $$,
    'what points both ways is read as the dialect says, and kept');
SELECT is((SELECT variation_icon FROM rising, stp.spc_summary(s, 'higher', 'powerbi')), 'improvement_high, concern_low', 'both has two icons');

-- Proposals of a rebase -----------------------------------------------------------------------------------------

CREATE FUNCTION proposed(after int, rebase date[] DEFAULT NULL) RETURNS date LANGUAGE sql
RETURN (SELECT proposed_rebase FROM (SELECT stp.spc(date '2026-01-01' + i, i % 3 + CASE WHEN i < 20 THEN 0 ELSE 9 END) AS s FROM generate_series(0, 19 + after) i) t,
        stp.spc_summary(s, 'higher', rebase => rebase));
SELECT is(ARRAY[proposed(12), proposed(13), proposed(30)], '{NULL,2026-01-21,2026-01-21}', 'a shift that lasts proposes a new segment, when that has the points it needs');
SELECT is(proposed(30, '{2026-01-21}'), NULL, 'in a segment of its own it is none');
SELECT is((SELECT proposed_rebase FROM (SELECT stp.spc(date '2026-01-01' + i, i % 3 + CASE WHEN i BETWEEN 20 AND 40 THEN 9 ELSE 0 END) AS s FROM generate_series(0, 43) i) t,
           stp.spc_summary(s, 'higher')), NULL, 'a shift that is over proposes nothing');

-- Run charts ----------------------------------------------------------------------------------------------------

CREATE TABLE step AS SELECT stp.spc(date '2026-01-01' + i, CASE WHEN i < 12 THEN 1 ELSE 5 END + i % 3 * 0.1) AS s FROM generate_series(0, 23) i;
SELECT results_eq($$ SELECT rule, variation, variation_icon, round(mean::numeric, 9), lower, useful, longest_run, longest_run_max, crossings, crossings_min, since FROM step, stp.spc_summary(s, 'higher', chart => 'run') $$,
    $$ VALUES ('runs', 'non-random', NULL::text, 3.1::numeric, NULL::float8, 24, 12, 8, 1, 8, date '2026-01-01') $$, 'a run chart says that a series is not random, not which way');
SELECT is((SELECT (count(outside), count(two_in_three), sum(shift), count(*) FILTER (WHERE shift <> 0), count(*) FILTER (WHERE runs = 1))::text FROM step, stp.spc_points(s, 'higher', chart => 'run')),
    '(0,0,0,24,24)', 'it has no rules of limits; shifts are kept');
SELECT is((SELECT (variation, status)::text FROM (SELECT stp.spc(date '2026-01-01' + i, 7) AS s FROM generate_series(0, 23) i) t, stp.spc_summary(s, 'higher', chart => 'run')), '("common cause",constant)', 'what never varies has no runs');

-- Limits of no width ----------------------------------------------------------------------------------------------

-- Where chance has no room, as nothing in the base varies while something else does, there are no limits and no flags.
SELECT copy_dialect('nhs', '{"dialect": "small", "minimum_points": 2, "warn_points": 2}');
SELECT copy_dialect('small', '{"dialect": "small screened", "screen": true, "screen_mean": true}');
CREATE FUNCTION chart_of(series stp.spc, dialect text, chart text, baseline int DEFAULT NULL, given_mean float8 DEFAULT NULL) RETURNS text LANGUAGE sql
RETURN (SELECT format('%s %s %s %s', string_agg(DISTINCT p.status, '+' ORDER BY p.status) FILTER (WHERE p.value IS NOT NULL), count(p.upper), count(p.lower),
                      count(*) FILTER (WHERE p.outside <> 0 OR p.two_in_three <> 0))
          FROM stp.spc_points(series, 'higher', dialect, chart, baseline, given_mean => given_mean) p);
CREATE TABLE flat AS
SELECT stp.spc(date '2026-01-01' + i, CASE WHEN i < 12 THEN 0 ELSE 2 + i % 3 END, 10) AS zero, stp.spc(date '2026-01-01' + i, CASE WHEN i < 12 THEN 10 ELSE 7 + i % 3 END, 10) AS whole,
       stp.spc(date '2026-01-01' + i, CASE WHEN i < 12 THEN 5 ELSE 7 + i % 3 END, 10) AS half, stp.spc(date '2026-01-01' + i, 5, 10) AS never,
       stp.spc(date '2026-01-01' + i, CASE WHEN i < 12 THEN 0.1::float8 + 0.2::float8 * (i % 2) - 0.2::float8 * (i % 2) ELSE 7 END) AS last_bits,
       stp.spc(date '2026-01-01' + i, CASE WHEN i % 3 < 2 THEN i / 6 END) AS steps, stp.spc(date '2026-01-01' + i, CASE i WHEN 5 THEN 90 WHEN 20 THEN 6 ELSE 5 END) AS spike,
       stp.spc(date '2026-01-01' + i, 0, 10) AS none, stp.spc(date '2026-01-01' + i, 10, 10) AS all_of_them
  FROM generate_series(0, 23) i;
SELECT is(chart_of(zero, 'small', chart, 12), 'too few 0 0 0', 'a base of nothing has no limits on chart ' || chart) FROM flat, unnest('{xmr,mr,p,pp,u,up,c,g}'::text[]) chart;
SELECT is(chart_of(whole, 'small', chart, 12), 'too few 0 0 0', 'nor has one of all on chart ' || chart) FROM flat, unnest('{p,pp}'::text[]) chart;
SELECT is(chart_of(half, 'small', chart, 12), 'too few 0 0 0', 'nor one that never varies, which later points do, on chart ' || chart) FROM flat, unnest('{xmr,mr,pp,up,t}'::text[]) chart;
SELECT is(chart_of(half, 'small', chart, 12), 'ok 24 24 ' || outside, 'counts have their limits from chance: chart ' || chart) FROM flat, (VALUES ('p', 0), ('u', 0), ('c', 0), ('g', 0)) c (chart, outside);
SELECT is(chart_of(half, 'small', 'run', 12), 'ok 0 0 0', 'a run chart has none anyway') FROM flat;
SELECT is(chart_of(last_bits, 'small', 'xmr', 12), 'too few 0 0 0', 'last bits are no variation') FROM flat;
SELECT is(chart_of(steps, 'small', 'xmr'), 'too few 0 0 0', 'nor are steps that no range is of') FROM flat;
SELECT is(chart_of(spike, 'small screened', 'xmr', 12), 'ok 24 24 1', 'screening takes no width away where later points differ') FROM flat;
SELECT is(chart_of(never, 'small', chart, given_mean => 0.7), 'too few 0 0 0', 'nothing varies about another mean: chart ' || chart) FROM flat, unnest('{xmr,pp,up,t}'::text[]) chart;
SELECT is(chart_of(never, 'small', chart, given_mean => mean), 'too few 0 0 0', format('nor about a mean of %s: chart %s', mean, chart))
  FROM flat, (VALUES ('p', 0), ('p', 1), ('u', 0), ('c', 0), ('g', 0), ('pp', 0), ('up', 0)) c (chart, mean);
SELECT is(chart_of(half, 'small', 'mr', given_mean => 0), 'too few 0 0 0', 'nor about a mean range of 0') FROM flat;
SELECT is(chart_of(never, 'small', chart), 'constant 24 24 0', 'what never varies is constant on chart ' || chart) FROM flat, unnest('{xmr,mr,pp,up,t}'::text[]) chart;
SELECT is(chart_of(never, 'small', chart, 5, mean), 'constant 24 24 0', 'about its own value, too, on chart ' || chart) FROM flat, (VALUES ('xmr', 0.5), ('pp', 0.5), ('up', 0.5), ('t', 5)) c (chart, mean);
SELECT is(chart_of(none, 'small', chart), 'constant 24 24 0', 'and so is nothing on chart ' || chart) FROM flat, unnest('{xmr,mr,p,pp,u,up,c,g}'::text[]) chart;
SELECT is(chart_of(all_of_them, 'small', chart), 'constant 24 24 0', 'and all of them on chart ' || chart) FROM flat, unnest('{xmr,mr,p,pp}'::text[]) chart;
SELECT is(chart_of(never, 'small', 'run'), 'constant 0 0 0', 'and a run chart') FROM flat;
SELECT results_eq($$ SELECT DISTINCT mean, lower, upper FROM flat, stp.spc_points(never, 'higher', 'small', chart => 't') $$, 'VALUES (5::float8, 5::float8, 5::float8)', 'limits are the value itself');
SELECT is((SELECT format('%s %s %s %s', last_value, mean, upper, status) FROM flat, stp.spc_summary(half, 'higher', 'small', baseline => 12)), '0.9 0.5  too few', 'the mean remains');
SELECT is((SELECT format('%s %s', assurance, variation) FROM (SELECT stp.spc(date '2026-01-01' + i, CASE WHEN i < 12 THEN 5 ELSE 7 + i % 3 END, NULL, 4) AS s FROM generate_series(0, 23) i) t,
           stp.spc_summary(s, 'higher', 'small', baseline => 12)), ' ', 'without limits nothing is assured');

-- A segment without limits has none of them.
SELECT is_empty($$ SELECT chart, p.* FROM flat, unnest('{xmr,mr,p,pp,u,up,c,g,t}'::text[]) chart,
    stp.spc_points(half, 'higher', 'small', chart, rebase => '{2026-01-24}') p
    WHERE num_nulls(lower, upper, near_lower, near_upper) NOT IN (0, 4) OR lower > upper OR status <> 'too few' AND value IS NOT NULL AND upper IS NULL $$, 'all limits or none');
SELECT is((SELECT format('%s %s %s', mean, lower, near_lower) FROM flat, stp.spc_points(half, 'higher', 'small', 'mr', rebase => '{2026-01-24}') WHERE segment = 2), '  ', 'a single point has no mean range, and no lower limit of it');
SELECT throws_ok($$ SELECT stp.spc_summary(half, 'higher', chart => 'mr', given_mean => -1) FROM flat $$, '22023', NULL, 'no range is below 0');
SELECT is((SELECT DISTINCT format('%s %s', mean, status) FROM (SELECT stp.spc(date '2026-01-01' + i, CASE WHEN i > 5 THEN i END) AS s FROM generate_series(0, 20) i) t,
           stp.spc_points(s, 'higher', 'small', 'run', 4) WHERE value IS NOT NULL), ' too few', 'a run chart whose baseline has no value has no centre');

-- Numbers beyond the largest one are none.
SELECT is((SELECT format('%s %s %s %s', count(value), count(mean), count(upper), string_agg(DISTINCT status, ',')) FROM (SELECT stp.spc(date '2026-01-01' + i, 1e308 * (-1) ^ i) AS s FROM generate_series(0, 23) i) t,
           stp.spc_points(s, 'higher', 'small', chart)), '24 ' || limits, 'values too large for limits: chart ' || chart)
  FROM (VALUES ('xmr', '24 0 too few'), ('run', '24 0 ok')) c (chart, limits);
SELECT is((SELECT format('%s %s', count(value), string_agg(DISTINCT status, ',')) FROM (SELECT stp.spc(date '2026-01-01' + i, 1e308, 1e-9) AS s FROM generate_series(0, 23) i) t, stp.spc_points(s, 'higher', 'small')),
    '0 no data', 'quotients that are too large');
SELECT is((SELECT format('%s %s', count(value), string_agg(DISTINCT status, ',')) FROM (SELECT stp.spc(date '2026-01-01' + i, 1e307 * i) AS s FROM generate_series(0, 9) i) t, stp.spc_points(s, 'higher', 'small', per => 100)),
    '1 no data,too few', 'and products');
SELECT lives_ok(format('SELECT stp.spc_points(s, ''higher'', ''small'', %L, given_mean => 1e308, given_sigma => %s) FROM (SELECT stp.spc(date ''2026-01-01'' + i, i + 1) AS s FROM generate_series(0, 9) i) t', chart, sigma),
    'any mean and sigma: chart ' || chart) FROM (VALUES ('xmr', '1e308'), ('mr', 'NULL'), ('run', 'NULL'), ('c', 'NULL'), ('g', 'NULL'), ('t', 'NULL')) c (chart, sigma);

-- Gaps by the grain that is given.
CREATE TABLE gaps AS SELECT stp.spc(d::date, 1) AS s FROM unnest('{2024-04-01,2024-10-01,2025-04-01,2025-07-01}'::date[]) d;
SELECT is((SELECT string_agg(gap::text, ' ' ORDER BY day) FROM gaps, stp.spc_points(s, 'higher', grain => grain)), counted, 'gaps by ' || coalesce(grain, 'the usual step'))
  FROM (VALUES ('month', '0 5 5 2'), ('quarter', '0 1 1 0'), ('half', '0 0 0 0'), (NULL, '0 0 0 0')) g (grain, counted);
SELECT is((SELECT gaps FROM stp.spc_summary(stp.rollup(s), 'higher', grain => 'year')), 3::bigint, 'two points are enough to tell')
  FROM unnest('{"(2020-04-01,1,,)","(2024-04-01,1,,)"}'::stp.spc[]) s;

-- What a subtransaction has changed is forgotten with it: in a function, where what was read is kept from call to call.
SELECT copy_dialect('small', '{"dialect": "rolled back"}');
CREATE FUNCTION status_now(series stp.spc) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (stp.spc_summary(series, 'higher', 'rolled back')).status; END $$;
CREATE FUNCTION statuses() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    series constant stp.spc := (SELECT half FROM flat);
    seen text := status_now(series);
BEGIN
    BEGIN
        UPDATE stp.spc_dialect SET minimum_points = 1000 WHERE dialect = 'rolled back';
        seen := seen || ', ' || status_now(series);
        RAISE division_by_zero;
    EXCEPTION WHEN division_by_zero THEN
        seen := seen || ', ' || status_now(series);
    END;
    UPDATE stp.spc_dialect SET warn_points = 1000 WHERE dialect = 'rolled back';
    RETURN seen || ', ' || status_now(series);
END $$;
SELECT is(statuses(), 'ok, too few, ok, trial limits', 'a dialect that is changed and rolled back');
UPDATE stp.spc_dialect SET warn_points = 2 WHERE dialect = 'rolled back';
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT is(statuses(), 'ok, too few, ok, trial limits', 'in a transaction with one snapshot, too');
COMMIT;

-- Who may ---------------------------------------------------------------------------------------------------------

CREATE ROLE stp_spc_reader;
GRANT SELECT ON ten TO stp_spc_reader;
SET ROLE stp_spc_reader;
SELECT is((SELECT status FROM stp.spc_summary((SELECT stp.spc(day, value) FROM ten), 'higher')), 'too few', 'anybody can ask');
SELECT throws_ok($$ UPDATE stp.spc_dialect SET shift = 6 $$, '42501', NULL, 'but not write a dialect');
RESET ROLE;
DROP OWNED BY stp_spc_reader;
DROP ROLE stp_spc_reader;
