/* Hashes remembered by stat. */
#include "engine/base/clock.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "engine/tree/hashcache.h"
#include "engine/tree/manifest.h"
#include "engine/tree/scan.h"
#include "tests/support/tempdir.h"
#include "transport/net/threads.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tempdir t;
static struct fs_ops ops; /* the real calls, some replaced by a test */
static struct fs fs = {&ops, NULL};
static struct hashcache *cache;
static struct err e;
static int64_t now = 1000000;
static atomic_int reads; /* calls of pread on files of the folder */

static int64_t
test_wall(void *ctx)
{
	(void)ctx;
	return now;
}

static const struct clock test_clock = {NULL, test_wall, NULL};

static int64_t
count_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	reads++;
	return fs_real()->ops->pread(ctx, fd, p, n, off);
}

static void
open_cache(void)
{
	cr_assert_eq(
	    hashcache_open(&fs, t.fd, "hashes", &test_clock, &cache, &e), 0);
	reads = 0;
}

static void
begin(void)
{
	ops = *fs_real()->ops;
	ops.pread = count_pread;
	tempdir_open(&t);
	open_cache();
}

static void
end(void)
{
	hashcache_free(cache);
	tempdir_close(&t);
}

TestSuite(hashcache, .init = begin, .fini = end);

static void
reopen(void)
{
	cr_assert_eq(hashcache_save(cache, &e), 0, "%s", e.msg);
	hashcache_free(cache);
	open_cache();
}

/* The entry that a scan would make of path. */
static struct entry
entry_of(const char *path)
{
	struct entry en;
	struct fs_stat st;

	memset(&en, 0, sizeof(en));
	cr_assert_eq(fs_stat(fs_real(), t.fd, path, &st), 0);
	scan_set_stat(&en, &st);
	en.path = (char *)(uintptr_t)path;
	en.type = ENTRY_FILE;
	return en;
}

/* Fill; the number of reads it took, or the (negative) code. */
static int
fill(struct entry *en)
{
	int rc;

	reads = 0;
	rc = hashcache_fill(cache, t.fd, en, NULL, &e);
	return rc < 0 ? rc : reads;
}

static void
expect_hash_of(const struct entry *en, const char *text)
{
	struct hash want;

	cr_assert_eq(hash_bytes(text, strlen(text), &want, NULL), 0);
	cr_expect(en->content.known);
	cr_expect(hash_equal(&en->content.hash, &want), "of \"%s\"", text);
}

/* Is path hashed again (true) or remembered (false)? */
static bool
is_read(const char *path, const char *text)
{
	struct entry en = entry_of(path);
	int rc = fill(&en);

	cr_assert_geq(rc, 0, "%s", e.msg);
	expect_hash_of(&en, text);
	return rc > 0;
}

Test(hashcache, a_file_is_read_once)
{
	tempdir_text(&t, "d/f", "hello", 1000);
	cr_assert(is_read("d/f", "hello"));
	cr_assert_not(is_read("d/f", "hello"));
	reopen();
	cr_assert_not(is_read("d/f", "hello"));
}

Test(hashcache, any_change_of_stat_is_read_again)
{
	tempdir_text(&t, "f", "hello", 1000);
	cr_assert(is_read("f", "hello"));
	tempdir_touch(&t, "f", 1000, 1);
	cr_assert(is_read("f", "hello"), "nanoseconds count");
	tempdir_text(&t, "f", "other", 1001);
	cr_assert(is_read("f", "other"));
	tempdir_text(&t, "f", "longer", 1001);
	cr_assert(is_read("f", "longer"));
	tempdir_text(&t, "g", "LONGER", 1001);
	cr_assert_eq(fs_rename(&fs, t.fd, "g", t.fd, "f", true), 0);
	cr_assert(is_read("f", "LONGER"), "another inode");
	reopen();
	cr_assert_not(is_read("f", "LONGER"));
}

Test(hashcache, fresh_files_are_not_remembered)
{
	tempdir_text(&t, "f", "x", now - 2);
	cr_assert(is_read("f", "x"));
	cr_assert(is_read("f", "x"));
	now++;
	cr_assert(is_read("f", "x"));
	cr_assert_not(is_read("f", "x"));
	tempdir_text(&t, "future", "x", now + 1000);
	cr_assert(is_read("future", "x"));
	cr_assert(is_read("future", "x"));
}

