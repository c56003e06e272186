/* The state folder: what is kept, what goes, what is noticed as damaged. */
#include "engine/release/store.h"

#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/tree/manifest.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct release_fixture f;
static _Thread_local struct err e;

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

static struct hash
hash_of(const char *text)
{
	struct hash h;

	cr_assert_eq(hash_bytes(text, strlen(text), &h, &e), 0);
	return h;
}

static bool
has(const char *kind, const struct hash *h)
{
	char *path = release_path(kind, h);
	bool there = tempdir_has(&f.dir, path);

	free(path);
	return there;
}

/* Write n times 'b' as the answer to the question key. */
static int
add_blob(const char *key, size_t n, const struct hash *ref, struct blob *out)
{
	struct hash k = hash_of(key);
	struct blob_writer *w;
	struct sink to;
	size_t i;

	if (store_blob_begin(f.store, &w, &e) != 0)
		return e.code;
	to = blob_writer_sink(w);
	/* The key's text makes every blob another one. */
	if (to.write(to.ctx, key, strlen(key), &e) != 0)
		cr_assert_fail("%s", e.msg);
	for (i = strlen(key); i < n; i++)
		cr_assert_eq(to.write(to.ctx, "b", 1, &e), 0);
	cr_assert_eq(blob_writer_len(w), n);
	if (ref != NULL)
		blob_writer_refer(w, ref);
	return store_blob_commit(w, &k, CODEC_FULL, out, &e);
}

static int
find_blob(const char *key, struct blob *out)
{
	struct hash k = hash_of(key);

	return store_find_blob(f.store, &k, out, &e);
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
	cr_assert_eq(store_open(fs_real(), path, &second, &e), ERP_BUSY);
	cr_assert_not_null(strstr(e.msg, "in use"));
	cr_assert_null(second);
}

Test(store, a_folder_of_others_is_refused)
{
	struct store *other;
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/other", f.dir.path);
	tempdir_text(&f.dir, "other/tmp/precious", "x", -1);
	cr_assert_eq(store_open(fs_real(), path, &other, &e), ERP_USAGE);
	cr_assert(tempdir_is_text(&f.dir, "other/tmp/precious", "x"));
	tempdir_text(&f.dir, "new/format", "erpsync state 999\n", -1);
	(void)snprintf(path, sizeof(path), "%s/new", f.dir.path);
	cr_assert_eq(store_open(fs_real(), path, &other, &e), ERP_USAGE);
	(void)snprintf(path, sizeof(path), "%s/no/such", f.dir.path);
	cr_assert_eq(store_open(fs_real(), path, &other, &e), ERP_NOTFOUND);
}

Test(store, contents_are_found_by_hash_and_size)
{
	struct hash h = release_content(&f, "hello", 5),
		    want = hash_of("hello");
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
	want = hash_of("other");
	cr_assert_eq(
	    store_open_content(f.store, &want, &size, &e), ERP_NOTFOUND);
	store_drop_content(f.store, &h);
	cr_assert_not(store_has_content(f.store, &h, 5));
}

Test(store, a_blob_answers_its_question_also_after_a_restart)
{
	struct blob made, found;
	uint64_t len;
	int fd;

	cr_assert_eq(find_blob("q", &found), ERP_NOTFOUND);
	cr_assert_eq(add_blob("q", 100, NULL, &made), 0, "%s", e.msg);
	cr_assert_eq(made.len, 100);
	release_reopen(&f);
	cr_assert_eq(find_blob("q", &found), 0, "%s", e.msg);
	cr_assert(hash_equal(&found.id, &made.id));
	cr_assert_eq(found.len, 100);
	cr_assert_eq(found.codec, CODEC_FULL);
	cr_assert_geq(fd = store_open_blob(f.store, &made.id, &len, &e), 0);
	cr_assert_eq(len, 100);
	fs_close_quietly(fs_real(), &fd);
}

Test(store, an_aborted_blob_leaves_nothing)
{
	struct blob_writer *w;
	struct blob out;

	cr_assert_eq(store_blob_begin(f.store, &w, &e), 0);
	store_blob_abort(w);
	store_blob_abort(NULL);
	cr_assert_eq(find_blob("q", &out), ERP_NOTFOUND);
	cr_assert_not(tempdir_has(&f.dir, "state/tmp/0"));
}

