# Sample: which mutants are tried, and which are known to change nothing.
package Sample;
use strict;
use warnings;
use Digest::MD5;
use Source;

# All sources whose paths begin as one of a list ('' is all), each read: path ->
# Source.
sub sources {
	my ($folders) = @_;
	my $begin = join '|', map { quotemeta } split /,/, $folders;
	my @paths = grep { !/_win32|_(bsd|musl|librsync)\.c/ } # of another system
	    split /\n/, `git ls-files 'engine/*.c' 'transport/*.c' 'cli/*.c'`;
	die "mutate: no sources\n" if !@paths;
	return map { $_ => Source->read($_) } grep { /^(?:$begin)/ } @paths;
}

# What a mutant is known by: its lines, not their numbers.
sub key {
	my ($source, $m) = @_;
	return join "\n", "$m->{file} $m->{fn}", $source->shown($m);
}

# A number in (0, 1) that depends on nothing but its text.
sub chance {
	my ($text) = @_;
	my ($bits) = unpack 'N', Digest::MD5::md5($text);
	return ($bits + 1) / (2**32 + 1);
}

# $count mutants, spread over files first, then over operators. Each has its
# chance of its own, so that an edit changes the choice in its lines only.
sub choose {
	my ($seed, $count, %source) = @_;
	my @all;
	for my $path (sort keys %source) {
		my (%op, %same);
		push @{$op{$_->{op}}}, $_ for @{$source{$path}{mutants}};
		for my $op (sort keys %op) {
			my $weight = 1 / (keys(%op) * @{$op{$op}});
			for my $m (@{$op{$op}}) {
				$m->{key} = key($source{$path}, $m);
				my $n = $same{$m->{key}}++;
				my $u = chance("$seed\n$n\n$m->{key}");
				push @all, [-log($u) / $weight, $m];
			}
		}
	}
	my @chosen = map { $_->[1] } sort { $a->[0] <=> $b->[0] } @all;
	splice @chosen, $count if @chosen > $count;
	return in_order(@chosen);
}

sub in_order {
	return sort { $a->{file} cmp $b->{file} || $a->{at} <=> $b->{at} ||
		$a->{new} cmp $b->{new} } @_;
}

# The list of equivalents: key -> reason. An entry is "FILE FUNCTION", the
# line with "- ", the wrong line with "+ ", and the reason, indented.
sub equivalents {
	my ($path) = @_;
	open my $in, '<', $path or die "$path: $!\n";
	my (%list, $head, $old, $new);
	while (<$in>) {
		chomp;
		next if /^#/ || /^$/;
		if (/^- (.*)/) {
			($old, $new) = ($1, undef);
		} elsif (/^\+ (.*)/) {
			$new = $1;
			$list{"$head\n$old\n$new"} = '';
		} elsif (/^\s+(.*)/ && defined $new) {
			$list{"$head\n$old\n$new"} .= "$1 ";
		} elsif (/^\S+\.c \S+$/) {
			($head, $old, $new) = ($_, undef, undef);
		} else {
			die "$path:$.: neither place, line nor reason\n";
		}
	}
	for (grep { $list{$_} eq '' } sort keys %list) {
		die "$path: no reason for\n$_\n";
	}
	return %list;
}

1;
