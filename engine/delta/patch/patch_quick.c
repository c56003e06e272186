/*
 * The quick way to choose covers, for a station that waits: one walk over the
 * target that takes the first good place it finds.  Every 16th place of the
 * basis is known by its next 16 bytes; where the target is in no cover, each
 * of its places is looked up.  A match is extended to both sides as long as
 * most bytes are equal, as bsdiff does.
 */
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/delta/patch/patch_make_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * A slot holds the number of a place, counted in STEPs, and above it some
 * bits of the hash, of which one is always set: most places of the target that
 * are not in the basis are told apart by that.
 */
enum {
	STEP = 16,
	KEY_LEN = 16,
	PLACE_BITS = 24, /* of PATCH_SPAN_MAX / STEP */
	TAG_BITS = 8,
	AHEAD = 16, /* places whose slots are fetched before they are used */
	/* In a hurry, after so many places without a match only every second
	 * one is looked up, then every third.  The last stride has no divisor
	 * in common with STEP: every fourth place would never be one STEPs
	 * apart from those of the basis, but for a quarter of all shifts. */
	PATIENCE = 64,
	STRIDE_MAX = 3
};

/*
 * A cover goes on while the sum over its bytes, GAIN for an equal one and LOSS
 * for another, has not fallen by DROP; it ends where the sum was highest.
 * That is about what literal bytes and differences cost.
 */
enum { GAIN = 1, LOSS = 2, DROP = 40, BLOCK = 8, MATCH_MIN = 24 };

/* Nor does it go on for longer than this without a new highest sum: what was
 * looked at in vain is looked at again behind the next match. */
enum { VAIN_MAX = 1024 };

/* Covers between two looks whether to go on. */
enum { LOOK_AGAIN = 4096 };

/* The slots are filled, and the target is walked, in parts side by side; not
 * those of small contents, for which it is not worth starting a thread. */
enum { PARTS = 4, FILLS = 2, CREW_FROM = 1 << 20 };

struct walk {
	size_t at, end; /* in the target */
	struct patch_covers covers;
	size_t room;
};

struct quick {
	const struct patch_task *task;
	uint32_t *slot;
	unsigned log; /* of the slots */
	const struct crew *crew;
	size_t fills; /* parts that the slots are filled in */
	struct walk walk[PARTS];
};

_Static_assert(PATCH_SPAN_MAX / STEP <= 1 << PLACE_BITS, "a place fits");

static uint64_t
hash_key(const uint8_t *p)
{
	uint64_t h = patch_load_u64(p) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 32 ^ patch_load_u64(p + 8)) * 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

/* The bits of a hash that are kept with a place, in their position. */
static uint32_t
tag_of(uint64_t hash)
{
	return ((uint32_t)(hash >> 40) | 1) << PLACE_BITS;
}

/* The number of a hash's slot. */
static uint64_t
slot_of(const struct quick *q, uint64_t hash)
{
	return hash >> 8 & (((uint64_t)1 << q->log) - 1);
}

/* A crew_fn: fill the i-th part of the slots, which belongs to no other. */
static int
fill_slots(void *arg, size_t i, bool here, struct err *e)
{
	struct quick *q = arg;
	const uint8_t *basis = q->task->basis;
	size_t place = q->task->basis_len / STEP;
	uint64_t h, slot;

	(void)here;
	(void)e;
	/* From the end, so that the first of equal places stays. */
	while (place-- > 0) {
		h = hash_key(basis + place * STEP);
		slot = slot_of(q, h);
		if (slot * q->fills >> q->log == i)
			q->slot[slot] = tag_of(h) | (uint32_t)place;
	}
	return 0;
}

static int
quick_index(struct quick *q, struct err *e)
{
	size_t places = q->task->basis_len / STEP;

	assert(places <= (size_t)1 << PLACE_BITS);
	for (q->log = 10; (size_t)1 << q->log < places * 2; q->log++)
		;
	q->slot = calloc((size_t)1 << q->log, sizeof(*q->slot));
	if (q->slot == NULL)
		return err_nomem(e);
	return crew_run(q->crew, fill_slots, q, q->fills, e);
}

/* How many of the 8 bytes differ where x, their XOR, is not 0. */
static unsigned
bytes_set(uint64_t x)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fu;

	x = ((x & low) + low) | x;
	return (
	    unsigned)((x >> 7 & 0x0101010101010101u) * 0x0101010101010101u >>
	    56);
}

/* Bytes from p and q on, of at most n, that belong to one cover. */
static size_t
extend_on(const uint8_t *p, const uint8_t *q, size_t n)
{
	int64_t sum = 0, best = 0;
	size_t i = 0, end = 0;
	unsigned bad;

	while (i < n) {
		if (i + BLOCK > n) {
			sum += p[i] == q[i] ? GAIN : -LOSS;
			i++;
		} else {
			bad = bytes_set(
			    patch_load_u64(p + i) ^ patch_load_u64(q + i));
			sum += GAIN * BLOCK - (GAIN + LOSS) * (int64_t)bad;
			i += BLOCK;
		}
		if (sum > best) {
			best = sum;
			end = i;
		} else if (sum < best - DROP || i - end > VAIN_MAX) {
			break;
		}
	}
	while (end > 0 && p[end - 1] != q[end - 1])
		end--;
	return end;
}

