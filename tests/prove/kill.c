/*
 * A kill before every call that changes the disk, and again before every
 * call of the recovery from it.  What was written stays.
 */
#include "tests/prove/prove.h"

struct killer {
	struct proof *p;
	const struct scene *c;
	struct ended *out;
	uint64_t outer, inner; /* the calls at hand */
	unsigned stride; /* of the calls inside recovery */
};

static void
judge(struct killer *k, struct sim *s, int rc, const struct err *e)
{
	enum ending must_be = k->out->done ? scene_allows(k->c, k->out)
	    : k->out->committed            ? ENDING_AFTER
					   : ENDING_ANY;
	enum ending which;
	const char *why =
	    rc == 0 ? scene_judge(k->c, s, must_be, &which) : e->msg;

	if (why != NULL)
		prove_bad(k->p, "%s: kill %lu, in recovery %lu: %s", k->c->name,
		    (unsigned long)k->outer, (unsigned long)k->inner, why);
}

static int
kill_recovery(void *arg, struct sim *s, struct sim_call *call)
{
	struct killer *k = arg;
	struct sim again;
	struct err e;

	if (!call->changes)
		return 0;
	k->inner = s->changes;
	if ((s->changes + k->outer) % k->stride != 0)
		return 0;
	scene_copy(&again, s);
	k->p->t->nested++;
	judge(k, &again, scene_recover(k->c, &again, &e), &e);
	sim_close(&again);
	return 0;
}

static void
kill_here(struct killer *k, const struct sim *s)
{
	struct sim after;
	struct err e;

	scene_copy(&after, s);
	after.hook = kill_recovery;
	after.hook_arg = k;
	k->inner = 0;
	k->p->t->points++;
	judge(k, &after, scene_recover(k->c, &after, &e), &e);
	sim_close(&after);
}

static int
kill_run(void *arg, struct sim *s, struct sim_call *call)
{
	struct killer *k = arg;

	if (!call->changes)
		return 0;
	k->outer = s->changes;
	if (s->changes % (uint64_t)k->p->parts == (uint64_t)k->p->part)
		kill_here(k, s);
	return 0;
}

void
prove_kill(struct proof *p)
{
	const struct scene *c = NULL;
	struct ended out;
	struct sim s;

	while ((c = prove_next(p, c)) != NULL) {
		struct killer k = {p, c, &out, 0, 0, p->quick ? 37 : 3};

		scene_copy_start(&s, c);
		s.hook = kill_run;
		s.hook_arg = &k;
		scene_run(c, &s, &out);
		if (out.rc != c->rc)
			prove_bad(p, "%s: %s", c->name, out.e.msg);
		s.hook = NULL;
		kill_here(&k, &s);
		sim_close(&s);
	}
}
