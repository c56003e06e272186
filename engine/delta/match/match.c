/*
 * The search.  Two gaits: after a match the next block is expected to follow,
 * and as long as it does only whole blocks are summed, several at a time.
 * Elsewhere the weak sums of many positions are computed at once and those
 * that pass the index's filter are looked up.
 */
#include "engine/delta/match/match.h"

#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/match/match_blake2b.h"
#include "engine/delta/match/match_index.h"
#include "engine/delta/match/match_sieve.h"
#include "engine/delta/match/match_weak.h"
#include "engine/delta/match/match_write.h"

#include <assert.h>
#include <librsync.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Positions summed at once: the first time after a match, which is
	 * often wasted, and at most. */
	STRIDE_MIN = 32,
	STRIDE_MAX = MATCH_SIEVE_MAX,
	/* Bytes read at a time; from 32 to 256 KiB speed is the same. */
	READ_LEN = 128 * 1024,
	/* Longer blocks are not held several at a time. */
	LANES_BLOCK_MAX = 256 * 1024,
	/* A strong sum in vain costs this many times the bytes summed. */
	WASTE_PRICE = 2,
	/* What a few chance matches of weak sums at the start may cost. */
	CREDIT_START = 1024 * 1024
};

struct search {
	const struct match_index *ix;
	const struct weak_sums *weak;
	bool vector;
	size_t lanes; /* blocks summed at a time */
	const struct source *from;
	bool ended; /* the source did */
	uint8_t *mem;
	size_t cap;
	size_t literal, pos, end; /* mem: from literal on it is not written */
	size_t next; /* the block expected at pos, or MATCH_NO_BLOCK */
	/* Bytes passed, less what strong sums in vain cost.  Below zero, which
	 * only forged sums bring about, bytes are passed without a look. */
	int64_t credit;
	size_t stride;
	bool rolling; /* scan.mixed[0] is that of pos, which is looked up */
	struct match_sieve scan;
	struct match_writer out;
};

static size_t
block_len(const struct search *s)
{
	return s->ix->shape.block_len;
}

/* Move on; what was passed pays for strong sums to come. */
static void
advance(struct search *s, size_t n)
{
	assert(n <= s->end - s->pos);
	s->pos += n;
	s->credit += (int64_t)n;
}

static void
waste(struct search *s, size_t n)
{
	s->credit -= (int64_t)n * WASTE_PRICE;
}

/* Have what one step needs in mem, unless the source ends before. */
static int
fill(struct search *s, struct err *e)
{
	size_t want = s->lanes * block_len(s) + STRIDE_MAX;
	int64_t got;
	int rc;

	assert(s->literal <= s->pos && s->pos <= s->end && s->end <= s->cap);
	if (s->ended || s->end - s->pos >= want)
		return 0;
	rc = match_write_literal(
	    &s->out, s->mem + s->literal, s->pos - s->literal, e);
	if (rc != 0)
		return rc;
	s->end -= s->pos;
	memmove(s->mem, s->mem + s->pos, s->end);
	s->literal = s->pos = 0;
	got = source_read_full(s->from, s->mem + s->end, s->cap - s->end, e);
	if (got < 0)
		return (int)got;
	s->end += (size_t)got;
	s->ended = s->end < s->cap;
	return 0;
}

/* What begins with block is at pos, len bytes of it. */
static int
found(struct search *s, size_t block, size_t len, struct err *e)
{
	int rc = match_write_literal(
	    &s->out, s->mem + s->literal, s->pos - s->literal, e);

	assert(block < s->ix->shape.count && len > 0);
	if (rc == 0)
		rc = match_write_copy(
		    &s->out, (uint64_t)block * block_len(s), len, e);
	advance(s, len);
	s->literal = s->pos;
	s->next = block + (len + block_len(s) - 1) / block_len(s);
	s->stride = STRIDE_MIN;
	s->rolling = false;
	return rc;
}

static bool
is_strong(const struct search *s, size_t block, const uint8_t *sum)
{
	return memcmp(match_index_strong(s->ix, block), sum,
		   s->ix->shape.strong_len) == 0;
}

