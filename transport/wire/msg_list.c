/*
 * Messages that are lists of files: WANT, OFFER, ASK, FETCH, each with how long
 * it will be, so that a dry run can count bytes that it does not send.
 */
#include "transport/wire/msg.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/delta/pack.h"
#include "engine/tree/manifest.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg_internal.h"

#include <assert.h>
#include <string.h>

int
wants_encode(const struct msg_want *v, size_t n, struct buf *out, struct err *e)
{
	size_t mark, i;
	int rc;

	assert(n >= 1 && n <= WANT_MAX);
	if ((rc = frame_begin(out, &mark, e)) != 0)
		return rc;
	for (i = 0; i < n; i++) {
		if ((rc = put_u32(out, v[i].index, e)) != 0 ||
		    (rc = put_u8(out, v[i].flags, e)) != 0)
			return rc;
		if (v[i].flags & WANT_HAS_BASIS &&
		    ((rc = put_u64(out, v[i].basis_size, e)) != 0 ||
			(rc = buf_append(out, v[i].basis.b, HASH_LEN, e)) != 0))
			return rc;
		if (v[i].flags & WANT_HAS_PART &&
		    (rc = buf_append(out, v[i].part, PART_PREFIX, e)) != 0)
			return rc;
	}
	return frame_end(out, mark, MSG_WANT, e);
}

/* The count of a decoded list, checked. */
static int
list_decoded(const struct cursor *c, size_t n, const char *what, struct err *e)
{
	int rc;

	if (n == WANT_MAX && c->len > 0)
		return err_set(
		    e, ERP_PROTO, "%s with more than %d files", what, WANT_MAX);
	if ((rc = decoded(c, what, e)) != 0)
		return rc;
	if (n == 0)
		return err_set(e, ERP_PROTO, "%s without a file", what);
	return (int)n;
}

static bool
want_is_legal(uint8_t flags)
{
	return flags == WANT_WHOLE || flags == WANT_PREVIEW ||
	    (flags & ~(WANT_HAS_BASIS | WANT_HAS_PART)) == 0;
}

int
wants_decode(const uint8_t *p, size_t n, struct msg_want *v, struct err *e)
{
	struct cursor c;
	size_t i;

	cursor_init(&c, p, n);
	for (i = 0; i < WANT_MAX && c.len > 0 && !c.bad; i++) {
		memset(&v[i], 0, sizeof(v[i]));
		v[i].index = cursor_u32(&c);
		v[i].flags = cursor_u8(&c);
		if (!want_is_legal(v[i].flags))
			return err_set(e, ERP_PROTO, "WANT with illegal flags");
		if (v[i].flags & WANT_HAS_BASIS) {
			v[i].basis_size = cursor_u64(&c);
			cursor_copy(&c, v[i].basis.b, HASH_LEN);
		}
		if (v[i].flags & WANT_HAS_PART)
			cursor_copy(&c, v[i].part, PART_PREFIX);
		if (v[i].basis_size > ENTRY_MAX_SIZE)
			return err_set(
			    e, ERP_PROTO, "WANT with a basis above 64 GB");
	}
	return list_decoded(&c, i, "WANT", e);
}

int
offers_encode(
    const struct msg_offer *v, size_t n, struct buf *out, struct err *e)
{
	size_t mark, i;
	int rc;

	assert(n >= 1 && n <= WANT_MAX);
	if ((rc = frame_begin(out, &mark, e)) != 0)
		return rc;
	for (i = 0; i < n; i++) {
		if ((rc = put_u32(out, v[i].index, e)) != 0 ||
		    (rc = put_u8(out, v[i].codec, e)) != 0 ||
		    (rc = buf_append(out, v[i].blob.b, HASH_LEN, e)) != 0 ||
		    (rc = put_u64(out, v[i].len, e)) != 0)
			return rc;
	}
	return frame_end(out, mark, MSG_OFFER, e);
}

