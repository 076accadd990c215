# A refresh that is ended in the middle, and a refresh on a standby.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 1);
$node->start;

# Each by itself: some commit.
$node->safe_psql('postgres', $_) for (
	'CREATE EXTENSION stp_metrics',
	q{INSERT INTO stp.system (system, name) VALUES ('S', 'System'), ('T', 'Other')},
	q{INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B')},
	q{INSERT INTO stp.membership (organisation, system) VALUES ('A', 'S'), ('B', 'T')},
	q{INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('i', 'I', 'x', 'mean', 'higher', 'none')},
	q{INSERT INTO stp.scheme (scheme, name) VALUES ('mine', 'Mine')},
	q{INSERT INTO stp.scheme_node (scheme, node, name, indicator, method, maximum_age) VALUES ('mine', 'all', 'All', 'i', 'as_is', 0)},
	q{INSERT INTO stp.observation (indicator, organisation, period, value)
	  SELECT 'i', o, stp.periods('2026-01', '2026-03'), 1 FROM unnest('{A,B}'::text[]) o},
	'CALL stp.refresh()',
	# A refresh stops in the rating of February, with its rows written, until it is ended.
	q{CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	      IF EXISTS (SELECT FROM written WHERE period = '2026-02') THEN PERFORM pg_sleep(1000); END IF;
	      RETURN NULL; END $$},
	q{CREATE TRIGGER stop AFTER INSERT ON stp.assessment_node REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION stop()},
	'UPDATE stp.observation SET value = 2');

my $ratings = q{SELECT string_agg(period || ' ' || unit || ' ' || score, ', ' ORDER BY period, unit) FROM stp.assessment};
my $log = q{SELECT string_agg(period || ' ' || status, ', ' ORDER BY started_at) FROM stp.refresh_log WHERE run_at = };
my $run = '(SELECT max(run_at) FROM stp.refresh_log)';

my $refresh = $node->background_psql('postgres');
$refresh->query_until(qr/begun/, "\\echo begun\nCALL stp.refresh();\n");
ok($node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')}), 'a refresh is in the middle of February');
my $queue = q{SELECT string_agg(task, ', ' ORDER BY task) FROM stp.refresh_queue WHERE scheme IS NOT NULL};
is($node->safe_psql('postgres', $queue), 'rating mine 2026-01, rating mine 2026-02', 'and the queue says so');
my $first = $node->safe_psql('postgres', "SELECT $run");
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
ok($node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')}), 'it is ended');
is($node->safe_psql('postgres', $ratings), '2026-01 S 1, 2026-01 T 1, 2026-02 S 1, 2026-02 T 1, 2026-03 S 2, 2026-03 T 2',
	'each rating is old or new');
is($node->safe_psql('postgres', $queue), 'rating mine 2026-01, rating mine 2026-02', 'the rest stays in the queue');

$node->safe_psql('postgres', 'DROP TRIGGER stop ON stp.assessment_node');
$node->safe_psql('postgres', 'CALL stp.refresh()');
is($node->safe_psql('postgres', $ratings), '2026-01 S 2, 2026-01 T 2, 2026-02 S 2, 2026-02 T 2, 2026-03 S 2, 2026-03 T 2',
	'the next one does the rest');
is($node->safe_psql('postgres', "$log $run"), '2026-02 done, 2026-01 done', 'and no more');
is($node->safe_psql('postgres', "$log '$first'"), '2026-03 done', 'the log has both');
is($node->safe_psql('postgres', 'SELECT count(*) FROM stp.refresh_queue'), '0', 'nothing is left in the queue');

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
my ($status, $out, $error) = $standby->psql('postgres', 'CALL stp.refresh()');
is($status, 0, 'a standby has nothing to refresh');
like($error, qr/NOTICE:  stp.refresh: nothing to do on a standby/, 'and says so');

eval { $refresh->quit };
$standby->stop;
$node->stop;
done_testing();
