/* Calls that say what failed: what they tried, on which path, and the code. */
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_ops.h"
#include "engine/base/who.h"
#include "tests/support/fs_fault.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct tempdir t;
static struct fs_fault fault;
static const struct fs *fs = &fault.fs;
static struct err e;

static void
begin(void)
{
	tempdir_open(&t);
	fs_fault_init(&fault, fs_real());
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(fs_at, .init = begin, .fini = end);

static void
touch(const char *path)
{
	int fd = at_create(fs, t.fd, path, &e);

	cr_assert_geq(fd, 0);
	fs_close_quietly(fs, &fd);
}

static void
failed(int rc, int code, const char *msg)
{
	cr_assert_eq(rc, code);
	cr_assert_eq(e.code, code);
	cr_assert_str_eq(e.msg, msg);
}

Test(fs_at, results_are_those_of_the_raw_calls)
{
	struct fs_stat st;
	char p[8];
	int fd;

	cr_assert_eq(at_mkdir(fs, t.fd, "d", 0700, &e), 0);
	touch("d/a");
	cr_assert_eq(at_stat(fs, t.fd, "d/a", &st, &e), 0);
	cr_assert_eq(st.mode, 0600);
	fd = at_create_mode(fs, t.fd, "d/x", AT_PRIVATE | 0100, &e);
	cr_assert_geq(fd, 0);
	fs_close_quietly(fs, &fd);
	cr_assert_eq(at_stat(fs, t.fd, "d/x", &st, &e), 0);
	cr_assert_eq(st.mode, 0700);
	cr_assert_eq(at_unlink(fs, t.fd, "d/x", &e), 0);
	cr_assert_eq(at_rename(fs, t.fd, "d/a", "d/b", &e), 0);
	touch("d/a");
	cr_assert_eq(at_rename(fs, t.fd, "d/a", "d/b", &e), 0);
	cr_assert_eq(at_sync(fs, t.fd, "d/b", FS_READ, &e), 0);
	cr_assert_eq(at_sync(fs, t.fd, "d", FS_DIRECTORY, &e), 0);
	cr_assert_eq(fs_symlink(fs, "target", t.fd, "d/l"), 0);
	memset(p, 'x', sizeof(p));
	cr_assert_eq(at_readlink(fs, t.fd, "d/l", p, sizeof(p), &e), 6);
	cr_assert_str_eq(p, "target");
	cr_assert_eq(at_readlink(fs, t.fd, "d/l", p, 5, &e), 4, "cut");
	cr_assert_str_eq(p, "targ");
	fd = at_open(fs, t.fd, "d/c", FS_WRITE | FS_CREATE_OR_OPEN, &e);
	cr_assert_geq(fd, 0);
	cr_assert_eq(at_fsync(fs, fd, "d/c", &e), 0);
	cr_assert_eq(at_fstat(fs, fd, "d/c", &st, &e), 0);
	cr_assert_eq(st.type, FS_FILE);
	cr_assert_eq(st.mode, 0600);
	cr_assert_eq(at_set(fs, fd, "d/c", 0640, (struct stamp){5, 6}, &e), 0);
	cr_assert_eq(at_fstat(fs, fd, "d/c", &st, &e), 0);
	cr_assert_eq(st.mode, 0640);
	cr_assert(stamp_equal(st.mtime, (struct stamp){5, 6}));
	fs_close_quietly(fs, &fd);
	cr_assert_eq(at_unlink(fs, t.fd, "d/b", &e), 0);
	cr_assert_eq(at_unlink_any(fs, t.fd, "d/c", &e), 0);
	cr_assert_eq(at_find(fs, t.fd, "d/c", &st, &e), 0);
	cr_assert_eq(e.code, 0, "nothing failed: %s", e.msg);
}

Test(fs_at, absent_may_be_no_failure)
{
	struct fs_stat st;

	touch("a");
	cr_assert_eq(at_find(fs, t.fd, "a", &st, &e), 1);
	cr_assert_eq(st.type, FS_FILE);
	cr_assert_eq(at_find(fs, t.fd, "none", &st, &e), 0);
	cr_assert_eq(at_find(fs, t.fd, "a/b", &st, &e), 0);
	cr_assert_eq(at_find(fs, t.fd, "none/b", &st, &e), 0);
	cr_assert_eq(at_unlink_any(fs, t.fd, "none", &e), 0);
	cr_assert_eq(e.code, 0);
	failed(at_find(fs, t.fd, "..", &st, &e), ERP_IO,
	    "stat ..: Invalid cross-device link");
	cr_assert_eq(e.sys, EXDEV);
	failed(at_unlink_any(fs, t.fd, "a/b", &e), ERP_NOTFOUND,
	    "remove a/b: Not a directory");
}

Test(fs_at, what_failed_is_said)
{
	struct fs_stat st;
	char p[8];

	failed(at_open(fs, t.fd, "none", FS_READ, &e), ERP_NOTFOUND,
	    "open none: No such file or directory");
	cr_assert_eq(e.sys, ENOENT);
	touch("a");
	failed(at_create(fs, t.fd, "a", &e), ERP_IO, "create a: File exists");
	failed(at_mkdir(fs, t.fd, "a", 0700, &e), ERP_IO,
	    "create folder a: File exists");
	failed(at_stat(fs, t.fd, "none", &st, &e), ERP_NOTFOUND,
	    "stat none: No such file or directory");
	failed(at_unlink(fs, t.fd, "none", &e), ERP_NOTFOUND,
	    "remove none: No such file or directory");
	failed(at_rename(fs, t.fd, "none", "b", &e), ERP_NOTFOUND,
	    "rename none: No such file or directory");
	failed(at_readlink(fs, t.fd, "a", p, sizeof(p), &e), ERP_IO,
	    "read link a: Invalid argument");
	failed(at_sync(fs, t.fd, "none", FS_READ, &e), ERP_NOTFOUND,
	    "open none: No such file or directory");
	failed(at_fstat(fs, -1, "f", &st, &e), ERP_IO,
	    "stat f: Bad file descriptor");
	failed(at_set(fs, -1, "f", 0600, (struct stamp){0, 0}, &e), ERP_IO,
	    "set mode of f: Bad file descriptor");
	failed(
	    at_fsync(fs, -1, "f", &e), ERP_IO, "sync f: Bad file descriptor");
}

/* The system only says that it is not to be had now. */
Test(fs_at, a_lease_is_named)
{
	cr_assert_eq(at_failed(-EAGAIN, "open", "d/f", &e), ERP_BUSY);
	cr_assert(strstr(e.msg, "d/f: another program holds a lease") != NULL,
	    "%s", e.msg);
	cr_assert_eq(at_failed(-EBUSY, "open", "d/f", &e), ERP_BUSY);
	cr_assert(strstr(e.msg, "open d/f: ") != NULL, "%s", e.msg);
}

Test(fs_at, a_failed_sync_closes_the_file)
{
	int before, after;

	touch("a");
	before = fs_open(fs, t.fd, "a", FS_READ, 0);
	(void)fs_close(fs, before);
	fs_fault_arm(&fault, FAULT_FROM, 1, ENOSPC);
	failed(at_sync(fs, t.fd, "a", FS_READ, &e), ERP_NOSPACE,
	    "sync a: No space left on device");
	after = fs_open(fs, t.fd, "a", FS_READ, 0);
	cr_assert_eq(after, before);
	(void)fs_close(fs, after);
	cr_assert_eq(at_mkdir(fs, t.fd, "d", 0700, NULL), ERP_NOSPACE);
}

static int
disk_of(void *ctx, int dir, uint64_t *out)
{
	(void)ctx;
	*out = 42;
	return dir < 0 ? -EBADF : 0;
}

Test(fs_at, a_disk_is_told_by_its_own_call_or_with_a_file)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs other = {&ops, fs_real()->ctx};
	struct fs_stat st;
	uint64_t disk = 0;

	cr_assert_eq(at_fstat(fs, t.fd, ".", &st, &e), 0);
	cr_assert_eq(at_disk(fs, t.fd, ".", &disk, &e), 0);
	cr_assert_eq(disk, st.dev);
	failed(at_disk(fs, -1, "d", &disk, &e), ERP_IO,
	    "stat d: Bad file descriptor");
	cr_assert_eq(disk, st.dev);
	ops.root.disk = disk_of;
	cr_assert_eq(at_disk(&other, t.fd, ".", &disk, &e), 0);
	cr_assert_eq(disk, 42);
	failed(at_disk(&other, -1, "d", &disk, &e), ERP_IO,
	    "stat d: Bad file descriptor");
}

