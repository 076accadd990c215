
-- Module emergency: emergency admissions, from spells and from the monthly return of emergency departments.

--------------------------------------------------------------------------------------------------------------
-- Emergency admissions: the methods of admission
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.admission_method
(
    method     text NOT NULL CHECK (method <> ''),
    meaning    text NOT NULL,
    emergency  boolean NOT NULL,
    valid_from date NOT NULL DEFAULT '1900-04-01',
    valid_to   date CHECK (valid_to >= valid_from),
    -- A day before the first and after the last must be days too, or one odd row would stop whoever reads the others.
    CONSTRAINT valid_in_the_calendar CHECK ((valid_from >= '0001-01-01' OR valid_from = '-infinity')
                                            AND (valid_to <= '9999-12-31' OR valid_to = 'infinity')
                                                AND valid_from <= '9999-12-31'),
    status     text NOT NULL DEFAULT 'unconfirmed',
    source     text,
    builtin    boolean NOT NULL DEFAULT false,
    transfer   boolean NOT NULL DEFAULT false,
    maternity  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (method, builtin)
);
COMMENT ON TABLE stp.admission_method IS
    'Methods of admission by code. A row of yours takes the place of the builtin one with the same code. Spells find their code '
    'however it is written: 2a, and 21.0 of a spreadsheet.';
COMMENT ON COLUMN stp.admission_method.method IS 'Code of Hospital Episode Statistics, for example 21.';
COMMENT ON COLUMN stp.admission_method.meaning IS 'What the code says.';
COMMENT ON COLUMN stp.admission_method.emergency IS 'Whether it is an emergency admission.';
COMMENT ON COLUMN stp.admission_method.valid_from IS
    'First day of admission that the code is valid for; the default is the first day a stp.period can have.';
COMMENT ON COLUMN stp.admission_method.valid_to IS 'Last day of admission that the code is valid for; NULL: it still is.';
COMMENT ON COLUMN stp.admission_method.status IS
    'confirmed: seen in the source. unconfirmed: written from memory, or not checked.';
COMMENT ON COLUMN stp.admission_method.transfer IS 'Whether the patient comes from a stay in another hospital.';
COMMENT ON COLUMN stp.admission_method.maternity IS 'Whether it is an admission for a birth, of mother or child.';

-- What is a transfer or a maternity admission follows from the meanings; which exclusions use it, from the definitions.
INSERT INTO stp.admission_method (method, meaning, emergency, valid_from, status, source, builtin, transfer, maternity)
SELECT method, meaning, emergency, coalesce(valid_from, '1900-04-01'), status,
       CASE status WHEN 'confirmed' THEN 'NHS Data Dictionary, ADMISSION METHOD: code and meaning; days of validity from memory'
                   ELSE 'Hospital Episode Statistics, from memory' END, true, method IN ('2B', '81'),
       method IN ('31', '32', '82', '83')
  FROM (VALUES
    ('21', 'Emergency: accident and emergency department, or dental casualty', true, NULL::date, 'confirmed'),
    ('22', 'Emergency: general practitioner, directly', true, NULL, 'confirmed'),
    ('23', 'Emergency: bed bureau', true, NULL, 'confirmed'),
    ('24', 'Emergency: consultant clinic', true, NULL, 'confirmed'),
    ('25', 'Emergency: mental health crisis resolution team', true, NULL, 'confirmed'),
    ('2A', 'Emergency: accident and emergency department of another provider', true, '2013-04-01', 'confirmed'),
    ('2B', 'Emergency: transfer of an admitted patient from another provider', true, '2013-04-01', 'confirmed'),
    ('2C', 'Emergency: baby born at home as intended', true, '2013-04-01', 'confirmed'),
    ('2D', 'Emergency: other', true, '2013-04-01', 'confirmed'),
    ('28', 'Emergency: other means; replaced by 2A to 2D, and still listed', true, NULL, 'confirmed'),
    ('11', 'Elective: waiting list', false, NULL, 'confirmed'),
    ('12', 'Elective: booked', false, NULL, 'unconfirmed'),
    ('13', 'Elective: planned', false, NULL, 'unconfirmed'),
    ('31', 'Maternity: before delivery', false, NULL, 'confirmed'),
    ('32', 'Maternity: after delivery', false, NULL, 'confirmed'),
    ('81', 'Transfer from another provider, not in an emergency', false, NULL, 'confirmed'),
    ('82', 'Birth in this provider', false, NULL, 'confirmed'),
    ('83', 'Birth outside this provider, not at home as intended', false, NULL, 'confirmed'))
       AS shipped (method, meaning, emergency, valid_from, status);

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.admission_method
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('method',
        'Insert a row with the same code: it takes the place of the builtin one.');

CREATE VIEW stp_internal.admission_method_in_force WITH (security_invoker = true) AS
SELECT DISTINCT ON (stp_internal.hes_code(m.method))
       stp_internal.hes_code(m.method) AS method, m.emergency, m.transfer, m.maternity, m.valid_from, m.valid_to
  FROM stp.admission_method m
 ORDER BY stp_internal.hes_code(m.method), m.builtin, m.method COLLATE "C";
COMMENT ON VIEW stp_internal.admission_method_in_force IS
    'Methods of admission, one row for each code: yours where there is one, otherwise the builtin one.';

CREATE FUNCTION stp.is_emergency_admission(admission_method text, on_date date DEFAULT NULL) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE -- not STRICT: without a date every code counts that ever was valid
RETURN
(
    SELECT m.emergency
      FROM stp_internal.admission_method_in_force m
     WHERE m.method = stp_internal.hes_code(is_emergency_admission.admission_method)
       AND (is_emergency_admission.on_date IS NULL
            OR (m.valid_from <= is_emergency_admission.on_date
                AND (m.valid_to IS NULL OR m.valid_to >= is_emergency_admission.on_date)))
);
COMMENT ON FUNCTION stp.is_emergency_admission(text, date) IS
    'Whether a method of admission is an emergency by stp.admission_method. admission_method: as spells have it, 2a and 21.0 '
    'too. on_date: day of admission; NULL: any. NULL for a code that is NULL, unknown, or not valid on the day. For single '
    'questions: over many spells join stp.admission_method.';

CREATE TABLE stp.discharge_code
(
    item     text NOT NULL,
    code     text NOT NULL CHECK (code <> ''),
    meaning  text NOT NULL,
    died     boolean NOT NULL DEFAULT false,
    transfer boolean NOT NULL DEFAULT false,
    status   text NOT NULL DEFAULT 'unconfirmed',
    source   text,
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (item, code, builtin)
);
COMMENT ON TABLE stp.discharge_code IS
    'Methods and destinations of discharge by code. A row of yours takes the place of the builtin one with the same code.';
COMMENT ON COLUMN stp.discharge_code.item IS 'method or destination: which column of stp.spell has the code.';
COMMENT ON COLUMN stp.discharge_code.code IS 'Code of Hospital Episode Statistics, for example 4 or 51.';
COMMENT ON COLUMN stp.discharge_code.meaning IS 'What the code says.';
COMMENT ON COLUMN stp.discharge_code.died IS 'Whether the patient died, or was born dead.';
COMMENT ON COLUMN stp.discharge_code.transfer IS 'Whether the patient goes on to a stay in another hospital.';
COMMENT ON COLUMN stp.discharge_code.status IS
    'confirmed: code and meaning seen in the source. unconfirmed: written from memory, or not checked.';

-- Transfers as UKHSA's package epidm has them, after the HSCIC's methodology of 2014: 87 is none by discharge.
INSERT INTO stp.discharge_code (item, code, meaning, died, transfer, status, source, builtin)
SELECT item, code, meaning, code IN ('4', '5', '79'), code IN ('49', '50', '51', '52', '53', '84'), 'confirmed',
       CASE item WHEN 'method' THEN 'NHS Data Dictionary, DISCHARGE METHOD, February 2021, and its UK Core code system'
                 ELSE 'NHS Data Dictionary, DISCHARGE DESTINATION, as in UK Core and the COSD data set' END, true
  FROM (VALUES
    ('method', '1', 'On clinical advice or with clinical consent'),
    ('method', '2', 'By the patient, a relative or an advocate'),
    ('method', '3', 'By a mental health review tribunal, the Home Secretary or a court'),
    ('method', '4', 'Died'),
    ('method', '5', 'Stillbirth'),
    ('method', '6', 'By the patient'),
    ('method', '7', 'By a relative or an advocate'),
    ('method', '8', 'Not applicable: the spell has not ended'),
    ('method', '9', 'Not known'),
    ('destination', '19', 'Usual place of residence'),
    ('destination', '29', 'Temporary place of residence'),
    ('destination', '30', 'Repatriation from high security psychiatric accommodation'),
    ('destination', '37', 'Court'),
    ('destination', '38', 'Penal establishment or police station'),
    ('destination', '40', 'Penal establishment'),
    ('destination', '42', 'Police station or custody suite'),
    ('destination', '48', 'High security psychiatric hospital, Scotland'),
    ('destination', '49', 'Another NHS hospital: high security psychiatric accommodation'),
    ('destination', '50', 'Another NHS hospital: medium secure unit'),
    ('destination', '51', 'Another NHS hospital: general ward, or ward for younger physically disabled people'),
    ('destination', '52', 'Another NHS hospital: ward for maternity or neonates'),
    ('destination', '53', 'Another NHS hospital: ward for mental illness or learning disabilities'),
    ('destination', '54', 'NHS care home'),
    ('destination', '55', 'Care home with nursing'),
    ('destination', '56', 'Care home without nursing'),
    ('destination', '65', 'Local authority residential accommodation'),
    ('destination', '66', 'Local authority foster care'),
    ('destination', '79', 'Not applicable: died, or stillbirth'),
    ('destination', '84', 'Independent hospital: medium secure unit'),
    ('destination', '85', 'Care home of neither NHS nor local authority'),
    ('destination', '87', 'Independent hospital'),
    ('destination', '88', 'Hospice'),
    ('destination', '89', 'Organisation responsible for forced repatriation'),
    ('destination', '98', 'Not applicable: the spell has not ended'),
    ('destination', '99', 'Not known'))
       AS shipped (item, code, meaning);

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.discharge_code
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('code',
        'Insert a row with the same item and code: it takes the place of the builtin one.');

CREATE VIEW stp_internal.discharge_code_in_force WITH (security_invoker = true) AS
SELECT DISTINCT ON (d.item, stp_internal.hes_code(d.code)) d.item, stp_internal.hes_code(d.code) AS code, d.died, d.transfer
  FROM stp.discharge_code d
 ORDER BY d.item, stp_internal.hes_code(d.code), d.builtin, d.code COLLATE "C";
COMMENT ON VIEW stp_internal.discharge_code_in_force IS
    'Methods and destinations of discharge, one row for each code: yours where there is one, otherwise the builtin one.';

CREATE VIEW stp_internal.classified_spell WITH (security_invoker = true) AS
SELECT s.organisation, s.spell, s.person, s.admission_date, s.discharge_date, s.ready_date,
       s.discharge_date - s.admission_date AS stay,
       stp_internal.hes_code(s.admission_method) AS admission_method, m.emergency, m.transfer, m.maternity,
       stp_internal.completed_years(s.age) AS age, s.sex, s.diagnosis, s.further_diagnoses,
       stp_internal.hes_code(s.discharge_method) AS discharge_method,
       stp_internal.hes_code(s.discharge_destination) AS discharge_destination
  FROM stp.spell s
  LEFT JOIN stp_internal.admission_method_in_force m
    ON m.method = stp_internal.hes_code(s.admission_method)
   AND m.valid_from <= s.admission_date
   AND (m.valid_to IS NULL OR m.valid_to >= s.admission_date);
COMMENT ON VIEW stp_internal.classified_spell IS
    'Spells with their stay, their codes in one spelling, their age in completed years, and whether they were emergencies.';

