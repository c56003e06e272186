/*
 * Running the health check after an update, before it is kept: station_job
 * asks for it from the library's callback.
 */
#include "cli/health.h"

#include "cli/process_posix.h"
#include "cli/signals.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"

#include <bsd/string.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 20 };

static int
start(const struct health *h, const char *folder, pid_t *pid, struct err *e)
{
	char shell[] = "/bin/sh", option[] = "-c", command[HEALTH_COMMAND_MAX];
	char *const argv[] = {shell, option, command, NULL};
	const struct process check = {folder, NULL, -1, STDERR_FILENO};
	int rc;

	if (strlcpy(command, h->command, sizeof(command)) >= sizeof(command))
		return err_set(e, ERP_USAGE, "the health check is too long");
	rc = process_start(&check, argv, pid);
	if (rc == EAGAIN) {
		(void)err_set(e, ERP_NOMEM,
		    "start %s: no more processes can be started here "
		    "(ulimit -u, TasksMax)",
		    shell);
		e->sys = rc;
		return ERP_NOMEM;
	}
	return rc != 0 ? err_sys(e, rc, "start", shell) : 0;
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
			    "the health check did not end within %u s",
			    (unsigned)(h->timeout_ms / 1000));
			break;
		}
		clock_sleep_ms(NULL, LOOK_MS);
	}
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return rc;
}
