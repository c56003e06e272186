/*
 * The server's store: killed, without power, with calls that fail and on a full
 * disk, at each call of publishing, compiling and collecting.  What is opened
 * afterwards is whole, and nothing that was reported is lost.
 */
#include "tests/prove/power.h"
#include "tests/prove/shelf.h"
#include "tests/prove/site.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct cutter {
	struct proof *p;
	const struct shelf *c;
	struct shelved out;
	struct power w;
	uint64_t quota; /* disks for each call */
	uint64_t stride, first; /* one call in so many */
	uint64_t at; /* the call at hand */
};

static int
ignore_sync(void *arg, struct sim *s, struct sim_call *call)
{
	const struct cutter *k = arg;

	return sites_answer(k->p->sites, s, call);
}

static void
judge(struct cutter *k, struct sim *s, const char *what)
{
	const char *why;

	s->hook = ignore_sync;
	s->hook_arg = k;
	why = shelf_judge(k->c, s, k->out.published);
	if (why != NULL)
		prove_bad(k->p, "%s: %s at %lu: %s", k->c->name, what,
		    (unsigned long)k->at, why);
	sim_close(s);
}

/* So many disks that a power cut can leave here. */
static void
cut_here(struct cutter *k, const struct sim *s)
{
	struct sim cut;
	uint64_t i;

	k->w.p = k->p;
	for (i = 0; i < k->quota; i++) {
		power_cut(&k->w, s, prove_random(k->p) >> 54, &cut);
		k->p->t->points++;
		judge(k, &cut, "power cut");
	}
	power_forget(&cut, s);
	judge(k, &cut, "power cut of all");
}

/* A power cut inside what a new process does with what it finds. */
static int
cut_inside(void *arg, struct sim *s, struct sim_call *call)
{
	struct cutter *k = arg;
	struct sim cut;

	if (call->changes &&
	    (prove_random(k->p) >> 30) %
		    (k->p->quick && k->p->sites == NULL ? 128 : 64) ==
		0) {
		power_cut(&k->w, s, prove_random(k->p) >> 54, &cut);
		k->p->t->nested++;
		judge(k, &cut, "power cut after a kill");
	}
	return ignore_sync(arg, s, call);
}

static void
kill_here(struct cutter *k, const struct sim *s)
{
	struct shelved again;
	struct sim after;

	scene_copy(&after, s);
	k->p->t->points++;
	judge(k, &after, "kill");
	scene_copy(&after, s);
	after.hook = cut_inside;
	after.hook_arg = k;
	shelf_run(k->c, &after, &again);
	sim_close(&after);
}

static int
cut_run(void *arg, struct sim *s, struct sim_call *call)
{
	struct cutter *k = arg;

	if (call->changes && !prove_is_done(k->p) &&
	    s->changes % k->stride == k->first % k->stride) {
		k->at = s->changes;
		cut_here(k, s);
		kill_here(k, s);
	}
	return ignore_sync(arg, s, call);
}

void
shelf_cut(struct proof *p, const struct shelf *c, uint64_t quota)
{
	uint64_t each = p->quick && p->sites == NULL ? 3 : 1;
	struct cutter k = {.p = p,
	    .c = c,
	    .quota = quota,
	    .stride = (uint64_t)p->parts * each};
	struct sim s;

	k.w.p = p;
	/* Another third of them with each seed. */
	k.first = (uint64_t)p->part + (uint64_t)p->parts * (p->seed % each);
	scene_copy(&s, &c->start);
	s.hook = cut_run;
	s.hook_arg = &k;
	shelf_run(c, &s, &k.out);
	if (k.out.rc != 0)
		prove_bad(p, "%s: %s", c->name, k.out.e.msg);
	s.hook = NULL;
	cut_here(&k, &s);
	sim_close(&s);
}

/* Calls that fail. */

struct refuser {
	uint64_t at;
	int error;
	bool stays; /* from there on */
	bool fired;
};

