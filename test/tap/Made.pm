# What the tests of dump and pg_upgrade put into a database, and where those of updates put another version.
package Made;
use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Utils;
use Test::More;
our @EXPORT = qw(@made %rows are_there extension_copy);

# What a user makes with the extension. A module with tables of its own adds its rows here.
our @made = (
	q{CREATE TABLE target (
	      period stp.period NOT NULL DEFAULT '2016/17',
	      part   stp.period CHECK (part <@ period),
	      span   daterange GENERATED ALWAYS AS (stp.daterange(period)) STORED,
	      EXCLUDE USING hash (part WITH =))},
	q{CREATE UNIQUE INDEX target_part ON target (part)},
	q{CREATE INDEX target_hash ON target USING hash (period)},
	q{CREATE INDEX target_brin ON target USING brin (period, part)},
	q{CREATE INDEX target_year ON target (stp.coarsen(part, 'year'))},
	q{CREATE VIEW target_label AS SELECT period::text AS label, stp.first_day(period) AS first_day FROM target},
	q{CREATE TABLE by_year (period stp.period) PARTITION BY RANGE (period)},
	q{CREATE TABLE by_year_2016 PARTITION OF by_year FOR VALUES FROM ('2016/17') TO ('2017/18')},
	q{INSERT INTO target (part) SELECT stp.periods('2016-04', '2017-03')},
	q{INSERT INTO target (period, part) VALUES ('2199/00', '2199/00 Q4'), ('1900/01', '1900/01 H1'), ('2015/16', NULL)},
	q{INSERT INTO by_year SELECT stp.periods('2016/17 Q1', '2016/17 Q4')},
	# standardise
	q{INSERT INTO stp.standard_population (standard, age_from, age_to, weight)
	      VALUES ('mine', 18, NULL, 7), ('mine', 0, 17, 0.1 + 0.2)},
	q{CREATE TABLE age_bands AS
	      SELECT repeated, CASE WHEN repeated THEN stp.standardise(age_from, 1, 3 + age_from, weight, g)
	                            ELSE stp.standardise(1, 3 + g, weight) END AS state
	        FROM stp.standard_population, generate_series(1, 9) g, unnest('{f,t}'::boolean[]) repeated
	       GROUP BY standard, repeated},
	# funnel
	q{CREATE TABLE funnel AS
	      SELECT method, extremes, stp.dispersion(g % 4, 3 + g, method, NULL, extremes, 0.1) AS state
	        FROM generate_series(1, 99) g, unnest('{arcsine,wilson,expected,observed,log,root,counts}'::text[]) method,
	             unnest('{winsorised,trimmed}'::text[]) extremes GROUP BY method, extremes},
	# census
	q{CREATE TABLE census AS
	      SELECT system, stp.census(day, day + system, '[2016-01-01,2017-01-01)') AS state
	        FROM generate_series(1, 9) system, (SELECT date '2015-12-28' + generate_series(0, 400, 3) AS day) d GROUP BY system},
	# spc
	q{INSERT INTO stp.spc_dialect
	      SELECT (jsonb_populate_record(d, '{"dialect": "mine", "shift": 8, "builtin": false}')).* FROM stp.spc_dialect d WHERE dialect = 'nhs'},
	q{CREATE TABLE series AS
	      SELECT s, stp.spc(day, CASE WHEN i % 7 > 0 THEN i * s + 0.1 END, CASE WHEN s > 1 THEN 99999 END, 7.5) AS state
	        FROM generate_series(1, 3) s, (SELECT i, date '2016-01-01' + i AS day FROM generate_series(0, 400) i) d GROUP BY s},
	q{CREATE VIEW chart AS SELECT s, p.* FROM series CROSS JOIN LATERAL stp.spc_points(state, 'higher', 'mine') p},
	# registry: whose rows refer to one another, and to builtin ones
	q{INSERT INTO stp.system (system, name, kind, parent) VALUES ('P', 'Place', 'place', 'S'), ('S', 'System', 'system', 'R'), ('R', 'Region', 'region', NULL)},
	q{INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B')},
	q{INSERT INTO stp.membership (organisation, system, share) VALUES ('A', 'S', 1), ('B', 'S', 0.25), ('B', 'P', 0.75)},
	q{INSERT INTO stp.population (system, period, persons) VALUES ('S', '2026/27', 1000)},
	# succession: a trust without memberships that merges
	q{INSERT INTO stp.organisation (organisation, name) VALUES ('C', 'Trust C')},
	q{CALL stp.merge_organisations('{C}', 'B', '2025-04-01', basis => 'Statutory instrument')},
	q{INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('mine', 'Mine', 'x', 'mean', 'higher', 'none')},
	q{INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'A', '2026-03', 1, 3)},
	q{INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('mine', 'B', '2026-03', 0.1)},
	q{INSERT INTO stp.report_symbol (symbol, means) VALUES ('-', 'zero'), ('9999', 'not reported')},
	# activity
	q{INSERT INTO stp.spell (organisation, spell, admission_date, ready_date, admission_method, further_diagnoses) VALUES ('A', '1', '2026-02-27', NULL, '21', '{J44.0,NULL}'), ('B', '1', '2026-03-01', '2026-03-31', 'M', NULL)},
	q{INSERT INTO stp.extract (source, covers) VALUES ('spell', '[2026-02-01,2026-03-01)'), ('spell', '[2026-03-01,2026-04-01)')},
	# delay
	q{INSERT INTO stp.delay_reason VALUES ('X', 'X_MINE', 'Mine', true, false, true)},
	q{INSERT INTO stp.delayed_transfer VALUES ('A', 'B', '2016-10', 'acute', 'X', 'NHS', NULL, 7, '2016-12-08'), ('A', 'B', '2016-10', 'acute', 'A', 'both', 1, 9, '2017-01-12')},
	q{INSERT INTO stp.occupied_bed_days VALUES ('A', '2016/17 Q3', 0.1)},
	q{INSERT INTO stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days) VALUES ('A', '2026-03', 9, 8, 7)},
	q{INSERT INTO stp.dtoc_return (year, reason) VALUES ('2016-17', 'a, "b"')},
	q{INSERT INTO stp.ae_return VALUES ('Period,"Org Code"')},
	# emergency
	q{INSERT INTO stp.admission_method (method, meaning, emergency) VALUES ('M', 'Mine', true), ('2C', 'Not an emergency', false)},
	q{INSERT INTO stp.discharge_code (item, code, meaning, transfer) VALUES ('destination', '54', 'A hospital', true)},
	q{INSERT INTO stp.ambulatory_condition (list, prefix, condition) VALUES ('mine', 'J44', 'COPD')},
	q{INSERT INTO stp.emergency_attendance VALUES ('A', '2026-03', '1', 10, 2, 3)},
	q{INSERT INTO stp.judgement VALUES ('well_led', 'A', '2025/26', '2026-01-05', 2, 'Good', 'CQC', 'Inspection'),
	      ('well_led', 'A', '2025/26', '2026-02-05', 1, NULL, 'CQC', 'Reinspection')},
	q{INSERT INTO stp.target (indicator, unit, period, baseline, improvement, improvement_in, no_worse_than, source)
	      VALUES ('ae_within_4_hours', 'S', '2026/27', '2026-03', 7, 'points', 65, 'Plan')},
	q{INSERT INTO stp.target (indicator, period, value, source) VALUES ('ae_within_4_hours', '2025/26', 78, 'Plan'), ('ae_within_4_hours', '2026/27', 82, 'Plan')},
	q{UPDATE stp.target SET value = 80 WHERE value = 78},
	q{CREATE VIEW asked AS SELECT * FROM stp.unit_target WHERE set_for <> 'standard'},
	# finance: an offset within the system, of which one organisation belongs to a place
	q{INSERT INTO stp.control_total (organisation, year, basis, amount) VALUES ('A', '2025/26', 'including', 1000000), ('B', '2025/26', 'including', -0.01)},
	q{INSERT INTO stp.control_total_offset (system, year, basis, from_organisation, to_organisation, amount, agreed)
	      VALUES ('S', '2025/26', 'including', 'A', 'B', 0.05, '2025-05-01')},
	q{INSERT INTO stp.financial_position (organisation, period, measure, basis, surplus, turnover)
	      VALUES ('A', '2025/26 Q3', 'actual', 'including', -12345678.90, 1e9), ('A', '2025/26 Q3', 'plan', 'including', 0, NULL), ('B', '2025-12', 'actual', 'including', 1, NULL)},
	q{INSERT INTO stp.system_plan (system, year, line, category, amount)
	      VALUES ('S', '2020/21', 'do nothing', 'health', 100), ('S', '2020/21', 'solution', 'prevention', 99.99)},
	q{INSERT INTO stp.finance_threshold (scheme, metric, score, comparison, cut, status) VALUES ('mine', 'distance_from_plan_pct', 1, '>=', 0.5, 'derived')},
	# trend
	q{INSERT INTO stp.spc_setting (indicator, unit, dialect, chart) VALUES ('ae_within_4_hours', 'A', 'mine', 'p'), ('', 'S', 'nhs', 'run'), ('', '', 'nhs', 'xmr')},
	q{INSERT INTO stp.spc_day (indicator, unit, day, effect, reason) VALUES ('ae_within_4_hours', 'S', '2026-01-01', 'rebase', 'New building'), ('', '', '2026-02-01', 'ghost', 'Strike')},
	q{CREATE VIEW charts AS SELECT t.unit, t.indicator, t.value, t.upper, s.variation FROM stp.indicator_trend t JOIN stp.indicator_summary s USING (level, unit, indicator, grain)},
	q{CREATE VIEW money AS SELECT * FROM stp.system_finance_organisation},
	# scheme: a copy of a builtin one, edited
	q{CALL stp.copy_scheme('stp-2026', 'mine')},
	q{UPDATE stp.scheme_node SET weight = 1.1 WHERE scheme = 'mine' AND node = 'finance'},
	q{CREATE VIEW rating AS SELECT * FROM stp.assess('mine', '2026-03')},
	# one with brackets and categories of nodes, one with overrides
	q{CALL stp.copy_scheme('stp-2017', 'mine-2017')},
	q{CALL stp.copy_scheme('nof-2025-26', 'mine-nof')},
	q{UPDATE stp.scheme_node SET reference_period = '2015/16' WHERE scheme = 'mine-2017' AND method = 'min_max'},
	q{CREATE VIEW rating_2017 AS SELECT * FROM stp.assess('mine-2017', '2026-03')},
	q{CREATE VIEW rating_nof AS SELECT * FROM stp.assess('mine-nof', '2026-03')},
	# one that is measured by targets alone, which a dump brings after it
	q{INSERT INTO stp.target (indicator, unit, period, valid_to, value, source)
	      VALUES ('mine', 'S', '2025/26', '2026-03-31', 0.2, 'Plan'), ('mine', 'P', '2025/26 Q4', NULL, 0.1, 'Plan')},
	q{INSERT INTO stp.scheme (scheme, name, rates, on_schedule) VALUES ('mine-way', 'Way', 'system', false)},
	q{INSERT INTO stp.scheme_node (scheme, node, name, indicator, method, low) VALUES ('mine-way', 'all', 'All', 'mine', 'distance_to_target', 0)},
	q{CREATE VIEW rating_way AS SELECT * FROM stp.assess('mine-way', '2026-03')},
	# history and refresh: something superseded, rated, published, and changed since
	q{UPDATE stp.observation SET numerator = 2 WHERE organisation = 'A'},
	q{UPDATE stp.scheme_node SET weight = 1.2 WHERE scheme = 'mine' AND node = 'finance'},
	q{CALL stp.refresh()},
	q{CALL stp.publish('mine', '2026-03', 'Published')},
	q{UPDATE stp.observation SET numerator = 3 WHERE organisation = 'A'},
	q{CREATE VIEW published AS SELECT a.* FROM stp.publication p CROSS JOIN LATERAL stp.assess(p.scheme, p.period, p.published_at) a},
	# spells elsewhere, in partitions
	q{CREATE SCHEMA nhs},
	q{CREATE TABLE nhs.spell (LIKE stp.spell INCLUDING CONSTRAINTS, PRIMARY KEY (organisation, spell, admission_date),
	      FOREIGN KEY (organisation) REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED) PARTITION BY RANGE (admission_date)},
	q{CREATE INDEX ON nhs.spell (admission_date)},
	q{CREATE TABLE nhs.spell_2026 PARTITION OF nhs.spell FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')},
	q{CREATE TABLE nhs.spell_other PARTITION OF nhs.spell DEFAULT},
	q{INSERT INTO nhs.spell (organisation, spell, admission_date, discharge_date) VALUES ('A', '1', '2026-02-27', '2026-03-04'), ('C', '1', '2025-12-30', NULL)},
	q{CALL stp.make_spell_views('nhs', 'nhs.spell')},
	q{INSERT INTO stp.extract (source, covers) VALUES ('nhs.spell', '[2025-12-01,2026-04-01)')},
	q{CREATE VIEW elsewhere AS SELECT * FROM nhs.spell_observation},
	# access
	q{GRANT SELECT ON stp.observation, stp.assessment TO stp_reader});

