-- Module succession: what became of organisations and systems that merged, split or changed their code.

CREATE TABLE stp.succession
(
    kind        text NOT NULL,
    predecessor text NOT NULL,
    successor   text NOT NULL,
    day         date NOT NULL CONSTRAINT day_in_the_calendar CHECK (day >= '1900-04-01' AND day <= '9999-12-31'),
    share       numeric NOT NULL DEFAULT 1,
    basis       text,
    PRIMARY KEY (kind, predecessor, day, successor)
);
CREATE INDEX succession_successor ON stp.succession (kind, successor, day);
COMMENT ON TABLE stp.succession IS
    'What became of organisations and systems: from a day on, a share of the predecessor is the successor''s. The shares of one '
    'predecessor on one day sum to 1 within 0.000001, checked at commit; of one that lives on under its code, with what it '
    'keeps as a row of its own: its code as predecessor and as successor.';
COMMENT ON COLUMN stp.succession.kind IS 'organisation; or system, which stands for regions and places too.';
COMMENT ON COLUMN stp.succession.predecessor IS 'Code of what ended, or gave something away.';
COMMENT ON COLUMN stp.succession.successor IS 'Code of what took it over, new or not.';
COMMENT ON COLUMN stp.succession.day IS 'First day of the new boundaries.';
COMMENT ON COLUMN stp.succession.share IS
    'Share of the predecessor that went to the successor, of its counts and its people: above 0, at most 1.';
COMMENT ON COLUMN stp.succession.basis IS 'What the share rests on, and where the succession is written.';
CALL stp.keep_history('succession');
CALL stp.guard_rows('succession', 'guard', 'predecessor, successor: code', 'kind: organisation, system', 'share: share');

--------------------------------------------------------------------------------------------------------------
-- Guards
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.succession_unit WITH (security_invoker = true) AS
SELECT 'system' AS kind, s.system AS code, s.name, s.kind AS type, s.parent, s.valid_from AS first_day,
       coalesce(s.valid_to, 'infinity') AS last_day
  FROM stp.system s
UNION ALL
-- Not a join, or all organisations would be looked at for one.
SELECT 'organisation', o.organisation, o.name, 'organisation', NULL,
       coalesce((SELECT min(m.valid_from) FROM stp.membership m WHERE m.organisation = o.organisation), '-infinity'),
       coalesce((SELECT max(coalesce(m.valid_to, 'infinity')) FROM stp.membership m WHERE m.organisation = o.organisation),
                '-infinity')
  FROM stp.organisation o;
COMMENT ON VIEW stp_internal.succession_unit IS 'Whom a succession can name.';
COMMENT ON COLUMN stp_internal.succession_unit.kind IS 'kind of stp.succession.';
COMMENT ON COLUMN stp_internal.succession_unit.code IS 'Its code.';
COMMENT ON COLUMN stp_internal.succession_unit.type IS 'kind of stp.system; or organisation.';
COMMENT ON COLUMN stp_internal.succession_unit.first_day IS
    'First day it exists; of an organisation, of its memberships, -infinity if it has none.';
COMMENT ON COLUMN stp_internal.succession_unit.last_day IS
    'Last day it exists, infinity if it still does; of an organisation, of its memberships, -infinity if it has none.';

CREATE FUNCTION stp_internal.had_ended(kind text, code text, day date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM stp.succession s
                WHERE s.kind = had_ended.kind AND s.predecessor = had_ended.code AND s.day < had_ended.day
                  AND NOT EXISTS (SELECT FROM stp.succession k
                                   WHERE k.kind = s.kind AND k.predecessor = s.predecessor AND k.day = s.day
                                     AND k.successor = s.predecessor));
COMMENT ON FUNCTION stp_internal.had_ended(text, text, date) IS
    'Whether an organisation or a system had ended by a succession before that of a day.';

