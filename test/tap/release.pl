# A release: what tells the version tells the same one, META.json is as PGXN's specification has it, and make release, make next and
# make dist do what CONTRIBUTING.md says, in a repository made here of the tree.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Made;
use File::Basename;
use IO::Uncompress::Unzip;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# PGXN Meta Spec 1.0.0 --------------------------------------------------------------------------------------------
# A rule is a test of a text, [ rule ] of a list, { key => rule } of an object, in which a key with ! must be there, * is any other
# term, and keys of one's own begin with x_; several rules in one sub are alternatives.
my $text = sub { !ref $_[0] && length $_[0] };
my $term = sub { !ref $_[0] && $_[0] =~ m{^[^\s/\\[:cntrl:]]{2,}$} };
my $number = qr/(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-?[A-Za-z][0-9A-Za-z.-]*)?/;
my $version = sub { !ref $_[0] && $_[0] =~ /^$number$/ };
my $range = sub { !ref $_[0] && $_[0] =~ /^(?:0|(?:(?:==|!=|>=|<=|>|<) ?)?$number(?:, ?(?:==|!=|>=|<=|>|<) ?$number)*)$/ };
my $address = sub { !ref $_[0] && $_[0] =~ m{^[a-z][a-z+]*://[^\s/]+(/\S*)?$} };
my $path = sub { !ref $_[0] && $_[0] =~ m{^[^/\\][^\\]+$} && $_[0] !~ m{(^|/)\.\.(/|$)} };
my $licences = join '|', qw(agpl_3 apache_1_1 apache_2_0 artistic_1 artistic_2 bsd freebsd gfdl_1_2 gfdl_1_3 gpl_1 gpl_2 gpl_3 lgpl_2_1 lgpl_3_0
  mit mozilla_1_0 mozilla_1_1 openssl perl_5 postgresql qpl_1_0 ssleay sun zlib open_source restricted unrestricted unknown);
my $licence = sub { !ref $_[0] && $_[0] =~ /^(?:$licences)$/ };
my $relations = { map { $_ => { '*' => $range } } qw(requires recommends suggests conflicts) };
my $specification = {
	'!name' => $term,
	'!version' => $version,
	'!abstract' => $text,
	'!maintainer' => sub { one_of($_[0], $text, [$text]) },
	'!license' => sub { one_of($_[0], $licence, [$licence], { '*' => $address }) },
	'!provides' => { '*' => { '!file' => $path, '!version' => $version, abstract => $text, docfile => $path } },
	'!meta-spec' => { '!version' => sub { $_[0] =~ /^1\.0\.\d+$/ }, url => sub { $_[0] =~ m{^https?://pgxn\.org/meta/spec\.txt$} } },
	description => $text,
	generated_by => $text,
	release_status => sub { $_[0] =~ /^(?:stable|testing|unstable)$/ },
	tags => [ sub { !ref $_[0] && $_[0] =~ m{^[^/\\[:cntrl:]]{2,255}$} } ],
	no_index => { file => [$path], directory => [$path] },
	prereqs => { map { $_ => $relations } qw(configure build test runtime develop) },
	resources => {
		homepage => $address,
		bugtracker => { web => $address, mailto => sub { $_[0] =~ /^[^@\s]+@[^@\s]+$/ } },
		repository => { url => $address, web => $address, type => sub { $_[0] =~ /^[a-z]+$/ } }
	} };

sub one_of { my ($value, @rules) = @_; return scalar grep { !faults($value, $_, '') } @rules }

sub faults_of_object
{
	my ($value, $rules, $at) = @_;
	my @faults = map { exists $value->{ substr $_, 1 } ? () : "$at has no " . substr $_, 1 } grep { /^!/ } keys %$rules;
	push @faults, "$at is empty" unless %$value;
	for my $key (grep { !/^x_./i } keys %$value)
	{
		my $rule = $rules->{"!$key"} || $rules->{$key} || ($term->($key) && $rules->{'*'});
		push @faults, $rule ? faults($value->{$key}, $rule, "$at $key") : "$at may have no $key";
	}
	return @faults;
}

sub faults
{
	my ($value, $rule, $at) = @_;
	return $rule->($value) ? () : "$at is wrong" if ref $rule eq 'CODE';
	return "$at is of another kind" unless ref $value eq ref $rule;
	return faults_of_object($value, $rule, $at) if ref $rule eq 'HASH';
	return "$at is empty" unless @$value;
	return map { faults($_, $rule->[0], $at) } @$value;
}

sub meta { return decode_json(slurp_file("$_[0]/META.json")) }

is_deeply([ faults(meta('.'), $specification, 'META.json') ], [], 'META.json is as the specification has it');
my %wrong = (
	'no abstract' => sub { delete $_[0]{abstract} },
	'a version of two numbers' => sub { $_[0]{version} = '0.2' },
	'a status of its own' => sub { $_[0]{release_status} = 'unreleased' },
	'a licence of its own' => sub { $_[0]{license} = 'PostgreSQL' },
	'a path up' => sub { $_[0]{provides}{stp_metrics}{file} = '../x.sql' },
	'a prerequisite without a relation' => sub { $_[0]{prereqs}{runtime} = { PostgreSQL => '15.0.0' } },
	'a tag with a slash' => sub { push @{ $_[0]{tags} }, 'a/b' },
	'a key that nobody knows' => sub { $_[0]{author} = 'x' },
	'no tags in tags' => sub { $_[0]{tags} = [] },
	'an address without a scheme' => sub { $_[0]{resources}{homepage} = 'stp-metrics' });
for my $what (sort keys %wrong)
{
	my $meta = meta('.');
	$wrong{$what}->($meta);
	is(scalar(faults($meta, $specification, 'META.json')), 1, "a META.json with $what is not");
}

# One version ------------------------------------------------------------------------------------------------------
sub in_three { my ($version) = @_; return $version =~ /^\d+\.\d+$/ ? "$version.0" : $version }

sub control_version { return slurp_file("$_[0]/stp_metrics.control") =~ /^default_version = '(.*)'/m ? $1 : undef }

# What is wrong with what a tree says of its version.
sub disagreements
{
	my ($tree) = @_;
	my $number = control_version($tree);
	my $frozen = "updates/stp_metrics--$number.sql";
	my ($meta, $debian, $changes) = (meta($tree), slurp_file("$tree/debian/changelog"), slurp_file("$tree/CHANGELOG.md"));
	my ($top) = $changes =~ /^## (.*)/m;
	my $released = -e "$tree/$frozen";
	my %holds = (
		'META.json: version' => $meta->{version} eq in_three($number) && $meta->{provides}{stp_metrics}{version} eq in_three($number),
		'META.json: file' => $meta->{provides}{stp_metrics}{file} eq $frozen,
		'META.json: release_status' => $meta->{release_status} eq ($released ? 'stable' : 'unstable'),
		'CHANGELOG.md' => $released ? $top =~ /^\[\Q$number\E\] - \d{4}-\d\d-\d\d$/ : $top eq '[Unreleased]',
		'debian/changelog' => $debian =~ /^stp-metrics \(\Q$number\E\) @{[ $released ? 'unstable' : 'UNRELEASED' ]};/,
		'the frozen script' => !$released || slurp_file("$tree/$frozen") eq made_script($tree, $number));
	return [ sort grep { !$holds{$_} } keys %holds ];
}

# The script as the sources are now.
sub made_script
{
	my ($tree, $number) = @_;
	unlink "$tree/stp_metrics--$number.sql";
	system_or_bail('make', '-s', '-C', $tree, "stp_metrics--$number.sql");
	return slurp_file("$tree/stp_metrics--$number.sql");
}

# Keep a Changelog: each version with its day, each line under a heading of the six.
sub stray_lines
{
	my ($kind, @stray) = ('');
	for (split /\n/, $_[0] =~ s/\A# Changelog\n.*?(?=^## )//msr)
	{
		if (/^## /) { $kind = ''; push @stray, $_ unless /^## \[(?:Unreleased|[\d.]+\] - \d{4}-\d\d-\d\d$)/ }
		elsif (/^### (.*)/) { $kind = $1; push @stray, $_ unless $kind =~ /^(?:Added|Changed|Deprecated|Removed|Fixed|Security)$/ }
		elsif (/\S/ && (!$kind || !/^(?:- |  \S)/ || /^- (?:Added|Changed|Deprecated|Removed|Fixed|Security):/)) { push @stray, $_ }
	}
	return \@stray;
}

# A repository of the tree -------------------------------------------------------------------------------------------
my $tree = PostgreSQL::Test::Utils::tempdir() . '/tree';
$ENV{"GIT_$_"} = 'test' for qw(AUTHOR_NAME COMMITTER_NAME);
$ENV{"GIT_$_"} = 'test@example.org' for qw(AUTHOR_EMAIL COMMITTER_EMAIL);
$ENV{GIT_CONFIG_GLOBAL} = '/dev/null';
delete $ENV{MAKEFLAGS};

# git or make in the repository: status, output, errors.
sub in_tree
{
	my (@command) = @_;
	my ($out, $error);
	my $status = IPC::Run::run([ @command ], '>', \$out, '2>', \$error, init => sub { chdir $tree or die });
	return ($status, $out, $error);
}

sub done { my ($status, $out, $error) = in_tree(@_); BAIL_OUT("@_: $error") unless $status; return $out }

sub refused { my ($status, $out, $error) = in_tree(@_); return $status ? 'not refused' : $error }

sub replace
{
	my ($file, $from, $to) = @_;
	my $text = slurp_file("$tree/$file");
	BAIL_OUT("$file has no $from") unless $text =~ s/$from/$to/;
	unlink "$tree/$file";
	append_to_file("$tree/$file", $text);
}

is_deeply(disagreements('.'), [], 'what tells the version tells that of the control file, and a released script is as it was');
is_deeply(stray_lines(slurp_file('CHANGELOG.md')), [], 'CHANGELOG.md has the form of Keep a Changelog');
is_deeply(stray_lines("# Changelog\n\n## [Unreleased]\n\n- x\n\n### Added\n\n- Added: y\n"), [ '- x', '- Added: y' ], 'and what has not is found');

mkdir $tree;
system_or_bail('sh', '-c', "tar --exclude=./.git --exclude=./tmp_check --exclude=./build --exclude=node_modules -cf - . | tar -C $tree -xf -");
done('git', 'init', '-q');
done('git', 'add', '-A');
done('git', 'commit', '-qm', 'The tree');
my $now = control_version($tree);
# Released already, it goes on from there.
if (-e "$tree/updates/stp_metrics--$now.sql") { done('make', '-s', 'next', 'VERSION=9.0'); $now = '9.0'; }

like(refused('make', '-s', 'dist'), qr/no tag/, 'no zip without a tag');
like(refused('make', '-s', 'next', 'VERSION=99'), qr/\Q$now\E has not been released/, 'no version begins before this one has ended');
append_to_file("$tree/README.md", "\n");
like(refused('make', '-s', 'release'), qr/commit first/, 'nothing is released that is not committed');
done('git', 'checkout', '-q', '.');

done('make', '-s', 'release');
is(done('git', 'tag', '-l', '--points-at', 'HEAD'), "v$now\n", 'a release has its tag');
is_deeply(disagreements($tree), [], 'and everybody tells it');
is(done('git', 'status', '--porcelain'), '', 'and nothing is left over');
like(refused('make', '-s', 'release'), qr/\Q$now\E has been released/, 'it is released once');

replace('src/schema.sql', 'performance of health systems', 'something else');
is_deeply(disagreements($tree), ['the frozen script'], 'what changes then, without a next version, shows');
done('git', 'checkout', '-q', '.');

# PGXN's zip -------------------------------------------------------------------------------------------------------
my $zip = "$tree/stp_metrics-" . in_three($now) . '.zip';
done('make', '-s', 'dist');
my ($prefix, @names) = ('stp_metrics-' . in_three($now) . '/');
my $archive = IO::Uncompress::Unzip->new($zip);
for (my $more = 1; $more > 0; $more = $archive->nextStream) { push @names, $archive->getHeaderInfo->{Name} }
is_deeply([ sort grep { !m{/$} } @names ], [ map { "$prefix$_" } sort split /\n/, done('git', 'ls-tree', '-r', '--name-only', "v$now") ],
	'the zip has the files of the tag');
my $extension = meta($tree)->{provides}{stp_metrics};
for my $key (qw(file docfile)) { is(scalar(grep { $_ eq "$prefix$extension->{$key}" } @names), 1, "and what META.json calls its $key") }

# PGXN's client takes pg_config's word for where extensions are.
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
my ($setting, $files) = extension_copy($node);
my $pg_config = dirname($tree) . '/pg_config';
append_to_file($pg_config, "#!/bin/sh\nif [ \"\$1\" = --sharedir ]; then echo " . dirname(dirname($files)) . "; else exec @{[ $ENV{PG_CONFIG} || 'pg_config' ]} \"\$@\"; fi\n");
chmod 0755, $pg_config;
my ($out, $error) = run_command([ 'pgxn', 'load', '--yes', '--pg_config', $pg_config, '-h', $node->host, '-p', $node->port, '-d', 'postgres', $zip ]);
is($node->safe_psql('postgres', q{SELECT extname FROM pg_extension WHERE extname LIKE 'stp%'}), 'stp_metrics', 'pgxn load installs it') or diag $out, $error;
$node->stop;

# The next version ---------------------------------------------------------------------------------------------------
like(refused('make', '-s', 'next', "VERSION=$now"), qr/a number after \Q$now\E/, 'the next version is a later one');
done('make', '-s', 'next', 'VERSION=99.1');
is(control_version($tree), '99.1', 'the next version begins');
is_deeply(disagreements($tree), [], 'and everybody tells it');
ok(-e "$tree/updates/stp_metrics--$now--99.1.sql", 'with an update script');
is_deeply(stray_lines(slurp_file("$tree/CHANGELOG.md")), [], 'CHANGELOG.md keeps its form');
unlink $zip;
done('make', '-s', 'dist');
ok(-e $zip, 'the zip is still that of the last tag');

done_testing();
