#!/bin/sh
# kill.sh [COUNT]: kill -9 at COUNT (50) random moments of an update: in turn
# the station and the server, which is started again at once; every fourth is
# aimed at the short time of the swap. Then the folder is the old or the new
# one, after recover and never mixed; the next update completes; the backup is
# the old folder. SEED chooses the moments.
. "$(dirname "$0")/lib.sh"

count=${1:-50}
seed=${SEED:-$(($(date +%s) % 100000))}
echo "seed $seed: SEED=$seed makes the same moments"

make_tree "$work/old" 0
make_tree "$work/new" 1
cp -a "$work/new/." "$update"
write_ini
start_server
check "the server offers the new release" offers "$work/new"
st=$work/st

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

fresh_station() {
	rm -rf "$st"
	cp -a "$work/old" "$st"
}

# So much bandwidth that receiving takes about as long as the rest.
start_update() {
	"$erpsync" update --dir "$st" --server "127.0.0.1:$PORT" --os linux \
		--yes -q --bwlimit 6000 --retries "${1:-5}" \
		>"$work/out" 2>"$work/err" </dev/null &
	station=$!
	started=$station
}

end_update() {
	code=0
	wait "$station" 2>/dev/null || code=$?
	started=
}

# How long does it take? The median of five.
for n in 1 2 3 4 5; do
	fresh_station
	t0=$(now_ms)
	start_update
	end_update
	echo $(($(now_ms) - t0)) >>"$work/times"
	check "update $n completes" same_tree "$st" "$work/new"
done
typical=$(sort -n "$work/times" | sed -n 3p)

# Is it the old folder, the new one, or something that must never be?
state_of() {
	if same_tree "$1" "$work/old"; then
		echo old
	elif same_tree "$1" "$work/new"; then
		echo new
	else
		echo mixed
	fi
}

# Spin until the swap has begun or is over.
await_swap() {
	spins=0
	while [ ! -e "$st/.erpsync/journal" ] &&
		[ ! -e "$st/bkp_remote.001" ] && [ $spins -lt 300000 ]; do
		spins=$((spins + 1))
	done
}

# In turn the station, the server with a station that tries again, the
# station, the server with one that gives up.
old=0 new=0 undone=0 finished=0 completed=0
one_kill() {
	fresh_station
	delay=$1
	start_update $((n % 4 == 3 ? 0 : 5))
	if [ $((n % 4)) -eq 0 ]; then
		await_swap
		delay=$(awk -v d="$delay" 'BEGIN { print d / 10 }')
	fi
	sleep "$delay"
	if [ $((n % 2)) -eq 0 ]; then
		victim=station
		kill -9 "$station" 2>/dev/null
		end_update
	else
		victim=server
		kill_server
		start_server "$PORT"
		end_update
		[ $code != 0 ] || completed=$((completed + 1))
	fi
	at="kill $n, of the $victim after ${delay}s"
	run 0 "$at: recover" recover --dir "$st" --lang en
	if grep -q "previous version" "$work/out"; then
		undone=$((undone + 1))
	elif grep -q "new version" "$work/out"; then
		finished=$((finished + 1))
	fi
	state=$(state_of "$st")
	[ "$state" != old ] || old=$((old + 1))
	[ "$state" != new ] || new=$((new + 1))
	check "$at: the folder is $state" [ "$state" != mixed ]
	check "$at: nothing unfinished" no_leftovers "$st" received
	update 0 "$at: the next update" "$st"
	check "$at: it is exact" same_tree "$st" "$work/new"
	check "$at: it has one backup" [ "$(backups "$st")" = "001 " ]
	check "$at: the backup is the old folder" \
		same_tree "$st/bkp_remote.001" "$work/old"
	run 0 "$at: verify" verify --dir "$st" -q
}

awk -v n="$count" -v seed="$seed" -v ms="$typical" 'BEGIN {
	srand(seed)
	for (i = 0; i < n; i++)
		printf "%.4f\n", rand() * ms / 1000
}' >"$work/delays"
n=0
while read -r delay; do
	n=$((n + 1))
	one_kill "$delay"
done <"$work/delays"

echo "$count kills within $typical ms: $old times the old folder, $new the" \
	"new one; $undone undone and $finished finished by recover;" \
	"$completed updates outlived their server"
finish
