-- Interface of module trend: the tables, the views, and what settings of charts are refused.
\set SHOW_CONTEXT never
\pset format unaligned
SELECT attname, atttypid::regtype FROM pg_attribute WHERE attrelid = 'stp.indicator_trend'::regclass AND attnum > 0 ORDER BY attnum;
SELECT attname, atttypid::regtype FROM pg_attribute WHERE attrelid = 'stp.indicator_summary'::regclass AND attnum > 0 ORDER BY attnum;
SELECT * FROM stp.indicator_trend;
SELECT * FROM stp.indicator_summary;
\pset format aligned

INSERT INTO stp.system (system, name) VALUES ('QWO', 'West Yorkshire');
INSERT INTO stp.organisation (organisation, name) VALUES ('RR8', 'Leeds');

-- Errors.
INSERT INTO stp.spc_setting (indicator) VALUES ('ae');
INSERT INTO stp.spc_setting (unit) VALUES ('qwo');
INSERT INTO stp.spc_setting (unit) VALUES (E'QWO\u00a0');
INSERT INTO stp.spc_setting (dialect) VALUES ('excel');
INSERT INTO stp.spc_setting (chart) VALUES ('c');
INSERT INTO stp.spc_setting (chart) VALUES ('p');
INSERT INTO stp.spc_setting (indicator, chart) VALUES ('emergency_admissions', 'pp');
INSERT INTO stp.spc_setting (indicator, chart) VALUES ('staff_engagement', 'u');
INSERT INTO stp.spc_setting (baseline) VALUES (1);
INSERT INTO stp.spc_setting (baseline, base_to) VALUES (12, '2018-03-31');
INSERT INTO stp.spc_setting (base_from, base_to) VALUES ('2018-04-01', '2018-03-31');
INSERT INTO stp.spc_setting (given_mean) VALUES (95);
INSERT INTO stp.spc_setting (indicator, given_mean) VALUES ('ae_within_4_hours', 'NaN');
INSERT INTO stp.spc_setting (indicator, given_sigma) VALUES ('ae_within_4_hours', 0);
INSERT INTO stp.spc_setting (indicator, chart, given_mean) VALUES ('ae_within_4_hours', 'p', 101);
INSERT INTO stp.spc_setting (indicator, chart, given_sigma) VALUES ('ae_within_4_hours', 'p', 2);
INSERT INTO stp.spc_setting (indicator, given_mean) VALUES ('ae_within_4_hours', 1e308);
INSERT INTO stp.spc_setting (indicator, given_sigma) VALUES ('ae_within_4_hours', 2e15);
INSERT INTO stp.spc_setting (base_from) VALUES ('-infinity');
INSERT INTO stp.spc_setting (base_to) VALUES ('infinity');
INSERT INTO stp.spc_setting (base_to) VALUES ('2300-01-01');
INSERT INTO stp.spc_setting (indicator, unit) VALUES ('ae_within_4_hours', 'RR8'), ('ae_within_4_hours', 'RR8');
INSERT INTO stp.spc_day (day, reason) VALUES ('2018-04-01', ' ');
INSERT INTO stp.spc_day (day, reason) VALUES ('2018-04-01', E'\u00a0\u200b\u3000\n');
INSERT INTO stp.spc_day (day, reason) VALUES ('infinity', 'Merger');
INSERT INTO stp.spc_day (day, reason) VALUES ('1900-03-31', 'Merger');
INSERT INTO stp.spc_day (day, effect, reason) VALUES ('2018-04-01', 'outlier', 'Merger');
INSERT INTO stp.spc_day (indicator, day, reason) VALUES ('ae', '2018-04-01', 'Merger');
INSERT INTO stp.spc_day (unit, day, reason) VALUES ('RR9', '2018-04-01', 'Merger');
-- A past recorded_at, as a dump brings it back, excuses codes that come later, and nothing else.
SET check_function_bodies = off;
INSERT INTO stp.spc_setting (baseline, recorded_at) VALUES (1, '2020-01-01');
INSERT INTO stp.spc_setting (base_to, recorded_at) VALUES ('infinity', '2020-01-01');
INSERT INTO stp.spc_setting (indicator, given_sigma, recorded_at) VALUES ('ae', 0, '2020-01-01');
INSERT INTO stp.spc_setting (indicator, given_mean, recorded_at) VALUES ('ae', 1e308, '2020-01-01');
INSERT INTO stp.spc_day (day, reason, recorded_at) VALUES ('2018-04-01', '', '2020-01-01');
RESET check_function_bodies;
-- What is named stays.
INSERT INTO stp.indicator (indicator, name, kind, denominator, better, unit_of_measure, source) VALUES ('mine', 'Mine', 'mean', 'none', 'higher', 'points', 'Us');
INSERT INTO stp.spc_setting (indicator, unit) VALUES ('mine', 'QWO');
INSERT INTO stp.spc_day (unit, day, reason) VALUES ('RR8', '2018-04-01', 'Merger');
DELETE FROM stp.indicator WHERE indicator = 'mine';
UPDATE stp.system SET system = 'QWP';
DELETE FROM stp.organisation;
TRUNCATE stp.organisation CASCADE;
DELETE FROM stp.spc_setting;
DELETE FROM stp.spc_day;
DELETE FROM stp.indicator WHERE indicator = 'mine';
-- What there can be.
INSERT INTO stp.spc_setting (indicator, unit, chart, baseline, given_mean) VALUES ('ae_within_4_hours', 'QWO', 'p', NULL, 95), ('', 'RR8', 'run', 12, NULL),
    ('emergency_admissions', '', 'up', NULL, NULL), ('', '', 'xmr', NULL, NULL);
UPDATE stp.spc_setting SET chart = 'u' WHERE unit = 'RR8';
INSERT INTO stp.spc_day (indicator, unit, day, reason) VALUES ('ae_within_4_hours', 'RR8', '2018-04-01', 'New building');
DELETE FROM stp.spc_day;
DELETE FROM stp.spc_setting;
DELETE FROM stp.organisation;
DELETE FROM stp.system;
