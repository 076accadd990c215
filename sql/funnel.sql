-- Interface of module funnel: what the objects are, and the errors with their hints.
\set SHOW_CONTEXT never
SELECT typlen, typbyval, typalign, typstorage, typtype FROM pg_type WHERE oid = 'stp.dispersion'::regtype;
SELECT p.oid::regprocedure AS function, prokind, provolatile, proisstrict, proparallel
  FROM pg_proc p
 WHERE pronamespace = 'stp'::regnamespace
   AND 'stp.dispersion'::regtype = ANY (ARRAY[prorettype] || proargtypes::oid[]) ORDER BY p.oid::regprocedure::text COLLATE "C";

-- Twelve trusts, one of which did not report.
CREATE TEMPORARY TABLE trust (trust text, readmitted int, discharges int);
INSERT INTO trust VALUES ('A', 743, 7961), ('B', 7539, 63923), ('C', 1188, 8612), ('D', 1118, 8715), ('E', 61, 480), ('F', 257, 2199),
                         ('G', 2591, 24085), ('H', 900, 7000), ('I', 0, 12), ('J', 5, 9), ('K', NULL, 5000), ('L', 0, 0);
SELECT stp.n(d), round(stp.target(d)::numeric, 6) AS target, round(stp.phi(d)::numeric, 4) AS phi, round(stp.tau2(d)::numeric, 8) AS tau2
  FROM (SELECT stp.dispersion(readmitted, discharges, 'arcsine') AS d FROM trust) s;
SELECT trust, round(c.value::numeric, 2) AS value, round(c.z::numeric, 2) AS z, round(c.lower[1]::numeric, 2) AS lower,
       round(c.upper[1]::numeric, 2) AS upper, c.flag, round(o.lower[1]::numeric, 2) AS od_lower, round(o.upper[1]::numeric, 2) AS od_upper,
       o.flag AS od_flag, c.status
  FROM (SELECT *, stp.dispersion(readmitted, discharges, 'arcsine') OVER () AS d FROM trust) t,
       stp.funnel(readmitted, discharges, d, per => 100) c, stp.funnel(readmitted, discharges, d, 'additive', per => 100) o
 ORDER BY trust;
SELECT method, round(c.denominator::numeric, 1) AS denominator, c.level, round(c.lower::numeric, 4) AS lower, round(c.upper::numeric, 4) AS upper
  FROM unnest('{arcsine,wilson,expected,observed,log,root,counts}'::text[]) method,
       LATERAL (SELECT stp.dispersion(NULL, NULL, m, 0.5, NULL, NULL) AS d FROM (SELECT method AS m) s) s,
       stp.funnel_curve(d, 4, 400, points => 3) c;

SELECT stp.dispersion(1, 2, 'Arcsine');
SELECT stp.dispersion(1, 2, NULL);
SELECT stp.dispersion(3, 2, 'arcsine');
SELECT stp.dispersion(-1, 2, 'root');
SELECT stp.dispersion(1, 'NaN', 'root');
SELECT stp.dispersion(1, 2, 'root', 'Infinity', NULL, NULL);
SELECT stp.dispersion(1, 2, 'wilson', 1.5, NULL, NULL);
SELECT stp.dispersion(1, 2, 'log', 0, NULL, NULL);
SELECT stp.dispersion(1, 2, 'root', NULL, 'winsorized', NULL);
SELECT stp.dispersion(1, 2, 'root', NULL, NULL, 0.5);
SELECT stp.dispersion(1, 2, m) FROM unnest('{root,log}'::text[]) m;
SELECT stp.dispersion(1, 2, 'root', NULL, NULL, s) FROM unnest('{0.1,0.2}'::float8[]) s;
SELECT 'x'::stp.dispersion;
SELECT '(root,-1,1,1,0)'::stp.dispersion;
SELECT * FROM stp.funnel(1, 2, '(root,2,1,1,0)', 'both');
SELECT * FROM stp.funnel(1, 2, '(root,2,1,1,0)', levels => '{}');
SELECT * FROM stp.funnel(1, 2, '(root,2,1,1,0)', levels => '{0.95,NULL}');
SELECT * FROM stp.funnel(1, 2, '(root,2,1,1,0)', levels => '{95}');
SELECT * FROM stp.funnel(1, 2, '(root,2,1,1,0)', levels => NULL);
SELECT * FROM stp.funnel(1, 2, '(root,2,1,1,0)', per => 0);
SELECT * FROM stp.funnel(1, 2, '(root,2,1,1,0)', minimum_events => -1);
SELECT * FROM stp.funnel(3, 2, '(arcsine,2,1,1,0)');
SELECT * FROM stp.funnel(1e308, 1, '(root,2,1,1,0)', per => 100);
SELECT * FROM stp.funnel_curve('(root,2,1,1,0)', 0, 10);
SELECT * FROM stp.funnel_curve('(root,2,1,1,0)', 20, 10);
SELECT * FROM stp.funnel_curve('(root,2,1,1,0)', 1, 10, points => 1);
SELECT * FROM stp.funnel_curve('(root,2,1,1,0)', 1, 'NaN');
SELECT * FROM stp.funnel_curve(NULL, 1, 10);
