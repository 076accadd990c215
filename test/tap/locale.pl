# Ratings do not depend on what a database is made of: an ICU collation, an encoding without meaning, one that lacks letters,
# a template that has the extension and figures in it.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my %options = (
	bytes => q{ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0},
	latin => q{ENCODING LATIN1 LOCALE 'C' TEMPLATE template0},
	icu => q{ENCODING UTF8 LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-u-kf-upper-kn-true' TEMPLATE template0},
	copy => q{TEMPLATE filled});

# Names that collations order in their own ways; a and B tie in the rating.
my @load = (
	q{INSERT INTO stp.system (system, name) SELECT s, s FROM unnest('{a,B,s10,s9,_a,-a}'::text[]) s},
	q{INSERT INTO stp.organisation (organisation, name) SELECT 'o' || system, name FROM stp.system},
	q{INSERT INTO stp.membership (organisation, system) SELECT 'o' || system, system FROM stp.system},
	q{INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	  SELECT 'ae_within_4_hours', 'o' || system, stp.periods('2026-01', '2026-03'), length(system), 7 FROM stp.system});
# Nodes without positions, whose scores add up in their order, over limits to draw from.
push @load,
	q{INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	  SELECT i, organisation, '2026-03', length(organisation) + n, 70 + n FROM stp.organisation, unnest('{cancer_62_days,within_18_weeks}'::text[]) WITH ORDINALITY i (i, n)},
	q{INSERT INTO stp.scheme (scheme, name, rates) VALUES ('t', 'T', 'system');
	  INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator, method)
	  VALUES ('t', 'all', NULL, 'All', 1, NULL, NULL), ('t', 'b', 'all', 'b', 0.1, 'ae_within_4_hours', 'as_is'),
	         ('t', 'B', 'all', 'B', 0.7, 'cancer_62_days', 'as_is'), ('t', 'a', 'all', 'a', 0.3, 'within_18_weeks', 'as_is')};
my @finish = ('CALL stp.refresh()', q{CALL stp.publish('stp-2026', '2026-03', 'Published')});
my $result = q{
	SELECT fingerprint, definition FROM stp.publication;
	SELECT n.unit, n.node, n.value, n.score, n.rank, n.category, n.status FROM stp.published_node n ORDER BY n.unit COLLATE "C", n.node COLLATE "C";
	SELECT * FROM stp.robustness('t', '2026-03', 200) ORDER BY unit COLLATE "C", category COLLATE "C";
	SELECT * FROM stp.compare_periods('t', '2026-02', '2026-03', 200);
	SELECT * FROM stp.rank_confidence('t', '2026-03', draws => 200) ORDER BY unit COLLATE "C";
	SELECT * FROM stp.leave_one_out('t', '2026-03') ORDER BY node COLLATE "C", unit COLLATE "C";
	SELECT * FROM stp.assess('t', '2026-03') ORDER BY node COLLATE "C", unit COLLATE "C";
	SELECT * FROM stp.explain_change('t', '2026-02', '2026-03', 'a') c ORDER BY c::text COLLATE "C";
	SELECT unit FROM stp.cohort('t', '2026-03');
	SELECT system, period, numerator, value, lower, upper FROM stp.system_indicator ORDER BY system COLLATE "C", period, indicator COLLATE "C"};

# Each by itself: some commit.
sub fill { my $database = shift; $node->safe_psql($database, $_) for @_; }

$node->safe_psql('postgres', 'CREATE DATABASE filled');
fill('filled', 'CREATE EXTENSION stp_metrics', @load);
for my $database (sort keys %options)
{
	$node->safe_psql('postgres', "CREATE DATABASE $database $options{$database}");
	fill($database, 'CREATE EXTENSION stp_metrics', @load) if $database ne 'copy';
	fill($database, @finish);
}
fill('filled', @finish);

my $expected = $node->safe_psql('filled', $result);
like($expected, qr/^a\|ae_within_4_hours\|/m, 'there is a rating');
is($node->safe_psql($_, $result), $expected, "in the database $_ it is the same") for sort keys %options;
is($node->safe_psql('postgres', q{SELECT datlocprovider FROM pg_database WHERE datname = 'icu'}), 'i', 'one database is ICU');
isnt($node->safe_psql('icu', 'SELECT string_agg(system, \',\' ORDER BY system) FROM stp.system'),
	$node->safe_psql('bytes', 'SELECT string_agg(system, \',\' ORDER BY system) FROM stp.system'), 'and sorts its own way');

$node->stop;
done_testing();
