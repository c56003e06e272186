/*
 * The server's word to systemd, or to who speaks as it does, for cmd_serve.c.
 * The protocol is a datagram of a few bytes, which sd_notify(3) lays down for
 * programs that do without libsystemd.
 */
#include "cli/notify.h"

#include "engine/base/clock.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { US_PER_MS = 1000 };

/* A whole number of the environment, 0 without one. */
static uint64_t
number(const char *name)
{
	const char *text = getenv(name);
	unsigned long long n;
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	n = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' ? n : 0;
}

/* Is the watchdog's wish meant for this process? */
static bool
is_watched(void)
{
	return getenv("WATCHDOG_PID") == NULL ||
	    number("WATCHDOG_PID") == (uint64_t)getpid();
}

void
notify_open(struct notify *n, const struct clock *clock)
{
	const char *path = getenv("NOTIFY_SOCKET");

	memset(n, 0, sizeof(*n));
	n->clock = clock;
	/* A file, or "@" and an abstract name; others are of no machine. */
	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return;
	if (strlcpy(n->path, path, sizeof(n->path)) >= sizeof(n->path))
		n->path[0] = '\0';
	if (n->path[0] != '\0' && is_watched())
		n->every_ms = number("WATCHDOG_USEC") / US_PER_MS / 2;
	n->told_ms = clock_ms(clock);
}

static void
tell(const struct notify *n, const char *state)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(n->path);
	int fd;

	if (len == 0)
		return;
	memcpy(to.sun_path, n->path, len);
	if (n->path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
	    (const struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	(void)close(fd);
}

void
notify_ready(const struct notify *n)
{
	tell(n, "READY=1");
}

void
notify_stopping(const struct notify *n)
{
	tell(n, "STOPPING=1");
}

void
notify_alive(struct notify *n)
{
	uint64_t now = clock_ms(n->clock);

	if (n->every_ms == 0 || now - n->told_ms < n->every_ms)
		return;
	n->told_ms = now;
	tell(n, "WATCHDOG=1");
}
