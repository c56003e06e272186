#!/bin/sh
# Bad input: each failure has its exit code and says what is wrong, and the
# station's folder is as it was.
. "$(dirname "$0")/lib.sh"

make_tree "$work/v0" 0
make_tree "$work/v1" 1
noise 60 2000000 >"$work/v1/large.bin"

# --- the server's INI --------------------------------------------------------

# bad_ini TEXT WORD: standard input is an AppServer.ini that serve and publish
# refuse; both name it and say the word.
bad_ini() {
	cat >"$work/bad.ini"
	for bad_command in serve publish; do
		[ $bad_command = serve ] && bad_listen='--listen 127.0.0.1:0' ||
			bad_listen=
		# shellcheck disable=SC2086 # an option and its argument
		E2E_TIMEOUT=10 run 1 "$1: $bad_command" $bad_command \
			--config "$work/bad.ini" --state "$work/state.bad" \
			$bad_listen
		says "$1: $bad_command" "$2"
		says "$1: $bad_command names the file" "bad.ini"
	done
}

printf '[Update]\nEnable=1\n[ErpSync\n' | bad_ini "section without ]" ":3:"
printf '[Update]\nEnable=maybe\n' | bad_ini "neither yes nor no" ":2:"
printf '[Update]\nEnable=1\nPathLinux=c:\\ERP\\bin\\upd\n' |
	bad_ini "a path of Windows" ":3:"
printf '[Update]\nEnable=1\0\n' | bad_ini "a NUL byte" "NUL"
printf '\377\376[\0U\0p\0d\0a\0t\0e\0]\0\n\0' | bad_ini "UTF-16" "UTF-16"
printf '[Update]\nEnable=1\n[ErpSync]\nPort=70000\n' |
	bad_ini "a port above 65535" ":4:"
printf '[DRIVERS]\nActive=TCP\n[Update]\nEnable=1\n' |
	bad_ini "Active leads nowhere" ":2:"
printf '[Update]\nEnable=1\n[ErpSync]\nKeep=many\n' |
	bad_ini "a word for a number" ":4:"
head -c 1100000 /dev/zero | tr '\0' ';' | bad_ini "a file of 1.1 MB" ""
run 11 "no INI at all" serve --config "$work/nowhere.ini" \
	--state "$work/state.bad" --listen 127.0.0.1:0
says "no INI at all" "$work/nowhere.ini"
printf '[Update]\nEnable=1\nPathLinux=%s\n' "$update" >"$work/bad.ini"
run 1 "no port anywhere" serve --config "$work/bad.ini" --state "$work/state.bad"
says "no port anywhere" "port"

# What is odd but clear is a warning with its line.
cp -a "$work/v0/." "$update"
printf '%s\n' '// odd' '[update]' 'ENABLE = "1"' 'Enable=0' \
	'PathLinux='"$update" '[UPDATE]' 'PathLinus=/x' '[ErpSync]' 'Settle=0' \
	>"$ini"
run 0 "an odd INI" publish --config "$ini" --state "$work/state.odd"
for line in 4 6 7; do
	check "a warning about line $line" grep -q "appserver.ini:$line:" "$work/err"
done

# --- the update folder -------------------------------------------------------

# publish_one CODE TEXT KEY FOLDER [LINE...]
publish_one() {
	one_code=$1
	one_what=$2
	printf '[Update]\nEnable=1\n%s=%s\n[ErpSync]\nSettle=0\n' "$3" "$4" \
		>"$work/one.ini"
	shift 4
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$work/one.ini"
	run "$one_code" "$one_what" publish --config "$work/one.ini" \
		--state "$work/state.one" --lang en
	cat "$work/out" >>"$work/err"
}

publish_one 11 "missing folder" PathLinux "$work/nowhere"
says "missing folder" "PathLinux"
says "missing folder" "$work/nowhere"
mkdir "$work/empty"
publish_one 1 "empty folder" PathLinux "$work/empty"
says "empty folder" "$work/empty"
echo file >"$work/file"
publish_one 11 "a file for a folder" PathLinux "$work/file"
says "a file for a folder" "$work/file"

