/*
 * From the streams of a span back to bytes of the target: literals, copies of
 * the basis, and differences added to them.  The last step of applying a
 * patch.
 */
#include "engine/base/err.h"
#include "engine/delta/patch/patch_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Covers are short and jump about in the basis: reads of single pages, with
 * those of late kept, are both few and small.  A basis that is projected costs
 * by the byte: smaller pages make it half as many.
 */
enum { PAGE_LEN = 2048, PAGES = 2048, OUT_LEN = 64 * 1024 };

struct page {
	uint64_t number; /* 1 is the first; 0 is none */
	size_t len;
	uint8_t b[PAGE_LEN];
};

struct patch_replay {
	const struct range_source *basis;
	const struct sink *out;
	struct page *pages;
	uint8_t *made; /* on its way to out */
	size_t made_len;
	const struct patch_covers *covers; /* or NULL: they are in the spans */
	size_t cover; /* the next one */
	/* Within a span: */
	uint64_t produced; /* offset in the target of what comes next */
	uint64_t left; /* bytes still to make */
	uint64_t diagonal; /* offset in the basis less that in the target */
	uint64_t gap; /* equal bytes in front of the next difference */
	uint64_t run; /* bytes that differ */
};

int
patch_replay_new(const struct range_source *basis, const struct sink *out,
    struct patch_replay **r, struct err *e)
{
	struct patch_replay *n = calloc(1, sizeof(*n));

	*r = NULL;
	if (n != NULL) {
		n->pages = calloc(PAGES, sizeof(*n->pages));
		n->made = malloc(OUT_LEN);
	}
	if (n == NULL || n->pages == NULL || n->made == NULL) {
		patch_replay_free(n);
		return err_nomem(e);
	}
	n->basis = basis;
	n->out = out;
	*r = n;
	return 0;
}

void
patch_replay_use(struct patch_replay *r, const struct patch_covers *covers)
{
	r->covers = covers;
}

void
patch_replay_free(struct patch_replay *r)
{
	if (r == NULL)
		return;
	free(r->pages);
	free(r->made);
	free(r);
}

static int
flush(struct patch_replay *r, struct err *e)
{
	size_t n = r->made_len;

	r->made_len = 0;
	return n == 0 ? 0 : r->out->write(r->out->ctx, r->made, n, e);
}

/* Count n bytes that were put at made + made_len. */
static int
commit(struct patch_replay *r, size_t n, struct err *e)
{
	assert(n <= OUT_LEN - r->made_len && n <= r->left);
	r->made_len += n;
	r->produced += n;
	r->left -= n;
	return r->made_len == OUT_LEN ? flush(r, e) : 0;
}

/* Read n bytes of the basis at off, fewer if it ends: how many, or a code. */
static int64_t
basis_read(
    struct patch_replay *r, uint64_t off, uint8_t *to, size_t n, struct err *e)
{
	int64_t got = 1;
	size_t len = 0;

	while (got > 0 && len < n) {
		got = r->basis->read_at(
		    r->basis->ctx, off + len, to + len, n - len, e);
		if (got < 0)
			return got;
		len += (size_t)got;
	}
	return (int64_t)len;
}

static int
shorter(struct err *e)
{
	return err_set(e, ERP_MISMATCH, "basis became shorter than it was");
}

/* Bytes of the basis at off, 1 to *n of them, in place. */
static int
basis_bytes(struct patch_replay *r, uint64_t off, const uint8_t **p, size_t *n,
    struct err *e)
{
	uint64_t number = off / PAGE_LEN;
	struct page *page = &r->pages[number % PAGES];
	size_t at = (size_t)(off % PAGE_LEN);
	int64_t len;

	if (page->number != number + 1) {
		page->number = 0;
		len = basis_read(r, number * PAGE_LEN, page->b, PAGE_LEN, e);
		if (len < 0)
			return (int)len;
		page->number = number + 1;
		page->len = (size_t)len;
	}
	assert(page->len <= PAGE_LEN);
	if (at >= page->len)
		return shorter(e);
	if (*n > page->len - at)
		*n = page->len - at;
	*p = page->b + at;
	return 0;
}

