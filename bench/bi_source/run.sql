-- What BI tools ask of delays, emergencies, money and what is wrong, each the best of three: ours is the slowest of all; beside it
-- the slowest that the analysts' views, which compute what they show, need for one system.
SET client_min_messages = warning;
CREATE TABLE question (query text PRIMARY KEY, is_kept boolean, ms float8);
INSERT INTO question (query, is_kept)
SELECT format('SELECT count(*) FROM (SELECT * FROM stp_bi.%I LIMIT 1000) x', v), true
  FROM unnest('{delay,emergency,finance,finance_bridge,data_quality,published_rating}'::text[]) v
UNION ALL
SELECT format('SELECT DISTINCT %I FROM stp_bi.%I', a.attname, c.relname), true
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'stp_bi'::regnamespace AND c.relname IN ('delay', 'emergency', 'finance', 'finance_bridge', 'data_quality')
   AND a.attname IN ('unit_kind', 'unit', 'unit_name', 'reason', 'reason_name', 'attribution', 'indicator_name', 'organisation_name', 'kind', 'what', 'label', 'period',
                     'first_day', 'status')
UNION ALL
SELECT format('SELECT count(t::text) FROM stp_bi.%I t WHERE %s', v, w), true
  FROM unnest('{delay,emergency,finance,finance_bridge,data_quality}'::text[]) v
 CROSS JOIN unnest(ARRAY['unit = ''S7''', 'unit_name = ''System 7''', 'period = ''2024-03''', 'last_day >= ''2026-01-01''', 'unit_kind = ''region'' AND period = ''2024-03''']) w
UNION ALL
SELECT q, false FROM unnest(ARRAY['SELECT count(t::text) FROM stp.system_delay_detail t WHERE system = ''S7''', 'SELECT count(t::text) FROM stp.system_finance t WHERE system = ''S7''',
                                  'SELECT count(t::text) FROM stp.finance_forecast t WHERE unit = ''S7''']) q;
\ir ../slowest.sql
