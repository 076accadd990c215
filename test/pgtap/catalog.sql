-- The catalog of the whole extension obeys the rules of the house, whatever modules are in it.
-- A finding is a row (finding, object). What is right all the same goes into exception, with the reason.
SET search_path = pg_catalog, public;
SELECT public.no_plan();

SET client_min_messages = warning;
\set text `cat $(ls doc/*.md | grep -v reference.md)`
CREATE TABLE public.page AS SELECT :'text' AS text;
CREATE TABLE public.exception (finding text, object text, reason text);
INSERT INTO public.exception VALUES
    ('not strict', 'stp.contains(stp.period,date)', 'AND keeps a strict function from being inlined'),
    ('not registered for dump', 'stp_internal.source', 'ships whole; nobody adds to it'),
    ('not strict', 'stp.periods(stp.period,stp.period)', 'a strict function that returns a set is not inlined'),
    ('not strict', 'stp.rate(double precision,double precision,double precision,double precision)', 'NULL is a row with a status'),
    ('not strict', 'stp.proportion(double precision,double precision,double precision,double precision)', 'NULL is a row with a status'),
    ('not strict', 'stp.ratio(double precision,double precision,double precision,double precision)', 'NULL is a row with a status'),
    ('not strict', 'stp.rate_difference(double precision,double precision,double precision,double precision,double precision,double precision)', 'NULL is a row with a status'),
    ('not strict', 'stp.rate_ratio(double precision,double precision,double precision,double precision,double precision,double precision)', 'NULL is a row with a status'),
    ('not strict', 'stp.difference(stp.estimate,stp.estimate,double precision)', 'NULL is a row with a status'),
    ('not strict', 'stp.mean(bigint,double precision,double precision,double precision)', 'NULL is a row with a status'),
    ('stable, but returns one row', 'stp.persons(text,stp.period,integer,integer,text,date)', 'looks up a table'),
    ('not strict', 'stp.dsr(stp.standardised,double precision,double precision,double precision)', 'no state is a row with the status no data'),
    ('stable, but returns one row', 'stp.spc_summary(stp.spc,text,text,text,integer,date[],date[],date,date,double precision,double precision,double precision,text)', 'looks up a dialect'),
    ('not strict', 'stp.funnel(double precision,double precision,stp.dispersion,text,double precision[],double precision,double precision)', 'NULL is a row with a status'),
    ('executable by PUBLIC', 'stp_internal.sees_all_figures()', 'in a view that readers read'),
    ('executable by PUBLIC', 'stp_internal.is_distributed(regclass)', 'in a procedure for all'),
    ('executable by PUBLIC', 'stp_internal.is_adult(integer)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.kind_of_source(text)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.refuse_spells(text,regclass)', 'in a procedure for all'),
    ('executable by PUBLIC', 'stp_internal.copy_reader_comments(stp_internal.spell_reader,text)', 'in a procedure for all'),
    ('not strict', 'stp.bed_days(date,date,stp.period)', 'a spell without end is still present'),
    ('stable, but returns one row', 'stp.check_age_bands(text,integer[],integer[],integer,integer)', 'looks up a table'),
    ('stable, but returns one row', 'stp.is_emergency_admission(text,date)', 'looks up a table'),
    ('stable, but returns one row', 'stp.ambulatory_condition(text,integer,text)', 'looks up a table'),
    ('not strict', 'stp.delayed_days(date,date,stp.period,boolean)', 'a patient may still be there'),
    ('not strict', 'stp.spell_delayed_days(stp.period,stp.period,boolean)', 'a strict function that returns a set is not inlined'),
    ('not strict', 'stp.spell_discharge_delay(boolean)', 'a strict function that returns a set is not inlined'),
    ('not strict', 'stp.scheme_gaps(text)', 'a strict function that returns a set is not inlined'),
    ('not strict', 'stp.scheme_tree(text)', 'a strict function that returns a set is not inlined'),
    ('table without primary key', 'stp_internal.ordered_by_period', 'stays empty'),
    ('table without primary key', 'stp_internal.hashed_by_period', 'stays empty'),
    ('not registered for dump', 'stp_internal.source', 'its rows ship with the extension'),
    ('executable by PUBLIC', 'stp_internal.describe(text,text,date,date)', 'in stp.refresh_queue'),
    ('not registered for dump', 'stp_internal.ordered_by_period', 'stays empty'),
    ('not registered for dump', 'stp_internal.hashed_by_period', 'stays empty'),
    ('not registered for dump', 'stp_internal.kept_delay', 'to restore what it comes from marks it'),
    ('not registered for dump', 'stp_internal.kept_finance', 'to restore what it comes from marks it'),
    ('not registered for dump', 'stp_internal.kept_bridge', 'to restore what it comes from marks it'),
    ('table without primary key', 'stp.dtoc_return', 'takes a file as it is, headings and all'),
    ('table without primary key', 'stp.ae_return', 'takes a file as it is, line by line'),
    ('table without primary key', 'stp.dtoc_file', 'takes a file as it is, line by line'),
    ('stable, but returns one row', 'stp.finance_score(text,text,numeric)', 'looks up a table'),
    ('stable, but returns one row', 'stp.as_of()', 'reads a setting'),
    ('not parallel safe', 'stp.verify(text,stp.period)', 'sets stp.as_of as it goes'),
    ('executable by PUBLIC', 'stp_internal.was_known(timestamp with time zone)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.recording_time()', 'a default, of who writes'),
    ('executable by PUBLIC', 'stp_internal.is_restored(timestamp with time zone)', 'in a trigger of who writes'),
    ('executable by PUBLIC', 'stp_internal.shares_on(text,date)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.months(stp.period)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.over_time(text,text)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.first_month(stp.period,text)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.report_weight(text,text,double precision,double precision,integer)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.usual_weight(text,stp.period)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.silent_organisations(text,stp.period)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.looked_at(text,stp.period)', 'used by stp.verify()'),
    ('executable by PUBLIC', 'stp_internal.missing_reports(text,stp.period)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.reports_of(text,stp.period)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.figure(text,stp.period,text,double precision,double precision,double precision,double precision,double precision,double precision,integer,boolean,double precision,date)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.counted_estimate(text,double precision,double precision,double precision)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.figure_limits(text,double precision,double precision,double precision,double precision,double precision)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.belongs(text,text,date,date)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.source_reach(text)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.is_covered(datemultirange,stp.period)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.completed_years(integer)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.stale_source(text,text)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.spell_within(date,date)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.spell_months()', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.matching_conditions(text[],integer[])', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.hes_code(text)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.days_after(integer,integer,boolean)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.ambulatory_admission(stp.period)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.shared_admissions(stp.period,text)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.standardised_admissions(stp.period,text,text)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.diagnosis_patterns(text[],text)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.diagnosis_line(text,text[])', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.discharged_person_spell(date,date,text[],text[])', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.spell_line(date,date,text[],text[])', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.continuous_spell(date,date,text[],text[],integer,boolean,boolean)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.refuse_days(integer,integer,integer)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.follow_up(stp.period,integer,text[],integer,integer,boolean)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.delay_start(date,date,boolean)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.icd10(text)', 'in functions of who reads'),
    ('executable by PUBLIC', 'stp_internal.cell_text(text)', 'in a trigger of who writes'),
    ('executable by PUBLIC', 'stp_internal.cell_number(text,text)', 'in a trigger of who writes'),
    ('executable by PUBLIC', 'stp_internal.cell_count(text)', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.tidy_code(text)', 'in views and procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.ods_code(text)', 'in views and procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.is_national(text)', 'in views that loaders read'),
    ('executable by PUBLIC', 'stp_internal.readable_period(text)', 'in views that loaders read'),
    ('executable by PUBLIC', 'stp_internal.refuse_faults(text[],text[],text[],text)', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.take_ae_return(boolean)', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.period_fault(text)', 'in a trigger of who writes'),
    ('executable by PUBLIC', 'stp_internal.refuse_reports(text[],text[],text[],text[],text[],text[])', 'in a trigger of who writes'),
    ('executable by PUBLIC', 'stp_internal.load_reports(text[],text[],text[],text[],text[],text[])', 'in a trigger of who writes, with his rights'),
    ('executable by PUBLIC', 'stp_internal.had_ended(text,text,date)', 'in a trigger of who writes'),
    ('executable by PUBLIC', 'stp_internal.succession_faults(text,text)', 'in a trigger of who writes'),
    ('executable by PUBLIC', 'stp_internal.list_codes(text[])', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.without(text[],text)', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.argument_faults(text,text[],text[],numeric[],date,text[])', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.predecessor_faults(text,text[],date)', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.successor_faults(text,text[],text[],text[],text)', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.make_systems(text[],text[],text[],text,date)', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.make_organisations(text[],text[],text[])', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.move_duties(text[],text[],date)', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.placement(text[],text[],date)', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.put_memberships(stp.membership[])', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.end_memberships(stp.membership[],date)', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.move_organisations(text[],text[],text[],date)', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.merged_shares(text[],text[],text,date)', 'in procedures of who loads'),
    ('executable by PUBLIC', 'stp_internal.move_systems(text[],text[],text[],date)', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.succeed(text,text[],text[],numeric[],date,text[],text,text)', 'in procedures of who loads, with his rights'),
    ('executable by PUBLIC', 'stp_internal.refuse_unknown_chart(text[],text[])', 'in triggers of who writes'),
    ('executable by PUBLIC', 'stp_internal.refuse_odd_days(date[])', 'in triggers of who writes'),
    ('executable by PUBLIC', 'stp_internal.chart_that_fits(stp.spc,text,double precision,double precision)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.chart_setting(text,text,text,stp.spc)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.refuse_unknown_units(text[],boolean)', 'in triggers of who writes'),
    ('executable by PUBLIC', 'stp_internal.existed(text,text,date)', 'read by who reads figures'),
    ('executable by PUBLIC', 'stp_internal.absent_on(text,date)', 'in a view that readers read'),
    ('executable by PUBLIC', 'stp_internal.heirs(text,date)', 'read by who reads figures on another map'),
    ('executable by PUBLIC', 'stp_internal.places_at(date,date,date,date)', 'read by who reads figures on another map'),
    ('executable by PUBLIC', 'stp_internal.system_shares_at(date,date,date,date)', 'read by who reads figures on another map'),
    ('executable by PUBLIC', 'stp_internal.shares_at(text,date,date,date,date)', 'read by who reads figures on another map'),
    ('executable by PUBLIC', 'stp_internal.counted_persons(text,stp.period,integer,integer,text,date)', 'in a function of who reads'),
    ('executable by PUBLIC', 'stp_internal.may_report(text,date)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.part_time(date,date)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.origins(text[],date,text[],date[])', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.silent_origins(text,stp.period,stp.period,stp.period)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.all_reports(text,stp.period,stp.period)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.period_before(stp.period)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.tellers(text[],date[],date,date)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.counted_part(double precision,double precision,boolean,double precision,double precision,double precision,double precision,double precision)', 'read by who reads figures on another map'),
    ('executable by PUBLIC', 'stp_internal.restated_value(text,date)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.is_taken(text)', 'in a function of who reads'),
    ('executable by PUBLIC', 'stp_internal.whole_indicator(stp.period,text,date)', 'in a function of who reads'),
    ('executable by PUBLIC', 'stp_internal.charted_boundaries(text,text)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.predecessors(text,text[],stp.period,stp.period)', 'read by who explains'),
    ('executable by PUBLIC', 'stp_internal.movements(text,text[],text[],stp.period[],boolean[])', 'read by who explains'),
    ('executable by PUBLIC', 'stp_internal.explained(text,stp.period,text,date)', 'read by who explains'),
    ('executable by PUBLIC', 'stp_internal.node_movements(text,text[],stp.period[],text[])', 'read by who explains'),
    ('executable by PUBLIC', 'stp_internal.mixed_reports(text[],text[],stp.period[],stp.period[])', 'read by who explains'),
    ('executable by PUBLIC', 'stp_internal.mixed_parts(text,text[],text[],stp.period[],stp.period[],text[],text[],date,date,boolean)', 'read by who explains'),
    ('executable by PUBLIC', 'stp_internal.mixed_values(text,text[],text[],stp.period[],stp.period[],text[],text[],date,date,boolean)', 'read by who explains'),
    ('executable by PUBLIC', 'stp_internal.charted_numerator(text,double precision,double precision,double precision)', 'in views that readers read'),
    ('executable by PUBLIC', 'stp_internal.if_small(double precision,integer)', 'in a view that displays figures'),
    ('executable by PUBLIC', 'stp_internal.round_to(double precision,integer)', 'in a function that displays figures'),
    ('executable by PUBLIC', 'stp_internal.displayed_figure()', 'in a view of stp_bi, with the rights of who reads'),
    ('executable by PUBLIC', 'stp_internal.refuse_percentile(double precision,double precision[],numeric[])', 'in a function of who reads'),
    ('executable by PUBLIC', 'stp_internal.csv_cells(text)', 'in a trigger of who writes'),
    ('executable by PUBLIC', 'stp_internal.candidate_periods(text,stp.period,integer)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.latest_period(text,stp.period,integer)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.due_months(text,stp.period,stp.period)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.reports_within(text,stp.period,stp.period)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.taken_reports(text,stp.period,text)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.sole_heirs(date)', 'read by who explains'),
    ('executable by PUBLIC', 'stp_internal.taken_values(text,text[],text[],stp.period[],text[],date)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.possible_value(double precision,text,double precision)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.bettered(double precision,text,double precision,text,double precision)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.targets(text,text,date,date)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.target_input(text,stp.period,text,stp.period)', 'read by who verifies'),
    ('executable by PUBLIC', 'stp_internal.scheme_tree_faults(text)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.scheme_node_faults(text)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.scheme_setting_faults(text)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.scheme_rule_faults(text)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.scheme_scales(text)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.scheme_scale_faults(text)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.scheme_faults(text)', 'read by who assesses'),
    ('not registered for dump', 'stp_internal.method', 'ships whole; nobody adds to it'),
    ('executable by PUBLIC', 'stp_internal.own_values(text[],stp.period[],text[],date)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.summed_values(text,text[],stp.period[],text[],date)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.leaf_values(text,text[],stp.period[],text[],date)', 'read by who assesses'),
    ('executable by PUBLIC', 'stp_internal.scheme_definition(text)', 'used by stp.verify()'),
    ('executable by PUBLIC', 'stp_internal.rating_input(text,stp.period)', 'used by stp.verify()'),
    ('executable by PUBLIC', 'stp_internal.check_alone(regclass,regclass)', 'in triggers of who writes; it looks for itself whether he has'),
    ('executable by PUBLIC', 'stp_internal.sha256_hex(text)', 'used by stp.verify()'),
    ('executable by PUBLIC', 'stp_internal.input_hash(text,stp.period)', 'used by stp.verify()'),
    ('executable by PUBLIC', 'stp_internal.result_hash(stp.published_node[])', 'used by stp.verify()'),
    ('executable by PUBLIC', 'stp_internal.publication_hash(stp.publication,text)', 'used by stp.verify()');

CREATE VIEW public.member AS
SELECT d.classid, d.objid, i.type, i.schema, replace(i.identity, 'pg_catalog.', '') AS object
  FROM pg_extension e
  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e',
       pg_identify_object(d.classid, d.objid, 0) AS i
 WHERE e.extname = 'stp_metrics';

-- Kind is that of pg_proc, but t for a trigger function, and x for a support function of an aggregate.
CREATE VIEW public.member_function AS
SELECT p.*, m.object, l.lanname,
       CASE WHEN p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) THEN 't'
            WHEN EXISTS (SELECT FROM pg_aggregate a WHERE p.oid IN (a.aggtransfn, a.aggcombinefn, a.aggfinalfn,
                                                                    a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)) THEN 'x'
            ELSE p.prokind::text END AS kind
  FROM public.member m
  JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
  JOIN pg_language l ON l.oid = p.prolang;

CREATE VIEW public.member_relation AS
SELECT c.*, m.object FROM public.member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid;

-- Columns of tables and views, and of composite types, whose relation only the type is a member for.
CREATE VIEW public.member_column AS
SELECT c.relkind, a.attrelid, a.attnum, a.atttypid, format('%s.%I', r.object, a.attname) AS object
  FROM (SELECT oid, object FROM public.member_relation
        UNION ALL
        SELECT t.typrelid, m.object FROM public.member m
          JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid WHERE t.typtype = 'c') AS r
  JOIN pg_class c ON c.oid = r.oid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'c');

-- Normal and moving-aggregate sides alike.
CREATE VIEW public.member_aggregate AS
SELECT f.object, a.*, t.typtype AS state_kind, tf.provolatile, tf.proparallel
  FROM public.member_function f
  JOIN pg_aggregate a ON a.aggfnoid = f.oid
  JOIN pg_type t ON t.oid = a.aggtranstype
  JOIN pg_proc tf ON tf.oid = a.aggtransfn;

-- What pg_dump --binary-upgrade restores before what: dependencies, a view's rule, and constraints that are part of a table.
CREATE VIEW public.restored_after AS
SELECT classid, objid, refclassid, refobjid FROM pg_depend WHERE deptype IN ('n', 'a', 'i')
UNION ALL SELECT 'pg_class'::regclass, ev_class, 'pg_rewrite'::regclass, oid FROM pg_rewrite
UNION ALL SELECT 'pg_class'::regclass, conrelid, 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contype = 'c';

-- What is parsed when it is restored: views and SQL-standard bodies.
CREATE VIEW public.member_parsed AS
SELECT 'pg_proc'::regclass AS classid, oid AS objid, object, prosqlbody::text AS tree FROM public.member_function WHERE prosqlbody IS NOT NULL
UNION ALL
SELECT 'pg_class'::regclass, c.oid, c.object, r.ev_action::text FROM public.member_relation c JOIN pg_rewrite r ON r.ev_class = c.oid;

-- The operator classes of ours that it takes to parse it: those of the operators by which it sorts, groups and compares rows.
-- Without that for hashing it can be parsed, but will never hash.
CREATE VIEW public.parsed_with AS
SELECT DISTINCT p.classid, p.objid, p.object, c.oid AS opclass
  FROM public.member_parsed p
 CROSS JOIN LATERAL (SELECT unnest(m) FROM regexp_matches(p.tree, '\{SORTGROUPCLAUSE :tleSortGroupRef \d+ :eqop (\d+) :sortop (\d+)', 'g') m
                     UNION ALL
                     SELECT unnest(string_to_array(m[1], ' ')) FROM regexp_matches(p.tree, '\{ROWCOMPARE\w* :\w+ \d+ :opnos \(o ([\d ]+)\)', 'g') m) o (operator)
  JOIN pg_amop a ON a.amopopr = o.operator::oid
  JOIN pg_opclass c ON c.opcfamily = a.amopfamily AND c.opcintype = a.amoplefttype AND c.opcdefault
  JOIN pg_am m ON m.oid = c.opcmethod AND m.amname IN ('btree', 'hash')
  JOIN public.member e ON e.classid = 'pg_opclass'::regclass AND e.objid = c.oid;

CREATE VIEW public.finding AS
SELECT 'no comment' AS finding, type || ' ' || object AS object FROM public.member m
 WHERE obj_description(objid, classid::regclass::name) IS NULL
   -- The type of a table's rows, and of arrays, are described by what they are made of.
   AND NOT EXISTS (SELECT FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
                    WHERE m.classid = 'pg_type'::regclass AND t.oid = m.objid
                      AND (t.typelem <> 0 AND t.typlen = -1 OR c.relkind <> 'c'))
-- Of a view that is internal it is enough to say what the rows are.
UNION ALL SELECT 'no comment', 'column ' || object FROM public.member_column
 WHERE col_description(attrelid, attnum) IS NULL AND NOT (relkind = 'v' AND object ~ '^stp_internal\.')
UNION ALL SELECT 'outside our schemas', type || ' ' || object FROM public.member
 WHERE schema <> ALL ('{stp,stp_bi,stp_internal}')
   -- Operators and aggregates over our own type, which would not be found by a name without a schema.
   AND NOT (schema = 'pg_catalog' AND type = ANY ('{operator,aggregate}') AND object ~ 'stp\.period')
-- What is there for people and their tools has a page.
UNION ALL SELECT 'on no page', schema || '.' || name
  FROM (SELECT DISTINCT n.nspname::text AS schema, p.proname::text AS name FROM public.member_function p JOIN pg_namespace n ON n.oid = p.pronamespace
        UNION SELECT n.nspname, r.relname FROM public.member_relation r JOIN pg_namespace n ON n.oid = r.relnamespace
         WHERE r.relkind = ANY ('{r,v}')
        UNION SELECT n.nspname, t.typname FROM public.member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
          JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typelem = 0) named (schema, name)
 WHERE schema = ANY ('{stp,stp_bi}')
   AND NOT EXISTS (SELECT FROM public.page WHERE page.text ~ format('\m%s\M', name))

-- What anybody may call: trigger functions never, and of what is internal only what has a reason.
-- Types, operators, operator classes, as-of twins and rows of views are there to be used by whoever reads.
UNION ALL SELECT 'executable by PUBLIC', object FROM public.member_function f
 WHERE (kind = 't' OR pronamespace = 'stp_internal'::regnamespace) AND has_function_privilege('public', oid, 'EXECUTE')
   AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = f.oid)
   AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = f.oid)
   AND NOT EXISTS (SELECT FROM pg_type t WHERE f.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
   AND proname NOT LIKE '%\_as\_of' AND proname NOT LIKE '%\_rows'

-- Functions
UNION ALL SELECT 'security definer', object FROM public.member_function WHERE prosecdef
UNION ALL SELECT 'leakproof', object FROM public.member_function WHERE proleakproof
UNION ALL SELECT 'not parallel safe', object FROM public.member_function
 WHERE kind NOT IN ('p', 't') AND proparallel <> 's' AND pronamespace <> 'stp_internal'::regnamespace
UNION ALL SELECT 'volatile', object FROM public.member_function
 WHERE kind NOT IN ('p', 't') AND provolatile = 'v' AND pronamespace <> 'stp_internal'::regnamespace
UNION ALL SELECT 'stable, but returns one row', object FROM public.member_function
 WHERE kind NOT IN ('p', 't') AND provolatile = 's' AND NOT proretset AND pronamespace <> 'stp_internal'::regnamespace
UNION ALL SELECT 'not strict', object FROM public.member_function
 WHERE kind = 'f' AND NOT proisstrict AND pronamespace <> 'stp_internal'::regnamespace AND pg_get_function_arguments(oid) !~ 'DEFAULT NULL'
UNION ALL SELECT 'string body', object FROM public.member_function
 WHERE lanname = 'sql' AND prosqlbody IS NULL
UNION ALL SELECT 'no safe search_path', object FROM public.member_function
 WHERE lanname NOT IN ('c', 'internal') AND prosqlbody IS NULL AND kind <> 'p'
   AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)
