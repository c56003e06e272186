# files.sh: tools that work on single files, run on the changed files of a
# pair. They get for nothing what the others have to find out: which files
# changed and from what; folders, dates and new names are not in their bytes.
# shellcheck shell=sh disable=SC2154

# zstd's window must hold the basis.
window() {
	awk -v n="$(stat -c %s "$1")" -v m="$(stat -c %s "$2")" 'BEGIN {
		n = n > m ? n : m; w = 20
		while (2 ^ w < n) w++
		print w < 31 ? w : 31
	}'
}

# add BYTES: what was just timed made these bytes at the server.
add_make() {
	bytes=$((bytes + $1))
	make_wall=$(plus "$make_wall" "$wall")
	make_cpu=$(plus "$make_cpu" "$cpu")
	[ "$rss" -lt "$make_rss" ] || make_rss=$rss
}

add_apply() {
	apply_wall=$(plus "$apply_wall" "$wall")
	apply_cpu=$(plus "$apply_cpu" "$cpu")
	[ "$rss" -lt "$apply_rss" ] || apply_rss=$rss
}

size() {
	stat -c %s "$1"
}

# packed FILE TO: what zstd -19 makes of it.
packed() {
	must zstd -19 -q -f "--long=$(window "$1" "$1")" "$1" -o "$2"
	add_make "$(size "$2")"
}

# one_file TOOL BASIS TARGET: adds to bytes, make_ and apply_ figures.
one_file() {
	p=$work/patch
	rm -f "$p" "$p".*
	case $1 in
	'xdelta3 -9')
		must xdelta3 -9 -e -f -B 536870912 -s "$2" "$3" "$p"
		add_make "$(size "$p")"
		must xdelta3 -d -f -B 536870912 -s "$2" "$p" "$p.new"
		;;
	bsdiff)
		must bsdiff "$2" "$3" "$p"
		add_make "$(size "$p")"
		must bspatch "$2" "$p.new" "$p"
		;;
	'zstd -19 --patch-from')
		w=$(window "$2" "$3")
		must zstd -19 -q -f "--long=$w" "--patch-from=$2" "$3" -o "$p"
		add_make "$(size "$p")"
		must zstd -d -q -f "--long=$w" "--patch-from=$2" "$p" \
			-o "$p.new"
		;;
	'rdiff, zstd -19')
		must rdiff signature "$2" "$p.sig"
		add_apply
		bytes=$((bytes + $(size "$p.sig")))
		must rdiff delta "$p.sig" "$3" "$p.delta"
		add_make 0
		packed "$p.delta" "$p"
		must rdiff patch "$2" "$p.delta" "$p.new"
		;;
	esac
	add_apply
	cmp -s "$p.new" "$3" || die "$1 made something else of $2"
}

# changed_files TOOL: on each changed file.
changed_files() {
	bases >"$work/bases"
	while read -r _ path <&3; do
		was=$(awk -F '\t' -v path="$path" '$1 == path { print $2 }' \
			"$work/bases")
		if [ -n "$was" ]; then
			one_file "$1" "$old/$was" "$new/$path"
		else
			packed "$new/$path" "$work/patch"
		fi
	done 3<"$work/changed"
}

# unpacked DIR TO: a copy of it with each zip or jar replaced by a folder.
unpacked() {
	cp -a "$1" "$2"
	find "$2" -type f \( -name '*.jar' -o -name '*.zip' -o -name '*.docx' \
		-o -name '*.nupkg' \) | while read -r archive; do
		mv "$archive" "$archive.packed"
		python3 -m zipfile -e "$archive.packed" "$archive"
		rm "$archive.packed"
	done
}

# tar_of DIR FILE: the same bytes for the same files, whatever else.
tar_of() {
	tar -C "$1" --sort=name --mtime=@0 --owner=0 --group=0 --mode=644 \
		--numeric-owner -cf "$2" .
}

