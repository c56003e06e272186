/* Releases from update folders. */
#include "transport/host/publisher.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "engine/store/store_turn.h"
#include "engine/tree/filter.h"
#include "tests/support/fs_fault.h"
#include "tests/support/tempdir.h"
#include "transport/host/net_log.h"
#include "transport/server/live_release.h"
#include "transport/wire/msg_left_out.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct bench {
	struct tempdir dir;
	char update[300], state[300];
	struct event_base *base;
	struct store *store;
	struct publisher *p;
	struct publish_source src;
	struct net_log net_log;
	char log[8192];
};

static void
keep(void *ctx, int level, const char *text)
{
	struct bench *b = ctx;
	size_t n = strlen(b->log);

	(void)snprintf(b->log + n, sizeof(b->log) - n, "%d %s\n", level, text);
}

static void
publisher_open(struct bench *b)
{
	const struct publisher_options opt = {.base = b->base,
	    .store = b->store,
	    .clock = clock_real(),
	    .settle_ms = 50,
	    .log = &b->net_log};
	struct err e;
	int rc = publisher_new(&opt, &b->p, &e);

	cr_assert_eq(rc, 0, "%s", e.msg);
}

static void
bench_open(struct bench *b)
{
	struct err e;
	int rc;

	memset(b, 0, sizeof(*b));
	tempdir_open(&b->dir);
	tempdir_mkdir(&b->dir, "update");
	tempdir_mkdir(&b->dir, "state");
	(void)snprintf(b->update, sizeof(b->update), "%s/update", b->dir.path);
	(void)snprintf(b->state, sizeof(b->state), "%s/state", b->dir.path);
	b->base = event_base_new();
	cr_assert_not_null(b->base);
	rc = store_open(fs_real(), b->state, &b->store, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	b->src.os = PATH_OS_LINUX;
	b->src.key = "PathLinux";
	b->src.path = b->update;
	b->src.build = "7.00.1A";
	b->src.keep = 2;
	b->net_log.line = keep;
	b->net_log.ctx = b;
	publisher_open(b);
}

static void
bench_close(struct bench *b)
{
	publisher_free(b->p);
	store_close(b->store);
	event_base_free(b->base);
	tempdir_close(&b->dir);
}

static void
configure(struct bench *b, size_t n)
{
	struct err e;
	int rc = publisher_configure(b->p, &b->src, n, &e);

	cr_assert_eq(rc, 0, "%s", e.msg);
}

/* Run the loop until the log has this, two minutes at most. */
static void
wait_line(struct bench *b, const char *text)
{
	const struct timeval slice = {.tv_usec = 20 * 1000};
	int i;

	for (i = 0; i < 6000 && strstr(b->log, text) == NULL; i++) {
		cr_assert_eq(event_base_loopexit(b->base, &slice), 0);
		cr_assert_geq(event_base_dispatch(b->base), 0);
	}
	cr_assert_not_null(
	    strstr(b->log, text), "%s is not in: %s", text, b->log);
}

/* It is then empty again. */
static void
expect_line(struct bench *b, const char *text)
{
	wait_line(b, text);
	b->log[0] = '\0';
}

static struct live_release *
release_of(struct bench *b, enum path_os os)
{
	struct releases r = publisher_releases(b->p);

	return r.served(r.ctx, os);
}

static int
awaited(struct bench *b, enum path_os os)
{
	struct releases r = publisher_releases(b->p);
	struct err e;

	return r.awaited(r.ctx, os, &e);
}

static bool
is_preparing(struct bench *b)
{
	int rc = awaited(b, PATH_OS_LINUX);

	cr_expect_geq(rc, 0);
	return rc > 0;
}

static const struct manifest *
served(struct bench *b)
{
	struct live_release *s = release_of(b, PATH_OS_LINUX);

	return s != NULL ? &s->manifest : NULL;
}

Test(publisher, publishes_and_follows_the_folder)
{
	struct live_release *old;
	struct bench b;
	int took;

	bench_open(&b);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	cr_expect(!is_preparing(&b));
	configure(&b, 1);
	cr_expect(is_preparing(&b));
	cr_expect_null(served(&b));
	wait_line(&b, "update published, ");
	took = atoi(strstr(b.log, "published, ") + strlen("published, "));
	cr_expect(took >= 0 && took < 60 * 1000, "%s", b.log);
	b.log[0] = '\0';
	cr_expect(!is_preparing(&b));
	cr_expect_null(release_of(&b, PATH_OS_WINDOWS));
	cr_assert_not_null(served(&b));
	cr_expect_eq(served(&b)->n, 1);
	cr_expect_str_eq(served(&b)->build, "7.00.1A");

	/* Whoever uses the old release keeps it. */
	old = live_release_ref(release_of(&b, PATH_OS_LINUX));
	tempdir_text(&b.dir, "update/two/deep", "2", 1000000000);
	expect_line(&b, "update published, ");
	cr_expect_eq(served(&b)->n, 3);
	cr_expect_eq(old->manifest.n, 1);
	live_release_unref(old);
	bench_close(&b);
}

Test(publisher, what_older_stations_get_is_made_once)
{
	const struct timeval slice = {.tv_usec = 20 * 1000};
	struct live_release *s;
	struct bench b;
	int i;

	bench_open(&b);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	configure(&b, 1);
	expect_line(&b, "update published, ");
	tempdir_text(&b.dir, "update/two", "2", 1000000000);
	expect_line(&b, "update published, ");
	s = release_of(&b, PATH_OS_LINUX);
	for (i = 0; i < 6000 && s->relatives_n == 0; i++) {
		cr_assert_eq(event_base_loopexit(b.base, &slice), 0);
		cr_assert_geq(event_base_dispatch(b.base), 0);
	}
	cr_assert_eq(s->relatives_n, 1);
	/* The second publication ends after what the first one began. */
	buf_release(&s->relatives[--s->relatives_n].packed);
	configure(&b, 1);
	expect_line(&b, "has not changed");
	configure(&b, 1);
	expect_line(&b, "has not changed");
	cr_assert_eq(s, release_of(&b, PATH_OS_LINUX));
	cr_expect_eq(s->relatives_n, 0);
	bench_close(&b);
}

Test(publisher, a_bad_folder_leaves_the_old_release)
{
	const char *told;
	struct bench b;

	bench_open(&b);
	configure(&b, 1);
	expect_line(&b, "nothing to offer yet");
	cr_expect_null(served(&b));
	/* Once it is mended there will be one, for which no program waits 20 s
	 * to be started; of the others none is meant. */
	cr_expect_eq(awaited(&b, PATH_OS_LINUX), 30);
	cr_expect_eq(awaited(&b, PATH_OS_WINDOWS), 0);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	expect_line(&b, "update published, ");
	cr_expect_eq(awaited(&b, PATH_OS_LINUX), 0);
	cr_assert_eq(renameat(b.dir.fd, "update", b.dir.fd, "gone"), 0);
	wait_line(&b, "the old release stays");
	/* Which folder that is stands there once. */
	told = strstr(b.log, b.update);
	cr_assert_not_null(told, "%s", b.log);
	cr_expect_null(strstr(told + 1, b.update), "%s", b.log);
	cr_assert_not_null(served(&b));
	cr_expect_eq(served(&b)->n, 1);
	cr_expect_eq(awaited(&b, PATH_OS_LINUX), 0);
	bench_close(&b);
}

Test(publisher, a_full_disk_that_keeps_the_first_release_away_is_told)
{
	struct fs_fault disk;
	struct bench b;
	struct err e;

	bench_open(&b);
	publisher_free(b.p);
	store_close(b.store);
	fs_fault_init(&disk, fs_real());
	cr_assert_eq(store_open(&disk.fs, b.state, &b.store, &e), 0);
	publisher_open(&b);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	fs_fault_arm(&disk, FAULT_FROM, 1, ENOSPC);
	configure(&b, 1);
	cr_expect_eq(awaited(&b, PATH_OS_LINUX), 2);
	expect_line(&b, "nothing to offer yet");
	cr_expect_eq(awaited(&b, PATH_OS_LINUX), ERP_NOSPACE);
	cr_expect_eq(awaited(&b, PATH_OS_WINDOWS), 0);
	/* With another configuration it may be otherwise. */
	fs_fault_arm(&disk, FAULT_NONE, 0, 0);
	configure(&b, 1);
	cr_expect(is_preparing(&b));
	expect_line(&b, "update published, ");
	cr_expect_eq(awaited(&b, PATH_OS_LINUX), 0);
	/* A release that is there is served from a full disk, too. */
	fs_fault_arm(&disk, FAULT_FROM, 1, ENOSPC);
	tempdir_text(&b.dir, "update/two", "2", 1000000000);
	expect_line(&b, "the old release stays");
	cr_expect_eq(awaited(&b, PATH_OS_LINUX), 0);
	configure(&b, 0);
	cr_expect_eq(awaited(&b, PATH_OS_LINUX), 0);
	bench_close(&b);
}

/* The log is never as it was when it was looked at. */
static int
stat_of_log(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	int rc = fs_real()->ops->stat(ctx, dir, name, st);

	if (strcmp(name, "log") == 0)
		st->mtime.ns++;
	return rc;
}

/* What is said again in each of the five rounds is logged once. */
Test(publisher, a_folder_that_keeps_changing_is_told_once)
{
	static const char again[] = "; reading the update folder again";
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, fs_real()->ctx};
	const char *told;
	struct bench b;
	struct err e;
	int n = 0;

	bench_open(&b);
	publisher_free(b.p);
	store_close(b.store);
	ops.stat = stat_of_log;
	cr_assert_eq(store_open(&odd, b.state, &b.store, &e), 0);
	publisher_open(&b);
	tempdir_text(&b.dir, "update/log", "", 1000000000);
	configure(&b, 1);
	wait_line(&b, "keeps changing");
	for (told = b.log; (told = strstr(told, again)) != NULL; told++)
		n++;
	cr_expect_eq(n, 1, "%s", b.log);
	bench_close(&b);
}

