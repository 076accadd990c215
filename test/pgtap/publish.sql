-- Module publish: who may publish, what is frozen, and that a change of anything that is published shows.
SELECT no_plan();
SET client_min_messages = error;
INSERT INTO stp.system (system, name) VALUES ('S', 'System'), ('T', 'Other'), ('U', 'Nothing reported');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S'), ('B', 'T');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('i', 'I', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.scheme (scheme, name) VALUES ('mine', 'Mine'), ('other', 'Other');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method)
SELECT s, n.* FROM unnest('{mine,other}'::text[]) s, (VALUES ('all', NULL, 'All', NULL, NULL), ('i', 'all', 'I', 'i', 'min_max')) n;
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('mine', 1, 'Good', 50), ('mine', 2, 'Other', NULL);
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('i', 'A', '2026-03', 0.1), ('i', 'B', '2026-03', 0.3);

-- With doc/roles/publisher.sql one publishes, and does nothing else to what is published.
CREATE ROLE publish_publisher;
\set role publish_publisher
\i doc/roles/publisher.sql
SET ROLE publish_publisher;
SELECT lives_ok($$ CALL stp.publish('mine', '2026-03', 'First') $$, 'the publisher publishes');
SELECT throws_ok(statement, '42501', NULL, 'but is refused: ' || statement)
  FROM unnest(ARRAY[
    $$ INSERT INTO stp.published_node (revision, scheme, period, unit, node, depth, place, name, status) VALUES (1, 'mine', '2026-03', 'X', 'all', 0, 0, 'x', 'ok') $$,
    $$ INSERT INTO stp.publication SELECT 2, 'backdated', period, 1, '2016-01-01', published_by, note, version, definition, fingerprint, result, hash FROM stp.publication $$,
    $$ UPDATE stp.publication SET note = 'Other' $$, $$ DELETE FROM stp.published_node $$, $$ TRUNCATE stp.publication CASCADE $$,
    $$ CALL stp_internal.publish('mine', '2026-03', 'Mine', 'postgres') $$,
    $$ SELECT stp_internal.settled_time() $$, $$ SELECT stp_internal.take_turn('stp.publication') $$]) statement;
RESET ROLE;
SELECT results_eq('SELECT number, revision, published_by FROM stp.publication', $$ VALUES (1, 1, 'publish_publisher'::text) $$, 'the name and the number are not the publisher''s to choose');
CREATE ROLE publish_other;
SET ROLE publish_other;
SELECT throws_ok($$ CALL stp.publish('mine', '2026-03', 'Mine') $$, '42501', NULL, 'others do not publish');
RESET ROLE;
SELECT throws_ok($$ CALL stp.publish(NULL, '2026-03', 'x') $$, '22004', NULL, 'no scheme')
 UNION ALL SELECT throws_ok($$ CALL stp.publish('mine', NULL, 'x') $$, '22004', NULL, 'no period')
 UNION ALL SELECT throws_ok($$ CALL stp.publish('mine', '2026-03', '') $$, '22023', NULL, 'no note')
 UNION ALL SELECT throws_ok($$ CALL stp.publish('none', '2026-03', 'x') $$, '22023', NULL, 'no such scheme')
 UNION ALL SELECT throws_ok($$ CALL stp.publish('mine', '2031-03', 'x') $$, '55000', 'scheme "mine" has neither a figure nor a score in 2031-03', 'nothing to publish');

-- In a transaction: what it has written before is published, what it writes afterwards is not.
BEGIN;
UPDATE stp.observation SET value = value + 1 WHERE organisation = 'A';
CALL stp.publish('mine', '2026-03', 'A corrected');
UPDATE stp.observation SET value = value + 1 WHERE organisation = 'A';
SAVEPOINT s;
CALL stp.publish('other', '2026-03', 'Never');
UPDATE stp.observation SET value = value + 1 WHERE organisation = 'A';
ROLLBACK TO s;
UPDATE stp.observation SET value = value + 1 WHERE organisation = 'A';
COMMIT;
SELECT results_eq('SELECT revision, status FROM stp.verify() ORDER BY number', $$ VALUES (1, 'ok'), (2, 'ok') $$, 'and both stand');
SELECT set_eq('SELECT value FROM stp.observation_history', $$ VALUES (0.1::float8), (1.1) $$, 'what was published is kept, what was neither published nor committed is not');
CALL stp.publish('other', '2026-03', 'Other');
SELECT results_eq('SELECT number, published_scheme, revision, scheme_agrees AND inputs_agree AND result_agrees AND chain_agrees, status FROM stp.verify()',
    $$ VALUES (1, 'mine', 1, true, 'ok'), (2, 'mine', 2, true, 'ok'), (3, 'other', 1, true, 'ok') $$, 'all that is published is as it was');
SELECT is((SELECT count(*) FROM stp.verify('mine', '2026-03')), 2::bigint, 'of one scheme and period');
SET TimeZone = 'Asia/Kolkata';
SET DateStyle = 'German';
SET extra_float_digits = 0;
SELECT is((SELECT count(*) FROM stp.verify() WHERE status = 'ok'), 3::bigint, 'whatever the session''s settings');
RESET TimeZone;
RESET DateStyle;
RESET extra_float_digits;

-- Whoever owns the tables can change them. It shows: 1,000 changes of any column of any row, one at a time ------------

