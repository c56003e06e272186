# lib.sh: what the end-to-end scripts share; they source it and end with
# `finish`. ERPSYNC is the program, build/release/erpsync by default.
# Everything lives in a scratch folder, $work, that goes away at the end, with
# the processes that were started. Servers listen on loopback, port 0.
#
# Since this is sourced, what it sets is used elsewhere.
# shellcheck shell=sh disable=SC2034

set -u
export LC_ALL=C
umask 022
# No windows where nobody is to look at them.
unset DISPLAY WAYLAND_DISPLAY

script=$(basename "$0" .sh)
here=$(cd "$(dirname "$0")" && pwd)
erpsync=$(realpath "${ERPSYNC:-$here/../../build/release/erpsync}")
[ -x "$erpsync" ] || {
	echo "$script: no program $erpsync; build it with: make" >&2
	exit 1
}
work=$(mktemp -d "${TMPDIR:-/tmp}/erpsync-$script.XXXXXX") || exit 1
# Another user comes in when root tests what root may do anyway.
chmod 711 "$work"
tools=$work/tools
update=$work/update # the folder that the server publishes
log=$work/server.log
ini=$work/appserver.ini
passed=0
failed=0
SERVER_PID=
PORT=
TREE_SEED=1
started= # other processes to end

# The first words of a failed update.
k2='Não foi possível atualizar automaticamente o Remote'

clean_up() {
	# shellcheck disable=SC2086 # a list of pids
	kill -9 $SERVER_PID $started 2>/dev/null
	wait
	cd /
	# A test that stopped in between may have left a folder read-only.
	chmod -R u+rwx "$work" 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

mkdir "$tools" "$update"
for tool in noise stranger; do
	${CC:-cc} -std=c11 -D_DEFAULT_SOURCE -O1 -o "$tools/$tool" \
		"$here/$tool.c" || exit 1
done

# --- counting ---------------------------------------------------------------

pass() {
	passed=$((passed + 1))
}

# fail TEXT: with what the station said last.
fail() {
	failed=$((failed + 1))
	echo "FAIL: $script: $1"
	[ ! -s "$work/detail" ] || sed 's/^/    /' "$work/detail" | head -n 20
	: >"$work/detail"
}

# check TEXT COMMAND...: the command must succeed.
check() {
	what=$1
	shift
	: >"$work/detail"
	if "$@"; then pass; else fail "$what"; fi
}

skip() {
	echo "skipped: $script: $1"
}

# find_jsonschema: in $python a python3 that has it; the one that comes first
# need not be the system's.
find_jsonschema() {
	python=
	for name in python3 /usr/bin/python3; do
		[ -n "$python" ] || ! $name -c 'import jsonschema' 2>/dev/null ||
			python=$name
	done
	[ -n "$python" ] || skip "the schema: python3 has no jsonschema"
}

# is_valid FILE: the JSON report in it has all that the schema wants, and no
# more; after find_jsonschema.
is_valid() {
	[ -n "$python" ] || return 0
	"$python" -W ignore -m jsonschema -i "$1" \
		"$here/../../docs/report.schema.json" >"$work/detail" 2>&1
}

finish() {
	[ -z "$SERVER_PID" ] || stop_server
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] || exit 1
	exit 0
}

# --- the program ------------------------------------------------------------

# run CODE TEXT ARGS...: erpsync must end with this exit code. Its output is
# in $work/out and $work/err.
run() {
	expected=$1
	what=$2
	shift 2
	: >"$work/detail"
	code=0
	timeout -k 5 "${E2E_TIMEOUT:-120}" "$erpsync" "$@" \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	if [ "$code" = "$expected" ]; then
		pass
	else
		{
			echo "exit code $code, expected $expected: erpsync $*"
			# A sanitizer's report begins with what matters.
			grep -A 12 -e 'ERROR: .*Sanitizer' -e 'runtime error' \
				"$work/err" || tail -n 8 "$work/err"
		} >"$work/detail"
		fail "$what"
	fi
}

