#!/bin/sh
# Whole updates of a Windows station under wine (WINE, STATION) from this
# system's server; called by tests/win32/run.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

# as_released: the folder has what is published, one file in the spelling that
# it had before, and beside it only ours.
as_released() {
	diff -r -x .erpsync -x 'bkp_remote.*' -x '[fF]5.*' "$update" "$st" \
		>"$work/detail" 2>&1 &&
		cmp "$update/sub/f5.txt" "$st/sub/F5.TXT"
}

as_released_small() {
	diff -r -x .erpsync -x 'bkp_remote.*' "$update" "$st" \
		>"$work/detail" 2>&1
}

# as_before: it has what it had, but for ours.
as_before() {
	diff -r -x .erpsync -x 'bkp_remote.*' "$work/before" "$st" \
		>"$work/detail" 2>&1
}

st=$work/st
mkdir -p "$update/sub/deep" "$st"
"$tools/noise" 1 400000 >"$update/smartclient.exe"
seq 1 20000 >"$update/big.dll"
for i in 1 2 3 4 5 6 7 8 9; do
	seq $i 300 >"$update/sub/f$i.txt"
done
echo accents >"$update/sub/deep/estação ção.txt"
find "$update" -type f -exec touch -d '2024-01-02T03:04:05.123456789' {} +
cp -a "$update/." "$st"
{
	"$tools/noise" 2 1000
	tail -c +2000 "$update/smartclient.exe"
} >"$st/smartclient.exe"
sed 's/^1/7/' "$update/big.dll" >"$st/big.dll"
rm "$st/sub/f3.txt" "$st/sub/f4.txt"
echo mine >"$st/MyOwn.txt"
mv "$st/sub/f5.txt" "$st/sub/F5.TXT"
cp -a "$st" "$work/before"
own "$st"
windows_ini
start_server
check "the server has a release for Windows" logged "windows: published"

dir="Z:$st"
server="--server 127.0.0.1:$PORT"
# shellcheck disable=SC2086 # two words
station 64 "a check finds what differs" check --dir "$dir" $server
check "a check names the accents' folder as the same" has "Same: "
check "a check changes nothing" as_before
# shellcheck disable=SC2086
station 0 "an update" update --yes --dir "$dir" $server
rm "$st/MyOwn.txt"
check "the folder is the release" as_released
echo mine >"$st/MyOwn.txt"
# shellcheck disable=SC2086
station 0 "a second update" update --yes --dir "$dir" $server
check "a second update finds nothing" has "No update needed."
station 0 "verify" verify --dir "$dir"
station 0 "history" history --dir "$dir"
check "history tells the backup" has "bkp_remote.001"
station 0 "recover" recover --dir "$dir"
station 0 "rollback" rollback --dir "$dir"
check "a rollback brings all of it back" as_before
# shellcheck disable=SC2086
station 71 "a health check refuses" update --yes --dir "$dir" $server \
	--health-check 'exit 3' --force
check "what it refuses is taken back" as_before

# A program that runs, from the folder that is updated.
cp "$(dirname "$STATION")/unit.exe" "$st/smartclient.exe"
own "$st"
"$WINE" "$dir/smartclient.exe" --sleep >"$work/runs" 2>/dev/null &
program=$!
check "a program runs" soon grep -qs runs "$work/runs"
# shellcheck disable=SC2086
station 0 "an update of a program that runs" update --yes --dir "$dir" $server \
	--health-check 'exit 0' --force
rm "$st/MyOwn.txt"
check "the folder is the release, though it runs" as_released
check "it does run" kill -0 $program
check "it was moved aside" test -n "$(find "$st/.erpsync" -name 'old.*')"
kill -9 $program
wait $program
# shellcheck disable=SC2086
station 0 "the next start" update --yes --dir "$dir" $server
check "what was moved aside goes" test -z "$(find "$st/.erpsync" -name 'old.*')"
check "the backup has the program" cmp -s \
	"$(dirname "$STATION")/unit.exe" "$st/bkp_remote.003/smartclient.exe"

# What an update relies on, and what wine does in its own way.
station 0 "a self-test" self-test "$dir"
check "all of it was tried but links" has "All is well; things tried: 20."
check "a program that runs is moved aside" grep -q \
	'^replace a program that runs  *otherwise  *moved aside first' "$work/out"
check "times have steps of 100 ns" grep -q 'times.* to 100 ns' "$work/out"
check "nothing of it stays" test -z "$(find "$st" -name 'erpsync-test*')"

# run hands the program's exit code on.
# shellcheck disable=SC2086
station 7 "run starts the program" run --dir "$dir" $server -- \
	cmd /c 'exit 7'
# shellcheck disable=SC2086
station 11 "run tells what is not there" run --dir "$dir" $server -- none.exe
check "run says it in words" has RUN101
finish
