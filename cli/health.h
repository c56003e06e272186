#ifndef ERPSYNC_CLI_HEALTH_H
#define ERPSYNC_CLI_HEALTH_H

/*
 * The health check: a command of this station's administrator that tells
 * whether the client works after an update.
 */

#include <stdint.h>

struct err;

enum { HEALTH_COMMAND_MAX = 4096 }; /* with its NUL */

struct health {
	const char *command; /* for /bin/sh */
	uint32_t timeout_ms;
};

/*
 * Run the command in the client folder, its output going to standard error.
 * ERP_CANCELLED when a signal ended it with all it started; ERP_HEALTH when it
 * does not end with 0, or not in time: then it is killed with all it started.
 * Another code: it could not be started.
 */
int health_run(const struct health *h, const char *folder, struct err *e);

#endif
