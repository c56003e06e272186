/*
 * A power cut before every call that changes the disk: any set of unsynced
 * changes of names survives that is closed under dependence, and each inode
 * that was not synced has its bytes, none, wrong or only the first ones.
 * Only disks that differ are counted.
 */
#include "tests/prove/power.h"

#include "tests/prove/site.h"

#include <stdlib.h>
#include <string.h>

enum {
	SEEN_BITS = 21, /* of the table of states, for each process */
	SMALL = 7, /* so few changes: try all subsets */
	RARELY = 1 << 10, /* one call of a recovery in so many */
	SOMETIMES = 16,
	AFTER_KILL = 24,
	/* When a sync is left out: the same, and kills for so many states. */
	AFTER_MISSING = 3,
	EACH_KILL = 8,
	AFTER_COMMIT = 3
};

static uint64_t *seen; /* digests of the states of this scene */

static bool
is_new(uint64_t digest)
{
	uint64_t mask = ((uint64_t)1 << SEEN_BITS) - 1, i;
	int probes = 0;

	if (digest == 0)
		digest = 1;
	for (i = digest & mask; seen[i] != 0 && probes < 64; probes++) {
		if (seen[i] == digest)
			return false;
		i = (i + 1) & mask;
	}
	seen[i] = digest;
	return true;
}

unsigned
power_fate(void *arg, uint32_t ino)
{
	static const unsigned spread[8] = {FATE_KEPT, FATE_FULL, FATE_FULL,
	    FATE_EMPTY, FATE_GARBAGE, FATE_PREFIX, FATE_KEPT, FATE_GARBAGE};
	struct power *w = arg;
	uint64_t r;

	(void)ino;
	if (w->bytes_full)
		return FATE_FULL;
	r = prove_random(w->p);
	return spread[r >> 40 & 7] | (r >> 50 & 1 ? FATE_META_KEPT : 0);
}

/* Choose which changes survive: small sets one by one, then at random. */
static void
choose(struct power *w, const struct sim *s, const struct sim_needs *needs,
    uint64_t i, uint64_t out[SIM_WORDS])
{
	uint32_t n = s->disk.pending_n, j, k, words = (n + 63) / 64;
	uint64_t r = prove_random(w->p), odds = 1 + (r >> 33) % 15;

	memset(out, 0, SIM_WORDS * sizeof(out[0]));
	w->bytes_full = (r >> 60) % 4 == 0;
	for (j = 0; j < n; j++) {
		bool take = n <= SMALL ? (i >> j & 1) != 0
		    : i < n            ? j <= i /* all up to one */
		    : i < 2 * n        ? j == i - n /* one and its needs */
				       : (prove_random(w->p) >> 40) % 16 < odds;

		if (!take || (out[j / 64] >> j % 64 & 1) != 0)
			continue;
		for (k = 0; k < words; k++)
			out[k] |= needs->w[j][k];
	}
}

void
power_cut(struct power *w, const struct sim *s, uint64_t i, struct sim *to)
{
	static struct sim_needs needs;
	uint64_t persist[SIM_WORDS];

	sim_needs(&s->disk, &needs);
	choose(w, s, &needs, i, persist);
	sim_boot(to, s);
	sim_power_cut(&to->disk, &s->disk, persist, power_fate, w);
}

static unsigned
fate_kept(void *arg, uint32_t ino)
{
	(void)arg;
	(void)ino;
	return FATE_KEPT | FATE_META_KEPT;
}

void
power_forget(struct sim *to, const struct sim *from)
{
	static const uint64_t none[SIM_WORDS];

	sim_boot(to, from);
	sim_power_cut(&to->disk, &from->disk, none, fate_kept, NULL);
}

enum ending
power_must_be(const struct power *w)
{
	if (w->out->done)
		return scene_allows(w->c, w->out);
	/* That nobody may know what was refused is a warning. */
	if (!w->out->committed || (w->c->health == UNWELL && w->out->warned))
		return ENDING_ANY;
	return ENDING_AFTER;
}

static void
story(struct power *w, const char *why)
{
	prove_bad(w->p, "%s: power cut %lu, in recovery %lu: %s", w->c->name,
	    (unsigned long)w->outer, (unsigned long)w->inner, why);
}

/* Recover a disk and judge it. */
static const char *
judge(struct power *w, struct sim *s, enum ending must_be, enum ending *which)
{
	static struct err e; /* its message is returned */

	if (must_be == ENDING_DONE &&
	    sim_walk(s, "/client/.erpsync/unchecked") != 0)
		return "what was checked is to be checked again";
	return scene_recover(w->c, s, &e) == 0
	    ? scene_judge(w->c, s, must_be, which)
	    : e.msg;
}

