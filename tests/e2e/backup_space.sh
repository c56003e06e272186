#!/bin/sh
# backup_space.sh DIR: what three backups of a real folder cost. Three updates,
# each of which changes every twentieth file; prints du after each.
folder=$(realpath "${1:?usage: backup_space.sh DIR}") || exit 1
. "$(dirname "$0")/lib.sh"

cp -aL "$folder" "$work/v0" 2>/dev/null
find "$work/v0" ! -type f ! -type d -delete
st=$work/st
cp -a "$work/v0" "$st"
cp -a "$work/v0/." "$update"
write_ini
start_server
offers "$work/v0"
mib() {
	du -sm "$@" | awk '{ n += $1 } END { print n + 0 }'
}
echo "the folder: $(mib "$st") MiB, $(find "$st" -type f | wc -l) files"
for v in 1 2 3; do
	cp -a "$work/v$((v - 1))" "$work/v$v"
	(cd "$work/v$v" && find . -type f | sort | awk "NR % 20 == $v") |
		while read -r name; do
			echo "version $v" >>"$work/v$v/$name"
		done
	publish "$work/v$v" now
	before=$(mib "$st")
	update 0 "to v$v" "$st"
	echo "after update $v: $(mib "$st") MiB with its backups," \
		"$(($(mib "$st") - before)) MiB more"
done
run 0 "they verify" verify --dir "$st" --backups -q
finish
