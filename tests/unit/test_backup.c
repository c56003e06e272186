#include "engine/apply/backup.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "engine/tree/filter.h"
#include "tests/support/alloc_wrap.h"
#include "tests/support/fs_fault.h"
#include "tests/support/station.h"
#include "tests/support/sweep.h"
#include "tests/support/tempdir.h"
#include "transport/net/threads.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BKP "bkp.0000000000000009"
#define TMP "tmp.0000000000000009"

struct bench {
	struct tempdir t;
	struct folder f;
	struct observer obs;
	int warnings;
	size_t told; /* of the backup's entries, the last that was said */
};

static void
note_event(void *ctx, const struct event *ev)
{
	struct bench *b = ctx;

	b->warnings += ev->kind == EVENT_WARN;
	if (ev->kind == EVENT_BACKUP) {
		cr_assert_gt(ev->done, b->told);
		b->told = ev->done;
	}
}

static void
bench_open(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	tempdir_open(&b->t);
	tempdir_write(&b->t, "lib/prog.dll", "MZ\0\1", 4, 1000);
	tempdir_write(&b->t, "lib/changed.dll", "MZ\0\2", 4, 1000);
	tempdir_text(&b->t, "readme", "text", 1000);
	tempdir_write(&b->t, "odd.INI", "a\0b", 3, 1000);
	tempdir_text(&b->t, "bad\x01name:?", "user's", 1000);
	tempdir_symlink(&b->t, "lib/prog.dll", "link");
	tempdir_touch(&b->t, "link", 1234, 5);
	tempdir_mkdir(&b->t, "empty");
	tempdir_touch(&b->t, "lib", 5000, 6);
	tempdir_chmod(&b->t, "lib", 0555);
	tempdir_text(&b->t, "bkp_remote.001/x", "earlier", -1);
	tempdir_text(&b->t, ".erpsync/recv/x", "ours", -1);
	tempdir_touch(&b->t, ".", 4000, 7);
	b->obs.event = note_event;
	b->obs.ctx = b;
	b->f.opt.obs = &b->obs;
	b->f.fs = fs_real();
	b->f.path = b->t.path;
	b->f.dir = b->t.fd;
	b->f.own = fs_open(fs_real(), b->t.fd, ".erpsync", FS_DIRECTORY, 0);
	b->f.lock = -1;
}

static void
bench_close(struct bench *b)
{
	tempdir_chmod(&b->t, "lib", 0755);
	fs_close_quietly(fs_real(), &b->f.own);
	tempdir_close(&b->t);
}

/* A hint, and whether path is as its release has it. */
static void
hint(struct backup_hints *h, const char *path, uint64_t size, bool pristine)
{
	struct backup_hint *x = backup_hints_add(h);

	cr_assert_not_null(x);
	x->path = path;
	x->content.size = size;
	x->mtime.s = 1000;
	x->pristine = pristine;
	x->content.known = true;
	x->content.hash.b[0] = 7;
}

static void
collect(struct bench *b, struct backup *bk)
{
	struct backup_hints hints = {NULL, 0, 0, false};
	struct err e;

	hint(&hints, "lib/prog.dll", 4, true);
	hint(&hints, "lib/changed.dll", 4, false);
	hint(&hints, "readme", 4, true);
	hint(&hints, "odd.INI", 3, true);
	backup_hints_sort(&hints);
	backup_init(bk);
	bk->id = 9;
	bk->date = 77;
	bk->has_to = true;
	(void)strlcpy(bk->to_build, "7.00.1", sizeof(bk->to_build));
	cr_assert_eq(
	    backup_collect(&b->f, &hints, &bk->files, &e), 0, "%s", e.msg);
	backup_hints_release(&hints);
}

static int
try_make(struct bench *b, struct backup *bk, struct err *e)
{
	struct tx_names names;

	tx_names_of(9, &names);
	return backup_make(&b->f, &names, bk, 0, e);
}

static void
make(struct bench *b, struct backup *bk)
{
	struct err e;

	collect(b, bk);
	cr_assert_eq(try_make(b, bk, &e), 0, "%s", e.msg);
}

static bool
is_linked(struct bench *b, const char *path)
{
	char saved[200];
	struct fs_stat x, y;

	(void)strlcpy(saved, ".erpsync/" BKP "/", sizeof(saved));
	(void)strlcat(saved, path, sizeof(saved));
	cr_assert_eq(fs_stat(fs_real(), b->t.fd, path, &x), 0);
	cr_assert_eq(fs_stat(fs_real(), b->t.fd, saved, &y), 0);
	return x.ino == y.ino;
}

/* Does the backup look like the client folder did? */
static void
expect_picture(const struct bench *b, const char *live)
{
	char path[400], *saved;

	(void)strlcpy(path, b->t.path, sizeof(path));
	(void)strlcat(path, "/.erpsync/" BKP, sizeof(path));
	saved = station_picture(path, PICTURE_FULL);
	cr_assert_str_eq(live, saved);
	free(saved);
}

