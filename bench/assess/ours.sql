SELECT unit AS system, node, value, score, effective_weight, contribution, coverage, rank FROM stp.assess('bench', '2026-03')
