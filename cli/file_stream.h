#ifndef ERPSYNC_CLI_FILE_STREAM_H
#define ERPSYNC_CLI_FILE_STREAM_H

/*
 * Files and standard streams that a command reads and writes, "-" being the
 * standard stream.  An output file appears under its name only when it is
 * complete; a signal to stop ends reading and writing with ERP_CANCELLED, so
 * that nothing half-done stays behind.
 */

#include "transport/api/erpsync.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct err;

/*
 * SIGINT, SIGTERM and SIGHUP, unless they are ignored, become readable here
 * between begin and end instead of ending the process.  Streams are opened
 * before begin, since opening a named pipe may wait.
 */
struct stop_signals {
	int fd;
	sigset_t before;
};
int stop_signals_begin(struct stop_signals *s, struct err *e);
void stop_signals_end(struct stop_signals *s);

struct input {
	const char *path;
	const struct stop_signals *stop;
	int fd; /* -1: not open */
	bool is_file; /* a regular file: has a size, can be read anywhere */
	uint64_t size; /* UINT64_MAX when it is not a file */
};
int input_open(struct input *in, const char *path,
    const struct stop_signals *stop, struct err *e);
struct erpsync_reader reader_of_input(struct input *in);
/* Only of one that is_file. */
struct erpsync_range range_of_input(struct input *in);
void input_close(struct input *in);

struct output {
	const char *path;
	const struct stop_signals *stop;
	int fd; /* -1: not open */
	int dir; /* the folder of the file being made; -1: written directly */
	char *name; /* its name at the end */
	char temp[32]; /* its name until then */
	uint64_t pos;
};
int output_open(struct output *out, const char *path,
    const struct stop_signals *stop, struct err *e);
/* Create the file under another name; to be called before anything else. */
int output_begin(struct output *out, struct err *e);
struct erpsync_writer writer_of_output(struct output *out);
/* Make it durable and give it its name, in place of what had it before. */
int output_commit(struct output *out, struct err *e);
/* Close; without a commit nothing stays behind. */
void output_close(struct output *out);

#endif