cp -a "$work/v0" "$work/case"
find "$work/case" -type l -delete
echo upper >"$work/case/lang/TEXT_1.txt"
publish_one 1 "names equal without case" PathWindows "$work/case"
says "names equal without case" "TEXT_1.txt"
says "names equal without case" "text_1.txt"
rm "$work/case/lang/text_1.txt"
publish_one 0 "an upper-case name" PathWindows "$work/case"
says "an upper-case name" "TEXT_1.txt"
publish_one 1 "an upper-case name, LowercaseOnly=1" PathWindows "$work/case" \
	LowercaseOnly=1
says "an upper-case name, LowercaseOnly=1" "TEXT_1.txt"
ln -s text_2.txt "$work/case/lang/link"
publish_one 1 "a link for windows" PathWindows "$work/case"
says "a link for windows" "lang/link"
rm "$work/case/lang/link"
echo x >"$work/case/lang/con.txt"
publish_one 1 "a device's name for windows" PathWindows "$work/case"
says "a device's name for windows" "con.txt"
check "... and not that it is left alone" eval \
	'! grep -q "left alone" "$work/err"'
echo x >"$work/case/lang/nul"
echo x >"$work/case/lang/dot."
publish_one 1 "several bad names" PathWindows "$work/case"
says "all bad names" "3 names or files"
says "all bad names" "con.txt"
says "all bad names" "lang/nul"
says "all bad names" "lang/dot."
rm "$work/case/lang/con.txt" "$work/case/lang/nul" "$work/case/lang/dot."

publish_one 1 "macosx without smartclient.app" PathMacOSX "$work/v0"
says "macosx without smartclient.app" "smartclient.app"
mkdir "$work/mac" "$work/mac/smartclient.app"
cp "$work/v0/smartclient" "$work/mac/smartclient.app/smartclient"
publish_one 0 "macosx with it" PathMacOSX "$work/mac"
ln -s ../../outside "$work/mac/smartclient.app/out"
publish_one 1 "a link out of the tree" PathMacOSX "$work/mac"
says "a link out of the tree" "smartclient.app/out"
cp -a "$work/v0" "$work/packed"
printf 'PK\003\004' >"$work/packed/update.zip"
publish_one 0 "a packed archive is a warning" PathLinux "$work/packed"
says "a packed archive is a warning" "update.zip"
cp -a "$work/v0" "$work/fifo"
mkfifo "$work/fifo/pipe"
publish_one 1 "a pipe among the files" PathLinux "$work/fifo"
says "a pipe among the files" "pipe"
says "... and where to mend it" "Correct it in the update folder"

# --- a station and no good server -------------------------------------------

st=$work/st
before=$work/v0
cp -a "$work/v0" "$st"

# fails CODE TEXT ARGS...: an update fails, tells the person, leaves the folder.
fails() {
	fails_what=$2
	update "$1" "$2" "$st" --lang pt --retries 0 --timeout 2 ${3+"$3" "$4"}
	says_k2 "$fails_what"
	check "$fails_what: says what to do" grep -q "O que fazer" "$work/err"
	untouched "$fails_what" "$st" "$before"
}

# stranger MODE CODE UPD DO: a port that speaks something else; what is said
# of it, and what to do.
stranger() {
	: >"$work/port"
	"$tools/stranger" listen "$1" >"$work/port" &
	started=$!
	soon test -s "$work/port"
	PORT=$(cat "$work/port")
	fails "$2" "a server that says: $1" --contimeout 1
	advises "a server that says: $1" "$3" "$4"
	kill "$started"
	wait "$started" 2>/dev/null
	started=
}

# advises TEXT UPD DO: the failure's message, and the advice, by their texts in
# the catalogue.
advises() {
	says "$1" "$2: "
	says "$1" "O que fazer: $3"
}