Test(hashcache, only_what_was_looked_up_is_kept)
{
	tempdir_text(&t, "a", "a", 1000);
	tempdir_text(&t, "b", "b", 1000);
	tempdir_text(&t, "c", "c", 1000);
	cr_assert(is_read("a", "a"));
	cr_assert(is_read("b", "b"));
	reopen();
	cr_assert_not(is_read("a", "a"));
	reopen();
	cr_assert_not(is_read("b", "b"), "nothing new: not written again");
	cr_assert(is_read("c", "c"));
	reopen();
	cr_assert_not(is_read("b", "b"));
	cr_assert_not(is_read("c", "c"));
	cr_assert(is_read("a", "a"), "not looked up before the last save");
}

Test(hashcache, a_damaged_cache_is_as_good_as_none)
{
	char *good, *bad;
	size_t n, i;

	tempdir_text(&t, "f", "x", 1000);
	cr_assert(is_read("f", "x"));
	reopen();
	good = tempdir_read(&t, "hashes", &n);
	bad = malloc(n + 1);
	cr_assert_not_null(bad);
	for (i = 0; i < n; i++) {
		memcpy(bad, good, n);
		bad[i] = (char)(bad[i] ^ 0x10);
		tempdir_write(&t, "hashes", bad, n, -1);
		hashcache_free(cache);
		open_cache();
		cr_expect(is_read("f", "x"), "byte %zu changed", i);
		tempdir_write(&t, "hashes", good, i, -1);
		hashcache_free(cache);
		open_cache();
		cr_expect(is_read("f", "x"), "cut to %zu", i);
	}
	tempdir_write(&t, "hashes", good, n, -1);
	hashcache_free(cache);
	open_cache();
	cr_assert_not(is_read("f", "x"));
	free(good);
	free(bad);
}

/* Its sum is right, and what it says of itself is not ours. */
Test(hashcache, a_cache_of_another_kind_is_as_good_as_none)
{
	static const size_t at[] = {0, 4, 6};
	struct hash sum;
	char *p;
	size_t n, i;

	tempdir_text(&t, "f", "x", 1000);
	cr_assert(is_read("f", "x"));
	reopen();
	p = tempdir_read(&t, "hashes", &n);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		p[at[i]]++;
		cr_assert_eq(hash_bytes(p, n - HASH_LEN, &sum, &e), 0);
		memcpy(p + n - HASH_LEN, sum.b, HASH_LEN);
		tempdir_write(&t, "hashes", p, n, -1);
		p[at[i]]--;
		hashcache_free(cache);
		open_cache();
		cr_expect(is_read("f", "x"), "byte %zu is another", at[i]);
	}
	free(p);
}

Test(hashcache, without_a_folder_it_remembers_in_memory)
{
	hashcache_free(cache);
	cr_assert_eq(
	    hashcache_open(&fs, -1, "hashes", &test_clock, &cache, &e), 0);
	tempdir_text(&t, "f", "x", 1000);
	cr_assert(is_read("f", "x"));
	cr_assert_not(is_read("f", "x"));
	cr_assert_eq(hashcache_save(cache, &e), 0);
	cr_assert_not(tempdir_has(&t, "hashes"));
}

Test(hashcache, a_failed_save_is_told)
{
	tempdir_text(&t, "f", "x", 1000);
	cr_assert(is_read("f", "x"));
	tempdir_text(&t, "hashes/in/the/way", "x", -1);
	cr_assert_lt(hashcache_save(cache, &e), 0);
	cr_assert_not(is_read("f", "x"), "it is still remembered");
}

Test(hashcache, a_file_that_is_not_the_entry_any_more_is_busy)
{
	struct entry en;

	tempdir_text(&t, "f", "hello", 1000);
	en = entry_of("f");
	tempdir_touch(&t, "f", 1001, 0);
	cr_assert_eq(fill(&en), ERP_BUSY);
	cr_assert_not(en.content.known);
	cr_assert_eq(fs_unlink(&fs, t.fd, "f"), 0);
	cr_assert_eq(fill(&en), ERP_BUSY);
	tempdir_mkdir(&t, "f");
	cr_assert_eq(fill(&en), ERP_BUSY);
	cr_assert_eq(fs_rmdir(&fs, t.fd, "f"), 0);
	tempdir_symlink(&t, "hashes", "f");
	cr_assert_eq(fill(&en), ERP_BUSY);
}

