-- Module refresh: ratings that are kept, and brought up to date by what has changed.
--
--   a change ──trigger──▶ input_change ──which ratings does it reach?──▶ stale ──stp.assess()──▶ assessment
--
-- Writers only say what they changed. Working out which ratings that reaches is left to stp.refresh(), so that a load
-- pays for one DISTINCT. Both lists only ever grow by rows of new keys and lose the rows that somebody has seen:
-- nobody waits for anybody, and what is marked while a refresh runs stays marked.
--
-- Triggers and stp.refresh() write with the rights of the owner: nobody else writes a mark or a rating.

--------------------------------------------------------------------------------------------------------------
-- Tables. No foreign keys: what is derived goes when stp.refresh() finds that it is no longer so.
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.stale
(
    scheme      text NOT NULL,
    period      stp.period NOT NULL,
    reason      text NOT NULL,
    recorded_at timestamptz NOT NULL,
    noticed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (scheme, period, noticed_at, transaction)
);
COMMENT ON TABLE stp.stale IS 'Ratings that stp.refresh() has found to be stale and not rated again yet.';
COMMENT ON COLUMN stp.stale.scheme IS 'The scheme.';
COMMENT ON COLUMN stp.stale.period IS 'The period.';
COMMENT ON COLUMN stp.stale.reason IS 'What has changed.';
COMMENT ON COLUMN stp.stale.recorded_at IS 'When the last of these changes was recorded.';
COMMENT ON COLUMN stp.stale.noticed_at IS 'When a refresh found out.';
COMMENT ON COLUMN stp.stale.transaction IS 'The transaction in which it did.';

CREATE TABLE stp.assessed_period
(
    scheme       text NOT NULL,
    period       stp.period NOT NULL,
    as_of        timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    PRIMARY KEY (scheme, period)
);
COMMENT ON TABLE stp.assessed_period IS 'Which schemes are rated in which periods, and when that was last done. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessed_period.scheme IS 'The scheme.';
COMMENT ON COLUMN stp.assessed_period.period IS 'The period.';
COMMENT ON COLUMN stp.assessed_period.as_of IS 'As of when the tables were read.';
COMMENT ON COLUMN stp.assessed_period.refreshed_at IS 'When the rating was computed.';

-- The columns of stp.assess(), once and for all that keep its rows.
CREATE TABLE stp.assessment_node
(
    scheme           text NOT NULL,
    period           stp.period NOT NULL,
    unit             text NOT NULL,
    peer_group       text,
    node             text NOT NULL,
    parent           text,
    depth            int NOT NULL,
    place            int NOT NULL,
    name             text NOT NULL,
    indicator        text,
    value            float8,
    value_unit       text,
    value_period     text,
    organisations    bigint,
    score            float8,
    weight           float8,
    effective_weight float8,
    contribution     float8,
    coverage         float8,
    rank             int,
    category         text,
    override         text,
    status           text NOT NULL,
    PRIMARY KEY (scheme, period, unit, node)
);
COMMENT ON TABLE stp.assessment_node IS 'Current ratings with all their nodes: the rows of stp.assess(), kept. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessment_node.scheme IS 'The scheme.';
COMMENT ON COLUMN stp.assessment_node.period IS 'The assessed period.';
COMMENT ON COLUMN stp.assessment_node.unit IS 'The system, region, place or organisation that is rated.';
COMMENT ON COLUMN stp.assessment_node.peer_group IS 'The group within which it is compared; NULL: with all.';
COMMENT ON COLUMN stp.assessment_node.node IS 'The node of the scheme.';
COMMENT ON COLUMN stp.assessment_node.parent IS 'The node above; NULL for the overall rating.';
COMMENT ON COLUMN stp.assessment_node.depth IS 'Levels below the root.';
COMMENT ON COLUMN stp.assessment_node.place IS 'Order of the nodes in the tree.';
COMMENT ON COLUMN stp.assessment_node.name IS 'Name of the node.';
COMMENT ON COLUMN stp.assessment_node.indicator IS 'The indicator of a leaf.';
COMMENT ON COLUMN stp.assessment_node.value IS 'Value of the indicator.';
COMMENT ON COLUMN stp.assessment_node.value_unit IS 'Unit of the value.';
COMMENT ON COLUMN stp.assessment_node.value_period IS 'Label of the period that the value is of.';
COMMENT ON COLUMN stp.assessment_node.organisations IS 'How many organisations reported.';
COMMENT ON COLUMN stp.assessment_node.score IS 'Score, normalised or combined.';
COMMENT ON COLUMN stp.assessment_node.weight IS 'Share of the whole by the scheme.';
COMMENT ON COLUMN stp.assessment_node.effective_weight IS 'Share of the whole after the weight of what is missing has gone to its siblings.';
COMMENT ON COLUMN stp.assessment_node.contribution IS 'Part of the overall score.';
COMMENT ON COLUMN stp.assessment_node.coverage IS 'Share of the weight that is present.';
COMMENT ON COLUMN stp.assessment_node.rank IS 'Rank, 1 = best.';
COMMENT ON COLUMN stp.assessment_node.category IS 'Category of the overall rating.';
COMMENT ON COLUMN stp.assessment_node.override IS 'Names of the rules of the scheme that fired.';
COMMENT ON COLUMN stp.assessment_node.status IS 'ok, partial, no data, zero denominator, constant cohort, low coverage, undefined mean.';

