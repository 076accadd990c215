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
