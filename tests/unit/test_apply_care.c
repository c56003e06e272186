/* What an update must not do to backups, to users and to a station whose
 * administrator has a check. */
#include "engine/apply/apply.h"

#include "engine/apply/folder.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/history.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/tree/plan.h"
#include "tests/support/fs_fault.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"
#include "transport/net/threads.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SHOTS = 3, T3 = 1660000000 };

struct bench {
	struct tempdir t;
	struct station s;
	char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
	char *shots[SHOTS]; /* of the backups */
	int asked; /* the health check */
	int warned; /* of lib/same.dll */
	int answer;
};

static void
bench_open(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	pair_folders(&b->t, b->client, b->v1, b->v2);
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
shot_of(struct bench *b, int number)
{
	char path[400];

	(void)snprintf(
	    path, sizeof(path), "%s/bkp_remote.%03d", b->client, number);
	return station_picture(path, PICTURE_FULL);
}

static void
take_shots(struct bench *b)
{
	int k;

	for (k = 0; k < SHOTS; k++)
		b->shots[k] = shot_of(b, k + 1);
}

/* Is every backup now as it was, content, times and modes; shifted down by
 * so many updates? */
static void
expect_shots(struct bench *b, int shift, const char *what)
{
	char *now;
	int k;

	for (k = shift; k < SHOTS; k++) {
		now = shot_of(b, k + 1 - shift);
		cr_assert_str_eq(now, b->shots[k], "%s: %d", what, k + 1);
		free(now);
	}
}

static void
bench_close(struct bench *b)
{
	int k;

	for (k = 0; k < SHOTS; k++)
		free(b->shots[k]);
	tempdir_close(&b->t);
}

/* So that there are three backups, and v1 is live. */
static void
update_thrice(struct bench *b)
{
	must_update(b, b->v1);
	must_update(b, b->v2);
	must_update(b, b->v1);
	take_shots(b);
}

Test(apply_care, a_live_ini_edited_in_place_leaves_every_backup)
{
	static const char *const edited[] = {
	    "c/conf.ini", "c/readme.txt", "c/run.sh", "c/user.ini"};
	struct bench b;
	size_t i;

	bench_open(&b);
	update_thrice(&b);
	/* tempdir_text truncates and writes: the inode stays. */
	for (i = 0; i < sizeof(edited) / sizeof(edited[0]); i++)
		tempdir_text(&b.t, edited[i], "edited in place\n", -1);
	tempdir_write(&b.t, "c/lib/plugin.dll", "edit\0ed", 7, -1);
	expect_shots(&b, 0, "edited");
	bench_close(&b);
}

Test(apply_care, a_time_only_update_leaves_every_backup)
{
	struct fs_stat st;
	struct bench b;

	bench_open(&b);
	update_thrice(&b);
	tempdir_touch(&b.t, "v1/lib/same.dll", T3, 1);
	tempdir_touch(&b.t, "v1/conf.ini", T3, 1);
	tempdir_chmod(&b.t, "v1/share/res/a.bin", 0755);
	must_update(&b, b.v1);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/lib/same.dll", &st), 0);
	cr_assert_eq(st.mtime.s, T3);
	expect_shots(&b, 1, "touched");
	bench_close(&b);
}

/* As long as lib/same.dll. */
#define QUARTER "edited in place by a program... "
#define SAME_LENGTH QUARTER QUARTER QUARTER QUARTER

/* What a program does to a live file right before the backup is made, with
 * the file's time kept. */
struct meddling {
	const char *path; /* only its time is new in the release */
	const char *text; /* its content then, or NULL: it goes */
	int code; /* what becomes of the update */
};

struct meddler {
	struct tempdir *t;
	const struct meddling *what;
};

static int
meddle(void *ctx, int dir, const char *name, uint32_t mode)
{
	const struct meddler *m = ctx;
	struct fs_stat st;

	if (strncmp(name, "bkp.", 4) == 0) {
		cr_assert_eq(
		    fs_stat(fs_real(), m->t->fd, m->what->path, &st), 0);
		if (m->what->text == NULL)
			cr_assert_eq(
			    fs_unlink(fs_real(), m->t->fd, m->what->path), 0);
		else
			tempdir_text(m->t, m->what->path, m->what->text, -1);
		if (m->what->text != NULL)
			tempdir_touch(
			    m->t, m->what->path, st.mtime.s, st.mtime.ns);
	}
	return fs_real()->ops->mkdir(NULL, dir, name, mode);
}

Test(apply_care, a_time_only_update_of_what_changes_meanwhile_changes_nothing)
{
	static const struct meddling all[] = {
	    {"c/conf.ini", "[a]\nx=9\n", ERP_BUSY},
	    {"c/conf.ini", "[a]\nx=1\nand more\n", ERP_BUSY},
	    {"c/conf.ini", "", ERP_BUSY},
	    {"c/conf.ini", NULL, ERP_NOTFOUND},
	    {"c/lib/same.dll", SAME_LENGTH, ERP_BUSY},
	    {"c/lib/same.dll", NULL, ERP_NOTFOUND},
	};
	unsigned three = 3;
	struct crew crew = {threads_real()->run, &three};
	struct fs_ops ops = *fs_real()->ops;
	struct bench b;
	struct meddler m = {&b.t, NULL};
	struct fs odd = {&ops, &m};
	struct err e;
	size_t i;

	ops.mkdir = meddle;
	for (i = 0; i < 4 * sizeof(all) / sizeof(all[0]); i++) {
		bench_open(&b);
		must_update(&b, b.v1);
		tempdir_touch(&b.t, "v1/lib/same.dll", T3, 1);
		tempdir_touch(&b.t, "v1/conf.ini", T3, 1);
		m.what = &all[i / 4];
		ops.fast.clone = i & 1 ? fs_play_clone : NULL;
		b.s.crew = i & 2 ? &crew : NULL;
		b.s.fs = &odd;
		cr_assert_eq(station_update(&b.s, b.v1, &e), m.what->code,
		    "%zu: %s", i, e.msg);
		cr_assert_not_null(
		    strstr(e.msg, m.what->path + 2), "%zu: %s", i, e.msg);
		cr_assert_not(tempdir_has(&b.t, "c/bkp_remote.002"));
		cr_assert_not(tempdir_has(&b.t, "c/.erpsync/journal"));
		if (m.what->text != NULL)
			cr_assert(
			    tempdir_is_text(&b.t, m.what->path, m.what->text));
		else
			cr_assert_not(tempdir_has(&b.t, m.what->path));
		/* Nothing is in the way of the next one. */
		b.s.fs = fs_real();
		must_update(&b, b.v1);
		cr_assert(tempdir_is_text(&b.t, "c/conf.ini", "[a]\nx=1\n"));
		bench_close(&b);
	}
}

/* A program that holds a file open writes on into what was replaced. */
Test(apply_care, an_open_file_that_was_edited_leaves_its_backup)
{
	struct bench b;
	FILE *log;

	bench_open(&b);
	must_update(&b, b.v1);
	tempdir_write(&b.t, "c/app.exe", "no\0text", 7, -1);
	cr_assert_not_null(
	    log =
		fdopen(openat(b.t.fd, "c/app.exe", O_WRONLY | O_APPEND), "a"));
	must_update(&b, b.v2);
	b.shots[1] = shot_of(&b, 2);
	(void)fputs("written late", log);
	(void)fclose(log);
	b.shots[0] = shot_of(&b, 2);
	cr_assert_str_eq(b.shots[0], b.shots[1]);
	bench_close(&b);
}

Test(apply_care, names_equal_without_case_are_backed_up_and_come_back)
{
	struct folder *f;
	struct history h;
	struct bench b;
	struct err e;
	char *before, *now;

	bench_open(&b);
	tempdir_text(&b.t, "c/A.txt", "upper", -1);
	tempdir_text(&b.t, "c/a.txt", "lower", -1);
	tempdir_text(&b.t, "c/LIB/same.dll", "the user's", -1);
	must_update(&b, b.v1);
	before = station_picture(b.client, PICTURE_FULL);
	must_update(&b, b.v2);
	now = shot_of(&b, 2);
	cr_assert_str_eq(now, before);
	free(now);
	free(before);
	tempdir_text(&b.t, "c/a.txt", "changed", -1);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/A.txt"), 0);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	cr_assert_eq(history_read(f, NULL, NULL, &h, &e), 0, "%s", e.msg);
	cr_assert_eq(
	    apply_rollback_with(f, &(struct rollback_options){0, true}, &e), 0,
	    "%s", e.msg);
	folder_close(f);
	cr_assert(tempdir_is_text(&b.t, "c/A.txt", "upper"));
	cr_assert(tempdir_is_text(&b.t, "c/a.txt", "lower"));
	cr_assert(tempdir_is_text(&b.t, "c/LIB/same.dll", "the user's"));
	bench_close(&b);
}

/* The health check. */

static int
health(void *ctx, const struct folder *f, struct err *e)
{
	struct bench *b = ctx;

	b->asked++;
	cr_assert(tempdir_has(&b->t, "c/new/deep"), "the new release is live");
	cr_assert(folder_state(f)->known);
	/* As a client does when it starts. */
	tempdir_text(&b->t, "c/conf.ini", "written by the check", -1);
	return b->answer == 0 ? 0 : err_set(e, ERP_HEALTH, "no pulse");
}

static int
check_refused(struct bench *b, const char *release, struct err *e)
{
	struct manifest m;
	struct folder *f;
	struct hash id;
	int rc;

	cr_assert_eq(station_manifest(release, path_base(release), &m, e), 0);
	cr_assert_eq(manifest_id(&m, &id, e), 0);
	manifest_release(&m);
	cr_assert_eq(station_open(&b->s, &f, e), 0);
	rc = apply_check_refused(f, &id, e);
	folder_close(f);
	return rc;
}

/* The oldest backup is needed until the check is passed, and not later. */
static void
expect_no_trash(struct bench *b)
{
	struct names list = {NULL, 0, 0};
	struct err e;
	size_t i;

	cr_assert_eq(
	    names_read(fs_real(), b->t.fd, "c/.erpsync", &list, &e), 0);
	for (i = 0; i < list.n; i++)
		cr_expect_neq(strncmp(list.v[i], "trash.", 6), 0);
	names_release(&list);
}

static void
count_warnings(void *ctx, const struct event *ev)
{
	*(int *)ctx += ev->kind == EVENT_WARN;
}

Test(apply_care, an_unhealthy_update_is_taken_back_with_its_backups)
{
	int warned = 0;
	struct bench b;
	struct err e;
	char *now;

	bench_open(&b);
	b.s.remove = true;
	update_thrice(&b);
	b.s.health = health;
	b.s.health_ctx = &b;
	b.answer = ERP_HEALTH;
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_HEALTH);
	cr_assert(strstr(e.msg, "no pulse") != NULL, "%s", e.msg);
	cr_assert_eq(b.asked, 1);
	expect_shots(&b, 0, "taken back");
	cr_assert_not(tempdir_has(&b.t, "c/new"));
	cr_assert(tempdir_has(&b.t, "c/gone.dll"));
	cr_assert(tempdir_is_text(&b.t, "c/conf.ini", "written by the check"),
	    "an edited text is the user's");
	cr_assert_eq(check_refused(&b, b.v2, &e), ERP_HEALTH);
	cr_assert(strstr(e.msg, "--force") != NULL, "%s", e.msg);
	cr_assert_eq(check_refused(&b, b.v1, &e), 0);
	/* Once it is well, all is forgotten without a word; that the check
	 * wrote to a file is no fault of the disk. */
	b.answer = 0;
	b.s.obs = &(struct observer){.event = count_warnings, .ctx = &warned};
	must_update(&b, b.v2);
	cr_expect_eq(warned, 0);
	cr_expect_not(tempdir_has(&b.t, "c/.erpsync/held"));
	cr_assert_eq(b.asked, 2);
	expect_no_trash(&b);
	cr_assert_eq(check_refused(&b, b.v2, &e), 0);
	now = shot_of(&b, 1);
	cr_assert_str_eq(now, b.shots[1]);
	free(now);
	bench_close(&b);
}

