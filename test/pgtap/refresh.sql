-- Module refresh: what is stale is rated again and nothing else; what is published stays.
SET client_min_messages = error;
SET jit = off;
SELECT no_plan();

INSERT INTO stp.system (system, name, kind) SELECT 'S' || i, 'System', CASE i WHEN 5 THEN 'place' ELSE 'system' END FROM generate_series(1, 5) i;
UPDATE stp.system SET parent = 'S1' WHERE system = 'S5';
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'Trust' FROM generate_series(1, 8) i;
INSERT INTO stp.membership (organisation, system) SELECT 'O' || i, 'S' || 1 + i % 5 FROM generate_series(1, 8) i;
INSERT INTO stp.population (system, period, persons) SELECT 'S' || i, y::stp.period, 1000 * i FROM generate_series(1, 5) i, unnest('{2015/16,2016/17,2017/18}'::text[]) y;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('seen', 'Seen', '%', 'proportion', 'higher', 100, 'reports'), ('admitted', 'Admitted', 'per 1,000', 'rate', 'lower', 1000, 'population'),
    ('led', 'Led', '1-4', 'judgement', 'lower', 1, 'none'), ('idle', 'Not used', 'x', 'mean', 'lower', 1, 'none');
INSERT INTO stp.scheme (scheme, name, grain) VALUES ('monthly', 'Monthly', 'month'), ('quarterly', 'Quarterly', 'quarter'), ('none', 'Nothing reported', 'month');
BEGIN;
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, maximum_age) VALUES
    ('monthly', 'all', NULL, 'All', NULL, NULL, NULL), ('monthly', 'seen', 'all', 'Seen', 'seen', NULL, 3),
    ('monthly', 'admitted', 'all', 'Admitted', 'admitted', 'min_max', 0), ('monthly', 'led', 'all', 'Led', 'led', NULL, NULL),
    ('quarterly', 'all', NULL, 'All', NULL, NULL, NULL), ('quarterly', 'seen', 'all', 'Seen', 'seen', 'ranked', 2), ('quarterly', 'led', 'all', 'Led', 'led', NULL, 6),
    ('none', 'all', NULL, 'All', NULL, NULL, NULL), ('none', 'idle', 'all', 'Idle', 'idle', NULL, NULL);
UPDATE stp.scheme_node SET rescale = true WHERE scheme = 'quarterly' AND node = 'all';
COMMIT;
INSERT INTO stp.scheme_category (scheme, position, category, cut) VALUES ('monthly', 1, 'Good', 50), ('monthly', 2, 'Other', NULL);
SELECT setseed(0.5);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'seen', 'O' || i, stp.period('2016-04-01', 'month') + m, floor(random() * 90), 100 FROM generate_series(1, 8) i, generate_series(0, 17) m WHERE m <> 5;
INSERT INTO stp.observation (indicator, organisation, period, numerator)
SELECT 'admitted', 'O' || i, stp.period('2016-04-01', 'month') + m, floor(random() * 90) FROM generate_series(1, 8) i, generate_series(6, 11) m;
INSERT INTO stp.observation (indicator, organisation, period, value)
SELECT 'led', 'O' || i, p::stp.period, 1 + floor(random() * 4) FROM generate_series(1, 8) i, unnest('{2016/17 Q1,2016-09,2016/17,2017-11}'::text[]) p;

-- Everything from nothing: every period in which a period with observations ends, and no other.
CREATE VIEW rateable AS
SELECT DISTINCT s.scheme, stp.period(stp.last_day(o.period), s.grain) AS period
  FROM stp.scheme s JOIN stp.scheme_node n ON n.scheme = s.scheme JOIN stp.observation o ON o.indicator = n.indicator;
CREATE VIEW computed AS
SELECT r.scheme, r.period, a.* FROM rateable r CROSS JOIN LATERAL stp.assess(r.scheme, r.period) a;
CREATE FUNCTION difference() RETURNS TABLE (scheme text, period text, what text) LANGUAGE sql ROWS 1 BEGIN ATOMIC
    WITH rated AS MATERIALIZED (TABLE computed)
    SELECT scheme, period::text, 'node' FROM (SELECT encode(record_send(c), 'hex'), scheme, period FROM rated c
        EXCEPT SELECT encode(record_send(n), 'hex'), scheme, period FROM stp.assessment_node n) missing
    UNION SELECT scheme, period::text, 'extra node' FROM (SELECT scheme, period, unit, node FROM stp.assessment_node EXCEPT SELECT scheme, period, unit, node FROM rated) extra
    UNION (SELECT scheme, period::text, 'root' FROM ((SELECT scheme, period, unit, peer_group, score, coverage, rank, category, override, status FROM rated WHERE parent IS NULL
              EXCEPT TABLE stp.assessment) UNION ALL (TABLE stp.assessment EXCEPT
              SELECT scheme, period, unit, peer_group, score, coverage, rank, category, override, status FROM rated WHERE parent IS NULL)) roots)
    UNION (SELECT scheme, period::text, 'period' FROM ((TABLE rateable EXCEPT SELECT scheme, period FROM stp.assessed_period)
                                                       UNION ALL (SELECT scheme, period FROM stp.assessed_period EXCEPT TABLE rateable)) periods);