-- Each step of a way is on a later day than the one before, and none leads to what has ended: so there is no cycle.
CREATE FUNCTION stp_internal.succession_faults(kind text, code text)
RETURNS TABLE (predecessor text, successor text, day date, place int, what text, hint text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT s.predecessor, s.successor, s.day, fault.place, fault.what,
           coalesce(fault.hint, format('Correct the code, or add it to stp.%s; who is named here cannot go.', s.kind))
      FROM stp.succession s
      LEFT JOIN stp_internal.succession_unit p ON p.kind = s.kind AND p.code = s.predecessor
      LEFT JOIN stp_internal.succession_unit n ON n.kind = s.kind AND n.code = s.successor
     CROSS JOIN LATERAL (SELECT sum(o.share) AS shares, count(*) FILTER (WHERE o.successor <> o.predecessor) AS others,
                                bool_or(o.successor = o.predecessor) AS lives_on
                           FROM stp.succession o
                          WHERE o.kind = s.kind AND o.predecessor = s.predecessor AND o.day = s.day) own
      LEFT JOIN LATERAL (SELECT min(c.system) AS code FROM stp.system c
                          WHERE s.kind = 'system' AND c.parent = s.predecessor
                            AND coalesce(c.valid_to, 'infinity') >= s.day) part ON true
     CROSS JOIN LATERAL (VALUES
           (1, p.code IS NULL, format('unknown predecessor "%s"', s.predecessor), NULL),
           (2, n.code IS NULL, format('unknown successor "%s"', s.successor), NULL),
           (3, p.type <> n.type, format('a %s cannot become a %s', p.type, n.type),
            'Systems become systems, regions regions, and places places.'),
           (4, own.others = 0, 'a code that goes on as itself alone has not changed',
            'Write who else gets a share, or delete the row.'),
           (5, abs(own.shares - 1) > 0.000001, format('shares of the predecessor sum to %s, not to 1', own.shares),
            'Write all successors of one day in one transaction, with what the predecessor keeps as a row of its own.'),
           (6, s.predecessor <> s.successor
               AND EXISTS (SELECT FROM stp.succession o WHERE o.kind = s.kind AND o.predecessor = s.successor AND o.day = s.day
                              AND o.successor <> o.predecessor),
            format('on the same day "%s" is a predecessor too', s.successor),
            'Write what each predecessor became in the end; or give the second step a later day.'),
           (7, stp_internal.had_ended(s.kind, s.predecessor, s.day), format('"%s" had ended before', s.predecessor),
            'Write what its successors became.'),
           (8, stp_internal.had_ended(s.kind, s.successor, s.day), format('"%s" had ended before', s.successor),
            'There is no way back to a code that has ended: give the successor another one.'),
           (9, s.kind = 'system' AND p.first_day >= s.day, format('"%s" begins on %s', p.code, p.first_day),
            'A predecessor is there before the day: correct stp.system.valid_from, or the day.'),
           (10, s.kind = 'system' AND s.day NOT BETWEEN n.first_day AND n.last_day,
            format('"%s" is not there on the day, but from %s to %s', n.code, n.first_day, n.last_day),
            'Correct stp.system.valid_from or valid_to, or the day.'),
           (11, NOT own.lives_on AND p.last_day >= s.day, format('"%s" is still there on the day', p.code),
            CASE s.kind WHEN 'system' THEN format('End it: UPDATE stp.system SET valid_to = ''%s'' WHERE system = %L', s.day - 1,
                                                  p.code)
                ELSE format('End it: no membership of "%s" in stp.membership goes beyond %s', p.code, s.day - 1) END
            || format('; or write what it keeps: a row with predecessor and successor %L.', p.code)),
           (12, NOT own.lives_on AND part.code IS NOT NULL,
            format('"%s" lies in "%s", and is still there on the day', part.code, s.predecessor),
            format('Give it a new code in the same transaction: CALL stp.rename_code(''system'', %L, ''new code'', ''%s'', '
                   'parent => %L); or UPDATE stp.system SET parent: then its past lies there too.', part.code, s.day,
                   s.successor)),
           (13, s.kind = 'organisation' AND p.last_day > '-infinity'
                AND NOT EXISTS (SELECT FROM stp.membership m WHERE m.organisation = s.successor
                                   AND s.day BETWEEN m.valid_from AND coalesce(m.valid_to, 'infinity')),
            format('"%s" belongs nowhere on the day', s.successor),
            format('Insert its memberships into stp.membership, from %s on.', s.day)))
           fault (place, is_there, what, hint)
     WHERE s.kind = succession_faults.kind AND succession_faults.code IN (s.predecessor, s.successor) AND fault.is_there
     ORDER BY fault.place, s.day, s.predecessor COLLATE "C", s.successor COLLATE "C" LIMIT 1;
END;
COMMENT ON FUNCTION stp_internal.succession_faults(text, text) IS
    'The first fault of the successions that name an organisation or a system, with a hint; no row if they are sound.';

-- What is restored from a dump was checked when it was written: what it names may come after it.
CREATE FUNCTION stp_internal.check_succession() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = ISO AS $$
DECLARE
    kinds   text[] := ARRAY[CASE TG_TABLE_NAME WHEN 'system' THEN 'system' ELSE 'organisation' END];
    changed text[];
    bad     record;
BEGIN
    IF TG_OP = 'INSERT' AND stp_internal.is_restored(NEW.recorded_at) THEN
        RETURN NULL;
    ELSIF TG_TABLE_NAME = 'succession' THEN
        kinds := ARRAY[NEW.kind, OLD.kind];
        changed := ARRAY[NEW.predecessor, NEW.successor, OLD.predecessor, OLD.successor];
    ELSIF TG_OP = 'TRUNCATE' THEN
        changed := ARRAY(SELECT s.predecessor FROM stp.succession s WHERE s.kind = ANY (kinds) LIMIT 1);
    ELSIF TG_TABLE_NAME = 'system' THEN
        changed := ARRAY[NEW.system, OLD.system, NEW.parent];
    ELSE
        changed := ARRAY[NEW.organisation, OLD.organisation];
    END IF;
    -- Transactions that change what a succession rests on check one after the other.
    PERFORM stp_internal.check_alone(CASE k.kind WHEN 'system' THEN 'stp.system' ELSE 'stp.membership' END::regclass,
                                     TG_RELID::regclass)
       FROM (SELECT DISTINCT k.kind FROM unnest(kinds) k (kind) WHERE k.kind IS NOT NULL ORDER BY 1) k;
    IF NOT EXISTS (SELECT FROM stp.succession s
                    WHERE s.kind = ANY (kinds) AND (s.predecessor = ANY (changed) OR s.successor = ANY (changed))) THEN
        RETURN NULL;
    END IF;
    SELECT k.kind, f.* INTO bad
      FROM unnest(kinds) k (kind) CROSS JOIN unnest(changed) c (code)
     CROSS JOIN LATERAL stp_internal.succession_faults(k.kind, c.code) f
     ORDER BY f.place, f.day, f.predecessor COLLATE "C" LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'succession of % "%" by "%" on %: %', bad.kind, bad.predecessor, bad.successor, bad.day, bad.what
              USING ERRCODE = CASE bad.place WHEN 5 THEN 'check_violation' ELSE 'invalid_parameter_value' END, HINT = bad.hint;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_succession() IS
    'Constraint trigger: refuses, at commit, successions of what does not exist, of one kind by another, before the predecessor '
    'has ended or the successor begun, in chains of one day and back to what has ended, SQLSTATE 22023; and shares of one '
    'predecessor on one day that do not sum to 1, SQLSTATE 23514. The same of changes of what they name.';

CREATE CONSTRAINT TRIGGER succession_is_valid AFTER INSERT OR UPDATE OR DELETE ON stp.succession
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_succession();
CREATE CONSTRAINT TRIGGER succession_is_valid AFTER INSERT OR UPDATE OR DELETE ON stp.system
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_succession();
CREATE CONSTRAINT TRIGGER succession_is_valid AFTER UPDATE OR DELETE ON stp.organisation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_succession();
CREATE CONSTRAINT TRIGGER succession_is_valid AFTER INSERT OR UPDATE OR DELETE ON stp.membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_succession();
CREATE TRIGGER successions_stay AFTER TRUNCATE ON stp.system
    FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.check_succession();
CREATE TRIGGER successions_stay AFTER TRUNCATE ON stp.organisation
    FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.check_succession();

--------------------------------------------------------------------------------------------------------------
-- Mergers, splits and new codes: one call each
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.list_codes(codes text[]) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT string_agg(format('"%s"', c.code), ', ' ORDER BY c.n) FROM unnest(codes[:10]) WITH ORDINALITY c (code, n))
       || CASE WHEN cardinality(codes) > 10 THEN format(' and %s more', cardinality(codes) - 10) ELSE '' END;
