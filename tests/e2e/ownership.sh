#!/bin/sh
# What belongs to a file stays: groups, owners, ACLs and user attributes over
# updates, rollbacks and backups, as root and as others; what lends a program
# the rights of others is not given to new content.
. "$(dirname "$0")/lib.sh"

for tool in setfacl getfacl setfattr getfattr setcap getcap setpriv; do
	command -v $tool >/dev/null || {
		skip "all: no $tool"
		finish
	}
done
[ "$(id -u)" = 0 ] || {
	skip "all: only root gives files away"
	finish
}
touch "$work/probe"
if ! setfacl -m u:65534:r "$work/probe" 2>"$work/err" ||
	! setfattr -n user.note -v x "$work/probe" 2>"$work/err"; then
	skip "all: $(head -n 1 "$work/err")"
	finish
fi
team=5555
other=65534

# v1 to v3: all files differ but sandbox and helper in v3, which differ from v2
# in time only.
for v in 1 2 3; do
	d=$work/v$v
	c=$v
	[ $v = 3 ] && c=2
	mkdir -p "$d/lang"
	for f in a b; do echo "text $f $v" >"$d/lang/$f.txt"; done
	printf '[a]\nv=%s\n' $v >"$d/conf.ini"
	for f in sandbox helper; do
		printf '#!/bin/sh\necho %s %s\n' $f $c >"$d/$f"
		chmod 755 "$d/$f"
	done
	[ $v = 1 ] && echo old >"$d/lang/gone.txt"
	find "$d" -exec touch -d "2024-0$v-01" {} +
done
mkdir -p "$work/v2/new/deep" "$work/v3/new/deep"
echo n >"$work/v2/new/deep/n.txt"
echo n >"$work/v2/lang/n.txt"
cp -p "$work/v2/lang/n.txt" "$work/v3/lang"
cp -p "$work/v2/new/deep/n.txt" "$work/v3/new/deep"
cp -a "$work/v1/." "$update"
write_ini
start_server
check "the server offers v1" offers "$work/v1"

acl() {
	getfacl -pcnE "$1" | tr '\n' ' '
}
note() {
	getfattr --only-values -n user.note "$1" 2>/dev/null
}
# all DIR: everything that there is of each file.
all() {
	(cd "$1" && find . -path ./.erpsync -prune -o -path './bkp_remote.*' \
		-prune -o -print | LC_ALL=C sort | while read -r f; do
		stat -c '%n %u %g %a' "$f"
		getfacl -pcn "$f"
		getcap "$f"
		getfattr -d "$f"
		[ -d "$f" ] || cat "$f"
	done)
}
# is FILE FORMAT WANTED
is() {
	[ "$(stat -c "$2" "$1")" = "$3" ] || {
		stat -c '%A %u %g %n' "$1" >"$work/detail"
		return 1
	}
}
member() {
	(cd / && setpriv --reuid=$other --regid=$team --clear-groups "$@")
}

# A folder that a group shares, and that root keeps up to date.
st=$work/st
cp -a "$work/v1" "$st"
chgrp -R $team "$st"
chmod -R o-rwx "$st"
chown 1234 "$st/conf.ini"
setfacl -m u:7:rw "$st/conf.ini"
setfattr -n user.note -v hello "$st/conf.ini" "$st/lang"
setfacl -m d:u:7:rx,d:g:8:rwx "$st/lang"
chmod 2750 "$st/lang"
chmod 4750 "$st/sandbox"
setcap cap_net_bind_service+ep "$st/helper"
ln "$st/lang/a.txt" "$work/twin"
all "$st" >"$work/before"
publish "$work/v2" now
update 0 "root: v1 to v2" "$st" --lang en
check "a set-uid program is named" grep -q '^Warning: sandbox: .*set-uid' \
	"$work/err"
check "and one with capabilities" grep -q '^Warning: helper: .*capab' \
	"$work/err"
check "nothing else" [ "$(grep -c Warning "$work/err")" = 2 ]
check "the group stays" is "$st/lang/a.txt" %g:%a $team:640
check "and the owner" is "$st/conf.ini" %u:%g 1234:$team
check "an ACL stays" [ "$(acl "$st/conf.ini")" = \
	"user::rw- user:7:rw- group::r-- mask::rw- other::---  " ]
check "a user attribute stays" [ "$(note "$st/conf.ini")" = hello ]
check "no ACL comes from elsewhere" is "$st/lang/a.txt" %A '-rw-r-----'
check "the set-uid bit is not given to new content" is "$st/sandbox" %a 750
check "nor capabilities" [ -z "$(getcap "$st/helper")" ]
check "a new file is its folder's" is "$st/lang/n.txt" %u:%g 0:$team
check "and has its ACL" [ "$(acl "$st/lang/n.txt")" = \
	"user::rw- user:7:r-x group::r-x group:8:rwx mask::rw- other::---  " ]
