#include "engine/apply/folder.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "engine/base/who.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_with(const struct tempdir *t, const struct fs *fs, bool read_only,
    struct folder **f, struct err *e)
{
	struct folder_options opt;

	memset(&opt, 0, sizeof(opt));
	opt.fs = fs;
	opt.clock = clock_real();
	opt.read_only = read_only;
	return folder_open(t->path, &opt, f, e);
}

static int
open_it(
    const struct tempdir *t, bool read_only, struct folder **f, struct err *e)
{
	return open_with(t, fs_real(), read_only, f, e);
}

Test(folder, opens_a_folder_for_the_first_time)
{
	struct fs_stat st;
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	cr_assert_eq(open_it(&t, false, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_stat(fs_real(), t.fd, ".erpsync", &st), 0);
	cr_assert_eq(st.mode, 0700, "as private as the folder");
	cr_assert_not(folder_state(f)->known);
	cr_assert_eq(folder_recovery(f), RECOVERY_NONE);
	cr_assert_geq(folder_own_dir(f), 0);
	folder_close(f);
	cr_assert_eq(open_it(&t, false, &f, &e), 0, "again: %s", e.msg);
	folder_close(f);
	folder_close(NULL);
	tempdir_close(&t);
}

Test(folder, a_second_updater_is_told_who_holds_it)
{
	struct folder *f, *second;
	struct tempdir t;
	struct err e;
	char pid[32], host[80] = "", whose[100], lines[400];

	tempdir_open(&t);
	cr_assert_eq(open_it(&t, false, &f, &e), 0);
	cr_assert_eq(open_it(&t, false, &second, &e), ERP_HELD);
	(void)snprintf(pid, sizeof(pid), "pid %ld, user ", (long)getpid());
	cr_assert(strstr(e.msg, pid) != NULL, "%s", e.msg);
	if (gethostname(host, sizeof(host) - 1) == 0 && strlen(host) <= 60) {
		(void)snprintf(whose, sizeof(whose), ", host %s); ", host);
		cr_assert(strstr(e.msg, whose) != NULL, "%s", e.msg);
	}
	cr_assert_null(second);
	cr_assert_eq(open_it(&t, true, &second, &e), 0, "%s", e.msg);
	cr_assert_eq(folder_check_lock(second, &e), ERP_HELD);
	cr_assert_not_null(strstr(e.msg, "pid "));
	cr_assert_eq(folder_check_lock(f, &e), 0, "its own");
	folder_close(second);
	/* Whatever stands there. */
	memset(lines, 'x', sizeof(lines));
	lines[sizeof(lines) - 1] = '\0';
	tempdir_text(&t, ".erpsync/lock", lines, -1);
	cr_assert_eq(open_it(&t, false, &second, &e), ERP_HELD);
	lines[199] = '\0';
	cr_expect_not_null(strstr(e.msg, lines));
	lines[199] = 'x';
	lines[200] = '\0';
	cr_expect_null(strstr(e.msg, lines));
	folder_close(f);
	/* What is left in the lock file does not lock. */
	cr_assert_eq(open_it(&t, false, &f, &e), 0, "%s", e.msg);
	folder_close(f);
	tempdir_close(&t);
}

/* Of what lies there, as much as there is room for. */
Test(folder, a_holder_that_says_much_is_cut)
{
	struct folder *f, *second;
	struct tempdir t;
	char text[1000], *left;
	struct err e;
	size_t n;

	tempdir_open(&t);
	cr_assert_eq(open_it(&t, false, &f, &e), 0);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	tempdir_text(&t, ".erpsync/lock", text, -1);
	cr_assert_eq(open_it(&t, false, &second, &e), ERP_HELD);
	cr_expect_not_null(strstr(e.msg, "xxxx"));
	cr_expect_not_null(strstr(e.msg, "; wait for it to end"), "%s", e.msg);
	folder_close(f);
	/* Nothing is left of it behind the next one's. */
	cr_assert_eq(open_it(&t, false, &f, &e), 0, "%s", e.msg);
	left = tempdir_read(&t, ".erpsync/lock", &n);
	cr_expect_lt(n, 200);
	cr_expect_eq(strncmp(left, "pid ", 4), 0);
	free(left);
	folder_close(f);
	tempdir_close(&t);
}

Test(folder, read_only_creates_nothing)
{
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	cr_assert_eq(open_it(&t, true, &f, &e), 0);
	cr_assert_eq(folder_own_dir(f), -1);
	folder_close(f);
	cr_assert_not(tempdir_has(&t, ".erpsync"));
	cr_assert_eq(open_it(&t, false, &f, &e), 0);
	folder_close(f);
	tempdir_text(&t, ".erpsync/journal", "interrupted", -1);
	cr_assert_eq(open_it(&t, true, &f, &e), ERP_UNFINISHED);
	cr_assert(strstr(e.msg, "recover") != NULL, "%s", e.msg);
	cr_assert(tempdir_is_text(&t, ".erpsync/journal", "interrupted"));
	tempdir_close(&t);
}

static int
open_or_look(const struct tempdir *t, const struct fs *fs, struct folder **f,
    struct err *e)
{
	struct folder_options opt;

	memset(&opt, 0, sizeof(opt));
	opt.fs = fs;
	opt.clock = clock_real();
	opt.or_look = true;
	return folder_open(t->path, &opt, f, e);
}

Test(folder, what_another_holds_can_be_looked_at)
{
	struct folder *f, *second;
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	cr_assert_eq(open_or_look(&t, fs_real(), &f, &e), 0);
	cr_assert_null(folder_why_look(f), "it is ours");
	cr_assert_eq(open_or_look(&t, fs_real(), &second, &e), 0);
	cr_assert_eq(folder_why_look(second)->code, ERP_HELD);
	cr_assert_eq(folder_check_whole(second, &e), 0);
	/* A swap begins, is committed, and ends. */
	tempdir_text(&t, ".erpsync/journal", "names change", -1);
	e.sys = EACCES; /* of something before */
	cr_assert_eq(folder_check_whole(second, &e), ERP_UNFINISHED);
	cr_expect(strstr(e.msg, "; run erpsync recover") != NULL, "%s", e.msg);
	/* Who may not recover it hears who may. */
	if (geteuid() == 0) {
		cr_assert_eq(fchownat(t.fd, ".erpsync", 4321, 4321, 0), 0);
		cr_assert_eq(folder_check_whole(second, &e), ERP_UNFINISHED);
		cr_expect(strstr(e.msg, "who updates it (4321)") != NULL, "%s",
		    e.msg);
		cr_assert_eq(fchownat(t.fd, ".erpsync", 0, 0, 0), 0);
	}
	folder_close(second);
	cr_assert_eq(open_or_look(&t, fs_real(), &second, &e), ERP_UNFINISHED);
	cr_assert_eq(fs_unlink(fs_real(), t.fd, ".erpsync/journal"), 0);
	cr_assert_eq(open_or_look(&t, fs_real(), &second, &e), 0);
	folder_close(second);
	folder_close(f);
	cr_assert_eq(open_or_look(&t, fs_real(), &f, &e), 0);
	cr_assert_null(folder_why_look(f), "it is free again");
	folder_close(f);
	tempdir_close(&t);
}

Test(folder, who_may_read_it_may_read_what_we_know_of_it)
{
	static const struct {
		mode_t folder, own;
	} modes[] = {{0755, 0755}, {0750, 0750}, {0700, 0700}, {0777, 0755},
	    {02775, 0755}, {0711, 0711}};
	struct fs_stat st;
	struct tempdir t;
	struct folder *f;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		tempdir_open(&t);
		cr_assert_eq(chmod(t.path, modes[i].folder), 0);
		if (geteuid() == 0 && (modes[i].folder & 022) != 0) {
			tempdir_close(&t);
			continue; /* a trap for root */
		}
		cr_assert_eq(open_it(&t, false, &f, &e), 0, "%s", e.msg);
		cr_assert_eq(fs_stat(fs_real(), t.fd, ".erpsync", &st), 0);
		cr_expect_eq(st.mode, modes[i].own, "%o", st.mode);
		folder_close(f);
		tempdir_close(&t);
	}
}

