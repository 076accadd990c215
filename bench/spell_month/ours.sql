SELECT sum(numerator) FROM stp.spell_observation WHERE period = '2019-05'
