#include "engine/apply/swap.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "tests/support/fs_fault.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TMP ".erpsync/tmp.0000000000000001/"
#define BKP ".erpsync/bkp.0000000000000001/"

struct bench {
	struct tempdir t;
	struct folder f;
	struct journal j;
};

static struct op *
add(struct bench *b, enum op_kind kind, const char *path)
{
	struct op *op = NULL;
	struct err e;

	cr_assert_eq(journal_add(&b->j, kind, path, &op, &e), 0);
	return op;
}

static void
identify(struct bench *b, const char *path, struct identity *out)
{
	struct err e;

	cr_assert_eq(identity_read(fs_real(), b->t.fd, path, true, out, &e), 0,
	    "%s", e.msg);
}

/* Replace r, add n/ and n/f, delete d. */
static void
bench_open(struct bench *b)
{
	struct fs_stat st;
	struct op *op;

	memset(b, 0, sizeof(*b));
	tempdir_open(&b->t);
	tempdir_text(&b->t, "r", "old", 1000);
	tempdir_text(&b->t, "d", "deleted", 1000);
	tempdir_text(&b->t, "user", "mine", 1000);
	tempdir_text(&b->t, TMP "1", "new", 2000);
	tempdir_mkdir(&b->t, TMP "2");
	tempdir_text(&b->t, TMP "3", "added", 2000);
	tempdir_mkdir(&b->t, BKP);
	cr_assert_eq(fs_link(fs_real(), b->t.fd, "r", b->t.fd, BKP "r"), 0);
	b->f.fs = fs_real();
	b->f.path = b->t.path;
	b->f.dir = b->t.fd;
	b->f.own = fs_open(fs_real(), b->t.fd, ".erpsync", FS_DIRECTORY, 0);
	b->f.lock = -1;
	journal_init(&b->j, 1);
	cr_assert_eq(fs_fstat(fs_real(), b->t.fd, &st), 0);
	b->j.dev = st.dev;
	op = add(b, OP_REPLACE, "r");
	identify(b, "r", &op->old);
	identify(b, BKP "r", &op->saved);
	identify(b, TMP "1", &op->fresh);
	identify(b, TMP "2", &add(b, OP_ADD, "n")->fresh);
	identify(b, TMP "3", &add(b, OP_ADD, "n/f")->fresh);
	identify(b, "d", &add(b, OP_DELETE, "d")->old);
	journal_sort(&b->j);
}

static void
bench_close(struct bench *b)
{
	journal_release(&b->j);
	fs_close_quietly(fs_real(), &b->f.own);
	tempdir_close(&b->t);
}

static void
expect_old(struct bench *b)
{
	cr_assert(tempdir_is_text(&b->t, "r", "old"));
	cr_assert(tempdir_is_text(&b->t, "d", "deleted"));
	cr_assert(tempdir_is_text(&b->t, "user", "mine"));
	cr_assert_not(tempdir_has(&b->t, "n"));
}

Test(swap, forward_and_back)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert_eq(swap_settle(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "r", "new"));
	cr_assert(tempdir_is_text(&b.t, "n/f", "added"));
	cr_assert_not(tempdir_has(&b.t, "d"));
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	expect_old(&b);
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "again: %s", e.msg);
	expect_old(&b);
	bench_close(&b);
}

static int synced; /* folders */

static int
count_fsync(void *ctx, int fd)
{
	struct fs_stat st;

	cr_assert_eq(fs_fstat(fs_real(), fd, &st), 0);
	synced += st.type == FS_DIR;
	return fs_real()->ops->fsync(ctx, fd);
}

