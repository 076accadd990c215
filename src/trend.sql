-- Module trend: the chart of every indicator of every unit, as somebody has set it, in rows.

--------------------------------------------------------------------------------------------------------------
-- What a board decides about its charts
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.spc_setting
(
    indicator   text NOT NULL DEFAULT '',
    unit        text NOT NULL DEFAULT '',
    dialect     text REFERENCES stp.spc_dialect DEFERRABLE INITIALLY DEFERRED,
    chart       text,
    baseline    int,
    base_from   date,
    base_to     date,
    given_mean  float8,
    given_sigma float8,
    boundaries  text,
    PRIMARY KEY (indicator, unit)
);
COMMENT ON TABLE stp.spc_setting IS
    'How the charts of stp.indicator_trend are drawn. What a row leaves open (NULL) the next one says, from the most specific '
        'on: of indicator and unit, of the indicator, of the unit, of all. What none says: dialect nhs, chart xmr, limits from '
        'all points.';
COMMENT ON COLUMN stp.spc_setting.indicator IS 'The indicator; empty: all.';
COMMENT ON COLUMN stp.spc_setting.unit IS 'Code of a nation, region, system, place or organisation; empty: all.';
COMMENT ON COLUMN stp.spc_setting.dialect IS 'How the chart is read: a row of stp.spc_dialect; NULL: as the next row says.';
COMMENT ON COLUMN stp.spc_setting.chart IS
    'xmr: individual values, as Making Data Count has it for every measure. run: no limits, Anhoej''s rules. Of counts, for one '
        'indicator: p, pp of a proportion; u, up of a proportion, rate or ratio, with limits by the denominator of each period. '
        'What cannot be on the chart is drawn as xmr. NULL: as the next row says.';
COMMENT ON COLUMN stp.spc_setting.baseline IS
    'Points at the beginning of each segment that make its limits; more than there are: all. NULL, and no range of days either: '
        'as the next row says.';
COMMENT ON COLUMN stp.spc_setting.base_from IS
    'First day of the points that make the limits; NULL beside base_to: from the first on.';
COMMENT ON COLUMN stp.spc_setting.base_to IS 'Last day of the points that make the limits; NULL beside base_from: to the last.';
COMMENT ON COLUMN stp.spc_setting.given_mean IS
    'The mean, in the unit of the indicator, instead of one from the points; NULL: as the next row says.';
COMMENT ON COLUMN stp.spc_setting.given_sigma IS
    'Sigma of an xmr chart, instead of one from the points; NULL: as the next row says.';
COMMENT ON COLUMN stp.spc_setting.boundaries IS
    'own: each figure is on the boundaries of its own period. today: on today''s, so that the history of a unit is that of what '
    'it was made of (stp.succession). NULL: as the next row says, of all own.';
CALL stp.keep_history('spc_setting');

CREATE TABLE stp.spc_day
(
    indicator text NOT NULL DEFAULT '',
    unit      text NOT NULL DEFAULT '',
    day       date NOT NULL,
    effect    text NOT NULL DEFAULT 'rebase',
    reason    text NOT NULL,
    PRIMARY KEY (indicator, unit, day, effect)
);
COMMENT ON TABLE stp.spc_day IS
    'Days on which charts of stp.indicator_trend begin anew, or that take no part, and why. All rows count that name the '
        'indicator or none, and the unit or none.';
COMMENT ON COLUMN stp.spc_day.indicator IS 'The indicator; empty: all.';
COMMENT ON COLUMN stp.spc_day.unit IS 'Code of a nation, region, system, place or organisation; empty: all.';
COMMENT ON COLUMN stp.spc_day.day IS 'The day.';
COMMENT ON COLUMN stp.spc_day.effect IS
    'rebase: the first period that begins on or after the day begins a segment with limits of its own. ghost: the period that '
        'the day is in is shown and takes no part.';
COMMENT ON COLUMN stp.spc_day.reason IS 'The change that is known: what was done, or what was counted otherwise.';
CALL stp.keep_history('spc_day');

