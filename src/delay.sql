-- Module delay: delayed transfers of care, from the monthly return and from spells, and delays from the discharge ready
-- date to discharge.

--------------------------------------------------------------------------------------------------------------
-- Delayed transfers of care: the monthly return
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.delay_reason
(
    delay_reason             text PRIMARY KEY CHECK (delay_reason <> ''),
    label                    text UNIQUE,
    meaning                  text NOT NULL,
    attributable_nhs         boolean NOT NULL,
    attributable_social_care boolean NOT NULL,
    attributable_both        boolean NOT NULL,
    status                   text,
    builtin                  boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE stp.delay_reason IS 'Reasons for a delayed transfer of care, and who each may be attributed to.';
COMMENT ON COLUMN stp.delay_reason.delay_reason IS 'Code of the reason, for example A or Di.';
COMMENT ON COLUMN stp.delay_reason.label IS
    'Label in the published return, for example A_COMPLETION_ASSESSMENT; NULL: not known.';
COMMENT ON COLUMN stp.delay_reason.meaning IS 'The reason in words.';
COMMENT ON COLUMN stp.delay_reason.attributable_nhs IS 'May be attributed to the NHS.';
COMMENT ON COLUMN stp.delay_reason.attributable_social_care IS 'May be attributed to social care.';
COMMENT ON COLUMN stp.delay_reason.attributable_both IS 'May be attributed to both together.';
COMMENT ON COLUMN stp.delay_reason.status IS 'What of the row is confirmed by a published source.';

CREATE TABLE stp.delayed_transfer
(
    organisation    text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    local_authority text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    period          stp.period NOT NULL,
    care_type       text NOT NULL,
    reason          text NOT NULL REFERENCES stp.delay_reason DEFERRABLE INITIALLY DEFERRED,
    attributed_to   text NOT NULL,
    patients        int,
    delayed_days    int NOT NULL,
    revised         date NOT NULL DEFAULT CURRENT_DATE,
    PRIMARY KEY (organisation, period, revised, local_authority, care_type, reason, attributed_to)
);
COMMENT ON TABLE stp.delayed_transfer IS
    'Delayed transfers of care as providers reported them, every revision. stp.delayed_transfer_latest has the rows that count. '
    'Of a figure that is published by local authority alone the authority is the organisation too; a month is loaded one way '
    'or the other.';
COMMENT ON COLUMN stp.delayed_transfer.local_authority IS
    'The local authority responsible for the patients, an organisation too.';
COMMENT ON COLUMN stp.delayed_transfer.reason IS 'Reason for the delay.';
COMMENT ON COLUMN stp.delayed_transfer.patients IS
    'Patients delayed on the last Thursday of the month; NULL: not reported, as from April 2017.';
COMMENT ON COLUMN stp.delayed_transfer.delayed_days IS 'Delayed days of the month.';
COMMENT ON COLUMN stp.delayed_transfer.revised IS
    'Day of the revision. The latest one of a provider and month replaces all its rows of earlier ones.';

CREATE TABLE stp.occupied_bed_days
(
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    period       stp.period NOT NULL,
    bed_days     float8 NOT NULL,
    PRIMARY KEY (organisation, period)
);
COMMENT ON TABLE stp.occupied_bed_days IS
    'Occupied bed days of providers, of which delayed days are a share. A quarter (as in the KH03 return) or longer serves its '
    'months by their days, where there is no row of the month.';
COMMENT ON COLUMN stp.occupied_bed_days.bed_days IS 'Occupied bed days of the whole period: mean occupied beds x days.';

CREATE TABLE stp.discharge_delay
(
    organisation             text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    period                   stp.period NOT NULL,
    discharges               bigint NOT NULL,
    discharged_on_ready_date bigint NOT NULL,
    delayed_bed_days         bigint NOT NULL,
    delayed_1_day            bigint,
    delayed_2_3_days         bigint,
    delayed_4_6_days         bigint,
    delayed_7_13_days        bigint,
    delayed_14_20_days       bigint,
    delayed_21_days_or_more  bigint,
    beds_occupied            float8,
    beds_available           float8,
    PRIMARY KEY (organisation, period)
);
COMMENT ON TABLE stp.discharge_delay IS
    'Delays from the discharge ready date to discharge, of inpatients of one night or longer, as published monthly or as '
    'stp.spell_discharge_delay gives them.';
COMMENT ON COLUMN stp.discharge_delay.period IS 'The month of discharge.';
COMMENT ON COLUMN stp.discharge_delay.discharges IS 'Patients discharged whose ready date is known.';
COMMENT ON COLUMN stp.discharge_delay.discharged_on_ready_date IS 'Of these, discharged on the ready date.';
COMMENT ON COLUMN stp.discharge_delay.delayed_bed_days IS 'Days from ready date to discharge, of all of them.';
COMMENT ON COLUMN stp.discharge_delay.delayed_1_day IS 'Patients discharged 1 day after the ready date; NULL: not reported.';
COMMENT ON COLUMN stp.discharge_delay.delayed_2_3_days IS 'Patients discharged 2 or 3 days after.';
COMMENT ON COLUMN stp.discharge_delay.delayed_4_6_days IS 'Patients discharged 4 to 6 days after.';
COMMENT ON COLUMN stp.discharge_delay.delayed_7_13_days IS 'Patients discharged 7 to 13 days after.';
COMMENT ON COLUMN stp.discharge_delay.delayed_14_20_days IS 'Patients discharged 14 to 20 days after.';
COMMENT ON COLUMN stp.discharge_delay.delayed_21_days_or_more IS 'Patients discharged 21 days after or later.';
COMMENT ON COLUMN stp.discharge_delay.beds_occupied IS 'General and acute beds occupied on average; NULL: not reported.';
COMMENT ON COLUMN stp.discharge_delay.beds_available IS 'General and acute beds available on average; NULL: not reported.';

-- No key and no rule: it takes the file as it is, headings and all, and stp.load_dtoc_return() empties it.
CREATE TABLE stp.dtoc_return
(
    year                 text,
    period_name          text,
    provider_parent_code text,
    provider_parent_name text,
    provider_code        text,
    provider_name        text,
    local_authority_code text,
    local_authority_name text,
    care_type            text,
    reason               text,
    nhs_a                text,
    nhs_b                text,
    social_care_a        text,
    social_care_b        text,
    both_a               text,
    both_b               text
);
COMMENT ON TABLE stp.dtoc_return IS
    'Staging for NHS England''s monthly return of delayed transfers of care: its 16 columns as published. Fill it by COPY, then '
    'CALL stp.load_dtoc_return().';
COMMENT ON COLUMN stp.dtoc_return.year IS 'Year: financial year, 2016-17.';
COMMENT ON COLUMN stp.dtoc_return.period_name IS 'Period Name: month, OCTOBER.';
COMMENT ON COLUMN stp.dtoc_return.provider_parent_code IS 'Provider Parent Org Code. Not loaded.';
COMMENT ON COLUMN stp.dtoc_return.provider_parent_name IS 'Provider Parent Name. Not loaded.';
COMMENT ON COLUMN stp.dtoc_return.provider_code IS 'Provider Org Code.';
COMMENT ON COLUMN stp.dtoc_return.provider_name IS 'Provider Org Name.';
COMMENT ON COLUMN stp.dtoc_return.local_authority_code IS 'Local Authority Code: three digits.';
COMMENT ON COLUMN stp.dtoc_return.local_authority_name IS 'Local Authority Name.';
COMMENT ON COLUMN stp.dtoc_return.care_type IS 'Acute Or Non Acute Description: Acute, Non-Acute.';
COMMENT ON COLUMN stp.dtoc_return.reason IS 'Reason For Delay: a label of stp.delay_reason.';
COMMENT ON COLUMN stp.dtoc_return.nhs_a IS 'NHS A SUM: patients at the snapshot, attributed to the NHS.';
COMMENT ON COLUMN stp.dtoc_return.nhs_b IS 'NHS B SUM: delayed days, attributed to the NHS.';
COMMENT ON COLUMN stp.dtoc_return.social_care_a IS 'Social Care A SUM: patients, attributed to social care.';
COMMENT ON COLUMN stp.dtoc_return.social_care_b IS 'Social Care B SUM: delayed days, attributed to social care.';
COMMENT ON COLUMN stp.dtoc_return.both_a IS 'Both A SUM: patients, attributed to both.';
COMMENT ON COLUMN stp.dtoc_return.both_b IS 'Both B SUM: delayed days, attributed to both.';

-- COPY refuses a line with too few cells, and the headings of the full file may be such lines: this table takes whole
-- lines, cuts them into the cells of stp.dtoc_return, and keeps none.
CREATE TABLE stp.dtoc_file
(
    line text
);
COMMENT ON TABLE stp.dtoc_file IS
    'Mouth for a file of the monthly return whose headings have fewer cells than its lines: plain COPY without any option takes '
    'whole lines, which go on to stp.dtoc_return at once.';
COMMENT ON COLUMN stp.dtoc_file.line IS 'A line of the file, comma-separated.';

CREATE FUNCTION stp_internal.csv_cells(line text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT array_agg(CASE WHEN cell.found[1] LIKE '"%"' THEN replace(substr(cell.found[1], 2,
    length(cell.found[1]) - 2), '""', '"')
                              ELSE cell.found[1] END ORDER BY cell.number)
          -- A byte order mark may stand before the quotes of the first cell.
          FROM regexp_matches(CASE stp_internal.tidy_code(split_part(csv_cells.line, '"', 1))
                                   WHEN '' THEN substr(csv_cells.line, strpos(csv_cells.line, '"'))
                                   ELSE csv_cells.line END || ',',
                              '("(?:[^"]|"")*"|[^,]*),', 'g') WITH ORDINALITY cell (found, number));
COMMENT ON FUNCTION stp_internal.csv_cells(text) IS
    'The cells of a line of comma-separated values; a cell in double quotes may hold commas, and double quotes twice.';

CREATE FUNCTION stp_internal.cut_dtoc_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad text;
BEGIN
    SELECT n.line INTO bad FROM new_rows n WHERE concat_ws('', VARIADIC (stp_internal.csv_cells(n.line))[17:]) <> '' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line of the return has more than 16 cells: %', bad
              USING ERRCODE = 'invalid_parameter_value', HINT = 'A cell that holds a comma must stand in double quotes.';
    END IF;
    INSERT INTO stp.dtoc_return
    SELECT c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], c[15], c[16]
      FROM new_rows n CROSS JOIN LATERAL (SELECT stp_internal.csv_cells(n.line) AS c OFFSET 0) cells;
    DELETE FROM stp.dtoc_file;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.cut_dtoc_file() IS
    'Trigger: cuts new lines of stp.dtoc_file into the cells of stp.dtoc_return; more than 16 are refused, SQLSTATE 22023.';
