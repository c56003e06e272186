# What every command is asked wrongly alike: an option that it has not, and
# operands that are too many. Of those of one file's work rdiff has its own
# words.
complain() { $ERPSYNC "$@"; echo "$?: $*"; }
commands=$($ERPSYNC help --lang en | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
for command in $commands; do
	complain "$command" --lang en --frob
	complain "$command" --lang en 1 2 3 4
	complain "$command" --lang en --quiet=yes
done
