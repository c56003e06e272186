#ifndef ERPSYNC_ENGINE_STORE_STORE_HOLD_H
#define ERPSYNC_ENGINE_STORE_STORE_HOLD_H

/*
 * The kept releases of a store as an administrator sees them: the list, which
 * are held back, an older one made current again.  All of it is right while
 * another process has the store.
 */

#include "engine/store/store.h"

/*
 * Beside whoever holds it: for the list of releases, to hold one back, and to
 * make one current again; nothing else may be asked of it.  ERP_NOTFOUND: there
 * is no state folder.
 */
int store_open_beside(
    const struct fs *fs, const char *path, struct store **out, struct err *e);

/* A kept release; the highest number is the current one's. */
struct store_kept {
	uint64_t number;
	struct hash id;
	int64_t saved_s; /* when, seconds since 1970 */
	bool held; /* see store_hold */
};
struct store_list { /* oldest first; of two that are the same the newer */
	struct store_kept *v;
	size_t n;
};
/* The caller frees v, also after a failure. */
int store_list_releases(const struct store *s, enum path_os os,
    struct store_list *out, struct err *e);
/* The last of them; ERP_NOTFOUND: none yet. */
int store_find_current(const struct store *s, enum path_os os,
    struct store_kept *out, struct err *e);

/*
 * Hold a kept release back, or let it go: durable.  What that means is for
 * others to know; it is forgotten with the release.  1 when it is held.
 */
int store_hold(struct store *s, enum path_os os, const struct hash *id,
    bool held, struct err *e);
int store_is_held(const struct store *s, enum path_os os, const struct hash *id,
    struct err *e);

/* Is what m describes held, be it with other times or another build?  1 with
 * the id of the newest that is, 0, or a code.  A damaged one is none. */
int store_find_held(
    struct store *s, const struct manifest *m, struct hash *out, struct err *e);

/* Is every content of m there?  0, or ERP_NOTFOUND naming one that is not. */
int store_has_contents(
    const struct store *s, const struct manifest *m, struct err *e);

/* Make a kept release current again, under a new number: durable.  Where others
 * publish, too, this takes a turn (store_turn.h).  ERP_NOTFOUND: it, or a
 * content of it, is not there. */
int store_save_again(
    struct store *s, enum path_os os, const struct hash *id, struct err *e);

#endif
