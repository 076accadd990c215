# A server that dies during a refresh leaves every period old or new; a standby reads and leaves refreshing to its primary.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 1);
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION stp_metrics;
	INSERT INTO stp.system (system, name) SELECT 'S' || i, 'System ' || i FROM generate_series(1, 5) i;
	INSERT INTO stp.organisation (organisation, name) SELECT 'T' || i, 'Trust ' || i FROM generate_series(1, 5) i;
	INSERT INTO stp.membership (organisation, system) SELECT 'T' || i, 'S' || i FROM generate_series(1, 5) i;
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	SELECT 'ae_within_4_hours', 'T' || i, period, i, 100 FROM generate_series(1, 5) i, stp.periods('2025-04', '2026-03') period});
$node->safe_psql('postgres', 'CALL stp.refresh()');
$node->safe_psql('postgres', 'CREATE TABLE before AS SELECT * FROM stp.assessment_node');

# How many periods have the rating of before, the one that is computed now, or neither.
sub states
{
	return $node->safe_psql('postgres', q{
		SELECT string_agg(format('%s %s', count, state), ', ' ORDER BY state)
		  FROM (SELECT state, count(*)
		          FROM (SELECT CASE WHEN kept.nodes = before.nodes THEN 'old' WHEN kept.nodes = now.nodes THEN 'new' ELSE 'mixed' END AS state
		                  FROM stp.periods('2025-04', '2026-03') p
		                 CROSS JOIN LATERAL (SELECT array_agg((n.unit, n.node, n.value, n.score, n.rank)::text ORDER BY n.unit, n.node) AS nodes
		                                       FROM stp.assessment_node n WHERE n.period = p) kept
		                 CROSS JOIN LATERAL (SELECT array_agg((n.unit, n.node, n.value, n.score, n.rank)::text ORDER BY n.unit, n.node) AS nodes
		                                       FROM before n WHERE n.period = p) before
		                 CROSS JOIN LATERAL (SELECT array_agg((n.unit, n.node, n.value, n.score, n.rank)::text ORDER BY n.unit, n.node) AS nodes
		                                       FROM stp.assess('stp-2026', p) n) now) periods
		         GROUP BY state) states});
}
is(states(), '12 old', 'twelve periods are rated');

# The order of the systems is turned round in every period. A lock stops the refresh, newest period first, in the middle of
# one: when it replaces the rows of the seventh.
$node->safe_psql('postgres', q{UPDATE stp.observation SET numerator = 100 - numerator});
my $holder = $node->background_psql('postgres');
$holder->query_safe(q{BEGIN; SELECT FROM stp.assessment_node WHERE period = '2025-09' FOR UPDATE});
my ($out, $error) = ('', '');
my $refresh = IPC::Run::start([ 'psql', '-qX', '-c', 'CALL stp.refresh()', $node->connstr('postgres') ], '>', \$out, '2>', \$error);
ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query = 'CALL stp.refresh()' AND wait_event_type = 'Lock'}),
	'a refresh is under way');
is($node->safe_psql('postgres', 'SELECT count(*), max(period) FROM stp.refresh_queue WHERE scheme IS NOT NULL'), '6|2025-09', 'how far it is is seen');
is(states(), '6 new, 6 old', 'readers see whole periods');

$node->stop('immediate');
eval { $refresh->finish };
eval { $holder->quit };
$node->start;
is(states(), '6 new, 6 old', 'the server has died in the middle: every period is old or new');
is($node->safe_psql('postgres', 'SELECT count(*), max(period) FROM stp.refresh_queue WHERE scheme IS NOT NULL'), '6|2025-09', 'what it has not done is in the queue');

$node->safe_psql('postgres', 'CALL stp.refresh()');
is(states(), '12 new', 'the next refresh completes what is left');
is($node->safe_psql('postgres', q{SELECT string_agg(status || ' ' || count, ', ' ORDER BY run_at, status)
	FROM (SELECT run_at, status, count(*) FROM stp.refresh_log WHERE scheme IS NOT NULL GROUP BY run_at, status) l}), 'done 12, done 6, done 6', 'and nothing else; the log tells');

# A standby -----------------------------------------------------------------------------------------------------

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', q{UPDATE stp.observation SET numerator = 1 WHERE organisation = 'T1'});
$node->wait_for_catchup($standby);

my ($status, undef, $notice) = $standby->psql('postgres', 'CALL stp.refresh()');
is($status, 0, 'a standby does not refresh');
like($notice, qr/^psql:.*NOTICE:  stp\.refresh: nothing to do on a standby$/, 'and says so, no more');
for my $view (qw(stp_bi.rating stp_bi.rating_history stp_bi.rating_node stp_bi.dashboard_stp stp_bi.indicator_latest stp.refresh_queue stp.refresh_failing))
{
	my $read = "SELECT md5(string_agg(v::text, ';' ORDER BY v::text)) FROM $view v";
	is($standby->safe_psql('postgres', $read), $node->safe_psql('postgres', $read), "it reads $view");
}
$node->safe_psql('postgres', 'CALL stp.refresh()');
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', q{SELECT unit FROM stp_bi.rating_node WHERE node = 'ae_within_4_hours' AND is_latest AND rank = 1}),
	$node->safe_psql('postgres', q{SELECT unit FROM stp.assess('stp-2026', '2026-03') WHERE node = 'ae_within_4_hours' AND rank = 1}), 'what the primary refreshes arrives');

$standby->stop;
$node->stop;
done_testing();
