# Source: what can be wrong in one C source, and its text with wrong lines
# that a switch turns on.
#
# A place is a whole expression (a condition, an initializer, what is
# returned, a statement) or a whole statement. A mutant changes a few tokens
# of one place. Comments, strings and preprocessor lines are left alone.
package Source;
use strict;
use warnings;

# Whose call counts as a barrier, or as a check that another may repeat.
my $barrier = qr/^(?:fs_(?:fsync|syncfs)\w*|dir_sync\w*|sync_\w+|\w+_sync|
	forget\w*|recover_collect|stage_clear|rotate_check|require_old)$/x;
my %opposite = ('<' => '<=', '<=' => '<', '>' => '>=', '>=' => '>',
	'==' => '!=', '!=' => '==', '&&' => '||', '||' => '&&',
	'+' => '-', '-' => '+', '+=' => '-=', '-=' => '+=',
	true => 'false', false => 'true');
my %what = (map({$_ => 'relation'} qw(< <= > >= == !=)), '&&' => 'and-or',
	'||' => 'and-or', map({$_ => 'plus-minus'} qw(+ - += -=)),
	true => 'boolean', false => 'boolean');
my %close = ('(' => ')', '[' => ']', '{' => '}');
my $type = qr/^(?:static|const|struct|enum|union|unsigned|signed|int|char|bool|
	void|long|short|double|float|\w+_t|FILE|DIR|va_list)$/x;

# Source->read(path): its tokens, places and mutants.
sub read {
	my ($class, $path) = @_;
	open my $in, '<', $path or die "$path: $!\n";
	local $/;
	my $self = bless {path => $path, text => scalar <$in>, tok => [],
		pair => {}, mutants => [], entries => []}, $class;
	$self->tokenize;
	$self->top;
	return $self;
}

sub tokenize {
	my ($self) = @_;
	my ($tok, $line) = ($self->{tok}, 1);
	for ($self->{text}) {
		pos = 0;
		while (pos() < length) {
			my $at = pos;
			my $kind =
				/\G\s+/gc ? '' :
				/\G(?:(?<=\n)|(?<![\s\S]))\#(?:[^\n\\]|\\.|\\\n)*/gc ? '' :
				/\G\/\*.*?\*\//gcs ? '' :
				/\G\/\/[^\n]*/gc ? '' :
				/\G"(?:[^"\\]|\\.)*"/gc ? 'string' :
				/\G'(?:[^'\\]|\\.)*'/gc ? 'char' :
				/\G[A-Za-z_]\w*/gc ? 'name' :
				/\G\.?\d(?:[\w.]|(?<=[eEpP])[-+])*/gc ? 'number' :
				/\G(?:<<=|>>=|\.\.\.|->|\+\+|--|<<|>>|[<>=!+\-*\/%&|^]=|&&|\|\||.)/gc
				? 'op' : die "$self->{path}: cannot be read\n";
			my $t = substr($_, $at, pos() - $at);
			push @$tok, {t => $t, kind => $kind, at => $at,
				end => pos, line => $line} if $kind ne '';
			$line += ($t =~ tr/\n//);
		}
	}
	my @open;
	for my $i (0 .. $#$tok) {
		my $t = $tok->[$i];
		next if $t->{kind} ne 'op';
		push @open, $i if $close{$t->{t}};
		if ($t->{t} =~ /^[)\]}]$/) {
			my $from = pop @open;
			die "$self->{path}:$t->{line}: no pair\n" if !defined $from ||
				$close{$tok->[$from]{t}} ne $t->{t};
			$self->{pair}{$from} = $i;
			$self->{pair}{$i} = $from;
		}
	}
}

sub t {
	my ($self, $i) = @_;
	return $i >= 0 && $i < @{$self->{tok}} ? $self->{tok}[$i]{t} : '';
}

sub kind {
	my ($self, $i) = @_;
	return $i >= 0 && $i < @{$self->{tok}} ? $self->{tok}[$i]{kind} : '';
}

# The first of some tokens at this depth, from $i on.
sub find {
	my ($self, $i, $end, @want) = @_;
	my %want = map { $_ => 1 } @want;
	while ($i < $end) {
		return $i if $want{$self->t($i)};
		$i = $self->{pair}{$i} if $close{$self->t($i)} &&
			$self->kind($i) eq 'op';
		$i++;
	}
	return $end;
}

