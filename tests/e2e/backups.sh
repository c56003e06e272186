#!/bin/sh
# Backups keep their worth: those of the ERP's own updater are taken over, and
# repairs within a release cost none. A station knows whose files it has.
. "$(dirname "$0")/lib.sh"

for v in 0 1 2 3; do
	make_tree "$work/v$v" $v
done
cp -a "$work/v0/." "$update"
write_ini
start_server
check "the server offers v0" offers "$work/v0"

# As the ERP's own updater leaves a station: three copies, no record.
st=$work/st
cp -a "$work/v0" "$st"
for n in 1 2 3; do
	cp -a "$work/v0" "$st/bkp_remote.00$n"
	echo "copy $n" >"$st/bkp_remote.00$n/lang/text_1.txt"
done
cp -a "$st/bkp_remote.003" "$work/copy3"
publish "$work/v1" now
update 0 "the first update of ours" "$st"
check "it is exact" same_tree "$st" "$work/v1"
check "the newest two stay, in order" [ "$(cat \
	"$st/bkp_remote.001/lang/text_1.txt" \
	"$st/bkp_remote.002/lang/text_1.txt")" = "copy 2
copy 3" ]
check "003 is the station as it was" same_tree "$st/bkp_remote.003" "$work/v0"
run 0 "history lists all three" history --dir "$st" --lang en
check "... two without a record" [ "$(grep -c \
	'made by another program, contents not recorded' "$work/out")" = 2 ]
run 0 "verify cannot tell of these" verify --backups --dir "$st" --lang en
check "... and says so" grep -q 'of those that another program made' "$work/out"
cp -a "$st" "$work/other"
run 0 "rollback" rollback --dir "$st" -q
check "... brings back the old state" same_tree "$st" "$work/v0"
run 0 "rollback to a copy of the ERP's" rollback --dir "$work/other" \
	--to 002 -q
check "... brings it back" diff -r --no-dereference -x .erpsync \
	-x 'bkp_remote.*' "$work/other" "$work/copy3"

# A folder of a backup's name in which somebody saved a file is no client.
mkdir "$work/few"
update 0 "an update" "$work/few"
mkdir "$work/few/bkp_remote.001"
echo saved >"$work/few/bkp_remote.001/lang.txt"
run 68 "a rollback to a folder with a file" rollback --dir "$work/few" \
	--lang en
says "a rollback to a folder with a file" \
	"bkp_remote.001: lacks most files of the client (has 0 of "
check "... changes nothing" same_tree "$work/few" "$work/v1"
run 0 "... and brings it back when named" rollback --dir "$work/few" \
	--to 001 -q

# A client that rewrites its INI at each start.
st=$work/ini
cp -a "$work/v0" "$st"
update 0 "an update" "$st"
i=0
while [ $i -lt 10 ]; do
	echo "lastuser=$i" >>"$st/smartclient.ini"
	update 0 "start $i" "$st"
	i=$((i + 1))
done
check "the release before is still there" \
	same_tree "$st/bkp_remote.001" "$work/v0"
check "the repairs take one number" [ "$(backups "$st")" = "001 002 " ]
for v in 2 3 0; do
	publish "$work/v$v" now
	update 0 "to v$v" "$st"
done
for i in 1 2 3; do
	echo "lastuser=$i" >>"$st/smartclient.ini"
	update 0 "start $i with three backups" "$st"
done
check "v1 is there, not what repaired it" same_tree "$st/bkp_remote.001" "$work/v1"
check "v2 is there" same_tree "$st/bkp_remote.002" "$work/v2"

# A server's folder that is copied anew each day: only times differ.
st=$work/again
cp -a "$work/v1" "$st"
publish "$work/v2" now
update 0 "to v2" "$st"
cp -a "$work/v2" "$work/again2"
for day in 1 2 3 4; do
	find "$work/again2" -type f -exec touch -d "2025-01-0$day" {} +
	publish "$work/again2" now
	update 0 "day $day" "$st"
done
check "days of other times: v2 is there" same_tree "$st" "$work/again2"
check "... with its backup of v1" same_tree "$st/bkp_remote.001" "$work/v1"
check "... and one for all days" [ "$(backups "$st")" = "001 002 " ]
run 0 "a rollback over them" rollback --dir "$st" --to 001 -q
check "... brings v1's contents back" diff -r --no-dereference -x .erpsync \
	-x 'bkp_remote.*' -x 'in_*' "$st" "$work/v1"

# Whose files.
mkdir "$work/win"
echo MZ >"$work/win/smartclient.exe"
run 1 "another system's files" update --dir "$work/win" --os linux \
	--server "127.0.0.1:$PORT" --yes --lang en
says "another system's files" "the files of windows, not of linux"
check "... and none came" [ "$(ls "$work/win")" = smartclient.exe ]
run 0 "... unless forced" update --dir "$work/win" --os linux --force \
	--server "127.0.0.1:$PORT" --yes -q
run 1 "the installed release is remembered" check --dir "$work/win" \
	--os windows --server "127.0.0.1:$PORT" --lang pt
says "the installed release is remembered" "os arquivos de linux"

# Of several: said until the first release has settled it.
mkdir "$work/mixed"
cp /bin/true "$work/mixed/smartclient"
echo MZ >"$work/mixed/smartclient.exe"
for i in 1 2; do
	run 0 "several systems, start $i" update --dir "$work/mixed" -q --yes \
		--server "127.0.0.1:$PORT" --lang en
	check "... it is said, and how to say which: $i" \
		[ "$(grep -c 'Warning: .*several systems.* Os= ' "$work/err")" = $((2 - i)) ]
done

# Large files of the user's.
st=$work/large
cp -a "$work/v2" "$st"
mkdir "$st/spool"
noise 9 500000 >"$st/spool/reports.db"
cp "$st/spool/reports.db" "$work/reports.db"
update 0 "an update beside large files" "$st" --backup-exclude spool \
	--backup-exclude '*.so'
check "they are in no backup" [ ! -e "$st/bkp_remote.001/spool/reports.db" ]
check "... but files of the release are" \
	cmp "$st/bkp_remote.001/libs/libplain.so" "$work/v2/libs/libplain.so"
printf '[ErpSync]\nBackupExclude=spool/*\n' >"$st/.erpsync/station.ini"
run 0 "a rollback of all" rollback --dir "$st" --all -q
check "it leaves them" cmp "$st/spool/reports.db" "$work/reports.db"
check "... and out of its own backup" \
	[ ! -e "$st/bkp_remote.002/spool/reports.db" ]
run 0 "what is left out is no damage" history --dir "$st" --lang en

# A backup of nothing but what is left out is whole without a state.
mkdir "$work/lone"
echo huge >"$work/lone/huge.dat"
update 0 "a first update beside a large file" "$work/lone" \
	--backup-exclude '*.dat'
check "... has a backup" [ -e "$work/lone/bkp_remote.001/.erpsync/backup" ]
echo damage >>"$work/lone/libs/libplain.so"
update 0 "a repair after it" "$work/lone" --backup-exclude '*.dat'
check "... leaves that" [ -e "$work/lone/bkp_remote.001/.erpsync/backup" ]

# The station's own keys.
mkdir "$work/keys"
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\nOs=linux\nExclude=lang\n' \
	"$PORT" >"$work/keys/SmartClient.ini"
run 0 "an update by its INI" update --dir "$work/keys" --yes -q
check "... with its Exclude" [ ! -e "$work/keys/lang" ]
check "... is there" [ -e "$work/keys/libs/libplain.so" ]
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\nRetrys=1\n' "$PORT" \
	>"$work/keys/.erpsync/station.ini"
run 0 "a key that is none" check --dir "$work/keys" --lang es --exclude '*'
says "a key that is none" \
	"Aviso: .erpsync/station.ini:4: Retrys no es una clave"

# Of two files whose names differ in case only one counts, which is told, with
# -q, too.
cp "$work/keys/SmartClient.ini" "$work/keys/smartclient.ini"
for lang in pt es en; do
	case $lang in
	pt) line='Aviso: SmartClient.ini não é lido, pois também existe smartclient.ini' ;;
	es) line='Aviso: no se lee SmartClient.ini, pues también existe smartclient.ini' ;;
	en) line='Warning: SmartClient.ini is not read, since smartclient.ini is there too' ;;
	esac
	for quiet in -q ''; do
		# shellcheck disable=SC2086 # an option or none
		run 0 "two INI files, $lang" update --dir "$work/keys" --yes \
			--lang $lang $quiet
		check "... it is told, ${quiet:-without -q}" \
			grep -qxF "$line" "$work/err"
	done
