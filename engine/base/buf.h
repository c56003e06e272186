#ifndef ERPSYNC_ENGINE_BASE_BUF_H
#define ERPSYNC_ENGINE_BASE_BUF_H

/*
 * A growable byte buffer with a limit that it never exceeds, used as a queue:
 * bytes are appended at the end and consumed from the front.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct buf {
	uint8_t *p; /* storage; valid bytes are p[off .. off + len) */
	size_t off; /* consumed bytes in front */
	size_t len; /* valid bytes */
	size_t cap; /* bytes allocated */
	size_t limit; /* len never exceeds this */
};

/* Begin with an empty buffer that holds at most limit bytes. */
void buf_init(struct buf *b, size_t limit);

/* Free the storage; the buffer is as after buf_init with its limit. */
void buf_release(struct buf *b);

/* The same of what is secret: its bytes are overwritten.  Those that were moved
 * when it grew are not: reserve room for all of it first. */
void buf_wipe(struct buf *b);

/* First valid byte (never NULL once something was appended). */
static inline const uint8_t *
buf_data(const struct buf *b)
{
	return b->p + b->off;
}

/* Do they hold the same bytes?  What was consumed and the limit do not count.
 */
bool buf_equal(const struct buf *a, const struct buf *b);

/*
 * Make room for n more bytes and return where they go through *out; they
 * count only after buf_commit.  ERP_NOMEM when the limit or memory is short.
 */
int buf_reserve(struct buf *b, size_t n, uint8_t **out, struct err *e);
void buf_commit(struct buf *b, size_t n);

/* Append n bytes of p.  ERP_NOMEM when the limit or memory is short. */
int buf_append(struct buf *b, const void *p, size_t n, struct err *e);

/* Drop n bytes from the front; n <= b->len. */
void buf_consume(struct buf *b, size_t n);

/* Drop all bytes, keep the storage. */
void buf_clear(struct buf *b);

/* Keep the bytes and no more storage than they take: of what stays long. */
void buf_trim(struct buf *b);

#endif
