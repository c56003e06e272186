#ifndef ERPSYNC_ENGINE_TREE_MISSING_H
#define ERPSYNC_ENGINE_TREE_MISSING_H

/*
 * Which contents a folder lacks for a plan, what each may be made from, and
 * which small ones are asked for together, as a group.  Both ends go by this
 * rule: a station for what it has, a server for stations whose folder is an
 * older release, so that what the server makes ahead is what they ask for.
 * Pure but for its callbacks.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct action;
struct entry;
struct err;
struct namesakes;
struct plan;

/* What may travel in a group, and how much of it. */
enum {
	GROUP_MAX = 2000, /* files; at least 2 */
	GROUP_FILE = 256 * 1024, /* bytes of one file, at least 1 */
	GROUP_FILES = 8 * 1024 * 1024, /* of all of them */
	GROUP_BASIS = 1024 * 1024, /* of one basis */
	GROUP_BASES = 16 * 1024 * 1024 /* of all of them */
};

/* One content that has to come. */
struct missing {
	const struct action *action; /* the first of the plan that needs it */
	const struct entry *basis; /* of the folder, with its hash, or NULL */
	bool small; /* it may travel in a group */
};

/* The folder that lacks them. */
struct missing_folder {
	struct namesakes
	    *namesakes; /* its files; NULL: nothing is made from another */
	/* Has it this content, under whatever name?  1, 0 or a code. */
	int (*has)(void *ctx, const struct entry *want, struct err *e);
	/* Fill the hash of a file, if that can be done; NULL: all have it. */
	void (*fill_hash)(void *ctx, struct entry *have);
	void *ctx;
};

/* Is this an action that needs a content?  The empty one is always there. */
bool action_needs_content(const struct action *a);

/*
 * The distinct contents that the folder lacks, in the order they are asked
 * for: the small ones first, each kind as in the plan.  The caller frees
 * *out; a code of has, or ERP_NOMEM.
 */
int missing_find(const struct plan *p, const struct missing_folder *folder,
    struct missing **out, size_t *n, struct err *e);

/* How many of these are the first group: 0 when there is none, as one content
 * alone goes like the large ones. */
size_t missing_cut(const struct missing *v, size_t n);

#endif
