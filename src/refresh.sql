-- Module refresh: ratings and figures that are kept are brought up to date by what has changed.
--
--   input_change ─┬─which ratings does it reach?──▶ stale ──stp.assess()──▶ assessment_node
--                 └─which figures?──▶ stale_figure ──▶ kept_figure, kept_point
--
-- Stale ratings are a queue, and after them stale figures: a refresh takes the next one that no other refresh holds, does it in a
-- transaction of its own, and so on until none is left. Nobody waits for a rating; what is marked while a refresh runs stays
-- marked, and so does what fails.
--
-- stp.refresh() writes with the rights of the owner: nobody else writes a rating.

--------------------------------------------------------------------------------------------------------------
-- Tables
--------------------------------------------------------------------------------------------------------------

-- The first mark of a rating is what a refresh locks. Marks are written by one refresh at a time, and later ones have a greater
-- number, so that all agree on which is the first: new marks can come while it is held.
CREATE TABLE stp_internal.stale
(
    scheme      text NOT NULL,
    period      stp.period NOT NULL,
    number      int NOT NULL,
    reason      text NOT NULL,
    recorded_at timestamptz NOT NULL,
    marked_at   timestamptz NOT NULL DEFAULT now(),
    failure     stp_internal.failure,
    PRIMARY KEY (scheme, period, number)
);
-- The order in which they are taken: newest periods first.
CREATE INDEX stale_in_order ON stp_internal.stale (stp.last_day(period) DESC, scheme, stp.first_day(period));
COMMENT ON TABLE stp_internal.stale IS
    'The queue of stp.refresh(): ratings that it has found to be stale and not rated again yet.';
COMMENT ON COLUMN stp_internal.stale.number IS 'Greater than that of all marks before.';
COMMENT ON COLUMN stp_internal.stale.reason IS 'What has changed.';
COMMENT ON COLUMN stp_internal.stale.recorded_at IS 'The stamp of the last of these changes.';
COMMENT ON COLUMN stp_internal.stale.marked_at IS 'When a refresh began to find out.';
COMMENT ON COLUMN stp_internal.stale.failure IS
    'Of the first mark of a rating: why it could not be rated again; NULL: nobody has tried.';

-- As of ratings: the first mark of an indicator is what a refresh locks.
CREATE TABLE stp_internal.stale_figure
(
    kept       text NOT NULL,
    indicator  text NOT NULL,
    number     int NOT NULL,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    all_charts boolean NOT NULL,
    reason     text NOT NULL,
    marked_at  timestamptz NOT NULL DEFAULT now(),
    failure    stp_internal.failure,
    PRIMARY KEY (kept, indicator, number)
);
COMMENT ON TABLE stp_internal.stale_figure IS
    'The queue of stp.refresh(): indicators of which figures that are kept, or charts, have been found to be stale, and delays '
    'and money that are.';
COMMENT ON COLUMN stp_internal.stale_figure.kept IS
    'figures of an indicator; delay, finance or bridge: rows of the table that is named like it, kept_delay and so on.';
COMMENT ON COLUMN stp_internal.stale_figure.indicator IS 'The indicator; empty: none.';
COMMENT ON COLUMN stp_internal.stale_figure.number IS 'Greater than that of all marks before.';
COMMENT ON COLUMN stp_internal.stale_figure.first_day IS 'First day of the figures that are.';
COMMENT ON COLUMN stp_internal.stale_figure.last_day IS 'Last day of the figures that are.';
COMMENT ON COLUMN stp_internal.stale_figure.all_charts IS 'Whether all charts are, and not of the units of these figures alone.';
COMMENT ON COLUMN stp_internal.stale_figure.reason IS 'What has changed.';
COMMENT ON COLUMN stp_internal.stale_figure.marked_at IS 'When a refresh began to find out.';
COMMENT ON COLUMN stp_internal.stale_figure.failure IS
    'Of the first mark of an indicator: why it could not be done; NULL: nobody has tried.';

CREATE TABLE stp.refresh_log
(
    run_at      timestamptz NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    task        text NOT NULL,
    scheme      text,
    period      stp.period,
    reason      text,
    status      text NOT NULL CHECK (status = ANY (ARRAY['done', 'failed'])),
    rows        int,
    error       text,
    PRIMARY KEY (started_at, task)
);
COMMENT ON TABLE stp.refresh_log IS
    'What stp.refresh() did: one row for each rating, for the figures of each indicator, and for each source of observations, '
    'that were brought up to date, and for each failure when it first came up; stp.refresh_failing counts how '
    'often. Old rows may be deleted.';
COMMENT ON COLUMN stp.refresh_log.run_at IS 'When the run began.';
COMMENT ON COLUMN stp.refresh_log.started_at IS 'When the task began.';
COMMENT ON COLUMN stp.refresh_log.finished_at IS 'When it was through.';
COMMENT ON COLUMN stp.refresh_log.task IS
    'rating and its scheme and period; figures and their indicator; delay, finance or bridge (what stp_bi.delay and so on show); '
    'source and its name; or a change for which what it reaches could not be found.';
COMMENT ON COLUMN stp.refresh_log.scheme IS 'The scheme, of a rating.';
COMMENT ON COLUMN stp.refresh_log.period IS 'The period, of a rating.';
COMMENT ON COLUMN stp.refresh_log.reason IS 'Why it was stale, of a rating and of figures.';
COMMENT ON COLUMN stp.refresh_log.status IS 'done; failed: see error; it stays stale, and the next refresh tries again.';
COMMENT ON COLUMN stp.refresh_log.rows IS
    'Rows of stp.assessment_node or stp.observation, figures, or rows of delays or money, that were new or changed.';
COMMENT ON COLUMN stp.refresh_log.error IS 'SQLSTATE and message, if it failed.';

CREATE VIEW stp.refresh_queue WITH (security_invoker = true) AS
SELECT stp_internal.describe(c.input, c.code, c.first_day, c.last_day) AS task,
       NULL::text AS scheme, NULL::stp.period AS period, NULL::text AS reason,
       c.marked_at, (c.failure).error, (c.failure).failures, (c.failure).failing_since, (c.failure).failed_at
  FROM stp_internal.input_change c
 WHERE stp_internal.stale_source(c.input, c.code) IS NULL
    OR stp_internal.stale_source(c.input, c.code) IN (SELECT s.source FROM stp.observation_source s)