# update CODE TEXT DIR ARGS...: an update from our server.
update() {
	update_code=$1
	update_what=$2
	update_dir=$3
	shift 3
	run "$update_code" "$update_what" update --dir "$update_dir" \
		--server "127.0.0.1:$PORT" --os linux --yes -q "$@"
}

# preview CODE TEXT DIR ARGS...: a dry run, its JSON in $work/out.
preview() {
	update_code=$1
	update_what=$2
	update_dir=$3
	shift 3
	run "$update_code" "$update_what" check --dir "$update_dir" \
		--server "127.0.0.1:$PORT" --os linux --format json "$@"
}

# total KEY: this number of the totals of the JSON report in $work/out.
total() {
	sed -n '/"totals"/,/}/s/.*"'"$1"'": \([0-9]*\).*/\1/p' "$work/out"
}

# Bytes sent and received according to that report.
wire_bytes() {
	echo $(($(total sent_bytes) + $(total received_bytes)))
}

# --- rsync, to compare with ---------------------------------------------------

# rsync_bytes: the sum of sent and received of its --stats.
rsync_bytes() {
	awk -F'[: ]+' '/^Total bytes (sent|received)/ {
		gsub(",", "", $4)
		n += $4
	} END { print n + 0 }' "$work/rsync.out"
}

# rsync_job: rsync -z makes $work/new of $work/old, in $work/rsynced: a daemon
# behind a pair of sockets, no port.
rsync_job() {
	cat >"$work/rsyncd.conf" <<-CONF
		use chroot = no
		log file = $work/rsyncd.log
		[new]
		path = $work/new
	CONF
	cp -a "$work/old" "$work/rsynced"
	t0=$(date +%s%N)
	RSYNC_CONNECT_PROG="rsync --daemon --config=$work/rsyncd.conf" \
		rsync -az --stats rsync://localhost/new/ "$work/rsynced/" \
		>"$work/rsync.out" 2>"$work/detail" || return 1
	rsync_ms=$((($(date +%s%N) - t0) / 1000000))
	same_tree "$work/rsynced" "$work/new"
}

# --- the server -------------------------------------------------------------

# write_ini [LINE...]: an AppServer.ini that publishes $update for linux, with
# more lines for [ErpSync].
write_ini() {
	{
		printf '[Update]\nEnable=1\nPathLinux=%s\n\n' "$update"
		printf '[ErpSync]\nSettle=0\n'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$ini"
}

# Its port, once it accepts.
server_port() {
	sed -n 's/.*listening on 127\.0\.0\.1[: ]\(port \)\{0,1\}\([0-9]*\).*/\2/p' \
		"$log" | tail -n 1
}

# start_server [PORT]: with $ini, on this or a free port; sets SERVER_PID and
# PORT when it listens.
start_server() {
	: >"$log"
	"$erpsync" serve --config "$ini" --state "$work/state" \
		--listen "127.0.0.1:${1:-0}" 2>>"$log" </dev/null &
	SERVER_PID=$!
	tries=0
	while PORT=$(server_port) && [ -z "$PORT" ]; do
		tries=$((tries + 1))
		if [ $tries -gt 2400 ] || ! kill -0 $SERVER_PID 2>/dev/null; then
			echo "$script: the server does not listen:"
			tail -n 5 "$log"
			exit 1
		fi
		sleep 0.05
	done
}

# SIGTERM must end it well.
stop_server() {
	code=0
	kill -TERM "$SERVER_PID"
	wait "$SERVER_PID" || code=$?
	SERVER_PID=
	[ $code = 0 ] || tail -n 5 "$log" >"$work/detail"
	check "the server ends with 0, not $code" [ $code = 0 ]
}

kill_server() {
	kill -9 "$SERVER_PID"
	wait "$SERVER_PID" 2>/dev/null
	SERVER_PID=
}

# soon COMMAND...: wait until it succeeds, two minutes at most.
soon() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -le 2400 ] || return 1
		sleep 0.05
	done
}

