/* Blobs: found by their question, bounded, and never served damaged. */
#include "engine/store/store_internal.h"

#include "engine/base/clock.h"
#include "engine/base/crc.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/tree/manifest.h"
#include "tests/support/fs_fault.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
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

TestSuite(store_blob, .init = begin, .fini = end);

static int
add_blob(const char *question, size_t n, struct blob *out)
{
	return release_add_blob(&f, question, n, NULL, out);
}

static int
find_blob(const char *question, struct blob *out)
{
	return release_find_blob(&f, question, out);
}

Test(store_blob, a_blob_answers_its_question_also_after_a_restart)
{
	struct blob made, found;
	uint64_t len;
	int fd;

	cr_assert_eq(find_blob("q", &found), ERP_NOTFOUND);
	cr_assert_eq(add_blob("q", 100, &made), 0, "%s", e.msg);
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

Test(store_blob, an_aborted_blob_leaves_nothing)
{
	struct blob_writer *w;
	struct blob out;

	cr_assert_eq(store_blob_begin(f.store, &w, &e), 0);
	store_blob_abort(w);
	store_blob_abort(NULL);
	cr_assert_eq(find_blob("q", &out), ERP_NOTFOUND);
	cr_assert_not(tempdir_has(&f.dir, "state/tmp/0"));
}

Test(store_blob, one_blob_answers_two_questions)
{
	struct hash k = release_hash("second"), refs[BLOB_MAX_REFS];
	struct blob made, found;

	memset(refs, 0, sizeof(refs));
	cr_assert_eq(add_blob("first", 50, &made), 0);
	cr_assert_eq(store_add_key(f.store, &k, &made, refs, 0, &e), 0);
	cr_assert_eq(find_blob("second", &found), 0);
	cr_assert(hash_equal(&found.id, &made.id));
	cr_assert_eq(
	    store_add_key(f.store, &k, &made, refs, 3, &e), ERP_INTERNAL);
}

Test(store_blob, damaged_blobs_are_noticed_and_made_anew)
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
		cr_assert_eq(add_blob("q", 100, &made), 0);
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

Test(store_blob, a_damaged_blob_is_not_opened_either)
{
	struct blob made;
	char bytes[100], *path;
	uint64_t len;

	memset(bytes, 'x', sizeof(bytes));
	cr_assert_eq(add_blob("q", 100, &made), 0);
	path = release_path("blob", &made.id);
	tempdir_write(&f.dir, path, bytes, sizeof(bytes), -1);
	free(path);
	release_reopen(&f);
	cr_assert_eq(
	    store_open_blob(f.store, &made.id, &len, &e), ERP_NOTFOUND);
	cr_expect_not_null(strstr(e.msg, "was damaged and is removed"));
}

Test(store_blob, one_that_is_gone_is_not_called_damaged)
{
	struct store_stats stats;
	struct blob made;
	uint64_t len;
	char *path;

	cr_assert_eq(add_blob("q", 100, &made), 0);
	path = release_path("blob", &made.id);
	cr_assert_eq(fs_unlink(fs_real(), f.dir.fd, path), 0);
	free(path);
	cr_assert_eq(
	    store_open_blob(f.store, &made.id, &len, &e), ERP_NOTFOUND);
	cr_expect_not_null(strstr(e.msg, "is gone"), "%s", e.msg);
	store_stats(f.store, &stats);
	cr_expect_eq(stats.blobs, 0);
	cr_expect_eq(stats.damaged, 0);
}

/* Whoever wrote or checked a blob knows the CRCs of its pieces. */
Test(store_blob, pieces_have_their_crcs)
{
	const size_t n = 2 * STORE_PIECE + 10;
	struct hash other = release_hash("other");
	struct blob made;
	uint32_t v[3], want[3];
	uint8_t *bytes = malloc(n);
	uint64_t len;
	int i, fd;

	cr_assert_not_null(bytes);
	cr_assert_eq(add_blob("q", n, &made), 0);
	for (i = 0; i < 2; i++) {
		fd = store_open_blob(f.store, &made.id, &len, &e);
		cr_assert_geq(fd, 0, "%s", e.msg);
		cr_assert_eq(fs_pread(fs_real(), fd, bytes, n, 0), (int64_t)n);
		fs_close_quietly(fs_real(), &fd);
		want[0] = crc_add(0, bytes, STORE_PIECE);
		want[1] = crc_add(0, bytes + STORE_PIECE, STORE_PIECE);
		want[2] = crc_add(0, bytes + 2 * STORE_PIECE, 10);
		cr_assert(store_blob_crcs(f.store, &made.id, 0, 3, v));
		cr_expect_eq(memcmp(v, want, sizeof(v)), 0);
		cr_assert(store_blob_crcs(f.store, &made.id, 2, 1, v));
		cr_expect_eq(v[0], want[2]);
		cr_expect(!store_blob_crcs(f.store, &made.id, 1, 3, v));
		cr_expect(!store_blob_crcs(f.store, &made.id, SIZE_MAX, 2, v));
		cr_expect(!store_blob_crcs(f.store, &other, 0, 1, v));
		/* Not known before the first use. */
		release_reopen(&f);
		cr_expect(!store_blob_crcs(f.store, &made.id, 0, 1, v));
	}
	free(bytes);
}

Test(store_blob, one_that_was_damaged_later_is_noticed_when_doubted)
{
	struct blob made;
	char bytes[100], *path;
	uint64_t len;
	int fd;

	memset(bytes, 'x', sizeof(bytes));
	cr_assert_eq(add_blob("q", 100, &made), 0);
	path = release_path("blob", &made.id);
	tempdir_write(&f.dir, path, bytes, sizeof(bytes), -1);
	free(path);
	cr_assert_geq(fd = store_open_blob(f.store, &made.id, &len, &e), 0);
	fs_close_quietly(fs_real(), &fd);
	store_uncheck_blobs(f.store);
	cr_assert_eq(
	    store_open_blob(f.store, &made.id, &len, &e), ERP_NOTFOUND);
}

static uint64_t
told(void *ctx)
{
	return *(const uint64_t *)ctx;
}

/* Whoever doubts for nothing does not make it be hashed again and again. */
Test(store_blob, one_is_hashed_once_a_minute_however_often_doubted)
{
	uint64_t now = 1000, len;
	const struct clock clock = {told, NULL, &now};
	struct blob made;
	char bytes[100], *path;
	int fd;

	store_set_clock(f.store, &clock);
	cr_assert_eq(add_blob("q", 100, &made), 0);
	store_uncheck_blobs(f.store);
	cr_assert_geq(fd = store_open_blob(f.store, &made.id, &len, &e), 0);
	fs_close_quietly(fs_real(), &fd);
	memset(bytes, 'x', sizeof(bytes));
	path = release_path("blob", &made.id);
	tempdir_write(&f.dir, path, bytes, sizeof(bytes), -1);
	free(path);
	now += STORE_DOUBT_MS - 1;
	store_uncheck_blobs(f.store);
	cr_assert_geq(fd = store_open_blob(f.store, &made.id, &len, &e), 0);
	fs_close_quietly(fs_real(), &fd);
	now++;
	store_uncheck_blobs(f.store);
	cr_assert_eq(
	    store_open_blob(f.store, &made.id, &len, &e), ERP_NOTFOUND);
}

/* So it is with contents, once the stored bytes were hashed. */
Test(store_blob, a_content_stays_checked_for_a_minute)
{
	struct hash h = release_content(&f, "bytes", 5);
	uint64_t now = 1000;
	const struct clock clock = {told, NULL, &now};

	store_set_clock(f.store, &clock);
	cr_expect(store_content_is_checked(f.store, &h));
	store_uncheck_contents(f.store);
	cr_expect(!store_content_is_checked(f.store, &h));
	store_content_checked(f.store, &h);
	store_drop_content(f.store, &h);
	cr_expect(!store_content_is_checked(f.store, &h));
	store_content_checked(f.store, &h);
	/* That it comes once more takes nothing from it. */
	cr_assert(
	    hash_equal(&h, (struct hash[]){release_content(&f, "bytes", 5)}));
	now += STORE_DOUBT_MS - 1;
	store_uncheck_contents(f.store);
	cr_expect(store_content_is_checked(f.store, &h));
	now++;
	store_uncheck_contents(f.store);
	cr_expect(!store_content_is_checked(f.store, &h));
}

Test(store_blob, a_damaged_key_is_no_answer)
{
	struct hash k = release_hash("q");
	char *path = release_path("key", &k), *bytes;
	struct blob made, found;
	size_t n;

	cr_assert_eq(add_blob("q", 100, &made), 0);
	bytes = tempdir_read(&f.dir, path, &n);
	bytes[n / 2] ^= 1;
	tempdir_write(&f.dir, path, bytes, n, -1);
	cr_assert_eq(find_blob("q", &found), ERP_NOTFOUND);
	tempdir_write(&f.dir, path, bytes, 3, -1);
	cr_assert_eq(find_blob("q", &found), ERP_NOTFOUND);
	cr_assert_eq(add_blob("q", 100, &made), 0);
	cr_assert_eq(find_blob("q", &found), 0);
	free(bytes);
	free(path);
}

/* Nor is the one before it, or one that names another length. */
Test(store_blob, a_question_without_a_key_has_no_answer)
{
	struct hash key = release_hash("q"), other = release_hash("other");
	struct hash refs[BLOB_MAX_REFS];
	struct store_stats was, is;
	struct blob made, found;

	memset(refs, 0, sizeof(refs));
	cr_assert_eq(add_blob("q", 100, &made), 0);
	store_stats(f.store, &was);
	cr_assert_eq(store_find_blob(f.store, &key, &found, &e), 0);
	cr_expect_eq(
	    store_find_blob(f.store, &other, &found, &e), ERP_NOTFOUND);
	cr_expect_str_eq(e.msg, "no such key");
	made.len++;
	cr_assert_eq(store_add_key(f.store, &other, &made, refs, 0, &e), 0);
	cr_expect_eq(
	    store_find_blob(f.store, &other, &found, &e), ERP_NOTFOUND);
	cr_expect_str_eq(e.msg, "no such blob");
	store_stats(f.store, &is);
	cr_expect_eq(is.hits - was.hits, 1);
	cr_expect_eq(is.misses - was.misses, 2);
}

Test(store_blob, an_answer_can_be_looked_at)
{
	struct hash key = release_hash("q"), other = release_hash("other");
	struct blob made, seen, other_seen;
	char *path;

	cr_assert_eq(add_blob("q", 100, &made), 0);
	cr_assert(store_peek_blob(f.store, &key, &seen));
	cr_expect_not(store_peek_blob(f.store, &other, &other_seen));
	cr_expect(hash_equal(&seen.id, &made.id));
	cr_expect_eq(seen.len, 100);
	cr_expect_eq(seen.codec, CODEC_FULL);
	path = release_path("blob", &made.id);
	tempdir_text(&f.dir, path, "cut", -1);
	free(path);
	cr_assert_eq(find_blob("q", &seen), ERP_NOTFOUND);
	cr_expect_not(store_peek_blob(f.store, &key, &seen));
}

/* Those about other contents, and those that cannot be read, go. */
Test(store_blob, answers_that_may_be_wrong_are_dropped)
{
	const struct hash refs[] = {
	    release_hash("old"), release_hash("new"), release_hash("newer")};
	struct hash of_two = release_hash("1"), of_others = release_hash("2"),
		    of_one = release_hash("3"), bad = release_hash("4");
	char *path = release_path("key", &bad);
	struct blob made, seen;

	cr_assert_eq(add_blob("4", 100, &made), 0);
	tempdir_text(&f.dir, path, "cut", -1);
	cr_assert_eq(store_add_key(f.store, &of_two, &made, refs, 2, &e), 0);
	cr_assert_eq(
	    store_add_key(f.store, &of_one, &made, refs + 1, 1, &e), 0);
	cr_assert_eq(
	    store_add_key(f.store, &of_others, &made, refs + 1, 2, &e), 0);
	cr_assert_eq(store_drop_answers(f.store, &refs[0], &e), 0);
	cr_expect_not(tempdir_has(&f.dir, path));
	free(path);
	cr_expect_not(store_peek_blob(f.store, &of_two, &seen));
	cr_expect_not(store_peek_blob(f.store, &of_one, &seen));
	cr_expect(store_peek_blob(f.store, &of_others, &seen));
}

static bool
is_there(const struct blob *b)
{
	char *path = release_path("blob", &b->id);
	bool there = tempdir_has(&f.dir, path);

	free(path);
	return there;
}

/* What sessions may still be promised is what was used just before. */
Test(store_blob, room_is_made_of_the_oldest)
{
	struct blob a, b, c;
	int uses = 0;

	cr_assert_eq(add_blob("a", 100, &a), 0);
	cr_assert_eq(add_blob("b", 300, &b), 0);
	cr_assert_eq(add_blob("c", 500, &c), 0);
	cr_expect_eq(store_make_room(f.store, 0), 0);
	while (store_make_room(f.store, 1) == 0) {
		cr_assert_eq(find_blob("c", &c), 0);
		uses++;
	}
	cr_expect_eq(uses, 62);
	cr_expect_not(is_there(&a));
	cr_expect(is_there(&b));
	cr_assert_eq(add_blob("a", 100, &a), 0);
	for (uses = 0; uses < 100; uses++)
		cr_assert_eq(find_blob("c", &c), 0);
	cr_expect_eq(store_make_room(f.store, 0), 0);
	cr_expect_eq(store_make_room(f.store, 300), 300);
	cr_expect_not(is_there(&b));
	cr_expect(is_there(&a));
	cr_assert_eq(add_blob("b", 300, &b), 0);
	for (uses = 0; uses < 100; uses++)
		cr_assert_eq(find_blob("c", &c), 0);
	cr_expect_eq(store_make_room(f.store, 101), 400);
	cr_expect_eq(store_make_room(f.store, UINT64_MAX), 0);
	cr_expect_not(is_there(&a));
	cr_expect_not(is_there(&b));
	cr_expect(is_there(&c));
}

/* Keys that answer nothing any more go first. */
Test(store_blob, too_many_keys_make_room)
{
	enum { MOST = 65536 };
	struct hash gone = release_hash("gone"), junk = release_hash("junk");
	char *key = release_path("key", &gone), *path;
	char *bad = release_path("key", &junk);
	struct store_stats now;
	struct blob made;

	cr_assert_eq(add_blob("gone", 100, &made), 0);
	path = release_path("blob", &made.id);
	cr_assert_eq(fs_unlink(fs_real(), f.dir.fd, path), 0);
	free(path);
	release_reopen(&f);
	cr_assert_eq(add_blob("one", 100, &made), 0);
	tempdir_text(&f.dir, bad, "junk", -1);
	tempdir_text(&f.dir, "state/key/zz9", "not ours", -1);
	f.store->blobs->key_n = MOST - 1;
	cr_assert_eq(add_blob("two", 100, &made), 0);
	store_stats(f.store, &now);
	cr_expect_eq(now.keys, MOST);
	cr_expect(tempdir_has(&f.dir, key));
	cr_assert_eq(add_blob("three", 100, &made), 0);
	store_stats(f.store, &now);
	cr_expect_eq(now.keys, 3);
	cr_expect_not(tempdir_has(&f.dir, key));
	cr_expect_not(tempdir_has(&f.dir, bad));
	cr_expect_eq(find_blob("one", &made), 0);
	cr_expect_eq(find_blob("two", &made), 0);
	cr_expect_eq(find_blob("three", &made), 0);
	free(bad);
	free(key);
}

Test(store_blob, the_least_recently_used_blobs_go_first)
{
	struct blob made, found;
	uint64_t len;
	int fd;

	cr_assert_eq(add_blob("a", 5000, &made), 0);
	cr_assert_geq(fd = store_open_blob(f.store, &made.id, &len, &e), 0);
	cr_assert_eq(add_blob("b", 5000, &made), 0);
	cr_assert_eq(add_blob("c", 5000, &made), 0);
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
	cr_assert_eq(add_blob("d", 50000, &made), 0);
	cr_assert_eq(find_blob("d", &found), 0);
	cr_assert_eq(find_blob("b", &found), ERP_NOTFOUND);
	cr_assert_eq(find_blob("c", &found), ERP_NOTFOUND);
}

Test(store_blob, the_oldest_go_first_after_a_restart)
{
	static const int ages[] = {5, 1, 4, 2, 7, 6, 3}; /* in no order */
	enum { N = sizeof(ages) / sizeof(ages[0]) };
	struct blob made, found;
	char question[] = "a", *path;
	int i, left;

	for (i = 0; i < N; i++) {
		question[0] = (char)('a' + i);
		cr_assert_eq(add_blob(question, 100, &made), 0);
		path = release_path("blob", &made.id);
		tempdir_touch(&f.dir, path, 1000 + ages[i], 0);
		free(path);
	}
	for (left = N - 1; left > 0; left--) {
		release_reopen(&f);
		store_set_blob_budget(f.store, (uint64_t)left * 2 * 4096);
		for (i = 0; i < N; i++) {
			question[0] = (char)('a' + i);
			cr_expect_eq(find_blob(question, &found) == 0,
			    ages[i] > N - left, "%d left, age %d", left,
			    ages[i]);
		}
	}
}

/* An answer for one station, of 100 bytes: two blocks with its key. */
static void
add_lone(const char *question)
{
	struct hash key = release_hash(question);
	struct blob_writer *w;
	struct blob made;
	char bytes[100];
	struct sink to;

	memset(bytes, 'l', sizeof(bytes));
	memcpy(bytes, question, strlen(question));
	cr_assert_eq(store_blob_begin(f.store, &w, &e), 0);
	to = blob_writer_sink(w);
	cr_assert_eq(to.write(to.ctx, bytes, sizeof(bytes), &e), 0);
	blob_writer_set_lone(w);
	cr_assert_eq(
	    store_blob_commit(w, &key, CODEC_FULL, &made, &e), 0, "%s", e.msg);
}

Test(store_blob, answers_for_one_station_do_not_push_out_those_for_all)
{
	struct blob made, found;
	char name[16];
	int i, kept = 0;

	/* Room for 16, so for 4 that are lone. */
	store_set_blob_budget(f.store, 16 * 2 * 4096);
	for (i = 0; i < 12; i++) {
		(void)snprintf(name, sizeof(name), "all %d", i);
		cr_assert_eq(add_blob(name, 100, &made), 0);
	}
	for (i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "lone %d", i);
		add_lone(name);
	}
	for (i = 0; i < 12; i++) {
		(void)snprintf(name, sizeof(name), "all %d", i);
		cr_expect_eq(find_blob(name, &found), 0, "%s", name);
	}
	cr_expect_eq(find_blob("lone 45", &found), ERP_NOTFOUND);
	for (i = 46; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "lone %d", i);
		kept += find_blob(name, &found) == 0;
	}
	cr_expect_eq(kept, 4);
}