UNION ALL SELECT 'returns a set of unknown size', object FROM public.member_function
 WHERE proretset AND prorows = 1000 AND prosupport = 0
UNION ALL SELECT 'C symbol without prefix', object FROM public.member_function
 WHERE lanname = 'c' AND prosrc !~ '^stp_'

-- Aggregates
UNION ALL SELECT 'no combine function', object FROM public.member_aggregate WHERE aggkind = 'n' AND aggcombinefn = 0
UNION ALL SELECT 'state is a pseudo-type', object FROM public.member_aggregate WHERE state_kind = 'p'
UNION ALL SELECT 'transition not immutable and parallel safe', object FROM public.member_aggregate
 WHERE provolatile <> 'i' OR proparallel <> 's'
UNION ALL SELECT 'final function may modify the state', object FROM public.member_aggregate
 WHERE aggfinalmodify <> 'r' OR aggmfinalmodify <> 'r'
UNION ALL SELECT 'polymorphic', object FROM public.member_function
 WHERE kind IN ('a', 'w') AND EXISTS (SELECT FROM unnest(proargtypes) AS x JOIN pg_type t ON t.oid = x WHERE t.typtype = 'p')

-- Types and operators
UNION ALL SELECT 'no binary form', m.object
  FROM public.member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
 WHERE t.typtype = 'b' AND (t.typsend = 0 OR t.typreceive = 0)
