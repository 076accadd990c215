-- Module refresh: what it says and what it refuses.
\set SHOW_CONTEXT never
-- On a slow machine a refresh tells how far it is.
SET client_min_messages = warning;
CREATE FUNCTION refresh_in_function() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL stp.refresh(); END $$;
BEGIN;
CALL stp.refresh();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT refresh_in_function();
\echo :LAST_ERROR_SQLSTATE
CALL stp.refresh('no such scheme');
\echo :LAST_ERROR_SQLSTATE
CALL stp.refresh(as_of => 'infinity');
\echo :LAST_ERROR_SQLSTATE
-- nothing reported, nothing stale
CALL stp.refresh();
CALL stp.refresh('stp-2026');
SELECT count(*) FROM stp.refresh_log;

INSERT INTO stp.system (system, name) VALUES ('S', 'System'), ('T', 'Other');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S'), ('B', 'T');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES
    ('ae_within_4_hours', 'A', '2026-03', 1, 3), ('within_18_weeks', 'A', '2026-02', 1, 3), ('cancer_62_days', 'A', '2025/26 Q4', 1, 3), ('ae_within_4_hours', 'B', '2026-03', 1, 2);
SELECT input, code, first_day, last_day FROM stp_internal.input_change ORDER BY 1, 2, 3;
CALL stp.refresh();
SELECT task, scheme, period, reason, status, rows, error FROM stp.refresh_log ORDER BY started_at;
SELECT scheme, period, unit, score, coverage, rank, category, status FROM stp.assessment ORDER BY period;
-- a change that reaches nothing; one that reaches one period
UPDATE stp.observation SET numerator = 1;
UPDATE stp.observation SET numerator = 2 WHERE indicator = 'ae_within_4_hours' AND organisation = 'A';
CALL stp.refresh();
SELECT scheme, period, reason, status FROM stp.refresh_log WHERE run_at = (SELECT max(run_at) FROM stp.refresh_log);
TRUNCATE stp.observation;
CALL stp.refresh();
SELECT scheme, period, reason, status, rows FROM stp.refresh_log WHERE run_at = (SELECT max(run_at) FROM stp.refresh_log) ORDER BY started_at;
SELECT count(*) FROM stp.assessment;

-- publication, by a scheme that is content with one indicator
CALL stp.copy_scheme('stp-2026', 'mine');
UPDATE stp.scheme_node SET minimum_coverage = 0 WHERE scheme = 'mine';
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'A', '2026-03', 1, 3), ('ae_within_4_hours', 'B', '2026-03', 1, 2);
CALL stp.publish('mine', '2026-03', '');
\echo :LAST_ERROR_SQLSTATE
CALL stp.publish('mine', '2026-03', NULL);
\echo :LAST_ERROR_SQLSTATE
CALL stp.publish('no such scheme', '2026-03', 'Published');
\echo :LAST_ERROR_SQLSTATE
BEGIN ISOLATION LEVEL SERIALIZABLE;
CALL stp.publish('mine', '2026-03', 'Published');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
CALL stp.publish('mine', '2026-03', 'Published');
CALL stp.publish('mine', '2026-03', 'Published again');
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.observation SET numerator = 2 WHERE organisation = 'A';
CALL stp.publish('mine', '2026-03', 'Corrected');
SELECT scheme, period, unit, score, revision, note, length(fingerprint) FROM stp_bi.published_rating;
SELECT p.revision, a.revision AS known, a.unit, a.score
  FROM stp.publication p CROSS JOIN LATERAL stp.assessment_as_of(p.scheme, p.period, p.published_at) a
 WHERE a.parent IS NULL ORDER BY 1, 3;
CREATE ROLE regress_publisher;
GRANT ALL ON stp.publication, stp.published_node TO regress_publisher;
SET ROLE regress_publisher;
UPDATE stp.publication SET note = 'It was never so';
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
DROP OWNED BY regress_publisher;
DROP ROLE regress_publisher;

\d stp_bi.published_rating
\d stp.refresh_queue
\d stp.refresh_failing
DELETE FROM stp.published_node;
DELETE FROM stp.publication;
DELETE FROM stp.observation;
DELETE FROM stp.membership;
DELETE FROM stp.organisation;
DELETE FROM stp.system;
DELETE FROM stp.scheme WHERE scheme = 'mine';
CALL stp.refresh();
DELETE FROM stp.refresh_log;
DROP FUNCTION refresh_in_function;
