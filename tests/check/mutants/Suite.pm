# Suite: what of the tests reaches a mutant, and whether it notices it.
package Suite;
use strict;
use warnings;
use File::Path qw(make_path);
use Time::HiRes qw(time);

# Seconds: a unit test that takes longer is slow, a stage never lasts longer.
my ($slow, $longest) = (1, 600);

# For how many seconds unit tests of other suites are tried, fast and slow ones.
# What these do not notice, the rest hardly will.
my @most = (5, 5);

# And for how many, at last, all that are left.
my $rest = 60;
my $few = 6; # suites

# How many the sanitizers' program runs for one mutant, which is slower.
my $few_sanitized = 60;

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
# Limits and what is returned are seconds of a quiet machine.
sub run_unit {
	my ($self, $program, $id, $env, $flags, @tests) = @_;
	my $p = $self->{program};
	my $files = "$p->{work}/run.$$";
	open my $list, '>', "$files.tests" or die "$files: $!\n";
	my ($limit, $slack) = (10, $p->slack);
	for my $test (@tests) {
		printf $list "%s %.3f\n", $test->[0], $test->[1] * $slack;
		$limit += $test->[1];
	}
	close $list;
	unlink "$files.log";
	$self->{status} = $p->run($limit, {MUTATE => $id, MUTATE_LOG => "$files.log",
		MUTATE_TESTS => "$files.tests", %$env}, "exec $program $flags");
	my %ran;
	if (open my $log, '<', "$files.log") {
		while (<$log>) {
			$ran{$1} = [$2 / $slack, $3] if /^(\S+ \S+) (\S+) (\w+)$/;
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
	return @tiers;
}

sub is_own {
	my ($m, $suite) = @_;
	my ($module) = $m->{file} =~ m{([^/]+)\.c$};
	return $module =~ /^\Q$suite\E(?:_|$)/ || $suite =~ /_\Q$module\E$/;
}

# Runs all unit tests once to see which mutants each reaches. One that fails
# has a second chance, with nothing beside it.
sub record_unit {
	my ($self) = @_;
	my $p = $self->{program};
	my @names = $self->names;
	my $folder = $self->folder('unit');
	my $run = sub {
		my ($jobs, @tests) = @_;
		my %ran = $self->run_unit("$p->{work}/unit$p->{suffix}", 0,
			{MUTATE_HITS => $folder}, "--jobs $jobs", map { [$_, 60] } @tests);
		return map { $_ => $ran{$_} } grep { $ran{$_}[1] eq 'ok' } keys %ran;
	};
	my %ran = $run->($p->{jobs}, @names);
	my @bad = grep { !$ran{$_} } @names;
	%ran = (%ran, map { $run->(1, $_) } @bad) if @bad <= 20;
	@bad = grep { !$ran{$_} } @names;
	die "mutate: unit tests fail as they are: @bad\n" if @bad > 20;
	print "left out, since it fails as it is: $_\n" for @bad;
	my %marks = marks($folder);
	$self->{unit} = {map { $_ => {seconds => $ran{$_}[0],
		marks => $marks{tr/ /./r} // {}} } keys %ran};
}

# Those that reach a mutant, in tiers: of its own suites, of those that include
# its header, of others, and slow ones, each from the fastest on. Likely ones
# that were tried on a guess are left out. With patience the rest.
sub tiers {
	my ($self, $m) = @_;
	my @tiers = $self->first_tiers($m);
	my $again = $self->{program}{patience} > 1;
	my %tried = map { $_ => 1 } map { @$_ }
		$self->{guessed} ? $self->likely($m) : (), $again ? @tiers : ();
	return map { [grep { !$tried{$_} } @$_] } @tiers if !$again;
	my $left = $rest;
	return [grep { !$tried{$_} && ($left -= $self->{unit}{$_}{seconds}) >= 0 }
		$self->by_time($self->reaching($m))];
}

sub by_time {
	my ($self, @names) = @_;
	my $t = $self->{unit};
	return sort { $t->{$a}{seconds} <=> $t->{$b}{seconds} } @names;
}

sub first_tiers {
	my ($self, $m) = @_;
	my ($own, $including) = $self->likely($m);
	my %near = (map({ $_ => 1 } @$including), map { $_ => 0 } @$own);
	my @tiers = ([], [], [], [], []);
	my @left = @most;
	for my $name ($self->by_time($self->reaching($m))) {
		my ($near, $seconds) = ($near{$name}, $self->{unit}{$name}{seconds});
		my $is_slow = $seconds > $slow ? 1 : 0;
		next if !defined $near && ($left[$is_slow] -= $seconds) < 0;
		push @{$tiers[$is_slow ? (defined $near ? 3 : 4) : $near // 2]}, $name;
	}
	return @tiers;
}

# All that reach it.
sub reaching {
	my ($self, $m) = @_;
	return sort grep { $self->{unit}{$_}{marks}{$m->{id}} } keys %{$self->{unit}};
}

# The unit test that notices a mutant, or ''. One that is slow to fail, as it
# may be on a busy machine, has to succeed without the mutant, and to fail
# again unless it does so at once.
sub unit {
	my ($self, $program, $active, @tiers) = @_;
	my $p = $self->{program};
	for my $tier (@tiers) {
		my @left = @$tier;
		while (@left) {
			my %ran = $self->run_unit($program, $active, {},
				'--jobs 1 --fail-fast', map { $self->limit($_) } @left);
			my @bad = grep { $ran{$_}[1] ne 'ok' } keys %ran;
			if (!@bad) {
				return "the end of $left[0] or another"
					if ($self->{status} || !%ran) &&
					$self->whole($program, $active, @left);
				last;
			}
			my $first = (sort @bad)[0];
			return $first if $ran{$first}[1] eq 'bad' &&
				$ran{$first}[0] < $slow / 2;
			my ($how, $seconds) = $self->ends($p, $first, 0);
			return $first if $how eq 'ok' && ($seconds < $slow / 2 ||
				($self->ends($p, $first, $active, $program))[0] ne 'ok');
			@left = grep { $_ ne $first } @left;
		}
	}
	return '';
}

# How one test ends that has twice its time (ok, bad, late or lost), and when.
sub ends {
	my ($self, $p, $test, $active, $program) = @_;
	my ($name, $limit) = @{$self->limit($test)};
	my %ran = $self->run_unit($program // "$p->{work}/unit$p->{suffix}",
		$active, {}, '--jobs 1', [$name, 2 * $limit]);
	return @{$ran{$test} // [0, 'lost']}[1, 0];
}

# No test fails, but their run does: something is left when one ends. Is it
# so again, and not without the mutant?
sub whole {
	my ($self, $program, $active, @tests) = @_;
	my $fails = sub {
		$self->run_unit($_[0], $_[1], {}, '--jobs 1',
			map { $self->limit($_) } @tests);
		return $self->{status} != 0;
	};
	my $p = $self->{program};
	return !$fails->("$p->{work}/unit$p->{suffix}", 0) &&
		$fails->($program, $active);
}

sub limit {
	my ($self, $name) = @_;
	my $known = $self->{unit}{$name};
	return [$name, $known ? 4 + 5 * $known->{seconds} : 4];
}

# The other runners, each with a program to call: name -> [program, command].
# prove is about what writes on disks and about memory, the scripts are about
# the rest.
sub stages {
	my ($path) = @_;
	my %all = all_stages();
	my $engine = $path =~ /^engine/;
	my $on_disk = $path =~ m{^engine/(?:apply|base|release|store)/};
	my $in_memory = $path !~ /^cli/;
	# What calls the system is no part of the played disk.
	my $of_system = $path =~ /_(?:linux|posix)/;
	return map { $_ => $all{$_} } grep {
		/^prove/ ? !$of_system && ($on_disk || $in_memory && /-memory$/) :
			!$engine || $of_system;
	} keys %all;
}

sub all_stages {
	my %found = (cli => ['erpsync', 'tests/cli/run %s']);
	open my $in, '<', 'tests/prove/main.c' or die "tests/prove/main.c: $!\n";
	while (my $line = <$in>) {
		$found{"prove $1"} = ['prove', "%s --short --first $1"]
			if $line =~ /\{"([a-z-]+)", prove_/;
	}
	for my $script (glob 'tests/e2e/*.sh') {
		my ($name) = $script =~ m{([^/]+)\.sh$};
		$found{"e2e $name"} = ['erpsync', "tests/e2e/run %s $name"] if $name !~ /^(?:lib|backup_space|windows)$/;
	}
	return %found;
}

# Runs each that some mutants need once, to see what it reaches. One that
# fails has a second chance, with nothing beside it.
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
		return sprintf '%d %.1f', $status, (time - $start) / $p->slack;
	};
	my @again;
	my $take = sub {
		my ($name, $result) = @_;
		my ($status, $seconds) = split ' ', $result;
		if ($status != 0) {
			push @again, $name;
			return;
		}
		my %marks = marks($self->folder($name =~ tr/ /-/r));
		$self->{stage}{$name} = {seconds => $seconds, marks => $marks{main} // {}};
	};
	$p->spread($record, $take, sort keys %stages);
	my @failed = splice @again;
	for my $name (@failed) {
		$take->($name, $record->($name));
	}
	print "left out, since it fails as it is: $_\n" for @again;
}

sub run_stage {
	my ($self, $name, $program, $active, $env, $limit) = @_;
	my %stages = all_stages();
	my $status = $self->{program}->run($limit, {MUTATE => $active, %$env},
		sprintf $stages{$name}[1], $program);
	return $self->{program}{said} =~ /^skipped:/m && $status == 0 ? 0 : $status;
}

# Which of them notices a mutant; program is a function that gives prove or
# erpsync with it. It has to succeed without the mutant, and to fail again.
sub stage {
	my ($self, $program, $m, $active) = @_;
	my $t = $self->{stage};
	my %stages = stages($m->{file});
	for my $name (sort { $t->{$a}{seconds} <=> $t->{$b}{seconds} } keys %$t) {
		next if !$stages{$name} || !$t->{$name}{marks}{$m->{id}};
		my $limit = 20 + 4 * $t->{$name}{seconds};
		my $path = $program->($stages{$name}[0]);
		my $usual = "$self->{program}{work}/$stages{$name}[0]$self->{program}{suffix}";
		return $name if $self->run_stage($name, $path, $active, {}, $limit) != 0 &&
			$self->run_stage($name, $usual, 0, {}, $limit) == 0 &&
			$self->run_stage($name, $path, $active, {}, $limit) != 0;
	}
	return '';
}

# Does the sanitizers' program notice it in the exact-output tests?
sub sanitized_cli {
	my ($self, $program, $active) = @_;
	my $p = $self->{program};
	my $fails = sub { $self->run_stage('cli', $_[0], $_[1], {}, 120) != 0 };
	return $fails->($program, $active) &&
		!$fails->("$p->{work}/erpsync$p->{suffix}", 0) ? 'cli' : '';
}

# Does the sanitizers' program notice it, in the likely unit tests and, as far
# as is known, in the fast ones that reach it?
sub sanitized {
	my ($self, $program, $m, $active) = @_;
	my $t = $self->{unit};
	my @tests = (map({ @$_ } $self->likely($m)),
		grep { $t->{$_}{seconds} < $slow } $self->by_time($self->reaching($m)));
	my (%twice, @later);
	@tests = grep { !$twice{$_}++ } @tests;
	@later = splice @tests, $few_sanitized if @tests > $few_sanitized;
	my $p = $self->{program};
	# With patience those that were not tried before, as far as there is time.
	@tests = splice @later, 0, 2 * $few_sanitized if $p->{patience} > 1;
	return '' if !@tests;
	my %ran = $self->run_unit($program, $active, {}, '--jobs 1',
		map { [$_, 30] } @tests);
	my $said = $p->{said};
	for my $bad (sort grep { $ran{$_}[1] ne 'ok' } keys %ran) {
		return $bad if ($self->ends($p, $bad, 0))[0] eq 'ok';
	}
	return $said =~ /ERROR: LeakSanitizer/ &&
		$said =~ m{ in [a-z_0-9]+ \S*(?:engine|transport|cli)[/_]} ?
		'a leak' : '';
}

1;
