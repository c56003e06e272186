/* Saving a release: what is made durable, what goes then, and in which order.
 */
#include "engine/store/store.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store_hold.h"
#include "engine/tree/manifest.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct release_fixture f;
static struct err e;
static struct fs_ops ops;
static struct fs fs = {&ops, NULL};

/* What was synced and removed, as "+PATH " and "-PATH " below the state
 * folder. */
static char trace[8192];
static int removals_left; /* until they fail; < 0: never */
static int opened; /* files and folders */

static void
note(char what, int fd, const char *name)
{
	char link[64], path[512];
	size_t end = strlen(trace), above = strlen(f.dir.path) + 7;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	cr_assert_gt(n, 0);
	path[n] = '\0';
	(void)snprintf(trace + end, sizeof(trace) - end, "%c%s%s%s ", what,
	    (size_t)n < above ? "" : path + above, name[0] == '\0' ? "" : "/",
	    name);
}

static int
noted_fsync(void *ctx, int fd)
{
	note('+', fd, "");
	return fs_real()->ops->fsync(ctx, fd);
}

static int
noted_unlink(void *ctx, int dir, const char *path)
{
	if (removals_left == 0)
		return -EIO;
	removals_left--;
	note('-', dir, path);
	return fs_real()->ops->unlink(ctx, dir, path);
}

static int
noted_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	opened++;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

static int
one_by_one(void *ctx, int fd, size_t files)
{
	(void)ctx;
	(void)fd;
	(void)files;
	return 1;
}

static void
begin(void)
{
	release_begin(&f);
	ops = *fs_real()->ops;
	ops.fsync = noted_fsync;
	ops.unlink = noted_unlink;
	ops.open = noted_open;
	ops.fast.syncfs = one_by_one;
	removals_left = -1;
	release_reopen_on(&f, &fs);
}

static void
end(void)
{
	release_end(&f);
}

TestSuite(store_save, .init = begin, .fini = end);

static struct hash saved; /* the release */

static void
save(const char *text, int keep)
{
	struct manifest m;

	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "a.txt", text, strlen(text));
	trace[0] = '\0';
	cr_assert_eq(
	    store_save_release(f.store, &m, keep, &saved, &e), 0, "%s", e.msg);
	manifest_release(&m);
}

static bool
is_kept(const char *text)
{
	struct hash h = release_hash(text);

	return store_has_content(f.store, &h, strlen(text));
}

/* How often the trace has this, and where it has it first. */
static int
count(const char *what, const char **first)
{
	const char *at = trace;
	int n = 0;

	for (*first = NULL; (at = strstr(at, what)) != NULL; at++)
		if (n++ == 0)
			*first = at;
	return n;
}

/* A text whose hash begins alike, or lies behind. */
static void
find_text(const struct hash *first, bool alike, char text[20])
{
	struct hash h;
	int i = 0;

	do {
		(void)snprintf(text, 20, "text %d", i++);
		h = release_hash(text);
	} while (alike ? h.b[0] != first->b[0] : h.b[0] <= first->b[0]);
}

Test(store_save, each_folder_of_new_contents_is_synced_once)
{
	struct hash first = release_hash("first"), other;
	char alike[20], unlike[20], path[64];
	const char *at, *release;
	struct manifest m;
	struct hash id;

	find_text(&first, true, alike);
	find_text(&first, false, unlike);
	other = release_hash(unlike);
	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "a", "first", 5);
	release_file(&f, &m, "b", alike, strlen(alike));
	release_file(&f, &m, "c", unlike, strlen(unlike));
	trace[0] = '\0';
	cr_assert_eq(
	    store_save_release(f.store, &m, 1, &id, &e), 0, "%s", e.msg);
	cr_assert_eq(count("+release ", &release), 1, "%s", trace);
	(void)snprintf(path, sizeof(path), "+content/%02x ", first.b[0]);
	cr_expect_eq(count(path, &at), 1, "%s", trace);
	cr_expect(at < release);
	(void)snprintf(path, sizeof(path), "+content/%02x ", other.b[0]);
	cr_expect_eq(count(path, &at), 1, "%s", trace);
	cr_expect(at < release);
	cr_expect_eq(count("+content ", &at), 1, "%s", trace);
	cr_expect(at < release);
	cr_expect_eq(count("+tmp ", &at), 1, "%s", trace);
	cr_expect(at < release);
	/* Where nothing was added there is nothing to sync. */
	trace[0] = '\0';
	cr_assert_eq(store_save_release(f.store, &m, 1, &id, &e), 0);
	cr_expect_null(strstr(trace, "+tmp "), "%s", trace);
	manifest_release(&m);
}

/* Or a power cut would leave a release without its contents. */
Test(store_save, names_of_old_releases_go_for_good_before_contents)
{
	const char *gone, *synced, *content;

	save("one", 1);
	cr_expect_eq(count("+release/linux ", &synced), 1, "%s", trace);
	save("two", 1);
	cr_assert_eq(count("-release/linux/0000000001", &gone), 1, "%s", trace);
	cr_assert_eq(count("-content/", &content), 1, "%s", trace);
	cr_assert_lt(gone, content);
	synced = strstr(gone, "+release/linux ");
	cr_expect(synced != NULL && synced < content, "%s", trace);
	cr_expect_not(is_kept("one"));
	cr_expect(is_kept("two"));
}

