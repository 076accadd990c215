-- Module kept_source: what reports of delays and money come to, kept, because BI tools ask for all of it at once, by any column.
-- The rows are those of the analysts' views, in plain columns: a period is its label and its days. No foreign keys: what is
-- derived goes when stp.refresh() finds that it is no longer so, and nobody else writes it.

--------------------------------------------------------------------------------------------------------------
-- Tables
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp_internal.kept_delay
(
    unit_kind     text NOT NULL,
    unit          text NOT NULL,
    basis         text NOT NULL,
    period        text NOT NULL,
    first_day     date NOT NULL,
    last_day      date NOT NULL,
    care_type     text NOT NULL,
    reason        text NOT NULL,
    attributed_to text NOT NULL,
    delayed_days  float8 NOT NULL,
    patients      float8,
    adults        float8,
    rate          float8,
    lower         float8,
    upper         float8,
    status        text NOT NULL,
    PRIMARY KEY (unit, period, basis, care_type, reason, attributed_to)
);
COMMENT ON TABLE stp_internal.kept_delay IS
    'Delayed transfers of systems, places, regions and nations: rows of stp.system_delay_detail, kept. Written by stp.refresh().';

CREATE TABLE stp_internal.kept_finance
(
    unit_kind            text NOT NULL,
    unit                 text NOT NULL,
    basis                text NOT NULL,
    financial_year       text NOT NULL,
    period               text NOT NULL,
    first_day            date NOT NULL,
    last_day             date NOT NULL,
    months               int NOT NULL,
    plan                 numeric,
    actual               numeric,
    variance             numeric,
    variance_pct         numeric,
    control_total        numeric,
    reported_forecast    numeric,
    forecast             float8,
    forecast_lower       float8,
    forecast_upper       float8,
    forecast_probability float8,
    forecast_status      text,
    organisations        int NOT NULL,
    reported             int NOT NULL,
    not_reported         text,
    missing_months       text,
    status               text NOT NULL,
    PRIMARY KEY (unit, unit_kind, basis, period)
);
COMMENT ON TABLE stp_internal.kept_finance IS
    'Money of nations, regions, systems, places and organisations: rows of stp.system_finance and stp.organisation_finance, each '
    'with its row of stp.finance_forecast, kept. Written by stp.refresh().';

CREATE TABLE stp_internal.kept_bridge
(
    unit_kind      text NOT NULL,
    unit           text NOT NULL,
    basis          text NOT NULL,
    financial_year text NOT NULL,
    period         text NOT NULL,
    first_day      date NOT NULL,
    last_day       date NOT NULL,
    place          int NOT NULL,
    kind           text NOT NULL,
    organisation   text,
    from_amount    numeric NOT NULL,
    to_amount      numeric NOT NULL,
    PRIMARY KEY (unit, basis, period, place)
);
COMMENT ON TABLE stp_internal.kept_bridge IS
    'From plan to actual of systems, places, regions and nations, a step for each row of stp.system_finance_organisation, kept. '
    'Written by stp.refresh().';

-- Figures that lack something are few among all.
CREATE INDEX kept_figure_faulty ON stp_internal.kept_figure (last_day)
 WHERE status = ANY (ARRAY['partial', 'incomplete', 'suppressed', 'zero denominator', 'no data'])
   -- An organisation has no people.
   AND (unit_kind <> 'organisation' OR status <> 'no data');

--------------------------------------------------------------------------------------------------------------
-- What is kept: for each table kept_X the view X_to_keep, with its columns
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.delay_to_keep WITH (security_invoker = true) AS
SELECT s.kind AS unit_kind, d.system AS unit, d.basis, d.period::text AS period, d.first_day, d.last_day, d.care_type, d.reason,
       d.attributed_to, d.delayed_days, d.patients, d.adults, d.rate, d.lower, d.upper, d.status
  FROM stp_internal.system_delay_detail_rows() d
  JOIN stp.system s ON s.system = d.system;
COMMENT ON VIEW stp_internal.delay_to_keep IS 'The rows of stp_internal.kept_delay, as they are now.';