/* Who is in the folder's group may read there, too, whoever updates it. */
Test(folder, what_is_made_there_is_of_its_group)
{
	struct fs_stat st;
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	if (geteuid() != 0 || chown(t.path, (uid_t)-1, 4242) != 0) {
		tempdir_close(&t);
		cr_skip_test("this user gives no folder to a group");
	}
	cr_assert_eq(chmod(t.path, 0750), 0);
	cr_assert_eq(open_it(&t, false, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_stat(fs_real(), t.fd, ".erpsync", &st), 0);
	cr_expect_eq(st.gid, 4242);
	cr_expect_eq(st.mode, 02750, "%o", st.mode);
	folder_close(f);
	tempdir_close(&t);
}

static int
full_mkdir(void *ctx, int dir, const char *name, uint32_t mode)
{
	(void)ctx;
	(void)dir;
	(void)name;
	(void)mode;
	return -ENOSPC;
}

static int lock_says = -ENOLCK;

static int
no_lock(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return lock_says;
}

Test(folder, a_lock_fails_for_its_reason)
{
	static const struct {
		int says, code;
	} rows[] = {{-ENOLCK, ERP_BLOCKED}, {-EOPNOTSUPP, ERP_BLOCKED},
	    {-ENOSYS, ERP_BLOCKED}, {-EAGAIN, ERP_HELD}, {-EIO, ERP_IO}};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct tempdir t;
	struct folder *f;
	struct err e;
	size_t i;

	tempdir_open(&t);
	ops.lock.take = no_lock;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lock_says = rows[i].says;
		cr_expect_eq(open_with(&t, &odd, false, &f, &e), rows[i].code,
		    "%zu: %s", i, e.msg);
		cr_expect_null(f);
	}
	lock_says = -ENOLCK;
	tempdir_close(&t);
}

