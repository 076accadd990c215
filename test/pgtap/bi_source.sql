-- Module bi_source: delays, emergencies, money, what is published and what is wrong, as stp_bi shows them.
SELECT no_plan();

-- A region of two systems, one with a place; a trust in both, one in the place, one in none, one with the code of a system.
INSERT INTO stp.system (system, name, kind, parent) VALUES ('R', 'Region', 'region', NULL), ('A', 'System A', 'system', 'R'), ('B', 'System B', 'system', 'R'),
    ('C', 'System C', 'system', NULL), ('P', 'Place', 'place', 'A');
INSERT INTO stp.organisation (organisation, name, type) SELECT o, 'Trust ' || o, 'Acute trust' FROM unnest('{TA,TB,TS,TP,TN,C}'::text[]) o
    UNION ALL SELECT 'LA', 'Council', 'Local authority';
BEGIN;
INSERT INTO stp.membership (organisation, system, share) VALUES ('TA', 'A', 1), ('TB', 'B', 1), ('TS', 'A', 0.6), ('TS', 'B', 0.4), ('TP', 'P', 1), ('C', 'C', 1), ('LA', 'A', 1);
COMMIT;
INSERT INTO stp.population (system, period, age_from, age_to, persons) SELECT s, '2024/25', a.first, a.last, 100000 FROM unnest('{A,B,P}'::text[]) s, (VALUES (0, 15), (16, 17), (18, NULL)) a (first, last);
-- Money of a whole year and of seven months, to the penny; one has no plan in a month, one no actual.
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT o.organisation, m.month, w.measure, b.basis, round((ascii(substr(o.organisation, 2)) * 7919.77 + m.n * 104729.13 + length(w.measure) * 3571.11) * (1 - m.n % 3), 2), 4e8 + o.n
  FROM (VALUES ('TA', 1), ('TB', 2), ('TS', 3), ('TP', 4), ('TN', 5), ('C', 6)) o (organisation, n)
 CROSS JOIN (SELECT p, row_number() OVER (ORDER BY p) FROM stp.periods('2024-04', '2025-10') p) m (month, n)
 CROSS JOIN unnest('{plan,actual,forecast}'::text[]) w (measure) CROSS JOIN unnest('{including,excluding}'::text[]) b (basis)
 WHERE b.basis = 'including' OR o.organisation = 'TA';
DELETE FROM stp.financial_position WHERE (organisation, period::text, measure) IN (('TB', '2025-08', 'plan'), ('TS', '2025-09', 'actual'));
INSERT INTO stp.control_total (organisation, year, basis, amount) SELECT o, y, 'including', 12345.67 FROM unnest('{TA,TB,TS}'::text[]) o, unnest('{2024/25,2025/26}'::stp.period[]) y;
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, patients, delayed_days, revised)
SELECT o.organisation, 'LA', m, 'acute', r.reason, r.attributed, CASE WHEN m < '2025-10' THEN o.n END, o.n * 10 + ascii(r.reason) % 7, '2025-11-01'
  FROM (VALUES ('TA', 1), ('TS', 2), ('TP', 3), ('TN', 4)) o (organisation, n) CROSS JOIN stp.periods('2025-08', '2025-10') m
 CROSS JOIN (VALUES ('A', 'NHS'), ('A', 'both'), ('Di', 'social care'), ('I', 'NHS')) r (reason, attributed);
INSERT INTO stp.emergency_attendance SELECT o, m, '1', 1000 + ascii(o), 200, 300 FROM unnest('{TA,TB,TS,TP,TN}'::text[]) o, stp.periods('2025-08', '2025-10') m WHERE (o, m::text) <> ('TB', '2025-10');
INSERT INTO stp.observation_source VALUES ('emergency_attendance'), ('delayed_transfer');
CALL stp.refresh();

-- What is kept is what the analysts' views say ---------------------------------------------------------------------

SELECT bag_eq('SELECT unit_kind, unit, unit_name, basis, period, first_day, last_day, months, plan, actual, variance, variance_pct, control_total, reported_forecast, organisations, reported, not_reported, missing_months, status FROM stp_bi.finance',
    $$ SELECT kind, system, system_name, basis, period::text, first_day, last_day, months, plan, actual, variance, variance_pct, control_total, forecast, organisations, reported, not_reported, missing_months, status FROM stp.system_finance
       UNION ALL SELECT 'organisation', organisation, organisation_name, basis, period::text, first_day, last_day, months, plan, actual, variance, variance_pct, control_total, forecast, 1, (variance IS NOT NULL)::int,
              CASE WHEN variance IS NULL THEN organisation END, missing_months, status FROM stp.organisation_finance $$,
    'money is that of stp.system_finance and stp.organisation_finance, with the name of the unit, not of a trust of the same code');
