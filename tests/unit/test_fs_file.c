/* Whole files and trees, and what is left when a call fails. */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "tests/support/fs_fault.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct tempdir t;
static struct fs_ops ops; /* the real calls, some replaced by a test */
static struct fs fs_own = {&ops, NULL};
static const struct fs *fs = &fs_own;
static char order[64]; /* the calls that were made, a letter each */

static void
begin(void)
{
	ops = *fs_real()->ops;
	order[0] = '\0';
	tempdir_open(&t);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(fs_file, .init = begin, .fini = end);

static int
copy_in(const char *from, const char *to, struct copied *made, struct err *e)
{
	return file_copy(
	    fs, (struct at){t.fd, from}, (struct at){t.fd, to}, made, e);
}

static int
fail_fsync(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return -EIO;
}

static int64_t
fail_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	(void)ctx;
	(void)fd;
	(void)p;
	(void)n;
	(void)off;
	return -ENOSPC;
}

static int
fail_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	(void)ctx;
	(void)from_dir;
	(void)from;
	(void)to_dir;
	(void)to;
	(void)replace;
	return -EACCES;
}

static int64_t
note_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	strcat(order, "w");
	return fs_real()->ops->pwrite(ctx, fd, p, n, off);
}

static int
note_fsync(void *ctx, int fd)
{
	struct fs_stat st;

	cr_assert_eq(fs_fstat(fs_real(), fd, &st), 0);
	strcat(order, st.type == FS_DIR ? "D" : "F");
	return fs_real()->ops->fsync(ctx, fd);
}

static int
note_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	strcat(order, "r");
	return fs_real()->ops->rename(ctx, from_dir, from, to_dir, to, replace);
}

static int
fail_clone(void *ctx, int to, int from)
{
	(void)ctx;
	(void)to;
	(void)from;
	return -EOPNOTSUPP;
}

static int64_t
note_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	(void)strcat(order, "p");
	return fs_real()->ops->pread(ctx, fd, p, n, off);
}

/* Pieces are of 64 KiB; the first that is not full is the last. */
Test(fs_file, is_read_whole_whatever_its_length)
{
	static const size_t lens[] = {
	    0, 1, 65535, 65536, 65537, 131072, 131073};
	struct buf in, out;
	struct err e;
	uint8_t *p;
	size_t i, k;

	ops.pread = note_pread;
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		buf_init(&in, 1 << 20);
		buf_init(&out, 1 << 20);
		cr_assert_eq(buf_reserve(&in, 1 << 18, &p, &e), 0);
		for (k = 0; k < lens[i]; k++)
			p[k] = (uint8_t)(k * 31 >> 3);
		buf_commit(&in, lens[i]);
		tempdir_write(&t, "f", p, lens[i], -1);
		order[0] = '\0';
		cr_assert_eq(file_read(fs, t.fd, "f", &out, &e), 0);
		cr_expect_eq(out.len, lens[i]);
		cr_expect(out.len == 0 ||
		    memcmp(buf_data(&out), buf_data(&in), out.len) == 0);
		/* One for each full piece, and two for the last: what is there,
		 * and the end. */
		cr_expect_eq(strlen(order),
		    lens[i] / 65536 + (lens[i] % 65536 == 0 ? 1 : 2));
		buf_release(&in);
		buf_release(&out);
	}
}

Test(fs_file, read_appends_within_the_limit)
{
	struct buf b;
	struct err e;

	buf_init(&b, 5);
	tempdir_text(&t, "d/f", "12345", -1);
	cr_assert_eq(file_read(fs, t.fd, "d/f", &b, &e), 0);
	cr_assert_eq(b.len, 5);
	cr_assert_eq(file_read(fs, t.fd, "d/f", &b, &e), ERP_CORRUPT);
	cr_assert_eq(file_read(fs, t.fd, "none", &b, &e), ERP_NOTFOUND);
	cr_assert_not_null(strstr(e.msg, "open none"));
	buf_release(&b);
}

