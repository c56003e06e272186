# Program: programs with wrong lines.
#
# All chosen mutants of a source are compiled into one object, each behind
# its switch (switch.h); so one program has all of them and is linked once.
# Mutants that no switch can turn on (constants of the compiler's) have an
# object and programs of their own.
package Program;
use strict;
use warnings;
use File::Path qw(make_path remove_tree);
use POSIX ();
use Time::HiRes qw(time);

my $here = 'tests/check/mutants';
my $lenient = '-Wno-error -Werror=incompatible-pointer-types -Werror=int-conversion';

# Program->new(work, jobs, profile): $work is a folder for all that is made.
sub new {
	my ($class, $work, $jobs, $profile) = @_;
	make_path("$work/src", "$work/hits");
	chmod 0711, $work;
	my $self = bless {work => $work, jobs => $jobs, patience => 1,
		wide => $jobs, objects => {},
		suffix => ".$profile", profile => $profile}, $class;
	for (split /\n/, `make -s -j$jobs PROFILE=$profile mutate-parts`) {
		$self->{$1} = $2 if /^(\w+): (.*)/;
	}
	die "mutate: the Makefile tells nothing\n" if !$self->{unit};
	return $self;
}

# How many times as long all takes as on a machine with nothing else to do,
# or shall be allowed to.
sub slack {
	my ($self) = @_;
	open my $in, '<', '/proc/loadavg' or return $self->{patience};
	my ($load) = split ' ', <$in>;
	return $self->{patience} * (1 + $load / $self->{wide});
}

# A shell command within some seconds of a quiet machine, with an environment
# and a scratch folder of its own: its status, or -1 when it took too long.
# What it leaves running is ended. Each of its processes may compute for as
# long, whatever else the machine does.
sub run {
	my ($self, $limit, $env, $command) = @_;
	my $tmp = "$self->{work}/tmp.$$";
	make_path($tmp);
	chmod 01777, $tmp;
	my $pid = fork() // die "fork: $!\n";
	if ($pid == 0) {
		POSIX::setpgid(0, 0);
		%ENV = (%ENV, TMPDIR => $tmp, %$env);
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$tmp/said";
		open STDERR, '>&', \*STDOUT;
		exec 'sh', '-c', sprintf 'ulimit -t %d; %s',
			$limit * $self->{patience} + 1, $command;
	}
	POSIX::setpgid($pid, $pid);
	my ($end, $pause, $status) = (time + $limit * $self->slack, 0.005, -1);
	while (time < $end) {
		if (waitpid($pid, POSIX::WNOHANG()) == $pid) {
			$status = $?;
			last;
		}
		select undef, undef, undef, $pause;
		$pause *= 1.3 if $pause < 0.05;
	}
	kill 'KILL', -$pid;
	waitpid $pid, 0 if $status == -1;
	unlink "/tmp/criterion_$pid.sock"; # what a unit that was killed leaves
	open my $said, '<', "$tmp/said" or die "$tmp/said: $!\n";
	local $/;
	$self->{said} = <$said>;
	remove_tree($tmp);
	return $status;
}

