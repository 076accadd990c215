-- Module bi: names and types of columns are a promise to the reports that are built on them.
SELECT c.relname AS view, string_agg(format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum) AS columns
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = 'stp_bi'::regnamespace AND c.relkind = 'v'
 GROUP BY c.relname ORDER BY c.relname \gx

-- The views are public, what they show is not: they read with the rights of the reader.
CREATE ROLE bi_nobody;
SET ROLE bi_nobody;
SELECT * FROM stp_bi.rating;
SELECT * FROM stp_bi.rating_node;
SELECT * FROM stp_bi.dashboard_stp;
SELECT * FROM stp_bi.indicator_latest;
SELECT * FROM stp_bi.indicator_history;
RESET ROLE;
DROP ROLE bi_nobody;