/* What the user wrote, the update replaced and the check wrote to is nowhere
 * but in the backup of the update. */
Test(apply_care, an_unhealthy_update_leaves_the_last_copy_of_a_text)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	b.s.remove = true;
	update_thrice(&b);
	tempdir_text(&b.t, "c/conf.ini", "typed by the user", -1);
	b.s.health = health;
	b.s.health_ctx = &b;
	b.answer = ERP_HEALTH;
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_HEALTH);
	cr_assert(strstr(e.msg, "in place again") != NULL, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "c/conf.ini", "written by the check"));
	cr_assert(tempdir_is_text(
	    &b.t, "c/bkp_remote.003/conf.ini", "typed by the user"));
	/* It took one number, not two. */
	free(b.shots[0]);
	b.shots[0] = shot_of(&b, 1);
	cr_assert_str_eq(b.shots[0], b.shots[1]);
	free(b.shots[0]);
	b.shots[0] = shot_of(&b, 2);
	cr_assert_str_eq(b.shots[0], b.shots[2]);
	bench_close(&b);
}

Test(apply_care, the_first_update_can_be_taken_back_too)
{
	struct bench b;
	struct err e;
	char *before, *now;

	bench_open(&b);
	tempdir_text(&b.t, "c/conf.ini", "written by the check", -1);
	tempdir_write(&b.t, "c/app.exe", "old\0", 4, 1000);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/gone.dll"), 0);
	tempdir_mkdir(&b.t, "c/new/deep");
	before = station_picture(b.client, PICTURE_CONTENT);
	b.s.health = health;
	b.s.health_ctx = &b;
	b.answer = ERP_HEALTH;
	cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_HEALTH, "%s", e.msg);
	now = station_picture(b.client, PICTURE_CONTENT);
	cr_assert_str_eq(now, before);
	cr_assert_not(tempdir_has(&b.t, "c/bkp_remote.001"));
	free(before);
	free(now);
	bench_close(&b);
}

