/* Malformed frames out of good ones. */
#include "tests/support/malformed.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/crc.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"
#include "transport/wire/proto.h"

#include <criterion/criterion.h>
#include <string.h>

enum { TYPES = 256, LENGTH_MOST = 0xffffff, BENT_MOST = 4, ALL = 1 << 20 };

/*
 * What makes a good frame bad wherever it comes: bytes cut off its end or put
 * behind it, or a number in it.
 */
static const struct edit {
	uint8_t type;
	int cut; /* bytes; below 0: so many more */
	int at, width; /* of the number; at below 0: from the end */
	uint64_t value;
} edits[] = {
    /* For a server. */
    {MSG_HELLO, 1, 0, 0, 0},
    {MSG_HELLO, 40, 0, 0, 0},
    {MSG_HELLO, ALL, 0, 0, 0},
    {MSG_HELLO, 0, 0, 1, 0}, /* no station id */
    {MSG_HELLO, 0, 0, 1, 65},
    {MSG_HELLO, 0, 0, 1, 255},
    {MSG_HELLO, 0, 1, 1, ' '},
    {MSG_HELLO, 0, 1, 1, '/'},
    {MSG_HELLO, 0, 2, 1, 0},
    {MSG_HELLO, 0, 3, 1, 0xff},
    {MSG_HELLO, 0, -35, 1, 3}, /* the system */
    {MSG_HELLO, 0, -35, 1, 255},
    {MSG_WANT, 1, 0, 0, 0},
    {MSG_WANT, -1, 0, 0, 0},
    {MSG_WANT, ALL, 0, 0, 0},
    {MSG_WANT, 0, 0, 4, UINT32_MAX},
    {MSG_WANT, 0, 4, 1, 3}, /* flags */
    {MSG_WANT, 0, 4, 1, 6},
    {MSG_WANT, 0, 4, 1, 9},
    {MSG_WANT, 0, 4, 1, 12},
    {MSG_WANT, 0, 4, 1, 16},
    {MSG_WANT, 0, 4, 1, 255},
    {MSG_GROUP, 1, 0, 0, 0},
    {MSG_GROUP, ALL, 0, 0, 0},
    {MSG_GROUP, -2, -2, 2, 0x0080}, /* a varint too long for its value */
    {MSG_GROUP, -10, -10, 8, UINT64_MAX},
    {MSG_SUMS, ALL, 0, 0, 0},
    {MSG_FETCH, 1, 0, 0, 0},
    {MSG_FETCH, -1, 0, 0, 0},
    {MSG_FETCH, ALL, 0, 0, 0},
    {MSG_FETCH, 0, 0, 4, UINT32_MAX},
    {MSG_FETCH, 0, 4, 8, UINT64_MAX},
    {MSG_FETCH, 0, 4, 8, UINT64_C(1) << 63},
    {MSG_RECALL, 1, 0, 0, 0},
    {MSG_RECALL, ALL, 0, 0, 0},
    {MSG_RESULT, 1, 0, 0, 0},
    {MSG_RESULT, ALL, 0, 0, 0},
    {MSG_RESULT, 0, 0, 1, 0}, /* the outcome */
    {MSG_RESULT, 0, 0, 1, 6},
    {MSG_RESULT, 0, 0, 1, 255},
    {MSG_RESULT, 0, 25, 1, 255}, /* the text's length */
    /* For either. */
    {MSG_ERROR, 1, 0, 0, 0},
    {MSG_ERROR, ALL, 0, 0, 0},
    {MSG_ERROR, 0, 2, 1, 255}, /* the text's length */
    {MSG_ERROR, 0, 3, 1, 7},
    /* For a station. */
    {MSG_WELCOME, 1, 0, 0, 0},
    {MSG_WELCOME, ALL, 0, 0, 0},
    {MSG_WELCOME, 0, 0, 1, 0}, /* the verdict */
    {MSG_WELCOME, 0, 0, 1, 7},
    {MSG_WELCOME, 0, 0, 1, 255},
    {MSG_WELCOME, 0, 0, 1, 5}, /* busy, and when to come again is not said */
    {MSG_WELCOME, 0, 1, 4, 3601},
    {MSG_WELCOME, 0, 1, 4, UINT32_MAX},
    {MSG_WELCOME, 0, 5, 1, 65}, /* the build's length */
    {MSG_WELCOME, 0, 5, 1, 255},
    {MSG_WELCOME, 0, -1, 1, 8}, /* flags */
    {MSG_WELCOME, 0, -1, 1, 255},
    {MSG_WELCOME, 0, -9, 4, UINT32_MAX}, /* the manifest's length */
    {MSG_WELCOME, 0, -9, 4, 256 * 1024 * 1024 + 1},
    {MSG_WELCOME, 0, -5, 4, UINT32_MAX},
    {MSG_MANIFEST, ALL, 0, 0, 0},
    {MSG_OFFER, 1, 0, 0, 0},
    {MSG_OFFER, -1, 0, 0, 0},
    {MSG_OFFER, ALL, 0, 0, 0},
    {MSG_OFFER, 0, 0, 4, UINT32_MAX},
    {MSG_OFFER, 0, 4, 1, 0}, /* the codec */
    {MSG_OFFER, 0, 4, 1, 4},
    {MSG_OFFER, 0, 4, 1, 255},
    {MSG_OFFER, 0, 37, 8, 0}, /* the blob's length */
    {MSG_OFFER, 0, 37, 8, UINT64_MAX},
    {MSG_OFFER, 0, 37, 8, (UINT64_C(128) << 30) + 1},
    {MSG_ASK, 1, 0, 0, 0},
    {MSG_ASK, -1, 0, 0, 0},
    {MSG_ASK, ALL, 0, 0, 0},
    {MSG_ASK, 0, 0, 1, 0}, /* the kind */
    {MSG_ASK, 0, 0, 1, 3},
    {MSG_ASK, 0, 1, 4, UINT32_MAX},
    {MSG_DATA, ALL, 0, 0, 0},
    {MSG_DATA, 0, 0, 4, UINT32_MAX},
};
enum { EDITS = sizeof(edits) / sizeof(edits[0]) };