END;
CREATE VIEW last_run AS SELECT scheme, period::text AS period, task, reason, status, rows, error FROM stp.refresh_log WHERE run_at = (SELECT max(run_at) FROM stp.refresh_log) AND task NOT LIKE 'figures %';
CALL stp.refresh();
SELECT is_empty('SELECT * FROM difference()', 'the first refresh rates everything there is to rate');
SELECT cmp_ok((SELECT count(*)::int FROM stp.assessed_period), '>', 20, 'which is something');
SELECT is((SELECT count(*) FROM stp_internal.input_change) + (SELECT count(*) FROM stp_internal.stale), 0::bigint, 'and leaves no marks');
CREATE TABLE run AS SELECT count(*) FROM stp.refresh_log;
CALL stp.refresh();
SELECT is((SELECT count(*) FROM stp.refresh_log), (SELECT count FROM run), 'where nothing is stale nothing is done');

-- One change reaches what it reaches --------------------------------------------------------------------------------

UPDATE stp.observation SET numerator = numerator + 1 WHERE indicator = 'seen' AND organisation = 'O1' AND period = '2016-08'::stp.period;
CALL stp.refresh();
SELECT results_eq('SELECT scheme, period, reason, status FROM last_run ORDER BY 1, 2', $$ VALUES
    ('monthly', '2016-08', 'observation seen from 2016-08-01 to 2016-08-31', 'done'),
    ('monthly', '2016-09', 'observation seen from 2016-08-01 to 2016-08-31', 'done'),
    ('quarterly', '2016/17 Q2', 'observation seen from 2016-08-01 to 2016-08-31', 'done') $$,
    'a report reaches its own period, and later ones until there is a newer report');
SELECT is_empty('SELECT * FROM difference()', 'and all is as if computed anew');
UPDATE stp.observation SET numerator = numerator + 1 WHERE indicator = 'admitted' AND organisation = 'O1' AND period = '2016-12'::stp.period;
CALL stp.refresh();
SELECT results_eq('SELECT scheme, period FROM last_run', $$ VALUES ('monthly', '2016-12') $$, 'one that may not be older reaches no other');
SELECT cmp_ok((SELECT max(rows) FROM last_run), '<=', (SELECT 2 * count(*)::int FROM stp.assessment WHERE scheme = 'monthly' AND period = '2016-12'::stp.period),
    'and only its own nodes and those above are written');
UPDATE stp.indicator SET name = 'Another name' WHERE indicator = 'seen';
UPDATE stp.system SET name = 'Another name';
UPDATE stp.observation SET numerator = numerator;
TRUNCATE run;
INSERT INTO run SELECT count(*) FROM stp.refresh_log;
CALL stp.refresh();
SELECT is((SELECT count(*) FROM stp.refresh_log), (SELECT count FROM run), 'what ratings do not use reaches none');
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('idle', 'O1', '2016-12', 1);
CALL stp.refresh('monthly');
SELECT is((SELECT count(*) FROM stp.refresh_log), (SELECT count FROM run), 'a refresh of one scheme leaves the others');
SELECT results_eq('SELECT scheme, period::text FROM stp_internal.stale', $$ VALUES ('none', '2016-12') $$, 'as stale as they are');
CALL stp.refresh('none');
SELECT is_empty('SELECT * FROM difference()', 'until their turn comes');
DELETE FROM stp.observation WHERE indicator = 'idle';
CALL stp.refresh();
SELECT is_empty('SELECT * FROM stp.assessed_period WHERE scheme = ''none''', 'a rating whose reports are gone goes');

-- Whatever changes, a refresh gives what a full computation gives ----------------------------------------------------

CREATE PROCEDURE change(kind int) LANGUAGE plpgsql AS $$
DECLARE
    o text := 'O' || 1 + floor(random() * 8);
    s text := 'S' || 1 + floor(random() * 4);
    p stp.period := stp.period('2016-04-01', 'month') + floor(random() * 24)::int;