static int
damaging_health(void *ctx, const struct folder *f, struct err *e)
{
	struct bench *b = ctx;

	(void)f;
	b->asked++;
	tempdir_write(&b->t, "c/lib/same.dll", "MZ\0damaged", 10, -1);
	return err_set(e, ERP_HEALTH, "no pulse");
}

static void
count_warning(void *ctx, const struct event *ev)
{
	struct bench *b = ctx;

	if (ev->kind == EVENT_WARN && ev->path != NULL &&
	    strcmp(ev->path, "lib/same.dll") == 0)
		b->warned++;
}

/* What the check wrote in place into what both releases share is damaged in
 * each of them: that must not keep the bad one in place. */
Test(apply_care, an_unhealthy_update_goes_whatever_the_check_damaged)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs links = {&ops, NULL};
	struct observer obs;
	struct bench b;
	struct err e;
	char *now;

	bench_open(&b);
	ops.fast.clone = NULL;
	obs = (struct observer){.event = count_warning, .ctx = &b};
	b.s.fs = &links;
	b.s.remove = true;
	b.s.obs = &obs;
	must_update(&b, b.v1);
	cr_assert_eq(b.warned, 0);
	b.s.health = damaging_health;
	b.s.health_ctx = &b;
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_HEALTH);
	cr_assert(strstr(e.msg, "in place again") != NULL, "%s", e.msg);
	cr_assert_eq(b.asked, 1);
	cr_assert_not(tempdir_has(&b.t, "c/new"));
	cr_assert(tempdir_has(&b.t, "c/gone.dll"));
	cr_assert_eq(b.warned, 1);
	/* The next update repairs it. */
	b.s.health = NULL;
	must_update(&b, b.v1);
	now = tempdir_read(&b.t, "c/lib/same.dll", NULL);
	cr_assert_str_eq(now, "MZsame");
	free(now);
	bench_close(&b);
}