# logged TEXT: wait until the server's log has it.
logged() {
	soon grep -qF "$1" "$log" && return
	tail -n 5 "$log" >"$work/detail"
	return 1
}

# reloads [published]: how many SIGHUPs the server has taken; after how many of
# them it has also said what became of the folder.
reloads() {
	awk -v published="${1:-}" '
		/configuration reloaded/ { asked = 1; n += published == "" }
		/published|has not changed/ && published != "" {
			n += asked
			asked = 0
		}
		END { print n + 0 }' "$log"
}
has_reloaded() {
	[ "$(reloads "${2:-}")" -gt "$1" ]
}

# reload [published]: SIGHUP, and wait until the server has taken this one; what
# earlier ones left in the log does not count.
reload() {
	before=$(reloads "${1:-}")
	kill -HUP "$SERVER_PID"
	soon has_reloaded "$before" "${1:-}" && return
	tail -n 5 "$log" >"$work/detail"
	return 1
}

# has_got DIR BYTES: an update of it has received so much.
has_got() {
	[ "$(find "$1/.erpsync/recv" -type f -exec cat {} + 2>/dev/null |
		wc -c)" -ge "$2" ]
}

# differs DIR: does the server's release have more, less or something else?
differs() {
	"$erpsync" check --dir "$1" --server "127.0.0.1:$PORT" --os linux \
		--yes --retries 0 --format json >"$work/offered" \
		2>"$work/detail" </dev/null || return 0
	! grep -q '"extra": 0,' "$work/offered"
}

same_release() {
	! differs "$1"
}

# offers DIR: wait until the server's release is exactly this folder.
offers() {
	soon same_release "$1" && return
	tail -n 5 "$log" >>"$work/detail"
	return 1
}

# publish DIR [now]: make it what the server offers, and wait for that;
# "now" does not leave it to the server to notice. It looks on only when all is
# there: without Settle a copy that is slow would be two releases.
publish() {
	kill -STOP "$SERVER_PID"
	find "$update" -mindepth 1 -delete
	cp -a "$1/." "$update"
	kill -CONT "$SERVER_PID"
	[ "${2:-}" != now ] || kill -HUP "$SERVER_PID"
	check "the server offers ${1##*/}" offers "$1"
}

# --- folders ----------------------------------------------------------------

# stamp PATH REVISION: its time, with nanoseconds.
stamp() {
	touch -h -d "@$((1700000000 + $2 * 86400)).12345678$(($2 % 10))" \
		"$tree/$1"
}

# put PATH REVISION: standard input is the file.
put() {
	mkdir -p "$(dirname "$tree/$1")"
	cat >"$tree/$1"
	stamp "$1" "$2"
}

# noise NUMBER BYTES [REVISION SPANS]
noise() {
	noise_seed=$((TREE_SEED * 1000 + $1))
	shift
	"$tools/noise" "$noise_seed" "$@"
}

# revision I VERSION: file I changes with every sixth version; when last?
revision() {
	r=$2
	while [ "$r" -gt 0 ] && [ $((r % 6)) -ne $(($1 % 6)) ]; do
		r=$((r - 1))
	done
	echo "$r"
}