Test(backup, is_a_complete_copy_with_times_and_modes)
{
	char *live;
	struct backup bk, back;
	struct bench b;
	struct fs_stat st;
	struct err e;

	bench_open(&b);
	live = station_picture(b.t.path, PICTURE_FULL);
	make(&b, &bk);
	expect_picture(&b, live);
	cr_assert_eq(fs_stat(fs_real(), b.f.own, BKP, &st), 0);
	cr_assert_eq(st.mtime.s, 4000);
	cr_assert_eq(fs_stat(fs_real(), b.f.own, BKP "/link", &st), 0);
	cr_assert_eq(st.mtime.s, 1234);
	cr_assert(is_linked(&b, "lib/prog.dll"));
	cr_assert_not(is_linked(&b, "lib/changed.dll"));
	cr_assert_not(is_linked(&b, "readme"));
	cr_assert_not(is_linked(&b, "odd.INI"));
	cr_assert_not(is_linked(&b, "bad\x01name:?"));
	cr_assert(backup_is_ours(fs_real(), b.f.own, BKP));
	cr_assert_not(backup_is_ours(fs_real(), b.t.fd, "bkp_remote.001"));
	backup_init(&back);
	cr_assert_eq(
	    backup_read(fs_real(), b.f.own, BKP, &back, &e), 0, "%s", e.msg);
	cr_assert_eq(back.files.n, 8);
	cr_assert_eq(back.date, 77);
	cr_assert_str_eq(back.to_build, "7.00.1");
	cr_assert(backup_list_find(&back.files, "lib/prog.dll")->content.known);
	cr_assert_eq(backup_list_find(&back.files, "lib")->mode, 0555);
	backup_release(&back);
	backup_release(&bk);
	free(live);
	bench_close(&b);
}

static int
make_anew(void *arg, const struct fs *fs, struct err *e)
{
	struct backup bk;
	struct bench b;
	int rc;

	(void)arg;
	bench_open(&b);
	tempdir_text(&b.t, ".erpsync/state", "as it was", -1);
	collect(&b, &bk);
	b.f.fs = fs;
	if ((rc = try_make(&b, &bk, e)) == 0 &&
	    (!tempdir_is_text(
		 &b.t, ".erpsync/" BKP "/.erpsync/state", "as it was") ||
		!backup_is_ours(fs_real(), b.f.own, BKP) ||
		!tempdir_is_text(&b.t, ".erpsync/" BKP "/readme", "text")))
		rc = SWEEP_WRONG;
	backup_release(&bk);
	bench_close(&b);
	return rc;
}

Test(backup, each_call_that_fails_is_told)
{
	station_use_memory();
	SWEEP(fs_real(), make_anew, NULL);
}

Test(backup, is_complete_or_memory_is_short)
{
	struct backup bk;
	struct bench b;
	struct err e;
	uint64_t at = 0, asked;
	int rc;

	do {
		bench_open(&b);
		collect(&b, &bk);
		alloc_arm(++at, false);
		rc = try_make(&b, &bk, &e);
		asked = alloc_disarm();
		cr_expect(rc == ERP_NOMEM ||
			(rc == 0 && is_linked(&b, "lib/prog.dll") &&
			    tempdir_is_text(
				&b.t, ".erpsync/" BKP "/readme", "text")),
		    "allocation %d", (int)at);
		backup_release(&bk);
		bench_close(&b);
	} while (asked >= at);
	cr_expect_gt(at, 2);
}

/* Who asks whether a copy can be read need not open those again. */
Test(backup, it_is_told_which_files_were_opened)
{
	struct backup bk;
	struct bench b;

	bench_open(&b);
	collect(&b, &bk);
	cr_assert(backup_list_find(&bk.files, "readme")->opened);
	cr_assert(backup_list_find(&bk.files, "lib/prog.dll")->opened);
	cr_assert_not(backup_list_find(&bk.files, "odd.INI")->opened);
	cr_assert_not(backup_list_find(&bk.files, "lib/changed.dll")->opened);
	backup_release(&bk);
	bench_close(&b);
}

Test(backup, what_is_no_file_is_left_out_with_a_warning)
{
	struct backup bk;
	struct bench b;
	char path[400];

	bench_open(&b);
	(void)strlcpy(path, b.t.path, sizeof(path));
	(void)strlcat(path, "/fifo", sizeof(path));
	cr_assert_eq(mkfifo(path, 0600), 0);
	make(&b, &bk);
	cr_assert_eq(b.warnings, 1);
	cr_assert_not(tempdir_has(&b.t, ".erpsync/" BKP "/fifo"));
	backup_release(&bk);
	bench_close(&b);
}

Test(backup, what_has_no_file_for_a_record_is_none_of_ours)
{
	static const char record[] = "b/.erpsync/backup";
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	tempdir_mkdir(&t, record);
	cr_expect_eq(backup_identify(fs_real(), t.fd, "b", &e), 0);
	cr_assert_eq(fs_rmdir(fs_real(), t.fd, record), 0);
	cr_assert_eq(mkfifoat(t.fd, record, 0600), 0);
	cr_expect_eq(backup_identify(fs_real(), t.fd, "b", &e), 0);
	cr_assert_eq(fs_unlink(fs_real(), t.fd, record), 0);
	tempdir_symlink(&t, "backup", record);
	cr_expect_eq(backup_identify(fs_real(), t.fd, "b", &e), 0);
	/* Nor what begins otherwise, or ends too soon. */
	tempdir_text(&t, "d/.erpsync/backup", "ERPBKUP2 and more", -1);
	cr_expect_eq(backup_identify(fs_real(), t.fd, "d", &e), 0);
	tempdir_text(&t, "d/.erpsync/backup", "ERPBKUP", -1);
	cr_expect_eq(backup_identify(fs_real(), t.fd, "d", &e), 0);
	tempdir_text(&t, "d/.erpsync/backup", "ERPBKUP1", -1);
	cr_expect_eq(backup_identify(fs_real(), t.fd, "d", &e), 1);
	tempdir_mkdir(&t, "c");
	tempdir_symlink(&t, "../b/.erpsync", "c/.erpsync");
	cr_expect_eq(backup_identify(fs_real(), t.fd, "c", &e), 0);
	tempdir_close(&t);
}

