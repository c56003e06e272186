#!/bin/sh
# disks.sh: folders on disks that do less than ext4: an overlay whose lower
# layer cannot rename folders, inode numbers that a rename changes, a file that
# something is mounted on, the root of a volume, a limit on the size of files. Ends with "N passed, M failed".
set -u
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || {
	skip "only root can mount"
	finish
}
trap 'umount "$work"/m "$work"/st/lang "$work"/st/settings.ini "$work"/st/.erpsync \
	"$work"/st/bkp_remote.001 "$work"/vol 2>/dev/null
	chattr -R -f -ia "$work/st" 2>/dev/null
	clean_up' EXIT

# release N: version N of a small client in $update, offered.
release() {
	mkdir -p "$update/lang" "$update/libs"
	echo "library $1" >"$update/libs/core.so"
	printf 'binary\0%s\n' "$1" >"$update/smartclient"
	echo "text $1" >"$update/lang/a.txt"
	echo "v=$1" >"$update/settings.ini"
	touch -d "2024-0$1-01" "$update"/*/* "$update"/s*
	offer
}

# offer: what lies in $update is published when this returns.
offer() {
	reload published || {
		echo "disks: nothing was published:"
		cat "$work/detail"
		exit 1
	}
}

same() {
	diff -r -x .erpsync -x 'bkp_remote.*' "$1" "$update" \
		>"$work/detail" 2>&1
}

write_ini
mkdir -p "$work/low/st" "$work/up" "$work/wk" "$work/m" "$work/vol"
echo one >"$update/settings.ini"
start_server
for n in 1 2 3 4; do
	release $n
	update 0 "release $n in what becomes the image" "$work/low/st"
	cp -a "$work/low/st" "$work/image$n"
done

# --- an image with three backups, then with one -------------------------------
overlay() {
	rm -rf "$work/up" "$work/wk" "$work/low/st"
	mkdir "$work/up" "$work/wk"
	cp -a "$work/image$1" "$work/low/st"
	mount -t overlay overlay -o "lowerdir=$work/low,upperdir=$work/up,workdir=$work/wk" \
		"$work/m" 2>/dev/null
}
for image in 4 2; do
	overlay $image || {
		skip "no overlay can be mounted here"
		break
	}
	for n in 5 6; do
		release $n
		update 0 "release $n over image $image" "$work/m/st"
		check "it is the release" same "$work/m/st"
		check "nothing is left over" test -z \
			"$(ls "$work/m/st/.erpsync" | grep -E 'rotating|committed|anew|bkp')"
	done
	run 0 "the backups are whole" history --dir "$work/m/st"
	# A folder of the lower layer gives way to a file.
	rm -r "$update/lang"
	echo now a file >"$update/lang"
	offer
	update 0 "a folder becomes a file" "$work/m/st" --delete
	check "it is a file" test -f "$work/m/st/lang"
	run 0 "and comes back" rollback --dir "$work/m/st" -q
	check "as it was" test -f "$work/m/st/lang/a.txt"
	rm "$update/lang"
	umount "$work/m"
done

# --- a file that something is mounted on --------------------------------------
cp -a "$work/image2" "$work/st"
echo host >"$work/host.ini"
release 7
if mount --bind "$work/host.ini" "$work/st/settings.ini" 2>/dev/null; then
	preview 64 "a mounted file is foretold" "$work/st"
	check "as what would be refused" grep -q '"refusal": "settings.ini:' "$work/out"
	update 11 "a mounted file is in the way" "$work/st"
	check "it is named" grep -q 'settings.ini:' "$work/err"
	check "only what helps is advised" grep -qx \
		'O que fazer: Deixe-o de fora (--exclude) ou desmonte-o.' "$work/err"
	check "nothing was changed" cmp -s "$work/st/smartclient" "$work/image2/smartclient"
	update 0 "left out, all is well" "$work/st" --exclude settings.ini
	check "it is what it was" grep -q host "$work/st/settings.ini"
	check "the rest is new" cmp -s "$work/st/smartclient" "$update/smartclient"
	run 0 "rollback leaves it too" rollback --dir "$work/st" -q
	umount "$work/st/settings.ini"
else
	skip "a file cannot be mounted here"
fi

# --- a folder that something is mounted on ------------------------------------
rm -rf "$work/st"
cp -a "$work/image2" "$work/st"
if mount -t tmpfs none "$work/st/lang" 2>/dev/null; then
	echo mine >"$work/st/lang/a.txt"
	run 23 "what it hides is no failure of verify" verify --dir "$work/st"
	check "but named" grep -q 'lang/a.txt.*montado aqui' "$work/out"
	run 0 "rollback leaves it" rollback --dir "$work/st" -q
	check "as it is" grep -q mine "$work/st/lang/a.txt"
	umount "$work/st/lang"
else
	skip "no folder can be mounted here"
fi

# --- what is mounted under names of ours --------------------------------------
for name in bkp_remote.001 .erpsync; do
	rm -rf "$work/st"
	cp -a "$work/image2" "$work/st"
	mkdir -p "$work/st/$name"
	mount -t tmpfs none "$work/st/$name" 2>/dev/null || {
		skip "nothing can be mounted here"
		break
	}
	update 11 "$name is mounted" "$work/st"
	check "it is named" grep -q "$name: .* montado aqui$" "$work/err"
	check "and what helps" grep -qx 'O que fazer: Desmonte-o.' "$work/err"
	run 0 "the program starts" run --dir "$work/st" --os linux --yes -q \
		--server "127.0.0.1:$PORT" -- /bin/echo STARTED
	check "it does" grep -q STARTED "$work/out"
	umount "$work/st/$name"
done

# --- what chattr protects -----------------------------------------------------
for name in settings.ini lang .; do
	rm -rf "$work/st"
	cp -a "$work/image2" "$work/st"
	chattr +i "$work/st/$name" 2>/dev/null || {
		skip "no chattr +i here"
		break
	}
	preview 64 "what is immutable is foretold" "$work/st"
	check "as what would be refused" grep -q '"refusal": .*immutable' "$work/out"
	update 11 "$name is immutable" "$work/st"
	chattr -i "$work/st/$name"
	check "it is named, with what to do" grep -qx \
		'O que fazer: Tire isso (chattr -ia) ou deixe-o de fora (--exclude).' \
		"$work/err"
	check "before anything is received" test -z \
		"$(ls "$work/st/.erpsync/recv")"
	update 0 "then it is no more" "$work/st"
done

# Our own folder, too, also before there is anything in it.
for had in lock nothing; do
	rm -rf "$work/st"
	cp -a "$work/image2" "$work/st"
	[ $had = lock ] || find "$work/st/.erpsync" -mindepth 1 -delete
	chattr +i "$work/st/.erpsync" 2>/dev/null || break
	update 11 ".erpsync with $had is immutable" "$work/st"
	chattr -i "$work/st/.erpsync"
	check "... and one thing to do" \
		grep -qx 'O que fazer: Tire isso (chattr -ia).' "$work/err"
done

# A thing of others among what is received keeps no update.
rm -rf "$work/st"
cp -a "$work/image2" "$work/st"
mkdir -p "$work/st/.erpsync/recv"
echo 1 >"$work/st/.erpsync/recv/imm"
if chattr +i "$work/st/.erpsync/recv/imm" 2>/dev/null; then
	update 0 "something immutable is in recv" "$work/st"
	check "... it is told, once" test 1 = \
		"$(grep -c '\.erpsync/recv: imm: .*(chattr -ia)$' "$work/err")"
	check "... nothing waits" test ! -e "$work/st/.erpsync/committed"
	update 0 "... and the next start ends well, too" "$work/st"
	chattr -i "$work/st/.erpsync/recv/imm"
fi

# --- what chattr protects in a backup ------------------------------------------
# in_the_way NAME TEXT N: NAME of image4, of which 001 goes next, is immutable; the
# update says so once, in these words, and release N finds it no more.
in_the_way() {
	rm -rf "$work/st"
	cp -a "$work/image4" "$work/st"
	chattr +i "$work/st/$1" 2>/dev/null || return 1
	run 0 "an update past $1, immutable" update --dir "$work/st" --server \
		"127.0.0.1:$PORT" --os linux --yes -q --lang en
	chattr -i "$work/st/$1" "$work"/st/.erpsync/trash.*/lang/a.txt 2>/dev/null
	check "it is told once" test "$(grep -c 'immutable' "$work/err")" = 1
	check "with what to do" grep -q "$2: is immutable or append-only; take that from it (chattr -ia)$" \
		"$work/err"
	release "$3"
	update 0 "then it is no more" "$work/st"
	check "and nothing of it stays" test -z \
		"$(ls "$work/st/.erpsync" | grep -E 'rotating|trash|bkp')"
}
in_the_way bkp_remote.001/lang/a.txt '^Warning: .erpsync: trash[.0-9a-f]*/lang/a.txt' 8 &&
	in_the_way bkp_remote.001 '^Warning: the newest backup still waits for its number: bkp_remote.001' 9 ||
	skip "no chattr +i here"
