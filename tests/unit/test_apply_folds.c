/*
 * Updates and rollbacks on a disk that folds names: README.txt of the folder
 * and Readme.TXT of the release are one file there.
 */
#include "engine/apply/apply.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/rollback.h"
#include "engine/apply/txn.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/reserved.h"
#include "engine/tree/filter.h"
#include "tests/support/folding.h"
#include "tests/support/starve.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct folding at;
static struct tempdir releases;
static struct station station;
static struct err e;

static void
begin(void)
{
	folding_open(&at);
	tempdir_open(&releases);
	station = (struct station){
	    .fs = &at.disk.fs, .client = "/client", .remove = true};
}

static void
end(void)
{
	folding_close(&at);
	tempdir_close(&releases);
}

TestSuite(apply_folds, .init = begin, .fini = end);

/* Does the disk fold names from now on, everywhere? */
static void
fold(bool on)
{
	uint32_t i;

	for (i = SIM_ROOT; i < at.disk.disk.n; i++)
		at.disk.disk.v[i].folds =
		    on && at.disk.disk.v[i].type == FS_DIR;
}

static void
rename_to(const char *from, const char *to)
{
	cr_assert_eq(
	    fs_rename(&at.disk.fs, at.client, from, at.client, "~", false), 0);
	cr_assert_eq(
	    fs_rename(&at.disk.fs, at.client, "~", at.client, to, false), 0);
}

/* The names in a folder of the at.client, sorted, a blank behind each. */
static const char *
names(const char *path)
{
	static char text[512];
	struct names list = {NULL, 0, 0};
	size_t i;

	text[0] = '\0';
	cr_assert_eq(names_read(&at.disk.fs, at.client, path, &list, &e), 0);
	for (i = 0; i < list.n; i++)
		if (!path_is_reserved(list.v[i])) {
			strcat(text, list.v[i]);
			strcat(text, " ");
		}
	names_release(&list);
	return text;
}

static void
update(const char *release)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", releases.path, release);
	cr_assert_eq(station_update(&station, path, &e), 0, "%s", e.msg);
}

static int
roll_back(int number, bool all)
{
	const struct rollback_options opt = {.number = number, .all = all};
	struct folder *f;
	int rc;

	cr_assert_eq(station_open(&station, &f, &e), 0, "%s", e.msg);
	rc = apply_rollback_with(f, &opt, &e);
	folder_close(f);
	return rc;
}

static void
count(void *arg, const char *path, const char *what)
{
	(void)arg;
	cr_log_info("%s: %s", path, what);
}

static int
findings(const char *pattern)
{
	struct filter filter;
	struct folder *f;
	int rc;

	filter_init(&filter);
	if (pattern != NULL)
		cr_assert_eq(filter_add(&filter, pattern, &e), 0);
	cr_assert_eq(station_open(&station, &f, &e), 0, "%s", e.msg);
	rc = apply_verify(f, &filter, count, NULL, &e);
	folder_close(f);
	filter_release(&filter);
	return rc;
}

