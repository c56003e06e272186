/* The health check of an update, and of one that was stopped before it. */
#include "engine/apply/apply.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/unchecked.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/hash.h"
#include "engine/base/observer.h"
#include "engine/base/path.h"
#include "engine/tree/manifest.h"
#include "tests/support/fs_fault.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct bench {
	struct tempdir t;
	struct fs_ops ops;
	struct fs fs; /* the real one, but for what ops has */
	struct fs_fault fault; /* over it */
	struct observer obs;
	struct station s;
	char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
	int answer, asked; /* of the check */
	bool breaks; /* the disk, while the check runs */
	bool frees; /* what kept renames from going, then */
	const char *loses; /* what goes then */
	const char *writes; /* and what it writes to */
	int warned;
	char warning[512]; /* the last one */
};

static struct bench b;

static void
note(void *ctx, const struct event *ev)
{
	(void)ctx;
	if (ev->kind != EVENT_WARN)
		return;
	b.warned++;
	(void)snprintf(b.warning, sizeof(b.warning), "%s", ev->text);
}

static int
check(void *ctx, const struct folder *f, struct err *e)
{
	(void)ctx;
	(void)f;
	b.asked++;
	if (b.loses != NULL)
		cr_assert_eq(fs_rename(fs_real(), b.t.fd, b.loses, b.t.fd,
				 "lost", false),
		    0);
	if (b.writes != NULL)
		tempdir_text(&b.t, b.writes, "by the check", -1);
	if (b.frees)
		b.ops.rename = fs_real()->ops->rename;
	if (b.breaks)
		fs_fault_arm(&b.fault, FAULT_FROM, 1, EIO);
	return b.answer == 0 ? 0 : err_set(e, b.answer, "no pulse");
}

static int
update(const char *release, struct err *e)
{
	return station_update(&b.s, release, e);
}

/* A client on v1, with a check from now on. */
static void
begin(void)
{
	struct err e;

	memset(&b, 0, sizeof(b));
	pair_folders(&b.t, b.client, b.v1, b.v2);
	/* No warning but of the check. */
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/notes/todo:1?.txt"), 0);
	b.ops = *fs_real()->ops;
	b.fs.ops = &b.ops;
	fs_fault_init(&b.fault, &b.fs);
	b.obs = (struct observer){.event = note, .ctx = NULL};
	b.s.fs = &b.fault.fs;
	b.s.client = b.client;
	b.s.obs = &b.obs;
	cr_assert_eq(update(b.v1, &e), 0, "%s", e.msg);
	b.s.health = check;
	b.warned = 0;
}

static void
end(void)
{
	tempdir_close(&b.t);
}

TestSuite(apply_health, .init = begin, .fini = end);

static bool
is_new(void)
{
	return tempdir_is_text(&b.t, "c/conf.ini", "[a]\nx=2\n");
}

static bool
is_old(void)
{
	return tempdir_is_text(&b.t, "c/conf.ini", "[a]\nx=1\n");
}

static bool
is_marked(void)
{
	return tempdir_has(&b.t, "c/.erpsync/unchecked");
}

/* The start after that. */
static int
start(struct err *e)
{
	struct folder *f;
	int rc;

	cr_assert_eq(station_open(&b.s, &f, e), 0, "%s", e->msg);
	rc = apply_prove_earlier(f, e);
	cr_expect_not(f->keep_trash, "no later update keeps its trash");
	folder_close(f);
	return rc;
}

static int
is_asked(void *ctx)
{
	(void)ctx;
	return b.asked > 0;
}

/* Also in a folder that is told to be read again and again. */
Test(apply_health, who_gives_up_while_it_goes_back_is_not_heard)
{
	struct err e;
	char name[32];
	int i;

	tempdir_mkdir(&b.t, "c/many");
	for (i = 0; i < 600; i++) {
		(void)snprintf(name, sizeof(name), "c/many/%d", i);
		tempdir_text(&b.t, name, "", -1);
	}
	b.obs.interrupted = is_asked;
	b.answer = ERP_HEALTH;
	cr_expect_eq(update(b.v2, &e), ERP_HEALTH, "%s", e.msg);
	cr_expect_not_null(strstr(e.msg, "is in place again"), "%s", e.msg);
	cr_expect(is_old());
}

Test(apply_health, a_good_one_says_nothing)
{
	struct err e;

	cr_assert_eq(update(b.v2, &e), 0, "%s", e.msg);
	cr_expect(is_new());
	cr_expect_eq(b.asked, 1);
	cr_expect_eq(b.warned, 0);
	cr_expect_not(is_marked());
	cr_expect_eq(start(&e), 0);
	cr_expect_eq(b.asked, 1);
}

