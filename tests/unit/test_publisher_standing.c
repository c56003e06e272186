/* What a server sees of what is done to its state folder beside it. */
#include "transport/host/publisher_internal.h"

#include "engine/base/err.h"
#include "engine/store/store_hold.h"
#include "engine/tree/manifest.h"
#include "tests/support/release.h"
#include "transport/server/live_release.h"

#include <criterion/criterion.h>
#include <string.h>

static struct release_fixture f;
static struct live_release served;
static struct standing w;
static struct hash one, two;
static struct err e;

static struct hash
save(const char *text)
{
	struct manifest m;
	struct hash id;

	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "a.txt", text, strlen(text));
	cr_assert_eq(
	    store_save_release(f.store, &m, 8, &id, &e), 0, "%s", e.msg);
	manifest_release(&m);
	return id;
}

static void
begin(void)
{
	release_begin(&f);
	one = save("one");
	two = save("two");
	memset(&w, 0, sizeof(w));
	manifest_init(&served.manifest, PATH_OS_LINUX);
	served.id = two;
}

static void
end(void)
{
	release_end(&f);
}

TestSuite(publisher_standing, .init = begin, .fini = end);

static bool
look(uint64_t now)
{
	return standing_look(&w, f.store, &served, false, now);
}

Test(publisher_standing, it_is_looked_at_once_a_second)
{
	cr_expect_not(look(0));
	cr_expect_not(w.held);
	cr_assert_eq(store_hold(f.store, PATH_OS_LINUX, &two, true, &e), 0);
	cr_expect_not(look(999));
	cr_expect_not(w.held, "a second has not passed");
	cr_expect_not(look(1000));
	cr_expect(w.held);
	cr_assert_eq(store_hold(f.store, PATH_OS_LINUX, &two, false, &e), 0);
	cr_expect_not(look(1999));
	cr_expect(w.held);
	cr_expect_not(look(2000));
	cr_expect_not(w.held);
}

Test(publisher_standing, another_current_one_is_told_once)
{
	cr_expect_not(look(0));
	cr_expect_not(standing_is_tried(&w));
	cr_assert_eq(store_save_again(f.store, PATH_OS_LINUX, &one, &e), 0);
	/* What we publish ourselves is no news. */
	cr_expect_not(standing_look(&w, f.store, &served, true, 1000));
	cr_expect_not(w.other);
	cr_expect(look(2000));
	cr_expect(standing_is_tried(&w));
	cr_expect(hash_equal(&w.current, &one));
	cr_expect_not(look(3000), "it was tried");
	cr_expect(standing_is_tried(&w));
	/* Nor is it while what it was told for is being published. */
	cr_assert_eq(store_save_again(f.store, PATH_OS_LINUX, &two, &e), 0);
	cr_expect_not(look(4000));
	cr_expect_not(standing_is_tried(&w), "it is what is served");
	served.id = one;
	cr_expect(look(5000), "and now it is another");
}

/* Who asks while there is none is told how long it may take. */
Test(publisher_standing, a_release_is_awaited_shortly_or_for_long)
{
	struct standing now = {.other = false};
	struct err bad = {.code = ERP_USAGE}, full;

	(void)err_set(&full, ERP_NOSPACE, "no room");
	cr_expect_eq(standing_awaited(&now, false, true, &full, &e), 2);
	cr_expect_eq(standing_awaited(&now, false, false, &bad, &e), 30);
	cr_expect_eq(
	    standing_awaited(&now, false, false, &full, &e), ERP_NOSPACE);
	cr_expect_str_eq(e.msg, "no room");
	cr_expect_eq(standing_awaited(&now, true, true, &bad, &e), 0);
	cr_expect_eq(standing_awaited(&now, true, false, &full, &e), 0);
	/* Another one is taken now, and served in a moment. */
	now.other = true;
	cr_expect_eq(standing_awaited(&now, true, true, &bad, &e), 2);
	cr_expect_eq(standing_awaited(&now, true, false, &bad, &e), 0);
}
