-- doc/reference.md is what this prints: everything public in the extension, from its comments.
\pset tuples_only on
\pset format unaligned
\qecho '# Reference'
\qecho
\qecho 'Generated from the comments in src/*.sql by `make test ONLY=doc ACCEPT=1`; edit those.'
SET search_path = pg_catalog;
CREATE TEMP VIEW member AS
SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'stp_metrics';

\qecho
\qecho '## Tables and views'
SELECT E'\n### ' || c.oid::regclass || CASE c.relkind WHEN 'v' THEN ' (view)' ELSE '' END || E'\n\n'
       || obj_description(c.oid, 'pg_class') || E'\n\n| column | type | |\n|---|---|---|\n'
       || string_agg(format('| %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)), E'\n' ORDER BY a.attnum)
  FROM pg_temp.member m
  JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind IN ('r', 'v')
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 GROUP BY c.oid, c.relname, c.relkind ORDER BY c.relname;

-- Functions that only operators, types, aggregates and triggers call are left out.
\qecho
\qecho '## Functions'
SELECT format(E'\n### %s%s(%s)%s\n\n%s', p.oid::regproc, CASE p.prokind WHEN 'a' THEN ' aggregate ' WHEN 'w' THEN ' window function ' WHEN 'p' THEN ' procedure ' ELSE '' END,
              pg_get_function_arguments(p.oid), ' → ' || pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc'))
  FROM pg_temp.member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
 WHERE p.prorettype <> 'trigger'::regtype
   AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
   AND NOT EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
   AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE p.oid IN (a.aggtransfn, a.aggcombinefn, a.aggfinalfn))
   AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = p.oid)
 ORDER BY p.proname, pg_get_function_arguments(p.oid);

\qecho
\qecho '## Types and operators'
\qecho
SELECT format('- `%s`: %s', t.oid::regtype, obj_description(t.oid, 'pg_type'))
  FROM pg_temp.member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
 WHERE obj_description(t.oid, 'pg_type') IS NOT NULL ORDER BY t.typname;
SELECT format('- `%s`: %s', o.oid::regoperator, obj_description(o.oid, 'pg_operator'))
  FROM pg_temp.member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid
 ORDER BY o.oprname, o.oprleft::regtype::text, o.oprright::regtype::text;
