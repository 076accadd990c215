-- Module kept: ratings that are kept, and beside them what BI tools show of them, which cannot wait for it or pass arguments.
-- The rows are those of the functions that say it. No foreign keys: what is derived goes when stp.refresh() finds that it is no
-- longer so, and nobody else writes it.

--------------------------------------------------------------------------------------------------------------
-- Ratings
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.assessed_period
(
    scheme       text NOT NULL,
    period       stp.period NOT NULL,
    as_of        timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    moved        boolean NOT NULL,
    PRIMARY KEY (scheme, period)
);
-- How many periods lie between two days, for the planner.
CREATE INDEX assessed_first_day ON stp.assessed_period (stp.first_day(period));
CREATE INDEX assessed_last_day ON stp.assessed_period (stp.last_day(period));
COMMENT ON TABLE stp.assessed_period IS
    'Which schemes are rated in which periods, and when that was last done. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessed_period.as_of IS 'As of when the tables were read.';
COMMENT ON COLUMN stp.assessed_period.refreshed_at IS 'When the rating was computed.';
COMMENT ON COLUMN stp.assessed_period.moved IS
    'Whether boundaries have moved since the last day of the period before: what it compares with is in stp.assessment_before.';

CREATE TABLE stp.assessment_node
(
    scheme text NOT NULL,
    period stp.period NOT NULL,
    LIKE stp.rating_row INCLUDING COMMENTS,
    PRIMARY KEY (scheme, period, unit, node)
);
ALTER TABLE stp.assessment_node
    ALTER depth SET NOT NULL, ALTER place SET NOT NULL, ALTER name SET NOT NULL, ALTER status SET NOT NULL;
-- Tools ask for one unit, or one indicator, of all schemes and periods.
CREATE INDEX assessment_of_unit ON stp.assessment_node (unit, scheme, period);
CREATE INDEX assessment_of_indicator ON stp.assessment_node (indicator);
CREATE INDEX assessment_root ON stp.assessment_node (scheme, period, unit) WHERE parent IS NULL;
COMMENT ON TABLE stp.assessment_node IS
    'Current ratings with all their nodes: the rows of stp.assess(), kept. Written by stp.refresh().';

CREATE VIEW stp.assessment WITH (security_invoker = true) AS
SELECT n.scheme, n.period, n.unit, n.peer_group, n.score, n.coverage, n.rank, n.category, n.override, n.status
  FROM stp.assessment_node n
 WHERE n.parent IS NULL;
COMMENT ON VIEW stp.assessment IS 'Current ratings: the roots of stp.assessment_node.';
CALL stp.copy_comments('stp.assessment_node', 'stp.assessment');

CREATE TABLE stp.assessment_before
(
    scheme text NOT NULL,
    period stp.period NOT NULL,
    unit   text NOT NULL,
    score  float8,
    rank   int,
    PRIMARY KEY (scheme, period, unit)
);
COMMENT ON TABLE stp.assessment_before IS
    'Of current ratings since whose period before boundaries have moved, how the units stood in that period on the boundaries of '
    'now: the roots of stp.assess() with boundaries, kept. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessment_before.period IS 'The period of the rating, not the one before.';
COMMENT ON COLUMN stp.assessment_before.score IS 'Score in the period before.';
COMMENT ON COLUMN stp.assessment_before.rank IS 'Rank in the period before, 1 = best.';

--------------------------------------------------------------------------------------------------------------
-- Beside a rating: of schemes whose keeps_detail is true, and of cohorts of at most 2,000 units
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.assessment_robustness
(
    scheme      text NOT NULL,
    period      stp.period NOT NULL,
    unit        text NOT NULL,
    category    text NOT NULL,
    probability float8,
    rank_low    int,
    rank_median int,
    rank_high   int,
    PRIMARY KEY (scheme, period, unit, category)
);
COMMENT ON TABLE stp.assessment_robustness IS
    'Of current ratings, the rows of stp.robustness() with its defaults, kept. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessment_robustness.category IS 'A category of the scheme; empty: none.';
