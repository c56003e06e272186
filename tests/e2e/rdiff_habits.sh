#!/bin/sh
# rdiff_habits.sh: may a script that calls rdiff call erpsync instead?  What
# librsync's own tests of rdiff ask (signature, triple, delta, changes,
# mutate, bad option), and what differs between two programs most easily: all
# formats byte for byte, buffers, standard streams, exit codes.  Debian's rdiff
# says what is right; without it that part is skipped.
set -eu
erpsync=$(realpath "${ERPSYNC:-build/release/erpsync}")
[ -w /dev/shm ] && : "${TMPDIR:=/dev/shm}" # files are synced to the disk
work=$(mktemp -d "${TMPDIR:-/tmp}/rdiff_habits.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"
mkdir bin in
ln -s "$erpsync" bin/rdiff
ours=$work/bin/rdiff
theirs=$(command -v rdiff || true)
checks=0 failures=0

# check WHAT COMMAND...: the command must succeed.
check() {
	what=$1
	shift
	checks=$((checks + 1))
	if ! "$@"; then
		echo "FAIL: $what"
		failures=$((failures + 1))
	fi
}

# code PROGRAM ARGS...: its exit code; what it says goes to the file err.
code() {
	status=0
	"$@" 2>err >out || status=$?
	echo $status
}

: >in/empty
printf x >in/byte
seq 1 3000 >in/numbers
{ seq 1 700 && echo inserted && seq 650 2900; } >in/edited
head -c 70000 /dev/zero >in/zeros
cat in/edited in/numbers in/zeros in/numbers >in/long

# triple <- old, new, options: signature, delta, patch; by files and by pipes.
triple() {
	old=$1 new=$2
	shift 2
	"$ours" "$@" -f signature "$old" sig &&
		"$ours" "$@" -f delta sig "$new" delta &&
		"$ours" "$@" -f patch "$old" delta new &&
		cmp new "$new" &&
		"$ours" "$@" signature <"$old" >sig2 &&
		"$ours" "$@" delta - "$new" <sig2 >delta2 &&
		"$ours" "$@" patch "$old" <delta2 >new &&
		cmp new "$new" &&
		"$ours" "$@" delta sig2 <"$new" >delta3 &&
		cmp delta2 delta3
}
for old in in/*; do
	for new in in/*; do
		for hash in -Hmd4 -Hblake2; do
			check "triple $hash $old $new" triple "$old" "$new" $hash
		done
	done
done
for size in 0 1 2 3 7 15 100 10000 200000; do
	check "buffers of $size" triple in/numbers in/edited -I$size -O$size
done

# An empty basis, under any name.
"$ours" signature </dev/null >sig
"$ours" -f delta sig in/numbers delta
for basis in /dev/null in/empty; do
	check "patch of $basis" "$ours" -f patch $basis delta new
	check "... is right" cmp new in/numbers
done

# What is there stays without -f.
echo kept >there
check "there already" [ "$(code "$ours" patch /dev/null delta there)" = 100 ]
check "... says so" grep -q 'File exists ".*", aborting!' err
check "... and stays" [ "$(cat there)" = kept ]
check "device without -f" [ "$(code "$ours" signature there /dev/null)" = 100 ]
check "device with -f" [ "$(code "$ours" -f signature there /dev/null)" = 0 ]

# Nothing is written over what it is made from.
check "F F" [ "$(code "$ours" -f signature there there)" = 108 ]
ln there other
check "F and its other name" \
	[ "$(code "$ours" -f signature there other)" = 108 ]
check "... stays" [ "$(cat there)" = kept ]
# shellcheck disable=SC2094 # that is the point
check "F by standard output" \
	[ "$("$ours" signature there 2>err >>there || echo $?)" = 108 ]
"$ours" -f signature in/numbers sig
cp in/edited new
check "N N" [ "$(code "$ours" -f delta sig new new)" = 108 ]
check "S S" [ "$(code "$ours" -f delta sig new sig)" = 108 ]
check "... stays" cmp new in/edited
check "a folder" [ "$(code "$ours" -f signature in sig)" = 100 ]
check "... is said to be one" grep -q 'in: is a folder' err

# The command line: "CODE what it says: arguments".
while IFS='|' read -r want says args; do
	# shellcheck disable=SC2086
	check "rdiff $args" [ "$(code "$ours" $args </dev/null)" = "$want" ]
	[ -z "$says" ] ||
		check "rdiff $args says" grep -q -e "$says" err out
	[ -z "$theirs" ] || [ "$want" = 108 ] ||
		# shellcheck disable=SC2086
		check "as rdiff: $args" \
			[ "$(code "$theirs" $args </dev/null)" = "$want" ]
done <<'LINES'
101|must specify an action|
101|must specify an action|foo
101|unknown option: --imaginary-option|--imaginary-option
101|unknown option: -q|signature -q
101|unknown option: -z|-z signature in/byte s
101|unknown option: -i|-i9 signature in/byte s
101|missing argument: -b|signature -b
101|invalid numeric value: 1k|-f -b 1k signature in/byte s
101|too large or too small|-f -b 99999999999999999999 signature in/byte s
101|Unknown hash algorithm|-f -H sha signature in/byte s
101|Unknown rollsum algorithm|-f -R sum signature in/byte s
101|Usage: rdiff .*delta SIGNATURE|delta
101|Usage: rdiff .*patch BASIS|patch
101|Too many arguments|-f signature in/byte s more
0|Usage: rdiff .*signature|-?
0|Usage: rdiff .*signature|-h
0|delta SIGNATURE|--help
0|^rdiff (|-V
0|patch|--help signature
0||-f sig in/byte s
0||-f s in/byte s
0||-f signature -b 0x20 --sum-size=-1 -- in/byte s
0|statistics|-fs signature in/byte s
0|trace|-fv signature in/byte s
100|No such file|signature nowhere s
100|No such file|-f signature in/byte nowhere/s
103|unexpected end of input|-f patch in/byte - n
103|unexpected end of input|-f delta in/empty in/byte n
104|bad magic number|-f patch in/byte sig n
108|sum size 40: 1 to 32|-f -S 40 signature in/byte s
108|sum size 17: 1 to 16|-f -Hmd4 -S 17 signature in/byte s
LINES
check "no signature" [ "$(code "$ours" -f delta in/numbers in/byte n)" = 104 ]
check "... says so" grep -q 'bad magic number' err

if [ -z "$theirs" ]; then
	echo "skipped: there is no rdiff to compare with"
else
	# Every format is theirs byte for byte, and each reads the other's.
	for roll in rollsum rabinkarp; do
		for hash in md4 blake2; do
			for sum in 0 -1 8; do
				set -- -f -R$roll -H$hash -S$sum
				"$ours" "$@" signature in/long sig
				"$theirs" "$@" signature in/long sig2
				check "signature $*" cmp sig sig2
				"$ours" -f delta sig2 in/edited delta
				"$theirs" -f patch in/long delta new
				check "delta from $*" cmp new in/edited
			done
		done
	done
	for file in in/*; do
		"$ours" signature <"$file" >sig
		"$theirs" signature <"$file" >sig2
		check "signature of a stream: $file" cmp sig sig2
	done
	seed=0
	while [ $seed -lt 20 ]; do
		awk -v seed=$seed 'BEGIN { srand(seed) }
			rand() < .01 { n = int(rand() * 40); next }
			n > 0 { n--; next }
			{ print }
			rand() < .01 { print "new", rand() }' in/numbers >mutated
		"$ours" -f -b 64 -Hmd4 signature in/numbers sig
		"$theirs" -f delta sig mutated delta
		"$ours" -f patch in/numbers delta new
		check "mutation $seed" cmp new mutated
		"$ours" -f delta sig mutated delta
		"$theirs" -f patch in/numbers delta new
		check "mutation $seed, the other way" cmp new mutated
		seed=$((seed + 1))
	done
fi
check "as a command" [ "$(code "$erpsync" rdiff -V)" = 0 ]
check "nothing is left behind" [ -z "$(find . -name '.erpsync-*')" ]
echo "rdiff_habits: $checks checks, $failures failures"
[ "$failures" -eq 0 ]
