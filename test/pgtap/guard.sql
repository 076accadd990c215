-- Module guard: what its errors give away, and which keys it looks at. What it refuses is in sql/guard.sql.
SELECT no_plan();
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A');
INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('A', '2026-03', 10, 5, 5);
CREATE FUNCTION detail(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    EXECUTE statement;
    RETURN 'nothing was refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS said = PG_EXCEPTION_DETAIL;
    RETURN said;
END $$;

-- Who may update rows without reading them is not told their keys.
CREATE ROLE guard_writer;
GRANT UPDATE (discharges, organisation) ON stp.discharge_delay TO guard_writer;
SET ROLE guard_writer;
SELECT is(detail('UPDATE stp.discharge_delay SET discharges = -1'), '', 'not of a bad number');
SELECT is(detail('UPDATE stp.discharge_delay SET organisation = ''Z'''), '', 'nor of an unknown code');
SELECT throws_ok('UPDATE stp.discharge_delay SET organisation = ''Z''', '22023', 'unknown organisation "Z"', 'but the code that he gave is named');
RESET ROLE;
GRANT SELECT ON stp.discharge_delay TO guard_writer;
SET ROLE guard_writer;
SELECT matches(detail('UPDATE stp.discharge_delay SET discharges = -1'), '\(A, 2026-03\)', 'who may read them is');
RESET ROLE;
ALTER TABLE stp.discharge_delay ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON stp.discharge_delay FOR SELECT TO guard_writer USING (organisation = 'Q');
CREATE POLICY changed ON stp.discharge_delay FOR UPDATE TO guard_writer USING (true);
SET ROLE guard_writer;
SELECT is(detail('UPDATE stp.discharge_delay SET discharges = -1'), '', 'not under row-level security');
RESET ROLE;
ALTER TABLE stp.discharge_delay DISABLE ROW LEVEL SECURITY;
SELECT matches(detail($$ INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('Z', '2026-04', 1, 1, 0) $$),
    '\(Z, 2026-04\)', 'what one inserts is one''s own');

-- A key to a table of the user's own is for PostgreSQL to check.
CREATE TABLE known (organisation text PRIMARY KEY) PARTITION BY LIST (organisation);
CREATE TABLE known_a PARTITION OF known FOR VALUES IN ('A');
CREATE TABLE known_b PARTITION OF known FOR VALUES IN ('B');
INSERT INTO known VALUES ('A');
ALTER TABLE stp.discharge_delay ADD CONSTRAINT own_key FOREIGN KEY (organisation) REFERENCES known;
SELECT lives_ok($$ INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('A', '2026-05', 1, 1, 0) $$,
    'a code that it has is taken');
INSERT INTO stp.organisation (organisation, name) VALUES ('C', 'Trust C');
SELECT throws_ok($$ INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('C', '2026-05', 1, 1, 0) $$,
    '23503', NULL, 'one that it lacks is refused by the key');
DROP OWNED BY guard_writer;
DROP ROLE guard_writer;
SELECT * FROM finish();
