#ifndef ERPSYNC_TESTS_PROVE_SITE_H
#define ERPSYNC_TESTS_PROVE_SITE_H

/*
 * The places of engine/apply and engine/store that ask for a sync, found while
 * they do: a call and the call of the function that it is in, so that a
 * function of two callers is two sites.  Each may be left out.
 */

#include "tests/support/fs_sim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum site_kind { SITE_BYTES, SITE_NAMES, SITE_ALL };

struct site {
	uintptr_t at, by; /* where the two calls return to */
	enum site_kind kind; /* of what is synced */
	bool left_out;
	uint64_t scenes; /* that reach it, as bits by their numbers */
	char name[120]; /* of file and functions; the k-th call is .k */
	char where[40]; /* its line */
};

struct sites {
	struct site *v;
	size_t n;
	struct trace *seen; /* whole stacks, until they are named */
	size_t seen_n;
};

/* Is it a sync?  Then note who asks for it, in this scene. */
void sites_note(struct sites *all, const struct sim *s,
    const struct sim_call *call, unsigned scene);

/* What was noted becomes sites with names, in their order. */
void sites_name(struct sites *all);

/* What a hook answers: SIM_IGNORE for a sync that is left out, else 0. */
int sites_answer(
    const struct sites *all, const struct sim *s, const struct sim_call *call);

void sites_release(struct sites *all);

#endif
