#ifndef ERPSYNC_ENGINE_DELTA_PACK_H
#define ERPSYNC_ENGINE_DELTA_PACK_H

/*
 * Blob codecs: what the bytes of a blob are, and back to content.  A blob is
 * one zstd frame; inside is the content itself or a delta.
 */

#include "engine/base/hash.h"

#include <stdint.h>

struct crew;
struct err;
struct file_stream;
struct range_source;
struct signature;
struct sink;
struct source;

enum codec {
	CODEC_FULL = 1, /* the compressed file */
	CODEC_RSYNC = 2, /* a compressed librsync delta */
	CODEC_PATCH = 3 /* a patch between known contents (patch.h) */
};

/* Compress the size bytes of target; ERP_MISMATCH when it yields more or
 * fewer, as a file does that is being written. */
int pack_full(const struct source *target, uint64_t size, int level,
    const struct sink *blob, struct err *e);

/* Delta from the signature's basis to target, compressed. */
int pack_rsync(struct signature *basis, const struct source *target, int level,
    const struct sink *blob, struct err *e);

/* What is to come out of a blob. */
struct unpack_task {
	enum codec codec; /* a peer's number: it may be any */
	/* Needed by CODEC_RSYNC and CODEC_PATCH, else NULL. */
	const struct range_source *basis;
	uint64_t size; /* bytes of the content */
	const struct hash *want; /* its hash */
};

/*
 * Rebuild the content.  ERP_CORRUPT when the blob is malformed, ERP_MISMATCH
 * when the result is not the wanted content (or the basis became shorter); out
 * has then taken bytes that must be thrown away, never more than size.  The
 * blob is read to its end.
 */
int unpack(const struct unpack_task *task, const struct source *blob,
    const struct sink *out, struct err *e);

/*
 * The same into an open file that is empty or has only reserved space, and
 * which is written and read again by position.  What can be done side by side
 * is done by the crew, which may be NULL.
 */
int unpack_file(const struct unpack_task *task, const struct range_source *blob,
    const struct crew *crew, struct file_stream *out, struct err *e);

/*
 * The same where no hash of the whole is known, and want is not looked at: at
 * most size bytes come out, and what they are worth is for out to judge.
 */
int unpack_unverified(const struct unpack_task *task, const struct source *blob,
    const struct sink *out, struct err *e);

#endif
