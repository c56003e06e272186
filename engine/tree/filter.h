#ifndef ERPSYNC_ENGINE_TREE_FILTER_H
#define ERPSYNC_ENGINE_TREE_FILTER_H

/*
 * Names to leave out: an ordered list of shell patterns (pattern.h).  A
 * pattern with a slash matches the whole path, one without matches the last
 * component, one that begins with two stars and a slash a path in any folder or
 * none; a directory left out takes all below with it.  A slash in front only
 * anchors a pattern, one at its end is ignored, as is "./" in front; a
 * backslash before a letter or digit is what Windows has for a slash.
 */

#include <stdbool.h>
#include <stddef.h>

struct err;

struct filter {
	char **v;
	bool *hit; /* pattern i has left something out */
	size_t n;
	size_t cap;
	/* So many of the first ones never leave out a station's smartclient.ini
	 * (kind.h), nor a folder that it is in; the caller's to set. */
	size_t yields;
};

void filter_init(struct filter *f);
void filter_release(struct filter *f);

/* ERP_USAGE for an empty or overlong pattern, ERP_NOMEM. */
int filter_add(struct filter *f, const char *pattern, struct err *e);

/* Is path (relative) left out?  f may be NULL. */
bool filter_excludes(const struct filter *f, const char *path);

/* What a pattern that begins with two stars and a slash has behind them; NULL:
 * it is none of these. */
const char *filter_below_any(const char *pattern);

/* Has pattern i left out nothing so far, and looks as if it should have?  A "*"
 * or "?" in lower case may just find nothing today; but brackets may be meant
 * as they stand, a space as the comma between two, and what begins
 * with a slash as a place outside of the folder. */
bool filter_is_idle(const struct filter *f, size_t i);

#endif
