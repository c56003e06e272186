#ifndef ERPSYNC_ENGINE_BASE_INI_LINE_H
#define ERPSYNC_ENGINE_BASE_INI_LINE_H

/*
 * One line of the ERP's INI dialect (ini.h says what that is): what it is and
 * where its parts lie.  Pure; nothing is copied or changed.
 */

#include <stdbool.h>
#include <stddef.h>

/* A part of a text. */
struct ini_span {
	const char *p; /* NULL: there is none */
	size_t len;
};

enum ini_line_kind {
	INI_BLANK,
	INI_COMMENT,
	INI_SECTION, /* name: what stands between the brackets */
	INI_UNCLOSED, /* a '[' without its ']' */
	INI_KEY, /* name, which may be empty, and value */
	INI_STRAY /* none of these */
};

struct ini_line {
	enum ini_line_kind kind;
	/* Without blanks around; those that the kind has not are NULL. */
	struct ini_span name;
	struct ini_span value; /* with its quotes */
	struct ini_span rest; /* of a section: what stands behind the ']' */
};

/* What are these n bytes, a line without its LF?  A CR is a blank. */
void ini_line_read(const char *p, size_t n, struct ini_line *out);

/* The value without the pair of quotes around it, if it has one. */
struct ini_span ini_unquoted(struct ini_span value);

/* Order of names, upper and lower case of ASCII letters being the same. */
int ini_name_compare(struct ini_span a, struct ini_span b);

#endif
