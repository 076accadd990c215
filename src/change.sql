
-- Module change: why a rating is not what it was.

-- By people, if they are known of all.
CREATE FUNCTION stp_internal.predecessors(scheme text, unit text, period_1 stp.period, period_2 stp.period)
RETURNS TABLE (predecessor text, weight float8, stands_in boolean)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    first_map  date := stp.last_day(period_1);
    second_map date := stp.last_day(period_2);
    kind       text := (SELECT CASE s.rates WHEN 'organisation' THEN 'organisation' ELSE 'system' END
                          FROM stp.scheme s WHERE s.scheme = predecessors.scheme);
    heirs      text := (SELECT string_agg(format('"%s"', h.heir), ', ' ORDER BY h.heir COLLATE "C")
                          FROM stp_internal.heirs(kind, second_map) h
                         WHERE h.code = predecessors.unit AND first_map BETWEEN h.valid_from AND h.valid_to
                        HAVING bool_and(h.heir <> h.code));
BEGIN
    IF heirs IS NOT NULL AND first_map <= second_map THEN
        RAISE EXCEPTION '"%" has no score in %: it ended before', predecessors.unit, period_2
              USING ERRCODE = 'invalid_parameter_value', HINT = format('Ask for what it has become: %s.', heirs);
    END IF;
    RETURN QUERY
    WITH part AS MATERIALIZED
    (
        SELECT h.code, h.share::float8 AS share,
               CASE kind WHEN 'system' THEN h.share::float8 * stp.persons(h.code, period_1) END AS persons
          FROM stp_internal.heirs(kind, second_map) h
         WHERE h.heir = predecessors.unit AND h.code <> h.heir AND first_map BETWEEN h.valid_from AND h.valid_to
           AND stp_internal.existed(kind, h.code, first_map + 1)
    )
    SELECT p.code, CASE WHEN bool_and(p.persons > 0) OVER () THEN p.persons / sum(p.persons) OVER ()
                        ELSE p.share / sum(p.share) OVER () END,
           NOT EXISTS (SELECT FROM stp.cohort(predecessors.scheme, period_1) c WHERE c.unit = predecessors.unit)
      FROM part p
     ORDER BY p.code COLLATE "C";
END $$;
COMMENT ON FUNCTION stp_internal.predecessors(text, text, stp.period, stp.period) IS
    'What a unit was made of between two periods, with the weight of each in it; stands_in: they stand for it in the first, in '
    'which it is not rated. Error 22023: the unit has ended between them.';

CREATE FUNCTION stp.explain_change(scheme text, period_1 stp.period, period_2 stp.period, unit text, scheme_2 text DEFAULT NULL)
RETURNS TABLE (place int, part text, change float8, score float8, rank int, category text, special_causes text[],
               predecessors text[])
LANGUAGE c STABLE PARALLEL SAFE COST 1000000 ROWS 7 -- not STRICT: most changes are within one scheme
AS 'MODULE_PATHNAME', 'stp_explain_change';
COMMENT ON FUNCTION stp.explain_change(text, stp.period, stp.period, text, text) IS
    'Why the overall score of a unit in period_2 is not that of period_1. Rows in the order of place: before; own data: the '
    'values of the unit; peers'' data: those of the others, which are what it is compared with; reporting: which organisations '
    'have reported, each with its figure of the other period where it has none; membership: which organisations belong to which '
    'system, and which units there are; where the unit follows on others (stp.succession) it is called boundaries, and '
    'predecessors names them: the score before is the mean of theirs, by their people, if the unit was not there yet; weights '
    'and method: from scheme to scheme_2 (NULL: the same), and from the targets of one period to those of the other; after. '
    'special_causes: on the row of the own data, ''indicator: signal'' of each value of the unit in period_2 that its chart '
    'shows as a special cause, as movement of stp.explain(); none: it is within what is usual. change: points of the score; the '
    'five add up to the whole change. score: what they add up to so far. Each is the effect of the one thing, averaged over all '
    'orders in which the five can change (Shapley''s value), so that none is preferred. NULL where a score on the way does not '
    'exist, for example because the unit is not rated in one of the periods. Errors: those of stp.assess(); 22023 the unit has '
    'no score in either period, or has ended between them. Source: Shapley 1953; Shorrocks, Journal of Economic Inequality 11, '
    '2013.';

CALL stp.make_as_of('predecessors');
