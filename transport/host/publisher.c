/*
 * Releases from update folders, on a thread of their own: watch.c says that a
 * folder changed, publish_folder makes a release of it, and what sessions get
 * from here is the last one that was made.
 */
#include "transport/host/publisher.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/release/publish_seal.h"
#include "engine/store/store.h"
#include "transport/host/net_log.h"
#include "transport/host/pool.h"
#include "transport/host/publisher_internal.h"
#include "transport/server/live_release.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	BUSY_MS = 15 * 1000, /* try again: the folder kept changing */
	FAILED_MS = 60 * 1000 /* try again: anything else */
};

/* What is kept of one system. */
struct slot {
	struct publisher *owner;
	enum path_os os;
	struct origin *origin; /* NULL: nothing is served */
	struct watch *watch;
	struct live_release *served; /* or NULL */
	struct standing standing;
	struct task *running; /* or NULL */
	bool again; /* something changed since it runs */
	bool polled; /* said in the log */
	bool looked; /* published once with this configuration */
	bool related; /* to the releases before what is served */
	struct err failure; /* the last one; code 0: none */
};

struct publisher {
	struct publisher_options opt;
	struct pool *pool;
	atomic_bool stopping; /* seen by the thread */
	struct absence absence; /* of the state folder */
	uint64_t restored_ms; /* what was missing; 0: never */
	struct slot slots[PATH_OS_N];
};

static void
serve(struct slot *slot, struct live_release *served, const char *how)
{
	char hex[HASH_HEX_LEN + 1];
	const struct manifest *m = &served->manifest;

	assert(served != slot->served);
	live_release_unref(slot->served);
	slot->served = live_release_ref(served);
	slot->related = slot->standing.looked = slot->standing.other = false;
	hash_hex(&served->id, hex);
	net_log_line(slot->owner->opt.log, NET_LOG_INFO,
	    "%s: %s release %.16s, build %s, %zu entries, %" PRIu64 " bytes",
	    path_os_name(m->os), how, hex, m->build[0] != '\0' ? m->build : "-",
	    m->n, manifest_total(m));
	if (slot->owner->opt.released != NULL)
		slot->owner->opt.released(slot->owner->opt.ctx, served);
}

static void
log_failure(struct slot *slot, const struct err *err)
{
	slot->failure = *err;
	net_log_line(slot->owner->opt.log, NET_LOG_ERROR,
	    "%s: cannot publish: %s; %s", path_os_name(slot->os), err->msg,
	    slot->served != NULL ? "the old release stays"
				 : "nothing to offer yet");
}

static void
log_watch(struct slot *slot, enum watch_walk walk)
{
	bool polled = walk == WATCH_PARTS || walk == WATCH_SHARED;

	if (polled && !slot->polled)
		tell_polled(slot->origin, slot->owner->opt.log, walk,
		    watch_is_blind(slot->watch));
	slot->polled = polled;
}

static void begin(struct slot *slot);
static bool fill_anew(struct publisher *p);

/* Is this something the log has not heard?  Failures are tried again and
 * again, and a look at an unchanged folder is nothing new. */
static bool
is_news(const struct slot *slot, const struct task *t)
{
	if (t->rc != 0)
		return strcmp(slot->failure.msg, t->err.msg) != 0;
	return t->served != NULL || !slot->looked;
}

static bool
is_served(void *ctx, const struct live_release *to)
{
	const struct slot *slot = ctx;

	return !slot->owner->stopping && slot->served == to;
}