--------------------------------------------------------------------------------------------------------------
-- Stay of emergency admissions, by month of discharge: then the stay of everybody in the month is known
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.refuse_percentile(fraction float8, quantities float8[], weights numeric[]) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    IF (fraction BETWEEN 0 AND 1) IS NOT TRUE THEN
        RAISE EXCEPTION 'fraction must be from 0 to 1, not "%"', fraction
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give 0.9 for the 90th percentile.';
    ELSIF cardinality(quantities) <> cardinality(weights) THEN
        RAISE EXCEPTION 'there are "%" quantities, but "%" weights', cardinality(quantities), cardinality(weights)
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give each quantity its weight, in the same order.';
    END IF;
    SELECT u.place, u.name, u.number INTO bad
      FROM (SELECT q.place, 'quantity' AS name, q.quantity::text AS number, q.quantity >= 0 AND q.quantity < 'infinity' AS is_good
              FROM unnest(quantities) WITH ORDINALITY q (quantity, place)
            UNION ALL
            SELECT w.place, 'weight', w.weight::text, w.weight >= 0 AND w.weight < 'infinity'
              FROM unnest(weights) WITH ORDINALITY w (weight, place)) u
     WHERE u.is_good IS NOT TRUE
     ORDER BY u.place, u.name
     LIMIT 1;
    RAISE EXCEPTION '% % must be a finite number at or above 0, not "%"', bad.name, bad.place, coalesce(bad.number, 'NULL')
          USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave out what is not known, in both arrays.';
END $$;
COMMENT ON FUNCTION stp_internal.refuse_percentile(float8, float8[], numeric[]) IS
    'Error 22023: what stp.weighted_percentile, of these arguments, has to refuse.';

-- Numeric weights, because sums of shares decide which spell is the one at the percentile. Views call it for thousands of
-- groups: what is wrong is looked for when something is.
CREATE FUNCTION stp.weighted_percentile(fraction float8, quantities float8[], weights numeric[]) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
RETURN CASE WHEN fraction BETWEEN 0 AND 1 AND cardinality(quantities) = cardinality(weights)
             AND 0 <= ALL (quantities) AND 'infinity' > ALL (quantities)
             AND 0 <= ALL (weights) AND 'infinity' > ALL (weights) THEN
(
    SELECT line.low + (line.high - line.low) * (line.place - floor(line.place))::float8
      FROM (SELECT p.place, min(p.quantity) FILTER (WHERE p.reached >= floor(p.place)) AS low,
                   min(p.quantity) FILTER (WHERE p.reached >= least(floor(p.place) + 1, p.total)) AS high
              FROM (SELECT u.quantity, sum(u.weight) OVER (ORDER BY u.quantity) AS reached, sum(u.weight) OVER () AS total,
                           1 + weighted_percentile.fraction::numeric * (sum(u.weight) OVER () - 1) AS place
                      FROM unnest(weighted_percentile.quantities, weighted_percentile.weights) u (quantity, weight)) p
             WHERE p.total >= 1
             GROUP BY p.place) line
) ELSE stp_internal.refuse_percentile(fraction, quantities, weights) END;
COMMENT ON FUNCTION stp.weighted_percentile(float8, float8[], numeric[]) IS
    'What percentile_cont(fraction) gives where each quantity is there as often as its weight says, carried over to fractions of '
    'a weight: the rule of wtd.quantile in the R package Hmisc. fraction: 0 to 1. quantities: at or above 0. weights: at or '
    'above 0, in the order of quantities. NULL if the weights sum to less than 1. Error 22023: a fraction outside 0 to 1; arrays '
    'of unequal length; a quantity or weight that is NULL, negative, NaN or infinite.';

CREATE VIEW stp_internal.stay_frequency WITH (security_invoker = true) AS
SELECT organisation, stp.month(discharge_date) AS period, stay, count(*) AS discharges,
       count(*) FILTER (WHERE age >= 65) AS discharges_65
  FROM stp_internal.classified_spell
 WHERE emergency AND discharge_date IS NOT NULL
 GROUP BY organisation, stp.month(discharge_date), stay;
CALL stp.make_rows('stp_internal.stay_frequency',
    'How often emergency admissions stayed how long, by organisation and month of discharge.');

CREATE VIEW stp.organisation_stay WITH (security_invoker = true) AS
SELECT t.organisation, t.period, stp.first_day(t.period) AS first_day, stp.last_day(t.period) AS last_day,
       t.discharges, t.stay_90, t.discharges_65, t.stay_90_65, coalesce(r.status, 'ok') AS status
  FROM (SELECT f.organisation, f.period, sum(f.discharges)::int AS discharges,
               stp.weighted_percentile(0.9, array_agg(f.stay::float8), array_agg(f.discharges::numeric)) AS stay_90,
               sum(f.discharges_65)::int AS discharges_65,
               stp.weighted_percentile(0.9, array_agg(f.stay::float8), array_agg(f.discharges_65::numeric)) AS stay_90_65
          FROM stp_internal.stay_frequency_rows() f
         GROUP BY f.organisation, f.period) t
  JOIN stp_internal.source_reach('spell') r ON stp_internal.is_covered(r.covered, t.period);
COMMENT ON VIEW stp.organisation_stay IS
    'Stay of the emergency admissions of organisations, by month of discharge. Their mean is the indicator mean_emergency_stay.';
COMMENT ON COLUMN stp.organisation_stay.period IS 'The month of discharge.';
COMMENT ON COLUMN stp.organisation_stay.last_day IS 'Last day of the month, on which membership counts.';
COMMENT ON COLUMN stp.organisation_stay.discharges IS 'Emergency admissions that ended in the month.';
COMMENT ON COLUMN stp.organisation_stay.stay_90 IS '90th percentile of their stay, in nights: percentile_cont(0.9).';
COMMENT ON COLUMN stp.organisation_stay.discharges_65 IS 'Of these, people aged 65 and over on admission.';
COMMENT ON COLUMN stp.organisation_stay.stay_90_65 IS
    '90th percentile of the stay of those aged 65 and over; NULL: there are none.';
COMMENT ON COLUMN stp.organisation_stay.status IS
    'ok; inferred: stp.extract does not say how far the spells reach. A month that they do not wholly cover has no row.';

-- Asked once for a query, however many rows it is joined to.
CREATE VIEW stp_internal.system_missing_spells WITH (security_invoker = true) AS
WITH missing AS MATERIALIZED
(
    SELECT m.system, g.period
      FROM stp_internal.missing_spells g
     CROSS JOIN LATERAL stp_internal.shares_on(g.organisation, stp.last_day(g.period)) m
     GROUP BY m.system, g.period
)
SELECT system, period FROM missing;
COMMENT ON VIEW stp_internal.system_missing_spells IS
    'In which months the spells of a system, place, region or nation are not complete: an organisation that counts in it on the '
    'last day is in stp_internal.missing_spells.';
COMMENT ON COLUMN stp_internal.system_missing_spells.system IS 'The system, place, region or nation.';
COMMENT ON COLUMN stp_internal.system_missing_spells.period IS 'A month.';

CREATE VIEW stp.system_stay WITH (security_invoker = true) AS
SELECT t.system, s.name AS system_name, s.kind,
       t.period, stp.first_day(t.period) AS first_day, stp.last_day(t.period) AS last_day,
       t.discharges, t.stay_90, t.discharges_65, t.stay_90_65,
       CASE WHEN g.system IS NOT NULL THEN 'partial' ELSE coalesce(r.status, 'ok') END AS status
  FROM (SELECT m.system, f.period,
               stp.exact_sum(f.discharges * m.share::float8) AS discharges,
               stp.weighted_percentile(0.9, array_agg(f.stay::float8), array_agg(f.discharges * m.share)) AS stay_90,
               stp.exact_sum(f.discharges_65 * m.share::float8) AS discharges_65,
               stp.weighted_percentile(0.9, array_agg(f.stay::float8), array_agg(f.discharges_65 * m.share)) AS stay_90_65
          FROM stp_internal.stay_frequency_rows() f
         CROSS JOIN LATERAL stp_internal.shares_on(f.organisation, stp.last_day(f.period)) m
         GROUP BY m.system, f.period) t
  JOIN stp.system s ON s.system = t.system
  JOIN stp_internal.source_reach('spell') r ON stp_internal.is_covered(r.covered, t.period)
  LEFT JOIN stp_internal.system_missing_spells g ON g.system = t.system AND g.period = t.period;
COMMENT ON VIEW stp.system_stay IS
    'Stay of the emergency admissions of systems, places, regions and nations, by month of discharge. A percentile cannot be '
        'shared out: here each discharge of an organisation weighs as much as the organisation''s share.';
COMMENT ON COLUMN stp.system_stay.discharges IS 'Emergency admissions that ended in the month, by share.';
COMMENT ON COLUMN stp.system_stay.stay_90 IS
    '90th percentile of their stay, in nights, weighted by share: percentile_cont(0.9) where all shares are 1. NULL: less than '
        'one discharge.';
COMMENT ON COLUMN stp.system_stay.discharges_65 IS 'Of these, people aged 65 and over on admission, by share.';
COMMENT ON COLUMN stp.system_stay.stay_90_65 IS
    '90th percentile of the stay of those aged 65 and over, weighted by share; NULL: less than one.';
COMMENT ON COLUMN stp.system_stay.status IS
    'ok; inferred: stp.extract does not say how far the spells reach; partial: an organisation of the system has sent no spells '
    'up to this month, but before. A month that they do not wholly cover has no row, nor a system that nobody has sent of.';
CALL stp.copy_comments('stp.organisation_stay', 'stp.system_stay');

