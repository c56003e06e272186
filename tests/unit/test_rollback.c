#include "engine/apply/rollback.h"

#include "engine/apply/apply.h"
#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/history.h"
#include "engine/apply/refused.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/tree/filter.h"
#include "tests/support/fs_fault.h"
#include "tests/support/station.h"
#include "tests/support/sweep.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WARNED_BYTES = 256 };

struct bench {
	struct tempdir t;
	struct station s;
	char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
};

/* A client that was updated to v1, then to v2, on this file system. */
static void
bench_open_on(struct bench *b, const struct fs *fs)
{
	struct err e;

	memset(b, 0, sizeof(*b));
	pair_folders(&b->t, b->client, b->v1, b->v2);
	b->s.fs = fs;
	b->s.client = b->client;
	b->s.remove = true;
	cr_assert_eq(station_update(&b->s, b->v1, &e), 0, "%s", e.msg);
	cr_assert_eq(station_update(&b->s, b->v2, &e), 0, "%s", e.msg);
}

static void
bench_open(struct bench *b)
{
	bench_open_on(b, fs_real());
}

static int
decide(struct rollback *r, const char *path)
{
	const struct backup_entry *x = backup_list_find(&r->target.files, path);
	struct err e;

	cr_assert_not_null(x, "%s", path);
	return rollback_decide(r, x, &e);
}

static int
decide_newer(struct rollback *r, const char *path)
{
	struct err e;

	return rollback_decide_newer(r, rollback_latest(r, path), &e);
}

Test(rollback, takes_back_updates_and_nothing_else)
{
	static const uint8_t zeroes[4096];
	const struct backup_entry *x;
	struct rollback r = {.all = false};
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "c/conf.ini", "edited", -1);
	tempdir_text(&b.t, "c/user.ini", "edited", -1);
	tempdir_write(&b.t, "c/lib/a.dll", "dam\0ged", 7, -1);
	tempdir_write(&b.t, "c/dup1.dll", "edited", 6, -1);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/readme.txt"), 0);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	r.f = f;
	cr_assert_eq(rollback_open(&r, 0, &e), 0, "%s", e.msg);
	cr_assert_str_eq(r.folder, "bkp_remote.002");
	cr_assert_eq(decide(&r, "app.exe"), ROLLBACK_REPLACE);
	cr_assert_eq(decide(&r, "touch.bin"), ROLLBACK_REPLACE);
	cr_assert_eq(decide(&r, "run.sh"), ROLLBACK_REPLACE);
	cr_assert_eq(decide(&r, "link"), ROLLBACK_REPLACE);
	cr_assert_eq(decide(&r, "gone.dll"), ROLLBACK_ADD);
	cr_assert_eq(decide(&r, "olddir"), ROLLBACK_ADD);
	cr_assert_eq(decide(&r, "swapme"), ROLLBACK_RETYPE);
	cr_assert_eq(decide(&r, "swapdir"), ROLLBACK_RETYPE);
	cr_assert_eq(decide(&r, "lib/same.dll"), ROLLBACK_KEEP);
	cr_assert_eq(decide(&r, "conf.ini"), ROLLBACK_KEEP, "edited text");
	cr_assert_eq(decide(&r, "lib/a.dll"), ROLLBACK_REPLACE, "damaged");
	cr_assert_eq(decide(&r, "user.ini"), ROLLBACK_KEEP);
	cr_assert_eq(decide(&r, "readme.txt"), ROLLBACK_KEEP, "user's wish");
	cr_assert_eq(decide_newer(&r, "dup2.dll"), ROLLBACK_REMOVE);
	cr_assert_eq(decide_newer(&r, "dup1.dll"), ROLLBACK_KEEP, "edited");
	cr_assert_eq(decide_newer(&r, "new"), ROLLBACK_RMDIR);
	cr_assert_eq(decide_newer(&r, "app.exe"), ROLLBACK_KEEP);
	r.all = true;
	/* Another content of the same size and time. */
	x = backup_list_find(&r.target.files, "lib/same.dll");
	cr_assert(x != NULL && x->content.size < sizeof(zeroes));
	cr_assert_eq(decide(&r, "lib/same.dll"), ROLLBACK_KEEP);
	tempdir_write(&b.t, "c/lib/same.dll", zeroes, (size_t)x->content.size,
	    x->mtime.s);
	cr_assert_eq(decide(&r, "lib/same.dll"), ROLLBACK_REPLACE);
	cr_assert_eq(decide(&r, "conf.ini"), ROLLBACK_REPLACE);
	cr_assert_eq(decide(&r, "user.ini"), ROLLBACK_REPLACE);
	cr_assert_eq(decide(&r, "readme.txt"), ROLLBACK_ADD);
	rollback_release(&r);
	folder_close(f);
	tempdir_close(&b.t);
}

