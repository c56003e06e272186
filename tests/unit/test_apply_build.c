/* What an update makes of the plan: only of files that are still what was
 * compared. */
#include "engine/apply/apply.h"

#include "engine/base/err.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { T1 = 1600000000 }; /* of all files of the first release */

struct bench {
	struct tempdir t;
	struct fs_ops ops;
	struct fs fs;
	struct station s;
	char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
	void (*change)(struct tempdir *t);
};

/* What a user does after the comparison: when the transaction begins. */
static int
change_first(void *ctx, int dir, const char *name, uint32_t mode)
{
	struct bench *b = ctx;

	if (strncmp(name, "tmp.", 4) == 0 && b->change != NULL)
		b->change(&b->t);
	return fs_real()->ops->mkdir(NULL, dir, name, mode);
}

static void
bench_open(struct bench *b)
{
	struct err e;

	memset(b, 0, sizeof(*b));
	pair_folders(&b->t, b->client, b->v1, b->v2);
	b->ops = *fs_real()->ops;
	b->ops.mkdir = change_first;
	b->fs = (struct fs){&b->ops, b};
	b->s.fs = &b->fs;
	b->s.client = b->client;
	b->s.remove = true;
	cr_assert_eq(station_update(&b->s, b->v1, &e), 0, "%s", e.msg);
}

static void
unlink_now(struct tempdir *t, const char *path)
{
	cr_assert_eq(fs_unlink(fs_real(), t->fd, path), 0);
}

/* As long as it was, at its old time, in its old inode or in another one. */
static void
rewrite(struct tempdir *t, const char *path, bool other_inode, int64_t mtime)
{
	struct fs_stat was;
	size_t n;
	char *bytes = tempdir_read(t, path, &n);

	cr_assert_eq(fs_stat(fs_real(), t->fd, path, &was), 0);
	bytes[n - 1] ^= 1;
	if (other_inode) {
		tempdir_write(t, "edited", bytes, n, -1);
		cr_assert_eq(
		    fs_rename(fs_real(), t->fd, "edited", t->fd, path, true),
		    0);
	} else {
		tempdir_write(t, path, bytes, n, -1);
	}
	tempdir_touch(t, path, mtime < 0 ? was.mtime.s : mtime, was.mtime.ns);
	free(bytes);
}

static void
lengthen(struct tempdir *t)
{
	struct fs_stat was;

	cr_assert_eq(fs_stat(fs_real(), t->fd, "c/app.exe", &was), 0);
	tempdir_text(t, "c/app.exe", "longer or shorter", -1);
	tempdir_touch(t, "c/app.exe", was.mtime.s, was.mtime.ns);
}

static void
edit(struct tempdir *t)
{
	rewrite(t, "c/app.exe", false, T1 + 1);
}

static void
edit_by_rename(struct tempdir *t)
{
	rewrite(t, "c/app.exe", true, -1);
}

static void
edit_what_goes(struct tempdir *t)
{
	rewrite(t, "c/gone.dll", false, T1 + 1);
}

static void
make_folder(struct tempdir *t)
{
	unlink_now(t, "c/app.exe");
	tempdir_text(t, "c/app.exe/inside", "the user's", -1);
}

static void
make_link(struct tempdir *t)
{
	unlink_now(t, "c/app.exe");
	tempdir_symlink(t, "readme.txt", "c/app.exe");
}

static void
lead_elsewhere(struct tempdir *t)
{
	unlink_now(t, "c/link");
	tempdir_symlink(t, "readme.txt", "c/link");
}

static void
make_file(struct tempdir *t)
{
	unlink_now(t, "c/link");
	tempdir_text(t, "c/link", "the user's", T1);
}

static void
take_away(struct tempdir *t)
{
	unlink_now(t, "c/app.exe");
}