again='Tente de novo: o que foi recebido está guardado.'
network='Verifique a rede,'
other='Verifique se o endereço e a porta'
stranger close 10 UPD029 "$again"
stranger reset 10 UPD029 "$again"
stranger silent 30 UPD032 "$again"
stranger half 30 UPD032 "$again"
stranger full 35 UPD032 "$network"
stranger http 12 UPD033 "$other"
stranger garbage 72 UPD051 "Pergunte ao administrador do servidor"
stranger frame 10 UPD029 "$again"
stranger huge 12 UPD033 "$other"
stranger future 2 UPD033 "$other"
fails 35 "nobody listens"
advises "nobody listens" UPD028 "$network"
run 35 "no such host" update --dir "$st" --server no.such.host.invalid:1 \
	--os linux --lang pt -q
advises "no such host" UPD028 "$network"
for lang in pt es en; do
	run 35 "check: nobody listens" check --dir "$st" --lang $lang \
		--server "127.0.0.1:$PORT"
	case $lang in
	pt) first='Não foi possível verificar o Remote' ;;
	es) first='No fue posible verificar el Remote' ;;
	en) first='The Remote could not be checked' ;;
	esac
	check "... and says so in $lang" \
		[ "$(head -n 1 "$work/err")" = "$first" ]
done
mkdir "$work/nothing"
run 11 "no client folder" update --dir "$work/nothing/st" \
	--server "127.0.0.1:$PORT" --lang pt -q
says_k2 "no client folder"
run 11 "a file for a client folder" update --dir "$work/file" \
	--server "127.0.0.1:$PORT" --lang pt -q
says_k2 "a file for a client folder"
printf '[drivers]\nactive=tcp\n' >"$work/nothing/smartclient.ini"
run 1 "a smartclient.ini that leads nowhere" update --dir "$work/nothing" \
	--lang pt -q
says_k2 "a smartclient.ini that leads nowhere"
says "a smartclient.ini that leads nowhere" "smartclient.ini:2"
check "... and nothing was made" [ "$(ls -A "$work/nothing")" = smartclient.ini ]

# --- verdicts ----------------------------------------------------------------

find "$update" -mindepth 1 -delete
cp -a "$work/v1/." "$update"
write_ini 'Build=7.00.191205P'
start_server
check "the server offers v1" offers "$work/v1"

E2E_TIMEOUT=10 run 5 "a port that is taken" serve --config "$ini" \
	--state "$work/state.taken" --listen "127.0.0.1:$PORT"
says "a port that is taken" "listen on address 127.0.0.1 port $PORT"

# Without a terminal the answer is no.
run 65 "a question without a terminal" update --dir "$st" --lang pt \
	--server "127.0.0.1:$PORT" --build 7.00.170117A
says "a question without a terminal" \
	"Atualização recusada. A sessão será encerrada; nada foi alterado."
says "a question without a terminal" \
	"Não há terminal em que perguntar; --yes concorda."
says "a question without a terminal" "7.00.170117A"
says "a question without a terminal" "7.00.191205P"
untouched "a question without a terminal" "$st" "$before"
run 65 "--no" update --dir "$st" --lang pt --server "127.0.0.1:$PORT" \
	--build 7.00.170117A --no
untouched "--no" "$st" "$before"
run 65 "run does not start what does not fit" run --dir "$st" --lang pt \
	--server "127.0.0.1:$PORT" --build 7.00.170117A --no -- echo started
check "... and prints nothing" [ ! -s "$work/out" ]
run 66 "no package" update --dir "$st" --os macosx --lang pt \
	--server "127.0.0.1:$PORT"
says "no package" "Não há pacote para este sistema operacional"
untouched "no package" "$st" "$before"

# --- strangers who call the server ------------------------------------------

strangers=
for mode in close http garbage frame huge future silent half; do
	"$tools/stranger" call "$PORT" $mode &
	strangers="$strangers $!"
