/* Processes that share the work, and what they count. */
#include "tests/prove/prove.h"

#include "engine/base/err.h"

#include <bsd/string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void
must(int rc, const struct err *e)
{
	if (rc >= 0)
		return;
	(void)fprintf(
	    stderr, "prove: broken: %d %s\n", rc, e == NULL ? "" : e->msg);
	abort();
}

void
prove_bad(struct proof *p, const char *fmt, ...)
{
	va_list ap;

	if (p->t->bad++ > 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(p->t->first, sizeof(p->t->first), fmt, ap);
	va_end(ap);
}

bool
prove_is_done(const struct proof *p)
{
	return p->until_bad && p->t->bad > 0;
}

const struct scene *
prove_next(const struct proof *p, const struct scene *c)
{
	if (prove_is_done(p))
		return NULL;
	c = c == NULL ? p->scenes : c + 1;
	while (c->name != NULL &&
	    (p->only != NULL ? strcmp(c->name, p->only) != 0
			     : p->quick && c->long_only))
		c++;
	return c->name == NULL ? NULL : c;
}

uint64_t
prove_random(struct proof *p)
{
	p->rng ^= p->rng << 13;
	p->rng ^= p->rng >> 7;
	p->rng ^= p->rng << 17;
	return p->rng * 2685821657736338717u;
}

/* A process that dies has found something bad, too. */
static void
gather(struct tally *out, const struct tally *t, int status)
{
	out->points += t->points;
	out->nested += t->nested;
	if (out->bad == 0)
		(void)strlcpy(out->first, t->first, sizeof(out->first));
	out->bad += t->bad;
	if (status == 0)
		return;
	if (out->bad++ == 0)
		(void)snprintf(out->first, sizeof(out->first),
		    "a process of the proof died with status %#x", status);
}

void
prove_run(struct proof *p, prove_fn *fn, struct tally *out)
{
	size_t size = sizeof(struct tally) * (size_t)p->parts;
	struct tally *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t *pids = calloc((size_t)p->parts, sizeof(*pids));
	int i, status;

	if (shared == MAP_FAILED || pids == NULL)
		must(ERP_NOMEM, NULL);
	memset(out, 0, sizeof(*out));
	(void)fflush(stdout);
	for (i = 0; i < p->parts; i++) {
		if ((pids[i] = fork()) < 0)
			must(ERP_IO, NULL);
		if (pids[i] != 0)
			continue;
		p->part = i;
		p->t = &shared[i];
		p->rng = (p->seed * 2 + 1) * 0x9e3779b97f4a7c15u + (uint64_t)i;
		fn(p);
		exit(0); /* where a sanitizer looks for leaks */
	}
	for (i = 0; i < p->parts; i++) {
		status = 1;
		(void)waitpid(pids[i], &status, 0);
		gather(out, &shared[i], status);
	}
	free(pids);
	(void)munmap(shared, size);
}
