-- Module registry: who exists, who belongs where on which days, and what was reported.

--------------------------------------------------------------------------------------------------------------
-- Tables
--------------------------------------------------------------------------------------------------------------

-- The kinds nest (place in system in region in nation), so that a cycle cannot be written down. No foreign key of the table to
-- itself: pg_dump would warn of it in every dump.
CREATE TABLE stp.system
(
    system     text PRIMARY KEY CHECK (system <> ''),
    name       text NOT NULL,
    kind       text NOT NULL DEFAULT 'system',
    parent     text CONSTRAINT nation_has_no_parent CHECK (kind <> 'nation' OR parent IS NULL),
    valid_from date NOT NULL DEFAULT '1900-04-01',
    valid_to   date CHECK (valid_to >= valid_from),
    -- A day before the first and after the last must be days too, or one odd row would stop whoever reads the others.
    CONSTRAINT valid_in_the_calendar CHECK ((valid_from >= '0001-01-01' OR valid_from = '-infinity')
                                            AND (valid_to <= '9999-12-31' OR valid_to = 'infinity')
                                                AND valid_from <= '9999-12-31')
);
CREATE INDEX system_parent ON stp.system (parent);
-- ODS codes are written in capital letters. A code of another kind may be in small ones, but there is not the one beside the
-- other.
CREATE UNIQUE INDEX one_system_in_small_or_capital_letters ON stp.system (upper(system COLLATE "C"));
COMMENT ON TABLE stp.system IS 'Health systems, the regions and nations they lie in and the places they consist of.';
COMMENT ON COLUMN stp.system.system IS
    'Code, for example the ODS code QWO. A boundary change is a new code: key history by code and dates.';
COMMENT ON COLUMN stp.system.parent IS
    'The system of a place, the region of a system (or its nation), the nation of a region; NULL: it lies in none. What belongs '
    'to one counts in all that it lies in.';
COMMENT ON COLUMN stp.system.valid_from IS 'First day it exists; the default is the first day a stp.period can have.';
COMMENT ON COLUMN stp.system.valid_to IS 'Last day it exists; NULL: it still does.';

CREATE TABLE stp.organisation
(
    organisation text PRIMARY KEY CHECK (organisation <> ''),
    name         text NOT NULL,
    type         text,
    subtype      text,
    region       text
);
CREATE UNIQUE INDEX one_organisation_in_small_or_capital_letters ON stp.organisation (upper(organisation COLLATE "C"));
COMMENT ON TABLE stp.organisation IS 'Organisations that report: providers, commissioners.';
COMMENT ON COLUMN stp.organisation.organisation IS 'Code, for example the ODS code R0A.';
COMMENT ON COLUMN stp.organisation.type IS 'Type, for example Acute trust.';
COMMENT ON COLUMN stp.organisation.subtype IS 'Subtype, for example Acute - Teaching.';
COMMENT ON COLUMN stp.organisation.region IS 'Region as published with the organisation; for information only.';

CREATE TABLE stp.membership
(
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    system       text NOT NULL REFERENCES stp.system DEFERRABLE INITIALLY DEFERRED,
    share        numeric NOT NULL DEFAULT 1,
    valid_from   date NOT NULL DEFAULT '1900-04-01',
    valid_to     date CHECK (valid_to >= valid_from),
    -- A day before the first and after the last must be days too, or one odd row would stop whoever reads the others.
    CONSTRAINT valid_in_the_calendar CHECK ((valid_from >= '0001-01-01' OR valid_from = '-infinity')
                                            AND (valid_to <= '9999-12-31' OR valid_to = 'infinity')
                                                AND valid_from <= '9999-12-31'),
    basis        text,
    PRIMARY KEY (organisation, system, valid_from)
);
CREATE INDEX membership_system ON stp.membership (system, organisation);
COMMENT ON TABLE stp.membership IS
    'Dated shares of organisations in systems (or places). For every organisation and day with any membership the shares sum to '
    '1 within 0.000001, checked at commit.';
COMMENT ON COLUMN stp.membership.system IS
    'The system or place it serves. Give the finest level only: it counts in all that this lies in.';
COMMENT ON COLUMN stp.membership.share IS 'Share of the organisation''s counts that belong to the system: above 0, at most 1.';
COMMENT ON COLUMN stp.membership.valid_from IS 'First day of the membership; the default is the first day a stp.period can have.';
COMMENT ON COLUMN stp.membership.valid_to IS 'Last day of the membership; NULL: it goes on.';
COMMENT ON COLUMN stp.membership.basis IS 'What the share rests on: main site, population, activity.';

CREATE TABLE stp.population
(
    system   text NOT NULL REFERENCES stp.system DEFERRABLE INITIALLY DEFERRED,
    period   stp.period NOT NULL,
    age_from int NOT NULL DEFAULT 0 CHECK (age_from >= 0),
    age_to   int CHECK (age_to >= age_from),
    sex      text NOT NULL DEFAULT 'persons',
    persons  float8 NOT NULL,
    PRIMARY KEY (system, period, sex, age_from)
);
COMMENT ON TABLE stp.population IS
    'Population of systems by age and sex: the denominators that are not reported with the numerators.';
COMMENT ON COLUMN stp.population.system IS 'The system, place, region or nation; each has rows of its own.';
COMMENT ON COLUMN stp.population.period IS
    'The period the estimate is for. An indicator takes the latest one that begins no later than its own period ends.';
COMMENT ON COLUMN stp.population.age_from IS 'Youngest age of the band, in years.';
COMMENT ON COLUMN stp.population.age_to IS 'Oldest age of the band, in years; NULL: and over.';
COMMENT ON COLUMN stp.population.sex IS
    'persons, female or male. Bands of one system and period must not overlap; persons overlaps both.';
COMMENT ON COLUMN stp.population.persons IS 'Number of people.';

CREATE TABLE stp.indicator
(
    indicator   text PRIMARY KEY CHECK (indicator <> ''),
    name        text NOT NULL,
    unit_of_measure text NOT NULL,
    kind        text NOT NULL,
    better      text NOT NULL,
    per         float8 NOT NULL DEFAULT 1,
    standard    float8,
    floor       float8,
    theme       text,
    area        text,
    denominator text NOT NULL DEFAULT 'reports',
    age_from    int CHECK (age_from >= 0),
    age_to      int CHECK (age_to >= age_from),
    over_time   text,
    expected_within      int NOT NULL DEFAULT 12 CHECK (expected_within >= 0 AND expected_within <= 120),
    minimum_completeness float8 CHECK (minimum_completeness >= 0 AND minimum_completeness <= 1),
    when_incomplete      text NOT NULL DEFAULT 'no value',
    suppressed_below     int NOT NULL DEFAULT 8 CHECK (suppressed_below >= 1),
    source      text,
    builtin     boolean NOT NULL DEFAULT false,
    CONSTRAINT per_is_positive CHECK (per > 0 AND per < 'infinity'),
    CONSTRAINT values_do_not_add_up CHECK (over_time <> 'sum' OR denominator <> 'none'),
    -- Elsewhere the denominator is as incomplete as the numerator.
    CONSTRAINT population_is_whole CHECK (when_incomplete <> 'scale up' OR denominator = 'population'),
    -- Only a mean may come either way: as a sum with its count, or as a bare value.
    CONSTRAINT denominator_fits_kind CHECK (CASE
        WHEN kind = 'judgement' THEN denominator = 'none'
        WHEN kind = 'mean' THEN denominator <> 'population'
        WHEN kind = 'rate' THEN denominator <> 'none'
        WHEN kind = ANY (ARRAY['proportion', 'ratio']) THEN denominator = 'reports' END)
);
COMMENT ON TABLE stp.indicator IS 'What is measured, and how reports of organisations become the figure of a system.';
COMMENT ON COLUMN stp.indicator.indicator IS 'Code, for example ae_within_4_hours.';
COMMENT ON COLUMN stp.indicator.unit_of_measure IS 'Unit of the value, for example %, per 1,000 people, score 0-10.';
COMMENT ON COLUMN stp.indicator.kind IS
    'proportion: numerator within denominator. rate: events over population or activity. ratio: observed over expected. mean: '
    'average of a measurement. judgement: a level somebody awarded.';
