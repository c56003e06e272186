/*
 * Below the commands: the process's standard streams, before the first and
 * after the last word.
 */
#define _GNU_SOURCE /* fopencookie */
#include "cli/streams.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* Seldom: a call that the tick interrupts may begin from its start again. */
enum { LOOK_S = 5, CREATED_LOOK_MS = 20 };

/* What a signal's handler has to know of standard output and errors. */
static struct {
	int null; /* or -1: it cannot be, and they are waited for */
	int was[2]; /* or -1 */
	int full_s[2];
	struct sigaction alarm_was;
} bound = {.null = -1};

/*
 * Have a pipe or terminal waited for that whoever shares it does not wait for:
 * words and answers would be lost.  Opened again it is another's no more; what
 * cannot be, as a socket, is waited for by all.
 */
static void
wait_for(int fd)
{
	int flags = fcntl(fd, F_GETFL), again = -1;
	char path[32];
	struct stat st;

	if (flags < 0 || (flags & O_NONBLOCK) == 0 || fstat(fd, &st) != 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		again = open(path,
		    (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (again >= 0) {
		(void)dup2(again, fd);
		(void)close(again);
	}
	(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

void
streams_open(void)
{
	int fd;

	/* Without devices any folder keeps the place: nobody reads or writes
	 * by it. */
	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			fd = open("/", O_RDONLY | O_DIRECTORY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		wait_for(fd);
}

char **
streams_arguments(int *argc, char **argv)
{
	(void)argc;
	return argv;
}

unsigned
streams_columns(FILE *out)
{
	struct winsize size;

	return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool
streams_can_redraw(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && term != NULL && strcmp(term, "dumb") != 0;
}

/* A pipe or socket that nobody reads any more. */
static bool
is_gone(int fd)
{
	struct pollfd p = {fd, POLLOUT, 0};

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

static void
silence(FILE *out)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null >= 0) {
		(void)dup2(null, fileno(out));
		(void)close(null);
	}
	(void)fflush(out);
	clearerr(out);
}

/*
 * Why did a write fail, perhaps long before this?  A C library may have thrown
 * away what failed, and say nothing of it any more: then the next byte tells.
 */
static int
cause_of(FILE *out)
{
	if (errno == 0) {
		clearerr(out);
		(void)fputc('\n', out);
		(void)fflush(out);
	}
	return errno != 0 ? errno : EIO;
}

int
streams_flush(void)
{
	int lost;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	lost = cause_of(stdout);
	if (is_gone(STDOUT_FILENO))
		lost = EPIPE;
	silence(stdout);
	assert(lost > 0);
	return lost;
}

/* A write that waits is begun again, by the number: to /dev/null then. */
static void
bound_look(int number)
{
	int i, keep = errno;
	struct pollfd p;

	(void)number;
	for (i = 0; i < 2; i++) {
		p = (struct pollfd){STDOUT_FILENO + i, POLLOUT, 0};
		if (poll(&p, 1, 0) != 0)
			continue;
		bound.full_s[i] += LOOK_S;
		if (bound.full_s[i] >= STREAMS_FULL_S)
			(void)dup2(bound.null, STDOUT_FILENO + i);
	}
	errno = keep;
}

static void
bound_tick(time_t every_s)
{
	const struct itimerval time = {{every_s, 0}, {every_s, 0}};

	(void)setitimer(ITIMER_REAL, &time, NULL);
}

void
streams_bound(void)
{
	struct sigaction action;
	sigset_t set;
	int i;

	assert(bound.null < 0);
	if ((bound.null = open("/dev/null", O_WRONLY | O_CLOEXEC)) < 0)
		return;
	for (i = 0; i < 2; i++)
		bound.was[i] = fcntl(
		    STDOUT_FILENO + i, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	memset(&action, 0, sizeof(action));
	action.sa_handler = bound_look;
	action.sa_flags = SA_RESTART;
	(void)sigaction(SIGALRM, &action, &bound.alarm_was);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGALRM);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	bound_tick(LOOK_S);
}

void
streams_unbound(void)
{
	int i;

	if (bound.null < 0)
		return;
	bound_tick(0);
	(void)sigaction(SIGALRM, &bound.alarm_was, NULL);
	for (i = 0; i < 2; i++) {
		if (bound.full_s[i] >= STREAMS_FULL_S && bound.was[i] >= 0)
			(void)dup2(bound.was[i], STDOUT_FILENO + i);
		if (bound.was[i] >= 0)
			(void)close(bound.was[i]);
	}
	(void)close(bound.null);
	bound.null = -1;
}

/* A file that is written without waiting for long. */
struct created {
	int fd;
	int left_ms; /* so long may still be waited */
	int lost; /* why not all of it was written */
};

/* Wait for room, or for a moment where there is no fd yet; false: long
 * enough. */
static bool
created_wait(struct created *c, int fd)
{
	struct pollfd p = {fd, POLLOUT, 0};

	if (c->left_ms <= 0)
		return false;
	if (poll(&p, 1, CREATED_LOOK_MS) == 0)
		c->left_ms -= CREATED_LOOK_MS;
	return true;
}

static ssize_t
created_write(void *cookie, const char *p, size_t n)
{
	struct created *c = cookie;
	size_t put = 0;
	ssize_t some;

	while (put < n) {
		some = write(c->fd, p + put, n - put);
		if (some > 0)
			put += (size_t)some;
		else if (errno == EAGAIN && !created_wait(c, c->fd))
			errno = EPIPE;
		if (some <= 0 && errno != EINTR && errno != EAGAIN) {
			c->lost = errno;
			break;
		}
	}
	return (ssize_t)put;
}

static int
created_close(void *cookie)
{
	struct created *c = cookie;
	int lost = c->lost;

	if (close(c->fd) != 0 && lost == 0)
		lost = errno;
	free(c);
	errno = lost;
	return lost == 0 ? 0 : EOF;
}

/* Nobody reads it yet: somebody may, but never where it is a socket. */
static bool
is_fifo(const char *path)
{
	struct stat st;
	bool is = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);

	errno = ENXIO;
	return is;
}

FILE *
streams_create(const char *path, int wait_ms)
{
	const cookie_io_functions_t io = {
	    .write = created_write, .close = created_close};
	struct created *c = calloc(1, sizeof(*c));
	FILE *f = NULL;

	if (c == NULL)
		return NULL;
	c->left_ms = wait_ms;
	do {
		c->fd = open(path,
		    O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY |
			O_CLOEXEC,
		    0666);
	} while (c->fd < 0 &&
	    (errno == EINTR ||
		(errno == ENXIO && is_fifo(path) && created_wait(c, -1))));
	if (c->fd >= 0 && (f = fopencookie(c, "w", io)) == NULL)
		(void)close(c->fd);
	if (f == NULL)
		free(c);
	return f;
}

int
streams_end(int status)
{
	return status;
}
