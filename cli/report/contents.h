#ifndef ERPSYNC_CLI_REPORT_CONTENTS_H
#define ERPSYNC_CLI_REPORT_CONTENTS_H

/*
 * What changes inside the files of a report: INI files by section and key, and
 * other texts line by line where that is asked for.  It takes both contents,
 * and a check has only the old one.
 */

#include <stdbool.h>
#include <stddef.h>

struct contents;
struct err;
struct erpsync_change;
struct erpsync_conflict;

struct contents_options {
	/* Folders with the old files and the new ones; NULL: they are not
	 * here. */
	const char *old_folder, *new_folder;
	bool diff; /* texts that are no INI files, too */
};

/*
 * Of the n changes of a report, in their order, which stay the caller's and
 * have to outlive it.  What cannot be read is told,
 * and fails nothing; ERP_NOMEM.
 */
int contents_make(const struct erpsync_change *v, size_t n,
    const struct contents_options *opt, struct contents **out, struct err *e);
void contents_free(struct contents *c); /* or NULL */

/* One key of an INI file, or one line of a diff (diff.h). */
struct contents_line {
	const char *section; /* NULL: it is of a diff */
	const char *text; /* the key, or the line with its sign */
	/* Values; NULL: there is none.  Those of passwords are not told. */
	const char *old_value, *new_value;
	/* It was changed here and in the release; or NULL.  Then both values
	 * may be the same. */
	const struct erpsync_conflict *conflict;
	/* Of a conflict, what the release has; told as the others. */
	const char *release_value;
};
/* Number k of change i; false: there are no more.  c may be NULL. */
bool contents_line(
    const struct contents *c, size_t i, size_t k, struct contents_line *out);

/* Why there is nothing more to be told of change i: a key of the catalogue, or
 * NULL. */
const char *contents_why(const struct contents *c, size_t i);

#endif