rm -rf "$work/st"
cp -a "$work/image2" "$work/st"
if chattr +a "$work/st/.erpsync" 2>/dev/null; then
	update 11 ".erpsync is append-only" "$work/st"
	check "it is named" grep -q ' .erpsync: está imutável' "$work/err"
	chattr -a "$work/st/.erpsync"
fi

# --- settings that are mounted, as in a container -------------------------------
rm -rf "$work/st"
cp -a "$work/image2" "$work/st"
echo >"$work/st/smartclient.ini"
printf '[ErpSync]\nServer=127.0.0.1\nPort=%s\n' "$PORT" >"$work/host.ini"
if mount --bind "$work/host.ini" "$work/st/smartclient.ini" 2>/dev/null; then
	run 0 "mounted settings tell the server" update --dir "$work/st" \
		--os linux --yes -q
	check "it is the release" cmp -s "$work/st/smartclient" "$update/smartclient"
	check "they are in no backup" test ! -e "$work/st/bkp_remote.001/smartclient.ini"
	umount "$work/st/smartclient.ini"
else
	skip "settings cannot be mounted here"
fi

# --- a file that is mounted in what the server publishes --------------------------
echo mounted >"$update/mounted.ini"
if mount --bind "$work/host.ini" "$update/mounted.ini" 2>/dev/null; then
	run 1 "a mounted file is not published" publish --config "$ini" \
		--state "$work/state2"
	cat "$work/out" >>"$work/err"
	check "it is named" grep -q 'mounted.ini' "$work/err"
	umount "$update/mounted.ini"
