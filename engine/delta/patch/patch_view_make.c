/*
 * Makes patches between views: looks for packed streams in both contents, finds
 * out how each was packed, and lets patch_make.c compare what they are
 * unpacked.
 */
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/patch/patch_make_internal.h"
#include "engine/delta/view/view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	RECIPE_LEVEL = 19,
	/* Both views are in memory while a patch is made of them. */
	VIEW_MAKE_MAX = 64 * 1024 * 1024,
	/* Of a target that grows by less than this part nothing is gained. */
	WORTH_PART = 4,
	/* Streams that zlib did not make, before all others are left. */
	STRANGE_MAX = 16
};

/* Two contents, and how they are seen. */
struct seen {
	struct view_streams from, to;
	struct view_pair views;
};

static void
seen_release(struct seen *s)
{
	view_streams_release(&s->from);
	view_streams_release(&s->to);
	view_release(&s->views.basis);
	view_release(&s->views.target);
}

/* The raw bytes of a stream. */
static int
raw_of(const struct range_source *content, const struct view_stream *s,
    struct buf *out, struct err *e)
{
	struct sink to = sink_of_buf(out);
	struct deflate_size size;
	int rc;

	buf_clear(out);
	rc = deflate_unpack(content, s->at, s->raw, &to, &size, e);
	assert(rc != 1 || (size.packed == s->packed && size.raw == s->raw));
	return rc < 0 ? rc : 0;
}

/*
 * How each stream of a content of the pair can be packed again, 0: not.  Most
 * were made by one program, so what did for the last goes first; *all: every
 * one can be.
 */
static int
find_ways(const struct patch_pair *of, const uint8_t *p,
    const struct view_streams *s, deflate_how **ways, bool *all, struct err *e)
{
	size_t n = p == of->basis ? of->basis_len : of->target_len;
	struct mem_stream mem = {p, n, 0};
	struct range_source content = range_of_mem(&mem);
	struct deflater *d = NULL;
	struct deflate_pair pair;
	struct buf raw;
	size_t i, strange = 0;
	deflate_how last = 0;
	int rc;

	*all = true;
	buf_init(&raw, VIEW_STREAM_MAX);
	if ((*ways = calloc(s->n + 1, sizeof(**ways))) == NULL)
		return err_nomem(e);
	rc = deflater_new(&d, e);
	for (i = 0; rc == 0 && i < s->n; i++) {
		if ((rc = patch_go_on(of, e)) != 0 ||
		    (rc = raw_of(&content, &s->v[i], &raw, e)) != 0)
			break;
		pair = (struct deflate_pair){
		    buf_data(&raw), p + s->v[i].at, raw.len, s->v[i].packed};
		rc = deflate_find(d, &pair, strange < STRANGE_MAX, &last, e);
		(*ways)[i] = rc == 1 ? last : 0;
		strange += rc == 0;
		*all = *all && rc == 1;
		rc = rc < 0 ? rc : 0;
	}
	deflater_free(d);
	buf_release(&raw);
	return rc;
}

/* Find the views of both; PATCH_NONE where they promise nothing. */
static int
find_views(const struct patch_pair *pair, struct seen *s, struct err *e)
{
	struct mem_stream basis = {pair->basis, pair->basis_len, 0},
			  target = {pair->target, pair->target_len, 0};
	struct range_source from = range_of_mem(&basis),
			    to = range_of_mem(&target);
	deflate_how *ways = NULL, *from_ways = NULL;
	struct view *v = &s->views.target;
	bool all, from_all;
	size_t i;
	int rc;

	if (pair->basis_len > VIEW_MAKE_MAX || pair->target_len > VIEW_MAKE_MAX)
		return PATCH_NONE;
	if ((rc = view_scan(&to, &s->to, e)) != 0 || s->to.n == 0 ||
	    (rc = view_scan(&from, &s->from, e)) != 0 || s->from.n == 0)
		return rc != 0 ? rc : PATCH_NONE;
	if ((rc = find_ways(pair, pair->target, &s->to, &ways, &all, e)) != 0 ||
	    (rc = view_layout(&s->to, ways, pair->target_len, v, e)) != 0)
		goto out;
	if (v->n == 0 || v->len > VIEW_MAKE_MAX || v->len <= v->content_len ||
	    v->len - v->content_len < v->content_len / WORTH_PART) {
		rc = PATCH_NONE;
		goto out;
	}
	/* What stays packed in one is to stay so in the other. */
	if (all) {
		from_ways = calloc(s->from.n + 1, sizeof(*from_ways));
		if (from_ways == NULL)
			rc = err_nomem(e);
		for (i = 0; rc == 0 && i < s->from.n; i++)
			from_ways[i] = 1;
	} else {
		rc = find_ways(
		    pair, pair->basis, &s->from, &from_ways, &from_all, e);
	}
	if (rc == 0)
		rc = view_layout(
		    &s->from, from_ways, pair->basis_len, &s->views.basis, e);
	if (rc == 0 && s->views.basis.len > VIEW_MAKE_MAX)
		rc = PATCH_NONE;
out:
	free(ways);
	free(from_ways);
	return rc;
}

/* All bytes of a view, which the caller frees. */
static int
view_bytes(const struct view *v, const uint8_t *p, uint8_t **out, struct err *e)
{
	struct mem_stream mem = {p, (size_t)v->content_len, 0};
	struct range_source content = range_of_mem(&mem), all;
	struct view_reader *reader;
	struct range_reader range;
	struct source from;
	int64_t got;
	int rc;

	if ((*out = malloc((size_t)v->len + 1)) == NULL)
		return err_nomem(e);
	if ((rc = view_reader_new(v, &content, &reader, e)) != 0)
		return rc;
	all = view_reader_source(reader);
	range = (struct range_reader){&all, 0, all.size};
	from = source_of_range(&range);
	got = source_read_full(&from, *out, (size_t)v->len, e);
	view_reader_free(reader);
	assert(got < 0 || (uint64_t)got == v->len);
	return got < 0 ? (int)got : 0;
}