BEGIN
    CASE kind
        WHEN 0 THEN INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('seen', o, p, floor(random() * 100), 100)
                        ON CONFLICT (indicator, organisation, period) DO UPDATE SET numerator = excluded.numerator;
        WHEN 1 THEN DELETE FROM stp.observation WHERE indicator = 'seen' AND period = p;
        WHEN 2 THEN UPDATE stp.observation SET period = p WHERE indicator = 'led' AND period = (SELECT max(x.period) FROM stp.observation x WHERE x.indicator = 'led');
        WHEN 3 THEN DELETE FROM stp.membership WHERE organisation = o AND system <> (SELECT min(m.system) FROM stp.membership m WHERE m.organisation = o);
                    UPDATE stp.membership SET share = 1, system = s, valid_from = stp.first_day(p), valid_to = CASE WHEN random() < 0.5 THEN stp.last_day(p) + 90 END WHERE organisation = o;
        WHEN 4 THEN UPDATE stp.population SET persons = persons + 1 WHERE system = s AND period = stp.coarsen(p, 'year');
        WHEN 5 THEN UPDATE stp.scheme_node SET weight = weight + random() WHERE node = 'seen';
        WHEN 6 THEN UPDATE stp.indicator SET standard = floor(random() * 100) WHERE indicator = 'seen';
        WHEN 7 THEN UPDATE stp.system SET valid_to = stp.last_day(p) + 400 WHERE system = s;
        WHEN 8 THEN UPDATE stp.scheme SET better = CASE better WHEN 'higher' THEN 'lower' ELSE 'higher' END WHERE scheme = 'quarterly';
        WHEN 9 THEN UPDATE stp.system SET parent = s WHERE system = 'S5';
        WHEN 10 THEN DELETE FROM stp.population WHERE system = s AND period = stp.coarsen(p, 'year');
        ELSE UPDATE stp.scheme_node SET maximum_age = floor(random() * 9) WHERE node = 'led';
    END CASE;
END $$;
-- What is kept beside ratings takes some times as long as they do: of one scheme it is.
UPDATE stp.scheme SET keeps_detail = false WHERE scheme = 'monthly';
CALL stp.refresh();
CREATE TABLE wrong (round int, kind int, scheme text, period text, what text);
CREATE TABLE before AS TABLE computed WITH NO DATA;
CREATE TABLE work (round int, kind int, redone int, changed int, outside int, idle int);
DO $$
DECLARE begun timestamptz;
BEGIN
    FOR round IN 1 .. 72 LOOP
        TRUNCATE before;
        INSERT INTO before SELECT * FROM stp.assessment_node;
        CALL change(round % 12);
        IF round % 5 = 0 THEN CALL change(1 + round % 3); END IF;
        COMMIT;
        begun := clock_timestamp();
        CALL stp.refresh();
        INSERT INTO wrong SELECT round, round % 12, * FROM difference();
        -- What has changed was redone, and nothing else was touched.
        INSERT INTO work SELECT round, round % 12, (SELECT count(*) FROM stp.refresh_log WHERE run_at > begun AND status = 'done' AND scheme IS NOT NULL),
            (SELECT count(*) FROM (SELECT scheme, period FROM ((TABLE before EXCEPT TABLE stp.assessment_node) UNION ALL (TABLE stp.assessment_node EXCEPT TABLE before)) d
                                   GROUP BY 1, 2) c),
            (SELECT count(*) FROM stp.assessed_period a WHERE a.refreshed_at > begun
                AND NOT EXISTS (SELECT FROM stp.refresh_log l WHERE l.run_at > begun AND l.scheme = a.scheme AND l.period = a.period AND l.status = 'done')),
            (SELECT count(*) FROM stp.refresh_log l WHERE l.run_at > begun AND l.scheme IS NOT NULL AND l.reason ~ '^observation seen \S+ \S+ to \S+$'
                AND NOT EXISTS (SELECT FROM stp_internal.scheme_leaf f WHERE f.scheme = l.scheme AND f.indicator = 'seen'
                                   AND stp.first_day(stp_internal.latest_period('seen', l.period, f.maximum_age)) = substring(l.reason from 'from (\S+)')::date)
                -- Or somebody is missing there, whom it may have made expected.
                AND NOT EXISTS (SELECT FROM stp_internal.scheme_leaf f JOIN stp_internal.reports_of('seen', stp_internal.latest_period('seen', l.period, f.maximum_age)) r ON r.missing IS NOT NULL
                                 WHERE f.scheme = l.scheme AND f.indicator = 'seen'));
        COMMIT;
    END LOOP;
END $$;
SELECT is_empty('SELECT * FROM wrong', 'after each of 72 random changes the tables are as if computed anew');
SELECT is((SELECT count(*) FROM work WHERE outside > 0 OR changed > redone), 0::bigint, 'what changed was redone, what was not redone was not touched');
SELECT cmp_ok((SELECT count(*)::int FROM work WHERE changed > 0), '>', 40, 'most changes changed something');
SELECT is((SELECT sum(idle) FROM work WHERE kind = 0 AND round % 5 <> 0), 0::bigint, 'and a report that comes or changes reaches only what takes its period, or misses somebody');
SELECT is((SELECT count(*) FROM stp.refresh_log WHERE status <> 'done'), 0::bigint, 'nothing failed');

-- One that fails does not hold up the others --------------------------------------------------------------------------

