# Nothing on the way is captured: every built-in function and operator has a double in schema public, made by a plain role,
# and public comes first on the search_path of whoever installs, loads, rates, publishes and reads.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', $_)
  for 'CREATE ROLE stp_installer LOGIN', 'CREATE ROLE stp_squatter LOGIN', 'CREATE DATABASE hostile',
  'GRANT CREATE ON DATABASE hostile TO stp_installer';
$node->safe_psql('hostile', 'GRANT CREATE ON SCHEMA public TO stp_squatter');

# What statements print or the error they meet, as a role, or the superuser.
sub as_role
{
	my ($role, $sql) = @_;
	my ($status, $out, $error) = $node->psql('hostile', $sql, on_error_stop => 1, extra_params => [ $role ? ('-U', $role) : () ]);
	return $status == 0 ? $out : $error;
}

# Doubles that raise an error when they are called. Functions of pseudo-types cannot be written in PL/pgSQL.
my $plant = q{
	DO $plant$
	DECLARE
	    double record;
	BEGIN
	    FOR double IN
	        SELECT p.proname, pg_get_function_identity_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result
	          FROM pg_catalog.pg_proc p
	         WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'a', 'w') AND p.provariadic = 0
	           AND NOT EXISTS (SELECT FROM pg_catalog.pg_type t
	                            WHERE t.oid IN (SELECT p.prorettype UNION ALL SELECT unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])))
	                              AND t.typtype = 'p' AND t.typname NOT IN ('anyelement', 'anyarray', 'anynonarray', 'anycompatible', 'anycompatiblearray'))
	    LOOP
	        BEGIN
	            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS ''BEGIN RAISE EXCEPTION $x$captured: function %s$x$; END''',
	                           double.proname, replace(double.arguments, ' ORDER BY', ','), double.result, double.proname);
	        EXCEPTION WHEN OTHERS THEN  -- two that differ in what is left out here
	        END;
	    END LOOP;
	    FOR double IN
	        SELECT o.oid, o.oprname, o.oprleft::regtype AS lefttype, o.oprright::regtype AS righttype, o.oprresult::regtype AS result
	          FROM pg_catalog.pg_operator o
	         WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprleft <> 0
	           AND NOT EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid IN (o.oprleft, o.oprright, o.oprresult)
	                              AND t.typtype = 'p' AND t.typname NOT IN ('anyelement', 'anyarray', 'anynonarray', 'anycompatible', 'anycompatiblearray'))
	    LOOP
	        BEGIN
	            EXECUTE format('CREATE FUNCTION public.double_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS ''BEGIN RAISE EXCEPTION $x$captured: operator %s$x$; END''',
	                           double.oid, double.lefttype, double.righttype, double.result, double.oprname);
	            EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.double_%s)',
	                           double.oprname, double.lefttype, double.righttype, double.oid);
	        EXCEPTION WHEN OTHERS THEN
	        END;
	    END LOOP;
	END $plant$};
is(as_role('stp_squatter', $plant), '', 'doubles are planted');
cmp_ok(as_role(undef, q{SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace}), '>', 2000, 'of functions');
cmp_ok(as_role(undef, q{SELECT count(*) FROM pg_operator WHERE oprnamespace = 'public'::regnamespace}), '>', 600, 'and operators');

# Tables by the names of ours and of the catalogs', a type, and casts.
is(as_role('stp_squatter', join ';', map { "CREATE TABLE public.$_ (captured int)" }
	  qw(system organisation membership population indicator observation scheme scheme_node scheme_category input_change stale source
	  assessed_period assessment assessment_node publication published_node refresh_log new_rows old_rows pg_class pg_proc pg_extension)), '', 'tables too');
is(as_role('stp_squatter', q{CREATE TYPE public.period AS (captured int);
	CREATE FUNCTION public.captured(public.period) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $x$captured: cast$x$; END';
	CREATE FUNCTION public.captured(text) RETURNS public.period LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $x$captured: cast$x$; END';
	CREATE CAST (public.period AS text) WITH FUNCTION public.captured(public.period) AS IMPLICIT;
	CREATE CAST (text AS public.period) WITH FUNCTION public.captured(text) AS IMPLICIT}), '', 'and casts');

