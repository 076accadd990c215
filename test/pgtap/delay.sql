-- Module delay: definitions, the published return, systems.
SELECT plan(93);

CREATE FUNCTION close_to(got float8, expected float8, name text) RETURNS text LANGUAGE sql
RETURN ok(abs(got - expected) <= 1e-9 * greatest(1, abs(expected)), name);

-- What stp.refresh() does with a source that is switched on.
CREATE FUNCTION observe(source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value)
                    SELECT indicator, organisation, period, numerator, denominator, value FROM stp.%I
                        ON CONFLICT (indicator, period, organisation) DO UPDATE
                       SET numerator = excluded.numerator, denominator = excluded.denominator, value = excluded.value', source || '_observation');
END $$;

-- Nothing there: every view is empty ------------------------------------------------------------------------------

SELECT is_empty('TABLE stp.' || view, view || ' is empty over empty tables')
  FROM unnest(ARRAY['dtoc_return_line', 'dtoc_return_unknown', 'delayed_transfer_latest', 'delay_attribution_fault', 'delayed_transfer_observation',
                    'system_delay_detail', 'system_ascof_2c', 'spell_observation', 'spell_discharge_delay', 'discharge_delay_observation']) view;
CALL stp.load_dtoc_return() \gset took_
SELECT is_empty('TABLE stp.delayed_transfer', 'an empty return loads nothing');

-- Reasons are those of the published list -----------------------------------------------------------------------

CREATE TABLE published_reason (code text, label text, meaning text, nhs text, social_care text, both_ text, status text);
\copy published_reason FROM 'test/fixtures/delay/dtoc_reasons.csv' (FORMAT csv, HEADER)
SELECT set_eq('SELECT code, label, meaning, nhs = $$Y$$ AS nhs, social_care = $$Y$$ AS social_care, both_ = $$Y$$ AS both_, status, true AS builtin FROM published_reason',
              'SELECT * FROM stp.delay_reason WHERE delay_reason <> $$all$$', 'the reasons that ship are the published ones, with their status');

-- Delayed days of one patient --------------------------------------------------------------------------------------

SELECT is(stp.delayed_days('2016-10-01', '2016-10-05', '2016-10'), 4, 'each midnight counts, the day of discharge does not');
SELECT is(stp.delayed_days('2016-10-01', '2016-10-05', '2016-10', false), 3, 'the ready day need not count');
SELECT is(stp.delayed_days('2016-10-01', '2016-10-01', '2016-10', false), 0, 'gone on the ready day: no delay, either way');
SELECT is(stp.delayed_days('2016-09-29', '2016-11-02', period), days, 'a delay over several months is split, ' || period::text)
  FROM (VALUES ('2016-09'::stp.period, 2), ('2016-10', 31), ('2016-11', 1), ('2016-12', 0), ('2016/17', 34)) months (period, days);
SELECT is(stp.delayed_days('2016-10-30', NULL, '2016-10'), 2, 'still there: to the end of the period');
SELECT is(stp.delayed_days('2016-10-31', NULL, '2016-10', false), 0, 'still there, ready on the last day');
SELECT is(ARRAY[stp.delayed_days(NULL, '2016-10-05', '2016-10'), stp.delayed_days('2016-10-01', '2016-10-05', NULL),
                stp.delayed_days('2016-10-01', '2016-10-05', '2016-10', NULL)], ARRAY[NULL, NULL, NULL]::int[], 'NULL where nothing is known');
