-- Module finance: bad input is refused whole, with its SQLSTATE, the value and a hint.
\set VERBOSITY default
\set SHOW_CONTEXT never

INSERT INTO stp.system (system, name, kind, parent) VALUES ('R1', 'Region', 'region', NULL), ('S1', 'System one', 'system', 'R1'), ('S2', 'System two', 'system', 'R1');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B'), ('C', 'Trust C');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S1'), ('B', 'S1'), ('C', 'S2');

-- control totals: a month, a basis that is none or both, an unknown organisation, no money, parts of a penny, the same again
INSERT INTO stp.control_total VALUES ('A', '2025-12', 'including', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26 Q3', 'including', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'both', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('Z', '2025/26', 'including', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', '£1,000');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', stp.money('£1,000'));
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', stp.money('1.2m'));
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', 0.005);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', 'NaN');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', '-infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', NULL);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', 1), ('A', '2025/26', 'including', 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('A', '2025/26', 'including', 1), ('A', '2025/26', 'excluding', 1);
UPDATE stp.control_total SET year = '2025-12';
\echo :LAST_ERROR_SQLSTATE

-- offsets: no control total, an outsider, nothing to move, the same again
INSERT INTO stp.control_total_offset VALUES ('S1', '2025/26', 'including', 'A', 'B', 1000, '2025-05-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total VALUES ('B', '2025/26', 'including', 1), ('C', '2025/26', 'including', 1);
INSERT INTO stp.control_total_offset VALUES ('S1', '2025/26', 'including', 'A', 'C', 1000.50, '2025-05-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total_offset VALUES ('S1', '2025/26', 'including', 'A', 'A', 1000, '2025-05-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total_offset VALUES ('S1', '2025/26', 'including', 'A', 'B', -1000, '2025-05-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total_offset VALUES ('S1', '2025/26', 'including', 'A', 'Z', 1000, '2025-05-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total_offset VALUES ('S9', '2025/26', 'including', 'A', 'B', 1000, '2025-05-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total_offset VALUES ('S1', '2025-12', 'including', 'A', 'B', 1000, '2025-05-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.control_total_offset VALUES ('S1', '2025/26', 'including', 'A', 'B', 1000, '2025-05-01');
INSERT INTO stp.control_total_offset VALUES ('S1', '2025/26', 'including', 'A', 'B', 1000, '2025-05-01');
\echo :LAST_ERROR_SQLSTATE
-- the membership may come after the offset, in one transaction
BEGIN;
INSERT INTO stp.control_total_offset VALUES ('S2', '2025/26', 'including', 'A', 'C', 1, '2025-05-01');
INSERT INTO stp.membership VALUES ('A', 'S2', 0.5);
UPDATE stp.membership SET share = 0.5 WHERE organisation = 'A';
COMMIT;
-- and may not go after it
DELETE FROM stp.membership WHERE organisation = 'C';
\echo :LAST_ERROR_SQLSTATE

-- positions
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('A', '2025-12', 'actual', 'including, excluding', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('A', '2025-12', 'outturn', 'including', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('Z', '2025-12', 'actual', 'including', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('A', '2025-12', 'actual', 'including', '(1,000)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('A', '2025-12', 'actual', 'including', 'Infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover) VALUES ('A', '2025-12', 'actual', 'including', 1, -5);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover, allocation) VALUES ('A', '2025-12', 'actual', 'including', 1, 5, 5);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('A', '2025-12', 'actual', 'including', 1), ('A', '2025-12', 'actual', 'including', 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('A', '2025-12', 'actual', 'including', 1), ('A', '2025/26 Q3', 'actual', 'including', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('A', '2025-12', 'actual', 'including', 1), ('A', '2025-12', 'actual', 'excluding', -1);
UPDATE stp.financial_position SET basis = 'both' WHERE basis = 'excluding';
\echo :LAST_ERROR_SQLSTATE

-- plans
INSERT INTO stp.system_plan VALUES ('S1', '2020/21', 'gap', 'health', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.system_plan VALUES ('S1', '2021-03', 'solution', 'health', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.system_plan VALUES ('S9', '2020/21', 'solution', 'health', 1);
\echo :LAST_ERROR_SQLSTATE

-- functions
SELECT stp.control_total_variance('NaN', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT stp.control_total_variance(1, 1, -1);
\echo :LAST_ERROR_SQLSTATE
SELECT stp.apportion(1.005, '{1}');
\echo :LAST_ERROR_SQLSTATE
SELECT stp.apportion(1, '{0.5,-0.5}');
\echo :LAST_ERROR_SQLSTATE
-- more digits than a column can be declared for: a single multiplication would take seconds
SELECT stp.control_total_variance(repeat('9', 1001)::numeric, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT stp.apportion(1e100000, '{1}');
\echo :LAST_ERROR_SQLSTATE
SELECT stp.apportion(1, ARRAY[1, repeat('7', 1001)::numeric]);
\echo :LAST_ERROR_SQLSTATE
SELECT length(stp.apportion(repeat('9', 998)::numeric, ARRAY[1, repeat('7', 1000)::numeric])::text);
SELECT stp.outturn('{1,2,3,4}', 5, NULL, 95);
\echo :LAST_ERROR_SQLSTATE
SELECT stp.outturn('{1,2,3,4}', plan => '{1,NaN}');
\echo :LAST_ERROR_SQLSTATE
SELECT stp.outturn('{1,2,3,4}', independent => NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM stp.plan_scenario('S1', '{efficiency}', '{0.5}', '{0.6}', '{0.8}');
\echo :LAST_ERROR_SQLSTATE
SELECT stp.finance_score('sof-2017', 'liquidity', 1);
\echo :LAST_ERROR_SQLSTATE

-- what ships cannot be edited
UPDATE stp.finance_threshold SET cut = 0 WHERE scheme = 'sof-2017' AND metric = 'liquidity_days' AND score = 2;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.finance_threshold VALUES ('mine', 'x', 1, '>', 1, 'derived', NULL, true);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.finance_threshold VALUES ('mine', 'x', 1, '>', 'NaN', 'derived');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.finance_threshold VALUES ('mine', 'x', 1, '>', NULL, 'derived');
\echo :LAST_ERROR_SQLSTATE
SELECT metric, score, comparison, cut FROM stp.finance_threshold ORDER BY metric, score;

\d stp.organisation_finance
\d stp.system_finance
\d stp.system_finance_organisation
\d stp.finance_bases
\d stp.finance_forecast
DELETE FROM stp.control_total_offset;
DELETE FROM stp.control_total;
DELETE FROM stp.financial_position;
DELETE FROM stp.membership;
DELETE FROM stp.organisation;
DELETE FROM stp.system;
