-- Module delay: bad input is refused whole, with its SQLSTATE, the value and a hint.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = 'ISO, DMY';

INSERT INTO stp.organisation (organisation, name) VALUES ('RA1', 'Trust'), ('817', 'Wiltshire');

SELECT stp.delayed_days('2016-10-05', '2016-10-01', '2016-10', false);
\echo :LAST_ERROR_SQLSTATE

-- unknown codes, counts, periods
INSERT INTO stp.delayed_transfer VALUES ('RZ9', '817', '2016-10', 'acute', 'A', 'NHS', 1, 1, '2016-12-08');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer VALUES ('RA1', '999', '2016-10', 'acute', 'A', 'NHS', 1, 1, '2016-12-08');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer VALUES ('RA1', '817', '2016-10', 'acute', 'Z', 'NHS', 1, 1, '2016-12-08');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer VALUES ('RA1', '817', '2016-10', 'acute', 'A', 'nobody', 1, 1, '2016-12-08');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer VALUES ('RA1', '817', '2016-10', 'acute', 'A', 'NHS', -1, 1, '2016-12-08');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer VALUES ('RA1', '817', '2016/17 Q3', 'acute', 'A', 'NHS', 1, 1, '2016-12-08');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer VALUES ('RA1', '817', '2016-10', 'acute', 'A', 'NHS', NULL, 1, '2016-12-08');
UPDATE stp.delayed_transfer SET delayed_days = -7;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.occupied_bed_days VALUES ('RA1', '2016/17 Q3', 'NaN');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.occupied_bed_days VALUES ('RZ9', '2016/17 Q3', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('RA1', '2026-03', 1, 2, 0);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('RA1', '2026-03', 2, 2, 5);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days, delayed_1_day) VALUES ('RA1', '2026-03', 2, 1, 1, -1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('RA1', '2025/26', 2, 1, 5);
\echo :LAST_ERROR_SQLSTATE

-- reasons that ship cannot be edited, others can be added
UPDATE stp.delay_reason SET attributable_both = true WHERE delay_reason = 'C';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.delay_reason WHERE delay_reason = 'C';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delay_reason VALUES ('X', 'X_MINE', 'Mine', true, true, true, NULL, true);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delay_reason VALUES ('X', 'X_MINE', 'Mine', true, true, true);

-- a return is loaded whole or not at all, and the line at fault is named
COPY stp.dtoc_return FROM stdin (FORMAT csv);
Delayed transfers of care,,,,,,,,,,,,,,,
Year,Period Name,Provider Parent Org Code,Provider Parent Name,Provider Org Code,Provider Org Name,Local Authority Code,Local Authority Name,Acute Or Non Acute Description,Reason For Delay,NHS A SUM,NHS B SUM,Social Care A SUM,Social Care B SUM,Both A SUM,Both B SUM
2016-17,OCTOBER,Q82,South,RA1,Trust,817,"WILTSHIRE, COUNTY OF",Acute,A_COMPLETION_ASSESSMENT,1,2,3,4,,6
2016-17,OCTOBER,Q82,South,RA1,Trust,817,"WILTSHIRE, COUNTY OF",Acute,X_MINE,1,2,3,4,5,6
\.
CALL stp.load_dtoc_return(NULL);
\echo :LAST_ERROR_SQLSTATE
DO $$
DECLARE
    hostile record; message text; hint text;
BEGIN
    FOR hostile IN SELECT * FROM (VALUES
        ('year', '2016-18'), ('year', '2016'), ('year', '99999-00'), ('period_name', 'OKTOBER'), ('period_name', NULL), ('provider_code', ' '),
        ('local_authority_code', NULL), ('care_type', 'Hospice'), ('care_type', NULL), ('reason', 'Q_UNKNOWN'), ('reason', NULL),
        ('nhs_b', '-1'), ('nhs_b', '1.5'), ('both_b', '1e3'), ('social_care_b', '1,00'), ('nhs_a', '12345678901'), ('social_care_a', '1|2'),
        ('both_a', '''; DROP TABLE stp.spell; --'), ('reason', 'A_COMPLETION_ASSESSMENT'), ('provider_code', 'RZ9')) v (cell, wrong)
    LOOP
        BEGIN
            EXECUTE format('UPDATE stp.dtoc_return SET %I = $1 WHERE reason = ''X_MINE''', hostile.cell) USING hostile.wrong;
            EXECUTE 'CALL stp.load_dtoc_return(''2017-01-12'')';
            RAISE INFO 'loaded: % %', hostile.cell, hostile.wrong;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
            RAISE INFO E'% %\nHINT:  %', SQLSTATE, message, hint;
        END;
    END LOOP;
END $$;
UPDATE stp.dtoc_return SET nhs_a = 'NHS DAYS' WHERE year = 'Year';
CALL stp.load_dtoc_return();
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.dtoc_return SET nhs_a = 'NHS DTOC Beds' WHERE year = 'Year';
CALL stp.load_dtoc_return();
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.dtoc_return SET nhs_a = 'NHS A SUM' WHERE year = 'Year';
CALL stp.load_dtoc_return('2017-01-12');
SELECT organisation, local_authority, period, care_type, reason, attributed_to, patients, delayed_days, revised
  FROM stp.delayed_transfer ORDER BY revised, reason, attributed_to;
-- a line with too few cells is refused by COPY itself
COPY stp.dtoc_return FROM stdin (FORMAT csv);
Delayed transfers of care
\.
-- but whole lines can be loaded, whatever they hold, as long as it is not too much
COPY stp.dtoc_file FROM stdin;
Delayed transfers of care
a,"b, ""c""",,d
x,"y
\.
TABLE stp.dtoc_return;
SELECT count(*) FROM stp.dtoc_file;
COPY stp.dtoc_file FROM stdin;
1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,,17
\.
\echo :LAST_ERROR_SQLSTATE
TRUNCATE stp.dtoc_return;

-- an authority's own figure beside that of providers, either way round; of another month it may be
DELETE FROM stp.delayed_transfer;
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) VALUES ('RA1', '817', '2016-10', 'acute', 'A', 'NHS', 3);
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) VALUES ('817', '817', '2016-10', 'all', 'all', 'NHS', 3);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) VALUES ('817', '817', '2016-11', 'all', 'all', 'NHS', 3);
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) VALUES ('RA1', '817', '2016-11', 'acute', 'A', 'NHS', 3);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) VALUES ('RA1', '817', '2016-12', 'acute', 'A', 'NHS', 3), ('817', '817', '2016-12', 'all', 'all', 'NHS', 3);
\echo :LAST_ERROR_SQLSTATE
SELECT organisation, period, delayed_days FROM stp.delayed_transfer ORDER BY period;
-- all reasons, or both types of care, beside their parts; by revision
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) VALUES ('RA1', '817', '2016-10', 'acute', 'all', 'NHS', 5);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) VALUES ('817', '817', '2016-11', 'acute', 'all', 'NHS', 5);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days, revised) VALUES ('817', '817', '2016-11', 'acute', 'all', 'NHS', 5, '2017-01-01'), ('817', '817', '2016-11', 'non-acute', 'all', 'NHS', 5, '2017-01-01');

\d stp.system_delay_detail
DELETE FROM stp.delayed_transfer;
DELETE FROM stp.delay_reason WHERE NOT builtin;
DELETE FROM stp.organisation;