CREATE TABLE stp.assessment
(
    scheme     text NOT NULL,
    period     stp.period NOT NULL,
    unit       text NOT NULL,
    peer_group text,
    score      float8,
    coverage   float8,
    rank       int,
    category   text,
    override   text,
    status     text NOT NULL,
    PRIMARY KEY (scheme, period, unit)
);
COMMENT ON TABLE stp.assessment IS 'Current ratings: the roots of stp.assessment_node. Written by stp.refresh().';

CALL stp.copy_comments('stp.assessment_node', 'stp.assessment');

CREATE TABLE stp.refresh_log
(
    run_at      timestamptz NOT NULL,
    pid         int NOT NULL,
    position    int NOT NULL,
    scheme      text,
    period      stp.period,
    reason      text NOT NULL,
    status      text NOT NULL DEFAULT 'waiting'
                CHECK (status = ANY (ARRAY['waiting', 'done', 'skipped', 'failed', 'abandoned'])),
    started_at  timestamptz,
    finished_at timestamptz,
    rows        bigint,
    error       text,
    PRIMARY KEY (run_at, pid, position)
);
CREATE INDEX refresh_log_waiting ON stp.refresh_log (pid) WHERE status = 'waiting';
COMMENT ON TABLE stp.refresh_log IS 'What stp.refresh() did: one row for each rating that a run found stale, and for each change that it could not work out. Old rows may be deleted.';
COMMENT ON COLUMN stp.refresh_log.run_at IS 'When the run began.';
COMMENT ON COLUMN stp.refresh_log.pid IS 'Process of the run.';
COMMENT ON COLUMN stp.refresh_log.position IS 'Order within the run; 0: a change that could not be worked out.';
COMMENT ON COLUMN stp.refresh_log.scheme IS 'The scheme; NULL for a change that was set aside.';
COMMENT ON COLUMN stp.refresh_log.period IS 'The period.';
COMMENT ON COLUMN stp.refresh_log.reason IS 'Why it was stale.';
COMMENT ON COLUMN stp.refresh_log.status IS 'waiting: its turn has not come. done. skipped: another refresh holds it, or has done it. failed: see error; it stays stale. abandoned: the run ended before its turn; it stays stale.';
COMMENT ON COLUMN stp.refresh_log.started_at IS 'When its turn came.';
COMMENT ON COLUMN stp.refresh_log.finished_at IS 'When it was through.';
COMMENT ON COLUMN stp.refresh_log.rows IS 'Rows of stp.assessment_node that were new or changed.';
COMMENT ON COLUMN stp.refresh_log.error IS 'SQLSTATE and message, if it failed; who was faster, if it was skipped.';

