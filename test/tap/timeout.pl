# Every function of the extension, with the worst arguments we know, ends by itself or at statement_timeout, and takes no
# memory that nobody has given it. The functions are listed from the catalog: a new one without a case fails.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Milliseconds: the timeouts, and what may pass after one. The longer one is there to reach the later parts of the work; it
# is tried where a call does not end by itself before the first. STP_TIMEOUTS="200 400 800 1600 3200" looks further.
my @TIMEOUTS = split ' ', $ENV{STP_TIMEOUTS} // '200 600';
my $OVERRUN = 50;
# This is not about speed. What is measured is the time that a backend was in code of its own (user time): a loop that does not
# look for interrupts spends it there. How long the machine takes to hand out memory, to read a file or to give a processor is
# not ours. A call is late if it is so many times in a row.
my $TRIES = 5;
# Seconds after which a statement that does not end at its timeout is given up.
my $PATIENCE = 60;
# Megabytes that a backend may have had, shared memory included: the largest argument has 40.
my $MEMORY = 500;

# Memory comes in large pages: where a hypervisor keeps the page tables, the first touch of each small one counts as user time.
$ENV{GLIBC_TUNABLES} = 'glibc.malloc.hugetlb=1';
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "jit = off\ndefault_toast_compression = lz4\nlog_min_messages = fatal\nlog_min_error_statement = panic");
$node->start;
my $folder = PostgreSQL::Test::Utils::tempdir_short();

# A cohort of 10,000 systems, and schemes that are wide, deep and full of rules.
$node->safe_psql('postgres', q{
	CREATE EXTENSION stp_metrics;
	INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, per)
	SELECT 'i' || i, 'Indicator ' || i, '%', 'proportion', 'higher', 100 FROM generate_series(1, 4) i;
	INSERT INTO stp.system (system, name, kind) SELECT 'R' || r, 'Region ' || r, 'region' FROM generate_series(0, 9) r;
	INSERT INTO stp.system (system, name, parent) SELECT 'S' || u, 'System ' || u, 'R' || u % 10 FROM generate_series(1, 10000) u;
	INSERT INTO stp.organisation (organisation, name) SELECT 'O' || u, 'Trust ' || u FROM generate_series(1, 10000) u;
	INSERT INTO stp.membership (organisation, system) SELECT 'O' || u, 'S' || u FROM generate_series(1, 10000) u;
	INSERT INTO stp.population (system, period, persons) SELECT 'S' || u, '2025/26', 1000 FROM generate_series(1, 10000) u;
	INSERT INTO stp.display_rule VALUES ('i1');
	INSERT INTO stp.organisation (organisation, name) SELECT 'H' || h, 'Heir ' || h FROM generate_series(0, 300) h;
	INSERT INTO stp.membership (organisation, system, valid_from, valid_to)
	SELECT 'H' || h, 'S1', date '2000-01-01' + h, date '2000-01-01' + h FROM generate_series(0, 299) h;
	INSERT INTO stp.membership (organisation, system, valid_from) VALUES ('H300', 'S1', '2000-10-27');
	INSERT INTO stp.succession (kind, predecessor, successor, day)
	SELECT 'organisation', 'H' || h, 'H' || h + 1, date '2000-01-02' + h FROM generate_series(0, 299) h;
	INSERT INTO stp.target (indicator, period, baseline, improvement, improvement_in, source) VALUES ('i3', '2026-03', '2026-02', 7, 'points', 'Plan');
	INSERT INTO stp.target (indicator, unit, period, value, source)
	SELECT 'i2', 'S' || u, stp.period('2026-01') + p, p, 'Plan' FROM generate_series(1, 3000) u, generate_series(0, 11) p;
	INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator)
	SELECT 'i' || i, 'O' || u, period, 1 + u * (i + 7) % 300, 1000
	  FROM generate_series(1, 10000) u, generate_series(1, 4) i, unnest('{2026-02,2026-03}'::stp.period[]) period});
$node->safe_psql('postgres', q{
	-- Checking a scheme once for each of its rows would take a minute.
	SET session_replication_role = replica;
	INSERT INTO stp.scheme (scheme, name, rates, categorise)
	VALUES ('large', 'Large', 'system', 'quartiles'), ('wide', 'Wide', 'region', 'cuts'), ('deep', 'Deep', 'region', 'cuts');
	INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method)
	SELECT 'large', 'all', NULL, 'All', NULL, NULL
	UNION ALL SELECT 'large', 'i' || i, 'all', 'I', 'i' || i, (ARRAY['percentile_rank', 'z_score', 'ranked', 'banded'])[i] FROM generate_series(1, 4) i;
	UPDATE stp.scheme_node SET rescale = node = 'all', weight = CASE node WHEN 'i2' THEN 0 ELSE 1 END WHERE scheme = 'large';
	INSERT INTO stp.scheme_category (scheme, position, category) SELECT 'large', i, 'C' || i FROM generate_series(1, 4) i;
	INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method)
	SELECT 'wide', 'all', NULL, 'All', NULL, NULL
	UNION ALL SELECT 'wide', 'n' || n, 'all', 'N', 'i1', 'min_max' FROM generate_series(1, 3000) n;
	INSERT INTO stp.scheme_category (scheme, position, category, cut)
	SELECT 'wide', i, 'C' || i, CASE WHEN i < 1000 THEN 100 - i / 100.0 END FROM generate_series(1, 1000) i;
	INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method)
	SELECT 'deep', 'n' || n, CASE WHEN n > 1 THEN 'n' || n - 1 END, 'N', CASE n WHEN 500 THEN 'i1' END, CASE n WHEN 500 THEN 'as_is' END
	  FROM generate_series(1, 500) n;
	INSERT INTO stp.scheme (scheme, name, rates, categorise, category_group) VALUES ('starry', 'Starry', 'system', 'natural_breaks', 'qualified');
	INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, minimum_qualified)
	SELECT 'starry', 'all', NULL, 'All', NULL, NULL, 1
	UNION ALL SELECT 'starry', 'n' || n, 'all', 'N', NULL, 'z_score', 2 FROM generate_series(1, 2) n
	UNION ALL SELECT 'starry', 'l' || l, 'n' || 1 + l % 2, 'L', 'i' || l, 'z_score', NULL FROM generate_series(1, 4) l;
	INSERT INTO stp.scheme_category (scheme, position, category) SELECT 'starry', i, 'C' || i FROM generate_series(1, 200) i;});

# Arguments of a million elements and of as many as a state can have, ready so that only the call itself is timed.
$node->safe_psql('postgres', q{
	CREATE TABLE argument AS
	SELECT array_agg(i::float8 ORDER BY i) AS floats, '{5,NaN,0,0.1,499997}'::float8[] || array_agg((i % 1009)::float8 ORDER BY i) AS units, array_agg((i * 7919::bigint % 1000003)::float8 ORDER BY i) AS wild, array_agg(i::numeric / 7 ORDER BY i) AS numerics,
	       array_agg(i) AS ints, array_agg('x' || i) AS texts, array_agg('2026-03'::stp.period) AS periods,
	       repeat('a,', 10000000) AS line, '(2000-01-01' || repeat(',1', 10000000) AS census_text, repeat('(1,', 10000000) AS state_text, repeat('(2000-01-01,1,,)', 1000000) AS spc_text,
	       -- Of one text that long: what the server's own functions make of 20 MB, nothing interrupts.
	       repeat('9', 1000000) AS digits
	  FROM generate_series(1, 1000000) i;
	CREATE TABLE state AS
	SELECT (SELECT stp.census('1900-01-01', NULL, daterange('1900-01-01', '1999-12-31')) FROM generate_series(1, 10)) AS census,
	       (SELECT stp.standardise(i, 1, i, 1, 1) FROM generate_series(1, 10000) i) AS standardised,
	       (SELECT stp.standardise(i + 5000, 1, i + 5000, 1, 1) FROM generate_series(1, 5000) i) AS other,
	       (SELECT stp.composite(i, 1) FROM generate_series(1, 1000) i) AS composite,
	       (SELECT stp.dispersion(i % 97, i, 'observed') FROM generate_series(100, 1000) i) AS dispersion,
	       (SELECT array_agg(2::float8 ^ (2 * i)) FROM generate_series(-500, 510) i) AS parts;
	CREATE TABLE wild AS SELECT (i * 7919::bigint % 1000003)::float8 AS x, i % 2 AS half, ('2026-03'::stp.period - (i % 1000)) AS period
	  FROM generate_series(1, 1000000) i;
	CREATE TABLE many AS SELECT state.* FROM state, generate_series(1, 100);
	CREATE TABLE sent_census AS SELECT census FROM many;
	CREATE TABLE sent_composite AS SELECT composite FROM many;
	CREATE TABLE sent_dispersion AS SELECT dispersion FROM many;
	CREATE TABLE sent_standardised AS SELECT standardised FROM many;
	CREATE TABLE series AS
	SELECT stp.spc(date '2000-01-01' + i, i * 7919::bigint % 1000003, 1000003, 5) FILTER (WHERE i % 2 = 0) AS spc,
	       stp.spc(date '2000-01-01' + i, i % 7, 7, 5) FILTER (WHERE i % 2 = 1) AS other FROM generate_series(1, 999999) i;
	CREATE TABLE sent_spc AS SELECT spc FROM series, generate_series(1, 10);
	CREATE TABLE sent_period AS SELECT period FROM wild;
	CREATE VIEW many_observations AS SELECT 'a' AS indicator, 'A' AS organisation, '2026-03'::stp.period AS period, i AS numerator,
	       NULL::float8 AS denominator, NULL::float8 AS value, NULL AS status FROM generate_series(1, 100000000) i;
	VACUUM ANALYZE});
$node->safe_psql('postgres', "COPY sent_$_ TO '$folder/$_' (FORMAT binary)") for qw(census composite dispersion spc standardised period);

