#!/bin/sh
# v0 -> v1 ... -> v5: the backups 001, 002, 003 are v2, v3, v4. Then back.
. "$(dirname "$0")/lib.sh"

for v in 0 1 2 3 4 5; do
	make_tree "$work/v$v" $v
done
cp -a "$work/v0/." "$update"
write_ini
start_server
check "the server offers v0" offers "$work/v0"
st=$work/st
cp -a "$work/v0" "$st"

# The first two times the server has to notice by itself.
hup=
kept=
for v in 1 2 3 4 5; do
	[ $v -le 2 ] || hup=now
	publish "$work/v$v" $hup
	update 0 "update to v$v" "$st"
	check "v$v is exact" same_tree "$st" "$work/v$v"
	check "v$v: nothing unfinished" no_leftovers "$st"
	[ $v -gt 3 ] || kept="${kept}00$v "
	check "after v$v there are: $kept" [ "$(backups "$st")" = "$kept" ]
	run 0 "verify v$v" verify --dir "$st"
done
check "001 is v2" same_tree "$st/bkp_remote.001" "$work/v2"
check "002 is v3" same_tree "$st/bkp_remote.002" "$work/v3"
check "003 is v4" same_tree "$st/bkp_remote.003" "$work/v4"

# Modes to the bit: the station's own files keep theirs in the backup.
modes() {
	(cd "$1" && find . \( -path ./.erpsync -o -path './bkp_remote.*' \) \
		-prune -o -type f -printf '%P %m\n' | sort)
}
modes "$work/v4" >"$work/modes.a"
modes "$st/bkp_remote.003" >"$work/modes.b"
check "003 has the modes of v4" diff "$work/modes.a" "$work/modes.b"

# An INI edited on the station is part of its backup, and a backup does not
# change with the live file.
printf 'edited here\n' >>"$st/smartclient.ini"
printf 'more\n' >>"$st/bkp_remote.003/../lang/text_1.txt"
check "an edited live file leaves its backups" \
	same_tree "$st/bkp_remote.003" "$work/v4"
cp -a "$st" "$work/edited"
publish "$work/v4" now
update 0 "back to v4 by an update" "$st"
rm -f "$st/added/in_5.txt"
check "... is exact" same_tree "$st" "$work/v4"
check "003 has the edited files" same_tree "$st/bkp_remote.003" "$work/edited"
check "001 is v3" same_tree "$st/bkp_remote.001" "$work/v3"
check "002 is v4" same_tree "$st/bkp_remote.002" "$work/v4"
run 0 "recover finds nothing" recover --dir "$st" --lang en
check "... and says so" grep -q "Nothing to recover" "$work/out"

# Rollback: the newest, then a given one; each can be taken back.
cp -a "$work/v0" "$work/back"
for v in 1 2 3; do
	publish "$work/v$v" now
	update 0 "again to v$v" "$work/back"
done
run 0 "rollback" rollback --dir "$work/back" --lang en
check "it tells that v3 does not come back by itself" \
	grep -q "left is installed again only with --force" "$work/out"
check "rollback is exact: v2" same_tree "$work/back" "$work/v2"
check "the folder before it is the newest backup" \
	same_tree "$work/back/bkp_remote.003" "$work/v3"
check "rollback: nothing unfinished" no_leftovers "$work/back"
run 0 "a rollback to what is there" rollback --dir "$work/back" --to 002 \
	--lang en
says "a rollback to what is there" "nothing was changed"
check "... and not that it was brought back" eval \
	'! grep -q "brought back" "$work/out"'
run 0 "rollback of the rollback" rollback --dir "$work/back" -q
check "is exact: v3" same_tree "$work/back" "$work/v3"
# Now 001 = v2, 002 = v3, 003 = v2: what was v0 and v1 has fallen out.
check "001 is v2 then" same_tree "$work/back/bkp_remote.001" "$work/v2"
check "002 is v3 then" same_tree "$work/back/bkp_remote.002" "$work/v3"
run 0 "rollback --to 001" rollback --dir "$work/back" --to 001 -q
check "is exact: v2" same_tree "$work/back" "$work/v2"
check "003 is v3 then" same_tree "$work/back/bkp_remote.003" "$work/v3"
run 0 "verify after a rollback" verify --dir "$work/back" -q
update 0 "an update after a rollback" "$work/back" --force
check "is exact: v3" same_tree "$work/back" "$work/v3"
run 1 "there is no backup 004" rollback --dir "$work/back" --to 004
mkdir "$work/none"
run 11 "rollback without a backup" rollback --dir "$work/none"