CREATE VIEW stp_internal.finance_to_keep WITH (security_invoker = true) AS
SELECT u.unit_kind, u.unit, u.basis, stp.financial_year(u.month)::text AS financial_year, u.month::text AS period,
       stp.first_day(u.month) AS first_day, stp.last_day(u.month) AS last_day, u.months, u.plan, u.actual, u.variance,
       u.variance_pct, u.control_total, u.reported_forecast, f.forecast, f.lower AS forecast_lower, f.upper AS forecast_upper,
       f.probability AS forecast_probability, f.status AS forecast_status, u.organisations, u.reported, u.not_reported,
       u.missing_months, u.status
  FROM (SELECT s.kind AS unit_kind, s.system AS unit, s.basis, s.period AS month, s.months, s.plan, s.actual, s.variance,
               s.variance_pct, s.control_total, s.forecast AS reported_forecast, s.organisations, s.reported, s.not_reported,
               s.missing_months, s.status
          FROM stp_internal.system_finance_rows() s
        UNION ALL
        SELECT 'organisation', o.organisation, o.basis, stp.last_month(o.period), o.months, o.plan, o.actual, o.variance,
               o.variance_pct, o.control_total, o.forecast, 1, (o.variance IS NOT NULL)::int,
               CASE WHEN o.variance IS NULL THEN o.organisation END, o.missing_months, o.status
          FROM stp_internal.organisation_finance_rows() o) u
  LEFT JOIN stp_internal.finance_forecast_rows() f
         ON f.kind = u.unit_kind AND f.unit = u.unit AND f.basis = u.basis AND f.period = u.month;
COMMENT ON VIEW stp_internal.finance_to_keep IS 'The rows of stp_internal.kept_finance, as they are now.';

-- First the plan, then who falls short most, at last the actual: a step begins where the one before ends.
CREATE VIEW stp_internal.bridge_to_keep WITH (security_invoker = true) AS
SELECT s.kind AS unit_kind, o.system AS unit, o.basis, stp.financial_year(o.month)::text AS financial_year,
       o.month::text AS period, stp.first_day(o.month) AS first_day, stp.last_day(o.month) AS last_day, step.place, step.kind,
       step.organisation, step.from_amount, step.to_amount
  FROM (SELECT p.system, p.basis, p.month, p.organisation, p.actual - p.plan AS variance, sum(p.plan) OVER whole AS plan,
               sum(p.actual) OVER whole AS actual, sum(p.plan) OVER whole + sum(p.actual - p.plan) OVER so_far AS reached,
               row_number() OVER so_far AS place, count(*) OVER whole AS steps
          FROM stp_internal.system_finance_part_rows() p
         WHERE p.actual - p.plan IS NOT NULL
        WINDOW whole AS (PARTITION BY p.system, p.basis, p.month),
               so_far AS (PARTITION BY p.system, p.basis, p.month ORDER BY p.actual - p.plan, p.organisation COLLATE "C")) o
  JOIN stp.system s ON s.system = o.system
 CROSS JOIN LATERAL (SELECT 1, 'plan', NULL, 0, o.plan WHERE o.place = 1
                     UNION ALL
                     SELECT o.place::int + 1, CASE sign(o.variance) WHEN 1 THEN 'better' WHEN 0 THEN 'on plan' ELSE 'worse' END,
                            o.organisation, o.reached - o.variance, o.reached
                     UNION ALL
                     SELECT o.steps::int + 2, 'actual', NULL, 0, o.actual WHERE o.place = o.steps)
                    step (place, kind, organisation, from_amount, to_amount);
COMMENT ON VIEW stp_internal.bridge_to_keep IS 'The rows of stp_internal.kept_bridge, as they are now.';

COMMENT ON COLUMN stp_internal.kept_delay.period IS 'The month.';
COMMENT ON COLUMN stp_internal.kept_delay.upper IS 'Upper 95% confidence limit of stp.rate.';
CALL stp.copy_comments('stp.system_delay_detail', 'stp_internal.kept_delay');
COMMENT ON COLUMN stp_internal.kept_finance.financial_year IS 'The financial year, as 2025/26.';
COMMENT ON COLUMN stp_internal.kept_finance.plan IS
    'Planned surplus of the year to date, of the organisations that reported plan and actual. Does not add up over months.';
COMMENT ON COLUMN stp_internal.kept_finance.actual IS
    'Surplus of the year to date, of these; where nobody has a plan of all. Does not add up over months.';
COMMENT ON COLUMN stp_internal.kept_finance.variance IS
    'actual - plan; positive is favourable. Does not add up over months.';
COMMENT ON COLUMN stp_internal.kept_finance.variance_pct IS
    'variance in per cent, of turnover or allocation for an organisation, of allocation for the others. Does not add up.';
