SELECT unit, node, value, score, contribution, rank FROM stp.assess('iod-england-2025', '2025/26')