CREATE TRIGGER cut_dtoc_file AFTER INSERT ON stp.dtoc_file REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.cut_dtoc_file();

INSERT INTO stp.delay_reason VALUES
('A', 'A_COMPLETION_ASSESSMENT', 'Completion of assessment', true, true, true, 'label confirmed; attribution from memory', true),
('B', 'B_PUBLIC_FUNDING', 'Public funding', true, true, true, 'label confirmed; attribution from memory', true),
('C', 'C_FURTHER_NON_ACUTE_NHS', 'Further non-acute NHS care (incl. intermediate care rehabilitation)', true, false, false,
    'label confirmed; attribution from memory', true),
('Di', 'DI_RESIDENTIAL_HOME', 'Residential home placement or availability', true, true, false,
    'label confirmed; attribution from memory', true),
('Dii', 'DII_NURSING_HOME', 'Nursing home placement or availability', true, true, true,
    'label confirmed; attribution from memory', true),
('E', 'E_CARE_PACKAGE_IN_HOME', 'Care package in own home', true, true, true, 'label confirmed; attribution from memory', true),
('F', 'F_COMMUNITY_EQUIP_ADAPT', 'Community equipment or adaptations', true, true, true,
    'label confirmed; attribution from memory', true),
('G', 'G_PATIENT_FAMILY_CHOICE', 'Patient or family choice', true, true, false, 'label confirmed; attribution from memory', true),
('H', 'H_DISPUTES', 'Disputes', true, true, false, 'label confirmed; attribution from memory', true),
('I', 'I_HOUSING', 'Housing (patients not covered by the Care Act)', true, false, false,
    'label confirmed; attribution from memory', true),
('O', NULL, 'Other (added about April 2017)', true, true, true, 'code from memory unconfirmed', true),
('all', NULL, 'All reasons together', true, true, true, 'for figures that are published without reasons', true);

CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.delay_reason
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('delay_reason',
        'Insert a reason under a code of your own and use that.');

-- Guards of what was reported

CREATE FUNCTION stp_internal.check_discharge_delay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.*, fault.what INTO bad
      FROM new_rows n
     CROSS JOIN LATERAL (SELECT CASE
           WHEN n.discharged_on_ready_date > n.discharges
           THEN format('discharged %s on the ready date, but only %s in all', n.discharged_on_ready_date, n.discharges)
           WHEN n.discharged_on_ready_date = n.discharges AND n.delayed_bed_days > 0
           THEN format('has %s delayed bed days, but nobody was delayed', n.delayed_bed_days)
           END AS what) fault
     WHERE fault.what IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'organisation "%" % in %', bad.organisation, bad.what, bad.period
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Correct the report, or leave the row out.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_discharge_delay() IS
    'Trigger: refuses more patients discharged on the ready date than discharged, and delayed bed days of nobody, SQLSTATE '
    '22023.';