UPDATE stp.indicator SET standard = 50 WHERE indicator = 'led';
UPDATE stp.scheme_node SET method = 'banded', reference = 'standard' WHERE scheme = 'quarterly' AND node = 'led';
CALL stp.refresh();
UPDATE stp.indicator SET standard = NULL WHERE indicator = 'led';
\set ON_ERROR_STOP off
CALL stp.refresh();
\set ON_ERROR_STOP on
SELECT is(:'LAST_ERROR_SQLSTATE'::text, '55000', 'what fails is an error in the end');
SELECT matches(:'LAST_ERROR_MESSAGE'::text, '^stp\.refresh: \d+ failed: rating quarterly 201', 'which names it');
SELECT is((SELECT count(*) FILTER (WHERE status = 'failed' AND error LIKE '23514: scheme "quarterly": node "led"%') FROM last_run WHERE scheme = 'quarterly'),
    (SELECT count(*) FROM stp.assessed_period WHERE scheme = 'quarterly'), 'a rating that fails is logged with its error');
SELECT is((SELECT count(*) FROM last_run WHERE status = 'done' AND scheme = 'monthly'), (SELECT count(*) FROM stp.assessed_period WHERE scheme = 'monthly'), 'and the others go on');
SELECT is((SELECT count(*) FROM stp.refresh_failing WHERE scheme = 'quarterly' AND error LIKE '23514: %' AND failures = 1 AND failing_since <= failed_at),
    (SELECT count(*) FROM stp.assessed_period WHERE scheme = 'quarterly'), 'it stays stale, and is seen to fail');
SELECT count(*) AS logged FROM stp.refresh_log \gset
SELECT min(failing_since) AS since FROM stp.refresh_failing \gset
\set ON_ERROR_STOP off
CALL stp.refresh();
\set again :SQLSTATE
CALL stp.refresh('monthly');
\set other :SQLSTATE
\set ON_ERROR_STOP on
SELECT is((:'again'::text, :'other'::text), ('55000'::text, '00000'::text), 'it fails again, but not a refresh of the other scheme');
SELECT is((SELECT count(*) FROM stp.refresh_log), :logged::bigint, 'the same failure is logged once');
SELECT is((SELECT array_agg(DISTINCT failures) FROM stp.refresh_failing), '{2}', 'and counted');
SELECT is((SELECT min(failing_since) FROM stp.refresh_failing), :'since'::timestamptz, 'since when it has failed');
SELECT is((SELECT count(*) FROM stp.refresh_failing WHERE failed_at <= failing_since), 0::bigint, 'and when it did last');
UPDATE stp.scheme_node SET method = NULL, reference = NULL WHERE scheme = 'quarterly' AND node = 'led';
CALL stp.refresh();
SELECT is_empty('SELECT * FROM difference()', 'and is done when the cause is gone');
SELECT is_empty('SELECT * FROM stp.refresh_failing', 'nothing is seen to fail any more');

-- As of one moment -----------------------------------------------------------------------------------------------------