# The file's level: functions, and constants between them.
sub top {
	my ($self) = @_;
	my ($i, $n) = (0, scalar @{$self->{tok}});
	while ($i < $n) {
		my $stop = $self->find($i, $n, ';', '{');
		if ($self->t($stop) eq '{' && $self->t($stop - 1) eq ')') {
			my $args = $self->{pair}{$stop - 1};
			$self->{fn} = $self->t($args - 1);
			push @{$self->{entries}}, [$stop, $self->{pair}{$stop}];
			$self->block($stop);
			$i = $self->{pair}{$stop} + 1;
			next;
		}
		my $end = $self->find($i, $n, ';');
		$self->{fn} = 'file';
		$self->fixed($i, $end) unless $self->t($i) =~ /^(?:typedef|(?:_S|s)tatic_assert)$/;
		$i = $end + 1;
	}
}

# Constants that the compiler needs: no switch can change them, so each of
# their mutants is a program of its own.
sub fixed {
	my ($self, $from, $end) = @_;
	my $enum = $self->t($from) eq 'enum';
	my $eq = $self->find($from, $end, '=');
	return if !$enum && $eq == $end;
	my $site = {kind => 'fixed', from => $from, to => $end - 1,
		fn => $self->{fn}};
	my $name = $enum ? '' : $self->t($self->t($eq - 1) eq ']'
		? $self->{pair}{$eq - 1} - 1 : $eq - 1);
	for my $i ($from .. $end - 1) {
		$name = $self->t($i) if $enum && $self->t($i + 1) eq '=';
		$site->{name}{$i} = $name;
		next if $self->t($i - 1) eq '[' || $i < $eq && !$enum;
		$self->number($site, $i) if $self->kind($i) eq 'number';
	}
}

sub block {
	my ($self, $i) = @_;
	my $end = $self->{pair}{$i++};
	$i = $self->statement($i) while $i < $end;
}

# One statement from token $i on; returns what follows it.
sub statement {
	my ($self, $i) = @_;
	my ($t, $next, $n) = ($self->t($i), $self->t($i + 1), scalar @{$self->{tok}});
	if ($t eq '{') {
		$self->block($i);
		return $self->{pair}{$i} + 1;
	}
	return $i + 1 if $t eq ';';
	return $self->find($i, $n, ':') + 1
		if $t eq 'case' || ($t eq 'default' && $next eq ':') ||
		$self->kind($i) eq 'name' && $next eq ':';
	if ($t =~ /^(?:if|while|switch)$/) {
		my $end = $self->{pair}{$i + 1};
		my $after = $end + 1;
		$self->expression($i + 2, $end - 1, $t, $after);
		my $body = $after;
		# That says that its body is empty.
		return $after + 2 if $t eq 'while' && $self->t($after) eq 'continue';
		$after = $self->statement($after);
		# What follows a switch that nothing leaves is never reached.
		return $self->find($after, $n, ';') + 1 if $t eq 'switch' &&
			$self->t($after) eq 'return' && !grep {
			$self->t($_) =~ /^(?:break|default)$/ } $body .. $after;
		return $t eq 'if' && $self->t($after) eq 'else'
			? $self->statement($after + 1) : $after;
	}
	if ($t eq 'do') {
		my $while = $self->statement($i + 1);
		$self->expression($while + 2, $self->{pair}{$while + 1} - 1, 'while');
		return $self->{pair}{$while + 1} + 2;
	}
	if ($t eq 'for') {
		my $end = $self->{pair}{$i + 1};
		my $first = $self->find($i + 2, $end, ';');
		my $second = $self->find($first + 1, $end, ';');
		$self->simple($i + 2, $first, 'for');
		$self->expression($first + 1, $second - 1, 'for');
		$self->expression($second + 1, $end - 1, 'for');
		return $end + 3 if $self->t($end + 1) eq 'continue';
		return $self->statement($end + 1);
	}
	# A macro that is a loop.
	if ($self->kind($i) eq "name" && $next eq "(" && $t ne "return") {
		my $after = $self->{pair}{$i + 1} + 1;
		return $self->statement($after)
			if $self->t($after) eq '{' || $self->kind($after) eq 'name';
	}
	my $end = $self->find($i, $n, ';');
	if ($t =~ /^(?:break|continue)$/) {
		$self->removal($i, $end, $t);
	} elsif ($t eq 'return') {
		$self->expression($i + 1, $end - 1, 'return') if $end > $i + 1;
	} elsif ($t !~ /^(?:goto|assert|(?:_S|s)tatic_assert)$/) {
		$self->simple($i, $end, 'statement');
	}
	return $end + 1;
}