Test(apply_folds, a_rename_of_case_is_no_other_file)
{
	tempdir_text(&releases, "1/Readme.TXT", "one", 1000);
	tempdir_text(&releases, "1/lib/a.so", "a1", 1000);
	tempdir_text(&releases, "1/lib/gone.so", "gone", 1000);
	tempdir_text(&releases, "2/README.TXT", "one", 1000);
	tempdir_text(&releases, "2/LIB/A.so", "a2 ", 2000);
	tempdir_text(&releases, "2/LIB/new.so", "new", 2000);
	folding_put(&at, "README.txt", "mine");
	cr_assert_eq(fs_mkdir(&at.disk.fs, at.client, "Lib", 0755), 0);
	update("1");
	cr_assert_str_eq(names("."), "Lib README.txt ");
	cr_assert_str_eq(names("Lib"), "a.so gone.so ");
	cr_assert(folding_holds(&at, "README.txt", "one"));
	cr_assert(folding_holds(&at, "bkp_remote.001/README.txt", "mine"));
	cr_assert_eq(findings(NULL), 0);
	update("2");
	cr_assert_str_eq(names("."), "Lib README.txt ");
	cr_assert_str_eq(names("Lib"), "a.so new.so ");
	cr_assert(folding_holds(&at, "Lib/a.so", "a2 "));
	cr_assert(folding_holds(&at, "bkp_remote.002/Lib/a.so", "a1"));
	cr_assert_eq(findings(NULL), 0);
	/* Nothing is left to do. */
	update("2");
	cr_assert_str_eq(names("bkp_remote.002/Lib"), "a.so gone.so ");
	cr_assert_neq(sim_walk(&at.disk, "/client/bkp_remote.002"), 0);
	cr_assert_eq(sim_walk(&at.disk, "/client/bkp_remote.003"), 0);
	cr_assert_eq(roll_back(0, false), 0, "%s", e.msg);
	cr_assert_str_eq(names("Lib"), "a.so gone.so ");
	cr_assert(folding_holds(&at, "Lib/a.so", "a1"));
	cr_assert_eq(findings(NULL), 0);
}

Test(apply_folds, the_state_has_the_names_of_the_release)
{
	struct folder *f;

	tempdir_text(&releases, "1/Readme.TXT", "one", 1000);
	folding_put(&at, "README.txt", "mine");
	update("1");
	cr_assert_eq(station_open(&station, &f, &e), 0);
	cr_assert_str_eq(folder_state(f)->manifest.v[0].path, "Readme.TXT");
	cr_assert_str_eq(folder_installed(f)->v[0].path, "Readme.TXT");
	cr_assert_eq(folder_spell(f, NULL, NULL, &e), 0);
	cr_assert_str_eq(folder_installed(f)->v[0].path, "README.txt");
	cr_assert_str_eq(folder_state(f)->manifest.v[0].path, "Readme.TXT");
	folder_close(f);
}

Test(apply_folds, verify_leaves_out_what_either_name_leaves_out)
{
	tempdir_text(&releases, "1/Readme.TXT", "one", 1000);
	folding_put(&at, "README.txt", "mine");
	update("1");
	rename_to("README.txt", "readme.txt");
	cr_assert_eq(fs_unlink(&at.disk.fs, at.client, "readme.txt"), 0);
	folding_put(&at, "readme.txt", "another");
	cr_assert_eq(findings(NULL), 1);
	cr_assert_eq(findings("Readme.TXT"), 0);
	cr_assert_eq(findings("readme.txt"), 0);
	cr_assert_eq(findings("README.txt"), 1);
}

Test(apply_folds, a_file_becomes_a_folder_of_the_other_case_and_back)
{
	tempdir_text(&releases, "1/bin", "a file", 1000);
	tempdir_text(&releases, "2/BIN/x", "inside", 1000);
	folding_put(&at, "Bin", "a file");
	update("1");
	update("2");
	cr_assert_str_eq(names("."), "Bin ");
	cr_assert(folding_holds(&at, "Bin/x", "inside"));
	update("1");
	cr_assert(folding_holds(&at, "Bin", "a file"));
	cr_assert_eq(roll_back(0, false), 0, "%s", e.msg);
	cr_assert(folding_holds(&at, "Bin/x", "inside"));
}

