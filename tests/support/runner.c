/*
 * Criterion's socket is /tmp/criterion_PID.sock and nothing else: a run that
 * was killed leaves it, and another user who gets that process number later
 * can neither use nor remove it, and runs no test at all.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
number_is_taken(void)
{
	char path[64];
	struct stat st;

	(void)snprintf(
	    path, sizeof(path), "/tmp/criterion_%ld.sock", (long)getpid());
	return geteuid() != 0 && lstat(path, &st) == 0 &&
	    st.st_uid != geteuid();
}

/* Before Criterion starts: waits for one with a free number where its own is
   taken.  The processes that tests run in (BXFI_MAP) have no such socket. */
__attribute__((constructor)) static void
take_free_number(void)
{
	int status;
	pid_t child, ended;

	while (getenv("BXFI_MAP") == NULL && number_is_taken() &&
	    (child = fork()) != 0) {
		do {
			ended = child < 0 ? -1 : waitpid(child, &status, 0);
		} while (ended < 0 && errno == EINTR);
		_exit(ended == child && WIFEXITED(status) ? WEXITSTATUS(status)
							  : 1);
	}
}