/* The client folder comes before and after n. */
Test(swap, each_folder_is_synced_once)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs counting = {&ops, fs_real()->ctx};
	struct bench b;
	struct err e;

	bench_open(&b);
	/* What goes only later is not waited for. */
	tempdir_mkdir(&b.t, "far/gone");
	(void)add(&b, OP_RMDIR, "far/gone");
	journal_sort(&b.j);
	ops.fsync = count_fsync;
	b.f.fs = &counting;
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	synced = 0;
	cr_assert_eq(swap_settle(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_expect_eq(synced, 3, "with what it took away: %d", synced);
	bench_close(&b);
}

/* Folders that were synced, as "PATH " below the client folder. */
static char trace[1024];
static const char *root;

static int
note_fsync(void *ctx, int fd)
{
	char link[64], path[512];
	size_t end = strlen(trace);
	struct fs_stat st;
	ssize_t n;

	cr_assert_eq(fs_fstat(fs_real(), fd, &st), 0);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	cr_assert_geq(n, (ssize_t)strlen(root));
	path[n] = '\0';
	if (st.type == FS_DIR)
		(void)snprintf(trace + end, sizeof(trace) - end, "%s ",
		    path + strlen(root));
	return fs_real()->ops->fsync(ctx, fd);
}

/* What came back lies in one folder and is gone from the other, both for good.
 */
Test(swap, undo_syncs_folders_and_what_the_backup_has_of_them)
{
	static const char folders[] =
	    " /f /.erpsync/tmp.0000000000000001 /.erpsync/bkp.0000000000000001"
	    " /.erpsync/bkp.0000000000000001/f ";
	struct fs_ops ops = *fs_real()->ops;
	struct fs noting = {&ops, fs_real()->ctx};
	struct bench b;
	struct op *op;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "f/r", "old", 1000);
	tempdir_text(&b.t, TMP "9", "new", 2000);
	tempdir_mkdir(&b.t, BKP "f");
	cr_assert_eq(fs_link(fs_real(), b.t.fd, "f/r", b.t.fd, BKP "f/r"), 0);
	journal_release(&b.j);
	journal_init(&b.j, 1);
	op = add(&b, OP_REPLACE, "f/r");
	op->number = 9;
	identify(&b, "f/r", &op->old);
	identify(&b, BKP "f/r", &op->saved);
	identify(&b, TMP "9", &op->fresh);
	op = add(&b, OP_DELETE, "d");
	op->number = 8;
	identify(&b, "d", &op->old);
	journal_sort(&b.j);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	ops.fsync = note_fsync;
	b.f.fs = &noting;
	root = b.t.path;
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	expect_old(&b);
	cr_assert(tempdir_is_text(&b.t, "f/r", "old"));
	cr_expect_str_eq(trace, folders);
	bench_close(&b);
}

Test(swap, undo_by_content_where_inodes_are_renumbered)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	b.j.dev++;
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	expect_old(&b);
	bench_close(&b);
}

/* A disk that makes a file's number of its path: mergerfs and others by FUSE.
 */