Test(fs_file, what_is_no_file_is_no_file_of_ours)
{
	static const char *const names[] = {"d", "p", "l", "s"};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct buf b;
	struct err e;
	size_t i;
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);

	buf_init(&b, 5);
	tempdir_mkdir(&t, "d");
	cr_assert_eq(mkfifoat(t.fd, "p", 0600), 0);
	cr_assert_eq(symlinkat("d/f", t.fd, "l"), 0);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%.90s/s", t.path);
	cr_assert_eq(bind(sock, (struct sockaddr *)&a, sizeof(a)), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cr_expect_eq(file_read(fs, t.fd, names[i], &b, &e), ERP_CORRUPT,
		    "%s: %s", names[i], e.msg);
		cr_expect_not_null(
		    strstr(e.msg, "is no regular file"), "%s", e.msg);
	}
	(void)close(sock);
	buf_release(&b);
}

Test(fs_file, durable_writes_are_synced_before_and_after_the_rename)
{
	ops.pwrite = note_pwrite;
	ops.fsync = note_fsync;
	ops.rename = note_rename;
	tempdir_text(&t, "d/f", "old", -1);
	tempdir_text(&t, "d/f.new", "a left-over", -1);
	cr_assert_eq(file_write_durable(fs, t.fd, "d/f", "new", 3, NULL), 0);
	cr_assert_str_eq(order, "wFrD");
	cr_assert(tempdir_is_text(&t, "d/f", "new"));
	cr_assert_not(tempdir_has(&t, "d/f.new"));
	cr_assert_eq(file_write_durable(fs, t.fd, "top", "", 0, NULL), 0);
	cr_assert(tempdir_is_text(&t, "top", ""));
}

Test(fs_file, a_durable_write_needs_room_for_its_name)
{
	char path[FS_PATH_BYTES];
	struct err e;

	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 4] = '\0'; /* with ".new" one too many */
	cr_expect_eq(file_write_durable(fs, t.fd, path, "x", 1, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "path too long"));
	path[sizeof(path) - 5] = '\0'; /* that is the disk's to refuse */
	cr_expect_neq(
	    file_write_durable(fs, t.fd, path, "x", 1, &e), ERP_USAGE);
}

Test(fs_file, failed_durable_writes_leave_the_old_file)
{
	struct err e;

	tempdir_text(&t, "f", "old", -1);
	ops.pwrite = fail_pwrite;
	cr_assert_eq(
	    file_write_durable(fs, t.fd, "f", "new", 3, &e), ERP_NOSPACE);
	cr_assert(tempdir_is_text(&t, "f", "old"));
	cr_assert_not(tempdir_has(&t, "f.new"));
	ops = *fs_real()->ops;
	ops.fsync = fail_fsync;
	cr_assert_eq(file_write_durable(fs, t.fd, "f", "new", 3, &e), ERP_IO);
	cr_assert(tempdir_is_text(&t, "f", "old"));
	cr_assert_not(tempdir_has(&t, "f.new"));
	ops = *fs_real()->ops;
	ops.rename = fail_rename;
	cr_assert_eq(file_write_durable(fs, t.fd, "f", "new", 3, &e), ERP_AUTH);
	cr_assert(tempdir_is_text(&t, "f", "old"));
	cr_assert_not(tempdir_has(&t, "f.new"));
	ops = *fs_real()->ops;
	cr_assert_eq(
	    file_write_durable(fs, t.fd, "no/f", "new", 3, &e), ERP_NOTFOUND);
}