# work(x) in a process of its own for each x of a list, some at a time, and
# then take(x, result) here.
sub spread {
	my ($self, $work, $take, @list) = @_;
	my %busy;
	while (@list || %busy) {
		if (@list && keys(%busy) < $self->{jobs}) {
			my $x = shift @list;
			my $path = "$self->{work}/result." . @list;
			my $pid = fork() // die "fork: $!\n";
			if ($pid == 0) {
				my $result = eval { $work->($x) } // "error $@";
				open my $out, '>', $path or die "$path: $!\n";
				print $out $result;
				close $out;
				POSIX::_exit(0);
			}
			$busy{$pid} = [$x, $path];
			next;
		}
		my $pid = waitpid -1, 0;
		my ($x, $path) = @{delete $busy{$pid} // next};
		open my $in, '<', $path or die "$path: $!\n";
		my $result = do { local $/; <$in> } // '';
		unlink $path;
		die $1 if $result =~ /^error (.*)/s;
		$take->($x, $result);
	}
}

sub compile {
	my ($self, $text, $name, $flags) = @_;
	my $path = "$self->{work}/src/$name.c";
	open my $out, '>', $path or die "$path: $!\n";
	print $out $text;
	close $out;
	return $self->run(120, {}, "$self->{compile}" .
		" -include $here/switch.h $flags -c -o $self->{work}/src/$name.o $path") == 0;
}

# The object of all mutants of a source; those without a switch are marked
# {alone}. Result: the numbers of those marked now ("alone 7"), and of those
# that are no C ("bad 8").
sub object {
	my ($self, $source, @mutants) = @_;
	my $name = name($source->{path}) . $self->{suffix};
	my $quick = "$lenient -O1";
	return '' if $self->compile($source->switched(@mutants), $name, $quick);
	my @found;
	# What only code tells, as a constant that is too large, costs more to see.
	for my $flags ("$lenient -fsyntax-only", $quick) {
		my @rest;
		for my $m (@mutants) {
			if (!$self->compile($source->alone($m), "$name.one", $flags)) {
				push @found, "bad $m->{id}";
				next;
			}
			push @rest, $m;
			next if $m->{alone} ||
				$self->compile($source->switched($m), "$name.one", $flags);
			push @found, "alone $m->{id}";
			$m->{alone} = 1;
		}
		@mutants = @rest;
		return join "\n", @found
			if $self->compile($source->switched(@mutants), $name, $quick);
	}
	die "$source->{path}: $self->{said}\n";
}

sub name {
	my ($path) = @_;
	return $path =~ s/\.c$//r =~ tr{/}{_}r;
}

# Objects of the tool's own, and which sources have one with mutants.
sub prepare {
	my ($self, @paths) = @_;
	for my $own (qw(switch hook)) {
		$self->run(60, {}, "$self->{compile} -c -o $self->{work}/$own$self->{suffix}.o " .
			"$here/$own.c") == 0 or die "$own.c: $self->{said}\n";
	}
	$self->{objects}{$_} = "$self->{work}/src/" . name($_) .
		"$self->{suffix}.o" for @paths;
}

# Is a source in a program? The library gives what is asked for.
sub has {
	my ($self, $name, $path) = @_;
	return 1 if $path !~ /^cli/;
	return $path !~ m{^cli/role/} if $name eq 'erpsync';
	my $object = $path =~ s/\.c$/.o/r;
	return $self->{$name} =~ m{/\Q$object\E(?: |$)} ? 1 : 0;
}

# Links unit, prove or erpsync, with other objects for some sources, as
# $work/NAME$suffix.
sub link {
	my ($self, $name, $suffix, %instead) = @_;
	my $of = $name eq 'erpsync' ? 'all' : "build/$self->{profile}/$name";
	$self->run(600, {}, "make -s PROFILE=$self->{profile} $of") == 0 or
		die "$of: $self->{said}\n" if $suffix eq $self->{suffix};
	my %now = (%{$self->{objects}}, %instead);
	my (@in, %usual);
	for my $path (split ' ', $self->{$name}) {
		my $from = $path =~ m{^build/\w+/(.*)\.o$} ? "$1.c" : '';
		$usual{$from} = 1;
		push @in, $now{$from} // $path;
	}
	for my $from (sort keys %now) {
		unshift @in, $now{$from} if !$usual{$from} &&
			$self->has($name, $from);
	}
	unshift @in, "$self->{work}/switch$self->{suffix}.o",
		$name eq 'unit' ? "$self->{work}/hook$self->{suffix}.o" : ();
	my $flags = $self->{"${name}_with"} // '';
	$self->run(300, {}, $self->{link} .
		" -o $self->{work}/$name$suffix @in $self->{libs} $flags") == 0
		or die "$name: $self->{said}\n";
}

# One mutant that has no switch: its object, linked into a program.
sub link_alone {
	my ($self, $name, $source, $m) = @_;
	my $own = "alone$m->{id}$self->{suffix}";
	$self->compile($source->alone($m), $own, "$lenient -O1") or
		die "$source->{path}: $self->{said}\n";
	$self->link($name, ".$own", $source->{path} => "$self->{work}/src/$own.o");
	return "$self->{work}/$name.$own";
}

# What the compiler says of a mutant, as everything is compiled: 'refused',
# 'same' (as the original's code) or ''.
sub verdict {
	my ($self, $source, $m) = @_;
	my $own = "verdict.$m->{id}";
	my @code;
	for my $text ($source->alone($m), $source->{text}) {
		my $fine = $self->compile($text, $own, '-g0');
		return 'refused' if !$fine;
		open my $in, '<', "$self->{work}/src/$own.o" or die "$own: $!\n";
		local $/;
		push @code, <$in>;
	}
	return $code[0] eq $code[1] ? 'same' : '';
}

1;