Test(store_blob, one_that_is_asked_for_again_is_not_lone_any_more)
{
	struct blob found;
	char name[16];
	int i;

	store_set_blob_budget(f.store, 16 * 2 * 4096);
	add_lone("shared");
	cr_assert_eq(find_blob("shared", &found), 0);
	for (i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "lone %d", i);
		add_lone(name);
	}
	cr_expect_eq(find_blob("shared", &found), 0);
}

Test(store_blob, lone_ones_go_first_when_they_are_older)
{
	struct blob made, found;

	store_set_blob_budget(f.store, 4 * 2 * 4096);
	add_lone("lone");
	cr_assert_eq(add_blob("a", 100, &made), 0);
	cr_assert_eq(add_blob("b", 100, &made), 0);
	cr_assert_eq(add_blob("c", 100, &made), 0);
	cr_assert_eq(add_blob("d", 100, &made), 0);
	cr_expect_eq(find_blob("a", &found), 0);
	cr_expect_eq(find_blob("lone", &found), ERP_NOTFOUND);
	/* The one used last stays, even if it is too large for its kind. */
	store_set_blob_budget(f.store, 4 * 4096);
	add_lone("large");
	cr_expect_eq(find_blob("large", &found), 0);
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
		if (add_blob(key, 200, &made) != 0)
			return NULL;
		(void)snprintf(key, sizeof(key), "both %d", i);
		if (add_blob(key, 200, &made) != 0)
			return NULL;
		/* Found, or evicted by the other thread meanwhile. */
		if (find_blob(key, &found) == 0 && found.len != 200)
			return NULL;
	}
	return arg;
}

