#include "engine/apply/history.h"

#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct bench {
	struct tempdir t;
	struct station s;
	char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
	struct folder *f;
	char seen[2048]; /* findings, a line each */
};

/* A client with two backups. */
static void
bench_open(struct bench *b)
{
	struct err e;

	memset(b, 0, sizeof(*b));
	pair_folders(&b->t, b->client, b->v1, b->v2);
	b->s.fs = fs_real();
	b->s.client = b->client;
	cr_assert_eq(station_update(&b->s, b->v1, &e), 0, "%s", e.msg);
	cr_assert_eq(station_update(&b->s, b->v2, &e), 0, "%s", e.msg);
	cr_assert_eq(station_open(&b->s, &b->f, &e), 0, "%s", e.msg);
}

static void
bench_close(struct bench *b)
{
	folder_close(b->f);
	tempdir_close(&b->t);
}

static void
note(void *arg, const char *path, const char *what)
{
	struct bench *b = arg;
	size_t n = strlen(b->seen);

	(void)snprintf(
	    b->seen + n, sizeof(b->seen) - n, "%s: %s\n", path, what);
}

static int
look(struct bench *b, struct history *h)
{
	struct err e;
	int bad;

	b->seen[0] = '\0';
	bad = history_read(b->f, note, b, h, &e);
	cr_assert_geq(bad, 0, "%s", e.msg);
	return bad;
}

Test(history, tells_what_each_backup_is)
{
	struct history h;
	struct bench b;

	bench_open(&b);
	cr_assert_eq(look(&b, &h), 0, "%s", b.seen);
	cr_assert_eq(h.n, 2);
	cr_assert_eq(h.v[0].number, 1);
	cr_assert_eq(h.v[1].number, 2);
	cr_assert_eq(h.v[0].health, HISTORY_GOOD);
	cr_assert_not(h.v[0].has_from);
	cr_assert_str_eq(h.v[0].to_build, "v1");
	cr_assert(h.v[1].has_from);
	cr_assert(hash_equal(&h.v[1].from, &h.v[0].to));
	cr_assert_str_eq(h.v[1].from_build, "v1");
	cr_assert_str_eq(h.v[1].to_build, "v2");
	cr_assert_gt(h.v[1].date, h.v[0].date);
	cr_assert_eq(h.v[0].files, 16);
	cr_assert_gt(h.v[0].bytes, 1000);
	bench_close(&b);
}

