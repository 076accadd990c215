# What is dumped comes back, in another cluster: pg_dump | psql, and pg_dump -Fc | pg_restore.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Made;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
my $other = PostgreSQL::Test::Cluster->new('other');
for my $cluster ($node, $other)
{
	$cluster->init;
	$cluster->start;
	$cluster->safe_psql('postgres', 'CREATE ROLE stp_reader');
}

# The whole database as a plain dump, without the key that newer servers draw for each dump.
sub dumped
{
	my ($cluster, $database) = @_;
	my ($out, $err) = run_command([ 'pg_dump', '-d', $cluster->connstr($database) ]);
	is($err, '', "$database can be dumped");
	return join "\n", grep { !/^\\(un)?restrict / } split /\n/, $out;
}

# A restored database has the original's objects and rows, and its constraints work.
sub is_restored
{
	my ($database) = @_;
	is(dumped($other, $database), dumped($node, 'original'), "$database is the original");
	are_there($other, $database, $database);
	my ($status, undef, $error) =
	  $other->psql($database, q{INSERT INTO target (part) VALUES ('2017/18 Q1')});
	like($error, qr/violates check constraint "target_check"/, "$database: the CHECK checks");
	($status, undef, $error) =
	  $other->psql($database, q{DELETE FROM stp.membership WHERE system = 'P'});
	like($error, qr/shares of organisation "B" do not sum to 1/, "$database: the triggers check");
	is($other->safe_psql($database, "SELECT * FROM $_"),
		$node->safe_psql('original', "SELECT * FROM $_"), "$database: $_ is the same")
	  for qw(rating rating_2017 rating_nof rating_way);
	is($other->safe_psql($database, 'SELECT count(*) FROM (TABLE published EXCEPT SELECT ' . join(', ', qw(unit peer_group node
		parent depth place name indicator value unit_of_measure value_period organisations expected completeness months months_expected score weight effective_weight
		contribution coverage rank category override status target restated)) . ' FROM stp.published_node) d'), 0,
		"$database: what was published is computed again");
	is($other->safe_psql($database, 'SET ROLE stp_reader; SELECT count(*) FROM stp.observation'), 2, "$database: a reader reads");
}

$node->safe_psql('postgres', 'CREATE DATABASE original');
$other->safe_psql('postgres', "CREATE DATABASE $_") for qw(plain custom);
$node->safe_psql('original', join ";\n", 'CREATE EXTENSION stp_metrics', @made);

# Relations as sources. One that is no longer there, which its refresh says, does not keep the others from coming back.
$node->safe_psql('original', $_) for 'CREATE TABLE gone ()', q{INSERT INTO stp.observation_source VALUES ('public.gone'), ('nhs.spell_observation')},
	'DROP TABLE gone';

# A view of a user's on each of ours: pg_dump says what each rests on, by every way down to what is dumped.
$node->safe_psql('original', q{DO $$ DECLARE ours regclass; BEGIN
	FOR ours IN SELECT oid FROM pg_class WHERE relkind = 'v' AND relnamespace IN ('stp'::regnamespace, 'stp_bi'::regnamespace) LOOP
		EXECUTE format('CREATE VIEW %I AS SELECT * FROM %s', 'on ' || ours, ours);
	END LOOP; END $$});

my $directory = PostgreSQL::Test::Utils::tempdir();
my ($plain, $custom) = ("$directory/plain.sql", "$directory/custom.dump");

$node->command_ok([ 'pg_dump', '-f', $plain, '-d', $node->connstr('original') ], 'dump as a script');
$node->command_ok([ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-f', $plain, '-d', $other->connstr('plain') ],
	'run the script');
is_restored('plain');

$node->command_ok([ 'pg_dump', '-Fc', '-f', $custom, '-d', $node->connstr('original') ],
	'dump in the custom format');
cmp_ok(-s $custom, '<', 250_000_000, 'in which views on views do not multiply');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $other->connstr('custom'), $custom ],
	'restore from the custom format');
is_restored('custom');

$_->stop for $node, $other;
done_testing();