Test(store_blob, threads_may_add_and_find_at_once)
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

Test(store_blob, what_happens_is_counted)
{
	struct store_stats stats;
	struct hash content;
	struct blob blob;

	store_stats(f.store, &stats);
	cr_expect_eq(stats.blobs + stats.keys, 0);
	cr_expect_eq(stats.bytes, 0);
	cr_expect_eq(stats.budget, UINT64_C(2) << 30);
	cr_assert_eq(release_find_blob(&f, "question", &blob), ERP_NOTFOUND);
	cr_assert_eq(release_add_blob(&f, "question", 5000, NULL, &blob), 0);
	cr_assert_eq(release_add_blob(&f, "another", 100, NULL, &blob), 0);
	cr_assert_eq(release_find_blob(&f, "question", &blob), 0);
	store_stats(f.store, &stats);
	cr_expect_eq(stats.blobs, 2);
	cr_expect_eq(stats.keys, 2);
	cr_expect_eq(stats.written, 2);
	cr_expect_eq(stats.hits, 1);
	cr_expect_eq(stats.misses, 1);
	/* Whole blocks, and one for each key. */
	cr_expect_eq(stats.bytes, (2 + 1 + 1 + 1) * 4096);
	store_set_blob_budget(f.store, 4096);
	store_stats(f.store, &stats);
	cr_expect_eq(stats.budget, 4096);
	cr_expect_eq(stats.blobs, 1);
	cr_expect_eq(stats.evicted, 1);
	content = release_content(&f, "text", 4);
	store_drop_content(f.store, &content);
	store_stats(f.store, &stats);
	cr_expect_eq(stats.damaged, 1);
}