/* What the limits of the types are, by docs/protocol.md, 2. */
static const uint32_t most[MSG_TYPES] = {[MSG_NOP] = 16,
    [MSG_HELLO] = 16384,
    [MSG_WELCOME] = 16384,
    [MSG_MANIFEST] = 65536,
    [MSG_WANT] = 16384,
    [MSG_OFFER] = 16384,
    [MSG_SUMS] = 65536,
    [MSG_FETCH] = 16384,
    [MSG_DATA] = 65540,
    [MSG_RESULT] = 16384,
    [MSG_ERROR] = 16384,
    [MSG_GROUP] = 32768,
    [MSG_ASK] = 16384,
    [MSG_RECALL] = 32,
    [MSG_SEAL] = 16384};

void
frames_cut(struct frames *f, const uint8_t *p, size_t n)
{
	struct frame frame;
	int64_t used;
	size_t at = PREFACE_LEN;

	f->p = p;
	f->n = 0;
	while (
	    at < n && (used = frame_decode(p + at, n - at, &frame, NULL)) > 0) {
		cr_assert_lt(f->n, FRAMES_MAX);
		f->at[f->n] = at;
		f->len[f->n++] = (size_t)used;
		at += (size_t)used;
	}
	cr_assert_eq(at, n);
}

uint64_t
malformed_random(struct malformed *m, uint64_t n)
{
	uint64_t z = m->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* A frame being made: its payload stands behind the header in bytes. */
struct draft {
	uint8_t type;
	size_t len;
	uint8_t bytes[FRAME_HEADER_LEN + FRAME_MAX];
};

/* Any of these frames. */
static void
draw(struct malformed *m, const struct frames *f, struct draft *d)
{
	size_t i = (size_t)malformed_random(m, f->n);

	d->type = f->p[f->at[i]];
	d->len = f->len[i] - FRAME_HEADER_LEN;
	memcpy(d->bytes, f->p + f->at[i], f->len[i]);
}

static void
grow(struct draft *d, size_t n)
{
	memset(d->bytes + FRAME_HEADER_LEN + d->len, 0, n);
	d->len += n;
}

static void
put_number(uint8_t *p, int width, uint64_t value)
{
	for (; width > 0; width--, value >>= 8)
		*p++ = (uint8_t)value;
}

/* Is there such a frame, and may this be done to it? */
static bool
apply_edit(struct malformed *m, const struct edit *edit, struct draft *d)
{
	int at;

	draw(m, m->theirs, d);
	if (d->type != edit->type || (edit->cut == ALL && d->len == 0))
		return false;
	if (edit->cut < 0)
		grow(d, (size_t)-edit->cut);
	else
		d->len -=
		    (size_t)edit->cut < d->len ? (size_t)edit->cut : d->len;
	at = edit->at < 0 ? (int)d->len + edit->at : edit->at;
	if (at < 0 || (size_t)at + (size_t)edit->width > d->len)
		return edit->width == 0;
	put_number(d->bytes + FRAME_HEADER_LEN + at, edit->width, edit->value);
	return true;
}

/* Other bytes, more of them or less. */
static void
bend(struct malformed *m, struct draft *d)
{
	static const uint64_t values[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fffffff,
	    UINT32_MAX, INT64_MAX, UINT64_MAX};
	uint64_t value, n = 1 + malformed_random(m, BENT_MOST);
	int width;

	for (; n > 0; n--) {
		if (malformed_random(m, 6) == 0)
			d->len -= (size_t)malformed_random(m, d->len + 1);
		else if (malformed_random(m, 6) == 0)
			grow(d, 1 + (size_t)malformed_random(m, 40));
		if (d->len == 0)
			continue;
		width = 1 << malformed_random(m, 4);
		if ((size_t)width > d->len)
			width = 1;
		value = malformed_random(m, 2) == 0
		    ? values[malformed_random(
			  m, sizeof(values) / sizeof(values[0]))]
		    : malformed_random(m, UINT64_MAX);
		put_number(d->bytes + FRAME_HEADER_LEN +
			malformed_random(m, d->len - (size_t)width + 1),
		    width, value);
	}
	if (d->len > most[d->type])
		d->len = most[d->type];
}

static void
seal_header(struct draft *d, size_t claimed)
{
	store_u32(d->bytes, d->type | (uint32_t)claimed << 8);
	store_u32(d->bytes + 4,
	    crc_add(
		crc_add(0, d->bytes, 4), d->bytes + FRAME_HEADER_LEN, d->len));
}

/* One bit of the frame as it is; as many bytes as it may claim follow. */
static void
damage(struct malformed *m, struct draft *d)
{
	size_t bit = (size_t)malformed_random(
	    m, 8 * (FRAME_HEADER_LEN + (uint64_t)d->len));

	d->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	if (bit / 8 < 4)
		grow(d, 66000);
}

void
malformed_make(struct malformed *m, struct buf *out)
{
	static struct draft d;
	size_t claimed = ALL;

	m->kind = (enum malformed_kind)malformed_random(m, MALFORMED_KINDS);
	do
		draw(m, m->kind == MALFORMED_NOT_THEIRS ? m->ours : m->theirs,
		    &d);
	while (m->kind == MALFORMED_NOT_THEIRS &&
	    (d.type == MSG_NOP || d.type == MSG_ERROR));
	switch (m->kind) {
	case MALFORMED_UNKNOWN:
		d.type = (uint8_t)(MSG_TYPES +
		    malformed_random(m, TYPES - MSG_TYPES));
		break;
	case MALFORMED_LONG:
		claimed = most[d.type] + 1;
		claimed += (size_t)malformed_random(
		    m, malformed_random(m, 2) == 0 ? 2 : LENGTH_MOST - claimed);
		break;
	case MALFORMED_VALUE:
		while (!apply_edit(m, &edits[malformed_random(m, EDITS)], &d))
			;
		break;
	case MALFORMED_BENT:
		bend(m, &d);
		break;
	case MALFORMED_DAMAGED:
	case MALFORMED_NOT_THEIRS:
	case MALFORMED_MISPLACED:
	case MALFORMED_KINDS:
		break;
	}
	if (m->kind == MALFORMED_DAMAGED)
		damage(m, &d);
	else
		seal_header(&d, claimed == ALL ? d.len : claimed);
	cr_assert_eq(
	    buf_append(out, d.bytes, FRAME_HEADER_LEN + d.len, NULL), 0);
}
