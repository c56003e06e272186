/* The preface is frozen, read however far the future is, and refused early. */
#include "transport/wire/preface.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <string.h>

/* The bytes of docs/protocol.md, "Preface". */
Test(preface, bytes_are_frozen)
{
	static const uint8_t want[PREFACE_LEN] = {
	    'E', 'R', 'P', 's', 'y', 'n', 'c', '\n', 1, 0, 1, 0, 1, 0, 0, 0};
	struct preface p;
	struct buf b;

	buf_init(&b, 64);
	cr_assert_eq(preface_encode(FEATURE_HINTS, &b, NULL), 0);
	cr_assert_eq(b.len, PREFACE_LEN);
	cr_assert_arr_eq(buf_data(&b), want, PREFACE_LEN);
	cr_assert_eq(preface_decode(want, PREFACE_LEN, &p, NULL), PREFACE_LEN);
	cr_assert_eq(preface_agree(&p, NULL), PROTO_VERSION);
	cr_assert_eq(p.features, FEATURE_HINTS);
	buf_release(&b);
}

Test(preface, of_the_future_is_read_and_refused)
{
	static const uint8_t later[PREFACE_LEN] = {
	    'E', 'R', 'P', 's', 'y', 'n', 'c', '\n', 2, 0, 9, 0, 1, 2, 3, 4};
	static const uint8_t both[PREFACE_LEN] = {
	    'E', 'R', 'P', 's', 'y', 'n', 'c', '\n', 1, 0, 9, 0, 1, 2, 3, 4};
	struct preface p;
	struct err e;

	cr_assert_eq(preface_decode(later, PREFACE_LEN, &p, &e), PREFACE_LEN);
	cr_assert_eq(preface_agree(&p, &e), ERP_NOVERSION);
	cr_assert(strstr(e.msg, "2 to 9") != NULL);
	cr_assert_eq(preface_decode(both, PREFACE_LEN, &p, &e), PREFACE_LEN);
	cr_assert_eq(preface_agree(&p, &e), 1);
}

/* Any two numbers are a range, which may be empty. */
Test(preface, ranges_are_what_they_say)
{
	static const struct {
		uint8_t bytes[4];
		int agreed;
	} rows[] = {{{1, 0, 1, 0}, 1}, {{0, 0, 1, 0}, 1},
	    {{0, 0, 0xff, 0xff}, 1}, {{1, 0, 0xff, 0xff}, 1},
	    {{0, 0, 0, 0}, ERP_NOVERSION}, {{2, 0, 2, 0}, ERP_NOVERSION},
	    {{2, 0, 1, 0}, ERP_NOVERSION}, {{1, 0, 0, 0}, ERP_NOVERSION},
	    {{0xff, 0xff, 0, 0}, ERP_NOVERSION}, {{0, 1, 0, 1}, ERP_NOVERSION}};
	uint8_t bytes[PREFACE_LEN] = {'E', 'R', 'P', 's', 'y', 'n', 'c', '\n'};
	struct preface p;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(bytes + 8, rows[i].bytes, 4);
		cr_assert_eq(
		    preface_decode(bytes, PREFACE_LEN, &p, &e), PREFACE_LEN);
		cr_expect_eq(
		    preface_agree(&p, &e), rows[i].agreed, "row %zu", i);
	}
}

Test(preface, something_else_is_noticed_at_the_first_byte)
{
	struct preface p;
	struct err e;

	cr_assert_eq(
	    preface_decode((const uint8_t *)"GET / HTTP/1.1\r\n", 1, &p, &e),
	    ERP_PROTO);
	cr_assert_eq(preface_decode((const uint8_t *)"ERPsync", 7, &p, &e), 0);
	cr_assert_eq(
	    preface_decode((const uint8_t *)"ERPsyn?", 7, &p, &e), ERP_PROTO);
}

Test(preface, tls_is_told_from_strangers)
{
	struct preface p;
	struct err e;

	cr_expect_eq(preface_decode((const uint8_t *)"\x15\x03", 2, &p, &e),
	    ERP_UNTRUSTED);
	cr_expect_eq(
	    preface_decode((const uint8_t *)"\x16", 1, &p, &e), ERP_UNTRUSTED);
	cr_expect_not_null(strstr(e.msg, "--insecure"));
	cr_expect_eq(
	    preface_decode((const uint8_t *)"\x17", 1, &p, &e), ERP_PROTO);
}