static int
keep_mark(void *ctx, int dir, const char *name)
{
	return strcmp(name, "unchecked") == 0
	    ? -EIO
	    : fs_real()->ops->unlink(ctx, dir, name);
}

Test(apply_health, one_that_cannot_be_noted_is_said)
{
	struct err e;

	b.ops.unlink = keep_mark;
	cr_assert_eq(update(b.v2, &e), 0, "%s", e.msg);
	cr_expect(is_new());
	cr_expect_eq(b.warned, 1);
	cr_expect_not_null(strstr(b.warning, "unchecked"), "%s", b.warning);
	b.answer = ERP_HEALTH;
	cr_expect_eq(update(b.v1, &e), ERP_HEALTH);
	cr_expect(is_new());
	cr_expect_eq(b.warned, 2);
}

/* Who reads it must know that the new version runs. */
Test(apply_health, a_way_back_that_fails_is_told_with_its_reason)
{
	struct err e;

	b.answer = ERP_HEALTH;
	b.breaks = true;
	cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
	cr_expect(strstr(e.msg, "no pulse; going back failed too (") == e.msg,
	    "%s", e.msg);
	cr_expect_not_null(strstr(e.msg, "run erpsync rollback"));
	cr_expect_null(strstr(e.msg, "in place again"));
	fs_fault_arm(&b.fault, FAULT_NONE, 0, 0);
	cr_expect(is_new());
	cr_expect(is_marked());
	/* The next start tries again. */
	b.breaks = false;
	cr_expect_eq(start(&e), 0, "%s", e.msg);
	cr_expect(is_old());
	cr_expect_not(is_marked());
}

/* A backup without a file is none to go back to; what was made of it stays. */
Test(apply_health, without_its_backup_there_is_no_way_back)
{
	static const struct {
		const char *loses, *why;
	} rows[] = {
	    {"c/bkp_remote.002/conf.ini", "conf.ini"},
	    {"c/bkp_remote.002", "the backup of the update is gone"},
	};
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		b.answer = ERP_HEALTH;
		b.loses = rows[i].loses;
		cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
		cr_expect_not_null(strstr(e.msg, "going back failed too"));
		cr_expect_not_null(strstr(e.msg, rows[i].why), "%s", e.msg);
		cr_expect(is_new());
		cr_expect(is_marked());
		cr_expect_eq(
		    tempdir_has(&b.t, "c/bkp_remote.002/app.exe"), i == 0);
		end();
		begin();
	}
}

static int
no_number(void *ctx, int from_dir, const char *from, int to_dir, const char *to,
    bool replace)
{
	return strncmp(to, "bkp_remote.", 11) == 0
	    ? -EPERM
	    : fs_real()->ops->rename(ctx, from_dir, from, to_dir, to, replace);
}

static void
expect_backups_of_before(void)
{
	cr_expect(tempdir_has(&b.t, "c/bkp_remote.001"));
	cr_expect_not(tempdir_has(&b.t, "c/bkp_remote.002"));
	cr_expect_not(tempdir_has(&b.t, "c/.erpsync/rotating"));
}

/* What keeps the backup from its number may end while the check runs, as where
 * a program had it open. */
Test(apply_health, a_backup_that_waited_for_its_number_is_the_way_back)
{
	struct err e;

	b.ops.rename = no_number;
	b.frees = true;
	b.answer = ERP_HEALTH;
	cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
	cr_expect_not_null(strstr(e.msg, "is in place again"), "%s", e.msg);
	cr_expect(is_old());
	cr_expect_not(is_marked());
	expect_backups_of_before();
}

/* It is not said to be gone, nor lost to what is done next. */
Test(apply_health, a_backup_that_still_waits_for_its_number_is_kept)
{
	struct err e;

	b.ops.rename = no_number;
	b.answer = ERP_HEALTH;
	cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
	cr_expect_not_null(strstr(e.msg, "has its number"), "%s", e.msg);
	cr_expect_eq(b.warned, 1);
	cr_expect_not_null(strstr(b.warning, "Operation not"), "%s", b.warning);
	cr_expect_eq(start(&e), ERP_HEALTH);
	cr_expect_not_null(strstr(e.msg, "has its number"), "%s", e.msg);
	cr_expect(is_new());
	cr_expect(is_marked());
	b.ops.rename = fs_real()->ops->rename;
	cr_expect_eq(start(&e), 0, "%s", e.msg);
	cr_expect(is_old());
	cr_expect_not(is_marked());
	expect_backups_of_before();
}