done
cp "$work/keys/SmartClient.ini" "$work/keys/SMARTCLIENT.INI"
run 0 "three INI files" update --dir "$work/keys" --yes --lang en -q
for one in SmartClient.ini SMARTCLIENT.INI; do
	says "three INI files" \
		"Warning: $one is not read, since smartclient.ini is there too"
done
rm "$work/keys/smartclient.ini" "$work/keys/SMARTCLIENT.INI"

# What is wrong in the file that no release writes is not passed over; of one
# that a release may mend, where nobody asks it, only a warning.
echo "Retries=many" >>"$work/keys/.erpsync/station.ini"
run 1 "a bad station.ini" check --dir "$work/keys" --lang es
says "a bad station.ini" "station.ini:5: Retries=many no es un número entero"
rm "$work/keys/.erpsync/station.ini"
printf '[ErpSync]\nPort=many\n' >"$work/keys/smartclient.ini"
run 1 "a bad smartclient.ini that is asked" check --dir "$work/keys"
run 64 "... and that is not" check --dir "$work/keys" --lang en \
	--server "127.0.0.1:$PORT"
says "... and that is not" "Warning: smartclient.ini:2: Port=many"
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\n' "$PORT" \
	>"$work/keys/.erpsync/station.ini"
run 64 "... nor is it where station.ini names one" check --dir "$work/keys" \
	--lang en
