-- Module rights: who may see and call what. Nobody needs EXECUTE on a trigger function for its triggers to work; what writes
-- with the
-- owner's rights is executed by whom the owner of the database chooses. And the tools of this script go.

CREATE TABLE stp.analyst
(
    role   name NOT NULL,
    system text NOT NULL,
    PRIMARY KEY (role, system)
);
COMMENT ON TABLE stp.analyst IS 'Which systems and places a role may see, where doc/roles/row_security.sql is in force.';
COMMENT ON COLUMN stp.analyst.role IS 'The role.';
COMMENT ON COLUMN stp.analyst.system IS 'A system or place that it may see.';
CALL stp.guard_rows('analyst', 'guard', 'system: code');
SELECT pg_catalog.pg_extension_config_dump('stp.analyst', '');
GRANT SELECT ON stp.analyst TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.analyst TO @extowner@ WITH GRANT OPTION;

DO $$
DECLARE
    ours record;
BEGIN
    FOR ours IN
        SELECT p.oid::regprocedure AS signature
          FROM pg_proc p
         WHERE p.pronamespace = ANY (ARRAY['stp', 'stp_internal']::regnamespace[])
           AND (p.prorettype = 'trigger'::regtype
                OR (p.pronamespace = 'stp_internal'::regnamespace
                    -- What types, operators, views, defaults and functions call in the name of whoever reads and writes.
                    AND p.oid NOT IN (SELECT oprcode FROM pg_operator UNION SELECT amproc FROM pg_amproc UNION
                        SELECT typinput FROM pg_type
                                      UNION SELECT typoutput FROM pg_type UNION SELECT typreceive FROM pg_type UNION
                                          SELECT typsend FROM pg_type)
                    AND p.proname NOT LIKE '%\_as\_of' AND p.proname NOT LIKE '%\_rows'
                    AND p.proname <> ALL (ARRAY[
                            'was_known', 'is_restored', 'check_alone', 'recording_time', 'months', 'first_month', 'over_time',
                            'report_weight', 'usual_weight', 'may_report', 'part_time', 'silent_organisations', 'silent_origins',
                            'missing_reports', 'reports_of',
                            'figure', 'counted_estimate', 'figure_limits', 'shares_on', 'existed', 'absent_on', 'heirs',
                            'places_at', 'system_shares_at', 'shares_at', 'counted_persons', 'counted_part',
                            'restated_value', 'is_taken', 'whole_indicator', 'predecessors', 'charted_boundaries',
                            'belongs', 'source_reach',
                            'is_covered', 'spell_within', 'spell_months', 'matching_conditions', 'stale_source',
                            'kind_of_source', 'is_adult',
                            'completed_years', 'hes_code', 'days_after', 'follow_up', 'delay_start', 'csv_cells',
                            'icd10',
                            'ambulatory_admission', 'shared_admissions', 'standardised_admissions', 'diagnosis_patterns',
                            'diagnosis_line', 'discharged_person_spell', 'spell_line', 'continuous_spell', 'refuse_days',
                            'candidate_periods',
                            'latest_period', 'sees_all_figures', 'scheme_tree_faults', 'scheme_node_faults',
                            'scheme_setting_faults', 'scheme_rule_faults', 'scheme_faults', 'scheme_scales',
                            'scheme_scale_faults', 'own_values', 'summed_values', 'leaf_values', 'due_months',
                            'reports_within', 'all_reports', 'origins', 'tellers',
                            'taken_reports', 'taken_values', 'sole_heirs', 'period_before', 'possible_value',
                            'bettered', 'refuse_unknown_units', 'targets', 'target_input', 'scheme_definition',
                            'looked_at', 'rating_input', 'mixed_reports', 'mixed_parts', 'mixed_values', 'describe',
                            'refuse_percentile', 'cell_text', 'cell_number',
                            'cell_count', 'tidy_code', 'ods_code', 'is_national', 'readable_period', 'take_ae_return',
                            'refuse_faults', 'period_fault', 'if_small', 'round_to', 'displayed_figure',
                            'refuse_reports', 'load_reports', 'sha256_hex', 'input_hash', 'result_hash', 'publication_hash',
                            'had_ended', 'succession_faults', 'list_codes', 'without', 'argument_faults', 'predecessor_faults',
                            'successor_faults', 'make_systems', 'make_organisations', 'move_duties', 'placement',
                            'put_memberships', 'end_memberships', 'move_organisations', 'merged_shares', 'move_systems',
                            'succeed',
                            'chart_setting', 'chart_that_fits', 'charted_numerator', 'refuse_unknown_chart', 'refuse_odd_days',
                            'movements', 'explained', 'node_movements', 'is_distributed', 'refuse_spells',
                            'copy_reader_comments'])))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', ours.signature);
    END LOOP;
END $$;
REVOKE EXECUTE ON PROCEDURE stp.refresh(text, timestamptz), stp.publish(text, stp.period, text) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE stp.refresh(text, timestamptz), stp.publish(text, stp.period, text) TO @extowner@ WITH GRANT OPTION;

-- What the views show is what the reader may see in the tables.
GRANT SELECT ON ALL TABLES IN SCHEMA stp_bi TO PUBLIC;

DROP PROCEDURE stp.mark_changes;
DROP PROCEDURE stp.keep_history;
DROP PROCEDURE stp.make_history;
DROP PROCEDURE stp.make_past;
DROP PROCEDURE stp.make_as_of;
DROP PROCEDURE stp.make_rows;
DROP PROCEDURE stp.copy_comments;
DROP PROCEDURE stp.guard_rows;
