-- Module succession: what is refused, with its SQLSTATE, the value and a hint; and what each call says that it did.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = 'SQL, DMY';

INSERT INTO stp.system (system, name, kind, parent) VALUES ('R', 'Region', 'region', NULL), ('Q', 'Other region', 'region', NULL),
    ('A', 'System A', 'system', 'R'), ('B', 'System B', 'system', 'R'), ('C', 'System C', 'system', 'Q'), ('P', 'Place in C', 'place', 'C');
INSERT INTO stp.organisation (organisation, name, type) VALUES ('RA1', 'Trust 1', 'Acute trust'), ('RA2', 'Trust 2', 'Acute trust'), ('RA3', 'Trust 3', 'Ambulance trust');
INSERT INTO stp.membership (organisation, system, share) VALUES ('RA1', 'A', 1), ('RA2', 'A', 1), ('RA3', 'A', 0.4), ('RA3', 'B', 0.6);

-- the table: words, shares, codes
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('region', 'R', 'Q', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.succession (kind, predecessor, successor, day, share) VALUES ('system', 'A', 'B', '2026-04-01', 1.5);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', 'A' || chr(160), 'B', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
-- at commit: unknown codes, another kind, shares, nothing changed
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('organisation', 'RA1', 'RA9', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', 'R', 'B', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.succession (kind, predecessor, successor, day, share) VALUES ('system', 'A', 'A', '2026-04-01', 0.5), ('system', 'A', 'B', '2026-04-01', 0.25);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', 'A', 'A', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
-- a predecessor that is still there, with its hint for each kind
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', 'A', 'B', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('organisation', 'RA1', 'RA2', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
UPDATE stp.system SET valid_to = '2026-03-31' WHERE system = 'C';
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', 'C', 'B', '2026-04-01');
COMMIT;
\echo :LAST_ERROR_SQLSTATE
-- chains of one day, and a way back
BEGIN;
UPDATE stp.system SET valid_to = '2026-03-31' WHERE system IN ('A', 'B');
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', 'A', 'B', '2026-04-01'), ('system', 'B', 'A', '2026-04-01');
COMMIT;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
UPDATE stp.system SET valid_to = '2026-03-31' WHERE system = 'A';
UPDATE stp.system SET valid_to = '2027-03-31' WHERE system = 'B';
INSERT INTO stp.succession (kind, predecessor, successor, day) VALUES ('system', 'A', 'B', '2026-04-01'), ('system', 'B', 'A', '2027-04-01');
COMMIT;
\echo :LAST_ERROR_SQLSTATE

-- what the calls refuse
CALL stp.merge_organisations('{RA1,RA2}', 'RA9', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_organisations('{RA1,ra2}', 'RA9', '2026-04-01', 'Trust 9');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_organisations('{RA1,RA3}', 'RA9', '2026-04-01', 'Trust 9');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_organisations('{}', 'RA9', '2026-04-01', 'Trust 9');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_organisations('{RA1,RA1}', 'RA9', '2026-04-01', 'Trust 9');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_organisations('{RA1}', 'RA1', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_organisations('{RA1,RA2}', 'RA9', NULL, 'Trust 9');
\echo :LAST_ERROR_SQLSTATE
CALL stp.split_organisation('RA1', '{RA8,RA9}', '{0.5}', '2026-04-01', '{Eight,Nine}');
\echo :LAST_ERROR_SQLSTATE
CALL stp.split_organisation('RA1', '{RA8,RA9}', '{0.5,0.5}', '2026-04-01', '{Eight}');
\echo :LAST_ERROR_SQLSTATE
CALL stp.split_organisation('RA1', '{RA8,RA9}', '{0.5,0.6}', '2026-04-01', '{Eight,Nine}');
\echo :LAST_ERROR_SQLSTATE
CALL stp.split_organisation('RA3', '{RA8,RA9}', '{0.5,0.5}', '2026-04-01', '{Eight,Nine}');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_systems('{B,C}', 'BC', '2026-04-01', 'B and C');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_systems('{B,C}', 'BC', '2026-04-01', 'B and C', 'Q');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_systems('{A}', 'B', '2026-04-01', parent => 'Q');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_systems('{B,P}', 'BC', '2026-04-01', 'B and P', 'R');
\echo :LAST_ERROR_SQLSTATE
CALL stp.split_system('A', '{S,T}', '{0.4,0.6}', '2026-04-01', '{South,North}');
\echo :LAST_ERROR_SQLSTATE
CALL stp.rename_code('place', 'P', 'P2', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
CALL stp.rename_code('system', 'A', 'B', '2026-04-01');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_systems(string_to_array('A' || repeat(',B', 1000), ','), 'S', '2026-04-01', 'All');
\echo :LAST_ERROR_SQLSTATE
TABLE stp.succession;

-- what they say that they did
CALL stp.merge_organisations('{RA1,RA2}', 'RA9', '2026-04-01', 'Trust 9');
CALL stp.merge_organisations('{RA1,RA2}', 'RA9', '2026-04-01', 'Trust 9');
\echo :LAST_ERROR_SQLSTATE
CALL stp.merge_organisations('{RA9}', 'RA8', '2026-04-01', 'Trust 8');
\echo :LAST_ERROR_SQLSTATE
CALL stp.split_organisation('RA9', '{RA9,RA8}', '{0.9,0.1}', '2026-10-01', '{NULL,Trust 8}');
CALL stp.rename_code('organisation', 'RA9', 'RA7', '2027-04-01');
BEGIN;
CALL stp.merge_systems('{B,C}', 'BC', '2027-04-01', 'B and C', 'Q');
CALL stp.rename_code('system', 'P', 'P2', '2027-04-01', parent => 'BC');
COMMIT;
BEGIN;
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('RA7', 'BC', '2027-10-01');
CALL stp.split_system('A', '{A,BC}', '{0.9,0.1}', '2027-10-01', basis => 'population');
COMMIT;
SELECT kind, predecessor, successor, to_char(day, 'YYYY-MM-DD') AS day, share, basis FROM stp.succession ORDER BY stp.succession.day, kind, predecessor, successor;
SELECT organisation, system, share, to_char(valid_from, 'YYYY-MM-DD') AS valid_from, to_char(valid_to, 'YYYY-MM-DD') AS valid_to FROM stp.membership ORDER BY organisation, 4, system;
-- who is named stays
DELETE FROM stp.organisation WHERE organisation = 'RA8';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.system SET system = 'P3' WHERE system = 'P2';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('RA1', 'A', '2027-04-01');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.succession;
DELETE FROM stp.membership;
DELETE FROM stp.organisation;
DELETE FROM stp.system;

-- A code that is none; a list in another shape
CALL stp.rename_code('system', 'A', '', '2026-04-01');
CALL stp.rename_code('system', 'A', 'A', '2026-04-01');
CALL stp.merge_systems(ARRAY[['A'], ['nobody']], 'A', '2026-04-01');
SELECT FROM stp.system_indicator(NULL, 'by month');
