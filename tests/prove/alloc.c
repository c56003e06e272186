/* Each allocation of a run fails, once and from there on. */
#include "tests/prove/prove.h"
#include "tests/support/alloc_wrap.h"

static void
alloc_one(struct proof *p, const struct scene *c, uint64_t at, bool stays)
{
	enum ending which, must_be;
	struct ended out;
	const char *why;
	struct err e;
	struct sim s, after;

	scene_copy_start(&s, c);
	alloc_arm(at, stays);
	scene_run(c, &s, &out);
	(void)alloc_disarm();
	p->t->points++;
	must_be = out.rc == c->rc || out.committed ? scene_allows(c, &out)
						   : ENDING_ANY;
	why = sim_open_fds(&s) != 0 ? "descriptors are left open" : NULL;
	scene_copy(&after, &s);
	/* The recovery from it may be short of memory as well. */
	alloc_arm(at % 97 + 1, stays);
	(void)scene_recover(c, &after, &e);
	(void)alloc_disarm();
	p->t->nested++;
	if (why == NULL)
		why = sim_open_fds(&after) != 0 ? "recovery leaves descriptors"
		    : scene_recover(c, &after, &e) == 0
		    ? scene_judge(c, &after, must_be, &which)
		    : e.msg;
	if (why != NULL)
		prove_bad(p, "%s: allocation %lu fails%s: %s", c->name,
		    (unsigned long)at, stays ? " from there on" : "", why);
	sim_close(&after);
	sim_close(&s);
}

void
prove_alloc(struct proof *p)
{
	const struct scene *c = NULL;
	struct ended out;
	uint64_t n, at;
	struct sim s;

	while ((c = prove_next(p, c)) != NULL) {
		if (scene_waits(c))
			continue;
		scene_copy_start(&s, c);
		alloc_arm(0, false);
		scene_run(c, &s, &out);
		n = alloc_disarm();
		sim_close(&s);
		for (at = 1 + (uint64_t)p->part; at <= n;
		     at += (uint64_t)p->parts * (p->quick ? 5 : 1)) {
			alloc_one(p, c, at, false);
			alloc_one(p, c, at, true);
		}
	}
}