Test(fs_file, hashes_an_open_file_from_its_start)
{
	struct hash want, got;
	int fd;

	tempdir_text(&t, "f", "abc", -1);
	fd = fs_open(fs, t.fd, "f", FS_READ, 0);
	cr_assert_eq(hash_bytes("abc", 3, &want, NULL), 0);
	cr_assert_eq(file_hash(fs, fd, "f", &got, NULL), 0);
	cr_assert(hash_equal(&want, &got));
	cr_assert_eq(file_hash(fs, fd, "f", &got, NULL), 0);
	cr_assert(hash_equal(&want, &got));
	fs_close_quietly(fs, &fd);
	cr_assert_eq(file_hash(fs, fd, "f", &got, NULL), ERP_IO);
}

/* A file to be copied, a folder for its copies. */
static void
original(struct hash *hash)
{
	cr_assert_eq(hash_bytes("content", 7, hash, NULL), 0);
	tempdir_text(&t, "a", "content", -1);
	tempdir_chmod(&t, "a", 0751);
	tempdir_touch(&t, "a", 1000, 7);
	tempdir_mkdir(&t, "d");
}

Test(fs_file, copies_keep_content_mode_and_time)
{
	const struct fs_stat as = {.mode = 04640, .mtime = {2000, 9}};
	struct copied copy = {.as = NULL};
	struct hash want;
	struct fs_stat st;
	int i;

	original(&want);
	for (i = 0; i < 2; i++) {
		cr_assert_eq(copy_in("a", "d/b", &copy, NULL), 0);
		cr_assert_eq(fs_stat(fs, t.fd, "d/b", &st), 0);
		cr_assert_eq(copy.st.ino, st.ino);
		cr_assert_eq(copy.st.size, 7);
		cr_assert_eq(copy.st.mode, 0751);
		cr_assert_eq(copy.st.mtime.s, 1000);
		cr_assert_eq(copy.st.mtime.ns, 7);
		cr_assert(hash_equal(&copy.hash, &want));
		cr_assert(tempdir_is_text(&t, "d/b", "content"));
		cr_assert_eq(copy_in("a", "d/b", NULL, NULL), ERP_IO,
		    "an existing file is never overwritten");
		cr_assert_eq(fs_unlink(fs, t.fd, "d/b"), 0);
		ops.fast.clone = fail_clone;
	}
	copy.as = &as;
	cr_assert_eq(copy_in("a", "d/b", &copy, NULL), 0);
	cr_assert_eq(copy.st.mode, 0640, "never set-id");
	cr_assert_eq(copy.st.mtime.s, 2000);
	cr_assert_eq(copy.st.mtime.ns, 9);
	cr_assert_eq(copy_in("none", "x", NULL, NULL), ERP_NOTFOUND);
	cr_assert_not(tempdir_has(&t, "x"));
	ops.pwrite = fail_pwrite;
	cr_assert_eq(copy_in("a", "x", NULL, NULL), ERP_NOSPACE);
}

/* The same, but once only. */
static int
play_clone_once(void *ctx, int to, int from)
{
	ops.fast.clone = fail_clone;
	return fs_play_clone(ctx, to, from);
}

static int reads;

static int64_t
count_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	reads++;
	return fs_real()->ops->pread(ctx, fd, p, n, off);
}

Test(fs_file, two_copies_of_one_file_are_made_at_once)
{
	static int (*const clones[])(void *ctx, int to, int from) = {
	    fail_clone, fs_play_clone, play_clone_once};
	const struct fs_stat as = {.mode = 04640, .mtime = {2000, 9}};
	struct second_copy second = {.to = "d/c"};
	struct copied copy = {.second = &second};
	struct hash want;
	size_t i;

	original(&want);
	for (i = 0; i < sizeof(clones) / sizeof(clones[0]); i++) {
		ops.fast.clone = clones[i];
		second.st = as;
		copy.plain = false;
		memset(&copy.hash, 0, sizeof(copy.hash));
		cr_assert_eq(copy_in("a", "d/b", &copy, NULL), 0);
		cr_assert(hash_equal(&copy.hash, &want), "%zu", i);
		cr_assert_eq(copy.st.mode, 0751);
		cr_assert_eq(copy.st.mtime.s, 1000);
		cr_assert_eq(copy.st.mtime.ns, 7);
		cr_assert_eq(second.st.mode, 0640, "never set-id");
		cr_assert_eq(second.st.mtime.s, 2000);
		cr_assert_eq(second.st.mtime.ns, 9);
		cr_assert_eq(second.st.size, 7);
		cr_assert_neq(second.st.ino, copy.st.ino);
		cr_assert(tempdir_is_text(&t, "d/b", "content"), "%zu", i);
		cr_assert(tempdir_is_text(&t, "d/c", "content"), "%zu", i);
		cr_assert_eq(fs_unlink(fs, t.fd, "d/b"), 0);
		cr_assert_eq(fs_unlink(fs, t.fd, "d/c"), 0);
	}
}