Test(store_blob, a_new_store_counts_what_lies_there)
{
	char path[128], hex[HASH_HEX_LEN + 1];
	struct store_stats stats;
	struct blob blob;
	struct hash none;

	cr_assert_eq(release_add_blob(&f, "question", 5000, NULL, &blob), 0);
	/* What has a blob's name and is no file is none. */
	memset(none.b, 0x5a, sizeof(none.b));
	hash_hex(&none, hex);
	(void)snprintf(path, sizeof(path), "state/blob/5a/%s", hex);
	tempdir_mkdir(&f.dir, path);
	release_reopen(&f);
	store_stats(f.store, &stats);
	cr_expect_eq(stats.blobs, 1);
	cr_expect_eq(stats.keys, 1);
	cr_expect_eq(stats.bytes, 3 * 4096);
	cr_expect_eq(stats.written + stats.hits + stats.misses, 0);
}

/* A file system under which somebody uses a blob whenever a folder is read. */
static struct hash in_use;

static int
list_and_use(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	uint64_t len;
	int fd = store_open_blob(f.store, &in_use, &len, &e);

	fs_close_quietly(fs_real(), &fd);
	return fs_real()->ops->list(ctx, dir, fn, arg);
}

/* It may be promised to a station that fetches it next. */
Test(store_blob, what_is_used_during_a_collection_stays)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs other = {&ops, fs_real()->ctx};
	struct hash gone = release_hash("no content"), id;
	struct blob used, idle;
	struct manifest m;
	char *path;

	release_reopen_on(&f, &other);
	cr_assert_eq(release_add_blob(&f, "used", 100, &gone, &used), 0);
	cr_assert_eq(release_add_blob(&f, "idle", 100, &gone, &idle), 0);
	in_use = used.id;
	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "a", "x", 1);
	ops.list = list_and_use;
	cr_assert_eq(
	    store_save_release(f.store, &m, 1, &id, &e), 0, "%s", e.msg);
	ops.list = fs_real()->ops->list;
	path = release_path("blob", &used.id);
	cr_expect(tempdir_has(&f.dir, path));
	free(path);
	path = release_path("blob", &idle.id);
	cr_expect_not(tempdir_has(&f.dir, path));
	free(path);
	/* Its question goes all the same: the content is. */
	cr_expect_eq(find_blob("used", &used), ERP_NOTFOUND);
	manifest_release(&m);
	release_reopen(&f);
}