# whole_trees TOOL: on the two folders as one file each.
whole_trees() {
	a=$old b=$new
	if [ "$1" = 'zstd -19 --patch-from, unpacked' ]; then
		rm -rf "$work/unpacked"
		mkdir "$work/unpacked"
		a=$work/unpacked/old b=$work/unpacked/new
		unpacked "$old" "$a"
		unpacked "$new" "$b"
	fi
	tar_of "$a" "$work/old.tar"
	tar_of "$b" "$work/new.tar"
	if [ "$1" = 'tar, zstd -19' ]; then
		must zstd -19 -q -f "$work/new.tar" -o "$work/patch"
		add_make "$(size "$work/patch")"
	else
		one_file 'zstd -19 --patch-from' "$work/old.tar" "$work/new.tar"
	fi
	rm -rf "$work/old.tar" "$work/new.tar" "$work/unpacked"
}

# tree_sums: of all that the tools are given.
tree_sums() {
	for dir in "$old" "$new"; do
		(cd "$dir" && find . -type f | sort | tr '\n' '\0' |
			xargs -0 b2sum)
	done
}

# file_tool GROUP NAME TOOL: on the whole pair. What a tool makes of the same
# input never changes, and some take minutes: the figures are kept in
# $pairs/cache.
file_tool() {
	version=$(dpkg-query -W -f '${Package} ${Version} ' \
		zstd rdiff xdelta3 bsdiff)
	key=$({
		echo "2 $3 $version"
		tree_sums
	} | b2sum | cut -c1-32)
	kept=$pairs/cache/$key
	if [ ! -s "$kept" ]; then
		bytes=0 make_wall=0 make_cpu=0 make_rss=0
		apply_wall=0 apply_cpu=0 apply_rss=0
		case $3 in
		*', tars' | *', unpacked' | 'tar, '*) whole_trees "$3" ;;
		*) changed_files "$3" ;;
		esac
		mkdir -p "$pairs/cache"
		echo "$bytes $make_wall $make_cpu $make_rss" \
			"$apply_wall $apply_cpu $apply_rss" >"$kept.tmp"
		mv "$kept.tmp" "$kept"
	fi
	read -r bytes make_wall make_cpu make_rss apply_wall apply_cpu \
		apply_rss <"$kept"
	record "$1" "$2" "$3" bytes "$bytes"
	record "$1" "$2" "$3" make_wall "$make_wall"
	record "$1" "$2" "$3" server_cpu "$make_cpu"
	record "$1" "$2" "$3" server_rss "$make_rss"
	record "$1" "$2" "$3" station_cpu "$apply_cpu"
	record "$1" "$2" "$3" station_rss "$apply_rss"
}

# file_tools NAME: all that suit the pair.
file_tools() {
	set -- "$1" 'rdiff, zstd -19' 'xdelta3 -9' 'zstd -19 --patch-from' bsdiff
	case $(what_is "$1") in
	renamed*) set -- "$@" 'zstd -19 --patch-from, tars' ;;
	packed*) set -- "$@" 'zstd -19 --patch-from, tars' \
		'zstd -19 --patch-from, unpacked' ;;
	esac
	subject=$1
	shift
	for tool in "$@"; do
		say "pair $subject: $tool"
		file_tool pair "$subject" "$tool"
	done
}

# zsync_pair NAME: the biggest changed file, by HTTP from nginx.
zsync_pair() {
	path=$(sed -n 's/^c //p' "$work/changed" | while read -r path; do
		echo "$(size "$new/$path") $path"
	done | sort -rn | sed -n '1s/^[0-9]* //p')
	[ -n "$path" ] || {
		say "skipped: zsync on $1: no file changed under its name"
		return 0
	}
	mkdir -p "$work/www"
	cp "$new/$path" "$work/www/file"
	must zsyncmake -C -q -u file -o "$work/www/file.zsync" "$work/www/file"
	record pair "$1" "zsync (1 file)" make_wall "$wall"
	for _ in $(seq "$repeat"); do
		for meter in no yes; do
			nginx_begin "$work/www"
			link_begin "$other_port"
			port=$link_port
			[ $meter = yes ] || port=$other_port
			rm -f "$work/patch.new"
			must env -C "$work" zsync -q -i "$old/$path" -o "$work/patch.new" \
				"http://127.0.0.1:$port/file.zsync"
			link_end
			other_end
			cmp -s "$work/patch.new" "$new/$path" ||
				die "zsync made something else"
			record_run pair "$1" "zsync (1 file)" $meter
		done
	done
	rm -rf "$work/www"
}