COMMENT ON COLUMN stp.indicator.better IS 'higher, lower, or neutral (cannot be scored).';
COMMENT ON COLUMN stp.indicator.per IS 'Multiplier of numerator / denominator: 100 for a percentage, 1000 for a rate per 1,000.';
COMMENT ON COLUMN stp.indicator.standard IS 'National standard in the unit of the value; NULL: none.';
COMMENT ON COLUMN stp.indicator.floor IS 'Value that must at least be met, in the unit of the value; NULL: none.';
COMMENT ON COLUMN stp.indicator.theme IS 'Theme of the 2017 STP dashboard it belongs to.';
COMMENT ON COLUMN stp.indicator.area IS 'Area of the 2017 STP dashboard it belongs to.';
COMMENT ON COLUMN stp.indicator.denominator IS
    'reports: each report has numerator and denominator. population: reports have a numerator, stp.population the denominator. '
    'none: reports have a value.';
COMMENT ON COLUMN stp.indicator.age_from IS 'Youngest age of the population denominator; NULL: 0.';
COMMENT ON COLUMN stp.indicator.age_to IS 'Oldest age of the population denominator; NULL: and over.';
COMMENT ON COLUMN stp.indicator.over_time IS
    'How reports of months or quarters make the figure of a longer time. sum: numerators and denominators add up (also when '
    'NULL, unless reports have a value). average: mean over the days, of numerators too: for counts of a day and values that '
    'may be averaged. no: there is none (also when NULL, if reports have a value).';
COMMENT ON COLUMN stp.indicator.expected_within IS
    'Months for which an organisation that has reported is expected to go on.';
COMMENT ON COLUMN stp.indicator.minimum_completeness IS
    'Completeness, 0 to 1, below which a system has no value: status incomplete. NULL: 1 where the denominator is the '
    'population, which stays whole when a numerator is missing; otherwise 0.';
COMMENT ON COLUMN stp.indicator.when_incomplete IS
    'What becomes of the figure below minimum_completeness. no value; or scale up: the numerator is divided by the completeness, '
    'and the method says so.';
COMMENT ON COLUMN stp.indicator.suppressed_below IS
    'A suppressed count is at least 0 and less than this. 8: Hospital Episode Statistics suppress 1 to 7.';
COMMENT ON COLUMN stp.indicator.source IS 'Where the figures come from and what to beware of.';

CREATE TABLE stp.observation
(
    indicator    text NOT NULL REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    period       stp.period NOT NULL,
    numerator    float8,
    denominator  float8,
    value        float8,
    status       text,
    taken_from   text,
    PRIMARY KEY (indicator, period, organisation)
);
COMMENT ON TABLE stp.observation IS
    'What organisations reported: one row for each indicator, organisation and period. Not reported means no row. What comes '
        'from another table of ours is as of the last stp.refresh().';
COMMENT ON COLUMN stp.observation.period IS
    'The period reported for. It counts where the organisation belonged on the last day of the period.';
COMMENT ON COLUMN stp.observation.numerator IS 'Count at or above 0 (of a mean: the sum, of either sign).';
COMMENT ON COLUMN stp.observation.denominator IS
    'Count at or above 0; NULL where the indicator takes its denominator from the population.';
COMMENT ON COLUMN stp.observation.value IS 'The value, for indicators that have no denominator.';
COMMENT ON COLUMN stp.observation.status IS
    'suppressed: a small count that is not shown, it has limits instead (stp.indicator.suppressed_below). not applicable: the '
    'organisation has nothing to report, and is not expected to. inferred: how far the source reaches was taken from its rows, '
    'or the report stands for one that is not there. NULL: as reported.';
COMMENT ON COLUMN stp.observation.taken_from IS
    'The source of stp.observation_source that stp.refresh() took it from, with which it changes and goes; NULL: loaded by hand.';

CALL stp.keep_history('system');
CALL stp.keep_history('organisation');
CALL stp.keep_history('membership');
CALL stp.keep_history('population');
CALL stp.keep_history('indicator');
CALL stp.keep_history('observation', for_public := false);

CREATE TABLE stp.expected_report
(
    indicator    text NOT NULL REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    grain        text,
    valid_from   date NOT NULL DEFAULT '1900-04-01',
    valid_to     date CHECK (valid_to >= valid_from),
    -- A day before the first and after the last must be days too, or one odd row would stop whoever reads the others.
    CONSTRAINT valid_in_the_calendar CHECK ((valid_from >= '0001-01-01' OR valid_from = '-infinity')
                                            AND (valid_to <= '9999-12-31' OR valid_to = 'infinity')
                                                AND valid_from <= '9999-12-31'),
    PRIMARY KEY (indicator, organisation, valid_from)
);
COMMENT ON TABLE stp.expected_report IS
    'Who has a duty to report what. Who has reported an indicator is expected to go on without a row here.';
COMMENT ON COLUMN stp.expected_report.grain IS 'For periods of which length; NULL: of any that somebody reports.';
COMMENT ON COLUMN stp.expected_report.valid_from IS
    'First day of the duty, which holds for the periods whose last day it is in; the default is the first day a stp.period can '
    'have.';
COMMENT ON COLUMN stp.expected_report.valid_to IS 'Last day of the duty; NULL: it goes on.';
CALL stp.keep_history('expected_report');

--------------------------------------------------------------------------------------------------------------
-- Guards
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.check_parent() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    -- Transactions that change systems check one after the other, or a parent could go while a child comes.
    PERFORM stp_internal.check_alone('stp.system'::regclass, TG_RELID::regclass);
    SELECT s.system, s.kind, s.parent, p.kind AS parent_kind INTO bad
      FROM (SELECT * FROM stp.system WHERE system = NEW.system
            UNION ALL
            SELECT * FROM stp.system WHERE parent = OLD.system) s
      LEFT JOIN stp.system p ON p.system = s.parent
     WHERE s.parent IS NOT NULL
       AND (p.kind = 'system' AND s.kind = 'place' OR p.kind = 'region' AND s.kind = 'system'
            OR p.kind = 'nation' AND s.kind = ANY (ARRAY['system', 'region'])) IS NOT TRUE
     LIMIT 1;
    IF bad.parent_kind IS NOT NULL THEN
        RAISE EXCEPTION '% "%" cannot lie in % "%"', bad.kind, bad.system, bad.parent_kind, bad.parent
              USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Places lie in systems, systems in regions or nations, and regions in nations.';
    ELSIF bad.system IS NOT NULL THEN
        RAISE EXCEPTION 'unknown parent "%" of % "%"', bad.parent, bad.kind, bad.system
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Add it to stp.system first, or correct the code.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_parent() IS
    'Constraint trigger: refuses, at commit, a parent that does not exist or is of the wrong kind, SQLSTATE 22023.';

CREATE FUNCTION stp_internal.check_share_sum() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed text;
    bad     text;
BEGIN
    -- Transactions that change memberships check one after the other, or two halves could pass unseen.
    PERFORM stp_internal.check_alone('stp.membership'::regclass, TG_RELID::regclass);
    FOR changed IN SELECT OLD.organisation UNION SELECT NEW.organisation LOOP
        -- Most organisations belong to one system, wholly.
        CONTINUE WHEN (SELECT count(*) = 1 AND sum(m.share) = 1 FROM stp.membership m WHERE m.organisation = changed);
        SELECT string_agg(format('%s from %s %s', spell.share, to_char(spell.day, 'YYYY-MM-DD'),
                                 coalesce('to ' || to_char(spell.last_day, 'YYYY-MM-DD'), 'on')), '; ' ORDER BY spell.day)
          INTO bad
          FROM (SELECT starts.day, lead(starts.day) OVER (ORDER BY starts.day) - 1 AS last_day,
                       (SELECT sum(m.share) FROM stp.membership m
                         WHERE m.organisation = changed AND m.valid_from <= starts.day
                           AND (m.valid_to IS NULL OR m.valid_to >= starts.day)) AS share
                  FROM (SELECT m.valid_from AS day FROM stp.membership m WHERE m.organisation = changed
                        UNION
                        SELECT m.valid_to + 1 FROM stp.membership m
                         WHERE m.organisation = changed AND m.valid_to IS NOT NULL) starts) spell
         WHERE abs(spell.share - 1) > 0.000001;
        IF bad IS NOT NULL THEN
            RAISE EXCEPTION 'shares of organisation "%" do not sum to 1: %', changed, bad
                  USING ERRCODE = 'check_violation',
                        HINT = 'On every day with any membership the shares must sum to 1 within 0.000001; change all rows of '
                            'the organisation in one transaction.';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_share_sum() IS
    'Constraint trigger: refuses, at commit, an organisation whose shares do not sum to 1 on every day with any membership, '
    'SQLSTATE 23514.';