/* What stands in front of the patch between the views. */
static int
head_of(const struct patch_pair *pair, const struct seen *s, struct buf *out,
    struct err *e)
{
	static const uint8_t version = PATCH_VERSION_VIEWS;
	struct buf prefix, recipe, packed;
	struct span before, bytes;
	int rc;

	buf_init(&prefix, PATCH_RECIPE_MAX);
	buf_init(&recipe, PATCH_RECIPE_MAX);
	buf_init(&packed, PATCH_RECIPE_MAX);
	if ((rc = view_prefix(&s->from, &prefix, e)) != 0 ||
	    (rc = view_encode(
		 &s->views.basis, &s->from, &s->views.target, &recipe, e)) != 0)
		goto out;
	before = (struct span){buf_data(&prefix), prefix.len};
	bytes = (struct span){buf_data(&recipe), recipe.len};
	if ((rc = compress_after(&before, &bytes, RECIPE_LEVEL, &packed, e)) !=
		0 ||
	    (rc = buf_append(out, PATCH_MAGIC, PATCH_MAGIC_LEN, e)) != 0 ||
	    (rc = buf_append(out, &version, 1, e)) != 0 ||
	    (rc = put_varint(out, pair->basis_len, e)) != 0 ||
	    (rc = put_varint(out, pair->target_len, e)) != 0 ||
	    (rc = put_varint(out, recipe.len, e)) != 0 ||
	    (rc = put_varint(out, packed.len, e)) != 0)
		goto out;
	rc = buf_append(out, buf_data(&packed), packed.len, e);
out:
	buf_release(&prefix);
	buf_release(&recipe);
	buf_release(&packed);
	return rc;
}

/* As a station will do it, within its limits. */
static int
try_out(const struct patch_pair *pair, const struct buf *patch, struct err *e)
{
	struct mem_stream basis = {pair->basis, pair->basis_len, 0},
			  made = {buf_data(patch), patch->len, 0};
	struct range_source from = range_of_mem(&basis);
	struct source in = source_of_mem(&made);
	struct expected wanted = {pair->target, pair->target_len};
	const struct sink to = sink_of_expected(&wanted);
	uint64_t size;
	int rc = patch_apply(&from, &in, pair->target_len, &to, &size, e);

	if (rc == ERP_NOMEM)
		return rc;
	return rc == 0 && wanted.left == 0 ? 0 : PATCH_NONE;
}

/* The patch between the views, behind what is said of them. */
static int
make_between(const struct patch_pair *pair, const struct seen *s,
    struct buf *made, struct err *e)
{
	struct patch_pair views = *pair;
	uint8_t *basis = NULL, *target = NULL;
	const struct sink to = sink_of_buf(made);
	int rc;

	if ((rc = view_bytes(&s->views.basis, pair->basis, &basis, e)) == 0 &&
	    (rc = view_bytes(&s->views.target, pair->target, &target, e)) ==
		0 &&
	    (rc = head_of(pair, s, made, e)) == 0) {
		views.basis = basis;
		views.basis_len = (size_t)s->views.basis.len;
		views.target = target;
		views.target_len = (size_t)s->views.target.len;
		rc = patch_make(&views, &to, e);
	}
	free(basis);
	free(target);
	return rc;
}

int
patch_make_viewed(
    const struct patch_pair *pair, const struct sink *out, struct err *e)
{
	struct seen s = {.from = {.v = NULL}};
	struct buf made;
	int rc;

	assert(pair->gap_n == 0);
	buf_init(&made, SIZE_MAX / 2);
	if ((rc = find_views(pair, &s, e)) == 0 &&
	    (rc = make_between(pair, &s, &made, e)) == 0 &&
	    (rc = try_out(pair, &made, e)) == 0)
		rc = out->write(out->ctx, buf_data(&made), made.len, e);
	buf_release(&made);
	seen_release(&s);
	return rc;
}

/* The smaller one of the patch in viewed and a plain one. */
static int
make_smaller(const struct patch_pair *pair, const struct buf *viewed,
    const struct sink *out, struct err *e)
{
	const struct buf *smaller = viewed;
	struct buf plain;
	struct sink to;
	int rc;

	buf_init(&plain, SIZE_MAX / 2);
	to = sink_of_buf(&plain);
	if ((rc = patch_make(pair, &to, e)) == 0 && plain.len <= viewed->len)
		smaller = &plain;
	if (rc >= 0)
		rc = out->write(out->ctx, buf_data(smaller), smaller->len, e);
	buf_release(&plain);
	return rc;
}

int
patch_make_smallest(
    const struct patch_pair *pair, const struct sink *out, struct err *e)
{
	struct sink to;
	struct buf viewed;
	int rc = PATCH_NONE;

	buf_init(&viewed, SIZE_MAX / 2);
	to = sink_of_buf(&viewed);
	if (pair->effort == PATCH_BEST && pair->gap_n == 0)
		rc = patch_make_viewed(pair, &to, e);
	if (rc == 0)
		rc = make_smaller(pair, &viewed, out, e);
	else if (rc == PATCH_NONE || rc == ERP_NOMEM)
		/* It takes less. */
		rc = patch_make(pair, out, e);
	buf_release(&viewed);
	return rc;
}