CREATE FUNCTION stp_internal.check_delayed_transfer() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.period INTO bad
      FROM (SELECT DISTINCT period, organisation = local_authority AS is_own FROM new_rows) n
     WHERE CASE WHEN n.is_own
           THEN EXISTS (SELECT FROM stp.delayed_transfer t WHERE t.period = n.period AND t.organisation <> t.local_authority)
           ELSE EXISTS (SELECT FROM stp.delayed_transfer t WHERE t.period = n.period AND t.organisation = t.local_authority) END
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'delays in % are there by provider and as figures of local authorities', bad.period
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'They would count twice, or providers would seem to have none. Load a month one way: by provider, or '
                        'with the authority as the organisation too.';
    END IF;
    SELECT n.organisation, n.local_authority, n.period INTO bad
      FROM (SELECT DISTINCT organisation, local_authority, period, revised, attributed_to, care_type = 'all' AS all_types,
                   reason = 'all' AS all_reasons FROM new_rows) n
      JOIN stp.delayed_transfer t ON t.organisation = n.organisation AND t.period = n.period AND t.revised = n.revised
                                 AND t.local_authority = n.local_authority AND t.attributed_to = n.attributed_to
     WHERE ((t.care_type = 'all') <> n.all_types OR (t.reason = 'all') <> n.all_reasons)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'delays of organisation "%" and local authority "%" in % have "all" beside its parts',
              bad.organisation, bad.local_authority, bad.period
              USING ERRCODE = 'invalid_parameter_value', HINT = 'They would count twice. Load the parts, or the whole.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_delayed_transfer() IS
    'Trigger: refuses a month by provider beside figures of local authorities, and all beside its parts, SQLSTATE 22023.';
-- For the trigger: most tables have none.
CREATE INDEX delayed_transfer_own ON stp.delayed_transfer (period) WHERE organisation = local_authority;

CALL stp.guard_rows('delay_reason', 'guard', 'delay_reason, label: code');
CALL stp.guard_rows('delayed_transfer', 'guard', 'period: month', 'care_type: acute, non-acute, all',
    'attributed_to: NHS, social care, both', 'patients, delayed_days: count');
CALL stp.guard_rows('delayed_transfer', 'check_delayed_transfer');
CALL stp.guard_rows('occupied_bed_days', 'guard', 'bed_days: count');
CALL stp.guard_rows('discharge_delay', 'guard', 'period: month',
    'discharges, discharged_on_ready_date, delayed_bed_days, beds_occupied, beds_available: count',
    'delayed_1_day, delayed_2_3_days, delayed_4_6_days, delayed_7_13_days, delayed_14_20_days, delayed_21_days_or_more: count');
CALL stp.guard_rows('discharge_delay', 'check_discharge_delay');

-- The staged lines, read

CREATE VIEW stp.dtoc_return_line WITH (security_invoker = true) AS
SELECT r.number, r.line, l.kind, m.period, coalesce(o.organisation, c.organisation) AS organisation, c.organisation_name,
       coalesce(a.organisation, c.local_authority) AS local_authority, c.local_authority_name,
       c.care_type, d.delay_reason AS reason, c.nhs_a, c.nhs_b, c.social_care_a, c.social_care_b, c.both_a, c.both_b,
       NOT layout.beds AS has_patients, f.fault, f.hint
  FROM (SELECT row_number() OVER (ORDER BY t.ctid) AS number, t::text AS line, t.* FROM stp.dtoc_return t) r
 -- Cells without what cannot be seen; an empty count is none.
 CROSS JOIN LATERAL (SELECT stp_internal.tidy_code(r.year) AS year, stp_internal.tidy_code(r.period_name) AS month,
                            nullif(stp_internal.ods_code(r.provider_code), '') AS organisation,
                            stp_internal.tidy_code(r.provider_name) AS organisation_name,
                            nullif(stp_internal.ods_code(r.local_authority_code), '') AS local_authority,
                            stp_internal.tidy_code(r.local_authority_name) AS local_authority_name,
                            stp_internal.cell_text(r.care_type) AS care_type, stp_internal.tidy_code(r.reason) AS reason,
                            coalesce(nullif(stp_internal.cell_text(r.nhs_a), ''), '0') AS nhs_a,
                            coalesce(nullif(stp_internal.cell_text(r.nhs_b), ''), '0') AS nhs_b,
                            coalesce(nullif(stp_internal.cell_text(r.social_care_a), ''), '0') AS social_care_a,
                            coalesce(nullif(stp_internal.cell_text(r.social_care_b), ''), '0') AS social_care_b,
                            coalesce(nullif(stp_internal.cell_text(r.both_a), ''), '0') AS both_a,
                            coalesce(nullif(stp_internal.cell_text(r.both_b), ''), '0') AS both_b) c
 -- A heading fills the first cells only.
 CROSS JOIN LATERAL (SELECT CASE
       WHEN c.year ~* '^\W*year$' THEN 'column header'
       WHEN stp_internal.is_national(c.organisation) OR stp_internal.is_national(c.local_authority) THEN 'total'
       WHEN concat(r.provider_code, r.provider_name, r.local_authority_code, r.local_authority_name, r.care_type, r.reason,
                   r.nhs_a, r.nhs_b, r.social_care_a, r.social_care_b, r.both_a, r.both_b) ~ '^\s*$' THEN 'heading'
       ELSE 'data' END AS kind) l
 -- The year is a financial one, though 2011-12 alone would be a month.
 CROSS JOIN LATERAL (SELECT CASE WHEN stp.grain(stp_internal.readable_period('FY ' || c.year)) = 'year'
                                 THEN stp_internal.readable_period(c.month || ' ' || c.year) END AS period) y
 CROSS JOIN LATERAL (SELECT CASE stp.grain(y.period) WHEN 'month' THEN y.period END AS period) m
  LEFT JOIN stp.organisation o ON upper(o.organisation COLLATE "C") = c.organisation
  LEFT JOIN stp.organisation a ON upper(a.organisation COLLATE "C") = c.local_authority
  LEFT JOIN stp.delay_reason d ON d.label = c.reason
 -- Until March 2017 the A columns are patients, from April 2017 beds, which follow from the days.
 CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM stp.dtoc_return h
                                     WHERE h.year ~* '^\W*year\s*$' AND h.nhs_a ~* ' DTOC BEDS\s*$') AS beds OFFSET 0) layout
 CROSS JOIN LATERAL (SELECT CASE
       WHEN l.kind = ANY (ARRAY['heading', 'total']) THEN NULL
       WHEN l.kind = 'column header' THEN
           CASE WHEN upper(concat_ws(',', c.nhs_a, c.nhs_b, c.social_care_a, c.social_care_b, c.both_a, c.both_b) COLLATE "C")
                     <> format('NHS %1$s,NHS B SUM,SOCIAL CARE %1$s,SOCIAL CARE B SUM,BOTH %1$s,BOTH B SUM',
                               CASE WHEN layout.beds THEN 'DTOC BEDS' ELSE 'A SUM' END)
                THEN ARRAY['has other columns',
                           'The last six are A SUM (or DTOC Beds) and B SUM of NHS, Social Care and Both; load files of one '
                               'layout at a time.'] END
       WHEN m.period IS NULL THEN ARRAY['has no valid month', 'A year is written 2016-17, a month OCTOBER.']
       WHEN c.organisation IS NULL OR c.local_authority IS NULL
           THEN ARRAY['lacks a provider or a local authority', 'Complete the line.']
       WHEN coalesce(c.care_type, '') <> ALL (ARRAY['acute', 'non-acute'])
           THEN ARRAY['has an unknown care type', 'It is Acute or Non-Acute.']
       WHEN d.delay_reason IS NULL THEN ARRAY['has an unknown reason',
           'Insert the label into stp.delay_reason first, or correct it.']
       WHEN EXISTS (SELECT FROM (VALUES (c.nhs_b, false), (c.social_care_b, false), (c.both_b, false), (c.nhs_a, layout.beds),
                                        (c.social_care_a, layout.beds), (c.both_a, layout.beds)) v (cell, is_mean)
                     WHERE CASE WHEN v.is_mean THEN stp_internal.cell_number(NULL, v.cell) >= 0
                                ELSE stp_internal.cell_count(v.cell) >= 0 END IS NOT TRUE)
       THEN ARRAY['has a count that is no whole number at or above 0', 'An empty cell counts 0.']
       END AS parts) fault
 CROSS JOIN LATERAL (SELECT fault.parts[1] AS fault, fault.parts[2] AS hint) f;