Test(backup, a_file_changed_since_it_was_looked_at_is_copied)
{
	struct backup bk;
	struct bench b;

	bench_open(&b);
	tempdir_touch(&b.t, "lib/prog.dll", 1001, 0);
	make(&b, &bk);
	cr_assert_not(is_linked(&b, "lib/prog.dll"));
	cr_assert(backup_list_find(&bk.files, "lib/prog.dll")->content.known);
	cr_assert_eq(
	    backup_list_find(&bk.files, "lib/prog.dll")->mtime.s, 1001);
	backup_release(&bk);
	bench_close(&b);
}

static int link_error = EPERM;

static int
no_link(void *ctx, int from_dir, const char *from, int to_dir, const char *to)
{
	(void)ctx;
	(void)from_dir;
	(void)from;
	(void)to_dir;
	(void)to;
	return -link_error;
}

Test(backup, a_folder_is_scanned_to_its_deepest)
{
	char path[4 + 2 * RAW_PATH_DEPTH + 2] = "old/";
	struct backup old;
	struct bench b;
	struct err e;
	int i;

	bench_open(&b);
	for (i = 0; i < RAW_PATH_DEPTH; i++)
		(void)strlcat(
		    path, i + 1 < RAW_PATH_DEPTH ? "d/" : "f", sizeof(path));
	tempdir_text(&b.t, path, "deep", -1);
	tempdir_text(&b.t, "old/bkp_remote.001/x", "earlier", -1);
	tempdir_text(&b.t, "old/d/bkp_remote.001", "a name like others", -1);
	backup_init(&old);
	cr_assert_eq(backup_scan(&b.f, "old", &old.files, &e), 0, "%s", e.msg);
	cr_expect_eq(old.files.n, RAW_PATH_DEPTH + 1);
	cr_expect_not_null(backup_list_find(&old.files, path + strlen("old/")));
	cr_expect_not_null(backup_list_find(&old.files, "d/bkp_remote.001"));
	backup_release(&old);
	/* One more cannot be backed up, and is named. */
	path[strlen(path) - 1] = '\0';
	(void)strlcat(path, "e/f", sizeof(path));
	tempdir_text(&b.t, path, "deeper", -1);
	backup_init(&old);
	cr_expect_eq(backup_scan(&b.f, "old", &old.files, &e), ERP_BLOCKED);
	cr_expect(strstr(e.msg, "e/f") != NULL, "%s", e.msg);
	backup_release(&old);
	bench_close(&b);
}

static int64_t
bad_sector(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	(void)ctx;
	(void)fd;
	(void)p;
	(void)n;
	(void)off;
	return -EIO;
}

/* Whether it is text decides between a copy and a link: not by guessing. */
Test(backup, a_file_that_cannot_be_read_is_neither_text_nor_not)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, "some", "text", -1);
	tempdir_write(&b.t, "other", "te\0t", 4, -1);
	b.f.fs = &odd;
	cr_expect_eq(backup_is_text(&b.f, "some", &e), 1);
	cr_expect_eq(backup_is_text(&b.f, "other", &e), 0);
	ops.pread = bad_sector;
	cr_expect_eq(backup_is_text(&b.f, "some", &e), ERP_IO);
	cr_expect(strstr(e.msg, "some") != NULL, "%s", e.msg);
	bench_close(&b);
}

Test(backup, without_hard_links_everything_is_copied)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct backup bk;
	struct bench b;

	bench_open(&b);
	ops.link = no_link;
	b.f.fs = &odd;
	make(&b, &bk);
	cr_assert_not(is_linked(&b, "lib/prog.dll"));
	cr_assert(tempdir_has(&b.t, ".erpsync/" BKP "/lib/changed.dll"));
	backup_release(&bk);
	bench_close(&b);
}

/* Nor where an inode has as many links as it can, or a border is between. */
Test(backup, a_link_that_is_refused_is_a_copy_and_no_other_error_is)
{
	static const int refused[] = {
	    EPERM, EOPNOTSUPP, EMLINK, EXDEV, ENOSYS, ENOENT, EACCES, EINVAL};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct backup_hints none = {NULL, 0, 0, false};
	struct tx_names names;
	struct backup bk;
	struct bench b;
	struct err e;
	size_t i;

	ops.link = no_link;
	ops.fast.clone = NULL;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		bench_open(&b);
		b.f.fs = &odd;
		link_error = refused[i];
		make(&b, &bk);
		cr_assert_not(is_linked(&b, "lib/prog.dll"));
		cr_assert(tempdir_has(&b.t, ".erpsync/" BKP "/lib/prog.dll"));
		backup_release(&bk);
		bench_close(&b);
	}
	bench_open(&b);
	b.f.fs = &odd;
	link_error = EIO;
	tx_names_of(1, &names);
	backup_init(&bk);
	cr_assert_eq(backup_collect(&b.f, &none, &bk.files, &e), 0);
	for (i = 0; i < bk.files.n; i++)
		if (bk.files.v[i].type == FS_FILE)
			bk.files.v[i].how = BACKUP_SHARE;
	cr_assert_eq(backup_make(&b.f, &names, &bk, 0, &e), ERP_IO);
	cr_assert(strstr(e.msg, "back up") == e.msg, "%s", e.msg);
	backup_release(&bk);
	bench_close(&b);
}

