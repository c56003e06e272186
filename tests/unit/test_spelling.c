/* The names of a release as a disk that folds them has them. */
#include "engine/tree/spelling.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/tree/filter.h"
#include "engine/tree/scan.h"
#include "tests/support/fs_sim.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct sim disk;
static int root;
static struct manifest have, release;
static struct spelling s;
static struct filter filter;
static struct err e;

static void
begin(void)
{
	sim_open(&disk);
	disk.disk.v[SIM_ROOT].folds = true;
	root = fs_open_root(&disk.fs, "/");
	manifest_init(&have, PATH_OS_LINUX);
	manifest_init(&release, PATH_OS_LINUX);
	filter_init(&filter);
	memset(&s, 0, sizeof(s));
}

static void
end(void)
{
	spelling_release(&s);
	filter_release(&filter);
	manifest_release(&have);
	manifest_release(&release);
	cr_assert_eq(fs_close(&disk.fs, root), 0);
	cr_assert_eq(sim_open_fds(&disk), 0);
	sim_close(&disk);
}

TestSuite(spelling, .init = begin, .fini = end);

/* What lies in the folder; a slash at the end: a folder. */
static void
lies(const char *path)
{
	char name[64];
	size_t len = strlen(path);
	int fd;

	if (path[len - 1] == '/') {
		memcpy(name, path, len - 1);
		name[len - 1] = '\0';
		cr_assert_eq(fs_mkdir(&disk.fs, root, name, 0755), 0);
		return;
	}
	fd = fs_open(&disk.fs, root, path, FS_WRITE | FS_CREATE, 0644);
	cr_assert_geq(fd, 0, "%s", path);
	cr_assert_eq(fs_close(&disk.fs, fd), 0);
}

/* What the release has, likewise. */
static void
wanted(const char *path)
{
	char name[64];
	struct entry en;
	size_t len = strlen(path);
	bool folder = path[len - 1] == '/';

	memset(&en, 0, sizeof(en));
	memcpy(name, path, len + 1);
	if (folder)
		name[len - 1] = '\0';
	en.path = name;
	en.type = folder ? ENTRY_DIR : ENTRY_FILE;
	cr_assert_eq(manifest_add(&release, &en, &e), 0);
	cr_assert_eq(manifest_sort(&release, &e), 0);
}

static void
scan(void)
{
	const struct scan_options opt = {
	    .filter = &filter, .skip_unmanageable = true};

	cr_assert_eq(scan_folder(&disk.fs, root, &opt, &have, &e), 0);
}

static const struct manifest *
spell(bool scanned)
{
	const struct spelling_folder f = {.fs = &disk.fs,
	    .dir = root,
	    .have = scanned ? &have : NULL,
	    .filter = &filter};

	cr_assert_eq(spelling_make(&f, &release, &s, &e), 0, "%s", e.msg);
	return spelling_manifest(&s, &release);
}

static const char *
paths(const struct manifest *m)
{
	static char text[1024];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < m->n; i++) {
		strcat(text, m->v[i].path);
		strcat(text, " ");
	}
	return text;
}

Test(spelling, names_of_one_fold_are_one_file_with_the_folders_spelling)
{
	const struct manifest *m;
	size_t i;

	lies("README.txt");
	lies("Lib/");
	lies("Lib/Old.so");
	wanted("Readme.TXT");
	wanted("lib/");
	wanted("lib/new.so");
	wanted("lib/old.so");
	wanted("z");
	scan();
	m = spell(true);
	cr_assert_str_eq(paths(m), "Lib Lib/Old.so Lib/new.so README.txt z ");
	cr_assert_str_eq(
	    paths(&release), "Readme.TXT lib lib/new.so lib/old.so z ");
	for (i = 0; i < m->n; i++)
		cr_assert_eq(
		    strcasecmp(m->v[i].path,
			release.v[spelling_index(&s, &release, &m->v[i])].path),
		    0);
	spelling_release(&s);
	/* The same without a scan. */
	cr_assert_str_eq(
	    paths(spell(false)), "Lib Lib/Old.so Lib/new.so README.txt z ");
}

Test(spelling, a_folder_without_other_spellings_costs_no_copy)
{
	lies("a");
	lies("d/");
	wanted("a");
	wanted("d/");
	wanted("d/new");
	scan();
	cr_assert_eq(spell(true), &release);
	cr_assert_null(s.from);
	cr_assert_eq(spelling_index(&s, &release, &release.v[2]), 2);
}

Test(spelling, where_the_disk_does_not_fold_they_are_two_files)
{
	disk.disk.v[SIM_ROOT].folds = false;
	lies("README.txt");
	lies("Lib/");
	lies("Lib/x");
	wanted("Readme.TXT");
	wanted("lib/");
	wanted("lib/x");
	scan();
	cr_assert_eq(spell(true), &release);
	cr_assert_eq(spell(false), &release);
}

/* Its programs see one name, through Samba or Wine. */
Test(spelling, a_release_for_windows_folds_on_any_disk)
{
	disk.disk.v[SIM_ROOT].folds = false;
	release.os = have.os = PATH_OS_WINDOWS;
	lies("README.txt");
	lies("Lib/");
	lies("Lib/x");
	lies("two");
	lies("Two");
	lies("Three");
	lies("THREE");
	wanted("Readme.TXT");
	wanted("lib/");
	wanted("lib/X");
	wanted("three");
	wanted("two");
	scan();
	/* Of more than one spelling none is taken for another. */
	cr_assert_str_eq(paths(spell(true)), "Lib Lib/x README.txt three two ");
}

