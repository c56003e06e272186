/*
 * What stations on the releases before the one that is served will get, made
 * ahead on the publisher's thread, one release after the other: so a crowd that
 * comes at once finds it.  What fails here is made, or fails, when a station
 * comes.
 */
#include "transport/host/publisher_internal.h"

#include "engine/base/err.h"
#include "transport/host/pool.h"
#include "transport/server/live_release.h"

#include <assert.h>
#include <malloc.h>
#include <stdlib.h>

/* Those on older ones are few, and wait for it. */
enum { RELATED_MAX = 4 };

struct relating {
	struct work work;
	struct relate_options opt; /* with a reference */
	size_t back; /* releases between the two, counted from 1 */
	struct relative made;
	int rc;
};

static void
relating_free(void *arg)
{
	struct relating *r = arg;

	buf_release(&r->made.packed);
	live_release_unref(r->opt.to);
	free(r);
}

/* On the thread. */
static void
relating_run(void *arg)
{
	struct relating *r = arg;

	/* What publishing has freed lies between what stays, in pages that
	 * malloc keeps: they are as much as a release, and relating takes
	 * memory of its own. */
	if (r->back == 1 && r->opt.gives_back)
		(void)malloc_trim(0);
	r->rc = live_release_relate_older(
	    r->opt.to, r->opt.store, r->back, &r->made, NULL);
}

/* Unless a session made it; then the one before. */
static void
relating_done(void *arg)
{
	struct relating *r = arg;
	struct live_release *to = r->opt.to;

	assert(r->back >= 1 && r->back <= RELATED_MAX);
	if (!r->opt.is_served(r->opt.ctx, to) || r->rc == ERP_NOTFOUND) {
		relating_free(r);
		return;
	}
	if (r->rc == 0 && live_release_begin_relative(to, &r->made.from))
		live_release_end_relative(to, &r->made.from, &r->made);
	buf_release(&r->made.packed);
	if (r->back++ < RELATED_MAX)
		pool_submit(r->opt.pool, &r->work);
	else
		relating_free(r);
}

bool
relate_older(const struct relate_options *opt)
{
	struct relating *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return false;
	r->work = (struct work){.run = relating_run,
	    .done = relating_done,
	    .drop = relating_free,
	    .arg = r};
	r->opt = *opt;
	live_release_ref(r->opt.to);
	r->back = 1;
	pool_submit(r->opt.pool, &r->work);
	return true;
}
