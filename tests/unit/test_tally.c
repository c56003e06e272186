/* What sessions tell of stations, kept now and then. */
#include "transport/host/tally.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store_stations.h"
#include "engine/tree/manifest.h"
#include "tests/support/fs_fault.h"
#include "tests/support/release.h"
#include "transport/host/net_log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

static struct release_fixture f;
static struct fs_fault disk;
static struct event_base *base;
static struct tally *tally;
static uint64_t now;
static struct hash id;
static int lines;
static char last[1000];

static uint64_t
monotonic_ms(void *ctx)
{
	(void)ctx;
	return now;
}

static void
keep(void *ctx, int level, const char *text)
{
	(void)ctx;
	cr_expect_eq(level, NET_LOG_WARN);
	lines++;
	(void)snprintf(last, sizeof(last), "%s", text);
}

static const struct clock test_clock = {.monotonic_ms = monotonic_ms};
static const struct net_log test_log = {.line = keep};

static void
begin(void)
{
	struct tally_options opt = {.clock = &test_clock, .log = &test_log};
	struct manifest m;
	struct err e;

	release_begin(&f);
	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "a", "x", 1);
	cr_assert_eq(store_save_release(f.store, &m, 1, &id, &e), 0);
	manifest_release(&m);
	fs_fault_init(&disk, fs_real());
	release_reopen_on(&f, &disk.fs);
	opt.base = base = event_base_new();
	opt.store = f.store;
	cr_assert_eq(tally_new(&opt, &tally, &e), 0, "%s", e.msg);
	now = 1000;
}

static void
end(void)
{
	tally_free(tally);
	event_base_free(base);
	release_end(&f);
}

TestSuite(tally, .init = begin, .fini = end, .timeout = 300);

static void
note(const char *station)
{
	tally_note(tally, PATH_OS_LINUX, &id, station);
}

static size_t
count(void)
{
	return store_count_stations(f.store, PATH_OS_LINUX, &id);
}

static void
run_loop(void)
{
	const struct timeval slice = {.tv_usec = 10 * 1000};

	cr_assert_eq(event_base_loopexit(base, &slice), 0);
	cr_assert_geq(event_base_dispatch(base), 0);
}

/* Look, and let it be done. */
static void
look(void)
{
	int i;

	tally_look(tally);
	for (i = 0; i < 20; i++)
		run_loop();
}

Test(tally, the_first_is_kept_at_once_and_others_once_a_minute)
{
	int i;

	look();
	note("a");
	note("a");
	cr_expect_eq(count(), 0);
	tally_look(tally);
	for (i = 0; i < 1000 && count() == 0; i++)
		run_loop();
	cr_expect_eq(count(), 1);
	run_loop();
	note("b");
	now += TALLY_MS - 1;
	look();
	cr_expect_eq(count(), 1);
	note("c");
	now++;
	tally_look(tally);
	for (i = 0; i < 1000 && count() == 1; i++)
		run_loop();
	cr_expect_eq(count(), 3);
	cr_expect_eq(lines, 0);
}

Test(tally, the_rest_is_kept_at_the_end)
{
	note("a");
	tally_look(tally);
	note("b");
	tally_free(tally);
	tally = NULL;
	cr_expect_eq(count(), 2);
}

Test(tally, each_release_has_its_own)
{
	struct hash other;
	struct manifest m;
	struct err e;
	size_t i;

	manifest_init(&m, PATH_OS_WINDOWS);
	release_file(&f, &m, "a", "x", 1);
	cr_assert_eq(store_save_release(f.store, &m, 1, &other, &e), 0);
	manifest_release(&m);
	note("a");
	tally_note(tally, PATH_OS_WINDOWS, &other, "a");
	tally_note(tally, PATH_OS_WINDOWS, &other, "b");
	/* Of another system it is none, nor is one that went away. */
	tally_note(tally, PATH_OS_MACOSX, &id, "c");
	/* More than there is room for. */
	for (i = 0; i < 20; i++) {
		other.b[0] = (uint8_t)(other.b[0] + 1);
		tally_note(tally, PATH_OS_LINUX, &other, "d");
	}
	other.b[0] = (uint8_t)(other.b[0] - 20);
	note("e");
	tally_free(tally);
	tally = NULL;
	cr_expect_eq(count(), 2);
	cr_expect_eq(store_count_stations(f.store, PATH_OS_WINDOWS, &other), 2);
	cr_expect_eq(store_count_stations(f.store, PATH_OS_MACOSX, &id), 0);
	cr_expect_eq(lines, 0);
}

Test(tally, a_full_disk_is_told_once)
{
	int i;

	fs_fault_arm(&disk, FAULT_FROM, 1, ENOSPC);
	for (i = 0; i < 3; i++, now += TALLY_MS) {
		note("a");
		look();
	}
	fs_fault_arm(&disk, FAULT_NONE, 0, 0);
	cr_expect_eq(lines, 1);
	cr_expect_not_null(strstr(last, "was not kept"), "%s", last);
	cr_expect_not_null(strstr(last, ".stations"), "%s", last);
	note("b");
	look();
	now += TALLY_MS;
	cr_expect_eq(count(), 1, "those of before come again");
	/* The next one is news again. */
	fs_fault_arm(&disk, FAULT_FROM, 1, ENOSPC);
	note("c");
	look();
	fs_fault_arm(&disk, FAULT_NONE, 0, 0);
	cr_expect_eq(lines, 2);
}
