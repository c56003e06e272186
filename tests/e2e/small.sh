#!/bin/sh
# Two thousand small files of which each changed by a line: they travel in
# groups, in less than a third of the bytes of rsync -z for the same job.
. "$(dirname "$0")/lib.sh"

files=2000

# texts DIR VERSION: files of 1 to 6 KB; one line of each tells the
# version.
texts() {
	mkdir -p "$1"
	awk -v dir="$1" -v version="$2" -v files=$files 'BEGIN {
		for (i = 0; i < files; i++) {
			srand(i)
			n = 40 + i * 7919 % 160
			changed = i * 31 % n
			name = dir "/" i % 20 "-" i ".txt"
			for (k = 0; k < n; k++) {
				word = int(rand() * 1e9)
				if (k == changed)
					word = version * (i + 1)
				print "line " k " has the number " word >name
			}
			close(name)
		}
	}' </dev/null
	find "$1" -type f -exec touch -d "2025-0$2-01 10:00:00" {} +
}

texts "$work/old" 1
texts "$work/new" 2
cp -a "$work/old/." "$update"
# What is made ahead would change what a dry run said.
write_ini CompileAhead=0
start_server
check "the server offers the old files" offers "$work/old"
st=$work/st
mkdir "$st"
preview 64 "dry run of a fresh station" "$st"
predicted=$(wire_bytes)
update 0 "first update" "$st" --format json
check "... is exact" same_tree "$st" "$work/old"
check "the dry run was exact: $predicted bytes, in fact $(wire_bytes)" \
	[ "$predicted" -eq "$(wire_bytes)" ]
cp -a "$st" "$work/edited"
cp -a "$st" "$work/late"
publish "$work/new" now

preview 64 "dry run" "$st"
predicted=$(wire_bytes)
update 0 "update" "$st" --format json
ours=$(wire_bytes)
check "the dry run was exact: $predicted bytes, in fact $ours" \
	[ "$predicted" -eq "$ours" ]
check "every file is exact" same_tree "$st" "$work/new"
check "the backup is exact" same_tree "$st/bkp_remote.001" "$work/old"

# Three files that the server does not know leave the groups.
st=$work/edited
for i in 5 700 1999; do
	echo "edited here" >>"$st/$((i % 20))-$i.txt"
done
preview 64 "dry run with edited files" "$st"
predicted=$(wire_bytes)
update 0 "update with edited files" "$st" --format json
check "the dry run was exact: $predicted bytes, in fact $(wire_bytes)" \
	[ "$predicted" -eq "$(wire_bytes)" ]
check "every file is exact" same_tree "$st" "$work/new"
check "... for little more: $(wire_bytes) against $ours bytes" \
	[ "$(wire_bytes)" -lt $((ours + 5000)) ]

# A group that was made ahead is made with more care.
stop_server
run 0 "publish --compile" publish --config "$ini" --state "$work/state" \
	--compile
check "... makes the group of the stations" \
	grep -q 'compiling group 1, 2,000 files' "$work/out"
check "... and in the end how much there was, and how long it took" grep -qE \
	'is compiled: [0-9]+ groups? of small files, [0-9]+ blobs? of large files, for [0-9,]+ bytes \([0-9.]+ [KM]B\) of content, in [0-9]+\.[0-9] s$' \
	"$work/out"
start_server
st=$work/late
update 0 "update with what was made ahead" "$st" --format json
check "every file is exact" same_tree "$st" "$work/new"
check "... for less: $(wire_bytes) against $ours bytes" \
	[ "$(wire_bytes)" -lt "$ours" ]

if command -v rsync >/dev/null; then
	check "rsync does its job" rsync_job
	theirs=$(rsync_bytes)
	check "$ours bytes against $theirs of rsync -z" \
		[ $((ours * 3)) -lt "$theirs" ]
	echo "    $files changed files: $ours bytes, rsync -z $theirs"
else
	skip "no rsync"
fi
finish