Test(backup, shares_blocks_rather_than_the_inode)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	char *live;
	struct backup bk;
	struct bench b;

	bench_open(&b);
	live = station_picture(b.t.path, PICTURE_FULL);
	ops.fast.clone = fs_play_clone;
	b.f.fs = &odd;
	make(&b, &bk);
	cr_assert_not(is_linked(&b, "lib/prog.dll"));
	expect_picture(&b, live);
	backup_release(&bk);
	free(live);
	bench_close(&b);
}

Test(backup, a_crew_makes_the_same)
{
	unsigned three = 3;
	struct crew crew = {threads_real()->run, &three};
	char *live;
	const struct backup_entry *x;
	struct backup bk;
	struct bench b;

	bench_open(&b);
	live = station_picture(b.t.path, PICTURE_FULL);
	b.f.opt.crew = &crew;
	make(&b, &bk);
	expect_picture(&b, live);
	cr_assert(is_linked(&b, "lib/prog.dll"));
	cr_assert_not_null(x = backup_list_find(&bk.files, "readme"));
	cr_assert(x->hashed && x->content.known);
	cr_assert_leq(b.told, bk.files.n);
	backup_release(&bk);
	free(live);
	bench_close(&b);
}

/* A program removes its file right before it is copied. */
static int
open_too_late(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	int *fd = ctx;

	if (*fd >= 0 && dir == *fd &&
	    (strcmp(path, "readme") == 0 || strcmp(path, "0") == 0))
		(void)fs_unlink(fs_real(), dir, path);
	return fs_real()->ops->open(NULL, dir, path, flags, mode);
}

Test(backup, what_vanishes_meanwhile_is_left_out)
{
	struct backup_hints none = {NULL, 0, 0, false};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct backup bk;
	struct bench b;
	struct err e;
	size_t n;

	bench_open(&b);
	tempdir_text(&b.t, "0", "the first", 1000);
	ops.open = open_too_late;
	odd.ctx = &b.f.dir;
	b.f.fs = &odd;
	backup_init(&bk);
	b.f.fs = fs_real();
	cr_assert_eq(backup_collect(&b.f, &none, &bk.files, &e), 0);
	b.f.fs = &odd;
	n = bk.files.n;
	cr_assert_not_null(backup_list_find(&bk.files, "readme"));
	cr_assert_eq(try_make(&b, &bk, &e), 0, "%s", e.msg);
	cr_assert_eq(bk.files.n, n - 2);
	cr_assert_null(backup_list_find(&bk.files, "readme"));
	cr_assert_null(backup_list_find(&bk.files, "0"));
	cr_assert_not(tempdir_has(&b.t, ".erpsync/" BKP "/readme"));
	cr_assert_not_null(backup_list_find(&bk.files, "odd.INI"));
	backup_release(&bk);
	bench_close(&b);
}

static int removals;

/* It makes it again at once, some times. */
static int
open_between(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	const int *fd = ctx;
	const struct fs *fs = fs_real();

	if (*fd >= 0 && strcmp(path, "readme") == 0 && dir == *fd &&
	    removals-- > 0)
		return -ENOENT;
	return fs->ops->open(NULL, dir, path, flags, mode);
}

Test(backup, what_comes_again_meanwhile_is_backed_up)
{
	struct backup_hints none = {NULL, 0, 0, false};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct backup bk;
	struct bench b;
	struct err e;

	bench_open(&b);
	ops.open = open_between;
	odd.ctx = &b.f.dir;
	b.f.fs = &odd;
	backup_init(&bk);
	cr_assert_eq(backup_collect(&b.f, &none, &bk.files, &e), 0);
	removals = 3;
	cr_assert_eq(try_make(&b, &bk, &e), 0, "%s", e.msg);
	cr_assert(tempdir_has(&b.t, ".erpsync/" BKP "/readme"));
	backup_release(&bk);
	bench_close(&b);
}

/* A folder that cannot be looked at when the backup's gets what is its. */
static int
open_no_more(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	const int *fd = ctx;

	return dir == *fd && strcmp(path, "empty") == 0
	    ? -removals
	    : fs_real()->ops->open(NULL, dir, path, flags, mode);
}

Test(backup, a_folder_that_vanishes_meanwhile_is_no_failure)
{
	static const int says[] = {ENOENT, ENOTDIR, EIO};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct backup bk;
	struct bench b;
	struct err e;
	size_t i;

	ops.open = open_no_more;
	for (i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		bench_open(&b);
		collect(&b, &bk);
		odd.ctx = &b.f.dir;
		b.f.fs = &odd;
		removals = says[i];
		cr_expect_eq(try_make(&b, &bk, &e), says[i] == EIO ? ERP_IO : 0,
		    "%d: %s", says[i], e.msg);
		if (says[i] == EIO)
			cr_expect(strstr(e.msg, "open folder empty: ") == e.msg,
			    "%s", e.msg);
		backup_release(&bk);
		bench_close(&b);
	}
}

