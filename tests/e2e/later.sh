#!/bin/sh
# Updates by the clock: fetched now and put in place later, also outside the
# server's hours; begun at a given time.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1
for v in 0 1 2; do make_tree "$work/v$v" $v; done
st=$work/st
mkdir "$st"
cp -a "$work/v0/." "$update"
write_ini 'Build=2.0'
start_server
check "the server offers v0" offers "$work/v0"
update 0 "a station on v0" "$st"
publish "$work/v1" now

# --- fetched, not put in place ----------------------------------------------------

preview 64 "what an update costs" "$st"
whole=$(total received_bytes)
run 0 "fetched" update --dir "$st" --os linux --lang en --build 1.0 \
	--server "127.0.0.1:$PORT" --download-only
check "nobody is asked, and it is told" \
	grep -q 'the next update puts it in place' "$work/out"
check "the folder is as it was" same_tree "$st" "$work/v0"
preview 64 "what an update costs then" "$st"
check "all but the list is there ($(total received_bytes) of $whole bytes)" \
	[ $(($(total received_bytes) * 5)) -lt "$whole" ]
run 0 "once more" update --dir "$st" --os linux --lang en --yes -q \
	--server "127.0.0.1:$PORT" --download-only
run 0 "a program is started as it is" run --dir "$st" --os linux --lang en \
	--yes --server "127.0.0.1:$PORT" --download-only -- /bin/true
check "the folder is as it was" same_tree "$st" "$work/v0"
run 1 "a dry run fetches nothing" check --dir "$st" --os linux --lang en \
	--server "127.0.0.1:$PORT" --download-only
write_ini 'Build=2.0' "Window=$(date -d '3 days' +%a)"
check "the hours are others" reload
update 66 "no update now" "$st"
update 0 "but its contents" "$st" --download-only
check "the folder is as it was" same_tree "$st" "$work/v0"
write_ini 'Build=2.0'
check "the hours are all" reload
update 0 "put in place" "$st"
check "it is v1" same_tree "$st" "$work/v1"
run 0 "nothing to fetch" update --dir "$st" --os linux --lang en --yes \
	--server "127.0.0.1:$PORT" --download-only
check "... is told" grep -q 'No update needed' "$work/out"

# --- without a server ---------------------------------------------------------------

run 0 "nothing was fetched" update --dir "$st" --os linux --lang en --apply
check "... is told" grep -q 'Nothing was downloaded' "$work/out"
run 1 "one of the two" update --dir "$st" --lang en --apply --download-only
says "one of the two" "--download-only, --apply or a dry run?"
cp -a "$st" "$work/off"
publish "$work/v2" now
update 0 "fetched" "$work/off" --download-only
run 0 "put in place, with no server told" update --dir "$work/off" \
	--os linux --lang en --yes --apply
check "it is v2" same_tree "$work/off" "$work/v2"
run 0 "nothing is left to be done" update --dir "$work/off" --os linux -q --apply
check "and quiet" [ ! -s "$work/out" ]
run 0 "gone back" rollback --dir "$work/off" --lang en
check "it is v1" same_tree "$work/off" "$work/v1"
update 0 "fetched" "$work/off" --download-only --force
run 71 "what was gone back from is not put in place" update \
	--dir "$work/off" --os linux --lang en --yes --apply
run 0 "but by force" update --dir "$work/off" --os linux --lang en --yes \
	--apply --force --report "$work/report.json"
check "it is v2" same_tree "$work/off" "$work/v2"
publish "$work/v1" now
update 0 "fetched" "$work/off" --download-only
find "$work/off/.erpsync/recv" -type f | while read -r file; do
	printf damage | dd of="$file" conv=notrunc 2>/dev/null
done
cp -a "$work/off" "$work/was"
run 11 "what was damaged since is not put in place" update \
	--dir "$work/off" --os linux --lang en --yes --apply \
	--report "$work/report.txt"
says "... which is told" 'contents are missing from what was fetched, or are'
says "... with what to do" 'Update with --download-only once more'
check "... as in its report" grep -q 'Update with --download-only once more' \
	"$work/report.txt"
check "the folder is as it was" same_tree "$work/off" "$work/was"
update 0 "fetched again" "$work/off" --download-only --delete
run 0 "then it is put in place" update --dir "$work/off" \
	--os linux --lang en --yes --apply --delete
check "it is v1" same_tree "$work/off" "$work/v1"

# --- left out later -------------------------------------------------------------------

