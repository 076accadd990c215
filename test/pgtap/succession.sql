-- Module succession: what a succession may say, and what each call does to memberships, duties and systems.
SELECT no_plan();

-- What is deferred to the commit is asked at once.
CREATE FUNCTION refused(statements text, OUT state text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statements;
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    state := 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
END $$;
CREATE FUNCTION says(statements text, wanted text, what text) RETURNS text LANGUAGE sql
RETURN (SELECT is(concat_ws(' ', nullif(r.state, '22023'), r.message), wanted, what) FROM refused(statements) r);

CREATE FUNCTION members(day date) RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(format('%s in %s %s', m.organisation, m.system, m.share), ', ' ORDER BY m.organisation COLLATE "C", m.system COLLATE "C")
          FROM stp.membership m WHERE m.valid_from <= day AND coalesce(m.valid_to, 'infinity') >= day);
CREATE FUNCTION successions(of_kind text) RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(format('%s->%s %s', s.predecessor, s.successor, s.share), ', ' ORDER BY s.day, s.predecessor COLLATE "C", s.successor COLLATE "C")
          FROM stp.succession s WHERE s.kind = of_kind);
CREATE FUNCTION duties(unit text) RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', e.indicator, e.grain, e.valid_from, e.valid_to), ', ' ORDER BY e.indicator, e.valid_from) FROM stp.expected_report e WHERE e.organisation = unit);
-- What there is, whatever it is: what is refused changes none of it.
CREATE FUNCTION everything() RETURNS text LANGUAGE sql
RETURN (SELECT md5(string_agg(r, ',' ORDER BY r COLLATE "C")) FROM (SELECT s::text FROM stp.system s UNION ALL SELECT o::text FROM stp.organisation o
    UNION ALL SELECT m::text FROM stp.membership m UNION ALL SELECT e::text FROM stp.expected_report e UNION ALL SELECT x::text FROM stp.succession x) t (r));

INSERT INTO stp.system (system, name, kind, parent) VALUES ('R', 'Region', 'region', NULL), ('Q', 'Other region', 'region', NULL),
    ('A', 'System A', 'system', 'R'), ('B', 'System B', 'system', 'R'), ('C', 'System C', 'system', 'Q'), ('D', 'System D', 'system', NULL),
    ('P', 'Place in A', 'place', 'A');
INSERT INTO stp.organisation (organisation, name, type, subtype, region) VALUES ('T1', 'Trust 1', 'Acute trust', 'Small', 'North'),
    ('T2', 'Trust 2', 'Acute trust', 'Large', 'North'), ('T3', 'Trust 3', 'Ambulance trust', NULL, 'South'), ('T4', 'Trust 4', NULL, NULL, NULL),
    ('T5', 'Trust 5', NULL, NULL, NULL), ('T6', 'Of no system', NULL, NULL, NULL);
INSERT INTO stp.membership (organisation, system, share, basis) VALUES ('T1', 'A', 1, 'main site'), ('T2', 'A', 1, 'main site'), ('T3', 'A', 0.4, 'population'),
    ('T3', 'B', 0.6, 'population'), ('T4', 'C', 1, NULL), ('T5', 'P', 0.5, NULL), ('T5', 'D', 0.5, NULL);
CREATE TABLE was AS SELECT everything() AS everything;

-- The table: what a succession may say -------------------------------------------------------------------------------

CREATE FUNCTION row_of(predecessor text, successor text, day date, share numeric DEFAULT 1, kind text DEFAULT 'system') RETURNS text LANGUAGE sql
RETURN format('INSERT INTO stp.succession (kind, predecessor, successor, day, share) VALUES (%L, %L, %L, %L, %L);', kind, predecessor, successor, day, share);
CREATE FUNCTION ends(system text, day date) RETURNS text LANGUAGE sql
RETURN format('UPDATE stp.system SET valid_to = %L WHERE system = %L;', day - 1, system);