Test(fs_file, two_copies_take_one_read_of_each_byte)
{
	static char large[300 * 1024];
	struct second_copy second = {.to = "c", .st = {.mode = 0644}};
	struct copied copy = {.second = &second};
	struct hash want;
	char *made;
	size_t n;

	ops.fast.clone = fail_clone;
	ops.pread = count_pread;
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = 'y';
	cr_assert_eq(hash_bytes(large, sizeof(large), &want, NULL), 0);
	tempdir_write(&t, "a", large, sizeof(large), -1);
	reads = 0;
	cr_assert_eq(copy_in("a", "b", &copy, NULL), 0);
	/* In pieces of 128 KiB. */
	cr_assert_eq(reads, 3);
	cr_assert(hash_equal(&copy.hash, &want));
	made = tempdir_read(&t, "c", &n);
	cr_assert_eq(n, sizeof(large));
	cr_assert_eq(memcmp(made, large, n), 0);
	free(made);
}

static int pass; /* so many calls before one fails */

static int64_t
fail_late_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	return pass-- > 0 ? fs_real()->ops->pwrite(ctx, fd, p, n, off)
			  : -ENOSPC;
}

static int
fail_late_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return pass-- > 0 ? fs_real()->ops->open(ctx, dir, path, flags, mode)
			  : -ENOSPC;
}

Test(fs_file, a_second_copy_that_fails_is_named)
{
	struct second_copy second = {.to = "c"};
	struct copied copy = {.second = &second};
	struct err e;

	ops.fast.clone = fail_clone;
	tempdir_text(&t, "a", "content", -1);
	tempdir_text(&t, "c", "there", -1);
	cr_assert_eq(copy_in("a", "b", &copy, &e), ERP_IO);
	cr_assert_not_null(strstr(e.msg, "create c"), "%s", e.msg);
	cr_assert(tempdir_is_text(&t, "c", "there"));
	cr_assert_eq(fs_unlink(fs, t.fd, "b"), 0);
	cr_assert_eq(fs_unlink(fs, t.fd, "c"), 0);
	/* The source and the first one can be opened. */
	ops.open = fail_late_open;
	pass = 2;
	cr_assert_eq(copy_in("a", "b", &copy, &e), ERP_NOSPACE);
	cr_assert_not_null(strstr(e.msg, "create c"), "%s", e.msg);
	cr_assert_not(tempdir_has(&t, "c"));
	cr_assert_eq(fs_unlink(fs, t.fd, "b"), 0);
	ops.open = fs_real()->ops->open;
	/* The first one is written. */
	ops.pwrite = fail_late_pwrite;
	pass = 1;
	cr_assert_eq(copy_in("a", "b", &copy, &e), ERP_NOSPACE);
	cr_assert_not_null(strstr(e.msg, "write c"), "%s", e.msg);
	cr_assert_eq(fs_unlink(fs, t.fd, "b"), 0);
	cr_assert_eq(fs_unlink(fs, t.fd, "c"), 0);
	/* And has blocks to share, but there is no room for the second one. */
	cr_assert(copy.plain, "no copy could share blocks");
	copy.plain = false;
	ops.fast.clone = play_clone_once;
	pass = 0;
	cr_assert_eq(copy_in("a", "b", &copy, &e), ERP_NOSPACE);
	cr_assert_not_null(strstr(e.msg, "write c"), "%s", e.msg);
	cr_assert(tempdir_is_text(&t, "b", "content"));
}