COMMENT ON COLUMN stp.assessment_robustness.probability IS
    'Share of the draws in which the unit has this category; NULL: the scheme has none.';
COMMENT ON COLUMN stp.assessment_robustness.rank_low IS 'The rank that 5% of the draws do not exceed.';
COMMENT ON COLUMN stp.assessment_robustness.rank_median IS 'The rank that 50% of the draws do not exceed.';
COMMENT ON COLUMN stp.assessment_robustness.rank_high IS 'The rank that 95% of the draws do not exceed.';

CREATE TABLE stp.assessment_without
(
    scheme           text NOT NULL,
    period           stp.period NOT NULL,
    unit             text NOT NULL,
    node             text NOT NULL,
    name             text NOT NULL,
    indicator        text NOT NULL,
    score            float8,
    score_without    float8,
    rank             int,
    rank_without     int,
    category         text,
    category_without text,
    PRIMARY KEY (scheme, period, unit, node)
);
COMMENT ON TABLE stp.assessment_without IS
    'Of current ratings, what they would be without each of their leaves: the rows of stp.leave_one_out(), kept. Written by '
    'stp.refresh().';
COMMENT ON COLUMN stp.assessment_without.node IS 'The leaf that is left out.';
COMMENT ON COLUMN stp.assessment_without.name IS 'Name of the leaf.';
COMMENT ON COLUMN stp.assessment_without.indicator IS 'Its indicator.';
COMMENT ON COLUMN stp.assessment_without.score IS 'The overall score with it.';
COMMENT ON COLUMN stp.assessment_without.score_without IS 'The overall score without it.';
COMMENT ON COLUMN stp.assessment_without.rank IS 'The rank with it, 1 = best.';
COMMENT ON COLUMN stp.assessment_without.rank_without IS 'The rank without it, 1 = best.';
COMMENT ON COLUMN stp.assessment_without.category IS 'The category with it.';
COMMENT ON COLUMN stp.assessment_without.category_without IS 'The category without it.';

CREATE TABLE stp.assessment_change
(
    scheme       text NOT NULL,
    period       stp.period NOT NULL,
    unit         text NOT NULL,
    place        int NOT NULL,
    part         text NOT NULL,
    indicator    text,
    organisation text,
    points       float8 NOT NULL,
    PRIMARY KEY (scheme, period, unit, place)
);
COMMENT ON TABLE stp.assessment_change IS
    'Of current ratings, why the score is not that of the period before: the rows of stp.explain_change() that no other takes '
    'apart, kept; they add up to the change. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessment_change.place IS 'Order of the rows of the unit.';
COMMENT ON COLUMN stp.assessment_change.part IS
    'own data, peers'' data, reporting, membership or boundaries, weights, method.';
COMMENT ON COLUMN stp.assessment_change.indicator IS 'The indicator; NULL: what no indicator has alone.';
COMMENT ON COLUMN stp.assessment_change.organisation IS
    'Of the own data, the organisation that moved it; NULL: the people, or what changed though the value did not.';
COMMENT ON COLUMN stp.assessment_change.points IS 'Points of the score.';

-- Not movement: a chart follows reports of years before, which the rating does not.
CREATE TABLE stp.assessment_explanation
(
    scheme         text NOT NULL,
    period         stp.period NOT NULL,
    unit           text NOT NULL,
    node           text NOT NULL,
    lower          float8,
    upper          float8,
    missing_weight float8 NOT NULL,
    next_category  text,
    needed_value   float8,
    running_from   float8 NOT NULL,
    PRIMARY KEY (scheme, period, unit, node)
);
COMMENT ON TABLE stp.assessment_explanation IS
    'Of current ratings, what stp.explain() adds to the rows of stp.assessment_node, but for movement, kept. Written by '
    'stp.refresh().';
CALL stp.copy_comments('stp.explanation_row', 'stp.assessment_explanation');
COMMENT ON COLUMN stp.assessment_explanation.running_from IS
    'Points of the leaves before the node and what is below it, in the order of the tree: with its own the next begins.';