Test(apply_folds, rollback_knows_files_that_were_renamed_in_case)
{
	tempdir_text(&releases, "1/a.bin", "a1", 1000);
	tempdir_text(&releases, "1/d/b.bin", "b1", 1000);
	tempdir_text(&releases, "2/a.bin", "a2 ", 2000);
	tempdir_text(&releases, "2/d/b.bin", "b2 ", 2000);
	tempdir_text(&releases, "1/e.bin", "e1", 1000);
	tempdir_text(&releases, "2/e.bin", "e2 ", 2000);
	/* Which comes before the one above then. */
	tempdir_text(&releases, "1/f.bin", "f1", 1000);
	tempdir_text(&releases, "2/f.bin", "f2 ", 2000);
	folding_put(&at, "user", "mine");
	update("1");
	update("2");
	rename_to("a.bin", "A.BIN");
	rename_to("f.bin", "F.BIN");
	rename_to("d/b.bin", "d/B.bin");
	rename_to("d", "D");
	rename_to("user", "USER");
	cr_assert_eq(roll_back(0, true), 0, "%s", e.msg);
	cr_assert_str_eq(names("."), "A.BIN D F.BIN USER e.bin ");
	cr_assert(folding_holds(&at, "A.BIN", "a1"));
	cr_assert(folding_holds(&at, "D/B.bin", "b1"));
	cr_assert(folding_holds(&at, "F.BIN", "f1"));
	cr_assert(folding_holds(&at, "USER", "mine"));
	/* And forth again. */
	cr_assert_eq(roll_back(0, false), 0, "%s", e.msg);
	cr_assert(folding_holds(&at, "A.BIN", "a2 "));
	cr_assert(folding_holds(&at, "D/B.bin", "b2 "));
}

/* A folder that was copied from a disk where the two were two files. */
Test(apply_folds, a_record_of_two_names_is_one_file_on_another_disk)
{
	fold(false);
	tempdir_text(&releases, "1/Song.bin", "one", 1000);
	tempdir_text(&releases, "2/song.bin", "two ", 2000);
	tempdir_text(&releases, "3/song.bin", "one", 1000);
	update("1");
	update("2");
	cr_assert_str_eq(names("."), "song.bin ");
	fold(true);
	cr_assert_eq(roll_back(0, false), 0, "%s", e.msg);
	cr_assert_str_eq(names("."), "song.bin ");
	cr_assert(folding_holds(&at, "song.bin", "one"));
	/* The same where the content did not change. */
	fold(false);
	cr_assert_eq(fs_unlink(&at.disk.fs, at.client, "song.bin"), 0);
	update("1");
	update("3");
	fold(true);
	cr_assert_eq(roll_back(0, false), 0, "%s", e.msg);
	cr_assert(folding_holds(&at, "song.bin", "one"));
}

Test(apply_folds, two_files_of_a_backup_with_one_name_are_refused)
{
	fold(false);
	tempdir_text(&releases, "1/a", "one", 1000);
	tempdir_text(&releases, "2/a", "two ", 2000);
	folding_put(&at, "A", "mine");
	update("1");
	cr_assert_str_eq(names("."), "A a ");
	update("2");
	cr_assert_eq(fs_unlink(&at.disk.fs, at.client, "A"), 0);
	fold(true);
	cr_assert_eq(roll_back(0, false), ERP_MISMATCH);
	cr_assert(strstr(e.msg, "case does not count") != NULL, "%s", e.msg);
	cr_assert(folding_holds(&at, "a", "two "));
}

Test(apply_folds, where_case_counts_two_files_stay_two)
{
	fold(false);
	tempdir_text(&releases, "1/readme.txt", "one", 1000);
	tempdir_text(&releases, "2/Readme.txt", "one", 1000);
	folding_put(&at, "README.TXT", "mine");
	update("1");
	cr_assert_str_eq(names("."), "README.TXT readme.txt ");
	update("2");
	cr_assert_str_eq(names("."), "README.TXT Readme.txt ");
	cr_assert(folding_holds(&at, "README.TXT", "mine"));
	cr_assert_eq(roll_back(0, false), 0, "%s", e.msg);
	cr_assert_str_eq(names("."), "README.TXT readme.txt ");
}

static int
stop_at_commit(void *arg, struct sim *s, struct sim_call *c)
{
	bool *stopped = arg;

	(void)s;
	if (c->kind == SIM_RENAME && strcmp(c->name, "journal") == 0)
		*stopped = true;
	return *stopped ? -EIO : 0;
}

/* A journal that takes one spelling away and adds the other, as those of
 * before could have it. */
