#!/bin/sh
# Nobody keeps the program from starting: servers that are silent or slow, a
# name server that does not answer; and what cannot start is told why.
. "$(dirname "$0")/lib.sh"

st=$work/st
make_tree "$st" 1
printf '#!/bin/sh\necho started "$@"\n' >"$st/start"
chmod 755 "$st/start"

# started: the program of the last run did.
started() {
	check "$1: the program starts" grep -q '^started' "$work/out"
}

# within SECONDS TEXT COMMAND...
within() {
	limit=$1
	within_what=$2
	shift 2
	t0=$(date +%s)
	"$@"
	took=$(($(date +%s) - t0))
	check "$within_what: $took s, not more than $limit" \
		[ "$took" -le "$limit" ]
}

# listen MODE: a stranger's port, in PORT.
listen() {
	: >"$work/port"
	"$tools/stranger" listen "$1" >"$work/port" &
	started="$started $!"
	soon test -s "$work/port"
	PORT=$(cat "$work/port")
}

start() {
	run 0 "$1" run --dir "$st" --server "127.0.0.1:$PORT" --lang en -q -- \
		./start
	started "$1"
}

for mode in silent half full http; do
	listen $mode
	within 12 "a server that is $mode" start "a server that is $mode"
done
listen trickle
began() {
	run 0 "a trickle" run --dir "$st" --server "127.0.0.1:$PORT" --lang en \
		-q --start-within 2 -- ./start
}
within 12 "a trickle" began
started "a trickle"
check "a trickle: says why" grep -q 'no progress towards an update' "$work/err"
trickle() {
	run 30 "a trickle, to update" update --dir "$st" --lang en -q \
		--server "127.0.0.1:$PORT" --timeout 2 --retries 0
}
within 12 "a trickle, to update" trickle

# --- names --------------------------------------------------------------------

cat >"$work/names.sh" <<'END'
mount --make-rprivate / || exit 77
"$tools/stranger" names >"$work/up" & server=$!
until [ -s "$work/up" ] || ! kill -0 $server; do sleep 0.05; done
[ -s "$work/up" ] || exit 77
printf 'nameserver 127.0.0.1\noptions timeout:30 attempts:1\n' >"$work/resolv"
echo 'hosts: files dns' >"$work/nss"
mount --bind "$work/resolv" /etc/resolv.conf || exit 77
mount --bind "$work/nss" /etc/nsswitch.conf || exit 77
# tell NAME COMMAND...: how it ended, and after how many seconds.
tell() {
	name=$1
	shift
	t0=$(date +%s)
	"$@"
	echo "$name $? $(($(date +%s) - t0))" >>"$work/told"
}
tell update "$erpsync" update --dir "$st" --server erp.example:1 \
	--contimeout 1 -q
tell run "$erpsync" run --dir "$st" --server erp.example:1 \
	--answer-within 1 -q -- ./start >"$work/out"
"$erpsync" run --dir "$st" --server erp.example:1 -q -- ./start \
	>"$work/out.term" & asker=$!
# The resolver is on a thread of its own.
threads() {
	set -- "/proc/$1/task/"*
	echo $#
}
tries=0
until [ "$(threads $asker)" -gt 1 ] || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
kill -TERM $asker
tell signal wait $asker
# Two addresses: the first takes no connections, the second is a server's.
printf '127.0.0.1 erp.two\n127.0.0.2 erp.two\n' >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts || exit 77
"$tools/stranger" listen full >"$work/full" & full=$!
until [ -s "$work/full" ]; do sleep 0.05; done
port=$(cat "$work/full")
"$erpsync" serve --config "$ini" --state "$work/state" \
	--listen "127.0.0.2:$port" 2>"$log" & real=$!
until grep -q listening "$log" || ! kill -0 $real; do sleep 0.05; done
tell second timeout 50 "$erpsync" check --dir "$st" -q \
	--server "erp.two:$port" --contimeout 60 --os linux >/dev/null
kill $server $full $real
wait
END
write_ini
cp -a "$st/." "$update"
export tools work erpsync st ini log
# ended NAME CODE: it did, long before the name server, or the first of two
# addresses, was given up.
ended() {
	cp "$work/told" "$work/detail"
	awk -v name="$1" -v code="$2" '$1 == name && $2 ~ "^(" code ")$" &&
		$3 <= 10 { found = 1 } END { exit !found }' "$work/told"
}
names() {
	code=0
	unshare -n -m sh "$work/names.sh" 2>/dev/null || code=$?
}
if unshare -n -m true 2>/dev/null; then
	within 60 "a silent name server" names
	if [ "$code" = 77 ]; then
		skip "no name server of our own"
	else
		check "update ends within --contimeout" \
			ended update 35
		check "run goes on" ended run 0
		started "a silent name server"
		check "the second of two addresses is tried in time" \
			ended second '0|64'
		check "a signal ends it" ended signal 20
		check "... and starts nothing" [ ! -s "$work/out.term" ]
	fi
else
	skip "a network of its own needs root"
fi

# --- signals and programs -----------------------------------------------------

PORT=1
ignored() {
	# shellcheck disable=SC2016 # for the inner shell
	(
		trap '' HUP
		grep SigIgn /proc/self/status >"$work/ignored.here"
		"$erpsync" run --dir "$st" --server 127.0.0.1:1 -q -- /bin/sh \
			-c 'grep SigIgn /proc/self/status' >"$work/ignored.there"
	) 2>/dev/null
	grep -q '[13579bdf]$' "$work/ignored.here" &&
		cmp -s "$work/ignored.here" "$work/ignored.there"
}
check "an ignored HUP is handed on, and nothing else" ignored

# refused TEXT PROGRAM CODE: in each language.
refused() {
	for lang in pt es en; do
		run 11 "$1" run --dir "$st" --server 127.0.0.1:1 -q \
			--lang $lang -- "$2"
		check "$1: says so in $lang" grep -q "^$3: " "$work/err"
	done
}
cp "$st/start" "$st/noexec"
chmod 644 "$st/noexec"
printf '#!/no/such/shell\n' >"$st/badshell"
printf 'touch shell-was-here\n' >"$st/plain"
printf '\177ELF\1\1\1' >"$st/foreign"
chmod 755 "$st/badshell" "$st/plain" "$st/foreign"
refused "no exec bit" ./noexec RUN102
refused "no interpreter" ./badshell RUN105
refused "no program" ./plain RUN106
refused "another machine" ./foreign RUN104
refused "not there" ./none RUN101
refused "a folder" ./lib RUN10[16]
check "no shell ran it" [ ! -e "$st/shell-was-here" ]
mkdir "$work/m"
if mount -t tmpfs -o noexec,size=1m none "$work/m" 2>/dev/null; then
	cp "$st/start" "$work/m/start"
	chmod 755 "$work/m/start"
	refused "noexec" "$work/m/start" RUN103
	umount "$work/m"
else
	skip "mount needs root"
fi
finish