SELECT throws_ok($$ SELECT stp.delayed_days('2016-10-05', '2016-10-01', '2016-10', $$ || counts || ')', '22023', NULL,
                 'discharge before the ready date is refused') FROM unnest(ARRAY['true', 'false']) counts;
SELECT throws_ok($$ SELECT stp.delayed_days('infinity', NULL, '2016-10') $$, '22023', NULL, 'an infinite ready date is refused');

-- Against the days themselves: over year ends, the leap day, open ends, every grain.
SELECT setseed(0.5);
CREATE TABLE delay AS
SELECT ready, CASE WHEN random() < 0.9 THEN ready + (random() ^ 3 * 500)::int END AS discharge, random() < 0.5 AS counts,
       stp.period(date '2015-01-01' + (random() * 730)::int, (ARRAY['month', 'quarter', 'half', 'year'])[1 + floor(random() * 4)::int]) AS period
  FROM (SELECT date '2015-01-01' + (random() * 730)::int AS ready FROM generate_series(1, 3000)) ready;
SELECT is_empty($$ SELECT * FROM delay WHERE stp.delayed_days(ready, discharge, period, counts) <>
                   (SELECT count(*) FROM generate_series(stp.first_day(period)::timestamp, stp.last_day(period), '1 day') day
                     WHERE day >= ready AND (day < discharge OR discharge IS NULL) AND (counts OR day > ready)) $$,
                'delayed_days is the count of the days, for 3,000 random delays');
SELECT cmp_ok((SELECT count(*) FROM delay WHERE stp.delayed_days(ready, discharge, period, counts) > 0), '>', 300::bigint, 'of which many are not 0');

-- The same from spells, by the census -----------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) VALUES ('P', 'Provider P'), ('Q', 'Provider Q'), ('N', 'No ready dates');
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date, discharge_date, age)
SELECT CASE WHEN random() < 0.5 THEN 'P' ELSE 'Q' END, row_number() OVER (), ready - 3, ready, discharge,
       CASE WHEN random() < 0.8 THEN 18 + floor(random() * 80)::int WHEN random() < 0.5 THEN 17 END FROM delay;
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date) VALUES ('N', 'x', '2016-01-01', '2016-01-09');
SELECT results_eq('SELECT organisation, period, delayed_days FROM stp.spell_delayed_days(''2015-04'', ''2017-02'', ' || counts || ') ORDER BY 1, 2',
    'SELECT organisation, period, sum(stp.delayed_days(ready_date, discharge_date, period, ' || counts || $$))
       FROM stp.spell, stp.periods('2015-04', '2017-02') period
      WHERE ready_date IS NOT NULL AND (age >= 18 OR age IS NULL) GROUP BY 1, 2 ORDER BY 1, 2 $$,
    'spell_delayed_days is the sum over adults and those of unknown age, the ready day counting: ' || counts)
  FROM unnest(ARRAY['true', 'false']) counts;
SELECT is_empty($$ SELECT * FROM stp.spell_delayed_days('2016-01', '2016-01') WHERE organisation = 'N' $$, 'without ready dates there is no figure, not 0');
SELECT lives_ok($$ SELECT observe('spell') $$, 'one INSERT makes observations of it') FROM generate_series(1, 2);
SELECT results_eq($$ SELECT numerator * 31 FROM stp.observation WHERE indicator = 'delayed_transfers' AND organisation = 'P' AND period = '2016-10' $$,
                  $$ SELECT delayed_days::float8 FROM stp.spell_delayed_days('2016-10', '2016-10') WHERE organisation = 'P' $$, 'the mean number delayed x days');
SELECT is((SELECT count(*) FROM stp.observation WHERE indicator = 'delayed_transfers'),
          (SELECT sum(12 * (extract(year FROM b.last) - extract(year FROM b.first)) + extract(month FROM b.last) - extract(month FROM b.first) + 1)::bigint
             FROM (SELECT min(admission_date) AS first, max(greatest(ready_date, discharge_date)) AS last
                     FROM stp.spell WHERE organisation <> 'N' GROUP BY organisation) b),
          'one for each month from the first admission to the last date of the organisation');

-- Delays from the ready date to discharge -------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) VALUES ('D', 'Discharges');
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date, discharge_date)
SELECT 'D', 'delay ' || delay, '2026-01-01', date '2026-03-30' - delay, '2026-03-30'
  FROM unnest(ARRAY[0, 1, 2, 3, 4, 6, 7, 13, 14, 20, 21, 60]) delay
UNION ALL VALUES ('D', 'day case', date '2026-03-01', date '2026-03-01', date '2026-03-01'), ('D', 'not recorded', '2026-03-01', NULL, '2026-03-09'),
                 ('D', 'still there', '2026-03-01', '2026-03-02', NULL);
