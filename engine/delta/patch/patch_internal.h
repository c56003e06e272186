#ifndef ERPSYNC_ENGINE_DELTA_PATCH_PATCH_INTERNAL_H
#define ERPSYNC_ENGINE_DELTA_PATCH_PATCH_INTERNAL_H

/* What the files of patch share: the format's numbers (docs/patch-format.md)
 * and the way back from a patch: lanes take streams apart, replay makes the
 * target of them.  patch_make_internal.h has the way to a patch. */

#include "engine/base/buf.h"
#include "engine/base/stream.h"
#include "engine/delta/patch/patch.h"
#include "engine/delta/project/project.h"

#include <stdbool.h>
#include <string.h>

enum {
	PATCH_MAGIC_LEN = 4,
	PATCH_VERSION = 1,
	PATCH_VERSION_VIEWS = 2,
	PATCH_VERSION_PROJECTED = 3
};
enum { PATCH_RECIPE_MAX = 8 * 1024 * 1024 }; /* what is said of two views */
#define PATCH_MAGIC "ERPd"

/* A span is a piece of the target with streams of its own; larger files are
 * cut, so that memory has a ceiling when a patch is made. */
enum { PATCH_SPAN_MAX = 1 << 28 };

/* Packed streams travel in chunks of this length, the last one shorter. */
enum { PATCH_CHUNK_LEN = 16 * 1024 };

/* Chunks of one stream that may wait while another stream is wanted. */
enum { PATCH_CHUNKS_AHEAD = 4 };

enum patch_stream {
	PATCH_LITERAL, /* bytes that are in no cover */
	PATCH_SKIP, /* literal bytes in front of a cover, varint */
	PATCH_LENGTH, /* length of a cover, varint */
	PATCH_SEEK, /* change of diagonal, zigzag varint */
	PATCH_GAP, /* equal bytes in front of a difference, varint */
	PATCH_RUN, /* bytes that differ in a row, less one, varint */
	PATCH_VALUE, /* target less basis, a byte each */
	PATCH_STREAMS
};

enum patch_coder { PATCH_STORED, PATCH_ZSTD, PATCH_LZMA, PATCH_CODERS };

/* How a stream of a span is packed. */
struct patch_part {
	enum patch_coder coder;
	uint64_t raw; /* bytes unpacked */
	uint64_t packed;
};

struct patch_span {
	uint64_t len; /* bytes of the target */
	struct patch_part part[PATCH_STREAMS];
};

/* Largest dictionary of a stream's LZMA, as a logarithm.  The sum of all is
 * what a station needs. */
unsigned patch_dictionary(enum patch_stream which);

/* Bytes of memory that it takes at most to unpack a span. */
uint64_t patch_span_memory(const struct patch_span *span);

/* Bytes of its chunks, which follow its head. */
uint64_t patch_span_chunks(const struct patch_span *span);

/* The same of its zstd window: as all blobs have it where streams are long. */
unsigned patch_window(enum patch_stream which);

/* Most bytes that a stream of a span can have unpacked; packed it never has
 * more than that. */
uint64_t patch_raw_max(enum patch_stream which, uint64_t span_len);

/* Integers in 7-bit groups, the low one first, at most 10 bytes. */
enum { PATCH_VARINT_MAX = 10 };

/*
 * Read one by one byte: 1 when *v is complete, 0 when more is needed, and
 * ERP_CORRUPT when it does not fit 64 bits.  *shift begins as 0, *v too.
 */
int patch_varint_step(
    uint8_t byte, unsigned *shift, uint64_t *v, struct err *e);

/* The difference that a zigzag number is, modulo 2^64. */
static inline uint64_t
patch_unzigzag(uint64_t v)
{
	return v >> 1 ^ (0 - (v & 1));
}

/*
 * Lanes: the streams of a span, read side by side.  Chunks arrive through
 * next, which appends at least one chunk to some lane's waiting bytes, that
 * of lane `wanted` if it is free to choose.
 */
struct patch_lanes;
typedef int patch_next_fn(
    void *ctx, struct patch_lanes *lanes, unsigned wanted, struct err *e);
