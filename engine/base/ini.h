#ifndef ERPSYNC_ENGINE_BASE_INI_H
#define ERPSYNC_ENGINE_BASE_INI_H

/*
 * INI files in the dialect of AppServer.ini and smartclient.ini:
 *  - sections and keys are found whatever their case (ASCII letters);
 *  - a line that starts with ';' or "//" is a comment; either one later in a
 *    line belongs to the value, with a warning when it looks like a comment;
 *  - blanks around names, '=' and values do not count, and one pair of quotes
 *    around a whole value is taken off;
 *  - a key that is there twice: the first one counts, as in Windows' own
 *    reading of such files, with a warning that names both lines; a section
 *    that is there twice is one section, also with a warning;
 *  - LF or CRLF; UTF-8 with or without a byte order mark, else the file is
 *    taken as Windows-1252.  Texts handed out are always UTF-8.
 */

#include "engine/base/fs_file.h"

#include <stdbool.h>
#include <stddef.h>

struct err;
struct fs;

enum { INI_MAX_BYTES = 1024 * 1024 };

struct ini_entry {
	const char *section;
	const char *key;
	const char *value; /* "" when there is none */
	unsigned line; /* from 1 */
	unsigned section_line; /* where its section begins */
};

struct ini {
	char *file; /* as shown in messages */
	char *text; /* what the entries point into */
	struct ini_entry *v; /* in file order, without later duplicates */
	size_t n;
	size_t cap;
	struct names warnings; /* complete lines: "file:line: text"; at
				  most 101 */
};

/*
 * Parse n bytes into out; file is only for messages.  ERP_USAGE naming file
 * and line for what cannot be read at all: a NUL byte, UTF-16, a '[' without
 * ']', a file above INI_MAX_BYTES.  out holds nothing after a failure.
 */
int ini_parse(
    const char *file, const void *p, size_t n, struct ini *out, struct err *e);

/* The same on a file.  Also ERP_NOTFOUND and other errors of reading; what is
 * no file, such as a FIFO, is ERP_USAGE and not waited for. */
int ini_load(const char *path, struct ini *out, struct err *e);

/* The same on an open file, whose name is only for messages. */
int ini_read(const struct fs *fs, int fd, const char *name, struct ini *out,
    struct err *e);
void ini_release(struct ini *ini);

/* The bytes as the texts above are: a copy in UTF-8 that ends with NUL, which
 * the caller frees; NULL without memory. */
char *ini_as_utf8(const void *p, size_t n);

/* The entry of this section and key, or NULL. */
const struct ini_entry *ini_get(
    const struct ini *ini, const char *section, const char *key);

/* Is there a section of this name with at least one key? */
bool ini_has_section(const struct ini *ini, const char *section);

/* Add a warning about a line of the file. */
int ini_warn(struct ini *ini, struct err *e, unsigned line, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/* ERP_USAGE with "file:line: text". */
int ini_fail(const struct ini *ini, struct err *e, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Are two names the same but for the case of ASCII letters? */
bool ini_name_equal(const char *a, const char *b);

/* Cut blanks and tabs off both ends, in place; where the rest begins. */
char *ini_trim(char *text);

#endif
