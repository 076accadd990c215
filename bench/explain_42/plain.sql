SELECT * FROM stp.assess('bench', '2026-03')