# Verify sees what is different.
printf 'x' >>"$work/back/lang/text_2.txt"
rm "$work/back/res/icons/icon_1.png"
run 23 "verify finds differences" verify --dir "$work/back" --lang en
check "... and names one" grep -qF "lang/text_2.txt" "$work/out"
check "... and the other" grep -qF "res/icons/icon_1.png" "$work/out"
run 0 "verify leaves alone what it is told" verify --dir "$work/back" -q \
	--exclude text_2.txt --exclude 'res/icons/*_1.png'
run 23 "... and nothing else" verify --dir "$work/back" --lang en \
	--exclude text_2.txt
check "... by name" [ "$(cat "$work/out")" = \
	"res/icons/icon_1.png: missing" ]
# So does what the station's own INI files say of updates.
printf '[ErpSync]\nExclude=text_2.txt\n' >"$work/back/.erpsync/station.ini"
run 23 "verify leaves alone what station.ini says" \
	verify --dir "$work/back" --lang en
check "... and nothing else" [ "$(cat "$work/out")" = \
	"res/icons/icon_1.png: missing" ]
says "... which it tells" \
	'.erpsync/station.ini: not verified by its Exclude: text_2.txt'
run 0 "... with what it is told" verify --dir "$work/back" -q \
	--exclude 'res/icons/*_1.png'
cp "$work/back/smartclient.ini" "$work/smartclient.ini"
printf '\n[ErpSync]\nExclude=res/icons/icon_1.png,smartclient.ini\n' \
	>>"$work/back/smartclient.ini"
run 0 "verify leaves alone what smartclient.ini says" \
	verify --dir "$work/back" --lang en
says "... which it tells" \
	'not verified by its Exclude: res/icons/icon_1.png, smartclient.ini'
check "... and does not call it all" \
	grep -q 'but for what Exclude leaves alone' "$work/out"
run 0 "... as it does when quiet" verify --dir "$work/back" -q --lang en
says "... when quiet" \
	'not verified by its Exclude: res/icons/icon_1.png, smartclient.ini'
check "... but not of the private file" eval \
	'! grep -q station.ini "$work/out" "$work/err"'
echo Timeout=long >>"$work/back/smartclient.ini"
run 0 "verify, though another row is wrong" \
	verify --dir "$work/back" -q --lang en
says "... tells what is left alone" \
	'not verified by its Exclude: res/icons/icon_1.png, smartclient.ini'
cp "$work/smartclient.ini" "$work/back/smartclient.ini"
printf '\n[ErpSync]\nExclude=icon_1.png,%s\n' \
	"$(seq -s , -f 'pattern-number-%03g-of-many.txt' 100)" \
	>>"$work/back/smartclient.ini"
run 23 "verify with a long list" verify --dir "$work/back" --lang pt
check "... shows whole ones, and how many more" grep -qE \
	'Exclude: icon_1.png, (pattern-number-...-of-many.txt, )+\.\.\. \(\+[0-9]+\)$' \
	"$work/err"
cp "$work/smartclient.ini" "$work/back/smartclient.ini"
printf '\n[ErpSync]\nExclude=**\n' >>"$work/back/smartclient.ini"
run 0 "verify of nothing" verify --dir "$work/back" -q --lang en
says "verify of nothing" 'smartclient.ini: not verified by its Exclude: **'
mv "$work/smartclient.ini" "$work/back/smartclient.ini"
rm "$work/back/.erpsync/station.ini"
run 1 "verify: a pattern of nothing" verify --dir "$work/back" --exclude ''
says "verify: a pattern of nothing" "--exclude"
update 0 "an update repairs them" "$work/back"
check "... exactly" same_tree "$work/back" "$work/v3"

