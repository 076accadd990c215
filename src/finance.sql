-- Module finance: where organisations and systems stand against their money. Money is numeric, in pounds and whole
-- pennies; surplus is positive. Forecasts are statistics, and so float8: the casts say where.

--------------------------------------------------------------------------------------------------------------
-- Functions over money
--------------------------------------------------------------------------------------------------------------

CREATE TYPE stp.variance AS
(
    actual        numeric,
    control_total numeric,
    variance      numeric,
    variance_pct  numeric,
    met           boolean,
    status        text
);
COMMENT ON TYPE stp.variance IS
    'An actual beside its control total. Where it is computed for many rows, read its columns from a LATERAL function in FROM.';
COMMENT ON COLUMN stp.variance.actual IS 'The actual surplus in pounds, deficit negative.';
COMMENT ON COLUMN stp.variance.control_total IS 'The control total (or plan) in pounds, deficit negative.';
COMMENT ON COLUMN stp.variance.variance IS
    'actual - control_total in pounds, exact; positive is favourable. NULL when one of them is.';
COMMENT ON COLUMN stp.variance.variance_pct IS
    'variance in per cent of the turnover (or allocation), not rounded; NULL without a variance or a turnover, or with a '
    'turnover of 0.';
COMMENT ON COLUMN stp.variance.met IS 'Whether the actual is at or above the control total; NULL without a variance.';
COMMENT ON COLUMN stp.variance.status IS 'ok; no data: no actual or no control total; zero denominator: the turnover is 0.';

CREATE FUNCTION stp.control_total_variance(actual numeric, control_total numeric,
    turnover numeric DEFAULT NULL) RETURNS stp.variance
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'stp_control_total_variance';
COMMENT ON FUNCTION stp.control_total_variance(numeric, numeric, numeric) IS
    'Actual surplus against control total or plan, all in pounds, surplus positive; turnover (of a provider) or allocation (of a '
    'commissioner or system) is what the percentage is of, NULL: no percentage. Nothing is rounded. Expenditure goes in with a '
    'minus sign, so that an underspend is positive. Errors: 22023 NaN, infinity, a negative turnover; 22003 more than 1,000 '
    'digits. Source: financial performance reports of NHS England.';

