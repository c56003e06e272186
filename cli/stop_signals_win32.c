/*
 * What asks the program to stop while it waits for a stream of Windows, which
 * nothing else can be waited for with: a thread that then ends the waiting.
 */
#include "cli/stop_signals.h"

#include "cli/signals.h"
#include "engine/base/err.h"
#include "engine/base/wide_win32.h"

#include <stdlib.h>

enum { LOOK_MS = 20 };

struct watch {
	HANDLE thread, over, watched;
};

/* Again and again: it may be just before it begins to wait. */
static DWORD WINAPI
watch(void *arg)
{
	const struct watch *w = arg;

	while (WaitForSingleObject(w->over, LOOK_MS) == WAIT_TIMEOUT)
		if (signals_caught() != 0)
			(void)CancelSynchronousIo(w->watched);
	return 0;
}

static void
forget(struct watch *w)
{
	if (w->over != NULL)
		(void)CloseHandle(w->over);
	if (w->watched != NULL)
		(void)CloseHandle(w->watched);
	free(w);
}

int
stop_signals_begin(struct stop_signals *s, struct err *e)
{
	struct watch *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return err_nomem(e);
	w->over = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (w->over != NULL &&
	    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(),
		GetCurrentProcess(), &w->watched, 0, FALSE,
		DUPLICATE_SAME_ACCESS))
		w->thread = CreateThread(NULL, 0, watch, w, 0, NULL);
	if (w->thread == NULL) {
		rc = err_sys(
		    e, wide_errno(GetLastError()), "start", "worker thread");
		forget(w);
		return rc;
	}
	signals_catch();
	s->fd = 0;
	s->before = w;
	return 0;
}

void
stop_signals_end(struct stop_signals *s)
{
	struct watch *w = s->before;

	if (s->fd < 0)
		return;
	(void)SetEvent(w->over);
	(void)WaitForSingleObject(w->thread, INFINITE);
	(void)CloseHandle(w->thread);
	forget(w);
	s->fd = -1;
}
