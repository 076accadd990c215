# Spells on two workers, ratings on a coordinator, through postgres_fdw: what is sent, and that all answers are those of one server
# with all spells. The statements are those of doc/distribute.md.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $page = slurp_file('doc/distribute.md');
my ($section) = $page =~ /^## Spells on several servers[^\n]*\n(.*?)(?=^## |\z)/ms;
my ($login, $far, $sent, $rolled_up, $views, $extract, $extract_of_all, $switch, $take) = $section =~ /```psql\n(.*?)```/gs;

my %node = map { $_ => PostgreSQL::Test::Cluster->new($_) } qw(coordinator worker_1 worker_2 one);
for my $node (values %node)
{
	$node->init;
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION stp_metrics');
}

# The page says which database on which host; here it is the server of that name.
for my $worker (1, 2)
{
	my ($host, $port) = ($node{"worker_$worker"}->host, $node{"worker_$worker"}->port);
	$far =~ s/host 'worker-$worker\.example', port '5432', dbname 'stp'/host '$host', port '$port', dbname 'postgres'/;
}
$far =~ s/ALTER DATABASE stp /ALTER DATABASE postgres /;

# Spells of four organisations; D has one, without an end.
my %spells = (A => 300, B => 200, C => 400, D => 1);

sub load_spells
{
	my ($node, @organisations) = @_;
	for my $organisation (@organisations)
	{
		$node->safe_psql('postgres', qq{
			INSERT INTO stp.organisation (organisation, name) VALUES ('$organisation', 'Trust $organisation');
			INSERT INTO stp.spell (organisation, spell, person, admission_date, discharge_date, age, admission_method)
			SELECT '$organisation', i, 'P' || i % 150, date '2026-01-01' + (i * 7 + 30 * (ascii('$organisation') - 65)) % 90,
			       CASE WHEN i % 19 > 1 THEN date '2026-01-01' + (i * 7 + 30 * (ascii('$organisation') - 65)) % 90 + i % 9 END,
			       i * 13 % 97, CASE i % 3 WHEN 0 THEN '11' ELSE '21' END
			  FROM generate_series(1, $spells{$organisation}) i});
	}
	$node->safe_psql('postgres', "INSERT INTO stp.observation_source VALUES ('spell');\n$extract");
	$node->safe_psql('postgres', 'CALL stp.refresh()');
}

load_spells($node{worker_1}, qw(A B));
load_spells($node{worker_2}, qw(C D));
# Who belongs where, and the scheme: where ratings are.
for my $node (@node{qw(coordinator one)})
{
	$node->safe_psql('postgres', q{
		INSERT INTO stp.system (system, name) SELECT s, 'System ' || s FROM unnest('{S1,S2,S3}'::text[]) s;
		INSERT INTO stp.population (system, period, persons) SELECT s, '2025/26', 1000 FROM unnest('{S1,S2,S3}'::text[]) s;
		INSERT INTO stp.scheme (scheme, name) VALUES ('spells', 'Spells');
		INSERT INTO stp.scheme_node (scheme, node, name) VALUES ('spells', 'all', 'All');
		INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method)
		SELECT 'spells', i, 'all', i, i, 'min_max' FROM unnest('{mean_emergency_stay,emergency_admissions_all_ages,emergency_bed_days}'::text[]) i});
}
my $members = q{INSERT INTO stp.membership (organisation, system, share) VALUES ('A', 'S1', 1), ('B', 'S1', 0.5), ('B', 'S2', 0.5), ('C', 'S2', 1), ('D', 'S3', 1)};
load_spells($node{one}, qw(A B C D));
$node{coordinator}->safe_psql('postgres', q{INSERT INTO stp.organisation (organisation, name) SELECT o, 'Trust ' || o FROM unnest('{A,B,C,D}'::text[]) o});
$_->safe_psql('postgres', $members) for @node{qw(coordinator one)};
$node{$_}->safe_psql('postgres', $login) for qw(worker_1 worker_2);
$node{coordinator}->safe_psql('postgres', $far);

# On one server there is one table.
sub answer
{
	my ($node, $query) = @_;
	$query =~ s/everywhere\./stp./g if $node == $node{one};
	return $node->safe_psql('postgres', "SELECT q FROM ($query) q ORDER BY q::text");
}

sub plan_of { return $node{coordinator}->safe_psql('postgres', "EXPLAIN (VERBOSE, COSTS OFF) $_[0]"); }

