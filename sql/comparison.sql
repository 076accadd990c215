-- Module comparison: interface and errors.
\set VERBOSITY default
\set SHOW_CONTEXT never

SELECT * FROM stp.compare_periods('none', '2026-02', '2026-03');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.compare_periods('stp-2026', '2026-02', '2026-03', 0);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.compare_periods('stp-2026', '2026-02', '2026-03', 2000000);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.compare_periods('stp-2026', '2026-02', '2026-03', spread => 1.5);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.compare_periods('stp-2026', '2026-02', '2026-03', spread => 'NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.compare_periods('stp-2026', '2026-02', 'March');
\echo :LAST_ERROR_SQLSTATE
-- nobody to rate, and nothing asked
SELECT unit, node, score_1, score_2, status FROM stp.compare_periods('stp-2026', '2026-02', '2026-03');
SELECT unit, node, score_1, score_2, status FROM stp.compare_periods('stp-2026', NULL, '2026-03');