else
	skip "nothing can be mounted in the update folder"
fi
rm "$update/mounted.ini"

# --- a folder that is a subvolume --------------------------------------------------
truncate -s 120M "$work/volume"
if mkfs.btrfs -q "$work/volume" 2>/dev/null &&
	mount -o loop "$work/volume" "$work/vol" 2>/dev/null; then
	cp -a "$work/image2" "$work/vol/st"
	rm -r "$work/vol/st/lang"
	btrfs -q subvolume create "$work/vol/st/lang"
	update 11 "a subvolume is in the way" "$work/vol/st"
	check "it is named" grep -q 'lang' "$work/err"
	update 0 "left out, all is well" "$work/vol/st" --exclude lang
	btrfs -q subvolume create "$work/vol/st/.snapshots"
	release 7
	update 0 "one of the user is left alone" "$work/vol/st" --exclude lang
	check "and is in no backup" test ! -e "$work/vol/st/bkp_remote.001/.snapshots"
	umount "$work/vol"
else
	skip "no btrfs (mkfs.btrfs) here"
fi
rm "$work/volume"

# --- a folder that is encrypted and locked -------------------------------------------
cat >"$work/lock.c" <<'C'
#include <fcntl.h>
#include <linux/fscrypt.h>
#include <string.h>
#include <sys/ioctl.h>
/* Encrypt an empty folder, and take its key away or give it again. */
int main(int n, char **v)
{
	struct {
		struct fscrypt_add_key_arg arg;
		unsigned char raw[64];
	} key;
	struct fscrypt_remove_key_arg gone;
	struct fscrypt_policy_v2 policy;
	int fd = n == 3 ? open(v[2], O_RDONLY) : -1;
	memset(&key, 0, sizeof(key));
	memset(&gone, 0, sizeof(gone));
	memset(&policy, 0, sizeof(policy));
	key.arg.key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
	key.arg.raw_size = sizeof(key.raw);
	memset(key.raw, 7, sizeof(key.raw));
	if (ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY, &key) != 0)
		return 1;
	gone.key_spec = key.arg.key_spec;
	policy.version = FSCRYPT_POLICY_V2;
	policy.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS;
	policy.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS;
	policy.flags = FSCRYPT_POLICY_FLAGS_PAD_32;
	memcpy(policy.master_key_identifier, key.arg.key_spec.u.identifier,
		FSCRYPT_KEY_IDENTIFIER_SIZE);
	if (v[1][0] == 'e')
		return ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY, &policy) != 0;
	return v[1][0] == 'l' &&
		ioctl(fd, FS_IOC_REMOVE_ENCRYPTION_KEY, &gone) != 0;
}
C
truncate -s 64M "$work/volume"
if ${CC:-cc} -o "$tools/lock" "$work/lock.c" 2>/dev/null &&
	mkfs.ext4 -q -O encrypt "$work/volume" 2>/dev/null &&
	mount -o loop "$work/volume" "$work/vol" 2>/dev/null &&
	mkdir "$work/vol/st" && "$tools/lock" encrypt "$work/vol/st"