int patch_lanes_new(const struct patch_span *span, patch_next_fn *next,
    void *ctx, struct patch_lanes **lanes, struct err *e);
void patch_lanes_free(struct patch_lanes *lanes);

/* Bytes the next chunk of a lane has; 0 when all have come. */
size_t patch_lanes_chunk_len(const struct patch_lanes *lanes, unsigned which);
/* Hand over the next chunk, of just that length.  ERP_CORRUPT when too many
 * chunks of this lane wait already. */
int patch_lanes_put(
    struct patch_lanes *lanes, unsigned which, const uint8_t *p, struct err *e);

/* Read a lane: ERP_CORRUPT when it has no more. */
int patch_lanes_varint(
    struct patch_lanes *lanes, unsigned which, uint64_t *v, struct err *e);
/* 1 to n bytes in place, of which *n are there. */
int patch_lanes_bytes(struct patch_lanes *lanes, unsigned which,
    const uint8_t **p, size_t *n, struct err *e);
/* Nothing unpacked is left of it. */
bool patch_lanes_is_empty(const struct patch_lanes *lanes, unsigned which);
/* All lanes are read and end where they said. */
int patch_lanes_end(struct patch_lanes *lanes, struct err *e);

/* Covers of a whole target. */
struct patch_covers {
	struct project_cover *v;
	size_t n;
};

/* The basis read through a cache of small pages, and output in order.  With
 * covers, which outlive it, spans have none of their own. */
struct patch_replay;
void patch_replay_use(
    struct patch_replay *r, const struct patch_covers *covers);
int patch_replay_new(const struct range_source *basis, const struct sink *out,
    struct patch_replay **r, struct err *e);
void patch_replay_free(struct patch_replay *r);
/* Rebuild the span that begins at offset `at` of the target; all of it is at
 * out then. */
int patch_replay_span(struct patch_replay *r, uint64_t at,
    const struct patch_span *span, struct patch_lanes *lanes, struct err *e);

/* Bytes that must be there, and a number. */
int patch_read_exact(const struct source *in, void *p, size_t n, struct err *e);
int patch_read_varint(const struct source *in, uint64_t *v, struct err *e);

/* The parts of a patch: what precedes its spans (a version that is known, the
 * lengths), the head of a span, and the chunks of one. */
int patch_read_version(
    const struct source *in, uint8_t *version, struct err *e);
int patch_read_lengths(const struct source *in, uint64_t basis_len,
    uint64_t limit, uint64_t *target_len, struct err *e);
int patch_read_span(const struct source *in, uint64_t left,
    struct patch_span *span, struct err *e);
/* A patch_next_fn that reads the next chunk, whosoever it is, from a source. */
int patch_next_chunk(
    void *ctx, struct patch_lanes *lanes, unsigned wanted, struct err *e);
int patch_apply_span(struct patch_replay *r, uint64_t at,
    const struct patch_span *span, struct source *chunks, struct err *e);

/* Two contents as a patch sees them. */
struct patch_sight {
	struct range_source basis;
	struct sink out; /* takes the target */
	uint64_t limit; /* bytes that out may get at most */
	const struct patch_covers *covers; /* or NULL: they are in the spans */
	void *own; /* of whoever opened it */
};

/* All spans of a target of so many bytes, and nothing may follow. */
int patch_apply_spans(const struct patch_sight *s, struct source *in,
    uint64_t len, struct err *e);

/* The ways to see them, as patch_view.c says: packed streams unpacked, and
 * addresses projected. */
int patch_unpacked_open(struct source *in, const struct patch_sight *from,
    uint64_t target_len, struct patch_sight *to, struct err *e);
int patch_unpacked_end(struct patch_sight *to, struct err *e);
void patch_unpacked_close(struct patch_sight *to);
int patch_projected_open(struct source *in, const struct patch_sight *from,
    uint64_t target_len, struct patch_sight *to, struct err *e);
/* Bytes of memory that it takes beside what spans do. */
uint64_t patch_projected_memory(const struct patch_sight *of);
void patch_projected_close(struct patch_sight *to);

#endif
