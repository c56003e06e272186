#ifndef ERPSYNC_ENGINE_STORE_STORE_RELEASE_INTERNAL_H
#define ERPSYNC_ENGINE_STORE_STORE_RELEASE_INTERNAL_H

/* The kept releases of one system as they lie on the disk, for those who load
 * them (store_release.c), save new ones (store_save.c) and let old ones go
 * (store_release_drop.c). */

#include "engine/store/store_internal.h"

/* One kept release. */
struct kept {
	uint64_t number;
	struct hash id;
	char path[2 * STORE_PATH_BYTES];
};

struct kept_list { /* oldest first */
	struct kept *v;
	size_t n;
};

/* Digits of a release's number in its name. */
enum { KEPT_DIGITS = 10 };

/* What lies beside a release with this id: "release/linux/ID.seal". */
#define KEPT_SEAL "seal" /* store_seal.c */
#define KEPT_HELD "held" /* store_hold.c */
#define KEPT_STATIONS "stations" /* store_stations.c */
void kept_beside(char out[2 * STORE_PATH_BYTES], enum path_os os,
    const struct hash *id, const char *ending);

/* Is the same release there once more, under a higher number? */
bool kept_is_older_twin(const struct kept_list *list, size_t i);

/* "release/linux" */
void kept_folder(char out[STORE_PATH_BYTES], enum path_os os);
/* Those of one system; the caller frees v. */
int kept_list_read(const struct store *s, enum path_os os,
    struct kept_list *out, struct err *e);
/* Its manifest; ERP_CORRUPT when it is not what was saved. */
int kept_load(const struct store *s, const struct kept *k, enum path_os os,
    struct manifest *out, struct err *e);
/* Add its contents to out: 0 also when it is gone meanwhile, ERP_CORRUPT when
 * it is damaged. */
int kept_contents(const struct store *s, const struct kept *k, enum path_os os,
    struct hash_set *out, struct err *e);
/* Those of all of one system but damaged ones. */
int kept_all_contents(const struct store *s, enum path_os os,
    struct hash_set *out, struct err *e);
/* Make the names in their folder durable; that it has its own for good was
 * seen to before the first was written.  The current one may have its name
 * since a process that was killed gave it. */
int kept_sync(struct store *s, enum path_os os, struct err *e);

/* store_release_drop.c: let all but the newest keep (one at least) go, and what
 * only they needed: 1 when some of that stays for now, since it was used
 * lately.  When it fails only space is lost. */
int releases_drop(struct store *s, enum path_os os, int keep, struct err *e);

#endif
