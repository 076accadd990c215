-- Module change: why a rating is not what it was.

-- By people, if they are known of all.
CREATE FUNCTION stp_internal.predecessors(scheme text, units text[], period_1 stp.period, period_2 stp.period)
RETURNS TABLE (unit text, predecessor text, weight float8, stands_in boolean, heirs text)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 20
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    first_map  date := stp.last_day(period_1);
    second_map date := stp.last_day(period_2);
    kind       text := (SELECT CASE s.rates WHEN 'organisation' THEN 'organisation' ELSE 'system' END
                          FROM stp.scheme s WHERE s.scheme = predecessors.scheme);
BEGIN
    RETURN QUERY
    WITH heir AS MATERIALIZED
    (
        SELECT h.code, h.heir, h.share::float8 AS share
          FROM stp_internal.heirs(kind, second_map) h WHERE first_map BETWEEN h.valid_from AND h.valid_to
    ),
    part AS MATERIALIZED
    (
        SELECT h.heir AS unit, h.code, h.share,
               CASE kind WHEN 'system' THEN h.share * stp.persons(h.code, period_1) END AS persons
          FROM heir h
         WHERE h.heir = ANY (units) AND h.code <> h.heir AND stp_internal.existed(kind, h.code, first_map + 1)
    ),
    rated AS MATERIALIZED (SELECT c.unit FROM stp.cohort(predecessors.scheme, period_1) c WHERE EXISTS (SELECT FROM part))
    SELECT p.unit, p.code, CASE WHEN bool_and(p.persons > 0) OVER w THEN p.persons / sum(p.persons) OVER w
                                ELSE p.share / sum(p.share) OVER w END,
           NOT EXISTS (SELECT FROM rated r WHERE r.unit = p.unit), NULL
      FROM part p
    WINDOW w AS (PARTITION BY p.unit)
    UNION ALL
    SELECT h.code, NULL, NULL, NULL, string_agg(format('"%s"', h.heir), ', ' ORDER BY h.heir COLLATE "C")
      FROM heir h
     WHERE h.code = ANY (units) AND first_map <= second_map
     GROUP BY h.code
    HAVING bool_and(h.heir <> h.code);
END $$;
COMMENT ON FUNCTION stp_internal.predecessors(text, text[], stp.period, stp.period) IS
    'What units were made of between two periods, with the weight of each in it; stands_in: they stand for it in the first, in '
    'which it is not rated. Of a unit that has ended between them one row, with the heirs alone.';

