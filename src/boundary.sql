-- Module boundary: which organisation counts in which system, region or place on which day, on the map of that day or of any other.

--------------------------------------------------------------------------------------------------------------
-- From organisations to systems
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.system_above WITH (security_invoker = true) AS
-- Each is looked up, so that row-level security which hides a system does not show a part of its figures.
SELECT s.system, up.system AS above
  FROM stp.system s
  LEFT JOIN stp.system p ON p.system = s.parent
  LEFT JOIN stp.system r ON r.system = p.parent
 CROSS JOIN LATERAL (VALUES (s.system), (p.system), (r.system)) up (system)
 WHERE up.system IS NOT NULL;
COMMENT ON VIEW stp_internal.system_above IS 'Every system, region and place with itself and all that it lies in.';

-- The one place that says which organisation counts where on which day, with what share.
CREATE VIEW stp.system_membership WITH (security_invoker = true) AS
WITH above AS
(
    -- What belongs to a place counts in its system, and what belongs to a system in its region.
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
COMMENT ON VIEW stp.system_membership IS
    'Which organisation counts in which system, region or place, on which days, with what share: stp.membership, and places '
    'carried up to their systems and regions.';
COMMENT ON COLUMN stp.system_membership.share IS 'Share of the organisation''s counts that belong to it.';
COMMENT ON COLUMN stp.system_membership.valid_from IS 'First day of the share.';
COMMENT ON COLUMN stp.system_membership.valid_to IS 'Last day of the share; NULL: it goes on.';

-- Not STRICT, so that the planner takes it in: a join, as if it were written out.
CREATE FUNCTION stp_internal.shares_on(organisation text, day date) RETURNS TABLE (system text, share numeric)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT m.system, m.share
      FROM stp.system_membership m
     WHERE m.organisation = shares_on.organisation
       AND m.valid_from <= shares_on.day AND (m.valid_to IS NULL OR m.valid_to >= shares_on.day);
END;
COMMENT ON FUNCTION stp_internal.shares_on(text, date) IS
    'In which systems, regions and places an organisation counts on a day, with what share.';

--------------------------------------------------------------------------------------------------------------
-- The map of any day
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.existed(kind text, code text, day date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE kind WHEN 'system' THEN EXISTS (SELECT FROM stp.system s WHERE s.system = code AND s.valid_from < day)
                 ELSE EXISTS (SELECT FROM stp.membership m WHERE m.organisation = code AND m.valid_from < day) END;
COMMENT ON FUNCTION stp_internal.existed(text, text, date) IS
    'Whether a system, or an organisation (by its memberships), was there before a day.';

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
        SELECT e.code, e.day AS valid_from, coalesce(lead(e.day) OVER (PARTITION BY e.code ORDER BY e.day) - 1, 'infinity') AS valid_to
          FROM (SELECT s.predecessor AS code, s.day FROM step s UNION SELECT s.successor, s.day FROM step s
                UNION SELECT u.code, '-infinity' FROM step s CROSS JOIN LATERAL (VALUES (s.predecessor), (s.successor)) u (code)) e
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

-- An organisation that has no membership on the day counts where it last did before, or first after, and a system that is not
-- there on the day in its heirs.
CREATE FUNCTION stp_internal.system_shares_at(boundaries date)
RETURNS TABLE (organisation text, unit text, share float8, valid_from date, valid_to date, own_from date, own_to date,
               is_known boolean)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 10000 ROWS 500
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH held AS
    (
        SELECT m.organisation, m.system, m.share, m.valid_from, m.valid_to, d.day
          FROM (SELECT m.organisation,
                       coalesce(max(boundaries) FILTER (WHERE m.valid_from <= boundaries
                                                          AND (m.valid_to IS NULL OR m.valid_to >= boundaries)),
                                max(m.valid_to) FILTER (WHERE m.valid_to < boundaries), min(m.valid_from)) AS day
                  FROM stp.membership m GROUP BY m.organisation) d
          JOIN stp.membership m ON m.organisation = d.organisation
           AND m.valid_from <= d.day AND (m.valid_to IS NULL OR m.valid_to >= d.day)
    ),
    placed AS MATERIALIZED
    (
        SELECT e.organisation, a.above AS unit, sum(e.share * coalesce(h.share, 1)) AS share,
               bool_and(coalesce(h.is_known, true)) AS is_known,
               max(CASE WHEN coalesce(h.heir, e.system) = e.system THEN e.valid_from ELSE 'infinity' END) AS own_from,
               min(coalesce(e.valid_to, 'infinity')) AS own_to
          FROM held e
          JOIN stp.system s ON s.system = e.system
          LEFT JOIN stp_internal.heirs('system', boundaries) h
                 ON h.code = e.system AND least(e.day, s.valid_to) BETWEEN h.valid_from AND h.valid_to
          JOIN stp_internal.system_above a ON a.system = coalesce(h.heir, e.system)
         GROUP BY e.organisation, a.above
    )
    SELECT p.organisation, p.unit, p.share::float8, date '-infinity', date 'infinity', p.own_from, p.own_to, p.is_known
      FROM placed p
     WHERE NOT EXISTS (SELECT FROM stp.succession s WHERE s.kind = 'organisation' AND p.organisation IN (s.predecessor, s.successor))
    UNION ALL
    SELECT o.code, p.unit, sum(o.share * p.share)::float8, o.valid_from, o.valid_to,
           max(CASE WHEN o.heir = o.code THEN greatest(o.valid_from, p.own_from) ELSE 'infinity' END),
           min(least(o.valid_to, p.own_to)),
           -- What all the predecessors have the same share of is known, whoever it was of.
           bool_and(p.is_known) AND (bool_and(o.is_known) OR (sum(o.share) > 0.999999 AND min(p.share) = max(p.share)))
      FROM stp_internal.heirs('organisation', boundaries) o
      JOIN placed p ON p.organisation = o.heir
     GROUP BY o.code, p.unit, o.valid_from, o.valid_to;
END $$;
COMMENT ON FUNCTION stp_internal.system_shares_at(date) IS
    'stp_internal.shares_at() of systems, regions and places.';

-- All rows are one table, so that who asks joins them to the reports once.
CREATE FUNCTION stp_internal.shares_at(rates text, boundaries date)
RETURNS TABLE (organisation text, unit text, share float8, valid_from date, valid_to date, own_from date, own_to date,
               is_known boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 500 -- not STRICT: boundaries may be those of each report
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
    IF boundaries IS NULL THEN
        RETURN QUERY
        SELECT m.organisation, m.system, m.share::float8, m.valid_from, coalesce(m.valid_to, 'infinity'), date '-infinity',
               date 'infinity', true
          FROM stp.system_membership m WHERE rates <> 'organisation'
        UNION ALL
        SELECT o.organisation, o.organisation, 1, '-infinity', 'infinity', '-infinity', 'infinity', true
          FROM stp.organisation o WHERE rates = 'organisation';
    ELSIF rates = 'organisation' THEN
        RETURN QUERY
        SELECT h.code, h.heir, h.share::float8, h.valid_from, h.valid_to,
               CASE WHEN h.heir = h.code AND h.share = 1 THEN h.valid_from ELSE 'infinity' END, h.valid_to, h.is_known
          FROM stp_internal.heirs('organisation', boundaries) h
        UNION ALL
        SELECT o.organisation, o.organisation, 1, '-infinity', 'infinity', '-infinity', 'infinity', true
          FROM stp.organisation o
         WHERE NOT EXISTS (SELECT FROM stp.succession s
                            WHERE s.kind = 'organisation' AND o.organisation IN (s.predecessor, s.successor));
    ELSE
        RETURN QUERY SELECT * FROM stp_internal.system_shares_at(boundaries);
    END IF;
END $$;
COMMENT ON FUNCTION stp_internal.shares_at(text, date) IS
    'Where reports of organisations count on the boundaries of a day (NULL: of the last day of their own period), by rates as in '
    'stp.scheme: of those that end from valid_from to valid_to that share in the unit. Of those from own_from to own_to it is '
    'what counts there on their own day. is_known false: it lies in the unit or in others that it has been made of.';

CREATE FUNCTION stp_internal.own_share(organisation text, unit text, day date) RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT coalesce(sum(m.share), 0)::float8 FROM stp_internal.shares_on(own_share.organisation, own_share.day) m
         WHERE m.system = own_share.unit);
COMMENT ON FUNCTION stp_internal.own_share(text, text, date) IS 'What share of an organisation counts in a unit on a day.';

CALL stp.make_as_of('system_above', 'system_membership', 'shares_on', 'existed', 'heirs', 'system_shares_at', 'shares_at',
                    'own_share');

GRANT SELECT ON stp_internal.system_above, stp.system_membership TO PUBLIC;