SELECT results_eq($$ SELECT period::text, discharges, discharged_on_ready_date, delayed_bed_days::bigint, delayed_1_day, delayed_2_3_days, delayed_4_6_days,
                            delayed_7_13_days, delayed_14_20_days, delayed_21_days_or_more, ready_date_missing
                       FROM stp.spell_discharge_delay(false) WHERE organisation = 'D' $$,
    $$ VALUES ('2026-03', 12::bigint, 1::bigint, 151::bigint, 1::bigint, 2::bigint, 2::bigint, 2::bigint, 2::bigint, 2::bigint, 1::bigint) $$,
    'bands meet at their edges; one night or longer; an unknown ready date is counted apart');
-- NHS England's guidance: providers may leave the date blank for who left on it.
SELECT results_eq($$ SELECT discharges, discharged_on_ready_date, delayed_bed_days, ready_date_missing, blank_as_no_delay, status FROM stp.spell_discharge_delay WHERE organisation = 'D' $$,
    $$ VALUES (13::bigint, 2::bigint, 151::bigint, 0::bigint, 1::bigint, 'inferred') $$, 'a blank is no delay, by default, and is told');
SELECT results_eq($$ SELECT discharges, discharged_on_ready_date, delayed_bed_days, ready_date_missing, blank_as_no_delay, status FROM stp.spell_discharge_delay WHERE organisation = 'N' $$,
    $$ VALUES (0::bigint, 0::bigint, 0::bigint, 1::bigint, 0::bigint, 'no ready dates') $$, 'but not where none is recorded: nobody looks perfect who does not record');
SELECT is_empty('SELECT * FROM stp.spell_discharge_delay EXCEPT SELECT * FROM stp.spell_discharge_delay()', 'the view is the default');
SELECT is_empty($$ SELECT * FROM stp.spell_discharge_delay a JOIN stp.spell_discharge_delay(false) b USING (organisation, period)
                    WHERE a.discharges <> b.discharges + a.blank_as_no_delay OR a.discharges + a.ready_date_missing <> b.discharges + b.ready_date_missing
                       OR a.delayed_bed_days <> b.delayed_bed_days OR b.blank_as_no_delay <> 0 OR a.status <> b.status $$, 'which moves blanks and nothing else');
SELECT is_empty('SELECT * FROM stp.spell_discharge_delay(NULL)', 'nothing of NULL');
-- Who records no ready date in a month has no delayed days of it, rather than none.
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date, discharge_date) VALUES
    ('D', 'blank in April', '2026-04-01', NULL, '2026-04-09'), ('D', 'on the day in May', '2026-05-01', '2026-05-02', '2026-05-02'), ('D', 'blank in May', '2026-05-01', NULL, '2026-05-03');
DELETE FROM stp.spell WHERE spell = 'still there';
SELECT results_eq($$ SELECT period::text, delayed_days, status FROM stp.spell_delayed_days('2026-04', '2026-06') WHERE organisation = 'D' ORDER BY period $$,
    $$ VALUES ('2026-04', NULL::bigint, 'no ready dates'), ('2026-05', 0, 'inferred'), ('2026-06', 0, 'inferred') $$, 'a month of blanks is not known; one with a ready date, or without discharges, is');
INSERT INTO stp.spell (organisation, spell, admission_date, ready_date) VALUES ('D', 'ready on the last day', '2026-04-01', '2026-04-30');
SELECT results_eq($$ SELECT delayed_days, status FROM unnest('{true,false}'::boolean[]) counts, stp.spell_delayed_days('2026-04', '2026-04', counts) WHERE organisation = 'D' $$,
    $$ VALUES (1::bigint, 'inferred'), (0, 'inferred') $$, 'one who has become ready is recorded, whether the day counts or not');
DELETE FROM stp.spell WHERE spell = 'ready on the last day';
SELECT results_eq($$ SELECT period::text, delayed_days, status FROM stp.spell_delayed_days('2026/27 Q1', '2026/27 Q1') WHERE organisation = 'D' $$, $$ VALUES ('2026/27 Q1', 0::bigint, 'inferred') $$, 'by the grain asked for');
SELECT results_eq($$ SELECT period::text FROM stp.spell_observation WHERE organisation = 'D' AND indicator = 'delayed_transfers' AND period >= '2026-03' ORDER BY 1 $$, $$ VALUES ('2026-03'), ('2026-05') $$,
    'nor is it observed');
DELETE FROM stp.spell WHERE organisation = 'D' AND discharge_date > '2026-03-31';