Test(apply_build, what_changed_since_it_was_compared_stays)
{
	static const struct {
		const char *path;
		void (*change)(struct tempdir *t);
	} rows[] = {
	    {"app.exe", lengthen},
	    {"app.exe", edit},
	    {"app.exe", edit_by_rename},
	    {"app.exe", make_folder},
	    {"app.exe", make_link},
	    {"app.exe", take_away},
	    {"gone.dll", edit_what_goes},
	    {"link", lead_elsewhere},
	    {"link", make_file},
	};
	char *before, *after;
	struct bench b, same;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bench_open(&b);
		b.change = rows[i].change;
		/* What the folder is with that change and without an update. */
		bench_open(&same);
		rows[i].change(&same.t);
		before = station_picture(same.client, PICTURE_CONTENT);
		cr_expect_eq(station_update(&b.s, b.v2, &e), ERP_BUSY,
		    "%zu: %s", i, e.msg);
		cr_expect(
		    strstr(e.msg, rows[i].path) == e.msg, "%zu: %s", i, e.msg);
		after = station_picture(b.client, PICTURE_CONTENT);
		cr_expect_str_eq(after, before, "%zu: %s", i, after);
		cr_expect_not(tempdir_has(&b.t, "c/bkp_remote.002"));
		free(before);
		free(after);
		tempdir_close(&same.t);
		tempdir_close(&b.t);
	}
}

static uint32_t
mode_of(struct bench *b, const char *path)
{
	struct fs_stat st;

	cr_assert_eq(fs_stat(fs_real(), b->t.fd, path, &st), 0, "%s", path);
	return st.mode & 0777;
}

/* A set for windows has no exec bits, so it takes none away. */
Test(apply_build, exec_bits_are_the_release_s_only_where_it_has_any)
{
	struct bench b;
	struct err e;
	int i;

	for (i = 0; i < 2; i++) {
		bench_open(&b);
		unlink_now(&b.t, "v2/link");
		tempdir_chmod(&b.t, "v2/app.exe", 0644);
		tempdir_chmod(&b.t, "c/app.exe", 0755);
		tempdir_chmod(&b.t, "c/lib/same.dll", 0755);
		tempdir_chmod(&b.t, "c/conf.ini", 0640);
		b.s.windows = i == 1;
		cr_assert_eq(station_update(&b.s, b.v2, &e), 0, "%s", e.msg);
		cr_expect_eq(mode_of(&b, "c/app.exe"), i == 1 ? 0755 : 0644);
		cr_expect_eq(
		    mode_of(&b, "c/lib/same.dll"), i == 1 ? 0755 : 0644);
		cr_expect_eq(mode_of(&b, "c/conf.ini"), 0640);
		tempdir_close(&b.t);
	}
}

/* Also the first of all, of which only the name is early. */
Test(apply_build, its_backup_shares_what_stays)
{
	static const char *const paths[] = {"0.dll", "lib/same.dll"};
	static const char program[64] = "MZ";
	char saved[64], live[64];
	struct fs_stat x, y;
	struct bench b;
	struct err e;
	size_t i;

	bench_open(&b);
	b.ops.fast.clone = NULL;
	tempdir_write(&b.t, "v1/0.dll", program, sizeof(program), T1);
	tempdir_write(&b.t, "v2/0.dll", program, sizeof(program), T1);
	cr_assert_eq(station_update(&b.s, b.v1, &e), 0, "%s", e.msg);
	cr_assert_eq(station_update(&b.s, b.v2, &e), 0, "%s", e.msg);
	cr_assert(tempdir_has(&b.t, "c/bkp_remote.003/0.dll"));
	for (i = 0; i < 2; i++) {
		(void)snprintf(live, sizeof(live), "c/%s", paths[i]);
		(void)snprintf(
		    saved, sizeof(saved), "c/bkp_remote.003/%s", paths[i]);
		cr_assert_eq(fs_stat(fs_real(), b.t.fd, live, &x), 0);
		cr_assert_eq(fs_stat(fs_real(), b.t.fd, saved, &y), 0);
		cr_expect_eq(x.ino, y.ino, "%s", live);
	}
	tempdir_close(&b.t);
}