/* Folders and links that go right after they were seen. */
static int64_t
read_no_link(void *ctx, int dir, const char *name, char *p, size_t cap)
{
	(void)ctx;
	(void)dir;
	(void)name;
	(void)p;
	(void)cap;
	return -ENOENT;
}

static int
open_no_folder(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if (strcmp(path, "lib") == 0)
		return -ENOENT;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

Test(backup, what_vanishes_while_it_is_listed_is_left_out)
{
	struct backup_hints none = {NULL, 0, 0, false};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct backup bk;
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(fs_symlink(fs_real(), "readme", b.t.fd, "alias"), 0);
	ops.open = open_no_folder;
	ops.readlink = read_no_link;
	b.f.fs = &odd;
	backup_init(&bk);
	cr_assert_eq(
	    backup_collect(&b.f, &none, &bk.files, &e), 0, "%s", e.msg);
	cr_assert_null(backup_list_find(&bk.files, "alias"));
	cr_assert_null(backup_list_find(&bk.files, "lib/prog.dll"));
	cr_assert_not_null(backup_list_find(&bk.files, "readme"));
	backup_release(&bk);
	bench_close(&b);
}

/* Twins: of one that is copied, and of one
 * that is shared. */
struct renewal {
	struct backup_twin text, program;
};

static void
renew(struct bench *b, struct backup *bk, const char *path,
    struct backup_twin *twin)
{
	struct fs_stat as = {.size = 4, .mode = 0640, .mtime.s = 2000};
	struct backup_entry *x;
	struct hash h;
	char *bytes;
	size_t n;

	bytes = tempdir_read(&b->t, path, &n);
	cr_assert_eq(hash_bytes(bytes, n, &h, NULL), 0);
	free(bytes);
	identity_of_file(&twin->fresh, &as, &h);
	cr_assert_not_null(x = backup_list_find(&bk->files, path));
	x->twin = twin;
}

static void
renewal_open(struct bench *b, struct backup *bk, struct renewal *r)
{
	memset(r, 0, sizeof(*r));
	bench_open(b);
	tempdir_mkdir(&b->t, ".erpsync/" TMP);
	collect(b, bk);
	r->text.number = 1;
	renew(b, bk, "readme", &r->text);
	r->program.number = 2;
	renew(b, bk, "lib/prog.dll", &r->program);
}

/* Is id that of the file path, which has this content and time? */
static void
expect_file(struct bench *b, const char *path, const struct identity *id,
    const char *content, int64_t mtime)
{
	struct fs_stat st;
	size_t n;
	char *bytes = tempdir_read(&b->t, path, &n);

	cr_assert_eq(n, 4);
	cr_assert_eq(memcmp(bytes, content, n), 0, "%s", path);
	free(bytes);
	cr_assert_eq(fs_stat(fs_real(), b->t.fd, path, &st), 0);
	cr_assert_eq(st.mtime.s, mtime, "%s", path);
	cr_assert(identity_is_exact(id, &st), "%s", path);
	cr_assert_eq(id->mode, st.mode);
	cr_assert(id->content.known);
}

static int opened; /* the live readme */

static int
count_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	opened += strcmp(path, "readme") == 0;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

Test(backup, a_new_file_of_the_same_bytes_is_made_with_it)
{
	unsigned three = 3;
	struct crew crew = {threads_real()->run, &three};
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	char *live;
	struct renewal r;
	struct backup bk;
	struct bench b;
	int i;

	ops.open = count_open;
	for (i = 0; i < 4; i++) {
		renewal_open(&b, &bk, &r);
		live = station_picture(b.t.path, PICTURE_FULL);
		ops.fast.clone = i & 1 ? fs_play_clone : NULL;
		b.f.fs = &odd;
		b.f.opt.crew = i & 2 ? &crew : NULL;
		opened = 0;
		cr_assert_eq(try_make(&b, &bk, NULL), 0);
		cr_assert_eq(opened, 1);
		expect_file(
		    &b, ".erpsync/" TMP "/1", &r.text.fresh, "text", 2000);
		expect_file(
		    &b, ".erpsync/" BKP "/readme", &r.text.saved, "text", 1000);
		expect_file(
		    &b, ".erpsync/" TMP "/2", &r.program.fresh, "MZ\0\1", 2000);
		cr_assert_eq(r.text.fresh.mode, 0640);
		cr_assert_neq(is_linked(&b, "lib/prog.dll"), i & 1);
		cr_assert_not(r.program.saved.content.known);
		expect_picture(&b, live);
		backup_release(&bk);
		free(live);
		bench_close(&b);
	}
}

/* Each copy and each new file beside one is room that was set aside for it. */
Test(backup, what_is_copied_has_the_room_that_was_set_aside)
{
	enum { MIB = 1 << 20, BLOCK = 4096, COPIES = 4, NEW = 2 };
	struct renewal r;
	struct backup bk;
	struct bench b;

	renewal_open(&b, &bk, &r);
	b.f.space = fs_open(
	    fs_real(), b.f.own, "space.new", FS_WRITE | FS_CREATE, 0600);
	cr_assert_geq(b.f.space, 0);
	b.f.space_bytes = 100 * MIB;
	cr_assert_eq(fs_truncate(fs_real(), b.f.space, 100 * MIB), 0);
	cr_assert_eq(try_make(&b, &bk, NULL), 0);
	cr_expect_eq(b.f.space_ahead, MIB - (COPIES + NEW) * BLOCK, "%d",
	    (int)b.f.space_ahead);
	cr_expect_lt(b.f.space_bytes, 100 * MIB);
	fs_close_quietly(fs_real(), &b.f.space);
	backup_release(&bk);
	bench_close(&b);
}

Test(backup, a_new_file_of_other_bytes_is_refused)
{
	struct renewal r;
	struct backup bk;
	struct bench b;
	struct err e;

	renewal_open(&b, &bk, &r);
	tempdir_text(&b.t, "readme", "edit", 1000);
	cr_assert_eq(try_make(&b, &bk, &e), ERP_BUSY);
	cr_assert_not_null(strstr(e.msg, "readme"), "%s", e.msg);
	backup_release(&bk);
	bench_close(&b);
	renewal_open(&b, &bk, &r);
	tempdir_write(&b.t, "lib/prog.dll", "MZ\0\3", 4, 1000);
	cr_assert_eq(try_make(&b, &bk, &e), ERP_BUSY);
	cr_assert_not_null(strstr(e.msg, "prog.dll"), "%s", e.msg);
	backup_release(&bk);
	bench_close(&b);
}

/* It cannot be left out: its new file is part of the update. */
Test(backup, a_new_file_of_one_that_vanished_is_missed)
{
	struct renewal r;
	struct backup bk;
	struct bench b;
	struct err e;

	renewal_open(&b, &bk, &r);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "readme"), 0);
	cr_assert_eq(try_make(&b, &bk, &e), ERP_NOTFOUND);
	cr_assert_not_null(strstr(e.msg, "readme"), "%s", e.msg);
	backup_release(&bk);
	bench_close(&b);
}

