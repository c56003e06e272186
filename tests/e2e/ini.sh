#!/bin/sh
# INI files that survive: what a client writes at each start, what a station
# has set for itself, and what a release changes beside that.
. "$(dirname "$0")/lib.sh"
find_jsonschema

for v in 1 2 3 4; do
	make_tree "$work/v$v" $v
done
cp -a "$work/v1/." "$update"
write_ini
start_server
check "the server offers v1" offers "$work/v1"

# A client as it is: it writes its INI at each start.
cat >"$work/client" <<'CLIENT'
#!/bin/sh
f=$1/smartclient.ini
grep -v '^lastuser=' "$f" >"$f.new"
printf 'lastuser=%s\r\n' "$2" >>"$f.new"
cat "$f.new" >"$f"
rm "$f.new"
CLIENT
chmod 755 "$work/client"

# keys FILE: what changes in INI files, by this report.
keys() {
	python3 -c '
import json, sys
for x in json.load(open(sys.argv[1]))["items"]:
    for k in x["ini"] or []:
        print(x["path"], "[%s]" % k["section"], k["key"], k["old"], k["new"],
            *(["of", k["conflict"]] if k["conflict"] else []))
' "$1"
}

# Ten starts: a folder, and how often it must have been updated.
ten_starts() {
	i=0
	while [ $i -lt 10 ]; do
		run 0 "$1: start $i" run --dir "$2" --os linux -q \
			--server "127.0.0.1:$PORT" -- "$work/client" "$2" $i
		i=$((i + 1))
	done
	check "$1: the client's INI" grep -q '^lastuser=9' "$2/smartclient.ini"
}

# By default an INI is a file as any other.
st=$work/plain
cp -a "$work/v1" "$st"
update 0 "a first update" "$st"
printf '[TCP]\r\nserver=10.0.0.7\r\nport=2345\r\n' >>"$st/smartclient.ini"
update 0 "the default" "$st"
check "... overwrites" same_tree "$st" "$work/v1"
ten_starts "overwritten" "$st"
check "... with a backup" [ "$(backups "$st")" = "001 " ]

# The server says it for all.
# Nothing is made ahead, so that a check and the update get the same.
write_ini CompileAhead=0 'IniPolicy=smartclient.ini:merge'
check "the server reads its rules" reload
st=$work/merged
cp -a "$work/v1" "$st"
update 0 "a first update" "$st"
printf '[TCP]\r\nserver=10.0.0.7\r\nport=2345\r\n; mine\r\n' \
	>>"$st/smartclient.ini"
ten_starts "merged" "$st"
check "... without a backup" [ -z "$(backups "$st")" ]
run 0 "it is no damage" verify --dir "$st"
run 0 "nothing is to be done" check --dir "$st" --os linux --format json \
	--server "127.0.0.1:$PORT"
check "... and no content travels" [ "$(total changed)" = 0 ]
cp "$st/smartclient.ini" "$work/before.ini"
publish "$work/v2" now
preview 64 "a check of it" "$st"
predicted=$(wire_bytes)
check "... as the schema says" is_valid "$work/out"
check "... tells the one key" [ "$(keys "$work/out")" = \
	"smartclient.ini [config] release 1 2" ]
run 64 "the same as a page" check --dir "$st" --os linux --format html \
	--server "127.0.0.1:$PORT"
check "... has it, too" grep -qF \
	'[config] <b>release</b>: <del>1</del> &rarr; <ins>2</ins>' "$work/out"
check "... and changes nothing" cmp "$st/smartclient.ini" "$work/before.ini"
update 0 "a release that changes another key" "$st" \
	--report "$work/update.json"
check "... as foretold" [ "$(keys "$work/update.json")" = \
	"smartclient.ini [config] release 1 2" ]
cp "$work/update.json" "$work/out"
check "... with $predicted bytes, in fact $(wire_bytes)" \
	[ "$predicted" = "$(wire_bytes)" ]
sed 's/^release=1/release=2/' "$work/before.ini" >"$work/want.ini"
check "... leaves server, port and all else" \
	cmp "$st/smartclient.ini" "$work/want.ini"
run 0 "it is no damage either" verify --dir "$st"
run 0 "its backup is whole" verify --dir "$st" --backups
check "the backup has the INI as it was" \
	cmp "$st/bkp_remote.001/smartclient.ini" "$work/before.ini"
ten_starts "merged again" "$st"
check "... without another backup" [ "$(backups "$st")" = "001 " ]
printf 'later=1\r\n' >>"$st/smartclient.ini"
cp "$st/smartclient.ini" "$work/since.ini"
run 0 "a rollback" rollback --dir "$st" -q
check "... leaves what the client wrote since" \
	cmp "$st/smartclient.ini" "$work/since.ini"

# Both change a key: it is told, and the station's stays; or not.
st=$work/both
cp -a "$work/v2" "$st"
update 0 "a first update" "$st"
sed -i 's/^release=.*/release=mine\r/' "$st/smartclient.ini"
cp -a "$st" "$work/release_wins"
publish "$work/v3" now
run 64 "a check of what both changed" check --dir "$st" --os linux --lang en \
	--server "127.0.0.1:$PORT"
says "a check of what both changed" "release in [config] was changed here"
check "... shows it" grep -qF '(not as in the release; this' "$work/out"
preview 64 "the same for programs" "$st"
check "... as the schema says" is_valid "$work/out"
kept='smartclient.ini [config] release mine mine of station'
check "... says who wins" [ "$(keys "$work/out")" = "$kept" ]
run 0 "both changed a key" update --dir "$st" --os linux --yes --lang en \
	--server "127.0.0.1:$PORT" --report "$work/update.json"
says "both changed a key" "release in [config] was changed here"
check "... and its report" [ "$(keys "$work/update.json")" = "$kept" ]
check "... as the schema says" is_valid "$work/update.json"
check "the station's value stays" grep -q '^release=mine' "$st/smartclient.ini"
st=$work/release_wins
printf '[ErpSync]\nIniConflict=release\n' >"$st/.erpsync/station.ini"
run 0 "the release wins" update --dir "$st" --os linux --yes --lang pt \
	--server "127.0.0.1:$PORT" --report "$work/update.json"
says "the release wins" "vale o valor da versão"
check "... which its report says" [ "$(keys "$work/update.json")" = \
	"smartclient.ini [config] release mine 3 of release" ]
check "its value counts" same_tree "$st" "$work/v3"

# A station has rules of its own.
st=$work/kept
cp -a "$work/v3" "$st"
update 0 "a first update" "$st"
printf '[ErpSync]\nIniPolicy=*.ini:keep\n' >"$st/.erpsync/station.ini"
echo '; all mine' >"$st/smartclient.ini"
publish "$work/v4" now
update 0 "an update that keeps" "$st"
check "... the INI" [ "$(cat "$st/smartclient.ini")" = '; all mine' ]
check "... and nothing else" diff -r --no-dereference -x .erpsync \
	-x 'bkp_remote.*' -x smartclient.ini "$st" "$work/v4"
run 0 "what is kept is no damage" verify --dir "$st"
printf '[ErpSync]\nIniPolicy=mix\n' >"$st/.erpsync/station.ini"
run 1 "a rule that is none" update --dir "$st" --yes --lang en \
	--server "127.0.0.1:$PORT"
says "a rule that is none" "station.ini:2: IniPolicy: mix is none of"
finish
