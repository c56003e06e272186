# What rdiff is asked wrongly, in its words.
complain() { $ERPSYNC rdiff "$@"; echo "$?: $*"; }
complain --frob signature
complain -Z signature
complain -b
complain --block-size
complain -b 1x signature
complain -b '' signature
complain -b 99999999999 signature
complain -S -2 signature
complain -H frob signature
complain -R frob signature
complain frob
complain signature 1 2 3
complain delta 1 2 3 4
complain delta
complain patch
complain patch 1 2 3 4
echo x >old
complain -H md4 -R rollsum -b 0x10 -S 8 signature old sig
complain delta sig old delta
complain patch old delta new
