#!/bin/sh
# folding.sh: a station whose disk takes README.txt and Readme.TXT for one
# name (exFAT by FUSE), beside one on a disk where they are two. Ends with
# "N passed, M failed".
. "$(dirname "$0")/lib.sh"

m=$work/m
st=$m/st
mkdir "$m" "$work/1" "$work/2"

# Why there is no exFAT at $m, or nothing.
mount_exfat() {
	command -v mkfs.exfat >/dev/null && command -v mount.exfat-fuse >/dev/null ||
		echo "no exFAT by FUSE here"
	[ "$(id -u)" = 0 ] || echo "only root can mount"
	truncate -s 64M "$work/disk"
	mkfs.exfat "$work/disk" >/dev/null 2>&1 || echo "no disk can be made"
	losetup -f --show "$work/disk" >"$work/loop" 2>/dev/null ||
		echo "no loop device"
	mount.exfat-fuse -o umask=022 "$(cat "$work/loop")" "$m" 2>&1 >/dev/null |
		grep -iv '^FUSE\|^WARN' | head -n 1
}

# names DIR: all that is in it, but for our own.
names() {
	(cd "$1" && find . -mindepth 1 ! -path './.erpsync*' \
		! -path './bkp_remote*' | LC_ALL=C sort | tr '\n' ' ')
}

# sums DIR: of all files, whatever their names' case.
sums() {
	(cd "$1" && find . -type f ! -path './.erpsync*' \
		! -path './bkp_remote*' ! -iname user.txt -exec cksum {} +) |
		tr '[:upper:]' '[:lower:]' | sort -k 3
}

alike() {
	sums "$1" >"$work/one"
	sums "$2" >"$work/other"
	diff "$work/one" "$work/other" >"$work/detail"
}

# foretold TEXT ARGS...: a dry run lists what the update then does.
foretold() {
	what=$1
	shift
	run 64 "$what, in a dry run" update -n -i --lang en "$@"
	cp "$work/out" "$work/dry"
	run 0 "$what" update -i --lang en "$@"
	check "$what, as the dry run said" cmp "$work/dry" "$work/out"
}

# --- two releases, with names in another case -----------------------------------
mkdir -p "$work/1/lib/sub" "$work/2/LIB/Sub"
head -c 300000 /dev/urandom >"$work/1/lib/core.so"
{
	head -c 150000 "$work/1/lib/core.so"
	echo a few bytes
	tail -c 150000 "$work/1/lib/core.so"
} >"$work/2/LIB/Core.so"
echo "read me" | tee "$work/1/Readme.TXT" >"$work/2/README.TXT"
echo sub | tee "$work/1/lib/sub/s.so" >"$work/2/LIB/Sub/s.so"
echo going >"$work/1/lib/gone.so"
echo new >"$work/2/LIB/new.so"
echo 1 >"$work/1/app"
echo 2 >"$work/2/app"
find "$work/1" -type f -exec touch -d 2024-01-02 {} +
find "$work/2" -type f -exec touch -d 2024-02-04 {} +
cp -a "$work/1/." "$update"
write_ini
start_server
check "release 1 is offered" offers "$work/1"
server="--server 127.0.0.1:$PORT --os linux --yes"

# station DIR: as somebody left it, with names of its own.
station() {
	mkdir -p "$1/Lib"
	echo mine >"$1/README.txt"
	echo user >"$1/Lib/user.txt"
}

# --- where case counts ------------------------------------------------------------
station "$work/two"
update 0 "where case counts, release 1" "$work/two"
check "the names are two" test "$(names "$work/two")" = \
	"./Lib ./Lib/user.txt ./README.txt ./Readme.TXT ./app ./lib ./lib/core.so ./lib/gone.so ./lib/sub ./lib/sub/s.so "
check "the user's file is the user's" grep -q mine "$work/two/README.txt"

why=$(mount_exfat | head -n 1)
trap 'umount "$m" 2>/dev/null; losetup -d "$(cat "$work/loop")" 2>/dev/null; clean_up' EXIT
[ -z "$why" ] || {
	skip "$why"
	finish
}

# --- where it does not --------------------------------------------------------------
station "$st"
# shellcheck disable=SC2086 # options
foretold "release 1" --dir "$st" $server
check "files keep the folder's names" test "$(names "$st")" = \
	"./Lib ./Lib/core.so ./Lib/gone.so ./Lib/sub ./Lib/sub/s.so ./Lib/user.txt ./README.txt ./app "
check "they have the release's bytes" alike "$st" "$update"
check "the user's are in the backup" grep -q mine "$st/bkp_remote.001/README.txt"
run 0 "it is what was installed" verify --dir "$st" --lang en
update 0 "again" "$st"
check "that makes no backup" test ! -e "$st/bkp_remote.002"

cp -a "$st" "$m/left"
publish "$work/2" now
preview 64 "what release 2 takes" "$st"
check "a renamed file is the basis" test "$(wire_bytes)" -lt 40000
# shellcheck disable=SC2086 # options
foretold "release 2" --dir "$st" --delete $server
check "names stay, one comes, one goes" test "$(names "$st")" = \
	"./Lib ./Lib/core.so ./Lib/new.so ./Lib/sub ./Lib/sub/s.so ./Lib/user.txt ./README.txt ./app "
check "they have the bytes of release 2" alike "$st" "$update"
run 0 "it is what was installed then" verify --dir "$st" --lang en
run 0 "the backups are whole" verify --dir "$st" --backups --lang en
update 0 "and again" "$st"
check "that makes no backup either" test ! -e "$st/bkp_remote.003"

# Somebody changes the case of a file and a folder by hand.
mv "$st/app" "$st/x" && mv "$st/x" "$st/APP"
mv "$st/Lib" "$st/x" && mv "$st/x" "$st/LIB"
update 0 "after a rename of case" "$st"
check "that is no update" test ! -e "$st/bkp_remote.003"
run 0 "back to release 1" rollback --dir "$st" -q
check "under the names of now" test "$(names "$st")" = \
	"./APP ./LIB ./LIB/core.so ./LIB/gone.so ./LIB/sub ./LIB/sub/s.so ./LIB/user.txt ./README.txt "
check "with the bytes of release 1" alike "$st" "$work/1"
run 0 "and that is installed" verify --dir "$st" --lang en

# --- left out under either name ----------------------------------------------------
# left_out NAME: of a station on release 1.
left_out() {
	rm -rf "$st"
	cp -a "$m/left" "$st"
	update 0 "without $1" "$st" --exclude "$1"
	check "without $1, one README" test "$(ls "$st" | grep -ci readme)" = 1
}
for name in LIB/Core.so Lib/core.so LIB Lib; do
	left_out $name
	check "without $name it stays" cmp "$work/1/lib/core.so" "$st/Lib/core.so"
done
left_out lib/CORE.SO # a third spelling names nothing
check "it is new" cmp "$work/2/LIB/Core.so" "$st/Lib/core.so"
finish
