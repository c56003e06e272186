#!/bin/sh
# The program starts: many at once, beside an update, where nothing can be
# written, in a folder that erpsync does not know, and never half a release.
. "$(dirname "$0")/lib.sh"

make_tree "$work/v1" 1
make_tree "$work/v2" 2
make_tree "$work/v3" 3
for v in 1 2 3; do
	printf '#!/bin/sh\necho started %s "$@"\n' $v >"$work/v$v/start"
	chmod 755 "$work/v$v/start"
	touch -d "2024-0$v-01" "$work/v$v/start"
done
cp -a "$work/v1/." "$update"
write_ini 'Build=7.00.191205P' CompileAhead=0
start_server
check "the server offers v1" offers "$work/v1"

# start CODE TEXT DIR [ARGS...]: from an icon, so there is no terminal.
start() {
	start_code=$1
	start_what=$2
	start_dir=$3
	shift 3
	run "$start_code" "$start_what" run --dir "$start_dir" --lang en \
		--server "127.0.0.1:$PORT" --os linux "$@" -- ./start
}

# started WORDS: did the program start?
started() {
	grep -qxF "started $1 " "$work/out" || grep -qxF "started $1" "$work/out"
}

# hold DIR: another process holds the folder; release lets it go.
cat >"$work/hold.c" <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(int n, char **v)
{
	struct flock l = {.l_type = F_WRLCK};
	int fd = open(v[1], O_RDWR | O_CREAT, 0600);
	if (n != 2 || fd < 0 || fcntl(fd, F_OFD_SETLK, &l) != 0)
		return 1;
	printf("held\n");
	fflush(stdout);
	pause();
	return 0;
}
C
${CC:-cc} -D_GNU_SOURCE -o "$tools/hold" "$work/hold.c" || exit 1
hold() {
	: >"$work/held"
	"$tools/hold" "$1/.erpsync/lock" >"$work/held" &
	holder=$!
	soon grep -q held "$work/held"
}
release() {
	kill "$holder"
	wait "$holder" 2>/dev/null
}

# A copy of the client that erpsync never saw is of the build it equals.
cp -a "$work/v1" "$work/copy"
preview 0 "a check of an equal folder" "$work/copy"
check "... finds it compatible" grep -q '"verdict": "compatible"' "$work/out"
check "... and of that build" grep -q '"from_build": "7.00.191205P"' "$work/out"
start 0 "an equal folder, new to erpsync" "$work/copy"
check "... starts" started 1
check "... has no backup" [ -z "$(backups "$work/copy")" ]
mkdir "$work/empty"
update 0 "a first install" "$work/empty"
st=$work/copy

# Twenty at once, with nothing to do.
i=0
pids=
while [ $i -lt 20 ]; do
	"$erpsync" run --dir "$st" --server "127.0.0.1:$PORT" --os linux -q \
		-- ./start >"$work/many.$i" 2>&1 </dev/null &
	pids="$pids $!"
	i=$((i + 1))
done
# shellcheck disable=SC2086 # a list of pids
wait $pids
check "twenty starts at once" \
	[ "$(cat "$work"/many.* | grep -c '^started 1')" = 20 ]

# Somebody holds the folder: with nothing to do that is all the same.
hold "$st"
t0=$(date +%s)
start 0 "a folder that is held" "$st"
check "... starts" started 1
check "... without waiting for it" [ $(($(date +%s) - t0)) -lt 15 ]
run 67 "an update waits for nobody" update --dir "$st" --os linux \
	--server "127.0.0.1:$PORT" --yes --lang en
publish "$work/v2" now
# With something to do it waits, and gets what the other left.
(sleep 1; kill "$holder") &
started="$started $!"
start 0 "a folder that gets free" "$st" --yes
check "... starts the new release" started 2
wait "$holder" 2>/dev/null
publish "$work/v1" now
hold "$st"
start 0 "a folder that stays held" "$st" --yes
check "... starts as it is" started 2
says "a folder that stays held" "starts as it is"
preview 64 "a check of a folder that is held" "$st" --lang en
check "... says that it would be refused" \
	grep -q '"refusal": "another update is running' "$work/out"