then
	chmod 755 "$work/vol"
	release 7
	update 0 "a folder that is encrypted" "$work/vol/st"
	release 8
	umount "$work/vol"
	mount -o loop "$work/volume" "$work/vol"
	preview 64 "one that is locked is foretold" "$work/vol/st"
	check "as what would be refused" grep -q \
		'"refusal": ".*st: the folder is encrypted and locked' "$work/out"
	update 11 "it is refused" "$work/vol/st"
	check "with what helps" grep -qx \
		'O que fazer: Desbloqueie-a (fscrypt unlock).' "$work/err"
	"$tools/lock" unlock "$work/vol/st"
	update 0 "unlocked, it is updated" "$work/vol/st"
	check "it is the release" same "$work/vol/st"
	# Nothing can be renamed into a folder that alone is encrypted.
	mkdir -p "$work/vol/half/lang"
	"$tools/lock" encrypt "$work/vol/half/lang"
	preview 64 "only a folder in it is encrypted" "$work/vol/half"
	check "it is foretold" grep -q \
		'"refusal": "lang: is encrypted, and the client' "$work/out"
	update 11 "it is refused" "$work/vol/half"
	check "before anything is received" test ! -e \
		"$work/vol/half/.erpsync/recv"
	update 0 "left out, all is well" "$work/vol/half" --exclude lang
else
	skip "no encrypted folders here (fscrypt)"
fi
umount "$work/vol" 2>/dev/null
rm "$work/volume"

# --- inode numbers that are made of paths -------------------------------------------
mkdir "$work/branch"
for how in hybrid-hash path-hash; do
	rm -rf "$work/branch/st"
	mkdir "$work/branch/st"
	mergerfs -o "use_ino,inodecalc=$how,minfreespace=1M" "$work/branch" \
		"$work/m" 2>/dev/null || {
		skip "no mergerfs here"
		break
	}
	release 7
	update 0 "$how: a first update makes folders" "$work/m/st"
	release 8
	rm -r "$update/lang"
	echo now a file >"$update/lang"
	offer
	update 0 "$how: a folder becomes a file" "$work/m/st" --delete
	check "$how: it is the release" same "$work/m/st"
	run 0 "$how: and comes back" rollback --dir "$work/m/st" -q
	check "$how: as it was" test -f "$work/m/st/lang/a.txt"
	run 0 "$how: the backups are whole" history --dir "$work/m/st"
	rm "$update/lang"
	umount "$work/m"
done

# --- the root of a volume -----------------------------------------------------
truncate -s 16M "$work/volume"
if mkfs.ext4 -q "$work/volume" && mount -o loop "$work/volume" "$work/vol" 2>/dev/null; then
	chmod 755 "$work/vol"
	update 0 "the root of a volume" "$work/vol"
	release 8
	update 0 "again" "$work/vol"
	check "lost+found is in no backup" test ! -e "$work/vol/bkp_remote.001/lost+found"
	check "it is left alone" test -d "$work/vol/lost+found"
	umount "$work/vol"
else
	skip "no volume can be mounted here"
fi

# --- files that may grow no longer --------------------------------------------
head -c 400000 /dev/urandom >"$update/big"
offer
cp -a "$work/image2" "$work/limited"
code=0
(ulimit -f 100 && exec "$erpsync" update --dir "$work/limited" --os linux \
	--server "127.0.0.1:$PORT" --yes -q >"$work/out" 2>"$work/err") || code=$?
check "a limit on the size of files is a failed write" test $code = 11
check "nothing of it stays" test -z "$(find "$work/limited" -name 'big*' -o -name '*.tmp')"
rm "$update/big"
finish
