#!/bin/sh
# Whole updates of two versions of programs as they are released, on a Windows
# station under wine and on a Linux station: the same folder, the same times,
# the same bytes on the wire, and the old version in the backup.  With WINE_REAL,
# a folder to keep packages in, real ones of bench/pairs.sh (make wine-real).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

# One large program of which parts have changed, as esbuild's is.
binary() {
	mkdir -p "$1/bin"
	"$tools/noise" 11 5000000 "$2" 60 >"$1/bin/program.exe"
}
# Many small files, some of them changed, new or gone, as ace's are.
sources() {
	mkdir -p "$1/src/mode" "$1/src/theme"
	i=0
	while [ $i -lt 90 ]; do
		folder=mode
		[ $((i % 3)) -ne 0 ] || folder=theme
		[ $((i % 6)) -ne 0 ] && [ "$2" -gt 1 ] || # as it was
			seq $((i * 7)) $((i * 9 + $2 + 300)) \
				>"$1/src/$folder/file_$i.js"
		i=$((i + 1))
	done
	echo "in version $2" >"$1/src/only_$2.js"
}
# Few large texts with edits all over, as typescript's are.
texts() {
	mkdir -p "$1/lib"
	for name in tsc services; do
		seq 1 250000 | sed "s/^\\([0-9]*[$2]77\\)\$/var x\\1 = $2;/" \
			>"$1/lib/$name.js"
	done
}
# stamps DIR: each file's size and time, to the 100 ns that Windows keeps.
stamps() {
	(cd "$1" && find . \( -name .erpsync -o -name 'bkp_remote.*' \) -prune \
		-o -type f -printf '%P %s %T@\n' |
		sed 's/\([0-9]*\.[0-9]\{7\}\)[0-9]*$/\1/' | sort)
}
same_stamps() {
	stamps "$1" >"$work/stamps.a"
	stamps "$2" >"$work/stamps.b"
	diff "$work/stamps.a" "$work/stamps.b" >"$work/detail" 2>&1
}
# A lone text that the station has from elsewhere: no server learns of it.
note() {
	mkdir -p "$1"
	seq "$2" 300 >"$1/notes.txt"
}
# generated NAME: a pair of these, in $old and $new.
generated() {
	old=$work/$1.old
	new=$work/$1.new
	$1 "$old" 1
	find "$old" -type f -exec touch -d '2023-03-04T05:06:07.1234567' {} +
	cp -a "$old" "$new"
	$1 "$new" 2
	find "$new" -type f -newermt 2024-01-01 \
		-exec touch -d '2024-05-06T07:08:09.7654321' {} +
}
# released NAME: one of packages as they are released, with names and times as
# those are.
released() {
	make_pair "$1" || return 1
	find "$old" "$new" -type f -exec touch -d '2023-03-04T05:06:07.1234567' {} +
	(cd "$new" && find . -type f) | while read -r path; do
		cmp -s "$old/$path" "$new/$path" || touch \
			-d '2024-05-06T07:08:09.7654321' "$new/$path"
	done
}
say() {
	skip "$*"
}
kinds='binary sources texts note'
make_one=generated
if [ -n "${WINE_REAL:-}" ]; then
	kinds='esbuild ace typescript'
	make_one=released
	pairs=$(realpath -m "$WINE_REAL")
	mkdir -p "$pairs"
	. "$here/../../bench/pairs.sh"
fi
windows_ini CompileAhead=0
for kind in $kinds; do
	$make_one "$kind" || continue
	st=$work/$kind.st
	cp -a "$old" "$st"
	own "$st"
	rm -rf "${update:?}"/* "$work/state"
	cp -a "$new/." "$update"
	start_server
	check "$kind: the server has it" logged "windows: published"
	# The second one has what the first has waited for.
	for n in 1 2; do
		rm -rf "$work/$kind.linux"
		cp -a "$old" "$work/$kind.linux"
		run 0 "$kind: update $n on Linux" update --yes -q \
			--os windows --dir "$work/$kind.linux" \
			--server "127.0.0.1:$PORT" --station-id one \
			--format json
	done
	received=$(total received_bytes)
	sent=$(total sent_bytes)
	update_of 0 "$kind: an update on Windows" "$st" -q --station-id one \
		--format json
	check "$kind: it received $(total received_bytes) bytes, on Linux $received" \
		test "$(total received_bytes)" -eq "$received"
	check "$kind: it sent $(total sent_bytes) bytes, on Linux $sent" \
		test "$(total sent_bytes)" -eq "$sent"
	check "$kind: the folder is Linux's" \
		same_but_ours "$work/$kind.linux" "$st"
	check "$kind: its times are those on Linux" same_stamps "$work/$kind.linux" \
		"$st"
	check "$kind: the backup is the old folder" \
		same_but_ours "$old" "$st/bkp_remote.001"
	check "$kind: so are its times" same_stamps "$old" "$st/bkp_remote.001"
	update_of 0 "$kind: a second update" "$st" -q --format json
	check "$kind: moves no content" test "$(total literal_bytes)" -eq 0
	station 0 "$kind: rollback" rollback --dir "Z:$st"
	check "$kind: brings the old one back" same_but_ours "$old" "$st"
	check "$kind: with its times" same_stamps "$old" "$st"
	stop_server
done
finish
