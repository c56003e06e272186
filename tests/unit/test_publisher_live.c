/* From what was published to what is served. */
#include "transport/host/publisher_internal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/store/store.h"
#include "tests/support/alloc_wrap.h"
#include "tests/support/release.h"
#include "transport/host/net_log.h"
#include "transport/host/pool.h"
#include "transport/server/live_release.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct release_fixture f;
static struct origin origin = {.src.os = PATH_OS_LINUX};
static const struct net_log quiet = {.line = NULL};
static struct live_release *current, *next;
static struct err e;

static void
put(struct buf *b, const char *text)
{
	buf_init(b, 100);
	cr_assert_eq(buf_append(b, text, strlen(text), &e), 0);
}

static void
expect_text(const struct buf *b, const char *text)
{
	cr_expect_eq(b->len, strlen(text));
	cr_expect_arr_eq(buf_data(b), text, strlen(text));
}

static void
begin(void)
{
	release_begin(&f);
	(void)release_save(&f, "one", 8);
	put(&origin.left_out, "out");
	current = live_load(f.store, &origin, &quiet);
	cr_assert_not_null(current);
}

static void
end(void)
{
	live_release_unref(next);
	live_release_unref(current);
	buf_release(&origin.left_out);
	release_end(&f);
}

TestSuite(publisher_live, .init = begin, .fini = end);

static void
seal(const void *p, size_t n)
{
	struct buf b;
	int rc;

	buf_init(&b, n);
	cr_assert_eq(buf_append(&b, p, n, &e), 0);
	rc = store_keep_seal(f.store, PATH_OS_LINUX, &current->id, &b, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	buf_release(&b);
}

/* The stored release is published, and this is left out. */
static void
publish(const char *left_out)
{
	struct manifest m;
	struct buf out;

	manifest_init(&m, PATH_OS_LINUX);
	cr_assert_eq(store_load_current(f.store, m.os, &m, &e), 0);
	put(&out, left_out);
	cr_expect_eq(live_of(f.store, &out, current, &m, &next, &e), 0);
	buf_release(&out);
	manifest_release(&m);
}

Test(publisher_live, what_is_loaded_has_what_its_folder_leaves_out)
{
	expect_text(&current->left_out, "out");
	cr_expect_eq(current->seal.len, 0);
}

Test(publisher_live, the_same_again_is_nothing_else)
{
	publish("out");
	cr_expect_null(next);
	cr_expect_eq(live_stored(f.store, current, &next, &e), 0);
	cr_expect_null(next);
}

Test(publisher_live, other_names_left_out_are_another_one)
{
	publish("more");
	cr_assert_not_null(next);
	cr_expect(hash_equal(&next->id, &current->id));
	expect_text(&next->left_out, "more");
}

Test(publisher_live, another_seal_is_another_one)
{
	seal("sealed", 6);
	cr_expect_eq(live_stored(f.store, current, &next, &e), 0);
	cr_assert_not_null(next);
	cr_expect(hash_equal(&next->id, &current->id));
	expect_text(&next->seal, "sealed");
	expect_text(&next->left_out, "out");
	live_release_unref(current);
	current = next;
	next = NULL;
	publish("out");
	cr_expect_null(next, "it has that seal");
}

Test(publisher_live, another_release_is_another_one)
{
	struct hash id = release_save(&f, "two", 8);

	cr_expect_eq(live_stored(f.store, current, &next, &e), 0);
	cr_assert_not_null(next);
	cr_expect(hash_equal(&next->id, &id));
	expect_text(&next->left_out, "out");
}

Test(publisher_live, without_one_any_is_another_one)
{
	struct hash id = current->id;

	live_release_unref(current);
	current = NULL;
	publish("out");
	cr_assert_not_null(next);
	cr_expect(hash_equal(&next->id, &id));
}

Test(publisher_live, a_seal_that_is_none_is_an_error)
{
	size_t n = current->seal.limit + 1;
	char *text = calloc(1, n);

	cr_assert_not_null(text);
	seal(text, n);
	cr_expect_lt(live_stored(f.store, current, &next, &e), 0);
	cr_expect_null(next);
	free(text);
}

struct asked {
	int times;
	bool served;
};

static bool
is_served(void *ctx, const struct live_release *to)
{
	struct asked *a = ctx;

	cr_expect_eq(to, next);
	a->times++;
	return a->served;
}

/* Have what stations on older releases get made, to the end; lacking: the
 * memory to begin. */
static void
relate(struct asked *asked, bool lacking)
{
	struct relate_options opt = {
	    .store = f.store, .is_served = is_served, .ctx = asked};
	struct event_base *base = event_base_new();

	cr_assert_not_null(base);
	cr_assert_eq(pool_new(base, 1, 0, &opt.pool, &e), 0, "%s", e.msg);
	opt.to = next;
	alloc_arm(lacking ? 1 : 0, false);
	cr_expect_eq(relate_older(&opt), !lacking);
	cr_expect_geq(alloc_disarm(), 1);
	while (atomic_load(&next->refs) > 1)
		cr_assert_geq(event_base_loop(base, EVLOOP_ONCE), 0);
	pool_free(opt.pool);
	event_base_free(base);
}

Test(publisher_live, older_ones_are_related_as_far_as_they_go)
{
	struct asked gone = {0, false}, all = {0, true};

	(void)release_save(&f, "two", 8);
	(void)release_save(&f, "three", 8);
	next = live_load(f.store, &origin, &quiet);
	cr_assert_not_null(next);
	relate(&gone, true);
	cr_expect_eq(gone.times, 0, "it is only of use");
	relate(&gone, false);
	cr_expect_eq(gone.times, 1, "nobody asks for it any more");
	cr_expect_eq(next->relatives_n, 0);
	relate(&all, false);
	cr_expect_eq(all.times, 3, "the third is not there");
	cr_expect_eq(next->relatives_n, 2);
}