SELECT bag_eq('SELECT unit_kind, unit, basis, period, forecast, forecast_lower, forecast_upper, forecast_probability, forecast_status FROM stp_bi.finance WHERE forecast_status IS NOT NULL',
    'SELECT kind, unit, basis, period::text, forecast, lower, upper, probability, status FROM stp.finance_forecast', 'with its forecast');
SELECT ok(count(DISTINCT unit_kind) = 4 AND count(forecast_lower) > 20 AND count(*) FILTER (WHERE status = 'incomplete') > 0 AND count(DISTINCT financial_year) = 2, 'of all kinds, and there is something to see') FROM stp_bi.finance;
SELECT bag_eq('SELECT unit, unit_name, counted_by, period, first_day, last_day, care_type, reason, reason_name, attribution, delayed_days, delayed_beds, delayed_patients, adults, rate, rate_lower, rate_upper, status FROM stp_bi.delay',
    $$ SELECT d.system, s.name, d.basis, d.period::text, d.first_day, d.last_day, d.care_type, d.reason, d.meaning, d.attributed_to, d.delayed_days, d.dtoc_beds, d.patients, d.adults, d.rate, d.lower, d.upper, d.status
         FROM stp.system_delay_detail d JOIN stp.system s USING (system) $$, 'delays are those of stp.system_delay_detail');
SELECT ok(count(DISTINCT unit_kind) = 3 AND count(rate_upper) > 40 AND count(*) FILTER (WHERE delayed_patients IS NULL) > 0, 'and there is something to see') FROM stp_bi.delay;
SELECT results_eq($$ SELECT unit, sum(delayed_days) FROM stp_bi.delay WHERE counted_by = 'provider' AND unit_kind IN ('region', 'system') GROUP BY unit ORDER BY unit $$,
    $$ SELECT m.system, sum(t.delayed_days * m.share)::float8 FROM stp.delayed_transfer t JOIN (SELECT organisation, system, share FROM stp.membership WHERE system <> 'P' UNION ALL SELECT 'TP', 'A', 1
         UNION ALL SELECT o, 'R', 1 FROM unnest('{TA,TS,TP}'::text[]) o) m USING (organisation) GROUP BY m.system ORDER BY m.system $$, 'one way of counting adds up over all of it');

-- From plan to actual ----------------------------------------------------------------------------------------------

SELECT is_empty($$ SELECT * FROM (SELECT b.*, lag(b.to_amount) OVER step AS before, row_number() OVER step AS number FROM stp_bi.finance_bridge b WHERE b.kind <> 'actual'
                       WINDOW step AS (PARTITION BY b.unit, b.basis, b.period ORDER BY b.place)) s
                    WHERE s.from_amount <> coalesce(s.before, 0) OR s.number <> s.place OR (s.kind = 'plan') <> (s.place = 1)
                       OR sign(s.amount) <> CASE s.kind WHEN 'better' THEN 1 WHEN 'worse' THEN -1 WHEN 'on plan' THEN 0 ELSE sign(s.amount) END $$, 'each step begins where the one before ends');
SELECT bag_eq($$ SELECT unit_kind, unit, unit_name, basis, financial_year, period, max(to_amount) FILTER (WHERE kind = 'plan'), sum(amount) FILTER (WHERE organisation IS NOT NULL),
                        (array_agg(to_amount ORDER BY place DESC))[1] AS last, (array_agg(to_amount ORDER BY place DESC))[2] AS reached, (array_agg(label ORDER BY place DESC))[1] AS label FROM stp_bi.finance_bridge GROUP BY 1, 2, 3, 4, 5, 6 $$,
    $$ SELECT unit_kind, unit, unit_name, basis, financial_year, period, plan, variance, actual AS last, actual AS reached, 'Actual' FROM stp_bi.finance WHERE unit_kind <> 'organisation' AND variance IS NOT NULL $$,
    'from the plan to the actual of the system, to the penny');
SELECT bag_eq('SELECT unit, basis, period, organisation, label, amount FROM stp_bi.finance_bridge WHERE organisation IS NOT NULL',
    'SELECT system, basis, period::text, organisation, organisation_name, variance FROM stp.system_finance_organisation WHERE variance IS NOT NULL', 'a step for each organisation that reported both');
