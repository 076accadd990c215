-- The demonstration: synthetic months are the same everywhere, say what they are, leave what was published as it is, and fill every
-- view that business intelligence tools read.
SELECT no_plan();
\i demo/load.sql
\i demo/2026.sql
SELECT is((SELECT sum(delayed_bed_days) FROM stp.discharge_delay), (SELECT sum(numerator)::numeric FROM stp.observation WHERE indicator = 'delayed_bed_days')
    + (SELECT sum(d.delayed_bed_days) FROM stp.discharge_delay d WHERE NOT EXISTS (SELECT FROM stp.observation o WHERE o.indicator = 'delayed_bed_days' AND o.organisation = d.organisation)),
    'what trusts returned of delays is what was published of them');
CREATE TEMP TABLE published AS SELECT * FROM stp.observation;
CREATE TEMP TABLE rated AS SELECT * FROM stp.assess('stp-2026', '2026-03');
CREATE TEMP TABLE counted AS SELECT s.system, stp.persons(s.system, '2026-03', 16) AS persons FROM stp.system s WHERE s.kind = 'system';

\i demo/synthetic/report.sql
\i demo/synthetic/delay.sql
\i demo/synthetic/money.sql

-- The draws as Python makes them.
SELECT is(pg_temp.uniform('silent', 'R0A', '2024-01'), 0.9105933681130409::float8, 'a draw from 0 to 1');
SELECT is(pg_temp.normal('silent', 'R0A', '2024-01'), 1.3420060382745735::float8, 'and one about 0');
SELECT is((SELECT count(*) || ' ' || md5(string_agg(concat_ws(' ', indicator, organisation, period, coalesce(numerator::text, '-'), coalesce(denominator::text, '-'),
               coalesce(value::text, '-'), status), E'\n' ORDER BY indicator COLLATE "C", organisation COLLATE "C", period))
             FROM stp.observation o WHERE NOT EXISTS (SELECT FROM published p WHERE (p.indicator, p.organisation, p.period) = (o.indicator, o.organisation, o.period))),
    '87859 57a036e03917bc41b5eb6082527f56bc', 'reports are the same everywhere');
SELECT is((SELECT count(*) || ' ' || md5(string_agg(concat_ws(' ', organisation, local_authority, period, reason, attributed_to, delayed_days), E'\n'
               ORDER BY organisation COLLATE "C", period, reason COLLATE "C", attributed_to COLLATE "C")) FROM stp.delayed_transfer), '50904 aa3a9d526796581a68606631cb3c3870', 'so are delays');
SELECT is((SELECT count(*) || ' ' || md5(string_agg(concat_ws(' ', organisation, period, measure, surplus), E'\n' ORDER BY organisation COLLATE "C", period, measure COLLATE "C"))
             FROM stp.financial_position), '15900 99cf54de397668ff6356a059952dfa1b', 'and money');

SELECT is_empty($$ SELECT * FROM published EXCEPT SELECT * FROM stp.observation $$, 'what was published stays as it is');
SELECT is_empty($$ SELECT FROM stp.observation o WHERE o.status IS DISTINCT FROM 'inferred' AND o.status IS DISTINCT FROM 'suppressed'
                    AND (o.indicator, o.period) <> ('ae_attendances', '2026-03')
                    AND NOT EXISTS (SELECT FROM published p WHERE (p.indicator, p.organisation, p.period) = (o.indicator, o.organisation, o.period)) $$,
    'what was not says so');
SELECT is((SELECT count(*)::int FROM stp.observation WHERE status = 'suppressed'), 2, 'two counts are not shown');
SELECT is_empty($$ SELECT FROM stp.delayed_transfer WHERE local_authority <> 'SYNTHETIC' $$, 'delays say it');
SELECT is_empty($$ SELECT FROM stp.financial_position WHERE stp.grain(period) = 'month' AND period = '2025-12' AND organisation IN
                    (SELECT organisation FROM stp.financial_position WHERE period = '2025/26 Q3') AND measure <> 'forecast' $$, 'published money has no other beside it');
SELECT is((SELECT sum(surplus) FILTER (WHERE measure = 'actual') FROM stp.financial_position WHERE period = '2025/26 Q3'), -676000000::numeric, 'and is what was published');
SELECT is_empty($$ SELECT m.indicator, m.organisation FROM stp.missing_report m WHERE m.period = '2026-03' $$, 'nobody is missing in March 2026 for having been made before');
SELECT results_eq('SELECT * FROM stp.assess(''stp-2026'', ''2026-03'') ORDER BY unit COLLATE "C", node COLLATE "C"', 'SELECT * FROM rated ORDER BY unit COLLATE "C", node COLLATE "C"',
    'March 2026 is rated as before');
SELECT is_empty($$ SELECT FROM counted p WHERE p.persons IS DISTINCT FROM stp.persons(p.system, '2026-03', 16) $$, 'by as many people');
SELECT cmp_ok((SELECT count(DISTINCT (organisation, period))::int FROM stp.missing_report WHERE period < '2026-03'), '>', 5, 'a few reports are missing');
SELECT isnt_empty($$ SELECT FROM stp.succession WHERE successor = 'RAL' $$, 'a trust is another''s successor');

-- Half a year is rated here, all of it by make demo.
DELETE FROM stp.observation WHERE stp.last_day(period) < '2025-10-01';
SET client_min_messages = warning;
CALL stp.refresh();
CALL stp.publish('stp-2026', '2026-03', 'Demonstration');
RESET client_min_messages;
SELECT isnt_empty(format('SELECT FROM stp_bi.%I', viewname), format('stp_bi.%s has rows', viewname))
  FROM pg_views WHERE schemaname = 'stp_bi' ORDER BY viewname COLLATE "C";
SELECT * FROM finish();