static size_t asked; /* files, of the last syncfs */
static int fsyncs, answer;

static int
count_fsync(void *ctx, int fd)
{
	fsyncs++;
	return fs_real()->ops->fsync(ctx, fd);
}

static int
note_syncfs(void *ctx, int fd, size_t files)
{
	(void)ctx;
	(void)fd;
	asked = files;
	return answer;
}

/* Make a backup with two other files, where syncfs answers so; returns what
 * backup_make says. */
static int
make_where(int syncfs_answers, struct err *e)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs odd = {&ops, NULL};
	struct backup_hints none = {NULL, 0, 0, false};
	struct tx_names names;
	struct backup bk;
	struct bench b;
	int rc;

	bench_open(&b);
	ops.fsync = count_fsync;
	ops.fast.syncfs = note_syncfs;
	b.f.fs = &odd;
	fsyncs = 0;
	answer = syncfs_answers;
	tx_names_of(9, &names);
	backup_init(&bk);
	cr_assert_eq(backup_collect(&b.f, &none, &bk.files, e), 0);
	rc = backup_make(&b.f, &names, &bk, 2, e);
	backup_release(&bk);
	bench_close(&b);
	return rc;
}

Test(backup, many_files_are_synced_at_once)
{
	struct err e = {0};
	int one_by_one;

	cr_assert_eq(make_where(1, &e), 0, "%s", e.msg);
	one_by_one = fsyncs;
	cr_assert_gt(asked, 2 + 4);
	/* No fsync of copies and folders, nor of the backup's own folder. */
	cr_assert_eq(make_where(0, &e), 1, "%s", e.msg);
	cr_assert_eq(fsyncs, one_by_one - (int)(asked - 2) - 1);
	/* A failed one is the end: nothing is tried again. */
	cr_assert_eq(make_where(-EIO, &e), ERP_IO);
	cr_assert_not_null(strstr(e.msg, "sync"));
	cr_assert_eq(fsyncs, one_by_one - (int)(asked - 2) - 1);
}

Test(backup, record_round_trip_and_damage)
{
	struct backup a, b;
	struct backup_entry *x;
	struct cursor c;
	struct buf out;
	struct err e;
	size_t n;

	backup_init(&a);
	a.id = 1ULL << 60;
	a.has_from = true;
	a.from.b[5] = 6;
	x = backup_list_add(&a.files, "a/b");
	x->type = FS_SYMLINK;
	x->target = strdup("../c");
	x = backup_list_add(&a.files, "a");
	x->type = FS_DIR;
	backup_list_sort(&a.files);
	x = backup_list_add(&a.written, "w");
	x->added = true;
	x->content.known = true;
	x->mtime.s = -3;
	buf_init(&out, 10000);
	cr_assert_eq(backup_encode(&a, &out, &e), 0);
	backup_init(&b);
	/* The payload lies between a head of 20 and a hash of 32 bytes. */
	cursor_init(&c, buf_data(&out) + 20, out.len - 52);
	cr_assert_eq(backup_decode(&c, &b, &e), 0, "%s", e.msg);
	cr_assert_eq(b.id, a.id);
	cr_assert_eq(b.files.n, 2);
	cr_assert_str_eq(b.files.v[1].target, "../c");
	cr_assert(b.written.v[0].added);
	cr_assert_eq(b.written.v[0].mtime.s, -3);
	backup_release(&b);
	for (n = 0; n < out.len - 52; n++) {
		cursor_init(&c, buf_data(&out) + 20, n);
		cr_assert_eq(backup_decode(&c, &b, &e), ERP_CORRUPT);
	}
	backup_release(&a);
	buf_release(&out);
}

