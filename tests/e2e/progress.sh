#!/bin/sh
# What a program that starts a station is told: lines of JSON by the documented
# schema, and those of zenity; the question and its answer, and each end.
. "$(dirname "$0")/lib.sh"

find_jsonschema
schema=$here/../../docs/progress.schema.json

# lines TEXT: the lines in $work/out are by the schema; their kinds in
# $work/kinds.
lines() {
	if [ -z "$python" ]; then
		sed 's/.*"type":"\([a-z]*\)".*/\1/' "$work/out" >"$work/kinds"
	else
		check "$1: the lines are by the schema" sh -c '
			"$1" "$2" "$3" "$4/out" >"$4/kinds" 2>"$4/detail"' - \
			"$python" "$here/progress_lines.py" "$schema" "$work"
	fi
}

# told TEXT WORDS: a line of the output has them.
told() {
	cp "$work/out" "$work/detail"
	if grep -qF -- "$2" "$work/out"; then
		pass
	else
		fail "$1: tells $2"
	fi
}

# station CODE TEXT ANSWER ARGS...: with this on standard input.
station() {
	station_code=$1
	station_what=$2
	printf '%s' "$3" >"$work/answer"
	shift 3
	code=0
	timeout -k 5 120 "$erpsync" "$@" <"$work/answer" \
		>"$work/out" 2>"$work/err" || code=$?
	cp "$work/err" "$work/detail"
	check "$station_what: ends with $station_code, not $code" \
		[ "$code" = "$station_code" ]
}

make_tree "$work/v0" 0
make_tree "$work/v1" 1
cp -a "$work/v0/." "$update"
write_ini 'Build=7.00.191205P' CompileAhead=0
start_server
check "the server offers v0" offers "$work/v0"
at="--server 127.0.0.1:$PORT --os linux --lang en"

# --- an update, nothing to do, a check ----------------------------------------

st=$work/st
mkdir "$st"
# shellcheck disable=SC2086 # words
station 64 "a check" '' check --dir "$st" $at --progress=json
lines "a check"
told "a check" '"outcome":"differences"'
told "a check" '"command":"check"'
# shellcheck disable=SC2086 # words
station 0 "an update" '' update --dir "$st" $at --yes --progress=json
lines "an update"
check "the update is exact" same_tree "$st" "$work/v0"
told "an update" '{"type":"start","format":1,'
told "an update" '"phase":"receive"'
told "an update" '"outcome":"updated","exit_code":0,"may_start":true'
told "an update" "\"server\":\"127.0.0.1:$PORT\""
check "nothing else is said" [ ! -s "$work/err" ]
# shellcheck disable=SC2086 # words
station 0 "nothing to do" '' update --dir "$st" $at --progress=json -q
lines "nothing to do"
told "nothing to do" '"outcome":"current","exit_code":0'

# For people, on standard error: nothing, lines, or a bar wherever it goes.
mkdir "$work/plain" "$work/bar"
# shellcheck disable=SC2086 # words
station 64 "a quiet check" '' check --dir "$work/plain" $at -q
check "it says nothing" [ ! -s "$work/out" ]
check "... anywhere" [ ! -s "$work/err" ]
# shellcheck disable=SC2086 # words
station 0 "plain" '' update --dir "$work/plain" $at --yes --progress=plain
says "plain" "Downloading "
check "plain: no bar" [ "$(tr -cd '\r' <"$work/err" | wc -c)" -eq 0 ]
# shellcheck disable=SC2086 # words
station 0 "bar" '' update --dir "$work/bar" $at --yes --progress=bar
check "bar: a bar" [ "$(tr -cd '\r' <"$work/err" | wc -c)" -gt 0 ]
mkdir "$work/both"
# shellcheck disable=SC2086 # words
timeout -k 5 120 "$erpsync" check --dir "$work/both" $at \
	--progress=bar >"$work/said" 2>&1 || true
check "bar: what came of it has a line of its own" \
	grep -q '^Update check ' "$work/said"

# No more than ten lines in any second of a slow one.
mkdir "$work/slow"
t0=$(date +%s%N)
# shellcheck disable=SC2086 # words
station 0 "a slow one" '' update --dir "$work/slow" $at --yes \
	--bwlimit 300K --progress=json
span=$((($(date +%s%N) - t0) / 100000000))
lines "a slow one"
told "a slow one" '"seconds_left":'
n=$(grep -c '"type":"progress"' "$work/out")
check "a slow one: $n lines in $span tenths of a second" \
	[ "$n" -le $((span + 10)) ]

# --- the question -------------------------------------------------------------

publish "$work/v1"
cp -a "$st" "$work/before"
# shellcheck disable=SC2086 # words
old="$at --build 7.00.170117A --progress=json"
# shellcheck disable=SC2086 # words
station 65 "the end is a no" '' update --dir "$st" $old
lines "the end is a no"
told "the end is a no" '{"type":"question","from_build":"7.00.170117A"'
told "the end is a no" '"outcome":"declined","exit_code":65,"may_start":false'
untouched "the end is a no" "$st" "$work/before"
# shellcheck disable=SC2086 # words
station 65 "three answers that are none" 'perhaps
what
hm
yes
' update --dir "$st" $old
lines "three answers that are none"
check "... are asked for three times" \
	[ "$(grep -c '"type":"question"' "$work/out")" -eq 3 ]
