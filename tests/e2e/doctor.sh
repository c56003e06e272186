#!/bin/sh
# Broken sites, and what the doctor says of each: the thing that is wrong, in a
# line of its own, with the exit code that an update would end with; and that it
# changes nothing.
. "$(dirname "$0")/lib.sh"

make_tree "$work/v1" 1
make_tree "$work/v2" 2
cp -a "$work/v1/." "$update"
write_ini 'Build=7.00.191205P' "State=$work/state" 'Listen=127.0.0.1:1'

# found TEXT THING HOW [WORDS]: the last doctor has such a line.
found() {
	cp "$work/out" "$work/detail"
	if grep "^$2  *$3" "$work/out" | grep -qF -- "${4-}"; then
		pass
	else
		fail "$1: $2 is $3 ${4-}"
	fi
}
# station CODE TEXT [ARGS...]: the doctor at $work/station, which stays.
station() {
	station_code=$1
	station_what=$2
	shift 2
	# The copy of a folder that is read-only is, too.
	chmod -R u+rwx "$work/before" 2>/dev/null
	rm -rf "$work/before"
	[ ! -d "$work/station" ] || cp -a "$work/station" "$work/before"
	run "$station_code" "$station_what" doctor --dir "$work/station" \
		--lang en "$@"
	[ ! -d "$work/station" ] || check "$station_what: nothing is changed" \
		unchanged "$work/station" "$work/before"
}
unchanged() {
	diff -r --no-dereference "$1" "$2" >"$work/detail" 2>&1 &&
		(cd "$1" && find . -printf '%P %y %m %s %T@\n' | sort) \
			>"$work/one" &&
		(cd "$2" && find . -printf '%P %y %m %s %T@\n' | sort) |
		diff "$work/one" - >"$work/detail"
}
# server CODE TEXT: the doctor at the server.
server() {
	run "$1" "$2" doctor --config "$ini" --lang en
}

# as_another: from here on as a user who may not do everything; as_ourselves.
ours=$erpsync
cp "$erpsync" "$work/erpsync"
printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups %s "$@"\n' \
	"$work/erpsync" >"$work/another"
chmod 755 "$work/another" "$work/erpsync"
as_another() {
	[ "$(id -u)" != 0 ] || erpsync=$work/another
}
as_ourselves() {
	erpsync=$ours
}

# --- another program at the server's port, which says nothing -------------------
python3 - >"$work/port" <<'END' &
import socket
here = socket.create_server(("127.0.0.1", 0))
print(here.getsockname()[1], flush=True)
calls = []
while True:
	calls.append(here.accept())
END
mute=$!
started="$started $mute"
soon test -s "$work/port"
cp "$ini" "$work/mute.ini"
sed -i "s|^PathLinux=.*|&\nPathWindows=$work/v2|
	s|^Listen=.*|Listen=127.0.0.1:$(cat "$work/port")|" "$work/mute.ini"
(
	timeout 50 "$erpsync" doctor --config "$work/mute.ini" --lang en
	echo "exit code $?"
) >"$work/mute" 2>&1 &
asked=$!

# --- a server that was not started yet ----------------------------------------
server 35 "nobody listens"
check "the heading says who looked, and where" grep -qF \
	"user $(id -un) on $(uname -n), " "$work/out"
found "nobody listens" "update folder" ok "PathLinux=$update"
found "nobody listens" "state folder" ok "it is made at the first start"
found "nobody listens" "TLS key" ok "its own"
found "nobody listens" "server's answer" FAILED "UPD028"
check "nobody listens: what to do" \
	grep -q "Start the server: erpsync serve" "$work/out"
check "no state folder was made" [ ! -e "$work/state" ]
chmod 000 "$update/res/byte.dat"
as_another
server 11 "a file cannot be read"
found "a file cannot be read" "update folder" FAILED \
	"PathLinux=$update: open res/byte.dat"