static int may_say;

static int
may_not(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return may_say;
}

/* Why a folder cannot be changed, and so what helps. */
Test(fs_at, what_keeps_from_changing_a_folder_is_told_apart)
{
	static const struct {
		int says, told; /* by the system, and by us */
		const char *words;
	} rows[] = {
	    {-EACCES, -EACCES,
		"a: the folder cannot be written; give this user the right to "
		"write in it"},
	    {-EROFS, -EROFS, "write in folder a: Read-only file system"},
	    {-ENOKEY, -ENOKEY,
		"a: the folder is encrypted and locked; unlock it (fscrypt "
		"unlock)"},
	    {-EPERM, 0, NULL},
	    {0, 0, NULL},
	};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, fs_real()->ctx};
	size_t i;

	ops.attr.may_change = may_not;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		may_say = rows[i].says;
		cr_expect_eq(fs_may_change(&odd, t.fd), rows[i].told);
		if (rows[i].words != NULL)
			failed(at_not_writable(-rows[i].told, "a", &e),
			    ERP_AUTH, rows[i].words);
	}
	cr_expect_eq(at_not_writable(EROFS, "a", &e), ERP_AUTH);
	cr_expect_eq(e.sys, EROFS);
	cr_expect_eq(at_not_writable(ENOKEY, "a", &e), ERP_AUTH);
	cr_expect_eq(e.sys, 0);
}

