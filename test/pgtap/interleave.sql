-- Three sessions write at the same time, in an order drawn at random: updates, deletes, inserts, TRUNCATE, MERGE, ON CONFLICT,
-- savepoints released and rolled back, under READ COMMITTED and REPEATABLE READ. After each commit an observer writes down
-- what the table holds. Whatever was committed, and nothing else, must be found again as of that time.
SELECT no_plan();
SET client_min_messages = warning;
CREATE EXTENSION dblink;

INSERT INTO stp.system (system, name) VALUES ('S', 'System');
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'Trust' FROM generate_series(1, 4) i;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('i', 'I', 'x', 'mean', 'higher', 'none');

CREATE TABLE seen (at timestamptz, organisation text, value float8);
CREATE TABLE moment (at timestamptz PRIMARY KEY, position int GENERATED ALWAYS AS IDENTITY, statement text);
CREATE TABLE session (name text PRIMARY KEY, pid int, in_transaction boolean DEFAULT false, savepoint boolean DEFAULT false,
                      statement text, done int DEFAULT 0, failed int DEFAULT 0, waited int DEFAULT 0);

CREATE FUNCTION address() RETURNS text LANGUAGE sql AS $$
    SELECT format('host=%s port=%s dbname=%s user=%s', split_part(current_setting('unix_socket_directories'), ',', 1),
                  current_setting('port'), current_database(), current_user) $$;

-- A statement for a session that is inside a transaction, or begins one.
CREATE FUNCTION draw(s session) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    o text := quote_literal('O' || 1 + floor(random() * 4));
    v text := (round((random() * 1e6)::numeric))::text;
    kind int := floor(random() * 14);
