-- SYNTHETIC reports of the trusts of March 2026 for the months from April 2023 to February 2026: nobody reported them. Each series is
-- made backwards from the figure that was published for March 2026, which stays as it is. After demo/load.sql and
-- demo/2026.sql.
--
-- Every draw is the MD5 of what it is for, so that all machines and versions make the same rows. Observations have the status
-- inferred: the report stands for one that is not there.

-- Alike likely from 0 to 1; and about 0 with standard deviation 1, a sum of four such.
CREATE FUNCTION pg_temp.uniform(VARIADIC key text[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
SELECT ('x' || left(md5(array_to_string(key, ' ')), 8))::bit(32)::bigint / 4294967296.0::float8 $$;
CREATE FUNCTION pg_temp.normal(VARIADIC key text[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
SELECT ((('x' || substr(h, 1, 8))::bit(32)::bigint + ('x' || substr(h, 9, 8))::bit(32)::bigint
         + ('x' || substr(h, 17, 8))::bit(32)::bigint + ('x' || substr(h, 25, 8))::bit(32)::bigint) / 4294967296.0::float8 - 2)
       * 1.7320508075688772
  FROM md5(array_to_string(key, ' ')) h $$;

-- cold: how much of a winter the month is. The month before is for what is reported by quarter and year.
CREATE TEMP TABLE month AS
SELECT m AS period, ('2026-03'::stp.period - m)::int AS back, stp.days(m) AS days, c.height[extract(month FROM stp.first_day(m))] AS cold
  FROM stp.periods('2023-03', '2026-02') m
 CROSS JOIN (VALUES ('{1,0.85,0.55,0.3,0.15,0.05,0,0.05,0.15,0.35,0.6,0.95}'::float8[])) c (height);

-- How an indicator moves, in its own unit; of a proportion at one half, and less towards 0 and 1. every: months between reports. a_year:
-- what a year brings. winter: January over July. noise: standard deviation of a month.
CREATE TEMP TABLE manner (indicator text, every int, a_year float8, winter float8, noise float8, decimals int);
INSERT INTO manner VALUES
    ('ae_within_4_hours', 1, 0.022, -0.070, 0.014, NULL), ('handover_within_30_minutes', 1, 0.040, -0.160, 0.030, NULL),
    ('within_18_weeks', 1, 0.012, -0.008, 0.008, NULL), ('diagnostics_within_6_weeks', 1, 0.020, -0.030, 0.018, NULL),
    ('cancer_28_days', 1, 0.014, -0.030, 0.018, NULL), ('cancer_62_days', 1, 0.020, -0.030, 0.025, NULL),
    ('friends_and_family_positive', 1, 0.002, -0.008, 0.020, NULL), ('deaths_against_expected', 1, -0.004, 0, 0.008, NULL),
    ('discharged_on_ready_date', 1, 0.008, -0.020, 0.014, NULL), ('delayed_bed_days', 1, -0.006, 0.040, 0.022, NULL),
    ('emergency_admissions', 1, 0.016, 0.060, 0.022, NULL),
    ('cdiff_against_threshold', 1, 0.030, -0.100, 0.120, 2), ('ecoli_against_threshold', 1, 0.020, -0.100, 0.100, 2),
    ('sickness_absence', 1, -0.050, 0.900, 0.150, 3), ('implied_productivity', 3, 0.800, 0, 0.800, 1),
    ('staff_engagement', 12, 0.020, 0, 0.080, 2), ('raising_concerns', 12, 0.010, 0, 0.090, 2), ('well_led', 1, 0, 0, 0, 0);

-- What it starts from: a share, a value, or for a count 1. Of some trusts things changed from one month to the next, of some over a
-- year, more often for the better.
CREATE TEMP TABLE series AS
SELECT o.indicator, o.organisation, i.kind, o.numerator, o.denominator, n.every, n.decimals, f.figure,
       CASE i.kind WHEN 'proportion' THEN 4 * f.figure * (1 - f.figure) ELSE 1 END AS scale,
       n.a_year / 12 * (2.6 * pg_temp.uniform('pace', o.indicator, o.organisation) - 0.6) AS a_month,
       n.winter * (0.5 + pg_temp.uniform('winter', o.indicator, o.organisation)) AS winter, n.noise,
       pg_temp.uniform('event', o.indicator, o.organisation) AS event,
       6 + floor(20 * pg_temp.uniform('when', o.indicator, o.organisation))::int AS since,
       CASE WHEN (pg_temp.uniform('better', o.indicator, o.organisation) < 0.6) = (i.better = 'higher') THEN 1 ELSE -1 END AS sign
  FROM stp.observation o
  JOIN stp.indicator i USING (indicator)
  JOIN manner n USING (indicator)
 CROSS JOIN LATERAL (SELECT coalesce(o.value, o.numerator / o.denominator, 1) AS figure) f
 WHERE o.period = '2026-03';

CREATE TEMP TABLE point AS
SELECT s.*, m.period, m.back, m.days,
       round(s.denominator * m.days / 31 * (1 - 0.0015 * m.back)
             * (1 + 0.025 * pg_temp.normal('size', s.indicator, s.organisation, m.period::text))) AS size,
       s.scale * (s.winter * (m.cold - 0.55) - s.a_month * m.back
                  + s.noise * (0.6 * pg_temp.normal('quarter', s.indicator, s.organisation, (m.back / 3)::text)
                               + 0.8 * pg_temp.normal('month', s.indicator, s.organisation, m.period::text)
                               - CASE WHEN s.event < 0.07 AND m.back >= s.since THEN 4.5 * s.sign
                                      WHEN s.event BETWEEN 0.07 AND 0.11 THEN 0.5 * s.sign * least(m.back, 12)
                                      ELSE 0 END)) AS moved,
       CASE s.kind WHEN 'proportion' THEN sqrt(s.figure * (1 - s.figure) / s.denominator)
                                          * pg_temp.normal('chance', s.indicator, s.organisation, m.period::text) END AS chance
  FROM series s
  JOIN month m ON m.back % s.every = 0 AND (m.back < 36 OR s.every > 1)
    -- Now and then a trust sends nothing.
 WHERE pg_temp.uniform('silent', s.organisation, m.period::text) >= 0.003;

-- Of a share the count has its own chance besides; the rating of leadership is a whole number.
CREATE TEMP TABLE report AS
SELECT p.indicator, p.organisation, p.period, p.kind, f.numerator, p.size AS denominator, f.value, 'inferred' AS status
  FROM point p
 CROSS JOIN LATERAL (SELECT CASE p.kind WHEN 'proportion' THEN round(least(greatest(p.figure + p.moved + p.chance, 0), 1) * p.size)
                                        WHEN 'ratio' THEN round((p.figure + p.moved) * p.size)
                                        WHEN 'rate' THEN round((1 + p.moved) * p.numerator * p.days / 31) END AS numerator,
                            CASE WHEN p.indicator = 'well_led'
                                 THEN least(greatest(p.figure + CASE WHEN p.event < 0.15 AND p.back >= p.since THEN p.sign ELSE 0 END, 1), 4)
                                 WHEN p.decimals IS NOT NULL
                                 THEN greatest(round((p.figure + p.moved)::numeric, p.decimals)::float8,
                                               CASE p.indicator WHEN 'implied_productivity' THEN NULL ELSE 0 END) END AS value) f;

-- North Middlesex became part of the Royal Free on 1 January 2025 (from memory): until then three tenths are its own.
INSERT INTO stp.organisation (organisation, name, type)
VALUES ('RAP', 'North Middlesex University Hospital NHS Trust', 'Acute trust') ON CONFLICT (organisation) DO NOTHING;
INSERT INTO stp.membership (organisation, system, share, valid_from, valid_to, basis)
VALUES ('RAP', 'QMJ', 1, '2022-07-01', '2024-12-31', 'main site');
INSERT INTO stp.succession (kind, predecessor, successor, day, share, basis)
VALUES ('organisation', 'RAP', 'RAL', '2025-01-01', 1, 'merger, from memory');
INSERT INTO report
SELECT indicator, 'RAP', period, kind, round(0.3 * numerator), round(0.3 * denominator), value, status
  FROM report WHERE organisation = 'RAL' AND period < '2025-01';
UPDATE report r SET numerator = r.numerator - p.numerator, denominator = r.denominator - p.denominator
  FROM report p WHERE p.organisation = 'RAP' AND r.organisation = 'RAL' AND r.indicator = p.indicator AND r.period = p.period;

-- What the same returns say under other names: attendances, delays by discharge; and bed days of emergencies, four of five.
INSERT INTO report
SELECT 'ae_attendances', organisation, period, kind, denominator, NULL::float8, NULL::float8, status FROM report WHERE indicator = 'ae_within_4_hours'
UNION ALL
SELECT 'mean_discharge_delay', d.organisation, d.period, d.kind, b.numerator, d.denominator, NULL, d.status
  FROM report d JOIN report b USING (organisation, period)
 WHERE d.indicator = 'discharged_on_ready_date' AND b.indicator = 'delayed_bed_days'
UNION ALL
SELECT 'emergency_bed_days', organisation, period, kind, round(denominator * 0.8), NULL, NULL, status FROM report WHERE indicator = 'delayed_bed_days';

-- In one month small counts are not shown.
UPDATE report SET numerator = NULL, status = 'suppressed'
 WHERE indicator = 'emergency_admissions' AND period = '2025-08' AND numerator BETWEEN 1 AND 7;

INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator, value, status)
SELECT indicator, organisation, period, numerator, denominator, value, status FROM report
UNION ALL
-- Attendances of March 2026 were published, with those who waited less.
SELECT 'ae_attendances', organisation, period, denominator, NULL, NULL, NULL
  FROM stp.observation WHERE indicator = 'ae_within_4_hours' AND period = '2026-03';

-- Trusts reported to A&E's return from 2016 to 2019 too: charts begin again after the years between.
INSERT INTO stp.spc_day (indicator, day, effect, reason)
SELECT i.indicator, '2023-04-01', 'rebase', 'Synthetic from here on, four years after what was reported'
  FROM (VALUES ('ae_attendances'), ('ae_within_4_hours'), ('emergency_admissions')) i (indicator);

-- People by age, and of a year before. Those aged 16 and over of February 2024 add up to the number that was published.
CREATE TEMP TABLE people AS SELECT system, persons FROM stp.population WHERE period = '2024-02' AND age_from = 16;
DELETE FROM stp.population p USING people q WHERE p.system = q.system AND p.period = '2024-02';
INSERT INTO stp.population (system, period, age_from, age_to, persons)
SELECT q.system, y.period::stp.period, b.age_from, b.age_to, round(y.size * b.persons)
  FROM people q
 CROSS JOIN (VALUES ('2023-02', 0.985), ('2024-02', 1)) y (period, size)
 CROSS JOIN LATERAL (VALUES (0, 15, q.persons * (0.19 + 0.07 * pg_temp.uniform('children', q.system))), (16, 17, round(q.persons * 0.028)),
                            (18, NULL, q.persons - round(q.persons * 0.028))) b (age_from, age_to, persons);
