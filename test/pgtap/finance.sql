-- Module finance: published figures, systems to the penny, and what must hold whatever the money.
SELECT no_plan();
-- What is checked at commit, checked now.
CREATE FUNCTION settle() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; END $$;

-- Actual against control total ----------------------------------------------------------------------------------

-- NHS England, financial performance report, 2025/26 quarter 4, millions of pounds, expenditure; brackets are overspends.
-- Income goes in as it is, as a surplus; its percentage has the sign of its variance.
CREATE TABLE national (line text, plan numeric, actual numeric, variance numeric, variance_pct int);
INSERT INTO national VALUES
    ('provider expenditure', 147742, 152745, -5003, -3),
    ('ICB net expenditure', 176843, 176778, 66, 0),
    ('systems', 177109, 177672, -563, 0),
    ('specialised commissioning', 6005, 5846, 159, 3);
SELECT is_empty($$ SELECT n.*, v.* FROM national n, stp.control_total_variance(- n.actual, - n.plan, n.plan) v
                    WHERE abs(v.variance - n.variance) > 1 OR round(v.variance_pct) <> n.variance_pct OR v.met <> (n.variance >= 0) $$,
                'the national figures of 2025/26: variances within the rounding of one million, percentages as published');
SELECT is((SELECT count(*) FROM national n, stp.control_total_variance(- n.actual, - n.plan, n.plan) v WHERE v.variance = n.variance), 3::bigint,
          'and exact in all but one line, where the publisher rounded');
SELECT results_eq('SELECT variance, round(variance_pct), met FROM stp.control_total_variance(151851, 147568, 147568)',
                  'VALUES (4283::numeric, 3::numeric, true)', 'provider income of 2025/26');

SELECT results_eq('SELECT * FROM stp.control_total_variance(-17100000.01, -5000000, 2000000000)',
    $$ VALUES (-17100000.01, -5000000::numeric, -12100000.01, -0.6050000005, false, 'ok') $$, 'a deficit larger than planned');
SELECT results_eq('SELECT variance, met, status FROM stp.control_total_variance(0.10 + 0.20, 0.30)', $$ VALUES (0.00, true, 'ok') $$,
                  'exact, and met is at or above');
SELECT results_eq('SELECT variance, variance_pct, status FROM stp.control_total_variance(1, 2)', $$ VALUES (-1::numeric, NULL::numeric, 'ok') $$,
                  'no turnover, no percentage');
SELECT results_eq('SELECT actual, control_total, variance, met, status FROM stp.control_total_variance(1, NULL, 5)',
                  $$ VALUES (1::numeric, NULL::numeric, NULL::numeric, NULL::boolean, 'no data') $$, 'no control total');
SELECT results_eq('SELECT variance, met, status FROM stp.control_total_variance(NULL, NULL)',
                  $$ VALUES (NULL::numeric, NULL::boolean, 'no data') $$, 'nothing at all');
SELECT results_eq('SELECT variance, variance_pct, met, status FROM stp.control_total_variance(3, 2, 0)',
                  $$ VALUES (1::numeric, NULL::numeric, true, 'zero denominator') $$, 'a turnover of 0');
SELECT throws_ok(format('SELECT stp.control_total_variance(%s)', a), '22023', m, a) FROM (VALUES
    ($$'NaN', 1$$, 'actual must be a finite number, not "NaN"'),
    ($$1, '-Infinity'$$, 'control total must be a finite number, not "-Infinity"'),
    ($$1, 1, 'Infinity'$$, 'turnover must be a finite number, not "Infinity"'),
    ('1, 1, -0.01', 'turnover must not be negative, but is "-0.01"')) bad (a, m);
SELECT is((SELECT sum((v).variance) FROM (SELECT stp.control_total_variance(10::numeric ^ i + 0.01, 10::numeric ^ i) AS v FROM generate_series(0, 100) i) t), 1.01,
          'a penny on a hundred digits is a penny');
-- Found by make fuzz: seconds that nothing could interrupt.
SELECT throws_ok(format('SELECT stp.control_total_variance(%s)', a), '22003', NULL, m || ' of too many digits: ' || a) FROM (VALUES
    ('1e1000, 1', 'actual'), ('1, -1e131000', 'control total'), ('1, 2, 1e-1001', 'turnover')) bad (a, m);
SELECT is((stp.control_total_variance(1e999, 1e-900)).status, 'ok', 'a thousand are enough');

-- Pennies shared out ----------------------------------------------------------------------------------------------

SELECT is(stp.apportion(100, '{1,1,1}'), '{33.34,33.33,33.33}', 'the penny left goes to the first of equals');
SELECT is(stp.apportion(-100, '{1,1,1}'), '{-33.34,-33.33,-33.33}', 'and a deficit is split like a surplus');
SELECT is(stp.apportion(0.05, '{0.1,0.45,0.45}'), '{0.01,0.02,0.02}', 'the larger remainder first: 0.5, 2.25 and 2.25 pennies');
SELECT is(stp.apportion(0, '{0.3,0.7}'), '{0.00,0.00}', 'nothing');
SELECT is(stp.apportion(12.34, '{0.2}'), '{12.34}', 'one part has it all');
SELECT is(stp.apportion(1000000000, '{0.3333333,0.3333333,0.3333333}'), '{333333333.34,333333333.33,333333333.33}',
          'shares that are a little off 1 lose no money');
SELECT throws_ok(format('SELECT stp.apportion(%s)', a), '22023', m, a) FROM (VALUES
    ($$0.005, '{1}'$$, 'amount "0.005" is not a whole number of pennies'),
    ($$'NaN', '{1}'$$, 'amount must be a finite number, not "NaN"'),
    ($$'Infinity', '{1}'$$, 'amount must be a finite number, not "Infinity"'),
    ($$1, '{}'$$, 'there are no shares'),
    ($$1, '{0.5,0}'$$, 'share 2 must be a finite number above zero, not "0"'),
    ($$1, '{0.5,NULL}'$$, 'share 2 must be a finite number above zero, not "NULL"'),
    ($$1, '{NaN,1}'$$, 'share 1 must be a finite number above zero, not "NaN"')) bad (a, m);
SELECT is(stp.apportion(NULL, '{1}'), NULL, 'nothing known, nothing split');
SELECT throws_ok(format('SELECT stp.apportion(%s)', a), '22003', NULL, m || ' of too many digits: ' || a) FROM (VALUES
    ($$1e131000, '{1}'$$, 'amount'), ($$1, '{12.99,1e-16000}'$$, 'share 2'), ($$-1e1000, '{1}'$$, 'amount')) bad (a, m);
SELECT is(stp.apportion(1, array_agg(1e-900)), array_agg(0.01), 'a thousand are enough') FROM generate_series(1, 100);

-- The rule written down in SQL.
CREATE FUNCTION naive_split(amount numeric, shares numeric[]) RETURNS numeric[] LANGUAGE sql AS $$
    WITH quota AS (SELECT n, floor(abs(amount) * 100 * share / whole) AS pennies,
                          abs(amount) * 100 * share / whole - floor(abs(amount) * 100 * share / whole) AS remainder
                     FROM unnest(shares) WITH ORDINALITY u (share, n), (SELECT sum(share) AS whole FROM unnest(shares) share) w),
         ranked AS (SELECT n, pennies, row_number() OVER (ORDER BY remainder DESC, n) AS place,
                           abs(amount) * 100 - sum(pennies) OVER () AS spare FROM quota)
    SELECT array_agg(sign(amount) * (pennies + CASE WHEN place <= spare THEN 1 ELSE 0 END) / 100 ORDER BY n) FROM ranked $$;
SELECT setseed(0.5);
CREATE TABLE split AS
SELECT round((random() * 2e9 - 1e9)::numeric, 2) AS amount,
       (SELECT array_agg(1 + floor(random() * 1000)) FROM generate_series(1, 1 + (i % 9)))::numeric[] AS shares
  FROM generate_series(1, 500) i;
