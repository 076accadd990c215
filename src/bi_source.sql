-- Module bi_source: delays, emergencies, money, what is published, and what is wrong with the data, as business intelligence
-- tools read them: kept by stp.refresh(), with the rights of the reader. Regions are sums over their systems, and places parts of
-- them: nothing adds up over units of more than one unit_kind.

--------------------------------------------------------------------------------------------------------------
-- Money
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_bi.finance WITH (security_invoker = true) AS
SELECT k.unit_kind, k.unit, u.unit_name, k.basis, k.financial_year, k.period, k.first_day, k.last_day, k.months,
       k.plan, k.actual, k.variance, k.variance_pct, k.control_total, k.reported_forecast, k.forecast, k.forecast_lower,
       k.forecast_upper, k.forecast_probability, k.forecast_status, k.organisations, k.reported, k.not_reported,
       k.missing_months, k.status
  FROM stp_internal.kept_finance k
  JOIN stp_bi.unit u ON u.unit_kind = k.unit_kind AND u.unit = k.unit;
COMMENT ON VIEW stp_bi.finance IS
    'Where every unit stands against plan (year to date) and control total (whole year): a row for each basis and month. Pounds, '
    'surplus positive. Adds up over units of one unit_kind; not over months, which are of the year to date, nor over bases.';
CALL stp.copy_comments('stp_internal.kept_finance', 'stp_bi.finance');

CREATE VIEW stp_bi.finance_bridge WITH (security_invoker = true) AS
SELECT k.unit_kind, k.unit, s.name AS unit_name, k.basis, k.financial_year, k.period, k.first_day, k.last_day, k.place, k.kind,
       k.organisation, o.name AS organisation_name,
       CASE k.kind WHEN 'plan' THEN 'Plan' WHEN 'actual' THEN 'Actual' ELSE coalesce(o.name, k.organisation) END AS label,
       k.from_amount, k.to_amount, k.to_amount - k.from_amount AS amount
  FROM stp_internal.kept_bridge k
  JOIN stp.system s ON s.system = k.unit
  LEFT JOIN stp.organisation o ON o.organisation = k.organisation;
COMMENT ON VIEW stp_bi.finance_bridge IS
    'From plan to actual of every region, system and place: a row for the plan, for each organisation that reported both (who '
    'falls short most comes first) and for the actual, of the year to date. Pounds, surplus positive. Each step begins where the '
    'one before ends, to the penny; the amounts of the organisations add up to variance of stp_bi.finance.';
CALL stp.copy_comments('stp_internal.kept_bridge', 'stp_bi.finance_bridge');
COMMENT ON COLUMN stp_bi.finance_bridge.organisation_name IS 'Its name.';
COMMENT ON COLUMN stp_bi.finance_bridge.label IS 'What to write at the step: Plan, the name of the organisation, or Actual.';
COMMENT ON COLUMN stp_bi.finance_bridge.amount IS
    'to_amount - from_amount, in pounds; of the organisations it adds up to variance of stp_bi.finance.';

--------------------------------------------------------------------------------------------------------------
-- Delays and emergencies
--------------------------------------------------------------------------------------------------------------

-- What is a part of an indicator with a stp.display_rule, or counts the same patients, is not shown.
CREATE VIEW stp_bi.delay WITH (security_invoker = true) AS
SELECT k.unit_kind, k.unit, s.name AS unit_name, k.basis AS counted_by, k.period, k.first_day, k.last_day, k.care_type, k.reason,
       r.meaning AS reason_name, k.attributed_to AS attribution,
       CASE WHEN shown.all THEN k.delayed_days END AS delayed_days,
       CASE WHEN shown.all THEN k.delayed_days / (k.last_day - k.first_day + 1) END AS delayed_beds,
       CASE WHEN shown.all THEN k.patients END AS delayed_patients, k.adults, CASE WHEN shown.all THEN k.rate END AS rate,
       CASE WHEN shown.all THEN k.lower END AS rate_lower, CASE WHEN shown.all THEN k.upper END AS rate_upper,
       CASE WHEN shown.all THEN k.status ELSE 'not shown' END AS status
  FROM stp_internal.kept_delay k
  JOIN stp.delay_reason r ON r.delay_reason = k.reason
  JOIN stp.system s ON s.system = k.unit
 CROSS JOIN (SELECT NOT EXISTS (SELECT FROM stp.display_rule d
                                 WHERE d.indicator = ANY (ARRAY['delayed_transfers', 'delayed_transfers_of_residents',
                                                                'delayed_transfers_of_bed_days', 'delayed_patients'])
                                   AND (d.hidden_below > 1 OR d.rounded_to > 1)) AS "all") shown;