found "a file cannot be read" "server's answer" "not tried"
as_ourselves
chmod 644 "$update/res/byte.dat"
write_ini 'State=/nowhere/at/all' 'Port=1'
server 11 "no place for the state"
found "no place" "state folder" FAILED
# Not a line of it is written there.
write_ini "State=$work/state" 'Port=1' "LogFile=$ini" 'Wrokers=2'
cp "$ini" "$work/ini"
run 1 "a log that is the INI" serve --config "$ini" --lang en
says "a log that is the INI" "is the file of --config, too"
check "... which stays as it was" cmp "$ini" "$work/ini"
write_ini "State=$update/state" 'Port=1'
server 1 "the state in what is published"
found "the state in it" "state folder" FAILED "would be published"
write_ini "State=$work/state"
server 1 "no port"
found "no port" "address and port" FAILED "no port to listen on"
found "no port" "server's answer" "not tried"
write_ini "State=$work/state" 'Port=1' 'CertificateServer=/nowhere.crt'
server 1 "half a key"
found "half a key" "TLS key" FAILED "KeyServer"
write_ini "State=$work/state" 'Port=1' "SealKey=$work/nobody.pub"
server 11 "the key of seals is not there"
found "no key" seals FAILED "SealKey: open $work/nobody.pub"
: >"$work/nobody.pub"
server 73 "a seal is asked for, and there is none"
found "no seal" seals FAILED "$update.minisig"
write_ini "State=$work/state" 'Port=1' 'Wrokers=2'
server 35 "an unknown key"
found "an unknown key" settings warning Wrokers
write_ini "State=$work/state" 'Port=many'
server 1 "a port that is none"
found "a port that is none" settings FAILED many
run 11 "no INI" doctor --config "$work/none.ini" --lang en
sed -i "s|^PathLinux=.*|PathLinux=$work/empty|; s|^Port=.*|Port=1|" "$ini"
server 11 "no folder"
found "no folder" "update folder" FAILED \
	"PathLinux=$work/empty: update folder not found; create it"
found "no folder" "server's answer" "not tried"
cp "$ini" "$work/ini"
sed -i 's/^PathLinux=/PathLinx=/' "$ini"
server 1 "no setting of a folder"
found "no setting of a folder" "update folder" FAILED "nothing to publish"
sed -i 's/^Enable=1/Enable=0/' "$ini"
server 0 "none, and none is meant"
cp "$work/ini" "$ini"
mkdir "$work/empty"
server 1 "an empty folder"
found "an empty folder" "update folder" FAILED "is empty"

# --- one that serves ------------------------------------------------------------
write_ini 'Build=7.00.191205P' "State=$work/state"
start_server
check "the server offers v1" offers "$work/v1"
echo "Listen=127.0.0.1:$PORT" >>"$ini"
server 0 "all is well"
found "all is well" "server's answer" ok "what PathLinux has"
check "no word of failure" sh -c "! grep -q FAILED '$work/out'"
cp "$ini" "$work/ini"
sed -i "s|^State=.*|State=$work/elsewhere|" "$ini"
server 0 "it runs with another state folder"
found "another state" "state folder" warning "a server runs, and the state"
cp "$work/ini" "$ini"
printf '[Update]\nEnable=1\nPathWindows=%s\n[ErpSync]\nState=%s\nListen=%s\n' \
	"$work/v2" "$work/state" "127.0.0.1:$PORT" >"$ini"
server 66 "a folder that the server was not told of"
found "not told of it" "server's answer" FAILED "UPD013"
cp "$work/ini" "$ini"
sed -i "s|^PathLinux=.*|PathLinux=$work/v2|" "$ini"
server 0 "another folder than what is served"
found "another folder" "server's answer" warning "is not what is served"
found "another folder" "server's answer" warning "after it was sealed"
found "another folder" "server's answer" warning "a release that is held"
cp "$work/ini" "$ini"

