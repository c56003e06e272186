#include "engine/apply/fetched.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct tempdir t;
static struct folder f;
static struct buf said, found;
static struct err e;

static void
begin(void)
{
	tempdir_open(&t);
	memset(&f, 0, sizeof(f));
	f.fs = fs_real();
	f.own = t.fd;
	buf_init(&said, 100);
	buf_init(&found, 100);
	cr_assert_eq(buf_append(&said, "words", 5, &e), 0);
}

static void
end(void)
{
	buf_release(&said);
	buf_release(&found);
	tempdir_close(&t);
}

TestSuite(fetched, .init = begin, .fini = end);

/* Is it there, and as it was said? */
static int
find(void)
{
	int rc;

	buf_clear(&found);
	rc = fetched_find(&f, &found, &e);
	if (rc == 1) {
		cr_expect_eq(found.len, 5);
		cr_expect_eq(memcmp(buf_data(&found), "words", 5), 0);
	} else {
		cr_expect_eq(found.len, 0);
	}
	return rc;
}

Test(fetched, is_kept_until_it_is_forgotten)
{
	cr_expect_eq(find(), 0);
	cr_assert_eq(fetched_keep(&f, &said, &e), 0, "%s", e.msg);
	cr_expect_eq(find(), 1);
	cr_assert_eq(fetched_forget(&f, &e), 0);
	cr_expect_eq(find(), 0);
	cr_expect_eq(fetched_forget(&f, &e), 0);
	cr_assert_eq(fetched_keep(&f, &said, &e), 0);
	tempdir_text(&t, "fetched", "damaged", -1);
	cr_expect_eq(find(), 0);
	f.own = -1;
	cr_expect_eq(find(), 0);
}

Test(fetched, is_of_no_use_once_another_release_is_installed)
{
	/* Nothing is installed, and what is known of it counts for nothing. */
	memset(&f.state.release, 7, sizeof(f.state.release));
	cr_assert_eq(fetched_keep(&f, &said, &e), 0);
	memset(&f.state.release, 8, sizeof(f.state.release));
	cr_expect_eq(find(), 1);
	f.state.known = true;
	cr_expect_eq(find(), 0);
	cr_assert_eq(fetched_keep(&f, &said, &e), 0);
	cr_expect_eq(find(), 1);
	f.state.release.b[HASH_LEN - 1] ^= 1;
	cr_expect_eq(find(), 0);
	f.state.known = false;
	cr_expect_eq(find(), 0);
}

/* A whole record with so many bytes in it. */
static void
write_record(size_t n)
{
	static const uint8_t zeroes[2 * HASH_LEN];
	struct buf b;

	buf_init(&b, 1000);
	cr_assert_eq(record_begin(&b, "ERPFETC1", &e), 0);
	cr_assert_eq(buf_append(&b, zeroes, n, &e), 0);
	cr_assert_eq(record_end(&b, &e), 0);
	tempdir_write(&t, "fetched", buf_data(&b), b.len, -1);
	buf_release(&b);
}

Test(fetched, one_that_says_nothing_is_none)
{
	write_record(HASH_LEN - 1);
	cr_expect_eq(find(), 0);
	write_record(HASH_LEN);
	cr_expect_eq(find(), 0);
	write_record(HASH_LEN + 1);
	cr_assert_eq(fetched_find(&f, &found, &e), 1);
	cr_expect_eq(found.len, 1);
}

static int
no_open(void *ctx, int dir, const char *name, int flags, uint32_t mode)
{
	(void)ctx;
	(void)dir;
	(void)name;
	(void)flags;
	(void)mode;
	return -EIO;
}

static int
no_unlink(void *ctx, int dir, const char *name)
{
	(void)ctx;
	(void)dir;
	(void)name;
	return -EIO;
}

Test(fetched, a_disk_that_fails_is_no_folder_without_any)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};

	cr_assert_eq(fetched_keep(&f, &said, &e), 0);
	f.fs = &odd;
	ops.open = no_open;
	ops.unlink = no_unlink;
	cr_expect_eq(find(), ERP_IO);
	cr_expect_eq(fetched_keep(&f, &said, &e), ERP_IO);
	cr_expect_not_null(strstr(e.msg, ".erpsync"));
	cr_expect_eq(fetched_forget(&f, &e), ERP_IO);
	f.fs = fs_real();
	cr_expect_eq(find(), 1);
}

Test(fetched, more_than_was_asked_for_has_no_room)
{
	cr_assert_eq(fetched_keep(&f, &said, &e), 0);
	buf_release(&found);
	buf_init(&found, 4);
	cr_expect_lt(fetched_find(&f, &found, &e), 0);
}
