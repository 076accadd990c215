# Who may install, and what an installer or a squatter may not.
use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', $_)
  for 'CREATE ROLE stp_analyst LOGIN', 'CREATE ROLE stp_reader LOGIN', 'CREATE ROLE stp_squatter LOGIN',
  'CREATE DATABASE mine', 'CREATE DATABASE squatted',
  'GRANT CREATE ON DATABASE mine TO stp_analyst', 'GRANT CREATE ON DATABASE squatted TO stp_squatter';

# What a role's statement prints, or the error it meets; without a role, the superuser's.
sub as_role
{
	my ($role, $database, $sql) = @_;
	my ($status, $out, $error) = $node->psql(
		$database, $sql, extra_params => [ $role ? ('-U', $role) : () ]);
	return $status == 0 ? $out : $error;
}

is(as_role('stp_analyst', 'mine', 'CREATE EXTENSION stp_metrics'), '', 'a role that may create in the database installs');
like(as_role('stp_reader', 'mine', 'DROP EXTENSION stp_metrics'), qr/must be owner/, 'another cannot remove it');
like(as_role('stp_analyst', 'mine', 'CREATE TABLE stp.mine (x int)'), qr/permission denied for schema stp/,
	'not even the installer makes objects in its schema');

my $load = q{INSERT INTO stp.system (system, name) VALUES ('S', 'System');
	INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust');
	INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S');
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	VALUES ('ae_within_4_hours', 'A', '2026-03', 1, 2)};
my $rate = q{SELECT value FROM stp.assess('stp-2026', '2026-03') WHERE node = 'ae_within_4_hours'};

is(as_role('stp_analyst', 'mine', $load), '', 'the installer loads');
is(as_role('stp_analyst', 'mine', $rate), '50', 'and rates');
like(as_role('stp_reader', 'mine', $load), qr/permission denied for table system/, 'another role does not load');
like(as_role('stp_reader', 'mine', $rate), qr/permission denied for table observation/, 'nor rate');
is(as_role('stp_analyst', 'mine', 'GRANT SELECT ON stp.observation, stp.observation_history TO stp_reader'), '', 'until the installer lets it');
is(as_role('stp_reader', 'mine', $rate), '50', 'and then it rates');
like(as_role('stp_reader', 'mine', $load), qr/permission denied for table system/, 'but still does not load');

# The scripts of doc/roles need no superuser.
for my $script (qw(reader loader publisher))
{
	my ($out, $error) = run_command([ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-v', 'role=stp_reader', '-U', 'stp_analyst',
		'-f', "doc/roles/$script.sql", '-d', $node->connstr('mine') ]);
	is($error, '', "the installer makes a $script");
}
is(as_role('stp_reader', 'mine', q{DELETE FROM stp.observation; CALL stp.refresh()}), '', 'who loads, publishes and refreshes');

# A schema that somebody has made beforehand would be theirs.
is(as_role('stp_squatter', 'squatted', 'CREATE SCHEMA stp'), '', 'somebody has made a schema stp');
like(as_role(undef, 'squatted', 'CREATE EXTENSION stp_metrics'),
	qr/schema "stp" already exists/, 'and it is not taken over');

$node->stop;

# Where there is no apt, make demo says what is missing.
my $programs = PostgreSQL::Test::Utils::tempdir();
symlink $_, "$programs/" . basename($_) for grep { !m{/(?:apt-get|psql|pg_config)$} } glob '/usr/bin/*';
local $ENV{PATH} = $programs;
my ($out, $error) = run_command([ 'make', 'demo' ]);
like($error, qr/no apt-get here\.\nMissing: pg_config\nMissing: psql\n(?:Missing: n\w+\n)*Missing: what PostgreSQL needs to build/,
	'without apt, make demo names what is missing');
unlike($error, qr/Missing: (?:gcc|make)/, 'and not what is there');
done_testing();
