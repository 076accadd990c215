-- A role that loads: who exists, who belongs where, and what was reported. It defines no indicators and no schemes,
-- rates nothing and publishes nothing. Histories, and marks of what has become stale, are written for it by the extension.
--   psql -d DATABASE -v role=ROLE -f doc/roles/loader.sql
-- Run it as a superuser, or as the role that created the extension, and again after each upgrade.
GRANT SELECT, INSERT, UPDATE, DELETE
    ON stp.system, stp.organisation, stp.membership, stp.succession, stp.population, stp.observation, stp.judgement,
    stp.expected_report,
       stp.spell, stp.delayed_transfer, stp.dtoc_return, stp.dtoc_file, stp.ae_return, stp.occupied_bed_days, stp.discharge_delay,
           stp.emergency_attendance, stp.extract,
       stp.control_total, stp.control_total_offset, stp.financial_position, stp.system_plan TO :"role";

-- Files that have symbols in the place of numbers. What a symbol means is the publisher's to say.
GRANT SELECT, INSERT ON stp.observation_text TO :"role";

-- To read what it has superseded, as of a past time.
GRANT SELECT
    ON stp.system_history, stp.organisation_history, stp.membership_history, stp.succession_history, stp.population_history,
        stp.observation_history TO :"role";
