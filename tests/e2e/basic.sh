#!/bin/sh
# The everyday life of a station: first update, nothing to do, dry run, an
# update by deltas, its backup; where the server is found; a server that ends
# and a station that dies in the middle.
. "$(dirname "$0")/lib.sh"

make_tree "$work/v0" 0
make_tree "$work/v1" 1
cp -a "$work/v0/." "$update"
# A better blob in between would make the update smaller than its dry run.
write_ini 'Build=7.00.191205P' CompileAhead=0
start_server
check "the server offers v0" offers "$work/v0"

# A fresh station: an empty folder.
st=$work/st
mkdir "$st"
preview 64 "dry run of a fresh station" "$st"
check "a dry run changes nothing" [ -z "$(ls -A "$st")" ]
predicted=$(wire_bytes)
update 0 "first update" "$st" --format json
check "the dry run was exact: $predicted bytes, in fact $(wire_bytes)" \
	[ "$predicted" -eq "$(wire_bytes)" ]
check "the first update is exact" same_tree "$st" "$work/v0"
check "nothing unfinished" no_leftovers "$st"

# Nothing to do.
update 0 "second update" "$st" --format json
check "... costs less than 400 bytes: $(wire_bytes)" \
	[ "$(wire_bytes)" -lt 400 ]
check "... transfers no content" [ "$(total literal_bytes)" -eq 0 ]
check "... leaves the folder" same_tree "$st" "$work/v0"
preview 0 "a dry run finds nothing" "$st"
run 0 "verify" verify --dir "$st"

# An old folder that erpsync never saw, with files of its own.
st=$work/old
cp -a "$work/v0" "$st"
mkdir "$st/mine" "$st/mine/empty"
echo "my notes" >"$st/mine/notes.txt"
echo "MY DLL" >"$st/libs/Mine.DLL"
chmod 600 "$st/mine/notes.txt"
ln -s /nowhere "$st/mine/link"
cp -a "$st" "$work/before"
publish "$work/v1"
preview 64 "dry run of an old station" "$st"
check "the dry run leaves the folder" same_tree "$st" "$work/before"
check "the dry run makes no folder of ours" [ ! -e "$st/.erpsync" ]
check "it names new files" [ "$(total new)" -eq 2 ]
check "files of the station alone are only counted" \
	[ "$(total delete)" -eq 0 ]
predicted=$(wire_bytes)
update 0 "update of an old station" "$st" --format json
check "the dry run was exact: $predicted bytes, in fact $(wire_bytes)" \
	[ "$predicted" -eq "$(wire_bytes)" ]
check "deltas travel: $(wire_bytes) of $(total content_bytes) bytes" \
	[ "$(($(wire_bytes) * 2))" -lt "$(total content_bytes)" ]
check "bkp_remote.001 is the old folder" \
	same_tree "$st/bkp_remote.001" "$work/before"
check "the one backup is 001" [ "$(backups "$st")" = "001 " ]
check "a file of the station's own stays" cmp "$st/mine/notes.txt" \
	"$work/before/mine/notes.txt"
check "... with its mode" [ "$(stat -c %a "$st/mine/notes.txt")" = 600 ]
check "... and one among ours" [ -f "$st/libs/Mine.DLL" ]
check "... and a link" [ -L "$st/mine/link" ]
check "... and an empty folder" [ -d "$st/mine/empty" ]
rm -r "$st/mine" "$st/libs/Mine.DLL"
check "everything else is exact" same_tree "$st" "$work/v1"
update 0 "and again" "$st" --format json
check "... costs less than 400 bytes: $(wire_bytes)" \
	[ "$(wire_bytes)" -lt 400 ]
check "... and makes no backup" [ "$(backups "$st")" = "001 " ]

# What the user changed comes back, even with size and time as they were.
printf 9 >"$st/res/byte.dat"
touch -r "$work/v1/res/byte.dat" "$st/res/byte.dat"
echo "[config]" >"$st/smartclient.ini"
update 0 "a changed INI comes back" "$st"
check "... as in the release" cmp "$st/smartclient.ini" \
	"$work/v1/smartclient.ini"
update 0 "--checksum sees what size and time do not show" "$st" --checksum
check "... and brings it back" same_tree "$st" "$work/v1"

# A file that left the release stays, unless --delete says otherwise.
cp -a "$work/v1" "$work/v1less"
rm "$work/v1less/res/icons/icon_3.png"
publish "$work/v1less" now
cp -a "$st" "$work/st2"
update 0 "a file left the release" "$st"
check "... and stays on the station" [ -f "$st/res/icons/icon_3.png" ]
update 0 "with --delete" "$work/st2" --delete
check "... it goes" same_tree "$work/st2" "$work/v1less"

