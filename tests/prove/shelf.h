#ifndef ERPSYNC_TESTS_PROVE_SHELF_H
#define ERPSYNC_TESTS_PROVE_SHELF_H

/*
 * A shelf: a server's state folder on a simulated disk, a release that is
 * published there, and what may be found afterwards: the release that was
 * current or the new one, each with all its contents.
 */

#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "tests/support/fs_sim.h"

#include <stdbool.h>
#include <stddef.h>

struct shelf {
	const char *name;
	const char *history; /* versions published before, one after another */
	int version; /* which is published now */
	bool again; /* it is not published: the kept release is, again */
	bool no_clone;
	size_t syncfs_files; /* 0: an fsync for each content */
	struct sim start;
	bool has_before; /* was a release current? */
	struct hash before, after; /* ids of releases */
};

/* What was done, as far as it came. */
struct shelved {
	int rc; /* of opening and publishing */
	bool published; /* success was reported */
	struct err e;
};

/* All of them, ended by one without a name. */
const struct shelf *shelves_make(void);

/* Open, publish, make answers of each kind, close; on s, a copy of a start. */
void shelf_run(const struct shelf *c, struct sim *s, struct shelved *out);

/*
 * A new process opens what is there: what is wrong, or NULL.  All of it is
 * whole, the current release is a right one (a success that was reported is
 * not lost), it can be published again, and that is durable then.
 */
const char *shelf_judge(const struct shelf *c, struct sim *s, bool published);

/* Is what was current before still so? */
bool shelf_is_as_before(const struct shelf *c, struct sim *s);

struct proof;
/* Kill it and cut its power at each call: so many disks. */
void shelf_cut(struct proof *p, const struct shelf *c, uint64_t quota);

#endif
