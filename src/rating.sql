-- Module rating: what one call of the rating engine needs. These functions gather, src/rating.c loads them into one
-- structure, src/core/assessment.c computes; stp.assess() and whatever else rates starts from here.

CREATE FUNCTION stp.cohort(scheme text, period stp.period) RETURNS TABLE (unit text, peer_group text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 50
BEGIN ATOMIC
    SELECT s.system, CASE WHEN c.peer_group = 'parent' THEN s.parent END
      FROM stp.scheme c
      JOIN stp.system s ON s.kind = c.rates
     WHERE c.scheme = cohort.scheme
       AND s.valid_from <= stp.last_day(cohort.period)
       AND (s.valid_to IS NULL OR s.valid_to >= stp.last_day(cohort.period))
    UNION ALL
    SELECT o.organisation, CASE c.peer_group WHEN 'type' THEN o.type WHEN 'subtype' THEN o.subtype WHEN 'region' THEN o.region END
      FROM stp.scheme c
     CROSS JOIN stp.organisation o
     WHERE c.scheme = cohort.scheme AND c.rates = 'organisation'
       AND (o.organisation IN (SELECT m.organisation FROM stp.membership m
                                WHERE m.valid_from <= stp.last_day(cohort.period)
                                  AND (m.valid_to IS NULL OR m.valid_to >= stp.last_day(cohort.period)))
            OR o.organisation IN (SELECT r.organisation
                                     FROM (SELECT n.indicator, c.period, c.place
                                             FROM stp.scheme_node n
                                            CROSS JOIN LATERAL stp_internal.candidate_periods(n.indicator, cohort.period,
                                                                                              coalesce(n.maximum_age, 12)) c
                                            WHERE n.scheme = cohort.scheme OFFSET 0) leaf
                                     JOIN stp.observation r ON r.indicator = leaf.indicator AND r.period = leaf.period
                                    WHERE leaf.place = 1
                                       OR NOT EXISTS (SELECT FROM stp.membership m WHERE m.organisation = r.organisation)))
     ORDER BY 2, 1;
END;
COMMENT ON FUNCTION stp.cohort(text, stp.period) IS
    'What a scheme rates in a period, and the peer group of each: the systems, regions or places that exist on its last day; or '
    'the organisations that have a membership on that day, or have reported one of the scheme''s indicators for its latest period; '
    'of those that never had a membership all that have reported for a period that is not too old.';

CREATE FUNCTION stp_internal.leaf_values(rates text, indicators text[], periods stp.period[], units text[])
RETURNS TABLE (leaf bigint, unit bigint, value float8, numerator float8, denominator float8, spread float8, scale float8,
               organisations int, expected int, came float8, missing float8, completeness float8, months int, months_expected int,
               status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 700
BEGIN ATOMIC
    SELECT leaf.number, cohort.number, f.value, f.numerator, f.denominator, f.spread, f.scale,
           t.organisations, t.expected, f.came, t.missing, f.completeness, NULL::int, NULL::int, f.status
      FROM ROWS FROM (unnest(leaf_values.indicators),
          unnest(leaf_values.periods)) WITH ORDINALITY leaf (indicator, period, number)
     CROSS JOIN LATERAL stp_internal.system_sums(leaf.indicator, leaf.period) t
      JOIN unnest(leaf_values.units) WITH ORDINALITY cohort (unit, number) ON cohort.unit = t.system
     CROSS JOIN LATERAL stp_internal.system_figure(leaf.indicator, leaf.period, t.system, t.numerator, t.denominator, t.value,
                                                   t.shares, t.hidden, t.missing, t.organisations, t.inferred) f
     WHERE leaf_values.rates <> 'organisation'
    UNION ALL
    SELECT leaf.number, cohort.number, f.value, f.numerator, f.denominator, f.spread, f.scale,
           (r.missing IS NULL)::int, 1, f.came, r.missing, f.completeness, NULL, NULL, f.status
      FROM ROWS FROM (unnest(leaf_values.indicators),
          unnest(leaf_values.periods)) WITH ORDINALITY leaf (indicator, period, number)
     CROSS JOIN LATERAL stp_internal.reports_of(leaf.indicator, leaf.period) r
      JOIN unnest(leaf_values.units) WITH ORDINALITY cohort (unit, number) ON cohort.unit = r.organisation
     CROSS JOIN LATERAL stp_internal.figure(leaf.indicator, NULL, r.numerator, r.denominator, r.value, 1, r.hidden, r.missing,
                                            (r.missing IS NULL)::int, r.status = 'inferred') f
     WHERE leaf_values.rates = 'organisation';
END;
COMMENT ON FUNCTION stp_internal.leaf_values(text, text[], stp.period[], text[]) IS
    'Values of several indicators, each in its period, for a cohort; rates as in stp.scheme; leaf and unit are places in the '
    'arrays; the other columns are those of stp_internal.system_value.';

--------------------------------------------------------------------------------------------------------------
-- Several periods together
--------------------------------------------------------------------------------------------------------------

-- Of an organisation the coarsest reports count. What they leave open is missing, month by month, of whoever has reported
-- within the time or is expected to; what an organisation weighs that has not reported before is the mean of its months.
CREATE FUNCTION stp_internal.reports_within(indicator text, first stp.period, last stp.period)
RETURNS TABLE (organisation text, period stp.period, numerator float8, denominator float8, value float8, hidden float8,
               missing float8, status text)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1000
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH month AS
    (
        SELECT p.period, stp.first_day(p.period) AS first_day, stp.last_day(p.period) AS last_day
          FROM stp.periods(reports_within.first, reports_within.last) p (period)
    ),
    report AS MATERIALIZED
    (
        SELECT r.*, stp.first_day(r.period) AS first_day, stp.last_day(r.period) AS last_day
          FROM stp_internal.counted_report r
         WHERE r.indicator = reports_within.indicator
           AND stp.first_day(r.period) >= stp.first_day(reports_within.first)
           AND stp.last_day(r.period) <= stp.last_day(reports_within.last)
           AND r.period >= reports_within.first - least(1, reports_within.first - stp.period(date '1900-04-01', 'month'))
           AND r.period <= reports_within.last
    ),
    chosen AS MATERIALIZED
    (
        SELECT r.* FROM report r
         WHERE NOT EXISTS (SELECT FROM report w WHERE w.organisation = r.organisation AND w.period <> r.period
                              AND w.first_day <= r.first_day AND w.last_day >= r.last_day)
    ),
    usual AS
    (
        SELECT c.organisation, stp.exact_sum(CASE i.denominator WHEN 'none' THEN stp_internal.months(c.period)
            WHEN 'reports' THEN c.denominator ELSE c.numerator END) / sum(stp_internal.months(c.period)) AS weight
          FROM chosen c JOIN stp.indicator i ON i.indicator = c.indicator
         WHERE c.status IS DISTINCT FROM 'not applicable'
         GROUP BY c.organisation
    )
    SELECT c.organisation, c.period, c.numerator, c.denominator, c.value, c.hidden, c.missing, c.status
      FROM chosen c
     WHERE c.status IS DISTINCT FROM 'not applicable'
    UNION ALL
    SELECT due.organisation, due.period, NULL, NULL, NULL, NULL, due.missing, NULL
      FROM (SELECT m.organisation, month.period, m.missing
              FROM month CROSS JOIN LATERAL stp_internal.missing_reports(reports_within.indicator, month.period) m
            UNION ALL
            SELECT u.organisation, month.period, coalesce(nullif(u.weight, 0), 1)
              FROM usual u CROSS JOIN month
             WHERE NOT EXISTS (SELECT FROM stp_internal.missing_reports(reports_within.indicator, month.period) m
                                WHERE m.organisation = u.organisation)) due
     WHERE NOT EXISTS (SELECT FROM chosen c WHERE c.organisation = due.organisation
                          AND c.first_day <= stp.first_day(due.period) AND c.last_day >= stp.last_day(due.period));
END $$;
COMMENT ON FUNCTION stp_internal.reports_within(text, stp.period, stp.period) IS
    'The reports of an indicator for months first to last, of whatever length: of each organisation the longest that lie within; and '
    '(missing IS NOT NULL) the months that they leave open.';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.taken_reports(indicator text, period stp.period, takes text)
RETURNS TABLE (organisation text, back int, length int, part float8, numerator float8, denominator float8, value float8,
               hidden float8, missing float8, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 150
BEGIN ATOMIC
    SELECT r.organisation, 0, stp_internal.months(taken_reports.period), 1, r.numerator, r.denominator, r.value, r.hidden, r.missing,
           r.status
      FROM stp_internal.reports_of(taken_reports.indicator, taken_reports.period) r
     WHERE taken_reports.takes = 'latest'
    UNION ALL
    SELECT r.organisation, span.last - stp.period(stp.last_day(r.period), 'month'), stp_internal.months(r.period),
           CASE WHEN i.over_time = 'average' THEN stp.days(r.period)::float8 / span.days ELSE 1 END,
           r.numerator, r.denominator, r.value, r.hidden, r.missing, r.status
      FROM stp.indicator i
     CROSS JOIN LATERAL (SELECT b.first, b.last, stp.last_day(b.last) - stp.first_day(b.first) + 1 AS days
                           FROM (SELECT CASE taken_reports.takes
                                        WHEN 'whole' THEN stp.period(stp.first_day(taken_reports.period), 'month')
                                        ELSE stp.period(stp.last_day(taken_reports.period), 'month') - 11 END,
                                        stp.period(stp.last_day(taken_reports.period), 'month')) b (first, last) OFFSET 0) span
     CROSS JOIN LATERAL stp_internal.reports_within(i.indicator, span.first, span.last) r
     WHERE taken_reports.takes <> 'latest' AND i.indicator = taken_reports.indicator;
END;
COMMENT ON FUNCTION stp_internal.taken_reports(text, stp.period, text) IS
    'The reports that a leaf takes: latest, those for the period; whole, those within it; rolling 12, those of the twelve months that '
    'end with it. back: months from their end to the end of the period; length: in months; part: what they count, of an average.';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.varied_reports(indicator text, takes text, data stp.period, reporting stp.period)
RETURNS TABLE (organisation text, back int, length int, part float8, numerator float8, denominator float8, value float8,
               hidden float8, missing float8, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 150
BEGIN ATOMIC
    SELECT t.organisation, t.back, t.length, t.part, t.numerator, t.denominator, t.value, t.hidden, t.missing, t.status
      FROM stp_internal.taken_reports(varied_reports.indicator, varied_reports.data, varied_reports.takes) t
     WHERE varied_reports.data = varied_reports.reporting
    UNION ALL
    SELECT r.organisation, r.back, r.length, r.part,
           CASE WHEN d.organisation IS NULL THEN r.numerator ELSE d.numerator END,
           CASE WHEN d.organisation IS NULL THEN r.denominator ELSE d.denominator END,
           CASE WHEN d.organisation IS NULL THEN r.value ELSE d.value END,
           CASE WHEN d.organisation IS NULL THEN r.hidden ELSE d.hidden END, r.missing,
           CASE WHEN d.organisation IS NULL THEN r.status ELSE d.status END
      FROM stp_internal.taken_reports(varied_reports.indicator, varied_reports.reporting, varied_reports.takes) r
      LEFT JOIN stp_internal.taken_reports(varied_reports.indicator, varied_reports.data, varied_reports.takes) d
             ON d.organisation = r.organisation AND d.back = r.back AND d.length = r.length
            AND r.missing IS NULL AND d.missing IS NULL
     WHERE varied_reports.data <> varied_reports.reporting;
END;
COMMENT ON FUNCTION stp_internal.varied_reports(text, text, stp.period, stp.period) IS
    'The reports of one period if those had reported that did in another: their reports of the period, or where they have none '
    'those of the other.';

-- What a view of the figures cannot be asked for: the same sums over several periods, with the reporting and over the memberships
-- of others.
CREATE FUNCTION stp_internal.varied_values(rates text, indicators text[], takes text[], data stp.period[], reporting stp.period[],
                                           belonging stp.period[], units text[])
RETURNS TABLE (leaf bigint, unit bigint, value float8, numerator float8, denominator float8, spread float8, scale float8,
               organisations int, expected int, came float8, missing float8, completeness float8, months int, months_expected int,
               status text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 700
BEGIN ATOMIC
    SELECT t.leaf, t.unit, f.value, f.numerator, f.denominator, f.spread, f.scale, t.organisations, t.expected,
           f.came, t.missing, f.completeness, CASE WHEN t.takes <> 'latest' THEN t.months END,
           CASE t.takes WHEN 'whole' THEN stp_internal.months(t.data) WHEN 'rolling 12' THEN 12 END, f.status
      FROM (SELECT leaf.number AS leaf, leaf.indicator, leaf.takes, leaf.data, cohort.number AS unit, cohort.unit AS code,
                   stp.exact_sum(r.numerator * r.part * m.share::float8) AS numerator,
                   stp.exact_sum(r.denominator * r.part * m.share::float8) AS denominator,
                   stp.exact_sum(r.value * r.part * m.share::float8) AS value,
                   stp.exact_sum(r.part * m.share::float8) FILTER (WHERE r.value IS NOT NULL) AS shares,
                   stp.exact_sum(r.hidden * r.part * m.share::float8) AS hidden,
                   stp.exact_sum(r.missing * r.part * m.share::float8) AS missing,
                   count(DISTINCT r.organisation) FILTER (WHERE r.missing IS NULL)::int AS organisations,
                   count(DISTINCT r.organisation)::int AS expected,
                   bit_count(bit_or(((1 << r.length) - 1) << r.back) FILTER (WHERE r.missing IS NULL)::bit(32))::int AS months,
                   bool_or(r.status = 'inferred') AS inferred
              FROM ROWS FROM (unnest(varied_values.indicators), unnest(varied_values.takes), unnest(varied_values.data),
                              unnest(varied_values.reporting), unnest(varied_values.belonging))
                   WITH ORDINALITY leaf (indicator, takes, data, reporting, belonging, number)
             CROSS JOIN LATERAL stp_internal.varied_reports(leaf.indicator, leaf.takes, leaf.data, leaf.reporting) r
             CROSS JOIN LATERAL (SELECT s.system AS unit, s.share
                                   FROM stp_internal.shares_on(r.organisation,
                                            stp.last_day(stp.period(stp.last_day(leaf.belonging), 'month') - r.back)) s
                                  WHERE varied_values.rates <> 'organisation'
                                 UNION ALL
                                 SELECT r.organisation, 1 WHERE varied_values.rates = 'organisation') m
              JOIN unnest(varied_values.units) WITH ORDINALITY cohort (unit, number) ON cohort.unit = m.unit
             GROUP BY leaf.number, leaf.indicator, leaf.takes, leaf.data, cohort.number, cohort.unit) t
     CROSS JOIN LATERAL stp_internal.system_figure(t.indicator, t.data,
         CASE WHEN varied_values.rates <> 'organisation' THEN t.code END, t.numerator, t.denominator, t.value, t.shares,
         t.hidden, t.missing, t.organisations, t.inferred) f;
END;
COMMENT ON FUNCTION stp_internal.varied_values(text, text[], text[], stp.period[], stp.period[], stp.period[], text[]) IS
    'What stp_internal.leaf_values() gives, of leaves that take several periods (takes as in stp.scheme_node), of the data of '
    'periods, if those had reported that did in the periods "reporting", and organisations belonged where they did in the periods '
    '"belonging". months: of those that are taken, how many anybody has reported for; months_expected: of how many.';

CALL stp.make_as_of('cohort', 'leaf_values', 'reports_within', 'taken_reports', 'varied_reports', 'varied_values');