Test(swap, inode_numbers_may_change_with_the_name)
{
	struct bench b;
	struct err e;
	size_t i;

	bench_open(&b);
	tempdir_mkdir(&b.t, "way");
	identify(&b, "way", &add(&b, OP_DELETE, "way")->old);
	journal_sort(&b.j);
	for (i = 0; i < b.j.n; i++)
		b.j.v[i].fresh.ino++;
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert_eq(swap_settle(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	expect_old(&b);
	for (i = 0; i < b.j.n; i++)
		b.j.v[i].old.ino++;
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "again: %s", e.msg);
	expect_old(&b);
	cr_assert(tempdir_has(&b.t, "way"));
	bench_close(&b);
}

/* Of another number and other content, it is somebody's change. */
Test(swap, what_is_not_the_new_file_is_no_commit)
{
	static const char *const texts[] = {"edited", "neu"};
	struct bench b;
	struct err e;
	size_t i;

	for (i = 0; i < 2; i++) {
		bench_open(&b);
		cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
		tempdir_text(&b.t, "copy", texts[i], 2000);
		cr_assert_eq(
		    fs_rename(fs_real(), b.t.fd, "copy", b.t.fd, "r", true), 0);
		cr_assert_eq(swap_settle(&b.f, &b.j, &e), ERP_BUSY);
		cr_assert(strstr(e.msg, "r: changed") == e.msg, "%s", e.msg);
		bench_close(&b);
	}
}

/* A folder that went and is there again: its removal was lost after another
 * was made for it, or somebody made one.  What lies in ours may be needed. */
Test(swap, undo_stops_where_a_folder_with_files_has_a_follower)
{
	struct bench b;
	struct err e;
	int full;

	for (full = 0; full < 2; full++) {
		bench_open(&b);
		tempdir_mkdir(&b.t, "way");
		identify(&b, "way", &add(&b, OP_DELETE, "way")->old);
		journal_sort(&b.j);
		cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
		tempdir_mkdir(&b.t, "way");
		if (full)
			tempdir_text(&b.t, TMP "old.5/in", "inside", 1000);
		cr_assert_eq(swap_undo(&b.f, &b.j, &e), full ? ERP_CORRUPT : 0);
		cr_assert(tempdir_has(&b.t, "way"));
		bench_close(&b);
	}
}

/* The whole folder copied to another disk, as a restored image is: all inodes
 * are others, and some may even have the number of the one that is meant. */
static void
copy_elsewhere(struct bench *b, const char *path)
{
	char *text = tempdir_read(&b->t, path, NULL);
	struct fs_stat st;

	cr_assert_eq(fs_stat(fs_real(), b->t.fd, path, &st), 0);
	tempdir_text(&b->t, "copy", text, -1);
	tempdir_touch(&b->t, "copy", st.mtime.s, st.mtime.ns);
	cr_assert_eq(
	    fs_rename(fs_real(), b->t.fd, "copy", b->t.fd, path, true), 0);
	free(text);
}

Test(swap, undo_of_a_copied_folder_goes_by_content)
{
	static const char *const files[] = {"r", "n/f", BKP "r", TMP "old.4"};
	struct bench b;
	struct err e;
	size_t i;
	int moved;

	/* The folder n is live, or one like it still waits in tmp.TX. */
	for (moved = 0; moved < 2; moved++) {
		bench_open(&b);
		cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
		for (i = 0; i < 4; i++)
			copy_elsewhere(&b, files[i]);
		cr_assert_eq(
		    fs_rename(fs_real(), b.t.fd, "n/f", b.t.fd, TMP "3", false),
		    0);
		cr_assert_eq(fs_rmdir(fs_real(), b.t.fd, "n"), 0);
		tempdir_mkdir(&b.t, "n");
		if (moved == 1)
			tempdir_mkdir(&b.t, TMP "2");
		b.j.dev++;
		cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
		cr_assert(tempdir_is_text(&b.t, "r", "old"));
		cr_assert(tempdir_is_text(&b.t, "d", "deleted"));
		/* Then the live one is the user's. */
		cr_assert_eq(tempdir_has(&b.t, "n"), moved == 1);
		bench_close(&b);
	}
}

/* On the disk of the journal the inode tells, whatever the time says. */
Test(swap, undo_knows_a_new_file_that_was_touched)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	tempdir_touch(&b.t, "r", 3000, 0);
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	expect_old(&b);
	bench_close(&b);
	/* Elsewhere it is anybody's. */
	bench_open(&b);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	tempdir_touch(&b.t, "r", 3000, 0);
	b.j.dev++;
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), ERP_CORRUPT);
	bench_close(&b);
}

Test(swap, undo_resumes_after_a_stop_anywhere)
{
	struct fs_fault fault;
	struct bench b;
	struct err e;
	uint64_t at, inner;
	bool fired = true;

	for (at = 1; fired; at++) {
		for (inner = 1; inner < 12; inner++) {
			bench_open(&b);
			fs_fault_init(&fault, fs_real());
			b.f.fs = &fault.fs;
			fs_fault_arm(&fault, FAULT_KILL, at, EIO);
			fired = swap_forward(&b.f, &b.j, &e) != 0;
			fs_fault_arm(&fault, FAULT_KILL, inner, EIO);
			(void)swap_undo(&b.f, &b.j, &e);
			b.f.fs = fs_real();
			cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
			expect_old(&b);
			bench_close(&b);
		}
	}
}

