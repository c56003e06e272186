#!/bin/sh
# Names and rights as a person with Windows expects them, under wine: deep
# folders, accents, upper and lower case, what is read-only, names that other
# programs cannot open, a folder of ours that another user has made.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_windows.sh"

st=$work/st
deep=
for i in 1 2 3 4 5 6 7 8; do
	deep=$deep/0000000000000000000000000000000000000000$i
done
# release TEXT: what the server publishes.
release() {
	rm -rf "${update:?}"/*
	mkdir -p "$update$deep" "$update/ação"
	echo "$1" >"$update$deep/deep.txt"
	echo "$1" >"$update/ação/estação 😀.txt"
	echo "$1 but longer" >"$update/Readme.TXT"
	echo "$1 but longer" >"$update/read-only.ini"
}
release the-new-one
mkdir -p "$st/AÇÃO"
echo old >"$st/README.txt"
echo old >"$st/Read-Only.INI"
echo old >"$st/AÇÃO/Estação 😀.TXT"
for name in con aux.txt 'dot.' 'blank '; do
	echo mine >"$st/$name"
done
chmod a-w "$st/Read-Only.INI"
cp -a "$st" "$work/before"
own "$st"
windows_ini
start_server
check "the server has a release for Windows" logged "windows: published"

# has_released: each content under the folder's own spelling.
has_released() {
	cmp "$update$deep/deep.txt" "$st$deep/deep.txt" &&
		cmp "$update/ação/estação 😀.txt" "$st/AÇÃO/Estação 😀.TXT" &&
		cmp "$update/Readme.TXT" "$st/README.txt" &&
		cmp "$update/read-only.ini" "$st/Read-Only.INI"
}
is_read_only() {
	test -n "$(find "$st/Read-Only.INI" ! -perm /222)"
}
# names DIR: those at its top that are not ours.
names() {
	(cd "$1" && find . -maxdepth 1 ! -name .erpsync ! -name 'bkp_remote.*' |
		LC_ALL=C sort)
}
update_of 0 "an update" "$st"
check "all of the release is there" has_released
check "a path of ${#deep} characters is there" test -e "$st$deep/deep.txt"
check "there is one README, one read-only.ini, and what was the user's" \
	test "$(names "$st" | grep -v 0000)" = "$(names "$work/before")"
check "what was read-only is so" is_read_only
check "the backup has the old ones" \
	same_but_ours "$work/before" "$st/bkp_remote.001"
station 0 "verify" verify --dir "Z:$st" --backups
update_of 0 "a second update" "$st"
check "finds nothing" has "No update needed."

# Another spelling is another name nowhere on Windows.
mv "$update/Readme.TXT" "$update/README.TXT"
check "the other spelling is published" reload published
update_of 0 "an update to another spelling" "$st"
check "is none" has "No update needed."
check "and the folder keeps its own" test -e "$st/README.txt"

release the-one-after
check "the newer release is published" reload published
update_of 0 "an update of what is read-only" "$st"
check "all of the newer release is there" has_released
check "what was read-only is so still" is_read_only
station 0 "rollback" rollback --dir "Z:$st" --to 001
rm -rf "$st/0000"*
check "all is as before" same_but_ours "$work/before" "$st"
check "also what was read-only" is_read_only

# Whatever its spelling, what is ours is no client folder, nor is a drive; and
# from within a client folder another one is another one.
station 1 "our own folder" update --yes --dir "Z:$st/.ERPSYNC" \
	--server "127.0.0.1:$PORT"
check "is known in any case" has "is erpsync's own or a backup"
station 1 "a drive" update --yes --dir 'C:\' --server "127.0.0.1:$PORT"
check "is told as that" has "is the root of"
mkdir "$work/other"
own "$work/other"
cd "$st" || exit 1
update_of 0 "another folder, from within this one" "$work/other" -q
check "has the release" test -e "$work/other/read-only.ini"
cd "$work" || exit 1

# A name that the server leaves out later stays under any spelling of it.
mv "$work/other/Readme.TXT" "$work/other/README.txt"
rm "$update/read-only.ini"
windows_ini 'Exclude=Readme.TXT'
check "another release" reload published
update_of 0 "an update that deletes" "$work/other" -q --delete
check "leaves what is left out" test -e "$work/other/README.txt"
check "and not what left the release" test ! -e "$work/other/read-only.ini"

# What another user has planted is not believed.
if [ "$(id -u)" -eq 0 ]; then
	chown root "$st/.erpsync"
	chmod 777 "$st/.erpsync"
	update_of 11 "a folder that another user keeps" "$st"
	check "is refused" has "is kept up to date by another user"
	check "and left as it is" same_but_ours "$work/before" "$st"
else
	skip "not root: a folder of another user"
fi
finish
