/* Backups that keep their worth: a repair costs none of another release, and
 * those of the ERP's own updater are backups too. */
#include "engine/apply/apply.h"

#include "engine/apply/folder.h"
#include "engine/apply/history.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WARNED = 300 };

struct bench {
	struct tempdir t;
	struct station s;
	char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
};

static void
bench_open(struct bench *b)
{
	struct err e;

	memset(b, 0, sizeof(*b));
	pair_folders(&b->t, b->client, b->v1, b->v2);
	/* Of no release that the station knows, and in the way of v2. */
	cr_assert_eq(tree_remove(fs_real(), b->t.fd, "c/swapdir", &e), 0);
	b->s.fs = fs_real();
	b->s.client = b->client;
}

static void
must_update(struct bench *b, const char *release)
{
	struct err e;

	cr_assert_eq(station_update(&b->s, release, &e), 0, "%s", e.msg);
}

static char *
shot(struct bench *b, const char *name)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", b->t.path, name);
	/* A folder that was written in has another time after a rollback. */
	return station_picture(path, PICTURE_CONTENT);
}

static void
expect_shot(struct bench *b, const char *name, const char *want)
{
	char *now = shot(b, name);

	cr_assert_str_eq(now, want, "%s:\n%s\nwanted:\n%s", name, now, want);
	free(now);
}

static int
roll_back(struct bench *b, int number, bool all, struct err *e)
{
	const struct rollback_options opt = {number, all};
	struct folder *f;
	int rc;

	cr_assert_eq(station_open(&b->s, &f, e), 0, "%s", e->msg);
	rc = apply_rollback_with(f, &opt, e);
	folder_close(f);
	return rc;
}

/* The client edits its INI at each start, the update puts it right. */
static void
start_often(struct bench *b, const char *release)
{
	char text[32];
	int i;

	for (i = 0; i < 10; i++) {
		(void)snprintf(text, sizeof(text), "user %d", i);
		tempdir_text(&b->t, "c/conf.ini", text, -1);
		must_update(b, release);
		cr_assert_not(tempdir_is_text(&b->t, "c/conf.ini", text));
	}
}

Test(apply_repair, ten_repairs_keep_the_backup_of_the_release_before)
{
	struct bench b;
	char *before;

	bench_open(&b);
	before = shot(&b, "c");
	must_update(&b, b.v2);
	start_often(&b, b.v2);
	expect_shot(&b, "c/bkp_remote.001", before);
	/* The last edit is kept, and takes one number. */
	cr_assert(tempdir_is_text(&b.t, "c/bkp_remote.002/conf.ini", "user 9"));
	cr_assert_not(tempdir_has(&b.t, "c/bkp_remote.003"));
	free(before);
	tempdir_close(&b.t);
}

/* Three releases, and what there was before each. */
static void
three_releases(struct bench *b, char *before[3])
{
	before[0] = shot(b, "c");
	must_update(b, b->v1);
	before[1] = shot(b, "c");
	must_update(b, b->v2);
	/* The third is v1 with another file in it. */
	tempdir_text(&b->t, "v1/third.txt", "third", -1);
	before[2] = shot(b, "c");
	must_update(b, b->v1);
}

/* That is what the backups hold; it is freed. */
static void
expect_three(struct bench *b, char *before[3])
{
	char name[32];
	int k;

	for (k = 0; k < 3; k++) {
		(void)snprintf(name, sizeof(name), "c/bkp_remote.%03d", k + 1);
		expect_shot(b, name, before[k]);
		free(before[k]);
	}
}

Test(apply_repair, ten_repairs_keep_the_backups_of_three_releases)
{
	char *before[3];
	struct bench b;

	bench_open(&b);
	three_releases(&b, before);
	start_often(&b, b.v1);
	expect_three(&b, before);
	cr_assert(
	    tempdir_is_text(&b.t, "c/.erpsync/repaired/conf.ini", "user 9"));
	tempdir_close(&b.t);
}

/* Somebody deletes files to have them anew: a rollback does not delete them
 * again, but goes to the release before. */
Test(apply_repair, files_put_back_take_no_number)
{
	struct bench b;
	struct err e;
	char *before;

	bench_open(&b);
	must_update(&b, b.v1);
	before = shot(&b, "c");
	must_update(&b, b.v2);
	cr_assert_eq(unlinkat(b.t.fd, "c/app.exe", 0), 0);
	must_update(&b, b.v2);
	cr_assert(tempdir_has(&b.t, "c/app.exe"));
	cr_assert_not(tempdir_has(&b.t, "c/bkp_remote.003"));
	cr_assert_eq(roll_back(&b, 0, false, &e), 0, "%s", e.msg);
	expect_shot(&b, "c", before);
	free(before);
	tempdir_close(&b.t);
}