UNION ALL SELECT 'no selectivity estimators', m.object
  FROM public.member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid
 WHERE o.oprresult = 'boolean'::regtype AND (o.oprrest = 0 OR o.oprjoin = 0)
UNION ALL SELECT 'no commutator', m.object
  FROM public.member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid
 WHERE o.oprresult = 'boolean'::regtype AND o.oprcom = 0
UNION ALL SELECT 'operator class invalid', m.object
  FROM public.member m WHERE CASE WHEN m.classid = 'pg_opclass'::regclass THEN NOT amvalidate(m.objid) END
UNION ALL SELECT 'restored before its operator class', object FROM public.parsed_with p
 WHERE NOT EXISTS (
    WITH RECURSIVE before AS
    (
        SELECT p.classid::oid, p.objid
        UNION
        SELECT r.refclassid, r.refobjid FROM before b JOIN public.restored_after r ON r.classid = b.classid AND r.objid = b.objid
    )
    SELECT FROM before b WHERE b.classid = 'pg_opclass'::regclass AND b.objid = p.opclass)

-- Tables and views
UNION ALL SELECT 'not registered for dump', object FROM public.member_relation r
 WHERE relkind IN ('r', 'p', 'S')
   AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'stp_metrics' AND r.oid = ANY (e.extconfig))
