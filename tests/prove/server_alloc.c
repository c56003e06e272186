/*
 * Each allocation fails in turn in all that an update needs at both ends: a
 * store is opened, a release published, a session held through a memory
 * pipe with a group, a patch, signatures, deltas and the update itself.
 * Afterwards the same disk must serve a whole session.
 */
#include "tests/prove/prove.h"
#include "tests/prove/release.h"
#include "tests/support/alloc_wrap.h"

#include "engine/apply/folder.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/fs.h"
#include "engine/release/publish.h"
#include "engine/store/store.h"
#include "transport/server/live_release.h"
#include "transport/server/server.h"
#include "transport/station/station.h"

#include <stdio.h>
#include <string.h>

enum { JOBS = 32, MESSAGES = 100000, LARGE = 300000, EDITED = 700 };

struct world {
	struct store *store;
	struct live_release *served;
	struct server_policy policy;
	struct job *jobs[JOBS];
	size_t jobs_n;
	int64_t now;
	struct clock clock;
};

static uint64_t
world_ms(void *ctx)
{
	(void)ctx;
	return 1000;
}

static int64_t
world_s(void *ctx)
{
	struct world *w = ctx;

	return w->now++;
}

static int
world_admit(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *e)
{
	struct world *w = ctx;

	(void)e;
	admission_decide(&w->policy,
	    &(struct arrival){.client = hello->build,
		.served = hello->os == PATH_OS_LINUX ? w->served : NULL},
	    out);
	return 0;
}

static void
world_submit(void *ctx, struct job *job)
{
	struct world *w = ctx;

	must(w->jobs_n < JOBS ? 0 : ERP_INTERNAL, NULL);
	w->jobs[w->jobs_n++] = job;
}

static void
world_report(void *ctx, const struct server_report *r)
{
	(void)ctx;
	(void)r;
}

static int
world_compile(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	struct world *w = ctx;

	return compile_blob(w->store, req, out, e);
}

static void
run_jobs(struct world *w)
{
	struct job *job;

	while (w->jobs_n > 0) {
		job = w->jobs[0];
		memmove(w->jobs, w->jobs + 1, --w->jobs_n * sizeof(job));
		job_run(job, world_compile, w);
		(void)server_job_done(job);
	}
}

/* What the server sends next, at most cap bytes. */
static size_t
next_bytes(
    const struct world *w, const struct server *sv, uint8_t *to, size_t cap)
{
	struct server_bytes out;
	size_t n;

	if (!server_output(sv, &out))
		return 0;
	n = out.n < cap ? out.n : cap;
	if (out.p != NULL)
		memcpy(to, out.p, n);
	else if (fs_pread(store_fs(w->store), out.fd, to, n, out.offset) !=
	    (int64_t)n)
		must(ERP_INTERNAL, NULL);
	return n;
}

/* Bytes both ways, at most a piece each; false when nothing moved. */
static bool
carry(const struct world *w, struct station *st, struct server *sv)
{
	const struct buf *up = station_output(st);
	static uint8_t bytes[16 * 1024];
	size_t n = up->len < sizeof(bytes) ? up->len : sizeof(bytes);
	struct err e;
	int64_t taken = 0;
	bool moved = false;

	if (n > 0 && !server_is_full(sv)) {
		taken = server_input(sv, buf_data(up), n, &e);
		station_sent(st, taken < 0 ? n : (size_t)taken);
		moved = taken != 0;
	}
	if (station_wants_input(st) &&
	    (n = next_bytes(w, sv, bytes, sizeof(bytes))) > 0) {
		(void)station_input(st, bytes, n, NULL);
		server_sent(sv, n);
		moved = true;
	}
	return moved;
}

static int
converse(struct world *w, struct station *st, struct server *sv, struct err *e)
{
	int step = 0, i;

	for (i = 0; i < MESSAGES; i++) {
		step = station_step(st, e);
		if (step < 0 || step == STATION_DONE)
			break;
		if (step == STATION_ASK) {
			station_answer(st, true);
			continue;
		}
		run_jobs(w);
		if (!carry(w, st, sv) && w->jobs_n == 0 && step == STATION_IO)
			(void)station_input(st, NULL, 0, NULL);
	}
	must(i < MESSAGES ? 0 : ERP_INTERNAL, NULL);
	while (carry(w, st, sv))
		run_jobs(w);
	server_eof(sv);
	return step < 0 ? step : 0;
}

static int
session(struct world *w, struct sim *s, struct err *e)
{
	const struct server_env env = {w->store, &w->clock, world_admit,
	    world_submit, world_report, NULL, NULL, w};
	struct folder_options fopt = {.fs = &s->fs, .clock = &w->clock};
	struct station_options opt = {.clock = &w->clock,
	    .station_id = "station",
	    .arch = "x86_64",
	    .build = "",
	    .os = PATH_OS_LINUX,
	    .remove = true,
	    .agreed = true};
	struct station *st = NULL;
	struct server *sv = NULL;
	int rc = folder_open("/client", &fopt, &opt.folder, e);

	if (rc == 0)
		rc = station_new(&opt, &st, e);
	if (rc == 0)
		rc = server_new(&env, "memory", &sv, e);
	if (rc == 0)
		rc = converse(w, st, sv, e);
	server_free(sv);
	while (w->jobs_n > 0)
		job_drop(w->jobs[--w->jobs_n]);
	station_free(st);
	folder_close(opt.folder);
	return rc;
}

static int
publish(struct world *w, const char *folder, struct manifest *m, struct err *e)
{
	const struct publish_source src = {.os = PATH_OS_LINUX,
	    .key = "PathLinux",
	    .path = folder,
	    .build = "",
	    .clock = &w->clock,
	    .keep = 2};

	return publish_folder(w->store, &src, NULL, m, e);
}

