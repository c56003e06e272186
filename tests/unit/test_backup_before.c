#include "engine/apply/backup_before.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "tests/support/fs_fault.h"
#include "tests/support/fs_sim.h"

#include <criterion/criterion.h>
#include <string.h>

#define NEWEST "bkp_remote.001/"

/* A client folder on a disk whose clock stands where the test puts it. */
struct bench {
	struct sim s;
	struct folder f;
	struct backup bk; /* the one that was made last */
};

static void
put_bytes(struct bench *b, const char *path, const char *p, size_t n)
{
	const struct fs *fs = &b->s.fs;
	int fd =
	    fs_open(fs, b->f.dir, path, FS_WRITE | FS_CREATE_OR_OPEN, 0644);

	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_pwrite(fs, fd, p, n, 0), 0);
	cr_assert_eq(fs_futimes(fs, fd, (struct stamp){1000, 0}), 0);
	cr_assert_eq(fs_close(fs, fd), 0);
}

static void
put(struct bench *b, const char *path, const char *text)
{
	put_bytes(b, path, text, strlen(text));
}

static void
bench_open(struct bench *b)
{
	const struct fs *fs;

	memset(b, 0, sizeof(*b));
	sim_open(&b->s);
	fs = b->f.fs = &b->s.fs;
	b->f.path = (char[]){"/"};
	b->f.dir = fs_open_root(fs, "/");
	cr_assert_eq(fs_mkdir(fs, b->f.dir, ".erpsync", 0755), 0);
	cr_assert_eq(fs_mkdir(fs, b->f.dir, "lib", 0755), 0);
	b->f.own = fs_open(fs, b->f.dir, ".erpsync", FS_DIRECTORY, 0);
	b->f.lock = -1;
	put(b, "lib/a.txt", "text");
	put(b, "mine.log", "of the user");
}

static void
bench_close(struct bench *b)
{
	backup_release(&b->bk);
	backup_before_note(&b->f, NULL);
	fs_close_quietly(b->f.fs, &b->f.own);
	fs_close_quietly(b->f.fs, &b->f.dir);
	cr_assert_eq(sim_open_fds(&b->s), 0, "no descriptor is left");
	sim_close(&b->s);
}

static uint64_t scanned; /* the inode of lib/a.txt, or 0 */

static void
collect(struct bench *b, bool looks, bool goes)
{
	struct backup_hints hints = {.looks = looks};
	struct backup_hint *h = backup_hints_add(&hints);
	struct err e;

	cr_assert_not_null(h);
	h->path = "lib/a.txt";
	h->mtime.s = 1000;
	h->ino = scanned;
	h->content.size = 4;
	h->pristine = true;
	h->goes = goes;
	backup_release(&b->bk);
	cr_assert_eq(
	    backup_collect(&b->f, &hints, &b->bk.files, &e), 0, "%s", e.msg);
	backup_hints_release(&hints);
}

/* The next backup, some time later, as number `to`, or unnumbered if 0. */
static void
make(struct bench *b, bool goes, int number)
{
	struct tx_names names;
	struct err e;
	char to[] = "bkp_remote.000";

	b->s.disk.tick += 100;
	collect(b, false, goes);
	tx_names_of(9, &names);
	cr_assert_eq(backup_make(&b->f, &names, &b->bk, 0, &e), 0, "%s", e.msg);
	to[strlen(to) - 1] = (char)('0' + number);
	cr_assert_eq(
	    fs_rename(b->f.fs, b->f.own, names.bkp, b->f.dir, to, false), 0);
	b->s.disk.tick += 100;
}

/* Have the first two backups one file of this path? */
static bool
is_one(struct bench *b, const char *path)
{
	char old[OWN_PATH_BYTES], new[OWN_PATH_BYTES];
	struct fs_stat x, y;

	cr_assert_eq(own_join(old, "bkp_remote.001", path, NULL), 0);
	cr_assert_eq(own_join(new, "bkp_remote.002", path, NULL), 0);
	cr_assert_eq(fs_stat(b->f.fs, b->f.dir, old, &x), 0);
	cr_assert_eq(fs_stat(b->f.fs, b->f.dir, new, &y), 0);
	cr_assert_eq(x.size, y.size);
	return x.ino == y.ino;
}

