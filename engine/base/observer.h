#ifndef ERPSYNC_ENGINE_BASE_OBSERVER_H
#define ERPSYNC_ENGINE_BASE_OBSERVER_H

/*
 * Facts flow out of the engine as events to one observer: progress, report
 * and log are made of them.  The engine never prints.  The only thing that
 * flows in is that whoever looks has seen enough.
 */

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum event_kind {
	EVENT_SCAN, /* a folder is being scanned; done = entries so far */
	EVENT_HASH, /* path is being hashed; done of total bytes */
	EVENT_PLAN, /* what will arrive: done = files, total = bytes */
	EVENT_RECEIVE, /* blobs arrive: done bytes of about total; path = file
			*/
	EVENT_BACKUP, /* the backup is being made; done of total files */
	EVENT_SWAP, /* files are being swapped; done of total files */
	EVENT_COMMIT, /* the new release is durable */
	EVENT_RECOVER, /* an interrupted update was recovered; text says how */
	EVENT_RETRY, /* path is fetched again; text says why */
	EVENT_WARN /* text is for the administrator; path may be NULL */
};

struct event {
	enum event_kind kind;
	const char *path; /* relative path, or NULL */
	const char *text; /* one line, or NULL */
	uint64_t done;
	uint64_t total;
};

struct observer {
	void (*event)(void *ctx, const struct event *ev);
	void *ctx;
	/* Asked where events are told, as often: not 0 gives the work up while
	 * nothing has changed.  Or NULL. */
	int (*interrupted)(void *ctx);
	void *interrupted_ctx;
};

/* Tell obs (may be NULL) one event. */
static inline void
observe(const struct observer *obs, const struct event *ev)
{
	if (obs != NULL)
		obs->event(obs->ctx, ev);
}

/* Shall the work go on (0), or is it given up (ERP_CANCELLED)? */
static inline int
observer_asks(const struct observer *obs, struct err *e)
{
	return obs != NULL && obs->interrupted != NULL &&
		obs->interrupted(obs->interrupted_ctx) != 0
	    ? err_set(e, ERP_CANCELLED, "interrupted")
	    : 0;
}

#endif