SELECT is_empty($$ SELECT FROM (SELECT amount, lag(amount) OVER (PARTITION BY unit, basis, period ORDER BY place) AS before FROM stp_bi.finance_bridge WHERE organisation IS NOT NULL) s WHERE amount < before $$, 'who falls short most comes first');

-- Emergencies ------------------------------------------------------------------------------------------------------

SELECT bag_eq('SELECT unit_kind, unit, unit_name, period, attendances, attendances_rate, attendances_status, within_4_hours, within_4_hours_pct, within_4_hours_status, emergency_admissions_rate, bed_days, bed_days_status FROM stp_bi.emergency',
    $$ SELECT a.kind, a.system, a.system_name, a.period::text, a.numerator, a.value, a.status, w.numerator AS within, w.value AS pct, w.status AS w, e.value AS admissions, NULL::float8 AS days, NULL::text AS none
         FROM stp.system_indicator a JOIN stp.system_indicator w USING (system, period) JOIN stp.system_indicator e USING (system, period)
        WHERE a.indicator = 'ae_attendances' AND w.indicator = 'ae_within_4_hours' AND e.indicator = 'emergency_admissions' $$, 'emergencies are the figures of indicators, side by side');
SELECT ok(count(attendances_rate) > 5 AND count(*) FILTER (WHERE within_4_hours_status = 'partial') > 0, 'and there is something to see') FROM stp_bi.emergency;
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'TA', '2025-07', 70, 100), ('emergency_zero_day', 'TA', '2025-07', 9, 30);
CALL stp.refresh();
SELECT results_eq($$ SELECT attendances, within_4_hours, within_4_hours_pct, attendances_status, zero_day_spells, zero_day_spells_pct FROM stp_bi.emergency WHERE unit = 'A' AND period = '2025-07' $$,
    $$ VALUES (100::float8, 70::float8, 70::float8, NULL::text, 9::float8, 30::float8) $$, 'who reports waits alone reports attendances too');

-- What is wrong ----------------------------------------------------------------------------------------------------

SELECT bag_eq($$ SELECT indicator, indicator_name, organisation, organisation_name, period FROM stp_bi.data_quality WHERE fault = 'missing report' AND indicator IS NOT NULL $$,
    'SELECT indicator, indicator_name, organisation, organisation_name, period::text FROM stp.missing_report', 'missing reports are those of stp.missing_report');
SELECT isnt_empty($$ SELECT FROM stp_bi.data_quality WHERE fault = 'missing report' AND indicator = 'ae_within_4_hours' AND organisation = 'TB' AND period = '2025-10' AND missing_part = 1 $$, 'and one is');
SELECT bag_eq($$ SELECT indicator, organisation, last_day FROM stp_bi.data_quality WHERE fault = 'unassigned report' AND indicator IS NOT NULL $$,
    'SELECT indicator, organisation, max(last_day) FROM stp.unassigned_observation GROUP BY 1, 2', 'reports that count nowhere are those of stp.unassigned_observation, each indicator once');
SELECT results_eq($$ SELECT organisation, what, first_day, period, detail FROM stp_bi.data_quality WHERE fault = 'unassigned report' AND indicator IS NULL $$,
    $$ VALUES ('TN', 'Money, including support funding', date '2024-04-01', '2025-10', 'In no system on the last day of 19 periods from 2024-04-01 to 2025-10-31') $$, 'so is money');
SELECT bag_eq($$ SELECT fault, unit_kind, unit, unit_name, indicator, period, missing_part::numeric(9, 6) FROM stp_bi.data_quality WHERE fault ~ 'figure|suppressed|denominator' AND indicator IS NOT NULL AND unit_kind <> 'organisation' $$,
    $$ SELECT CASE status WHEN 'suppressed' THEN status WHEN 'no data' THEN 'no denominator' ELSE status || ' figure' END, kind, system, system_name, indicator, period::text, (1 - completeness)::numeric(9, 6)
         FROM stp.system_indicator WHERE status NOT IN ('ok', 'restated', 'inferred') $$, 'figures that lack something are those of stp.system_indicator');