CREATE FUNCTION stp_internal.check_population() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.system, n.period, n.sex, n.age_from, p.sex AS other_sex, p.age_from AS other_age_from INTO bad
      FROM new_rows n
      JOIN stp.population p ON p.system = n.system AND p.period = n.period
       AND (p.sex = n.sex OR 'persons' IN (p.sex, n.sex))
       AND (p.sex, p.age_from) <> (n.sex, n.age_from)
       AND p.age_from <= coalesce(n.age_to, p.age_from) AND n.age_from <= coalesce(p.age_to, n.age_from)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'population bands of system "%" in % overlap: % from age % and % from age %',
              bad.system, bad.period, bad.sex, bad.age_from, bad.other_sex, bad.other_age_from
              USING ERRCODE = 'exclusion_violation', HINT = 'Load either totals or parts, so that nobody is counted twice.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_population() IS
    'Trigger: refuses bands of one system and period that overlap, SQLSTATE 23P01.';

-- For the one row that it hopes for, the planner would look up the indicator of each of a million.
CREATE FUNCTION stp_internal.check_observation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
DECLARE
    bad      record;
    complete boolean;
BEGIN
    -- What is asked of a million rows is as little as can be: NaN is above infinity, NULL is not true.
    SELECT n.*, i.kind, i.denominator AS source INTO bad
      FROM new_rows n
      JOIN stp.indicator i ON i.indicator = n.indicator
     WHERE (CASE WHEN n.status IN ('suppressed', 'not applicable')
                 THEN n.numerator IS NULL AND n.value IS NULL
                  AND (n.denominator IS NULL OR (n.status = 'suppressed' AND i.denominator = 'reports'
                                                 AND n.denominator >= 0 AND n.denominator < 'infinity'))
                 ELSE CASE i.denominator
            WHEN 'reports' THEN n.value IS NULL AND n.numerator < 'infinity' AND n.denominator >= 0 AND n.denominator < 'infinity'
                            AND CASE i.kind WHEN 'proportion' THEN n.numerator >= 0 AND n.numerator <= n.denominator
                                            WHEN 'mean' THEN n.numerator > '-infinity' ELSE n.numerator >= 0 END
            WHEN 'population' THEN n.value IS NULL AND n.denominator IS NULL AND n.numerator >= 0 AND n.numerator < 'infinity'
            ELSE n.numerator IS NULL AND n.denominator IS NULL AND n.value > '-infinity' AND n.value < 'infinity' END
             END) IS NOT TRUE
     LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    complete := (bad.source = 'none') = (bad.value IS NOT NULL) AND (bad.source <> 'none') = (bad.numerator IS NOT NULL)
                AND (bad.source = 'reports') = (bad.denominator IS NOT NULL);
    RAISE EXCEPTION 'observation of "%" by organisation "%" in % %', bad.indicator, bad.organisation, bad.period,
              CASE WHEN bad.status IN ('suppressed', 'not applicable') THEN format('is %s, but has numbers', bad.status)
                   WHEN NOT complete THEN format('needs %s', CASE bad.source WHEN 'none' THEN 'a value and no counts'
                                                                             WHEN 'population' THEN 'a numerator only'
                                                                             ELSE 'a numerator and a denominator, and no '
                                                                                 'value' END)
                   WHEN 'NaN' IN (bad.numerator, bad.denominator, bad.value)
                     OR 'infinity' IN (abs(bad.numerator), abs(bad.denominator), abs(bad.value)) THEN 'is not finite'
                   WHEN bad.denominator < 0 OR (bad.numerator < 0 AND bad.kind <> 'mean') THEN 'has a negative count'
                   ELSE 'has a numerator above its denominator' END
          USING ERRCODE = 'invalid_parameter_value',
                HINT = CASE WHEN bad.status IN ('suppressed', 'not applicable')
                            THEN 'Leave the numbers out; of a suppressed count a denominator that was reported may stay.'
                            WHEN complete
                            THEN 'Correct the report, or leave the row out: stp.missing_report lists who is missing.'
                            ELSE format('Indicator "%s" is a %s with denominator: %s. Where there is no number, give the status '
                                        'suppressed or not applicable; leave the row out if nothing was reported: '
                                        'stp.missing_report lists it.', bad.indicator, bad.kind, bad.source) END,
                DETAIL = format('Numerator %s, denominator %s, value %s.', coalesce(bad.numerator::text, 'missing'),
                                coalesce(bad.denominator::text, 'missing'), coalesce(bad.value::text, 'missing'));
END $$;
COMMENT ON FUNCTION stp_internal.check_observation() IS
    'Trigger: refuses reports that do not fit their indicator, are negative, not finite, or (proportions) above their '
    'denominator, SQLSTATE 22023.';

CREATE FUNCTION stp_internal.refuse_change_in_use() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM stp.observation o WHERE o.indicator = OLD.indicator) THEN
        RAISE EXCEPTION 'indicator "%" has observations, its kind and denominator cannot change', OLD.indicator
              USING ERRCODE = 'restrict_violation',
                  HINT = 'Insert an indicator under a new code, or delete the observations first.';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_change_in_use() IS
    'Trigger: refuses a change of an indicator''s kind or denominator that its observations would no longer fit, SQLSTATE 23001.';
CREATE TRIGGER refuse_change_in_use BEFORE UPDATE ON stp.indicator
    FOR EACH ROW WHEN (NEW.kind <> OLD.kind OR NEW.denominator <> OLD.denominator)
        EXECUTE FUNCTION stp_internal.refuse_change_in_use();

CREATE CONSTRAINT TRIGGER parent_is_valid AFTER INSERT OR UPDATE OR DELETE ON stp.system
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_parent();

CREATE CONSTRAINT TRIGGER shares_sum_to_one AFTER INSERT OR UPDATE OR DELETE ON stp.membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_share_sum();

CALL stp.guard_rows('system', 'guard', 'system, parent: code', 'kind: nation, region, system, place');
CALL stp.guard_rows('organisation', 'guard', 'organisation: code');
CALL stp.guard_rows('membership', 'guard', 'share: share');
CALL stp.guard_rows('population', 'guard', 'persons: count', 'sex: persons, female, male');
CALL stp.guard_rows('population', 'check_population');
CALL stp.guard_rows('indicator', 'guard', 'indicator: code', 'kind: proportion, rate, ratio, mean, judgement',
    'better: higher, lower, neutral', 'denominator: reports, population, none', 'over_time: sum, average, no',
    'when_incomplete: no value, scale up');
CALL stp.guard_rows('observation', 'guard', 'status: suppressed, not applicable, inferred');
CALL stp.guard_rows('observation', 'check_observation');
CALL stp.guard_rows('expected_report', 'guard', 'grain: month, quarter, half, year');

--------------------------------------------------------------------------------------------------------------
-- Reports as files have them: symbols in the place of numbers
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.report_symbol
(
    symbol  text NOT NULL CONSTRAINT symbol_is_in_small_letters CHECK (symbol = btrim(lower(symbol COLLATE "C"), E' \t\r\n')),
    means   text NOT NULL,
    source  text,
    builtin boolean NOT NULL DEFAULT false,
    PRIMARY KEY (symbol, builtin)
);
COMMENT ON TABLE stp.report_symbol IS
    'What stands in files where a number should be, and what stp.observation_text takes it for. A row of yours takes the place '
    'of the builtin one with the same symbol.';
COMMENT ON COLUMN stp.report_symbol.symbol IS
    'The whole cell, in small letters, without spaces around it: N/A in a file is n/a here. It may look like a number: 9999.';
COMMENT ON COLUMN stp.report_symbol.means IS
    'suppressed: a small count that is not shown. not applicable: there is nothing to report. not reported: the row is left out. '
    'zero: the number 0.';
COMMENT ON COLUMN stp.report_symbol.source IS 'Who uses the symbol so.';

INSERT INTO stp.report_symbol (symbol, means, source, builtin) VALUES
    ('*', 'suppressed', 'NHS England and Hospital Episode Statistics', true),
    ('[c]', 'suppressed', 'Government Analysis Function: confidential (from memory)', true),
    ('c', 'suppressed', 'Government Statistical Service, before the shorthand in brackets (from memory)', true),
    ('-', 'not reported', 'Stands for nil in some files and for unknown in others: this is the cautious reading', true),
    ('..', 'not reported', 'Government Statistical Service: not available (from memory)', true),
    (':', 'not reported', 'Government Statistical Service and Eurostat: not available (from memory)', true),
    ('[x]', 'not reported', 'Government Analysis Function: not available (from memory)', true),
    ('', 'not reported', 'An empty cell, and NULL', true),
    ('n/a', 'not applicable', 'Common; in some files it stands for not available', true),
    ('[z]', 'not applicable', 'Government Analysis Function: not applicable (from memory)', true),
    ('suppressed', 'suppressed', 'stp.observation_text itself', true),
    ('not applicable', 'not applicable', 'stp.observation_text itself', true),
    ('not reported', 'not reported', 'stp_metrics', true);