/* The same for the bytes in front of p and q. */
static size_t
extend_back(const uint8_t *p, const uint8_t *q, size_t n)
{
	int sum = 0, best = 0;
	size_t i, end = 0;

	for (i = 1; i <= n && sum >= best - DROP && i - end <= VAIN_MAX; i++) {
		sum += *(p - i) == *(q - i) ? GAIN : -LOSS;
		if (sum > best) {
			best = sum;
			end = i;
		}
	}
	return end;
}

static int
add_cover(struct walk *w, const struct project_cover *cover, struct err *e)
{
	struct patch_covers *c = &w->covers;
	size_t room = w->room == 0 ? 1024 : 2 * w->room;
	struct project_cover *v;

	assert(c->n <= w->room && cover->len > 0);
	if (c->n == w->room) {
		if ((v = reallocarray(c->v, room, sizeof(*v))) == NULL)
			return err_nomem(e);
		c->v = v;
		w->room = room;
	}
	c->v[c->n++] = *cover;
	return 0;
}

/* How far apart places are looked up, so many bytes behind the last match. */
static size_t
stride_at(const struct quick *q, size_t behind)
{
	size_t stride = 1 + behind / PATIENCE;

	if (q->task->pair->effort != PATCH_QUICK)
		return 1;
	return stride < STRIDE_MAX ? stride : STRIDE_MAX;
}

/* The first place from *at on, before end, that occurs in the basis, and
 * where. */
static bool
next_match(const struct quick *q, size_t *at, size_t end, size_t *place)
{
	const struct patch_task *t = q->task;
	size_t from = *at, stride, left;
	uint64_t hash[AHEAD];
	uint32_t slot;
	unsigned i, n;

	while (*at < end && end - *at >= KEY_LEN) {
		stride = stride_at(q, *at - from);
		left = (end - *at - KEY_LEN) / stride;
		n = left < AHEAD ? (unsigned)left + 1 : AHEAD;
		for (i = 0; i < n; i++) {
			hash[i] = hash_key(t->target + *at + i * stride);
			__builtin_prefetch(&q->slot[slot_of(q, hash[i])]);
		}
		for (i = 0; i < n; i++, *at += stride) {
			slot = q->slot[slot_of(q, hash[i])];
			if (slot >> PLACE_BITS << PLACE_BITS != tag_of(hash[i]))
				continue;
			*place =
			    (size_t)(slot & ((1u << PLACE_BITS) - 1)) * STEP;
			if (memcmp(t->basis + *place, t->target + *at,
				KEY_LEN) == 0)
				return true;
		}
	}
	return false;
}

/* A crew_fn: the covers of the i-th part of the target. */
static int
walk_part(void *arg, size_t i, bool here, struct err *e)
{
	struct quick *q = arg;
	const struct patch_task *t = q->task;
	struct walk *w = &q->walk[i];
	size_t at = w->at, done = at, place, n, back;
	struct project_cover cover;
	int rc;

	(void)here;
	while (next_match(q, &at, w->end, &place)) {
		if (w->covers.n % LOOK_AGAIN == 0 &&
		    (rc = patch_go_on(t->pair, e)) != 0)
			return rc;
		n = t->basis_len - place < w->end - at ? t->basis_len - place
						       : w->end - at;
		n = extend_on(t->basis + place, t->target + at, n);
		back = extend_back(t->basis + place, t->target + at,
		    place < at - done ? place : at - done);
		if (n + back < MATCH_MIN) {
			at++;
			continue;
		}
		cover = (struct project_cover){(uint32_t)(at - back),
		    (uint32_t)(place - back), (uint32_t)(n + back)};
		if ((rc = add_cover(w, &cover, e)) != 0)
			return rc;
		done = at += n;
	}
	return 0;
}

/* All parts' covers, one after another. */
static int
join_covers(const struct quick *q, struct patch_covers *out, struct err *e)
{
	const struct patch_covers *c;
	size_t n = 0, i;

	for (i = 0; i < PARTS; i++)
		n += q->walk[i].covers.n;
	if ((out->v = calloc(n + 1, sizeof(*out->v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < PARTS; i++) {
		c = &q->walk[i].covers;
		if (c->n > 0)
			memcpy(out->v + out->n, c->v, c->n * sizeof(*c->v));
		out->n += c->n;
	}
	return 0;
}

int
patch_quick(
    const struct patch_task *task, struct patch_covers *out, struct err *e)
{
	struct quick q = {.task = task, .fills = 1};
	size_t i, part = task->target_len / PARTS;
	int rc;

	*out = (struct patch_covers){NULL, 0};
	if (task->pair->crew != NULL && task->basis_len >= CREW_FROM) {
		q.crew = task->pair->crew;
		q.fills = FILLS;
	}
	for (i = 0; i < PARTS; i++) {
		q.walk[i].at = part * i;
		q.walk[i].end =
		    i + 1 < PARTS ? part * (i + 1) : task->target_len;
	}
	if ((rc = quick_index(&q, e)) == 0 &&
	    (rc = crew_run(q.crew, walk_part, &q, PARTS, e)) == 0)
		rc = join_covers(&q, out, e);
	for (i = 0; i < PARTS; i++)
		free(q.walk[i].covers.v);
	free(q.slot);
	return rc;
}
