-- Module boundary: which organisation counts in which system, place, region or nation on which day, on the map of that day or
-- any other.

--------------------------------------------------------------------------------------------------------------
-- From organisations to systems
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.system_above WITH (security_invoker = true) AS
-- Each is looked up, so that row-level security which hides a system does not show a part of its figures.
SELECT s.system, up.system AS above
  FROM stp.system s
  LEFT JOIN stp.system p ON p.system = s.parent
  LEFT JOIN stp.system r ON r.system = p.parent
  LEFT JOIN stp.system n ON n.system = r.parent
 CROSS JOIN LATERAL (VALUES (s.system), (p.system), (r.system), (n.system)) up (system)
 WHERE up.system IS NOT NULL;
COMMENT ON VIEW stp_internal.system_above IS 'Every system, place, region and nation with itself and all that it lies in.';

-- The one place that says which organisation counts where on which day, with what share.
CREATE VIEW stp.system_membership WITH (security_invoker = true) AS
WITH above AS
(
    -- What belongs to a place counts in its system, what belongs to a system in its region, and so in the nation.
    SELECT m.organisation, a.above AS system, m.share, m.valid_from, m.valid_to
      FROM stp.membership m
      JOIN stp_internal.system_above a ON a.system = m.system AND a.above <> m.system
),
change AS
(
    SELECT organisation, system, valid_from AS day FROM above
    UNION
    SELECT organisation, system, valid_to + 1 FROM above WHERE valid_to IS NOT NULL
),
spell AS
(
    SELECT organisation, system, day AS valid_from,
           lead(day) OVER (PARTITION BY organisation, system ORDER BY day) - 1 AS valid_to
      FROM change
)
SELECT m.organisation, m.system, m.share, m.valid_from, m.valid_to
  FROM stp.membership m
UNION ALL
-- One row for each organisation and day, however many places of the system it serves.
SELECT spell.organisation, spell.system, sum(above.share), spell.valid_from, spell.valid_to
  FROM spell
  JOIN above ON above.organisation = spell.organisation
            AND above.system = spell.system
            AND above.valid_from <= spell.valid_from
            AND (above.valid_to IS NULL OR above.valid_to >= spell.valid_from)
 GROUP BY spell.organisation, spell.system, spell.valid_from, spell.valid_to;
CALL stp.make_rows('stp.system_membership');
COMMENT ON VIEW stp.system_membership IS
    'Which organisation counts in which system, place, region or nation, on which days, with what share: stp.membership, carried '
    'up to all that they lie in.';
COMMENT ON COLUMN stp.system_membership.share IS 'Share of the organisation''s counts that belong to it.';
COMMENT ON COLUMN stp.system_membership.valid_from IS 'First day of the share.';
COMMENT ON COLUMN stp.system_membership.valid_to IS 'Last day of the share; NULL: it goes on.';

-- Not STRICT, so that the planner takes it in: a join, as if it were written out.
CREATE FUNCTION stp_internal.shares_on(organisation text, day date) RETURNS TABLE (system text, share numeric)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT m.system, m.share
      FROM stp_internal.system_membership_rows() m
     WHERE m.organisation = shares_on.organisation
       AND m.valid_from <= shares_on.day AND (m.valid_to IS NULL OR m.valid_to >= shares_on.day);
END;
COMMENT ON FUNCTION stp_internal.shares_on(text, date) IS
    'In which systems, places, regions and nations an organisation counts on a day, with what share.';