/* What comes next in copied bytes: when neither equal nor different ones are
 * left, read how many there are. */
static int
next_difference(
    struct patch_replay *r, struct patch_lanes *lanes, struct err *e)
{
	int rc;

	if (r->gap > 0 || r->run > 0)
		return 0;
	if (patch_lanes_is_empty(lanes, PATCH_GAP)) {
		r->gap = UINT64_MAX;
		return 0;
	}
	if ((rc = patch_lanes_varint(lanes, PATCH_GAP, &r->gap, e)) != 0 ||
	    (rc = patch_lanes_varint(lanes, PATCH_RUN, &r->run, e)) != 0)
		return rc;
	if (r->run >= PATCH_SPAN_MAX)
		return err_set(e, ERP_CORRUPT, "patch: run out of range");
	r->run++;
	return 0;
}

/* Put up to n bytes of old, with the differences, out; *n says how many. */
static int
copy_some(struct patch_replay *r, struct patch_lanes *lanes, const uint8_t *old,
    size_t *n, struct err *e)
{
	uint8_t *to = r->made + r->made_len;
	const uint8_t *value;
	size_t i;
	int rc;

	if ((rc = next_difference(r, lanes, e)) != 0)
		return rc;
	if (*n > OUT_LEN - r->made_len)
		*n = OUT_LEN - r->made_len;
	if (r->gap > 0) {
		if (*n > r->gap)
			*n = (size_t)r->gap;
		memcpy(to, old, *n);
		r->gap -= *n;
		return commit(r, *n, e);
	}
	if (*n > r->run)
		*n = (size_t)r->run;
	if ((rc = patch_lanes_bytes(lanes, PATCH_VALUE, &value, n, e)) != 0)
		return rc;
	for (i = 0; i < *n; i++)
		to[i] = (uint8_t)(old[i] + value[i]);
	r->run -= *n;
	return commit(r, *n, e);
}

/*
 * Put up to len bytes of the basis at off out that are equal, without a
 * detour through pages; *n says how many: 0 when they are few.
 */
static int
copy_equal(struct patch_replay *r, struct patch_lanes *lanes, uint64_t off,
    uint64_t len, size_t *n, struct err *e)
{
	uint64_t most = OUT_LEN - r->made_len;
	int64_t got;
	int rc;

	*n = 0;
	if ((rc = next_difference(r, lanes, e)) != 0)
		return rc;
	if (most > len)
		most = len;
	if (most > r->gap)
		most = r->gap;
	if (most < PAGE_LEN)
		return 0;
	*n = (size_t)most;
	got = basis_read(r, off, r->made + r->made_len, *n, e);
	if (got < 0)
		return (int)got;
	if ((uint64_t)got < most)
		return shorter(e);
	r->gap -= most;
	return commit(r, *n, e);
}

static int
copy_cover(struct patch_replay *r, struct patch_lanes *lanes, uint64_t off,
    uint64_t len, struct err *e)
{
	const uint8_t *old = NULL;
	size_t n, done;
	int rc;

	while (len > 0) {
		if ((rc = copy_equal(r, lanes, off, len, &n, e)) != 0)
			return rc;
		off += n;
		len -= n;
		if (n > 0)
			continue;
		n = len < PAGE_LEN ? (size_t)len : PAGE_LEN;
		if ((rc = basis_bytes(r, off, &old, &n, e)) != 0)
			return rc;
		off += n;
		len -= n;
		for (; n > 0; n -= done, old += done) {
			done = n;
			if ((rc = copy_some(r, lanes, old, &done, e)) != 0)
				return rc;
		}
	}
	return 0;
}

static int
copy_literal(struct patch_replay *r, struct patch_lanes *lanes, uint64_t len,
    struct err *e)
{
	const uint8_t *p;
	size_t n;
	int rc;

