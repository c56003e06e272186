#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "transport/wire/frame.h"
#include "transport/wire/proto.h"

#include <criterion/criterion.h>
#include <string.h>

static void
make_frame(struct buf *b, uint8_t type, size_t len)
{
	size_t mark, i;

	cr_assert_eq(frame_begin(b, &mark, NULL), 0);
	for (i = 0; i < len; i++)
		cr_assert_eq(buf_append(b, "x", 1, NULL), 0);
	cr_assert_eq(frame_end(b, mark, type, NULL), 0);
}

Test(frame, comes_back_from_any_cut)
{
	struct frame f;
	struct buf b;
	size_t n;

	buf_init(&b, 4096);
	make_frame(&b, MSG_WANT, 100);
	for (n = 0; n < b.len; n++)
		cr_assert_eq(frame_decode(buf_data(&b), n, &f, NULL), 0);
	cr_assert_eq(
	    frame_decode(buf_data(&b), b.len, &f, NULL), (int64_t)b.len);
	cr_assert_eq(f.type, MSG_WANT);
	cr_assert_eq(f.len, 100);
	buf_release(&b);
}

Test(frame, every_flipped_bit_is_noticed)
{
	struct frame f;
	uint8_t copy[64];
	struct buf b;
	size_t i;
	int bit;
	int64_t used;

	buf_init(&b, 4096);
	make_frame(&b, MSG_RESULT, 40);
	cr_assert_leq(b.len, sizeof(copy));
	for (i = 0; i < b.len; i++)
		for (bit = 0; bit < 8; bit++) {
			memcpy(copy, buf_data(&b), b.len);
			copy[i] ^= (uint8_t)(1 << bit);
			used = frame_decode(copy, b.len, &f, NULL);
			/* A length that grew may only ask for more bytes. */
			cr_assert(used == ERP_PROTO || (used == 0 && i < 4),
			    "byte %zu bit %d: %lld", i, bit, (long long)used);
		}
	buf_release(&b);
}

Test(frame, limits_hold_for_each_type)
{
	static const struct {
		uint8_t type;
		uint32_t max;
	} rows[] = {{MSG_NOP, NOP_MAX}, {MSG_HELLO, CONTROL_MAX},
	    {MSG_GET_MANIFEST, 0}, {MSG_MANIFEST, BULK_PIECE},
	    {MSG_DATA, BULK_PIECE + 4}, {MSG_SUMS, BULK_PIECE + 4},
	    {MSG_ERROR, CONTROL_MAX}, {MSG_GROUP, GROUP_BYTES}};
	uint8_t head[FRAME_HEADER_LEN] = {0};
	struct frame f;
	struct err e;
	size_t i;
	uint32_t len;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = rows[i].max + 1;
		head[0] = rows[i].type;
		head[1] = (uint8_t)len;
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)(len >> 16);
		/* Refused on the header alone: nothing is waited for. */
		cr_expect_eq(frame_decode(head, sizeof(head), &f, &e),
		    ERP_PROTO, "type %u", rows[i].type);
	}
	memset(head, 0, sizeof(head));
	cr_assert_eq(frame_decode(head, sizeof(head), &f, &e), ERP_PROTO);
	head[0] = MSG_TYPES;
	cr_assert_eq(frame_decode(head, sizeof(head), &f, &e), ERP_PROTO);
}