COMMENT ON VIEW stp_bi.delay IS
    'Delayed transfers of care of every region, system and place, by month, care type, reason and attribution. Adds up over '
    'these, over months (but for patients and rates) and over units of one unit_kind; never over counted_by, of which one is to '
    'be chosen. Not shown if an indicator of delayed transfers has a stp.display_rule.';
CALL stp.copy_comments('stp_internal.kept_delay', 'stp_bi.delay');
COMMENT ON COLUMN stp_bi.delay.counted_by IS
    'provider: by the memberships of providers. local authority: by those of local authorities. Choose one: they are the same '
    'delays.';
COMMENT ON COLUMN stp_bi.delay.reason_name IS 'The reason in words; all: published without reasons.';
COMMENT ON COLUMN stp_bi.delay.attribution IS 'NHS, social care or both.';
COMMENT ON COLUMN stp_bi.delay.delayed_days IS
    'Delayed days of the month, sums of shares of organisations, so that they need not be whole. Adds up.';
COMMENT ON COLUMN stp_bi.delay.delayed_beds IS
    'Mean delayed per day: delayed_days / days in the month. Adds up, but not over months.';
COMMENT ON COLUMN stp_bi.delay.delayed_patients IS
    'Patients delayed on the last Thursday, sums of shares; NULL where any were not reported. Adds up, but not over months.';
COMMENT ON COLUMN stp_bi.delay.rate IS
    'Mean delayed per day per 100,000 adults. Adds up over reasons, attributions and care types, and over nothing else.';
COMMENT ON COLUMN stp_bi.delay.rate_lower IS
    'Lower 95% confidence limit of rate, as if days were independent events: too narrow. Does not add up.';
COMMENT ON COLUMN stp_bi.delay.rate_upper IS 'Upper 95% confidence limit of rate. Does not add up.';
COMMENT ON COLUMN stp_bi.delay.status IS
    'ok, zero denominator, or no data (no population that covers the ages); not shown, because of a stp.display_rule.';