# What the server does not publish any more is not what left the release.
le=$work/le
mkdir "$le"
update 0 "a station on v1" "$le"
publish_without() {
	write_ini 'Build=2.0' "Exclude=$1"
	find "$update" -mindepth 1 -delete
	cp -a "$work/v2/." "$update"
	rm "$update/res/icons/icon_3.png"
	reload published
}
# kept DIR: it has all of v1 that is left out.
kept() {
	diff -r "$work/v1/lang" "$1/lang" &&
		cmp "$work/v1/tools/script" "$1/tools/script" &&
		cmp "$work/v1/smartclient.ini" "$1/smartclient.ini" &&
		cmp "$work/v1/added/in_1.txt" "$1/added/in_1.txt"
}
check "v2 without some of it" publish_without \
	'smartclient.ini,lang,/tools/scr?pt,in_[0-9].txt'
run 64 "what an update does then" update --dir "$le" --os linux -n -i \
	--lang en --delete --server "127.0.0.1:$PORT"
check "one file goes" test "$(grep -c '^\*deleting' "$work/out")" = 1
check "... the one that left" grep -q 'deleting.* res/icons/icon_3.png' "$work/out"
cp -a "$le" "$work/fetched"
update 0 "fetched" "$work/fetched" --delete --download-only
run 0 "put in place without the server" update --dir "$work/fetched" \
	--os linux --yes -q --delete --apply
update 0 "updated" "$le" --delete
for dir in "$le" "$work/fetched"; do
	check "${dir##*/} has v2" cmp "$work/v2/libs/rebuilt.so" \
		"$dir/libs/rebuilt.so"
	check "... and what is left out as it was" kept "$dir"
	check "... but not what left" test ! -e "$dir/res/icons/icon_3.png"
	run 0 "... and is whole" verify --dir "$dir" --lang en
	update 0 "once more" "$dir" --delete
	check "... nothing is done" kept "$dir"
done
write_ini 'Build=2.0'
publish "$work/v2" now
update 0 "what comes back is compared as any" "$le" --delete
check "it is v2" same_tree "$le" "$work/v2"
publish "$work/v1" now

# --- at a time ----------------------------------------------------------------------

publish "$work/v2" now
run 1 "no time" update --dir "$st" --at 25:00 --lang en
says "no time" "is no time like 22:30"
"$erpsync" update --dir "$st" --os linux --yes --lang en \
	--server "127.0.0.1:$PORT" --at "$(date -d '1 hour' +%H:%M)" \
	>"$work/out" 2>"$work/err" </dev/null &
waiting=$!
started="$started $waiting"
check "it says that it waits" soon grep -q 'Waiting until 2' "$work/err"
check "the folder is as it was" same_tree "$st" "$work/v1"
kill -TERM "$waiting"
code=0
wait "$waiting" || code=$?
check "it can be stopped, with $code" [ $code = 20 ]
# Where this machine is too slow to begin in time it is tomorrow's: once more.
for try in 1 2 3 4; do
	code=0
	timeout 60 "$erpsync" update --dir "$st" --os linux --yes -q \
		--server "127.0.0.1:$PORT" \
		--at "$(date -d "$((try * 2)) seconds" +%T)" \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	[ $code != 0 ] || break
done
check "it begins at its time" [ $code = 0 ]
check "it is v2" same_tree "$st" "$work/v2"

# --- not too much at a time ---------------------------------------------------------

# took DIR: update it, the milliseconds in $ms.
took() {
	t0=$(date +%s%N)
	update 0 "an update of $1" "$work/$1"
	ms=$((($(date +%s%N) - t0) / 1000000))
}
# rate RATES: the server takes it.
rate() {
	write_ini "MaxRate=$1"
	reload
}
mkdir "$work/slow" "$work/fast"
check "200 KiB a second for all" rate '200'
took slow
# Some 1,000 KB, less a quarter of a second's at once.
check "it takes its time: $ms ms" [ "$ms" -gt 2000 ]
check "it is v2" same_tree "$work/slow" "$work/v2"
check "the log has nothing against it" sh -c "! grep -q 'error' '$log'"
check "slow for others, and at another time" rate \
	"1 $(date -d '3 days' +%a), 10.0.0.0/8 1, 127.0.0.1 100M"
took fast
check "it is v2" same_tree "$work/fast" "$work/v2"
write_ini 'MaxRate=10.0.0.0/33 1'
: >"$log"
kill -HUP "$SERVER_PID"
check "what is no range is told" logged "no range of addresses like"
finish