SELECT is_empty('SELECT * FROM split WHERE stp.apportion(amount, shares) <> naive_split(amount, shares)', 'as the rule says, 500 times');
SELECT is_empty('SELECT * FROM split WHERE amount <> (SELECT sum(part) FROM unnest(stp.apportion(amount, shares)) part)', 'and the parts add up');

-- Text -------------------------------------------------------------------------------------------------------------

SELECT results_eq($$ SELECT stp.money(t) FROM unnest('{-1234567.89,0,+5.1," 7 ",2.500}'::text[]) t $$,
                  'VALUES (-1234567.89), (0), (5.1), (7), (2.500)', 'plain numbers are money');
SELECT throws_ok(format('SELECT stp.money(%L)', t), '22P02', format('not an amount of money: "%s"', t), t)
  FROM unnest('{"£1,000","1,000","(1000)","1.2m","1e6",NaN,Infinity,"",1.005,"5 %","- 5"}'::text[]) t;

-- Tables refuse what cannot be --------------------------------------------------------------------------------------

INSERT INTO stp.system (system, name, kind, parent) VALUES
    ('R', 'Region', 'region', NULL), ('S1', 'System one', 'system', 'R'), ('S2', 'System two', 'system', 'R'),
    ('P1', 'Place one', 'place', 'S1'), ('P2', 'Place two', 'place', 'S1');
INSERT INTO stp.organisation (organisation, name)
VALUES ('A', 'One system'), ('B', 'Two systems'), ('C', 'Two places and a system'), ('D', 'Moved'), ('E', 'Nowhere'), ('ICB1', 'Commissioner one');
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES
    ('A', 'S1', 1, '2016-04-01', NULL),
    ('B', 'S1', 0.25, '2016-04-01', NULL), ('B', 'S2', 0.75, '2016-04-01', NULL),
    ('C', 'P1', 0.5, '2016-04-01', NULL), ('C', 'P2', 0.25, '2016-04-01', NULL), ('C', 'S2', 0.25, '2016-04-01', NULL),
    ('D', 'S1', 1, '2016-04-01', '2025-09-30'), ('D', 'S2', 1, '2025-10-01', NULL), ('ICB1', 'S1', 1, '2016-04-01', NULL);
INSERT INTO stp.control_total (organisation, year, basis, amount) VALUES
    ('A', '2025/26', 'including', 1200000), ('B', '2025/26', 'including', -400000), ('C', '2025/26', 'including', 100.01),
    ('D', '2025/26', 'including', 600000), ('ICB1', '2025/26', 'including', 0), ('A', '2025/26', 'excluding', 0),
    ('E', '2025/26', 'including', 0), ('A', '2026/27', 'including', 0), ('D', '2026/27', 'including', 0);
INSERT INTO stp.control_total_offset (system, year, basis, from_organisation, to_organisation, amount, agreed)
VALUES ('S1', '2025/26', 'including', 'A', 'B', 300000, '2025-05-01'), ('S1', '2025/26', 'including', 'D', 'C', 1000, '2025-05-01');

SELECT lives_ok('SELECT settle()', 'offsets between organisations of the system stand');
CREATE FUNCTION offset_sql(system text, from_organisation text, to_organisation text, year text DEFAULT '2025/26') RETURNS text LANGUAGE sql
RETURN format($$ INSERT INTO stp.control_total_offset VALUES (%L, %L, 'including', %L, %L, 5, '2025-06-01'); SELECT settle() $$,
              system, year, from_organisation, to_organisation);
SELECT throws_ok(offset_sql('S1', 'A', 'E'), '23514',
    'offsets of system "S1" in 2025/26 (including support funding) are not net-neutral within it (imbalance -5): outside it is "E"', 'an offset to an outsider');
SELECT throws_ok(offset_sql('S2', 'A', 'B'), '23514',
    'offsets of system "S2" in 2025/26 (including support funding) are not net-neutral within it (imbalance 5): outside it is "A"', 'an offset from an outsider');
SELECT lives_ok(offset_sql('S1', 'A', 'D'), 'one who left during the year was in it on some day');
SELECT throws_ok(offset_sql('S1', 'A', 'D', '2026/27'), '23514', NULL, 'but not in the next year');
SELECT throws_ok(offset_sql('S1', 'A', 'B', '2026/27'), '22023', 'unknown control_total (organisation, year, basis) = (B, 2026/27, including)', 'nothing to change');
SELECT throws_ok($$ DELETE FROM stp.control_total WHERE organisation = 'B'; SELECT settle() $$, '23503', NULL, 'a control total with an offset cannot go');
SELECT lives_ok(offset_sql('R', 'A', 'B'), 'a region may agree one too');
SELECT throws_ok(offset_sql('P1', 'A', 'C'), '23514', NULL, 'a system does not lie in its place');
DELETE FROM stp.control_total_offset WHERE agreed = '2025-06-01';
SELECT throws_ok($$ DELETE FROM stp.membership WHERE organisation = 'A'; SELECT settle() $$, '23514', NULL, 'a member with an offset cannot go');
INSERT INTO stp.system (system, name) VALUES ('S3', 'Nobody yet');
INSERT INTO stp.control_total_offset VALUES ('S3', '2025/26', 'including', 'A', 'B', 5, '2025-06-01');
SELECT throws_ok($$ UPDATE stp.membership SET system = 'S3' WHERE organisation = 'B' AND system = 'S2'; SELECT settle() $$, '23514',
    'offsets of system "S3" in 2025/26 (including support funding) are not net-neutral within it (imbalance 5): outside it is "A"', 'a system without members is checked when it gets some');
DELETE FROM stp.control_total_offset WHERE agreed = '2025-06-01';
DELETE FROM stp.system WHERE system = 'S3';
SELECT throws_ok($$ UPDATE stp.system SET parent = 'S2' WHERE kind = 'place'; SELECT settle() $$, '23514', NULL, 'nor can its place');
SELECT throws_ok($$ UPDATE stp.control_total_offset SET to_organisation = 'E' WHERE to_organisation = 'B'; SELECT settle() $$, '23514', NULL, 'nor can the offset be redirected');

-- Systems ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION report(organisation text, period text, plan numeric, actual numeric, forecast numeric DEFAULT NULL, turnover numeric DEFAULT NULL,
                       allocation numeric DEFAULT NULL, basis text DEFAULT 'including') RETURNS void LANGUAGE sql AS $$
    INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover, allocation)
    SELECT organisation, period::stp.period, m.measure, basis, m.surplus, turnover, allocation
      FROM (VALUES ('plan', plan), ('actual', actual), ('forecast', forecast)) m (measure, surplus) WHERE m.surplus IS NOT NULL $$;
SELECT report('A', '2025-08', 400000, 350000, 1200000, 5000000), report('B', '2025-08', -200000, -200000.03, -500000, 8000000),
       report('C', '2025-08', 50, 49.99, 100, 10), report('D', '2025-08', 250000, 250000, 600000, 1000000),
       report('ICB1', '2025-08', 0, 1000, 0, NULL, 100000000);
SELECT report('A', '2025-09', 500000, 500000, 1000000, 6000000), report('B', '2025-09', -250000, -260000, -500000, 9000000),
       report('C', '2025-09', 60, 61, 100, 12), report('D', '2025-09', 300000, 290000, 600000, 1200000),
       report('ICB1', '2025-09', 0, 2000, 0, NULL, 120000000);
SELECT report('A', '2025-10', 600000, 610000, 1000000, 7000000), report('D', '2025-10', 350000, 340000, 600000, 1400000);
SELECT report('A', '2025-09', 100000, 90000, 5, 6000000, NULL, 'excluding');

