/*
 * Calls that fail: each one once, and from there on, with each errno that
 * fits; reads and writes that do only a part.  The run must end with the old
 * folder or with success, and a new process must find all in order, also
 * when the power goes instead.
 */
#include "tests/prove/power.h"

#include <errno.h>
#include <string.h>

enum { ERRNOS = 13, SHORT = 1500 /* calls of a small scene */ };

static const struct fault {
	int error;
	uint32_t calls; /* bits of enum sim_call_kind */
} faults[ERRNOS] = {
#define ON(x) (1u << SIM_##x)
#define ON_NAMES                                                               \
	(ON(MKDIR) | ON(UNLINK) | ON(RMDIR) | ON(RENAME) | ON(LINK) |          \
	    ON(SYMLINK) | ON(CREATE))
#define ON_ALL ((1u << SIM_CALLS) - 1)
    {EIO, ON_ALL},
    {ENOSPC,
	ON(CREATE) | ON(MKDIR) | ON(LINK) | ON(SYMLINK) | ON(RENAME) |
	    ON(PWRITE) | ON(FSYNC) | ON(SYNCFS) | ON(ALLOCATE) | ON(TRUNCATE) |
	    ON(CLONE) | ON(ATTR_SET)},
    {EDQUOT,
	ON(CREATE) | ON(MKDIR) | ON(LINK) | ON(SYMLINK) | ON(RENAME) |
	    ON(PWRITE) | ON(FSYNC) | ON(SYNCFS) | ON(ALLOCATE)},
    {EACCES, ON_NAMES | ON(OPEN) | ON(OPEN_ROOT) | ON(STAT) | ON(UTIMES)},
    /* Of modes, times and links it says that the disk has none. */
    {EPERM, (ON_NAMES & ~ON(SYMLINK)) | ON(OPEN)},
    {EROFS,
	ON_NAMES | ON(FCHMOD) | ON(FUTIMES) | ON(UTIMES) | ON(TRUNCATE) |
	    ON(ALLOCATE) | ON(FCHOWN) | ON(ATTR_SET) | ON(ATTR_REMOVE)},
    {EMFILE, ON(OPEN) | ON(CREATE) | ON(OPEN_ROOT) | ON(LIST)},
    {ENOMEM, ON_ALL},
    {EXDEV, ON(RENAME) | ON(LINK) | ON(OPEN) | ON(CLONE)},
    {EINTR,
	ON(OPEN) | ON(FSYNC) | ON(SYNCFS) | ON(PREAD) | ON(PWRITE) |
	    ON(ALLOCATE)},
    {ETXTBSY, ON(OPEN) | ON(RENAME) | ON(UNLINK) | ON(CLONE)},
    {ELOOP, ON(OPEN) | ON(CREATE) | ON(OPEN_ROOT)},
    {EBUSY, ON(RENAME) | ON(RMDIR) | ON(UNLINK)},
};

enum how { ONCE, THAT_KIND, ALL_KINDS, HOWS };

struct failer {
	struct power w;
	uint64_t at; /* the call that fails */
	int fault;
	enum how how;
	enum sim_call_kind kind; /* of that call */
	bool fired;
};

static int
fail_call(void *arg, struct sim *s, struct sim_call *c)
{
	struct failer *f = arg;
	bool due = s->calls == f->at;

	if (due) {
		f->kind = c->kind;
		f->fired = true;
	} else if (s->calls > f->at && f->how != ONCE) {
		due = f->how == THAT_KIND
		    ? c->kind == f->kind
		    : (faults[f->fault].calls >> c->kind & 1) != 0;
	}
	return due ? -faults[f->fault].error : 0;
}

static void
say(struct failer *f, const struct scene *c, const char *why)
{
	prove_bad(f->w.p, "%s: call %lu (kind %d) fails with %s%s: %s", c->name,
	    (unsigned long)f->at, (int)f->kind,
	    strerror(faults[f->fault].error),
	    f->how == ONCE ? "" : " from there on", why);
}

/* What a new process finds. */
static void
settle(struct failer *f, const struct scene *c, struct sim *after,
    enum ending must_be)
{
	enum ending which;
	const char *why;
	struct err e;

	why = scene_recover(c, after, &e) == 0
	    ? scene_judge(c, after, must_be, &which)
	    : e.msg;
	if (why != NULL)
		say(f, c, why);
	sim_close(after);
}

static bool
is_sync(enum sim_call_kind kind)
{
	return kind == SIM_FSYNC || kind == SIM_SYNCFS;
}

static void
fail_one(struct failer *f, const struct scene *c, struct ended *out)
{
	enum ending must_be;
	struct sim s, after;

	scene_copy_start(&s, c);
	s.hook = fail_call;
	s.hook_arg = f;
	f->fired = false;
	scene_run(c, &s, out);
	f->w.p->t->points++;
	must_be = scene_allows(c, out);
	if (sim_open_fds(&s) != 0)
		say(f, c, "descriptors are left open");
	if (out->rc != 0 &&
	    (out->e.msg[0] == '\0' || strstr(out->e.msg, "(null)") != NULL))
		say(f, c, "no message");
	if (f->how == ONCE && out->rc != c->rc &&
	    out->e.sys != faults[f->fault].error && out->e.sys != 0)
		say(f, c, strerror(out->e.sys));
	s.hook = NULL;
	scene_copy(&after, &s);
	settle(f, c, &after, must_be);
	if (f->how == ONCE && is_sync(f->kind)) {
		power_forget(&after, &s);
		settle(f, c, &after, must_be);
	}
	/* Power loss instead. */
	f->w.c = c;
	f->w.out = out;
	f->w.outer = f->at;
	if (prove_random(f->w.p) >> 62 == 0)
		power_once(&f->w, &s, must_be);
	sim_close(&s);
}