/* A kill at any call, also while the update is taken back: one release or
 * the other, and every backup that is left is whole. */
Test(apply_care, a_kill_around_the_check_leaves_one_release, .timeout = 300)
{
	char *v1, *v2 = NULL, *now;
	struct fs_fault fault;
	struct history h;
	struct folder *f;
	struct bench b;
	struct err e;
	bool fired = true;
	uint64_t at;

	station_use_memory();
	for (at = 1; fired; at += 9) {
		bench_open(&b);
		b.s.remove = true;
		if (v2 == NULL) {
			must_update(&b, b.v1);
			must_update(&b, b.v2);
			tempdir_text(
			    &b.t, "c/conf.ini", "written by the check", -1);
			v2 = station_picture(b.client, PICTURE_CONTENT);
			bench_close(&b);
			bench_open(&b);
			b.s.remove = true;
		}
		must_update(&b, b.v1);
		tempdir_text(&b.t, "c/conf.ini", "written by the check", -1);
		v1 = station_picture(b.client, PICTURE_CONTENT);
		fs_fault_init(&fault, fs_real());
		b.s.fs = &fault.fs;
		b.s.health = health;
		b.s.health_ctx = &b;
		b.answer = ERP_HEALTH;
		fs_fault_arm(&fault, FAULT_KILL, at, EIO);
		(void)station_update(&b.s, b.v2, &e);
		fired = fault.fired;
		b.s.fs = fs_real();
		cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
		cr_assert_eq(history_read(f, NULL, NULL, &h, &e), 0);
		cr_assert_geq(h.n, 1);
		folder_close(f);
		tempdir_text(&b.t, "c/conf.ini", "written by the check", -1);
		now = station_picture(b.client, PICTURE_CONTENT);
		cr_assert(strcmp(now, v1) == 0 || strcmp(now, v2) == 0,
		    "mixed at %d:\n%s", (int)at, now);
		free(now);
		free(v1);
		bench_close(&b);
	}
	cr_assert_gt(at, 200);
	free(v2);
}