/* Without inotify it polls, and says whose limit that is. */
Test(publisher, what_is_polled_is_told_with_its_limit)
{
	struct rlimit all, none;
	struct bench b;
	struct err e;
	int rc;

	bench_open(&b);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = all;
	none.rlim_cur = 0;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	rc = publisher_configure(b.p, &b.src, 1, &e);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	cr_assert_eq(rc, 0, "%s", e.msg);
	wait_line(&b, "this system has no inotify left to watch");
	expect_line(&b, "(sysctl fs.inotify.max_user_instances is the limit)");
	bench_close(&b);
}

Test(publisher, a_stored_release_is_there_at_once)
{
	struct bench b;

	bench_open(&b);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	configure(&b, 1);
	expect_line(&b, "update published, ");
	publisher_free(b.p);
	publisher_open(&b);
	configure(&b, 1);
	cr_assert_not_null(served(&b));
	cr_expect_not_null(strstr(b.log, "stored release"));
	expect_line(&b, "has not changed");
	bench_close(&b);
}

Test(publisher, configuration_is_copied_and_can_change)
{
	struct filter filter;
	char path[300];
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	tempdir_text(&b.dir, "update/one.log", "1", 1000000000);
	filter_init(&filter);
	cr_assert_eq(filter_add(&filter, "*.log", &e), 0);
	(void)strlcpy(path, b.update, sizeof(path));
	b.src.path = path;
	b.src.filter = &filter;
	configure(&b, 1);
	/* Again, while the first publication may still run. */
	configure(&b, 1);
	filter_release(&filter);
	memset(path, 'x', sizeof(path) - 1);
	/* Just published, or stored by then. */
	expect_line(&b, " release ");
	cr_expect_eq(served(&b)->n, 1);
	/* A build label is part of the release. */
	b.src.path = b.update;
	b.src.filter = NULL;
	b.src.build = "7.00.2B";
	configure(&b, 1);
	expect_line(&b, "build 7.00.2B, 2 entries");
	/* No folder for this system any more. */
	configure(&b, 0);
	cr_expect_null(served(&b));
	bench_close(&b);
}