# From here on, statements of this test may use no operator and no function themselves.
$node->safe_psql('postgres', 'ALTER DATABASE hostile SET search_path = public, pg_catalog, stp');
like(as_role(undef, q{SELECT 'a'::text = 'a'::text}), qr/captured: operator =/, 'the trap of an operator works');
like(as_role(undef, q{SELECT format('%s', 1)}) . as_role(undef, 'SELECT clock_timestamp()'), qr/captured: function clock_timestamp/, 'that of a function too');
like(as_role(undef, 'TABLE observation'), qr/^$/, 'and that of a table');

# What temporary tables of the session could capture.
my $temporary = join ';', map { "CREATE TEMP TABLE $_ (captured int)" }
  qw(system observation membership indicator scheme scheme_node input_change stale assessment assessment_node new_rows old_rows pg_class pg_extension);
my $load = q{
	INSERT INTO stp.system (system, name) VALUES ('A', 'System A'), ('B', 'System B');
	INSERT INTO stp.organisation (organisation, name) VALUES ('TA', 'Trust A'), ('TB', 'Trust B');
	INSERT INTO stp.membership (organisation, system) VALUES ('TA', 'A'), ('TB', 'B');
	INSERT INTO stp.population (system, period, persons) VALUES ('A', '2025/26', 1000);
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	VALUES ('ae_within_4_hours', 'TA', '2026-03', 50, 100), ('ae_within_4_hours', 'TB', '2026-03', 60, 100);
	CALL stp.copy_scheme('stp-2026', 'mine');
	UPDATE stp.scheme SET name = 'Mine'};
my @views = qw(stp_bi.rating stp_bi.rating_history stp_bi.rating_node stp_bi.dashboard_stp stp_bi.indicator_latest stp_bi.indicator_history
	stp.system_indicator stp_bi.published_rating stp.refresh_queue stp.refresh_failing stp.unassigned_observation);

is(as_role('stp_installer', "$temporary; CREATE EXTENSION stp_metrics"), '', 'a plain role installs');
$load =~ s/UPDATE stp.scheme SET.*//;
is(as_role(undef, "$temporary; $load"), '', 'a superuser loads');
is(as_role(undef, "$temporary; UPDATE stp.observation SET numerator = 40; DELETE FROM stp.population"), '', 'changes and deletes');
is(as_role(undef, $temporary) . as_role(undef, 'CALL stp.refresh()'), '', 'refreshes');
unlike(as_role(undef, 'SELECT status, error FROM stp.refresh_log'), qr/captured|failed/, 'nothing is captured while it does');
is(as_role(undef, "$temporary; CALL stp.publish('stp-2026', '2026-03', 'First')"), '', 'publishes');
unlike(as_role(undef, "$temporary; SELECT * FROM stp.assess('mine', '2026-03')"), qr/captured|ERROR/, 'rates');
unlike(as_role(undef, "$temporary; SELECT * FROM stp.explain('mine', '2026-03', 'A')"), qr/captured|ERROR/, 'explains');
for my $view (@views)
{
	my $rows = as_role(undef, "$temporary; TABLE $view");
	unlike($rows, qr/captured|ERROR/, "reads $view");
}
like(as_role(undef, 'TABLE stp_bi.rating'), qr/^mine\|/m, 'and there is something to read');

# Nobody but its owner makes or changes objects in the schema.
for my $role ('stp_squatter', 'stp_installer')
{
	like(as_role($role, $_), qr/permission denied for schema stp|must be owner of/, "$role is refused: $_")
	  for 'CREATE TABLE stp.mine (x int)', 'CREATE VIEW stp.mine AS VALUES (1)', 'CREATE TYPE stp.mine AS (x int)',
	  q{CREATE FUNCTION stp.mine() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'},
	  'CREATE OPERATOR stp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.texteq)',
	  'ALTER VIEW stp_bi.rating RENAME TO mine', 'ALTER TABLE stp.observation DISABLE TRIGGER USER', 'DROP FUNCTION stp.as_of()';
}

$node->stop;
done_testing();
