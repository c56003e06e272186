/* Attributes that the disk cannot hold. */
#include "engine/apply/disk_attrs.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/tree/plan.h"
#include "engine/tree/scan.h"
#include "tests/support/starve.h"
#include "tests/support/station.h"
#include "tests/support/sweep.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The real disk, that holds less. */
static struct fs_ops ops;
static const struct fs disk = {&ops, NULL};
static int64_t step_s; /* times come in steps; 0: none is ever set */
static int chmod_error;
static uint32_t all_modes; /* of every file, or 0 */

static struct tempdir t;
static struct station s;
static char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
static int warned, others, backups;
static char named[64]; /* in a warning */

static int
less_fchmod(void *ctx, int fd, uint32_t mode)
{
	return chmod_error != 0 ? -chmod_error
				: fs_real()->ops->attr.fchmod(ctx, fd, mode);
}

static int
less_futimes(void *ctx, int fd, struct stamp when)
{
	if (step_s == 0)
		return 0;
	when = (struct stamp){when.s - when.s % step_s, 0};
	return fs_real()->ops->futimes(ctx, fd, when);
}

static int
less_utimes(void *ctx, int dir, const char *name, struct stamp when)
{
	(void)ctx;
	(void)dir;
	(void)name;
	(void)when;
	return -ENOSYS;
}

static void
as_shown(struct fs_stat *st)
{
	if (st->type == FS_FILE && all_modes != 0)
		st->mode = all_modes;
}

static int
less_fstat(void *ctx, int fd, struct fs_stat *st)
{
	int rc = fs_real()->ops->fstat(ctx, fd, st);

	as_shown(st);
	return rc;
}

static int
less_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	int rc = fs_real()->ops->stat(ctx, dir, name, st);

	as_shown(st);
	return rc;
}

static void
note(void *ctx, const struct event *ev)
{
	(void)ctx;
	if (ev->kind != EVENT_WARN)
		return;
	if (strstr(ev->text, "disk") == NULL) {
		others++;
		return;
	}
	warned++;
	(void)snprintf(named, sizeof(named), "%s", ev->path);
}

static const struct observer obs = {.event = note, .ctx = NULL};