static struct fs_ops ops;
static const char *protects; /* what chattr(1) would, in this test */

static int
stat_protected(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	int rc = fs_real()->ops->stat(ctx, dir, name, st);

	st->fixed = strcmp(name, protects) == 0;
	return rc;
}

static int
no_unlink(void *ctx, int dir, const char *name)
{
	(void)ctx;
	(void)dir;
	(void)name;
	return -EPERM;
}

static int
no_rename(void *ctx, int from_dir, const char *from, int to_dir, const char *to,
    bool replace)
{
	(void)ctx;
	(void)from_dir;
	(void)from;
	(void)to_dir;
	(void)to;
	(void)replace;
	return -EPERM;
}

/* What nobody may change is told as that, with what helps. */
Test(fs_at, what_chattr_protects_is_told)
{
	const struct fs played = {&ops, NULL};

	ops = *fs_real()->ops;
	ops.stat = stat_protected;
	ops.unlink = no_unlink;
	ops.rename = no_rename;
	cr_assert_eq(at_mkdir(fs, t.fd, "d", 0700, &e), 0);
	touch("d/a");
	protects = "a";
	failed(at_unlink(&played, t.fd, "d/a", &e), ERP_AUTH,
	    "d/a: is immutable or append-only; take that from it (chattr -ia)");
	/* The errno would have it told to whom the rights belong. */
	cr_expect_eq(e.sys, 0);
	failed(at_rename(&played, t.fd, "d/x", "d/a", &e), ERP_AUTH,
	    "d/a: is immutable or append-only; take that from it (chattr -ia)");
	failed(tree_remove(&played, t.fd, "d", &e), ERP_AUTH,
	    "d/a: is immutable or append-only; take that from it (chattr -ia)");
	protects = "d";
	failed(at_unlink_any(&played, t.fd, "d/a", &e), ERP_AUTH,
	    "d/a: its folder is immutable or append-only; take that from the "
	    "folder (chattr -ia)");
	protects = ".";
	failed(at_rename(&played, t.fd, "d", "c", &e), ERP_AUTH,
	    "d: its folder is immutable or append-only; take that from the "
	    "folder (chattr -ia)");
	protects = "d";
	failed(at_rename(&played, t.fd, "d/a", "c", &e), ERP_AUTH,
	    "d/a: its folder is immutable or append-only; take that from the "
	    "folder (chattr -ia)");
	failed(at_rename(&played, t.fd, "c", "d/b", &e), ERP_AUTH,
	    "d/b: its folder is immutable or append-only; take that from the "
	    "folder (chattr -ia)");
	protects = "other";
	failed(at_rename(&played, t.fd, "c", "d/b", &e), ERP_AUTH,
	    "rename c: Operation not permitted");
	failed(at_unlink(&played, t.fd, "d/a", &e), ERP_AUTH,
	    "remove d/a: Operation not permitted");
	cr_expect_eq(at_unlink(&played, t.fd, "d/a", NULL), ERP_AUTH);
}

static uint32_t home_mode, home_uid, file_uid;

static int
stat_of_others(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	int rc = fs_real()->ops->stat(ctx, dir, name, st);

	st->fixed = false;
	st->uid = st->type == FS_DIR ? home_uid : file_uid;
	st->mode = st->type == FS_DIR ? home_mode : st->mode;
	return rc;
}

/* Rights to read and write do not help there. */
Test(fs_at, what_a_sticky_folder_keeps_is_told)
{
	const uint32_t me = who_uid();
	const struct fs played = {&ops, NULL};
	const struct at it = {t.fd, "d/a"};

	ops = *fs_real()->ops;
	ops.stat = stat_of_others;
	ops.unlink = no_unlink;
	ops.rename = no_rename;
	cr_assert_eq(at_mkdir(fs, t.fd, "d", 0700, &e), 0);
	touch("d/a");
	home_mode = 01777;
	home_uid = file_uid = me + 1;
	failed(at_sticky(&played, &it, "it", &e), ERP_AUTH,
	    "it: is of another user and its folder is sticky, so that this one "
	    "cannot replace it; give it to this user (chown), or take the "
	    "sticky bit from its folder (chmod -t)");
	cr_expect_eq(at_unlink(&played, t.fd, "d/a", &e), ERP_AUTH);
	cr_expect_not_null(strstr(e.msg, "d/a: is of another"), "%s", e.msg);
	cr_expect_eq(at_rename(&played, t.fd, "x", "d/a", &e), ERP_AUTH);
	cr_expect_not_null(strstr(e.msg, "d/a: is of another"), "%s", e.msg);
	home_uid = me;
	cr_expect_eq(at_sticky(&played, &it, "it", &e), 0);
	home_uid = me + 1;
	file_uid = me;
	cr_expect_eq(at_sticky(&played, &it, "it", &e), 0);
	file_uid = me + 1;
	home_mode = 0777;
	cr_expect_eq(at_sticky(&played, &it, "it", &e), 0);
	failed(at_unlink(&played, t.fd, "d/a", &e), ERP_AUTH,
	    "remove d/a: Operation not permitted");
}
