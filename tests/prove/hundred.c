/*
 * A hundred updates in a row that fail, each in another way: what they leave
 * is what the next one finds.  The three backups stay byte for byte.
 */
#include "tests/prove/power.h"
#include "tests/support/alloc_wrap.h"

#include <errno.h>
#include <string.h>

enum { FAILURES = 100, WAYS = 5 };

struct breaker {
	uint64_t at;
	int error;
	bool stays;
};

static int
break_call(void *arg, struct sim *s, struct sim_call *c)
{
	const struct breaker *b = arg;

	(void)c;
	return s->calls == b->at || (b->stays && s->calls > b->at) ? -b->error
								   : 0;
}

/* One update that may fail; false when it did not. */
static bool
fail_somehow(struct proof *p, struct sim *s)
{
	static const int errors[] = {EIO, ENOSPC, EACCES, EROFS, EMFILE};
	uint64_t r = prove_random(p);
	struct breaker b = {
	    1 + (r >> 20) % 5000, errors[r >> 8 & 3], (r & 1) != 0};
	struct ended out;

	switch ((int)((r >> 50) % WAYS)) {
	case 0:
		s->bytes_most =
		    sim_bytes_used(&s->disk) + (r >> 20) % 64 * SIM_BLOCK;
		break;
	case 1:
		alloc_arm(1 + (r >> 20) % 400, (r & 1) != 0);
		break;
	default:
		s->hook = break_call;
		s->hook_arg = &b;
		break;
	}
	scene_update(s, 2, &out);
	(void)alloc_disarm();
	s->hook = NULL;
	s->bytes_most = 0;
	/* A commit whose sync failed is new or old, and says so. */
	return out.rc != 0 && !out.committed &&
	    strstr(out.e.msg, "not known") == NULL;
}

/* Time passes: the kernel writes names back by itself, before there are more
 * of them than the simulated disk can hold. */
static void
write_back(struct sim_disk *d)
{
	uint32_t i;

	if (d->pending_n < SIM_PENDING / 4)
		return;
	for (i = SIM_ROOT; i < d->n; i++)
		if (d->v[i].used && d->v[i].type == FS_DIR)
			sim_sync(d, i);
}

void
prove_hundred(struct proof *p)
{
	const struct scene *c = scene_find(p->scenes, "update-3");
	struct ended none = {.rc = -1};
	struct power w = {.p = p, .c = c, .out = &none};
	enum ending which;
	struct sim s, next;
	const char *why;
	struct err e;
	int i;

	scene_copy_start(&s, c);
	for (i = 0; i < FAILURES;) {
		write_back(&s.disk);
		scene_copy(&next, &s);
		if (!fail_somehow(p, &next)) {
			sim_close(&next);
			continue;
		}
		/* The power may go, too; this state itself goes on. */
		power_once(&w, &next, ENDING_ANY);
		sim_close(&s);
		scene_copy(&s, &next);
		sim_close(&next);
		i++;
		p->t->points++;
		why = scene_recover(c, &s, &e) != 0
		    ? e.msg
		    : scene_judge(c, &s, ENDING_BEFORE, &which);
		if (why != NULL)
			prove_bad(p, "failing update %d: %s", i, why);
	}
	sim_close(&s);
}