Test(history, finds_every_kind_of_damage)
{
	struct history h;
	struct bench b;

	bench_open(&b);
	/* Its bytes are those of 002 too. */
	cr_assert_eq(
	    fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.001/lib/a.dll"), 0);
	tempdir_write(&b.t, "c/bkp_remote.001/lib/a.dll", "short", 5, -1);
	tempdir_text(&b.t, "c/bkp_remote.001/conf.ini", "[a]\nx=9\n", -1);
	cr_assert_eq(
	    fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.001/app.exe"), 0);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.001/link"), 0);
	tempdir_symlink(&b.t, "elsewhere", "c/bkp_remote.001/link");
	cr_assert_eq(
	    fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.001/user.ini"), 0);
	tempdir_mkdir(&b.t, "c/bkp_remote.001/user.ini");
	/* What a link shares with the live file may change: the record has
	 * it. */
	tempdir_chmod(&b.t, "c/bkp_remote.001/readme.txt", 0600);
	cr_assert_eq(look(&b, &h), 1);
	cr_assert_str_eq(b.seen,
	    "bkp_remote.001/app.exe: missing\n"
	    "bkp_remote.001/conf.ini: of other content\n"
	    "bkp_remote.001/lib/a.dll: of another size\n"
	    "bkp_remote.001/link: of other content\n"
	    "bkp_remote.001/user.ini: of another type\n");
	cr_assert_eq(h.v[0].health, HISTORY_BAD);
	cr_assert_eq(h.v[1].health, HISTORY_GOOD);
	bench_close(&b);
}

Test(history, a_damaged_record_and_a_foreign_folder)
{
	struct history h;
	struct bench b;

	bench_open(&b);
	tempdir_text(&b.t, "c/bkp_remote.002/.erpsync/backup",
	    "ERPBKUP1 but no more", -1);
	tempdir_mkdir(&b.t, "c/bkp_remote.003/files");
	cr_assert_eq(look(&b, &h), 1);
	cr_assert_eq(h.n, 3);
	cr_assert_eq(h.v[1].health, HISTORY_BAD);
	cr_assert_eq(h.v[1].files, 0);
	cr_assert_eq(h.v[2].health, HISTORY_FOREIGN);
	cr_assert_str_eq(b.seen, "bkp_remote.002: its record is damaged\n");
	bench_close(&b);
}

/* Its files are good, but nobody knows whose they are. */
Test(history, a_damaged_state_is_damage)
{
	struct history h;
	struct bench b;

	bench_open(&b);
	tempdir_text(&b.t, "c/bkp_remote.002/.erpsync/state", "junk", -1);
	cr_assert_eq(look(&b, &h), 1);
	cr_expect_eq(h.v[0].health, HISTORY_GOOD, "it never had one");
	cr_expect_eq(h.v[1].health, HISTORY_BAD);
	cr_expect_str_eq(
	    b.seen, "bkp_remote.002/.erpsync/state: missing or damaged\n");
	cr_assert_eq(
	    fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.002/.erpsync/state"), 0);
	cr_expect_eq(look(&b, &h), 1);
	bench_close(&b);
}

static int
open_unreadable(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if (strncmp(path, "bkp_remote.001/.erpsync", 23) == 0)
		return -EACCES;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* Such as a link to where somebody moved it: no update goes on with it. */
Test(history, what_is_no_folder_is_no_backup_of_another_program)
{
	struct history h;
	struct bench b;

	bench_open(&b);
	tempdir_text(&b.t, "c/bkp_remote.003", "mine", -1);
	cr_assert_eq(look(&b, &h), 1);
	cr_assert_eq(h.n, 3);
	cr_expect_eq(h.v[1].health, HISTORY_GOOD);
	cr_expect_eq(h.v[2].health, HISTORY_BAD);
	cr_expect_str_eq(b.seen,
	    "bkp_remote.003: is not a folder, but the name of a backup; move "
	    "it away\n");
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.003"), 0);
	tempdir_symlink(&b.t, "bkp_remote.001", "c/bkp_remote.003");
	cr_assert_eq(look(&b, &h), 1);
	cr_expect_eq(h.v[2].health, HISTORY_BAD);
	cr_expect_str_eq(b.seen,
	    "bkp_remote.003: is not a folder, but the name of a backup; move "
	    "it away\n");
	bench_close(&b);
}

Test(history, one_that_cannot_be_read_hides_no_other)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs fs = {.ops = &ops};
	struct history h;
	struct bench b;
	struct err e;

	bench_open(&b);
	folder_close(b.f);
	ops.open = open_unreadable;
	b.s.fs = &fs;
	cr_assert_eq(station_open(&b.s, &b.f, &e), 0, "%s", e.msg);
	cr_assert_eq(look(&b, &h), 1);
	cr_assert_eq(h.n, 2);
	cr_assert_eq(h.v[0].health, HISTORY_BAD);
	cr_assert_eq(h.v[1].health, HISTORY_GOOD);
	cr_assert_str_eq(b.seen, "bkp_remote.001: not readable\n");
	bench_close(&b);
}

/* A crew whose last piece is done first. */
static int
run_backwards(void *ctx, crew_fn *fn, void *arg, size_t n, struct err *e)
{
	int rc = 0;

	(void)ctx;
	while (rc == 0 && n > 0)
		rc = fn(arg, --n, true, e);
	return rc;
}

Test(history, a_crew_finds_the_same_in_the_same_order)
{
	const struct crew backwards = {run_backwards, NULL};
	struct history h;
	struct bench b;
	char serial[2048];
	struct err e;

	bench_open(&b);
	cr_assert_eq(
	    fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.001/app.exe"), 0);
	tempdir_text(&b.t, "c/bkp_remote.001/conf.ini", "[a]\nx=9\n", -1);
	tempdir_text(&b.t, "c/bkp_remote.002/conf.ini", "[a]\nx=9\n", -1);
	tempdir_text(&b.t, "c/conf.ini", "[a]\nx=9\n", -1);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/app.exe"), 0);
	cr_assert_eq(look(&b, &h), 2);
	cr_assert_eq(apply_verify(b.f, NULL, note, &b, &e), 2);
	memcpy(serial, b.seen, sizeof(serial));
	cr_assert_not_null(
	    strstr(serial, "\napp.exe: missing\nconf.ini: of other"));
	folder_close(b.f);
	b.s.crew = &backwards;
	cr_assert_eq(station_open(&b.s, &b.f, &e), 0, "%s", e.msg);
	cr_assert_eq(look(&b, &h), 2);
	cr_assert_eq(apply_verify(b.f, NULL, note, &b, &e), 2);
	cr_assert_str_eq(b.seen, serial);
	bench_close(&b);
}
