-- Every regression test starts from the installed extension.
CREATE EXTENSION stp_metrics;
SELECT extname, nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'stp_metrics';