Test(store, one_blob_answers_two_questions)
{
	struct hash k = hash_of("second"), refs[BLOB_MAX_REFS];
	struct blob made, found;

	memset(refs, 0, sizeof(refs));
	cr_assert_eq(add_blob("first", 50, NULL, &made), 0);
	cr_assert_eq(store_add_key(f.store, &k, &made, refs, 0, &e), 0);
	cr_assert_eq(find_blob("second", &found), 0);
	cr_assert(hash_equal(&found.id, &made.id));
	cr_assert_eq(
	    store_add_key(f.store, &k, &made, refs, 3, &e), ERP_INTERNAL);
}

Test(store, damaged_blobs_are_noticed_and_made_anew)
{
	static const struct {
		const char *name;
		size_t n; /* bytes of the damaged blob */
		bool restart;
	} cases[] = {
	    {"cut short", 99, false},
	    {"cut short before the start", 99, true},
	    {"too long", 101, false},
	    {"other bytes of the same length", 100, true},
	};
	struct blob made, found;
	char bytes[101], *path;
	uint64_t len;
	size_t i;

	memset(bytes, 'x', sizeof(bytes));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(add_blob("q", 100, NULL, &made), 0);
		path = release_path("blob", &made.id);
		tempdir_write(&f.dir, path, bytes, cases[i].n, -1);
		if (cases[i].restart)
			release_reopen(&f);
		cr_assert_eq(
		    find_blob("q", &found), ERP_NOTFOUND, "%s", cases[i].name);
		cr_assert_not(tempdir_has(&f.dir, path));
		cr_assert_eq(
		    store_open_blob(f.store, &made.id, &len, &e), ERP_NOTFOUND);
		free(path);
	}
}

Test(store, a_damaged_blob_is_not_opened_either)
{
	struct blob made;
	char bytes[100], *path;
	uint64_t len;

	memset(bytes, 'x', sizeof(bytes));
	cr_assert_eq(add_blob("q", 100, NULL, &made), 0);
	path = release_path("blob", &made.id);
	tempdir_write(&f.dir, path, bytes, sizeof(bytes), -1);
	free(path);
	release_reopen(&f);
	cr_assert_eq(
	    store_open_blob(f.store, &made.id, &len, &e), ERP_NOTFOUND);
}

Test(store, a_damaged_key_is_no_answer)
{
	struct hash k = hash_of("q");
	char *path = release_path("key", &k), *bytes;
	struct blob made, found;
	size_t n;

	cr_assert_eq(add_blob("q", 100, NULL, &made), 0);
	bytes = tempdir_read(&f.dir, path, &n);
	bytes[n / 2] ^= 1;
	tempdir_write(&f.dir, path, bytes, n, -1);
	cr_assert_eq(find_blob("q", &found), ERP_NOTFOUND);
	tempdir_write(&f.dir, path, bytes, 3, -1);
	cr_assert_eq(find_blob("q", &found), ERP_NOTFOUND);
	cr_assert_eq(add_blob("q", 100, NULL, &made), 0);
	cr_assert_eq(find_blob("q", &found), 0);
	free(bytes);
	free(path);
}

Test(store, the_least_recently_used_blobs_go_first)
{
	struct blob made, found;
	uint64_t len;
	int fd;

	cr_assert_eq(add_blob("a", 5000, NULL, &made), 0);
	cr_assert_geq(fd = store_open_blob(f.store, &made.id, &len, &e), 0);
	cr_assert_eq(add_blob("b", 5000, NULL, &made), 0);
	cr_assert_eq(add_blob("c", 5000, NULL, &made), 0);
	cr_assert_eq(find_blob("b", &found), 0);
	/* 5000 bytes are two blocks, the key is a third. */
	store_set_blob_budget(f.store, 2 * 3 * 4096);
	cr_assert_eq(find_blob("a", &found), ERP_NOTFOUND);
	cr_assert_eq(find_blob("b", &found), 0);
	cr_assert_eq(find_blob("c", &found), 0);
	/* What was open stays readable. */
	cr_assert_eq(fs_pread(fs_real(), fd, &len, 8, 4992), 8);
	fs_close_quietly(fs_real(), &fd);
	/* The newest is never removed, however large. */
	cr_assert_eq(add_blob("d", 50000, NULL, &made), 0);
	cr_assert_eq(find_blob("d", &found), 0);
	cr_assert_eq(find_blob("b", &found), ERP_NOTFOUND);
	cr_assert_eq(find_blob("c", &found), ERP_NOTFOUND);
}

