/*
 * Who asks for a sync, by the return addresses on the stack.  The Makefile
 * builds the two folders for this without inlining and tail calls.
 */
#include "tests/prove/site.h"

#include "engine/base/err.h"
#include "tests/prove/prove.h"

#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	TRACE = 14, /* so many calls; the sync is among the first */
	TRACES = 8192,
	SITES = 256
};

struct trace {
	uintptr_t v[TRACE];
	size_t n;
	enum site_kind kind;
	uint64_t scenes;
};

/* What a return address is: file, function and line. */
struct call {
	uintptr_t at;
	char function[64], file[64];
	unsigned line;
	unsigned nth; /* of those of its function that are known */
};

struct calls {
	struct call v[SITES * 4];
	size_t n;
};

extern const char __executable_start[];

static void
trace_take(struct trace *t, const struct sim *s, const struct sim_call *call)
{
	void *v[TRACE];
	int i, n = backtrace(v, TRACE);

	memset(t, 0, sizeof(*t));
	for (i = 0; i < n; i++)
		t->v[t->n++] = (uintptr_t)v[i] - (uintptr_t)__executable_start;
	t->kind = call->kind == SIM_SYNCFS        ? SITE_ALL
	    : s->disk.v[call->ino].type == FS_DIR ? SITE_NAMES
						  : SITE_BYTES;
}

static bool
is_sync(const struct sim_call *call)
{
	return call->kind == SIM_FSYNC || call->kind == SIM_SYNCFS;
}

void
sites_note(struct sites *all, const struct sim *s, const struct sim_call *call,
    unsigned scene)
{
	struct trace t, *at;

	if (!is_sync(call))
		return;
	if (all->seen == NULL)
		all->seen = calloc(TRACES, sizeof(*all->seen));
	must(all->seen == NULL ? ERP_NOMEM : 0, NULL);
	trace_take(&t, s, call);
	for (at = all->seen; at < all->seen + all->seen_n; at++)
		if (at->kind == t.kind && memcmp(at->v, t.v, sizeof(t.v)) == 0)
			break;
	if (at == all->seen + all->seen_n) {
		must(all->seen_n == TRACES ? ERP_INTERNAL : 0, NULL);
		*at = t;
		all->seen_n++;
	}
	at->scenes |= (uint64_t)1 << scene;
}

/* One answer of addr2line: a function, then file:line. */
static void
call_read(FILE *in, struct call *c)
{
	char text[1024], *p;

	if (fgets(text, sizeof(text), in) == NULL)
		return;
	(void)snprintf(c->function, sizeof(c->function), "%.*s",
	    (int)strcspn(text, "\n"), text);
	if (fgets(text, sizeof(text), in) == NULL ||
	    ((p = strstr(text, "engine/apply/")) == NULL &&
		(p = strstr(text, "engine/store/")) == NULL))
		return;
	(void)snprintf(
	    c->file, sizeof(c->file), "%.*s", (int)strcspn(p, ":"), p);
	c->line = (unsigned)strtoul(p + strcspn(p, ":") + 1, NULL, 10);
}

static void
calls_name(struct calls *all)
{
	static char line[sizeof(all->v) / sizeof(all->v[0]) * 20 + 1024];
	char program[512] = "";
	size_t i, len;
	FILE *in;

	must(readlink("/proc/self/exe", program, sizeof(program) - 1) < 0
		? ERP_IO
		: 0,
	    NULL);
	len = (size_t)snprintf(
	    line, sizeof(line), "addr2line -f -e '%s'", program);
	/* Behind a call may be another line. */
	for (i = 0; i < all->n; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %lx",
		    (unsigned long)all->v[i].at - 1);
	in = popen(line, "r");
	must(in == NULL ? ERP_IO : 0, NULL);
	for (i = 0; i < all->n; i++)
		call_read(in, &all->v[i]);
	must(pclose(in) != 0 ? ERP_IO : 0, NULL);
}

