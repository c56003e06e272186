#!/bin/sh
# A server whose state folder is on a full disk, or cannot be written, says so
# to stations and in its log; publishing names what keeps changing, and one
# system may fail while another is published.
. "$(dirname "$0")/lib.sh"

# Publishing: a system that fails, and the other.
mkdir -p "$work/good" "$work/bad" "$work/st0"
echo x >"$work/good/prog"
printf '[Update]\nEnable=1\nPathLinux=%s\nPathWindows=%s\n[ErpSync]\nSettle=0\n' \
	"$work/good" "$work/bad" >"$work/two.ini"
run 23 "one of two systems is published" publish --config "$work/two.ini" \
	--state "$work/two" --lang en
says "one of two systems is published" "windows: not published"
says "one of two systems is published" "Build is not set"

# A log that is written all the time.
(while :; do echo line >>"$work/good/app.log"; sleep 0.01; done) &
busy=$!
started="$started $busy"
printf '[Update]\nEnable=1\nPathLinux=%s\n[ErpSync]\nSettle=0\n' \
	"$work/good" >"$work/one.ini"
sed -i 's/Settle=0/Settle=1/' "$work/one.ini"
code=0
timeout 60 "$erpsync" publish --config "$work/one.ini" --state "$work/one" \
	>"$work/out" 2>"$work/err" || code=$?
check "a log that keeps changing stops it" [ "$code" -ne 0 ]
says "a log that keeps changing" "app.log"
says "a log that keeps changing" "Exclude"
kill "$busy"

# What is asked of a running server that it does not do.
mkdir "$work/lone"
echo x >"$update/prog"
touch -d 2100-01-01 "$update/later"
write_ini
start_server
check "it is published" logged "update published"
# confined PID: it can gain no rights, and has a filter of its calls.
confined() {
	grep -q '^NoNewPrivs:[^0-9]*1' "/proc/$1/status" &&
		grep -q '^Seccomp:[^0-9]*2' "/proc/$1/status"
}
check "the server is confined" confined "$SERVER_PID"
check "a warning has its path once" \
	logged "linux: PathLinux: later is dated in the future"
rm "$update/later"
write_ini 'Port=7'
check "it reads its settings" reload
check "a port for the next start is told" logged "Port was changed"
check "it reads them again" reload
check "... as long as it waits for that" \
	[ "$(grep -c 'Port was changed' "$log")" -eq 2 ]
sed -i "s,^PathLinux=.*,PathLinux=$work," "$ini"
kill -HUP "$SERVER_PID"
check "its own folder is not published" \
	logged "configuration not reloaded: the state folder"
# Somebody cleans up while it serves.
rm -r "$work/state/tmp"
write_ini
echo y >"$update/prog"
noise 5 300000 >"$update/more"
check "another release is published" reload published
update 0 "a station after its tmp was removed" "$work/lone"
# Or the contents: what is missing is published again, till a station has it.
check "the contents go" soon rm -rf "$work/state/content" "$work/state/blob"
mkdir "$work/missing"
update 0 "a station after the contents were removed" "$work/missing"
check "it is exact" same_tree "$work/missing" "$update"
# Or removes what looks like a lock that is stale: no second server comes up.
rm "$work/state/lock"
check "a lock that was removed is held again" logged "the file lock was removed"
run 67 "... against a second server" serve --config "$ini" \
	--state "$work/state" --listen 127.0.0.1:0
# Or empties its state folder: the next station has it filled again.
check "the state folder is emptied" \
	soon find "$work/state" -mindepth 1 -delete
mkdir "$work/emptied"
update 0 "a station after its state was emptied" "$work/emptied"
check "... is told" logged "the state folder was emptied: all is published"
check "it is exact" cmp "$work/emptied/prog" "$update/prog"
stop_server
start_server
update 0 "it is a state folder again" "$work/lone"
mv "$work/state" "$work/elsewhere"
update 0 "a station while the state folder lies elsewhere" "$work/lone"
check "... which is told" logged "the state folder was moved away"
mv "$work/elsewhere" "$work/state"
check "the state folder goes" soon rm -rf "$work/state"
mkdir "$work/without"
update 67 "a station without the server's state folder" "$work/without" \
	--lang en