CREATE FUNCTION other_value(was text, type regtype) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF was IS NULL THEN
        RETURN CASE type WHEN 'text'::regtype THEN '' WHEN 'stp.period'::regtype THEN '2026-04' WHEN 'timestamptz'::regtype THEN '2026-01-01' ELSE '0' END;
    ELSIF random() < 0.1 AND type = 'float8'::regtype THEN
        RETURN NULL;
    END IF;
    RETURN CASE type
        -- The next number there is: the last bit.
        WHEN 'float8'::regtype THEN (CASE WHEN was::float8 = 0 THEN -was::float8 ELSE was::float8 * (1 + 2.3e-16) END)::text
        WHEN 'text'::regtype THEN (ARRAY[was || ' ', upper(was) || 'x', reverse(was) || 'y', ''])[1 + floor(random() * 4)]
        WHEN 'jsonb'::regtype THEN CASE WHEN random() < 0.5 THEN (was::jsonb || '{"extra": null}')::text ELSE replace(was, '1', '2') END
        WHEN 'timestamptz'::regtype THEN (was::timestamptz + (ARRAY['1 microsecond', '-1 microsecond', '10 years', '-10 years']::interval[])[1 + floor(random() * 4)])::text
        WHEN 'stp.period'::regtype THEN (was::stp.period + 1)::text
        ELSE (was::bigint + 1 + floor(random() * 3))::text END;
END $$;
CREATE TABLE tampering (relation regclass, name text, was text, becomes text, found boolean);
CREATE FUNCTION shown(of_scheme text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN bool_or(status <> 'ok') FROM stp.verify(of_scheme); END $$;
CREATE PROCEDURE tamper() LANGUAGE plpgsql AS $$
DECLARE
    target record;
    t tampering;
    tampered text;
BEGIN
    SELECT a.attrelid::regclass AS relation, a.attname AS name, a.atttypid::regtype AS type INTO target
      FROM pg_attribute a WHERE a.attrelid = ANY ('{stp.publication,stp.published_node}'::regclass[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY random() LIMIT 1;
    EXECUTE format('SELECT ctid::text AS place, %I::text AS was, scheme FROM %s ORDER BY random() LIMIT 1', target.name, target.relation) INTO t.becomes, t.was, tampered;
    t.relation := target.relation;
    t.name := target.name;
    BEGIN
        EXECUTE format('UPDATE %s SET %I = %L WHERE ctid = %L', target.relation, target.name, other_value(t.was, target.type), t.becomes);
        -- Mostly it shows among the publications of its scheme; where it does not, all are asked, which takes longer.
        t.found := shown(tampered) IS TRUE OR shown();
        RAISE EXCEPTION 'and back' USING ERRCODE = 'ZZZZZ';
    EXCEPTION
        WHEN SQLSTATE 'ZZZZZ' THEN INSERT INTO tampering SELECT t.*;
        -- No key, no number: it was not possible.
        WHEN integrity_constraint_violation OR data_exception THEN NULL;
    END;
END $$;
SET session_replication_role = replica;
SELECT setseed(0.11);
-- Queries this small take less time than their plans and their workers.
SET max_parallel_workers_per_gather = 0;
SET plan_cache_mode = force_generic_plan;
DO $$ BEGIN WHILE (SELECT count(*) FROM tampering) < 1000 LOOP CALL tamper(); END LOOP; END $$;
SELECT is_empty('SELECT DISTINCT relation, name, was FROM tampering WHERE found IS NOT TRUE', 'each of 1,000 changes shows');
SELECT cmp_ok((SELECT count(DISTINCT (relation, name))::int FROM tampering), '>=', 30, 'in every column');

-- Rows that are added, taken out or moved.
CREATE TABLE attempt (statement text);
INSERT INTO attempt VALUES
    ('DELETE FROM stp.publication WHERE number = 2'), ('DELETE FROM stp.publication WHERE number = 1'),
    ('DELETE FROM stp.published_node WHERE unit = ''U'' AND node = ''i'' AND revision = 1'), ('DELETE FROM stp.published_node WHERE scheme = ''other'''),
    ('INSERT INTO stp.published_node SELECT (jsonb_populate_record(n, ''{"unit": "V"}'')).* FROM stp.published_node n WHERE unit = ''U'' AND scheme = ''other'''),
    ('INSERT INTO stp.publication SELECT 4, ''late'', period, 1, ''2016-04-01'', ''somebody'', note, version, definition, fingerprint, result, hash FROM stp.publication WHERE number = 1'),
    ('INSERT INTO stp.publication SELECT 5, scheme, period, 9, now(), ''somebody'', note, version, definition, fingerprint, result, hash FROM stp.publication WHERE number = 2'),
    ('UPDATE stp.publication SET number = CASE number WHEN 1 THEN 20 ELSE 10 END WHERE number IN (1, 2)'),
    -- What it rests on.
    ('UPDATE stp.observation_history SET value = value + 1'), ('DELETE FROM stp.observation_history'),
    ('UPDATE stp.observation_history SET superseded_at = recorded_at'), ('UPDATE stp.observation SET recorded_at = ''2216-04-01'' WHERE organisation = ''B'''),
    ('UPDATE stp.scheme_node SET weight = 2, recorded_at = recorded_at WHERE scheme = ''mine'' AND node = ''i'''),
    ('UPDATE stp.system SET system = ''W'' WHERE system = ''U''');
CREATE FUNCTION shows(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE result boolean;
BEGIN
    EXECUTE statement;
    result := shown();
    RAISE EXCEPTION 'and back' USING ERRCODE = 'ZZZZZ';
EXCEPTION WHEN SQLSTATE 'ZZZZZ' THEN RETURN result;
END $$;
SELECT ok(shows(statement), 'shows: ' || statement) FROM attempt;
SELECT ok(NOT shows('SELECT 1'), 'and what is not changed does not');
RESET plan_cache_mode;
RESET max_parallel_workers_per_gather;
SET session_replication_role = origin;
DROP OWNED BY publish_publisher, publish_other;
DROP ROLE publish_publisher, publish_other;
SELECT * FROM finish();
