#ifndef ERPSYNC_ENGINE_APPLY_HISTORY_H
#define ERPSYNC_ENGINE_APPLY_HISTORY_H

/* The backups of a client folder: what they are, and whether each is still
 * what was put into it. */

#include "engine/apply/apply.h"
#include "engine/apply/rotate.h"
#include "engine/base/hash.h"
#include "engine/tree/manifest.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct folder;

enum history_health {
	HISTORY_GOOD, /* all of it is there as it was made */
	HISTORY_BAD, /* something is not, or its record is damaged */
	HISTORY_FOREIGN /* a folder that erpsync did not make */
};

struct history_item {
	int number; /* 1..3; a higher one is newer */
	enum history_health health;
	/* The rest is zero without a readable record. */
	int64_t date; /* seconds since 1970 */
	bool has_from, has_to; /* were the releases known? */
	struct hash from, to; /* what the update led from and to */
	char from_build[MANIFEST_MAX_BUILD + 1];
	char to_build[MANIFEST_MAX_BUILD + 1];
	uint64_t files; /* and links */
	uint64_t bytes; /* of their contents, shared or not */
};

struct history {
	struct history_item v[ROTATE_SLOTS]; /* oldest first */
	int n;
	bool waits; /* one newer than these has no number yet */
};

/*
 * Look at every backup and compare all contents with its record.  Each
 * finding goes to fn (may be NULL) with its path in the client folder.
 * Returns how many backups are bad, or a code.
 */
int history_read(struct folder *f, apply_finding_fn *fn, void *arg,
    struct history *out, struct err *e);

#endif
