/*
 * Whole conversations with a server that leaves out names which an older
 * release had: they are no more looked after, and nothing else.
 */
#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/tree/filter.h"
#include "tests/support/folding.h"
#include "tests/support/pair.h"
#include "transport/server/live_release.h"
#include "transport/station/station_internal.h"
#include "transport/wire/preface.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DATE = 1600000000 };

static struct pair p;
static struct filter filter;
static struct station_options opt;
static struct err e;

static void
put(const char *path, const char *text)
{
	char whole[100];

	(void)snprintf(whole, sizeof(whole), "update/%s", path);
	tempdir_text(&p.server_dir, whole, text, DATE);
}

/* Publish without what is named from now on. */
static void
publish_without(const char *pattern)
{
	cr_assert_eq(filter_add(&filter, pattern, &e), 0);
	p.exclude = &filter;
	pair_publish(&p);
}

static void
run(enum outcome outcome)
{
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, 0, "%s", p.error);
	cr_assert_eq(p.outcome, outcome, "%d", p.outcome);
}

/* A station that deletes, on a release with all of this. */
static void
begin(void)
{
	pair_open(&p);
	filter_init(&filter);
	put("app", "program");
	put("a.log", "log");
	put("b.txt", "text");
	put("debug/c.txt", "deep");
	pair_publish(&p);
	opt = pair_options(&p);
	opt.remove = true;
	run(OUTCOME_UPDATED);
}

static void
end(void)
{
	pair_close(&p);
	filter_release(&filter);
}

TestSuite(station_left_out, .init = begin, .fini = end);

static bool
is_here(const char *path)
{
	return tempdir_has(&p.client, path);
}

Test(station_left_out, what_is_left_out_later_stays)
{
	int dry;

	put("app", "another program");
	put("b.txt", "other text");
	publish_without("*.log");
	/* Deeper, and still in the folder there. */
	publish_without("debug");
	for (dry = 1; dry >= 0; dry--) {
		opt.dry_run = dry == 1;
		run(opt.dry_run ? OUTCOME_DRY_RUN : OUTCOME_UPDATED);
		cr_expect_eq(p.changed_n, 2);
		cr_expect_eq(p.extra_n, 3);
		cr_expect_eq(p.new_n + p.meta_n + p.same_n, 0);
	}
	cr_expect(tempdir_is_text(&p.client, "a.log", "log"));
	cr_expect(tempdir_is_text(&p.client, "debug/c.txt", "deep"));
	cr_expect(tempdir_is_text(&p.client, "b.txt", "other text"));
	run(OUTCOME_CURRENT);
	/* Nor does it go when nothing is left out any more: no release had
	 * it since. */
	p.exclude = NULL;
	cr_assert_eq(unlinkat(p.server_dir.fd, "update/a.log", 0), 0);
	cr_assert_eq(unlinkat(p.server_dir.fd, "update/debug/c.txt", 0), 0);
	pair_publish(&p);
	run(OUTCOME_CURRENT);
	cr_expect(is_here("a.log"));
	cr_expect(is_here("debug/c.txt"));
}

Test(station_left_out, all_else_goes_that_left_the_release)
{
	cr_assert_eq(unlinkat(p.server_dir.fd, "update/b.txt", 0), 0);
	publish_without("*.log");
	run(OUTCOME_UPDATED);
	cr_expect(is_here("a.log"));
	cr_expect_not(is_here("b.txt"));
	/* Of a server that tells nothing all of it does. */
	put("a.log", "log");
	p.exclude = NULL;
	pair_publish(&p);
	run(OUTCOME_CURRENT);
	publish_without("a*.log");
	buf_clear(&p.served->left_out);
	run(OUTCOME_UPDATED);
	cr_expect_not(is_here("a.log"));
}

/* It keeps nothing away that the release has. */
Test(station_left_out, what_the_release_has_is_compared_as_ever)
{
	publish_without("b.txt");
	run(OUTCOME_CURRENT);
	put("b.txt", "is back");
	p.exclude = NULL;
	pair_publish(&p);
	cr_assert_eq(live_release_names(&filter, &p.served->left_out, &e), 0);
	run(OUTCOME_UPDATED);
	cr_expect_eq(p.changed_n, 1);
	cr_expect(tempdir_is_text(&p.client, "b.txt", "is back"));
	tempdir_text(&p.client, "b.txt", "damaged here", -1);
	run(OUTCOME_UPDATED);
	cr_expect(tempdir_is_text(&p.client, "b.txt", "is back"));
}