Test(rollback, all_makes_the_folder_what_the_backup_is)
{
	struct rollback_options opt = {2, true};
	char path[340], *want, *mine, *now;
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	(void)snprintf(path, sizeof(path), "%s/bkp_remote.002", b.client);
	want = station_picture(path, PICTURE_CONTENT);
	tempdir_text(&b.t, "c/conf.ini", "edited", -1);
	tempdir_text(&b.t, "c/added/deep/mine.txt", "added", -1);
	tempdir_text(&b.t, "c/swapme/mine.txt", "where a file belongs", -1);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/readme.txt"), 0);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/swapdir"), 0);
	mine = station_picture(b.client, PICTURE_CONTENT);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	cr_assert_eq(apply_rollback_with(f, &opt, &e), 0, "%s", e.msg);
	folder_close(f);
	now = station_picture(b.client, PICTURE_CONTENT);
	cr_assert_str_eq(now, want);
	free(now);
	/* Nothing is lost: it is all in the backup, and comes back. */
	(void)snprintf(path, sizeof(path), "%s/bkp_remote.003", b.client);
	now = station_picture(path, PICTURE_CONTENT);
	cr_assert_str_eq(now, mine);
	free(now);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	opt.number = 0;
	cr_assert_eq(apply_rollback_with(f, &opt, &e), 0, "%s", e.msg);
	folder_close(f);
	now = station_picture(b.client, PICTURE_CONTENT);
	cr_assert_str_eq(now, mine);
	free(now);
	free(mine);
	free(want);
	tempdir_close(&b.t);
}

Test(rollback, what_is_in_the_way_is_named)
{
	struct rollback r = {.all = false};
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/app.exe"), 0);
	tempdir_mkdir(&b.t, "c/app.exe/mine");
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	r.f = f;
	cr_assert_eq(rollback_open(&r, 2, &e), 0);
	cr_assert_eq(decide(&r, "app.exe"), ERP_BLOCKED);
	rollback_release(&r);
	folder_close(f);
	tempdir_close(&b.t);
}

static bool
is_picture(struct bench *b, const char *want)
{
	char *now = station_picture(b->client, PICTURE_CONTENT);
	bool same = strcmp(now, want) == 0;

	free(now);
	return same;
}

Test(rollback, a_kill_at_any_call_leaves_before_or_after, .timeout = 300)
{
	struct fs_fault fault;
	char path[340], *after = NULL, *before;
	struct folder *f;
	struct bench b;
	struct err e;
	uint64_t at;
	bool fired = true, done;

	station_use_memory();
	for (at = 1; fired; at += 2) {
		bench_open(&b);
		before = station_picture(b.client, PICTURE_CONTENT);
		if (after == NULL) {
			(void)snprintf(
			    path, sizeof(path), "%s/bkp_remote.002", b.client);
			after = station_picture(path, PICTURE_CONTENT);
		}
		fs_fault_init(&fault, fs_real());
		b.s.fs = &fault.fs;
		cr_assert_eq(station_open(&b.s, &f, &e), 0);
		fs_fault_arm(&fault, FAULT_KILL, at, EIO);
		done = apply_rollback(f, 0, &e) == 0;
		fired = fault.fired;
		folder_close(f);
		b.s.fs = fs_real();
		cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
		folder_close(f);
		cr_assert(
		    is_picture(&b, after) || (!done && is_picture(&b, before)),
		    "mixed at %d", (int)at);
		cr_assert(tempdir_has(&b.t, "c/bkp_remote.002/app.exe"));
		free(before);
		tempdir_close(&b.t);
	}
	cr_assert_gt(at, 100);
	free(after);
}

/* A third update, whose backup 003 goes: of all kinds of change there are some
 * that no record tells any more. */
static void
lose_the_last(struct bench *b)
{
	struct err e;

	tempdir_text(&b->t, "v2/conf.ini", "[a]\nx=3\n", -1);
	tempdir_text(&b->t, "v2/readme.txt", "another text", -1);
	tempdir_text(&b->t, "v2/late/in/late.txt", "new", -1);
	tempdir_text(&b->t, "v2/new/late.txt", "new", -1);
	cr_assert_eq(tree_remove(fs_real(), b->t.fd, "v2/share", &e), 0);
	cr_assert_eq(tree_remove(fs_real(), b->t.fd, "v2/dup1.dll", &e), 0);
	cr_assert_eq(tree_remove(fs_real(), b->t.fd, "v2/lib/same.dll", &e), 0);
	tempdir_text(&b->t, "v2/lib/same.dll/in.txt", "a folder now", -1);
	cr_assert_eq(station_update(&b->s, b->v2, &e), 0, "%s", e.msg);
	cr_assert_eq(
	    tree_remove(fs_real(), b->t.fd, "c/bkp_remote.003", &e), 0);
}

