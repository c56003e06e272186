/* The state folder: what is kept, what goes, what is noticed as damaged. */
#include "engine/store/store.h"

#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/tree/manifest.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct release_fixture f;
static struct err e;

static void
begin(void)
{
	release_begin(&f);
}

static void
end(void)
{
	release_end(&f);
}

TestSuite(store, .init = begin, .fini = end);

static bool
has(const char *kind, const struct hash *h)
{
	char *path = release_path(kind, h);
	bool there = tempdir_has(&f.dir, path);

	free(path);
	return there;
}

/* A release of one file with this text. */
static void
make_release(struct manifest *m, enum path_os os, const char *text)
{
	manifest_init(m, os);
	release_file(&f, m, "a.txt", text, strlen(text));
}

static struct hash
save_release(enum path_os os, const char *text, int keep)
{
	struct manifest m;
	struct hash id;

	make_release(&m, os, text);
	cr_assert_eq(
	    store_save_release(f.store, &m, keep, &id, &e), 0, "%s", e.msg);
	manifest_release(&m);
	return id;
}

static bool
current_is(enum path_os os, const struct hash *id)
{
	struct manifest m;
	struct hash got;
	bool same;

	manifest_init(&m, os);
	cr_assert_eq(store_load_current(f.store, os, &m, &e), 0, "%s", e.msg);
	cr_assert_eq(manifest_id(&m, &got, &e), 0);
	same = hash_equal(id, &got);
	manifest_release(&m);
	return same;
}

Test(store, a_second_server_is_refused)
{
	struct store *second;
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/state", f.dir.path);
	cr_assert_eq(store_open(fs_real(), path, &second, &e), ERP_HELD);
	cr_assert_not_null(strstr(e.msg, "in use"));
	cr_assert_null(second);
}

/* Somebody does this in the state folder. */
static void
meanwhile(const char *command)
{
	char line[500];

	(void)snprintf(
	    line, sizeof(line), "cd '%s/state' && %s", f.dir.path, command);
	cr_assert_eq(system(line), 0);
}

Test(store, an_emptied_folder_is_locked_anew)
{
	/* What is still there is its own, and no reason to fail. */
	static const char *const emptied[] = {"find . -mindepth 1 -delete",
	    "find . -mindepth 1 -delete", "rm format", "rm format lock"};
	struct store *second;
	char path[300];
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/state", f.dir.path);
	for (i = 0; i < sizeof(emptied) / sizeof(emptied[0]); i++) {
		meanwhile(emptied[i]);
		cr_assert_eq(store_found_anew(f.store, &e), 0, "%s", e.msg);
		cr_expect_not(store_is_gone(f.store));
		cr_expect_eq(
		    store_open(fs_real(), path, &second, &e), ERP_HELD);
	}
	meanwhile(emptied[0]);
	cr_assert_eq(store_open(fs_real(), path, &second, &e), 0);
	cr_expect_eq(store_found_anew(f.store, &e), ERP_HELD);
	store_close(second);
	cr_expect_eq(store_found_anew(f.store, &e), 0);
	release_reopen(&f);
}

Test(store, a_lock_that_was_removed_is_held_again)
{
	static const char *const removed[] = {
	    "rm lock", "rm lock && touch lock", "mv lock elsewhere"};
	struct store *second;
	char path[300];
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/state", f.dir.path);
	for (i = 0; i < sizeof(removed) / sizeof(removed[0]); i++) {
		cr_expect_eq(store_lock_again(f.store, &e), 0);
		meanwhile(removed[i]);
		cr_expect_eq(store_lock_again(f.store, &e), 1, "%s", e.msg);
		cr_expect_eq(
		    store_open(fs_real(), path, &second, &e), ERP_HELD);
		store_close(second);
	}
	/* Too late: it has to be told. */
	meanwhile("rm lock");
	cr_assert_eq(store_open(fs_real(), path, &second, &e), 0);
	cr_expect_eq(store_lock_again(f.store, &e), ERP_HELD);
	store_close(second);
	cr_expect_eq(store_lock_again(f.store, &e), 1);
}

