# What completion offers is what help tells: commands, and the options of each.
# The names before a tab; an option with an argument has '=' behind it.
offered() {
	$ERPSYNC complete "$@" | cut -f 1
}
offered '' >offered
$ERPSYNC --help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' >told
diff told offered && wc -l <offered
for command in $(grep -v rdiff told); do
	offered "$command" -- | sed 's/=$//' | sort -u >offered
	$ERPSYNC "$command" --help |
		sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p' | sort >told
	diff told offered && echo "$command: $(wc -l <told)"
done
offered up
offered help rec
offered update --format ''
offered update --format=j
offered check --progress=
offered run --window = n
offered history -d ''
offered keys ''
offered delta ''
offered rdiff ''
offered nothing ''

# The script for bash, and the words as bash splits them.
cat >bash.sh <<-'END'
	. "$SCENARIOS/../../cli/completion.bash"
	PATH=$PWD/bin:$PATH
	try() {
		COMP_WORDS=(erpsync "$@")
		COMP_CWORD=$#
		_erpsync
		echo "$*: $(printf '%s\n' "${COMPREPLY[@]}" | sort | xargs)"
	}
	try ver
	try verify --b
	try update --format = j
	try update --format =
	try update --dir = sub
	try update --lang ''
	try delta su
END
mkdir bin sub submarine
touch subject
ln -s "$ERPSYNC" bin/erpsync
bash bash.sh

# The one for zsh, with what it would hand on to the shell.
cat >zsh.sh <<-'END'
	_describe() { print -r -- "$words: ${(P)2} $3 $4" }
	_files() { print -r -- "$words: files $1" }
	compset() { }
	try() {
		local -a words=(bin/erpsync "$@")
		local CURRENT=$#words
		eval "$(<$SCENARIOS/../../cli/completion.zsh)"
	}
	try verify --b
	try update --di
	try update --format=j
	try update --dir=sub
	try recover ''
END
zsh -f zsh.sh
