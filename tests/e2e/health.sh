#!/bin/sh
# The health check of a station: what fails it is taken back, with backups and
# all, told to the server, and not installed again by itself; the server
# cannot name the command. And a release that deletes too much is stopped.
. "$(dirname "$0")/lib.sh"

for v in 0 1 2 3 4; do
	make_tree "$work/v$v" $v
	# The station's own file; a release that brings one comes later.
	rm "$work/v$v/smartclient.ini"
done
cp -a "$work/v0/." "$update"
write_ini
start_server
check "the server offers v0" offers "$work/v0"
st=$work/st
cp -a "$work/v0" "$st"
for v in 1 2 3; do
	publish "$work/v$v" now
	update 0 "update to v$v" "$st" --health-check 'test -x smartclient'
done
cp -a "$st" "$work/before"

# as_before TEXT: folder and backups to the byte.
as_before() {
	untouched "$1" "$st" "$work/before"
	for n in 001 002 003; do
		check "$1: backup $n is as it was" same_tree \
			"$st/bkp_remote.$n" "$work/before/bkp_remote.$n"
	done
	run 0 "$1: all of it verifies" verify --dir "$st" --backups -q
}

publish "$work/v4" now
update 71 "a check that fails" "$st" --lang pt --health-check 'exit 3'
says_k2 "a check that fails"
says "a check that fails" "UPD041"
says "a check that fails" "terminou com o código 3"
as_before "a check that fails"
check "the server is told" logged "the health check ended with exit code 3"
update 71 "the same release again" "$st" --lang en
says "the same release again" "--force"
preview 64 "a check of the same release" "$st" --lang en
check "... says that it would be refused" \
	grep -q '"refusal": "release .*--force' "$work/out"
as_before "the same release again"
update 71 "a check that does not end" "$st" --force --lang en \
	--health-check 'sleep 60' --health-timeout 1
says "a check that does not end" "did not end within 1 s"
as_before "a check that does not end"
i=0
while [ $i -lt 5 ]; do
	update 71 "failing again: $i" "$st" --force --health-check false
	i=$((i + 1))
done
as_before "failing again and again"
# Who then goes back further leaves two.
cp -a "$st" "$work/two"
run 0 "a rollback after it" rollback --dir "$work/two" -q
check "... goes further back" same_tree "$work/two" "$work/v2"
update 71 "what failed comes back by no rollback" "$work/two" --lang en
says "what failed comes back by no rollback" "failed the health check"

# A setting of the station, in the INI that no release can write.
printf '[ErpSync]\r\nHealthCheck=echo run >>checked; exit 9\r\n' \
	>"$st/.erpsync/station.ini"
update 71 "the check of station.ini" "$st" --force --lang en
says "the check of station.ini" "exit code 9"
check "it ran in the folder" [ -s "$st/checked" ]
rm "$st/checked"
chmod 666 "$st/.erpsync/station.ini"
run 64 "others can write it" check --dir "$st" --server "127.0.0.1:$PORT" \
	--os linux --force --lang en -q
says "... which is told in any case" 'station.ini: is another user'
chmod 600 "$st/.erpsync/station.ini"
update 71 "the option wins" "$st" --force --lang en --health-check 'exit 4'
says "the option wins" "exit code 4"
update 0 "a check that passes" "$st" --force \
	--health-check "'$erpsync' verify -q --dir ."
rm "$st/.erpsync/station.ini"
check "v4 is exact" same_tree "$st" "$work/v4"

# What the release brought is not believed.
cp -a "$work/v4" "$work/trap"
printf '[ErpSync]\r\nHealthCheck=touch "%s"; exit 1\r\n' "$work/sprung" \
	>"$work/trap/smartclient.ini"
publish "$work/trap" now
update 0 "a release with an INI" "$st"
echo more >"$work/trap/more.txt"
publish "$work/trap" now
run 0 "the check that it brought is ignored" update --dir "$st" --yes \
	--server "127.0.0.1:$PORT" --lang en
says "the check that it brought is ignored" "a release may have brought"
check "... and not run" [ ! -e "$work/sprung" ]
# Nor when a later release has it no more, nor after a lost record.
mv "$work/trap/smartclient.ini" "$work/trap.ini"
publish "$work/trap" now
update 0 "a release without the INI" "$st"
check "... which stays" [ -e "$st/smartclient.ini" ]
echo yet more >"$work/trap/more.txt"
publish "$work/trap" now
update 0 "the INI of the release before" "$st"
mv "$st/.erpsync" "$work/lost"
echo and more >"$work/trap/more.txt"
publish "$work/trap" now
update 0 "the INI, all records lost" "$st"
check "... was never believed" [ ! -e "$work/sprung" ]
rm "$st/smartclient.ini"
mv "$work/trap.ini" "$work/trap/smartclient.ini"
publish "$work/trap" now
update 0 "the INI is back" "$st"

