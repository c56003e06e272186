# lib_windows.sh: what the scripts share that try a Windows station (STATION)
# under wine (WINE); sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

unit=$(dirname "$STATION")/unit.exe

# station CODE TEXT ARGS...: as run of lib.sh; output is in $work/out and err.
station() {
	expected=$1
	what=$2
	shift 2
	: >"$work/detail"
	code=0
	timeout -k 5 120 "$WINE" "$STATION" "$@" --lang en \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	if [ "$code" = "$expected" ]; then
		pass
	else
		{
			echo "exit code $code, expected $expected: erpsync $*"
			tail -n 8 "$work/err"
		} >"$work/detail"
		fail "$what"
	fi
}

# has WORDS: standard output or error has them.
has() {
	grep -qF -e "$1" "$work/out" "$work/err" && return
	tail -n 8 "$work/out" "$work/err" >"$work/detail"
	return 1
}

# own PATH...: wine's user has it.
own() {
	[ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$@"
}

# windows_ini [LINE...]: an AppServer.ini that publishes $update for Windows.
windows_ini() {
	{
		printf '[Update]\nEnable=1\nPathWindows=%s\n' "$update"
		printf '[ErpSync]\nState=%s\nSettle=0\n' "$work/state"
		printf 'Build=7.00.191205P\n'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$ini"
}

# update_of CODE TEXT DIR ARGS...: an update from our server.
update_of() {
	update_code=$1
	update_what=$2
	update_dir=$3
	shift 3
	station "$update_code" "$update_what" update --yes --dir "Z:$update_dir" \
		--server "127.0.0.1:$PORT" "$@"
}

# same_but_ours A B: nothing else differs than what is ours.
same_but_ours() {
	diff -r -x .erpsync -x 'bkp_remote.*' "$1" "$2" >"$work/detail" 2>&1
}

# What the terminal shows: what only moves the cursor goes, wine's way of
# writing blanks, too; and then colours, which wine has cut to pieces.
shown() {
	sed 's/\x1b\[K\x1b\[1C/ /g; s/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\r//g' \
		"$work/terminal" | sed 's/\x1b\[[0-9;]*m//g'
}

# on_terminal TEXT KEYS COMMAND: a single command on a terminal, where these
# keys are pressed after TEXT, a word, was shown; '': a while after its start.
# All that it shows is in $work/out, its exit code in $code. No shell stays
# above it: Ctrl-C would end that one as well.
on_terminal() {
	text=$1
	keys=$2
	code=0
	: >"$work/terminal"
	(
		tries=0
		until [ -z "$text" ] || [ $tries -gt 1000 ] ||
			shown | grep -aqF "$text"; do
			tries=$((tries + 1))
			sleep 0.1
		done
		[ -n "$text" ] || sleep 5
		sleep 0.5
		# shellcheck disable=SC2059 # keys
		printf "$keys"
		sleep 1
	) | timeout 300 \
		env SHELL=/bin/sh script -qefc "exec $3" /dev/null >"$work/terminal" ||
		code=$?
	shown >"$work/out"
	: >"$work/err"
}
