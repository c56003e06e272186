#include "engine/apply/recover.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/observer.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TX "0000000000000001"

struct bench {
	struct tempdir t;
	struct folder f;
	struct journal j;
	struct observer obs;
	int told, warned;
};

static void
count_recovery(void *ctx, const struct event *ev)
{
	struct bench *b = ctx;

	b->told += ev->kind == EVENT_RECOVER;
	b->warned += ev->kind == EVENT_WARN;
}

/* A new file that was swapped in, its backup, and all kinds of leftovers. */
static void
bench_open(struct bench *b)
{
	struct fs_stat st;
	struct op *op = NULL;
	struct err e;

	memset(b, 0, sizeof(*b));
	tempdir_open(&b->t);
	tempdir_text(&b->t, "added", "new", 1000);
	tempdir_mkdir(&b->t, "gone");
	tempdir_text(
	    &b->t, ".erpsync/bkp." TX "/.erpsync/backup", "ERPBKUP1", -1);
	tempdir_text(&b->t, ".erpsync/tmp." TX "/state", "next state", -1);
	tempdir_text(&b->t, ".erpsync/trash." TX "/ro/x", "x", -1);
	tempdir_chmod(&b->t, ".erpsync/trash." TX "/ro", 0555);
	tempdir_text(&b->t, ".erpsync/journal.new", "half", -1);
	tempdir_text(&b->t, ".erpsync/state", "old state", -1);
	tempdir_text(&b->t, ".erpsync/recv/part", "received", -1);
	b->obs.event = count_recovery;
	b->obs.ctx = b;
	b->f.opt.obs = &b->obs;
	b->f.fs = fs_real();
	b->f.path = b->t.path;
	b->f.dir = b->t.fd;
	b->f.own = fs_open(fs_real(), b->t.fd, ".erpsync", FS_DIRECTORY, 0);
	b->f.lock = -1;
	journal_init(&b->j, 1);
	cr_assert_eq(fs_fstat(fs_real(), b->t.fd, &st), 0);
	b->j.dev = st.dev;
	b->j.has_state = true;
	cr_assert_eq(journal_add(&b->j, OP_ADD, "added", &op, &e), 0);
	cr_assert_eq(
	    identity_read(fs_real(), b->t.fd, "added", true, &op->fresh, &e),
	    0);
	cr_assert_eq(journal_add(&b->j, OP_RMDIR, "gone", &op, &e), 0);
	journal_sort(&b->j);
}

static void
bench_close(struct bench *b)
{
	cr_assert_not(tempdir_has(&b->t, ".erpsync/tmp." TX));
	cr_assert_not(tempdir_has(&b->t, ".erpsync/bkp." TX));
	cr_assert_not(tempdir_has(&b->t, ".erpsync/trash." TX));
	cr_assert_not(tempdir_has(&b->t, ".erpsync/journal.new"));
	cr_assert_not(tempdir_has(&b->t, ".erpsync/journal"));
	cr_assert_not(tempdir_has(&b->t, ".erpsync/committed"));
	journal_release(&b->j);
	fs_close_quietly(fs_real(), &b->f.own);
	tempdir_close(&b->t);
}

static int
fail_fsync(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return -EIO;
}

/* What they are left of may not be on the disk yet. */
Test(recover, leftovers_stay_until_names_are_durable)
{
	static const char *const left[] = {"tmp", "bkp", "trash"};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	char path[64];
	struct bench b;
	struct err e;
	size_t i;

	bench_open(&b);
	ops.fsync = fail_fsync;
	b.f.fs = &odd;
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), ".erpsync/%s." TX, left[i]);
		cr_expect(tempdir_has(&b.t, path), "%s", path);
	}
	b.f.fs = fs_real();
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	bench_close(&b);
}

Test(recover, without_a_journal_leftovers_are_garbage)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	cr_assert_eq(b.f.recovery, RECOVERY_NONE);
	cr_assert(tempdir_is_text(&b.t, "added", "new"));
	cr_assert(tempdir_is_text(&b.t, ".erpsync/state", "old state"));
	cr_assert(tempdir_has(&b.t, ".erpsync/recv/part"));
	bench_close(&b);
}