Test(store, a_link_that_leads_nowhere_is_no_damaged_disk)
{
	struct store *second;
	char path[300];

	tempdir_symlink(&f.dir, "gone", "link");
	(void)snprintf(path, sizeof(path), "%s/link", f.dir.path);
	cr_expect_eq(store_open(fs_real(), path, &second, &e), ERP_BLOCKED);
	cr_expect_not_null(strstr(e.msg, "leads nowhere"), "%s", e.msg);
	cr_expect_null(second);
}

Test(store, a_folder_of_others_is_refused)
{
	static const char *const names[] = {
	    "content", "blob", "key", "release", "tmp"};
	struct store *other;
	char path[300], theirs[100];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/other%zu", f.dir.path, i);
		(void)snprintf(theirs, sizeof(theirs), "other%zu/%s/precious",
		    i, names[i]);
		tempdir_text(&f.dir, theirs, "x", -1);
		cr_expect_eq(store_open(fs_real(), path, &other, &e), ERP_USAGE,
		    "%s", names[i]);
		cr_expect_not_null(strstr(e.msg, "has files"), "%s", e.msg);
		cr_expect(tempdir_is_text(&f.dir, theirs, "x"));
	}
	tempdir_text(&f.dir, "new/format", "erpsync state 999\n", -1);
	(void)snprintf(path, sizeof(path), "%s/new", f.dir.path);
	cr_assert_eq(store_open(fs_real(), path, &other, &e), ERP_USAGE);
	(void)snprintf(path, sizeof(path), "%s/no/such", f.dir.path);
	cr_assert_eq(store_open(fs_real(), path, &other, &e), ERP_NOTFOUND);
}

/* Is the content found by the first n bytes of its hash? */
static bool
is_known(const char *text, size_t n, size_t size)
{
	struct hash want = release_hash(text), got;
	int rc = store_find_content(f.store, want.b, n, size, &got, &e);

	cr_assert(rc == 0 || rc == ERP_NOTFOUND, "%s", e.msg);
	return rc == 0 && hash_equal(&want, &got);
}

Test(store, contents_of_kept_releases_are_found_by_prefix_and_size)
{
	char text[32];
	int i;

	cr_expect_not(is_known("release 0", 4, 9));
	for (i = 0; i < 20; i++) {
		(void)snprintf(text, sizeof(text), "release %d", i);
		(void)save_release(PATH_OS_LINUX, text, 20);
		cr_expect(is_known(text, 4, strlen(text)));
	}
	/* The empty prefix is everybody's: the size picks one. */
	(void)save_release(PATH_OS_WINDOWS, "of another system", 1);
	cr_expect(is_known("of another system", 0, 17));
	cr_expect(is_known("release 3", 4, 9));
	cr_expect(is_known("release 3", 32, 9));
	cr_expect_not(is_known("release 3", 4, 10));
	cr_expect_not(is_known("never published", 4, 15));
	/* What is in no release any more, or dropped, is not known. */
	(void)save_release(PATH_OS_LINUX, "release 0", 2);
	cr_expect(is_known("release 19", 4, 10));
	cr_expect_not(is_known("release 18", 4, 10));
	release_reopen(&f);
	cr_expect(is_known("release 19", 4, 10));
	{
		struct hash h = release_hash("release 19");

		store_drop_content(f.store, &h);
	}
	cr_expect_not(is_known("release 19", 4, 10));
}

