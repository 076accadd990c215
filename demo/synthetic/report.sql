-- Months that nobody reported: the trusts of March 2026 from April 2023 to February 2026. SYNTHETIC, for trying things out: each
-- series is made backwards from what was published for March 2026, which stays as it is. After demo/load.sql and demo/2026.sql.
--
-- Every draw is the MD5 of what it is for, so that all machines and versions make the same rows. Observations have the status
-- inferred: the report stands for one that is not there.

CREATE TEMP TABLE month AS
SELECT m AS period, ('2026-03'::stp.period - m)::int AS back, extract(month FROM stp.first_day(m))::int AS number, stp.days(m) AS days
  FROM stp.periods('2023-04', '2026-02') m;

-- From 0 to 1, all alike likely; and about 0 with standard deviation 1, a sum of four such.
CREATE FUNCTION pg_temp.uniform(VARIADIC key text[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
SELECT ('x' || left(md5(array_to_string(key, ' ')), 8))::bit(32)::bigint / 4294967296.0::float8 $$;
CREATE FUNCTION pg_temp.normal(VARIADIC key text[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
SELECT ((('x' || substr(h, 1, 8))::bit(32)::bigint + ('x' || substr(h, 9, 8))::bit(32)::bigint
         + ('x' || substr(h, 17, 8))::bit(32)::bigint + ('x' || substr(h, 25, 8))::bit(32)::bigint) / 4294967296.0::float8 - 2)
       * 1.7320508075688772
  FROM md5(array_to_string(key, ' ')) h $$;

-- How an indicator moves, in its own unit (of a proportion: at one half, and less towards 0 and 1). every: months between reports.
-- a_year: what a year brings. winter: what January is over July. noise: standard deviation from month to month.
CREATE TEMP TABLE manner (indicator text, every int, a_year float8, winter float8, noise float8, decimals int);
INSERT INTO manner VALUES
    ('ae_within_4_hours', 1, 0.018, -0.070, 0.014, NULL), ('handover_within_30_minutes', 1, 0.040, -0.160, 0.030, NULL),
    ('within_18_weeks', 1, 0.016, -0.008, 0.005, NULL), ('diagnostics_within_6_weeks', 1, 0.020, -0.030, 0.018, NULL),
    ('cancer_28_days', 1, 0.014, -0.030, 0.018, NULL), ('cancer_62_days', 1, 0.020, -0.030, 0.025, NULL),
    ('friends_and_family_positive', 1, 0.002, -0.008, 0.020, NULL), ('deaths_against_expected', 1, -0.004, 0, 0.008, NULL),
    ('discharged_on_ready_date', 1, 0.004, -0.020, 0.014, NULL), ('delayed_bed_days', 1, -0.006, 0.040, 0.022, NULL),
    ('emergency_admissions', 1, 0.016, 0.060, 0.022, NULL),
    ('cdiff_against_threshold', 1, 0.030, -0.100, 0.120, 2), ('ecoli_against_threshold', 1, 0.020, -0.100, 0.100, 2),
    ('sickness_absence', 1, -0.050, 0.900, 0.150, 3), ('implied_productivity', 3, 0.800, 0, 0.800, 1),
    ('staff_engagement', 12, 0.020, 0, 0.080, 2), ('raising_concerns', 12, 0.010, 0, 0.090, 2), ('well_led', 1, 0, 0, 0, 0);

-- What is made of each figure of March 2026: a share or a count as 1, and where it has none its value.
CREATE TEMP TABLE series AS
SELECT o.indicator, o.organisation, i.kind, o.numerator, o.denominator, n.every, n.winter, n.noise, n.decimals, n.a_year, f.figure,
       CASE i.kind WHEN 'proportion' THEN 4 * f.figure * (1 - f.figure) ELSE 1 END AS scale,
       0.4 + 1.2 * pg_temp.uniform('pace', o.indicator, o.organisation) AS pace,
       0.5 + pg_temp.uniform('season', o.indicator, o.organisation) AS season,
       -- Of some trusts things once changed from one month to the next, of some over a year; more often for the better.
       pg_temp.uniform('event', o.indicator, o.organisation) AS event,
       6 + floor(20 * pg_temp.uniform('when', o.indicator, o.organisation))::int AS since,
       CASE WHEN (pg_temp.uniform('sign', o.indicator, o.organisation) < 0.65) = (i.better = 'higher') THEN 1 ELSE -1 END AS sign
  FROM stp.observation o
  JOIN stp.indicator i USING (indicator)
  JOIN manner n USING (indicator)
 CROSS JOIN LATERAL (SELECT coalesce(o.value, o.numerator / o.denominator, 1) AS figure) f
 WHERE o.period = '2026-03';

-- A month in which a trust sent nothing at all.
CREATE TEMP TABLE silent AS
SELECT DISTINCT s.organisation, m.period FROM (SELECT DISTINCT organisation FROM series) s CROSS JOIN month m
 WHERE pg_temp.uniform('silent', s.organisation, m.period::text) < 0.003;

CREATE TEMP TABLE report AS
SELECT s.indicator, s.organisation, m.period, s.kind, s.numerator, s.decimals, d.denominator,
       s.figure + s.scale * (s.a_year / -12 * m.back * s.pace
                             + s.winter * s.season * (w.height[m.number] - w.height[3])
                             + s.noise * (0.6 * pg_temp.normal('quarter', s.indicator, s.organisation, (m.back / 3)::text)
                                          + 0.8 * pg_temp.normal('month', s.indicator, s.organisation, m.period::text)
                                          - CASE WHEN s.event < 0.05 AND m.back >= s.since THEN 4.5 * s.sign
                                                 WHEN s.event BETWEEN 0.05 AND 0.08 THEN 0.5 * s.sign * least(m.back, 12)
                                                 ELSE 0 END))
       + CASE WHEN s.kind = 'proportion' AND d.denominator > 0 THEN sqrt(s.figure * (1 - s.figure) / d.denominator) ELSE 0 END
         * pg_temp.normal('chance', s.indicator, s.organisation, m.period::text) AS figure, m.back, m.days, s.event, s.since, s.sign
  FROM series s
  JOIN month m ON m.back % s.every = 0
 CROSS JOIN (VALUES ('{1,0.85,0.55,0.3,0.15,0.05,0,0.05,0.15,0.35,0.6,0.95}'::float8[])) w (height)
 CROSS JOIN LATERAL (SELECT round(s.denominator * m.days / 31 * (1 - 0.0015 * m.back)
                                  * (1 + 0.025 * pg_temp.normal('activity', s.indicator, s.organisation, m.period::text))) AS denominator) d
 WHERE (s.organisation, m.period) NOT IN (SELECT organisation, period FROM silent);

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value, status)
SELECT r.indicator, r.organisation, r.period, f.numerator, r.denominator, f.value, 'inferred'
  FROM report r
 CROSS JOIN LATERAL (SELECT CASE WHEN r.kind = 'proportion' THEN round(least(greatest(r.figure, 0), 1) * r.denominator)
                                 WHEN r.kind = 'ratio' THEN round(r.figure * r.denominator)
                                 WHEN r.kind = 'rate' THEN round(r.figure * r.numerator * r.days / 31) END AS numerator,
                            CASE WHEN r.indicator = 'well_led'
                                 THEN CASE WHEN r.event < 0.15 AND r.back >= r.since THEN least(greatest(r.figure + r.sign, 1), 4)
                                           ELSE r.figure END
                                 WHEN r.indicator = 'implied_productivity' THEN round(r.figure::numeric, r.decimals)::float8
                                 WHEN r.decimals IS NOT NULL THEN greatest(round(r.figure::numeric, r.decimals)::float8, 0) END AS value) f;

-- What the same returns say under other names: attendances, delays by discharge; and bed days of emergencies, four of five.
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, status)
SELECT 'ae_attendances', organisation, period, denominator, NULL, 'inferred'
  FROM stp.observation WHERE indicator = 'ae_within_4_hours' AND period BETWEEN '2023-04' AND '2026-02'
UNION ALL
SELECT 'mean_discharge_delay', d.organisation, d.period, b.numerator, d.denominator, 'inferred'
  FROM stp.observation d JOIN stp.observation b USING (organisation, period)
 WHERE d.indicator = 'discharged_on_ready_date' AND b.indicator = 'delayed_bed_days' AND d.period BETWEEN '2023-04' AND '2026-02'
UNION ALL
SELECT 'emergency_bed_days', organisation, period, round(denominator * 0.8), NULL, 'inferred'
  FROM stp.observation WHERE indicator = 'delayed_bed_days' AND period BETWEEN '2023-04' AND '2026-02';

-- Small counts of one month are not shown.
UPDATE stp.observation SET numerator = NULL, status = 'suppressed'
 WHERE indicator = 'emergency_admissions' AND period = '2025-08' AND numerator BETWEEN 1 AND 7;

-- People by age, and of a year before. Those aged 16 and over of February 2024 add up to the number that was published.
CREATE TEMP TABLE people AS SELECT system, persons FROM stp.population WHERE period = '2024-02' AND age_from = 16;
DELETE FROM stp.population p USING people q WHERE p.system = q.system AND p.period = '2024-02';
INSERT INTO stp.population (system, period, age_from, age_to, persons)
SELECT q.system, y.period::stp.period, b.age_from, b.age_to, round(y.size * b.persons)
  FROM people q
 CROSS JOIN (VALUES ('2023-02', 0.985), ('2024-02', 1)) y (period, size)
 CROSS JOIN LATERAL (VALUES (0, 15, q.persons * (0.19 + 0.07 * pg_temp.uniform('children', q.system))), (16, 17, round(q.persons * 0.028)),
                            (18, NULL, q.persons - round(q.persons * 0.028))) b (age_from, age_to, persons);