BEGIN
    IF NOT s.in_transaction THEN
        RETURN CASE WHEN random() < 0.3 THEN 'BEGIN ISOLATION LEVEL REPEATABLE READ' ELSE 'BEGIN' END;
    END IF;
    RETURN CASE
        WHEN kind < 3 THEN format('UPDATE stp.observation SET value = %s WHERE organisation = %s', v, o)
        WHEN kind = 3 THEN format('UPDATE stp.observation SET value = value + 1')
        WHEN kind = 4 THEN format('DELETE FROM stp.observation WHERE organisation = %s', o)
        WHEN kind = 5 THEN format('INSERT INTO stp.observation (indicator, organisation, period, value) VALUES (''i'', %s, ''2026-03'', %s)
            ON CONFLICT (indicator, period, organisation) DO UPDATE SET value = excluded.value', o, v)
        WHEN kind = 6 THEN format('MERGE INTO stp.observation t USING (VALUES (%s, %s)) v (organisation, value) ON t.organisation = v.organisation
            WHEN MATCHED AND v.value > 5e5 THEN DELETE WHEN MATCHED THEN UPDATE SET value = v.value
            WHEN NOT MATCHED THEN INSERT (indicator, organisation, period, value) VALUES (''i'', v.organisation, ''2026-03'', v.value)', o, v)
        WHEN kind = 7 THEN format('INSERT INTO stp.observation (indicator, organisation, period, value)
            SELECT ''i'', %s, ''2026-03'', %s ON CONFLICT DO NOTHING', o, v)
        WHEN kind = 8 AND random() < 0.3 THEN 'TRUNCATE stp.observation'
        WHEN kind < 10 AND NOT s.savepoint THEN 'SAVEPOINT s'
        WHEN kind = 8 THEN 'RELEASE s'
        WHEN kind = 9 THEN 'ROLLBACK TO s'
        WHEN kind = 10 THEN 'ROLLBACK'
        ELSE 'COMMIT' END;
END $$;

-- What there is now, as everybody can see it; nothing while somebody else is about to commit, or has truncated.
CREATE PROCEDURE look(statement text) LANGUAGE plpgsql AS $$
DECLARE now timestamptz;
BEGIN
    IF EXISTS (SELECT FROM session s WHERE s.statement = 'COMMIT' AND dblink_is_busy(s.name) = 1)
       OR EXISTS (SELECT FROM pg_locks l WHERE l.relation = 'stp.observation'::regclass AND l.mode = 'AccessExclusiveLock') THEN
        RETURN;
    END IF;
    -- Not before it is known that nobody is committing.
    now := clock_timestamp();
    INSERT INTO moment (at, statement) VALUES (now, look.statement);
    INSERT INTO seen SELECT now, o.organisation, o.value FROM stp.observation o;
    COMMIT;
END $$;

-- Take the result of a statement that has ended, and note what it means.
CREATE PROCEDURE take(INOUT s session) LANGUAGE plpgsql AS $$
DECLARE
    failed boolean := false;
BEGIN
    BEGIN
        PERFORM * FROM dblink_get_result(s.name) r (x text);
    EXCEPTION WHEN OTHERS THEN failed := true;
    END;
    PERFORM * FROM dblink_get_result(s.name, false) r (x text);
    s.done := s.done + 1;
    s.failed := s.failed + failed::int;
    s.in_transaction := NOT failed AND s.statement NOT IN ('COMMIT', 'ROLLBACK');
    s.savepoint := s.in_transaction AND (s.savepoint OR s.statement = 'SAVEPOINT s') AND s.statement <> 'RELEASE s';
    IF failed THEN PERFORM dblink_exec(s.name, 'ROLLBACK', false); END IF;
END $$;

CREATE PROCEDURE play(steps int) LANGUAGE plpgsql AS $$
DECLARE
    s   session;
    try int;
BEGIN
    FOR step IN 1 .. steps LOOP
        SELECT * INTO s FROM session ORDER BY random() LIMIT 1;
        IF s.statement IS NULL THEN
            s.statement := draw(s);
            PERFORM dblink_send_query(s.name, s.statement);
        END IF;
        -- Until it has ended, or waits for another session, which the next steps will move.
        try := 0;
        WHILE dblink_is_busy(s.name) = 1 AND try < 200 LOOP
            try := try + 1;
            PERFORM pg_sleep(0.0005);
            EXIT WHEN cardinality(pg_blocking_pids(s.pid)) > 0;
        END LOOP;
        IF dblink_is_busy(s.name) = 0 THEN
            CALL take(s);
            IF s.statement = 'COMMIT' THEN CALL look(s.statement); END IF;
            s.statement := NULL;
        ELSE
            s.waited := s.waited + 1;
        END IF;
        UPDATE session SET statement = s.statement, in_transaction = s.in_transaction, savepoint = s.savepoint,
               done = s.done, failed = s.failed, waited = s.waited WHERE name = s.name;
        COMMIT;
    END LOOP;
END $$;

SELECT setseed(0.20261126);
INSERT INTO session (name) VALUES ('one'), ('two'), ('three');
SELECT is(count(dblink_connect(name, address())), 3::bigint, 'three sessions') FROM session;
UPDATE session SET pid = (SELECT p FROM dblink(session.name, 'SELECT pg_backend_pid()') r (p int));
SELECT is(count(dblink_exec(name, 'SET deadlock_timeout = ''20ms''')), 3::bigint, 'that give up soon') FROM session;
CALL look('start');
SET statement_timeout = '120s';
CALL play(4000);
RESET statement_timeout;
SELECT is(count(dblink_disconnect(name)), 3::bigint, 'and are gone') FROM session;
-- One may have been committing when its client left: the observer waits until it has gone.
DO $$ BEGIN WHILE EXISTS (SELECT FROM pg_stat_activity a JOIN session s USING (pid)) LOOP PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$;
CALL look('end');

SELECT cmp_ok((SELECT count(*)::int FROM moment), '>', 150, 'there were commits');
SELECT cmp_ok((SELECT sum(waited)::int FROM session), '>', 50, 'and waits');
SELECT cmp_ok((SELECT count(*)::int FROM stp.observation_history), '>', 200, 'and history');

CREATE FUNCTION known_at(t timestamptz) RETURNS TABLE (organisation text, value float8) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('stp.as_of', t::text, true);
    RETURN QUERY SELECT o.organisation, o.value FROM stp_internal.observation_as_of o;
    PERFORM set_config('stp.as_of', '', true);
END $$;
CREATE FUNCTION as_text(t timestamptz) RETURNS text LANGUAGE sql AS
    'SELECT string_agg(k.organisation || k.value, '','' ORDER BY k.organisation, k.value) FROM known_at(t) k';
CREATE FUNCTION seen_at(t timestamptz) RETURNS text LANGUAGE sql AS
    'SELECT string_agg(s.organisation || s.value, '','' ORDER BY s.organisation, s.value) FROM seen s WHERE s.at = t';

SELECT is_empty('SELECT m.at, m.statement, as_text(m.at), seen_at(m.at) FROM moment m WHERE as_text(m.at) IS DISTINCT FROM seen_at(m.at)',
    'as of each commit there is what was committed');
SELECT is_empty($$ SELECT t.at, as_text(t.at)
                     FROM (SELECT m.at + (next.at - m.at) * f AS at, m.at AS before, next.at AS after
                             FROM moment m JOIN moment next ON next.position = m.position + 1, unnest(ARRAY[0.1, 0.4, 0.8, 0.95]) f) t
                    -- The observer does not come round after every commit.
                    WHERE (SELECT count(DISTINCT r.committed_at) FROM stp_internal.recording r WHERE r.committed_at BETWEEN t.before AND t.after) <= 1
                      -- A time that is a stamp means the tables as its transaction left them, when it had been committed.
                      AND NOT EXISTS (SELECT FROM stp_internal.recording r WHERE r.recorded_at = t.at)
                      AND as_text(t.at) IS DISTINCT FROM seen_at(t.before) AND as_text(t.at) IS DISTINCT FROM seen_at(t.after) $$,
    'and between two commits what one of them left');
SELECT is_empty($$ SELECT r.committed_at, known.organisation FROM (SELECT DISTINCT committed_at FROM stp_internal.recording) r, unnest(ARRAY[interval '0', '-1 microsecond']) offs
                    CROSS JOIN LATERAL known_at(r.committed_at + offs) known GROUP BY 1, offs, 2 HAVING count(*) > 1 $$,
    'never two versions of a key');
SELECT is_empty('SELECT FROM stp.observation_history WHERE superseded_at <= recorded_at', 'no version was there for no time');
SELECT is_empty($$ SELECT s.organisation, s.value FROM seen s
                    WHERE NOT EXISTS (SELECT FROM stp.observation_history h WHERE h.organisation = s.organisation AND h.value = s.value)
                      AND NOT EXISTS (SELECT FROM stp.observation o WHERE o.organisation = s.organisation AND o.value = s.value) $$,
    'every committed value is kept');
SELECT * FROM finish();
