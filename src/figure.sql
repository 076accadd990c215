-- Module figure: how reports of organisations become figures of systems.

--------------------------------------------------------------------------------------------------------------
-- People
--------------------------------------------------------------------------------------------------------------

-- The population must cover the ages exactly; half a band is not an answer. Own rows of a code that lived on are of the area that
-- it had when they begin.
CREATE FUNCTION stp_internal.counted_persons(system text, period stp.period, age_from int, age_to int, sex text, boundaries date)
RETURNS float8
LANGUAGE plpgsql STABLE PARALLEL SAFE -- not STRICT: ages may be open
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    newest  date := stp.last_day(period);
    changed date;
BEGIN
    IF EXISTS (SELECT FROM stp.succession s WHERE s.kind = 'system') THEN
        changed := (SELECT max(s.day) FROM stp.succession s
                     WHERE s.kind = 'system' AND s.successor = counted_persons.system AND s.day <= boundaries);
        newest := least(newest, (SELECT min(s.day) - 1 FROM stp.succession s
                                  WHERE s.kind = 'system' AND counted_persons.system IN (s.predecessor, s.successor)
                                    AND s.day > boundaries));
    END IF;
    IF changed IS NOT NULL
       AND NOT EXISTS (SELECT FROM stp.population q
                        WHERE q.system = counted_persons.system AND stp.first_day(q.period) <= newest
                          AND (stp.first_day(q.period) >= changed OR NOT stp_internal.existed('system', q.system, changed))) THEN
        RETURN (SELECT CASE WHEN count(*) = count(part.persons) THEN stp.exact_sum(part.persons) END
                  FROM (SELECT s.share::float8 * stp_internal.counted_persons(s.predecessor, counted_persons.period,
                                   counted_persons.age_from, counted_persons.age_to, counted_persons.sex, changed - 1) AS persons
                          FROM stp.succession s
                         WHERE s.kind = 'system' AND s.successor = counted_persons.system AND s.day = changed
                        UNION ALL
                        SELECT stp_internal.counted_persons(counted_persons.system, counted_persons.period,
                                   counted_persons.age_from, counted_persons.age_to, counted_persons.sex, changed - 1)
                         WHERE stp_internal.existed('system', counted_persons.system, changed)
                           AND NOT EXISTS (SELECT FROM stp.succession s WHERE s.kind = 'system' AND s.day = changed
                                              AND s.predecessor = counted_persons.system)) part);
    END IF;
    -- Bands do not overlap, so they cover the ages exactly if their widths, of both sexes, add up to them.
    RETURN (SELECT CASE WHEN sum((coalesce(p.age_to, 999) - p.age_from + 1) * CASE p.sex WHEN 'persons' THEN 2 ELSE 1 END)
                             = CASE WHEN counted_persons.sex IS NULL THEN 2 ELSE 1 END
                               * (coalesce(counted_persons.age_to, 999) - coalesce(counted_persons.age_from, 0) + 1)
                        THEN stp.exact_sum(p.persons) END
              FROM stp.population p
             WHERE p.system = counted_persons.system
               AND p.period = (SELECT max(q.period) FROM stp.population q
                                WHERE q.system = counted_persons.system AND stp.first_day(q.period) <= newest)
               AND p.age_from >= coalesce(counted_persons.age_from, 0)
               AND coalesce(p.age_to, 999) <= coalesce(counted_persons.age_to, 999)
               AND (counted_persons.sex IS NULL OR p.sex = counted_persons.sex));
END $$;
COMMENT ON FUNCTION stp_internal.counted_persons(text, stp.period, int, int, text, date) IS
    'stp.persons() on the boundaries of a day.';

CREATE FUNCTION stp.persons(system text, period stp.period, age_from int DEFAULT NULL, age_to int DEFAULT NULL,
                            sex text DEFAULT NULL, boundaries date DEFAULT NULL) RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE -- not STRICT: most arguments have a default
RETURN stp_internal.counted_persons(system, period, age_from, age_to, sex, coalesce(boundaries, stp.last_day(period)));
COMMENT ON FUNCTION stp.persons(text, stp.period, int, int, text, date) IS
    'People of a system from age_from (NULL: 0) to age_to (NULL: and over), of one sex (female or male; NULL: all people), by '
    'the latest population that begins no later than the period ends; NULL if its bands do not cover exactly these. boundaries: '
    'of the area it has on that day (NULL: on the last of the period). Until a system has a population of its own, or of its own '
    'new area, it has the shares (stp.succession) of its predecessors''.';

--------------------------------------------------------------------------------------------------------------
-- Reports: which count, and who is missing
--------------------------------------------------------------------------------------------------------------

-- Nobody's silence weighs nothing.
CREATE FUNCTION stp_internal.report_weight(source text, status text, numerator float8, denominator float8, suppressed_below int)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(nullif(CASE source WHEN 'none' THEN 1 WHEN 'reports' THEN denominator ELSE numerator END, 0),
                CASE WHEN status = 'not applicable' THEN NULL WHEN status = 'suppressed' THEN (suppressed_below - 1) / 2.0
                     ELSE 1 END);
