#!/bin/sh
# Reports of one rich update, in every form: what is foretold is what comes, the
# JSON is what its schema says, and what changes inside of files is told where
# both contents are here. Two local folders are compared likewise.
. "$(dirname "$0")/lib.sh"
find_jsonschema

# class PATH: the class of this change in the JSON report in $work/out.
class() {
	python3 -c '
import json, sys
for x in json.load(open(sys.argv[1]))["items"]:
    if x["path"] == sys.argv[2]:
        print(x["class"], x["from"] or "", sep=" ", end="")
' "$work/out" "$1"
}

# is_class PATH CLASS
is_class() {
	echo "$1 is '$(class "$1")'" >"$work/detail"
	[ "$(class "$1")" = "$2" ]
}

# of KEY...: the value there in the JSON report in $work/out.
of() {
	python3 -c '
import json, sys
x = json.load(open(sys.argv[1]))
for key in sys.argv[2:]:
    x = x[int(key)] if key.isdigit() else x[key]
print(json.dumps(x))
' "$work/out" "$@"
}

# keys_of PATH: what changes in this INI file, by the report in $work/out.
keys_of() {
	python3 -c '
import json, sys
for x in json.load(open(sys.argv[1]))["items"]:
    if x["path"] == sys.argv[2]:
        for k in x["ini"] or []:
            print(k["section"], k["key"], k["old"], k["new"])
' "$work/out" "$1"
}

tree=$work/v0
noise 1 300000 0 20 | put client.so 0
noise 2 90000 0 5 | put table.dat 0
noise 3 40000 | put old/name.dat 0
noise 4 5000 | put gone.dll 0
noise 5 3000 | put same.dll 0
echo "only its time" | put touched.txt 0
seq 1 30 | put notes.txt 0
printf '[srv]\r\nserver=a\r\nport=1\r\n; a comment\r\npassword=one\r\n' |
	put client.ini 0
echo '#!/bin/sh' | put tool.sh 0
tree=$work/v1
noise 1 300100 1 20 | put client.so 1
noise 2 90000 1 5 | put table.dat 1
noise 3 40000 | put new/name.dat 1
noise 5 3000 | put same.dll 0
noise 6 7000 | put added.dll 1
echo "only its time" | put touched.txt 1
{ seq 1 14; echo "of the release"; seq 16 30; } | put notes.txt 1
printf '[srv]\r\nserver=b\r\npassword=two\r\nlog=1\r\n' | put client.ini 1
echo '#!/bin/sh' | put tool.sh 0
chmod 755 "$tree/tool.sh"

# Two folders, before there is any server.
run 64 "two folders differ" check "$work/v0" "$work/v1" --format json
check "... as the schema says" is_valid "$work/out"
check "... without a server" [ "$(of server)" = null ]
check "... but with the other folder" \
	[ "$(of compared_with)" = "\"$work/v1\"" ]
check "... a program" is_class client.so "program "
check "... a new name" is_class new/name.dat "moved old/name.dat"
check "... what goes" is_class gone.dll "removed "
run 0 "two folders are equal" check "$work/v1" "$work/v1" --lang en
check "... which is said" grep -q '^Conclusion: the folders are equal' \
	"$work/out"
run 64 "two folders as text" check "$work/v0" "$work/v1" --lang en --diff
check "... an INI file by key" grep -qxF '    [srv] server: a -> b' "$work/out"
check "... not its password" grep -qxF '    [srv] password: *** -> ***' \
	"$work/out"
check "... a text by line" grep -qxF '    +of the release' "$work/out"
run 64 "a pattern leaves out" check "$work/v0" "$work/v1" --exclude '*.ini' \
	--format csv
check "... what it names" [ -z "$(grep '^client.ini' "$work/out")" ]
run 1 "one folder is none" check "$work/v0" --lang en
run 1 "two folders and a third" check "$work/v0" "$work/v1" --dir "$work/v1"
run 11 "a folder that is not there" check "$work/v0" "$work/none" --lang en
says "... is named" "$work/none"
check "nothing was left there" [ ! -e "$work/v0/.erpsync" ]

