# power.sh: a file system in an image, and one power cut; sourced by run.
# shellcheck shell=sh disable=SC2154

# make_image TYPE: mounted at $mnt; says why when it cannot be.
make_image() {
	why=
	command -v "mkfs.$1" >/dev/null || why="no mkfs.$1"
	[ "$(id -u)" = 0 ] || why="not root"
	[ -z "$why" ] || return 1
	# The least that mkfs.xfs makes is 300 MB; the file is sparse.
	truncate -s 320M "$work/image"
	"mkfs.$1" -q "$work/image" 2>"$work/err" || why="mkfs.$1 fails"
	[ -n "$why" ] || loop=$(losetup -f --show "$work/image" 2>"$work/err") ||
		why="no loop device"
	[ -n "$why" ] || mount "$loop" "$mnt" 2>"$work/err" ||
		why="no mount of $1"
	[ -n "$why" ] || killpoint -c "$mnt" /bin/true 2>"$work/err" ||
		why="no shutdown of $1"
	[ -z "$why" ] && mount_again
}

mount_again() {
	umount "$mnt" && mount "$loop" "$mnt" ||
		give_up "the image cannot be mounted again"
}

# The old folder, all of it on the disk.
durable_station() {
	fresh_station
	sync -f "$mnt"
}

point_cut() {
	durable_station
	# shellcheck disable=SC2046
	update killpoint -c $(at_point "$1") "$st"
	stopped
	mount_again
	judge
}

point_cut_twice() {
	durable_station
	# shellcheck disable=SC2046
	update killpoint -c $(at_point "$1") "$st"
	stopped
	cp "$work/result" "$work/first"
	mount_again
	# shellcheck disable=SC2046
	killpoint -c $(at_point "$(random 200)") "$st" "$erpsync" \
		recover --dir "$st" >"$work/out.recover" 2>"$work/err"
	again
	mount_again
	cp "$work/first" "$work/result"
	judge
}

# Success is reported and nothing of it needs to be there.
point_lies() {
	durable_station
	code=0
	update timeout 60 strace -f -qq -o "$work/trace" \
		-e trace=fsync,syncfs -e "inject=fsync,syncfs:retval=0:when=$1+" || code=$?
	[ $code = 0 ] || bad "the update ended with $code"
	killpoint -c "$mnt" /bin/true
	mount_again
	code=0
	recover || code=$?
	[ "$code" -lt 124 ] || bad "recover crashed or hung: $code"
	"$work/facts" "$st" >"$work/seen"
	state=mixed
	! comparable "$work/seen" | cmp -s - "$work/new.facts" || state=new
	! cmp -s "$work/seen" "$work/old.facts" || state=old
	echo "after syncs from $1 on that lied: $state, recover $code" \
		>>"$work/notes"
}