CREATE TABLE published (organisation text, period stp.period, discharges bigint, discharged_on_ready_date bigint, delayed_bed_days bigint,
    beds_occupied float8, beds_available float8, including_zero float8, excluding_zero float8);
\copy published FROM 'test/fixtures/delay/discharge_delays_2026_03.csv' (FORMAT csv, HEADER)
INSERT INTO stp.organisation (organisation, name) SELECT organisation, organisation FROM published;
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days, beds_occupied, beds_available)
SELECT organisation, period, discharges, discharged_on_ready_date, delayed_bed_days, beds_occupied, beds_available FROM published;
SELECT observe('discharge_delay');
-- Where nobody was delayed 0 is published, of which there is no mean.
SELECT is((SELECT count(*) FROM published p
             JOIN stp.organisation_indicator m ON m.organisation = p.organisation AND m.indicator = 'mean_discharge_delay' AND m.period = '2026-03'
             JOIN stp.organisation_indicator d ON d.organisation = p.organisation AND d.indicator = 'mean_discharge_delay_if_delayed' AND d.period = '2026-03'
            WHERE abs(m.value - p.including_zero) < 1e-6
              AND abs(CASE d.status WHEN 'zero denominator' THEN 0 ELSE d.value END - p.excluding_zero) < 1e-6),
          123::bigint, 'the published mean delays are met for every trust');
SELECT results_eq($$ SELECT value, lower, upper FROM stp.organisation_indicator WHERE indicator = 'discharged_on_ready_date' AND period = '2026-03' ORDER BY organisation $$,
    'SELECT e.value, e.lower, e.upper FROM published, stp.proportion(discharged_on_ready_date, discharges, 100) e ORDER BY organisation',
    'the percentage has Wilson''s limits');
SELECT results_eq($$ SELECT organisation, numerator, denominator FROM stp.observation WHERE indicator = 'delayed_bed_days' ORDER BY organisation $$,
    'SELECT organisation, delayed_bed_days::float8, beds_occupied * 31 FROM published WHERE beds_occupied IS NOT NULL ORDER BY organisation',
    'delayed bed days are a share of the occupied ones, of those who reported them');
INSERT INTO stp.system (system, name) VALUES ('S', 'System S'), ('T', 'System T');
INSERT INTO stp.membership (organisation, system, share)
SELECT organisation, system, CASE system WHEN 'S' THEN 0.3 ELSE 0.7 END FROM published, unnest(ARRAY['S', 'T']) system WHERE organisation < 'RJ'
UNION ALL SELECT organisation, 'T', 1 FROM published WHERE organisation >= 'RJ' AND organisation <> 'RJ1';
SELECT is((SELECT array_agg(organisation) FROM stp.unassigned_observation WHERE indicator = 'discharged_on_ready_date'), ARRAY['RJ1'], 'who counts nowhere is listed');
INSERT INTO stp.membership (organisation, system) VALUES ('RJ1', 'T');
SELECT close_to((SELECT sum(denominator) FROM stp.system_indicator WHERE indicator = 'mean_discharge_delay'), (SELECT sum(discharges) FROM published)::float8,
                'discharges of the systems add up to England''s');
SELECT close_to((SELECT sum(numerator) FROM stp.system_indicator WHERE indicator = 'mean_discharge_delay'), (SELECT sum(delayed_bed_days) FROM published)::float8,
                'and so do delayed bed days');
SELECT results_eq($$ SELECT round(value::numeric, 9) FROM stp.system_indicator WHERE system = 'S' AND indicator ~ '^mean_discharge_delay' ORDER BY indicator $$,
    $$ SELECT unnest(ARRAY[round(sum(delayed_bed_days) / sum(discharges), 9), round(sum(delayed_bed_days) / sum(discharges - discharged_on_ready_date), 9)])
         FROM published WHERE organisation < 'RJ' $$, 'a system''s mean is a sum over a sum');