/* A folder went and a file came, or so in another order: what was there before
 * has to come back. */
Test(backup, what_went_and_came_again_is_no_addition)
{
	struct backup_list list = {.n = 0};
	struct backup_entry *x;
	int gone_first;

	for (gone_first = 0; gone_first < 2; gone_first++) {
		(void)backup_list_add(&list, "a");
		x = backup_list_add(&list, "b");
		x->added = !(x->gone = gone_first);
		x = backup_list_add(&list, "b");
		x->added = !(x->gone = !gone_first);
		x = backup_list_add(&list, "c");
		x->added = true;
		backup_list_join(&list);
		cr_assert_eq(list.n, 3);
		cr_expect_str_eq(list.v[1].path, "b");
		cr_expect_not(list.v[1].gone);
		cr_expect_not(list.v[1].added);
		cr_expect_str_eq(list.v[2].path, "c");
		cr_expect(list.v[2].added);
		backup_list_release(&list);
	}
}

/* What the names leave out, of the user's alone: a hint is of a file that the
 * plan knows. */
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

Test(backup, goes_on_without_a_link_that_the_disk_cannot_make)
{
	const struct backup_entry *x;
	struct fs_ops ops = *fs_real()->ops;
	const struct fs shown = {&ops, NULL};
	struct backup bk;
	struct bench b;

	ops.symlink = make_no_link;
	bench_open(&b);
	b.f.fs = &shown;
	make(&b, &bk);
	cr_assert_eq(b.warnings, 1);
	cr_assert_not(tempdir_has(&b.t, ".erpsync/" BKP "/link"));
	cr_assert(tempdir_has(&b.t, ".erpsync/" BKP "/lib/prog.dll"));
	/* So no rollback takes it for a new one. */
	x = backup_list_find(&bk.files, "link");
	cr_assert_not_null(x);
	cr_assert_eq(x->how, BACKUP_LEAVE);
	backup_release(&bk);
	bench_close(&b);
}

/* What is known of one file twice. */
Test(backup, the_more_careful_hint_comes_first)
{
	static char path[] = "b";
	struct backup_hints h;
	struct backup_hint *x;
	size_t at, k;
	int i;

	for (i = 0; i < 8; i++) {
		at = 0;
		memset(&h, 0, sizeof(h));
		cr_assert_not_null(x = backup_hints_add(&h));
		*x = (struct backup_hint){.path = path,
		    .pristine = (i & 1) != 0,
		    .goes = (i & 4) != 0};
		cr_assert_not_null(x = backup_hints_add(&h));
		*x = (struct backup_hint){.path = path,
		    .pristine = (i & 2) != 0,
		    .goes = (i & 4) != 0};
		backup_hints_sort(&h);
		cr_expect_eq(backup_hints_next(&h, "b", &at)->pristine,
		    (i & 3) == 3, "%d", i);
		/* One that goes is known as such, whatever else it is. */
		h.v[1].goes = true;
		h.v[0].goes = false;
		backup_hints_sort(&h);
		/* Wherever it is looked for first. */
		for (k = 0; k < 3; k++) {
			at = k;
			cr_expect_null(backup_hints_next(&h, "a", &at));
			cr_expect(backup_hints_next(&h, "b", &at)->goes);
			cr_expect_eq(at, 1);
		}
		backup_hints_release(&h);
	}
}

/* Nobody is told what an old backup lacks. */
Test(backup, a_backup_that_is_listed_warns_of_nothing)
{
	struct backup_list list = {NULL, 0, 0};
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(mkfifoat(b.t.fd, "bkp_remote.001/pipe", 0600), 0);
	cr_assert_eq(
	    backup_scan(&b.f, "bkp_remote.001", &list, &e), 0, "%s", e.msg);
	cr_expect_not_null(backup_list_find(&list, "x"));
	cr_expect_null(backup_list_find(&list, "pipe"));
	cr_expect_eq(b.warnings, 0);
	backup_list_release(&list);
	bench_close(&b);
}

/* So does the folder that it is to be made in. */
static int
make_no_link_below(void *ctx, const char *target, int dir, const char *name)
{
	return strcmp(name, "link") == 0
	    ? -EPERM
	    : fs_real()->ops->symlink(ctx, target, dir, name);
}

Test(backup, a_link_that_a_folder_refuses_is_an_error)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct backup bk;
	struct bench b;
	struct err e;

	ops.symlink = make_no_link_below;
	bench_open(&b);
	b.f.fs = &odd;
	collect(&b, &bk);
	cr_expect_eq(try_make(&b, &bk, &e), ERP_AUTH);
	cr_expect_not_null(strstr(e.msg, "link"), "%s", e.msg);
	cr_expect_eq(b.warnings, 0);
	cr_expect_not(tempdir_has(&b.t, ".erpsync/modes.new"));
	backup_release(&bk);
	bench_close(&b);
}