/* But what a person changed there in between is a content of its own. */
Test(apply_repair, an_edit_that_other_times_take_away_keeps_its_backup)
{
	struct bench b;
	int k;

	bench_open(&b);
	tempdir_text(&b.t, "v1/third.txt", "third", -1);
	must_update(&b, b.v1);
	tempdir_text(&b.t, "c/app.exe", "my edit", -1);
	for (k = 0; k < 4; k++) {
		tempdir_text(&b.t, "v1/third.txt", "third", 1000 + k);
		must_update(&b, b.v1);
	}
	cr_expect_not(tempdir_is_text(&b.t, "c/app.exe", "my edit"));
	cr_expect(tempdir_is_text(&b.t, "c/bkp_remote.002/app.exe", "my edit"));
	cr_expect(tempdir_has(&b.t, "c/bkp_remote.001"));
	tempdir_close(&b.t);
}

/* Copied anew at the server each day: other times, the same contents. */
Test(apply_repair, releases_of_other_times_keep_the_backups_of_contents)
{
	char *before[3];
	struct bench b;
	int k;

	bench_open(&b);
	three_releases(&b, before);
	for (k = 0; k < 4; k++) {
		tempdir_text(&b.t, "v1/third.txt", "third", 1000 + k);
		must_update(&b, b.v1);
	}
	expect_three(&b, before);
	/* Another content of the same size is another release. */
	tempdir_text(&b.t, "v1/third.txt", "other", 1000 + k);
	before[0] = shot(&b, "c");
	must_update(&b, b.v1);
	expect_shot(&b, "c/bkp_remote.003", before[0]);
	free(before[0]);
	cr_assert_eq(roll_back(&b, 0, false, &(struct err){0}), 0);
	cr_assert(tempdir_is_text(&b.t, "c/third.txt", "third"));
	tempdir_close(&b.t);
}

/* And at each start the client writes its INI: no edit of a person's. */
Test(apply_repair, other_times_and_an_ini_cost_no_backup_of_contents)
{
	char *before[3], user[16];
	struct bench b;
	int k;

	bench_open(&b);
	three_releases(&b, before);
	for (k = 0; k < 4; k++) {
		(void)snprintf(user, sizeof(user), "user %d", k);
		tempdir_text(&b.t, "c/conf.ini", user, -1);
		tempdir_text(&b.t, "v1/third.txt", "third", 1000 + k);
		must_update(&b, b.v1);
		cr_assert_not(tempdir_is_text(&b.t, "c/conf.ini", user));
	}
	expect_three(&b, before);
	cr_assert(
	    tempdir_is_text(&b.t, "c/.erpsync/repaired/conf.ini", "user 3"));
	tempdir_close(&b.t);
}

/* A log of the client's, which a release brought: written at each start, it
 * takes one number and no more, and the last of it is kept. */
Test(apply_repair, other_times_and_a_log_cost_one_number)
{
	char *before[2], text[16];
	struct bench b;
	int k;

	bench_open(&b);
	must_update(&b, b.v1);
	before[0] = shot(&b, "c");
	must_update(&b, b.v2);
	tempdir_text(&b.t, "v1/third.txt", "third", -1);
	before[1] = shot(&b, "c");
	must_update(&b, b.v1);
	for (k = 0; k < 4; k++) {
		(void)snprintf(text, sizeof(text), "log %d", k);
		tempdir_text(&b.t, "c/app.exe", text, -1);
		tempdir_text(&b.t, "v1/third.txt", "third", 1000 + k);
		must_update(&b, b.v1);
		cr_assert_not(tempdir_is_text(&b.t, "c/app.exe", text));
		cr_assert(
		    tempdir_is_text(&b.t, "c/bkp_remote.003/app.exe", text));
	}
	expect_shot(&b, "c/bkp_remote.001", before[0]);
	expect_shot(&b, "c/bkp_remote.002", before[1]);
	/* Nor does what takes no edit with it, or another one's, drop it. */
	tempdir_text(&b.t, "v1/third.txt", "third", 2000);
	must_update(&b, b.v1);
	expect_shot(&b, "c/bkp_remote.002", before[1]);
	cr_assert(tempdir_is_text(&b.t, "c/bkp_remote.003/app.exe", "log 3"));
	tempdir_text(&b.t, "c/third.txt", "typed", -1);
	must_update(&b, b.v1);
	cr_assert(tempdir_is_text(&b.t, "c/bkp_remote.003/app.exe", "log 3"));
	cr_assert(
	    tempdir_is_text(&b.t, "c/.erpsync/repaired/third.txt", "typed"));
	/* Nor the next release, which drops the oldest. */
	must_update(&b, b.v2);
	expect_shot(&b, "c/bkp_remote.001", before[1]);
	cr_assert(tempdir_is_text(&b.t, "c/bkp_remote.002/app.exe", "log 3"));
	free(before[0]);
	free(before[1]);
	tempdir_close(&b.t);
}