Test(rollback, what_no_record_tells_the_installed_release_does)
{
	char path[340], *want;
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	lose_the_last(&b);
	(void)snprintf(path, sizeof(path), "%s/bkp_remote.002", b.client);
	want = station_picture(path, PICTURE_CONTENT);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	cr_assert_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_expect(is_picture(&b, want));
	free(want);
	tempdir_close(&b.t);
}

Test(rollback, what_was_edited_stays_without_a_record_too)
{
	struct rollback r = {.all = false};
	struct backup_entry late;
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	lose_the_last(&b);
	tempdir_text(&b.t, "c/conf.ini", "edited", -1);
	tempdir_text(&b.t, "c/readme.txt", "edited", -1);
	tempdir_text(&b.t, "c/new/late.txt", "edited", -1);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	r.f = f;
	cr_assert_eq(rollback_open(&r, 0, &e), 0, "%s", e.msg);
	cr_assert_eq(rollback_take_names(&r, &e), 0, "%s", e.msg);
	cr_assert_str_eq(r.folder, "bkp_remote.002");
	cr_expect_eq(decide(&r, "conf.ini"), ROLLBACK_KEEP);
	cr_expect_eq(decide(&r, "readme.txt"), ROLLBACK_KEEP);
	cr_expect_eq(decide(&r, "app.exe"), ROLLBACK_REPLACE);
	rollback_of_release(
	    manifest_find(folder_installed(f), "new/late.txt"), &late);
	cr_expect_eq(rollback_decide_release(&r, &late, &e), ROLLBACK_KEEP);
	tempdir_text(&b.t, "c/new/late.txt", "new", -1);
	cr_expect_eq(rollback_decide_release(&r, &late, &e), ROLLBACK_REMOVE);
	/* What was another before and no release changed is the user's. */
	tempdir_text(&b.t, "c/readme.txt", "another text", -1);
	cr_expect_eq(decide(&r, "readme.txt"), ROLLBACK_REPLACE);
	state_release(&r.then);
	cr_assert_eq(manifest_copy(&r.then.manifest, folder_installed(f), &e),
	    0, "%s", e.msg);
	r.then.known = true;
	cr_expect_eq(decide(&r, "readme.txt"), ROLLBACK_KEEP);
	rollback_release(&r);
	folder_close(f);
	tempdir_close(&b.t);
}

static int
refuse_numbers(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	(void)ctx;
	if (strncmp(to, "bkp_remote.", 11) == 0)
		return -EPERM;
	return fs_real()->ops->rename(
	    fs_real()->ctx, from_dir, from, to_dir, to, replace);
}

/* The newest with a number is one too old, and a rollback to it would be the
 * end of the one that waits. */
Test(rollback, a_backup_that_waits_for_its_number_is_not_passed_over)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs fs = {&ops, NULL};
	char *want, *before;
	struct history h;
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	want = station_picture(b.client, PICTURE_CONTENT);
	tempdir_text(&b.t, "v2/conf.ini", "[a]\nx=3\n", -1);
	ops.rename = refuse_numbers;
	b.s.fs = &fs;
	cr_assert_eq(station_update(&b.s, b.v2, &e), 0, "%s", e.msg);
	cr_assert(tempdir_has(&b.t, "c/.erpsync/rotating"));
	before = station_picture(b.client, PICTURE_CONTENT);
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	cr_expect_lt(apply_rollback(f, 0, &e), 0);
	cr_expect_not_null(strstr(e.msg, "waits for its number"), "%s", e.msg);
	cr_expect_lt(apply_rollback(f, 1, &e), 0);
	cr_expect_eq(history_read(f, NULL, NULL, &h, &e), 0, "%s", e.msg);
	cr_expect(h.waits);
	folder_close(f);
	cr_expect(is_picture(&b, before));
	cr_assert(tempdir_has(&b.t, "c/.erpsync/rotating"));
	/* Put right while the folder is open: it gets its number first, and
	 * then no other means what it did before somebody has seen them. */
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	ops.rename = fs_real()->ops->rename;
	cr_expect_eq(apply_rollback(f, 1, &e), ERP_USAGE, "%s", e.msg);
	cr_expect(is_picture(&b, before));
	cr_expect_eq(history_read(f, NULL, NULL, &h, &e), 0, "%s", e.msg);
	cr_expect_eq(
	    apply_rollback(f, h.v[h.n - 1].number, &e), 0, "%s", e.msg);
	cr_expect_eq(history_read(f, NULL, NULL, &h, &e), 0, "%s", e.msg);
	cr_expect_not(h.waits);
	folder_close(f);
	cr_expect(is_picture(&b, want));
	free(before);
	free(want);
	tempdir_close(&b.t);
}

