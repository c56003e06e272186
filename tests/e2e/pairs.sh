#!/bin/sh
# Public releases, one after the other: the station ends exactly on the new
# one, with the old one as its backup, and takes no more bytes than rsync -z
# for the same job in the same run. The server knows only the new release, so
# signatures and rolling-checksum deltas are what travels.
# Packages are kept in ERPSYNC_PAIRS, build/pairs by default. Every changed
# file also goes through rdiff and back; with ERPSYNC_PAIRS_ALL=1 all files.
. "$(dirname "$0")/lib.sh"

cache=${ERPSYNC_PAIRS:-$here/../../build/pairs}
no_packages='skipped: no npm or no registry'
# At most this percentage of rsync's bytes.
allowed=105

# fetch NAME VERSION: the package's archive, in $archive. Who could not be
# asked for one is not asked for the next.
reached=yes
fetch() {
	archive=$cache/$(echo "$1" | tr -d @ | tr / -)-$2.tgz
	[ ! -s "$archive" ] || return 0
	[ $reached = yes ] || return 1
	reached=no
	rm -rf "$work/fetched"
	mkdir "$work/fetched"
	(cd "$work/fetched" && npm_config_cache=$work/npm \
		npm_config_fetch_retries=1 npm_config_fetch_retry_mintimeout=1000 \
		npm_config_update_notifier=false timeout 300 \
		npm pack --silent "$1@$2" >"$work/npm.out" 2>&1) || return 1
	reached=yes
	mkdir -p "$cache" && mv "$work"/fetched/*.tgz "$archive.new" &&
		mv "$archive.new" "$archive"
}

# unpack NAME VERSION DIR TIME: all files of this date, as nobody's.
unpack() {
	fetch "$1" "$2" || return 1
	mkdir -p "$3"
	tar -xzf "$archive" -C "$3" --strip-components=1 --no-same-owner &&
		find "$3" -type f -exec touch -d "$4" {} +
}

# The files that differ, on both sides, go through rdiff and back.
interop() {
	mkdir "$work/changed" "$work/changed/old" "$work/changed/new"
	(cd "$work/new" && find . -type f | sort) | while IFS= read -r name; do
		[ -z "${ERPSYNC_PAIRS_ALL-}" ] &&
			cmp -s "$work/old/$name" "$work/new/$name" && continue
		for side in old new; do
			[ -f "$work/$side/$name" ] || continue
			mkdir -p "$work/changed/$side/$(dirname "$name")"
			ln "$work/$side/$name" "$work/changed/$side/$name"
		done
	done
	ERPSYNC=$erpsync TMPDIR=$work sh "$here/rdiff_interop.sh" \
		"$work/changed/old" "$work/changed/new" >"$work/detail" 2>&1
	interop_code=$?
	echo "    rdiff and back: $(tail -n 1 "$work/detail")"
	return $interop_code
}

# pair NAME OLD NEW
pair() {
	label="$1 $2 -> $3"
	rm -rf "$work/old" "$work/new" "$work/st" "$work/rsynced" \
		"$work/changed" "$work/state"
	if ! unpack "$1" "$2" "$work/old" '2025-01-01 10:00:00' ||
		! unpack "$1" "$3" "$work/new" '2025-02-02 20:00:00.25'; then
		echo "$no_packages ($label)"
		return
	fi
	update=$work/new
	write_ini
	sed -i 's/^PathLinux/PathWindows/' "$ini"
	start_server
	check "$label: published" logged "windows: published release"
	check "$label: rsync does its job" rsync_job

	st=$work/st
	cp -a "$work/old" "$st"
	t0=$(date +%s%N)
	update 0 "$label: update" "$st" --os windows --format json
	ms=$((($(date +%s%N) - t0) / 1000000))
	ours=$(wire_bytes)
	theirs=$(rsync_bytes)
	check "$label: exact, with times" same_tree "$st" "$work/new"
	check "$label: bkp_remote.001 is the old folder" \
		same_tree "$st/bkp_remote.001" "$work/old"
	update 0 "$label: second update" "$st" --os windows --format json
	check "$label: the second update transfers no content" \
		[ "$(total literal_bytes)" -eq 0 ]
	check "$label: ... and $(wire_bytes) bytes" [ "$(wire_bytes)" -lt 400 ]
	check "$label: $ours bytes against $theirs of rsync -z" \
		[ $((ours * 100)) -le $((theirs * allowed)) ]
	printf '%-40s %6d %5d %11d %8d %11d %8d %6d%%\n' "$label" \
		"$(find "$work/new" -type f | wc -l)" \
		"$(du -sm "$work/new" | cut -f1)" \
		"$theirs" $rsync_ms "$ours" $ms $((ours * 100 / theirs))
	if command -v rdiff >/dev/null; then
		check "$label: rdiff understands us and we it" interop
	else
		skip "no rdiff"
	fi
	stop_server
}

if ! command -v npm >/dev/null || ! command -v rsync >/dev/null; then
	echo "$no_packages"
	finish
fi
printf '%-40s %6s %5s %11s %8s %11s %8s %7s\n' pair files MB "rsync -z" ms \
	erpsync ms bytes
pair @esbuild/win32-x64 0.28.1 0.28.2
pair ace-builds 1.45.1 1.45.2
pair typescript 6.0.2 6.0.3
finish
