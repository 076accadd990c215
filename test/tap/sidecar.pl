# A server without the extension, and beside it one with it: what is reported comes from the one through postgres_fdw, and stp_bi
# is read there in the same way, with filters that are sent. The statements are those of doc/bi.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Made;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($section) = slurp_file('doc/bi.md') =~ /^## [^\n]*a sidecar\n(.*?)(?=^## |\z)/ms;
my ($login, $foreign, $load, $show) = $section =~ /```psql\n(.*?)```/gs;

my $managed = PostgreSQL::Test::Cluster->new('managed');
my $sidecar = PostgreSQL::Test::Cluster->new('sidecar');
for my $node ($managed, $sidecar)
{
	$node->init;
	# postgres_fdw lets nobody but a superuser in where the other server asks for no password.
	my $hba = slurp_file($node->data_dir . '/pg_hba.conf');
	unlink $node->data_dir . '/pg_hba.conf';
	$node->append_conf('pg_hba.conf', "local all bi,sidecar scram-sha-256\n$hba");
	$node->start;
}

# The page says who is asked; here it is the server of the other name.
sub placed
{
	my ($statements) = @_;
	for ([ 'records', $managed ], [ 'sidecar', $sidecar ])
	{
		my ($name, $node) = @$_;
		my ($host, $port) = ($node->host, $node->port);
		$statements =~ s/host '$name\.example', port '5432', dbname '\w+'/host '$host', port '$port', dbname 'postgres'/;
	}
	return $statements;
}

# Of a managed service nobody is superuser: the extension is the vendor's to make, all else is done by an administrator.
$managed->safe_psql('postgres', q{
	CREATE EXTENSION postgres_fdw;
	CREATE ROLE administrator CREATEROLE;
	GRANT CREATE ON DATABASE postgres TO administrator;
	GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO administrator;
	SET ROLE administrator;
	CREATE ROLE analyst LOGIN;
	CREATE SCHEMA reports;
	CREATE TABLE reports.figure (indicator text, organisation text, month date, numerator int, denominator int);
	INSERT INTO reports.figure VALUES ('ae_within_4_hours', 'A', '2026-02-01', 8, 10), ('ae_within_4_hours', 'B', '2026-02-01', 9, 10),
	    ('ae_within_4_hours', 'A', '2026-03-01', 3, 4), ('ae_within_4_hours', 'B', '2026-03-01', 1, 4),
	    ('cancer_62_days', 'A', '2026-03-01', 5, 8), ('cancer_62_days', 'B', '2026-03-01', 6, 8);
	CREATE TABLE reports.stay (organisation text, stay int, admitted date, discharged date, method text);
	INSERT INTO reports.stay VALUES ('A', 7, '2026-03-02', '2026-03-09', '21')});
$managed->safe_psql('postgres', "SET ROLE administrator;\n$login");
# One system has a score by a scheme that does not compare it.
$sidecar->safe_psql('postgres', join ";\n", 'CREATE ROLE stp_reader', 'CREATE ROLE stp_loader', 'CREATE EXTENSION stp_metrics', @made,
	q{INSERT INTO stp.scheme (scheme, name) VALUES ('alone', 'Alone')},
	q{INSERT INTO stp.scheme_node (scheme, node, name, indicator, method) VALUES ('alone', 'all', 'All', 'ae_within_4_hours', 'as_is')},
	q{INSERT INTO stp.observation_source VALUES ('spell')});
$sidecar->safe_psql('postgres', "\\set role stp_$_\n\\i doc/roles/$_.sql") for qw(reader loader);
$sidecar->safe_psql('postgres', placed($foreign));

# What is reported goes to the sidecar.
my $figures = q{SELECT string_agg(concat_ws(' ', indicator, organisation, period, numerator), ', ' ORDER BY indicator, period, organisation)
	              FROM stp.observation WHERE indicator IN ('ae_within_4_hours', 'cancer_62_days')};

sub load_and_refresh
{
	$sidecar->safe_psql('postgres', "SET ROLE stp_load;\n$load");
	my $waiting = $sidecar->safe_psql('postgres', 'SELECT count(*) FROM stp.refresh_queue');
	$sidecar->safe_psql('postgres', 'CALL stp.refresh()');
	return $waiting;
}

cmp_ok(load_and_refresh(), '>', 0, 'what is loaded makes ratings stale');
is($sidecar->safe_psql('postgres', $figures), 
	'ae_within_4_hours A 2026-02 8, ae_within_4_hours B 2026-02 9, ae_within_4_hours A 2026-03 3, ae_within_4_hours B 2026-03 1, cancer_62_days A 2026-03 5, cancer_62_days B 2026-03 6', 'figures that were there are revised, others are new');
is(load_and_refresh(), 0, 'what has not changed makes nothing stale');
$managed->safe_psql('postgres', q{UPDATE reports.figure SET numerator = 4 WHERE numerator = 3});
$managed->safe_psql('postgres', q{DELETE FROM reports.figure WHERE organisation = 'B' AND indicator = 'cancer_62_days'});
$sidecar->safe_psql('postgres', q{
	SET ROLE stp_load;
	INSERT INTO stp.spell (organisation, spell, admission_date, discharge_date, admission_method)
	SELECT organisation, stay, admitted, discharged, method FROM reports.stay});
cmp_ok(load_and_refresh(), '>', 0, 'a correction does');
is($sidecar->safe_psql('postgres', $figures), 
	'ae_within_4_hours A 2026-02 8, ae_within_4_hours B 2026-02 9, ae_within_4_hours A 2026-03 4, ae_within_4_hours B 2026-03 1, cancer_62_days A 2026-03 5', 'corrected, and taken back');