release
preview 64 "a check of a folder that is free" "$st"
check "... says nothing of it" grep -q '"refusal": null' "$work/out"
# A state that says nothing is no reason to stop; an update still tells.
cp -p "$st/.erpsync/state" "$work/kept.state"
echo junk >"$st/.erpsync/state"
start 0 "a damaged state" "$st" --yes
check "... starts" started 2
says "a damaged state" "UPD040: The folder needs a recovery by hand"
start 0 "a damaged state, where only faults are told" "$st" --yes -q
says "a damaged state, where only faults are told" "recovery required"
run 69 "an update over a damaged state" update --dir "$st" --os linux \
	--server "127.0.0.1:$PORT" --yes --lang en
# Nor is it told as another's folder where there is nothing to do.
cp -a "$work/v1" "$work/current"
mkdir "$work/current/.erpsync"
echo junk >"$work/current/.erpsync/state"
start 0 "a damaged state, up to date" "$work/current"
check "... starts" started 1
says "a damaged state, up to date" "UPD040: The folder needs a recovery by hand"
cp -p "$work/kept.state" "$st/.erpsync/state"
hold "$st"
# Names that are being changed are no release.
echo x >"$st/.erpsync/journal"
t0=$(date +%s%N)
(sleep 2; rm "$st/.erpsync/journal") &
started="$started $!"
start 0 "names that are being changed" "$st" --yes
check "... are waited for" [ $((($(date +%s%N) - t0) / 1000000)) -gt 1500 ]
check "... and then started" started 2
release

# A disk without locks, as NFS without its lock service: nothing is updated, the
# program starts, and what helps is all that is advised.
cat >"$work/nolock.c" <<'C'
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int n, char **v)
{
	struct sock_filter f[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
		{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_fcntl},
		{BPF_LD | BPF_W | BPF_ABS, 0, 0,
			offsetof(struct seccomp_data, args[1])},
		{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 37}, /* F_OFD_SETLK */
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOLCK},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
	};
	struct sock_fprog p = {sizeof(f) / sizeof(f[0]), f};
	if (n < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) != 0)
		return 77;
	execv(v[1], v + 1);
	return 77;
}
C
${CC:-cc} -D_GNU_SOURCE -o "$tools/nolock" "$work/nolock.c" || exit 1
if "$tools/nolock" /bin/true; then
	ours=$erpsync
	printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$tools/nolock" "$ours" \
		>"$work/unlocked"
	chmod 755 "$work/unlocked"
	erpsync=$work/unlocked
	start 0 "a disk without locks" "$st" --yes
	check "... starts" started 2
	says "a disk without locks" "UPD043"
	says "a disk without locks" "this disk has no locks"
	says "a disk without locks" "What to do: If it is NFS, start its lock"
	check "... and nothing else is advised" \
		[ "$(grep -c 'What to do' "$work/err")" = 1 ]
	check "... nothing to move" eval '! grep -qi "move it" "$work/err"'
	update 11 "an update of it" "$st"
	says "an update of it" "O que fazer: Se for NFS, inicie"
	erpsync=$ours
else
	skip "a disk without locks: no seccomp filters here"
fi

