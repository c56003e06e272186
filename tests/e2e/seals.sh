#!/bin/sh
# Seals: minisign reads ours and we read its; a station with a key takes
# nothing that is not sealed for it, whatever a server offers, which each
# attack of The Update Framework tries by its name; keys take each other's
# place; the server publishes no half of a sealed folder.
. "$(dirname "$0")/lib.sh"

command -v minisign >/dev/null || {
	skip "no minisign"
	finish
}
cd "$work" || exit 1
for v in 0 1 2; do make_tree "$work/v$v" $v; done

# --- minisign is the other side -----------------------------------------------

run 0 "a key without a passphrase" keygen --seal ours --no-passphrase
check "the secret key is for its owner" [ "$(stat -c %a ours.key)" = 600 ]
run 11 "a key is not written over" keygen --seal ours --no-passphrase --lang en
says "..." 'Give another name, or move it away'
check "minisign seals with our key" minisign -S -s ours.key -m v0/smartclient \
	-x theirs.minisig -t 'by minisign' >"$work/detail"
check "minisign verifies by our public key" minisign -V -q -p ours.pub \
	-m v0/smartclient -x theirs.minisig
check "a key with a passphrase" sh -c \
	"printf 'p w\np w\n' | '$erpsync' keygen --seal locked >out 2>err"
check "one line is not enough for a new one" sh -c \
	"! printf 'p w\n' | '$erpsync' keygen --seal once --lang en >out 2>err"
check "... which says so" grep -q "is read twice, so give two lines" err
check "minisign opens it" sh -c \
	"printf 'p w\n' | minisign -S -s locked.key -m v0/smartclient \
	-x locked.minisig >out 2>&1"
check "minisign verifies that" minisign -V -q -p locked.pub \
	-m v0/smartclient -x locked.minisig
check "not with another passphrase" sh -c \
	"! printf 'pw\n' | '$erpsync' seal v0 --seal-key locked.key --os linux \
	--lang en --to no.minisig >out 2>err && ! [ -e no.minisig ]"
check "... which is told so" grep -q 'UPD038.*not its passphrase' err
# ^C at the question: the terminal echoes again, and there is no key.
cat >terminal.py <<'END'
import os, pty, signal, sys, termios
signal.alarm(120)
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b''
while b'asked.key' not in said and b'asked' not in said:
    said += os.read(terminal, 1000)
while termios.tcgetattr(terminal)[3] & termios.ECHO:
    pass
os.write(terminal, b'half\x03')
try:
    while os.read(terminal, 1000):
        pass
except OSError:
    pass
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(status, bool(termios.tcgetattr(terminal)[3] & termios.ECHO))
END
check "interrupted at the question" sh -c \
	"python3 terminal.py '$erpsync' keygen --seal asked >out 2>err"
check "... it echoes again" [ "$(cat out)" = "20 True" ]
check "... and made nothing" [ -z "$(find . -name 'asked*')" ]
minisign -G -W -p theirs.pub -s theirs.key >/dev/null || exit 1
run 0 "we seal with minisign's key" seal v0 --seal-key theirs.key --os linux \
	--to of_theirs.minisig
run 1 "without a key nothing is sealed" seal v0 --os linux
run 1 "no key takes its own place" seal v0 --seal-key ours.key \
	--replaces ours.key --os linux --to no.minisig --lang en
says "..." 'ours.key: is the key that seals'
check "... and nothing is sealed" [ ! -e no.minisig ]
chmod 644 theirs.key
run 0 "a key that others may read" seal v0 --seal-key theirs.key --os linux \
	--to of_theirs.minisig --lang en
says "..." 'the secret key theirs.key can be read or changed by others'
chmod 600 theirs.key

# --- a sealed release -----------------------------------------------------------