SELECT isnt_empty($$ SELECT FROM stp_bi.data_quality WHERE fault = 'partial figure' AND unit = 'R' AND indicator = 'ae_within_4_hours' AND period = '2025-10' AND missing_part BETWEEN 0.1 AND 0.5 AND detail = '3 of 4 reports have come' $$, 'and one is in words');
SELECT bag_eq($$ SELECT fault, unit, period, detail FROM stp_bi.data_quality WHERE what = 'Money, including support funding' AND fault <> 'unassigned report' $$,
    $$ VALUES ('missing report', 'TB', '2025-08', 'Plan or actual is missing'), ('missing report', 'TS', '2025-09', 'Plan or actual is missing'),
              ('partial figure', 'B', '2025-08', '1 of 2 organisations have reported plan and actual'), ('partial figure', 'R', '2025-08', '3 of 4 organisations have reported plan and actual'),
              ('partial figure', 'A', '2025-09', '2 of 3 organisations have reported plan and actual'), ('partial figure', 'B', '2025-09', '1 of 2 organisations have reported plan and actual'),
              ('partial figure', 'R', '2025-09', '3 of 4 organisations have reported plan and actual') $$, 'money that was not reported');
SELECT is_empty($$ SELECT FROM stp_bi.data_quality WHERE fault ~ 'refresh' $$, 'nothing waits');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'TB', '2025-07', 7, 9);
SELECT results_eq($$ SELECT fault, what, unit FROM stp_bi.data_quality WHERE fault ~ 'refresh' $$, $$ VALUES ('waiting refresh', 'observation ae_within_4_hours from 2025-07-01 to 2025-07-31', NULL::text) $$, 'what a refresh has to do');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON stp_internal.kept_delay FOR EACH ROW EXECUTE FUNCTION refuse();
UPDATE stp.delayed_transfer SET delayed_days = 99 WHERE organisation = 'TP' AND period = '2025-08' AND reason = 'I';
\set ON_ERROR_STOP 0
CALL stp.refresh();
\set ON_ERROR_STOP 1
SELECT results_eq($$ SELECT fault, what, detail FROM stp_bi.data_quality WHERE fault ~ 'refresh' $$, $$ VALUES ('failing refresh', 'delay', 'P0001: full') $$, 'what a refresh fails to do');
DROP TRIGGER refuse ON stp_internal.kept_delay;
CALL stp.refresh();
SELECT is_empty($$ SELECT FROM stp_bi.data_quality WHERE fault ~ 'refresh' $$, 'until it has gone well');

-- What changes is written again, and nothing else ------------------------------------------------------------------

-- Where a row is tells whether it was written.
CREATE TABLE written AS SELECT 'delay' AS kept, k.ctid AS place, k::text AS content FROM stp_internal.kept_delay k WITH NO DATA;
CREATE VIEW standing AS SELECT 'delay' AS kept, k.ctid AS place, k::text AS content FROM stp_internal.kept_delay k
    UNION ALL SELECT 'finance', k.ctid, k::text FROM stp_internal.kept_finance k UNION ALL SELECT 'bridge', k.ctid, k::text FROM stp_internal.kept_bridge k;
CREATE VIEW due AS SELECT 'delay' AS kept, v::text AS content FROM stp_internal.delay_to_keep v
    UNION ALL SELECT 'finance', v::text FROM stp_internal.finance_to_keep v UNION ALL SELECT 'bridge', v::text FROM stp_internal.bridge_to_keep v;
CREATE PROCEDURE remember() LANGUAGE sql AS $$ TRUNCATE written; INSERT INTO written SELECT * FROM standing $$;
-- How many rows are not what they should be, have gone, and have come.
CREATE FUNCTION outcome() RETURNS TABLE (kept text, wrong bigint, gone bigint, came bigint) LANGUAGE sql AS $$
    WITH should AS MATERIALIZED (SELECT * FROM due), standing AS MATERIALIZED (SELECT * FROM standing),
    wrong AS (SELECT kept FROM (SELECT kept, content FROM standing EXCEPT ALL SELECT * FROM should) d UNION ALL SELECT kept FROM (SELECT * FROM should EXCEPT ALL SELECT kept, content FROM standing) d),
    gone AS (SELECT * FROM written EXCEPT SELECT * FROM standing), came AS (SELECT * FROM standing EXCEPT SELECT * FROM written)
    SELECT k, (SELECT count(*) FROM wrong w WHERE w.kept = k), (SELECT count(*) FROM gone g WHERE g.kept = k), (SELECT count(*) FROM came c WHERE c.kept = k) FROM unnest('{bridge,delay,finance}'::text[]) k $$;

