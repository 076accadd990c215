-- Module kept_figure: what stp_bi shows of figures, charts and funnels is what the analysts' views say, after any change.
SELECT no_plan();

CREATE FUNCTION differ() RETURNS TABLE (what text, line text) LANGUAGE plpgsql AS $$
DECLARE pair text[];
BEGIN
    FOREACH pair SLICE 1 IN ARRAY ARRAY[
        ['figure', 'SELECT indicator, unit_kind, unit, period, first_day, last_day, numerator, denominator, value, lower, upper, method, organisations, expected, completeness, status FROM stp_internal.kept_figure',
                   'SELECT indicator, kind, system, period::text, first_day, last_day, numerator, denominator, value, lower, upper, method, organisations, expected, completeness, status FROM stp.system_indicator
                    UNION ALL SELECT o.indicator, ''organisation'', o.organisation, o.period::text, first_day, last_day, o.numerator, o.denominator, o.value, o.lower, o.upper, o.method, v.organisations, v.expected, v.completeness, o.status
                                FROM stp.organisation_indicator o JOIN stp_internal.organisation_value v ON v.indicator = o.indicator AND v.organisation = o.organisation AND v.period = o.period'],
        ['target', 'SELECT indicator, unit_kind, unit, period, target FROM stp_internal.kept_figure WHERE target IS NOT NULL',
                   'SELECT k.indicator, k.unit_kind, k.unit, k.period, t.target FROM stp_internal.kept_figure k JOIN stp.unit_target t ON t.indicator = k.indicator AND t.unit_kind = k.unit_kind AND t.unit = k.unit
                       AND k.last_day BETWEEN t.valid_from AND coalesce(t.valid_to, ''infinity'') WHERE t.target IS NOT NULL'],
        ['point', 'SELECT to_jsonb(k) FROM stp_internal.kept_point k',
                  'SELECT to_jsonb(t) - ''{level,unit_name,indicator_name,unit_of_measure,better}''::text[] FROM stp.indicator_trend t'],
        ['summary', 'SELECT to_jsonb(k) FROM stp_internal.kept_summary k',
                    'SELECT to_jsonb(t) - ''{level,unit_name,indicator_name,unit_of_measure,better,rebase_question}''::text[] FROM stp.indicator_summary t'],
        ['funnel', 'SELECT to_jsonb(k) FROM stp_internal.kept_funnel k',
                   'SELECT to_jsonb(t) - ''{unit_name,indicator_name,unit_of_measure,better,is_latest}''::text[] FROM stp.indicator_funnel t WHERE is_latest']]
    LOOP
        EXECUTE format('CREATE TEMP TABLE kept AS %s', pair[2]);
        EXECUTE format('CREATE TEMP TABLE said AS %s', pair[3]);
        RETURN QUERY SELECT pair[1] || ' kept', x::text FROM (TABLE kept EXCEPT ALL TABLE said) x
           UNION ALL SELECT pair[1] || ' not kept', x::text FROM (TABLE said EXCEPT ALL TABLE kept) x;
        DROP TABLE kept, said;
    END LOOP;
END $$;

SELECT is_empty('SELECT * FROM differ()', 'nothing is kept of nothing');
INSERT INTO stp.system (system, name, kind, parent) VALUES ('G', 'Region', 'region', NULL), ('A', 'A', 'system', 'G'), ('B', 'B', 'system', 'G'), ('C', 'C', 'system', 'G'), ('P', 'P', 'place', 'A');
INSERT INTO stp.organisation (organisation, name) SELECT 'O' || n, 'Trust ' || n FROM generate_series(1, 7) n;
INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust of the same code');
INSERT INTO stp.membership (organisation, system, share) VALUES ('O1', 'P', 1), ('O2', 'A', 0.5), ('O2', 'B', 0.5), ('O3', 'B', 1), ('O4', 'B', 1), ('O5', 'C', 1), ('A', 'C', 1);
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per, denominator) VALUES
    ('share', 'Share', '%', 'proportion', 'higher', 100, 'reports'), ('rate', 'Rate', 'per 1,000', 'rate', 'lower', 1000, 'population'),
    ('level', 'Level', 'level', 'judgement', 'higher', 1, 'none'), ('idle', 'Idle', '%', 'proportion', 'higher', 100, 'reports');
INSERT INTO stp.population (system, period, age_from, age_to, sex, persons) SELECT s, '2023/24', 0, NULL, 'persons', 1000 * n FROM unnest('{P,A,B,C,G}'::text[]) WITH ORDINALITY u (s, n);
INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
SELECT 'share', o.organisation, p.period, (abs(hashtext(o.organisation || p.period)) % 50), 50 FROM stp.organisation o, stp.periods('2024-03', '2025-12') p (period) WHERE o.organisation <> 'O7';
INSERT INTO stp.observation (indicator, organisation, period, numerator)
SELECT 'rate', o.organisation, p.period, (abs(hashtext(p.period || o.organisation)) % 20) FROM stp.organisation o, stp.periods('2024/25 Q1', '2025/26 Q3') p (period) WHERE o.organisation <> 'O7';
INSERT INTO stp.observation (indicator, organisation, period, value) SELECT 'level', o.organisation, '2024/25', length(o.organisation) FROM stp.organisation o;
SELECT is((SELECT count(*)::int FROM stp_internal.kept_figure), 0, 'what has not been refreshed is not kept');
CALL stp.refresh();
SELECT is_empty('SELECT * FROM differ()', 'what is kept is what the views say');
SELECT cmp_ok((SELECT count(*)::int FROM stp_internal.kept_point), '>', 300, 'of all kinds of units');
SELECT set_eq($$ SELECT DISTINCT unit_kind, unit FROM stp_bi.indicator_trend WHERE unit = 'A' $$, $$ VALUES ('system', 'A'), ('organisation', 'A') $$, 'a code may be of both');
SELECT results_eq($$ SELECT DISTINCT unit_name FROM stp_bi.indicator_summary WHERE unit = 'A' ORDER BY 1 $$, $$ VALUES ('A'), ('Trust of the same code') $$, 'each with its name');

-- What nothing reaches is not written again --------------------------------------------------------------------

CREATE TABLE was AS SELECT indicator, unit, period, ctid AS place FROM stp_internal.kept_point;
CREATE TABLE figure_was AS SELECT indicator, unit, period, ctid AS place FROM stp_internal.kept_figure;
UPDATE stp.observation SET numerator = 50 - numerator WHERE indicator = 'share' AND organisation = 'O5' AND period = '2025-06';
CALL stp.refresh();
SELECT is_empty('SELECT * FROM differ()', 'one report has changed');
SELECT set_eq('SELECT DISTINCT w.indicator, w.unit FROM was w LEFT JOIN stp_internal.kept_point k ON k.indicator = w.indicator AND k.unit = w.unit AND k.period = w.period AND k.ctid = w.place WHERE k.unit IS NULL',
    $$ VALUES ('share', 'O5'), ('share', 'C'), ('share', 'G') $$, 'the charts of those that it counts in are written anew, and no others');
SELECT cmp_ok((SELECT rows FROM stp.refresh_log ORDER BY started_at DESC LIMIT 1), '<=', 24 * 3, 'nor other figures');

CREATE VIEW reached AS SELECT r.last_day FROM (SELECT array_agg(c) AS changes FROM stp_internal.input_change c) c CROSS JOIN LATERAL stp_internal.reached_figures(c.changes) r;
UPDATE stp.observation SET numerator = 49 - numerator WHERE indicator = 'share' AND organisation = 'O5' AND period = '2025-06';
SELECT results_eq('TABLE reached', $$ VALUES ('2025-06-30'::date) $$, 'where nobody is missing later a report reaches its own period');
DELETE FROM stp.observation WHERE indicator = 'share' AND organisation = 'O5' AND period = '2025-09';
CALL stp.refresh();
UPDATE stp.observation SET numerator = 50 - numerator WHERE indicator = 'share' AND organisation = 'O5' AND period = '2025-06';
SELECT results_eq('TABLE reached', $$ VALUES ('2025-09-30'::date) $$, 'and else the last in which somebody is who reported then');

-- Whatever changes ---------------------------------------------------------------------------------------------

CREATE TABLE steps (n serial, statement text);
INSERT INTO steps (statement) VALUES
    ($$DELETE FROM stp.observation WHERE indicator = 'share' AND organisation = 'O3' AND period = '2025-12'$$),
    ($$DELETE FROM stp.observation WHERE indicator = 'share' AND organisation = 'O4' AND period >= '2025-03'::stp.period$$),
    ($$INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('share', 'O7', '2026-01', 3, 50)$$),
    -- By what somebody reported who is silent now.
    ($$UPDATE stp.observation SET denominator = 500 WHERE indicator = 'share' AND organisation = 'O4' AND period = '2025-02'$$),
    ($$INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('share', 'O7', '2024-05', 30, 60)$$),
    ($$DELETE FROM stp.observation WHERE indicator = 'rate' AND organisation = 'O5' AND period >= '2025/26 Q1'::stp.period$$),
    ($$UPDATE stp.observation SET numerator = 300 WHERE indicator = 'rate' AND organisation = 'O5' AND period = '2024/25 Q4'$$),
    ($$UPDATE stp.observation SET period = '2024-06' WHERE indicator = 'share' AND organisation = 'O7' AND period = '2024-05'$$),
    ($$UPDATE stp.observation SET status = 'suppressed', numerator = NULL WHERE indicator = 'share' AND organisation = 'O1' AND period = '2025-01'$$),
    ($$INSERT INTO stp.expected_report (indicator, organisation, valid_from) VALUES ('share', 'O6', '2025-01-01'), ('rate', 'O7', '2025-01-01')$$),
    ($$UPDATE stp.indicator SET minimum_completeness = 0.9 WHERE indicator = 'rate'$$),
    ($$UPDATE stp.indicator SET standard = 30 WHERE indicator = 'share'$$),
    ($$INSERT INTO stp.target (indicator, unit, period, value, source) VALUES ('share', 'A', '2025-04', 60, 'Board')$$),
    ($$INSERT INTO stp.target (indicator, unit, period, baseline, improvement, improvement_in, source) VALUES ('share', 'B', '2025-07', '2024-03', 5, 'points', 'Board')$$),
    ($$UPDATE stp.observation SET numerator = 50 WHERE indicator = 'share' AND organisation = 'O3' AND period = '2024-03'$$),
    ($$DELETE FROM stp.target WHERE unit = 'A'$$),
    ($$INSERT INTO stp.spc_setting (indicator, unit, baseline) VALUES ('share', '', 12)$$),
    ($$INSERT INTO stp.spc_setting (indicator, unit, chart) VALUES ('', 'O5', 'run')$$),
    ($$INSERT INTO stp.spc_day (indicator, unit, day, reason) VALUES ('', 'B', '2025-02-01', 'A new ward')$$),
    ($$UPDATE stp.population SET persons = persons + 7 WHERE system = 'B'$$),
    ($$UPDATE stp.system SET parent = NULL WHERE system = 'C'$$),
    ($$UPDATE stp.membership SET valid_to = '2025-05-31' WHERE organisation = 'O3'$$),
    ($$INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('O3', 'C', '2025-06-01')$$),
    ($$INSERT INTO stp.spc_setting (indicator, unit, boundaries) VALUES ('rate', '', 'today')$$),
    ($$UPDATE stp.membership SET system = 'B' WHERE organisation = 'O1'$$),
    ($$UPDATE stp.organisation SET name = 'Another name' WHERE organisation = 'O2'$$),
    ($$CALL stp.merge_organisations('{O1,O4}', 'O8', '2025-09-01', 'Merged')$$),
    ($$CALL stp.rename_code('system', 'C', 'D', '2025-10-01', 'D')$$),
    ($$DELETE FROM stp.spc_setting$$),
    ($$DELETE FROM stp.observation WHERE indicator = 'level'$$),
    ($$DELETE FROM stp.observation WHERE period < '2024-06'::stp.period$$),
    ($$TRUNCATE stp.observation$$);
SELECT statement, 'CALL stp.refresh()', format('SELECT is_empty(%L, %L)', 'SELECT * FROM differ()', left(statement, 100)) FROM steps ORDER BY n \gexec
SELECT is((SELECT count(*)::int FROM stp_internal.kept_figure) + (SELECT count(*)::int FROM stp_internal.kept_span) + (SELECT count(*)::int FROM stp_internal.kept_summary), 0, 'nothing is left of nothing');
SELECT is_empty('SELECT * FROM stp.refresh_queue', 'and nothing to do');
SELECT * FROM finish();