UNION ALL
SELECT format('rating %s %s', s.scheme, s.period), s.scheme, s.period, s.reason,
       s.marked_at, (s.failure).error, (s.failure).failures, (s.failure).failing_since, (s.failure).failed_at
  FROM stp_internal.stale s
 WHERE NOT EXISTS (SELECT FROM stp_internal.stale earlier
                    WHERE earlier.scheme = s.scheme AND earlier.period = s.period AND earlier.number < s.number)
UNION ALL
SELECT concat_ws(' ', f.kept, nullif(f.indicator, '')), NULL, NULL, f.reason,
       f.marked_at, (f.failure).error, (f.failure).failures, (f.failure).failing_since, (f.failure).failed_at
  FROM stp_internal.stale_figure f
 WHERE NOT EXISTS (SELECT FROM stp_internal.stale_figure earlier
                    WHERE earlier.kept = f.kept AND earlier.indicator = f.indicator AND earlier.number < f.number);
COMMENT ON VIEW stp.refresh_queue IS
    'What stp.refresh() has still to do: changes since it last looked, sources of observations that have changed, and ratings '
    'and figures that are stale. It empties while a refresh runs.';
COMMENT ON COLUMN stp.refresh_queue.task IS
    'rating and its scheme and period; figures and their indicator; delay, finance or bridge; source and its name; or a '
    'change.';
COMMENT ON COLUMN stp.refresh_queue.scheme IS 'The scheme, of a rating.';
COMMENT ON COLUMN stp.refresh_queue.period IS 'Label of the period, of a rating.';
COMMENT ON COLUMN stp.refresh_queue.reason IS 'Why it is stale, of a rating and of figures: the first reason.';
COMMENT ON COLUMN stp.refresh_queue.marked_at IS 'Since when it waits.';
COMMENT ON COLUMN stp.refresh_queue.error IS 'SQLSTATE and message, if it has failed.';
COMMENT ON COLUMN stp.refresh_queue.failures IS 'How often it has failed since it last went well.';
COMMENT ON COLUMN stp.refresh_queue.failing_since IS 'When it failed for the first time.';
COMMENT ON COLUMN stp.refresh_queue.failed_at IS 'When it failed for the last time.';

CREATE VIEW stp.refresh_failing WITH (security_invoker = true) AS
SELECT q.task, q.scheme, q.period, q.error, q.failures, q.failing_since, q.failed_at
  FROM stp.refresh_queue q
 WHERE q.error IS NOT NULL;
COMMENT ON VIEW stp.refresh_failing IS
    'What stp.refresh() fails to do. Each refresh tries again; when it has gone well the row is gone.';
CALL stp.copy_comments('stp.refresh_queue', 'stp.refresh_failing');

--------------------------------------------------------------------------------------------------------------
-- From changes to stale ratings
--------------------------------------------------------------------------------------------------------------

-- All units of a rating take the same, so that one tells.
CREATE VIEW stp_internal.taken_period WITH (security_invoker = true) AS
SELECT n.scheme, n.period, n.indicator, min(n.value_period) AS value_period
  FROM stp.assessed_period a
 CROSS JOIN LATERAL (SELECT f.unit FROM stp.assessment_node f
                      WHERE f.scheme = a.scheme AND f.period = a.period ORDER BY f.unit LIMIT 1) one
  JOIN stp.assessment_node n ON n.scheme = a.scheme AND n.period = a.period AND n.unit = one.unit
 WHERE n.indicator IS NOT NULL
 GROUP BY n.scheme, n.period, n.indicator;
COMMENT ON VIEW stp_internal.taken_period IS 'Which periods the leaves of the kept ratings have taken.';
COMMENT ON COLUMN stp_internal.taken_period.value_period IS 'The period; NULL: there was none.';

-- Whoever reported in a period and not in a later one is missing there, or would be: by what it then reported.
CREATE FUNCTION stp_internal.is_missed(indicator text, reported stp.period[], later stp.period) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN EXISTS ((SELECT o.organisation FROM stp.observation o
                 WHERE o.indicator = is_missed.indicator AND o.period = ANY (is_missed.reported)
                UNION ALL
                SELECT h.organisation FROM stp.observation_history h
                 WHERE h.indicator = is_missed.indicator AND h.period = ANY (is_missed.reported))
               EXCEPT
               SELECT o.organisation FROM stp_internal.observation_as_of o
                WHERE o.indicator = is_missed.indicator AND o.period = is_missed.later);
COMMENT ON FUNCTION stp_internal.is_missed(text, stp.period[], stp.period) IS
    'Whether any organisation that has ever had a report of the indicator for one of some periods has none for a later one.';

-- The cohort is complete enough if all units are. Of an earlier period that was taken nobody has kept how it was judged.
CREATE FUNCTION stp_internal.may_go_back(scheme text, period stp.period, indicator text, value_period stp.period, maximum_age int)
RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN EXISTS (SELECT FROM stp_internal.candidate_periods_as_of(may_go_back.indicator, may_go_back.period,
                                                                may_go_back.maximum_age) c
                WHERE c.place = 1 AND c.period <> may_go_back.value_period)
    -- Mostly nobody is silent, which is found out sooner than what all units have.
    OR CASE WHEN EXISTS (SELECT FROM stp_internal.silent_organisations_as_of(may_go_back.indicator, may_go_back.value_period))
            THEN EXISTS (SELECT FROM stp.assessment_node n
                           JOIN stp_internal.scheme_as_of s ON s.scheme = n.scheme
                          WHERE n.scheme = may_go_back.scheme AND n.period = may_go_back.period
                            AND n.indicator = may_go_back.indicator AND n.completeness < s.complete_from) ELSE false END;
COMMENT ON FUNCTION stp_internal.may_go_back(text, stp.period, text, stp.period, int) IS
    'Whether a leaf of a kept rating, which has taken value_period, might take an earlier period if that were more complete: '
    'because what it has taken is not complete enough, or may not be.';

CREATE FUNCTION stp_internal.period_of_days(first_day date, last_day date) RETURNS stp.period
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN stp.period(last_day, CASE stp.month(last_day) - stp.month(first_day)
                                WHEN 0 THEN 'month' WHEN 2 THEN 'quarter' WHEN 5 THEN 'half' ELSE 'year' END);
COMMENT ON FUNCTION stp_internal.period_of_days(date, date) IS 'The period from its first day to its last.';