# A line for each case: a function, |, and a statement that calls it. Arguments that are mere numbers and words have one too.
my $CASES = q{
stp.age_band(integer,integer)|SELECT stp.age_band(0, 2147483647)
stp.age_band_faults(text,integer[],integer[],integer,integer)|SELECT count(*) FROM stp.age_band_faults('ESP2013', (SELECT ints FROM argument), (SELECT ints FROM argument))
stp.ambulatory_condition(text,integer,text)|SELECT stp.ambulatory_condition(digits, 2147483647, digits) FROM argument
stp.ambulatory_conditions(text,integer)|SELECT count(*) FROM stp.ambulatory_conditions((SELECT digits FROM argument), 2147483647)
stp.apportion(numeric,numeric[])|SELECT stp.apportion(1e12, numerics) FROM argument
stp.apportion(numeric,numeric[])|SELECT stp.apportion(1e8, array_fill(1::numeric, '{1000000}'))
stp.apportion(numeric,numeric[])|SELECT stp.apportion(repeat('9', 131000)::numeric, ARRAY[repeat('9', 60000)::numeric, repeat('7', 50000)::numeric])
stp.apportion(numeric,numeric[])|SELECT stp.apportion(repeat('9', 60000)::numeric, array_fill(repeat('9', 60000)::numeric, '{1000}'))
stp.arithmetic_mean(stp.composite)|SELECT stp.arithmetic_mean(composite) FROM state
stp.as_of()|SELECT stp.as_of()
stp.assess(text,stp.period,date)|SELECT count(*) FROM stp.assess('large', '2026-03')
stp.assess(text,stp.period,date)|SELECT count(*) FROM stp.assess('wide', '2026-03')
stp.assess(text,stp.period,date)|SELECT count(*) FROM stp.assess('deep', '2026-03')
stp.assess(text,stp.period,timestamp with time zone,date)|SELECT count(*) FROM stp.assess('large', '2026-03', now())
stp.assessment_as_of(text,stp.period,timestamp with time zone)|SELECT count(*) FROM stp.assessment_as_of('large', '2026-03', now())
stp.bed_days(date,date,stp.period)|SELECT stp.bed_days('0001-01-01', 'infinity', '2026/27')
stp.bed_days(stp.census)|SELECT stp.bed_days(census) FROM state
stp.bed_days(stp.census,stp.period)|SELECT stp.bed_days(census, '1998/99') FROM state
stp_internal.belongs(text,text,date,date)|SELECT stp_internal.belongs('O1', digits, '1900-01-01', '9999-12-31') FROM argument
stp.census(date,date,daterange)|SELECT stp.census('1900-01-01', NULL, daterange('1900-01-01', '1999-12-31')) FROM generate_series(1, 100000000)
stp.census(date,date,daterange)|SELECT count(c) FROM (SELECT stp.census('1900-01-01', NULL, daterange('1900-01-01', '1999-12-31')) AS c FROM generate_series(1, 10000) i GROUP BY i) c
stp_internal.census_accum(stp.census,date,date,daterange)|SELECT stp_internal.census_accum(NULL, '1900-01-01', NULL, daterange('1900-01-01', '1999-12-31'))
stp_internal.census_combine(stp.census,stp.census)|SELECT stp_internal.census_combine(census, census) FROM many
stp_internal.census_in(cstring)|SELECT census_text::stp.census FROM argument
stp_internal.census_in(cstring)|SELECT line::stp.census FROM argument
stp_internal.census_out(stp.census)|SELECT count(census::text) FROM many
stp_internal.census_recv(internal)|COPY sent_census FROM 'FOLDER/census' (FORMAT binary)
stp_internal.census_send(stp.census)|COPY many (census) TO '/dev/null' (FORMAT binary)
stp.check_age_bands(text,integer[],integer[],integer,integer)|SELECT stp.check_age_bands('ESP2013', ints, ints) FROM argument
stp.month(date)|SELECT count(stp.month(date '2026-03-01')) FROM generate_series(1, 100000000)
stp.quarter(date)|SELECT stp.quarter(date '2200-03-31')
stp.half(date)|SELECT stp.half(date 'infinity')
stp.financial_year(date)|SELECT stp.financial_year(date '-infinity')
stp.quarter(stp.period)|SELECT stp.quarter(stp.period '2199/00 Q4')
stp.half(stp.period)|SELECT stp.half(stp.period '2026/27')
stp.financial_year(stp.period)|SELECT stp.financial_year(stp.period '1900-04')
stp.goalposts(double precision,double precision,double precision,boolean)|SELECT stp.goalposts(1e308, 0, 1e-308, false)
stp.distance_to_target(double precision,double precision,double precision,boolean)|SELECT stp.distance_to_target(1e308, 0, 1e-308, false)
stp.coarsen(stp.period,text)|SELECT stp.coarsen('2026-03', digits) FROM argument
stp.cohort(text,stp.period,date)|SELECT count(*) FROM stp.cohort('large', '2026-03')
stp_internal.cohort_as_of(text,stp.period,date)|SELECT count(*) FROM stp_internal.cohort_as_of('large', '2026-03')
stp.compare(stp.estimate,double precision)|SELECT stp.compare(stp.rate(1, 1e300), 0)
stp.compare_periods(text,stp.period,stp.period,integer,double precision,bigint)|SELECT count(*) FROM stp.compare_periods('large', '2026-02', '2026-03', 1000000)
stp.compare_periods(text,stp.period,stp.period,integer,double precision,bigint)|SELECT count(*) FROM stp.compare_periods('large', '2026-02', '2026-03', 10)
stp.compare_periods(text,stp.period,stp.period,integer,double precision,bigint)|SELECT count(*) FROM stp.compare_periods('wide', '2026-02', '2026-03', 1000000)
stp.compare_periods(text,stp.period,stp.period,integer,double precision,bigint)|SELECT count(*) FROM stp.compare_periods('deep', '2026-02', '2026-03', 1000000)
stp.compare_schemes(text,text,stp.period)|SELECT count(*) FROM stp.compare_schemes('large', 'large', '2026-03')
stp.composite(double precision,double precision)|SELECT stp.composite(i, 1) FROM generate_series(1, 100000000) i
stp_internal.composite_accum(stp.composite,double precision,double precision)|SELECT stp_internal.composite_accum(composite, 1e308, 1e-308) FROM state
stp_internal.composite_combine(stp.composite,stp.composite)|SELECT stp_internal.composite_combine(composite, composite) FROM state
stp_internal.composite_in(cstring)|SELECT state_text::stp.composite FROM argument
stp_internal.composite_in(cstring)|SELECT ('(' || digits)::stp.composite FROM argument
stp_internal.composite_out(stp.composite)|SELECT composite::text FROM state
stp_internal.composite_recv(internal)|COPY sent_composite FROM 'FOLDER/composite' (FORMAT binary)
stp_internal.composite_send(stp.composite)|COPY many (composite) TO '/dev/null' (FORMAT binary)
stp.control_total_variance(numeric,numeric,numeric)|SELECT stp.control_total_variance(repeat('9', 131000)::numeric, repeat('7', 131000)::numeric, repeat('3', 60000)::numeric)
stp.coverage(stp.composite)|SELECT stp.coverage(composite) FROM state
stp_internal.csv_cells(text)|SELECT cardinality(stp_internal.csv_cells(left(line, 4000000))) FROM argument
stp_internal.csv_cells(text)|SELECT cardinality(stp_internal.csv_cells(repeat('"', 1000001))) FROM argument
stp.daily(stp.census)|SELECT count(*) FROM many, stp.daily(census)
stp.dispersion(double precision,double precision,text)|SELECT stp.dispersion(i, i + 1.5, 'arcsine') FROM generate_series(1, 100000000) i
stp.dispersion(double precision,double precision,text)|SELECT stp.dispersion(x, x + half, 'root') FROM wild
stp.dispersion(double precision,double precision,text,double precision,text,double precision)|SELECT stp.dispersion(1, 2, 'root', 1, 'trimmed', 0.4) FROM wild
stp_internal.dispersion_accum(double precision[],double precision,double precision,text)|SELECT stp_internal.dispersion_accum(floats, 1, 1, 'root') FROM argument
stp_internal.dispersion_accum(double precision[],double precision,double precision,text,double precision,text,double precision)|SELECT stp_internal.dispersion_accum(floats, 1, 1, 'root', 1, 'trimmed', 0.1) FROM argument
stp_internal.dispersion_combine(double precision[],double precision[])|SELECT cardinality(stp_internal.dispersion_combine(units, units)) FROM argument
stp_internal.dispersion_final(double precision[])|SELECT stp_internal.dispersion_final(units) FROM argument
stp_internal.dispersion_in(cstring)|SELECT state_text::stp.dispersion FROM argument
stp_internal.dispersion_in(cstring)|SELECT ('(root,' || digits)::stp.dispersion FROM argument
stp_internal.dispersion_out(stp.dispersion)|SELECT count(dispersion::text) FROM many
stp_internal.dispersion_recv(internal)|COPY sent_dispersion FROM 'FOLDER/dispersion' (FORMAT binary)
stp_internal.dispersion_send(stp.dispersion)|COPY many (dispersion) TO '/dev/null' (FORMAT binary)
stp.funnel(double precision,double precision,stp.dispersion,text,double precision[],double precision,double precision)|SELECT count(f.flag) FROM many, LATERAL stp.funnel(7, 1e9, dispersion, levels => '{0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.999999999}') f
stp.funnel(double precision,double precision,stp.dispersion,text,double precision[],double precision,double precision)|SELECT stp.funnel(1, 2, dispersion, line) FROM state, argument
stp.funnel_curve(stp.dispersion,double precision,double precision,text,double precision[],double precision,integer)|SELECT count(*) FROM state, stp.funnel_curve(dispersion, 1e-9, 1e15, levels => '{0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.999999999}', points => 100000)
stp_internal.sees_all_figures()|SELECT stp_internal.sees_all_figures() FROM argument
stp.n(stp.dispersion)|SELECT count(stp.n(dispersion)) FROM many
stp.phi(stp.dispersion)|SELECT count(stp.phi(dispersion)) FROM many
stp.target(stp.dispersion)|SELECT count(stp.target(dispersion)) FROM many
stp.tau2(stp.dispersion)|SELECT count(stp.tau2(dispersion)) FROM many
stp.daterange(stp.period)|SELECT stp.daterange('2199-12')
stp.days(stp.period)|SELECT stp.days('2026/27')
stp_internal.delay_start(date,date,boolean)|SELECT stp_internal.delay_start('0001-01-01', '9999-12-31', true)
stp.delayed_days(date,date,stp.period,boolean)|SELECT stp.delayed_days('0001-01-01', '9999-12-31', '2026/27', true)
stp.difference(stp.estimate,stp.estimate,double precision)|SELECT stp.difference(stp.rate(1e300, 1e-7), stp.rate(1e-300, 1e300), 0.9999999999999999)
stp.distance_to_target(double precision,double precision,double precision,double precision,text,boolean)|SELECT stp.distance_to_target(1e308, -1e308, 1e308, 0, digits, true) FROM argument
stp.dsr(stp.standardised,double precision,double precision,double precision)|SELECT count(stp.dsr(standardised, 100000, 0.999999999)) FROM many
stp.emergency_admission_rate(stp.period,text,double precision,text)|SELECT count(*) FROM stp.emergency_admission_rate('2025/26', list => 'UCSC')
stp.exact_sum(double precision)|SELECT stp.exact_sum(i) FROM generate_series(1, 100000000) i
stp.exact_sum(double precision)|SELECT count(s) FROM (SELECT stp.exact_sum(part) AS s FROM state, generate_series(1, 100000) i, unnest(parts) part GROUP BY i) s
stp_internal.exact_sum_accum(double precision[],double precision)|SELECT stp_internal.exact_sum_accum(floats, 1) FROM argument
stp_internal.exact_sum_combine(double precision[],double precision[])|SELECT stp_internal.exact_sum_combine(floats, floats) FROM argument
stp_internal.exact_sum_combine(double precision[],double precision[])|SELECT count(stp_internal.exact_sum_combine(parts, parts)) FROM many
stp_internal.exact_sum_final(double precision[])|SELECT stp_internal.exact_sum_final(floats) FROM argument
stp.explain(text,stp.period,text,date)|SELECT count(*) FROM stp.explain('large', '2026-03', 'S5000')
stp.explain(text,stp.period,text,date)|SELECT count(*) FROM stp.explain('wide', '2026-03', 'R5')
stp.explain(text,stp.period,text,date)|SELECT count(*) FROM stp.explain('deep', '2026-03', 'R5')
stp.explain(text,stp.period,text,date)|SELECT count(*) FROM stp.explain('starry', '2026-03', 'S5000')
stp.clusters(text,stp.period,date)|SELECT count(*) FROM stp.clusters('starry', '2026-03')
stp.explain_change(text,stp.period,stp.period,text,text)|SELECT count(*) FROM stp.explain_change('large', '2026-02', '2026-03', 'S5000')
stp.explain(text,stp.period,text,date)|SELECT count(movement) FROM stp.explain('large', '2026-03')
stp_internal.explained(text,stp.period,text,date)|SELECT count(*) FROM stp_internal.explained('large', '2026-03', NULL, NULL)
stp.explain_change(text,stp.period,stp.period,text,text)|SELECT count(*) FROM stp.explain_change('large', '2026-02', '2026-03')
stp.explain_change(text,stp.period,stp.period,text,text)|SELECT count(*) FROM stp.explain_change('starry', '2026-02', '2026-03')
stp.explain_change(text,stp.period,stp.period,text,text)|SELECT count(*) FROM stp.explain_change('wide', '2026-02', '2026-03', 'R5', 'deep')
stp.finance_rating(integer[],text)|SELECT stp.finance_rating(array_fill(2, '{1000000}'), 'worse')
stp.finance_score(text,text,numeric)|SELECT stp.finance_score(digits, digits, repeat('9', 131000)::numeric) FROM argument
stp.first_day(stp.period)|SELECT stp.first_day('1900/01')
stp.geometric_mean(stp.composite)|SELECT stp.geometric_mean(composite) FROM state
stp.goalposts(double precision,double precision,double precision,text,boolean)|SELECT stp.goalposts(1e308, -1e308, 1e308, digits, true) FROM argument
stp.grain(stp.period)|SELECT stp.grain('2026-03')
stp.harmonic_mean(stp.composite)|SELECT stp.harmonic_mean(composite) FROM state
stp_internal.days_after(integer,integer,boolean)|SELECT stp_internal.days_after(2147483647, 2147483647, true)
stp_internal.follow_up(stp.period,integer,text[],integer,integer,boolean)|SELECT status FROM stp_internal.follow_up('2025/26', 36500, (SELECT texts FROM argument), 36500, 36500, true)
stp_internal.completed_years(integer)|SELECT stp_internal.completed_years(2147483647)
stp_internal.hes_code(text)|SELECT length(stp_internal.hes_code(' ' || digits)) FROM argument
stp_internal.ambulatory_admission(stp.period)|SELECT count(*) FROM stp_internal.ambulatory_admission('2026/27')
stp_internal.shared_admissions(stp.period,text)|SELECT count(*) FROM stp_internal.shared_admissions('2025/26', 'UCSC')
stp_internal.standardised_admissions(stp.period,text,text)|SELECT count(*) FROM stp_internal.standardised_admissions('2025/26', 'ESP2013', 'UCSC')
stp_internal.diagnosis_patterns(text[],text)|SELECT cardinality(stp_internal.diagnosis_patterns(texts, '%')) FROM argument
stp_internal.diagnosis_line(text,text[])|SELECT length(stp_internal.diagnosis_line(digits, texts)) FROM argument
stp_internal.discharged_person_spell(date,date,text[],text[])|SELECT count(*) FROM stp_internal.discharged_person_spell('1900-04-01', '2200-03-31', (SELECT texts FROM argument), (SELECT texts FROM argument))
stp_internal.spell_line(date,date,text[],text[])|SELECT count(*) FROM stp_internal.spell_line('1900-04-01', '2200-03-31', (SELECT texts FROM argument), (SELECT texts FROM argument))
stp_internal.continuous_spell(date,date,text[],text[],integer,boolean,boolean)|SELECT count(*) FROM stp_internal.continuous_spell('1900-04-01', '2200-03-31', (SELECT texts FROM argument), (SELECT texts FROM argument), 36500, true, true)
stp_internal.refuse_days(integer,integer,integer)|SELECT stp_internal.refuse_days(2147483647, 2147483647, 2147483647)
stp_internal.icd10(text)|SELECT length(stp_internal.icd10(digits)) FROM argument
stp_internal.in_range(stp.period,stp.period,integer,boolean,boolean)|SELECT count(*) OVER (ORDER BY period USING < RANGE BETWEEN 500 PRECEDING AND 500 FOLLOWING) FROM wild
stp.index_discharge(stp.period,integer,text[],text[],boolean,text[],integer,integer,boolean,boolean)|SELECT count(*) FROM stp.index_discharge('2025/26', 36500, (SELECT texts FROM argument), (SELECT texts FROM argument), true, (SELECT texts FROM argument), 36500, 36500)
stp.is_emergency_admission(text,date)|SELECT stp.is_emergency_admission(digits, '2026-03-01') FROM argument
stp_internal.is_covered(datemultirange,stp.period)|SELECT count(*) FROM stp.periods('1900-04', '2200-03') p WHERE stp_internal.is_covered('{[1900-04-01,2200-04-01)}', p)
stp_internal.is_rateable(text,stp.period)|SELECT stp_internal.is_rateable('wide', '2026-03')
stp.last_day(stp.period)|SELECT stp.last_day('2199-12')
stp.last_month(stp.period)|SELECT stp.last_month('2026/27')
stp.last_thursday(stp.period)|SELECT stp.last_thursday('2026/27')
stp_internal.chart_setting(text,text,text,stp.spc)|SELECT count(*) FROM generate_series(1, 100000) i, stp_internal.chart_setting('i1', 'S' || i, 'month', NULL)
stp_internal.chart_setting_as_of(text,text,text,stp.spc)|SELECT count(*) FROM generate_series(1, 100000) i, stp_internal.chart_setting_as_of('i1', 'S' || i, 'month', NULL)
stp_internal.chart_that_fits(stp.spc,text,double precision,double precision)|SELECT count(stp_internal.chart_that_fits(spc, 'p', NULL, 1)) FROM sent_spc
stp_internal.refuse_odd_days(date[])|SELECT stp_internal.refuse_odd_days(array_agg(date '2000-01-01' + i % 1000)) FROM generate_series(1, 3000000) i
stp_internal.movements(text,text[],text[],stp.period[],boolean[])|SELECT count(*) FROM stp_internal.movements('system', '{S5000}', array_fill('i1'::text, '{1000}'), array_fill('2026-03'::stp.period, '{1000}'), array_fill(true, '{1000}'))
stp_internal.movements_as_of(text,text[],text[],stp.period[],boolean[])|SELECT count(*) FROM stp_internal.movements_as_of('system', (SELECT array_agg(system) FROM stp.system), array_fill('i1'::text, '{1000}'), array_fill('2026-03'::stp.period, '{1000}'), array_fill(false, '{1000}'))
stp_internal.node_movements(text,text[],stp.period[],text[])|SELECT count(*) FROM stp_internal.node_movements('large', (SELECT array_agg(node) FROM stp.scheme_node WHERE scheme = 'large'), (SELECT array_agg('2026-03'::stp.period) FROM stp.scheme_node WHERE scheme = 'large'), (SELECT array_agg(system) FROM stp.system))
stp_internal.refuse_unknown_chart(text[],text[])|SELECT stp_internal.refuse_unknown_chart((SELECT texts FROM argument), (SELECT texts FROM argument))
stp_internal.refuse_unknown_units(text[],boolean)|SELECT stp_internal.refuse_unknown_units((SELECT texts FROM argument), true)
stp_internal.latest_period(text,stp.period,integer)|SELECT stp_internal.latest_period('i1', '2026-03', 2000000000)
stp_internal.latest_period_as_of(text,stp.period,integer)|SELECT stp_internal.latest_period_as_of('i1', '2026-03', 2000000000)
stp_internal.leaf_values(text,text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.leaf_values('system', (SELECT texts FROM argument), (SELECT periods FROM argument), (SELECT texts FROM argument), '2026-03-31')
stp_internal.leaf_values(text,text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.leaf_values('system', array_fill('i1'::text, '{1000}'), array_fill('2026-03'::stp.period, '{1000}'), (SELECT array_agg(system) FROM stp.system), '2026-03-31')
stp_internal.leaf_values_as_of(text,text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.leaf_values_as_of('system', array_fill('i1'::text, '{1000}'), array_fill('2026-03'::stp.period, '{1000}'), (SELECT array_agg(system) FROM stp.system), '2026-03-31')
stp_internal.months(stp.period)|SELECT count(stp_internal.months(period)) FROM wild
stp_internal.over_time(text,text)|SELECT count(stp_internal.over_time(NULL, digits)) FROM argument
stp_internal.own_values(text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.own_values(array_fill('i1'::text, '{1000}'), array_fill('2026-03'::stp.period, '{1000}'), (SELECT array_agg(organisation) FROM stp.organisation), '2026-03-31')
stp_internal.own_values_as_of(text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.own_values_as_of(array_fill('i1'::text, '{1000}'), array_fill('2026-03'::stp.period, '{1000}'), (SELECT array_agg(organisation) FROM stp.organisation), '2026-03-31')
stp_internal.summed_values(text,text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.summed_values('system', (SELECT texts FROM argument), (SELECT periods FROM argument), (SELECT texts FROM argument), '2026-03-31')
stp_internal.summed_values(text,text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.summed_values('system', array_fill('i1'::text, '{1000}'), array_fill('2026-03'::stp.period, '{1000}'), (SELECT array_agg(system) FROM stp.system), '2026-03-31')
stp_internal.summed_values_as_of(text,text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.summed_values_as_of('system', array_fill('i1'::text, '{1000}'), array_fill('2026-03'::stp.period, '{1000}'), (SELECT array_agg(system) FROM stp.system), '2026-03-31')
stp_internal.first_month(stp.period,text)|SELECT count(stp_internal.first_month(period, 'rolling 12')) FROM wild
stp_internal.bettered(double precision,text,double precision,text,double precision)|SELECT sum(stp_internal.bettered(x, 'lower', x, 'points', x)) FROM wild
stp_internal.possible_value(double precision,text,double precision)|SELECT sum(stp_internal.possible_value(x, 'proportion', x)) FROM wild
stp_internal.report_weight(text,text,double precision,double precision,integer)|SELECT sum(stp_internal.report_weight('reports', NULL, x, x, 8)) FROM wild
stp_internal.usual_weight(text,stp.period)|SELECT stp_internal.usual_weight('i1', '2026-03') FROM generate_series(1, 1000)
stp_internal.usual_weight_as_of(text,stp.period)|SELECT stp_internal.usual_weight_as_of('i1', '2026-03') FROM generate_series(1, 1000)
stp_internal.silent_organisations(text,stp.period)|SELECT count(*) FROM generate_series(1, 1000), stp_internal.silent_organisations('i1', '2026-03')
stp_internal.silent_organisations_as_of(text,stp.period)|SELECT count(*) FROM generate_series(1, 1000), stp_internal.silent_organisations_as_of('i1', '2026-03')
stp_internal.looked_at(text,stp.period)|SELECT count(*) FROM stp_internal.looked_at('large', '2026-03')
stp_internal.missing_reports(text,stp.period)|SELECT count(*) FROM generate_series(1, 1000), stp_internal.missing_reports('i1', '2026-03')
stp_internal.missing_reports_as_of(text,stp.period)|SELECT count(*) FROM generate_series(1, 1000), stp_internal.missing_reports_as_of('i1', '2026-03')
stp_internal.missing_reports(text,stp.period)|SELECT count(*) FROM stp_internal.missing_reports('i1', '2026/27')
stp_internal.missing_reports_as_of(text,stp.period)|SELECT count(*) FROM stp_internal.missing_reports_as_of('i1', '2026/27')
stp_internal.reports_of(text,stp.period)|SELECT count(*) FROM generate_series(1, 1000) CROSS JOIN LATERAL stp_internal.reports_of('i1', '2026-03')
stp_internal.reports_of_as_of(text,stp.period)|SELECT count(*) FROM generate_series(1, 1000) CROSS JOIN LATERAL stp_internal.reports_of_as_of('i1', '2026-03')
stp_internal.figure(text,stp.period,text,double precision,double precision,double precision,double precision,double precision,double precision,integer,boolean,double precision,date)|SELECT count(f.value) FROM generate_series(1, 10000000) i CROSS JOIN LATERAL stp_internal.figure('i1', '2026-03', 'S1', i, 1, NULL, NULL, 1, 1, 1, false) f
stp_internal.figure_as_of(text,stp.period,text,double precision,double precision,double precision,double precision,double precision,double precision,integer,boolean,double precision,date)|SELECT count(f.value) FROM generate_series(1, 10000000) i CROSS JOIN LATERAL stp_internal.figure_as_of('i1', '2026-03', 'S1', i, 1, NULL, NULL, 1, 1, 1, false) f
stp_internal.displayed_figure()|SELECT count(*) FROM stp_internal.displayed_figure()
stp_internal.if_small(double precision,integer)|SELECT count(stp_internal.if_small(i, 8)) FROM generate_series(1, 10000000) i
stp_internal.round_to(double precision,integer)|SELECT sum(stp_internal.round_to(i, 5)) FROM generate_series(1, 10000000) i
stp_internal.counted_estimate(text,double precision,double precision,double precision)|SELECT stp_internal.counted_estimate('rate', 388.999, 1e300, 1e300)
stp_internal.figure_limits(text,double precision,double precision,double precision,double precision,double precision)|SELECT count(*) FROM generate_series(1, 1000000) i CROSS JOIN LATERAL stp_internal.figure_limits('rate', i, 1e3, 1, 0.5, 2)
stp_internal.candidate_periods(text,stp.period,integer)|SELECT count(*) FROM stp_internal.candidate_periods('i1', '2200-03', 2147483647)
stp_internal.candidate_periods_as_of(text,stp.period,integer)|SELECT count(*) FROM stp_internal.candidate_periods_as_of('i1', '2200-03', 2147483647)
stp_internal.due_months(text,stp.period,stp.period)|SELECT count(*) FROM stp_internal.due_months('i1', '1900-04', '2200-03')
stp_internal.due_months_as_of(text,stp.period,stp.period)|SELECT count(*) FROM stp_internal.due_months_as_of('i1', '1900-04', '2200-03')
stp_internal.period_before(stp.period)|SELECT count(stp_internal.period_before('2026-01')) FROM generate_series(1, 3000000)
stp_internal.all_reports(text,stp.period,stp.period)|SELECT count(*) FROM stp_internal.all_reports('i1', '1900-04', '2200-03')
stp_internal.all_reports_as_of(text,stp.period,stp.period)|SELECT count(*) FROM stp_internal.all_reports_as_of('i1', '1900-04', '2200-03')
stp_internal.reports_within(text,stp.period,stp.period)|SELECT count(*) FROM stp_internal.reports_within('i1', '1900-04', '2200-03')
stp_internal.reports_within_as_of(text,stp.period,stp.period)|SELECT count(*) FROM stp_internal.reports_within_as_of('i1', '1900-04', '2200-03')
stp_internal.target_input(text,stp.period,text,stp.period)|SELECT count(*) FROM stp_internal.target_input('large', '2026-03', 'i3', '2026-03')
stp_internal.targets(text,text,date,date)|SELECT count(*) FROM stp_internal.targets('system', 'i2', NULL, NULL)
stp_internal.targets(text,text,date,date)|SELECT count(*) FROM stp_internal.targets('system', 'i3', NULL, NULL)
stp_internal.targets_as_of(text,text,date,date)|SELECT count(*) FROM stp_internal.targets_as_of('system', 'i3', NULL, NULL)
stp_internal.taken_reports(text,stp.period,text)|SELECT count(*) FROM stp_internal.taken_reports('i1', '2026/27', 'rolling 12')
stp_internal.taken_reports_as_of(text,stp.period,text)|SELECT count(*) FROM stp_internal.taken_reports_as_of('i1', '2026/27', 'rolling 12')
stp_internal.taken_values(text,text[],text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.taken_values('system', (SELECT texts FROM argument), (SELECT texts FROM argument), (SELECT periods FROM argument), (SELECT texts FROM argument), NULL)
stp_internal.taken_values(text,text[],text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.taken_values('system', '{i1,i2,i3,i4}', '{latest,latest,whole,rolling 12}', array_fill('2026-03'::stp.period, '{4}'), (SELECT array_agg(system) FROM stp.system), '2026-03-31')
stp_internal.taken_values_as_of(text,text[],text[],stp.period[],text[],date)|SELECT count(*) FROM stp_internal.taken_values_as_of('system', '{i1,i2,i3,i4}', '{latest,latest,whole,rolling 12}', array_fill('2026-03'::stp.period, '{4}'), (SELECT array_agg(system) FROM stp.system), '2026-03-31')
stp_internal.have_moved(date,date)|SELECT count(*) FROM generate_series(1, 100000) i WHERE stp_internal.have_moved(date '1900-01-01' - i, date '1900-01-02' - i)
stp_internal.reached_after(text,stp.period)|SELECT count(*) FROM generate_series(1, 10000), stp_internal.reached_after('large', '2026-03')
stp_internal.may_go_back(text,stp.period,text,stp.period,integer)|SELECT stp_internal.may_go_back('large', '2026-03', 'i1', '2026-03', 12) FROM generate_series(1, 100)
stp_internal.period_of_days(date,date)|SELECT count(*) FROM generate_series(1, 100000000) i WHERE stp_internal.period_of_days('2026-04-01', date '2026-04-30' + (i % 2)) IS NULL
stp_internal.is_missed(text,stp.period[],stp.period)|SELECT stp_internal.is_missed('i1', '{2026-02}', '2026-03') FROM generate_series(1, 100)
stp.leave_one_out(text,stp.period)|SELECT count(*) FROM stp.leave_one_out('large', '2026-03')
stp.leave_one_out(text,stp.period)|SELECT count(*) FROM stp.leave_one_out('wide', '2026-03')
stp.leave_one_out(text,stp.period)|SELECT count(*) FROM stp.leave_one_out('deep', '2026-03')
stp.missing_range(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_range('large', '2026-03')
stp.missing_range(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_range('large', '2028-03')
stp.missing_range(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_range('wide', '2026-03')
stp.missing_range(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_range('wide', '2028-03')
stp.missing_range(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_range('deep', '2026-03')
stp.missing_range(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_range('starry', '2028-03')
stp.missing_range(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_range('deep', '2028-03')
stp.missing_values(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_values('large', '2026-03')
stp.missing_values(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_values('large', '2028-03')
stp.missing_values(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_values('wide', '2026-03')
stp.missing_values(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_values('wide', '2028-03')
stp.missing_values(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_values('deep', '2026-03')
stp.missing_values(text,stp.period,text,text)|SELECT count(*) FROM stp.missing_values('deep', '2028-03')
max(stp.period)|SELECT max(period) FROM wild, generate_series(1, 100)
stp.mean(bigint,double precision,double precision,double precision)|SELECT stp.mean(9223372036854775807, 1e300, 1e300, 0.9999999999999999)
stp.mean_occupied(stp.census,stp.period)|SELECT count(stp.mean_occupied(census, '1998/99')) FROM many
min(stp.period)|SELECT min(period) FROM wild, generate_series(1, 100)
stp.min_max(double precision,double precision,double precision)|SELECT sum(s) FROM (SELECT stp.min_max(x, 0, 100) OVER () AS s FROM wild) s
stp.money(text)|SELECT stp.money(digits) FROM argument
stp.money(text)|SELECT stp.money(line) FROM argument
stp.occupied(stp.census,date)|SELECT count(stp.occupied(census, '1999-12-30')) FROM many
stp.organisation_readmission(stp.period,integer,text[],text[],boolean,text[],integer,integer,boolean,boolean)|SELECT count(*) FROM stp.organisation_readmission('2025/26', 36500, (SELECT texts FROM argument), (SELECT texts FROM argument), true, (SELECT texts FROM argument), 36500, 36500)
stp.outturn(double precision[],double precision,double precision[],double precision,double precision[],boolean)|SELECT stp.outturn(floats, 1, floats, 0.95, floats) FROM argument
stp.percentile_rank(double precision)|SELECT sum(s) FROM (SELECT stp.percentile_rank(x) OVER () AS s FROM wild) s
stp.exponential_rank(double precision,text)|SELECT sum(s) FROM (SELECT stp.exponential_rank(x) OVER () AS s FROM wild) s
stp.period(date,text)|SELECT stp.period('2026-03-01', digits) FROM argument
stp_internal.period_cmp(stp.period,stp.period)|SELECT stp_internal.period_cmp('2026-03', '2026/27')
stp_internal.period_contained(stp.period,stp.period)|SELECT stp_internal.period_contained('2026-03'::stp.period, '2026/27')
stp.contains(stp.period,date)|SELECT stp.contains('2026-03', '9999-12-31'::date)
stp_internal.period_contains(stp.period,stp.period)|SELECT stp_internal.period_contains('2026-03', '2026/27'::stp.period)
stp_internal.period_eq(stp.period,stp.period)|SELECT stp_internal.period_eq('2026-03', '2026/27')
stp_internal.period_ge(stp.period,stp.period)|SELECT stp_internal.period_ge('2026-03', '2026/27')
stp_internal.period_gt(stp.period,stp.period)|SELECT stp_internal.period_gt('2026-03', '2026/27')
stp_internal.period_hash(stp.period)|SELECT count(*) FROM (SELECT period FROM wild, generate_series(1, 100) GROUP BY period) g
stp_internal.period_hash_extended(stp.period,bigint)|SELECT stp_internal.period_hash_extended('2026-03', 1)
stp_internal.period_in(cstring)|SELECT digits::stp.period FROM argument
stp_internal.period_in(cstring)|SELECT (repeat(' ', 10000000) || '2026-03')::stp.period
stp_internal.period_larger(stp.period,stp.period)|SELECT stp_internal.period_larger('2026-03', '2026/27')
stp_internal.period_le(stp.period,stp.period)|SELECT stp_internal.period_le('2026-03', '2026/27')
stp_internal.period_lt(stp.period,stp.period)|SELECT stp_internal.period_lt('2026-03', '2026/27')
stp_internal.period_minus(stp.period,integer)|SELECT stp_internal.period_minus('2026-03', -2147483648)
stp_internal.period_minus(stp.period,stp.period)|SELECT stp_internal.period_minus('2026-03', '1900-04'::stp.period)
stp_internal.period_ne(stp.period,stp.period)|SELECT stp_internal.period_ne('2026-03', '2026/27')
stp_internal.period_out(stp.period)|SELECT count(period::text) FROM wild
stp_internal.period_overlaps(stp.period,stp.period)|SELECT stp_internal.period_overlaps('2026-03', '2026/27')
stp_internal.period_plus(integer,stp.period)|SELECT stp_internal.period_plus(2147483647, '2026-03')
stp_internal.period_plus(stp.period,integer)|SELECT stp_internal.period_plus('2026-03', 2147483647)
stp_internal.period_recv(internal)|COPY sent_period FROM 'FOLDER/period' (FORMAT binary)
stp_internal.period_send(stp.period)|COPY wild (period) TO '/dev/null' (FORMAT binary)
stp_internal.period_smaller(stp.period,stp.period)|SELECT stp_internal.period_smaller('2026-03', '2026/27')
stp_internal.period_support(internal)|SELECT count(*) FROM generate_series(1, 10000000) i WHERE stp.month(date '2016-01-01' + i % 100) = '2016-02'
stp_internal.period_sortsupport(internal)|SELECT count(*) FROM (SELECT FROM wild ORDER BY period USING < OFFSET 1) w
stp.periods(stp.period,stp.period)|SELECT count(*) FROM generate_series(1, 10000), stp.periods('1900-04', '2200-03')
stp.persons(text,stp.period,integer,integer,text,date)|SELECT stp.persons('S5000', '2026-03', 0, 2147483647, 'female')
stp_internal.persons_as_of(text,stp.period,integer,integer,text,date)|SELECT stp_internal.persons_as_of('S5000', '2026-03', 0, 2147483647, 'female')
stp.plan_scenario(text,text[],numeric[],numeric[],numeric[])|SELECT count(*) FROM stp.plan_scenario('S1', (SELECT texts FROM argument), (SELECT numerics FROM argument), (SELECT numerics FROM argument), (SELECT numerics FROM argument))
stp.proportion(double precision,double precision,double precision,double precision)|SELECT stp.proportion(1e-300, 1e300, 1e300, 0.9999999999999999)
stp.ranked_score(double precision,text,double precision,double precision)|SELECT sum(s) FROM (SELECT stp.ranked_score(x, 'higher', 900000, 100000) OVER () AS s FROM wild) s
stp.rate(double precision,double precision,double precision,double precision)|SELECT stp.rate(388.999, 1e300, 1e300, 0.9999999999999999)
stp.rate_difference(double precision,double precision,double precision,double precision,double precision,double precision)|SELECT stp.rate_difference(1e-300, 1e300, 388, 1e-300, 1, 0.9999999999999999)
stp.rate_ratio(double precision,double precision,double precision,double precision,double precision,double precision)|SELECT stp.rate_ratio(999999, 1, 999999, 1, 1, 0.9999999999999999), stp.rate_ratio(1e15, 1, 0.001, 1, 1, 0.9999999999999999)
stp_internal.rating_input(text,stp.period)|SELECT count(*) FROM stp_internal.rating_input('large', '2026-03')
stp_internal.rating_input(text,stp.period)|SELECT count(*) FROM stp_internal.rating_input('wide', '2026-03')
stp.ratio(double precision,double precision,double precision,double precision)|SELECT stp.ratio(1e-300, 1e300, 1e300, 0.9999999999999999)
stp_internal.reached_by(stp_internal.input_change[])|SELECT count(*) FROM stp_internal.reached_by((SELECT array_agg(ROW('observation', 'i1', '2026-03-01', '2026-03-31', now(), '1', now(), NULL)::stp_internal.input_change) FROM generate_series(1, 10000)))
stp_internal.reached_by_report(stp_internal.input_change[])|SELECT count(*) FROM stp_internal.reached_by_report((SELECT array_agg(ROW('observation', 'i1', '2026-03-01', '2026-03-31', now(), '1', now(), NULL)::stp_internal.input_change) FROM generate_series(1, 10000)))
stp_internal.reached_by_day(stp_internal.input_change[])|SELECT count(*) FROM stp_internal.reached_by_day((SELECT array_agg(ROW('membership', '', '2026-03-01', '2026-03-31', now(), '1', now(), NULL)::stp_internal.input_change) FROM generate_series(1, 10000)))
stp_internal.reached_by_target(stp_internal.input_change[])|SELECT count(*) FROM stp_internal.reached_by_target((SELECT array_agg(ROW('observation', 'i3', '2026-02-01', '2026-02-28', now(), '1', now(), NULL)::stp_internal.input_change) FROM generate_series(1, 1000)))
stp_internal.is_restored(timestamp with time zone)|SELECT stp_internal.is_restored('-infinity')
stp_internal.recording_time()|SELECT stp_internal.recording_time()
stp.rank_confidence(text,stp.period,double precision,integer,integer,bigint)|SELECT count(*) FROM stp.rank_confidence('large', '2026-03', draws => 100)
stp.rank_confidence(text,stp.period,double precision,integer,integer,bigint)|SELECT count(*) FROM stp.rank_confidence('wide', '2026-03', draws => 90000)
stp.rank_confidence(text,stp.period,double precision,integer,integer,bigint)|SELECT count(*) FROM stp.rank_confidence('deep', '2026-03', draws => 90000)
stp.rank_set(double precision[],double precision[],double precision,integer,integer,bigint,boolean)|SELECT count(*) FROM stp.rank_set((SELECT array_agg(i) FROM generate_series(1, 900) i), (SELECT array_agg(i) FROM generate_series(1, 900) i), draws => 100)
stp.rank_set(double precision[],double precision[],double precision,integer,integer,bigint,boolean)|SELECT count(*) FROM stp.rank_set('{1,2}', '{1,2}', draws => 200000)
stp.rank_set(double precision[],double precision[],double precision,integer,integer,bigint,boolean)|SELECT count(*) FROM stp.rank_set((SELECT array_agg(1) FROM generate_series(1, 1000000) i), (SELECT array_agg(1) FROM generate_series(1, 1000000) i))
stp.robustness(text,stp.period,integer,double precision,bigint,boolean)|SELECT count(*) FROM stp.robustness('large', '2026-03', 1000000)
stp.robustness(text,stp.period,integer,double precision,bigint,boolean)|SELECT count(*) FROM stp.robustness('large', '2026-03', 100)
stp.robustness(text,stp.period,integer,double precision,bigint,boolean)|SELECT count(*) FROM stp.robustness('wide', '2026-03', 1000000)
stp.robustness(text,stp.period,integer,double precision,bigint,boolean)|SELECT count(*) FROM stp.robustness('deep', '2026-03', 1000000)
stp.robustness(text,stp.period,integer,double precision,bigint,boolean)|SELECT count(*) FROM stp.robustness('starry', '2026-03', 1000000)
stp.rollup(stp.census)|SELECT stp.rollup(census) FROM many, generate_series(1, 100)
stp.rollup(stp.composite)|SELECT stp.rollup(composite) FROM many, generate_series(1, 100000)
stp.rollup(stp.spc)|SELECT stp.rollup(CASE i WHEN 1 THEN spc ELSE other END) FROM series, generate_series(1, 2) i
stp.rollup(stp.standardised)|SELECT stp.rollup(CASE i % 2 WHEN 0 THEN standardised ELSE other END) FROM many, generate_series(1, 100) i
stp_internal.scheme_definition(text)|SELECT length(stp_internal.scheme_definition('wide')::text)
stp_internal.scheme_scales(text)|SELECT count(*) FROM stp_internal.scheme_scales('wide')
stp_internal.scheme_scales(text)|SELECT count(*) FROM stp_internal.scheme_scales('deep')
stp_internal.scheme_scales_as_of(text)|SELECT count(*) FROM stp_internal.scheme_scales_as_of('wide')
stp_internal.scheme_scale_faults(text)|SELECT count(*) FROM stp_internal.scheme_scale_faults('wide')
stp_internal.scheme_scale_faults(text)|SELECT count(*) FROM stp_internal.scheme_scale_faults('deep')
stp_internal.scheme_scale_faults_as_of(text)|SELECT count(*) FROM stp_internal.scheme_scale_faults_as_of('wide')
stp_internal.scheme_rule_faults(text)|SELECT count(*) FROM stp_internal.scheme_rule_faults('wide')
stp_internal.scheme_rule_faults_as_of(text)|SELECT count(*) FROM stp_internal.scheme_rule_faults_as_of('wide')
stp_internal.scheme_node_faults(text)|SELECT count(*) FROM stp_internal.scheme_node_faults('wide')
stp_internal.scheme_node_faults(text)|SELECT count(*) FROM stp_internal.scheme_node_faults('deep')
stp_internal.scheme_node_faults_as_of(text)|SELECT count(*) FROM stp_internal.scheme_node_faults_as_of('wide')
stp_internal.scheme_setting_faults(text)|SELECT count(*) FROM stp_internal.scheme_setting_faults('wide')
stp_internal.scheme_setting_faults(text)|SELECT count(*) FROM stp_internal.scheme_setting_faults('deep')
stp_internal.scheme_setting_faults_as_of(text)|SELECT count(*) FROM stp_internal.scheme_setting_faults_as_of('wide')
stp_internal.scheme_tree_faults(text)|SELECT count(*) FROM stp_internal.scheme_tree_faults('wide')
stp_internal.scheme_tree_faults(text)|SELECT count(*) FROM stp_internal.scheme_tree_faults('deep')
stp_internal.scheme_tree_faults_as_of(text)|SELECT count(*) FROM stp_internal.scheme_tree_faults_as_of('wide')
stp_internal.scheme_faults(text)|SELECT count(*) FROM stp_internal.scheme_faults('wide')
stp_internal.scheme_faults(text)|SELECT count(*) FROM stp_internal.scheme_faults('deep')
stp_internal.scheme_faults_as_of(text)|SELECT count(*) FROM stp_internal.scheme_faults_as_of('wide')
stp.scheme_gaps(text)|SELECT count(*) FROM stp.scheme_gaps('wide')
stp_internal.scheme_gaps_as_of(text)|SELECT count(*) FROM stp_internal.scheme_gaps_as_of('wide')
stp.scheme_tree(text)|SELECT count(*) FROM stp.scheme_tree('deep')
stp_internal.scheme_tree_as_of(text)|SELECT count(*) FROM stp_internal.scheme_tree_as_of('deep')
stp_internal.settled_time()|SELECT stp_internal.settled_time()
stp_internal.source_reach(text)|SELECT covered FROM stp_internal.source_reach((SELECT line FROM argument))
stp.spell_delayed_days(stp.period,stp.period,boolean)|SELECT count(*) FROM stp.spell_delayed_days('1900-04', '2200-03', true)
stp_internal.spell_within(date,date)|SELECT count(*) FROM stp_internal.spell_within('1900-04-01', '2200-03-31')
stp_internal.spell_months()|SELECT count(*) FROM stp_internal.spell_months()
stp_internal.matching_conditions(text[],integer[])|SELECT count(*) FROM stp_internal.matching_conditions((SELECT array_agg('J' || i) FROM generate_series(1, 300000) i), '{70}')
stp_internal.stale_source(text,text)|SELECT count(stp_internal.stale_source('source', i::text)) FROM generate_series(1, 100000000) i
stp_internal.changed_spells(stp_internal.input_change[])|SELECT first_day FROM stp_internal.changed_spells((SELECT array_agg(ROW('spell', 'O' || i, '2026-03-01', '2026-03-31', '-infinity', '1', now(), NULL)::stp_internal.input_change) FROM generate_series(1, 100000) i))
stp.spell_discharge_delay(boolean)|SELECT count(*) FROM stp.spell_discharge_delay(false)
stp.spc(date,double precision)|SELECT stp.spc('2000-01-01', i) FROM generate_series(1, 100000000) i
stp.spc(date,double precision)|SELECT stp.spc(date '2000-01-01' + (i * 7919::bigint % 1000003)::int, i) FROM generate_series(1, 1000000) i
stp.spc(date,double precision,double precision)|SELECT stp.spc(date '2000-01-01' + i / 2, i, 1) FROM generate_series(1, 1000000) i
stp.spc(date,double precision,double precision,double precision)|SELECT count(s) FROM (SELECT stp.spc(date '2000-01-01', i, 1, 1) AS s FROM generate_series(1, 10000000) i GROUP BY i) s
stp_internal.spc_accum(stp.spc,date,double precision)|SELECT length(stp_internal.spc_accum(spc, '1999-01-01', 1)::text) FROM series
stp_internal.spc_accum(stp.spc,date,double precision,double precision)|SELECT length(stp_internal.spc_accum(spc, '1999-01-01', 1, 1)::text) FROM series
stp_internal.spc_accum(stp.spc,date,double precision,double precision,double precision)|SELECT length(stp_internal.spc_accum(spc, '1999-01-01', 1, 1, 1)::text) FROM series
stp_internal.spc_combine(stp.spc,stp.spc)|SELECT length(stp_internal.spc_combine(spc, other)::text) FROM series
stp_internal.spc_finish(stp.spc)|SELECT count(stp_internal.spc_finish(spc)) FROM sent_spc
stp_internal.spc_in(cstring)|SELECT spc_text::stp.spc FROM argument
stp_internal.spc_in(cstring)|SELECT line::stp.spc FROM argument
stp_internal.spc_out(stp.spc)|SELECT count(spc::text) FROM sent_spc
stp_internal.spc_recv(internal)|COPY sent_spc FROM 'FOLDER/spc' (FORMAT binary)
stp_internal.spc_send(stp.spc)|COPY sent_spc TO '/dev/null' (FORMAT binary)
stp.spc_points(stp.spc,text,text,text,integer,date[],date[],date,date,double precision,double precision,double precision,text)|SELECT count(*) FROM sent_spc, stp.spc_points(spc, 'higher')
stp.spc_points(stp.spc,text,text,text,integer,date[],date[],date,date,double precision,double precision,double precision,text)|SELECT count(*) FROM series, stp.spc_points(spc, 'higher', 'powerbi', 'p''', rebase => ARRAY(SELECT date '2000-01-01' + i FROM generate_series(1, 10000) i))
stp.spc_points(stp.spc,text,text,text,integer,date[],date[],date,date,double precision,double precision,double precision,text)|SELECT count(*) FROM series, stp.spc_points(spc, 'higher', 'powerbi', 'g')
stp.spc_summary(stp.spc,text,text,text,integer,date[],date[],date,date,double precision,double precision,double precision,text)|SELECT count(stp.spc_summary(spc, 'higher', chart => 'run')) FROM sent_spc
stp.standardise(double precision,double precision,double precision)|SELECT stp.standardise(1, i, 1) FROM generate_series(1, 100000000) i
stp.standardise(integer,double precision,double precision,double precision,integer)|SELECT stp.standardise(i, 1, i, 1, 1) FROM generate_series(1, 10000) i
stp_internal.standardised_accum(stp.standardised,double precision,double precision,double precision)|SELECT stp_internal.standardised_accum(NULL, 1, 1, 1)
stp_internal.standardised_accum(stp.standardised,integer,double precision,double precision,double precision,integer)|SELECT count(stp_internal.standardised_accum(standardised, 1, 1, 1, 1, 1)) FROM many
stp_internal.standardised_combine(stp.standardised,stp.standardised)|SELECT count(stp_internal.standardised_combine(standardised, other)) FROM many
stp_internal.standardised_in(cstring)|SELECT state_text::stp.standardised FROM argument
stp_internal.standardised_in(cstring)|SELECT line::stp.standardised FROM argument
stp_internal.standardised_out(stp.standardised)|SELECT count(standardised::text) FROM many
stp_internal.standardised_recv(internal)|COPY sent_standardised FROM 'FOLDER/standardised' (FORMAT binary)
stp_internal.standardised_send(stp.standardised)|COPY many (standardised) TO '/dev/null' (FORMAT binary)
stp.system_indicator(stp.period,text,date)|SELECT count(*) FROM stp.system_indicator('2025/26')
stp.system_indicator(stp.period,text,date)|SELECT count(*) FROM stp.system_indicator(boundaries => '2026-02-28')
stp_internal.heirs(text,date)|SELECT count(*) FROM stp_internal.heirs('organisation', '2026-01-01')
stp_internal.heirs_as_of(text,date)|SELECT count(*) FROM stp_internal.heirs_as_of('organisation', '2026-01-01')
stp_internal.heirs(text,date)|SELECT count(*) FROM stp_internal.heirs('organisation', '2000-02-01')
stp_internal.heirs_as_of(text,date)|SELECT count(*) FROM stp_internal.heirs_as_of('organisation', '2000-02-01')
stp_internal.existed(text,text,date)|SELECT count(*) FROM generate_series(1, 1000000) i WHERE stp_internal.existed('organisation', 'O' || i, '2026-01-01')
stp_internal.existed_as_of(text,text,date)|SELECT count(*) FROM generate_series(1, 1000000) i WHERE stp_internal.existed_as_of('organisation', 'O' || i, '2026-01-01')
stp_internal.absent_on(text,date)|SELECT count(*) FROM stp_internal.absent_on('organisation', '2026-01-01')
stp_internal.absent_on_as_of(text,date)|SELECT count(*) FROM stp_internal.absent_on_as_of('organisation', '2026-01-01')
stp_internal.places_at(date,date,date,date)|SELECT count(*) FROM stp_internal.places_at('2026-03-31', '-infinity', 'infinity', '2026-03-31')
stp_internal.places_at_as_of(date,date,date,date)|SELECT count(*) FROM stp_internal.places_at_as_of('2026-03-31', '-infinity', 'infinity', '2026-03-31')
stp_internal.system_shares_at(date,date,date,date)|SELECT count(*) FROM stp_internal.system_shares_at('2026-03-31', '-infinity', 'infinity', '2026-03-31')
stp_internal.system_shares_at_as_of(date,date,date,date)|SELECT count(*) FROM stp_internal.system_shares_at_as_of('2026-03-31', '-infinity', 'infinity', '2026-03-31')
stp_internal.shares_at(text,date,date,date,date)|SELECT count(*) FROM stp_internal.shares_at('system', '2026-03-31', '-infinity', 'infinity')
stp_internal.shares_at_as_of(text,date,date,date,date)|SELECT count(*) FROM stp_internal.shares_at_as_of('system', '2026-03-31', '-infinity', 'infinity')
stp_internal.counted_persons(text,stp.period,integer,integer,text,date)|SELECT count(stp_internal.counted_persons('S' || i, '2026-03', 0, NULL, NULL, '2026-03-31')) FROM generate_series(1, 10000) i
stp_internal.counted_persons_as_of(text,stp.period,integer,integer,text,date)|SELECT count(stp_internal.counted_persons_as_of('S' || i, '2026-03', 0, NULL, NULL, '2026-03-31')) FROM generate_series(1, 10000) i
stp_internal.may_report(text,date)|SELECT count(*) FROM generate_series(1, 1000000) i WHERE stp_internal.may_report('O' || i, '2026-01-01')
stp_internal.may_report_as_of(text,date)|SELECT count(*) FROM generate_series(1, 1000000) i WHERE stp_internal.may_report_as_of('O' || i, '2026-01-01')
stp_internal.origins(text[],date,text[],date[])|SELECT count(*) FROM stp_internal.origins(ARRAY(SELECT o.organisation FROM stp.organisation o), '2026-01-31', ARRAY(SELECT o.organisation FROM stp.organisation o), ARRAY(SELECT date '2020-01-31' FROM stp.organisation))
stp_internal.origins_as_of(text[],date,text[],date[])|SELECT count(*) FROM stp_internal.origins_as_of(ARRAY(SELECT o.organisation FROM stp.organisation o), '2026-01-31', ARRAY(SELECT o.organisation FROM stp.organisation o), ARRAY(SELECT date '2020-01-31' FROM stp.organisation))
stp_internal.silent_origins(text,stp.period,stp.period,stp.period)|SELECT count(*) FROM stp_internal.silent_origins('i1', '2026-01', '2025-01', '2026-01')
stp_internal.silent_origins_as_of(text,stp.period,stp.period,stp.period)|SELECT count(*) FROM stp_internal.silent_origins_as_of('i1', '2026-01', '2025-01', '2026-01')
stp_internal.tellers(text[],date[],date,date)|SELECT count(*) FROM stp_internal.tellers(ARRAY(SELECT o.organisation FROM stp.organisation o), ARRAY(SELECT date '2026-01-31' FROM stp.organisation), '1900-04-01', '2200-03-31')
stp_internal.tellers_as_of(text[],date[],date,date)|SELECT count(*) FROM stp_internal.tellers_as_of(ARRAY(SELECT o.organisation FROM stp.organisation o), ARRAY(SELECT date '2026-01-31' FROM stp.organisation), '1900-04-01', '2200-03-31')
stp_internal.counted_part(double precision,double precision,boolean,double precision,double precision,double precision,double precision,double precision)|SELECT count(c.share) FROM generate_series(1, 10000000) i CROSS JOIN LATERAL stp_internal.counted_part(1, 0, true, i, 1, NULL, NULL, NULL) c
stp_internal.counted_part_as_of(double precision,double precision,boolean,double precision,double precision,double precision,double precision,double precision)|SELECT count(c.share) FROM generate_series(1, 10000000) i CROSS JOIN LATERAL stp_internal.counted_part_as_of(1, 0, true, i, 1, NULL, NULL, NULL) c
stp_internal.restated_value(text,date)|SELECT count(*) FROM stp_internal.restated_value('system', '2026-02-28')
stp_internal.charted_boundaries(text,text)|SELECT count(stp_internal.charted_boundaries('i' || i, 'S1')) FROM generate_series(1, 1000000) i
stp_internal.charted_boundaries_as_of(text,text)|SELECT count(stp_internal.charted_boundaries_as_of('i' || i, 'S1')) FROM generate_series(1, 1000000) i
stp_internal.predecessors(text,text[],stp.period,stp.period)|SELECT count(*) FROM stp_internal.predecessors('large', (SELECT array_agg(system) FROM stp.system), '2026-02', '2026-03')
stp_internal.predecessors_as_of(text,text[],stp.period,stp.period)|SELECT count(*) FROM stp_internal.predecessors_as_of('large', (SELECT array_agg(system) FROM stp.system), '2026-02', '2026-03')
stp_internal.is_taken(text)|SELECT count(stp_internal.is_taken(repeat('whole', (i > 0)::int))) FROM generate_series(1, 10000000) i
stp_internal.mixed_reports(text[],text[],stp.period[],stp.period[])|SELECT count(*) FROM stp_internal.mixed_reports('{i1,i2,i3,i4}', '{latest,latest,whole,rolling 12}', array_fill('2026-02'::stp.period, '{4}'), array_fill('2026-03'::stp.period, '{4}'))
stp_internal.mixed_parts(text,text[],text[],stp.period[],stp.period[],text[],text[],date,date,boolean)|SELECT count(*) FROM stp_internal.mixed_parts('system', '{i1,i2,i3,i4}', '{latest,latest,whole,rolling 12}', array_fill('2026-02'::stp.period, '{4}'), array_fill('2026-03'::stp.period, '{4}'), (SELECT array_agg(system) FROM stp.system), (SELECT array_agg(system) FROM stp.system), '2026-02-28', '2026-03-31', true)
stp_internal.mixed_values(text,text[],text[],stp.period[],stp.period[],text[],text[],date,date,boolean)|SELECT count(*) FROM stp_internal.mixed_values('system', '{i1,i2,i3,i4}', '{latest,latest,whole,rolling 12}', array_fill('2026-02'::stp.period, '{4}'), array_fill('2026-03'::stp.period, '{4}'), (SELECT array_agg(system) FROM stp.system), (SELECT array_agg(system) FROM stp.system), '2026-02-28', '2026-03-31', true)
stp_internal.mixed_reports_as_of(text[],text[],stp.period[],stp.period[])|SELECT count(*) FROM stp_internal.mixed_reports_as_of('{i1,i2,i3,i4}', '{latest,latest,whole,rolling 12}', array_fill('2026-02'::stp.period, '{4}'), array_fill('2026-03'::stp.period, '{4}'))
stp_internal.mixed_parts_as_of(text,text[],text[],stp.period[],stp.period[],text[],text[],date,date,boolean)|SELECT count(*) FROM stp_internal.mixed_parts_as_of('system', '{i1,i2,i3,i4}', '{latest,latest,whole,rolling 12}', array_fill('2026-02'::stp.period, '{4}'), array_fill('2026-03'::stp.period, '{4}'), (SELECT array_agg(system) FROM stp.system), (SELECT array_agg(system) FROM stp.system), '2026-02-28', '2026-03-31', true)
stp_internal.mixed_values_as_of(text,text[],text[],stp.period[],stp.period[],text[],text[],date,date,boolean)|SELECT count(*) FROM stp_internal.mixed_values_as_of('system', '{i1,i2,i3,i4}', '{latest,latest,whole,rolling 12}', array_fill('2026-02'::stp.period, '{4}'), array_fill('2026-03'::stp.period, '{4}'), (SELECT array_agg(system) FROM stp.system), (SELECT array_agg(system) FROM stp.system), '2026-02-28', '2026-03-31', true)
stp_internal.charted_numerator(text,double precision,double precision,double precision)|SELECT count(stp_internal.charted_numerator('reports', i, i, 1)) FROM generate_series(1, 100000000) i
stp_internal.sole_heirs(date)|SELECT count(*) FROM stp_internal.sole_heirs('2026-01-01')
stp_internal.sole_heirs_as_of(date)|SELECT count(*) FROM stp_internal.sole_heirs_as_of('2026-01-01')
stp_internal.part_time(date,date)|SELECT count(*) FROM stp_internal.part_time('2026-01-01', '2026-03-31')
stp_internal.part_time_as_of(date,date)|SELECT count(*) FROM stp_internal.part_time_as_of('2026-01-01', '2026-03-31')
stp_internal.whole_indicator(stp.period,text,date)|SELECT count(*) FROM stp_internal.whole_indicator('2025/26', 'whole', '2026-03-31')
stp_internal.figure_to_chart_rows()|SELECT count(*) FROM stp_internal.figure_to_chart_rows()
stp.system_readmission(stp.period,integer,text[],text[],boolean,text[],integer,integer,boolean,boolean)|SELECT count(*) FROM stp.system_readmission('2025/26', 36500, (SELECT texts FROM argument), (SELECT texts FROM argument), true, (SELECT texts FROM argument), 36500, 36500)
stp.whole_sum(double precision)|SELECT stp.whole_sum(i) FROM generate_series(1, 100000000) i
stp_internal.whole_sum_accum(double precision,double precision)|SELECT stp_internal.whole_sum_accum(1, 1)
stp_internal.whole_sum_combine(double precision,double precision)|SELECT stp_internal.whole_sum_combine(1, 1)
stp_internal.whole_sum_final(double precision)|SELECT stp_internal.whole_sum_final(1)
stp_internal.cell_text(text)|SELECT length(stp_internal.cell_text(digits)) FROM argument
stp_internal.cell_number(text,text)|SELECT stp_internal.cell_number(NULL, digits) FROM argument
stp_internal.cell_count(text)|SELECT stp_internal.cell_count(digits) FROM argument
stp_internal.tidy_code(text)|SELECT length(stp_internal.tidy_code(digits || ' ')) FROM argument
stp_internal.ods_code(text)|SELECT length(stp_internal.ods_code(digits || ' ')) FROM argument
stp_internal.is_national(text)|SELECT stp_internal.is_national(digits) FROM argument
stp_internal.readable_period(text)|SELECT stp_internal.readable_period(digits), stp_internal.readable_period(line) FROM argument
stp_internal.refuse_faults(text[],text[],text[],text)|SELECT stp_internal.refuse_faults(texts, texts, texts) FROM argument
stp_internal.period_fault(text)|SELECT stp_internal.period_fault(digits) FROM argument
stp_internal.refuse_reports(text[],text[],text[],text[],text[],text[])|SELECT stp_internal.refuse_reports(texts, texts, texts, texts, texts, texts) FROM argument
stp_internal.load_reports(text[],text[],text[],text[],text[],text[])|SELECT stp_internal.load_reports(texts, texts, texts, texts, texts, texts) FROM argument
stp_internal.refuse_percentile(double precision,double precision[],numeric[])|SELECT stp_internal.refuse_percentile(0.5, wild, numerics) FROM argument
stp.weighted_percentile(double precision,double precision[],numeric[])|SELECT stp.weighted_percentile(0.5, wild, numerics) FROM argument
stp.year_to_date(stp.period)|SELECT stp.year_to_date('2026-03')
stp.z_score(double precision)|SELECT sum(s) FROM (SELECT stp.z_score(x) OVER () AS s FROM wild) s
stp_internal.begin_refresh(text,timestamp with time zone,timestamp with time zone)|SELECT stp_internal.begin_refresh(NULL, NULL, now())
stp_internal.note_stale(text,timestamp with time zone,timestamp with time zone)|SELECT stp_internal.note_stale(NULL, NULL, now())
stp_internal.refresh_next(text,timestamp with time zone,timestamp with time zone)|SELECT stp_internal.refresh_next(NULL, NULL, now())
stp_internal.end_refresh(text,timestamp with time zone,timestamp with time zone)|SELECT stp_internal.end_refresh(NULL, NULL, now())
stp_internal.take_stale(text,timestamp with time zone,timestamp with time zone)|SELECT stp_internal.take_stale(NULL, NULL, now())
stp_internal.count_failure(stp.refresh_log,stp_internal.failure)|SELECT count(stp_internal.count_failure((now(), now(), now(), i, NULL, NULL, NULL, NULL, NULL, 'error'), NULL)) FROM generate_series(1, 1000000) i
stp_internal.describe(text,text,date,date)|SELECT length(stp_internal.describe(digits, digits, '-infinity', '9999-12-31')) FROM argument
stp_internal.refresh_source(text,timestamp with time zone)|CALL stp_internal.refresh_source('spell', now())
stp.copy_scheme(text,text)|CALL stp.copy_scheme('wide', 'copy')
stp_internal.take_ae_return(boolean)|CALL stp_internal.take_ae_return(false)
stp.load_ae_return(boolean,boolean,bigint,bigint,bigint,bigint)|CALL stp.load_ae_return(false, false, NULL, NULL, NULL, NULL)
stp.load_dtoc_return(date,boolean,bigint,bigint,bigint,bigint)|CALL stp.load_dtoc_return('2026-03-01', false, NULL, NULL, NULL, NULL)
stp_internal.note_reached(stp_internal.input_change[],text,timestamp with time zone)|CALL stp_internal.note_reached((SELECT array_agg(('observation', 'i' || i, date '1900-04-01' + 30 * m, date '1900-04-01' + 30 * m + 29, now(), '1'::xid8, now(), NULL)::stp_internal.input_change) FROM generate_series(1, 4) i, generate_series(0, 3600) m), NULL, now())
stp_internal.was_known(timestamp with time zone)|SELECT count(*) FROM generate_series(1, 100000000) i WHERE stp_internal.was_known(timestamptz '2020-01-01')
stp_internal.estimate_known(internal)|EXPLAIN SELECT * FROM stp_internal.observation_as_of
stp_internal.check_alone(regclass,regclass)|SELECT stp_internal.check_alone('stp.system', 'stp.system')
stp_internal.take_turn(regclass)|SELECT stp_internal.take_turn('stp.system')
stp_internal.sha256_hex(text)|SELECT stp_internal.sha256_hex(line) FROM argument
stp_internal.input_hash(text,stp.period)|SELECT stp_internal.input_hash('large', '2026-03')
stp_internal.result_hash(stp.published_node[])|SELECT stp_internal.result_hash(array_agg(ROW(1, 'large', '2026-03'::stp.period, a.*)::stp.published_node)) FROM stp.assess('large', '2026-03') a
stp_internal.publication_hash(stp.publication,text)|SELECT stp_internal.publication_hash(NULL, digits) FROM argument
stp_internal.publish(text,stp.period,text,text)|CALL stp_internal.publish('large', '2026-03', 'First', 'me')
stp.verify(text,stp.period)|SELECT count(*) FROM stp.verify()
stp.publish(text,stp.period,text)|CALL stp.publish('large', '2026-03', 'First')
stp.refresh(text,timestamp with time zone)|CALL stp.refresh('large')
stp.refresh(text,timestamp with time zone)|CALL stp.refresh('wide')
stp_internal.replace_before(text,stp.period,boolean)|SELECT stp_internal.replace_before('large', '2026-03', true)
stp_internal.replace_explanation(text,stp.period)|CALL stp_internal.replace_explanation('large', '2026-03')
stp_internal.replace_detail(text,stp.period)|CALL stp_internal.replace_detail('large', '2026-03')
stp_internal.change_parts(text,stp.period,stp.period,text,text)|SELECT count(*) FROM stp_internal.change_parts('large', '2026-02', '2026-03')
stp_internal.replace_change(text,stp.period)|CALL stp_internal.replace_change('large', '2026-03')
stp_internal.has_detail(text,stp.period)|SELECT stp_internal.has_detail('large', '2026-03') FROM generate_series(1, 1000)
stp_internal.period_after(stp.period)|SELECT count(stp_internal.period_after('2026-01')) FROM generate_series(1, 3000000)
stp_internal.replace_rating(text,stp.period,timestamp with time zone,integer)|CALL stp_internal.replace_rating('large', '2026-03', now(), 1)
stp_internal.reached_figures(stp_internal.input_change[])|SELECT count(*) FROM stp_internal.reached_figures((SELECT array_agg(ROW('observation', 'i1', '2026-03-01', '2026-03-31', now(), '1', now(), NULL)::stp_internal.input_change) FROM generate_series(1, 1000000)))
stp_internal.reached_kept(stp_internal.input_change[])|SELECT count(*) FROM stp_internal.reached_kept((SELECT array_agg(ROW('membership', '', '2026-03-01', '2026-03-31', now(), '1', now(), NULL)::stp_internal.input_change) FROM generate_series(1, 1000000)))
stp_internal.reasons(stp_internal.input_change[])|SELECT stp_internal.reasons((SELECT array_agg(ROW('observation', 'i' || i, '2026-03-01', '2026-03-31', now(), '1', now(), NULL)::stp_internal.input_change) FROM generate_series(1, 1000000) i))
stp_internal.take_stale_figure(text,timestamp with time zone,timestamp with time zone)|SELECT stp_internal.take_stale_figure(NULL, NULL, now())
stp_internal.refresh_next_figure(text,timestamp with time zone,timestamp with time zone)|SELECT stp_internal.refresh_next_figure(NULL, NULL, now())
stp_internal.replace_figures(text,date,date,boolean,integer)|CALL stp_internal.replace_figures('i1', '-infinity', 'infinity', true, NULL)
stp_internal.replace_charts(text,text[])|CALL stp_internal.replace_charts('i1', ARRAY(SELECT system FROM stp.system))
stp_internal.replace_spans(text,text[])|CALL stp_internal.replace_spans('i1', ARRAY(SELECT system FROM stp.system))
stp_internal.replace_funnel(text)|CALL stp_internal.replace_funnel('i1')
stp_internal.replace_kept(text,date,date,integer)|CALL stp_internal.replace_kept('delay', '-infinity', 'infinity', NULL)
stp_internal.system_membership_rows()|SELECT count(t::text) FROM stp_internal.system_membership_rows() t
stp_internal.system_membership_rows_as_of()|SELECT count(t::text) FROM stp_internal.system_membership_rows_as_of() t
stp_internal.counted_report_rows()|SELECT count(t::text) FROM stp_internal.counted_report_rows() t
stp_internal.counted_report_rows_as_of()|SELECT count(t::text) FROM stp_internal.counted_report_rows_as_of() t
stp_internal.system_value_rows()|SELECT count(t::text) FROM stp_internal.system_value_rows() t
stp_internal.system_value_rows_as_of()|SELECT count(t::text) FROM stp_internal.system_value_rows_as_of() t
stp_internal.organisation_value_rows()|SELECT count(t::text) FROM stp_internal.organisation_value_rows() t
stp_internal.charted_series_rows()|SELECT count(t::text) FROM stp_internal.charted_series_rows() t
stp_internal.charted_figure_rows()|SELECT count(t::text) FROM stp_internal.charted_figure_rows() t
stp_internal.financial_month_rows()|SELECT count(t::text) FROM stp_internal.financial_month_rows() t
stp_internal.system_finance_part_rows()|SELECT count(t::text) FROM stp_internal.system_finance_part_rows() t
stp_internal.organisation_finance_rows()|SELECT count(t::text) FROM stp_internal.organisation_finance_rows() t
stp_internal.system_finance_rows()|SELECT count(t::text) FROM stp_internal.system_finance_rows() t
stp_internal.system_delay_detail_rows()|SELECT count(t::text) FROM stp_internal.system_delay_detail_rows() t
stp_internal.finance_forecast_rows()|SELECT count(t::text) FROM stp_internal.finance_forecast_rows() t
stp_internal.system_delay_value_rows()|SELECT count(t::text) FROM stp_internal.system_delay_value_rows() t
stp_internal.stay_frequency_rows()|SELECT count(t::text) FROM stp_internal.stay_frequency_rows() t
stp_internal.spell_month_rows()|SELECT count(t::text) FROM stp_internal.spell_month_rows() t
stp_internal.spell_figure_rows()|SELECT count(t::text) FROM stp_internal.spell_figure_rows() t
stp_internal.rated_period_rows()|SELECT count(t::text) FROM stp_internal.rated_period_rows() t
stp_internal.rated_unit_rows()|SELECT count(t::text) FROM stp_internal.rated_unit_rows() t
stp_internal.hidden_rating_rows()|SELECT count(t::text) FROM stp_internal.hidden_rating_rows() t
stp_internal.rating_history_rows()|SELECT count(t::text) FROM stp_internal.rating_history_rows() t
stp_internal.indicator_history_rows()|SELECT count(t::text) FROM stp_internal.indicator_history_rows() t
stp_internal.shares_on(text,date)|SELECT count(*) FROM (SELECT organisation FROM stp.organisation) o, LATERAL stp_internal.shares_on(o.organisation, '9999-12-31') m
stp_internal.shares_on_as_of(text,date)|SELECT count(*) FROM (SELECT organisation FROM stp.organisation) o, LATERAL stp_internal.shares_on_as_of(o.organisation, '9999-12-31') m
stp_internal.had_ended(text,text,date)|SELECT count(*) FROM generate_series(1, 100000000) i WHERE stp_internal.had_ended('system', 'S' || i, '2026-04-01')
stp_internal.had_ended_as_of(text,text,date)|SELECT count(*) FROM generate_series(1, 100000000) i WHERE stp_internal.had_ended_as_of('system', 'S' || i, '2026-04-01')
stp_internal.succession_faults(text,text)|SELECT count(*) FROM generate_series(1, 10000) i CROSS JOIN stp_internal.succession_faults('system', 'S' || i)
stp_internal.list_codes(text[])|SELECT stp_internal.list_codes(texts) FROM argument
stp_internal.without(text[],text)|SELECT cardinality(stp_internal.without(texts, 'x1')) FROM argument
stp_internal.argument_faults(text,text[],text[],numeric[],date,text[])|SELECT count(*) FROM argument, stp_internal.argument_faults(digits, texts[:1000], texts[:1000], numerics[:1000], 'infinity', texts[:1000])
stp_internal.predecessor_faults(text,text[],date)|SELECT count(*) FROM argument, stp_internal.predecessor_faults('system', texts[:1000], '2026-04-01')
stp_internal.successor_faults(text,text[],text[],text[],text)|SELECT count(*) FROM argument, stp_internal.successor_faults('system', texts[:1000], texts[:1000], texts[:1000], 'R1')
stp_internal.make_systems(text[],text[],text[],text,date)|SELECT cardinality(stp_internal.make_systems('{S1}', texts[:1000], texts[:1000], 'R1', '2026-04-01')) FROM argument
stp_internal.make_organisations(text[],text[],text[])|SELECT cardinality(stp_internal.make_organisations('{O1}', texts[:1000], texts[:1000])) FROM argument
stp_internal.move_duties(text[],text[],date)|SELECT stp_internal.move_duties(texts[:1000], texts[:1000], '2026-04-01') FROM argument
stp_internal.placement(text[],text[],date)|SELECT cardinality(stp_internal.placement('{O1}', texts[:1000], '2026-04-01')) FROM argument
stp_internal.put_memberships(stp.membership[])|SELECT stp_internal.put_memberships(array_agg(ROW('O' || i % 10000 + 1, 'S1', 1, date '2026-04-01' + i, NULL, NULL, now())::stp.membership)) FROM generate_series(1, 100000) i
stp_internal.end_memberships(stp.membership[],date)|SELECT stp_internal.end_memberships(array_agg(m), '2026-04-01') FROM stp.membership m WHERE m.organisation < 'O11'
stp_internal.move_organisations(text[],text[],text[],date)|SELECT stp_internal.move_organisations(texts[:1000], texts[:1000], texts[:1000], '2026-04-01') FROM argument
stp_internal.merged_shares(text[],text[],text,date)|SELECT cardinality(stp_internal.merged_shares(array_agg('O' || i), array_agg('S' || i), 'S1', '2026-04-01')) FROM generate_series(1, 1000) i
stp_internal.move_systems(text[],text[],text[],date)|SELECT stp_internal.move_systems(array_agg('S' || i), '{S1}', array_agg('S' || i), '2026-04-01') FROM generate_series(2, 1001) i
stp_internal.succeed(text,text[],text[],numeric[],date,text[],text,text)|CALL stp_internal.succeed('system', string_to_array('S2' || repeat(',S3', 100000), ','), '{S1}', '{1}', '2026-04-01', NULL, NULL, NULL)
stp.merge_organisations(text[],text,date,text,text)|CALL stp.merge_organisations(string_to_array('O1' || repeat(',O2', 100000), ','), 'O3', '2026-04-01')
stp.split_organisation(text,text[],numeric[],date,text[],text)|CALL stp.split_organisation('O1', string_to_array('O2' || repeat(',O3', 100000), ','), '{0.5,0.5}', '2026-04-01')
stp.merge_systems(text[],text,date,text,text,text)|CALL stp.merge_systems(string_to_array('S1' || repeat(',S2', 100000), ','), 'S3', '2026-04-01')
stp.split_system(text,text[],numeric[],date,text[],text,text)|CALL stp.split_system('S1', string_to_array('S2' || repeat(',S3', 100000), ','), '{0.5,0.5}', '2026-04-01')
stp.rename_code(text,text,text,date,text,text,text)|CALL stp.rename_code('system', 'S1', repeat('9', 1000000), '2026-04-01')
stp_internal.take_observations(text,stp_internal.input_change[],integer)|CALL stp_internal.take_observations('spell', NULL, 0)
stp_internal.is_adult(integer)|SELECT count(stp_internal.is_adult(i % 100)) FROM generate_series(1, 100000000) i
stp_internal.kind_of_source(text)|SELECT count(stp_internal.kind_of_source(i || '.x')) FROM generate_series(1, 10000000) i
stp_internal.read_source(text,text[])|SELECT count(*) FROM stp_internal.read_source('public.many_observations', NULL)
stp_internal.only_source(stp.observation,text)|SELECT count(stp_internal.only_source(ROW(NULL, NULL, NULL, i, NULL, NULL, NULL, NULL, NULL)::stp.observation, $$a$$)) FROM generate_series(1, 10000000) i
stp.source_changed(text,text[])|CALL stp.source_changed('spell', ARRAY(SELECT i::text FROM generate_series(1, 10000000) i))
stp_internal.is_distributed(regclass)|SELECT count(stp_internal.is_distributed('stp.spell')) FROM generate_series(1, 10000000)
stp_internal.refuse_spells(text,regclass)|DO $$ BEGIN LOOP CALL stp_internal.refuse_spells('public', 'stp.spell'); END LOOP; END $$
stp_internal.copy_reader_comments(stp_internal.spell_reader,text)|DO $$ DECLARE r stp_internal.spell_reader; BEGIN SELECT * INTO r FROM stp_internal.spell_reader WHERE name = 'spell_reach'; CREATE VIEW pg_temp.spell_reach AS SELECT * FROM stp_internal.spell_reach; LOOP CALL stp_internal.copy_reader_comments(r, 'pg_temp'); END LOOP; END $$
stp.make_spell_views(text,regclass)|DO $$ BEGIN LOOP CALL stp.make_spell_views('pg_temp', 'stp.spell'); END LOOP; END $$
};

# A statement that changes much does the work of many triggers, which cannot be called by themselves. What is deferred to
# the commit is not under statement_timeout: the server switches it off before.
my $CHANGES = q{
load|INSERT INTO stp.observation (indicator, organisation, period, numerator, denominator) SELECT 'i' || i, 'O' || u, '2026-01', 1, 2 FROM generate_series(1, 10000) u, generate_series(1, 4) i
load a file|INSERT INTO stp.observation_text SELECT 'i' || i, 'O' || u, '2026-02', '1', '2', '' FROM generate_series(1, 10000) u, generate_series(1, 4) i
correct|UPDATE stp.observation SET numerator = 0
delete|DELETE FROM stp.observation
empty|TRUNCATE stp.observation
move|UPDATE stp.membership SET system = 'S1'
edit a scheme|UPDATE stp.scheme_node SET weight = 2 WHERE scheme = 'large'
};

# The cases of a list: what is called, and how.
sub cases_of
{
	my ($list) = @_;
	$list =~ s/FOLDER/$folder/g;
	return map { [ split /\|/, $_, 2 ] } grep { /\|/ } split /\n/, $list;
}

# What the backend says of itself, where the system tells: the most memory that it had (kB), its user time (in hundredths of
# seconds).
my %USAGE = (memory => [ 'status', 'VmHWM:\s+(\d+)' ], cpu => [ 'stat', '\) \S(?: \S+){10} (\d+)' ]);
my $USAGE = join ' ', map { -e "/proc/self/$USAGE{$_}[0]"
	  ? "SELECT '$_ ' || substring(pg_read_file('/proc/self/$USAGE{$_}[0]') FROM '$USAGE{$_}[1]');" : () } sort keys %USAGE;

# What psql does of a case: at one timeout after the other, until it ends by itself, each in a session of its own.
sub script_of
{
	my ($statement, $timeout, @longer) = @_;
	return join "\n", '\c -', q{LOAD 'stp_metrics';}, $USAGE, "SET statement_timeout = $timeout;",
		'\timing on', "$statement;", '\set state :SQLSTATE', '\timing off', 'RESET statement_timeout;', $USAGE, '\echo state :state', '\echo ---- end of run',
		@longer ? (q{SELECT :'state' = '57014' AS again \gset}, '\if :again', script_of($statement, @longer), '\endif') : ();
}

# What it said of a run at a timeout: how long it took in milliseconds, how it ended, the memory in megabytes.
sub read_run
{
	my ($timeout, $said) = @_;
	my ($elapsed) = $said =~ /^Time: ([\d.]+) ms/m;
	my ($state) = $said =~ /^state (\w+)$/m;
	return { timeout => $timeout, elapsed => 1000 * $PATIENCE, state => 'no answer', memory => 0 } unless defined $elapsed && defined $state;
	my @cpu = $said =~ /^cpu (\d+)/mg;
	my @memory = $said =~ /^memory (\d+)/mg;
	my $on_processor = @cpu == 2 ? ($cpu[1] - $cpu[0]) * 10 : $elapsed;
	return { timeout => $timeout, elapsed => $on_processor < $elapsed ? $on_processor : $elapsed, state => $state,
		memory => ($memory[-1] // 0) / 1024 };
}

# Run statements: of each its runs, in order. One psql does several, because to start it takes longer than most; what ends neither
# by itself nor at its timeout, or takes the server with it, leaves those behind it without an answer, which is late.
sub run_cases
{
	my (@statements) = @_;
	my (undef, $out) = $node->psql('postgres', join("\n", map { script_of($_, @TIMEOUTS), '\echo ---- end of case' } @statements), on_error_stop => 0,
		extra_params => [ '-v', 'VERBOSITY=sqlstate' ], timeout => $PATIENCE + 5 * @statements, timed_out => \my $timed_out);
	my @said = split /^---- end of case$/m, $out // '', -1;
	return map {
		my @runs = split /^---- end of run$/m, $said[$_] // '', -1;
		pop @runs if $_ < $#said; # what is behind its last run
		[ map { read_run($TIMEOUTS[$_], $runs[$_] // '') } 0 .. (@runs ? $#runs : 0) ]
	} 0 .. $#statements;
}

sub is_late { return $_[0]{elapsed} > $_[0]{timeout} + $OVERRUN }

# What crashes or breaks is no end, nor what calls nothing of ours. What was late is tried again, by itself.
sub check_case
{
	my ($called, $statement, $runs) = @_;
	for (2 .. $TRIES)
	{
		last unless grep { is_late($_) } @$runs;
		($runs) = run_cases($statement);
	}
	my @wrong;
	for my $run (@$runs)
	{
		push @wrong, sprintf '%.0f ms at a timeout of %d', $run->{elapsed}, $run->{timeout} if is_late($run);
		push @wrong, sprintf '%.0f MB', $run->{memory} if $run->{memory} > $MEMORY;
		push @wrong, $run->{state} if $run->{state} =~ /^(XX|53200|42601|42883|42P01)/;
	}
	is(join(', ', @wrong), '', "$called: " . substr($statement, 0, 120));
}

my %functions = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', q{
	SELECT p.oid::regprocedure
	  FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid JOIN pg_proc p ON p.oid = d.objid
	 WHERE d.refclassid = 'pg_extension'::regclass AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND e.extname = 'stp_metrics'
	   AND p.prorettype <> 'trigger'::regtype});
my %called = map { $_->[0] => 1 } cases_of($CASES);
is(join("\n", sort grep { !$called{$_} } keys %functions), '', 'every function has a case: those that have none');
is(join("\n", sort grep { !$functions{$_} } keys %called), '', 'every case has a function: those that have none');
my @cases = (cases_of($CASES), cases_of($CHANGES));
while (my @some = splice @cases, 0, 20)
{
	my @runs = run_cases(map { $_->[1] } @some);
	check_case(@{ $some[$_] }, $runs[$_]) for 0 .. $#some;
}

$node->stop;
done_testing();