/* A folder gives way to a file. */
static void
replace_folder(struct bench *b)
{
	tempdir_mkdir(&b->t, "way");
	identify(b, "way", &add(b, OP_DELETE, "way")->old);
	tempdir_text(&b->t, TMP "6", "a file", 2000);
	identify(b, TMP "6", &add(b, OP_ADD, "way")->fresh);
	journal_sort(&b->j);
}

/* What cannot be looked at is not taken for anything. */
Test(swap, undo_resumes_after_a_look_that_failed)
{
	struct fs_fault fault;
	struct fs_stat st;
	struct bench b;
	struct err e;
	uint64_t at;
	int failed = 0;

	for (at = 1;; at++) {
		bench_open(&b);
		replace_folder(&b);
		cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
		cr_assert(tempdir_is_text(&b.t, "way", "a file"));
		fs_fault_init(&fault, fs_real());
		fault.looks = true;
		b.f.fs = &fault.fs;
		fs_fault_arm(&fault, FAULT_ONCE, at, EIO);
		if (swap_undo(&b.f, &b.j, &e) != 0) {
			failed++;
			b.f.fs = fs_real();
			cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%d: %s",
			    (int)at, e.msg);
		}
		expect_old(&b);
		cr_assert_eq(fs_stat(fs_real(), b.t.fd, "way", &st), 0);
		cr_assert_eq(st.type, FS_DIR);
		b.f.fs = fs_real();
		bench_close(&b);
		if (!fault.fired)
			break;
	}
	cr_expect_eq(failed, (int)at - 1);
}

/* A system where a program that runs can be moved, but not replaced. */
static int
rename_unused(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	const struct fs *real = fs_real();
	struct fs_stat st;

	if (replace && strcmp(to, "r") == 0 &&
	    fs_stat(real, to_dir, to, &st) == 0)
		return -ETXTBSY;
	return real->ops->rename(ctx, from_dir, from, to_dir, to, replace);
}

static struct fs
fs_of_busy(struct fs_ops *ops)
{
	*ops = *fs_real()->ops;
	ops->rename = rename_unused;
	return (struct fs){ops, NULL};
}

Test(swap, a_program_in_use_is_moved_aside)
{
	struct fs_ops ops;
	struct fs busy = fs_of_busy(&ops);
	struct bench b;
	struct err e;

	bench_open(&b);
	b.f.fs = &busy;
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert_eq(swap_settle(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "r", "new"));
	cr_assert(tempdir_is_text(&b.t, TMP "old.1", "old"));
	/* The new one may be running by then. */
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	expect_old(&b);
	cr_assert(tempdir_is_text(&b.t, TMP "1", "new"));
	bench_close(&b);
}

Test(swap, undo_resumes_where_programs_are_moved_aside)
{
	struct fs_ops ops;
	struct fs busy = fs_of_busy(&ops);
	struct fs_fault fault;
	struct bench b;
	struct err e;
	uint64_t at, inner;
	bool fired = true;

	for (at = 1; fired; at++) {
		for (inner = 1; inner < 14; inner++) {
			bench_open(&b);
			fs_fault_init(&fault, &busy);
			b.f.fs = &fault.fs;
			fs_fault_arm(&fault, FAULT_KILL, at, EIO);
			fired = swap_forward(&b.f, &b.j, &e) != 0;
			fs_fault_arm(&fault, FAULT_KILL, inner, EIO);
			(void)swap_undo(&b.f, &b.j, &e);
			b.f.fs = &busy;
			cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
			expect_old(&b);
			bench_close(&b);
		}
	}
}

