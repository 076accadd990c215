-- Module restore: the order in which pg_upgrade makes all this again. It does not run this script but restores the members
-- one by one, functions before operator classes; and a SQL-standard body, or a view that one pulls forward, cannot be
-- parsed while the type it sorts or groups by has no operator class. pg_dump puts only these behind an operator class:
-- indexes, range types and partitioned tables. Hence two partitioned tables, which stay empty, and a constraint by which
-- every table comes after them, and so does whatever reads one, of ours or of a user.

CREATE TABLE stp_internal.ordered_by_period (period stp.period) PARTITION BY RANGE (period);
COMMENT ON TABLE stp_internal.ordered_by_period IS 'Empty. What depends on it is restored after the order of stp.period.';

CREATE TABLE stp_internal.hashed_by_period (period stp.period) PARTITION BY HASH (period);
COMMENT ON TABLE stp_internal.hashed_by_period IS 'Empty. What depends on it is restored after the hashing of stp.period.';

-- The constants make the dependency; the condition is always true, and is folded before it is asked. What the rows that
-- ship still have to have checked is checked first, or their tables could not be altered.
DO $$
DECLARE
    deferred text;
    relation regclass;
BEGIN
    SELECT string_agg(DISTINCT format('stp.%I', conname), ', ') INTO deferred
      FROM pg_constraint WHERE connamespace = 'stp'::regnamespace AND condeferred;
    EXECUTE format('SET CONSTRAINTS %s IMMEDIATE', deferred);
    FOR relation IN
        SELECT oid::regclass FROM pg_class WHERE relnamespace = ANY (ARRAY['stp', 'stp_internal']::regnamespace[])
            AND relkind = 'r' ORDER BY relname
    LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT restored_after_operators
                          CHECK (''stp_internal.ordered_by_period''::regclass IS NOT NULL
                              AND ''stp_internal.hashed_by_period''::regclass IS NOT NULL)', relation);
    END LOOP;
    EXECUTE format('SET CONSTRAINTS %s DEFERRED', deferred);
END $$;
