# A scheduled job rates again what has changed, without a hand: pg_cron, in a cluster of its own.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('cron');
$node->init;
$node->append_conf('postgresql.conf', <<~"CONF");
	shared_preload_libraries = 'pg_cron'
	cron.database_name = 'postgres'
	cron.host = '${\$node->host}'
	CONF
$node->start;

# The publisher of doc/roles runs the job: no superuser is needed for it.
$node->safe_psql('postgres', $_)
  for 'CREATE EXTENSION pg_cron', 'CREATE EXTENSION stp_metrics', 'CREATE ROLE stp_publisher LOGIN', 'GRANT USAGE ON SCHEMA cron TO stp_publisher';
$node->command_ok([ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-v', 'role=stp_publisher', '-f', 'doc/roles/publisher.sql', '-d', $node->connstr('postgres') ],
	'a publisher');
$node->safe_psql('postgres', q{
	INSERT INTO stp.system (system, name) VALUES ('A', 'System A'), ('B', 'System B');
	INSERT INTO stp.organisation (organisation, name) VALUES ('TA', 'Trust A'), ('TB', 'Trust B');
	INSERT INTO stp.membership (organisation, system) VALUES ('TA', 'A'), ('TB', 'B');
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	VALUES ('ae_within_4_hours', 'TA', '2026-03', 50, 100), ('ae_within_4_hours', 'TB', '2026-03', 60, 100)});

$node->safe_psql('postgres', 'CALL stp.refresh()');
my $best = q{SELECT unit FROM stp_bi.rating WHERE scheme = 'stp-2026' AND rank = 1};
is($node->safe_psql('postgres', $best), 'B', 'a rating');

# A correction overtakes the other system. Versions of pg_cron before 1.5 know minutes only: there is one to wait.
$node->safe_psql('postgres', q{UPDATE stp.observation SET numerator = 70 WHERE organisation = 'TA'});
my $job = $node->safe_psql('postgres', q{SELECT cron.schedule('refresh', '* * * * *', 'CALL stp.refresh()')},
	extra_params => [ '-U', 'stp_publisher' ]);
ok($node->poll_query_until('postgres', $best, 'A'), 'a changed observation reaches the rating without a hand');
is($node->safe_psql('postgres', 'SELECT status, reason FROM stp.refresh_log ORDER BY run_at DESC LIMIT 1'),
	'done|observation ae_within_4_hours from 2026-03-01 to 2026-03-31', 'the log of the refresh says why');
ok($node->poll_query_until('postgres', "SELECT count(*) > 0 FROM cron.job_run_details WHERE jobid = $job AND status = 'succeeded'"),
	'that of pg_cron says so too');
is($node->safe_psql('postgres', "SELECT DISTINCT username FROM cron.job_run_details WHERE jobid = $job"), 'stp_publisher', 'as the publisher');

$node->stop;
done_testing();
