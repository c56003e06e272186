/* From a folder to a manifest. */
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "engine/tree/filter.h"
#include "engine/tree/manifest.h"
#include "engine/tree/scan.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct tempdir t;
static struct manifest m;
static struct err e;

static void
begin(void)
{
	tempdir_open(&t);
	manifest_init(&m, PATH_OS_LINUX);
}

static void
end(void)
{
	manifest_release(&m);
	tempdir_close(&t);
}

TestSuite(scan, .init = begin, .fini = end);

/* All paths of the manifest, a blank behind each. */
static const char *
paths(void)
{
	static char text[4096];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < m.n; i++) {
		strcat(text, m.v[i].path);
		strcat(text, " ");
	}
	return text;
}

static int
scan(const struct scan_options *opt)
{
	return scan_folder(fs_real(), t.fd, opt, &m, &e);
}

static const struct scan_options strict;

/* Counts events and keeps the last warning. */
struct witness {
	int scans, warnings;
	uint64_t done;
	char path[64], text[128];
};

static void
note(void *ctx, const struct event *ev)
{
	struct witness *w = ctx;

	if (ev->kind == EVENT_SCAN) {
		w->scans++;
		w->done = ev->done;
	} else if (ev->kind == EVENT_WARN) {
		w->warnings++;
		(void)snprintf(w->path, sizeof(w->path), "%s", ev->path);
		(void)snprintf(w->text, sizeof(w->text), "%s", ev->text);
	}
}

Test(scan, an_empty_folder_is_an_empty_manifest)
{
	cr_assert_eq(scan(&strict), 0);
	cr_assert_eq(m.n, 0);
}

Test(scan, entries_are_sorted_and_complete)
{
	const struct entry *en;

	tempdir_text(&t, "b/x.txt", "12345", 1000);
	tempdir_touch(&t, "b/x.txt", 1000, 42);
	tempdir_text(&t, "b-1", "", 2000);
	tempdir_text(&t, "a.sh", "#!", 3000);
	tempdir_chmod(&t, "a.sh", 0711);
	tempdir_mkdir(&t, "empty");
	tempdir_symlink(&t, "b/x.txt", "l");
	tempdir_touch(&t, "l", 4000, 0);
	cr_assert_eq(scan(&strict), 0, "%s", e.msg);
	cr_assert_str_eq(paths(), "a.sh b b-1 b/x.txt empty l ");
	en = manifest_find(&m, "b/x.txt");
	cr_assert_eq(en->type, ENTRY_FILE);
	cr_assert_eq(en->content.size, 5);
	cr_assert_eq(en->mtime.s, 1000);
	cr_assert_eq(en->mtime.ns, 42);
	cr_assert_not(en->exec);
	cr_assert_not(en->content.known);
	cr_assert_neq(en->ino, 0);
	cr_assert(manifest_find(&m, "a.sh")->exec);
	en = manifest_find(&m, "b");
	cr_assert_eq(en->type, ENTRY_DIR);
	cr_assert_eq(en->content.size | (uint64_t)en->mtime.s, 0);
	en = manifest_find(&m, "l");
	cr_assert_eq(en->type, ENTRY_SYMLINK);
	cr_assert_str_eq(en->target, "b/x.txt");
	cr_assert_eq(en->mtime.s, 4000);
	cr_assert_eq(en->content.size, 0);
	cr_assert_eq(manifest_check(&m, &e), 0, "%s", e.msg);
}

Test(scan, our_own_names_are_no_entries)
{
	tempdir_text(&t, ".erpsync/state", "x", -1);
	tempdir_text(&t, "bkp_remote.001/a", "x", -1);
	tempdir_text(&t, "Bkp_Remote.x", "x", -1);
	tempdir_text(&t, "d/.erpsync", "x", -1);
	cr_assert_eq(scan(&strict), 0);
	cr_assert_str_eq(paths(), "d d/.erpsync ");
}

