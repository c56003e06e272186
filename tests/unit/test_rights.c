/*
 * Updates by a user who is not root: folders of another owner are found out
 * before anything is received, and modes that keep the owner from writing do
 * not keep from backing up.
 */
#include "engine/apply/apply.h"

#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static struct tempdir t;
static struct station s;
static char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
static struct err e;

static void
own(const char *path, uid_t uid, unsigned mode)
{
	cr_assert_eq(
	    fchownat(t.fd, path, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW), 0);
	cr_assert_eq(fchmodat(t.fd, path, mode, 0), 0);
}

/* The client folder on v1, all of it the user's. */
static void
begin(void)
{
	char command[700];

	if (geteuid() != 0)
		cr_skip_test("needs root, to become another user");
	pair_folders(&t, client, v1, v2);
	(void)snprintf(command, sizeof(command),
	    "chmod 755 '%s' && chown -R %d '%s'", t.path, NOBODY, client);
	cr_assert_eq(system(command), 0);
	s.fs = fs_real();
	s.client = client;
	s.remove = true;
}

static void
end(void)
{
	if (geteuid() != 0 && getuid() == 0)
		cr_assert_eq(seteuid(0), 0);
	if (t.path[0] != '\0')
		tempdir_close(&t);
}

TestSuite(rights, .init = begin, .fini = end);

static int
update_as_user(const char *release)
{
	int rc;

	cr_assert_eq(seteuid(NOBODY), 0);
	rc = station_update(&s, release, &e);
	cr_assert_eq(seteuid(0), 0);
	return rc;
}

Test(rights, a_user_updates_a_folder_of_his_own)
{
	struct stat st;
	char *want, *got;

	cr_assert_eq(update_as_user(v1), 0, "%s", e.msg);
	cr_assert_eq(update_as_user(v2), 0, "%s", e.msg);
	cr_assert_eq(fstatat(t.fd, "c/app.exe", &st, 0), 0);
	cr_expect_eq(st.st_uid, NOBODY);
	cr_assert(tempdir_has(&t, "c/bkp_remote.002/app.exe"));
	want = station_picture(v2, PICTURE_CONTENT);
	got = station_picture(client, PICTURE_CONTENT);
	cr_expect_not_null(strstr(got, "new/deep/n.dll"));
	cr_expect_not_null(strstr(want, "new/deep/n.dll"));
	free(want);
	free(got);
}

/* Known by its mode, long before it would fail. */
Test(rights, a_folder_of_another_owner_is_named_and_nothing_changes)
{
	static const struct {
		uid_t uid;
		unsigned mode;
		bool may;
	} rows[] = {{0, 0755, false}, {0, 0555, false}, {NOBODY, 0555, false},
	    {NOBODY, 0077, false}, {0, 0777, true}, {NOBODY, 0700, true}};
	char *before, *after;
	size_t i;

	cr_assert_eq(update_as_user(v1), 0, "%s", e.msg);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		own("c/lib", rows[i].uid, rows[i].mode);
		before = station_picture(client, PICTURE_FULL);
		if (rows[i].may) {
			cr_expect_eq(update_as_user(i % 2 == 0 ? v2 : v1), 0,
			    "row %zu: %s", i, e.msg);
			free(before);
			continue;
		}
		cr_expect_eq(update_as_user(v2), ERP_AUTH, "row %zu", i);
		cr_expect_not_null(
		    strstr(e.msg, "lib"), "row %zu: %s", i, e.msg);
		if ((rows[i].mode & 0500) == 0500)
			cr_expect_not_null(strstr(e.msg, "cannot be written"),
			    "row %zu: %s", i, e.msg);
		cr_expect_not(tempdir_has(&t, "c/bkp_remote.002"));
		after = station_picture(client, PICTURE_FULL);
		cr_expect_str_eq(before, after, "row %zu", i);
		free(before);
		free(after);
	}
}

/* The backup has the client folder's mode, and is renamed before that. */
Test(rights, a_client_folder_that_its_owner_cannot_write_is_backed_up)
{
	struct stat st;

	own("c", 0, 0577);
	cr_assert_eq(update_as_user(v1), 0, "%s", e.msg);
	own("c/share", NOBODY, 0555);
	cr_assert_eq(update_as_user(v2), 0, "%s", e.msg);
	cr_assert_eq(update_as_user(v1), 0, "%s", e.msg);
	cr_assert(tempdir_has(&t, "c/bkp_remote.001"));
	cr_assert_eq(fstatat(t.fd, "c/bkp_remote.003", &st, 0), 0);
	cr_expect_eq(st.st_mode & 07777, 0777);
	cr_assert_eq(fstatat(t.fd, "c/bkp_remote.003/share", &st, 0), 0);
	cr_expect_eq(st.st_mode & 07777, 0555);
}

/* Before anything is received, not when the new backup finds no place. */
Test(rights, a_backup_that_this_user_cannot_move_is_named)
{
	static const struct {
		uid_t uid;
		unsigned mode;
		bool may;
	} rows[] = {{0, 0755, false}, {0, 0777, true}, {NOBODY, 0755, true}};
	char *before, *after;
	size_t i;

	cr_assert_eq(update_as_user(v1), 0, "%s", e.msg);
	tempdir_text(&t, "c/bkp_remote.001/x", "root's", -1);
	own("c/bkp_remote.001", 0, 0755);
	cr_assert_eq(update_as_user(v2), 0, "a number is free: %s", e.msg);
	for (i = 2; i <= 3; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "c/bkp_remote.00%zu", i);
		if (!tempdir_has(&t, name))
			tempdir_mkdir(&t, name);
		own(name, NOBODY, 0755);
	}
	own("c/bkp_remote.001", 0, 0755);
	tempdir_text(&t, "c/app.exe", "damaged", -1);
	cr_expect_eq(update_as_user(v2), 0, "a repair needs none: %s", e.msg);
	cr_expect_not(tempdir_is_text(&t, "c/app.exe", "damaged"));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!tempdir_has(&t, "c/bkp_remote.003"))
			tempdir_mkdir(&t, "c/bkp_remote.003");
		own("c/bkp_remote.001", rows[i].uid, rows[i].mode);
		before = station_picture(client, PICTURE_FULL);
		cr_expect_eq(update_as_user(i < 2 ? v1 : v2),
		    rows[i].may ? 0 : ERP_AUTH, "row %zu: %s", i, e.msg);
		after = station_picture(client, PICTURE_FULL);
		if (!rows[i].may) {
			cr_expect_not_null(strstr(e.msg, "bkp_remote.001"));
			cr_expect_not_null(strstr(e.msg, "another user"));
			cr_expect_str_eq(before, after);
		} else {
			cr_expect_str_neq(before, after, "row %zu", i);
		}
		free(before);
		free(after);
	}
}
