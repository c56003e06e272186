/* Which answers go with the contents that they are about. */
#include "engine/store/store_internal.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct release_fixture f;
static struct hash needed, other;
static struct err e;
static struct fs_ops ops;
static const struct hash *used; /* while folders are listed; or NULL */

static int
list_and_use(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	uint64_t len;
	int fd;

	if (used != NULL) {
		fd = store_open_blob(f.store, used, &len, &e);
		cr_assert_geq(fd, 0, "%s", e.msg);
		fs_close_quietly(fs_real(), &fd);
	}
	return fs_real()->ops->list(ctx, dir, fn, arg);
}

/* The first time. */
static int
no_list(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	(void)ctx;
	(void)dir;
	(void)fn;
	(void)arg;
	ops.list = list_and_use;
	return -EIO;
}

static void
begin(void)
{
	static struct fs fs = {&ops, NULL};

	release_begin(&f);
	ops = *fs_real()->ops;
	ops.list = list_and_use;
	release_reopen_on(&f, &fs);
	needed = release_hash("needed");
	other = release_hash("other");
}

static void
end(void)
{
	release_end(&f);
}

TestSuite(store_answer, .init = begin, .fini = end);

static struct blob
add(const char *question, const struct hash *about)
{
	struct blob made;

	cr_assert_eq(release_add_blob(&f, question, 100, about, &made), 0);
	return made;
}

static int
collect(void)
{
	struct hash_set set = {.v = NULL};
	int rc;

	cr_assert_eq(hash_set_add(&set, &needed, &e), 0);
	rc = blobs_collect(f.store, &set, &e);
	hash_set_release(&set);
	return rc;
}

static bool
has(const char *kind, const struct hash *h)
{
	char *path = release_path(kind, h);
	bool is = tempdir_has(&f.dir, path);

	free(path);
	return is;
}

static bool
has_key(const char *question)
{
	struct hash h = release_hash(question);

	return has("key", &h);
}

static void
put(const char *kind, const struct hash *h, const char *text)
{
	char *path = release_path(kind, h);

	tempdir_text(&f.dir, path, text, -1);
	free(path);
}

/* And what is damaged, or of nobody; the books say the same. */
Test(store_answer, those_about_what_is_not_needed_go)
{
	struct hash damaged[16], stray = release_hash("stray");
	struct blob kept = add("kept", &needed), free_of = add("free", NULL);
	struct store_stats before, after;
	struct blob gone;
	char text[] = "a";
	size_t i;

	store_stats(f.store, &before);
	gone = add("gone", &other);
	for (i = 0; i < 16; i++, text[0]++) {
		damaged[i] = release_hash(text);
		put("key", &damaged[i], "cut");
	}
	put("blob", &stray, "left by a crash");
	cr_assert_eq(collect(), 0, "%s", e.msg);
	cr_expect(has_key("kept"));
	cr_expect(has_key("free"));
	cr_expect_not(has_key("gone"));
	for (i = 0; i < 16; i++)
		cr_expect_not(has("key", &damaged[i]));
	cr_expect(has("blob", &kept.id));
	cr_expect(has("blob", &free_of.id));
	cr_expect_not(has("blob", &gone.id));
	cr_expect_not(has("blob", &stray));
	store_stats(f.store, &after);
	cr_expect_eq(after.keys, 2);
	cr_expect_eq(after.blobs, 2);
	cr_expect_eq(after.bytes, before.bytes);
}

/* What a station is sent meanwhile, or was promised. */
Test(store_answer, those_in_use_stay)
{
	struct blob blob = add("q", &other);

	used = &blob.id;
	cr_assert_eq(collect(), 1, "%s", e.msg);
	cr_expect_not(has_key("q"));
	cr_expect(has("blob", &blob.id));
	used = NULL;
	cr_assert_eq(collect(), 0, "%s", e.msg);
	cr_expect_not(has("blob", &blob.id));
}

static uint64_t
told(void *ctx)
{
	return *(const uint64_t *)ctx;
}

Test(store_answer, those_that_were_offered_stay_for_a_while)
{
	uint64_t now = 1000;
	const struct clock clock = {told, NULL, &now};
	struct blob blob;

	store_set_clock(f.store, &clock);
	blob = add("q", &other);
	now += STORE_LEASE_MS - 1;
	cr_assert_eq(collect(), 1, "%s", e.msg);
	cr_expect(has("blob", &blob.id));
	now++;
	cr_assert_eq(collect(), 0, "%s", e.msg);
	cr_expect_not(has("blob", &blob.id));
}

/* Which are needed is not known then. */
Test(store_answer, keys_that_cannot_be_listed_take_no_blob_away)
{
	struct blob blob = add("q", &other);

	ops.list = no_list;
	cr_expect_eq(collect(), ERP_IO);
	cr_expect(has_key("q"));
	cr_expect(has("blob", &blob.id));
}

Test(store_answer, looks_are_of_what_is_there_now)
{
	struct hash q = release_hash("q"), gone = release_hash("gone");
	struct blob seen, blob = add("gone", &other);
	int i;

	(void)add("q", &needed);
	store_lock(f.store);
	entry_drop(f.store, entry_find(f.store->blobs, &blob.id));
	store_unlock(f.store);
	for (i = 0; i < 3; i++) {
		cr_expect(store_peek_blob(f.store, &q, &seen));
		cr_expect_not(store_peek_blob(f.store, &gone, &seen));
	}
}