# A declaration or an expression, which ends before $end.
sub simple {
	my ($self, $i, $end, $where) = @_;
	return if $i >= $end;
	if ($self->declares($i)) {
		return $self->fixed($i, $end) if $self->t($i) eq 'static';
		my $at = $i;
		while (($at = $self->find($at, $end, '=')) < $end) {
			my $stop = $self->find($at + 1, $end, ',');
			$self->initializer($at + 1, $stop);
			$at = $stop;
		}
		return;
	}
	$self->expression($i, $end - 1, $where);
	$self->removal($i, $end, 'statement') if $where eq 'statement' &&
		grep({ $self->t($_) =~ /^(?:\(|[-+*\/%&|^]?=|<<=|>>=|\+\+|--)$/ }
		$i .. $end - 1) &&
		!($self->t($i) eq '(' && $self->t($i + 1) eq 'void');
}

sub declares {
	my ($self, $i) = @_;
	return 1 if $self->t($i) =~ $type;
	return 0 if $self->kind($i) ne 'name';
	my $j = $i + 1;
	$j++ while $self->t($j) eq '*';
	return $self->kind($j) eq 'name';
}

sub initializer {
	my ($self, $from, $end) = @_;
	if ($self->t($from) eq '{') {
		$end = $self->{pair}{$from++};
		while ($from < $end) {
			my $stop = $self->find($from, $end, ',');
			my $eq = $self->t($from) =~ /^[.\[]$/ ?
				$self->find($from, $stop, '=') + 1 : $from;
			$self->initializer($eq, $stop) if $eq < $stop;
			$from = $stop + 1;
		}
		return;
	}
	$self->expression($from, $end - 1, 'initializer');
}

sub removal {
	my ($self, $from, $end, $what) = @_;
	my $site = {kind => 'statement', from => $from, to => $end,
		fn => $self->{fn}};
	$self->mutant($site, $what eq 'statement' ? 'removed' : $what, $from, $end, ';');
}

# Is there a return or a goto first in what follows a condition?
sub leaves {
	my ($self, $i) = @_;
	return 0 if !defined $i;
	return $self->t($i) =~ /^(?:return|goto)$/ if $self->t($i) ne '{';
	for my $j ($i .. $self->{pair}{$i}) {
		return 1 if $self->t($j) =~ /^(?:return|goto)$/;
	}
	return 0;
}

# All that can be wrong in one expression of tokens $from to $to.
sub expression {
	my ($self, $from, $to, $where, $body) = @_;
	return if $from > $to;
	my $site = {kind => 'expression', from => $from, to => $to,
		fn => $self->{fn}, where => $where};
	if ($where eq 'if') {
		$self->mutant($site, 'negated', $from, $to, sub { "!($_[0])" });
		$self->mutant($site, 'dropped', $from, $to, sub { "($_[0]) && 0" })
			if $self->leaves($body);
	}
	# Who tells of a fault of ours is never reached, as an assertion.
	my $ours = $self->piece($from, $to) =~ /\bERP_INTERNAL\b/;
	if ($where eq 'return' && !$ours && $self->t($from) =~ /^err_\w+$/ &&
	    $self->t($from + 1) eq '(' && $self->{pair}{$from + 1} == $to) {
		$self->mutant($site, 'error', $from, $to, '0');
	}
	for (my $i = $from; $i <= $to; $i++) {
		my ($t, $kind) = ($self->t($i), $self->kind($i));
		if ($t eq 'sizeof' || $t eq 'offsetof') {
			$i = $self->{pair}{$i + 1} if $self->t($i + 1) eq '(';
			next;
		}
		$self->{spare}{$i} = 'all' if $kind eq 'number' && $self->grows($i);
		$self->number($site, $i) if $kind eq 'number' &&
			!$self->is_descriptor($i, $from) && !$self->is_least($i);
		if ($kind eq 'name' && $self->t($i + 1) eq '(') {
			$self->call($site, $i, $from, $to);
		}
		next if !defined $opposite{$t} || $kind eq 'string' || $kind eq 'char';
		next if $t =~ /^(?:<|>=)$/ && ($self->is_descriptor($i + 1, $from) ||
			$self->is_least($i + 1));
		next if $t =~ /^[-+]$/ && ($i == $from || !(
			$self->kind($i - 1) =~ /^(?:name|number)$/ ||
			$self->t($i - 1) =~ /^[)\]]$/));
		$self->mutant($site, $what{$t}, $i, $i, $opposite{$t});
	}
}

