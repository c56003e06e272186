# files.sh: tools that work on single files, run on the changed files of a
# pair. They get for nothing what the others have to find out: which files
# changed; folders, dates and new names are not in their bytes.
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

# file_tool NAME TOOL: on the whole pair. What a tool makes of the same input
# never changes, and some take minutes: the figures are kept in $pairs/cache.
file_tool() {
	version=$(dpkg-query -W -f '${Package} ${Version} ' \
		zstd rdiff xdelta3 bsdiff)
	key=$({
		echo "1 $2 $version"
		sed 's/^..//' "$work/changed" | while read -r path; do
			cat "$old/$path" "$new/$path" 2>/dev/null | b2sum
		done
	} | b2sum | cut -c1-32)
	kept=$pairs/cache/$key
	if [ ! -s "$kept" ]; then
		bytes=0 make_wall=0 make_cpu=0 make_rss=0
		apply_wall=0 apply_cpu=0 apply_rss=0
		while read -r kind path <&3; do
			case $kind in
			c) one_file "$2" "$old/$path" "$new/$path" ;;
			n) packed "$new/$path" "$work/patch" ;;
			esac
		done 3<"$work/changed"
		mkdir -p "$pairs/cache"
		echo "$bytes $make_wall $make_cpu $make_rss" \
			"$apply_wall $apply_cpu $apply_rss" >"$kept.tmp"
		mv "$kept.tmp" "$kept"
	fi
	read -r bytes make_wall make_cpu make_rss apply_wall apply_cpu \
		apply_rss <"$kept"
	record pair "$1" "$2" bytes "$bytes"
	record pair "$1" "$2" make_wall "$make_wall"
	record pair "$1" "$2" server_cpu "$make_cpu"
	record pair "$1" "$2" server_rss "$make_rss"
	record pair "$1" "$2" station_cpu "$apply_cpu"
	record pair "$1" "$2" station_rss "$apply_rss"
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
