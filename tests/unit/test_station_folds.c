/*
 * Whole conversations of a station whose disk folds names: what it asks for
 * goes by the order of the release, whatever its own spelling.
 */
#include "tests/support/folding.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct folding at;
static struct pair p;

static void
begin(void)
{
	folding_open(&at);
	pair_open(&p);
	p.client_fs = &at.disk.fs;
}

static void
end(void)
{
	pair_close(&p);
	folding_close(&at);
}

TestSuite(station_folds, .init = begin, .fini = end);

static void
run(bool dry)
{
	struct station_options opt = pair_options(&p);

	opt.dry_run = dry;
	opt.agreed = true;
	opt.remove = true;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, 0, "%s", p.error);
}

/* A dry run, then the update, which is as it said. */
static void
update(size_t new_n, size_t changed_n, size_t same_n)
{
	uint64_t sent, received;
	int dry;

	for (dry = 1; dry >= 0; dry--) {
		run(dry == 1);
		cr_assert_eq(p.new_n, new_n, "new: %zu", p.new_n);
		cr_assert_eq(p.changed_n, changed_n, "%zu", p.changed_n);
		cr_assert_eq(p.same_n, same_n, "same: %zu", p.same_n);
		cr_assert_eq(p.extra_n, 1);
		if (dry == 1) {
			sent = p.sent;
			received = p.received;
		}
	}
	cr_assert_eq(p.outcome, OUTCOME_UPDATED);
	cr_assert_eq(p.sent, sent);
	cr_assert_eq(p.received, received);
}

Test(station_folds, a_group_comes_in_the_order_of_the_release)
{
	struct tempdir *server = &p.server_dir;

	/* In the release B, D, a, c; in the folder A, C, b, d. */
	folding_put(&at, "A", "mine");
	folding_put(&at, "C", "mine");
	folding_put(&at, "b", "mine");
	folding_put(&at, "d", "mine");
	folding_put(&at, "user", "mine");
	tempdir_text(server, "update/B", "b of one", 1000);
	tempdir_text(server, "update/D", "d of one", 1000);
	tempdir_text(server, "update/a", "a of one", 1000);
	tempdir_text(server, "update/c", "c of one", 1000);
	pair_publish(&p);
	update(0, 4, 0);
	cr_assert(folding_holds(&at, "A", "a of one"));
	cr_assert(folding_holds(&at, "b", "b of one"));
	cr_assert(folding_holds(&at, "C", "c of one"));
	cr_assert(folding_holds(&at, "d", "d of one"));
	/* The next release renames, changes and adds. */
	tempdir_text(server, "update/B", "b of two", 2000);
	tempdir_text(server, "update/a", "a of two", 2000);
	tempdir_text(server, "update/E", "e of two", 2000);
	pair_publish(&p);
	update(1, 2, 2);
	cr_assert(folding_holds(&at, "A", "a of two"));
	cr_assert(folding_holds(&at, "b", "b of two"));
	cr_assert(folding_holds(&at, "C", "c of one"));
	cr_assert(folding_holds(&at, "E", "e of two"));
	cr_assert(folding_holds(&at, "user", "mine"));
	run(false);
	cr_assert_eq(p.outcome, OUTCOME_CURRENT);
	cr_assert_eq(p.same_n, 5);
}