Test(station_left_out, a_broken_link_does_not_lose_it)
{
	static char large[300 * 1000];
	uint32_t x = 7;
	size_t i;
	int lost = 0;

	for (i = 0; i < sizeof(large) - 1; i++) {
		x = x * 1664525 + 1013904223;
		large[i] = (char)('!' + (x >> 24) % 90);
	}
	put("large.dll", large);
	publish_without("a.log");
	p.cut_after = 100 * 1000;
	for (;; lost++) {
		pair_run(&p, &opt);
		if (p.rc == 0)
			break;
		cr_assert_eq(p.rc, ERP_LOST, "%s", p.error);
		cr_assert_lt(lost, 12);
	}
	cr_expect_gt(lost, 0);
	p.cut_after = 0;
	run(OUTCOME_CURRENT);
	cr_expect(is_here("a.log"));
	cr_expect(is_here("large.dll"));
}

/* The station's own patterns say the same for itself, and more. */
Test(station_left_out, a_person_s_patterns_count_beside_it)
{
	struct filter own;

	filter_init(&own);
	cr_assert_eq(filter_add(&own, "b.txt", &e), 0);
	opt.filter = &own;
	cr_assert_eq(unlinkat(p.server_dir.fd, "update/b.txt", 0), 0);
	publish_without("*.log");
	run(OUTCOME_CURRENT);
	cr_expect(is_here("a.log"));
	cr_expect(is_here("b.txt"));
	filter_release(&own);
}

/* Where case does not count, the folder's spelling is not the server's. */
Test(station_left_out, names_are_folded_where_the_disk_does)
{
	struct folding at;

	folding_open(&at);
	p.client_fs = &at.disk.fs;
	folding_put(&at, "A.LOG", "mine");
	folding_put(&at, "B.Txt", "mine");
	run(OUTCOME_UPDATED);
	cr_assert(folding_holds(&at, "A.LOG", "log"));
	cr_assert_eq(unlinkat(p.server_dir.fd, "update/b.txt", 0), 0);
	publish_without("[a-z].log");
	run(OUTCOME_UPDATED);
	cr_expect(folding_holds(&at, "A.LOG", "log"));
	cr_expect_not(folding_holds(&at, "B.Txt", "text"));
	p.client_fs = NULL;
	folding_close(&at);
}

/* Who passes a sealed release on can keep by it what is there, no more; so a
 * station that asks for seals hears it, too. */
Test(station_left_out, it_is_heard_beside_a_seal)
{
	const struct folder_options where = {
	    .fs = fs_real(), .clock = clock_real()};
	struct msg_welcome w = {.verdict = VERDICT_COMPATIBLE,
	    .manifest_len = 10,
	    .packed_len = 10,
	    .flags = WELCOME_SEAL | WELCOME_LEFT_OUT,
	    .left_out = {(const uint8_t *)"\1a\2b*", 5}};
	struct folder *f;
	struct station *s;
	struct buf out;
	int rc;

	w.release.b[0] = 1;
	buf_init(&out, 4096);
	cr_assert_eq(preface_encode(0, &out, &e), 0);
	cr_assert_eq(welcome_encode(&w, &out, &e), 0);
	cr_assert_eq(folder_open(p.client.path, &where, &f, &e), 0);
	opt.folder = f;
	cr_assert_eq(station_new(&opt, &s, &e), 0);
	s->asks_for_seal = true;
	cr_assert_eq(station_input(s, buf_data(&out), out.len, &e), 0);
	while ((rc = station_step(s, &e)) == STATION_AGAIN)
		continue;
	cr_expect_eq(rc, STATION_IO, "%s", e.msg);
	cr_expect_eq(s->state, STATE_SEAL);
	cr_expect_eq(s->left_out.exact.n, 2);
	/* What was in the input is not pointed to any more. */
	cr_expect_null(s->report.welcome.left_out.p);
	cr_expect_eq(s->report.welcome.left_out.len, 0);
	station_free(s);
	folder_close(f);
	buf_release(&out);
}