check "so is one in a new folder" is "$st/new/deep/n.txt" %u:%g:%a 0:$team:644
check "another link of an old file is as it was" \
	[ "$(cat "$work/twin")" = "text a 1" ]
check "a member reads" member cat "$st/lang/a.txt" >/dev/null
check "a member starts it" [ "$(member "$st/sandbox")" = "sandbox 2" ]
check "a member may verify" member "$erpsync" verify --dir "$st" -q
check "and start it by us" grep -q "sandbox 2" <<-S
	$(member "$erpsync" run --dir "$st" --server "127.0.0.1:$PORT" \
		--os linux -q -- ./sandbox 2>&1)
	S
check "and see the backups" member "$erpsync" history --dir "$st" -q >/dev/null
check "the backup has it all" [ "$(all "$st/bkp_remote.001")" = \
	"$(cat "$work/before")" ]

# Another time only: the same program.
chmod 4750 "$st/sandbox"
setcap cap_net_bind_service+ep "$st/helper"
publish "$work/v3" now
update 0 "root: v2 to v3" "$st" --lang en
check "nothing is lost" [ "$(grep -c Warning "$work/err")" = 0 ]
check "the time is new" is "$st/sandbox" %y "$(stat -c %y "$work/v3/sandbox")"
check "set-uid stays with the same content" is "$st/sandbox" %a:%g 4750:$team
check "so do capabilities" [ -n "$(getcap "$st/helper")" ]

run 0 "rollback to v2" rollback --dir "$st" -q --lang en
run 0 "rollback to v1" rollback --dir "$st" -q --to 1 --lang en
all "$st" >"$work/after"
check "v1 is back with all it had" diff "$work/before" "$work/after"

# Root of a container that may give files away, but then not touch them.
rm -rf "$st"
cp -a "$work/v1" "$st"
chown -R 0:0 "$st"
chown 1234:$team "$st/conf.ini"
chmod 640 "$st/conf.ini"
bare=$erpsync
{
	echo '#!/bin/sh'
	echo "exec setpriv --bounding-set -fowner '$bare' \"\$@\""
} >"$work/no_fowner"
chmod 755 "$work/no_fowner"
publish "$work/v2" now
erpsync=$work/no_fowner
update 0 "without CAP_FOWNER" "$st" --lang en
erpsync=$bare
check "without CAP_FOWNER: mode and group stay" \
	is "$st/conf.ini" %g:%a $team:640
check "... the time is the release's" \
	is "$st/conf.ini" %y "$(stat -c %y "$work/v2/conf.ini")"
says "... the owner's loss is told" "could not be kept"

# One that may not override modes: what it may not change is foretold.
rm -rf "$st"
cp -a "$work/v1" "$st"
chown -R 0:0 "$st"
chown 1234 "$st/lang"
{
	echo '#!/bin/sh'
	echo 'exec setpriv --bounding-set -dac_override,-dac_read_search \'
	echo "'$bare' \"\$@\""
} >"$work/no_override"
chmod 755 "$work/no_override"
erpsync=$work/no_override
preview 64 "without CAP_DAC_OVERRIDE: foretold" "$st"
check "... with the folder" grep -q '"refusal": "lang: the folder cannot' \
	"$work/out"
update 11 "without CAP_DAC_OVERRIDE" "$st" --lang en
erpsync=$bare
check "... is told before anything is received" [ -z "$(ls \
	"$st/.erpsync/recv" 2>/dev/null)" ]

# The words of it.
for l in pt es; do
	publish "$work/v1" now
	update 0 "v1 ($l)" "$st" --lang $l --force
	chmod u+s "$st/sandbox"
	publish "$work/v2" now
	update 0 "v2 ($l)" "$st" --lang $l --force
	check "in $l" grep -qE 'sandbox: (é novo|es nuevo)' "$work/err"
done

# Where a set-gid folder is the team's, so is all that is new.
rm -rf "$st"
cp -a "$work/v1" "$st"
chgrp -R $team "$st"
find "$st" -type d -exec chmod 2750 {} +
(umask 077 && update 0 "set-gid: v1 to v2" "$st")
check "a new file is the team's" is "$st/new/deep/n.txt" %g:%a $team:644
check "and a new folder" is "$st/new/deep" %g:%a $team:2755
check "a member reads what is new" member cat "$st/new/deep/n.txt" >/dev/null

