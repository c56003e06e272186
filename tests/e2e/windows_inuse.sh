#!/bin/sh
# Files in use on a Windows station, under wine: held so that nobody may touch
# them, held for a moment as virus scanners do, programs that run all the time,
# and the station itself.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

# version DIR N: a client folder.
version() {
	mkdir -p "$1/sub"
	cp "$unit" "$1/smartclient.exe"
	"$tools/noise" "$2" 1000 >>"$1/smartclient.exe"
	seq "$2" 2000 >"$1/held.dll"
	cp "$(dirname "$unit")/rstrtmgr.dll" "$1/sub/loaded.dll"
	"$tools/noise" "$2" 2000 >>"$1/sub/loaded.dll"
	echo "text of version $2" >"$1/sub/text.txt"
	seq 0 "$2" >"$1/sub/grows.txt"
	find "$1" -type f -exec touch -d "2024-01-0$(($2 + 1))T03:04:05" {} +
}
for v in 0 1 2 3 4 5; do
	version "$work/v$v" $v
done
# offer N: publish a version.
offer() {
	rm -rf "${update:?}"/*
	cp -a "$work/v$1/." "$update"
	kill -HUP "$SERVER_PID"
	check "version $1 is offered" offers "$work/v$1"
}
# differs DIR: as in lib.sh, for Windows.
differs() {
	"$erpsync" check --dir "$1" --server "127.0.0.1:$PORT" --os windows \
		--yes --retries 0 --format json >"$work/offered" \
		2>"$work/detail" </dev/null || return 0
	! grep -q '"extra": 0,' "$work/offered"
}
# hold ARGS...: a program that has a file; $held is its process.
hold() {
	: >"$work/holds"
	"$WINE" "$unit" "$@" >"$work/holds" 2>/dev/null &
	held=$!
	soon grep -q held "$work/holds"
}
# let_go: end who has it.
let_go() {
	kill -9 "$held"
	wait "$held"
}
st=$work/st
cp -a "$work/v0" "$st"
own "$st"
cp -a "$work/v1/." "$update"
windows_ini
start_server
check "the server has a release for Windows" logged "windows: published"

# Who holds it is told, as far as the system knows (tests/win32/rstrtmgr.c).
for how in --hold --hold-reading --hold-writing; do
	hold $how "Z:$st/held.dll" 60000
	update_of 67 "a file that is held ($how)" "$st"
	check "is told as that" has "UPD022"
	check "with who holds it" has "held by Planilha ç (42)"
	check "and nothing has changed" same_but_ours "$work/v0" "$st"
	let_go
done
hold --hold-sharing "Z:$st/held.dll" 60000
update_of 0 "a file that is held and may be removed" "$st" -q
check "is replaced while it is held" same_but_ours "$work/v1" "$st"
let_go
station 0 "rollback" rollback --dir "Z:$st"
check "has the old one" same_but_ours "$work/v0" "$st"
rm -rf "$st"/bkp_remote.* "$st/.erpsync"
hold --hold-reading "Z:$st/held.dll" 1500
update_of 0 "a file that a scanner holds for a moment" "$st" -q
check "is replaced when it lets go" same_but_ours "$work/v1" "$st"
wait "$held"
station 0 "rollback" rollback --dir "Z:$st"
check "brings it back" same_but_ours "$work/v0" "$st"
rm -rf "$st"/bkp_remote.* "$st/.erpsync"

# A program that runs from v0 to v5, with a library of the folder in it.
its=$unit
unit=Z:$st/smartclient.exe
hold --load "Z:$st/sub/loaded.dll" 600000
unit=$its
check "the program runs, with its library" grep -q '^held' "$work/holds"
for v in 1 2 3 4 5; do
	offer $v
	update_of 0 "an update to version $v" "$st"
	check "is whole" same_but_ours "$work/v$v" "$st"
	check "and warns of nothing" test -z "$(grep -i warning "$work/err")"
done
check "the program still runs" kill -0 "$held"
check "the backups are 001 002 003" test "$(backups "$st")" = "001 002 003 "
for pair in 001:2 002:3 003:4; do
	check "${pair%:*} is version ${pair#*:}" \
		same_but_ours "$work/v${pair#*:}" "$st/bkp_remote.${pair%:*}"
done
check "what it runs from is kept aside" \
	test -n "$(find "$st/.erpsync" -name 'old.*')"
let_go
station 0 "the next start" recover --dir "Z:$st"
check "has none of it left" test -z "$(find "$st/.erpsync" -name 'old.*')"

# The station in the folder that it updates.
cp "$STATION" "$update/erpsync.exe"
echo >>"$update/erpsync.exe"
kill -HUP "$SERVER_PID"
check "a new station is offered" offers "$update"
cp "$STATION" "$st/erpsync.exe"
own "$st"
STATION=Z:$st/erpsync.exe
update_of 0 "the folder's own station updates itself" "$st"
check "the new one is in place" same_but_ours "$update" "$st"
update_of 0 "which finds nothing to do" "$st"
check "and says so" has "No update needed."
check "the old one is gone" test -z "$(find "$st/.erpsync" -name 'old.*')"
finish
