# pg_upgrade: what is in a cluster with the extension is in the next one, and it goes on there. From this major to itself, and
# from those in STP_UPGRADE_FROM (make test-majors), which are installed beside it with the extension.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Made;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# What users have that is parsed when it is restored, over our tables and views.
my @parsed = (
	q{CREATE FUNCTION months() RETURNS bigint
	  BEGIN ATOMIC SELECT count(*) FROM (SELECT indicator, period FROM stp.observation GROUP BY indicator, period) t; END},
	q{CREATE FUNCTION last_turnover(o text) RETURNS numeric
	  BEGIN ATOMIC SELECT turnover FROM stp.financial_position WHERE organisation = o ORDER BY period DESC LIMIT 1; END},
	q{CREATE FUNCTION figures() RETURNS bigint RETURN (SELECT count(*) FROM stp.system_finance) + (SELECT count(*) FROM stp_internal.system_value)},
	q{CREATE VIEW in_order AS SELECT period, months() FROM target ORDER BY period});

# A cluster's superuser has the name of who runs the test.
my %installer = (by_superuser => scalar getpwuid($<), by_a_role => 'stp_installer');

# Every relation by its rows, in order; views that tell of processes aside.
my $contents = q{
	SELECT string_agg(format('%s: %s', c.oid::regclass, (xpath('/row/h/text()', query_to_xml(format(
	           'SELECT md5(string_agg(t::text, '';'' ORDER BY t::text COLLATE "C")) AS h FROM %s t', c.oid::regclass), true, true, '')))[1]), E'\n'
	           ORDER BY c.oid::regclass::text COLLATE "C")
	  FROM pg_class c
	 WHERE (c.relnamespace IN ('stp'::regnamespace, 'public'::regnamespace) OR c.relname ~ '^kept_') AND c.relkind IN ('r', 'p', 'v')};

# The members of the extension, what may hash in what is parsed, and who owns it. Majors differ on whether the types of rows
# and of arrays, which come with others, are members.
my $members = q{
	SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
	SELECT concat_ws(' ', i.type, i.identity, p.proowner::regrole, c.relowner::regrole, coalesce(p.proacl, acldefault('f', p.proowner)), coalesce(c.relacl, acldefault('r', c.relowner)),
	                 (SELECT count(*) FROM regexp_matches(concat(p.prosqlbody::text, r.ev_action::text), ':hashable true', 'g'))) AS line
	  FROM pg_extension e
	  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
	 CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
	  LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
	  LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
	  LEFT JOIN pg_rewrite r ON r.ev_class = c.oid
	 WHERE e.extname = 'stp_metrics'
	   AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND (t.typrelid <> 0 OR t.typlen = -1 AND t.typelem <> 0))) m};

# A cluster: of another major, which is installed as a whole; or of this one, which finds the extension where the tests put it.
sub cluster
{
	my ($name, $major) = @_;
	local $ENV{TEMP_CONFIG} = $ENV{TEMP_CONFIG};
	delete $ENV{TEMP_CONFIG} if $major;
	my $cluster = PostgreSQL::Test::Cluster->new($name, $major ? (install_path => "/usr/lib/postgresql/$major") : ());
	$cluster->init(extra => ['--data-checksums']);
	return $cluster;
}

sub fill
{
	my ($cluster, $database) = @_;
	$cluster->safe_psql('postgres', "CREATE DATABASE $database OWNER $installer{$database}");
	$cluster->safe_psql($database, join(";\n", 'CREATE EXTENSION stp_metrics', @made, @parsed), extra_params => [ '-U', $installer{$database} ]);
}

# The whole database as a plain dump of this major's, without the key that it draws for each dump, and without what
# names the server's version.
sub dumped
{
	my ($cluster, $database) = @_;
	my ($out) = run_command([ 'pg_dump', '-d', $cluster->connstr($database) ]);
	return join "\n", grep { !/^\\(un)?restrict |^-- Dumped from/ } split /\n/, $out;
}