-- Figures of indicators side by side, as stp_bi.indicator_history shows them. Where attendances are reported with waits alone
-- they are what these are of; what is not shown of the one is not looked for in the other.
CREATE VIEW stp_bi.emergency WITH (security_invoker = true) AS
SELECT h.unit_kind, h.unit, h.unit_name, h.period, h.first_day, h.last_day,
       CASE WHEN bool_or(h.indicator = 'ae_attendances') THEN max(h.numerator) FILTER (WHERE h.indicator = 'ae_attendances')
            ELSE max(h.denominator) FILTER (WHERE h.indicator = 'ae_within_4_hours') END AS attendances,
       max(h.value) FILTER (WHERE h.indicator = 'ae_attendances') AS attendances_rate,
       max(h.status) FILTER (WHERE h.indicator = 'ae_attendances') AS attendances_status,
       max(h.numerator) FILTER (WHERE h.indicator = 'ae_within_4_hours') AS within_4_hours,
       max(h.value) FILTER (WHERE h.indicator = 'ae_within_4_hours') AS within_4_hours_pct,
       max(h.status) FILTER (WHERE h.indicator = 'ae_within_4_hours') AS within_4_hours_status,
       max(h.numerator) FILTER (WHERE h.indicator = 'ae_emergency_admissions') AS ae_emergency_admissions,
       max(h.value) FILTER (WHERE h.indicator = 'ae_emergency_admissions') AS ae_emergency_admissions_rate,
       max(h.status) FILTER (WHERE h.indicator = 'ae_emergency_admissions') AS ae_emergency_admissions_status,
       max(h.numerator) FILTER (WHERE h.indicator = 'emergency_admissions') AS emergency_admissions,
       max(h.value) FILTER (WHERE h.indicator = 'emergency_admissions') AS emergency_admissions_rate,
       max(h.status) FILTER (WHERE h.indicator = 'emergency_admissions') AS emergency_admissions_status,
       max(h.numerator) FILTER (WHERE h.indicator = 'emergency_admissions_all_ages') AS emergency_spells,
       max(h.value) FILTER (WHERE h.indicator = 'emergency_admissions_all_ages') AS emergency_spells_rate,
       max(h.status) FILTER (WHERE h.indicator = 'emergency_admissions_all_ages') AS emergency_spells_status,
       max(h.numerator) FILTER (WHERE h.indicator = 'emergency_zero_day') AS zero_day_spells,
       max(h.value) FILTER (WHERE h.indicator = 'emergency_zero_day') AS zero_day_spells_pct,
       max(h.status) FILTER (WHERE h.indicator = 'emergency_zero_day') AS zero_day_spells_status,
       max(h.value) FILTER (WHERE h.indicator = 'mean_emergency_stay') AS mean_emergency_stay,
       max(h.status) FILTER (WHERE h.indicator = 'mean_emergency_stay') AS mean_emergency_stay_status,
       max(h.numerator) FILTER (WHERE h.indicator = 'emergency_bed_days') AS emergency_bed_days,
       max(h.value) FILTER (WHERE h.indicator = 'emergency_bed_days') AS emergency_bed_days_rate,
       max(h.status) FILTER (WHERE h.indicator = 'emergency_bed_days') AS emergency_bed_days_status,
       max(h.numerator) FILTER (WHERE h.indicator = 'bed_days') AS bed_days,
       max(h.value) FILTER (WHERE h.indicator = 'bed_days') AS bed_days_rate,
       max(h.status) FILTER (WHERE h.indicator = 'bed_days') AS bed_days_status
  FROM stp_internal.indicator_history_rows() h
 WHERE h.indicator = ANY (ARRAY['ae_attendances', 'ae_within_4_hours', 'ae_emergency_admissions', 'emergency_admissions',
                                'emergency_admissions_all_ages', 'emergency_zero_day', 'mean_emergency_stay',
                                'emergency_bed_days', 'bed_days'])
 GROUP BY h.unit_kind, h.unit, h.unit_name, h.period, h.first_day, h.last_day;
COMMENT ON VIEW stp_bi.emergency IS
    'A&E, emergency admissions and bed days of every region, system and place: a row for each period, with counts, rates and the '
    'status of each. Counts are sums of shares of organisations, so that they need not be whole; they add up over units of one '
    'unit_kind and over months; rates, percentages and means do not. NULL with no status: nobody reports it.';
DO $$
DECLARE
    figure record;
BEGIN
    FOR figure IN SELECT * FROM (VALUES
        ('attendances', 'ae_attendances', 'A&E attendances', 'rate'),
        ('within_4_hours', 'ae_within_4_hours', 'A&E attendances that ended within 4 hours', 'pct'),
        ('ae_emergency_admissions', 'ae_emergency_admissions', 'Emergency admissions through A&E', 'rate'),
        ('emergency_admissions', 'emergency_admissions', 'Emergency admissions of the A&E return', 'rate'),
        ('emergency_spells', 'emergency_admissions_all_ages', 'Emergency admissions of spells', 'rate'),
        ('zero_day_spells', 'emergency_zero_day', 'Emergency spells that ended on the day they began', 'pct'),
        ('emergency_bed_days', 'emergency_bed_days', 'Bed days of emergency spells', 'rate'),
        ('bed_days', 'bed_days', 'Bed days of spells', 'rate')) f (name, indicator, words, measure)
    LOOP
        EXECUTE format('COMMENT ON COLUMN stp_bi.emergency.%I IS %L', figure.name,
                       format('%s: the numerator of %s. Adds up.', figure.words, figure.indicator));
        EXECUTE format('COMMENT ON COLUMN stp_bi.emergency.%I IS %L', concat_ws('_', figure.name, figure.measure),
                       format('The value of %s, in its unit of measure. Does not add up.', figure.indicator));
        EXECUTE format('COMMENT ON COLUMN stp_bi.emergency.%I IS %L', figure.name || '_status',
                       format('The status of %s, as of stp_bi.indicator_history; NULL: nobody reports it.', figure.indicator));
    END LOOP;
