# Every complaint names the command, what was wrong and where the help is.
complain() { $ERPSYNC "$@"; echo "$?: $*"; }
complain rollback
complain rollback --dir here --to 4
complain rollback --dir here --to newest
complain recover --dir
complain recover --dir here there
complain verify --dir here --frob
complain verify -x
complain verify --quiet=yes
complain verify --dir here --lang de
