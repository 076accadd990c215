# On Citus, where the server has it: aggregates over a distributed table are partial on the workers, answers are those of one server,
# and what is loaded from such a table is recorded, marked and rated. `make test-citus` runs it alone.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Made;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($share) = run_command([ $ENV{PG_CONFIG} // 'pg_config', '--sharedir' ]);
plan skip_all => 'Citus is not installed for this server: not run' unless -e "$share/extension/citus.control";

my %node = map { $_ => PostgreSQL::Test::Cluster->new($_) } qw(coordinator worker_1 worker_2 one);
my ($setting, $files, $now);
for my $name (qw(one coordinator worker_1 worker_2))
{
	my $node = $node{$name};
	$node->init;
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'citus'\ncitus.enable_statistics_collection = off\n"
		. "citus.node_conninfo = 'sslmode=disable'\nwal_level = logical\n$setting") unless $name eq 'one';
	$node->start;
	($setting, $files, $now) = extension_copy($node) if $name eq 'one';
	$node->safe_psql('postgres', 'CREATE EXTENSION citus') unless $name eq 'one';
	$node->safe_psql('postgres', 'CREATE EXTENSION stp_metrics') if $name eq 'one';
}
my ($coordinator, $one) = @node{qw(coordinator one)};
for my $name (qw(coordinator worker_1 worker_2))
{
	my ($host, $port) = ($node{$name}->host, $node{$name}->port);
	$coordinator->safe_psql('postgres', $name eq 'coordinator' ? "SELECT citus_set_coordinator_host('$host', $port)" : "SELECT citus_add_node('$host', $port)");
}
# Citus makes it on all servers.
$coordinator->safe_psql('postgres', 'CREATE EXTENSION stp_metrics');
is($node{$_}->safe_psql('postgres', q{SELECT count(*) FROM pg_extension WHERE extname = 'stp_metrics'}), 1, "$_ has the extension") for qw(worker_1 worker_2);

my $setup = q{
	CREATE TABLE stay (organisation text, stay int, admission_date date, discharge_date date, age int, PRIMARY KEY (organisation, stay));
	DISTRIBUTE
	INSERT INTO stay SELECT 'O' || o, i, date '2026-01-01' + (i * o) % 90, CASE WHEN i % 19 > 0 THEN date '2026-01-03' + (i * o) % 90 + i % 5 END, (i * o) % 97
	  FROM generate_series(1, 20) o, generate_series(1, 200) i;
	INSERT INTO stp.system (system, name) SELECT 'S' || u, 'System ' || u FROM generate_series(0, 4) u;
	INSERT INTO stp.organisation (organisation, name) SELECT 'O' || u, 'Trust ' || u FROM generate_series(1, 20) u;
	INSERT INTO stp.membership (organisation, system) SELECT 'O' || u, 'S' || u % 5 FROM generate_series(1, 20) u;
	INSERT INTO stp.scheme (scheme, name) VALUES ('mine', 'Mine');
	INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('mine', 'all', 'All', 'ae_within_4_hours', 'min_max')};
for my $node ($coordinator, $one)
{
	my $distribute = $node == $coordinator ? q{SELECT create_distributed_table('stay', 'organisation');} : '';
	$node->safe_psql('postgres', $setup =~ s/DISTRIBUTE/$distribute/r);
}

# The rows of an answer, in whatever order they come.
sub rows_of
{
	my ($node, $query) = @_;
	return join "\n", sort split /\n/, $node->safe_psql('postgres', $query);
}

# Aggregates are not refused, nor are rows gathered, where the coordinator may aggregate none itself.
my %partial = (
	'SELECT stp.census(admission_date, discharge_date, \'[2026-01-01,2026-03-31]\') FROM stay' => 1,
	'SELECT stp.rollup(c) FROM (SELECT organisation, stp.census(admission_date, discharge_date, \'[2026-01-01,2026-03-31]\') AS c FROM stay GROUP BY 1) s' => 1,
	'SELECT stp.month(admission_date), stp.exact_sum(age), stp.whole_sum(age) FROM stay GROUP BY 1' => 1,
	'SELECT stp.dsr(stp.standardise(age / 5 + 1, 1, 1000, 100000, 20)) FROM stay' => 1,
	'SELECT stp.arithmetic_mean(stp.composite(age, 1)) FROM stay' => 1,
	'SELECT stp.n(stp.dispersion(age, 100, \'arcsine\')) FROM stay' => 1,
	'SELECT organisation, stp.rate(count(*), 250000, 1000) FROM stay WHERE stp.month(admission_date) = \'2026-02\' GROUP BY 1' => 0,
	'SELECT organisation, count(*) FROM stay WHERE stp.financial_year(admission_date) BETWEEN \'2024/25\' AND \'2025/26\' GROUP BY 1' => 0);