done
cp -a "$work/v0" "$work/st2"
update 0 "a station among strangers" "$work/st2"
check "... is exact" same_tree "$work/st2" "$work/v1"
for pid in $strangers; do
	code=0
	wait "$pid" || code=$?
	check "the server hangs up on a stranger, status $code" [ $code = 0 ]
done

# --- trouble in the middle ---------------------------------------------------

# Another update holds the folder.
cp -a "$work/v0" "$work/held"
"$erpsync" update --dir "$work/held" --server "127.0.0.1:$PORT" --yes -q \
	--bwlimit 700 >/dev/null 2>"$work/err.held" </dev/null &
started=$!
soon has_got "$work/held" 1
update 67 "a folder that another update holds" "$work/held" --lang pt
says_k2 "a folder that another update holds"
says "the holder is named" "$started"
code=0
wait "$started" || code=$?
started=
check "the holder succeeds, exit code $code" [ $code = 0 ]
check "... and is exact" same_tree "$work/held" "$work/v1"

# The server dies while it sends.
"$erpsync" update --dir "$st" --server "127.0.0.1:$PORT" --yes -q --lang pt \
	--bwlimit 8 --retries 1 --timeout 2 >"$work/out" 2>"$work/err" \
	</dev/null &
started=$!
soon has_got "$st" 1
kill_server
code=0
wait "$started" || code=$?
started=
: >"$work/detail"
check "a server that dies: exit code 35 or 10, not $code" \
	[ "$code" = 35 -o "$code" = 10 ]
says_k2 "a server that dies"
check "a server that dies: the folder is as it was" same_tree "$st" "$before"
run 0 "recover after it" recover --dir "$st" -q
start_server
check "the server is back" offers "$work/v1"
cp -a "$st" "$work/st3"
update 0 "then the update succeeds" "$work/st3"
check "... and is exact" same_tree "$work/st3" "$work/v1"

# A basis that changes while it is read and delivered: as it ends, the folder
# is whole, and the next update is exact.
cp -a "$work/v0" "$work/moving"
(while :; do
	echo more >>"$work/moving/libs/libqt5core.so"
	sleep 0.01
done) &
started=$!
"$erpsync" update --dir "$work/moving" --server "127.0.0.1:$PORT" --yes -q \
	--lang pt >"$work/out" 2>"$work/err" </dev/null
code=$?
kill $started
wait $started 2>/dev/null
started=
cp "$work/err" "$work/detail"
check "a basis that changes: exit code 0 or 67, not $code" \
	[ $code = 0 -o $code = 67 ]
[ $code = 0 ] || says_k2 "a basis that changes"
run 0 "verify or recover after it" recover --dir "$work/moving" -q
check "nothing unfinished after it" no_leftovers "$work/moving" received
update 0 "the update after it" "$work/moving"
check "... is exact" same_tree "$work/moving" "$work/v1"

# Records of ours that cannot be explained: stop, change nothing.
for record in journal committed state; do
	rm -rf "$work/torn" "$work/torn.before"
	cp -a "$work/st3" "$work/torn"
	noise 70 3000 >"$work/torn/.erpsync/$record"
	cp -a "$work/torn" "$work/torn.before"
	rm "$work/torn/lang/text_1.txt" "$work/torn.before/lang/text_1.txt"
	update 69 "a $record of noise" "$work/torn" --lang pt
	says_k2 "a $record of noise"
	check "a $record of noise: the folder is as it was" \
		same_tree "$work/torn" "$work/torn.before"
	run 69 "recover with a $record of noise" recover --dir "$work/torn"
	check "recover with a $record of noise changes nothing" \
		same_tree "$work/torn" "$work/torn.before"
	check "... and keeps the record" cmp "$work/torn/.erpsync/$record" \
		"$work/torn.before/.erpsync/$record"
done