--------------------------------------------------------------------------------------------------------------
-- The map of any day
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.existed(kind text, code text, day date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE kind WHEN 'system' THEN EXISTS (SELECT FROM stp.system s WHERE s.system = code AND s.valid_from < day)
                 ELSE EXISTS (SELECT FROM stp.membership m WHERE m.organisation = code AND m.valid_from < day) END;
COMMENT ON FUNCTION stp_internal.existed(text, text, date) IS
    'Whether a system, or an organisation (by its memberships), was there before a day.';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.absent_on(kind text, day date) RETURNS TABLE (code text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT s.predecessor
      FROM stp.succession s
     WHERE s.kind = absent_on.kind AND stp_internal.had_ended(s.kind, s.predecessor, absent_on.day + 1)
    UNION
    SELECT s.successor
      FROM stp.succession s
     WHERE s.kind = absent_on.kind
     GROUP BY s.successor
    HAVING min(s.day) > absent_on.day AND NOT stp_internal.existed(absent_on.kind, s.successor, min(s.day));
END;
COMMENT ON FUNCTION stp_internal.absent_on(text, date) IS
    'Organisations or systems that all of have gone to successors by a day, or that came of predecessors only after it.';

-- Forwards from what reported, step by step; backwards from it to what it was made of. How much of a successor came from which
-- predecessor nobody has written down, so that backwards is known only where there is one.
CREATE FUNCTION stp_internal.heirs(kind text, boundaries date)
RETURNS TABLE (code text, heir text, share numeric, valid_from date, valid_to date, is_known boolean)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 10000 ROWS 20
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM stp.succession s WHERE s.kind = heirs.kind) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH RECURSIVE step AS MATERIALIZED
    (
        SELECT s.predecessor, s.successor, s.day, s.share FROM stp.succession s WHERE s.kind = heirs.kind
    ),
    -- Between two of its successions a code stands for the same.
    stretch AS MATERIALIZED
    (
        SELECT e.code, e.day AS valid_from,
               coalesce(lead(e.day) OVER (PARTITION BY e.code ORDER BY e.day) - 1, 'infinity') AS valid_to
          FROM (SELECT s.predecessor AS code, s.day FROM step s UNION SELECT s.successor, s.day FROM step s
                UNION SELECT s.predecessor, '-infinity' FROM step s UNION SELECT s.successor, '-infinity' FROM step s) e
    ),
    forwards AS
    (
        SELECT t.code, t.code AS heir, 1::numeric AS share, t.valid_from, t.valid_to, t.valid_from AS day
          FROM stretch t WHERE t.valid_from <= heirs.boundaries
        UNION ALL
        SELECT f.code, s.successor, f.share * s.share, f.valid_from, f.valid_to, s.day
          FROM forwards f
          JOIN step s ON s.predecessor = f.heir AND s.day > f.day AND s.day <= heirs.boundaries
         WHERE NOT EXISTS (SELECT FROM step e WHERE e.predecessor = f.heir AND e.day > f.day AND e.day < s.day)
    ),
    backwards AS
    (
        SELECT t.code, t.code AS heir, t.valid_from, t.valid_to, t.valid_from + 1 AS day
          FROM stretch t WHERE t.valid_from > heirs.boundaries
        UNION
        SELECT b.code, p.predecessor, b.valid_from, b.valid_to, e.day
          FROM backwards b
         CROSS JOIN LATERAL (SELECT max(s.day) AS day FROM step s
                              WHERE s.successor = b.heir AND s.day < b.day AND s.day > heirs.boundaries) e
         CROSS JOIN LATERAL (SELECT s.predecessor FROM step s WHERE s.successor = b.heir AND s.day = e.day
                             UNION
                             SELECT b.heir WHERE stp_internal.existed(heirs.kind, b.heir, e.day)) p
    )
    SELECT f.code, f.heir, sum(f.share), f.valid_from, f.valid_to, true
      FROM forwards f
     WHERE NOT EXISTS (SELECT FROM step e WHERE e.predecessor = f.heir AND e.day > f.day AND e.day <= heirs.boundaries)
     GROUP BY f.code, f.heir, f.valid_from, f.valid_to
    UNION ALL
    SELECT b.code, b.heir, 1.0 / count(*) OVER of_stretch, b.valid_from, b.valid_to, count(*) OVER of_stretch = 1
      FROM (SELECT DISTINCT b.code, b.heir, b.valid_from, b.valid_to FROM backwards b
             WHERE NOT EXISTS (SELECT FROM step s
                                WHERE s.successor = b.heir AND s.day < b.day AND s.day > heirs.boundaries)) b
    WINDOW of_stretch AS (PARTITION BY b.code, b.valid_from);
END $$;
COMMENT ON FUNCTION stp_internal.heirs(text, date) IS
    'What had become of organisations or systems that have successions by a day, or what they had been made of: of what a code '
    'stood for from valid_from to valid_to that share is the heir''s. is_known false: it had several predecessors, and how much '
    'of it was whose is not known.';

-- Step by step back from what stands on the day, as far as nothing was reported: what is reported counts what came before.
CREATE FUNCTION stp_internal.origins(organisations text[], day date, reporters text[], reported date[])
RETURNS TABLE (organisation text, code text, share float8, valid_from date, valid_to date)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 10000 ROWS 20
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE step AS MATERIALIZED
    (
        SELECT s.predecessor, s.successor, s.day, s.share::float8 AS share FROM stp.succession s WHERE s.kind = 'organisation'
    ),
    -- Between two of its successions a code stands for the same.
    turn AS MATERIALIZED (SELECT s.predecessor AS code, s.day FROM step s UNION SELECT s.successor, s.day FROM step s),
    report AS MATERIALIZED
        (SELECT DISTINCT r.code, r.day FROM ROWS FROM (unnest(origins.reporters), unnest(origins.reported)) r (code, day)),
    origin AS
    (
        SELECT u.code AS organisation, u.code, 1::float8 AS share,
               coalesce((SELECT max(t.day) FROM turn t WHERE t.code = u.code AND t.day <= origins.day),
                        '-infinity') AS valid_from,
               coalesce((SELECT min(t.day) FROM turn t WHERE t.code = u.code AND t.day > origins.day) - 1,
                        'infinity') AS valid_to
          FROM unnest(origins.organisations) u (code)
        UNION ALL
        SELECT o.organisation, p.code, o.share * p.share,
               coalesce((SELECT max(t.day) FROM turn t WHERE t.code = p.code AND t.day < o.valid_from), '-infinity'),
               o.valid_from - 1
          FROM origin o
         CROSS JOIN LATERAL (SELECT s.predecessor, s.share FROM step s WHERE s.successor = o.code AND s.day = o.valid_from
                             UNION ALL
                             -- What a code that took others in had of its own before.
                             SELECT o.code, 1 WHERE NOT EXISTS (SELECT FROM step s WHERE s.predecessor = o.code
                                                                   AND s.day = o.valid_from)) p (code, share)
         WHERE o.valid_from > '-infinity'
           AND NOT EXISTS (SELECT FROM report r WHERE r.code = o.code AND r.day BETWEEN o.valid_from AND o.valid_to)
    )
    SELECT o.organisation, o.code, sum(o.share), o.valid_from, o.valid_to
      FROM origin o
     WHERE EXISTS (SELECT FROM report r WHERE r.code = o.code AND r.day BETWEEN o.valid_from AND o.valid_to)
     GROUP BY o.organisation, o.code, o.valid_from, o.valid_to;
END $$;
COMMENT ON FUNCTION stp_internal.origins(text[], date, text[], date[]) IS
    'Whose reports tell what organisations are on a day: their own since their last succession, or if there are none the shares '
    'of what they were made of. reporters, reported: who has reported, for which last days; valid_from, valid_to: the days of '
    'the reports of the code that tell.';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.tellers(reporters text[], reported date[], first date, last date)
RETURNS TABLE (organisation text, code text, share float8, valid_from date, valid_to date, since date, until date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 150
BEGIN ATOMIC
    WITH step AS MATERIALIZED
    (
        SELECT s.predecessor, s.successor, s.day FROM stp.succession s
         WHERE s.kind = 'organisation' AND s.day > tellers.first AND s.day <= tellers.last
    ),
    turned AS MATERIALIZED (SELECT s.predecessor AS code FROM step s UNION SELECT s.successor FROM step s)
    SELECT DISTINCT r.code, r.code, 1::float8, date '-infinity', date 'infinity', date '-infinity', date 'infinity'
      FROM unnest(tellers.reporters) r (code)
     WHERE r.code NOT IN (SELECT t.code FROM turned t)
    UNION ALL
    SELECT o.organisation, o.code, o.share, o.valid_from, o.valid_to, stage.day, coalesce(stage.next_day - 1, 'infinity')
      FROM (SELECT d.day, lead(d.day) OVER (ORDER BY d.day) AS next_day
              FROM (SELECT tellers.first WHERE EXISTS (SELECT FROM step) UNION SELECT s.day FROM step s) d (day)) stage
     CROSS JOIN LATERAL stp_internal.origins(ARRAY(SELECT t.code FROM turned t), stage.day, tellers.reporters,
                                             tellers.reported) o;
END;
COMMENT ON FUNCTION stp_internal.tellers(text[], date[], date, date) IS
    'Whose reports tell, on which days from the first to the last (since, until), what each organisation is: its own; of those '
    'with a succession in this time stp_internal.origins().';

-- An organisation that has no membership on the day counts where it last did before, or first after; and what counts in a system
-- that is not there on the day counts in its heirs.
CREATE FUNCTION stp_internal.places_at(boundaries date, since date, until date, members date)
RETURNS TABLE (organisation text, unit text, share numeric, own_share numeric, valid_from date, valid_to date, is_known boolean,
               is_settled boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 500 -- not STRICT, so that the planner takes it in
BEGIN ATOMIC
    SELECT e.organisation, a.above, sum(e.share * coalesce(h.share, 1)),
           coalesce(sum(e.share) FILTER (WHERE own.system IS NOT NULL), 0), max(e.valid_from), min(e.valid_to),
           -- What lies in the unit whichever of its predecessors a system was is known to.
           abs(coalesce(sum(h.share) FILTER (WHERE NOT h.is_known), 0)
               - count(DISTINCT e.system) FILTER (WHERE NOT h.is_known)) < 0.000001, bool_and(e.is_settled)
      FROM (SELECT m.organisation, m.system, m.share, m.valid_from, coalesce(m.valid_to, 'infinity') AS valid_to, d.day,
                   d.is_settled
              FROM (SELECT m.organisation,
                           coalesce(max(places_at.members) FILTER (WHERE m.valid_from <= places_at.members
                                        AND (m.valid_to IS NULL OR m.valid_to >= places_at.members)),
                                    max(m.valid_to) FILTER (WHERE m.valid_to < places_at.members), min(m.valid_from)) AS day,
                           min(m.valid_from) = max(m.valid_from)
                               AND min(coalesce(m.valid_to, 'infinity')) = max(coalesce(m.valid_to, 'infinity')) AS is_settled
                      FROM stp.membership m
                     WHERE (m.valid_from <= greatest(places_at.until, places_at.members)
                            AND (m.valid_to IS NULL OR m.valid_to >= least(places_at.since, places_at.members)))
                        -- Reports of others may count where these belonged.
                        OR m.organisation IN (SELECT s.predecessor FROM stp.succession s WHERE s.kind = 'organisation'
                                              UNION ALL
                                              SELECT s.successor FROM stp.succession s WHERE s.kind = 'organisation')
                     GROUP BY m.organisation) d
              JOIN stp.membership m ON m.organisation = d.organisation
               AND m.valid_from <= d.day AND (m.valid_to IS NULL OR m.valid_to >= d.day)) e
      JOIN stp.system s ON s.system = e.system
      LEFT JOIN stp_internal.heirs('system', places_at.boundaries) h
             ON h.code = e.system AND least(e.day, s.valid_to) BETWEEN h.valid_from AND h.valid_to
      JOIN stp_internal.system_above a ON a.system = coalesce(h.heir, e.system)
      LEFT JOIN stp_internal.system_above own ON own.system = e.system AND own.above = a.above
     GROUP BY e.organisation, a.above;
END;
COMMENT ON FUNCTION stp_internal.places_at(date, date, date, date) IS
    'In which systems, places, regions and nations organisations that belong anywhere from one day to another (since, until) '
    'count on the boundaries of a third, by their memberships on a fourth. own_share: what of it counts there on the days '
    'valid_from to valid_to too; is_settled: these are all that there are.';

CREATE FUNCTION stp_internal.system_shares_at(boundaries date, since date, until date, members date)
RETURNS TABLE (organisation text, unit text, share float8, valid_from date, valid_to date, own_share float8, is_known boolean)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 10000 ROWS 500
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH heir AS MATERIALIZED (SELECT * FROM stp_internal.heirs('organisation', boundaries)),
    place AS MATERIALIZED
    (
        SELECT p.*, p.organisation IN (SELECT h.code FROM heir h) AS has_heirs
          FROM stp_internal.places_at(boundaries, since, until, members) p
    ),
    part AS MATERIALIZED
    (
        SELECT p.organisation AS code, p.unit, p.share, date '-infinity' AS valid_from, date 'infinity' AS valid_to, p.is_known
          FROM place p
         WHERE NOT p.is_settled AND NOT p.has_heirs
        UNION ALL
        SELECT h.code, p.unit, sum(h.share * p.share), h.valid_from, h.valid_to,
               -- What all the predecessors have the same share of is known, whoever it was of.
               bool_and(p.is_known) AND (bool_and(h.is_known) OR (sum(h.share) > 0.999999 AND min(p.share) = max(p.share)))
          FROM heir h
          JOIN place p ON p.organisation = h.heir
         WHERE h.valid_from <= until AND h.valid_to >= since
         GROUP BY h.code, p.unit, h.valid_from, h.valid_to
    ),
    own AS MATERIALIZED
    (
        SELECT m.organisation AS code, a.above AS unit, m.share, m.valid_from, coalesce(m.valid_to, 'infinity') AS valid_to
          FROM stp.membership m JOIN stp_internal.system_above a ON a.system = m.system
         WHERE m.organisation IN (SELECT p.code FROM part p)
           AND m.valid_from <= until AND (m.valid_to IS NULL OR m.valid_to >= since)
    ),
    -- Between two changes of its memberships what counts on its own day is the same.
    stretch AS
    (
        SELECT c.code, c.day AS valid_from,
               coalesce(lead(c.day) OVER (PARTITION BY c.code ORDER BY c.day) - 1, 'infinity') AS valid_to
          FROM (SELECT o.code, o.valid_from AS day FROM own o
                UNION SELECT o.code, o.valid_to + 1 FROM own o WHERE o.valid_to < 'infinity') c
    )
    SELECT p.organisation, p.unit, p.share::float8, p.valid_from, p.valid_to, p.own_share::float8, p.is_known
      FROM place p WHERE p.is_settled AND NOT p.has_heirs
    UNION ALL
    SELECT p.code, p.unit, p.share::float8, greatest(p.valid_from, t.valid_from), least(p.valid_to, t.valid_to),
           coalesce(sum(o.share) FILTER (WHERE o.unit = p.unit), 0)::float8, p.is_known
      FROM part p
      JOIN stretch t ON t.code = p.code AND t.valid_from <= p.valid_to AND t.valid_to >= p.valid_from
      -- On a day on which it belongs nowhere its reports count nowhere.
      JOIN own o ON o.code = p.code AND o.valid_from <= t.valid_from AND o.valid_to >= t.valid_to
     GROUP BY p.code, p.unit, p.share, p.valid_from, p.valid_to, p.is_known, t.valid_from, t.valid_to;
END $$;
COMMENT ON FUNCTION stp_internal.system_shares_at(date, date, date, date) IS
    'stp_internal.shares_at() of systems, places, regions and nations.';

-- The error is the server's own, as where ratings are computed.
CREATE FUNCTION stp_internal.sees_all_figures() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    PERFORM FROM stp.system, stp.organisation, stp.membership, stp.population, stp.expected_report, stp.observation LIMIT 0;
    RETURN true;
END $$;
COMMENT ON FUNCTION stp_internal.sees_all_figures() IS
    'True. Error 42501: a policy of row-level security could hide rows of the tables that figures rest on.';

-- All rows are one table, so that who asks joins them to the reports once. What counts elsewhere on another map may be of who is
-- hidden from the reader.
CREATE FUNCTION stp_internal.shares_at(rates text, boundaries date, since date, until date, members date DEFAULT NULL)
RETURNS TABLE (organisation text, unit text, share float8, valid_from date, valid_to date, own_share float8, is_known boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 500 -- not STRICT: boundaries may be those of each report
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
    IF NOT isfinite(boundaries) THEN
        RAISE EXCEPTION 'there are no boundaries of %', boundaries
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a day, for example 2026-04-01.';
    ELSIF boundaries IS NOT NULL THEN
        PERFORM stp_internal.sees_all_figures();
    END IF;
    IF rates <> 'organisation' AND boundaries IS NULL THEN
        RETURN QUERY
        SELECT m.organisation, m.system, m.share::float8, m.valid_from, coalesce(m.valid_to, 'infinity'), m.share::float8, true
          FROM stp.system_membership m;
    ELSIF rates <> 'organisation' THEN
        RETURN QUERY SELECT * FROM stp_internal.system_shares_at(boundaries, since, until, coalesce(members, boundaries));
    ELSE
        RETURN QUERY
        WITH heir AS MATERIALIZED (SELECT * FROM stp_internal.heirs('organisation', boundaries))
        SELECT h.code, h.heir, h.share::float8, h.valid_from, h.valid_to,
               CASE WHEN h.heir = h.code THEN h.share ELSE 0 END::float8, h.is_known
          FROM heir h
        UNION ALL
        SELECT o.organisation, o.organisation, 1, '-infinity', 'infinity', 1, true
          FROM stp.organisation o
         WHERE NOT EXISTS (SELECT FROM heir h WHERE h.code = o.organisation);
    END IF;
END $$;
COMMENT ON FUNCTION stp_internal.shares_at(text, date, date, date, date) IS
    'Where reports of organisations count on the boundaries of a day (NULL: of the last day of their own period), by rates as '
    'in stp.scheme: of those that end from valid_from to valid_to that share in the unit. since, until: of reports that end '
    'before or after nothing is asked. own_share: what of them counts there on their own day. is_known false: they lie in the '
    'unit or in others that it was made of. members: by the memberships of another day (NULL: the same). A report that counts '
    'nowhere on its own day counts nowhere. Error 42501: stp_internal.sees_all_figures().';

CALL stp.make_as_of('system_above', 'system_membership_rows', 'system_membership', 'shares_on', 'existed', 'had_ended',
                    'absent_on', 'heirs', 'origins', 'tellers', 'places_at', 'system_shares_at', 'shares_at');

GRANT SELECT ON stp_internal.system_above, stp.system_membership TO PUBLIC;