--------------------------------------------------------------------------------------------------------------
-- From changes to stale ratings
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.scheme_leaf WITH (security_invoker = true) AS
SELECT DISTINCT s.scheme, s.grain, s.rates, n.indicator, least(coalesce(n.maximum_age, 12), 3600) AS maximum_age,
       CASE s.grain WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'half' THEN 6 ELSE 12 END AS months
  FROM stp_internal.scheme_as_of s
  JOIN stp_internal.scheme_node_as_of n ON n.scheme = s.scheme
 WHERE n.indicator IS NOT NULL;
COMMENT ON VIEW stp_internal.scheme_leaf IS 'Which schemes use which indicators.';
COMMENT ON COLUMN stp_internal.scheme_leaf.scheme IS 'The scheme.';
COMMENT ON COLUMN stp_internal.scheme_leaf.grain IS 'Length of the periods in which the scheme is rated.';
COMMENT ON COLUMN stp_internal.scheme_leaf.rates IS 'What the scheme rates.';
COMMENT ON COLUMN stp_internal.scheme_leaf.indicator IS 'The indicator.';
COMMENT ON COLUMN stp_internal.scheme_leaf.maximum_age IS 'Months that its latest period may end before the assessed one does.';
COMMENT ON COLUMN stp_internal.scheme_leaf.months IS 'The grain in months.';

CREATE FUNCTION stp_internal.is_rateable(scheme text, period stp.period) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN EXISTS (SELECT FROM stp_internal.scheme_leaf l
                WHERE l.scheme = is_rateable.scheme AND l.grain = stp.grain(is_rateable.period)
                  AND stp_internal.latest_period_as_of(l.indicator, is_rateable.period, l.months - 1) IS NOT NULL);
COMMENT ON FUNCTION stp_internal.is_rateable(text, stp.period) IS 'Whether a period with observations of one of the scheme''s indicators ends in the period, and the period is of the scheme''s grain.';