# Something that is not ours has the name of a backup.
cp -a "$work/v0" "$work/taken"
echo mine >"$work/taken/bkp_remote.001"
update 11 "bkp_remote.001 is a file" "$work/taken" --lang pt
says_k2 "bkp_remote.001 is a file"
says "bkp_remote.001 is a file" "no caminho da atualização: bkp_remote.001"
check "... and stays" [ "$(cat "$work/taken/bkp_remote.001")" = mine ]
check "... in a folder as it was" same_tree "$work/taken" "$before"

# A folder that may not be written, by somebody who is not root.
as_nobody=
if [ "$(id -u)" -eq 0 ]; then
	as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
	setpriv --version >/dev/null 2>&1 ||
		skip "no setpriv to become another user"
fi
cp "$erpsync" "$work/erpsync"
read_only() {
	[ -z "$as_nobody" ] || chown -R 65534:65534 "$st"
	chmod "$2" "$3"
	# shellcheck disable=SC2086 # a command with its options
	$as_nobody "$work/erpsync" check --dir "$st" --format json \
		--server "127.0.0.1:$PORT" >"$work/out" 2>/dev/null || true
	check "$1 is foretold" grep -q '"refusal": ".*\(cannot be written\|may not read\)' \
		"$work/out"
	code=0
	# shellcheck disable=SC2086 # a command with its options
	$as_nobody "$work/erpsync" update --dir "$st" --yes -q --lang pt \
		--server "127.0.0.1:$PORT" >"$work/out" 2>"$work/err" \
		</dev/null || code=$?
	chmod 755 "$3"
	cp "$work/err" "$work/detail"
	check "$1: exit code 11, not $code" [ "$code" = 11 ]
	says_k2 "$1"
	says "$1" "Sem permissão: "
	untouched "$1" "$st" "$before"
}
read_only "a read-only folder" 555 "$st"
read_only "a read-only folder inside" 555 "$st/lang"
# Found before anything is received.
echo secret >"$st/unreadable.ini"
cp -a "$before" "$work/v0.unreadable"
before=$work/v0.unreadable
cp -a "$st/unreadable.ini" "$before"
chmod 755 "$before/unreadable.ini"
rm -rf "$st/.erpsync/recv"
read_only "a file that may not be read" 000 "$st/unreadable.ini"
says "a file that may not be read" "unreadable.ini: este usuário não pode lê-lo"
check "... and nothing was received" [ ! -e "$st/.erpsync/recv" ]
rm "$st/unreadable.ini"
before=$work/v0
# What the machine or a limit has no more of is no fault of the disk.
st0=$st
st=$work/scarce
cp -a "$before" "$st"
scarce() {
	cp "$work/err" "$work/detail"
	check "$1: exit code 22, not $code" [ "$code" = 22 ]
	says "$1" "$2"
	untouched "$1" "$st" "$before"
}
code=0
(ulimit -n 12 && exec "$erpsync" update --dir "$st" --yes -q --lang pt \
	--server "127.0.0.1:$PORT") >"$work/out" 2>"$work/err" </dev/null ||
	code=$?
scarce "no descriptors" "UPD052: Um limite deste sistema foi atingido: "
check "... and which limit" grep -q "(ulimit -n; LimitNOFILE= de um serviço)" \
	"$work/err"
if [ -n "$as_nobody" ] && command -v prlimit >/dev/null; then
	chown -R 65534:65534 "$st"
	code=0
	# A sanitizer would look for leaks in a thread of its own.
	# shellcheck disable=SC2086 # a command with its options
	ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
		$as_nobody prlimit --nproc=1 "$work/erpsync" update --dir "$st" --yes \
		-q --lang pt --server "localhost:$PORT" >"$work/out" \
		2>"$work/err" </dev/null || code=$?
	scarce "no threads" "UPD036: "
else
	skip "not root, or no prlimit: no threads"
