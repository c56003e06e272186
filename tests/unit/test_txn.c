#include "engine/apply/txn.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

	cr_assert_eq(txn_add(t, OP_ADD, path, &op, &e), 0);
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
	tempdir_text(&d, "user", "mine", 1000);
	f = open_folder(&d);
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
	add_dir(&t, "a");
	cr_assert_eq(txn_add(&t, OP_ADD, "a/link", &op, &e), 0);
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

/* How many names there are in the folder path of .erpsync. */
static size_t
names_in(const struct folder *f, const char *path)
{
	struct names list = {NULL, 0, 0};
	struct err e;
	size_t n;

	cr_assert_eq(
	    names_read(fs_real(), f->own, path, &list, &e), 0, "%s", e.msg);
	n = list.n;
	names_release(&list);
	return n;
}

/* Wine looks for a name through all others of its folder. */
Test(txn, no_folder_of_its_own_has_many_names)
{
	enum { MANY = 2 * OWN_BESIDE + 10 };
	char name[16], home[OWN_PATH_BYTES];
	struct op *op = NULL;
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;
	int k;

	tempdir_open(&d);
	f = open_folder(&d);
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
	for (k = 0; k < MANY; k++) {
		(void)snprintf(name, sizeof(name), "d%03d", k);
		cr_assert_eq(txn_add(&t, OP_ADD, name, &op, &e), 0);
		cr_assert_eq(txn_fresh_dir(&t, op, NULL, 0, &e), 0);
	}
	/* From 1 to 255, and the two folders. */
	cr_expect_eq(names_in(f, t.names.tmp), OWN_BESIDE - 1 + 2);
	own_home(home, &t.names, 1);
	cr_expect_eq(names_in(f, home), OWN_BESIDE);
	own_home(home, &t.names, 2);
	cr_expect_eq(names_in(f, home), 11);
	cr_assert_eq(txn_commit(&t, &e), 0, "%s", e.msg);
	txn_end(&t);
	for (k = 0; k < MANY; k++) {
		(void)snprintf(name, sizeof(name), "d%03d", k);
		cr_expect(tempdir_has(&d, name), "%s", name);
	}
	folder_close(f);
	tempdir_close(&d);
}

Test(txn, the_backup_of_an_empty_folder_takes_no_number)
{
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;

	tempdir_open(&d);
	f = open_folder(&d);
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
	add_dir(&t, "a");
	cr_assert_eq(txn_commit(&t, &e), 0, "%s", e.msg);
	txn_end(&t);
	cr_assert_not(tempdir_has(&d, "bkp_remote.001"));
	cr_assert(tempdir_has(&d, ".erpsync/repaired/.erpsync/backup"));
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
	add_dir(&t, "b");
	cr_assert_eq(txn_commit(&t, &e), 0, "%s", e.msg);
	txn_end(&t);
	cr_assert(tempdir_has(&d, "bkp_remote.001/a"));
	cr_assert_not(tempdir_has(&d, ".erpsync/repaired"));
	folder_close(f);
	tempdir_close(&d);
}

static size_t counted; /* files that are to be synced */

static int
count_files(void *ctx, int fd, size_t files)
{
	(void)ctx;
	(void)fd;
	counted = files;
	return 1;
}

/* A sync of the whole disk waits for what others write: it is for many. */
Test(txn, counts_what_is_to_be_synced)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;

	tempdir_open(&d);
	f = open_folder(&d);
	ops.fast.syncfs = count_files;
	f->fs = &odd;
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
	add_dir(&t, "a");
	add_dir(&t, "b");
	cr_assert_eq(txn_commit(&t, &e), 0, "%s", e.msg);
	txn_end(&t);
	cr_expect_geq(counted, 2);
	cr_expect_leq(counted, 4);
	f->fs = fs_real();
	folder_close(f);
	tempdir_close(&d);
}

static uint64_t
stopped_ms(void *ctx)
{
	(void)ctx;
	return 7;
}

static int64_t
stopped_s(void *ctx)
{
	(void)ctx;
	return 1700000000;
}

/* Each of its three folders, of a transaction that nobody could clean up. */
Test(txn, it_takes_names_that_nothing_has)
{
	static const struct clock stopped = {stopped_ms, stopped_s, NULL};
	const char *const taken[] = {"tmp", "bkp", "trash"};
	char path[64];
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;
	uint64_t tx;
	size_t i;

	tempdir_open(&d);
	f = open_folder(&d);
	f->opt.clock = &stopped;
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
	tx = t.j.tx;
	txn_end(&t);
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), ".erpsync/%s.%016" PRIx64,
		    taken[i], tx);
		tempdir_mkdir(&d, path);
		cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
		cr_expect_eq(t.j.tx, tx + 1, "%s", path);
		txn_end(&t);
		cr_assert_eq(tree_remove(fs_real(), d.fd, path, &e), 0);
	}
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

/* What cannot be explained is no beginning of anything. */
Test(txn, an_earlier_one_without_an_explanation_stops_the_next)
{
	static const char *const names[] = {
	    ".erpsync/journal", ".erpsync/committed"};
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;
	size_t i;

	tempdir_open(&d);
	f = open_folder(&d);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		tempdir_text(&d, names[i], "junk", -1);
		cr_expect_eq(txn_begin(&t, f, &e), ERP_CORRUPT, "%s", names[i]);
		cr_expect_eq(fs_unlink(fs_real(), d.fd, names[i]), 0);
	}
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
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
	cr_assert_eq(txn_old(&t, op, false, &e), ERP_BUSY);
	cr_assert_eq(mkfifoat(d.fd, "pipe", 0600), 0);
	cr_assert_eq(journal_add(&t.j, OP_DELETE, "pipe", &op, &e), 0);
	cr_assert_eq(txn_old(&t, op, false, &e), ERP_BLOCKED);
	txn_end(&t);
	folder_close(f);
	tempdir_close(&d);
}

