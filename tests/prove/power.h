#ifndef ERPSYNC_TESTS_PROVE_POWER_H
#define ERPSYNC_TESTS_PROVE_POWER_H

/* Power cuts, as the mutations use them too. */

#include "tests/prove/prove.h"

struct power {
	struct proof *p;
	const struct scene *c;
	struct ended *out; /* of the run that is cut */
	uint64_t quota; /* states for each call */
	unsigned rarely; /* cut again at one call of a recovery in so many */
	uint64_t outer, inner; /* the calls at hand */
	bool bytes_full; /* what was not synced is there by chance */
};

/* Cut the power before each call of the scene. */
void power_scene(
    struct proof *p, const struct scene *c, uint64_t quota, unsigned rarely);
/* Forget which states were seen; before the first power_here. */
void power_begin(void);
/* So many different states of this disk. */
void power_here(struct power *w, const struct sim *s, uint64_t quota);

/* How it must end, by what the run said so far. */
enum ending power_must_be(const struct power *w);

/* One power cut of this disk, perhaps inside or after a recovery. */
void power_once(struct power *w, const struct sim *s, enum ending must_be);

/* One of the disks, number i of those chosen, that a power cut can leave. */
void power_cut(
    struct power *w, const struct sim *s, uint64_t i, struct sim *to);

/* The one that it leaves when it takes all that is not durable. */
void power_forget(struct sim *to, const struct sim *from);

/* A sim_fate_fn and a sim_hook_fn with a struct power. */
unsigned power_fate(void *arg, uint32_t ino);
int power_ignore(void *arg, struct sim *s, struct sim_call *call);

#endif
