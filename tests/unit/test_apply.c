#include "engine/apply/apply.h"

#include "engine/apply/folder.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "engine/tree/filter.h"
#include "tests/support/fs_fault.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bench {
	struct tempdir t;
	struct station s;
	char client[320], v1[320], v2[320];
};

static char *
path_in(char out[320], const struct tempdir *t, const char *name)
{
	(void)snprintf(out, 320, "%s/%s", t->path, name);
	return out;
}

static void
bench_open(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	tempdir_open(&b->t);
	pair_releases(&b->t);
	pair_client(&b->t, "c");
	b->s.fs = fs_real();
	b->s.client = path_in(b->client, &b->t, "c");
	(void)path_in(b->v1, &b->t, "v1");
	(void)path_in(b->v2, &b->t, "v2");
}

static void
must_update(struct bench *b, const char *release)
{
	struct err e;

	cr_assert_eq(station_update(&b->s, release, &e), 0, "%s", e.msg);
}

/* Is the picture of this folder of the bench that text? */
static void
expect_picture(
    struct bench *b, const char *name, enum picture what, const char *want)
{
	char path[320];
	char *now = station_picture(path_in(path, &b->t, name), what);

	cr_assert_str_eq(now, want, "%s:\n%s\nwanted:\n%s", name, now, want);
	free(now);
}

/* Nothing of ours is left but the lock, the state and the stage. */
static void
expect_tidy(struct bench *b)
{
	char path[320];
	char *own = station_picture(
	    path_in(path, &b->t, "c/.erpsync"), PICTURE_CONTENT);
	char *line;

	/* What was received may stay, for the next attempt. */
	for (line = strtok(own, "\n"); line != NULL; line = strtok(NULL, "\n"))
		cr_assert(strncmp(line, "d recv", 6) == 0 ||
			strncmp(line, "f recv/", 7) == 0 ||
			strncmp(line, "f lock ", 7) == 0 ||
			strncmp(line, "f refused ", 10) == 0 ||
			strncmp(line, "f state ", 8) == 0,
		    "left over: %s", line);
	free(own);
}

static void
count_finding(void *arg, const char *path, const char *what)
{
	(void)path;
	(void)what;
	++*(int *)arg;
}

static int
verify(struct bench *b)
{
	struct folder *f;
	struct err e;
	int found = 0, rc;

	cr_assert_eq(station_open(&b->s, &f, &e), 0, "%s", e.msg);
	rc = apply_verify(f, NULL, count_finding, &found, &e);
	if (rc >= 0)
		cr_assert_eq(rc, found);
	folder_close(f);
	return rc;
}

Test(apply, verify_leaves_alone_what_is_excluded)
{
	struct filter filter;
	struct folder *f;
	struct bench b;
	struct err e;
	int found = 0;

	bench_open(&b);
	must_update(&b, b.v1);
	tempdir_text(&b.t, "c/app.exe", "damaged", -1);
	cr_assert_eq(verify(&b), 1);
	filter_init(&filter);
	cr_assert_eq(filter_add(&filter, "*.exe", &e), 0);
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	cr_expect_eq(apply_verify(f, &filter, count_finding, &found, &e), 0);
	cr_expect_eq(found, 0);
	folder_close(f);
	filter_release(&filter);
	tempdir_close(&b.t);
}

static int
list_nothing(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	(void)ctx;
	(void)dir;
	(void)fn;
	(void)arg;
	return -EIO;
}

/* That nothing was found needs a folder that could be looked at. */
Test(apply, verify_says_that_a_folder_cannot_be_read)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs broken = {&ops, fs_real()->ctx};
	struct folder *f;
	struct bench b;
	struct err e;
	int found = 0;

	bench_open(&b);
	must_update(&b, b.v1);
	b.s.fs = &broken;
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	ops.list = list_nothing;
	cr_expect_eq(apply_verify(f, NULL, count_finding, &found, &e), ERP_IO);
	cr_expect_eq(found, 0);
	ops.list = fs_real()->ops->list;
	folder_close(f);
	tempdir_close(&b.t);
}

static int opened; /* app.exe, so often */

