#ifndef ERPSYNC_CLI_LOG_H
#define ERPSYNC_CLI_LOG_H

/*
 * Log records in the form of the ERP's console.log:
 *   2026-07-17T18:55:11.097000-03:00 9684|[INFO ][SERVER] text
 * Each record is one line and one write; control characters and bytes that
 * are not UTF-8 are escaped, whoever sent them.  Safe to use from several
 * threads.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct err;
struct log;

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Append to the file at path, created if it is missing. */
int log_open(const char *path, struct log **out, struct err *e);

/* Write to f, which stays the caller's. */
int log_open_stream(FILE *f, struct log **out, struct err *e);

/* Open the file anew, after it was renamed away; nothing for a stream.  On
 * failure the old file goes on being written. */
int log_reopen(struct log *l, struct err *e);
void log_close(struct log *l);

/* Write one record; part is a short upper-case word as "SERVER".  The first
 * record that the file at a path does not take is told on standard error. */
void log_write(struct log *l, enum log_level level, const char *part,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* When and where a record was written. */
struct log_stamp {
	int64_t s; /* since 1970, UTC; shown in local time */
	uint32_t us;
	long thread;
	enum log_level level;
	const char *part;
};

/* The record with its newline and a NUL; a text that is too long is cut.
 * Returns the length without the NUL. */
size_t log_format(
    char *out, size_t cap, const struct log_stamp *stamp, const char *text);

#endif