says "... nor is it where station.ini names one" \
	"Warning: smartclient.ini:2: Port=many"
printf '[drivers]\nactive=x\n[x]\nserver=127.0.0.1\nport=1\n' \
	>"$work/keys/smartclient.ini"
printf '[ErpSync]\nPort=%s\n' "$PORT" >"$work/keys/.erpsync/station.ini"
run 64 "a port alone in station.ini" check --dir "$work/keys"
rm "$work/keys/.erpsync/station.ini"

# What is ours is no client folder.
for inside in .erpsync bkp_remote.001 bkp_remote.001/lang; do
	run 1 "$inside is no client folder" update --lang en --yes \
		--dir "$work/large/$inside" --server "127.0.0.1:$PORT"
	says "$inside is no client folder" "name the client folder itself"
done
# Nor is what lies in a client folder, or holds one, unless it is meant.
mkdir "$work/ini/sub" "$work/above"
run 1 "a folder in a client folder" update --lang en --yes \
	--dir "$work/ini/sub" --server "127.0.0.1:$PORT"
says "a folder in a client folder" "lies in the client folder $work/ini;"
check "... stays empty" [ -z "$(ls -A "$work/ini/sub")" ]
mv "$work/keys" "$work/above"
run 1 "a folder that holds one" check --lang en --dir "$work/above" \
	--server "127.0.0.1:$PORT"
says "a folder that holds one" "holds the client folder keys;"
check "... has only that" [ "$(ls -A "$work/above")" = keys ]
mkdir -m 700 "$work/ini/sub/.erpsync"
update 0 "a client folder in another" "$work/ini/sub"
rm -r "$work/ini/sub"
echo damage >"$work/large/bkp_remote.001/.erpsync/backup"
run 23 "a record that is none any more is damage" history \
	--dir "$work/large" --lang en