int
offers_decode(const uint8_t *p, size_t n, struct msg_offer *v, struct err *e)
{
	struct cursor c;
	size_t i;

	cursor_init(&c, p, n);
	for (i = 0; i < WANT_MAX && c.len > 0 && !c.bad; i++) {
		memset(&v[i], 0, sizeof(v[i]));
		v[i].index = cursor_u32(&c);
		v[i].codec = cursor_u8(&c);
		cursor_copy(&c, v[i].blob.b, HASH_LEN);
		v[i].len = cursor_u64(&c);
		if (c.bad)
			break;
		if (v[i].codec < CODEC_FULL || v[i].codec > CODEC_PATCH ||
		    v[i].len == 0 || v[i].len > 2 * ENTRY_MAX_SIZE)
			return err_set(e, ERP_PROTO,
			    "OFFER with an illegal codec or length");
	}
	return list_decoded(&c, i, "OFFER", e);
}

int
fetches_encode(
    const struct msg_fetch *v, size_t n, struct buf *out, struct err *e)
{
	size_t mark, i;
	int rc;

	assert(n >= 1 && n <= WANT_MAX);
	if ((rc = frame_begin(out, &mark, e)) != 0)
		return rc;
	for (i = 0; i < n; i++)
		if ((rc = put_u32(out, v[i].index, e)) != 0 ||
		    (rc = put_u64(out, v[i].offset, e)) != 0)
			return rc;
	return frame_end(out, mark, MSG_FETCH, e);
}

int
fetches_decode(const uint8_t *p, size_t n, struct msg_fetch *v, struct err *e)
{
	struct cursor c;
	size_t i;

	cursor_init(&c, p, n);
	for (i = 0; i < WANT_MAX && c.len > 0 && !c.bad; i++) {
		v[i].index = cursor_u32(&c);
		v[i].offset = cursor_u64(&c);
	}
	return list_decoded(&c, i, "FETCH", e);
}

int
ask_encode(enum sums_kind kind, const uint32_t *v, size_t n, struct buf *out,
    struct err *e)
{
	size_t mark, i;
	int rc;

	assert(n >= 1 && n <= GROUP_MAX);
	if ((rc = frame_begin(out, &mark, e)) != 0 ||
	    (rc = put_u8(out, (uint8_t)kind, e)) != 0)
		return rc;
	for (i = 0; i < n; i++)
		if ((rc = put_u32(out, v[i], e)) != 0)
			return rc;
	return frame_end(out, mark, MSG_ASK, e);
}

int
ask_decode(const uint8_t *p, size_t n, enum sums_kind *kind, uint32_t *v,
    struct err *e)
{
	struct cursor c;
	uint8_t asked;
	size_t i;
	int rc;

	cursor_init(&c, p, n);
	asked = cursor_u8(&c);
	for (i = 0; i < GROUP_MAX && c.len > 0 && !c.bad; i++)
		v[i] = cursor_u32(&c);
	if ((rc = decoded(&c, "ASK", e)) != 0)
		return rc;
	if (i == 0)
		return err_set(e, ERP_PROTO, "ASK without a file");
	if (asked != SUMS_SIGNATURE && asked != SUMS_SHORT)
		return err_set(e, ERP_PROTO, "ASK for sums of an unknown kind");
	*kind = (enum sums_kind)asked;
	return (int)i;
}

size_t
want_len(const struct msg_want *m)
{
	size_t n = 5;

	if (m->flags & WANT_HAS_BASIS)
		n += 8 + HASH_LEN;
	if (m->flags & WANT_HAS_PART)
		n += PART_PREFIX;
	return n;
}

uint64_t
data_frames_len(uint64_t len)
{
	uint64_t pieces = (len + BULK_PIECE - 1) / BULK_PIECE;

	return len + pieces * (FRAME_HEADER_LEN + DATA_HEADER_LEN);
}
