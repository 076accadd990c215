-- Module change: interface and errors.
\set VERBOSITY default
\set SHOW_CONTEXT never

SELECT * FROM stp.explain_change('none', '2026-02', '2026-03', 'S1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.explain_change('stp-2026', '2026-02', '2026-03', 'S1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.explain_change('stp-2026', '2026-02', '2026-03', 'S1', 'none');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.explain_change('stp-2026', '2026-02', NULL, 'S1');
-- nobody to rate is no row, when all are asked for
SELECT * FROM stp.explain_change('stp-2026', '2026-02', '2026-03');
SELECT * FROM stp.explain_change('none', '2026-02', '2026-03');
\echo :LAST_ERROR_SQLSTATE