static struct event warned;

static void
take_warning(void *ctx, const struct event *ev)
{
	int *n = ctx;

	warned = *ev;
	++*n;
}

Test(folder, warnings_reach_who_looks)
{
	int n = 0;
	const struct observer obs = {.event = take_warning, .ctx = &n};
	struct folder f = {.opt = {.obs = &obs}};

	folder_warn(&f, "path", "text");
	cr_assert_eq(n, 1);
	cr_expect_eq(warned.kind, EVENT_WARN);
	cr_expect_str_eq(warned.path, "path");
	cr_expect_str_eq(warned.text, "text");
	f.opt.obs = NULL; /* and nobody need */
	folder_warn(&f, "path", "text");
	cr_expect_eq(n, 1);
}

static int own_says;

static int
open_no_own(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strcmp(path, ".erpsync") == 0
	    ? -own_says
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

Test(folder, what_has_the_name_of_ours_is_told)
{
	static const struct {
		int sys, code;
		const char *text;
	} rows[] = {
	    {ENOTDIR, ERP_BLOCKED, ".erpsync: is not a folder"},
	    {ELOOP, ERP_BLOCKED, ".erpsync: is not a folder"},
	    {EXDEV, ERP_BLOCKED, ".erpsync: another file system is mounted"},
	    {EIO, ERP_IO, "open .erpsync: "},
	};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct tempdir t;
	struct folder *f;
	struct err e;
	size_t i;

	tempdir_open(&t);
	tempdir_mkdir(&t, ".erpsync");
	ops.open = open_no_own;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		own_says = rows[i].sys;
		cr_expect_eq(
		    open_with(&t, &odd, false, &f, &e), rows[i].code, "%zu", i);
		cr_expect(strstr(e.msg, rows[i].text) == e.msg, "%s", e.msg);
	}
	tempdir_close(&t);
}

