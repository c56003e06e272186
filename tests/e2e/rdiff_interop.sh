#!/bin/sh
# rdiff_interop.sh [OLD NEW]: do rdiff and erpsync understand each other?
# For every file of the folder NEW, with the file of that name in OLD or an
# empty one as basis: the signature and the delta of either program, in each
# of the four combinations, applied by both.  Without folders, files are made
# up.  ERPSYNC is the program, build/release/erpsync by default.
set -eu
erpsync=${ERPSYNC:-build/release/erpsync}
work=$(mktemp -d "${TMPDIR:-/tmp}/interop.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Repeatable noise: $1 bytes of seed $2.
noise() {
	awk -v n="$1" -v s="$2" 'BEGIN {
		srand(s)
		for (i = 0; i < n; i += 8)
			printf "%08d", int(rand() * 99999999)
	}' | head -c "$1"
}

make_up() {
	old=$work/old new=$work/new
	mkdir -p "$old/sub" "$new/sub"
	: >"$old/grown" && noise 5000 1 >"$new/grown"
	noise 5000 1 >"$old/emptied" && : >"$new/emptied"
	: >"$old/empty" && : >"$new/empty"
	printf x >"$old/byte" && printf y >"$new/byte"
	noise 300000 2 >"$old/same" && cp "$old/same" "$new/same"
	noise 300000 3 >"$old/sub/edited"
	{
		head -c 1000 "$old/sub/edited"
		echo inserted
		tail -c +1001 "$old/sub/edited" | tr 3 4 | head -c 5000
		tail -c +6100 "$old/sub/edited"
	} >"$new/sub/edited"
	{ noise 200000 5 && noise 200000 6; } >"$old/turned"
	{ noise 200000 6 && noise 200000 5; } >"$new/turned"
	head -c 2000000 /dev/zero >"$old/sparse"
	{ cat "$old/sparse" && echo end; } >"$new/sparse"
	noise 40000 7 >"$new/only in new"
	noise 40000 8 >"$old/only in old"
}

case $# in
0) make_up ;;
2) old=$1 new=$2 ;;
*)
	echo "usage: rdiff_interop.sh [OLD NEW]" >&2
	exit 1
	;;
esac

: >"$work/nothing"
: >"$work/failures"
find "$new" -type f | sort >"$work/list"
files=0 patches=0

# $1 names what failed on $name.
failed() {
	echo "FAIL: $name: $1" | tee -a "$work/failures"
}

check_file() {
	rdiff -f signature "$basis" "$work/sig.rdiff" || failed "rdiff signature"
	"$erpsync" signature "$basis" "$work/sig.erpsync" ||
		failed "erpsync signature"
	for sig in rdiff erpsync; do
		rdiff -f delta "$work/sig.$sig" "$new/$name" "$work/delta.rdiff" ||
			failed "rdiff delta from the signature of $sig"
		"$erpsync" delta "$work/sig.$sig" "$new/$name" \
			"$work/delta.erpsync" ||
			failed "erpsync delta from the signature of $sig"
		for delta in rdiff erpsync; do
			for program in rdiff "$erpsync"; do
				rm -f "$work/result"
				"$program" patch "$basis" "$work/delta.$delta" \
					"$work/result" ||
					failed "patch: $program, $sig, $delta"
				cmp -s "$work/result" "$new/$name" ||
					failed "result: $program, $sig, $delta"
				patches=$((patches + 1))
			done
		done
	done
}

while IFS= read -r path; do
	name=${path#"$new"/}
	basis=$old/$name
	[ -f "$basis" ] || basis=$work/nothing
	check_file
	files=$((files + 1))
done <"$work/list"

failures=$(wc -l <"$work/failures")
echo "rdiff_interop: $files files, $patches patches, $failures failures"
[ "$failures" -eq 0 ] && [ "$files" -gt 0 ]
