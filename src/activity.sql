
-- Module activity: patient spells, from which modules delay and emergency make figures of systems, and how far what was
-- reported reaches.

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
    sex              text,
    diagnosis        text,
    further_diagnoses     text[],
    discharge_method      text,
    discharge_destination text,
    PRIMARY KEY (organisation, spell)
);
CREATE INDEX spell_admission ON stp.spell (admission_date);
CREATE INDEX spell_discharge ON stp.spell (discharge_date);
-- Few stays are as long as to take in a month in which they neither began nor ended.
CREATE INDEX spell_long_stay ON stp.spell (admission_date, coalesce(discharge_date, 'infinity'))
 WHERE coalesce(discharge_date, 'infinity') > admission_date + 28;
-- Nor are there many who wait at one time.
CREATE INDEX spell_waiting ON stp.spell (ready_date) WHERE discharge_date IS NULL;
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
    'Discharge ready date: the day from which the person needed the hospital no longer; NULL: not ready, not recorded, or '
    'discharged on that day: providers may leave it blank then.';
COMMENT ON COLUMN stp.spell.admission_method IS
    'Method of admission, a code of Hospital Episode Statistics, for example 21: see stp.admission_method. NULL: not known.';
COMMENT ON COLUMN stp.spell.age IS
    'Age on admission: completed years, at most 120, or a code of Hospital Episode Statistics for under one year, 7001 (under 1 '
    'day) to 7007 (273 days and over). NULL: not known.';
COMMENT ON COLUMN stp.spell.sex IS 'female or male; NULL: not known, or neither.';
COMMENT ON COLUMN stp.spell.diagnosis IS 'Primary diagnosis, ICD-10, with or without the dot: J44.0 or J440. NULL: not coded.';
COMMENT ON COLUMN stp.spell.further_diagnoses IS
    'All other diagnoses of the spell, written as the primary one; NULL: not known, or none.';
COMMENT ON COLUMN stp.spell.discharge_method IS
    'Method of discharge, a code of Hospital Episode Statistics, for example 4, died: see stp.discharge_code. NULL: not known.';
COMMENT ON COLUMN stp.spell.discharge_destination IS
    'Where to, a code of Hospital Episode Statistics, for example 51, another hospital: see stp.discharge_code. NULL: not known.';

-- In one place, for every rule of age and every code.
CREATE FUNCTION stp_internal.completed_years(age int) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT, so that the planner takes it in
RETURN CASE WHEN age BETWEEN 7001 AND 7007 THEN 0 ELSE age END;
COMMENT ON FUNCTION stp_internal.completed_years(int) IS
    'An age in completed years: 7001 to 7007, as Hospital Episode Statistics code ages under one year (startage), are 0.';

CREATE FUNCTION stp_internal.is_adult(age int) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT: whose age is not known may be one
RETURN coalesce(stp_internal.completed_years(age) >= 18, true);
COMMENT ON FUNCTION stp_internal.is_adult(int) IS 'Whether a patient counts in delays: 18 or over, or of unknown age.';