# An update that was killed when the INI file of the release that has to go was
# in place already: that is undone first, and names no server.
for port in "$PORT" 1; do
	mkdir "$work/ini.$port"
	printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\n' "$port" \
		>"$work/ini.$port/smartclient.ini"
	echo "$port" >"$work/ini.$port/z"
	touch -d 2024-01-01 "$work/ini.$port"/*
done
publish "$work/ini.$PORT" now
mkdir "$work/whole"
update 0 "a release with an INI" "$work/whole"
publish "$work/ini.1" now
# killed CALL: by the kernel, at this renaming; is that the moment?
killed() {
	rm -rf "$work/cut"
	cp -a "$work/whole" "$work/cut"
	strace -f -o "$work/trace" -e trace=renameat \
		-e "inject=renameat:signal=KILL:when=$1" "$erpsync" update \
		--dir "$work/cut" --os linux --yes -q >"$work/out" 2>&1
	[ -e "$work/cut/.erpsync/journal" ] &&
		grep -qx Port=1 "$work/cut/smartclient.ini"
}
call=1
while ! killed $call && [ $call -lt 20 ]; do
	call=$((call + 1))
done
if [ $call -lt 20 ]; then
	run 0 "an update after one that was killed" update --dir "$work/cut" \
		--os linux --yes --lang en
	says "... undoes that" "An interrupted update was recovered."
	check "... and asks the server that the folder names" \
		cmp "$work/cut/z" "$work/ini.1/z"
	killed $call
	code=0
	"$erpsync" run --dir "$work/cut" --os linux --yes -q -- /bin/echo STARTED \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	check "a start after one: $code" grep -q STARTED "$work/out"
	check "... with the new release" cmp "$work/cut/z" "$work/ini.1/z"
else
	skip "no update can be killed at a call here (strace)"
fi
# What no backup tells any more the installed release does: a rollback leaves
# nothing of it.
for v in 1 2 3 4 5 6; do
	mkdir -p "$work/r$v/sub"
	echo "text $v" >"$work/r$v/sub/a.txt"
	printf '[a]\nx=%s\n' $v >"$work/r$v/cfg.ini"
	noise $v 20000 >"$work/r$v/lib.so"
	echo "only in $v" >"$work/r$v/in_$v.txt"
done
mkdir "$work/five"
for v in 1 2 3 4 5; do
	publish "$work/r$v" now
	update 0 "to r$v" "$work/five"
done
for lost in bkp_remote.003 bkp_remote.003/.erpsync; do
	rm -rf "$work/st"
	cp -a "$work/five" "$work/st"
	rm -rf "${work:?}/st/$lost"
	run 0 "a rollback without $lost" rollback --dir "$work/st" --to 002 -q
	check "... brings all of r3 back" same_tree "$work/st" \
		"$work/five/bkp_remote.002"
	run 0 "... which is whole" verify --dir "$work/st" --lang en
done
echo junk >"$work/five/bkp_remote.003/.erpsync/state"
run 23 "a damaged state is damage" verify --backups --dir "$work/five" --lang en
check "... named" grep -q "bkp_remote.003/.erpsync/state: missing or damaged" \
	"$work/out"
rm -rf "$work/st"
cp -a "$work/five" "$work/st"
run 0 "a rollback without a state" rollback --dir "$work/st" --lang en
says "a rollback without a state" "bkp_remote.003/.erpsync/state: is missing"
check "... brings all of r4 back" same_tree "$work/st" \
	"$work/five/bkp_remote.003"

# A backup that waits for its number is not passed over.
publish "$work/r6" now
if chattr +i "$work/five/bkp_remote.001" 2>/dev/null; then
	cp -a "$work/five" "$work/before"
	update 0 "to r6" "$work/five"
	run 11 "a rollback while a backup waits" rollback --dir "$work/five" \
		--lang en
	says "a rollback while a backup waits" "waits for its number"
	check "... and why, once" \
		[ "$(grep -c 'bkp_remote.001' "$work/err")" = 1 ]
	says "a rollback while a backup waits" "has its number"
	check "... changes nothing" cmp "$work/five/cfg.ini" "$work/r6/cfg.ini"
	run 23 "history while a backup waits" history --dir "$work/five" --lang en
	says "history while a backup waits" "still waits for its number"
	run 0 "recover while a backup waits" recover --dir "$work/five" --lang en
	says "recover while a backup waits" "still waits for its number"
	"$erpsync" doctor --dir "$work/five" --lang en \
		--server "127.0.0.1:$PORT" >"$work/out" 2>"$work/err" </dev/null
	check "doctor tells of it" grep -q "still waits for its number" "$work/out"
	chattr -i "$work/five/bkp_remote.001"
	cp -a "$work/five" "$work/looked"
	run 1 "a rollback to a number that moves now" rollback --to 2 \
		--dir "$work/looked" --lang en
	says "a rollback to a number that moves now" "look at erpsync history"
	check "... changes nothing" cmp "$work/looked/cfg.ini" "$work/r6/cfg.ini"
	run 0 "... and is one when said again" rollback --to 2 -q \
		--dir "$work/looked"
	run 0 "a rollback once it can get it" rollback --dir "$work/five" -q
	check "... is to the release before" same_tree "$work/five" \
		"$work/before"
else
	skip "no chattr +i here"
fi
finish