static int
hide_own(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strncmp(path, ".erpsync", 8) == 0
	    ? -EACCES
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* Whatever keeps this user from updating it, it can be started. */
Test(folder, what_cannot_be_updated_can_be_looked_at)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	ops.mkdir = full_mkdir;
	cr_assert_eq(open_or_look(&t, &odd, &f, &e), 0);
	cr_expect_eq(folder_why_look(f)->code, ERP_NOSPACE);
	folder_close(f);
	cr_assert_not(tempdir_has(&t, ".erpsync"));
	ops = *fs_real()->ops;
	ops.lock.take = no_lock;
	cr_assert_eq(open_or_look(&t, &odd, &f, &e), 0);
	cr_expect_eq(folder_why_look(f)->code, ERP_BLOCKED);
	cr_expect(strstr(folder_why_look(f)->msg, "has no locks") != NULL);
	folder_close(f);
	ops = *fs_real()->ops;
	ops.open = hide_own;
	cr_assert_eq(open_or_look(&t, &odd, &f, &e), 0, "%s", e.msg);
	cr_expect_eq(folder_why_look(f)->code, ERP_AUTH);
	cr_expect_eq(folder_check_whole(f, &e), 0);
	cr_expect_not(folder_state(f)->known);
	folder_close(f);
	tempdir_close(&t);
}

/* What lies in the way of ours, and what root may not touch, too. */
Test(folder, what_is_not_ours_to_update_can_be_looked_at)
{
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	tempdir_text(&t, ".erpsync", "a file", -1);
	cr_assert_eq(open_it(&t, false, &f, &e), ERP_BLOCKED);
	cr_assert_eq(open_it(&t, true, &f, &e), ERP_BLOCKED);
	cr_assert_eq(open_or_look(&t, fs_real(), &f, &e), 0, "%s", e.msg);
	cr_expect_eq(folder_why_look(f)->code, ERP_BLOCKED);
	cr_expect_eq(folder_check_whole(f, &e), 0);
	folder_close(f);
	cr_assert_eq(fs_unlink(fs_real(), t.fd, ".erpsync"), 0);
	if (who_is_root()) {
		cr_assert_eq(fs_fchmod(fs_real(), t.fd, 0777), 0);
		cr_assert_eq(open_it(&t, false, &f, &e), ERP_AUTH);
		cr_assert_eq(
		    open_or_look(&t, fs_real(), &f, &e), 0, "%s", e.msg);
		cr_expect_eq(folder_why_look(f)->code, ERP_AUTH);
		folder_close(f);
		cr_assert_not(tempdir_has(&t, ".erpsync"));
	}
	tempdir_close(&t);
}

Test(folder, what_cannot_be_explained_stops_everything)
{
	static const char *const files[] = {
	    ".erpsync/journal", ".erpsync/committed", ".erpsync/state"};
	struct tempdir t;
	struct folder *f;
	struct err e;
	size_t i;

	tempdir_open(&t);
	tempdir_text(&t, ".erpsync/tmp.x/new", "needed", -1);
	for (i = 0; i < 2; i++) {
		tempdir_text(&t, files[i], "junk", -1);
		cr_assert_eq(open_it(&t, false, &f, &e), ERP_CORRUPT);
		cr_assert(
		    strstr(e.msg, "recovery required") != NULL, "%s", e.msg);
		cr_assert(tempdir_has(&t, ".erpsync/tmp.x/new"));
		cr_assert_eq(fs_unlink(fs_real(), t.fd, files[i]), 0);
	}
	tempdir_text(&t, files[0], "junk", -1);
	tempdir_text(&t, files[1], "junk", -1);
	cr_assert_eq(open_it(&t, false, &f, &e), ERP_CORRUPT);
	cr_assert_eq(fs_unlink(fs_real(), t.fd, files[0]), 0);
	cr_assert_eq(fs_unlink(fs_real(), t.fd, files[1]), 0);
	tempdir_text(&t, files[2], "junk", -1);
	cr_assert_eq(open_it(&t, false, &f, &e), ERP_CORRUPT);
	cr_assert_eq(fs_unlink(fs_real(), t.fd, files[2]), 0);
	cr_assert_eq(open_it(&t, false, &f, &e), 0);
	cr_assert_not(tempdir_has(&t, ".erpsync/tmp.x"), "garbage now");
	folder_close(f);
	tempdir_close(&t);
}