Test(store, contents_are_found_by_hash_and_size)
{
	struct hash h = release_content(&f, "hello", 5),
		    want = release_hash("hello");
	char text[8] = "";
	uint64_t size;
	int fd;

	cr_assert(hash_equal(&h, &want));
	cr_assert(store_has_content(f.store, &h, 5));
	cr_assert_not(store_has_content(f.store, &h, 6));
	cr_assert_geq(fd = store_open_content(f.store, &h, &size, &e), 0);
	cr_assert_eq(size, 5);
	cr_assert_eq(fs_pread(fs_real(), fd, text, 8, 0), 5);
	cr_assert_str_eq(text, "hello");
	fs_close_quietly(fs_real(), &fd);
	want = release_hash("other");
	cr_assert_eq(
	    store_open_content(f.store, &want, &size, &e), ERP_NOTFOUND);
	store_drop_content(f.store, &h);
	cr_assert_not(store_has_content(f.store, &h, 5));
}

Test(store, many_contents_are_looked_for_at_once)
{
	static const char *const texts[] = {"one", "two", "three", "four"};
	struct entry files[4] = {{.path = (char[]){"a"}},
	    {.path = (char[]){"b"}}, {.path = (char[]){"c"}},
	    {.path = (char[]){"d"}}};
	struct entry *v[4];
	size_t i;

	for (i = 0; i < 4; i++) {
		files[i].type = ENTRY_FILE;
		files[i].content.size = strlen(texts[i]);
		files[i].content.hash = release_hash(texts[i]);
		v[i] = &files[i];
	}
	cr_assert_eq(store_lacking(f.store, v, 4), 4);
	for (i = 0; i < 4; i++)
		cr_assert_eq(v[i], &files[i], "by path");
	(void)release_content(&f, "two", 3);
	(void)release_content(&f, "four", 4);
	files[3].content.size = 5; /* as if it had been cut */
	cr_assert_eq(store_lacking(f.store, v, 4), 3);
	cr_assert_eq(v[0], &files[0]);
	cr_assert_eq(v[1], &files[2]);
	cr_assert_eq(v[2], &files[3]);
	cr_assert_eq(store_lacking(f.store, v, 0), 0);
}

Test(store, releases_are_kept_and_the_last_is_current)
{
	struct hash one, two, got;
	struct manifest m;

	manifest_init(&m, PATH_OS_LINUX);
	cr_assert_eq(
	    store_load_current(f.store, PATH_OS_LINUX, &m, &e), ERP_NOTFOUND);
	one = save_release(PATH_OS_LINUX, "one", 8);
	two = save_release(PATH_OS_LINUX, "two", 8);
	release_reopen(&f);
	cr_assert(current_is(PATH_OS_LINUX, &two));
	cr_assert_eq(
	    store_load_release(f.store, PATH_OS_LINUX, &one, &m, &e), 0);
	cr_assert_eq(manifest_id(&m, &got, &e), 0);
	cr_assert(hash_equal(&one, &got));
	manifest_release(&m);
	cr_assert_eq(store_load_release(f.store, PATH_OS_WINDOWS, &one, &m, &e),
	    ERP_NOTFOUND);
	got = release_hash("no release");
	cr_assert_eq(store_load_release(f.store, PATH_OS_LINUX, &got, &m, &e),
	    ERP_NOTFOUND);
	/* Publishing the older one again makes it the current one. */
	(void)save_release(PATH_OS_LINUX, "one", 8);
	cr_assert(current_is(PATH_OS_LINUX, &one));
	(void)save_release(PATH_OS_LINUX, "one", 8);
	cr_assert(current_is(PATH_OS_LINUX, &one));
	cr_assert_eq(
	    store_load_release(f.store, PATH_OS_LINUX, &two, &m, &e), 0);
	manifest_release(&m);
}