static int
refused(const char *release)
{
	struct manifest m;
	struct folder *f;
	struct hash id;
	struct err e;
	int rc;

	cr_assert_eq(station_manifest(release, path_base(release), &m, &e), 0);
	cr_assert_eq(manifest_id(&m, &id, &e), 0);
	manifest_release(&m);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	rc = apply_check_refused(f, &id, &e);
	folder_close(f);
	cr_expect(rc != ERP_HEALTH || strstr(e.msg, "--force") != NULL);
	return rc;
}

/* No process, or no shell: that says nothing of the release. */
Test(apply_health, one_that_could_not_be_asked_refuses_nothing)
{
	struct err e;

	b.answer = ERP_NOMEM;
	cr_assert_eq(update(b.v2, &e), ERP_NOMEM);
	cr_expect_not_null(strstr(e.msg, "is in place again"), "%s", e.msg);
	cr_expect(is_old());
	cr_expect_not(is_marked());
	expect_backups_of_before();
	cr_expect_eq(refused(b.v2), 0);
	/* Nor where it was to be asked after a crash. */
	b.breaks = true;
	cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
	fs_fault_arm(&b.fault, FAULT_NONE, 0, 0);
	b.breaks = false;
	cr_expect_eq(start(&e), ERP_NOMEM, "%s", e.msg);
	cr_expect(is_old());
	cr_expect_eq(refused(b.v2), 0);
	b.answer = 0;
	cr_expect_eq(update(b.v2, &e), 0, "%s", e.msg);
	cr_expect(is_new());
}

/* Who takes a release back does not want it again at the next start. */
Test(apply_health, what_a_person_took_back_is_refused)
{
	struct folder *f;
	struct err e;

	cr_assert_eq(update(b.v2, &e), 0, "%s", e.msg);
	cr_expect_eq(refused(b.v2), 0);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	cr_assert_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_expect_eq(refused(b.v2), ERP_HEALTH);
	cr_expect_eq(refused(b.v1), 0);
}

/* A server may go back to it: that another release was good does not make it
 * any better.  Who installs it all the same wants it. */
Test(apply_health, what_was_refused_stays_so_when_another_release_comes)
{
	struct err e;
	int i;

	for (i = 0; i < 2; i++) {
		b.s.health = check;
		b.answer = ERP_HEALTH;
		cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
		tempdir_text(&b.t, "v1/new.txt", i == 0 ? "a" : "b", -1);
		b.answer = 0;
		b.s.health = i == 0 ? check : NULL;
		cr_assert_eq(update(b.v1, &e), 0, "%s", e.msg);
		cr_expect_eq(refused(b.v2), ERP_HEALTH, "checked: %d", i == 0);
	}
	cr_assert_eq(update(b.v2, &e), 0, "%s", e.msg);
	cr_expect_eq(refused(b.v2), 0);
}

/* What ran here was good: only its repair was refused, and not for good. */
Test(apply_health, what_ran_here_may_be_put_right_again)
{
	struct err e;

	b.s.health = check;
	cr_assert_eq(update(b.v2, &e), 0, "%s", e.msg);
	tempdir_text(&b.t, "c/app.exe", "damaged", -1);
	b.answer = ERP_HEALTH;
	cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
	cr_expect(tempdir_is_text(&b.t, "c/app.exe", "damaged"));
	cr_expect_eq(refused(b.v2), 0);
	b.answer = 0;
	cr_assert_eq(update(b.v2, &e), 0, "%s", e.msg);
	cr_expect_not(tempdir_is_text(&b.t, "c/app.exe", "damaged"));
}

/* It is in place then, and no better for it. */
Test(apply_health, what_could_not_be_taken_back_stays_refused)
{
	struct err e;

	b.answer = ERP_HEALTH;
	b.loses = "c/bkp_remote.002";
	cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
	cr_assert(is_new());
	/* The next start finds no way either. */
	b.loses = NULL;
	(void)start(&e);
	cr_expect_eq(refused(b.v2), ERP_HEALTH);
	b.s.health = NULL;
	cr_assert_eq(update(b.v1, &e), 0, "%s", e.msg);
	cr_expect(is_old());
	cr_expect_eq(refused(b.v2), ERP_HEALTH);
}

static void
stop_at_check(void)
{
	struct err e;

	b.answer = ERP_CANCELLED;
	cr_assert_eq(update(b.v2, &e), ERP_CANCELLED);
	cr_expect_not_null(strstr(e.msg, "checked at the next start"));
	cr_expect(is_new());
	cr_assert(is_marked());
	b.answer = 0;
	b.asked = 0;
}

