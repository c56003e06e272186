/*
 * Running the health check after an update, before it is kept: station_job
 * asks for it from the library's callback.
 */
#define _GNU_SOURCE /* posix_spawn in another folder */
#include "cli/health.h"

#include "cli/signals.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 20 };

extern char **environ;

/* As every program expects its world: its own group, signals as they are by
 * default, no terminal to read from. */
static int
prepare(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr,
    const char *folder)
{
	sigset_t all, none;
	int rc;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	if ((rc = posix_spawn_file_actions_addchdir_np(files, folder)) != 0 ||
	    (rc = posix_spawn_file_actions_addopen(
		 files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)) != 0 ||
	    (rc = posix_spawn_file_actions_adddup2(
		 files, STDERR_FILENO, STDOUT_FILENO)) != 0 ||
	    (rc = posix_spawnattr_setsigdefault(attr, &all)) != 0 ||
	    (rc = posix_spawnattr_setsigmask(attr, &none)) != 0 ||
	    (rc = posix_spawnattr_setpgroup(attr, 0)) != 0)
		return rc;
	return posix_spawnattr_setflags(attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
		POSIX_SPAWN_SETSIGMASK);
}

static int
start(const struct health *h, const char *folder, pid_t *pid, struct err *e)
{
	char shell[] = "sh", option[] = "-c", command[HEALTH_COMMAND_MAX];
	char *const argv[] = {shell, option, command, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc;

	if (strlcpy(command, h->command, sizeof(command)) >= sizeof(command))
		return err_set(e, ERP_HEALTH, "the health check is too long");
	if (posix_spawn_file_actions_init(&files) != 0)
		return err_nomem(e);
	if (posix_spawnattr_init(&attr) != 0) {
		(void)posix_spawn_file_actions_destroy(&files);
		return err_nomem(e);
	}
	if ((rc = prepare(&files, &attr, folder)) == 0)
		rc = posix_spawn(pid, "/bin/sh", &files, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	return rc != 0 ? err_sys(e, rc, "start", "/bin/sh") : 0;
}

static int
judge(int status, struct err *e)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return err_set(e, ERP_HEALTH,
		    "the health check was ended by signal %d",
		    WTERMSIG(status));
	return err_set(e, ERP_HEALTH,
	    "the health check ended with exit code %d", WEXITSTATUS(status));
}

int
health_run(const struct health *h, const char *folder, struct err *e)
{
	const struct clock *c = clock_real();
	uint64_t until;
	int rc, status;
	pid_t pid;

	if ((rc = start(h, folder, &pid, e)) != 0)
		return rc;
	until = clock_ms(c) + h->timeout_ms;
	for (;;) {
		rc = (int)waitpid(pid, &status, WNOHANG);
		if (rc == pid)
			return judge(status, e);
		if (rc < 0 && errno != EINTR) {
			rc = err_sys(e, errno, "wait for", h->command);
			break;
		}
		if (signals_caught() != 0) {
			rc = err_set(e, ERP_CANCELLED, "interrupted");
			break;
		}
		if (clock_ms(c) >= until) {
			rc = err_set(e, ERP_HEALTH,
			    "the health check did not end within %u seconds",
			    (unsigned)(h->timeout_ms / 1000));
			break;
		}
		clock_sleep_ms(NULL, LOOK_MS);
	}
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return rc;
}
