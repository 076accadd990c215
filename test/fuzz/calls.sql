-- Everything of the extension that can be called, from the catalog: a statement, the types of its parameters, and what
-- share of the calls it is to have. What reads tables or writes them is slow, and has a small one.
WITH member AS
(
    SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
     WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'stp_metrics'
),
routine AS
(
    SELECT p.oid, format('%I.%I', n.nspname, p.proname) AS name, p.prokind, p.proretset, p.prorettype,
           CASE WHEN p.prokind = 'p' THEN 1 WHEN p.provolatile = 'i' THEN 1000 ELSE 4 END AS weight,
           (SELECT t.oid FROM pg_type t JOIN member m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
             WHERE t.oid = p.prorettype AND t.typtype = 'b' AND t.typelem = 0) AS ours,
           parameter.types, parameter.typed, parameter.untyped, parameter.arrays, parameter.array_types
      FROM pg_proc p
      JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
      JOIN pg_namespace n ON n.oid = p.pronamespace
     CROSS JOIN LATERAL (SELECT coalesce(string_agg(a.one, ', ' ORDER BY a.number), '') AS typed,
                                coalesce(string_agg('r.a' || a.number, ', ' ORDER BY a.number), '') AS untyped,
                                coalesce(string_agg('unnest(' || a.one || '[])', ', ' ORDER BY a.number), '') AS arrays,
                                array_agg(a.type ORDER BY a.number) AS types,
                                array_agg(t.typarray ORDER BY a.number) AS array_types
                           FROM (SELECT type, number, format('$%s::%s', number, format_type(type, NULL)) AS one
                                   FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY t (type, number)) a
                           JOIN pg_type t ON t.oid = a.type) parameter
     WHERE p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)
       AND 'internal'::regtype <> ALL (p.proargtypes::oid[])
),
rows_of AS  -- aggregates and window functions see the elements of arrays
(
    SELECT r.*, format('FROM ROWS FROM (%s) WITH ORDINALITY r (%s, n)', r.arrays, replace(r.untyped, 'r.', '')) AS source
      FROM routine r WHERE r.prokind IN ('a', 'w')
)
SELECT format(form.template, name, typed) AS sql, types, weight, ours
  FROM routine
  JOIN (VALUES ('f', false, false, 'SELECT %s(%s)::text'),
               ('f', false, true, 'SELECT s, NULL, s::text FROM (SELECT %s(%s) OFFSET 0) f (s)'),
               ('f', true, false, 'SELECT sum(length(f::text)) FROM %s(%s) f'),
               ('f', true, true, 'SELECT sum(length(f::text)) FROM %s(%s) f'),
               ('p', false, false, 'CALL %s(%s)')) form (kind, is_set, is_ours, template)
    ON form.kind = prokind::text AND form.is_set = proretset AND form.is_ours = (ours IS NOT NULL)
UNION ALL
SELECT format(f.template, name, untyped, source), array_types, weight, ours
  FROM rows_of
  JOIN (VALUES ('a', '%s(%s) %s'), ('a', '%s(%s) %s GROUP BY r.n %% 3'),
               ('aw', '%s(%s) OVER (ORDER BY r.n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) %s'),
               ('aw', '%s(%s) OVER (ORDER BY r.n) %s'), ('aw', '%s(%s) OVER (PARTITION BY r.n %% 2) %s')) form (kinds, call)
    ON strpos(form.kinds, prokind::text) > 0
 CROSS JOIN LATERAL (SELECT CASE WHEN ours IS NULL THEN 'SELECT ' || form.call
                                 ELSE 'SELECT s, NULL, s::text FROM (SELECT ' || form.call || ' OFFSET 0) f (s)' END) f (template)
UNION ALL
SELECT format('SELECT ($1::%s OPERATOR(%I.%s) $2::%s)::text', o.oprleft::regtype, n.nspname, o.oprname, o.oprright::regtype),
       ARRAY[o.oprleft, o.oprright], 1000, NULL
  FROM pg_operator o
  JOIN member m ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid
  JOIN pg_namespace n ON n.oid = o.oprnamespace
 WHERE o.oprleft <> 0
UNION ALL
SELECT format('SELECT CAST($1::%s AS %s)::text', c.castsource::regtype, c.casttarget::regtype), ARRAY[c.castsource], 1000, NULL
  FROM pg_cast c JOIN member m ON m.classid = 'pg_cast'::regclass AND m.objid = c.oid
 ORDER BY 1