# make_tree DIR VERSION: a client folder of about 40 files, always the same
# for a version and TREE_SEED; some files change with each version.
make_tree() {
	tree=$1
	v=$2
	mkdir -p "$tree"
	noise 1 400000 "$v" 40 | put smartclient "$v"
	chmod 755 "$tree/smartclient"
	noise 2 300000 "$v" 5 | put libs/libqt5core.so "$v"
	noise 3 200000 | put libs/libplain.so 0
	noise $((100 + v)) 100000 | put libs/rebuilt.so "$v"
	printf '[config]\r\nlastmainprog=sigaadv\r\nrelease=%s\r\n' "$v" |
		put smartclient.ini "$v"
	i=0
	while [ $i -lt 10 ]; do
		r=$(revision $i "$v")
		{
			seq 1 400
			echo "revision $r"
			seq $((i * 1000)) $((i * 1000 + 600))
		} | put lang/text_$i.txt "$r"
		i=$((i + 1))
	done
	i=0
	while [ $i -lt 14 ]; do
		r=$(revision $i "$v")
		noise $((200 + i)) $((700 + i * 900)) "$r" 2 |
			put res/icons/icon_$i.png "$r"
		i=$((i + 1))
	done
	: | put res/empty.dat 0
	seq 0 "$v" | put res/grows.dat "$v"
	if [ $((v % 2)) -eq 0 ]; then :; else echo filled; fi |
		put res/toggles.dat "$v"
	printf '%s' $((v % 10)) | put res/byte.dat "$v"
	echo "the time changes, the content does not" |
		put res/touched.txt "$v"
	echo "linha com acentuação" | put 'docs/instruções de uso.txt' 0
	echo "deep $(revision 3 "$v")" |
		put plugins/a/b/c/d/deep.cfg "$(revision 3 "$v")"
	echo '#!/bin/sh' | put tools/script 0
	[ $((v % 2)) -eq 0 ] || chmod 755 "$tree/tools/script"
	i=1
	while [ $i -le "$v" ]; do
		echo "came with version $i" | put added/in_$i.txt $i
		i=$((i + 1))
	done
	ln -s libqt5core.so "$tree/libs/libqt5core.so.5"
	stamp libs/libqt5core.so.5 0
	ln -s "../lang/text_$((v % 10)).txt" "$tree/docs/current"
	stamp docs/current "$v"
}

# facts DIR: what is there but contents; without our folders.
facts() {
	(cd "$1" && find . \( -path ./.erpsync -o -path './bkp_remote.*' \) \
		-prune -o -type f -perm -u+x -printf '%P x %s %T@\n' \
		-o -type f -printf '%P - %s %T@\n' \
		-o -type l -printf '%P -> %l %T@\n' \
		-o -mindepth 1 -printf '%P %y\n' | sort)
}

# same_tree A B: contents, times to the nanosecond, exec bits, links.
same_tree() {
	facts "$1" >"$work/facts.a"
	facts "$2" >"$work/facts.b"
	{
		diff "$work/facts.a" "$work/facts.b" &&
			diff -r --no-dereference -x .erpsync \
				-x 'bkp_remote.*' "$1" "$2"
	} >"$work/detail" 2>&1
}

# no_leftovers DIR [received]: nothing unfinished in our folder; what was
# received stays after a failure, to be used by the next update.
no_leftovers() {
	[ -d "$1/.erpsync" ] || return 0
	find "$1/.erpsync" \( -name 'tmp.*' -o -name 'bkp.*' \
		-o -name 'trash.*' -o -name 'journal*' -o -name committed \) \
		>"$work/detail"
	[ -n "${2-}" ] || [ ! -d "$1/.erpsync/recv" ] ||
		find "$1/.erpsync/recv" -mindepth 1 >>"$work/detail"
	[ ! -s "$work/detail" ]
}

# backups DIR: the numbers there are, "001 002 ".
backups() {
	(cd "$1" && find . -maxdepth 1 -name 'bkp_remote.*' | sort |
		sed 's/.*\.//' | tr '\n' ' ')
}

# untouched TEXT DIR BEFORE: as it was, and nothing left behind.
untouched() {
	check "$1: the folder is as it was" same_tree "$2" "$3"
	check "$1: nothing is left behind" no_leftovers "$2" received
}

# says_k2 TEXT: the first line of a failed update.
says_k2() {
	head -n 3 "$work/err" >"$work/detail"
	if [ "$(head -n 1 "$work/err")" = "$k2" ]; then
		pass
	else
		fail "$1: the first line is the known sentence"
	fi
}

# says TEXT WORD: standard error has it.
says() {
	cp "$work/err" "$work/detail"
	if grep -qF -- "$2" "$work/err"; then
		pass
	else
		fail "$1: says \"$2\""
	fi
}
