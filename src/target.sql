-- Module target: what is asked of one unit, where that is not the standard of the indicator: a number, a number from a day on,
-- or an improvement over what the unit itself was.

CREATE TABLE stp.target
(
    indicator      text NOT NULL REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    unit           text NOT NULL DEFAULT '',
    period         stp.period NOT NULL,
    valid_to       date,
    value          float8,
    baseline       stp.period,
    improvement    float8,
    improvement_in text,
    no_worse_than  float8,
    source         text NOT NULL,
    PRIMARY KEY (indicator, unit, period)
);
CREATE INDEX target_unit ON stp.target (unit);
COMMENT ON TABLE stp.target IS
    'Targets of one''s own, in the place of stp.indicator.standard: of one unit, or of all that have no row of their own. A row '
    'has a value, or a rule: the unit''s own value in the baseline, bettered by the improvement.';
COMMENT ON COLUMN stp.target.unit IS
    'The nation, region, system, place or organisation; empty: every one of whose own no row holds.';
COMMENT ON COLUMN stp.target.period IS
    'From its first day on the row holds, until the next one of the same indicator and unit begins. A figure is measured by the '
    'row of the last day of its own period.';
COMMENT ON COLUMN stp.target.valid_to IS
    'Last day on which the row holds, if no other begins before: from then on the unit has again what all have, and all the '
    'standard. NULL: it goes on.';
COMMENT ON COLUMN stp.target.value IS 'The target, in the unit of the indicator; NULL: there is a rule.';
COMMENT ON COLUMN stp.target.baseline IS
    'The period whose value is to be bettered; where nobody has reported for it as a whole, from the reports within.';
COMMENT ON COLUMN stp.target.improvement IS 'How much better it is to be than the baseline, at or above 0.';
COMMENT ON COLUMN stp.target.improvement_in IS
    'points: in the unit of the indicator. per cent: of the baseline. 60% bettered by 7 points is 67%, by 7 per cent 64.2%.';
COMMENT ON COLUMN stp.target.no_worse_than IS
    'What the target is in any case: where higher is better at least this, where lower is better at most this; NULL: whatever '
    'the rule gives.';
COMMENT ON COLUMN stp.target.source IS 'Who has set it, and where that is written.';
CALL stp.keep_history('target');

