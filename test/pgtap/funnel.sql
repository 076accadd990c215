-- Module funnel against FunnelPlotR 0.6.0 and PHEindicatormethods 2.1.0, by properties over random units, over every plan an
-- aggregate can meet, and with hostile states.
SELECT plan(151);

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

SELECT unnest(ARRAY[is(f.lower[2], 0::float8, 'at 2% of 20 the lower limit of 99.8% is 0, not 4.1%'),
                    is(round((sin(asin(sqrt(0.02)) - 3.090232 / (2 * sqrt(20))) ^ 2)::numeric, 3), 0.041, '(which is the square of a negative sine)')])
  FROM stp.funnel(0, 20, funnel_at('arcsine', 0.02)) f;
SELECT is(f.upper[2], 1::float8, 'at 98% of 20 the upper one is 1') FROM stp.funnel(20, 20, funnel_at('arcsine', 0.98)) f;
SELECT is(f.lower, ARRAY[0, 0]::float8[], 'the root of a ratio does not come back up') FROM stp.funnel(1, 0.5, funnel_at('root', 1)) f;
SELECT unnest(ARRAY[cmp_ok(abs(f.z), '<', 1::float8, 'no events where one is expected are no outlier among counts: z is not that of a variance of 0'),
                    is(f.flag, 'inside', 'nor are they flagged')])
  FROM stp.funnel(0, 100, funnel_at('counts', 0.01)) f;
SELECT is_empty($$
    SELECT * FROM (SELECT method, level, lag(lower) OVER w > lower + 1e-12 AS falls, lag(upper) OVER w < upper - 1e-12 AS rises
                     FROM unnest('{arcsine,wilson,expected,observed,log,root,counts}'::text[]) method, unnest('{0.003,0.5,0.97}'::float8[]) target,
                          stp.funnel_curve(funnel_at(method, target), 1, 1e5, points => 300)
                   WINDOW w AS (PARTITION BY method, target, level ORDER BY denominator)) c
     WHERE falls OR rises
$$, 'as denominators grow, lower limits never fall and upper ones never rise');

-- By hand ---------------------------------------------------------------------------------------------------------

SELECT is(stp.dispersion(x, n, 'root', 25, NULL, 0)::text, '(root,2,25,9,4.25)',
          'roots 1.5 above and below 5: z of 3, phi 9, tau squared (18 - 1) / (8 - 4)')
  FROM (VALUES (6.5 ^ 2, 1), (3.5 ^ 2, 1)) u (x, n);
SELECT is(stp.dispersion(x, n, 'root', 25, 'winsorised', 0.1)::text, '(root,2,25,5.760000000000001,2.6300000000000003)',
          'pulled in by a tenth: 2.4 and -2.4')
  FROM (VALUES (6.5 ^ 2, 1), (3.5 ^ 2, 1)) u (x, n);
SELECT is((f.z, (f.lower[1] * 1e9)::bigint, f.flag)::text, '(3,16160544782,"high 0.95")', 'z of 3 is outside of 95%, not of 99.8%')
  FROM stp.funnel(6.5 ^ 2, 1, funnel_at('root', 25)) f;
SELECT unnest(ARRAY[ok(close_to(f.z, 1.5 / sqrt(0.25 + 4.25)), 'additive: tau squared is added to the variance'),
                    ok(close_to(f.upper[1], (5 + 1.959963984540054 * sqrt(0.25 + 4.25)) ^ 2), 'of the limits, too')])
  FROM stp.funnel(6.5 ^ 2, 1, '(root,2,25,9,4.25)', 'additive') f;
SELECT unnest(ARRAY[ok(close_to(f.z, 1), 'multiplicative: z over the root of phi'),
                    ok(close_to(f.upper[1], (5 + 1.959963984540054 * 0.5 * 3) ^ 2), 'and limits as much farther')])
  FROM stp.funnel(6.5 ^ 2, 1, '(root,2,25,9,4.25)', 'multiplicative') f;
SELECT is(f.upper, g.upper, 'phi below 1 draws no limits nearer')
  FROM stp.funnel(6, 1, '(root,2,25,0.5,0)', 'multiplicative') f, stp.funnel(6, 1, '(root,2,25,0.5,0)') g;
SELECT is((stp.dispersion(x, 10, 'root', NULL, 'trimmed', 0.25))::text ~ '^\(root,2,', true, 'of 4 units, trimmed by a quarter, two are left')
  FROM unnest('{1,2,3,4}'::float8[]) x;
SELECT is(stp.n(stp.dispersion(x, 10, 'root', NULL, 'trimmed', 0.3)), 3::bigint, 'tied z-scores stay or go together')
  FROM unnest('{1,2,2,2,3}'::float8[]) x;