static struct world
world_of(struct sim *s)
{
	struct world w = {.now = ++s->disk.tick + 100000000};

	w.policy.enabled = true;
	return w;
}

/* Publish and update; 0 or a code. */
static int
whole(struct sim *s, struct err *e)
{
	struct world w = world_of(s);
	struct manifest m;
	int rc;

	w.clock = (struct clock){world_ms, world_s, &w};
	manifest_init(&m, PATH_OS_LINUX);
	if ((rc = store_open(&s->fs, "/state", &w.store, e)) == 0 &&
	    (rc = publish(&w, "/update", &m, e)) == 0 &&
	    (rc = live_release_new(&m, &w.served, e)) == 0 &&
	    (rc = live_release_find_ancestors(w.served, w.store, e)) == 0)
		rc = session(&w, s, e);
	manifest_release(&m);
	live_release_unref(w.served);
	store_close(w.store);
	return rc;
}

/* A file of noise in which a few bytes are its own. */
static void
put_file(struct sim *s, const char *path, size_t n, const char *own)
{
	static uint8_t bytes[LARGE];
	int root = fs_open_root(&s->fs, "/"), fd;
	uint32_t seed = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(seed >> 24);
	}
	memcpy(bytes + n / 2, own, strlen(own));
	fd = fs_open(&s->fs, root, path, FS_WRITE | FS_CREATE_OR_OPEN, 0644);
	must(fd < 0 ? ERP_IO : 0, NULL);
	must(fs_truncate(&s->fs, fd, n), NULL);
	must(fs_pwrite(&s->fs, fd, bytes, n, 0), NULL);
	must(fs_futimes(&s->fs, fd, (struct stamp){1500000000 + own[0], 0}),
	    NULL);
	must(fs_close(&s->fs, fd), NULL);
	must(fs_close(&s->fs, root), NULL);
}

/*
 * The server knows the station's release too: its small files come as one
 * group, the large one by its patch, and the one that was edited by its sums;
 * short ones do for that which has a published content as long.
 */
static void
set_up(struct scene *c)
{
	struct manifest m;
	struct world w;
	struct sim s;
	struct err e;

	scene_copy(&s, &c->start);
	release_put(&s.fs, "older", 1);
	release_put(&s.fs, "update", 2);
	put_file(&s, "older/large.bin", LARGE, "old");
	put_file(&s, "client/large.bin", LARGE, "old");
	put_file(&s, "update/large.bin", LARGE, "new");
	put_file(&s, "older/summed.bin", EDITED, "older");
	put_file(&s, "client/summed.bin", EDITED, "edited");
	put_file(&s, "update/summed.bin", EDITED, "newer");
	put_file(&s, "client/edited.bin", EDITED, "edited");
	put_file(&s, "update/edited.bin", EDITED, "published");
	w = world_of(&s);
	w.clock = (struct clock){world_ms, world_s, &w};
	manifest_init(&m, PATH_OS_LINUX);
	must(store_open(&s.fs, "/state", &w.store, &e), &e);
	must(publish(&w, "/older", &m, &e), &e);
	manifest_release(&m);
	store_close(w.store);
	sim_sync_all(&s.disk);
	c->start = s;
	sim_boot(&c->start, &s);
	scene_look(&c->start, &c->before);
}

static void
fail_at(struct proof *p, const struct scene *c, uint64_t at, bool stays)
{
	enum ending which;
	const char *why;
	struct sim s, next;
	struct err e, late;
	int rc;

	scene_copy_start(&s, c);
	e.msg[0] = '\0';
	alloc_arm(at, stays);
	rc = whole(&s, &e);
	(void)alloc_disarm();
	p->t->points++;
	why = sim_open_fds(&s) != 0       ? "descriptors are left open"
	    : rc != 0 && e.msg[0] == '\0' ? "no message"
					  : NULL;
	scene_copy(&next, &s);
	if (why == NULL && scene_recover(c, &next, &late) != 0)
		why = late.msg;
	if (why == NULL)
		why = scene_judge(
		    c, &next, rc == 0 ? ENDING_AFTER : ENDING_ANY, &which);
	/* Later, so its state and backup say another time. */
	if (why == NULL && whole(&next, &late) != 0)
		why = late.msg;
	if (why == NULL &&
	    sim_digest(&next, "/client", SIM_LIVE) != c->after.live)
		why = "the session after it does not bring the release";
	if (why != NULL)
		prove_bad(p, "allocation %lu fails%s: %s (after: %s)",
		    (unsigned long)at, stays ? " from there on" : "", why,
		    rc == 0 ? "success" : e.msg);
	sim_close(&next);
	sim_close(&s);
}

void
prove_server_alloc(struct proof *p)
{
	static struct scene c;
	struct sim s;
	struct err e;
	uint64_t n, at;

	c = *scene_find(p->scenes, "update-1");
	set_up(&c);
	scene_copy_start(&s, &c);
	/* Libraries take what they take once. */
	must(whole(&s, &e), &e);
	sim_close(&s);
	scene_copy_start(&s, &c);
	alloc_arm(0, false);
	must(whole(&s, &e), &e);
	n = alloc_disarm();
	scene_look(&s, &c.after);
	sim_close(&s);
	for (at = 1 + (uint64_t)p->part; at <= n;
	     at += (uint64_t)p->parts * (p->quick ? 23 : 1)) {
		fail_at(p, &c, at, false);
		fail_at(p, &c, at, true);
	}
}
