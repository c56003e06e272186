/* .erpsync: what keeps it from its own user, and who is to mend that. */
#include "engine/apply/folder.h"
#include "engine/apply/folder_internal.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_ops.h"
#include "engine/base/who.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ANOTHER = 4321, ONE_MORE = 4322 };

#define SHUT "is of this user, and its mode keeps him out; "

/* The client folder is in it, where no other user comes. */
static struct tempdir t;
static char client[300];
static struct fs_ops ops;
static struct fs odd = {&ops, NULL};
static struct err e;

static int
open_as(bool read_only, bool or_look, struct folder **f)
{
	const struct folder_options opt = {.fs = &odd,
	    .clock = clock_real(),
	    .read_only = read_only,
	    .or_look = or_look};

	return folder_open(client, &opt, f, &e);
}

static void
begin(void)
{
	struct folder *f;

	tempdir_open(&t);
	tempdir_mkdir(&t, "c");
	(void)snprintf(client, sizeof(client), "%s/c", t.path);
	ops = *fs_real()->ops;
	cr_assert_eq(open_as(false, false, &f), 0, "%s", e.msg);
	folder_close(f);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(folder_own, .init = begin, .fini = end);

/* Who updates is refused with these words; who looks, too; and who starts a
 * program hears whether somebody is to mend it. */
static void
refused(const char *words, bool needs_person)
{
	struct folder *f;

	cr_expect_eq(open_as(false, false, &f), ERP_AUTH, "%s", words);
	cr_expect_not_null(strstr(e.msg, words), "%s", e.msg);
	cr_assert_eq(open_as(true, false, &f), 0, "%s", e.msg);
	cr_expect_eq(
	    folder_check_user(f, &e) != 0 ? e.code : folder_check_lock(f, &e),
	    ERP_AUTH, "%s", words);
	cr_expect_not_null(strstr(e.msg, words), "%s", e.msg);
	cr_expect_not(folder_needs_person(f), "it was to be looked at");
	folder_close(f);
	cr_assert_eq(open_as(false, true, &f), 0, "%s", e.msg);
	cr_assert_not_null(folder_why_look(f));
	cr_expect_not_null(strstr(folder_why_look(f)->msg, words), "%s",
	    folder_why_look(f)->msg);
	cr_expect_eq(folder_needs_person(f), needs_person, "%s", words);
	folder_close(f);
}

static const char *shut;
static int shut_by;

/* Root is kept out of nothing. */
static int
open_but_one(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strcmp(path, shut) == 0
	    ? shut_by
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

static void
keep_out(const char *name, int by)
{
	ops.open = open_but_one;
	shut = name;
	shut_by = by;
}

Test(folder_own, what_others_may_write_is_told_whatever_the_lock_is)
{
	tempdir_chmod(&t, "c/.erpsync", 0720);
	refused(".erpsync: can be written by other users", true);
	tempdir_chmod(&t, "c/.erpsync/lock", 0620);
	refused(".erpsync: can be written by other users", true);
	cr_assert_eq(unlinkat(t.fd, "c/.erpsync/lock", 0), 0);
	refused(".erpsync: can be written by other users", true);
	cr_expect_not(tempdir_has(&t, "c/.erpsync/modes.new"));
}

/* A chmod mends it, and no other user. */
Test(folder_own, what_its_mode_keeps_from_its_user_is_told)
{
	static const char *const names[] = {"state", "lock"};
	char path[64];
	size_t i;

	tempdir_text(&t, "c/.erpsync/state", "some", -1);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "c/.erpsync/%s", names[i]);
		keep_out(names[i], -EACCES);
		tempdir_chmod(&t, path, 0);
		(void)snprintf(
		    path, sizeof(path), ".erpsync/%s: " SHUT, names[i]);
		refused(path, true);
		keep_out("nothing", 0);
		cr_assert_eq(
		    fs_unlink(fs_real(), t.fd,
			i == 0 ? "c/.erpsync/state" : "c/.erpsync/lock"),
		    0);
	}
	keep_out(".erpsync", -EACCES);
	tempdir_chmod(&t, "c/.erpsync", 0);
	refused(".erpsync: " SHUT, true);
	/* Where no mode says it, it is another user who keeps it. */
	tempdir_chmod(&t, "c/.erpsync", 0700);
	refused("is kept up to date by another user; run", false);
	tempdir_chmod(&t, "c/.erpsync", 0700);
}

/* What its own mode does not let him do in it, an update is given. */
Test(folder_own, what_an_update_mends_is_not_told)
{
	struct folder *f;

	keep_out("state", -EACCES);
	tempdir_chmod(&t, "c/.erpsync", 0600);
	cr_assert_eq(open_as(true, false, &f), 0, "%s", e.msg);
	cr_expect_eq(folder_check_user(f, &e), 0, "%s", e.msg);
	folder_close(f);
	tempdir_chmod(&t, "c/.erpsync", 0700);
}

static int
give(uid_t uid, gid_t gid)
{
	return fchownat(t.fd, "c", uid, gid, 0);
}

/* Neither its owner nor root, whose .erpsync it is, gets in a circle. */
Test(folder_own, a_folder_of_two_users_is_told_to_both)
{
	if (!who_is_root())
		cr_skip_test("only root gives files away");
	cr_assert_eq(give(ANOTHER, ANOTHER), 0);
	refused("is of one user (4321), and .erpsync in it of another", true);
	cr_assert_eq(give(0, 0), 0);
	cr_assert_eq(fchownat(t.fd, "c/.erpsync", ANOTHER, ANOTHER, 0), 0);
	refused("and .erpsync in it of another (4321), so that neither", true);
	cr_assert_eq(give(ONE_MORE, ONE_MORE), 0);
	refused("is of one user (4322), and .erpsync in it of", false);
	/* The one of .erpsync may write here. */
	tempdir_chmod(&t, "c", 0770);
	refused("run the update as its owner, not as root", false);
	cr_assert_eq(give(ANOTHER, ANOTHER), 0);
	refused("run the update as its owner, not as root", false);
	cr_assert_eq(give(0, 0), 0);
	refused("can be changed by other users; take that", false);
	cr_assert_eq(fchownat(t.fd, "c/.erpsync", 0, 0, 0), 0);
	refused("can be changed by other users; take that", true);
}

Test(folder_own, what_is_another_user_s_in_it_is_told)
{
	if (!who_is_root())
		cr_skip_test("only root gives files away");
	cr_assert_eq(fchownat(t.fd, "c/.erpsync/lock", ANOTHER, ANOTHER, 0), 0);
	keep_out("lock", -EACCES);
	refused(".erpsync/lock: is of another user (4321); give all", true);
}

/* A disk that cannot be written has its reasons, and no rights are missing
 * where something else failed. */
Test(folder_own, what_nobody_is_to_mend_here_is_not_told_as_that)
{
	struct folder *f;

	keep_out("lock", -EROFS);
	cr_assert_eq(open_as(false, true, &f), 0, "%s", e.msg);
	cr_expect_eq(folder_why_look(f)->code, ERP_AUTH);
	cr_expect_not(folder_needs_person(f));
	folder_close(f);
	keep_out("lock", -EIO);
	tempdir_chmod(&t, "c/.erpsync/lock", 0);
	cr_assert_eq(open_as(false, true, &f), 0, "%s", e.msg);
	cr_expect_eq(folder_why_look(f)->sys, EIO);
	cr_expect_not(folder_needs_person(f));
	folder_close(f);
}