--------------------------------------------------------------------------------------------------------------
-- Conditions that urgent or ambulatory care should handle
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.icd10(diagnosis text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT, so that the planner takes it in
RETURN CASE WHEN diagnosis COLLATE "C" ~ '^[0-9A-Z]+$' THEN diagnosis
            ELSE upper(regexp_replace(diagnosis COLLATE "C", '[^0-9A-Za-z]', '', 'g')) END;
COMMENT ON FUNCTION stp_internal.icd10(text) IS
    'An ICD-10 code in one spelling: capital letters and digits, no dot, no spaces, nothing invisible. J44.0 becomes J440.';

CREATE TABLE stp.ambulatory_condition
(
    list      text NOT NULL CHECK (list <> ''),
    prefix    text NOT NULL CONSTRAINT prefix_is_code CHECK (prefix ~ '^[A-Z][0-9A-Z]{0,4}$'),
    age_from  int NOT NULL DEFAULT 0 CHECK (age_from >= 0),
    age_to    int CHECK (age_to >= age_from),
    condition text NOT NULL CHECK (condition <> ''),
    status    text NOT NULL DEFAULT 'working list',
    source    text,
    builtin   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (prefix, list, age_from)
);
COMMENT ON TABLE stp.ambulatory_condition IS
    'Lists of conditions for which urgent or ambulatory care should make an emergency admission unnecessary, by beginnings of '
    'ICD-10 codes.';
COMMENT ON COLUMN stp.ambulatory_condition.list IS
    'The list. Shipped: UCSC (urgent care sensitive), ACSC-acute and ACSC-chronic (ambulatory care sensitive).';
COMMENT ON COLUMN stp.ambulatory_condition.prefix IS
    'How the primary diagnosis begins, 1 to 5 characters without dot: J44 takes in J44.0. In one list the longest that fits '
    'counts.';
COMMENT ON COLUMN stp.ambulatory_condition.age_from IS 'Youngest age on admission.';
COMMENT ON COLUMN stp.ambulatory_condition.age_to IS 'Oldest age on admission; NULL: and over.';
COMMENT ON COLUMN stp.ambulatory_condition.condition IS 'Name of the condition.';
COMMENT ON COLUMN stp.ambulatory_condition.status IS
    'confirmed: seen in the source. working list: put together from memory, to be checked against the definition that counts for '
    'you.';
COMMENT ON COLUMN stp.ambulatory_condition.builtin IS
    'Shipped with the extension: cannot be edited, is not dumped. Copy the list under another name to change it.';

INSERT INTO stp.ambulatory_condition (list, condition, prefix, age_from, age_to, status, source, builtin)
SELECT shipped.list, shipped.condition, prefix, coalesce(shipped.age_from, 0), shipped.age_to, 'working list',
       CASE shipped.list WHEN 'UCSC' THEN 'CCG IAF 127b: conditions and codes from memory'
                         WHEN 'ACSC-acute' THEN 'CCG OIS IAP00070: conditions and codes from memory'
                         ELSE 'CCG OIS 2.6, IAP00068: conditions and codes from memory' END, true
  FROM (VALUES
    ('UCSC', 'Chronic obstructive pulmonary disease', 'J40 J41 J42 J43 J44', NULL::int, NULL::int),
    ('UCSC', 'Acute mental health crisis', 'F', NULL, NULL),
    ('UCSC', 'Non-specific chest pain', 'R072 R073 R074', NULL, NULL),
    ('UCSC', 'Falls', 'R296 W0 W1', 75, NULL),
    ('UCSC', 'Non-specific abdominal pain', 'R10', NULL, NULL),
    ('UCSC', 'Deep vein thrombosis', 'I80 I81 I82', NULL, NULL),
    ('UCSC', 'Cellulitis', 'L03', NULL, NULL),
    ('UCSC', 'Pyrexia', 'R50', NULL, 5),
    ('UCSC', 'Blocked tubes, catheters and feeding tubes', 'T830 T855 Z431 Z466', NULL, NULL),
    ('UCSC', 'Hypoglycaemia', 'E15 E160 E161 E162', NULL, NULL),
    ('UCSC', 'Urinary tract infection', 'N390', NULL, NULL),
    ('UCSC', 'Angina', 'I20', NULL, NULL),
    ('UCSC', 'Epileptic fit', 'G40 G41 R56', NULL, NULL),
    ('UCSC', 'Minor head injury', 'S00', NULL, NULL),
    ('ACSC-acute', 'Influenza and pneumonia', 'J10 J11 J13 J14 J153 J154 J157 J159 J168 J181 J188', NULL, NULL),
    ('ACSC-acute', 'Ear, nose and throat infections', 'H66 J02 J03 J06 J312', NULL, NULL),
    ('ACSC-acute', 'Dehydration and gastroenteritis', 'A020 A04 A059 A072 A08 A09 E86 K522 K528 K529', NULL, NULL),
    ('ACSC-acute', 'Pyelonephritis and urinary tract infection', 'N10 N11 N12 N136 N300 N308 N309 N390', NULL, NULL),
    ('ACSC-acute', 'Cellulitis', 'L03 L04 L080 L088 L089', NULL, NULL),
    ('ACSC-acute', 'Dental conditions', 'A690 K02 K03 K04 K05 K06 K08 K12 K13', NULL, NULL),
    ('ACSC-acute', 'Perforated or bleeding ulcer',
     'K250 K251 K252 K254 K255 K256 K260 K261 K262 K264 K265 K266 K270 K271 K272 K274 K275 K276 K280 K281 K282 K284 K285 K286',
         NULL, NULL),
    ('ACSC-acute', 'Pelvic inflammatory disease', 'N70 N73 N74', NULL, NULL),
    ('ACSC-chronic', 'Asthma', 'J45 J46', NULL, NULL),
    ('ACSC-chronic', 'Chronic obstructive pulmonary disease', 'J41 J42 J43 J44 J47', NULL, NULL),
    ('ACSC-chronic', 'Congestive heart failure', 'I110 I130 I50 J81', NULL, NULL),
    ('ACSC-chronic', 'Diabetes', 'E10 E11 E12 E13 E14', NULL, NULL),
    ('ACSC-chronic', 'Angina', 'I20', NULL, NULL),
    ('ACSC-chronic', 'Hypertension', 'I10 I119', NULL, NULL),
    ('ACSC-chronic', 'Iron deficiency anaemia', 'D501 D508 D509', NULL, NULL),
    ('ACSC-chronic', 'Epilepsy', 'G40 G41', NULL, NULL),
    ('ACSC-chronic', 'Dementia', 'F00 F01 F02 F03', NULL, NULL),
    ('ACSC-chronic', 'Atrial fibrillation and flutter', 'I48', NULL, NULL),
    ('ACSC-chronic', 'Chronic viral hepatitis B', 'B180 B181', NULL, NULL))
       AS shipped (list, condition, prefixes, age_from, age_to)
 CROSS JOIN LATERAL string_to_table(shipped.prefixes, ' ') prefix;

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.ambulatory_condition
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('prefix', 'Copy the list under a name of your own and use that.');

-- The beginnings of a code are few, so the index is asked for each of them instead of the table for all.
CREATE FUNCTION stp.ambulatory_conditions(diagnosis text, age int DEFAULT NULL)
RETURNS TABLE (list text, condition text, prefix text, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    SELECT DISTINCT ON (c.list) c.list, c.condition, c.prefix, c.status
      FROM stp.ambulatory_condition c
     -- No code is as long: what is longer is not looked through.
     WHERE c.prefix = ANY (ARRAY[left(stp_internal.icd10(left(ambulatory_conditions.diagnosis, 100)), 1),
                                 left(stp_internal.icd10(left(ambulatory_conditions.diagnosis, 100)), 2),
                                 left(stp_internal.icd10(left(ambulatory_conditions.diagnosis, 100)), 3),
                                 left(stp_internal.icd10(left(ambulatory_conditions.diagnosis, 100)), 4),
                                 left(stp_internal.icd10(left(ambulatory_conditions.diagnosis, 100)), 5)])
       AND (c.age_from = 0 OR c.age_from <= stp_internal.completed_years(ambulatory_conditions.age))
       AND (c.age_to IS NULL OR c.age_to >= stp_internal.completed_years(ambulatory_conditions.age))
     ORDER BY c.list, length(c.prefix) DESC, c.age_from DESC;
END;
COMMENT ON FUNCTION stp.ambulatory_conditions(text, int) IS
    'The condition of a primary diagnosis in each list of stp.ambulatory_condition that has one: that of the longest prefix '
    'which fits at the age; among equals, that with the higher youngest age. diagnosis: ICD-10, with or without the dot. age: on '
    'admission, as in stp.spell; NULL, not known, fits only rows without limits of age.';

-- The same of many diagnoses, for which one look at the whole table costs less than one at the index for each.
CREATE FUNCTION stp_internal.matching_conditions(diagnoses text[], ages int[])
RETURNS TABLE (diagnosis text, age int, list text, condition text, prefix text, status text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    SELECT DISTINCT ON (b.number, c.list) b.diagnosis, b.age, c.list, c.condition, c.prefix, c.status
      -- No code is as long: what is longer is not looked through.
      FROM (SELECT k.number, k.diagnosis, k.age, stp_internal.completed_years(k.age) AS years,
                   left(k.code, length) AS beginning
              FROM (SELECT d.number, d.diagnosis, d.age, stp_internal.icd10(left(d.diagnosis, 100)) AS code
                      FROM ROWS FROM (unnest(matching_conditions.diagnoses), unnest(matching_conditions.ages))
                           WITH ORDINALITY d (diagnosis, age, number) OFFSET 0) k
             CROSS JOIN generate_series(1, 5) length) b
      JOIN stp.ambulatory_condition c ON c.prefix = b.beginning
       AND (c.age_from = 0 OR c.age_from <= b.years) AND (c.age_to IS NULL OR c.age_to >= b.years)
     ORDER BY b.number, c.list, length(c.prefix) DESC, c.age_from DESC;
END;
COMMENT ON FUNCTION stp_internal.matching_conditions(text[], int[]) IS
    'stp.ambulatory_conditions of several diagnoses, each at the age at its place.';

CREATE FUNCTION stp.ambulatory_condition(diagnosis text, age int DEFAULT NULL, list text DEFAULT 'UCSC') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE -- not STRICT: the age may be unknown
RETURN
(
    SELECT c.condition
      FROM stp.ambulatory_conditions(ambulatory_condition.diagnosis, ambulatory_condition.age) c
     WHERE c.list = ambulatory_condition.list
);
COMMENT ON FUNCTION stp.ambulatory_condition(text, int, text) IS
    'The condition of a primary diagnosis in one list: see stp.ambulatory_conditions. NULL: the list has none. For single '
    'questions: over many spells read stp.system_ambulatory_condition.';

-- Each pair of diagnosis and age is looked up once, however many spells have it.
CREATE FUNCTION stp_internal.ambulatory_admission(period stp.period)
RETURNS TABLE (organisation text, month_end date, list text, condition text, age int, sex text, admissions bigint,
               transfers bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    WITH counted AS MATERIALIZED
    (
        SELECT c.organisation, c.diagnosis, c.age, c.sex, stp.last_day(stp.month(c.admission_date)) AS month_end,
               count(*) FILTER (WHERE NOT c.transfer) AS admissions, count(*) FILTER (WHERE c.transfer) AS transfers
          FROM stp_internal.classified_spell c
         WHERE c.emergency AND c.diagnosis IS NOT NULL
           AND c.admission_date BETWEEN stp.first_day(ambulatory_admission.period) AND stp.last_day(ambulatory_admission.period)
         GROUP BY c.organisation, c.diagnosis, c.age, c.sex, stp.last_day(stp.month(c.admission_date))
    ),
    matched AS MATERIALIZED
    (
        SELECT a.diagnosis, a.age, a.list, a.condition
          FROM (SELECT array_agg(p.diagnosis) AS diagnoses, array_agg(p.age) AS ages
                  FROM (SELECT DISTINCT diagnosis, age FROM counted) p) pair
         CROSS JOIN LATERAL stp_internal.matching_conditions(pair.diagnoses, pair.ages) a
    )
    SELECT n.organisation, n.month_end, m.list, m.condition, n.age, n.sex, sum(n.admissions)::bigint, sum(n.transfers)::bigint
      FROM counted n
      -- An unknown age equals an unknown age, in a form that can be hashed.
      JOIN matched m ON m.diagnosis = n.diagnosis AND coalesce(m.age, -1) = coalesce(n.age, -1)
     GROUP BY n.organisation, n.month_end, m.list, m.condition, n.age, n.sex;
END;
COMMENT ON FUNCTION stp_internal.ambulatory_admission(stp.period) IS
    'Emergency admissions of a period for the conditions of stp.ambulatory_condition, by organisation, last day of the month, '
    'age and sex; transfers are counted apart.';

CREATE VIEW stp.system_ambulatory_condition WITH (security_invoker = true) AS
SELECT t.system, s.name AS system_name, s.kind, t.month AS period, stp.first_day(t.month) AS first_day,
       t.month_end AS last_day, t.list, t.condition, t.emergency_admissions,
       CASE WHEN g.system IS NOT NULL THEN 'partial' ELSE coalesce(r.status, 'ok') END AS status, t.transfers
  FROM (SELECT m.system, month.period AS month, o.month_end, o.list, o.condition,
               stp.exact_sum(o.admissions::float8 * m.share::float8) AS emergency_admissions,
               stp.exact_sum(o.transfers::float8 * m.share::float8) AS transfers
          -- Month by month: who asks for one has its spells from the index, and only their diagnoses are looked up.
          FROM (SELECT stp.month(min(admission_date)) AS first, stp.month(max(admission_date)) AS last FROM stp.spell) reach
         CROSS JOIN LATERAL stp.periods(reach.first, reach.last) month (period)
         CROSS JOIN LATERAL (SELECT organisation, month_end, list, condition, sum(admissions) AS admissions,
                                    sum(transfers) AS transfers
                               FROM stp_internal.ambulatory_admission(month.period)
                              GROUP BY organisation, month_end, list, condition) o
         CROSS JOIN LATERAL stp_internal.shares_on(o.organisation, o.month_end) m
         GROUP BY m.system, month.period, o.month_end, o.list, o.condition) t
  JOIN stp.system s ON s.system = t.system
  JOIN stp_internal.source_reach('spell') r ON stp_internal.is_covered(r.covered, t.month)
  LEFT JOIN stp_internal.system_missing_spells g ON g.system = t.system AND g.period = t.month;
COMMENT ON VIEW stp.system_ambulatory_condition IS
    'Emergency admissions for the conditions of stp.ambulatory_condition by system, place, region or nation, month of admission, '
        'list and condition. A spell counts once in a list; transfers from another hospital are counted apart. No row for '
        'neither.';
COMMENT ON COLUMN stp.system_ambulatory_condition.period IS 'The month of admission.';
COMMENT ON COLUMN stp.system_ambulatory_condition.list IS 'The list.';
COMMENT ON COLUMN stp.system_ambulatory_condition.emergency_admissions IS 'Emergency admissions, by share, without transfers.';
COMMENT ON COLUMN stp.system_ambulatory_condition.transfers IS
    'Emergency admissions that were transfers (stp.admission_method), by share: they are no emergency admissions for the '
    'condition, which IAP00070 and CCG OIS 2.6 leave out.';
COMMENT ON COLUMN stp.system_ambulatory_condition.status IS
    'ok; inferred: stp.extract does not say how far the spells reach; partial: an organisation of the system has sent no spells '
    'up to this month, but before. A month that they do not wholly cover has no row, nor a system that nobody has sent of.';
CALL stp.copy_comments('stp.ambulatory_condition', 'stp.system_ambulatory_condition');
CALL stp.copy_comments('stp.system_stay', 'stp.system_ambulatory_condition');

--------------------------------------------------------------------------------------------------------------
-- Standardised rates
--------------------------------------------------------------------------------------------------------------

-- A share counts in the month of admission, so that months add up to the year.
CREATE FUNCTION stp_internal.shared_admissions(period stp.period, list text)
RETURNS TABLE (system text, age int, sex text, admissions float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5000 -- not STRICT: no list is all admissions
BEGIN ATOMIC
    SELECT m.system, c.age, c.sex, stp.exact_sum(c.admissions * m.share::float8)
      FROM (SELECT e.organisation, stp.last_day(stp.month(e.admission_date)) AS month_end, e.age, e.sex,
                   count(*) AS admissions
              FROM stp_internal.classified_spell e
             WHERE shared_admissions.list IS NULL AND e.emergency
               AND e.admission_date BETWEEN stp.first_day(shared_admissions.period) AND stp.last_day(shared_admissions.period)
             GROUP BY e.organisation, stp.last_day(stp.month(e.admission_date)), e.age, e.sex
            UNION ALL
            SELECT a.organisation, a.month_end, a.age, a.sex, sum(a.admissions)
              FROM stp_internal.ambulatory_admission(shared_admissions.period) a
             WHERE a.list = shared_admissions.list
             GROUP BY a.organisation, a.month_end, a.age, a.sex) c
     CROSS JOIN LATERAL stp_internal.shares_on(c.organisation, c.month_end) m
     GROUP BY m.system, c.age, c.sex;
END;
COMMENT ON FUNCTION stp_internal.shared_admissions(stp.period, text) IS
    'Emergency admissions of a period by system, age and sex, by share: all, or without transfers those for the conditions of a '
    'list.';

CREATE FUNCTION stp_internal.standardised_admissions(period stp.period, standard text, list text)
RETURNS TABLE (system text, admissions float8, unknown_age float8, unknown_sex float8, standardised stp.standardised,
               fits boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50 -- not STRICT: no list is all admissions
BEGIN ATOMIC
    WITH shared AS MATERIALIZED
    (
        SELECT * FROM stp_internal.shared_admissions(standardised_admissions.period, standardised_admissions.list)
    ),
    -- One population for both, or one for each sex, where there is one of either.
    total AS MATERIALIZED
    (
        SELECT t.*, CASE WHEN stp.persons(t.system, standardised_admissions.period, sex => 'female') IS NOT NULL
                          AND stp.persons(t.system, standardised_admissions.period, sex => 'male') IS NOT NULL
                         THEN ARRAY['female', 'male'] ELSE ARRAY[NULL]::text[] END AS sexes
          FROM (SELECT s.system, sum(s.admissions) AS admissions,
                       coalesce(sum(s.admissions) FILTER (WHERE s.age IS NULL), 0) AS unknown_age,
                       coalesce(sum(s.admissions) FILTER (WHERE s.age IS NOT NULL AND s.sex IS NULL), 0) AS unknown_sex
                  FROM shared s GROUP BY s.system) t
    ),
    stratum AS
    (
        SELECT t.system, w.weight,
               stp.persons(t.system, standardised_admissions.period, w.age_from, w.age_to, x.sex) AS persons,
               (SELECT coalesce(sum(s.admissions), 0) FROM shared s
                 WHERE s.system = t.system AND s.age BETWEEN w.age_from AND coalesce(w.age_to, s.age)
                   AND (x.sex IS NULL OR s.sex = x.sex)) AS admissions
          FROM total t
         CROSS JOIN stp.standard_population w
         CROSS JOIN LATERAL unnest(t.sexes) x (sex)
         WHERE w.standard = standardised_admissions.standard
    )
    SELECT t.system, t.admissions, t.unknown_age, CASE WHEN cardinality(t.sexes) = 2 THEN t.unknown_sex END, b.standardised,
           b.fits
      FROM total t
      JOIN (SELECT s.system, stp.standardise(s.admissions, s.persons, s.weight) AS standardised,
                   count(s.persons) = count(*) AS fits
              FROM stratum s GROUP BY s.system) b ON b.system = t.system;
END;
COMMENT ON FUNCTION stp_internal.standardised_admissions(stp.period, text, text) IS
    'Emergency admissions of a period by system, and the strata of the standard in brief: age bands, or age bands of each sex '
    'with the same weights where the population is by sex. fits: whether the population has every stratum.';

CREATE FUNCTION stp.emergency_admission_rate(period stp.period, standard text DEFAULT 'ESP2013', per float8 DEFAULT 100000,
                                             list text DEFAULT NULL)
RETURNS TABLE (system text, emergency_admissions float8, unknown_age float8, value float8, lower float8, upper float8,
               method text, status text, unknown_sex float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 50 -- not STRICT: no list is all admissions
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF num_nulls(period, standard, per) > 0 THEN
        RETURN;
    ELSIF NOT EXISTS (SELECT FROM stp.standard_population s WHERE s.standard = emergency_admission_rate.standard) THEN
        RAISE EXCEPTION 'unknown standard "%"', standard
              USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'SELECT DISTINCT standard FROM stp.standard_population lists those there are.';
    ELSIF list <> ALL (SELECT a.list FROM stp.ambulatory_condition a) THEN
        RAISE EXCEPTION 'unknown list "%"', list
              USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('Lists there are: %s. Leave it out for all emergency admissions.',
                                (SELECT string_agg(DISTINCT a.list, ', ') FROM stp.ambulatory_condition a));
    END IF;
    RETURN QUERY
    SELECT t.system, CASE WHEN r.is_covered THEN t.admissions END, CASE WHEN r.is_covered THEN t.unknown_age END,
           d.value, d.lower, d.upper, d.method,
           CASE WHEN NOT r.is_covered THEN 'not covered'
                WHEN i.is_incomplete THEN 'incomplete'
                WHEN t.fits THEN CASE WHEN d.status = 'ok' THEN coalesce(r.status, 'ok') ELSE d.status END
                WHEN stp.persons(t.system, emergency_admission_rate.period) IS NULL THEN 'no data'
                ELSE 'age bands do not fit' END, CASE WHEN r.is_covered THEN t.unknown_sex END
      FROM stp_internal.standardised_admissions(emergency_admission_rate.period, emergency_admission_rate.standard,
                                                emergency_admission_rate.list) t
     CROSS JOIN (SELECT stp_internal.is_covered(s.covered, emergency_admission_rate.period) AS is_covered, s.status
                   FROM stp_internal.source_reach('spell') s) r
     CROSS JOIN LATERAL (SELECT t.system IN (SELECT g.system FROM stp_internal.system_missing_spells g
                                              WHERE stp.daterange(emergency_admission_rate.period) @> stp.daterange(g.period))
                                AS is_incomplete) i
     CROSS JOIN LATERAL stp.dsr(CASE WHEN r.is_covered AND NOT i.is_incomplete AND t.fits THEN t.standardised END,
                                emergency_admission_rate.per) d
     ORDER BY t.system;
END $$;
COMMENT ON FUNCTION stp.emergency_admission_rate(stp.period, text, float8, text) IS
    'Directly standardised rate of emergency admissions in a period, with limits, for each system, place, region and nation that '
    'has any: see stp.dsr. By age, and by sex where the latest population has both (the standard''s weights for either sex). '
    'period: month, quarter, half or year of admission; not annualised. standard: of stp.standard_population. per: the rate is '
    'per so many people. list: of stp.ambulatory_condition, only the admissions for its conditions, without transfers (after NHS '
    'Digital, IAP00070 of 2018 and CCG OIS 2.6, IAP00068); NULL: all. emergency_admissions: all of these; unknown_age: those of '
    'them that are in no band, and so not in the rate; unknown_sex: those of known age that are in no sex, and so not in the '
    'rate, NULL: not by sex. status: as stp.dsr; inferred: ok, but stp.extract does not say how far the spells reach; not '
    'covered: they do not wholly cover the period, and there are no figures; incomplete: an organisation of the system has sent '
    'no spells of a month of the period, but before: there are counts, but no rate; no data: no population that covers all '
    'ages; age bands do not fit: a band of the standard is not a band of the population, nor made up of several. Error 22023: '
    'the standard or the list is unknown.';

--------------------------------------------------------------------------------------------------------------
-- Readmissions: continuous inpatient spells that ended in a period, and the emergency admission of the same person that
-- followed, at any organisation. After NHS Digital, CCG Outcomes Indicator Set 3.2, specification 1.4; our older rule is an
-- option.
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.days_after(days int, transfer_days int, continuous boolean) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE -- not STRICT, so that the planner takes it in
RETURN CASE WHEN continuous THEN greatest(days, transfer_days) ELSE days END;
COMMENT ON FUNCTION stp_internal.days_after(int, int, boolean) IS
    'Days after a discharge of which one has to know: those of a return, and of a transfer, after which it is no discharge.';

CREATE FUNCTION stp_internal.follow_up(period stp.period, days int, cancer_diagnoses text[], cancer_days int,
                                       transfer_days int, continuous boolean) RETURNS TABLE (status text, is_known boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    -- Days below 0 are refused by whoever counts them, which on PostgreSQL 18 begins later.
    SELECT s.status, s.status <> ALL (ARRAY['not covered', 'not followed up'])
      FROM (SELECT CASE WHEN NOT stp_internal.is_covered(r.covered, follow_up.period) THEN 'not covered'
                        WHEN NOT r.known @> daterange(stp.first_day(follow_up.period),
                                                      stp.last_day(follow_up.period)
                                                      + greatest(stp_internal.days_after(days, transfer_days, continuous), 0),
                                                      '[]')
                        THEN 'not followed up'
                        WHEN cardinality(cancer_diagnoses) > 0
                             AND NOT coalesce(r.covered, datemultirange(daterange(r.first_day, r.last_day, '[]')))
                                     @> daterange(stp.first_day(follow_up.period) - greatest(cancer_days, 0),
                                                  stp.first_day(follow_up.period))
                        THEN 'short history'
                        ELSE coalesce(r.status, 'ok') END AS status
              FROM stp_internal.spell_reach r) s;
END;
COMMENT ON FUNCTION stp_internal.follow_up(stp.period, int, text[], int, int, boolean) IS
    'Whether the discharges of a period can be followed for some days, and looked back from, arguments as of '
    'stp.index_discharge: ok; inferred: they can, but stp.extract does not say how far the spells reach; short history: the '
    'spells do not cover cancer_days days before the period; not followed up: they do not cover so many days after it; not '
    'covered: not even the period. is_known: whether there is anything to say of them, all but the last two.';

CREATE FUNCTION stp_internal.diagnosis_patterns(prefixes text[], lead text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT lead || '|' || stp_internal.icd10(p.prefix) || '%'
               FROM unnest(prefixes) p (prefix) WHERE stp_internal.icd10(p.prefix) <> '');
COMMENT ON FUNCTION stp_internal.diagnosis_patterns(text[], text) IS
    'Patterns for LIKE that find diagnoses with these beginnings in the line of stp_internal.diagnosis_line: lead empty, as the '
    'primary one; lead %, as any.';

CREATE FUNCTION stp_internal.diagnosis_line(diagnosis text, further_diagnoses text[]) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE -- not STRICT, and as stable as array_to_string(), so that the planner takes it in
RETURN '|' || coalesce(stp_internal.icd10(diagnosis), '')
       || CASE WHEN further_diagnoses IS NULL THEN ''
               ELSE '|' || upper(regexp_replace(array_to_string(further_diagnoses, '|') COLLATE "C", '[^0-9A-Za-z|]', '', 'g'))
          END;
COMMENT ON FUNCTION stp_internal.diagnosis_line(text, text[]) IS
    'All diagnoses of a spell in one line, a bar before each, the primary one first: |J440|C341.';

-- All spells of whoever was discharged in these days. Of a person who is not known, those that ended in them.
CREATE FUNCTION stp_internal.discharged_person_spell(first date, last date, excluded text[], cancer text[])
RETURNS TABLE (organisation text, spell text, person text, admission_date date, last_day date, admission_method text,
               emergency boolean, transfer boolean, sent_on boolean, died boolean, maternity boolean, is_excluded boolean,
               has_cancer boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    SELECT c.organisation, c.spell, c.person, c.admission_date, coalesce(c.discharge_date, '9999-12-31'), c.admission_method,
           c.emergency, coalesce(c.transfer, false), coalesce(d.transfer, false) OR coalesce(w.transfer, false),
           coalesce(d.died, false) OR coalesce(w.died, false), coalesce(c.maternity, false),
           stp_internal.diagnosis_line(c.diagnosis, NULL) LIKE ANY (discharged_person_spell.excluded),
           stp_internal.diagnosis_line(c.diagnosis, c.further_diagnoses) LIKE ANY (discharged_person_spell.cancer)
      FROM (SELECT k.*
              FROM stp_internal.classified_spell k
             WHERE EXISTS (SELECT FROM stp.spell s
                            WHERE s.person = k.person
                              AND s.discharge_date BETWEEN discharged_person_spell.first AND discharged_person_spell.last)
            UNION ALL
            SELECT u.*
              FROM stp_internal.classified_spell u
             WHERE u.person IS NULL
               AND u.discharge_date BETWEEN discharged_person_spell.first AND discharged_person_spell.last) c
      LEFT JOIN stp_internal.discharge_code_in_force d ON d.item = 'method' AND d.code = c.discharge_method
      LEFT JOIN stp_internal.discharge_code_in_force w ON w.item = 'destination' AND w.code = c.discharge_destination;
END;
COMMENT ON FUNCTION stp_internal.discharged_person_spell(date, date, text[], text[]) IS
    'All spells of everybody who was discharged from first to last, with what the rules of readmissions ask of each. excluded, '
    'cancer: of stp_internal.diagnosis_patterns. last_day: of discharge, 9999-12-31: still there.';

-- The stays of a person in the order of their days, each with where the person was last: of those before it the one that ended
-- last, then began last. Its days, whether it sent the patient on, and its organisation are one text, so that one pass finds it.
CREATE FUNCTION stp_internal.spell_line(first date, last date, excluded text[], cancer text[])
RETURNS TABLE (organisation text, spell text, person text, admission_date date, last_day date, admission_method text,
               emergency boolean, transfer boolean, died boolean, maternity boolean, is_excluded boolean, has_cancer boolean,
               had_cancer date, place bigint, days_since int, was_sent_on boolean, was_elsewhere boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    SELECT w.organisation, w.spell, w.person, w.admission_date, w.last_day, w.admission_method, w.emergency, w.transfer, w.died,
           w.maternity, w.is_excluded, w.has_cancer, w.had_cancer, w.place,
           w.admission_date - w.earlier_day, substr(w.earlier, 17, 1) = '1', substr(w.earlier, 18) <> w.organisation
      FROM (SELECT s.*, max(s.last_day) FILTER (WHERE s.has_cancer) OVER before AS had_cancer, count(*) OVER before AS place,
                   max(s.last_day) OVER before AS earlier_day,
                   max(((1000000000000000 + (s.last_day - date '0001-01-01') * 10000000::bigint
                         + (s.admission_date - date '0001-01-01'))::text
                        || CASE WHEN s.sent_on THEN '1' ELSE '0' END || s.organisation) COLLATE "C") OVER before AS earlier
              FROM stp_internal.discharged_person_spell(spell_line.first, spell_line.last, spell_line.excluded,
                                                        spell_line.cancer) s
            WINDOW before AS (PARTITION BY s.person COLLATE "C"
                              ORDER BY s.admission_date, s.last_day, s.organisation COLLATE "C", s.spell COLLATE "C"
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) w;
END;
COMMENT ON FUNCTION stp_internal.spell_line(date, date, text[], text[]) IS
    'stp_internal.discharged_person_spell in the order of days: place of each stay of a person, from 0; of the stay before that '
    'ended last, days since then, whether it sent the patient to another hospital, and whether it was at another organisation; '
    'had_cancer: when the last stay before that was of a cancer ended.';

-- A stay goes on in the next one if that begins before it ends (or it has not ended), on the day of its end at another
-- organisation, or within some days by a transfer: the one says that it comes from a hospital, or the other that it goes to
-- one. In the order of days, so that it matters not in which they were loaded.
CREATE FUNCTION stp_internal.continuous_spell(first date, last date, excluded text[], cancer text[], transfer_days int,
                                              same_day boolean, continuous boolean)
RETURNS TABLE (person text, organisation text, spell text, admission_date date, discharge_date date, admission_method text,
               emergency boolean, died boolean, is_excluded boolean, has_cancer boolean, had_cancer date)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000 -- not STRICT: a strict function that returns a set is not inlined
BEGIN ATOMIC
    WITH joined AS
    (
        SELECT s.*, (continuous_spell.continuous AND s.person IS NOT NULL
                     AND (s.days_since < 0 OR (s.days_since = 0 AND continuous_spell.same_day AND s.was_elsewhere)
                          OR (s.days_since <= continuous_spell.transfer_days AND (s.transfer OR s.was_sent_on)))) IS TRUE
               AS goes_on
          FROM stp_internal.spell_line(continuous_spell.first, continuous_spell.last, continuous_spell.excluded,
                                       continuous_spell.cancer) s
    ),
    numbered AS
    (
        SELECT j.*, max(j.place) FILTER (WHERE NOT j.goes_on) OVER (
                        PARTITION BY j.person COLLATE "C"
                        ORDER BY j.admission_date, j.last_day, j.organisation COLLATE "C", j.spell COLLATE "C"
                        ROWS UNBOUNDED PRECEDING) AS first_place
          FROM joined j
    )
    SELECT n.person, (array_agg(n.organisation ORDER BY n.last_day DESC, n.place DESC))[1],
           (array_agg(n.spell ORDER BY n.last_day DESC, n.place DESC))[1], min(n.admission_date),
           nullif(max(n.last_day), '9999-12-31'), min(n.admission_method) FILTER (WHERE NOT n.goes_on),
           bool_or(n.emergency) FILTER (WHERE NOT n.goes_on), bool_or(n.died) AND continuous_spell.continuous,
           bool_or(n.is_excluded OR (n.maternity AND continuous_spell.continuous)), bool_or(n.has_cancer),
           max(n.had_cancer) FILTER (WHERE NOT n.goes_on)
      FROM numbered n
     GROUP BY n.person, n.first_place;
END;
COMMENT ON FUNCTION stp_internal.continuous_spell(date, date, text[], text[], int, boolean, boolean) IS
    'Continuous inpatient spells of everybody who was discharged from first to last: stays that were joined by transfers, with '
    'the method and emergency of the first, and organisation and spell of the one that ended last; died, is_excluded, '
    'has_cancer: of any; had_cancer: when the last stay of a cancer before it ended. transfer_days: days that a transfer may '
    'take. same_day: whether an admission elsewhere on the day of discharge is one. continuous: false joins nothing.';

CREATE FUNCTION stp_internal.refuse_days(days int, cancer_days int, transfer_days int) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF days < 0 THEN
        RAISE EXCEPTION '% days after a discharge are before it', days
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give 0 for the day of discharge alone.';
    ELSIF cancer_days < 0 THEN
        RAISE EXCEPTION 'cancer_days must be at or above 0, not "%"', cancer_days
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give 0 to look at the spell alone.';
    ELSIF transfer_days < 0 THEN
        RAISE EXCEPTION 'transfer_days must be at or above 0, not "%"', transfer_days
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give 0 for transfers on the day of discharge alone.';
    ELSIF greatest(days, cancer_days, transfer_days) > 109573 THEN
        RAISE EXCEPTION '% days are more than there are between 1900-04-01 and 2200-03-31',
              greatest(days, cancer_days, transfer_days)
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Give 36500 for a hundred years.';
    END IF;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_days(int, int, int) IS
    'Error 22023: days of stp.index_discharge that are negative, or more than there are.';

-- A person's discharges and admissions in one line of events, read backwards, so that each discharge sees the next
-- admission. On one day discharges come before admissions, but a spell of that day alone begins before it ends. Whoever is
-- not known has discharges but no admissions. It takes longer to compile than to compute: no JIT.
CREATE FUNCTION stp.index_discharge(period stp.period, days int DEFAULT 29, excluded_diagnoses text[] DEFAULT '{O}',
                                    excluded_methods text[] DEFAULT '{2B}', day_cases boolean DEFAULT false,
                                    cancer_diagnoses text[] DEFAULT '{C,D37,D38,D39,D4,Z511}',
                                    cancer_days int DEFAULT 365, transfer_days int DEFAULT 2,
                                    same_day boolean DEFAULT true, continuous boolean DEFAULT true)
RETURNS TABLE (organisation text, spell text, person text, discharge_date date, readmission_date date, followed boolean)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 100000
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    first        CONSTANT date := stp.first_day(period);
    last         CONSTANT date := stp.last_day(period);
    followed_for CONSTANT int := stp_internal.days_after(days, transfer_days, continuous);
    excluded     CONSTANT text[] := stp_internal.diagnosis_patterns(excluded_diagnoses, '');
    cancer       CONSTANT text[] := stp_internal.diagnosis_patterns(cancer_diagnoses, '%');
    methods      CONSTANT text[] := ARRAY(SELECT stp_internal.hes_code(m.method) FROM unnest(excluded_methods) m (method));
BEGIN
    PERFORM stp_internal.refuse_days(days, cancer_days, transfer_days);
    RETURN QUERY
    WITH stay AS MATERIALIZED
    (
        SELECT c.*, CASE c.discharge_date - c.admission_date WHEN 0 THEN 1 ELSE 0 END AS is_one_day
          FROM stp_internal.continuous_spell(first, last, excluded, cancer, transfer_days, same_day, continuous) c
    ),
    event AS
    (
        SELECT s.organisation, s.spell, s.person, s.discharge_date AS day, s.is_one_day AS turn, true AS is_discharge,
               false AS is_return
          FROM stay s
         WHERE s.discharge_date BETWEEN first AND last
           AND NOT (s.died OR s.is_excluded IS TRUE OR s.has_cancer IS TRUE)
           AND (s.person IS NOT NULL AND s.had_cancer >= s.admission_date - cancer_days) IS NOT TRUE
           AND (day_cases OR s.is_one_day = 0 OR s.emergency IS NOT FALSE)
        UNION ALL
        SELECT s.organisation, s.spell, s.person, s.admission_date, 2 - s.is_one_day, false,
               (s.emergency AND NOT s.admission_method = ANY (methods)) IS TRUE
               AND NOT (s.is_excluded IS TRUE OR s.has_cancer IS TRUE)
          FROM stay s
         WHERE s.person IS NOT NULL AND s.admission_date BETWEEN first AND last + days
    ),
    line AS
    (
        SELECT e.*, CASE WHEN NOT continuous THEN min(e.day) FILTER (WHERE e.is_return) OVER backwards
                         WHEN lag(e.is_return) OVER backwards THEN lag(e.day) OVER backwards END AS next_return
          FROM event e
        WINDOW backwards AS (PARTITION BY e.person COLLATE "C"
                             ORDER BY e.day DESC, e.turn DESC, e.organisation COLLATE "C" DESC, e.spell COLLATE "C" DESC,
                                      e.is_discharge DESC
                             ROWS UNBOUNDED PRECEDING)
    )
    SELECT l.organisation, l.spell, l.person, l.day, CASE WHEN l.next_return <= l.day + days THEN l.next_return END,
           reach.known @> daterange(l.day, l.day + followed_for, '[]')
      FROM line l
     CROSS JOIN stp_internal.spell_reach reach
     WHERE l.is_discharge;
END $$;
COMMENT ON FUNCTION stp.index_discharge(stp.period, int, text[], text[], boolean, text[], int, int, boolean, boolean) IS
    'The discharges of a period, and for each the emergency readmission of the same person at any organisation that came next, '
    'from the day of discharge to "days" days later: readmission_date, NULL without one. By NHS Digital, CCG Outcomes Indicator '
    'Set 3.2, specification 1.4: of continuous inpatient spells, stays joined by transfers, in which organisation and spell '
    'are of the last; a readmission counts for the last discharge before it alone. followed: whether the table covers these '
    'days, and those of a transfer (by stp.extract, else to its last admission or discharge); if not, no readmission_date does '
    'not mean no readmission. '
    'A person of NULL is never readmitted, and stays of one are not joined. Not discharges: of whoever died; maternity '
    '(stp.admission_method), and primary diagnoses in excluded_diagnoses, beginnings of ICD-10 codes; cancer_diagnoses in any '
    'diagnosis of the spell, or of one that ended in the cancer_days days before it; unless day_cases, one day known to be no '
    'emergency. Not readmissions: the same diagnoses, and excluded_methods of admission. transfer_days: days from discharge to '
    'admission within which a transfer is one (admission method or discharge destination; after the spells methodology of the '
    'HSCIC, 2014); same_day: an admission elsewhere on the day of discharge is a transfer. A stay without end goes on. '
    'continuous: false is our older rule: nothing is joined, the dead and maternity methods count, and each discharge looks '
    'for its own next emergency admission, whatever comes between. Codes of diagnoses are from memory. Error 22023: '
    'negative days.';

CREATE FUNCTION stp.organisation_readmission(period stp.period, days int DEFAULT 29, excluded_diagnoses text[] DEFAULT '{O}',
                                             excluded_methods text[] DEFAULT '{2B}', day_cases boolean DEFAULT false,
                                             cancer_diagnoses text[] DEFAULT '{C,D37,D38,D39,D4,Z511}',
                                             cancer_days int DEFAULT 365, transfer_days int DEFAULT 2,
                                             same_day boolean DEFAULT true, continuous boolean DEFAULT true)
RETURNS TABLE (organisation text, discharges int, unknown_person int, readmissions int, value float8, lower float8, upper float8,
               status text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 200
BEGIN ATOMIC
    SELECT t.organisation, c.discharges, c.unknown_person, c.readmissions, p.value, p.lower, p.upper,
           CASE WHEN f.is_known AND p.status <> 'ok' THEN p.status ELSE f.status END
      FROM (SELECT d.organisation, count(*)::int AS discharges, count(*) FILTER (WHERE d.person IS NULL)::int AS unknown_person,
                   count(d.readmission_date)::int AS readmissions
              FROM stp.index_discharge(period, days, excluded_diagnoses, excluded_methods, day_cases, cancer_diagnoses,
                                       cancer_days, transfer_days, same_day, continuous) d
             GROUP BY d.organisation) t
     CROSS JOIN stp_internal.follow_up(period, days, cancer_diagnoses, cancer_days, transfer_days, continuous) f
      LEFT JOIN LATERAL (SELECT t.discharges, t.unknown_person, t.readmissions) c ON f.status <> 'not covered'
     CROSS JOIN LATERAL stp.proportion(CASE WHEN f.is_known THEN c.readmissions END, c.discharges - c.unknown_person, 100) p
     ORDER BY t.organisation;
END;
COMMENT ON FUNCTION stp.organisation_readmission(stp.period, int, text[], text[], boolean, text[], int, int, boolean, boolean) IS
    'Readmissions by the organisation of the discharge. Arguments as of stp.index_discharge. discharges: of the period; '
    'unknown_person: those of them whose person is not known, who cannot be followed; readmissions: discharges that an '
    'emergency admission followed, as far as the table has them. value: readmissions of the discharges that can be followed, in '
    '%, not standardised, with Wilson''s 95% limits. status: as stp.proportion; inferred: ok, but stp.extract does not say how '
    'far the spells reach; short history: they do not reach cancer_days days back from the period, so that cancers may have been '
    'missed; not followed up: they do not reach "days" days beyond the period, and there is no value; not covered: they do not '
    'wholly cover the period, and there are no counts either.';

CREATE FUNCTION stp.system_readmission(period stp.period, days int DEFAULT 29, excluded_diagnoses text[] DEFAULT '{O}',
                                       excluded_methods text[] DEFAULT '{2B}', day_cases boolean DEFAULT false,
                                       cancer_diagnoses text[] DEFAULT '{C,D37,D38,D39,D4,Z511}',
                                       cancer_days int DEFAULT 365, transfer_days int DEFAULT 2,
                                       same_day boolean DEFAULT true, continuous boolean DEFAULT true)
RETURNS TABLE (system text, discharges float8, unknown_person float8, readmissions float8, value float8,
    lower float8, upper float8,
               status text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100000 ROWS 50
BEGIN ATOMIC
    SELECT t.system, t.discharges, t.unknown_person, t.readmissions, p.value, p.lower, p.upper,
           CASE WHEN f.is_known AND p.status <> 'ok' THEN p.status
                WHEN f.is_known AND g.system IS NOT NULL THEN 'partial' ELSE f.status END
      FROM (SELECT m.system, stp.exact_sum(o.discharges * m.share::float8) AS discharges,
                   stp.exact_sum(o.unknown_person * m.share::float8) AS unknown_person,
                   stp.exact_sum((o.discharges - o.unknown_person) * m.share::float8) AS followed,
                   stp.exact_sum(o.readmissions * m.share::float8) AS readmissions
              FROM stp.organisation_readmission(period, days, excluded_diagnoses, excluded_methods, day_cases, cancer_diagnoses,
                                                cancer_days, transfer_days, same_day, continuous) o
             CROSS JOIN LATERAL stp_internal.shares_on(o.organisation, stp.last_day(system_readmission.period)) m
             GROUP BY m.system) t
     CROSS JOIN stp_internal.follow_up(period, days, cancer_diagnoses, cancer_days, transfer_days, continuous) f
      LEFT JOIN (SELECT DISTINCT m.system
                   FROM stp_internal.missing_spells o
                  CROSS JOIN LATERAL stp_internal.shares_on(o.organisation, stp.last_day(system_readmission.period)) m
                  WHERE stp.daterange(system_readmission.period) @> stp.daterange(o.period)) g ON g.system = t.system
     CROSS JOIN LATERAL stp.proportion(CASE WHEN f.is_known THEN t.readmissions END, t.followed, 100) p
     ORDER BY t.system;
END;
COMMENT ON FUNCTION stp.system_readmission(stp.period, int, text[], text[], boolean, text[], int, int, boolean, boolean) IS
    'Readmissions by system, place, region and nation: shares, on the last day of the period, of stp.organisation_readmission, '
        'whose arguments and columns it has. status: also partial: an organisation of the system has sent no spells of a month '
        'of the period, but before.';

--------------------------------------------------------------------------------------------------------------
-- Emergency departments: the monthly return
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.emergency_attendance
(
    organisation         text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    period               stp.period NOT NULL,
    department_type      text NOT NULL,
    attendances          bigint NOT NULL,
    over_4_hours         bigint,
    emergency_admissions bigint,
    PRIMARY KEY (organisation, period, department_type)
);
COMMENT ON TABLE stp.emergency_attendance IS
    'The monthly A&E return: one row for each organisation, month and type of department.';
COMMENT ON COLUMN stp.emergency_attendance.department_type IS
    '1: major department. 2: single specialty. 3 or other: minor injury units, walk-in centres, urgent treatment centres. none: '
    'no department, for emergency admissions from elsewhere, without attendances.';
COMMENT ON COLUMN stp.emergency_attendance.attendances IS 'Attendances.';
COMMENT ON COLUMN stp.emergency_attendance.over_4_hours IS
    'Attendances that took more than 4 hours from arrival to admission, transfer or discharge. NULL: not known, as of trusts '
    'that tried other standards from May 2019; then the organisation''s month has no share within 4 hours.';
COMMENT ON COLUMN stp.emergency_attendance.emergency_admissions IS
    'Emergency admissions as returned; not always a part of the attendances, returns have more. NULL: not known.';

CREATE FUNCTION stp_internal.check_emergency_attendance() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.* INTO bad FROM new_rows n WHERE n.over_4_hours > n.attendances LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'return of organisation "%" for type % in % has % over 4 hours of % attendances',
              bad.organisation, bad.department_type, bad.period, bad.over_4_hours, bad.attendances
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Correct the return, or leave the row out.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_emergency_attendance() IS
    'Trigger: refuses more waits over 4 hours than attendances, SQLSTATE 22023.';

-- The return as it is published. Its columns change from year to year, so that a file is taken line by line, and each cell is
-- known by its heading: the last column header before it. Files of several layouts can be loaded at once.
CREATE TABLE stp.ae_return
(
    line text
);
COMMENT ON TABLE stp.ae_return IS
    'Staging for NHS England''s monthly return of A&E attendances and emergency admissions, from April 2019 on, as published: '
    'plain COPY without any option takes whole lines, headings and totals among them. Then CALL stp.load_ae_return().';
COMMENT ON COLUMN stp.ae_return.line IS 'A line of the file, comma-separated.';

CREATE VIEW stp_internal.ae_return_cell WITH (security_invoker = true) AS
WITH line AS
(
    SELECT r.*, lower(stp_internal.tidy_code(r.cells[1]) COLLATE "C") = 'period' AS is_header
      FROM (SELECT row_number() OVER (ORDER BY t.ctid) AS number, t.line, stp_internal.csv_cells(t.line) AS cells
              FROM stp.ae_return t) r
),
headed AS
(
    SELECT l.*, max(l.number) FILTER (WHERE l.is_header) OVER (ORDER BY l.number) AS header FROM line l
),
-- Headings are read once, not for every cell below them.
heading AS MATERIALIZED
(
    SELECT h.number AS header, c.place,
           CASE WHEN w.words = ANY (ARRAY['period', 'org code', 'parent org', 'org name']) THEN w.words
                WHEN w.words ~ '^a e attendances booked ' THEN 'booked'
                WHEN w.words ~ '^a e attendances ' THEN 'attendances'
                WHEN w.words ~ '^attendances over 4 ?h\w* booked ' THEN 'booked over'
                WHEN w.words ~ '^attendances over 4 ?h\w* ' THEN 'over'
                WHEN w.words ~ '^emergency admissions via a e |^other emergency admissions$' THEN 'admissions' END AS means,
           CASE WHEN w.words = 'other emergency admissions' THEN 'none'
                WHEN w.words ~ ' type [123]$' THEN right(w.words, 1)
                WHEN w.words ~ ' other (a e )?department$' THEN 'other' END AS department_type
      FROM headed h
     CROSS JOIN LATERAL unnest(h.cells) WITH ORDINALITY c (cell, place)
     CROSS JOIN LATERAL (SELECT btrim(regexp_replace(lower(stp_internal.tidy_code(c.cell) COLLATE "C"),
                                                     '^number of |[^a-z0-9]+', ' ', 'g')) AS words OFFSET 0) w
     WHERE h.is_header
)
SELECT l.number, l.line, l.is_header, l.header IS NOT NULL AS is_headed, stp_internal.tidy_code(c.cell) AS cell, h.means,
       h.department_type
  FROM headed l
  LEFT JOIN LATERAL unnest(l.cells) WITH ORDINALITY c (cell, place) ON true
  LEFT JOIN heading h ON h.header = l.header AND h.place = c.place;
COMMENT ON VIEW stp_internal.ae_return_cell IS
    'The cells of stp.ae_return, what each means by its heading, and for which type of department.';

CREATE VIEW stp_internal.ae_return_type WITH (security_invoker = true) AS
SELECT c.number, c.department_type, min(c.cell) FILTER (WHERE c.means = 'attendances') AS attendances,
       min(c.cell) FILTER (WHERE c.means = 'over') AS over_4_hours,
       min(c.cell) FILTER (WHERE c.means = 'booked') AS booked,
       min(c.cell) FILTER (WHERE c.means = 'booked over') AS booked_over,
       min(c.cell) FILTER (WHERE c.means = 'admissions') AS admissions
  FROM stp_internal.ae_return_cell c
 WHERE c.department_type IS NOT NULL AND c.cell <> ALL (ARRAY['', '-'])
 GROUP BY c.number, c.department_type;
COMMENT ON VIEW stp_internal.ae_return_type IS
    'The cells of stp.ae_return that are filled, a row for each line and type of department.';

CREATE VIEW stp.ae_return_line WITH (security_invoker = true) AS
WITH line AS
(
    SELECT c.number, min(c.line) AS line, bool_or(c.is_header) AS is_header, bool_or(c.is_headed) AS is_headed,
           count(nullif(c.cell, '')) AS filled, max(c.cell) FILTER (WHERE c.means = 'period') AS month,
           nullif(stp_internal.ods_code(max(c.cell) FILTER (WHERE c.means = 'org code')), '') AS code,
           max(c.cell) FILTER (WHERE c.means = 'org name') AS name,
           nullif(max(c.cell) FILTER (WHERE c.means = 'parent org'), '') AS region,
           count(*) FILTER (WHERE c.means = ANY (ARRAY['period', 'org code'])) AS keys,
           count(DISTINCT c.means) FILTER (WHERE c.means = ANY (ARRAY['attendances', 'over', 'admissions'])) AS measures
      FROM stp_internal.ae_return_cell c
     GROUP BY c.number
)
SELECT l.number, l.line, k.kind, m.period, d.organisation, d.organisation_name, d.region,
       t.department_type, n.attendances, n.over_4_hours, n.booked, n.booked_over_4_hours, n.emergency_admissions, f.fault, f.hint
  FROM line l
 CROSS JOIN LATERAL (SELECT CASE WHEN l.is_header THEN 'column header'
                                 WHEN stp_internal.is_national(l.code) OR stp_internal.is_national(l.month) THEN 'total'
                                 WHEN l.filled <= 2 THEN 'heading' ELSE 'data' END AS kind) k
 CROSS JOIN LATERAL (SELECT stp_internal.readable_period(regexp_replace(l.month, '^MSitAE-', '', 'i')) AS period) y
 CROSS JOIN LATERAL (SELECT CASE stp.grain(y.period) WHEN 'month' THEN y.period END AS period) m
  LEFT JOIN stp.organisation o ON upper(o.organisation COLLATE "C") = l.code
  LEFT JOIN LATERAL (SELECT coalesce(o.organisation, l.code) AS organisation, l.name AS organisation_name, l.region) d
    ON k.kind = 'data'
  LEFT JOIN stp_internal.ae_return_type t ON t.number = l.number AND k.kind = 'data'
 -- Nobody waits where nobody comes, and who is admitted from elsewhere attends no department.
  LEFT JOIN LATERAL (SELECT c.attendances, coalesce(stp_internal.cell_count(t.over_4_hours),
                                CASE WHEN c.attendances = 0 THEN 0 END) AS over_4_hours,
                            stp_internal.cell_count(t.booked) AS booked,
                            stp_internal.cell_count(t.booked_over) AS booked_over_4_hours,
                            stp_internal.cell_count(t.admissions) AS emergency_admissions
                       FROM (SELECT CASE t.department_type WHEN 'none' THEN 0
                                         ELSE stp_internal.cell_count(t.attendances) END) c (attendances)) n
    ON t.number IS NOT NULL
 CROSS JOIN LATERAL (SELECT CASE
       WHEN k.kind = ANY (ARRAY['heading', 'total']) THEN NULL
       WHEN k.kind = 'column header' THEN
           CASE WHEN l.keys < 2 OR l.measures < 3 THEN ARRAY['has other columns', 'It has Period, Org Code, A&E attendances, '
               'Attendances over 4hrs and Emergency admissions via A&E, these for Type 1, Type 2 and others.'] END
       WHEN NOT l.is_headed THEN ARRAY['stands before the column header', 'Load whole files; the header begins with Period.']
       WHEN m.period IS NULL THEN ARRAY['has no valid month', 'A month is written MSitAE-APRIL-2019.']
       WHEN l.code IS NULL THEN ARRAY['lacks an organisation', 'Complete the line.']
       WHEN EXISTS (SELECT FROM (VALUES (t.attendances), (t.over_4_hours), (t.booked), (t.booked_over), (t.admissions)) v (cell)
                     WHERE v.cell IS NOT NULL AND stp_internal.cell_count(v.cell) IS NULL)
       THEN ARRAY[format('has a count of type %s that is no whole number at or above 0', t.department_type),
                  'Leave the cell empty if the count is not known.']
       WHEN t.number IS NOT NULL AND n.attendances IS NULL
       THEN ARRAY[format('has figures of type %s but no attendances', t.department_type), 'Complete the line.']
       WHEN n.over_4_hours > n.attendances OR n.booked_over_4_hours > n.booked
       THEN ARRAY[format('has more over 4 hours than attendances of type %s', t.department_type), 'Correct the return.']
       END AS parts) fault
 CROSS JOIN LATERAL (SELECT fault.parts[1] AS fault, fault.parts[2] AS hint) f;
COMMENT ON VIEW stp.ae_return_line IS
    'The lines of stp.ae_return as stp.load_ae_return() reads them, with their faults: a row for each type of department that '
    'has figures.';
COMMENT ON COLUMN stp.ae_return_line.number IS
    'Which line it is of those that were loaded, from 1: of one file, the line of the file.';
COMMENT ON COLUMN stp.ae_return_line.line IS 'The line as it was loaded.';
COMMENT ON COLUMN stp.ae_return_line.kind IS
    'heading (two cells at most are filled), column header, total (of the whole of England: TOTAL, ENGLAND, X24, -), or data. '
    'Only data are loaded.';
COMMENT ON COLUMN stp.ae_return_line.region IS 'Parent Org.';
COMMENT ON COLUMN stp.ae_return_line.over_4_hours IS 'Attendances over 4hrs; NULL: not published.';
COMMENT ON COLUMN stp.ae_return_line.booked IS 'A&E attendances Booked Appointments, from August 2020 on.';
COMMENT ON COLUMN stp.ae_return_line.booked_over_4_hours IS 'Attendances over 4hrs Booked Appointments.';
COMMENT ON COLUMN stp.ae_return_line.fault IS 'Why the line cannot be loaded; NULL: it can.';
COMMENT ON COLUMN stp.ae_return_line.hint IS 'What to do about it.';
CALL stp.copy_comments('stp.emergency_attendance', 'stp.ae_return_line');

CREATE PROCEDURE stp_internal.take_ae_return(add_booked boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM stp.emergency_attendance e
     USING (SELECT DISTINCT l.organisation, l.period FROM stp.ae_return_line l WHERE l.kind = 'data') again
     WHERE e.organisation = again.organisation AND e.period = again.period;
    INSERT INTO stp.emergency_attendance (organisation, period, department_type, attendances, over_4_hours, emergency_admissions)
    SELECT l.organisation, l.period, l.department_type, l.attendances + b.booked, l.over_4_hours + b.over_4_hours,
           l.emergency_admissions
      FROM stp.ae_return_line l
     CROSS JOIN LATERAL (SELECT CASE WHEN add_booked THEN coalesce(l.booked, 0) ELSE 0 END AS booked,
                                CASE WHEN NOT coalesce(add_booked AND l.booked > 0, false) THEN 0
                                     ELSE l.booked_over_4_hours END AS over_4_hours) b
     WHERE l.department_type IS NOT NULL;
END $$;
COMMENT ON PROCEDURE stp_internal.take_ae_return(boolean) IS
    'Writes the lines of stp.ae_return, all of which are known to be right, to stp.emergency_attendance.';

CREATE PROCEDURE stp.load_ae_return(register boolean DEFAULT false, add_booked boolean DEFAULT false,
                                    INOUT headings bigint DEFAULT NULL, INOUT lines bigint DEFAULT NULL,
                                    INOUT organisation_months bigint DEFAULT NULL, INOUT registered bigint DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    bad     record;
    unknown text;
BEGIN
    -- Two loads at once would both take the same lines.
    LOCK TABLE stp.ae_return IN SHARE ROW EXCLUSIVE MODE;
    SELECT array_agg(format('line of the return %s: %s', f.fault, f.line) ORDER BY f.number) AS faults,
           array_agg(format('Line %s', f.number) ORDER BY f.number) AS places, array_agg(f.hint ORDER BY f.number) AS hints
      INTO bad
      FROM (SELECT DISTINCT ON (b.number) b.*
              FROM (SELECT l.number, l.line, l.department_type, coalesce(l.fault, 'is there twice') AS fault,
                           coalesce(l.hint, 'TRUNCATE stp.ae_return and load the file once.') AS hint,
                           l.fault IS NOT NULL OR l.kind = 'data'
                               AND row_number() OVER (PARTITION BY l.kind, l.fault, l.organisation, l.period, l.department_type
                                                      ORDER BY l.number) > 1 AS is_bad
                      FROM stp.ae_return_line l) b
             WHERE b.is_bad ORDER BY b.number, b.department_type) f;
    PERFORM stp_internal.refuse_faults(bad.faults, bad.places, bad.hints);

    IF register THEN
        INSERT INTO stp.organisation (organisation, name, region)
        SELECT l.organisation, coalesce(min(l.organisation_name), l.organisation), min(l.region)
          FROM stp.ae_return_line l
         WHERE l.kind = 'data' AND NOT EXISTS (SELECT FROM stp.organisation o WHERE o.organisation = l.organisation)
         GROUP BY l.organisation;
        GET DIAGNOSTICS registered = ROW_COUNT;
    ELSE
        registered := 0;
        SELECT string_agg(DISTINCT concat_ws(' ', l.organisation, l.organisation_name), ', ') INTO unknown
          FROM stp.ae_return_line l
         WHERE l.kind = 'data' AND NOT EXISTS (SELECT FROM stp.organisation o WHERE o.organisation = l.organisation);
        IF unknown IS NOT NULL THEN
            RAISE EXCEPTION 'the return has unknown organisations: %', unknown
                  USING ERRCODE = 'invalid_parameter_value',
                        HINT = 'Add them to stp.organisation first, or let CALL stp.load_ae_return(register => true) add them '
                            'with these names.';
        END IF;
    END IF;

    CALL stp_internal.take_ae_return(add_booked);
    SELECT count(DISTINCT l.number) FILTER (WHERE l.kind <> 'data'), count(DISTINCT l.number) FILTER (WHERE l.kind = 'data'),
           count(DISTINCT (l.organisation, l.period)) FILTER (WHERE l.department_type IS NOT NULL)
      INTO headings, lines, organisation_months FROM stp.ae_return_line l;
    DELETE FROM stp.ae_return;
END $$;
COMMENT ON PROCEDURE stp.load_ae_return(boolean, boolean, bigint, bigint, bigint, bigint) IS
    'Moves the monthly A&E return from stp.ae_return to stp.emergency_attendance, a row for each organisation, month and type '
    'of department that has figures, and empties the staging table. What was there of an organisation and month is replaced. '
    'register: adds unknown organisations with the return''s names and regions; otherwise they are an error that lists them. '
    'add_booked: adds booked appointments to the attendances, of which they are taken for a part by default (not confirmed). '
    'Other emergency admissions are of department type none. An empty cell, or -, is not known. Returns how many headings '
    '(column headers and totals of England included) were skipped, lines taken, months of organisations loaded and '
    'organisations registered. All or nothing; error 22023, with all lines at fault: no valid month, no organisation, a count '
    'that is no whole number, figures without attendances, more over 4 hours than attendances, a line twice, other columns.';

CREATE VIEW stp.emergency_attendance_observation WITH (security_invoker = true) AS
SELECT i.indicator, t.organisation, t.period,
       i.numerator::float8 AS numerator, i.denominator::float8 AS denominator, NULL::float8 AS value, NULL::text AS status
  -- What is not known of one type is not known of the organisation: the sum of the others is not its figure.
  FROM (SELECT organisation, period, sum(attendances) AS attendances, stp.whole_sum(over_4_hours) AS over_4_hours,
               stp.whole_sum(emergency_admissions) AS emergency_admissions,
               stp.whole_sum(CASE department_type WHEN 'none' THEN 0 ELSE emergency_admissions END) AS through_departments
          FROM stp.emergency_attendance
         GROUP BY organisation, period) t
  JOIN stp_internal.source_reach('emergency_attendance') r ON stp_internal.is_covered(r.covered, t.period)
 CROSS JOIN LATERAL (VALUES
       ('ae_within_4_hours', t.attendances - t.over_4_hours, t.attendances),
       ('ae_attendances', t.attendances, NULL),
       ('ae_emergency_admissions', t.through_departments, NULL),
       ('emergency_admissions', t.emergency_admissions, NULL)) i (indicator, numerator, denominator)
 WHERE i.numerator IS NOT NULL;
COMMENT ON VIEW stp.emergency_attendance_observation IS
    'The indicators that come from stp.emergency_attendance, all types of department together, in the shape of stp.observation: '
        'ae_within_4_hours, ae_attendances, ae_emergency_admissions (through departments) and emergency_admissions. No row of an '
        'indicator of which a type is not known.';
CALL stp.copy_comments('stp.observation', 'stp.emergency_attendance_observation');

--------------------------------------------------------------------------------------------------------------
-- Indicators from spells: by month of admission, of discharge (then the stay of everybody in the month is known), and of
-- the bed day. No row for a month without any. A census covers whole months, and spells without discharge as present to
-- the end.
--------------------------------------------------------------------------------------------------------------

-- A stay counts in the month that it begins in, in that which it ends in, and in those between, which only a long one has. So
-- each figure of a month is a sum over these rows, and whoever asks for one month has them from the indexes.
CREATE VIEW stp_internal.spell_month WITH (security_invoker = true) AS
SELECT m.organisation, m.period, m.is_admission, m.is_discharge,
       CASE WHEN m.admission_date IS NOT NULL THEN stp.bed_days(m.admission_date, m.discharge_date, m.period) END AS bed_days,
       stp.delayed_days(m.ready_date, m.discharge_date, m.period) AS delayed_days,
       m.ready_date, m.stay, m.emergency, m.age, stp_internal.is_adult(m.age) AS is_adult
  FROM (SELECT b.organisation, stp.month(b.admission_date) AS period, true AS is_admission,
               coalesce(stp.month(b.discharge_date) = stp.month(b.admission_date), false) AS is_discharge,
               b.admission_date, b.discharge_date, b.ready_date, b.stay, b.emergency, b.age
          FROM stp_internal.classified_spell b
        UNION ALL
        SELECT e.organisation, stp.month(e.discharge_date), false, true,
               e.admission_date, e.discharge_date, e.ready_date, e.stay, e.emergency, e.age
          FROM stp_internal.classified_spell e
         WHERE stp.month(e.discharge_date) > stp.month(e.admission_date)
        UNION ALL
        SELECT w.organisation, month.period, false, false,
               w.admission_date, w.discharge_date, w.ready_date, w.stay, w.emergency, w.age
          FROM stp_internal.spell_months() month (period)
          JOIN stp_internal.classified_spell w
            ON w.admission_date < stp.first_day(month.period)
           AND coalesce(w.discharge_date, 'infinity') > stp.last_day(month.period)
           AND coalesce(w.discharge_date, 'infinity') > w.admission_date + 28
        UNION ALL
        -- A month in which nobody was there is one too.
        SELECT o.organisation, month.period, false, false, NULL, NULL, NULL, NULL, NULL, NULL
          FROM stp.organisation o
         CROSS JOIN stp_internal.spell_months() month (period)
         WHERE EXISTS (SELECT FROM stp.spell s WHERE s.organisation = o.organisation)) m;
CALL stp.make_rows('stp_internal.spell_month',
    'Spells in every month that they take in, a row for each; and a row without a spell for each month of an organisation that '
    'has any. is_admission, is_discharge: whether the spell began or ended in it; bed_days, delayed_days: its days in it, as '
    'stp.bed_days and stp.delayed_days; is_adult: whether the patient is 18 or over, or of unknown age.');

CREATE VIEW stp_internal.spell_figure WITH (security_invoker = true) AS
SELECT s.organisation, s.period, bool_or(s.is_admission OR s.is_discharge) AS is_busy,
       count(*) FILTER (WHERE s.is_admission) AS admissions,
       count(*) FILTER (WHERE s.is_admission AND s.emergency IS NULL) AS unknown_method,
       count(*) FILTER (WHERE s.is_admission AND s.emergency) AS emergencies,
       count(*) FILTER (WHERE s.is_admission AND s.emergency AND s.age >= 65) AS aged_65,
       count(*) FILTER (WHERE s.is_admission AND s.emergency AND s.age IS NULL) AS unknown_age,
       count(*) FILTER (WHERE s.is_admission AND s.emergency AND s.stay IS NOT NULL) AS ended,
       count(*) FILTER (WHERE s.is_admission AND s.emergency AND s.stay = 0) AS zero_day,
       count(*) FILTER (WHERE s.is_discharge AND s.emergency) AS discharges,
       sum(s.stay) FILTER (WHERE s.is_discharge AND s.emergency) AS nights,
       coalesce(sum(s.bed_days), 0) AS bed_days,
       coalesce(sum(s.bed_days) FILTER (WHERE s.emergency), 0) AS emergency_bed_days,
       coalesce(sum(s.delayed_days) FILTER (WHERE s.is_adult), 0) AS delayed_days,
       -- Of those who left after a night or more, and of those who became ready.
       bool_or(s.is_discharge AND s.ready_date IS NULL) FILTER (WHERE s.is_adult AND s.stay > 0) AS is_blank,
       bool_or(s.is_discharge OR stp.month(s.ready_date) = s.period)
           FILTER (WHERE s.is_adult AND s.ready_date IS NOT NULL AND coalesce(s.stay > 0, true)) AS is_recorded,
       bool_or(s.is_adult AND s.ready_date IS NOT NULL) AS has_ready_dates,
       CASE WHEN bool_or(s.is_admission OR s.is_discharge)
             AND bool_or(s.is_adult AND (s.ready_date IS NOT NULL OR (s.is_discharge AND s.stay > 0)))
            THEN NULL ELSE s.organisation END AS in_doubt
  FROM stp_internal.spell_month_rows() s
 GROUP BY s.organisation, s.period;
CALL stp.make_rows('stp_internal.spell_figure',
    'The sums of stp_internal.spell_month_rows() by organisation and month. is_busy: somebody was admitted or discharged. '
    'in_doubt: the organisation, where these rows alone do not tell whether the month is one of its own, or whether it records '
    'ready dates.');

CREATE VIEW stp.spell_observation WITH (security_invoker = true) AS
SELECT i.indicator, f.organisation, f.period, i.numerator::float8 AS numerator, i.denominator::float8 AS denominator,
       NULL::float8 AS value, r.status
  FROM stp_internal.spell_figure_rows() f
  JOIN stp_internal.source_reach('spell') r ON stp_internal.is_covered(r.covered, f.period)
 -- Few months are in doubt. Of an organisation it is asked once: the planner knows how many there are.
  LEFT JOIN stp.organisation o ON o.organisation = f.in_doubt
 CROSS JOIN LATERAL (SELECT min(s.admission_date) AS first_day, max(greatest(s.admission_date, s.discharge_date)) AS last_day,
                            max(greatest(s.admission_date, s.discharge_date, s.ready_date)) AS last_date,
                            bool_or(s.ready_date IS NOT NULL)
                                FILTER (WHERE stp_internal.is_adult(s.age)) AS has_ready_dates
                       FROM stp.spell s
                      WHERE s.organisation = o.organisation) own
 CROSS JOIN LATERAL (SELECT f.is_busy OR stp.last_day(f.period) BETWEEN own.first_day AND stp.last_day(stp.month(own.last_day))
                            AS is_within,
                            f.is_busy OR stp.last_day(f.period) BETWEEN own.first_day AND stp.last_day(stp.month(own.last_date))
                            AS may_wait) own_month
 CROSS JOIN LATERAL (VALUES
       ('admissions', nullif(f.admissions, 0), NULL),
       ('admission_method_unknown', CASE WHEN f.admissions > 0 THEN f.unknown_method END, f.admissions),
       ('emergency_admissions_all_ages', CASE WHEN f.admissions > 0 THEN f.emergencies END, NULL),
       ('emergency_admissions_65', CASE WHEN f.admissions > 0 THEN f.aged_65 END, NULL),
       ('emergency_age_unknown', CASE WHEN f.admissions > 0 THEN f.unknown_age END, f.emergencies),
       ('emergency_zero_day', CASE WHEN f.admissions > 0 THEN f.zero_day END, f.ended),
       ('mean_emergency_stay', CASE WHEN f.discharges > 0 THEN f.nights END, f.discharges),
       ('bed_days', CASE WHEN own_month.is_within THEN f.bed_days END, NULL),
       ('emergency_bed_days', CASE WHEN own_month.is_within THEN f.emergency_bed_days END, NULL),
       ('delayed_transfers', CASE WHEN own_month.may_wait AND (f.has_ready_dates OR own.has_ready_dates)
                                   AND (f.delayed_days > 0 OR f.is_blank IS NOT TRUE OR f.is_recorded)
                                  THEN f.delayed_days::float8 / stp.days(f.period) END, NULL))
       i (indicator, numerator, denominator)
 WHERE i.numerator IS NOT NULL;
COMMENT ON VIEW stp.spell_observation IS
    'The indicators that come from stp.spell, in the shape of stp.observation: admissions, admission_method_unknown, '
        'emergency_admissions_all_ages, emergency_admissions_65, emergency_age_unknown and emergency_zero_day by month of '
        'admission; mean_emergency_stay by month of discharge; bed_days, emergency_bed_days and delayed_transfers, '
        'every month from an organisation''s first admission to the last date of its spells. Only months that stp.extract '
        'covers wholly, if it says anything.';
CALL stp.copy_comments('stp.observation', 'stp.spell_observation');

--------------------------------------------------------------------------------------------------------------
-- Guards, dumps and rights
--------------------------------------------------------------------------------------------------------------

CALL stp.guard_rows('admission_method', 'guard', 'method: code', 'status: confirmed, unconfirmed');
CALL stp.guard_rows('discharge_code', 'guard', 'item: method, destination', 'code: code', 'status: confirmed, unconfirmed');
CALL stp.guard_rows('ambulatory_condition', 'guard', 'list, condition: code', 'status: confirmed, working list');
CALL stp.guard_rows('emergency_attendance', 'guard', 'period: month', 'department_type: 1, 2, 3, other, none',
    'attendances, over_4_hours, emergency_admissions: count');
CALL stp.guard_rows('emergency_attendance', 'check_emergency_attendance');

SELECT pg_catalog.pg_extension_config_dump('stp.admission_method', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.discharge_code', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.ambulatory_condition', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.emergency_attendance', '');
SELECT pg_catalog.pg_extension_config_dump('stp.ae_return', '');

-- Reference rows are public; returns are not until their owner says so. The views run with the rights of
-- the reader, so that they give nothing away.
GRANT SELECT ON stp.admission_method, stp_internal.admission_method_in_force, stp.discharge_code,
    stp_internal.discharge_code_in_force, stp.ambulatory_condition,
    stp_internal.classified_spell, stp_internal.system_missing_spells, stp.organisation_stay,
    stp.system_stay, stp.system_ambulatory_condition,
    stp_internal.ae_return_cell, stp_internal.ae_return_type, stp.ae_return_line,
    stp.emergency_attendance_observation, stp.spell_observation TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE
    ON stp.admission_method, stp.discharge_code, stp.ambulatory_condition, stp.emergency_attendance, stp.ae_return
    TO @extowner@ WITH GRANT OPTION;