/* Deletions. */

Test(apply_care, a_release_that_deletes_too_much_is_stopped)
{
	static char name[] = "gone";
	static struct entry gone = {.path = name, .type = ENTRY_FILE},
			    dir = {.path = name, .type = ENTRY_DIR};
	struct entry many[65];
	struct action actions[40];
	struct plan plan = {.v = actions};
	struct manifest real;
	struct folder *f;
	struct bench b;
	struct err e;
	uint64_t max = 12;
	size_t i;

	bench_open(&b);
	must_update(&b, b.v1);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	memset(actions, 0, sizeof(actions));
	for (i = 0; i < 40; i++) {
		actions[i].kind = ACTION_DELETE;
		actions[i].have = i < 20 ? &gone : &dir;
	}
	plan.n = 10;
	cr_assert_eq(apply_check_deletes(f, &plan, NULL, &e), 0);
	plan.n = 11;
	cr_assert_eq(apply_check_deletes(f, &plan, NULL, &e), ERP_DELETES);
	cr_assert(strstr(e.msg, "11 of ") != NULL, "%s", e.msg);
	cr_assert(strstr(e.msg, "--max-delete=11") != NULL, "%s", e.msg);
	cr_assert_eq(apply_check_deletes(f, &plan, &max, &e), 0);
	plan.n = 13;
	cr_assert_eq(apply_check_deletes(f, &plan, &max, &e), ERP_DELETES);
	plan.v = actions + 20;
	plan.n = 20;
	max = 0;
	cr_assert_eq(apply_check_deletes(f, &plan, &max, &e), 0, "folders");
	/* Of many files a fifth, not counting folders. */
	memset(many, 0, sizeof(many));
	for (i = 0; i < 65; i++)
		many[i].type = i < 60 ? ENTRY_FILE : ENTRY_DIR;
	real = f->state.manifest;
	f->state.manifest.v = many;
	f->state.manifest.n = 65;
	plan.v = actions;
	plan.n = 12;
	cr_expect_eq(apply_check_deletes(f, &plan, NULL, &e), 0);
	plan.n = 13;
	cr_expect_eq(apply_check_deletes(f, &plan, NULL, &e), ERP_DELETES);
	f->state.manifest = real;
	folder_close(f);
	bench_close(&b);
}