CALL stp.guard_rows('report_symbol', 'guard', 'symbol: code', 'means: suppressed, not applicable, not reported, zero');

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.report_symbol
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('symbol',
        'Insert a row with the same symbol: it takes the place of the builtin one.');

CREATE VIEW stp_internal.report_symbol_in_force WITH (security_invoker = true) AS
SELECT s.symbol, s.means
  FROM stp.report_symbol s
 WHERE NOT s.builtin
    OR NOT EXISTS (SELECT FROM stp.report_symbol own WHERE own.symbol = s.symbol AND NOT own.builtin);
COMMENT ON VIEW stp_internal.report_symbol_in_force IS
    'One row for each symbol: yours where there is one, otherwise the builtin one.';

-- Not STRICT, so that the planner takes them in: NULL is an empty cell, and no symbol.
CREATE FUNCTION stp_internal.cell_text(cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(coalesce(stp_internal.tidy_code(cell), '') COLLATE "C");
COMMENT ON FUNCTION stp_internal.cell_text(text) IS 'The cell of a file as stp.report_symbol would have it.';

-- No more digits than a number can have, so that none is out of range.
CREATE FUNCTION stp_internal.cell_number(means text, cell text) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN means = 'zero' THEN 0
            WHEN means IS NULL AND length(cell) <= 100
             AND cell ~ '^[+-]?(([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]*)?|[.][0-9]+)(e[+-]?[0-9]{1,2})?$'
            THEN replace(cell, ',', '')::float8 END;
COMMENT ON FUNCTION stp_internal.cell_number(text, text) IS
    'The number in the cell of a file, of which it is known what it means as a symbol; thousands may be divided by commas. NULL: '
    'none.';

CREATE FUNCTION stp_internal.cell_count(cell text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN stp_internal.cell_text(cell) ~ '^([0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2})([.]0*)?$'
            THEN split_part(replace(stp_internal.cell_text(cell), ',', ''), '.', 1)::int END;
COMMENT ON FUNCTION stp_internal.cell_count(text) IS
    'The whole number in the cell of a file, below 1,000,000,000; it may be written as 6.0 and with commas between thousands. '
    'NULL: there is none.';

CREATE FUNCTION stp_internal.is_national(code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(stp_internal.ods_code(code) = ANY (ARRAY['-', 'X24', 'ENGLAND', 'TOTAL']), false);
COMMENT ON FUNCTION stp_internal.is_national(text) IS
    'Whether published returns have a code for the whole of England: -, X24 (NHS England), ENGLAND or TOTAL. Such rows are '
    'totals.';

CREATE FUNCTION stp_internal.refuse_faults(faults text[], places text[], hints text[], state text DEFAULT '22023')
RETURNS void
LANGUAGE plpgsql PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    shown constant int := 20;
    n     constant int := cardinality(faults);
BEGIN
    IF faults IS NULL THEN
        RETURN;
    END IF;
    RAISE EXCEPTION '%', faults[1] || CASE WHEN n > 1 THEN format(' (and %s more)', n - 1) ELSE '' END
          USING ERRCODE = state,
                DETAIL = CASE WHEN n = 1 THEN places[1] || '.' ELSE
                    (SELECT string_agg(concat(f.place, ': ', f.fault), E'\n' ORDER BY f.number)
                       FROM unnest(places[:shown], faults[:shown]) WITH ORDINALITY f (place, fault, number))
                    || CASE WHEN n > shown THEN format(E'\nand %s more', n - shown) ELSE '' END END,
                HINT = (SELECT string_agg(h.hint, ' ' ORDER BY h.first)
                          FROM (SELECT u.hint, min(u.number) AS first
                                  FROM unnest(hints[:shown]) WITH ORDINALITY u (hint, number) GROUP BY u.hint) h);
END $$;
COMMENT ON FUNCTION stp_internal.refuse_faults(text[], text[], text[], text) IS
    'One error, if there is a fault, for all that is wrong with a file: the first and how many more; the first 20 with '
    'where they stand; and what to do about them.';

CREATE VIEW stp.observation_text WITH (security_invoker = true) AS
SELECT o.indicator, o.organisation, o.period::text AS period,
       CASE WHEN i.denominator <> 'none' THEN coalesce(w.word, o.numerator::text) END AS numerator,
       o.denominator::text AS denominator,
       CASE WHEN i.denominator = 'none' THEN coalesce(w.word, o.value::text) END AS value
  FROM stp.observation o
  JOIN stp.indicator i ON i.indicator = o.indicator
 CROSS JOIN LATERAL (SELECT CASE WHEN o.status IN ('suppressed', 'not applicable') THEN o.status END AS word) w;
COMMENT ON VIEW stp.observation_text IS
    'stp.observation as text, to load files into it that have symbols in the place of numbers (stp.report_symbol): COPY or '
    'INSERT. What is read from it can be loaded again. Codes are read without what cannot be seen, those of organisations in '
    'small letters too. A row is left out if neither numerator nor value were reported. Error 22023: cells that are no numbers '
    'and no known symbols, all that are found in 10,000 rows. Needs INSERT on stp.observation too.';
COMMENT ON COLUMN stp.observation_text.period IS 'The period reported for, as text.';
COMMENT ON COLUMN stp.observation_text.numerator IS
    'A number, commas between thousands allowed, or a symbol. Of indicators without denominator: none.';
COMMENT ON COLUMN stp.observation_text.denominator IS 'The same; of a suppressed numerator it stays if it is a number.';
COMMENT ON COLUMN stp.observation_text.value IS 'The same, of indicators without denominator.';

CREATE FUNCTION stp_internal.period_fault(period text) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    hint text;
BEGIN
    PERFORM period::stp.period;
    RETURN NULL;
EXCEPTION WHEN invalid_text_representation OR datetime_field_overflow THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN ARRAY[SQLERRM, coalesce(nullif(hint, ''), 'Correct the period.'), SQLSTATE];
END $$;
COMMENT ON FUNCTION stp_internal.period_fault(text) IS
    'Why a text is no stp.period: message, hint and SQLSTATE; NULL: it is one.';

-- Called when something is wrong: then all that is wrong is looked for.
CREATE FUNCTION stp_internal.refuse_reports(indicators text[], organisations text[], periods text[], numerators text[],
                                            denominators text[], reported_values text[]) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT array_agg(f.fault[1] ORDER BY u.number, f.place) AS faults,
           array_agg(format('Row of stp.observation_text (indicator, organisation, period): (%s, %s, %s)', u.indicator,
                            u.organisation, u.period) ORDER BY u.number, f.place) AS places,
           -- One symbol is enough to show how it is done.
           (array_agg(f.fault[2] ORDER BY u.number, f.place) FILTER (WHERE f.place = 0))
               || (array_agg(f.fault[2] ORDER BY u.number, f.place) FILTER (WHERE f.place > 0))[1:1] AS hints,
           (array_agg(f.fault[3] ORDER BY u.number, f.place))[1] AS state
      INTO bad
      FROM unnest(indicators, organisations, periods, numerators, denominators, reported_values)
           WITH ORDINALITY u (indicator, organisation, period, numerator, denominator, value, number)
     CROSS JOIN LATERAL (
           SELECT 0 AS place, stp_internal.period_fault(u.period) AS fault
           UNION ALL
           SELECT c.place, ARRAY[format('neither a number nor a known symbol: "%s"', left(c.cell, 60)),
                                 format('Correct it, or say what it means (suppressed, not applicable, not reported or zero): '
                                        'INSERT INTO stp.report_symbol (symbol, means) VALUES (%L, ''not reported'').',
                                        left(c.text, 60)),
                                 '22023']
             FROM (SELECT v.place, v.cell, stp_internal.cell_text(v.cell) AS text
                     FROM (VALUES (1, u.numerator), (2, u.denominator), (3, u.value)) v (place, cell)) c
            WHERE stp_internal.cell_number(NULL, c.text) IS NULL
              AND NOT EXISTS (SELECT FROM stp.report_symbol s WHERE s.symbol = c.text)) f
     WHERE f.fault IS NOT NULL;
    PERFORM stp_internal.refuse_faults(bad.faults, bad.places, bad.hints, bad.state);
    RETURN true;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_reports(text[], text[], text[], text[], text[], text[]) IS
    'Error 22023 (22P02 or 22008 for a period): all cells of rows of stp.observation_text, given column by column, that cannot '
    'be read.';

-- With the rights of who loads. What does not fit the indicator, a number beside a symbol among it, is refused by the table;
-- and so is a row of an unknown code that would otherwise be left out. Planned for the rows that there are: of a generic plan's
-- ten, each cell would be looked up by itself.
CREATE FUNCTION stp_internal.load_reports(indicators text[], organisations text[], periods text[], numerators text[],
                                          denominators text[], reported_values text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT p.period FROM unnest(periods) p (period)) d
                WHERE stp_internal.readable_period(d.period) IS NULL AND d.period IS NOT NULL) THEN
        PERFORM stp_internal.refuse_reports(indicators, organisations, periods, numerators, denominators, reported_values);
    END IF;
    INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value, status)
    SELECT r.indicator, r.organisation, r.period, r.numerator,
           CASE WHEN r.said IN ('a number', 'suppressed') THEN r.denominator END, r.value,
           CASE WHEN r.said IN ('suppressed', 'not applicable') THEN r.said END
      FROM (SELECT coalesce(i.indicator, f.indicator) AS indicator, coalesce(o.organisation, f.organisation) AS organisation,
                   f.period::stp.period AS period, x.numerator, x.denominator, x.value,
                   -- The cell that the indicator needs has the word; the other one, if that says nothing.
                   CASE WHEN i.denominator = 'none' THEN coalesce(nullif(says.value, 'not reported'), says.numerator)
                        ELSE coalesce(nullif(says.numerator, 'not reported'), says.value) END AS said,
                   i.indicator IS NOT NULL AND o.organisation IS NOT NULL AS is_known,
                   CASE WHEN says.numerator IS NULL OR says.denominator IS NULL OR says.value IS NULL
                        THEN stp_internal.refuse_reports(indicators, organisations, periods, numerators, denominators,
                                                         reported_values) END AS refused
              FROM (SELECT u.*, stp_internal.cell_text(u.numerator) AS n, stp_internal.cell_text(u.denominator) AS d,
                           stp_internal.cell_text(u.value) AS v
                      FROM unnest(load_reports.indicators, load_reports.organisations, load_reports.periods,
                                  load_reports.numerators, load_reports.denominators, load_reports.reported_values)
                           u (indicator, organisation, period, numerator, denominator, value)) f
              LEFT JOIN stp_internal.report_symbol_in_force n ON n.symbol = f.n
              LEFT JOIN stp_internal.report_symbol_in_force d ON d.symbol = f.d
              LEFT JOIN stp_internal.report_symbol_in_force v ON v.symbol = f.v
             CROSS JOIN LATERAL (SELECT stp_internal.cell_number(n.means, f.n) AS numerator,
                                        stp_internal.cell_number(d.means, f.d) AS denominator,
                                        stp_internal.cell_number(v.means, f.v) AS value OFFSET 0) x
             CROSS JOIN LATERAL (SELECT CASE WHEN x.numerator IS NULL THEN n.means ELSE 'a number' END AS numerator,
                                        CASE WHEN x.denominator IS NULL THEN d.means ELSE 'a number' END AS denominator,
                                        CASE WHEN x.value IS NULL THEN v.means ELSE 'a number' END AS value) says
              LEFT JOIN stp.indicator i ON i.indicator = stp_internal.tidy_code(f.indicator)
              LEFT JOIN stp.organisation o ON upper(o.organisation COLLATE "C") = stp_internal.ods_code(f.organisation)
            -- Every row is read as it stands, also one that is then left out.
            OFFSET 0) r
     WHERE r.refused IS NULL AND NOT (r.said = 'not reported' AND r.is_known);
END $$;
COMMENT ON FUNCTION stp_internal.load_reports(text[], text[], text[], text[], text[], text[]) IS
    'Write rows of stp.observation_text, given column by column, to stp.observation.';

CREATE FUNCTION stp_internal.gather_report() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'stp_gather_report';
COMMENT ON FUNCTION stp_internal.gather_report() IS
    'Trigger: rows that are written to stp.observation_text wait for each other, up to 10,000.';
CREATE FUNCTION stp_internal.write_reports() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'stp_write_reports';
COMMENT ON FUNCTION stp_internal.write_reports() IS
    'Trigger: rows of stp.observation_text that wait are written when their statement ends.';
CREATE TRIGGER gather INSTEAD OF INSERT ON stp.observation_text FOR EACH ROW EXECUTE FUNCTION stp_internal.gather_report();
CREATE TRIGGER write AFTER INSERT ON stp.observation_text FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.write_reports();

SELECT pg_catalog.pg_extension_config_dump('stp.report_symbol', 'WHERE NOT builtin');
GRANT SELECT ON stp.report_symbol, stp_internal.report_symbol_in_force, stp.observation_text TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.report_symbol TO @extowner@ WITH GRANT OPTION;
GRANT SELECT, INSERT ON stp.observation_text TO @extowner@ WITH GRANT OPTION;

--------------------------------------------------------------------------------------------------------------
-- Indicators that ship: those of which England's trusts publish figures in 2026, in the structure of the 2017 STP
-- dashboard (demo/data has the figures), those that the dashboard itself and the CCG framework had, and the scores of the
-- oversight framework. Standards marked (from memory) are those of the dashboard's time.
--------------------------------------------------------------------------------------------------------------

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, standard, theme, area, denominator,
    age_from, source, builtin) VALUES