Test(swap, stops_at_what_it_cannot_explain_and_changes_nothing)
{
	char *before, *after;
	struct bench b;
	struct err e;
	static const char *const paths[] = {"r", "d"}; /* replaced, deleted */
	char want[64];
	size_t i;

	for (i = 0; i < 2; i++) {
		bench_open(&b);
		cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0);
		tempdir_text(&b.t, paths[i], "edited since", -1);
		before = station_picture(b.t.path, PICTURE_FULL);
		cr_assert_eq(swap_undo(&b.f, &b.j, &e), ERP_CORRUPT);
		(void)snprintf(
		    want, sizeof(want), "recovery required: %s:", paths[i]);
		cr_assert(strstr(e.msg, want) == e.msg, "%s", e.msg);
		after = station_picture(b.t.path, PICTURE_FULL);
		cr_assert_str_eq(before, after);
		/* As the message says: moved away, recovery goes on. */
		cr_assert_eq(fs_rename(fs_real(), b.t.fd, paths[i], b.t.fd,
				 "mine", false),
		    0);
		cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
		expect_old(&b);
		free(before);
		free(after);
		bench_close(&b);
	}
}

/* The folder and the file that went are in place again, as they were, or
 * something else is where the folder was. */
Test(swap, undo_knows_what_is_back_from_what_is_in_its_place)
{
	struct bench b;
	struct err e;
	int i;

	for (i = 0; i < 2; i++) {
		bench_open(&b);
		tempdir_mkdir(&b.t, "dir");
		identify(&b, "dir", &add(&b, OP_DELETE, "dir")->old);
		journal_sort(&b.j);
		cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
		if (i == 0) {
			cr_assert_eq(fs_link(fs_real(), b.t.fd, TMP "old.4",
					 b.t.fd, "d"),
			    0);
			tempdir_mkdir(&b.t, "dir");
			cr_expect_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
			expect_old(&b);
		} else {
			tempdir_text(&b.t, "dir", "a file", -1);
			cr_expect_eq(swap_undo(&b.f, &b.j, &e), ERP_CORRUPT);
			cr_expect_not_null(
			    strstr(e.msg, "required: dir:"), "%s", e.msg);
		}
		bench_close(&b);
	}
}

Test(swap, undo_keeps_what_the_user_made_meanwhile)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0);
	tempdir_text(&b.t, "n/mine", "user's", -1);
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "n/mine", "user's"));
	cr_assert_not(tempdir_has(&b.t, "n/f"));
	cr_assert(tempdir_is_text(&b.t, "r", "old"));
	bench_close(&b);
}

/* A power cut kept the rename of the folder but not that of its file. */
Test(swap, undo_brings_back_a_folder_that_went_with_its_content)
{
	struct fs_fault fault;
	struct bench b;
	struct err e;
	uint64_t at;
	bool fired;
	int rc;

	bench_open(&b);
	tempdir_text(&b.t, "dir/in", "inside", 1000);
	identify(&b, "dir", &add(&b, OP_DELETE, "dir")->old);
	identify(&b, "dir/in", &add(&b, OP_DELETE, "dir/in")->old);
	journal_sort(&b.j);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert_not(tempdir_has(&b.t, "dir"));
	cr_assert_eq(fs_rename(fs_real(), b.t.fd, TMP "old.6", b.t.fd,
			 TMP "old.5/in", false),
	    0);
	/* Nor does a look that fails say that it is not there. */
	fs_fault_init(&fault, fs_real());
	fault.looks = true;
	b.f.fs = &fault.fs;
	for (at = 1, fired = true; fired; at++) {
		fs_fault_arm(&fault, FAULT_ONCE, at, EIO);
		rc = swap_undo(&b.f, &b.j, &e);
		fired = fault.fired;
		cr_assert_eq(rc, fired ? ERP_IO : 0, "%d: %s", (int)at, e.msg);
	}
	cr_expect_gt(at, 20);
	b.f.fs = fs_real();
	cr_assert(tempdir_is_text(&b.t, "dir/in", "inside"));
	expect_old(&b);
	bench_close(&b);
}

