-- Interface of module score: what the functions are, the defaults, and the errors with their hints.
\set SHOW_CONTEXT never
SELECT p.oid::regprocedure AS function, prokind, provolatile, proisstrict, proparallel, pronargdefaults
  FROM pg_proc p
 WHERE proname IN ('min_max', 'z_score', 'percentile_rank', 'exponential_rank', 'ranked_score', 'goalposts', 'distance_to_target')
   AND pronamespace = 'stp'::regnamespace ORDER BY proname;

CREATE TEMPORARY TABLE wait (system text, weeks float8);
INSERT INTO wait VALUES ('A', 4), ('B', 9), ('C', NULL), ('D', 14), ('E', 9);
SELECT system, weeks, stp.min_max(weeks) OVER (), stp.min_max(weeks, 10, 1) OVER () AS lower_better,
       round(stp.z_score(weeks) OVER ()::numeric, 4) AS z_score, stp.percentile_rank(weeks) OVER (),
       stp.ranked_score(weeks, 'lower') OVER (), stp.ranked_score(weeks, 'lower', 4, 10) OVER () AS with_standard_and_floor
  FROM wait ORDER BY system;
SELECT system, round(stp.exponential_rank(weeks) OVER ()::numeric, 4) AS average, round(stp.exponential_rank(weeks, 'low') OVER ()::numeric, 4) AS low,
       round(stp.exponential_rank(weeks, 'high') OVER ()::numeric, 4) AS high
  FROM wait ORDER BY system;
SELECT stp.goalposts(weeks, 0, 18, 'lower'), stp.goalposts(20, 0, 10, 'higher'), stp.goalposts(20, 0, 10, 'higher', false),
       stp.distance_to_target(weeks, 4, 14, 6, 'lower'), stp.distance_to_target(weeks, 4, 14, 6, 'lower', cap => false)
  FROM wait WHERE system IN ('B', 'C') ORDER BY system;

SELECT stp.min_max(weeks) FROM wait;
SELECT stp.min_max(nullif(weeks, 9) + 'Infinity') OVER () FROM wait;
SELECT stp.min_max(weeks, 5, 5) OVER () FROM wait;
SELECT stp.min_max(weeks, 0, weeks) OVER () FROM wait;
SELECT stp.exponential_rank(weeks, 'mean') OVER () FROM wait;
SELECT stp.ranked_score(weeks, 'less') OVER () FROM wait;
SELECT stp.ranked_score(weeks, NULL) OVER () FROM wait;
SELECT stp.ranked_score(weeks, 'lower', NULL, 'NaN') OVER () FROM wait;
SELECT stp.ranked_score(weeks, 'lower', 10, 4) OVER () FROM wait;
SELECT stp.goalposts(1, 2, 1, 'lower');
SELECT stp.distance_to_target(1, 0, 2, 'NaN', 'lower');
