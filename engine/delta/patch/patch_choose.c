/*
 * Which covers a target has: with care or without delay, or none where next to
 * nothing of the basis is in it.  Between patch_make.c, or patch_project.c, and
 * the two ways to look.
 */
#include "engine/base/err.h"
#include "engine/delta/patch/patch_make_internal.h"

#include <stdlib.h>

/* With less of its places known from the basis, in 1/1024, a target is not
 * worth a patch: that is about what numbers and addresses share by chance.  Of
 * a short one nobody knows before. */
enum { LIKENESS_MIN = 16, SHORT = 4096 };

/* Choose covers with care; PATCH_NONE when there is next to nothing. */
static int
choose(const struct patch_task *t, bool may_refuse, struct patch_covers *covers,
    struct err *e)
{
	struct patch_covers first = {NULL, 0};
	struct patch_index *index = NULL;
	int rc;

	if ((rc = patch_index_new(t, &index, e)) != 0)
		return rc;
	if (may_refuse && patch_index_likeness(index) < LIKENESS_MIN)
		rc = PATCH_NONE;
	if (rc == 0 && (rc = patch_go_on(t->pair, e)) == 0 &&
	    (rc = patch_index_sort(index, e)) == 0)
		rc = patch_parse(t, index, &first, e);
	/* The largest thing in memory. */
	patch_index_free(index);
	if (rc == 0)
		rc = patch_parse_again(t, &first, covers, e);
	free(first.v);
	return rc;
}

int
patch_choose_quickly(const struct patch_task *t, bool may_refuse,
    struct patch_covers *covers, struct err *e)
{
	uint64_t covered = 0;
	size_t i;
	int rc;

	if ((rc = patch_quick(t, covers, e)) != 0)
		return rc;
	for (i = 0; i < covers->n; i++)
		covered += covers->v[i].len;
	if (may_refuse && t->target_len >= SHORT &&
	    covered * 1024 < (uint64_t)LIKENESS_MIN * t->target_len)
		return PATCH_NONE;
	return 0;
}

int
patch_choose(const struct patch_task *task, bool may_refuse,
    struct patch_covers *covers, struct err *e)
{
	return task->pair->effort == PATCH_BEST
	    ? choose(task, may_refuse, covers, e)
	    : patch_choose_quickly(task, may_refuse, covers, e);
}
