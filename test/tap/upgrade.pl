# ALTER EXTENSION UPDATE: from every version that can be installed to a next one, made up here: the objects are those of a fresh
# installation of it, and what users have put in is still there. The update scripts of releases are in updates/.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Made;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', $_) for 'CREATE ROLE stp_reader', 'CREATE ROLE stp_installer LOGIN';

sub query { return $node->safe_psql(@_) }

# Make a database in which a role that is no superuser may install.
sub create
{
	my ($database) = @_;
	query('postgres', qq{CREATE DATABASE "$database"});
	query('postgres', qq{GRANT CREATE ON DATABASE "$database" TO stp_installer});
}

# What that role does: the status and the messages.
sub installer
{
	my ($database, $sql) = @_;
	my ($status, undef, $error) = $node->psql($database, $sql, extra_params => [ '-U', 'stp_installer' ]);
	return ($status, $error);
}

# Each object of the extension, a line each: what it is, its definition, rights and comment.
my $inventory = q{
	CREATE TEMP VIEW member AS
	SELECT d.classid, d.objid, i.type, i.identity
	  FROM pg_extension e
	  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e',
	       pg_identify_object(d.classid, d.objid, 0) i
	 WHERE e.extname = 'stp_metrics';
	CREATE FUNCTION pg_temp.rights(acl aclitem[]) RETURNS text LANGUAGE sql AS
	$$ SELECT string_agg(format('%s %s %s %s', a.grantor::regrole, a.grantee::regrole, a.privilege_type, a.is_grantable), ',' ORDER BY a::text) FROM aclexplode(acl) a $$;
	SELECT DISTINCT line COLLATE "C" FROM (
	SELECT concat_ws(' | ', m.type, m.identity, obj_description(m.objid, m.classid::regclass::name),
	                 pg_temp.rights(p.initprivs)) AS line
	  FROM member m LEFT JOIN pg_init_privs p ON p.classoid = m.classid AND p.objoid = m.objid AND p.objsubid = 0
	UNION ALL
	SELECT concat_ws(' | ', m.identity, pg_get_userbyid(p.proowner), pg_temp.rights(p.proacl),
	                 CASE WHEN p.prokind = 'a' THEN (SELECT to_jsonb(a) || jsonb_build_object('aggsortop', a.aggsortop::regoperator, 'aggtranstype', a.aggtranstype::regtype,
	                                                                         'aggmtranstype', a.aggmtranstype::regtype)
	                                             FROM pg_aggregate a WHERE a.aggfnoid = p.oid)::text
	                      ELSE pg_get_functiondef(p.oid) END)
	  FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
	UNION ALL
	SELECT concat_ws(' | ', m.identity, pg_get_userbyid(c.relowner), pg_temp.rights(c.relacl), c.relkind, c.reloptions,
	                 CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) END)
	  FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
	UNION ALL
	SELECT concat_ws(' | ', m.identity, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
	                 a.attnotnull, a.attidentity, a.attgenerated, a.attacl, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum))
	  FROM member m LEFT JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
	  JOIN pg_attribute a ON a.attrelid IN (t.typrelid, CASE m.classid WHEN 'pg_class'::regclass THEN m.objid END) AND a.attnum > 0 AND NOT a.attisdropped
	  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	UNION ALL
	SELECT concat_ws(' | ', m.identity, c.conname, pg_get_constraintdef(c.oid), c.convalidated)
	  FROM member m JOIN pg_constraint c ON m.classid = 'pg_class'::regclass AND c.conrelid = m.objid
	UNION ALL
	SELECT concat_ws(' | ', m.identity, pg_get_triggerdef(t.oid), t.tgenabled)
	  FROM member m JOIN pg_trigger t ON m.classid = 'pg_class'::regclass AND t.tgrelid = m.objid AND NOT t.tgisinternal
	UNION ALL
	SELECT concat_ws(' | ', m.identity, pg_get_indexdef(i.indexrelid))
	  FROM member m JOIN pg_index i ON m.classid = 'pg_class'::regclass AND i.indrelid = m.objid
	UNION ALL
	SELECT concat_ws(' | ', m.identity, pg_get_statisticsobjdef(s.oid), obj_description(s.oid, 'pg_statistic_ext'))
	  FROM member m JOIN pg_statistic_ext s ON m.classid = 'pg_class'::regclass AND s.stxrelid = m.objid
	UNION ALL
	SELECT concat_ws(' | ', m.identity, o.type, o.identity)
	  FROM member m JOIN pg_depend d ON m.classid IN ('pg_opfamily'::regclass, 'pg_opclass'::regclass) AND d.refclassid = m.classid AND d.refobjid = m.objid
	   AND d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass),
	       pg_identify_object(d.classid, d.objid, d.objsubid) o
	UNION ALL
	SELECT concat_ws(' | ', m.identity, pg_get_userbyid(t.typowner), pg_temp.rights(t.typacl), t.typlen, t.typbyval, t.typalign, t.typstorage, t.typinput, t.typoutput, t.typreceive, t.typsend)
	  FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
	UNION ALL
	SELECT concat_ws(' | ', m.identity, o.oprcode, o.oprrest, o.oprjoin, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprcanhash, o.oprcanmerge)
	  FROM member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid
	UNION ALL
	SELECT concat_ws(' | ', m.identity, c.castcontext, c.castmethod, c.castfunc::regprocedure)
	  FROM member m JOIN pg_cast c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid
	UNION ALL
	SELECT concat_ws(' | ', 'dumped', c.oid::regclass, c.condition)
	  FROM pg_extension e, ROWS FROM (unnest(e.extconfig), unnest(e.extcondition)) c (oid, condition) WHERE e.extname = 'stp_metrics'
	) lines ORDER BY 1};

