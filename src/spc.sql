-- Module spc: a series over time, its process limits, and which of its points are special causes.
--
-- What a day has is data, and goes into the state: value, denominator, target. What somebody decides is an argument of what
-- reads the state, so that it can come from a table of settings, and change without a new look at the data: dialect, chart,
-- baseline, days of rebasing, ghosts. No window functions are offered: a row of a chart has twenty columns, each of which would
-- be a window of its own over the same arguments, and go over the partition again.

--------------------------------------------------------------------------------------------------------------
-- A series, accumulated once and asked afterwards
--------------------------------------------------------------------------------------------------------------

CREATE TYPE stp.spc;

CREATE FUNCTION stp_internal.spc_in(pg_catalog.cstring) RETURNS stp.spc
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_spc_in';
COMMENT ON FUNCTION stp_internal.spc_in(pg_catalog.cstring) IS 'text to stp.spc';

CREATE FUNCTION stp_internal.spc_out(stp.spc) RETURNS pg_catalog.cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_spc_out';
COMMENT ON FUNCTION stp_internal.spc_out(stp.spc) IS 'stp.spc to text, lossless';

CREATE FUNCTION stp_internal.spc_recv(pg_catalog.internal) RETURNS stp.spc
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_spc_recv';
COMMENT ON FUNCTION stp_internal.spc_recv(pg_catalog.internal) IS 'binary to stp.spc';

CREATE FUNCTION stp_internal.spc_send(stp.spc) RETURNS pg_catalog.bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_spc_send';
COMMENT ON FUNCTION stp_internal.spc_send(stp.spc) IS 'stp.spc to binary';