SELECT is_empty($$ SELECT * FROM stp.observation WHERE indicator = 'delayed_1_day' $$, 'bands that were not reported are no observations');
INSERT INTO stp.discharge_delay VALUES ('P', '2026-04', 0, 0, 0, 0, 0, 0, 0, 0, 0), ('Q', '2026-04', 9, 5, 9, 1, 2, 1, 0, 0, 0);
SELECT observe('discharge_delay');
SELECT results_eq($$ SELECT organisation, indicator, value, status FROM stp.organisation_indicator
                      WHERE period = '2026-04' AND (organisation = 'Q' OR (organisation = 'P' AND indicator ~ 'discharge')) ORDER BY organisation, indicator COLLATE "C" $$,
    $$ VALUES ('P', 'discharged_on_ready_date', NULL::float8, 'zero denominator'), ('P', 'mean_discharge_delay', NULL, 'zero denominator'),
              ('P', 'mean_discharge_delay_if_delayed', NULL, 'zero denominator'),
              ('Q', 'delayed_14_20_days', 0, 'ok'), ('Q', 'delayed_1_day', 100 / 9.0, 'ok'), ('Q', 'delayed_21_days_or_more', 0, 'ok'),
              ('Q', 'delayed_2_3_days', 200 / 9.0, 'ok'), ('Q', 'delayed_4_6_days', 100 / 9.0, 'ok'), ('Q', 'delayed_7_13_days', 0, 'ok'),
              ('Q', 'discharged_on_ready_date', 500 / 9.0, 'ok'), ('Q', 'mean_discharge_delay', 1, 'ok'),
              ('Q', 'mean_discharge_delay_if_delayed', 9 / 4.0, 'ok') $$, 'nobody discharged; and the bands of one provider');

-- The monthly return ------------------------------------------------------------------------------------------------

\copy stp.dtoc_return FROM 'test/fixtures/delay/dtoc_sample_2016_10.csv' (FORMAT csv)
SELECT throws_like('CALL stp.load_dtoc_return()', '%unknown organisations: 817 WILTSHIRE, AXG WILTSHIRE HEALTH & CARE LLP', 'unknown organisations are listed');
CALL stp.load_dtoc_return('2016-12-08', register => true) \gset took_
SELECT is(:'took_headings' || ' ' || :'took_lines' || ' ' || :'took_provider_months' || ' ' || :'took_registered', '1 20 1 2', 'the sample loads unchanged');
SELECT is((SELECT count(*) FROM stp.dtoc_return), 0::bigint, 'and leaves the staging table empty');
SELECT results_eq($$ SELECT attributed_to, sum(patients), sum(delayed_days) FROM stp.delayed_transfer_latest GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('NHS', 11::bigint, 343::bigint), ('both', 0, 0), ('social care', 8, 262) $$, 'patients and days of the sample');
SELECT results_eq($$ SELECT patients, delayed_days FROM stp.delayed_transfer WHERE care_type = 'non-acute' AND reason = 'E' AND attributed_to = 'social care' $$,
    'VALUES (8, 163)', 'the cells are where they belong');

-- Heading lines as wide as the table, and as narrow as their text; a byte order mark.
\! { printf '\357\273\277Delayed Transfers of Care,,,,,,,,,,,,,,,\r\nOctober 2016,,,,,,,,,,,,,,,\r\n,,,,,,,,,,,,,,,\r\n'; cat test/fixtures/delay/dtoc_sample_2016_10.csv; } > "${TMPDIR:-/tmp}/dtoc_wide.csv"
\! { printf 'Delayed Transfers of Care\r\nOctober 2016\r\n\r\n'; cat test/fixtures/delay/dtoc_sample_2016_10.csv; } > "${TMPDIR:-/tmp}/dtoc_narrow.csv"
\copy stp.dtoc_return FROM PROGRAM 'cat "${TMPDIR:-/tmp}/dtoc_wide.csv"' (FORMAT csv)
CALL stp.load_dtoc_return('2016-12-08') \gset took_
SELECT is(:'took_headings' || ' ' || :'took_lines', '4 20', 'three wide heading lines are skipped');
\copy stp.dtoc_file FROM PROGRAM 'cat "${TMPDIR:-/tmp}/dtoc_narrow.csv"'
CALL stp.load_dtoc_return('2016-12-08') \gset took_
SELECT is(:'took_headings' || ' ' || :'took_lines', '4 20', 'and three narrow ones');
SELECT results_eq($$ SELECT attributed_to, sum(patients), sum(delayed_days) FROM stp.delayed_transfer_latest GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES ('NHS', 11::bigint, 343::bigint), ('both', 0, 0), ('social care', 8, 262) $$, 'whole lines bring the same numbers');
\! rm "${TMPDIR:-/tmp}/dtoc_wide.csv" "${TMPDIR:-/tmp}/dtoc_narrow.csv"
SELECT is((SELECT count(*) FROM stp.delayed_transfer), 60::bigint, 'loading under the same day again adds nothing');

