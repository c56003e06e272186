/*
 * One publication: the folder is watched, scanned and kept, on the publisher's
 * thread.  Below publisher.c, which begins it and takes what it brought.
 */
#include "transport/host/publisher_internal.h"

#include "engine/base/observer.h"
#include "transport/server/live_release.h"

#include <stdlib.h>
#include <unistd.h>

enum { WARNINGS_MAX = 200 }; /* lines of one publication */

void
task_free(struct task *t)
{
	if (t->watch_fd >= 0)
		(void)close(t->watch_fd);
	origin_unref(t->origin);
	names_release(&t->warnings);
	live_release_unref(t->current);
	live_release_unref(t->served);
	free(t);
}

static void
task_warn(void *ctx, const struct event *ev)
{
	struct task *t = ctx;

	/* The text names the path. */
	if (ev->kind == EVENT_WARN && t->warnings.n < WARNINGS_MAX)
		(void)names_add(&t->warnings, ev->text, NULL);
}

void
task_run(void *arg)
{
	struct task *t = arg;
	const struct observer obs = {.event = task_warn, .ctx = t};
	struct manifest m;

	/* First the watches, then the scan: a change is either in the scan or
	 * noticed after it. */
	t->walk = t->watch_fd < 0 ? WATCH_PARTS
				  : watch_walk(t->watch_fd, t->origin->path);
	manifest_init(&m, t->origin->src.os);
	t->rc = publish_folder(t->store, &t->origin->src, &obs, &m, &t->err);
	if (t->rc == 0)
		t->rc = live_of(t->store, &t->origin->left_out, t->current, &m,
		    &t->served, &t->err);
	else if (t->current != NULL)
		(void)live_stored(t->store, t->current, &t->served, NULL);
	manifest_release(&m);
}