UNION ALL SELECT 'writable by PUBLIC', object FROM public.member_relation, aclexplode(relacl) AS acl
 WHERE acl.grantee = 0 AND acl.privilege_type <> 'SELECT'
UNION ALL SELECT 'table without primary key', object FROM public.member_relation r
 WHERE relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = r.oid AND i.indisprimary)
-- Analysts read periods as such; tools know plain types only.
UNION ALL SELECT 'view column not a plain scalar', object FROM public.member_column
 WHERE relkind IN ('v', 'm') AND object !~ '^stp_internal\.'
   AND atttypid <> ALL ('{text,numeric,float8,int2,int4,int8,date,timestamptz,boolean}'::regtype[])
   AND NOT (atttypid = 'stp.period'::regtype AND object ~ '^stp\.');

SELECT public.cmp_ok((SELECT count(*)::int FROM public.member), '>', 50, 'the extension has members');
SELECT public.is_empty('SELECT finding, object FROM public.finding EXCEPT SELECT finding, object FROM public.exception',
                       'nothing in the extension breaks the rules of the house');
SELECT public.is_empty('SELECT finding, object FROM public.exception EXCEPT SELECT finding, object FROM public.finding',
                       'every exception is still one');
SELECT public.is((SELECT (nspname, extrelocatable)::text FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace
                   WHERE extname = 'stp_metrics'), '(pg_catalog,f)', 'the extension is fixed to pg_catalog');