static int
hide_state(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strcmp(path, "state") == 0
	    ? -EACCES
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* Without an unfinished update, whatever became of the state. */
Test(folder, a_state_that_cannot_be_read_keeps_nothing_from_starting)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct folder *f, *other;
	struct tempdir t;
	struct err e;
	int i;

	tempdir_open(&t);
	tempdir_text(&t, ".erpsync/state", "junk", -1);
	for (i = 0; i < 2; i++) {
		cr_assert_eq(open_or_look(&t, &odd, &f, &e), 0, "%s", e.msg);
		cr_assert_not_null(folder_why_look(f));
		cr_expect_eq(
		    folder_why_look(f)->code, i == 0 ? ERP_CORRUPT : ERP_AUTH);
		cr_expect_not(folder_state(f)->known);
		cr_expect_null(folder_installed(f));
		cr_expect_eq(folder_check_whole(f, &e), 0);
		/* Whoever asks for it is told: who looks is in nobody's way. */
		cr_expect_eq(open_with(&t, &odd, false, &other, &e),
		    i == 0 ? ERP_CORRUPT : ERP_AUTH);
		folder_close(f);
		cr_expect(tempdir_is_text(&t, ".erpsync/state", "junk"));
		ops.open = hide_state;
	}
	ops.open = fs_real()->ops->open;
	tempdir_text(&t, ".erpsync/journal", "junk", -1);
	cr_expect_eq(open_or_look(&t, &odd, &f, &e), ERP_CORRUPT);
	tempdir_close(&t);
}