static uint64_t lease_now;

static uint64_t
lease_ms(void *ctx)
{
	(void)ctx;
	return lease_now;
}

/* What was offered is there when it is fetched, as far as a quarter more of
 * the disk goes. */
Test(store_blob, what_was_used_lately_stays_a_while)
{
	static const struct clock clock = {lease_ms, NULL, NULL};
	char question[2] = "a";
	struct blob v[8];
	int i;

	lease_now = 1000;
	store_set_clock(f.store, &clock);
	store_set_blob_budget(f.store, 4 * 2 * 4096);
	for (i = 0; i < 6; i++) {
		question[0] = (char)('a' + i);
		cr_assert_eq(add_blob(question, 100, &v[i]), 0);
	}
	cr_expect_not(is_there(&v[0]));
	for (i = 1; i < 6; i++)
		cr_expect(is_there(&v[i]), "%d", i);
	/* The first of them is used again. */
	lease_now += STORE_LEASE_MS - 1;
	cr_assert_eq(find_blob("b", &v[1]), 0);
	store_set_blob_budget(f.store, 4 * 2 * 4096);
	cr_expect(is_there(&v[2]));
	lease_now += 1;
	store_set_blob_budget(f.store, 4 * 2 * 4096);
	cr_expect_not(is_there(&v[2]));
	for (i = 3; i < 6; i++)
		cr_expect(is_there(&v[i]), "%d", i);
	cr_expect(is_there(&v[1]));
}

