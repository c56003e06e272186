#!/bin/sh
# Files in use during an update, by real processes: a running program, a
# mapped library, locked and open files; and what is read-only.
. "$(dirname "$0")/lib.sh"

make_tree "$work/v0" 0
make_tree "$work/v1" 1
# The client program: prints its version when told to, then ends.
cat >"$work/client.c" <<'EOF'
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>
/* client DIR: map a library, lock a text, append to another, say "ready",
 * wait for a line, and tell whether the library is still the same. */
int
main(int argc, char **argv)
{
	static char before[4096];
	struct flock lock = {.l_type = F_WRLCK};
	char line[8];
	int lib, text, ofd, ini;
	char *p;

	if (argc < 2 || chdir(argv[1]) != 0)
		return 2;
	lib = open("libs/rebuilt.so", O_RDONLY);
	p = mmap(NULL, sizeof(before), PROT_READ, MAP_SHARED, lib, 0);
	text = open("lang/text_1.txt", O_RDWR);
	ofd = open("res/grows.dat", O_RDWR);
	ini = open("smartclient.ini", O_WRONLY | O_APPEND);
	if (p == MAP_FAILED || flock(text, LOCK_EX) != 0 ||
	    fcntl(ofd, F_SETLK, &lock) != 0 || ini < 0)
		return 3;
	memcpy(before, p, sizeof(before));
	puts("ready " VERSION);
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return 4;
	if (write(ini, "late\n", 5) != 5)
		return 5;
	puts(memcmp(p, before, sizeof(before)) == 0 ? "same" : "other");
	return 0;
}
EOF
for v in 0 1; do
	${CC:-cc} -D_GNU_SOURCE -DVERSION="\"v$v\"" -o "$work/v$v/smartclient" \
		"$work/client.c" || exit 1
	tree=$work/v$v
	stamp smartclient $v
done
cp -a "$work/v1/." "$update"
write_ini
start_server
check "the server offers v1" offers "$work/v1"
st=$work/st
cp -a "$work/v0" "$st"

# ready FILE: wait for the client to say so.
ready() {
	tries=0
	until grep -q ready "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.05
	done
}

mkfifo "$work/line"
"$st/smartclient" "$st" <"$work/line" >"$work/said" &
client=$!
started="$started $client"
exec 9>"$work/line"
check "the client runs" ready "$work/said"
old_inode=$(stat -c %i "$st/smartclient")
update 0 "an update under a running client" "$st"
check "... is exact" same_tree "$st" "$work/v1"
check "the program has a new inode" \
	[ "$(stat -c %i "$st/smartclient")" != "$old_inode" ]
check "the process still runs the old one" \
	[ "$(stat -L -c %i "/proc/$client/exe")" = "$old_inode" ]
check "the backup is exact" same_tree "$st/bkp_remote.001" "$work/v0"
echo go >&9
exec 9>&-
code=0
wait "$client" || code=$?
check "the client ends well" [ $code = 0 ]
check "its library did not change under it" grep -q same "$work/said"
check "what it wrote late into a replaced INI is in no backup" \
	same_tree "$st/bkp_remote.001" "$work/v0"
check "... nor in the new one" same_tree "$st" "$work/v1"
check "the new program is v1" sh -c \
	"echo go | '$st/smartclient' '$st' | grep -q 'ready v1'"
cp -p "$work/v1/smartclient.ini" "$st/smartclient.ini"

# A program that is busy being written: nobody can run or replace it safely,
# but its name can change; and a file that is read-only.
make_tree "$work/v2" 2
cp "$work/v1/smartclient" "$work/v2/smartclient"
publish "$work/v2" now
chmod 444 "$st/lang/text_2.txt" "$st/res/grows.dat"
cp -a "$st" "$work/readonly"
update 0 "read-only files" "$st"
check "... are replaced" cmp "$st/res/grows.dat" "$work/v2/res/grows.dat"
check "... and stay read-only" \
	[ "$(stat -c %a "$st/res/grows.dat")" = 444 ]
check "... as they are in the backup" \
	[ "$(stat -c %a "$st/bkp_remote.002/res/grows.dat")" = 444 ]
run 0 "... and come back" rollback --dir "$st" -q
check "exactly" same_tree "$st" "$work/readonly"
# What was taken back does not come again by itself.
make_tree "$work/v3" 3
publish "$work/v3" now

# A read-only folder stops somebody who is not root, before any change.
as_nobody=
if [ "$(id -u)" -eq 0 ]; then
	as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
	setpriv --version >/dev/null 2>&1 || as_nobody=none
fi
if [ "$as_nobody" = none ]; then
	skip "no setpriv to become another user"
else
	cp "$erpsync" "$work/erpsync"
	ro=$work/ro
	cp -a "$st" "$ro"
	[ -z "$as_nobody" ] || chown -R 65534:65534 "$ro"
	chmod 555 "$ro/res"
	code=0
	# shellcheck disable=SC2086 # a command with its options
	$as_nobody "$work/erpsync" update --dir "$ro" --yes -q --lang en --force \
		--server "127.0.0.1:$PORT" >"$work/out" 2>"$work/err" \
		</dev/null || code=$?
	cp "$work/err" "$work/detail"
	check "a read-only folder: exit code 11, not $code" [ $code = 11 ]
	says "a read-only folder" "res"
	says "a read-only folder" "cannot be written"
	chmod 755 "$ro/res"
	untouched "a read-only folder" "$ro" "$st"
fi

# Two updates at a time: the second one names who holds the folder.
# The rollback refused the release: --force takes it all the same.
"$erpsync" update --dir "$st" --server "127.0.0.1:$PORT" --yes -q --force \
	--health-check "touch '$work/ready'
		while [ ! -e '$work/asked' ]; do sleep 0.1; done" \
	>"$work/first" 2>&1 </dev/null &
first=$!
started="$started $first"
soon test -e "$work/ready"
update 67 "a second update at the same time" "$st" --lang en --force
: >"$work/asked"
says "a second update at the same time" "pid $first"
code=0
wait "$first" || code=$?
check "the first one ends well" [ $code = 0 ]

finish
