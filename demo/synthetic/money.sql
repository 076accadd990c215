-- SYNTHETIC money of the trusts of March 2026, April 2023 to February 2026, on the basis including support funding; periods are months.
-- What was published of 2025/26 has the period 2025/26 Q3 and stays. After report.sql.

-- A trust's turnover is what its published variance is the published share of, or else a size for its kind.
CREATE TEMP TABLE purse AS
SELECT v.organisation, v.value AS variance_pct, w.value AS surplus_pct, p.plan AS plan_q3, p.actual - p.plan AS variance_q3, t.turnover
  FROM stp.observation v
  JOIN stp.observation w ON w.organisation = v.organisation AND w.period = v.period AND w.indicator = 'planned_surplus_pct'
  JOIN stp.organisation g ON g.organisation = v.organisation
  LEFT JOIN (SELECT organisation, max(surplus) FILTER (WHERE measure = 'plan') AS plan, max(surplus) FILTER (WHERE measure = 'actual') AS actual
               FROM stp.financial_position WHERE period = '2025/26 Q3' GROUP BY organisation) p ON p.organisation = v.organisation
 CROSS JOIN LATERAL (SELECT CASE WHEN abs(v.value) >= 0.5 AND p.actual <> p.plan THEN (p.actual - p.plan)::float8 / v.value * 100 * 12 / 9
                                 ELSE CASE g.subtype WHEN 'Acute - Teaching' THEN 1300e6 WHEN 'Acute - Large' THEN 850e6
                                                     WHEN 'Acute - Medium' THEN 600e6 ELSE 400e6 END
                                      * (0.75 + 0.5 * pg_temp.uniform('turnover', v.organisation)) END AS turnover) t
 WHERE v.indicator = 'variance_to_plan_pct' AND v.period = '2025/26 Q3';

-- Plans break even where the published plan does; what they bring until December is less than their share of the year.
CREATE TEMP TABLE purse_year AS
SELECT p.organisation, p.turnover, y.year, y.surplus_pct, f.plan_year, y.variance_q3,
       CASE WHEN y.year = '2025/26' THEN coalesce(p.plan_q3, f.plan_year * 0.75 - p.turnover * 0.003)
            ELSE f.plan_year * 0.75 - p.turnover * 0.003 END AS plan_q3
  FROM purse p
 CROSS JOIN LATERAL (SELECT z.year, p.surplus_pct * CASE z.year WHEN '2025/26' THEN 1 ELSE 0.6 + 0.8 * z.draw END AS surplus_pct,
                            CASE z.year WHEN '2025/26' THEN coalesce(p.variance_q3::float8, p.turnover * 0.75 * p.variance_pct / 100)
                                 ELSE p.turnover * 0.75 * (p.variance_pct / 100 * z.draw + 0.003 * z.normal) END AS variance_q3
                       FROM (SELECT n.year, pg_temp.uniform('plan', p.organisation, n.year) AS draw,
                                    pg_temp.normal('outturn', p.organisation, n.year) AS normal
                               FROM (VALUES ('2022/23'), ('2023/24'), ('2024/25'), ('2025/26')) n (year)) z) y
 CROSS JOIN LATERAL (SELECT CASE WHEN y.surplus_pct = 0 THEN 0
                                 WHEN y.year = '2025/26' AND p.plan_q3 IS NOT NULL THEN p.plan_q3::float8 * 12 / 9
                                 ELSE p.turnover * y.surplus_pct / 400 END AS plan_year) f;

CREATE TEMP TABLE position AS
SELECT y.*, m.period, m.number, round(f.plan) AS plan, round(f.plan) + round(f.variance) AS actual,
       round(y.plan_year + f.variance * CASE WHEN m.number < 9 THEN 0.3 ELSE 0.7 END) AS forecast
  FROM purse_year y
 CROSS JOIN LATERAL (SELECT p AS period, (p - stp.period(stp.first_day(y.year::stp.period), 'month'))::int + 1 AS number
                       FROM stp.periods(stp.period(stp.first_day(y.year::stp.period), 'month'), stp.last_month(y.year::stp.period)) p) m
 CROSS JOIN LATERAL (SELECT CASE WHEN m.number <= 9 THEN y.plan_q3 * m.number / 9
                                 ELSE y.plan_q3 + (y.plan_year - y.plan_q3) * (m.number - 9) / 3 END AS plan,
                            y.variance_q3 * CASE WHEN m.number <= 9 THEN m.number * (m.number + 3) / 108.0::float8
                                                 ELSE 1 + 0.06 * (m.number - 9) END
                            + CASE m.number WHEN 9 THEN 0 ELSE y.turnover * 0.0006 * pg_temp.normal('money', y.organisation, m.period::text) END
                                AS variance) f;

INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus)
SELECT p.organisation, p.period, f.measure, 'including', f.surplus::numeric
  FROM position p
 CROSS JOIN LATERAL (VALUES ('plan', p.plan), ('actual', p.actual), ('forecast', p.forecast)) f (measure, surplus)
 WHERE p.period >= '2023-04' AND (p.period < '2026-03' OR f.measure = 'plan')
   AND NOT EXISTS (SELECT FROM stp.financial_position q WHERE q.organisation = p.organisation AND q.last_month = p.period AND q.measure = f.measure);
INSERT INTO stp.control_total (organisation, year, basis, amount)
SELECT organisation, year::stp.period, 'including', round(plan_year)::numeric FROM purse_year WHERE year > '2022/23';
-- Of March 2026 there is a plan, and nothing to report yet.
INSERT INTO stp.extract (source, covers) VALUES ('financial_position', '[2016-04-01,2026-03-01)');

-- The two indicators of money, by quarter, from the same.
INSERT INTO stp.observation (indicator, organisation, period, value, status)
SELECT i.indicator, p.organisation, q.quarter, round(i.value::numeric, 2)::float8, 'inferred'
  FROM position p
 CROSS JOIN LATERAL (SELECT stp.coarsen(p.period, 'quarter') AS quarter) q
 CROSS JOIN LATERAL (VALUES ('variance_to_plan_pct', 100 * (p.actual - p.plan) / (p.turnover * p.number / 12)),
                            ('planned_surplus_pct', p.surplus_pct)) i (indicator, value)
 WHERE p.number % 3 = 0 AND q.quarter BETWEEN '2022/23 Q4' AND '2025/26 Q2';