-- A leaf takes the latest period that is not too old. A change of an earlier one does not reach it; a change of that
-- period, or of a later one (whose observations are gone, or it would be the latest), does.
CREATE FUNCTION stp_internal.reached_by(changes stp_internal.input_change[])
RETURNS TABLE (scheme text, period stp.period, input text, code text, first_day date, last_day date, recorded_at timestamptz)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    WITH change AS MATERIALIZED
    (
        SELECT * FROM unnest(reached_by.changes)
    ),
    observed AS MATERIALIZED
    (
        SELECT l.*, c.*, stp.period(c.last_day, l.grain) AS own_period
          FROM change c JOIN stp_internal.scheme_leaf l ON l.indicator = c.code
         WHERE c.input = 'observation'
    ),
    own AS MATERIALIZED
    (
        SELECT DISTINCT scheme, own_period FROM observed
    ),
    -- The period in which a change's own ends, and those that begin before it is too old: of the periods that are rated, or
    -- are to be.
    candidate AS MATERIALIZED
    (
        SELECT o.*, later.period
          FROM observed o
         CROSS JOIN LATERAL (SELECT stp.period(least(o.last_day + 31 * (o.maximum_age + o.months), date '2200-03-31'), o.grain) AS last OFFSET 0) reach
         CROSS JOIN LATERAL (SELECT a.period FROM stp.assessed_period a
                              WHERE a.scheme = o.scheme AND a.period >= o.own_period AND a.period <= reach.last
                             UNION
                             SELECT w.own_period FROM own w
                              WHERE w.scheme = o.scheme AND w.own_period >= o.own_period AND w.own_period <= reach.last) later
         WHERE stp.period(stp.last_day(later.period), 'month') - stp.period(o.last_day, 'month') < greatest(o.maximum_age + 1, o.months)
    ),
    -- Memberships and populations count on the last day of the periods that the leaves take.
    dated AS MATERIALIZED
    (
        SELECT l.*, a.period
          FROM stp.assessed_period a JOIN stp_internal.scheme_leaf l ON l.scheme = a.scheme
         WHERE EXISTS (SELECT FROM change c WHERE c.input = ANY (ARRAY['membership', 'population']))
    ),
    latest AS MATERIALIZED
    (
        SELECT n.*, stp_internal.latest_period_as_of(n.indicator, n.period, n.maximum_age) AS value_period
          FROM (SELECT indicator, period, maximum_age FROM candidate
                UNION
                SELECT indicator, period, maximum_age FROM dated) n
    )
    SELECT c.scheme, c.period, c.input, c.code, c.first_day, c.last_day, c.recorded_at
      FROM candidate c
      JOIN latest v ON v.indicator = c.indicator AND v.period = c.period AND v.maximum_age = c.maximum_age
     WHERE (c.last_day, c.first_day) >= (stp.last_day(v.value_period), stp.first_day(v.value_period)) IS NOT FALSE
        -- Whether there is anything to rate may hang on a report that is too old for its leaf.
        OR (c.period = c.own_period
            AND stp_internal.is_rateable(c.scheme, c.period)
                <> EXISTS (SELECT FROM stp.assessed_period a WHERE a.scheme = c.scheme AND a.period = c.period))
    UNION ALL
    SELECT d.scheme, d.period, c.input, c.code, c.first_day, c.last_day, c.recorded_at
      FROM dated d
      JOIN latest v ON v.indicator = d.indicator AND v.period = d.period AND v.maximum_age = d.maximum_age
      JOIN stp_internal.indicator_as_of i ON i.indicator = d.indicator
      JOIN change c ON stp.last_day(v.value_period) BETWEEN c.first_day AND c.last_day
                   AND (c.input = 'membership' OR (c.input = 'population' AND i.denominator = 'population'))
    UNION ALL
    SELECT a.scheme, a.period, c.input, c.code, c.first_day, c.last_day, c.recorded_at
      FROM stp.assessed_period a
      JOIN change c ON CASE c.input
           WHEN 'scheme' THEN a.scheme = c.code
           WHEN 'indicator' THEN EXISTS (SELECT FROM stp_internal.scheme_leaf l WHERE l.scheme = a.scheme AND l.indicator = c.code)
           WHEN 'system' THEN stp.last_day(a.period) BETWEEN c.first_day AND c.last_day
           WHEN 'organisation' THEN EXISTS (SELECT FROM stp_internal.scheme_leaf l WHERE l.scheme = a.scheme AND l.rates = 'organisation')
           -- Members are rated, whether they have reported or not.
           WHEN 'membership' THEN stp.last_day(a.period) BETWEEN c.first_day AND c.last_day
                              AND EXISTS (SELECT FROM stp_internal.scheme_leaf l WHERE l.scheme = a.scheme AND l.rates = 'organisation')
           END
    UNION ALL
    -- What scores are measured by in a reference period concerns all periods.
    SELECT a.scheme, a.period, c.input, c.code, c.first_day, c.last_day, c.recorded_at
      FROM stp.assessed_period a
      JOIN stp_internal.scheme_node_as_of n ON n.scheme = a.scheme AND n.reference_period IS NOT NULL
      JOIN change c ON c.first_day <= stp.last_day(n.reference_period)
                   AND c.last_day >= (stp.last_day(n.reference_period) + 1 - make_interval(months => least(coalesce(n.maximum_age, 12), 3600) + 1))::date
                   AND (c.input = ANY (ARRAY['membership', 'population', 'system']) OR (c.input = 'observation' AND c.code = n.indicator))
    UNION ALL
    -- A scheme that is new, or has a new indicator or grain, may have periods that are not rated yet.
    SELECT l.scheme, stp.period(stp.last_day(o.period), l.grain), c.input, c.code, c.first_day, c.last_day, c.recorded_at
      FROM change c
      JOIN stp_internal.scheme_leaf l ON l.scheme = c.code
      JOIN (SELECT DISTINCT indicator, period FROM stp_internal.observation_as_of) o ON o.indicator = l.indicator
     WHERE c.input = 'scheme';
END;
COMMENT ON FUNCTION stp_internal.reached_by(stp_internal.input_change[]) IS 'The ratings that changes reach, each with the change; a rating may come more than once.';