/* The patterns that stations are told of what is served. */
static void
expect_told(struct bench *b, const char *want)
{
	const struct live_release *s = release_of(b, PATH_OS_LINUX);
	struct msg_left_out told;
	char pattern[LEFT_OUT_BYTES + 1], got[300] = "";

	cr_assert_not_null(s);
	told = (struct msg_left_out){buf_data(&s->left_out), s->left_out.len};
	while (left_out_next(&told, pattern)) {
		(void)strlcat(got, pattern, sizeof(got));
		(void)strlcat(got, " ", sizeof(got));
	}
	cr_expect_str_eq(got, want);
}

/* Exclude goes with what was published by it, not before. */
Test(publisher, stations_are_told_what_is_left_out)
{
	char overlong[400];
	struct filter filter;
	struct bench b;
	struct err e;

	memset(overlong, 'a', sizeof(overlong));
	overlong[sizeof(overlong) - 1] = '\0';
	bench_open(&b);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	configure(&b, 1);
	expect_line(&b, "update published, ");
	expect_told(&b, "");
	filter_init(&filter);
	cr_assert_eq(filter_add(&filter, "debug\\*.log", &e), 0);
	cr_assert_eq(filter_add(&filter, overlong, &e), 0);
	cr_assert_eq(filter_add(&filter, "../up", &e), 0);
	cr_assert_eq(filter_add(&filter, "lib/", &e), 0);
	b.src.filter = &filter;
	configure(&b, 1);
	expect_told(&b, "");
	wait_line(&b, "linux: 2 patterns of Exclude are too long or too many");
	/* The same release, by another configuration. */
	expect_line(&b, "update published, ");
	expect_told(&b, "debug\\*.log lib ");
	/* A folder that cannot be published changes nothing of it. */
	tempdir_symlink(&b.dir, "/etc", "update/bad");
	b.src.filter = NULL;
	configure(&b, 1);
	expect_line(&b, "the old release stays");
	expect_told(&b, "debug\\*.log lib ");
	cr_assert_eq(unlinkat(b.dir.fd, "update/bad", 0), 0);
	publisher_again(b.p);
	expect_line(&b, "update published, ");
	expect_told(&b, "");
	/* Another process finds it in the settings. */
	b.src.filter = &filter;
	publisher_free(b.p);
	publisher_open(&b);
	configure(&b, 1);
	expect_told(&b, "debug\\*.log lib ");
	expect_line(&b, "has not changed");
	expect_told(&b, "debug\\*.log lib ");
	filter_release(&filter);
	bench_close(&b);
}