# Killed, or stopped, while it is checked: it does not pass for checked.
# Each begins with v4, or what is given, and an update that comes to its check.
checking() {
	rm -rf "$work/un" "$work/checking"
	cp -a "${1:-$work/v4}" "$work/un"
	"$erpsync" update --dir "$work/un" --server "127.0.0.1:$PORT" \
		--os linux --yes -q --health-check \
		"echo \$\$ >'$work/checking'; exec sleep 60" \
		2>"$work/err" </dev/null &
	updater=$!
	soon test -s "$work/checking"
}
checking
kill -9 "$updater" "$(cat "$work/checking")"
wait "$updater" 2>/dev/null
check "killed in the check: the new release is there" \
	[ -e "$work/un/more.txt" ]
run 0 "a look believes it" verify --dir "$work/un"
update 71 "the next update checks it, and refuses it" "$work/un" --lang en \
	--health-check 'exit 3'
check "... the old release is back" [ ! -e "$work/un/more.txt" ]
check "... and the mark is gone" [ ! -e "$work/un/.erpsync/unchecked" ]
# A first install too: only what its check refuses does not come again.
mkdir "$work/nothing"
for verdict in 0 3; do
	checking "$work/nothing"
	kill -9 "$updater" "$(cat "$work/checking")"
	wait "$updater" 2>/dev/null
	update $((verdict == 0 ? 0 : 71)) "a first install, check $verdict" \
		"$work/un" --health-check "exit $verdict"
	check "... the mark is gone" [ ! -e "$work/un/.erpsync/unchecked" ]
	check "... is there if it passed" [ $verdict = 0 -o ! -e "$work/un/more.txt" ]
done
check "... else nothing but ours is" [ "$(ls -A "$work/un")" = .erpsync ]
checking
kill -TERM "$updater"
code=0
wait "$updater" || code=$?
check "a signal in the check is 20, not $code" [ $code = 20 ]
check "... and ends the check" \
	eval '! kill -0 "$(cat "$work/checking")" 2>/dev/null'
# So does that of a program's start, which then starts nothing.
for sig in INT TERM; do
	rm -rf "$work/unrun" "$work/checking"
	cp -a "$work/v4" "$work/unrun"
	env --default-signal=INT "$erpsync" run --dir "$work/unrun" \
		--server "127.0.0.1:$PORT" --os linux --yes -q --health-check \
		"echo \$\$ >'$work/checking'; exec sleep 60" -- \
		/bin/sh -c "touch '$work/begun'" 2>"$work/err" </dev/null &
	updater=$!
	soon test -s "$work/checking"
	kill -$sig "$updater"
	code=0
	wait "$updater" || code=$?
	check "$sig in the check of a start is 20, not $code" [ $code = 20 ]
	check "... and ends the check" \
		eval '! kill -0 "$(cat "$work/checking")" 2>/dev/null'
	check "... and starts nothing" [ ! -e "$work/begun" ]
done
# What a shell has ignored for its background stays ignored: an interrupt too.
rm -rf "$work/ign" "$work/checking"
cp -a "$work/v4" "$work/ign"
(
	trap '' INT
	exec "$erpsync" run --dir "$work/ign" --server "127.0.0.1:$PORT" \
		--os linux --yes -q --health-check \
		"echo \$\$ >'$work/checking'; sleep 1" -- \
		/bin/sh -c 'kill -INT $$; echo "still here"'
) >"$work/out" 2>"$work/err" </dev/null &
updater=$!
soon test -s "$work/checking"
kill -INT "$updater"
code=0
wait "$updater" || code=$?
check "an ignored interrupt ends nothing, not $code" [ $code = 0 ]
check "... nor the program that is started" grep -q "still here" "$work/out"
check "... and the update is there" [ -e "$work/ign/more.txt" ]
update 0 "the next update checks it, and keeps it" "$work/un" \
	--health-check true
check "... it is there" [ -e "$work/un/more.txt" ]
check "... without a mark" [ ! -e "$work/un/.erpsync/unchecked" ]

# Going back is not undone by the next update.
run 0 "a rollback" rollback --dir "$work/un" -q
update 71 "what was left does not come again" "$work/un" --lang en
says "what was left does not come again" "was taken back on this station"
check "... the old release is there" [ ! -e "$work/un/more.txt" ]
update 0 "but with --force" "$work/un" --force
check "... it does" [ -e "$work/un/more.txt" ]

# Deletions.
cp -a "$work/trap" "$work/less"
find "$work/less/res" "$work/less/lang" -type f -delete
cp -a "$st" "$work/full"
publish "$work/less" now
preview 64 "a check of a release without most files" "$st" --delete --lang en
check "... says that it would be refused" \
	grep -q '"refusal": "files that would be deleted: [0-9]* of [0-9]*,' "$work/out"
preview 64 "... itemized" "$st" --delete --lang en --format itemize
says "... itemized" "An update would be refused."
says "... itemized" "--max-delete="
preview 64 "... but for a limit of one's own" "$st" --delete \
	--max-delete=100
check "... says so" grep -q '"refusal": null' "$work/out"
update 25 "a release without most files" "$st" --delete --lang en
says "a release without most files" "--max-delete="
untouched "a release without most files" "$st" "$work/full"
update 25 "a limit of one's own" "$st" --delete --max-delete=5
update 0 "allowed" "$work/full" --delete --max-delete=100
check "the files are gone" [ ! -e "$work/full/lang/text_1.txt" ]
update 0 "without --delete nothing goes" "$st"
check "the files are there" [ -e "$st/lang/text_1.txt" ]

finish