SELECT is(stp.n(stp.dispersion(x, 10, 'root', NULL, 'trimmed', 0.49)), 0::bigint, 'with nothing left there is no phi')
  FROM unnest('{1,2}'::float8[]) x;
SELECT is(stp.dispersion(x, n, 'log')::text, '(log,1,0.1,0.4804530139182012,0)', 'what has no logarithm counts for the target, not for phi')
  FROM (VALUES (0, 10), (2, 10), (NULL, 10), (3, NULL), (0, 0)) u (x, n);
SELECT is((f.value, f.target, f.z, f.lower[1] * 100, f.flag)::text, (50::float8, 40::float8, g.z, 100 * 100 * g.lower[1], 'inside')::text,
          'per multiplies value, target and limits')
  FROM stp.funnel(5, 10, funnel_at('arcsine', 0.4), per => 100) f, stp.funnel(5, 10, funnel_at('arcsine', 0.4)) g;
SELECT unnest(ARRAY[is(f.lower, ARRAY[g.lower[2], g.lower[1]], 'levels come as they are asked for, and the widest gives the flag'),
                    is(f.flag, 'high 0.998', 'whatever their order')])
  FROM stp.funnel(9, 10, funnel_at('arcsine', 0.1), levels => '{0.998,0.95}') f, stp.funnel(9, 10, funnel_at('arcsine', 0.1)) g;
SELECT is(f.flag, 'inside', 'a value on its limit is inside')
  FROM stp.funnel(NULL, 50, funnel_at('wilson', 0.3)) g, stp.funnel(g.upper[1] * 50, 50, funnel_at('wilson', 0.3)) f;

-- Statuses --------------------------------------------------------------------------------------------------------

SELECT is((f.status, f.flag, f.value, f.lower IS NULL)::text, expected, what)
  FROM (VALUES ('no numerator: limits', NULL::float8, 10::float8, funnel_at('root', 1), '("no data",,,f)'),
               ('no denominator', 1, NULL, funnel_at('root', 1), '("no data",,,t)'),
               ('no funnel', 1, 10, NULL, '("no data",,0.1,t)'),
               ('no units and no target', 1, 10, funnel_at('root', NULL), '("no data",,0.1,t)'),
               ('a denominator of 0', 1, 0, funnel_at('root', 1), '("zero denominator",,,t)'),
               ('no events, in logarithms', 0, 10, funnel_at('log', 1), '(undefined,,0,f)'),
               ('no events expected, in logarithms', 1, 10, '(log,0,0,NaN,0)', '(undefined,,0.1,t)'),
               ('no events expected', 0, 10, funnel_at('expected', 0), '(ok,inside,0,f)'),
               ('no events expected, by observed', 0, 10, funnel_at('observed', 0), '(ok,inside,0,f)'),
               ('one where none is expected, by observed', 1, 10, funnel_at('observed', 0), '(ok,"high 0.998",0.1,f)'),
               ('a share where none is expected', 1, 10, funnel_at('wilson', 0), '(ok,"high 0.998",0.1,f)'))
       c (what, numerator, denominator, funnel, expected),
       stp.funnel(numerator, denominator, funnel) f;
SELECT is((f.status, f.flag, f.z IS NULL)::text, '("too few",,f)', 'too few events: no flag')
  FROM stp.funnel(9, 10, funnel_at('root', 1), minimum_events => 10) f;
SELECT is(stp.dispersion(1, 2, 'root')::text, NULL, 'over no rows there is none') FROM generate_series(1, 0);
SELECT is(ARRAY[stp.n(d), stp.target(d), stp.phi(d), stp.tau2(d)], '{0,NULL,NULL,0}', 'nor is there a target without units')
  FROM funnel_at('root', NULL) d;

-- Properties over random units --------------------------------------------------------------------------------------

SELECT setseed(0.25);
CREATE TABLE unit AS
SELECT cohort, g AS unit, n, round(n * least(1, greatest(0, 0.1 + cohort * 0.07 + (random() - 0.5) * CASE WHEN cohort % 2 = 0 THEN 0.02 ELSE 0.3 END))::numeric) AS x
  FROM generate_series(0, 9) cohort, generate_series(1, 61 + cohort) g,
       LATERAL (SELECT (1 + floor(10 ^ (1 + 3 * random())) + g * 0)::float8 AS n) s;
CREATE TABLE method AS SELECT unnest('{arcsine,wilson,expected,observed,log,root,counts}'::text[]) AS method;
CREATE TABLE cohort AS
SELECT cohort, method, extremes, stp.dispersion(x::float8, n, method, NULL, extremes, 0.1) AS d
  FROM unit, method, unnest('{winsorised,trimmed}'::text[]) extremes GROUP BY cohort, method, extremes;

