-- Module peer: every indicator of systems and organisations beside that of their peers.

CREATE VIEW stp.indicator_funnel WITH (security_invoker = true) AS
WITH latest AS MATERIALIZED
(
    -- Asked once for each indicator, not for each of its figures.
    SELECT i.indicator, (SELECT max(o.period) FROM stp.observation o WHERE o.indicator = i.indicator) AS period
      FROM stp.indicator i
     WHERE i.kind = ANY (ARRAY['proportion', 'rate', 'ratio'])
),
figure AS
(
    SELECT s.kind AS unit_kind, v.system AS unit, s.name AS unit_name, v.indicator, v.period, v.period = l.period AS is_latest,
           v.numerator, v.denominator, v.value, v.scale, v.status
      FROM stp_internal.system_value_rows() v
      JOIN latest l ON l.indicator = v.indicator
      JOIN stp.system s ON s.system = v.system
    UNION ALL
    SELECT 'organisation', v.organisation, o.name, v.indicator, v.period, v.period = l.period,
           v.numerator, v.denominator, v.value, v.scale, v.status
      FROM stp_internal.organisation_value_rows() v
      JOIN latest l ON l.indicator = v.indicator
      JOIN stp.organisation o ON o.organisation = v.organisation
),
-- What has no value has no place in the funnel, and is a row without one. Among some of the peers it would have another place.
counted AS
(
    SELECT f.unit_kind, f.unit, f.unit_name, f.indicator, i.name AS indicator_name, i.unit_of_measure, i.better, f.period,
           f.is_latest, f.status,
           CASE i.kind WHEN 'proportion' THEN 'arcsine' ELSE 'expected' END AS method, i.per, f.value,
           CASE i.kind WHEN 'ratio' THEN 1 END AS target, f.denominator,
           CASE WHEN f.value IS NULL THEN NULL
                WHEN i.kind = 'proportion' THEN least(greatest(f.numerator * f.scale, 0), f.denominator)
                ELSE greatest(f.numerator * f.scale, 0) END AS numerator
      FROM figure f
      JOIN stp.indicator i ON i.indicator = f.indicator
     WHERE stp_internal.sees_all_figures()
),
-- A condition on what it is divided by is met before anything is compared: is_latest divides nothing that period does not.
peers AS
(
    SELECT c.*, stp.dispersion(c.numerator, c.denominator, c.method, c.target, NULL, NULL)
                    OVER (PARTITION BY c.unit_kind, c.indicator, c.period, c.is_latest) AS dispersion
      FROM counted c
)
SELECT p.unit_kind, p.unit, p.unit_name, p.indicator, p.indicator_name, p.unit_of_measure, p.better, p.period,
       stp.first_day(p.period) AS first_day, stp.last_day(p.period) AS last_day, p.is_latest, p.method,
       p.numerator, p.denominator, p.value, chance.target, stp.n(p.dispersion) AS units, stp.phi(p.dispersion) AS phi,
       stp.tau2(p.dispersion) AS tau2, chance.z, chance.lower[1] AS lower_95, chance.upper[1] AS upper_95,
       chance.lower[2] AS lower_998, chance.upper[2] AS upper_998, chance.flag, od.z AS od_z, od.lower[1] AS od_lower_95,
       od.upper[1] AS od_upper_95, od.lower[2] AS od_lower_998, od.upper[2] AS od_upper_998, od.flag AS od_flag,
       CASE WHEN p.status <> 'ok' THEN p.status ELSE chance.status END AS status
  FROM peers p
 CROSS JOIN LATERAL stp.funnel(p.numerator, p.denominator, p.dispersion, per => p.per) chance
 CROSS JOIN LATERAL stp.funnel(p.numerator, p.denominator, p.dispersion, 'additive', per => p.per) od;
COMMENT ON VIEW stp.indicator_funnel IS
    'Every proportion, rate and ratio of nations, regions, systems, places and organisations in the funnel of its peers: those '
    'of its kind that have the indicator for the same period. Limits by chance, and with over-dispersion (od) that is additive '
    'and winsorised by a tenth. On counts as large as those of a health service chance leaves hardly anybody inside: read '
    'od_flag, and phi for why. Error 42501: row-level security could hide peers.';
COMMENT ON COLUMN stp.indicator_funnel.is_latest IS 'Whether nobody has reported the indicator for a later period.';
COMMENT ON COLUMN stp.indicator_funnel.method IS
    'How limits and z-scores were found: arcsine for proportions; expected for rates and ratios (od: root). See stp.dispersion.';
COMMENT ON COLUMN stp.indicator_funnel.numerator IS 'Its numerator, scaled up where the value is; NULL: there is no value.';
COMMENT ON COLUMN stp.indicator_funnel.denominator IS 'Its denominator.';
COMMENT ON COLUMN stp.indicator_funnel.value IS 'The value in the unit of measure.';
COMMENT ON COLUMN stp.indicator_funnel.target IS
    'What is expected, in the unit of measure: the numerators of the peers over their denominators; of ratios, that as many are '
    'observed as expected.';
COMMENT ON COLUMN stp.indicator_funnel.units IS 'Number of peers that phi was found from.';
COMMENT ON COLUMN stp.indicator_funnel.phi IS 'How much more they differ than by chance, which makes it about 1.';
COMMENT ON COLUMN stp.indicator_funnel.tau2 IS 'Variance between them beyond chance, on the scale of the method.';
COMMENT ON COLUMN stp.indicator_funnel.z IS 'z-score on the scale of the method.';
COMMENT ON COLUMN stp.indicator_funnel.lower_95 IS 'Limit below which chance leaves 2.5% of units.';
COMMENT ON COLUMN stp.indicator_funnel.upper_95 IS 'Limit above which chance leaves 2.5% of units.';
COMMENT ON COLUMN stp.indicator_funnel.lower_998 IS 'Limit below which chance leaves 0.1% of units.';
COMMENT ON COLUMN stp.indicator_funnel.upper_998 IS 'Limit above which chance leaves 0.1% of units.';
COMMENT ON COLUMN stp.indicator_funnel.flag IS
    'Where the value lies beside them: inside, high 0.95, high 0.998, low 0.95 or low 0.998; NULL: the status says why.';
COMMENT ON COLUMN stp.indicator_funnel.od_z IS 'z-score with what the peers differ by.';
COMMENT ON COLUMN stp.indicator_funnel.od_lower_95 IS 'As lower_95, with what the peers differ by.';
COMMENT ON COLUMN stp.indicator_funnel.od_upper_95 IS 'As upper_95, with what the peers differ by.';
COMMENT ON COLUMN stp.indicator_funnel.od_lower_998 IS 'As lower_998, with what the peers differ by.';
COMMENT ON COLUMN stp.indicator_funnel.od_upper_998 IS 'As upper_998, with what the peers differ by.';
COMMENT ON COLUMN stp.indicator_funnel.od_flag IS 'As flag, with what the peers differ by.';
COMMENT ON COLUMN stp.indicator_funnel.status IS
    'Status of the figure, as in stp.system_indicator, where it is not ok; else of its place in the funnel, as in stp.funnel.';

GRANT SELECT ON stp.indicator_funnel TO PUBLIC;