static void
begin(void)
{
	ops = *fs_real()->ops;
	ops.attr.fchmod = less_fchmod;
	ops.futimes = less_futimes;
	ops.utimes = less_utimes;
	ops.fstat = less_fstat;
	ops.stat = less_stat;
	step_s = 2;
	chmod_error = EPERM;
	all_modes = 0755;
	warned = 0;
	pair_folders(&t, client, v1, v2);
	s = (struct station){.fs = &disk, .obs = &obs, .client = client};
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(disk_attrs, .init = begin, .fini = end);

static void
update(const char *release)
{
	struct err e;

	cr_assert_eq(station_update(&s, release, &e), 0, "%s", e.msg);
}

static int
count_backups(void)
{
	char path[32];
	int k, n = 0;

	for (k = 1; k <= 3; k++) {
		(void)snprintf(path, sizeof(path), "c/bkp_remote.%03d", k);
		n += tempdir_has(&t, path);
	}
	return n;
}

/* One update, which says so; repeats change nothing and are silent. */
static void
expect_rest(void)
{
	int i;

	update(v1);
	tempdir_touch(&t, "v2/app.exe", 1650000001, 5);
	update(v2);
	backups = count_backups();
	cr_assert_lt(backups, 3);
	cr_assert(tempdir_has(&t, "c/.erpsync/held"));
	cr_assert_eq(warned, 1);
	for (i = 0; i < 4; i++)
		update(v2);
	cr_assert_eq(count_backups(), backups);
	cr_assert_eq(warned, 1);
	/* Also where what it made of them has been forgotten. */
	cr_assert_eq(fs_unlink(fs_real(), t.fd, "c/.erpsync/held"), 0);
	update(v2);
	update(v2);
	cr_assert_eq(count_backups(), backups);
	cr_assert_eq(warned, 2);
}

/* What lies there is taken for what was written, of each, until it changes. */
Test(disk_attrs, what_was_written_is_read_back)
{
	const struct scan_options opt = {.skip_unmanageable = true};
	struct manifest want, have;
	const struct entry *x;
	struct folder *f;
	struct err e;
	size_t i, n = 0;

	step_s = 0;
	update(v1);
	cr_assert_eq(station_manifest(v1, "v1", &want, &e), 0);
	cr_assert_eq(station_open(&s, &f, &e), 0, "%s", e.msg);
	tempdir_touch(&t, "c/conf.ini", 1234567890, 0);
	manifest_init(&have, PATH_OS_LINUX);
	cr_assert_eq(
	    scan_folder(folder_fs(f), folder_dir(f), &opt, &have, &e), 0);
	cr_assert_eq(disk_attrs_read_back(f, &have, &e), 0, "%s", e.msg);
	for (i = 0; i < want.n; i++) {
		if (want.v[i].type == ENTRY_DIR)
			continue;
		cr_assert_not_null(x = manifest_find(&have, want.v[i].path));
		cr_expect_eq(stamp_equal(x->mtime, want.v[i].mtime),
		    strcmp(x->path, "conf.ini") != 0, "%s", x->path);
		n++;
	}
	cr_expect_gt(n, 2);
	manifest_release(&have);
	manifest_release(&want);
	folder_close(f);
}

Test(disk_attrs, repeats_are_no_updates_where_chmod_is_denied)
{
	expect_rest();
}

Test(disk_attrs, repeats_are_no_updates_where_modes_are_ignored)
{
	chmod_error = 0;
	all_modes = 0644;
	expect_rest();
}

Test(disk_attrs, repeats_are_no_updates_where_no_time_is_ever_set)
{
	step_s = 0;
	expect_rest();
}

Test(disk_attrs, content_is_brought_as_ever)
{
	expect_rest();
	tempdir_text(&t, "v2/app.exe", "another", 1650000001);
	update(v2);
	cr_assert(tempdir_is_text(&t, "c/app.exe", "another"));
	cr_assert_eq(count_backups(), backups + 1);
}

Test(disk_attrs, a_time_that_somebody_changed_is_set_again)
{
	struct fs_stat st;

	expect_rest();
	tempdir_touch(&t, "c/app.exe", 1600000000, 0);
	update(v2);
	cr_assert_eq(fs_stat(fs_real(), t.fd, "c/app.exe", &st), 0);
	cr_assert_eq(st.mtime.s, 1650000000);
	cr_assert_eq(count_backups(), backups + 1);
}

Test(disk_attrs, a_time_of_the_same_step_is_no_update)
{
	expect_rest();
	tempdir_touch(&t, "v2/app.exe", 1650000000, 7);
	update(v2);
	cr_assert_eq(count_backups(), backups);
}

Test(disk_attrs, damage_is_as_if_nothing_was_known)
{
	expect_rest();
	tempdir_text(&t, "c/.erpsync/held", "ERPHELD1 no", -1);
	update(v2);
	cr_assert_eq(count_backups(), backups);
	cr_assert_eq(warned, 3);
}

Test(disk_attrs, a_disk_that_holds_all_has_no_such_file)
{
	s.fs = fs_real();
	update(v1);
	update(v2);
	cr_assert_eq(warned, 0);
	cr_assert_not(tempdir_has(&t, "c/.erpsync/held"));
	cr_assert_not(tempdir_has(&t, "c/.erpsync/probe.new"));
}

/* A client whose files have the bytes of the release and other times. */
static int
update_times(void *arg, const struct fs *fs, struct err *e)
{
	struct station on = {.fs = fs, .obs = &obs, .client = client};
	struct fs_stat want, have;
	int rc;

	(void)arg;
	cr_assert_eq(tree_remove(fs_real(), t.fd, "c", e), 0, "%s", e->msg);
	tempdir_text(&t, "c/file", "bytes", 1000);
	tempdir_symlink(&t, "file", "c/link");
	warned = others = 0;
	if ((rc = station_update(&on, v1, e)) != 0)
		return rc;
	/* What fails behind the commit is a warning, or costs another look. */
	if (others > 0 || warned == 0 || !tempdir_has(&t, "c/.erpsync/held"))
		return err_set(e, ERP_IO, "not remembered");
	/* This disk takes the time of a link. */
	return fs_stat(fs_real(), t.fd, "v1/link", &want) == 0 &&
		fs_stat(fs_real(), t.fd, "c/link", &have) == 0 &&
		stamp_equal(want.mtime, have.mtime)
	    ? 0
	    : SWEEP_WRONG;
}

Test(disk_attrs, each_call_that_fails_is_told)
{
	struct err e;

	ops.utimes = fs_real()->ops->utimes;
	cr_assert_eq(tree_remove(fs_real(), t.fd, "v1", &e), 0);
	tempdir_text(&t, "v1/file", "bytes", 1650000001);
	tempdir_symlink(&t, "file", "v1/link");
	tempdir_touch(&t, "v1/link", 1660000001, 0);
	SWEEP(&disk, update_times, NULL);
	/* The first of those that it is about. */
	cr_expect_str_eq(named, "file");
}

/* Is something remembered of the file? */
static bool
is_held(const struct folder *f, const char *path)
{
	char bytes[512];
	int fd = fs_open(f->fs, f->own, "held", FS_READ, 0);
	size_t len = strlen(path);
	int64_t n, i;

	if (fd < 0)
		return false;
	n = fs_pread(f->fs, fd, bytes, sizeof(bytes), 0);
	fs_close_quietly(f->fs, &fd);
	for (i = 0; i + (int64_t)len <= n; i++)
		if (memcmp(bytes + i, path, len) == 0)
			return true;
	return false;
}

static void
note_file(struct folder *f, char *path)
{
	struct entry want = {.path = path, .type = ENTRY_FILE};
	struct action a = {.want = &want, .kind = ACTION_META};
	const struct plan plan = {.v = &a, .n = 1};

	want.mtime.s = 5000;
	disk_attrs_note(f, &plan, true);
}

static int
note_two(void *arg, struct err *e)
{
	struct folder *f = arg;
	char one[] = "one", two[] = "two";
	bool had;

	(void)fs_unlink(f->fs, f->own, "held");
	note_file(f, one);
	had = is_held(f, one);
	note_file(f, two);
	if (had && !is_held(f, one))
		return STARVE_WRONG;
	return had && is_held(f, two) ? 0 : err_nomem(e);
}

Test(disk_attrs, without_memory_nothing_is_forgotten)
{
	struct folder f;

	memset(&f, 0, sizeof(f));
	tempdir_text(&t, "c/one", "1", 2000);
	tempdir_text(&t, "c/two", "2", 2000);
	tempdir_mkdir(&t, "c/.erpsync");
	f.fs = fs_real();
	f.dir = fs_open(f.fs, t.fd, "c", FS_DIRECTORY, 0);
	f.own = fs_open(f.fs, t.fd, "c/.erpsync", FS_DIRECTORY, 0);
	STARVE(note_two, &f);
	fs_close_quietly(f.fs, &f.own);
	fs_close_quietly(f.fs, &f.dir);
}