CREATE TABLE moment AS SELECT clock_timestamp() AS at;
CREATE TABLE kept AS TABLE stp.assessment_node;
UPDATE stp.observation SET numerator = 0 WHERE indicator = 'seen';
SELECT at FROM moment \gset
CALL stp.refresh(as_of => :'at');
SELECT is_empty('TABLE kept EXCEPT TABLE stp.assessment_node', 'a refresh as of a time does not see later changes');
CALL stp.refresh();
SELECT is_empty('SELECT * FROM difference()', 'and leaves them to the next');
SELECT clock_timestamp() AS at \gset
UPDATE stp.observation SET numerator = 7 WHERE indicator = 'seen' AND period = (SELECT max(o.period) FROM stp.observation o WHERE o.indicator = 'seen');
SELECT clock_timestamp() AS between \gset
UPDATE stp.observation SET numerator = 9 WHERE indicator = 'seen';
CALL stp.refresh(as_of => :'between');
SELECT is((SELECT count(*) FROM stp.assessed_period WHERE as_of = :'between'), (SELECT count(*) FROM last_run), 'what had changed by then is rated as it was then');
SELECT is_empty(format('SELECT a.* FROM stp.assessed_period p CROSS JOIN LATERAL stp.assess(p.scheme, p.period, p.as_of) a WHERE p.as_of = %L
    EXCEPT SELECT %s FROM stp.assessment_node', :'between', (SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'stp.assessment_node'::regclass AND attnum > 2)), 'with the figures of then');
CALL stp.refresh();
SELECT is_empty('SELECT * FROM difference()', 'and brought up to the present');
CALL stp.refresh(as_of => :'at');
SELECT is_empty('SELECT * FROM difference()', 'a rating is not set back');

-- Whoever calls it, however ---------------------------------------------------------------------------------------------

CREATE SCHEMA hostile;
CREATE FUNCTION hostile.eq(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR hostile.= (LEFTARG = int, RIGHTARG = int, FUNCTION = hostile.eq);
CREATE FUNCTION hostile.minus(timestamptz, timestamptz) RETURNS interval LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'captured'; END $$;
CREATE OPERATOR hostile.- (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = hostile.minus);
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured'; END $$;
UPDATE stp.observation SET numerator = 11 WHERE indicator = 'seen';
SET search_path = hostile, pg_catalog;
SET default_transaction_isolation = 'serializable';
SET stp.as_of = '2020-01-01';
CALL stp.refresh();
RESET stp.as_of;
RESET default_transaction_isolation;
RESET search_path;
SELECT is_empty('SELECT * FROM difference()', 'a hostile search_path, a stricter isolation level, a session in the past: all the same');
SELECT is_empty('SELECT * FROM stp.refresh_queue', 'when it is over nothing waits');

-- Publication -------------------------------------------------------------------------------------------------------------

CREATE FUNCTION bits(query text, at timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(encode(record_send(r), ''hex''), '','' ORDER BY r.unit, r.place)) FROM (%s) r', query) INTO result USING at;
    RETURN result;
END $$;
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = 'stp.assessment_node'::regclass AND attnum > 2 \gset
BEGIN;
DELETE FROM stp.membership WHERE organisation IN ('O1', 'O2', 'O3');
INSERT INTO stp.membership (organisation, system, share) SELECT o, s, 1.0 / 3 FROM unnest('{O1,O2,O3}'::text[]) o, unnest('{S2,S3,S4}'::text[]) s;
COMMIT;
UPDATE stp.system SET valid_to = NULL;
UPDATE stp.observation SET numerator = floor(random() * 90) WHERE indicator = 'seen';
CALL stp.publish('monthly', '2016-12', 'First publication');
SELECT published_at AS first FROM stp.publication \gset
SELECT bits(format('SELECT %s FROM stp.published_node', :'columns')) AS published \gset
SELECT is(bits('SELECT * FROM stp.assess(''monthly'', ''2016-12'')'), :'published', 'what is published is what is computed');
SELECT throws_ok($$ CALL stp.publish('monthly', '2016-12', 'Again') $$, '55000', NULL, 'the same is not published twice');
UPDATE stp.observation SET numerator = numerator + 1 WHERE indicator = 'seen' AND period = '2016-04'::stp.period;
SELECT throws_ok($$ CALL stp.publish('monthly', '2016-12', 'Again') $$, '55000', NULL, 'nor if only something else has changed');
SET TimeZone = 'Asia/Kolkata';
SET DateStyle = 'German';
BEGIN;
UPDATE stp.observation SET numerator = numerator + 1 WHERE indicator = 'seen';
CALL stp.publish('monthly', '2016-12', 'Reports of all trusts corrected');
UPDATE stp.observation SET numerator = numerator + 1 WHERE indicator = 'seen';
COMMIT;
RESET DateStyle;
RESET TimeZone;
SELECT published_at AS second FROM stp.publication WHERE revision = 2 \gset
DO $$ BEGIN FOR kind IN 0 .. 11 LOOP CALL change(kind); END LOOP; END $$;
DELETE FROM stp.observation WHERE organisation = 'O2';
DELETE FROM stp.scheme_category WHERE scheme = 'monthly';
UPDATE stp.population SET persons = persons * 1.1;
CREATE FUNCTION again(at timestamptz) RETURNS text LANGUAGE sql RETURN bits('SELECT * FROM stp.assess(''monthly'', ''2016-12'', $1)', at);
SELECT isnt(bits('SELECT * FROM stp.assess(''monthly'', ''2016-12'')'), :'published', 'much has changed since');
SELECT is(again(:'first'), :'published', 'computed as of its publication it is the same to the last bit');
SELECT is(again(:'second'), bits(format('SELECT %s FROM stp.published_node WHERE revision = 2', :'columns')), 'so is the second revision, whose transaction went on writing');
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_hashagg = off; SET enable_seqscan = off;
SELECT is(again(:'first'), :'published', 'by another plan');
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_hashagg; RESET enable_seqscan;
SET enable_nestloop = off; SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_sort = off;
SELECT is(again(:'first'), :'published', 'and another');
RESET enable_nestloop; RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_sort;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0;
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', false);
SELECT is(again(:'first'), :'published', 'with workers');
SET TimeZone = 'Asia/Kolkata'; SET DateStyle = 'German'; SET extra_float_digits = -10;
SELECT is(again(:'first'), :'published', 'in another zone and style');
RESET TimeZone; RESET DateStyle; RESET extra_float_digits;
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'off', false);
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET min_parallel_index_scan_size;

SELECT results_eq('SELECT revision, note, count(*) FROM stp_bi.published_rating GROUP BY 1, 2', $$ SELECT 2, 'Reports of all trusts corrected', count(*)
    FROM stp.published_node WHERE revision = 2 AND parent IS NULL $$, 'the latest revision is the one to read');
SELECT results_eq(format('SELECT DISTINCT revision FROM stp.assessment_as_of(''monthly'', ''2016-12'', %L)', :'first'), 'VALUES (1)', 'earlier the first was known');
SELECT is(bits(format('SELECT %s FROM stp.assessment_as_of(''monthly'', ''2016-12'', %L)', :'columns', :'first')), :'published', 'with these rows');
SELECT is_empty($$ SELECT * FROM stp.assessment_as_of('monthly', '2016-12', '2020-01-01') $$, 'and before that nothing');
SELECT is(definition -> 'scheme_category' -> 0 ->> 'category', 'Good', 'the definition of the scheme is kept') FROM stp.publication WHERE revision = 1;
SELECT is(array_agg(k ORDER BY k COLLATE "C")::text[], '{indicator,scheme,scheme_bracket,scheme_category,scheme_node,scheme_node_category,scheme_override,scheme_override_condition}', 'all of it') FROM stp.publication, jsonb_object_keys(definition) k WHERE revision = 1;

-- The fingerprint is over all that goes in, and can be made again.
CREATE FUNCTION fingerprint(at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('stp.as_of', at::text, true);
    RETURN (SELECT encode(sha256(convert_to(string_agg(concat_ws(' ', i.input, i.content), E'\n' ORDER BY concat_ws(' ', i.input, i.content) COLLATE "C"), 'UTF8')), 'hex')
              FROM stp_internal.rating_input('monthly', '2016-12') i);
END $$;
SELECT is(fingerprint(published_at), fingerprint, format('the fingerprint of revision %s', revision)) FROM stp.publication;
SELECT isnt((SELECT fingerprint FROM stp.publication WHERE revision = 1), (SELECT fingerprint FROM stp.publication WHERE revision = 2), 'differs where the inputs do');

CREATE ROLE refresh_publisher;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA stp TO refresh_publisher;
GRANT EXECUTE ON PROCEDURE stp.refresh(text, timestamptz), stp.publish(text, stp.period, text) TO refresh_publisher;
SET ROLE refresh_publisher;
SELECT throws_ok('UPDATE stp.published_node SET score = 100', '42501', NULL, 'whatever was granted, nobody changes what is published');
SELECT throws_ok('DELETE FROM stp.published_node', '42501', NULL, 'nor deletes it');
SELECT throws_ok('DELETE FROM stp.publication', '42501', NULL, 'not even the note');
SELECT throws_ok('TRUNCATE stp.publication, stp.published_node', '42501', NULL, 'nor empties the table');
SELECT lives_ok($$ CALL stp.publish('quarterly', '2016/17 Q3', 'By a role that may publish') $$, 'but publishes');
CALL stp.refresh();
RESET ROLE;
SELECT is((SELECT published_by FROM stp.publication WHERE scheme = 'quarterly'), 'refresh_publisher', 'in its own name');
SELECT is_empty('SELECT * FROM difference()', 'and refreshes');
SELECT lives_ok('DELETE FROM stp.published_node WHERE scheme = ''quarterly''', 'the owner of the schema may take it back');
DROP OWNED BY refresh_publisher;
DROP ROLE refresh_publisher;

-- Scores measured by a reference period: its figures concern all periods ----------------------------------------------

INSERT INTO stp.scheme (scheme, name) VALUES ('frozen', 'Bounds of one month');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, reference_period) VALUES
    ('frozen', 'all', NULL, 'All', NULL, NULL, NULL), ('frozen', 'seen', 'all', 'Seen', 'seen', 'min_max', '2016-06');
CALL stp.refresh();
UPDATE stp.observation SET numerator = 89 WHERE indicator = 'seen' AND organisation = 'O1' AND period = '2016-06'::stp.period;
CALL stp.refresh('frozen');
SELECT is((SELECT count(*) FROM last_run), (SELECT count(*) FROM stp.assessed_period WHERE scheme = 'frozen'), 'a report of the reference period reaches all of them');
SELECT is_empty('SELECT * FROM difference() WHERE scheme = $$frozen$$', 'and they are what they should be');
CALL stp.refresh();

-- Organisations rated: who joins is rated ------------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name, rates) VALUES ('trusts', 'Trusts', 'organisation');
INSERT INTO stp.scheme_node (scheme, node, name, indicator) VALUES ('trusts', 'seen', 'Seen', 'seen');
CALL stp.refresh();
INSERT INTO stp.organisation (organisation, name) VALUES ('ONEW', 'Reports nothing');
INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('ONEW', 'S2', '2017-01-01');
CALL stp.refresh();
SELECT is((SELECT min(period) FROM stp.assessment WHERE scheme = 'trusts' AND unit = 'ONEW'), '2017-01'::stp.period, 'from the month in which it belongs');
SELECT is_empty('SELECT * FROM difference()', 'everything is what it should be');

-- Observations that come from other tables -----------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name) VALUES ('money', 'Money');
INSERT INTO stp.scheme_node (scheme, node, name, indicator) VALUES ('money', 'variance', 'Variance', 'variance_to_plan_pct');
INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
SELECT 'O' || i, '2016-07', measure, 'including', 1000 * i * CASE measure WHEN 'plan' THEN 1 ELSE i END, 1e6 FROM generate_series(1, 8) i, unnest('{plan,actual}'::text[]) measure;
CALL stp.refresh();
SELECT is_empty($$ SELECT * FROM stp.assessment WHERE scheme = 'money' $$, 'nothing is taken over that nobody asked for');
SELECT is((SELECT count(*) FROM stp.observation WHERE indicator = 'variance_to_plan_pct'), 0::bigint, 'not even as a report');
INSERT INTO stp.observation_source VALUES ('finance including');
SELECT throws_ok($$ INSERT INTO stp.observation_source VALUES ('finance excluding') $$, '23505', NULL, 'one basis at a time');
SELECT throws_ok($$ INSERT INTO stp.observation_source VALUES ('weather') $$, '22023', NULL, 'no other source');
UPDATE stp.financial_position SET surplus = surplus + 500 WHERE organisation = 'O3' AND measure = 'actual';
SELECT clock_timestamp() AS changed \gset
CALL stp.refresh(as_of => :'changed');
CALL stp.refresh();
SELECT is((SELECT count(*) FROM stp.observation WHERE indicator = 'variance_to_plan_pct'), 8::bigint, 'a change of money brings the observations up to date, and a refresh of the past does not swallow it');
SELECT is((SELECT round(value::numeric, 9) FROM stp.observation WHERE indicator = 'variance_to_plan_pct' AND organisation = 'O3'), 0.65, 'with it');
SELECT isnt_empty($$ SELECT * FROM stp.assessment WHERE scheme = 'money' AND rank = 1 $$, 'and the rating');
UPDATE stp.financial_position SET surplus = surplus - 900000 WHERE organisation = 'O8' AND measure = 'actual';
CALL stp.refresh();
SELECT set_eq('SELECT DISTINCT scheme FROM last_run WHERE period IS NOT NULL', ARRAY['money', 'stp-2026'], 'a later change reaches the ratings that use it');
SELECT is_empty('SELECT * FROM difference() WHERE scheme NOT LIKE ''stp-2017%''', 'which is what it should be');
CALL stp.refresh();
SELECT is((SELECT count(*) FROM stp_internal.input_change), 0::bigint, 'and no mark is left');
INSERT INTO stp.observation_source VALUES ('spell');
INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, admission_method) VALUES ('O1', '1', '2017-05-01', '2017-05-04', '21');
CALL stp.refresh();
SELECT is((SELECT numerator FROM stp.observation WHERE indicator = 'emergency_bed_days' AND organisation = 'O1'), 3::float8, 'spells become observations in the same way');