Test(apply_health, one_that_was_stopped_is_made_up_for)
{
	struct err e;

	stop_at_check();
	/* Who has no check cannot make it up. */
	b.s.health = NULL;
	cr_expect_eq(start(&e), 0);
	cr_expect(is_marked());
	b.s.health = check;
	cr_expect_eq(start(&e), 0, "%s", e.msg);
	cr_expect_eq(b.asked, 1);
	cr_expect(is_new());
	cr_expect_not(is_marked());
	cr_expect_eq(start(&e), 0);
	cr_expect_eq(b.asked, 1);
}

/* As of an update that a crash ended before its commit: what is installed is
 * another one, which nobody doubts. */
Test(apply_health, a_mark_of_what_is_not_installed_is_cleared)
{
	struct unchecked mark;
	struct folder *f;
	struct err e;

	stop_at_check();
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(unchecked_read(f, &mark, &e), 1);
	mark.release.b[0] ^= 1;
	cr_assert_eq(unchecked_write(f, &mark, &e), 0, "%s", e.msg);
	folder_close(f);
	b.answer = ERP_HEALTH;
	cr_expect_eq(start(&e), 0, "%s", e.msg);
	cr_expect_eq(b.asked, 0);
	cr_expect(is_new());
	cr_expect_not(is_marked());
}

/* The start goes on with what is in place again, and says so. */
Test(apply_health, one_that_was_stopped_may_be_bad)
{
	struct err e;

	stop_at_check();
	b.answer = ERP_HEALTH;
	b.warned = 0;
	cr_expect_eq(start(&e), 0, "%s", e.msg);
	cr_expect(is_old());
	cr_expect_not(is_marked());
	cr_expect_eq(b.warned, 1);
	cr_expect_not_null(strstr(b.warning, "in place again"));
	/* Where there is no way back it does not. */
	stop_at_check();
	b.answer = ERP_HEALTH;
	b.breaks = true;
	cr_expect_eq(start(&e), ERP_HEALTH);
	fs_fault_arm(&b.fault, FAULT_NONE, 0, 0);
	cr_expect(is_new());
	cr_expect(is_marked());
}

/* A rollback, or an update that nobody checked, came after it. */
Test(apply_health, one_that_was_replaced_is_not_asked_for)
{
	struct folder *f;
	struct err e;
	int i;

	for (i = 0; i < 2; i++) {
		stop_at_check();
		b.s.health = NULL;
		if (i == 0) {
			cr_assert_eq(station_open(&b.s, &f, &e), 0);
			cr_assert_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
			folder_close(f);
		} else {
			cr_assert_eq(update(b.v1, &e), 0, "%s", e.msg);
			cr_assert_eq(update(b.v2, &e), 0, "%s", e.msg);
		}
		b.s.health = check;
		b.answer = ERP_HEALTH;
		cr_expect_eq(start(&e), 0, "%s", e.msg);
		cr_expect_eq(b.asked, 0);
		cr_expect_not(is_marked());
	}
}

static int
open_no_mark(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strcmp(path, "unchecked") == 0
	    ? -EIO
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

Test(apply_health, a_mark_that_cannot_be_read_is_told)
{
	struct err e;

	stop_at_check();
	b.ops.open = open_no_mark;
	cr_expect_eq(start(&e), ERP_IO);
	cr_expect_not_null(strstr(e.msg, "unchecked"), "%s", e.msg);
	cr_expect_eq(b.asked, 0);
	cr_expect(is_new());
}

/* What the user typed is nowhere else; the first of all files, too. */
Test(apply_health, the_last_copy_of_the_first_file_stays)
{
	struct err e;

	tempdir_text(&b.t, "v2/0.ini", "of the release", -1);
	tempdir_text(&b.t, "c/0.ini", "typed by the user", -1);
	b.answer = ERP_HEALTH;
	b.writes = "c/0.ini";
	cr_assert_eq(update(b.v2, &e), ERP_HEALTH);
	cr_expect(is_old());
	cr_expect(tempdir_is_text(&b.t, "c/0.ini", "by the check"));
	cr_expect(tempdir_is_text(
	    &b.t, "c/bkp_remote.002/0.ini", "typed by the user"));
	cr_expect_eq(b.warned, 1);
	cr_expect_not_null(strstr(b.warning, "written to by the check"));
}

/* The first backup of a station is as good as any. */
Test(apply_health, the_first_update_is_made_up_for)
{
	struct err e;

	cr_assert_eq(tree_remove(fs_real(), b.t.fd, "c/bkp_remote.001", &e), 0);
	stop_at_check();
	cr_assert(tempdir_has(&b.t, "c/bkp_remote.001"));
	cr_assert_not(tempdir_has(&b.t, "c/bkp_remote.002"));
	b.answer = ERP_HEALTH;
	cr_expect_eq(start(&e), 0, "%s", e.msg);
	cr_expect_eq(b.asked, 1);
	cr_expect(is_old());
}