-- The same by hand-written SQL.
CREATE VIEW plain_z AS
SELECT u.cohort, m.method, u.unit, n, t,
       (CASE m.method WHEN 'arcsine' THEN asin(sqrt(x / n)) - asin(sqrt(t)) WHEN 'wilson' THEN x / n - t
                      WHEN 'log' THEN CASE WHEN x > 0 THEN ln(x / n / t) END
                      WHEN 'counts' THEN ln((x + 0.5) / (n + 0.5) / t) ELSE sqrt(x / n) - sqrt(t) END) * sqrt(w) AS z, w
  FROM (SELECT cohort, unit, n, x::float8 AS x, sum(x::float8) OVER c / sum(n) OVER c AS t FROM unit WINDOW c AS (PARTITION BY cohort)) u,
       method m,
       LATERAL (SELECT CASE m.method WHEN 'wilson' THEN n / (t * (1 - t)) WHEN 'log' THEN t * n
                       WHEN 'counts' THEN 1 / (greatest(x, 0.5) / (greatest(x, 0.5) + 0.5) ^ 2 + n / (n + 0.5) ^ 2)
                       ELSE 4 * n END AS w) w;
CREATE VIEW plain_taken AS
SELECT z.cohort, z.method, 'winsorised' AS extremes, least(greatest(z, low), high) AS z, w
  FROM plain_z z JOIN (SELECT cohort, method, percentile_cont(0.1) WITHIN GROUP (ORDER BY z) AS low,
                              percentile_cont(0.9) WITHIN GROUP (ORDER BY z) AS high FROM plain_z GROUP BY cohort, method) q USING (cohort, method)
 WHERE z IS NOT NULL
UNION ALL
SELECT cohort, method, 'trimmed', z, w
  FROM (SELECT *, rank() OVER (PARTITION BY cohort, method ORDER BY z) + (count(*) OVER (PARTITION BY cohort, method, z) - 1) / 2.0 AS place,
               count(*) OVER (PARTITION BY cohort, method) AS n_z FROM plain_z WHERE z IS NOT NULL) r
 WHERE place >= 0.1 * (n_z + 1) AND place < 0.9 * (n_z + 1);
SELECT is_empty($$
    SELECT * FROM cohort c JOIN (SELECT *, greatest(0, (n * phi - (n - 1)) / (w - ww / w)) AS tau2
        FROM (SELECT cohort, method, extremes, count(*) AS n, avg(z ^ 2) AS phi, sum(w) AS w, sum(w ^ 2) AS ww
                FROM plain_taken GROUP BY cohort, method, extremes) s) p USING (cohort, method, extremes)
     WHERE stp.n(d) <> p.n OR NOT close_to(stp.phi(d), p.phi) OR NOT close_to(stp.tau2(d), p.tau2, 1e-8)
$$, 'phi and tau squared of random units are those of plain SQL, by every method');
SELECT is((SELECT count(*) FROM cohort), 140::bigint, '(ten cohorts, seven methods, two ways with extremes)');

CREATE TABLE placed AS
SELECT c.*, overdispersion, u.unit, x::float8 AS x, n, f.*
  FROM cohort c JOIN unit u USING (cohort), unnest('{none,additive,multiplicative}'::text[]) overdispersion,
       stp.funnel(x::float8, n, d, overdispersion) f
 WHERE extremes = 'winsorised';