Test(publisher, a_state_folder_that_was_removed_is_told_once)
{
	static const char said[] = "the state folder was removed";
	char command[400];
	struct bench b;

	bench_open(&b);
	tempdir_text(&b.dir, "update/a", "x", -1);
	configure(&b, 1);
	wait_line(&b, "published,");
	b.log[0] = '\0';
	(void)release_of(&b, PATH_OS_LINUX);
	cr_expect_null(strstr(b.log, said), "%s", b.log);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", b.state);
	cr_assert_eq(system(command), 0);
	(void)release_of(&b, PATH_OS_LINUX);
	expect_line(&b, said);
	(void)release_of(&b, PATH_OS_LINUX);
	cr_expect_null(strstr(b.log, said), "%s", b.log);
	bench_close(&b);
}

Test(publisher, a_state_folder_that_was_moved_is_told_once)
{
	static const char said[] = "the state folder was moved away";
	char elsewhere[400];
	struct bench b;
	int k;

	bench_open(&b);
	tempdir_text(&b.dir, "update/a", "x", -1);
	configure(&b, 1);
	wait_line(&b, "published,");
	(void)snprintf(elsewhere, sizeof(elsewhere), "%s.moved", b.state);
	for (k = 0; k < 2; k++) {
		b.log[0] = '\0';
		(void)release_of(&b, PATH_OS_LINUX);
		cr_expect_null(strstr(b.log, said), "%s", b.log);
		/* Another in its place is not ours, either. */
		cr_assert_eq(rename(b.state, elsewhere), 0);
		cr_assert(k == 0 || mkdir(b.state, 0700) == 0);
		cr_expect_not_null(release_of(&b, PATH_OS_LINUX));
		expect_line(&b, said);
		(void)release_of(&b, PATH_OS_LINUX);
		cr_expect_null(strstr(b.log, said), "%s", b.log);
		cr_assert(k == 0 || rmdir(b.state) == 0);
		cr_assert_eq(rename(elsewhere, b.state), 0);
	}
	bench_close(&b);
}