Test(rollback, a_damaged_state_costs_its_release_only)
{
	char path[340], *want;
	struct rollback r = {.all = false};
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	(void)snprintf(path, sizeof(path), "%s/bkp_remote.002", b.client);
	want = station_picture(path, PICTURE_CONTENT);
	tempdir_text(&b.t, "c/bkp_remote.002/.erpsync/state", "junk", -1);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	r.f = f;
	cr_assert_eq(rollback_open(&r, 0, &e), 0, "%s", e.msg);
	cr_expect_not(r.then.known);
	rollback_release(&r);
	cr_expect_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
	cr_expect_not(f->state.known);
	folder_close(f);
	cr_expect(is_picture(&b, want));
	free(want);
	tempdir_close(&b.t);
}

static int looks_left; /* at dup2.dll, until one fails */

static int
stat_that_fails(void *ctx, int dir, const char *path, struct fs_stat *st)
{
	if (strcmp(path, "dup2.dll") == 0 && --looks_left == 0)
		return -EIO;
	return fs_real()->ops->stat(ctx, dir, path, st);
}

/* What cannot be looked at is not left behind as if it were the user's. */
Test(rollback, a_look_that_fails_is_told)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs fs = {&ops, NULL};
	char *before, *after;
	struct folder *f;
	struct bench b;
	struct err e;
	int at, rc, failed = 0;

	station_use_memory();
	ops.stat = stat_that_fails;
	for (at = 1, looks_left = 0; looks_left <= 0; at++) {
		bench_open(&b);
		before = station_picture(b.client, PICTURE_CONTENT);
		b.s.fs = &fs;
		cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
		looks_left = at;
		rc = apply_rollback(f, 0, &e);
		failed += rc != 0;
		folder_close(f);
		after = station_picture(b.client, PICTURE_CONTENT);
		cr_expect_eq(strcmp(before, after) == 0, rc != 0, "%d", at);
		cr_expect_eq(
		    tempdir_has(&b.t, "c/dup2.dll"), rc != 0, "%d", at);
		free(before);
		free(after);
		tempdir_close(&b.t);
	}
	cr_expect_geq(failed, 2);
}

static const char *unreadable;

static int
open_but_the_newest_record(
    void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if (strcmp(path, unreadable) == 0)
		return -EIO;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* An older one must not be taken for the newest. */
/* The id of a backup, or 0. */
static uint64_t
id_of(const struct bench *b, int number)
{
	char name[32];
	struct backup made;
	uint64_t id = 0;
	struct err e;

	(void)snprintf(name, sizeof(name), "c/bkp_remote.%03d", number);
	backup_init(&made);
	if (backup_read(fs_real(), b->t.fd, name, &made, &e) == 0)
		id = made.id;
	backup_release(&made);
	return id;
}

static void
note_warning(void *ctx, const struct event *ev)
{
	if (ev->kind == EVENT_WARN && ev->text != NULL)
		(void)snprintf(ctx, WARNED_BYTES, "%s", ev->text);
}

/* Who goes back does not want the release again; nobody means the one that is
 * there then. */
Test(rollback, what_a_person_leaves_is_refused)
{
	const struct rollback_options last = {.number = 0},
				      further = {.number = 1};
	struct hash left, back;
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	left = folder_state(f)->release;
	cr_assert_eq(refused_is(f, &left, &e), 0);
	cr_assert_eq(apply_rollback_with(f, &last, &e), 0, "%s", e.msg);
	back = folder_state(f)->release;
	cr_assert_not(hash_equal(&left, &back));
	cr_expect_eq(refused_is(f, &left, &e), REFUSED_BY_PERSON);
	cr_expect_eq(refused_is(f, &back, &e), 0);
	folder_close(f);
	/* The way on from there leaves both: two backups are of before. */
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	cr_assert_eq(apply_rollback_with(f, &further, &e), 0, "%s", e.msg);
	cr_expect_eq(refused_is(f, &left, &e), REFUSED_BY_PERSON);
	cr_expect_eq(refused_is(f, &back, &e), REFUSED_BY_PERSON);
	folder_close(f);
	tempdir_close(&b.t);
}

/* As with a repair that is taken back: its release is still wanted. */
Test(rollback, what_stays_installed_is_not_refused)
{
	struct hash release;
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "c/conf.ini", "edited", -1);
	cr_assert_eq(station_update(&b.s, b.v2, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "c/conf.ini", "[a]\nx=2\n"));
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	release = folder_state(f)->release;
	cr_assert_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
	cr_expect(tempdir_is_text(&b.t, "c/conf.ini", "edited"));
	cr_expect(hash_equal(&folder_state(f)->release, &release));
	cr_expect_eq(refused_is(f, &release, &e), REFUSED_NOT);
	folder_close(f);
	tempdir_close(&b.t);
}