SELECT says(row_of('X', 'B', '2026-04-01'), 'succession of system "X" by "B" on 2026-04-01: unknown predecessor "X"', 'an unknown predecessor');
SELECT says(ends('B', '2026-04-01') || row_of('B', 'T1', '2026-04-01'), 'succession of system "B" by "T1" on 2026-04-01: unknown successor "T1"', 'an organisation is no system');
SELECT says(row_of('A', 'B', '2026-04-01', 1, 'organisation'), 'succession of organisation "A" by "B" on 2026-04-01: unknown predecessor "A"', 'nor a system an organisation');
SELECT is((refused(row_of('A', 'B', '2026-04-01', 1, 'place'))).state, '22023', 'a place is a system here');
SELECT says(ends('B', '2026-04-01') || row_of('B', 'R', '2026-04-01'), 'succession of system "B" by "R" on 2026-04-01: a system cannot become a region', 'kinds stay');
SELECT says(row_of('B', 'B', '2026-04-01'), 'succession of system "B" by "B" on 2026-04-01: a code that goes on as itself alone has not changed', 'alone it is no succession');
SELECT says(row_of('B', 'C', '2026-04-01', 0.3), '23514 succession of system "B" by "C" on 2026-04-01: shares of the predecessor sum to 0.3, not to 1', 'shares below 1');
SELECT says(row_of('B', 'C', '2026-04-01', 0.5) || row_of('B', 'B', '2026-04-01', 0.51), '23514 succession of system "B" by "B" on 2026-04-01: shares of the predecessor sum to 1.01, not to 1', 'and above');
SELECT says(row_of('B', 'C', '2026-04-01', 0.3333333) || row_of('B', 'D', '2026-04-01', 0.3333333) || row_of('B', 'B', '2026-04-01', 0.3333333), 'done', 'thirds are enough');
DELETE FROM stp.succession;
SELECT is((refused(row_of('B', 'C', '2026-04-01', 1.5))).state, '22023', 'no share above 1');
SELECT is((refused(row_of('B', 'C', '2026-04-01', 0))).state, '22023', 'nor of nothing');
SELECT is((refused(row_of('B', 'C', '2026-04-01', 'NaN'))).state, '22023', 'nor of no number');
SELECT is((refused(row_of('B', 'C', 'infinity'))).state, '23514', 'no day that is none');
SELECT says(row_of('B', 'C', '2026-04-01'), 'succession of system "B" by "C" on 2026-04-01: "B" is still there on the day', 'a system that has not ended');
SELECT is((refused(row_of('B', 'C', '2026-04-01'))).hint, 'End it: UPDATE stp.system SET valid_to = ''2026-03-31'' WHERE system = ''B''; or write what it keeps: a row with predecessor and successor ''B''.', 'and what to type');
SELECT says(row_of('T1', 'T2', '2026-04-01', 1, 'organisation'), 'succession of organisation "T1" by "T2" on 2026-04-01: "T1" is still there on the day', 'an organisation that is still a member');
SELECT says(row_of('T6', 'T2', '2026-04-01', 1, 'organisation'), 'done', 'one that is a member of nothing');
DELETE FROM stp.succession;
SELECT says(ends('A', '2026-04-01') || row_of('A', 'B', '2026-04-01'), 'succession of system "A" by "B" on 2026-04-01: "P" lies in "A", and is still there on the day', 'with all that lies in it');
SELECT says('UPDATE stp.system SET valid_from = ''2026-04-01'' WHERE system = ''B'';' || row_of('B', 'B', '2026-04-01', 0.5) || row_of('B', 'C', '2026-04-01', 0.5),
            'succession of system "B" by "B" on 2026-04-01: "B" begins on 2026-04-01', 'a predecessor that begins on the day');
SELECT says('UPDATE stp.system SET valid_from = ''2026-04-02'' WHERE system = ''C'';' || ends('B', '2026-04-01') || row_of('B', 'C', '2026-04-01'),
            'succession of system "B" by "C" on 2026-04-01: "C" is not there on the day, but from 2026-04-02 to infinity', 'a successor that is not there yet');
SELECT says(ends('C', '2026-01-01') || ends('B', '2026-04-01') || row_of('B', 'C', '2026-04-01'),
            'succession of system "B" by "C" on 2026-04-01: "C" is not there on the day, but from 1900-04-01 to 2025-12-31', 'or no longer');
-- Ways that do not lead on.
SELECT says(ends('B', '2026-04-01') || ends('C', '2026-04-01') || row_of('B', 'C', '2026-04-01') || row_of('C', 'D', '2026-04-01'),
            'succession of system "B" by "C" on 2026-04-01: on the same day "C" is a predecessor too', 'a chain of one day');
SELECT says(ends('B', '2026-04-01') || ends('C', '2026-04-01') || row_of('B', 'C', '2026-04-01') || row_of('C', 'B', '2026-04-01'),
            'succession of system "B" by "C" on 2026-04-01: on the same day "C" is a predecessor too', 'a circle of one day');
SELECT says(ends('B', '2026-04-01') || ends('C', '2027-04-01') || row_of('B', 'C', '2026-04-01') || row_of('C', 'B', '2027-04-01'),
            'succession of system "C" by "B" on 2027-04-01: "B" had ended before', 'a way back to what has ended');
SELECT says(row_of('T6', 'T4', '2020-04-01', 1, 'organisation') || row_of('T6', 'T5', '2021-04-01', 1, 'organisation'),
            'succession of organisation "T6" by "T5" on 2021-04-01: "T6" had ended before', 'nobody ends twice');
SELECT says(row_of('B', 'B', '2020-04-01', 0.9) || row_of('B', 'C', '2020-04-01', 0.1) || row_of('C', 'C', '2025-04-01', 0.8) || row_of('C', 'B', '2025-04-01', 0.2),
            'done', 'a part there and a part back, where both live on');