Test(spelling, a_disk_may_fold_below_one_folder_only)
{
	disk.disk.v[SIM_ROOT].folds = false;
	lies("A");
	lies("f/");
	disk.disk.v[sim_walk(&disk, "f")].folds = true;
	lies("f/A");
	lies("f/Sub/");
	lies("f/Sub/B");
	wanted("a");
	wanted("f/");
	wanted("f/a");
	wanted("f/sub/");
	wanted("f/sub/b");
	scan();
	cr_assert_str_eq(paths(spell(true)), "a f f/A f/Sub f/Sub/B ");
}

Test(spelling, two_files_on_a_disk_that_does_not_fold_stay_two)
{
	disk.disk.v[SIM_ROOT].folds = false;
	lies("a");
	lies("A");
	wanted("a");
	cr_assert_eq(filter_add(&filter, "/a", &e), 0);
	scan();
	/* "a" is not in the scan, but it is there by itself. */
	cr_assert_eq(spell(true), &release);
	cr_assert_eq(have.n, 1);
}

Test(spelling, what_is_left_out_under_either_name_is_left_out)
{
	lies("Mine.ini");
	lies("Theirs.ini");
	lies("Own/");
	lies("Own/x");
	lies("rest");
	wanted("mine.ini");
	wanted("own/");
	wanted("own/x");
	wanted("rest");
	wanted("theirs.ini");
	/* One by the folder's name, two by the release's. */
	cr_assert_eq(filter_add(&filter, "Mine.ini", &e), 0);
	cr_assert_eq(filter_add(&filter, "theirs.ini", &e), 0);
	cr_assert_eq(filter_add(&filter, "own", &e), 0);
	scan();
	cr_assert_str_eq(paths(&have), "Own Own/x Theirs.ini rest ");
	cr_assert_str_eq(
	    paths(spell(true)), "Mine.ini own own/x rest theirs.ini ");
	cr_assert_str_eq(paths(&have), "rest ");
}

Test(spelling, below_a_file_and_a_missing_folder_nothing_is_looked_for)
{
	lies("Bin");
	wanted("bin/");
	wanted("bin/a");
	wanted("bin/sub/");
	wanted("bin/sub/b");
	wanted("no/");
	wanted("no/c");
	scan();
	cr_assert_str_eq(
	    paths(spell(true)), "Bin Bin/a Bin/sub Bin/sub/b no no/c ");
}

Test(spelling, paths_need_not_bring_their_folders)
{
	const char *const list[] = {"a/B/c", "a/b-d", "a/x"};
	const struct spelling_folder f = {.fs = &disk.fs, .dir = root};
	char *out[3];

	lies("A/");
	lies("A/b/");
	lies("A/b/C");
	lies("A/b-d");
	cr_assert_eq(spelling_find(&f, list, 3, out, &e), 0);
	cr_assert_str_eq(out[0], "A/b/C");
	cr_assert_str_eq(out[1], "A/b-d");
	cr_assert_str_eq(out[2], "A/x");
	free(out[0]);
	free(out[1]);
	free(out[2]);
}

static int
list_fails(void *arg, struct sim *at, struct sim_call *c)
{
	(void)arg;
	(void)at;
	return c->kind == SIM_LIST ? -EIO : 0;
}

static int stat_says;

static int
stat_fails(void *arg, struct sim *at, struct sim_call *c)
{
	(void)arg;
	(void)at;
	return c->kind == SIM_STAT ? stat_says : 0;
}

/* Or a failing disk would be taken for one that does not fold. */
Test(spelling, a_name_that_cannot_be_looked_at_fails_it)
{
	const struct spelling_folder f = {.fs = &disk.fs, .dir = root};

	lies("A");
	wanted("a");
	disk.hook = stat_fails;
	stat_says = -EIO;
	cr_assert_eq(spelling_make(&f, &release, &s, &e), ERP_IO);
	cr_assert_null(s.from);
	stat_says = -ENOENT;
	cr_assert_eq(spelling_make(&f, &release, &s, &e), 0);
	cr_expect_null(s.from);
	disk.hook = NULL;
}

Test(spelling, a_folder_that_cannot_be_listed_fails_it)
{
	const struct spelling_folder f = {.fs = &disk.fs, .dir = root};

	lies("A");
	wanted("a");
	disk.hook = list_fails;
	cr_assert_eq(spelling_make(&f, &release, &s, &e), ERP_IO);
	cr_assert_null(s.from);
	disk.hook = NULL;
}

/* A scan, which reports it, leaves such names alone; without one nobody would
 * have said so. */
Test(spelling, what_may_not_be_looked_at_fails_where_no_scan_spoke_of_it)
{
	struct spelling_folder f = {
	    .fs = &disk.fs, .dir = root, .filter = &filter};

	lies("A");
	wanted("a");
	disk.hook = stat_fails;
	stat_says = -EACCES;
	cr_expect_lt(spelling_make(&f, &release, &s, &e), 0);
	cr_expect_eq(e.sys, EACCES);
	f.have = &have;
	cr_expect_eq(spelling_make(&f, &release, &s, &e), 0);
	disk.hook = NULL;
}