Test(rollback, one_that_changes_nothing_makes_no_backup)
{
	const struct rollback_options second = {.number = 2};
	char warned[WARNED_BYTES] = "";
	struct observer obs = {.event = note_warning, .ctx = warned};
	struct folder *f;
	uint64_t id[4];
	struct bench b;
	struct err e;
	int k;

	bench_open(&b);
	b.s.obs = &obs;
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
	for (k = 1; k <= 3; k++)
		cr_assert_neq(id[k] = id_of(&b, k), 0, "%d", k);
	/* The folder is what its second backup is. */
	cr_assert_eq(apply_rollback_with(f, &second, &e), 1, "%s", e.msg);
	for (k = 1; k <= 3; k++)
		cr_expect_eq(id_of(&b, k), id[k], "%d", k);
	/* Nor is it so when what differs is the user's; that stays. */
	tempdir_text(&b.t, "c/conf.ini", "edited", -1);
	warned[0] = '\0';
	cr_assert_eq(apply_rollback(f, 2, &e), 0, "%s", e.msg);
	for (k = 1; k <= 3; k++)
		cr_expect_eq(id_of(&b, k), id[k], "%d", k);
	cr_expect(tempdir_is_text(&b.t, "c/conf.ini", "edited"));
	cr_expect_not_null(
	    strstr(warned, "nothing that this would bring back"), "%s", warned);
	/* And any other still rolls back. */
	cr_assert_eq(apply_rollback(f, 3, &e), 0, "%s", e.msg);
	cr_expect_eq(id_of(&b, 1), id[2]);
	folder_close(f);
	tempdir_close(&b.t);
}

Test(rollback, a_record_that_cannot_be_read_stops_it)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs fs = {&ops, NULL};
	char *before, *after;
	struct folder *f;
	struct bench b;
	struct err e;
	int number;

	ops.open = open_but_the_newest_record;
	for (number = 0; number < 3; number++) {
		unreadable = number < 2 ? "bkp_remote.002/.erpsync/backup"
					: "bkp_remote.002/.erpsync/state";
		bench_open(&b);
		before = station_picture(b.client, PICTURE_FULL);
		b.s.fs = &fs;
		cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
		cr_assert_eq(apply_rollback(f, number, &e), ERP_IO);
		folder_close(f);
		after = station_picture(b.client, PICTURE_FULL);
		cr_assert_str_eq(before, after);
		free(before);
		free(after);
		tempdir_close(&b.t);
	}
}

/* Damage: what is written in place into an inode shared with a backup. */

/* As bench_open, with hard links for what is shared, and an update that
 * leaves programs alone on top: backups 002 of v1, 003 of v2. */
static void
bench_open_linked(struct bench *b)
{
	static struct fs_ops ops;
	static struct fs links = {&ops, NULL};
	struct fs_stat st;
	struct err e;

	ops = *fs_real()->ops;
	ops.fast.clone = NULL;
	bench_open_on(b, &links);
	tempdir_text(&b->t, "v2/readme.txt", "of the third update", -1);
	cr_assert_eq(station_update(&b->s, b->v2, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_stat(fs_real(), b->t.fd, "c/lib/same.dll", &st), 0);
	cr_assert_eq(st.nlink, 4, "one live, three backups: %d", (int)st.nlink);
	cr_assert_eq(fs_stat(fs_real(), b->t.fd, "c/app.exe", &st), 0);
	cr_assert_eq(st.nlink, 2);
}

static void
write_over(struct bench *b, const char *path, const char *text, int64_t mtime)
{
	static uint8_t bytes[128]; /* as large as programs of update_pair */

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, text, strlen(text));
	tempdir_write(&b->t, path, bytes, sizeof(bytes), mtime);
}