COMMENT ON FUNCTION stp_internal.report_weight(text, text, float8, float8, int) IS
    'What a report weighs beside others: its denominator, its numerator (of the population) or 1 (values); 1 for a 0; of a '
    'suppressed count half of what it can be at most; NULL: it is not applicable.';

-- A row that says "suppressed" and has nothing to go by is missing, by the little that a suppressed count can be.
CREATE VIEW stp_internal.counted_report WITH (security_invoker = true) AS
SELECT o.indicator, o.period, o.organisation, o.numerator,
       -- The sum behind a mean is no count, and has no limits.
       CASE WHEN o.status IS DISTINCT FROM 'suppressed' OR i.kind <> 'mean' THEN o.denominator END AS denominator, o.value,
       CASE WHEN o.status IS DISTINCT FROM 'suppressed' OR i.denominator = 'none' OR i.kind = 'mean' THEN NULL
            WHEN i.denominator = 'population' THEN i.suppressed_below - 1
            WHEN o.denominator IS NULL THEN NULL
            WHEN i.kind = 'proportion' THEN least(i.suppressed_below - 1, o.denominator)
            ELSE i.suppressed_below - 1 END AS hidden,
       CASE WHEN o.status = 'suppressed'
             AND CASE i.denominator WHEN 'reports' THEN o.denominator IS NULL OR i.kind = 'mean' ELSE i.denominator = 'none' END
            THEN stp_internal.report_weight(i.denominator, o.status, o.numerator, o.denominator,
                i.suppressed_below) END AS missing,
       o.status
  FROM stp.indicator i
  JOIN stp.observation o ON o.indicator = i.indicator;
CALL stp.make_rows('stp_internal.counted_report');
COMMENT ON VIEW stp_internal.counted_report IS 'Reports with what their status means for a sum.';
COMMENT ON COLUMN stp_internal.counted_report.numerator IS 'The numerator; NULL: suppressed, or there is none.';
COMMENT ON COLUMN stp_internal.counted_report.denominator IS 'The denominator; NULL: suppressed, or there is none.';
COMMENT ON COLUMN stp_internal.counted_report.value IS 'The reported value.';
COMMENT ON COLUMN stp_internal.counted_report.hidden IS
    'The most that a suppressed numerator can be; NULL: it is not suppressed.';
COMMENT ON COLUMN stp_internal.counted_report.missing IS
    'What weighs less because the report has no number to count; NULL: it has.';
COMMENT ON COLUMN stp_internal.counted_report.status IS 'Status of the observation.';

CREATE FUNCTION stp_internal.months(period stp.period) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN stp.last_month(period) - stp.month(stp.first_day(period)) + 1;
COMMENT ON FUNCTION stp_internal.months(stp.period) IS 'Length of a period in months.';