-- A leaf takes the latest period that is complete enough. A change of it, or of a later one, reaches the rating; so does one of
-- an earlier one by which somebody is expected who is missing there. Where a leaf takes several, all of them do, and all before
-- that make somebody expected.
CREATE FUNCTION stp_internal.reached_by_report(changes stp_internal.input_change[])
RETURNS TABLE (scheme text, period stp.period, change stp_internal.input_change)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    WITH observed AS MATERIALIZED
    (
        SELECT l.*, i.expected_within, c.first_day, c.last_day, c AS change, stp.period(c.last_day, l.grain) AS own_period,
               stp_internal.period_of_days(c.first_day, c.last_day) AS changed_period
          FROM unnest(reached_by_report.changes) c
          JOIN stp_internal.scheme_leaf l ON l.indicator = c.code
          JOIN stp_internal.indicator_as_of i ON i.indicator = c.code
         WHERE c.input = 'observation'
    ),
    own AS MATERIALIZED (SELECT DISTINCT scheme, own_period FROM observed),
    -- The period in which a change's own ends, and those that begin before it is too old: of the periods that are rated, or
    -- are to be.
    candidate AS MATERIALIZED
    (
        SELECT o.*, later.period, later.value_period,
               stp.last_month(later.period) - stp.month(o.last_day) AS age
          FROM observed o
         CROSS JOIN LATERAL (SELECT stp.period(least(o.last_day + 31 * (o.maximum_age + o.months + o.expected_within + 12),
                                                     date '2200-03-31'), o.grain) AS last OFFSET 0) reach
         CROSS JOIN LATERAL (SELECT a.period, t.value_period
                               FROM stp.assessed_period a
                               LEFT JOIN LATERAL (SELECT p.value_period FROM stp_internal.taken_period p
                                                   WHERE p.scheme = a.scheme AND p.period = a.period
                                                     AND p.indicator = o.indicator) t ON true
                              -- By a quarter somebody is expected in its months too.
                              WHERE a.scheme = o.scheme AND a.period >= stp.period(o.first_day, o.grain)
                                AND a.period <= reach.last
                             UNION
                             SELECT w.own_period, NULL FROM own w
                              WHERE w.scheme = o.scheme AND w.own_period >= o.own_period AND w.own_period <= reach.last
                                AND NOT EXISTS (SELECT FROM stp.assessed_period a
                                                 WHERE a.scheme = w.scheme AND a.period = w.own_period)) later
    )
    SELECT c.scheme, c.period, c.change
      FROM candidate c
     WHERE CASE WHEN c.takes <> 'latest' THEN true
                WHEN c.value_period IS NULL OR (c.last_day, c.first_day) >= (stp.last_day(c.value_period),
                                                                              stp.first_day(c.value_period))
                THEN c.age < greatest(c.maximum_age + 1, c.months) END
        -- Whether there is anything to rate may hang on a report that is too old for its leaf.
        OR (c.period = c.own_period
            AND stp_internal.is_rateable(c.scheme, c.period)
                <> EXISTS (SELECT FROM stp.assessed_period a WHERE a.scheme = c.scheme AND a.period = c.period))
    UNION ALL
    SELECT c.scheme, c.period, c.change
      FROM candidate c
     WHERE c.takes = 'latest' AND (c.last_day, c.first_day) < (stp.last_day(c.value_period), stp.first_day(c.value_period))
       AND (EXISTS (SELECT FROM stp_internal.candidate_periods_as_of(c.indicator, c.period, c.maximum_age) later
                     WHERE stp.last_day(later.period) >= stp.last_day(c.value_period) AND c.expected_within
                           >= stp.month(stp.first_day(later.period)) - stp.month(c.first_day)
                       AND stp_internal.is_missed(c.indicator, ARRAY[c.changed_period], later.period))
            OR (c.age <= c.maximum_age
                AND stp_internal.may_go_back(c.scheme, c.period, c.indicator, c.value_period, c.maximum_age)));
END;
COMMENT ON FUNCTION stp_internal.reached_by_report(stp_internal.input_change[]) IS
    'The ratings that changes of observations reach because their leaves take them, or miss who reported them.';

-- Memberships and duties say who is expected in the period that a leaf takes, and in those that were not complete enough.
CREATE FUNCTION stp_internal.reached_by_day(changes stp_internal.input_change[])
RETURNS TABLE (scheme text, period stp.period, change stp_internal.input_change)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    WITH change AS MATERIALIZED
    (
        SELECT c.input, c.code, c.first_day, c.last_day, c AS change FROM unnest(reached_by_day.changes) c
         WHERE c.input = ANY (ARRAY['membership', 'succession', 'population', 'expected_report'])
    ),
    dated AS MATERIALIZED
    (
        SELECT t.scheme, t.period, t.indicator, i.denominator, stp.last_day(t.value_period) AS last_day,
               coalesce(least(stp.first_day(stp_internal.first_month(t.value_period, l.takes)),
                              CASE WHEN stp_internal.may_go_back(t.scheme, t.period, t.indicator, t.value_period, l.maximum_age)
                                   THEN (stp.last_day(t.period) + 1 - make_interval(months => l.maximum_age + 1))::date END),
                        stp.last_day(t.value_period)) AS first_day
          FROM stp_internal.taken_period t
          JOIN stp_internal.scheme_leaf l ON l.scheme = t.scheme AND l.indicator = t.indicator
          JOIN stp_internal.indicator_as_of i ON i.indicator = t.indicator
         WHERE EXISTS (SELECT FROM change)
    )
    SELECT d.scheme, d.period, c.change
      FROM dated d
      JOIN change c ON CASE c.input
           WHEN 'population' THEN d.denominator = 'population' AND d.last_day BETWEEN c.first_day AND c.last_day
           ELSE c.first_day <= stp.last_day(d.period) AND c.last_day >= coalesce(d.first_day, '-infinity')
                AND (c.input = ANY (ARRAY['membership', 'succession']) OR c.code = d.indicator) END;
END;
COMMENT ON FUNCTION stp_internal.reached_by_day(stp_internal.input_change[]) IS
    'The ratings that changes of memberships, duties to report and populations reach because they count on the last day of the '
    'periods that leaves take, or would take if they were complete.';

