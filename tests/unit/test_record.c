#include "engine/apply/record.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "ERPTEST1"

static void
make(struct buf *b)
{
	struct err e;

	buf_init(b, 1000);
	cr_assert_eq(record_begin(b, MAGIC, &e), 0);
	cr_assert_eq(record_put_text(b, "hello", &e), 0);
	cr_assert_eq(put_u32(b, 77, &e), 0);
	cr_assert_eq(record_end(b, &e), 0);
}

Test(record, round_trip)
{
	char *text = NULL;
	struct cursor c;
	struct buf b;
	struct err e;

	make(&b);
	cr_assert_eq(b.len, RECORD_OVERHEAD + 2 + 5 + 4);
	cr_assert_eq(record_open(buf_data(&b), b.len, MAGIC, &c, &e), 0);
	cr_assert_eq(record_get_text(&c, 5, &text, &e), 0);
	cr_assert_str_eq(text, "hello");
	cr_assert_eq(cursor_u32(&c), 77);
	cr_assert(cursor_end(&c));
	free(text);
	buf_release(&b);
}

Test(record, every_damaged_or_missing_byte_is_noticed)
{
	struct cursor c;
	struct buf b;
	struct err e;
	size_t i;

	make(&b);
	for (i = 0; i < b.len; i++) {
		b.p[i] ^= 0x10;
		cr_assert_eq(record_open(b.p, b.len, MAGIC, &c, &e),
		    ERP_CORRUPT, "byte %zu", i);
		b.p[i] ^= 0x10;
		cr_assert_eq(record_open(b.p, i, MAGIC, &c, &e), ERP_CORRUPT,
		    "length %zu", i);
	}
	cr_assert_eq(record_open(b.p, b.len, "ERPOTHER", &c, &e), ERP_CORRUPT);
	buf_release(&b);
}

/* What is whole, and says more or less than it has. */
Test(record, its_length_is_that_of_what_it_says)
{
	struct cursor c;
	struct hash h;
	struct buf b;
	struct err e;
	int i;

	for (i = -1; i <= 1; i++) {
		make(&b);
		b.p[RECORD_MAGIC_LEN + 4] =
		    (uint8_t)(b.p[RECORD_MAGIC_LEN + 4] + i);
		cr_assert_eq(hash_bytes(b.p, b.len - HASH_LEN, &h, &e), 0);
		memcpy(b.p + b.len - HASH_LEN, h.b, HASH_LEN);
		cr_expect_eq(record_open(b.p, b.len, MAGIC, &c, &e),
		    i == 0 ? 0 : ERP_CORRUPT, "%d", i);
		if (i != 0)
			cr_expect_str_eq(e.msg, "its length does not fit");
		buf_release(&b);
	}
}

Test(record, a_text_has_a_length_of_two_bytes)
{
	static char text[UINT16_MAX + 2];
	struct buf b;
	struct err e;

	buf_init(&b, 2 * sizeof(text));
	memset(text, 'a', sizeof(text) - 1);
	cr_expect_eq(record_put_text(&b, text, &e), ERP_USAGE);
	cr_expect_eq(b.len, 0);
	text[UINT16_MAX] = '\0';
	cr_expect_eq(record_put_text(&b, text, &e), 0);
	cr_expect_eq(b.len, 2 + UINT16_MAX);
	buf_release(&b);
}

Test(record, texts_and_paths_are_checked)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool ok;
	} cases[] = {
	    {"\3\0a/b", 5, true},
	    {"\3\0a:b", 5, true},
	    {"\3\0/ab", 5, false},
	    {"\3\0a//", 5, false},
	    {"\4\0a/..", 6, false},
	    {"\1\0.", 3, false},
	    {"\0\0", 2, false},
	    {"\3\0a\0b", 5, false},
	    {"\4\0abc", 5, false},
	    {"\10\0.erpsync", 10, false},
	    {"\20\0bkp_remote.001/x", 18, false},
	};
	struct cursor c;
	struct err e;
	char *path;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		path = NULL;
		cursor_init(&c, cases[i].bytes, cases[i].len);
		rc = record_get_path(&c, &path, &e);
		cr_assert_eq(rc, cases[i].ok ? 0 : ERP_CORRUPT, "case %zu", i);
		free(path);
	}
	cursor_init(&c, "\3\0abc", 5);
	cr_assert_eq(record_get_text(&c, 2, &path, &e), ERP_CORRUPT);
}