-- A lint that finds nothing must be seen to find something: one offender for each rule
-- (but that of operator classes, whose findings are PostgreSQL's own and loud).
CREATE FUNCTION public.bad(int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT $1';
CREATE FUNCTION public.bad_stable(int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION public.bad_leak(int) RETURNS SETOF int LANGUAGE sql IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
    BEGIN ATOMIC SELECT $1; END;
CREATE FUNCTION public.good_trigger() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS 'BEGIN RETURN NEW; END';
COMMENT ON FUNCTION public.good_trigger() IS 'good';
CREATE AGGREGATE public.bad_aggregate(anynonarray) (SFUNC = array_agg_transfn, STYPE = internal,
    FINALFUNC = array_agg_finalfn, FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_WRITE);
CREATE FUNCTION public.bad_accum(int, int) RETURNS int LANGUAGE sql RETURN $1;
CREATE AGGREGATE public.bad_sum(int) (SFUNC = public.bad_accum, STYPE = int);
CREATE TYPE public.bad_type;
CREATE FUNCTION public.bad_in(cstring) RETURNS public.bad_type LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION public.bad_out(public.bad_type) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE public.bad_type (INPUT = public.bad_in, OUTPUT = public.bad_out, LIKE = int4);
CREATE TYPE public.bad_composite AS (part int);
CREATE FUNCTION public.bad_c() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE OPERATOR public.=~= (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TABLE public.bad_table (x int);
GRANT INSERT ON public.bad_table TO PUBLIC;
CREATE VIEW public.bad_view AS SELECT ARRAY[x] AS x FROM public.bad_table;
CREATE FUNCTION public.bad_order(stp.period[]) RETURNS SETOF stp.period BEGIN ATOMIC SELECT x FROM unnest($1) x ORDER BY x; END;
CREATE FUNCTION public.bad_row(stp.period) RETURNS boolean RETURN ($1, $1) < ($1, $1);
CREATE VIEW public.bad_window AS SELECT count(*) OVER (PARTITION BY period) FROM stp.periods('2026-01', '2026-02') period;
ALTER EXTENSION stp_metrics ADD FUNCTION public.bad_order(stp.period[]);
ALTER EXTENSION stp_metrics ADD FUNCTION public.bad_row(stp.period);
ALTER EXTENSION stp_metrics ADD VIEW public.bad_window;
ALTER EXTENSION stp_metrics ADD FUNCTION public.bad(int);
ALTER EXTENSION stp_metrics ADD FUNCTION public.bad_stable(int);
ALTER EXTENSION stp_metrics ADD FUNCTION public.bad_leak(int);
ALTER EXTENSION stp_metrics ADD FUNCTION public.good_trigger();
ALTER EXTENSION stp_metrics ADD AGGREGATE public.bad_aggregate(anynonarray);
ALTER EXTENSION stp_metrics ADD AGGREGATE public.bad_sum(int);
ALTER EXTENSION stp_metrics ADD TYPE public.bad_type;
ALTER EXTENSION stp_metrics ADD TYPE public.bad_composite;
ALTER EXTENSION stp_metrics ADD FUNCTION public.bad_c();
ALTER EXTENSION stp_metrics ADD OPERATOR public.=~= (int, int);
ALTER EXTENSION stp_metrics ADD TABLE public.bad_table;
ALTER EXTENSION stp_metrics ADD VIEW public.bad_view;

SELECT public.is(array_agg(DISTINCT finding::text COLLATE "C"), ARRAY[
        'C symbol without prefix', 'executable by PUBLIC', 'final function may modify the state', 'leakproof', 'no binary form', 'no combine function',
        'no comment', 'no commutator', 'no safe search_path', 'no selectivity estimators', 'not parallel safe',
        'not registered for dump', 'not strict', 'outside our schemas', 'polymorphic', 'restored before its operator class',
        'returns a set of unknown size', 'security definer', 'stable, but returns one row', 'state is a pseudo-type',
        'string body', 'table without primary key', 'transition not immutable and parallel safe',
        'view column not a plain scalar', 'volatile', 'writable by PUBLIC'], 'each rule finds its offender')
  FROM public.finding WHERE object ~ 'public\.';
SELECT public.is(array_agg(object), ARRAY['type public.bad_composite', 'column public.bad_composite.part']::text[],
                 'comments are missed on a composite type and its columns')
  FROM (SELECT object FROM public.finding WHERE finding = 'no comment' AND object ~ 'bad_composite' ORDER BY object DESC) AS f;
SELECT public.is(array_agg(DISTINCT object ORDER BY object), ARRAY['public.bad_order(stp.period[])', 'public.bad_row(stp.period)', 'public.bad_window'],
                 'sorting, comparing rows and windows are found out')
  FROM public.finding WHERE finding = 'restored before its operator class';
SELECT public.is(array_agg(finding ORDER BY finding), ARRAY['executable by PUBLIC', 'outside our schemas'], 'a good trigger function breaks no other rule')
  FROM public.finding WHERE object ~ 'good_trigger';
SELECT * FROM public.finish();
