#!/bin/sh
# What an administrator does with releases beside a running server: they are
# listed, held back and let go, and an older one is made current again, which
# the folder that still has the newer one does not undo; also with seals.
. "$(dirname "$0")/lib.sh"

find_jsonschema

cd "$work" || exit 1
for v in 0 1 2; do make_tree "$work/v$v" $v; done
st=$work/st
mkdir "$st"
kept="--config $ini --state $work/state --lang en"
# listed PATTERN: the list has a line like this.
listed() {
	# shellcheck disable=SC2086 # options
	"$erpsync" releases $kept >"$work/detail" 2>&1 </dev/null &&
		grep -q "$1" "$work/detail"
}
# command CODE TEXT COMMAND ARGS...
command_of() {
	command_code=$1
	command_text=$2
	command_name=$3
	shift 3
	# shellcheck disable=SC2086
	run "$command_code" "$command_text" "$command_name" $kept "$@"
}

# answers CODE: a check ends so; the server looks at its state once a second.
answers() {
	code=0
	"$erpsync" check --dir "$st" --server "127.0.0.1:$PORT" --os linux -q \
		>"$work/detail" 2>&1 </dev/null || code=$?
	[ $code = "$1" ]
}

# --- held, let go ---------------------------------------------------------------

write_ini
command_of 11 "a state folder that is not there" releases
says "..." 'erpsync serve or publish makes it'
cp -a "$work/v0/." "$update"
start_server
check "the server offers v0" offers "$work/v0"
check "no station has it" listed '^ *1 *linux .*  0  current$'
update 0 "a station on v0" "$st" --station-id PC-1
check "which is counted" soon listed '^ *1 *linux .*  1  current$'
update 0 "it counts once" "$st" --station-id PC-1
mkdir "$work/st2"
update 0 "another station" "$work/st2" --station-id PC-2
publish "$work/v1" now
command_of 0 "the list" releases
check "it has both" [ "$(grep -c linux "$work/out")" = 2 ]
check "... v1 is current" listed '^ *2 *linux .*  current$'
command_of 0 "the list for programs" releases --format json
check "... has the numbers" [ "$(grep -c '"number"' "$work/out")" = 2 ]
command_of 0 "the list for sheets" releases --format csv --os linux
check "... has two lines and a head" [ "$(wc -l <"$work/out")" = 3 ]
command_of 0 "the list of a system without" releases --os windows
check "... says so" grep -q 'No release was published yet' "$work/out"
# shellcheck disable=SC2086
first=$("$erpsync" releases $kept |
	sed -n 's/^ *1  *linux  *-  *\([0-9a-f]*\) .*/\1/p')
command_of 0 "it is held" hold
check "... which is told" grep -q 'release 2 (.* is held: stations keep' \
	"$work/out"
check "the list says it" listed 'current, held$'
check "the server knows it" soon answers 66
update 66 "a station keeps what it has" "$st"
check "it is v0" same_tree "$st" "$work/v0"
run 66 "a station is told why" update --dir "$st" --lang en --os linux \
	--server "127.0.0.1:$PORT"
says "a station is told why" 'gives no update now'
run 66 "... in a check" check --dir "$st" --lang en --os linux \
	--server "127.0.0.1:$PORT" --report "$work/held.html"
says "... in a check" 'gives no update now'
check "... by words alone" [ ! -s "$work/out" ]
check "... and in a report" grep -q 'Verdict</dt><dd>it gives no update now' \
	"$work/held.html"
preview 66 "... in one for programs" "$st"
check "... as the schema says" is_valid "$work/out"
check "... with the verdict" grep -q '"verdict": "not-now"' "$work/out"
run 0 "its program is started" run --dir "$st" --lang en --os linux \
	--server "127.0.0.1:$PORT" -- /bin/true
check "the log has it" logged 'not now: turned away'
command_of 0 "it is let go" release 2
check "... which is told" grep -q 'is held no more: stations get it' "$work/out"
check "the server knows it" soon answers 64
update 0 "the station gets it" "$st"
check "it is v1" same_tree "$st" "$work/v1"
command_of 0 "an older one is held" hold "$first"
check "... which is told" grep -q 'not the current one' "$work/out"
command_of 0 "it is let go" release "$first"
command_of 11 "none has this number" hold 9
says "..." 'as erpsync releases lists them'
command_of 11 "that is too short for an id" hold abcdef0
command_of 11 "none has this id" hold 0123456789abcdef0
command_of 1 "one is enough" hold 1 2
run 1 "no configuration" hold --lang en
printf 'PathWindows=%s\n' "$work/v2" >>"$ini"
sed -i '/^PathWindows/d; s|^PathLinux.*|&\nPathWindows='"$work"'/v2|' "$ini"
command_of 1 "of which system?" hold
says "..." '--os is missing'
write_ini

# --- back -------------------------------------------------------------------------