/* The strong sums of k blocks of n bytes at pos. */
static void
strong_sums(const struct search *s, size_t n, size_t k,
    uint8_t out[BLAKE2B_LANES][BLAKE2B_LEN])
{
	const uint8_t *p = s->mem + s->pos;
	size_t i;

	if (s->ix->shape.blake2b)
		blake2b_sum_blocks(s->vector, p, n, k, out);
	else
		for (i = 0; i < k; i++)
			rs_mdfour(out[i], p + i * n, n);
}

/* Do the expected blocks follow?  Returns how many, at most s->lanes. */
static size_t
follow(struct search *s)
{
	uint8_t strong[BLAKE2B_LANES][BLAKE2B_LEN];
	const uint8_t *p = s->mem + s->pos;
	size_t n = block_len(s), most = (s->end - s->pos) / n, k, same;

	assert(s->lanes <= BLAKE2B_LANES);
	if (s->next >= s->ix->shape.count)
		return 0;
	if (most > s->ix->shape.count - s->next)
		most = s->ix->shape.count - s->next;
	if (most > s->lanes)
		most = s->lanes;
	for (k = 0; k < most; k++)
		if (s->weak->sum(p + k * n, n) !=
		    match_index_weak(s->ix, s->next + k))
			break;
	if (k == 0)
		return 0;
	strong_sums(s, n, k, strong);
	for (same = 0; same < k; same++)
		if (!is_strong(s, s->next + same, strong[same]))
			break;
	waste(s, (k - same) * n);
	return same;
}

/* The block that is at pos, if one has this weak sum and that strong sum. */
static size_t
look_up(struct search *s, uint32_t mixed)
{
	uint8_t strong[BLAKE2B_LANES][BLAKE2B_LEN];
	bool summed = false;
	size_t n, i;
	const struct match_slot *slot = match_index_bucket(s->ix, mixed, &n);

	for (i = 0; i < n; i++) {
		if (slot[i].mixed != mixed)
			continue;
		if (!summed)
			strong_sums(s, block_len(s), 1, strong);
		summed = true;
		if (is_strong(s, slot[i].block, strong[0]))
			return slot[i].block;
	}
	if (summed)
		waste(s, block_len(s));
	return MATCH_NO_BLOCK;
}

/* Look for a block anywhere in the next positions; one at pos is whole. */
static int
roll(struct search *s, struct err *e)
{
	size_t n = block_len(s), left = s->end - s->pos - n, start = s->pos;
	size_t count = left < s->stride ? left : s->stride;
	size_t block = MATCH_NO_BLOCK, passed, i;

	assert(s->end - s->pos > n && s->stride <= STRIDE_MAX);
	s->next = MATCH_NO_BLOCK;
	if (!s->rolling) {
		match_sieve_begin(&s->scan, s->mem + start);
		block = look_up(s, s->scan.mixed[0]);
	}
	passed = block != MATCH_NO_BLOCK
	    ? 0
	    : match_sieve_roll(&s->scan, s->mem + start, count);
	for (i = 0; i < passed && block == MATCH_NO_BLOCK; i++) {
		if (s->credit < 0)
			break;
		advance(s, start + s->scan.at[i] - s->pos);
		block = look_up(s, s->scan.mixed[s->scan.at[i]]);
	}
	if (block != MATCH_NO_BLOCK)
		return found(s, block, n, e);
	advance(s, start + count - s->pos);
	s->scan.mixed[0] = s->scan.mixed[count];
	s->rolling = true;
	s->stride = s->stride * 2 < STRIDE_MAX ? s->stride * 2 : STRIDE_MAX;
	return 0;
}

