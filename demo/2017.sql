-- Load the year 2016/17 of the 44 sustainability and transformation partnerships, and their A&E returns to March 2019.
-- After it: CALL stp.refresh(), which takes the observations from the tables of their sources.
\copy stp.system (system, name, kind, parent, valid_from, valid_to) FROM 'demo/data/2017/system.csv' WITH (FORMAT csv, HEADER)
\copy stp.organisation (organisation, name, type) FROM 'demo/data/2017/organisation.csv' WITH (FORMAT csv, HEADER)
\copy stp.membership (organisation, system, share, valid_from, valid_to, basis) FROM 'demo/data/2017/membership.csv' WITH (FORMAT csv, HEADER)
\copy stp.population (system, period, age_from, age_to, persons) FROM 'demo/data/2017/population.csv' WITH (FORMAT csv, HEADER)
\copy stp.expected_report (indicator, organisation, valid_from, valid_to) FROM 'demo/data/2017/expected_report.csv' WITH (FORMAT csv, HEADER)
\copy stp.observation (indicator, organisation, period, numerator, denominator) FROM 'demo/data/2017/observation.csv' WITH (FORMAT csv, HEADER)
\copy stp.emergency_attendance (organisation, period, department_type, attendances, over_4_hours, emergency_admissions) FROM 'demo/data/2017/emergency_attendance.csv' WITH (FORMAT csv, HEADER)
\copy stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days) FROM 'demo/data/2017/delayed_transfer.csv' WITH (FORMAT csv, HEADER)
\copy stp.occupied_bed_days (organisation, period, bed_days) FROM 'demo/data/2017/occupied_bed_days.csv' WITH (FORMAT csv, HEADER)
\copy stp.financial_position (organisation, period, measure, basis, surplus, turnover) FROM 'demo/data/2017/financial_position.csv' WITH (FORMAT csv, HEADER)
\copy stp.judgement (indicator, organisation, period, judged_on, value, label, judged_by, evidence) FROM 'demo/data/2017/judgement.csv' WITH (FORMAT csv, HEADER)

-- A substitute, and it says so: of psychological therapies those of 2017/18 were found, the nearest year.
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, status)
SELECT indicator, organisation, '2016/17', numerator, denominator, 'inferred'
  FROM stp.observation WHERE indicator = 'iapt_recovery' AND period = '2017/18';

-- Community trusts whose A&E reports end or begin within a year. Of four the reports of neighbours take over (Dorset, Cornwall,
-- Cumbria, Liverpool); that the units of the other two ended is our reading. Who is missing for a month is not among them, nor who
-- merged: memberships end.
INSERT INTO stp.observation (indicator, organisation, period, status)
SELECT i.indicator, e.organisation, e.period::stp.period, 'not applicable'
  FROM (VALUES ('RYW', '2016-09'), ('RDY', '2016-11'), ('R1A', '2017-02'), ('RJ8', '2017-07'), ('RNN', '2017-09'),
               ('RY1', '2018-08'), ('RW4', '2018-04')) e (organisation, period)
 CROSS JOIN (VALUES ('ae_within_4_hours'), ('ae_attendances'), ('ae_emergency_admissions'), ('emergency_admissions')) i (indicator);

INSERT INTO stp.observation_source VALUES ('delayed_transfer'), ('emergency_attendance'), ('finance including'), ('judgement');
