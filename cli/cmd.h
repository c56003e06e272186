#ifndef ERPSYNC_CLI_CMD_H
#define ERPSYNC_CLI_CMD_H

/*
 * The commands of the program: each has a function in cmd_*.c and a row in a
 * table of cli/role, from which the help is printed.  Commands print and
 * return an exit code; only main exits.
 */

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
	EXIT_BUSY = 67, /* another update holds the folder */
	EXIT_CONTENT = 68, /* content that is not what was promised */
	EXIT_RECOVERY = 69, /* recovery required, see the message */
	EXIT_INTERNAL = 70, /* our own bug, noticed in time */
	EXIT_HEALTH = 71 /* the health check refused the release */
};

/* argv[0] is the command's own name. */
int cmd_serve(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_update(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_rollback(int argc, char **argv);
int cmd_recover(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_signature(int argc, char **argv);
int cmd_delta(int argc, char **argv);
int cmd_patch(int argc, char **argv);

/* The exit code for an engine error. */
int exit_of_error(int code);

/* The same with a look at errno: a socket's errors have their own codes. */
int exit_of_failure(const struct err *e);

/* Where an error came from, by its errno: messages differ. */
enum error_origin {
	ORIGIN_OTHER,
	ORIGIN_CONNECT, /* no connection came about */
	ORIGIN_SOCKET, /* the connection broke */
	ORIGIN_TIMEOUT
};
enum error_origin error_origin(const struct err *e);

#endif
