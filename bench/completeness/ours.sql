SELECT system, indicator, value, organisations, expected, completeness FROM stp.system_indicator WHERE period = '2026-03'