Test(recover, a_journal_is_undone)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(journal_write(fs_real(), b.f.own, &b.j, &e), 0);
	recover_collect(&b.f);
	cr_assert(tempdir_has(&b.t, ".erpsync/bkp." TX), "still needed");
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	cr_assert_eq(b.f.recovery, RECOVERY_UNDONE);
	cr_assert_eq(b.told, 1);
	cr_assert_not(tempdir_has(&b.t, "added"));
	cr_assert(tempdir_has(&b.t, "gone"));
	cr_assert(tempdir_is_text(&b.t, ".erpsync/state", "old state"));
	bench_close(&b);
}

static int own_dir;

/* A disk that fails once the journal is gone. */
static int
fail_without_journal(void *ctx, int fd)
{
	struct fs_stat st;

	return fs_stat(fs_real(), own_dir, OWN_JOURNAL, &st) == -ENOENT
	    ? -EIO
	    : fs_real()->ops->fsync(ctx, fd);
}

/* A kill may have left the journal's name in memory alone. */
Test(recover, what_decides_is_durable_first)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(journal_write(fs_real(), b.f.own, &b.j, &e), 0);
	ops.fsync = fail_fsync;
	b.f.fs = &odd;
	cr_expect_eq(recover_run(&b.f, &e), ERP_IO, "%s", e.msg);
	cr_expect(tempdir_is_text(&b.t, "added", "new"), "nothing was undone");
	b.f.fs = fs_real();
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	bench_close(&b);
}

/* Or a power cut would bring the journal back, without what it needs. */
Test(recover, the_journal_goes_for_good)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs fs = {&ops, NULL};
	struct bench b;
	struct err e;

	ops.fsync = fail_without_journal;
	bench_open(&b);
	cr_assert_eq(journal_write(fs_real(), b.f.own, &b.j, &e), 0);
	own_dir = b.f.own;
	b.f.fs = &fs;
	cr_expect_eq(recover_undo(&b.f, &b.j, &e), ERP_IO, "%s", e.msg);
	cr_expect(tempdir_has(&b.t, ".erpsync/bkp." TX), "still needed");
	b.f.fs = fs_real();
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	bench_close(&b);
}

Test(recover, a_committed_update_is_finished)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(journal_write(fs_real(), b.f.own, &b.j, &e), 0);
	cr_assert_eq(fs_rename(fs_real(), b.f.own, OWN_JOURNAL, b.f.own,
			 OWN_COMMITTED, false),
	    0);
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	cr_assert_eq(b.f.recovery, RECOVERY_FINISHED);
	cr_assert(tempdir_is_text(&b.t, "added", "new"));
	cr_assert_not(tempdir_has(&b.t, "gone"));
	cr_assert(tempdir_is_text(&b.t, ".erpsync/state", "next state"));
	cr_assert(tempdir_has(&b.t, "bkp_remote.001/.erpsync/backup"));
	cr_assert_not(tempdir_has(&b.t, ".erpsync/recv/part"));
	bench_close(&b);
}

Test(recover, finishing_to_no_release_removes_the_state)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	b.j.has_state = false;
	cr_assert_eq(recover_finish(&b.f, &b.j, true, &e), 0, "%s", e.msg);
	cr_assert_not(tempdir_has(&b.t, ".erpsync/state"));
	bench_close(&b);
}

/* A disk on which no backup's folder can be renamed. */
static int
refuse_backups(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	if (strncmp(to, "bkp_remote.", 11) == 0)
		return -EACCES;
	return fs_real()->ops->rename(ctx, from_dir, from, to_dir, to, replace);
}

/* Whatever is wrong with the backups: the update is finished, each start
 * tries again, and in the end the backup has its number. */
