# kill -9 at random moments, of the whole server or of one of its processes, while reports are loaded, ratings refreshed and
# published: afterwards nothing is half. CRASHES=100 says how often, SEED=n when; make test-crash runs a hundred.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $crashes = $ENV{CRASHES} || 4;
my $seed = $ENV{SEED} || 1;
srand($seed);
note("CRASHES=$crashes SEED=$seed");

my $directory = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->start;

# Each transaction of a loader gives all trusts one number, and their own on top: so it shows where one is half.
$node->safe_psql('postgres', q{
	CREATE EXTENSION stp_metrics;
	INSERT INTO stp.system (system, name) SELECT 'S' || i, 'System ' || i FROM generate_series(1, 4) i;
	INSERT INTO stp.organisation (organisation, name) SELECT 'T' || i, 'Trust ' || i FROM generate_series(1, 4) i;
	INSERT INTO stp.membership (organisation, system) SELECT 'T' || i, 'S' || i FROM generate_series(1, 4) i;
	INSERT INTO stp.scheme (scheme, name) VALUES ('tiny', 'Two indicators');
	INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES
		('tiny', 'all', NULL, 'Overall', NULL, NULL),
		('tiny', 'ae', 'all', 'Emergency', 'ae_within_4_hours', 'as_is'), ('tiny', 'rtt', 'all', 'Waiting', 'within_18_weeks', 'as_is');
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	SELECT indicator, 'T' || i, period, i, 100
	  FROM unnest('{ae_within_4_hours,within_18_weeks}'::text[]) indicator, generate_series(1, 4) i, stp.periods('2025-10', '2026-03') period;
	CREATE TABLE done (loader text, number int, PRIMARY KEY (loader, number));
	CREATE TABLE snapshot (taken_at timestamptz, indicator text, organisation text, period text, numerator float8)});

my %number = (loader => 0, publisher => 0);
my %acknowledged = (ae_within_4_hours => [], within_18_weeks => [], publish => []);

