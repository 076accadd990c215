
-- Module activity: patient spells, from which modules delay and emergency make figures of systems.

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
CREATE INDEX spell_admission ON stp.spell (admission_date);
CREATE INDEX spell_discharge ON stp.spell (discharge_date);
COMMENT ON TABLE stp.spell IS
    'Patient spells: one row for each stay of one person in one organisation, from admission to discharge. Rows of patients: '
    'nobody may read them but whom the owner lets.';
COMMENT ON COLUMN stp.spell.organisation IS 'The organisation the person stayed in.';
COMMENT ON COLUMN stp.spell.spell IS 'Number of the spell, unique in the organisation.';
COMMENT ON COLUMN stp.spell.person IS
    'Pseudonym of the person, the same at all organisations; NULL: not known, such a spell is never a readmission nor followed '
    'by one.';
COMMENT ON COLUMN stp.spell.admission_date IS 'Day of admission, in the years that a stp.period can have.';
COMMENT ON COLUMN stp.spell.discharge_date IS 'Day of discharge; NULL: still in hospital.';
COMMENT ON COLUMN stp.spell.ready_date IS
    'Discharge ready date: the day from which the person needed the hospital no longer; NULL: not ready, or not recorded.';
COMMENT ON COLUMN stp.spell.admission_method IS
    'Method of admission, a code of Hospital Episode Statistics, for example 21: see stp.admission_method. NULL: not known.';
COMMENT ON COLUMN stp.spell.age IS 'Age on admission, in completed years; NULL: not known.';
COMMENT ON COLUMN stp.spell.sex IS 'female or male; NULL: not known, or neither.';
COMMENT ON COLUMN stp.spell.diagnosis IS 'Primary diagnosis, ICD-10, with or without the dot: J44.0 or J440. NULL: not coded.';

CREATE FUNCTION stp_internal.check_spell() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = iso AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.organisation, n.spell, f.fault INTO bad
      FROM new_rows n
     CROSS JOIN LATERAL (SELECT CASE
           WHEN n.discharge_date < n.admission_date
           THEN ARRAY[format('discharge %s is before admission %s', n.discharge_date, n.admission_date),
                      'Correct the dates; leave the discharge out for a person who is still in hospital.']
           WHEN n.ready_date < n.admission_date
           THEN ARRAY[format('ready date %s is before admission %s', n.ready_date, n.admission_date),
                      'Correct the dates; leave the ready date out if it is not known.']
           WHEN n.ready_date > n.discharge_date
           THEN ARRAY[format('ready date %s is after discharge %s', n.ready_date, n.discharge_date),
                      'Correct the dates; leave the ready date out if it is not known.']
           WHEN n.admission_date < '1900-04-01'
           THEN ARRAY[format('admission %s is before 1900-04-01', n.admission_date),
                      'Give the real day: a span of bed days begins with the first admission.']
           WHEN greatest(n.admission_date, n.discharge_date, n.ready_date) > '2200-03-31'
           THEN ARRAY[format('%s is after 2200-03-31', greatest(n.admission_date, n.discharge_date, n.ready_date)),
                      'Leave out what is not known: a day that never comes is no day.']
           END AS fault) f
     WHERE f.fault IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'spell "%" of organisation "%": %', bad.spell, bad.organisation, bad.fault[1]
              USING ERRCODE = 'invalid_parameter_value', HINT = bad.fault[2];
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_spell() IS
    'Trigger: refuses spells that end before they begin, a ready date outside the stay, and days outside the years of a '
    'stp.period, SQLSTATE 22023.';

CALL stp.guard_rows('spell', 'guard');
CALL stp.guard_rows('spell', 'check_spell');

SELECT pg_catalog.pg_extension_config_dump('stp.spell', '');

-- Nobody may read rows of patients until their owner says so.
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.spell TO @extowner@ WITH GRANT OPTION;
