-- SYNTHETIC delays by reason, as if the return that ended in February 2020 had gone on: two of five days that patients waited when they
-- were ready, by shares. In the place of the local authority each row says that it is made. After report.sql.
INSERT INTO stp.organisation (organisation, name, type) VALUES ('SYNTHETIC', 'Synthetic, no local authority', 'Local authority');
INSERT INTO stp.delayed_transfer (organisation, local_authority, period, care_type, reason, attributed_to, delayed_days, revised)
SELECT o.organisation, 'SYNTHETIC', o.period, 'acute', r.reason, r.attributed_to,
       round(o.numerator * 0.4 * r.share * (0.5 + pg_temp.uniform('reason', o.organisation, r.reason, r.attributed_to))
             * (0.8 + 0.4 * pg_temp.uniform('reason', o.organisation, r.reason, r.attributed_to, o.period::text)))::int, '2026-03-31'
  FROM report o
 CROSS JOIN (VALUES ('A', 'NHS', 0.10), ('A', 'social care', 0.08), ('B', 'NHS', 0.03), ('C', 'NHS', 0.19), ('Di', 'social care', 0.08),
                    ('Dii', 'NHS', 0.06), ('Dii', 'social care', 0.07), ('E', 'NHS', 0.08), ('E', 'social care', 0.16), ('E', 'both', 0.03),
                    ('F', 'NHS', 0.03), ('G', 'NHS', 0.09)) r (reason, attributed_to, share)
 WHERE o.indicator = 'delayed_bed_days';