static int
open_and_count(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	opened += strcmp(path, "app.exe") == 0;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* A large one costs minutes, and its length tells enough. */
Test(apply, verify_reads_no_file_of_another_length)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs counting = {&ops, fs_real()->ctx};
	struct bench b;

	bench_open(&b);
	must_update(&b, b.v1);
	ops.open = open_and_count;
	b.s.fs = &counting;
	cr_expect_eq(verify(&b), 0);
	cr_expect_eq(opened, 1, "%d", opened);
	tempdir_text(&b.t, "c/app.exe", "damaged", -1);
	cr_expect_eq(verify(&b), 1);
	cr_expect_eq(opened, 1, "%d", opened);
	tempdir_close(&b.t);
}

Test(apply, update_makes_the_release_and_a_complete_backup)
{
	struct bench b;
	char *before;

	bench_open(&b);
	tempdir_mkdir(&b.t, "c/0");
	tempdir_chmod(&b.t, "c/0", 0750);
	tempdir_touch(&b.t, "c/0", 1234567, 0);
	before = station_picture(b.client, PICTURE_FULL);
	cr_assert_eq(verify(&b), ERP_NOTFOUND);
	must_update(&b, b.v1);
	must_update(&b, b.v2);
	expect_picture(&b, "c/bkp_remote.001", PICTURE_FULL, before);
	cr_assert(tempdir_has(&b.t, "c/bkp_remote.002"));
	cr_assert_eq(verify(&b), 0);
	cr_assert(tempdir_is_text(&b.t, "c/conf.ini", "[a]\nx=2\n"));
	cr_assert(tempdir_is_text(&b.t, "c/user.ini", "[mine]\n"));
	cr_assert(tempdir_has(&b.t, "c/swapme/inner.dll"));
	cr_assert(tempdir_has(&b.t, "c/empty.dat"));
	/* Nothing is deleted unless that was asked for. */
	cr_assert(tempdir_has(&b.t, "c/gone.dll"));
	expect_tidy(&b);
	tempdir_write(&b.t, "c/app.exe", "x", 1, -1);
	cr_assert_eq(verify(&b), 1);
	free(before);
	tempdir_close(&b.t);
}

Test(apply, remove_deletes_only_what_the_release_had)
{
	struct bench b;

	bench_open(&b);
	b.s.remove = true;
	must_update(&b, b.v1);
	must_update(&b, b.v2);
	cr_assert(!tempdir_has(&b.t, "c/gone.dll"));
	cr_assert(!tempdir_has(&b.t, "c/olddir"));
	cr_assert(tempdir_has(&b.t, "c/lib/plugin.dll"));
	cr_assert(tempdir_has(&b.t, "c/notes/todo:1?.txt"));
	cr_assert(tempdir_has(&b.t, "c/bkp_remote.002/olddir/sub/x.dll"));
	tempdir_close(&b.t);
}

Test(apply, new_files_have_their_time_and_keep_the_station_s_mode)
{
	struct fs_stat st;
	struct bench b;

	bench_open(&b);
	must_update(&b, b.v1);
	tempdir_chmod(&b.t, "c/run.sh", 0711);
	must_update(&b, b.v2);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/app.exe", &st), 0);
	cr_assert_eq(st.mode, 0644, "the release says: not executable");
	cr_assert_eq(st.mtime.s, 1650000000);
	cr_assert_eq(st.mtime.ns, 123456789);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/run.sh", &st), 0);
	cr_assert_eq(st.mode, 0711, "who may run it, not read it, still may");
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/new/deep", &st), 0);
	cr_assert_eq(st.mode, 0755);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/dup2.dll", &st), 0);
	cr_assert_eq(st.nlink, 1, "two names must not share bytes");
	tempdir_close(&b.t);
}

Test(apply, backups_keep_what_they_are_when_the_client_edits)
{
	struct fs_stat st;
	struct bench b;
	char *before;

	bench_open(&b);
	must_update(&b, b.v1);
	before = station_picture(b.client, PICTURE_FULL);
	must_update(&b, b.v2);
	expect_picture(&b, "c/bkp_remote.002", PICTURE_FULL, before);
	/* In place, as programs do; tempdir_write truncates and writes. */
	tempdir_text(&b.t, "c/conf.ini", "edited", -1);
	tempdir_text(&b.t, "c/user.ini", "edited", -1);
	tempdir_text(&b.t, "c/readme.txt", "edited", -1);
	tempdir_write(&b.t, "c/lib/plugin.dll", "edited", 6, -1);
	expect_picture(&b, "c/bkp_remote.002", PICTURE_FULL, before);
	/* While what only updates write takes no room twice. */
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, "c/lib/same.dll", &st), 0);
	cr_assert_geq(st.nlink, 2);
	must_update(&b, b.v1);
	expect_picture(&b, "c/bkp_remote.002", PICTURE_FULL, before);
	free(before);
	tempdir_close(&b.t);
}

