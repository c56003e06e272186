#!/bin/sh
# hostile.sh [COUNT]: callers who mean harm, of every kind that we know, at one
# server: COUNT (50) honest stations of one address and as many of others all
# get through beside them, an update takes little longer than in quiet, and the
# server's memory and descriptors are bounded.
. "$(dirname "$0")/lib.sh"

count=${1:-50}
max_mb=${MAX_MB:-320} # some 60 for each worker that makes a useless delta
within=60 # seconds, for all of them at once

profile=$(basename "$(dirname "$erpsync")")
[ -d "$here/../../build/$profile" ] || profile=release
make -s -C "$here/../.." "PROFILE=$profile" "build/$profile/mob" || exit 1
mob=$here/../../build/$profile/mob
from=
if ${CC:-cc} -std=c11 -D_DEFAULT_SOURCE -O1 -shared -fPIC \
	-o "$tools/from.so" "$here/from.c" 2>/dev/null; then
	from=$tools/from.so
	export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
else
	skip "stations of other addresses: no shared object can be made"
fi

# A release of a large file and small ones; stations have it edited, so that
# the server has to make a delta for each.
tree=$update
size=3000000
noise 1 $size 1 30 | put a.bin 1
i=0
while [ $i -lt 20 ]; do
	noise $((50 + i)) 2500 | put "s$i" 1
	i=$((i + 1))
done
tree=$work/old
noise 1 $size | put a.bin 0
i=0
while [ $i -lt 20 ]; do
	noise $((80 + i)) 2500 | put "s$i" 0
	i=$((i + 1))
done
write_ini MaxPerAddress=90 Workers=4
start_server
check "the server has published" logged "published"

# station NAME FROM: an update of a folder of its own, in the background.
station() {
	cp -a "$work/old" "$work/st/$1"
	noise 1 100 >"$work/st/$1/own"
	printf 'here %s' "$1" | dd of="$work/st/$1/a.bin" bs=1 seek=5000 \
		conv=notrunc 2>/dev/null
	(
		code=0
		[ -z "$2" ] || export LD_PRELOAD="$from" FROM="$2"
		timeout $within "$erpsync" update --dir "$work/st/$1" \
			--server "127.0.0.1:$PORT" --os linux --yes -q \
			--station-id "st-$1" --lang en \
			>"$work/codes/$1.err" 2>&1 </dev/null || code=$?
		echo $code >"$work/codes/$1"
	) &
	stations="$stations $!"
}

# ended NAME: it went well, and the folder is the release.
ended() {
	code=$(cat "$work/codes/$1" 2>/dev/null)
	rm "$work/st/$1/own"
	[ "$code" = 0 ] || tail -n 3 "$work/codes/$1.err" >"$work/detail"
	[ "$code" = 0 ] && same_tree "$work/st/$1" "$update"
}

# median NAME: milliseconds of an update, the median of five, in $took.
median() {
	: >"$work/times"
	for k in 1 2 3 4 5; do
		stations=
		t0=$(date +%s%N)
		station "$1$k" ""
		# shellcheck disable=SC2086 # a list of pids
		wait $stations
		echo $((($(date +%s%N) - t0) / 1000000)) >>"$work/times"
		check "$1: update $k goes well" ended "$1$k"
	done
	took=$(sort -n "$work/times" | sed -n 3p)
}

# attack ADDRESS CALLERS KIND...
attack() {
	address=$1
	callers=$2
	shift 2
	"$mob" "$PORT" "$address" "$callers" $size 20 "$@" \
		>"$work/mob.$address" &
	mobs="$mobs $!"
	started="$started $!"
}

fds() {
	find "/proc/$SERVER_PID/fd" -mindepth 1 | wc -l
}

mkdir "$work/st" "$work/codes"
mobs=
median quiet
quiet=$took
before=$(fds)

attack 127.0.0.9 120 silent half drip parked deaf sums group whole doubt
attack 127.0.0.1 24 sums group whole
sleep 3
median attacked
echo "an update: $quiet ms in quiet, $took ms under attack"
# Half a second is what a busy machine may add.
check "an update takes at most three times as long" \
	[ "$took" -le $((3 * quiet + 500)) ]

stations=
t0=$(date +%s)
i=1
while [ $i -le "$count" ]; do
	station "office$i" ""
	station "other$i" "${from:+127.0.1.$i}"
	i=$((i + 1))
done
# shellcheck disable=SC2086 # a list of pids
wait $stations
echo "$((2 * count)) stations beside them: $(($(date +%s) - t0)) s"
i=1
while [ $i -le "$count" ]; do
	check "station $i of the office" ended "office$i"
	check "station $i of another address" ended "other$i"
	i=$((i + 1))
done

peak_kb=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$SERVER_PID/status")
echo "peak memory of the server: $((peak_kb / 1024)) MB, allowed $max_mb MB"
check "the server's memory is bounded" [ "$peak_kb" -lt $((max_mb * 1024)) ]
check "its descriptors are" [ "$(fds)" -lt 500 ]
# shellcheck disable=SC2086 # a list of pids
kill -TERM $mobs
# shellcheck disable=SC2086 # a list of pids
wait $mobs
cat "$work"/mob.*
check "they were at it" grep -qv '^0 calls' "$work/mob.127.0.0.1"
gone() {
	tries=0
	until [ "$(fds)" -le $((before + 2)) ]; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return 1
		sleep 0.1
	done
}
check "nothing of them stays" gone
finish