COMMENT ON VIEW stp.dtoc_return_line IS 'The lines of stp.dtoc_return as stp.load_dtoc_return() reads them, with their faults.';
COMMENT ON COLUMN stp.dtoc_return_line.number IS
    'Which line it is of those that were loaded, from 1: of one file, the line of the file.';
COMMENT ON COLUMN stp.dtoc_return_line.line IS 'The line as it was loaded.';
COMMENT ON COLUMN stp.dtoc_return_line.kind IS
    'heading (only the first four cells are filled), column header, total (a code of the whole of England: -, X24, ENGLAND, '
    'TOTAL), or data. Only data are loaded.';
COMMENT ON COLUMN stp.dtoc_return_line.local_authority_name IS 'Name of the local authority.';
COMMENT ON COLUMN stp.dtoc_return_line.nhs_a IS
    'Patients (or beds) attributed to the NHS; an empty cell is 0, here as in the next five columns.';
COMMENT ON COLUMN stp.dtoc_return_line.nhs_b IS 'Delayed days attributed to the NHS.';
COMMENT ON COLUMN stp.dtoc_return_line.social_care_a IS 'Patients (or beds) attributed to social care.';
COMMENT ON COLUMN stp.dtoc_return_line.social_care_b IS 'Delayed days attributed to social care.';
COMMENT ON COLUMN stp.dtoc_return_line.both_a IS 'Patients (or beds) attributed to both.';
COMMENT ON COLUMN stp.dtoc_return_line.both_b IS 'Delayed days attributed to both.';
COMMENT ON COLUMN stp.dtoc_return_line.has_patients IS
    'Whether the A columns are patients at the snapshot; otherwise they are beds.';
COMMENT ON COLUMN stp.dtoc_return_line.fault IS 'Why the line cannot be loaded; NULL: it can.';
COMMENT ON COLUMN stp.dtoc_return_line.hint IS 'What to do about it.';

CREATE VIEW stp.dtoc_return_unknown WITH (security_invoker = true) AS
SELECT n.code, min(n.name) AS name, min(n.type) AS type
  FROM stp.dtoc_return_line l
 CROSS JOIN LATERAL (VALUES (l.organisation, l.organisation_name, NULL),
                            (l.local_authority, l.local_authority_name, 'Local authority')) n (code, name, type)
 WHERE l.kind = 'data' AND NOT EXISTS (SELECT FROM stp.organisation o WHERE o.organisation = n.code)
 GROUP BY n.code;
COMMENT ON VIEW stp.dtoc_return_unknown IS
    'Providers and local authorities of stp.dtoc_return that stp.organisation does not have.';
COMMENT ON COLUMN stp.dtoc_return_unknown.code IS 'Code in the return.';
COMMENT ON COLUMN stp.dtoc_return_unknown.name IS 'Name in the return.';
COMMENT ON COLUMN stp.dtoc_return_unknown.type IS 'Local authority, or NULL for a provider.';

CREATE PROCEDURE stp.load_dtoc_return(revised date DEFAULT CURRENT_DATE, register boolean DEFAULT false,
                                      INOUT headings bigint DEFAULT NULL, INOUT lines bigint DEFAULT NULL,
                                      INOUT provider_months bigint DEFAULT NULL, INOUT registered bigint DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    bad     record;
    unknown text;
BEGIN
    -- Two loads at once would both take the same lines.
    LOCK TABLE stp.dtoc_return IN SHARE ROW EXCLUSIVE MODE;
    IF revised IS NULL THEN
        RAISE EXCEPTION 'the day of the revision is NULL'
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it out for today.';
    END IF;
    SELECT array_agg(format('line of the return %s: %s', f.fault, f.line) ORDER BY f.number) AS faults,
           array_agg(format('Line %s', f.number) ORDER BY f.number) AS places, array_agg(f.hint ORDER BY f.number) AS hints
      INTO bad
      FROM (SELECT l.number, l.line, coalesce(l.fault, 'is there twice') AS fault,
                   coalesce(l.hint, 'TRUNCATE stp.dtoc_return and load the file once.') AS hint,
                   l.fault IS NOT NULL OR l.kind = 'data'
                       AND row_number() OVER (PARTITION BY l.kind, l.fault, l.organisation, l.period, l.local_authority,
                                                           l.care_type, l.reason ORDER BY l.number) > 1 AS is_bad
              FROM stp.dtoc_return_line l) f
     WHERE f.is_bad;
    PERFORM stp_internal.refuse_faults(bad.faults, bad.places, bad.hints);

    IF register THEN
        INSERT INTO stp.organisation (organisation, name, type)
        SELECT m.code, coalesce(m.name, m.code), m.type FROM stp.dtoc_return_unknown m;
        GET DIAGNOSTICS registered = ROW_COUNT;
    ELSE
        registered := 0;
        SELECT string_agg(concat_ws(' ', m.code, m.name), ', ' ORDER BY m.code) INTO unknown FROM stp.dtoc_return_unknown m;
        IF unknown IS NOT NULL THEN
            RAISE EXCEPTION 'the return has unknown organisations: %', unknown
                  USING ERRCODE = 'invalid_parameter_value',
                        HINT = 'Add them to stp.organisation first, or let CALL stp.load_dtoc_return(register => true) add them '
                            'with these names.';
        END IF;
    END IF;

    DELETE FROM stp.delayed_transfer t
     USING (SELECT DISTINCT l.organisation, l.period FROM stp.dtoc_return_line l WHERE l.kind = 'data') again
     WHERE t.organisation = again.organisation AND t.period = again.period AND t.revised = load_dtoc_return.revised;
    INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to,
        patients, delayed_days, revised)
    SELECT l.organisation, l.local_authority, l.period, l.care_type, l.reason, cell.attributed_to,
           CASE WHEN l.has_patients THEN stp_internal.cell_count(cell.a) END, stp_internal.cell_count(cell.b),
           load_dtoc_return.revised
      FROM stp.dtoc_return_line l
     CROSS JOIN LATERAL (VALUES ('NHS', l.nhs_a, l.nhs_b), ('social care', l.social_care_a, l.social_care_b),
                                ('both', l.both_a, l.both_b)) cell (attributed_to, a, b)
     WHERE l.kind = 'data';

    SELECT count(*) FILTER (WHERE l.kind <> 'data'), count(*) FILTER (WHERE l.kind = 'data'),
           count(DISTINCT (l.organisation, l.period)) FILTER (WHERE l.kind = 'data')
      INTO headings, lines, provider_months FROM stp.dtoc_return_line l;
    DELETE FROM stp.dtoc_return;