# A user whose files they are, in the group and not in it.
cp "$erpsync" "$work/erpsync"
chmod 755 "$work/erpsync"
mine=$erpsync
cat >"$work/as" <<A
#!/bin/sh
exec setpriv --reuid=$other --regid=$other "\$GROUPS_OPTION" $work/erpsync "\$@"
A
chmod 755 "$work/as"
for groups in --groups=$team --clear-groups; do
	GROUPS_OPTION=$groups
	export GROUPS_OPTION
	rm -rf "$st"
	cp -a "$work/v1" "$st"
	chown -R $other:$team "$st"
	setfattr -n user.note -v hello "$st/conf.ini"
	setfacl -m u:7:rw "$st/conf.ini"
	chown 0:$team "$st/lang/b.txt"
	erpsync=$work/as
	update 0 "$groups: v1 to v2" "$st" --lang en
	check "$groups: content is new" cmp -s "$st/conf.ini" "$work/v2/conf.ini"
	check "$groups: what may be kept is kept" [ "$(note "$st/conf.ini")" = hello ]
	check "$groups: so is the ACL" [ "$(acl "$st/conf.ini")" = \
		"user::rw- user:7:rw- group::r-- mask::rw- other::r--  " ]
	check "$groups: one warning" [ "$(grep -c 'could not be kept' \
		"$work/err")" = 1 ]
	check "$groups: others' files become his" is "$st/lang/b.txt" %u $other
	run 0 "$groups: rollback" rollback --dir "$st" -q --lang en
	check "$groups: v1 is back" cmp -s "$st/conf.ini" "$work/v1/conf.ini"
	erpsync=$mine
	[ $groups = --clear-groups ] && continue
	check "$groups: the group stays" is "$st/lang/a.txt" %g $team
done

# Not in the group, but his folders pass it on: nothing is lost.
rm -rf "$st"
cp -a "$work/v1" "$st"
chown -R $other:$team "$st"
find "$st" -type d -exec chmod 2755 {} +
GROUPS_OPTION=--clear-groups
erpsync=$work/as
update 0 "passed on: v1 to v2" "$st" --lang en
check "passed on: no warning" [ "$(grep -c Warning "$work/err")" = 0 ]
check "passed on: to what is replaced" is "$st/lang/a.txt" %g $team
check "passed on: to what is new" is "$st/new/deep/n.txt" %g $team
check "passed on: by new folders" is "$st/new/deep" %g:%a $team:2755
erpsync=$mine

# A folder that this user may not read, such as another's log.
rm -rf "$st"
cp -a "$work/v1" "$st"
chown -R $other:$team "$st"
mkdir -m 700 "$st/log"
echo secret >"$st/log/x"
erpsync=$work/as
update 11 "unreadable: left out by no name" "$st" --lang en
update 11 "unreadable: left out of the update only" "$st" --lang en \
	--exclude log
says "unreadable: it tells how" "log: this user may not read it"
check "unreadable: found before anything is received" [ -z "$(ls \
	"$st/.erpsync/recv" 2>/dev/null)" ]
update 0 "unreadable: left out of both" "$st" --exclude log \
	--backup-exclude log
check "unreadable: content is new" cmp -s "$st/conf.ini" "$work/v2/conf.ini"
run 0 "unreadable: rollback of all" rollback --dir "$st" -q --all \
	--backup-exclude log
erpsync=$mine
check "unreadable: it is as it was" [ "$(cat "$st/log/x")" = secret ]
check "unreadable: v1 is back" cmp -s "$st/conf.ini" "$work/v1/conf.ini"

# A disk without ACLs and attributes.
mkdir "$work/m"
if mount -t ramfs ramfs "$work/m" 2>"$work/err"; then
	cp -a "$work/v1" "$work/m/st"
	chgrp -R $team "$work/m/st"
	update 0 "bare disk: v1 to v2" "$work/m/st" --lang en
	check "bare disk: no warning" [ "$(grep -c Warning "$work/err")" = 0 ]
	check "bare disk: the group stays" is "$work/m/st/conf.ini" %g $team
	umount "$work/m"
else
	skip "bare disk: $(head -n 1 "$work/err")"
fi

# Where a file has little room for attributes, each of two fits alone.
rm -rf "$st"
cp -a "$work/v1" "$st"
i=0
list=
while [ $i -lt 150 ]; do
	list=$list,d:u:$((10000 + i)):rx
	i=$((i + 1))
done
setfattr -n user.large -v "$(head -c 3200 /dev/zero | tr '\0' x)" "$st/conf.ini"
setfacl -m u:7:r "$st/conf.ini"
setfacl -m "${list#,}" "$st"
update 0 "large: v1 to v2" "$st" --lang en
check "large: no warning" [ "$(grep -c Warning "$work/err")" = 0 ]
check "large: an attribute stays" [ "$(getfattr --only-values \
	-n user.large "$st/conf.ini" 2>/dev/null | wc -c)" = 3200 ]
