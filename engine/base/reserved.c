/*
 * Names at the top of a folder that are not a release's, nor a scan's to see:
 * asked by manifests, links (path.c) and whoever reads a folder.  What else a
 * name may not be is in path.c.  Folding is ours (fold.h).
 */
#include "engine/base/reserved.h"

#include "engine/base/fold.h"
#include "engine/base/text.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SHORT_STEM = 6 }; /* bytes before the '~' of a short name */

/* Does path, folded, begin with this ASCII text?  *rest is what follows. */
static bool
begins_folded(const char *path, const char *with, const char **rest)
{
	size_t left = strlen(path), n;
	uint32_t cp;

	while (*with != '\0') {
		if (left == 0 || (n = utf8_next(path, left, &cp)) == 0)
			return false;
		path += n;
		left -= n;
		if ((cp = fold_char(cp)) == 0)
			continue;
		if (cp != (uint8_t)*with)
			return false;
		with++;
	}
	*rest = path;
	return true;
}

bool
path_is_of_disk(const char *path)
{
	return strncmp(path, "lost+found", 10) == 0 &&
	    (path[10] == '\0' || path[10] == '/');
}

bool
path_is_reserved(const char *path)
{
	const char *rest;
	size_t n;
	uint32_t cp;

	if (begins_folded(path, "bkp_remote.", &rest))
		return true;
	if (path_is_of_disk(path))
		return true;
	if (!begins_folded(path, ".erpsync", &rest))
		return false;
	while (*rest != '\0' && *rest != '/') {
		n = utf8_next(rest, strlen(rest), &cp);
		if (n == 0 || fold_char(cp) != 0)
			return false;
		rest += n;
	}
	return true;
}

/*
 * A short name is up to six characters, '~' and a number, and what it is made
 * of is the beginning of the long one: ERPSYN~1, BKP_RE~1.001.  After a few of
 * a kind only the first two letters are of it: ER3A9C~1.
 */
bool
path_is_short_of_reserved(const char *path)
{
	const char *rest, *tilde = strpbrk(path, "~./");
	size_t digits;

	if (!begins_folded(path, "er", &rest) &&
	    !begins_folded(path, "bk", &rest))
		return false;
	if (tilde == NULL || *tilde != '~' || tilde - path > SHORT_STEM)
		return false;
	digits = strspn(tilde + 1, "0123456789");
	return digits > 0 && strchr("./", tilde[1 + digits]) != NULL;
}
