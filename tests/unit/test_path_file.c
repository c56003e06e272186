/* Files by any path that a person names. */
#include "engine/base/path_file.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "tests/support/starve.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tempdir t;
static struct buf b;
static struct err e;
static char path[PATH_MAX];

static const char *
in_folder(const char *name)
{
	(void)snprintf(path, sizeof(path), "%s/%s", t.path, name);
	return path;
}

static void
begin(void)
{
	tempdir_open(&t);
	tempdir_mkdir(&t, "sub");
	buf_init(&b, 64);
}

static void
end(void)
{
	buf_release(&b);
	tempdir_close(&t);
}

TestSuite(path_file, .init = begin, .fini = end);

Test(path_file, what_is_written_is_read)
{
	struct stat st;

	cr_expect_eq(path_file_exists(fs_real(), in_folder("sub/a"), &e), 0);
	cr_expect_eq(path_file_read(fs_real(), path, &b, &e), 0);
	cr_assert_eq(buf_append(&b, "hello", 5, &e), 0);
	cr_assert_eq(path_file_write(fs_real(), path, 0640, &b, &e), 0);
	buf_clear(&b);
	cr_expect_eq(path_file_exists(fs_real(), path, &e), 1);
	cr_assert_eq(path_file_read(fs_real(), path, &b, &e), 1);
	cr_expect_eq(b.len, 5);
	cr_expect_eq(memcmp(buf_data(&b), "hello", 5), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0640);
}

Test(path_file, what_is_removed_is_gone)
{
	tempdir_text(&t, "sub/a", "hello", -1);
	cr_assert_eq(path_file_remove(fs_real(), in_folder("sub/a"), &e), 0);
	cr_expect(!tempdir_has(&t, "sub/a"));
	cr_expect_eq(path_file_remove(fs_real(), path, &e), ERP_NOTFOUND);
	cr_expect_eq(
	    path_file_remove(fs_real(), in_folder("none/a"), &e), ERP_NOTFOUND);
}

/* The folder is the one before the last slash, the root, or where we are. */
Test(path_file, the_folder_is_what_the_path_says)
{
	struct at at;

	cr_assert_eq(chdir(t.path), 0);
	tempdir_text(&t, "here", "x", -1);
	cr_expect_eq(path_file_read(fs_real(), "here", &b, &e), 1);
	cr_expect_eq(path_file_exists(fs_real(), "/", &e), ERP_USAGE);
	cr_expect_eq(path_file_exists(fs_real(), "sub/", &e), ERP_USAGE);
	cr_assert_eq(path_file_open_folder(fs_real(), "/etc", &at, &e), 0);
	cr_expect_str_eq(at.path, "etc");
	fs_close_quietly(fs_real(), &at.dir);
}

Test(path_file, what_cannot_be_is_said)
{
	cr_expect_eq(
	    path_file_exists(fs_real(), in_folder("no/a"), &e), ERP_NOTFOUND);
	cr_expect_not_null(strstr(e.msg, "/no"), "%s", e.msg);
	cr_expect_eq(
	    path_file_write(fs_real(), path, 0600, &b, &e), ERP_NOTFOUND);
	cr_expect_lt(
	    path_file_read(fs_real(), in_folder("sub"), &b, &e), 0, "a folder");
}

static int
read_one(void *arg, struct err *why)
{
	struct buf got;
	int rc;

	(void)arg;
	buf_init(&got, 64);
	rc = path_file_read(fs_real(), path, &got, why);
	if (rc == 1)
		rc = got.len == 5 ? 0 : STARVE_WRONG;
	buf_release(&got);
	return rc;
}

Test(path_file, without_memory_it_says_so)
{
	tempdir_text(&t, "sub/a", "hello", -1);
	(void)in_folder("sub/a");
	STARVE(read_one, NULL);
}

Test(path_file, what_may_never_end_is_no_file_to_read)
{
	int ends[2];

	cr_expect_eq(path_file_ends(in_folder("none"), &e), 0);
	tempdir_text(&t, "file", "x", 0);
	cr_expect_eq(path_file_ends(in_folder("file"), &e), 0);
	cr_assert_eq(mkfifo(in_folder("fifo"), 0600), 0);
	cr_expect_eq(path_file_ends(path, &e), ERP_USAGE);
	cr_expect_neq(
	    strstr(e.msg, "fifo: is no regular file"), NULL, "%s", e.msg);
	cr_expect_eq(path_file_ends("/dev/zero", &e), ERP_USAGE);
	/* As a shell calls its <(...). */
	cr_assert_eq(pipe(ends), 0);
	(void)snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	cr_expect_eq(path_file_ends(path, &e), 0);
	cr_assert_geq(dup2(ends[0], STDIN_FILENO), 0);
	cr_expect_eq(path_file_ends("/dev/stdin", &e), 0);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