Test(publisher, a_lock_that_was_removed_is_told_once)
{
	static const char again[] = "removed from the state folder; it is held";
	static const char another[] = "and another server has it now";
	struct store *second;
	char lock[400];
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.dir, "update/a", "x", -1);
	configure(&b, 1);
	wait_line(&b, "published,");
	(void)snprintf(lock, sizeof(lock), "%s/lock", b.state);
	cr_assert_eq(unlink(lock), 0);
	(void)release_of(&b, PATH_OS_LINUX);
	expect_line(&b, again);
	cr_expect_eq(store_open(fs_real(), b.state, &second, &e), ERP_HELD);
	store_close(second);
	cr_assert_eq(unlink(lock), 0);
	cr_assert_eq(store_open(fs_real(), b.state, &second, &e), 0);
	b.log[0] = '\0';
	(void)release_of(&b, PATH_OS_LINUX);
	expect_line(&b, another);
	(void)release_of(&b, PATH_OS_LINUX);
	cr_expect_null(strstr(b.log, another), "%s", b.log);
	store_close(second);
	(void)release_of(&b, PATH_OS_LINUX);
	expect_line(&b, again);
	bench_close(&b);
}

static void
empty_state(struct bench *b)
{
	char command[400];

	(void)snprintf(command, sizeof(command),
	    "find '%s' -mindepth 1 -delete", b->state);
	cr_assert_eq(system(command), 0);
}

Test(publisher, a_state_folder_that_was_emptied_is_filled_again)
{
	static const char said[] = "the state folder was emptied";
	struct bench b;

	bench_open(&b);
	tempdir_text(&b.dir, "update/a", "x", -1);
	configure(&b, 1);
	wait_line(&b, "published,");
	empty_state(&b);
	b.log[0] = '\0';
	(void)release_of(&b, PATH_OS_LINUX);
	cr_expect_not_null(strstr(b.log, said), "%s", b.log);
	wait_line(&b, "has not changed");
	cr_expect(tempdir_has(&b.dir, "state/format"));
	cr_expect(tempdir_has(&b.dir, "state/content"));
	b.log[0] = '\0';
	(void)release_of(&b, PATH_OS_LINUX);
	cr_expect_null(strstr(b.log, said), "%s", b.log);
	bench_close(&b);
}

/* No station comes, but files change: what is written then would be nobody's
 * without the format. */
Test(publisher, a_state_folder_that_was_emptied_is_founded_before_a_change)
{
	struct bench b;
	int k;

	bench_open(&b);
	tempdir_text(&b.dir, "update/a", "x", -1);
	configure(&b, 1);
	expect_line(&b, "published,");
	for (k = 0; k < 2; k++) {
		empty_state(&b);
		if (k == 0)
			tempdir_text(&b.dir, "update/b", "y", -1);
		else
			configure(&b, 1);
		wait_line(&b, "update ");
		cr_expect_not_null(strstr(b.log, "folder was emptied"));
		cr_expect(tempdir_has(&b.dir, "state/format"));
		b.log[0] = '\0';
	}
	bench_close(&b);
}

/* It waits for its turn, so much is sure, while the folder is emptied. */
Test(publisher, a_state_folder_that_is_emptied_meanwhile_is_founded_at_the_end)
{
	const struct store_wait wait = {NULL, NULL, NULL};
	struct bench b;
	struct err e;
	int turn, i;

	bench_open(&b);
	tempdir_text(&b.dir, "update/a.txt", "1", 1000000000);
	cr_assert_eq(store_turn_begin(b.store, &wait, &turn, &e), 0);
	configure(&b, 1);
	for (i = 0; i < 3000 && !tempdir_has(&b.dir, "state/hashes-linux"); i++)
		clock_sleep_ms(NULL, 20);
	cr_expect_lt(i, 3000);
	empty_state(&b);
	store_turn_end(b.store, &turn);
	wait_line(&b, "the state folder was emptied");
	cr_expect(tempdir_has(&b.dir, "state/format"));
	wait_line(&b, "update published, ");
	bench_close(&b);
}