static int
refuse(void *arg, struct sim *s, struct sim_call *call)
{
	struct refuser *r = arg;

	(void)call;
	if (s->calls < r->at || (s->calls > r->at && !r->stays))
		return 0;
	r->fired = true;
	return -r->error;
}

/* Of the run itself: what is wrong, or NULL. */
static const char *
refused(const struct cutter *k, struct sim *s, const struct refuser *r)
{
	const struct shelved *out = &k->out;

	if (sim_open_fds(s) != 0)
		return "descriptors are left open";
	if (out->rc == 0)
		return NULL;
	if (out->e.msg[0] == '\0')
		return "no message";
	if (r->stays)
		return NULL;
	if (out->e.sys != r->error && out->e.sys != 0)
		return strerror(out->e.sys);
	return shelf_is_as_before(k->c, s) ? NULL : "the release changed";
}

/* What a failure must leave: an error that is told, and the release that was
 * current; or the new one. */
static void
refuse_one(struct proof *p, const struct shelf *c, struct refuser *r)
{
	struct cutter k = {.p = p, .c = c, .at = r->at};
	struct sim s, next;
	const char *why;

	scene_copy(&s, &c->start);
	s.hook = refuse;
	s.hook_arg = r;
	r->fired = false;
	shelf_run(c, &s, &k.out);
	s.hook = NULL;
	p->t->points++;
	if ((why = refused(&k, &s, r)) != NULL)
		prove_bad(p, "%s: call %lu fails with error %d: %s", c->name,
		    (unsigned long)r->at, r->error, why);
	scene_copy(&next, &s);
	judge(&k, &next, strerror(r->error));
	power_forget(&next, &s);
	judge(&k, &next, "failing call and power cut");
	sim_close(&s);
}

static void
refuse_shelf(struct proof *p, const struct shelf *c)
{
	static const int errors[] = {EIO, ENOSPC, EROFS};
	uint64_t each = p->quick ? 23 : 1, n = 0;
	struct refuser r = {.fired = true};
	size_t i;

	/* In the short form, too, each call fails once. */
	for (r.at = 1 + (uint64_t)p->part; r.fired;
	     r.at += (uint64_t)p->parts, n++)
		for (i = 0; i < (n % each == 0 ? 6 : 1); i++) {
			r.error = errors[i / 2];
			r.stays = i % 2 == 1;
			refuse_one(p, c, &r);
		}
}

/* Disks of every size from full to large enough. */
static void
fill_shelf(struct proof *p, const struct shelf *c)
{
	uint64_t used = sim_bytes_used(&c->start.disk);
	uint64_t step = (uint64_t)SIM_BLOCK * (p->quick ? 16 : 1);
	uint64_t room = step * (uint64_t)p->part;
	struct cutter k = {.p = p, .c = c};
	struct sim s;

	do {
		scene_copy(&s, &c->start);
		s.bytes_most = used + room + 1;
		shelf_run(c, &s, &k.out);
		p->t->points++;
		if (k.out.rc != 0 && k.out.rc != ERP_NOSPACE)
			prove_bad(p, "%s: %lu bytes free: %s", c->name,
			    (unsigned long)room, k.out.e.msg);
		if (k.out.rc != 0 && !shelf_is_as_before(c, &s))
			prove_bad(p, "%s: %lu bytes free: the release changed",
			    c->name, (unsigned long)room);
		s.bytes_most = 0;
		k.at = room;
		judge(&k, &s, "bytes free");
		room += step * (uint64_t)p->parts;
	} while (!k.out.published);
}

void
prove_server_store(struct proof *p)
{
	const struct shelf *c;

	for (c = shelves_make(); c->name != NULL; c++) {
		shelf_cut(p, c, p->quick ? 2 : 30);
		refuse_shelf(p, c);
		fill_shelf(p, c);
	}
}