sub state_of
{
	my ($cluster, $database) = @_;
	return [ dumped($cluster, $database), map { $cluster->safe_psql($database, $_) } $contents, $members ];
}

# It rates and publishes what is changed afterwards, and can be dropped.
sub goes_on
{
	my ($cluster, $database, $name) = @_;
	my $query = sub { $cluster->safe_psql($database, $_[0], extra_params => [ '-U', $installer{$database} ]) };
	$query->(q{UPDATE stp.observation SET numerator = 0 WHERE organisation = 'A'});
	$query->('CALL stp.refresh()');
	is($query->(q{SELECT value FROM stp_bi.rating_node WHERE scheme = 'mine' AND unit = 'S' AND node = 'ae_within_4_hours'}), '0', "$name: refreshed");
	$query->(q{CALL stp.publish('mine', '2026-03', 'Published again')});
	is($query->('SELECT max(revision) FROM stp.publication'), '2', "$name: published again");
	is($query->('SELECT months(), figures()'), $query->(q{SELECT count(DISTINCT (indicator, period::text)), (SELECT count(*) FROM stp.system_finance)
		+ (SELECT count(*) FROM stp_internal.system_value) FROM stp.observation}), "$name: functions of users");
	like($query->(q{EXPLAIN SELECT * FROM stp_internal.system_value WHERE indicator = 'mine' AND period = '2026-03'}), qr/Index Cond: .*period/,
		"$name: a period is looked up in the index");
	my ($status, undef, $error) = $cluster->psql($database, q{INSERT INTO target (part) VALUES ('2017/18 Q1')});
	like($error, qr/violates check constraint "target_check"/, "$name: the CHECK checks");
	# pg_upgrade gives every extension to the superuser who runs it.
	$cluster->safe_psql($database, 'DROP EXTENSION stp_metrics CASCADE');
	is($query->(q{SELECT count(*) FROM pg_namespace WHERE nspname = 'stp'}), 0, "$name: dropped, with all that it had");
}

# What majors do not word alike: 16 and later leave out what a column is qualified by where it is not needed, and from 17 on
# the owner of a table may MAINTAIN it.
sub of_any_major
{
	my ($text) = @_;
	$text =~ s/\b\w+\.(?=\w)//g;
	$text =~ s{xtm/}{xt/}g;
	return $text;
}

sub upgrade
{
	my ($major) = @_;
	my $from = $major // 'itself';
	my $old = cluster("old_$from", $major);
	my $new = cluster("new_$from");
	$old->start;
	$old->safe_psql('postgres', $_) for 'CREATE ROLE stp_reader', 'CREATE ROLE stp_installer LOGIN';
	fill($old, $_) for sort keys %installer;
	my %before = map { $_ => state_of($old, $_) } keys %installer;
	$old->stop;

	my $bin = sub { $_[0]->config_data('--bindir') };
	command_ok([ 'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $bin->($old), '-B', $bin->($new),
			'-s', $new->host, '-p', $old->port, '-P', $new->port ], "pg_upgrade from $from");

	$new->start;
	for my $database (sort keys %installer)
	{
		my $name = "$from, $database";
		my $after = state_of($new, $database);
		for my $state ($major ? ($after, $before{$database}) : ())
		{
			$state->[$_] = of_any_major($state->[$_]) for 0, 2;
		}
		is($after->[0], $before{$database}[0], "$name: the dump is the same");
		is($after->[1], $before{$database}[1], "$name: so are the rows of every table and view, ratings to the last bit");
		is($after->[2], $before{$database}[2], "$name: and so is the extension");
		are_there($new, $database, $name);
		goes_on($new, $database, $name);
	}
	$new->stop;
}

upgrade($_) for undef, split ' ', $ENV{STP_UPGRADE_FROM} // '';
done_testing();