END $$;
COMMENT ON PROCEDURE stp.load_dtoc_return(date, boolean, bigint, bigint, bigint, bigint) IS
    'Moves the monthly return from stp.dtoc_return to stp.delayed_transfer, three rows for a line, and empties the staging '
    'table. revised: day of the revision; what was loaded of a provider-month under the same day is replaced. register: adds '
    'unknown providers and local authorities with the return''s names; otherwise they are an error that lists them. Returns how '
    'many headings (column header and totals of England included) were skipped, lines taken, provider-months loaded and '
    'organisations registered. Codes are read without what cannot be seen, in capital letters. An empty count is 0, and 6.0 is '
    '6. All or nothing; error 22023, with all lines at fault: no valid month, unknown care type or reason, a count that is no '
    'whole number, no provider or local authority, a line twice, other columns; revised NULL.';

CREATE VIEW stp.delayed_transfer_latest WITH (security_invoker = true) AS
SELECT t.organisation, t.local_authority, t.period, t.care_type, t.reason, t.attributed_to, t.patients, t.delayed_days, t.revised
  FROM stp.delayed_transfer t
 -- No later one, rather than the last one: the planner expects nearly all rows of the first, hardly any of the second.
 WHERE NOT EXISTS (SELECT FROM (SELECT organisation, period, max(revised) AS revised FROM stp.delayed_transfer
                                 GROUP BY organisation, period) latest
                    WHERE latest.organisation = t.organisation AND latest.period = t.period AND latest.revised > t.revised);
COMMENT ON VIEW stp.delayed_transfer_latest IS
    'Delayed transfers as they count: for each provider and month the rows of the latest revision, and no others.';
CALL stp.copy_comments('stp.delayed_transfer', 'stp.delayed_transfer_latest');

CREATE VIEW stp.delay_attribution_fault WITH (security_invoker = true) AS
SELECT t.organisation, t.local_authority, t.period, stp.first_day(t.period) AS first_day, stp.last_day(t.period) AS last_day,
       t.care_type, t.reason, r.meaning, t.attributed_to, t.patients, t.delayed_days, r.status
  FROM stp.delayed_transfer_latest t
  JOIN stp.delay_reason r ON r.delay_reason = t.reason
 WHERE (t.patients > 0 OR t.delayed_days > 0)
   AND NOT CASE t.attributed_to WHEN 'NHS' THEN r.attributable_nhs
                                WHEN 'social care' THEN r.attributable_social_care
                                ELSE r.attributable_both END;
COMMENT ON VIEW stp.delay_attribution_fault IS
    'Delays attributed to somebody whom stp.delay_reason does not allow for their reason. They count all the same.';
COMMENT ON COLUMN stp.delay_attribution_fault.status IS
    'What of the reason''s row is confirmed: the attributions that ship are from memory.';
CALL stp.copy_comments('stp.delayed_transfer', 'stp.delay_attribution_fault');
CALL stp.copy_comments('stp.delay_reason', 'stp.delay_attribution_fault');

--------------------------------------------------------------------------------------------------------------
-- Delayed transfers of care: indicators of providers and local authorities
--------------------------------------------------------------------------------------------------------------

-- A provider's month is its own row, else its part, by days, of the shortest period that covers it.
CREATE VIEW stp_internal.occupied_bed_days_by_month WITH (security_invoker = true) AS
SELECT DISTINCT ON (r.organisation, month)
       r.organisation, month AS period, r.bed_days * stp.days(month) / stp.days(r.period) AS bed_days
  FROM stp.occupied_bed_days r
 CROSS JOIN LATERAL stp.periods(stp.month(stp.first_day(r.period)), stp.last_month(r.period)) month
 ORDER BY r.organisation, month, stp.days(r.period);
COMMENT ON VIEW stp_internal.occupied_bed_days_by_month IS 'Occupied bed days of providers by month.';

CREATE VIEW stp.delayed_transfer_observation WITH (security_invoker = true) AS
WITH provider AS
(
    SELECT t.organisation, t.period, sum(t.delayed_days)::float8 AS delayed_days,
           -- Patients that are not reported of every reason are not the patients of the provider.
           CASE WHEN count(t.patients) = count(*) THEN sum(t.patients)::float8 END AS patients
      FROM stp.delayed_transfer_latest t
     -- An authority's own figure is no provider's.
     WHERE t.organisation <> t.local_authority
     GROUP BY t.organisation, t.period
)
SELECT i.indicator, i.organisation, i.period, i.numerator, i.denominator, NULL::float8 AS value, NULL::text AS status
  FROM (SELECT 'delayed_transfers' AS indicator, p.organisation, p.period, p.delayed_days / stp.days(p.period) AS numerator,
               NULL::float8 AS denominator
          FROM provider p
        UNION ALL
        -- England's total is the same by provider and by local authority; a system's is not.
        SELECT 'delayed_transfers_of_residents', t.local_authority, t.period, sum(t.delayed_days)::float8 / stp.days(t.period),
               NULL
          FROM stp.delayed_transfer_latest t
         GROUP BY t.local_authority, t.period
        UNION ALL
        SELECT 'delayed_patients', p.organisation, p.period, p.patients, NULL FROM provider p WHERE p.patients IS NOT NULL
        UNION ALL
        -- Who has beds and is not in the return of the month has no delays.
        SELECT 'delayed_transfers_of_bed_days', o.organisation, o.period, coalesce(p.delayed_days, 0), o.bed_days
          FROM stp_internal.occupied_bed_days_by_month o
          LEFT JOIN provider p ON p.organisation = o.organisation AND p.period = o.period
         WHERE o.period IN (SELECT period FROM provider)) i
  JOIN stp_internal.source_reach('delayed_transfer') r ON stp_internal.is_covered(r.covered, i.period);
COMMENT ON VIEW stp.delayed_transfer_observation IS
    'The indicators that come from stp.delayed_transfer, in the shape of stp.observation: delayed_transfers, delayed_patients '
        'and (with stp.occupied_bed_days) delayed_transfers_of_bed_days of providers, delayed_transfers_of_residents of local '
        'authorities.';
CALL stp.copy_comments('stp.observation', 'stp.delayed_transfer_observation');

