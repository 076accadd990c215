-- The same with percentile ranks, for which every draw puts the values of every indicator in order.
UPDATE stp.scheme_node SET method = 'percentile_rank' WHERE scheme = 'bench' AND method = 'min_max';
\i bench/robustness_10000/run.sql