SELECT is_empty($$
    SELECT * FROM placed WHERE NOT (lower[2] <= lower[1] AND lower[1] <= target AND target <= upper[1] AND upper[1] <= upper[2])
        OR lower[2] < 0 OR (method IN ('arcsine', 'wilson') AND upper[2] > 1)
$$, 'limits enclose one another and the target, and stay where values can be');
-- Exact limits are not those of the root, with which over-dispersion is added.
SELECT is_empty($$
    SELECT * FROM placed a JOIN placed b USING (cohort, method, unit)
     WHERE a.overdispersion = 'none' AND b.overdispersion <> 'none' AND a.method NOT IN ('expected', 'observed')
       AND (b.lower[1] > a.lower[1] + 1e-12 OR b.upper[1] < a.upper[1] - 1e-12 OR abs(b.z) > abs(a.z) + 1e-12)
$$, 'over-dispersion never draws limits nearer, nor moves a z-score away from 0');
SELECT is_empty($$
    SELECT * FROM placed WHERE method IN ('arcsine', 'wilson', 'log', 'root') AND status = 'ok' AND lower[2] > 0
       AND flag <> CASE WHEN z > 3.090232306167813 THEN 'high 0.998' WHEN z > 1.959963984540054 THEN 'high 0.95'
                        WHEN z < -3.090232306167813 THEN 'low 0.998' WHEN z < -1.959963984540054 THEN 'low 0.95' ELSE 'inside' END
$$, 'flags are what z-scores say');
SELECT cmp_ok((SELECT count(DISTINCT flag) FROM placed), '=', 5::bigint, '(and all five occur)');
SELECT is_empty($$
    SELECT * FROM placed p, stp.funnel_curve(d, n, n, overdispersion, points => 2) c
     WHERE unit <= 5 AND (c.lower <> p.lower[CASE c.level WHEN 0.95 THEN 1 ELSE 2 END] OR c.upper <> p.upper[CASE c.level WHEN 0.95 THEN 1 ELSE 2 END])
$$, 'the curve goes through the limits of every unit');
SELECT is_empty($$
    SELECT * FROM unnest('{arcsine,wilson}'::text[]) method, unnest('{0.001,0.02,0.3,0.5}'::float8[]) p, unnest('{1,20,333,1e6}'::float8[]) n,
           stp.funnel(n / 4, n, funnel_at(method, p)) a, stp.funnel(n * 3 / 4, n, funnel_at(method, 1 - p)) b
     WHERE abs(a.lower[1] - (1 - b.upper[1])) > 1e-12 OR abs(a.upper[2] - (1 - b.lower[2])) > 1e-12 OR NOT close_to(a.z, -b.z)
        OR replace(replace(b.flag, 'high', 'x'), 'low', 'high') <> replace(a.flag, 'low', 'x')
$$, 'what is not is the mirror image of what is: limits, z-scores and flags of shares');
SELECT is_empty($$
    SELECT * FROM unnest('{expected,observed,log,root}'::text[]) method, unnest('{1e-6,0.5,7}'::float8[]) k, unnest('{3,50,4e5}'::float8[]) n,
           stp.funnel(n, n, funnel_at(method, 0.8), 'none') a, stp.funnel(n, n / k, funnel_at(method, 0.8 * k), 'none', per => 1 / k) b
     WHERE NOT close_to(a.value, b.value) OR NOT close_to(a.z, b.z) OR NOT close_to(a.lower[2], b.lower[2]) OR NOT close_to(a.upper[1], b.upper[1])
        OR a.flag <> b.flag
$$, 'rates do not depend on what their denominators are counted in');
-- Exact limits by observed events: their own limits are as far away as those of expected events say, on both sides.
SELECT is_empty($$
    SELECT * FROM unnest('{1e-300,1e-6,0.003,0.5,1,7,9.99,250,12345.6,1e6,2e6,1e9,1e15}'::float8[]) e,
           stp.funnel(NULL, e, funnel_at('observed', 1), levels => '{0.1,0.5,0.95,0.998,0.999999}') o,
           generate_subscripts(o.lower, 1) i
     WHERE NOT o.lower[i] <= 1 OR NOT o.upper[i] >= 1 OR o.upper[i] IS NULL
$$, 'limits by observed events are found for any number expected');
SELECT is_empty($$
    SELECT * FROM unnest('{7,9.99,250,12345.6,2e6}'::float8[]) e, stp.funnel(NULL, e, funnel_at('observed', 1)) o,
           stp.funnel(NULL, e, funnel_at('expected', 1)) x
     WHERE abs(o.lower[1] - x.lower[1]) > 2 / e OR abs(o.upper[1] - x.upper[1]) > 2 / e
$$, 'and are within two events of those by expected');
-- What differs by chance only has phi of 1, within what chance leaves of it.
SELECT cmp_ok(abs(stp.phi(stp.dispersion(x, 400, 'arcsine', 0.3, NULL, 0)) - 1), '<', 0.1::float8, 'phi is 1 of what differs by chance')
  FROM (SELECT count(*) FILTER (WHERE random() < 0.3) AS x FROM generate_series(1, 2000) unit, generate_series(1, 400) GROUP BY unit) s;
SELECT unnest(ARRAY[cmp_ok((count(*) FILTER (WHERE flag <> 'inside'))::float8 / count(*), '<', 0.06::float8, 'and 5% of it is outside of 95%'),
                    cmp_ok((count(*) FILTER (WHERE flag <> 'inside'))::float8 / count(*), '>', 0.035::float8, '(no less)')])
  FROM (SELECT count(*) FILTER (WHERE random() < 0.3) AS x FROM generate_series(1, 5000) unit, generate_series(1, 200) GROUP BY unit) s,
       stp.funnel(x, 200, funnel_at('wilson', 0.3)) f;

-- Plans -----------------------------------------------------------------------------------------------------------

