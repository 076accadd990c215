-- Module rating: interface of what gathers, and its answers to what is not there.
\set SHOW_CONTEXT never
SELECT p.proname, a.name, format_type(a.type, NULL) AS type, a.mode
  FROM pg_proc p CROSS JOIN unnest(p.proargnames, p.proallargtypes, p.proargmodes) a (name, type, mode)
 WHERE p.oid IN ('stp.cohort(text, stp.period, date)'::regprocedure, 'stp_internal.leaf_values(text, text[], stp.period[], text[], date)'::regprocedure,
                 'stp.system_indicator(stp.period, text, date)'::regprocedure)
 ORDER BY p.proname, a.mode, a.name;
SELECT count(*) FROM stp.scheme_tree('no such scheme');
SELECT count(*) FROM stp.cohort('no such scheme', '2026-03');
SELECT count(*) FROM stp.system_indicator('2025/26');
SELECT count(*) FROM stp.system_indicator('2025/26', NULL);
SELECT count(*) FROM stp.system_indicator('2025/26', 'latest');
SELECT * FROM stp.missing_report;
\d stp.missing_report
SELECT count(*) FROM stp_internal.leaf_values('system', NULL, NULL, NULL, NULL);
-- nobody to rate is no row; explaining nobody is an error
SELECT count(*) FROM stp.assess('nof-2025-26', '2025/26 Q3');
SELECT * FROM stp.explain('nof-2025-26', '2025/26 Q3', 'RBV');
\echo :LAST_ERROR_SQLSTATE
-- an organisation that is a member but did not report is rated as such; so is one that belongs nowhere but reported
INSERT INTO stp.system (system, name) VALUES ('S', 'System');
INSERT INTO stp.organisation (organisation, name, type) VALUES ('A', 'Member', 'Acute trust'), ('B', 'Reporter', 'Acute trust'), ('C', 'Neither', 'Acute trust');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S');
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('nof_average_score', 'B', '2025/26 Q3', 2.345);
SELECT unit, peer_group, score, coverage, rank, category, status FROM stp.assess('nof-2025-26', '2025/26 Q3') WHERE parent IS NULL;
DELETE FROM stp.observation;
SELECT unit, score, category, status FROM stp.assess('nof-2025-26', '2025/26 Q3') WHERE parent IS NULL;
DELETE FROM stp.membership;
DELETE FROM stp.organisation;
DELETE FROM stp.system;
