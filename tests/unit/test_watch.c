/* Watching folders. */
#include "transport/host/watch.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { QUIET_MS = 240 };

struct bench {
	struct tempdir dir;
	char path[300];
	struct event_base *base;
	struct clock clock;
	uint64_t skew_ms;
	struct watch *w;
	int changed;
};

static uint64_t
skewed_ms(void *ctx)
{
	struct bench *b = ctx;

	return clock_ms(clock_real()) + b->skew_ms;
}

static void
on_changed(void *ctx)
{
	struct bench *b = ctx;

	b->changed++;
}

static void
bench_open(struct bench *b)
{
	struct watch_options opt = {
	    .settle_ms = QUIET_MS, .changed = on_changed, .ctx = b};
	struct err e;
	int rc;

	memset(b, 0, sizeof(*b));
	tempdir_open(&b->dir);
	tempdir_mkdir(&b->dir, "up/a/b");
	tempdir_text(&b->dir, "up/a/b/file", "x", -1);
	(void)snprintf(b->path, sizeof(b->path), "%s/up", b->dir.path);
	b->base = event_base_new();
	cr_assert_not_null(b->base);
	b->clock.monotonic_ms = skewed_ms;
	b->clock.ctx = b;
	opt.base = b->base;
	opt.clock = &b->clock;
	opt.path = b->path;
	rc = watch_new(&opt, &b->w, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
}

static void
bench_close(struct bench *b)
{
	watch_free(b->w);
	event_base_free(b->base);
	tempdir_close(&b->dir);
}

static enum watch_walk
walk(struct bench *b)
{
	enum watch_walk result;
	int fd = watch_dup(b->w);

	cr_assert_geq(fd, 0);
	result = watch_walk(fd, b->path);
	(void)close(fd);
	watch_walked(b->w, result);
	return result;
}

/* Run the loop for so long. */
static void
run_ms(struct bench *b, int ms)
{
	const struct timeval tv = {
	    .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	cr_assert_eq(event_base_loopexit(b->base, &tv), 0);
	cr_assert_geq(event_base_dispatch(b->base), 0);
}

Test(watch, changes_anywhere_below_are_told_once_it_is_quiet)
{
	struct bench b;
	int i;

	bench_open(&b);
	cr_assert_eq(walk(&b), WATCH_WHOLE);
	run_ms(&b, 2 * QUIET_MS);
	cr_expect_eq(b.changed, 0);
	/* As long as there is no quiet there is no word. */
	for (i = 0; i < 8; i++) {
		tempdir_text(&b.dir, "up/a/b/file", i % 2 ? "y" : "zz", -1);
		run_ms(&b, QUIET_MS / 6);
	}
	cr_expect_eq(b.changed, 0);
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 1);
	bench_close(&b);
}

Test(watch, what_counts_as_a_change)
{
	struct bench b;

	bench_open(&b);
	cr_assert_eq(walk(&b), WATCH_WHOLE);
	tempdir_touch(&b.dir, "up/a/b/file", 1000000000, 0);
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 1, "a time");
	cr_assert_eq(
	    renameat(b.dir.fd, "up/a/b/file", b.dir.fd, "up/a/other"), 0);
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 2, "a rename");
	cr_assert_eq(unlinkat(b.dir.fd, "up/a/other", 0), 0);
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 3, "a removal");
	tempdir_text(&b.dir, "beside", "x", -1);
	free(tempdir_read(&b.dir, "beside", NULL));
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 3, "what is beside the folder");
	bench_close(&b);
}

Test(watch, new_folders_are_watched_after_the_next_walk)
{
	struct bench b;

	bench_open(&b);
	cr_assert_eq(walk(&b), WATCH_WHOLE);
	tempdir_mkdir(&b.dir, "up/new/deep");
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 1);
	cr_assert_eq(walk(&b), WATCH_WHOLE);
	tempdir_text(&b.dir, "up/new/deep/file", "x", -1);
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 2);
	bench_close(&b);
}

Test(watch, endless_changes_are_told_after_a_minute)
{
	struct bench b;

	bench_open(&b);
	cr_assert_eq(walk(&b), WATCH_WHOLE);
	tempdir_text(&b.dir, "up/f", "1", -1);
	run_ms(&b, QUIET_MS / 2);
	cr_expect_eq(b.changed, 0);
	b.skew_ms = 61 * 1000;
	tempdir_text(&b.dir, "up/f", "2", -1);
	/* Less than the quiet time. */
	run_ms(&b, QUIET_MS / 2);
	cr_expect_eq(b.changed, 1);
	bench_close(&b);
}