static int
decide_once(struct bench *b, int number, const char *path)
{
	struct rollback r = {.all = false};
	struct folder *f;
	struct err e;
	int step;

	cr_assert_eq(station_open(&b->s, &f, &e), 0, "%s", e.msg);
	r.f = f;
	cr_assert_eq(rollback_open(&r, number, &e), 0, "%s", e.msg);
	step = decide(&r, path);
	rollback_release(&r);
	folder_close(f);
	return step;
}

Test(rollback, what_shares_a_damaged_inode_is_not_the_user_s)
{
	struct fs_stat st;
	struct bench b;

	bench_open_linked(&b);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/lib/same.dll", &st), 0);
	tempdir_touch(&b.t, "c/lib/same.dll", st.mtime.s + 7, 0);
	tempdir_chmod(&b.t, "c/share/res/a.bin", 0755);
	cr_assert_eq(decide_once(&b, 2, "lib/same.dll"), ROLLBACK_KEEP);
	cr_assert_eq(decide_once(&b, 2, "share/res/a.bin"), ROLLBACK_KEEP);
	/* Of the same size and time, of another time, of another size. */
	write_over(&b, "c/lib/same.dll", "MZdamaged", st.mtime.s);
	tempdir_touch(&b.t, "c/lib/same.dll", st.mtime.s, st.mtime.ns);
	cr_assert_eq(decide_once(&b, 2, "lib/same.dll"), ROLLBACK_REPLACE);
	tempdir_touch(&b.t, "c/lib/same.dll", st.mtime.s + 7, 0);
	cr_assert_eq(decide_once(&b, 2, "lib/same.dll"), ROLLBACK_REPLACE);
	cr_assert_eq(decide_once(&b, 1, "lib/same.dll"), ROLLBACK_REPLACE);
	tempdir_text(&b.t, "c/lib/same.dll", "", st.mtime.s);
	cr_assert_eq(decide_once(&b, 2, "lib/same.dll"), ROLLBACK_REPLACE);
	/* Another inode: somebody put his own there. */
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/share/res/a.bin"), 0);
	write_over(&b, "c/share/res/a.bin", "MZmine", -1);
	cr_assert_eq(decide_once(&b, 2, "share/res/a.bin"), ROLLBACK_KEEP);
	cr_assert_eq(
	    fs_link(fs_real(), b.t.fd, "c/share/res/a.bin", b.t.fd, "mine"), 0);
	cr_assert_eq(decide_once(&b, 2, "share/res/a.bin"), ROLLBACK_KEEP);
	/* Copies: the user's own program, a text. */
	write_over(&b, "c/lib/plugin.dll", "MZmine", -1);
	cr_assert_eq(decide_once(&b, 2, "lib/plugin.dll"), ROLLBACK_KEEP);
	tempdir_text(&b.t, "c/conf.ini", "mine", -1);
	cr_assert_eq(decide_once(&b, 2, "conf.ini"), ROLLBACK_KEEP);
	/* Emptied, what an update wrote since looks like a text; it shares
	 * its inode with 003. */
	tempdir_text(&b.t, "c/app.exe", "", -1);
	cr_assert_eq(decide_once(&b, 2, "app.exe"), ROLLBACK_REPLACE);
	cr_assert_eq(decide_once(&b, 3, "app.exe"), ROLLBACK_REPLACE);
	tempdir_close(&b.t);
}

Test(rollback, damage_shared_with_the_backup_is_refused_by_name)
{
	struct rollback_options opt = {2, false};
	char *before, *after;
	struct folder *f;
	struct bench b;
	struct err e;
	int all;

	bench_open_linked(&b);
	write_over(&b, "c/lib/same.dll", "MZdamaged", -1);
	before = station_picture(b.client, PICTURE_FULL);
	for (all = 0; all < 2; all++) {
		opt.all = all == 1;
		memset(&e, 0, sizeof(e));
		cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
		cr_assert_eq(apply_rollback_with(f, &opt, &e), ERP_MISMATCH);
		folder_close(f);
		cr_assert_not_null(
		    strstr(e.msg, "bkp_remote.002/lib/same.dll"), "%s", e.msg);
		cr_assert_not_null(strstr(e.msg, "is damaged"), "%s", e.msg);
		after = station_picture(b.client, PICTURE_FULL);
		cr_assert_str_eq(after, before);
		free(after);
	}
	free(before);
	tempdir_close(&b.t);
}