/* A repair takes the place of a backup of its own release, not of one with an
 * edit; which is not what another release has. */
Test(apply_repair, a_repair_drops_no_edit_of_its_release)
{
	struct bench b;
	int edited;
	bool apart;

	for (edited = 0; edited < 3; edited++) {
		bench_open(&b);
		must_update(&b, b.v1);
		if (edited == 1)
			tempdir_text(&b.t, "c/app.exe", "my edit", -1);
		else if (edited == 2)
			tempdir_text(&b.t, "c/conf.ini", "my edit", -1);
		must_update(&b, b.v2);
		must_update(&b, b.v1);
		tempdir_text(&b.t, "c/conf.ini", "user", -1);
		must_update(&b, b.v1);
		apart = tempdir_has(&b.t, "c/.erpsync/repaired");
		cr_assert_eq(apart, edited == 1);
		cr_assert_eq(edited == 1,
		    tempdir_is_text(
			&b.t, "c/bkp_remote.002/app.exe", "my edit"));
		tempdir_close(&b.t);
	}
}

static int
no_pulse(void *ctx, const struct folder *f, struct err *e)
{
	(void)ctx;
	(void)f;
	return err_set(e, ERP_HEALTH, "no pulse");
}

/* It is taken back to what it was, not to the release before, wherever its
 * backup lies. */
Test(apply_repair, an_unhealthy_repair_is_taken_back)
{
	struct bench b;
	struct err e;
	char *before, *oldest;
	int apart;

	for (apart = 0; apart < 2; apart++) {
		bench_open(&b);
		must_update(&b, b.v1);
		if (apart) {
			must_update(&b, b.v2);
			tempdir_text(&b.t, "v1/third.txt", "third", -1);
			must_update(&b, b.v1);
		}
		tempdir_text(&b.t, "c/conf.ini", "typed", -1);
		before = shot(&b, "c");
		oldest = shot(&b, "c/bkp_remote.001");
		b.s.health = no_pulse;
		cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_HEALTH);
		cr_assert(strstr(e.msg, "in place again") != NULL, "%s", e.msg);
		expect_shot(&b, "c", before);
		expect_shot(&b, "c/bkp_remote.001", oldest);
		cr_assert_not(tempdir_has(&b.t, "c/.erpsync/repaired"));
		free(before);
		free(oldest);
		tempdir_close(&b.t);
	}
}

/* As the ERP's own updater leaves a station: three copies, no record. */
static void
put_foreign(struct bench *b)
{
	char command[1200];
	int k;

	for (k = 1; k <= 3; k++) {
		tempdir_text(&b->t, "of.txt",
		    k == 1       ? "1"
			: k == 2 ? "2"
				 : "3",
		    -1);
		(void)snprintf(command, sizeof(command),
		    "cd '%s' && mkdir -p k && cp -a c/. k/ && "
		    "rm -rf k/bkp_remote.* && mv of.txt k/of.txt && "
		    "mv k c/bkp_remote.00%d",
		    b->t.path, k);
		cr_assert_eq(system(command), 0);
	}
}

Test(apply_repair, a_station_of_the_erps_own_updater_is_taken_over)
{
	struct history h;
	struct bench b;
	struct folder *f;
	struct err e;
	char *before;

	bench_open(&b);
	put_foreign(&b);
	before = shot(&b, "c");
	must_update(&b, b.v2);
	cr_assert(tempdir_is_text(&b.t, "c/bkp_remote.001/of.txt", "2"));
	cr_assert(tempdir_is_text(&b.t, "c/bkp_remote.002/of.txt", "3"));
	expect_shot(&b, "c/bkp_remote.003", before);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	cr_assert_eq(history_read(f, NULL, NULL, &h, &e), 0);
	folder_close(f);
	cr_assert_eq(h.n, 3);
	cr_assert_eq(h.v[0].health, HISTORY_FOREIGN);
	cr_assert_eq(h.v[1].health, HISTORY_FOREIGN);
	cr_assert_eq(h.v[2].health, HISTORY_GOOD);
	cr_assert_eq(roll_back(&b, 0, false, &e), 0, "%s", e.msg);
	expect_shot(&b, "c", before);
	free(before);
	tempdir_close(&b.t);
}

