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
# What an update is asked wrongly begins with K2, in the language that is named
# wherever --lang stands.
complain update --frob --lang en
complain run --dir here --lang es
complain update --dir here --lang es
complain check --lang=en --dir here --server here
complain check --lang=en --dir here --server ::1:1234
complain check --lang=pt --dir here --server fe80::1%eth0
complain check --lang=es --dir here --server '[::1]:99999'
complain signature --lang=pt -b 16777217 old sig
complain update --lang pt --dir here --bwlimit many
LC_ALL=es_AR.UTF-8 complain update
complain serve
complain publish --frob
complain serve --lang es
complain delta --lang en sig new
complain signature --lang=es -S 99 old sig
complain patch --lang pt - - new
complain patch --lang en old '' new
complain signature --lang es old ''
complain update --lang en --dir here --build 'a b'
complain check --lang pt --dir here --build é
complain check --lang en --dir here --format JASON
complain check --lang en --dir here --format JSON
complain frob --lang en
LC_ALL=es_ES.UTF-8 complain frob