COMMENT ON FUNCTION stp_internal.list_codes(text[]) IS 'Codes as a sentence has them, ten at most; NULL: none.';

-- A predecessor that is the successor too takes over; of one that is nothing else it is said.
CREATE FUNCTION stp_internal.without(predecessors text[], successor text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN predecessors IS NULL OR predecessors = ARRAY[successor] THEN predecessors
            ELSE ARRAY(SELECT p.code FROM unnest(predecessors) WITH ORDINALITY p (code, n)
                        WHERE p.code IS DISTINCT FROM successor ORDER BY p.n) END;
COMMENT ON FUNCTION stp_internal.without(text[], text) IS 'The predecessors without the successor, unless it is the only one.';

CREATE FUNCTION stp_internal.argument_faults(kind text, predecessors text[], successors text[], shares numeric[], day date,
                                             names text[])
RETURNS TABLE (place int, what text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 -- not STRICT: NULL is a fault
BEGIN ATOMIC
    SELECT 1, format('unknown kind "%s"', coalesce(kind, 'NULL')),
           'Allowed are organisation, and system, which stands for regions and places too.'
     WHERE (kind IN ('organisation', 'system')) IS NOT TRUE
    UNION ALL
    SELECT 2, format('no first day of new boundaries: %s', coalesce(day::text, 'NULL')),
           'Give a day from 1900-04-02 to 9999-12-31, for example 2026-04-01.'
     WHERE (day BETWEEN '1900-04-02' AND '9999-12-31') IS NOT TRUE
    UNION ALL
    SELECT 3, format('no %s: %s', g.role, coalesce(g.codes::text, 'NULL')), 'Give codes, for example ARRAY[''RA1'', ''RA2''].'
      FROM (VALUES ('predecessor', predecessors), ('successor', successors)) g (role, codes)
     WHERE coalesce(cardinality(g.codes), 0) = 0 OR EXISTS (SELECT FROM unnest(g.codes) c (code) WHERE coalesce(c.code, '') = '')
    UNION ALL
    SELECT 4, format('%s "%s" is there twice', g.role, c.code), 'Name each once.'
      FROM (VALUES ('predecessor', predecessors), ('successor', successors)) g (role, codes)
     CROSS JOIN LATERAL unnest(g.codes) c (code)
     GROUP BY g.role, c.code HAVING count(*) > 1
    UNION ALL
    SELECT 5, format('%s shares for %s successors', coalesce(cardinality(array_remove(shares, NULL)), 0),
                     cardinality(successors)),
           'Give the share of each successor, in their order, for example ARRAY[0.4, 0.6].'
     WHERE cardinality(array_remove(shares, NULL)) IS DISTINCT FROM cardinality(successors)
    UNION ALL
    SELECT 6, format('%s names for %s successors', cardinality(names), cardinality(successors)),
           'Give the name of each successor, in their order; NULL for one that has a name.'
     WHERE cardinality(names) <> cardinality(successors)
    UNION ALL
    SELECT 7, format('%s "%s" is the only predecessor and the only successor', kind, successors[1]),
           'Say who else takes part.'
     WHERE predecessors = successors AND cardinality(successors) = 1;
END;
COMMENT ON FUNCTION stp_internal.argument_faults(text, text[], text[], numeric[], date, text[]) IS
    'What cannot be asked of stp_internal.succeed(), with a hint.';

CREATE FUNCTION stp_internal.predecessor_faults(kind text, predecessors text[], day date)
RETURNS TABLE (place int, what text, hint text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT 8, format('unknown %s "%s"', kind, c.code),
           coalesce((SELECT format('Write "%s".', u.code) FROM stp_internal.succession_unit u
                      WHERE u.kind = predecessor_faults.kind AND upper(u.code COLLATE "C") = upper(c.code COLLATE "C")),
                    format('Correct the code, or add it to stp.%s.', kind))
      FROM unnest(predecessors) c (code)
     WHERE NOT EXISTS (SELECT FROM stp_internal.succession_unit u WHERE u.kind = predecessor_faults.kind AND u.code = c.code)
    UNION ALL
    SELECT 9, format('%s "%s" has a succession on %s already, by %s', s.kind, s.predecessor, s.day,
                     stp_internal.list_codes(array_agg(s.successor ORDER BY s.successor COLLATE "C"))),
           'Nothing is done twice: correct what is wrong there in stp.succession and stp.membership.'
      FROM stp.succession s
     WHERE s.kind = predecessor_faults.kind AND s.predecessor = ANY (predecessors) AND s.day = predecessor_faults.day
     GROUP BY s.kind, s.predecessor, s.day
    UNION ALL
    SELECT 10, format('%s "%s" begins on %s', u.type, u.code, u.first_day),
           format('A predecessor is there before the day: give one after %s, or correct when it begins.', u.first_day)
      FROM stp_internal.succession_unit u
     WHERE u.kind = predecessor_faults.kind AND u.code = ANY (predecessors) AND u.first_day >= predecessor_faults.day;
END;
COMMENT ON FUNCTION stp_internal.predecessor_faults(text, text[], date) IS
    'Why predecessors cannot be succeeded on a day, with a hint.';

CREATE FUNCTION stp_internal.successor_faults(kind text, predecessors text[], successors text[], names text[], parent text)
RETURNS TABLE (place int, what text, hint text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 -- not STRICT: there may be no names, and no parent
BEGIN ATOMIC
    WITH kin AS
    (
        SELECT count(DISTINCT u.type) AS types, min(u.parent) AS parent,
               count(DISTINCT u.parent) > 1 OR (count(u.parent) > 0 AND count(u.parent) < count(*)) AS apart,
               string_agg(format('"%s": %s', u.code, concat_ws(' in ', u.type, u.parent)), '; '
                          ORDER BY u.code COLLATE "C") AS list
          FROM stp_internal.succession_unit u
         WHERE u.kind = successor_faults.kind AND u.code = ANY (predecessors)
    )
    SELECT 11 + f.place, f.what, f.hint
      FROM kin
     CROSS JOIN unnest(successors, names) WITH ORDINALITY s (code, name, n)
      LEFT JOIN stp_internal.succession_unit u ON u.kind = successor_faults.kind AND u.code = s.code
      LEFT JOIN stp_internal.succession_unit o ON o.kind = successor_faults.kind AND u.code IS NULL
                                              AND upper(o.code COLLATE "C") = upper(s.code COLLATE "C")
     CROSS JOIN LATERAL (VALUES
           (0, o.code IS NOT NULL, format('unknown %s "%s"', successor_faults.kind, s.code), format('Write "%s".', o.code)),
           (1, u.code IS NULL AND coalesce(s.name, '') = '',
            format('a new %s without a name: "%s"', successor_faults.kind, s.code),
            format('Give its name; or correct the code, if it is in stp.%s.', successor_faults.kind)),
           (2, u.code IS NULL AND kin.types > 1, format('what "%s" is cannot be told: %s', s.code, kin.list),
            'Systems become systems, regions regions, and places places.'),
           (3, u.code IS NULL AND successor_faults.parent IS NULL AND kin.apart,
            format('where "%s" lies cannot be told: %s', s.code, kin.list),
            format('Give its parent, for example parent => %L.', kin.parent)),
           (4, u.code IS NOT NULL AND successor_faults.parent <> coalesce(u.parent, ''),
            format('%s "%s" is there already, and lies in %s', u.type, s.code, coalesce(format('"%s"', u.parent), 'nothing')),
            'Leave the parent out; or UPDATE stp.system SET parent: then its past lies there too.'))
           f (place, is_there, what, hint)
     WHERE f.is_there;
END;
COMMENT ON FUNCTION stp_internal.successor_faults(text, text[], text[], text[], text) IS
    'Why successors cannot be made or taken as they are, with a hint.';

-- What its predecessors agree on is the successor's.
CREATE FUNCTION stp_internal.make_systems(predecessors text[], successors text[], names text[], parent text, day date)
RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made text[] := ARRAY(SELECT s.code FROM unnest(successors) WITH ORDINALITY s (code, n)
                          WHERE NOT EXISTS (SELECT FROM stp.system y WHERE y.system = s.code) ORDER BY s.n);
BEGIN
    UPDATE stp.system y SET name = s.name FROM unnest(successors, names) s (code, name) WHERE y.system = s.code AND s.name <> '';
    INSERT INTO stp.system (system, name, kind, parent, valid_from)
    SELECT s.code, s.name, p.kind, coalesce(make_systems.parent, p.parent), make_systems.day
      FROM unnest(successors, names) s (code, name)
     CROSS JOIN (SELECT min(y.kind) AS kind, min(y.parent) AS parent FROM stp.system y WHERE y.system = ANY (predecessors)) p
     WHERE s.code = ANY (made);
    RETURN made;
END $$;
COMMENT ON FUNCTION stp_internal.make_systems(text[], text[], text[], text, date) IS
    'Makes the successors that are not there, and gives those that are the names that are given. Returns which were made.';

CREATE FUNCTION stp_internal.make_organisations(predecessors text[], successors text[], names text[]) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made text[] := ARRAY(SELECT s.code FROM unnest(successors) WITH ORDINALITY s (code, n)
                          WHERE NOT EXISTS (SELECT FROM stp.organisation o WHERE o.organisation = s.code) ORDER BY s.n);
BEGIN
    UPDATE stp.organisation o SET name = s.name FROM unnest(successors, names) s (code, name)
     WHERE o.organisation = s.code AND s.name <> '';
    INSERT INTO stp.organisation (organisation, name, type, subtype, region)
    SELECT s.code, s.name, p.type, p.subtype, p.region
      FROM unnest(successors, names) s (code, name)
     CROSS JOIN (SELECT CASE WHEN min(o.type) = max(o.type) THEN min(o.type) END AS type,
                        CASE WHEN min(o.subtype) = max(o.subtype) THEN min(o.subtype) END AS subtype,
                        CASE WHEN min(o.region) = max(o.region) THEN min(o.region) END AS region
                   FROM stp.organisation o WHERE o.organisation = ANY (predecessors)) p
     WHERE s.code = ANY (made);
    RETURN made;
END $$;
COMMENT ON FUNCTION stp_internal.make_organisations(text[], text[], text[]) IS
    'Makes the successors that are not there, and gives those that are the names that are given. Returns which were made.';

-- What belongs somewhere, or has a duty, from the day on does so under the new code, whenever that begins.
CREATE FUNCTION stp_internal.move_duties(ended text[], successors text[], day date) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun   int;
    deleted int;
    cut     int;
BEGIN
    INSERT INTO stp.expected_report (indicator, organisation, grain, valid_from, valid_to)
    SELECT e.indicator, s.code, CASE WHEN count(e.grain) = count(*) AND min(e.grain) = max(e.grain) THEN min(e.grain) END,
           greatest(e.valid_from, move_duties.day), nullif(max(coalesce(e.valid_to, 'infinity')), 'infinity')
      FROM stp.expected_report e CROSS JOIN unnest(successors) s (code)
     WHERE e.organisation = ANY (ended) AND coalesce(e.valid_to, 'infinity') >= move_duties.day
       AND NOT EXISTS (SELECT FROM stp.expected_report own
                        WHERE own.indicator = e.indicator AND own.organisation = s.code
                          AND coalesce(own.valid_to, 'infinity') >= move_duties.day)
     GROUP BY e.indicator, s.code, greatest(e.valid_from, move_duties.day);
    GET DIAGNOSTICS begun = ROW_COUNT;
    DELETE FROM stp.expected_report e WHERE e.organisation = ANY (ended) AND e.valid_from >= move_duties.day;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    UPDATE stp.expected_report e SET valid_to = move_duties.day - 1
     WHERE e.organisation = ANY (ended) AND coalesce(e.valid_to, 'infinity') >= move_duties.day;
    GET DIAGNOSTICS cut = ROW_COUNT;
    RETURN format('duties ended %s, begun %s', deleted + cut, begun);
END $$;
COMMENT ON FUNCTION stp_internal.move_duties(text[], text[], date) IS
    'Ends the duties to report of organisations before a day; their successors have them from it on, unless they have their own. '
    'Grains that differ become any. Returns what it did.';

-- Which part of an organisation that splits served which of several systems, nobody can know.
CREATE FUNCTION stp_internal.placement(predecessors text[], successors text[], day date) RETURNS stp.membership[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET datestyle = ISO AS $$
DECLARE
    unplaced text[] := ARRAY(SELECT s.code FROM unnest(successors) WITH ORDINALITY s (code, n)
                              WHERE NOT EXISTS (SELECT FROM stp.membership m WHERE m.organisation = s.code
                                AND m.valid_from <= placement.day AND coalesce(m.valid_to, 'infinity') >= placement.day)
                              ORDER BY s.n);
    later    text[] := ARRAY(SELECT DISTINCT m.organisation FROM stp.membership m
                              WHERE m.organisation = ANY (unplaced) AND m.valid_from > placement.day ORDER BY 1);
    places   record;
BEGIN
    SELECT min(p.organisation) AS model, count(DISTINCT p.rows) AS ways, max(p.systems) AS systems,
           string_agg(p.organisation || ' to ' || p.list, '; ' ORDER BY p.organisation COLLATE "C") AS list INTO places
      FROM (SELECT m.organisation, count(DISTINCT m.system) AS systems,
                   string_agg(format('%s (%s)', m.system, m.share), ', ' ORDER BY m.system COLLATE "C", m.valid_from) AS list,
                   string_agg(concat_ws(' ', m.system, trim_scale(m.share), greatest(m.valid_from, placement.day), m.valid_to),
                              ', '
                              ORDER BY m.system COLLATE "C", m.valid_from) AS rows
              FROM stp.membership m
             WHERE m.organisation = ANY (predecessors) AND coalesce(m.valid_to, 'infinity') >= placement.day
             GROUP BY m.organisation) p;
    IF cardinality(later) > 0 THEN
        RAISE EXCEPTION 'memberships of % begin only after %', stp_internal.list_codes(later), placement.day
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'A successor that is there is so on the day: give a later one, or begin its memberships by then.';
    ELSIF cardinality(unplaced) > 0
       AND (places.ways > 1 OR (places.systems > 1 AND cardinality(successors) > 1)
            OR (places.model IS NULL AND EXISTS (SELECT FROM stp.membership m WHERE m.organisation = ANY (predecessors)))) THEN
        RAISE EXCEPTION 'where % % from % on cannot be told: %', stp_internal.list_codes(unplaced),
              CASE cardinality(unplaced) WHEN 1 THEN 'belongs' ELSE 'belong' END, placement.day,
              coalesce(places.list, 'no predecessor has a membership then')
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = format('Insert memberships (and who is not there yet) before this call, in the same transaction: '
                                  'INSERT INTO stp.membership (organisation, system, share, valid_from) '
                                  'VALUES (%L, ''...'', 1, ''%s''), ...',
                                  unplaced[1], placement.day);
    END IF;
    RETURN ARRAY(SELECT ROW(s.code, m.system, m.share, greatest(m.valid_from, placement.day), m.valid_to, m.basis,
                            m.recorded_at)::stp.membership
                   FROM unnest(unplaced) s (code) JOIN stp.membership m ON m.organisation = places.model
                  WHERE coalesce(m.valid_to, 'infinity') >= placement.day);
END $$;
COMMENT ON FUNCTION stp_internal.placement(text[], text[], date) IS
    'The memberships that successors of organisations begin with: those of the predecessors where these agree, none where they '
    'have their own. Error 22023: the predecessors disagree, or one that splits belongs to several systems.';

CREATE FUNCTION stp_internal.put_memberships(rows stp.membership[]) RETURNS bigint
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH put AS
    (
        INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to, basis)
        SELECT m.organisation, m.system, m.share, m.valid_from, m.valid_to, m.basis FROM unnest(put_memberships.rows) m
        RETURNING 1
    )
    SELECT count(*) FROM put;
END;
COMMENT ON FUNCTION stp_internal.put_memberships(stp.membership[]) IS 'Inserts memberships; returns how many.';

CREATE FUNCTION stp_internal.end_memberships(rows stp.membership[], day date) RETURNS bigint
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH gone AS
    (
        DELETE FROM stp.membership m USING unnest(end_memberships.rows) r
         WHERE (m.organisation, m.system, m.valid_from) = (r.organisation, r.system, r.valid_from)
           AND m.valid_from >= end_memberships.day
        RETURNING 1
    ),
    cut AS
    (
        UPDATE stp.membership m SET valid_to = end_memberships.day - 1 FROM unnest(end_memberships.rows) r
         WHERE (m.organisation, m.system, m.valid_from) = (r.organisation, r.system, r.valid_from)
           AND m.valid_from < end_memberships.day AND coalesce(m.valid_to, 'infinity') >= end_memberships.day
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM cut);
END;
COMMENT ON FUNCTION stp_internal.end_memberships(stp.membership[], date) IS
    'Ends memberships before a day, and deletes those that begin on or after it; returns how many.';

CREATE FUNCTION stp_internal.move_organisations(predecessors text[], successors text[], ended text[], day date) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun stp.membership[] := stp_internal.placement(predecessors, successors, day);
    old   stp.membership[] := ARRAY(SELECT m FROM stp.membership m WHERE m.organisation = ANY (ended)
                                       AND coalesce(m.valid_to, 'infinity') >= move_organisations.day);
    gone  bigint;
BEGIN
    gone := stp_internal.end_memberships(old, day);
    RETURN format('memberships ended %s, begun %s; %s', gone, stp_internal.put_memberships(begun),
                  stp_internal.move_duties(ended, successors, day));
END $$;
COMMENT ON FUNCTION stp_internal.move_organisations(text[], text[], text[], date) IS
    'Moves memberships and duties of organisations to their successors. Returns what it did.';

-- Shares in several systems that become one are one share, for as long as they are the same.
CREATE FUNCTION stp_internal.merged_shares(organisations text[], systems text[], successor text, day date)
RETURNS stp.membership[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH held AS
    (
        SELECT m.organisation, m.share, greatest(m.valid_from, merged_shares.day) AS valid_from,
               coalesce(m.valid_to, 'infinity') AS valid_to, m.basis
          FROM stp.membership m
         WHERE m.organisation = ANY (organisations) AND m.system = ANY (systems || successor)
           AND coalesce(m.valid_to, 'infinity') >= merged_shares.day
    ),
    change AS
    (
        SELECT h.organisation, h.valid_from AS day FROM held h
        UNION
        SELECT h.organisation, h.valid_to + 1 FROM held h WHERE h.valid_to < 'infinity'
    ),
    spell AS
    (
        SELECT c.organisation, c.day, lead(c.day) OVER (PARTITION BY c.organisation ORDER BY c.day) - 1 AS valid_to FROM change c
    )
    SELECT ARRAY(SELECT ROW(s.organisation, successor, trim_scale(sum(h.share)), s.day, s.valid_to,
                            CASE WHEN count(h.basis) = count(*) AND min(h.basis) = max(h.basis) THEN min(h.basis) END,
                            now())::stp.membership
                   FROM spell s JOIN held h ON h.organisation = s.organisation AND s.day BETWEEN h.valid_from AND h.valid_to
                  GROUP BY s.organisation, s.day, s.valid_to);
END;
COMMENT ON FUNCTION stp_internal.merged_shares(text[], text[], text, date) IS
    'The memberships of organisations in a system that takes the place of others, from a day on.';

-- Whose shares on the day make up the whole without the old systems has been told where it belongs.
CREATE FUNCTION stp_internal.move_systems(predecessors text[], successors text[], ended text[], day date) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = ISO AS $$
DECLARE
    told   text[] := ARRAY(SELECT m.organisation FROM stp.membership m
                            WHERE m.valid_from <= move_systems.day AND coalesce(m.valid_to, 'infinity') >= move_systems.day
                              AND m.system <> ALL (ended)
                              AND (m.system <> ALL (predecessors) OR m.valid_from = move_systems.day)
                            GROUP BY m.organisation HAVING sum(m.share) > 0.999999);
    untold text[] := ARRAY(SELECT DISTINCT m.organisation FROM stp.membership m
                            WHERE m.system = ANY (ended) AND coalesce(m.valid_to, 'infinity') >= move_systems.day
                              AND m.organisation <> ALL (told) ORDER BY 1);
    old    stp.membership[] := ARRAY(SELECT m FROM stp.membership m
                                      WHERE coalesce(m.valid_to, 'infinity') >= move_systems.day
                                        AND (m.system = ANY (ended)
                                             OR (m.system = ANY (predecessors) AND m.organisation = ANY (told)
                                                 AND m.valid_from < move_systems.day)
                                             OR (m.system = ANY (successors) AND m.organisation = ANY (untold))));
    begun  stp.membership[];
    gone   bigint;
BEGIN
    IF cardinality(successors) > 1 AND cardinality(untold) > 0 THEN
        RAISE EXCEPTION 'where % % from % on cannot be told', stp_internal.list_codes(untold),
              CASE cardinality(untold) WHEN 1 THEN 'belongs' ELSE 'belong' END, move_systems.day
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = format('Insert their memberships in %s before this call, in the same transaction: INSERT INTO '
                                  'stp.membership (organisation, system, share, valid_from) VALUES (%L, %L, 1, ''%s''), ... '
                                  'Systems that are not there yet are inserted before them, with valid_from ''%s''.',
                                  stp_internal.list_codes(successors), untold[1], successors[1], move_systems.day,
                                  move_systems.day);
    END IF;
    begun := stp_internal.merged_shares(untold, ended, successors[1], day);
    UPDATE stp.system s SET valid_to = move_systems.day - 1
     WHERE s.system = ANY (ended) AND coalesce(s.valid_to, 'infinity') >= move_systems.day;
    gone := stp_internal.end_memberships(old, day);
    RETURN format('memberships ended %s, begun %s', gone, stp_internal.put_memberships(begun));
END $$;
COMMENT ON FUNCTION stp_internal.move_systems(text[], text[], text[], date) IS
    'Ends systems, and moves memberships in them to the successor. Returns what it did. Error 22023: organisations of a system '
    'that has split of which nobody has said where they belong.';

-- Each predecessor becomes all successors, by their shares; who is among them lives on.
CREATE PROCEDURE stp_internal.succeed(kind text, predecessors text[], successors text[], shares numeric[], day date,
                                      names text[], parent text, basis text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = ISO SET jit = off AS $$
DECLARE
    ended   text[] := ARRAY(SELECT p.code FROM unnest(predecessors) WITH ORDINALITY p (code, n)
                             WHERE p.code <> ALL (successors) ORDER BY p.n);
    bad     record;
    made    text[];
    moved   text;
    written int;
BEGIN
    IF greatest(cardinality(predecessors), cardinality(successors), cardinality(shares), cardinality(names)) > 1000 THEN
        RAISE EXCEPTION 'more than 1000 codes in one call'
              USING ERRCODE = 'program_limit_exceeded', HINT = 'Make several calls in one transaction.';
    END IF;
    SELECT f.what, f.hint INTO bad
      FROM (SELECT * FROM stp_internal.argument_faults(kind, predecessors, successors, shares, day, names)
            UNION ALL
            SELECT * FROM stp_internal.predecessor_faults(kind, predecessors, day)
            UNION ALL
            SELECT * FROM stp_internal.successor_faults(kind, predecessors, successors, names, parent)) f
     ORDER BY f.place, f.what COLLATE "C" LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', bad.what USING ERRCODE = 'invalid_parameter_value', HINT = bad.hint;
    END IF;
    made := CASE kind WHEN 'system' THEN stp_internal.make_systems(predecessors, successors, names, parent, day)
                ELSE stp_internal.make_organisations(predecessors, successors, names) END;
    INSERT INTO stp.succession (kind, predecessor, successor, day, share, basis)
    SELECT succeed.kind, p.code, s.code, succeed.day, s.share, succeed.basis
      FROM unnest(predecessors) p (code) CROSS JOIN unnest(successors, shares) s (code, share);
    GET DIAGNOSTICS written = ROW_COUNT;
    moved := CASE kind WHEN 'system' THEN stp_internal.move_systems(predecessors, successors, ended, day)
                 ELSE stp_internal.move_organisations(predecessors, successors, ended, day) END;
    RAISE NOTICE '%: %', day,
          concat_ws('; ', 'made ' || stp_internal.list_codes(made), 'ended ' || stp_internal.list_codes(ended), moved,
                    'successions written ' || written);
END $$;
COMMENT ON PROCEDURE stp_internal.succeed(text, text[], text[], numeric[], date, text[], text, text) IS
    'What stp.merge_organisations(), stp.split_organisation(), stp.merge_systems(), stp.split_system() and stp.rename_code() do.';

CREATE PROCEDURE stp.merge_organisations(predecessors text[], successor text, day date, name text DEFAULT NULL,
                                         basis text DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CALL stp_internal.succeed('organisation', stp_internal.without(predecessors, successor), ARRAY[successor], '{1}', day,
                              ARRAY[name], NULL, basis);
END $$;
COMMENT ON PROCEDURE stp.merge_organisations(text[], text, date, text, text) IS
    'Organisations become one, from a day on: a new one, which needs a name, or one that is there, among the predecessors or '
    'not, and lives on. Memberships and duties to report (stp.expected_report) of the predecessors end the day before; the '
    'successor has those of the predecessors where they agree, or its own. Type, subtype and region of a new one are those on '
    'which they agree. basis: where the merger is written. Reports stay where they are. Says in a notice what it did; all or '
    'nothing. Error 22023: codes that are not there or have had their succession, no name, predecessors that belong to '
    'different systems.';

CREATE PROCEDURE stp.split_organisation(predecessor text, successors text[], shares numeric[], day date,
                                        names text[] DEFAULT NULL, basis text DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CALL stp_internal.succeed('organisation', ARRAY[predecessor], successors, shares, day, names, NULL, basis);
END $$;
COMMENT ON PROCEDURE stp.split_organisation(text, text[], numeric[], date, text[], text) IS
    'An organisation becomes several, from a day on, with shares of it that sum to 1; among the successors it lives on with its '
    'share. names are for those that are not there. basis: what the shares rest on. Otherwise as stp.merge_organisations(). If '
    'it belongs to several systems, insert the memberships of the successors first, in the same transaction. Error 22023 as '
    'there, 23514: shares that do not sum to 1 within 0.000001.';

CREATE PROCEDURE stp.merge_systems(predecessors text[], successor text, day date, name text DEFAULT NULL,
                                   parent text DEFAULT NULL, basis text DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CALL stp_internal.succeed('system', stp_internal.without(predecessors, successor), ARRAY[successor], '{1}', day,
                              ARRAY[name], parent, basis);
END $$;
COMMENT ON PROCEDURE stp.merge_systems(text[], text, date, text, text, text) IS
    'Systems, regions or places become one, from a day on: a new one, which needs a name, or one that is there, among the '
    'predecessors or not, and lives on. The predecessors end the day before, and so do memberships in them, which go on in the '
    'successor: shares in several are one. Kind and parent of a new one are those of the predecessors; parent: where they '
    'differ. basis: where the merger is written. The population needs no rows. Says in a notice what it did; all or nothing. '
    'Error 22023: codes that are not there or have had their succession, no name, parents that differ, and places that live on '
    'in a system that has ended: stp.rename_code().';

CREATE PROCEDURE stp.split_system(predecessor text, successors text[], shares numeric[], day date, names text[] DEFAULT NULL,
                                  parent text DEFAULT NULL, basis text DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CALL stp_internal.succeed('system', ARRAY[predecessor], successors, shares, day, names, parent, basis);
END $$;
COMMENT ON PROCEDURE stp.split_system(text, text[], numeric[], date, text[], text, text) IS
    'A system, place, region or nation becomes several, from a day on, with shares of its counts and people that sum to 1; among '
    'the successors it lives on with its share. Where its organisations belong is not guessed: insert their memberships first, '
    'in the same transaction; those before them end. Who is not told of stays with one that lives on. names are for those that '
    'are not there, basis is what the shares rest on. Otherwise as stp.merge_systems(). Error 22023 as there, and organisations '
    'of which nobody has said where they belong; 23514: shares that do not sum to 1 within 0.000001.';

CREATE PROCEDURE stp.rename_code(kind text, code text, new_code text, day date, name text DEFAULT NULL,
                                 basis text DEFAULT NULL, parent text DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_name text := (SELECT u.name FROM stp_internal.succession_unit u
                       WHERE u.kind = rename_code.kind AND u.code = rename_code.code);
BEGIN
    IF EXISTS (SELECT FROM stp_internal.succession_unit u WHERE u.kind = rename_code.kind AND u.code = new_code) THEN
        RAISE EXCEPTION '% "%" is there already', rename_code.kind, new_code
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = CASE new_code WHEN code THEN 'Give the new code.'
                           ELSE format('Give another code; what becomes a part of it is merged: '
                                       'CALL stp.merge_%ss(ARRAY[%L], %L, ...).', rename_code.kind, code, new_code) END;
    END IF;
    CALL stp_internal.succeed(kind, ARRAY[code], ARRAY[new_code], '{1}', day,
                              ARRAY[coalesce(name, old_name)], parent, basis);
END $$;
COMMENT ON PROCEDURE stp.rename_code(text, text, text, date, text, text, text) IS
    'An organisation or (kind system) a system, place, region or nation has a new code, from a day on, and keeps its name unless '
    'there is a new one; parent: where it lies from then on, if that changes. A merger of one: see stp.merge_organisations() and '
    'stp.merge_systems(). Error 22023: a new code that is there already.';

SELECT pg_catalog.pg_extension_config_dump('stp.succession', '');
GRANT SELECT ON stp.succession, stp_internal.succession_unit TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.succession TO @extowner@ WITH GRANT OPTION;