# --- what the other program's port was found to be ------------------------------
wait "$asked"
kill "$mute"
cp "$work/mute" "$work/out"
found "a mute program" "server's answer" FAILED UPD032
check "... not for long" grep -q "within 10 s" "$work/out"
check "... is asked once" [ "$(grep -c "^server's answer" "$work/out")" = 1 ]
check "... what to do" grep -q "If another program has this port" "$work/out"
check "... ends as no answer does" grep -qx "exit code 30" "$work/out"

# --- stations -----------------------------------------------------------------
server=127.0.0.1:$PORT
station 11 "no folder" --server "$server"
found "no folder" "client folder" FAILED
station 11 "nor a server"
found "nor a server" "server's address" "not tried"
mkdir "$work/station"
station 1 "no server named"
found "no server named" "server's address" FAILED "no server is named"
found "no server named" "server's answer" "not tried"
station 0 "a new station" --server "$server"
found "a new station" "client folder" ok "no release"
found "a new station" "server's answer" ok "7.00.191205P"
found "a new station" "an update now" ok "files and folders to change: "
station 35 "a server that is not there" --server 127.0.0.1:1
found "not there" "server's answer" FAILED UPD028
station 1 "an address that is none" --server "a b"
update 0 "an update" "$work/station"
publish "$work/v2" now
update 0 "another" "$work/station"
station 0 "all is well" --server "$server"
found "all is well" "an update now" ok "No update needed"
found "all is well" "backups" ok
printf '[drivers]\nactive=nothing\n' >"$work/station/smartclient.ini"
station 1 "an INI that leads nowhere"
found "leads nowhere" settings FAILED nothing
found "leads nowhere" "server's address" "not tried"
station 0 "but a server is told" --server "$server"
found "a server is told" settings warning nothing
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\nBakupExclude=x\n' "$PORT" \
	>"$work/station/smartclient.ini"
station 0 "an INI that says it"
found "an INI that says it" settings warning BakupExclude
found "an INI that says it" "server's address" ok "$server"
echo 'Exclude=local.cfg,*.log' >>"$work/station/smartclient.ini"
printf '[ErpSync]\nExclude=a,**\n' >"$work/station/.erpsync/station.ini"
station 0 "files that are left alone"
found "left alone" settings ok "smartclient.ini: Exclude=local.cfg, *.log"
found "all left alone" settings warning \
	"station.ini: has an Exclude= that leaves every file alone"
sed -i "s/Exclude=local.*/&,$(seq -s , -f 'pattern-number-%03g.txt' 100)/" \
	"$work/station/smartclient.ini"
station 0 "many files that are left alone"
check "many left alone: whole ones, and how many more" grep -qE \
	'Exclude=local.cfg, \*\.log, (pattern-number-...\.txt, )+\.\.\. \(\+[0-9]+\)' \
	"$work/out"
sed -i '/Exclude=local/d' "$work/station/smartclient.ini"
printf '[ErpSync]\nBackupExclude=/\n' >"$work/station/.erpsync/station.ini"
rm "$work/station/smartclient.ini"
station 1 "a row of the station's that is wrong"
found "a row that is wrong" settings FAILED BackupExclude
found "a row that is wrong" "server's address" "not tried"
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\nBackupExclude=/\n' "$PORT" \
	>"$work/station/smartclient.ini"
rm "$work/station/.erpsync/station.ini"
station 1 "a row that is wrong beside the server"
found "wrong beside the server" settings FAILED BackupExclude
found "wrong beside the server" "server's address" "not tried"
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\n' "$PORT" \
	>"$work/station/smartclient.ini"
cp -a "$work/station" "$work/saved"
rm "$work/station/bkp_remote.001/smartclient"
station 23 "a damaged backup"
found "a damaged backup" backups FAILED
rm -rf "$work/station"
cp -a "$work/saved" "$work/station"
: >"$work/station/.erpsync/state"
station 69 "a damaged state"
found "a damaged state" "client folder" FAILED UPD040
rm -rf "$work/station"
cp -a "$work/saved" "$work/station"
chmod 555 "$work/station"
as_another
station 11 "no right to write"
found "no right" "right to write" FAILED
as_ourselves
chmod 755 "$work/station"

# --- a server with nothing for it now --------------------------------------------
cp "$ini" "$work/always.ini"
echo "of another release" >>"$update/res/byte.dat"
check "there is another release" reload published
sed -i "s/^\[ErpSync\]/&\nWindow=$(LC_ALL=C date -d '3 days' +%a)/" "$ini"
check "the hours are others" reload
station 0 "not the hour"
found "not the hour" "server's answer" ok "it gives no update now"
found "not the hour" "an update now" ok UPD016
server 0 "the server knows the hours"
found "the hours" "server's answer" ok UPD016
cp "$work/always.ini" "$ini"
check "all hours again" reload
run 0 "held" hold --config "$ini"
is_held() {
	station 0 "it is held" && grep -q UPD015 "$work/out"
}
soon is_held
found "it is held" "an update now" ok UPD015
server 0 "the server knows that it is held"
found "held" "server's answer" ok UPD015
run 0 "let go" release --config "$ini"

# --- a server with nothing for it -----------------------------------------------
sed -i 's/^Enable=.*/Enable=0/' "$ini"
check "it reloads" reload
station 66 "updates are disabled"
found "disabled" "server's answer" FAILED UPD012
server 0 "the server knows that it is"
found "it is meant" settings warning "Enable=1"

# --- words and usage ----------------------------------------------------------
for lang in pt es; do
	run 66 "in $lang" doctor --dir "$work/station" --lang $lang
	check "in $lang" sh -c "! grep -qE 'server|folder' '$work/out' ||
		! grep -vE '/|Server|smartclient' '$work/out' | grep -qE 'server|folder'"
done
run 1 "neither a station nor a server" doctor --lang en
says "neither" "--config FILE"
run 1 "both" doctor --dir x --config y --lang en
run 1 "a server of a server" doctor --config y --server z --lang en
finish