Test(apply, five_updates_leave_the_last_three_in_order)
{
	char path[320], name[32];
	char *shot[6];
	struct bench b;
	int i;

	bench_open(&b);
	for (i = 0; i < 6; i++) {
		(void)snprintf(name, sizeof(name), "r%d/app.exe", i);
		tempdir_write(
		    &b.t, name, "\0abc", (size_t)(i % 4) + 1, 1600000000 + i);
		(void)snprintf(name, sizeof(name), "r%d", i);
		must_update(&b, path_in(path, &b.t, name));
		shot[i] = station_picture(b.client, PICTURE_FULL);
	}
	expect_picture(&b, "c/bkp_remote.001", PICTURE_FULL, shot[2]);
	expect_picture(&b, "c/bkp_remote.002", PICTURE_FULL, shot[3]);
	expect_picture(&b, "c/bkp_remote.003", PICTURE_FULL, shot[4]);
	for (i = 0; i < 6; i++)
		free(shot[i]);
	tempdir_close(&b.t);
}

Test(apply, a_file_named_as_a_backup_is_refused_and_kept)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "c/bkp_remote.002", "a file", -1);
	cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_BLOCKED);
	cr_assert(strstr(e.msg, "bkp_remote.002") != NULL, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "c/bkp_remote.002", "a file"));
	tempdir_close(&b.t);
}

Test(apply, what_is_in_the_way_is_named)
{
	static const struct {
		const char *path, *what;
	} rows[] = {
	    {"c/dir",
		"dir: a symbolic link that leads elsewhere is where the "
		"release has a folder; leave it out (--exclude) or move it "
		"away"},
	    {"c/other",
		"other: a symbolic link that leads elsewhere is "
		"where the release has a file; leave it out (--exclude) or "
		"move it away"},
	    {"c/0", /* the first of all */
		"0: a symbolic link that leads elsewhere is where the release "
		"has a file; leave it out (--exclude) or move it away"},
	};
	struct bench b;
	struct err e;
	size_t i;

	bench_open(&b);
	tempdir_text(&b.t, "v1/dir/inside", "x", -1);
	tempdir_text(&b.t, "v1/other", "x", -1);
	tempdir_text(&b.t, "v1/0", "x", -1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tempdir_symlink(&b.t, "/nowhere", rows[i].path);
		cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_BLOCKED);
		cr_expect_str_eq(e.msg, rows[i].what);
		cr_assert_eq(fs_unlink(fs_real(), b.t.fd, rows[i].path), 0);
	}
	cr_assert_eq(mkfifoat(b.t.fd, "c/dir", 0600), 0);
	cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_BLOCKED);
	cr_expect(strstr(e.msg, "dir: a device, FIFO or socket") != NULL, "%s",
	    e.msg);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/dir"), 0);
	must_update(&b, b.v1);
	tempdir_close(&b.t);
}

/* A share that shows links and makes none. */
static int
make_no_link(void *ctx, const char *target, int dir, const char *name)
{
	(void)ctx;
	(void)target;
	(void)dir;
	(void)name;
	return -EOPNOTSUPP;
}

Test(apply, a_link_that_could_not_come_back_is_not_replaced)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs shown = {&ops, NULL};
	struct bench b;
	struct err e;

	ops.symlink = make_no_link;
	bench_open(&b);
	tempdir_symlink(&b.t, "app.exe", "v1/goes");
	tempdir_symlink(&b.t, "app.exe", "v1/was");
	must_update(&b, b.v1);
	tempdir_text(&b.t, "v2/was", "a file now", -1);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "v2/link"), 0);
	b.s.fs = &shown;
	b.s.remove = true;
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_BLOCKED);
	cr_expect(
	    strstr(e.msg, "was: is a symbolic link") == e.msg, "%s", e.msg);
	cr_expect_not(tempdir_has(&b.t, "c/bkp_remote.002"));
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/was"), 0);
	cr_assert_eq(station_update(&b.s, b.v2, &e), 0, "%s", e.msg);
	cr_expect(tempdir_is_text(&b.t, "c/was", "a file now"));
	cr_expect_not(tempdir_has(&b.t, "c/goes"));
	/* One that is to come cannot either, and be it the first; a check tells
	 * it, where it may try. */
	tempdir_symlink(&b.t, "app.exe", "v2/1st");
	for (b.s.looks = false;; b.s.looks = true) {
		cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_BLOCKED);
		cr_expect(
		    strstr(e.msg, "1st: this disk has no symbolic") == e.msg,
		    "%s", e.msg);
		if (b.s.looks)
			break;
	}
	b.s.fs = fs_real();
	cr_expect_eq(station_update(&b.s, b.v2, &e), 0, "%s", e.msg);
	cr_expect_not(tempdir_has(&b.t, "c/1st"));
	cr_expect_not(tempdir_has(&b.t, "c/.erpsync/modes.new"));
	tempdir_close(&b.t);
}