/* On a disk where case counts it is another name, but nobody's loss. */
Test(apply_care, a_folder_renamed_in_case_only_is_no_deletion)
{
	enum { FILES = 30 };
	char path[2][FILES][16];
	struct entry gone[FILES], come[FILES];
	struct action actions[2 * FILES];
	struct plan plan = {.v = actions, .n = 2 * FILES};
	const uint64_t none = 0;
	struct folder *f;
	struct bench b;
	struct err e;
	int i;

	bench_open(&b);
	must_update(&b, b.v1);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	memset(gone, 0, sizeof(gone));
	memset(come, 0, sizeof(come));
	memset(actions, 0, sizeof(actions));
	for (i = 0; i < FILES; i++) {
		(void)snprintf(path[0][i], 16, "Lang/t%d", i);
		(void)snprintf(path[1][i], 16, "lang/T%d", FILES - 1 - i);
		gone[i].path = path[0][i];
		come[i].path = path[1][i];
		actions[i].kind = ACTION_DELETE;
		actions[i].have = &gone[i];
		actions[FILES + i].kind = ACTION_NEW;
		actions[FILES + i].want = &come[i];
	}
	cr_expect_eq(apply_check_deletes(f, &plan, NULL, &e), 0);
	cr_expect_eq(apply_check_deletes(f, &plan, &none, &e), 0);
	/* What is gone for good counts. */
	plan.n -= 11;
	cr_expect_eq(apply_check_deletes(f, &plan, NULL, &e), ERP_DELETES);
	cr_expect_not_null(strstr(e.msg, "11 of "), "%s", e.msg);
	plan.n++;
	cr_expect_eq(apply_check_deletes(f, &plan, NULL, &e), 0);
	folder_close(f);
	bench_close(&b);
}

/* But it is the name of one of them alone. */
Test(apply_care, one_new_name_is_that_of_one_that_went)
{
	enum { GONE = 12 };
	char path[GONE][8];
	struct entry gone[GONE], come = {.path = (char[]){"name"}};
	struct action actions[GONE + 1];
	struct plan plan = {.v = actions, .n = GONE + 1};
	struct folder *f;
	struct bench b;
	struct err e;
	int i, k;

	bench_open(&b);
	must_update(&b, b.v1);
	cr_assert_eq(station_open(&b.s, &f, &e), 0);
	memset(gone, 0, sizeof(gone));
	memset(actions, 0, sizeof(actions));
	for (i = 0; i < GONE; i++) {
		(void)strcpy(path[i], "name");
		for (k = 0; k < 4; k++) /* one is of each case */
			path[i][k] ^= (i + 1) >> k & 1 ? 'a' ^ 'A' : 0;
		gone[i].path = path[i];
		actions[i].kind = ACTION_DELETE;
		actions[i].have = &gone[i];
	}
	actions[GONE].kind = ACTION_NEW;
	actions[GONE].want = &come;
	cr_expect_eq(apply_check_deletes(f, &plan, NULL, &e), ERP_DELETES);
	cr_expect_not_null(strstr(e.msg, "11 of "), "%s", e.msg);
	folder_close(f);
	bench_close(&b);
}