CREATE TYPE stp.spc (
    INPUT = stp_internal.spc_in,
    OUTPUT = stp_internal.spc_out,
    RECEIVE = stp_internal.spc_recv,
    SEND = stp_internal.spc_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE stp.spc IS
    'A series over time: day, value, denominator and target of each point, in order, 8 bytes and 32 more for each point. Can be '
        'stored and joined with stp.rollup. Text: (day,value,denominator,target) of each point, where what is missing is left '
        'out.';

CREATE FUNCTION stp_internal.spc_accum(state stp.spc, day date, value float8) RETURNS stp.spc
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT: a value may be missing, and the first row has no state
    COST 5 -- as much as the sums and windows it stands for, so that as much is gained by a parallel plan
    AS 'MODULE_PATHNAME', 'stp_spc_accum';
COMMENT ON FUNCTION stp_internal.spc_accum(stp.spc, date, float8) IS
'The state with one more point: the transition function of stp.spc(day, value)';

CREATE FUNCTION stp_internal.spc_accum(state stp.spc, day date, value float8, denominator float8) RETURNS stp.spc
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT, as above
    COST 5 AS 'MODULE_PATHNAME', 'stp_spc_accum';
COMMENT ON FUNCTION stp_internal.spc_accum(stp.spc, date, float8, float8) IS
'The state with one more point: the transition function of stp.spc(day, value, denominator)';

CREATE FUNCTION stp_internal.spc_accum(state stp.spc, day date, value float8, denominator float8, target float8)
    RETURNS stp.spc
    LANGUAGE c IMMUTABLE PARALLEL SAFE -- not STRICT, as above
    COST 5 AS 'MODULE_PATHNAME', 'stp_spc_accum';
COMMENT ON FUNCTION stp_internal.spc_accum(stp.spc, date, float8, float8, float8) IS
'The state with one more point: the transition function of stp.spc(day, value, denominator, target)';

CREATE FUNCTION stp_internal.spc_combine(state stp.spc, other stp.spc) RETURNS stp.spc
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_spc_combine';
COMMENT ON FUNCTION stp_internal.spc_combine(stp.spc, stp.spc) IS
'The state with the points of both states: the combine function of stp.spc and stp.rollup';

CREATE FUNCTION stp_internal.spc_finish(state stp.spc) RETURNS stp.spc
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'stp_spc_finish';
COMMENT ON FUNCTION stp_internal.spc_finish(stp.spc) IS
'The points in order, no day twice: the final function of stp.spc and stp.rollup';

CREATE AGGREGATE stp.spc(day date, value float8) (
    SFUNC = stp_internal.spc_accum,
    STYPE = stp.spc,
    SSPACE = 2048, -- five years of months, in a chunk of the allocator
    FINALFUNC = stp_internal.spc_finish,
    COMBINEFUNC = stp_internal.spc_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.spc(date, float8) IS
    'A series for stp.spc_points and stp.spc_summary, in whatever order the rows come. day: first day of the period, or day '
        'of the event. value: NULL is a missing point, which is kept. NULL without rows. Error 22023: a day twice; day NULL '
        'or not within the years 1 to 9999; value NaN or infinite. Error 54000: more than 1,000,000 points.';

CREATE AGGREGATE stp.spc(day date, value float8, denominator float8) (
    SFUNC = stp_internal.spc_accum,
    STYPE = stp.spc,
    SSPACE = 2048, -- five years of months, in a chunk of the allocator
    FINALFUNC = stp_internal.spc_finish,
    COMBINEFUNC = stp_internal.spc_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.spc(date, float8, float8) IS
    'As stp.spc(day, value), of proportions and rates: value is the numerator, and points are value / denominator. '
        'denominator: at or above 0; NULL or 0 is a missing point. Charts c, g and t leave it aside. Error 22023: as '
        'stp.spc(day, value); denominator negative, NaN or infinite.';

CREATE AGGREGATE stp.spc(day date, value float8, denominator float8, target float8) (
    SFUNC = stp_internal.spc_accum,
    STYPE = stp.spc,
    SSPACE = 2048, -- five years of months, in a chunk of the allocator
    FINALFUNC = stp_internal.spc_finish,
    COMBINEFUNC = stp_internal.spc_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.spc(date, float8, float8, float8) IS
    'As stp.spc(day, value, denominator), with what is aimed at on that day, as the points are shown: of the day, because a '
        'trajectory is a target for each month. denominator: NULL in all rows where values are not to be divided. target: '
        'NULL is none. Error 22023: as stp.spc(day, value, denominator); target NaN or infinite.';

CREATE AGGREGATE stp.rollup(state stp.spc) (
    SFUNC = stp_internal.spc_combine,
    STYPE = stp.spc,
    SSPACE = 2048,
    FINALFUNC = stp_internal.spc_finish,
    COMBINEFUNC = stp_internal.spc_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stp.rollup(stp.spc) IS
    'Join stored states of different days of one series, as its years: the same as stp.spc over all their rows. What several '
        'series are together is to be added up by day first: limits of a whole are not limits of its parts. A NULL state is '
        'skipped; NULL without states. Error 22023: a day twice. Error 54000: more than 1,000,000 points.';

--------------------------------------------------------------------------------------------------------------
-- Dialects: how tools read the same chart
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.spc_dialect
(
    dialect             text PRIMARY KEY,
    rules               text[] NOT NULL,
    sigma_factor        float8 NOT NULL,
    centre              text NOT NULL,
    screen              boolean NOT NULL,
    screen_strict       boolean NOT NULL,
    screen_mean         boolean NOT NULL,
    missing             text NOT NULL,
    baseline_splits     boolean NOT NULL,
    shift               int NOT NULL,
    trend               int NOT NULL,
    trend_crosses       boolean NOT NULL,
    two_in_three        text NOT NULL,
    beyond_three_counts boolean NOT NULL,
    mark_third          boolean NOT NULL,
    conflict            text NOT NULL,
    minimum_points      int NOT NULL,
    warn_points         int NOT NULL,
    target_on_limit     text NOT NULL,
    icon_point          text NOT NULL,
    clip                boolean NOT NULL,
    source              text NOT NULL,
    builtin             boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE stp.spc_dialect IS
    'How tools read the same chart: each option is a column. Insert a copy under a name of your own to change one.';
COMMENT ON COLUMN stp.spc_dialect.dialect IS 'Name of the dialect.';
COMMENT ON COLUMN stp.spc_dialect.rules IS
    'The rules that make a signal, the first to be named first: outside, trend, two in three, shift, runs. The others are '
        'kept in their columns all the same.';
COMMENT ON COLUMN stp.spc_dialect.sigma_factor IS
    'The mean moving range times this is three sigma: 2.66, or 3 / 1.128 where the constant is not rounded.';
COMMENT ON COLUMN stp.spc_dialect.centre IS 'mean or median: the centre of a chart of individual values.';
COMMENT ON COLUMN stp.spc_dialect.screen IS 'Moving ranges far above their mean (3.267 times) do not count for the limits.';
COMMENT ON COLUMN stp.spc_dialect.screen_strict IS 'One that is just 3.267 times the mean is screened too.';
COMMENT ON COLUMN stp.spc_dialect.screen_mean IS 'Values whose moving range is screened do not count for the mean either.';
COMMENT ON COLUMN stp.spc_dialect.missing IS
    'breaks: a missing value has no range with its neighbours, and ends a shift or trend. passed over: its neighbours are '
        'neighbours.';
COMMENT ON COLUMN stp.spc_dialect.baseline_splits IS 'A shift, and two in three, begin anew behind the baseline.';
COMMENT ON COLUMN stp.spc_dialect.shift IS 'Points on one side of the centre that are a shift.';
COMMENT ON COLUMN stp.spc_dialect.trend IS 'Points that rise, or fall, each against the one before, that are a trend.';
COMMENT ON COLUMN stp.spc_dialect.trend_crosses IS 'A trend may go on from one segment into the next.';
COMMENT ON COLUMN stp.spc_dialect.two_in_three IS
    'Of the three: same side (all on one side of the centre) or any third (the third anywhere; and the first two of a '
        'segment are enough).';
COMMENT ON COLUMN stp.spc_dialect.beyond_three_counts IS 'A point outside the limits counts among the two in three.';
COMMENT ON COLUMN stp.spc_dialect.mark_third IS 'All of the three are flagged, not only those beyond the near limit.';
COMMENT ON COLUMN stp.spc_dialect.conflict IS
    'A point that shows both improvement and concern: precedence (the first rule decides), improvement, concern, or both (as '
        'precedence, with both icons).';
COMMENT ON COLUMN stp.spc_dialect.minimum_points IS 'With fewer points in the series, no rule is applied: too few.';
COMMENT ON COLUMN stp.spc_dialect.warn_points IS 'With fewer points in its segment, limits are trial limits.';
COMMENT ON COLUMN stp.spc_dialect.target_on_limit IS
    'A target just on a limit: decides (pass or fail) or is inconsistent (hit or miss).';
COMMENT ON COLUMN stp.spc_dialect.icon_point IS
    'The icons are those of the last point, whether its value is missing or not, or of the last shown one.';
COMMENT ON COLUMN stp.spc_dialect.clip IS
    'Limits of proportions, rates and counts are not below 0, those of proportions not above 1.';
COMMENT ON COLUMN stp.spc_dialect.source IS 'The tool and its version.';

CREATE FUNCTION stp_internal.check_spc_dialect() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.dialect, f.fault, f.hint INTO bad
      FROM new_rows n
     CROSS JOIN LATERAL (
        SELECT format('rules "%s"', array_to_string(n.rules, ', ', 'NULL')),
               'Give some of: outside, trend, two in three, shift, runs. Each once, the one that is to be named first first.'
         WHERE NOT n.rules <@ '{outside,trend,two in three,shift,runs}' OR cardinality(n.rules) = 0 OR array_ndims(n.rules) > 1
            OR cardinality(n.rules) <> (SELECT count(DISTINCT r.rule) FROM unnest(n.rules) r (rule))
        UNION ALL
        SELECT format('%s %s', o.name, o.points), 'Give a number of points from 2 to 1000.'
          FROM (VALUES ('shift', n.shift), ('trend', n.trend), ('minimum_points', n.minimum_points),
                       ('warn_points', n.warn_points)) o (name, points)
         WHERE o.points NOT BETWEEN 2 AND 1000) f (fault, hint)
     ORDER BY n.dialect COLLATE "C", f.fault COLLATE "C" LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'dialect "%" cannot have %', bad.dialect, bad.fault
              USING ERRCODE = 'invalid_parameter_value', HINT = bad.hint;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_spc_dialect() IS
    'Trigger: refuses dialects with unknown rules or with numbers of points that no rule can have, SQLSTATE 22023.';
CALL stp.guard_rows('spc_dialect', 'check_spc_dialect');
CALL stp.guard_rows('spc_dialect', 'guard', 'dialect: code', 'sigma_factor: weight', 'centre: mean, median',
    'missing: breaks, passed over', 'two_in_three: same side, any third', 'conflict: precedence, improvement, concern, both',
    'target_on_limit: inconsistent, decides', 'icon_point: last, last shown');

-- nhs: NHS England, Making Data Count: the constants of its Excel tool; 7 points, the minimum of 13, and a conflict read as
-- improvement are settings that a board can copy and change. mdc_sql: its SQL query 2.5, with the settings it ships with.
-- plotthedots, qicharts2: R packages, read at version and commit. powerbi: with its rules switched on, which are off by default.
INSERT INTO stp.spc_dialect VALUES
('nhs', '{outside,trend,two in three,shift}', 2.66, 'mean', false, false, false, 'breaks', false, 7, 7, false,
 'same side', false, false, 'improvement', 13, 13, 'decides', 'last shown', true,
 'NHS England, Making Data Count, Excel tool: from descriptions of it, not from the tool itself', true),
('mdc_sql', '{outside,trend,two in three,shift}', 2.66, 'mean', false, false, true, 'breaks', true, 7, 7, true,
 'same side', false, false, 'improvement', 15, 12, 'decides', 'last shown', true,
 'NHS England, Making Data Count, SPC charts SQL query 2.5', true),
('plotthedots', '{outside,trend,two in three,shift}', 2.66, 'mean', true, true, false, 'breaks', false, 7, 7, false,
 'same side', false, false, 'precedence', 2, 13, 'inconsistent', 'last', true,
 'NHSRplotthedots 0.2.2', true),
('powerbi', '{outside,two in three,trend,shift}', 3 / 1.128, 'mean', true, true, false, 'passed over', false, 7, 5, false,
 'any third', true, false, 'both', 2, 2, 'inconsistent', 'last', true,
 'PowerBI-SPC, commit 478773a of June 2026, its rules switched on', true),
('qicharts2', '{outside,runs}', 3 / 1.128, 'mean', true, true, false, 'breaks', false, 7, 7, false,
 'same side', false, false, 'precedence', 2, 2, 'inconsistent', 'last shown', true,
 'qicharts2 0.8.1', true);

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.spc_dialect
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('dialect', 'Insert a copy under a name of your own and use that.');

SELECT pg_catalog.pg_extension_config_dump('stp.spc_dialect', 'WHERE NOT builtin');

GRANT SELECT ON stp.spc_dialect TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON stp.spc_dialect TO @extowner@ WITH GRANT OPTION;

--------------------------------------------------------------------------------------------------------------
-- What is read from a series
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp.spc_points(series stp.spc, better text, dialect text DEFAULT 'nhs', chart text DEFAULT 'xmr',
    baseline int DEFAULT NULL, rebase date[] DEFAULT NULL, ghosts date[] DEFAULT NULL, base_from date DEFAULT NULL,
    base_to date DEFAULT NULL, given_mean float8 DEFAULT NULL, given_sigma float8 DEFAULT NULL, per float8 DEFAULT 1,
    grain text DEFAULT NULL, OUT day date, OUT value float8, OUT segment int, OUT mean float8, OUT lower float8, OUT upper float8,
    OUT near_lower float8, OUT near_upper float8, OUT moving_range float8, OUT is_base boolean, OUT is_ghost boolean,
    OUT outside int, OUT trend int, OUT two_in_three int, OUT shift int, OUT runs int, OUT rule text, OUT signal text,
    OUT conflict boolean, OUT target float8, OUT gap int, OUT status text) RETURNS SETOF record
    LANGUAGE c STABLE PARALLEL SAFE -- not STRICT: a setting that is NULL is none; reads stp.spc_dialect
    COST 200 ROWS 60 AS 'MODULE_PATHNAME', 'stp_spc_points';
COMMENT ON FUNCTION stp.spc_points(stp.spc, text, text, text, int, date[], date[], date, date, float8, float8, float8, text) IS
    'A chart as rows, one for each point. better: ''higher'', ''lower'' or ''neutral''. dialect: of stp.spc_dialect. chart: '
        'xmr or i (individual values), mr (moving ranges), run (no limits, Anhoej''s rules), p or p'' (proportions), u or '
        'u'' (rates), c (counts), g (counts between events), t (times between events); pp and up are p'' and u''. baseline: '
        'points at the beginning of each segment that make its limits. rebase: days on or after which a new segment begins. '
        'ghosts: days that are shown and take no part. base_from, base_to: first and last day of those that make the limits. '
        'given_mean, given_sigma: instead of estimates, sigma of xmr only. per: values and limits are multiplied by it. What '
        'is given and the target are in the unit that is shown. grain: month, quarter, half or year, the length of the periods; '
        'NULL: the usual step of the series. segment: from 1. lower, upper: three sigma; near_lower, '
        'near_upper: two; NULL on a run chart. moving_range: from the point before in the segment. outside, trend, '
        'two_in_three, shift: 1 high or rising, -1 low or falling, 0 not; runs: 1 where the segment is not random. All NULL '
        'for a ghost, a missing value, and too few points. rule: the dialect''s first one; NULL: common cause. signal: '
        'common cause, improvement, concern, high, low (neutral), non-random (runs). conflict: both improvement and concern; '
        'never where better is neutral. gap: periods since the point before that the series has not. status: ok, trial limits, '
        'too few (for limits, or for rules), constant (nothing varies: limits are on the mean, only outside is applied), no '
        'data. No rows for NULL. Error 22023: '
        'an unknown word, a setting out of its range, a value that the chart cannot have. Sources: the dialects''; '
        'Montgomery, Introduction to Statistical Quality Control (p, u, c, g); Laney 2002 (p'', u''); Nelson 1994 (t); '
        'Anhoej and Olesen 2014 (runs).';

CREATE FUNCTION stp.spc_summary(series stp.spc, better text, dialect text DEFAULT 'nhs', chart text DEFAULT 'xmr',
    baseline int DEFAULT NULL, rebase date[] DEFAULT NULL, ghosts date[] DEFAULT NULL, base_from date DEFAULT NULL,
    base_to date DEFAULT NULL, given_mean float8 DEFAULT NULL, given_sigma float8 DEFAULT NULL, per float8 DEFAULT 1,
    grain text DEFAULT NULL, OUT points int, OUT last_day date, OUT last_value float8, OUT mean float8, OUT lower float8,
    OUT upper float8, OUT variation text, OUT variation_icon text, OUT rule text, OUT conflict boolean, OUT since date,
    OUT target float8, OUT assurance text, OUT assurance_icon text, OUT segments int, OUT first_day_of_segment date,
    OUT proposed_rebase date, OUT gaps bigint, OUT useful int, OUT longest_run int, OUT longest_run_max int, OUT crossings int,
    OUT crossings_min int, OUT status text)
    RETURNS record
    LANGUAGE c STABLE PARALLEL SAFE -- not STRICT: no series is a row with the status no data; reads stp.spc_dialect
    COST 200 AS 'MODULE_PATHNAME', 'stp_spc_summary';
COMMENT ON FUNCTION stp.spc_summary(stp.spc, text, text, text, int, date[], date[], date, date, float8, float8, float8, text) IS
    'What a chart comes to, one row. Arguments as of stp.spc_points. points: those with a value that are no ghosts. '
        'last_day, last_value, mean, lower, upper, variation (the signal), rule, conflict, target: of the last point, as the '
        'dialect''s icon_point says. since: first day since when all points say the same. variation_icon: common_cause, '
        'improvement_high, improvement_low, concern_low, concern_high, neutral_high, neutral_low, as Making Data Count draws '
        'them; NULL for non-random. assurance: pass, hit or miss or fail of the target against the limits; NULL without a '
        'target, limits or a direction. Where nothing varies a target that is met is a pass. assurance_icon: pass, '
        'inconsistent, fail. proposed_rebase: first day of a shift that goes on to the last point, has the dialect''s '
        'warn_points points, and does not begin with the segment: a question to those who know the process; nothing is '
        'rebased by itself. gaps: periods without a value. useful, longest_run, crossings: of Anhoej''s rules in the last '
        'segment: points off the centre, the longest run on one side (not random above longest_run_max), and how often the '
        'centre is crossed (not random below crossings_min). status: as of stp.spc_points, no data for NULL. Error 22023: as '
        'stp.spc_points.';
