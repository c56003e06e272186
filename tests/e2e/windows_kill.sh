#!/bin/sh
# A Windows station under wine (WINE, STATION) that is killed in front of a
# change of its disk, by every KILL_STEP-th one: an update over an earlier one,
# in turn while the folder's program runs and not, and the recovery from it
# killed once more or not. With KILL_STEP=1 each change has it with a program
# and without. After recovery the folder is of one release, its backups are
# whole, and once the program has ended nothing is left over. The same where
# its console is closed, or who started it ends with all of his job. Called by
# tests/win32/run.
. "$(dirname "$0")/lib.sh"

step=${KILL_STEP:-15}
killed=$(dirname "$STATION")/erpsync-killed.exe
unit=$(dirname "$STATION")/unit.exe
st=$work/st
dir="Z:$st"

# wine CODE... PROGRAM ARGS...: the program ends with one of these codes.
wine_ends() {
	codes=$1
	shift
	code=0
	timeout -k 5 120 "$WINE" "$@" >"$work/out" 2>"$work/err" \
		</dev/null || code=$?
	case " $codes " in *" $code "*) return 0 ;; esac
	{
		echo "exit code $code, expected $codes: $*"
		tail -n 8 "$work/err"
	} >"$work/detail"
	return 1
}

# publish: what lies in the update folder.
publish() {
	[ -z "$SERVER_PID" ] || stop_server
	start_server
	check "the server has a release" logged "windows: published"
	server=127.0.0.1:$PORT
}

# is_like FOLDER: the station's files, without ours.
is_like() {
	diff -r -x .erpsync -x 'bkp_remote.*' "$1" "$st" >"$work/detail" 2>&1
}

# left: what is ours and should be gone.
left() {
	find "$st/.erpsync" -mindepth 1 -maxdepth 1 \( -name 'tmp.*' -o \
		-name 'bkp.*' -o -name 'trash.*' -o -name '*.new' -o \
		-name journal -o -name committed -o -name rotating \)
}

start_over() {
	rm -rf "$st"
	cp -a "$work/before" "$st"
}

start_program() {
	: >"$work/runs"
	"$WINE" "$dir/smartclient.exe" --sleep >"$work/runs" 2>/dev/null &
	program=$!
	soon grep -q runs "$work/runs"
}

end_program() {
	kill -9 "$program"
	wait "$program" 2>/dev/null
	program=
}

recover() {
	wine_ends 0 "$STATION" recover --dir "$dir" -q --lang en
}

# judge: which release is it?
judge() {
	if is_like "$work/before"; then
		old=$((old + 1))
	elif is_like "$work/after"; then
		new=$((new + 1))
	else
		return 1
	fi
	if [ -n "$program" ]; then
		kill -0 "$program" || return 1
	elif [ -n "$(left)" ]; then
		left >"$work/detail"
		return 1
	fi
	"$erpsync" verify --backups --dir "$st" >"$work/detail" 2>&1
}

# try AT AGAIN: a kill in front of change AT, and of change AGAIN of the
# recovery, unless 0.
try() {
	KILL_AT=$1 wine_ends '0 99' "$killed" update --dir "$dir" \
		--server "$server" --delete --yes -q && ended=$code &&
		{ [ "$2" -eq 0 ] || KILL_AT=$2 wine_ends '0 99' "$killed" \
			recover --dir "$dir" -q; } && recover && judge
}

# A console that is closed is seen: it gives up, or goes on to the end.
try_close() {
	start_over
	KILL_BY=close KILL_AT=$1 wine_ends '0 20' "$killed" update \
		--dir "$dir" --server "$server" --delete --yes -q && judge
}

is_gone() {
	! pgrep -f "erpsync-killed[.]exe.*$st" >/dev/null
}

# Who started it ends, and with him all that is in his job.
try_parent() {
	start_over
	KILL_BY=parent KILL_AT=$1 wine_ends '0 99' "$unit" --job "Z:$killed" \
		update --dir "$dir" --server "$server" --delete --yes -q &&
		soon is_gone && recover && judge
}

goes_on() {
	wine_ends 0 "$STATION" update --dir "$dir" --server "$server" \
		--delete --yes -q && is_like "$work/after"
}

# The program, its library, a text; one of a folder that goes.
mkdir -p "$update/sub" "$update/gone" "$st"
cp "$unit" "$update/smartclient.exe"
seq 1 2000 >"$update/sub/big.dll"
echo older >"$update/one.txt"
echo three >"$update/sub/three.txt"
echo gone >"$update/gone/four.txt"
cat >"$ini" <<END
[Update]
Enable=1
PathWindows=$update
[ErpSync]
State=$work/state
Build=7.00.191205P
END
[ "$(id -u)" -ne 0 ] || chown 65534:65534 "$st"
publish
check "a first update" wine_ends 0 "$STATION" update --dir "$dir" \
	--server "$server" --yes -q
echo mine >"$st/sub/mine.txt"
chmod 444 "$st/sub/three.txt"
"$tools/noise" 1 90000 >"$update/smartclient.exe"
seq 2 2000 >"$update/sub/big.dll"
echo newer >"$update/one.txt"
echo 3 >"$update/sub/three.txt"
rm -r "$update/gone"
mkdir "$update/sub/new"
echo new >"$update/sub/new/five.txt"
publish
cp -a "$st" "$work/before"
cp -a "$update" "$work/after"
echo mine >"$work/after/sub/mine.txt"

at=${KILL_FROM:-1}
turn=0
old=0
new=0
cases=0
again=0
program=
ended=99 # so ends who is killed
while [ "$ended" -eq 99 ] && [ "$at" -le "${KILL_TO:-9999}" ]; do
	for runs in 0 1; do
		[ "$step" -eq 1 ] || [ $runs -eq $((turn % 2)) ] || continue
		twice=0
		if [ $(((turn + runs) / 2 % 2)) -eq 1 ]; then
			again=$((again % 40 + 1))
			twice=$again
		fi
		start_over
		[ $runs -eq 0 ] || start_program
		check "a stop at $at, in recovery at $twice" try "$at" $twice
		[ $runs -eq 0 ] || {
			end_program
			check "the start after a stop at $at" recover
			check "nothing is left of a stop at $at" \
				test -z "$(left)"
		}
		cases=$((cases + 1))
	done
	turn=$((turn + 1))
	at=$((at + step))
done
check "what is read-only stays so" \
	test -z "$(find "$st/sub/three.txt" -perm /222)"
check "stops leave the old one ($old) and the new one ($new)" \
	test $old -gt 0 -a $new -gt 0

# While it receives, while it changes the folder, and behind that.
program=
for how in close parent; do
	old=0
	new=0
	for part in 1 4 6; do
		point=$((at * part / 8))
		check "$how at $point" "try_$how" $point
		check "$how at $point: the next update goes on" goes_on
	done
	check "$how leaves the old one ($old) and the new one ($new)" \
		test $old -gt 0 -a $new -gt 0
done
[ "$step" -ne 1 ] || echo "$cases cases up to $at: $old old, $new new"
finish
