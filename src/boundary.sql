-- Module boundary: which organisation counts in which system, region or place on which day.

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
