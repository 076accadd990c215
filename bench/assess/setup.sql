-- The same with percentile ranks: every draw puts the values of every indicator in order.
\i bench/robustness_10000/setup.sql
UPDATE stp.scheme_node SET method = 'percentile_rank' WHERE scheme = 'bench' AND method = 'min_max';
VACUUM ANALYZE;
