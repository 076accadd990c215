-- One odd row does not stop the others: reports at the ends of the calendar, leaves that may be of any age, dates that no
-- calendar has; and a change that cannot be worked out at all is set aside.
SELECT no_plan();
SET client_min_messages = error;
INSERT INTO stp.system (system, name) VALUES ('S', 'System'), ('T', 'Other');
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B');
INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S'), ('B', 'T');
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('i', 'I', 'x', 'mean', 'higher', 'none'), ('j', 'J', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.scheme (scheme, name, grain) SELECT g, g, g FROM unnest('{month,quarter,half,year}'::text[]) g;
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, maximum_age, low, high)
SELECT s.scheme, n.* FROM stp.scheme s, (VALUES ('all', NULL, 'All', NULL, NULL, NULL::int, NULL::float8, NULL::float8), ('i', 'all', 'I', 'i', 'as_is', NULL, 0, 100), ('j', 'all', 'J', 'j', 'as_is', 0, 0, 100)) n
 WHERE NOT s.builtin;
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT i, o, '2026-03', 1 FROM unnest('{i,j}'::text[]) i, unnest('{A,B}'::text[]) o;
CALL stp.refresh();
SELECT is_empty($$ SELECT * FROM stp.refresh_log WHERE status <> 'done' $$, 'all is well');

-- Every refresh is equal to a full computation, and nothing has failed.
CREATE FUNCTION difference() RETURNS TABLE (scheme text, period text) LANGUAGE sql AS $$
    WITH rateable AS (SELECT DISTINCT n.scheme, stp.period(stp.last_day(o.period), s.grain) AS period
                        FROM stp.scheme s JOIN stp.scheme_node n USING (scheme) JOIN stp.observation o USING (indicator) WHERE NOT s.builtin AND s.scheme <> 'bad')
    SELECT scheme, period::text FROM (SELECT r.scheme, r.period, a.* FROM rateable r CROSS JOIN LATERAL stp.assess(r.scheme, r.period) a
                                      EXCEPT TABLE stp.assessment_node) missing
    UNION ALL SELECT scheme, period::text FROM (SELECT scheme, period FROM stp.assessed_period WHERE scheme IN (SELECT scheme FROM rateable)
                                                EXCEPT SELECT scheme, period FROM rateable) extra $$;
CREATE TABLE odd (period text);
INSERT INTO odd VALUES ('2199/00'), ('2200-03'), ('2200-02'), ('2199/00 Q4'), ('2199/00 H2'), ('1900-04'), ('1900/01'), ('1900/01 Q1'), ('1900/01 H1'), ('1900-05'), ('2199-04');
CREATE TABLE fault (period text, step text, found text);
DO $$
DECLARE odd record;
BEGIN
    FOR odd IN SELECT * FROM odd LOOP
        INSERT INTO stp.observation (indicator, organisation, period, value) SELECT i, 'A', odd.period::stp.period, 2 FROM unnest('{i,j}'::text[]) i;
        UPDATE stp.observation SET value = value + 1 WHERE period = '2026-03'::stp.period;
        COMMIT;
        CALL stp.refresh();
        INSERT INTO fault SELECT odd.period, 'come', d::text FROM difference() d UNION ALL SELECT odd.period, 'come', l::text FROM stp.refresh_log l WHERE status = 'failed';
        DELETE FROM stp.observation WHERE period = odd.period::stp.period;
        COMMIT;
        CALL stp.refresh();
        INSERT INTO fault SELECT odd.period, 'gone', d::text FROM difference() d UNION ALL SELECT odd.period, 'gone', l::text FROM stp.refresh_log l WHERE status = 'failed';
        INSERT INTO fault SELECT odd.period, 'mark', c::text FROM stp_internal.input_change c;
    END LOOP;
END $$;
SELECT is_empty('SELECT * FROM fault', 'a report at an end of the calendar is rated as any other');

-- Leaves that may be of any age. What is kept beside ratings takes some times as long as they do: of one scheme it is.
UPDATE stp.scheme SET keeps_detail = false WHERE NOT builtin AND scheme <> 'year';
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'i', 'A', period::stp.period, 3 FROM odd;
CALL stp.refresh();
DO $$
DECLARE age int;
BEGIN
    FOREACH age IN ARRAY ARRAY[0, 1, 1507, 1508, 1509, 3599, 3600, 3601, 2147483646, 2147483647] LOOP
        UPDATE stp.scheme_node SET maximum_age = age WHERE node = 'i' AND NOT builtin;
        UPDATE stp.observation SET value = value + 1;
        COMMIT;
        CALL stp.refresh();
        INSERT INTO fault SELECT age::text, 'age', d::text FROM difference() d UNION ALL SELECT age::text, 'age', l::text FROM stp.refresh_log l WHERE status = 'failed';
    END LOOP;
