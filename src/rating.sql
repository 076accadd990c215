-- Module rating: what one call of the rating engine needs. These functions gather, src/rating.c loads them into one
-- structure, src/core/assessment.c computes; stp.assess() and whatever else rates starts from here.

CREATE FUNCTION stp.cohort(scheme text, period stp.period, boundaries date DEFAULT NULL)
RETURNS TABLE (unit text, peer_group text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50 -- not STRICT: the boundaries have a default
BEGIN ATOMIC
    WITH asked AS
    (
        SELECT c.scheme, c.rates, c.peer_group, coalesce(cohort.boundaries, stp.last_day(cohort.period)) AS day
          FROM stp.scheme c WHERE c.scheme = cohort.scheme
    )
    SELECT u.unit, u.peer_group
      FROM (SELECT s.system, CASE WHEN a.peer_group = 'parent' THEN s.parent END
              FROM asked a
              JOIN stp.system s ON s.kind = a.rates AND s.valid_from <= a.day AND (s.valid_to IS NULL OR s.valid_to >= a.day)
            UNION ALL
            SELECT o.organisation,
                   CASE a.peer_group WHEN 'type' THEN o.type WHEN 'subtype' THEN o.subtype WHEN 'region' THEN o.region END
              FROM asked a
              JOIN stp.organisation o ON a.rates = 'organisation'
             WHERE (o.organisation IN (SELECT m.organisation FROM asked d
                                         JOIN stp.membership m ON m.valid_from <= d.day
                                                              AND (m.valid_to IS NULL OR m.valid_to >= d.day))
                    OR o.organisation IN (SELECT r.organisation
                                            FROM (SELECT n.indicator, c.period, c.place
                                                    FROM stp.scheme_node n
                                                   CROSS JOIN LATERAL stp_internal.candidate_periods(
                                                              n.indicator, cohort.period, coalesce(n.maximum_age, 12)) c
                                                   WHERE n.scheme = cohort.scheme OFFSET 0) leaf
                                            JOIN stp.observation r ON r.indicator = leaf.indicator AND r.period = leaf.period
                                           WHERE leaf.place = 1
                                              OR NOT EXISTS (SELECT FROM stp.membership m WHERE m.organisation = r.organisation)))
               -- What has ended counts in its successors, what is to come in its predecessors.
               AND o.organisation NOT IN (SELECT e.code
                                            FROM asked d CROSS JOIN LATERAL stp_internal.absent_on('organisation', d.day) e)
           ) u (unit, peer_group)
     -- In the order of bytes: draws follow it.
     ORDER BY u.peer_group COLLATE "C", u.unit COLLATE "C";
END;
COMMENT ON FUNCTION stp.cohort(text, stp.period, date) IS
    'What a scheme rates in a period, and the peer group of each: the systems, places or regions that exist on its last day; '
    'or the organisations that have a membership on that day, or have reported one of the scheme''s indicators for its latest '
    'period; of those that never had a membership all that have reported for a period that is not too old. Not those that '
    'have ended by stp.succession, or are to come. boundaries: another day than the last of the period.';

-- What an organisation without successions has reported is its figure as it stands. A sum over one report each took most of the
-- time of a rating of many small areas. Not STRICT, so that the planner takes it in: nothing is put aside before it is read.
CREATE FUNCTION stp_internal.own_values(indicators text[], periods stp.period[], units text[], boundaries date)
RETURNS TABLE (leaf bigint, unit bigint, value float8, numerator float8, denominator float8, spread float8, scale float8,
               organisations int, expected int, came float8, missing float8, completeness float8, restated float8, months int,
               months_expected int, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 700
BEGIN ATOMIC
    SELECT leaf.number, cohort.number, f.value, f.numerator, f.denominator, f.spread, f.scale, (r.missing IS NULL)::int, 1,
           f.came, r.missing, f.completeness, f.restated, NULL::int, NULL::int, f.status
      FROM ROWS FROM (unnest(own_values.indicators), unnest(own_values.periods)) WITH ORDINALITY leaf (indicator, period, number)
     CROSS JOIN LATERAL stp_internal.reports_of(leaf.indicator, leaf.period) r
      JOIN unnest(own_values.units) WITH ORDINALITY cohort (unit, number) ON cohort.unit = r.organisation
     CROSS JOIN LATERAL stp_internal.figure(leaf.indicator, leaf.period, NULL, r.numerator, r.denominator, r.value,
         CASE WHEN r.value IS NOT NULL THEN 1 END, r.hidden, r.missing, (r.missing IS NULL)::int, r.status = 'inferred',
         boundaries => own_values.boundaries) f
     -- Asked of each unit, not of each report.
     WHERE cohort.unit NOT IN (SELECT h.code FROM stp_internal.heirs('organisation', own_values.boundaries) h)
       AND (own_values.boundaries IS NULL OR stp_internal.sees_all_figures());
END;
COMMENT ON FUNCTION stp_internal.own_values(text[], stp.period[], text[], date) IS
    'stp_internal.leaf_values() of organisations that have no succession: what they reported. Error 42501: '
    'stp_internal.sees_all_figures().';

-- The sums are those of stp_internal.system_value, of periods that are given: to look for them would take as long.
CREATE FUNCTION stp_internal.summed_values(rates text, indicators text[], periods stp.period[], units text[], boundaries date)
RETURNS TABLE (leaf bigint, unit bigint, value float8, numerator float8, denominator float8, spread float8, scale float8,
               organisations int, expected int, came float8, missing float8, completeness float8, restated float8, months int,
               months_expected int, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 700
BEGIN ATOMIC
    WITH leaf AS
    (
        SELECT * FROM ROWS FROM (unnest(summed_values.indicators), unnest(summed_values.periods))
                   WITH ORDINALITY l (indicator, period, number)
    ),
    cohort AS
    (
        SELECT * FROM unnest(summed_values.units) WITH ORDINALITY c (unit, number)
    )
    SELECT t.leaf, t.unit, f.value, f.numerator, f.denominator, f.spread, f.scale, t.organisations, t.expected,
           f.came, t.missing, f.completeness, f.restated, NULL::int, NULL::int, f.status
      FROM (SELECT leaf.number AS leaf, cohort.number AS unit, min(cohort.unit) AS code,
                   stp.exact_sum(r.numerator * c.share) AS numerator,
                   stp.exact_sum(r.denominator * c.share) AS denominator,
                   stp.exact_sum(r.value * c.share) AS value,
                   stp.exact_sum(c.share) FILTER (WHERE r.value IS NOT NULL) AS shares,
                   stp.exact_sum(r.hidden * c.share) AS hidden,
                   stp.exact_sum(c.missing) AS missing,
                   stp.exact_sum(c.moved) FILTER (WHERE c.moved IS NOT NULL) AS moved,
                   (count(*) - count(c.missing))::int AS organisations, count(*)::int AS expected,
                   bool_or(r.status = 'inferred') AS inferred
              FROM leaf
             CROSS JOIN LATERAL stp_internal.reports_of(leaf.indicator, leaf.period) r
              JOIN stp_internal.shares_at(summed_values.rates, summed_values.boundaries,
                       (SELECT min(stp.last_day(p.period)) FROM unnest(summed_values.periods) p (period)),
                       (SELECT max(stp.last_day(p.period)) FROM unnest(summed_values.periods) p (period))) m
                ON m.organisation = r.organisation AND r.last_day BETWEEN m.valid_from AND m.valid_to
              JOIN cohort ON cohort.unit = m.unit
             CROSS JOIN LATERAL stp_internal.counted_part(m.share, m.own_share, m.is_known, r.numerator, r.denominator, r.value,
                                                          r.hidden, r.missing) c
             -- Mostly there are no successions, which is known before anything is joined.
             WHERE summed_values.rates <> 'organisation'
                OR (EXISTS (SELECT FROM stp.succession s WHERE s.kind = 'organisation')
                    AND m.organisation IN (SELECT h.code FROM stp_internal.heirs('organisation', summed_values.boundaries) h))
             GROUP BY leaf.number, cohort.number) t
      JOIN leaf ON leaf.number = t.leaf
     CROSS JOIN LATERAL stp_internal.figure(leaf.indicator, leaf.period,
         CASE WHEN summed_values.rates <> 'organisation' THEN t.code END, t.numerator, t.denominator, t.value, t.shares,
         t.hidden, t.missing, t.organisations, t.inferred, t.moved, summed_values.boundaries) f;
END;
COMMENT ON FUNCTION stp_internal.summed_values(text, text[], stp.period[], text[], date) IS
    'stp_internal.leaf_values() of what is a sum: of systems, and of organisations that have a succession.';

-- Which of the two there is to ask for is known when it is called: who rates systems does not have the other planned.
CREATE FUNCTION stp_internal.leaf_values(rates text, indicators text[], periods stp.period[], units text[], boundaries date)
RETURNS TABLE (leaf bigint, unit bigint, value float8, numerator float8, denominator float8, spread float8, scale float8,
               organisations int, expected int, came float8, missing float8, completeness float8, restated float8, months int,
               months_expected int, status text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 700 -- not STRICT: boundaries may be those of each report
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT v.* FROM stp_internal.summed_values(leaf_values.rates, leaf_values.indicators, leaf_values.periods,
                                               leaf_values.units, leaf_values.boundaries) v;
    IF leaf_values.rates = 'organisation' THEN
        RETURN QUERY
        SELECT v.* FROM stp_internal.own_values(leaf_values.indicators, leaf_values.periods, leaf_values.units,
                                                leaf_values.boundaries) v;
    END IF;
END $$;
COMMENT ON FUNCTION stp_internal.leaf_values(text, text[], stp.period[], text[], date) IS
    'Values of several indicators, each in its period, for a cohort, on the boundaries of a day; rates as in stp.scheme; leaf '
    'and unit are places in the arrays; the other columns are those of stp_internal.system_value. restated: what part of it '
    'counts there only on these boundaries.';

--------------------------------------------------------------------------------------------------------------
-- Several periods together
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.due_months(indicator text, first stp.period, last stp.period)
RETURNS TABLE (organisation text, period stp.period, missing float8)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 10000 ROWS 30
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH month AS
    (
        SELECT p.period, stp.last_day(p.period) AS last_day FROM stp.periods(due_months.first, due_months.last) p (period)
    ),
    absent AS MATERIALIZED
    (
        SELECT month.period, m.organisation, CASE WHEN m.last_period IS NOT NULL THEN m.missing END AS missing
          FROM month CROSS JOIN LATERAL stp_internal.missing_reports(due_months.indicator, month.period) m
    )
    SELECT a.organisation, a.period, a.missing FROM absent a
    UNION
    -- Who has to report by quarter, half or year has to for its months, of those that lie within.
    SELECT e.organisation, month.period, NULL
      FROM stp.expected_report e CROSS JOIN month
     CROSS JOIN LATERAL (SELECT stp.period(month.last_day, e.grain) AS period OFFSET 0) whole
     WHERE e.indicator = due_months.indicator AND e.grain <> 'month'
       AND e.valid_from <= stp.last_day(whole.period) AND (e.valid_to IS NULL OR e.valid_to >= stp.last_day(whole.period))
       AND stp.first_day(whole.period) >= stp.first_day(due_months.first)
       AND stp.last_day(whole.period) <= stp.last_day(due_months.last)
       AND NOT EXISTS (SELECT FROM absent a WHERE a.organisation = e.organisation AND a.period = month.period);
END $$;
COMMENT ON FUNCTION stp_internal.due_months(text, stp.period, stp.period) IS
    'The months first to last for which an indicator was expected of an organisation and has no report for the month itself. '
    'missing: its weight, if it has reported before.';

-- The coarsest are found in one pass, the longest of those that begin on a day first: NOT EXISTS would ask of each pair. Not
-- STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.all_reports(indicator text, first stp.period, last stp.period)
RETURNS TABLE (indicator text, organisation text, period stp.period, first_day date, last_day date, numerator float8,
               denominator float8, value float8, hidden float8, missing float8, status text, is_longest boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1500
BEGIN ATOMIC
    SELECT r.indicator, r.organisation, r.period, r.first_day, r.last_day, r.numerator, r.denominator, r.value, r.hidden,
           r.missing, r.status,
           (max(r.last_day) OVER (PARTITION BY r.organisation ORDER BY r.first_day, r.last_day DESC
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) >= r.last_day) IS NOT TRUE
      FROM (SELECT c.*, stp.first_day(c.period) AS first_day, stp.last_day(c.period) AS last_day
              FROM stp_internal.counted_report c
             WHERE c.indicator = all_reports.indicator
               AND stp.first_day(c.period) >= stp.first_day(all_reports.first)
               AND stp.last_day(c.period) <= stp.last_day(all_reports.last)
               AND c.period BETWEEN all_reports.first - least(1, all_reports.first - stp.month(date '1900-04-01'))
                                AND all_reports.last) r;
END;
COMMENT ON FUNCTION stp_internal.all_reports(text, stp.period, stp.period) IS
    'The reports of an indicator for months first to last, of whatever length; is_longest: no longer one of the same '
    'organisation covers it.';

-- Of an organisation the coarsest reports count. What they leave open is missing, month by month, of whoever has reported
-- within the time or is expected to; what an organisation weighs that has not reported before is the mean of its months.
-- What is open is not compared with each report: the planner takes them for one.
CREATE FUNCTION stp_internal.reports_within(indicator text, first stp.period, last stp.period)
RETURNS TABLE (organisation text, period stp.period, numerator float8, denominator float8, value float8, hidden float8,
               missing float8, status text)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1500
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH month AS
    (
        SELECT p AS period, stp.first_day(p) AS first_day, stp.last_day(p) AS last_day
          FROM stp.periods(reports_within.first, reports_within.last) p
    ),
    report AS MATERIALIZED
        (SELECT * FROM stp_internal.all_reports(reports_within.indicator, reports_within.first, reports_within.last)),
    chosen AS MATERIALIZED (SELECT * FROM report r WHERE r.is_longest),
    due AS MATERIALIZED
        (SELECT * FROM stp_internal.due_months(reports_within.indicator, reports_within.first, reports_within.last)),
    usual AS MATERIALIZED
    (
        SELECT t.organisation, t.code, t.since, t.until, t.share * stp.exact_sum(CASE i.denominator
            WHEN 'none' THEN stp_internal.months(c.period) WHEN 'reports' THEN c.denominator ELSE c.numerator END)
               / sum(stp_internal.months(c.period)) AS weight
          FROM (SELECT array_agg(c.organisation) AS reporters, array_agg(c.last_day) AS reported FROM chosen c) r
         CROSS JOIN LATERAL stp_internal.tellers(r.reporters, r.reported, stp.first_day(reports_within.first),
                                                 stp.last_day(reports_within.last)) t
          JOIN chosen c ON c.organisation = t.code AND c.last_day BETWEEN t.valid_from AND t.valid_to
          JOIN stp.indicator i USING (indicator)
         WHERE c.status IS DISTINCT FROM 'not applicable' GROUP BY t.organisation, t.code, t.share, t.since, t.until
    ),
    -- Whoever had nothing to report has not until it reports again.
    expected AS MATERIALIZED
    (
        SELECT u.organisation, month.period, stp.exact_sum(u.weight) AS weight, max(u.since) > '-infinity' AS has_turned
          FROM usual u JOIN month ON month.last_day BETWEEN u.since AND u.until
         WHERE NOT EXISTS (SELECT FROM report n
                            WHERE n.organisation = u.code AND n.status = 'not applicable' AND n.first_day <= month.first_day
                              AND NOT EXISTS (SELECT FROM report r
                                               WHERE r.organisation = n.organisation AND r.period > n.period
                                                 AND r.first_day <= month.first_day))
         GROUP BY u.organisation, month.period
    )
    SELECT c.organisation, c.period, c.numerator, c.denominator, c.value, c.hidden, c.missing, c.status
      FROM chosen c WHERE c.status IS DISTINCT FROM 'not applicable'
    UNION ALL
    SELECT open.organisation, open.period, NULL, NULL, NULL, NULL, open.missing, NULL
      FROM (SELECT organisation, period,
                   -- What was taken in may have been silent for longer than is looked back for what is due.
                   coalesce(CASE WHEN e.has_turned THEN greatest(d.missing, e.weight) ELSE d.missing END, nullif(e.weight, 0),
                            CASE WHEN d.organisation IS NOT NULL
                                 THEN (SELECT nullif(stp.exact_sum(u.weight) / count(u.weight), 0) FROM usual u) END,
                            1) AS missing
              FROM due d FULL JOIN expected e USING (organisation, period)) open
     WHERE NOT EXISTS (SELECT FROM chosen c WHERE c.organisation = open.organisation
                          AND c.first_day <= stp.first_day(open.period) AND c.last_day >= stp.last_day(open.period))
       AND (open.organisation NOT IN (SELECT p.organisation FROM stp_internal.part_time(stp.last_day(reports_within.first),
                                                                                        stp.last_day(reports_within.last)) p)
            OR stp_internal.may_report(open.organisation, stp.last_day(open.period)));
END $$;
COMMENT ON FUNCTION stp_internal.reports_within(text, stp.period, stp.period) IS
    'The reports of an indicator for months first to last, of whatever length: of each organisation the longest that lie '
    'within; and (missing IS NOT NULL) the months that they leave open.';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.taken_reports(indicator text, period stp.period, takes text)
RETURNS TABLE (organisation text, day date, back int, length int, part float8, numerator float8, denominator float8,
               value float8, hidden float8, missing float8, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 150
BEGIN ATOMIC
    SELECT r.organisation, r.last_day, 0, stp_internal.months(taken_reports.period), 1, r.numerator, r.denominator, r.value,
           r.hidden, r.missing, r.status
      FROM stp_internal.reports_of(taken_reports.indicator, taken_reports.period) r
     WHERE taken_reports.takes = 'latest'
    UNION ALL
    SELECT r.organisation, stp.last_day(r.period), span.last - stp.last_month(r.period),
           stp_internal.months(r.period),
           CASE WHEN i.over_time = 'average' THEN stp.days(r.period)::float8 / span.days ELSE 1 END,
           r.numerator, r.denominator, r.value, r.hidden, r.missing, r.status
      FROM stp.indicator i
     CROSS JOIN LATERAL (SELECT b.first, b.last, stp.last_day(b.last) - stp.first_day(b.first) + 1 AS days
                           FROM (SELECT stp_internal.first_month(taken_reports.period, taken_reports.takes),
                                        stp.last_month(taken_reports.period)) b (first, last) OFFSET 0) span
     CROSS JOIN LATERAL stp_internal.reports_within(i.indicator, span.first, span.last) r
     WHERE taken_reports.takes <> 'latest' AND i.indicator = taken_reports.indicator;
END;
COMMENT ON FUNCTION stp_internal.taken_reports(text, stp.period, text) IS
    'The reports that a leaf takes: latest, those for the period; whole, those within it; rolling 12, those of the twelve '
    'months that end with it. day: the last of their own period; back: months from it to the end of the leaf''s; length: in '
    'months; part: what they count, of an average.';

-- What a view of the figures cannot be asked for: the same sums over several periods.
CREATE FUNCTION stp_internal.taken_values(rates text, indicators text[], takes text[], periods stp.period[], units text[],
                                          boundaries date)
RETURNS TABLE (leaf bigint, unit bigint, value float8, numerator float8, denominator float8, spread float8, scale float8,
               organisations int, expected int, came float8, missing float8, completeness float8, restated float8, months int,
               months_expected int, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 700 -- not STRICT: the boundaries may be those of each report
BEGIN ATOMIC
    SELECT t.leaf, t.unit, f.value, f.numerator, f.denominator, f.spread, f.scale, t.organisations, t.expected,
           f.came, t.missing, f.completeness, f.restated, CASE WHEN t.takes <> 'latest' THEN t.months END,
           CASE t.takes WHEN 'whole' THEN stp_internal.months(t.period) WHEN 'rolling 12' THEN 12 END, f.status
      FROM (SELECT leaf.number AS leaf, leaf.indicator, leaf.takes, leaf.period, cohort.number AS unit, cohort.unit AS code,
                   stp.exact_sum(r.numerator * r.part * c.share) AS numerator,
                   stp.exact_sum(r.denominator * r.part * c.share) AS denominator,
                   stp.exact_sum(r.value * r.part * c.share) AS value,
                   stp.exact_sum(r.part * c.share) FILTER (WHERE r.value IS NOT NULL) AS shares,
                   stp.exact_sum(r.hidden * r.part * c.share) AS hidden,
                   stp.exact_sum(r.part * c.missing) AS missing,
                   stp.exact_sum(r.part * c.moved) FILTER (WHERE c.moved IS NOT NULL) AS moved,
                   count(DISTINCT r.organisation) FILTER (WHERE c.missing IS NULL)::int AS organisations,
                   count(DISTINCT r.organisation)::int AS expected,
                   bit_count(bit_or(((1 << r.length) - 1) << r.back) FILTER (WHERE c.missing IS NULL)::bit(32))::int AS months,
                   bool_or(r.status = 'inferred') AS inferred
              FROM unnest(taken_values.indicators, taken_values.takes, taken_values.periods)
                   WITH ORDINALITY leaf (indicator, takes, period, number)
             CROSS JOIN LATERAL stp_internal.taken_reports(leaf.indicator, leaf.period, leaf.takes) r
              JOIN stp_internal.shares_at(taken_values.rates, taken_values.boundaries,
                       (SELECT min(stp.first_day(coalesce(stp_internal.first_month(p.period, p.takes), p.period)))
                          FROM unnest(taken_values.periods, taken_values.takes) p (period, takes)),
                       (SELECT max(stp.last_day(p.period)) FROM unnest(taken_values.periods) p (period))) m
                ON m.organisation = r.organisation AND r.day BETWEEN m.valid_from AND m.valid_to
              JOIN unnest(taken_values.units) WITH ORDINALITY cohort (unit, number) ON cohort.unit = m.unit
             CROSS JOIN LATERAL stp_internal.counted_part(m.share, m.own_share, m.is_known, r.numerator, r.denominator, r.value,
                                                          r.hidden, r.missing) c
             GROUP BY leaf.number, leaf.indicator, leaf.takes, leaf.period, cohort.number, cohort.unit) t
     CROSS JOIN LATERAL stp_internal.figure(t.indicator, t.period,
         CASE WHEN taken_values.rates <> 'organisation' THEN t.code END, t.numerator, t.denominator, t.value, t.shares,
         t.hidden, t.missing, t.organisations, t.inferred, t.moved, taken_values.boundaries) f;
END;
COMMENT ON FUNCTION stp_internal.taken_values(text, text[], text[], stp.period[], text[], date) IS
    'What stp_internal.leaf_values() gives, of leaves that may take several periods (takes as in stp.scheme_node), on the '
    'boundaries of a day (NULL: of the last day of the period of each report). months: of those that are taken, how many '
    'anybody has reported for; months_expected: of how many.';

CREATE FUNCTION stp_internal.is_taken(takes text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF takes <> ALL (ARRAY['whole', 'rolling 12']) THEN
        RAISE EXCEPTION 'unknown word "%" for what a figure takes', takes
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Give whole or rolling 12; single periods are in the view stp.system_indicator.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp_internal.is_taken(text) IS 'true; error 22023: no word for what the figure of a whole period takes.';

CREATE FUNCTION stp_internal.whole_indicator(for_period stp.period, takes text, boundaries date)
RETURNS TABLE (system text, indicator text, numerator float8, denominator float8, value float8, spread float8, scale float8,
               organisations int, expected int, completeness float8, restated float8, months int, months_expected int,
               status text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 1500 -- not STRICT: the boundaries may be those of each report
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    last  stp.period := stp.last_month(for_period);
    first stp.period := stp_internal.first_month(for_period, takes);
BEGIN
    RETURN QUERY
    WITH argument AS
    (
        SELECT array_agg(i.indicator ORDER BY i.indicator COLLATE "C") AS indicators,
               array_agg(whole_indicator.takes) AS takes, array_agg(for_period) AS periods,
               (SELECT array_agg(s.system ORDER BY s.system COLLATE "C") FROM stp.system s) AS systems
          FROM stp.indicator i
         WHERE EXISTS (SELECT FROM stp.observation o
                        WHERE o.indicator = i.indicator AND o.period <= last
                          AND o.period >= first - least(1, first - stp.month(date '1900-04-01'))
                          AND stp.first_day(o.period) >= stp.first_day(first) AND stp.last_day(o.period) <= stp.last_day(last))
    )
    SELECT a.systems[v.unit], a.indicators[v.leaf], v.numerator, v.denominator, v.value, v.spread, v.scale, v.organisations,
           v.expected, v.completeness, v.restated, v.months, v.months_expected, v.status
      FROM argument a
     CROSS JOIN LATERAL stp_internal.taken_values('system', a.indicators, a.takes, a.periods, a.systems,
                                                  whole_indicator.boundaries) v
     ORDER BY a.indicators[v.leaf] COLLATE "C", a.systems[v.unit] COLLATE "C";
END $$;
COMMENT ON FUNCTION stp_internal.whole_indicator(stp.period, text, date) IS
    'Figures of systems, places, regions and nations from all reports within a period.';

-- Which of the two is asked for is known when it is planned: filters reach what is.
CREATE FUNCTION stp.system_indicator(for_period stp.period DEFAULT NULL, takes text DEFAULT 'whole', boundaries date DEFAULT NULL)
RETURNS TABLE (system text, system_name text, kind text, indicator text, indicator_name text, unit_of_measure text, better text,
               period stp.period, first_day date, last_day date, numerator float8, denominator float8, value float8,
               lower float8, upper float8, method text, organisations int, expected int, completeness float8,
               months int, months_expected int, status text, restated float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1500 -- not STRICT: all arguments have a default
BEGIN ATOMIC
    SELECT s.system, s.name, s.kind, i.indicator, i.name, i.unit_of_measure, i.better, v.period,
           v.first_day, v.last_day, v.numerator, v.denominator, CASE WHEN v.adds_up THEN v.value END, e.lower, e.upper, e.method,
           v.organisations, v.expected, v.completeness, v.months, v.months_expected,
           CASE WHEN v.adds_up THEN v.status ELSE 'not averaged' END, v.restated
      FROM (SELECT w.system, w.indicator, system_indicator.for_period AS period, stp.first_day(span.first) AS first_day,
                   stp.last_day(system_indicator.for_period) AS last_day, w.numerator, w.denominator, w.value, w.spread, w.scale,
                   w.organisations, w.expected, w.completeness, w.restated, w.months, w.months_expected, w.status,
                   stp_internal.over_time(k.over_time, k.denominator) <> 'no' AS adds_up
              FROM stp_internal.whole_indicator(system_indicator.for_period, system_indicator.takes,
                                                system_indicator.boundaries) w
              JOIN stp.indicator k ON k.indicator = w.indicator
             CROSS JOIN LATERAL (SELECT stp_internal.first_month(system_indicator.for_period,
                                                                 system_indicator.takes)) span (first)
             WHERE system_indicator.for_period IS NOT NULL
            UNION ALL
            SELECT f.unit, f.indicator, f.period, stp.first_day(f.period), stp.last_day(f.period), f.numerator, f.denominator,
                   f.value, f.spread, f.scale, f.organisations, f.expected, f.completeness, f.restated, NULL, NULL, f.status, true
              FROM stp_internal.restated_value('system', system_indicator.boundaries) f
             WHERE system_indicator.for_period IS NULL AND system_indicator.boundaries IS NOT NULL) v
      JOIN stp.indicator i ON i.indicator = v.indicator
      JOIN stp.system s ON s.system = v.system
      LEFT JOIN LATERAL stp_internal.figure_limits(i.kind, v.numerator, v.denominator, i.per, v.spread, v.scale) e
             ON v.value IS NOT NULL AND v.adds_up
     WHERE stp_internal.is_taken(system_indicator.takes);
END;
COMMENT ON FUNCTION stp.system_indicator(stp.period, text, date) IS
    'The columns of the view stp.system_indicator, on the boundaries of any day; or for a whole period, from the reports for '
    'all months, quarters and halves within it: of each organisation the longest. for_period: the whole period; NULL: every '
    'period that is reported, by itself, on boundaries that are given. takes: whole; or rolling 12: the twelve months that end '
    'with the period. boundaries: each report counts where its organisation, or what has become of it (stp.succession), belongs '
    'on that day; NULL: where it belonged on the last day of its own period. restated: what part of the figure counts there '
    'only for that; status restated. months: of months_expected, how many somebody of the system has reported for; completeness '
    'counts what is missing. Numerators and denominators add up, or are averaged by days, as stp.indicator.over_time says; '
    'where it says no there is no value: status not averaged. Error 22023: another word for takes.';

CREATE VIEW stp.system_indicator_today WITH (security_invoker = true) AS
SELECT * FROM stp.system_indicator(boundaries => current_date);
COMMENT ON VIEW stp.system_indicator_today IS
    'stp.system_indicator() on today''s boundaries: the history of the systems that there are.';
CALL stp.copy_comments('stp.system_indicator', 'stp.system_indicator_today');
COMMENT ON COLUMN stp.system_indicator_today.months IS 'NULL: every period is by itself.';
COMMENT ON COLUMN stp.system_indicator_today.months_expected IS 'NULL.';
COMMENT ON COLUMN stp.system_indicator_today.restated IS
    'What part of the figure counts there only on today''s boundaries; NULL: nothing.';
GRANT SELECT ON stp.system_indicator_today TO PUBLIC;

CREATE VIEW stp.missing_report WITH (security_invoker = true) AS
SELECT p.indicator, i.name AS indicator_name, p.period, m.organisation, g.name AS organisation_name,
       m.last_period, l.numerator AS last_numerator, l.denominator AS last_denominator, l.value AS last_value,
       CASE WHEN m.last_period IS NULL THEN d.valid_from
            ELSE least(stp.last_day(m.last_period) + 1, stp.first_day(p.period)) END AS missing_since,
       (SELECT string_agg(s.system, ', ' ORDER BY s.system COLLATE "C")
          FROM stp_internal.shares_on(m.organisation, stp.last_day(p.period)) s) AS systems,
       (SELECT string_agg(DISTINCT n.scheme COLLATE "C", ', ') FROM stp.scheme_node n WHERE n.indicator = p.indicator) AS schemes
  FROM stp_internal.reported_period p
 CROSS JOIN LATERAL (SELECT r.organisation, r.last_period FROM stp_internal.missing_reports(p.indicator, p.period) r
                     UNION ALL
                     -- It says that it is suppressed, and has no number to count.
                     SELECT r.organisation, r.period FROM stp_internal.counted_report r
                      WHERE r.indicator = p.indicator AND r.period = p.period AND r.missing IS NOT NULL) m
  JOIN stp.indicator i ON i.indicator = p.indicator
  JOIN stp.organisation g ON g.organisation = m.organisation
  LEFT JOIN stp.observation l ON l.indicator = p.indicator AND l.organisation = m.organisation AND l.period = m.last_period
  LEFT JOIN LATERAL (SELECT min(e.valid_from) AS valid_from FROM stp.expected_report e
                      WHERE e.indicator = p.indicator AND e.organisation = m.organisation) d ON true;
COMMENT ON VIEW stp.missing_report IS
    'Reports that were expected and have not come: one row for each indicator, period that anybody has reported for, and '
    'organisation. A rule of stp.expected_report makes them expected, or a report within the indicator''s expected_within '
        'months.';
COMMENT ON COLUMN stp.missing_report.period IS 'The period that the report is missing for.';
COMMENT ON COLUMN stp.missing_report.last_period IS 'The period of its last report before; NULL: it has never reported.';
COMMENT ON COLUMN stp.missing_report.last_numerator IS 'The numerator of that report.';
COMMENT ON COLUMN stp.missing_report.last_denominator IS 'The denominator of that report.';
COMMENT ON COLUMN stp.missing_report.last_value IS 'The value of that report.';
COMMENT ON COLUMN stp.missing_report.missing_since IS
    'The day after the last reported period; of an organisation that has never reported the first day of its duty.';
COMMENT ON COLUMN stp.missing_report.systems IS 'The systems, places, regions and nations whose figures it is missing from.';
COMMENT ON COLUMN stp.missing_report.schemes IS 'The schemes that have the indicator, whose ratings it is missing from.';
GRANT SELECT ON stp.missing_report TO PUBLIC;

CALL stp.make_as_of('cohort', 'own_values', 'summed_values', 'leaf_values', 'due_months', 'all_reports', 'reports_within',
                    'taken_reports', 'taken_values', 'targets');