('ae_within_4_hours', 'A&E attendances admitted, transferred or discharged within 4 hours', '%', 'proportion', 'higher', 100, 95,
    'Hospital performance', 'Emergency care', 'reports', NULL,
    'NHS England A&E return. Standard: 95% of the NHS Constitution (from memory).', true),
('handover_within_30_minutes', 'Ambulance handovers within 30 minutes', '%', 'proportion', 'higher', 100, NULL,
    'Hospital performance', 'Emergency care', 'reports', NULL, 'NHS England urgent and emergency care reports.', true),
('within_18_weeks', 'Waiting list within 18 weeks of referral', '%', 'proportion', 'higher', 100, 92, 'Hospital performance',
    'Elective care', 'reports', NULL, 'NHS England referral to treatment return. Standard: 92% of the NHS Constitution (from '
    'memory).', true),
('diagnostics_within_6_weeks', 'Diagnostic tests waited for less than 6 weeks', '%', 'proportion', 'higher', 100, NULL,
    'Hospital performance', 'Elective care', 'reports', NULL, 'NHS England diagnostics return.', true),
('deaths_against_expected', 'Deaths observed against expected', 'ratio', 'ratio', 'lower', 1, NULL, 'Hospital performance',
    'Safety', 'reports', NULL, 'Summary hospital-level mortality indicator; observed over expected.', true),
('cdiff_against_threshold', 'C. difficile infections against threshold', 'ratio', 'mean', 'lower', 1, NULL,
    'Hospital performance', 'Safety', 'none', NULL,
    'Published as a ratio without its counts: the figure of a system is the mean of its trusts'' ratios, weighted by share.',
    true),
('ecoli_against_threshold', 'E. coli infections against threshold', 'ratio', 'mean', 'lower', 1, NULL, 'Hospital performance',
    'Safety', 'none', NULL, 'Published as a ratio without its counts: the figure of a system is the mean of its trusts'' ratios, '
    'weighted by share.', true),
('mrsa_cases', 'MRSA bloodstream infections', 'cases', 'mean', 'lower', 1, NULL, 'Hospital performance', 'Safety', 'none', NULL,
    'Published as a count without the bed days of its own period, so that no rate can be formed; the figure of a system is cases '
    'per trust. Not scored in stp-2026.', true),
('cancer_62_days', 'Cancer treatment within 62 days of referral', '%', 'proportion', 'higher', 100, 85, 'Patient-focused change',
    'Cancer', 'reports', NULL, 'NHS England cancer waiting times. Standard: 85% (from memory).', true),
('cancer_28_days', 'Cancer diagnosed or ruled out within 28 days', '%', 'proportion', 'higher', 100, NULL,
    'Patient-focused change', 'Cancer', 'reports', NULL, 'NHS England cancer waiting times.', true),
('friends_and_family_positive', 'Friends and family test: inpatients with a positive experience', '%', 'proportion', 'higher',
    100, NULL, 'Patient-focused change', 'Cancer', 'reports', NULL,
    'NHS England friends and family test; stands in for the experience of cancer patients, which is published yearly.', true),
('emergency_admissions', 'Emergency admissions per 1,000 people aged 16 and over', 'per 1,000 people', 'rate', 'lower', 1000,
    NULL, 'Patient-focused change', 'Prevention', 'population', 16,
    'Numerator: NHS England A&E return, all ages. Denominator: GP-registered population aged 16 and over, the one published for '
    'every system.', true),