Test(store, dropping_a_release_removes_what_only_it_needed)
{
	struct hash one = release_hash("one"), two = release_hash("two");
	struct hash shared = release_hash("shared");
	struct blob b1, b2, b3, found;

	(void)save_release(PATH_OS_WINDOWS, "shared", 1);
	(void)save_release(PATH_OS_LINUX, "shared", 2);
	(void)save_release(PATH_OS_LINUX, "one", 2);
	cr_assert_eq(release_add_blob(&f, "about one", 40, &one, &b1), 0);
	cr_assert_eq(release_add_blob(&f, "about shared", 40, &shared, &b2), 0);
	cr_assert_eq(release_add_blob(&f, "about nothing", 40, NULL, &b3), 0);
	(void)save_release(PATH_OS_LINUX, "two", 2);
	cr_assert(has("content", &one));
	cr_assert_eq(release_find_blob(&f, "about one", &found), 0);
	(void)save_release(PATH_OS_LINUX, "three", 2);
	cr_assert_not(has("content", &one));
	cr_assert(has("content", &two));
	/* Another system still needs this one. */
	cr_assert(has("content", &shared));
	cr_assert_eq(release_find_blob(&f, "about one", &found), ERP_NOTFOUND);
	cr_assert_not(has("blob", &b1.id));
	cr_assert_eq(release_find_blob(&f, "about shared", &found), 0);
	cr_assert_eq(release_find_blob(&f, "about nothing", &found), 0);
}

Test(store, a_release_without_its_contents_is_not_saved)
{
	struct manifest m;
	struct hash id;

	make_release(&m, PATH_OS_LINUX, "text");
	store_drop_content(f.store, &m.v[0].content.hash);
	cr_assert_eq(store_save_release(f.store, &m, 8, &id, &e), ERP_NOTFOUND);
	cr_assert_not_null(strstr(e.msg, "a.txt"));
	manifest_release(&m);
	cr_assert_eq(
	    store_load_current(f.store, PATH_OS_LINUX, &m, &e), ERP_NOTFOUND);
}

/* The only file in a folder below the fixture's. */
static char *
only_name(const char *folder)
{
	struct names list = {NULL, 0, 0};
	char path[300];

	cr_assert_eq(names_read(fs_real(), f.dir.fd, folder, &list, &e), 0);
	cr_assert_eq(list.n, 1);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, list.v[0]);
	names_release(&list);
	return strdup(path);
}

Test(store, a_damaged_release_is_not_served_but_replaced)
{
	struct hash id = save_release(PATH_OS_LINUX, "one", 8);
	char *path = only_name("state/release/linux");
	struct manifest m;

	tempdir_text(&f.dir, path, "garbage", -1);
	release_reopen(&f);
	manifest_init(&m, PATH_OS_LINUX);
	cr_assert_eq(
	    store_load_current(f.store, PATH_OS_LINUX, &m, &e), ERP_CORRUPT);
	(void)save_release(PATH_OS_LINUX, "one", 8);
	cr_assert(current_is(PATH_OS_LINUX, &id));
	free(path);
	free(only_name("state/release/linux"));
}

/* Text stands for what a version with other limits kept. */
Test(store, a_release_that_is_whole_and_refused_is_not_called_damaged)
{
	struct hash id = release_hash("too many paths");
	char name[100], hex[HASH_HEX_LEN + 1];
	struct manifest m;

	(void)save_release(PATH_OS_LINUX, "one", 8);
	hash_hex(&id, hex);
	(void)snprintf(
	    name, sizeof(name), "state/release/linux/0000000009.%s", hex);
	tempdir_text(&f.dir, name, "too many paths", -1);
	manifest_init(&m, PATH_OS_LINUX);
	cr_assert_eq(
	    store_load_current(f.store, PATH_OS_LINUX, &m, &e), ERP_CORRUPT);
	cr_expect_not_null(
	    strstr(e.msg, "does not allow; publish again: "), "%s", e.msg);
	(void)save_release(PATH_OS_LINUX, "two", 8);
	cr_expect_eq(store_load_current(f.store, PATH_OS_LINUX, &m, &e), 0);
	manifest_release(&m);
}

Test(store, leftovers_of_a_crash_go_at_the_start)
{
	struct hash h = release_content(&f, "never in a release", 18);

	tempdir_text(&f.dir, "state/tmp/7", "half", -1);
	tempdir_text(&f.dir, "state/tmp/d/e", "half", -1);
	tempdir_text(&f.dir, "state/content/ab/README", "not ours", -1);
	release_reopen(&f);
	cr_assert_not(store_has_content(f.store, &h, 18));
	cr_assert_not(tempdir_has(&f.dir, "state/tmp/7"));
	cr_assert_not(tempdir_has(&f.dir, "state/tmp/d"));
	cr_assert(tempdir_has(&f.dir, "state/content/ab/README"));
}