# One transaction of a loader: in one statement, in two, or taken out and put in again; it says its number when it has committed.
sub load
{
	my ($indicator) = @_;
	my $number = ++$number{loader};
	my $month = sprintf '%s', (qw(2025-10 2025-11 2025-12 2026-01 2026-02 2026-03))[ int rand 6 ];
	my $value = $number % 90;
	my $rows = "indicator = '$indicator' AND period = '$month'";
	my $set = "UPDATE stp.observation SET numerator = $value + substr(organisation, 2)::int WHERE $rows";
	my @changes = (
		$set,
		"$set AND organisation IN ('T1', 'T2'); SAVEPOINT s; $set AND organisation IN ('T3', 'T4'); RELEASE s",
		"DELETE FROM stp.observation WHERE $rows; INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
		 SELECT '$indicator', 'T' || i, '$month', $value + i, 100 FROM generate_series(1, 4) i",
		"INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
		 SELECT '$indicator', 'T' || i, '$month', $value + i, 100 FROM generate_series(1, 4) i
		 ON CONFLICT (indicator, period, organisation) DO UPDATE SET numerator = excluded.numerator");
	return "BEGIN; $changes[rand @changes]; INSERT INTO done VALUES ('$indicator', $number); COMMIT;\n\\if :ERROR\n\\else\n\\echo $number\n\\endif\n";
}

sub publish
{
	my $number = ++$number{publisher};
	return "CALL stp.publish('tiny', '2026-03', 'Number $number');\n\\if :ERROR\n\\else\n\\echo $number\n\\endif\n";
}

# Start a session that does one thing over and over until its server dies.
sub begin
{
	my ($what, $script) = @_;
	my ($file, $out) = ("$directory/$what.sql", "$directory/$what.out");
	unlink $file;
	append_to_file($file, $script);
	return { what => $what, out => $out,
		handle => IPC::Run::start([ 'psql', '-qX', '-d', $node->connstr('postgres'), '-f', $file ], '>', $out, '2>', "$directory/$what.error") };
}

# Let everybody work for a moment, then kill the server, or a process that works; says what was going on.
sub work_and_crash
{
	my @runs = (
		(map { my $indicator = $_; begin($indicator, join '', map { load($indicator) } 1 .. 400) } qw(ae_within_4_hours within_18_weeks)),
		begin('refresh', "CALL stp.refresh();\n" x 200), begin('publish', join '', map { publish() } 1 .. 200));
	# Not before something has been published, which takes longer where others use the processors.
	$node->poll_query_until('postgres', 'SELECT EXISTS (SELECT FROM stp.publication)');
	usleep(150_000 + rand 850_000);
	my $working = q{FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND state = 'active'};
	my $busy = $node->safe_psql('postgres', "SELECT count(*) $working");
	my $pid = rand() < 0.5 ? $node->safe_psql('postgres', "SELECT pid $working ORDER BY md5(pid::text) LIMIT 1") : '';
	if ($pid) { kill KILL => $pid }
	else { $node->kill9 }
	for my $run (@runs)
	{
		eval { $run->{handle}->finish };
		push @{ $acknowledged{ $run->{what} } }, split /\n/, slurp_file($run->{out}) if $acknowledged{ $run->{what} };
	}
	return ($pid ? 'one process' : 'the server', $busy);
}

# Start again, once the processes of the dead server are gone; or wait until the server has done so itself.
sub recover
{
	my ($what) = @_;
	if ($what eq 'the server')
	{
		for (1 .. 100)
		{
			last if $node->start(fail_ok => 1);
			$node->kill9; # forgets the dead one
			usleep(100_000);
		}
	}
	for (1 .. 300)
	{
		return 1 if ($node->psql('postgres', 'SELECT 1'))[0] == 0;
		usleep(100_000);
	}
	return 0;
}

# What must have no rows. Each is a sentence and a query.
my $whole = q{SELECT indicator, period::text, count(*), count(DISTINCT numerator - substr(organisation, 2)::int) FROM %s
	GROUP BY 1, 2 HAVING count(*) <> 4 OR count(DISTINCT numerator - substr(organisation, 2)::int) <> 1};
my $kept = q{SELECT scheme, period::text, unit, node, parent, value, score, contribution, coverage, rank, category, status FROM stp.assessment_node};
my $computed = q{SELECT s.scheme, p::text, a.unit, a.node, a.parent, a.value, a.score, a.contribution, a.coverage, a.rank, a.category, a.status
	FROM stp.scheme s, stp.periods('2025-10', '2026-03') p, stp.assess(s.scheme, p) a WHERE s.scheme IN ('stp-2026', 'tiny') AND stp_internal.is_rateable(s.scheme, p)};
my $sums = q{SELECT FROM (SELECT %1$s, unit, max(score) FILTER (WHERE parent IS NULL) AS score, sum(contribution) FILTER (WHERE indicator IS NOT NULL) AS leaves,
		count(*) AS nodes FROM %2$s GROUP BY %1$s, unit) n
	WHERE abs(score - leaves) > 1e-9 OR (scheme = 'tiny' AND nodes <> 3)};
my @at_once = (
	'a load is there or not' => sprintf($whole, 'stp.observation'),
	'a rating is the old one or the new one' => sprintf($sums, 'scheme, period::text', 'stp.assessment_node'),
	'a rating has all its units' => q{SELECT FROM stp.assessment_node WHERE scheme = 'tiny' GROUP BY period::text HAVING count(DISTINCT unit) <> 4},
	'a publication is there or not' => sprintf($sums, 'scheme, revision', 'stp.published_node'),
	'it has its rows' => q{SELECT FROM stp.publication p LEFT JOIN stp.published_node n USING (scheme, revision) GROUP BY p.scheme, p.revision HAVING count(n.unit) <> 12},
	'and no rows are without it' => q{SELECT FROM stp.published_node n LEFT JOIN stp.publication p USING (scheme, revision) WHERE p.scheme IS NULL},
	'revisions have no gaps' => q{SELECT FROM stp.publication GROUP BY scheme, period::text HAVING max(revision) <> count(*)},
	'the view of now is the table' => q{(SELECT indicator, organisation, period::text, numerator FROM stp_internal.observation_as_of
		EXCEPT SELECT indicator, organisation, period::text, numerator FROM stp.observation)
		UNION ALL (SELECT indicator, organisation, period::text, numerator FROM stp.observation
		EXCEPT SELECT indicator, organisation, period::text, numerator FROM stp_internal.observation_as_of)});
my @after_refresh = (
	'every rating was right or marked stale' => "($kept EXCEPT $computed) UNION ALL ($computed EXCEPT $kept)",
	'no refresh has failed' => q{SELECT FROM stp.refresh_log WHERE status = 'failed'});

my $faults = 0;

# The queries that have rows are faults; before them, a setting may say as of when.
sub check_empty
{
	my ($crash, $setting, @checks) = @_;
	while (my ($name, $query) = splice @checks, 0, 2)
	{
		my ($status, $rows, $error) = $node->psql('postgres', "$setting SELECT count(*) FROM ($query) x");
		next if $status == 0 && $rows eq '0';
		fail("crash $crash: $name");
		diag("$setting $rows rows $error");
		$faults++;
	}
}

# What a client was told is done is there.
sub check_acknowledged
{
	my ($crash) = @_;
	for my $indicator (qw(ae_within_4_hours within_18_weeks))
	{
		my $list = join ',', @{ $acknowledged{$indicator} };
		check_empty($crash, '', "what $indicator was told is done" => "SELECT unnest('{$list}'::int[]) EXCEPT SELECT number FROM done WHERE loader = '$indicator'");
	}
	my $list = join ',', map { "Number $_" } @{ $acknowledged{publish} };
	check_empty($crash, '', 'what was published' => "SELECT unnest('{$list}'::text[]) EXCEPT SELECT note FROM stp.publication");
}

# The past stays as it was when it was the present; in between nothing is half either.
sub check_past
{
	my ($crash) = @_;
	my $past = 'SELECT indicator, organisation, period::text, numerator FROM stp_internal.observation_as_of';
	my @moments = split /\n/, $node->safe_psql('postgres', 'SELECT DISTINCT taken_at FROM snapshot ORDER BY 1 DESC LIMIT 5');
	for my $moment (@moments)
	{
		my $then = "SELECT indicator, organisation, period, numerator FROM snapshot WHERE taken_at = '$moment'";
		check_empty($crash, "SET stp.as_of = '$moment';", 'the past is what it was' => "($past EXCEPT $then) UNION ALL ($then EXCEPT $past)");
		my $before = $node->safe_psql('postgres', sprintf(q{SELECT timestamptz '%s' - %f * interval '1 second'}, $moment, rand 2));
		check_empty($crash, "SET stp.as_of = '$before';", 'nothing was ever half' => sprintf($whole, 'stp_internal.observation_as_of'));
	}
}

my %killed;
for my $crash (1 .. $crashes)
{
	my ($what, $busy) = work_and_crash();
	$killed{$what}++;
	$killed{"while $busy sessions worked"}++;
	if (!recover($what))
	{
		fail("crash $crash: the server comes back");
		last;
	}
	check_empty($crash, '', @at_once);
	check_acknowledged($crash);
	$node->safe_psql('postgres', 'CALL stp.refresh()');
	check_empty($crash, '', @after_refresh);
	check_past($crash);
	$node->safe_psql('postgres', q{INSERT INTO snapshot SELECT now(), indicator, organisation, period::text, numerator FROM stp.observation});
}

note(join ', ', map { "$_: $killed{$_}" } sort keys %killed);
note(sprintf '%d transactions and %d publications were acknowledged', $node->safe_psql('postgres', 'SELECT count(*) FROM done'),
	scalar @{ $acknowledged{publish} });
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM done'), '>', $crashes, 'there was work to lose');
is($node->safe_psql('postgres', q{SELECT * FROM stp.verify() WHERE status <> 'ok'}), '', 'all that was published still stands');
cmp_ok(scalar @{ $acknowledged{publish} }, '>', 0, 'and there were publications');
is($faults, 0, "nothing is half after $crashes crashes");

$node->stop;
done_testing();