-- A target holds on the last day of what a leaf takes; and what it is may rest on the reports of its baseline.
CREATE FUNCTION stp_internal.reached_by_target(changes stp_internal.input_change[])
RETURNS TABLE (scheme text, period stp.period, change stp_internal.input_change)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    WITH change AS MATERIALIZED
    (
        SELECT c.input, c.code, c.first_day, c.last_day, c AS change FROM unnest(reached_by_target.changes) c
         WHERE c.input = ANY (ARRAY['target', 'observation', 'expected_report', 'membership', 'succession', 'population'])
    ),
    held AS
    (
        -- As long as the row holds, or longer.
        SELECT c.code AS indicator, c.first_day, c.last_day, c.change FROM change c WHERE c.input = 'target'
        UNION ALL
        SELECT g.indicator, stp.first_day(g.period), 'infinity', c.change
          FROM stp_internal.target_as_of g
          JOIN stp_internal.indicator_as_of i ON i.indicator = g.indicator
          JOIN change c ON c.first_day <= stp.last_day(g.baseline)
                       AND c.last_day >= (stp.first_day(g.baseline) - make_interval(months => i.expected_within + 13))::date
                       AND (c.input = ANY (ARRAY['membership', 'succession', 'population'])
                            OR (c.input = ANY (ARRAY['observation', 'expected_report']) AND c.code = g.indicator))
         WHERE g.baseline IS NOT NULL
    )
    SELECT t.scheme, t.period, h.change
      FROM held h
      JOIN stp_internal.taken_period t ON t.indicator = h.indicator
       AND coalesce(stp.last_day(t.value_period), stp.last_day(t.period)) BETWEEN h.first_day AND h.last_day;
END;
COMMENT ON FUNCTION stp_internal.reached_by_target(stp_internal.input_change[]) IS
    'The ratings that changes of targets reach, and of what is reported for the baselines of targets.';

-- What a rating was before, where boundaries have moved, is computed with it.
CREATE FUNCTION stp_internal.reached_after(reached text, before stp.period) RETURNS SETOF stp.period
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT a.period FROM stp.assessed_period a
     WHERE a.scheme = reached_after.reached AND stp.first_day(a.period) = stp.last_day(reached_after.before) + 1
       AND stp_internal.period_before(a.period) = reached_after.before
       AND stp_internal.have_moved(stp.last_day(reached_after.before), stp.last_day(a.period));
END;
COMMENT ON FUNCTION stp_internal.reached_after(text, stp.period) IS
    'The rating of a scheme that shows what that of a period is on later boundaries.';

CREATE FUNCTION stp_internal.reached_by(changes stp_internal.input_change[])
RETURNS TABLE (scheme text, period stp.period, change stp_internal.input_change)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    WITH change AS MATERIALIZED
    (
        SELECT c.*, c AS change FROM unnest(reached_by.changes) c
    )
    SELECT r.* FROM stp_internal.reached_by_report(reached_by.changes) r
    UNION ALL
    SELECT r.* FROM stp_internal.reached_by_day(reached_by.changes) r
    UNION ALL
    SELECT a.scheme, a.period, c.change
      FROM stp.assessed_period a
      JOIN change c ON CASE c.input
           WHEN 'scheme' THEN a.scheme = c.code
           WHEN 'indicator' THEN EXISTS (SELECT FROM stp_internal.scheme_leaf l
                                           WHERE l.scheme = a.scheme AND l.indicator = c.code)
           WHEN 'system' THEN stp.last_day(a.period) BETWEEN c.first_day AND c.last_day
           -- Members are rated, whether they have reported or not; and whoever has never been one, which any membership ends.
           ELSE c.input = ANY (ARRAY['organisation', 'membership', 'succession'])
                AND EXISTS (SELECT FROM stp_internal.scheme_leaf l WHERE l.scheme = a.scheme AND l.rates = 'organisation')
           END
    UNION ALL
    -- By people predecessors are weighed, where boundaries have moved.
    SELECT a.scheme, a.period, c.change
      FROM stp.assessed_period a
      JOIN change c ON c.input = 'population' AND a.moved
                   AND stp.last_day(stp_internal.period_before(a.period)) BETWEEN c.first_day AND c.last_day
    UNION ALL
    -- What scores are measured by in a reference period concerns all periods.
    SELECT a.scheme, a.period, c.change
      FROM stp.assessed_period a
      JOIN stp_internal.scheme_node_as_of n ON n.scheme = a.scheme AND n.reference_period IS NOT NULL
     CROSS JOIN LATERAL (SELECT stp.last_day(n.reference_period) AS day,
                                least(coalesce(n.maximum_age, 12), 3600) AS age) reference
      JOIN stp_internal.indicator_as_of i ON i.indicator = n.indicator
      JOIN change c ON c.first_day <= reference.day
                   AND c.last_day >= (reference.day + 1
                                      - make_interval(months => reference.age + i.expected_within + 13))::date
                   AND (c.input = ANY (ARRAY['membership', 'succession', 'population', 'system'])
                        OR (c.input = ANY (ARRAY['observation', 'expected_report']) AND c.code = n.indicator))
    UNION ALL
    SELECT r.* FROM stp_internal.reached_by_target(reached_by.changes) r
    UNION ALL
    -- A scheme that is new, or has a new indicator or grain, may have periods that are not rated yet.
    SELECT l.scheme, stp.period(stp.last_day(o.period), l.grain), c.change
      FROM change c
      JOIN stp_internal.scheme_leaf l ON l.scheme = c.code
      JOIN (SELECT DISTINCT indicator, period FROM stp_internal.observation_as_of) o ON o.indicator = l.indicator
     WHERE c.input = 'scheme';
END;
COMMENT ON FUNCTION stp_internal.reached_by(stp_internal.input_change[]) IS
    'The ratings that changes reach, each with the change; a rating may come more than once.';

