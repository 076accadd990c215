-- Module funnel against FunnelPlotR 0.6.0 and PHEindicatormethods 2.1.0, by properties over random units, over every plan an
-- aggregate can meet, and with hostile states.
SELECT no_plan();

CREATE FUNCTION close_to(ours float8, expected float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql
RETURN ours IS NOT DISTINCT FROM expected OR coalesce(abs(ours - expected) <= tolerance * abs(expected), false);
-- A funnel of no units, whose target is given.
CREATE FUNCTION funnel_at(method text, target float8) RETURNS stp.dispersion LANGUAGE sql
RETURN (SELECT stp.dispersion(NULL, NULL, funnel_at.method, funnel_at.target, NULL, NULL));

-- Reference: FunnelPlotR --------------------------------------------------------------------------------------

CREATE TABLE input (org text PRIMARY KEY, expected float8, observed float8, discharges float8, readmitted float8, fte float8,
                    incidents float8);
CREATE TABLE summary (method text, numerator text, denominator text, target float8, n_used int, phi float8, tau2 float8);
CREATE TABLE shown_limit (method text, n float8, ll95 float8, ul95 float8, ll998 float8, ul998 float8,
                          odll95 float8, odul95 float8, odll998 float8, odul998 float8);
CREATE TABLE point (method text, unit text, numerator float8, denominator float8, rr float8, target_transformed float8, y float8,
                    s float8, z float8, winsorised int, wz float8, ll95 float8, ul95 float8, ll998 float8, ul998 float8,
                    odll95 float8, odul95 float8, odll998 float8, odul998 float8, outlier_od998 int, outlier_998 int,
                    rk float8, sp float8);
\copy input FROM 'test/fixtures/funnel/input.csv' (FORMAT csv, HEADER)
\copy summary FROM 'test/fixtures/funnel/summary_expected.csv' (FORMAT csv, HEADER)
\copy shown_limit FROM 'test/fixtures/funnel/limits_expected_PR.csv' (FORMAT csv, HEADER)
\copy shown_limit FROM 'test/fixtures/funnel/limits_expected_RC.csv' (FORMAT csv, HEADER)
\copy shown_limit FROM 'test/fixtures/funnel/limits_expected_SR_CQC.csv' (FORMAT csv, HEADER)
\copy shown_limit FROM 'test/fixtures/funnel/limits_expected_SR_SHMI.csv' (FORMAT csv, HEADER)
\copy point (method, unit, numerator, denominator, rr, target_transformed, y, s, z, winsorised, wz, ll95, ul95, ll998, ul998, odll95, odul95, odll998, odul998, outlier_od998, outlier_998) FROM 'test/fixtures/funnel/points_expected_PR.csv' (FORMAT csv, HEADER)
\copy point (method, unit, numerator, denominator, rr, target_transformed, y, s, z, winsorised, wz, ll95, ul95, ll998, ul998, odll95, odul95, odll998, odul998, outlier_od998, outlier_998) FROM 'test/fixtures/funnel/points_expected_RC.csv' (FORMAT csv, HEADER)
\copy point (method, unit, numerator, denominator, rr, target_transformed, y, s, z, winsorised, wz, ll95, ul95, ll998, ul998, odll95, odul95, odll998, odul998, outlier_od998, outlier_998) FROM 'test/fixtures/funnel/points_expected_SR_CQC.csv' (FORMAT csv, HEADER)
\copy point (method, unit, numerator, denominator, rr, target_transformed, y, s, z, rk, sp, winsorised, wz, ll95, ul95, ll998, ul998, odll95, odul95, odll998, odul998, outlier_od998, outlier_998) FROM 'test/fixtures/funnel/points_expected_SR_SHMI.csv' (FORMAT csv, HEADER)

-- The package's words for ours: the method behind its z-scores and over-dispersed limits, and that of its limits by chance.
CREATE TABLE dialect AS
SELECT d.method, d.chance_method, stp.dispersion(numerator, denominator, d.ours, d.target, d.extremes, 0.1) AS od,
       stp.dispersion(numerator, denominator, d.chance_method, d.target, d.extremes, 0.1) AS chance
  FROM (VALUES ('PR', 'arcsine', 'arcsine', NULL::float8, 'winsorised'), ('RC', 'counts', 'counts', NULL, 'winsorised'),
               ('SR_SHMI', 'log', 'expected', 1, 'trimmed'), ('SR_CQC', 'root', 'expected', 1, NULL))
       d (method, ours, chance_method, target, extremes),
       LATERAL (SELECT CASE d.method WHEN 'PR' THEN readmitted WHEN 'RC' THEN incidents ELSE observed END AS numerator,
                       CASE d.method WHEN 'PR' THEN discharges WHEN 'RC' THEN fte ELSE expected END AS denominator
                  FROM input) i
 GROUP BY d.method, d.chance_method;

SELECT is_empty($$
    SELECT * FROM summary s LEFT JOIN dialect d USING (method)
     WHERE NOT close_to(stp.target(od), s.target) OR stp.n(od) <> s.n_used OR NOT close_to(stp.phi(od), s.phi)
        OR NOT close_to(stp.tau2(od), s.tau2) OR d.method IS NULL
$$, 'target, number, phi and tau squared agree with FunnelPlotR');

-- The package has 1.959964 and 3.090232 for the normal quantiles, but in its exact limits: the levels that belong to them.
CREATE FUNCTION level(method text, n int) RETURNS float8 LANGUAGE sql
RETURN CASE WHEN level.method = 'expected' THEN (ARRAY[0.95, 0.998])[n]
            ELSE (ARRAY[0.9500000018071152, 0.9979999979382098])[n] END;
CREATE VIEW compared AS
SELECT l.*, c.lower AS chance_lower, c.upper AS chance_upper, o.lower AS od_lower, o.upper AS od_upper, d.od
  FROM (SELECT method, 'curve' AS unit, n, ll95, ul95, ll998, ul998, odll95, odul95, odll998, odul998 FROM shown_limit
        UNION ALL
        SELECT method, unit, denominator, ll95, ul95, ll998, ul998, odll95, odul95, odll998, odul998 FROM point) l
  JOIN dialect d USING (method),
       stp.funnel(NULL, l.n, d.chance, levels => ARRAY[level(d.chance_method, 1), level(d.chance_method, 2)]) c,
       stp.funnel(NULL, l.n, d.od, 'additive', levels => ARRAY[level('', 1), level('', 2)]) o;
SELECT cmp_ok((SELECT count(*) FROM compared), '>=', 160::bigint, 'the reference has limits of 20 denominators and 20 units of each method');

SELECT is_empty($$
    SELECT * FROM compared WHERE method LIKE 'SR%'
       AND NOT (close_to(chance_lower[1], ll95) AND close_to(chance_lower[2], ll998)
                AND close_to(chance_upper[1], ul95) AND close_to(chance_upper[2], ul998))
$$, 'exact limits of ratios agree with FunnelPlotR');
SELECT is_empty($$
    SELECT * FROM compared WHERE method = 'SR_SHMI'
       AND NOT (close_to(od_lower[1], odll95) AND close_to(od_lower[2], odll998)
                AND close_to(od_upper[1], odul95) AND close_to(od_upper[2], odul998))
$$, 'so do those of the SHMI with over-dispersion');
-- Where the angle is below 0 or beyond a right one, the limit is the end of the scale: the package's comes back.
CREATE FUNCTION unless_beyond(angle float8, theirs float8) RETURNS float8 LANGUAGE sql
RETURN CASE WHEN angle < 0 THEN 0 WHEN angle > pi() / 2 THEN 1 ELSE theirs END;
CREATE VIEW angle AS
SELECT c.*, asin(sqrt(stp.target(od))) AS middle, 1.959964 * sqrt(0.25 / n) AS reach95, 3.090232 * sqrt(0.25 / n) AS reach998,
       1.959964 * sqrt(0.25 / n + stp.tau2(od)) AS od_reach95, 3.090232 * sqrt(0.25 / n + stp.tau2(od)) AS od_reach998
  FROM compared c WHERE method = 'PR';
SELECT is_empty($$
    SELECT * FROM angle
     WHERE NOT (close_to(chance_lower[1], unless_beyond(middle - reach95, ll95))
                AND close_to(chance_lower[2], unless_beyond(middle - reach998, ll998))
                AND close_to(chance_upper[1], unless_beyond(middle + reach95, ul95))
                AND close_to(chance_upper[2], unless_beyond(middle + reach998, ul998))
                AND close_to(od_lower[1], unless_beyond(middle - od_reach95, odll95))
                AND close_to(od_lower[2], unless_beyond(middle - od_reach998, odll998))
                AND close_to(od_upper[1], unless_beyond(middle + od_reach95, odul95))
                AND close_to(od_upper[2], unless_beyond(middle + od_reach998, odul998)))
$$, 'those of proportions do, by chance and with over-dispersion, where the transformed limit is on the scale');
SELECT is((SELECT (od_lower[1], chance_lower[1], round(ll95::numeric, 4))::text FROM compared WHERE method = 'PR' AND n = 3),
          '(0,0,0.0447)', 'the package has a lower limit of 4% among 3 units, ours is 0');
-- Its limits of the root are not squared back, and come below 0.
SELECT is_empty($$
    SELECT * FROM compared WHERE method = 'SR_CQC'
       AND NOT (close_to(od_lower[1], greatest(odll95, 0) ^ 2) AND close_to(od_lower[2], greatest(odll998, 0) ^ 2)
                AND close_to(od_upper[1], odul95 ^ 2) AND close_to(od_upper[2], odul998 ^ 2))
$$, 'those of the root are the squares of what the package calls limits of the ratio');
-- Its limits of counts have the standard error of a proportion, 1 / (2 sqrt(n)), a third of that in its own z-scores.
SELECT is_empty($$
    SELECT c.* FROM compared c, LATERAL (SELECT exp(ln(stp.target(od)) + side * q * sqrt(0.25 / n + t)) AS theirs, shown
        FROM (VALUES (-1, 1.959964, 0, ll95), (1, 1.959964, 0, ul95), (-1, 3.090232, 0, ll998), (1, 3.090232, 0, ul998),
                     (-1, 1.959964, stp.tau2(od), odll95), (1, 1.959964, stp.tau2(od), odul95),
                     (-1, 3.090232, stp.tau2(od), odll998), (1, 3.090232, stp.tau2(od), odul998)) v (side, q, t, shown)) t
     WHERE method = 'RC' AND NOT close_to(theirs, shown)
$$, 'the package''s limits of counts follow from our target and tau squared, and a standard error that is not theirs');
SELECT is_empty($$
    SELECT c.* FROM compared c,
           LATERAL (SELECT sqrt(t * n / (t * n + 0.5) ^ 2 + n / (n + 0.5) ^ 2) AS s, t FROM (SELECT stp.target(od) AS t) x) x
     WHERE method = 'RC' AND NOT (close_to(chance_lower[2], exp(ln(t) - 3.090232 * s))
           AND close_to(od_upper[1], exp(ln(t) + 1.959964 * sqrt(s ^ 2 + stp.tau2(od)))))
$$, 'ours have that of a ratio of counts at the target');

CREATE VIEW judged AS
SELECT p.*, c.value, c.z AS our_z, c.flag AS chance_flag, o.flag AS od_flag, o.lower AS od_lower
  FROM point p JOIN dialect d USING (method), stp.funnel(numerator, denominator, d.chance) c,
       stp.funnel(numerator, denominator, d.od, 'additive') o;
SELECT is_empty($$
    SELECT * FROM point p JOIN dialect d USING (method), stp.funnel(numerator, denominator, d.od) f
     WHERE NOT (close_to(f.value, p.rr) AND close_to(f.z, p.z))
$$, 'values and z-scores agree with FunnelPlotR in every row');
SELECT is_empty($$
    SELECT * FROM judged WHERE (method IN ('PR', 'SR_SHMI') OR method = 'SR_CQC' AND chance_flag IS NULL)
       AND ((chance_flag LIKE '%0.998')::int <> outlier_998 OR (od_flag LIKE '%0.998')::int <> outlier_od998)
    UNION ALL
    SELECT * FROM judged WHERE method = 'SR_CQC' AND (chance_flag LIKE '%0.998')::int <> outlier_998
$$, 'and so do flags, exactly');
-- A ratio beside the limit of its root is called an outlier too early.
SELECT is_empty($$
    SELECT * FROM judged WHERE method = 'SR_CQC' AND outlier_od998 <> (rr < odll998 OR rr > odul998)::int
    UNION ALL
    SELECT * FROM judged WHERE method = 'SR_CQC' AND (od_flag LIKE '%0.998') <> (rr < greatest(odll998, 0) ^ 2 OR rr > odul998 ^ 2)
$$, 'the package''s flags of the root follow from limits that are not squared, ours from the squares');
SELECT cmp_ok((SELECT count(*) FROM judged WHERE method = 'SR_CQC' AND outlier_od998 = 1 AND od_flag NOT LIKE '%0.998'), '>=', 5::bigint,
              'which takes five trusts of these twenty for outliers that are none');
SELECT is_empty($$
    SELECT * FROM judged WHERE method = 'RC' AND (outlier_998 <> (rr < ll998 OR rr > ul998)::int
        OR outlier_od998 <> (rr < odll998 OR rr > odul998)::int)
$$, 'its flags of counts follow from its limits of counts');

-- Reference: PHEindicatormethods -------------------------------------------------------------------------------

CREATE TABLE phe_proportion (population float8, average float8, p float8, side text, value float8);
CREATE TABLE phe_poisson (obs float8, p float8, side text, package_value float8, exact_value float8);
CREATE TABLE phe_ratio (obs float8, expected float8, p float8, side text, value float8);
CREATE TABLE phe_area (area text, events float8, pop float8, dsr float8, num float8, expected float8, crude float8,
                       proportion text, ratio text, rate text, dsr_flag text);
\copy phe_proportion FROM 'test/fixtures/funnel/phe_funnel_proportion_limits.csv' (FORMAT csv, HEADER)
\copy phe_poisson FROM 'test/fixtures/funnel/phe_funnel_poisson_limits.csv' (FORMAT csv, HEADER)
\copy phe_ratio FROM 'test/fixtures/funnel/phe_funnel_ratio_teststat.csv' (FORMAT csv, HEADER)
\copy phe_area FROM 'test/fixtures/funnel/phe_funnel_significance.csv' (FORMAT csv, HEADER)
CREATE FUNCTION on_side(side text, lower float8, upper float8) RETURNS float8 LANGUAGE sql
RETURN CASE side WHEN 'low' THEN lower ELSE upper END;

-- What the package gives below 0 and above 1, it draws at 0 and 1.
SELECT is_empty($$
    SELECT * FROM phe_proportion p,
           stp.funnel(NULL, p.population, funnel_at('wilson', p.average), levels => ARRAY[2 * p.p - 1]) f
     WHERE NOT close_to(on_side(p.side, f.lower[1], f.upper[1]), least(greatest(p.value, 0), 1))
$$, 'limits of proportions agree with PHEindicatormethods, not beyond 0 and 1');
-- The events expected at which so many observed are on the limit: the other way round.
SELECT is_empty($$
    SELECT * FROM phe_poisson p,
           stp.funnel(NULL, p.exact_value, funnel_at('observed', 1), levels => ARRAY[1 - 2 * p.p]) f
     WHERE NOT close_to(on_side(p.side, f.upper[1], f.lower[1]) * p.exact_value, p.obs)
$$, 'the exact limits by observed events go through the points of PHEindicatormethods');
SELECT is_empty($$
    SELECT * FROM phe_ratio p, stp.ratio(p.obs, p.expected, confidence => p.p) r
     WHERE NOT close_to(on_side(p.side, r.lower, r.upper), p.value)
$$, 'limits of the ratio of one area are those of stp.ratio');

-- Words of the package: High (0.001) is beyond 0.998, High (0.025) beyond 0.95.
CREATE FUNCTION in_their_words(flag text) RETURNS text LANGUAGE sql
RETURN CASE flag WHEN 'inside' THEN 'Not significant' WHEN 'high 0.998' THEN 'High (0.001)' WHEN 'high 0.95' THEN 'High (0.025)'
                 WHEN 'low 0.998' THEN 'Low (0.001)' WHEN 'low 0.95' THEN 'Low (0.025)' END;
-- The package pools all areas, of which this is a part. Rates: as the reference rate of module standardise has it. Of the other
-- two targets only an interval is known, as wide as its digits: outside of it some flag is another.
CREATE TABLE reference (band_no int, ageband text, refcount float8, refpop float8);
\copy reference FROM 'test/fixtures/standardised/isr_reference.csv' (FORMAT csv, HEADER)
CREATE VIEW phe_flag AS
SELECT area, kind, theirs, f.flag, f.status
  FROM phe_area,
       LATERAL (VALUES ('proportion', funnel_at('wilson', 0.2706), num, pop, proportion),
                       ('ratio', funnel_at('observed', 1), events, expected, ratio),
                       ('rate', funnel_at('observed', (SELECT sum(refcount) / sum(refpop) FROM reference)), events, pop, rate),
                       ('dsr', funnel_at('observed', 722.5), events, coalesce(events / dsr, 1), dsr_flag))
               k (kind, funnel, numerator, denominator, theirs),
       LATERAL stp.funnel(numerator, denominator, funnel, minimum_events => CASE kind WHEN 'dsr' THEN 10 ELSE 0 END) f;
SELECT cmp_ok((SELECT count(*) FROM phe_flag WHERE theirs IS NOT NULL), '>=', 263::bigint, 'the reference has flags of 67 areas');
SELECT is_empty($$ SELECT * FROM phe_flag WHERE in_their_words(flag) IS DISTINCT FROM theirs $$,
                'flags of proportions, ratios, crude and standardised rates agree with PHEindicatormethods, exactly');
SELECT is_empty($$ SELECT * FROM phe_flag WHERE status <> CASE WHEN theirs IS NULL THEN 'too few' ELSE 'ok' END $$,
                'a standardised rate of fewer than 10 events is too few');

-- What both public tools draw wrongly ------------------------------------------------------------------------------

SELECT is(f.lower[2], 0::float8, 'at 2% of 20 the lower limit of 99.8% is 0, not 4.1%'),
       is(round((sin(asin(sqrt(0.02)) - 3.090232 / (2 * sqrt(20))) ^ 2)::numeric, 3), 0.041, '(which is the square of a negative sine)')
  FROM stp.funnel(0, 20, funnel_at('arcsine', 0.02)) f;
SELECT is(f.upper[2], 1::float8, 'at 98% of 20 the upper one is 1') FROM stp.funnel(20, 20, funnel_at('arcsine', 0.98)) f;
SELECT is(f.lower, ARRAY[0, 0]::float8[], 'the root of a ratio does not come back up') FROM stp.funnel(1, 0.5, funnel_at('root', 1)) f;
SELECT cmp_ok(abs(f.z), '<', 1::float8, 'no events where one is expected are no outlier among counts: z is not that of a variance of 0'),
       is(f.flag, 'inside', 'nor are they flagged') FROM stp.funnel(0, 100, funnel_at('counts', 0.01)) f;
SELECT is_empty($$
    SELECT * FROM (SELECT method, level, lag(lower) OVER w > lower + 1e-12 AS falls, lag(upper) OVER w < upper - 1e-12 AS rises
                     FROM unnest('{arcsine,wilson,expected,observed,log,root,counts}'::text[]) method, unnest('{0.003,0.5,0.97}'::float8[]) target,
                          stp.funnel_curve(funnel_at(method, target), 1, 1e5, points => 300)
                   WINDOW w AS (PARTITION BY method, target, level ORDER BY denominator)) c
     WHERE falls OR rises
$$, 'as denominators grow, lower limits never fall and upper ones never rise');