/* Of what the comparison leaves out, too: before anything is received. */
Test(apply, what_is_in_a_folder_that_gives_way_is_named)
{
	struct fs_stat st;
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "v1/way", "x", -1);
	tempdir_mkdir(&b.t, "c/way/deep");
	cr_assert_eq(mkfifoat(b.t.fd, "c/way/deep/pipe", 0600), 0);
	cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_BLOCKED);
	cr_expect(strstr(e.msg, "way/deep/pipe: is not of a release") == e.msg,
	    "%s", e.msg);
	cr_expect_eq(
	    fs_stat(fs_real(), b.t.fd, "c/.erpsync/recv", &st), -ENOENT);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "c/way/deep/pipe"), 0);
	must_update(&b, b.v1);
	cr_expect(tempdir_is_text(&b.t, "c/way", "x"));
	tempdir_close(&b.t);
}

static int opened;

/* Once, for its hash. */
static int
open_mine_once(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strcmp(path, "mine.bin") == 0 && opened++ > 0
	    ? -EACCES
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* The backup has it, so that nothing is received that it would stop. */
Test(apply, what_no_backup_can_read_is_named_first)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct fs_stat st;
	struct bench b;
	struct err e;

	ops.open = open_mine_once;
	bench_open(&b);
	tempdir_text(&b.t, "c/mine.bin", "mine", -1);
	b.s.fs = &odd;
	cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_AUTH);
	cr_expect(strstr(e.msg, "mine.bin: ") == e.msg, "%s", e.msg);
	cr_expect_eq(
	    fs_stat(fs_real(), b.t.fd, "c/.erpsync/recv", &st), -ENOENT);
	tempdir_close(&b.t);
}

enum { BIG = 8 << 20 };

static int
no_space(void *ctx, int fd, struct fs_space *out)
{
	(void)ctx;
	(void)fd;
	out->bytes_free = 5 << 20;
	out->inodes_free = 3;
	return 0;
}

Test(apply, preflight_names_needed_and_free)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs small = {&ops, NULL};
	char name[STAGE_NAME_BYTES], path[300], *before, *big;
	struct hash hash;
	struct bench b;
	struct err e;

	bench_open(&b);
	must_update(&b, b.v1);
	ops.space = no_space;
	b.s.fs = &small;
	before = station_picture(b.client, PICTURE_FULL);
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_NOSPACE);
	cr_assert(strstr(e.msg, "needed, 3 free") != NULL, "%s", e.msg);
	big = calloc(1, BIG);
	tempdir_write(&b.t, "v2/0big", big, BIG, -1);
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_NOSPACE);
	cr_assert(strstr(e.msg, "MB needed, 5.0 MB free") != NULL, "%s", e.msg);
	/* What was received has its room; of another size it is not that. */
	cr_assert_eq(hash_bytes(big, BIG, &hash, &e), 0);
	stage_place(name, &hash);
	(void)snprintf(path, sizeof(path), "c/.erpsync/recv/%.2s", name);
	tempdir_mkdir(&b.t, path);
	(void)snprintf(path, sizeof(path), "c/.erpsync/recv/%s", name);
	tempdir_write(&b.t, path, big, BIG - 1, -1);
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_NOSPACE);
	cr_expect(strstr(e.msg, "MB needed") != NULL, "%s", e.msg);
	tempdir_write(&b.t, path, big, BIG, -1);
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_NOSPACE);
	cr_expect(strstr(e.msg, "needed, 3 free") != NULL, "%s", e.msg);
	free(big);
	expect_picture(&b, "c", PICTURE_FULL, before);
	free(before);
	tempdir_close(&b.t);
}