END $$;
COMMENT ON COLUMN stp_bi.emergency.attendances IS
    'A&E attendances: the numerator of ae_attendances; where nobody reports that, the denominator of ae_within_4_hours. Adds up.';
COMMENT ON COLUMN stp_bi.emergency.mean_emergency_stay IS
    'Mean stay of emergency admissions in nights: the value of mean_emergency_stay. Does not add up.';
COMMENT ON COLUMN stp_bi.emergency.mean_emergency_stay_status IS
    'The status of mean_emergency_stay, as of stp_bi.indicator_history; NULL: nobody reports it.';

--------------------------------------------------------------------------------------------------------------
-- What is published
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_bi.published_rating WITH (security_invoker = true) AS
SELECT n.scheme, n.period::text AS period, stp.first_day(n.period) AS first_day, stp.last_day(n.period) AS last_day,
       n.unit, n.peer_group, n.score, n.coverage, n.rank, n.category, n.override, n.status,
       p.revision, p.published_at, p.published_by, p.note, p.version, p.fingerprint, p.hash,
       s.name AS scheme_name, s.rates AS unit_kind, u.unit_name,
       row_number() OVER (PARTITION BY n.scheme, n.unit ORDER BY stp.last_day(n.period) DESC,
           stp.first_day(n.period) DESC) = 1 AS is_latest
  FROM stp.publication p
  JOIN stp.published_node n ON n.scheme = p.scheme AND n.period = p.period AND n.revision = p.revision
  LEFT JOIN stp.scheme s ON s.scheme = n.scheme
  LEFT JOIN stp_bi.unit u ON u.unit_kind = s.rates AND u.unit = n.unit
 WHERE n.parent IS NULL
   AND NOT EXISTS (SELECT FROM stp.publication later
                    WHERE later.scheme = p.scheme AND later.period = p.period AND later.revision > p.revision);
COMMENT ON VIEW stp_bi.published_rating IS
    'Published ratings: the latest revision of each scheme and period, one row for each unit. Nothing here adds up.';
COMMENT ON COLUMN stp_bi.published_rating.unit_kind IS 'What the scheme rates: nation, region, system, place or organisation.';
COMMENT ON COLUMN stp_bi.published_rating.is_latest IS
    'Whether it is the latest period that is published of this scheme and unit.';
COMMENT ON COLUMN stp_bi.published_rating.period IS 'Label of the assessed period.';
CALL stp.copy_comments('stp.assessment_node', 'stp_bi.published_rating');
CALL stp.copy_comments('stp.publication', 'stp_bi.published_rating');

--------------------------------------------------------------------------------------------------------------
-- What is wrong
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.days_without_system WITH (security_invoker = true) AS
SELECT o.organisation, o.name,
       '{(,)}'::datemultirange - coalesce(range_agg(daterange(m.valid_from, m.valid_to, '[]'))
                                              FILTER (WHERE m.organisation IS NOT NULL), '{}') AS days
  FROM stp.organisation o
  LEFT JOIN stp.membership m ON m.organisation = o.organisation
 GROUP BY o.organisation, o.name;
COMMENT ON VIEW stp_internal.days_without_system IS 'The days on which each organisation has no membership.';