Test(folder, what_is_no_file_of_ours_stops_no_update)
{
	static const char *const files[] = {"lock", "held", "refused",
	    "unchecked", "rotating", "fetched", "last-server.ini"};
	char link[64], folder[64];
	struct tempdir t;
	struct folder *f;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(link, sizeof(link), ".erpsync/%s", files[i]);
		(void)snprintf(
		    folder, sizeof(folder), ".erpsync/%s/x/y", files[i]);
		tempdir_open(&t);
		tempdir_text(&t, folder, "x", -1);
		cr_expect_eq(open_with(&t, fs_real(), false, &f, &e), 0,
		    "%s: %s", folder, e.msg);
		folder_close(f);
		tempdir_close(&t);
		tempdir_open(&t);
		tempdir_text(&t, ".erpsync/station.ini", "x", -1);
		cr_assert_eq(
		    fs_symlink(fs_real(), "station.ini", t.fd, link), 0);
		cr_expect_eq(open_with(&t, fs_real(), false, &f, &e), 0,
		    "%s: %s", link, e.msg);
		folder_close(f);
		cr_expect(tempdir_is_text(&t, ".erpsync/station.ini", "x"));
		tempdir_close(&t);
	}
	tempdir_open(&t);
	tempdir_text(&t, ".erpsync/recv", "x", -1);
	cr_expect_eq(open_with(&t, fs_real(), false, &f, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_expect_not(tempdir_is_text(&t, ".erpsync/recv", "x"));
	tempdir_close(&t);
}

static const char *shut; /* what cannot be opened */
static int change_says;

static int
open_but_one(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strcmp(path, shut) == 0
	    ? -EACCES
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

static int
may_change_so(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return change_says;
}

/* What another user left in .erpsync, as after a restore by root, is
 * foretold. */
Test(folder, what_of_ours_cannot_be_opened_is_told)
{
	static const char *const names[] = {"state", "recv"};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct tempdir t;
	struct folder *f;
	struct err e;
	size_t i;

	ops.open = open_but_one;
	ops.attr.may_change = may_change_so;
	tempdir_open(&t);
	cr_assert_eq(open_it(&t, false, &f, &e), 0);
	folder_close(f);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		shut = names[i];
		cr_assert_eq(open_with(&t, &odd, true, &f, &e), 0);
		cr_expect_eq(folder_check_user(f, &e), ERP_AUTH);
		cr_expect_not_null(strstr(e.msg, names[i]), "%s", e.msg);
		folder_close(f);
	}
	shut = "nothing";
	tempdir_mkdir(&t, ".erpsync/recv");
	cr_assert_eq(open_with(&t, &odd, true, &f, &e), 0);
	cr_expect_eq(folder_check_user(f, &e), 0, "%s", e.msg);
	change_says = -EACCES;
	cr_expect_eq(folder_check_user(f, &e), ERP_AUTH);
	cr_expect_not_null(
	    strstr(e.msg, ".erpsync/recv: the folder cannot"), "%s", e.msg);
	folder_close(f);
	tempdir_close(&t);
}

static int mkdir_says;

static int
open_no_lock(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strcmp(path, "lock") == 0
	    ? -EACCES
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* A lock of another user's, as after a restore by root, is foretold. */
Test(folder, a_lock_that_cannot_be_opened_is_told)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	cr_assert_eq(open_it(&t, false, &f, &e), 0);
	folder_close(f);
	ops.open = open_no_lock;
	cr_assert_eq(open_with(&t, &odd, true, &f, &e), 0, "%s", e.msg);
	cr_expect_eq(folder_check_lock(f, &e), ERP_AUTH);
	cr_expect_not_null(strstr(e.msg, ".erpsync/lock"), "%s", e.msg);
	folder_close(f);
	/* One that is not there yet is made by who needs it. */
	cr_assert_eq(unlinkat(t.fd, ".erpsync/lock", 0), 0);
	cr_assert_eq(open_it(&t, true, &f, &e), 0, "%s", e.msg);
	cr_expect_eq(folder_check_lock(f, &e), 0, "%s", e.msg);
	folder_close(f);
	tempdir_close(&t);
}

static int
no_mkdir(void *ctx, int dir, const char *name, uint32_t mode)
{
	(void)ctx;
	(void)dir;
	(void)name;
	(void)mode;
	return mkdir_says;
}

static int
user_s_fstat(void *ctx, int fd, struct fs_stat *st)
{
	int rc = fs_real()->ops->fstat(ctx, fd, st);

	st->uid = 4321;
	st->mode = 0777;
	return rc;
}

Test(folder, refuses_folders_without_right_and_traps_for_root)
{
	static const struct {
		int sys, code;
		const char *words;
	} rows[] = {{EACCES, ERP_AUTH, "cannot be written"},
	    {EPERM, ERP_AUTH, "cannot be written"},
	    {EROFS, ERP_AUTH, "write in folder"},
	    {ENOKEY, ERP_AUTH, "encrypted and locked"},
	    {EIO, ERP_IO, "create folder .erpsync"}};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct tempdir t;
	struct folder *f;
	struct err e;
	size_t i;

	tempdir_open(&t);
	ops.mkdir = no_mkdir;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mkdir_says = -rows[i].sys;
		cr_expect_eq(open_with(&t, &odd, false, &f, &e), rows[i].code);
		cr_expect(strstr(e.msg, rows[i].words) != NULL, "%s", e.msg);
	}
	ops = *fs_real()->ops;
	ops.fstat = user_s_fstat;
	if (geteuid() == 0) {
		cr_assert_eq(open_with(&t, &odd, false, &f, &e), ERP_AUTH);
		cr_assert(strstr(e.msg, "root") != NULL, "%s", e.msg);
	}
	cr_assert_not(tempdir_has(&t, ".erpsync"));
	/* A link in the place of our folder is not followed. */
	tempdir_symlink(&t, "/tmp", ".erpsync");
	cr_assert_lt(open_it(&t, false, &f, &e), 0);
	tempdir_close(&t);
}

static uint64_t home_ino;

/* A disk that was mounted so: all is one user's, and all may do all. */
static int
mounted_fstat(void *ctx, int fd, struct fs_stat *st)
{
	int rc = fs_real()->ops->fstat(ctx, fd, st);

	if (st->ino != home_ino)
		st->uid = 4321;
	return rc;
}

