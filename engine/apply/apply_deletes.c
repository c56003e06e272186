/*
 * The limit of deletions (--max-delete): asked after the plan, before anything
 * is received or changed.
 */
#include "engine/apply/apply.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Deletions of this many files, or one in so many, are no accident. */
enum { DELETES_LEAST = 10, DELETES_PART = 5 };

/* The files of one kind of action, by names as they are without their case. */
struct folded {
	char **v;
	size_t n;
};

static void
folded_release(struct folded *l)
{
	while (l->n > 0)
		free(l->v[--l->n]);
	free(l->v);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
fold_names(const struct plan *plan, enum action_kind kind, struct folded *out,
    struct err *e)
{
	const struct entry *x;
	size_t i;

	if ((out->v = calloc(plan->n + 1, sizeof(*out->v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < plan->n; i++) {
		x = kind == ACTION_NEW ? plan->v[i].want : plan->v[i].have;
		if (plan->v[i].kind != kind || x->type == ENTRY_DIR)
			continue;
		if ((out->v[out->n] = path_fold(x->path)) == NULL)
			return err_nomem(e);
		out->n++;
	}
	qsort(out->v, out->n, sizeof(*out->v), compare);
	return 0;
}

/*
 * How many files go under one name and come under another that differs in case
 * only, as when a folder was renamed?  On a disk where case counts that is a
 * deletion by the plan, and none to people.
 */
static int
count_renamed(const struct plan *plan, uint64_t *n, struct err *e)
{
	struct folded gone = {NULL, 0}, come = {NULL, 0};
	size_t i = 0, k = 0;
	int rc, order;

	*n = 0;
	if ((rc = fold_names(plan, ACTION_DELETE, &gone, e)) == 0)
		rc = fold_names(plan, ACTION_NEW, &come, e);
	while (rc == 0 && i < gone.n && k < come.n) {
		order = strcmp(gone.v[i], come.v[k]);
		*n += order == 0;
		i += order <= 0;
		k += order >= 0;
	}
	folded_release(&gone);
	folded_release(&come);
	return rc;
}

int
apply_check_deletes(const struct folder *f, const struct plan *plan,
    const uint64_t *max, struct err *e)
{
	const struct manifest *m = &f->state.manifest;
	uint64_t gone = 0, had = 0, may, renamed;
	size_t i;
	int rc;

	for (i = 0; i < plan->n; i++)
		gone += plan->v[i].kind == ACTION_DELETE &&
		    plan->v[i].have->type != ENTRY_DIR;
	for (i = 0; f->state.known && i < m->n; i++)
		had += m->v[i].type != ENTRY_DIR;
	may = had / DELETES_PART < DELETES_LEAST ? DELETES_LEAST
						 : had / DELETES_PART;
	may = max != NULL ? *max : may;
	if (gone <= may)
		return 0;
	if ((rc = count_renamed(plan, &renamed, e)) != 0)
		return rc;
	if ((gone -= renamed) <= may)
		return 0;
	return err_set(e, ERP_DELETES,
	    "files that would be deleted: %" PRIu64 " of %" PRIu64
	    ", at most %" PRIu64 " may be; --max-delete=%" PRIu64 " allows it",
	    gone, had, may, gone);
}