CREATE FUNCTION stp.apportion(amount numeric, shares numeric[]) RETURNS numeric[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'stp_apportion';
COMMENT ON FUNCTION stp.apportion(numeric, numeric[]) IS
    'Money split by shares into whole pennies that add up to it exactly, by the largest-remainder (Hamilton) rule: each part is '
    'rounded towards zero, and the pennies left go to the largest remainders, of equal ones to the earlier part. Shares need not '
    'sum to 1, only their proportions count. A negative amount is split as the positive one. Errors: 22023 an amount that is not '
    'finite or not whole pennies; no shares; a share that is NULL, not finite or not above 0; 22003 more than 1,000 digits.';

CREATE FUNCTION stp.money(amount text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF amount !~ '^\s*[-+]?[0-9]+(\.[0-9]{1,2}0*)?\s*$' THEN
        RAISE EXCEPTION 'not an amount of money: "%"', amount USING ERRCODE = 'invalid_text_representation',
              HINT = 'Write pounds as a plain number with at most two decimals, a deficit with a minus sign: -1234567.89, '
                  'without £, commas, brackets or units.';
    END IF;
    RETURN amount::numeric;
END $$;
COMMENT ON FUNCTION stp.money(text) IS
    'Text as pounds, for loading from columns of text: a plain number with at most two decimals. Errors: 22P02 for anything else '
    '(£1,000; (1,000); 1.2m; 1e6; NaN), with a hint.';

CREATE TYPE stp.outturn AS
(
    forecast        float8,
    lower           float8,
    upper           float8,
    probability     float8,
    autocorrelation float8,
    trend           float8,
    method          text,
    status          text
);
COMMENT ON TYPE stp.outturn IS 'The outturn of a financial year as its months so far let expect it.';
COMMENT ON COLUMN stp.outturn.forecast IS 'Expected surplus of the year in pounds.';
COMMENT ON COLUMN stp.outturn.lower IS 'Lower limit of the prediction interval.';
COMMENT ON COLUMN stp.outturn.upper IS 'Upper limit of the prediction interval.';
COMMENT ON COLUMN stp.outturn.probability IS 'Probability of an outturn at or above the control total; NULL without one.';
COMMENT ON COLUMN stp.outturn.autocorrelation IS
    'Correlation of neighbouring months that the forecast reckons with, the mean over those it averages; 0.45 before any month '
    'has gone. NULL where the months are said to be independent, or there are no limits.';
COMMENT ON COLUMN stp.outturn.trend IS
    'Probability of a trend that the forecast reckons with; 0.5 before any month has gone. NULL as autocorrelation.';
COMMENT ON COLUMN stp.outturn.method IS
    'Student t, averaged: over autocorrelations, with and without a trend. Student t: the months were said to be independent. '
    ', profile: after earlier years'' profile was taken off. reported: the year is over. NULL where nothing was computed.';
COMMENT ON COLUMN stp.outturn.status IS
    'ok. With limits that hold only if the months left are like those gone: no profile, neither earlier years nor a plan say so; '
    'step in plan, the plan says that they are not. Without limits: too few, fewer than 5 months; missing months; constant, the '
    'months do not differ, so that there is a forecast alone (or step in plan, of more than a thousandth of it).';

CREATE FUNCTION stp.outturn(to_date float8[], control_total float8 DEFAULT NULL, profile float8[] DEFAULT NULL,
    confidence float8 DEFAULT 0.95, plan float8[] DEFAULT NULL, independent boolean DEFAULT false) RETURNS stp.outturn
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'stp_outturn';
COMMENT ON FUNCTION stp.outturn(float8[], float8, float8[], float8, float8[], boolean) IS
    'Forecast of a year''s outturn. to_date: the year-to-date position at the end of April, May and so on, NULL for a month '
    'that is missing. control_total: what the probability is of meeting. profile: what each month from April to March usually '
    'deviates from the year''s mean month. confidence: of the interval, strictly between 0 and 1. plan: the planned position at '
    'the end of each month to March, NULL for what is not known; it is not believed, but compared: where it adds in the months '
    'left what differs from the same forecast made of its own months so far by over a third of the way to a limit, so that an '
    'interval of 95% would hold less than 90%, the status is step in plan. independent: whether the months are known to be '
    'draws from one normal distribution; then, m months to come and n gone: forecast = position to date + m x mean (+ profile '
    'of the months to come), limits = forecast -/+ t(n - 1) x s x sqrt(m + m^2 / n). Otherwise the forecast is the mean, and '
    'the variance that of the mixture, of predictions by generalised least squares for autocorrelations of 0, 0.1 ... 0.9, '
    'without and with a trend whose slope has the standard deviation 0.3 s a month, weighed by their likelihood. Errors: 22023 '
    'more than 12 months, NaN or infinity, a profile that is not 12 numbers, confidence not between 0 and 1, independent NULL; '
    '22003 beyond float8. Sources: Meeker, Hahn and Escobar, Statistical Intervals, 2nd edition, 2017, chapter 4: prediction '
    'interval for the mean of m future observations, times m; Hoeting, Madigan, Raftery and Volinsky, Bayesian Model Averaging: '
    'A Tutorial, Statistical Science 14 (4), 1999. What is averaged over is ours.';

--------------------------------------------------------------------------------------------------------------
-- Tables
--------------------------------------------------------------------------------------------------------------

CREATE TABLE stp.control_total
(
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    year         stp.period NOT NULL,
    basis        text NOT NULL,
    amount       numeric NOT NULL,
    PRIMARY KEY (organisation, year, basis)
);
COMMENT ON TABLE stp.control_total IS
    'Control totals of organisations: the surplus that each must at least reach in a financial year, before offsets agreed in '
    'its systems.';
COMMENT ON COLUMN stp.control_total.basis IS
    'including or excluding support funding (STF, PSF, CSF; deficit support funding today).';
COMMENT ON COLUMN stp.control_total.amount IS 'Surplus in pounds, deficit negative.';

CREATE TABLE stp.control_total_offset
(
    system            text NOT NULL REFERENCES stp.system DEFERRABLE INITIALLY DEFERRED,
    year              stp.period NOT NULL,
    basis             text NOT NULL,
    from_organisation text NOT NULL,
    to_organisation   text NOT NULL,
    amount            numeric NOT NULL,
    agreed            date NOT NULL,
    PRIMARY KEY (system, year, basis, from_organisation, to_organisation, agreed),
    FOREIGN KEY (from_organisation, year, basis) REFERENCES stp.control_total DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (to_organisation, year, basis) REFERENCES stp.control_total DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX control_total_offset_from ON stp.control_total_offset (from_organisation);
CREATE INDEX control_total_offset_to ON stp.control_total_offset (to_organisation);
COMMENT ON TABLE stp.control_total_offset IS
    'Changes of control totals agreed within a system. Each takes from one organisation what it gives to another, so that the '
    'system''s total stays what it was, provided that both belong to the system: checked at commit.';
COMMENT ON COLUMN stp.control_total_offset.system IS
    'The system that agreed it. It counts there and in what that lies in, not in its places.';
COMMENT ON COLUMN stp.control_total_offset.from_organisation IS
    'Its control total falls by the amount: it may run a larger deficit.';
COMMENT ON COLUMN stp.control_total_offset.to_organisation IS 'Its control total rises by the amount: it must do better.';
COMMENT ON COLUMN stp.control_total_offset.amount IS 'Pounds, above 0.';
COMMENT ON COLUMN stp.control_total_offset.agreed IS 'Day of the agreement. It counts for the whole year.';

CREATE TABLE stp.financial_position
(
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    period       stp.period NOT NULL,
    measure      text NOT NULL,
    basis        text NOT NULL,
    surplus      numeric NOT NULL,
    turnover     numeric,
    allocation   numeric,
    last_month   stp.period NOT NULL GENERATED ALWAYS AS (stp.last_month(period)) STORED,
    PRIMARY KEY (organisation, period, measure, basis),
    -- One truth for each month's end. Deferred, so that the statement trigger speaks first; no target of ON CONFLICT.
    CONSTRAINT one_position_for_each_month_end UNIQUE (organisation, last_month, measure, basis) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE stp.financial_position IS
    'What organisations reported of their money: one row for each organisation, period, measure and basis. Not reported means no '
    'row.';
COMMENT ON COLUMN stp.financial_position.period IS
    'The period reported for. The figures run from 1 April of its financial year to its last day, so that 2025-12 and 2025/26 Q3 '
    'say the same; only one of them may be there.';
COMMENT ON COLUMN stp.financial_position.measure IS
    'plan and actual: of the year to date. forecast: of the whole year, as expected at the end of the period.';
COMMENT ON COLUMN stp.financial_position.basis IS
    'including or excluding support funding. Nothing is ever summed or compared across the two.';
COMMENT ON COLUMN stp.financial_position.surplus IS 'Surplus in pounds, deficit negative.';
COMMENT ON COLUMN stp.financial_position.turnover IS
    'Of a provider: turnover in pounds over the same time (forecast: of the year).';
COMMENT ON COLUMN stp.financial_position.allocation IS
    'Of a commissioner: allocation in pounds over the same time (forecast: of the year).';
COMMENT ON COLUMN stp.financial_position.last_month IS 'Last month of the period: the end of the year to date.';

CREATE TABLE stp.system_plan
(
    system   text NOT NULL REFERENCES stp.system DEFERRABLE INITIALLY DEFERRED,
    year     stp.period NOT NULL,
    line     text NOT NULL,
    category text NOT NULL CHECK (category <> ''),
    amount   numeric NOT NULL,
    PRIMARY KEY (system, year, line, category)
);
COMMENT ON TABLE stp.system_plan IS
    'Plans of systems to close their gap, such as the sustainability and transformation plans for the years to 2020/21: one row '
    'for each part of the gap and each solution in a year.';
COMMENT ON COLUMN stp.system_plan.line IS
    'do nothing: part of the gap that there would be if nothing were done. solution: what closes it.';
COMMENT ON COLUMN stp.system_plan.category IS
    'Kind of gap (health, social care) or of solution (provider efficiency, reconfiguration, prevention).';
COMMENT ON COLUMN stp.system_plan.amount IS
    'Pounds in that year. A gap is positive, and so is what a solution saves; an investment is negative.';

CREATE TABLE stp.finance_threshold
(
    scheme     text NOT NULL CHECK (scheme <> ''),
    metric     text NOT NULL CHECK (metric <> ''),
    score      int NOT NULL CONSTRAINT score_from_1_to_4 CHECK (score >= 1 AND score <= 4),
    comparison text,
    cut        numeric CONSTRAINT cut_is_finite CHECK (cut > '-infinity' AND cut < 'infinity'),
    status     text NOT NULL,
    source     text,
    builtin    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, metric, score),
    CONSTRAINT comparison_has_cut CHECK ((comparison IS NULL) = (cut IS NULL))
);
COMMENT ON TABLE stp.finance_threshold IS
    'Thresholds of finance metrics: a value gets the best score whose comparison it passes.';
COMMENT ON COLUMN stp.finance_threshold.scheme IS 'Code of the set of thresholds, for example sof-2017.';
COMMENT ON COLUMN stp.finance_threshold.metric IS 'Code of the metric, for example distance_from_plan.';
COMMENT ON COLUMN stp.finance_threshold.score IS '1 best to 4 worst.';
COMMENT ON COLUMN stp.finance_threshold.comparison IS
    'How the value must compare with the cut: >, >=, <, <=; NULL: the score takes the rest.';
COMMENT ON COLUMN stp.finance_threshold.cut IS 'In the unit of the metric: times, days or per cent.';
COMMENT ON COLUMN stp.finance_threshold.status IS 'published, derived (by us from published data) or unconfirmed (from memory).';

--------------------------------------------------------------------------------------------------------------
-- Guards
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.check_offset() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.* INTO bad FROM new_rows n WHERE NOT n.amount > 0 OR n.from_organisation = n.to_organisation LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'offset of % from organisation "%" to organisation "%" moves nothing',
              bad.amount, bad.from_organisation, bad.to_organisation
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Give an amount above 0, from the organisation whose control total falls to the one whose rises.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_offset() IS
    'Trigger: refuses offsets that are not above 0 or not between two organisations, SQLSTATE 22023.';

CREATE FUNCTION stp_internal.check_position() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.*, fault.what, fault.hint INTO bad
      FROM new_rows n
     CROSS JOIN LATERAL (VALUES
           (n.turnover IS NOT NULL AND n.allocation IS NOT NULL, 'has both a turnover and an allocation',
            'A provider has a turnover, a commissioner an allocation.'),
           (n.turnover < 0, format('has the negative turnover %s', n.turnover),
               'Correct it, or leave it NULL if it is not known.'),
           (n.allocation < 0, format('has the negative allocation %s', n.allocation),
               'Correct it, or leave it NULL if it is not known.'))
           fault (is_one, what, hint)
     WHERE fault.is_one LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% of organisation "%" in % (% support funding) %', bad.measure, bad.organisation,
            bad.period, bad.basis, bad.what
              USING ERRCODE = 'invalid_parameter_value', HINT = bad.hint;
    END IF;
    SELECT n.*, p.period AS other INTO bad
      FROM new_rows n
      JOIN stp.financial_position p ON p.organisation = n.organisation AND p.last_month = n.last_month
       AND p.measure = n.measure AND p.basis = n.basis AND p.period <> n.period
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% of organisation "%" (% support funding) is there for both % and %, which are the same year to date',
              bad.measure, bad.organisation, bad.basis, bad.period, bad.other
              USING ERRCODE = 'unique_violation', HINT = 'Keep the one that was reported and delete the other.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_position() IS
    'Trigger: refuses positions with both a turnover and an allocation, or a negative one (SQLSTATE 22023), and two of one '
    'measure and basis that end with the same month (23505).';

CALL stp.guard_rows('control_total', 'guard', 'year: year', 'basis: including, excluding', 'amount: money');
CALL stp.guard_rows('control_total_offset', 'guard', 'year: year', 'basis: including, excluding', 'amount: money');
CALL stp.guard_rows('control_total_offset', 'check_offset');
CALL stp.guard_rows('financial_position', 'guard', 'basis: including, excluding', 'measure: plan, actual, forecast',
                    'surplus, turnover, allocation: money');
CALL stp.guard_rows('financial_position', 'check_position');
CALL stp.guard_rows('system_plan', 'guard', 'year: year', 'line: do nothing, solution', 'category: code', 'amount: money');
CALL stp.guard_rows('finance_threshold', 'guard', 'scheme, metric: code', 'comparison: >, >=, <, <=',
    'status: published, derived, unconfirmed');

--------------------------------------------------------------------------------------------------------------
-- From reports to organisations and systems: views keyed by stp.period, which those below are made of
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp_internal.control_total_leg WITH (security_invoker = true) AS
SELECT o.system, o.year, o.basis, leg.organisation, leg.partner, leg.amount, o.agreed
  FROM stp.control_total_offset o
 CROSS JOIN LATERAL (VALUES (o.from_organisation, o.to_organisation, - o.amount),
                            (o.to_organisation, o.from_organisation, o.amount)) leg (organisation, partner, amount);
COMMENT ON VIEW stp_internal.control_total_leg IS
    'Offsets taken apart: what each does to the control total of each of its two organisations.';

CREATE FUNCTION stp_internal.belongs(organisation text, system text, first_day date, last_day date) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN EXISTS (SELECT FROM stp.membership m
                 JOIN stp_internal.system_above a ON a.system = m.system
                WHERE m.organisation = belongs.organisation AND a.above = belongs.system
                  AND m.valid_from <= belongs.last_day AND (m.valid_to IS NULL OR m.valid_to >= belongs.first_day));
COMMENT ON FUNCTION stp_internal.belongs(text, text, date, date) IS
    'Whether an organisation belongs to a system, place, region or nation, or to what lies in it, on any day from first_day to '
    'last_day.';

CREATE FUNCTION stp_internal.check_offset_balance() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    organisations text[];
    systems       text[];
    bad           record;
BEGIN
    -- One lock with the changes of memberships, or an organisation could leave while its offset comes.
    PERFORM stp_internal.check_alone('stp.membership'::regclass, TG_RELID::regclass);
    IF NOT EXISTS (SELECT FROM stp.control_total_offset) THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'control_total_offset' THEN
        organisations := ARRAY[NEW.from_organisation, NEW.to_organisation];
    ELSIF TG_TABLE_NAME = 'system' THEN
        systems := ARRAY[OLD.parent, NEW.parent];
    ELSE
        organisations := ARRAY[OLD.organisation];
        -- Who joins cannot unbalance a system, unless it had no members before; then one of the new ones is its first by code.
        IF NOT EXISTS (SELECT FROM stp.membership m WHERE m.system = NEW.system AND m.organisation < NEW.organisation) THEN
            systems := ARRAY[NEW.system];
        END IF;
    END IF;
    SELECT array_agg(a.above) INTO systems FROM stp_internal.system_above a WHERE a.system = ANY (systems);
    SELECT o.system, o.year, o.basis, - sum(l.amount) AS imbalance,
        string_agg(DISTINCT l.organisation, ', ') AS outsiders INTO bad
      FROM stp.control_total_offset o
     CROSS JOIN LATERAL (VALUES (o.from_organisation, - o.amount), (o.to_organisation, o.amount)) l (organisation, amount)
     WHERE (o.from_organisation = ANY (organisations) OR o.to_organisation = ANY (organisations) OR o.system = ANY (systems))
       AND NOT stp_internal.belongs(l.organisation, o.system, stp.first_day(o.year), stp.last_day(o.year))
       -- A system without members has no total: a restore may bring its offsets before its members, which are checked then.
       AND EXISTS (SELECT FROM stp.membership m
                     JOIN stp_internal.system_above a ON a.system = m.system
                    WHERE a.above = o.system)
     GROUP BY o.system, o.year, o.basis
     ORDER BY o.system, o.year, o.basis
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'offsets of system "%" in % (% support funding) are not net-neutral within it (imbalance %): outside it '
            'is "%"',
              bad.system, bad.year, bad.basis, bad.imbalance, bad.outsiders
              USING ERRCODE = 'check_violation',
                    HINT = 'Both organisations of an offset must belong to its system on some day of the year; correct the '
                        'codes, or add the memberships in the same transaction.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_offset_balance() IS
    'Constraint trigger: refuses, at commit, offsets that are not net-neutral in their system, because one of the two '
    'organisations does not belong to it on any day of the year, SQLSTATE 23514.';

CREATE CONSTRAINT TRIGGER offsets_balance AFTER INSERT OR UPDATE ON stp.control_total_offset
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_offset_balance();
CREATE CONSTRAINT TRIGGER offsets_balance AFTER INSERT OR DELETE
    OR UPDATE OF organisation, system, valid_from, valid_to ON stp.membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_offset_balance();
CREATE CONSTRAINT TRIGGER offsets_balance AFTER UPDATE OF parent ON stp.system
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp_internal.check_offset_balance();

-- Every organisation that is expected, whether it reported or not. max() picks the one row that there is for each
-- month's end, measure and basis.
CREATE VIEW stp_internal.financial_month WITH (security_invoker = true) AS
WITH month_end AS
(
    SELECT p.month, p.basis, stp.financial_year(p.month) AS year
      FROM (SELECT DISTINCT last_month AS month, basis FROM stp.financial_position) p
      JOIN stp_internal.source_reach('financial_position') r ON stp_internal.is_covered(r.covered, p.month)
),
expected AS
(
    SELECT c.organisation, c.year, c.basis FROM stp.control_total c
    UNION
    SELECT p.organisation, stp.financial_year(p.last_month), p.basis FROM stp.financial_position p
),
reported AS
(
    SELECT p.organisation, p.last_month AS month, p.basis, max(p.period) AS period,
           max(p.surplus) FILTER (WHERE p.measure = 'plan') AS plan,
           max(p.surplus) FILTER (WHERE p.measure = 'actual') AS actual,
           max(p.surplus) FILTER (WHERE p.measure = 'forecast') AS forecast,
           max(p.turnover) FILTER (WHERE p.measure = 'actual') AS turnover,
           max(p.allocation) FILTER (WHERE p.measure = 'actual') AS allocation,
           max(p.turnover) FILTER (WHERE p.measure = 'forecast') AS forecast_turnover,
           max(p.allocation) FILTER (WHERE p.measure = 'forecast') AS forecast_allocation
      FROM stp.financial_position p
     GROUP BY p.organisation, p.last_month, p.basis
),
leg AS
(
    SELECT l.organisation, l.year, l.basis, sum(l.amount) AS offsets
      FROM stp_internal.control_total_leg l GROUP BY l.organisation, l.year, l.basis
)
SELECT x.organisation, e.month, e.basis, e.year, coalesce(r.period, e.month) AS period,
       (e.month - stp.month(stp.first_day(e.year))) + 1 AS months,
       r.plan, r.actual, r.forecast, c.amount AS agreed, coalesce(leg.offsets, 0) AS offsets,
       r.turnover, r.allocation, r.forecast_turnover, r.forecast_allocation
  FROM month_end e
  JOIN expected x ON x.year = e.year AND x.basis = e.basis
  LEFT JOIN reported r ON r.organisation = x.organisation AND r.month = e.month AND r.basis = e.basis
  LEFT JOIN stp.control_total c ON c.organisation = x.organisation AND c.year = e.year AND c.basis = e.basis
  LEFT JOIN leg ON leg.organisation = x.organisation AND leg.year = e.year AND leg.basis = e.basis;
CALL stp.make_rows('stp_internal.financial_month',
    'Money of organisations by month, keyed by stp.period: a row for each organisation with a control total or any position in '
    'the year and basis, and for each month of which anybody reported, if it is covered.');

-- The one place where money of organisations becomes money of systems. It is split over the rows of stp.membership, the
-- finest there are, and summed upwards: so the parts of a region's systems add up to the region's, to the penny.
CREATE VIEW stp_internal.system_finance_part WITH (security_invoker = true) AS
WITH part AS
(
    SELECT up.above AS system, f.*, m.share, split.shares, split.place
      FROM stp_internal.financial_month_rows() f
      JOIN stp.membership m ON m.organisation = f.organisation AND m.valid_from <= stp.last_day(f.month)
                           AND (m.valid_to IS NULL OR m.valid_to >= stp.last_day(f.month))
      JOIN stp_internal.system_above up ON up.system = m.system
      -- An organisation that belongs to one system, wholly, is not split.
      LEFT JOIN LATERAL (SELECT array_agg(n.share ORDER BY n.system COLLATE "C", n.valid_from) AS shares,
                                count(*) FILTER (WHERE (n.system COLLATE "C", n.valid_from) <= (m.system, m.valid_from)) AS place
                           FROM stp.membership n
                          WHERE n.organisation = m.organisation AND n.valid_from <= stp.last_day(f.month)
                            AND (n.valid_to IS NULL OR n.valid_to >= stp.last_day(f.month))) split ON m.share <> 1
),
leg AS
(
    -- Only while both belong, so that a system's total is the same with its offsets as without.
    SELECT up.above AS system, l.organisation, l.basis, f.month, sum(l.amount) AS offsets
      FROM stp_internal.control_total_leg l
      JOIN stp_internal.financial_month_rows() f ON f.organisation = l.organisation AND f.year = l.year AND f.basis = l.basis
      JOIN stp_internal.system_above up ON up.system = l.system
     WHERE stp_internal.belongs(l.organisation, l.system, stp.last_day(f.month), stp.last_day(f.month))
       AND stp_internal.belongs(l.partner, l.system, stp.last_day(f.month), stp.last_day(f.month))
     GROUP BY up.above, l.organisation, l.basis, f.month
)
SELECT p.system, p.organisation, p.month, p.basis, p.year, p.months, p.share, p.plan, p.actual, p.forecast,
       p.agreed + coalesce(leg.offsets, 0) AS control_total, coalesce(leg.offsets, 0) AS offsets,
       p.turnover, p.allocation, p.forecast_turnover, p.forecast_allocation
  FROM (SELECT system, organisation, month, basis, year, months, sum(share) AS share,
               sum(CASE WHEN shares IS NULL THEN plan ELSE (stp.apportion(plan, shares))[place] END) AS plan,
               sum(CASE WHEN shares IS NULL THEN actual ELSE (stp.apportion(actual, shares))[place] END) AS actual,
               sum(CASE WHEN shares IS NULL THEN forecast ELSE (stp.apportion(forecast, shares))[place] END) AS forecast,
               sum(CASE WHEN shares IS NULL THEN agreed ELSE (stp.apportion(agreed, shares))[place] END) AS agreed,
               sum(CASE WHEN shares IS NULL THEN turnover ELSE (stp.apportion(turnover, shares))[place] END) AS turnover,
               sum(CASE WHEN shares IS NULL THEN allocation ELSE (stp.apportion(allocation, shares))[place] END) AS allocation,
               sum(CASE WHEN shares IS NULL THEN forecast_turnover
                   ELSE (stp.apportion(forecast_turnover, shares))[place] END) AS forecast_turnover,
               sum(CASE WHEN shares IS NULL THEN forecast_allocation
                   ELSE (stp.apportion(forecast_allocation, shares))[place] END) AS forecast_allocation
          FROM part
         GROUP BY system, organisation, month, basis, year, months) p
  LEFT JOIN leg ON leg.system = p.system AND leg.organisation = p.organisation
               AND leg.month = p.month AND leg.basis = p.basis;
CALL stp.make_rows('stp_internal.system_finance_part',
    'What the money of each organisation in stp_internal.financial_month_rows() is to each of its systems, places, regions and '
    'nations, keyed by stp.period: split by the shares of the last day of the month with stp.apportion().');

CREATE VIEW stp.unassigned_finance WITH (security_invoker = true) AS
SELECT f.organisation, f.period, stp.first_day(f.period) AS first_day, stp.last_day(f.period) AS last_day, f.basis,
       f.plan, f.actual, f.forecast,
       f.agreed + f.offsets AS control_total
  FROM stp_internal.financial_month_rows() f
 WHERE NOT EXISTS (SELECT FROM stp.membership m
                    WHERE m.organisation = f.organisation AND m.valid_from <= stp.last_day(f.month)
                      AND (m.valid_to IS NULL OR m.valid_to >= stp.last_day(f.month)));
COMMENT ON VIEW stp.unassigned_finance IS
    'Money that counts in no system, because the organisation has no membership on the last day of the period.';
COMMENT ON COLUMN stp.unassigned_finance.period IS 'The period reported for, or the month if nothing was.';
COMMENT ON COLUMN stp.unassigned_finance.last_day IS 'The day without a membership.';
COMMENT ON COLUMN stp.unassigned_finance.plan IS 'Planned surplus of the year to date that is missing from every system.';
COMMENT ON COLUMN stp.unassigned_finance.actual IS 'Surplus of the year to date that is missing from every system.';
COMMENT ON COLUMN stp.unassigned_finance.forecast IS 'Forecast surplus of the year that is missing from every system.';
COMMENT ON COLUMN stp.unassigned_finance.control_total IS 'Control total after offsets that is missing from every system.';

--------------------------------------------------------------------------------------------------------------
-- Views to read
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp.organisation_finance WITH (security_invoker = true) AS
SELECT t.organisation, g.name AS organisation_name, g.type AS organisation_type, t.period,
       stp.first_day(t.period) AS first_day, stp.last_day(t.period) AS last_day, t.months, t.basis,
       t.plan, t.actual, v.variance, t.turnover, t.allocation, v.variance_pct,
       v.variance - t.variance_before AS change,
       CASE sign(v.variance - t.variance_before) WHEN 1 THEN 'improving' WHEN 0 THEN 'unchanged' WHEN -1
           THEN 'worsening' END AS direction,
       t.offsets, t.control_total, t.control_total * t.months / 12 AS straight_line,
       t.actual - t.control_total * t.months / 12 AS straight_line_gap, t.actual / t.months AS run_rate,
       (t.control_total - t.actual) / nullif(12 - t.months, 0) AS required_run_rate,
       t.forecast, o.variance AS forecast_variance, o.variance_pct AS forecast_variance_pct, o.met AS forecast_meets,
       (SELECT string_agg(month::text, ', ' ORDER BY month)
          FROM stp.periods(stp.month(stp.first_day(t.year)), t.month) month
         WHERE cardinality(t.reported) < t.months AND month <> ALL (t.reported)) AS missing_months,
       v.status, o.status AS forecast_status
  FROM (SELECT f.*, f.agreed + f.offsets AS control_total,
               CASE WHEN (f.month - lag(f.month) OVER so_far) = 1
                    THEN lag(f.actual - f.plan) OVER so_far END AS variance_before,
               coalesce(array_agg(f.month) FILTER (WHERE f.actual IS NOT NULL) OVER so_far, '{}') AS reported
          FROM stp_internal.financial_month_rows() f
        WINDOW so_far AS (PARTITION BY f.organisation, f.basis, f.year ORDER BY f.month)) t
  JOIN stp.organisation g ON g.organisation = t.organisation
 CROSS JOIN LATERAL stp.control_total_variance(t.actual, t.plan, coalesce(t.turnover, t.allocation)) v
 CROSS JOIN LATERAL stp.control_total_variance(t.forecast, t.control_total,
     coalesce(t.forecast_turnover, t.forecast_allocation)) o;
CALL stp.make_rows('stp.organisation_finance');
COMMENT ON VIEW stp.organisation_finance IS
    'Where each organisation stands against plan (year to date) and control total (whole year): a row for each basis and month. '
    'Pounds, surplus positive.';
COMMENT ON COLUMN stp.organisation_finance.organisation_type IS 'Its type.';
COMMENT ON COLUMN stp.organisation_finance.period IS
    'The period reported for, or the month if nothing was. plan and actual run from 1 April to its last day.';
COMMENT ON COLUMN stp.organisation_finance.last_day IS 'Last day of the period, and of the year to date.';
COMMENT ON COLUMN stp.organisation_finance.months IS 'Months of the year that have gone: 1 for April, 12 for March.';
COMMENT ON COLUMN stp.organisation_finance.plan IS 'Planned surplus of the year to date.';
COMMENT ON COLUMN stp.organisation_finance.actual IS 'Surplus of the year to date.';
COMMENT ON COLUMN stp.organisation_finance.variance IS 'actual - plan; positive is favourable.';
COMMENT ON COLUMN stp.organisation_finance.change IS
    'variance less that of the month before; NULL in April, and where either month is incomplete.';
COMMENT ON COLUMN stp.organisation_finance.control_total IS 'Control total of the year, after offsets.';
COMMENT ON COLUMN stp.organisation_finance.straight_line IS
    'What the control total would be to date if every month brought a twelfth.';
COMMENT ON COLUMN stp.organisation_finance.straight_line_gap IS 'actual - straight_line.';
COMMENT ON COLUMN stp.organisation_finance.run_rate IS 'Surplus per month so far.';
COMMENT ON COLUMN stp.organisation_finance.required_run_rate IS
    'Surplus per month, in the months left, that lands on the control total; NULL in March.';
COMMENT ON COLUMN stp.organisation_finance.forecast IS 'Forecast surplus of the year.';
COMMENT ON COLUMN stp.organisation_finance.forecast_variance IS 'forecast - control_total; positive is favourable.';
COMMENT ON COLUMN stp.organisation_finance.forecast_meets IS 'Whether the forecast is at or above the control total.';
COMMENT ON COLUMN stp.organisation_finance.direction IS
    'Of the variance against last month''s: improving, unchanged, worsening; NULL where change is.';
COMMENT ON COLUMN stp.organisation_finance.turnover IS 'Turnover of the year to date (providers).';
COMMENT ON COLUMN stp.organisation_finance.allocation IS 'Allocation of the year to date (commissioners).';
COMMENT ON COLUMN stp.organisation_finance.variance_pct IS 'variance in per cent of turnover or allocation; NULL without either.';
COMMENT ON COLUMN stp.organisation_finance.offsets IS 'Offsets agreed in its systems; they are in the control total.';
COMMENT ON COLUMN stp.organisation_finance.forecast_variance_pct IS
    'forecast_variance in per cent of the turnover or allocation that was reported with the forecast.';
COMMENT ON COLUMN stp.organisation_finance.missing_months IS
    'Months since April without an actual, this one included; NULL: none.';
COMMENT ON COLUMN stp.organisation_finance.status IS
    'Of the year to date: ok; no data: plan or actual is missing; zero denominator: the turnover or allocation is 0.';
COMMENT ON COLUMN stp.organisation_finance.forecast_status IS
    'Of the year: ok; no data: forecast or control total is missing; zero denominator.';

CREATE VIEW stp.system_finance WITH (security_invoker = true) AS
SELECT t.system, s.name AS system_name, s.kind, t.month AS period,
       stp.first_day(t.month) AS first_day, stp.last_day(t.month) AS last_day, t.months, t.basis,
       t.plan, t.actual, t.actual - t.plan AS variance, t.turnover, t.allocation,
       CASE WHEN t.pct_status = 'ok' THEN (t.actual - t.plan) * 100 / t.allocation END AS variance_pct,
       change.amount AS change,
       CASE sign(change.amount) WHEN 1 THEN 'improving' WHEN 0 THEN 'unchanged' WHEN -1 THEN 'worsening' END AS direction,
       t.control_total, line.amount AS straight_line, t.actual - line.amount AS straight_line_gap,
       CASE WHEN t.reported = t.organisations THEN t.actual / t.months END AS run_rate,
       CASE WHEN line.amount IS NOT NULL THEN (t.control_total - t.actual) / nullif(12 - t.months, 0) END AS required_run_rate,
       t.forecast, t.forecast_variance, t.forecast_variance >= 0 AS forecast_meets,
       CASE WHEN t.forecast_based = t.forecasts THEN t.forecast_variance * 100 / nullif(t.forecast_allocation,
           0) END AS forecast_variance_pct,
       t.organisations, t.reported, t.control_totals, t.forecasts, t.not_reported,
       (SELECT string_agg(month::text, ', ' ORDER BY month)
          FROM stp.periods(stp.month(stp.first_day(t.year)), t.month) month
         WHERE cardinality(t.complete) < t.months AND month <> ALL (t.complete)) AS missing_months,
       CASE WHEN t.plans = 0 AND t.actual IS NOT NULL THEN 'no plan' WHEN t.reported = 0 THEN 'no data'
            WHEN t.reported < t.organisations THEN 'incomplete' ELSE 'ok' END AS status,
       t.pct_status,
       CASE WHEN t.forecasts = 0 THEN 'no data' WHEN t.forecasts < t.organisations THEN 'incomplete'
           ELSE 'ok' END AS forecast_status
  FROM (SELECT w.*,
               CASE WHEN w.reported = 0 OR w.based = 0 THEN 'no data' WHEN w.based < w.reported THEN 'incomplete'
                    WHEN w.allocation IS NULL THEN 'no data' WHEN w.allocation = 0 THEN 'zero denominator'
                        ELSE 'ok' END AS pct_status,
               CASE WHEN (w.month - lag(w.month) OVER so_far) = 1 AND lag(w.reported = w.organisations) OVER so_far
                    THEN lag(w.actual - w.plan) OVER so_far END AS variance_before,
               coalesce(array_agg(w.month) FILTER (WHERE w.reported = w.organisations) OVER so_far, '{}') AS complete
          FROM (SELECT p.system, p.month, p.basis, p.year, p.months, count(*)::int AS organisations,
                       count(p.actual - p.plan)::int AS reported, count(p.control_total)::int AS control_totals,
                       count(p.forecast - p.control_total)::int AS forecasts,
                       string_agg(p.organisation, ', '
                           ORDER BY p.organisation) FILTER (WHERE p.actual - p.plan IS NULL) AS not_reported,
                       sum(p.plan) FILTER (WHERE p.actual IS NOT NULL) AS plan,
                       -- Where nobody has a plan there is nothing to compare with, and the actuals of all stand alone.
                       coalesce(sum(p.actual) FILTER (WHERE p.plan IS NOT NULL),
                           CASE WHEN count(p.actual) = count(*) THEN sum(p.actual) END) AS actual, count(p.plan) AS plans,
                       sum(p.turnover) FILTER (WHERE p.plan IS NOT NULL) AS turnover,
                       sum(p.allocation) FILTER (WHERE p.plan IS NOT NULL) AS allocation,
                       count(*) FILTER (WHERE p.actual - p.plan IS NOT NULL
                           AND num_nonnulls(p.turnover, p.allocation) > 0) AS based,
                       sum(p.control_total) AS control_total,
                       sum(p.forecast) FILTER (WHERE p.control_total IS NOT NULL) AS forecast,
                       sum(p.forecast - p.control_total) AS forecast_variance,
                       sum(p.forecast_allocation) FILTER (WHERE p.control_total IS NOT NULL) AS forecast_allocation,
                       count(*) FILTER (WHERE p.forecast - p.control_total IS NOT NULL
                                          AND num_nonnulls(p.forecast_turnover, p.forecast_allocation) > 0) AS forecast_based
                  FROM stp_internal.system_finance_part_rows() p
                 GROUP BY p.system, p.month, p.basis, p.year, p.months) w
        WINDOW so_far AS (PARTITION BY w.system, w.basis, w.year ORDER BY w.month)) t
  JOIN stp.system s ON s.system = t.system
 CROSS JOIN LATERAL (SELECT CASE WHEN t.reported = t.organisations
     THEN t.actual - t.plan - t.variance_before END AS amount) change
 CROSS JOIN LATERAL (SELECT CASE WHEN t.reported = t.organisations AND t.control_totals = t.organisations
                                 THEN t.control_total * t.months / 12 END AS amount) line;
CALL stp.make_rows('stp.system_finance');
COMMENT ON VIEW stp.system_finance IS
    'Where each system, place, region and nation stands against plan (year to date) and control total (whole year): a row for '
    'each basis and month. Sums of the parts of its organisations (stp.system_finance_organisation). Pounds, surplus positive.';
COMMENT ON COLUMN stp.system_finance.period IS 'The month that the year to date ends with.';
COMMENT ON COLUMN stp.system_finance.direction IS
    'Of the variance against last month''s: improving, unchanged, worsening; NULL where change is.';
COMMENT ON COLUMN stp.system_finance.turnover IS 'Turnover of its providers in the year to date; for information.';
COMMENT ON COLUMN stp.system_finance.allocation IS
    'Allocation of its commissioners in the year to date: what the percentage is of.';
COMMENT ON COLUMN stp.system_finance.variance_pct IS 'variance in per cent of allocation; NULL unless pct_status is ok.';
COMMENT ON COLUMN stp.system_finance.forecast_variance_pct IS
    'forecast_variance in per cent of the allocation that was reported with the forecasts; NULL unless each forecast has a '
    'turnover or an allocation, and some commissioner an allocation.';
COMMENT ON COLUMN stp.system_finance.organisations IS
    'Number of its organisations with a control total or any position in the year and basis.';
COMMENT ON COLUMN stp.system_finance.reported IS
    'Number of them with plan and actual. plan, actual, variance, turnover and allocation are of these; where nobody has a plan, '
    'actual is of all.';
COMMENT ON COLUMN stp.system_finance.control_totals IS 'Number of them with a control total. control_total is of these.';
COMMENT ON COLUMN stp.system_finance.forecasts IS
    'Number of them with forecast and control total. forecast and forecast_variance are of these.';
COMMENT ON COLUMN stp.system_finance.not_reported IS 'The organisations without plan or actual; NULL: none.';
COMMENT ON COLUMN stp.system_finance.missing_months IS
    'Months since April in which not every organisation reported plan and actual, this one included; NULL: none.';
COMMENT ON COLUMN stp.system_finance.status IS
    'Of the year to date: ok; incomplete: fewer organisations reported than there are; no plan: all reported an actual, nobody '
    'a plan; no data: none did.';
COMMENT ON COLUMN stp.system_finance.pct_status IS
    'Of variance_pct: ok; no data: no allocation; incomplete: some organisation that reported has neither turnover nor '
    'allocation; zero denominator.';
COMMENT ON COLUMN stp.system_finance.forecast_status IS
    'Of the year: ok; incomplete: forecast or control total of some organisation is missing; no data: of all.';
CALL stp.copy_comments('stp.organisation_finance', 'stp.system_finance');

CREATE VIEW stp.system_finance_organisation WITH (security_invoker = true) AS
SELECT p.system, s.name AS system_name, s.kind, p.organisation, g.name AS organisation_name, p.month AS period,
       stp.first_day(p.month) AS first_day, stp.last_day(p.month) AS last_day, p.basis, p.share,
       p.plan, p.actual, v.variance, p.turnover, p.allocation, v.variance_pct,
       rank() OVER (PARTITION BY p.system, p.basis, p.month ORDER BY v.variance)::int AS place,
       p.offsets, p.control_total, p.forecast, p.forecast - p.control_total AS forecast_variance, v.status
  FROM stp_internal.system_finance_part_rows() p
  JOIN stp.system s ON s.system = p.system
  JOIN stp.organisation g ON g.organisation = p.organisation
 CROSS JOIN LATERAL stp.control_total_variance(p.actual, p.plan, coalesce(p.turnover, p.allocation)) v;
COMMENT ON VIEW stp.system_finance_organisation IS
    'Which organisations drive a system''s variance: what each contributes, in pounds. variance and forecast_variance add up to '
    'those of stp.system_finance, to the penny.';
COMMENT ON COLUMN stp.system_finance_organisation.share IS
    'Share of the organisation that belongs to the system on the last day.';
COMMENT ON COLUMN stp.system_finance_organisation.plan IS 'Part of the planned surplus of the year to date.';
COMMENT ON COLUMN stp.system_finance_organisation.actual IS 'Part of the surplus of the year to date.';
COMMENT ON COLUMN stp.system_finance_organisation.variance IS
    'actual - plan: what it contributes to the system''s variance; NULL: plan or actual is missing, and neither counts.';
COMMENT ON COLUMN stp.system_finance_organisation.turnover IS 'Part of the turnover of the year to date.';
COMMENT ON COLUMN stp.system_finance_organisation.allocation IS 'Part of the allocation of the year to date.';
COMMENT ON COLUMN stp.system_finance_organisation.variance_pct IS
    'variance in per cent of its part of the turnover or allocation.';
COMMENT ON COLUMN stp.system_finance_organisation.place IS 'Order of the contributions: 1 is the largest shortfall.';
COMMENT ON COLUMN stp.system_finance_organisation.offsets IS 'Offsets agreed in the system.';
COMMENT ON COLUMN stp.system_finance_organisation.control_total IS 'Part of the control total of the year, after offsets.';
COMMENT ON COLUMN stp.system_finance_organisation.forecast IS 'Part of the forecast surplus of the year.';
COMMENT ON COLUMN stp.system_finance_organisation.forecast_variance IS
    'forecast - control_total: what it contributes to the system''s forecast variance.';
COMMENT ON COLUMN stp.system_finance_organisation.status IS 'ok; no data: plan or actual is missing; zero denominator.';
CALL stp.copy_comments('stp.system_finance', 'stp.system_finance_organisation');
CALL stp.copy_comments('stp.organisation_finance', 'stp.system_finance_organisation');

CREATE VIEW stp.finance_bases WITH (security_invoker = true) AS
SELECT t.kind, t.unit, t.name, t.period, stp.first_day(t.period) AS first_day, stp.last_day(t.period) AS last_day,
       t.actual_including, t.actual_excluding, t.variance_including, t.variance_excluding,
       t.control_total_including, t.control_total_excluding, t.forecast_variance_including, t.forecast_variance_excluding,
       CASE WHEN t.status_including = 'ok' AND t.status_excluding = 'ok'
           THEN t.actual_including - t.actual_excluding END AS support_funding,
       CASE WHEN t.status_including = t.status_excluding THEN t.status_including
            ELSE format('including: %s, excluding: %s', coalesce(t.status_including, 'no data'),
                coalesce(t.status_excluding, 'no data')) END AS status
  FROM (SELECT u.kind, u.unit, u.name, u.period,
               max(u.actual) FILTER (WHERE u.basis = 'including') AS actual_including,
               max(u.actual) FILTER (WHERE u.basis = 'excluding') AS actual_excluding,
               max(u.variance) FILTER (WHERE u.basis = 'including') AS variance_including,
               max(u.variance) FILTER (WHERE u.basis = 'excluding') AS variance_excluding,
               max(u.control_total) FILTER (WHERE u.basis = 'including') AS control_total_including,
               max(u.control_total) FILTER (WHERE u.basis = 'excluding') AS control_total_excluding,
               max(u.forecast_variance) FILTER (WHERE u.basis = 'including') AS forecast_variance_including,
               max(u.forecast_variance) FILTER (WHERE u.basis = 'excluding') AS forecast_variance_excluding,
               max(u.status) FILTER (WHERE u.basis = 'including') AS status_including,
               max(u.status) FILTER (WHERE u.basis = 'excluding') AS status_excluding
          FROM (SELECT 'organisation' AS kind, o.organisation AS unit, o.organisation_name AS name,
                       stp.last_month(o.period) AS period, o.basis,
                       o.actual, o.variance, o.control_total, o.forecast_variance, o.status
                  FROM stp_internal.organisation_finance_rows() o
                UNION ALL
                SELECT s.kind, s.system, s.system_name, s.period, s.basis,
                       s.actual, s.variance, s.control_total, s.forecast_variance, s.status
                  FROM stp_internal.system_finance_rows() s) u
         GROUP BY u.kind, u.unit, u.name, u.period) t;
COMMENT ON VIEW stp.finance_bases IS
    'The two bases side by side: a row for each organisation, system, place, region and nation and month. Pounds, surplus '
    'positive; no column mixes the two but their difference.';
COMMENT ON COLUMN stp.finance_bases.kind IS 'organisation, nation, region, system or place.';
COMMENT ON COLUMN stp.finance_bases.name IS 'Its name.';
COMMENT ON COLUMN stp.finance_bases.period IS 'The month that the year to date ends with.';
COMMENT ON COLUMN stp.finance_bases.last_day IS 'Last day of the month, and of the year to date.';
COMMENT ON COLUMN stp.finance_bases.actual_including IS 'Surplus of the year to date including support funding.';
COMMENT ON COLUMN stp.finance_bases.actual_excluding IS 'Surplus of the year to date excluding support funding.';
COMMENT ON COLUMN stp.finance_bases.variance_including IS 'Variance from plan, year to date, including support funding.';
COMMENT ON COLUMN stp.finance_bases.variance_excluding IS 'Variance from plan, year to date, excluding support funding.';
COMMENT ON COLUMN stp.finance_bases.control_total_including IS
    'Control total of the year including support funding, after offsets.';
COMMENT ON COLUMN stp.finance_bases.control_total_excluding IS
    'Control total of the year excluding support funding, after offsets.';
COMMENT ON COLUMN stp.finance_bases.forecast_variance_including IS 'Forecast less control total including support funding.';
COMMENT ON COLUMN stp.finance_bases.forecast_variance_excluding IS 'Forecast less control total excluding support funding.';
COMMENT ON COLUMN stp.finance_bases.support_funding IS
    'actual_including - actual_excluding: the support received to date; NULL unless both are ok.';
COMMENT ON COLUMN stp.finance_bases.status IS 'Status of the year to date: one word where both bases have the same, else both.';

--------------------------------------------------------------------------------------------------------------
-- Forecast
--------------------------------------------------------------------------------------------------------------

-- Whatever stp.extract says of what was reported: a plan reaches further. Not split to the penny: it is only compared.
CREATE VIEW stp_internal.year_plan WITH (security_invoker = true) AS
WITH planned AS
(
    SELECT p.organisation, p.basis, y.year,
           max(p.surplus) FILTER (WHERE p.measure = 'plan' AND p.last_month = stp.last_month(y.year)) AS plan
      FROM stp.financial_position p
     CROSS JOIN LATERAL (SELECT stp.financial_year(p.last_month) AS year) y
     GROUP BY p.organisation, p.basis, y.year
)
SELECT 'organisation' AS kind, p.organisation AS unit, p.basis, p.year, p.plan FROM planned p
UNION ALL
SELECT s.kind, m.system, p.basis, p.year, CASE WHEN count(*) = count(p.plan) THEN sum(p.plan * m.share) END
  FROM planned p
 CROSS JOIN LATERAL stp_internal.shares_on(p.organisation, stp.last_day(p.year)) m
  JOIN stp.system s ON s.system = m.system
 GROUP BY s.kind, m.system, p.basis, p.year;
COMMENT ON VIEW stp_internal.year_plan IS
    'Planned surplus of the whole year, keyed by stp.period: of organisations with any position in the year, and of the systems, '
    'regions and places that they belong to at its end. NULL where that of any is not known.';

CREATE VIEW stp.finance_forecast WITH (security_invoker = true) AS
WITH unit_month AS
(
    SELECT 'organisation' AS kind, f.organisation AS unit, f.basis, f.year, f.month, f.actual, f.plan,
           f.agreed + f.offsets AS control_total
      FROM stp_internal.financial_month_rows() f
    UNION ALL
    -- A sum over some of the organisations is not the system's.
    SELECT s.kind, p.system, p.basis, p.year, p.month, CASE WHEN count(*) = count(p.actual) THEN sum(p.actual) END,
           CASE WHEN count(*) = count(p.plan) THEN sum(p.plan) END,
           CASE WHEN count(*) = count(p.control_total) THEN sum(p.control_total) END
      FROM stp_internal.system_finance_part_rows() p
      JOIN stp.system s ON s.system = p.system
     GROUP BY s.kind, p.system, p.basis, p.year, p.month
),
-- All twelve months, so that one of which nobody reported is missing, not skipped. Here money becomes float8.
calendar AS
(
    SELECT y.kind, y.unit, y.basis, y.year, each.month, m.control_total, m.actual::float8 AS actual,
           CASE each.month WHEN stp.last_month(y.year) THEN w.plan ELSE m.plan END::float8 AS plan,
           (each.month - stp.month(stp.first_day(y.year))) + 1 AS number
      FROM (SELECT DISTINCT kind, unit, basis, year FROM unit_month) y
     CROSS JOIN LATERAL stp.periods(stp.month(stp.first_day(y.year)), stp.last_month(y.year)) each (month)
      LEFT JOIN unit_month m ON m.kind = y.kind AND m.unit = y.unit AND m.basis = y.basis AND m.month = each.month
      LEFT JOIN stp_internal.year_plan w ON w.kind = y.kind AND w.unit = y.unit AND w.basis = y.basis AND w.year = y.year
),
so_far AS
(
    SELECT c.*, array_agg(c.actual) OVER so_far AS to_date, array_agg(c.plan) OVER whole AS year_plan,
           c.actual - CASE c.number WHEN 1 THEN 0 ELSE lag(c.actual) OVER so_far END AS added,
           count(c.actual) OVER whole = 12 AS complete
      FROM calendar c
    WINDOW months AS (PARTITION BY c.kind, c.unit, c.basis, c.year ORDER BY c.month),
           so_far AS (months ROWS UNBOUNDED PRECEDING),
           whole AS (months ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),
deviation AS
(
    SELECT s.*, s.added - avg(s.added) OVER (PARTITION BY s.kind, s.unit, s.basis, s.year) AS deviation
        FROM so_far s WHERE s.complete
),
profile AS
(
    SELECT n.kind, n.unit, n.basis, n.year, max(n.years)::int AS years, array_agg(n.deviation ORDER BY n.number) AS deviations
      FROM (SELECT y.kind, y.unit, y.basis, y.year, d.number, count(*) AS years, avg(d.deviation) AS deviation
              FROM (SELECT DISTINCT kind, unit, basis, year FROM unit_month) y
              JOIN deviation d ON d.kind = y.kind AND d.unit = y.unit AND d.basis = y.basis AND d.year < y.year
             GROUP BY y.kind, y.unit, y.basis, y.year, d.number) n
     GROUP BY n.kind, n.unit, n.basis, n.year
)
SELECT s.kind, s.unit, s.month AS period, stp.first_day(s.month) AS first_day, stp.last_day(s.month) AS last_day,
       s.number AS months,
       s.basis, s.actual, s.control_total::float8 AS control_total, o.forecast, o.lower, o.upper, o.probability,
       o.autocorrelation, o.trend, coalesce(p.years, 0) AS earlier_years, o.method, o.status
  FROM so_far s
  LEFT JOIN profile p ON p.kind = s.kind AND p.unit = s.unit AND p.basis = s.basis AND p.year = s.year
 CROSS JOIN LATERAL stp.outturn(s.to_date, s.control_total::float8, p.deviations, plan => s.year_plan) o
 WHERE s.actual IS NOT NULL;
CALL stp.make_rows('stp.finance_forecast');
COMMENT ON VIEW stp.finance_forecast IS
    'Outturn of the year that the months so far let expect, by stp.outturn(), for each organisation, system, place, region and '
    'nation and each month with an actual (of all organisations): what was to be expected then. With the profile of the earlier '
    'years that are complete, if there are any, and compared with the plan.';
COMMENT ON COLUMN stp.finance_forecast.months IS 'Months of the year that have gone.';
COMMENT ON COLUMN stp.finance_forecast.actual IS 'Surplus of the year to date in pounds.';
COMMENT ON COLUMN stp.finance_forecast.control_total IS
    'Control total of the year, after offsets; NULL if that of any organisation is not known.';
COMMENT ON COLUMN stp.finance_forecast.forecast IS
    'Expected surplus of the year in pounds; NULL where the status is too few or missing months.';
COMMENT ON COLUMN stp.finance_forecast.lower IS 'Lower limit of the 95% prediction interval.';
COMMENT ON COLUMN stp.finance_forecast.upper IS 'Upper limit of the 95% prediction interval.';
COMMENT ON COLUMN stp.finance_forecast.probability IS 'Probability of an outturn at or above the control total.';
COMMENT ON COLUMN stp.finance_forecast.autocorrelation IS
    'Correlation of neighbouring months that the forecast reckons with; 0.45 before any month has gone.';
COMMENT ON COLUMN stp.finance_forecast.trend IS
    'Probability of a trend that the forecast reckons with; 0.5 before any month has gone.';
COMMENT ON COLUMN stp.finance_forecast.earlier_years IS 'Number of earlier years that the profile is the mean of.';
COMMENT ON COLUMN stp.finance_forecast.method IS
    'Student t, averaged; Student t, averaged, profile; reported (the year is over).';
COMMENT ON COLUMN stp.finance_forecast.status IS
    'ok; no profile: neither an earlier year nor a plan to March says that the months left are like those gone; step in plan: '
    'the plan says that they are not, as stp.outturn() has it; too few: fewer than 5 months; missing months; constant: the '
    'months do not differ.';
CALL stp.copy_comments('stp.finance_bases', 'stp.finance_forecast');

--------------------------------------------------------------------------------------------------------------
-- Plans to close a gap
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp.system_plan_balance WITH (security_invoker = true) AS
SELECT t.system, s.name AS system_name, t.year AS period, stp.first_day(t.year) AS first_day, stp.last_day(t.year) AS last_day,
       t.do_nothing, t.solutions, r.residual,
       sum(t.do_nothing) OVER so_far AS cumulative_do_nothing, sum(t.solutions) OVER so_far AS cumulative_solutions,
       sum(r.residual) OVER so_far AS cumulative_residual,
       t.year = t.last_year AS is_last_year,
       CASE sign(r.residual) WHEN 1 THEN 'gap' WHEN 0 THEN 'balanced' WHEN -1 THEN 'surplus' END AS balance,
       CASE WHEN t.do_nothing IS NULL THEN 'no data'
            WHEN (t.year - t.first_year) + 1 > count(t.do_nothing) OVER so_far THEN 'missing years' ELSE 'ok' END AS status
  FROM (SELECT p.system, p.year, sum(p.amount) FILTER (WHERE p.line = 'do nothing') AS do_nothing,
               coalesce(sum(p.amount) FILTER (WHERE p.line = 'solution'), 0) AS solutions,
               min(p.year) OVER of_system AS first_year, max(p.year) OVER of_system AS last_year
          FROM stp.system_plan p GROUP BY p.system, p.year
        WINDOW of_system AS (PARTITION BY p.system)) t
  JOIN stp.system s ON s.system = t.system
 CROSS JOIN LATERAL (SELECT t.do_nothing - t.solutions AS residual) r
WINDOW so_far AS (PARTITION BY t.system ORDER BY t.year);
COMMENT ON VIEW stp.system_plan_balance IS
    'Plans of systems by year: the gap if nothing were done, the solutions, and what is left. Pounds; a gap is positive.';
COMMENT ON COLUMN stp.system_plan_balance.period IS 'The financial year.';
COMMENT ON COLUMN stp.system_plan_balance.do_nothing IS 'The gap if nothing were done.';
COMMENT ON COLUMN stp.system_plan_balance.solutions IS 'Sum of the solutions; 0 if the plan has none in the year.';
COMMENT ON COLUMN stp.system_plan_balance.residual IS 'do_nothing - solutions.';
COMMENT ON COLUMN stp.system_plan_balance.cumulative_do_nothing IS 'Sum of do_nothing from the plan''s first year on.';
COMMENT ON COLUMN stp.system_plan_balance.cumulative_solutions IS 'Sum of solutions from the plan''s first year on.';
COMMENT ON COLUMN stp.system_plan_balance.cumulative_residual IS 'Sum of residual from the plan''s first year on.';
COMMENT ON COLUMN stp.system_plan_balance.is_last_year IS 'Whether it is the plan''s last year: the one that has to balance.';
COMMENT ON COLUMN stp.system_plan_balance.balance IS 'gap: residual above 0; balanced: residual 0; surplus: residual below 0.';
COMMENT ON COLUMN stp.system_plan_balance.status IS
    'ok; no data: the plan has no gap for the year, so nothing is left either; missing years: one before it is not in the plan, '
    'or has no gap there, so that the cumulative sums lack it.';

CREATE VIEW stp.system_plan_solution WITH (security_invoker = true) AS
SELECT p.system, b.system_name, b.period, b.first_day, b.last_day, p.category, p.amount,
       CASE WHEN b.do_nothing > 0 THEN p.amount / b.do_nothing END AS share_of_gap,
       CASE WHEN b.do_nothing IS NULL THEN 'no data' WHEN b.do_nothing > 0 THEN 'ok' ELSE 'no gap' END AS status
  FROM stp.system_plan p
  JOIN stp.system_plan_balance b ON b.system = p.system AND b.period = p.year
 WHERE p.line = 'solution';
COMMENT ON VIEW stp.system_plan_solution IS 'What each kind of solution closes of a system''s gap, by year.';
COMMENT ON COLUMN stp.system_plan_solution.category IS 'Kind of solution.';
COMMENT ON COLUMN stp.system_plan_solution.amount IS 'What it saves in the year, in pounds.';
COMMENT ON COLUMN stp.system_plan_solution.share_of_gap IS 'amount over the gap if nothing were done.';
COMMENT ON COLUMN stp.system_plan_solution.status IS
    'ok; no data: the plan has no gap for the year; no gap: it is 0 or negative.';
CALL stp.copy_comments('stp.system_plan_balance', 'stp.system_plan_solution');

CREATE FUNCTION stp.plan_scenario(system text, categories text[], low_delivery numeric[], central_delivery numeric[],
    high_delivery numeric[])
RETURNS TABLE (period stp.period, first_day date, last_day date, do_nothing numeric, solutions numeric, residual numeric,
               low numeric, central numeric, high numeric, status text)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 5 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT d.*, fault.what INTO bad
      FROM unnest(categories, low_delivery, central_delivery, high_delivery) d (category, low, central, high)
     CROSS JOIN LATERAL (SELECT CASE
           WHEN num_nulls(d.category, d.low, d.central, d.high) > 0 THEN 'is not complete'
           WHEN NOT (d.low >= 0 AND d.low <= d.central AND d.central <= d.high AND d.high < 'infinity')
           THEN 'is not 0 <= low <= central <= high'
           WHEN (SELECT count(*) FROM unnest(categories) c WHERE c = d.category) > 1 THEN 'is given twice'
           WHEN NOT EXISTS (SELECT FROM stp.system_plan p WHERE p.system = plan_scenario.system AND p.line = 'solution'
               AND p.category = d.category)
           THEN format('is of no solution in the plan of system "%s"', plan_scenario.system) END AS what) fault
     WHERE fault.what IS NOT NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'delivery of "%": %, %, % %', bad.category, coalesce(bad.low::text, 'NULL'),
            coalesce(bad.central::text, 'NULL'),
              coalesce(bad.high::text, 'NULL'), bad.what
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Give arrays of one length: categories of stp.system_plan, and for each the share of it that is '
                        'delivered, 1 = as planned.';
    END IF;
    RETURN QUERY
    SELECT b.period, b.first_day, b.last_day, b.do_nothing, b.solutions, b.residual,
           b.do_nothing - d.low, b.do_nothing - d.central, b.do_nothing - d.high, b.status
      FROM stp.system_plan_balance b
     CROSS JOIN LATERAL (SELECT coalesce(sum(x.amount * coalesce(x.low, 1)), 0) AS low,
         coalesce(sum(x.amount * coalesce(x.central, 1)), 0) AS central,
                                coalesce(sum(x.amount * coalesce(x.high, 1)), 0) AS high
                           FROM (SELECT s.amount, g.* FROM stp.system_plan_solution s
                                   LEFT JOIN unnest(categories, low_delivery, central_delivery,
                                       high_delivery) g (category, low, central, high)
                                     ON g.category = s.category
                                  WHERE s.system = b.system AND s.period = b.period) x) d
     WHERE b.system = plan_scenario.system
     ORDER BY b.period;
END $$;
COMMENT ON FUNCTION stp.plan_scenario(text, text[], numeric[], numeric[], numeric[]) IS
    'What is left of a system''s gap, by year, if solutions deliver more or less than planned. categories: kinds of solution; '
    'low_delivery, central_delivery, high_delivery: for each the share of it that is delivered (0.6 for 60%). Solutions not '
    'named deliver as planned. residual is the plan''s; low, central and high are those of low, central and high delivery, so '
    'that low is the largest gap unless a solution is an investment. Errors: 22023 arrays of different length, NULL, a category '
    'that the plan does not have or that is given twice, shares that are not finite, negative or out of order.';

--------------------------------------------------------------------------------------------------------------
-- Scores
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp.finance_score(scheme text, metric text, value numeric) RETURNS int
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    best int;
BEGIN
    IF NOT (value > '-infinity' AND value < 'infinity') THEN
        RAISE EXCEPTION 'value of "%" must be a finite number, not "%"', metric, value
              USING ERRCODE = 'invalid_parameter_value', HINT = 'Pass NULL if it is not known.';
    END IF;
    SELECT min(t.score) INTO best
      FROM stp.finance_threshold t
     WHERE t.scheme = finance_score.scheme AND t.metric = finance_score.metric
       AND CASE t.comparison WHEN '>' THEN value > t.cut WHEN '>=' THEN value >= t.cut
                             WHEN '<' THEN value < t.cut WHEN '<=' THEN value <= t.cut ELSE true END;
    IF best IS NULL THEN
        RAISE EXCEPTION 'scheme "%" has no score for % of metric "%"', scheme, value, metric
              USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'SELECT scheme, metric FROM stp.finance_threshold lists them; one score of each metric should take '
                        'the rest, with a NULL cut.';
    END IF;
    RETURN best;
END $$;
COMMENT ON FUNCTION stp.finance_score(text, text, numeric) IS
    'Score, 1 best to 4 worst, of a finance metric by the thresholds of a scheme in stp.finance_threshold: the best score whose '
    'comparison the value passes. value: in the unit of the metric, per cent as 1.5 for 1.5%. Errors: 22023 NaN, infinity, an '
    'unknown scheme or metric, a value for which the scheme has no score.';

CREATE FUNCTION stp.finance_rating(scores int[], half text DEFAULT 'worse') RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad int;
BEGIN
    IF half <> ALL (ARRAY['worse', 'better']) THEN
        RAISE EXCEPTION 'unknown rounding of a half "%"', half USING
            ERRCODE = 'invalid_parameter_value', HINT = 'Give worse or better.';
    END IF;
    SELECT score INTO bad FROM unnest(scores) score WHERE score NOT BETWEEN 1 AND 4 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'score % is not from 1 to 4', bad USING
            ERRCODE = 'invalid_parameter_value', HINT = 'Take scores from stp.finance_score().';
    END IF;
    RETURN (SELECT CASE WHEN count(score) = count(*)
                        THEN greatest(CASE half WHEN 'worse' THEN floor(avg(score) + 0.5) ELSE ceil(avg(score) - 0.5) END,
                                      CASE WHEN max(score) = 4 THEN 3 END)::int END
              FROM unnest(scores) score);
END $$;
COMMENT ON FUNCTION stp.finance_rating(int[], text) IS
    'Overall finance score from those of the metrics: their mean, each with the same weight, rounded to a whole number; with any '
    '4 among them no better than 3. half: whether a mean half way between two scores becomes the worse or the better one; it is '
    'not known which was done, and cannot happen with five metrics. NULL if there are no scores or one is NULL. Errors: 22023 a '
    'score that is not from 1 to 4, an unknown half. Source: rule of the Single Oversight Framework, from memory, unconfirmed.';

INSERT INTO stp.finance_threshold (scheme, metric, score, comparison, cut, status, source, builtin)
SELECT 'sof-2017', t.metric, t.score, t.comparison, t.cut, 'unconfirmed',
       'Single Oversight Framework, November 2017; thresholds from memory. Where two scores share a bound, the better one has it '
           '(ours).', true
  FROM (VALUES
    ('capital_service_capacity', 1, '>', 2.5), ('capital_service_capacity', 2, '>=', 1.75),
    ('capital_service_capacity', 3, '>=', 1.25), ('capital_service_capacity', 4, NULL, NULL),
    ('liquidity_days', 1, '>', 0), ('liquidity_days', 2, '>=', -7), ('liquidity_days', 3, '>=', -14),
        ('liquidity_days', 4, NULL, NULL),
    ('surplus_margin_pct', 1, '>', 1), ('surplus_margin_pct', 2, '>=', 0), ('surplus_margin_pct', 3, '>', -1),
        ('surplus_margin_pct', 4, NULL, NULL),
    ('distance_from_plan_pct', 1, '>=', 0), ('distance_from_plan_pct', 2, '>=', -1),
    ('distance_from_plan_pct', 3, '>', -2), ('distance_from_plan_pct', 4, NULL, NULL),
    ('agency_over_ceiling_pct', 1, '<=', 0), ('agency_over_ceiling_pct', 2, '<=', 25),
    ('agency_over_ceiling_pct', 3, '<=', 50), ('agency_over_ceiling_pct', 4, NULL, NULL)) t (metric, score, comparison, cut);

-- After the shipped rows: from here on nobody can make or change one.
CREATE TRIGGER guard_builtin BEFORE INSERT OR UPDATE OR DELETE ON stp.finance_threshold
    FOR EACH ROW EXECUTE FUNCTION stp_internal.guard_builtin('metric', 'Insert a copy under a scheme of your own and use that.');

--------------------------------------------------------------------------------------------------------------
-- Towards a rating
--------------------------------------------------------------------------------------------------------------

CREATE VIEW stp.financial_position_observation WITH (security_invoker = true) AS
SELECT i.indicator, f.organisation, f.period, i.numerator, i.denominator, i.value, NULL::text AS status, f.basis
  FROM stp_internal.financial_month_rows() f
 -- Here money becomes float8.
 CROSS JOIN LATERAL (VALUES
       ('variance_to_plan_pct', NULL, NULL, CASE WHEN f.turnover > 0 THEN ((f.actual - f.plan) * 100 / f.turnover)::float8 END),
       ('control_total_variance_pct', (f.actual - f.plan)::float8, f.turnover::float8, NULL),
       ('net_position_pct', f.actual::float8, f.turnover::float8, NULL),
       ('system_variance_pct', (f.actual - f.plan)::float8, CASE WHEN f.turnover IS NULL
           THEN f.allocation::float8 ELSE 0 END, NULL))
       i (indicator, numerator, denominator, value)
 WHERE i.value IS NOT NULL OR (i.numerator IS NOT NULL AND i.denominator IS NOT NULL);
COMMENT ON VIEW stp.financial_position_observation IS
    'The indicators that come from stp.financial_position, in the shape of stp.observation, for each of the two bases: '
        'variance_to_plan_pct, control_total_variance_pct and net_position_pct of providers, system_variance_pct of providers '
        'and commissioners. Year to date.';
COMMENT ON COLUMN stp.financial_position_observation.denominator IS
    'control_total_variance_pct, net_position_pct: turnover. system_variance_pct: allocation; 0 for providers, whose variance '
    'counts but whose money is in their commissioners'' allocations.';
COMMENT ON COLUMN stp.financial_position_observation.basis IS 'including or excluding support funding: choose one.';
CALL stp.copy_comments('stp.observation', 'stp.financial_position_observation');

SELECT pg_catalog.pg_extension_config_dump('stp.control_total', '');
SELECT pg_catalog.pg_extension_config_dump('stp.control_total_offset', '');
SELECT pg_catalog.pg_extension_config_dump('stp.financial_position', '');
SELECT pg_catalog.pg_extension_config_dump('stp.system_plan', '');
SELECT pg_catalog.pg_extension_config_dump('stp.finance_threshold', 'WHERE NOT builtin');

-- As in the registry: money is not public until its owner says so; the views run with the rights of the reader.
GRANT SELECT ON stp.finance_threshold, stp_internal.control_total_leg, stp.unassigned_finance,
    stp.organisation_finance, stp.system_finance, stp.system_finance_organisation, stp.finance_bases, stp_internal.year_plan,
    stp.finance_forecast,
    stp.system_plan_balance, stp.system_plan_solution, stp.financial_position_observation TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE
    ON stp.control_total, stp.control_total_offset, stp.financial_position, stp.system_plan, stp.finance_threshold
    TO @extowner@ WITH GRANT OPTION;