/* Change the file while it is being read. */
static const char *new_text;

static int64_t
changing_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	if (off == 0)
		tempdir_text(&t, "f", new_text, 2000);
	return fs_real()->ops->pread(ctx, fd, p, n, off);
}

Test(hashcache, a_file_that_changes_while_read_is_busy)
{
	static const char *const changes[] = {"HELLO", "hello again", "h", ""};
	struct entry en;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		new_text = changes[i];
		ops.pread = count_pread;
		tempdir_text(&t, "f", "hello", 1000);
		en = entry_of("f");
		ops.pread = changing_pread;
		cr_expect_eq(fill(&en), ERP_BUSY, "case %zu", i);
		cr_expect_not(en.content.known);
	}
	ops.pread = count_pread;
	(void)is_read("f", ""); /* nothing false was remembered */
}

static int64_t
failing_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	(void)ctx;
	(void)fd;
	(void)p;
	(void)n;
	(void)off;
	return -EIO;
}

Test(hashcache, a_failed_read_is_told)
{
	struct entry en;

	tempdir_text(&t, "f", "hello", 1000);
	en = entry_of("f");
	ops.pread = failing_pread;
	cr_assert_eq(fill(&en), ERP_IO);
	cr_assert_not_null(strstr(e.msg, "f: Input/output error"));
	cr_assert_not(en.content.known);
}

static int stats; /* calls of fstat until one fails */

static int
failing_fstat(void *ctx, int fd, struct fs_stat *st)
{
	return --stats == 0 ? -EIO : fs_real()->ops->fstat(ctx, fd, st);
}

/* Before the file is read, and after. */
Test(hashcache, a_failed_look_at_the_file_is_told)
{
	struct entry en;
	int i;

	ops.fstat = failing_fstat;
	for (i = 1; i <= 2; i++) {
		tempdir_text(&t, "f", "hello", 1000);
		en = entry_of("f");
		stats = i;
		cr_expect_eq(fill(&en), ERP_IO);
		cr_expect_not_null(strstr(e.msg, "f: Input/output error"));
		cr_expect_not(en.content.known);
	}
}

static uint64_t heard; /* bytes done, by the last event */

static void
note(void *ctx, const struct event *ev)
{
	(void)ctx;
	cr_assert_eq(ev->kind, EVENT_HASH);
	cr_assert_gt(ev->done, heard);
	cr_assert_eq(ev->total, 300000);
	heard = ev->done;
}

Test(hashcache, the_observer_hears_of_progress)
{
	static const char zeros[300000];
	const struct observer obs = {.event = note, .ctx = NULL};
	struct entry en;

	tempdir_write(&t, "f", zeros, sizeof(zeros), 1000);
	en = entry_of("f");
	heard = 0;
	cr_assert_eq(hashcache_fill(cache, t.fd, &en, &obs, &e), 0);
	cr_assert_eq(heard, 300000);
}

static int
give_up(void *ctx)
{
	(void)ctx;
	return heard >= 100000;
}

Test(hashcache, the_observer_may_have_heard_enough)
{
	static const char zeros[300000];
	const struct observer obs = {note, NULL, give_up, NULL};
	struct entry en;

	tempdir_write(&t, "f", zeros, sizeof(zeros), 1000);
	en = entry_of("f");
	heard = 0;
	cr_assert_eq(hashcache_fill(cache, t.fd, &en, &obs, &e), ERP_CANCELLED);
	cr_assert(heard >= 100000 && heard < 300000);
	cr_assert(!en.content.known);
}

Test(hashcache, times_out_of_range_do_not_look_like_a_change)
{
	struct fs_stat st;

	tempdir_text(&t, "f", "x", 1000);
	tempdir_touch(&t, "f", -100, 5);
	cr_assert_eq(fs_stat(&fs, t.fd, "f", &st), 0);
	cr_assert_eq(st.mtime.s, -100);
	cr_assert(is_read("f", "x"));
	cr_assert_not(is_read("f", "x"));
}