SELECT results_eq($$ SELECT organisation, share, plan, actual, variance, control_total, offsets FROM stp.system_finance_organisation
                      WHERE system = 'S1' AND period = '2025-08' AND basis = 'including' ORDER BY organisation $$,
    $$ VALUES ('A', 1::numeric, 400000.00, 350000.00, -50000.00, 900000.00, -300000.00),
              ('B', 0.25, -50000.00, -50000.01, -0.01, 200000.00, 300000.00),
              ('C', 0.75, 37.50, 37.49, -0.01, 1075.01, 1000.00),
              ('D', 1, 250000.00, 250000.00, 0.00, 599000.00, -1000.00),
              ('ICB1', 1, 0, 1000, 1000, 0, 0) $$, 'parts of a system: split by shares, offsets wholly in the system that agreed them');
SELECT results_eq($$ SELECT control_total, plan, actual, variance, allocation, variance_pct, organisations, reported, status, pct_status
                       FROM stp.system_finance WHERE system = 'S1' AND period = '2025-08' AND basis = 'including' $$,
    $$ VALUES (900000 + 200000 + 1075.01 + 599000, 600037.50, 601037.48 - 50000, -49000.02, 100000000::numeric,
               -49000.02 * 100 / 100000000, 5, 5, 'ok', 'ok') $$, 'the system is their sum, in per cent of allocation');
SELECT is((SELECT control_total FROM stp.system_finance WHERE system = 'S1' AND period = '2025-08' AND basis = 'including'),
          1200000 - 100000 + 75.01 + 600000, 'offsets leave the total of their system what it was without them');
SELECT results_eq($$ SELECT place, organisation FROM stp.system_finance_organisation WHERE system = 'S1' AND period = '2025-08' AND basis = 'including' ORDER BY 1, 2 $$,
    $$ VALUES (1, 'A'), (2, 'B'), (2, 'C'), (4, 'D'), (5, 'ICB1') $$, 'the largest shortfall first');
SELECT results_eq($$ SELECT control_total FROM stp.system_finance_organisation WHERE system IN ('P1', 'P2') AND period = '2025-08' ORDER BY system $$,
    'VALUES (50.01), (25.00)', 'an offset of the system does not count in its places');
SELECT results_eq($$ SELECT change, direction, missing_months FROM stp.system_finance WHERE system = 'S1' AND period = '2025-09' AND basis = 'including' $$,
    $$ VALUES (-2500 + 0.75 - 10000 + 2000 + 49000.02, 'improving', '2025-04, 2025-05, 2025-06, 2025-07') $$,
    'better than last month; months without reports are listed');
SELECT results_eq($$ SELECT straight_line, straight_line_gap, run_rate, required_run_rate FROM stp.system_finance
                      WHERE system = 'S2' AND period = '2025-09' AND basis = 'including' $$,
    $$ SELECT (ct * 6 / 12), actual - ct * 6 / 12, actual / 6, (ct - actual) / 6 FROM (VALUES (-300000 + 25.00, -195000 + 15.25)) t (ct, actual) $$,
    'straight line and required run rate');
-- In October D belongs to S2, B and C have not reported, ICB1 neither.
SELECT results_eq($$ SELECT system, organisations, reported, not_reported, variance, status, direction, required_run_rate, missing_months ~ '2025-10' FROM stp.system_finance
                      WHERE kind = 'system' AND period = '2025-10' ORDER BY system $$,
    $$ VALUES ('S1', 4, 1, 'B, C, ICB1', 10000.00, 'incomplete', NULL, NULL::numeric, true),
              ('S2', 3, 1, 'B, C', -10000.00, 'incomplete', NULL, NULL, true) $$, 'a total over some says so, and has no direction');
SELECT is((SELECT control_total FROM stp.system_finance WHERE system = 'S1' AND period = '2025-10'), 1200000 - 100000 + 75.01,
          'an offset with one who has left no longer counts');
SELECT results_eq($$ SELECT system, forecast, forecast_variance, forecast_meets, forecast_status, forecast_variance_pct FROM stp.system_finance
                      WHERE kind = 'system' AND period = '2025-09' AND basis = 'including' ORDER BY system $$,
    $$ VALUES ('S1', 1000000 - 125000 + 75.00 + 600000, 1475075.00 - 1700075.01, false, 'ok', -225000.01 * 100 / 120000000),
              ('S2', -375000 + 25.00, -75000.00, false, 'ok', NULL) $$, 'forecast against control total');
SELECT results_eq($$ SELECT basis, actual, variance, status FROM stp.system_finance WHERE system = 'S1' AND period = '2025-09' ORDER BY basis $$,
    $$ VALUES ('excluding', 90000.00, -10000.00, 'ok'), ('including', 500000 - 65000 + 45.75 + 290000 + 2000, -2500 + 0.75 - 10000 + 2000, 'ok') $$,
    'bases do not mix');
SELECT results_eq($$ SELECT actual_including, actual_excluding, support_funding, status FROM stp.finance_bases WHERE unit = 'A' AND last_day = '2025-09-30' $$,
    $$ VALUES (500000::numeric, 90000::numeric, 410000::numeric, 'ok') $$, 'but stand side by side');
SELECT results_eq($$ SELECT support_funding, status FROM stp.finance_bases WHERE unit = 'A' AND last_day = '2025-10-31' $$,
    $$ VALUES (NULL::numeric, 'including: ok, excluding: no data') $$, 'also where one is missing');

-- Organisations
SELECT results_eq($$ SELECT variance, variance_pct, change, direction, control_total, straight_line, straight_line_gap, run_rate, required_run_rate, forecast_variance, status
                       FROM stp.organisation_finance WHERE organisation = 'A' AND period = '2025-09' AND basis = 'including' $$,
    $$ VALUES (0::numeric, 0::numeric, 50000::numeric, 'improving', 900000::numeric, 450000::numeric, 50000::numeric, 500000 / 6.0, 400000 / 6.0, 100000::numeric, 'ok') $$, 'one organisation');
SELECT results_eq($$ SELECT period::text, status, missing_months, direction FROM stp.organisation_finance WHERE organisation = 'B' AND basis = 'including' ORDER BY last_day $$,
    $$ VALUES ('2025-08', 'ok', '2025-04, 2025-05, 2025-06, 2025-07', NULL), ('2025-09', 'ok', '2025-04, 2025-05, 2025-06, 2025-07', 'worsening'),
              ('2025-10', 'no data', '2025-04, 2025-05, 2025-06, 2025-07, 2025-10', NULL) $$, 'months that are missing are listed, the last one too');
SELECT is((SELECT required_run_rate FROM stp.organisation_finance WHERE organisation = 'A' AND period = '2025-09' AND basis = 'excluding'), (0 - 90000) / 6.0,
          'what each month left must bring');
SELECT report('E', '2026-03', 10, 20);
SELECT results_eq('SELECT organisation, period::text, basis, plan, actual FROM stp.unassigned_finance WHERE actual IS NOT NULL',
                  $$ VALUES ('E', '2026-03', 'including', 10::numeric, 20::numeric) $$, 'money without a system is listed');
SELECT results_eq($$ SELECT required_run_rate FROM stp.organisation_finance WHERE organisation = 'E' AND period = '2026-03' $$, 'VALUES (NULL::numeric)', 'no month is left in March');

-- One truth for each month's end.
SELECT throws_ok($$ SELECT report('A', '2025/26 H1', 1, 2) $$, '23505',
    'plan of organisation "A" (including support funding) is there for both 2025/26 H1 and 2025-09, which are the same year to date', 'a half that ends with a month');
SELECT throws_ok($$ SELECT report('A', '2025-09', 1, 2) $$, '23505', NULL, 'the same again');
SELECT lives_ok($$ INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus) VALUES ('A', '2025-09', 'actual', 'including', 500000)
                   ON CONFLICT (organisation, period, measure, basis) DO UPDATE SET surplus = excluded.surplus $$, 'a correction is an upsert');