sub call {
	my ($self, $site, $i, $from, $to) = @_;
	my ($t, $open) = ($self->t($i), $i + 1);
	my $end = $self->{pair}{$open};
	if ($t =~ /^err_/ && $i == $from + 2 && $self->t($from + 1) eq '=' &&
	    $end == $to) {
		$self->mutant($site, 'error', $i, $end, '0');
	}
	$self->mutant($site, 'barrier', $i, $end, '0')
		if $t =~ $barrier && !($i == $from && $site->{where} eq 'statement');
	# Equal whichever comes first.
	my $second = $t =~ /^(?:buf|hash|stamp|times|entry|ini_name)_equal$/ ||
		$t =~ /cmp$/ && $self->t($end + 1) =~ /^[!=]=$/ ? 1 : 0;
	my @arg;
	for (my $at = $open + 1; $at < $end;) {
		my $stop = $self->find($at, $end, ',');
		push @arg, [$at, $stop - 1];
		$at = $stop + 1;
	}
	# More memory than is needed, and the mode of what is not created.
	my @spare = $t =~ /^(?:[mc]alloc|realloc(?:array)?)$/ ? @arg :
		$t eq 'fs_open' && @arg == 5 && $self->piece(@{$arg[3]}) !~ /CREATE/ ?
		$arg[4] : ();
	for (@spare) {
		$self->{spare}{$_} = $t eq 'fs_open' ? 'all' : 'more' for $_->[0] .. $_->[1];
	}
	for my $k ($second .. $#arg - 1) {
		my ($one, $two) = map { $self->piece(@$_) } @arg[$k, $k + 1];
		my $between = $self->between($arg[$k][1], $arg[$k + 1][0]);
		$self->mutant($site, 'swapped', $arg[$k][0], $arg[$k + 1][1],
			"$two$between$one") if $one ne $two && $one !~ /^"/ && $two !~ /^"/;
	}
}

# Is this the 0 below which a descriptor is none? No file of ours is 0.
sub is_descriptor {
	my ($self, $i, $from) = @_;
	return 0 if $self->t($i) ne '0' || $self->t($i - 1) !~ /^(?:<|>=)$/;
	my $left = $i - 2;
	if ($self->t($left) eq ')' && $self->t($self->{pair}{$left}) eq '(') {
		$left = $self->{pair}{$left} + 1;
		$left++ while $self->t($left + 1) =~ /^(?:->|\.|\w+)$/;
	}
	return $self->t($left) =~ /(?:^|_)(?:fd|dir|root|own)$/;
}

# Is this the 0 of "x < 0 ? x : 0", where 0 is 0 either way?
sub is_least {
	my ($self, $i) = @_;
	return $self->t($i - 1) eq '<' && $self->kind($i - 2) eq 'name' &&
		join(' ', map { $self->t($_) } $i .. $i + 4) eq
		'0 ? ' . $self->t($i - 2) . ' : 0';
}

# Does it say how fast memory grows: "cap == 0 ? 64 : 2 * cap"?
sub grows {
	my ($self, $i) = @_;
	my $to = $self->t($i + 1) eq '*' ? $i - 2 : $i;
	return $self->t($to + 1) eq ':' && $self->t($to - 1) eq '?' &&
		$self->t($to - 2) eq '0' && $self->t($to - 3) eq '==' &&
		$self->t($to - 4) =~ /cap$/;
}

# One more, and one less.
sub number {
	my ($self, $site, $i) = @_;
	my $t = $self->t($i);
	return if $t !~ /^(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)$/;
	my ($digits, $suffix) = ($1, $2);
	my $value = $digits =~ /^0/ ? do { no warnings "portable"; oct $digits } :
		$digits;
	my $spare = $self->{spare}{$i} // '';
	return if $spare eq 'all';
	$self->mutant($site, 'constant', $i, $i, ($value + 1) . $suffix)
		if $spare eq '';
	$self->mutant($site, 'constant', $i, $i, ($value - 1) . $suffix)
		if $value > 0;
}