	if (len > r->left)
		return err_set(e, ERP_CORRUPT, "patch: literal out of range");
	for (; len > 0; len -= n) {
		n = OUT_LEN - r->made_len;
		if (n > len)
			n = (size_t)len;
		rc = patch_lanes_bytes(lanes, PATCH_LITERAL, &p, &n, e);
		if (rc != 0)
			return rc;
		memcpy(r->made + r->made_len, p, n);
		if ((rc = commit(r, n, e)) != 0)
			return rc;
	}
	return 0;
}

/* Read where the next cover is, and check it. */
static int
read_cover(struct patch_replay *r, struct patch_lanes *lanes, uint64_t *off,
    uint64_t *len, struct err *e)
{
	uint64_t seek;
	int rc;

	if ((rc = patch_lanes_varint(lanes, PATCH_LENGTH, len, e)) != 0 ||
	    (rc = patch_lanes_varint(lanes, PATCH_SEEK, &seek, e)) != 0)
		return rc;
	/* All modulo 2^64: only the sum has to make sense. */
	r->diagonal += patch_unzigzag(seek);
	*off = r->produced + r->diagonal;
	if (*len == 0 || *len > r->left || *off > r->basis->size ||
	    *len > r->basis->size - *off)
		return err_set(e, ERP_CORRUPT, "patch: cover out of range");
	return 0;
}

/* Literal bytes in front of the next cover. */
static int
next_skip(struct patch_replay *r, struct patch_lanes *lanes, uint64_t *skip,
    struct err *e)
{
	const struct project_cover *c;

	if (r->covers == NULL)
		return patch_lanes_varint(lanes, PATCH_SKIP, skip, e);
	*skip = r->left;
	if (r->cover == r->covers->n)
		return 0;
	c = &r->covers->v[r->cover];
	if (c->target <= r->produced)
		*skip = 0;
	else if (c->target - r->produced < r->left)
		*skip = c->target - r->produced;
	return 0;
}

static int
next_cover(struct patch_replay *r, struct patch_lanes *lanes, uint64_t *off,
    uint64_t *len, struct err *e)
{
	const struct project_cover *c;
	uint64_t within;

	if (r->covers == NULL)
		return read_cover(r, lanes, off, len, e);
	assert(r->cover < r->covers->n);
	c = &r->covers->v[r->cover++];
	assert(c->target <= r->produced);
	within = r->produced - c->target;
	*off = c->basis + within;
	*len = c->len - within < r->left ? c->len - within : r->left;
	return 0;
}

/* The first of the covers that ends behind offset at. */
static size_t
first_cover(const struct patch_covers *covers, uint64_t at)
{
	size_t low = 0, high = covers->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if ((uint64_t)covers->v[mid].target + covers->v[mid].len > at)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

int
patch_replay_span(struct patch_replay *r, uint64_t at,
    const struct patch_span *span, struct patch_lanes *lanes, struct err *e)
{
	uint64_t skip, off, len;
	int rc;

	assert(span->len > 0 && r->made_len == 0);
	r->produced = at;
	r->left = span->len;
	r->diagonal = 0;
	r->gap = 0;
	r->run = 0;
	if (r->covers != NULL)
		r->cover = first_cover(r->covers, at);
	for (;;) {
		if ((rc = next_skip(r, lanes, &skip, e)) != 0 ||
		    (rc = copy_literal(r, lanes, skip, e)) != 0)
			return rc;
		if (r->left == 0)
			break;
		if ((rc = next_cover(r, lanes, &off, &len, e)) != 0 ||
		    (rc = copy_cover(r, lanes, off, len, e)) != 0)
			return rc;
		if (r->left == 0)
			break;
	}
	assert(r->produced == at + span->len);
	if ((rc = patch_lanes_end(lanes, e)) != 0)
		return rc;
	return flush(r, e);
}