fi
st=$st0
if [ "$(id -u)" -eq 0 ]; then
	chown -R 0:0 "$st"
	mkdir "$work/mount"
	if mount --bind "$st" "$work/mount" 2>/dev/null &&
		mount -o remount,ro,bind "$work/mount" 2>/dev/null; then
		update 11 "a read-only file system" "$work/mount" --lang pt
		says_k2 "a read-only file system"
		untouched "a read-only file system" "$st" "$before"
	else
		skip "no read-only mount here"
	fi
	umount "$work/mount" 2>/dev/null
else
	skip "a read-only file system needs root"
fi

# A full disk: too full from the start, and at every stage on the way.
full_disk() {
	mkdir -p "$work/disk"
	for size in 1500 2500 3500 4500 5500 7000 12000; do
		if ! mount -t tmpfs -o size=${size}k tmpfs "$work/disk" \
			2>/dev/null; then
			skip "no tmpfs mount here"
			return
		fi
		cp -a "$work/v0" "$work/disk/st"
		full_update $size
		umount "$work/disk"
	done
	: >"$work/detail"
	check "some disks were too small, some large enough" \
		[ "$too_small" -ge 2 -a "$large_enough" -ge 1 ]
}
full_update() {
	preview 64 "a check on a disk of $1 KiB" "$work/disk/st"
	refusal=$(grep '"refusal": "' "$work/out")
	code=0
	"$erpsync" update --dir "$work/disk/st" --yes -q --lang pt \
		--server "127.0.0.1:$PORT" >"$work/out" 2>"$work/err" \
		</dev/null || code=$?
	cp "$work/err" "$work/detail"
	if [ $code = 0 ]; then
		large_enough=$((large_enough + 1))
		check "a disk of ${1}k: exact" same_tree "$work/disk/st" \
			"$work/v1"
		return
	fi
	too_small=$((too_small + 1))
	check "it was foretold for $1 KiB" [ -n "$refusal" ]
	check "a disk of ${1}k: exit code 11, not $code" [ $code = 11 ]
	says_k2 "a disk of ${1}k"
	says "a disk of ${1}k" "Espaço em disco ou inodes insuficientes"
	untouched "a disk of ${1}k" "$work/disk/st" "$before"
}
too_small=0
large_enough=0
if [ "$(id -u)" -eq 0 ]; then
	full_disk
else
	skip "a full disk needs root, to mount one"
fi
stop_server

# --- disabled; ports that are taken -------------------------------------------

write_ini
sed -i 's/Enable=1/Enable=0/' "$ini"
start_server
run 66 "disabled" update --dir "$st" --lang pt --server "127.0.0.1:$PORT"
says "disabled" "UPD012: Atualização automática desabilitada no servidor"
says "disabled has K2" "$k2"
says "disabled: what to do" "O que fazer: Para ter atualizações"
untouched "disabled" "$st" "$before"
run 5 "a port that is taken" serve --config "$ini" --state "$work/state.bad" \
	--listen "127.0.0.1:$PORT"
says "a port that is taken" "$PORT"
run 67 "a state folder that is in use" serve --config "$ini" \
	--state "$work/state" --listen 127.0.0.1:0
stop_server

# A folder that cannot be published: the server runs and has nothing yet.
write_ini
sed -i "s,^PathLinux=.*,PathLinux=$work/nowhere," "$ini"
rm -rf "$work/state"
start_server
check "the server says what is missing" logged "$work/nowhere"
run 67 "nothing published" update --dir "$st" --lang pt --retries 0 \
	--server "127.0.0.1:$PORT"
: >"$log"
run 0 "a program is started all the same" run --dir "$st" --lang pt --yes \
	--server "127.0.0.1:$PORT" -- /bin/true
check "... and waits for no person to mend it" \
	[ "$(grep -c busy "$log")" = 1 ]
run 66 "... and none is meant" update --dir "$st" --lang pt --retries 0 \
	--os macosx --server "127.0.0.1:$PORT"
untouched "nothing published" "$st" "$before"

finish