CREATE TABLE stp.assessment_cohort
(
    scheme         text NOT NULL,
    period         stp.period NOT NULL,
    peer_group     text NOT NULL,
    node           text NOT NULL,
    indicator      text NOT NULL,
    minimum        float8 NOT NULL,
    lower_quartile float8 NOT NULL,
    median         float8 NOT NULL,
    upper_quartile float8 NOT NULL,
    maximum        float8 NOT NULL,
    PRIMARY KEY (scheme, period, peer_group, node)
);
COMMENT ON TABLE stp.assessment_cohort IS
    'Of current ratings, where the values of a leaf lie among the units that are compared with one another: no row where none '
    'has a value. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessment_cohort.peer_group IS 'Within which units are compared; empty: with all.';
COMMENT ON COLUMN stp.assessment_cohort.node IS 'The leaf.';
COMMENT ON COLUMN stp.assessment_cohort.indicator IS 'Its indicator.';
COMMENT ON COLUMN stp.assessment_cohort.minimum IS 'The least value.';
COMMENT ON COLUMN stp.assessment_cohort.lower_quartile IS
    'The value below which a quarter of them lie, between two of them in proportion (percentile_cont).';
COMMENT ON COLUMN stp.assessment_cohort.median IS 'The value below which half of them lie.';
COMMENT ON COLUMN stp.assessment_cohort.upper_quartile IS 'The value below which three quarters of them lie.';
COMMENT ON COLUMN stp.assessment_cohort.maximum IS 'The greatest value.';

CREATE TABLE stp.assessment_missing
(
    scheme       text NOT NULL,
    period       stp.period NOT NULL,
    unit         text NOT NULL,
    score_low    float8,
    score_high   float8,
    categories   text[],
    exact        boolean NOT NULL,
    completeness float8,
    PRIMARY KEY (scheme, period, unit)
);
COMMENT ON TABLE stp.assessment_missing IS
    'Of current ratings, what they can become when all that is missing is known: rows of stp.missing_range(), kept. Written by '
    'stp.refresh().';

CALL stp.copy_comments('stp.missing_range_row', 'stp.assessment_missing');
COMMENT ON COLUMN stp.assessment_missing.completeness IS
    'Part of the reports that were expected for all leaves that has come, 0 to 1, by their number; NULL: none was expected.';

--------------------------------------------------------------------------------------------------------------
-- How they are replaced
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.scheme_leaf WITH (security_invoker = true) AS
SELECT DISTINCT s.scheme, s.grain, s.rates, n.indicator, least(coalesce(n.maximum_age, 12), 3600) AS maximum_age,
       coalesce(n.takes, 'latest') AS takes,
       CASE s.grain WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'half' THEN 6 ELSE 12 END AS months
  FROM stp_internal.scheme_as_of s
  JOIN stp_internal.scheme_node_as_of n ON n.scheme = s.scheme
 WHERE n.indicator IS NOT NULL;
COMMENT ON VIEW stp_internal.scheme_leaf IS 'Which schemes use which indicators.';
COMMENT ON COLUMN stp_internal.scheme_leaf.grain IS 'Length of the periods in which the scheme is rated.';
COMMENT ON COLUMN stp_internal.scheme_leaf.rates IS 'What the scheme rates.';
COMMENT ON COLUMN stp_internal.scheme_leaf.takes IS 'latest, whole or rolling 12.';
COMMENT ON COLUMN stp_internal.scheme_leaf.maximum_age IS 'Months that its latest period may end before the assessed one does.';
COMMENT ON COLUMN stp_internal.scheme_leaf.months IS 'The grain in months.';

CREATE FUNCTION stp_internal.is_rateable(scheme text, period stp.period) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN EXISTS (SELECT FROM stp_internal.scheme_leaf l
                WHERE l.scheme = is_rateable.scheme AND l.grain = stp.grain(is_rateable.period)
                  AND stp_internal.latest_period_as_of(l.indicator, is_rateable.period, l.months - 1) IS NOT NULL);
