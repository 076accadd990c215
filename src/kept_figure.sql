-- Module kept_figure: figures, charts and funnels that are kept, because BI tools ask for all of them at once, by any column.
-- The rows are those of the analysts' views, in plain columns: a period is its label and its days. No foreign keys: what is
-- derived goes when stp.refresh() finds that it is no longer so, and nobody else writes it.

--------------------------------------------------------------------------------------------------------------
-- Tables
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp_internal.kept_figure
(
    indicator     text NOT NULL,
    unit_kind     text NOT NULL,
    unit          text NOT NULL,
    grain         text NOT NULL,
    period        text NOT NULL,
    first_day     date NOT NULL,
    last_day      date NOT NULL,
    numerator     float8,
    denominator   float8,
    value         float8,
    lower         float8,
    upper         float8,
    method        text,
    spread        float8,
    scale         float8,
    organisations int NOT NULL,
    expected      int NOT NULL,
    completeness  float8 NOT NULL,
    target        float8,
    status        text NOT NULL,
    PRIMARY KEY (indicator, unit, period, unit_kind)
);
CREATE INDEX kept_figure_of_unit ON stp_internal.kept_figure (unit, last_day);
COMMENT ON TABLE stp_internal.kept_figure IS
    'Figures of nations, regions, systems, places and organisations: rows of stp.system_indicator and '
    'stp.organisation_indicator, kept. Written by stp.refresh().';

CREATE TABLE stp_internal.kept_span
(
    indicator text NOT NULL,
    unit_kind text NOT NULL,
    unit      text NOT NULL,
    first_day date NOT NULL,
    last_day  date NOT NULL,
    period    text NOT NULL,
    PRIMARY KEY (indicator, unit, unit_kind)
);
COMMENT ON TABLE stp_internal.kept_span IS
    'From when to when there are figures in stp_internal.kept_figure, and which is the latest. Written by stp.refresh().';
COMMENT ON COLUMN stp_internal.kept_span.first_day IS 'First day of the first period.';
COMMENT ON COLUMN stp_internal.kept_span.last_day IS 'Last day of the last period.';
COMMENT ON COLUMN stp_internal.kept_span.period IS
    'The latest for which nine tenths of the expected reports have come; where there is none within a year, the latest; of '
    'periods that end together the shortest.';

CREATE TABLE stp_internal.kept_point
(
    indicator     text NOT NULL,
    unit_kind     text NOT NULL,
    unit          text NOT NULL,
    grain         text NOT NULL,
    period        text NOT NULL,
    first_day     date NOT NULL,
    last_day      date NOT NULL,
    value         float8,
    mean          float8,
    lower         float8,
    upper         float8,
    near_lower    float8,
    near_upper    float8,
    segment       int,
    is_base       boolean,
    is_ghost      boolean,
    outside       int,
    trend         int,
    two_in_three  int,
    shift         int,
    runs          int,
    rule          text,
    signal        text,
    conflict      boolean,
    gap           int,
    target        float8,
    figure_status text,
    status        text NOT NULL,
    PRIMARY KEY (indicator, unit, period, unit_kind)
);
CREATE INDEX kept_point_of_unit ON stp_internal.kept_point (unit, last_day);
COMMENT ON TABLE stp_internal.kept_point IS 'Points of charts: rows of stp.indicator_trend, kept. Written by stp.refresh().';

CREATE TABLE stp_internal.kept_summary
(
    indicator            text NOT NULL,
    unit_kind            text NOT NULL,
    unit                 text NOT NULL,
    grain                text NOT NULL,
    period               text,
    last_day             date,
    value                float8,
    mean                 float8,
    lower                float8,
    upper                float8,
    variation            text,
    variation_icon       text,
    rule                 text,
    conflict             boolean,
    since                date,
    target               float8,
    assurance            text,
    assurance_icon       text,
    points               int,
    gaps                 bigint,
    segments             int,
    first_day_of_segment date,
    dialect              text,
    chart                text,
    proposed_rebase      date,
    status               text NOT NULL,
    PRIMARY KEY (indicator, unit, grain, unit_kind)
);
COMMENT ON TABLE stp_internal.kept_summary IS
    'What charts come to: rows of stp.indicator_summary, kept. Written by stp.refresh().';