sub piece {
	my ($self, $from, $to) = @_;
	my ($a, $b) = ($self->{tok}[$from]{at}, $self->{tok}[$to]{end});
	return substr($self->{text}, $a, $b - $a);
}

sub between {
	my ($self, $left, $right) = @_;
	my ($a, $b) = ($self->{tok}[$left]{end}, $self->{tok}[$right]{at});
	return substr($self->{text}, $a, $b - $a);
}

sub mutant {
	my ($self, $site, $op, $from, $to, $new) = @_;
	my $old = $self->piece($from, $to);
	$new = $new->($old) if ref $new;
	# Later lines keep their numbers.
	my $lost = ($old =~ tr/\n//) - ($new =~ tr/\n//);
	push @{$self->{mutants}}, {file => $self->{path}, fn => $site->{fn},
		line => $self->{tok}[$from]{line}, op => $op, site => $site,
		alone => $site->{kind} eq 'fixed',
		at => $self->{tok}[$from]{at}, end => $self->{tok}[$to]{end},
		old => $old, new => $new . "\n" x ($lost > 0 ? $lost : 0)};
}

# The lines of a mutant as they are and as they would be, blanks joined: what
# the list of equivalents knows them by.
sub shown {
	my ($self, $m) = @_;
	my $text = $self->{text};
	my $first = rindex($text, "\n", $m->{at}) + 1;
	my $last = index($text, "\n", $m->{end});
	my $old = substr($text, $first, $last - $first);
	my $new = substr($text, $first, $m->{at} - $first) . $m->{new} .
		substr($text, $m->{end}, $last - $m->{end});
	for ($old, $new) {
		s/\s+/ /g;
		s/^ | $//g;
	}
	return ($old, $new);
}

# The text with one mutant.
sub alone {
	my ($self, $m) = @_;
	my $text = $self->{text};
	substr($text, $m->{at}, $m->{end} - $m->{at}) = $m->{new};
	return $text;
}

# The text with several mutants, each behind its number ({id}). Of those that
# have no switch ({alone}) it has the places that tell whether they matter.
sub switched {
	my ($self, @mutants) = @_;
	my (%by, @edits);
	for my $m (@mutants) {
		push @{$by{$m->{site}}}, $m;
	}
	for my $list (values %by) {
		my $site = $list->[0]{site};
		push @edits, map { $self->probes($site, $_) } grep { $_->{alone} } @$list;
		my @rest = grep { !$_->{alone} } @$list;
		push @edits, $self->switch_site($site, @rest) if @rest;
	}
	my $text = $self->{text};
	# From the end to the beginning; at one offset the inner ones first.
	for my $edit (sort { $b->[0] <=> $a->[0] || $a->[3] <=> $b->[3] } @edits) {
		substr($text, $edit->[0], $edit->[1]) = $edit->[2];
	}
	return $text;
}

# Edits are: offset, length, text, depth (0 is the innermost).
sub switch_site {
	my ($self, $site, @list) = @_;
	my ($a, $b) = ($self->{tok}[$site->{from}]{at}, $self->{tok}[$site->{to}]{end});
	if ($site->{kind} eq 'statement') {
		return ([$a, 0, "{ if (!MUTATED($list[0]{id})) ", 1],
			[$b, 0, ' }', 1]);
	}
	my $whole = substr($self->{text}, $a, $b - $a);
	my $text = "($whole)";
	for my $m (@list) {
		my $wrong = $whole;
		substr($wrong, $m->{at} - $a, $m->{end} - $m->{at}) = $m->{new};
		$text = "MUTATED($m->{id}) ? ($wrong) : $text";
	}
	return [$a, $b - $a, "($text)", 0];
}

# Where a mutant without a switch tells that it may matter: in its function,
# or in those that use its constant, or in all when none names it.
sub probes {
	my ($self, $site, $m) = @_;
	my ($i) = grep { $self->{tok}[$_]{at} == $m->{at} }
		$site->{from} .. $site->{to};
	my @users = grep { $_->[0] <= $i && $i <= $_->[1] } @{$self->{entries}};
	my $name = $site->{name}{$i} // '';
	@users = grep {
		grep { $self->t($_) eq $name } $_->[0] .. $_->[1];
	} @{$self->{entries}} if !@users;
	@users = @{$self->{entries}} if !@users;
	return map {
		[$self->{tok}[$_->[0]]{end}, 0, " MUTATED($m->{id});", 2]
	} @users;
}

1;
