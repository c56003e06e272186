# Where what may be asked ends: what goes together, and the least and the most
# of numbers.
complain() { $ERPSYNC "$@" --lang en; echo "$?: $*"; }
complain doctor --dir here --config there
complain doctor --server host
complain doctor --config there --server host
complain keys list more --dir here
complain keys add --dir here
complain keys remove --dir here
complain keys frob 1 --dir here
complain keys list --dir none
complain publish --config none --os linux
complain publish --config none --compile --from 1
complain keygen --name 'a b' --certificate c --key k
complain keygen --name "$(printf 'a\177')" --certificate c --key k |
	tr '\177' '?'
complain keygen --name "$(printf 'a~')" --certificate c
complain seal there --build 1
echo x >old
complain signature -S -2 old sig
complain signature -S -1 old sig
complain signature -S 32 old sig32
complain signature -S 33 old sig33
complain signature -b -1 old sig
complain signature -b 16777216 old sig_b
complain signature -b 1677721600000000000000 old sig
complain patch old sig
# As long as a command may be, and one more.
long=$(printf '%4095s' '' | tr ' ' x)
complain update --dir none --health-check "$long" 2>&1 | sed 's/xx*x/X/g'
complain update --dir none --health-check "x$long" 2>&1 | sed 's/xx*x/X/g'