/* What no release has is copied, the first file of all like others. */
Test(apply, preflight_counts_what_the_backup_copies)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs small = {&ops, NULL};
	struct bench b;
	struct err e;
	char path[PAIR_PATH + 8], *big;

	bench_open(&b);
	must_update(&b, b.v1);
	ops.space = no_space;
	b.s.fs = &small;
	/* A hole takes nothing, here and in its copy. */
	tempdir_text(&b.t, "c/hole", "x", -1);
	(void)snprintf(path, sizeof(path), "%s/hole", b.client);
	cr_assert_eq(truncate(path, (off_t)64 * BIG), 0);
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_NOSPACE);
	cr_expect(strstr(e.msg, "needed, 3 free") != NULL, "%s", e.msg);
	big = calloc(1, BIG);
	tempdir_write(&b.t, "c/0big", big, BIG, -1);
	free(big);
	cr_assert_eq(station_update(&b.s, b.v2, &e), ERP_NOSPACE);
	cr_assert(
	    strstr(e.msg,
		"MB needed, most of it to back up 0big, and "
		"5.0 MB free; make space, or leave that file out (") != NULL,
	    "%s", e.msg);
	tempdir_close(&b.t);
}

/* Empty files take no blocks, but lines in what is written of them. */
Test(apply, preflight_counts_what_is_written_of_each_file)
{
	enum { FILES = 1500 };
	struct fs_ops ops = *fs_real()->ops;
	struct fs small = {&ops, NULL};
	double needed[2] = {0, 0};
	char path[64], *big;
	const char *said;
	struct bench b;
	struct err e;
	int i, k;

	bench_open(&b);
	ops.space = no_space;
	b.s.fs = &small;
	big = calloc(1, BIG);
	tempdir_write(&b.t, "v1/big", big, BIG, -1);
	free(big);
	for (k = 0; k < 2; k++) {
		for (i = 0; k == 1 && i < FILES; i++) {
			(void)snprintf(path, sizeof(path), "v1/many/%d", i);
			tempdir_text(&b.t, path, "", -1);
		}
		cr_assert_eq(station_update(&b.s, b.v1, &e), ERP_NOSPACE);
		cr_assert_not_null(said = strstr(e.msg, ": "), "%s", e.msg);
		needed[k] = strtod(said + 2, NULL);
		cr_assert_gt(needed[k], 8, "%s", e.msg);
	}
	cr_expect_gt(needed[1] - needed[0], 0.4, "MB");
	tempdir_close(&b.t);
}

/* Rollback. */

static int
rollback(struct bench *b, int number, bool all, struct err *e)
{
	struct rollback_options opt = {number, all};
	struct folder *f;
	int rc;

	cr_assert_eq(station_open(&b->s, &f, e), 0, "%s", e->msg);
	rc = apply_rollback_with(f, &opt, e);
	folder_close(f);
	return rc;
}

Test(apply, rollback_brings_back_and_can_be_rolled_back)
{
	char *first, *second;
	struct bench b;
	struct err e;

	bench_open(&b);
	b.s.remove = true;
	must_update(&b, b.v1);
	first = station_picture(b.client, PICTURE_CONTENT);
	must_update(&b, b.v2);
	second = station_picture(b.client, PICTURE_CONTENT);
	cr_assert_eq(rollback(&b, 0, false, &e), 0, "%s", e.msg);
	expect_picture(&b, "c", PICTURE_CONTENT, first);
	expect_picture(&b, "c/bkp_remote.003", PICTURE_CONTENT, second);
	cr_assert_eq(verify(&b), 0);
	expect_tidy(&b);
	cr_assert_eq(rollback(&b, 0, false, &e), 0, "%s", e.msg);
	expect_picture(&b, "c", PICTURE_CONTENT, second);
	cr_assert_eq(verify(&b), 0);
	/* The oldest, which is dropped by its own restoration. */
	cr_assert_eq(rollback(&b, 1, false, &e), 0, "%s", e.msg);
	expect_picture(&b, "c", PICTURE_CONTENT, first);
	free(first);
	free(second);
	tempdir_close(&b.t);
}

