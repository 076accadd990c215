-- Module assessment: schemes applied to what was reported. The queries gather, src/assessment.c computes.

CREATE FUNCTION stp.scheme_tree(scheme text, period stp.period)
RETURNS TABLE (node text, parent text, depth int, name text, weight float8, aggregation text, minimum_coverage float8,
               indicator text, unit text, method text, low float8, high float8, better text, standard float8, floor float8,
               value_period stp.period)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 30
BEGIN ATOMIC
    WITH RECURSIVE tree AS
    (
        SELECT n.*, 0 AS depth FROM stp.scheme_node n WHERE n.scheme = scheme_tree.scheme AND n.parent IS NULL
        UNION ALL
        SELECT c.*, tree.depth + 1 FROM tree JOIN stp.scheme_node c ON c.scheme = tree.scheme AND c.parent = tree.node
    ) SEARCH DEPTH FIRST BY position, node SET place
    SELECT t.node, t.parent, t.depth, t.name, t.weight, coalesce(t.aggregation, 'arithmetic'), t.minimum_coverage,
           t.indicator, i.unit, coalesce(t.method, 'percentile_rank'), t.low, t.high, i.better, i.standard, i.floor,
           CASE WHEN t.indicator IS NOT NULL
                THEN stp.latest_period(t.indicator, scheme_tree.period, coalesce(t.maximum_age, 12)) END
      FROM tree t LEFT JOIN stp.indicator i ON i.indicator = t.indicator
     ORDER BY t.place;
END;
COMMENT ON FUNCTION stp.scheme_tree(text, stp.period) IS 'Nodes of a scheme, every parent before its children, defaults filled in; value_period is the period that a leaf takes when the given one is assessed.';

CREATE FUNCTION stp.cohort(scheme text, period stp.period) RETURNS TABLE (unit text, peer_group text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 50
BEGIN ATOMIC
    SELECT s.system, NULL::text
      FROM stp.system s
      JOIN stp.scheme c ON c.scheme = cohort.scheme AND c.rates = s.kind
     WHERE s.valid_from <= stp.last_day(cohort.period)
       AND (s.valid_to IS NULL OR s.valid_to >= stp.last_day(cohort.period))
     ORDER BY s.system;
END;
COMMENT ON FUNCTION stp.cohort(text, stp.period) IS 'What a scheme rates in a period: the systems, regions or places that exist on its last day.';

CREATE FUNCTION stp.leaf_values(indicators text[], periods stp.period[], systems text[])
RETURNS TABLE (leaf bigint, unit bigint, value float8, organisations bigint, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 700
BEGIN ATOMIC
    SELECT leaf.number, cohort.number, v.value, v.organisations, v.status
      FROM ROWS FROM (unnest(leaf_values.indicators), unnest(leaf_values.periods)) WITH ORDINALITY leaf (indicator, period, number)
      JOIN stp.system_value v ON v.indicator = leaf.indicator AND v.period OPERATOR(stp.=) leaf.period
      JOIN unnest(leaf_values.systems) WITH ORDINALITY cohort (system, number) ON cohort.system = v.system
     -- What the join says already, in a form that reaches the index below the grouping.
     WHERE v.indicator = ANY (leaf_values.indicators) AND v.period OPERATOR(stp.=) ANY (leaf_values.periods);
END;
COMMENT ON FUNCTION stp.leaf_values(text[], stp.period[], text[]) IS 'Values of several indicators, each in its period, for a cohort; leaf and unit are places in the arrays.';

CALL stp.make_as_of('scheme_tree', 'cohort', 'leaf_values');

CREATE FUNCTION stp.assess(scheme text, period stp.period)
RETURNS TABLE (unit text, peer_group text, node text, parent text, depth int, place int, name text, indicator text,
               value float8, value_unit text, value_period text, organisations bigint, score float8, weight float8,
               effective_weight float8, contribution float8, coverage float8, rank int, category text, override text, status text)
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1500
AS 'MODULE_PATHNAME', 'stp_assess';
COMMENT ON FUNCTION stp.assess(text, stp.period) IS 'Rates a cohort: one row for each unit (system, region, place or organisation) and node of the scheme. peer_group: within which the unit is compared; NULL: with all. parent NULL: the overall rating. place: order of the nodes in the tree. value in value_unit, from value_period, reported by organisations. score as normalised or combined. weight: share of the whole by the scheme; effective_weight: after the weight of what is missing has gone to its siblings. contribution: part of the overall score; children add up to their parent. coverage: share of the weight that is present. rank 1 = best. override: names of the rules of the scheme that fired, joined by ''; ''. status: ok, partial, no data, zero denominator, constant cohort, low coverage, undefined mean. Errors: 22023 unknown scheme or a scheme without nodes; 23514 a scheme that is not sound.';

CREATE FUNCTION stp.assess(scheme text, period stp.period, as_of timestamptz)
RETURNS TABLE (unit text, peer_group text, node text, parent text, depth int, place int, name text, indicator text,
               value float8, value_unit text, value_period text, organisations bigint, score float8, weight float8,
               effective_weight float8, contribution float8, coverage float8, rank int, category text, override text, status text)
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100000 ROWS 1500
AS 'MODULE_PATHNAME', 'stp_assess_as_of';
COMMENT ON FUNCTION stp.assess(text, stp.period, timestamptz) IS 'stp.assess(scheme, period) as all tables stood at the time as_of, whatever stp.as_of is set to.';

CREATE FUNCTION stp.explain(scheme text, period stp.period, unit text)
RETURNS TABLE (peer_group text, node text, parent text, depth int, place int, name text, indicator text,
               value float8, value_unit text, value_period text, organisations bigint, score float8, weight float8,
               effective_weight float8, contribution float8, coverage float8, rank int, category text, override text, status text)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 30
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT a.peer_group, a.node, a.parent, a.depth, a.place, a.name, a.indicator, a.value, a.value_unit, a.value_period, a.organisations,
           a.score, a.weight, a.effective_weight, a.contribution, a.coverage, a.rank, a.category, a.override, a.status
      FROM stp.assess(explain.scheme, explain.period) a
     WHERE a.unit = explain.unit
     ORDER BY a.place;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'scheme "%" does not rate "%" in %', explain.scheme, explain.unit, explain.period
              USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT unit FROM stp.cohort(scheme, period) lists what it rates.';
    END IF;
END $$;
COMMENT ON FUNCTION stp.explain(text, stp.period, text) IS 'Takes one unit''s rating apart: the rows of stp.assess() for it, in the order of the tree. The contributions of the leaves (rows with an indicator) add up to the overall score, and so do those of the nodes of each level above. Errors: those of stp.assess(), and 22023 for a unit that the scheme does not rate in the period.';

