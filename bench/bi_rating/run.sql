-- Milliseconds of the slowest query of each kind over every view of ratings (ours), beside DISTINCT over the bare table of nodes,
-- which no view over a million of them can beat (in the place of plain SQL).
CREATE TABLE asked (kind text, query text, ms float8);
INSERT INTO asked (kind, query)
SELECT 'rows', format('SELECT * FROM %s LIMIT 1000', c.oid::regclass)
  FROM pg_class c WHERE c.relnamespace = 'stp_bi'::regnamespace AND c.relname ~ '^(rating|category_probability)'
UNION ALL
SELECT 'distinct', format('SELECT DISTINCT %I FROM %s', a.attname, c.oid::regclass)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = 'stp_bi'::regnamespace AND c.relname ~ '^(rating|category_probability)'
   AND a.attname ~ '^(scheme|period|unit|node|indicator|organisation|first_day|last_day|is_|category|part|status|depth|better|weight)'
UNION ALL
SELECT f.kind, format('SELECT * FROM %s WHERE %s', c.oid::regclass, f.condition)
  FROM pg_class c
 CROSS JOIN (VALUES ('code', 'unit', 'unit = ''O7'''), ('code', 'indicator', 'indicator = ''i7'''), ('code', 'node', 'node = ''i7'''),
                    ('code', 'node', 'scheme = ''trusts'' AND unit = ''O7'' AND is_latest'),
                    ('name', 'unit_name', 'unit_name = ''Trust 7'''), ('name', 'indicator_name', 'indicator_name = ''Indicator 7'''),
                    ('name', 'node_name', 'node_name = ''Node i7'''), ('name', 'organisation_name', 'organisation_name = ''Trust 7'''),
                    ('period', 'period', 'period = ''2026-03'''), ('period', 'period', 'scheme = ''trusts'' AND period = ''2024-03'''),
                    ('day', 'first_day', 'first_day >= ''2026-01-01'''), ('day', 'last_day', 'last_day = ''2025-12-31'''),
                    ('latest', 'is_latest', 'is_latest')) f (kind, named, condition)
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = f.named
 WHERE c.relnamespace = 'stp_bi'::regnamespace AND c.relname ~ '^(rating|category_probability)'
UNION ALL
SELECT 'bare', 'SELECT DISTINCT unit FROM stp.assessment_node';
UPDATE asked SET ms = least(elapsed(query), elapsed(query), elapsed(query));
SELECT concat_ws(E'\t', round(max(ms) FILTER (WHERE kind <> 'bare')), round(max(ms) FILTER (WHERE kind = 'bare')),
                 string_agg(format('%s %s', kind, round(ms)), ' / ' ORDER BY ms) FILTER (WHERE kind <> 'bare'))
  FROM (SELECT kind, max(ms) AS ms FROM asked GROUP BY kind) a;