# Rows that must be there afterwards: a dump of nothing would otherwise be like the original.
our %rows = (
	age_bands => 6, census => 9, series => 3, chart => 1203, funnel => 14, 'stp.spc_dialect WHERE builtin' => 5, 'stp.spc_dialect WHERE NOT builtin' => 1, 'stp.standard_population' => 39, 'stp.standard_population WHERE builtin' => 37,
	target => 15, target_label => 15, by_year_2016 => 4,
	'stp.system' => 3, 'stp.organisation' => 3, 'stp.succession' => 1, 'stp.membership' => 3, 'stp.population' => 1,
	'stp.observation' => 2, 'stp.indicator WHERE NOT builtin' => 1,
	'stp.report_symbol WHERE builtin' => 13, 'stp.report_symbol WHERE NOT builtin' => 2,
	'stp.delay_reason WHERE builtin' => 12, 'stp.delay_reason WHERE NOT builtin' => 1, 'stp.delayed_transfer' => 2,
	'stp.delayed_transfer_latest' => 1, 'stp.occupied_bed_days' => 1, 'stp.discharge_delay' => 1, 'stp.dtoc_return' => 1, 'stp.ae_return' => 1,
	'stp.spell' => 2, 'stp.extract' => 3, 'nhs.spell_2026' => 1, 'nhs.spell_other' => 1, 'nhs.spell' => 2, elsewhere => 18, 'stp.admission_method WHERE NOT builtin' => 2, 'stp.discharge_code WHERE NOT builtin' => 1, 'stp.ambulatory_condition WHERE NOT builtin' => 1,
	'stp.emergency_attendance' => 1,
	'stp.control_total' => 2, 'stp.control_total_offset' => 1, 'stp.financial_position' => 3, 'stp.system_plan' => 2,
	'stp.finance_threshold WHERE builtin' => 20, 'stp.finance_threshold WHERE NOT builtin' => 1, money => 5,
	'stp.indicator WHERE builtin' => 151, 'stp.scheme' => 18, 'stp.judgement' => 2, 'stp.target' => 5, 'stp.spc_setting' => 3, 'stp.spc_day' => 2, charts => 7, 'stp.target_history' => 1, asked => 14,
	'stp.scheme_node WHERE builtin' => 237, 'stp.scheme_node WHERE NOT builtin' => 71,
	'stp.scheme_category' => 63, 'stp_internal.method' => 10, 'stp.scheme_node_category WHERE NOT builtin' => 24,
	'stp.scheme_bracket WHERE NOT builtin' => 7, 'stp.scheme_override WHERE NOT builtin' => 1,
	'stp.scheme_override_condition WHERE NOT builtin' => 1,
	'rating_2017' => 30, 'rating_nof' => 16, 'rating_way WHERE target = 0.2 AND score = 50' => 1, 'rating' => 32,
	'stp.observation_history' => 2, 'stp.scheme_node_history' => 3, 'stp_internal.input_change WHERE recorded_at > \'-infinity\'' => 1, 'stp_internal.stale' => 0, 'stp_internal.stale_figure' => 0,
	'stp_internal.kept_figure' => 7,
	'stp.assessed_period' => 3, 'stp.assessment' => 3, 'stp_internal.source' => 8, 'stp.assessment_node' => 94, 'stp.assessment_explanation' => 94, 'stp.assessment_cohort' => 3, 'stp.refresh_log' => 8,
	'stp.publication' => 1, 'stp.published_node' => 32, published => 32);

