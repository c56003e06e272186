#ifndef ERPSYNC_ENGINE_TREE_INI_POLICY_H
#define ERPSYNC_ENGINE_TREE_INI_POLICY_H

/*
 * What an update does with INI files that a station has: a list of rules,
 * "PATTERN:POLICY" with commas between, of which the first that fits counts.
 * A pattern is one of filter.h, but upper and lower case of ASCII letters do
 * not count; a policy alone is for all.  No rule, and no other file but an
 * .ini, is anything but overwritten: programs cannot be kept back by this.
 */

#include "engine/tree/filter.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

enum ini_policy {
	INI_OVERWRITE, /* as any other file */
	INI_KEEP, /* what is there stays; only a missing one comes */
	INI_MERGE /* the release's changes are brought into what is there */
};

enum { INI_POLICY_MAX = 255 }; /* bytes of a list */

struct ini_rule {
	struct filter pattern; /* one, in lower case */
	enum ini_policy policy;
};

struct ini_policies {
	struct ini_rule *v;
	size_t n;
	/* Of a key that both changed; see ini_merge.h. */
	bool release_wins;
	/* So many of the first ones never keep a station's smartclient.ini
	 * (kind.h), which they merge; the caller's to set. */
	size_t yields;
};

/* A zeroed one is empty.  Add the rules of a list behind those that are there.
 * ERP_USAGE for one that cannot be, or is too long. */
int ini_policies_add(struct ini_policies *p, const char *list, struct err *e);
void ini_policies_release(struct ini_policies *p);

/* The policy for a path in the folder; p may be NULL. */
enum ini_policy ini_policy_of(const struct ini_policies *p, const char *path);

/* The rules as a list. */
int ini_policies_text(
    const struct ini_policies *p, struct buf *out, struct err *e);

#endif
