/*
 * Below window_posix.c: the program that draws windows for others, started,
 * fed and watched.
 */
#include "cli/window/window_zenity_internal.h"

#include "cli/process_posix.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "zenity"

extern char **environ;

/* Its exit codes are ours to choose, so that a refusal is told from a screen
 * that is not there, which is 1 too. */
enum { CODE_AGREED = 0, CODE_REFUSED = 81, CODE_MORE = 82 };
static const char *const codes[] = {
    "ZENITY_OK=0", "ZENITY_CANCEL=81", "ZENITY_ESC=81", "ZENITY_EXTRA=82"};

enum { CODES_N = sizeof(codes) / sizeof(codes[0]) };

static bool
is_set(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && v[0] != '\0';
}

/* Is there such a program in PATH? */
static bool
is_in_path(const char *name)
{
	const char *path = getenv("PATH");
	char at[PATH_MAX];
	size_t len;

	for (; path != NULL && *path != '\0';
	     path += len + (path[len] == ':')) {
		len = strcspn(path, ":");
		(void)snprintf(at, sizeof(at), "%.*s/%s", (int)len, path, name);
		if (access(at, X_OK) == 0)
			return true;
	}
	return false;
}

bool
zenity_is_there(void)
{
	return (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")) &&
	    is_in_path(PROGRAM);
}

/* Our environment with the codes; NULL without memory.  Who frees it frees
 * the list alone. */
static char **
environment(void)
{
	size_t n = 0, i;
	char **list;

	while (environ[n] != NULL)
		n++;
	list = calloc(n + CODES_N + 1, sizeof(*list));
	if (list == NULL)
		return NULL;
	for (i = 0; i < CODES_N; i++)
		list[i] = (char *)(uintptr_t)codes[i];
	memcpy(list + CODES_N, environ, n * sizeof(*list));
	return list;
}

static bool
spawn(struct zenity *z, char *const argv[], int in)
{
	char **env = environment();
	const struct process zenity = {NULL, env, in, -1};
	bool ok = env != NULL && process_start(&zenity, argv, &z->pid) == 0;

	free(env);
	return ok;
}

bool
zenity_start(struct zenity *z, char *const argv[])
{
	int ends[2];
	bool ok;

	memset(z, 0, sizeof(*z));
	if (pipe(ends) != 0)
		return false;
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
	ok = spawn(z, argv, ends[0]);
	(void)close(ends[0]);
	if (!ok) {
		(void)close(ends[1]);
		memset(z, 0, sizeof(*z));
		return false;
	}
	z->in = ends[1];
	return true;
}

void
zenity_say(const struct zenity *z, const char *text, size_t len)
{
	/* A pipe takes so many bytes whole or not at all; that nobody reads
	 * is seen by zenity_look. */
	if (z->pid != 0 && z->in >= 0 && len <= PIPE_BUF)
		while (write(z->in, text, len) < 0 && errno == EINTR)
			continue;
}

void
zenity_end_input(struct zenity *z)
{
	if (z->pid != 0 && z->in >= 0)
		(void)close(z->in);
	z->in = -1;
}

static void
forget(struct zenity *z)
{
	zenity_end_input(z);
	memset(z, 0, sizeof(*z));
}

enum zenity_end
zenity_look(struct zenity *z)
{
	int status = 0;
	pid_t got;

	if (z->pid == 0)
		return ZENITY_DIED;
	got = waitpid(z->pid, &status, WNOHANG);
	if (got == 0 || (got < 0 && errno == EINTR))
		return ZENITY_RUNS;
	forget(z);
	if (got < 0 || !WIFEXITED(status))
		return ZENITY_DIED;
	switch (WEXITSTATUS(status)) {
	case CODE_AGREED:
		return ZENITY_AGREED;
	case CODE_REFUSED:
		return ZENITY_REFUSED;
	case CODE_MORE:
		return ZENITY_MORE;
	}
	return ZENITY_DIED;
}

void
zenity_stop(struct zenity *z)
{
	if (z->pid == 0)
		return;
	/* It may be stopped, or waiting for a screen that hangs. */
	(void)kill(z->pid, SIGKILL);
	while (waitpid(z->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	forget(z);
}