Test(apply, rollback_leaves_the_user_s_files)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	must_update(&b, b.v1);
	must_update(&b, b.v2);
	tempdir_text(&b.t, "c/conf.ini", "mine now", -1);
	tempdir_text(&b.t, "c/user.ini", "mine too", -1);
	tempdir_text(&b.t, "c/added.txt", "added", -1);
	cr_assert_eq(rollback(&b, 0, false, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "c/conf.ini", "mine now"));
	cr_assert(tempdir_is_text(&b.t, "c/user.ini", "mine too"));
	cr_assert(tempdir_is_text(&b.t, "c/added.txt", "added"));
	cr_assert(!tempdir_has(&b.t, "c/dup1.dll"));
	cr_assert(!tempdir_has(&b.t, "c/new"));
	cr_assert_eq(rollback(&b, 2, true, &e), 0, "%s", e.msg);
	cr_assert(tempdir_is_text(&b.t, "c/conf.ini", "[a]\nx=1\n"));
	cr_assert(tempdir_is_text(&b.t, "c/user.ini", "[mine]\n"));
	cr_assert(!tempdir_has(&b.t, "c/added.txt"));
	tempdir_close(&b.t);
}

static void
count_left_out(void *ctx, const struct event *ev)
{
	unsigned *n = ctx;

	*n += ev->kind == EVENT_WARN && strstr(ev->text, "backed up") != NULL;
}

/* An update and a rollback look more than once, and tell it once. */
Test(apply, what_no_backup_holds_is_told_once)
{
	unsigned told = 0;
	const struct observer obs = {.event = count_left_out, .ctx = &told};
	struct bench b;
	struct err e;

	bench_open(&b);
	b.s.obs = &obs;
	cr_assert_eq(mkfifoat(b.t.fd, "c/pipe", 0600), 0);
	must_update(&b, b.v1);
	cr_expect_eq(told, 1U);
	cr_assert_eq(rollback(&b, 0, false, &e), 0, "%s", e.msg);
	cr_expect_eq(told, 2U);
	tempdir_text(&b.t, "v1/more.txt", "x", -1);
	must_update(&b, b.v1);
	cr_expect_eq(told, 3U);
	cr_assert_eq(rollback(&b, 0, true, &e), 0, "%s", e.msg);
	cr_expect_eq(told, 4U);
	tempdir_close(&b.t);
}

/* How often it was opened to be read where the backup is made. */
static int saved_opened[2];

static int
open_and_see(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if (strncmp(path, "bkp.", 4) == 0 && flags == FS_READ) {
		saved_opened[0] += strstr(path, "/app.exe") != NULL;
		saved_opened[1] += strstr(path, "/lib/a.dll") != NULL;
	}
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* What was copied is opened to be synced; of what shares its blocks with the
 * live file only that was known, so it is read. */
Test(apply, a_copy_in_the_backup_is_not_read_again)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs counting = {&ops, fs_real()->ctx};
	struct bench b;
	int i;

	for (i = 0; i < 2; i++) {
		bench_open(&b);
		must_update(&b, b.v1);
		tempdir_text(&b.t, "c/app.exe", "other bytes", -1);
		ops.open = open_and_see;
		ops.fast.clone = i == 1 ? fs_play_clone : NULL;
		b.s.fs = &counting;
		memset(saved_opened, 0, sizeof(saved_opened));
		must_update(&b, b.v2);
		cr_expect_eq(saved_opened[0], 1, "%d", saved_opened[0]);
		cr_expect_eq(saved_opened[1], 2 * i, "%d", saved_opened[1]);
		tempdir_close(&b.t);
	}
}

static int
rmdir_in_use(void *ctx, int dir, const char *name)
{
	(void)ctx;
	return strcmp(name, "olddir") == 0
	    ? -EBUSY
	    : fs_real()->ops->rmdir(fs_real()->ctx, dir, name);
}

static void
count_late(void *ctx, const struct event *ev)
{
	unsigned *n = ctx;

	if (ev->kind != EVENT_WARN)
		return;
	*n += strstr(ev->text, "gets its number at the next start") != NULL;
	*n += strncmp(ev->text, "remove folder olddir", 20) == 0 ? 10 : 0;
}

/* The release is in place, and who waits for what is told. */
Test(apply, what_cannot_be_finished_is_told_and_finished_later)
{
	unsigned told = 0;
	const struct observer obs = {.event = count_late, .ctx = &told};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs in_use = {&ops, fs_real()->ctx};
	struct folder *f;
	struct bench b;
	struct err e;

	bench_open(&b);
	must_update(&b, b.v1);
	ops.rmdir = rmdir_in_use;
	b.s.fs = &in_use;
	b.s.obs = &obs;
	b.s.remove = true;
	must_update(&b, b.v2);
	cr_expect_eq(told, 11U, "what, and what it means");
	cr_expect(tempdir_has(&b.t, "c/olddir"));
	b.s.fs = fs_real();
	cr_assert_eq(station_open(&b.s, &f, &e), 0, "%s", e.msg);
	folder_close(f);
	cr_expect_eq(told, 11U);
	cr_expect_not(tempdir_has(&b.t, "c/olddir"));
	cr_expect(tempdir_has(&b.t, "c/bkp_remote.002/olddir"));
	expect_tidy(&b);
	tempdir_close(&b.t);
}

