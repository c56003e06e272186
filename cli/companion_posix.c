/*
 * Below the command self-test: a second process that runs while something is
 * tried, joined to this one by two pipes.
 */
#include "cli/companion.h"

#include "engine/base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct companion {
	pid_t pid;
	int in, out; /* our ends */
};

int
companion_self(char out[COMPANION_PATH_MAX], struct err *e)
{
	ssize_t n = readlink("/proc/self/exe", out, COMPANION_PATH_MAX - 1);

	if (n < 0)
		return err_sys(e, errno, "read link", "/proc/self/exe");
	out[n] = '\0';
	return 0;
}

/* Both pipes; of the process's ends the numbers are 0 and 1 there. */
static int
start(struct companion *c, char *const argv[], int child[2])
{
	posix_spawn_file_actions_t files;
	int rc;

	if ((rc = posix_spawn_file_actions_init(&files)) != 0)
		return rc;
	if ((rc = posix_spawn_file_actions_adddup2(
		 &files, child[0], STDIN_FILENO)) == 0 &&
	    (rc = posix_spawn_file_actions_adddup2(
		 &files, child[1], STDOUT_FILENO)) == 0)
		rc = posix_spawn(&c->pid, argv[0], &files, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}

static void
close_ends(int ends[2])
{
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* A pipe that no program inherits. */
static int
make_pipe(int ends[2])
{
	if (pipe(ends) != 0)
		return errno;
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

int
companion_start(char *const argv[], struct companion **out, struct err *e)
{
	struct companion *c = malloc(sizeof(*c));
	int to[2], from[2], child[2], rc;
	char ready;

	if (c == NULL)
		return err_nomem(e);
	if ((rc = make_pipe(to)) == 0 && (rc = make_pipe(from)) != 0)
		close_ends(to);
	if (rc != 0) {
		free(c);
		return err_sys(e, rc, "start", argv[0]);
	}
	c->in = to[1];
	c->out = from[0];
	child[0] = to[0];
	child[1] = from[1];
	rc = start(c, argv, child);
	close_ends(child);
	if (rc == 0 && read(c->out, &ready, 1) == 1) {
		*out = c;
		return 0;
	}
	(void)close(c->in);
	(void)close(c->out);
	if (rc == 0)
		(void)waitpid(c->pid, NULL, 0);
	free(c);
	return err_sys_as(e, ERP_IO, rc != 0 ? rc : EPIPE, "start", argv[0]);
}

void
companion_end(struct companion *c)
{
	(void)close(c->in);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	(void)close(c->out);
	free(c);
}

void
companion_wait(void)
{
	char byte = '.';

	if (write(STDOUT_FILENO, &byte, 1) != 1)
		return;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
}

/* Nobody is kept from opening a file here. */
int
companion_hold(const char *path, struct err *e)
{
	(void)path;
	(void)e;
	return 0;
}
