-- What the dashboard shows: the name of a table, then its rows, each a line of JSON. Read from the views of stp_bi and from
-- nothing else, in one snapshot, by a role that may only read (doc/roles/reader.sql). build.mjs makes it compact.
--   psql -qXAt -v ON_ERROR_STOP=1 -f dashboard/data.sql
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL DateStyle = 'ISO';
SET LOCAL TimeZone = 'Europe/London';

-- Ratings are of all periods. What is below them is of the last 13 that a scheme has rated: a year, and the month before it.
\set recent 'SELECT h.scheme, h.period, dense_rank() OVER (PARTITION BY h.scheme ORDER BY h.last_day DESC) AS age'
\set recent :recent ' FROM stp_bi.rating_history h'
\set recent '(SELECT r.scheme, r.period FROM (' :recent ') r WHERE r.age <= 13)'

\echo meta
SELECT row_to_json(q) FROM (
    SELECT current_database() AS database, to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AS made_at,
           (SELECT to_char(max(h.refreshed_at), 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') FROM stp_bi.rating_history h) AS refreshed_at,
           pg_catalog.shobj_description(d.oid, 'pg_database') AS note,
           (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'stp_metrics') AS version
      FROM pg_catalog.pg_database d WHERE d.datname = current_database()) q;

\echo period
SELECT row_to_json(q) FROM (
    SELECT period, grain, first_day, last_day, label FROM stp_bi.period_date ORDER BY last_day, first_day) q;

\echo unit
SELECT row_to_json(q) FROM (
    SELECT unit, region_name, valid_to FROM stp_bi.unit WHERE unit_kind <> 'organisation' ORDER BY unit_kind, unit_name) q;

\echo rating
SELECT row_to_json(q) FROM (
    SELECT scheme, scheme_name, period, first_day, unit, unit_name, unit_kind, peer_group, score, rank, rank_low, rank_high,
           period_before, score_before, rank_before, category, override, probability_of_category, coverage, completeness,
           next_category, points_needed, lowest_score, highest_score, possible_categories, status
      FROM stp_bi.rating_history ORDER BY scheme, last_day, first_day, rank, unit) q;

\echo category
SELECT row_to_json(q) FROM (
    SELECT scheme, period, unit, category, position, cut, probability
      FROM stp_bi.category_probability WHERE (scheme, period) IN :recent ORDER BY scheme, first_day, unit, position) q;

\echo node
SELECT row_to_json(q) FROM (
    SELECT scheme, period, unit, node, node_name, parent, depth, place, indicator, value, unit_of_measure, value_period,
           lower, upper, better, standard, target, cohort_minimum, cohort_lower_quartile, cohort_median, cohort_upper_quartile,
           cohort_maximum, organisations, expected, completeness, score, effective_weight, contribution, running_from,
           running_to, missing_weight, needed_value, needed_category, rank, status
      FROM stp_bi.rating_node WHERE (scheme, period) IN :recent ORDER BY scheme, first_day, unit, place) q;

\echo without
SELECT row_to_json(q) FROM (
    SELECT scheme, period, unit, node_name, rank_without, category_without
      FROM stp_bi.rating_without
     WHERE (scheme, period) IN :recent AND category_without IS DISTINCT FROM category
     ORDER BY scheme, first_day, unit, node_name) q;

\echo change
SELECT row_to_json(q) FROM (
    SELECT scheme, period, period_before, unit, place, part, indicator, indicator_name, organisation, organisation_name,
           round(points::numeric, 4) AS points
      FROM stp_bi.rating_change WHERE (scheme, period) IN :recent ORDER BY scheme, first_day, unit, place) q;

\echo published
SELECT row_to_json(q) FROM (
    SELECT scheme, period, max(revision) AS revision, to_char(max(published_at), 'YYYY-MM-DD') AS published_on
      FROM stp_bi.published_rating GROUP BY scheme, period ORDER BY scheme, period) q;

-- Of organisations only the latest figures, in funnels: their charts would be most of the file.
\echo trend
SELECT row_to_json(q) FROM (
    SELECT unit_kind, unit, indicator, grain, period, first_day, value, mean, lower_process_limit AS lower,
           upper_process_limit AS upper, target, segment, signal, is_ghost, figure_status, chart_status AS status
      FROM stp_bi.indicator_trend WHERE unit_kind <> 'organisation' ORDER BY indicator, unit_kind, unit, grain, first_day) q;

\echo summary
SELECT row_to_json(q) FROM (
    SELECT unit_kind, unit, unit_name, indicator, indicator_name, unit_of_measure, better, grain, period, value,
           variation_icon, assurance_icon, charted_points AS points, chart_status AS status
      FROM stp_bi.indicator_summary WHERE unit_kind <> 'organisation' ORDER BY indicator, unit_kind, unit, grain) q;

\echo funnel
SELECT row_to_json(q) FROM (
    SELECT unit_kind, unit, unit_name, indicator, indicator_name, unit_of_measure, better, period, last_day, numerator,
           denominator, value, centre AS target, peers AS units, phi, flag, od_z, od_lower_95, od_upper_95, od_lower_998,
           od_upper_998, od_flag, funnel_status AS status
      FROM stp_bi.funnel ORDER BY indicator, unit_kind, unit) q;

\echo curve
SELECT row_to_json(q) FROM (
    SELECT unit_kind, indicator, overdispersion, level, denominator, lower_funnel_limit AS lower,
           upper_funnel_limit AS upper
      FROM stp_bi.funnel_curve ORDER BY indicator, unit_kind, overdispersion, level, denominator) q;

\echo finance
SELECT row_to_json(q) FROM (
    SELECT unit_kind, unit, unit_name, basis, financial_year, period, first_day, last_day, plan, actual, control_total, forecast,
           forecast_lower, forecast_upper, organisations, reported, status
      FROM stp_bi.finance WHERE unit_kind <> 'organisation'
     ORDER BY basis, financial_year, unit_kind, unit, first_day) q;

\echo bridge
SELECT row_to_json(q) FROM (
    SELECT unit, basis, period, place, label, from_amount, to_amount, kind
      FROM stp_bi.finance_bridge ORDER BY basis, financial_year, unit, period, place) q;

-- Care types are added up; where one is not shown the sum is not.
\echo delay
SELECT row_to_json(q) FROM (
    SELECT unit_kind, unit, unit_name, counted_by, period, first_day, reason, reason_name, attribution,
           CASE WHEN count(delayed_days) = count(*) THEN sum(delayed_days) END AS delayed_days, max(status) AS status
      FROM stp_bi.delay WHERE unit_kind <> 'organisation'
     GROUP BY unit_kind, unit, unit_name, counted_by, period, first_day, reason, reason_name, attribution
     ORDER BY unit_kind, unit, counted_by, first_day, reason, attribution) q;

\echo emergency
SELECT row_to_json(q) FROM (
    SELECT unit_kind, unit, unit_name, period, first_day, attendances, attendances_status, within_4_hours, within_4_hours_status,
           emergency_admissions, emergency_admissions_status, ae_emergency_admissions, ae_emergency_admissions_status,
           emergency_bed_days, emergency_bed_days_status, bed_days, bed_days_status
      FROM stp_bi.emergency WHERE unit_kind <> 'organisation' ORDER BY unit_kind, unit, first_day) q;

\echo quality
SELECT row_to_json(q) FROM (
    SELECT fault, what, unit_name, indicator, indicator_name, organisation_name, period, detail
      FROM stp_bi.data_quality
     WHERE last_day IS NULL OR last_day > (SELECT max(d.last_day) - 396 FROM stp_bi.data_quality d)
     ORDER BY last_day DESC NULLS FIRST, fault <> ALL ('{missing report,partial figure,incomplete figure}'), fault, indicator, unit) q;
COMMIT;
