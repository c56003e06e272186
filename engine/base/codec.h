#ifndef ERPSYNC_ENGINE_BASE_CODEC_H
#define ERPSYNC_ENGINE_BASE_CODEC_H

/*
 * Fixed-width little-endian integers in byte ranges: a bounds-checked cursor
 * to read, appenders onto a struct buf to write.  A cursor that ran past its
 * end stays bad: reads return zero, and one look at `bad` (or cursor_end) at
 * the end of a decoder is enough.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

struct cursor {
	const uint8_t *p;
	size_t len; /* bytes left */
	bool bad; /* a read went past the end */
};

void cursor_init(struct cursor *c, const void *p, size_t len);

uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);

/* Seven bits a byte, the lowest first, bit 7: more follow (LEB128).  Bad when
 * it has more bytes than the value needs, or more than 64 bits. */
uint64_t cursor_varint(struct cursor *c);

/* The next n bytes, in place, or NULL (and bad) when fewer are left. */
const uint8_t *cursor_bytes(struct cursor *c, size_t n);

/* Copy the next n bytes to out, zeroes when fewer are left. */
void cursor_copy(struct cursor *c, void *out, size_t n);

/* True when nothing went wrong and nothing is left. */
bool cursor_end(const struct cursor *c);

int put_u8(struct buf *b, uint8_t v, struct err *e);
int put_u16(struct buf *b, uint16_t v, struct err *e);
int put_u32(struct buf *b, uint32_t v, struct err *e);
int put_u64(struct buf *b, uint64_t v, struct err *e);
int put_varint(struct buf *b, uint64_t v, struct err *e);

/* Bytes of v as a varint. */
size_t varint_len(uint64_t v);

/* Write the integer at p, which has room for it. */
void store_u32(uint8_t *p, uint32_t v);
void store_u64(uint8_t *p, uint64_t v);

#endif
