#!/bin/sh
# strangers.sh [COUNT [BAD]]: a server that has few places, and BAD (400)
# callers each of three kinds who never say who they are, of as many addresses,
# who call again as soon as they are hung up on: COUNT (10) stations with TLS
# and as many without all come in, at their first try.
. "$(dirname "$0")/lib.sh"

count=${1:-10}
bad=${2:-400}
files=700 # that the server may have open: some 300 places

profile=$(basename "$(dirname "$erpsync")")
[ -d "$here/../../build/$profile" ] || profile=release
make -s -C "$here/../.." "PROFILE=$profile" "build/$profile/load" || exit 1
load=$here/../../build/$profile/load

make_tree "$work/v1" 1
make_tree "$work/v0" 0
cp -a "$work/v1/." "$update"
write_ini MaxPerAddress=200 Workers=2
program=$erpsync
printf '#!/bin/sh\nulimit -n %s\nexec "%s" "$@"\n' $files "$program" \
	>"$tools/few"
chmod 755 "$tools/few"
erpsync=$tools/few
start_server
erpsync=$program
check "the server has published" logged "published"

"$load" "$PORT" loris "$bad" byte "$bad" half "$bad" >"$work/load" &
crowd=$!
started=$crowd
check "places are short" logged "no greeting while others wanted the place"

mkdir "$work/st" "$work/codes"
# station NAME OPTION...: an update of a folder of its own, in the background.
station() {
	name=$1
	shift
	cp -a "$work/v0" "$work/st/$name"
	(
		code=0
		"$erpsync" update --dir "$work/st/$name" --retries 0 \
			--server "127.0.0.1:$PORT" --os linux --yes -q \
			--station-id "st-$name" --lang en "$@" \
			>"$work/codes/$name.err" 2>&1 </dev/null || code=$?
		echo $code >"$work/codes/$name"
	) &
	stations="$stations $!"
}

stations=
i=0
while [ $i -lt "$count" ]; do
	station "plain$i"
	station "tls$i" --tls
	i=$((i + 1))
done
# shellcheck disable=SC2086 # a list of pids
wait $stations
for end in "$work/codes/"*.err; do
	name=$(basename "$end" .err)
	tail -n 3 "$end" >"$work/said"
	check "station $name comes in at once" \
		[ "$(cat "$work/codes/$name")" = 0 ]
	[ "$(cat "$work/codes/$name")" = 0 ] || cat "$work/said"
	check "station $name has the release" \
		same_tree "$work/st/$name" "$work/v1"
done
kill -TERM $crowd
wait $crowd
started=
cat "$work/load"
finish