# All these rows are there.
sub are_there
{
	my ($cluster, $database, $name) = @_;
	my @relations = sort keys %rows;
	my @counts = split /\n/, $cluster->safe_psql($database, join ";\n", map { "SELECT count(*) FROM $_" } @relations);
	is(shift @counts, $rows{$_}, "$name: rows of $_") for @relations;
}

# A copy of the extension's files, to which a version can be added: the setting by which a server finds it, the path of its files
# without their ending, and the version that is installed by default. Debian's own setting until PostgreSQL had one.
sub extension_copy
{
	my ($node) = @_;
	my $setting = $node->safe_psql('postgres',
		q{SELECT name FROM pg_settings WHERE name IN ('extension_destdir', 'extension_control_path') ORDER BY name LIMIT 1});
	my ($stage) = $node->safe_psql('postgres', "SHOW $setting") =~ /([^:]+)/;
	my $copy = PostgreSQL::Test::Utils::tempdir();
	system('cp', '-r', "$stage/.", $copy) == 0 or die;
	my ($control) = split /\n/, `find $copy -name stp_metrics.control`;
	my ($now) = slurp_file($control) =~ /^default_version = '(.*)'/m;
	return ($setting eq 'extension_destdir' ? "$setting = '$copy'" : "$setting = '$copy:\$system'", $control =~ s/\.control$//r, $now);
}

1;