CREATE FUNCTION stp_internal.over_time(over_time text, denominator text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT: over_time has a default
RETURN coalesce(over_time, CASE denominator WHEN 'none' THEN 'no' ELSE 'sum' END);
COMMENT ON FUNCTION stp_internal.over_time(text, text) IS
    'How the reports of an indicator make a longer time: stp.indicator.over_time, or its default.';

CREATE FUNCTION stp_internal.first_month(period stp.period, takes text) RETURNS stp.period
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE takes WHEN 'whole' THEN stp.month(stp.first_day(period))
                  -- The calendar has a beginning.
                  WHEN 'rolling 12' THEN stp.last_month(period)
                       - least(11, stp.last_month(period) - stp.month(date '1900-04-01')) END;
COMMENT ON FUNCTION stp_internal.first_month(stp.period, text) IS
    'The first month of those that a leaf takes which shows a period: takes as in stp.scheme_node; NULL: the latest, one period.';

CREATE FUNCTION stp_internal.usual_weight(indicator text, period stp.period) RETURNS float8
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN
(
    SELECT stp.exact_sum(w.weight) / count(w.weight)
      FROM stp.indicator i
      JOIN stp.observation o ON o.indicator = i.indicator AND o.period = usual_weight.period
     CROSS JOIN LATERAL (SELECT CASE WHEN o.status IS NULL OR o.status = 'inferred' THEN
            stp_internal.report_weight(i.denominator, o.status, o.numerator, o.denominator, i.suppressed_below) END) w (weight)
     WHERE i.indicator = usual_weight.indicator
);
COMMENT ON FUNCTION stp_internal.usual_weight(text, stp.period) IS
    'What the reports of an indicator for a period weigh on average; NULL: there are none.';

CREATE FUNCTION stp_internal.may_report(organisation text, day date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT CASE WHEN count(*) = 0 THEN NOT stp_internal.had_ended('organisation', may_report.organisation, may_report.day + 1)
                    ELSE bool_or(m.valid_from <= may_report.day AND (m.valid_to IS NULL OR m.valid_to >= may_report.day)) END
          FROM stp.membership m WHERE m.organisation = may_report.organisation);
COMMENT ON FUNCTION stp_internal.may_report(text, date) IS
    'Whether an organisation has a membership on a day, or has never had one and not ended by then.';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.part_time(first date, last date) RETURNS TABLE (organisation text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT m.organisation FROM stp.membership m
     GROUP BY m.organisation
    HAVING min(m.valid_from) > part_time.first OR max(coalesce(m.valid_to, 'infinity')) < part_time.last
        OR bool_or(m.valid_to BETWEEN part_time.first AND part_time.last)
    UNION ALL
    SELECT s.predecessor FROM stp.succession s WHERE s.kind = 'organisation' AND s.day <= part_time.last;
END;
COMMENT ON FUNCTION stp_internal.part_time(date, date) IS
    'Organisations that may not report on some day from the first to the last (stp_internal.may_report).';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.silent_organisations(indicator text, period stp.period) RETURNS TABLE (organisation text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT g.organisation FROM stp.organisation g
     WHERE (g.organisation IN (SELECT m.organisation FROM stp.membership m
                                WHERE m.valid_from <= stp.last_day(silent_organisations.period)
                                  AND (m.valid_to IS NULL OR m.valid_to >= stp.last_day(silent_organisations.period)))
            OR g.organisation NOT IN (SELECT m.organisation FROM stp.membership m)
               AND NOT stp_internal.had_ended('organisation', g.organisation, stp.last_day(silent_organisations.period) + 1))
       AND g.organisation NOT IN (SELECT o.organisation FROM stp.observation o
                                   WHERE o.indicator = silent_organisations.indicator AND o.period = silent_organisations.period);
END;
COMMENT ON FUNCTION stp_internal.silent_organisations(text, stp.period) IS
    'Organisations that have a membership on the last day of a period, or have never had one and not ended by then, and no '
    'report of an indicator for it.';

-- What has become of others is expected to go on as they did, and what gave a part away with what it kept. Not STRICT, so that
-- the planner takes it in.
CREATE FUNCTION stp_internal.silent_origins(indicator text, period stp.period, oldest stp.period, newest stp.period)
RETURNS TABLE (organisation text, code text, share float8, first date, last date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    WITH silent AS MATERIALIZED
    (
        SELECT s.organisation,
               s.organisation IN (SELECT e.successor FROM stp.succession e
                                   WHERE e.kind = 'organisation' AND e.day <= stp.last_day(silent_origins.period)) AS has_origins
          FROM stp_internal.silent_organisations(silent_origins.indicator, silent_origins.period) s
    )
    SELECT s.organisation, s.organisation, 1::float8, date '-infinity', date 'infinity' FROM silent s WHERE NOT s.has_origins
    UNION ALL
    SELECT s.organisation, coalesce(o.code, s.organisation), coalesce(o.share, 1), coalesce(o.valid_from, 'infinity'),
           coalesce(o.valid_to, 'infinity')
      FROM (SELECT array_agg(s.organisation) AS organisations FROM silent s WHERE s.has_origins) asked
     -- Mostly nobody who is silent has followed on anybody.
     CROSS JOIN LATERAL (SELECT array_agg(r.organisation) AS reporters, array_agg(stp.last_day(r.period)) AS reported
                           FROM stp.observation r
                          WHERE r.indicator = silent_origins.indicator AND r.period > silent_origins.oldest
                            AND r.period <= silent_origins.newest AND asked.organisations IS NOT NULL) r
     CROSS JOIN LATERAL unnest(asked.organisations) s (organisation)
      LEFT JOIN LATERAL stp_internal.origins(asked.organisations, stp.last_day(silent_origins.period), r.reporters, r.reported) o
             ON o.organisation = s.organisation;
END;
COMMENT ON FUNCTION stp_internal.silent_origins(text, stp.period, stp.period, stp.period) IS
    'stp_internal.silent_organisations(), each with whose reports after the period oldest, up to newest, tell what it is: that '
    'share of the last one that ends from the first day to the last.';

-- First it is asked whether there is anything to go by, because mostly there is not; then who is silent, because mostly
-- nobody is.
-- The silent are few, and the reports among which their last one is looked for are many: a hash, where the planner would go from
-- one to the next.
CREATE FUNCTION stp_internal.missing_reports(indicator text, period stp.period)
RETURNS TABLE (organisation text, missing float8, last_period stp.period)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 1000 ROWS 3
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    day    date := stp.last_day(missing_reports.period);
    newest stp.period := stp.last_month(missing_reports.period);
    oldest stp.period := stp.month(stp.first_day(missing_reports.period));
    rule   record;
BEGIN
    SELECT i.denominator AS source, i.expected_within, i.suppressed_below,
           stp_internal.over_time(i.over_time, i.denominator) = 'sum' AS adds_up
      INTO rule FROM stp.indicator i WHERE i.indicator = missing_reports.indicator;
    oldest := oldest - least(rule.expected_within + 1, oldest - stp.month(date '1900-04-01'));
    IF NOT EXISTS (SELECT FROM stp.expected_report e WHERE e.indicator = missing_reports.indicator)
       AND NOT EXISTS (SELECT FROM stp.observation o WHERE o.indicator = missing_reports.indicator
                          AND o.period > oldest AND o.period < missing_reports.period)
       AND NOT EXISTS (SELECT FROM stp.observation o WHERE o.indicator = missing_reports.indicator
                          AND o.period > missing_reports.period AND o.period <= newest) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH origin AS MATERIALIZED
        (SELECT * FROM stp_internal.silent_origins(missing_reports.indicator, missing_reports.period, oldest, newest)),
    last AS MATERIALIZED
    (
        SELECT s.organisation, s.code, s.share, max(o.period) AS period
          FROM origin s JOIN stp.observation o ON o.organisation = s.code
         WHERE o.indicator = missing_reports.indicator AND o.period > oldest AND o.period <= newest
           AND stp.last_day(o.period) BETWEEN s.first AND s.last
         GROUP BY s.organisation, s.code, s.share, s.first
    ),
    -- By LATERAL: of the few there are, each is looked up.
    known AS MATERIALIZED
    (
        SELECT l.organisation, l.period, o.status,
               l.share * stp_internal.report_weight(rule.source, o.status, o.numerator, o.denominator, rule.suppressed_below)
               * CASE WHEN rule.adds_up THEN stp_internal.months(missing_reports.period)::float8
                                             / stp_internal.months(l.period) ELSE 1 END AS weight
          FROM last l
         CROSS JOIN LATERAL (SELECT x.status, x.numerator, x.denominator FROM stp.observation x
                              WHERE x.indicator = missing_reports.indicator AND x.period = l.period
                                AND x.organisation = l.code LIMIT 1) o
    )
    SELECT s.organisation, coalesce(k.weight, stp_internal.usual_weight(missing_reports.indicator, missing_reports.period), 1),
           k.period
      FROM (SELECT DISTINCT o.organisation FROM origin o) s
      LEFT JOIN (SELECT k.organisation, sum(k.weight) AS weight, max(k.period) AS period,
                        bool_or(k.status IS DISTINCT FROM 'not applicable') AS goes_on
                   FROM known k GROUP BY k.organisation) k ON k.organisation = s.organisation
     WHERE k.goes_on
        OR s.organisation IN (SELECT e.organisation FROM stp.expected_report e
                               WHERE e.indicator = missing_reports.indicator
                                 AND e.valid_from <= day AND (e.valid_to IS NULL OR e.valid_to >= day)
                                 AND (e.grain IS NULL OR e.grain = stp.grain(missing_reports.period)));
END $$;
COMMENT ON FUNCTION stp_internal.missing_reports(text, stp.period) IS
    'Who is expected to report an indicator for a period and has not: organisations that have a membership on its last day (or '
    'have never had one) and either a duty in stp.expected_report or a report, for a period of whatever length, that began in '
    'the indicator''s expected_within months before; not those whose last report says "not applicable". missing: what that '
    'report counted (of an organisation that follows on others: theirs too), its denominator, its numerator (of the population) '
    'or 1 (values), for the length of the period; of an organisation that has never reported the mean of those that have. '
    'last_period: the period of that report.';

-- Not STRICT, so that the planner takes it in. Who asks where its rows count asks by their own last_day: so the planner cannot
-- go from the memberships of a region, which it takes for fewer than they are, to the same reports again for each.
CREATE FUNCTION stp_internal.reports_of(indicator text, period stp.period)
RETURNS TABLE (organisation text, last_day date, numerator float8, denominator float8, value float8, hidden float8,
               missing float8, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 150
BEGIN ATOMIC
    SELECT r.organisation, stp.last_day(r.period), r.numerator, r.denominator, r.value, r.hidden, r.missing, r.status
      FROM stp_internal.counted_report_rows() r
     WHERE r.indicator = reports_of.indicator AND r.period = reports_of.period
       AND r.status IS DISTINCT FROM 'not applicable'
    UNION ALL
    SELECT m.organisation, stp.last_day(reports_of.period), NULL, NULL, NULL, NULL, m.missing, NULL
      FROM stp_internal.missing_reports(reports_of.indicator, reports_of.period) m;
END;
COMMENT ON FUNCTION stp_internal.reports_of(text, stp.period) IS
    'The reports of an indicator that are expected for a period: those that have come, and (missing IS NOT NULL) those that have '
    'not.';

--------------------------------------------------------------------------------------------------------------
-- Figures
--------------------------------------------------------------------------------------------------------------

-- What sums amount to, of a system or (system NULL) of one organisation. Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.figure(indicator text, period stp.period, system text, numerator float8, denominator float8,
    value float8, shares float8, hidden float8, missing float8, organisations int, inferred boolean, moved float8 DEFAULT NULL,
    boundaries date DEFAULT NULL)
RETURNS TABLE (numerator float8, denominator float8, value float8, spread float8, scale float8, came float8, completeness float8,
               restated float8, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT w.numerator, w.denominator,
           CASE WHEN s.status = ANY (ARRAY['ok', 'restated', 'inferred', 'suppressed', 'partial'])
                THEN CASE i.denominator WHEN 'none' THEN figure.value / figure.shares
                                        ELSE w.numerator / w.denominator * i.per * e.scale END END,
           figure.hidden / 2, e.scale, w.came, c.completeness,
           CASE WHEN figure.moved IS NOT NULL THEN least(coalesce(figure.moved / nullif(w.came, 0), 1), 1) END, s.status
      FROM stp.indicator i
     -- OFFSET 0 keeps the planner from asking for the population once for each use of the denominator.
     CROSS JOIN LATERAL (SELECT n.numerator,
                                CASE WHEN i.denominator <> 'population' THEN figure.denominator
                                     WHEN figure.system IS NOT NULL
                                     THEN stp.persons(figure.system, figure.period, i.age_from, i.age_to,
                                                      boundaries => figure.boundaries) END AS denominator,
                                CASE i.denominator WHEN 'none' THEN figure.shares WHEN 'population' THEN n.numerator
                                                   ELSE figure.denominator END AS came
                           FROM (SELECT CASE WHEN figure.hidden IS NULL THEN figure.numerator
                                             ELSE coalesce(figure.numerator, 0) + figure.hidden / 2 END) n (numerator) OFFSET 0) w
     CROSS JOIN LATERAL (SELECT CASE WHEN figure.missing IS NULL THEN 1 WHEN w.came > 0 THEN w.came / (w.came + figure.missing)
                                     ELSE 0 END) c (completeness)
     CROSS JOIN LATERAL (SELECT CASE WHEN figure.missing IS NULL THEN 1
                                     WHEN c.completeness >= coalesce(i.minimum_completeness,
                                                                     CASE i.denominator WHEN 'population'
                                                                         THEN 1 ELSE 0 END) THEN 1
                                     WHEN i.when_incomplete = 'scale up' AND c.completeness > 0 THEN 1 / c.completeness
                                     END) e (scale)
     CROSS JOIN LATERAL (SELECT CASE WHEN figure.organisations = 0 OR e.scale IS NULL THEN 'incomplete'
                                     WHEN i.denominator <> 'none' AND w.denominator IS NULL THEN 'no data'
                                     WHEN w.denominator = 0 THEN 'zero denominator'
                                     WHEN figure.missing IS NOT NULL THEN 'partial'
                                     WHEN figure.hidden IS NOT NULL THEN 'suppressed'
                                     WHEN figure.inferred THEN 'inferred'
                                     WHEN figure.moved IS NOT NULL THEN 'restated'
                                     ELSE 'ok' END) s (status)
     WHERE i.indicator = figure.indicator;
END;
COMMENT ON FUNCTION stp_internal.figure(text, stp.period, text, float8, float8, float8, float8, float8, float8, int, boolean,
                                       float8, date) IS
    'The figure of a system from sums over its organisations, or of one organisation, which has no people. hidden: the most '
    'that suppressed numerators can be; missing: the weight of reports that have not come; shares: of what has a value; moved: '
    'the weight of what counts there only on the boundaries asked for. '
    'numerator: with half of what is hidden. spread: that half. scale: what the value is multiplied by for what is missing. '
    'came: the weight of what has come. completeness: its part of all. restated: the part of it that has moved.';

CREATE FUNCTION stp_internal.counted_estimate(kind text, numerator float8, denominator float8, per float8) RETURNS stp.estimate
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE kind WHEN 'proportion' THEN stp.proportion(least(greatest(numerator, 0), denominator), denominator, per)
                 WHEN 'rate' THEN stp.rate(greatest(numerator, 0), denominator, per)
                 WHEN 'ratio' THEN stp.ratio(greatest(numerator, 0), denominator, per) END;
COMMENT ON FUNCTION stp_internal.counted_estimate(text, float8, float8, float8) IS
    'The estimate of an indicator of a kind: of a proportion, rate or ratio; otherwise NULL.';

-- The limits of a figure: what is hidden makes them wider, what is scaled up is scaled with them.
CREATE FUNCTION stp_internal.figure_limits(kind text, numerator float8, denominator float8, per float8,
    spread float8, scale float8)
RETURNS TABLE (lower float8, upper float8, method text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT (low.estimate).lower * figure_limits.scale, (high.estimate).upper * figure_limits.scale,
           concat((low.estimate).method, CASE WHEN figure_limits.scale > 1 THEN ', scaled up' END,
                  CASE WHEN figure_limits.spread > 0 THEN ', suppressed counts' END)
      -- OFFSET 0: one estimate, not one for each of its columns.
      FROM (SELECT stp_internal.counted_estimate(figure_limits.kind, figure_limits.numerator - coalesce(figure_limits.spread, 0),
                                                 figure_limits.denominator, figure_limits.per) AS estimate OFFSET 0) low
     CROSS JOIN LATERAL (SELECT CASE WHEN figure_limits.spread > 0
            THEN stp_internal.counted_estimate(figure_limits.kind, figure_limits.numerator + figure_limits.spread,
                                               figure_limits.denominator, figure_limits.per)
            ELSE low.estimate END AS estimate OFFSET 0) high
     WHERE figure_limits.kind = ANY (ARRAY['proportion', 'rate', 'ratio']) AND figure_limits.scale IS NOT NULL;
END;
COMMENT ON FUNCTION stp_internal.figure_limits(text, float8, float8, float8, float8, float8) IS
    '95% limits of a proportion, rate or ratio and how they were found: with the least and the most that suppressed counts '
    'can be. spread and scale as of stp_internal.figure.';

CREATE VIEW stp_internal.reported_period WITH (security_invoker = true) AS
SELECT DISTINCT o.indicator, o.period
  FROM stp.indicator i
  JOIN stp.observation o ON o.indicator = i.indicator;
COMMENT ON VIEW stp_internal.reported_period IS 'For which periods anybody has reported an indicator.';

CREATE VIEW stp_internal.system_value WITH (security_invoker = true) AS
SELECT t.indicator, t.period, t.system, f.numerator, f.denominator, f.value, f.spread, f.scale, t.organisations, t.expected,
       f.came, t.missing, f.completeness, f.status
  FROM (SELECT p.indicator, p.period, m.system,
               stp.exact_sum(r.numerator * m.share::float8) AS numerator,
               stp.exact_sum(r.denominator * m.share::float8) AS denominator,
               stp.exact_sum(r.value * m.share::float8) AS value,
               stp.exact_sum(m.share::float8) FILTER (WHERE r.value IS NOT NULL) AS shares,
               stp.exact_sum(r.hidden * m.share::float8) AS hidden,
               stp.exact_sum(r.missing * m.share::float8) AS missing,
               (count(*) - count(r.missing))::int AS organisations, count(*)::int AS expected,
               bool_or(r.status = 'inferred') AS inferred
          FROM stp_internal.reported_period p
         CROSS JOIN LATERAL stp_internal.reports_of(p.indicator, p.period) r
         CROSS JOIN LATERAL stp_internal.shares_on(r.organisation, r.last_day) m
         GROUP BY p.indicator, p.period, m.system) t
 CROSS JOIN LATERAL stp_internal.figure(t.indicator, t.period, t.system, t.numerator, t.denominator, t.value, t.shares, t.hidden,
                                        t.missing, t.organisations, t.inferred) f;
CALL stp.make_rows('stp_internal.system_value');
COMMENT ON VIEW stp_internal.system_value IS
    'Indicators of systems, places, regions and nations, keyed by stp.period: shares are applied to numerators and denominators, '
    'ratios are never averaged; bare values are means weighted by share.';
COMMENT ON COLUMN stp_internal.system_value.numerator IS
    'Sum of the shares of the reported numerators, of suppressed ones half of what they can be at most.';
COMMENT ON COLUMN stp_internal.system_value.denominator IS 'Sum of the shares of the reported denominators, or people.';
COMMENT ON COLUMN stp_internal.system_value.value IS
    'numerator / denominator x per x scale, or the mean of the reported values weighted by share, in the unit of the indicator.';
COMMENT ON COLUMN stp_internal.system_value.spread IS 'Half of what suppressed numerators can be at most.';
COMMENT ON COLUMN stp_internal.system_value.scale IS
    '1; above it where a figure is scaled up for what is missing; NULL: incomplete.';
COMMENT ON COLUMN stp_internal.system_value.status IS
    'ok. inferred: how far a source reaches was taken from its rows. suppressed: a count is not shown and has limits. '
    'partial: not all who were expected have reported. Without a value: incomplete, too few have reported, or none of those '
    'that were expected; zero denominator; no data, no population that covers the ages (an organisation has none).';
COMMENT ON COLUMN stp_internal.system_value.came IS 'Weight of the reports that have come.';
COMMENT ON COLUMN stp_internal.system_value.missing IS 'Weight of those that have not; NULL: none is missing.';

CREATE VIEW stp.system_indicator WITH (security_invoker = true) AS
SELECT v.system, s.name AS system_name, s.kind, v.indicator, i.name AS indicator_name, i.unit_of_measure, i.better,
       v.period, stp.first_day(v.period) AS first_day, stp.last_day(v.period) AS last_day,
       v.numerator, v.denominator, v.value, e.lower, e.upper, e.method, v.organisations, v.expected, v.completeness, v.status
  FROM stp_internal.system_value_rows() v
  JOIN stp.system s ON s.system = v.system
  JOIN stp.indicator i ON i.indicator = v.indicator
  LEFT JOIN LATERAL stp_internal.figure_limits(i.kind, v.numerator, v.denominator, i.per, v.spread, v.scale) e
         ON v.value IS NOT NULL;
COMMENT ON VIEW stp.system_indicator IS
    'The figure of every indicator of every system, place, region and nation in every period that anybody reported for.';
COMMENT ON COLUMN stp.system_indicator.numerator IS
    'Sum of the shares of the reported numerators, of suppressed ones half of what they can be at most.';
COMMENT ON COLUMN stp.system_indicator.denominator IS 'Sum of the shares of the reported denominators, or people.';
COMMENT ON COLUMN stp.system_indicator.value IS 'The value in the unit.';
COMMENT ON COLUMN stp.system_indicator.lower IS
    'Lower 95% confidence limit of a proportion, rate or ratio; NULL for means and judgements, whose spread is not reported.';
CALL stp.copy_comments('stp_internal.system_value', 'stp.system_indicator');
COMMENT ON COLUMN stp.system_indicator.method IS
    'How the limits were found: exact Poisson, Byar, Wilson; scaled up: for what is missing; suppressed counts: with the '
    'least and the most that they can be.';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.counted_part(share float8, own_share float8, is_known boolean, numerator float8, denominator float8,
                                          value float8, hidden float8, missing float8)
RETURNS TABLE (share float8, missing float8, moved float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN is_known THEN counted_part.share END,
           coalesce(counted_part.missing, CASE WHEN NOT is_known THEN coalesce(nullif(w.weight, 0), 1) END) * counted_part.share,
           CASE WHEN is_known AND own_share < counted_part.share AND counted_part.missing IS NULL
                THEN w.weight * (counted_part.share - own_share) END
      FROM (SELECT coalesce(denominator, numerator + coalesce(hidden / 2, 0), hidden / 2,
                            CASE WHEN value IS NOT NULL THEN 1 END)) w (weight);
END;
COMMENT ON FUNCTION stp_internal.counted_part(float8, float8, boolean, float8, float8, float8, float8, float8) IS
    'What a report is in a sum, from a row of stp_internal.shares_at(): the share that counts; what is missing, also because it '
    'is not known whether it lies there; and the weight of what counts there only on these boundaries.';

-- As the view stp_internal.system_value, which knows that a report counts where it was made.
CREATE FUNCTION stp_internal.restated_value(rates text, boundaries date)
RETURNS TABLE (indicator text, period stp.period, unit text, numerator float8, denominator float8, value float8, spread float8,
               scale float8, organisations int, expected int, completeness float8, restated float8, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1500 -- not STRICT, so that the planner takes it in
BEGIN ATOMIC
    SELECT t.indicator, t.period, t.unit, f.numerator, f.denominator, f.value, f.spread, f.scale, t.organisations, t.expected,
           f.completeness, f.restated, f.status
      FROM (SELECT p.indicator, p.period, m.unit,
                   stp.exact_sum(r.numerator * c.share) AS numerator,
                   stp.exact_sum(r.denominator * c.share) AS denominator,
                   stp.exact_sum(r.value * c.share) AS value,
                   stp.exact_sum(c.share) FILTER (WHERE r.value IS NOT NULL) AS shares,
                   stp.exact_sum(r.hidden * c.share) AS hidden,
                   stp.exact_sum(c.missing) AS missing,
                   stp.exact_sum(c.moved) FILTER (WHERE c.moved IS NOT NULL) AS moved,
                   (count(*) - count(c.missing))::int AS organisations, count(*)::int AS expected,
                   bool_or(r.status = 'inferred') AS inferred
              FROM stp_internal.reported_period p
             CROSS JOIN LATERAL stp_internal.reports_of(p.indicator, p.period) r
              JOIN stp_internal.shares_at(restated_value.rates, restated_value.boundaries, '-infinity', 'infinity') m
                ON m.organisation = r.organisation AND r.last_day BETWEEN m.valid_from AND m.valid_to
             CROSS JOIN LATERAL stp_internal.counted_part(m.share, m.own_share, m.is_known, r.numerator, r.denominator, r.value,
                                                          r.hidden, r.missing) c
             GROUP BY p.indicator, p.period, m.unit) t
     CROSS JOIN LATERAL stp_internal.figure(t.indicator, t.period,
                                            CASE WHEN restated_value.rates <> 'organisation' THEN t.unit END, t.numerator,
                                            t.denominator, t.value, t.shares, t.hidden, t.missing, t.organisations, t.inferred,
                                            t.moved, restated_value.boundaries) f;
END;
COMMENT ON FUNCTION stp_internal.restated_value(text, date) IS
    'stp_internal.system_value, or (rates = organisation) organisation_value, on the boundaries of a day. restated: what part '
    'of a figure counts there only on them.';

CREATE VIEW stp_internal.organisation_value WITH (security_invoker = true) AS
SELECT p.indicator, p.period, r.organisation, f.numerator, f.denominator, f.value, f.spread, f.scale,
       (r.missing IS NULL)::int AS organisations, 1 AS expected, f.came, r.missing, f.completeness, f.status
  FROM stp_internal.reported_period p
 CROSS JOIN LATERAL stp_internal.reports_of(p.indicator, p.period) r
 CROSS JOIN LATERAL stp_internal.figure(p.indicator, p.period, NULL, r.numerator, r.denominator, r.value, 1, r.hidden, r.missing,
                                        (r.missing IS NULL)::int, r.status = 'inferred') f;
CALL stp.make_rows('stp_internal.organisation_value');
COMMENT ON VIEW stp_internal.organisation_value IS
    'Indicators of single organisations, keyed by stp.period, with the columns of stp_internal.system_value: what each reported, '
    'whether it belongs to a system or not.';
COMMENT ON COLUMN stp_internal.organisation_value.numerator IS
    'The reported numerator; of a suppressed one half of what it can be at most.';
COMMENT ON COLUMN stp_internal.organisation_value.denominator IS
    'The reported denominator; NULL where it would be people, because an organisation has no population.';
COMMENT ON COLUMN stp_internal.organisation_value.value IS
    'numerator / denominator x per, or the reported value, in the unit of the indicator.';
COMMENT ON COLUMN stp_internal.organisation_value.organisations IS '1: it has reported; 0: it was expected to.';
COMMENT ON COLUMN stp_internal.organisation_value.expected IS '1.';
CALL stp.copy_comments('stp_internal.system_value', 'stp_internal.organisation_value');

CREATE VIEW stp.organisation_indicator WITH (security_invoker = true) AS
SELECT v.organisation, o.name AS organisation_name, o.type, o.subtype, o.region, v.indicator, i.name AS indicator_name,
    i.unit_of_measure, i.better,
       v.period, stp.first_day(v.period) AS first_day, stp.last_day(v.period) AS last_day,
       v.numerator, v.denominator, v.value, e.lower, e.upper, e.method, v.status
  FROM stp_internal.organisation_value_rows() v
  JOIN stp.organisation o ON o.organisation = v.organisation
  JOIN stp.indicator i ON i.indicator = v.indicator
  LEFT JOIN LATERAL stp_internal.figure_limits(i.kind, v.numerator, v.denominator, i.per, v.spread, v.scale) e
         ON v.value IS NOT NULL;
COMMENT ON VIEW stp.organisation_indicator IS
    'The figure of every indicator of every organisation, of its own reports, without shares. Reports that were expected and '
    'have not come are rows too: status incomplete.';
COMMENT ON COLUMN stp.organisation_indicator.type IS 'Its type, for example Acute trust.';
COMMENT ON COLUMN stp.organisation_indicator.subtype IS 'Its subtype.';
COMMENT ON COLUMN stp.organisation_indicator.region IS 'Its region as published.';
CALL stp.copy_comments('stp.system_indicator', 'stp.organisation_indicator');

CREATE VIEW stp.unassigned_observation WITH (security_invoker = true) AS
SELECT o.indicator, o.organisation, o.period, stp.first_day(o.period) AS first_day, stp.last_day(o.period) AS last_day,
       o.numerator, o.denominator, o.value
  FROM stp.observation o
 WHERE NOT EXISTS (SELECT FROM stp.membership m
                    WHERE m.organisation = o.organisation
                      AND m.valid_from <= stp.last_day(o.period)
                      AND (m.valid_to IS NULL OR m.valid_to >= stp.last_day(o.period)));
COMMENT ON VIEW stp.unassigned_observation IS
    'Reports that count in no system, because the organisation has no membership on the last day of the period.';
COMMENT ON COLUMN stp.unassigned_observation.last_day IS 'The day without a membership.';
COMMENT ON COLUMN stp.unassigned_observation.numerator IS 'The numerator that is missing from every system.';
COMMENT ON COLUMN stp.unassigned_observation.denominator IS 'The denominator that is missing from every system.';
COMMENT ON COLUMN stp.unassigned_observation.value IS 'The value that is missing from every system.';

-- Candidates are made, not searched: a few index probes find the period however long the history is. Asked for the
-- first row in the order of the index, the planner takes the index whatever it believes about the periods.
CREATE FUNCTION stp_internal.candidate_periods(indicator text, period stp.period, maximum_age int)
RETURNS TABLE (period stp.period, place bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
    SELECT candidate.period, row_number() OVER (ORDER BY stp.last_day(candidate.period) DESC, candidate.period DESC)
      FROM (VALUES ('month', 1), ('quarter', 3), ('half', 6), ('year', 12)) grain (name, months)
     -- The newest that ends by then, or is the next to, and no more than there are before it: the calendar has two ends.
     CROSS JOIN LATERAL (SELECT stp.period(stp.last_day(candidate_periods.period), grain.name) AS period OFFSET 0) newest
     CROSS JOIN LATERAL generate_series((stp.last_day(newest.period) > stp.last_day(candidate_periods.period))::int,
                                        least(least(candidate_periods.maximum_age, 3600) / grain.months + 1,
                                              newest.period - stp.period(date '1900-04-01', grain.name))) back
     CROSS JOIN LATERAL (SELECT newest.period - back AS period) candidate
     WHERE stp.last_month(candidate_periods.period) - stp.last_month(candidate.period)
           <= candidate_periods.maximum_age
       AND (SELECT true FROM stp.observation o
             WHERE o.indicator = candidate_periods.indicator
               AND o.period = candidate.period
             ORDER BY o.organisation LIMIT 1);
END;
COMMENT ON FUNCTION stp_internal.candidate_periods(text, stp.period, int) IS
    'The periods with observations of the indicator that end on or before the last day of the given period and at most '
    'maximum_age months earlier, by place: the latest is first, of several that end together the shortest.';

CREATE FUNCTION stp_internal.latest_period(indicator text, period stp.period, maximum_age int) RETURNS stp.period
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN
(
    SELECT c.period
      FROM stp_internal.candidate_periods(latest_period.indicator, latest_period.period, latest_period.maximum_age) c
     WHERE c.place = 1
);
COMMENT ON FUNCTION stp_internal.latest_period(text, stp.period, int) IS
    'The first of stp_internal.candidate_periods(); NULL if there is none.';

CALL stp.make_as_of('counted_persons', 'persons', 'counted_report_rows', 'counted_report', 'usual_weight', 'may_report',
                    'part_time', 'silent_organisations', 'silent_origins', 'missing_reports', 'reports_of', 'figure',
                    'reported_period', 'system_value_rows', 'system_indicator', 'counted_part', 'candidate_periods',
                    'latest_period');
ALTER VIEW stp_internal.system_indicator_as_of SET SCHEMA stp;

GRANT SELECT ON stp_internal.counted_report, stp_internal.reported_period, stp_internal.system_value, stp.system_indicator,
    stp_internal.organisation_value, stp.organisation_indicator, stp.unassigned_observation TO PUBLIC;