-- What a succession rests on stays.
SELECT says('UPDATE stp.succession SET share = 0.2 WHERE predecessor = ''B'' AND successor = ''C''', '23514 succession of system "B" by "B" on 2020-04-01: shares of the predecessor sum to 1.1, not to 1', 'a share by itself does not change');
SELECT says('DELETE FROM stp.succession WHERE predecessor = ''B'' AND successor = ''C''', 'succession of system "B" by "B" on 2020-04-01: a code that goes on as itself alone has not changed', 'nor go');
SELECT says('UPDATE stp.succession SET kind = ''organisation'' WHERE day = ''2020-04-01''', 'succession of organisation "B" by "B" on 2020-04-01: unknown predecessor "B"', 'nor another kind come');
SELECT says('DELETE FROM stp.membership WHERE system = ''C''; DELETE FROM stp.system WHERE system = ''C''', 'succession of system "C" by "B" on 2025-04-01: unknown predecessor "C"', 'who is named cannot go');
SELECT says('DELETE FROM stp.membership WHERE system = ''C''; UPDATE stp.system SET system = ''C2'' WHERE system = ''C''', 'succession of system "C" by "B" on 2025-04-01: unknown predecessor "C"', 'nor be called otherwise');
SELECT says('UPDATE stp.system SET kind = ''region'', parent = NULL WHERE system = ''C''', 'succession of system "B" by "C" on 2020-04-01: a system cannot become a region', 'nor become something else');
SELECT says('UPDATE stp.system SET valid_to = ''2024-12-31'' WHERE system = ''C''', 'succession of system "C" by "C" on 2025-04-01: "C" is not there on the day, but from 1900-04-01 to 2024-12-31', 'nor end too early');
SELECT says('TRUNCATE stp.system CASCADE', 'succession of system "B" by "B" on 2020-04-01: unknown predecessor "B"', 'and not all of them');
SELECT says('TRUNCATE stp.system, stp.succession CASCADE; SELECT 1/0', '22012 division by zero', 'but with their successions');
DELETE FROM stp.succession;
SELECT says(row_of('T6', 'T4', '2020-04-01', 1, 'organisation'), 'done', 'an organisation that has ended');
SELECT says('INSERT INTO stp.membership (organisation, system, valid_from) VALUES (''T6'', ''C'', ''2021-04-01'')', 'succession of organisation "T6" by "T4" on 2020-04-01: "T6" is still there on the day', 'gets no membership');
SELECT says('DELETE FROM stp.organisation WHERE organisation = ''T6''', 'succession of organisation "T6" by "T4" on 2020-04-01: unknown predecessor "T6"', 'and does not go');
SELECT says('TRUNCATE stp.organisation CASCADE', 'succession of organisation "T6" by "T4" on 2020-04-01: unknown predecessor "T6"', 'nor do all');
SELECT says('UPDATE stp.organisation SET name = ''Other'' WHERE organisation = ''T6''; INSERT INTO stp.membership (organisation, system, valid_to) VALUES (''T6'', ''C'', ''2020-03-31'')', 'done', 'a name, and what was before, may change');
DELETE FROM stp.succession;
DELETE FROM stp.membership WHERE organisation = 'T6';
UPDATE stp.organisation SET name = 'Of no system' WHERE organisation = 'T6';

-- Trusts merge -----------------------------------------------------------------------------------------------------

INSERT INTO stp.expected_report (indicator, organisation, grain, valid_from, valid_to) VALUES ('ae_within_4_hours', 'T1', 'month', '2020-04-01', NULL),
    ('ae_within_4_hours', 'T2', 'quarter', '2020-04-01', '2027-03-31'), ('cancer_62_days', 'T2', 'month', '2026-10-01', '2027-03-31'), ('within_18_weeks', 'T1', 'month', '2020-04-01', '2021-03-31');