/* Whoever gives up, asked for the n-th time. */
static int
give_up(void *ctx)
{
	unsigned *left = ctx;

	return *left == 0 || --*left == 0;
}

static void
note_nothing(void *ctx, const struct event *ev)
{
	(void)ctx;
	(void)ev;
}

/* Whenever it is, nothing has changed, and the next one goes through. */
Test(apply, who_gives_up_before_names_change_finds_all_as_it_was)
{
	unsigned left, n = 0;
	struct observer obs = {note_nothing, NULL, give_up, &left};
	struct bench b;
	char *before;
	struct err e;
	int rc;

	bench_open(&b);
	must_update(&b, b.v1);
	before = station_picture(b.client, PICTURE_FULL);
	b.s.obs = &obs;
	do {
		left = ++n;
		rc = station_update(&b.s, b.v2, &e);
		if (rc != 0)
			expect_picture(&b, "c", PICTURE_FULL, before);
		expect_tidy(&b);
	} while (rc == ERP_CANCELLED && n < 1000);
	cr_expect_eq(rc, 0, "%s", e.msg);
	/* It is asked for each file that is built, that is backed up, and at
	 * the last moment. */
	cr_expect_gt(n, 8);
	/* What is on its way back asks nobody. */
	left = 1;
	cr_expect_eq(rollback(&b, 0, false, &e), 0, "%s", e.msg);
	free(before);
	tempdir_close(&b.t);
}

Test(apply, rollback_refuses_a_missing_or_damaged_backup)
{
	struct bench b;
	struct err e;
	char *before;

	bench_open(&b);
	cr_assert_eq(rollback(&b, 0, false, &e), ERP_NOTFOUND);
	cr_assert_eq(rollback(&b, 2, false, &e), ERP_NOTFOUND);
	cr_assert_eq(rollback(&b, 9, false, &e), ERP_USAGE);
	must_update(&b, b.v1);
	must_update(&b, b.v2);
	before = station_picture(b.client, PICTURE_FULL);
	tempdir_text(&b.t, "c/bkp_remote.002/app.exe", "damaged", -1);
	cr_assert_eq(rollback(&b, 0, false, &e), ERP_MISMATCH);
	tempdir_text(&b.t, "c/bkp_remote.002/.erpsync/backup", "junk", -1);
	cr_assert_eq(rollback(&b, 2, false, &e), ERP_CORRUPT);
	expect_picture(&b, "c", PICTURE_FULL, before);
	expect_tidy(&b);
	free(before);
	tempdir_close(&b.t);
}

/* Crashes and failures at every call. */

struct shots {
	char *old, *new; /* the client folder */
	char *newest; /* the newest backup before */
};

/* The client on v1 with one backup; pictures of both ends. */
static void
prepare_crash(struct bench *b, struct shots *shots)
{
	struct bench other;
	char path[320];

	station_use_memory();
	if (shots->new == NULL) {
		bench_open(&other);
		other.s.remove = true;
		must_update(&other, other.v1);
		must_update(&other, other.v2);
		shots->new = station_picture(other.client, PICTURE_CONTENT);
		tempdir_close(&other.t);
	}
	bench_open(b);
	b->s.remove = true;
	must_update(b, b->v1);
	free(shots->old);
	free(shots->newest);
	shots->old = station_picture(b->client, PICTURE_CONTENT);
	shots->newest = station_picture(
	    path_in(path, &b->t, "c/bkp_remote.001"), PICTURE_FULL);
}

static void
shots_release(struct shots *shots)
{
	free(shots->old);
	free(shots->new);
	free(shots->newest);
}