is($sidecar->safe_psql('postgres', q{SELECT denominator FROM stp.observation WHERE indicator = 'mean_emergency_stay' AND organisation = 'A' AND period = '2026-03'}),
	1, 'spells become observations');

# What is shown comes back.
$show =~ s/^CREATE EXTENSION postgres_fdw;\n// or die;
$managed->safe_psql('postgres', "SET ROLE administrator;\n" . placed($show));
is($managed->safe_psql('postgres', q{SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'stp_bi'::regnamespace}),
	'administrator', 'and is the administrator\'s, who is no superuser');
is($managed->safe_psql('postgres', q{SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension}), 'plpgsql postgres_fdw', 'the managed server has no extension of ours');
my $columns = q{SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), t.typnamespace::regnamespace, a.attcollation::regcollation
	              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 JOIN pg_type t ON t.oid = a.atttypid
	             WHERE c.relnamespace = 'stp_bi'::regnamespace ORDER BY 1, a.attnum};
my $shown = $managed->safe_psql('postgres', $columns);
is($shown, $sidecar->safe_psql('postgres', $columns), 'every column of every view, as it is');
is(join(' ', grep { !/\|pg_catalog\|/ } split /\n/, $shown), '', 'of types of PostgreSQL');

my @views = split /\n/, $sidecar->safe_psql('postgres', q{SELECT relname FROM pg_class WHERE relnamespace = 'stp_bi'::regnamespace ORDER BY 1});
my $rows = join ";\n", 'SET ROLE :reader', map { qq{SELECT '$_', count(*), md5(string_agg(v::text, E'\\n' ORDER BY v::text COLLATE "C")) FROM stp_bi.$_ v} } @views;
my $read = $managed->safe_psql('postgres', $rows =~ s/:reader/analyst/r);
is($read, $sidecar->safe_psql('postgres', $rows =~ s/:reader/bi/r), 'every row of every view');
is(join(' ', $read =~ /^(\w+)\|0\|/mg), '', 'no view is empty');
like(($managed->psql('postgres', q{INSERT INTO stp_bi.unit (unit) VALUES ('X')}))[2], qr/does not allow inserts/, 'nobody writes through it');

# What the managed server does with queries: the plan of each, and how many rows come.
sub done_with
{
	my $script = join "\n", 'SET ROLE analyst;', map { ('\echo ----', "EXPLAIN (VERBOSE, COSTS OFF) $_;", "SELECT 'rows', count(*) FROM ($_ OFFSET 0) q;") } @_;
	my (undef, @done) = split /^----\n/m, $managed->safe_psql('postgres', $script) . "\n";
	return map { my ($plan, $rows) = /^(.*)\nrows\|(\d+)\n\z/s; { plan => $plan, rows => $rows } } @done;
}

# A filter by each column that people filter by: a value that it has, and in how many rows.
my @filters = map { [ split /\|/, $_, 4 ] } split /\n/, $sidecar->safe_psql('postgres', q{
	SELECT format('SELECT %L, %L, count(*), max(v) FROM stp_bi.%1$I, (SELECT max(%2$I::text) FROM stp_bi.%1$I) m (v) WHERE %2$I::text = v',
	              c.relname, a.attname)
	  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
	 WHERE c.relnamespace = 'stp_bi'::regnamespace AND a.attname ~ '^(.+_)?(unit|organisation|indicator|scheme|node|region|name|period|day|latest)$'
	 ORDER BY 1
	\gexec});
my @done = done_with(map { my ($view, $column, undef, $value) = @$_; "SELECT * FROM stp_bi.$view WHERE $column = '$value'" } @filters);
for (@filters)
{
	my ($view, $column, $rows) = @$_;
	my $done = shift @done;
	ok($done->{plan} =~ /^Foreign Scan [^\n]*\n\s+Output: [^\n]*\n\s+Remote SQL: SELECT [^\n]* WHERE \(+$column\b[^\n]*\z/ && $done->{rows} == $rows,
		"$view by $column: sent") or diag("$done->{rows} rows of $rows\n$done->{plan}");
}

my %filtered = map { $_->[0] => 1 } @filters;
is(join(' ', grep { !$filtered{$_} } @views), '', 'every view can be filtered');

my ($several, $star, $sum, $kept) = done_with(
	q{SELECT node_name, score FROM stp_bi.rating_node WHERE unit = 'S' AND last_day >= '2026-01-01' AND is_latest AND node_name LIKE 'A&E%'},
	q{SELECT d.label, u.unit_name, n.contribution FROM stp_bi.rating_node n JOIN stp_bi.unit u USING (unit) JOIN stp_bi.period_date d USING (period) WHERE u.unit_kind = 'system'},
	q{SELECT unit_kind, count(*) FROM stp_bi.funnel_curve GROUP BY unit_kind},
	q{SELECT unit_name FROM stp_bi.unit WHERE length(unit_name) > random()});
like($several->{plan}, qr/\AForeign Scan (?!.*Filter:).*Remote SQL: SELECT node_name, score FROM \S+ WHERE (?=.*unit = 'S')(?=.*last_day >= )(?=.*is_latest)(?=.*node_name ~~)/s, 'several filters are sent at once');
like($star->{plan}, qr/\AForeign Scan\n.*Relations: .*rating_node.* INNER JOIN .*Remote SQL: SELECT [^\n]* INNER JOIN [^\n]* INNER JOIN [^\n]*\z/s, 'so are the joins of the star');
like($sum->{plan}, qr/\AForeign Scan\n.*Remote SQL: SELECT unit_kind, count\(\*\) FROM stp_bi\.funnel_curve GROUP BY 1\z/s, 'and what is counted');
like($kept->{plan}, qr/Filter: .*Remote SQL: SELECT unit_name FROM stp_bi\.unit\z/s, 'what cannot be sent would be seen');

$_->stop for $managed, $sidecar;
done_testing();
