# Each option that a command's help tells is in the manual page; and in its
# SYNOPSIS, too, unless the command has "OPTION ..." there. The page names no
# option that no command has, and no command that there is not; and each
# option's preset and letter are those of the help.
man=$SCENARIOS/../../docs/man/erpsync.1
synopsis() {
	awk -v command="$1" '
	/^\.Sh/ { inside = $2 == "SYNOPSIS" }
	/^\.Cm/ { mine = $2 == command }
	inside && mine' "$man"
}
for command in serve publish seal keygen update check run rollback history \
	recover verify keys self-test signature delta patch rdiff; do
	options=$($ERPSYNC "$command" --help | sed -n 's/^  .*--\([a-z-]*\).*/\1/p')
	for option in $options; do
		[ "$option" != help ] || continue
		grep -q "Fl .*-$option\( \|$\)" "$man" ||
			echo "$command --$option is not in the manual page"
		synopsis "$command" | grep -q "Fl -$option\( \|$\)\|Ar OPTION" ||
			echo "$command --$option is not in its synopsis"
	done
	echo "$command: $(echo "$options" | wc -w)"
done

# The other way round. --version has no command.
commands=$($ERPSYNC --help | sed -n 's/^  \([a-z-]*\) .*/\1/p')
# Help that goes on in a second line is joined.
for command in $commands; do
	$ERPSYNC "$command" --help
done | awk '
/^ {30}[^ ]/ { sub(/^ +/, " "); line = line $0; next }
{ if (NR > 1) print line; line = $0 }
END { print line }' >helps
sed -n 's/^\.\(It\|Op\|Nm\)* *Fl \(. , \)*-\([a-z-]*\).*/\3/p
	s/^\.Fl \(. , \)*-\([a-z-]\{2,\}\).*/\2/p' "$man" | sort -u |
	while read -r option; do
		case $option in version | '') continue ;; esac
		grep -q -- "--$option\b" helps ||
			echo "--$option of the manual page is no option"
	done
awk '/^\.Sh/ { inside = $2 == "SYNOPSIS" }
	inside && /^\.Cm/ { print $2 }' "$man" | while read -r name; do
	$ERPSYNC help "$name" >/dev/null 2>&1 ||
		echo "$name of the manual page is no command"
done
sed -n 's/^  \(-\(.\),\)* *--\([a-z-]*\)\(=[^ ]*\)* .* (\([0-9]*\))$/\3 \5/p' helps |
	sort -u | while read -r option preset; do
	awk -v option="$option" '
	/^\.It Fl/ { mine = $0 ~ ("-" option "( |$)") }
	mine' "$man" | tr '\n' ' ' | grep -q "[ ;]$preset if not given" ||
		echo "--$option: not $preset if not given"
done
sed -n 's/^  -\(.\), --\([a-z-]*\).*/\1 \2/p' helps | sort -u |
	while read -r letter option; do
	[ "$option" = help ] || grep -q "Fl $letter , -$option" "$man" ||
		echo "-$letter of --$option is not in the manual page"
done