END $$;
SELECT is_empty('SELECT * FROM fault', 'a leaf may be of any age');
UPDATE stp.scheme_node SET reference_period = '1900-04', method = 'min_max' WHERE node = 'i' AND scheme = 'month';
UPDATE stp.scheme_node SET reference_period = '2199/00', method = 'min_max' WHERE node = 'i' AND scheme = 'year';
UPDATE stp.observation SET value = value + 1;
CALL stp.refresh();
SELECT is_empty('SELECT * FROM difference()', 'a reference may be at an end of the calendar')
 UNION ALL SELECT is_empty($$ SELECT * FROM stp.refresh_log WHERE status = 'failed' $$, 'and nothing fails');

-- Dates that have no day before or after them are refused, with the row; those that people write for never are not.
SELECT throws_ok(format('INSERT INTO stp.system (system, name, valid_from, valid_to) VALUES (''X'', ''X'', %L, %L)', f, t), '23514', NULL, format('a system from %s to %s', f, t))
  FROM (VALUES ('4714-11-24 BC', NULL), ('2020-04-01', '5874897-12-31'), ('2020-04-01', '10000-01-01'), ('0001-12-31 BC', '2020-03-31'), ('infinity', NULL)) v (f, t);
SELECT throws_ok(format('INSERT INTO stp.membership (organisation, system, valid_from, valid_to) VALUES (''A'', ''T'', %L, %L)', f, t), '23514', NULL, format('a membership from %s to %s', f, t))
  FROM (VALUES ('4714-11-24 BC', NULL), ('2020-04-01', '5874897-12-31')) v (f, t);
UPDATE stp.membership SET valid_from = '-infinity', valid_to = '9999-12-31';
UPDATE stp.system SET valid_from = '0001-01-01', valid_to = 'infinity';
CALL stp.refresh();
SELECT is_empty($$ SELECT * FROM stp.refresh_log WHERE status = 'failed' $$, 'for ever is for ever');
SELECT is_empty('SELECT * FROM difference()', 'as is since always');

-- A change that cannot be worked out, here because its scheme's grain is none: it is found among many, and set aside.
UPDATE stp.scheme_node SET reference_period = NULL, method = 'as_is', maximum_age = NULL WHERE node = 'i' AND NOT builtin;
CALL stp.refresh();
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('bad', 'Bad', 'x', 'mean', 'higher', 'none');
INSERT INTO stp.scheme (scheme, name) VALUES ('bad', 'Bad');
INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('bad', 'all', 'All', 'bad', 'as_is');
CALL stp.refresh();
SET session_replication_role = replica;
UPDATE stp.scheme SET grain = 'fortnight' WHERE scheme = 'bad';
SET session_replication_role = origin;
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('bad', 'A', '2026-03', 1);
UPDATE stp.observation SET value = value + 1 WHERE indicator <> 'bad';
\set ON_ERROR_STOP off
CALL stp.refresh();
\set ON_ERROR_STOP on
SELECT is(:'LAST_ERROR_MESSAGE'::text, 'stp.refresh: 1 failed: observation bad from 2026-03-01 to 2026-03-31', 'it is named in the end');
SELECT is_empty('SELECT * FROM difference() WHERE scheme <> ''bad''', 'the others are rated');
SELECT results_eq($$ SELECT input, code, (failure).error ~ 'fortnight' FROM stp_internal.input_change $$, $$ VALUES ('observation', 'bad', true) $$, 'the mark stays, with its error');
SELECT results_eq($$ SELECT scheme, task, error ~ 'fortnight' FROM stp.refresh_log WHERE status = 'failed' $$,
    $$ VALUES (NULL, 'observation bad from 2026-03-01 to 2026-03-31', true) $$, 'and the log says so');
INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('bad', 'B', '2026-03', 1);
\set ON_ERROR_STOP off
CALL stp.refresh();
\set ON_ERROR_STOP on
SELECT is((SELECT count(*) FROM stp.refresh_log WHERE status = 'failed'), 1::bigint, 'once');
SELECT results_eq('SELECT task, failures FROM stp.refresh_failing', $$ VALUES ('observation bad from 2026-03-01 to 2026-03-31', 2) $$,
    'it is tried again with what has come since');
SET session_replication_role = replica;
UPDATE stp.scheme SET grain = 'month' WHERE scheme = 'bad';
SET session_replication_role = origin;
CALL stp.refresh();
SELECT is_empty('SELECT FROM stp.refresh_failing UNION ALL SELECT FROM stp_internal.input_change', 'and when it is mended it is done');
SELECT isnt_empty($$ SELECT FROM stp.assessment WHERE scheme = 'bad' AND period = '2026-03' $$, 'and rated');
SELECT * FROM finish();