-- One that fails does not hold up the others, nor the ratings.
ALTER TABLE stp.observation ADD CONSTRAINT short CHECK (indicator <> 'emergency_bed_days' OR numerator < 4) NOT VALID;
UPDATE stp.spell SET discharge_date = '2017-05-06';
UPDATE stp.financial_position SET surplus = surplus + 900000 WHERE organisation = 'O8' AND measure = 'actual';
UPDATE stp.observation SET numerator = 3 WHERE indicator = 'seen' AND organisation = 'O4';
\set ON_ERROR_STOP off
CALL stp.refresh();
\set ON_ERROR_STOP on
SELECT is(:'LAST_ERROR_MESSAGE'::text, 'stp.refresh: 1 failed: source spell', 'a source that fails is named');
SELECT results_eq('SELECT task, status, error ~ ''^23514: .*short'' FROM last_run WHERE error IS NOT NULL', $$ VALUES ('source spell', 'failed', true) $$, 'and logged as such');
SELECT is((SELECT count(*) FROM last_run WHERE task = 'source finance including' AND status = 'done' AND rows > 0), 1::bigint, 'the other source is taken');
SELECT isnt_empty($$ SELECT FROM last_run WHERE scheme = 'monthly' AND status = 'done' $$, 'ratings are rated');
SELECT is_empty('SELECT * FROM difference() WHERE scheme NOT LIKE ''stp-2017%''', 'as they should be');
SELECT results_eq('SELECT task, scheme, failures FROM stp.refresh_failing', $$ VALUES ('source spell', NULL, 1) $$, 'it is seen to fail');
\set ON_ERROR_STOP off
CALL stp.refresh();
\set ON_ERROR_STOP on
SELECT results_eq('SELECT task, failures FROM stp.refresh_failing', $$ VALUES ('source spell', 2) $$, 'it is tried again');
SELECT is((SELECT count(*) FROM stp.refresh_log WHERE task = 'source spell' AND status = 'failed'), 1::bigint, 'and logged no more');
ALTER TABLE stp.observation DROP CONSTRAINT short;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'late'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON stp.observation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.indicator = 'emergency_bed_days') EXECUTE FUNCTION refuse();
UPDATE stp.observation SET numerator = 4 WHERE indicator = 'seen' AND organisation = 'O4';
\set ON_ERROR_STOP off
CALL stp.refresh();
\set ON_ERROR_STOP on
SELECT results_eq('SELECT task, failures, error FROM stp.refresh_failing', $$ VALUES ('source spell', 3, 'P0001: late') $$, 'nor does one that would fail at the commit');
SELECT isnt_empty($$ SELECT FROM last_run WHERE scheme = 'monthly' AND status = 'done' $$, 'ratings are rated then too');
SELECT is((SELECT count(*) FROM stp.refresh_log WHERE task = 'source spell' AND status = 'failed'), 2::bigint, 'another failure is logged');
DROP TRIGGER refuse ON stp.observation;
CALL stp.refresh();
SELECT is((SELECT numerator FROM stp.observation WHERE indicator = 'emergency_bed_days' AND organisation = 'O1'), 5::float8, 'when it is mended it is taken');
SELECT is_empty('SELECT * FROM stp.refresh_failing', 'and fails no more');
DELETE FROM stp.observation_source;
UPDATE stp.spell SET discharge_date = '2017-05-07';
SELECT is_empty('SELECT * FROM stp.refresh_queue', 'what is not switched on does not wait');
INSERT INTO stp.observation_source VALUES ('spell');
CALL stp.refresh();
SELECT is((SELECT numerator FROM stp.observation WHERE indicator = 'emergency_bed_days' AND organisation = 'O1'), 6::float8, 'a source that is switched on is taken as it is');