-- Not those that a dump brings back: what they name may come after them.
CREATE FUNCTION stp_internal.refuse_unknown_chart(indicators text[], units text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT c.column, c.code, c.tables INTO bad
      FROM (SELECT 'indicator', u.code, 'stp.indicator' FROM unnest(indicators) u (code)
             WHERE u.code <> '' AND NOT EXISTS (SELECT FROM stp.indicator i WHERE i.indicator = u.code)
            UNION ALL
            SELECT 'unit', u.code, 'stp.system or stp.organisation' FROM unnest(units) u (code)
             WHERE u.code <> '' AND NOT EXISTS (SELECT FROM stp.system s WHERE s.system = u.code)
               AND NOT EXISTS (SELECT FROM stp.organisation o WHERE o.organisation = u.code)) c ("column", code, tables)
     ORDER BY 1, c.code COLLATE "C" LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unknown % "%"', bad.column, left(bad.code, 60)
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = format('Correct the code, add it to %s first, or leave it out: then the row is for all.', bad.tables);
    END IF;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_unknown_chart(text[], text[]) IS
    'Error 22023: codes that are no indicator''s, or neither a system''s nor an organisation''s.';

-- The calendar of periods, which the days of a chart are in.
CREATE FUNCTION stp_internal.refuse_odd_days(days date[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    odd constant date := (SELECT min(d.day) FROM unnest(days) d (day) WHERE d.day NOT BETWEEN '1900-04-01' AND '2200-03-31');
BEGIN
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'day % is not in the calendar of periods', CASE WHEN isfinite(odd) THEN to_char(odd, 'YYYY-MM-DD')
                                                                        ELSE odd::text END
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a day from 1900-04-01 to 2200-03-31.';
    END IF;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_odd_days(date[]) IS
    'Error 22023: days outside of the calendar of periods, the first one.';

-- The settings are tried on a chart without points. What a dump brings back may come before what it names, and the indicator
-- may have changed since it was written: of that only what the row itself says is asked.
CREATE FUNCTION stp_internal.check_spc_setting() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    PERFORM stp_internal.refuse_unknown_chart(array_agg(n.indicator), array_agg(n.unit))
       FROM new_rows n WHERE NOT stp_internal.is_restored(n.recorded_at);
    PERFORM stp_internal.refuse_odd_days(array_agg(n.base_from) || array_agg(n.base_to)) FROM new_rows n;
    SELECT n.chart, i.indicator, i.kind INTO bad
      FROM new_rows n LEFT JOIN stp.indicator i ON i.indicator = n.indicator
     WHERE NOT stp_internal.is_restored(n.recorded_at) AND n.chart <> ALL ('{xmr,run}')
       AND (i.denominator <> 'none'
            AND (i.kind = 'proportion' OR i.kind = ANY ('{rate,ratio}') AND n.chart = ANY ('{u,up}'))) IS NOT TRUE
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'chart % is not for %', bad.chart, CASE WHEN bad.kind IS NULL THEN 'all indicators'
                                                           ELSE format('"%s", which is a %s', bad.indicator, bad.kind) END
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Give xmr or run; p or pp with an indicator that is a proportion; u or up with a '
                        'proportion, rate or ratio.';
    ELSIF EXISTS (SELECT FROM new_rows n WHERE n.indicator = '' AND coalesce(n.given_mean, n.given_sigma) IS NOT NULL) THEN
        RAISE EXCEPTION 'given_mean and given_sigma are not for all indicators'
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the indicator in whose unit they are.';
    END IF;
    PERFORM stp.spc_summary(NULL, 'higher', coalesce(n.dialect, 'nhs'),
                            CASE WHEN stp_internal.is_restored(n.recorded_at) OR n.chart IS NULL THEN 'xmr' ELSE n.chart END,
                            n.baseline,
                            NULL, NULL, n.base_from, n.base_to, n.given_mean, n.given_sigma,
                            CASE i.denominator WHEN 'none' THEN 1 ELSE coalesce(i.per, 1) END)
       FROM new_rows n LEFT JOIN stp.indicator i ON i.indicator = n.indicator;
    SELECT g.setting, g.number INTO bad
      FROM new_rows n CROSS JOIN LATERAL (VALUES ('given_mean', n.given_mean), ('given_sigma', n.given_sigma)) g (setting, number)
     WHERE abs(g.number) > 1e15 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% "%" is larger than any figure', bad.setting, bad.number
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a number up to 1e15, in the unit of the indicator.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_spc_setting() IS
    'Trigger: refuses settings of charts that the indicator cannot have, of units that there are not, and those that '
        'stp.spc_points would refuse, SQLSTATE 22023.';
CALL stp.guard_rows('spc_setting', 'guard', 'indicator, unit: code', 'chart: xmr, run, p, pp, u, up', 'boundaries: own, today');
CALL stp.guard_rows('spc_setting', 'check_spc_setting');

CREATE FUNCTION stp_internal.check_spc_day() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    PERFORM stp_internal.refuse_unknown_chart(array_agg(n.indicator), array_agg(n.unit))
       FROM new_rows n WHERE NOT stp_internal.is_restored(n.recorded_at);
    PERFORM stp_internal.refuse_odd_days(array_agg(n.day)) FROM new_rows n;
    SELECT n.* INTO bad FROM new_rows n WHERE stp_internal.tidy_code(n.reason) = '' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% on % without a reason', bad.effect, to_char(bad.day, 'YYYY-MM-DD')
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Say what is known to have changed: what was done, or what was '
                  'counted otherwise. Limits that follow the values hide what they should show.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_spc_day() IS
    'Trigger: refuses days without a reason, of units that there are not, and outside of the calendar, SQLSTATE 22023.';
CALL stp.guard_rows('spc_day', 'guard', 'indicator, unit: code', 'effect: rebase, ghost');
CALL stp.guard_rows('spc_day', 'check_spc_day');

-- No foreign key can say "an indicator or all", nor "a system or an organisation": what is taken away is looked for instead, at
-- the end of the transaction, as the keys are.
CREATE FUNCTION stp_internal.keep_charted() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone constant text := to_jsonb(OLD) ->> TG_ARGV[0]; -- NULL: all
    left_behind record;
BEGIN
    SELECT c.relation, c."column", c.code INTO left_behind
      FROM (SELECT 'spc_setting', v.* FROM stp.spc_setting s
             CROSS JOIN LATERAL (VALUES ('indicator', s.indicator), ('unit', s.unit)) v
            UNION ALL
            SELECT 'spc_day', v.* FROM stp.spc_day d
             CROSS JOIN LATERAL (VALUES ('indicator', d.indicator), ('unit', d.unit)) v) c (relation, "column", code)
     WHERE c.code <> '' AND c.code = coalesce(gone, c.code) AND NOT CASE c."column"
           WHEN 'indicator' THEN EXISTS (SELECT FROM stp.indicator i WHERE i.indicator = c.code)
           ELSE EXISTS (SELECT FROM stp.system s WHERE s.system = c.code)
                OR EXISTS (SELECT FROM stp.organisation o WHERE o.organisation = c.code) END
     ORDER BY c.relation, c.code COLLATE "C" LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% "%" is still in stp.%', left_behind."column", left_behind.code, left_behind.relation
              USING ERRCODE = 'foreign_key_violation', HINT = format('Delete or change its rows of stp.%s in the same '
                  'transaction.', left_behind.relation);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.keep_charted() IS
    'Trigger: refuses that an indicator, system or organisation goes, or gets another code, that stp.spc_setting or stp.spc_day '
        'name, SQLSTATE 23503; argument: the column of the code.';

DO $$
DECLARE
    code text;
BEGIN
    FOREACH code IN ARRAY ARRAY['indicator', 'system', 'organisation'] LOOP
        EXECUTE format('CREATE CONSTRAINT TRIGGER keep_charted AFTER DELETE OR UPDATE OF %1$I ON stp.%1$I DEFERRABLE INITIALLY '
                       'DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.keep_charted(%1$L)', code);
        EXECUTE format('CREATE TRIGGER keep_charted_all AFTER TRUNCATE ON stp.%1$I FOR EACH STATEMENT EXECUTE FUNCTION '
                       'stp_internal.keep_charted(%1$L)', code);
    END LOOP;
END $$;

SELECT pg_catalog.pg_extension_config_dump('stp.spc_setting', '');
SELECT pg_catalog.pg_extension_config_dump('stp.spc_day', '');
GRANT SELECT ON stp.spc_setting, stp.spc_day TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.spc_setting, stp.spc_day TO @extowner@ WITH GRANT OPTION;

CREATE FUNCTION stp_internal.chart_that_fits(series stp.spc, chart text, given_mean float8, per float8) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a mean may not be given
    COST 5 AS 'MODULE_PATHNAME', 'stp_spc_chart_that_fits';
COMMENT ON FUNCTION stp_internal.chart_that_fits(stp.spc, text, float8, float8) IS
    'The chart; xmr where stp.spc_points would refuse the series, or a given mean, on it: no denominators, counts below 0, '
        'shares above 1.';

-- One place says how a chart is drawn, and that no setting stops a reader: a dialect that there is no longer (as of a past
-- day) does not count, and days are as few as there are periods. Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.chart_setting(indicator text, unit text, grain text, series stp.spc)
RETURNS TABLE (dialect text, chart text, baseline int, rebase date[], ghosts date[], base_from date, base_to date,
               given_mean float8, given_sigma float8, per float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(s.dialect, 'nhs'), c.chart, s.baseline, d.rebase, d.ghosts, s.base_from, s.base_to, s.given_mean,
           CASE c.chart WHEN 'xmr' THEN s.given_sigma END, i.per
      FROM (SELECT CASE j.denominator WHEN 'none' THEN 1 ELSE j.per END AS per FROM stp.indicator j
             WHERE j.indicator = chart_setting.indicator) i
     CROSS JOIN (SELECT array_agg(DISTINCT CASE WHEN p.first_day < p.day THEN p.last_day + 1 ELSE p.day END)
                            FILTER (WHERE p.effect = 'rebase') AS rebase,
                        array_agg(DISTINCT p.first_day) FILTER (WHERE p.effect = 'ghost') AS ghosts
                   FROM (SELECT a.effect, a.day, stp.first_day(stp.period(a.day, chart_setting.grain)) AS first_day,
                                stp.last_day(stp.period(a.day, chart_setting.grain)) AS last_day
                           FROM stp.spc_day a
                          WHERE a.indicator = ANY (ARRAY[chart_setting.indicator, ''])
                            AND a.unit = ANY (ARRAY[chart_setting.unit, ''])) p) d
     CROSS JOIN (SELECT (array_agg(k.dialect ORDER BY b.place) FILTER (WHERE k.dialect IS NOT NULL))[1] AS dialect,
                        (array_agg(b.chart ORDER BY b.place) FILTER (WHERE b.chart IS NOT NULL))[1] AS chart,
                        (array_agg(b.baseline ORDER BY b.place) FILTER (WHERE b.has_base))[1] AS baseline,
                        (array_agg(b.base_from ORDER BY b.place) FILTER (WHERE b.has_base))[1] AS base_from,
                        (array_agg(b.base_to ORDER BY b.place) FILTER (WHERE b.has_base))[1] AS base_to,
                        (array_agg(b.given_mean ORDER BY b.place) FILTER (WHERE b.given_mean IS NOT NULL))[1] AS given_mean,
                        (array_agg(b.given_sigma ORDER BY b.place) FILTER (WHERE b.given_sigma IS NOT NULL))[1] AS given_sigma
                   FROM (SELECT t.*, num_nonnulls(t.baseline, t.base_from, t.base_to) > 0 AS has_base,
                                CASE t.indicator WHEN '' THEN 2 ELSE 0 END + CASE t.unit WHEN '' THEN 1 ELSE 0 END AS place
                           FROM stp.spc_setting t
                          WHERE t.indicator = ANY (ARRAY[chart_setting.indicator, ''])
                            AND t.unit = ANY (ARRAY[chart_setting.unit, ''])) b
                   LEFT JOIN stp.spc_dialect k ON k.dialect = b.dialect) s
     CROSS JOIN LATERAL (SELECT stp_internal.chart_that_fits(chart_setting.series, coalesce(s.chart, 'xmr'), s.given_mean,
                                                             i.per)) c (chart);
END;
COMMENT ON FUNCTION stp_internal.chart_setting(text, text, text, stp.spc) IS
    'How the chart of a series of an indicator of a unit is drawn: what the rows of stp.spc_setting say, the most specific '
        'first, or the defaults, and the days of stp.spc_day, as arguments of stp.spc_points.';

--------------------------------------------------------------------------------------------------------------
-- The series of every indicator
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.charted_boundaries(indicator text, unit text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((SELECT t.boundaries FROM stp.spc_setting t
                  WHERE t.boundaries IS NOT NULL AND t.indicator = ANY (ARRAY[charted_boundaries.indicator, ''])
                    AND t.unit = ANY (ARRAY[charted_boundaries.unit, ''])
                  ORDER BY t.indicator = '', t.unit = '' LIMIT 1), 'own');
COMMENT ON FUNCTION stp_internal.charted_boundaries(text, text) IS
    'On which boundaries the chart of an indicator of a unit is drawn: own or today.';

-- Restated, if any chart is: which, is asked of a whole series.
CREATE VIEW stp_internal.figure_to_chart WITH (security_invoker = true) AS
SELECT 'system'::text AS level, 'own'::text AS boundaries, f.system AS unit, f.indicator, f.period, f.numerator, f.denominator,
       f.value, f.scale, f.status
  FROM stp_internal.system_value_rows() f
UNION ALL
SELECT 'organisation', 'own', f.organisation, f.indicator, f.period, f.numerator, f.denominator, f.value, f.scale, f.status
  FROM stp_internal.organisation_value_rows() f
UNION ALL
SELECT 'system', 'today', f.unit, f.indicator, f.period, f.numerator, f.denominator, f.value, f.scale, f.status
  FROM stp_internal.restated_value('system', current_date) f
 WHERE (SELECT EXISTS (SELECT FROM stp.spc_setting s WHERE s.boundaries = 'today'))
UNION ALL
SELECT 'organisation', 'today', f.unit, f.indicator, f.period, f.numerator, f.denominator, f.value, f.scale, f.status
  FROM stp_internal.restated_value('organisation', current_date) f
 WHERE (SELECT EXISTS (SELECT FROM stp.spc_setting s WHERE s.boundaries = 'today'));
CALL stp.make_rows('stp_internal.figure_to_chart',
    'Figures of nations, regions, systems, places and organisations, on their own boundaries and on today''s.');

-- A point is a numerator over its denominator, so that every chart can be drawn from it; without a figure it is missing.
CREATE FUNCTION stp_internal.charted_numerator(denominator text, value float8, numerator float8, scale float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IS NULL THEN NULL WHEN denominator = 'none' THEN value ELSE numerator * scale END;
COMMENT ON FUNCTION stp_internal.charted_numerator(text, float8, float8, float8) IS
    'The numerator of a figure as a point of a chart; denominator as in stp.indicator.';

-- The one place where a target comes in.
CREATE VIEW stp_internal.charted_figure WITH (security_invoker = true) AS
SELECT v.level, v.boundaries, v.unit_kind, v.unit, v.unit_name, v.indicator, stp.grain(v.period) AS grain, v.period,
       stp.first_day(v.period) AS day,
       stp_internal.charted_numerator(i.denominator, v.value, v.numerator, v.scale) AS numerator,
       CASE WHEN i.denominator <> 'none' THEN v.denominator END AS denominator,
       CASE WHEN abs(t.target) < 'infinity' THEN t.target END AS target, v.status
  FROM (SELECT f.*, s.kind AS unit_kind, s.name AS unit_name
          FROM stp_internal.figure_to_chart_rows() f JOIN stp.system s ON s.system = f.unit
         WHERE f.level = 'system'
        UNION ALL
        SELECT f.*, 'organisation', o.name
          FROM stp_internal.figure_to_chart_rows() f JOIN stp.organisation o ON o.organisation = f.unit
         WHERE f.level = 'organisation') v
  JOIN stp.indicator i ON i.indicator = v.indicator
  LEFT JOIN stp.unit_target t
    ON t.indicator = v.indicator AND t.unit_kind = v.unit_kind AND t.unit = v.unit
   AND stp.last_day(v.period) >= t.valid_from AND (t.valid_to IS NULL OR t.valid_to >= stp.last_day(v.period));
CALL stp.make_rows('stp_internal.charted_figure',
    'Figures of nations, regions, systems, places and organisations as points of charts. numerator: of a figure without '
    'denominator its value; NULL: there is no figure. Its quotient is the value but for indicator.per.');

-- Months, quarters and years of one indicator are different series.
CREATE VIEW stp_internal.charted_series WITH (security_invoker = true) AS
SELECT t.level, t.unit_kind, t.unit, t.unit_name, t.indicator, i.name AS indicator_name, i.unit_of_measure, i.better, t.grain,
       t.series, t.statuses, c.dialect, c.chart, c.baseline, c.rebase, c.ghosts, c.base_from, c.base_to, c.given_mean,
       c.given_sigma, c.per
  FROM (SELECT f.level, f.unit_kind, f.unit, f.unit_name, f.indicator, f.grain,
               stp.spc(f.day, f.numerator, f.denominator, f.target) AS series, array_agg(f.status ORDER BY f.day) AS statuses
          FROM stp_internal.charted_figure_rows() f
         GROUP BY f.level, f.boundaries, f.unit_kind, f.unit, f.unit_name, f.indicator, f.grain
        -- A condition on the group alone would be asked of every report.
        HAVING f.boundaries = CASE WHEN count(*) > 0 THEN stp_internal.charted_boundaries(f.indicator, f.unit) END) t
  JOIN stp.indicator i ON i.indicator = t.indicator
 CROSS JOIN LATERAL stp_internal.chart_setting(t.indicator, t.unit, t.grain, t.series) c;
CALL stp.make_rows('stp_internal.charted_series',
    'The series of each indicator of each unit, by the length of its periods, and how its chart is drawn.');

CREATE VIEW stp.indicator_trend WITH (security_invoker = true) AS
SELECT t.level, t.unit_kind, t.unit, t.unit_name, t.indicator, t.indicator_name, t.unit_of_measure, t.better, t.grain,
       stp.period(p.day, t.grain) AS period, p.day AS first_day, stp.last_day(stp.period(p.day, t.grain)) AS last_day,
       p.value, p.mean, p.lower, p.upper, p.near_lower, p.near_upper, p.segment, p.is_base, p.is_ghost,
       p.outside, p.trend, p.two_in_three, p.shift, p.runs, p.rule, p.signal, p.conflict, p.gap, p.target,
       p.figure_status, p.status
  FROM stp_internal.charted_series_rows() t
 CROSS JOIN LATERAL ROWS FROM (stp.spc_points(t.series, t.better, t.dialect, t.chart, t.baseline, t.rebase, t.ghosts,
                                              t.base_from, t.base_to, t.given_mean, t.given_sigma, t.per, t.grain),
                               unnest(t.statuses))
                    p (day, value, segment, mean, lower, upper, near_lower, near_upper, moving_range, is_base, is_ghost,
                       outside, trend, two_in_three, shift, runs, rule, signal, conflict, target, gap, status, figure_status);
COMMENT ON VIEW stp.indicator_trend IS
    'The chart of every indicator of every unit: a row for each period, with the limits and flags of stp.spc_points. Dialect, '
        'chart and baseline are those of stp.spc_setting, days of rebasing and ghosts those of stp.spc_day. Filters on level, '
        'unit, indicator and grain are applied before anything is computed; one on the period is not: limits are of the whole '
        'series.';
COMMENT ON COLUMN stp.indicator_trend.level IS 'system (also regions and places) or organisation.';
COMMENT ON COLUMN stp.indicator_trend.grain IS 'month, quarter, half or year: periods of another length are another series.';
COMMENT ON COLUMN stp.indicator_trend.value IS
    'The value in the unit of the indicator; NULL: a missing point. A partial, inferred or suppressed figure takes part: '
        'figure_status.';
COMMENT ON COLUMN stp.indicator_trend.mean IS 'Centre of the segment; of a run chart the median.';
COMMENT ON COLUMN stp.indicator_trend.lower IS 'Lower process limit, three sigma.';
COMMENT ON COLUMN stp.indicator_trend.upper IS 'Upper process limit, three sigma.';
COMMENT ON COLUMN stp.indicator_trend.near_lower IS 'Two sigma below the mean.';
COMMENT ON COLUMN stp.indicator_trend.near_upper IS 'Two sigma above the mean.';
COMMENT ON COLUMN stp.indicator_trend.segment IS 'Segment between two days of rebasing, from 1.';
COMMENT ON COLUMN stp.indicator_trend.is_base IS 'Whether the point is one of those that make the limits.';
COMMENT ON COLUMN stp.indicator_trend.is_ghost IS 'Whether it is shown and takes no part.';
COMMENT ON COLUMN stp.indicator_trend.outside IS '1 above the limits, -1 below, 0 within.';
COMMENT ON COLUMN stp.indicator_trend.trend IS '1 in a rising trend, -1 in a falling one, 0 in none.';
COMMENT ON COLUMN stp.indicator_trend.two_in_three IS '1 of two in three near the upper limit, -1 near the lower, 0 not.';
COMMENT ON COLUMN stp.indicator_trend.shift IS '1 in a shift above the mean, -1 below, 0 in none.';
COMMENT ON COLUMN stp.indicator_trend.runs IS '1 where the segment is not random by Anhoej''s rules.';
COMMENT ON COLUMN stp.indicator_trend.rule IS 'The rule that makes the signal, the first of the dialect; NULL: common cause.';
COMMENT ON COLUMN stp.indicator_trend.signal IS
    'common cause, improvement, concern, high or low (neutral), non-random (runs); NULL: see status.';
COMMENT ON COLUMN stp.indicator_trend.conflict IS 'Whether some rules say improvement and others concern.';
COMMENT ON COLUMN stp.indicator_trend.gap IS 'Periods since the point before that the series has not, by its grain.';
COMMENT ON COLUMN stp.indicator_trend.target IS 'What is aimed at, in the unit of the value.';
COMMENT ON COLUMN stp.indicator_trend.figure_status IS
    'Status of the figure, as in stp.system_indicator: partial is a point like another, incomplete is missing.';
COMMENT ON COLUMN stp.indicator_trend.status IS
    'Status of the chart: ok, trial limits, too few, constant, no data, as of stp.spc_points.';

--------------------------------------------------------------------------------------------------------------
-- What each chart comes to
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp.indicator_summary WITH (security_invoker = true) AS
SELECT t.level, t.unit_kind, t.unit, t.unit_name, t.indicator, t.indicator_name, t.unit_of_measure, t.better, t.grain,
       stp.period(s.last_day, t.grain) AS period, stp.last_day(stp.period(s.last_day, t.grain)) AS last_day,
       s.last_value AS value, s.mean, s.lower, s.upper, s.variation, s.variation_icon, s.rule, s.conflict, s.since,
       s.target, s.assurance, s.assurance_icon, s.points, s.gaps, s.segments, s.first_day_of_segment, t.dialect, t.chart,
       s.proposed_rebase,
       CASE WHEN s.proposed_rebase IS NOT NULL
            THEN format('All points are %s the mean since %s. Is there a change that is known, explains it and lasts?',
                        CASE WHEN s.last_value > s.mean THEN 'above' ELSE 'below' END, to_char(s.proposed_rebase, 'YYYY-MM-DD'))
       END AS rebase_question,
       s.status
  FROM stp_internal.charted_series_rows() t
 CROSS JOIN LATERAL stp.spc_summary(t.series, t.better, t.dialect, t.chart, t.baseline, t.rebase, t.ghosts, t.base_from,
                                    t.base_to, t.given_mean, t.given_sigma, t.per, t.grain) s;
COMMENT ON VIEW stp.indicator_summary IS
    'What the chart of every indicator of every unit comes to: a row for each, with the columns of stp.spc_summary, variation '
        'and assurance as Making Data Count names them. Drawn as stp.indicator_trend. Filters on level, unit, indicator and '
        'grain are applied before anything is computed.';
CALL stp.copy_comments('stp.indicator_trend', 'stp.indicator_summary');
COMMENT ON COLUMN stp.indicator_summary.period IS 'Period of the last point.';
COMMENT ON COLUMN stp.indicator_summary.value IS 'Value of the last point.';
COMMENT ON COLUMN stp.indicator_summary.variation IS
    'Signal of the last point: common cause, improvement, concern, high or low (neutral), non-random (run charts).';
COMMENT ON COLUMN stp.indicator_summary.variation_icon IS
    'common_cause, improvement_high, improvement_low, concern_low, concern_high, neutral_high, neutral_low.';
COMMENT ON COLUMN stp.indicator_summary.since IS 'First day since when all points say the same.';
COMMENT ON COLUMN stp.indicator_summary.assurance IS 'pass, hit or miss, fail: the target against the limits.';
COMMENT ON COLUMN stp.indicator_summary.assurance_icon IS 'pass, inconsistent, fail.';
COMMENT ON COLUMN stp.indicator_summary.points IS 'Points with a value that are no ghosts.';
COMMENT ON COLUMN stp.indicator_summary.gaps IS 'Periods without a value.';
COMMENT ON COLUMN stp.indicator_summary.segments IS 'Number of segments.';
COMMENT ON COLUMN stp.indicator_summary.first_day_of_segment IS 'First day of the last segment.';
COMMENT ON COLUMN stp.indicator_summary.dialect IS 'How the chart is read.';
COMMENT ON COLUMN stp.indicator_summary.chart IS 'The chart.';
COMMENT ON COLUMN stp.indicator_summary.proposed_rebase IS
    'Proposal, never done: the day on which a shift began that goes on to the last point, long enough for limits of its own. To '
        'follow it, insert it into stp.spc_day with the reason.';
COMMENT ON COLUMN stp.indicator_summary.rebase_question IS 'What is to be asked before that.';

CALL stp.make_as_of('chart_setting', 'charted_boundaries');

GRANT SELECT ON stp.indicator_trend, stp.indicator_summary TO PUBLIC;
