#include "engine/apply/txn.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <string.h>

static struct folder *
open_folder(struct tempdir *t)
{
	struct station s = {.fs = fs_real(), .client = t->path};
	struct folder *f;
	struct err e;

	cr_assert_eq(station_open(&s, &f, &e), 0, "%s", e.msg);
	return f;
}

/* An operation that adds the folder path. */
static void
add_dir(struct txn *t, const char *path)
{
	struct op *op = NULL;
	struct err e;

	cr_assert_eq(journal_add(&t->j, OP_ADD, path, &op, &e), 0);
	cr_assert_eq(txn_fresh_dir(t, op, NULL, 0, &e), 0, "%s", e.msg);
}

Test(txn, commits_what_was_built)
{
	const struct fresh as = {0, {1000, 5}, NULL};
	struct op *op = NULL;
	struct tempdir d;
	struct folder *f;
	struct fs_stat st;
	struct txn t;
	struct err e;

	tempdir_open(&d);
	f = open_folder(&d);
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
	add_dir(&t, "a");
	cr_assert_eq(journal_add(&t.j, OP_ADD, "a/link", &op, &e), 0);
	cr_assert_eq(txn_fresh_link(&t, op, "../x", &as, &e), 0);
	cr_assert_eq(txn_commit(&t, &e), 0, "%s", e.msg);
	txn_end(&t);
	cr_assert_eq(fs_stat(fs_real(), d.fd, "a", &st), 0);
	cr_assert_eq(st.mode, 0755);
	cr_assert_eq(fs_stat(fs_real(), d.fd, "a/link", &st), 0);
	cr_assert_eq(st.mtime.s, 1000);
	cr_assert_not(folder_state(f)->known, "no release was named");
	cr_assert(tempdir_has(&d, "bkp_remote.001/.erpsync/backup"));
	folder_close(f);
	tempdir_close(&d);
}

Test(txn, one_that_is_given_up_leaves_nothing)
{
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;

	tempdir_open(&d);
	f = open_folder(&d);
	cr_assert_eq(txn_begin(&t, f, &e), 0);
	add_dir(&t, "a");
	txn_end(&t);
	cr_assert_not(tempdir_has(&d, "a"));
	cr_assert_not(tempdir_has(&d, "bkp_remote.001"));
	/* One that cannot be swapped in is undone. */
	tempdir_mkdir(&d, "b");
	cr_assert_eq(txn_begin(&t, f, &e), 0);
	add_dir(&t, "a");
	add_dir(&t, "b");
	cr_assert_eq(txn_commit(&t, &e), ERP_BUSY);
	txn_end(&t);
	cr_assert_not(tempdir_has(&d, "a"));
	cr_assert_not(tempdir_has(&d, ".erpsync/journal"));
	cr_assert_not(tempdir_has(&d, "bkp_remote.001"));
	folder_close(f);
	tempdir_close(&d);
}

Test(txn, refuses_to_start_when_the_outcome_of_another_is_unknown)
{
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;

	tempdir_open(&d);
	f = open_folder(&d);
	f->stuck = true;
	cr_assert_eq(txn_begin(&t, f, &e), ERP_CORRUPT);
	cr_assert(strstr(e.msg, "erpsync recover") != NULL, "%s", e.msg);
	txn_end(&t);
	f->stuck = false;
	f->opt.read_only = true;
	cr_assert_eq(txn_begin(&t, f, &e), ERP_INTERNAL);
	txn_end(&t);
	folder_close(f);
	tempdir_close(&d);
}

Test(txn, old_files_are_identified_or_refused)
{
	struct op *op = NULL;
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;

	tempdir_open(&d);
	tempdir_text(&d, "file", "x", -1);
	f = open_folder(&d);
	cr_assert_eq(txn_begin(&t, f, &e), 0);
	cr_assert_eq(journal_add(&t.j, OP_DELETE, "file", &op, &e), 0);
	cr_assert_eq(txn_old(&t, op, true, &e), 0);
	cr_assert(op->old.content.known);
	cr_assert_eq(journal_add(&t.j, OP_DELETE, "none", &op, &e), 0);
	cr_assert_eq(txn_old(&t, op, true, &e), ERP_BUSY);
	txn_end(&t);
	folder_close(f);
	tempdir_close(&d);
}