--------------------------------------------------------------------------------------------------------------
-- Delayed transfers of care: systems by reason and attribution, and by year
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.system_delay_value WITH (security_invoker = true) AS
SELECT v.basis, v.system, v.period, v.care_type, v.reason, v.attributed_to, v.delayed_days, v.patients
  FROM (SELECT d.basis, m.system, t.period, t.care_type, t.reason, t.attributed_to,
               stp.exact_sum(t.delayed_days * m.share::float8) AS delayed_days,
               -- Patients that some did not report are not the patients of the system.
               CASE WHEN count(t.patients) = count(*) THEN stp.exact_sum(t.patients * m.share::float8) END AS patients
          FROM stp.delayed_transfer_latest t
         CROSS JOIN LATERAL (VALUES ('provider', t.organisation), ('local authority', t.local_authority)) d (basis, organisation)
         CROSS JOIN LATERAL stp_internal.shares_on(d.organisation, stp.last_day(t.period)) m
         WHERE d.basis = 'local authority' OR t.organisation <> t.local_authority
         GROUP BY d.basis, m.system, t.period, t.care_type, t.reason, t.attributed_to) v
  JOIN stp_internal.source_reach('delayed_transfer') r ON stp_internal.is_covered(r.covered, v.period);
CALL stp.make_rows('stp_internal.system_delay_value',
    'Delayed days of systems, places, regions and nations by month that is covered, care type, reason and attribution.');

CREATE VIEW stp.system_delay_detail WITH (security_invoker = true) AS
SELECT v.basis, v.system, v.period, stp.first_day(v.period) AS first_day, stp.last_day(v.period) AS last_day,
       v.care_type, v.reason, r.meaning, v.attributed_to, v.delayed_days,
           v.delayed_days / stp.days(v.period) AS dtoc_beds, v.patients,
       p.adults, (e.estimate).value AS rate, (e.estimate).lower, (e.estimate).upper, (e.estimate).method, (e.estimate).status
  FROM stp_internal.system_delay_value_rows() v
  JOIN stp.delay_reason r ON r.delay_reason = v.reason
  -- GROUP BY keeps the planner from asking again for each reason, and lets it ask for one system or month alone.
  JOIN (SELECT s.system, m.period, stp.persons(s.system, m.period, 18) AS adults
          FROM stp.system s CROSS JOIN (SELECT DISTINCT period FROM stp.delayed_transfer) m
         GROUP BY s.system, m.period) p ON p.system = v.system AND p.period = v.period
 -- OFFSET 0 keeps it from asking once for each use.
 CROSS JOIN LATERAL (SELECT stp.rate(v.delayed_days, p.adults * stp.days(v.period)) AS estimate OFFSET 0) e;
CALL stp.make_rows('stp.system_delay_detail');
COMMENT ON VIEW stp.system_delay_detail IS
    'Delayed transfers of systems, places, regions and nations by month, care type, reason and attribution: sums of the shares '
    'that organisations have on the last day of the month.';
COMMENT ON COLUMN stp.system_delay_detail.basis IS
    'provider: by the memberships of providers. local authority: by those of local authorities.';
COMMENT ON COLUMN stp.system_delay_detail.delayed_days IS 'Delayed days, shared out.';
COMMENT ON COLUMN stp.system_delay_detail.dtoc_beds IS 'DTOC beds: delayed days / days in the month.';
COMMENT ON COLUMN stp.system_delay_detail.patients IS
    'Patients delayed on the last Thursday, shared out; NULL where any were not reported.';
COMMENT ON COLUMN stp.system_delay_detail.adults IS 'People aged 18 and over; NULL: no population covers the ages.';
COMMENT ON COLUMN stp.system_delay_detail.rate IS
    'Mean delayed per day per 100,000 adults: delayed days / (adults x days in the month) x 100,000. Rates of parts add up to '
    'that of the whole.';
COMMENT ON COLUMN stp.system_delay_detail.lower IS
    'Lower 95% confidence limit of stp.rate, as if days were independent events: too narrow.';
COMMENT ON COLUMN stp.system_delay_detail.method IS 'How the limits were found: exact Poisson or Byar.';
COMMENT ON COLUMN stp.system_delay_detail.status IS 'ok, zero denominator, or no data (no population that covers the ages).';
CALL stp.copy_comments('stp.delay_attribution_fault', 'stp.system_delay_detail');

CREATE VIEW stp.system_ascof_2c WITH (security_invoker = true) AS
SELECT y.basis, y.system, y.year AS period, stp.first_day(y.year) AS first_day, stp.last_day(y.year) AS last_day,
       y.months, p.adults, y.beds * f.per_bed AS ascof_2c_1, y.beds_social_care * f.per_bed AS ascof_2c_2,
           y.beds_both * f.per_bed AS ascof_2c_3,
       CASE WHEN y.months < 12 THEN 'partial' WHEN p.adults IS NULL THEN 'no data' WHEN p.adults = 0
           THEN 'zero denominator' ELSE 'ok' END AS status
  FROM (SELECT v.basis, v.system, stp.financial_year(v.period) AS year, count(DISTINCT v.period)::int AS months,
               sum(v.delayed_days / stp.days(v.period)) AS beds,
               coalesce(sum(v.delayed_days / stp.days(v.period)) FILTER (WHERE v.attributed_to = 'social care'),
                   0) AS beds_social_care,
               coalesce(sum(v.delayed_days / stp.days(v.period)) FILTER (WHERE v.attributed_to = 'both'), 0) AS beds_both
          FROM stp_internal.system_delay_value_rows() v
         GROUP BY v.basis, v.system, stp.financial_year(v.period)) y
 CROSS JOIN LATERAL (SELECT stp.persons(y.system, y.year, 18) AS adults OFFSET 0) p
 -- The mean of some of the months is no figure of the year.
 CROSS JOIN LATERAL (SELECT CASE WHEN y.months = 12 THEN 100000.0::float8 / 12 / nullif(p.adults, 0) END AS per_bed) f;
COMMENT ON VIEW stp.system_ascof_2c IS
    'Adult social care outcomes framework 2C: delayed transfers of a financial year per 100,000 adults, the mean of the twelve '
    'monthly DTOC beds (not annual days / 365). Source: NHS Digital, measure 2C of ASCOF 2018/19 (P01516), of which parts 2 and '
    '3 are subsets of part 1; the mean of twelve months is published of part 2 (LG Inform Plus, metric 10764).';
COMMENT ON COLUMN stp.system_ascof_2c.basis IS
    'provider: by the memberships of providers. local authority: by those of local authorities, as ASCOF has it.';
COMMENT ON COLUMN stp.system_ascof_2c.period IS 'The financial year.';
COMMENT ON COLUMN stp.system_ascof_2c.months IS 'Months of the year that were reported.';
COMMENT ON COLUMN stp.system_ascof_2c.ascof_2c_1 IS
    '2C(1): all delays, published. NULL unless the status is ok, as the next two.';