-- What must hold whatever the money ---------------------------------------------------------------------------------

TRUNCATE stp.financial_position, stp.control_total, stp.control_total_offset;
DELETE FROM stp.membership; DELETE FROM stp.system; DELETE FROM stp.organisation;
SELECT setseed(0.25);
INSERT INTO stp.organisation (organisation, name) SELECT 'X' || i, 'x' FROM generate_series(1, 120) i;
INSERT INTO stp.system (system, name, kind, parent) SELECT 'Q' || i, 'q', 'region', NULL FROM generate_series(1, 3) i;
INSERT INTO stp.system (system, name, kind, parent) SELECT 'Y' || i, 'y', 'system', 'Q' || 1 + i % 3 FROM generate_series(1, 20) i;
INSERT INTO stp.system (system, name, kind, parent) SELECT 'Z' || i, 'z', 'place', 'Y' || 1 + i % 7 FROM generate_series(1, 20) i;
-- Up to four parts each, some of them places; every twelfth organisation belongs nowhere. Shares sum to 1 but for rounding.
INSERT INTO stp.membership (organisation, system, share)
SELECT 'X' || o.i, CASE WHEN (o.i + n) % 3 = 0 THEN 'Z' ELSE 'Y' END || 1 + (o.i + n) % 20, round(1.0 / o.parts, 7)
  FROM (SELECT i, 1 + floor(random() * 4)::int AS parts FROM generate_series(1, 120) i WHERE i % 12 > 0) o CROSS JOIN LATERAL generate_series(1, o.parts) n;
INSERT INTO stp.control_total SELECT organisation, '2024/25', basis, round((random() * 2e8 - 1e8)::numeric, 2)
  FROM stp.organisation, unnest('{including,excluding}'::text[]) basis WHERE random() < 0.95;
INSERT INTO stp.control_total_offset
SELECT m.system, '2024/25', 'including', min(m.organisation), max(m.organisation), round((1 + random() * 1e6)::numeric, 2), '2024-05-01'
  FROM stp.system_membership m JOIN stp.control_total c ON c.organisation = m.organisation AND c.basis = 'including'
 GROUP BY m.system HAVING min(m.organisation) < max(m.organisation);
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT o.organisation, m, measure, basis, round((random() * 2e8 - 1e8)::numeric, 2), round((random() * 1e9)::numeric, 2)
  FROM stp.organisation o, stp.periods('2024-04', '2024-09') m, unnest('{plan,actual,forecast}'::text[]) measure, unnest('{including,excluding}'::text[]) basis
 WHERE random() < 0.97;
SELECT settle();
CREATE TABLE whole AS SELECT * FROM stp.system_finance;
CREATE TABLE parts AS SELECT * FROM stp.system_finance_organisation;

SELECT cmp_ok((SELECT count(*) FROM whole WHERE status = 'incomplete'), '>', 50::bigint, 'some systems are complete, some are not');
SELECT cmp_ok((SELECT count(*) FROM parts WHERE share < 1), '>', 500::bigint, 'and many organisations are shared');
SELECT is_empty($$ SELECT w.system, w.period, w.basis FROM whole w
                     JOIN (SELECT system, period, basis, sum(variance) AS variance, sum(forecast_variance) AS forecast_variance, sum(control_total) AS control_total,
                                  count(*) AS organisations, count(variance) AS reported FROM parts GROUP BY system, period, basis) p
                          USING (system, period, basis)
                    WHERE w.variance IS DISTINCT FROM p.variance OR w.forecast_variance IS DISTINCT FROM p.forecast_variance OR w.control_total IS DISTINCT FROM p.control_total
                       OR w.organisations <> p.organisations OR w.reported <> p.reported OR w.variance IS DISTINCT FROM w.actual - w.plan $$,
                'contributions add up to the system''s variance, exactly');
CREATE VIEW nation AS
SELECT f.month AS period, f.basis, sum(f.plan) AS plan, sum(f.actual) AS actual, sum(f.forecast) AS forecast, sum(f.turnover) AS turnover, sum(f.agreed) AS control_total
  FROM stp_internal.financial_month_rows() f WHERE EXISTS (SELECT FROM stp.membership m WHERE m.organisation = f.organisation) GROUP BY f.month, f.basis;
SELECT is_empty($$ SELECT * FROM (SELECT period, basis, sum(plan), sum(actual), sum(forecast), sum(turnover), sum(control_total) FROM parts WHERE kind = 'system' GROUP BY period, basis) s
                   EXCEPT SELECT * FROM nation $$, 'systems add up to the nation, to the penny');
SELECT is_empty($$ SELECT * FROM (SELECT period, basis, sum(plan), sum(actual), sum(forecast), sum(turnover), sum(control_total) FROM parts WHERE kind = 'region' GROUP BY period, basis) s
                   EXCEPT SELECT * FROM nation $$, 'and so do regions');
SELECT is((SELECT count(*) FROM nation), 12::bigint, 'in every month and basis');
SELECT is((SELECT sum(plan) FROM nation) + (SELECT sum(plan) FROM stp.unassigned_finance),
          (SELECT sum(surplus) FROM stp.financial_position WHERE measure = 'plan'), 'what is in no system is listed, so that nothing is lost');
SELECT is_empty($$ SELECT p.* FROM parts p JOIN stp_internal.financial_month_rows() f ON f.organisation = p.organisation AND f.month = p.period AND f.basis = p.basis
                    WHERE abs(p.actual - f.actual * p.share) > 0.04 + abs(f.actual) * 0.000001 $$, 'each part is the share, to pennies');
SELECT is_empty($$ SELECT * FROM whole w WHERE w.change IS DISTINCT FROM
                     (SELECT w.variance - b.variance FROM whole b WHERE (b.system, b.basis) = (w.system, w.basis) AND b.last_day = w.last_day - extract(day FROM w.last_day)::int
                         AND b.status = 'ok' AND w.status = 'ok') $$, 'change is from the month before, where both are complete');

-- A filter reaches the table below the grouping.
\i test/pgtap/plan_of.psql
ANALYZE stp.financial_position;
SELECT matches(plan_of($$ SELECT * FROM stp.organisation_finance WHERE organisation = 'X17' AND basis = 'including' $$),
    'Index Cond: \(\(organisation = ''X17''::text\) AND \(basis', 'the positions of one organisation are found by index');

-- One organisation changes: its systems do, and no others.
UPDATE stp.financial_position SET surplus = surplus + 1234.57 WHERE organisation = 'X17' AND period = '2024-06' AND measure = 'actual' AND basis = 'including';
SELECT results_eq($$ SELECT system FROM (SELECT system, period, basis, actual FROM stp.system_finance EXCEPT SELECT system, period, basis, actual FROM whole) t ORDER BY system $$,
    $$ SELECT p.system FROM parts p WHERE p.organisation = 'X17' AND p.period = '2024-06' AND p.basis = 'including' AND p.status = 'ok' ORDER BY system $$,
    'changing one organisation changes its systems only');
SELECT cmp_ok((SELECT count(*) FROM stp.membership WHERE organisation = 'X17'), '>', 1::bigint, 'it is one that several share');
SELECT is((SELECT sum(s.actual) - sum(w.actual) FROM stp.system_finance s JOIN whole w USING (system, period, basis) WHERE s.kind = 'system'), 1234.57, 'by as much as it changed');

-- Parallel workers give the same.
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', false);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
UPDATE stp.financial_position SET surplus = surplus - 1234.57 WHERE organisation = 'X17' AND period = '2024-06' AND measure = 'actual' AND basis = 'including';
SELECT set_eq('SELECT * FROM stp.system_finance', 'SELECT * FROM whole', 'in parallel workers the systems are the same');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'off', false);
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;

-- Forecast -------------------------------------------------------------------------------------------------------------

