/*
 * Signals that can be waited for like a stream: for the commands on single
 * files, which may wait for a pipe.
 */
#include "cli/stop_signals.h"

#include "cli/signals.h"
#include "engine/base/err.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int stops[] = {SIGINT, SIGTERM, SIGHUP};

int
stop_signals_begin(struct stop_signals *s, struct err *e)
{
	sigset_t *before = malloc(sizeof(*before)), set;
	size_t i;

	if (before == NULL)
		return err_nomem(e);
	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		if (!signals_is_ignored(stops[i]))
			(void)sigaddset(&set, stops[i]);
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0) {
		free(before);
		return err_sys(e, errno, "open", "signalfd");
	}
	(void)sigprocmask(SIG_BLOCK, &set, before);
	s->before = before;
	return 0;
}

void
stop_signals_end(struct stop_signals *s)
{
	struct signalfd_siginfo info;

	if (s->fd < 0)
		return;
	/* One that came too late to stop anything is not wanted later. */
	while (read(s->fd, &info, sizeof(info)) > 0)
		;
	(void)close(s->fd);
	s->fd = -1;
	(void)sigprocmask(SIG_SETMASK, s->before, NULL);
	free(s->before);
}
