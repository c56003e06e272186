/* The bounds-checked cursor and its counterpart. */
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <string.h>

Test(codec, integers_are_little_endian)
{
	static const uint8_t want[] = {0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04,
	    0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 0x09, 0x08};
	struct buf b;
	struct cursor c;

	buf_init(&b, 100);
	cr_assert_eq(put_u8(&b, 0x01, NULL), 0);
	cr_assert_eq(put_u16(&b, 0x0203, NULL), 0);
	cr_assert_eq(put_u32(&b, 0x04050607, NULL), 0);
	cr_assert_eq(put_u64(&b, 0x08090a0b0c0d0e0f, NULL), 0);
	cr_assert_eq(b.len, sizeof(want));
	cr_assert_eq(memcmp(buf_data(&b), want, sizeof(want)), 0);

	cursor_init(&c, want, sizeof(want));
	cr_assert_eq(cursor_u8(&c), 0x01);
	cr_assert_eq(cursor_u16(&c), 0x0203);
	cr_assert_eq(cursor_u32(&c), 0x04050607);
	cr_assert_not(cursor_end(&c));
	cr_assert_eq(cursor_u64(&c), 0x08090a0b0c0d0e0f);
	cr_assert(cursor_end(&c));
	buf_release(&b);
}

Test(codec, highest_values_survive)
{
	uint8_t p[8];
	struct cursor c;

	store_u64(p, UINT64_MAX);
	cursor_init(&c, p, 8);
	cr_assert_eq(cursor_u64(&c), UINT64_MAX);
	store_u32(p, UINT32_MAX - 1);
	cursor_init(&c, p, 4);
	cr_assert_eq(cursor_u32(&c), UINT32_MAX - 1);
	memset(p, 0xff, 2);
	cursor_init(&c, p, 2);
	cr_assert_eq(cursor_u16(&c), UINT16_MAX);
}

Test(codec, a_cursor_past_its_end_stays_bad)
{
	static const uint8_t bytes[] = {1, 2, 3};
	uint8_t out[4] = {9, 9, 9, 9};
	struct cursor c;

	cursor_init(&c, bytes, sizeof(bytes));
	cr_assert_eq(cursor_u32(&c), 0);
	cr_assert(c.bad);
	cr_assert_eq(cursor_u8(&c), 0, "no read works any more");
	cr_assert_null(cursor_bytes(&c, 1));
	cursor_copy(&c, out, 4);
	cr_assert_eq(out[0] | out[1] | out[2] | out[3], 0);
	cr_assert_not(cursor_end(&c));
}

Test(codec, bytes_come_in_place)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct cursor c;

	cursor_init(&c, bytes, sizeof(bytes));
	cr_assert_eq(cursor_bytes(&c, 2), bytes);
	cr_assert_eq(cursor_bytes(&c, 1), bytes + 2);
	cr_assert_null(cursor_bytes(&c, SIZE_MAX));
}

Test(codec, nothing_is_a_valid_range)
{
	struct cursor c;

	cursor_init(&c, NULL, 0);
	cr_assert(cursor_end(&c));
	cr_assert_eq(cursor_u8(&c), 0);
	cr_assert(c.bad);
}

Test(codec, a_full_buffer_is_reported)
{
	struct buf b;

	buf_init(&b, 7);
	cr_assert_eq(put_u64(&b, 1, NULL), ERP_NOMEM);
	cr_assert_eq(put_u32(&b, 1, NULL), 0);
	cr_assert_eq(put_u32(&b, 1, NULL), ERP_NOMEM);
	cr_assert_eq(put_u16(&b, 1, NULL), 0);
	cr_assert_eq(b.len, 6);
	buf_release(&b);
}

Test(codec, varints_have_one_form)
{
	static const struct {
		uint64_t v;
		size_t n;
		uint8_t bytes[10];
	} rows[] = {
	    {0, 1, {0}},
	    {127, 1, {0x7f}},
	    {128, 2, {0x80, 0x01}},
	    {300, 2, {0xac, 0x02}},
	    {1 << 20, 3, {0x80, 0x80, 0x40}},
	    {UINT64_MAX, 10,
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}},
	};
	static const struct {
		size_t n;
		uint8_t bytes[11];
	} bad[] = {
	    {0, {0}},
	    {1, {0x80}}, /* cut short */
	    {2, {0x80, 0x00}}, /* longer than needed */
	    {10, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}},
	    {11,
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81,
		    1}},
	};
	struct cursor c;
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 10);
		cr_assert_eq(put_varint(&b, rows[i].v, NULL), 0);
		cr_expect_eq(b.len, rows[i].n, "row %zu", i);
		cr_expect_eq(varint_len(rows[i].v), rows[i].n);
		cr_expect_eq(memcmp(buf_data(&b), rows[i].bytes, b.len), 0);
		cursor_init(&c, buf_data(&b), b.len);
		cr_expect_eq(cursor_varint(&c), rows[i].v);
		cr_expect(cursor_end(&c));
		buf_release(&b);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cursor_init(&c, bad[i].bytes, bad[i].n);
		cr_expect_eq(cursor_varint(&c), 0, "row %zu", i);
		cr_expect(c.bad, "row %zu", i);
	}
}
