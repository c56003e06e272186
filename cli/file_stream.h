#ifndef ERPSYNC_CLI_FILE_STREAM_H
#define ERPSYNC_CLI_FILE_STREAM_H

/*
 * Files and standard streams that a command reads and writes, "-" being the
 * standard stream.  An output file appears under its name only when it is
 * complete; a signal to stop ends reading and writing with ERP_CANCELLED, so
 * that nothing half-done stays behind.
 */

#include "cli/stop_signals.h"
#include "transport/api/erpsync.h"

#include <stdbool.h>
#include <stdint.h>

struct err;

/* Which file it is, by whatever name; zero for what cannot be overwritten. */
struct file_id {
	uint64_t dev, ino;
};

enum { INPUT_HEAD_LEN = 12 };
struct input {
	const char *path;
	const struct stop_signals *stop;
	int fd; /* -1: not open */
	bool is_file; /* a regular file, from its beginning */
	uint64_t size; /* UINT64_MAX when it is not a file */
	struct file_id id;
	uint64_t read; /* bytes in order so far, the first of them here */
	uint8_t head[INPUT_HEAD_LEN];
	bool ended; /* its end was seen */
};
/* A folder is ERP_IO with EISDIR. */
int input_open(struct input *in, const char *path,
    const struct stop_signals *stop, struct err *e);
struct erpsync_reader reader_of_input(struct input *in);
/* To read it anywhere: a file or a device.  ERP_USAGE for a pipe. */
int range_of_input(struct input *in, struct erpsync_range *out, struct err *e);
void input_close(struct input *in);

struct output {
	const char *path;
	const struct stop_signals *stop;
	int fd; /* -1: not open */
	int dir; /* the folder of the file being made; -1: written directly */
	char *name; /* its name at the end */
	char temp[32]; /* its name until then */
	uint64_t pos; /* bytes written */
	bool keep; /* what has the name already is not replaced */
	struct file_id id; /* of what has it */
};
/* With keep: ERP_IO and EEXIST for a path that is there. */
int output_open(struct output *out, const char *path, bool keep,
    const struct stop_signals *stop, struct err *e);
/* Are they the same file, by whatever names? */
bool output_is_input(const struct output *out, const struct input *in);
/* Create the file under another name; to be called before anything else. */
int output_begin(struct output *out, struct err *e);
struct erpsync_writer writer_of_output(struct output *out);
/* Make it durable and give it its name, in place of what had it before. */
int output_commit(struct output *out, struct err *e);
/* Close; without a commit nothing stays behind. */
void output_close(struct output *out);

#endif