static bool
is_of_live(struct bench *b, const char *path)
{
	char old[OWN_PATH_BYTES];
	struct fs_stat x, y;

	cr_assert_eq(own_join(old, "bkp_remote.001", path, NULL), 0);
	cr_assert_eq(fs_stat(b->f.fs, b->f.dir, old, &x), 0);
	cr_assert_eq(fs_stat(b->f.fs, b->f.dir, path, &y), 0);
	return x.ino == y.ino;
}

Test(backup_before, what_has_not_changed_is_the_newest_backups)
{
	struct bench b;

	bench_open(&b);
	make(&b, false, 1);
	cr_assert_not(is_of_live(&b, "lib/a.txt"));
	make(&b, false, 2);
	cr_assert(is_one(&b, "lib/a.txt"));
	cr_assert(is_one(&b, "mine.log"));
	cr_assert_not(is_of_live(&b, "mine.log"));
	cr_assert(backup_list_find(&b.bk.files, "mine.log")->content.known);
	bench_close(&b);
}

/* Undoing moves the backup's file back to where it was live: that must not be
 * another backup's too. */
Test(backup_before, what_is_replaced_has_a_copy_of_its_own)
{
	struct bench b;

	bench_open(&b);
	make(&b, false, 1);
	make(&b, true, 2);
	cr_assert_not(is_one(&b, "lib/a.txt"));
	cr_assert(is_one(&b, "mine.log"));
	bench_close(&b);
}

/* What is the same to an eye that looks at size and time may be another. */
Test(backup_before, what_was_touched_since_is_copied)
{
	static const char *const other = "of no user";
	struct bench b;
	int fd;

	bench_open(&b);
	make(&b, false, 1);
	put(&b, "mine.log", other);
	fd = fs_open(b.f.fs, b.f.dir, "lib/a.txt", FS_READ, 0);
	cr_assert_eq(fs_fchmod(b.f.fs, fd, 0600), 0);
	cr_assert_eq(fs_close(b.f.fs, fd), 0);
	make(&b, false, 2);
	cr_assert_not(is_one(&b, "mine.log"));
	cr_assert_not(is_one(&b, "lib/a.txt"));
	bench_close(&b);
}

/* A program that maps the file may have gone on writing to it. */
Test(backup_before, a_copy_made_within_a_minute_proves_nothing)
{
	struct bench b;

	bench_open(&b);
	b.s.disk.tick -= 50;
	make(&b, false, 1);
	b.s.disk.tick += 100;
	make(&b, false, 2);
	cr_assert_not(is_one(&b, "mine.log"));
	bench_close(&b);
}

Test(backup_before, a_disk_without_such_times_has_copies)
{
	struct bench b;

	bench_open(&b);
	b.s.fat = true;
	make(&b, false, 1);
	make(&b, false, 2);
	cr_assert_not(is_one(&b, "mine.log"));
	bench_close(&b);
}

Test(backup_before, where_links_are_refused_it_is_copied)
{
	struct bench b;

	bench_open(&b);
	make(&b, false, 1);
	b.s.no_links = true;
	make(&b, false, 2);
	cr_assert_not(is_one(&b, "mine.log"));
	cr_assert_eq(
	    backup_list_find(&b.bk.files, "mine.log")->how, BACKUP_COPY);
	bench_close(&b);
}

/* A backup whose file somebody has changed is not believed. */
Test(backup_before, what_the_backup_no_longer_has_is_copied)
{
	struct bench b;

	bench_open(&b);
	make(&b, false, 1);
	put(&b, NEWEST "mine.log", "of the user, and longer");
	cr_assert_eq(fs_unlink(b.f.fs, b.f.dir, NEWEST "lib/a.txt"), 0);
	make(&b, false, 2);
	cr_assert_eq(
	    backup_list_find(&b.bk.files, "mine.log")->how, BACKUP_COPY);
	cr_assert_eq(
	    backup_list_find(&b.bk.files, "lib/a.txt")->how, BACKUP_COPY);
	bench_close(&b);
}

static int opened;

static int
count_opens(void *arg, struct sim *s, struct sim_call *call)
{
	(void)arg;
	(void)s;
	opened += call->kind == SIM_OPEN && strcmp(call->name, "a.txt") == 0;
	return 0;
}