Test(publisher, stops_while_publishing)
{
	struct bench b;

	bench_open(&b);
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	b.src.settle_ms = 100;
	configure(&b, 1);
	cr_expect(is_preparing(&b));
	bench_close(&b);
}

/* Another process has the turn, and does not go on. */
Test(publisher, stops_while_waiting_for_its_turn, .timeout = 120)
{
	const struct store_wait wait = {NULL, NULL, NULL};
	struct bench b;
	uint64_t began;
	struct err e;
	int turn, i;

	bench_open(&b);
	tempdir_text(&b.dir, "update/a.txt", "1", 1000000000);
	cr_assert_eq(store_turn_begin(b.store, &wait, &turn, &e), 0);
	configure(&b, 1);
	/* Until what was scanned is kept, which is just before. */
	for (i = 0; i < 3000 && !tempdir_has(&b.dir, "state/hashes-linux"); i++)
		clock_sleep_ms(NULL, 20);
	cr_expect_lt(i, 3000);
	began = clock_ms(clock_real());
	publisher_free(b.p);
	b.p = NULL;
	cr_expect_lt(clock_ms(clock_real()) - began, 25 * 1000);
	store_turn_end(b.store, &turn);
	cr_expect_null(strstr(b.log, "published"), "%s", b.log);
	bench_close(&b);
}

static bool
is_held(struct bench *b)
{
	struct releases r = publisher_releases(b->p);

	return r.held(r.ctx, PATH_OS_LINUX);
}

/* Look until it is so: the state folder is looked at once a second. */
static bool
becomes_held(struct bench *b, bool held)
{
	const struct timeval slice = {.tv_usec = 20 * 1000};
	int i;

	for (i = 0; i < 1000 && is_held(b) != held; i++) {
		cr_assert_eq(event_base_loopexit(b->base, &slice), 0);
		cr_assert_geq(event_base_dispatch(b->base), 0);
	}
	return is_held(b) == held;
}

/* What another process says in the state folder. */
Test(publisher, an_administrator_holds_and_goes_back)
{
	struct live_release *first;
	struct store_kept last;
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_expect(!is_held(&b));
	tempdir_text(&b.dir, "update/one", "1", 1000000000);
	configure(&b, 1);
	expect_line(&b, "update published, ");
	first = live_release_ref(release_of(&b, PATH_OS_LINUX));
	tempdir_text(&b.dir, "update/two", "2", 1000000000);
	expect_line(&b, "update published, ");
	cr_expect(!is_held(&b));
	cr_assert_eq(store_find_current(b.store, PATH_OS_LINUX, &last, &e), 0);
	cr_assert_eq(store_hold(b.store, PATH_OS_LINUX, &last.id, true, &e), 0);
	cr_expect(becomes_held(&b, true));
	cr_expect_eq(served(&b)->n, 2);
	cr_expect_eq(
	    store_save_again(b.store, PATH_OS_LINUX, &first->id, &e), 0);
	cr_expect(becomes_held(&b, false));
	cr_expect_eq(served(&b)->n, 1);
	expect_line(&b, "which is held; release 3 stays the current one");
	/* Also where the folder cannot be published. */
	cr_assert_eq(
	    store_hold(b.store, PATH_OS_LINUX, &last.id, false, &e), 0);
	cr_assert_eq(
	    store_hold(b.store, PATH_OS_LINUX, &first->id, true, &e), 0);
	cr_expect(becomes_held(&b, true));
	tempdir_symlink(&b.dir, "/outside", "update/three");
	wait_line(&b, "cannot publish");
	cr_expect_eq(store_save_again(b.store, PATH_OS_LINUX, &last.id, &e), 0);
	cr_expect(becomes_held(&b, false));
	cr_expect_eq(served(&b)->n, 2);
	live_release_unref(first);
	bench_close(&b);
}