# What a user has put in, into tables that every version has.
my $fill = q{
	CREATE TABLE target (period stp.period PRIMARY KEY, until date GENERATED ALWAYS AS (stp.last_day(period)) STORED);
	INSERT INTO target VALUES ('2026-03');
	INSERT INTO stp.standard_population (standard, age_from, weight) VALUES ('mine', 0, 1);
	INSERT INTO stp.system (system, name, kind, parent) VALUES ('R', 'Region', 'region', NULL), ('A', 'System A', 'system', 'R'), ('B', 'System B', 'system', 'R');
	INSERT INTO stp.organisation (organisation, name) VALUES ('TA', 'Trust A'), ('TB', 'Trust B');
	INSERT INTO stp.membership (organisation, system, share) VALUES ('TA', 'A', 0.25), ('TA', 'B', 0.75), ('TB', 'B', 1);
	INSERT INTO stp.population (system, period, persons) VALUES ('A', '2025/26', 1000);
	INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES ('mine', 'Mine', 'x', 'mean', 'higher', 'none');
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	VALUES ('ae_within_4_hours', 'TA', '2026-03', 50, 100), ('ae_within_4_hours', 'TB', '2026-03', 60, 100);
	INSERT INTO stp.observation (indicator, organisation, period, value) VALUES ('mine', 'TA', '2026-03', 0.1);
	CALL stp.copy_scheme('stp-2026', 'mine');
	UPDATE stp.scheme_node SET weight = 7 WHERE scheme = 'mine' AND node = 'safety'};
my @filled = ('target', 'stp.standard_population', 'stp.system', 'stp.organisation', 'stp.membership', 'stp.population', 'stp.indicator', 'stp.observation',
	'stp.scheme', 'stp.scheme_node', 'stp.scheme_category');
my $columns = q{SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = '%s'::regclass AND attnum > 0};

my ($setting, $files, $now) = extension_copy($node);
$node->append_conf('postgresql.conf', $setting);
$node->restart;

# What a version may bring: objects, columns, rights, other bodies, rows, other rows.
my $next = q{
	CREATE FUNCTION stp.made_up(period stp.period) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN stp.last_day(period);
	COMMENT ON FUNCTION stp.made_up(stp.period) IS 'Made up.';
	CREATE TABLE stp.made_up (made_up text PRIMARY KEY, builtin boolean NOT NULL DEFAULT false);
	SELECT pg_catalog.pg_extension_config_dump('stp.made_up', 'WHERE NOT builtin');
	GRANT SELECT ON stp.made_up TO PUBLIC;
	ALTER TABLE stp.refresh_log ADD made_up int;
	CREATE OR REPLACE VIEW stp_internal.scheme_leaf WITH (security_invoker = true) AS SELECT DISTINCT s.scheme, s.grain, s.rates, n.indicator,
	    coalesce(n.maximum_age, 12) AS maximum_age, coalesce(n.takes, 'latest') AS takes, 1 AS months
	  FROM stp_internal.scheme_as_of s JOIN stp_internal.scheme_node_as_of n ON n.scheme = s.scheme WHERE n.indicator IS NOT NULL;
	REVOKE EXECUTE ON FUNCTION stp.made_up(stp.period) FROM PUBLIC;
	INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator, builtin) VALUES ('made_up', 'Made up', 'x', 'mean', 'higher', 'none', false);
	ALTER TABLE stp.indicator DISABLE TRIGGER guard_builtin;
	UPDATE stp.indicator SET builtin = true WHERE indicator = 'made_up';
	UPDATE stp.indicator SET name = 'Another name' WHERE indicator = 'ae_within_4_hours';
	ALTER TABLE stp.indicator ENABLE TRIGGER guard_builtin;
	DROP VIEW stp_bi.published_rating;
	CREATE VIEW stp_bi.published_rating WITH (security_invoker = true) AS SELECT number, scheme FROM stp.publication};