\i test/pgtap/plan_of.psql
CREATE TABLE many AS
SELECT g % 5 AS cohort, floor(random() * 1000) / 3 AS x, 1000 + random() AS n FROM generate_series(1, 20000) g;
ANALYZE many;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS SELECT cohort, stp.dispersion(x, n, 'arcsine') AS d FROM many GROUP BY cohort;
SELECT is_empty($$
    SELECT * FROM serial JOIN (SELECT cohort, stp.dispersion(x, n, 'arcsine' ORDER BY random()) AS other FROM many GROUP BY cohort) o USING (cohort)
     WHERE stp_internal.dispersion_send(d) <> stp_internal.dispersion_send(other)
$$, 'the order of the units does not change a bit');
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT matches(plan_of($$SELECT cohort, stp.dispersion(x, n, 'arcsine') FROM many GROUP BY cohort$$),
               'Finalize.*Gather.*Partial.*Parallel Seq Scan', 'it can be computed in parallel');
SELECT is_empty($$
    SELECT * FROM serial JOIN (SELECT cohort, stp.dispersion(x, n, 'arcsine') AS other FROM many GROUP BY cohort) o USING (cohort)
     WHERE stp_internal.dispersion_send(d) <> stp_internal.dispersion_send(other)
$$, 'the parallel answer is the serial one, to the bit');
RESET ALL;
SELECT is_empty($$
    SELECT * FROM (SELECT DISTINCT cohort, stp.dispersion(x, n, 'arcsine') OVER (PARTITION BY cohort)::text AS other FROM many) w JOIN serial USING (cohort)
     WHERE d::text <> other
$$, 'so is that of the window');
SELECT is((SELECT array_agg(stp.n(d) ORDER BY g) FROM (SELECT g, stp.dispersion(g, 10, 'root') OVER (ORDER BY g) AS d FROM generate_series(1, 12) g) s),
          '{1,2,3,4,5,6,7,8,9,10,11,12}'::bigint[], 'as a running window it grows');