Test(recover, a_rotation_that_cannot_be_done_blocks_nothing)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs fs = {&ops, NULL};
	struct bench b;
	struct err e;
	int k;

	ops.rename = refuse_backups;
	bench_open(&b);
	b.f.fs = &fs;
	cr_assert_eq(journal_write(&fs, b.f.own, &b.j, &e), 0);
	cr_assert_eq(
	    at_rename(&fs, b.f.own, OWN_JOURNAL, OWN_COMMITTED, &e), 0);
	for (k = 0; k < 3; k++) {
		cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
		cr_assert_not(tempdir_has(&b.t, ".erpsync/committed"));
		cr_assert_not(tempdir_has(&b.t, ".erpsync/journal.new"));
		cr_assert(
		    tempdir_is_text(&b.t, ".erpsync/state", "next state"));
		cr_assert(tempdir_has(&b.t, ".erpsync/bkp." TX "/.erpsync"));
		/* What comes of it, and why. */
		cr_expect_eq(b.warned, k + 1);
	}
	cr_assert(tempdir_has(&b.t, ".erpsync/rotating"));
	b.f.fs = fs_real();
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	cr_assert_not(tempdir_has(&b.t, ".erpsync/rotating"));
	cr_assert(tempdir_has(&b.t, "bkp_remote.001/.erpsync/backup"));
	bench_close(&b);
}

static int rmdir_error;

static int
stubborn_rmdir(void *ctx, int dir, const char *name)
{
	(void)ctx;
	return strcmp(name, "gone") == 0
	    ? -rmdir_error
	    : fs_real()->ops->rmdir(fs_real()->ctx, dir, name);
}

/* A folder that the release dropped and that cannot go: what was committed is
 * finished at the next start even so, and nobody waits for it for ever. */
Test(recover, a_folder_that_cannot_go_is_in_nobody_s_way)
{
	static const int errors[] = {EBUSY, EACCES, EPERM, EROFS, ENOTEMPTY};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;
	size_t i;

	ops.rmdir = stubborn_rmdir;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		bench_open(&b);
		b.f.fs = &odd;
		rmdir_error = errors[i];
		cr_assert_eq(journal_write(fs_real(), b.f.own, &b.j, &e), 0);
		cr_assert_eq(fs_rename(fs_real(), b.f.own, OWN_JOURNAL, b.f.own,
				 OWN_COMMITTED, false),
		    0);
		/* The update itself tells of it, but for a full one. */
		cr_assert_eq(recover_finish(&b.f, &b.j, true, &e) == 0,
		    errors[i] == ENOTEMPTY);
		cr_assert(errors[i] == ENOTEMPTY ||
			strstr(e.msg, "remove folder gone") == e.msg,
		    "%s", e.msg);
		cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
		cr_assert(tempdir_has(&b.t, "gone"));
		cr_assert(
		    tempdir_is_text(&b.t, ".erpsync/state", "next state"));
		bench_close(&b);
	}
	/* Another failure is one at any time. */
	bench_open(&b);
	b.f.fs = &odd;
	rmdir_error = EIO;
	cr_assert_eq(journal_write(fs_real(), b.f.own, &b.j, &e), 0);
	cr_assert_eq(fs_rename(fs_real(), b.f.own, OWN_JOURNAL, b.f.own,
			 OWN_COMMITTED, false),
	    0);
	cr_assert_eq(recover_run(&b.f, &e), ERP_IO);
	cr_assert(tempdir_has(&b.t, ".erpsync/committed"));
	b.f.fs = fs_real();
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	bench_close(&b);
}

/* No run of ours leaves both. */
Test(recover, a_journal_beside_a_committed_one_is_not_explained)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, ".erpsync/" OWN_JOURNAL, "j", -1);
	tempdir_text(&b.t, ".erpsync/" OWN_COMMITTED, "c", -1);
	cr_assert_eq(recover_run(&b.f, &e), ERP_CORRUPT);
	cr_expect_not_null(strstr(e.msg, "holds both"), "%s", e.msg);
	cr_expect(tempdir_is_text(&b.t, ".erpsync/" OWN_JOURNAL, "j"));
	cr_expect(tempdir_is_text(&b.t, ".erpsync/" OWN_COMMITTED, "c"));
	cr_assert_eq(fs_unlink(fs_real(), b.f.own, OWN_JOURNAL), 0);
	cr_assert_eq(fs_unlink(fs_real(), b.f.own, OWN_COMMITTED), 0);
	cr_assert_eq(recover_run(&b.f, &e), 0, "%s", e.msg);
	bench_close(&b);
}
