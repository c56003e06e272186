/*
 * Below health_posix.c and window_zenity_posix.c: how a program is started that
 * is to run beside us.
 */
#define _GNU_SOURCE /* posix_spawn in another folder */
#include "cli/process_posix.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <unistd.h>

extern char **environ;

static int
prepare_files(posix_spawn_file_actions_t *files, const struct process *p)
{
	int rc = p->folder != NULL
	    ? posix_spawn_file_actions_addchdir_np(files, p->folder)
	    : 0;

	if (rc == 0)
		rc = p->in >= 0 ? posix_spawn_file_actions_adddup2(
				      files, p->in, STDIN_FILENO)
				: posix_spawn_file_actions_addopen(files,
				      STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = p->out >= 0 ? posix_spawn_file_actions_adddup2(
				       files, p->out, STDOUT_FILENO)
				 : posix_spawn_file_actions_addopen(files,
				       STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	return rc != 0 ? rc
		       : posix_spawn_file_actions_adddup2(
			     files, STDOUT_FILENO, STDERR_FILENO);
}

static int
prepare_signals(posix_spawnattr_t *attr)
{
	sigset_t all, none;
	int rc;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	if ((rc = posix_spawnattr_setsigdefault(attr, &all)) != 0 ||
	    (rc = posix_spawnattr_setsigmask(attr, &none)) != 0 ||
	    (rc = posix_spawnattr_setpgroup(attr, 0)) != 0)
		return rc;
	return posix_spawnattr_setflags(attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
		POSIX_SPAWN_SETSIGMASK);
}

int
process_start(const struct process *p, char *const argv[], pid_t *pid)
{
	char *const *env = p->environment != NULL ? p->environment : environ;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc = posix_spawn_file_actions_init(&files);

	if (rc != 0)
		return rc;
	if ((rc = posix_spawnattr_init(&attr)) == 0) {
		if ((rc = prepare_files(&files, p)) == 0 &&
		    (rc = prepare_signals(&attr)) == 0)
			rc = posix_spawnp(
			    pid, argv[0], &files, &attr, argv, env);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}