('emergency_admissions_all_ages', 'Emergency admissions per 100,000 people', 'per 100,000 people', 'rate', 'lower', 100000, NULL,
    'Patient-focused change', 'Prevention', 'population', NULL,
    'Numerator: patient spells (stp.spell_observation). Denominator: population of all ages. The denominator of the 2017 '
    'dashboard is not confirmed.', true),
('delayed_bed_days', 'Delayed bed days as a share of occupied bed days', '%', 'proportion', 'lower', 100, NULL,
    'Patient-focused change', 'Prevention', 'reports', NULL,
    'NHS England discharge delays: days between the discharge ready date and discharge, over general and acute beds occupied x '
    'days.', true),
('discharged_on_ready_date', 'Discharged on the day they were ready', '%', 'proportion', 'higher', 100, NULL,
    'Patient-focused change', 'Prevention', 'reports', NULL, 'NHS England discharge delays.', true),
('delayed_transfers_of_bed_days', 'Delayed transfer days as a share of occupied bed days', '%', 'rate', 'lower', 100, 3.5,
    'Patient-focused change', 'Prevention', 'reports', NULL,
    'NHS England delayed transfers of care, over the occupied bed days of the KH03 return. Standard: 3.5% of the mandate for '
    'September 2017.', true),
('well_led', 'CQC rating of leadership', '1 best - 4 worst', 'judgement', 'lower', 1, NULL, 'Transformation', 'Leadership',
    'none', NULL, 'Care Quality Commission, well-led: 1 outstanding to 4 inadequate. The figure of a system is the mean weighted '
    'by share.', true),
('staff_engagement', 'Staff engagement', 'score 0-10', 'mean', 'higher', 1, NULL, 'Transformation', 'Leadership', 'none', NULL,
    'NHS staff survey. The figure of a system is the mean weighted by share.', true),
('raising_concerns', 'Staff confident in raising concerns', 'score 0-10', 'mean', 'higher', 1, NULL, 'Transformation',
    'Leadership', 'none', NULL, 'NHS staff survey. The figure of a system is the mean weighted by share.', true),
('sickness_absence', 'Sickness absence of staff', '%', 'mean', 'lower', 1, NULL, 'Transformation', 'Leadership', 'none', NULL,
    'NHS oversight framework. The figure of a system is the mean weighted by share. Not scored in stp-2026.', true),
('variance_to_plan_pct', 'Surplus against plan, year to date, of turnover', '%', 'mean', 'higher', 1, NULL, 'Transformation',
    'Finance', 'none', NULL, 'NHS oversight framework OF0081. The figure of a system is the mean weighted by share, not by '
    'turnover.', true),
('control_total_variance_pct', 'Surplus against plan, year to date, of turnover, in pounds', '%', 'mean', 'higher', 100, NULL,
    'Transformation', 'Finance', 'reports', NULL,
    'From stp.financial_position, providers only: sum of variances over sum of turnovers. Not scored in stp-2026.', true),
('system_variance_pct', 'Surplus against plan, year to date, of allocation', '%', 'mean', 'higher', 100, NULL, 'Transformation',
    'Finance', 'reports', NULL, 'From stp.financial_position: variances of providers and commissioners over the allocations of '
    'the commissioners. Not scored in stp-2026.', true),
('planned_surplus_pct', 'Planned surplus of turnover', '%', 'mean', 'higher', 1, NULL, 'Transformation', 'Finance', 'none', NULL,
    'NHS oversight framework OF0079. The figure of a system is the mean weighted by share, not by turnover.', true),
('implied_productivity', 'Implied productivity growth', '%', 'mean', 'higher', 1, NULL, 'Transformation', 'Finance', 'none',
    NULL, 'NHS oversight framework. The figure of a system is the mean weighted by share.', true),
('special_measures', 'Providers in special measures for quality', '%', 'proportion', 'lower', 100, 0, 'Hospital performance',
    'Safety', 'reports', NULL, 'Numerator 1 for a provider in special measures, denominator 1 for each. One of the 17 of the '
    '2017 STP dashboard: the area is published, the wording from memory.', true),
('mrsa_rate', 'MRSA bloodstream infections per 100,000 bed days', 'per 100,000 bed days', 'rate', 'lower', 100000, 0,
    'Hospital performance', 'Safety', 'reports', NULL,
    'One of the 17 of the 2017 STP dashboard: the area is published, the wording from memory. Standard: none at all (from '
    'memory).', true),
('cdiff_rate', 'C. difficile infections per 100,000 bed days', 'per 100,000 bed days', 'rate', 'lower', 100000, NULL,
    'Hospital performance', 'Safety', 'reports', NULL,
    'One of the 17 of the 2017 STP dashboard: the area is published, the wording from memory.', true),
('gp_extended_access', 'Patients with extended access to a GP, evenings and weekends', '%', 'proportion', 'higher', 100, NULL,
    'Patient-focused change', 'General practice', 'reports', NULL,
    'Of the registered population. Named in reports on the 2017 STP dashboard; the wording is from memory.', true),
('gp_opening_times', 'Patients satisfied with GP opening times', '%', 'proportion', 'higher', 100, NULL,
    'Patient-focused change', 'General practice', 'reports', NULL,
    'GP Patient Survey. One of the 17 of the 2017 STP dashboard: the area is published, the wording from memory.', true),
('iapt_recovery', 'Psychological therapies: patients who recover', '%', 'proportion', 'higher', 100, 50,
    'Patient-focused change', 'Mental health', 'reports', NULL,
    'One of the 17 of the 2017 STP dashboard: the area is published, the wording from memory. Standard: 50% (from memory).',
    true),
('psychosis_2_weeks', 'First episode of psychosis: treatment within 2 weeks', '%', 'proportion', 'higher', 100, 50,
    'Patient-focused change', 'Mental health', 'reports', NULL,
    'One of the 17 of the 2017 STP dashboard: the area is published, the wording from memory. Standard: 50% (from memory).',
    true),
('cancer_experience', 'Cancer patient experience', 'score 0-10', 'mean', 'higher', 1, NULL, 'Patient-focused change', 'Cancer',
    'none', NULL, 'National cancer patient experience survey, overall score. One of the 17 of the 2017 STP dashboard: the area '
    'is published, the wording from memory.', true),
('cancer_early_stage', 'Cancers diagnosed at stage 1 or 2', '%', 'proportion', 'higher', 100, NULL, 'Patient-focused change',
    'Cancer', 'reports', NULL, 'One of the 17 of the 2017 STP dashboard: the area is published, the wording from memory.', true),
('delayed_transfers', 'Mean number delayed per day per 100,000 adults', 'per 100,000 adults', 'rate', 'lower', 100000, NULL,
    'Patient-focused change', 'Prevention', 'population', 18,
    'NHS England delayed transfers of care: delayed days / days in the month (DTOC beds), or the same from spells. Published '
    'until February 2020.', true),
('emergency_bed_days', 'Emergency bed days per 1,000 people', 'per 1,000 people', 'rate', 'lower', 1000, NULL,
    'Patient-focused change', 'Prevention', 'population', NULL,
    'Numerator: patient spells, each midnight in a bed after an emergency admission (stp.spell_observation). Denominator: '
    'population of all ages. The denominator of the 2017 dashboard is not confirmed.', true),
('ae_attendances', 'A&E attendances per 1,000 people', 'per 1,000 people', 'rate', 'neutral', 1000, NULL, NULL, NULL,
    'population', NULL, 'NHS England A&E return.', true),
('ae_emergency_admissions', 'Emergency admissions of the A&E return per 100,000 people', 'per 100,000 people', 'rate', 'lower',
    100000, NULL, NULL, NULL, 'population', NULL, 'NHS England A&E return, over the population of all ages.', true),
('admissions', 'Admissions per 100,000 people', 'per 100,000 people', 'rate', 'neutral', 100000, NULL, NULL, NULL, 'population',
    NULL, 'Patient spells, by month of admission.', true),
('admission_method_unknown', 'Admissions of which it is not known whether they were emergencies', '%', 'proportion', 'lower',
    100, NULL, NULL, NULL, 'reports', NULL, 'Patient spells. They are in no figure of emergency admissions.', true),
('emergency_admissions_65', 'Emergency admissions aged 65 and over per 100,000 people of that age',
    'per 100,000 people aged 65 and over', 'rate', 'lower', 100000, NULL, NULL, NULL, 'population', 65,
    'Patient spells; those of unknown age are not among them.', true),