Test(store, the_oldest_go_first_after_a_restart)
{
	struct blob a, b, found;
	char *path;

	cr_assert_eq(add_blob("a", 100, NULL, &a), 0);
	cr_assert_eq(add_blob("b", 100, NULL, &b), 0);
	path = release_path("blob", &b.id);
	tempdir_touch(&f.dir, path, 1000, 0);
	free(path);
	release_reopen(&f);
	store_set_blob_budget(f.store, 2 * 4096);
	cr_assert_eq(find_blob("b", &found), ERP_NOTFOUND);
	cr_assert_eq(find_blob("a", &found), 0);
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
	struct hash one = hash_of("one"), two = hash_of("two");
	struct hash shared = hash_of("shared");
	struct blob b1, b2, b3, found;

	(void)save_release(PATH_OS_WINDOWS, "shared", 1);
	(void)save_release(PATH_OS_LINUX, "shared", 2);
	(void)save_release(PATH_OS_LINUX, "one", 2);
	cr_assert_eq(add_blob("about one", 40, &one, &b1), 0);
	cr_assert_eq(add_blob("about shared", 40, &shared, &b2), 0);
	cr_assert_eq(add_blob("about nothing", 40, NULL, &b3), 0);
	(void)save_release(PATH_OS_LINUX, "two", 2);
	cr_assert(has("content", &one));
	cr_assert_eq(find_blob("about one", &found), 0);
	(void)save_release(PATH_OS_LINUX, "three", 2);
	cr_assert_not(has("content", &one));
	cr_assert(has("content", &two));
	/* Another system still needs this one. */
	cr_assert(has("content", &shared));
	cr_assert_eq(find_blob("about one", &found), ERP_NOTFOUND);
	cr_assert_not(has("blob", &b1.id));
	cr_assert_eq(find_blob("about shared", &found), 0);
	cr_assert_eq(find_blob("about nothing", &found), 0);
}

Test(store, a_release_without_its_contents_is_not_saved)
{
	struct manifest m;
	struct hash id;

	make_release(&m, PATH_OS_LINUX, "text");
	store_drop_content(f.store, &m.v[0].hash);
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

/* A file system whose calls fail on request. */
static struct fs_ops ops;
static int fail_fsync, fail_pwrite;

static int
failing_fsync(void *ctx, int fd)
{
	return fail_fsync ? -EIO : fs_real()->ops->fsync(ctx, fd);
}

static int64_t
failing_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	return fail_pwrite ? -ENOSPC
			   : fs_real()->ops->pwrite(ctx, fd, p, n, off);
}

static void
open_failing(void)
{
	static struct fs fs = {&ops, NULL};
	char path[300];

	ops = *fs_real()->ops;
	ops.fsync = failing_fsync;
	ops.pwrite = failing_pwrite;
	(void)snprintf(path, sizeof(path), "%s/state", f.dir.path);
	store_close(f.store);
	cr_assert_eq(store_open(&fs, path, &f.store, &e), 0, "%s", e.msg);
}

Test(store, a_failed_sync_saves_no_release)
{
	struct hash one, text = hash_of("two");
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
	fs_close_quietly(fs_real(), &fd);
	fail_pwrite = 0;
	h = hash_of("text");
	cr_assert_not(has("content", &h));
	cr_assert_not(tempdir_has(&f.dir, "state/tmp/0"));
	cr_assert_not(tempdir_has(&f.dir, "state/tmp/1"));
	cr_assert_eq(find_blob("q", &out), ERP_NOTFOUND);
}

static void *
add_many(void *arg)
{
	const char *who = arg;
	struct blob made, found;
	char key[32];
	int i;

	for (i = 0; i < 50; i++) {
		(void)snprintf(key, sizeof(key), "%s %d", who, i);
		if (add_blob(key, 200, NULL, &made) != 0)
			return NULL;
		(void)snprintf(key, sizeof(key), "both %d", i);
		if (add_blob(key, 200, NULL, &made) != 0)
			return NULL;
		/* Found, or evicted by the other thread meanwhile. */
		if (find_blob(key, &found) == 0 && found.len != 200)
			return NULL;
	}
	return arg;
}

Test(store, threads_may_add_and_find_at_once)
{
	pthread_t a, b;
	void *ra, *rb;
	char one[] = "one", two[] = "two";

	store_set_blob_budget(f.store, 60 * 8192);
	cr_assert_eq(pthread_create(&a, NULL, add_many, one), 0);
	cr_assert_eq(pthread_create(&b, NULL, add_many, two), 0);
	cr_assert_eq(pthread_join(a, &ra), 0);
	cr_assert_eq(pthread_join(b, &rb), 0);
	cr_assert_eq(ra, one);
	cr_assert_eq(rb, two);
}