static int early;

static void
count_writeback(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	early++;
}

/* How many of one copy begin to be written before any sync. */
static int
early_of(size_t copies)
{
	struct copied copy = {.of = copies};

	early = 0;
	cr_assert_eq(copy_in("a", "b", &copy, NULL), 0);
	cr_assert_eq(fs_unlink(fs, t.fd, "b"), 0);
	return early;
}

Test(fs_file, small_ones_of_many_copies_are_left_to_the_sync)
{
	static char large[128 * 1024];

	ops.fast.clone = fail_clone;
	ops.fast.writeback = count_writeback;
	tempdir_text(&t, "a", "content", -1);
	cr_assert_eq(early_of(0), 1);
	cr_assert_eq(early_of(FS_MANY_FILES - 1), 1);
	cr_assert_eq(early_of(FS_MANY_FILES), 0);
	tempdir_write(&t, "a", large, sizeof(large), -1);
	cr_assert_eq(early_of(FS_MANY_FILES), 1);
}

Test(fs_file, folders_are_made_with_their_parents)
{
	struct err e;

	cr_assert_eq(dir_make(fs, t.fd, "a/b/c", &e), 0);
	cr_assert_eq(dir_make(fs, t.fd, "a/b/c", &e), 0);
	cr_assert_eq(dir_make(fs, t.fd, "a/b/d", &e), 0);
	cr_assert(tempdir_has(&t, "a/b/c"));
	cr_assert(tempdir_has(&t, "a/b/d"));
	tempdir_text(&t, "f", "", -1);
	cr_assert_lt(dir_make(fs, t.fd, "f", &e), 0, "a file is no folder");
	cr_assert_lt(dir_make(fs, t.fd, "f/x", &e), 0);
	tempdir_symlink(&t, "a", "l");
	cr_assert_lt(dir_make(fs, t.fd, "l", &e), 0);
	cr_assert_lt(dir_make(fs, t.fd, "l/x", &e), 0);
	cr_assert_not(tempdir_has(&t, "a/x"));
	cr_assert_lt(dir_make(fs, t.fd, "../x", &e), 0);
}

Test(fs_file, folders_are_synced)
{
	ops.fsync = note_fsync;
	tempdir_mkdir(&t, "d");
	cr_assert_eq(dir_sync(fs, t.fd, "", NULL), 0);
	cr_assert_eq(dir_sync(fs, t.fd, ".", NULL), 0);
	cr_assert_eq(dir_sync(fs, t.fd, "d", NULL), 0);
	cr_assert_str_eq(order, "DDD");
	cr_assert_eq(dir_sync(fs, t.fd, "none", NULL), ERP_NOTFOUND);
	ops.fsync = fail_fsync;
	cr_assert_eq(dir_sync(fs, t.fd, "d", NULL), ERP_IO);
}

Test(fs_file, trees_are_removed_without_following_links)
{
	tempdir_text(&t, "keep/f", "x", -1);
	tempdir_text(&t, "d/e/f/g", "x", -1);
	tempdir_text(&t, "d/h", "x", -1);
	tempdir_mkdir(&t, "d/empty");
	tempdir_symlink(&t, "../keep", "d/e/l");
	cr_assert_eq(tree_remove(fs, t.fd, "d", NULL), 0);
	cr_assert_not(tempdir_has(&t, "d"));
	cr_assert(tempdir_is_text(&t, "keep/f", "x"));
	cr_assert_eq(tree_remove(fs, t.fd, "d", NULL), 0, "absent is fine");
	cr_assert_eq(tree_remove(fs, t.fd, "keep/f", NULL), 0);
	cr_assert_not(tempdir_has(&t, "keep/f"));
	cr_assert(tempdir_has(&t, "keep"));
}