-- A later revision replaces the provider-month, rows that vanish and all; the earlier one stays.
INSERT INTO stp.dtoc_return VALUES ('2016-17', 'October', NULL, NULL, ' AXG ', NULL, '817', NULL, 'Acute', 'C_FURTHER_NON_ACUTE_NHS', NULL, '7', '', ' ', '0', '2');
CALL stp.load_dtoc_return('2017-01-12') \gset took_
SELECT results_eq('SELECT attributed_to, patients, delayed_days FROM stp.delayed_transfer_latest ORDER BY 1',
    $$ VALUES ('NHS', 0, 7), ('both', 0, 2), ('social care', 0, 0) $$, 'the later revision alone counts, empty cells as 0');
SELECT is((SELECT sum(delayed_days) FROM stp.delayed_transfer WHERE revised = '2016-12-08'), 605::bigint, 'the earlier one can be read');
INSERT INTO stp.dtoc_return VALUES ('2016-17', 'OCTOBER', NULL, NULL, 'AXG', NULL, '817', NULL, 'Acute', 'I_HOUSING', '1', '1', '1', '1', '1', '1');
CALL stp.load_dtoc_return('2016-11-10') \gset took_
SELECT is((SELECT sum(delayed_days) FROM stp.delayed_transfer_latest), 9::bigint, 'an older revision that comes later changes nothing');
SELECT results_eq('SELECT reason, attributed_to, delayed_days, status FROM stp.delay_attribution_fault',
    $$ VALUES ('C', 'both', 2, 'label confirmed; attribution from memory') $$, 'an attribution that is not allowed is reported, where there is a delay');

INSERT INTO stp.dtoc_return (year, period_name, nhs_b)
SELECT '2016-17', to_char(make_date(2016, month, 1), 'Month'), month FROM generate_series(1, 12) month;
SELECT results_eq($$ SELECT period, nhs_b::int FROM stp.dtoc_return_line ORDER BY period $$,
    $$ SELECT period, extract(month FROM stp.first_day(period))::int FROM stp.periods('2016-04', '2017-03') period $$, 'months of a financial year');
DELETE FROM stp.dtoc_return;

-- From April 2017 beds stand where patients were.
INSERT INTO stp.dtoc_return (year, reason, nhs_a, nhs_b, social_care_a, social_care_b, both_a, both_b)
VALUES ('Year', 'Reason For Delay', 'NHS DTOC Beds', 'NHS B SUM', 'Social Care DTOC Beds', 'Social Care B SUM', 'Both DTOC Beds', 'Both B SUM');
INSERT INTO stp.dtoc_return VALUES ('2017-18', 'MARCH', NULL, NULL, 'AXG', NULL, '817', NULL, 'Acute', 'A_COMPLETION_ASSESSMENT', '1.0', '31', '0.5', '16', '', '');
CALL stp.load_dtoc_return('2018-05-10') \gset took_
SELECT results_eq($$ SELECT period::text, attributed_to, patients, delayed_days FROM stp.delayed_transfer WHERE revised = '2018-05-10' ORDER BY 2 $$,
    $$ VALUES ('2018-03', 'NHS', NULL::int, 31), ('2018-03', 'both', NULL, 0), ('2018-03', 'social care', NULL, 16) $$, 'beds are not taken for patients');

-- Systems ---------------------------------------------------------------------------------------------------------

DELETE FROM stp.delayed_transfer;
INSERT INTO stp.system (system, name) VALUES ('U', 'System U');
INSERT INTO stp.membership (organisation, system, share) VALUES ('AXG', 'S', 0.3), ('AXG', 'T', 0.7), ('P', 'S', 1), ('817', 'U', 1);
INSERT INTO stp.population (system, period, age_from, persons) VALUES ('S', '2016/17', 18, 100000), ('T', '2016/17', 18, 300000);
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, patients, delayed_days)
SELECT organisation, '817', period, care_type, reason, attributed_to, days % 3, days
  FROM (SELECT *, (random() * 40)::int AS days
          FROM unnest(ARRAY['AXG', 'P', 'Q']) organisation, stp.periods('2016-04', '2017-03') period, unnest(ARRAY['acute', 'non-acute']) care_type,
               unnest(ARRAY['A', 'Di', 'E']) reason, unnest(ARRAY['NHS', 'social care', 'both']) attributed_to) r;