-- Months of 1, 2, 3, 4, 5, 6: mean 3.5, s = sqrt(3.5), six to come; t(5) at 97.5% is 2.57058183563631.
SELECT results_eq($$ SELECT round(forecast::numeric, 9), round(lower::numeric, 9), round(upper::numeric, 9), round(probability::numeric, 9), method, status
                       FROM stp.outturn('{1,3,6,10,15,21}', 42, independent => true) $$,
    $$ SELECT 42.000000000, round(42 - sqrt(42.0) * 2.57058183563631, 9), round(42 + sqrt(42.0) * 2.57058183563631, 9), 0.500000000, 'Student t', 'ok' $$, 'a forecast by hand');
-- From exact fractions and matrices inverted.
SELECT results_eq($$ SELECT round(forecast::numeric, 9), round(lower::numeric, 9), round(upper::numeric, 9), round(autocorrelation::numeric, 9),
                            round(trend::numeric, 9), method, status FROM stp.outturn('{5,8,14,16,23,27,32,33,42}') $$,
    $$ VALUES (58.882298596, 39.029754115, 78.734843077, 0.211339058, 0.323409211, 'Student t, averaged', 'no profile') $$, 'months that need not be independent');
SELECT is((SELECT array_agg(status ORDER BY n) FROM (VALUES
        (1, stp.outturn('{5,8,14,16,23,27,32,33,42}', plan => '{4,8,12,16,20,24,28,32,36,40,44,48}')),
        (2, stp.outturn('{5,8,14,16,23,27,32,33,42}', plan => '{4,8,12,16,20,24,28,32,36,40,44,70}')),
        (3, stp.outturn('{5,8,14,16,23,27,32,33,42}', plan => '{4,8,12,16,20,24,28,32,36,40,44}')),
        (4, stp.outturn('{5,8,14,16,23,27,32,33,42}', plan => '{4,8,12,NULL,20,24,28,32,36,40,44,70}')),
        (5, stp.outturn('{5,8,14,16,23,27,32,33,42}', plan => '{4,8,12,16,20,24,28,32,36,NULL,NULL,48}')),
        (6, stp.outturn('{5,8,14,16,23,27,32,33,42}', plan => '{4,8,12,16,20,24,28,32,36,40,44,70}', independent => true)),
        (7, stp.outturn('{5,8,14,16,23,27,32,33,42}', profile => '{-2,-2,-2,-2,-2,-2,-2,-2,-2,-2,-2,22}', plan => '{4,8,12,16,20,24,28,32,36,40,44,72}')),
        (8, stp.outturn('{5,8,14,16,23,27,32,33,42}', profile => '{0,0,0,0,0,0,0,0,0,0,0,0}'))) t (n, o), LATERAL (SELECT (o).status) s),
    '{ok,step in plan,no profile,no profile,ok,step in plan,ok,ok}', 'whether the months left are like those gone: a plan, one with a step, one that is not known; a profile');
SELECT is((stp.outturn('{5,8,14,16,23,27,32,33,42}', 48, plan => '{4,8,12,16,20,24,28,32,36,40,44,70}')).forecast, (stp.outturn('{5,8,14,16,23,27,32,33,42}')).forecast,
          'the plan is compared, not believed');
SELECT results_eq('SELECT forecast, status FROM stp.outturn(ARRAY[1, 3, 6, 4])', $$ VALUES (NULL::float8, 'too few') $$, 'too few months');
SELECT results_eq($$ SELECT forecast, status FROM stp.outturn('{1,3,NULL,6,8}') $$, $$ VALUES (NULL::float8, 'missing months') $$, 'a month is missing');
SELECT results_eq('SELECT forecast, status FROM stp.outturn(NULL)', $$ VALUES (NULL::float8, 'too few') $$, 'nothing reported');
SELECT results_eq($$ SELECT forecast, lower, probability, status FROM stp.outturn('{1,2,3,4,5}', 5) $$, $$ VALUES (12::float8, NULL::float8, NULL::float8, 'constant') $$, 'months that are all the same have no spread');
SELECT results_eq($$ SELECT forecast, lower, status FROM unnest('{12,12.003,13}'::float8[]) march, stp.outturn('{1,2,3,4,5,6,7,8,9,10,11}', plan => '{1,2,3,4,5,6,7,8,9,10,11}'::float8[] || march) $$,
    $$ VALUES (12::float8, NULL::float8, 'constant'), (12, NULL, 'constant'), (12, NULL, 'step in plan') $$, 'nor does that hide a step in the plan, which rounding is not');
SELECT results_eq($$ SELECT forecast, upper, probability, method FROM stp.outturn('{1,2,3,4,5,6,7,8,9,10,11,30}', 30) $$, $$ VALUES (30::float8, 30::float8, 1::float8, 'reported') $$, 'a year that is over');
SELECT throws_ok(format('SELECT stp.outturn(%s)', a), '22023', m, a) FROM (VALUES
    ($$'{1,2,3,4,5,6,7,8,9,10,11,12,13}'$$, 'position to date has 13 months, a year has 12'),
    ($$'{1,NaN}'$$, 'position to date must be a finite number, not "NaN"'),
    ($$'{1}', 'Infinity'$$, 'control total must be a finite number, not "Infinity"'),
    ($$'{1}', 1, '{1,2}'$$, 'profile "{1,2}" is not twelve numbers'),
    ($$'{1}', 1, '{1,2,3,4,5,6,7,8,9,10,11,NULL}'$$, 'profile "{1,2,3,4,5,6,7,8,9,10,11,NULL}" is not twelve numbers'),
    ($$'{1}', 1, NULL, 1$$, 'confidence must be between 0 and 1, not "1"'),
    ($$'{1}', 1, NULL, NULL$$, 'confidence must not be null'),
    ($$'{1}', plan => '{1,2,3,4,5,6,7,8,9,10,11,12,13}'$$, 'plan has 13 months, a year has 12'),
    ($$'{1}', plan => '{1,Infinity}'$$, 'plan must be a finite number, not "Infinity"'),
    ($$'{1}', independent => NULL$$, 'independent must not be null')) bad (a, m);
SELECT throws_ok($$ SELECT stp.outturn('{1e308,-1e308,1e308,-1e308,1e308}') $$, '22003', NULL, 'beyond float8');

-- Coverage of years that are drawn, always the same: make simulate has more of it.
SELECT setseed(0.14);
CREATE TABLE drawn AS
SELECT year, month, CASE WHEN u > 0 THEN sqrt(-2 * ln(u)) * cos(2 * pi() * v) END AS noise
  FROM (SELECT year, month, 1 - random() AS u, random() AS v FROM generate_series(1, 1000) year, generate_series(1, 12) month) t;
-- Autocorrelation 0.8 as a sum over the noise before, and a last month of 4 more.
CREATE TABLE drawn_year AS
SELECT process, year, array_agg(to_date ORDER BY month) AS to_date
  FROM (SELECT process, year, month, sum(added) OVER (PARTITION BY process, year ORDER BY month) AS to_date
          FROM (SELECT 'autocorrelated' AS process, d.year, d.month,
                       (SELECT sum(0.8 ^ (d.month - b.month) * b.noise * CASE b.month WHEN 1 THEN 1 ELSE 0.6 END)
                          FROM drawn b WHERE b.year = d.year AND b.month <= d.month) AS added
                  FROM drawn d
                UNION ALL
                SELECT 'catches up', year, month, noise + CASE month WHEN 12 THEN 4 ELSE 0 END FROM drawn) t) u
 GROUP BY process, year;
CREATE FUNCTION held(process text, months int, profile float8[], independent boolean) RETURNS numeric LANGUAGE sql AS $$
    SELECT round(avg((d.to_date[12] BETWEEN o.lower AND o.upper)::int), 3)
      FROM drawn_year d, stp.outturn(d.to_date[:held.months], NULL, held.profile, 0.95, NULL, held.independent) o WHERE d.process = held.process $$;
