-- Module judgement: bad input is refused whole, with its SQLSTATE, the value and a hint.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = 'ISO, DMY';

INSERT INTO stp.organisation (organisation, name) VALUES ('RA1', 'Trust');

-- unknown codes, an indicator that is no judgement, levels that are none
INSERT INTO stp.judgement VALUES ('well_led', 'RZ9', '2025/26', '2026-01-05', 2, 'Good', 'CQC', 'Inspection');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.judgement VALUES ('well_lead', 'RA1', '2025/26', '2026-01-05', 2, 'Good', 'CQC', 'Inspection');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.judgement VALUES ('ae_within_4_hours', 'RA1', '2025/26', '2026-01-05', 2, 'Good', 'CQC', 'Inspection');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.judgement VALUES ('well_led', 'RA1', '2025/26', '2026-01-05', 'NaN', 'Good', 'CQC', 'Inspection');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.judgement VALUES ('well_led', 'RA1', '2025/26', '2026-01-05', -1, 'Good', 'CQC', 'Inspection');
\echo :LAST_ERROR_SQLSTATE
-- a day that is none; nobody who judged, nothing it rests on
INSERT INTO stp.judgement VALUES ('well_led', 'RA1', '2025/26', 'infinity', 2, 'Good', 'CQC', 'Inspection');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.judgement VALUES ('well_led', 'RA1', '2025/26', '2026-01-05', 2, 'Good', NULL, 'Inspection');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.judgement VALUES ('well_led', 'RA1', '2025/26', '2026-01-05', 2, 'Good', 'CQC', ' ');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.judgement VALUES ('well_led', 'RA1', '2025/26', '2026-01-05', 2, 'Good', U&'\00A0\200B', 'Inspection');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.judgement;
INSERT INTO stp.judgement VALUES ('well_led', 'RA1', '2025/26', '2026-01-05', 2, NULL, 'CQC', 'Inspection');
-- twice on one day
INSERT INTO stp.judgement VALUES ('well_led', 'RA1', '2025/26', '2026-01-05', 1, NULL, 'CQC', 'Inspection');
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.judgement SET indicator = 'nof_average_score';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.judgement;
DELETE FROM stp.organisation WHERE organisation = 'RA1';
