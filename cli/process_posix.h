#ifndef ERPSYNC_CLI_PROCESS_POSIX_H
#define ERPSYNC_CLI_PROCESS_POSIX_H

/*
 * A program that runs beside us: the health check, and what draws a window.
 * As every program expects its world: signals as they are by default, and a
 * group of its own, so that a key in the terminal is for us.
 */

#include <sys/types.h>

struct process {
	const char *folder; /* it begins in; NULL: in ours */
	char *const *environment; /* NULL: ours */
	int in; /* it reads; -1: nothing */
	int out; /* it and its errors are written to; -1: nowhere */
};

/* Start argv[0], looked for in PATH where it is a mere name; 0, or an errno.
 * Whoever starts it waits for it. */
int process_start(const struct process *p, char *const argv[], pid_t *pid);

#endif