COMMENT ON FUNCTION stp_internal.is_rateable(text, stp.period) IS
    'Whether a period with observations of one of the scheme''s indicators ends in the period, and the period is of the '
    'scheme''s grain.';

CREATE FUNCTION stp_internal.have_moved(since date, until date) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN EXISTS (SELECT FROM stp_internal.membership_as_of m
                WHERE (m.valid_from > since AND m.valid_from <= until) OR (m.valid_to >= since AND m.valid_to < until))
    OR EXISTS (SELECT FROM stp_internal.system_as_of s
                WHERE (s.valid_from > since AND s.valid_from <= until) OR (s.valid_to >= since AND s.valid_to < until))
    OR EXISTS (SELECT FROM stp_internal.succession_as_of s WHERE s.day > since AND s.day <= until);
COMMENT ON FUNCTION stp_internal.have_moved(date, date) IS
    'Whether boundaries are not the same on two days: a membership or a system has begun or ended between them, or a succession.';

CREATE FUNCTION stp_internal.period_before(period stp.period) RETURNS stp.period
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
-- The calendar has a beginning.
RETURN CASE WHEN stp.first_day(period) > date '1900-04-01' THEN period - 1 END;
COMMENT ON FUNCTION stp_internal.period_before(stp.period) IS 'The period of the same grain before; NULL: the calendar begins.';

CREATE FUNCTION stp_internal.period_after(period stp.period) RETURNS stp.period
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN stp.last_day(period) < date '2200-03-31' THEN period + 1 END;
COMMENT ON FUNCTION stp_internal.period_after(stp.period) IS 'The period of the same grain after; NULL: the calendar ends.';

-- What compares each unit with each other takes hours in a cohort of tens of thousands.
CREATE FUNCTION stp_internal.has_detail(scheme text, period stp.period) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN (SELECT s.keeps_detail FROM stp_internal.scheme_as_of s WHERE s.scheme = has_detail.scheme)
   AND (SELECT count(*) BETWEEN 1 AND 2000 FROM stp.assessment a
         WHERE a.scheme = has_detail.scheme AND a.period = has_detail.period);
COMMENT ON FUNCTION stp_internal.has_detail(text, stp.period) IS
    'Whether anything is kept beside a rating: its scheme says so, and it is there.';

-- A change is of two ratings, each of which another refresh may be at. The later one waits for the other: it sees all that the
-- first did. Who is at a period takes the turn of the one after, never of one before, so that nobody waits in a circle.
CREATE PROCEDURE stp_internal.replace_change(scheme text, period stp.period)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before stp.period := stp_internal.period_before(period);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(format('stp.assessment_change %s %s', scheme, period), 0));
    DELETE FROM stp.assessment_change d WHERE d.scheme = replace_change.scheme AND d.period = replace_change.period;
    -- When the one before is stale it is done again, and with it this.
    IF stp_internal.has_detail(scheme, period) AND stp_internal.is_rateable(scheme, before)
       AND NOT EXISTS (SELECT FROM stp_internal.stale s WHERE s.scheme = replace_change.scheme AND s.period = before) THEN
        INSERT INTO stp.assessment_change
        SELECT replace_change.scheme, replace_change.period, c.unit, c.place, c.part, c.indicator, c.organisation, c.change
          FROM (SELECT c.*, lead(c.depth) OVER (PARTITION BY c.unit ORDER BY c.place) AS next_depth
                  FROM stp_internal.change_parts(replace_change.scheme, before, replace_change.period) c) c
         WHERE c.change <> 0 AND (c.next_depth <= c.depth) IS NOT FALSE;
    END IF;
END $$;
COMMENT ON PROCEDURE stp_internal.replace_change(text, stp.period) IS 'Replaces the rows of stp.assessment_change of one rating.';