CREATE TABLE stp_internal.kept_funnel
(
    indicator    text NOT NULL,
    unit_kind    text NOT NULL,
    unit         text NOT NULL,
    period       text NOT NULL,
    first_day    date NOT NULL,
    last_day     date NOT NULL,
    method       text,
    numerator    float8,
    denominator  float8,
    value        float8,
    target       float8,
    units        bigint,
    phi          float8,
    tau2         float8,
    z            float8,
    lower_95     float8,
    upper_95     float8,
    lower_998    float8,
    upper_998    float8,
    flag         text,
    od_z         float8,
    od_lower_95  float8,
    od_upper_95  float8,
    od_lower_998 float8,
    od_upper_998 float8,
    od_flag      text,
    status       text NOT NULL,
    PRIMARY KEY (indicator, unit, unit_kind)
);
COMMENT ON TABLE stp_internal.kept_funnel IS
    'Latest figures in the funnel of their peers: rows of stp.indicator_funnel that are the latest, kept. Written by '
    'stp.refresh().';
CALL stp.copy_comments('stp.system_indicator', 'stp_internal.kept_figure');
CALL stp.copy_comments('stp_internal.system_value', 'stp_internal.kept_figure');
CALL stp.copy_comments('stp.indicator_trend', 'stp_internal.kept_figure');
CALL stp.copy_comments('stp_internal.kept_figure', 'stp_internal.kept_span');
CALL stp.copy_comments('stp.indicator_trend', 'stp_internal.kept_point');
CALL stp.copy_comments('stp.indicator_summary', 'stp_internal.kept_summary');
CALL stp.copy_comments('stp.indicator_funnel', 'stp_internal.kept_funnel');

--------------------------------------------------------------------------------------------------------------
-- What is kept
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.figure_to_keep WITH (security_invoker = true) AS
SELECT v.indicator, v.unit_kind, v.unit, stp.grain(v.period) AS grain, v.period::text AS period,
       stp.first_day(v.period) AS first_day, stp.last_day(v.period) AS last_day, v.numerator, v.denominator, v.value, e.lower,
       e.upper, e.method, v.spread, v.scale, v.organisations, v.expected, v.completeness,
       CASE WHEN abs(t.target) < 'infinity' THEN t.target END AS target, v.status
  FROM (SELECT s.kind AS unit_kind, f.system AS unit, f.* FROM stp_internal.system_value_rows() f
          JOIN stp.system s ON s.system = f.system
        UNION ALL
        SELECT 'organisation', f.organisation, f.* FROM stp_internal.organisation_value_rows() f) v
  JOIN stp.indicator i ON i.indicator = v.indicator
  LEFT JOIN LATERAL stp_internal.figure_limits(i.kind, v.numerator, v.denominator, i.per, v.spread, v.scale) e
         ON v.value IS NOT NULL
  LEFT JOIN stp.unit_target t
         ON t.indicator = v.indicator AND t.unit_kind = v.unit_kind AND t.unit = v.unit
        AND stp.last_day(v.period) >= t.valid_from AND (t.valid_to IS NULL OR t.valid_to >= stp.last_day(v.period));
COMMENT ON VIEW stp_internal.figure_to_keep IS 'The rows of stp_internal.kept_figure, as they are now.';

-- Of the figures that are kept, so that nothing is computed twice; on today's boundaries what the analysts' view says.
CREATE VIEW stp_internal.series_to_keep WITH (security_invoker = true) AS
SELECT k.indicator, k.unit_kind, k.unit, k.grain, k.series, k.statuses, i.better, c.dialect, c.chart, c.baseline, c.rebase,
       c.ghosts, c.base_from, c.base_to, c.given_mean, c.given_sigma, c.per
  FROM (SELECT f.indicator, f.unit_kind, f.unit, f.grain,
               stp.spc(f.first_day, stp_internal.charted_numerator(i.denominator, f.value, f.numerator, f.scale),
                       CASE WHEN i.denominator <> 'none' THEN f.denominator END, f.target) AS series,
               array_agg(f.status ORDER BY f.first_day) AS statuses
          FROM stp_internal.kept_figure f
          JOIN stp.indicator i ON i.indicator = f.indicator
         GROUP BY f.indicator, f.unit_kind, f.unit, f.grain
        HAVING CASE WHEN count(*) > 0 THEN stp_internal.charted_boundaries(f.indicator, f.unit) END = 'own') k
  JOIN stp.indicator i ON i.indicator = k.indicator
 CROSS JOIN LATERAL stp_internal.chart_setting(k.indicator, k.unit, k.grain, k.series) c;
COMMENT ON VIEW stp_internal.series_to_keep IS
    'stp_internal.charted_series_rows() of charts on the boundaries of each period, from the figures that are kept.';

--------------------------------------------------------------------------------------------------------------
-- How it is replaced
--------------------------------------------------------------------------------------------------------------

