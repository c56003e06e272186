/*
 * What a newer erpsync wrote is neither followed nor forgotten by this one:
 * not the folder's state, a backup, a refused release or an unchecked update.
 */
#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/record.h"
#include "engine/apply/refused.h"
#include "engine/apply/rotate.h"
#include "engine/apply/unchecked.h"
#include "engine/base/clock.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct hash refused = {{0xa}};

/* Make the record at path one of the next version, whole in itself. */
static void
make_newer(struct tempdir *t, const char *path)
{
	struct hash h;
	struct err e;
	size_t n;
	char *p = tempdir_read(t, path, &n);

	cr_assert_not_null(p, "%s", path);
	cr_assert_gt(n, RECORD_OVERHEAD);
	store_u32((uint8_t *)p + RECORD_MAGIC_LEN, 2);
	cr_assert_eq(hash_bytes(p, n - HASH_LEN, &h, &e), 0);
	memcpy(p + n - HASH_LEN, h.b, HASH_LEN);
	tempdir_write(t, path, p, n, -1);
	free(p);
}

/* A client folder, brought from v1 to v2 in t. */
static void
make_client(struct tempdir *t, struct station *s, char path[], size_t size)
{
	static const char *const releases[] = {"v1", "v2"};
	char release[400];
	struct err e;
	size_t i;

	pair_releases(t);
	pair_client(t, "client");
	(void)snprintf(path, size, "%s/client", t->path);
	memset(s, 0, sizeof(*s));
	s->fs = fs_real();
	s->client = path;
	s->remove = true;
	for (i = 0; i < 2; i++) {
		(void)snprintf(
		    release, sizeof(release), "%s/%s", t->path, releases[i]);
		cr_assert_eq(station_update(s, release, &e), 0, "%s", e.msg);
	}
}

Test(newer, state_and_backups_are_left_to_the_newer)
{
	char path[400];
	struct tempdir t;
	struct station s;
	struct folder *f;
	struct backup b;
	struct err e;

	tempdir_open(&t);
	make_client(&t, &s, path, sizeof(path));
	make_newer(&t, "client/bkp_remote.001/.erpsync/backup");
	cr_assert_eq(station_open(&s, &f, &e), 0, "%s", e.msg);
	backup_init(&b);
	cr_expect_eq(
	    backup_read(fs_real(), t.fd, "client/bkp_remote.001", &b, &e),
	    ERP_NEWER);
	cr_expect_eq(rotate_read(f, 1, &b, &e), 0, "of a release not known");
	cr_expect_eq(rotate_read(f, 2, &b, &e), 1, "%s", e.msg);
	backup_release(&b);
	folder_close(f);
	make_newer(&t, "client/.erpsync/state");
	cr_expect_eq(station_open(&s, &f, &e), ERP_NEWER);
	cr_expect_str_eq(
	    e.msg, ".erpsync/state: written by a newer erpsync; use that one");
	tempdir_close(&t);
}

Test(newer, marks_are_not_taken_for_none)
{
	struct unchecked mark = {.tx = 7}, seen;
	struct tempdir t;
	struct folder f;
	struct err e;

	tempdir_open(&t);
	memset(&f, 0, sizeof(f));
	f.fs = fs_real();
	f.own = t.fd;
	f.opt.clock = clock_real();
	cr_assert_eq(refused_write(&f, &refused, REFUSED_BY_CHECK, &e), 0);
	cr_assert_eq(unchecked_write(&f, &mark, &e), 0);
	make_newer(&t, "refused");
	make_newer(&t, "unchecked");
	cr_expect_eq(refused_is(&f, &refused, &e), ERP_NEWER);
	cr_expect(strstr(e.msg, ".erpsync/refused: written by a newer") != NULL,
	    "%s", e.msg);
	cr_expect_eq(unchecked_read(&f, &seen, &e), ERP_NEWER);
	tempdir_close(&t);
}
