/* Scenes: how they run. */
#include "tests/prove/scene.h"

#include "engine/apply/apply.h"
#include "engine/apply/fetched.h"
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/base/clock.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/stream.h"
#include "engine/delta/pack.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/plan.h"
#include "engine/tree/scan.h"
#include "tests/prove/prove.h"
#include "tests/prove/release.h"
#include "tests/support/hashed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT "/client"

static const struct scene plain = {.name = "plain"};
static struct ini_policies merge_all;
static struct release releases[2][RELEASES + 1]; /* Linux, Windows */

struct run {
	int64_t now;
	bool stands; /* that, whatever is done before it is asked for */
	struct clock clock;
	struct observer obs;
	struct folder_options opt;
	enum health as;
};

/* A clock that starts at the disk's, so each run of a scene is the same. */
static int64_t
sim_wall_s(void *ctx)
{
	struct run *r = ctx;

	return r->stands ? r->now : r->now++;
}

static uint64_t
sim_monotonic_ms(void *ctx)
{
	(void)ctx;
	return 7;
}

static void
note_event(void *ctx, const struct event *ev)
{
	struct ended *out = ctx;

	out->committed |= ev->kind == EVENT_COMMIT;
	out->warned |= ev->kind == EVENT_WARN;
	if (out->intruded != NULL && ev->kind == EVENT_SWAP && ev->done == 1)
		scene_intrude(out->intruded);
}

static int
health(void *ctx, const struct folder *f, struct err *e)
{
	(void)f;
	return *(const enum health *)ctx == UNWELL
	    ? err_set(e, ERP_HEALTH, "no pulse")
	    : 0;
}

static void
run_init(struct run *r, struct sim *s, const struct scene *c, struct ended *out)
{
	memset(r, 0, sizeof(*r));
	/* No two processes have the same time. */
	s->disk.tick += 100;
	r->now = s->disk.tick + 100000000;
	r->clock.monotonic_ms = sim_monotonic_ms;
	r->clock.wall_s = sim_wall_s;
	r->clock.ctx = r;
	/* A merged file has the time of its merge. */
	r->stands = c->merges;
	r->obs.event = note_event;
	r->obs.ctx = out;
	r->opt.fs = &s->fs;
	r->opt.clock = &r->clock;
	r->opt.obs = &r->obs;
	r->opt.beside = c->beside;
	r->as = c->health;
	if (r->as != NOT_ASKED) {
		r->opt.health = health;
		r->opt.health_ctx = &r->as;
	}
}

static int
stage_all(struct stage *s, const struct release *r, const struct plan *plan,
    const struct spelling *names, struct err *e)
{
	const struct action *a;
	struct mem_stream m;
	struct range_source blob;
	const struct buf *b;
	int rc = 0;
	size_t i;

	for (i = 0; rc >= 0 && i < plan->n; i++) {
		a = &plan->v[i];
		if ((a->kind != ACTION_NEW && a->kind != ACTION_CHANGED) ||
		    a->want->type != ENTRY_FILE ||
		    (rc = stage_has(s, &a->want->content.hash,
			 a->want->content.size, e)) != 0)
			continue;
		b = &r->blobs[spelling_index(names, &r->m, a->want)];
		m = (struct mem_stream){buf_data(b), b->len, 0};
		blob = range_of_mem(&m);
		rc = stage_put(s, CODEC_FULL, &blob,
		    &(struct stage_member){.want = &a->want->content.hash,
			.size = a->want->content.size},
		    e);
	}
	return rc < 0 ? rc : 0;
}

static int
compare(const struct folder *f, const struct manifest *want,
    const struct manifest *have, bool merges, struct plan *out, struct err *e)
{
	const struct plan_options opt = {.remove = true,
	    .ignore_exec = want->os == PATH_OS_WINDOWS,
	    .ini = merges ? &merge_all : NULL,
	    .previous = folder_installed(f)};

	return plan_build(want, have, &opt, out, e);
}

/* All contents are there: what a station without a server is told. */
static int
keep(struct folder *f, struct err *e)
{
	struct buf said;
	int rc;

	buf_init(&said, 16);
	if ((rc = buf_append(&said, "said", 4, e)) == 0)
		rc = fetched_keep(f, &said, e);
	buf_release(&said);
	return rc;
}

static int
finish(struct folder *f, struct stage *stage, const struct release *r,
    struct plan *plan, struct err *e)
{
	int rc = plan->ini == NULL ? 0 : apply_merge(f, stage, plan, e);

	if (rc == 0)
		rc = apply_update(f, stage, &r->m, plan, e);
	if (rc == 0)
		(void)fetched_forget(f, NULL);
	return rc;
}

enum how { PUT_IN_PLACE, FETCH_ONLY };

static int
update(struct folder *f, const struct release *r, const struct scene *c,
    enum how how, struct err *e)
{
	const struct scan_options scan = {.skip_unmanageable = true};
	struct stage *stage = NULL;
	struct manifest have;
	const struct spelling_folder at = {
	    .fs = folder_fs(f), .dir = folder_dir(f), .have = &have};
	struct spelling names;
	struct plan plan;
	int rc;

