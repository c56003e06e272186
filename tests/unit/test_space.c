#include "engine/apply/space.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define MIB ((uint64_t)1 << 20)

/* A disk with 100 MiB, of which only reserved space is gone. */
static struct {
	struct fs_ops ops;
	struct fs fs;
	struct tempdir t;
	struct folder f;
	uint64_t reserved;
	uint64_t taken_meanwhile; /* by others, as an allocation fails */
	int failure; /* of allocate */
} b;

static int
count_space(void *ctx, int fd, struct fs_space *out)
{
	(void)ctx;
	(void)fd;
	out->bytes_free = 100 * MIB - b.reserved;
	out->inodes_free = 1000;
	return 0;
}

static int
count_allocate(void *ctx, int fd, uint64_t size)
{
	(void)ctx;
	(void)fd;
	b.reserved += b.taken_meanwhile;
	if (b.failure != 0)
		return -b.failure;
	b.reserved = size;
	return 0;
}

static int
count_truncate(void *ctx, int fd, uint64_t size)
{
	(void)ctx;
	(void)fd;
	b.reserved = size;
	return 0;
}

static void
begin(void)
{
	memset(&b, 0, sizeof(b));
	b.ops = *fs_real()->ops;
	b.ops.space = count_space;
	b.ops.allocate = count_allocate;
	b.ops.truncate = count_truncate;
	b.fs.ops = &b.ops;
	tempdir_open(&b.t);
	b.f.fs = &b.fs;
	b.f.path = b.t.path;
	b.f.dir = b.f.own = b.t.fd;
	b.f.space = -1;
}

static void
end(void)
{
	space_drop(&b.f);
	tempdir_close(&b.t);
}

TestSuite(space, .init = begin, .fini = end);

Test(space, is_set_aside_and_given_back_step_by_step)
{
	const struct space_need need = {10 * MIB, 5 * MIB, 10, 0, NULL};
	struct err e;

	cr_assert_eq(space_reserve(&b.f, &need, &e), 0, "%s", e.msg);
	cr_assert_eq(b.reserved, 10 * MIB);
	cr_assert_not(tempdir_has(&b.t, "space.new"), "it has no name");
	space_give(&b.f, 1);
	cr_assert_eq(b.reserved, 9 * MIB, "not a call for each small file");
	space_give(&b.f, MIB - 2 * 4096 + 1);
	cr_assert_eq(b.reserved, 9 * MIB, "whole blocks");
	space_give(&b.f, 4 * MIB);
	cr_assert_eq(b.reserved, 5 * MIB);
	space_give(&b.f, 1);
	cr_assert_eq(b.reserved, 4 * MIB);
	/* What was let go ahead of its need comes off what is needed. */
	space_give(&b.f, 2 * MIB);
	cr_assert_eq(b.reserved, 3 * MIB - 4096);
	space_give(&b.f, 400 * MIB);
	cr_assert_eq(b.reserved, SPACE_SLACK, "never the slack");
	space_give_rest(&b.f);
	cr_assert_eq(b.reserved, SPACE_SLACK);
	space_drop(&b.f);
	space_drop(&b.f);
	space_give(&b.f, 1);
	cr_assert_eq(b.f.space, -1);
	cr_assert_eq(b.reserved, SPACE_SLACK, "nothing is left to shrink");
}

Test(space, is_refused_with_needed_free_and_where)
{
	struct space_need need = {90 * MIB, 20 * MIB, 10, 0, NULL};
	struct err e;

	cr_assert_eq(space_reserve(&b.f, &need, &e), ERP_NOSPACE);
	cr_assert(
	    strstr(e.msg, "110 MB needed, 100 MB free") != NULL, "%s", e.msg);
	cr_assert(strstr(e.msg, b.t.path) != NULL, "%s", e.msg);
	need.passing = 0;
	need.inodes = 1001;
	cr_assert_eq(space_reserve(&b.f, &need, &e), ERP_NOSPACE);
	cr_assert(strstr(e.msg, "1001 needed, 1000 free") != NULL);
	need.inodes = 0;
	b.failure = EDQUOT; /* the file system says there is room */
	cr_assert_eq(space_reserve(&b.f, &need, &e), ERP_NOSPACE);
	cr_assert(
	    strstr(e.msg, "90 MB needed, and a quota") != NULL, "%s", e.msg);
	cr_assert(strstr(e.msg, b.t.path) != NULL, "%s", e.msg);
	need.bytes = 100 * MIB;
	cr_assert_eq(space_reserve(&b.f, &need, &e), ERP_NOSPACE);
	cr_assert(strstr(e.msg, "a quota leaves less") != NULL, "%s", e.msg);
	/* Or somebody was faster. */
	b.failure = ENOSPC;
	b.taken_meanwhile = 1;
	cr_assert_eq(space_reserve(&b.f, &need, &e), ERP_NOSPACE);
	cr_assert(strstr(e.msg, "MB free; make space") != NULL, "%s", e.msg);
	b.reserved = b.taken_meanwhile = 0;
	need.bytes = 90 * MIB;
	b.failure = EIO;
	cr_assert_eq(space_reserve(&b.f, &need, &e), ERP_IO);
	cr_assert_eq(b.f.space, -1);
	b.failure = 0;
	cr_assert_eq(space_reserve(&b.f, &need, &e), 0);
}

static int silent_says;

static int
silent_space(void *ctx, int fd, struct fs_space *out)
{
	(void)ctx;
	(void)fd;
	(void)out;
	return silent_says;
}

/* A disk that does not tell its free space may have enough. */
Test(space, room_that_is_not_told_is_no_reason_to_stop)
{
	static const int mute[] = {-ENOSYS, -EOPNOTSUPP, -EACCES, -EIO};
	const struct space_need need = {10 * MIB, 0, 10, 0, NULL};
	struct err e;
	size_t i;

	b.ops.space = silent_space;
	for (i = 0; i < sizeof(mute) / sizeof(mute[0]); i++) {
		silent_says = mute[i];
		cr_assert_eq(space_reserve(&b.f, &need, &e), 0, "%s", e.msg);
		cr_expect_eq(b.reserved, 10 * MIB);
	}
	b.failure = ENOSPC; /* it says so once it must */
	cr_expect_eq(space_reserve(&b.f, &need, &e), ERP_NOSPACE);
}

static int unlink_says; /* while something is open */

static int
unlink_closed(void *ctx, int dir, const char *name)
{
	return b.f.space >= 0 ? unlink_says
			      : fs_real()->ops->unlink(ctx, dir, name);
}

/* Where nothing that is open can be removed nothing is set aside. */
Test(space, is_none_where_it_cannot_be_without_a_name)
{
	const struct space_need need = {10 * MIB, 0, 10, 0, NULL};
	struct err e;

	b.ops.unlink = unlink_closed;
	unlink_says = -EBUSY;
	cr_assert_eq(space_reserve(&b.f, &need, &e), 0, "%s", e.msg);
	cr_expect_eq(b.f.space, -1);
	cr_expect_eq(b.f.space_bytes, 0);
	space_give(&b.f, MIB);
	space_give_rest(&b.f);
	cr_expect_not(tempdir_has(&b.t, "space.new"));
	/* Nor can it later, where removing is not allowed. */
	unlink_says = -EPERM;
	cr_expect_eq(space_reserve(&b.f, &need, &e), ERP_AUTH);
}
