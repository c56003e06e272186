/* Opening a folder for root: only where no other user can exchange it. */
#include "engine/base/fs.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tempdir t;
static char path[600], where[FS_PATH_BYTES];

static void
begin(void)
{
	tempdir_open(&t);
	tempdir_mkdir(&t, "a/b/c");
	tempdir_mkdir(&t, "real/c");
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(fs_trusted, .init = begin, .fini = end);

/* 0 or -errno; what was opened must be the folder that of says. */
static int
open_it(const char *below, const char *of)
{
	struct fs_stat a, b;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", t.path, below);
	fd = fs_open_trusted(fs_real(), path, where, sizeof(where));
	if (fd < 0)
		return fd;
	cr_assert_eq(fs_fstat(fs_real(), fd, &a), 0);
	cr_assert_eq(fs_stat(fs_real(), t.fd, of, &b), 0);
	cr_assert(a.ino == b.ino && a.dev == b.dev);
	fs_close_quietly(fs_real(), &fd);
	return 0;
}

static void
need_root(void)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");
}

Test(fs_trusted, an_ordinary_way_is_walked)
{
	need_root();
	cr_assert_eq(open_it("a/b/c", "a/b/c"), 0);
	cr_assert_eq(open_it("a/./b//c/", "a/b/c"), 0);
	cr_assert_eq(open_it("a/b/../b/c", "a/b/c"), 0);
	cr_assert_eq(open_it("a/b/c/../../../real", "real"), 0);
	cr_assert_eq(open_it("missing/c", ""), -ENOENT);
	tempdir_text(&t, "file", "", -1);
	cr_assert_eq(open_it("file", ""), -ENOTDIR);
	cr_assert_str_eq(where, "");
	cr_assert_eq(
	    fs_open_trusted(fs_real(), "", where, sizeof(where)), -ENOENT);
}

/* Cut it would be another folder. */
Test(fs_trusted, a_way_that_is_too_long_is_refused)
{
	char far[2 * PATH_MAX];
	size_t i;

	need_root();
	for (i = 0; i + 2 < sizeof(far); i += 2)
		(void)memcpy(far + i, "/.", 3);
	cr_expect_eq(fs_open_trusted(fs_real(), far, where, sizeof(where)),
	    -ENAMETOOLONG);
}

Test(fs_trusted, a_relative_way_begins_where_we_are)
{
	struct fs_stat a, b;
	int fd;

	need_root();
	cr_assert_eq(chdir(t.path), 0);
	fd = fs_open_trusted(fs_real(), "a/../real", where, sizeof(where));
	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_fstat(fs_real(), fd, &a), 0);
	cr_assert_eq(fs_stat(fs_real(), t.fd, "real", &b), 0);
	cr_assert_eq(a.ino, b.ino);
	fs_close_quietly(fs_real(), &fd);
}

Test(fs_trusted, links_of_root_are_followed)
{
	need_root();
	tempdir_symlink(&t, "a/b", "short");
	tempdir_symlink(&t, "../../real", "a/b/up");
	tempdir_symlink(&t, t.path, "whole");
	tempdir_symlink(&t, "loop", "loop");
	cr_assert_eq(open_it("short/c", "a/b/c"), 0);
	cr_assert_eq(open_it("short/up/c", "real/c"), 0);
	cr_assert_eq(open_it("whole/short/c", "a/b/c"), 0);
	cr_assert_eq(open_it("loop/c", ""), -ELOOP);
}

Test(fs_trusted, forty_links_are_followed_and_no_more)
{
	char name[16], next[16] = "a";
	int i;

	need_root();
	for (i = 1; i <= 41; i++) {
		(void)snprintf(name, sizeof(name), "l%d", i);
		tempdir_symlink(&t, next, name);
		(void)memcpy(next, name, sizeof(next));
	}
	cr_expect_eq(open_it("l40/b", "a/b"), 0);
	cr_expect_eq(open_it("l41/b", ""), -ELOOP);
}

Test(fs_trusted, what_others_can_change_is_refused)
{
	char want[600];

	need_root();
	tempdir_chmod(&t, "a/b", 0777);
	cr_assert_eq(open_it("a/b/c", ""), -EPERM);
	(void)snprintf(want, sizeof(want), "%s/a/b", t.path);
	cr_assert_str_eq(where, want);
	cr_assert_eq(open_it("a/b/../../a/b/c", ""), -EPERM);
	cr_assert_str_eq(where, want);
	tempdir_chmod(&t, "a/b", 0775);
	cr_assert_eq(open_it("a/b/c", ""), -EPERM);
	/* The way to the folder, not the folder: that is another question. */
	cr_assert_eq(open_it("a/b", "a/b"), 0);
	tempdir_chmod(&t, "a/b", 0755);
	cr_assert_eq(fchownat(t.fd, "a", 4242, 0, 0), 0);
	cr_assert_eq(open_it("a/b/c", ""), -EPERM);
	/* Nor by a link of root's that leads there. */
	tempdir_symlink(&t, "a/b", "short");
	cr_assert_eq(open_it("short/c", ""), -EPERM);
}

Test(fs_trusted, a_sticky_folder_keeps_what_is_root_s)
{
	need_root();
	tempdir_chmod(&t, "a/b", 01777);
	cr_assert_eq(open_it("a/b/c", "a/b/c"), 0);
	cr_assert_eq(fchownat(t.fd, "a/b/c", 4242, 0, 0), 0);
	cr_assert_eq(open_it("a/b/c", ""), -EPERM);
	/* And what is another's in it is to be mended, not it. */
	cr_assert_str_eq(where, path);
	tempdir_symlink(&t, "../../real", "a/b/link");
	cr_assert_eq(open_it("a/b/link/c", "real/c"), 0);
	cr_assert_eq(
	    fchownat(t.fd, "a/b/link", 4242, 0, AT_SYMLINK_NOFOLLOW), 0);
	cr_assert_eq(open_it("a/b/link/c", ""), -EPERM);
}