/* Recover with a sound disk: the folder is old or new, backups are whole. */
static bool
expect_old_or_new(struct bench *b, const struct shots *shots, uint64_t at)
{
	struct folder *f;
	struct err e;
	char *now;
	bool is_new;

	b->s.fs = fs_real();
	cr_assert_eq(
	    station_open(&b->s, &f, &e), 0, "at %d: %s", (int)at, e.msg);
	folder_close(f);
	now = station_picture(b->client, PICTURE_CONTENT);
	is_new = strcmp(now, shots->new) == 0;
	cr_assert(is_new || strcmp(now, shots->old) == 0, "mixed at %d:\n%s",
	    (int)at, now);
	free(now);
	expect_picture(b, "c/bkp_remote.001", PICTURE_FULL, shots->newest);
	cr_assert_eq(tempdir_has(&b->t, "c/bkp_remote.002"), is_new);
	if (is_new)
		expect_picture(
		    b, "c/bkp_remote.002", PICTURE_CONTENT, shots->old);
	return is_new;
}

/* Run the update with a fault at call `at`; false when it never came. */
static bool
run_faulty(struct bench *b, struct fs_fault *fault, enum fault_mode mode,
    uint64_t at, int error, int *rc)
{
	struct err e;

	fs_fault_init(fault, fs_real());
	fs_fault_arm(fault, mode, at, error);
	b->s.fs = &fault->fs;
	*rc = station_update(&b->s, b->v2, &e);
	return fault->fired;
}

Test(apply, a_kill_at_any_call_leaves_old_or_new, .timeout = 300)
{
	struct fs_fault fault;
	struct shots shots = {NULL, NULL, NULL};
	struct bench b;
	bool fired = true, is_new;
	uint64_t at;
	int rc, seen_new = 0;

	for (at = 1; fired; at++) {
		prepare_crash(&b, &shots);
		fired = run_faulty(&b, &fault, FAULT_KILL, at, EIO, &rc);
		is_new = expect_old_or_new(&b, &shots, at);
		cr_assert(rc != 0 || is_new, "success reported at %d", (int)at);
		seen_new += is_new;
		expect_tidy(&b);
		tempdir_close(&b.t);
	}
	shots_release(&shots);
	cr_assert_gt(at, 200);
	cr_assert_gt(seen_new, 3);
}

Test(apply, a_kill_in_recovery_is_recovered_too, .timeout = 300)
{
	struct fs_fault fault;
	struct shots shots = {NULL, NULL, NULL};
	struct bench b;
	struct folder *f;
	struct err e;
	bool fired = true;
	uint64_t at, inner;
	int rc;

	for (at = 60; fired; at += 7) {
		prepare_crash(&b, &shots);
		fired = run_faulty(&b, &fault, FAULT_KILL, at, EIO, &rc);
		for (inner = 1; inner < 30; inner += 3) {
			fs_fault_arm(&fault, FAULT_KILL, inner, EIO);
			if (station_open(&b.s, &f, &e) == 0)
				folder_close(f);
		}
		(void)expect_old_or_new(&b, &shots, at);
		expect_tidy(&b);
		tempdir_close(&b.t);
	}
	shots_release(&shots);
}

Test(apply, one_failing_call_is_undone_at_once, .timeout = 300)
{
	static const int errors[] = {EIO, ENOSPC, EACCES};
	struct fs_fault fault;
	struct shots shots = {NULL, NULL, NULL};
	struct bench b;
	bool fired = true, is_new;
	uint64_t at;
	char *now;
	int rc;

	for (at = 1; fired; at++) {
		prepare_crash(&b, &shots);
		fired =
		    run_faulty(&b, &fault, FAULT_ONCE, at, errors[at % 3], &rc);
		now = station_picture(b.client, PICTURE_CONTENT);
		/* Only a failed commit barrier may leave it open. */
		if (rc != 0 && !tempdir_has(&b.t, "c/.erpsync/committed"))
			cr_assert_str_eq(
			    now, shots.old, "at %d: %d\n%s", (int)at, rc, now);
		free(now);
		is_new = expect_old_or_new(&b, &shots, at);
		/* Clean-up that failed after the commit is done by now. */
		cr_assert(rc != 0 || is_new, "success reported at %d", (int)at);
		tempdir_close(&b.t);
	}
	shots_release(&shots);
}

Test(apply, a_disk_that_stays_full_loses_nothing, .timeout = 300)
{
	struct fs_fault fault;
	struct shots shots = {NULL, NULL, NULL};
	struct bench b;
	bool fired = true;
	uint64_t at;
	int rc;

	for (at = 1; fired; at += 3) {
		prepare_crash(&b, &shots);
		fired = run_faulty(&b, &fault, FAULT_FROM, at, ENOSPC, &rc);
		(void)expect_old_or_new(&b, &shots, at);
		expect_tidy(&b);
		tempdir_close(&b.t);
	}
	shots_release(&shots);
}
