#!/bin/sh
# How signature, delta and patch treat files: nothing half-done stays behind,
# an output is replaced only on success, "-" is a standard stream.  ERPSYNC is
# the program, build/release/erpsync by default.
set -eu
erpsync=$(realpath "${ERPSYNC:-build/release/erpsync}")
work=$(mktemp -d "${TMPDIR:-/tmp}/delta_files.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"
export LC_ALL=en_US.UTF-8
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

# run ARGS...: erpsync with these; $code and the file err are what came of it.
run() {
	code=0
	"$erpsync" "$@" 2>err || code=$?
}

# says WHAT ACT: is err exactly this, and what to do about it?
says() {
	[ "$(cat err)" = "$(printf '%s\nWhat to do: %s' "$1" "$2")" ]
}

# leftovers: is there a file that nobody asked for?
leftovers() {
	[ -n "$(find . -name '.erpsync-*')" ]
}

seq 1 20000 >old
{ seq 1 9000 && echo inserted && seq 9001 20000; } >new

# The plain road, and in place of the basis.
run signature old sig
check "signature" [ "$code" = 0 ]
run delta sig new delta
check "delta" [ "$code" = 0 ]
run patch old delta result
check "patch" cmp result new
cp old live && chmod 640 live
run patch live delta live
check "patch in place" cmp live new
check "mode of a replaced file" [ "$(stat -c %a live)" = 640 ]

# Standard streams.
# shellcheck disable=SC2094 # these are streams, not files
"$erpsync" signature - - <old | "$erpsync" delta - new - |
	"$erpsync" patch old - - >result
check "through pipes" cmp result new

# in_pieces FILE N: its first N bytes, which come one by one to who reads.
in_pieces() {
	head -c 1 "$1"
	sleep 0.2
	head -c "$2" "$1" | tail -c +2
}
for n in 3 9 20; do
	in_pieces delta $n | { run rdiff patch old - piece; echo $code >slowly; }
	head -c $n delta | { run rdiff patch old - piece; echo $code >at-once; }
	check "what a delta cut at $n is, whatever comes when" \
		cmp slowly at-once
done
tail -n +1 old | "$erpsync" signature - sig.pipe
run delta sig.pipe new delta.pipe
run patch old delta.pipe result
check "signature of a pipe" cmp result new

# Links, pipes and devices as outputs.
echo before >target && ln -s target link
run patch old delta link
check "a link stays" [ -L link ]
check "the file behind it is replaced" cmp target new
mkfifo fifo
cat fifo >result &
run patch old delta fifo
wait
check "into a named pipe" cmp result new
run patch old delta /dev/full
check "a full disk" [ "$code" = 11 ]

# Failures change nothing.
echo precious >kept
head -c 100 delta >torn
run patch old torn kept
check "a torn delta fails" [ "$code" != 0 ]
check "... and says so" grep -q '^UPD025: .*: torn: ' err
run patch old sig kept
check "a signature is no delta" [ "$code" != 0 ]
run delta delta new kept
check "a delta is no signature" [ "$code" != 0 ]
run patch nowhere delta kept
check "a missing basis" says \
	"UPD035: Not found: open nowhere: No such file or directory" \
	"Check the name."
run patch old delta nowhere/file
check "a missing folder" says \
	"UPD035: Not found: open nowhere: No such file or directory" \
	"Check the name."
tail -n +1 old >fifo 2>/dev/null &
run patch - delta kept <fifo
wait
check "a basis that is a pipe" [ "$code" = 1 ]
check "kept" [ "$(cat kept)" = precious ]

# No file is written over what it is made from; what cannot be read is named.
cp new live && ln live live2
for args in "signature live live" "signature live live2" \
	"delta sig live live" "delta live new live2" "patch old live live"; do
	# shellcheck disable=SC2086
	run $args
	check "same file: $args" [ "$code" = 1 ]
	check "same file, said: $args" grep -q 'live: the same file' err
done
check "... stays" cmp live new
run signature . kept
check "a folder" says "UPD034: A file could not be read or written: .: is a folder, a file is needed" \
	"Check the name."
run signature old .
check "a folder to write" [ "$code" = 11 ]
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
for args in "signature socket kept" "signature old socket"; do
	# shellcheck disable=SC2086
	run $args
	check "a socket: $args" [ "$code" = 11 ]
	check "... is named" grep -q '^UPD034: .*: open socket: ' err
done
check "... kept" [ "$(cat kept)" = precious ]
for basis in /dev/null empty; do
	: >empty
	run signature $basis sig.empty
	run delta sig.empty new delta.empty
	run patch $basis delta.empty result
	check "basis $basis" [ "$code" = 0 ]
	check "... is right" cmp result new
done

# A signal while it waits for input, or for a pipe's other end.
mkfifo slow
"$erpsync" signature slow kept 2>err &
child=$!
exec 3>slow
head -c 10000 old >&3
kill -TERM $child
code=0
wait $child || code=$?
exec 3>&-
check "exit code of a signal" [ "$code" = 20 ]
check "words for a signal" says \
	"UPD037: Stopped on request: interrupted by a signal" \
	"Nothing was written; start it again when it suits."
check "kept" [ "$(cat kept)" = precious ]
mkfifo never
for args in "signature never kept" "signature old never"; do
	# shellcheck disable=SC2086
	"$erpsync" $args 2>err &
	child=$!
	until grep -q '^SigBlk:.*[1-9a-f]' /proc/$child/status; do
		sleep 0.02
	done
	kill -TERM $child
	code=0
	wait $child || code=$?
	check "signal: $args" [ "$code" = 20 ]
done

# Usage.
for args in "signature" "signature old" "signature old sig more" \
	"delta sig new" "patch old delta" "signature -x old sig" \
	"delta -b 5 sig new delta" "signature -b -1 old sig" \
	"signature -b 17000000 old sig" "signature -S 33 old sig" \
	"signature -S old sig" "delta - - delta"; do
	# shellcheck disable=SC2086
	run $args
	check "usage: $args" [ "$code" = 1 ]
	check "usage says: $args" grep -q "^UPD038: .*: ." err
done
run signature -b 512 --sum-size=-1 old sig
check "sizes are taken" [ "$code" = 0 ]
check "the smallest sum" [ "$(od -An -tx1 -j4 -N8 sig | tr -d ' ')" = \
	0000020000000006 ]
check "help" [ "$("$erpsync" patch -h | head -n 1)" = \
	"Usage: erpsync patch [OPTION]... BASIS DELTA NEW" ]

# The same failure in the other two languages.
run patch --lang pt old torn kept
check "Portuguese" grep -q '^UPD025: Conteúdo inválido.*: torn: delta: ' err
check "... what to do" grep -q '^O que fazer: Verifique' err
LC_ALL=es_AR.UTF-8 run delta sig nowhere kept
check "Spanish" grep -q \
	'^UPD035: No encontrado: abrir nowhere: no existe' err

check "nothing is left behind" eval '! leftovers'
echo "delta_files: $checks checks, $failures failures"
[ "$failures" -eq 0 ]