/* What the thread brought about the folder we serve. */
static void
task_take(struct slot *slot, struct task *t)
{
	const struct publisher_options *opt = &slot->owner->opt;
	bool news = is_news(slot, t);
	size_t i;

	assert(slot->origin == t->origin && slot->watch != NULL);
	watch_walked(slot->watch, t->walk);
	log_watch(slot, t->walk);
	for (i = 0; news && i < t->warnings.n; i++)
		if (i == 0 ||
		    strcmp(t->warnings.v[i], t->warnings.v[i - 1]) != 0)
			net_log_line(opt->log, NET_LOG_WARN, "%s: %s",
			    path_os_name(slot->os), t->warnings.v[i]);
	if (t->rc != 0) {
		if (news)
			log_failure(slot, &t->err);
		if (t->served != NULL &&
		    is_sealed(slot->origin, opt->log, t->served))
			serve(slot, t->served, "stored");
		watch_again(
		    slot->watch, t->rc == ERP_BUSY ? BUSY_MS : FAILED_MS);
		return;
	}
	slot->failure = (struct err){0};
	slot->looked = true;
	if (t->served != NULL)
		serve(slot, t->served, "published");
	if (slot->served != NULL && !slot->related)
		slot->related = relate_older(
		    &(struct relate_options){slot->owner->pool, opt->store,
			slot->served, is_served, slot, opt->gives_back});
	if (news)
		net_log_line(opt->log, NET_LOG_INFO,
		    "%s: %s %s, %" PRIu64 " ms", path_os_name(slot->os),
		    slot->origin->path,
		    t->served != NULL ? "published" : "has not changed",
		    clock_ms(opt->clock) - t->started);
}

static void
task_done(void *arg)
{
	struct task *t = arg;
	struct slot *slot = t->slot;
	bool again = slot->again;

	assert(slot->running == t);
	slot->running = NULL;
	slot->again = false;
	if (!slot->owner->stopping && slot->origin != NULL) {
		/* Unless the configuration is another by now. */
		if (slot->origin == t->origin)
			task_take(slot, t);
		if (!fill_anew(slot->owner) && again)
			begin(slot);
	}
	task_free(t);
}

static void
task_drop(void *arg)
{
	struct task *t = arg;

	assert(t->slot->running == t);
	t->slot->running = NULL;
	task_free(t);
}

/* Publish this folder, now or as soon as the publication under way ends. */
static void
begin(struct slot *slot)
{
	const struct publisher_options *opt = &slot->owner->opt;
	struct task *t;
	struct err e;

	assert(slot->origin != NULL);
	slot->again = slot->running != NULL;
	if (slot->again)
		return;
	if ((t = calloc(1, sizeof(*t))) == NULL) {
		(void)err_nomem(&e);
		log_failure(slot, &e);
		watch_again(slot->watch, FAILED_MS);
		return;
	}
	t->work.run = task_run;
	t->work.done = task_done;
	t->work.drop = task_drop;
	t->work.arg = t;
	t->slot = slot;
	t->origin = slot->origin;
	t->origin->refs++;
	t->store = opt->store;
	t->current = live_release_ref(slot->served);
	t->watch_fd = watch_dup(slot->watch);
	t->started = clock_ms(opt->clock);
	slot->running = t;
	pool_submit(slot->owner->pool, &t->work);
}

void
publisher_again(struct publisher *p)
{
	size_t i;

	for (i = 0; i < PATH_OS_N; i++) {
		p->slots[i].looked = false;
		if (p->slots[i].origin != NULL)
			begin(&p->slots[i]);
	}
}

/* Was the state folder emptied?  Then it is founded anew before it is filled,
 * with all that is published: without that no server opens it again. */
static bool
fill_anew(struct publisher *p)
{
	bool emptied = tell_absence(p->opt.store, p->opt.log, &p->absence);

	if (emptied)
		publisher_again(p);
	return emptied;
}

static void
start(struct slot *slot)
{
	if (!fill_anew(slot->owner))
		begin(slot);
}

static void
on_changed(void *ctx)
{
	start(ctx);
}

int
publisher_new(
    const struct publisher_options *opt, struct publisher **out, struct err *e)
{
	struct publisher *p = calloc(1, sizeof(*p));
	size_t i;
	int rc;

	*out = NULL;
	if (p == NULL)
		return err_nomem(e);
	p->opt = *opt;
	for (i = 0; i < PATH_OS_N; i++) {
		p->slots[i].owner = p;
		p->slots[i].os = (enum path_os)i;
	}
	if ((rc = pool_new(opt->base, 1, 0, &p->pool, e)) != 0)
		publisher_free(p);
	else
		*out = p;
	return rc;
}

/* Serve and watch this folder no more. */
static void
slot_clear(struct slot *slot)
{
	watch_free(slot->watch);
	slot->watch = NULL;
	live_release_unref(slot->served);
	slot->served = NULL;
	origin_unref(slot->origin);
	slot->origin = NULL;
	slot->failure = (struct err){0};
	slot->polled = false;
	slot->looked = false;
	memset(&slot->standing, 0, sizeof(slot->standing));
}