DELETE FROM stp.observation WHERE indicator = 'delayed_transfers';  -- of the spells above
SELECT observe('delayed_transfer');
SELECT results_eq($$ SELECT organisation, round(numerator * 31)::bigint FROM stp.unassigned_observation WHERE indicator = 'delayed_transfers' AND period = '2016-10' $$,
    $$ SELECT 'Q', sum(delayed_days) FROM stp.delayed_transfer WHERE organisation = 'Q' AND period = '2016-10' $$, 'days that count nowhere are listed');
DELETE FROM stp.delayed_transfer WHERE organisation = 'Q';
DELETE FROM stp.observation WHERE organisation = 'Q';
SELECT observe('delayed_transfer');
SELECT close_to((SELECT sum(numerator * (last_day - first_day + 1)) FROM stp.system_indicator WHERE indicator = i), (SELECT sum(delayed_days) FROM stp.delayed_transfer)::float8,
                'days of the systems add up to England''s: ' || i) FROM unnest(ARRAY['delayed_transfers', 'delayed_transfers_of_residents']) i;
SELECT close_to((SELECT sum(delayed_days) FROM stp.system_delay_detail WHERE basis = 'provider'), (SELECT sum(delayed_days) FROM stp.delayed_transfer)::float8,
                'and by care type, reason and attribution');
SELECT close_to((SELECT sum(rate) FROM stp.system_delay_detail WHERE system = 'S' AND period = '2016-10'),
                (SELECT value FROM stp.system_indicator WHERE indicator = 'delayed_transfers' AND system = 'S' AND period = '2016-10'), 'rates of parts add up');
CREATE TABLE naive AS  -- System S: 0.3 of AXG, all of P
SELECT period, sum(share * delayed_days) AS days, sum(share * delayed_days) FILTER (WHERE attributed_to = 'social care') AS social_care,
       sum(share * delayed_days) FILTER (WHERE attributed_to = 'both') AS both_, sum(share * patients) AS patients
  FROM stp.delayed_transfer JOIN (VALUES ('AXG', 0.3), ('P', 1)) s (organisation, share) USING (organisation) GROUP BY period;
SELECT results_eq($$ SELECT d.period::text, round(d.numerator::numeric, 9), round(d.value::numeric, 9), round(p.numerator::numeric, 9)
                       FROM stp.system_indicator d JOIN stp.system_indicator p USING (system, period)
                      WHERE d.indicator = 'delayed_transfers' AND p.indicator = 'delayed_patients' AND system = 'S' ORDER BY d.first_day $$,
    $$ SELECT period::text, round(days / stp.days(period), 9), round(days / stp.days(period) / 100000 * 100000, 9), round(patients, 9)
         FROM naive ORDER BY naive.period $$, 'beds, rate per 100,000 adults and snapshot of a system');
SELECT results_eq($$ SELECT sum(delayed_days) * 0 + count(*) FROM stp.system_delay_detail d, stp.rate(delayed_days, 31 * 100000.0) e
                      WHERE system = 'S' AND period = '2016-10' AND (d.lower, d.upper) = (e.lower, e.upper) $$,
    $$ SELECT count(*)::float8 FROM stp.system_delay_detail WHERE system = 'S' AND period = '2016-10' $$, 'limits of parts count days');
SELECT results_eq($$ SELECT lower, upper FROM stp.system_indicator WHERE indicator = 'delayed_transfers' AND system = 'S' AND period = '2016-10' $$,
    $$ SELECT e.lower, e.upper FROM stp.system_indicator, stp.rate(numerator, 100000) e WHERE indicator = 'delayed_transfers' AND system = 'S' AND period = '2016-10' $$,
    'those of the indicator count beds');
