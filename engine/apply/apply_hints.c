/*
 * What a plan knows of live files, for the backup of them: under the preflight,
 * which counts the room that the backup takes, and the update itself.
 */
#include "engine/apply/apply_internal.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

/*
 * Is what is live what its release brought?  For SAME, size and time say so,
 * as everywhere; a hash knows better.
 */
static bool
is_pristine(const struct folder *f, const struct action *a)
{
	const struct entry *was;

	if (!a->have->content.known)
		return a->kind == ACTION_SAME;
	if (a->want != NULL && a->want->content.known &&
	    hash_equal(&a->have->content.hash, &a->want->content.hash))
		return true;
	was = f->state.known ? manifest_find(folder_installed(f), a->have->path)
			     : NULL;
	return was != NULL && was->content.known &&
	    hash_equal(&a->have->content.hash, &was->content.hash);
}

int
apply_hints(const struct folder *f, const struct plan *plan,
    struct backup_hints *out, struct err *e)
{
	const struct action *a;
	struct backup_hint *h;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		if (a->have == NULL || a->have->type != ENTRY_FILE ||
		    a->kind == ACTION_EXTRA)
			continue;
		if ((h = backup_hints_add(out)) == NULL)
			return err_nomem(e);
		h->path = a->have->path;
		h->mtime = a->have->raw;
		h->ino = a->have->ino;
		h->pristine = is_pristine(f, a);
		h->goes = a->kind != ACTION_SAME;
		/* So the backup can be verified without reading it now. */
		h->content = a->have->content;
		if (!h->content.known && h->pristine)
			h->content = a->want->content;
	}
	backup_hints_sort(out);
	return 0;
}

const struct backup_entry *
apply_hints_lack(
    const struct backup_hints *hints, const struct backup_list *list)
{
	const struct backup_entry *x, *most = NULL;
	size_t i, at = 0;

	for (i = 0; list != NULL && i < list->n; i++) {
		x = &list->v[i];
		if (x->type == FS_FILE && x->how == BACKUP_COPY &&
		    (most == NULL || x->taken > most->taken) &&
		    backup_hints_next(hints, x->path, &at) == NULL)
			most = x;
	}
	return most;
}