Test(store, what_is_no_release_of_ours_does_not_count)
{
	struct hash one = save_release(PATH_OS_LINUX, "one", 8);

	/* Behind ours by name, each of them. */
	tempdir_text(&f.dir, "state/release/linux/README", "not ours", -1);
	tempdir_text(&f.dir, "state/release/linux/99999999", "cut", -1);
	tempdir_text(&f.dir, "state/release/linux/99999999.x", "odd", -1);
	release_reopen(&f);
	cr_expect(current_is(PATH_OS_LINUX, &one));
	(void)save_release(PATH_OS_LINUX, "two", 1);
	cr_expect(tempdir_has(&f.dir, "state/release/linux/README"));
}

/* A file system whose calls fail on request. */
static struct fs_ops ops;
static int fail_fsync, fail_pwrite, fail_pread, fail_mkdir, fail_create;
static int fsyncs;
static int syncfs_says = 1; /* what it answers; 1: one by one */

static int
failing_fsync(void *ctx, int fd)
{
	fsyncs++;
	return fail_fsync ? -EIO : fs_real()->ops->fsync(ctx, fd);
}

static int
answering_syncfs(void *ctx, int fd, size_t files)
{
	(void)ctx;
	(void)fd;
	(void)files;
	return syncfs_says;
}

static int64_t
failing_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	return fail_pwrite ? -ENOSPC
			   : fs_real()->ops->pwrite(ctx, fd, p, n, off);
}

static int
failing_mkdir(void *ctx, int dir, const char *path, uint32_t mode)
{
	return fail_mkdir ? -ENOSPC
			  : fs_real()->ops->mkdir(ctx, dir, path, mode);
}

static int
failing_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return fail_create && (flags & FS_CREATE) != 0
	    ? -ENOSPC
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

static int64_t
failing_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	return fail_pread ? -EIO : fs_real()->ops->pread(ctx, fd, p, n, off);
}

static void
open_failing(void)
{
	static struct fs fs = {&ops, NULL};

	ops = *fs_real()->ops;
	ops.fsync = failing_fsync;
	ops.fast.syncfs = answering_syncfs;
	ops.pwrite = failing_pwrite;
	ops.mkdir = failing_mkdir;
	ops.open = failing_open;
	ops.pread = failing_pread;
	release_reopen_on(&f, &fs);
}

Test(store, a_failed_sync_saves_no_release)
{
	struct hash one, text = release_hash("two");
	struct manifest m;
	struct hash id;

	open_failing();
	one = save_release(PATH_OS_LINUX, "one", 8);
	make_release(&m, PATH_OS_LINUX, "two");
	fail_fsync = 1;
	cr_assert_eq(store_save_release(f.store, &m, 8, &id, &e), ERP_IO);
	fail_fsync = 0;
	cr_assert(current_is(PATH_OS_LINUX, &one));
	/* What could not be synced is lost: it has to be copied again. */
	cr_assert_not(store_has_content(f.store, &text, 3));
	cr_assert_eq(store_save_release(f.store, &m, 8, &id, &e), ERP_NOTFOUND);
	manifest_release(&m);
}

Test(store, one_sync_of_everything_serves_all_contents)
{
	int one_by_one;

	open_failing();
	fsyncs = 0;
	(void)save_release(PATH_OS_LINUX, "one", 8);
	one_by_one = fsyncs;
	syncfs_says = 0;
	fsyncs = 0;
	(void)save_release(PATH_OS_LINUX, "two", 8);
	/* Neither the content nor its folder HH nor "content" nor "tmp". */
	cr_assert_eq(fsyncs, one_by_one - 4);
}

