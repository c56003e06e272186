#ifndef ERPSYNC_ENGINE_DELTA_MATCH_MATCH_WRITE_H
#define ERPSYNC_ENGINE_DELTA_MATCH_MATCH_WRITE_H

/*
 * Writes a delta in librsync's format: a stream of literals and copies, each
 * with the shortest numbers that hold it.  Copies that continue one another
 * become one.
 */

#include <stddef.h>
#include <stdint.h>

struct err;
struct sink;

enum { MATCH_WRITE_BUF = 64 * 1024 };

/* len bytes of the target from its offset made on are those of the basis
 * from offset at on. */
typedef int match_copy_fn(
    void *arg, uint64_t made, uint64_t at, uint64_t len, struct err *e);

struct match_writer {
	const struct sink *out; /* or, NULL: */
	match_copy_fn *copied;
	void *arg;
	uint64_t made; /* bytes of the target, without the copy below */
	uint64_t copy_at, copy_len; /* not yet written; len 0: none */
	size_t len; /* bytes in buf */
	uint8_t buf[MATCH_WRITE_BUF];
};

/* Begin with the magic.  out is kept. */
void match_write_begin(struct match_writer *w, const struct sink *out);

/* Begin without a delta: only the copies are of interest. */
void match_write_tell(struct match_writer *w, match_copy_fn *copied, void *arg);

/* n may be 0: nothing.  The sink's code if it fails. */
int match_write_literal(
    struct match_writer *w, const uint8_t *p, size_t n, struct err *e);
int match_write_copy(
    struct match_writer *w, uint64_t at, uint64_t len, struct err *e);

/* The end of the delta; all of it has reached the sink. */
int match_write_end(struct match_writer *w, struct err *e);

#endif
