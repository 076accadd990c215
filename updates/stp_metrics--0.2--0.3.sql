\echo Use "ALTER EXTENSION stp_metrics UPDATE TO '0.3'" to load this file. \quit

-- How src/*.sql has changed since 0.2, in an order in which it can be done. test/tap/upgrade.pl compares what comes of it with
-- a fresh installation.

-- A relation that has a key twice is told which.
CREATE OR REPLACE PROCEDURE stp_internal.take_observations(source text, changes stp_internal.input_change[], INOUT rows int)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    changed record;
    within  text := '';
    query   text;
    twice   record;
BEGIN
    IF source = 'spell' THEN
        SELECT c.organisations, CASE WHEN isfinite(c.first_day) THEN stp.month(c.first_day) END AS first,
               CASE WHEN isfinite(c.last_day) THEN stp.month(c.last_day) END AS last
          INTO changed FROM stp_internal.changed_spells(changes) c;
    ELSE
        SELECT array_agg(DISTINCT c.code) AS organisations, NULL::stp.period AS first, NULL::stp.period AS last
          INTO changed FROM unnest(changes) c;
    END IF;
    IF changes IS NOT NULL THEN
        within := concat(' AND %1$s.organisation = ANY ($2)',
                         CASE WHEN changed.first IS NOT NULL THEN ' AND %1$s.period >= $3' END,
                         CASE WHEN changed.last IS NOT NULL THEN ' AND %1$s.period <= $4' END);
    END IF;
    SELECT s.rows INTO query FROM stp_internal.source s WHERE s.source = stp_internal.kind_of_source(take_observations.source);
    -- What came from the other basis of money is what it no longer has. The key begins with the indicator: it finds months of
    -- all indicators.
    EXECUTE format('WITH taken AS MATERIALIZED (SELECT * FROM (%s) r WHERE true%s),
        gone AS (DELETE FROM stp.observation o WHERE o.taken_from = ANY ($5)
                    AND NOT EXISTS (SELECT FROM taken t
                                     WHERE t.indicator = o.indicator AND t.period = o.period
                                       AND t.organisation = o.organisation)%s
             RETURNING o.indicator),
        written AS (INSERT INTO stp.observation AS o (indicator, organisation, period, numerator, denominator, value, status,
                                                      taken_from)
            SELECT t.indicator, t.organisation, t.period, t.numerator, t.denominator, t.value, t.status, $1 FROM taken t
                ON CONFLICT (indicator, period, organisation) DO UPDATE
               SET numerator = excluded.numerator, denominator = excluded.denominator, value = excluded.value,
                   status = excluded.status, taken_from = stp_internal.only_source(o, excluded.taken_from)
             WHERE (o.numerator, o.denominator, o.value, o.status, o.taken_from)
                   IS DISTINCT FROM
                   (excluded.numerator, excluded.denominator, excluded.value, excluded.status, excluded.taken_from)
             RETURNING o.indicator)
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)', query, format(within, 'r'),
            CASE WHEN changes IS NOT NULL
                 THEN format(within, 'o') || ' AND o.indicator = ANY (ARRAY(SELECT i.indicator FROM stp.indicator i))' END)
       INTO rows USING source, changed.organisations, changed.first, changed.last,
                       ARRAY(SELECT s.source FROM stp_internal.source s
                              WHERE split_part(s.source, ' ', 1) = split_part(take_observations.source, ' ', 1)) || source;
EXCEPTION
    -- A statement does not write a row twice. Where no row is there twice, it was the query of a relation that failed.
    WHEN cardinality_violation THEN
        EXECUTE format('SELECT r.indicator, r.organisation, r.period, count(*) FROM (%s) r WHERE true%s
                         GROUP BY 1, 2, 3 HAVING count(*) > 1 ORDER BY 1, 3, 2 LIMIT 1', query, format(within, 'r'))
           INTO twice USING source, changed.organisations, changed.first, changed.last;
        IF twice.count IS NULL THEN
            RAISE;
        END IF;
        RAISE EXCEPTION '% has % rows of % of organisation "%" in %', source, twice.count, twice.indicator, twice.organisation,
              twice.period
              USING ERRCODE = 'unique_violation', HINT = 'An observation is one row: add them up in the relation, or choose one.';
END $$;

-- Figures of organisations are read where they are asked for; the twins of the past are as the server writes them.
CREATE OR REPLACE FUNCTION stp_internal.own_values(indicators text[], periods stp.period[], units text[], boundaries date)
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

CREATE OR REPLACE FUNCTION stp_internal.own_values_as_of(indicators text[], periods stp.period[], units text[], boundaries date)
 RETURNS TABLE(leaf bigint, unit bigint, value double precision, numerator double precision, denominator double precision, spread double precision, scale double precision, organisations integer, expected integer, came double precision, missing double precision, completeness double precision, restated double precision, months integer, months_expected integer, status text)
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 700
BEGIN ATOMIC
 SELECT leaf.number,
     cohort.number,
     f.value,
     f.numerator,
     f.denominator,
     f.spread,
     f.scale,
     ((r.missing IS NULL))::integer AS int4,
     1,
     f.came,
     r.missing,
     f.completeness,
     f.restated,
     NULL::integer AS int4,
     NULL::integer AS int4,
     f.status
    FROM (((UNNEST(own_values_as_of.indicators, own_values_as_of.periods) WITH ORDINALITY leaf(indicator, period, number)
      CROSS JOIN LATERAL stp_internal.reports_of_as_of(leaf.indicator, leaf.period) r(organisation, last_day, numerator, denominator, value, hidden, missing, status))
      JOIN unnest(own_values_as_of.units) WITH ORDINALITY cohort(unit, number) ON ((cohort.unit = r.organisation)))
      CROSS JOIN LATERAL stp_internal.figure_as_of(leaf.indicator, leaf.period, NULL::text, r.numerator, r.denominator, r.value, (
         CASE
             WHEN (r.value IS NOT NULL) THEN 1
             ELSE NULL::integer
         END)::double precision, r.hidden, r.missing, ((r.missing IS NULL))::integer, (r.status = 'inferred'::text), boundaries => own_values_as_of.boundaries) f(numerator, denominator, value, spread, scale, came, completeness, restated, status))
   WHERE ((NOT (cohort.unit IN ( SELECT h.code
            FROM stp_internal.heirs_as_of('organisation'::text, own_values_as_of.boundaries) h(code, heir, share, valid_from, valid_to, is_known)))) AND ((own_values_as_of.boundaries IS NULL) OR stp_internal.sees_all_figures()));
END
;

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

CREATE FUNCTION stp_internal.summed_values_as_of(rates text, indicators text[], periods stp.period[], units text[], boundaries date)
 RETURNS TABLE(leaf bigint, unit bigint, value double precision, numerator double precision, denominator double precision, spread double precision, scale double precision, organisations integer, expected integer, came double precision, missing double precision, completeness double precision, restated double precision, months integer, months_expected integer, status text)
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 700
BEGIN ATOMIC
 WITH leaf AS (
          SELECT l.indicator,
             l.period,
             l.number
            FROM UNNEST(summed_values_as_of.indicators, summed_values_as_of.periods) WITH ORDINALITY l(indicator, period, number)
         ), cohort AS (
          SELECT c.unit,
             c.number
            FROM unnest(summed_values_as_of.units) WITH ORDINALITY c(unit, number)
         )
  SELECT t.leaf,
     t.unit,
     f.value,
     f.numerator,
     f.denominator,
     f.spread,
     f.scale,
     t.organisations,
     t.expected,
     f.came,
     t.missing,
     f.completeness,
     f.restated,
     NULL::integer AS int4,
     NULL::integer AS int4,
     f.status
    FROM ((( SELECT leaf_1.number AS leaf,
             cohort.number AS unit,
             min(cohort.unit) AS code,
             stp.exact_sum((r.numerator * c.share)) AS numerator,
             stp.exact_sum((r.denominator * c.share)) AS denominator,
             stp.exact_sum((r.value * c.share)) AS value,
             stp.exact_sum(c.share) FILTER (WHERE (r.value IS NOT NULL)) AS shares,
             stp.exact_sum((r.hidden * c.share)) AS hidden,
             stp.exact_sum(c.missing) AS missing,
             stp.exact_sum(c.moved) FILTER (WHERE (c.moved IS NOT NULL)) AS moved,
             ((count(*) - count(c.missing)))::integer AS organisations,
             (count(*))::integer AS expected,
             bool_or((r.status = 'inferred'::text)) AS inferred
            FROM ((((leaf leaf_1
              CROSS JOIN LATERAL stp_internal.reports_of_as_of(leaf_1.indicator, leaf_1.period) r(organisation, last_day, numerator, denominator, value, hidden, missing, status))
              JOIN stp_internal.shares_at_as_of(summed_values_as_of.rates, summed_values_as_of.boundaries, ( SELECT min(stp.last_day(p.period)) AS min
                    FROM unnest(summed_values_as_of.periods) p(period)), ( SELECT max(stp.last_day(p.period)) AS max
                    FROM unnest(summed_values_as_of.periods) p(period))) m(organisation, unit, share, valid_from, valid_to, own_share, is_known) ON (((m.organisation = r.organisation) AND ((r.last_day >= m.valid_from) AND (r.last_day <= m.valid_to)))))
              JOIN cohort ON ((cohort.unit = m.unit)))
              CROSS JOIN LATERAL stp_internal.counted_part_as_of(m.share, m.own_share, m.is_known, r.numerator, r.denominator, r.value, r.hidden, r.missing) c(share, missing, moved))
           WHERE ((summed_values_as_of.rates <> 'organisation'::text) OR ((EXISTS ( SELECT
                    FROM stp_internal.succession_as_of s
                   WHERE (s.kind = 'organisation'::text))) AND (m.organisation IN ( SELECT h.code
                    FROM stp_internal.heirs_as_of('organisation'::text, summed_values_as_of.boundaries) h(code, heir, share, valid_from, valid_to, is_known)))))
           GROUP BY leaf_1.number, cohort.number) t
      JOIN leaf ON ((leaf.number = t.leaf)))
      CROSS JOIN LATERAL stp_internal.figure_as_of(leaf.indicator, leaf.period,
         CASE
             WHEN (summed_values_as_of.rates <> 'organisation'::text) THEN t.code
             ELSE NULL::text
         END, t.numerator, t.denominator, t.value, t.shares, t.hidden, t.missing, t.organisations, t.inferred, t.moved, summed_values_as_of.boundaries) f(numerator, denominator, value, spread, scale, came, completeness, restated, status));
END
;
COMMENT ON FUNCTION stp_internal.summed_values_as_of(text, text[], stp.period[], text[], date) IS
    'stp.summed_values as it was at stp.as_of, by default now.';

CREATE OR REPLACE FUNCTION stp_internal.leaf_values(rates text, indicators text[], periods stp.period[], units text[], boundaries date)
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

CREATE OR REPLACE FUNCTION stp_internal.leaf_values_as_of(rates text, indicators text[], periods stp.period[], units text[], boundaries date)
 RETURNS TABLE(leaf bigint, unit bigint, value double precision, numerator double precision, denominator double precision, spread double precision, scale double precision, organisations integer, expected integer, came double precision, missing double precision, completeness double precision, restated double precision, months integer, months_expected integer, status text)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE COST 10000 ROWS 700
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT v.* FROM stp_internal.summed_values_as_of(leaf_values_as_of.rates, leaf_values_as_of.indicators, leaf_values_as_of.periods,
                                               leaf_values_as_of.units, leaf_values_as_of.boundaries) v;
    IF leaf_values_as_of.rates = 'organisation' THEN
        RETURN QUERY
        SELECT v.* FROM stp_internal.own_values_as_of(leaf_values_as_of.indicators, leaf_values_as_of.periods, leaf_values_as_of.units,
                                                leaf_values_as_of.boundaries) v;
    END IF;
END $function$
;

-- Codes are told in the order in which they were given.
CREATE OR REPLACE FUNCTION stp_internal.placement(predecessors text[], successors text[], day date) RETURNS stp.membership[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET datestyle = ISO AS $$
DECLARE
    unplaced text[] := ARRAY(SELECT s.code FROM unnest(successors) WITH ORDINALITY s (code, n)
                              WHERE NOT EXISTS (SELECT FROM stp.membership m WHERE m.organisation = s.code
                                AND m.valid_from <= placement.day AND coalesce(m.valid_to, 'infinity') >= placement.day)
                              ORDER BY s.n);
    later    text[] := ARRAY(SELECT DISTINCT m.organisation FROM stp.membership m
                              WHERE m.organisation = ANY (unplaced) AND m.valid_from > placement.day ORDER BY 1);
    places   record;
BEGIN
    SELECT min(p.organisation) AS model, count(DISTINCT p.rows) AS ways, max(p.systems) AS systems,
           string_agg(p.organisation || ' to ' || p.list, '; ' ORDER BY p.organisation COLLATE "C") AS list INTO places
      FROM (SELECT m.organisation, count(DISTINCT m.system) AS systems,
                   string_agg(format('%s (%s)', m.system, m.share), ', ' ORDER BY m.system COLLATE "C", m.valid_from) AS list,
                   string_agg(concat_ws(' ', m.system, trim_scale(m.share), greatest(m.valid_from, placement.day), m.valid_to),
                              ', '
                              ORDER BY m.system COLLATE "C", m.valid_from) AS rows
              FROM stp.membership m
             WHERE m.organisation = ANY (predecessors) AND coalesce(m.valid_to, 'infinity') >= placement.day
             GROUP BY m.organisation) p;
    IF cardinality(later) > 0 THEN
        RAISE EXCEPTION 'memberships of % begin only after %', stp_internal.list_codes(later), placement.day
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'A successor that is there is so on the day: give a later one, or begin its memberships by then.';
    ELSIF cardinality(unplaced) > 0
       AND (places.ways > 1 OR (places.systems > 1 AND cardinality(successors) > 1)
            OR (places.model IS NULL AND EXISTS (SELECT FROM stp.membership m WHERE m.organisation = ANY (predecessors)))) THEN
        RAISE EXCEPTION 'where % % from % on cannot be told: %', stp_internal.list_codes(unplaced),
              CASE cardinality(unplaced) WHEN 1 THEN 'belongs' ELSE 'belong' END, placement.day,
              coalesce(places.list, 'no predecessor has a membership then')
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = format('Insert memberships (and who is not there yet) before this call, in the same transaction: '
                                  'INSERT INTO stp.membership (organisation, system, share, valid_from) '
                                  'VALUES (%L, ''...'', 1, ''%s''), ...',
                                  unplaced[1], placement.day);
    END IF;
    RETURN ARRAY(SELECT ROW(s.code, m.system, m.share, greatest(m.valid_from, placement.day), m.valid_to, m.basis,
                            m.recorded_at)::stp.membership
                   FROM unnest(unplaced) s (code) JOIN stp.membership m ON m.organisation = places.model
                  WHERE coalesce(m.valid_to, 'infinity') >= placement.day);
END $$;
