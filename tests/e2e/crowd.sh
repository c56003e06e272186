#!/bin/sh
# crowd.sh [COUNT]: COUNT (200) stations at once against one server, with five
# kinds of old folders; all end equal to the release. The server's memory stays
# below MAX_MB (256).
. "$(dirname "$0")/lib.sh"

count=${1:-200}
max_mb=${MAX_MB:-256}
kinds=5

make_tree "$work/new" 2
make_tree "$work/kind0" 1 # the server knows this one: it published it
make_tree "$work/kind1" 0 # and not this one
make_tree "$work/kind2" 0
echo "changed here" >>"$work/kind2/smartclient"
head -c 100000 "$work/kind1/libs/libqt5core.so" >"$work/kind2/libs/libqt5core.so"
rm "$work/kind2/lang/text_3.txt"
mkdir "$work/kind3" # a new station
cp -a "$work/new" "$work/kind4" # nothing to do

cp -a "$work/kind0/." "$update"
write_ini
start_server
check "the server offers v1" offers "$work/kind0"
publish "$work/new" now

mkdir "$work/st" "$work/codes"
i=0
while [ $i -lt "$count" ]; do
	cp -a "$work/kind$((i % kinds))" "$work/st/$i"
	i=$((i + 1))
done
echo "$count stations, $(du -sm "$work/new" | cut -f1) MB each, $(nproc)" \
	"processors"

t0=$(date +%s)
i=0
while [ $i -lt "$count" ]; do
	(
		code=0
		"$erpsync" update --dir "$work/st/$i" \
			--server "127.0.0.1:$PORT" --os linux --yes -q \
			--station-id "station-$i" >"$work/codes/$i.err" \
			2>&1 </dev/null || code=$?
		echo $code >"$work/codes/$i"
	) &
	started="$started $!"
	i=$((i + 1))
done
# shellcheck disable=SC2086 # a list of pids
wait $started
started=
echo "all done in $(($(date +%s) - t0)) s"

i=0
while [ $i -lt "$count" ]; do
	code=$(cat "$work/codes/$i" 2>/dev/null)
	[ "$code" = 0 ] || tail -n 3 "$work/codes/$i.err" >"$work/detail"
	if [ "$code" = 0 ]; then
		pass
	else
		fail "station $i of kind $((i % kinds)) ends with $code"
	fi
	check "station $i is exact" same_tree "$work/st/$i" "$work/new"
	i=$((i + 1))
done

peak_kb=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$SERVER_PID/status")
echo "peak memory of the server: $((peak_kb / 1024)) MB, allowed $max_mb MB"
: >"$work/detail"
check "the server's memory is bounded" [ "$peak_kb" -lt $((max_mb * 1024)) ]
finish