# Users that only read.
update 0 "root's folder" "$st"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	cp "$erpsync" "$work/program"
	ours=$erpsync
	as_user() {
		setpriv --reuid=65534 --regid=65534 --clear-groups \
			"$work/program" "$@"
	}
	erpsync=$work/as_user
	{
		echo '#!/bin/sh'
		echo 'exec setpriv --reuid=65534 --regid=65534 \'
		echo "--clear-groups '$work/program' \"\$@\""
	} >"$erpsync"
	chmod 755 "$erpsync"
	cd / || exit 1
	start 0 "a user starts root's folder" "$st"
	check "... which starts" started 1
	says "a user starts root's folder" "does not keep this folder up to date"
	preview 0 "a user checks it" "$st"
	run 0 "a user verifies it" verify --dir "$st" --backups
	run 0 "a user lists its backups" history --dir "$st" --lang en
	check "... which is good" grep -q yes "$work/out"
	erpsync=$ours
	publish "$work/v2" now
	erpsync=$work/as_user
	start 0 "a user starts an outdated folder" "$st" --yes
	check "... as it is" started 1
	chmod 700 "$st/.erpsync"
	start 0 "a user starts one without a state to read" "$st" --yes
	check "... as it is, too" started 1
	erpsync=$ours
	# Root starts what only another user keeps up to date.
	chown 65534 "$st" "$st/.erpsync"
	start 0 "root starts a user's folder" "$st" --yes
	check "... as it is, for the third time" started 1
	says "root starts a user's folder" "as its owner, not as root"
	start 0 "root starts one quietly" "$st" --yes -q
	check "... and is told of no failure" \
		eval '! grep -q UPD0 "$work/err"'
	chown 0 "$st" "$st/.erpsync"
	if mkdir "$work/m" && mount --bind "$st" "$work/m" 2>/dev/null &&
		mount -o remount,ro,bind "$work/m" 2>/dev/null; then
		start 0 "a read-only mount" "$work/m" --yes
		check "... starts" started 1
		preview 64 "a check of a read-only mount" "$work/m"
		check "... tells of the mount" \
			grep -q '"refusal": ".*Read-only file system' "$work/out"
		for ours in check:64 update:11 doctor:11; do
			run "${ours#*:}" "${ours%:*} on one" "${ours%:*}" \
				--dir "$work/m" --lang en --server "127.0.0.1:$PORT"
			cat "$work/out" >>"$work/err"
			says "${ours%:*} on one" "Mount the disk so that it can be written."
			check "... and of no right" \
				eval '! grep -qi "give this user" "$work/err"'
		done
		run 0 "a read-only mount verifies" verify --dir "$work/m"
		run 0 "... lists its backups" history --dir "$work/m"
		umount "$work/m"
	else
		skip "no mounts here: a read-only one"
	fi
	if mount -t tmpfs -o size=8m,nr_inodes=64 none "$work/m" 2>/dev/null
	then
		cp -a "$work/v2/." "$work/m" 2>/dev/null
		while touch "$work/m/fill.$((i += 1))" 2>/dev/null; do :; done
		start 0 "no inode is free" "$work/m" --yes
		says "no inode is free" "no room to update this folder"
		umount "$work/m"
	fi
else
	skip "not root, or no setpriv: users that only read"
fi

# A release that this station refused, whatever its build, is like one that is
# held: nobody is asked, and what is there starts.
st=$work/refuser
publish "$work/v1" now
mkdir "$st"
update 0 "a folder that is to refuse a release" "$st"
write_ini Build=7.00.200101P CompileAhead=0
publish "$work/v2" now
# refuses TEXT: however it is started.
refuses() {
	for answer in --yes --no -q; do
		start 0 "$1, run $answer" "$st" $answer
		check "... starts the one before" started 1
		says "$1, run $answer" "UPD041"
		check "... asks nobody" eval '! grep -q UPD010 "$work/err"'
	done
	hold "$st"
	t0=$(date +%s)
	start 0 "$1, held by another" "$st" --yes
	check "... starts, too" started 1
	check "... at once" [ $(($(date +%s) - t0)) -lt 5 ]
	release
	start 65 "$1, forced without a yes" "$st" --force
	check "... starts nothing" eval '! started 1'
	run 65 "$1, an update that is forced" update --dir "$st" --os linux \
		--server "127.0.0.1:$PORT" --force
	run 71 "$1, an update" update --dir "$st" --os linux \
		--server "127.0.0.1:$PORT"
}
start 0 "a health check that fails" "$st" --yes --health-check 'exit 3'
check "... starts the release before" started 1
says "a health check that fails" "UPD041"
refuses "a release that failed its check"
start 0 "a release that is forced" "$st" --yes --force
check "... starts" started 2
run 0 "a rollback of it" rollback --dir "$st" -q
refuses "a release that was taken back"
# What does not fit and was not refused is not started.
publish "$work/v3" now
start 0 "the next release" "$st" --yes
check "... is as ever" started 3
write_ini Build=7.00.200202P CompileAhead=0
publish "$work/v2" now
hold "$st"
start 67 "a build that does not fit, held by another" "$st" --yes
check "... is not started" eval '! started 3'
release
write_ini Build=7.00.191205P CompileAhead=0
publish "$work/v1" now

