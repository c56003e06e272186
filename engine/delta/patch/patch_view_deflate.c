/*
 * Patches between contents whose packed streams are unpacked (version 2): both
 * views by the recipe in front of the patch.  One way to see contents, for
 * patch_view.c; made in patch_view_make.c.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/patch/patch_internal.h"
#include "engine/delta/view/view.h"

#include <stdlib.h>

struct unpacked {
	struct view_repacker *repacker;
	struct view_reader *reader;
	struct view_pair views;
	struct range_source basis; /* the content */
	struct sink out;
};

/* The recipe out of the patch, and both views by it. */
static int
read_views(const struct source *in, const struct range_source *basis,
    uint64_t target_len, struct view_pair *views, struct err *e)
{
	struct view_streams streams = {.v = NULL};
	struct buf prefix, packed, recipe;
	struct span before, frame;
	uint64_t raw, n;
	uint8_t *p;
	int rc;

	buf_init(&prefix, PATCH_RECIPE_MAX);
	buf_init(&packed, PATCH_RECIPE_MAX);
	if ((rc = patch_read_varint(in, &raw, e)) != 0 ||
	    (rc = patch_read_varint(in, &n, e)) != 0)
		return rc;
	if (raw == 0 || raw > PATCH_RECIPE_MAX || n == 0 ||
	    n > PATCH_RECIPE_MAX)
		return err_set(e, ERP_CORRUPT, "patch: bad views");
	buf_init(&recipe, (size_t)raw);
	if ((rc = buf_reserve(&packed, (size_t)n, &p, e)) != 0 ||
	    (rc = patch_read_exact(in, p, (size_t)n, e)) != 0)
		goto out;
	frame = (struct span){p, (size_t)n};
	if ((rc = view_scan(basis, &streams, e)) != 0 ||
	    (rc = view_prefix(&streams, &prefix, e)) != 0)
		goto out;
	before = (struct span){
	    prefix.len == 0 ? NULL : buf_data(&prefix), prefix.len};
	if ((rc = decompress_after(&before, &frame, &recipe, e)) == 0)
		rc = view_decode(
		    &streams, basis->size, target_len, &recipe, views, e);
out:
	view_streams_release(&streams);
	buf_release(&prefix);
	buf_release(&packed);
	buf_release(&recipe);
	return rc;
}

/* Both ends of what is seen, by the views. */
static int
look(struct unpacked *u, uint64_t target_len, struct patch_sight *to,
    struct err *e)
{
	int rc;

	if ((rc = view_reader_new(&u->views.basis, &u->basis, &u->reader, e)) !=
		0 ||
	    (rc = view_repacker_new(
		 &u->views.target, &u->out, &u->repacker, e)) != 0)
		return rc;
	to->basis = view_reader_source(u->reader);
	to->out = view_repacker_sink(u->repacker);
	to->limit = target_len + VIEW_RAW_MAX(target_len);
	return 0;
}

int
patch_unpacked_open(struct source *in, const struct patch_sight *from,
    uint64_t target_len, struct patch_sight *to, struct err *e)
{
	struct unpacked *u = calloc(1, sizeof(*u));
	int rc;

	if (u == NULL)
		return err_nomem(e);
	u->basis = from->basis;
	u->out = from->out;
	to->own = u;
	rc = read_views(in, &u->basis, target_len, &u->views, e);
	return rc != 0 ? rc : look(u, target_len, to, e);
}

int
patch_unpacked_end(struct patch_sight *to, struct err *e)
{
	struct unpacked *u = to->own;

	return view_repacker_end(u->repacker, e);
}

void
patch_unpacked_close(struct patch_sight *to)
{
	struct unpacked *u = to->own;

	if (u == NULL)
		return;
	view_reader_free(u->reader);
	view_repacker_free(u->repacker);
	view_release(&u->views.basis);
	view_release(&u->views.target);
	free(u);
}