static int
open_not_theirs(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if (strcmp(path, "lib") == 0)
		return -EACCES;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* What cannot be read stops it, unless nobody asked for it. */
Test(backup, an_unreadable_folder_may_be_left_out)
{
	struct backup_hints none = {NULL, 0, 0, false};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct filter filter;
	struct backup bk;
	struct bench b;
	struct err e;

	bench_open(&b);
	ops.open = open_not_theirs;
	b.f.fs = &odd;
	backup_init(&bk);
	cr_assert_eq(backup_collect(&b.f, &none, &bk.files, &e), ERP_AUTH);
	cr_expect(strstr(e.msg, "lib: ") == e.msg, "%s", e.msg);
	backup_release(&bk);
	filter_init(&filter);
	cr_assert_eq(filter_add(&filter, "lib", &e), 0);
	b.f.opt.backup_exclude = &filter;
	backup_init(&bk);
	cr_assert_eq(
	    backup_collect(&b.f, &none, &bk.files, &e), 0, "%s", e.msg);
	cr_expect_null(backup_list_find(&bk.files, "lib"));
	cr_expect_not_null(backup_list_find(&bk.files, "readme"));
	backup_release(&bk);
	filter_release(&filter);
	bench_close(&b);
}

/* Of a folder so deep, or with names so long, none has a path that a record
 * can hold. */
Test(backup, what_is_left_out_need_not_fit)
{
	static const char *const left[] = {"deep", "n*"};
	struct backup_hints none = {NULL, 0, 0, true};
	char path[2 * RAW_PATH_DEPTH + 40] = "deep", name[251];
	struct filter filter;
	struct backup bk;
	struct bench b;
	struct err e;
	int i, fd, level, up;

	for (i = 0; i < 2; i++) {
		bench_open(&b);
		if (i == 0) {
			while (strlen(path) < 2 * RAW_PATH_DEPTH + 20)
				(void)strlcat(path, "/d", sizeof(path));
			tempdir_mkdir(&b.t, path);
		}
		memset(name, 'n', sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		up = dup(b.t.fd);
		for (level = 0; i == 1 && level < 10; level++) {
			cr_assert_eq(mkdirat(up, name, 0755), 0);
			fd = openat(up, name, O_DIRECTORY | O_CLOEXEC);
			cr_assert_geq(fd, 0);
			(void)close(up);
			up = fd;
		}
		(void)close(up);
		backup_init(&bk);
		cr_expect_eq(
		    backup_collect(&b.f, &none, &bk.files, &e), ERP_BLOCKED);
		cr_expect_not_null(
		    strstr(e.msg, "(--backup-exclude)"), "%s", e.msg);
		backup_release(&bk);
		filter_init(&filter);
		cr_assert_eq(filter_add(&filter, left[i], &e), 0);
		b.f.opt.backup_exclude = &filter;
		backup_init(&bk);
		cr_expect_eq(
		    backup_collect(&b.f, &none, &bk.files, &e), 0, "%s", e.msg);
		cr_expect_not_null(backup_list_find(&bk.files, "readme"));
		backup_release(&bk);
		filter_release(&filter);
		bench_close(&b);
	}
}

Test(backup, leaves_out_files_of_the_user_by_name)
{
	static const char *const patterns[] = {
	    "spool", "*.dll", "*.INI", "link", "empty"};
	const struct backup_entry *x;
	struct backup bk, again;
	struct filter filter;
	struct cursor c;
	struct bench b;
	struct buf out;
	struct err e;
	size_t i;

	bench_open(&b);
	tempdir_text(&b.t, "spool/deep/reports.db", "large", 1000);
	tempdir_text(&b.t, "user.dll", "large", 1000);
	filter_init(&filter);
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		cr_assert_eq(filter_add(&filter, patterns[i], &e), 0);
	b.f.opt.backup_exclude = &filter;
	make(&b, &bk);
	cr_expect(tempdir_has(&b.t, ".erpsync/" BKP "/lib/prog.dll"));
	cr_expect(tempdir_has(&b.t, ".erpsync/" BKP "/lib/changed.dll"));
	cr_expect(tempdir_has(&b.t, ".erpsync/" BKP "/odd.INI"));
	cr_expect(tempdir_has(&b.t, ".erpsync/" BKP "/link"));
	cr_expect(tempdir_has(&b.t, ".erpsync/" BKP "/empty"));
	cr_expect(tempdir_has(&b.t, ".erpsync/" BKP "/spool/deep"));
	cr_expect_not(
	    tempdir_has(&b.t, ".erpsync/" BKP "/spool/deep/reports.db"));
	cr_expect_not(tempdir_has(&b.t, ".erpsync/" BKP "/user.dll"));
	/* The record says so. */
	buf_init(&out, 10000);
	cr_assert_eq(backup_encode(&bk, &out, &e), 0);
	backup_init(&again);
	cursor_init(&c, buf_data(&out) + 20, out.len - 52);
	cr_assert_eq(backup_decode(&c, &again, &e), 0, "%s", e.msg);
	for (i = 0; i < again.files.n; i++) {
		x = &again.files.v[i];
		cr_expect_eq(x->how == BACKUP_LEAVE,
		    strcmp(x->path, "user.dll") == 0 ||
			strcmp(x->path, "spool/deep/reports.db") == 0,
		    "%s", x->path);
	}
	cr_expect_not_null(backup_list_find(&again.files, "user.dll"));
	backup_release(&again);
	buf_release(&out);
	backup_release(&bk);
	filter_release(&filter);
	bench_close(&b);
}
