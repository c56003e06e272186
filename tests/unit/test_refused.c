#include "engine/apply/refused.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(refused, is_remembered_until_it_is_cleared)
{
	struct hash a, other;
	struct tempdir t;
	struct folder f;
	struct err e;

	tempdir_open(&t);
	memset(&f, 0, sizeof(f));
	f.fs = fs_real();
	f.own = t.fd;
	f.opt.clock = clock_real();
	memset(&a, 0xa, sizeof(a));
	memset(&other, 0xb, sizeof(other));
	cr_assert_eq(refused_is(&f, &a, &e), 0);
	cr_assert_eq(
	    refused_write(&f, &a, REFUSED_BY_CHECK, &e), 0, "%s", e.msg);
	cr_assert_eq(refused_is(&f, &a, &e), REFUSED_BY_CHECK);
	cr_assert_eq(refused_is(&f, &other, &e), 0);
	cr_assert_eq(
	    refused_write(&f, &other, REFUSED_BY_PERSON, &e), 0, "%s", e.msg);
	cr_assert_eq(refused_is(&f, &a, &e), 0, "only the last one");
	cr_assert_eq(refused_is(&f, &other, &e), REFUSED_BY_PERSON);
	cr_assert_eq(refused_clear(&f, &e), 0);
	cr_assert_eq(refused_clear(&f, &e), 0);
	cr_assert_eq(refused_is(&f, &other, &e), 0);
	tempdir_text(&t, "refused", "damaged", -1);
	cr_assert_eq(refused_is(&f, &other, &e), 0);
	f.own = -1;
	cr_assert_eq(refused_is(&f, &other, &e), 0);
	tempdir_close(&t);
}

static int
no_unlink(void *ctx, int dir, const char *name)
{
	(void)ctx;
	(void)dir;
	(void)name;
	return -EIO;
}

static int
no_open(void *ctx, int dir, const char *name, int flags, uint32_t mode)
{
	(void)ctx;
	(void)dir;
	(void)name;
	(void)flags;
	(void)mode;
	return -EACCES;
}

/* Who only looks into another user's folder hears that it is one. */
Test(refused, what_another_user_hides_is_told_as_theirs)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs fixed = {&ops, NULL};
	char path[] = "/opt/erp";
	struct folder f = {.fs = &fixed, .path = path};
	struct hash a = {.b = {1}};
	struct err e;

	ops.open = no_open;
	cr_expect_eq(refused_is(&f, &a, &e), ERP_AUTH);
	cr_expect_str_eq(e.msg,
	    "/opt/erp: is kept up to date by another user; run the update as "
	    "that user");
}

/* A refusal that stays is not told as gone. */
Test(refused, what_cannot_be_cleared_is_said)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs fixed = {&ops, NULL};
	struct tempdir t;
	struct folder f = {.fs = &fixed};
	struct hash a = {.b = {1}};
	struct err e;

	tempdir_open(&t);
	f.own = t.fd;
	f.opt.clock = clock_real();
	cr_assert_eq(refused_write(&f, &a, REFUSED_BY_CHECK, &e), 0);
	ops.unlink = no_unlink;
	cr_expect_eq(refused_clear(&f, &e), ERP_IO, "%s", e.msg);
	cr_expect_eq(refused_is(&f, &a, &e), REFUSED_BY_CHECK);
	tempdir_close(&t);
}