COMMENT ON COLUMN stp.system_ascof_2c.ascof_2c_2 IS '2C(2): attributed to social care, published.';
COMMENT ON COLUMN stp.system_ascof_2c.ascof_2c_3 IS '2C(3): attributed to the NHS and social care jointly, published.';
COMMENT ON COLUMN stp.system_ascof_2c.status IS
    'ok; partial: fewer than twelve months; no data: no population covers the ages; zero denominator.';
CALL stp.copy_comments('stp.system_delay_detail', 'stp.system_ascof_2c');

--------------------------------------------------------------------------------------------------------------
-- Delayed days of spells
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.delay_start(ready_date date, discharge_date date, count_ready_day boolean) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT: a patient may still be there
RETURN ready_date + (NOT count_ready_day AND coalesce(discharge_date > ready_date, true))::int;
COMMENT ON FUNCTION stp_internal.delay_start(date, date, boolean) IS
    'The first day of a delay that counts: the ready date, or the day after it unless the patient has gone by then. NULL if '
    'ready_date or count_ready_day is.';

CREATE FUNCTION stp.delayed_days(ready_date date, discharge_date date, period stp.period,
    count_ready_day boolean DEFAULT true) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT: a patient may still be there
RETURN CASE WHEN ready_date IS NOT NULL AND count_ready_day IS NOT NULL
            THEN stp.bed_days(stp_internal.delay_start(ready_date, discharge_date, count_ready_day), discharge_date, period) END;
COMMENT ON FUNCTION stp.delayed_days(date, date, stp.period, boolean) IS
    'Delayed days of one patient in a period of any grain: the midnights from that which ends the ready date to that before the '
    'day of discharge. discharge_date NULL: still there, to the end of the period. count_ready_day: whether the ready date '
    'itself counts. NULL if ready_date, period or count_ready_day is. Error 22023: ready_date infinite; discharge_date before '
    'ready_date. Source: Monthly delayed transfers of care SitRep definitions; the default is from memory.';

