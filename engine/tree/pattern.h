#ifndef ERPSYNC_ENGINE_TREE_PATTERN_H
#define ERPSYNC_ENGINE_TREE_PATTERN_H

/*
 * Shell patterns, matched alike on every system: "*" any characters, "?" one,
 * "[abc]", "[a-z]", "[!a]", "[[:alpha:]]" one of a set, a backslash takes the
 * next one as it is.  Characters are those of UTF-8; a byte that is none is a
 * character too.  What fnmatch(3) matches, but for its words for sorting.
 */

#include <stdbool.h>

/* Does all of text match?  slashes: only a slash itself matches one. */
bool pattern_matches(const char *pattern, const char *text, bool slashes);

#endif
