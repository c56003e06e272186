#!/bin/sh
# What a disk cannot hold: a station on exFAT by FUSE (no modes, coarse times,
# times only both at once) and behind bindfs (chmod denied or ignored).
. "$(dirname "$0")/lib.sh"

mkdir "$work/v1" "$work/v2" "$work/back"
for v in 1 2; do
	echo "f $v" >"$work/v$v/changed"
	echo same >"$work/v$v/same"
	touch -d "2024-05-05 05:05:0$v.345678912" "$work/v$v/same"
	printf '#!/bin/sh\necho started %s\n' $v >"$work/v$v/prog"
	chmod 755 "$work/v$v/prog"
	touch -d "2024-05-0$v 05:05:05.5" "$work/v$v/changed" "$work/v$v/prog"
done
cp -a "$work/v1/." "$update"
write_ini
start_server
check "the server offers v1" offers "$work/v1"

# on NAME DIR: an update, then repeats that are none.
on() {
	st=$2
	publish "$work/v1" now
	update 0 "$1: first" "$st" --lang en
	publish "$work/v2" now
	update 0 "$1: update" "$st" --lang en
	[ "$1" = "chmod ignored, no exec bit" ] ||
		check "$1: the program can run" [ -x "$st/prog" ]
	check "$1: v2 is there" cmp -s "$work/v2/changed" "$st/changed"
	kept=$(backups "$st")
	for i in 1 2 3 4; do
		update 0 "$1: repeat $i" "$st" --lang en
		check "$1: repeat $i is silent" \
			[ "$(grep -c Warning "$work/err")" = 0 ]
	done
	check "$1: repeats make no backup" [ "$(backups "$st")" = "$kept" ]
	run 0 "$1: check has nothing to do" check --dir "$st" \
		--server "127.0.0.1:$PORT" --os linux --lang en
	run 0 "$1: verify" verify --dir "$st" --lang en
	run 0 "$1: rollback" rollback --dir "$st" -q
	check "$1: v1 is back" cmp -s "$work/v1/changed" "$st/changed"
	[ "$1" = "chmod ignored, no exec bit" ] ||
		check "$1: the program of v1 can run" [ -x "$st/prog" ]
}

m=$work/m
mkdir "$m"
# shellcheck disable=SC2086 # options
bound() {
	name=$1
	shift
	rm -rf "$work/back"
	mkdir -p "$work/back/st"
	if bindfs "$@" "$work/back" "$m" 2>"$work/err"; then
		on "$name" "$m/st"
		umount "$m" || fusermount -u "$m"
	else
		skip "$name: $(head -n 1 "$work/err")"
	fi
}
if command -v bindfs >/dev/null; then
	bound "chmod denied" --chmod-deny -p 0755
	bound "chmod ignored, no exec bit" --chmod-ignore -p 0644,a+X
	bound "chmod ignored" --chmod-ignore
	# Where nothing can be removed, what is left there stays as it is.
	rm -rf "$work/back"
	mkdir -p "$work/back/st"
	if bindfs --delete-deny "$work/back" "$m" 2>"$work/err"; then
		st=$m/st
		publish "$work/v1" now
		for i in 1 2; do
			update 11 "deletion denied: first $i" "$st" --lang en
			says "deletion denied: first $i" "lets nothing be removed"
			find "$st" -type f ! -name lock >"$work/left"
			check "deletion denied: nothing came, and little stays" \
				test "$(cat "$work/left")" = "$st/.erpsync/modes.new"
		done
		run 1 "deletion denied: what is there starts" run --dir "$st" \
			--os linux --yes -q --server "127.0.0.1:$PORT" -- /bin/false
		umount "$m" || fusermount -u "$m"
		# And of a folder that was kept up to date before.
		rm "$work/back/st/.erpsync/modes.new"
		update 0 "deletion allowed" "$work/back/st"
		bindfs --delete-deny "$work/back" "$m"
		mkdir "$st/.erpsync/tmp.0000000000000abc"
		kept=$(find "$st/.erpsync" | sort)
		publish "$work/v2" now
		for i in 1 2 3; do
			update 11 "deletion denied: $i" "$st" --lang en
		done
		rm -f "$work/back/st/.erpsync/modes.new"
		check "deletion denied: nothing more is left" \
			[ "$(find "$st/.erpsync" | sort)" = "$kept" ]
		umount "$m" || fusermount -u "$m"
	else
		skip "deletion denied: $(head -n 1 "$work/err")"
	fi
else
	skip "chmod denied: no bindfs"
fi

truncate -s 64M "$work/img"
if ! command -v mkfs.exfat mount.exfat-fuse >/dev/null; then
	skip "exFAT: no mkfs.exfat or mount.exfat-fuse"
elif ! mkfs.exfat "$work/img" >/dev/null 2>&1 ||
	! loop=$(losetup -f --show "$work/img" 2>"$work/err") ||
	! mount.exfat-fuse -o umask=022 "$loop" "$m" >/dev/null 2>"$work/err"; then
	[ -z "${loop:-}" ] || losetup -d "$loop"
	skip "exFAT: $(head -n 1 "$work/err")"
else
	mkdir "$m/st"
	on exFAT "$m/st"
	cp -a "$work/v2" "$work/v3"
	ln -s changed "$work/v3/link"
	publish "$work/v3" now
	preview 64 "exFAT: a check of a link" "$st"
	check "exFAT: foretells it" grep -q \
		'"refusal": "link: this disk has no symbolic links' "$work/out"
	update 11 "exFAT: a link" "$st" --lang en
	check "exFAT: a link is named, and why" \
		grep -q 'link: this disk has no symbolic links' "$work/err"
	update 0 "exFAT: left out, all is well" "$st" --exclude link
	stop_server
	umount "$m"
	losetup -d "$loop"
fi
finish