-- Schemes that nobody has asked for -------------------------------------------------------------------------------------

SELECT is_empty($$ SELECT * FROM stp.assessed_period WHERE scheme IN ('stp-2017', 'ccg-iaf-2016-17') $$, 'a shipped scheme is not rated by itself');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) SELECT 'ae_within_4_hours', 'O' || i, '2016-07', 10 * i, 100 FROM generate_series(1, 8) i;
CALL stp.refresh();
SELECT is((SELECT count(*) FROM stp_internal.stale), 0::bigint, 'nor do marks for it pile up');
CALL stp.refresh('stp-2017');
SELECT is((SELECT count(*) FROM stp.assessed_period WHERE scheme = 'stp-2017'), (SELECT count(DISTINCT stp.period(stp.last_day(period), 'year')) FROM stp.observation
            WHERE indicator IN (SELECT indicator FROM stp.scheme_node WHERE scheme = 'stp-2017')), 'by name it is');
UPDATE stp.observation SET numerator = 1 WHERE indicator = 'ae_within_4_hours' AND organisation = 'O1';
CALL stp.refresh();
SELECT isnt_empty($$ SELECT * FROM last_run WHERE scheme = 'stp-2017' AND period = '2016/17' $$, 'and from then on it is kept up to date');

-- Asked for by name as of the past first: what came later is rated by the next refresh of the present.
CREATE FUNCTION kept(scheme text) RETURNS TABLE (period text, unit text, score float8) LANGUAGE sql AS
    'SELECT a.period::text, a.unit, a.score FROM stp.assessment a WHERE a.scheme = kept.scheme ORDER BY a.period, a.unit';