# Who does not read what is said keeps nothing from starting, and the program
# has its streams as they were.
cat >"$work/unread.c" <<'C'
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int n, char **v)
{
	char bytes[4096] = "";
	int ends[2], status = 77 << 8;
	if (n < 3 || pipe(ends) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0)
		return 77;
	while (write(ends[1], bytes, sizeof(bytes)) > 0)
		continue;
	if (fcntl(ends[1], F_SETFL, 0) != 0)
		return 77;
	if (fork() == 0) {
		dup2(ends[1], atoi(v[1]));
		close(ends[0]);
		close(ends[1]);
		execv(v[2], v + 2);
		_exit(77);
	}
	wait(&status); /* the pipe has a reader so long */
	return WEXITSTATUS(status);
}
C
${CC:-cc} -o "$tools/unread" "$work/unread.c" || exit 1
# unread FD ARGS...: a start whose output, or errors, nobody reads.
unread() {
	rm -f "$work/ran"
	code=0
	number=$1
	shift
	timeout -k 5 60 "$tools/unread" "$number" "$erpsync" run --dir "$st" \
		--server "127.0.0.1:$PORT" --os linux --yes "$@" -- /bin/sh -c \
		'test -p "/proc/self/fd/$1" && : >"$0"' "$work/ran" "$number" \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	check "nobody reads descriptor $number ($*): $code" [ $code = 0 ]
	check "... the program starts" [ -e "$work/ran" ]
}
unread 1 --progress=json
unread 2 --progress=plain

# Nor is who would read a report, or why there is no program, waited for without
# end. All at once: each takes its time.
mkfifo "$work/unopened.html" "$work/unread.html"
python3 - "$work/unread.html" <<'EOF' &
import fcntl, os, sys, time
fd = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096)
open(sys.argv[1] + '.open', 'w').close()
time.sleep(120)
EOF
reader=$!
started="$started $reader"
soon [ -e "$work/unread.html.open" ]
timeout -k 5 60 "$tools/unread" 2 "$erpsync" run --dir "$st" --os linux \
	--server "127.0.0.1:$PORT" --yes -- ./none >/dev/null 2>&1 </dev/null &
untold=$!
# reported FILE: a start with this report.
reported() {
	timeout -k 5 60 "$erpsync" run --dir "$st" --lang en --os linux \
		--server "127.0.0.1:$PORT" --yes --report "$work/$1" -- \
		/bin/echo STARTED >"$work/$1.out" 2>"$work/$1.err" </dev/null
}
reported unopened.html &
unopened=$!
reported unread.html
check "a report that nobody reads: $?" grep -q STARTED "$work/unread.html.out"
check "... is told" grep -q 'Warning: write ' "$work/unread.html.err"
wait $unopened
check "a report that nobody opens: $?" grep -q STARTED "$work/unopened.html.out"
check "... is told" grep -q 'nobody reads it' "$work/unopened.html.err"
code=0
wait $untold || code=$?
check "no program, and nobody reads why: $code" [ $code = 11 ]
kill $reader
wait $reader 2>/dev/null

