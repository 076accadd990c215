-- Module robustness: interface and errors.
\set VERBOSITY default
\set SHOW_CONTEXT never

SELECT * FROM stp.robustness('stp-2026', '2026-03', 0);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.robustness('stp-2026', '2026-03', 2000000);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.robustness('stp-2026', '2026-03', 10, 1.5);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.robustness('stp-2026', '2026-03', 10, 'NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.robustness('none', '2026-03');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.leave_one_out('none', '2026-03');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.compare_schemes('stp-2026', 'none', '2026-03');
\echo :LAST_ERROR_SQLSTATE
-- nobody to rate, and nothing asked
SELECT * FROM stp.robustness('stp-2026', '2026-03');
SELECT * FROM stp.leave_one_out('stp-2026', '2026-03');
SELECT * FROM stp.robustness('stp-2026', '2026-03', NULL);

SELECT * FROM stp.rank_set('{3,1,2}'::float8[], '{0.1,0.1,0.1}'::float8[]);
SELECT * FROM stp.rank_set('{3,1,NULL}'::float8[], '{0.1,0.1}'::float8[]);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_set('{3,NaN,2}'::float8[], '{0.1,0.1,0.1}'::float8[]);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_set('{3,1,2}'::float8[], '{0.1,Infinity,0.1}'::float8[]);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_set('{3,1,2}'::float8[], '{0.1,-0.1,0.1}'::float8[]);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_set('{{3,1},{2,1}}'::float8[], '{0.1,0.1}'::float8[]);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_set('{3}'::float8[], '{0.1}'::float8[], 95);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_set('{3}'::float8[], '{0.1}'::float8[], best => 0);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_set('{3}'::float8[], '{0.1}'::float8[], draws => 99);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_confidence('none', '2026-03');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_confidence('stp-2026', '2026-03', draws => 2000000);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.rank_confidence('stp-2026', '2026-03');
SELECT * FROM stp.rank_confidence('stp-2026', NULL);