Test(scan, filters_leave_out_folders_whole)
{
	struct filter f;
	struct scan_options opt = {&f, NULL, false, false, NULL, NULL};

	tempdir_text(&t, "logs/a.txt", "x", -1);
	tempdir_text(&t, "d/b.log", "x", -1);
	tempdir_text(&t, "d/b.txt", "x", -1);
	filter_init(&f);
	cr_assert_eq(filter_add(&f, "*.log", NULL), 0);
	cr_assert_eq(filter_add(&f, "logs", NULL), 0);
	cr_assert_eq(scan(&opt), 0);
	cr_assert_str_eq(paths(), "d d/b.txt ");
	filter_release(&f);
}

/* Each makes one thing that cannot be managed under the name returned. */
static const char *
make_fifo(void)
{
	cr_assert_eq(mkfifoat(t.fd, "d/p", 0600), 0);
	return "d/p";
}

static const char *
make_leaving_link(void)
{
	tempdir_symlink(&t, "../../etc/passwd", "d/l");
	return "d/l";
}

static const char *
make_absolute_link(void)
{
	tempdir_symlink(&t, "/etc/passwd", "d/l");
	return "d/l";
}

static const char *
make_bad_name(void)
{
	tempdir_text(&t, "d/a:b", "x", -1);
	return "d/a:b";
}

static const char *
make_latin1_name(void)
{
	tempdir_text(&t, "d/n\xe3o", "x", -1);
	return "d/n\xe3o";
}

Test(scan, what_cannot_be_managed_fails_or_is_left_out)
{
	static const char *(*const make[])(void) = {make_fifo,
	    make_leaving_link, make_absolute_link, make_bad_name,
	    make_latin1_name};
	struct witness w;
	struct observer obs = {.event = note, .ctx = &w};
	struct scan_options skip = {NULL, &obs, true, false, NULL, NULL};
	const char *path;
	size_t i;

	tempdir_text(&t, "d/ok", "x", -1);
	for (i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		path = make[i]();
		cr_expect_eq(scan(&strict), ERP_USAGE, "case %zu", i);
		cr_expect_eq(m.n, 0, "half a tree is never returned");
		memset(&w, 0, sizeof(w));
		cr_assert_eq(scan(&skip), 0);
		cr_expect_str_eq(paths(), "d d/ok ");
		cr_expect_eq(w.warnings, 1);
		cr_expect_str_eq(w.path, path);
		cr_expect_neq(w.text[0], '\0');
		manifest_release(&m);
		cr_assert_eq(fs_unlink(fs_real(), t.fd, path), 0);
	}
}

Test(scan, windows_sets_have_no_links)
{
	struct witness w = {0};
	struct observer obs = {.event = note, .ctx = &w};
	struct scan_options skip = {NULL, &obs, true, false, NULL, NULL};

	manifest_init(&m, PATH_OS_WINDOWS);
	tempdir_text(&t, "a", "x", -1);
	tempdir_symlink(&t, "a", "l");
	cr_assert_eq(scan(&strict), ERP_USAGE);
	cr_assert_eq(scan(&skip), 0);
	cr_assert_str_eq(paths(), "a ");
	cr_assert_eq(w.warnings, 1);
}

Test(scan, folders_may_be_32_deep)
{
	char path[80] = "";
	struct scan_options skip = {.skip_unmanageable = true};
	int i;

	for (i = 0; i < 31; i++)
		strcat(path, "d/");
	strcat(path, "f");
	tempdir_text(&t, path, "x", -1);
	cr_assert_eq(scan(&strict), 0, "%s", e.msg);
	cr_assert_eq(m.n, 32);
	manifest_release(&m);
	path[strlen(path) - 1] = 'd';
	strcat(path, "/f");
	tempdir_text(&t, path, "x", -1);
	cr_assert_eq(scan(&strict), ERP_USAGE);
	cr_assert_eq(scan(&skip), 0);
	cr_assert_eq(m.n, 33);
}