Test(hashcache, changes_before_1970_are_seen)
{
	tempdir_text(&t, "f", "AAAA", 1000);
	tempdir_touch(&t, "f", -100, 0);
	cr_assert(is_read("f", "AAAA"));
	tempdir_text(&t, "f", "BBBB", 1000);
	tempdir_touch(&t, "f", -50, 0);
	cr_assert(is_read("f", "BBBB"));
	reopen();
	cr_assert_not(is_read("f", "BBBB"));
}

Test(hashcache, only_a_time_near_now_is_not_trusted)
{
	tempdir_text(&t, "next_year", "x", now + 365 * 86400);
	tempdir_text(&t, "fast_clock", "x", now + 3600);
	cr_assert(is_read("next_year", "x"));
	cr_assert_not(is_read("next_year", "x"));
	cr_assert(is_read("fast_clock", "x"));
	cr_assert(is_read("fast_clock", "x"));
}

Test(hashcache, twenty_thousand_files_are_quick)
{
	struct entry en;
	char path[32];
	int i, missed = 0;

	tempdir_text(&t, "f", "x", 1000);
	en = entry_of("f");
	en.path = path;
	for (i = 0; i < 20000; i++) {
		(void)snprintf(path, sizeof(path), "f%d", i);
		cr_assert_eq(
		    fs_link(&fs, t.fd, i == 0 ? "f" : "f0", t.fd, path), 0);
		cr_assert_geq(fill(&en), 0, "%s", e.msg);
	}
	reopen();
	for (i = 19999; i >= 0; i--) {
		(void)snprintf(path, sizeof(path), "f%d", i);
		missed += fill(&en);
	}
	cr_assert_eq(missed, 0);
}

/* Many files "f0".. and entries of them. */
enum { MANY = 300 };
static char names[MANY][8];
static struct entry many[MANY];
static struct entry *batch[MANY];

static void
make_many(void)
{
	int i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "f%d", i);
		tempdir_text(&t, names[i], names[i], 1000 + i);
		many[i] = entry_of(names[i]);
		batch[i] = &many[i];
	}
}

/* By four threads; how many were read, or the code. */
static int
fill_many(bool may_change)
{
	static unsigned four = 4;
	struct crew crew = {threads_real()->run, &four};
	struct hashcache_batch b = {
	    .v = batch, .n = MANY, .may_change = may_change, .crew = &crew};
	int rc;

	reads = 0;
	rc = hashcache_fill_all(cache, t.fd, &b, &e);
	return rc < 0 ? rc : reads;
}

Test(hashcache, a_crew_fills_what_one_thread_would)
{
	int i;

	make_many();
	cr_assert_geq(fill_many(false), MANY, "%s", e.msg);
	for (i = 0; i < MANY; i++)
		expect_hash_of(&many[i], names[i]);
	/* What changes is read again, the rest is remembered. */
	tempdir_text(&t, "f7", "other", 5000);
	many[7] = entry_of("f7");
	reopen();
	cr_assert_gt(fill_many(false), 0);
	cr_assert_leq(reads, 2);
	expect_hash_of(&many[7], "other");
	expect_hash_of(&many[299], "f299");
	reopen();
	cr_assert_eq(fill_many(false), 0);
}

Test(hashcache, a_crew_tells_the_first_failure_or_leaves_it)
{
	int i;

	make_many();
	tempdir_text(&t, "f40", "changed", 9);
	tempdir_text(&t, "f200", "changed", 9);
	cr_assert_eq(fs_unlink(&fs, t.fd, "f41"), 0);
	for (i = 0; i < 20; i++) {
		cr_assert_eq(fill_many(false), ERP_BUSY);
		cr_assert_not_null(strstr(e.msg, "f40: changed"), "%s", e.msg);
	}
	cr_assert_geq(fill_many(true), 0, "%s", e.msg);
	for (i = 0; i < MANY; i++)
		cr_assert_eq(
		    many[i].content.known, i != 40 && i != 41 && i != 200);
	/* Nothing false was remembered, and nothing is lost. */
	cr_assert_leq(fill_many(true), 0);
}