# Only a time: nothing travels but the list.
cp -a "$work/v1less" "$work/v1time"
find "$work/v1time/lang" -type f -exec touch -d '2025-05-05 05:05:05.5' {} +
publish "$work/v1time" now
update 0 "only times changed" "$work/st2" --format json
check "... transfers no content" [ "$(total literal_bytes)" -eq 0 ]
check "... sets the times" same_tree "$work/st2" "$work/v1time"

# The server of smartclient.ini, in the ERP's dialect.
cp -a "$work/v0" "$work/st3"
{
	printf '\357\273\277; the client\r\n[Drivers]\r\nACTIVE = matriz\r\n'
	printf '[MATRIZ]\r\nServer="127.0.0.1"\r\nport = %s\r\n' "$PORT"
} >"$work/st3/smartclient.ini"
run 0 "server out of smartclient.ini" update --dir "$work/st3" --yes -q
rm "$work/st3/res/icons/icon_3.png"
check "... is exact" same_tree "$work/st3" "$work/v1time"

# An incompatible build is updated after a yes; run becomes the program.
cp -a "$work/v0" "$work/st4"
update 0 "incompatible build, --yes" "$work/st4" --build 7.00.170117A
run 7 "run updates, then becomes the program" run --dir "$work/st4" \
	--server "127.0.0.1:$PORT" -q -- sh -c 'echo "started $1"; exit 7' \
	sh program
check "... which prints" grep -qx "started program" "$work/out"

# A server that is told to end lets a running update finish.
noise 50 3000000 >"$work/v1time/large.bin"
publish "$work/v1time" now
"$erpsync" update --dir "$work/st4" --server "127.0.0.1:$PORT" --os linux \
	--yes -q --bwlimit 500 >"$work/out" 2>"$work/err" </dev/null &
station=$!
started=$station
soon has_got "$work/st4" 1
kill -TERM "$SERVER_PID"
check "it takes no more" logged 'stopping: no more connections'
update 35 "an ending server takes no new station" "$work/st3"
code=0
wait $station || code=$?
started=
cp "$work/err" "$work/detail"
check "the running update succeeds, exit code $code" [ $code = 0 ]
rm -f "$work/st4/res/icons/icon_3.png"
check "... and is exact" same_tree "$work/st4" "$work/v1time"
code=0
wait "$SERVER_PID" || code=$?
SERVER_PID=
check "the server ends with 0" [ $code = 0 ]

# A station that dies while receiving continues from what it has.
start_server
check "a restarted server offers its release" offers "$work/v1time"
cp -a "$work/v0" "$work/st5"
cp -a "$work/v0" "$work/before5"
"$erpsync" update --dir "$work/st5" --server "127.0.0.1:$PORT" --os linux \
	--yes -q --bwlimit 500 >"$work/out" 2>"$work/err" </dev/null &
station=$!
started=$station
soon has_got "$work/st5" 1000000
kill -9 $station
wait $station 2>/dev/null
started=
check "a station killed while receiving has the old folder" \
	same_tree "$work/st5" "$work/v0"
rm "$work/st5/res/icons/icon_3.png" "$work/before5/res/icons/icon_3.png"
update 0 "the next update" "$work/st5" --format json
check "... receives only the rest: $(total received_bytes) bytes" \
	[ "$(total received_bytes)" -lt 2200000 ]
check "... and is exact" same_tree "$work/st5" "$work/v1time"
check "... with the right backup" \
	same_tree "$work/st5/bkp_remote.001" "$work/before5"

# Nobody would find in the folder's place what an update did to it elsewhere.
cp -a "$work/v0" "$work/st6"
"$erpsync" update --dir "$work/st6" --server "127.0.0.1:$PORT" --os linux \
	--yes -q --lang en --bwlimit 500 >"$work/out" 2>"$work/err" </dev/null &
station=$!
started=$station
soon has_got "$work/st6" 1
mv "$work/st6" "$work/away6"
cp -a "$work/v0" "$work/st6"
code=0
wait $station || code=$?
started=
check "a folder that was moved meanwhile ends it, exit code $code" \
	[ $code = 67 ]
says "... and is told" 'was removed, moved or replaced meanwhile'
check "... as it was" same_tree "$work/away6" "$work/v0"

"$erpsync" update --dir "$work/st6" --server "127.0.0.1:$PORT" --os linux \
	--yes -q --lang en --bwlimit 1500 >"$work/out" 2>"$work/err" </dev/null &
station=$!
started=$station
soon has_got "$work/st6" 1
mv "$work/st6" "$work/gone6"
rm -rf "$work/gone6"
code=0
wait $station || code=$?
started=
check "a folder that was removed meanwhile ends it, exit code $code" \
	[ $code = 67 ]
says "... and is told" 'st6: was removed, moved or replaced meanwhile'
check "... and stays so" [ ! -e "$work/st6" ]

finish
