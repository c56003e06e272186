#ifndef ERPSYNC_ENGINE_BASE_STREAM_H
#define ERPSYNC_ENGINE_BASE_STREAM_H

/*
 * Byte streams: a source is read in order, a range source by position, a sink
 * is written in order.  The delta engine knows only these, so the same code
 * runs on files, memory and standard streams.
 */

#include "engine/base/hash.h"

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct fs;

struct source {
	/* Up to n bytes into p; 0 at the end, or a negative code. */
	int64_t (*read)(void *ctx, void *p, size_t n, struct err *e);
	void *ctx;
};

struct range_source {
	/* Up to n bytes at off; 0 past the end, or a negative code. */
	int64_t (*read_at)(
	    void *ctx, uint64_t off, void *p, size_t n, struct err *e);
	void *ctx;
	uint64_t size; /* bytes in all */
};

struct sink {
	/* Take all n bytes: 0, or a negative code. */
	int (*write)(void *ctx, const void *p, size_t n, struct err *e);
	void *ctx;
};

struct range_sink {
	/* Take all n bytes for offset off: 0, or a negative code. */
	int (*write_at)(
	    void *ctx, uint64_t off, const void *p, size_t n, struct err *e);
	void *ctx;
};

/* Read until n bytes are there or the source ends; the count, or a code. */
int64_t source_read_full(
    const struct source *s, void *p, size_t n, struct err *e);

/* Copy all of from to to; the number of bytes, or a code. */
int64_t stream_copy(
    const struct source *from, const struct sink *to, struct err *e);

/* A memory range as a source or a range source. */
struct mem_stream {
	const uint8_t *p;
	size_t len;
	size_t pos;
};
struct source source_of_mem(struct mem_stream *m);
struct range_source range_of_mem(struct mem_stream *m);

/* The bytes at <= .. < end of a range source, in order. */
struct range_reader {
	const struct range_source *from;
	uint64_t at, end;
};
struct source source_of_range(struct range_reader *r);

/* A sink that appends to a buffer. */
struct sink sink_of_buf(struct buf *b);

/* A sink that wants to see these very bytes: ERP_MISMATCH, without a text, at
 * the first that is another.  left is what has not come. */
struct expected {
	const uint8_t *p;
	size_t left;
};
struct sink sink_of_expected(struct expected *x);

/*
 * An open file as source (from pos on), range source (size as given), sink
 * (at pos, moving on) or range sink.  path is only for messages.  What is
 * written is new: blocks of zeroes become holes (sparse.h), also at the end,
 * so whoever has the file sets its size.
 */
struct file_stream {
	const struct fs *fs;
	int fd;
	uint64_t pos;
	const char *path;
};
struct source source_of_file(struct file_stream *f);
struct range_source range_of_file(struct file_stream *f, uint64_t size);
struct sink sink_of_file(struct file_stream *f);
struct range_sink range_sink_of_file(struct file_stream *f);

/* A sink that hashes and counts what passes, then hands it to next. */
struct hash_sink {
	struct hasher *hasher;
	const struct sink *next; /* may be NULL */
	uint64_t count;
};
struct sink sink_of_hash(struct hash_sink *h);

/* The hash of all that src yields; the byte count goes to *size. */
int hash_source(
    const struct source *src, struct hash *out, uint64_t *size, struct err *e);

#endif
