/*
 * Blocks of a basis, found in other contents and put where they belong.
 * Between the sums that a station sent and the patch that is made from what
 * they tell (release/compile_patch.c).
 */
#include "engine/delta/known.h"

#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/rsdelta.h"
#include "engine/delta/short_sums.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Ranges of the basis that were found, in the order found. */
struct finds {
	struct known *known;
	const struct known_like *like; /* the one searched now */
	struct patch_gap *v;
	size_t n, room;
};

static int
note_copy(void *arg, uint64_t made, uint64_t at, uint64_t len, struct err *e)
{
	struct finds *f = arg;
	size_t room = f->room == 0 ? 256 : 2 * f->room;
	struct patch_gap *v;

	/* The last block may be shorter than the sums' owner says. */
	if (at >= f->known->len)
		return 0;
	if (len > f->known->len - at)
		len = f->known->len - at;
	assert(at < f->known->len && len <= f->known->len - at);
	assert(made <= f->like->len && len <= f->like->len - made);
	if (f->n == f->room) {
		if ((v = reallocarray(f->v, room, sizeof(*v))) == NULL)
			return err_nomem(e);
		f->v = v;
		f->room = room;
	}
	f->v[f->n++] = (struct patch_gap){at, at + len};
	memcpy(f->known->bytes + at, f->like->p + made, (size_t)len);
	return 0;
}

static int
compare_ranges(const void *a, const void *b)
{
	const struct patch_gap *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* Turn what was found into what was not: each range has at most one gap in
 * front, and one more may follow. */
static int
invert(struct finds *f, struct err *e)
{
	struct known *k = f->known;
	struct patch_gap *gap = calloc(f->n + 1, sizeof(*gap));
	uint64_t at = 0;
	size_t i;

	if ((k->gap = gap) == NULL)
		return err_nomem(e);
	if (f->n > 1)
		qsort(f->v, f->n, sizeof(*f->v), compare_ranges);
	for (i = 0; i <= f->n; i++) {
		uint64_t from = i < f->n ? f->v[i].from : k->len;

		if (from > at) {
			gap[k->gap_n++] = (struct patch_gap){at, from};
			k->gap_bytes += from - at;
		}
		if (i < f->n && f->v[i].to > at)
			at = f->v[i].to;
	}
	assert(k->gap_n <= f->n + 1 && k->gap_bytes <= k->len);
	return 0;
}

static int
known_init(struct known *k, size_t len, const struct known_like *like,
    size_t like_n, struct err *e)
{
	memset(k, 0, sizeof(*k));
	k->len = len;
	if ((k->bytes = calloc(1, len + 1)) == NULL)
		return err_nomem(e);
	if (like_n > 0 && like[0].len > 0)
		memcpy(
		    k->bytes, like[0].p, like[0].len < len ? like[0].len : len);
	return 0;
}

int
known_find(struct signature *sums, size_t len, const struct known_like *like,
    size_t like_n, struct known *out, struct err *e)
{
	struct finds f = {.known = out};
	struct mem_stream mem;
	struct source src = source_of_mem(&mem);
	size_t i;
	int rc = known_init(out, len, like, like_n, e);

	for (i = 0; rc == 0 && i < like_n; i++) {
		f.like = &like[i];
		mem = (struct mem_stream){like[i].p, like[i].len, 0};
		rc = rsdelta_copies(sums, &src, note_copy, &f, e);
	}
	if (rc == 0)
		rc = invert(&f, e);
	free(f.v);
	return rc;
}

/* Is the block at offset at, n bytes of it, the one with this sum? */
static int
has_sum(const struct known_like *like, size_t at, size_t n, const uint8_t *want,
    struct err *e)
{
	uint8_t sum[SHORT_SUM_LEN];
	int rc;

	if (at > like->len || n > like->len - at)
		return 0;
	if ((rc = short_sum(like->p + at, n, sum, e)) != 0)
		return rc;
	return memcmp(sum, want, sizeof(sum)) == 0;
}

int
known_find_short(const uint8_t *sums, size_t len, const struct known_like *like,
    size_t like_n, struct known *out, struct err *e)
{
	size_t block = short_block_len(len), at, n, i;
	struct finds f = {.known = out};
	int rc = known_init(out, len, like, like_n, e), found;

	for (at = 0; rc == 0 && at < len; at += n, sums += SHORT_SUM_LEN) {
		n = len - at < block ? len - at : block;
		found = 0;
		for (i = 0; i < like_n && found == 0; i++) {
			f.like = &like[i];
			found = has_sum(&like[i], at, n, sums, e);
		}
		rc = found < 0 ? found : 0;
		if (found > 0)
			rc = note_copy(&f, at, at, n, e);
	}
	if (rc == 0)
		rc = invert(&f, e);
	free(f.v);
	return rc;
}

void
known_release(struct known *k)
{
	free(k->bytes);
	free(k->gap);
	memset(k, 0, sizeof(*k));
}
