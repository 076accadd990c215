SELECT sum(numerator) FROM stp.spell_observation
