# Each option that a command's help tells is in the manual page; and in its
# SYNOPSIS, too, unless the command has "OPTION ..." there.
man=$SCENARIOS/../../docs/man/erpsync.1
synopsis() {
	awk -v command="$1" '
	/^\.Sh/ { inside = $2 == "SYNOPSIS" }
	/^\.Cm/ { mine = $2 == command }
	inside && mine' "$man"
}
for command in serve publish update check run rollback history recover verify \
	signature delta patch; do
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
