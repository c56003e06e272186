#ifndef ERPSYNC_TESTS_PROVE_PROVE_H
#define ERPSYNC_TESTS_PROVE_PROVE_H

/*
 * The proof of docs/storage.md on a simulated disk: what each class of
 * faults does to each scene, counted in memory that all processes share.
 */

#include "tests/prove/scene.h"
#include "tests/support/fs_sim.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct sites;

/* One line of the table. */
struct tally {
	uint64_t points, nested, bad;
	char first[400]; /* what was bad first */
};

/* What a class may use. */
struct proof {
	bool quick;
	uint64_t seed;
	int part, parts; /* this process, of so many */
	struct tally *t;
	/* All scenes, to the one whose name is NULL, and those to be played:
	 * this one, or NULL. */
	const struct scene *scenes;
	const char *only;
	const char *site; /* only what has this in its name, or NULL */
	bool until_bad; /* the first that is bad is enough */
	uint64_t rng;
	/* Where syncs are asked for, when some are to be left out; or NULL. */
	const struct sites *sites;
};

typedef void prove_fn(struct proof *p);

prove_fn prove_kill; /* kill at every call, again inside recovery */
prove_fn prove_power; /* lost unsynced writes */
prove_fn prove_fail; /* failing calls */
prove_fn prove_lost; /* failing syncs, then lost unsynced writes */
prove_fn prove_short_io; /* short reads and writes */
prove_fn prove_alloc; /* failing allocations */
prove_fn prove_server_alloc; /* of the server and a whole session */
prove_fn prove_server_store; /* all of that, to what a server keeps */
prove_fn prove_space; /* a full disk */
prove_fn prove_hundred; /* failing updates keep the backups */
prove_fn prove_rotation; /* ten updates with crashes */

/* Count something bad, with its story. */
void prove_bad(struct proof *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The scene to be played after c, or first (NULL); NULL at their end. */
const struct scene *prove_next(const struct proof *p, const struct scene *c);

/* Is that enough? */
bool prove_is_done(const struct proof *p);

uint64_t prove_random(struct proof *p);

/* Abort: the proof itself is broken. */
void must(int rc, const struct err *e);

/* Run the class in all processes, then add up its line. */
void prove_run(struct proof *p, prove_fn *fn, struct tally *out);

/* Leave syncs out; how many of those that matter were not missed. */
unsigned prove_mutations(struct proof *p);

#endif