Test(store, a_failed_sync_of_everything_loses_all_contents)
{
	struct hash one, text = release_hash("two");
	struct manifest m;
	struct hash id;

	open_failing();
	one = save_release(PATH_OS_LINUX, "one", 8);
	make_release(&m, PATH_OS_LINUX, "two");
	syncfs_says = -EIO;
	cr_assert_eq(store_save_release(f.store, &m, 8, &id, &e), ERP_IO);
	cr_assert_not_null(strstr(e.msg, "new contents"), "%s", e.msg);
	/* It says that all is well from now on; what was lost stays lost. */
	syncfs_says = 0;
	cr_assert(current_is(PATH_OS_LINUX, &one));
	cr_assert_not(store_has_content(f.store, &text, 3));
	cr_assert_eq(store_save_release(f.store, &m, 8, &id, &e), ERP_NOTFOUND);
	manifest_release(&m);
}

/* A disk that fails is not a release that is damaged. */
Test(store, a_release_that_cannot_be_read_is_not_damaged)
{
	struct hash one;
	struct manifest m;

	open_failing();
	one = save_release(PATH_OS_LINUX, "one", 8);
	manifest_init(&m, PATH_OS_LINUX);
	fail_pread = 1;
	cr_expect_eq(store_load_current(f.store, PATH_OS_LINUX, &m, &e), ERP_IO,
	    "%s", e.msg);
	fail_pread = 0;
	manifest_release(&m);
	cr_expect(current_is(PATH_OS_LINUX, &one));
}

Test(store, a_state_folder_that_cannot_be_made_is_told)
{
	const struct fs fs = {&ops, NULL};
	struct fs_stat st;
	struct store *s;
	char path[300];

	open_failing();
	(void)snprintf(path, sizeof(path), "%s/new//", f.dir.path);
	fail_mkdir = 1;
	cr_expect_eq(store_open(&fs, path, &s, &e), ERP_NOSPACE, "%s", e.msg);
	cr_expect(strstr(e.msg, "state folder") != NULL, "%s", e.msg);
	cr_expect_not(tempdir_has(&f.dir, "new"));
	fail_mkdir = 0;
	cr_assert_eq(store_open(&fs, path, &s, &e), 0, "%s", e.msg);
	store_close(s);
	cr_expect(tempdir_has(&f.dir, "new/release"));
	cr_assert_eq(fs_stat(fs_real(), f.dir.fd, "new", &st), 0);
	cr_expect_eq(st.mode, 0700U, "only the server's: %o", st.mode);
	(void)snprintf(path, sizeof(path), "%s/file", f.dir.path);
	tempdir_text(&f.dir, "file", "no folder", -1);
	cr_expect_lt(store_open(&fs, path, &s, &e), 0);
}

/* What is told is what the disk said, not what came of it. */
Test(store, a_folder_that_cannot_be_made_is_told_with_its_reason)
{
	struct hash h;
	uint64_t size;
	int fd;

	open_failing();
	tempdir_text(&f.dir, "in", "text", -1);
	fd = fs_open(fs_real(), f.dir.fd, "in", FS_READ, 0);
	fail_mkdir = 1;
	cr_expect_eq(
	    store_add_content(f.store, fd, "in", &h, &size, &e), ERP_NOSPACE);
	fail_mkdir = 0;
	fs_close_quietly(fs_real(), &fd);
}

Test(store, an_answer_that_cannot_be_written_is_none)
{
	struct hash refs[BLOB_MAX_REFS], key = release_hash("second");
	struct blob_writer *w = NULL;
	struct blob made, out;

	memset(refs, 0, sizeof(refs));
	open_failing();
	cr_assert_eq(release_add_blob(&f, "first", 50, NULL, &made), 0);
	fail_pwrite = 1;
	cr_expect_eq(
	    store_add_key(f.store, &key, &made, refs, 0, &e), ERP_NOSPACE);
	fail_pwrite = 0;
	cr_expect_eq(release_find_blob(&f, "second", &out), ERP_NOTFOUND);
	fail_create = 1;
	cr_expect_eq(
	    store_add_key(f.store, &key, &made, refs, 0, &e), ERP_NOSPACE);
	cr_expect_eq(store_blob_begin(f.store, &w, &e), ERP_NOSPACE);
	cr_expect_null(w);
	fail_create = 0;
}

