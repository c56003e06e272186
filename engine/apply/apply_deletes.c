/*
 * The limit of deletions (--max-delete): asked after the plan, before anything
 * is received or changed.
 */
#include "engine/apply/apply.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

#include <inttypes.h>

/* Deletions of this many files, or one in so many, are no accident. */
enum { DELETES_LEAST = 10, DELETES_PART = 5 };

int
apply_check_deletes(const struct folder *f, const struct plan *plan,
    const uint64_t *max, struct err *e)
{
	const struct manifest *m = &f->state.manifest;
	uint64_t gone = 0, had = 0, may;
	size_t i;

	for (i = 0; i < plan->n; i++)
		gone += plan->v[i].kind == ACTION_DELETE &&
		    plan->v[i].have->type != ENTRY_DIR;
	for (i = 0; f->state.known && i < m->n; i++)
		had += m->v[i].type != ENTRY_DIR;
	may = had / DELETES_PART < DELETES_LEAST ? DELETES_LEAST
						 : had / DELETES_PART;
	if (gone <= (max != NULL ? *max : may))
		return 0;
	return err_set(e, ERP_DELETES,
	    "%" PRIu64 " of %" PRIu64 " files would be deleted, %" PRIu64
	    " at most may be; --max-delete=%" PRIu64 " allows it",
	    gone, had, max != NULL ? *max : may, gone);
}