# sealed VERSION OPTION...: make it the folder, sealed by ours.
sealed() {
	find "$update" -mindepth 1 -delete
	cp -a "$work/v$1/." "$update"
	shift
	run 0 "seal" seal "$update" --seal-key "${seal_key:-ours.key}" \
		--os linux -q "$@"
}
# restart: the server publishes what is there now.
restart() {
	[ -z "$SERVER_PID" ] || stop_server
	start_server
	: >"$work/detail"
}
# id: of the release that the state folder has last, and its seal.
id() {
	for kept in "$work/state/release/linux/"*.[0-9a-f]*; do
		newest=${kept##*.}
	done
	echo "$newest"
}
seal_file() {
	echo "$work/state/release/linux/$(id).seal"
}

st=$work/st
mkdir "$st"
sealed 0
write_ini
start_server
check "the server offers v0" offers "$work/v0"
update 0 "a station without a key takes it" "$st"
# What was fetched without a seal is not put in place where one is asked for.
off=$work/off
mkdir "$off"
update 0 "fetched without a key" "$off" --download-only
run 0 "a key is added" keys add ours.pub --dir "$off"
run 73 "it has no seal" update --dir "$off" --os linux --yes --apply
check "nothing was put in place" [ ! -e "$off/smartclient" ]
update 0 "fetched with its seal" "$off" --download-only
run 0 "put in place" update --dir "$off" --os linux --yes --apply
check "it is v0" same_tree "$off" "$work/v0"
run 0 "by its seal" verify --dir "$off"
run 0 "no key, no question" keys list --dir "$st"
run 0 "a key is added" keys add ours.pub --dir "$st"
run 1 "not twice" keys add ours.pub --dir "$st"
run 68 "a secret key is none for a station" keys add ours.key --dir "$st" \
	--lang en
says "..." 'ours.key: it is no public key'
run 0 "it is listed" keys list --dir "$st"
check "... as minisign has it" grep -qF "$(tail -n 1 ours.pub)" "$work/out"
run 73 "what came before the key is not of it" verify --dir "$st"
update 0 "the same release again, with its seal" "$st"
run 0 "now it is" verify --dir "$st" --lang en
number=$(head -n 1 ours.pub | sed 's/.* //')
check "verify says by whom" grep -q "key $number" "$work/out"
preview 0 "a check tells of the seal" "$st"
check "... whose it is" grep -q "\"key\": \"$number\"" "$work/out"
release=$(echo "$work/state/release/linux/"*."$(id)")
check "minisign verifies our seal" minisign -V -q -p ours.pub \
	-m "$release" -x "$update.minisig"
cp "$update.minisig" of_ours_v0.minisig
sealed 1
restart
check "the server offers v1" offers "$work/v1"
update 0 "a sealed update" "$st"
check "it is there" same_tree "$st" "$work/v1"
run 0 "it is sealed" verify --dir "$st"
run 0 "back to what was sealed" rollback --dir "$st"
update 0 "and forth" "$st" --force
check "v1 again" same_tree "$st" "$work/v1"

# --- each attack by its name ------------------------------------------------------

# A hostile server is one whose state was tampered with: there is no seal beside
# its folder, and it sends what lies in its state.
cp "$update.minisig" good.minisig
rm "$update.minisig"
comment=$(sed -n 's/^trusted comment: //p' good.minisig)
# forge KEY FROM TO: v1's seal, but for this in the trusted comment.
forge() {
	minisign -S -s "$1" -m "$release" -x forged.minisig \
		-t "$(printf '%s\n' "$comment" | sed "s/$2/$3/")" >/dev/null ||
		exit 1
}
# refused CODE TEXT SEAL: a server with this seal is refused, nothing changes.
refused() {
	[ -z "$SERVER_PID" ] || stop_server
	cp "$3" "$(seal_file)"
	start_server
	cp -a "$st" "$work/before"
	rm -f "$st/res/empty.dat" "$work/before/res/empty.dat"
	update "$1" "$2" "$st" --lang en
	check "$2: the folder is as it was" same_tree "$st" "$work/before"
	preview "$1" "$2: in a dry run" "$st" --lang en
	rm -rf "$work/before"
}
release=$(echo "$work/state/release/linux/"*."$(id)")
forge theirs.key x x
refused 73 "arbitrary installation: another key" forged.minisig
says "arbitrary installation" "not trusted here"
: >none
refused 73 "arbitrary installation: no seal" none
forge ours.key 'serial=2' 'serial=1'
refused 74 "rollback: an older serial number" forged.minisig
says "rollback" "2 was seen before"
forge ours.key 'issued=[0-9]* expires=[0-9]*' \
	"issued=1600000000 expires=1600100000"
refused 74 "rollback: an older seal" forged.minisig
now=$(date +%s)
forge ours.key 'issued=[0-9]* expires=[0-9]*' "issued=$now expires=$((now + 1))"
sleep 2
refused 75 "indefinite freeze" forged.minisig
says "indefinite freeze" "expired"
forge ours.key 'size=' 'size=1'
refused 76 "endless data" forged.minisig
refused 77 "mix-and-match: the seal of another release" of_ours_v0.minisig
forge ours.key 'serial=2' 'serial=99999999'
refused 78 "fast-forward" forged.minisig
forge ours.key 'product=smartclient' 'product=other'
refused 79 "wrong software: another product" forged.minisig
forge ours.key 'system=linux' 'system=windows'
refused 79 "wrong software: another system" forged.minisig
# One bit, here and there: of the seal, of its comment, of what is over both.
for at in 80 120 200 300 400 440; do
	perl -e 'local $/; $_ = <STDIN>; substr($_, $ARGV[0], 1) ^= "\1"; print' \
		$at <good.minisig >flipped.minisig
	refused 73 "a flipped bit at $at" flipped.minisig
done
refused_good() {
	stop_server
	cp good.minisig "$(seal_file)"
	start_server
	update 0 "the good seal is taken" "$st"
}
refused_good
check "and mends the folder" same_tree "$st" "$work/v1"

# --- another key, and a downgrade that is meant ---------------------------------

cp good.minisig "$update.minisig"
run 0 "a second key" keygen --seal second --no-passphrase
seal_key=second.key
sealed 2 --replaces ours.key
restart
check "the server offers v2" offers "$work/v2"
update 0 "a release of the key's successor" "$st"
run 0 "keys" keys list --dir "$st"
check "only the successor is trusted" sh -c \
	"grep -qF '$(tail -n 1 second.pub)' '$work/out' &&
	[ \$(wc -l <'$work/out') = 1 ]"
sealed 1
restart
check "the server offers v1 again" offers "$work/v1"
update 0 "an older release, sealed anew" "$st"
run 0 "it is v1" verify --dir "$st"
cp -a "$work/v0" "$work/fresh"
run 0 "the old key for a new station" keys add ours.pub --dir "$work/fresh" \
	--product smartclient
update 0 "a station that missed it all" "$work/fresh"
number=$(head -n 1 second.pub | sed 's/.* //')
run 0 "a key goes, whatever case its number is in" keys remove \
	"$(echo "$number" | tr A-F a-f)" --dir "$work/fresh"
run 11 "not twice" keys remove "$number" --dir "$work/fresh"

# --- no half of a sealed folder is served ---------------------------------------

write_ini "SealKey=$work/second.pub"
restart
printf 'x' >>"$update/res/empty.dat"
kill -HUP "$SERVER_PID"
check "a folder that its seal does not fit" logged "copy both, or seal it anew"
check "... is not published" offers "$work/v1"
rm "$update.minisig"
kill -HUP "$SERVER_PID"
check "nor one without" logged "there is no seal"
update 0 "the last sealed release stays" "$st"
stop_server
run 0 "publish seals by itself" publish --config "$ini" \
	--state "$work/state" --seal-key second.key --serial 9
run 0 "one that goes back is warned of" publish --config "$ini" --lang en \
	--state "$work/state" --seal-key second.key --serial 8
says "..." 'serial number 8, that before it 9; stations refuse it'
run 1 "no serial number that no new station takes" publish --config "$ini" \
	--state "$work/state" --seal-key second.key --serial 20261129
run 0 "there is a last serial number" publish --config "$ini" \
	--state "$work/state" --seal-key second.key --serial 1048576
check "... behind which none comes" sh -c \
	"! '$erpsync' seal '$update' --seal-key second.key --os linux \
	--lang en >out 2>err"
check "... which says what to do" grep -q -e \
	'--replaces the old one and --serial 1' err
run 0 "a key for going on" keygen --seal third --no-passphrase
run 0 "the numbers begin anew" seal "$update" --seal-key third.key \
	--replaces second.key --os linux --serial 1
run 73 "but not with a key that is not the server's" publish --config "$ini" \
	--state "$work/state" --seal-key theirs.key
write_ini "SealKey=$work/third.pub"
restart
update 0 "stations count anew" "$st"
check "... as the server knows" sh -c "! grep -q 'serial number' '$log'"
finish