('emergency_age_unknown', 'Emergency admissions of unknown age', '%', 'proportion', 'lower', 100, NULL, NULL, NULL, 'reports',
    NULL, 'Patient spells. They are in no group of age.', true),
('emergency_zero_day', 'Emergency admissions that ended on the day they began', '%', 'proportion', 'neutral', 100, NULL, NULL,
    NULL, 'reports', NULL, 'Patient spells, of those that have ended.', true),
('mean_emergency_stay', 'Mean stay of emergency admissions', 'nights', 'mean', 'lower', 1, NULL, NULL, NULL, 'reports', NULL,
    'Patient spells, by month of discharge.', true),
('bed_days', 'Bed days per 1,000 people', 'per 1,000 people', 'rate', 'neutral', 1000, NULL, NULL, NULL, 'population', NULL,
    'Patient spells: each midnight in a bed.', true),
('delayed_patients', 'Patients delayed on the last Thursday of the month per 100,000 adults', 'per 100,000 adults', 'rate',
    'lower', 100000, NULL, NULL, NULL, 'population', 18,
    'NHS England delayed transfers of care. Published until March 2017.', true),
('delayed_transfers_of_residents', 'Mean number delayed per day per 100,000 adults, by local authority', 'per 100,000 adults',
    'rate', 'lower', 100000, NULL, NULL, NULL, 'population', 18,
    'delayed_transfers, counted where the local authority responsible for the patient belongs, which reports it.', true),
('mean_discharge_delay', 'Mean delay from ready date to discharge', 'days', 'mean', 'lower', 1, NULL, NULL, NULL, 'reports',
    NULL, 'NHS England discharge delays, those without delay included.', true),
('mean_discharge_delay_if_delayed', 'Mean delay from ready date to discharge, of those delayed', 'days', 'mean', 'lower', 1,
    NULL, NULL, NULL, 'reports', NULL, 'NHS England discharge delays, those without delay excluded. Published as 0 where nobody '
    'was delayed; here: zero denominator.', true),
('delayed_1_day', 'Discharged 1 day after they were ready', '%', 'proportion', 'lower', 100, NULL, NULL, NULL, 'reports', NULL,
    'NHS England discharge delays.', true),
('delayed_2_3_days', 'Discharged 2 or 3 days after they were ready', '%', 'proportion', 'lower', 100, NULL, NULL, NULL,
    'reports', NULL, 'NHS England discharge delays.', true),
('delayed_4_6_days', 'Discharged 4 to 6 days after they were ready', '%', 'proportion', 'lower', 100, NULL, NULL, NULL,
    'reports', NULL, 'NHS England discharge delays.', true),
('delayed_7_13_days', 'Discharged 7 to 13 days after they were ready', '%', 'proportion', 'lower', 100, NULL, NULL, NULL,
    'reports', NULL, 'NHS England discharge delays.', true),
('delayed_14_20_days', 'Discharged 14 to 20 days after they were ready', '%', 'proportion', 'lower', 100, NULL, NULL, NULL,
    'reports', NULL, 'NHS England discharge delays.', true),
('delayed_21_days_or_more', 'Discharged 21 days after they were ready, or later', '%', 'proportion', 'lower', 100, NULL, NULL,
    NULL, 'reports', NULL, 'NHS England discharge delays.', true),
('system_leadership', 'System-wide leadership', '0 worst - 3 best', 'judgement', 'higher', 1, NULL, 'Transformation',
    'Leadership', 'none', NULL, 'A judgement of NHS England in four levels: 0 early, 1 developing, 2 established, 3 advanced in '
    '2017; 0 red, 1 amber, 2 green, 3 green star in the CCG framework. That there are four levels is published, two of the '
    'labels of 2017 too; the rest is from memory.', true),
('system_finance_pct', 'Surplus or deficit of the system, of the resource available', '%', 'mean', 'higher', 100, 0,
    'Transformation', 'Finance', 'reports', NULL,
    '2016/17 surplus or deficit of all trusts and CCGs of the area over the total resource available (published; whether that is '
    'the control total is ambiguous). Numerator: the money, surplus positive. Denominator: the resource.', true),
('net_position_pct', 'Surplus or deficit of providers, of their income', '%', 'mean', 'higher', 100, 0, 'Transformation',
    'Finance', 'reports', NULL, 'Net position of the year to date over operating income (turnover), providers alone. '
    'No control total: the plan has no part in it.', true),
('stp_rating', 'Overall rating in the STP progress dashboard', '1 best - 4 worst', 'judgement', 'lower', 1, NULL, NULL, NULL,
    'none', NULL, 'NHS England, 21 July 2017: 1 outstanding, 2 advanced, 3 making progress, 4 needs most improvement. To be '
    'compared with: no scheme rests on it.', true),
('ccg_finance', 'CCG in-year financial performance', '0 red - 2 green', 'judgement', 'higher', 1, NULL, 'Transformation',
    'Finance', 'none', NULL, 'CCG improvement and assessment framework: 0 red, 1 amber, 2 green (from memory).', true),
('nof_average_score', 'Oversight framework score: average of all metrics', 'score 1-4', 'mean', 'lower', 1, NULL, NULL, NULL,
    'none', NULL, 'NHS oversight framework league table: 1.00 best to 4.00 worst. The average of all metric scores, published to '
    'two decimals. The figure of a system is the mean weighted by share.', true),
('nof_access_score', 'Oversight framework score: access to services', 'score 1-4', 'mean', 'lower', 1, NULL, NULL, NULL, 'none',
    NULL, 'NHS oversight framework league table: 1.00 best to 4.00 worst. The figure of a system is the mean weighted by share.',
    true),
('nof_effectiveness_score', 'Oversight framework score: effectiveness and experience of care', 'score 1-4', 'mean', 'lower', 1,
    NULL, NULL, NULL, 'none', NULL, 'NHS oversight framework league table: 1.00 best to 4.00 worst. The figure of a system is '
    'the mean weighted by share.', true),
('nof_safety_score', 'Oversight framework score: patient safety', 'score 1-4', 'mean', 'lower', 1, NULL, NULL, NULL, 'none',
    NULL, 'NHS oversight framework league table: 1.00 best to 4.00 worst. The figure of a system is the mean weighted by share.',
    true),
('nof_people_score', 'Oversight framework score: people and workforce', 'score 1-4', 'mean', 'lower', 1, NULL, NULL, NULL,
    'none', NULL, 'NHS oversight framework league table: 1.00 best to 4.00 worst. The figure of a system is the mean weighted by '
    'share.', true),
('nof_finance_score', 'Oversight framework score: finance and productivity', 'score 1-4', 'mean', 'lower', 1, NULL, NULL, NULL,
    'none', NULL, 'NHS oversight framework league table: 1.00 best to 4.00 worst. The figure of a system is the mean weighted by '
    'share.', true),
('nof_deficit', 'Financial deficit, or support for one', '0 no - 1 yes', 'judgement', 'lower', 1, NULL, NULL, NULL, 'none', NULL,
    'NHS oversight framework: 1 for an organisation that reports a deficit or receives deficit support funding.', true);

-- Domains of indices of deprivation: scores of small areas as published, each on a scale of its own.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, source, builtin)
SELECT 'wimd_' || d.code, 'Welsh Index of Multiple Deprivation: ' || d.name, 'score', 'mean', 'lower', 'none',
       'Welsh Government, Welsh Index of Multiple Deprivation: score of the domain, higher is more deprived.', true
  FROM (VALUES ('income', 'income'), ('employment', 'employment'), ('health', 'health'), ('education', 'education'),
               ('access', 'access to services'), ('housing', 'housing'), ('environment', 'physical environment'),
               ('crime', 'community safety')) d (code, name)
UNION ALL
SELECT 'iod_' || d.code, 'English Indices of Deprivation: ' || d.name, 'score', 'mean', 'lower', 'none',
       'Ministry of Housing, Communities and Local Government, English Indices of Deprivation: score of the domain, higher is '
       'more deprived.', true
  FROM (VALUES ('income', 'income'), ('employment', 'employment'), ('education', 'education, skills and training'),
               ('health', 'health deprivation and disability'), ('crime', 'crime'),
               ('barriers', 'barriers to housing and services'), ('environment', 'living environment')) d (code, name);

INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, source, builtin)
SELECT 'hdi_' || d.code, d.name, d.unit_of_measure, 'mean', 'higher', 'none',
       'United Nations Development Programme, Human Development Report, technical notes: human development index.', true
  FROM (VALUES ('life_expectancy', 'Life expectancy at birth', 'years'),
               ('expected_schooling', 'Expected years of schooling', 'years'),
               ('mean_schooling', 'Mean years of schooling', 'years'),
               ('income', 'Gross national income per head', 'dollars of 2017 at purchasing power'))
               d (code, name, unit_of_measure);