command_of 0 "back to v0" publish --from 1
check "... which is told" grep -q 'release 3 (.*) is the current one now' \
	"$work/out"
check "v1 is held" listed '^ *2 *linux .*  held$'
check "v0 is current" listed '^ *3 *linux .*  current$'
check "the server knows before anybody calls" \
	logged 'which is held; release 3 stays'
: >"$log"
check "the server offers v0" offers "$work/v0"
check "nobody is turned away" [ -z "$(grep 'turned away' "$log")" ]
update 0 "stations go back" "$st" --delete
check "it is v0" same_tree "$st" "$work/v0"
kill -HUP "$SERVER_PID"
check "the folder is left alone" logged 'which is held; release 3 stays'
update 0 "the station is current" "$st"
check "it is v0" same_tree "$st" "$work/v0"
stop_server
check "all are counted that had it" listed '^ *3 *linux .*  3  current$'
start_server
check "a server that starts leaves it, too" offers "$work/v0"
publish "$work/v2" now
update 0 "what comes next is for all" "$st"
check "it is v2" same_tree "$st" "$work/v2"
stop_server
command_of 0 "without a server, too" publish --from "$first"
check "its folder is left alone" sh -c \
	"'$erpsync' publish $kept 2>&1 | grep -q 'which is held; release 5'"
command_of 0 "v2 is let go" release 4
start_server
check "then the folder counts again" offers "$work/v2"
command_of 1 "both at once cannot be" publish --from 1 --compile
command_of 1 "--os is of --from" publish --os linux
command_of 1 "no folder of that system" publish --from 1 --os windows
stop_server

# --- hours ------------------------------------------------------------------------

# window DAYS: the server takes it.
window() {
	write_ini "Window=$1"
	: >"$log"
	reload
}
start_server
check "hours that are far" window "$(date -d '3 days' +%a)"
check "the log tells when" logged 'no station may update, for'
update 0 "who has the release has nothing to do" "$st"
check "the log tells that, too" logged 'compatible: current'
echo "of another release" >>"$update/res/byte.dat"
check "there is another release" reload published
update 66 "no update now" "$st" --report "$work/later.json"
check "... in a report, too" is_valid "$work/later.json"
check "... with the hour" grep -q '"opens": "20.*Z"' "$work/later.json"
check "... and nothing else is said" [ ! -s "$work/out" ]
run 66 "when it is is told" update --dir "$st" --os linux --lang en \
	--server "127.0.0.1:$PORT"
says "when it is is told" 'at certain hours only; they begin at 2'
run 66 "in each language" update --dir "$st" --os linux --lang es \
	--server "127.0.0.1:$PORT"
says "in each language" 'a ciertas horas'
run 64 "what comes then can be seen" check --dir "$st" --os linux --lang en \
	--server "127.0.0.1:$PORT"
check "... file by file" grep -q 'res/byte.dat' "$work/out"
run 0 "the program is started" run --dir "$st" --os linux -q \
	--server "127.0.0.1:$PORT" -- /bin/true
check "hours that are now" window \
	"$(date -d yesterday +%a)-$(date -d tomorrow +%a)"
check "the log tells so" logged 'stations may update'
update 0 "an update" "$st"
write_ini 'Window=8 to 18'
: >"$log"
kill -HUP "$SERVER_PID"
check "what are no hours is told" logged "'8 to 18' are no hours like"
stop_server
write_ini

# --- with seals ---------------------------------------------------------------------

run 0 "a key" keygen --seal ours --no-passphrase
rm -rf state st && mkdir st
for v in 0 1; do
	find "$update" -mindepth 1 -delete
	cp -a "$work/v$v/." "$update"
	command_of 0 "v$v is sealed" publish --seal-key ours.key
done
start_server
check "nothing is said of a key that no station knows" \
	[ -z "$(grep 'had no key' "$log")" ]
run 0 "a station asks for seals" keys add ours.pub --dir "$st"
update 0 "it takes v1" "$st"
command_of 73 "v0 takes a new seal" publish --from 1
says "..." 'Nothing was published; seal it'
check "v1 is current" listed 'current, sealed$'
command_of 0 "back to v0 with one" publish --from 1 --seal-key ours.key
check "the server offers v0" offers "$work/v0"
update 0 "the station goes back" "$st" --delete
check "it is v0" same_tree "$st" "$work/v0"
run 0 "it is sealed" verify --dir "$st"
stop_server

# The key elsewhere: a seal of the kept release, brought beside the folder.
release=$(find state/release/linux -name "0000000002.*")
run 0 "its file is sealed" seal "$release" --seal-key ours.key --os linux \
	--to "$update.minisig" -q --downgrade
command_of 0 "forth to v1" publish --from 2
start_server
check "the server offers v1" offers "$work/v1"
update 0 "the station goes forth" "$st"
check "it is v1" same_tree "$st" "$work/v1"
finish