Test(scan, odd_times_are_clamped)
{
	struct fs_stat st = {.type = FS_FILE, .mtime = {-5, 9}};
	struct entry en;

	memset(&en, 0, sizeof(en));
	scan_set_stat(&en, &st);
	cr_assert_eq(en.mtime.s, 0);
	cr_assert_eq(en.mtime.ns, 0);
	cr_assert_eq(en.raw.s, -5);
	cr_assert_eq(en.raw.ns, 9);
	st.mtime.s = ENTRY_MAX_MTIME + 1;
	scan_set_stat(&en, &st);
	cr_assert_eq(en.mtime.s, ENTRY_MAX_MTIME);
	st.mtime.s = ENTRY_MAX_MTIME;
	scan_set_stat(&en, &st);
	cr_assert_eq(en.mtime.s, ENTRY_MAX_MTIME);
	cr_assert_eq(en.mtime.ns, 9);
}

static int
enough(void *ctx)
{
	const struct witness *w = ctx;

	return w->scans == 2;
}

Test(scan, the_observer_hears_of_progress_and_may_end_it)
{
	struct witness w = {0};
	struct observer obs = {.event = note, .ctx = &w};
	struct scan_options opt = {NULL, &obs, false, false, NULL, NULL};
	char name[16];
	int i;

	for (i = 0; i < 600; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		tempdir_text(&t, name, "", -1);
	}
	cr_assert_eq(scan(&opt), 0);
	cr_assert_eq(w.scans, 3);
	cr_assert_eq(w.done, 600);
	manifest_release(&m);
	memset(&w, 0, sizeof(w));
	obs.interrupted = enough;
	obs.interrupted_ctx = &w;
	cr_assert_eq(scan(&opt), ERP_CANCELLED);
	cr_assert_eq(w.done, 512);
	cr_assert_eq(m.n, 0);
}

/* A table in which a name fails or is gone between listing and stat. */
static int stat_fails_with;

static int
failing_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	if (strcmp(name, "bad") == 0)
		return -stat_fails_with;
	return fs_real()->ops->stat(ctx, dir, name, st);
}

static int
failing_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if (strcmp(path, "closed") == 0)
		return -EACCES;
	if (strcmp(path, "mount") == 0)
		return -EXDEV;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

Test(scan, failures_fail_it_but_vanished_names_do_not)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs fs = {&ops, NULL};
	size_t closed = 0;
	struct scan_options skip = {.skip_unmanageable = true};

	ops.stat = failing_stat;
	ops.open = failing_open;
	tempdir_text(&t, "bad", "x", -1);
	tempdir_text(&t, "good", "x", -1);
	stat_fails_with = EIO;
	cr_assert_eq(scan_folder(&fs, t.fd, &skip, &m, &e), ERP_IO);
	cr_assert_eq(m.n, 0);
	stat_fails_with = ENOENT;
	cr_assert_eq(scan_folder(&fs, t.fd, &strict, &m, &e), 0);
	cr_assert_str_eq(paths(), "good ");
	manifest_release(&m);
	tempdir_mkdir(&t, "mount");
	cr_assert_eq(scan_folder(&fs, t.fd, &strict, &m, &e), ERP_USAGE);
	cr_assert_eq(scan_folder(&fs, t.fd, &skip, &m, NULL), 0);
	cr_assert_str_eq(paths(), "good ");
	manifest_release(&m);
	tempdir_mkdir(&t, "closed");
	cr_assert_eq(scan_folder(&fs, t.fd, &skip, &m, &e), ERP_AUTH,
	    "an unreadable folder is not ours to leave out");
	cr_assert_not_null(strstr(e.msg, "closed"));
	cr_assert_not_null(strstr(e.msg, "(--backup-exclude,"), "%s", e.msg);
	skip.closed_n = &closed;
	cr_assert_eq(scan_folder(&fs, t.fd, &skip, &m, &e), 0);
	cr_assert_str_eq(paths(), "good ");
	cr_assert_eq(closed, 1, "but whoever counts them hears of all");
}