/* Whatever has the names of backups: a repair can do without a number. */
Test(apply_repair, what_is_no_backup_is_not_in_a_repairs_way)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	must_update(&b, b.v2);
	tempdir_text(&b.t, "c/bkp_remote.002", "no folder", -1);
	cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_BLOCKED);
	cr_expect_not_null(strstr(e.msg, "bkp_remote.002"), "%s", e.msg);
	start_often(&b, b.v2);
	cr_expect(tempdir_is_text(&b.t, "c/bkp_remote.002", "no folder"));
	cr_expect(
	    tempdir_is_text(&b.t, "c/.erpsync/repaired/conf.ini", "user 9"));
	cr_expect_not(tempdir_has(&b.t, "c/bkp_remote.003"));
	cr_expect_eq(roll_back(&b, 1, false, &e), ERP_BLOCKED, "%s", e.msg);
	cr_assert_eq(unlinkat(b.t.fd, "c/bkp_remote.002", 0), 0);
	must_update(&b, b.v1);
	cr_expect(tempdir_has(&b.t, "c/bkp_remote.002/conf.ini"));
	tempdir_close(&b.t);
}

Test(apply_repair, a_rollback_to_a_foreign_backup_compares_contents)
{
	struct fs_stat st;
	struct bench b;
	struct folder *f;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "c/0.txt", "the first", 1234);
	put_foreign(&b);
	tempdir_touch(&b.t, "c/bkp_remote.003/0.txt", 5678, 0);
	tempdir_text(&b.t, "c/bkp_remote.003/conf.ini", "of then", -1);
	/* Times of a copy are no difference. */
	tempdir_touch(&b.t, "c/bkp_remote.003/lib/same.dll", 1234567890, 0);
	must_update(&b, b.v2);
	tempdir_text(&b.t, "c/mine.txt", "the user's", -1);
	cr_assert_eq(roll_back(&b, 2, false, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "c/conf.ini", "of then"));
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/lib/same.dll", &st), 0);
	cr_expect_neq(st.mtime.s, 1234567890);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/0.txt", &st), 0);
	cr_expect_eq(st.mtime.s, 1234);
	cr_assert(tempdir_is_text(&b.t, "c/of.txt", "3"));
	cr_assert(tempdir_is_text(&b.t, "c/mine.txt", "the user's"));
	cr_assert_not(tempdir_has(&b.t, "c/new"), "written by the update");
	/* Nobody knows which release it is. */
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	cr_assert_not(folder_state(f)->known);
	folder_close(f);
	/* All of it, and what it does not have goes. */
	cr_assert_eq(roll_back(&b, 1, true, &e), 0, "%s", e.msg);
	cr_assert_not(tempdir_has(&b.t, "c/mine.txt"));
	cr_assert(tempdir_is_text(&b.t, "c/of.txt", "3"));
	tempdir_close(&b.t);
}

static void
note_warning(void *ctx, const struct event *ev)
{
	if (ev->kind == EVENT_WARN)
		(void)snprintf(ctx, WARNED, "%s", ev->text);
}

/* Somebody saved one file under a backup's name. */
Test(apply_repair, a_folder_with_a_few_files_is_no_client_to_go_back_to)
{
	char said[WARNED], *before;
	const struct observer obs = {.event = note_warning, .ctx = said};
	struct bench b;
	struct err e;
	int all;

	for (all = 0; all < 2; all++) {
		bench_open(&b);
		cr_assert_eq(tree_remove(fs_real(), b.t.fd, "c", &e), 0);
		tempdir_mkdir(&b.t, "c");
		must_update(&b, b.v2);
		cr_assert_not(tempdir_has(&b.t, "c/bkp_remote.001"));
		tempdir_text(&b.t, "c/bkp_remote.001/conf.ini", "saved", -1);
		before = shot(&b, "c");
		cr_assert_eq(
		    roll_back(&b, 0, all != 0, &e), ERP_MISMATCH, "%s", e.msg);
		cr_expect_not_null(
		    strstr(e.msg, "bkp_remote.001: lacks most files of "), "%s",
		    e.msg);
		cr_expect_not_null(strstr(e.msg, "(--to)"), "%s", e.msg);
		expect_shot(&b, "c", before);
		/* Named, it is meant; what goes is said. */
		b.s.obs = &obs;
		said[0] = '\0';
		cr_assert_eq(roll_back(&b, 1, all != 0, &e), 0, "%s", e.msg);
		cr_expect(tempdir_is_text(&b.t, "c/conf.ini", "saved"));
		cr_expect_not(tempdir_has(&b.t, "c/new"));
		cr_expect_not_null(strstr(said, "so many go"), "%s", said);
		free(before);
		tempdir_close(&b.t);
	}
}

