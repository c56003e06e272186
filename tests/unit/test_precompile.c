/* What is made in the background, and that it can be stopped. */
#include "transport/host/precompile.h"

#include "engine/base/err.h"
#include "engine/release/compile.h"
#include "engine/release/lineage.h"
#include "engine/tree/manifest.h"
#include "tests/support/release.h"
#include "tests/support/streams.h"
#include "transport/server/live_release.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEN = 400000, PATIENCE = 2000 /* of 10 ms */ };

static struct release_fixture f;
static struct precompile *a;
static struct err e;
static uint8_t *old_bytes, *new_bytes;
static struct compile_request req;
static struct compile_answer answer; /* the last one */

static void
begin(void)
{
	release_begin(&f);
	old_bytes = malloc(LEN);
	new_bytes = malloc(LEN);
	cr_assert(old_bytes != NULL && new_bytes != NULL);
	fill_noise(old_bytes, LEN, 1);
	memcpy(new_bytes, old_bytes, LEN);
	for (size_t i = 0; i < LEN; i += 20 + old_bytes[i] % 60)
		new_bytes[i] = (uint8_t)(new_bytes[i] + old_bytes[i / 2] % 5);
	memset(&req, 0, sizeof(req));
	req.one.has_basis = true;
	req.one.basis_size = req.one.target_size = LEN;
	cr_assert_eq(precompile_new(f.store, &a, &e), 0, "%s", e.msg);
}

static void
end(void)
{
	precompile_free(a);
	free(old_bytes);
	free(new_bytes);
	release_end(&f);
}

TestSuite(precompile, .init = begin, .fini = end, .timeout = 300);

/* Two releases: the file, then its new form.  The second one, served. */
static struct live_release *
two_releases(void)
{
	struct live_release *served;
	struct manifest m;
	struct hash id;

	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "app", old_bytes, LEN);
	req.one.basis = m.v[0].content.hash;
	cr_assert_eq(store_save_release(f.store, &m, 2, &id, &e), 0);
	manifest_release(&m);
	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "app", new_bytes, LEN);
	req.one.target = m.v[0].content.hash;
	cr_assert_eq(store_save_release(f.store, &m, 2, &id, &e), 0);
	cr_assert_eq(live_release_new(&m, &served, &e), 0);
	return served;
}

static bool
is_ready(void)
{
	cr_assert_eq(compile_blob(f.store, &req, &answer, &e), 0, "%s", e.msg);
	return !answer.provisional;
}

static bool
becomes_ready(int patience)
{
	const struct timespec ms10 = {.tv_nsec = 10 * 1000000L};

	while (!is_ready() && patience-- > 0)
		(void)nanosleep(&ms10, NULL);
	return is_ready();
}

Test(precompile, a_release_gets_its_blobs)
{
	struct live_release *served = two_releases();

	cr_assert_not(is_ready());
	precompile_release(a, served);
	cr_expect(becomes_ready(PATIENCE));
	live_release_unref(served);
}

/* Two releases of small files; their stations' group gets its key. */
static int
note_key(void *ctx, const struct compile_request *group, struct err *why)
{
	cr_assert_eq(group->group.n, 3);
	return compile_key(group, ctx, why);
}

static struct live_release *
two_releases_of_groups(struct hash *key)
{
	static const char *const names[] = {"a", "b", "c"};
	const struct lineage_visitor visitor = {note_key, key};
	struct live_release *served = NULL;
	struct manifest m;
	struct hash id;
	char text[32];
	size_t i, k;

	for (i = 0; i < 2; i++) {
		manifest_init(&m, PATH_OS_LINUX);
		for (k = 0; k < 3; k++) {
			(void)snprintf(text, sizeof(text), "%s of release %zu",
			    names[k], i);
			release_file(&f, &m, names[k], text, strlen(text));
		}
		cr_assert_eq(store_save_release(f.store, &m, 2, &id, &e), 0);
		if (i == 0)
			manifest_release(&m);
	}
	cr_assert_eq(lineage_groups(f.store, &m, 1, &visitor, &e), 0);
	cr_assert_eq(live_release_new(&m, &served, &e), 0);
	return served;
}

