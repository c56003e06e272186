#!/bin/sh
# load.sh [IDLE [STATIONS [BAD]]]: so many idle TLS connections (10,000), and
# STATIONS (500), every other with TLS, that update at once beside BAD (2,000)
# callers with half a greeting, half of them of TLS, and as many with a byte a
# second: what a connection takes of the server's memory, how long an update
# takes in quiet and beside all of them, and how soon the bad ones are gone. Not
# part of the suite: it measures.
. "$(dirname "$0")/lib.sh"

idle=${1:-10000}
count=${2:-500}
bad=${3:-2000}
profile=$(basename "$(dirname "$erpsync")")
make -s -C "$here/../.." "PROFILE=$profile" "build/$profile/load" || exit 1
load=$here/../../build/$profile/load
ulimit -n "$(ulimit -Hn)"
# Who comes above what the server has descriptors for takes the place of who is
# silent; a fourth of them is for blobs.
most=$(($(ulimit -n) / 4 * 3 - 2 * bad - count - 100))
[ "$most" -ge 1000 ] || most=1000
if [ "$idle" -gt $most ]; then
	echo "$(ulimit -n) descriptors are enough for $most idle connections"
	idle=$most
fi

make_tree "$work/v1" 1
make_tree "$work/v0" 0
cp -a "$work/v0/." "$update"
write_ini MaxStations=12000 MaxPerAddress=12000
start_server
check "the server offers v0" offers "$work/v0"
publish "$work/v1" now
mkdir "$work/st" "$work/codes"

rss() {
	awk '/^VmRSS/ { print $2 }' "/proc/$SERVER_PID/status"
}

# stations NAME: all of them at once; p50 and p99 in $took, milliseconds.
stations() {
	i=0
	pids=
	while [ $i -lt "$count" ]; do
		cp -a "$work/v0" "$work/st/$1$i"
		i=$((i + 1))
	done
	i=0
	while [ $i -lt "$count" ]; do
		tls=
		[ $((i % 2)) -eq 0 ] || tls=--tls
		(
			code=0
			t0=$(date +%s%N)
			"$erpsync" update --dir "$work/st/$1$i" \
				--server "127.0.0.1:$PORT" --os linux --yes -q \
				--station-id "st-$i" $tls \
				>"$work/codes/$1$i.err" 2>&1 </dev/null ||
				code=$?
			echo "$(((($(date +%s%N) - t0)) / 1000000)) $code" \
				>"$work/codes/$1$i"
		) &
		pids="$pids $!"
		i=$((i + 1))
	done
	# shellcheck disable=SC2086 # a list of pids
	wait $pids
	i=0
	good=0
	while [ $i -lt "$count" ]; do
		read -r _ code <"$work/codes/$1$i"
		[ "$code" = 0 ] && same_tree "$work/st/$1$i" "$work/v1" &&
			good=$((good + 1))
		i=$((i + 1))
	done
	: >"$work/detail"
	check "$1: all $count stations are updated, not $good" \
		[ "$good" = "$count" ]
	took=$(cat "$work/codes/$1"*[0-9] | sort -n | awk -v n="$count" '
		{ v[NR] = $1 }
		END { print "p50 " v[int((n + 1) / 2)] " ms, p99 " v[int(n * .99 + .5)] " ms" }')
	rm -rf "$work/st/$1"*
}

# hang_about NAME KIND COUNT...: in the background, until they are ready.
hang_about() {
	name=$1
	shift
	"$load" "$PORT" "$@" >"$work/$name" &
	eval "$name=$!"
	started="$started $!"
	tries=0
	until grep -q ready "$work/$name" || [ $tries -gt 3000 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	check "$name: all are there" grep -q ready "$work/$name"
}

stations quiet
echo "$count stations in quiet: $took"
before=$(rss)
t0=$(date +%s)
hang_about parked idle "$idle"
after=$(rss)
echo "$idle idle TLS connections came in $(($(date +%s) - t0)) s and take" \
	"$(((after - before) * 1024 / idle)) bytes each of the server's memory" \
	"($((before / 1024)) MiB, then $((after / 1024)) MiB)"
stations parked
echo "$count stations beside them: $took"
hang_about crowd loris $((bad / 2)) half $((bad / 2)) byte "$bad"
sleep 12
stations beside
echo "$count stations beside $bad of each bad kind, too: $took"
echo "memory of the server: $(($(rss) / 1024)) MiB"
# shellcheck disable=SC2154 # set by hang_about
kill -TERM "$crowd" "$parked"
# shellcheck disable=SC2086 # two pids
wait "$crowd" "$parked"
grep -v ready "$work/crowd" "$work/parked" | sed "s|^$work/||"
longest=$(sed -n 's/.* after \([0-9]*\) ms/\1/p' "$work/crowd" | sort -n |
	tail -n 1)
check "a bad one is gone after 12 s, not $longest ms" [ "$longest" -le 12000 ]
echo "lines of the log by kind:"
sed 's/^[^]]*] *//; s/127[.0-9:]*/ADDRESS/g; s/[0-9][0-9]*/N/g' "$log" |
	sort | uniq -c | sort -rn | head -n 12
finish
