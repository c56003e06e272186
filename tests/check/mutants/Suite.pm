# Suite: what of the tests reaches a mutant, and whether it notices it.
package Suite;
use strict;
use warnings;
use File::Path qw(make_path);
use Time::HiRes qw(time);

# Seconds: a unit test that takes longer is slow, a stage never lasts longer.
my ($slow, $longest) = (1, 600);

# How many unit tests of other suites are tried: first, then, and slow ones.
# What these do not notice, the rest hardly will.
my @most = (20, 60, 2);
my $few = 6; # suites

# Suite->new(program): the tests as they are run with that program.
sub new {
	my ($class, $program) = @_;
	return bless {program => $program, unit => {}, stage => {}}, $class;
}

# The marks in a folder: name -> the numbers of the mutants reached.
sub marks {
	my ($folder) = @_;
	my %found;
	for my $path (glob "$folder/*") {
		open my $in, '<', $path or die "$path: $!\n";
		local $/;
		my $marks = <$in>;
		my ($name) = $path =~ m{([^/]+)$};
		while ($marks =~ /\x01/g) {
			$found{$name}{pos($marks) - 1} = 1;
		}
	}
	return %found;
}

sub folder {
	my ($self, $name) = @_;
	my $folder = "$self->{program}{work}/hits/$name";
	make_path($folder);
	chmod 01777, $folder;
	return $folder;
}

# Runs unit tests: a list of [name, limit]; returns name -> [seconds, how].
sub run_unit {
	my ($self, $program, $id, $env, $flags, @tests) = @_;
	my $p = $self->{program};
	my $files = "$p->{work}/run.$$";
	open my $list, '>', "$files.tests" or die "$files: $!\n";
	my $limit = 10;
	for my $test (@tests) {
		print $list "$test->[0] $test->[1]\n";
		$limit += $test->[1];
	}
	close $list;
	unlink "$files.log";
	$self->{status} = $p->run($limit, {MUTATE => $id, MUTATE_LOG => "$files.log",
		MUTATE_TESTS => "$files.tests", %$env}, "$program $flags");
	my %ran;
	if (open my $log, '<', "$files.log") {
		while (<$log>) {
			$ran{$1} = [$2, $3] if /^(\S+ \S+) (\S+) (\w+)$/;
		}
	}
	unlink "$files.tests", "$files.log";
	return %ran;
}

sub names {
	my ($self) = @_;
	my $p = $self->{program};
	my ($suite, @names);
	for (`$p->{work}/unit$p->{suffix} --list`) {
		$suite = $1 if /^(\w+): \d+ test/;
		push @names, "$suite $1" if /^\W+ (\w+)$/;
	}
	return @names;
}