Test(backup_before, what_the_preflight_opened_is_not_opened_again)
{
	struct bench b;

	bench_open(&b);
	b.s.hook = count_opens;
	collect(&b, true, false);
	cr_assert_eq(opened, 1);
	backup_before_note(&b.f, &b.bk.files);
	cr_assert_not_null(b.f.looked);
	collect(&b, false, false);
	cr_assert_eq(opened, 1);
	cr_assert(backup_list_find(&b.bk.files, "lib/a.txt")->opened);
	cr_assert_null(b.f.looked, "it counts once");
	collect(&b, false, false);
	cr_assert_eq(opened, 2);
	bench_close(&b);
}

Test(backup_before, what_changed_since_the_preflight_is_opened_again)
{
	struct bench b;

	bench_open(&b);
	collect(&b, true, false);
	backup_before_note(&b.f, &b.bk.files);
	b.s.disk.tick += 100;
	put(&b, "lib/a.txt", "test");
	b.s.hook = count_opens;
	collect(&b, false, false);
	cr_assert_eq(opened, 1);
	bench_close(&b);
}

/* Where there is a backup, too, which is the one that the preflight saw. */
Test(backup_before, what_a_backup_has_of_before_is_opened_once)
{
	struct bench b;

	bench_open(&b);
	make(&b, false, 1);
	put(&b, "lib/a.txt", "test");
	b.s.hook = count_opens;
	collect(&b, true, false);
	cr_assert_eq(opened, 1);
	backup_before_note(&b.f, &b.bk.files);
	collect(&b, false, false);
	cr_assert_eq(opened, 1);
	bench_close(&b);
}

static int stats;

static int
count_stats(void *arg, struct sim *s, struct sim_call *call)
{
	(void)arg;
	(void)s;
	stats += call->kind == SIM_STAT && strcmp(call->name, "a.txt") == 0;
	return 0;
}

/* What a scan saw, and the newest backup shares, is looked at once. */
Test(backup_before, a_look_at_the_backup_tells_of_the_live_file)
{
	const struct backup_entry *x;
	struct fs_stat st;
	struct bench b;

	bench_open(&b);
	b.s.no_clone = true;
	put_bytes(&b, "lib/a.txt", "\0ext", 4);
	make(&b, false, 1);
	cr_assert(is_of_live(&b, "lib/a.txt"));
	cr_assert_eq(fs_stat(b.f.fs, b.f.dir, "lib/a.txt", &st), 0);
	scanned = st.ino;
	b.s.hook = count_stats;
	collect(&b, true, false);
	cr_expect_eq(stats, 1);
	x = backup_list_find(&b.bk.files, "lib/a.txt");
	cr_expect_eq(x->how, BACKUP_SHARE);
	cr_expect_eq(x->ino, st.ino);
	cr_expect(stamp_equal(x->changed, st.changed));
	/* The backup itself looks at the live file. */
	backup_before_note(&b.f, &b.bk.files);
	put_bytes(&b, "lib/a.new", "text", 4);
	cr_assert_eq(
	    fs_rename(b.f.fs, b.f.dir, "lib/a.new", b.f.dir, "lib/a.txt", true),
	    0);
	collect(&b, false, false);
	cr_expect_eq(stats, 2);
	x = backup_list_find(&b.bk.files, "lib/a.txt");
	cr_expect_eq(x->how, BACKUP_COPY);
	/* So does the preflight where the scan saw another one. */
	cr_assert_eq(fs_stat(b.f.fs, b.f.dir, "lib/a.txt", &st), 0);
	scanned = st.ino;
	stats = 0;
	collect(&b, true, false);
	cr_expect_eq(stats, 2);
	x = backup_list_find(&b.bk.files, "lib/a.txt");
	cr_expect_eq(x->how, BACKUP_COPY);
	cr_expect_eq(x->ino, scanned);
	bench_close(&b);
}

/* While an update is received a person removes the newest backup: what lies in
 * the one before was of another time. */
Test(backup_before, what_another_backup_has_is_not_taken_for_the_newest)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	make(&b, false, 1);
	put(&b, "mine.log", "OF THE USER");
	make(&b, false, 2);
	collect(&b, true, false);
	cr_assert_eq(
	    backup_list_find(&b.bk.files, "mine.log")->how, BACKUP_AGAIN);
	backup_before_note(&b.f, &b.bk.files);
	cr_assert_eq(
	    tree_remove(b.f.fs, b.f.dir, "bkp_remote.002", &e), 0, "%s", e.msg);
	make(&b, false, 2);
	cr_assert_not(is_one(&b, "mine.log"));
	bench_close(&b);
}