CREATE VIEW stp_internal.faulty_figure WITH (security_invoker = true) AS
SELECT CASE WHEN k.unit_kind = 'organisation' AND k.organisations = 0 THEN 'missing report'
            WHEN k.status = 'suppressed' THEN 'suppressed'
            WHEN k.status = ANY (ARRAY['partial', 'incomplete']) THEN concat(k.status, ' figure')
            ELSE 'no denominator' END AS fault,
       k.unit_kind, k.unit, k.indicator, i.name AS what, k.period, k.first_day, k.last_day, part.missing,
       CASE WHEN k.unit_kind = 'organisation' AND k.organisations = 0 THEN 'Expected, and nothing that counts has come'
            WHEN k.status = 'suppressed' THEN 'A count that is not given: the figure has wider limits'
            WHEN k.status = 'partial' THEN format('%s of %s reports have come', k.organisations, k.expected)
            WHEN k.status = 'incomplete'
            THEN format('%s of %s reports have come: too few for a value', k.organisations, k.expected)
            WHEN i.denominator = 'population' THEN 'No population that covers the ages'
            ELSE 'Denominators are 0, or not reported' END AS detail
  FROM stp_internal.kept_figure k
  JOIN stp.indicator i ON i.indicator = k.indicator
  LEFT JOIN stp.display_rule r ON r.indicator = k.indicator
 -- What has not come counts what it was before: of what is hidden the number of reports alone is told.
 CROSS JOIN LATERAL (SELECT 1 - CASE WHEN r.hidden_below > 1 OR r.rounded_to > 1 THEN k.organisations::float8 / k.expected
                                     ELSE k.completeness END AS missing) part
 WHERE k.status = ANY (ARRAY['partial', 'incomplete', 'suppressed', 'zero denominator', 'no data'])
   AND (k.unit_kind <> 'organisation' OR k.status <> 'no data')
UNION ALL
SELECT CASE WHEN k.unit_kind = 'organisation' THEN 'missing report' WHEN k.status = 'incomplete' THEN 'partial figure'
            ELSE 'incomplete figure' END,
       k.unit_kind, k.unit, NULL, format('Money, %s support funding', k.basis), k.period, k.first_day, k.last_day,
       1 - k.reported::float8 / k.organisations,
       CASE k.unit_kind WHEN 'organisation' THEN 'Plan or actual is missing'
                        ELSE format('%s of %s organisations have reported plan and actual', k.reported, k.organisations) END
  FROM stp_internal.kept_finance k
 WHERE k.status = ANY (ARRAY['incomplete', 'no data']);
COMMENT ON VIEW stp_internal.faulty_figure IS 'Figures and money that are kept and lack something, and reports that are missing.';

-- Of all periods together, since a membership would mend them all. Mostly there is none, which is found out from the few spans.
CREATE VIEW stp_internal.unassigned_figure WITH (security_invoker = true) AS
SELECT d.organisation, d.name, s.indicator, i.name AS what, k.period, k.first_day, k.last_day, k.periods
  FROM stp_internal.kept_span s
  JOIN stp_internal.days_without_system d ON d.organisation = s.unit AND d.days && daterange(s.first_day, s.last_day, '[]')
  JOIN stp.indicator i ON i.indicator = s.indicator
 CROSS JOIN LATERAL (SELECT (array_agg(f.period ORDER BY f.last_day DESC, f.first_day DESC))[1] AS period,
                            min(f.first_day) AS first_day, max(f.last_day) AS last_day, count(*) AS periods
                       FROM stp_internal.kept_figure f
                      WHERE f.indicator = s.indicator AND f.unit = s.unit AND f.unit_kind = 'organisation'
                        AND f.organisations > 0 AND d.days @> f.last_day) k
 WHERE s.unit_kind = 'organisation' AND k.periods > 0
