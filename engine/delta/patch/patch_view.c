/*
 * Patches between views (version 2): what was packed inside of both contents
 * was compared unpacked.  The door to all patches: patch_apply tells the
 * versions apart; patch_apply.c, which knows nothing of views, does what is
 * left.  They are made in patch_view_make.c.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/patch/patch_internal.h"
#include "engine/delta/view/view.h"

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

/* What follows a head of version 2. */
static int
apply_views(const struct range_source *basis, struct source *in,
    uint64_t target_len, const struct sink *out, struct err *e)
{
	struct view_repacker *repacker = NULL;
	struct view_reader *reader = NULL;
	struct view_pair views = {.basis = {.v = NULL}};
	struct range_source from;
	struct sink to;
	uint8_t version;
	uint64_t made;
	int rc;

	if ((rc = read_views(in, basis, target_len, &views, e)) != 0 ||
	    (rc = patch_read_version(in, &version, e)) != 0)
		goto out;
	if (version != PATCH_VERSION) {
		rc = err_set(e, ERP_CORRUPT, "patch: bad views");
		goto out;
	}
	if ((rc = view_reader_new(&views.basis, basis, &reader, e)) != 0 ||
	    (rc = view_repacker_new(&views.target, out, &repacker, e)) != 0)
		goto out;
	from = view_reader_source(reader);
	to = view_repacker_sink(repacker);
	rc = patch_apply_plain(
	    &from, in, target_len + VIEW_RAW_MAX(target_len), &to, &made, e);
	if (rc == 0)
		rc = view_repacker_end(repacker, e);
out:
	view_reader_free(reader);
	view_repacker_free(repacker);
	view_release(&views.basis);
	view_release(&views.target);
	return rc;
}

int
patch_apply(const struct range_source *basis, const struct source *patch,
    uint64_t limit, const struct sink *out, uint64_t *size, struct err *e)
{
	struct source in = *patch;
	uint8_t version;
	int rc;

	*size = 0;
	if ((rc = patch_read_version(&in, &version, e)) != 0)
		return rc;
	if (version == PATCH_VERSION)
		return patch_apply_plain(basis, &in, limit, out, size, e);
	if ((rc = patch_read_lengths(&in, basis->size, limit, size, e)) != 0)
		return rc;
	return apply_views(basis, &in, *size, out, e);
}

bool
patch_is_viewed(const struct range_source *patch)
{
	uint8_t head[PATCH_MAGIC_LEN + 1];

	return patch->read_at(patch->ctx, 0, head, sizeof(head), NULL) ==
	    (int64_t)sizeof(head) &&
	    head[PATCH_MAGIC_LEN] == PATCH_VERSION_VIEWS;
}