-- One point moves the limits of all: a chart is written anew.
CREATE PROCEDURE stp_internal.replace_charts(indicator text, units text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    charts stp_internal.series_to_keep[];
BEGIN
    SELECT array_agg(s.*) INTO charts
      FROM stp_internal.series_to_keep s WHERE s.indicator = replace_charts.indicator AND s.unit = ANY (units);
    -- Mostly there are none, and what is not asked is not planned.
    IF EXISTS (SELECT FROM stp.spc_setting t WHERE t.boundaries = 'today') THEN
        SELECT charts || array_agg(ROW(s.indicator, s.unit_kind, s.unit, s.grain, s.series, s.statuses, s.better, s.dialect,
                                       s.chart, s.baseline, s.rebase, s.ghosts, s.base_from, s.base_to, s.given_mean,
                                       s.given_sigma, s.per)::stp_internal.series_to_keep) INTO charts
          FROM stp_internal.charted_series_rows() s
         WHERE s.indicator = replace_charts.indicator AND s.unit = ANY (units)
           AND stp_internal.charted_boundaries(s.indicator, s.unit) = 'today';
    END IF;
    DELETE FROM stp_internal.kept_point p WHERE p.indicator = replace_charts.indicator AND p.unit = ANY (units);
    INSERT INTO stp_internal.kept_point
    SELECT s.indicator, s.unit_kind, s.unit, s.grain, stp.period(p.day, s.grain)::text, p.day,
           stp.last_day(stp.period(p.day, s.grain)), p.value, p.mean, p.lower, p.upper, p.near_lower, p.near_upper, p.segment,
           p.is_base, p.is_ghost, p.outside, p.trend, p.two_in_three, p.shift, p.runs, p.rule, p.signal, p.conflict, p.gap,
           p.target, p.figure_status, p.status
      FROM unnest(charts) s
     CROSS JOIN LATERAL ROWS FROM (stp.spc_points(s.series, s.better, s.dialect, s.chart, s.baseline, s.rebase, s.ghosts,
                                                  s.base_from, s.base_to, s.given_mean, s.given_sigma, s.per, s.grain),
                                   unnest(s.statuses))
                        p (day, value, segment, mean, lower, upper, near_lower, near_upper, moving_range, is_base, is_ghost,
                           outside, trend, two_in_three, shift, runs, rule, signal, conflict, target, gap, status,
                           figure_status);
    DELETE FROM stp_internal.kept_summary k WHERE k.indicator = replace_charts.indicator AND k.unit = ANY (units);
    INSERT INTO stp_internal.kept_summary
    SELECT s.indicator, s.unit_kind, s.unit, s.grain, stp.period(c.last_day, s.grain)::text,
           stp.last_day(stp.period(c.last_day, s.grain)), c.last_value, c.mean, c.lower, c.upper, c.variation, c.variation_icon,
           c.rule, c.conflict, c.since, c.target, c.assurance, c.assurance_icon, c.points, c.gaps, c.segments,
           c.first_day_of_segment, s.dialect, s.chart, c.proposed_rebase, c.status
      FROM unnest(charts) s
     CROSS JOIN LATERAL stp.spc_summary(s.series, s.better, s.dialect, s.chart, s.baseline, s.rebase, s.ghosts, s.base_from,
                                        s.base_to, s.given_mean, s.given_sigma, s.per, s.grain) c;
END $$;
COMMENT ON PROCEDURE stp_internal.replace_charts(text, text[]) IS
    'Replaces the charts of an indicator that are kept, of some units.';

-- As a leaf of a rating does: a few early reports are not the latest figure, nor is one of more than a year before.
CREATE PROCEDURE stp_internal.replace_spans(indicator text, units text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM stp_internal.kept_span s WHERE s.indicator = replace_spans.indicator AND s.unit = ANY (units);
    INSERT INTO stp_internal.kept_span
    SELECT DISTINCT ON (k.unit, k.unit_kind) k.indicator, k.unit_kind, k.unit, min(k.first_day) OVER of_unit,
           max(k.last_day) OVER of_unit, k.period
      FROM stp_internal.kept_figure k
     WHERE k.indicator = replace_spans.indicator AND k.unit = ANY (units)
    WINDOW of_unit AS (PARTITION BY k.unit, k.unit_kind)
     ORDER BY k.unit, k.unit_kind, k.completeness >= 0.9 AND k.last_day > max(k.last_day) OVER of_unit - 366 DESC,
              k.last_day DESC, k.first_day DESC;
END $$;
COMMENT ON PROCEDURE stp_internal.replace_spans(text, text[]) IS
    'Replaces the rows of stp_internal.kept_span of an indicator and some units.';

CREATE PROCEDURE stp_internal.replace_funnel(indicator text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    latest stp.period := (SELECT max(o.period) FROM stp.observation o WHERE o.indicator = replace_funnel.indicator);
BEGIN
    DELETE FROM stp_internal.kept_funnel k WHERE k.indicator = replace_funnel.indicator;
    INSERT INTO stp_internal.kept_funnel
    SELECT f.indicator, f.unit_kind, f.unit, f.period::text, f.first_day, f.last_day, f.method, f.numerator, f.denominator,
           f.value, f.target, f.units, f.phi, f.tau2, f.z, f.lower_95, f.upper_95, f.lower_998, f.upper_998, f.flag, f.od_z,
           f.od_lower_95, f.od_upper_95, f.od_lower_998, f.od_upper_998, f.od_flag, f.status
      FROM stp.indicator_funnel f
     WHERE f.indicator = replace_funnel.indicator AND f.period = latest;
END $$;
COMMENT ON PROCEDURE stp_internal.replace_funnel(text) IS 'Replaces the funnel of an indicator that is kept.';

-- NOT IN compares by hash, however little is known of the table.
CREATE PROCEDURE stp_internal.replace_figures(indicator text, first_day date, last_day date, all_charts boolean,
                                              INOUT rows int)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    new     stp_internal.kept_figure[];
    changed text[];
BEGIN
    SELECT array_agg(ROW(f.*)::stp_internal.kept_figure) INTO new
      FROM stp_internal.figure_to_keep f
     WHERE f.indicator = replace_figures.indicator AND f.last_day >= replace_figures.first_day
       AND f.first_day <= replace_figures.last_day;
    WITH old AS MATERIALIZED
    (
        SELECT k FROM stp_internal.kept_figure k
         WHERE k.indicator = replace_figures.indicator AND k.last_day >= replace_figures.first_day
           AND k.first_day <= replace_figures.last_day
    )
    SELECT array_agg(DISTINCT c.unit) INTO changed
      FROM (SELECT (o.k).unit FROM old o WHERE o.k NOT IN (SELECT n FROM unnest(new) n)
            UNION ALL
            SELECT n.unit FROM unnest(new) n WHERE n NOT IN (SELECT o.k FROM old o)) c;
    DELETE FROM stp_internal.kept_figure k
     WHERE k.indicator = replace_figures.indicator AND k.unit = ANY (changed) AND k.last_day >= replace_figures.first_day
       AND k.first_day <= replace_figures.last_day;
    INSERT INTO stp_internal.kept_figure SELECT (n).* FROM unnest(new) n WHERE n.unit IN (SELECT unnest(changed));
    GET DIAGNOSTICS rows = ROW_COUNT;
    IF all_charts THEN
        changed := ARRAY(SELECT DISTINCT k.unit FROM stp_internal.kept_figure k WHERE k.indicator = replace_figures.indicator
                         UNION SELECT k.unit FROM stp_internal.kept_point k WHERE k.indicator = replace_figures.indicator);
    END IF;
    IF changed IS NOT NULL THEN
        CALL stp_internal.replace_spans(indicator, changed);
        CALL stp_internal.replace_charts(indicator, changed);
        CALL stp_internal.replace_funnel(indicator);
    END IF;
END $$;
COMMENT ON PROCEDURE stp_internal.replace_figures(text, date, date, boolean, int) IS
    'Replaces the figures of an indicator that are kept for periods that have any of these days, the charts of the units of '
    'which any has changed, or all charts, and the funnel; gives the number of figures that were written.';

SELECT pg_catalog.pg_extension_config_dump('stp_internal.kept_figure', '');
SELECT pg_catalog.pg_extension_config_dump('stp_internal.kept_span', '');
SELECT pg_catalog.pg_extension_config_dump('stp_internal.kept_point', '');
SELECT pg_catalog.pg_extension_config_dump('stp_internal.kept_summary', '');
SELECT pg_catalog.pg_extension_config_dump('stp_internal.kept_funnel', '');

-- A figure tells what was reported, so that it too is not public until its owner says so. To restore a dump.
GRANT SELECT ON stp_internal.kept_figure, stp_internal.kept_span, stp_internal.kept_point, stp_internal.kept_summary,
    stp_internal.kept_funnel TO @extowner@ WITH GRANT OPTION;
GRANT INSERT ON stp_internal.kept_figure, stp_internal.kept_span, stp_internal.kept_point, stp_internal.kept_summary,
    stp_internal.kept_funnel TO @extowner@;
