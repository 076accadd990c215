SELECT count(*), sum(numerator) FROM stp.system_indicator(boundaries => '2026-04-01')