static int
mounted_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	int rc = fs_real()->ops->stat(ctx, dir, name, st);

	st->uid = 4321;
	return rc;
}

Test(folder, a_disk_that_gives_all_to_another_is_named)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct tempdir t;
	struct fs_stat st;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	cr_assert_eq(fs_fstat(fs_real(), t.fd, &st), 0);
	home_ino = st.ino;
	ops.fstat = mounted_fstat;
	ops.stat = mounted_stat;
	cr_assert_eq(open_with(&t, &odd, false, &f, &e), ERP_AUTH);
	cr_expect(
	    strstr(e.msg, "gives what is made on it to another user (4321)") !=
		NULL,
	    "%s", e.msg);
	cr_expect_not(tempdir_has(&t, ".erpsync"));
	/* Where root updates, and all may write. */
	cr_assert_eq(chmod(t.path, 0777), 0);
	if (geteuid() == 0) {
		cr_assert_eq(open_it(&t, false, &f, &e), ERP_AUTH);
		cr_expect(strstr(e.msg, "umask=022") != NULL, "%s", e.msg);
		cr_expect_not(tempdir_has(&t, ".erpsync"));
	}
	tempdir_close(&t);
}

Test(folder, a_missing_folder_is_named)
{
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	(void)snprintf(t.path + strlen(t.path), 8, "/none");
	cr_assert_eq(open_it(&t, false, &f, &e), ERP_NOTFOUND);
	cr_assert(strstr(e.msg, "/none") != NULL);
	t.path[strlen(t.path) - 5] = '\0';
	tempdir_close(&t);
}