CALL remember();
UPDATE stp.delayed_transfer SET delayed_days = delayed_days + 1 WHERE organisation = 'TB' OR (organisation = 'TP' AND period = '2025-08' AND reason = 'I');
CALL stp.refresh();
SELECT results_eq('SELECT * FROM outcome()', $$ VALUES ('bridge', 0::bigint, 0::bigint, 0::bigint), ('delay', 0, 5, 5), ('finance', 0, 0, 0) $$, 'delays of one place: its own, its system, its region; of providers and of councils');
SELECT is(reason, 'delayed_transfer from 2025-08-01 to 2025-08-31', 'of the month alone') FROM stp.refresh_log WHERE task = 'delay' ORDER BY started_at DESC LIMIT 1;
CALL remember();
UPDATE stp.financial_position SET surplus = surplus + 0.01 WHERE organisation = 'TP' AND period = '2025-06' AND measure = 'actual';
CALL stp.refresh();
SELECT results_eq($$ SELECT kept, wrong, gone = came AND gone > 0 FROM outcome() $$, $$ VALUES ('bridge', 0::bigint, true), ('delay', 0, false), ('finance', 0, true) $$, 'a penny');
SELECT is_empty($$ SELECT FROM standing s WHERE s.kept <> 'delay' AND s.content !~ '2025/26' AND s NOT IN (SELECT w FROM written w) $$, 'and years before stay');
CALL remember();
BEGIN; UPDATE stp.membership SET valid_to = '2025-08-31' WHERE organisation = 'TB'; INSERT INTO stp.membership (organisation, system, share, valid_from) VALUES ('TB', 'A', 1, '2025-09-01'); COMMIT;
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'a membership') FROM outcome();
CALL remember();
INSERT INTO stp.control_total_offset VALUES ('A', '2024/25', 'including', 'TA', 'TS', 1000, '2024-06-01');
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'an offset') FROM outcome();
CALL remember();
UPDATE stp.control_total SET amount = 0.01 WHERE organisation = 'TS';
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'a control total') FROM outcome();
CALL remember();
UPDATE stp.financial_position SET surplus = surplus - 77777.77 WHERE period = '2024-07' AND measure = 'actual';
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'a year before') FROM outcome();
CALL remember();
UPDATE stp.population SET persons = persons + 7 WHERE system = 'B' AND age_from = 18;
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'people') FROM outcome();
CALL remember();
UPDATE stp.system SET parent = NULL WHERE system = 'B';
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'a parent') FROM outcome();
CALL remember();
INSERT INTO stp.extract (source, covers) VALUES ('delayed_transfer', '[2025-09-01,2025-11-01)');
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'what delays reach') FROM outcome();
CALL remember();
INSERT INTO stp.extract (source, covers) VALUES ('financial_position', '[2024-04-01,2025-10-01)');
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'what money reaches') FROM outcome();
CALL remember();
CALL stp.merge_organisations('{TP}', 'TA', '2025-10-01', basis => 'Order');
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'a merger') FROM outcome();
CALL remember();
INSERT INTO stp.delayed_transfer SELECT organisation, local_authority, period, care_type, reason, attributed_to, 1, 1, '2025-12-01' FROM stp.delayed_transfer WHERE organisation = 'TS' AND reason = 'Di';
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'a revision') FROM outcome();
CALL remember();
DELETE FROM stp.financial_position WHERE organisation = 'C';
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'what is deleted') FROM outcome();
CALL remember();
TRUNCATE stp.delayed_transfer;
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'no delays') FROM outcome();
CALL remember();
TRUNCATE stp.financial_position;
CALL stp.refresh();
SELECT ok(sum(wrong) = 0 AND sum(gone + came) > 0, 'no money') FROM outcome();

-- Small numbers ----------------------------------------------------------------------------------------------------

INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, patients, delayed_days, revised) VALUES
    ('TA', 'LA', '2025-10', 'acute', 'A', 'NHS', 3, 5, '2025-11-01'), ('TB', 'LA', '2025-10', 'acute', 'I', 'both', 30, 500, '2025-11-01');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'C', '2025-11', 97, 100), ('ae_within_4_hours', 'TB', '2025-11', 900, 1000);
