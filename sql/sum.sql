-- Module sum: sums that cannot be, and states that no sum leaves, are refused.
\set SHOW_CONTEXT never
-- of nothing, of what cannot be summed, beyond the range, and by somebody who calls the parts by hand
SELECT stp.exact_sum(x) AS of_nothing FROM (VALUES (NULL::float8)) t (x);
SELECT stp.exact_sum('NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT stp.exact_sum(1.7e308) FROM generate_series(1, 2);
\echo :LAST_ERROR_SQLSTATE
SELECT stp_internal.exact_sum_accum('{1}', 2), stp_internal.exact_sum_combine('{1}', '{}'), stp_internal.exact_sum_combine('{}', '{1e100,1}'), stp_internal.exact_sum_final('{}');
SELECT stp_internal.exact_sum_accum('{{1,2}}', 3);
\echo :LAST_ERROR_SQLSTATE
SELECT stp_internal.exact_sum_accum('{NULL}', 3);
\echo :LAST_ERROR_SQLSTATE
-- more parts than a sum can leave, which would be added for hours, or parts that no addition leaves: refused alike
SELECT array_agg(2::float8 ^ (2 * i)) AS parts FROM generate_series(-500, 510) i \gset
SELECT array_length(stp_internal.exact_sum_combine(:'parts', :'parts'), 1) AS parts,
       stp_internal.exact_sum_final(stp_internal.exact_sum_combine(:'parts', '{}')) > 2::float8 ^ 1020 AS summed,
       stp_internal.exact_sum_final(stp_internal.exact_sum_accum('{0,1,0,4,0}', 8)) AS unused;
SELECT stp_internal.exact_sum_combine(array_fill(1::float8, '{1000000}'), array_fill(1::float8, '{1000000}'));
\echo :LAST_ERROR_SQLSTATE
DO $$
DECLARE
    bad text;
    call text;
BEGIN
    FOREACH bad IN ARRAY ARRAY[$x$array_fill(1::float8, '{1050}')$x$, $x$array_fill(0::float8, '{1000000}')$x$, $x$'{1,Infinity}'$x$,
                               $x$'{-Infinity}'$x$, $x$'{NaN}'$x$] LOOP
        FOREACH call IN ARRAY ARRAY[$x$accum(%s, 1)$x$, $x$combine(%s, '{}')$x$, $x$combine('{}', %s)$x$, $x$combine('{1}', %s)$x$,
                                    $x$final(%s)$x$] LOOP
            BEGIN
                EXECUTE 'SELECT stp_internal.exact_sum_' || format(call, bad);
                RAISE WARNING 'accepted: % of %', call, bad;
            EXCEPTION WHEN invalid_parameter_value THEN
                IF SQLERRM <> 'not a state of stp.exact_sum' THEN RAISE; END IF;
            END;
        END LOOP;
    END LOOP;
END $$;
SELECT stp_internal.exact_sum_accum('{1e308}', 1.7e308);
\echo :LAST_ERROR_SQLSTATE
SELECT stp_internal.exact_sum_combine('{1e308}', '{1.7e308}');
\echo :LAST_ERROR_SQLSTATE
-- the whole sum: known or NULL
SELECT stp.whole_sum(e) AS events, stp.whole_sum(p) AS people, sum(e) AS of_some FROM (VALUES (45, 40000), (NULL, 35000)) t (e, p);
SELECT stp.whole_sum(1.7e308) FROM generate_series(1, 2);
\echo :LAST_ERROR_SQLSTATE
SELECT stp_internal.whole_sum_accum('-0', '-0') AS first, stp_internal.whole_sum_combine('-0', '-0') AS none, stp_internal.whole_sum_final('-0') AS nothing;