static int may_say;

static int
say_may(void *ctx, int fd)
{
	struct fs_stat st;

	/* Of the folder lib alone: it has the mode 0711. */
	if (fs_fstat(fs_real(), fd, &st) < 0 || st.mode != 0711)
		return fs_real()->ops->attr.may_change(ctx, fd);
	return may_say;
}

/* v1 is installed; v2 has another file in lib. */
static void
open_in_folder(struct bench *b)
{
	bench_open(b);
	tempdir_text(&b->t, "v1/lib/a", "1", -1);
	tempdir_text(&b->t, "v2/lib/a", "22", -1);
	must_update(b, b->v1);
}

/* Before anything is received, and by a check. */
Test(apply_care, a_folder_that_cannot_be_changed_is_named_with_its_reason)
{
	static const struct {
		int says;
		const char *words;
	} rows[] = {{-EACCES, "lib: the folder cannot be written"},
	    {-EROFS, "write in folder lib: Read-only"},
	    {-ENOKEY, "lib: the folder is encrypted and locked"}};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;
	size_t i;

	open_in_folder(&b);
	cr_assert_eq(fchmodat(b.t.fd, "c/lib", 0711, 0), 0);
	ops.attr.may_change = say_may;
	b.s.fs = &odd;
	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		may_say = rows[i / 2].says;
		b.s.looks = i % 2 == 1;
		cr_expect_eq(station_update(&b.s, b.v2, &e), ERP_AUTH);
		cr_expect(
		    strstr(e.msg, rows[i / 2].words) == e.msg, "%s", e.msg);
	}
	may_say = 0;
	b.s.looks = false;
	must_update(&b, b.v2);
	bench_close(&b);
}

/* A disk that fails is no folder of somebody else. */
Test(apply_care, a_look_that_fails_is_no_missing_right)
{
	struct fs_fault fault;
	struct bench b;
	struct err e;
	uint64_t at;

	open_in_folder(&b);
	fs_fault_init(&fault, fs_real());
	fault.looks = fault.fired = true;
	b.s.fs = &fault.fs;
	b.s.looks = true;
	for (at = 1; fault.fired; at++) {
		fs_fault_arm(&fault, FAULT_ONCE, at, EIO);
		cr_expect_neq(station_update(&b.s, b.v2, &e), ERP_AUTH,
		    "%d: %s", (int)at, e.msg);
	}
	cr_expect_gt(at, 10);
	bench_close(&b);
}

static int
stat_mounted(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	int rc = fs_real()->ops->stat(ctx, dir, name, st);

	if (rc == 0 && strcmp(name, "mounted") == 0)
		st->mounted = true;
	return rc;
}

/* It is not moved away, but unmounted. */
Test(apply_care, what_is_mounted_in_the_way_is_named)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;
	int is_file;

	ops.stat = stat_mounted;
	for (is_file = 0; is_file < 2; is_file++) {
		bench_open(&b);
		tempdir_text(&b.t, "v1/mounted", "1", -1);
		if (is_file)
			tempdir_text(&b.t, "c/mounted", "2", -1);
		else
			tempdir_mkdir(&b.t, "c/mounted");
		b.s.fs = &odd;
		cr_expect_eq(station_update(&b.s, b.v1, &e), ERP_BLOCKED);
		cr_expect_str_eq(e.msg,
		    is_file
			? "mounted: a file that is mounted is where the "
			  "release "
			  "has a file; leave it out (--exclude) or unmount it"
			: "mounted: a folder that is mounted or a subvolume is "
			  "where the release has a file; leave it out "
			  "(--exclude) or unmount it");
		bench_close(&b);
	}
}

static bool may_remove;

