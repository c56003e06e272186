#ifndef ERPSYNC_ENGINE_APPLY_TRUST_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_TRUST_INTERNAL_H

/* What trust.c knows of a folder, and how trust_file.c reads and writes it. */

#include "engine/base/buf.h"
#include "engine/seal/seal.h"

#include <stdbool.h>

struct folder;

enum { KEPT_SEALS_MAX = 8 };

/* Files of seals that were let in, the newest first. */
struct kept_seals {
	struct seal_text v[KEPT_SEALS_MAX]; /* malloc'd */
	size_t n;
	bool fresh; /* not on the disk yet */
};

struct trust {
	struct seal_trust now; /* as on the disk */
	struct seal_trust next; /* when what was looked at is let in */
	struct sealed sealed; /* what was looked at */
	struct buf offered; /* its file */
	struct kept_seals kept;
	bool looked, admitted;
};

void kept_seals_release(struct kept_seals *k);
/* One more, unless it is the newest already. */
int kept_seals_add(struct kept_seals *k, const struct buf *text, struct err *e);

/* A missing file is empty; a damaged one ERP_CORRUPT. */
int trust_keys_read(struct folder *f, struct trust *t, struct err *e);
int trust_seen_read(struct folder *f, struct trust *t, struct err *e);
int trust_keys_write(struct folder *f, const struct trust *t, struct err *e);
int trust_seen_write(struct folder *f, struct trust *t, struct err *e);
/* Remove both. */
int trust_forget(struct folder *f, struct err *e);

#endif