says "a station without the server's state folder" "UPD045"
check "... whose log says why" logged "error io: the state folder was removed"
echo z >"$update/prog"
kill -HUP "$SERVER_PID"
check "without a state folder it says so" \
	logged "the state folder was removed; start the server again"
stop_server
write_ini Sandbox=0
start_server
confined $$ || check "... or not, as it is told" eval '! confined "$SERVER_PID"'
stop_server
# Where the log really is.
console=$log
log="$work/logs/server.log"
mkdir "$work/logs" "$work/var"
ln -s ../logs/server.log "$work/var/server.log"
write_ini "LogFile=$work/var/server.log"
start_server
mv "$log" "$log.1"
kill -HUP "$SERVER_PID"
check "a log behind a link is begun anew" logged "configuration reloaded"
# Who moved it looks into neither: standard error is the first one still.
mv "$log" "$log.2"
mkdir "$log"
kill -HUP "$SERVER_PID"
check "one that cannot be is told on standard error" \
	soon grep -q 'UPD034.*var/server.log' "$log.1"
rmdir "$log"
stop_server
log=$console
rm -r "$work/state"
find "$update" -mindepth 1 -delete

[ "$(id -u)" -eq 0 ] || {
	skip "a full disk: needs root"
	finish
}
# A server that runs as another user, and root who publishes for it.
mkdir "$work/theirs"
chown 65534:65534 "$work/theirs"
run 11 "root publishes into a user's state folder" publish \
	--config "$work/one.ini" --state "$work/theirs" --lang en
says "root publishes into a user's state folder" "Run this as that user."
check "... and left nothing there" [ -z "$(ls -A "$work/theirs")" ]
run 5 "nor does it serve from there" serve --config "$work/one.ini" \
	--state "$work/theirs" --listen 127.0.0.1:0 --lang en
says "nor does it serve from there" "Run this as that user."
check "... and left nothing there" [ -z "$(ls -A "$work/theirs")" ]
# Not where a server of root is at home in the other's folder.
mkdir "$work/kept"
run 0 "root publishes" publish --config "$work/one.ini" --state "$work/kept"
chown 65534:65534 "$work/kept"
run 0 "... and again" publish --config "$work/one.ini" --state "$work/kept"
mkdir "$work/state"
mount -t tmpfs -o size=6M none "$work/state" 2>/dev/null || {
	skip "a full disk: no tmpfs can be mounted"
	finish
}
trap 'kill -9 $SERVER_PID $started 2>/dev/null; umount -l "$work/state"; clean_up' EXIT
noise 1 1000000 >"$update/a"
noise 2 500000 >"$update/b"
touch -d 2024-01-01 "$update/a" "$update/b"
write_ini
start_server
mkdir "$work/a" "$work/b"
update 0 "a first station" "$work/a"
noise 3 1000000 >"$work/new"
touch -d 2024-02-02 "$work/new"
cp -p "$work/new" "$update/c"
check "a larger release" reload published
# For another reason than room: no file of its may get long.
prlimit --pid "$SERVER_PID" --fsize=65536:unlimited
update 67 "another station, the state cannot be written" "$work/b" \
	--retries 0 --lang en
says "another station, the state cannot be written" "UPD045"
says "another station, the state cannot be written" "its log says why"
check "... which it does" logged "File too large"
prlimit --pid "$SERVER_PID" --fsize=unlimited:unlimited
dd if=/dev/zero of="$work/state/fill" bs=4k 2>/dev/null
update 67 "another station, the disk is full" "$work/b" --retries 0 --lang en
says "another station, the disk is full" "its disk is full"
check "the log says so" logged "No space left"
rm "$work/state/fill"
update 0 "there is room again" "$work/b"
check "... is exact" same_tree "$work/b" "$update"

# So full from the first moment that there is no release at all.
stop_server
find "$work/state" -mindepth 1 -delete
noise 4 8000000 >"$update/d"
start_server
check "a first release that does not fit" logged "nothing to offer yet"
update 67 "no release fits on the disk" "$work/a" --retries 0 --lang en
says "no release fits on the disk" "UPD047"
says "no release fits on the disk" "its disk is full"
rm "$update/d"
check "... until it is smaller" offers "$update"
finish
