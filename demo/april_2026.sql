-- The 42 systems of 2025/26 become the 36 of 2026/27. After demo/load.sql, from the top of the tree.
BEGIN;
\copy stp.succession (kind, predecessor, successor, day, share, basis) FROM 'demo/data/succession.csv' WITH (FORMAT csv, HEADER)
INSERT INTO stp.system (system, name, parent, valid_from)
SELECT n.system, n.name, min(p.parent), s.day
  FROM (VALUES ('S1Y5D', 'Central East'), ('D7T5G', 'Essex'), ('T6Y0W', 'Norfolk and Suffolk'), ('S0E4D', 'Thames Valley'),
               ('S9B9J', 'Surrey and Sussex'), ('Z9B2Z', 'West and North London')) n (system, name)
  JOIN stp.succession s ON s.kind = 'system' AND s.successor = n.system
  JOIN stp.system p ON p.system = s.predecessor
 GROUP BY n.system, n.name, s.day;
UPDATE stp.system y SET valid_to = s.day - 1 FROM stp.succession s WHERE s.kind = 'system' AND s.predecessor = y.system;
-- Which part of a system that split a trust serves was not found: it is shared as its system is.
INSERT INTO stp.membership (organisation, system, share, valid_from, basis)
SELECT m.organisation, s.successor, trim_scale(sum(m.share * s.share)), s.day, 'as its system'
  FROM stp.membership m JOIN stp.succession s ON s.kind = 'system' AND s.predecessor = m.system
 WHERE m.valid_to IS NULL GROUP BY m.organisation, s.successor, s.day;
UPDATE stp.membership m SET valid_to = s.day - 1 FROM stp.succession s
 WHERE s.kind = 'system' AND s.predecessor = m.system AND m.valid_to IS NULL;
COMMIT;
