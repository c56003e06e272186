#include "engine/apply/system.h"

#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "engine/base/path.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct fs *fs; /* NULL: the real one */

static int
ask(struct tempdir *t)
{
	struct station s = {
	    .fs = fs == NULL ? fs_real() : fs, .client = t->path};
	struct folder *f;
	struct err e;
	int os;

	cr_assert_eq(station_open(&s, &f, &e), 0, "%s", e.msg);
	os = system_of_folder(f);
	folder_close(f);
	return os;
}

static int
open_no_program(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return strcmp(path, "smartclient") == 0
	    ? -EACCES
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* What cannot be read may be anything. */
Test(system, a_program_that_cannot_be_read_tells_nothing)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct tempdir t;

	ops.open = open_no_program;
	fs = &odd;
	tempdir_open(&t);
	tempdir_text(&t, "smartclient", "\177ELF and more", -1);
	cr_assert_eq(ask(&t), SYSTEM_UNKNOWN);
	tempdir_close(&t);
}

Test(system, the_clients_program_tells)
{
	struct tempdir t;

	tempdir_open(&t);
	cr_assert_eq(ask(&t), SYSTEM_UNKNOWN);
	tempdir_text(&t, "smartclient", "#!/bin/sh\n", -1);
	cr_assert_eq(ask(&t), SYSTEM_UNKNOWN, "a script may be anybody's");
	tempdir_text(&t, "smartclient", "\177ELF and more", -1);
	cr_assert_eq(ask(&t), PATH_OS_LINUX);
	tempdir_text(&t, "SmartClient.exe", "MZ", -1);
	cr_assert_eq(ask(&t), SYSTEM_SEVERAL);
	tempdir_close(&t);
	tempdir_open(&t);
	tempdir_text(&t, "SmartClient.EXE", "MZ", -1);
	cr_assert_eq(ask(&t), PATH_OS_WINDOWS);
	tempdir_close(&t);
	tempdir_open(&t);
	tempdir_text(&t, "smartclient.app", "a file", -1);
	cr_assert_eq(ask(&t), SYSTEM_UNKNOWN);
	tempdir_close(&t);
	tempdir_open(&t);
	tempdir_mkdir(&t, "smartclient.app");
	cr_assert_eq(ask(&t), PATH_OS_MACOSX);
	tempdir_close(&t);
}

Test(system, the_installed_release_knows_better)
{
	char client[320], release[320];
	struct station s = {.fs = fs_real(), .client = client};
	struct tempdir t;
	struct folder *f;
	struct err e;

	tempdir_open(&t);
	(void)snprintf(client, sizeof(client), "%s/c", t.path);
	(void)snprintf(release, sizeof(release), "%s/v", t.path);
	tempdir_text(&t, "c/smartclient.exe", "MZ", -1);
	tempdir_text(&t, "v/a.txt", "a", -1);
	cr_assert_eq(station_update(&s, release, &e), 0, "%s", e.msg);
	cr_assert_eq(station_open(&s, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(folder_state(f)->manifest.os, PATH_OS_LINUX);
	cr_assert_eq(system_of_folder(f), PATH_OS_LINUX);
	folder_close(f);
	tempdir_close(&t);
}