Test(watch, a_replaced_folder_is_a_change_and_an_absent_one_no_failure)
{
	struct bench b;

	bench_open(&b);
	cr_assert_eq(walk(&b), WATCH_WHOLE);
	cr_assert_eq(renameat(b.dir.fd, "up", b.dir.fd, "old"), 0);
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 1);
	cr_expect_eq(walk(&b), WATCH_ABSENT);
	tempdir_mkdir(&b.dir, "up/c");
	cr_expect_eq(walk(&b), WATCH_WHOLE);
	tempdir_text(&b.dir, "up/c/f", "2", -1);
	run_ms(&b, 3 * QUIET_MS);
	cr_expect_eq(b.changed, 2);
	bench_close(&b);
}

/* Of what others do there no system tells, as on a network's disk. */
Test(watch, what_others_may_change_unseen_is_told_apart)
{
	struct bench b;
	int fd;

	bench_open(&b);
	fd = watch_dup(b.w);
	cr_expect_eq(watch_walk(fd, "/proc/self/attr"), WATCH_SHARED);
	(void)close(fd);
	bench_close(&b);
}

/* What could not be looked into for want of descriptors is not watched. */
Test(watch, a_walk_without_descriptors_is_no_whole_one)
{
	struct rlimit all, few;
	enum watch_walk result;
	struct bench b;
	int fd, room;

	bench_open(&b);
	fd = watch_dup(b.w);
	cr_assert_geq(fd, 0);
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	few = all;
	for (room = 1; room <= 3; room++) {
		few.rlim_cur = (rlim_t)fd + (rlim_t)room;
		cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
		result = watch_walk(fd, b.path);
		cr_assert_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
		cr_expect_eq(result, WATCH_PARTS, "%d", room);
	}
	cr_expect_eq(watch_walk(fd, b.path), WATCH_WHOLE);
	(void)close(fd);
	bench_close(&b);
}

Test(watch, again_comes_without_a_change)
{
	struct bench b;

	bench_open(&b);
	watch_again(b.w, 20);
	run_ms(&b, QUIET_MS);
	cr_expect_eq(b.changed, 1);
	bench_close(&b);
}

/* No descriptor is left, or no instance: it polls, and says which it is. */
Test(watch, without_inotify_it_is_blind)
{
	struct watch_options opt = {.changed = on_changed};
	struct rlimit all, none;
	struct watch *w = NULL;
	struct bench b;
	struct err e;
	int rc;

	bench_open(&b);
	cr_expect(!watch_is_blind(b.w));
	opt.base = b.base;
	opt.clock = &b.clock;
	opt.path = b.path;
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = all;
	none.rlim_cur = 0;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	rc = watch_new(&opt, &w, &e);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	cr_assert_eq(rc, 0, "%s", e.msg);
	cr_expect(watch_is_blind(w));
	cr_expect_eq(watch_dup(w), -ENOSPC);
	watch_free(w);
	bench_close(&b);
}

static int
activate_poll(const struct event_base *base, const struct event *ev, void *arg)
{
	bool *found = arg;

	(void)base;
	if ((event_get_events(ev) & EV_PERSIST) == 0 || event_get_fd(ev) >= 0)
		return 0;
	*found = true;
	event_active((struct event *)(uintptr_t)ev, EV_TIMEOUT, 0);
	return 1;
}

/* As a minute later, and as long as a change takes to be told. */
static void
poll_once(struct bench *b)
{
	bool found = false;

	(void)event_base_foreach_event(b->base, activate_poll, &found);
	cr_assert(found);
	run_ms(b, 3 * QUIET_MS);
}

Test(watch, a_file_beside_is_looked_at)
{
	struct watch_options opt = {
	    .settle_ms = QUIET_MS, .changed = on_changed};
	char beside[320];
	struct bench b;
	struct err e;

	bench_open(&b);
	watch_free(b.w);
	(void)snprintf(beside, sizeof(beside), "%s/beside", b.dir.path);
	tempdir_text(&b.dir, "beside", "seal 1", 1000);
	opt.base = b.base;
	opt.clock = &b.clock;
	opt.path = b.path;
	opt.beside = beside;
	opt.ctx = &b;
	cr_assert_eq(watch_new(&opt, &b.w, &e), 0, "%s", e.msg);
	poll_once(&b);
	cr_expect_eq(b.changed, 0);
	/* Another one that tells nothing else. */
	tempdir_text(&b.dir, "new", "seal 2", 1000);
	cr_assert_eq(renameat(b.dir.fd, "new", b.dir.fd, "beside"), 0);
	poll_once(&b);
	cr_expect_eq(b.changed, 1, "another file");
	tempdir_touch(&b.dir, "beside", 1001, 0);
	poll_once(&b);
	cr_expect_eq(b.changed, 2, "a time");
	tempdir_text(&b.dir, "beside", "seal 33", 1001);
	poll_once(&b);
	cr_expect_eq(b.changed, 3, "a length");
	cr_assert_eq(unlinkat(b.dir.fd, "beside", 0), 0);
	poll_once(&b);
	cr_expect_eq(b.changed, 4, "none");
	bench_close(&b);
}
