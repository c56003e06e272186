#ifndef ERPSYNC_CLI_FILE_STREAM_INTERNAL_H
#define ERPSYNC_CLI_FILE_STREAM_INTERNAL_H

/*
 * What file_stream.c needs of the system beside struct fs: what a path leads
 * to, be it a pipe or a device, and reading and writing that ends when the
 * program is asked to stop (ERP_CANCELLED).  file_stream_posix.c and
 * file_stream_win32.c have it.
 */

#include "cli/file_stream.h"

#include <stddef.h>

struct stream_facts {
	bool is_file, is_folder, is_fifo;
	uint64_t size; /* of a file */
	struct file_id id;
};

/* The process's own: standard output, or standard input. */
int stream_standard(bool output);

/* Is anything there?  And of what is open: an errno, or 0. */
bool stream_look(const char *path, struct stream_facts *f);
int stream_look_open(int fd, struct stream_facts *f);

/* Open what is there: a descriptor, or a code. */
int stream_open_input(
    const char *path, const struct stop_signals *stop, struct err *e);
/* Of what is no file. */
int stream_open_output(const char *path, const struct stream_facts *f,
    const struct stop_signals *stop, struct err *e);
void stream_close(int fd); /* but for the process's own */

/* Would the next byte be the file's first? */
bool stream_at_start(int fd);

/* How long a file or device is; below 0: it has no length. */
int64_t stream_length(int fd);

/* Some bytes, 0 at the end, or a code; path is for messages. */
int64_t stream_read(const struct input *in, void *p, size_t n, struct err *e);
int64_t stream_read_at(
    const struct input *in, uint64_t off, void *p, size_t n, struct err *e);

/* Wait until something may be written, and write some of it. */
int stream_wait_write(const struct output *out, struct err *e);
int64_t stream_write(
    const struct output *out, const void *p, size_t n, struct err *e);

/* The folder and the name in it of a file, whose link is followed: both
 * malloc'd. */
int stream_place(const char *path, char **folder, char **name, struct err *e);

#endif