/* A file of the same name in another one is no reason to think so. */
Test(swap, undo_looks_for_a_file_in_its_own_folder)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "dir/in", "inside", 1000);
	tempdir_mkdir(&b.t, "dux");
	identify(&b, "dir", &add(&b, OP_DELETE, "dir")->old);
	identify(&b, "dir/in", &add(&b, OP_DELETE, "dir/in")->old);
	identify(&b, "dux", &add(&b, OP_DELETE, "dux")->old);
	journal_sort(&b.j);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_rename(fs_real(), b.t.fd, TMP "old.6", b.t.fd,
			 TMP "old.7/in", false),
	    0);
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), ERP_CORRUPT);
	cr_expect_not_null(strstr(e.msg, "dir/in"), "%s", e.msg);
	bench_close(&b);
}

Test(swap, a_changed_or_new_live_file_stops_the_swap)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "r", "changed", -1);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), ERP_BUSY);
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "r", "changed"));
	bench_close(&b);
	bench_open(&b);
	tempdir_text(&b.t, "n/x", "appeared", -1);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), ERP_BUSY);
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "n/x", "appeared"));
	cr_assert(tempdir_is_text(&b.t, "d", "deleted"));
	bench_close(&b);
	/* What is to go is the user's as well, once he wrote to it. */
	bench_open(&b);
	tempdir_text(&b.t, "d", "the user's", -1);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), ERP_BUSY);
	cr_assert(strstr(e.msg, "d: changed") == e.msg, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "d", "the user's"));
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "d", "the user's"));
	cr_assert(tempdir_is_text(&b.t, "r", "old"));
	bench_close(&b);
}

static int
rename_no_folder(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	return strcmp(from, "way") == 0
	    ? -EXDEV
	    : fs_real()->ops->rename(ctx, from_dir, from, to_dir, to, replace);
}

static int rmdir_says;

static int
rmdir_full(void *ctx, int dir, const char *name)
{
	return strcmp(name, "way") == 0 ? -rmdir_says
					: fs_real()->ops->rmdir(ctx, dir, name);
}

/* In a folder that gives way to a file, one file is too many; also where it
 * cannot be moved to see, whatever the disk calls that. */
static int
stat_no_r(void *ctx, int dir, const char *name, struct fs_stat *out)
{
	return strcmp(name, "r") == 0
	    ? -EIO
	    : fs_real()->ops->stat(ctx, dir, name, out);
}

/* What cannot be looked at is neither the old file nor the new one. */
Test(swap, a_live_file_that_cannot_be_looked_at_stops_the_swap)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;

	ops.stat = stat_no_r;
	bench_open(&b);
	b.f.fs = &odd;
	cr_expect_eq(swap_forward(&b.f, &b.j, &e), ERP_IO);
	cr_expect(strncmp(e.msg, "stat r: ", 8) == 0, "%s", e.msg);
	b.f.fs = fs_real();
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
	expect_old(&b);
	bench_close(&b);
	bench_open(&b);
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	b.f.fs = &odd;
	cr_expect_eq(swap_settle(&b.f, &b.j, &e), ERP_IO);
	cr_expect(strncmp(e.msg, "stat r: ", 8) == 0, "%s", e.msg);
	b.f.fs = fs_real();
	cr_expect_eq(swap_settle(&b.f, &b.j, &e), 0, "%s", e.msg);
	bench_close(&b);
}

