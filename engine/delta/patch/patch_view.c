/*
 * The door to all patches.  Each version above the first sees both contents
 * through something, and has another patch behind what it says of that; or, if
 * it has the covers, the spans.  A way to see contents is a row of the table
 * here and a file of its own.
 */
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch/patch_internal.h"

#include <assert.h>

/*
 * open: read what the patch says, and make *to of *from; *to is all zero
 * before, and is closed in any case.  end: all of the target went to to->out.
 */
static const struct view {
	int (*open)(struct source *in, const struct patch_sight *from,
	    uint64_t target_len, struct patch_sight *to, struct err *e);
	int (*end)(struct patch_sight *to, struct err *e); /* or NULL */
	void (*close)(struct patch_sight *to);
} views[] = {
    [PATCH_VERSION_VIEWS] = {patch_unpacked_open, patch_unpacked_end,
	patch_unpacked_close},
    [PATCH_VERSION_PROJECTED] = {patch_projected_open, NULL,
	patch_projected_close},
};

/* Apply what is a patch of a version above `outer`, or a plain one. */
static int
apply(struct source *in, const struct patch_sight *from, unsigned outer,
    uint64_t *size, struct err *e)
{
	struct patch_sight to = {.own = NULL};
	const struct view *view;
	uint8_t version;
	uint64_t made;
	int rc;

	if ((rc = patch_read_version(in, &version, e)) != 0)
		return rc;
	if (version != PATCH_VERSION && version <= outer)
		return err_set(e, ERP_CORRUPT, "patch: bad views");
	rc = patch_read_lengths(in, from->basis.size, from->limit, size, e);
	if (rc != 0)
		return rc;
	if (version == PATCH_VERSION)
		return patch_apply_spans(from, in, *size, e);
	assert(version < sizeof(views) / sizeof(views[0]));
	view = &views[version];
	if ((rc = view->open(in, from, *size, &to, e)) == 0)
		rc = to.covers != NULL ? patch_apply_spans(&to, in, *size, e)
				       : apply(in, &to, version, &made, e);
	if (rc == 0 && view->end != NULL)
		rc = view->end(&to, e);
	view->close(&to);
	return rc;
}

int
patch_apply(const struct range_source *basis, const struct source *patch,
    uint64_t limit, const struct sink *out, uint64_t *size, struct err *e)
{
	const struct patch_sight from = {
	    .basis = *basis, .out = *out, .limit = limit};
	struct source in = *patch;

	*size = 0;
	return apply(&in, &from, 0, size, e);
}

bool
patch_is_viewed(const struct range_source *patch)
{
	uint8_t head[PATCH_MAGIC_LEN + 1];

	return patch->read_at(patch->ctx, 0, head, sizeof(head), NULL) ==
	    (int64_t)sizeof(head) &&
	    head[PATCH_MAGIC_LEN] == PATCH_VERSION_VIEWS;
}