Test(rollback, what_is_gone_from_the_backup_is_damage)
{
	struct rollback_options opt = {2, false};
	char *before, *after;
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open_linked(&b);
	cr_assert_eq(
	    fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.002/app.exe"), 0);
	before = station_picture(b.client, PICTURE_FULL);
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(apply_rollback_with(f, &opt, &e), ERP_MISMATCH);
	folder_close(f);
	cr_assert_not_null(
	    strstr(e.msg, "bkp_remote.002/app.exe"), "%s", e.msg);
	cr_assert_not_null(strstr(e.msg, "is damaged"), "%s", e.msg);
	after = station_picture(b.client, PICTURE_FULL);
	cr_assert_str_eq(after, before);
	free(after);
	free(before);
	tempdir_close(&b.t);
}

Test(rollback, damage_that_the_backup_does_not_share_is_repaired)
{
	struct folder *f;
	struct bench b;
	struct err e;
	char *now;

	bench_open_linked(&b);
	tempdir_text(&b.t, "c/app.exe", "", -1);
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(apply_rollback(f, 2, &e), 0, "%s", e.msg);
	folder_close(f);
	now = tempdir_read(&b.t, "c/app.exe", NULL);
	cr_assert_str_eq(now, "MZone");
	free(now);
	tempdir_close(&b.t);
}

/* Go back with everything, with these names left out of the backup that it
 * makes; large.db of the user's is then there or not. */
static bool
large_survives(struct bench *b, int number, const struct filter *now)
{
	struct rollback_options opt = {number, true};
	struct history h;
	struct folder *f;
	struct err e;

	b->s.backup_exclude = now;
	cr_assert_eq(station_open(&b->s, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(apply_rollback_with(f, &opt, &e), 0, "%s", e.msg);
	cr_assert_eq(history_read(f, NULL, NULL, &h, &e), 0);
	folder_close(f);
	return tempdir_has(&b->t, "c/spool/large.db");
}

Test(rollback, what_a_backup_left_out_stays)
{
	struct filter filter;
	struct bench b;
	struct err e;

	filter_init(&filter);
	cr_assert_eq(filter_add(&filter, "spool", &e), 0);
	bench_open(&b);
	tempdir_text(&b.t, "c/spool/large.db", "the user's", -1);
	tempdir_text(&b.t, "c/app.exe", "edited", -1);
	b.s.backup_exclude = &filter;
	cr_assert_eq(station_update(&b.s, b.v2, &e), 0, "%s", e.msg);
	cr_assert_not(tempdir_has(&b.t, "c/bkp_remote.003/spool/large.db"));
	/* Its own backup knows it, though the option is not given now. */
	cr_expect(large_survives(&b, 0, NULL));
	/* An older one does not: with the option it is left alone, */
	cr_expect(large_survives(&b, 1, &filter));
	/* and without it goes into the backup first. */
	cr_expect_not(large_survives(&b, 1, NULL));
	cr_expect(tempdir_has(&b.t, "c/bkp_remote.003/spool/large.db"));
	filter_release(&filter);
	tempdir_close(&b.t);
}

static uint64_t
ino_of(struct bench *b, const char *path)
{
	struct fs_stat st;

	cr_assert_eq(fs_stat(fs_real(), b->t.fd, path, &st), 0, "%s", path);
	return st.ino;
}

/* Only what is the installed release's is known to be no file of the user's;
 * where they cannot be compared nothing is shared, and all is copied. */
Test(rollback, its_backup_shares_what_the_release_has)
{
	static const char *const shared[] = {
	    "lib/same.dll", "app.exe", "dup2.dll"};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs no_clone = {&ops, NULL};
	uint64_t live[3];
	struct folder *f;
	struct bench b;
	struct err e;
	char path[64];
	size_t k;
	int i;

	ops.fast.clone = NULL;
	for (i = 0; i < 2; i++) {
		bench_open_on(&b, &no_clone);
		/* A full folder in a file's place stops the comparison. */
		if (i == 1) {
			cr_assert_eq(
			    fs_unlink(fs_real(), b.t.fd, "c/empty.dat"), 0);
			tempdir_text(&b.t, "c/empty.dat/mine", "mine", -1);
		}
		for (k = 0; k < 3; k++) {
			(void)snprintf(path, sizeof(path), "c/%s", shared[k]);
			live[k] = ino_of(&b, path);
		}
		cr_assert_eq(station_open(&b.s, &f, &e), 0);
		cr_assert_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
		folder_close(f);
		cr_expect(tempdir_is_text(&b.t, "c/conf.ini", "[a]\nx=1\n"));
		for (k = 0; k < 3; k++) {
			(void)snprintf(path, sizeof(path),
			    "c/bkp_remote.003/%s", shared[k]);
			/* Of what is replaced it is known by itself. */
			cr_expect_eq(ino_of(&b, path) == live[k],
			    i == 0 || k > 0, "%d: %s", i, path);
		}
		tempdir_close(&b.t);
	}
}

Test(rollback, its_backup_shares_the_first_file_too)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs no_clone = {&ops, NULL};
	struct folder *f;
	struct bench b;
	struct err e;

	ops.fast.clone = NULL;
	bench_open_on(&b, &no_clone);
	tempdir_text(&b.t, "v2/conf.ini", "[a]\nx=3\n", -1);
	cr_assert_eq(station_update(&b.s, b.v2, &e), 0, "%s", e.msg);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	cr_assert_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_expect(tempdir_is_text(&b.t, "c/conf.ini", "[a]\nx=2\n"));
	cr_expect(
	    tempdir_is_text(&b.t, "c/bkp_remote.003/conf.ini", "[a]\nx=3\n"));
	cr_expect_eq(
	    ino_of(&b, "c/app.exe"), ino_of(&b, "c/bkp_remote.003/app.exe"));
	tempdir_close(&b.t);
}

/* A decision, and what it is where every look succeeds. */
struct decision {
	struct rollback *r;
	const struct backup_entry *x;
	int want;
};

static int
decide_again(void *arg, const struct fs *fs, struct err *e)
{
	struct decision *d = arg;
	const struct fs *usual = d->r->f->fs;
	int step;

	d->r->f->fs = fs;
	step = rollback_decide(d->r, d->x, e);
	d->r->f->fs = usual;
	if (step < 0)
		return step;
	return step == d->want ? 0 : SWEEP_WRONG;
}

Test(rollback, where_a_look_fails_nothing_is_decided)
{
	static const struct {
		const char *path;
		int want;
	} cases[] = {
	    {"app.exe", ROLLBACK_REPLACE},
	    {"lib/same.dll", ROLLBACK_REPLACE},
	    {"share/res/a.bin", ROLLBACK_KEEP},
	    {"lib/plugin.dll", ROLLBACK_KEEP},
	    {"conf.ini", ROLLBACK_KEEP},
	    {"readme.txt", ROLLBACK_REPLACE},
	    {"gone.dll", ROLLBACK_ADD},
	    {"swapme", ROLLBACK_RETYPE},
	    {"link", ROLLBACK_REPLACE},
	};
	struct rollback r = {.all = false};
	struct decision d = {.r = &r};
	struct fs_fault fault;
	struct bench b;
	struct err e;
	size_t i;

	station_use_memory();
	bench_open_linked(&b);
	write_over(&b, "c/lib/same.dll", "MZdamaged", -1);
	tempdir_chmod(&b.t, "c/share/res/a.bin", 0755);
	write_over(&b, "c/lib/plugin.dll", "MZmine", -1);
	tempdir_text(&b.t, "c/conf.ini", "mine", -1);
	tempdir_text(&b.t, "c/app.exe", "", -1);
	cr_assert_eq(station_open(&b.s, &r.f, &e), 0, "%s", e.msg);
	cr_assert_eq(rollback_open(&r, 2, &e), 0, "%s", e.msg);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		d.x = backup_list_find(&r.target.files, cases[i].path);
		d.want = (int)cases[i].want;
		cr_assert_not_null(d.x, "%s", cases[i].path);
		SWEEP(r.f->fs, decide_again, &d);
	}
	/* What is behind a mount is not ours. */
	fs_fault_init(&fault, r.f->fs);
	fault.looks = true;
	fs_fault_arm(&fault, FAULT_ONCE, 1, EXDEV);
	r.f->fs = &fault.fs;
	cr_expect_eq(decide(&r, "app.exe"), ROLLBACK_KEEP);
	cr_expect(fault.fired);
	cr_expect_eq(decide(&r, "app.exe"), ROLLBACK_REPLACE);
	fs_fault_arm(&fault, FAULT_ONCE, 1, EXDEV);
	cr_expect_eq(decide_newer(&r, "dup2.dll"), ROLLBACK_KEEP);
	cr_expect(fault.fired);
	cr_expect_eq(decide_newer(&r, "dup2.dll"), ROLLBACK_REMOVE);
	/* The backup of the inode that is shared is gone: nobody knows. */
	cr_assert_eq(
	    fs_unlink(fs_real(), b.t.fd, "c/bkp_remote.003/app.exe"), 0);
	cr_expect_eq(decide(&r, "app.exe"), ROLLBACK_KEEP);
	r.f->fs = fault.real;
	rollback_release(&r);
	folder_close(r.f);
	tempdir_close(&b.t);
}