# What is grouped by organisation is sent whole, to both at once.
for my $query ($sent =~ /(SELECT .*?);\n/gs)
{
	my ($shown) = $query =~ /(SELECT .{0,70})/;
	my @remote = plan_of($query) =~ /Remote SQL: (.*)/g;
	is(scalar(grep { /GROUP BY/ } @remote), 2, "the workers do: $shown");
	for my $call ($query =~ /(stp\.\w+\()/g)
	{
		# What is asked of a day's period goes as a condition on the day.
		my $is_condition = $query =~ /WHERE \Q$call\E/;
		like($remote[0], $is_condition ? qr/admission_date >= .* AND .*admission_date <= / : qr/\Q$call\E/, "$call is sent");
	}
	is(answer($node{coordinator}, $query), answer($node{one}, $query), '... and the answer is that of one server');
}
# What is not: the states of each organisation are sent, and rolled up here.
for my $query ($rolled_up =~ /(SELECT .*?);\n/gs)
{
	my $plan = plan_of($query);
	my @remote = $plan =~ /Remote SQL: (.*)/g;
	is(scalar(grep { /GROUP BY 1/ } @remote), 2, 'states come from the workers');
	is(answer($node{coordinator}, $query), answer($node{one}, $query), '... and roll up to the same');
}
unlike(plan_of('SELECT stp.month(admission_date), count(*) FROM everywhere.spell GROUP BY 1'), qr/Remote SQL: .*GROUP BY/,
	'without the organisation all rows travel, as the page says');
unlike(plan_of(q{SELECT organisation, stp.period(admission_date, 'month'), count(*) FROM everywhere.spell GROUP BY 1, 2}), qr/Remote SQL: .*GROUP BY/,
	'and with a word');
my @one_worker = plan_of(q{SELECT count(*) FROM everywhere.spell WHERE organisation = 'A' AND stp.month(admission_date) = '2026-02'}) =~ /Remote SQL: (.*)/g;
is(scalar(@one_worker), 1, 'who asks for one organisation asks one worker');
like($one_worker[0], qr/admission_date >= '2026-02-01'.* AND .*admission_date <= '2026-02-28'.* AND .*organisation = 'A'/, 'for its rows of that month');

# An open spell: on its worker it is the only one.
my $open = q{SELECT organisation, b.day, b.occupied FROM (SELECT organisation, stp.census(admission_date, discharge_date, '[2026-01-01,2026-03-31]') AS census
	FROM everywhere.spell WHERE organisation = 'D' GROUP BY 1) s CROSS JOIN LATERAL stp.daily(s.census) b (day, occupied)};
is(answer($node{coordinator}, "SELECT count(*), max(day) FROM ($open) d WHERE occupied = 1"), '(83,2026-03-31)', 'an open spell is open to the end of the span');
is(answer($node{coordinator}, $open), answer($node{one}, $open), '... as on one server');

# Whatever is made of spells, of the table of all.
$node{coordinator}->safe_psql('postgres', "$extract_of_all$views");
for my $source ($node{one}->safe_psql('postgres', q{SELECT string_agg(name, ' ') FROM stp_internal.spell_reader WHERE class = 'pg_class'::regclass AND schema = 'stp'})
	=~ /(\w+)/g, q{system_readmission('2026-01')}, q{spell_delayed_days('2026-01', '2026-03')}, q{emergency_admission_rate('2026-02')})
{
	is(answer($node{coordinator}, "SELECT * FROM everywhere.$source"), answer($node{one}, "SELECT * FROM everywhere.$source"), "everywhere.$source");
}
isnt($node{one}->safe_psql('postgres', q{SELECT count(*) FROM stp.system_readmission('2026-01') WHERE value > 0}), 0, 'somebody comes back');

# The rating.
my $observations = q{SELECT indicator, organisation, period, numerator, denominator, value, status FROM stp.observation};
my $rating = q{SELECT md5(string_agg(a::text, ',' ORDER BY a.unit, a.node)) FROM stp.assess('spells', '2026-03') a};
sub take
{
	$node{coordinator}->safe_psql('postgres', $_) for split /(?<=;)\n/, $take;
	is(answer($node{coordinator}, $observations), answer($node{one}, $observations), "observations: $_[0]");
	isnt($node{one}->safe_psql('postgres', q{SELECT count(score) FROM stp.assess('spells', '2026-03') WHERE parent IS NULL}), 0, 'there are scores');
	is($node{coordinator}->safe_psql('postgres', $rating), $node{one}->safe_psql('postgres', $rating), "and the rating: $_[0]");
	is($node{coordinator}->safe_psql('postgres', q{SELECT count(*) FROM stp.refresh_queue}), 0, 'all of it is refreshed');
}
$node{coordinator}->safe_psql('postgres', $switch);
take('as loaded');
my $kept = $node{coordinator}->safe_psql('postgres', 'SELECT max(recorded_at) FROM stp.observation');
take('again');
is($node{coordinator}->safe_psql('postgres', 'SELECT max(recorded_at) FROM stp.observation'), $kept, 'what has not changed is not written');
for my $node (@node{qw(worker_2 one)})
{
	$node->safe_psql('postgres', q{
		UPDATE stp.spell SET discharge_date = '2026-03-02' WHERE organisation = 'D';
		DELETE FROM stp.spell WHERE organisation = 'C' AND admission_date BETWEEN '2026-02-01' AND '2026-02-28'});
	$node->safe_psql('postgres', 'CALL stp.refresh()');
}
take('after corrections');

$_->stop for values %node;
done_testing();