-- Of codes that all have gone to one heir by a day.
CREATE FUNCTION stp_internal.sole_heirs(day date) RETURNS TABLE (code text, heir text, valid_from date, valid_to date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20 -- not STRICT, so that the planner takes it in
BEGIN ATOMIC
    SELECT h.code, min(h.heir), h.valid_from, h.valid_to
      FROM stp_internal.heirs('organisation', sole_heirs.day) h
     WHERE h.is_known
     GROUP BY h.code, h.valid_from, h.valid_to
    HAVING count(*) = 1;
END;
COMMENT ON FUNCTION stp_internal.sole_heirs(date) IS
    'What organisations had become by a day, or were before: those that are wholly one other, or themselves.';

-- A report counts in its own period with its own reporting; and in one of the two that mix them: where the other period has a
-- report beside it in its own data, otherwise in its own reporting, of which the other data lack it.
CREATE FUNCTION stp_internal.mixed_reports(indicators text[], takes text[], first stp.period[], second stp.period[])
RETURNS TABLE (number bigint, organisation text, heir text, day date, part float8, numerator float8, denominator float8,
               value float8, hidden float8, missing float8, own int, mixed int)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 3000
SET search_path = pg_catalog, pg_temp SET jit = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH leaf AS MATERIALIZED
    (
        SELECT * FROM unnest(indicators, takes, mixed_reports.first, mixed_reports.second) WITH ORDINALITY
                      l (indicator, takes, first, second, number)
    ),
    heir AS MATERIALIZED
    (
        SELECT l.number, h.* FROM leaf l
         CROSS JOIN LATERAL stp_internal.sole_heirs(greatest(stp.last_day(l.first), stp.last_day(l.second))) h
    ),
    taken AS MATERIALIZED
    (
        SELECT t.*, coalesce(h.heir, t.organisation) AS heir
          FROM (SELECT l.number, l.takes = 'latest' AS is_latest, w.is_second, r.*
                  FROM leaf l
                 CROSS JOIN LATERAL (VALUES (false, l.first), (true, l.second)) w (is_second, period)
                 CROSS JOIN LATERAL stp_internal.taken_reports(l.indicator, w.period, l.takes) r) t
          LEFT JOIN heir h ON h.number = t.number AND h.code = t.organisation AND t.day BETWEEN h.valid_from AND h.valid_to
    ),
    beside AS MATERIALIZED
    (
        SELECT t.number, t.is_second, t.heir, t.back, CASE WHEN t.is_latest THEN 0 ELSE t.length END AS length
          FROM taken t WHERE t.missing IS NULL GROUP BY 1, 2, 3, 4, 5
    )
    SELECT t.number, t.organisation, t.heir, t.day, t.part, t.numerator, t.denominator, t.value, t.hidden, t.missing,
           CASE WHEN t.is_second THEN 3 ELSE 0 END, CASE WHEN t.is_second = (b.number IS NOT NULL) THEN 1 ELSE 2 END
      FROM taken t
      LEFT JOIN beside b ON t.missing IS NULL AND b.number = t.number AND b.is_second = (NOT t.is_second) AND b.heir = t.heir
       AND b.back = t.back AND b.length = CASE WHEN t.is_latest THEN 0 ELSE t.length END;
END $$;
COMMENT ON FUNCTION stp_internal.mixed_reports(text[], text[], stp.period[], stp.period[]) IS
    'The reports that leaves take in two periods, and in which of the variants of stp_internal.mixed_values() they count, but '
    'for the map: own and mixed. heir: whose code they would bear in the later.';

-- Both periods with the reporting of either, on both maps, and if there was a succession on that of the later boundaries with the
-- memberships of the earlier: what they have in common is asked for once. Between the maps there is nobody yet, or any more, whom
-- no succession explains.
CREATE FUNCTION stp_internal.mixed_parts(rates text, indicators text[], takes text[], first stp.period[], second stp.period[],
                                         units_1 text[], units_2 text[], map_1 date, map_2 date, succeeded boolean)
RETURNS TABLE (variant int, leaf bigint, unit bigint, organisation text, numerator float8, denominator float8, value float8,
               shares float8, hidden float8, missing float8, organisations int)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 10000
SET search_path = pg_catalog, pg_temp SET jit = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH heir AS MATERIALIZED
    (
        SELECT h.heir FROM stp_internal.heirs(CASE rates WHEN 'organisation' THEN 'organisation' ELSE 'system' END,
                                              greatest(map_1, map_2)) h
         WHERE h.code = ANY (CASE WHEN map_1 > map_2 THEN units_2 ELSE units_1 END)
    ),
    place AS MATERIALIZED
    (
        SELECT m.variant, c.number AS unit, s.organisation, s.share, s.valid_from, s.valid_to, s.own_share, s.is_known
          FROM (VALUES (0, map_1, map_1, units_1), (8, map_2, map_2, units_2),
                       (4, greatest(map_1, map_2), least(map_1, map_2), CASE WHEN map_1 > map_2 THEN units_1 ELSE units_2 END))
               m (variant, day, members, units)
         CROSS JOIN (SELECT min(stp.first_day(coalesce(stp_internal.first_month(p.period, p.takes), p.period))) AS since,
                            max(stp.last_day(p.period)) AS until
                       FROM unnest(mixed_parts.first || mixed_parts.second, takes || takes) p (period, takes)) span
         CROSS JOIN LATERAL stp_internal.shares_at(mixed_parts.rates, m.day, span.since, span.until, m.members) s
          JOIN unnest(m.units) WITH ORDINALITY c (unit, number) ON c.unit = s.unit
         WHERE m.variant <> 4
            OR (succeeded AND (s.unit IN (SELECT h.heir FROM heir h)
                               OR s.unit = ANY (CASE WHEN map_1 > map_2 THEN units_2 ELSE units_1 END)))
    ),
    report AS MATERIALIZED (SELECT * FROM stp_internal.mixed_reports(indicators, takes, mixed_parts.first, mixed_parts.second))
    SELECT v.variant + p.variant, r.number, p.unit, CASE WHEN grouping(r.heir) = 0 THEN r.heir END,
           stp.exact_sum(r.numerator * r.part * c.share), stp.exact_sum(r.denominator * r.part * c.share),
           stp.exact_sum(r.value * r.part * c.share), stp.exact_sum(r.part * c.share) FILTER (WHERE r.value IS NOT NULL),
           stp.exact_sum(r.hidden * r.part * c.share), stp.exact_sum(r.part * c.missing),
           (count(DISTINCT r.organisation) FILTER (WHERE c.missing IS NULL))::int
      FROM report r
     CROSS JOIN LATERAL (VALUES (r.own), (r.mixed)) v (variant)
      JOIN place p ON p.organisation = r.organisation AND r.day BETWEEN p.valid_from AND p.valid_to
     CROSS JOIN LATERAL stp_internal.counted_part(p.share, p.own_share, p.is_known, r.numerator, r.denominator, r.value, r.hidden,
                                                  r.missing) c
     GROUP BY GROUPING SETS ((v.variant, p.variant, r.number, p.unit), (v.variant, p.variant, r.number, p.unit, r.heir));
END $$;
COMMENT ON FUNCTION stp_internal.mixed_parts(text, text[], text[], stp.period[], stp.period[], text[], text[], date, date,
                                              boolean) IS
    'The sums behind stp_internal.mixed_values(): of all organisations (organisation NULL) and of each, of those that have '
    'become one since together, under its code.';

CREATE FUNCTION stp_internal.mixed_values(rates text, indicators text[], takes text[], first stp.period[], second stp.period[],
                                          units_1 text[], units_2 text[], map_1 date, map_2 date, succeeded boolean)
RETURNS TABLE (variant int, leaf bigint, unit bigint, organisation text, numerator float8, denominator float8, value float8,
               scale float8, completeness float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000 -- not STRICT, so that the planner takes it in
BEGIN ATOMIC
    WITH part AS MATERIALIZED
    (
        SELECT p.* FROM stp_internal.mixed_parts(mixed_values.rates, mixed_values.indicators, mixed_values.takes,
                            mixed_values.first, mixed_values.second, mixed_values.units_1, mixed_values.units_2,
                            mixed_values.map_1, mixed_values.map_2, mixed_values.succeeded) p
    )
    SELECT p.variant, p.leaf, p.unit, NULL::text, f.numerator, f.denominator, f.value, f.scale, f.completeness
      FROM part p
     CROSS JOIN LATERAL (SELECT p.variant < 4 OR (p.variant < 8 AND mixed_values.map_1 > mixed_values.map_2) OFFSET 0)
           m (is_first)
     CROSS JOIN LATERAL (SELECT CASE p.variant % 2 WHEN 0 THEN coalesce(mixed_values.first[p.leaf], mixed_values.second[p.leaf])
                                     ELSE coalesce(mixed_values.second[p.leaf], mixed_values.first[p.leaf]) END AS period,
                                CASE WHEN m.is_first THEN mixed_values.map_1 ELSE mixed_values.map_2 END AS map,
                                CASE WHEN mixed_values.rates = 'organisation' THEN NULL
                                     WHEN m.is_first THEN mixed_values.units_1[p.unit]
                                     ELSE mixed_values.units_2[p.unit] END AS system OFFSET 0) w
     CROSS JOIN LATERAL stp_internal.figure(mixed_values.indicators[p.leaf], w.period, w.system, p.numerator, p.denominator,
                            p.value, p.shares, p.hidden, p.missing, p.organisations, NULL, NULL, w.map) f
     WHERE p.organisation IS NULL
    UNION ALL
    SELECT p.variant, p.leaf, p.unit, p.organisation,
           CASE i.denominator WHEN 'none' THEN p.value ELSE coalesce(p.numerator + coalesce(p.hidden / 2, 0), p.hidden / 2) END,
           CASE i.denominator WHEN 'none' THEN p.shares WHEN 'reports' THEN p.denominator END, NULL, NULL, NULL
      FROM part p
      JOIN stp.indicator i ON i.indicator = mixed_values.indicators[p.leaf]
     WHERE p.organisation IS NOT NULL AND p.organisations > 0 AND p.variant NOT BETWEEN 4 AND 7;
END;
COMMENT ON FUNCTION stp_internal.mixed_values(text, text[], text[], stp.period[], stp.period[], text[], text[], date, date,
                                               boolean) IS
    'Values of leaves (indicators and what they take) in units, as stp_internal.leaf_values() gives them, with the data of '
    'the first or the second period (variant: +1), reported by whom it was in the first or the second (+2), on the first map,'
    ' (+4, if anything succeeded) with the later boundaries and the earlier memberships, or (+8) on the second. leaf and unit'
    ' are places in the arrays, the unit in those of its map. organisation: a part of the numerator and the denominator (of '
    'values: of their sum and of their number), on the first and the second map.';

CREATE TYPE stp.change_row AS
(
    unit           text,
    place          int,
    depth          int,
    part           text,
    indicator      text,
    organisation   text,
    change         float8,
    score          float8,
    rank           int,
    category       text,
    special_causes text[],
    predecessors   text[],
    reason         text
);
COMMENT ON TYPE stp.change_row IS 'A row of stp.explain_change(): a part of a change of one unit''s score.';
COMMENT ON COLUMN stp.change_row.place IS 'Order of the rows of the unit.';
COMMENT ON COLUMN stp.change_row.depth IS
    '0: before and after; 1: a part; 2: an indicator of a part; 3: an organisation, of the own data of an indicator. The '
    'changes of each depth add up to the row above.';
COMMENT ON COLUMN stp.change_row.part IS
    'before, own data, peers'' data, reporting, boundaries, membership, weights, method, after.';
COMMENT ON COLUMN stp.change_row.indicator IS
    'The indicator, of depth 2 and 3; NULL there: what no indicator has alone, of means that cannot be split.';
COMMENT ON COLUMN stp.change_row.organisation IS
    'The organisation, of depth 3; NULL there: the people, or what changed though the value did not.';
COMMENT ON COLUMN stp.change_row.change IS 'Points of the score.';
COMMENT ON COLUMN stp.change_row.score IS 'The score, and what it and the parts add up to so far.';
COMMENT ON COLUMN stp.change_row.category IS 'Category, of before and after.';
COMMENT ON COLUMN stp.change_row.special_causes IS
    'On the row of the own data, indicator: signal of each value in the second period that its chart shows as a special cause.';
COMMENT ON COLUMN stp.change_row.predecessors IS 'On the row of the boundaries, what the unit was made of.';
COMMENT ON COLUMN stp.change_row.reason IS 'Why there is nothing; otherwise NULL.';

CREATE FUNCTION stp.explain_change(scheme text, period_1 stp.period, period_2 stp.period, unit text DEFAULT NULL,
                                   scheme_2 text DEFAULT NULL)
RETURNS SETOF stp.change_row
LANGUAGE c STABLE PARALLEL SAFE COST 1000000 ROWS 2000 -- not STRICT: most changes are within one scheme
AS 'MODULE_PATHNAME', 'stp_explain_change';
COMMENT ON FUNCTION stp.explain_change(text, stp.period, stp.period, text, text) IS
    'Why overall scores in period_2 are not those of period_1: of a unit, or (NULL) of all that are rated in either. Of each,'
    ' in the order of place: before; own data: the values of the unit; peers'' data: those of the others, which are what it '
    'is compared with; reporting: which organisations have reported, each with its figure of the other period where it has '
    'none; boundaries: what succeeded what (stp.succession), with the memberships of before, and which units there are then; '
    'predecessors: what the unit was made of; the score before is the mean of theirs, by their people, if it was not there '
    'yet; membership: which organisations belong to which system; weights: from scheme to scheme_2 (NULL: the same), of nodes'
    ' that have the same children in both; method: all else that the schemes differ in, and from the targets of one period to'
    ' those of the other; after. Below each part (depth 1) its indicators (2), and below those of the own data the '
    'organisations (3) whose reports made the value another; not those of no change. special_causes: on the row of the own '
    'data, ''indicator: signal'' of each value of the unit in period_2 that its chart shows as a special cause, as movement '
    'of stp.explain(); none: it is within what is usual. change: points of the score; those of each depth add up to the whole'
    ' change. score: what they add up to so far. Each is the effect of the one thing, averaged over all orders in which they '
    'can change (Shapley''s value; the scheme is one thing in these orders, which weights and method share, and so is the '
    'map: Owen''s), so that none is preferred. NULL where a score on the way does not exist; reason says why. Errors: those '
    'of stp.assess(); 22023 the unit has no score in either period, or has ended between them (of all units, a row that says '
    'so). Source: Shapley 1953; Owen 1977; Shorrocks, Journal of Economic Inequality 11, 2013.';

CREATE FUNCTION stp_internal.change_parts(scheme text, period_1 stp.period, period_2 stp.period, unit text DEFAULT NULL,
                                          scheme_2 text DEFAULT NULL)
RETURNS SETOF stp.change_row
LANGUAGE c STABLE PARALLEL SAFE COST 1000000 ROWS 2000 -- not STRICT, as stp.explain_change()
AS 'MODULE_PATHNAME', 'stp_change_parts';
COMMENT ON FUNCTION stp_internal.change_parts(text, stp.period, stp.period, text, text) IS
    'stp.explain_change() without special causes, for which all charts would be drawn.';

CALL stp.make_as_of('predecessors', 'sole_heirs', 'mixed_reports', 'mixed_parts', 'mixed_values');
