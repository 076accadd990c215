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