/* What it cannot name it does not take for gone. */
Test(fs_file, a_tree_too_deep_to_name_is_not_removed)
{
	enum { NAME = 250, DEPTH = FS_PATH_BYTES / NAME + 1 };
	char name[NAME + 1];
	int dir[DEPTH + 1], i;
	struct err e;

	memset(name, 'd', NAME);
	name[NAME] = '\0';
	dir[0] = t.fd;
	for (i = 0; i < DEPTH; i++) {
		cr_assert_eq(fs_mkdir(fs, dir[i], name, 0700), 0);
		dir[i + 1] = fs_open(fs, dir[i], name, FS_DIRECTORY, 0);
		cr_assert_geq(dir[i + 1], 0);
	}
	cr_expect_eq(tree_remove(fs, t.fd, name, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "path too long"), "%s", e.msg);
	for (i = DEPTH; i > 0; i--) {
		fs_close_quietly(fs, &dir[i]);
		cr_expect_eq(fs_rmdir(fs, dir[i - 1], name), 0);
	}
}

static int
fail_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	(void)ctx;
	(void)dir;
	(void)name;
	(void)st;
	return -EIO;
}

static int
fail_list(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	(void)ctx;
	(void)dir;
	(void)fn;
	(void)arg;
	return -EIO;
}

Test(fs_file, what_cannot_be_looked_at_is_not_removed)
{
	struct err e;

	tempdir_text(&t, "f", "x", -1);
	tempdir_mkdir(&t, "d");
	ops.stat = fail_stat;
	cr_expect_eq(tree_remove(fs, t.fd, "f", &e), ERP_IO);
	cr_expect_eq(tree_remove(fs, t.fd, "d", &e), ERP_IO);
	ops.stat = fs_real()->ops->stat;
	ops.list = fail_list;
	cr_expect_eq(tree_remove(fs, t.fd, "d", &e), ERP_IO);
	cr_expect(tempdir_is_text(&t, "f", "x"));
	cr_expect(tempdir_has(&t, "d"));
}

Test(fs_file, names_come_sorted)
{
	struct names list = {NULL, 0, 0};
	char name[16];
	int i;

	for (i = 40; i > 0; i--) {
		(void)snprintf(name, sizeof(name), "d/%02d", i);
		tempdir_text(&t, name, "", -1);
	}
	cr_assert_eq(names_read(fs, t.fd, "d", &list, NULL), 0);
	cr_assert_eq(list.n, 40);
	for (i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "%02d", i + 1);
		cr_expect_str_eq(list.v[i], name);
	}
	names_release(&list);
	cr_assert_eq(names_read(fs, t.fd, "", &list, NULL), 0);
	cr_assert_eq(list.n, 1);
	names_release(&list);
	cr_assert_eq(names_read(fs, t.fd, "none", &list, NULL), ERP_NOTFOUND);
	cr_assert_eq(list.n, 0);
	names_release(&list);
}

Test(fs_file, a_folder_too_deep_to_name_is_refused)
{
	char path[FS_PATH_BYTES + 1];
	struct err e;
	size_t i;

	for (i = 0; i < FS_PATH_BYTES; i++)
		path[i] = i % 2 == 0 ? 'd' : '/';
	path[FS_PATH_BYTES] = '\0';
	cr_assert_eq(dir_make(fs, t.fd, path, &e), ERP_USAGE);
	cr_assert_not(tempdir_has(&t, "d"));
	path[39] = '\0';
	cr_assert_eq(dir_make(fs, t.fd, path, &e), 0, "%s", e.msg);
	cr_assert(tempdir_has(&t, "d/d/d"));
}
