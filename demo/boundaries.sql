\echo 'North Central and North West London are one system since 1 April 2026: March 2026 before, and on the map of after'
SELECT r.map, r.unit AS system, s.name, r.rank || ' of ' || r.units AS rank, round(r.score::numeric, 1) AS score, r.category
  FROM (SELECT 'before' AS map, a.*, count(*) OVER () AS units FROM stp.assess('stp-2026', '2026-03') a WHERE a.parent IS NULL
        UNION ALL
        SELECT 'after', a.*, count(*) OVER () FROM stp.assess('stp-2026', '2026-03', boundaries => '2026-04-01') a
         WHERE a.parent IS NULL) r
  JOIN stp.system s ON s.system = r.unit
 WHERE r.unit = ANY (ARRAY['QMJ', 'QRV', 'Z9B2Z'])
 ORDER BY r.map DESC, r.unit;
SELECT f.map, f.system, f.name AS indicator, f.numerator, f.denominator, round(f.value::numeric, 2) AS value, f.status
  FROM (SELECT 'before' AS map, v.system, v.indicator_name AS name, v.period, v.numerator, v.denominator, v.value, v.status
          FROM stp.system_indicator v WHERE v.indicator = 'ae_within_4_hours' AND v.period = '2026-03'
        UNION ALL
        SELECT 'after', v.system, v.indicator_name, v.period, v.numerator, v.denominator, v.value, v.status
          FROM stp.system_indicator(boundaries => '2026-04-01') v
         WHERE v.indicator = 'ae_within_4_hours' AND v.period = '2026-03') f
 WHERE f.system = ANY (ARRAY['QMJ', 'QRV', 'Z9B2Z'])
 ORDER BY f.map DESC, f.system;