/* Who could write it could have left a journal for us to follow. */
Test(folder, what_others_could_write_is_not_believed)
{
	static const unsigned modes[] = {0777, 0770, 0722};
	struct fs_stat st;
	struct tempdir t;
	struct folder *f;
	struct err e;
	size_t i;

	tempdir_open(&t);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		tempdir_text(&t, ".erpsync/journal", "planted", -1);
		tempdir_chmod(&t, ".erpsync", modes[i]);
		cr_assert_eq(open_it(&t, false, &f, &e), ERP_AUTH);
		cr_assert(
		    strstr(e.msg, "written by other") != NULL, "%s", e.msg);
		/* Neither the next time. */
		cr_assert_eq(open_it(&t, false, &f, &e), ERP_AUTH);
		cr_assert(tempdir_is_text(&t, ".erpsync/journal", "planted"));
	}
	cr_assert_eq(fs_unlink(fs_real(), t.fd, ".erpsync/journal"), 0);
	tempdir_chmod(&t, ".erpsync", 0755);
	cr_assert_eq(open_it(&t, false, &f, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_assert_eq(fs_stat(fs_real(), t.fd, ".erpsync", &st), 0);
	cr_assert_eq(st.mode, 0700);
	tempdir_close(&t);
}

static int
mode_less_fstat(void *ctx, int fd, struct fs_stat *st)
{
	int rc = fs_real()->ops->fstat(ctx, fd, st);

	st->mode = 0777;
	return rc;
}

Test(folder, a_disk_that_shows_the_same_mode_of_all_is_used)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct tempdir t;
	struct folder *f;
	struct err e;

	if (geteuid() == 0)
		cr_skip_test("root does not update what all can write");
	tempdir_open(&t);
	tempdir_mkdir(&t, ".erpsync");
	ops.fstat = mode_less_fstat;
	cr_assert_eq(open_with(&t, &odd, false, &f, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_assert_eq(open_with(&t, &odd, true, &f, &e), 0, "%s", e.msg);
	cr_expect_eq(folder_check_user(f, &e), 0, "%s", e.msg);
	folder_close(f);
	tempdir_close(&t);
}

Test(folder, root_stays_out_of_a_folder_that_others_can_exchange)
{
	struct folder_options opt = {.fs = fs_real(), .clock = clock_real()};
	char path[300];
	struct tempdir t;
	struct folder *f;
	struct err e;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	tempdir_open(&t);
	tempdir_mkdir(&t, "par/client");
	tempdir_chmod(&t, "par", 0777);
	(void)snprintf(path, sizeof(path), "%s/par/client", t.path);
	cr_assert_eq(folder_open(path, &opt, &f, &e), ERP_AUTH);
	cr_assert(strstr(e.msg, "/par") != NULL, "%s", e.msg);
	cr_assert_not(tempdir_has(&t, "par/client/.erpsync"));
	opt.read_only = true;
	cr_assert_eq(folder_open(path, &opt, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(folder_check_user(f, &e), ERP_AUTH);
	cr_assert(
	    strstr(e.msg, "/par: can be changed by") != NULL, "%s", e.msg);
	tempdir_chmod(&t, "par", 0755);
	cr_assert_eq(folder_check_user(f, &e), 0, "%s", e.msg);
	folder_close(f);
	opt.read_only = false;
	cr_assert_eq(folder_open(path, &opt, &f, &e), 0, "%s", e.msg);
	folder_close(f);
	tempdir_close(&t);
}

/* Who only looks hears why an update of his would be refused. */
Test(folder, who_only_looks_hears_of_a_missing_right_to_update)
{
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	cr_assert_eq(open_it(&t, true, &f, &e), 0, "%s", e.msg);
	cr_expect_eq(folder_check_user(f, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_assert_eq(open_it(&t, false, &f, &e), 0, "%s", e.msg);
	cr_expect_eq(folder_check_user(f, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_assert_eq(open_it(&t, true, &f, &e), 0, "%s", e.msg);
	tempdir_chmod(&t, ".erpsync", 0755);
	cr_expect_eq(folder_check_user(f, &e), 0, "%s", e.msg);
	tempdir_chmod(&t, ".erpsync", 0720);
	cr_expect_eq(folder_check_user(f, &e), ERP_AUTH);
	cr_expect(strstr(e.msg, "written by other") != NULL, "%s", e.msg);
	/* As chmod -R leaves it. */
	tempdir_chmod(&t, ".erpsync/lock", 0620);
	cr_expect_eq(folder_check_user(f, &e), ERP_AUTH);
	cr_expect_not(tempdir_has(&t, ".erpsync/modes.new"));
	tempdir_chmod(&t, ".erpsync", 0700);
	if (geteuid() == 0) {
		cr_assert_eq(fchownat(t.fd, ".erpsync", 4321, 4321, 0), 0);
		cr_expect_eq(folder_check_user(f, &e), ERP_AUTH);
		cr_expect_not_null(
		    strstr(e.msg, "in it of another (4321), so"), "%s", e.msg);
		cr_assert_eq(fs_fchmod(fs_real(), t.fd, 0777), 0);
		cr_expect_eq(folder_check_user(f, &e), ERP_AUTH);
		cr_expect(strstr(e.msg, "umask=022") != NULL, "%s", e.msg);
	}
	folder_close(f);
	tempdir_close(&t);
}

Test(folder, one_that_is_not_in_its_place_any_more_is_told)
{
	char moved[400];
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	(void)snprintf(moved, sizeof(moved), "%s.moved", t.path);
	cr_assert_eq(open_it(&t, false, &f, &e), 0, "%s", e.msg);
	cr_expect_eq(folder_check_place(f, &e), 0);
	cr_assert_eq(rename(t.path, moved), 0);
	cr_expect_eq(folder_check_place(f, &e), ERP_HELD);
	cr_expect_not_null(strstr(e.msg, "removed, moved or"), "%s", e.msg);
	cr_assert_eq(mkdir(t.path, 0755), 0);
	cr_expect_eq(folder_check_place(f, &e), ERP_HELD, "another one");
	cr_assert_eq(rmdir(t.path), 0);
	cr_assert_eq(symlink(moved, t.path), 0);
	cr_expect_eq(folder_check_place(f, &e), 0, "it is found again");
	cr_assert_eq(unlink(t.path), 0);
	cr_assert_eq(rename(moved, t.path), 0);
	cr_expect_eq(folder_check_place(f, &e), 0);
	folder_close(f);
	tempdir_close(&t);
}
