# Logical replication: a subscriber has what its publisher has, past and present, ratings and publications; it rates nothing
# by itself, unless it is told that everything has changed. The statements are those of doc/operate.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Made;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $page = slurp_file('doc/operate.md');
my ($replication) = $page =~ /^## Replication\n(.*?)(?=^## |\z)/ms;
my ($publish, $empty, $subscribe, $mark) = $replication =~ /```psql\n(.*?)```/gs;

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
for my $node ($publisher, $subscriber)
{
	$node->init(allows_streaming => 'logical');
	$node->start;
	$node->safe_psql('postgres', $_) for 'CREATE ROLE stp_reader', 'CREATE EXTENSION stp_metrics';
}
$publisher->safe_psql('postgres', join ";\n", @made);

# Rows of every table of the extension that is published, in order.
my $rows = q{
	SELECT string_agg(format('%s: %s', c.oid::regclass, (xpath('/row/h/text()', query_to_xml(format(
	           'SELECT string_agg(t::text, ''; '' ORDER BY t::text COLLATE "C") AS h FROM %s t', c.oid::regclass), true, true, '')))[1]), E'\n'
	           ORDER BY c.oid::regclass::text COLLATE "C")
	  FROM pg_class c WHERE c.oid IN (SELECT indrelid FROM pg_index WHERE indisprimary) AND c.relnamespace::regnamespace::text LIKE 'stp%'};

sub is_same
{
	my ($query, $what) = @_;
	is($subscriber->safe_psql('postgres', $query), $publisher->safe_psql('postgres', $query), $what);
}

# The rows of relations in an order that no plan has a say in.
sub rows_of { return join ' ', map { qq{SELECT * FROM $_ r ORDER BY r::text COLLATE "C";} } @_; }

sub are_same
{
	my ($when, @as_of) = @_;
	$publisher->wait_for_catchup('stp');
	is_same($rows, "$when: every row");
	for my $scheme (qw(mine mine-2017 mine-nof stp-2026))
	{
		is_same("SELECT * FROM stp.assess('$scheme', '2026-03')", "$when: $scheme computed");
		is_same("SELECT * FROM stp.assess('$scheme', '2026-03', '$_')", "$when: $scheme as of $_") for @as_of;
		is_same("SET stp.as_of = '$_'; " . rows_of(qw(stp_internal.observation_as_of stp.system_indicator_as_of)), "$when: reports as of $_") for @as_of;
	}
	is_same(rows_of(qw(stp_bi.rating_node stp_bi.published_rating)), "$when: ratings and publications");
}

my @times = $publisher->safe_psql('postgres', 'SELECT published_at FROM stp.publication');
$publisher->safe_psql('postgres', $publish);
$subscriber->safe_psql('postgres', $empty);
my $connection = $publisher->connstr . ' dbname=postgres';
$subscribe =~ s/CONNECTION '[^']*'/CONNECTION '$connection'/;
$subscriber->safe_psql('postgres', $subscribe);
$subscriber->wait_for_subscription_sync($publisher, 'stp');
are_same('copied', @times);

# Corrections, deletions, a truncation, a new rating and publication.
for (q{UPDATE stp.observation SET numerator = 0 WHERE organisation = 'A'}, 'SELECT pg_sleep(0.01)', 'TIME',
	q{DELETE FROM stp.observation WHERE organisation = 'B'},
	q{UPDATE stp.membership SET share = 0.5 WHERE organisation = 'B'},
	q{UPDATE stp.scheme_node SET weight = 3 WHERE scheme = 'mine' AND node = 'finance'}, 'CALL stp.refresh()',
	q{CALL stp.publish('mine', '2026-03', 'Published again')}, 'TIME', 'TRUNCATE stp.population',
	q{INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) VALUES ('ae_within_4_hours', 'B', '2026-03', 9, 10)})
{
	if ($_ eq 'TIME') { push @times, $publisher->safe_psql('postgres', 'SELECT clock_timestamp()'); }
	else { $publisher->safe_psql('postgres', $_); }
}
are_same('changed', @times);
cmp_ok($publisher->safe_psql('postgres', 'SELECT count(*) FROM stp_internal.input_change'), '>', 0, 'the publisher has marked a change');
$publisher->safe_psql('postgres', 'CALL stp.refresh()');
are_same('rated', @times);
is(join(' ', map { $subscriber->safe_psql('postgres', "SET stp.as_of = '$_'; SELECT numerator FROM stp_internal.observation_as_of WHERE organisation = 'A'") } @times),
	'2 0 0', 'the subscriber knows what was known when');

# What a subscriber may write, it writes with history and marks: of a scheme of its own, but not over what arrives.
$subscriber->safe_psql('postgres', q{CALL stp.copy_scheme('stp-2026', 'here')});
$subscriber->safe_psql('postgres', 'CALL stp.refresh()');
is($subscriber->safe_psql('postgres', q{SELECT count(*) FROM stp_bi.rating WHERE scheme = 'here'}), 1, 'a scheme of its own is rated where it is');

# A subscriber to the inputs alone rates by itself, once it has been told that they have changed.
$subscriber->safe_psql('postgres', $_) for 'DROP SUBSCRIPTION stp', 'DROP EXTENSION stp_metrics CASCADE', 'CREATE EXTENSION stp_metrics', $empty;
$publisher->safe_psql('postgres', 'DROP PUBLICATION stp');
(my $inputs = $publish) =~ s/(i\.indisprimary)(?=\n\\gexec\n\z)/$1 AND c.relname !~ '^(input_change|stale|assess|refresh)'/;
isnt($inputs, $publish, 'a publication of less');
$publisher->safe_psql('postgres', $inputs);
$subscriber->safe_psql('postgres', $subscribe);
$subscriber->wait_for_subscription_sync($publisher, 'stp');
$subscriber->safe_psql('postgres', 'CALL stp.refresh()');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM stp_bi.rating'), '0', 'what arrives marks nothing');
my $ratings = q{SELECT scheme, unit, node, score, rank, category, status FROM stp_bi.rating_node ORDER BY 1, 2, 3};
for my $sql ('SELECT 1', q{UPDATE stp.observation SET numerator = 1 WHERE organisation = 'A'})
{
	$publisher->safe_psql('postgres', $_) for $sql, 'CALL stp.refresh()';
	$publisher->wait_for_catchup('stp');
	$subscriber->safe_psql('postgres', $_) for $mark, 'CALL stp.refresh()';
	is_same($ratings, 'told that all has changed, it rates alike');
}

$_->stop for $subscriber, $publisher;
done_testing();