/* What is left, less than a block, is the basis' last one. */
static bool
is_last(struct search *s, uint32_t weak)
{
	uint8_t strong[BLAKE2B_LANES][BLAKE2B_LEN];
	size_t last = s->ix->shape.count - 1, left = s->end - s->pos;

	if (s->ix->shape.count == 0 || s->credit < 0 ||
	    weak != match_index_weak(s->ix, last))
		return false;
	strong_sums(s, left, 1, strong);
	if (is_strong(s, last, strong[0]))
		return true;
	waste(s, left);
	return false;
}

/* The end of the target: at most one block is left. */
static int
finish(struct search *s, struct err *e)
{
	struct weak_window w = weak_window_of(s->end - s->pos);
	uint32_t weak = s->weak->sum(s->mem + s->pos, w.len);
	size_t block = MATCH_NO_BLOCK;

	assert(s->ended && w.len <= block_len(s));
	if (w.len == block_len(s))
		block = follow(s) > 0 ? s->next : look_up(s, weak * s->ix->key);
	while (block == MATCH_NO_BLOCK && w.len > 0) {
		if (w.len < block_len(s) && is_last(s, weak)) {
			block = s->ix->shape.count - 1;
			break;
		}
		weak = s->weak->shrink(&w, weak, s->mem[s->pos]);
		advance(s, 1);
	}
	if (block != MATCH_NO_BLOCK)
		return found(s, block, w.len, e);
	return match_write_literal(
	    &s->out, s->mem + s->literal, s->pos - s->literal, e);
}

/* Pass bytes until there is credit again; a block's length stays. */
static void
skip(struct search *s)
{
	size_t left = s->end - s->pos - block_len(s);
	uint64_t debt = (uint64_t)-s->credit;

	assert(s->credit < 0);
	advance(s, debt < left ? (size_t)debt : left);
	s->next = MATCH_NO_BLOCK;
	s->rolling = false;
}

static int
run(struct search *s, struct err *e)
{
	size_t k;
	int rc;

	while ((rc = fill(s, e)) == 0 && s->end - s->pos > block_len(s)) {
		if (s->credit < 0) {
			skip(s);
			continue;
		}
		if ((k = follow(s)) > 0)
			rc = found(s, s->next, k * block_len(s), e);
		else
			rc = roll(s, e);
		if (rc != 0)
			return rc;
	}
	if (rc == 0)
		rc = finish(s, e);
	return rc != 0 ? rc : match_write_end(&s->out, e);
}

static int
search_new(const struct match_index *ix, bool vector,
    const struct source *target, struct search **out, struct err *e)
{
	struct search *s = calloc(1, sizeof(*s));
	size_t n = ix->shape.block_len;

	if ((*out = s) == NULL)
		return err_nomem(e);
	s->ix = ix;
	s->from = target;
	s->vector = vector;
	match_sieve_init(&s->scan, ix, vector);
	s->weak = s->scan.weak;
	s->lanes = n <= LANES_BLOCK_MAX ? BLAKE2B_LANES : 1;
	/* Twice what a step needs, so that little is moved often. */
	s->cap = 2 * (s->lanes * n + STRIDE_MAX) + READ_LEN;
	s->next = MATCH_NO_BLOCK;
	s->stride = STRIDE_MIN;
	s->credit = CREDIT_START;
	s->mem = malloc(s->cap);
	return s->mem != NULL ? 0 : err_nomem(e);
}

static void
search_free(struct search *s)
{
	if (s == NULL)
		return;
	free(s->mem);
	free(s);
}

int
match_delta(const struct match_index *ix, bool vector,
    const struct source *target, const struct sink *delta, struct err *e)
{
	struct search *s;
	int rc;

	if ((rc = search_new(ix, vector, target, &s, e)) == 0) {
		match_write_begin(&s->out, delta);
		rc = run(s, e);
	}
	search_free(s);
	return rc;
}

int
match_copies(const struct match_index *ix, bool vector,
    const struct source *target, match_copy_fn *copied, void *arg,
    struct err *e)
{
	struct search *s;
	int rc;

	if ((rc = search_new(ix, vector, target, &s, e)) == 0) {
		match_write_tell(&s->out, copied, arg);
		rc = run(s, e);
	}
	search_free(s);
	return rc;
}
