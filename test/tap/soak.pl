# Writers, refreshers and readers at once: nobody meets a deadlock or an error, readers see whole ratings, and in the end the
# tables are what a full recomputation gives.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# So many seconds, and again until all have done their work often, which takes longer where others use the processors.
my ($seconds, $most_rounds) = (45, 20);
my $directory = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

$node->safe_psql('postgres', q{
	CREATE EXTENSION stp_metrics;
	INSERT INTO stp.system (system, name) SELECT 'S' || i, 'System ' || i FROM generate_series(1, 8) i;
	INSERT INTO stp.organisation (organisation, name) SELECT 'T' || i, 'Trust ' || i FROM generate_series(1, 16) i;
	INSERT INTO stp.membership (organisation, system, share)
	SELECT 'T' || i, 'S' || 1 + (i + n) % 8, 0.5 FROM generate_series(1, 16) i, generate_series(0, 1) n;
	INSERT INTO stp.population (system, period, persons) SELECT 'S' || i, '2024/25', 1000 FROM generate_series(1, 8) i;
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	SELECT indicator, 'T' || i, period, i, 100
	  FROM unnest('{ae_within_4_hours,cancer_62_days,delayed_bed_days}'::text[]) indicator, generate_series(1, 16) i, stp.periods('2025-04', '2026-03') period;
	CALL stp.copy_scheme('stp-2026', 'mine');
	UPDATE stp.scheme SET keeps_detail = false WHERE scheme = 'mine'});

# Each writer draws what to change: a report (changed, deleted, sent again), a share, a population, a weight, a name.
my %scripts = (
	write => q{
		\set what random(1, 10)
		\set i random(1, 16)
		\set month random(0, 11)
		\set n random(0, 100)
		\if :what <= 4
		INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
		VALUES ('ae_within_4_hours', 'T' || :i, stp.period('2025-04-01', 'month') + :month, :n, 100)
		ON CONFLICT (indicator, period, organisation) DO UPDATE SET numerator = excluded.numerator;
		\elif :what = 5
		DELETE FROM stp.observation WHERE organisation = 'T' || :i AND period = (stp.period('2025-04-01', 'month') + :month);
		\elif :what = 6
		UPDATE stp.observation SET numerator = :n WHERE indicator = 'cancer_62_days' AND organisation = 'T' || :i;
		\elif :what = 7
		UPDATE stp.membership SET share = CASE WHEN (share < 0.5) = (:n < 50) THEN 1 - share ELSE share END WHERE organisation = 'T' || :i;
		\elif :what = 8
		UPDATE stp.population SET persons = 1000 + :n WHERE system = 'S' || (1 + :i % 8);
		\elif :what = 9
		UPDATE stp.scheme_node SET weight = 1 + :n WHERE scheme = 'mine' AND node = 'safety';
		\else
		UPDATE stp.system SET name = 'System ' || :n WHERE system = 'S' || (1 + :i % 8);
		\endif
	},
	refresh => 'CALL stp.refresh();',
	# A reader who met half a rating would divide by zero.
	read => q{
		SELECT 1 / (count(*) = 0)::int
		  FROM (SELECT scheme, period::text, unit, score FROM stp.assessment_node WHERE parent IS NULL) n
		  FULL JOIN (SELECT scheme, period::text, unit, score FROM stp.assessment) a USING (scheme, period, unit)
		 WHERE a.score IS DISTINCT FROM n.score;
		SELECT 1 / (count(*) = 0)::int
		  FROM (SELECT FROM stp_bi.rating_node WHERE indicator IS NOT NULL
		         GROUP BY scheme, period, unit HAVING count(*) <> 19) incomplete;
		SELECT * FROM stp_bi.dashboard_stp;
		SELECT * FROM stp.refresh_queue;
	});
append_to_file("$directory/$_.sql", $scripts{$_}) for keys %scripts;

# Start pgbench with a script; it stops at the first error.
sub begin
{
	my ($script, $clients) = @_;
	my $run = { script => $script, out => '', error => '' };
	$run->{handle} = IPC::Run::start([ 'pgbench', '-n', '-T', $seconds, '-c', $clients, '-j', $clients, '-f', "$directory/$script.sql", $node->connstr('postgres') ],
		'>', \$run->{out}, '2>', \$run->{error});
	return $run;
}

my (%done, %error);
for my $round (1 .. $most_rounds)
{
	for my $run (begin(write => 4), begin(refresh => 2), begin(read => 4))
	{
		$error{ $run->{script} } .= $run->{error} unless $run->{handle}->finish;
		$done{ $run->{script} } += $1 if $run->{out} =~ /number of transactions actually processed: (\d+)/;
	}
	last if %error || 3 == grep { $_ > 10 } values %done;
}
for my $script (sort keys %scripts)
{
	is($error{$script}, undef, "no client that does $script meets an error");
	cmp_ok($done{$script} // 0, '>', 10, "$script is done often");
	note("$script: $done{$script} times");
}

sub is_empty
{
	my ($query, $name) = @_;
	is($node->safe_psql('postgres', "SELECT count(*) FROM ($query) x"), '0', $name);
}
is($node->safe_psql('postgres', 'SELECT sum(deadlocks) FROM pg_stat_database'), '0', 'no deadlock');
is_empty(q{SELECT FROM stp.refresh_log WHERE status = 'failed'}, 'no rating has failed');

$node->safe_psql('postgres', 'CALL stp.refresh()');
is_empty('SELECT FROM stp_internal.input_change UNION ALL SELECT FROM stp_internal.stale', 'nothing is stale in the end');
my $kept = q{SELECT scheme, period::text, unit, peer_group, node, parent, depth, place, name, indicator, value, unit_of_measure, value_period, organisations,
	expected, completeness, months, months_expected, score, weight, effective_weight, contribution, coverage, rank, category, override, status, target, restated FROM stp.assessment_node};
my $computed = q{SELECT s.scheme, p::text, a.* FROM stp.scheme s, stp.periods('2025-04', '2026-03') p, stp.assess(s.scheme, p) a
	WHERE s.scheme IN ('stp-2026', 'mine') AND stp_internal.is_rateable(s.scheme, p)};
is_empty("($kept EXCEPT $computed) UNION ALL ($computed EXCEPT $kept)", 'the tables are what a full recomputation gives');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM stp.assessment_node'), 't', 'and not empty');

$node->stop;
done_testing();