SELECT results_eq($$ SELECT months, round(ascof_2c_1::numeric, 9), round(ascof_2c_2::numeric, 9), round(ascof_2c_3::numeric, 9), status FROM stp.system_ascof_2c WHERE system = 'S' $$,
    $$ SELECT 12, round(avg(days / stp.days(period)), 9), round(avg(social_care / stp.days(period)), 9), round(avg(both_ / stp.days(period)), 9), 'ok' FROM naive $$,
    'ASCOF 2C is the mean of the twelve monthly figures');
SELECT is((SELECT status FROM stp.system_ascof_2c WHERE system = 'U'), 'no data', 'without people there is no ASCOF 2C');

-- Occupied bed days: a quarter serves its months by their days, a month's own row comes first.
CREATE VIEW share_of_bed_days AS SELECT * FROM stp.system_indicator WHERE indicator = 'delayed_transfers_of_bed_days' AND system = 'S' AND period BETWEEN '2016-10' AND '2016-12';
SELECT is_empty('TABLE share_of_bed_days', 'no occupied bed days, no share');
INSERT INTO stp.occupied_bed_days VALUES ('P', '2016/17 Q3', 9200), ('P', '2016-12', 5000);
SELECT observe('delayed_transfer');
SELECT results_eq('SELECT denominator, organisations::int FROM share_of_bed_days ORDER BY first_day',
    $$ VALUES (3100::float8, 1), (3000, 1), (5000, 1) $$, 'by days; the days of a provider without occupied bed days are in no share');
INSERT INTO stp.occupied_bed_days VALUES ('AXG', '2016/17', 36500);
SELECT observe('delayed_transfer');
SELECT results_eq($$ SELECT round(s.value::numeric, 9), s.value <= i.standard, i.standard, s.status FROM share_of_bed_days s JOIN stp.indicator i USING (indicator) WHERE period = '2016-10' $$,
    $$ SELECT round(days / (3100 + 0.3 * 3100) * 100, 9), days / (3100 + 0.3 * 3100) <= 0.035, 3.5::float8, 'ok' FROM naive WHERE period = '2016-10' $$, 'the share against 3.5%');
DELETE FROM stp.delayed_transfer WHERE period = '2017-03';
SELECT results_eq($$ SELECT months, ascof_2c_1, status FROM stp.system_ascof_2c WHERE system = 'S' $$, $$ VALUES (11, NULL::float8, 'partial') $$,
    'eleven months are no year');
UPDATE stp.delayed_transfer SET patients = NULL WHERE organisation = 'P' AND period = '2016-10' AND care_type = 'acute' AND reason = 'A' AND attributed_to = 'NHS';
SELECT results_eq($$ SELECT organisation FROM stp.delayed_transfer_observation WHERE indicator = 'delayed_patients' AND period = '2016-10' $$,
    $$ VALUES ('AXG') $$, 'patients of some reasons are not those of the provider');
SELECT results_eq($$ SELECT patients IS NULL, count(*)::int FROM stp.system_delay_detail WHERE basis = 'provider' AND period = '2016-10' AND system = 'S' GROUP BY 1 ORDER BY 1 $$,
    $$ VALUES (false, 17), (true, 1) $$, 'patients that some did not report are not a sum');

-- Rights ----------------------------------------------------------------------------------------------------------

CREATE ROLE delay_reader;
SET ROLE delay_reader;
SELECT throws_ok('SELECT * FROM stp.' || view, '42501', NULL, view || ' gives nobody what the tables do not')
  FROM unnest(ARRAY['system_delay_detail', 'delayed_transfer_observation', 'discharge_delay_observation']) view;
SELECT throws_ok('CALL stp.load_dtoc_return()', '42501', NULL, 'nobody loads without a grant');
SELECT lives_ok('SELECT * FROM stp.delay_reason', 'reasons are public');
RESET ROLE;
GRANT SELECT ON stp.delayed_transfer, stp.occupied_bed_days TO delay_reader;
SET ROLE delay_reader;
SELECT isnt_empty('SELECT * FROM stp.system_delay_detail', 'who may read the tables may read the view');
SELECT isnt_empty('SELECT * FROM stp.delayed_transfer_observation', 'and that of observations');
SELECT isnt_empty('SELECT * FROM stp.system_ascof_2c', 'and that of the year');
RESET ROLE;
REVOKE ALL ON stp.delayed_transfer, stp.occupied_bed_days FROM delay_reader;
DROP ROLE delay_reader;

SELECT * FROM finish();