CALL stp.refresh();
CREATE TABLE open AS SELECT * FROM stp_bi.delay;
SELECT ok(count(*) > 5 AND count(delayed_patients) = count(*), 'delays are shown') FROM open;
INSERT INTO stp.display_rule VALUES ('delayed_patients', 1, 1);
SELECT bag_eq('SELECT * FROM stp_bi.delay', 'SELECT * FROM open', 'so they are under a rule that neither hides nor rounds');
CREATE FUNCTION shown_under(rule text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM stp.display_rule;
    INSERT INTO stp.display_rule VALUES (rule);
    RETURN (SELECT count(*) FILTER (WHERE status <> 'not shown' OR num_nonnulls(delayed_days, delayed_beds, delayed_patients, rate, rate_lower, rate_upper) > 0) FROM stp_bi.delay);
END $$;
SELECT is(shown_under(i), CASE WHEN i LIKE 'delayed%' THEN 0 ELSE (SELECT count(*) FROM open) END, 'what is shown of delays under a rule of ' || i)
  FROM unnest('{delayed_patients,delayed_transfers,delayed_transfers_of_residents,delayed_transfers_of_bed_days,ae_within_4_hours}'::text[]) i;
SELECT results_eq($$ SELECT unit, attendances, within_4_hours, within_4_hours_pct, within_4_hours_status FROM stp_bi.emergency WHERE period = '2025-11' AND unit <> 'B' ORDER BY unit $$,
    $$ VALUES ('A', 1000::float8, 900::float8, 90::float8, 'partial'), ('C', NULL, NULL, NULL, 'not shown'), ('R', 1000, 900, 90, 'partial') $$,
    'of waits what stp_bi.indicator_history shows, and attendances are not told instead');
SELECT results_eq($$ SELECT unit, round(missing_part::numeric, 4) FROM stp_bi.data_quality WHERE indicator = 'ae_within_4_hours' AND period = '2025-11' AND unit_kind <> 'organisation' AND fault = 'partial figure' ORDER BY unit $$,
    $$ SELECT system, round(1 - organisations::numeric / expected, 4) FROM stp.system_indicator WHERE indicator = 'ae_within_4_hours' AND period = '2025-11' AND status = 'partial' ORDER BY system $$, 'what is missing is told by the number of reports');
DELETE FROM stp.display_rule;
SELECT isnt_empty($$ SELECT FROM stp_bi.data_quality q JOIN stp.system_indicator v ON v.system = q.unit AND v.indicator = q.indicator AND v.period::text = q.period
                      WHERE q.fault = 'partial figure' AND abs(q.missing_part - (1 - v.organisations::float8 / v.expected)) > 0.01 $$, 'which is not what they count');

-- What is published ------------------------------------------------------------------------------------------------

CALL stp.publish('stp-2026', '2025-09', 'First');
CALL stp.publish('stp-2026', '2025-10', 'Second');
SELECT results_eq($$ SELECT DISTINCT scheme_name, unit_kind, unit, unit_name, period, is_latest FROM stp_bi.published_rating WHERE unit IN ('A', 'C') ORDER BY unit, period $$,
    $$ SELECT s.name, 'system', u.unit, u.name, p.period, p.latest FROM stp.scheme s, (VALUES ('A', 'System A'), ('C', 'System C')) u (unit, name), (VALUES ('2025-09', false), ('2025-10', true)) p (period, latest)
        WHERE s.scheme = 'stp-2026' ORDER BY 3, 5 $$, 'published ratings have names, and the latest is known');

-- Who only reads ---------------------------------------------------------------------------------------------------

INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('TA', '2025-09', 'plan', 'including', 5), ('TA', '2025-09', 'actual', 'including', 6.01);
CALL stp.refresh();
CREATE TABLE seen (name text, rows bigint);
CREATE FUNCTION see(name text) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN EXECUTE format('SELECT count(*) FROM (SELECT * FROM stp_bi.%I) v', name) INTO n; RETURN n; END $$;
INSERT INTO seen SELECT v, see(v) FROM unnest('{finance,finance_bridge,delay,emergency,published_rating,data_quality}'::text[]) v;
SELECT cmp_ok(min(rows), '>', 0::bigint, 'every view has rows') FROM seen;
CREATE ROLE stp_bi_source_reader;
\set role stp_bi_source_reader
\i doc/roles/reader.sql
REVOKE SELECT ON stp.spell, stp.observation, stp.observation_history, stp.delayed_transfer, stp.financial_position, stp.emergency_attendance, stp.control_total, stp.occupied_bed_days FROM stp_bi_source_reader;
GRANT SELECT ON seen TO stp_bi_source_reader;
SET ROLE stp_bi_source_reader;
SELECT is(see(name), rows, 'who reads no report reads all of stp_bi.' || name) FROM seen;
SELECT throws_ok('SELECT FROM stp.delayed_transfer', '42501', NULL, 'and none of the reports');
RESET ROLE;
DROP OWNED BY stp_bi_source_reader;
DROP ROLE stp_bi_source_reader;
SELECT * FROM finish();