/* All calls that a faultless run makes, and what each of them is. */
struct survey {
	uint64_t n;
	uint8_t kind[1 << 16];
	bool changes[1 << 16];
};

static int
survey_call(void *arg, struct sim *s, struct sim_call *c)
{
	struct survey *v = arg;

	if (s->calls < sizeof(v->kind)) {
		v->n = s->calls;
		v->kind[s->calls] = (uint8_t)c->kind;
		v->changes[s->calls] = c->changes;
	}
	return 0;
}

static void
survey(struct survey *v, const struct scene *c)
{
	struct ended out;
	struct sim s;

	scene_copy_start(&s, c);
	s.hook = survey_call;
	s.hook_arg = v;
	scene_run(c, &s, &out);
	sim_close(&s);
}

/* Each opening, each look at a name and each sync fails once: whoever does not
 * notice has no descriptor, or takes what it did not read for what is there, or
 * what the power can take for durable.  In the short form, too, since no other
 * failure shows the same. */
static void
fail_looks(struct failer *f, const struct scene *c, const struct survey *v)
{
	const uint32_t looks = ON(OPEN) | ON(OPEN_ROOT) | ON(CREATE) |
	    ON(STAT) | ON(LIST) | ON(FSYNC) | ON(SYNCFS);
	struct ended out;

	f->fault = 0;
	f->how = ONCE;
	for (f->at = 1; f->at <= v->n; f->at++)
		if ((looks >> v->kind[f->at] & 1) != 0 &&
		    f->at % (uint64_t)f->w.p->parts == (uint64_t)f->w.p->part)
			fail_one(f, c, &out);
}

/* What is mounted between an update and its way back, or before a rollback, or
 * has become a link, is left alone, so that a folder is neither the old one nor
 * the new.  A folder on Windows is of one volume, and links out of it are
 * refused: nothing there says EXDEV. */
static bool
may_fail(const struct scene *c, const struct fault *f, int kind)
{
	bool goes_back = c->health == UNWELL || c->act == ACT_ROLLBACK;

	if ((f->calls >> kind & 1) == 0)
		return false;
	if (kind == SIM_OPEN && goes_back &&
	    (f->error == EXDEV || f->error == ELOOP))
		return false;
	return f->error != EXDEV || !c->start.disk.ntfs;
}

static void
fail_scene(struct proof *p, const struct scene *c)
{
	static struct survey v;
	struct failer f = {.w = {.p = p}};
	unsigned stride = p->quick ? 301 : 15, i = 0;
	struct ended out;
	uint64_t at;

	survey(&v, c);
	fail_looks(&f, c, &v);
	if (v.n < SHORT)
		stride /= 15;
	for (at = 1; at <= v.n; at++)
		for (f.fault = 0; f.fault < ERRNOS; f.fault++)
			for (f.how = ONCE; f.how < HOWS; f.how++) {
				if (!may_fail(c, &faults[f.fault], v.kind[at]))
					continue;
				/* Reads are many and much alike. */
				i += v.changes[at] ? 4 : 1;
				if (i < stride)
					continue;
				i -= stride;
				if (at % (uint64_t)p->parts !=
				    (uint64_t)p->part)
					continue;
				f.at = at;
				fail_one(&f, c, &out);
			}
}

void
prove_fail(struct proof *p)
{
	const struct scene *c = NULL;

	while ((c = prove_next(p, c)) != NULL)
		if (!scene_waits(c))
			fail_scene(p, c);
}

/* Short reads and writes. */

struct shorter {
	uint64_t at; /* the call, or 0: all */
};

static int
short_call(void *arg, struct sim *s, struct sim_call *c)
{
	struct shorter *h = arg;

	if ((c->kind == SIM_PREAD || c->kind == SIM_PWRITE) && c->n > 1 &&
	    (h->at == 0 || s->calls == h->at))
		c->n = h->at == 0 ? c->n / 2 : 1;
	return 0;
}

void
prove_short_io(struct proof *p)
{
	static struct survey v;
	const struct scene *c = NULL;
	struct ended out;
	enum ending which;
	const char *why;
	struct sim s;

	while ((c = prove_next(p, c)) != NULL) {
		struct shorter h;

		survey(&v, c);
		for (h.at = 0; h.at <= v.n; h.at++) {
			if (h.at % (uint64_t)p->parts != (uint64_t)p->part ||
			    (h.at > 0 && v.kind[h.at] != SIM_PREAD &&
				v.kind[h.at] != SIM_PWRITE) ||
			    (p->quick && h.at % 11 > 1))
				continue;
			scene_copy_start(&s, c);
			s.hook = short_call;
			s.hook_arg = &h;
			scene_run(c, &s, &out);
			p->t->points++;
			why = out.rc != c->rc || scene_recover(c, &s, &out.e)
			    ? out.e.msg
			    : scene_judge(c, &s, scene_allows(c, &out), &which);
			if (why != NULL)
				prove_bad(p, "%s: call %lu is short: %s",
				    c->name, (unsigned long)h.at, why);
			sim_close(&s);
		}
	}
}