/* What is known of it; it is added. */
static struct call *
call_of(struct calls *all, uintptr_t at)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i].at == at)
			return &all->v[i];
	must(i == sizeof(all->v) / sizeof(all->v[0]) ? ERP_INTERNAL : 0, NULL);
	all->n++;
	all->v[i].at = at;
	return &all->v[i];
}

static void
calls_collect(struct calls *all, const struct sites *from)
{
	size_t i, k;

	for (i = 0; i < from->seen_n; i++)
		for (k = 0; k < from->seen[i].n; k++)
			(void)call_of(all, from->seen[i].v[k]);
}

static bool
is_same(const struct call *a, const struct call *b)
{
	return strcmp(a->function, b->function) == 0 &&
	    strcmp(a->file, b->file) == 0;
}

static void
site_add(struct sites *all, const struct trace *t, size_t k)
{
	struct site *x;

	for (x = all->v; x < all->v + all->n; x++)
		if (x->at == t->v[k] && x->by == t->v[k + 1] &&
		    x->kind == t->kind)
			break;
	must(x == all->v + SITES ? ERP_INTERNAL : 0, NULL);
	if (x == all->v + all->n) {
		all->n++;
		x->at = t->v[k];
		x->by = t->v[k + 1];
		x->kind = t->kind;
	}
	x->scenes |= t->scenes;
}

/* Which of the calls of its function is each of those that matter? */
static void
number(struct calls *all, const struct sites *in)
{
	struct call *a, *b;
	size_t i;

	for (i = 0; i < in->n * 2; i++) {
		a = call_of(
		    all, i % 2 == 0 ? in->v[i / 2].at : in->v[i / 2].by);
		a->nth = 1;
	}
	for (a = all->v; a < all->v + all->n; a++)
		for (b = all->v; a->nth > 0 && b < all->v + all->n; b++)
			a->nth +=
			    b->nth > 0 && is_same(a, b) && b->line < a->line;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(
	    ((const struct site *)a)->name, ((const struct site *)b)->name);
}

void
sites_name(struct sites *all)
{
	static const char *const kinds[] = {"bytes", "names", "all"};
	static struct calls calls;
	const struct call *at, *by;
	struct site *x;
	size_t i, k;

	memset(&calls, 0, sizeof(calls));
	all->v = calloc(SITES, sizeof(*all->v));
	must(all->v == NULL ? ERP_NOMEM : 0, NULL);
	calls_collect(&calls, all);
	calls_name(&calls);
	for (i = 0; i < all->seen_n; i++)
		for (k = 0; k + 1 < all->seen[i].n; k++)
			if (call_of(&calls, all->seen[i].v[k])->line > 0) {
				site_add(all, &all->seen[i], k);
				break;
			}
	number(&calls, all);
	for (x = all->v; x < all->v + all->n; x++) {
		at = call_of(&calls, x->at);
		by = call_of(&calls, x->by);
		(void)snprintf(x->name, sizeof(x->name),
		    "%.36s %.30s.%u < %.30s.%u %s",
		    at->file + strlen("engine/"), at->function, at->nth,
		    by->function, by->nth, kinds[x->kind]);
		(void)snprintf(x->where, sizeof(x->where), "%.26s:%u",
		    strrchr(at->file, '/') + 1, at->line);
	}
	if (all->n > 1)
		qsort(all->v, all->n, sizeof(*all->v), compare);
	free(all->seen);
	all->seen = NULL;
	all->seen_n = 0;
}

int
sites_answer(
    const struct sites *all, const struct sim *s, const struct sim_call *call)
{
	const struct site *x;
	struct trace t;
	size_t k;

	if (all == NULL || !is_sync(call))
		return 0;
	trace_take(&t, s, call);
	for (x = all->v; x < all->v + all->n; x++)
		for (k = 0; x->left_out && k + 1 < t.n; k++)
			if (t.v[k] == x->at && t.v[k + 1] == x->by &&
			    t.kind == x->kind)
				return SIM_IGNORE;
	return 0;
}

void
sites_release(struct sites *all)
{
	free(all->v);
	free(all->seen);
	memset(all, 0, sizeof(*all));
}
