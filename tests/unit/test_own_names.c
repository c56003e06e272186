#include "engine/apply/own_names.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(own_names, names_of_a_transaction)
{
	char path[OWN_PATH_BYTES];
	struct tx_names n;

	tx_names_of(0x1234, &n);
	cr_assert_str_eq(n.tmp, "tmp.0000000000001234");
	cr_assert_str_eq(n.bkp, "bkp.0000000000001234");
	cr_assert_str_eq(n.trash, "trash.0000000000001234");
	tx_names_of(UINT64_MAX, &n);
	cr_assert_str_eq(n.trash, "trash.ffffffffffffffff");
	own_fresh(path, &n, 7);
	cr_assert_str_eq(path, "tmp.ffffffffffffffff/7");
	own_taken(path, &n, 8);
	cr_assert_str_eq(path, "tmp.ffffffffffffffff/old.8");
	own_home(path, &n, own_home_of(8));
	cr_assert_str_eq(path, "tmp.ffffffffffffffff");
}

/* Which lie in folders of their own, and which an earlier erpsync left. */
Test(own_names, numbers_tell_their_folder)
{
	static const struct {
		uint32_t n, beside;
		const char *home, *fresh, *taken;
	} rows[] = {
	    {1, 2, "tmp.1", "tmp.1/1", "tmp.1/old.1"},
	    {2, 2, "tmp.1/in.1", "tmp.1/in.1/0", "tmp.1/in.1/old.0"},
	    {7, 2, "tmp.1/in.3", "tmp.1/in.3/1", "tmp.1/in.3/old.1"},
	    {255, 256, "tmp.1", "tmp.1/255", "tmp.1/old.255"},
	    {256, 256, "tmp.1/in.1", "tmp.1/in.1/0", "tmp.1/in.1/old.0"},
	    {1000000, 256, "tmp.1/in.3906", "tmp.1/in.3906/64",
		"tmp.1/in.3906/old.64"},
	};
	struct tx_names n = {.tmp = "tmp.1"};
	char path[OWN_PATH_BYTES];
	uint32_t number;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		number = own_number(rows[i].n, rows[i].beside);
		own_home(path, &n, own_home_of(number));
		cr_expect_str_eq(path, rows[i].home, "row %zu", i);
		own_fresh(path, &n, number);
		cr_expect_str_eq(path, rows[i].fresh, "row %zu", i);
		own_taken(path, &n, number);
		cr_expect_str_eq(path, rows[i].taken, "row %zu", i);
	}
	own_fresh(path, &n, 1000000);
	cr_expect_str_eq(path, "tmp.1/1000000");
}

Test(own_names, join_refuses_what_does_not_fit)
{
	char path[OWN_PATH_BYTES], *much = malloc(OWN_PATH_BYTES + 1);
	struct err e;

	cr_assert_eq(own_join(path, "a", "b/c", &e), 0);
	cr_assert_str_eq(path, "a/b/c");
	cr_assert_eq(own_join(path, "", "b", &e), 0);
	cr_assert_str_eq(path, "b");
	memset(much, 'x', OWN_PATH_BYTES);
	much[OWN_PATH_BYTES] = '\0';
	cr_assert_eq(own_join(path, "a", much, &e), ERP_USAGE);
	free(much);
}

Test(own_names, raw_paths)
{
	char deep[2 * RAW_PATH_DEPTH + 2] = "", longest[RAW_PATH_BYTES + 1];
	int i;

	memset(longest, 'a', sizeof(longest));
	cr_assert(raw_path_ok(longest, RAW_PATH_BYTES));
	cr_assert_not(raw_path_ok(longest, RAW_PATH_BYTES + 1));

	cr_assert(raw_path_ok("a", 1));
	cr_assert(raw_path_ok("a/b c\1/\xff", 8));
	cr_assert(raw_path_ok("...", 3));
	cr_assert_not(raw_path_ok("", 0));
	cr_assert_not(raw_path_ok("/a", 2));
	cr_assert_not(raw_path_ok("a/", 2));
	cr_assert_not(raw_path_ok("a/./b", 5));
	cr_assert_not(raw_path_ok("../b", 4));
	cr_assert_not(raw_path_ok("a\0b", 3));
	for (i = 0; i < RAW_PATH_DEPTH; i++)
		memcpy(deep + 2 * i, "x/", 2);
	cr_assert(raw_path_ok(deep, 2 * RAW_PATH_DEPTH - 1));
	cr_assert_not(raw_path_ok(deep, 2 * RAW_PATH_DEPTH));
	memcpy(deep + 2 * i, "x", 2);
	cr_assert_not(raw_path_ok(deep, 2 * RAW_PATH_DEPTH + 1));
}

Test(own_names, exists)
{
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	tempdir_text(&t, "a/file", "x", -1);
	tempdir_symlink(&t, "nowhere", "link");
	cr_assert_eq(own_exists(fs_real(), t.fd, "a/file", &e), 1);
	cr_assert_eq(own_exists(fs_real(), t.fd, "link", &e), 1);
	cr_assert_eq(own_exists(fs_real(), t.fd, "a/none", &e), 0);
	cr_assert_eq(own_exists(fs_real(), t.fd, "a/file/x", &e), 0);
	cr_assert_eq(own_exists(fs_real(), t.fd, "link/x", &e), 0);
	tempdir_close(&t);
}
