
-- Module activity: patient spells, from which modules delay and emergency make indicators.

CREATE TABLE stp.spell
(
    organisation     text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    spell            text NOT NULL CHECK (spell <> ''),
    person           text,
    admission_date   date NOT NULL,
    discharge_date   date,
    ready_date       date,
    admission_method text,
    age              int CHECK (age >= 0),
    sex              text CHECK (sex = ANY (ARRAY['female', 'male'])),
    diagnosis        text,
    PRIMARY KEY (organisation, spell)
);
COMMENT ON TABLE stp.spell IS 'Hospital spells of patients, from admission to discharge.';
COMMENT ON COLUMN stp.spell.organisation IS 'The provider.';
COMMENT ON COLUMN stp.spell.spell IS 'Number of the spell, unique at the provider.';
COMMENT ON COLUMN stp.spell.person IS 'Pseudonym of the patient; NULL: not known, never a readmission.';
COMMENT ON COLUMN stp.spell.admission_date IS 'Day of admission.';
COMMENT ON COLUMN stp.spell.discharge_date IS 'Day of discharge; NULL: still in hospital.';
COMMENT ON COLUMN stp.spell.ready_date IS 'Discharge ready date; NULL: not ready, or not recorded.';
COMMENT ON COLUMN stp.spell.admission_method IS 'HES code of the admission method, for example 21; NULL: not known.';
COMMENT ON COLUMN stp.spell.age IS 'Age on admission, in years.';
COMMENT ON COLUMN stp.spell.sex IS 'female or male.';
COMMENT ON COLUMN stp.spell.diagnosis IS 'Primary diagnosis, ICD-10, J440 or J44.0.';

CREATE FUNCTION stp.check_spell() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.organisation, n.spell, fault.what INTO bad
      FROM new_rows n
     CROSS JOIN LATERAL (SELECT CASE
           WHEN NOT (isfinite(n.admission_date) AND isfinite(coalesce(n.discharge_date, n.admission_date))
                     AND isfinite(coalesce(n.ready_date, n.admission_date))) THEN 'has an infinite date'
           WHEN n.discharge_date < n.admission_date
           THEN format('ends on %s, before it starts on %s', to_char(n.discharge_date, 'YYYY-MM-DD'), to_char(n.admission_date, 'YYYY-MM-DD'))
           WHEN n.ready_date < n.admission_date
           THEN format('is ready on %s, before it starts on %s', to_char(n.ready_date, 'YYYY-MM-DD'), to_char(n.admission_date, 'YYYY-MM-DD'))
           WHEN n.ready_date > n.discharge_date
           THEN format('is ready on %s, after it ends on %s', to_char(n.ready_date, 'YYYY-MM-DD'), to_char(n.discharge_date, 'YYYY-MM-DD'))
           END AS what) fault
     WHERE fault.what IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'spell "%" of organisation "%" %', bad.spell, bad.organisation, bad.what
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Correct the dates; leave discharge_date NULL for a patient who is still in hospital.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_spell() IS 'Trigger: refuses spells that end before they start, are ready outside the stay, or have infinite dates, SQLSTATE 22023.';

-- A trigger with a transition table serves one event, so each guard is made for INSERT and for UPDATE.
DO $$
DECLARE
    guard record;
BEGIN
    FOR guard IN
        SELECT * FROM (VALUES
            ('known_organisation', 'refuse_unknown_code(''organisation'', ''organisation'')'),
            ('spell_is_valid', 'check_spell()')) guards (name, call)
         CROSS JOIN (VALUES ('INSERT'), ('UPDATE')) events (event)
    LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON stp.spell REFERENCING NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION stp.%s',
                       guard.name || '_' || lower(guard.event), guard.event, guard.call);
    END LOOP;
END $$;

SELECT pg_catalog.pg_extension_config_dump('stp.spell', '');
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.spell TO @extowner@ WITH GRANT OPTION;