-- Measures of American hospitals. They say which group they are in where a scheme has them.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, source, builtin)
SELECT m.code, 'Hospitals of the United States: ' || m.name, 'as published', 'mean', m.better, 'none',
       'Centers for Medicare and Medicaid Services, Overall Hospital Quality Star Rating, April 2021: measures.', true
  FROM (VALUES
               ('cms_mort_30_ami', 'Deaths within 30 days: heart attack', 'lower'),
               ('cms_mort_30_cabg', 'Deaths within 30 days: coronary bypass', 'lower'),
               ('cms_mort_30_copd', 'Deaths within 30 days: COPD', 'lower'),
               ('cms_mort_30_hf', 'Deaths within 30 days: heart failure', 'lower'),
               ('cms_mort_30_pn', 'Deaths within 30 days: pneumonia', 'lower'),
               ('cms_mort_30_stk', 'Deaths within 30 days: stroke', 'lower'),
               ('cms_psi_04', 'Deaths among surgical inpatients with treatable complications', 'lower'),
               ('cms_comp_hip_knee', 'Complications of hip and knee replacement', 'lower'),
               ('cms_hai_1', 'Central-line bloodstream infections', 'lower'),
               ('cms_hai_2', 'Catheter-associated urinary tract infections', 'lower'),
               ('cms_hai_3', 'Surgical site infections, colon', 'lower'),
               ('cms_hai_4', 'Surgical site infections, hysterectomy', 'lower'),
               ('cms_hai_5', 'MRSA bloodstream infections', 'lower'),
               ('cms_hai_6', 'Clostridium difficile infections', 'lower'),
               ('cms_psi_90', 'Patient safety and adverse events, composite', 'lower'),
               ('cms_edac_30_ami', 'Heart attack: excess days in acute care', 'lower'),
               ('cms_edac_30_hf', 'Heart failure: excess days in acute care', 'lower'),
               ('cms_edac_30_pn', 'Pneumonia: excess days in acute care', 'lower'),
               ('cms_op_32', 'Hospital visits within 7 days of outpatient colonoscopy', 'lower'),
               ('cms_op_35_adm', 'Outpatient chemotherapy: admissions', 'lower'),
               ('cms_op_35_ed', 'Outpatient chemotherapy: emergency visits', 'lower'),
               ('cms_op_36', 'Hospital visits after outpatient surgery', 'lower'),
               ('cms_readm_30_cabg', 'Readmissions: coronary bypass', 'lower'),
               ('cms_readm_30_copd', 'Readmissions: COPD', 'lower'),
               ('cms_readm_30_hip_knee', 'Readmissions: hip and knee replacement', 'lower'),
               ('cms_readm_30_hosp_wide', 'Readmissions: all', 'lower'),
               ('cms_h_comp_1', 'Communication with nurses', 'higher'),
               ('cms_h_comp_2', 'Communication with doctors', 'higher'),
               ('cms_h_comp_3', 'Responsiveness of staff', 'higher'),
               ('cms_h_comp_5', 'Communication about medicines', 'higher'),
               ('cms_h_comp_6', 'Discharge information', 'higher'),
               ('cms_h_comp_7', 'Care transition', 'higher'),
               ('cms_h_glob', 'Rating of the hospital and willingness to recommend', 'higher'),
               ('cms_h_indi', 'Cleanliness and quietness', 'higher'),
               ('cms_ed_2b', 'Minutes in the emergency department after the decision to admit', 'lower'),
               ('cms_imm_3', 'Staff vaccinated against influenza', 'higher'),
               ('cms_op_10', 'Abdominal CT scans that were double', 'lower'),
               ('cms_op_13', 'Cardiac imaging before low-risk outpatient surgery', 'lower'),
               ('cms_op_18b', 'Minutes in the emergency department of those who are sent home', 'lower'),
               ('cms_op_2', 'Chest pain: drugs to break up clots within 30 minutes of arrival', 'higher'),
               ('cms_op_22', 'Left the emergency department before being seen', 'lower'),
               ('cms_op_23', 'Stroke: brain scan results within 45 minutes', 'higher'),
               ('cms_op_29', 'Follow-up interval after a normal colonoscopy', 'higher'),
               ('cms_op_30', 'Colonoscopy interval with a history of polyps', 'higher'),
               ('cms_op_33', 'Radiotherapy for bone metastases', 'higher'),
               ('cms_op_3b', 'Chest pain: minutes to transfer for specialised care', 'lower'),
               ('cms_op_8', 'Low back pain: MRI before recommended treatments', 'lower'),
               ('cms_pc_01', 'Deliveries scheduled too early', 'lower'),
               ('cms_sep_1', 'Appropriate care for severe sepsis and septic shock', 'higher')) m (code, name, better);

-- Levels that governments give their health boards. Who has none is at none: nobody's is expected.
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, expected_within, source, builtin)
SELECT 'wales_level_' || d.code, 'NHS Wales escalation: ' || d.name, '1 best - 5 worst', 'judgement', 'lower', 'none', 0,
       'Welsh Government, NHS Wales oversight and escalation framework: 1 routine arrangements, 2 area of concern, 3 enhanced '
       'monitoring, 4 targeted intervention, 5 special measures. ' || d.note, true
  FROM (VALUES
    ('organisation', 'the organisation as a whole', 'Special measures of a whole board; of most bodies none is given.'),
    ('governance', 'governance', 'A domain of the framework.'),
    ('leadership', 'leadership, capability and culture', 'A domain of the framework.'),
    ('performance', 'performance and outcomes', 'A domain of the framework: a level that is given of no service below.'),
    ('urgent_care', 'urgent and emergency care', 'Of the domain performance and outcomes.'),
    ('planned_care', 'planned care', 'Of the domain performance and outcomes.'),
    ('cancer', 'cancer', 'Of the domain performance and outcomes.'),
    ('child_mental_health', 'child and adolescent mental health', 'Of the domain performance and outcomes.'),
    ('finance', 'finance, strategy and planning', 'A domain of the framework.'),
    ('quality', 'quality of care', 'A domain of the framework.'),
    ('fragile_services', 'fragile services', 'A domain of the framework.')) d (code, name, note)
UNION ALL
SELECT 'scotland_stage_' || d.code, 'NHS Scotland support: ' || d.name, '1 best - 5 worst', 'judgement', 'lower', 'none', 0,
       'Scottish Government, NHS Scotland support and intervention framework: 1 steady state, 2 enhanced monitoring, 3 enhanced '
       'monitoring and support, 4 senior external support and monitoring, 5 statutory powers (its name from memory). ' || d.note,
       true
  FROM (VALUES
    ('organisation', 'the board as a whole', 'A stage that is given of no reason below.'),
    ('finance', 'financial position and management', 'A reason for escalation.'),
    ('performance', 'operational delivery and performance', 'A reason for escalation.'),
    ('governance', 'governance, leadership and culture', 'A reason for escalation.'),
    ('quality', 'quality and safety', 'A reason for escalation.')) d (code, name, note);

-- Their numerators are people on a day, not in a month.
UPDATE stp.indicator SET over_time = 'average'
 WHERE indicator = ANY (ARRAY['delayed_transfers', 'delayed_transfers_of_residents', 'delayed_patients']);

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.indicator
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('indicator', 'Insert a copy under a code of your own and use that.');

SELECT pg_catalog.pg_extension_config_dump('stp.system', '');
SELECT pg_catalog.pg_extension_config_dump('stp.organisation', '');
SELECT pg_catalog.pg_extension_config_dump('stp.membership', '');
SELECT pg_catalog.pg_extension_config_dump('stp.population', '');
SELECT pg_catalog.pg_extension_config_dump('stp.indicator', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.observation', '');
SELECT pg_catalog.pg_extension_config_dump('stp.expected_report', '');

-- Who belongs where is public; what was reported is not until its owner says so. The views run with the rights
-- of the reader, so that they give nothing away.
GRANT SELECT ON stp.system, stp.organisation, stp.membership, stp.population, stp.indicator, stp.expected_report TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE
    ON stp.system, stp.organisation, stp.membership, stp.population, stp.indicator, stp.observation, stp.expected_report
    TO @extowner@ WITH GRANT OPTION;

-- Tables of whoever installed it may refer to organisations, as ours do.
GRANT REFERENCES ON stp.organisation TO @extowner@ WITH GRANT OPTION;