# INI files that name no server, or one that cannot be, keep nothing from
# starting: a release may have brought them.
st=$work/noserver
cp -a "$work/v2" "$st"
rm -f "$st"/*.ini
for lines in '' 'Server=erp' 'Retries=many' 'Port=0'; do
	printf '[ErpSync]\n%s\n' "$lines" >"$st/smartclient.ini"
	code=0
	"$erpsync" run --dir "$st" --lang en -- /bin/echo STARTED \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	check "no server ($lines): $code" [ $code = 0 ]
	check "... starts" grep -q STARTED "$work/out"
	says "... and is told" "UPD038: The request cannot be met"
done
# Where nothing names a server it is the one that served the folder last, which
# the station remembers; what is named counts more, also if it is wrong.
st=$work/last
cp -a "$update" "$st"
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\n' "$PORT" >"$work/good.ini"
cp "$work/good.ini" "$st/smartclient.ini"
# at CODE TEXT COMMAND [ARGS...]: for st, without a server.
at() {
	at_code=$1
	at_what=$2
	at_command=$3
	shift 3
	run "$at_code" "$at_what" "$at_command" --dir "$st" --lang en "$@"
}
served() {
	says "$1" "which served this folder last (.erpsync/last-server.ini)"
	check "... in one line" \
		[ "$(grep -c 'served this folder last' "$work/err")" = 1 ]
}
names_none() {
	! grep -q 'served this folder last' "$work/out" "$work/err"
}
at 64 "a server that an INI names" check --os linux
check "... is not remembered by a look" [ ! -e "$st/.erpsync/last-server.ini" ]
: >"$work/none.ini"
touch -d 2024-03-01 "$work/none.ini"
cp -p "$work/none.ini" "$update/smartclient.ini"
kill -HUP "$SERVER_PID"
check "the server offers an INI that names none" offers "$update"
at 0 "a release takes the server away" update --os linux --yes
check "... as it says" cmp -s "$st/smartclient.ini" "$work/none.ini"
check "... and the station remembers it" \
	cmp "$st/.erpsync/last-server.ini" "$work/good.ini"
at 0 "an update of a folder that names none" update --os linux --yes
served "an update of a folder that names none"
at 0 "a check of it" check --os linux
served "a check of it"
at 0 "a start of it" run --os linux -- ./start
served "a start of it"
check "... starts" grep -q "^started" "$work/out"
at 0 "where only faults are told" check --os linux -q
served "... it is warned of all the same"
at 0 "the doctor's look at it" doctor
cp "$work/out" "$work/detail"
check "... tells of it" \
	grep -q "^server's address *warning .*served this folder last" \
	"$work/out"
check "... and asks it" grep -q "^server's answer *ok .*7.00.191205P" \
	"$work/out"
for lang in pt:porta es:puerto; do
	run 0 "the warning in ${lang%:*}" check --dir "$st" --os linux \
		--lang "${lang%:*}"
	says "... says it" "127.0.0.1, ${lang#*:} $PORT"
done
printf '[ErpSync]\nPort=1\n' >"$st/smartclient.ini"
at 64 "a port alone" check --os linux
served "a port alone"
for lines in 'Server=erp' 'Server=127.0.0.1\nPort=x' 'Retries=many'; do
	# shellcheck disable=SC2059 # the lines have their ends in them
	printf "[ErpSync]\n$lines\n" >"$st/smartclient.ini"
	at 1 "a setting that is wrong ($lines)" update --os linux --yes
	check "... stays one" names_none
	at 1 "... for the doctor, too" doctor
	check "... who names none" names_none
done
printf '[ErpSync]\nServer=127.0.0.1\nPort=1\n' >"$st/smartclient.ini"
at 35 "a server that is not there" update --os linux --yes --retries 0
check "... is asked all the same" names_none
cp -p "$work/none.ini" "$st/smartclient.ini"
for option in 127.0.0.1 :1; do
	at 1 "an option that is wrong ($option)" check --server $option
	check "... stays wrong" names_none
	at 1 "... for the doctor, too" doctor --server $option
	check "... who names none" names_none
done
printf '[ErpSync]\nRetries=many\n' >"$st/.erpsync/station.ini"
at 1 "the station's own INI that is wrong" check
check "... stays wrong" names_none
at 1 "... for the doctor, too" doctor
check "... who names none" names_none
cp "$work/good.ini" "$st/.erpsync/station.ini"
printf '[ErpSync]\nServer=127.0.0.1\nPort=1\n' >"$st/.erpsync/last-server.ini"
at 0 "a server that is named" check --os linux
check "... counts more" names_none
rm "$st/.erpsync/station.ini"
at 0 "... also by an option" check --os linux --server "127.0.0.1:$PORT"
check "... counts more" names_none
echo junk >"$st/.erpsync/last-server.ini"
at 1 "a damaged one is none" update --os linux --yes
says "... so there is no server" "no server"
at 1 "... for the doctor, too" doctor

# A release that brings a smartclient.ini which says what cannot be: only the
# next one mends it, so who served last is asked; what a person wrote stays wrong.
# brings TEXT FORMAT: such a release, and the station gets it.
brings() {
	# shellcheck disable=SC2059 # the lines have their ends in them
	printf "$2" >"$update/smartclient.ini"
	touch -d "2024-04-$((n += 1))" "$update/smartclient.ini"
	reload published
	at 0 "a release with $1" update --os linux --yes --server "127.0.0.1:$PORT"
	check "... is in place" cmp -s "$update/smartclient.ini" "$st/smartclient.ini"
}
# mended TEXT: the next release has it right, and comes.
mended() {
	cp "$work/good.ini" "$update/smartclient.ini"
	touch -d "2024-04-$((n += 1))" "$update/smartclient.ini"
	reload published
	at 0 "the release after $1" update --os linux --yes
	says "... by the server of before" \
		"installed release brought smartclient.ini like that"
	says "... whose fault is named" "smartclient.ini"
	check "... mends it" cmp -s "$work/good.ini" "$st/smartclient.ini"
	at 0 "from then on" update --os linux --yes
	check "... it is the server that is named" eval \
		'! grep -q "like that" "$work/err"'
}
n=0
rm -f "$st/.erpsync/station.ini"
brings "a NUL byte" 'a\000b\n'
at 0 "a check of it" check --os linux
says "... names what is wrong" "there is a NUL byte"
at 0 "a start of it" run --os linux -- ./start
check "... starts" grep -q "^started" "$work/out"
at 0 "the doctor's look at it" doctor
check "... warns of it" grep -q "^server's address *warning .*like that" \
	"$work/out"
check "... and asks the server" grep -q "^server's answer *ok" "$work/out"
for lang in pt:porta es:puerto; do
	run 0 "the warning in ${lang%:*}" check --dir "$st" --os linux \
		--lang "${lang%:*}"
	says "... says it" "127.0.0.1, ${lang#*:} $PORT"
done
echo mine >>"$st/smartclient.ini"
at 64 "what is wrong is the release's, whatever was added" check --os linux
says "... by the server of before" "installed release brought"
printf '[ErpSync]\nServer=erp\n' >"$st/smartclient.ini"
at 1 "what a person wrote is the person's" update --os linux --yes
check "... and names no server" eval '! grep -q "like that" "$work/err"'
cp -p "$update/smartclient.ini" "$st/smartclient.ini"
mended "a NUL byte"
brings "UTF-16" '\377\376[\000E\000'
mended "UTF-16"
brings "a server without a port" '[ErpSync]\nServer=erp\n'
mv "$st/.erpsync/last-server.ini" "$work/last.ini"
at 1 "where none is remembered" update --os linux --yes
says "... what is wrong is told" "Server=erp has no port"
mv "$work/last.ini" "$st/.erpsync/last-server.ini"
mended "a server without a port"
brings "a setting that is none" '[ErpSync]\nRetries=many\nInsecure=1\n'
mended "a setting that is none"
# Whom it was to prove is not known: only a key that is remembered will do.
brings "a pin that is none" '[ErpSync]\nServer=127.0.0.1\nPort=1\nPin=x\n'
at 72 "no key is remembered" update --os linux --yes
check "... so nobody is asked" eval '! grep -q "like that" "$work/err"'
at 72 "... nor who is named" update --os linux --yes \
	--server "127.0.0.1:$PORT"
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\nPin=y\n' "$PORT" \
	>"$st/smartclient.ini"
at 72 "a pin of a person's that is none" update --os linux --yes
cp -p "$work/good.ini" "$st/smartclient.ini"
at 0 "a key is remembered" update --os linux --yes --tls
check "... of this server" grep -q "^127.0.0.1:$PORT " "$st/.erpsync/servers"
check "... and the release is in place" cmp -s "$update/smartclient.ini" \
	"$st/smartclient.ini"
mended "a pin that is none"
sed -i 's|sha256//..|sha256//AA|' "$st/.erpsync/servers"
brings_nothing=$(cat "$st/smartclient.ini")
at 72 "another key is refused" update --os linux --yes
check "... and nothing changes" \
	[ "$(cat "$st/smartclient.ini")" = "$brings_nothing" ]
rm "$st/.erpsync/servers"

st=$work/noserver
run 1 "a bad option starts nothing" run --dir "$st" --retries x -- /bin/true
mkdir -m 700 "$st/.erpsync"
echo half >"$st/.erpsync/journal"
"$erpsync" run --dir "$st" --lang en -- /bin/echo STARTED \
	>"$work/out" 2>"$work/err" </dev/null
check "half an update is never started" eval '! grep -q STARTED "$work/out"'

finish
