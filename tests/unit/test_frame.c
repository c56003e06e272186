#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "transport/wire/frame.h"
#include "transport/wire/proto.h"

#include <criterion/criterion.h>
#include <string.h>

static const uint8_t payload[FRAME_MAX];

static void
make_frame(struct buf *b, uint8_t type, size_t len)
{
	size_t mark;

	cr_assert_eq(frame_begin(b, &mark, NULL), 0);
	cr_assert_eq(buf_append(b, payload, len, NULL), 0);
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
			/* A type may be unknown then, and a length that grew
			 * too long, or it may only ask for more bytes. */
			cr_assert(used == ERP_LOST ||
				((used == ERP_PROTO || used == 0) && i < 4),
			    "byte %zu bit %d: %lld", i, bit, (long long)used);
		}
	buf_release(&b);
}

static void
length_into(uint8_t head[FRAME_HEADER_LEN], uint8_t type, uint32_t len)
{
	head[0] = type;
	head[1] = (uint8_t)len;
	head[2] = (uint8_t)(len >> 8);
	head[3] = (uint8_t)(len >> 16);
}

Test(frame, limits_hold_for_each_type)
{
	static const struct {
		uint8_t type;
		uint32_t max;
	} rows[] = {{MSG_NOP, NOP_MAX}, {MSG_HELLO, CONTROL_MAX},
	    {MSG_WELCOME, CONTROL_MAX}, {MSG_GET_MANIFEST, 0},
	    {MSG_MANIFEST, BULK_PIECE}, {MSG_WANT, CONTROL_MAX},
	    {MSG_OFFER, CONTROL_MAX}, {MSG_SUMS, BULK_PIECE},
	    {MSG_FETCH, CONTROL_MAX}, {MSG_DATA, BULK_PIECE + 4},
	    {MSG_RESULT, CONTROL_MAX}, {MSG_ERROR, CONTROL_MAX},
	    {MSG_GROUP, GROUP_BYTES}, {MSG_ASK, CONTROL_MAX},
	    {MSG_RECALL, HASH_LEN}, {MSG_SEAL, CONTROL_MAX}};
	uint8_t head[FRAME_HEADER_LEN] = {0};
	struct frame f;
	struct buf b;
	struct err e;
	size_t i, mark;

	_Static_assert(sizeof(rows) / sizeof(rows[0]) == MSG_TYPES - MSG_NOP,
	    "each type has its limit");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, FRAME_MAX);
		make_frame(&b, rows[i].type, rows[i].max);
		cr_expect_eq(frame_decode(buf_data(&b), b.len, &f, &e),
		    (int64_t)b.len, "type %u", rows[i].type);
		/* Refused on the header alone: nothing is waited for. */
		length_into(head, rows[i].type, rows[i].max);
		cr_expect_eq(frame_decode(head, sizeof(head), &f, &e),
		    rows[i].max == 0 ? ERP_LOST : 0);
		length_into(head, rows[i].type, rows[i].max + 1);
		cr_expect_eq(frame_decode(head, sizeof(head), &f, &e),
		    ERP_PROTO, "type %u", rows[i].type);
		/* Nor is one sent. */
		buf_clear(&b);
		cr_assert_eq(frame_begin(&b, &mark, &e), 0);
		cr_assert_eq(buf_append(&b, payload, rows[i].max + 1, &e), 0);
		cr_expect_eq(
		    frame_end(&b, mark, rows[i].type, &e), ERP_INTERNAL);
		buf_release(&b);
	}
	memset(head, 0, sizeof(head));
	cr_assert_eq(frame_decode(head, sizeof(head), &f, &e), ERP_LOST);
	head[0] = MSG_TYPES;
	cr_assert_eq(frame_decode(head, sizeof(head), &f, &e), ERP_PROTO);
}