SELECT is((SELECT array_agg(stp.target(d) ORDER BY g) FROM (
               SELECT g, stp.dispersion(g, 1, 'root') OVER (ORDER BY g ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS d FROM generate_series(1, 4) g) s),
          '{1,1.5,2.5,3.5}'::float8[], 'and slides');

-- Text and binary ---------------------------------------------------------------------------------------------------

SELECT current_setting('data_directory') || '/dispersion.copy' AS file \gset
CREATE TABLE copied (LIKE cohort);
COPY cohort TO :'file';
COPY copied FROM :'file';
SELECT is_empty('SELECT * FROM cohort FULL JOIN copied USING (cohort, method, extremes) WHERE stp_internal.dispersion_send(cohort.d) IS DISTINCT FROM stp_internal.dispersion_send(copied.d)',
                'text COPY brings every bit back');
TRUNCATE copied;
COPY cohort TO :'file' (FORMAT binary);
COPY copied FROM :'file' (FORMAT binary);
SELECT is_empty('SELECT * FROM cohort FULL JOIN copied USING (cohort, method, extremes) WHERE stp_internal.dispersion_send(cohort.d) IS DISTINCT FROM stp_internal.dispersion_send(copied.d)',
                'binary COPY brings every bit back');
SET extra_float_digits = -15;
SELECT is('(root,3,0.30000000000000004,1,0)'::stp.dispersion::text, '(root,3,0.30000000000000004,1,0)', 'whatever extra_float_digits says');
RESET extra_float_digits;
SELECT is(stp.dispersion(NULL, NULL, 'root')::text::stp.dispersion::text, '(root,0,NaN,NaN,0)', 'what is not known comes back');

SELECT throws_ok(format('SELECT %L::stp.dispersion', bad), '22P02', message || ' for type stp.dispersion: "' || bad || '"', bad)
  FROM (VALUES ('', 'invalid input syntax'), ('x', 'invalid input syntax'), ('(root,1,1,1)', 'invalid input syntax'),
               ('(root,1,1,1,0,0)', 'invalid input syntax'), ('(root,1,1,1,0) ', 'invalid input syntax'),
               ('(Root,1,1,1,0)', 'invalid input syntax'), ('(roots,1,1,1,0)', 'invalid input syntax'),
               ('(,1,1,1,0)', 'invalid input syntax'), ('(root,0.5,1,1,0)', 'invalid input syntax'),
               ('(root,-1,1,1,0)', 'invalid value'), ('(root,1,-1,1,0)', 'invalid value'), ('(root,1,NaN,1,0)', 'invalid value'),
               ('(root,1,inf,1,0)', 'invalid value'), ('(root,1,1,NaN,0)', 'invalid value'), ('(root,1,1,-1,0)', 'invalid value'),
               ('(root,1,1,1e999,0)', 'invalid value'), ('(root,2,1,1,-1)', 'invalid value'), ('(root,1,1,1,1)', 'invalid value'),
               ('(root,2,1,1,NaN)', 'invalid value'), ('(arcsine,2,1.1,1,0)', 'invalid value'), ('(wilson,0,1.1,NaN,0)', 'invalid value'),
               ('(root,0,1,1,0)', 'invalid value'), ('(root,0,1,NaN,1)', 'invalid value')) t (bad, message);
SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN skip('soft errors came with PostgreSQL 16', 1)
       ELSE results_eq($$SELECT pg_input_is_valid(t, 'stp.dispersion') FROM unnest('{x,"(root,-1,1,1,0)","(root,1,1,1,0)"}'::text[]) t$$,
                       '{false,false,true}'::boolean[], 'bad input is a soft error') END;
\set state stp.dispersion
\i test/pgtap/receive.psql
CREATE FUNCTION message(version text, method int, units int, target float8, phi float8, tau2 float8) RETURNS bytea LANGUAGE sql
RETURN decode(version, 'hex') || int8send(method) || int8send(units) || float8send(target) || float8send(phi) || float8send(tau2);
SELECT is(receive(message('01', 5, 2, 1, 3, 4)), '(root,2,1,3,4)', 'the binary form is a version and five fields');
SELECT throws_ok(format('SELECT receive(%L)', bytes), '22P03', NULL, 'refused: ' || what)
  FROM (VALUES ('another version', message('02', 5, 2, 1, 3, 4)), ('no method', message('01', 7, 2, 1, 3, 4)),
               ('a negative method', message('01', -1, 2, 1, 3, 4)), ('a NaN phi', message('01', 5, 2, 1, 'NaN', 4)),
               ('a negative target', message('01', 5, 2, -1, 3, 4)), ('bytes left over', message('01', 5, 2, 1, 3, 4) || '\x00')) t(what, bytes);
SELECT is(stp_internal.dispersion_send(other::stp.dispersion), (SELECT stp_internal.dispersion_send(stp.dispersion(0, 0, 'root'))), 'what is not known has one form: ' || other)
  FROM unnest('{"(root,0,NaN,NaN,0)","(root,0,-nan,-nan,0)","(root,0,nan(1),nan,0)"}'::text[]) other;
TRUNCATE received;
SELECT is(stp_internal.dispersion_send(state), stp_internal.dispersion_send('(root,0,NaN,NaN,0)'), 'also when it is received')
  FROM (SELECT receive(decode('01000000000000000500000000000000007ff80000000000017ff8000000ff00000000000000000000', 'hex'))::stp.dispersion AS state) r;
SELECT throws_ok(format('SELECT receive(%L)', substr(message('01', 5, 2, 1, 3, 4), 1, 40)), '08P01', NULL, 'refused: bytes missing');
-- What no aggregate has made.
SELECT throws_ok(format('SELECT stp_internal.dispersion_final(%L)', bad), '22023', 'not a state of stp.dispersion', bad)
  FROM unnest('{"{}","{1}","{{0,NaN,0,0.1,0}}","{-1,NaN,0,0.1,0}","{7,NaN,0,0.1,0}","{NaN,NaN,0,0.1,0}","{0,-1,0,0.1,0}","{0,NaN,2,0.1,0}",
                "{0,NaN,0,0.5,0}","{0,NaN,0,0.1,1}","{0,NaN,0,0.1,-1}","{0,NaN,0,0.1,NaN}","{0,NULL,0,0.1,0}","{0,NaN,0,0.1,2,1,1,1}"}'::text[]) bad;
SELECT throws_ok($$SELECT stp_internal.dispersion_final('{5,NaN,0,0.1,1,1e308,1e-308}')$$, '22003', NULL, 'a value beyond a double');
SELECT is(stp_internal.dispersion_final('{5,NaN,0,0.1,1,3,4,NaN,NaN}')::text, '(root,1,0.75,0,0)', 'room for more is no unit');
SELECT is(stp_internal.dispersion_accum(stored, 2, 1, 'root')::text || stored::text,
          stp_internal.dispersion_accum(stored, 2, 1, 'root')::text || '{5,NaN,0,0.1,0,NaN,NaN}', 'called from SQL, the transition leaves its argument alone')
  FROM (SELECT '{5,NaN,0,0.1,0,NaN,NaN}'::float8[] AS stored OFFSET 0) t;
SELECT throws_ok($$SELECT stp_internal.dispersion_combine('{5,NaN,0,0.1,0}', '{5,1,0,0.1,0}')$$, '22023', 'target differs within the funnel: "null" and "1"', 'two funnels are not one');

-- The ends of what numbers there are: NULL, or a number; never infinite, never beside the target.
CREATE TABLE extreme AS
SELECT format('(%s,%s,%s,%s,%s)', method, u.n, target, u.phi, u.tau2)::stp.dispersion AS d, target
  FROM unnest('{arcsine,wilson,expected,observed,log,root,counts}'::text[]) method,
       unnest('{0,5e-324,1e-300,1e-10,0.5,0.9999999999999999,1,1.0000000000000002,1e160,1.7e308}'::float8[]) target,
       (VALUES (0, 'NaN', '0'), (5, '0', '0'), (5, '1.7e308', '1.7e308'), (5, '4', '2')) u (n, phi, tau2)
 WHERE NOT (target > 1 AND method IN ('arcsine', 'wilson')) AND NOT (target = 0 AND method IN ('log', 'counts'));
CREATE VIEW extreme_limits AS
SELECT e.d, e.target, c.* FROM extreme e, unnest('{none,additive,multiplicative}'::text[]) o, unnest('{5e-324,1e-8,1e160}'::float8[]) first,
       stp.funnel_curve(d, first, 1.7e308, o, '{0.95,5e-324,0.9999999999999999}', 1, 5) c;
SELECT is_empty($$ SELECT FROM extreme_limits WHERE abs(denominator) >= 'infinity' OR abs(lower) >= 'infinity' OR abs(upper) >= 'infinity' $$, 'no line of a curve is infinite');
SELECT is_empty($$ SELECT FROM extreme_limits WHERE (lower IS NULL) <> (upper IS NULL) OR lower > target OR upper < target $$, 'both limits are there or neither, on either side of the target');
SELECT is((SELECT array_agg(denominator) FROM stp.funnel_curve('(root,0,1,NaN,0)', 5e-324, 1.7e308, 'none', '{0.95}', 1, 3) c WHERE denominator BETWEEN 1e-9 AND 1e-7), ARRAY[2.8981228371656696e-08]::float8[], 'each the same multiple of the one before, however far the last is');
SELECT is_empty($$ SELECT FROM extreme e, unnest('{5e-324,1e-160,1,1.7e308}'::float8[]) n, unnest('{1,1e160,1.7e308}'::float8[]) m, unnest('{none,additive,multiplicative}'::text[]) o,
      stp.funnel(CASE WHEN target > 1 THEN m ELSE least(n, m) END, m, e.d, o) f
    WHERE 'infinity' <= ANY (SELECT abs(x) FROM unnest(f.lower || f.upper || f.value || f.target || f.z) x)
       OR (f.status = 'ok') <> (f.flag IS NOT NULL) OR (f.status = 'ok') > (f.lower IS NOT NULL) $$, 'nor is a unit''s row');
SELECT results_eq($$ SELECT lower, upper, status FROM stp.funnel(1e-5, 1e-5, '(log,0,1,NaN,0)', 'none', '{0.9739}', 1e5) $$,
    $$ VALUES (NULL::float8[], NULL::float8[], 'undefined') $$, 'a limit that is no number in the unit of the value is none');

-- The view ----------------------------------------------------------------------------------------------------------

INSERT INTO stp.system (system, name, kind) VALUES ('N', 'North', 'region'), ('S', 'South', 'region');
INSERT INTO stp.system (system, name, kind, parent) SELECT 'Q' || g, 'System ' || g, 'system', CASE WHEN g % 2 = 0 THEN 'N' ELSE 'S' END FROM generate_series(1, 12) g;
INSERT INTO stp.organisation (organisation, name) SELECT 'R' || g, 'Trust ' || g FROM generate_series(1, 36) g;
INSERT INTO stp.membership (organisation, system) SELECT 'R' || g, 'Q' || g % 12 + 1 FROM generate_series(1, 36) g;
INSERT INTO stp.population (system, period, persons) SELECT system, '2025/26', 1000 * length(name) FROM stp.system;
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator, when_incomplete)
VALUES ('mine', 'Mine', 'per 1,000 people', 'rate', 'lower', 1000, 'population', 'scale up');
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT i, 'R' || g, m::stp.period, round(n * (0.7 + g % 5 * 0.04)), n
  FROM unnest('{ae_within_4_hours,deaths_against_expected}'::text[]) i, generate_series(1, 36) g, unnest('{2026-02,2026-03}'::text[]) m,
       LATERAL (SELECT (1000 + 137 * g)::float8 AS n) n
 WHERE (i, g, m) <> ('ae_within_4_hours', 7, '2026-03');