INSERT INTO stp.system (system, name) VALUES ('PA', 'Past A'), ('PB', 'Past B');
INSERT INTO stp.organisation (organisation, name) VALUES ('PA1', 'Trust'), ('PB1', 'Trust');
INSERT INTO stp.membership (organisation, system) VALUES ('PA1', 'PA'), ('PB1', 'PB');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('past', 'Past', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.scheme (scheme, name, on_schedule) VALUES ('past', 'Past', false), ('queued', 'Queued', false);
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method, maximum_age) VALUES ('past', 'all', 'All', 'past', 'as_is', 0), ('queued', 'all', 'All', 'past', 'as_is', 0);
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('past', 'PA1', '2026-01', 1), ('past', 'PB1', '2026-01', 2);
SELECT clock_timestamp() AS before_revision \gset
UPDATE stp.observation SET value = 5 WHERE organisation = 'PA1';
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('past', 'PA1', '2026-02', 3);
CALL stp.refresh();
CALL stp.refresh('past', :'before_revision');
SELECT results_eq($$ SELECT * FROM kept('past') WHERE unit ~ '^P' $$, $$ VALUES ('2026-01', 'PA', 1::float8), ('2026-01', 'PB', 2) $$, 'as of the past there is one period');
CALL stp.refresh();
SELECT results_eq($$ SELECT * FROM kept('past') WHERE unit ~ '^P' $$, $$ VALUES ('2026-01', 'PA', 5::float8), ('2026-01', 'PB', 2), ('2026-02', 'PA', 3), ('2026-02', 'PB', NULL) $$,
    'and then all of the present');

-- What is reported while the first ratings of a scheme fail is rated with them.
CREATE FUNCTION not_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
CREATE TRIGGER not_now BEFORE INSERT ON stp.assessment_node FOR EACH ROW WHEN (NEW.scheme = 'queued') EXECUTE FUNCTION not_now();
\set ON_ERROR_STOP 0
CALL stp.refresh('queued');
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('past', 'PA1', '2026-04', 4);
CALL stp.refresh();
\set ON_ERROR_STOP 1
DROP TRIGGER not_now ON stp.assessment_node;
CALL stp.refresh();
SELECT results_eq($$ SELECT * FROM kept('queued') WHERE unit = 'PA' $$, $$ VALUES ('2026-01', 'PA', 5::float8), ('2026-02', 'PA', 3), ('2026-04', 'PA', 4) $$, 'no period is lost');
SELECT is_empty('SELECT * FROM stp.refresh_queue', 'and nothing waits any more');
SELECT * FROM finish();