void
publisher_free(struct publisher *p)
{
	size_t i;

	if (p == NULL)
		return;
	atomic_store(&p->stopping, true);
	pool_free(p->pool);
	for (i = 0; i < PATH_OS_N; i++)
		slot_clear(&p->slots[i]);
	free(p);
}

/* Offer what the store has, until the folder has been looked at. */
static void
load(struct slot *slot)
{
	const struct publisher_options *opt = &slot->owner->opt;
	struct live_release *served =
	    live_load(opt->store, slot->origin, opt->log);

	if (served != NULL)
		serve(slot, served, "stored");
	live_release_unref(served);
}

static int
slot_configure(
    struct slot *slot, const struct publish_source *src, struct err *e)
{
	char *seal = publish_seal_file(src->path);
	const struct watch_options watch = {
	    .base = slot->owner->opt.base,
	    .clock = slot->owner->opt.clock,
	    .path = src->path,
	    .beside = seal,
	    .settle_ms = slot->owner->opt.settle_ms,
	    .changed = on_changed,
	    .ctx = slot,
	};
	struct origin *origin;
	struct watch *w;
	int rc;

	if ((rc = origin_new(src, &origin, e)) == 0 &&
	    (rc = watch_new(&watch, &w, e)) != 0)
		origin_unref(origin);
	free(seal);
	if (rc != 0)
		return rc;
	watch_free(slot->watch);
	origin_unref(slot->origin);
	slot->watch = w;
	slot->origin = origin;
	origin->src.stop = &slot->owner->stopping;
	tell_untold(origin, slot->owner->opt.log);
	slot->failure = (struct err){0};
	slot->looked = false;
	if (slot->served != NULL &&
	    !is_sealed(slot->origin, slot->owner->opt.log, slot->served)) {
		live_release_unref(slot->served);
		slot->served = NULL;
	}
	if (slot->served == NULL)
		load(slot);
	start(slot);
	return 0;
}

int
publisher_configure(struct publisher *p, const struct publish_source *v,
    size_t n, struct err *e)
{
	bool wanted[PATH_OS_N] = {false};
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		assert((unsigned)v[i].os < PATH_OS_N);
		wanted[v[i].os] = true;
		if ((rc = slot_configure(&p->slots[v[i].os], &v[i], e)) != 0)
			return rc;
	}
	for (i = 0; i < PATH_OS_N; i++)
		if (!wanted[i])
			slot_clear(&p->slots[i]);
	return 0;
}

/* Another process may have made another release current: then it is taken as
 * if the folder had changed. */
static struct slot *
look(void *ctx, enum path_os os)
{
	struct publisher *p = ctx;
	struct slot *slot = &p->slots[os];

	assert((unsigned)os < PATH_OS_N);
	(void)fill_anew(p);
	if (slot->served != NULL &&
	    standing_look(&slot->standing, p->opt.store, slot->served,
		slot->running != NULL, clock_ms(p->opt.clock)))
		begin(slot);
	return slot;
}

static struct live_release *
release_of(void *ctx, enum path_os os)
{
	return look(ctx, os)->served;
}

static bool
is_held(void *ctx, enum path_os os)
{
	const struct slot *slot = look(ctx, os);

	return slot->served != NULL && slot->standing.held;
}

static int
awaited(void *ctx, enum path_os os, struct err *e)
{
	const struct slot *slot = look(ctx, os);

	return slot->origin == NULL
	    ? 0
	    : standing_awaited(&slot->standing, slot->served != NULL,
		  slot->running != NULL, &slot->failure, e);
}

/* What cannot be brought back is missed again and again. */
static void
restore(void *ctx)
{
	struct publisher *p = ctx;
	uint64_t now = clock_ms(p->opt.clock);
	bool anew = fill_anew(p);
	bool soon =
	    !anew && p->restored_ms != 0 && now - p->restored_ms < BUSY_MS;
	size_t i;

	if (!soon)
		p->restored_ms = now;
	if (!soon && !anew)
		publisher_again(p);
	for (i = 0; soon && i < PATH_OS_N; i++)
		if (p->slots[i].watch != NULL)
			watch_again(p->slots[i].watch, BUSY_MS);
}

struct releases
publisher_releases(struct publisher *p)
{
	return (struct releases){release_of, is_held, awaited, restore, p};
}
