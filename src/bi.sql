-- Module bi: the star that business intelligence tools read, in plain columns: names beside codes, periods as label and days.
-- Its dimensions; what they are joined to is in bi_rating and bi_figure. The views run with the rights of the reader.

-- A code may be a system's and an organisation's: together with its kind it is one unit. The first day of the calendar is none.
CREATE VIEW stp_bi.unit WITH (security_invoker = true) AS
SELECT s.system AS unit, s.name AS unit_name, s.kind AS unit_kind, r.system AS region, r.name AS region_name,
       CASE WHEN s.valid_from > '1900-04-01' THEN s.valid_from END AS valid_from,
       CASE WHEN s.valid_to < 'infinity' THEN s.valid_to END AS valid_to,
       s.valid_to IS NULL OR s.valid_to >= today.day AS is_current
  FROM stp.system s
  LEFT JOIN stp.system p ON p.system = s.parent
  LEFT JOIN stp.system r ON r.kind = 'region'
                        AND r.system = CASE s.kind WHEN 'region' THEN s.system WHEN 'system' THEN s.parent ELSE p.parent END
 CROSS JOIN (SELECT (now() AT TIME ZONE 'Europe/London')::date AS day) today
UNION ALL
SELECT o.organisation, o.name, 'organisation', NULL, o.region, NULL, NULL,
       NOT EXISTS (SELECT FROM stp_internal.absent_on('organisation', (now() AT TIME ZONE 'Europe/London')::date) e
                    WHERE e.code = o.organisation)
  FROM stp.organisation o;
COMMENT ON VIEW stp_bi.unit IS
    'What is rated and has figures: one row for each nation, region, system, place and organisation. A code may be that of a '
    'system and of an organisation: unit and unit_kind together are the key.';
COMMENT ON COLUMN stp_bi.unit.region IS
    'Code of the region it lies in, or is; NULL: of an organisation, which may lie in several.';
COMMENT ON COLUMN stp_bi.unit.region_name IS 'Name of the region; of an organisation as published with it.';
COMMENT ON COLUMN stp_bi.unit.valid_from IS 'First day it existed; NULL: it always has, or nobody has said.';
COMMENT ON COLUMN stp_bi.unit.valid_to IS 'Last day it existed; NULL: it still does.';
COMMENT ON COLUMN stp_bi.unit.is_current IS 'Whether it exists today.';

CREATE VIEW stp_bi.membership WITH (security_invoker = true) AS
SELECT m.organisation, o.name AS organisation_name, m.system AS unit, s.name AS unit_name, m.share::float8 AS share,
       CASE WHEN m.valid_from > '1900-04-01' THEN m.valid_from END AS valid_from,
       CASE WHEN m.valid_to < 'infinity' THEN m.valid_to END AS valid_to
  FROM stp.membership m
  JOIN stp.organisation o ON o.organisation = m.organisation
  JOIN stp.system s ON s.system = m.system;
COMMENT ON VIEW stp_bi.membership IS 'Which organisation belongs to which system or place, on which days, with what share.';
COMMENT ON COLUMN stp_bi.membership.unit IS 'Code of the system or place.';
COMMENT ON COLUMN stp_bi.membership.share IS
    'Share of its counts that belong there, 0 to 1. The shares of an organisation on one day add up to 1.';
COMMENT ON COLUMN stp_bi.membership.valid_from IS 'First day; NULL: it always has, or nobody has said.';
COMMENT ON COLUMN stp_bi.membership.valid_to IS 'Last day; NULL: it goes on.';

-- Whole financial years, so that no fact is without its period.
CREATE VIEW stp_bi.period_date WITH (security_invoker = true) AS
SELECT p.period::text AS period, stp.grain(p.period) AS grain, stp.first_day(p.period) AS first_day,
       stp.last_day(p.period) AS last_day, date_trunc('month', stp.first_day(p.period)::timestamp)::date AS month_start,
       stp.financial_year(p.period)::text AS financial_year,
       CASE WHEN stp.grain(p.period) = ANY (ARRAY['month', 'quarter'])
            THEN stp.quarter(p.period)::text END AS quarter,
       CASE stp.grain(p.period) WHEN 'month' THEN to_char(stp.first_day(p.period), 'FMMonth YYYY')
            ELSE p.period::text END AS label
  FROM (SELECT min(d.first_day) AS first, max(d.last_day) AS last
          FROM (SELECT k.first_day, k.last_day FROM stp_internal.kept_span k
                UNION ALL SELECT stp.first_day(a.period), stp.last_day(a.period) FROM stp.assessed_period a
                UNION ALL SELECT stp.first_day(b.period), stp.last_day(b.period) FROM stp.publication b
                UNION ALL SELECT min(k.first_day), max(k.last_day) FROM stp_internal.kept_delay k
                UNION ALL SELECT min(k.first_day), max(k.last_day) FROM stp_internal.kept_finance k) d) span
 CROSS JOIN (VALUES ('month', 1), ('quarter', 3), ('half', 6), ('year', 12)) grain (name, months)
 CROSS JOIN LATERAL generate_series(stp.first_day(stp.financial_year(span.first))::timestamp,
                                    stp.last_day(stp.financial_year(span.last)), make_interval(months => grain.months)) day
 CROSS JOIN LATERAL (SELECT stp.period(day::date, grain.name) AS period) p
 WHERE span.first IS NOT NULL;
COMMENT ON VIEW stp_bi.period_date IS
    'The calendar: every month, quarter, half and financial year (April to March) from the first to the last that anything is '
    'shown of.';
COMMENT ON COLUMN stp_bi.period_date.grain IS 'month, quarter, half or year.';
COMMENT ON COLUMN stp_bi.period_date.month_start IS 'First day of its first month: for axes of dates.';
COMMENT ON COLUMN stp_bi.period_date.financial_year IS 'The financial year it ends in, as 2025/26.';
COMMENT ON COLUMN stp_bi.period_date.quarter IS 'The quarter it ends in, as 2025/26 Q4; NULL: it is longer.';
COMMENT ON COLUMN stp_bi.period_date.label IS 'What to write on an axis: March 2026, 2025/26 Q4, 2025/26 H2, 2025/26.';
