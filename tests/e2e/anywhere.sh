#!/bin/sh
# The station that is one file (STATION), in a root that has nothing else: no
# library, no /proc, /dev and /tmp, no users, no language, no shell; its server
# is found by a name server. OLDKERNEL is the program of oldkernel.c.
. "$(dirname "$0")/lib.sh"

root=$work/root
st=$root/client
if [ "${NETWORK:-}" != own ]; then
	[ "$(id -u)" -eq 0 ] && user= || user=--map-root-user
	# shellcheck disable=SC2086
	if unshare $user --net true 2>/dev/null; then
		clean_up
		trap - EXIT
		NETWORK=own exec unshare $user --net sh \
			"$here/$script.sh"
	fi
	skip "a network of its own needs root or user namespaces"
	finish
fi
"$tools/stranger" names 127.0.0.1 >"$work/up" 2>"$work/detail" &
started=$!
soon test -s "$work/up"
check "a name server" [ -s "$work/up" ]

make_tree "$work/v0" 0
make_tree "$work/v1" 1
cp -a "$work/v0/." "$update"
write_ini
mkdir -p "$root/etc" "$st"
cp "$STATION" "$root/erpsync"
echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
start_server

# bare CODE TEXT ARGS...: in that root, without any environment.
bare() {
	expected=$1
	what=$2
	shift 2
	code=0
	# shellcheck disable=SC2086
	timeout -k 5 60 env -i $kernel "$chroot" "$root" /erpsync "$@" \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	cp "$work/err" "$work/detail"
	if [ "$code" = "$expected" ]; then
		pass
	else
		fail "$kernel $what: exit code $code, not $expected"
	fi
}

# alone CODE TEXT COMMAND ARGS...: on the client folder.
alone() {
	alone_code=$1
	alone_what=$2
	command=$3
	shift 3
	bare "$alone_code" "$alone_what" "$command" --dir /client -q "$@"
}

# life: all that a station does.
life() {
	alone 0 "first update" update --server "erp.example:$PORT" --os linux
	check "... is exact" same_tree "$st" "$work/v0"
	publish "$work/v1"
	alone 64 "a dry run" check --server "erp.example:$PORT"
	alone 0 "an update" update --server "erp.example:$PORT"
	check "... is exact" same_tree "$st" "$work/v1"
	check "... and its backup" same_tree "$st/bkp_remote.001" "$work/v0"
	code=0
	# shellcheck disable=SC2086
	env -i $kernel "$chroot" "$root" /erpsync update --dir /client -v \
		--stats --checksum --server "erp.example:$PORT" \
		<&- >&- 2>&- || code=$?
	check "without streams: $code" [ $code = 0 ]
	check "... no words are in a file" same_tree "$st" "$work/v1"
	alone 0 "verify" verify
	alone 0 "history" history
	alone 0 "recover" recover
	alone 0 "rollback" rollback
	check "... is exact" same_tree "$st" "$work/v0"
	check "nothing is left behind" no_leftovers "$st"
	alone 0 "run" run --server "erp.example:$PORT" -- /erpsync --version
	check "... becomes the program" grep -q '^erpsync ' "$work/out"
	bare 0 "self-test" self-test /client
	bare 0 "a signature" signature /client/libs/libqt5core.so /sig
	bare 0 "a delta" delta /sig /erpsync /delta
	bare 0 "a patch" patch /client/libs/libqt5core.so /delta /copy
	check "... gives the file" cmp "$root/copy" "$root/erpsync"
	rm "$root/sig" "$root/delta" "$root/copy"
	alone 35 "no server" update --server "erp.example:1" --retries 0
	says_k2 "no server"
}

chroot=$(command -v chroot || echo /usr/sbin/chroot)
kernel=
life
rm -rf "$st"
mkdir "$st"
publish "$work/v0"
kernel="$OLDKERNEL ENOSYS"
if $kernel true; then
	life
	kernel="$OLDKERNEL EPERM"
	bare 0 "self-test in a sandbox" self-test /client
	alone 0 "an update in a sandbox" update --force \
		--server "erp.example:$PORT"
	check "... is exact" same_tree "$st" "$work/v1"
else
	skip "no seccomp"
fi
finish