SELECT ok(held('autocorrelated', m, NULL, false) BETWEEN 0.89 AND 0.99, format('months correlated by 0.8 are held after %s months', m)) FROM unnest('{6,9,11}'::int[]) m;
SELECT cmp_ok(held('autocorrelated', 6, NULL, true), '<', 0.75, 'and not by who says that they are independent');
SELECT ok(held('catches up', 11, array_fill(-4 / 12.0, ARRAY[11])::float8[] || (44 / 12.0)::float8, false) BETWEEN 0.92 AND 0.98, 'a March that catches up is held with the profile of earlier years');
SELECT cmp_ok(held('catches up', 11, NULL, false), '<', 0.3, 'without it none can be');
SELECT is((SELECT array_agg(DISTINCT o.status) FROM drawn_year d, stp.outturn(d.to_date[:11], plan => '{0,0,0,0,0,0,0,0,0,0,0,4}') o WHERE d.process = 'catches up'), '{step in plan}',
          'which the plan warns of in every year');

TRUNCATE stp.financial_position, stp.control_total, stp.control_total_offset;
-- Two years with a bad winter, and the six months of a third; X1 and X2 make up a system.
DELETE FROM stp.membership;
INSERT INTO stp.membership (organisation, system) VALUES ('X1', 'Y1'), ('X2', 'Y1');
CREATE TABLE month_added AS
SELECT m AS month, round((100000 + CASE WHEN substr(m::text, 6) IN ('12', '01', '02') THEN -300000 ELSE 0 END + (random() - 0.5) * 20000)::numeric, 2) AS added
  FROM stp.periods('2022-04', '2024-09') m;
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus)
SELECT organisation, month, 'actual', 'including', sum(added) OVER (PARTITION BY organisation, stp.coarsen(month, 'year') ORDER BY month)
  FROM month_added, unnest('{X1,X2}'::text[]) organisation;
INSERT INTO stp.control_total VALUES ('X1', '2024/25', 'including', 250000), ('X2', '2024/25', 'including', 250000);
-- By hand: the months less the mean deviation of each month of the year in the two years before.
CREATE VIEW by_hand AS
WITH deviation AS (SELECT substr(month::text, 6) AS month_of_year, avg(d) AS d
                     FROM (SELECT month, added - avg(added) OVER (PARTITION BY stp.coarsen(month, 'year')) AS d FROM month_added WHERE month < '2024-04') t GROUP BY 1),
     plain AS (SELECT count(*) AS n, sum(added) AS to_date, avg(added - d) AS mean, stddev_samp(added - d) AS s
                 FROM month_added JOIN deviation ON month_of_year = substr(month::text, 6) WHERE month >= '2024-04')
SELECT (to_date + 6 * mean + (SELECT sum(d) FROM deviation WHERE month_of_year IN ('10', '11', '12', '01', '02', '03')))::float8 AS forecast,
       (2.57058183563631 * s * sqrt(6 + 36.0 / 6))::float8 AS reach FROM plain;
CREATE VIEW profile_by_hand AS
SELECT array_agg(d ORDER BY m) AS profile, (SELECT array_agg(to_date ORDER BY month) FROM (SELECT month, sum(added) OVER (ORDER BY month)::float8 AS to_date FROM month_added WHERE month >= '2024-04') t) AS to_date
  FROM (SELECT stp.period(stp.first_day(month), 'month') - stp.period(stp.first_day(stp.coarsen(month, 'year')), 'month') AS m,
               avg(d)::float8 AS d FROM (SELECT month, added - avg(added) OVER (PARTITION BY stp.coarsen(month, 'year')) AS d FROM month_added WHERE month < '2024-04') t GROUP BY 1) u;
SELECT results_eq($$ SELECT round(o.forecast::numeric, 4), round((o.upper - o.forecast)::numeric, 4), round((o.forecast - o.lower)::numeric, 4), o.method, o.status
                       FROM profile_by_hand p, stp.outturn(p.to_date, profile => p.profile, independent => true) o $$,
    $$ SELECT round(forecast::numeric, 4), round(reach::numeric, 4), round(reach::numeric, 4), 'Student t, profile', 'ok' FROM by_hand $$, 'a profile of two earlier years is taken off and put back');
SELECT results_eq($$ SELECT round(forecast::numeric, 4), round(lower::numeric, 4), round(upper::numeric, 4), round(probability::numeric, 9), earlier_years, method, status
                       FROM stp.finance_forecast WHERE unit = 'X1' AND period = '2024-09' $$,
    $$ SELECT round(o.forecast::numeric, 4), round(o.lower::numeric, 4), round(o.upper::numeric, 4), round(o.probability::numeric, 9), 2, 'Student t, averaged, profile', 'ok'
         FROM profile_by_hand p, stp.outturn(p.to_date, 250000, p.profile) o $$, 'the view takes it from the years before');
SELECT results_eq($$ SELECT round(s.forecast::numeric, 4), s.control_total FROM stp.finance_forecast s WHERE s.kind = 'system' AND s.unit = 'Y1' AND s.period = '2024-09' $$,
    $$ SELECT round(2 * forecast::numeric, 4), 500000::float8 FROM stp.finance_forecast WHERE unit = 'X1' AND period = '2024-09' $$, 'a system''s forecast');
SELECT results_eq($$ SELECT months, earlier_years, status FROM stp.finance_forecast WHERE unit = 'X1' AND last_day IN ('2022-07-31', '2022-08-31', '2023-08-31', '2024-04-30') ORDER BY last_day $$,
    $$ VALUES (4, 0, 'too few'), (5, 0, 'no profile'), (5, 1, 'ok'), (1, 2, 'too few') $$, 'NULL before the fifth month');
-- The plan of the first year, which nothing went before.
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus)
SELECT organisation, month, 'plan', 'including', 40000 * (month - '2022-04'::stp.period + 1) FROM stp.periods('2022-04', '2023-03') month, unnest('{X1,X2}'::text[]) organisation;
CREATE VIEW first_year AS SELECT string_agg(status, ', ' ORDER BY unit) AS said FROM stp.finance_forecast WHERE unit IN ('X1', 'X2', 'Y1') AND period = '2022-11';
SELECT is((SELECT said FROM first_year), 'ok, ok, ok', 'an even plan');
UPDATE stp.financial_position SET surplus = surplus + 1000000 WHERE organisation = 'X1' AND period = '2023-03' AND measure = 'plan';
SELECT is((SELECT said FROM first_year), 'step in plan, ok, step in plan', 'a step in March, of one organisation and its system');
INSERT INTO stp.extract (source, covers) VALUES ('financial_position', '[2022-04-01,2022-12-01)');
SELECT is((SELECT said FROM first_year), 'step in plan, ok, step in plan', 'where actuals reach to November, the plan of March is known');
DELETE FROM stp.extract;
DELETE FROM stp.financial_position WHERE organisation = 'X2' AND period = '2023-03' AND measure = 'plan';
SELECT is((SELECT said FROM first_year), 'step in plan, no profile, no profile', 'and where one plan does not reach March, the system''s does not');
UPDATE stp.financial_position SET period = '2022/23 Q4' WHERE organisation = 'X1' AND period = '2023-03' AND measure = 'plan';
SELECT is((SELECT said FROM first_year), 'step in plan, no profile, no profile', 'however its last period is written');
DELETE FROM stp.financial_position WHERE measure = 'plan';
SELECT is((SELECT count(*) FROM stp.finance_forecast WHERE status = 'too few' AND num_nonnulls(forecast, lower, upper, probability, method) > 0), 0::bigint, 'no figure with too few');
DELETE FROM stp.financial_position WHERE organisation = 'X2' AND period = '2024-06';
SELECT results_eq($$ SELECT unit, status FROM stp.finance_forecast WHERE period = '2024-09' AND unit IN ('X1', 'X2', 'Y1') ORDER BY unit $$,
    $$ VALUES ('X1', 'ok'), ('X2', 'missing months'), ('Y1', 'missing months') $$, 'a month that is missing is not skipped');