	memset(&plan, 0, sizeof(plan));
	memset(&names, 0, sizeof(names));
	manifest_init(&have, r->m.os);
	if ((rc = scan_hashed(folder_fs(f), folder_dir(f), &scan, &have, e)) ==
		0 &&
	    (rc = spelling_make(&at, &r->m, &names, e)) == 0 &&
	    (rc = folder_spell(f, &have, NULL, e)) == 0 &&
	    (rc = compare(f, spelling_manifest(&names, &r->m), &have, c->merges,
		 &plan, e)) == 0 &&
	    (c->no_preflight || (rc = apply_preflight(f, &plan, 0, e)) == 0) &&
	    (rc = stage_open(f, &stage, e)) == 0 &&
	    (rc = stage_all(stage, r, &plan, &names, e)) == 0)
		rc = how == FETCH_ONLY ? keep(f, e)
				       : finish(f, stage, r, &plan, e);
	stage_close(stage);
	plan_release(&plan);
	spelling_release(&names);
	manifest_release(&have);
	return rc;
}

/* What c does. */
static void
do_update(const struct scene *c, struct sim *s, int version, struct ended *out)
{
	struct folder *f = NULL;
	struct run r;

	memset(out, 0, sizeof(*out));
	out->intruded = c->intruded ? s : NULL;
	run_init(&r, s, c, out);
	out->rc = folder_open(CLIENT, &r.opt, &f, &out->e);
	if (out->rc == 0)
		out->rc = update(f, &releases[s->disk.ntfs][version], c,
		    PUT_IN_PLACE, &out->e);
	folder_close(f);
}

void
scene_fetch(struct sim *s, int version)
{
	struct folder *f = NULL;
	struct ended out;
	struct run r;

	memset(&out, 0, sizeof(out));
	run_init(&r, s, &plain, &out);
	must(folder_open(CLIENT, &r.opt, &f, &out.e), &out.e);
	must(update(f, &releases[s->disk.ntfs][version], &plain, FETCH_ONLY,
		 &out.e),
	    &out.e);
	folder_close(f);
}

void
scene_update(struct sim *s, int version, struct ended *out)
{
	do_update(&plain, s, version, out);
}

void
scene_install(struct scene *c, int version, struct ended *out)
{
	const struct scene before = {.name = c->name, .merges = c->merges};

	do_update(&before, &c->start, version, out);
}

void
scene_rollback(struct sim *s, int number, struct ended *out)
{
	struct folder *f = NULL;
	struct run r;

	memset(out, 0, sizeof(*out));
	run_init(&r, s, &plain, out);
	out->rc = folder_open(CLIENT, &r.opt, &f, &out->e);
	if (out->rc == 0)
		out->rc = apply_rollback(f, number, &out->e);
	folder_close(f);
}

void
scene_run(const struct scene *c, struct sim *s, struct ended *out)
{
	if (c->act == ACT_UPDATE)
		do_update(c, s, c->version, out);
	else
		scene_rollback(s, c->number, out);
	out->done = true;
}

int
scene_recover(const struct scene *c, struct sim *s, struct err *e)
{
	struct folder *f = NULL;
	struct ended out = {.rc = 0};
	struct run r;
	int rc;

	run_init(&r, s, c, &out);
	rc = folder_open(CLIENT, &r.opt, &f, e);
	if (rc == 0)
		rc = apply_prove_earlier(f, e);
	folder_close(f);
	return rc;
}

void
scene_copy(struct sim *to, const struct sim *from)
{
	sim_boot(to, from);
	sim_killed(&to->disk, &from->disk);
}

void
scene_copy_start(struct sim *to, const struct scene *c)
{
	scene_copy(to, &c->start);
}

void
scene_releases_make(void)
{
	struct err e;
	int k;

	if (merge_all.n == 0)
		must(ini_policies_add(&merge_all, "merge", &e), &e);
	for (k = 1; k <= RELEASES; k++) {
		release_make(&releases[0][k], k, PATH_OS_LINUX);
		release_make(&releases[1][k], k, PATH_OS_WINDOWS);
	}
}

/* Somebody writes into a file that the update is about to replace by one of
 * the same bytes. */
void
scene_intrude(struct sim *s)
{
	sim_hook_fn *hook = s->hook;
	int dir, fd;

	s->hook = NULL;
	dir = fs_open_root(&s->fs, CLIENT);
	fd = fs_open(&s->fs, dir, "touch.bin", FS_WRITE, 0);
	must(fd < 0 ? fd : 0, NULL);
	must(fs_pwrite(&s->fs, fd, "by the user", 11, 0), NULL);
	must(fs_truncate(&s->fs, fd, 11), NULL);
	must(fs_fsync(&s->fs, fd), NULL);
	must(fs_close(&s->fs, fd), NULL);
	must(fs_close(&s->fs, dir), NULL);
	s->hook = hook;
}
