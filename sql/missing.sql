-- Module missing: interface and errors.
\set VERBOSITY default
\set SHOW_CONTEXT never

SELECT * FROM stp.missing_range('none', '2026-03');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.missing_values('none', '2026-03');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.missing_range('stp-2026', '2026-03', 'nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.missing_values('stp-2026', '2026-03', 'nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.missing_range('stp-2026', '2026-03', within => 'likely');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.missing_values('stp-2026', '2026-03', within => '');
\echo :LAST_ERROR_SQLSTATE
-- nobody to rate, and nothing asked
SELECT * FROM stp.missing_range('stp-2026', '2026-03');
SELECT * FROM stp.missing_values('stp-2026', '2026-03', within => 'reported');
SELECT count(*) FROM stp.missing_range(NULL, '2026-03');
SELECT count(*) FROM stp.missing_values('stp-2026', NULL, within => NULL);
\d stp.missing_range_row
\d stp.missing_value_row
