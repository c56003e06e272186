/*
 * An update folder and how to publish it, copied from a configuration that
 * may be gone before the publication ends.
 */
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/host/publisher_internal.h"
#include "transport/net/threads.h"
#include "transport/server/live_release.h"
#include "transport/wire/msg_left_out.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
origin_unref(struct origin *s)
{
	if (s == NULL)
		return;
	assert(s->refs > 0);
	if (--s->refs > 0)
		return;
	filter_release(&s->filter);
	buf_release(&s->left_out);
	free(s->key);
	free(s->path);
	free(s->build);
	free(s);
}

static int
copy_filter(struct filter *to, const struct filter *from, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && from != NULL && i < from->n; i++)
		rc = filter_add(to, from->v[i], e);
	return rc;
}

int
origin_new(
    const struct publish_source *from, struct origin **out, struct err *e)
{
	struct origin *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_nomem(e);
	s->refs = 1;
	filter_init(&s->filter);
	buf_init(&s->left_out, LEFT_OUT_ALL);
	s->key = strdup(from->key);
	s->path = strdup(from->path);
	s->build = strdup(from->build);
	if (s->key == NULL || s->path == NULL || s->build == NULL)
		rc = err_nomem(e);
	else if ((rc = copy_filter(&s->filter, from->filter, e)) == 0)
		rc = live_release_names(&s->filter, &s->left_out, e);
	if (rc < 0) {
		origin_unref(s);
		return rc;
	}
	s->untold = (size_t)rc;
	s->src = *from;
	s->src.key = s->key;
	s->src.path = s->path;
	s->src.build = s->build;
	s->src.sealer = NULL; /* a server has no secret keys */
	if (from->seal_key != NULL) {
		s->seal_key = *from->seal_key;
		s->src.seal_key = &s->seal_key;
	}
	s->src.filter = from->filter != NULL ? &s->filter : NULL;
	if (s->src.sleep_ms == NULL)
		s->src.sleep_ms = clock_sleep_ms;
	if (s->src.crew == NULL)
		s->src.crew = threads_real();
	*out = s;
	return 0;
}
