/*
 * Frames, the envelopes of messages (msg.h): what msg.c appends to a session's
 * output is closed here, and what a session received is cut here, its length
 * and CRC checked before any payload is looked at.
 */
#include "transport/wire/frame.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/crc.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "transport/wire/proto.h"

#include <assert.h>

/* What a message type may weigh, and the only types there are. */
static const uint32_t max_len[MSG_TYPES] = {
    [MSG_NOP] = NOP_MAX,
    [MSG_HELLO] = CONTROL_MAX,
    [MSG_WELCOME] = CONTROL_MAX,
    [MSG_GET_MANIFEST] = 0,
    [MSG_MANIFEST] = BULK_PIECE,
    [MSG_WANT] = CONTROL_MAX,
    [MSG_OFFER] = CONTROL_MAX,
    [MSG_SUMS] = BULK_PIECE,
    [MSG_FETCH] = CONTROL_MAX,
    [MSG_DATA] = BULK_PIECE + 4,
    [MSG_RESULT] = CONTROL_MAX,
    [MSG_ERROR] = CONTROL_MAX,
    [MSG_GROUP] = GROUP_BYTES,
    [MSG_ASK] = CONTROL_MAX,
    [MSG_RECALL] = HASH_LEN,
    [MSG_SEAL] = CONTROL_MAX,
};

static uint32_t
frame_crc(const uint8_t *header, const uint8_t *payload, size_t len)
{
	return crc_add(crc_add(0, header, 4), payload, len);
}

int64_t
frame_decode(const uint8_t *p, size_t n, struct frame *out, struct err *e)
{
	struct cursor c;
	uint32_t word, crc;

	if (n < FRAME_HEADER_LEN)
		return 0;
	cursor_init(&c, p, FRAME_HEADER_LEN);
	word = cursor_u32(&c);
	crc = cursor_u32(&c);
	out->type = (uint8_t)(word & 0xff);
	out->len = word >> 8;
	out->payload = p + FRAME_HEADER_LEN;
	if (out->type >= MSG_TYPES)
		return err_set(
		    e, ERP_PROTO, "message of unknown type %u", out->type);
	if (out->len > max_len[out->type])
		return err_set(e, ERP_PROTO,
		    "message of type %u with %zu bytes, at most %u are legal",
		    out->type, out->len, max_len[out->type]);
	if (n - FRAME_HEADER_LEN < out->len)
		return 0;
	if (frame_crc(p, out->payload, out->len) != crc)
		return err_set(e, ERP_LOST,
		    "message of type %u arrived damaged (CRC-32)", out->type);
	return (int64_t)(FRAME_HEADER_LEN + out->len);
}

int
frame_begin(struct buf *out, size_t *mark, struct err *e)
{
	static const uint8_t empty[FRAME_HEADER_LEN];

	*mark = out->len;
	return buf_append(out, empty, sizeof(empty), e);
}

int
frame_end(struct buf *out, size_t mark, uint8_t type, struct err *e)
{
	uint8_t *header = out->p + out->off + mark;
	size_t len = out->len - mark - FRAME_HEADER_LEN;

	assert(type < MSG_TYPES);
	if (len > max_len[type])
		return err_set(e, ERP_INTERNAL,
		    "message of type %u would have %zu bytes", type, len);
	store_u32(header, type | (uint32_t)len << 8);
	store_u32(
	    header + 4, frame_crc(header, header + FRAME_HEADER_LEN, len));
	return 0;
}

void
frame_head(uint8_t *head, size_t n, uint8_t type, size_t len, uint32_t crc)
{
	size_t first = n - FRAME_HEADER_LEN;

	assert(n >= FRAME_HEADER_LEN && type > 0 && type < MSG_TYPES);
	assert(len <= max_len[type] && first <= max_len[type] - len);
	store_u32(head, type | (uint32_t)(first + len) << 8);
	store_u32(head + 4,
	    crc_join(
		frame_crc(head, head + FRAME_HEADER_LEN, first), crc, len));
}