CREATE PROCEDURE stp_internal.replace_explanation(scheme text, period stp.period)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new stp.assessment_explanation[];
BEGIN
    IF stp_internal.has_detail(scheme, period) THEN
        SELECT array_agg(ROW(replace_explanation.scheme, replace_explanation.period, e.unit, e.node, e.lower, e.upper,
                             e.missing_weight, e.next_category, e.needed_value,
                             coalesce(e.running_from, 0))::stp.assessment_explanation) INTO new
          FROM (SELECT e.unit, e.node, e.lower, e.upper, e.missing_weight, e.next_category, e.needed_value,
                       sum(e.contribution) FILTER (WHERE e.indicator IS NOT NULL)
                           OVER (PARTITION BY e.unit ORDER BY e.place
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS running_from
                  FROM stp.explain(replace_explanation.scheme, replace_explanation.period) e) e;
    END IF;
    -- What stays the same is not written again, as in stp_internal.replace_rating().
    DELETE FROM stp.assessment_explanation o
     WHERE o.scheme = replace_explanation.scheme AND o.period = replace_explanation.period
       AND o NOT IN (SELECT n FROM unnest(new) n);
    INSERT INTO stp.assessment_explanation
    SELECT (n).* FROM unnest(new) n
     WHERE n NOT IN (SELECT o FROM stp.assessment_explanation o
                      WHERE o.scheme = replace_explanation.scheme AND o.period = replace_explanation.period);
END $$;
COMMENT ON PROCEDURE stp_internal.replace_explanation(text, stp.period) IS
    'Replaces the rows of stp.assessment_explanation of one rating.';

-- A cohort of thousands takes more than what one operation of a query may: it is bounded by what is rated.
CREATE PROCEDURE stp_internal.replace_detail(scheme text, period stp.period)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET work_mem = '1GB' AS $$
BEGIN
    DELETE FROM stp.assessment_missing d WHERE d.scheme = replace_detail.scheme AND d.period = replace_detail.period;
    DELETE FROM stp.assessment_robustness d WHERE d.scheme = replace_detail.scheme AND d.period = replace_detail.period;
    DELETE FROM stp.assessment_without d WHERE d.scheme = replace_detail.scheme AND d.period = replace_detail.period;
    DELETE FROM stp.assessment_cohort d WHERE d.scheme = replace_detail.scheme AND d.period = replace_detail.period;
    IF stp_internal.has_detail(scheme, period) THEN
        INSERT INTO stp.assessment_robustness
        SELECT replace_detail.scheme, replace_detail.period, r.unit, coalesce(r.category, ''), r.probability, r.rank_low,
               r.rank_median, r.rank_high
          FROM stp.robustness(replace_detail.scheme, replace_detail.period) r;
        INSERT INTO stp.assessment_without
        SELECT replace_detail.scheme, replace_detail.period, l.unit, l.node, l.name, l.indicator, l.score, l.score_without,
               l.rank, l.rank_without, l.category, l.category_without
          FROM stp.leave_one_out(replace_detail.scheme, replace_detail.period) l;
        INSERT INTO stp.assessment_missing
        SELECT replace_detail.scheme, replace_detail.period, m.unit, m.score_low, m.score_high, m.categories, m.exact,
               r.reported::float8 / nullif(r.expected, 0)
          FROM stp.missing_range(replace_detail.scheme, replace_detail.period) m
          JOIN (SELECT n.unit, sum(n.organisations) AS reported, sum(n.expected) AS expected
                  FROM stp.assessment_node n
                 WHERE n.scheme = replace_detail.scheme AND n.period = replace_detail.period
                 GROUP BY n.unit) r ON r.unit = m.unit;
        INSERT INTO stp.assessment_cohort
        SELECT n.scheme, n.period, coalesce(n.peer_group, ''), n.node, n.indicator, q[1], q[2], q[3], q[4], q[5]
          FROM (SELECT n.scheme, n.period, n.peer_group, n.node, n.indicator,
                       percentile_cont(ARRAY[0, 0.25, 0.5, 0.75, 1]) WITHIN GROUP (ORDER BY n.value) AS q
                  FROM stp.assessment_node n
                 WHERE n.scheme = replace_detail.scheme AND n.period = replace_detail.period AND n.value IS NOT NULL
                   AND n.indicator IS NOT NULL
                 GROUP BY n.scheme, n.period, n.peer_group, n.node, n.indicator) n;
    END IF;
    CALL stp_internal.replace_explanation(scheme, period);
    CALL stp_internal.replace_change(scheme, period);
    -- What was computed as of a later time stays.
    IF NOT EXISTS (SELECT FROM stp.assessed_period a
                    WHERE a.scheme = replace_detail.scheme AND a.period = stp_internal.period_after(replace_detail.period)
                      AND a.as_of > nullif(current_setting('stp.as_of', true), '')::timestamptz) THEN
        CALL stp_internal.replace_change(scheme, stp_internal.period_after(period));
    END IF;
END $$;
COMMENT ON PROCEDURE stp_internal.replace_detail(text, stp.period) IS
    'Replaces what is kept beside one rating, and how the next one has changed from it.';

CREATE FUNCTION stp_internal.replace_before(scheme text, period stp.period, rateable boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before stp.period := stp_internal.period_before(period);
    moved  boolean := rateable AND coalesce(stp_internal.have_moved(stp.last_day(before), stp.last_day(period)), false);
BEGIN
    DELETE FROM stp.assessment_before b WHERE b.scheme = replace_before.scheme AND b.period = replace_before.period;
    IF moved AND stp_internal.is_rateable(scheme, before) THEN
        INSERT INTO stp.assessment_before
        SELECT replace_before.scheme, replace_before.period, a.unit, a.score, a.rank
          FROM stp.assess(replace_before.scheme, before, boundaries => stp.last_day(replace_before.period)) a
         WHERE a.parent IS NULL;
    END IF;
    RETURN moved;
END $$;
COMMENT ON FUNCTION stp_internal.replace_before(text, stp.period, boolean) IS
    'Replaces the rows of stp.assessment_before of one rating, of which there are none if it is not rateable; whether there may '
    'be any.';

CREATE PROCEDURE stp_internal.replace_rating(scheme text, period stp.period, as_of timestamptz, INOUT rows int)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun    timestamptz := clock_timestamp();
    rateable boolean := stp_internal.is_rateable(scheme, period);
    moved    boolean;
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
    moved := stp_internal.replace_before(scheme, period, rateable);
    DELETE FROM stp.assessed_period a WHERE a.scheme = replace_rating.scheme AND a.period = replace_rating.period;
    IF rateable THEN
        INSERT INTO stp.assessed_period (scheme, period, as_of, refreshed_at, moved)
        VALUES (replace_rating.scheme, replace_rating.period, coalesce(replace_rating.as_of, begun), clock_timestamp(), moved);
    END IF;
    CALL stp_internal.replace_detail(replace_rating.scheme, replace_rating.period);
END $$;
COMMENT ON PROCEDURE stp_internal.replace_rating(text, stp.period, timestamptz, int) IS
    'Replaces the rows of one rating by those of stp.assess(), or takes them out if nothing is left to be rated; gives the '
    'number of rows of nodes that were written.';

SELECT pg_catalog.pg_extension_config_dump('stp.assessed_period', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_node', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_before', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_robustness', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_without', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_change', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_missing', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_explanation', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_cohort', '');

-- A rating tells what was reported, so that it too is not public until its owner says so.
GRANT SELECT ON stp_internal.scheme_leaf, stp.assessed_period, stp.assessment TO PUBLIC;
GRANT SELECT ON stp.assessed_period, stp.assessment_node, stp.assessment_before, stp.assessment_robustness,
    stp.assessment_without, stp.assessment_change, stp.assessment_missing, stp.assessment_explanation, stp.assessment_cohort
    TO @extowner@ WITH GRANT OPTION;
-- To restore a dump.
GRANT INSERT ON stp.assessed_period, stp.assessment_node, stp.assessment_before, stp.assessment_robustness,
    stp.assessment_without, stp.assessment_change, stp.assessment_missing, stp.assessment_explanation, stp.assessment_cohort
    TO @extowner@;