untouched "three answers that are none" "$st" "$work/before"
# shellcheck disable=SC2086 # words
station 0 "a yes" 'what
sim
' update --dir "$st" $old
lines "a yes"
told "a yes" '"outcome":"updated"'
check "the answer was heard" same_tree "$st" "$work/v1"

# --- run: the lines, then the program -----------------------------------------

# shellcheck disable=SC2086 # words
station 7 "run" '' run --dir "$st" $at --progress=json -- sh -c 'echo; exit 7'
sed -i '$d' "$work/out"
lines "run"
told "run" '"command":"run"'
# shellcheck disable=SC2086 # words
station 11 "a program that is not there" '' run --dir "$st" $at \
	--progress=json -- ./not-there
lines "a program that is not there"
check "it has two results" \
	[ "$(grep -c '"type":"result"' "$work/out")" -eq 2 ]
told "a program that is not there" '"code":"RUN101"'

# --- failures -----------------------------------------------------------------

# shellcheck disable=SC2086 # words
mkdir "$work/never-served"
station 1 "no server is named" '' update --dir "$work/never-served" --lang en \
	--progress=json
lines "no server is named"
told "no server is named" '"server":null'
told "no server is named" '"failure":{"code":"UPD038"'
# shellcheck disable=SC2086 # words
station 1 "two for standard output" '' check --dir "$st" $at \
	--progress=json --format json
says "two for standard output" "standard output for themselves"
station 11 "no such folder" '' update --dir "$work/nowhere" --lang en \
	--server "127.0.0.1:$PORT" --progress=json
lines "no such folder"
told "no such folder" '"what_to_do":"Check that the folder'

# --- the same for zenity --------------------------------------------------------

mkdir "$work/z"
# shellcheck disable=SC2086 # words
station 0 "zenity" '' update --dir "$work/z" $at --yes --progress=zenity
check "zenity's lines only" \
	[ -z "$(grep -vE '^([0-9]+$|#|pulsate:)' "$work/out")" ]
told "zenity" '#Update finished.'
check "100 at the end" [ "$(tail -n 1 "$work/out")" = 100 ]
check "and not before" [ "$(grep -c '^100$' "$work/out")" -eq 1 ]
# Its Cancel: who reads has gone.
mkdir "$work/cancelled"
{
	code=0
	# shellcheck disable=SC2086 # words
	timeout -k 5 120 "$erpsync" update --dir "$work/cancelled" $at --yes \
		--bwlimit 100K --progress=zenity 2>"$work/err" </dev/null ||
		code=$?
	echo "$code" >"$work/code"
} | head -n 1 >/dev/null
check "a Cancel is one: $(cat "$work/code")" [ "$(cat "$work/code")" = 20 ]

# --- a rollback -----------------------------------------------------------------

publish "$work/v1" now
# shellcheck disable=SC2086 # words
station 0 "v1" '' update --dir "$st" $at --yes -q
station 0 "a rollback" '' rollback --dir "$st" --lang en --progress=json
lines "a rollback"
check "v0 is back" same_tree "$st" "$work/v0"
told "a rollback" '"command":"rollback"'
told "a rollback" '"server":null'
told "a rollback" '"phase":"swap"'
told "a rollback" '"outcome":"updated","exit_code":0,"may_start":true'
told "a rollback" '{"type":"note","warning":false,"text":"The version left'
check "nothing else is said" [ ! -s "$work/err" ]
changes=$(sed -n 's/.*"type":"result".*"changes":\([0-9]*\),.*/\1/p' "$work/out")
check "it changed something: $changes" [ "${changes:-0}" -gt 0 ]
rm -r "$st/bkp_remote.001" "$st/bkp_remote.002" "$st/bkp_remote.003" \
	2>"$work/detail"
station 11 "no backup" '' rollback --dir "$st" --lang en --progress=json -q
lines "no backup"
told "no backup" '"outcome":"failed","exit_code":11,"may_start":true'
told "no backup" '"failure":{"code":"UPD035","headline":null'
station 1 "no form of it" '' rollback --dir "$st" --lang en --progress=zenity

kill_server
# shellcheck disable=SC2086 # words
station 35 "no server" '' update --dir "$st" $at --retries 0 --progress=zenity
told "no server" 'UPD028: '
check "no 100 after a failure" [ "$(grep -c '^100$' "$work/out")" -eq 0 ]
# shellcheck disable=SC2086 # words
station 35 "no server, JSON" '' update --dir "$st" $at --retries 0 \
	--progress=json
lines "no server, JSON"
told "no server, JSON" '"outcome":"failed","exit_code":35'
told "no server, JSON" '"failure":{"code":"UPD028"'

finish
