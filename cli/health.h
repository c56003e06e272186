#ifndef ERPSYNC_CLI_HEALTH_H
#define ERPSYNC_CLI_HEALTH_H

/*
 * The health check: a command of this station's administrator that tells
 * whether the client works after an update.
 */

#include <stdint.h>

struct err;
struct folder;

enum { HEALTH_COMMAND_MAX = 4096 }; /* with its NUL */

struct health {
	const char *command; /* for /bin/sh */
	uint32_t timeout_ms;
};

/*
 * The health hook of struct folder_options; ctx is a struct health.  The
 * command runs in the client folder, its output goes to standard error.
 * ERP_HEALTH when it does not end with 0, or not in time: then it is killed
 * with all it started.
 */
int health_run(void *ctx, const struct folder *f, struct err *e);

#endif
