#include "engine/apply/refused.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

Test(refused, is_remembered_until_it_is_lifted)
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
	cr_assert_eq(refused_is(&f, &a, &e), REFUSED_BY_CHECK);
	cr_assert_eq(refused_is(&f, &other, &e), REFUSED_BY_PERSON);
	cr_assert_eq(refused_lift(&f, &other, &e), 0);
	cr_assert_eq(refused_lift(&f, &other, &e), 0);
	cr_assert_eq(refused_is(&f, &other, &e), 0);
	cr_assert_eq(refused_is(&f, &a, &e), REFUSED_BY_CHECK);
	cr_assert_eq(refused_lift(&f, &a, &e), 0);
	cr_assert_not(tempdir_has(&t, "refused"));
	tempdir_text(&t, "refused", "damaged", -1);
	cr_assert_eq(refused_is(&f, &other, &e), 0);
	f.own = -1;
	cr_assert_eq(refused_is(&f, &other, &e), 0);
	tempdir_close(&t);
}

static struct hash
numbered(int n)
{
	struct hash h = {.b = {(uint8_t)n, 1}};

	return h;
}

static void
in_folder(struct folder *f, const struct tempdir *t)
{
	memset(f, 0, sizeof(*f));
	f->fs = fs_real();
	f->own = t->fd;
	f->opt.clock = clock_real();
}

/* Each once, and the oldest makes room. */
Test(refused, many_are_remembered_and_not_without_end)
{
	struct tempdir t;
	struct folder f;
	struct hash h;
	struct err e;
	int i;

	tempdir_open(&t);
	in_folder(&f, &t);
	for (i = 0; i < 66; i++) {
		h = numbered(i);
		cr_assert_eq(refused_write(&f, &h, REFUSED_BY_PERSON, &e), 0);
		cr_assert_eq(refused_write(&f, &h, REFUSED_BY_CHECK, &e), 0);
	}
	for (i = 0; i < 66; i++) {
		h = numbered(i);
		cr_expect_eq(refused_is(&f, &h, &e),
		    i < 2 ? REFUSED_NOT : REFUSED_BY_CHECK, "%d", i);
	}
	tempdir_close(&t);
}

Test(refused, what_a_person_goes_back_to_is_wanted_again)
{
	struct hash one = numbered(1), two = numbered(2), three = numbered(3);
	struct tempdir t;
	struct folder f;
	struct err e;

	tempdir_open(&t);
	in_folder(&f, &t);
	cr_assert_eq(mkdirat(t.fd, "tmp.1", 0700), 0);
	cr_assert_eq(refused_write(&f, &one, REFUSED_BY_CHECK, &e), 0);
	cr_assert_eq(refused_write(&f, &two, REFUSED_BY_PERSON, &e), 0);
	cr_assert_eq(refused_write_next(&f, "tmp.1", &three, &two, &e), 0);
	cr_expect_eq(refused_is(&f, &three, &e), REFUSED_NOT, "not yet");
	cr_assert_eq(renameat(t.fd, "tmp.1/refused", t.fd, "refused"), 0);
	cr_expect_eq(refused_is(&f, &one, &e), REFUSED_BY_CHECK);
	cr_expect_eq(refused_is(&f, &two, &e), REFUSED_NOT);
	cr_expect_eq(refused_is(&f, &three, &e), REFUSED_BY_PERSON);
	tempdir_close(&t);
}

/* Before, there was one, and at first without its reason. */
Test(refused, records_of_before_are_read)
{
	struct hash seen = numbered(7), other = numbered(8);
	struct tempdir t;
	struct folder f;
	struct buf b;
	struct err e;

	tempdir_open(&t);
	in_folder(&f, &t);
	buf_init(&b, 4096);
	cr_assert_eq(record_begin(&b, "ERPREFU1", &e), 0);
	cr_assert_eq(buf_append(&b, seen.b, HASH_LEN, &e), 0);
	cr_assert_eq(put_u64(&b, 1, &e), 0);
	cr_assert_eq(record_end(&b, &e), 0);
	tempdir_text(&t, "refused", "", -1);
	cr_assert_eq(
	    file_write_durable(f.fs, f.own, "refused", buf_data(&b), b.len, &e),
	    0);
	buf_release(&b);
	cr_expect_eq(refused_is(&f, &seen, &e), REFUSED_BY_CHECK);
	cr_assert_eq(refused_write(&f, &other, REFUSED_BY_PERSON, &e), 0);
	cr_expect_eq(refused_is(&f, &seen, &e), REFUSED_BY_CHECK);
	cr_expect_eq(refused_is(&f, &other, &e), REFUSED_BY_PERSON);
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
Test(refused, what_cannot_be_lifted_is_said)
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
	cr_expect_eq(refused_lift(&f, &a, &e), ERP_IO, "%s", e.msg);
	cr_expect_eq(refused_is(&f, &a, &e), REFUSED_BY_CHECK);
	tempdir_close(&t);
}
