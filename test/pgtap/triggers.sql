-- Anybody can attach a trigger function that he may execute to a table of his own. Ours serve the triggers that the extension
-- has made and no others: every one of them, at every event, level and time, on a stranger's tables.
SELECT no_plan();
SET client_min_messages = error;
CREATE ROLE triggers_stranger;
GRANT CREATE, USAGE ON SCHEMA public TO triggers_stranger;

CREATE TABLE ours AS
SELECT p.oid, p.oid::regproc::text AS name, l.lanname AS language
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension e ON d.refobjid = e.oid AND e.extname = 'stp_metrics'
 WHERE p.prorettype = 'trigger'::regtype;
SELECT cmp_ok((SELECT count(*)::int FROM ours), '>', 20, 'there are trigger functions');
SELECT cmp_ok((SELECT count(*)::int FROM ours WHERE language = 'c'), '>=', 5, 'some of them in C');
GRANT SELECT ON ours TO triggers_stranger;

CREATE TABLE result (role text, function text, language text, kind text, relation text, at text, code text, message text);
GRANT INSERT ON result TO triggers_stranger;
CREATE TABLE shape (relation text, definition text);
INSERT INTO shape VALUES ('t', 'x int, recorded_at timestamptz'), ('t_other', 'x int'), ('observation', 'x int, recorded_at text'), ('empty', '');
GRANT SELECT ON shape TO triggers_stranger;

-- Every kind of trigger that the grammar allows, with and without transition tables and arguments.
CREATE PROCEDURE attack() LANGUAGE plpgsql AS $$
DECLARE
    attempt record;
    at      text;
BEGIN
    FOR attempt IN
        SELECT f.name, f.language, s.relation, s.definition, k.kind, k.level, k.referencing, a.arguments
          FROM ours f, shape s,
               (SELECT moment || ' ' || event AS kind, level, CASE WHEN moment = 'AFTER' AND level = 'STATEMENT' AND names THEN
                           CASE event WHEN 'INSERT' THEN 'REFERENCING NEW TABLE AS new_rows' WHEN 'DELETE' THEN 'REFERENCING OLD TABLE AS old_rows'
                                      WHEN 'UPDATE' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows' END END AS referencing
                  FROM unnest('{BEFORE,AFTER}'::text[]) moment, unnest('{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) event,
                       unnest('{ROW,STATEMENT}'::text[]) level, unnest('{f,t}'::boolean[]) names
                 WHERE NOT (event = 'TRUNCATE' AND level = 'ROW')) k,
               unnest(ARRAY['', '''x'', ''date ''''today'''''', ''date ''''today''''''']) a (arguments)
         WHERE s.definition <> '' OR k.level = 'STATEMENT'
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    LOOP
        at := 'create';
        BEGIN
            EXECUTE format('CREATE TEMP TABLE %I (%s)', attempt.relation, attempt.definition);
            IF attempt.definition <> '' THEN EXECUTE format('INSERT INTO pg_temp.%I (x) VALUES (1)', attempt.relation); END IF;
            EXECUTE format('CREATE TRIGGER attack %s ON pg_temp.%I %s FOR EACH %s EXECUTE FUNCTION %s(%s)',
                           attempt.kind, attempt.relation, attempt.referencing, attempt.level, attempt.name, attempt.arguments);
            at := 'fire';
            EXECUTE format(CASE split_part(attempt.kind, ' ', 2)
                WHEN 'INSERT' THEN CASE attempt.definition WHEN '' THEN 'INSERT INTO pg_temp.%I DEFAULT VALUES' ELSE 'INSERT INTO pg_temp.%I (x) VALUES (2)' END
                WHEN 'UPDATE' THEN CASE attempt.definition WHEN '' THEN 'UPDATE pg_temp.%I SET ctid = ctid' ELSE 'UPDATE pg_temp.%I SET x = 3' END
                WHEN 'DELETE' THEN 'DELETE FROM pg_temp.%I' ELSE 'TRUNCATE pg_temp.%I' END, attempt.relation);
            RAISE EXCEPTION 'nothing happened' USING ERRCODE = 'ZZZZZ';
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO result VALUES (current_user, attempt.name, attempt.language, concat_ws(' ', attempt.kind, attempt.level, attempt.referencing),
                                       attempt.relation, at, SQLSTATE, SQLERRM);
        END;
    END LOOP;
END $$;

SET ROLE triggers_stranger;
CALL attack();
RESET ROLE;
SELECT is_empty('SELECT * FROM result WHERE (at, code) <> (''create'', ''42501'')', 'a plain role cannot attach any of them');
SELECT cmp_ok((SELECT count(*)::int FROM result), '>', 2000, 'however it tries');
TRUNCATE result;
CALL attack();
SELECT is_empty('SELECT function, kind, relation, code, message FROM result WHERE language = ''c'' AND at = ''fire'' AND code <> ''39P01''
                    AND NOT (relation = ''empty'' AND code IN (''42601'', ''0A000''))',
    'as the owner those in C refuse in a sentence of ours');
SELECT is_empty('SELECT function, kind, relation, code, message FROM result WHERE code LIKE ''XX%''', 'and none fails inside');
SELECT is((SELECT count(DISTINCT function) FROM result WHERE language = 'c' AND code = '39P01'), (SELECT count(*) FROM ours WHERE language = 'c'),
    'each of those in C was tried');

-- Called without any trigger.
SELECT throws_ok(format('SELECT %s()', name), CASE language WHEN 'c' THEN '39P01' ELSE '0A000' END, NULL, name || ' called by hand') FROM ours;
-- On a table of ours, but of the wrong kind.
SELECT throws_ok('CREATE TRIGGER wrong BEFORE INSERT ON stp.organisation FOR EACH ROW EXECUTE FUNCTION stp_internal.record_update();
    INSERT INTO stp.organisation (organisation, name) VALUES (''A'', ''A'')', '39P01', NULL, 'one that serves updates does not serve inserts');
SELECT throws_ok('CREATE TRIGGER wrong BEFORE UPDATE ON stp.delay_reason FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.begin_write();
    UPDATE stp.delay_reason SET builtin = builtin', '39P01', NULL, 'nor a table that has no history');
SELECT throws_ok('CREATE TRIGGER wrong AFTER INSERT ON stp.organisation REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.mark_change();
    INSERT INTO stp.organisation (organisation, name) VALUES (''A'', ''A'')', '39P01', NULL, 'nor without its arguments');
-- The guard: without the new rows, or with arguments that are no rules of the table.
SELECT throws_ok(format('CREATE TRIGGER wrong AFTER INSERT ON stp.organisation %s FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.guard(%L);
    INSERT INTO stp.organisation (organisation, name) VALUES (''A'', ''A'')', referencing, rule), '39P01', NULL, 'nor the guard ' || rule)
  FROM (VALUES ('', 'name: A, B'), ('REFERENCING NEW TABLE AS n', 'name'), ('REFERENCING NEW TABLE AS n', 'name: month'),
        ('REFERENCING NEW TABLE AS n', 'name: count'), ('REFERENCING NEW TABLE AS n', 'recorded_at: A, B'),
        ('REFERENCING NEW TABLE AS n', 'nothing: A, B'), ('REFERENCING NEW TABLE AS n', ': '), ('REFERENCING NEW TABLE AS n', 'ctid: A')) t (referencing, rule);
DROP OWNED BY triggers_stranger;
DROP ROLE triggers_stranger;
SELECT * FROM finish();
