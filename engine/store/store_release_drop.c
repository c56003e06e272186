/*
 * Old releases go: those beyond the number to keep, and then the contents,
 * keys and blobs that no kept release of any system needs.
 */
#include "engine/store/store_release_internal.h"

#include "engine/base/err.h"
#include "engine/base/fs_at.h"

#include <assert.h>
#include <stdlib.h>

/* What lies beside it, also as a kill left it. */
static void
drop_beside(struct store *s, enum path_os os, const struct hash *id)
{
	static const char *const endings[] = {KEPT_SEAL, KEPT_SEAL ".new",
	    KEPT_HELD, KEPT_STATIONS, KEPT_STATIONS ".new"};
	char path[2 * STORE_PATH_BYTES];
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		kept_beside(path, os, id, endings[i]);
		(void)fs_unlink(s->fs, s->root, path);
	}
}

/* What belongs to it goes with it, unless that is a newer one's too. */
static int
drop_one(struct store *s, enum path_os os, const struct kept_list *list,
    size_t i, struct err *e)
{
	const struct kept *k = &list->v[i];

	if (!kept_is_older_twin(list, i))
		drop_beside(s, os, &k->id);
	return at_unlink(s->fs, s->root, k->path, e);
}

/* Remove older entries of the same release, damaged ones and all but keep.
 * What the others need goes into needed. */
static int
drop_old(struct store *s, enum path_os os, int keep, struct hash_set *needed,
    struct err *e)
{
	struct kept_list list;
	const struct kept *k;
	size_t i, left = (size_t)keep;
	bool drop, dropped = false;
	int rc = kept_list_read(s, os, &list, e);

	for (i = list.n; rc == 0 && i > 0; i--) {
		k = &list.v[i - 1];
		drop = left == 0 || kept_is_older_twin(&list, i - 1);
		if (!drop) {
			rc = kept_contents(s, k, os, needed, e);
			drop = rc == ERP_CORRUPT;
		}
		if (!drop)
			left--;
		else if ((rc = drop_one(s, os, &list, i - 1, e)) == 0)
			dropped = true;
	}
	free(list.v);
	/* Their names go before their contents do. */
	return rc == 0 && dropped ? kept_sync(s, os, e) : rc;
}

int
releases_drop(struct store *s, enum path_os os, int keep, struct err *e)
{
	struct hash_set needed = {.v = NULL};
	int rc, other;

	assert(keep >= 1);
	rc = drop_old(s, os, keep, &needed, e);
	for (other = 0; rc == 0 && other < PATH_OS_N; other++)
		if ((enum path_os)other != os)
			rc = kept_all_contents(
			    s, (enum path_os)other, &needed, e);
	if (rc == 0)
		rc = contents_collect(s, &needed, e);
	if (rc == 0)
		rc = blobs_collect(s, &needed, e);
	hash_set_release(&needed);
	return rc;
}