/* Where no release is known, what would go tells. */
Test(apply_repair, a_folder_with_a_few_files_of_an_unknown_client)
{
	struct bench b;
	struct err e;
	char *before;

	bench_open(&b);
	tempdir_text(&b.t, "c/bkp_remote.001/conf.ini", "saved", -1);
	before = shot(&b, "c");
	cr_assert_eq(roll_back(&b, 0, true, &e), ERP_MISMATCH);
	expect_shot(&b, "c", before);
	cr_assert_eq(roll_back(&b, 0, false, &e), 0, "%s", e.msg);
	cr_expect(tempdir_is_text(&b.t, "c/conf.ini", "saved"));
	cr_expect(tempdir_has(&b.t, "c/lib/same.dll"));
	free(before);
	tempdir_close(&b.t);
}

static int fails; /* so often */

static int
open_not(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if (fails > 0 && strcmp(path, "bkp_remote.003/of.txt") == 0) {
		fails--;
		return -EIO;
	}
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* It is not damaged for that, and not taken for what it is not. */
Test(apply_repair, a_foreign_backup_that_cannot_be_read_stops_it)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs fs = {&ops, NULL};
	struct bench b;
	struct err e;
	char *before;

	bench_open(&b);
	put_foreign(&b);
	ops.open = open_not;
	b.s.fs = &fs;
	before = shot(&b, "c");
	fails = 1;
	cr_expect_eq(roll_back(&b, 3, false, &e), ERP_IO, "%s", e.msg);
	cr_expect_eq(fails, 0);
	expect_shot(&b, "c", before);
	free(before);
	cr_expect_eq(roll_back(&b, 3, false, &e), 0, "%s", e.msg);
	cr_expect(tempdir_is_text(&b.t, "c/of.txt", "3"));
	tempdir_close(&b.t);
}

/* Beside the INI that names the server there is nothing to go back to, but what
 * the release replaced is kept. */
Test(apply_repair, an_ini_that_was_left_alone_takes_no_number)
{
	char client[300];
	struct bench b;

	bench_open(&b);
	tempdir_mkdir(&b.t, "new");
	tempdir_text(&b.t, "new/smartclient.ini", "[ErpSync]\n", -1);
	(void)snprintf(client, sizeof(client), "%s/new", b.t.path);
	b.s.client = client;
	must_update(&b, b.v2);
	cr_expect(tempdir_is_text(&b.t, "new/smartclient.ini", "[ErpSync]\n"));
	cr_expect_not(tempdir_has(&b.t, "new/bkp_remote.001"));
	tempdir_mkdir(&b.t, "other");
	tempdir_text(&b.t, "other/conf.ini", "of mine", -1);
	(void)snprintf(client, sizeof(client), "%s/other", b.t.path);
	must_update(&b, b.v2);
	cr_expect(
	    tempdir_is_text(&b.t, "other/bkp_remote.001/conf.ini", "of mine"));
	tempdir_mkdir(&b.t, "user");
	tempdir_text(&b.t, "user/notes.txt", "of mine", -1);
	(void)snprintf(client, sizeof(client), "%s/user", b.t.path);
	must_update(&b, b.v2);
	cr_expect(tempdir_has(&b.t, "user/bkp_remote.001/notes.txt"));
	tempdir_close(&b.t);
}

Test(apply_repair, an_empty_folder_is_no_backup_to_go_back_to)
{
	struct bench b;
	struct err e;
	char *before;

	bench_open(&b);
	tempdir_mkdir(&b.t, "c/bkp_remote.001");
	before = shot(&b, "c");
	cr_assert_eq(roll_back(&b, 1, true, &e), ERP_MISMATCH);
	cr_assert(strstr(e.msg, "is empty") != NULL, "%s", e.msg);
	expect_shot(&b, "c", before);
	free(before);
	tempdir_close(&b.t);
}
