#ifndef ERPSYNC_CLI_FAILURE_H
#define ERPSYNC_CLI_FAILURE_H

/*
 * How a failure ends the program and what the person is told of it: one table
 * by the code of the error (engine/base/err.h).
 */

#include <stdbool.h>

struct err;

/*
 * Exit codes: rsync's where it has one (rsync(1)), from 64 on our own.
 */
enum exit_code {
	EXIT_OK = 0,
	EXIT_USAGE = 1, /* syntax or usage error */
	EXIT_PROTOCOL = 2, /* protocol versions do not fit */
	EXIT_START = 5, /* the server could not start */
	EXIT_SOCKET = 10, /* error in socket I/O */
	EXIT_FILE_IO = 11, /* error in file I/O, disk full, no rights */
	EXIT_STREAM = 12, /* error in the protocol stream */
	EXIT_INTERRUPTED = 20, /* SIGINT, SIGTERM or SIGHUP */
	EXIT_MEMORY = 22, /* out of memory */
	EXIT_PARTIAL = 23, /* done in part (verify: differences) */
	EXIT_DELETES = 25, /* the limit of deletions stopped the update */
	EXIT_TIMEOUT = 30, /* timeout in data send or receive */
	EXIT_CONNECT = 35, /* timeout or refusal while connecting */
	EXIT_DIFFERENCES = 64, /* a dry run found something to update */
	EXIT_DECLINED = 65, /* the person declined the update */
	EXIT_DISABLED = 66, /* the server offers no update for us */
	EXIT_BUSY = 67, /* not now: somebody else is at it */
	EXIT_CONTENT = 68, /* content that is not what was promised */
	EXIT_RECOVERY = 69, /* recovery required, see the message */
	EXIT_INTERNAL = 70, /* our own bug, noticed in time */
	EXIT_HEALTH = 71, /* the health check refused the release */
	EXIT_UNTRUSTED = 72, /* the server is not known for whom it should be */
	/* By its seal a release was not installed. */
	EXIT_UNSEALED = 73, /* no seal of a trusted key */
	EXIT_ROLLED_BACK = 74, /* older than one that was seen */
	EXIT_FROZEN = 75, /* the seal has expired */
	EXIT_ENDLESS = 76, /* more was sent than was sealed */
	EXIT_MIXED = 77, /* the seal is of another release */
	EXIT_FORWARDED = 78, /* too far ahead to be true */
	EXIT_OTHER_SOFTWARE = 79 /* of another product or system */
};

/* The exit code for an engine error; EXIT_OK for codes >= 0. */
int failure_exit(int code);

/* A failure's message and what to do about it: keys of the catalogue. */
struct advice {
	const char *what;
	const char *act;
};
struct advice failure_advice(const struct err *e);

/* The same for the commands on single files and of a server: what to do there
 * has no client folder in it. */
struct advice failure_advice_plain(const struct err *e);

/* Do the words of e end with what to do about it, which then counts? */
bool failure_tells(const struct err *e);

#endif
