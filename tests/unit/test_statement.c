#include "engine/seal/statement.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HEX "0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d0a0b0c0d"
#define GOOD                                                                   \
	"erpsync-seal-1 release=" HEX " size=200 serial=7 system=windows "     \
	"product=smartclient issued=1700000000 expires=1707000000 "            \
	"downgrade=no build=7.00.191205P"

Test(statement, is_as_the_document_has_it)
{
	char text[MINISIGN_COMMENT_MAX + 1], hex[HASH_HEX_LEN + 1];
	struct statement s;
	struct err e;

	cr_assert_eq(statement_decode(GOOD, &s, &e), 0, "%s", e.msg);
	hash_hex(&s.release, hex);
	cr_expect_str_eq(hex, HEX);
	cr_expect_eq(s.size, 200);
	cr_expect_eq(s.serial, 7);
	cr_expect_eq(s.os, PATH_OS_WINDOWS);
	cr_expect_str_eq(s.product, "smartclient");
	cr_expect_str_eq(s.build, "7.00.191205P");
	cr_expect_eq(s.issued, 1700000000);
	cr_expect_eq(s.expires, 1707000000);
	cr_expect_not(s.downgrade);
	s.build[0] = '\0';
	s.downgrade = true;
	s.serial = UINT64_MAX;
	cr_assert_eq(statement_encode(&s, text, &e), 0);
	cr_assert_eq(statement_decode(text, &s, &e), 0, "%s", text);
	cr_expect(s.downgrade);
	cr_expect_str_eq(s.build, "");
	cr_expect_eq(s.serial, UINT64_MAX);
}

static void
expect_bad(const char *from, const char *to)
{
	char text[1024];
	const char *at = strstr(GOOD, from);
	struct statement s;
	struct err e;

	cr_assert_neq(at, NULL, "%s", from);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - GOOD), GOOD,
	    to, at + strlen(from));
	cr_expect_eq(statement_decode(text, &s, &e), ERP_CORRUPT, "%s", text);
}

Test(statement, has_one_form)
{
	struct statement s;
	struct err e;

	expect_bad("erpsync-seal-1", "erpsync-seal-2");
	expect_bad("erpsync-seal-1", "Erpsync-seal-1");
	expect_bad(HEX, "0A");
	expect_bad("0a0b", "0A0b");
	expect_bad("size=200", "size=0200");
	expect_bad("size=200", "size=");
	expect_bad("size=200", "size=-2");
	expect_bad("serial=7", "serial=0");
	expect_bad("serial=7", "serial=18446744073709551616");
	expect_bad("serial=7", "serial=7 serial=7");
	expect_bad("system=windows", "system=solaris");
	expect_bad("system=windows ", "");
	expect_bad("smartclient", "");
	expect_bad("smartclient", "smart/client");
	expect_bad("expires=1707000000", "expires=1700000000");
	expect_bad("expires=1707000000", "expires=1800000000");
	expect_bad("issued=1700000000", "issued=17000000000");
	expect_bad("downgrade=no", "downgrade=maybe");
	expect_bad("7.00", "7.\t00");
	expect_bad(" build", "  build");
	cr_expect_eq(statement_decode("", &s, &e), ERP_CORRUPT);
	cr_expect_eq(statement_decode("timestamp:1700000000\tfile:x", &s, &e),
	    ERP_CORRUPT);
}

Test(statement, a_seal_is_no_succession)
{
	char text[MINISIGN_COMMENT_MAX + 1];
	struct successor s = {12, 1700000000};
	struct statement of_release;
	struct err e;

	successor_encode(&s, text);
	cr_expect_str_eq(text, "erpsync-key-1 serial=12 issued=1700000000");
	memset(&s, 0, sizeof(s));
	cr_assert_eq(successor_decode(text, &s, &e), 0);
	cr_expect_eq(s.serial, 12);
	cr_expect_eq(s.issued, 1700000000);
	cr_expect_eq(statement_decode(text, &of_release, &e), ERP_CORRUPT);
	cr_expect_eq(successor_decode(GOOD, &s, &e), ERP_CORRUPT);
	cr_expect_eq(
	    successor_decode("erpsync-key-1 serial=12 issued=017", &s, &e),
	    ERP_CORRUPT);
}

Test(statement, products_have_plain_names)
{
	cr_expect(statement_product_is_valid("smartclient-12.1_x"));
	cr_expect_not(statement_product_is_valid(""));
	cr_expect_not(statement_product_is_valid("a b"));
	cr_expect_not(statement_product_is_valid(
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "a"));
}
