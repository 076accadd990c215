-- Interface of module composite: what the objects are, and the errors with their hints.
\set SHOW_CONTEXT never
SELECT typlen, typbyval, typalign, typstorage, typtype FROM pg_type WHERE oid = 'stp.composite'::regtype;
SELECT p.oid::regprocedure AS function, prokind, provolatile, proisstrict, proparallel
  FROM pg_proc p
 WHERE pronamespace = 'stp'::regnamespace
   AND (proname LIKE 'composite%' OR proname LIKE '%mean' OR proname IN ('coverage', 'rollup'))
   AND 'stp.composite'::regtype IN (prorettype, proargtypes[0]) ORDER BY p.oid::regprocedure::text COLLATE "C";

-- Two levels, with a missing score.
CREATE TEMPORARY TABLE score (system text, domain text, score float8, weight float8);
INSERT INTO score VALUES ('A', 'access', 60, 2), ('A', 'access', 30, 1), ('A', 'flow', 40, 1), ('A', 'flow', NULL, 1),
                         ('B', 'access', 0, 2), ('B', 'access', 90, 1), ('B', 'flow', NULL, 1), ('B', 'flow', NULL, 1);
CREATE TEMPORARY TABLE domain AS
SELECT system, domain, stp.composite(score, weight) AS state FROM score GROUP BY system, domain;
SELECT system, domain, stp.arithmetic_mean(state), round(stp.geometric_mean(state)::numeric, 4) AS geometric_mean,
       stp.harmonic_mean(state), stp.coverage(state)
  FROM domain ORDER BY system, domain;
SELECT system, stp.arithmetic_mean(stp.rollup(state)) AS rolled_up,
       stp.arithmetic_mean(stp.composite(stp.arithmetic_mean(state), 1)) AS of_domains,
       stp.coverage(stp.rollup(state))
  FROM domain GROUP BY system ORDER BY system;
SELECT stp.composite(score, weight) FROM score WHERE system = 'B' AND domain = 'flow';

SELECT stp.composite('NaN', 1);
SELECT stp.composite(1, NULL);
SELECT stp.composite(1, -2);
SELECT stp.composite(1, 'Infinity');
SELECT 'x'::stp.composite;
SELECT '(1,2,0,1,1,1,0,0,0)'::stp.composite;