CREATE FUNCTION stp.spell_delayed_days(first stp.period, last stp.period, count_ready_day boolean DEFAULT true)
RETURNS TABLE (organisation text, period stp.period, delayed_days bigint, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    SELECT c.organisation, each.period, CASE WHEN each.is_covered AND NOT d.is_blank THEN d.days END,
           CASE WHEN NOT each.is_covered THEN 'not covered' WHEN d.is_blank THEN 'no ready dates'
                ELSE coalesce(each.status, 'ok') END
      FROM (SELECT s.organisation,
                   stp.census(s.start_date, s.end_date, daterange(stp.first_day(spell_delayed_days.first),
                                                                  stp.last_day(spell_delayed_days.last), '[]')) AS census
              FROM (SELECT w.organisation, w.discharge_date AS end_date,
                           stp_internal.delay_start(w.ready_date, w.discharge_date, spell_delayed_days.count_ready_day)
                               AS start_date
                      FROM stp_internal.spell_within(stp.first_day(spell_delayed_days.first),
                                                     stp.last_day(spell_delayed_days.last)) w
                     WHERE w.ready_date IS NOT NULL AND stp_internal.is_adult(w.age)
                    UNION ALL
                    -- Who records ready dates at all has a row: of a delay that ends where it begins, and so has no day.
                    SELECT o.organisation, stp.first_day(spell_delayed_days.first), stp.first_day(spell_delayed_days.first)
                      FROM stp.organisation o
                     WHERE EXISTS (SELECT FROM stp.spell r
                                    WHERE r.organisation = o.organisation AND r.ready_date IS NOT NULL
                                      AND stp_internal.is_adult(r.age))) s
             GROUP BY s.organisation) c
     CROSS JOIN (SELECT p.period, stp_internal.is_covered(r.covered, p.period) AS is_covered, r.status
                   FROM stp.periods(spell_delayed_days.first, spell_delayed_days.last) p (period)
                  CROSS JOIN stp_internal.source_reach('spell') r) each
      -- Whether somebody left in the period after a night or more, but nobody of whom a ready date was recorded, and nobody
      -- became ready.
      LEFT JOIN (SELECT s.organisation, day.period, NOT bool_or(day.is_recorded) AS is_blank
                   FROM stp_internal.spell_within(stp.first_day(spell_delayed_days.first),
                                                  stp.last_day(spell_delayed_days.last)) s
                  CROSS JOIN LATERAL (SELECT stp.period(d.day, stp.grain(spell_delayed_days.first)) AS period, d.is_recorded
                                        FROM (VALUES (s.ready_date, true), (s.discharge_date, s.ready_date IS NOT NULL))
                                             d (day, is_recorded)
                                       WHERE d.day IS NOT NULL) day
                  WHERE coalesce(s.discharge_date > s.admission_date, true)
                    AND stp_internal.is_adult(s.age)
                  GROUP BY s.organisation, day.period) gone
             ON gone.organisation = c.organisation AND gone.period = each.period
     CROSS JOIN LATERAL (SELECT stp.bed_days(c.census, each.period) AS days OFFSET 0) b
     CROSS JOIN LATERAL (SELECT b.days, b.days = 0 AND coalesce(gone.is_blank, false) AS is_blank) d
     WHERE num_nulls(spell_delayed_days.first, spell_delayed_days.last, spell_delayed_days.count_ready_day) = 0;
END;
COMMENT ON FUNCTION stp.spell_delayed_days(stp.period, stp.period, boolean) IS
    'Delayed days of stp.spell by organisation, in every period from first to last (of one grain), at the same cost for a long '
    'delay as for a short one. Patients under 18 do not count, those of unknown age do. A blank ready date is no delay: '
    'providers may leave it blank where there was none. But there are no rows for an organisation without ready dates, and '
    'where it recorded none of those who left in the period, and nobody waited, delayed_days is NULL with the status no ready '
    'dates. count_ready_day as in stp.delayed_days. status: ok; inferred: stp.extract does not say how far the spells reach; no '
    'ready dates; not covered: stp.extract says that they do not wholly cover the period, then delayed_days is NULL.';

--------------------------------------------------------------------------------------------------------------
-- From the discharge ready date to discharge
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp.spell_discharge_delay(blank_is_no_delay boolean DEFAULT true)
RETURNS TABLE (organisation text, period stp.period, discharges bigint, discharged_on_ready_date bigint, delayed_bed_days bigint,
               delayed_1_day bigint, delayed_2_3_days bigint, delayed_4_6_days bigint, delayed_7_13_days bigint,
               delayed_14_20_days bigint, delayed_21_days_or_more bigint, ready_date_missing bigint, blank_as_no_delay bigint,
               status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    SELECT d.organisation, d.month, d.recorded + b.read, d.on_ready_date + b.read, d.delayed_bed_days, d.delayed_1_day,
           d.delayed_2_3_days, d.delayed_4_6_days, d.delayed_7_13_days, d.delayed_14_20_days, d.delayed_21_days_or_more,
           d.blank - b.read, b.read, CASE WHEN d.recorded = 0 THEN 'no ready dates' ELSE coalesce(r.status, 'ok') END
      FROM (SELECT s.organisation, s.month, count(s.delay) AS recorded, count(*) - count(s.delay) AS blank,
                   count(*) FILTER (WHERE s.delay = 0) AS on_ready_date,
                   coalesce(sum(s.delay), 0) AS delayed_bed_days,
                   count(*) FILTER (WHERE s.delay = 1) AS delayed_1_day,
                   count(*) FILTER (WHERE s.delay BETWEEN 2 AND 3) AS delayed_2_3_days,
                   count(*) FILTER (WHERE s.delay BETWEEN 4 AND 6) AS delayed_4_6_days,
                   count(*) FILTER (WHERE s.delay BETWEEN 7 AND 13) AS delayed_7_13_days,
                   count(*) FILTER (WHERE s.delay BETWEEN 14 AND 20) AS delayed_14_20_days,
                   count(*) FILTER (WHERE s.delay >= 21) AS delayed_21_days_or_more
              FROM (SELECT p.organisation, stp.month(p.discharge_date) AS month,
                           p.discharge_date - p.ready_date AS delay
                      FROM stp.spell p
                     WHERE p.discharge_date > p.admission_date) s
             GROUP BY s.organisation, s.month) d
     -- Who records none at all leaves them blank for every patient, delayed or not.
     CROSS JOIN LATERAL (SELECT CASE WHEN blank_is_no_delay AND d.recorded > 0 THEN d.blank ELSE 0 END AS read) b
      JOIN stp_internal.source_reach('spell') r ON stp_internal.is_covered(r.covered, d.month)
     WHERE blank_is_no_delay IS NOT NULL;
END;
COMMENT ON FUNCTION stp.spell_discharge_delay(boolean) IS
    'The columns of stp.discharge_delay from stp.spell, by organisation and month: patients discharged in the month after one '
    'night or more. blank_is_no_delay: whether a blank ready date is read as the day of discharge, as providers may leave it '
    'blank then. Blanks of an organisation that recorded no ready date of any such patient in the month are never read so, but '
    'missing. No rows if it is NULL. ready_date_missing: patients whose ready date is not known, and who are in no other '
    'column; blank_as_no_delay: those whose blank was read, and who are in discharges and discharged_on_ready_date. status: ok; '
    'inferred, stp.extract does not say how far the spells reach; no ready dates, none is recorded in the month. A month that '
    'the spells do not wholly cover has no row. Source: NHS England, Discharge Ready Date guidance, examples and frequently '
    'asked questions, read in November 2026; how the published figures count blanks was not seen.';

CREATE VIEW stp.spell_discharge_delay WITH (security_invoker = true) AS
SELECT d.organisation, d.period, d.discharges, d.discharged_on_ready_date, d.delayed_bed_days, d.delayed_1_day,
       d.delayed_2_3_days, d.delayed_4_6_days, d.delayed_7_13_days, d.delayed_14_20_days, d.delayed_21_days_or_more,
       d.ready_date_missing, d.blank_as_no_delay, d.status
  FROM stp.spell_discharge_delay(true) d;
COMMENT ON VIEW stp.spell_discharge_delay IS
    'stp.spell_discharge_delay() as the guidance has it, keyed by stp.period: a blank ready date is the day of discharge, where '
    'the organisation records ready dates at all.';
COMMENT ON COLUMN stp.spell_discharge_delay.discharges IS
    'Patients discharged whose ready date is known, or was left blank because there was no delay.';
COMMENT ON COLUMN stp.spell_discharge_delay.ready_date_missing IS
    'Patients discharged whose ready date is not known, and who count in no other column: all, of an organisation that recorded '
    'none in the month.';
COMMENT ON COLUMN stp.spell_discharge_delay.blank_as_no_delay IS
    'Patients whose ready date was left blank, read as no delay: they are in discharges and discharged_on_ready_date.';
COMMENT ON COLUMN stp.spell_discharge_delay.status IS
    'ok; inferred: stp.extract does not say how far the spells reach; no ready dates: none is recorded in the month, so that '
    'there are no figures. A month that the spells do not wholly cover has no row.';
CALL stp.copy_comments('stp.discharge_delay', 'stp.spell_discharge_delay');

CREATE VIEW stp.discharge_delay_observation WITH (security_invoker = true) AS
SELECT i.indicator, d.organisation, d.period, i.numerator, i.denominator, NULL::float8 AS value, NULL::text AS status
  FROM stp.discharge_delay d
  JOIN stp_internal.source_reach('discharge_delay') r ON stp_internal.is_covered(r.covered, d.period)
 CROSS JOIN LATERAL (VALUES
       ('discharged_on_ready_date', d.discharged_on_ready_date::float8, d.discharges::float8),
       ('delayed_bed_days', d.delayed_bed_days, d.beds_occupied * stp.days(d.period)),
       ('mean_discharge_delay', d.delayed_bed_days, d.discharges),
       ('mean_discharge_delay_if_delayed', d.delayed_bed_days, d.discharges - d.discharged_on_ready_date),
       ('delayed_1_day', d.delayed_1_day, d.discharges),
       ('delayed_2_3_days', d.delayed_2_3_days, d.discharges),
       ('delayed_4_6_days', d.delayed_4_6_days, d.discharges),
       ('delayed_7_13_days', d.delayed_7_13_days, d.discharges),
       ('delayed_14_20_days', d.delayed_14_20_days, d.discharges),
       ('delayed_21_days_or_more', d.delayed_21_days_or_more, d.discharges)) i (indicator, numerator, denominator)
 WHERE i.numerator IS NOT NULL AND i.denominator IS NOT NULL;
COMMENT ON VIEW stp.discharge_delay_observation IS
    'The indicators that come from stp.discharge_delay, in the shape of stp.observation: discharged_on_ready_date, '
        'delayed_bed_days, mean_discharge_delay, mean_discharge_delay_if_delayed, and delayed_1_day to delayed_21_days_or_more.';
CALL stp.copy_comments('stp.observation', 'stp.discharge_delay_observation');

SELECT pg_catalog.pg_extension_config_dump('stp.delay_reason', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.delayed_transfer', '');
SELECT pg_catalog.pg_extension_config_dump('stp.occupied_bed_days', '');
SELECT pg_catalog.pg_extension_config_dump('stp.discharge_delay', '');
SELECT pg_catalog.pg_extension_config_dump('stp.dtoc_return', '');
SELECT pg_catalog.pg_extension_config_dump('stp.dtoc_file', '');

-- As in the registry: reasons are public, reports are not, and the views run with the rights of the reader.
GRANT SELECT ON stp.delay_reason, stp.dtoc_return_line, stp.dtoc_return_unknown, stp.delayed_transfer_latest,
    stp.delay_attribution_fault, stp_internal.occupied_bed_days_by_month, stp.delayed_transfer_observation,
    stp.system_delay_detail, stp.system_ascof_2c,
    stp.spell_discharge_delay, stp.discharge_delay_observation TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE
    ON stp.delay_reason, stp.delayed_transfer, stp.occupied_bed_days, stp.discharge_delay, stp.dtoc_return, stp.dtoc_file
    TO @extowner@ WITH GRANT OPTION;
