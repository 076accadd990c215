-- Module display: small numbers. What is computed never changes, only what stp_bi shows of it.

CREATE TABLE stp.display_rule
(
    indicator    text PRIMARY KEY REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    hidden_below int NOT NULL DEFAULT 8 CHECK (hidden_below >= 1),
    rounded_to   int NOT NULL DEFAULT 5 CHECK (rounded_to >= 1)
);
COMMENT ON TABLE stp.display_rule IS
    'Indicators whose small numbers the views of stp_bi do not show; empty: all are shown. The defaults hide counts of 1 to 7 '
    'and round others to the nearest 5. Source: NHS Digital, Disclosure control methodology for Hospital Episode Statistics and '
    'Emergency Care Data Set, September 2018.';
COMMENT ON COLUMN stp.display_rule.hidden_below IS
    'Counts of at least 1 and less than this are not shown, nor enough to tell them from; 1: all are shown.';
COMMENT ON COLUMN stp.display_rule.rounded_to IS
    'Counts are rounded to the nearest multiple, and value and limits are those of the rounded counts; 1: they are not.';
CALL stp.guard_rows('display_rule', 'guard');
SELECT pg_catalog.pg_extension_config_dump('stp.display_rule', '');

CREATE FUNCTION stp_internal.if_small(number float8, below int) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN number > 0 AND number < below THEN number END;
COMMENT ON FUNCTION stp_internal.if_small(float8, int) IS 'The count, if it is one that a stp.display_rule hides.';

CREATE FUNCTION stp_internal.round_to(number float8, multiple int) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE multiple WHEN 1 THEN number ELSE floor(number / multiple + 0.5) * multiple END;
COMMENT ON FUNCTION stp_internal.round_to(float8, int) IS
    'The nearest multiple of a whole number, of two the greater; of 1 the number as it is, a share of people may be none.';

-- Of a proportion what is left of the denominator is a count of people too: 98 of 100 within 4 hours are 2 who were not.
CREATE VIEW stp_internal.figure_to_display WITH (security_invoker = true) AS
SELECT f.unit_kind, f.unit, s.parent, f.indicator, f.period, f.numerator, f.denominator, f.value, f.spread, f.scale,
       r.hidden_below, r.rounded_to, i.kind, i.per, i.denominator AS denominator_is,
       least(stp_internal.if_small(f.numerator, r.hidden_below),
             CASE i.denominator WHEN 'reports' THEN stp_internal.if_small(f.denominator, r.hidden_below) END,
             CASE i.kind WHEN 'proportion' THEN stp_internal.if_small(f.denominator - f.numerator, r.hidden_below) END) AS small
  FROM stp.display_rule r
  JOIN stp.indicator i ON i.indicator = r.indicator
  JOIN stp_internal.kept_figure f ON f.indicator = r.indicator
  LEFT JOIN stp.system s ON s.system = f.unit AND f.unit_kind <> 'organisation';
COMMENT ON VIEW stp_internal.figure_to_display IS
    'Figures of indicators with a stp.display_rule, and the small count for which they are hidden by themselves.';

-- A total gives away what is hidden of its parts if that is one part only, or if all of them are the least or the most that is
-- hidden (two that are 2 together are 1 each), and the parts give away their total. Then the smallest part that would be shown
-- is hidden as well: first of the regions of a nation, then of the systems of a region, then of the places of a system.
CREATE FUNCTION stp_internal.displayed_figure()
RETURNS TABLE (unit_kind text, unit text, indicator text, period text, numerator float8, denominator float8, value float8,
               lower float8, upper float8, method text, is_hidden boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 100
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stp.display_rule) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH RECURSIVE part AS MATERIALIZED
    (
        SELECT f.*, f.small IS NOT NULL AS is_small,
               CASE WHEN sum(f.small) OVER of_total <= count(f.small) OVER of_total
                      OR sum(f.small) OVER of_total >= count(f.small) OVER of_total * (f.hidden_below - 1) THEN 1
                    ELSE count(f.small) OVER of_total END AS small_parts,
               -- What has no count hides nothing.
               row_number() OVER (PARTITION BY f.indicator, f.period, f.parent, f.small IS NULL
                                      ORDER BY f.numerator > 0 DESC NULLS LAST, f.numerator, f.unit COLLATE "C") AS place
          FROM stp_internal.figure_to_display f
        WINDOW of_total AS (PARTITION BY f.indicator, f.period, f.parent)
    ),
    figure AS
    (
        SELECT p.*, p.is_small AS is_hidden
          FROM part p
          LEFT JOIN part t ON t.unit_kind <> 'organisation' AND t.unit = p.parent AND t.indicator = p.indicator
                          AND t.period = p.period
         WHERE t.unit IS NULL
        UNION ALL
        SELECT p.*, p.is_small OR p.place = 1 AND coalesce(p.small_parts + t.is_hidden::int = 1, false)
          FROM figure t
          JOIN part p ON p.parent = t.unit AND p.indicator = t.indicator AND p.period = t.period
         WHERE t.unit_kind <> 'organisation'
    )
    SELECT f.unit_kind, f.unit, f.indicator, f.period, c.numerator, c.denominator, c.value, e.lower, e.upper, e.method,
           f.is_hidden
      FROM figure f
      LEFT JOIN LATERAL (SELECT n.numerator, n.denominator,
                                CASE WHEN f.denominator_is = 'none' THEN f.value
                                     WHEN f.value IS NOT NULL THEN n.numerator / nullif(n.denominator, 0) * f.per * f.scale
                                     END AS value
                           FROM (SELECT stp_internal.round_to(f.numerator, f.rounded_to),
                                        stp_internal.round_to(f.denominator, CASE f.denominator_is WHEN 'reports'
                                                                                  THEN f.rounded_to ELSE 1 END)
                                ) n (numerator, denominator)) c ON NOT f.is_hidden
      LEFT JOIN LATERAL stp_internal.figure_limits(f.kind, c.numerator, c.denominator, f.per, f.spread, f.scale) e
             ON c.value IS NOT NULL;
END $$;
COMMENT ON FUNCTION stp_internal.displayed_figure() IS
    'The figures of indicators with a stp.display_rule as they may be shown: of nations, regions, systems, places and '
    'organisations. No rows, and hardly any work, without a rule.';

GRANT SELECT ON stp.display_rule, stp_internal.figure_to_display TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.display_rule TO @extowner@ WITH GRANT OPTION;