-- Plans ----------------------------------------------------------------------------------------------------------------

INSERT INTO stp.system_plan (system, year, line, category, amount) VALUES
    ('Y1', '2017/18', 'do nothing', 'health', 90), ('Y1', '2017/18', 'do nothing', 'social care', 10), ('Y1', '2017/18', 'solution', 'efficiency', 60),
    ('Y1', '2018/19', 'do nothing', 'health', 200), ('Y1', '2018/19', 'solution', 'efficiency', 100), ('Y1', '2018/19', 'solution', 'reconfiguration', 50),
    ('Y1', '2020/21', 'do nothing', 'health', 400), ('Y1', '2020/21', 'solution', 'efficiency', 240), ('Y1', '2020/21', 'solution', 'reconfiguration', 160),
    ('Y2', '2020/21', 'solution', 'efficiency', 1), ('Y3', '2020/21', 'do nothing', 'health', 0), ('Y3', '2020/21', 'solution', 'efficiency', 1),
    ('Y2', '2021/22', 'do nothing', 'health', 5);
SELECT results_eq($$ SELECT period::text, do_nothing, solutions, residual, cumulative_residual, is_last_year, balance, status FROM stp.system_plan_balance WHERE system = 'Y1' ORDER BY first_day $$,
    $$ VALUES ('2017/18', 100::numeric, 60::numeric, 40::numeric, 40::numeric, false, 'gap', 'ok'), ('2018/19', 200, 150, 50, 90, false, 'gap', 'ok'),
              ('2020/21', 400, 400, 0, 90, true, 'balanced', 'missing years') $$, 'the gap that is left by year, and whether the last one balances');
SELECT results_eq($$ SELECT system, residual, balance, status FROM stp.system_plan_balance WHERE system <> 'Y1' ORDER BY system, first_day $$,
    $$ VALUES ('Y2', NULL::numeric, NULL, 'no data'), ('Y2', 5, 'gap', 'missing years'), ('Y3', -1, 'surplus', 'ok') $$, 'a plan without a gap, which later years lack');
SELECT results_eq($$ SELECT system, category, share_of_gap, status FROM stp.system_plan_solution WHERE period = '2020/21' ORDER BY 1, 2 $$,
    $$ VALUES ('Y1', 'efficiency', 0.6, 'ok'), ('Y1', 'reconfiguration', 0.4, 'ok'), ('Y2', 'efficiency', NULL, 'no data'), ('Y3', 'efficiency', NULL, 'no gap') $$, 'share of the gap by kind of solution');
SELECT results_eq($$ SELECT period::text, residual, low, central, high FROM stp.plan_scenario('Y1', '{reconfiguration}', '{0.4}', '{0.6}', '{1}') $$,
    $$ VALUES ('2017/18', 40::numeric, 40::numeric, 40::numeric, 40::numeric), ('2018/19', 50, 80, 70, 50), ('2020/21', 0, 96, 64, 0) $$, '60% of reconfiguration savings, from 40% to all');
SELECT results_eq($$ SELECT period, low FROM stp.plan_scenario('Y1', '{}', '{}', '{}', '{}') $$,
    $$ SELECT period, residual FROM stp.system_plan_balance WHERE system = 'Y1' ORDER BY first_day $$, 'no scenario is the plan');
SELECT is_empty($$ SELECT * FROM stp.plan_scenario('nowhere', '{}', '{}', '{}', '{}') $$, 'no plan, no rows');
SELECT throws_ok(format('SELECT * FROM stp.plan_scenario(%s)', a), '22023', m, a) FROM (VALUES
    ($$'Y1', '{magic}', '{0}', '{0}', '{1}'$$, 'delivery of "magic": 0, 0, 1 is of no solution in the plan of system "Y1"'),
    ($$'Y1', '{efficiency}', '{0.5}', '{0.4}', '{1}'$$, 'delivery of "efficiency": 0.5, 0.4, 1 is not 0 <= low <= central <= high'),
    ($$'Y1', '{efficiency}', '{-0.5}', '{0.4}', '{1}'$$, 'delivery of "efficiency": -0.5, 0.4, 1 is not 0 <= low <= central <= high'),
    ($$'Y1', '{efficiency}', '{0}', '{0.4}', '{NaN}'$$, 'delivery of "efficiency": 0, 0.4, NaN is not 0 <= low <= central <= high'),
    ($$'Y1', '{efficiency}', '{0}', '{0.4}', '{}'$$, 'delivery of "efficiency": 0, 0.4, NULL is not complete'),
    ($$'Y1', '{efficiency,efficiency}', '{0,0}', '{1,1}', '{1,1}'$$, 'delivery of "efficiency": 0, 1, 1 is given twice')) bad (a, m);

-- Scores -----------------------------------------------------------------------------------------------------------------

SELECT is(array(SELECT stp.finance_score('sof-2017', 'distance_from_plan_pct', v) FROM unnest('{5,0,-0.01,-1,-1.01,-1.99,-2,-3}'::numeric[]) v),
          '{1,1,2,2,3,3,4,4}', 'distance from plan');
SELECT is(array(SELECT stp.finance_score('sof-2017', 'capital_service_capacity', v) FROM unnest('{3,2.5,1.75,1.74,1.25,1.24}'::numeric[]) v), '{1,2,2,3,3,4}', 'capital service capacity');
SELECT is(array(SELECT stp.finance_score('sof-2017', 'liquidity_days', v) FROM unnest('{0.1,0,-7,-7.1,-14,-14.1}'::numeric[]) v), '{1,2,2,3,3,4}', 'liquidity');
SELECT is(array(SELECT stp.finance_score('sof-2017', 'surplus_margin_pct', v) FROM unnest('{1.1,1,0,-0.5,-1}'::numeric[]) v), '{1,2,2,3,4}', 'surplus margin');
SELECT is(array(SELECT stp.finance_score('sof-2017', 'agency_over_ceiling_pct', v) FROM unnest('{-5,0,25,50,50.1}'::numeric[]) v), '{1,1,2,3,4}', 'agency against ceiling');
SELECT is(stp.finance_score('sof-2017', 'liquidity_days', NULL), NULL, 'unknown value, no score');
SELECT is((SELECT array_agg(DISTINCT status) FROM stp.finance_threshold WHERE builtin), '{unconfirmed}', 'every threshold that ships says that it is unconfirmed');
INSERT INTO stp.finance_threshold (scheme, metric, score, comparison, cut, status) VALUES ('mine', 'distance_from_plan_pct', 1, '>', 5, 'derived'), ('mine', 'distance_from_plan_pct', 3, '>=', 0, 'derived');
SELECT is(array(SELECT stp.finance_score('mine', 'distance_from_plan_pct', v) FROM unnest('{6,5,0}'::numeric[]) v), '{1,3,3}', 'a scheme of one''s own');
SELECT throws_ok($$ SELECT stp.finance_score('mine', 'distance_from_plan_pct', -1) $$, '22023', 'scheme "mine" has no score for -1 of metric "distance_from_plan_pct"', 'with a hole');
SELECT throws_ok($$ SELECT stp.finance_score('sof', 'liquidity_days', 1) $$, '22023', NULL, 'an unknown scheme');
SELECT throws_ok($$ SELECT stp.finance_score('sof-2017', 'liquidity_days', 'NaN') $$, '22023', NULL, 'NaN');
SELECT is(array(SELECT stp.finance_rating(s) FROM (VALUES ('{1,1,1,1,1}'::int[]), ('{1,1,1,1,4}'), ('{4,4,4,4,3}'), ('{1,2,2,2,2}'), ('{1,1,1,2,2}'), ('{2,3}'), ('{1,NULL}'), ('{}')) t (s)),
          '{1,3,4,2,1,3,NULL,NULL}', 'the mean, rounded; any 4 is no better than 3');
