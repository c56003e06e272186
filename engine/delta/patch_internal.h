#ifndef ERPSYNC_ENGINE_DELTA_PATCH_INTERNAL_H
#define ERPSYNC_ENGINE_DELTA_PATCH_INTERNAL_H

/* What the files of patch share: the format's numbers (docs/patch-format.md)
 * and the steps to a patch: index (find a place in the basis) -> parse (choose
 * covers) -> pack (write streams); lanes take streams apart again. */

#include "engine/base/buf.h"
#include "engine/base/stream.h"
#include "engine/delta/patch.h"

#include <stdbool.h>
#include <string.h>

enum { PATCH_MAGIC_LEN = 4, PATCH_VERSION = 1 };
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

/* Bytes of the target that are taken from the basis, about as they are. */
struct patch_cover {
	uint32_t target; /* offset in the span */
	uint32_t basis; /* offset in the window of the basis */
	uint32_t len;
};

struct patch_covers {
	struct patch_cover *v;
	size_t n;
};

/* One span to be described: the piece of the target and the window of the
 * basis in which its content is looked for. */
struct patch_task {
	const uint8_t *basis;
	size_t basis_len;
	const uint8_t *target;
	size_t target_len;
	const struct patch_pair *pair; /* they are parts of */
};

/* ERP_CANCELLED when the caller wants no patch any more, else 0. */
int patch_go_on(const struct patch_pair *pair, struct err *e);

/* Where bytes of the target occur in the basis. */
struct patch_index;
int patch_index_new(
    const struct patch_task *task, struct patch_index **index, struct err *e);
/* To be called before a match is searched: the costly part. */
int patch_index_sort(struct patch_index *index, struct err *e);
void patch_index_free(struct patch_index *index);

/* A long match for the target's bytes at offset at: its length, and its
 * place in *place; 0 when there is none worth a cover. */
size_t patch_index_find(
    const struct patch_index *index, size_t at, size_t *place);

/* Share of sampled places of the target that occur in the basis, in 1/1024,
 * chance hits taken off: 1024 when the target is too short to tell. */
unsigned patch_index_likeness(const struct patch_index *index);

/* Eight bytes as a number, in the machine's order. */
static inline uint64_t
patch_load_u64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Length of the equal bytes at p and q, of which each has so many. */
size_t patch_equal_len(
    const uint8_t *p, size_t p_len, const uint8_t *q, size_t q_len);

/* Choose the covers: sorted by target, not overlapping there. */
int patch_parse(const struct patch_task *task, const struct patch_index *index,
    struct patch_covers *out, struct err *e);

/* The same in a fiftieth of the time, with less found. */
int patch_quick(
    const struct patch_task *task, struct patch_covers *out, struct err *e);

/* Take the pair's gaps out of covers whose basis offsets count from window. */
int patch_clip(const struct patch_pair *pair, uint64_t window,
    struct patch_covers *covers, struct err *e);

/* The streams of a span, raw, then packed. */
struct patch_streams {
	struct buf b[PATCH_STREAMS];
	struct patch_span span;
};
void patch_streams_init(struct patch_streams *s);
void patch_streams_release(struct patch_streams *s);

/* Fill the raw streams; shift is what turns window offset less span offset
 * into basis offset less target offset. */
int patch_streams_fill(struct patch_streams *s, const struct patch_task *task,
    const struct patch_covers *covers, int64_t shift, struct err *e);

/* Replace each stream by its packed form, the smallest found. */
int patch_streams_pack(
    struct patch_streams *s, enum patch_effort effort, struct err *e);

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

/* The basis read through a cache of small pages, and output in order. */
struct patch_replay;
int patch_replay_new(const struct range_source *basis, const struct sink *out,
    struct patch_replay **r, struct err *e);
void patch_replay_free(struct patch_replay *r);
/* Rebuild one span; all of it is at out then. */
int patch_replay_span(struct patch_replay *r, const struct patch_span *span,
    struct patch_lanes *lanes, struct err *e);

#endif