/* The release under this number, below the fixture's folder. */
static const char *
place_of(int number)
{
	static char path[128];
	char hex[HASH_HEX_LEN + 1];

	hash_hex(&saved, hex);
	(void)snprintf(
	    path, sizeof(path), "state/release/linux/%010d.%s", number, hex);
	return path;
}

Test(store_save, the_current_one_is_saved_once)
{
	save("one", 8);
	save("one", 8);
	cr_expect(tempdir_has(&f.dir, place_of(1)), "%s", place_of(1));
	cr_expect_not(tempdir_has(&f.dir, place_of(2)));
	save("two", 8);
	cr_expect(tempdir_has(&f.dir, place_of(2)));
	save("one", 8);
	cr_expect(tempdir_has(&f.dir, place_of(3)), "it is current again");
	cr_expect_not(tempdir_has(&f.dir, place_of(1)), "and kept but once");
	/* Another of that length is another one. */
	save("six", 8);
	cr_expect(tempdir_has(&f.dir, place_of(4)));
}

/* Of a kept one nobody knows what became of its contents since. */
Test(store_save, again_takes_whole_contents)
{
	struct hash one, content = release_hash("one");
	char *path = release_path("content", &content);

	save("one", 8);
	one = saved;
	save("two", 8);
	tempdir_text(&f.dir, path, "on", -1);
	cr_expect_eq(
	    store_save_again(f.store, PATH_OS_LINUX, &one, &e), ERP_NOTFOUND);
	cr_expect_not_null(strstr(e.msg, "a.txt"), "%s", e.msg);
	tempdir_text(&f.dir, path, "one", -1);
	cr_expect_eq(store_save_again(f.store, PATH_OS_LINUX, &one, &e), 0);
	free(path);
}

/* Whether there is a release by then or not. */
Test(store_save, seals_are_durable_with_their_folder)
{
	struct hash id = release_hash("a release"), none = release_hash("no");
	const char *at;
	struct buf text, got;

	buf_init(&text, 64);
	buf_init(&got, 64);
	cr_assert_eq(buf_append(&text, "sealed", 6, &e), 0);
	trace[0] = '\0';
	cr_assert_eq(
	    store_keep_seal(f.store, PATH_OS_LINUX, &id, &text, &e), 0);
	cr_expect_eq(count("+release ", &at), 1, "%s", trace);
	cr_expect_eq(count("+release/linux ", &at), 1, "%s", trace);
	cr_expect_eq(
	    store_load_seal(f.store, PATH_OS_LINUX, &none, &got, &e), 0);
	cr_expect_eq(
	    store_load_seal(f.store, PATH_OS_WINDOWS, &id, &got, &e), 0);
	cr_expect_eq(got.len, 0);
	cr_assert_eq(store_load_seal(f.store, PATH_OS_LINUX, &id, &got, &e), 1);
	cr_assert_eq(got.len, 6);
	cr_expect_arr_eq(buf_data(&got), "sealed", 6);
	buf_release(&got);
	buf_release(&text);
}

Test(store_save, what_cannot_be_tidied_up_waits_for_the_next_saving)
{
	save("one", 8);
	save("two", 8);
	removals_left = 1;
	save("three", 1);
	removals_left = -1;
	cr_expect(is_kept("one") && is_kept("two") && is_kept("three"));
	save("three", 1);
	cr_expect_not(is_kept("one") || is_kept("two"));
	cr_expect(is_kept("three"));
}

/* A server may look at its folder each minute. */
Test(store_save, what_is_tidy_is_not_looked_through_again)
{
	struct manifest m;
	int first;

	save("one", 8);
	save("two", 8);
	save("three", 8);
	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "a.txt", "three", 5);
	release_reopen_on(&f, &fs);
	opened = 0;
	cr_assert_eq(store_save_release(f.store, &m, 8, &saved, &e), 0);
	first = opened;
	opened = 0;
	cr_assert_eq(store_save_release(f.store, &m, 8, &saved, &e), 0);
	cr_expect_leq(opened + 3, first, "%d, %d", opened, first);
	/* Unless more is to go. */
	cr_assert_eq(store_save_release(f.store, &m, 2, &saved, &e), 0);
	cr_expect_not(is_kept("one"));
	cr_expect(is_kept("two") && is_kept("three"));
	manifest_release(&m);
}

/* As where a folder changed while it was read, and changed back. */
Test(store_save, what_came_for_no_release_goes_with_the_next_saving)
{
	struct hash h;

	save("one", 8);
	save("one", 8);
	h = release_content(&f, "x", 1);
	cr_expect(store_has_content(f.store, &h, 1));
	save("one", 8);
	cr_expect_not(store_has_content(f.store, &h, 1));
}

Test(store_save, a_damaged_release_is_not_kept)
{
	char path[128];

	save("one", 8);
	(void)snprintf(path, sizeof(path), "%s", place_of(1));
	cr_assert(tempdir_has(&f.dir, path), "%s", path);
	tempdir_text(&f.dir, path, "cut", -1);
	save("two", 8);
	cr_expect_not(tempdir_has(&f.dir, path));
	cr_expect_not(is_kept("one"));
	save("three", 8);
	cr_expect(is_kept("two"));
}
