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
                                     FROM (SELECT n.indicator, stp_internal.latest_period(n.indicator, cohort.period,
                                         coalesce(n.maximum_age, 12)) AS period
                                             FROM stp.scheme_node n WHERE n.scheme = cohort.scheme OFFSET 0) leaf
                                     JOIN stp.observation r ON r.indicator = leaf.indicator AND r.period = leaf.period))
     ORDER BY 2, 1;
END;
COMMENT ON FUNCTION stp.cohort(text, stp.period) IS
    'What a scheme rates in a period, and the peer group of each: the systems, regions or places that exist on its last day; or '
    'the organisations that have a membership on that day, or have reported one of the scheme''s indicators in the period that '
    'it is taken from.';

CREATE FUNCTION stp_internal.leaf_values(rates text, indicators text[], periods stp.period[], units text[])
RETURNS TABLE (leaf bigint, unit bigint, value float8, numerator float8, denominator float8, organisations int, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 700
BEGIN ATOMIC
    SELECT leaf.number, cohort.number, v.value, v.numerator, v.denominator, v.organisations, v.status
      FROM ROWS FROM (unnest(leaf_values.indicators),
          unnest(leaf_values.periods)) WITH ORDINALITY leaf (indicator, period, number)
      JOIN stp_internal.system_value v ON v.indicator = leaf.indicator AND v.period = leaf.period
      JOIN unnest(leaf_values.units) WITH ORDINALITY cohort (unit, number) ON cohort.unit = v.system
     -- What the join says already, in a form that reaches the index below the grouping.
     WHERE v.indicator = ANY (leaf_values.indicators) AND v.period = ANY (leaf_values.periods)
       AND leaf_values.rates <> 'organisation'
    UNION ALL
    SELECT leaf.number, cohort.number, v.value, v.numerator, v.denominator, v.organisations, v.status
      FROM ROWS FROM (unnest(leaf_values.indicators),
          unnest(leaf_values.periods)) WITH ORDINALITY leaf (indicator, period, number)
      JOIN stp_internal.organisation_value v ON v.indicator = leaf.indicator AND v.period = leaf.period
      JOIN unnest(leaf_values.units) WITH ORDINALITY cohort (unit, number) ON cohort.unit = v.organisation
     WHERE leaf_values.rates = 'organisation';
END;
COMMENT ON FUNCTION stp_internal.leaf_values(text, text[], stp.period[], text[]) IS
    'Values of several indicators, each in its period, for a cohort; rates as in stp.scheme; leaf and unit are places in the '
    'arrays.';

-- The same sums over the memberships of other days, which a view of the figures cannot be asked for.
CREATE FUNCTION stp_internal.moved_values(belongings stp.period[], indicators text[], periods stp.period[], units text[])
RETURNS TABLE (leaf bigint, unit bigint, value float8, numerator float8, denominator float8, organisations int, status text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 700
BEGIN ATOMIC
    SELECT t.leaf, t.unit, f.value, t.numerator, f.denominator, t.organisations, f.status
      FROM (SELECT leaf.number AS leaf, leaf.period, leaf.indicator, cohort.number AS unit, cohort.unit AS system,
          count(*)::int AS organisations,
                   stp.exact_sum(o.numerator * m.share::float8) AS numerator,
                   stp.exact_sum(o.denominator * m.share::float8) AS denominator,
                   stp.exact_sum(o.value * m.share::float8) / stp.exact_sum(m.share::float8) AS value
              FROM ROWS FROM (unnest(moved_values.belongings), unnest(moved_values.indicators), unnest(moved_values.periods))
                   WITH ORDINALITY leaf (belonging, indicator, period, number)
              JOIN stp.observation o ON o.indicator = leaf.indicator AND o.period = leaf.period
             CROSS JOIN LATERAL stp_internal.shares_on(o.organisation, stp.last_day(leaf.belonging)) m
              JOIN unnest(moved_values.units) WITH ORDINALITY cohort (unit, number) ON cohort.unit = m.system
             GROUP BY leaf.number, leaf.period, leaf.indicator, cohort.number, cohort.unit) t
     CROSS JOIN LATERAL stp_internal.system_figure(t.indicator, t.period, t.system, t.numerator, t.denominator, t.value) f;
END;
COMMENT ON FUNCTION stp_internal.moved_values(stp.period[], text[], stp.period[], text[]) IS
    'What stp_internal.leaf_values() gives for systems, if organisations belonged where they did on the last day of other '
    'periods: one for each indicator.';

CREATE FUNCTION stp_internal.reference_values(scheme text)
RETURNS TABLE (node text, peer_group text, smallest float8, largest float8, mean float8, deviation float8)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT n.node, cohort.peer_groups[v.unit], min(v.value), max(v.value), avg(v.value ORDER BY v.unit),
        stddev_samp(v.value ORDER BY v.unit)
      FROM stp.scheme s
      JOIN stp.scheme_node n ON n.scheme = s.scheme AND n.reference_period IS NOT NULL
     CROSS JOIN LATERAL (SELECT array_agg(c.unit ORDER BY c.unit) AS units, array_agg(c.peer_group ORDER BY c.unit) AS peer_groups
                           FROM stp.cohort(s.scheme, n.reference_period) c) cohort
     CROSS JOIN LATERAL stp_internal.leaf_values(s.rates, ARRAY[n.indicator],
                                        ARRAY[stp_internal.latest_period(n.indicator, n.reference_period,
                                            coalesce(n.maximum_age, 12))],
                                        cohort.units) v
     WHERE s.scheme = reference_values.scheme
     GROUP BY n.node, cohort.peer_groups[v.unit];
END;
COMMENT ON FUNCTION stp_internal.reference_values(text) IS
    'For every node with a reference period: least, greatest, mean and sample standard deviation of each peer group''s values '
    'when that period is assessed.';

CALL stp.make_as_of('cohort', 'leaf_values', 'moved_values', 'reference_values');
