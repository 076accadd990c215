-- Module history: what is refused, and how a table is read as it was.
\set SHOW_CONTEXT never
SELECT stp.as_of();
SET stp.as_of = 'the day before';
\echo :LAST_ERROR_SQLSTATE
SET stp.as_of = '2026-04-01 12:00:00.123456+01';
SHOW stp.as_of;
SELECT stp.as_of() = '2026-04-01 11:00:00.123456+00';
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A');
\echo :LAST_ERROR_SQLSTATE
SET stp.as_of = 'infinity';
SHOW stp.as_of;
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A');
UPDATE stp.organisation SET recorded_at = '2020-01-01';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.organisation SET recorded_at = NULL;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.organisation (organisation, name, recorded_at) VALUES ('B', 'Trust B', '2200-01-01');
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.organisation SET name = 'Trust A and B';
DELETE FROM stp.organisation;
SELECT organisation, name, recorded_at < superseded_at AS in_order FROM stp.organisation_history ORDER BY superseded_at;
SELECT superseded_at AS renamed FROM stp.organisation_history WHERE name = 'Trust A' \gset
SET stp.as_of = :'renamed';
SELECT organisation, name FROM stp_internal.organisation_as_of;
RESET stp.as_of;
SELECT organisation, name FROM stp_internal.organisation_as_of;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT stp_internal.settled_time();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SET enable_bitmapscan = off;
-- the present does not mention the past; the past is asked only when it is set
SELECT plan !~ 'Seq Scan' AND plan !~ ' Filter: [^\n]*(indicator|period|organisation) ' AS key_by_index,
       plan ~ E'One-Time Filter: \\(stp.as_of\\(\\) < [^\n]*\n[^\n]* on observation_history' AS past_asked_when_set
  FROM plan_of($$ SELECT value FROM stp_internal.observation_as_of WHERE indicator = 'i' AND period = '2026-03' AND organisation = 'A' $$) plan;
RESET enable_bitmapscan;
\d stp.organisation_history
DELETE FROM stp.organisation_history;
-- A setting made before the library was loaded means what it says, or the first use is refused, again and again.
\c -
\set SHOW_CONTEXT never
SET stp.as_off = '2026-04-01';
SELECT stp.as_of();
\echo :LAST_ERROR_SQLSTATE
SELECT '2026-03'::stp.period;
\echo :LAST_ERROR_SQLSTATE
RESET stp.as_off;
SELECT stp.as_of();
SET stp.as_off = '2026-04-01';
\echo :LAST_ERROR_SQLSTATE
\c -
\set SHOW_CONTEXT never
SET stp.as_of = 'the day before';
SELECT count(*) FROM stp_internal.observation_as_of;
\echo :LAST_ERROR_SQLSTATE
RESET stp.as_of;
SELECT stp.as_of();
\c -
\set SHOW_CONTEXT never
SET stp.as_of = '2026-04-01 12:00+00';
SELECT stp.as_of() = '2026-04-01 12:00+00';
SET stp.as_of = '-infinity';
SELECT stp.as_of();
RESET stp.as_of;