static int
deny_unlink(void *ctx, int dir, const char *name)
{
	return may_remove ? fs_real()->ops->unlink(ctx, dir, name) : -EPERM;
}

static int
deny_rmdir(void *ctx, int dir, const char *name)
{
	return may_remove ? fs_real()->ops->rmdir(ctx, dir, name) : -EPERM;
}

/* Or each start would leave more of them, until the disk is full. */
Test(apply_care, no_update_leaves_more_where_nothing_can_be_removed)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	char *before, *after;
	struct bench b;
	struct err e;

	bench_open(&b);
	must_update(&b, b.v1);
	tempdir_text(&b.t, "c/.erpsync/tmp.0000000000000abc/left", "x", -1);
	ops.unlink = deny_unlink;
	ops.rmdir = deny_rmdir;
	b.s.fs = &odd;
	before = station_picture(b.client, PICTURE_FULL);
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_AUTH);
	cr_expect_not_null(
	    strstr(e.msg, "lets nothing be removed"), "%s", e.msg);
	after = station_picture(b.client, PICTURE_FULL);
	cr_expect_str_eq(before, after);
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_AUTH, "again");
	cr_expect(tempdir_has(&b.t, "c/.erpsync/modes.new"), "nothing else");
	may_remove = true;
	must_update(&b, b.v2);
	cr_expect_not(tempdir_has(&b.t, "c/.erpsync/tmp.0000000000000abc"));
	free(before);
	free(after);
	bench_close(&b);
}

static int
ignore_fchmod(void *ctx, int fd, uint32_t mode)
{
	(void)ctx;
	(void)fd;
	(void)mode;
	return 0;
}

static void
expect_program(struct bench *b, const char *path)
{
	struct fs_stat st;

	cr_assert_eq(fs_stat(fs_real(), b->t.fd, path, &st), 0, "%s", path);
	cr_expect_eq(st.mode & 0777, 0700, "%s: %o", path, st.mode);
}

/* On a disk that keeps the mode that a file was made with, whatever is asked
 * for later; nobody else gets a right to it there. */
Test(apply_care, a_program_can_run_where_modes_cannot_be_changed)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;

	bench_open(&b);
	ops.attr.fchmod = ignore_fchmod;
	b.s.fs = &odd;
	tempdir_text(&b.t, "v1/program", "one", -1);
	tempdir_text(&b.t, "v2/program", "two", -1);
	cr_assert_eq(fchmodat(b.t.fd, "v1/program", 0755, 0), 0);
	cr_assert_eq(fchmodat(b.t.fd, "v2/program", 0755, 0), 0);
	must_update(&b, b.v1);
	expect_program(&b, "c/program");
	must_update(&b, b.v2);
	expect_program(&b, "c/program");
	expect_program(&b, "c/bkp_remote.002/program");
	bench_close(&b);
}

/* It costs its space and is told each time; all else is as always. */
Test(apply_care, what_cannot_leave_the_stage_ends_no_update)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct observer obs;
	int warned = 0;
	struct bench b;

	open_in_folder(&b);
	tempdir_text(&b.t, "c/.erpsync/recv/ab/stays", "x", -1);
	ops.unlink = fs_keep_stays;
	b.s.fs = &odd;
	obs = (struct observer){.event = count_warnings, .ctx = &warned};
	b.s.obs = &obs;
	must_update(&b, b.v2);
	cr_expect_eq(warned, 1);
	cr_expect(tempdir_is_text(&b.t, "c/lib/a", "22"));
	cr_expect(tempdir_has(&b.t, "c/.erpsync/recv/ab/stays"));
	cr_expect_not(tempdir_has(&b.t, "c/.erpsync/committed"));
	must_update(&b, b.v1);
	cr_expect_eq(warned, 2);
	b.s.fs = fs_real();
	must_update(&b, b.v2);
	cr_expect_eq(warned, 2);
	cr_expect_not(tempdir_has(&b.t, "c/.erpsync/recv/ab"));
	bench_close(&b);
}
