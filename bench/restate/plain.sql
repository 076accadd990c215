SELECT count(*), sum(numerator) FROM stp.system_indicator