INSERT INTO stp.observation (indicator, organisation, period, numerator)
SELECT 'mine', 'R' || g, m::stp.period, 3 + g % 7 FROM generate_series(1, 36) g, unnest('{2026-02,2026-03}'::text[]) m
 WHERE (g, m) <> (12, '2026-03');
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'staff_engagement', 'R' || g, '2026-03', 7 FROM generate_series(1, 36) g;

CREATE TABLE funnel AS SELECT * FROM stp.indicator_funnel;
SELECT is((SELECT count(*) FROM funnel), (SELECT 2 * 3 * (36 + 12 + 2) FROM (SELECT 1) o)::bigint,
          'a row for each unit, indicator with numbers to compare, and period');
SELECT is_empty($$SELECT * FROM funnel WHERE unit_kind = 'organisation' AND indicator = 'mine' AND od_flag IS NOT NULL$$,
                'organisations have no people');
SELECT is_empty($$
    SELECT * FROM funnel f FULL JOIN
        (SELECT kind AS unit_kind, system AS unit, indicator, period, value, status FROM stp.system_indicator WHERE indicator <> 'staff_engagement'
         UNION ALL
         SELECT 'organisation', organisation, indicator, period, value, status FROM stp.organisation_indicator WHERE indicator <> 'staff_engagement') i
        USING (unit_kind, unit, indicator, period)
     WHERE f.value IS DISTINCT FROM i.value OR f.status IS DISTINCT FROM i.status AND f.status <> 'no data'
$$, 'with the values and statuses of the indicators');
CREATE VIEW by_hand AS
SELECT f.unit_kind, f.unit, f.indicator, f.period, c.target, c.z, c.lower, c.upper, c.flag, o.lower AS od_lower, o.upper AS od_upper, o.flag AS od_flag,
       stp.phi(d) AS phi, stp.tau2(d) AS tau2, stp.n(d) AS units
  FROM (SELECT f.*, i.per, CASE i.kind WHEN 'proportion' THEN 'arcsine' ELSE 'expected' END AS how, CASE i.kind WHEN 'ratio' THEN 1 END AS given
          FROM funnel f JOIN stp.indicator i USING (indicator) WHERE f.value IS NOT NULL) f
  JOIN (SELECT f.unit_kind, indicator, period,
               stp.dispersion(f.value / per * f.denominator, f.denominator, CASE i.kind WHEN 'proportion' THEN 'arcsine' ELSE 'expected' END,
                              CASE i.kind WHEN 'ratio' THEN 1 END, 'winsorised', 0.1) AS d
          FROM funnel f JOIN stp.indicator i USING (indicator) GROUP BY f.unit_kind, indicator, period) p USING (unit_kind, indicator, period),
       stp.funnel(f.value / per * f.denominator, f.denominator, d, per => per) c,
       stp.funnel(f.value / per * f.denominator, f.denominator, d, 'additive', per => per) o;