Test(apply_folds, a_journal_of_both_spellings_is_undone)
{
	bool stopped = false;
	struct op *op = NULL;
	struct folder *f;
	struct txn t;

	cr_assert_eq(fs_mkdir(&at.disk.fs, at.client, "Lib", 0755), 0);
	folding_put(&at, "Lib/Song", "old");
	cr_assert_eq(station_open(&station, &f, &e), 0);
	cr_assert_eq(txn_begin(&t, f, &e), 0, "%s", e.msg);
	cr_assert_eq(journal_add(&t.j, OP_DELETE, "Lib/Song", &op, &e), 0);
	cr_assert_eq(txn_old(&t, op, true, &e), 0);
	cr_assert_eq(journal_add(&t.j, OP_ADD, "Lib/song", &op, &e), 0);
	cr_assert_eq(txn_fresh_link(
			 &t, op, "x", &(struct fresh){0, {1000, 0}, NULL}, &e),
	    0);
	at.disk.hook = stop_at_commit;
	at.disk.hook_arg = &stopped;
	cr_assert_lt(txn_commit(&t, &e), 0);
	cr_assert(stopped);
	txn_end(&t);
	at.disk.hook = NULL;
	folder_close(f);
	cr_assert_str_eq(names("Lib"), "song ");
	cr_assert_eq(station_open(&station, &f, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_assert_str_eq(names("Lib"), "Song ");
	cr_assert(folding_holds(&at, "Lib/Song", "old"));
}

/* The records of a rollback under the names that the folder has now. */
static int
take_names(void *arg, struct err *why)
{
	struct folder f = {.fs = &at.disk.fs, .dir = at.client};
	struct rollback r = {.f = &f};
	const struct backup_entry *x;
	int rc;

	(void)arg;
	backup_init(&r.target);
	rc = backup_list_add(&r.target.files, "Readme.TXT") == NULL
	    ? err_nomem(why)
	    : rollback_take_names(&r, why);
	if (rc == 0) {
		x = backup_list_find(&r.target.files, "README.txt");
		rc =
		    x == NULL || strcmp(backup_entry_kept(x), "Readme.TXT") != 0
		    ? STARVE_WRONG
		    : 0;
	}
	backup_release(&r.target);
	return rc;
}

/* What updates wrote under two names that are one now is one. */
Test(apply_folds, records_of_updates_take_the_names_too)
{
	static const char *const names[] = {"Readme.TXT", "readme.txt"};
	struct folder f = {.fs = &at.disk.fs, .dir = at.client};
	struct rollback r = {.f = &f, .newer_n = 2};
	struct backup_entry *x;
	int i, k;

	folding_put(&at, "README.txt", "one");
	backup_init(&r.target);
	for (k = 0; k < r.newer_n; k++) {
		backup_init(&r.newer[k]);
		/* Also where what was before has its name already. */
		cr_assert_not_null(backup_list_add(
		    &r.newer[k].files, k == 0 ? "ReadMe.txt" : "README.txt"));
		for (i = 0; i < 2; i++) {
			x = backup_list_add(&r.newer[k].written, names[i]);
			cr_assert_not_null(x);
			x->gone = i == 0;
			x->added = i == 1;
		}
	}
	cr_assert_eq(rollback_take_names(&r, &e), 0, "%s", e.msg);
	for (k = 0; k < r.newer_n; k++) {
		cr_assert_eq(r.newer[k].files.n, 1);
		cr_expect_str_eq(r.newer[k].files.v[0].path, "README.txt");
		cr_assert_eq(r.newer[k].written.n, 1);
		cr_expect_str_eq(r.newer[k].written.v[0].path, "README.txt");
		cr_expect(!r.newer[k].written.v[0].gone);
		backup_release(&r.newer[k]);
	}
	backup_release(&r.target);
}

Test(apply_folds, names_are_taken_or_memory_lacks)
{
	folding_put(&at, "README.txt", "one");
	STARVE(take_names, NULL);
}
