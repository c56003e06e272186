/*
 * Little-endian integers, read through a cursor that cannot run over.  Under
 * every decoder of bytes from a peer or a disk, and every encoder.
 */
#include "engine/base/codec.h"

#include "engine/base/buf.h"

#include <assert.h>
#include <string.h>

void
cursor_init(struct cursor *c, const void *p, size_t len)
{
	assert(p != NULL || len == 0);
	c->p = p;
	c->len = len;
	c->bad = false;
}

const uint8_t *
cursor_bytes(struct cursor *c, size_t n)
{
	const uint8_t *p = c->p;

	if (c->bad || n > c->len) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	c->len -= n;
	return p;
}

static uint64_t
cursor_le(struct cursor *c, size_t n)
{
	const uint8_t *p = cursor_bytes(c, n);
	uint64_t v = 0;
	size_t i;

	assert(n <= sizeof(v));
	if (p == NULL)
		return 0;
	for (i = n; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

uint8_t
cursor_u8(struct cursor *c)
{
	return (uint8_t)cursor_le(c, 1);
}

uint16_t
cursor_u16(struct cursor *c)
{
	return (uint16_t)cursor_le(c, 2);
}

uint32_t
cursor_u32(struct cursor *c)
{
	return (uint32_t)cursor_le(c, 4);
}

uint64_t
cursor_u64(struct cursor *c)
{
	return cursor_le(c, 8);
}

uint64_t
cursor_varint(struct cursor *c)
{
	uint64_t v = 0, bits;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = cursor_u8(c);
		bits = byte & 0x7f;
		if (shift > 63 || (shift == 63 && bits > 1) ||
		    (shift > 0 && byte == 0))
			c->bad = true;
		if (c->bad)
			return 0;
		v |= bits << shift;
		shift += 7;
	} while (byte & 0x80);
	return v;
}

void
cursor_copy(struct cursor *c, void *out, size_t n)
{
	const uint8_t *p = cursor_bytes(c, n);

	if (p == NULL)
		memset(out, 0, n);
	else
		memcpy(out, p, n);
}

bool
cursor_end(const struct cursor *c)
{
	return !c->bad && c->len == 0;
}

static void
store_le(uint8_t *p, uint64_t v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

void
store_u32(uint8_t *p, uint32_t v)
{
	store_le(p, v, 4);
}

void
store_u64(uint8_t *p, uint64_t v)
{
	store_le(p, v, 8);
}

static int
put_le(struct buf *b, uint64_t v, size_t n, struct err *e)
{
	uint8_t bytes[8];

	assert(n <= sizeof(bytes));
	store_le(bytes, v, n);
	return buf_append(b, bytes, n, e);
}

int
put_u8(struct buf *b, uint8_t v, struct err *e)
{
	return put_le(b, v, 1, e);
}

int
put_u16(struct buf *b, uint16_t v, struct err *e)
{
	return put_le(b, v, 2, e);
}

int
put_u32(struct buf *b, uint32_t v, struct err *e)
{
	return put_le(b, v, 4, e);
}

int
put_u64(struct buf *b, uint64_t v, struct err *e)
{
	return put_le(b, v, 8, e);
}

size_t
varint_len(uint64_t v)
{
	size_t n = 1;

	while ((v >>= 7) > 0)
		n++;
	return n;
}

int
put_varint(struct buf *b, uint64_t v, struct err *e)
{
	uint8_t bytes[10];
	size_t i, n = varint_len(v);

	for (i = 0; i < n; i++, v >>= 7)
		bytes[i] = (uint8_t)((v & 0x7f) | (i + 1 < n ? 0x80 : 0));
	assert(v == 0);
	return buf_append(b, bytes, n, e);
}