static bool
is_made(const struct hash *key, int patience)
{
	const struct timespec ms10 = {.tv_nsec = 10 * 1000000L};
	struct blob blob;

	while (store_find_blob(f.store, key, &blob, &e) != 0) {
		if (patience-- <= 0)
			return false;
		(void)nanosleep(&ms10, NULL);
	}
	return true;
}

Test(precompile, a_release_gets_its_groups)
{
	struct hash key;
	struct live_release *served = two_releases_of_groups(&key);

	cr_assert_not(is_made(&key, 0));
	precompile_set(a, false);
	precompile_release(a, served);
	cr_expect_not(is_made(&key, 20));
	precompile_set(a, true);
	cr_expect(is_made(&key, PATIENCE));
	live_release_unref(served);
}

Test(precompile, groups_make_way_for_stations)
{
	struct hash key;
	struct live_release *served = two_releases_of_groups(&key);

	precompile_make_way(a, true);
	precompile_release(a, served);
	cr_expect_not(is_made(&key, 20));
	precompile_make_way(a, false);
	cr_expect(is_made(&key, PATIENCE));
	live_release_unref(served);
}

Test(precompile, a_full_cache_gets_no_groups)
{
	struct hash key;
	struct live_release *served = two_releases_of_groups(&key);
	struct blob blob;

	cr_assert_eq(release_add_blob(&f, "fills it", 9000, NULL, &blob), 0);
	store_set_blob_budget(f.store, 18000);
	cr_assert_lt(store_blob_room(f.store), 4);
	precompile_release(a, served);
	cr_expect_not(is_made(&key, 30));
	live_release_unref(served);
}

Test(precompile, a_provisional_answer_is_replaced)
{
	live_release_unref(two_releases());
	cr_assert_not(is_ready());
	precompile_want(a, &req);
	precompile_want(a, &req);
	cr_expect(becomes_ready(PATIENCE));
}

Test(precompile, nothing_happens_while_it_is_off)
{
	struct live_release *served = two_releases();

	precompile_set(a, false);
	precompile_release(a, served);
	precompile_want(a, &req);
	cr_expect_not(becomes_ready(20));
	/* The release is remembered, what stations got is not. */
	precompile_set(a, true);
	cr_expect(becomes_ready(PATIENCE));
	live_release_unref(served);
}

Test(precompile, a_full_cache_is_left_to_stations)
{
	struct live_release *served = two_releases();
	int rounds;

	cr_assert_not(is_ready());
	cr_expect_geq(store_blob_room(f.store), 15);
	/* The provisional one fills it. */
	store_set_blob_budget(f.store, answer.blob.len + 8192);
	cr_expect_lt(store_blob_room(f.store), 4);
	precompile_release(a, served);
	cr_expect_not(becomes_ready(30));
	/* But one that a station asked for is made.  There is room for only
	 * one of both, so a look may bring the provisional one back; then it
	 * is wanted again, as a station's question would have it. */
	for (rounds = 0; !is_ready() && rounds < PATIENCE / 10; rounds++) {
		precompile_want(a, &req);
		(void)becomes_ready(10);
	}
	cr_expect(is_ready());
	live_release_unref(served);
}

Test(precompile, stations_that_wait_go_first)
{
	live_release_unref(two_releases());
	precompile_make_way(a, true);
	precompile_make_way(a, true);
	precompile_want(a, &req);
	cr_expect_not(becomes_ready(20));
	precompile_make_way(a, false);
	cr_expect_not(becomes_ready(20));
	precompile_make_way(a, false);
	cr_expect(becomes_ready(PATIENCE));
}

Test(precompile, ends_while_a_station_waits)
{
	live_release_unref(two_releases());
	precompile_want(a, &req);
	precompile_make_way(a, true);
}

Test(precompile, ends_with_work_left)
{
	struct live_release *served = two_releases();
	int i;

	for (i = 0; i < 300; i++) {
		req.one.target_size = LEN + (uint64_t)i;
		precompile_want(a, &req);
		precompile_release(a, served);
	}
	live_release_unref(served);
}