-- Nearly every code is in order, and is let through by the first pattern. By bytes: no encoding is asked what a letter is.
CREATE FUNCTION stp_internal.hes_code(code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT, so that the planner takes it in
RETURN CASE WHEN code COLLATE "C" ~ '^[0-9A-Z]+$' THEN code
            ELSE coalesce(nullif(upper(regexp_replace(code COLLATE "C", '^[^0-9A-Za-z]+|(\.0*)?[^0-9A-Za-z]*$', '', 'g')), ''),
                          code) END;
COMMENT ON FUNCTION stp_internal.hes_code(text) IS
    'A code of Hospital Episode Statistics in one spelling: capital letters, without blanks or invisible characters around it, '
    'and without the decimals of a spreadsheet. 2a is 2A, and 21.0 is 21.';

-- Months are far fewer than days, and methods than spells: who knows that adds up spells in parallel, and sorts none.
CREATE STATISTICS stp.spell_group (ndistinct)
    ON (stp.month(admission_date)), (stp.month(discharge_date)), (stp_internal.hes_code(admission_method))
  FROM stp.spell;
COMMENT ON STATISTICS stp.spell_group IS 'How many months and methods of admission the spells have, for the planner.';

-- Whoever was there in a month was admitted in it, discharged in it, or stayed for longer than it has days: an index has each.
CREATE FUNCTION stp_internal.spell_within(first date, last date) RETURNS SETOF stp.spell
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    SELECT s.*
      FROM stp.spell s
     WHERE s.admission_date BETWEEN spell_within.first AND spell_within.last
        OR s.discharge_date BETWEEN spell_within.first AND spell_within.last
        OR (s.admission_date < spell_within.first AND coalesce(s.discharge_date, 'infinity') > spell_within.last
            AND coalesce(s.discharge_date, 'infinity') > s.admission_date + 28);
END;
COMMENT ON FUNCTION stp_internal.spell_within(date, date) IS
    'Spells of which some day, of admission and discharge too, is from first to last, which are a month apart at least.';

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
           -- All who are not known would be one patient, whose stays follow one another.
           WHEN n.person = ''
           THEN ARRAY['person is empty',
                      'Leave the person NULL if it is not known: nullif(person, ''''), or COPY with FORCE_NULL (person).']
           WHEN stp_internal.completed_years(n.age) > 120
           THEN ARRAY[format('age %s is above 120', n.age),
                      'Give completed years, or 7001 to 7007 for under one year; leave the age out if it is not known.']
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
    'Trigger: refuses spells that end before they begin, a ready date outside the stay, days outside the years of a '
    'stp.period, ages above 120 that are no code of under one year, and empty persons, SQLSTATE 22023.';

CALL stp.guard_rows('spell', 'guard', 'spell, person: code', 'sex: female, male');
CALL stp.guard_rows('spell', 'check_spell');

--------------------------------------------------------------------------------------------------------------
-- How far the tables reach
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.extract
(
    source    text NOT NULL,
    covers    daterange NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, covers)
);
COMMENT ON TABLE stp.extract IS
    'Which days a table of spells or returns covers; several rows of a table add up. From a table that has a row here nothing is '
    'computed for a period that is not wholly covered. Without one, how far it reaches is inferred from its own rows.';
COMMENT ON COLUMN stp.extract.source IS
    'The table of schema stp: spell, delayed_transfer, discharge_delay, emergency_attendance or financial_position; or, with its '
    'schema, a relation for which CALL stp.make_spell_views() was called.';
COMMENT ON COLUMN stp.extract.covers IS
    'Days of which the table has everything from whoever is in it. Of spells: every one that began, ended or went on. The first '
    'and the last day are finite.';
COMMENT ON COLUMN stp.extract.loaded_at IS 'When it was loaded.';

CREATE FUNCTION stp_internal.check_extract() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = iso AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.source, n.covers, f.fault INTO bad
      FROM new_rows n
     CROSS JOIN LATERAL (SELECT CASE
           WHEN isempty(n.covers) THEN 'no day'
           WHEN NOT coalesce(isfinite(lower(n.covers)) AND isfinite(upper(n.covers)), false)
           THEN format('%s, which has no first or no last day', n.covers)
           WHEN lower(n.covers) < '1900-04-01' OR upper(n.covers) > '2200-04-01'
           THEN format('%s, days before 1900-04-01 or after 2200-03-31', n.covers)
           END AS fault) f
     WHERE f.fault IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'extract of "%" covers %', bad.source, bad.fault
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Give the first day and the day after the last: [2025-04-01,2026-01-01) is April to December.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_extract() IS
    'Trigger: refuses extracts that cover no day, have no first or last day, or days outside the years of a stp.period, SQLSTATE '
    '22023.';

CALL stp.guard_rows('extract', 'guard',
    'source: spell, delayed_transfer, discharge_delay, emergency_attendance, financial_position, schema.relation');
CALL stp.guard_rows('extract', 'check_extract');

-- Always one row, which whoever computes by period joins, with the condition that the next function is. The table is asked
-- once for a query: the inner SELECT stands for itself, and OFFSET 0 keeps the condition from being asked of each spell.
CREATE FUNCTION stp_internal.source_reach(source text) RETURNS TABLE (covered datemultirange, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    SELECT r.covered, CASE WHEN r.covered IS NULL THEN 'inferred' END
      FROM (SELECT (SELECT range_agg(e.covers) FROM stp.extract e WHERE e.source = source_reach.source) AS covered OFFSET 0) r;
END;
COMMENT ON FUNCTION stp_internal.source_reach(text) IS
    'What stp.extract says of a table: the days that it covers, NULL if it says nothing, and then the status inferred.';

CREATE FUNCTION stp_internal.is_covered(covered datemultirange, period stp.period) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT: where nothing is said all is taken as covered
RETURN CASE WHEN covered IS NULL THEN true ELSE covered @> stp.daterange(period) END;
COMMENT ON FUNCTION stp_internal.is_covered(datemultirange, stp.period) IS
    'Whether a period is wholly covered by what stp_internal.source_reach gives: whether anything may be computed for it.';

CREATE VIEW stp_internal.spell_reach WITH (security_invoker = true) AS
SELECT r.covered, coalesce(r.covered, datemultirange(daterange(NULL, ends.last_day, '[]'))) AS known,
       ends.first_day, coalesce(upper(r.covered) - 1, ends.last_day) AS last_day, r.status,
       greatest(ends.last_day, ends.last_ready) AS last_date
  FROM stp_internal.source_reach('spell') r
 CROSS JOIN (SELECT min(admission_date) AS first_day, greatest(max(admission_date), max(discharge_date)) AS last_day,
                    -- No ready date is after the discharge.
                    (SELECT max(open.ready_date) FROM stp.spell open WHERE open.discharge_date IS NULL) AS last_ready
               FROM stp.spell) ends;
COMMENT ON VIEW stp_internal.spell_reach IS
    'How far stp.spell reaches, by stp.extract; where that says nothing, as inferred from the spells.';
COMMENT ON COLUMN stp_internal.spell_reach.covered IS 'Days that stp.extract says are covered; NULL: it says nothing.';
COMMENT ON COLUMN stp_internal.spell_reach.known IS
    'Days of which admissions are known: those that are covered, or else all to the last admission or discharge.';
COMMENT ON COLUMN stp_internal.spell_reach.first_day IS 'First admission.';
COMMENT ON COLUMN stp_internal.spell_reach.last_day IS 'Last day that is covered, or else the last admission or discharge.';
COMMENT ON COLUMN stp_internal.spell_reach.status IS 'inferred; NULL: stp.extract says it.';
COMMENT ON COLUMN stp_internal.spell_reach.last_date IS 'Last admission, discharge or ready date, whatever is covered.';

-- SET keeps it from being looked into: what stands for itself in a query keeps it from being parallel.
CREATE FUNCTION stp_internal.spell_months() RETURNS SETOF stp.period
LANGUAGE sql STABLE PARALLEL SAFE ROWS 120 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT month.period
      FROM stp_internal.spell_reach r
     CROSS JOIN LATERAL stp.periods(stp.month(r.first_day), stp.month(r.last_date)) month (period);
END;
COMMENT ON FUNCTION stp_internal.spell_months() IS
    'Every month from the first admission to the last date of any spell, in order.';

-- In one place, for whoever adds up organisations: one that sends no more is missing, not empty. Twelve months, as
-- expected reports: whoever has been silent for longer is gone.
-- Who was heard of in the last month is missing in none, and the index knows that: few are asked for their own last day.
CREATE VIEW stp_internal.missing_spells WITH (security_invoker = true) AS
SELECT o.organisation, month.period
  FROM (SELECT last_day, stp.first_day(stp.month(last_day)) AS month_start, stp.last_day(stp.month(last_day)) AS month_end
          FROM stp_internal.spell_reach OFFSET 0) reach
 CROSS JOIN LATERAL (SELECT g.organisation FROM stp.organisation g
                     EXCEPT
                     SELECT s.organisation FROM stp.spell s
                      WHERE s.admission_date BETWEEN reach.month_start AND reach.month_end
                         OR s.discharge_date BETWEEN reach.month_start AND reach.month_end) silent
 CROSS JOIN LATERAL (SELECT silent.organisation, max(greatest(s.admission_date, s.discharge_date)) AS last_day
                       FROM stp.spell s WHERE s.organisation = silent.organisation) o
 CROSS JOIN LATERAL stp.periods(stp.month(o.last_day),
                                stp.month(least(greatest(o.last_day, reach.last_day),
                                                (o.last_day + interval '12 months')::date))) month (period)
 WHERE stp.first_day(month.period) > o.last_day;
COMMENT ON VIEW stp_internal.missing_spells IS
    'Which organisations that have spells are missing in which months: in those after the month of their own last admission or '
    'discharge, to the month of the last day that stp.spell reaches, at most 12.';
COMMENT ON COLUMN stp_internal.missing_spells.organisation IS 'The organisation of which nothing more is heard.';
COMMENT ON COLUMN stp_internal.missing_spells.period IS 'A month of which it has nothing.';

SELECT pg_catalog.pg_extension_config_dump('stp.spell', '');
SELECT pg_catalog.pg_extension_config_dump('stp.extract', '');

-- Nobody may read rows of patients until their owner says so. How far they reach is public: every view over them asks it.
GRANT SELECT ON stp.extract, stp_internal.spell_reach, stp_internal.missing_spells TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.spell, stp.extract TO @extowner@ WITH GRANT OPTION;
