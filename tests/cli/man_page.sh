# Each option that a command's help tells is in the manual page of each
# language; and in its SYNOPSIS, too, unless the command has "OPTION ..." there.
# The page names no option that no command has, and no command that there is
# not; and each option's preset and letter are those of the help.
commands=$($ERPSYNC --help | sed -n 's/^  \([a-z-]*\) .*/\1/p')
# Help that goes on in a second line is joined.
for command in $commands; do
	$ERPSYNC "$command" --help | awk '
	/^ {30}[^ ]/ { sub(/^ +/, " "); line = line $0; next }
	{ if (NR > 1) print line; line = $0 }
	END { print line }' >"help.$command"
	echo "$command: $(grep -c '^  .*--[a-z]' "help.$command")"
done
cat help.* >helps

synopsis() {
	awk -v command="$1" '
	/^\.Sh/ { inside = $2 == "SYNOPSIS" || $2 == "SINOPSE" }
	/^\.Cm/ { mine = $2 == command }
	inside && mine' "$page"
}

# page FILE OTHERS IF_NOT_GIVEN: with these words for other options, and for
# what an option is then.
page() {
	page=$SCENARIOS/../../docs/man/$1
	for command in $commands; do
		options=$(sed -n 's/^  .*--\([a-z-]*\).*/\1/p' "help.$command")
		for option in $options; do
			[ "$option" != help ] || continue
			grep -q "Fl .*-$option\( \|$\)" "$page" ||
				echo "$1: $command --$option is missing"
			synopsis "$command" |
				grep -q "Fl -$option\( \|$\)\|Ar $2" ||
				echo "$1: $command --$option: not in its synopsis"
		done
	done

	# The other way round. --version has no command.
	sed -n 's/^\.\(It\|Op\|Nm\)* *Fl \(. , \)*-\([a-z-]*\).*/\3/p
		s/^\.Fl \(. , \)*-\([a-z-]\{2,\}\).*/\2/p' "$page" | sort -u |
		while read -r option; do
		case $option in version | '') continue ;; esac
		grep -q -- "--$option\b" helps ||
			echo "$1: --$option is no option"
	done
	awk '/^\.Sh/ { inside = $2 == "SYNOPSIS" || $2 == "SINOPSE" }
		inside && /^\.Cm/ { print $2 }' "$page" |
		while read -r name; do
		[ -e "help.$name" ] || echo "$1: $name is no command"
	done
	sed -n 's/^  \(-\(.\),\)* *--\([a-z-]*\)\(=[^ ]*\)* .* (\([0-9]*\))$/\3 \5/p' helps |
		sort -u | while read -r option preset; do
		awk -v option="$option" '
		/^\.It Fl/ { mine = $0 ~ ("-" option "( |$)") }
		mine' "$page" | tr '\n' ' ' | grep -q "[ ;]$preset $3" ||
			echo "$1: --$option: not $preset $3"
	done
	sed -n 's/^  -\(.\), --\([a-z-]*\).*/\1 \2/p' helps | sort -u |
		while read -r letter option; do
		[ "$option" = help ] || grep -q "Fl $letter , -$option" "$page" ||
			echo "$1: -$letter of --$option is missing"
	done
}
page erpsync.1 OPTION 'if not given'
page pt_BR/erpsync.1 OPÇÃO 'por padrão'

# What the READMEs and the pages on migration do with the program: each command
# is one, with options that it has; an option in the text is one of some.
cd "$SCENARIOS/../.." || exit
help=$OLDPWD/help
for text in README.md README.pt.md docs/migration.md docs/migration.pt.md; do
	awk '/^```/ { inside = !inside; next } inside' "$text" |
		sed -n 's/ -- .*//; s/#.*//; s/^erpsync\(.exe\)* //p' |
		while read -r name rest; do
		[ -e "$help.$name" ] || echo "$text: $name is no command"
		for option in $(echo "$rest" | grep -o -- '--[a-z][a-z-]*'); do
			grep -q -- "$option\b" "$help.$name" ||
				echo "$text: $name has no $option"
		done
	done
	grep -o '`--[a-z][a-z-]*' "$text" | tr -d '`' | sort -u |
		while read -r option; do
		grep -q -- "$option\b" "${help}s" ||
			echo "$text: $option is no option"
	done
done
