# The schedule of doc/operate.md, typed as it stands there: the role, the lines of the configuration files, pg_cron's job, and the
# service of systemd, in a cluster of its own. What has changed is rated again without a hand, and what fails is seen.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Text::ParseWords qw(shellwords);

my ($schedule) = slurp_file('doc/operate.md') =~ /^## Schedule\n(.*?)(?=^## |\z)/ms;
my ($role, $job) = $schedule =~ /^```psql\n(.*?)^```/msg;
my ($hba, $ident, $settings) = $schedule =~ /^```conf\n(.*?)^```/msg;
my $service = slurp_file('doc/systemd/stp-refresh.service');
my ($service_user) = $service =~ /^User=(.*)$/m;

# Another socket, and perhaps another user of the operating system. Versions of pg_cron before 1.5 know minutes only.
my $node = PostgreSQL::Test::Cluster->new('cron');
my $user = getpwuid $<;
ok($settings =~ s{'/var/run/postgresql'}{"'" . $node->host . "'"}e, 'the page names the socket');
ok($ident =~ s/\b$service_user\b/$user/, 'lets in whom the service runs as');
ok($job =~ s{\*/5 \* \* \* \*}{* * * * *}, 'and has a job for every five minutes');

$node->init;
$node->append_conf('postgresql.conf', $settings);
append_to_file($node->data_dir . '/pg_ident.conf', $ident);
# Nobody else is let in but who is at work here.
unlink $node->data_dir . '/pg_hba.conf';
append_to_file($node->data_dir . '/pg_hba.conf', "${hba}local all $user trust\n");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE stp');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL'), '0', 'the server understands who is let in');

# Each by itself: some commit.
sub sql
{
	my @statements = @_;
	return map { $node->safe_psql('stp', $_) } @statements;
}
sql('CREATE EXTENSION stp_metrics', $role, $job);
sql(q{
	INSERT INTO stp.system (system, name) VALUES ('A', 'System A'), ('B', 'System B');
	INSERT INTO stp.organisation (organisation, name) VALUES ('TA', 'Trust A'), ('TB', 'Trust B');
	INSERT INTO stp.membership (organisation, system) VALUES ('TA', 'A'), ('TB', 'B');
	INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, standard) VALUES ('i', 'I', 'x', 'mean', 'higher', 'none', 1);
	INSERT INTO stp.scheme (scheme, name) VALUES ('mine', 'Mine');
	INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('mine', 'all', 'All', 'i', 'distance_to_target');
	INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('i', 'TA', '2026-03', 1), ('i', 'TB', '2026-03', 2);
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	VALUES ('ae_within_4_hours', 'TA', '2026-03', 50, 100), ('ae_within_4_hours', 'TB', '2026-03', 60, 100)});

# Whether a query says so in the end. The schedule counts minutes: who looked ten times in a second would wear out a processor.
sub happens
{
	my ($query, $wanted) = @_;
	for (1 .. $PostgreSQL::Test::Utils::timeout_default)
	{
		return 1 if (sql($query))[0] eq $wanted;
		sleep 1;
	}
	return 0;
}

# pg_cron -----------------------------------------------------------------------------------------------------------

my $best = q{SELECT unit FROM stp.assessment_node WHERE scheme = 'stp-2026' AND node = 'ae_within_4_hours' AND rank = 1};
ok(happens($best, 'B'), 'what was reported is rated without a hand');
my $runs = 'SELECT status FROM cron.job_run_details ORDER BY start_time DESC LIMIT 1';
ok(happens($runs, 'succeeded'), 'pg_cron says that it went well');
is((sql('SELECT DISTINCT username FROM cron.job_run_details'))[0], 'stp_refresh', 'as the role of its own');

# A correction overtakes the other system; the other rating fails, for want of a direction.
sql(q{UPDATE stp.observation SET numerator = 70 WHERE organisation = 'TA' AND indicator = 'ae_within_4_hours'},
	q{UPDATE stp.indicator SET better = 'neutral' WHERE indicator = 'i'});
ok(happens($best, 'A'), 'a changed observation reaches the rating');
is((sql(q{SELECT status, reason FROM stp.refresh_log WHERE scheme = 'stp-2026' ORDER BY run_at DESC LIMIT 1}))[0],
	'done|observation ae_within_4_hours from 2026-03-01 to 2026-03-31', 'the log of the refresh says why');
ok(happens($runs, 'failed'), 'pg_cron says that something failed');
like((sql('SELECT return_message FROM cron.job_run_details ORDER BY start_time DESC LIMIT 1'))[0],
	qr/stp\.refresh: 1 failed: rating mine 2026-03/, 'and what');
sql('UPDATE cron.job SET active = false');

# systemd -----------------------------------------------------------------------------------------------------------

my %environment = map { split /=/, $_, 2 } map { shellwords($_) } $service =~ /^Environment=(.*)$/mg;
my ($start) = $service =~ /^ExecStart=(.*)$/m;
my @start = shellwords($start);
$start[0] = 'psql' unless -x $start[0];

# What the service does, and with which status.
sub run_service
{
	local %ENV = (%ENV, %environment, PGHOST => $node->host, PGPORT => $node->port);
	my $ended = IPC::Run::run(\@start, '>', \my $out, '2>', \my $error);
	return ($ended ? 'done' : 'failed', "$out$error");
}
my ($status, $said) = run_service();
is($status, 'failed', 'a service that fails at something has failed');
like($said, qr/^ERROR:  stp\.refresh: 1 failed: rating mine 2026-03$/m, 'and says at what');
is((sql(q{SELECT count(*) FROM stp.refresh_log WHERE status = 'failed'}))[0], '1', 'which is logged once');
is((sql(q{SELECT task, failures > 1 FROM stp.refresh_failing}))[0], 'rating mine 2026-03|t', 'and counted');
sql(q{UPDATE stp.indicator SET better = 'higher' WHERE indicator = 'i'});
($status, $said) = run_service();
is("$status $said", 'done ', 'when it is mended all goes well');
is((sql('SELECT count(*) FROM stp.refresh_failing'))[0], '0', 'and nothing fails any more');

$node->stop;
done_testing();