/* Nor does a release that comes meanwhile take it away. */
Test(store_blob, what_was_used_lately_is_not_collected)
{
	static const struct clock clock = {lease_ms, NULL, NULL};
	struct hash gone = release_hash("no content"), id;
	struct manifest m;
	struct blob made;

	lease_now = 1000;
	store_set_clock(f.store, &clock);
	cr_assert_eq(release_add_blob(&f, "q", 100, &gone, &made), 0);
	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "a", "x", 1);
	lease_now += STORE_LEASE_MS - 1;
	cr_assert_eq(store_save_release(f.store, &m, 1, &id, &e), 0);
	cr_expect(is_there(&made));
	cr_expect_eq(find_blob("q", &made), ERP_NOTFOUND);
	lease_now += 1;
	cr_assert_eq(store_save_release(f.store, &m, 1, &id, &e), 0);
	cr_expect_not(is_there(&made));
	manifest_release(&m);
}

/* Each call fails once. */
Test(store_blob, one_that_cannot_be_named_leaves_no_file)
{
	const struct hash key = release_hash("question");
	struct blob_writer *w;
	struct fs_fault fault;
	struct blob blob;
	struct sink to;
	char path[40];
	bool fired = true;
	unsigned call, i;
	int rc;

	fs_fault_init(&fault, fs_real());
	release_reopen_on(&f, &fault.fs);
	for (call = 1; fired; call++) {
		cr_assert_lt(call, 40);
		cr_assert_eq(store_blob_begin(f.store, &w, &e), 0);
		to = blob_writer_sink(w);
		cr_assert_eq(to.write(to.ctx, &call, sizeof(call), &e), 0);
		fs_fault_arm(&fault, FAULT_ONCE, call, EIO);
		rc = store_blob_commit(w, &key, CODEC_RSYNC, &blob, &e);
		fired = fault.fired;
		fs_fault_arm(&fault, FAULT_NONE, 0, 0);
		for (i = 0; rc != 0 && i < 200; i++) {
			(void)snprintf(path, sizeof(path), "state/tmp/%u", i);
			cr_expect_not(tempdir_has(&f.dir, path), "call %u: %s",
			    call, path);
		}
	}
	cr_expect_gt(call, 2);
	release_reopen(&f);
}