Test(scan, a_folder_is_hashed_as_it_is)
{
	struct hash want;

	tempdir_text(&t, "sub/a.txt", "hello", -1);
	cr_assert_eq(hash_bytes("hello", 5, &want, &e), 0);
	cr_assert_eq(scan(&strict), 0, "%s", e.msg);
	cr_assert_eq(scan_hash(fs_real(), t.fd, &m, &e), 0, "%s", e.msg);
	cr_assert_eq(m.n, 2);
	cr_expect_not(m.v[0].content.known, "a folder");
	cr_expect(m.v[1].content.known);
	cr_expect(hash_equal(&m.v[1].content.hash, &want));
	cr_assert_eq(fs_unlink(fs_real(), t.fd, "sub/a.txt"), 0);
	cr_expect_eq(scan_hash(fs_real(), t.fd, &m, &e), ERP_NOTFOUND);
}

static bool
is_same(void)
{
	return scan_is_same(fs_real(), t.fd, &strict, &m);
}

Test(scan, a_folder_that_nobody_changed_is_the_same)
{
	tempdir_text(&t, "b/x.txt", "12345", 1000);
	tempdir_text(&t, "b-1", "", 2000);
	tempdir_symlink(&t, "b/x.txt", "l");
	cr_assert_eq(scan(&strict), 0, "%s", e.msg);
	cr_assert_str_eq(paths(), "b b-1 b/x.txt l ");
	cr_assert(is_same());
	tempdir_text(&t, "b-1", "1", 2000);
	cr_assert_not(is_same(), "another size");
}

Test(scan, whatever_changes_is_seen)
{
	static const char *const names[] = {"a", "b", "b/x", "l"};
	size_t i;

	tempdir_text(&t, "a", "1", 1000);
	tempdir_text(&t, "b/x", "2", 1000);
	tempdir_symlink(&t, "a", "l");
	cr_assert_eq(scan(&strict), 0, "%s", e.msg);
	cr_assert(is_same());
	tempdir_touch(&t, "a", 1001, 0);
	cr_expect_not(is_same(), "its time");
	tempdir_touch(&t, "a", 1000, 0);
	cr_assert(is_same());
	tempdir_chmod(&t, "a", 0755);
	cr_expect_not(is_same(), "its exec bit");
	tempdir_chmod(&t, "a", 0644);
	cr_assert(is_same());
	cr_assert_eq(fs_rename(fs_real(), t.fd, "a", t.fd, "c", false), 0);
	tempdir_text(&t, "a", "1", 1000);
	cr_assert_eq(fs_unlink(fs_real(), t.fd, "c"), 0);
	cr_expect_not(is_same(), "another file");
	tempdir_text(&t, "c", "", 1000);
	cr_expect_not(is_same(), "one more");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		manifest_release(&m);
		cr_assert_eq(scan(&strict), 0, "%s", e.msg);
		cr_assert(is_same());
		manifest_drop(&m, names[i]);
		cr_expect_not(is_same(), "%s is new", names[i]);
	}
}

Test(scan, one_less_is_seen_and_so_is_a_folder_that_cannot_be_read)
{
	struct fs fs = *fs_real();

	tempdir_text(&t, "a", "1", 1000);
	tempdir_text(&t, "z", "2", 1000);
	cr_assert_eq(scan(&strict), 0, "%s", e.msg);
	cr_assert_eq(fs_unlink(&fs, t.fd, "z"), 0);
	cr_expect_not(is_same());
	manifest_release(&m);
	cr_assert_eq(scan(&strict), 0, "%s", e.msg);
	cr_assert_eq(mkfifoat(t.fd, "f", 0600), 0);
	cr_expect_not(is_same(), "what cannot be managed");
	cr_expect_not(scan_is_same(&fs, -1, &strict, &m));
}
