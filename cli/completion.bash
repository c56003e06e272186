# Completion of erpsync in bash: the program itself says what may come next.
_erpsync()
{
	local word help cur=${COMP_WORDS[COMP_CWORD]}

	[[ $cur != = ]] || cur=
	COMPREPLY=()
	while IFS=$'\t' read -r word help; do
		case $word in
		@dirs | @files)
			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY \
				< <(compgen -${word:1:1} -- "$cur")
			compopt -o filenames 2>/dev/null ;;
		*)
			COMPREPLY+=("$word") ;;
		esac
	done < <("${COMP_WORDS[0]}" complete \
		"${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
}
complete -F _erpsync erpsync erpsync-station erpsync-server
