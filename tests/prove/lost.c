/*
 * A sync fails, and then the power does: a failed sync marks what it should
 * have written as clean, so that later ones say nothing of it, and what was not
 * durable before may not be counted on.  At each sync of a run, and of the
 * recovery from a kill; once, and from there on.
 */
#include "tests/prove/power.h"

#include <errno.h>

enum {
	LATER = 24, /* the power goes at one later call in so many */
	DISKS = 4 /* at the end */
};

struct loser {
	struct power w;
	uint64_t syncs, at; /* so far; the one that fails */
	bool stays; /* so do all after it */
	bool cuts; /* the power may go at a later call */
};

static int
lose(void *arg, struct sim *s, struct sim_call *call)
{
	struct loser *l = arg;
	bool sync = call->kind == SIM_FSYNC || call->kind == SIM_SYNCFS;

	l->syncs += sync;
	if (sync && (l->syncs == l->at || (l->stays && l->syncs > l->at)))
		return -EIO;
	if (l->cuts && l->syncs >= l->at && call->changes &&
	    (prove_random(l->w.p) >> 30) % LATER == 0)
		power_here(&l->w, s, 1);
	return 0;
}

/* The power goes now, or after a recovery by the same kernel. */
static void
cut_after(struct loser *l, const struct sim *s)
{
	enum ending must_be = power_must_be(&l->w);
	struct sim next;
	struct err e;

	power_here(&l->w, s, DISKS);
	scene_copy(&next, s);
	if (scene_recover(l->w.c, &next, &e) == 0)
		power_once(&l->w, &next, must_be);
	sim_close(&next);
}

/* The recovery from a kill here has the failing sync, if it has so many. */
static void
lose_in_recovery(struct loser *l, const struct sim *s)
{
	struct loser in = {.w = l->w, .at = 1 + prove_random(l->w.p) % 16};
	/* It may warn that it could not write down what was refused. */
	struct ended warned = *l->w.out;
	struct sim next;
	struct err e;

	warned.warned = true;
	in.w.out = &warned;
	in.stays = prove_random(l->w.p) >> 63 != 0;
	scene_copy(&next, s);
	next.hook = lose;
	next.hook_arg = &in;
	(void)scene_recover(l->w.c, &next, &e);
	next.hook = NULL;
	if (in.syncs >= in.at) {
		l->w.p->t->points++;
		cut_after(&in, &next);
	}
	sim_close(&next);
}

struct killed {
	struct loser l;
	unsigned stride;
};

static int
kill_here(void *arg, struct sim *s, struct sim_call *call)
{
	struct killed *k = arg;

	if (!call->changes)
		return 0;
	k->l.w.outer = s->changes;
	if (s->changes / (uint64_t)k->l.w.p->parts % k->stride == 0 &&
	    s->changes % (uint64_t)k->l.w.p->parts == (uint64_t)k->l.w.p->part)
		lose_in_recovery(&k->l, s);
	return 0;
}

/* Run the scene with this hook. */
static void
run(struct loser *l, sim_hook_fn *hook, void *arg)
{
	struct sim s;

	scene_copy_start(&s, l->w.c);
	s.hook = hook;
	s.hook_arg = arg;
	scene_run(l->w.c, &s, l->w.out);
	s.hook = NULL;
	if (hook == lose && l->syncs >= l->at) {
		l->w.p->t->points++;
		cut_after(l, &s);
	}
	sim_close(&s);
}

static void
lose_scene(struct proof *p, const struct scene *c)
{
	uint64_t stride = (uint64_t)p->parts * (p->quick ? 17 : 1);
	struct ended out;
	struct power w = {.p = p, .c = c, .out = &out, .rarely = 64};
	struct killed k = {.l.w = w, .stride = p->quick ? 29 : 2};
	struct loser l;
	uint64_t at = 1 + (prove_random(p) >> 30) % stride;

	power_begin();
	for (l.syncs = at; l.syncs >= at; at += stride)
		for (int stays = 0; stays < 2; stays++) {
			l = (struct loser){
			    .w = w, .at = at, .stays = stays, .cuts = true};
			l.w.outer = at;
			run(&l, lose, &l);
		}
	k.l.w.out = &out;
	run(&k.l, kill_here, &k);
}

void
prove_lost(struct proof *p)
{
	const struct scene *c = NULL;

	while ((c = prove_next(p, c)) != NULL)
		if (!scene_waits(c))
			lose_scene(p, c);
}
