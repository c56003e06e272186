#ifndef ERPSYNC_ENGINE_DELTA_PATCH_PATCH_MAKE_INTERNAL_H
#define ERPSYNC_ENGINE_DELTA_PATCH_PATCH_MAKE_INTERNAL_H

/* The steps to a patch: index (find a place in the basis) -> parse (choose
 * covers; quick does both) -> clip -> cut into spans -> streams of each. */

#include "engine/base/err.h"
#include "engine/delta/patch/patch_internal.h"

/* Bytes of a task's target, from <= .. < to. */
struct patch_piece {
	size_t from, to;
};

/* What is described in one go: a part of the target, and the window of the
 * basis in which its content is looked for. */
struct patch_task {
	const struct patch_pair *pair; /* they are parts of */
	const uint8_t *basis;
	size_t basis_len;
	uint64_t basis_at; /* its offset in the pair's */
	const uint8_t *target;
	size_t target_len;
	uint64_t target_at;
	/* The basis is projected, and the covers are told in front of the
	 * spans. */
	bool is_projected;
};

/* A task at work, cut into spans. */
struct patch_work {
	const struct patch_task *task;
	struct patch_covers covers;
	struct patch_made *span;
	size_t n;
};

struct patch_made {
	struct patch_piece piece;
	struct buf bytes; /* in the patch */
};

/* Cut the target, whose covers are chosen, into spans of about equal work. */
int patch_work_cut(struct patch_work *w, struct err *e);
/* A crew_fn on a struct patch_work: describe the i-th span by the covers. */
int patch_work_span(void *arg, size_t i, bool here, struct err *e);
void patch_work_release(struct patch_work *w);

/* ERP_CANCELLED when the caller wants no patch any more, else 0. */
static inline int
patch_go_on(const struct patch_pair *pair, struct err *e)
{
	if (pair->is_cancelled == NULL || !pair->is_cancelled(pair->ctx))
		return 0;
	return err_set(e, ERP_CANCELLED, "the patch is not wanted any more");
}

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

/* Choose the covers: sorted by target, not overlapping there.  Then once more,
 * better, by the first ones, without the index. */
int patch_parse(const struct patch_task *task, const struct patch_index *index,
    struct patch_covers *out, struct err *e);
int patch_parse_again(const struct patch_task *task,
    const struct patch_covers *first, struct patch_covers *out, struct err *e);

/* The same in a fiftieth of the time, with less found. */
int patch_quick(
    const struct patch_task *task, struct patch_covers *out, struct err *e);

/* Take the pair's gaps out of covers. */
int patch_clip(
    const struct patch_task *task, struct patch_covers *covers, struct err *e);

/* What streams tell: all of a span, or, of a projected patch, where the covers
 * are, and the rest. */
enum patch_has { PATCH_HAS_ALL, PATCH_HAS_COVERS, PATCH_HAS_REST };

/* The streams of a span, raw, then packed. */
struct patch_streams {
	enum patch_has has; /* to be set before they are filled */
	struct buf b[PATCH_STREAMS];
	struct patch_span span;
};
void patch_streams_init(struct patch_streams *s);
void patch_streams_release(struct patch_streams *s);

/* Fill the raw streams from what of the task's target is from <= .. < to. */
int patch_streams_fill(struct patch_streams *s, const struct patch_task *task,
    const struct patch_covers *covers, const struct patch_piece *piece,
    struct err *e);

/* Replace each stream by its packed form, the smallest found. */
int patch_streams_pack(
    struct patch_streams *s, enum patch_effort effort, struct err *e);

/* A patch_next_fn whose context this is: what lanes want of the packed streams
 * is put into out as the next chunk. */
struct patch_giver {
	struct patch_streams *streams;
	struct buf *out;
};
int patch_give_chunk(
    void *ctx, struct patch_lanes *lanes, unsigned wanted, struct err *e);
/* What stands in front of a span's chunks. */
int patch_write_span(
    const struct patch_span *span, struct buf *out, struct err *e);

/*
 * Look whether the target is the basis with other addresses, by quick covers of
 * the task; if so, choose covers of the projected basis with the pair's effort.
 * PATCH_NONE: little is gained by it.  *out is all zero before, and is released
 * in any case.
 */
struct patch_projected {
	struct patch_task task; /* of the projected basis */
	uint8_t *basis; /* owned */
	struct patch_covers covers; /* owned */
	struct buf told; /* what stands behind the patch's head */
	bool is_sure; /* it is smaller than without */
};
int patch_project(const struct patch_task *task,
    const struct patch_covers *quick, struct patch_projected *out,
    struct err *e);
void patch_projected_release(struct patch_projected *p);

/* The covers of a task by its pair's effort; PATCH_NONE where it may be refused
 * and there is next to nothing.  Or without delay, whatever the effort is. */
int patch_choose(const struct patch_task *task, bool may_refuse,
    struct patch_covers *covers, struct err *e);
int patch_choose_quickly(const struct patch_task *task, bool may_refuse,
    struct patch_covers *covers, struct err *e);

#endif