COMMENT ON COLUMN stp_internal.kept_finance.control_total IS
    'Control total of the whole year, after offsets, of those that have one. Does not add up over months.';
COMMENT ON COLUMN stp_internal.kept_finance.reported_forecast IS
    'Surplus of the year as organisations forecast it, of those with a control total. Does not add up over months.';
COMMENT ON COLUMN stp_internal.kept_finance.forecast IS
    'Surplus of the year that the months so far let expect, by stp.finance_forecast. Does not add up.';
COMMENT ON COLUMN stp_internal.kept_finance.forecast_lower IS
    'Lower limit of the 95% prediction interval of forecast. Does not add up.';
COMMENT ON COLUMN stp_internal.kept_finance.forecast_upper IS
    'Upper limit of the 95% prediction interval of forecast. Does not add up.';
COMMENT ON COLUMN stp_internal.kept_finance.forecast_probability IS
    'Probability of an outturn at or above the control total. Does not add up.';
COMMENT ON COLUMN stp_internal.kept_finance.forecast_status IS
    'ok, or why limits do not hold or are not there, as of stp.finance_forecast; NULL: no actual of all organisations.';
COMMENT ON COLUMN stp_internal.kept_finance.reported IS 'Number of its organisations with plan and actual.';
COMMENT ON COLUMN stp_internal.kept_finance.status IS
    'Of the year to date: ok; incomplete: fewer organisations reported than there are; no plan: all reported an actual, nobody '
    'a plan; no data: plan or actual is missing, of all; zero denominator: the turnover or allocation of the organisation is 0.';
CALL stp.copy_comments('stp.system_finance', 'stp_internal.kept_finance');
COMMENT ON COLUMN stp_internal.kept_bridge.place IS 'Order of the steps, from 1.';
COMMENT ON COLUMN stp_internal.kept_bridge.kind IS 'plan; better, worse or on plan: an organisation against its own; actual.';
COMMENT ON COLUMN stp_internal.kept_bridge.organisation IS 'The organisation whose step it is; NULL: plan and actual.';
COMMENT ON COLUMN stp_internal.kept_bridge.from_amount IS 'Where the step begins, in pounds; 0 for plan and actual.';
COMMENT ON COLUMN stp_internal.kept_bridge.to_amount IS 'Where it ends, in pounds.';
CALL stp.copy_comments('stp_internal.kept_finance', 'stp_internal.kept_bridge');

--------------------------------------------------------------------------------------------------------------
-- How it is replaced
--------------------------------------------------------------------------------------------------------------

-- What stays the same is not written again. NOT IN compares by hash if it fits into memory; the new rows wait until the old ones
-- are gone, because they ask for their number.
CREATE PROCEDURE stp_internal.replace_kept(kept text, first_day date, last_day date, INOUT rows int)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET work_mem = '1GB' SET jit = off AS $$
BEGIN
    EXECUTE format('WITH new AS MATERIALIZED
            (SELECT ROW(v.*)::stp_internal.kept_%1$I AS row FROM stp_internal.%1$I_to_keep v
              WHERE v.last_day >= $1 AND v.first_day <= $2),
        old AS MATERIALIZED
            (SELECT k AS row FROM stp_internal.kept_%1$I k WHERE k.last_day >= $1 AND k.first_day <= $2),
        gone AS (DELETE FROM stp_internal.kept_%1$I k
                  WHERE k.last_day >= $1 AND k.first_day <= $2 AND k NOT IN (SELECT n.row FROM new n) RETURNING k.unit)
        INSERT INTO stp_internal.kept_%1$I
        SELECT (n.row).* FROM new n WHERE (SELECT count(*) FROM gone) >= 0 AND n.row NOT IN (SELECT o.row FROM old o)', kept)
      USING first_day, last_day;
    GET DIAGNOSTICS rows = ROW_COUNT;
END $$;
COMMENT ON PROCEDURE stp_internal.replace_kept(text, date, date, int) IS
    'Replaces the rows of the table that is named like it (kept: delay, finance or bridge) that have any of these days; gives '
    'the number of rows that were written.';

-- It tells what was reported, so that it too is not public until its owner says so. It is not dumped: to restore what it comes
-- from marks it, and the next refresh makes it again.
GRANT SELECT ON stp_internal.kept_delay, stp_internal.kept_finance, stp_internal.kept_bridge TO @extowner@ WITH GRANT OPTION;