# A station, with an edit and a file of its own.
cp -a "$work/v0/." "$update"
write_ini 'Build=7.00.1' CompileAhead=0
start_server
check "the server offers v0" offers "$work/v0"
st=$work/st
mkdir "$st"
update 0 "first update" "$st"
echo "mine" >>"$st/notes.txt"
echo "own" >"$st/own.txt"
sed -i 's/7.00.1/7.00.2/' "$ini"
publish "$work/v1" now
preview 64 "a rich check" "$st" --delete --rate 100K
check "... as the schema says" is_valid "$work/out"
check "... a program" is_class client.so "program "
check "... an INI file" is_class client.ini "ini "
check "... another file" is_class table.dat "other "
check "... what is new" is_class added.dll "new "
check "... what goes" is_class gone.dll "removed "
check "... an edit that would be lost" is_class notes.txt "edited "
check "... a new name" is_class new/name.dat "moved old/name.dat"
check "... an exec bit" is_class tool.sh "attributes "
check "... a time" is_class touched.txt "time "
check "... what is left alone" is_class own.txt "None "
check "... the room it takes" [ "$(of outlook disk_needed_bytes)" -gt 400000 ]
check "... the room there is" [ "$(of outlook disk_free_bytes)" -gt 400000 ]
check "... its backup" [ "$(of outlook backup)" = '"bkp_remote.001"' ]
check "... with all files" [ "$(of outlook backup_files)" = 10 ]
predicted=$(wire_bytes)
keys_of client.ini >"$work/foretold"
check "... the keys of the INI file" [ "$(cat "$work/foretold")" = \
	"srv server a b
srv password *** ***
srv log None 1
srv port 1 None" ]
check "... the time at the rate" [ "$(of outlook seconds)" = \
	$(((predicted + 102399) / 102400)) ]
run 64 "the same as one line" check --dir "$st" --brief --delete --lang en \
	--server "127.0.0.1:$PORT" --os linux
check "... which is one" [ "$(wc -l <"$work/out")" = 1 ]
check "... and tells" grep -qF \
	"to change: 12 (programs 1, INI 1, other 1, new 3, removed 3, changed here 1)" \
	"$work/out"
run 64 "the same for people" check --dir "$st" --delete --lang pt \
	--server "127.0.0.1:$PORT" --os linux
check "... a warning before all" grep -qx \
	'Atenção: alterações feitas nesta estação se perderiam: 1.' "$work/out"
check "... the keys of the INI file" grep -qxF '    [srv] server: a -> b' \
	"$work/out"
run 64 "the same with texts" check --dir "$st" --delete --lang pt --diff \
	--server "127.0.0.1:$PORT" --os linux
check "... what cannot be known yet" grep -qxF \
	'    (o que muda dentro dele se sabe depois da atualização, com o arquivo novo aqui)' \
	"$work/out"
check "... the backup" grep -q '^Cópia  *bkp_remote.001: arquivos: 10' \
	"$work/out"
check "... the time at two rates" grep -q ' a 1 Mbit/s, ' "$work/out"
check "nothing was changed" [ ! -e "$st/added.dll" ]
run 11 "a report that cannot be written" check --dir "$st" --delete \
	--server "127.0.0.1:$PORT" --os linux --report "$work/none/r.html"

# A report takes no name that is another's.
for name in '' -; do
	run 1 "a report called '$name'" check --dir "$st" --lang en \
		--server "127.0.0.1:$PORT" --os linux --report "$name"
	says "a report called '$name'" "--report takes the name of a file"
	run 1 "... of an update" update --dir "$st" --yes \
		--server "127.0.0.1:$PORT" --os linux --report "$name"
	run 1 "... of two folders" check "$st" "$work/v1" --report "$name"
done
check "... none is there" [ ! -e ./- ]
run 1 "two reports" check --dir "$st" --lang en --server "127.0.0.1:$PORT" \
	--os linux --report "$work/one.html" --report "$work/two.csv"
says "two reports" "--report is there twice"
check "... are not one" [ ! -e "$work/two.csv" ]
cp -a "$st" "$work/before"
ln -s "$st/tool.sh" "$work/link.html"
for name in "$st/tool.sh" "$st/../${st##*/}/old/../client.ini" "$st/newer" \
	"$work/link.html" "$st/old/a.dll" "$st/notes.txt"; do
	run 1 "a report in the client folder" check --dir "$st" --delete \
		--lang en --server "127.0.0.1:$PORT" --os linux --report "$name"
	says "a report in the client folder" "lies in a client folder"
	run 1 "... of two folders" check "$work/before" "$st" --report "$name"
done
check "... changes nothing" same_tree "$st" "$work/before"
run 64 "one that is called as a report is" check --dir "$st" --delete \
	--server "127.0.0.1:$PORT" --os linux --report "$st/report.html"
check "... is there" grep -q '<html' "$st/report.html"
rm "$st/report.html"

# The update: what was foretold, and what changed inside.
update 0 "the update" "$st" --delete --diff --report "$work/update.json"
check "... says nothing else" [ ! -s "$work/out" ]
cp "$work/update.json" "$work/out"
check "the check was exact: $predicted bytes, in fact $(wire_bytes)" \
	[ "$predicted" -eq "$(wire_bytes)" ]
# What the other end counted; it may have said besides that it is there.
check "... and the server got as many" logged " $(total sent_bytes) received"
check "... as the schema says" is_valid "$work/out"
check "... which backup it was" [ "$(of outlook backup)" = '"bkp_remote.001"' ]
keys_of client.ini >"$work/told"
check "... the INI file by key, as foretold" cmp "$work/told" "$work/foretold"
check "... the lines of the edit" grep -q '"-mine"' "$work/out"
rm -r "$st" && mkdir "$st"
update 0 "a report of another update" "$st" --lang en \
	--report "$work/report.html"
check "... is a page" grep -q '^<html lang="en">' "$work/report.html"
check "... and nothing is on standard output" [ ! -s "$work/out" ]
rm "$st/same.dll"
update 0 "a report that cannot be written fails no update" "$st" --lang en \
	--report "$work/none/r.html"
says "... and is told" "Warning: open $work/none/r.html"

# What failed before anything was compared leaves no report of before.
for form in txt html json; do
	cp "$work/update.json" "$work/stale.$form"
	run 35 "no server, $form" update --dir "$st" --server 127.0.0.1:1 \
		--os linux --retries 0 --lang en --report "$work/stale.$form"
	check "... its report says it" grep -q 'connect to' "$work/stale.$form"
	run 35 "no server to check by, $form" check --dir "$st" --lang en \
		--server 127.0.0.1:1 --os linux --report "$work/stale.$form"
	check "... its report says it" grep -q 'connect to' "$work/stale.$form"
	check "... and no other thing" \
		eval '! grep -q "nothing to update" "$work/stale.$form"'
done
cp "$work/stale.json" "$work/out"
check "... as the schema says" is_valid "$work/out"
run 11 "a folder that is none, to compare" check "$work/v1" "$work/none" \
	--lang en --report "$work/stale.txt"
check "... its report says it" grep -q 'none' "$work/stale.txt"

# What to do about it is what standard error says.
cp -a "$st" "$work/torn"
echo x >"$work/torn/.erpsync/journal"
update 69 "a damaged journal" "$work/torn" --lang en \
	--report "$work/stale.txt"
says "... what to do" "Leave the folder as it is"
check "... is in its report" grep -qF "$(sed -n '/^What to do/p' "$work/err")" \
	"$work/stale.txt"

# Who else holds the folder keeps no report out of it; a file of the release is
# none, as ever.
echo help | put help.html 1
sed -i 's/7.00.2/7.00.3/' "$ini"
publish "$work/v1" now
update 0 "a release with a page" "$st"
cp "$work/update.json" "$st/r.html"
python3 -c '
import fcntl, sys, time
f = open(sys.argv[1], "r+b")
fcntl.lockf(f, fcntl.LOCK_EX)
open(sys.argv[2], "w")
time.sleep(600)
' "$st/.erpsync/lock" "$work/holds" &
started=$!
soon [ -e "$work/holds" ]
update 67 "a held folder" "$st" --lang en --report "$st/r.html"
check "... its report says it" grep -q '<html' "$st/r.html"
update 67 "... and no page of the release" "$st" --lang en \
	--report "$st/help.html"
says "... is written over" "lies in a client folder"
check "... it is as it was" cmp "$st/help.html" "$work/v1/help.html"
kill $started
wait $started 2>/dev/null
started=

# The golden one, too.
check "the golden JSON is as the schema says" \
	is_valid "$here/../golden/report/check.json"
finish