/* The same without further faults. */
static void
settle(struct power *w, struct sim *s, enum ending must_be_so)
{
	enum ending which;
	const char *why;

	s->hook = power_ignore;
	s->hook_arg = w;
	why = judge(w, s, must_be_so, &which);
	if (why != NULL)
		story(w, why);
}

void
power_once(struct power *w, const struct sim *s, enum ending must_be_so)
{
	struct sim again;

	power_cut(w, s, prove_random(w->p) >> 32, &again);
	w->p->t->nested++;
	settle(w, &again, must_be_so);
	sim_close(&again);
}

int
power_ignore(void *arg, struct sim *s, struct sim_call *call)
{
	const struct power *w = arg;

	return sites_answer(w->p->sites, s, call);
}

static int
power_recovery(void *arg, struct sim *s, struct sim_call *call)
{
	struct power *w = arg;

	w->inner = s->changes;
	if (call->changes && (prove_random(w->p) >> 30) % w->rarely == 0)
		power_once(w, s, power_must_be(w));
	return power_ignore(arg, s, call);
}

/* Recover from one power cut; perhaps interrupt that. */
static void
recover_cut(struct power *w, struct sim *s)
{
	enum ending which = ENDING_ANY;
	const char *why;

	s->hook = power_recovery;
	s->hook_arg = w;
	w->inner = 0;
	w->p->t->points++;
	why = judge(w, s, power_must_be(w), &which);
	if (why != NULL)
		story(w, why);
	else if ((prove_random(w->p) >> 30) % SOMETIMES == 0)
		power_once(w, s, which);
}

void
power_here(struct power *w, const struct sim *s, uint64_t quota)
{
	static struct sim_needs needs;
	uint64_t persist[SIM_WORDS], found = 0, tries;
	struct sim cut;

	sim_needs(&s->disk, &needs);
	for (tries = 0; found < quota && tries < quota + quota / 2; tries++) {
		choose(w, s, &needs, tries, persist);
		sim_boot(&cut, s);
		sim_power_cut(&cut.disk, &s->disk, persist, power_fate, w);
		if (is_new(sim_digest(&cut, "/", SIM_ALL) * 2 +
			w->out->committed)) {
			found++;
			recover_cut(w, &cut);
		}
		sim_close(&cut);
	}
}

/* A kill: what is seen stays, not all of it durable.  Then a power cut inside
 * the recovery from that. */
static void
kill_and_cut(struct power *w, const struct sim *s)
{
	unsigned rarely = w->rarely;
	struct sim after;
	struct err e;

	scene_copy(&after, s);
	after.hook = power_recovery;
	after.hook_arg = w;
	/* What finishes an update rests on what was seen before the kill. */
	w->rarely = sim_walk(s, "/client/.erpsync/committed") != 0
	    ? AFTER_COMMIT
	    : w->p->sites != NULL ? AFTER_MISSING
				  : AFTER_KILL;
	if (scene_recover(w->c, &after, &e) != 0)
		story(w, e.msg);
	else
		power_once(w, &after, power_must_be(w));
	w->rarely = rarely;
	sim_close(&after);
}

static int
power_run(void *arg, struct sim *s, struct sim_call *call)
{
	struct power *w = arg;
	uint64_t again = w->p->sites != NULL ? w->quota / EACH_KILL : 0, i;

	if (call->changes && !prove_is_done(w->p)) {
		w->outer = s->changes;
		if (s->changes % (uint64_t)w->p->parts ==
		    (uint64_t)w->p->part) {
			power_here(w, s, w->quota);
			for (i = 0; i <= again && !prove_is_done(w->p); i++)
				kill_and_cut(w, s);
		}
	}
	return power_ignore(arg, s, call);
}

void
power_begin(void)
{
	if (seen == NULL)
		seen = calloc((size_t)1 << SEEN_BITS, sizeof(*seen));
	must(seen == NULL ? ERP_NOMEM : 0, NULL);
	memset(seen, 0, sizeof(*seen) << SEEN_BITS);
}

void
power_scene(
    struct proof *p, const struct scene *c, uint64_t quota, unsigned rarely)
{
	struct ended out;
	struct power w = {
	    .p = p, .c = c, .out = &out, .quota = quota, .rarely = rarely};
	struct sim s;

	power_begin();
	scene_copy_start(&s, c);
	s.hook = power_run;
	s.hook_arg = &w;
	scene_run(c, &s, &out);
	if (out.rc != c->rc)
		prove_bad(p, "%s: %s", c->name, out.e.msg);
	s.hook = NULL;
	power_here(&w, &s, quota * 4);
	sim_close(&s);
}

void
prove_power(struct proof *p)
{
	const struct scene *c = NULL;

	/* A recovery that takes an update back is a whole run itself. */
	while ((c = prove_next(p, c)) != NULL)
		power_scene(p, c,
		    (uint64_t)(p->quick ? 24 : 320) /
			(c->health == UNWELL ? 4 : 1),
		    RARELY);
}