Test(swap, a_folder_that_goes_must_be_empty)
{
	static const int says[] = {0, ENOTEMPTY, EEXIST};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;
	size_t i;

	ops.rename = rename_no_folder;
	ops.rmdir = rmdir_full;
	for (i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		bench_open(&b);
		rmdir_says = says[i];
		b.f.fs = says[i] == 0 ? fs_real() : &odd;
		tempdir_mkdir(&b.t, "way");
		identify(&b, "way", &add(&b, OP_DELETE, "way")->old);
		journal_sort(&b.j);
		tempdir_text(&b.t, "way/mine", "the user's", -1);
		cr_assert_eq(swap_forward(&b.f, &b.j, &e), ERP_BLOCKED);
		cr_assert(strstr(e.msg, "way: a file must take") == e.msg, "%s",
		    e.msg);
		cr_assert_eq(swap_undo(&b.f, &b.j, &e), 0, "%s", e.msg);
		cr_assert(tempdir_is_text(&b.t, "way/mine", "the user's"));
		expect_old(&b);
		bench_close(&b);
	}
}

static uint32_t slept_ms;

static void
count_sleep(void *ctx, uint32_t ms)
{
	cr_assert_gt(ms, 0);
	slept_ms += ms;
	++*(int *)ctx;
}

static char swapped[64]; /* "DONE/TOTAL PATH " for each */

static void
note_swap(void *ctx, const struct event *ev)
{
	size_t n = strlen(swapped);

	(void)ctx;
	if (ev->kind == EVENT_SWAP)
		(void)snprintf(swapped + n, sizeof(swapped) - n, "%d/%d %s ",
		    (int)ev->done, (int)ev->total, ev->path);
}

Test(swap, tells_how_far_it_is)
{
	const struct observer obs = {.event = note_swap, .ctx = NULL};
	struct bench b;
	struct err e;

	bench_open(&b);
	b.f.opt.obs = &obs;
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_expect_str_eq(swapped, "1/4 d 2/4 n 3/4 n/f 4/4 r ");
	bench_close(&b);
}

Test(swap, waits_for_a_file_in_use)
{
	struct fs_fault fault;
	struct bench b;
	struct err e;
	int slept = 0;

	bench_open(&b);
	fs_fault_init(&fault, fs_real());
	fs_fault_arm(&fault, FAULT_ONCE, 1, EBUSY);
	b.f.fs = &fault.fs;
	b.f.opt.sleep_ms = count_sleep;
	b.f.opt.sleep_ctx = &slept;
	cr_assert_eq(swap_forward(&b.f, &b.j, &e), 0, "%s", e.msg);
	cr_assert_eq(slept, 1);
	fs_fault_arm(&fault, FAULT_FROM, 1, ETXTBSY);
	slept_ms = 0;
	slept = 0;
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), ERP_BUSY);
	cr_expect_eq(slept, 9);
	cr_expect_eq(slept_ms, 10 + 20 + 40 + 80 + 160 + 320 + 3 * 500);
	/* Nobody sleeps: it is not tried again. */
	b.f.opt.sleep_ms = NULL;
	fs_fault_arm(&fault, FAULT_FROM, 1, EBUSY);
	cr_assert_eq(swap_undo(&b.f, &b.j, &e), ERP_BUSY);
	cr_assert_eq(fault.calls, 1);
	bench_close(&b);
}

Test(swap, emptied_folders_go_and_others_stay)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_mkdir(&b.t, "gone/sub");
	tempdir_text(&b.t, "stays/x", "user's", -1);
	(void)add(&b, OP_RMDIR, "gone");
	(void)add(&b, OP_RMDIR, "gone/sub");
	(void)add(&b, OP_RMDIR, "stays");
	(void)add(&b, OP_RMDIR, "never/was");
	journal_sort(&b.j);
	cr_assert_eq(swap_remove_emptied(&b.f, &b.j, true, &e), 0, "%s", e.msg);
	cr_assert_not(tempdir_has(&b.t, "gone"));
	cr_assert(tempdir_has(&b.t, "stays/x"));
	cr_assert_eq(swap_remove_emptied(&b.f, &b.j, true, &e), 0);
	bench_close(&b);
}
