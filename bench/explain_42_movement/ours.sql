-- With the charts of all figures over fourteen months; in the place of plain SQL the rating alone.
SELECT * FROM stp.explain('bench', '2026-03')
