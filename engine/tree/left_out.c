/*
 * Names that a server leaves out: from what it told, or from its settings, to
 * the plan, which asks for each file that no release has any more.
 */
#include "engine/tree/left_out.h"

#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
left_out_is_legal(const char *pattern)
{
	size_t len = strlen(pattern), n;

	if (len > LEFT_OUT_BYTES || strspn(pattern, "/\\") == len ||
	    !utf8_is_printable(pattern, len))
		return false;
	for (;; pattern += n + 1) {
		n = strcspn(pattern, "/\\");
		if (n == 2 && memcmp(pattern, "..", n) == 0)
			return false;
		if (pattern[n] == '\0')
			return true;
	}
}

int
left_out_add(struct left_out *l, const char *pattern, struct err *e)
{
	char *folded;
	int rc;

	if (!left_out_is_legal(pattern))
		return err_path(e, ERP_PROTO, pattern,
		    "is no pattern of names that a server may leave out");
	if ((rc = filter_add(&l->exact, pattern, e)) != 0)
		return rc;
	if ((folded = path_fold(pattern)) == NULL)
		return err_nomem(e);
	/* What is made of invisible characters is no name when it is folded. */
	if ((rc = filter_add(&l->folded, folded, e)) == ERP_USAGE)
		rc = 0;
	free(folded);
	return rc;
}

void
left_out_release(struct left_out *l)
{
	filter_release(&l->exact);
	filter_release(&l->folded);
}

bool
left_out_has(const struct left_out *l, const char *path)
{
	char *folded;
	bool has;

	if (strcasecmp(path_base(path), "smartclient.ini") == 0)
		return true;
	if (l == NULL || filter_excludes(&l->exact, path))
		return l != NULL;
	if (!l->folds || l->folded.n == 0)
		return false;
	folded = path_fold(path);
	/* Without memory to know it stays. */
	has = folded == NULL || filter_excludes(&l->folded, folded);
	free(folded);
	return has;
}