# History, and backups that are no longer what they were.
run 0 "history" history --dir "$work/back" --lang en
check "history has three good ones" [ "$(grep -c 'yes$' "$work/out")" = 3 ]
run 0 "history as JSON" history --dir "$work/back" --format json
check "... is JSON" python3 -m json.tool "$work/out" /dev/null
run 0 "history as CSV" history --dir "$work/back" --format csv
check "... has four lines" [ "$(wc -l <"$work/out")" = 4 ]
run 0 "verify with backups" verify --dir "$work/back" --backups -q
printf 'x' >>"$work/back/bkp_remote.002/lang/text_1.txt"
run 23 "history finds a damaged backup" history --dir "$work/back" --lang en
check "... and names it" grep -q '^bkp_remote.002 .* no$' "$work/out"
run 23 "verify finds it too" verify --dir "$work/back" --backups --lang en
check "... and names the file" \
	grep -q '^bkp_remote.002/lang/text_1.txt: of another size' "$work/out"
run 0 "... only when asked" verify --dir "$work/back" -q

# All of a backup: what was edited, removed and added since is undone too.
cp -a "$work/back" "$work/all"
cp -a "$work/all/bkp_remote.003" "$work/wanted"
printf 'edited\n' >>"$work/all/smartclient.ini"
rm "$work/all/docs/current"
mkdir "$work/all/mine"
echo mine >"$work/all/mine/notes.txt"
cp -a "$work/all" "$work/mine"
run 0 "rollback of all" rollback --dir "$work/all" --all -q
check "... is the backup" same_tree "$work/all" "$work/wanted"
run 0 "and back" rollback --dir "$work/all" --all -q
check "... to what was there" same_tree "$work/all" "$work/mine"
run 0 "the plain one leaves what is the user's" rollback --dir "$work/mine" -q
check "... an INI" grep -q edited "$work/mine/smartclient.ini"
check "... and an added file" [ -e "$work/mine/mine/notes.txt" ]

# A program written to in place damages the backups that link it: that is no
# work of the user to be left alone. What was replaced is.
cp -a "$work/back" "$work/mended"
for dir in back mended; do
	program=$work/$dir/libs/libplain.so
	links=$(stat -c %h "$program")
	if [ $dir = mended ]; then
		cp "$program" "$work/own"
		mv "$work/own" "$program"
	fi
	echo zz >>"$program"
	cp -a "$work/$dir" "$work/$dir.before"
	if [ $dir = back ] && [ "$links" -gt 1 ]; then
		for all in '' --all; do
			# shellcheck disable=SC2086 # an option or none
			run 68 "rollback $all of damage" rollback \
				--dir "$work/$dir" --to 003 $all --lang en
			says "rollback $all of damage" \
				"bkp_remote.003/libs/libplain.so"
			says "rollback $all of damage" "the backup is damaged"
			says "rollback $all of damage" "Bring back another one"
			check "rollback $all of damage changes nothing" \
				same_tree "$work/$dir" "$work/$dir.before"
			check "... and leaves nothing" no_leftovers "$work/$dir"
		done
	else
		run 0 "rollback beside a program of the user" rollback \
			--dir "$work/$dir" --to 003 -q
		check "... leaves it" cmp "$program" \
			"$work/$dir.before/libs/libplain.so"
	fi
done

# What a release brought leaves out no smartclient.ini, as in updates.
printf '[ErpSync]\nExclude=*.ini\n' >"$update/smartclient.ini"
printf '[a]\n' >"$update/other.ini"
reload published
mkdir "$work/brought"
update 0 "a release that leaves out INI files" "$work/brought"
echo x >>"$work/brought/other.ini"
run 0 "verify leaves them alone" verify --dir "$work/brought" -q
echo x >>"$work/brought/smartclient.ini"
run 23 "... but the one that says so" verify --dir "$work/brought" --lang en
check "... by name" [ "$(cat "$work/out")" = \
	"smartclient.ini: of another size" ]
finish