--------------------------------------------------------------------------------------------------------------
-- Guards
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.possible_value(value float8, kind text, per float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE kind WHEN 'proportion' THEN least(greatest(value, 0), per)
                 WHEN 'rate' THEN greatest(value, 0) WHEN 'ratio' THEN greatest(value, 0) ELSE value END;
COMMENT ON FUNCTION stp_internal.possible_value(float8, text, float8) IS
    'The nearest value that an indicator of a kind can have: of counts none is negative, nor a proportion above the whole.';

CREATE FUNCTION stp_internal.refuse_null() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of stp.% must not be null', TG_ARGV[0], TG_TABLE_NAME
          USING ERRCODE = 'invalid_parameter_value', HINT = TG_ARGV[1];
END $$;
COMMENT ON FUNCTION stp_internal.refuse_null() IS
    'Trigger: refuses the row, SQLSTATE 22023; arguments: the column that is NULL, and the hint.';

-- A dump may bring its units later, above all if several tables are restored at once.
CREATE FUNCTION stp_internal.refuse_unknown_units(units text[], restored boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad text;
BEGIN
    SELECT u.code INTO bad FROM unnest(units) u (code)
     WHERE u.code <> ''
       AND NOT EXISTS (SELECT FROM stp.system s WHERE s.system = u.code)
       AND NOT EXISTS (SELECT FROM stp.organisation o WHERE o.organisation = u.code)
     ORDER BY u.code COLLATE "C" LIMIT 1;
    IF bad IS NULL THEN
        RETURN;
    ELSIF restored THEN
        RAISE WARNING 'unknown unit "%" in a row with a recorded_at of its own', left(bad, 60)
              USING HINT = 'In a restore it may come later. Until it does the row counts for nothing.';
    ELSE
        RAISE EXCEPTION 'unknown unit "%"', left(bad, 60)
              USING ERRCODE = 'invalid_parameter_value', HINT = coalesce(
                  (SELECT format('Write "%s".', u.code)
                     FROM (SELECT system FROM stp.system UNION SELECT organisation FROM stp.organisation) u (code)
                    WHERE upper(u.code COLLATE "C") = upper(bad COLLATE "C") LIMIT 1),
                  'Add it to stp.system or stp.organisation first, or correct the code; leave it out for all.');
    END IF;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_unknown_units(text[], boolean) IS
    'Error 22023: codes that are neither a system''s nor an organisation''s, nor empty; a warning if they are restored.';

CREATE FUNCTION stp_internal.check_target() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    either constant text := 'Give a value; or a rule: baseline, improvement and improvement_in (points or per cent), with '
        'no_worse_than where there is a limit.';
    bad    record;
BEGIN
    -- One lock with those who change units, or one could go while its target comes; or two could come that begin together.
    PERFORM stp_internal.check_alone('stp.membership'::regclass, TG_RELID::regclass);
    PERFORM stp_internal.refuse_unknown_units(array_agg(n.unit), r.is_restored)
       FROM new_rows n, stp_internal.is_restored(n.recorded_at) r (is_restored) GROUP BY r.is_restored;
    SELECT n.indicator, n.unit, n.period, fault.what, fault.hint INTO bad
      FROM new_rows n JOIN stp.indicator i ON i.indicator = n.indicator
     CROSS JOIN LATERAL (SELECT num_nonnulls(n.baseline, n.improvement, n.improvement_in, n.no_worse_than) AS given,
                                CASE WHEN n.baseline IS NULL THEN 'baseline' WHEN n.improvement IS NULL THEN 'improvement'
                                     WHEN n.improvement_in IS NULL THEN 'improvement_in' END AS open,
                                (SELECT l FROM unnest(ARRAY[n.value, n.improvement, n.no_worse_than]) l
                                  WHERE abs(l) >= 'infinity' LIMIT 1) AS odd,
                                coalesce(n.value, n.no_worse_than) AS level,
                                (SELECT t.period FROM stp.target t
                                  WHERE t.indicator = n.indicator AND t.unit = n.unit AND t.period <> n.period
                                    AND stp.first_day(t.period) = stp.first_day(n.period) LIMIT 1) AS other) r
     CROSS JOIN LATERAL (VALUES
           (1, n.value IS NULL AND r.given = 0, 'neither a value nor a rule', either),
           (2, n.value IS NOT NULL AND r.given > 0, 'a value and a rule', either),
           (3, r.given > 0 AND r.open IS NOT NULL, format('a rule without %s', r.open), either),
           (4, r.odd IS NOT NULL, format('%s is not finite', r.odd), 'Give a finite number.'),
           (5, n.improvement < 0, format('an improvement of %s', n.improvement),
            'It is at or above 0, whichever direction is better; 0: no worse than the baseline.'),
           (6, i.better = 'neutral' AND r.given > 0, 'a rule, where neither higher nor lower is better',
            'Give the indicator a direction, or the target a value.'),
           (7, stp.last_day(n.baseline) >= stp.first_day(n.period),
            format('the baseline %s ends after it begins', n.baseline), 'Give a baseline that is over by then.'),
           (8, stp_internal.possible_value(r.level, i.kind, i.per) <> r.level, format('no %s can be %s', i.kind, r.level),
            format('Give it in the unit of the indicator: %s.', i.unit_of_measure)),
           (9, stp_internal.tidy_code(n.source) = '', 'no source', 'Say who has set it, and where that is written.'),
           (10, n.valid_to NOT BETWEEN stp.first_day(n.period) AND '2200-03-31',
            format('it ends on %s', CASE WHEN isfinite(n.valid_to) THEN to_char(n.valid_to, 'YYYY-MM-DD')
                                         ELSE n.valid_to::text END),
            'Give its last day, not before it begins and by 2200-03-31; leave it out where it goes on.'),
           (11, r.other IS NOT NULL, format('another, from %s on, begins on the same day', r.other),
            'Delete one of them, or let it begin on another day.'))
           fault (place, is_there, what, hint)
     WHERE fault.is_there
     ORDER BY n.indicator COLLATE "C", n.unit COLLATE "C", n.period, fault.place LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'target "%" of % from % on: %', bad.indicator,
              CASE bad.unit WHEN '' THEN 'every unit' ELSE format('"%s"', bad.unit) END, bad.period, bad.what
              USING ERRCODE = 'invalid_parameter_value', HINT = bad.hint;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_target() IS
    'Trigger: refuses targets of units that there are not, without or with both a value and a whole rule, with numbers that '
    'cannot be, with a baseline that is not over, that end before they begin, without source, and two of a unit that begin on '
    'the same day, SQLSTATE 22023.';
CREATE TRIGGER guard_unit BEFORE INSERT OR UPDATE ON stp.target FOR EACH ROW WHEN (NEW.unit IS NULL)
    EXECUTE FUNCTION stp_internal.refuse_null('unit', 'Leave it out, or give '''' for all; or the code of one unit.');
CREATE TRIGGER guard_source BEFORE INSERT OR UPDATE ON stp.target FOR EACH ROW WHEN (NEW.source IS NULL)
    EXECUTE FUNCTION stp_internal.refuse_null('source', 'Say who has set it, and where that is written.');
CALL stp.guard_rows('target', 'guard', 'unit: code', 'improvement_in: points, per cent');
CALL stp.guard_rows('target', 'check_target');

CREATE FUNCTION stp_internal.check_targets_of_indicator() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    PERFORM stp_internal.check_alone('stp.membership'::regclass, TG_RELID::regclass);
    SELECT t.unit, t.period, l.level INTO bad
      FROM stp.target t CROSS JOIN LATERAL (SELECT coalesce(t.value, t.no_worse_than)) l (level)
     WHERE t.indicator = NEW.indicator AND stp_internal.possible_value(l.level, NEW.kind, NEW.per) <> l.level
     ORDER BY t.unit COLLATE "C", t.period LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'indicator "%" has a target that no % with per % can reach: % of % from % on', NEW.indicator, NEW.kind,
              NEW.per, bad.level, CASE bad.unit WHEN '' THEN 'every unit' ELSE format('"%s"', bad.unit) END, bad.period
              USING ERRCODE = 'restrict_violation', HINT = 'Change or delete its rows of stp.target first.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_targets_of_indicator() IS
    'Trigger: refuses a change of an indicator''s kind or per that its targets would no longer fit, SQLSTATE 23001.';
CREATE TRIGGER targets_stay_possible AFTER UPDATE ON stp.indicator
    FOR EACH ROW WHEN (NEW.kind <> OLD.kind OR NEW.per <> OLD.per) EXECUTE FUNCTION stp_internal.check_targets_of_indicator();

-- A unit is a row of one table or of the other, so that there is no foreign key; but the rule is that of one. The names come
-- before that of the trigger which locks systems: whoever takes both locks takes them in one order.
CREATE FUNCTION stp_internal.refuse_unit_in_use() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone text := to_jsonb(OLD) ->> TG_TABLE_NAME; -- NULL: all, by TRUNCATE
    bad  record;
BEGIN
    PERFORM stp_internal.check_alone('stp.membership'::regclass, TG_RELID::regclass);
    SELECT t.indicator, t.unit, t.period INTO bad
      FROM stp.target t
     WHERE t.unit <> '' AND (gone IS NULL OR t.unit = gone)
       AND NOT EXISTS (SELECT FROM stp.system s WHERE s.system = t.unit)
       AND NOT EXISTS (SELECT FROM stp.organisation o WHERE o.organisation = t.unit)
     ORDER BY t.unit COLLATE "C", t.indicator COLLATE "C", t.period LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% "%" has a target: "%" from % on', TG_TABLE_NAME, bad.unit, bad.indicator, bad.period
              USING ERRCODE = 'foreign_key_violation',
                    HINT = 'Delete its rows of stp.target, or give them its new code, in the same transaction.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_unit_in_use() IS
    'Trigger: refuses, at commit, that a system or organisation goes or gets another code while it has targets, SQLSTATE 23503.';
CREATE CONSTRAINT TRIGGER no_target_is_left AFTER DELETE OR UPDATE OF system ON stp.system
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.refuse_unit_in_use();
CREATE CONSTRAINT TRIGGER no_target_is_left AFTER DELETE OR UPDATE OF organisation ON stp.organisation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.refuse_unit_in_use();
CREATE TRIGGER no_target_is_left_truncate AFTER TRUNCATE ON stp.system
    FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.refuse_unit_in_use();
CREATE TRIGGER no_target_is_left_truncate AFTER TRUNCATE ON stp.organisation
    FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.refuse_unit_in_use();

--------------------------------------------------------------------------------------------------------------
-- What the target of each unit is, and why it has none
--------------------------------------------------------------------------------------------------------------

-- Numbers that are no figure's must not make an error of the reader.
CREATE FUNCTION stp_internal.bettered(value float8, better text, improvement float8, improvement_in text, no_worse_than float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN value IS NULL THEN NULL
                WHEN better = 'higher' THEN greatest(value + b.points, no_worse_than)
                WHEN better = 'lower' THEN least(value - b.points, no_worse_than) END
      FROM (SELECT CASE WHEN greatest(abs(value), improvement) > 1e150 THEN NULL
                        WHEN improvement_in = 'points' THEN improvement ELSE abs(value) * improvement / 100 END) b (points)
     WHERE b.points IS NOT NULL;
END;
COMMENT ON FUNCTION stp_internal.bettered(float8, text, float8, text, float8) IS
    'A value bettered as a row of stp.target says; NULL: there is none, neither higher nor lower is better, or a number is above '
    '1e150.';

-- Which row holds when, of all units at once, most of which have none of their own; then the values of the baselines, of all
-- units that have the same at once.
CREATE FUNCTION stp_internal.targets(rates text, indicator text, first_day date, last_day date)
RETURNS TABLE (unit text, valid_from date, valid_to date, target float8, set_for text, baseline stp.period, baseline_value float8,
               source text, status text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 100 -- not STRICT: a day that is NULL is no limit
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH given AS MATERIALIZED
    (
        SELECT t.unit, CASE t.unit WHEN '' THEN 'all units' ELSE 'unit' END AS set_for, t.value, t.baseline, t.improvement,
               t.improvement_in, t.no_worse_than, t.source, datemultirange(daterange(
                   stp.first_day(t.period), least(t.valid_to + 1, lead(stp.first_day(t.period)) OVER next))) AS days
          FROM stp.target t WHERE t.indicator = targets.indicator
        WINDOW next AS (PARTITION BY t.unit ORDER BY stp.first_day(t.period))
    ),
    taken AS MATERIALIZED (SELECT g.unit, range_agg(g.days) AS days FROM given g GROUP BY g.unit),
    -- What all have, and where they have nothing the standard.
    general AS MATERIALIZED
    (
        SELECT g.* FROM given g WHERE g.unit = ''
        UNION ALL
        SELECT '', 'standard', i.standard, NULL, NULL, NULL, NULL, i.source,
               datemultirange(daterange(NULL, NULL)) - coalesce((SELECT n.days FROM taken n WHERE n.unit = ''), '{}')
          FROM stp.indicator i WHERE i.indicator = targets.indicator AND i.standard IS NOT NULL
    ),
    unit AS (SELECT s.system AS unit FROM stp.system s WHERE targets.rates <> 'organisation'
             UNION ALL SELECT o.organisation FROM stp.organisation o WHERE targets.rates = 'organisation'),
    held AS MATERIALIZED
    (
        SELECT h.*, coalesce(lower(h.range), '-infinity') AS valid_from, upper(h.range) - 1 AS valid_to
          FROM (SELECT u.unit AS code, g.*, unnest(g.days) AS range FROM unit u JOIN given g ON g.unit = u.unit
                UNION ALL
                SELECT n.unit, g.*, unnest(g.days - n.days)
                  FROM taken n CROSS JOIN general g WHERE n.unit IN (SELECT u.unit FROM unit u)
                UNION ALL
                SELECT u.unit, g.* FROM unit u CROSS JOIN (SELECT g.*, unnest(g.days) FROM general g OFFSET 0) g
                 WHERE u.unit NOT IN (SELECT n.unit FROM taken n)) h
         WHERE h.range && daterange(targets.first_day, targets.last_day, '[]')
    ),
    was AS MATERIALIZED
    (
        SELECT b.baseline, b.units[v.unit] AS code, v.value, v.status
          FROM (SELECT h.baseline, array_agg(DISTINCT h.code) AS units FROM held h WHERE h.baseline IS NOT NULL GROUP BY 1) b
          JOIN stp.indicator i ON i.indicator = targets.indicator
         CROSS JOIN LATERAL (SELECT CASE WHEN stp_internal.over_time(i.over_time, i.denominator) = 'no'
                   OR EXISTS (SELECT FROM stp.observation o WHERE o.indicator = i.indicator AND o.period = b.baseline)
                   THEN 'latest' ELSE 'whole' END) t (takes)
         CROSS JOIN LATERAL stp_internal.taken_values(targets.rates, ARRAY[i.indicator], ARRAY[t.takes], ARRAY[b.baseline],
                                                      b.units, NULL) v
    )
    SELECT h.code, h.valid_from, h.valid_to, coalesce(h.value, r.target), h.set_for, h.baseline, w.value, h.source,
           CASE WHEN h.value IS NOT NULL THEN 'ok' WHEN w.value IS NULL THEN 'no baseline'
                WHEN r.target IS NOT NULL THEN w.status WHEN i.better = 'neutral' THEN 'no direction' ELSE 'out of range' END
      FROM held h
      JOIN stp.indicator i ON i.indicator = targets.indicator
      LEFT JOIN was w ON w.baseline = h.baseline AND w.code = h.code
     CROSS JOIN LATERAL (SELECT stp_internal.possible_value(stp_internal.bettered(
           w.value, i.better, h.improvement, h.improvement_in, h.no_worse_than), i.kind, i.per)) r (target);
END $$;
COMMENT ON FUNCTION stp_internal.targets(text, text, date, date) IS
    'The rows of stp.unit_target of an indicator for systems, places, regions and nations or (rates = organisation) for '
    'organisations, of the stretches that touch the days first_day to last_day; NULL: of all.';

CREATE VIEW stp.unit_target WITH (security_invoker = true) AS
SELECT u.unit_kind, u.unit, u.unit_name, i.indicator, i.name AS indicator_name, i.unit_of_measure, i.better, t.valid_from,
       t.valid_to, t.target, t.set_for, t.baseline, t.baseline_value, t.source, t.status
  FROM stp.indicator i
 CROSS JOIN (VALUES ('system'), ('organisation')) level (rates)
 CROSS JOIN LATERAL stp_internal.targets(level.rates, i.indicator, NULL, NULL) t
  JOIN (SELECT 'system' AS rates, s.kind AS unit_kind, s.system AS unit, s.name AS unit_name FROM stp.system s
        UNION ALL
        SELECT 'organisation', 'organisation', o.organisation, o.name FROM stp.organisation o) u
    ON u.rates = level.rates AND u.unit = t.unit;
COMMENT ON VIEW stp.unit_target IS
    'The target of each unit and indicator: one row for each stretch of days over which it is the same. The figure of a period '
    'is measured by the target of its last day. No row: there is none.';
COMMENT ON COLUMN stp.unit_target.valid_from IS 'First day; -infinity: the standard, which always was.';
COMMENT ON COLUMN stp.unit_target.valid_to IS 'Last day; NULL: it goes on.';
COMMENT ON COLUMN stp.unit_target.target IS 'The target, in the unit of the indicator; NULL: see status.';
COMMENT ON COLUMN stp.unit_target.set_for IS
    'unit: its own row of stp.target; all units: the row for all; standard: stp.indicator.standard.';
COMMENT ON COLUMN stp.unit_target.baseline IS 'The period that a rule improves on; NULL: the target was given as a number.';
COMMENT ON COLUMN stp.unit_target.baseline_value IS 'The unit''s value in it.';
COMMENT ON COLUMN stp.unit_target.source IS 'Who has set it, and where that is written; of a standard that of the indicator.';
COMMENT ON COLUMN stp.unit_target.status IS
    'ok; partial, suppressed, inferred: the value in the baseline is. Without a target: no baseline, the unit has no value in '
    'it that the reader may see; no direction, neither higher nor lower is better; out of range, a number is above 1e150.';

SELECT pg_catalog.pg_extension_config_dump('stp.target', '');
GRANT SELECT ON stp.target, stp.unit_target TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.target TO @extowner@ WITH GRANT OPTION;