--------------------------------------------------------------------------------------------------------------
-- Refresh
--------------------------------------------------------------------------------------------------------------

-- What reads the views of the past is estimated too high, and would be compiled in vain: hence jit = off, here and below.
CREATE PROCEDURE stp_internal.note_reached(changes stp_internal.input_change[], scheme text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    half int := cardinality(changes) / 2;
BEGIN
    INSERT INTO stp.stale (scheme, period, reason, recorded_at)
    SELECT r.scheme, r.period,
           concat(min(concat_ws(' ', r.input, nullif(r.code, ''),
                                CASE WHEN isfinite(r.first_day) THEN format('from %s', to_char(r.first_day, 'YYYY-MM-DD')) END,
                                CASE WHEN isfinite(r.last_day) THEN format('to %s', to_char(r.last_day, 'YYYY-MM-DD')) END) COLLATE "C"),
                  CASE WHEN count(DISTINCT (r.input, r.code, r.first_day, r.last_day)) > 1
                       THEN format(' and %s more', count(DISTINCT (r.input, r.code, r.first_day, r.last_day)) - 1) END),
           max(r.recorded_at)
      FROM stp_internal.reached_by(changes) r
     GROUP BY r.scheme, r.period
    -- What came and went before anybody looked leaves nothing to do, nor does a scheme that nobody has asked for.
    HAVING EXISTS (SELECT FROM stp.assessed_period a WHERE a.scheme = r.scheme AND a.period = r.period)
        OR (stp_internal.is_rateable(r.scheme, r.period)
            AND (r.scheme = note_reached.scheme
                 OR EXISTS (SELECT FROM stp_internal.scheme_as_of s WHERE s.scheme = r.scheme AND s.on_schedule)
                 OR EXISTS (SELECT FROM stp.assessed_period a WHERE a.scheme = r.scheme)))
        ON CONFLICT DO NOTHING;
EXCEPTION WHEN OTHERS THEN
    -- One of them cannot be worked out. The others can: it is looked for by halves, and set aside.
    IF cardinality(changes) = 1 THEN
        INSERT INTO stp_internal.input_change (input, code, first_day, last_day, recorded_at, failure)
        SELECT c.input, c.code, c.first_day, c.last_day, c.recorded_at, (format('%s: %s', SQLSTATE, SQLERRM), 1, now(), now())::stp_internal.failure FROM unnest(changes) c;
        INSERT INTO stp.refresh_log (run_at, pid, position, reason, status, started_at, finished_at, error)
        SELECT clock_timestamp(), pg_backend_pid(), 0, concat_ws(' ', c.input, nullif(c.code, ''), 'from', c.first_day, 'to', c.last_day),
               'failed', clock_timestamp(), clock_timestamp(), format('%s: %s', SQLSTATE, SQLERRM)
          FROM unnest(changes) c;
        RAISE WARNING 'stp.refresh: a change of % "%" is set aside: %', changes[1].input, changes[1].code, SQLERRM;
    ELSE
        CALL stp_internal.note_reached(changes[: half], scheme);
        CALL stp_internal.note_reached(changes[half + 1 :], scheme);
    END IF;
END $$;
COMMENT ON PROCEDURE stp_internal.note_reached(stp_internal.input_change[], text) IS 'Turns changes into stale ratings, by schemes that are on schedule, have been rated before, or are asked for; what fails is set aside with its error.';

CREATE PROCEDURE stp_internal.note_stale(scheme text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changes stp_internal.input_change[];
BEGIN
    -- One at a time, or two would delete the same rows. It is the first thing here and takes a moment.
    PERFORM stp_internal.take_turn('stp_internal.input_change'::regclass);
    -- What was changed in many statements is asked about once. Of what was not known as of the time that is set, later.
    -- Nothing was taken over from the sources of the present into a past.
    WITH taken AS (DELETE FROM stp_internal.input_change c
                    WHERE (c.failure).error IS NULL AND stp_internal.was_known(c.recorded_at) AND (c.input <> 'source' OR stp.as_of() = 'infinity')
                RETURNING c.*)
    SELECT array_agg(change::stp_internal.input_change) INTO changes
      FROM (SELECT DISTINCT ON (t.input, t.code, t.first_day, t.last_day) t.* FROM taken t
             ORDER BY t.input, t.code, t.first_day, t.last_day, t.recorded_at DESC) change;
    IF changes IS NOT NULL THEN
        CALL stp_internal.note_reached(changes, scheme);
    END IF;
END $$;
COMMENT ON PROCEDURE stp_internal.note_stale(text) IS 'Turns the changes that were known at stp.as_of() into stale ratings; the first half of stp.refresh().';

CREATE FUNCTION stp_internal.begin_refresh(scheme text, as_of timestamptz) RETURNS TABLE (run_at timestamptz, total int)
LANGUAGE plpgsql ROWS 1 SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' AS $$
DECLARE
    source text;
    n      int;
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
    PERFORM set_config('stp.as_of', coalesce(as_of::text, ''), true);
    -- The past is as it was.
    IF as_of IS NULL THEN
        FOR source, n IN SELECT s.source, 0 FROM stp.observation_source s
                    WHERE EXISTS (SELECT FROM stp_internal.input_change c WHERE c.input = 'source' AND c.code = s.source) ORDER BY 1
        LOOP
            CALL stp_internal.take_observations(source, n);
        END LOOP;
    END IF;
    -- Asked for by name for the first time: everything is new.
    INSERT INTO stp_internal.input_change (input, code, first_day, last_day, recorded_at)
    SELECT 'scheme', s.scheme, '-infinity', 'infinity', '-infinity' FROM stp.scheme s
     WHERE s.scheme = begin_refresh.scheme AND NOT s.on_schedule
       AND NOT EXISTS (SELECT FROM stp.assessed_period a WHERE a.scheme = s.scheme);
    CALL stp_internal.note_stale(scheme);
    -- A run that was killed left its plan behind.
    UPDATE stp.refresh_log l SET status = 'abandoned'
     WHERE l.status = 'waiting'
       AND (l.pid = pg_backend_pid() OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.pid AND a.backend_start <= l.run_at IS NOT FALSE));
    run_at := clock_timestamp();
    -- Newest periods first. A rating is never set back to an earlier time than it was computed as of.
    INSERT INTO stp.refresh_log (run_at, pid, position, scheme, period, reason)
    SELECT begin_refresh.run_at, pg_backend_pid(),
           row_number() OVER (ORDER BY stp.last_day(s.period) DESC, s.scheme, stp.first_day(s.period)),
           s.scheme, s.period, string_agg(s.reason, '; ' ORDER BY s.noticed_at)
      FROM stp.stale s
      LEFT JOIN stp.assessed_period a ON a.scheme = s.scheme AND a.period = s.period
     WHERE s.scheme = coalesce(begin_refresh.scheme, s.scheme) AND stp_internal.was_known(s.recorded_at)
       AND (begin_refresh.as_of IS NULL OR (a.as_of < begin_refresh.as_of) IS NOT FALSE)
     GROUP BY s.scheme, s.period;
    GET DIAGNOSTICS total = ROW_COUNT;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION stp_internal.begin_refresh(text, timestamptz) IS 'Writes the plan of a refresh into stp.refresh_log; gives the time that names the run, and how many ratings are stale. Errors: those of stp.refresh().';

CREATE PROCEDURE stp_internal.replace_rating(scheme text, period stp.period, as_of timestamptz, INOUT rows bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun    timestamptz := clock_timestamp();
    rateable boolean := stp_internal.is_rateable(scheme, period);
    new      stp.assessment_node[];
BEGIN
    IF rateable THEN
        SELECT array_agg(ROW(replace_rating.scheme, replace_rating.period, a.*)::stp.assessment_node)
          INTO new FROM stp.assess(replace_rating.scheme, replace_rating.period) a;
    END IF;
    -- What stays the same is not written again. NOT IN compares by hash, however little is known of the table.
    DELETE FROM stp.assessment_node o
     WHERE o.scheme = replace_rating.scheme AND o.period = replace_rating.period
       AND o NOT IN (SELECT n FROM unnest(new) n);
    INSERT INTO stp.assessment_node
    SELECT (n).* FROM unnest(new) n
     WHERE n NOT IN (SELECT o FROM stp.assessment_node o
                      WHERE o.scheme = replace_rating.scheme AND o.period = replace_rating.period);
    GET DIAGNOSTICS rows = ROW_COUNT;
    DELETE FROM stp.assessment a WHERE a.scheme = replace_rating.scheme AND a.period = replace_rating.period;
    INSERT INTO stp.assessment (scheme, period, unit, peer_group, score, coverage, rank, category, override, status)
    SELECT n.scheme, n.period, n.unit, n.peer_group, n.score, n.coverage, n.rank, n.category, n.override, n.status
      FROM stp.assessment_node n
     WHERE n.scheme = replace_rating.scheme AND n.period = replace_rating.period AND n.parent IS NULL;
    DELETE FROM stp.assessed_period a WHERE a.scheme = replace_rating.scheme AND a.period = replace_rating.period;
    INSERT INTO stp.assessed_period (scheme, period, as_of, refreshed_at)
    SELECT replace_rating.scheme, replace_rating.period, coalesce(replace_rating.as_of, begun), clock_timestamp()
     WHERE rateable;
END $$;
COMMENT ON PROCEDURE stp_internal.replace_rating(text, stp.period, timestamptz, bigint) IS 'Replaces the rows of one rating by those of stp.assess(), or takes them out if nothing is left to be rated; gives the number of rows of nodes that were written.';

CREATE PROCEDURE stp_internal.refresh_step(run_at timestamptz, step int, as_of timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET jit = off AS $$
DECLARE
    log stp.refresh_log;
BEGIN
    SELECT * INTO STRICT log FROM stp.refresh_log l
     WHERE l.run_at = refresh_step.run_at AND l.pid = pg_backend_pid() AND l.position = step;
    log.started_at := clock_timestamp();
    -- Held before the snapshot of the statements below is taken: they see what the last holder did.
    IF stp_internal.lock_rating(hashtext(format('%s %s', log.scheme, log.period))) THEN
        BEGIN
            PERFORM set_config('stp.as_of', coalesce(refresh_step.as_of::text, ''), true);
            -- First the marks, then the computation: what is marked in between is in it, and stays marked.
            DELETE FROM stp.stale s
             WHERE s.scheme = log.scheme AND s.period = log.period AND stp_internal.was_known(s.recorded_at);
            IF FOUND THEN
                CALL stp_internal.replace_rating(log.scheme, log.period, as_of, log.rows);
                log.status := 'done';
            ELSE
                log.status := 'skipped';
                log.error := 'another refresh has done it';
            END IF;
        EXCEPTION WHEN OTHERS THEN
            log.status := 'failed';
            log.error := format('%s: %s', SQLSTATE, SQLERRM);
            RAISE WARNING 'stp.refresh: scheme "%", %: %', log.scheme, log.period, SQLERRM;
        END;
    ELSE
        log.status := 'skipped';
        log.error := 'another refresh holds it';
        RAISE NOTICE 'stp.refresh: scheme "%", % skipped: another refresh holds it', log.scheme, log.period;
    END IF;
    UPDATE stp.refresh_log l
       SET status = log.status, started_at = log.started_at, finished_at = clock_timestamp(), rows = log.rows, error = log.error
     WHERE l.run_at = refresh_step.run_at AND l.pid = pg_backend_pid() AND l.position = step;
END $$;
COMMENT ON PROCEDURE stp_internal.refresh_step(timestamptz, int, timestamptz) IS 'Does one rating of the plan of a refresh, in the transaction of the caller, and logs it.';

CREATE FUNCTION stp_internal.lock_rating(key int) RETURNS boolean
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'stp_lock_rating';
COMMENT ON FUNCTION stp_internal.lock_rating(int) IS 'Whether this transaction may replace the rating of that hash: false while another one does.';

CREATE PROCEDURE stp.refresh(scheme text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_refresh';
COMMENT ON PROCEDURE stp.refresh(text, timestamptz) IS 'Rates again what has become stale, and nothing else: of one scheme, or (NULL) of all that are on schedule or have been rated before. One transaction for each scheme and period; what another refresh holds is skipped; what fails is logged in stp.refresh_log, and the others go on. as_of: read all tables as they stood then, and take only the changes that were committed until then, so that all periods rest on one moment; a rating that was computed as of a later time is left alone; NULL: each period as the tables stand when its turn comes. It reads and writes with the rights of the extension''s owner, so that whoever may execute it needs no others. Does nothing on a standby. Errors: 25001 inside a transaction block; 22023 unknown scheme, as_of in the future.';

CREATE VIEW stp.refresh_progress WITH (security_invoker = true) AS
SELECT l.run_at, l.pid, a.usename::text AS role, current.scheme, current.period::text AS period,
       stp.first_day(current.period) AS first_day, stp.last_day(current.period) AS last_day, current.reason,
       l.total, l.done, l.skipped, l.failed
  FROM (SELECT run_at, pid, count(*) AS total, count(*) FILTER (WHERE status = 'done') AS done,
               count(*) FILTER (WHERE status = 'skipped') AS skipped, count(*) FILTER (WHERE status = 'failed') AS failed,
               min(position) FILTER (WHERE status = 'waiting') AS position
          FROM stp.refresh_log
         WHERE (run_at, pid) IN (SELECT w.run_at, w.pid FROM stp.refresh_log w WHERE w.status = 'waiting')
         GROUP BY run_at, pid) l
  JOIN stp.refresh_log current USING (run_at, pid, position)
  -- Of other roles' processes not everybody sees more than the number.
  JOIN pg_stat_activity a ON a.pid = l.pid AND (a.backend_start <= l.run_at) IS NOT FALSE AND (a.state = 'active') IS NOT FALSE;
COMMENT ON VIEW stp.refresh_progress IS 'Refreshes that are running now: what they are at, and how much they have done.';
COMMENT ON COLUMN stp.refresh_progress.run_at IS 'When the run began.';
COMMENT ON COLUMN stp.refresh_progress.pid IS 'Its process.';
COMMENT ON COLUMN stp.refresh_progress.role IS 'Who runs it.';
COMMENT ON COLUMN stp.refresh_progress.scheme IS 'The scheme that is rated now.';
COMMENT ON COLUMN stp.refresh_progress.period IS 'Label of the period that is rated now.';
COMMENT ON COLUMN stp.refresh_progress.first_day IS 'First day of the period.';
COMMENT ON COLUMN stp.refresh_progress.last_day IS 'Last day of the period.';
COMMENT ON COLUMN stp.refresh_progress.reason IS 'Why it was stale.';
COMMENT ON COLUMN stp.refresh_progress.total IS 'Ratings that the run found stale.';
COMMENT ON COLUMN stp.refresh_progress.done IS 'Ratings done.';
COMMENT ON COLUMN stp.refresh_progress.skipped IS 'Ratings skipped.';
COMMENT ON COLUMN stp.refresh_progress.failed IS 'Ratings that failed.';

SELECT pg_catalog.pg_extension_config_dump('stp.stale', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessed_period', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_node', '');
SELECT pg_catalog.pg_extension_config_dump('stp.refresh_log', '');

-- A rating tells what was reported, so that it too is not public until its owner says so; what is done is. What triggers
-- and stp.refresh() write can otherwise only be filled by who created the extension, to restore a dump.
GRANT SELECT ON stp.stale, stp.assessed_period, stp.refresh_log,
    stp_internal.scheme_leaf, stp.refresh_progress TO PUBLIC;
GRANT SELECT ON stp.stale, stp.assessed_period, stp.assessment, stp.assessment_node, stp.refresh_log
    TO @extowner@ WITH GRANT OPTION;
GRANT DELETE ON stp.refresh_log TO @extowner@ WITH GRANT OPTION;
GRANT INSERT ON stp.stale, stp.assessed_period, stp.assessment, stp.assessment_node, stp.refresh_log
    TO @extowner@;