-- A figure counts what was reported for its period, and who is missing by what was reported before. What a target improves on
-- concerns all periods since. Of one indicator all is done that lies from the first day that is reached to the last.
CREATE FUNCTION stp_internal.reached_figures(changes stp_internal.input_change[])
RETURNS TABLE (indicator text, first_day date, last_day date, all_charts boolean, change stp_internal.input_change)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    -- Of each indicator that has any figure; once for all changes, not for each.
    WITH reach AS MATERIALIZED
    (
        SELECT i.indicator, i.denominator, i.expected_within + 13 AS months,
               EXISTS (SELECT FROM stp.target t WHERE t.indicator = i.indicator AND t.baseline IS NOT NULL) AS reaches_all
          FROM stp.indicator i
         -- By the index: of an indicator without a report the whole table would be read.
         WHERE (SELECT o.period FROM stp.observation o WHERE o.indicator = i.indicator ORDER BY o.period LIMIT 1) IS NOT NULL
            OR EXISTS (SELECT FROM stp_internal.kept_figure k WHERE k.indicator = i.indicator)
    ),
    reported AS MATERIALIZED
    (
        SELECT r.indicator, r.months, max(c.last_day) AS last_day,
               array_agg(DISTINCT stp_internal.period_of_days(c.first_day, c.last_day)) AS periods
          FROM unnest(reached_figures.changes) c
          JOIN reach r ON r.indicator = c.code
         WHERE c.input = 'observation'
         GROUP BY r.indicator, r.months
    ),
    -- After the last of the reports that have changed: the last period that misses who has, or had, one of those.
    missed AS MATERIALIZED
    (
        SELECT r.indicator, greatest(r.last_day, max(stp.last_day(p.period))) AS last_day
          FROM reported r
          LEFT JOIN LATERAL (SELECT DISTINCT o.period FROM stp.observation o
                              WHERE o.indicator = r.indicator AND stp.last_day(o.period) > r.last_day
                                -- A year that ends later has begun by then.
                                AND o.period >= stp.month(greatest(r.last_day - 366, '1900-04-01'))
                                AND stp.first_day(o.period) <= r.last_day + make_interval(months => r.months)) p
            ON stp_internal.is_missed(r.indicator, r.periods, p.period)
         GROUP BY r.indicator, r.last_day
    )
    SELECT r.indicator,
           CASE WHEN c.input LIKE 'spc%' THEN 'infinity' WHEN r.reaches_all THEN '-infinity' ELSE c.first_day END,
           CASE WHEN c.input LIKE 'spc%' THEN '-infinity'
                WHEN r.reaches_all OR NOT isfinite(c.last_day) OR c.last_day > '2100-01-01' THEN 'infinity'
                WHEN c.input = 'observation' THEN m.last_day
                ELSE (c.last_day + make_interval(months => r.months))::date END,
           c.input LIKE 'spc%' OR c.input = ANY (ARRAY['membership', 'succession', 'system'])
               AND EXISTS (SELECT FROM stp.spc_setting s WHERE s.boundaries = 'today'), c
      FROM unnest(reached_figures.changes) c
      JOIN reach r ON r.indicator = c.code OR c.code = ''
      LEFT JOIN missed m ON m.indicator = c.code
     WHERE c.input = ANY (ARRAY['observation', 'expected_report', 'target', 'indicator', 'membership', 'succession', 'system',
                                'spc_setting', 'spc_day', 'spc_dialect'])
        OR (c.input = 'population' AND r.denominator = 'population');
END;
COMMENT ON FUNCTION stp_internal.reached_figures(stp_internal.input_change[]) IS
    'The figures and charts that are kept which changes reach, each with the change; they may come more than once.';

-- What an organisation has reported is compared with months before, and forecast from earlier years: it reaches its own year and
-- all later ones. A step from plan to actual is of one month.
CREATE FUNCTION stp_internal.reached_kept(changes stp_internal.input_change[])
RETURNS TABLE (kept text, first_day date, last_day date, change stp_internal.input_change)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT k.kept, CASE k.kept WHEN 'finance' THEN stp.first_day(stp.financial_year(least(greatest(c.first_day, '1900-04-01'),
                                                                                        '2200-03-31'))) ELSE c.first_day END,
           CASE k.kept WHEN 'finance' THEN 'infinity' ELSE c.last_day END, c
      FROM unnest(reached_kept.changes) c
      JOIN (VALUES ('delay', 'delayed_transfer', ARRAY['delayed_transfer', 'population', 'succession']),
                   ('finance', 'financial_position', ARRAY['financial_position', 'control_total', 'control_total_offset']),
                   ('bridge', 'financial_position', ARRAY['financial_position'])) k (kept, source, inputs)
        ON c.input = ANY (k.inputs || ARRAY['membership', 'system']) OR (c.input = 'extract' AND c.code = k.source)
     -- Nothing comes of nothing.
     WHERE CASE k.kept WHEN 'delay' THEN EXISTS (SELECT FROM stp.delayed_transfer) OR EXISTS (SELECT FROM stp_internal.kept_delay)
                       ELSE EXISTS (SELECT FROM stp.financial_position) OR EXISTS (SELECT FROM stp_internal.kept_finance) END;
END;
COMMENT ON FUNCTION stp_internal.reached_kept(stp_internal.input_change[]) IS
    'The delays and the money that are kept which changes reach, each with the change; they may come more than once.';

-- Tells of a failure: in the log, if it is another than last time; in what it returns, how often it has failed.
CREATE FUNCTION stp_internal.count_failure(log stp.refresh_log, was stp_internal.failure) RETURNS stp_internal.failure
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    log.status := 'failed';
    log.finished_at := clock_timestamp();
    IF log.error IS DISTINCT FROM was.error THEN
        INSERT INTO stp.refresh_log SELECT log.*;
    END IF;
    -- Not before the run began, whatever the clock says: a run tries once.
    RETURN (log.error, coalesce(was.failures, 0) + 1, coalesce(was.failing_since, log.started_at),
            greatest(log.finished_at, log.run_at));
END $$;
COMMENT ON FUNCTION stp_internal.count_failure(stp.refresh_log, stp_internal.failure) IS
    'Logs a failure, if it is not that of last time, and counts it.';

CREATE FUNCTION stp_internal.reasons(changes stp_internal.input_change[]) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN (SELECT concat(min(r.reason COLLATE "C"),
                      CASE WHEN count(DISTINCT r.reason) > 1 THEN format(' and %s more', count(DISTINCT r.reason) - 1) END)
          FROM unnest(reasons.changes) c
         CROSS JOIN LATERAL (SELECT stp_internal.describe(c.input, c.code, c.first_day, c.last_day) AS reason) r);
COMMENT ON FUNCTION stp_internal.reasons(stp_internal.input_change[]) IS 'The first of some changes in words, and how many more.';

