-- A refresh of one rating with all that is kept beside it (ours) against the same without (in the place of plain SQL).
SET client_min_messages = warning;
CREATE TABLE elapsed (detail boolean, since timestamptz DEFAULT clock_timestamp(), ms float8);
CALL stp.refresh();
VACUUM ANALYZE;
SELECT unnest(ARRAY[
       format('UPDATE stp.scheme SET keeps_detail = %L WHERE scheme = ''bench''', n % 2 = 0),
       'CALL stp.refresh()',
       'UPDATE stp.observation SET numerator = 1000 - numerator WHERE (indicator, organisation, period) = (''i1'', ''O7'', ''2026-03'')',
       format('INSERT INTO elapsed (detail) VALUES (%L)', n % 2 = 0),
       'CALL stp.refresh()',
       'UPDATE elapsed SET ms = 1000 * extract(epoch FROM clock_timestamp() - since) WHERE ms IS NULL'])
  FROM generate_series(1, 10) n
\gexec
-- All of it is there, or the comparison would be void.
SELECT 1 / (count(DISTINCT organisation) > 42)::int FROM stp_bi.rating_change \g /dev/null
SELECT concat_ws(E'\t', round(a::numeric, 1), round(b::numeric, 1), round((a / b)::numeric, 2))
  FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE detail) AS a,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE NOT detail) AS b FROM elapsed) e;