SELECT is(stp.finance_rating('{2,3}', 'better'), 2, 'a half may go to the better score');
SELECT throws_ok($$ SELECT stp.finance_rating('{2,5}') $$, '22023', 'score 5 is not from 1 to 4', 'no such score');
SELECT throws_ok($$ SELECT stp.finance_rating('{2}', 'even') $$, '22023', 'unknown rounding of a half "even"', 'no such rounding');

-- Published figures: 56 trusts, April to December 2025, millions ----------------------------------------------------------

TRUNCATE stp.financial_position, stp.control_total, stp.control_total_offset;
DELETE FROM stp.system_plan; DELETE FROM stp.membership; DELETE FROM stp.system; DELETE FROM stp.organisation;
CREATE TABLE published (organisation text, year_to_date stp.period, plan text, actual text, variance numeric, variance_pct numeric, nof_pct numeric);
\copy published FROM 'test/fixtures/finance/finance_2025_26_q3.csv' (FORMAT csv, HEADER)
\copy stp.system (system, name, kind, parent, valid_from) FROM 'demo/data/system.csv' (FORMAT csv, HEADER)
\copy stp.organisation (organisation, name, type, subtype, region) FROM 'demo/data/organisation.csv' (FORMAT csv, HEADER)
\copy stp.membership (organisation, system, share, valid_from, basis) FROM 'demo/data/membership.csv' (FORMAT csv, HEADER)
\copy stp.observation (organisation, indicator, period, numerator, denominator, value) FROM 'demo/data/observation.csv' (FORMAT csv, HEADER)

-- Turnover is derived where the percentage is published and not 0.
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT p.organisation, p.year_to_date, m.measure, 'including', stp.money(m.surplus) * 1000000,
       CASE WHEN p.variance_pct <> 0 THEN round(p.variance * 1000000 * 100 / p.variance_pct, 2) END
  FROM published p, LATERAL (VALUES ('plan', p.plan), ('actual', p.actual)) m (measure, surplus);
CREATE VIEW computed AS
SELECT p.organisation, p.variance AS published, p.variance_pct AS published_pct, p.nof_pct, o.variance / 1000000 AS variance, o.variance_pct, o.status, o.missing_months
  FROM published p LEFT JOIN stp.organisation_finance o ON o.organisation = p.organisation AND o.period = p.year_to_date AND o.basis = 'including';
SELECT is((SELECT count(*) FROM computed WHERE abs(variance - published) <= 0.1), 56::bigint, 'the variance of all 56 trusts is the published one within 0.1 million');
SELECT is((SELECT count(*) FROM computed WHERE variance_pct IS NOT NULL), 28::bigint, 'of so many the turnover can be derived');
-- Half of the last digit of both percentages, and what 0.1 million of variance is of the turnover.
SELECT is((SELECT count(*) FROM computed WHERE abs(variance_pct - nof_pct) <= 0.05 + 0.005 + 0.1 * abs(published_pct / nullif(published, 0))), 28::bigint,
          'their percentages agree with the oversight framework''s within rounding');
SELECT is((SELECT count(*) FROM computed WHERE status = 'ok' AND missing_months LIKE '2025-04%2025-11'), 56::bigint, 'a quarter alone leaves eight months missing');

-- The rating takes the variance from these tables.
DELETE FROM stp.observation WHERE indicator = 'variance_to_plan_pct';
CREATE FUNCTION observe(source text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    rows int;
BEGIN
    CALL stp_internal.take_observations(source, NULL, rows);
    RETURN rows;
END $$;
SELECT is(observe('finance including'), (SELECT count(*)::int FROM stp.financial_position_observation WHERE basis = 'including'), 'every row is an observation');
SELECT is((SELECT count(*) FROM stp.observation WHERE indicator IN ('variance_to_plan_pct', 'control_total_variance_pct')), 56::bigint, 'two indicators of each trust with a turnover');
SELECT results_eq($$ SELECT a.unit, round(a.value::numeric, 9), a.value_period, a.organisations FROM stp.assess('stp-2026', '2026-03') a
                      WHERE a.node = 'variance_to_plan_pct' AND a.status = 'ok' ORDER BY a.unit $$,
    $$ SELECT m.system, round(sum(c.variance_pct * m.share) / sum(m.share), 9), stp.period '2025/26 Q3', count(*)::int
         FROM computed c JOIN stp.membership m USING (organisation) WHERE c.variance_pct IS NOT NULL GROUP BY m.system ORDER BY m.system $$,
    'the rating stp-2026 takes the variance from these tables');
SELECT cmp_ok((SELECT count(*) FROM stp.assess('stp-2026', '2026-03') a WHERE a.node = 'variance_to_plan_pct' AND a.score IS NOT NULL), '>', 15::bigint, 'and scores it');
SELECT results_eq($$ SELECT v.system, round(v.value::numeric, 9) FROM stp_internal.system_value v JOIN stp.system s USING (system)
                      WHERE v.indicator = 'control_total_variance_pct' AND s.kind = 'system' ORDER BY 1 $$,
    $$ SELECT system, round(sum(variance) * 100 / sum(turnover), 9) FROM stp.system_finance_organisation WHERE turnover IS NOT NULL AND kind = 'system' GROUP BY system ORDER BY 1 $$,
    'pounds over pounds for systems');

-- A commissioner: the system's variance is of its allocation, in the indicator as in the view.
INSERT INTO stp.organisation (organisation, name) VALUES ('QOP1', 'Commissioner');
INSERT INTO stp.membership (organisation, system) VALUES ('QOP1', 'QOP');
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, allocation) VALUES
    ('QOP1', '2025/26 Q3', 'plan', 'including', 0, 4e9), ('QOP1', '2025/26 Q3', 'actual', 'including', -5000000, 4e9);
UPDATE stp.financial_position SET turnover = 1 WHERE turnover IS NULL AND allocation IS NULL;
SELECT cmp_ok(observe('finance including'), '>', 0, 'what has come is observed');
SELECT results_eq($$ SELECT round(v.value::numeric, 9), v.status FROM stp_internal.system_value v WHERE v.indicator = 'system_variance_pct' AND v.system = 'QOP' $$,
    $$ SELECT round(variance_pct, 9), pct_status FROM stp.system_finance WHERE system = 'QOP' $$, 'the system''s percentage is the same by both ways');

-- Rights --------------------------------------------------------------------------------------------------------------------

CREATE ROLE finance_reader;
SET ROLE finance_reader;
SELECT throws_ok('SELECT * FROM stp.' || v, '42501', NULL, v || ' gives nobody what the tables do not')
  FROM unnest('{organisation_finance,system_finance,system_finance_organisation,finance_bases,finance_forecast,system_plan_balance,system_plan_solution,
                financial_position_observation,unassigned_finance}'::text[]) v;
SELECT throws_ok($$ INSERT INTO stp.control_total VALUES ('R0A', '2025/26', 'including', 1) $$, '42501', NULL, 'nobody writes without a grant');
SELECT lives_ok($$ SELECT stp.finance_score('sof-2017', 'liquidity_days', 1) $$, 'thresholds are public');
RESET ROLE;
DROP ROLE finance_reader;

-- Nothing at all
TRUNCATE stp.financial_position, stp.control_total, stp.control_total_offset, stp.system_plan;
SELECT is_empty('SELECT * FROM stp.' || v, v || ' of nothing') FROM unnest('{organisation_finance,system_finance,system_finance_organisation,finance_bases,finance_forecast,system_plan_balance,system_plan_solution,financial_position_observation,unassigned_finance}'::text[]) v;

SELECT * FROM finish();