my %released = map { m{/stp_metrics--([^-]+)\.sql$} ? ($1 => 1) : () } glob 'updates/stp_metrics--*.sql';
my @versions = sort keys %{ { %released, $now => 1 } };
append_to_file("$files--next.sql", slurp_file("$files--$now.sql") . $next);
append_to_file("$files--$now--next.sql", $next);

create('fresh');
my ($fresh_status, $fresh_error) = installer('fresh', q{CREATE EXTENSION stp_metrics VERSION 'next'});
is($fresh_error, '', 'the next version can be installed');
my $expected = query('fresh', $inventory);
cmp_ok(scalar(split /\n/, $expected), '>', 1000, 'the inventory is long');

# What each table that has rows then says of them.
my %shipped = map { /^(\S+)\|(.*)/ ? ($1, "SELECT count(*), md5(string_agg(t::text, ';' ORDER BY t::text)) FROM $1 t $2") : () } split /\n/, query('fresh', q{
	SELECT c.oid::regclass, (SELECT 'WHERE builtin' FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'builtin')
	  FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'stp_metrics')
	 WHERE c.relkind = 'r' AND query_to_xml(format('SELECT FROM %s LIMIT 1', c.oid::regclass), true, true, '')::text <> ''});
cmp_ok(scalar(keys %shipped), '>', 10, 'tables with rows that ship');

for my $version (@versions)
{
	my $database = "from_$version";
	create($database);
	installer($database, "CREATE EXTENSION stp_metrics VERSION '$version'");
	query($database, $fill);
	query($database, 'CALL stp.refresh()');
	query($database, q{CALL stp.publish('mine', '2026-03', 'First')});
	query($database, 'GRANT SELECT ON stp.observation TO stp_reader');
	query($database, 'CREATE VIEW mine AS SELECT * FROM stp.system_indicator');
	my %columns = map { $_ => query($database, sprintf $columns, $_) } @filled;
	my %users = map { $_ => "SELECT $columns{$_} FROM $_ " . ($columns{$_} =~ /builtin/ ? 'WHERE NOT builtin' : '') . ' ORDER BY 1, 2, 3' }
	  grep { $_ ne 'target' } @filled;
	my %rows = map { $_ => query($database, $users{$_}) } keys %users;
	my $rated = query($database, 'SELECT scheme, unit, rank, score FROM stp.assessment ORDER BY 1, 2');

	my ($status, $error) = installer($database, q{ALTER EXTENSION stp_metrics UPDATE TO 'next'});
	is($error, '', "$version: the update, without a warning");
	my %expected = map { $_ => 1 } split /\n/, $expected;
	my %found = map { $_ => 1 } split /\n/, query($database, $inventory);
	# What a user has granted is the user's.
	s/,?\w+ stp_reader SELECT f// for my @found = keys %found;
	is_deeply([ sort grep { my $line = $_; !grep { $_ eq $line } @found } keys %expected ], [], "$version: no object of a fresh installation is missing");
	is_deeply([ sort grep { !$expected{$_} } @found ], [], "$version: none is other, none too many");

	# Rows that ship are those of the new version; the user's are as they were.
	is(query($database, $users{$_}), $rows{$_}, "$version: rows of $_") for sort keys %rows;
	is(query($database, $shipped{$_}), query('fresh', $shipped{$_}), "$version: rows of $_ that ship") for sort keys %shipped;
	is(query($database, 'TABLE target'), '2026-03|2026-03-31', "$version: columns of type stp.period stay");
	query($database, 'UPDATE stp.observation SET numerator = numerator');
	query($database, 'CALL stp.refresh()');
	is(query($database, 'SELECT scheme, unit, rank, score FROM stp.assessment ORDER BY 1, 2'), $rated, "$version: and it rates as before");
	is(query($database, 'SELECT revision, chain_agrees FROM stp.verify()'), '1|t', "$version: what was published is still there");
}

$node->stop;
done_testing();
