SELECT * FROM stp.spell_observation
