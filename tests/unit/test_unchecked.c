#include "engine/apply/unchecked.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <string.h>

Test(unchecked, is_remembered_until_it_is_cleared)
{
	struct unchecked mark, seen;
	struct tempdir t;
	struct folder f;
	struct err e;

	tempdir_open(&t);
	memset(&f, 0, sizeof(f));
	f.fs = fs_real();
	f.own = t.fd;
	memset(&mark.release, 0xa, sizeof(mark.release));
	mark.tx = 7;
	cr_assert_eq(unchecked_read(&f, &seen, &e), 0);
	cr_assert_eq(unchecked_write(&f, &mark, &e), 0, "%s", e.msg);
	cr_assert_eq(unchecked_read(&f, &seen, &e), 1);
	cr_expect(hash_equal(&seen.release, &mark.release));
	cr_expect_eq(seen.tx, 7);
	cr_assert_eq(unchecked_clear(&f, &e), 0);
	cr_assert_eq(unchecked_clear(&f, &e), 0);
	cr_assert_eq(unchecked_read(&f, &seen, &e), 0);
	tempdir_text(&t, "unchecked", "damaged", -1);
	cr_assert_eq(unchecked_read(&f, &seen, &e), 0);
	f.own = -1;
	cr_assert_eq(unchecked_read(&f, &seen, &e), 0);
	tempdir_close(&t);
}