UNION ALL
SELECT d.organisation, d.name, NULL, format('Money, %s support funding', k.basis), max(k.period), min(k.first_day),
       max(k.last_day), count(*)
  FROM stp_internal.kept_finance k
  JOIN stp_internal.days_without_system d ON d.organisation = k.unit AND d.days @> k.last_day
 WHERE k.unit_kind = 'organisation'
 GROUP BY d.organisation, d.name, k.basis;
COMMENT ON VIEW stp_internal.unassigned_figure IS
    'What organisations reported and counts in no system, because they have no membership on the last day of the period.';

CREATE VIEW stp_bi.data_quality WITH (security_invoker = true) AS
SELECT q.fault, q.what, q.unit_kind, q.unit, u.unit_name, q.indicator,
       CASE WHEN q.indicator IS NOT NULL THEN q.what END AS indicator_name,
       CASE q.unit_kind WHEN 'organisation' THEN q.unit END AS organisation,
       CASE q.unit_kind WHEN 'organisation' THEN u.unit_name END AS organisation_name, q.period, q.first_day, q.last_day,
       q.missing AS missing_part, q.detail
  FROM stp_internal.faulty_figure q
  JOIN stp_bi.unit u ON u.unit_kind = q.unit_kind AND u.unit = q.unit
UNION ALL
SELECT 'unassigned report', f.what, 'organisation', f.organisation, f.name, f.indicator,
       CASE WHEN f.indicator IS NOT NULL THEN f.what END, f.organisation, f.name, f.period, f.first_day, f.last_day, 1,
       format('In no system on the last day of %s periods from %s to %s', f.periods, to_char(f.first_day, 'YYYY-MM-DD'),
              to_char(f.last_day, 'YYYY-MM-DD'))
  FROM stp_internal.unassigned_figure f
UNION ALL
SELECT CASE WHEN q.error IS NULL THEN 'waiting refresh' ELSE 'failing refresh' END, q.task, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, q.period::text, stp.first_day(q.period), stp.last_day(q.period), NULL, coalesce(q.error, q.reason)
  FROM stp.refresh_queue q;
COMMENT ON VIEW stp_bi.data_quality IS
    'What is wrong, a row for each: reports that are missing, figures that lack something, reports that count in no system (a '
    'row for each organisation and indicator), and what stp.refresh() has not done or fails to do. Of all periods, as kept by '
    'the last refresh. Rows may be counted, not added.';
COMMENT ON COLUMN stp_bi.data_quality.fault IS
    'missing report, unassigned report (counts in no system), partial figure (of fewer reports than expected), incomplete figure '
    '(too few for a value), suppressed (a count is not given), no denominator, waiting refresh, failing refresh.';
COMMENT ON COLUMN stp_bi.data_quality.what IS
    'Of what: the name of the indicator, money of a basis, or the task of stp.refresh_queue.';
COMMENT ON COLUMN stp_bi.data_quality.unit_kind IS 'nation, region, system, place or organisation; NULL: of a refresh.';
COMMENT ON COLUMN stp_bi.data_quality.unit IS 'Code of the unit that it concerns; NULL: of a refresh.';
COMMENT ON COLUMN stp_bi.data_quality.indicator IS 'The indicator; NULL: of money and of a refresh.';
COMMENT ON COLUMN stp_bi.data_quality.organisation IS 'The organisation, of what concerns one alone.';
COMMENT ON COLUMN stp_bi.data_quality.period IS 'The period; of an unassigned report the latest of them.';
COMMENT ON COLUMN stp_bi.data_quality.first_day IS 'First day of the period; of an unassigned report of the first of them.';
COMMENT ON COLUMN stp_bi.data_quality.missing_part IS
    'Part of what is expected that is missing, 0 to 1, by what reports count; of an indicator with a stp.display_rule by their '
    'number. NULL: of a refresh. Does not add up.';
COMMENT ON COLUMN stp_bi.data_quality.detail IS 'What is wrong, in words.';

GRANT SELECT ON stp_internal.days_without_system, stp_internal.faulty_figure, stp_internal.unassigned_figure TO PUBLIC;