check "large: a new folder has the ACL" \
	[ "$(getfacl -pcn "$st/new" | grep -c ':10149:')" = 2 ]

# Who may not update it hears so from a check, and why.
foretold() {
	preview 64 "$1" "$2"
	check "... and why" grep -q '"refusal": ".*'"$3" "$work/out"
	run 11 "doctor: $1" doctor --dir "$2" --lang en \
		--server "127.0.0.1:$PORT"
	check "... and why" grep -q "${4:-right to write}.*FAILED.*UPD020.*$3" \
		"$work/out"
	check "... and what an update says" \
		grep -q "an update now.*FAILED.*UPD020.*$3" "$work/out"
	update 11 "update: $1" "$2" --lang en
	says "update: $1" "$3"
}
mkdir "$work/above"
cp -a "$work/v1" "$work/above/st"
chmod 777 "$work/above"
foretold "a folder that others can exchange" "$work/above/st" \
	"above: can be changed by other users"
chmod 755 "$work/above"
chown $other "$work/above/st"
foretold "root, and a folder of a user's" "$work/above/st" \
	"belongs to another user or can be written by others"
chown 0 "$work/above/st"
update 0 "a folder of root's" "$work/above/st"
chown $other "$work/above/st/.erpsync"
rm "$work/above/st/conf.ini"
foretold "a folder of root's, and .erpsync of another" "$work/above/st" \
	"is of one user (root), and .erpsync in it of another"

# kept TEXT WORDS [ROW]: the same for the user whose folder it is; and where a
# program is started he hears so each time, also with --quiet, as do programs.
st=$work/above/st
his() {
	chmod -R u+rwX "$st"
	rm -rf "$st"
	cp -a "$work/v1" "$st"
	chown -R $other:$other "$st"
	erpsync=$work/as
	update 0 "his folder" "$st"
	erpsync=$mine
	rm "$st/conf.ini"
}
kept() {
	erpsync=$work/as
	foretold "$1" "$st" "$2" "${3:-}"
	for quiet in -q --progress=json; do
		run 0 "run: $1" run --dir "$st" --os linux --lang en $quiet \
			--server "127.0.0.1:$PORT" -- /bin/echo STARTED
		check "... which starts" grep -qx STARTED "$work/out"
		[ $quiet = -q ] || grep '"failure":{' "$work/out" >"$work/err"
		says "... and tells it ($quiet)" "$2"
	done
	erpsync=$mine
}
his
chmod g+w "$st/.erpsync"
kept ".erpsync that others may write" ".erpsync: can be written by other users"
chmod -R g+w "$st"
kept "the same by chmod -R" ".erpsync: can be written by other users"
his
chmod 0 "$st/.erpsync"
kept ".erpsync closed to him" ".erpsync: is of this user, and its mode"
his
chmod 0 "$st/.erpsync/state"
kept "the state closed to him" ".erpsync/state: is of this user, and its mode"
his
chmod 0 "$st/.erpsync/lock"
kept "the lock closed to him" ".erpsync/lock: is of this user, and its mode" \
	"an update now"
his
chown 0 "$st/.erpsync/lock"
kept "a lock of root's" ".erpsync/lock: is of another user (root)" \
	"an update now"
his
chown 0:0 "$st/.erpsync"
kept ".erpsync of root's" "and .erpsync in it of another (root)"
foretold ".erpsync of root's, and root" "$st" \
	"and .erpsync in it of another (root)"
his
chown 0 "$st"
chmod 1777 "$st"
cp "$work/v1/sandbox" "$st"
chown 33 "$st/sandbox"
kept "another's file in a sticky folder" "another user and its folder is sticky" \
	"an update now"

# It is not his to mend what another user updates, or nobody can write.
his
chown -R 0:0 "$st"
erpsync=$work/as
run 0 "another's folder" run --dir "$st" --os linux -q \
	--server "127.0.0.1:$PORT" -- /bin/echo STARTED
erpsync=$mine
check "another's folder: not a word" [ ! -s "$work/err" ]

# The commands on files do as much.
cd "$work" || exit 1
run 0 "signature" signature v1/conf.ini sig
run 0 "delta" delta sig v2/conf.ini delta
cp v1/lang/a.txt result
chgrp $team result
setfacl -m u:7:rw result
run 0 "patch over a file" patch v1/conf.ini delta result
check "the new one is what it was to be" cmp -s result v2/conf.ini
check "the old one's group and ACL stay" [ "$(stat -c %g result) $(acl \
	result | cut -d ' ' -f 2)" = "$team user:7:rw-" ]
finish
