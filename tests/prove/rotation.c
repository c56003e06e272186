/*
 * Ten updates, each crashed at every step of its rotation, by a kill and by
 * power cuts; one of the crashed disks is where the next update starts.  The
 * backups are always the last folders, 003 the newest.
 */
#include "tests/prove/power.h"
#include "tests/prove/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UPDATES = 10, CUTS = 6 };

struct turner {
	struct proof *p;
	uint64_t live[UPDATES + 2]; /* the folders so far, then the new one */
	int n; /* folders that are backed up now */
	struct sim next; /* where the next update starts */
	bool has_next;
	struct power w;
};

/* The backups must be the last n folders, and nothing else. */
static const char *
order(const struct sim *s, const struct turner *t)
{
	int have = t->n < 3 ? t->n : 3, k;
	char path[64];
	uint64_t want;

	for (k = 0; k < 3; k++) {
		want = k < have ? t->live[t->n - have + k] : 0;
		(void)snprintf(
		    path, sizeof(path), "/client/bkp_remote.00%d", k + 1);
		if (sim_digest(s, path, SIM_LIVE) != want)
			return "the backups are not in order";
	}
	if (sim_digest(s, "/client", SIM_LIVE) != t->live[t->n])
		return "the folder is not the new one";
	return scene_leftover(s);
}

static void
check(struct turner *t, struct sim *s, uint64_t at)
{
	struct err e;
	const char *why =
	    scene_recover(t->w.c, s, &e) != 0 ? e.msg : order(s, t);

	if (why != NULL)
		prove_bad(t->p, "update %d, call %lu: %s", t->n,
		    (unsigned long)at, why);
}

static void
crash(struct turner *t, const struct sim *s)
{
	static struct sim_needs needs;
	uint64_t persist[SIM_WORDS];
	struct sim after;
	uint32_t j, k;
	int i;

	scene_copy(&after, s);
	check(t, &after, s->changes);
	t->p->t->points++;
	sim_close(&after);
	sim_needs(&s->disk, &needs);
	for (i = 0; i < CUTS; i++) {
		memset(persist, 0, sizeof(persist));
		for (j = 0; j < s->disk.pending_n; j++)
			if (prove_random(t->p) >> 63)
				for (k = 0; k < SIM_WORDS; k++)
					persist[k] |= needs.w[j][k];
		sim_boot(&after, s);
		sim_power_cut(
		    &after.disk, &s->disk, persist, power_fate, &t->w);
		if (sim_walk(&after, "/client/.erpsync/committed") != 0) {
			check(t, &after, s->changes);
			t->p->t->nested++;
			/* Later crashes replace earlier ones at random. */
			if (!t->has_next || prove_random(t->p) >> 60 == 0) {
				if (t->has_next)
					sim_close(&t->next);
				scene_copy(&t->next, &after);
				t->has_next = true;
			}
		}
		sim_close(&after);
	}
}

static int
turn_call(void *arg, struct sim *s, struct sim_call *c)
{
	struct turner *t = arg;

	if (c->changes && sim_walk(s, "/client/.erpsync/committed") != 0)
		crash(t, s);
	return 0;
}

void
prove_rotation(struct proof *p)
{
	const struct scene *c = scene_find(p->scenes, "update-0");
	static struct turner t;
	struct ended out;
	struct sim golden, s;
	int version;

	memset(&t, 0, sizeof(t));
	t.p = p;
	t.w.p = p;
	t.w.c = c;
	scene_copy_start(&s, c);
	for (t.n = 1; t.n <= UPDATES; t.n++) {
		/* Not 1 again too soon: each folder differs from the last. */
		version = 2 + (t.n + p->part) % (VERSIONS - 1);
		t.live[t.n - 1] = sim_digest(&s, "/client", SIM_LIVE);
		scene_copy(&golden, &s);
		scene_update(&golden, version, &out);
		must(out.rc, &out.e);
		t.live[t.n] = sim_digest(&golden, "/client", SIM_LIVE);
		sim_close(&golden);
		t.has_next = false;
		s.hook = turn_call;
		s.hook_arg = &t;
		scene_update(&s, version, &out);
		s.hook = NULL;
		if (order(&s, &t) != NULL)
			prove_bad(p, "update %d: %s", t.n, order(&s, &t));
		if (!t.has_next)
			continue;
		sim_close(&s);
		scene_copy(&s, &t.next);
		sim_close(&t.next);
	}
	sim_close(&s);
}