# Those that notice most, told without running any: of its own suites, and of
# those that include its header.
sub likely {
	my ($self, $m) = @_;
	my %including;
	open my $source, '<', $m->{file} or die "$m->{file}: $!\n";
	# Its header is the one of its name, else one of its folder.
	my ($folder, $module) = $m->{file} =~ m{^(.*)/([^/]+)\.c$};
	my @near = map { m{^#include "(\Q$folder\E/[^/]+\.h)"} ? $1 : () } <$source>;
	my ($header) = (grep({ m{/\Q$module\E\.h$} } @near),
		grep({ /_internal/ } @near), @near);
	my @headers = defined $header ? ($header, $header =~ s/_internal//r) : ();
	for my $test (glob 'tests/unit/*.c') {
		open my $in, '<', $test or die "$test: $!\n";
		local $/;
		my $text = <$in>;
		my ($suite) = $text =~ /^Test\((\w+)/m or next;
		$including{$suite} = 1 if grep { $text =~ /#include "\Q$_\E"/ } @headers;
	}
	my ($base) = map { m{([^/]+)\.h$} ? $1 : () } $headers[-1] // '';
	# Many that include it say little of it.
	%including = () if keys %including > $few;
	my @tiers = ([], []);
	for my $name ($self->names) {
		my ($suite) = split ' ', $name;
		my $own = is_own($m, $suite) ||
			defined $base && $suite =~ /(?:^|_)\Q$base\E(?:_|$)/;
		push @{$tiers[$own ? 0 : 1]}, $name if $own || $including{$suite};
	}
	return grep { @$_ } @tiers;
}

sub is_own {
	my ($m, $suite) = @_;
	my ($module) = $m->{file} =~ m{([^/]+)\.c$};
	return $module =~ /^\Q$suite\E(?:_|$)/ || $suite =~ /_\Q$module\E$/;
}

# Runs all unit tests once, each for $limit seconds at most, to see which
# mutants it reaches.
sub record_unit {
	my ($self, $limit) = @_;
	my $p = $self->{program};
	my $unit = "$p->{work}/unit$p->{suffix}";
	my @names = $self->names;
	my $folder = $self->folder('unit');
	my %ran = $self->run_unit($unit, 0, {MUTATE_HITS => $folder},
		"--jobs $p->{jobs}", map { [$_, $limit] } @names);
	my %marks = marks($folder);
	my @bad;
	for my $name (@names) {
		my ($seconds, $how) = @{$ran{$name} // [0, 'lost']};
		push @bad, $name if $how =~ /bad|lost/;
		$self->{unit}{$name} = {seconds => $seconds,
			marks => $marks{$name =~ tr/ /./r} // {}} if $how =~ /ok|late/;
	}
	die "mutate: unit tests fail as they are: @bad\n" if @bad > 20;
	print "left out, since it fails as it is: $_\n" for @bad;
}

# Others that reach a mutant, in tiers: some fast ones, more, slow ones.
sub tiers {
	my ($self, $m) = @_;
	my $t = $self->{unit};
	my @tiers = ([], [], []);
	my %tried = map { $_ => 1 } map { @$_ } $self->likely($m);
	for my $name (sort { $t->{$a}{seconds} <=> $t->{$b}{seconds} } keys %$t) {
		next if $tried{$name} || !$t->{$name}{marks}{$m->{id}};
		my $tier = $t->{$name}{seconds} > $slow ? 2 : @{$tiers[0]} < $most[0] ? 0 : 1;
		push @{$tiers[$tier]}, $name if @{$tiers[$tier]} < $most[$tier];
	}
	return grep { @$_ } @tiers;
}

# All that reach it.
sub reaching {
	my ($self, $m) = @_;
	return sort grep { $self->{unit}{$_}{marks}{$m->{id}} } keys %{$self->{unit}};
}

# The unit test that notices a mutant, or ''. One that also fails without it,
# as a slow one may on a busy machine, does not count.
sub unit {
	my ($self, $program, $active, @tiers) = @_;
	my $p = $self->{program};
	for my $tier (@tiers) {
		my @left = @$tier;
		while (@left) {
			my %ran = $self->run_unit($program, $active, {},
				'--jobs 1 --fail-fast', map { $self->limit($_) } @left);
			my @bad = grep { $ran{$_}[1] ne 'ok' } keys %ran;
			return $self->whole($p, @left)
				if !@bad && ($self->{status} || !%ran);
			last if !@bad;
			my $first = (sort @bad)[0];
			return $first if $ran{$first}[1] eq 'bad' &&
				$ran{$first}[0] < $slow / 2;
			my %again = $self->run_unit("$p->{work}/unit$p->{suffix}", 0, {},
				'--jobs 1', $self->limit($first));
			return $first if ($again{$first}[1] // '') eq 'ok';
			@left = grep { $_ ne $first } @left;
		}
	}
	return '';
}

# No test fails, but their run does: something is left when one ends. Is it
# so without the mutant?
sub whole {
	my ($self, $p, @tests) = @_;
	$self->run_unit("$p->{work}/unit$p->{suffix}", 0, {}, '--jobs 1',
		map { $self->limit($_) } @tests);
	return $self->{status} == 0 ? "the end of $tests[0] or another" : '';
}

sub limit {
	my ($self, $name) = @_;
	my $known = $self->{unit}{$name};
	return [$name, $known ? 5 + 5 * $known->{seconds} : 5];
}

# The other runners, each with a program to call: name -> [program, command].
# prove is about what writes on disks, the scripts are about the rest.
sub stages {
	my ($path) = @_;
	my %all = all_stages();
	my $on_disk = $path =~ m{^engine/(?:apply|base|release|store)/};
	return map { $_ => $all{$_} } grep {
		$path =~ /^engine/ ? $on_disk && /^prove/ : !/^prove/;
	} keys %all;
}

sub all_stages {
	my %found = (cli => ['erpsync', 'tests/cli/run %s']);
	open my $in, '<', 'tests/prove/main.c' or die "tests/prove/main.c: $!\n";
	while (<$in>) {
		$found{"prove $1"} = ['prove', "%s --short $1"] if /\{"([a-z-]+)", prove_/;
	}
	for (glob 'tests/e2e/*.sh') {
		my ($name) = m{([^/]+)\.sh$};
		$found{"e2e $name"} = ['erpsync', "tests/e2e/run %s $name"] if $name ne 'lib';
	}
	return %found;
}

# Runs each that some mutants need once, to see what it reaches.
sub record_stages {
	my ($self, @mutants) = @_;
	my $p = $self->{program};
	my %stages = map { stages($_->{file}) } @mutants;
	my $record = sub {
		my ($name) = @_;
		my $start = time;
		my $folder = $self->folder($name =~ tr/ /-/r);
		my $status = $self->run_stage($name, "$p->{work}/$stages{$name}[0]$p->{suffix}",
			0, {MUTATE_HITS => $folder}, $longest);
		return sprintf '%d %.1f', $status, time - $start;
	};
	my $take = sub {
		my ($name, $result) = @_;
		my ($status, $seconds) = split ' ', $result;
		if ($status != 0) {
			print "left out, since it fails as it is: $name\n";
			return;
		}
		my %marks = marks($self->folder($name =~ tr/ /-/r));
		$self->{stage}{$name} = {seconds => $seconds, marks => $marks{main} // {}};
	};
	$p->spread($record, $take, sort keys %stages);
}

sub run_stage {
	my ($self, $name, $program, $active, $env, $limit) = @_;
	my %stages = all_stages();
	my $status = $self->{program}->run($limit, {MUTATE => $active, %$env},
		sprintf $stages{$name}[1], $program);
	return $self->{program}{said} =~ /^skipped:/m && $status == 0 ? 0 : $status;
}

# Which of them notices a mutant; program is a function that gives prove or
# erpsync with it.
sub stage {
	my ($self, $program, $m, $active) = @_;
	my $t = $self->{stage};
	my %stages = stages($m->{file});
	for my $name (sort { $t->{$a}{seconds} <=> $t->{$b}{seconds} } keys %$t) {
		next if !$stages{$name} || !$t->{$name}{marks}{$m->{id}};
		my $path = $program->($stages{$name}[0]);
		my $limit = 20 + 4 * $t->{$name}{seconds};
		return $name if $self->run_stage($name, $path, $active, {}, $limit) != 0 &&
			$self->run_stage($name, $path, $active, {}, $limit) != 0;
	}
	return '';
}

# Does the sanitizers' program notice it, in the likely unit tests and, as far
# as is known, in the fast ones that reach it?
sub sanitized {
	my ($self, $program, $m, $active) = @_;
	my $t = $self->{unit};
	my @tests = (map({ @$_ } $self->likely($m)),
		grep { $t->{$_}{marks}{$m->{id}} && $t->{$_}{seconds} < $slow }
		sort { $t->{$a}{seconds} <=> $t->{$b}{seconds} } keys %$t);
	splice @tests, 60 if @tests > 60;
	return '' if !@tests;
	my %ran = $self->run_unit($program, $active, {}, '--jobs 1',
		map { [$_, 60] } @tests);
	my $said = $self->{program}{said};
	my ($bad) = sort grep { $ran{$_}[1] ne 'ok' } keys %ran;
	return $bad if defined $bad;
	return 'a leak' if $said =~ /ERROR: LeakSanitizer/ &&
		$said =~ m{ in [a-z_0-9]+ \S*(?:engine|transport|cli)[/_]};
	return '';
}

1;