-- What reads the views of the past is estimated too high, and would be compiled in vain: hence jit = off, here and below.
CREATE PROCEDURE stp_internal.note_reached(changes stp_internal.input_change[], scheme text, run_at timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    half int := cardinality(changes) / 2;
    log  stp.refresh_log;
BEGIN
    INSERT INTO stp_internal.stale (number, scheme, period, reason, recorded_at)
    SELECT (SELECT coalesce(max(s.number), 0) + 1 FROM stp_internal.stale s), r.scheme, r.period,
           stp_internal.reasons(array_agg(r.change)), max((r.change).recorded_at)
      FROM (SELECT b.scheme, p.period, b.change
              FROM stp_internal.reached_by(changes) b
             CROSS JOIN LATERAL (SELECT b.period
                                 UNION ALL SELECT * FROM stp_internal.reached_after(b.scheme, b.period)) p) r
     GROUP BY r.scheme, r.period
    -- What came and went before anybody looked leaves nothing to do, nor does a scheme that nobody has asked for.
    HAVING EXISTS (SELECT FROM stp.assessed_period a WHERE a.scheme = r.scheme AND a.period = r.period)
        OR (stp_internal.is_rateable(r.scheme, r.period)
            AND (r.scheme = note_reached.scheme
                 OR EXISTS (SELECT FROM stp_internal.scheme_as_of s WHERE s.scheme = r.scheme AND s.on_schedule)
                 OR EXISTS (SELECT FROM stp.assessed_period a WHERE a.scheme = r.scheme)
                 OR EXISTS (SELECT FROM stp_internal.stale q WHERE q.scheme = r.scheme)));
    INSERT INTO stp_internal.stale_figure (number, kept, indicator, first_day, last_day, all_charts, reason)
    SELECT (SELECT coalesce(max(s.number), 0) + 1 FROM stp_internal.stale_figure s), r.kept, r.indicator, min(r.first_day),
           max(r.last_day), bool_or(r.all_charts), stp_internal.reasons(array_agg(r.change))
      FROM (SELECT 'figures' AS kept, f.* FROM stp_internal.reached_figures(changes) f
            UNION ALL
            SELECT k.kept, '', k.first_day, k.last_day, false, k.change FROM stp_internal.reached_kept(changes) k) r
     GROUP BY r.kept, r.indicator;
EXCEPTION WHEN OTHERS THEN
    -- One of them cannot be worked out. The others can: it is looked for by halves, and stays where it was.
    IF cardinality(changes) = 1 THEN
        log.run_at := run_at;
        log.started_at := clock_timestamp();
        log.task := stp_internal.describe(changes[1].input, changes[1].code, changes[1].first_day, changes[1].last_day);
        log.error := format('%s: %s', SQLSTATE, SQLERRM);
        changes[1].failure := stp_internal.count_failure(log, changes[1].failure);
        INSERT INTO stp_internal.input_change SELECT c.* FROM unnest(changes) c;
    ELSE
        CALL stp_internal.note_reached(changes[: half], scheme, run_at);
        CALL stp_internal.note_reached(changes[half + 1 :], scheme, run_at);
    END IF;
END $$;
COMMENT ON PROCEDURE stp_internal.note_reached(stp_internal.input_change[], text, timestamptz) IS
    'Turns changes into stale figures and ratings, these by schemes that are on schedule, have been rated before, or are asked '
    'for; what fails stays a change.';

CREATE FUNCTION stp_internal.note_stale(scheme text, as_of timestamptz, run_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' AS $$
DECLARE
    changes stp_internal.input_change[];
    failed  stp_internal.input_change;
BEGIN
    PERFORM set_config('stp.as_of', coalesce(as_of::text, ''), true);
    -- One at a time, or two would delete the same rows. It is the first thing here and takes a moment.
    PERFORM stp_internal.take_turn('stp_internal.input_change'::regclass);
    -- What was changed in many statements is asked about once, and so is whether it has failed before. What was not known as of
    -- the time that is set is asked about later. Marks of sources that are not switched on go.
    WITH taken AS (DELETE FROM stp_internal.input_change c
                    WHERE CASE WHEN stp_internal.stale_source(c.input, c.code) IS NULL THEN stp_internal.was_known(c.recorded_at)
                               ELSE stp_internal.stale_source(c.input, c.code)
                                    NOT IN (SELECT o.source FROM stp.observation_source o) END
                RETURNING c.*)
    SELECT array_agg(ROW(t.*)::stp_internal.input_change) INTO changes
      FROM (SELECT DISTINCT ON (c.input, c.code, c.first_day, c.last_day)
                   c.input, c.code, c.first_day, c.last_day, max(c.recorded_at) OVER same, c.transaction, c.marked_at, c.failure
              FROM taken c WHERE stp_internal.stale_source(c.input, c.code) IS NULL
            WINDOW same AS (PARTITION BY c.input, c.code, c.first_day, c.last_day)
             ORDER BY c.input, c.code, c.first_day, c.last_day, (c.failure).failures DESC NULLS LAST) t;
    FOR failed IN SELECT c.* FROM unnest(changes) c WHERE (c.failure).error IS NOT NULL LOOP
        CALL stp_internal.note_reached(ARRAY[failed], scheme, run_at);
    END LOOP;
    SELECT array_agg(c) INTO changes FROM unnest(changes) c WHERE (c.failure).error IS NULL;
    IF changes IS NOT NULL THEN
        CALL stp_internal.note_reached(changes, scheme, run_at);
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp_internal.note_stale(text, timestamptz, timestamptz) IS
    'Turns the changes that were known as of a time into stale ratings; the second step of stp.refresh().';

--------------------------------------------------------------------------------------------------------------
-- Refresh
--------------------------------------------------------------------------------------------------------------

CREATE PROCEDURE stp_internal.refresh_source(source text, run_at timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    log      stp.refresh_log;
    marks    stp_internal.input_change[];
    is_whole boolean;
BEGIN
    log.run_at := run_at;
    log.started_at := clock_timestamp();
    log.task := stp_internal.describe('source', source, '-infinity', 'infinity');
    log.status := 'done';
    -- First the marks, then the rows: what is marked in between is in them, and stays marked.
    WITH gone AS (DELETE FROM stp_internal.input_change c
                   WHERE stp_internal.stale_source(c.input, c.code) = refresh_source.source
               RETURNING c.*)
    SELECT array_agg(ROW(g.*)::stp_internal.input_change ORDER BY (g.failure).failures DESC NULLS LAST, g.marked_at),
           bool_or(g.input = 'source')
      INTO marks, is_whole FROM gone g;
    -- Another refresh has taken it since this one looked.
    IF marks IS NULL THEN
        RETURN;
    END IF;
    BEGIN
        CALL stp_internal.take_observations(source, CASE WHEN NOT is_whole THEN marks END, log.rows);
        -- What would fail at the commit fails here.
        SET CONSTRAINTS ALL IMMEDIATE;
        -- What stands in for it where it has nothing is another now.
        INSERT INTO stp_internal.input_change (input, code, first_day, last_day, recorded_at)
        SELECT 'source', o.source, '-infinity', 'infinity', '-infinity'
          FROM stp.observation_source o JOIN stp_internal.source s ON s.source = stp_internal.kind_of_source(o.source)
         WHERE s.tables @> ARRAY[refresh_source.source] AND o.source <> refresh_source.source AND log.rows > 0
            ON CONFLICT DO NOTHING;
        log.finished_at := clock_timestamp();
        INSERT INTO stp.refresh_log SELECT log.*;
    EXCEPTION WHEN OTHERS THEN
        log.rows := NULL;
        log.error := format('%s: %s', SQLSTATE, SQLERRM);
        -- The next time it is taken as a whole.
        marks[1].input := 'source';
        marks[1].code := source;
        marks[1].first_day := '-infinity';
        marks[1].last_day := 'infinity';
        marks[1].failure := stp_internal.count_failure(log, marks[1].failure);
        INSERT INTO stp_internal.input_change SELECT (marks[1]).*;
    END;
END $$;
COMMENT ON PROCEDURE stp_internal.refresh_source(text, timestamptz) IS
    'Takes the observations of a source, or notes why it failed.';

CREATE FUNCTION stp_internal.begin_refresh(scheme text, as_of timestamptz, run_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET stp.as_of = '' SET datestyle = 'ISO' AS $$
DECLARE
    next text;
BEGIN
    IF as_of > clock_timestamp() THEN
        RAISE EXCEPTION 'as_of % is in the future', as_of
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a past time, or nothing for the present.';
    END IF;
    IF NOT EXISTS (SELECT FROM stp.scheme s WHERE s.scheme = begin_refresh.scheme
                   UNION ALL SELECT FROM stp.assessed_period a WHERE a.scheme = begin_refresh.scheme) AND scheme IS NOT NULL THEN
        RAISE EXCEPTION 'unknown scheme "%"', scheme
              USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT scheme FROM stp.scheme lists them.';
    END IF;
    -- Asked for by name for the first time: everything is new.
    INSERT INTO stp_internal.input_change (input, code, first_day, last_day, recorded_at)
    SELECT 'scheme', s.scheme, '-infinity', 'infinity', m.recorded_at FROM stp.scheme s
      JOIN (VALUES (timestamptz '-infinity', true), (run_at, as_of IS NOT NULL)) m (recorded_at, needed) ON m.needed
     WHERE s.scheme = begin_refresh.scheme AND NOT s.on_schedule
       AND NOT EXISTS (SELECT FROM stp.assessed_period a WHERE a.scheme = s.scheme);
    -- The past is as it was. What another refresh takes is left to it.
    LOOP
        SELECT s.source INTO next FROM stp.observation_source s
         WHERE as_of IS NULL AND s.source > coalesce(next, '') COLLATE "C"
           AND EXISTS (SELECT FROM stp_internal.input_change c
                        WHERE stp_internal.stale_source(c.input, c.code) = s.source)
         ORDER BY s.source COLLATE "C" LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        CALL stp_internal.refresh_source(next, run_at);
    END LOOP;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp_internal.begin_refresh(text, timestamptz, timestamptz) IS
    'Takes the observations of the sources that have changed; the first step of stp.refresh(). Errors: those of stp.refresh().';

-- The next rating of the queue that no other refresh holds, and that this one has not tried. A rating is never set back to an
-- earlier time than it was computed as of.
CREATE FUNCTION stp_internal.take_stale(for_scheme text, as_of timestamptz, run_at timestamptz) RETURNS stp_internal.stale
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first stp_internal.stale;
BEGIN
    SELECT s.* INTO first FROM stp_internal.stale s
     WHERE s.scheme = coalesce(for_scheme, s.scheme) AND ((s.failure).failed_at < run_at) IS NOT FALSE
       AND NOT EXISTS (SELECT FROM stp_internal.stale e WHERE e.scheme = s.scheme AND e.period = s.period AND e.number < s.number)
       AND (take_stale.as_of IS NULL
            OR EXISTS (SELECT FROM stp_internal.stale k
                        WHERE k.scheme = s.scheme AND k.period = s.period AND stp_internal.was_known(k.recorded_at))
               AND NOT EXISTS (SELECT FROM stp.assessed_period a
                                WHERE a.scheme = s.scheme AND a.period = s.period AND a.as_of >= take_stale.as_of))
     ORDER BY stp.last_day(s.period) DESC, s.scheme, stp.first_day(s.period) LIMIT 1 FOR UPDATE SKIP LOCKED;
    RETURN first;
END $$;
COMMENT ON FUNCTION stp_internal.take_stale(text, timestamptz, timestamptz) IS
    'Locks the first mark of the rating that is to be done next, until this transaction ends; NULL: none is left.';

-- The past is not what is shown: figures are those of now.
CREATE FUNCTION stp_internal.take_stale_figure(for_scheme text, as_of timestamptz, run_at timestamptz)
RETURNS stp_internal.stale_figure
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first stp_internal.stale_figure;
BEGIN
    SELECT f.* INTO first FROM stp_internal.stale_figure f
     WHERE take_stale_figure.as_of IS NULL AND ((f.failure).failed_at < run_at) IS NOT FALSE
       AND (for_scheme IS NULL OR EXISTS (SELECT FROM stp_internal.scheme_leaf l
                                           WHERE l.scheme = for_scheme AND l.indicator = f.indicator))
       AND NOT EXISTS (SELECT FROM stp_internal.stale_figure e
                        WHERE e.kept = f.kept AND e.indicator = f.indicator AND e.number < f.number)
     ORDER BY f.kept, f.indicator LIMIT 1 FOR UPDATE SKIP LOCKED;
    RETURN first;
END $$;
COMMENT ON FUNCTION stp_internal.take_stale_figure(text, timestamptz, timestamptz) IS
    'Locks the first mark of the indicator whose figures, or of the delays or money that are to be done next, until this '
    'transaction ends; NULL: none is left.';

CREATE FUNCTION stp_internal.refresh_next_figure(scheme text, as_of timestamptz, run_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' AS $$
DECLARE
    first stp_internal.stale_figure := stp_internal.take_stale_figure(scheme, as_of, run_at);
    gone  record;
    log   stp.refresh_log;
BEGIN
    IF first.number IS NULL THEN
        RETURN false;
    END IF;
    log.run_at := run_at;
    log.started_at := clock_timestamp();
    log.task := concat_ws(' ', first.kept, nullif(first.indicator, ''));
    log.status := 'done';
    BEGIN
        WITH gone AS (DELETE FROM stp_internal.stale_figure f
                       WHERE f.kept = first.kept AND f.indicator = first.indicator RETURNING f.*)
        SELECT min(g.first_day) AS first_day, max(g.last_day) AS last_day, bool_or(g.all_charts) AS all_charts,
               string_agg(g.reason, '; ' ORDER BY g.number) AS reason INTO gone FROM gone g;
        log.reason := gone.reason;
        IF first.kept = 'figures' THEN
            CALL stp_internal.replace_figures(first.indicator, gone.first_day, gone.last_day, gone.all_charts, log.rows);
        ELSE
            CALL stp_internal.replace_kept(first.kept, gone.first_day, gone.last_day, log.rows);
        END IF;
        log.finished_at := clock_timestamp();
        INSERT INTO stp.refresh_log SELECT log.*;
    EXCEPTION WHEN OTHERS THEN
        log.rows := NULL;
        log.error := format('%s: %s', SQLSTATE, SQLERRM);
        UPDATE stp_internal.stale_figure f SET failure = stp_internal.count_failure(log, first.failure)
         WHERE f.kept = first.kept AND f.indicator = first.indicator AND f.number = first.number;
    END;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp_internal.refresh_next_figure(text, timestamptz, timestamptz) IS
    'Does the figures of the next indicator of the queue, or the delays or money, in the transaction of the caller, and logs it; '
    'false: none is left.';

CREATE FUNCTION stp_internal.refresh_next(scheme text, as_of timestamptz, run_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET jit = off AS $$
DECLARE
    first stp_internal.stale;
    log   stp.refresh_log;
BEGIN
    PERFORM set_config('stp.as_of', coalesce(as_of::text, ''), true);
    -- Held before the snapshot of the statements below is taken: they see what the last holder did.
    first := stp_internal.take_stale(scheme, as_of, run_at);
    IF first.number IS NULL THEN
        RETURN stp_internal.refresh_next_figure(scheme, as_of, run_at);
    END IF;
    log.run_at := run_at;
    log.started_at := clock_timestamp();
    log.task := format('rating %s %s', first.scheme, first.period);
    log.scheme := first.scheme;
    log.period := first.period;
    log.status := 'done';
    BEGIN
        -- First the marks, then the computation: what is marked in between is in it, and stays marked.
        WITH gone AS (DELETE FROM stp_internal.stale s
                       WHERE s.scheme = first.scheme AND s.period = first.period AND stp_internal.was_known(s.recorded_at)
                   RETURNING s.*)
        SELECT string_agg(g.reason, '; ' ORDER BY g.number) INTO log.reason FROM gone g;
        CALL stp_internal.replace_rating(first.scheme, first.period, as_of, log.rows);
        log.finished_at := clock_timestamp();
        INSERT INTO stp.refresh_log SELECT log.*;
    EXCEPTION WHEN OTHERS THEN
        log.rows := NULL;
        log.error := format('%s: %s', SQLSTATE, SQLERRM);
        UPDATE stp_internal.stale s SET failure = stp_internal.count_failure(log, first.failure)
         WHERE s.scheme = first.scheme AND s.period = first.period AND s.number = first.number;
    END;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp_internal.refresh_next(text, timestamptz, timestamptz) IS
    'Does the next rating of the queue, or (when none is left) the next figures, in the transaction of the caller, and logs it; '
    'false: nothing is left. The third step of stp.refresh(), over and over.';

CREATE FUNCTION stp_internal.end_refresh(scheme text, as_of timestamptz, run_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    failed text[];
    errors text;
BEGIN
    SELECT array_agg(f.task), string_agg(format('%s: %s', f.task, f.error), E'\n') INTO failed, errors
      FROM (SELECT * FROM stp.refresh_failing q WHERE q.failed_at >= run_at
                AND (q.scheme IS NULL OR q.scheme = coalesce(end_refresh.scheme, q.scheme))
                    ORDER BY q.failing_since, q.task COLLATE "C") f;
    IF failed IS NOT NULL THEN
        RAISE EXCEPTION 'stp.refresh: % failed: %', cardinality(failed),
                        concat(array_to_string(failed[:10], ', '), CASE WHEN cardinality(failed) > 10 THEN ' ...' END)
              USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = left(errors, 4000),
                    HINT = 'All else is done. SELECT * FROM stp.refresh_failing: the next refresh tries again.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp_internal.end_refresh(text, timestamptz, timestamptz) IS
    'Raises one error that names what failed since the refresh began, if anything did; the last step of stp.refresh().';

CREATE PROCEDURE stp.refresh(scheme text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_refresh';
COMMENT ON PROCEDURE stp.refresh(text, timestamptz) IS
    'Rates again what has become stale, and nothing else: of one scheme, or (NULL) of all that are on schedule or have been '
    'rated before; and then brings the figures, charts and funnels up to date that stp_bi shows, of the indicators of the '
    'scheme, or (NULL) of all, but for as_of. One transaction for each scheme and period, and for each indicator; several '
    'refreshes share the work. What fails stays stale, the others go on, and in the end one error names what failed: '
    'stp.refresh_failing has it until it has gone well. as_of: read '
    'all tables as they stood then, and take only the changes that were committed until then, so that all periods rest on one '
    'moment; a rating that was computed as of a later time is left alone; NULL: each period as the tables stand when its turn '
    'comes. It reads and writes with the rights of the extension''s owner, so that whoever may execute it needs no others. Does '
    'nothing on a standby. Errors: 25001 inside a transaction block; 22023 unknown scheme, as_of in the future; 55000 something '
    'failed.';

SELECT pg_catalog.pg_extension_config_dump('stp_internal.stale', '');
SELECT pg_catalog.pg_extension_config_dump('stp_internal.stale_figure', '');
SELECT pg_catalog.pg_extension_config_dump('stp.refresh_log', '');

-- What is done is public. What triggers and stp.refresh() write can otherwise only be filled by who created the extension, to
-- restore a dump.
GRANT SELECT ON stp_internal.stale, stp_internal.stale_figure, stp_internal.taken_period, stp.refresh_log,
    stp.refresh_queue, stp.refresh_failing TO PUBLIC;
GRANT SELECT ON stp_internal.stale, stp_internal.stale_figure, stp.refresh_log TO @extowner@ WITH GRANT OPTION;
GRANT DELETE ON stp.refresh_log TO @extowner@ WITH GRANT OPTION;
GRANT INSERT ON stp_internal.stale, stp_internal.stale_figure, stp.refresh_log TO @extowner@;