/* A new file for the live one, whose content is known by its hash. */
static void
replace(struct tempdir *d, struct txn *t, const char *path, const char *text)
{
	struct hash hash;
	const struct fresh as = {0644, {1000, 0}, &hash};
	char fresh[OWN_PATH_BYTES], where[2 * OWN_PATH_BYTES];
	struct op *op = NULL;
	struct err e;

	cr_assert_eq(hash_bytes(text, strlen(text), &hash, &e), 0);
	cr_assert_eq(journal_add(&t->j, OP_REPLACE, path, &op, &e), 0);
	cr_assert_eq(txn_old(t, op, true, &e), 0);
	own_fresh(fresh, &t->names, op->number);
	(void)snprintf(where, sizeof(where), ".erpsync/%s", fresh);
	tempdir_text(d, where, text, -1);
	cr_assert_eq(txn_fresh_file(t, op, &as, &e), 0, "%s", e.msg);
}

/* Edited after it was compared, and put back to its time: only the backup has
 * read what it really is. */
Test(txn, a_backup_of_something_else_stops_it)
{
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;
	int edited;

	for (edited = 0; edited < 2; edited++) {
		tempdir_open(&d);
		tempdir_text(&d, "notes.txt", "old text", 500);
		f = open_folder(&d);
		cr_assert_eq(txn_begin(&t, f, &e), 0);
		replace(&d, &t, "notes.txt", "new text");
		if (edited)
			tempdir_text(&d, "notes.txt", "my words", 500);
		cr_expect_eq(
		    txn_commit(&t, &e), edited ? ERP_BUSY : 0, "%s", e.msg);
		txn_end(&t);
		folder_close(f);
		cr_expect(tempdir_is_text(
		    &d, "notes.txt", edited ? "my words" : "new text"));
		tempdir_close(&d);
	}
}

enum trouble { UNDO_FAILS, COMMIT_UNSURE, TROUBLES };

struct trouble_fs {
	struct fs_ops ops;
	struct fs fs;
	enum trouble what;
	bool committed; /* the name changed */
};

static int
trouble_rmdir(void *ctx, int dir, const char *name)
{
	const struct trouble_fs *t = ctx;

	return t->what == UNDO_FAILS && strcmp(name, "a") == 0
	    ? -EIO
	    : fs_real()->ops->rmdir(fs_real()->ctx, dir, name);
}

static int
trouble_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	struct trouble_fs *t = ctx;

	if (strcmp(to, "committed") == 0)
		t->committed = true;
	return fs_real()->ops->rename(
	    fs_real()->ctx, from_dir, from, to_dir, to, replace);
}

static int
trouble_fsync(void *ctx, int fd)
{
	const struct trouble_fs *t = ctx;

	return t->what == COMMIT_UNSURE && t->committed
	    ? -EIO
	    : fs_real()->ops->fsync(fs_real()->ctx, fd);
}

/* A swap that fails and cannot be undone; a commit whose sync fails. */
Test(txn, an_outcome_that_is_not_known_is_said_and_stops_all_else)
{
	static const char *const said[] = {
	    "recovery required, run erpsync recover: undoing failed (",
	    "it is not known whether the update is durable"};
	static const int codes[] = {ERP_CORRUPT, ERP_IO};
	struct trouble_fs odd = {*fs_real()->ops, {NULL, NULL}, UNDO_FAILS, 0};
	struct tempdir d;
	struct folder *f;
	struct txn t;
	struct err e;
	int what;

	odd.fs = (struct fs){&odd.ops, &odd};
	odd.ops = *fs_real()->ops;
	odd.ops.rmdir = trouble_rmdir;
	odd.ops.rename = trouble_rename;
	odd.ops.fsync = trouble_fsync;
	for (what = UNDO_FAILS; what < TROUBLES; what++) {
		odd.what = (enum trouble)what;
		odd.committed = false;
		tempdir_open(&d);
		f = open_folder(&d);
		f->fs = &odd.fs;
		tempdir_mkdir(&d, "b");
		cr_assert_eq(txn_begin(&t, f, &e), 0);
		add_dir(&t, "a");
		add_dir(&t, what == UNDO_FAILS ? "b" : "c");
		cr_assert_eq(txn_commit(&t, &e), codes[what]);
		cr_assert(strstr(e.msg, said[what]) == e.msg, "%s", e.msg);
		cr_assert(folder_is_stuck(f));
		txn_end(&t);
		cr_assert_eq(txn_begin(&t, f, &e), ERP_CORRUPT);
		txn_end(&t);
		folder_close(f);
		/* A new start settles it, either way. */
		f = open_folder(&d);
		cr_assert_eq(tempdir_has(&d, "a"), what == COMMIT_UNSURE);
		cr_assert_eq(tempdir_has(&d, "c"), what == COMMIT_UNSURE);
		folder_close(f);
		tempdir_close(&d);
	}
}