UPDATE was SET everything = everything();
SELECT says(statement, wanted, 'refused: ' || statement) FROM (VALUES
    ('CALL stp.merge_organisations(NULL, ''T9'', ''2026-04-01'', ''New'')', 'no predecessor: NULL'),
    ('CALL stp.merge_organisations(''{}'', ''T9'', ''2026-04-01'', ''New'')', 'no predecessor: {}'),
    ('CALL stp.merge_organisations(''{T1,NULL}'', ''T9'', ''2026-04-01'', ''New'')', 'no predecessor: {T1,NULL}'),
    ('CALL stp.merge_organisations(''{T1,T2}'', NULL, ''2026-04-01'', ''New'')', 'no successor: {NULL}'),
    ('CALL stp.merge_organisations(''{T1,T2}'', ''T9'', NULL, ''New'')', 'no first day of new boundaries: NULL'),
    ('CALL stp.merge_organisations(''{T1,T2}'', ''T9'', ''infinity'', ''New'')', 'no first day of new boundaries: infinity'),
    ('CALL stp.merge_organisations(''{T1,T2}'', ''T9'', ''1900-04-01'', ''New'')', 'no first day of new boundaries: 1900-04-01'),
    ('CALL stp.merge_organisations(''{T1,T2,T1}'', ''T9'', ''2026-04-01'', ''New'')', 'predecessor "T1" is there twice'),
    ('CALL stp.merge_organisations(''{T1,T7}'', ''T9'', ''2026-04-01'', ''New'')', 'unknown organisation "T7"'),
    ('CALL stp.merge_organisations(''{t1,T2}'', ''T9'', ''2026-04-01'', ''New'')', 'unknown organisation "t1"'),
    ('CALL stp.merge_organisations(''{T1,T2}'', ''t3'', ''2026-04-01'', ''New'')', 'unknown organisation "t3"'),
    ('CALL stp.merge_organisations(''{T1}'', ''T1'', ''2026-04-01'')', 'organisation "T1" is the only predecessor and the only successor'),
    ('CALL stp.merge_organisations(''{T1,T2}'', ''T9'', ''2026-04-01'')', 'a new organisation without a name: "T9"'),
    ('CALL stp.merge_organisations(''{T1,T2}'', ''T9'', ''2026-04-01'', '''')', 'a new organisation without a name: "T9"'),
    ('CALL stp.merge_organisations(''{T1,T3,T6}'', ''T9'', ''2026-04-01'', ''New'')', 'where "T9" belongs from 2026-04-01 on cannot be told: T1 to A (1); T3 to A (0.4), B (0.6)'),
    ('CALL stp.merge_organisations(''{T1,A}'', ''T9'', ''2026-04-01'', ''New'')', 'unknown organisation "A"')) c (statement, wanted);
SELECT is((refused('CALL stp.merge_organisations(''{t1,T2}'', ''T9'', ''2026-04-01'', ''New'')')).hint, 'Write "T1".', 'a code in small letters');
SELECT is(everything(), (TABLE was), 'and nothing is lost');

SELECT says($$CALL stp.merge_organisations('{T1,T2}', 'T9', '2026-04-01', 'New trust', 'Statutory instrument')$$, 'done', 'two trusts merge');
SELECT results_eq($$ SELECT name, type, subtype, region FROM stp.organisation WHERE organisation = 'T9' $$, $$ VALUES ('New trust', 'Acute trust', NULL, 'North') $$, 'the new one is what they agree on');
SELECT is(members('2026-03-31'), 'T1 in A 1, T2 in A 1, T3 in A 0.4, T3 in B 0.6, T4 in C 1, T5 in D 0.5, T5 in P 0.5', 'the day before');
SELECT is(members('2026-04-01'), 'T3 in A 0.4, T3 in B 0.6, T4 in C 1, T5 in D 0.5, T5 in P 0.5, T9 in A 1', 'and on the day');
SELECT is((SELECT basis FROM stp.membership WHERE organisation = 'T9'), 'main site', 'with the basis');
SELECT is(successions('organisation'), 'T1->T9 1, T2->T9 1', 'who became what');
SELECT is((SELECT DISTINCT basis FROM stp.succession), 'Statutory instrument', 'and where it is written');
SELECT is(duties('T1'), 'ae_within_4_hours month 2020-04-01 2026-03-31, within_18_weeks month 2020-04-01 2021-03-31', 'duties end');
SELECT is(duties('T2'), 'ae_within_4_hours quarter 2020-04-01 2026-03-31', 'or never begin');
SELECT is(duties('T9'), 'ae_within_4_hours 2026-04-01, cancer_62_days month 2026-10-01 2027-03-31', 'and are the successor''s');
UPDATE was SET everything = everything();
SELECT says($$CALL stp.merge_organisations('{T1,T2}', 'T9', '2026-04-01', 'New trust')$$, 'organisation "T1" has a succession on 2026-04-01 already, by "T9"', 'the same call twice');
SELECT says($$CALL stp.merge_organisations('{T1}', 'T4', '2026-05-01')$$, 'succession of organisation "T1" by "T4" on 2026-05-01: "T1" had ended before', 'and one that has ended');
SELECT says($$CALL stp.merge_organisations('{T9}', 'T4', '2026-04-01')$$, 'organisation "T9" begins on 2026-04-01', 'or that begins on the day');
SELECT is(everything(), (TABLE was), 'nothing is lost');

-- One takes over the other, of those named; a trust of several systems goes to one that has said where it belongs.
SELECT says($$CALL stp.merge_organisations('{T3,T4}', 'T4', '2026-10-01', 'Trusts 3 and 4')$$, 'done', 'an acquisition');
SELECT is(members('2026-10-01'), 'T4 in C 1, T5 in D 0.5, T5 in P 0.5, T9 in A 1', 'who takes over stays where it is');
SELECT is((SELECT string_agg(concat_ws(' ', predecessor, successor, share), ', ') FROM stp.succession WHERE day = '2026-10-01'), 'T3 T4 1', 'and is no predecessor');
SELECT is((SELECT name FROM stp.organisation WHERE organisation = 'T4'), 'Trusts 3 and 4', 'a new name');

SELECT says($$INSERT INTO stp.organisation (organisation, name) VALUES ('T0', 'Begins later'); INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('T0', 'A', '2027-01-01');
    CALL stp.merge_organisations('{T9}', 'T0', '2026-10-01')$$, 'memberships of "T0" begin only after 2026-10-01', 'one that is not there yet');

-- A trust splits.
SELECT says(statement, wanted, 'refused: ' || statement) FROM (VALUES
    ('CALL stp.split_organisation(''T9'', ''{T7,T8}'', ''{1}'', ''2027-04-01'', ''{Seven,Eight}'')', '1 shares for 2 successors'),
    ('CALL stp.split_organisation(''T9'', ''{T7,T8}'', NULL, ''2027-04-01'', ''{Seven,Eight}'')', '0 shares for 2 successors'),
    ('CALL stp.split_organisation(''T9'', ''{T7,T8}'', ''{1,NULL}'', ''2027-04-01'', ''{Seven,Eight}'')', '1 shares for 2 successors'),
    ('CALL stp.split_organisation(''T9'', ''{T7,T8}'', ''{0.5,0.5}'', ''2027-04-01'', ''{Seven}'')', '1 names for 2 successors'),
    ('CALL stp.split_organisation(''T9'', ''{T7,T8}'', ''{0.5,0.5}'', ''2027-04-01'', ''{Seven,NULL}'')', 'a new organisation without a name: "T8"'),
    ('CALL stp.split_organisation(''T9'', ''{T7,T7}'', ''{0.5,0.5}'', ''2027-04-01'', ''{Seven,Eight}'')', 'successor "T7" is there twice'),
    ('CALL stp.split_organisation(''T9'', ''{T7,T8}'', ''{0.5,0.4}'', ''2027-04-01'', ''{Seven,Eight}'')', '23514 succession of organisation "T9" by "T7" on 2027-04-01: shares of the predecessor sum to 0.9, not to 1'),
    ('CALL stp.split_organisation(NULL, ''{T7,T8}'', ''{0.5,0.5}'', ''2027-04-01'', ''{Seven,Eight}'')', 'no predecessor: {NULL}'),
    ('CALL stp.split_organisation(''T9'', ''{}'', ''{}'', ''2027-04-01'')', 'no successor: {}'),
    ('CALL stp.split_organisation(''T5'', ''{T7,T8}'', ''{0.5,0.5}'', ''2027-04-01'', ''{Seven,Eight}'')', 'where "T7", "T8" belong from 2027-04-01 on cannot be told: T5 to D (0.5), P (0.5)')) c (statement, wanted);
SELECT says($$CALL stp.split_organisation('T9', '{T9,T8}', '{0.7,0.3}', '2027-04-01', '{NULL,Eight}')$$, 'done', 'a part becomes a trust of its own');
SELECT is(members('2027-04-01'), 'T4 in C 1, T5 in D 0.5, T5 in P 0.5, T8 in A 1, T9 in A 1', 'both belong where it was');
SELECT is(duties('T9'), 'ae_within_4_hours 2026-04-01, cancer_62_days month 2026-10-01 2027-03-31', 'who lives on keeps its duties');
SELECT says($$INSERT INTO stp.organisation (organisation, name) VALUES ('T51', 'One'), ('T52', 'Two');
    INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('T51', 'P', '2027-04-01'), ('T52', 'D', '2027-04-01');
    CALL stp.split_organisation('T5', '{T51,T52}', '{0.5,0.5}', '2027-04-01')$$, 'done', 'one of several systems, when it has been said which part is where');
SELECT is(members('2027-04-01'), 'T4 in C 1, T51 in P 1, T52 in D 1, T8 in A 1, T9 in A 1', 'it is there');

-- Systems merge ----------------------------------------------------------------------------------------------------

INSERT INTO stp.organisation (organisation, name) VALUES ('U', 'Of three');
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to) VALUES ('U', 'B', 0.5, '2020-04-01', '2028-12-31'), ('U', 'C', 0.25, '2020-04-01', NULL), ('U', 'D', 0.25, '2020-04-01', '2028-12-31'),
    ('U', 'D', 0.75, '2029-01-01', NULL);
UPDATE was SET everything = everything();
SELECT says(statement, wanted, 'refused: ' || statement) FROM (VALUES
    ('CALL stp.merge_systems(''{B,C}'', ''BC'', ''2028-04-01'', ''B and C'')', 'where "BC" lies cannot be told: "B": system in R; "C": system in Q'),
    ('CALL stp.merge_systems(''{B,D}'', ''BD'', ''2028-04-01'', ''B and D'')', 'where "BD" lies cannot be told: "B": system in R; "D": system'),
    ('CALL stp.merge_systems(''{B,C}'', ''BC'', ''2028-04-01'', ''B and C'', ''X'')', 'unknown parent "X" of system "BC"'),
    ('CALL stp.merge_systems(''{B,C}'', ''BC'', ''2028-04-01'', ''B and C'', ''A'')', 'system "BC" cannot lie in system "A"'),
    ('CALL stp.merge_systems(''{B,P}'', ''BC'', ''2028-04-01'', ''B and C'', ''R'')', 'what "BC" is cannot be told: "B": system in R; "P": place in A'),
    ('CALL stp.merge_systems(''{B,P}'', ''C'', ''2028-04-01'')', 'succession of system "P" by "C" on 2028-04-01: a place cannot become a system'),
    ('CALL stp.merge_systems(''{B,C}'', ''C'', ''2028-04-01'', parent => ''R'')', 'system "C" is there already, and lies in "Q"'),
    ('CALL stp.merge_systems(''{A}'', ''B'', ''2028-04-01'')', 'succession of system "A" by "B" on 2028-04-01: "P" lies in "A", and is still there on the day'),
    ('CALL stp.merge_systems(''{R}'', ''Q'', ''2028-04-01'')', 'succession of system "R" by "Q" on 2028-04-01: "A" lies in "R", and is still there on the day')) c (statement, wanted);
SELECT is(everything(), (TABLE was), 'and nothing is lost');
BEGIN;
SELECT says($$CALL stp.merge_systems('{B,C,D}', 'BCD', '2028-04-01', 'B, C and D', 'R', 'Order 2028')$$, 'done', 'three systems merge');
SELECT results_eq($$ SELECT name, kind, parent, valid_from, valid_to FROM stp.system WHERE system = 'BCD' $$, $$ VALUES ('B, C and D', 'system', 'R', date '2028-04-01', NULL::date) $$, 'the new one');
SELECT results_eq($$ SELECT system, valid_to FROM stp.system WHERE system IN ('B', 'C', 'D') ORDER BY 1 $$, $$ VALUES ('B', date '2028-03-31'), ('C', '2028-03-31'), ('D', '2028-03-31') $$, 'the old ones end');
SELECT is(members('2028-03-31'), 'T4 in C 1, T51 in P 1, T52 in D 1, T8 in A 1, T9 in A 1, U in B 0.5, U in C 0.25, U in D 0.25', 'members of the day before');
SELECT is(members('2028-04-01'), 'T4 in BCD 1, T51 in P 1, T52 in BCD 1, T8 in A 1, T9 in A 1, U in BCD 1', 'are those of the day: shares in several are one');
SELECT is(members('2029-01-01'), members('2028-04-01'), 'and of what was to change later');
ROLLBACK;
BEGIN;
SELECT says($$CALL stp.merge_systems('{B,D}', 'D', '2028-04-01')$$, 'done', 'one takes over the other');
SELECT is(members('2028-04-01'), 'T4 in C 1, T51 in P 1, T52 in D 1, T8 in A 1, T9 in A 1, U in C 0.25, U in D 0.75', 'who was in both has one share');
SELECT is(members('2028-03-31'), 'T4 in C 1, T51 in P 1, T52 in D 1, T8 in A 1, T9 in A 1, U in B 0.5, U in C 0.25, U in D 0.25', 'from the day on');
SELECT is(members('2029-01-01'), members('2028-04-01'), 'and later what it was to have');
SELECT is(successions('system'), 'B->D 1', 'one succession');
ROLLBACK;
-- Who has been told keeps what was said. The order of trusts and systems does not count.
BEGIN;
SELECT says($$INSERT INTO stp.membership (organisation, system, share, valid_from) VALUES ('U', 'A', 1, '2028-04-01');
    UPDATE stp.membership SET valid_to = '2028-03-31' WHERE organisation = 'U' AND system <> 'A' AND valid_from < '2028-04-01'; DELETE FROM stp.membership WHERE organisation = 'U' AND valid_from = '2029-01-01';
    CALL stp.merge_systems('{B,C}', 'D', '2028-04-01')$$, 'done', 'a trust that has left on the day');
SELECT is(members('2028-04-01'), 'T4 in D 1, T51 in P 1, T52 in D 1, T8 in A 1, T9 in A 1, U in A 1', 'is where it says');
ROLLBACK;
CREATE FUNCTION in_order(first text, second text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE first; EXECUTE second;
    SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
    RAISE EXCEPTION '%', concat_ws('; ', members('2028-03-31'), members('2028-04-01'), successions('system'));
EXCEPTION WHEN raise_exception THEN RETURN SQLERRM;
END $$;
SELECT is(in_order(a, b), in_order(b, a), 'the order of two calls of a day does not count')
  FROM (SELECT $$CALL stp.rename_code('system', 'B', 'N', '2028-04-01', 'New')$$, $$CALL stp.rename_code('system', 'C', 'M', '2028-04-01', parent => 'R')$$) c (a, b);
SELECT is(in_order($$CALL stp.merge_systems('{C,D}', 'CD', '2028-04-01', 'C and D', 'R')$$, $$CALL stp.merge_organisations('{T4,T52}', 'T452', '2028-04-01', 'Both')$$),
    'T4 in C 1, T51 in P 1, T52 in D 1, T8 in A 1, T9 in A 1, U in B 0.5, U in C 0.25, U in D 0.25; T452 in CD 1, T51 in P 1, T8 in A 1, T9 in A 1, U in B 0.5, U in CD 0.5; C->CD 1, D->CD 1', 'trusts of systems that merge merge');
-- With places, which have new codes in the same transaction.
BEGIN;
SELECT says($$CALL stp.merge_systems('{A,B}', 'AB', '2028-04-01', 'A and B'); CALL stp.rename_code('system', 'P', 'P2', '2028-04-01', parent => 'AB')$$, 'done', 'a system with a place');
SELECT is(members('2028-04-01'), 'T4 in C 1, T51 in P2 1, T52 in D 1, T8 in AB 1, T9 in AB 1, U in AB 0.5, U in C 0.25, U in D 0.25', 'its members');
SELECT results_eq($$ SELECT name, kind, parent FROM stp.system WHERE system = 'P2' $$, $$ VALUES ('Place in A', 'place', 'AB') $$, 'a new code keeps the name');
ROLLBACK;

-- A system splits --------------------------------------------------------------------------------------------------

SELECT says($$CALL stp.split_system('A', '{A1,A2}', '{0.4,0.6}', '2028-04-01', '{One,Two}')$$, 'where "T8", "T9" belong from 2028-04-01 on cannot be told', 'where its members belong is not guessed');
SELECT says($$CALL stp.split_system('D', '{C,B}', '{0.4,0.6}', '2028-04-01')$$, 'where "T52", "U" belong from 2028-04-01 on cannot be told', 'nor of those that belong to it in part');
BEGIN;
SELECT says($$INSERT INTO stp.system (system, name, parent, valid_from) VALUES ('A1', 'One', 'R', '2028-04-01'), ('A2', 'Two', 'R', '2028-04-01');
    INSERT INTO stp.membership (organisation, system, share, valid_from) VALUES ('T8', 'A1', 1, '2028-04-01'), ('T9', 'A1', 0.5, '2028-04-01'), ('T9', 'A2', 0.5, '2028-04-01');
    CALL stp.split_system('A', '{A1,A2}', '{0.4,0.6}', '2028-04-01', basis => 'population'); CALL stp.rename_code('system', 'P', 'P1', '2028-04-01', parent => 'A1')$$, 'done', 'a system splits');
SELECT is(members('2028-04-01'), 'T4 in C 1, T51 in P1 1, T52 in D 1, T8 in A1 1, T9 in A1 0.5, T9 in A2 0.5, U in B 0.5, U in C 0.25, U in D 0.25', 'as was said');
SELECT is(successions('system'), 'A->A1 0.4, A->A2 0.6, P->P1 1', 'with its shares');
ROLLBACK;
-- Part of a system goes to one that is there: Frimley and Hampshire and Isle of Wight.
BEGIN;
SELECT says($$INSERT INTO stp.membership (organisation, system, share, valid_from) VALUES ('T8', 'C', 1, '2028-04-01');
    CALL stp.split_system('A', '{A,C}', '{0.8,0.2}', '2028-04-01')$$, 'done', 'a system gives a part away');
SELECT is(members('2028-04-01'), 'T4 in C 1, T51 in P 1, T52 in D 1, T8 in C 1, T9 in A 1, U in B 0.5, U in C 0.25, U in D 0.25', 'who is not told of stays');
SELECT is(successions('system'), 'A->A 0.8, A->C 0.2', 'it lives on');
SELECT results_eq($$ SELECT valid_to FROM stp.system WHERE system = 'A' $$, $$ VALUES (NULL::date) $$, 'and does not end');
ROLLBACK;

-- A new code -------------------------------------------------------------------------------------------------------

UPDATE was SET everything = everything();
SELECT says(statement, wanted, 'refused: ' || statement) FROM (VALUES
    ('CALL stp.rename_code(''region'', ''R'', ''R9'', ''2028-04-01'')', 'unknown kind "region"'),
    ('CALL stp.rename_code(NULL, ''R'', ''R9'', ''2028-04-01'')', 'unknown kind "NULL"'),
    ('CALL stp.rename_code(''system'', ''X'', ''R9'', ''2028-04-01'')', 'unknown system "X"'),
    ('CALL stp.rename_code(''system'', NULL, ''R9'', ''2028-04-01'')', 'no predecessor: {NULL}'),
    ('CALL stp.rename_code(''system'', ''B'', NULL, ''2028-04-01'')', 'no successor: {NULL}'),
    ('CALL stp.rename_code(''system'', ''B'', ''C'', ''2028-04-01'')', 'system "C" is there already'),
    ('CALL stp.rename_code(''system'', ''B'', ''B'', ''2028-04-01'')', 'system "B" is there already'),
    ('CALL stp.rename_code(''system'', ''B'', ''b'', ''2028-04-01'')', 'unknown system "b"')) c (statement, wanted);
SELECT is((refused('CALL stp.rename_code(''organisation'', ''T4'', ''T4 '', ''2028-04-01'')')).state, '22023', 'a code that looks like another');
SELECT is(everything(), (TABLE was), 'and nothing is lost');
SELECT says($$CALL stp.rename_code('organisation', 'T4', 'T40', '2028-04-01')$$, 'done', 'an organisation has a new code');
SELECT is(members('2028-04-01'), 'T40 in C 1, T51 in P 1, T52 in D 1, T8 in A 1, T9 in A 1, U in B 0.5, U in C 0.25, U in D 0.25', 'and is where it was');
SELECT is((SELECT name FROM stp.organisation WHERE organisation = 'T40'), 'Trusts 3 and 4', 'with its name');
SELECT says($$CALL stp.rename_code('system', 'D', 'S1Y5D', '2028-04-01', 'Another')$$, 'done', 'a code of five characters');
SELECT is(members('2028-04-01'), 'T40 in C 1, T51 in P 1, T52 in S1Y5D 1, T8 in A 1, T9 in A 1, U in B 0.5, U in C 0.25, U in S1Y5D 0.25', 'members');
SELECT is(members('2029-01-01'), 'T40 in C 1, T51 in P 1, T52 in S1Y5D 1, T8 in A 1, T9 in A 1, U in C 0.25, U in S1Y5D 0.75', 'whatever they were to have');

-- Days that have gone can be told later, as long as the predecessor was there before.
SELECT says($$CALL stp.merge_organisations('{T51}', 'T8', '2027-10-01')$$, 'done', 'a merger that is entered late');
SELECT is(members('2027-10-01'), 'T4 in C 1, T52 in D 1, T8 in A 1, T9 in A 1, U in B 0.5, U in C 0.25, U in D 0.25', 'counts from its day');

-- England in April 2026 --------------------------------------------------------------------------------------------

DELETE FROM stp.succession; DELETE FROM stp.expected_report; DELETE FROM stp.membership; DELETE FROM stp.organisation; DELETE FROM stp.system;
\i demo/load.sql
\i demo/april_2026.sql
SELECT results_eq($$ SELECT day, (SELECT count(*)::int FROM stp.system s WHERE s.kind = 'system' AND s.valid_from <= day AND coalesce(s.valid_to, 'infinity') >= day)
                       FROM unnest('{2026-03-31,2026-04-01}'::date[]) day $$, $$ VALUES (date '2026-03-31', 42), ('2026-04-01', 36) $$, '42 systems become 36');
SELECT is(count(*), 16::bigint, 'of 16 pairs') FROM stp.succession;
SELECT results_eq($$ SELECT successor FROM stp.succession WHERE predecessor = 'QNQ' ORDER BY 1 $$, $$ VALUES ('QRL'), ('S0E4D'), ('S9B9J') $$, 'Frimley splits three ways');
SELECT is((SELECT valid_to FROM stp.system WHERE system = 'QRL'), NULL, 'and Hampshire and Isle of Wight keeps its code');
SELECT is_empty($$ SELECT m.organisation FROM stp.membership m JOIN stp.system s USING (system)
                    WHERE m.valid_from <= '2026-04-01' AND coalesce(m.valid_to, 'infinity') >= '2026-04-01' AND s.valid_to < '2026-04-01' $$, 'no trust belongs to what has ended');
SELECT is(count(DISTINCT organisation), (SELECT count(*) FROM stp.organisation), 'and each to something') FROM stp.membership WHERE valid_to IS NULL;

-- Calls at random: each does all or nothing, and what is left is sound ------------------------------------------------

DELETE FROM stp.succession; DELETE FROM stp.expected_report; DELETE FROM stp.membership; DELETE FROM stp.population; DELETE FROM stp.observation; DELETE FROM stp.organisation; DELETE FROM stp.system;
INSERT INTO stp.system (system, name) SELECT 'S' || i, 'System ' || i FROM generate_series(1, 12) i;
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || i, 'Trust ' || i FROM generate_series(1, 20) i;
INSERT INTO stp.membership (organisation, system, share, valid_from)
SELECT 'O' || i, 'S' || (i + k) % 12 + 1, CASE WHEN i % 4 > 0 THEN 1 WHEN k = 0 THEN 0.3 ELSE 0.7 END, '2015-04-01'
  FROM generate_series(1, 20) i, generate_series(0, 1) k WHERE i % 4 = 0 OR k = 0;
INSERT INTO stp.expected_report (indicator, organisation, grain, valid_from) SELECT 'ae_within_4_hours', 'O' || i, 'month', '2016-04-01' FROM generate_series(1, 20, 2) i;
CREATE TABLE tried AS SELECT NULL::text AS statement, r.* FROM refused('SELECT') r LIMIT 0;
CREATE FUNCTION try(rounds int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    k text; code text[]; day date; statement text;
BEGIN
    FOR n IN 1..rounds LOOP
        k := CASE WHEN random() < 0.5 THEN 'system' ELSE 'organisation' END;
        -- Those that are there on the day more often than those that have gone.
        SELECT array_agg(c.code) INTO code FROM (SELECT u.code FROM stp_internal.succession_unit u WHERE u.kind = k ORDER BY random() + (u.last_day < 'infinity')::int LIMIT 3) c;
        day := date '2016-04-01' + 30 * (n / 10 + (random() * 3)::int);
        statement := CASE n % 5
            WHEN 0 THEN format('CALL stp.merge_%ss(ARRAY[%L, %L], %L, %L, ''New'')', k, code[1], code[2], k || n, day)
            WHEN 1 THEN format('CALL stp.merge_%ss(ARRAY[%L, %L], %L, %L)', k, code[1], code[2], code[3], day)
            WHEN 2 THEN format('CALL stp.rename_code(%L, %L, %L, %L)', k, code[1], k || n, day)
            WHEN 3 THEN format('CALL stp.split_%s(%L, ARRAY[%L, %L], ARRAY[0.3, 0.7], %L)', k, code[1], code[1], code[2], day)
            ELSE format('CALL stp.split_%s(%L, ARRAY[%L, %L], ARRAY[0.3, 0.7], %L, ARRAY[NULL, ''Other''])', k, code[1], code[2], k || n, day) END;
        INSERT INTO tried SELECT statement, r.* FROM refused(statement) r;
    END LOOP;
END $$;
SET client_min_messages = warning;
SELECT setseed(0.17);
SELECT try(400);
RESET client_min_messages;
SELECT is_empty($$ SELECT * FROM tried WHERE state <> ALL ('{done,22023,23514}') $$, 'nothing else is wrong than what is said to be');
SELECT is_empty($$ SELECT c.call FROM unnest('{merge_organisations,merge_systems,split_organisation,split_system,rename_code}'::text[]) c (call)
                    WHERE NOT EXISTS (SELECT FROM tried WHERE state = 'done' AND statement ~ c.call) $$, 'each call was done');
SELECT is_empty($$ SELECT k.kind, h.code, h.valid_from FROM (VALUES ('system'), ('organisation')) k (kind) CROSS JOIN LATERAL stp_internal.heirs(k.kind, '2030-01-01') h
                    GROUP BY 1, 2, 3 HAVING abs(sum(h.share) - 1) > 1e-9 $$, 'all of everything is somewhere');
SELECT is_empty($$ SELECT FROM stp.membership m JOIN stp.system s USING (system)
                    WHERE coalesce(m.valid_to, 'infinity') > coalesce(s.valid_to, 'infinity') OR m.valid_from < s.valid_from AND s.valid_from > '1900-04-01' $$, 'no membership is of a system that is not there');
SELECT is_empty($$ SELECT organisation FROM stp.organisation o WHERE stp_internal.had_ended('organisation', o.organisation, '2040-01-01')
                       = EXISTS (SELECT FROM stp.membership m WHERE m.organisation = o.organisation AND m.valid_to IS NULL) $$, 'who has not ended belongs somewhere, who has nowhere');
SELECT is_empty($$ SELECT indicator, organisation FROM stp.expected_report e WHERE e.valid_to IS NULL AND stp_internal.had_ended('organisation', e.organisation, '2040-01-01') $$, 'who has ended has no duty');

SELECT * FROM finish();
