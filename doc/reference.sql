-- doc/reference.md is what this prints, run at the root of the project: what is public, module by module, from its comments.
\set ON_ERROR_STOP on
\pset tuples_only on
\pset format unaligned
SET search_path = pg_catalog;
SET client_min_messages = warning;

-- The module of a name is the file that makes it; the order of modules is that of the Makefile.
CREATE TEMP TABLE made (module text, name text, position int GENERATED ALWAYS AS IDENTITY);
\copy made (module, name) FROM PROGRAM 'sh doc/modules' (FORMAT csv)
-- A name may be made again, for other arguments: its place is the first.
CREATE TEMP VIEW module AS SELECT DISTINCT ON (name) module, name, position FROM made ORDER BY name, position;

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'stp_metrics';

-- Each entry: its name, what stands in its heading, and its text. A history belongs to its table, a twin to its view.
CREATE TEMP VIEW entry AS
SELECT n.nspname || '.' || c.relname AS name, regexp_replace(n.nspname || '.' || c.relname, '(_history|_as_of)$', '') AS base,
       CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
       obj_description(c.oid, 'pg_class') || E'\n\n| column | type | |\n|---|---|---|\n'
       || string_agg(format('| `%s` | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
           col_description(c.oid, a.attnum)), E'\n' ORDER BY a.attnum) AS text
  FROM member m
  JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind IN ('r', 'v')
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 GROUP BY n.nspname, c.oid, c.relname, c.relkind
UNION ALL
SELECT n.nspname || '.' || p.proname, NULL,
       min(CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window function' WHEN 'p'
           THEN 'procedure' ELSE 'function' END),
       string_agg(format(E'```\n%s(%s)%s\n```\n\n%s', p.oid::regproc, pg_get_function_arguments(p.oid),
                         ' → ' || pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc')), E'\n\n'
                             ORDER BY pg_get_function_arguments(p.oid))
  FROM member m
  JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
  JOIN pg_namespace n ON n.oid = p.pronamespace
 GROUP BY n.nspname, p.proname
UNION ALL
SELECT n.nspname || '.' || t.typname, NULL, 'type', obj_description(t.oid, 'pg_type')
       || coalesce((SELECT E'\n\n| column | type | |\n|---|---|---|\n'
                           || string_agg(format('| `%s` | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
                               col_description(a.attrelid, a.attnum)),
                                         E'\n' ORDER BY a.attnum)
                      FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 HAVING count(*) > 0), '')
       || coalesce((SELECT E'\n\n| operator | |\n|---|---|\n'
                           || string_agg(format('| `%s` | %s |', replace(o.oid::regoperator::text, '|', '\|'),
                               obj_description(o.oid, 'pg_operator')),
                                         E'\n' ORDER BY o.oid::regoperator::text COLLATE "C")
                      FROM pg_operator o WHERE t.oid IN (o.oprleft, o.oprright) HAVING count(*) > 0), '')
  FROM member m
  JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
  JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE obj_description(t.oid, 'pg_type') IS NOT NULL;

CREATE TEMP TABLE shown AS
SELECT coalesce(own.module, base.module) AS module, coalesce(own.position, base.position) AS position, e.name, e.kind, e.text,
       -- As pages name headings.
       regexp_replace(lower(e.name || ' (' || e.kind || ')'), '[^a-z0-9_ -]', '', 'g') AS heading
  FROM entry e
  LEFT JOIN module own ON own.name = e.name
  LEFT JOIN module base ON base.name = e.base
 WHERE e.name !~ '^stp_internal\.';

\qecho '# Reference'
\qecho
\qecho 'Everything in schemas `stp` and `stp_bi`, module by module, generated from the comments in src/*.sql by'
\qecho '`make test ONLY=doc ACCEPT=1`; edit those. Pages explain what belongs together: [README](../README.md) lists them.'
\qecho
SELECT format('* **[%s](#%s)**: %s', module, module, string_agg(format('[%s](#%s)', split_part(name, '.', 2),
    replace(heading, ' ', '-')), ', ' ORDER BY position, name, kind DESC))
  FROM pg_temp.shown GROUP BY module ORDER BY min(position);
-- What has one name, a type and its function, is in the order of its kinds, or it would be in that of the plan.
SELECT CASE WHEN row_number() OVER (PARTITION BY s.module ORDER BY s.position, s.name, s.kind DESC, s.text) = 1
            THEN E'\n## ' || s.module || E'\n' ELSE '' END
       || format(E'\n### %s (%s)\n\n%s', s.name, s.kind, s.text)
  FROM pg_temp.shown s WHERE s.module IS NOT NULL ORDER BY s.position, s.name, s.kind DESC, s.text;
SELECT 'in no module: ' || string_agg(name, ', ') FROM pg_temp.shown WHERE module IS NULL HAVING count(*) > 0;