for my $query (sort keys %partial)
{
	my $run = "SET citus.coordinator_aggregation_strategy = 'disabled'; SET citus.explain_all_tasks = off; ";
	my $plan = $coordinator->safe_psql('postgres', "$run EXPLAIN (VERBOSE, COSTS OFF) $query");
	like($plan, $partial{$query} ? qr/worker_partial_agg\('stp\./ : qr/Query: SELECT organisation, .*GROUP BY/, "partial on the workers: $query");
	is(rows_of($coordinator, $query), rows_of($one, $query), '... and the answer is that of one server');
}

# All that is made of spells, of distributed ones, as doc/distribute.md has it.
my ($section) = slurp_file('doc/distribute.md') =~ /^## Citus\n(.*?)(?=^## )/ms;
my (undef, $views, $source) = $section =~ /```psql\n(.*?)```/gs;
my $spells = q{INSERT INTO stp.spell (organisation, spell, person, admission_date, discharge_date, ready_date, admission_method, age)
	SELECT organisation, stay::text, 'P' || stay % 70, admission_date, discharge_date, least(admission_date + stay % 3, discharge_date),
	       CASE WHEN stay % 3 > 0 THEN '21' ELSE '11' END, age FROM stay};
$one->safe_psql('postgres', $spells);
$coordinator->safe_psql('postgres', $views);
$coordinator->safe_psql('postgres', $spells =~ s/stp\.spell/far.spell/r);
for my $relation ('spell', 'mere')
{
	$coordinator->safe_psql('postgres', 'CREATE VIEW far.mere AS SELECT * FROM far.spell') if $relation eq 'mere';
	like(($coordinator->psql('postgres', "CALL stp.make_spell_views('far', 'far.$relation')"))[2], qr/far\.$relation is distributed by Citus/, "far.$relation is refused");
}
for my $name ($one->safe_psql('postgres', q{SELECT string_agg(name, ' ') FROM stp_internal.spell_reader WHERE class = 'pg_class'::regclass AND schema = 'stp'})
	=~ /(\w+)/g, q{system_readmission('2026-01')}, q{spell_delayed_days('2026-01', '2026-03')}, q{emergency_admission_rate('2026-02')})
{
	is(rows_of($coordinator, "SELECT * FROM far.$name"), rows_of($one, "SELECT * FROM stp.$name"), "far.$name");
}
$coordinator->safe_psql('postgres', $source);
$coordinator->safe_psql('postgres', 'CALL stp.refresh()');
is(rows_of($coordinator, 'SELECT indicator, organisation, period, numerator FROM stp.observation'),
	rows_of($one, q{SELECT indicator, organisation, period, numerator FROM stp.spell_observation WHERE indicator = 'admissions'}), 'what workers count is a source');
$coordinator->safe_psql('postgres', 'DELETE FROM stp.observation');

# The default of recorded_at is computed on the workers.
my $load = q{INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	SELECT 'ae_within_4_hours', organisation, stp.month(admission_date), sum(age), 97 * count(*) FROM stay GROUP BY organisation, stp.month(admission_date)};
$_->safe_psql('postgres', 'CALL stp.refresh()') for $coordinator, $one;
like($coordinator->safe_psql('postgres', "EXPLAIN (VERBOSE, COSTS OFF) $load"), qr/Query: SELECT [^\n]*recording_time\(\)/, 'the time of a row is asked on the workers');
$_->safe_psql('postgres', $load) for $coordinator, $one;
is($coordinator->safe_psql('postgres', 'SELECT count(*), count(DISTINCT recorded_at), max(recorded_at) < now() FROM stp.observation'), '60|1|t', 'all rows are recorded at one time');
is($coordinator->safe_psql('postgres', q{SELECT string_agg(first_day::text, ' ' ORDER BY first_day) FROM stp_internal.input_change WHERE input = 'observation'}),
	'2026-01-01 2026-02-01 2026-03-01', 'and what they change is marked');
$_->safe_psql('postgres', 'CALL stp.refresh()') for $coordinator, $one;
my $rating = q{SELECT count(score), md5(string_agg(concat_ws(' ', period, unit, node, value, score, rank, category, status), ',' ORDER BY period, unit, node)) FROM stp.assessment_node WHERE scheme = 'mine'};
is($coordinator->safe_psql('postgres', $rating), $one->safe_psql('postgres', $rating), 'the ratings that are kept are those of one server');
like($one->safe_psql('postgres', $rating), qr/^15\|/, 'of every system and month');

# The next version, made up, comes to all servers. Its script must do without temporary tables: Citus makes none on workers.
append_to_file("$files--$now--next.sql", 'CREATE FUNCTION stp.made_up() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 1;
	ALTER TABLE stp.refresh_log ADD made_up int;');
$coordinator->safe_psql('postgres', q{ALTER EXTENSION stp_metrics UPDATE TO 'next'});
is($node{$_}->safe_psql('postgres', 'SELECT extversion, stp.made_up() FROM pg_extension WHERE extname = $$stp_metrics$$'), 'next|1', "$_ is updated")
  for qw(coordinator worker_1 worker_2);
is($coordinator->safe_psql('postgres', $rating), $one->safe_psql('postgres', $rating), 'and rates as before');

$_->stop for values %node;
done_testing();
