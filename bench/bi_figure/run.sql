-- What BI tools ask of figures and charts, each the best of three: ours is the slowest of all; beside it the slowest that the
-- analysts' views, which compute what they show, need for one unit.
SET client_min_messages = warning;
CREATE TABLE question (query text PRIMARY KEY, is_kept boolean, ms float8);
INSERT INTO question (query, is_kept)
SELECT format('SELECT count(*) FROM (SELECT * FROM stp_bi.%I LIMIT 1000) x', v), true
  FROM unnest('{indicator_latest,indicator_history,indicator_trend,indicator_summary,funnel,funnel_curve,period_date,unit,membership}'::text[]) v
UNION ALL
SELECT format('SELECT DISTINCT %I FROM stp_bi.%I', a.attname, c.relname), true
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'stp_bi'::regnamespace AND c.relname IN ('indicator_latest', 'indicator_history', 'indicator_trend', 'indicator_summary', 'funnel')
   AND a.attname IN ('unit', 'unit_name', 'indicator', 'indicator_name', 'period', 'first_day', 'status', 'signal', 'flag')
UNION ALL
SELECT format('SELECT count(value) FROM stp_bi.%I WHERE %s', v, w), true
  FROM (VALUES ('indicator_latest', 'unit_name = ''System 7'''), ('indicator_history', 'unit_name = ''System 7'''), ('indicator_history', 'unit = ''S7'''),
               ('indicator_history', 'indicator_name = ''Indicator 7'''), ('indicator_history', 'period = ''2024-03'''), ('indicator_history', 'first_day >= ''2026-01-01'''),
               ('indicator_trend', 'unit_name = ''Trust 7'''), ('indicator_trend', 'unit = ''O7'''), ('indicator_trend', 'indicator = ''i7'''),
               ('indicator_trend', 'period = ''2024-03'''), ('indicator_trend', 'last_day = ''2024-03-31''')) q (v, w)
UNION ALL
SELECT q, false FROM unnest(ARRAY['SELECT count(value) FROM stp.system_indicator WHERE system_name = ''System 7''',
                                  'SELECT count(value) FROM stp.indicator_trend WHERE unit = ''S7''']) q;
\ir ../slowest.sql