Test(store, a_full_disk_leaves_no_blob_and_no_content)
{
	struct hash h;
	struct blob_writer *w;
	struct blob out;
	struct sink to;
	uint64_t size;
	int fd;

	open_failing();
	tempdir_text(&f.dir, "in", "text", -1);
	fail_pwrite = 1;
	cr_assert_eq(store_blob_begin(f.store, &w, &e), 0);
	to = blob_writer_sink(w);
	cr_assert_eq(to.write(to.ctx, "x", 1, &e), ERP_NOSPACE);
	store_blob_abort(w);
	fd = fs_open(fs_real(), f.dir.fd, "in", FS_READ, 0);
	cr_assert_eq(
	    store_add_content(f.store, fd, "in", &h, &size, &e), ERP_NOSPACE);
	cr_expect_not_null(strstr(e.msg, "write a copy in the state folder"));
	fs_close_quietly(fs_real(), &fd);
	fail_pwrite = 0;
	h = release_hash("text");
	cr_assert_not(has("content", &h));
	cr_assert_not(tempdir_has(&f.dir, "state/tmp/0"));
	cr_assert_not(tempdir_has(&f.dir, "state/tmp/1"));
	cr_assert_eq(release_find_blob(&f, "q", &out), ERP_NOTFOUND);
}

/* Whoever cleans up while a server runs: folders come back, and what went with
 * the whole folder is never taken for a file of the update folder. */
Test(store, a_folder_that_was_removed_is_made_or_told)
{
	static const char *const folders[] = {
	    "content", "blob", "key", "release", "tmp"};
	char path[64];
	struct hash h;
	uint64_t size;
	size_t i;
	int fd;

	tempdir_text(&f.dir, "in", "text", -1);
	fd = fs_open(fs_real(), f.dir.fd, "in", FS_READ, 0);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "state/%s", folders[i]);
		cr_assert_eq(tree_remove(fs_real(), f.dir.fd, path, &e), 0);
		(void)save_release(PATH_OS_LINUX, folders[i], 8);
		cr_assert_eq(
		    store_add_content(f.store, fd, "in", &h, &size, &e), 0,
		    "%s: %s", path, e.msg);
		cr_expect(has("content", &h));
	}
	cr_assert_eq(tree_remove(fs_real(), f.dir.fd, "state", &e), 0);
	cr_expect_eq(
	    store_add_content(f.store, fd, "in", &h, &size, &e), ERP_IO);
	cr_expect(strstr(e.msg, "the state folder was removed") != NULL);
	fs_close_quietly(fs_real(), &fd);
}

/* What is missing may come back, but not without the folder. */
Test(store, what_went_with_the_folder_is_no_file_that_is_missing)
{
	static const struct {
		const char *command;
		int rc;
	} rows[] = {{"rm -r format content blob", ERP_NOTFOUND},
	    {"find . -mindepth 1 -delete", ERP_NOTFOUND},
	    {"rm -r \"$PWD\"", ERP_IO}};
	struct hash content;
	struct blob blob;
	uint64_t size;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		content = release_content(&f, "text", 4);
		cr_assert_eq(release_add_blob(&f, "q", 5, NULL, &blob), 0);
		meanwhile(rows[i].command);
		cr_expect_eq(store_open_content(f.store, &content, &size, &e),
		    rows[i].rc, "%zu: %s", i, e.msg);
		cr_expect_eq(store_open_blob(f.store, &blob.id, &size, &e),
		    rows[i].rc, "%zu: %s", i, e.msg);
	}
	cr_expect_not_null(strstr(e.msg, "the state folder was removed"));
}
