# Spells in partitions that pg_partman makes, fills from its default partition and drops: what is made of them is at each step what
# stp.spell would give, one month is read from its own partition, and ratings follow. Dumps of such a table: see Made.pm.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }

sql('CREATE EXTENSION stp_metrics');
sql('CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman');
sql(q{INSERT INTO stp.organisation (organisation, name) VALUES ('A', 'Trust A'), ('B', 'Trust B')});
sql(q{CREATE SCHEMA nhs;
      CREATE TABLE nhs.spell (LIKE stp.spell INCLUDING CONSTRAINTS, PRIMARY KEY (organisation, spell, admission_date),
          FOREIGN KEY (organisation) REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED) PARTITION BY RANGE (admission_date);
      CREATE INDEX ON nhs.spell (admission_date);
      CREATE INDEX ON nhs.spell (discharge_date)});
# Version 5 has other words for the same.
my $version = sql(q{SELECT extversion FROM pg_extension WHERE extname = 'pg_partman'});
my ($type, $interval) = $version =~ /^4/ ? ('native', 'yearly') : ('range', '1 year');
sql(qq{SELECT partman.create_parent('nhs.spell', 'admission_date', '$type', '$interval', p_premake => 1)});
ok(sql(q{SELECT count(*) FROM pg_inherits WHERE inhparent = 'nhs.spell'::regclass}) > 1, "pg_partman $version has made partitions");
sql(q{CALL stp.make_spell_views('nhs', 'nhs.spell')});

# Eight years until today: most of them before there is any partition but the default one.
sql(q{INSERT INTO stp.spell (organisation, spell, person, admission_date, discharge_date, ready_date, admission_method, age)
      SELECT chr(65 + n % 2), n::text, 'P' || n % 700, d.day, d.day + n % 50, d.day + n % 50 / 2, CASE WHEN n % 3 > 0 THEN '21' ELSE '11' END, n % 99
        FROM generate_series(1, 4000) n CROSS JOIN LATERAL (SELECT CURRENT_DATE - 60 - n % 2900 AS day) d;
      INSERT INTO nhs.spell SELECT * FROM stp.spell});

sub is_equal
{
	my ($when) = @_;
	for my $view ('spell_observation', 'organisation_stay', 'spell_discharge_delay', q{organisation_readmission('2023/24')})
	{
		is(sql(qq{SELECT count(*) FROM ((TABLE_OF_NHS EXCEPT ALL TABLE_OF_STP) UNION ALL (TABLE_OF_STP EXCEPT ALL TABLE_OF_NHS)) d}
			=~ s/TABLE_OF_NHS/SELECT v::text FROM nhs.$view v/gr =~ s/TABLE_OF_STP/SELECT v::text FROM stp.$view v/gr), 0, "$view $when");
	}
	ok(sql('SELECT count(*) FROM nhs.spell_observation') > 500, "there are many $when");
}
my $default = sql(q{SELECT relname FROM pg_class WHERE relnamespace = 'nhs'::regnamespace AND relname ~ 'default$' AND relkind = 'r'});
ok(sql("SELECT count(*) FROM nhs.$default") > 1000, 'most rows are in the default partition');
is_equal('with most rows in the default partition');

sql(q{INSERT INTO stp.observation_source VALUES ('nhs.spell_observation')});
sql('CALL stp.refresh()');
my $observed = q{SELECT md5(string_agg(o::text, ' ' ORDER BY indicator, organisation, period)) FROM stp.observation o};
my $before = sql($observed);
sql(q{CALL partman.partition_data_proc('nhs.spell')});
sql(q{CALL partman.run_maintenance_proc()});
is(sql("SELECT count(*) FROM nhs.$default"), 0, 'pg_partman has moved them');
is_equal('in their partitions');
sql(q{CALL stp.source_changed('nhs.spell_observation')});
sql('CALL stp.refresh()');
is(sql($observed), $before, 'which changes no observation');

# What is asked of one month.
sql('ANALYZE nhs.spell');
my $plan = sql(q{EXPLAIN SELECT stp.month(admission_date), count(*) FROM nhs.classified_spell
                  WHERE stp.month(admission_date) = '2023-05' GROUP BY 1});
my %read = map { $_ => 1 } $plan =~ / on (spell_p\d+) /g;
is(scalar(keys %read), 1, 'one month is read from one partition') or diag($plan);

# What is old goes, by its partition.
sql(q{UPDATE partman.part_config SET retention = '3 years', retention_keep_table = false WHERE parent_table = 'nhs.spell'});
sql(q{CALL partman.run_maintenance_proc()});
my $first = sql('SELECT min(admission_date) FROM nhs.spell');
ok($first gt sql(q{SELECT (CURRENT_DATE - interval '5 years')::date}), "spells from $first on are left");
sql("DELETE FROM stp.spell WHERE admission_date < '$first'");
is_equal('when old partitions have gone');
sql(q{CALL stp.source_changed('nhs.spell_observation')});
sql('CALL stp.refresh()');
is(sql('SELECT count(*) FROM stp.observation'), sql('SELECT count(*) FROM stp.spell_observation'), 'observations go with them');
ok(sql('SELECT count(*) FROM stp.observation_history') > 500, 'into the history');

$node->stop;
done_testing();