SELECT is_empty($$
    SELECT * FROM by_hand b JOIN funnel f USING (unit_kind, unit, indicator, period)
     WHERE NOT (close_to(b.target, f.target) AND close_to(b.z, f.z, 1e-7) AND close_to(b.phi, f.phi, 1e-7) AND close_to(b.tau2, f.tau2, 1e-7)
                AND b.units = f.units AND close_to(b.lower[1], f.lower_95, 1e-7) AND close_to(b.upper[1], f.upper_95, 1e-7)
                AND close_to(b.lower[2], f.lower_998, 1e-7) AND close_to(b.upper[2], f.upper_998, 1e-7)
                AND close_to(b.od_lower[1], f.od_lower_95, 1e-7) AND close_to(b.od_upper[1], f.od_upper_95, 1e-7)
                AND close_to(b.od_lower[2], f.od_lower_998, 1e-7) AND close_to(b.od_upper[2], f.od_upper_998, 1e-7)
                AND b.flag = f.flag AND b.od_flag = f.od_flag)
$$, 'limits, flags and dispersion are those of the functions among the peers');
SELECT is((SELECT count(*) FROM by_hand), 227::bigint, '(of every unit with a value)');
SELECT is((SELECT (count(*) FILTER (WHERE od_flag <> 'inside') < count(*) FILTER (WHERE flag <> 'inside')) FROM funnel WHERE indicator = 'ae_within_4_hours'),
          true, 'fewer are outside of what peers differ by than of chance');
SELECT is((SELECT numerator FROM funnel WHERE unit = 'Q1' AND indicator = 'mine' AND period = '2026-03'),
          (SELECT denominator * value / 1000 FROM stp.system_indicator WHERE system = 'Q1' AND indicator = 'mine' AND period = '2026-03'),
          'a figure that is scaled up has a numerator that is');
SELECT is((SELECT array_agg(DISTINCT period::text) FROM funnel WHERE is_latest), '{2026-03}'::text[], 'the latest period of each indicator is marked');
SELECT matches(plan_of($$SELECT * FROM stp.indicator_funnel WHERE indicator = 'mine' AND period = '2026-03' AND unit_kind = 'system'$$),
               'Index Cond: \(\(indicator = ''mine''::text\) AND \(period = ', 'indicator and period are looked up');
SELECT matches(plan_of($$SELECT * FROM stp.indicator_funnel WHERE is_latest AND unit_kind = 'organisation'$$), 'WindowAgg.* = l.period',
               'what is not the latest is left out before it is compared');
SELECT matches(plan_of('SELECT * FROM stp.indicator_funnel'), 'CTE latest.*SubPlan.*Index Only Scan Backward using observation_pkey.*WindowAgg',
               'which is the latest is asked once for each indicator');

SELECT * FROM finish();
