#!/bin/sh
# The window of a Windows station under wine (WINE, STATION), on a screen that
# nobody sees: the question answered by key, Cancel, a failure. A person is
# unit.exe --press. Called by tests/win32/run.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

# The numbers of its controls.
headline=101
left=105
reason=108
cancel=2
yes=6
no=7

# screen NAME: with this driver, "null" or what wine finds by itself. Somebody
# has its desktop all the time: one that nobody has goes after a second, and a
# program that comes just then gets none.
screen() {
	if [ "$1" = null ]; then
		set -- add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f
	else
		set -- delete 'HKCU\Software\Wine\Drivers' /f
	fi
	"$WINE" reg "$@" >/dev/null 2>&1
	WINE_PROGRAM=wineserver "$WINE" -k
	("$WINE" "$unit" --desktop none 86400000 >"$work/desktop" 2>/dev/null &)
	soon grep -q held "$work/desktop"
}

# person KEYS...: somebody in front of the screen, before there is a window:
# some close by themselves.
person() {
	: >"$work/seen"
	timeout -k 5 60 "$WINE" "$unit" --press "$@" \
		>>"$work/seen" 2>/dev/null &
	started=$!
	soon grep -q looks "$work/seen"
}

# windowed CODE TEXT ARGS...: the station with a window.
windowed() {
	expected=$1
	what_for=$2
	shift 2
	code=0
	timeout -k 5 120 "$WINE" "$STATION" "$@" \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	tail -n 8 "$work/err" >"$work/detail"
	if [ "$code" = "$expected" ]; then
		pass
	else
		echo "exit code $code, expected $expected" >>"$work/detail"
		fail "$what_for"
	fi
	[ -n "$started" ] || return 0
	seen=0
	wait "$started" || seen=$?
	started=
	if [ $seen -eq 0 ]; then
		pass
	else
		cat "$work/seen" "$work/err" >"$work/detail"
		fail "$what_for: the person saw the window"
	fi
}

# find_desktop: the program that the windows of this wine stand on, in $desktop.
find_desktop() {
	for process in /proc/[0-9]*; do
		{ tr '\0' '\n' <"$process/environ"; } 2>/dev/null |
			grep -qxF "WINEPREFIX=$(dirname "$WINE")/home/prefix" &&
			{ tr '\0' ' ' <"$process/cmdline"; } 2>/dev/null |
			grep -qF 'explorer.exe /desktop' &&
			desktop=${process#/proc/} && return
	done
	return 1
}

# start_over: the station as it was.
start_over() {
	rm -rf "$st"
	cp -a "$work/before" "$st"
	own "$st"
}

st=$work/st
mkdir "$work/before"
"$tools/noise" 1 6000000 >"$update/smartclient.exe"
"$tools/noise" 2 600000 >"$update/other.dll"
echo old >"$work/before/smartclient.exe"
echo old >"$work/before/other.dll"
windows_ini
start_server
check "the server has a release for Windows" logged "windows: published"
start_over
dir="Z:$st"
here="--server 127.0.0.1:$PORT --build 7.00.170117A --window=always"

# Without any screen the terminal is asked, and there is none.
# shellcheck disable=SC2086 # words
windowed 65 "no screen: the terminal has all" update --dir "$dir" $here \
	--lang en
says "no screen" "No window can be shown here"
says "no screen" "Update declined"

screen null
cd "$st" || exit 1
"$WINE" "$unit" window >"$work/unit" 2>/dev/null
cd - >/dev/null || exit 1
check "the window's unit tests: $(grep -v ' ok' "$work/unit" | tr '\r\n' '  ')" \
	grep -q '^[1-9][0-9]* passed, 0 failed' "$work/unit"
start_over

# The question, in the person's language.
person $yes text $headline text $no n
# shellcheck disable=SC2086
windowed 65 "a no by key" update --dir "$dir" $here --lang pt
check "the question has its own words" grep -q 'Deseja atualizar' "$work/seen"
check "the question has its own buttons" grep -q '^&Sim' "$work/seen"
check "a no changes nothing" same_but_ours "$work/before" "$st"
# Slow enough to be stopped by Esc, once the time that is left is known.
person $yes s $left text $cancel esc
# shellcheck disable=SC2086
windowed 20 "Cancel" update --dir "$dir" $here --lang pt --bwlimit 1M
check "what is cancelled leaves the folder as it was" \
	same_but_ours "$work/before" "$st"
check "what was received is kept" \
	test -n "$(find "$st/.erpsync/recv" -type f 2>/dev/null)"
person $yes enter
# shellcheck disable=SC2086
windowed 0 "a yes by key" update --dir "$dir" $here --lang en
check "a yes updates" same_but_ours "$update" "$st"

# A desktop that hangs has no place for a window: the update goes on without,
# and who asks for one waits a while.
start_over
soon find_desktop
kill -STOP "$desktop"
begun=$(date +%s)
update_of 0 "a desktop that hangs" "$st" --bwlimit 8M
check "a desktop that hangs keeps nobody" [ $(($(date +%s) - begun)) -lt 60 ]
check "a desktop that hangs: the update" same_but_ours "$update" "$st"
update_of 0 "a window on a desktop that hangs" "$st" --window=always
says "a window on a desktop that hangs" "No window can be shown here"
kill -CONT "$desktop"

# From a double click, and nothing to do: no empty console stays beside the
# program, which finds one of its own.
code=0
timeout -k 5 120 "$WINE" "$unit" --console "Z:$STATION" run --dir "$dir" \
	--server "127.0.0.1:$PORT" --yes --lang en -- "Z:$unit" --at-console \
	>"$work/out" 2>"$work/err" </dev/null || code=$?
check "a start from a console of its own leaves it: $code" [ $code -eq 41 ]

# A failure, that a person reads and closes; a program starts anyway.
person $reason text $headline text $cancel c
windowed 35 "a failure" update --dir "$dir" --server 127.0.0.1:1 --retries 0 \
	--window=always --lang en
check "a failure has the known sentence" \
	grep -q 'could not be updated automatically' "$work/seen"
check "a failure has its code" grep -q '^UPD028: ' "$work/seen"
person $reason text $cancel enter
windowed 7 "run after a failure that was read" run --dir "$dir" \
	--server 127.0.0.1:1 --window=always --lang en -- cmd /c 'exit 7'
# Wrong options are shown, too.
person $reason text $cancel esc
windowed 1 "an option that cannot be" update --dir "$dir" --lang en \
	--window=always --port 1
check "it says which" grep -q 'there is no option --port' "$work/seen"
# A server that says nothing keeps nobody who has had enough.
stop_server
: >"$work/port"
"$tools/stranger" listen silent >"$work/port" &
SERVER_PID=$!
soon test -s "$work/port"
person $cancel esc
windowed 20 "Cancel while a server is silent" update --dir "$dir" \
	--server "127.0.0.1:$(cat "$work/port")" --window=always --lang en
# Without a console it comes by itself, when there is something to wait for.
person $cancel esc
windowed 20 "a window by itself" update --dir "$dir" \
	--server "127.0.0.1:$(cat "$work/port")" --lang en
kill "$SERVER_PID"
SERVER_PID=
screen found
finish
